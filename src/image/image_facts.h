/*
 * image_facts.h - what a driver's file says of itself, and who has signed it: for people, nothing
 * is decided by it.
 */
#ifndef STORHOST_IMAGE_IMAGE_FACTS_H
#define STORHOST_IMAGE_IMAGE_FACTS_H

#include "image/image.h"

#ifdef __cplusplus
extern "C" {
#endif

struct image_version {
    uint16_t major, minor;
};

struct image_facts {
    bool is_windows_image; /* false: a module, and all else is 0 */
    uint32_t timestamp;    /* seconds since 1970, unless it is a hash of what was built */
    bool timestamp_is_hash;
    uint32_t checksum;
    struct image_version linker, system, subsystem;
    char database[256];   /* of symbols: its path where it was built; "" for none */
    char database_id[48]; /* "{01234567-89AB-CDEF-0123-456789ABCDEF}, age 1" */
    bool has_cookie;      /* a security cookie in its load configuration */
    uint32_t guard_flags; /* of control flow guard; 0: not guarded */
    bool has_relocations;
    bool shares_pages; /* its sections are not separated by protection */
};

/* PASSIVE_LEVEL. */
void image_facts(const struct image *image, struct image_facts *ret_facts);
/* One line without a full stop about the signature in the file: "not signed", "signed by NAME ...".
 * Certificates are not held against any that are trusted. PASSIVE_LEVEL, takes milliseconds. */
void image_signature(const struct image *image, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif

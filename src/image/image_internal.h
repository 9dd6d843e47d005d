/*
 * image_internal.h - what a loaded image is to the files of this room.
 */
#ifndef STORHOST_IMAGE_IMAGE_INTERNAL_H
#define STORHOST_IMAGE_IMAGE_INTERNAL_H

#include "image/image.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { IMAGE_SHORT_NAME_SIZE = 64 };

struct image_place;
struct image_symbols;
struct missing_imports;

struct image {
    char *name;
    void *handle; /* the dynamic linker's */
    uint8_t *base;
    image_entry entry;
    struct missing_imports *missing;
    struct image_symbols *symbols;
    struct image_place *place;
    bool stays; /* instrumented code is never unmapped: its reports come at exit */
};

/* ---- image.c: where the loaded images lie ---- */

/* Makes the ranges known to image_describe and image_contains_code. -ENOMEM. */
int image_place_add(struct image *image, uint64_t memory_size, uint64_t code_address,
                    uint64_t code_size);
void image_place_remove(struct image *image);

/* ---- symbols.c: names of functions and lines of source ---- */

/* Takes `bytes`, the whole file, from malloc; they are freed with the symbols. -ENOMEM. */
int image_symbols_create(struct image_symbols **ret_symbols, void *bytes, size_t size);
void image_symbols_destroy(struct image_symbols *symbols);
/* Writes "function at file:line" as far as it is known, or "". PASSIVE_LEVEL or a bug check:
 * allocates memory. `offset` is relative to the image's base. */
void image_symbols_describe(struct image_symbols *symbols, uint64_t offset, char *text,
                            size_t size);

/* ---- missing_import.c: a stub for each import that the table does not have ---- */

/* Room for `count` stubs at most. -ENOMEM. `image_name` and the names given to add stay valid. */
int missing_imports_create(struct missing_imports **ret_missing, const char *image_name,
                           size_t count);
/* The address of a new stub that ends in a bug check when it is called. */
void *missing_imports_add(struct missing_imports *missing, const char *symbol);
/* Makes the stubs executable; nothing is added afterwards. Negative errno. */
int missing_imports_seal(struct missing_imports *missing);
const char *missing_imports_name(const struct missing_imports *missing, size_t index);
void missing_imports_destroy(struct missing_imports *missing);

#ifdef __cplusplus
}
#endif

#endif

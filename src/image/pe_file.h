/*
 * pe_file.h - reads the bytes of a Windows image that claims to be an x64 driver.
 *
 * The bytes are hostile until pe_file_parse has looked at them: everything that the loader or the
 * unwinder would follow is checked first, so that a damaged or foreign file is a message and not a
 * crash. Afterwards the image is only ever read from the file's bytes, through pe_read, because
 * what is mapped changes: by relocations, imports and the driver.
 */
#ifndef STORHOST_IMAGE_PE_FILE_H
#define STORHOST_IMAGE_PE_FILE_H

#include "image/pe_exceptions.h"
#include "image/pe_format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    PE_PAGE = 4096,
    PE_SECTIONS_MAX = 96, /* as Windows has it */
    PE_IMPORTS_MAX = 16384,
    PE_NAME_SIZE = 512, /* of a module's or an import's name with its zero byte */
};

/* No driver comes near; keeps every sum of addresses far from overflow. */
#define PE_MEMORY_MAX (256u << 20)

struct pe_section {
    char name[9];
    uint32_t rva, memory_size;
    uint32_t file_offset, file_size; /* file_size is at most memory_size */
    uint32_t header_offset;          /* of its header in the file */
    bool is_code, is_writable, is_discardable;
};

/* A checked view; it points into the bytes that were parsed. */
struct pe_file {
    const uint8_t *bytes;
    size_t size;
    uint64_t image_base;  /* where the linker wanted it */
    uint32_t memory_size; /* from the base to the end, in whole pages */
    uint32_t headers_size;
    uint32_t entry_rva;
    bool is_fixed; /* has addresses, perhaps, but no relocations for them */
    bool shares_pages;
    struct pe_section sections[PE_SECTIONS_MAX];
    unsigned section_count;
    struct pe_file_header header;
    struct pe_optional_header optional;
    size_t directories_offset;
    struct pe_directory directories[PE_DIRECTORY_COUNT];
    struct pe_load_configuration configuration; /* members that the file lacks are 0 */
    size_t configuration_offset;
};

/* What is wrong with a file. `offset` says where in the file, when `error` is -EILSEQ. */
struct pe_fault {
    int error; /* -ENOEXEC: something else than an x64 driver; -EILSEQ: it is damaged */
    size_t offset;
    char what[200]; /* completes "FILE ..." or "at offset N: ..." */
};

/* Record a fault and return its error, so that a check reads `return pe_damaged(...)`. */
int pe_damaged(struct pe_fault *fault, size_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
int pe_foreign(struct pe_fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Returns 0 and fills `ret_file`, or fault->error and fills `fault`. Any IRQL, does not block. */
int pe_file_parse(struct pe_file *ret_file, const void *bytes, size_t size, struct pe_fault *fault);

/* True if [rva, rva + size) lies in the image. */
bool pe_in_image(const struct pe_file *file, uint64_t rva, uint64_t size);
/* Copies what the image holds at the RVA before anything is changed; what does not come from the
 * file is zero. False: not all of it lies in the image. */
bool pe_read(const struct pe_file *file, uint64_t rva, void *buffer, size_t size);
/* The same for a string of printable characters with its zero byte. False also when it is longer
 * or empty. */
bool pe_read_string(const struct pe_file *file, uint64_t rva, char *buffer, size_t size);
/* Where in the file the RVA comes from, for messages; 0 when from nowhere. */
size_t pe_offset_of(const struct pe_file *file, uint64_t rva);
/* The section that holds the RVA, or NULL. */
const struct pe_section *pe_section_of(const struct pe_file *file, uint64_t rva);

/* ---- pe_relocations.c ---- */

/* Calls `visit` with the RVA of each 64-bit address that moves with the image. Returns 0 or
 * fault->error. */
typedef void (*pe_relocation_visit)(void *context, uint32_t rva);
int pe_each_relocation(const struct pe_file *file, pe_relocation_visit visit, void *context,
                       struct pe_fault *fault);

/* ---- pe_imports.c ---- */

struct pe_import {
    const char *module; /* as the image spells it */
    const char *name;   /* NULL: by ordinal */
    uint16_t ordinal;
    uint32_t slot_rva;
};

/* Calls `visit` for each import, delayed ones too. Names are valid during the call. Returns 0 or
 * fault->error. */
typedef void (*pe_import_visit)(void *context, const struct pe_import *import);
int pe_each_import(const struct pe_file *file, pe_import_visit visit, void *context,
                   struct pe_fault *fault);

/* ---- pe_functions.c ---- */

/* Copies the table of functions that unwinding needs: checked, sorted by address, from malloc, NULL
 * when there is none. 0, fault->error, or -ENOMEM. */
int pe_functions_read(const struct pe_file *file, struct pe_function **ret_functions,
                      size_t *ret_count, struct pe_fault *fault);

/* ---- pe_configuration.c ---- */

/* Reads and checks the load configuration: 0 or fault->error. */
int pe_configuration_read(struct pe_file *file, struct pe_fault *fault);

#ifdef __cplusplus
}
#endif

#endif

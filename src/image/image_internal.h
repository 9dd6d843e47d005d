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
struct pe_function;
struct image_symbols;
struct missing_imports;

/* A part of a mapped image: a loadable segment of a module, a section of a Windows image. */
struct image_segment {
    uint8_t *begin;
    size_t size;
    bool is_code, is_writable;
};

struct image {
    char *name;
    char *path;           /* as it was given */
    const uint8_t *bytes; /* of the file; symbols own them */
    size_t size;
    void *handle; /* of a module: the dynamic linker's */
    uint8_t *base;
    size_t memory_size;
    image_entry entry;
    struct image_segment *segments; /* by address */
    unsigned segment_count;
    struct pe_function *functions; /* of a Windows image: by address, never changed */
    size_t function_count;
    struct missing_imports *missing;
    struct image_symbols *symbols;
    struct image_place *place;
    bool stays; /* instrumented code is never unmapped: its reports come at exit */
};

/* ---- image_load.c: what all containers have in common ---- */

/* The one-line message for people that goes with an error. */
struct image_reason {
    const char *path;
    char *text;
    size_t size;
};

/* Write "PATH what" and return `error`; the second adds what errno says and returns it. */
int image_fail(const struct image_reason *reason, int error, const char *what);
int image_fail_errno(const struct image_reason *reason, const char *what);

/* image_load for a file that is in memory, from malloc; takes `bytes`, also when it fails. What a
 * module's path says has to be the same file. */
int image_load_bytes(struct image **ret_image, uint8_t *bytes, size_t size, const char *name,
                     const struct image_reason *reason);

/* A container of code maps the file's bytes into `image`, whose name and symbols are there already,
 * fills its imports and sets base, memory_size, segments and entry. On an error the caller
 * frees what is there by now. One load at a time. */
int elf_module_load(struct image *image, const uint8_t *bytes, size_t size,
                    const struct image_reason *reason);
void elf_module_unmap(struct image *image);
int pe_image_load(struct image *image, const uint8_t *bytes, size_t size,
                  const struct image_reason *reason);
void pe_image_unmap(struct image *image);

/* ---- image.c: where the loaded images lie ---- */

enum { IMAGE_CODE_RANGES_MAX = 16 };

/* Makes the image known to image_describe, image_contains_code and pe_exception_table_of. -ENOMEM;
 * -E2BIG: its code lies in more than IMAGE_CODE_RANGES_MAX separate pieces. */
int image_place_add(struct image *image);
void image_place_remove(struct image *image);

/* ---- symbols.c: names of functions and lines of source ---- */

/* Takes `bytes`, the whole file, from malloc; they are freed with the symbols. -ENOMEM. */
int image_symbols_create(struct image_symbols **ret_symbols, void *bytes, size_t size);
void image_symbols_destroy(struct image_symbols *symbols);
/* Writes "function at file:line" as far as it is known, or "". PASSIVE_LEVEL or a bug check:
 * allocates memory. `offset` is relative to the image's base. */
void image_symbols_describe(struct image_symbols *symbols, uint64_t offset, char *text,
                            size_t size);

/* The same for a Windows image (pe_symbols.c); or why symbols beside it are not taken. Starts a
 * child process, and waits for it a few seconds at most. */
void pe_symbols_describe(const struct image *image, uint64_t offset, char *text, size_t size);

/* ---- missing_import.c: a stub for each import that the table does not have ---- */

/* Room for `count` imports at most. With `may_be_variables` they are addresses that nobody can
 * touch, and whose faults have to be led to the stubs (missing_pages_stub). -ENOMEM. `image_name`
 * stays valid. */
int missing_imports_create(struct missing_imports **ret_missing, const char *image_name,
                           size_t count, bool may_be_variables);
/* The address of a new import that ends in a bug check when it is called. NULL: no memory. */
void *missing_imports_add(struct missing_imports *missing, const char *symbol);
/* Makes the stubs executable; nothing is added afterwards. Negative errno. */
int missing_imports_seal(struct missing_imports *missing);
/* Where the addresses that nobody can touch lie, for the list of places. */
struct missing_pages {
    uintptr_t begin;
    size_t size;
    uintptr_t stubs;
};
struct missing_pages missing_imports_pages(const struct missing_imports *missing);
/* The stub of the import whose page holds the address, NULL: it is in none. */
const void *missing_pages_stub(const struct missing_pages *pages, uintptr_t address, bool is_call);
const char *missing_imports_name(const struct missing_imports *missing, size_t index);
void missing_imports_destroy(struct missing_imports *missing);

#ifdef __cplusplus
}
#endif

#endif

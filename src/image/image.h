/*
 * image.h - how a driver's code gets in: an ELF module or a Windows image, one interface.
 *
 * A module is a shared object built by Clang for Windows' x64 ABI whose imports are slots of its
 * own, a Windows image is what Windows itself would load; the imports of both are filled from the
 * NT_EXPORT table. A second load of one file gives a second, private copy with its own data.
 */
#ifndef STORHOST_IMAGE_IMAGE_H
#define STORHOST_IMAGE_IMAGE_H

#include "nt/export.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct image;

/* DriverEntry as every driver has it: (driver object, registry path) -> NTSTATUS. */
typedef int32_t NT_ABI (*image_entry)(void *driver_object, void *registry_path);

/* PASSIVE_LEVEL. Maps the file, fills its import slots, binds each missing import to its own stub
 * (which stops the driver when called: image, symbol, caller). `name` is the driver's service name
 * for messages. Sources of error, each with a one-line `reason`: -ENOENT / -EACCES, -ENOEXEC (not
 * a module: what is missing), -EILSEQ (hostile bytes: with the offset), -ENOMEM. */
int image_load(struct image **ret_image, const char *path, const char *name, char *reason,
               size_t reason_size);
/* PASSIVE_LEVEL. No code of the image runs any more. Sanitizer builds keep it mapped. */
void image_unload(struct image *image);

/* The part of the mapped image that the address lies in. Any IRQL. False: in none. */
bool image_segment_of(const struct image *image, const void *address,
                      const unsigned char **ret_base, size_t *ret_length);
/* Its writable parts, counted by `index`; false past the end. Any IRQL. */
bool image_writable_at(const struct image *image, unsigned index, const unsigned char **ret_base,
                       size_t *ret_length);

image_entry image_entry_point(const struct image *image);
const char *image_name(const struct image *image);
/* Names of imports that had no row in the table, for the log; NULL past the end. */
const char *image_missing_import(const struct image *image, size_t index);
/* True if the address lies in the image; then "name+0x12 (function at file:line)" in `line`. Any
 * IRQL, async-signal-safe as far as the offset; symbols only when `symbols`. */
bool image_describe(const void *address, char *line, size_t size, bool symbols);
/* A fault at `address`, by a call or by a load or store: the code to go on at when this is a
 * missing import of some loaded image, with the address of the caller or of the instruction on top
 * of the stack; it does not return. NULL: it is none. Async-signal-safe. */
const void *image_missing_import_stub(const void *address, bool is_call);
/* Where the image begins that the address lies in; NULL: in none. Any IRQL. */
const unsigned char *image_base_of(const void *address);
/* True if the address lies in the code of some loaded image. Async-signal-safe. */
bool image_contains_code(const void *address);

#ifdef __cplusplus
}
#endif

#endif

/*
 * pe_image.h - what the parts of the loader of Windows images share while they load one.
 */
#ifndef STORHOST_IMAGE_PE_IMAGE_H
#define STORHOST_IMAGE_PE_IMAGE_H

#include "image/image_internal.h"
#include "image/pe_file.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An image that is being loaded: mapped and relocated, not protected yet. */
struct pe_loading {
    struct image *image;
    const struct pe_file *file;
    const struct image_reason *reason;
    struct pe_fault fault;
};

/* Where the mapped image has an address of its load configuration, which lies in it. */
static inline uint8_t *pe_member_at(const struct pe_loading *loading, uint64_t address)
{
    return loading->image->base + (address - loading->file->image_base);
}

/* ---- pe_bind.c ---- */

/* Fills the slots of all imports. 0, fault->error, or -ENOMEM. */
int pe_bind_imports(struct pe_loading *loading);

/* ---- pe_code.c ---- */

/* Leads loads from the page that Windows shares with drivers to ours. -ENOMEM. */
int pe_patch_code(const struct pe_loading *loading);
/* Gives pointers for guarded calls that lead nowhere a routine. */
void pe_set_guards(const struct pe_loading *loading);

/* ---- pe_protect.c ---- */

/* Lists the image's segments and gives its pages their protection. Negative errno. */
int pe_protect(const struct pe_loading *loading);

#ifdef __cplusplus
}
#endif

#endif

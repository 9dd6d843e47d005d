/*
 * pe_image.c - loads a Windows image: what was checked is copied to memory, moved to where it came
 * to lie, given its imports, and protected.
 */
#include "image/pe_image.h"

#include "sys/sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The value that a linker gives a security cookie. Newer drivers stop when they find it. */
static const uint64_t default_cookie = 0x00002B992DDFA232;

static int fail(struct pe_loading *loading, int error)
{
    const struct image_reason *reason = loading->reason;

    if (error == -EILSEQ)
        snprintf(reason->text, reason->size, "%s is damaged at offset %zu: %s: get the file again",
                 reason->path, loading->fault.offset, loading->fault.what);
    else if (error == -ENOMEM)
        image_fail(reason, error, "cannot be loaded: out of memory");
    else
        image_fail(reason, error, loading->fault.what);
    return error;
}

/* ---- memory ---- */

static uint8_t *map_at(uint64_t address, size_t size, int flags)
{
    void *base = mmap((void *)(uintptr_t)address, size, PROT_READ | PROT_WRITE, // NOLINT
                      MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

    return base == MAP_FAILED ? NULL : base;
}

/* True if nothing in the file looks like an address of the image at its base. */
static bool has_no_addresses(const struct pe_file *file)
{
    for (size_t at = 0; at + sizeof(uint64_t) <= file->size; at++) {
        uint64_t value;
        memcpy(&value, file->bytes + at, sizeof(value));
        if (value >= file->image_base && value - file->image_base < file->memory_size)
            return false;
    }
    return true;
}

static int map(struct pe_loading *loading)
{
    const struct pe_file *file = loading->file;
    struct image *image = loading->image;

    if (file->is_fixed)
        image->base = map_at(file->image_base, file->memory_size, MAP_FIXED_NOREPLACE);
    if (image->base && (uintptr_t)image->base != file->image_base) {
        munmap(image->base, file->memory_size); /* a kernel that does not know the flag */
        image->base = NULL;
    }
    if (!image->base && file->is_fixed && !has_no_addresses(file)) {
        pe_foreign(&loading->fault,
                   "has no relocations, and the addresses from 0x%llX on, where it has to lie, are "
                   "taken (a second copy of it cannot be loaded): link it with relocations",
                   (unsigned long long)file->image_base);
        return -ENOEXEC;
    }
    if (!image->base)
        image->base = map_at(0, file->memory_size, 0);
    if (!image->base)
        return -ENOMEM;
    image->memory_size = file->memory_size;
    char line[1];
    sh_assert(!image_describe(image->base, line, sizeof(line), false)); /* nobody else's memory */
    memcpy(image->base, file->bytes, file->headers_size);
    for (unsigned i = 0; i < file->section_count; i++)
        memcpy(image->base + file->sections[i].rva, file->bytes + file->sections[i].file_offset,
               file->sections[i].file_size);
    return 0;
}

static void relocate(void *context, uint32_t rva)
{
    const struct pe_loading *loading = context;
    uint8_t *at = loading->image->base + rva;
    uint64_t value;

    memcpy(&value, at, sizeof(value));
    value += (uintptr_t)loading->image->base - loading->file->image_base;
    memcpy(at, &value, sizeof(value));
}

/* An attacker is not expected; what is wanted is a value that differs from the linker's, and whose
 * upper bits are zero, since drivers check that. */
static void write_cookie(const struct pe_loading *loading)
{
    uint64_t address = loading->file->configuration.security_cookie, cookie;

    if (!address)
        return;
    memcpy(&cookie, pe_member_at(loading, address), sizeof(cookie));
    if (cookie != default_cookie)
        return;
    do
        cookie = sys_random() >> 16;
    while (cookie == 0 || cookie == default_cookie);
    memcpy(pe_member_at(loading, address), &cookie, sizeof(cookie));
}

/* ---- the whole ---- */

static int load(struct pe_loading *loading)
{
    const struct pe_file *file = loading->file;
    struct image *image = loading->image;
    int error = pe_functions_read(file, &image->functions, &image->function_count, &loading->fault);

    if (!error)
        error = map(loading);
    if (!error)
        error = pe_each_relocation(file, relocate, loading, &loading->fault);
    if (!error)
        error = pe_bind_imports(loading);
    if (!error)
        error = pe_patch_code(loading);
    if (error)
        return error;
    write_cookie(loading);
    pe_set_guards(loading);
    image->entry = (image_entry)(image->base + file->entry_rva);
    return pe_protect(loading);
}

int pe_image_load(struct image *image, const uint8_t *bytes, size_t size,
                  const struct image_reason *reason)
{
    struct pe_file *file = malloc(sizeof(*file));
    struct pe_loading loading = {.image = image, .file = file, .reason = reason};

    if (!file)
        return image_fail(reason, -ENOMEM, "cannot be loaded: out of memory");
    int error = pe_file_parse(file, bytes, size, &loading.fault);
    if (!error)
        error = load(&loading);
    if (error)
        fail(&loading, error);
    free(file);
    return error;
}

void pe_image_unmap(struct image *image)
{
    munmap(image->base, image->memory_size);
}

/*
 * pe_image.c - loads a Windows image: what was checked is copied to memory, moved to where it came
 * to lie, given its imports, and protected.
 */
#include "image/image_internal.h"
#include "image/pe_file.h"

#include "nt/export.h"
#include "nt/print.h"
#include "sys/sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

/* The value that a linker gives a security cookie. Newer drivers stop when they find it. */
static const uint64_t default_cookie = 0x00002B992DDFA232;

/* What the loader needs while it works. */
struct loading {
    struct image *image;
    const struct pe_file *file;
    const struct image_reason *reason;
    struct pe_fault fault;
    size_t missing_count;
    bool out_of_memory;
};

static int fail(struct loading *loading, int error)
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

static int map(struct loading *loading)
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
                   "has no relocations and the addresses from 0x%llX on, where it has to lie, are "
                   "not free: link it with relocations, or run its dump instance elsewhere",
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
    const struct loading *loading = context;
    uint8_t *at = loading->image->base + rva;
    uint64_t value;

    memcpy(&value, at, sizeof(value));
    value += (uintptr_t)loading->image->base - loading->file->image_base;
    memcpy(at, &value, sizeof(value));
}

/* ---- imports ---- */

static const struct nt_export *export_of(const struct pe_import *import)
{
    return import->name ? nt_export_find(import->module, import->name) : NULL;
}

static void count_missing(void *context, const struct pe_import *import)
{
    struct loading *loading = context;

    if (!export_of(import))
        loading->missing_count++;
}

static void *missing_import(struct loading *loading, const struct pe_import *import)
{
    char name[2 * PE_NAME_SIZE + 16];

    if (import->name)
        snprintf(name, sizeof(name), "%s!%s", import->module, import->name);
    else
        snprintf(name, sizeof(name), "%s!#%u", import->module, import->ordinal);
    void *stub = missing_imports_add(loading->image->missing, name);
    if (!stub)
        loading->out_of_memory = true;
    return stub;
}

static void bind(void *context, const struct pe_import *import)
{
    struct loading *loading = context;
    const struct nt_export *row = export_of(import);
    void *address = row ? row->address : missing_import(loading, import);

    memcpy(loading->image->base + import->slot_rva, &address, sizeof(address));
}

static int bind_imports(struct loading *loading)
{
    int error = pe_each_import(loading->file, count_missing, loading, &loading->fault);
    if (!error)
        error = missing_imports_create(&loading->image->missing, loading->image->name,
                                       loading->missing_count);
    if (!error)
        error = pe_each_import(loading->file, bind, loading, &loading->fault);
    if (!error && loading->out_of_memory)
        error = -ENOMEM;
    return error ? error : missing_imports_seal(loading->image->missing);
}

/* ---- what the load configuration asks for ---- */

static uint8_t *member_at(const struct loading *loading, uint64_t address)
{
    return loading->image->base + (address - loading->file->image_base);
}

/* An attacker is not expected; what is wanted is a value that differs from the linker's, and whose
 * upper bits are zero, since drivers check that. */
static void write_cookie(const struct loading *loading)
{
    uint64_t address = loading->file->configuration.security_cookie, cookie;

    if (!address)
        return;
    memcpy(&cookie, member_at(loading, address), sizeof(cookie));
    if (cookie != default_cookie)
        return;
    do
        cookie = sys_random() >> 16;
    while (cookie == 0 || cookie == default_cookie);
    memcpy(member_at(loading, address), &cookie, sizeof(cookie));
}

/* ---- protection ---- */

/* Sections that may be written and executed keep only the latter when they are there for the start
 * alone: their imports are filled by now. */
static unsigned protection_of(const struct pe_section *section)
{
    if (!section->is_code)
        return section->is_writable ? PROT_READ | PROT_WRITE : PROT_READ;
    return section->is_writable && !section->is_discardable ? PROT_READ | PROT_WRITE | PROT_EXEC
                                                            : PROT_READ | PROT_EXEC;
}

static void mark_pages(uint8_t *pages, uint32_t rva, uint32_t size, unsigned protection)
{
    if (size)
        for (uint32_t page = rva / PE_PAGE; page <= (rva + size - 1) / PE_PAGE; page++)
            pages[page] |= (uint8_t)protection;
}

static int protect_pages(const struct loading *loading, const uint8_t *pages)
{
    const struct pe_file *file = loading->file;
    uint32_t count = file->memory_size / PE_PAGE, shared = 0;

    for (uint32_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && pages[end] == pages[first];)
            end++;
        if (mprotect(loading->image->base + (size_t)first * PE_PAGE,
                     (size_t)(end - first) * PE_PAGE, pages[first]) < 0)
            return -errno;
        if (pages[first] & PROT_WRITE && pages[first] & PROT_EXEC)
            shared += end - first;
    }
    if (shared)
        nt_print("%s: %u of its pages are writable and executable at once: %s",
                 loading->image->name, shared,
                 file->shares_pages ? "its sections share pages" : "its sections ask for it");
    return 0;
}

static int protect(const struct loading *loading)
{
    const struct pe_file *file = loading->file;
    uint8_t *pages = calloc(file->memory_size / PE_PAGE, 1);

    if (!pages)
        return -ENOMEM;
    mark_pages(pages, 0, file->headers_size, PROT_READ);
    for (unsigned i = 0; i < file->section_count; i++)
        mark_pages(pages, file->sections[i].rva, file->sections[i].memory_size,
                   protection_of(&file->sections[i]));
    int error = protect_pages(loading, pages);
    free(pages);
    return error;
}

static int list_segments(const struct loading *loading)
{
    const struct pe_file *file = loading->file;
    struct image *image = loading->image;

    image->segments = calloc(file->section_count + 1, sizeof(*image->segments));
    if (!image->segments)
        return -ENOMEM;
    image->segments[image->segment_count++] =
        (struct image_segment){.begin = image->base, .size = file->headers_size};
    for (unsigned i = 0; i < file->section_count; i++) {
        const struct pe_section *section = &file->sections[i];
        unsigned protection = protection_of(section);
        image->segments[image->segment_count++] = (struct image_segment){
            .begin = image->base + section->rva,
            .size = section->memory_size,
            .is_code = protection & PROT_EXEC,
            .is_writable = protection & PROT_WRITE,
        };
    }
    return 0;
}

/* ---- the whole ---- */

static int load(struct loading *loading)
{
    const struct pe_file *file = loading->file;
    struct image *image = loading->image;
    int error = pe_functions_read(file, &image->functions, &image->function_count, &loading->fault);

    if (!error)
        error = map(loading);
    if (!error)
        error = pe_each_relocation(file, relocate, loading, &loading->fault);
    if (!error)
        error = bind_imports(loading);
    if (error)
        return error;
    write_cookie(loading);
    image->entry = (image_entry)(image->base + file->entry_rva);
    error = list_segments(loading);
    return error ? error : protect(loading);
}

int pe_image_load(struct image *image, const uint8_t *bytes, size_t size,
                  const struct image_reason *reason)
{
    struct pe_file *file = malloc(sizeof(*file));
    struct loading loading = {.image = image, .file = file, .reason = reason};

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

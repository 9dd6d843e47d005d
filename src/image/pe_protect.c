/*
 * pe_protect.c - the protection of a Windows image's sections.
 */
#include "image/pe_image.h"

#include "nt/print.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

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

static int protect_pages(const struct pe_loading *loading, const uint8_t *pages)
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

static int protect_image(const struct pe_loading *loading)
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

static int list_segments(const struct pe_loading *loading)
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

int pe_protect(const struct pe_loading *loading)
{
    int error = list_segments(loading);

    return error ? error : protect_image(loading);
}

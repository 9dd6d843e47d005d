/*
 * pe_relocations.c - the addresses in an image that move with it.
 *
 * A table of blocks, one for each page, of entries of 16 bits: four of kind and twelve of offset.
 * Of the kinds a driver for x64 needs one.
 */
#include "image/pe_file.h"

enum { CHUNK = 256 };

static int visit_entry(const struct pe_file *file, uint64_t rva, uint32_t page, uint16_t entry,
                       pe_relocation_visit visit, void *context, struct pe_fault *fault)
{
    unsigned kind = entry >> 12;
    uint64_t target = (uint64_t)page + (entry & 0xFFF);

    if (kind == PE_RELOCATION_PADDING)
        return 0;
    if (kind != PE_RELOCATION_64)
        return pe_damaged(fault, pe_offset_of(file, rva),
                          "a relocation of kind %u, which no driver for x64 has", kind);
    if (!pe_in_image(file, target, sizeof(uint64_t)))
        return pe_damaged(fault, pe_offset_of(file, rva),
                          "a relocation at 0x%llX, outside of the image",
                          (unsigned long long)target);
    visit(context, (uint32_t)target);
    return 0;
}

static int visit_block(const struct pe_file *file, uint64_t rva, uint64_t end, uint32_t page,
                       pe_relocation_visit visit, void *context, struct pe_fault *fault)
{
    uint16_t entries[CHUNK];

    while (rva < end) {
        size_t count = (end - rva) / sizeof(entries[0]);
        if (count == 0)
            return 0;
        if (count > CHUNK)
            count = CHUNK;
        (void)pe_read(file, rva, entries, count * sizeof(entries[0]));
        for (size_t i = 0; i < count; i++, rva += sizeof(entries[0])) {
            int error = visit_entry(file, rva, page, entries[i], visit, context, fault);
            if (error)
                return error;
        }
    }
    return 0;
}

int pe_each_relocation(const struct pe_file *file, pe_relocation_visit visit, void *context,
                       struct pe_fault *fault)
{
    const struct pe_directory *directory = &file->directories[PE_DIRECTORY_RELOCATION];
    uint64_t rva = directory->rva, end = rva + directory->size;

    if (!rva)
        return 0;
    while (end - rva >= sizeof(struct pe_relocation_block)) {
        struct pe_relocation_block block;
        (void)pe_read(file, rva, &block, sizeof(block));
        if (block.rva == 0 && block.size == 0)
            return 0; /* the rest is padding */
        if (block.size < sizeof(block) || block.size > end - rva)
            return pe_damaged(fault, pe_offset_of(file, rva),
                              "a block of relocations of %u bytes, where %llu are left", block.size,
                              (unsigned long long)(end - rva));
        int error = visit_block(file, rva + sizeof(block), rva + block.size, block.rva, visit,
                                context, fault);
        if (error)
            return error;
        rva += block.size;
    }
    return 0;
}

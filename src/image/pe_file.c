/*
 * pe_file.c - headers and sections of a Windows image. The rule: a length is checked as
 * `a > n || b > n - a` before anything is read.
 */
#include "image/pe_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int pe_damaged(struct pe_fault *fault, size_t offset, const char *format, ...)
{
    va_list arguments;

    fault->error = -EILSEQ;
    fault->offset = offset;
    va_start(arguments, format);
    vsnprintf(fault->what, sizeof(fault->what), format, arguments);
    va_end(arguments);
    return fault->error;
}

int pe_foreign(struct pe_fault *fault, const char *format, ...)
{
    va_list arguments;

    fault->error = -ENOEXEC;
    fault->offset = 0;
    va_start(arguments, format);
    vsnprintf(fault->what, sizeof(fault->what), format, arguments);
    va_end(arguments);
    return fault->error;
}

/* ---- from RVAs to bytes ---- */

bool pe_in_image(const struct pe_file *file, uint64_t rva, uint64_t size)
{
    return rva <= file->memory_size && size <= file->memory_size - rva;
}

const struct pe_section *pe_section_of(const struct pe_file *file, uint64_t rva)
{
    for (unsigned i = 0; i < file->section_count; i++) {
        const struct pe_section *section = &file->sections[i];
        if (rva >= section->rva && rva - section->rva < section->memory_size)
            return section;
    }
    return NULL;
}

/* The file's bytes at the RVA, as many as there are in one piece; NULL when it is zero memory, and
 * then `ret_size` says for how long at least. */
static const uint8_t *piece_at(const struct pe_file *file, uint32_t rva, size_t *ret_size)
{
    if (rva < file->headers_size) {
        *ret_size = file->headers_size - rva;
        return file->bytes + rva;
    }
    const struct pe_section *section = pe_section_of(file, rva);
    if (!section) {
        *ret_size = 1;
        return NULL;
    }
    uint32_t inside = rva - section->rva;
    if (inside < section->file_size) {
        *ret_size = section->file_size - inside;
        return file->bytes + section->file_offset + inside;
    }
    *ret_size = section->memory_size - inside;
    return NULL;
}

bool pe_read(const struct pe_file *file, uint64_t rva, void *buffer, size_t size)
{
    uint8_t *to = buffer;

    if (!pe_in_image(file, rva, size))
        return false;
    while (size) {
        size_t piece_size;
        const uint8_t *piece = piece_at(file, (uint32_t)rva, &piece_size);
        if (piece_size > size)
            piece_size = size;
        if (piece)
            memcpy(to, piece, piece_size);
        else
            memset(to, 0, piece_size);
        to += piece_size;
        rva += piece_size;
        size -= piece_size;
    }
    return true;
}

bool pe_read_string(const struct pe_file *file, uint64_t rva, char *buffer, size_t size)
{
    if (!pe_in_image(file, rva, 1))
        return false;
    size_t there = file->memory_size - rva;
    if (there > size)
        there = size;
    pe_read(file, rva, buffer, there);
    size_t length = strnlen(buffer, there);
    if (length == 0 || length == there)
        return false;
    for (size_t i = 0; i < length; i++)
        if (buffer[i] <= ' ' || buffer[i] > '~')
            return false;
    return true;
}

size_t pe_offset_of(const struct pe_file *file, uint64_t rva)
{
    size_t size;
    const uint8_t *piece = pe_in_image(file, rva, 1) ? piece_at(file, (uint32_t)rva, &size) : NULL;

    return piece ? (size_t)(piece - file->bytes) : 0;
}

/* ---- headers ---- */

static bool in_file(const struct pe_file *file, uint64_t offset, uint64_t size)
{
    return offset <= file->size && size <= file->size - offset;
}

static int check_machine(const struct pe_file *file, struct pe_fault *fault)
{
    switch (file->header.machine) {
    case PE_MACHINE_X64:
        return 0;
    case PE_MACHINE_X86:
        return pe_foreign(fault, "is a Windows image for 32-bit x86: take the driver's x64 file");
    case PE_MACHINE_ARM64:
        return pe_foreign(fault, "is a Windows image for ARM64: take the driver's x64 file");
    case PE_MACHINE_ARM:
        return pe_foreign(fault, "is a Windows image for ARM: take the driver's x64 file");
    case PE_MACHINE_ITANIUM:
        return pe_foreign(fault, "is a Windows image for Itanium: take the driver's x64 file");
    default:
        return pe_foreign(fault,
                          "is a Windows image for another machine (0x%04X): take the driver's "
                          "x64 file",
                          file->header.machine);
    }
}

static int check_kind(const struct pe_file *file, struct pe_fault *fault)
{
    if (!(file->header.characteristics & PE_EXECUTABLE_IMAGE))
        return pe_foreign(fault, "is a Windows image whose link failed: link it again");
    if (file->directories[PE_DIRECTORY_MANAGED].rva)
        return pe_foreign(fault, "is a .NET program, not a driver: give the driver's .sys file");
    switch (file->optional.subsystem) {
    case PE_SUBSYSTEM_NATIVE:
        break;
    case PE_SUBSYSTEM_WINDOWS:
    case PE_SUBSYSTEM_CONSOLE:
        return pe_foreign(fault, "is a Windows program or library, not a driver: give the "
                                 "driver's .sys file");
    default:
        if (file->optional.subsystem >= PE_SUBSYSTEM_EFI_APPLICATION &&
            file->optional.subsystem <= PE_SUBSYSTEM_EFI_ROM)
            return pe_foreign(fault, "is an EFI image, not a Windows driver: give the driver's "
                                     ".sys file");
        return pe_foreign(fault,
                          "is a Windows image of subsystem %u, not a driver (1, native): give "
                          "the driver's .sys file",
                          file->optional.subsystem);
    }
    if (file->directories[PE_DIRECTORY_TLS].rva)
        return pe_foreign(fault, "has thread-local variables (a TLS directory), which Windows "
                                 "gives no driver: build it without them");
    if (!file->entry_rva)
        return pe_foreign(fault, "has no entry point: it is a library, give the driver that "
                                 "uses it");
    return 0;
}

static int read_dos_header(struct pe_file *file, uint32_t *ret_offset, struct pe_fault *fault)
{
    uint32_t offset, signature;

    if (file->size < PE_DOS_HEADER_SIZE)
        return pe_damaged(fault, file->size, "the file ends within its DOS header");
    memcpy(&offset, file->bytes + PE_DOS_NEW_HEADER, sizeof(offset));
    if (!in_file(file, offset, sizeof(signature)))
        return pe_damaged(fault, PE_DOS_NEW_HEADER, "a PE header that lies outside of the file");
    memcpy(&signature, file->bytes + offset, sizeof(signature));
    if (signature != PE_SIGNATURE)
        return pe_foreign(fault, "is a program for DOS or 16-bit Windows: give an x64 driver");
    if (offset % 4 != 0)
        return pe_damaged(fault, PE_DOS_NEW_HEADER, "a PE header at an odd offset");
    *ret_offset = offset + sizeof(signature);
    return 0;
}

static bool is_power_of_two(uint32_t value)
{
    return value && (value & (value - 1)) == 0;
}

static int check_alignments(const struct pe_file *file, size_t offset, struct pe_fault *fault)
{
    uint32_t memory = file->optional.section_alignment, in_the_file = file->optional.file_alignment;

    if (!is_power_of_two(memory) || memory > PE_MEMORY_MAX)
        return pe_damaged(fault, offset + offsetof(struct pe_optional_header, section_alignment),
                          "a section alignment of %u", memory);
    if (!is_power_of_two(in_the_file) || in_the_file > memory ||
        (memory < PE_PAGE && in_the_file != memory))
        return pe_damaged(fault, offset + offsetof(struct pe_optional_header, file_alignment),
                          "a file alignment of %u with a section alignment of %u", in_the_file,
                          memory);
    return 0;
}

static int read_directories(struct pe_file *file, size_t offset, size_t room,
                            struct pe_fault *fault)
{
    uint32_t count = file->optional.directory_count;

    if (count > PE_DIRECTORY_COUNT)
        count = PE_DIRECTORY_COUNT; /* what Windows does with more */
    if (count > room / sizeof(struct pe_directory))
        return pe_damaged(fault, offset - sizeof(count),
                          "%u directories, more than the optional header has room for", count);
    file->directories_offset = offset;
    memcpy(file->directories, file->bytes + offset, count * sizeof(struct pe_directory));
    return 0;
}

static int read_optional_header(struct pe_file *file, size_t offset, struct pe_fault *fault)
{
    uint16_t magic;
    size_t room = file->header.optional_header_size;

    if (!in_file(file, offset, room) || room < sizeof(magic))
        return pe_damaged(fault, offset - sizeof(file->header), "the optional header is cut short");
    memcpy(&magic, file->bytes + offset, sizeof(magic));
    if (magic == PE_MAGIC_32)
        return pe_foreign(fault, "is a 32-bit image (PE32): take the driver's x64 file");
    if (magic != PE_MAGIC_32_PLUS)
        return pe_damaged(fault, offset, "an optional header of kind 0x%X", magic);
    if (room < sizeof(file->optional))
        return pe_damaged(fault, offset - sizeof(file->header), "the optional header is too short");
    memcpy(&file->optional, file->bytes + offset, sizeof(file->optional));
    int error = read_directories(file, offset + sizeof(file->optional),
                                 room - sizeof(file->optional), fault);
    if (error)
        return error;
    file->image_base = file->optional.image_base;
    file->headers_size = file->optional.headers_size;
    file->entry_rva = file->optional.entry_rva;
    file->shares_pages = file->optional.section_alignment < PE_PAGE;
    error = check_kind(file, fault);
    if (error)
        return error;
    error = check_alignments(file, offset, fault);
    if (error)
        return error;
    size_t at = offset + offsetof(struct pe_optional_header, image_size);
    if (file->optional.image_size == 0 || file->optional.image_size > PE_MEMORY_MAX)
        return pe_damaged(fault, at, "an image of %u bytes: at most %u are allowed",
                          file->optional.image_size, PE_MEMORY_MAX);
    file->memory_size = (file->optional.image_size + PE_PAGE - 1) & ~(uint32_t)(PE_PAGE - 1);
    at = offset + offsetof(struct pe_optional_header, headers_size);
    if (file->headers_size > file->size || file->headers_size > file->memory_size)
        return pe_damaged(fault, at, "headers of %u bytes, more than the file or the image has",
                          file->headers_size);
    if (file->image_base % 0x10000 != 0 || file->image_base + file->memory_size < file->image_base)
        return pe_damaged(fault, offset + offsetof(struct pe_optional_header, image_base),
                          "an image base of 0x%llX", (unsigned long long)file->image_base);
    return 0;
}

/* ---- sections ---- */

/* What a linker has put behind the end of a section, but into its last page, is mapped too. */
static uint32_t memory_size_of(const struct pe_section_header *header, uint32_t alignment)
{
    uint32_t size = header->memory_size, left = (0 - size) % alignment;

    if (!size || header->file_size <= size)
        return size ? size : header->file_size;
    return header->file_size - size < left ? header->file_size : size + left;
}

static int add_section(struct pe_file *file, size_t offset, struct pe_fault *fault)
{
    struct pe_section_header header;
    struct pe_section *section = &file->sections[file->section_count];
    uint32_t alignment = file->optional.section_alignment;
    uint32_t file_alignment = file->optional.file_alignment;
    size_t end = file->headers_size;

    memcpy(&header, file->bytes + offset, sizeof(header));
    memcpy(section->name, header.name, sizeof(header.name));
    for (char *c = section->name; *c; c++)
        if (*c <= ' ' || *c > '~')
            *c = '?';
    if (file->section_count)
        end = (size_t)section[-1].rva + section[-1].memory_size;
    section->header_offset = (uint32_t)offset;
    section->rva = header.rva;
    section->memory_size = memory_size_of(&header, alignment);
    if (header.rva % alignment != 0 || header.rva < end ||
        !pe_in_image(file, header.rva, section->memory_size))
        return pe_damaged(fault, offset + offsetof(struct pe_section_header, rva),
                          "section %s at 0x%X, which overlaps others or lies outside of the image",
                          section->name, header.rva);
    if (header.file_size && !in_file(file, header.file_offset, header.file_size))
        return pe_damaged(fault, offset + offsetof(struct pe_section_header, file_offset),
                          "section %s lies outside of the file", section->name);
    if (header.file_size && header.file_offset % (file_alignment < 512 ? file_alignment : 512) != 0)
        return pe_damaged(fault, offset + offsetof(struct pe_section_header, file_offset),
                          "section %s begins in the middle of a file block", section->name);
    section->file_offset = header.file_size ? header.file_offset : 0;
    section->file_size =
        header.file_size < section->memory_size ? header.file_size : section->memory_size;
    section->is_code = header.characteristics & PE_SECTION_EXECUTE;
    section->is_writable = header.characteristics & PE_SECTION_WRITE;
    section->is_discardable = header.characteristics & PE_SECTION_DISCARDABLE;
    if (section->memory_size)
        file->section_count++;
    return 0;
}

static int read_sections(struct pe_file *file, size_t offset, struct pe_fault *fault)
{
    unsigned count = file->header.section_count;

    if (count == 0 || count > PE_SECTIONS_MAX)
        return pe_damaged(fault, offset, "%u sections: 1 to %u are allowed", count,
                          PE_SECTIONS_MAX);
    if (!in_file(file, offset, count * sizeof(struct pe_section_header)))
        return pe_damaged(fault, offset, "the table of sections is cut short");
    for (unsigned i = 0; i < count; i++) {
        int error = add_section(file, offset + i * sizeof(struct pe_section_header), fault);
        if (error)
            return error;
    }
    return 0;
}

/* ---- the whole ---- */

static int check_directories(const struct pe_file *file, struct pe_fault *fault)
{
    for (unsigned i = 0; i < PE_DIRECTORY_COUNT; i++) {
        const struct pe_directory *directory = &file->directories[i];
        if (i == PE_DIRECTORY_SECURITY || !directory->rva)
            continue;
        if (!pe_in_image(file, directory->rva, directory->size) || directory->size > file->size)
            return pe_damaged(fault, file->directories_offset + i * sizeof(*directory),
                              "directory %u lies outside of the image", i);
    }
    return 0;
}

static int check_entry(const struct pe_file *file, size_t offset, struct pe_fault *fault)
{
    const struct pe_section *section = pe_section_of(file, file->entry_rva);

    if (!section || !section->is_code || file->entry_rva - section->rva >= section->file_size)
        return pe_damaged(fault, offset + offsetof(struct pe_optional_header, entry_rva),
                          "the entry point does not lie in code");
    return 0;
}

static void ignore_relocation(void *context, uint32_t rva)
{
    (void)context;
    (void)rva;
}

static void ignore_import(void *context, const struct pe_import *import)
{
    (void)context;
    (void)import;
}

int pe_file_parse(struct pe_file *ret_file, const void *bytes, size_t size, struct pe_fault *fault)
{
    struct pe_file *file = ret_file;
    uint32_t header_offset = 0;

    *file = (struct pe_file){.bytes = bytes, .size = size};
    int error = read_dos_header(file, &header_offset, fault);
    if (error)
        return error;
    if (!in_file(file, header_offset, sizeof(file->header)))
        return pe_damaged(fault, header_offset, "the file ends within its PE header");
    memcpy(&file->header, file->bytes + header_offset, sizeof(file->header));
    error = check_machine(file, fault);
    size_t offset = header_offset + sizeof(file->header);
    if (!error)
        error = read_optional_header(file, offset, fault);
    if (!error)
        error = read_sections(file, offset + file->header.optional_header_size, fault);
    if (!error)
        error = check_entry(file, offset, fault);
    if (!error)
        error = check_directories(file, fault);
    if (!error)
        error = pe_each_relocation(file, ignore_relocation, NULL, fault);
    if (!error)
        error = pe_each_import(file, ignore_import, NULL, fault);
    if (!error)
        error = pe_configuration_read(file, fault);
    file->is_fixed = !file->directories[PE_DIRECTORY_RELOCATION].size;
    return error;
}

/*
 * elf_file.h - reads the bytes of an ELF file that claims to be a storhost module.
 *
 * The bytes are hostile until elf_file_parse has looked at them: everything that the dynamic linker
 * or this room would follow is checked against the file first, so that a damaged or foreign file is
 * a message and not a crash. What a module's own instructions do is beyond any such check.
 */
#ifndef STORHOST_IMAGE_ELF_FILE_H
#define STORHOST_IMAGE_ELF_FILE_H

#include "image/module_note.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A checked view; it points into the bytes that were parsed. Addresses are relative to the base at
 * which the file gets mapped. */
struct elf_file {
    const uint8_t *bytes;
    size_t size;
    uint64_t memory_size; /* from address 0 to the end of the last segment */
    uint64_t code_address, code_size;
    uint64_t entry;
    uint64_t note_address;
    size_t note_offset, note_size; /* of the note's content in the file */
    const struct module_note *note;
    const struct module_import *imports;
    const char *strings;
};

/* What is wrong with a file. `offset` says where in the file, when `error` is -EILSEQ. */
struct elf_fault {
    int error; /* -ENOEXEC: it is something else than a module; -EILSEQ: it is damaged */
    size_t offset;
    const char *what; /* a string constant that completes "FILE ..." or "at offset N: ..." */
};

/* Returns 0 and fills `ret_file`, or fault->error and fills `fault`. Any IRQL, does not block. */
int elf_file_parse(struct elf_file *ret_file, const void *bytes, size_t size,
                   struct elf_fault *fault);

/* Name and slot address of import `index`, which is less than note->import_count. */
const char *elf_file_import_name(const struct elf_file *file, uint32_t index);
uint64_t elf_file_import_slot(const struct elf_file *file, uint32_t index);

#ifdef __cplusplus
}
#endif

#endif

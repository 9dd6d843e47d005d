/*
 * elf_reader.h - private to the ELF reader: the segments of a file that were found sound, and the
 * two questions that every further check asks of them.
 */
#ifndef STORHOST_IMAGE_ELF_READER_H
#define STORHOST_IMAGE_ELF_READER_H

#include "image/elf_file.h"

#include <elf.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { ELF_SEGMENTS_MAX = 16 };

struct elf_reader {
    const uint8_t *bytes;
    size_t size;
    struct elf_fault *fault;
    const Elf64_Phdr *headers;
    unsigned header_count;
    const Elf64_Phdr *loads[ELF_SEGMENTS_MAX];
    unsigned load_count;
    const Elf64_Phdr *dynamic, *relro, *program_headers, *unwind;
    bool instrumented;
};

/* Records a fault and returns its error, so that a check reads `return elf_damaged(...)`. */
int elf_damaged(struct elf_reader *reader, size_t offset, const char *what);
int elf_foreign(struct elf_reader *reader, const char *what);

/* True if [offset, offset + size) lies in the file. */
bool elf_in_file(const struct elf_reader *reader, uint64_t offset, uint64_t size);
/* The loadable segment that holds [address, address + size) in memory, or NULL. */
const Elf64_Phdr *elf_segment_of(const struct elf_reader *reader, uint64_t address, uint64_t size);
/* The bytes of the file that get mapped at [address, address + size), or NULL when some of them do
 * not come from the file. `ret_offset` may be NULL. */
const void *elf_bytes_at(const struct elf_reader *reader, uint64_t address, uint64_t size,
                         size_t *ret_offset);

/* Checks all that the dynamic linker reads through PT_DYNAMIC: 0 or the fault's error. */
int elf_check_dynamic(struct elf_reader *reader);

#ifdef __cplusplus
}
#endif

#endif

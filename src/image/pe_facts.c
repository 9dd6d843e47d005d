/*
 * pe_facts.c - what a Windows image says of itself: when and by what it was linked, and where its
 * symbols are.
 */
#include "image/image_facts.h"
#include "image/image_internal.h"
#include "image/pe_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct debug_entry {
    uint32_t characteristics, timestamp;
    uint16_t major, minor;
    uint32_t kind, size;
    uint32_t rva, file_offset;
};

enum { DEBUG_CODEVIEW = 2, DEBUG_REPRODUCIBLE = 16, DEBUG_ENTRIES_MAX = 32 };

/* "RSDS", and the database's path behind it. */
struct codeview {
    uint32_t signature;
    uint32_t id_1;
    uint16_t id_2, id_3;
    uint8_t id_4[8];
    uint32_t age;
};

enum { CODEVIEW_SIGNATURE = 0x53445352 };

static void read_codeview(const struct pe_file *file, const struct debug_entry *entry,
                          struct image_facts *facts)
{
    struct codeview record;

    if (entry->size <= sizeof(record) || !pe_read(file, entry->rva, &record, sizeof(record)) ||
        record.signature != CODEVIEW_SIGNATURE)
        return;
    size_t size = entry->size - sizeof(record);
    if (size > sizeof(facts->database) - 1)
        size = sizeof(facts->database) - 1;
    if (!pe_read(file, (uint64_t)entry->rva + sizeof(record), facts->database, size))
        return;
    for (char *c = facts->database; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    snprintf(facts->database_id, sizeof(facts->database_id),
             "{%08X-%04X-%04X-%02X%02X-%02X%02X%02X%02X%02X%02X}, age %u", record.id_1, record.id_2,
             record.id_3, record.id_4[0], record.id_4[1], record.id_4[2], record.id_4[3],
             record.id_4[4], record.id_4[5], record.id_4[6], record.id_4[7], record.age);
}

static void read_debug_directory(const struct pe_file *file, struct image_facts *facts)
{
    const struct pe_directory *directory = &file->directories[PE_DIRECTORY_DEBUG];
    size_t count = directory->size / sizeof(struct debug_entry);

    if (!directory->rva)
        return;
    for (size_t i = 0; i < count && i < DEBUG_ENTRIES_MAX; i++) {
        struct debug_entry entry;
        if (!pe_read(file, directory->rva + i * sizeof(entry), &entry, sizeof(entry)))
            return;
        if (entry.kind == DEBUG_REPRODUCIBLE)
            facts->timestamp_is_hash = true;
        if (entry.kind == DEBUG_CODEVIEW && !facts->database[0])
            read_codeview(file, &entry, facts);
    }
}

static void fill(const struct pe_file *file, struct image_facts *facts)
{
    const struct pe_optional_header *optional = &file->optional;

    *facts = (struct image_facts){
        .is_windows_image = true,
        .timestamp = file->header.timestamp,
        .checksum = optional->checksum,
        .linker = {optional->linker_major, optional->linker_minor},
        .system = {optional->system_major, optional->system_minor},
        .subsystem = {optional->subsystem_major, optional->subsystem_minor},
        .has_cookie = file->configuration.security_cookie != 0,
        .guard_flags = file->configuration.guard_flags,
        .has_relocations = !file->is_fixed,
        .shares_pages = file->shares_pages,
    };
    read_debug_directory(file, facts);
}

void image_facts(const struct image *image, struct image_facts *ret_facts)
{
    struct pe_file *file = image->handle ? NULL : malloc(sizeof(*file));
    struct pe_fault fault;

    *ret_facts = (struct image_facts){.is_windows_image = !image->handle};
    if (file && pe_file_parse(file, image->bytes, image->size, &fault) == 0)
        fill(file, ret_facts);
    free(file);
}

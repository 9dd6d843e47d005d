/*
 * module_note.h - the note by which a storhost module says what it is, as src/build/imports.py
 * writes it and elf_file.c reads it.
 *
 * A module is an ELF shared object with one note of the owner "storhost" and type 1. All numbers
 * are 32 bits, little-endian. Offsets of addresses are relative to the start of the note's content
 * in memory, so the note needs no relocation and is read from the file as it is. After the header
 * come the imports and after them the strings, each ended by a zero byte.
 */
#ifndef STORHOST_IMAGE_MODULE_NOTE_H
#define STORHOST_IMAGE_MODULE_NOTE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MODULE_NOTE_OWNER "storhost"

enum { MODULE_NOTE_TYPE = 1, MODULE_NOTE_VERSION = 1 };

/* How the module's code was instrumented. The host process must hold the same runtime. */
enum module_instrumentation {
    MODULE_ADDRESS_SANITIZER = 1u << 0,
    MODULE_UNDEFINED_SANITIZER = 1u << 1,
    MODULE_THREAD_SANITIZER = 1u << 2,
    MODULE_COVERAGE = 1u << 3,
};

enum module_import_flags {
    /* The driver uses the slot's value itself (__imp_NAME): the address of a routine or variable.
     */
    MODULE_IMPORT_SLOT_ONLY = 1u << 0,
    /* The slot is a variable of the driver's by the name of the kernel's, whose address it gets, as
     * an import slot does: drivers declare PBOOLEAN KdDebuggerNotPresent for a BOOLEAN. */
    MODULE_IMPORT_DATA = 1u << 1,
};

struct module_note {
    uint32_t version;
    uint32_t instrumentation;
    int32_t entry; /* DriverEntry */
    uint32_t import_count;
    uint32_t strings_size;
    uint32_t name;  /* offset in the strings: the module's name */
    uint32_t build; /* offset in the strings: what built it */
};

struct module_import {
    int32_t slot;  /* an aligned pointer in writable memory, to be filled */
    uint32_t name; /* offset in the strings */
    uint32_t flags;
};

#ifdef __cplusplus
}
#endif

#endif

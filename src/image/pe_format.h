/*
 * pe_format.h - the records of a Windows image (PE32+ for x64) as they lie in the file.
 *
 * All numbers are little-endian. An RVA is an address relative to the image's base. Records may lie
 * anywhere in a file, so they are copied out before they are looked at.
 */
#ifndef STORHOST_IMAGE_PE_FORMAT_H
#define STORHOST_IMAGE_PE_FORMAT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    PE_DOS_MAGIC = 0x5A4D,     /* MZ */
    PE_SIGNATURE = 0x00004550, /* PE\0\0 */
    PE_DOS_NEW_HEADER = 60,    /* where a DOS header says at which offset the signature lies */
    PE_DOS_HEADER_SIZE = 64,
};

enum pe_machine {
    PE_MACHINE_X86 = 0x014C,
    PE_MACHINE_ITANIUM = 0x0200,
    PE_MACHINE_ARM = 0x01C4,
    PE_MACHINE_X64 = 0x8664,
    PE_MACHINE_ARM64 = 0xAA64,
};

enum pe_characteristics {
    PE_RELOCATIONS_STRIPPED = 0x0001,
    PE_EXECUTABLE_IMAGE = 0x0002,
};

enum pe_subsystem {
    PE_SUBSYSTEM_NATIVE = 1,
    PE_SUBSYSTEM_WINDOWS = 2,
    PE_SUBSYSTEM_CONSOLE = 3,
    PE_SUBSYSTEM_EFI_APPLICATION = 10,
    PE_SUBSYSTEM_EFI_ROM = 13,
    PE_SUBSYSTEM_BOOT_APPLICATION = 16,
};

enum { PE_MAGIC_32 = 0x10B, PE_MAGIC_32_PLUS = 0x20B };

struct pe_file_header {
    uint16_t machine;
    uint16_t section_count;
    uint32_t timestamp;
    uint32_t symbols_offset, symbol_count;
    uint16_t optional_header_size;
    uint16_t characteristics;
};

struct pe_optional_header {
    uint16_t magic;
    uint8_t linker_major, linker_minor;
    uint32_t code_size, initialized_data_size, uninitialized_data_size;
    uint32_t entry_rva;
    uint32_t code_rva;
    uint64_t image_base;
    uint32_t section_alignment, file_alignment;
    uint16_t system_major, system_minor;
    uint16_t image_major, image_minor;
    uint16_t subsystem_major, subsystem_minor;
    uint32_t win32_version;
    uint32_t image_size, headers_size;
    uint32_t checksum;
    uint16_t subsystem, dll_characteristics;
    uint64_t stack_reserve, stack_commit, heap_reserve, heap_commit;
    uint32_t loader_flags;
    uint32_t directory_count;
};

enum pe_directory_index {
    PE_DIRECTORY_EXPORT = 0,
    PE_DIRECTORY_IMPORT = 1,
    PE_DIRECTORY_EXCEPTION = 3,
    PE_DIRECTORY_SECURITY = 4, /* its address is an offset in the file */
    PE_DIRECTORY_RELOCATION = 5,
    PE_DIRECTORY_DEBUG = 6,
    PE_DIRECTORY_TLS = 9,
    PE_DIRECTORY_LOAD_CONFIGURATION = 10,
    PE_DIRECTORY_DELAY_IMPORT = 13,
    PE_DIRECTORY_MANAGED = 14,
    PE_DIRECTORY_COUNT = 16,
};

struct pe_directory {
    uint32_t rva, size;
};

enum pe_section_characteristics {
    PE_SECTION_DISCARDABLE = 0x02000000,
    PE_SECTION_EXECUTE = 0x20000000,
    PE_SECTION_WRITE = 0x80000000,
};

struct pe_section_header {
    char name[8]; /* without a zero byte when it is eight bytes long */
    uint32_t memory_size, rva;
    uint32_t file_size, file_offset;
    uint32_t relocations_offset, lines_offset;
    uint16_t relocation_count, line_count;
    uint32_t characteristics;
};

struct pe_relocation_block {
    uint32_t rva;
    uint32_t size; /* of the block with this header; entries of 16 bits follow */
};

enum { PE_RELOCATION_PADDING = 0, PE_RELOCATION_64 = 10 };

struct pe_import_descriptor {
    uint32_t names_rva; /* 0 with some linkers: then the slots hold the names */
    uint32_t timestamp; /* not 0: bound to addresses of another system */
    uint32_t forwarder_chain;
    uint32_t module_rva;
    uint32_t slots_rva;
};

enum { PE_DELAY_IMPORT_BY_RVA = 1 };

struct pe_delay_descriptor {
    uint32_t attributes;
    uint32_t module_rva;
    uint32_t handle_rva;
    uint32_t slots_rva;
    uint32_t names_rva;
    uint32_t bound_rva, unload_rva;
    uint32_t timestamp;
};

#define PE_IMPORT_BY_ORDINAL (1ull << 63)

/* As far as kits have it; an image's own is as long as its first member says. */
struct pe_load_configuration {
    uint32_t size;
    uint32_t timestamp;
    uint16_t major, minor;
    uint32_t global_flags_clear, global_flags_set;
    uint32_t critical_section_timeout;
    uint64_t free_block_threshold, total_free_threshold;
    uint64_t lock_prefix_table;
    uint64_t maximum_allocation, virtual_memory_threshold;
    uint64_t process_affinity;
    uint32_t heap_flags;
    uint16_t service_pack, dependent_flags;
    uint64_t edit_list;
    uint64_t security_cookie; /* addresses, not RVAs */
    uint64_t handler_table, handler_count;
    uint64_t guard_check, guard_dispatch;
    uint64_t guard_functions, guard_function_count;
    uint32_t guard_flags;
    uint16_t integrity_flags, integrity_catalog;
    uint32_t integrity_offset, integrity_reserved;
    uint64_t guard_address_table, guard_address_count;
    uint64_t guard_jump_table, guard_jump_count;
    uint64_t dynamic_relocations;
    uint64_t hybrid_metadata;
    uint64_t failure_routine, failure_routine_pointer;
    uint32_t dynamic_relocations_offset;
    uint16_t dynamic_relocations_section, reserved;
    uint64_t stack_pointer_check;
    uint32_t hot_patch_offset, reserved_3;
    uint64_t enclave;
    uint64_t volatile_metadata;
    uint64_t guard_continuations, guard_continuation_count;
    uint64_t guard_extended_check, guard_extended_dispatch, guard_extended_table_dispatch;
};

_Static_assert(sizeof(struct pe_file_header) == 20, "file header");
_Static_assert(sizeof(struct pe_optional_header) == 112, "optional header");
_Static_assert(sizeof(struct pe_section_header) == 40, "section header");
_Static_assert(sizeof(struct pe_import_descriptor) == 20, "import descriptor");
_Static_assert(sizeof(struct pe_delay_descriptor) == 32, "delay import descriptor");
_Static_assert(__builtin_offsetof(struct pe_load_configuration, security_cookie) == 0x58, "cookie");
_Static_assert(__builtin_offsetof(struct pe_load_configuration, guard_flags) == 0x90, "guard");
_Static_assert(__builtin_offsetof(struct pe_load_configuration, guard_extended_check) == 0x118,
               "extended guard");

#ifdef __cplusplus
}
#endif

#endif

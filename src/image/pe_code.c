/*
 * pe_code.c - what is changed in an image's own code and constants before it runs: addresses of
 * Windows that no process has, and the routines that check indirect calls.
 */
#include "image/pe_image.h"

#include "nt/export.h"
#include "nt/shared_data.h"

#include <errno.h>
#include <string.h>

/* ---- the page that Windows shares with drivers ---- */

/* mov r64,imm64, and mov between al, eax or rax and memory at a 64-bit address. The address alone
 * would do: nothing else is likely to look like one of this page. */
static bool takes_address(const uint8_t *operand)
{
    uint8_t opcode = operand[-1];

    if (opcode >= 0xB8 && opcode <= 0xBF)
        return operand[-2] == 0x48 || operand[-2] == 0x49;
    return opcode >= 0xA0 && opcode <= 0xA3;
}

static int patch_section(const struct pe_loading *loading, const struct pe_section *section)
{
    const uint8_t *page = NULL;
    uint8_t *begin = loading->image->base + section->rva;
    uint8_t *end = begin + section->file_size;

    if (section->file_size < 2 + sizeof(uint64_t))
        return 0;
    for (uint8_t *at = begin + 2; at <= end - sizeof(uint64_t); at++) {
        uint64_t address;
        memcpy(&address, at, sizeof(address));
        if (address - NT_SHARED_DATA_ADDRESS >= NT_SHARED_DATA_BYTES || !takes_address(at))
            continue;
        if (!page && (page = nt_shared_user_data()) == NULL)
            return -ENOMEM;
        address = (uintptr_t)page + (address - NT_SHARED_DATA_ADDRESS);
        memcpy(at, &address, sizeof(address));
    }
    return 0;
}

int pe_patch_code(const struct pe_loading *loading)
{
    const struct pe_file *file = loading->file;
    int error = 0;

    for (unsigned i = 0; !error && i < file->section_count; i++)
        if (file->sections[i].is_code)
            error = patch_section(loading, &file->sections[i]);
    return error;
}

/* ---- guarded calls ---- */

/* A driver calls the first before and the second instead of a call through a pointer: the target is
 * in rcx or rax, and everything but the flags is as the callee and its caller want it. Without a
 * list of allowed targets, all are. */
__asm__(".text\n"
        ".type pe_guard_check, @function\n"
        "pe_guard_check:\n"
        "    .cfi_startproc\n"
        "    ret\n"
        "    .cfi_endproc\n"
        ".size pe_guard_check, . - pe_guard_check\n"
        ".type pe_guard_dispatch, @function\n"
        "pe_guard_dispatch:\n"
        "    .cfi_startproc\n"
        "    jmp *%rax\n"
        "    .cfi_endproc\n"
        ".size pe_guard_dispatch, . - pe_guard_dispatch\n");
void pe_guard_check(void) __attribute__((visibility("hidden")));
void pe_guard_dispatch(void) __attribute__((visibility("hidden")));

/* Linkers point these to routines of the image that do nothing, and there they stay. */
static void set_guard(const struct pe_loading *loading, uint64_t address, void (*routine)(void))
{
    uint64_t value, base = (uintptr_t)loading->image->base;

    if (!address)
        return;
    uint8_t *at = pe_member_at(loading, address);
    memcpy(&value, at, sizeof(value));
    if (value >= base && value - base < loading->image->memory_size)
        return;
    memcpy(at, &routine, sizeof(routine));
}

void pe_set_guards(const struct pe_loading *loading)
{
    const struct pe_load_configuration *configuration = &loading->file->configuration;

    set_guard(loading, configuration->guard_check, pe_guard_check);
    set_guard(loading, configuration->guard_dispatch, pe_guard_dispatch);
    set_guard(loading, configuration->guard_extended_check, pe_guard_check);
    set_guard(loading, configuration->guard_extended_dispatch, pe_guard_dispatch);
    set_guard(loading, configuration->guard_extended_table_dispatch, pe_guard_dispatch);
}

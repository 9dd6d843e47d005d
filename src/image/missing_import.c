/*
 * missing_import.c - an import that storhost does not have gets a stub of its own.
 *
 * A driver may import a routine that it never calls, so a missing one must not stop the load; when
 * it is called there is no right answer, so the stub stops the driver and says which image called
 * which routine from where. Stubs are made for each import, because only so the name is known.
 */
#include "image/image_internal.h"

#include "nt/bugcheck.h"
#include "sys/sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { STUB_SIZE = 32 };

struct missing_import {
    const char *image_name;
    char *symbol;
};

struct missing_imports {
    const char *image_name;
    struct missing_import *records;
    size_t count, count_max;
    uint8_t *stubs;
    size_t stubs_size;
};

/* A stub jumps here with its record in rax and the driver's return address on top of the stack.
 * The stack is aligned anew, because a driver's caller may be wrong about anything. */
__asm__(".text\n"
        ".type missing_import_called_by_stub, @function\n"
        "missing_import_called_by_stub:\n"
        "    .cfi_startproc\n" /* backtraces go on into the driver */
        "    push %rbp\n"
        "    .cfi_def_cfa_offset 16\n"
        "    .cfi_offset %rbp, -16\n"
        "    mov %rsp, %rbp\n"
        "    .cfi_def_cfa_register %rbp\n"
        "    mov %rax, %rdi\n"
        "    mov 8(%rsp), %rsi\n"
        "    and $-16, %rsp\n"
        "    call missing_import_called\n"
        "    ud2\n"
        "    .cfi_endproc\n"
        ".size missing_import_called_by_stub, . - missing_import_called_by_stub\n");
void missing_import_called_by_stub(void);
_Noreturn void missing_import_called(const struct missing_import *import, const void *caller);

__attribute__((used)) _Noreturn void missing_import_called(const struct missing_import *import,
                                                           const void *caller)
{
    char place[256], reason[512];
    if (!image_describe(caller, place, sizeof(place), true))
        snprintf(place, sizeof(place), "%p", caller);
    snprintf(reason, sizeof(reason),
             "%s called %s, a routine that storhost does not have (called from %s)",
             import->image_name, import->symbol, place);
    nt_bugcheck(NT_BUGCHECK_DRIVER_ENTRYPOINT_NOT_FOUND, (uintptr_t)import->image_name,
                (uintptr_t)import->symbol, (uintptr_t)caller, 0, reason);
}

int missing_imports_create(struct missing_imports **ret_missing, const char *image_name,
                           size_t count)
{
    struct missing_imports *missing = calloc(1, sizeof(*missing));
    if (!missing)
        return -ENOMEM;
    missing->image_name = image_name;
    missing->count_max = count;
    missing->records = calloc(count, sizeof(*missing->records));
    if (!missing->records && count)
        goto no_memory;
    missing->stubs_size = count * STUB_SIZE;
    if (count) {
        missing->stubs = mmap(NULL, missing->stubs_size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (missing->stubs == MAP_FAILED)
            goto no_memory;
    }
    *ret_missing = missing;
    return 0;
no_memory:
    free(missing->records);
    free(missing);
    return -ENOMEM;
}

void *missing_imports_add(struct missing_imports *missing, const char *symbol)
{
    static const uint8_t load_rax[] = {0x48, 0xB8};       /* mov $record, %rax */
    static const uint8_t load_r11[] = {0x49, 0xBB};       /* mov $function, %r11 */
    static const uint8_t jump_r11[] = {0x41, 0xFF, 0xE3}; /* jmp *%r11 */
    char *name = strdup(symbol);
    if (!name)
        return NULL;
    sh_assert(missing->count < missing->count_max);
    struct missing_import *record = &missing->records[missing->count];
    uint8_t *stub = missing->stubs + missing->count * STUB_SIZE;
    missing->count++;
    *record = (struct missing_import){missing->image_name, name};

    uint64_t record_address = (uintptr_t)record;
    uint64_t function_address = (uintptr_t)missing_import_called_by_stub;
    uint8_t *at = stub;
    at = mempcpy(at, load_rax, sizeof(load_rax));
    at = mempcpy(at, &record_address, sizeof(record_address));
    at = mempcpy(at, load_r11, sizeof(load_r11));
    at = mempcpy(at, &function_address, sizeof(function_address));
    memcpy(at, jump_r11, sizeof(jump_r11));
    return stub;
}

int missing_imports_seal(struct missing_imports *missing)
{
    if (missing->stubs && mprotect(missing->stubs, missing->stubs_size, PROT_READ | PROT_EXEC) < 0)
        return -errno;
    return 0;
}

const char *missing_imports_name(const struct missing_imports *missing, size_t index)
{
    return index < missing->count ? missing->records[index].symbol : NULL;
}

void missing_imports_destroy(struct missing_imports *missing)
{
    if (!missing)
        return;
    if (missing->stubs)
        munmap(missing->stubs, missing->stubs_size);
    for (size_t i = 0; i < missing->count; i++)
        free(missing->records[i].symbol);
    free(missing->records);
    free(missing);
}

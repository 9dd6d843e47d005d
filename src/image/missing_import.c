/*
 * missing_import.c - an import that storhost does not have gets a stub of its own.
 *
 * A driver may import a routine that it never calls, so a missing one must not stop the load; when
 * it is called there is no right answer, so the stub stops the driver and says which image called
 * which routine from where. Stubs are made for each import, because only so the name is known.
 *
 * A Windows image does not say which of its imports are variables, and what it would load from a
 * stub's code is no variable. So its slots get the address of a page each that nobody may touch,
 * and the fault handler leads to the stub.
 */
#include "image/image_internal.h"

#include "nt/bugcheck.h"
#include "sys/sys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { STUB_SIZE = 32, PAGE = 4096 };

struct missing_import {
    const char *image_name;
    char *symbol;
};

/* What happens to an import, and so where its stub lies. */
enum { WHEN_CALLED, WHEN_TOUCHED, STUBS_EACH };

struct missing_imports {
    const char *image_name;
    struct missing_import *records;
    size_t count, count_max;
    uint8_t *stubs;
    uint8_t *pages; /* NULL: the slots get the stubs themselves */
};

/* A stub jumps here with its record in rax and the driver's return address, or the instruction that
 * touched a variable, on top of the stack. The stack is aligned anew, because a driver's caller may
 * be wrong about anything. */
#define ENTRY(name, routine)                                                                       \
    __asm__(".text\n"                                                                              \
            ".type " name ", @function\n" name ":\n"                                               \
            "    .cfi_startproc\n" /* backtraces go on into the driver */                          \
            "    push %rbp\n"                                                                      \
            "    .cfi_def_cfa_offset 16\n"                                                         \
            "    .cfi_offset %rbp, -16\n"                                                          \
            "    mov %rsp, %rbp\n"                                                                 \
            "    .cfi_def_cfa_register %rbp\n"                                                     \
            "    mov %rax, %rdi\n"                                                                 \
            "    mov 8(%rsp), %rsi\n"                                                              \
            "    and $-16, %rsp\n"                                                                 \
            "    call " routine "\n"                                                               \
            "    ud2\n"                                                                            \
            "    .cfi_endproc\n"                                                                   \
            ".size " name ", . - " name "\n")
ENTRY("missing_import_called_by_stub", "missing_import_called");
ENTRY("missing_import_touched_by_stub", "missing_import_touched");
void missing_import_called_by_stub(void);
void missing_import_touched_by_stub(void);
_Noreturn void missing_import_called(const struct missing_import *import, const void *caller);
_Noreturn void missing_import_touched(const struct missing_import *import, const void *code);

static _Noreturn void stop(const struct missing_import *import, const void *code,
                           const char *format)
{
    char place[256], reason[1536];
    if (!image_describe(code, place, sizeof(place), true))
        snprintf(place, sizeof(place), "%p", code);
    snprintf(reason, sizeof(reason), format, import->image_name, import->symbol, place);
    nt_bugcheck(NT_BUGCHECK_DRIVER_ENTRYPOINT_NOT_FOUND, (uintptr_t)import->image_name,
                (uintptr_t)import->symbol, (uintptr_t)code, 0, reason);
}

__attribute__((used)) _Noreturn void missing_import_called(const struct missing_import *import,
                                                           const void *caller)
{
    stop(import, caller, "%s called %s, a routine that storhost does not have (called from %s)");
}

__attribute__((used)) _Noreturn void missing_import_touched(const struct missing_import *import,
                                                            const void *code)
{
    stop(import, code, "%s used %s, a variable that storhost does not have (used at %s)");
}

static void *map(size_t size, int protection)
{
    void *pages = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return pages == MAP_FAILED ? NULL : pages;
}

int missing_imports_create(struct missing_imports **ret_missing, const char *image_name,
                           size_t count, bool may_be_variables)
{
    struct missing_imports *missing = calloc(1, sizeof(*missing));
    if (!missing)
        return -ENOMEM;
    missing->image_name = image_name;
    missing->count_max = count;
    if (count) {
        missing->records = calloc(count, sizeof(*missing->records));
        missing->stubs = map(count * STUBS_EACH * STUB_SIZE, PROT_READ | PROT_WRITE);
        if (may_be_variables)
            missing->pages = map(count * PAGE, PROT_NONE);
        if (!missing->records || !missing->stubs || (may_be_variables && !missing->pages)) {
            missing_imports_destroy(missing);
            return -ENOMEM;
        }
    }
    *ret_missing = missing;
    return 0;
}

static uint8_t *write_stub(const struct missing_imports *missing, size_t index, unsigned when,
                           void (*function)(void))
{
    static const uint8_t load_rax[] = {0x48, 0xB8};       /* mov $record, %rax */
    static const uint8_t load_r11[] = {0x49, 0xBB};       /* mov $function, %r11 */
    static const uint8_t jump_r11[] = {0x41, 0xFF, 0xE3}; /* jmp *%r11 */
    uint8_t *stub = missing->stubs + (index * STUBS_EACH + when) * STUB_SIZE, *at = stub;
    uint64_t record_address = (uintptr_t)&missing->records[index];
    uint64_t function_address = (uintptr_t)function;

    at = mempcpy(at, load_rax, sizeof(load_rax));
    at = mempcpy(at, &record_address, sizeof(record_address));
    at = mempcpy(at, load_r11, sizeof(load_r11));
    at = mempcpy(at, &function_address, sizeof(function_address));
    memcpy(at, jump_r11, sizeof(jump_r11));
    return stub;
}

void *missing_imports_add(struct missing_imports *missing, const char *symbol)
{
    char *name = strdup(symbol);
    if (!name)
        return NULL;
    sh_assert(missing->count < missing->count_max);
    size_t index = missing->count++;
    missing->records[index] = (struct missing_import){missing->image_name, name};
    (void)write_stub(missing, index, WHEN_TOUCHED, missing_import_touched_by_stub);
    uint8_t *called = write_stub(missing, index, WHEN_CALLED, missing_import_called_by_stub);
    return missing->pages ? missing->pages + index * PAGE : called;
}

int missing_imports_seal(struct missing_imports *missing)
{
    size_t size = missing->count_max * STUBS_EACH * STUB_SIZE;

    if (missing->stubs && mprotect(missing->stubs, size, PROT_READ | PROT_EXEC) < 0)
        return -errno;
    return 0;
}

struct missing_pages missing_imports_pages(const struct missing_imports *missing)
{
    return (struct missing_pages){
        (uintptr_t)missing->pages,
        missing->pages ? missing->count_max * PAGE : 0,
        (uintptr_t)missing->stubs,
    };
}

const void *missing_pages_stub(const struct missing_pages *pages, uintptr_t address, bool is_call)
{
    if (address - pages->begin >= pages->size)
        return NULL;
    size_t index = (address - pages->begin) / PAGE * STUBS_EACH;

    return (const void *)(pages->stubs + // NOLINT
                          (index + (is_call ? WHEN_CALLED : WHEN_TOUCHED)) * STUB_SIZE);
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
        munmap(missing->stubs, missing->count_max * STUBS_EACH * STUB_SIZE);
    if (missing->pages)
        munmap(missing->pages, missing->count_max * PAGE);
    for (size_t i = 0; i < missing->count; i++)
        free(missing->records[i].symbol);
    free(missing->records);
    free(missing);
}

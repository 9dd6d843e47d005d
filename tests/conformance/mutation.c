/*
 * mutation.c - empties one entry of the tables before the tests run: a driver's call of it returns
 * zero and does nothing. tools/mutate asks for it, to see that the tests named for a routine fail
 * without it. Only test programs are linked with this.
 *
 * STORHOST_MUTATE names the entry: import:storport.sys!StorPortPause, extended:29 (a code of
 * StorPortExtendedFunction) or notification:10 (a type of StorPortNotification).
 */
#include "nt/export.h"
#include "storport/adapter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- what stands in for a routine ---- */

static NT_ABI uint64_t empty_import(void)
{
    return 0;
}

static ULONG empty_extended(struct storport_adapter *adapter, PVOID extension,
                            __builtin_ms_va_list *arguments)
{
    (void)adapter;
    (void)extension;
    (void)arguments;
    return 0;
}

static void empty_notification(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    (void)adapter;
    (void)arguments;
}

/* In front of StorPortNotification, for types that it does not look up: lets through all others,
 * with whatever arguments they have. */
void mutation_filter(void);
uint32_t mutation_type __attribute__((visibility("hidden")));
void *mutation_next __attribute__((visibility("hidden")));
__asm__(".text\n"
        ".hidden mutation_filter\n"
        ".globl mutation_filter\n"
        ".type mutation_filter, @function\n"
        "mutation_filter:\n"
        "    cmpl %ecx, mutation_type(%rip)\n"
        "    je 1f\n"
        "    jmp *mutation_next(%rip)\n"
        "1:  xorl %eax, %eax\n"
        "    ret\n"
        ".size mutation_filter, . - mutation_filter\n");

/* ---- the tables ---- */

/* The sections themselves, because what looks rows up may not be ready this early. */
extern const struct nt_export __start_nt_exports[], __stop_nt_exports[];
extern const struct storport_extended_row __start_storport_extended[], __stop_storport_extended[];
extern const struct storport_notification_row __start_storport_notifications[],
    __stop_storport_notifications[];

static _Noreturn void give_up(const char *entry, const char *why)
{
    fprintf(stderr, "mutation: %s %s\n", entry, why);
    exit(1);
}

/* Rows are constants, for everyone else. */
static void replace(const void *member, const void *routine)
{
    size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = (uintptr_t)member & ~(page_bytes - 1);
    uintptr_t end = (uintptr_t)member + sizeof(routine);

    if (mprotect((void *)first, end - first, PROT_READ | PROT_WRITE) != 0)
        give_up("the table", "cannot be written");
    memcpy((void *)(uintptr_t)member, (const void *)&routine, sizeof(routine));
}

static bool empty_by_name(const char *entry, const void *routine, void **ret_before)
{
    const char *name = strchr(entry, '!');

    for (const struct nt_export *row = __start_nt_exports; name && row < __stop_nt_exports; row++) {
        if (strncmp(row->image, entry, (size_t)(name - entry)) != 0 ||
            strcmp(row->name, name + 1) != 0 || row->flags & NT_EXPORT_DATA)
            continue;
        if (ret_before)
            *ret_before = row->address;
        replace(&row->address, routine);
        return true;
    }
    return false;
}

static bool empty_extended_code(unsigned code)
{
    for (const struct storport_extended_row *row = __start_storport_extended;
         row < __stop_storport_extended; row++) {
        if (row->code != code)
            continue;
        replace(&row->routine, (const void *)empty_extended);
        return true;
    }
    return false;
}

static bool empty_notification_type(unsigned type)
{
    const struct storport_notification_row *row = __start_storport_notifications;

    while (row < __stop_storport_notifications && row->type != type)
        row++;
    if (row == __stop_storport_notifications)
        return false;
    if (row->routine) {
        replace(&row->routine, (const void *)empty_notification);
        return true;
    }
    mutation_type = type;
    return empty_by_name("storport.sys!ScsiPortNotification", (const void *)mutation_filter,
                         &mutation_next) &&
           empty_by_name("storport.sys!StorPortNotification", (const void *)mutation_filter,
                         &mutation_next);
}

__attribute__((constructor)) static void mutate(void)
{
    const char *entry = getenv("STORHOST_MUTATE");
    bool done = false;

    if (!entry)
        return;
    const char *key = strchr(entry, ':');
    if (!key)
        give_up(entry, "names no entry: give import:IMAGE!NAME, extended:CODE, notification:TYPE");
    if (strncmp(entry, "import:", 7) == 0)
        done = empty_by_name(key + 1, (const void *)empty_import, NULL);
    else if (strncmp(entry, "extended:", 9) == 0)
        done = empty_extended_code((unsigned)strtoul(key + 1, NULL, 0));
    else if (strncmp(entry, "notification:", 13) == 0)
        done = empty_notification_type((unsigned)strtoul(key + 1, NULL, 0));
    if (!done)
        give_up(entry, "is in no table");
    fprintf(stderr, "mutation: %s does nothing now\n", entry);
}

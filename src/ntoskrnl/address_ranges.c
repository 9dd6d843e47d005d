/*
 * address_ranges.c - see address_ranges.h.
 */
#include "ntoskrnl/address_ranges.h"

#include "nt/process.h"
#include "sys/sys.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

struct range {
    struct range *next;
    char *base;
    uint64_t size;
    enum address_kind kind;
};

static struct {
    struct sys_mutex mutex;
    struct range *first;
} ranges;

/* ---- protection ---- */

bool address_protection_is_good(ULONG protection)
{
    switch (protection & ~(ULONG)PAGE_NOCACHE) {
    case PAGE_READONLY:
    case PAGE_READWRITE:
    case PAGE_WRITECOPY:
    case PAGE_EXECUTE:
    case PAGE_EXECUTE_READ:
    case PAGE_EXECUTE_READWRITE:
    case PAGE_EXECUTE_WRITECOPY:
        return true;
    default:
        return protection == PAGE_NOACCESS;
    }
}

int address_protection(ULONG protection)
{
    switch (protection & ~(ULONG)PAGE_NOCACHE) {
    case PAGE_NOACCESS:
        return PROT_NONE;
    case PAGE_READONLY:
    case PAGE_EXECUTE:
    case PAGE_EXECUTE_READ:
        return PROT_READ;
    default:
        return PROT_READ | PROT_WRITE;
    }
}

NTSTATUS address_process_check(HANDLE process)
{
    if (process == NtCurrentProcess())
        return STATUS_SUCCESS;
    void *object = object_of_handle(process, NT_OBJECT_NONE);
    if (!object)
        return STATUS_INVALID_HANDLE;
    NTSTATUS status = STATUS_SUCCESS;
    if (nt_object_kind_of(object) != NT_OBJECT_PROCESS)
        status = STATUS_OBJECT_TYPE_MISMATCH;
    else if (((const struct nt_process *)object)->is_client)
        status = STATUS_ACCESS_DENIED;
    nt_object_release(object);
    return status;
}

/* ---- ranges ---- */

/* At a multiple of the granularity, where there is room: a range that is larger is cut at both
 * ends. */
static char *find_room(uint64_t size)
{
    uint64_t whole = size + ADDRESS_GRANULARITY;
    char *room = mmap(NULL, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (room == MAP_FAILED)
        return NULL;
    size_t before = -(uintptr_t)room & (ADDRESS_GRANULARITY - 1);
    if (before)
        munmap(room, before);
    munmap(room + before + size, whole - before - size);
    return room + before;
}

static NTSTATUS map(const struct address_request *request, char **ret_base)
{
    uintptr_t wanted = (uintptr_t)request->wanted & -(uintptr_t)ADDRESS_GRANULARITY;
    char *room = request->wanted ? (char *)wanted : find_room(request->size);

    if (!room)
        return request->wanted ? STATUS_CONFLICTING_ADDRESSES : STATUS_NO_MEMORY;
    char *base = mmap(room, request->size, request->protection,
                      request->flags | (request->wanted ? MAP_FIXED_NOREPLACE : MAP_FIXED),
                      request->fd, (off_t)request->offset);
    if (base == room) {
        *ret_base = base;
        return STATUS_SUCCESS;
    }
    int error = errno;
    if (base != MAP_FAILED)
        munmap(base, request->size);
    if (request->wanted)
        return base == MAP_FAILED && error == ENOMEM ? STATUS_NO_MEMORY
                                                     : STATUS_CONFLICTING_ADDRESSES;
    munmap(room, request->size);
    return error == EACCES ? STATUS_SECTION_PROTECTION : STATUS_NO_MEMORY;
}

NTSTATUS address_range_add(const struct address_request *request, void **ret_base)
{
    struct range *range = calloc(1, sizeof(*range));
    NTSTATUS status = range ? map(request, &range->base) : STATUS_NO_MEMORY;

    if (status < 0) {
        free(range);
        return status;
    }
    range->size = request->size;
    range->kind = request->kind;
    *ret_base = range->base;
    sys_mutex_lock(&ranges.mutex);
    range->next = ranges.first;
    ranges.first = range;
    sys_mutex_unlock(&ranges.mutex);
    return STATUS_SUCCESS;
}

static struct range **find_locked(enum address_kind kind, const void *address)
{
    struct range **link = &ranges.first;

    while (*link && ((*link)->kind != kind ||
                     (uintptr_t)address - (uintptr_t)(*link)->base >= (*link)->size))
        link = &(*link)->next;
    return link;
}

bool address_range_remove(enum address_kind kind, const void *address)
{
    sys_mutex_lock(&ranges.mutex);
    struct range **link = find_locked(kind, address), *gone = *link;
    if (gone)
        *link = gone->next;
    sys_mutex_unlock(&ranges.mutex);
    if (!gone)
        return false;
    munmap(gone->base, gone->size);
    free(gone);
    return true;
}

bool address_range_find(enum address_kind kind, const void *address, char **ret_base,
                        uint64_t *ret_size)
{
    sys_mutex_lock(&ranges.mutex);
    const struct range *range = *find_locked(kind, address);
    if (range) {
        *ret_base = range->base;
        *ret_size = range->size;
    }
    sys_mutex_unlock(&ranges.mutex);
    return range != NULL;
}

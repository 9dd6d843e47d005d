/*
 * user_memory.c - see user_memory.h.
 */
#include "nt/user_memory.h"

#include "nt/memory.h"
#include "nt/spinlock.h"

#include <errno.h>
#include <stdlib.h>

struct nt_user_region {
    struct nt_user_region *next;
    char *address;
    size_t size;
    uint32_t locks;
    bool is_mapped; /* else a buffer of a request */
    bool is_gone;   /* unmapped as soon as nothing needs it */
};

/* All regions of all processes; innermost. */
static struct nt_spinlock lock;

static uint8_t enter(void)
{
    return nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
}

static void leave(uint8_t old)
{
    nt_spinlock_release_lower(&lock, old);
}

/* ---- regions ---- */

static bool covers(const struct nt_user_region *region, const volatile void *address, size_t size)
{
    size_t offset = (size_t)((uintptr_t)address - (uintptr_t)region->address);

    return (uintptr_t)address >= (uintptr_t)region->address && offset <= region->size &&
           size <= region->size - offset;
}

static struct nt_user_region *find_locked(const struct nt_process *process,
                                          const volatile void *address, size_t size)
{
    struct nt_user_region *region = process->regions;

    while (region && (region->is_gone || !covers(region, address, size)))
        region = region->next;
    return region;
}

/* Takes out what is gone and not needed, as a list. */
static struct nt_user_region *sweep_locked(struct nt_process *process)
{
    struct nt_user_region *unneeded = NULL;

    for (struct nt_user_region **link = &process->regions; *link;) {
        struct nt_user_region *region = *link;
        if (!region->is_gone || region->locks || (region->is_mapped && process->requests)) {
            link = &region->next;
            continue;
        }
        *link = region->next;
        region->next = unneeded;
        unneeded = region;
    }
    return unneeded;
}

static void regions_free(struct nt_process *process, struct nt_user_region *region)
{
    while (region) {
        struct nt_user_region *next = region->next;
        if (region->is_mapped)
            sys_user_memory_unmap(region->address, region->size);
        else
            free(region->address);
        uint8_t old = enter();
        process->region_count--;
        if (region->is_mapped)
            process->mapped_bytes -= region->size;
        leave(old);
        free(region);
        region = next;
    }
}

static int region_add(struct nt_process *process, struct nt_user_region *region)
{
    size_t mapped = region->is_mapped ? region->size : 0;
    uint8_t old = enter();
    bool fits = process->region_count < NT_USER_REGIONS_MAX &&
                mapped <= NT_USER_MAPPED_BYTES_MAX - process->mapped_bytes;

    if (fits) {
        process->region_count++;
        process->mapped_bytes += mapped;
        region->next = process->regions;
        process->regions = region;
    }
    leave(old);
    return fits ? 0 : -ENOSPC;
}

int nt_user_memory_map(struct nt_process *process, int fd, size_t size, void **ret_address)
{
    struct nt_user_region *region = calloc(1, sizeof(*region));
    void *address;
    int error = region ? 0 : -ENOMEM;

    if (!error && (!size || size % NT_PAGE_SIZE || size > NT_USER_MAPPED_BYTES_MAX))
        error = -EINVAL;
    if (!error)
        error = sys_user_memory_map(fd, size, &address);
    if (error) {
        free(region);
        return error;
    }
    *region = (struct nt_user_region){.address = address, .size = size, .is_mapped = true};
    error = region_add(process, region);
    if (error) {
        sys_user_memory_unmap(address, size);
        free(region);
        return error;
    }
    *ret_address = address;
    return 0;
}

static int region_end(struct nt_process *process, const void *address, bool is_mapped)
{
    uint8_t old = enter();
    struct nt_user_region *region = process->regions;

    while (region &&
           (region->is_gone || region->address != address || region->is_mapped != is_mapped))
        region = region->next;
    if (region)
        region->is_gone = true;
    struct nt_user_region *unneeded = sweep_locked(process);
    leave(old);
    regions_free(process, unneeded);
    return region ? 0 : -ENOENT;
}

int nt_user_memory_unmap(struct nt_process *process, void *address)
{
    return region_end(process, address, true);
}

int nt_user_buffer_add(struct nt_process *process, void *address, size_t size)
{
    struct nt_user_region *region = calloc(1, sizeof(*region));

    if (!region)
        return -ENOMEM;
    *region = (struct nt_user_region){.address = address, .size = size};
    int error = region_add(process, region);
    if (error)
        free(region);
    return error;
}

void nt_user_buffer_remove(struct nt_process *process, void *address)
{
    (void)region_end(process, address, false);
}

/* ---- who uses them ---- */

bool nt_user_memory_holds(struct nt_process *process, const volatile void *address, size_t size)
{
    if (!process->is_client)
        return true;
    uint8_t old = enter();
    bool holds = find_locked(process, address, size) != NULL;
    leave(old);
    return holds;
}

bool nt_user_memory_lock(struct nt_process *process, const void *address, size_t size)
{
    uint8_t old = enter();
    struct nt_user_region *region = find_locked(process, address, size);

    if (region)
        region->locks++;
    leave(old);
    if (region)
        nt_object_reference(process);
    return region != NULL;
}

void nt_user_memory_unlock(struct nt_process *process, const void *address)
{
    uint8_t old = enter();
    struct nt_user_region *region = process->regions;

    while (region && (!region->locks || !covers(region, address, 0)))
        region = region->next;
    sh_assert(region != NULL); /* what is locked stays in the list */
    region->locks--;
    struct nt_user_region *unneeded = sweep_locked(process);
    leave(old);
    regions_free(process, unneeded);
    nt_object_release(process);
}

void nt_user_request_begin(struct nt_process *process)
{
    uint8_t old = enter();

    process->requests++;
    leave(old);
}

void nt_user_request_end(struct nt_process *process)
{
    uint8_t old = enter();
    struct nt_user_region *unneeded = NULL;

    if (!--process->requests)
        unneeded = sweep_locked(process);
    leave(old);
    regions_free(process, unneeded);
}

void user_memory_forget(struct nt_process *process)
{
    regions_free(process, process->regions);
    process->regions = NULL;
}

/*
 * resources.c - Ex: locks for threads: resources (many readers or one writer, each as often as it
 * likes) and fast mutexes.
 *
 * A resource's SpinLock guards it for a few instructions; who has to wait sleeps on
 * ContentionCount, which every release changes. OwnerTable has an entry for each thread that reads.
 */
#include "nt/bugcheck.h"
#include "nt/dispatcher.h"
#include "nt/export.h"
#include "nt/spinlock.h"
#include "ntoskrnl/threads.h"

#include <limits.h>
#include <ntddk.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Executive", irql_max_)

enum { TABLE_STEP = 8 };

/* ---- under the spin lock ---- */

static uint8_t lock(PERESOURCE resource)
{
    return nt_spinlock_acquire_raise((struct nt_spinlock *)&resource->SpinLock, NT_DISPATCH_LEVEL);
}

static void unlock(PERESOURCE resource, uint8_t old)
{
    nt_spinlock_release_lower((struct nt_spinlock *)&resource->SpinLock, old);
}

static ERESOURCE_THREAD self_id(void)
{
    return (ERESOURCE_THREAD)thread_current();
}

static OWNER_ENTRY *reader_find(PERESOURCE resource, ERESOURCE_THREAD thread)
{
    for (ULONG i = 0; i < resource->ActiveEntries; i++)
        if (resource->OwnerTable[i].OwnerThread == thread)
            return &resource->OwnerTable[i];
    return NULL;
}

static bool is_writer(const ERESOURCE *resource, ERESOURCE_THREAD thread)
{
    return resource->OwnerEntry.OwnerThread == thread;
}

/* Room for one reader more. False: no memory. */
static bool reader_add(PERESOURCE resource, ERESOURCE_THREAD thread)
{
    if (resource->ActiveEntries % TABLE_STEP == 0) {
        size_t count = resource->ActiveEntries + TABLE_STEP;
        OWNER_ENTRY *table = realloc(resource->OwnerTable, count * sizeof(*table));
        if (!table)
            return false;
        resource->OwnerTable = table;
    }
    resource->OwnerTable[resource->ActiveEntries++] =
        (OWNER_ENTRY){.OwnerThread = thread, {{.OwnerCount = 1}}};
    return true;
}

static bool try_exclusive(PERESOURCE resource, ERESOURCE_THREAD thread)
{
    if (is_writer(resource, thread)) {
        resource->OwnerEntry.OwnerCount++;
        return true;
    }
    if (resource->OwnerEntry.OwnerThread || resource->ActiveEntries)
        return false;
    resource->OwnerEntry.OwnerThread = thread;
    resource->OwnerEntry.OwnerCount = 1;
    return true;
}

/* A writer reads, too, and counts as writing then. Readers wait behind writers that wait, unless
 * they read already or do not care. */
static bool try_shared(PERESOURCE resource, ERESOURCE_THREAD thread, bool passes_writers)
{
    OWNER_ENTRY *entry = reader_find(resource, thread);

    if (is_writer(resource, thread)) {
        resource->OwnerEntry.OwnerCount++;
        return true;
    }
    if (entry) {
        entry->OwnerCount++;
        return true;
    }
    if (resource->OwnerEntry.OwnerThread || (resource->NumberOfExclusiveWaiters && !passes_writers))
        return false;
    return reader_add(resource, thread);
}

static void wake_all(PERESOURCE resource)
{
    __atomic_add_fetch(&resource->ContentionCount, 1, __ATOMIC_SEQ_CST);
    sys_wake(&resource->ContentionCount, INT_MAX);
}

/* ---- resources ---- */

NTSTATUS NTAPI ExInitializeResourceLite(PERESOURCE Resource)
{
    memset(Resource, 0, sizeof(*Resource));
    return STATUS_SUCCESS;
}
EXPORT(ExInitializeResourceLite, NT_DISPATCH_LEVEL);

NTSTATUS NTAPI ExDeleteResourceLite(PERESOURCE Resource)
{
    if (Resource->OwnerEntry.OwnerThread || Resource->ActiveEntries)
        nt_finding("resource-delete", NULL, "ExDeleteResourceLite got a resource that is held");
    free(Resource->OwnerTable);
    memset(Resource, 0, sizeof(*Resource));
    return STATUS_SUCCESS;
}
EXPORT(ExDeleteResourceLite, NT_DISPATCH_LEVEL);

NTSTATUS NTAPI ExReinitializeResourceLite(PERESOURCE Resource)
{
    return ExDeleteResourceLite(Resource);
}
EXPORT(ExReinitializeResourceLite, NT_DISPATCH_LEVEL);

enum wish { EXCLUSIVE, SHARED, SHARED_STARVE_EXCLUSIVE };

static bool try_wish(PERESOURCE resource, ERESOURCE_THREAD thread, enum wish wish)
{
    if (wish == EXCLUSIVE)
        return try_exclusive(resource, thread);
    return try_shared(resource, thread, wish == SHARED_STARVE_EXCLUSIVE);
}

static BOOLEAN acquire(PERESOURCE resource, enum wish wish, bool wait)
{
    ULONG *waiters =
        wish == EXCLUSIVE ? &resource->NumberOfExclusiveWaiters : &resource->NumberOfSharedWaiters;
    ERESOURCE_THREAD thread = self_id();
    uint8_t old = lock(resource);

    bool mine = try_wish(resource, thread, wish);
    if (!mine && wait) {
        (*waiters)++;
        while (!mine) {
            uint32_t seen = __atomic_load_n(&resource->ContentionCount, __ATOMIC_SEQ_CST);
            unlock(resource, old);
            sys_wait(&resource->ContentionCount, seen, SYS_FOREVER);
            old = lock(resource);
            mine = try_wish(resource, thread, wish);
        }
        (*waiters)--;
        /* Readers may have waited for this writer to be through waiting. */
        if (wish == EXCLUSIVE)
            wake_all(resource);
    }
    unlock(resource, old);
    return mine;
}

BOOLEAN NTAPI ExAcquireResourceExclusiveLite(PERESOURCE Resource, BOOLEAN Wait)
{
    return acquire(Resource, EXCLUSIVE, Wait);
}
EXPORT(ExAcquireResourceExclusiveLite, NT_APC_LEVEL);

BOOLEAN NTAPI ExAcquireResourceSharedLite(PERESOURCE Resource, BOOLEAN Wait)
{
    return acquire(Resource, SHARED, Wait);
}
EXPORT(ExAcquireResourceSharedLite, NT_APC_LEVEL);

BOOLEAN NTAPI ExAcquireSharedStarveExclusive(PERESOURCE Resource, BOOLEAN Wait)
{
    return acquire(Resource, SHARED_STARVE_EXCLUSIVE, Wait);
}
EXPORT(ExAcquireSharedStarveExclusive, NT_APC_LEVEL);

VOID NTAPI ExReleaseResourceForThreadLite(PERESOURCE Resource, ERESOURCE_THREAD ResourceThreadId)
{
    uint8_t old = lock(Resource);
    OWNER_ENTRY *entry = reader_find(Resource, ResourceThreadId);
    bool writer = is_writer(Resource, ResourceThreadId);

    if (!writer && !entry)
        nt_bugcheck(NT_BUGCHECK_RESOURCE_NOT_OWNED, (uintptr_t)Resource, ResourceThreadId, 0, 0,
                    "the driver released a resource that the thread does not hold");
    if (writer) {
        if (!--Resource->OwnerEntry.OwnerCount)
            Resource->OwnerEntry.OwnerThread = 0;
    } else if (!--entry->OwnerCount) {
        *entry = Resource->OwnerTable[--Resource->ActiveEntries];
    }
    wake_all(Resource);
    unlock(Resource, old);
}
EXPORT(ExReleaseResourceForThreadLite, NT_DISPATCH_LEVEL);

VOID NTAPI ExReleaseResourceLite(PERESOURCE Resource)
{
    ExReleaseResourceForThreadLite(Resource, self_id());
}
EXPORT(ExReleaseResourceLite, NT_DISPATCH_LEVEL);

VOID NTAPI ExConvertExclusiveToSharedLite(PERESOURCE Resource)
{
    ERESOURCE_THREAD thread = self_id();
    uint8_t old = lock(Resource);

    if (is_writer(Resource, thread) && reader_add(Resource, thread)) {
        Resource->OwnerTable[Resource->ActiveEntries - 1].OwnerCount =
            Resource->OwnerEntry.OwnerCount;
        Resource->OwnerEntry = (OWNER_ENTRY){0};
        wake_all(Resource);
    }
    unlock(Resource, old);
}
EXPORT(ExConvertExclusiveToSharedLite, NT_DISPATCH_LEVEL);

BOOLEAN NTAPI ExIsResourceAcquiredExclusiveLite(PERESOURCE Resource)
{
    uint8_t old = lock(Resource);
    BOOLEAN mine = is_writer(Resource, self_id());

    unlock(Resource, old);
    return mine;
}
EXPORT(ExIsResourceAcquiredExclusiveLite, NT_DISPATCH_LEVEL);

ULONG NTAPI ExIsResourceAcquiredSharedLite(PERESOURCE Resource)
{
    ERESOURCE_THREAD thread = self_id();
    uint8_t old = lock(Resource);
    const OWNER_ENTRY *entry = reader_find(Resource, thread);
    ULONG count = entry ? entry->OwnerCount : 0;

    if (is_writer(Resource, thread))
        count = Resource->OwnerEntry.OwnerCount;
    unlock(Resource, old);
    return count;
}
EXPORT(ExIsResourceAcquiredSharedLite, NT_DISPATCH_LEVEL);

/* ---- fast mutexes: the count is 1 when free; who waits sleeps on the event ---- */

static void take(PFAST_MUTEX mutex)
{
    while (__atomic_exchange_n(&mutex->Count, 0, __ATOMIC_SEQ_CST) != 1) {
        __atomic_add_fetch(&mutex->Contention, 1, __ATOMIC_RELAXED);
        nt_dispatcher_wait(&mutex->Event.Header, NULL);
    }
    mutex->Owner = thread_current();
}

static void give(PFAST_MUTEX mutex)
{
    if (mutex->Owner != thread_current())
        nt_finding("fast-mutex", NULL,
                   "a fast mutex was released by a thread that does not own it");
    mutex->Owner = NULL;
    __atomic_store_n(&mutex->Count, 1, __ATOMIC_SEQ_CST);
    nt_dispatcher_set(&mutex->Event.Header, 1);
}

VOID NTAPI ExAcquireFastMutex(PFAST_MUTEX FastMutex)
{
    uint8_t old = nt_irql_raise(NT_APC_LEVEL);

    take(FastMutex);
    FastMutex->OldIrql = old;
}
EXPORT(ExAcquireFastMutex, NT_APC_LEVEL);

BOOLEAN NTAPI ExTryToAcquireFastMutex(PFAST_MUTEX FastMutex)
{
    if (__atomic_exchange_n(&FastMutex->Count, 0, __ATOMIC_SEQ_CST) != 1)
        return FALSE;
    FastMutex->OldIrql = nt_irql_raise(NT_APC_LEVEL);
    FastMutex->Owner = thread_current();
    return TRUE;
}
EXPORT(ExTryToAcquireFastMutex, NT_APC_LEVEL);

VOID NTAPI ExReleaseFastMutex(PFAST_MUTEX FastMutex)
{
    uint8_t old = (uint8_t)FastMutex->OldIrql;

    give(FastMutex);
    nt_irql_lower(old);
}
EXPORT(ExReleaseFastMutex, NT_APC_LEVEL);

/* The caller has APCs off already. */
VOID NTAPI ExAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex)
{
    take(FastMutex);
}
EXPORT(ExAcquireFastMutexUnsafe, NT_APC_LEVEL);

VOID NTAPI ExReleaseFastMutexUnsafe(PFAST_MUTEX FastMutex)
{
    give(FastMutex);
}
EXPORT(ExReleaseFastMutexUnsafe, NT_APC_LEVEL);

/* ---- guarded mutexes: the same in a guarded region, without raising the IRQL ---- */

VOID NTAPI KeInitializeGuardedMutex(PKGUARDED_MUTEX Mutex)
{
    *Mutex = (KGUARDED_MUTEX){.Count = 1};
    nt_dispatcher_initialize(&Mutex->Event.Header, NT_SYNCHRONIZATION_EVENT, sizeof(Mutex->Event),
                             0);
}
EXPORT(KeInitializeGuardedMutex, NT_HIGH_LEVEL);

VOID NTAPI KeAcquireGuardedMutex(PKGUARDED_MUTEX Mutex)
{
    KeEnterGuardedRegion();
    take(Mutex);
}
EXPORT(KeAcquireGuardedMutex, NT_APC_LEVEL);

BOOLEAN NTAPI KeTryToAcquireGuardedMutex(PKGUARDED_MUTEX Mutex)
{
    if (__atomic_exchange_n(&Mutex->Count, 0, __ATOMIC_SEQ_CST) != 1)
        return FALSE;
    KeEnterGuardedRegion();
    Mutex->Owner = thread_current();
    return TRUE;
}
EXPORT(KeTryToAcquireGuardedMutex, NT_APC_LEVEL);

VOID NTAPI KeReleaseGuardedMutex(PKGUARDED_MUTEX Mutex)
{
    give(Mutex);
    KeLeaveGuardedRegion();
}
EXPORT(KeReleaseGuardedMutex, NT_APC_LEVEL);

/*
 * queues.c - Ke: queues of work that threads take from, with a limit on how many of them run at a
 * time. A thread serves the queue that it took from last; while it waits for something else it does
 * not count.
 */
#include "nt/dispatcher.h"
#include "nt/export.h"
#include "nt/machine.h"
#include "nt/spinlock.h"
#include "ntoskrnl/threads.h"

#include <limits.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Dispatcher", irql_max_)

/* Guards all queues, each for a few instructions; a change of any wakes who sleeps on the word. */
static struct nt_spinlock lock;
static uint32_t changes;

/* A thread that serves a queue is in the queue's list: whoever runs the queue down frees it. */
static PLIST_ENTRY links_of(struct nt_thread *thread)
{
    return (PLIST_ENTRY)thread->queue_links;
}

static struct nt_thread *thread_of(PLIST_ENTRY links)
{
    return (struct nt_thread *)((char *)links - offsetof(struct nt_thread, queue_links));
}

static void changed_locked(void)
{
    __atomic_add_fetch(&changes, 1, __ATOMIC_SEQ_CST);
    sys_wake(&changes, INT_MAX);
}

VOID NTAPI KeInitializeQueue(PRKQUEUE Queue, ULONG Count)
{
    nt_dispatcher_initialize(&Queue->Header, NT_QUEUE, sizeof(*Queue), 0);
    InitializeListHead(&Queue->EntryListHead);
    InitializeListHead(&Queue->ThreadListHead);
    Queue->CurrentCount = 0;
    Queue->MaximumCount = Count ? Count : nt_processor_count();
}
EXPORT(KeInitializeQueue, NT_DISPATCH_LEVEL);

static LONG insert(PRKQUEUE queue, PLIST_ENTRY entry, bool at_head)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    LONG before = queue->Header.SignalState;

    if (at_head)
        InsertHeadList(&queue->EntryListHead, entry);
    else
        InsertTailList(&queue->EntryListHead, entry);
    queue->Header.SignalState = before + 1;
    changed_locked();
    nt_spinlock_release_lower(&lock, old);
    return before;
}

LONG NTAPI KeInsertQueue(PRKQUEUE Queue, PLIST_ENTRY Entry)
{
    return insert(Queue, Entry, false);
}
EXPORT(KeInsertQueue, NT_DISPATCH_LEVEL);

LONG NTAPI KeInsertHeadQueue(PRKQUEUE Queue, PLIST_ENTRY Entry)
{
    return insert(Queue, Entry, true);
}
EXPORT(KeInsertHeadQueue, NT_DISPATCH_LEVEL);

LONG NTAPI KeReadStateQueue(PRKQUEUE Queue)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    LONG state = Queue->Header.SignalState;

    nt_spinlock_release_lower(&lock, old);
    return state;
}
EXPORT(KeReadStateQueue, NT_DISPATCH_LEVEL);

/* Only the thread itself and a rundown change what it serves. */
static void count_served(int amount)
{
    struct nt_thread *self = nt_self();

    if (!__atomic_load_n(&self->queue, __ATOMIC_RELAXED))
        return;
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    KQUEUE *queue = self->queue;
    if (queue) {
        queue->CurrentCount += (ULONG)amount;
        changed_locked();
    }
    nt_spinlock_release_lower(&lock, old);
}

void queue_wait_begins(void)
{
    count_served(-1);
}

void queue_wait_ends(void)
{
    count_served(1);
}

void queue_leave(void)
{
    struct nt_thread *self = nt_self();

    if (!__atomic_load_n(&self->queue, __ATOMIC_RELAXED))
        return;
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    KQUEUE *queue = self->queue;
    if (queue) {
        RemoveEntryList(links_of(self));
        queue->CurrentCount--;
        __atomic_store_n(&self->queue, NULL, __ATOMIC_RELAXED);
        changed_locked();
    }
    nt_spinlock_release_lower(&lock, old);
}

/* Under the lock: an entry if there is one and the limit allows it. */
static PLIST_ENTRY take_locked(PRKQUEUE queue)
{
    if (IsListEmpty(&queue->EntryListHead) || queue->CurrentCount >= queue->MaximumCount)
        return NULL;
    queue->Header.SignalState--;
    queue->CurrentCount++;
    struct nt_thread *self = nt_self();
    __atomic_store_n(&self->queue, queue, __ATOMIC_RELAXED);
    InsertTailList(&queue->ThreadListHead, links_of(self));
    return RemoveHeadList(&queue->EntryListHead);
}

/* Waits for an entry, and takes up to `count` of those that are there then. How many; 0 and a
 * status when there is none. */
static ULONG remove_entries(PRKQUEUE queue, PLARGE_INTEGER timeout, PLIST_ENTRY *entries,
                            ULONG count, bool alertable, NTSTATUS *ret_status)
{
    uint64_t deadline = nt_deadline_of(timeout);

    queue_leave(); /* done with what it took before */
    for (;;) {
        uint32_t seen = __atomic_load_n(&changes, __ATOMIC_SEQ_CST);
        uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
        bool abandoned = queue->Header.Abandoned;
        ULONG taken = 0;
        entries[0] = abandoned ? NULL : take_locked(queue);
        if (entries[0])
            for (taken = 1; taken < count && !IsListEmpty(&queue->EntryListHead); taken++) {
                queue->Header.SignalState--;
                entries[taken] = RemoveHeadList(&queue->EntryListHead);
            }
        nt_spinlock_release_lower(&lock, old);
        *ret_status = abandoned ? STATUS_ABANDONED : STATUS_TIMEOUT;
        if (taken || abandoned)
            return taken;
        if (timeout && (timeout->QuadPart == 0 || sys_now_ns() >= deadline))
            return 0;
        if (alertable && nt_thread_take_alert()) {
            *ret_status = STATUS_ALERTED;
            return 0;
        }
        if (alertable)
            nt_thread_sleep(&changes, seen, deadline);
        else
            sys_wait(&changes, seen, deadline);
    }
}

/* The status stands where the first entry would. */
static ULONG remove_alertably(PRKQUEUE queue, KPROCESSOR_MODE mode, BOOLEAN alertable,
                              PLARGE_INTEGER timeout, PLIST_ENTRY *entries, ULONG count,
                              NTSTATUS *ret_status)
{
    bool ends = thread_wait_is_alertable(mode, alertable, timeout);
    ULONG taken;

    do
        taken = remove_entries(queue, timeout, entries, count, ends, ret_status);
    while (!taken && thread_wait_goes_on(*ret_status, alertable));
    *ret_status = thread_wait_status(*ret_status, alertable);
    if (!taken)
        entries[0] = (PLIST_ENTRY)(ULONG_PTR)(ULONG)*ret_status;
    return taken;
}

PLIST_ENTRY NTAPI KeRemoveQueue(PRKQUEUE Queue, KPROCESSOR_MODE WaitMode, PLARGE_INTEGER Timeout)
{
    PLIST_ENTRY entry;
    NTSTATUS status;

    (void)remove_alertably(Queue, WaitMode, FALSE, Timeout, &entry, 1, &status);
    return entry;
}
EXPORT(KeRemoveQueue, NT_APC_LEVEL);

/* Many entries count as one for the threads that may run. */
ULONG NTAPI KeRemoveQueueEx(PKQUEUE Queue, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                            PLARGE_INTEGER Timeout, PLIST_ENTRY *EntryArray, ULONG Count)
{
    NTSTATUS status;

    if (!Count)
        return 0;
    ULONG taken = remove_alertably(Queue, WaitMode, Alertable, Timeout, EntryArray, Count, &status);
    return taken ? taken : (ULONG)status;
}
EXPORT(KeRemoveQueueEx, NT_APC_LEVEL);

/* The first entry of what was left, which is a ring without its head; NULL: nothing. Threads that
 * wait get STATUS_ABANDONED. */
PLIST_ENTRY NTAPI KeRundownQueue(PRKQUEUE Queue)
{
    uint8_t old = nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    PLIST_ENTRY first = NULL;

    if (!IsListEmpty(&Queue->EntryListHead)) {
        first = Queue->EntryListHead.Flink;
        RemoveEntryList(&Queue->EntryListHead);
        InitializeListHead(&Queue->EntryListHead);
    }
    while (!IsListEmpty(&Queue->ThreadListHead))
        __atomic_store_n(&thread_of(RemoveHeadList(&Queue->ThreadListHead))->queue, NULL,
                         __ATOMIC_RELAXED);
    Queue->Header.SignalState = 0;
    Queue->Header.Abandoned = 1;
    changed_locked();
    nt_spinlock_release_lower(&lock, old);
    return first;
}
EXPORT(KeRundownQueue, NT_DISPATCH_LEVEL);

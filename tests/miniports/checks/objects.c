/*
 * Checks of the kernel's objects for threads: events, semaphores, mutexes, queues, resources,
 * rundown protection, threads, work items.
 */
#include "check.h"

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))

static NTSTATUS Look(PVOID Object)
{
    LARGE_INTEGER Now;

    Now.QuadPart = 0;
    return KeWaitForSingleObject(Object, Executive, KernelMode, FALSE, &Now);
}

/* ---- events ---- */

CHECK(KeInitializeEvent, LOW_PLACES)
{
    KEVENT Event;

    KeInitializeEvent(&Event, NotificationEvent, TRUE);
    EXPECT_EQUAL(KeReadStateEvent(&Event), 1);
    EXPECT_EQUAL(Look(&Event), STATUS_SUCCESS);
    EXPECT_EQUAL(Look(&Event), STATUS_SUCCESS);
    KeInitializeEvent(&Event, SynchronizationEvent, TRUE);
    EXPECT_EQUAL(Look(&Event), STATUS_SUCCESS);
    EXPECT_EQUAL(Look(&Event), STATUS_TIMEOUT);
}

CHECK(KeSetEvent, LOW_PLACES)
{
    KEVENT Event;

    KeInitializeEvent(&Event, NotificationEvent, FALSE);
    EXPECT_EQUAL(KeSetEvent(&Event, 0, FALSE), 0);
    EXPECT_EQUAL(KeSetEvent(&Event, 0, FALSE), 1);
    EXPECT_EQUAL(Look(&Event), STATUS_SUCCESS);
}

CHECK(KeResetEvent, LOW_PLACES)
{
    KEVENT Event;

    KeInitializeEvent(&Event, NotificationEvent, TRUE);
    EXPECT_EQUAL(KeResetEvent(&Event), 1);
    EXPECT_EQUAL(KeResetEvent(&Event), 0);
    EXPECT_EQUAL(Look(&Event), STATUS_TIMEOUT);
}

CHECK(KeClearEvent, LOW_PLACES)
{
    KEVENT Event;

    KeInitializeEvent(&Event, NotificationEvent, TRUE);
    KeClearEvent(&Event);
    EXPECT_EQUAL(KeReadStateEvent(&Event), 0);
}

CHECK(KeReadStateEvent, EVERYWHERE)
{
    KEVENT Event;

    KeInitializeEvent(&Event, SynchronizationEvent, TRUE);
    EXPECT_EQUAL(KeReadStateEvent(&Event), 1);
}

CHECK(ZwCreateEvent, PASSIVE_PLACES)
{
    HANDLE Handle = NULL;
    PVOID Event = NULL;
    LONG Before = 7;

    EXPECT_EQUAL(ZwCreateEvent(&Handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(ObReferenceObjectByHandle(Handle, EVENT_ALL_ACCESS, *ExEventObjectType, KernelMode,
                                           &Event, NULL),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Look(Event), STATUS_TIMEOUT);
    EXPECT_EQUAL(ZwSetEvent(Handle, &Before), STATUS_SUCCESS);
    EXPECT_EQUAL(Before, 0);
    EXPECT_EQUAL(Look(Event), STATUS_SUCCESS);
    ObDereferenceObject(Event);
    EXPECT_EQUAL(ZwClose(Handle), STATUS_SUCCESS);
}

CHECK(ZwSetEvent, PASSIVE_PLACES)
{
    LARGE_INTEGER Now;
    HANDLE Handle = NULL;

    Now.QuadPart = 0;
    ZwCreateEvent(&Handle, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE);
    EXPECT_EQUAL(ZwWaitForSingleObject(Handle, FALSE, &Now), STATUS_TIMEOUT);
    EXPECT_EQUAL(ZwSetEvent(Handle, NULL), STATUS_SUCCESS);
    EXPECT_EQUAL(ZwWaitForSingleObject(Handle, FALSE, &Now), STATUS_SUCCESS);
    ZwClose(Handle);
    EXPECT_EQUAL(ZwSetEvent(Handle, NULL), STATUS_INVALID_HANDLE);
}

CHECK(ZwResetEvent, PASSIVE_PLACES)
{
    HANDLE Handle = NULL;
    LONG Before = 7;

    ZwCreateEvent(&Handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, TRUE);
    EXPECT_EQUAL(ZwResetEvent(Handle, &Before), STATUS_SUCCESS);
    EXPECT_EQUAL(Before, 1);
    ZwClose(Handle);
}

CHECK(ZwClearEvent, PASSIVE_PLACES)
{
    HANDLE Handle = NULL;
    LONG Before = 7;

    ZwCreateEvent(&Handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, TRUE);
    EXPECT_EQUAL(ZwClearEvent(Handle), STATUS_SUCCESS);
    EXPECT_EQUAL(ZwSetEvent(Handle, &Before), STATUS_SUCCESS);
    EXPECT_EQUAL(Before, 0);
    ZwClose(Handle);
}

CHECK(ZwWaitForSingleObject, PASSIVE_PLACES)
{
    LARGE_INTEGER Now;

    Now.QuadPart = 0;
    EXPECT_EQUAL(ZwWaitForSingleObject((HANDLE)(ULONG_PTR)0xFFFC, FALSE, &Now),
                 STATUS_INVALID_HANDLE);
}

CHECK(ObReferenceObjectByHandle, PASSIVE_PLACES)
{
    HANDLE Handle = NULL;
    PVOID Object = &Handle;

    ZwCreateEvent(&Handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
    EXPECT_EQUAL(ObReferenceObjectByHandle(Handle, 0, *PsThreadType, KernelMode, &Object, NULL),
                 STATUS_OBJECT_TYPE_MISMATCH);
    EXPECT(Object == NULL);
    EXPECT_EQUAL(ObReferenceObjectByHandle(Handle, 0, NULL, KernelMode, &Object, NULL),
                 STATUS_SUCCESS);
    ObDereferenceObject(Object);
    ZwClose(Handle);
    EXPECT_EQUAL(ObReferenceObjectByHandle(Handle, 0, NULL, KernelMode, &Object, NULL),
                 STATUS_INVALID_HANDLE);
}

CHECK(ObfReferenceObject, PASSIVE_PLACES)
{
    HANDLE Handle = NULL;
    PVOID Event = NULL;

    ZwCreateEvent(&Handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, TRUE);
    ObReferenceObjectByHandle(Handle, 0, NULL, KernelMode, &Event, NULL);
    EXPECT_EQUAL(ObReferenceObject(Event), 3);
    ZwClose(Handle);
    EXPECT_EQUAL(Look(Event), STATUS_SUCCESS);
    EXPECT_EQUAL(ObDereferenceObject(Event), 1);
    EXPECT_EQUAL(ObDereferenceObject(Event), 0);
}
CHECK_FATAL(ObfReferenceObject, stops_at_what_is_no_object, AT(WorkItem))
{
    ULONGLONG Room[16] = {0};

    UNREFERENCED_PARAMETER(Context);
    ObReferenceObject(Room + 8);
}

/* Whoever runs is an object, the machine's own threads and applications' as well. */
CHECK_ALSO(ObfReferenceObject, takes_the_thread_that_runs,
           AT(StartIo) | AT(Dpc) | AT(WorkItem) | AT(Thread))
{
    PVOID Thread = PsGetCurrentThread();
    LONG_PTR Count = ObReferenceObject(Thread);

    EXPECT(Count >= 2);
    EXPECT_EQUAL(ObDereferenceObject(Thread), Count - 1);
}

CHECK(ObfDereferenceObject, PASSIVE_PLACES)
{
    HANDLE Handle = NULL;
    PVOID Event = NULL;

    ZwCreateEvent(&Handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, TRUE);
    ObReferenceObjectByHandle(Handle, 0, NULL, KernelMode, &Event, NULL);
    EXPECT_EQUAL(ObDereferenceObject(Event), 1);
    EXPECT_EQUAL(ZwClose(Handle), STATUS_SUCCESS);
}

CHECK(ZwClose, PASSIVE_PLACES)
{
    HANDLE Handle = NULL;

    ZwCreateEvent(&Handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, TRUE);
    EXPECT_EQUAL(ZwClose(Handle), STATUS_SUCCESS);
    EXPECT_EQUAL(ZwClose(Handle), STATUS_INVALID_HANDLE);
    EXPECT_EQUAL(ZwClose(NULL), STATUS_INVALID_HANDLE);
}

/* ---- semaphores and mutexes ---- */

CHECK(KeInitializeSemaphore, LOW_PLACES)
{
    KSEMAPHORE Semaphore;

    KeInitializeSemaphore(&Semaphore, 2, 5);
    EXPECT_EQUAL(KeReadStateSemaphore(&Semaphore), 2);
    EXPECT_EQUAL(Look(&Semaphore), STATUS_SUCCESS);
    EXPECT_EQUAL(Look(&Semaphore), STATUS_SUCCESS);
    EXPECT_EQUAL(Look(&Semaphore), STATUS_TIMEOUT);
}

CHECK(KeReleaseSemaphore, LOW_PLACES)
{
    KSEMAPHORE Semaphore;

    KeInitializeSemaphore(&Semaphore, 0, 3);
    EXPECT_EQUAL(KeReleaseSemaphore(&Semaphore, 0, 2, FALSE), 0);
    EXPECT_EQUAL(KeReleaseSemaphore(&Semaphore, 0, 1, FALSE), 2);
    EXPECT_EQUAL(KeReadStateSemaphore(&Semaphore), 3);
}
CHECK_FATAL(KeReleaseSemaphore, stops_beyond_the_limit, AT(Thread))
{
    KSEMAPHORE Semaphore;

    UNREFERENCED_PARAMETER(Context);
    KeInitializeSemaphore(&Semaphore, 1, 2);
    KeReleaseSemaphore(&Semaphore, 0, 2, FALSE);
}

CHECK(KeReadStateSemaphore, EVERYWHERE)
{
    KSEMAPHORE Semaphore;

    KeInitializeSemaphore(&Semaphore, 4, 5);
    EXPECT_EQUAL(KeReadStateSemaphore(&Semaphore), 4);
}

CHECK(KeInitializeMutex, PASSIVE_PLACES)
{
    KMUTEX Mutex;

    KeInitializeMutex(&Mutex, 0);
    EXPECT_EQUAL(KeReadStateMutex(&Mutex), 1);
    EXPECT_EQUAL(Look(&Mutex), STATUS_SUCCESS);
    EXPECT_EQUAL(Look(&Mutex), STATUS_SUCCESS);
    EXPECT_EQUAL(KeReleaseMutex(&Mutex, FALSE), -1);
    EXPECT_EQUAL(KeReleaseMutex(&Mutex, FALSE), 0);
    EXPECT_EQUAL(KeReadStateMutex(&Mutex), 1);
}

typedef struct _OTHER {
    KMUTEX Mutex;
    KEVENT Done;
    NTSTATUS Status;
} OTHER;

static VOID NTAPI LookFromAnother(PVOID Parameter)
{
    OTHER *Other = (OTHER *)Parameter;

    Other->Status = Look(&Other->Mutex);
    KeSetEvent(&Other->Done, 0, FALSE);
}

static NTSTATUS AskAnother(OTHER *Other)
{
    HANDLE Thread;

    KeInitializeEvent(&Other->Done, NotificationEvent, FALSE);
    if (!NT_SUCCESS(PsCreateSystemThread(&Thread, 0, NULL, NULL, NULL, LookFromAnother, Other))) {
        return STATUS_UNSUCCESSFUL;
    }
    /* Not its event: the thread must have left the driver when that is unloaded. */
    ZwWaitForSingleObject(Thread, FALSE, NULL);
    ZwClose(Thread);
    return Other->Status;
}

CHECK(KeReleaseMutex, PASSIVE_PLACES)
{
    OTHER Other;

    KeInitializeMutex(&Other.Mutex, 0);
    EXPECT_EQUAL(Look(&Other.Mutex), STATUS_SUCCESS);
    EXPECT_EQUAL(AskAnother(&Other), STATUS_TIMEOUT);
    EXPECT_EQUAL(KeReleaseMutex(&Other.Mutex, FALSE), 0);
    EXPECT_EQUAL(AskAnother(&Other), STATUS_SUCCESS);
}
CHECK_FATAL(KeReleaseMutex, stops_a_stranger, AT(Thread))
{
    KMUTEX Mutex;

    UNREFERENCED_PARAMETER(Context);
    KeInitializeMutex(&Mutex, 0);
    KeReleaseMutex(&Mutex, FALSE);
}

CHECK(KeReadStateMutex, PASSIVE_PLACES)
{
    KMUTEX Mutex;

    KeInitializeMutex(&Mutex, 0);
    EXPECT_EQUAL(KeReadStateMutex(&Mutex), 1);
    Look(&Mutex);
    EXPECT_EQUAL(KeReadStateMutex(&Mutex), 0);
    KeReleaseMutex(&Mutex, FALSE);
}

CHECK_FATAL(KeWaitForSingleObject, stops_at_dispatch_level, AT(Dpc))
{
    KEVENT Event;

    UNREFERENCED_PARAMETER(Context);
    KeInitializeEvent(&Event, NotificationEvent, FALSE);
    KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
}

CHECK(KeWaitForSingleObject, PASSIVE_PLACES)
{
    LARGE_INTEGER Millisecond;
    KEVENT Event;

    Millisecond.QuadPart = -10000;
    KeInitializeEvent(&Event, NotificationEvent, FALSE);
    EXPECT_EQUAL(KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, &Millisecond),
                 STATUS_TIMEOUT);
    KeSetEvent(&Event, 0, FALSE);
    EXPECT_EQUAL(KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL), STATUS_SUCCESS);
}

CHECK(KeWaitForMultipleObjects, PASSIVE_PLACES)
{
    KEVENT First, Second;
    PVOID Objects[2] = {&First, &Second};
    LARGE_INTEGER Now;

    Now.QuadPart = 0;
    KeInitializeEvent(&First, SynchronizationEvent, FALSE);
    KeInitializeEvent(&Second, SynchronizationEvent, TRUE);
    EXPECT_EQUAL(
        KeWaitForMultipleObjects(2, Objects, WaitAll, Executive, KernelMode, FALSE, &Now, NULL),
        STATUS_TIMEOUT);
    EXPECT_EQUAL(KeReadStateEvent(&Second), 1);
    EXPECT_EQUAL(
        KeWaitForMultipleObjects(2, Objects, WaitAny, Executive, KernelMode, FALSE, NULL, NULL),
        STATUS_WAIT_1);
    EXPECT_EQUAL(KeReadStateEvent(&Second), 0);
    KeSetEvent(&First, 0, FALSE);
    KeSetEvent(&Second, 0, FALSE);
    EXPECT_EQUAL(
        KeWaitForMultipleObjects(2, Objects, WaitAll, Executive, KernelMode, FALSE, NULL, NULL),
        STATUS_SUCCESS);
    EXPECT_EQUAL(KeReadStateEvent(&First), 0);
}

CHECK(KeDelayExecutionThread, PASSIVE_PLACES)
{
    LARGE_INTEGER Interval, Before, After;

    Interval.QuadPart = -20000;
    StorPortQuerySystemTime(&Before);
    EXPECT_EQUAL(KeDelayExecutionThread(KernelMode, FALSE, &Interval), STATUS_SUCCESS);
    StorPortQuerySystemTime(&After);
    EXPECT(After.QuadPart - Before.QuadPart >= 20000);
}

/* ---- queues ---- */

static PLIST_ENTRY TakeNow(PRKQUEUE Queue)
{
    LARGE_INTEGER Now;

    Now.QuadPart = 0;
    return KeRemoveQueue(Queue, KernelMode, &Now);
}

CHECK(KeInitializeQueue, PASSIVE_PLACES)
{
    KQUEUE Queue;

    KeInitializeQueue(&Queue, 1);
    EXPECT_EQUAL(KeReadStateQueue(&Queue), 0);
    EXPECT_EQUAL((ULONG_PTR)TakeNow(&Queue), STATUS_TIMEOUT);
    KeRundownQueue(&Queue);
}

CHECK(KeInsertQueue, PASSIVE_PLACES)
{
    KQUEUE Queue;
    LIST_ENTRY First, Second;

    KeInitializeQueue(&Queue, 1);
    EXPECT_EQUAL(KeInsertQueue(&Queue, &First), 0);
    EXPECT_EQUAL(KeInsertQueue(&Queue, &Second), 1);
    EXPECT_EQUAL(KeReadStateQueue(&Queue), 2);
    EXPECT(TakeNow(&Queue) == &First);
    EXPECT(TakeNow(&Queue) == &Second);
    KeRundownQueue(&Queue);
}

CHECK(KeInsertHeadQueue, PASSIVE_PLACES)
{
    KQUEUE Queue;
    LIST_ENTRY First, Second;

    KeInitializeQueue(&Queue, 1);
    KeInsertQueue(&Queue, &First);
    EXPECT_EQUAL(KeInsertHeadQueue(&Queue, &Second), 1);
    EXPECT(TakeNow(&Queue) == &Second);
    EXPECT(TakeNow(&Queue) == &First);
    KeRundownQueue(&Queue);
}

CHECK(KeRemoveQueue, PASSIVE_PLACES)
{
    KQUEUE Queue;
    LIST_ENTRY Entry;

    KeInitializeQueue(&Queue, 1);
    EXPECT_EQUAL((ULONG_PTR)TakeNow(&Queue), STATUS_TIMEOUT);
    KeInsertQueue(&Queue, &Entry);
    EXPECT(KeRemoveQueue(&Queue, KernelMode, NULL) == &Entry);
    EXPECT_EQUAL(KeReadStateQueue(&Queue), 0);
    EXPECT_EQUAL((ULONG_PTR)TakeNow(&Queue), STATUS_TIMEOUT);
    KeRundownQueue(&Queue);
}

CHECK(KeRemoveQueueEx, PASSIVE_PLACES)
{
    LARGE_INTEGER Now;
    PLIST_ENTRY Taken[2];
    LIST_ENTRY Entries[3];
    KQUEUE Queue;
    ULONG Index;

    Now.QuadPart = 0;
    KeInitializeQueue(&Queue, 1);
    EXPECT_EQUAL(KeRemoveQueueEx(&Queue, KernelMode, FALSE, &Now, Taken, 2), STATUS_TIMEOUT);
    for (Index = 0; Index < 3; Index++) {
        KeInsertQueue(&Queue, &Entries[Index]);
    }
    EXPECT_EQUAL(KeRemoveQueueEx(&Queue, KernelMode, FALSE, NULL, Taken, 2), 2);
    EXPECT(Taken[0] == &Entries[0] && Taken[1] == &Entries[1]);
    EXPECT_EQUAL(KeReadStateQueue(&Queue), 1);
    EXPECT_EQUAL(KeRemoveQueueEx(&Queue, KernelMode, FALSE, NULL, Taken, 2), 1);
    EXPECT(Taken[0] == &Entries[2]);
    KeRundownQueue(&Queue);
    EXPECT_EQUAL(KeRemoveQueueEx(&Queue, KernelMode, FALSE, NULL, Taken, 2), STATUS_ABANDONED);
}

CHECK(KeRundownQueue, PASSIVE_PLACES)
{
    KQUEUE Queue;
    LIST_ENTRY First, Second;

    KeInitializeQueue(&Queue, 1);
    KeInsertQueue(&Queue, &First);
    KeInsertQueue(&Queue, &Second);
    EXPECT(KeRundownQueue(&Queue) == &First);
    EXPECT(First.Flink == &Second);
    EXPECT(Second.Flink == &First);
    EXPECT_EQUAL((ULONG)(ULONG_PTR)TakeNow(&Queue), STATUS_ABANDONED);
}

CHECK(KeReadStateQueue, PASSIVE_PLACES)
{
    KQUEUE Queue;
    LIST_ENTRY Entry;

    KeInitializeQueue(&Queue, 1);
    KeInsertQueue(&Queue, &Entry);
    EXPECT_EQUAL(KeReadStateQueue(&Queue), 1);
    EXPECT(KeRundownQueue(&Queue) == &Entry);
}

/* ---- resources and fast mutexes ---- */

CHECK(ExInitializeResourceLite, PASSIVE_PLACES)
{
    ERESOURCE Resource;

    EXPECT_EQUAL(ExInitializeResourceLite(&Resource), STATUS_SUCCESS);
    EXPECT_EQUAL(ExIsResourceAcquiredSharedLite(&Resource), 0);
    EXPECT_EQUAL(ExDeleteResourceLite(&Resource), STATUS_SUCCESS);
}

typedef struct _TAKER {
    ERESOURCE Resource;
    KEVENT Done;
    BOOLEAN Shared, Exclusive;
} TAKER;

static VOID NTAPI TryToTake(PVOID Parameter)
{
    TAKER *Taker = (TAKER *)Parameter;

    Taker->Shared = ExAcquireResourceSharedLite(&Taker->Resource, FALSE);
    if (Taker->Shared) {
        ExReleaseResourceLite(&Taker->Resource);
    }
    Taker->Exclusive = ExAcquireResourceExclusiveLite(&Taker->Resource, FALSE);
    if (Taker->Exclusive) {
        ExReleaseResourceLite(&Taker->Resource);
    }
    KeSetEvent(&Taker->Done, 0, FALSE);
}

static VOID LetAnotherTry(TAKER *Taker)
{
    HANDLE Thread;

    KeInitializeEvent(&Taker->Done, NotificationEvent, FALSE);
    Taker->Shared = Taker->Exclusive = 2;
    if (NT_SUCCESS(PsCreateSystemThread(&Thread, 0, NULL, NULL, NULL, TryToTake, Taker))) {
        /* Not its event: the thread must have left the driver when that is unloaded. */
        ZwWaitForSingleObject(Thread, FALSE, NULL);
        ZwClose(Thread);
    }
}

CHECK(ExAcquireResourceExclusiveLite, PASSIVE_PLACES)
{
    TAKER Taker;

    ExInitializeResourceLite(&Taker.Resource);
    EXPECT(ExAcquireResourceExclusiveLite(&Taker.Resource, TRUE));
    EXPECT(ExAcquireResourceExclusiveLite(&Taker.Resource, FALSE));
    EXPECT(ExIsResourceAcquiredExclusiveLite(&Taker.Resource));
    LetAnotherTry(&Taker);
    EXPECT_EQUAL(Taker.Shared, FALSE);
    EXPECT_EQUAL(Taker.Exclusive, FALSE);
    ExReleaseResourceLite(&Taker.Resource);
    ExReleaseResourceLite(&Taker.Resource);
    ExDeleteResourceLite(&Taker.Resource);
}

CHECK(ExAcquireResourceSharedLite, PASSIVE_PLACES)
{
    TAKER Taker;

    ExInitializeResourceLite(&Taker.Resource);
    EXPECT(ExAcquireResourceSharedLite(&Taker.Resource, TRUE));
    EXPECT(!ExIsResourceAcquiredExclusiveLite(&Taker.Resource));
    LetAnotherTry(&Taker);
    EXPECT_EQUAL(Taker.Shared, TRUE);
    EXPECT_EQUAL(Taker.Exclusive, FALSE);
    ExReleaseResourceLite(&Taker.Resource);
    ExDeleteResourceLite(&Taker.Resource);
}

CHECK(ExAcquireSharedStarveExclusive, PASSIVE_PLACES)
{
    ERESOURCE Resource;

    ExInitializeResourceLite(&Resource);
    EXPECT(ExAcquireSharedStarveExclusive(&Resource, FALSE));
    EXPECT_EQUAL(ExIsResourceAcquiredSharedLite(&Resource), 1);
    ExReleaseResourceLite(&Resource);
    ExDeleteResourceLite(&Resource);
}

CHECK(ExReleaseResourceLite, PASSIVE_PLACES)
{
    TAKER Taker;

    ExInitializeResourceLite(&Taker.Resource);
    ExAcquireResourceExclusiveLite(&Taker.Resource, TRUE);
    ExReleaseResourceLite(&Taker.Resource);
    EXPECT(!ExIsResourceAcquiredExclusiveLite(&Taker.Resource));
    LetAnotherTry(&Taker);
    EXPECT_EQUAL(Taker.Exclusive, TRUE);
    ExDeleteResourceLite(&Taker.Resource);
}
CHECK_FATAL(ExReleaseResourceLite, stops_who_does_not_hold_it, AT(Thread))
{
    ERESOURCE Resource;

    UNREFERENCED_PARAMETER(Context);
    ExInitializeResourceLite(&Resource);
    ExReleaseResourceLite(&Resource);
}

CHECK(ExReleaseResourceForThreadLite, PASSIVE_PLACES)
{
    ERESOURCE Resource;

    ExInitializeResourceLite(&Resource);
    ExAcquireResourceSharedLite(&Resource, TRUE);
    ExReleaseResourceForThreadLite(&Resource, ExGetCurrentResourceThread());
    EXPECT_EQUAL(ExIsResourceAcquiredSharedLite(&Resource), 0);
    ExDeleteResourceLite(&Resource);
}

CHECK(ExConvertExclusiveToSharedLite, PASSIVE_PLACES)
{
    TAKER Taker;

    ExInitializeResourceLite(&Taker.Resource);
    ExAcquireResourceExclusiveLite(&Taker.Resource, TRUE);
    ExConvertExclusiveToSharedLite(&Taker.Resource);
    LetAnotherTry(&Taker);
    EXPECT_EQUAL(Taker.Shared, TRUE);
    EXPECT_EQUAL(Taker.Exclusive, FALSE);
    ExReleaseResourceLite(&Taker.Resource);
    ExDeleteResourceLite(&Taker.Resource);
}

CHECK(ExIsResourceAcquiredExclusiveLite, PASSIVE_PLACES)
{
    ERESOURCE Resource;

    ExInitializeResourceLite(&Resource);
    EXPECT(!ExIsResourceAcquiredExclusiveLite(&Resource));
    ExAcquireResourceExclusiveLite(&Resource, TRUE);
    EXPECT(ExIsResourceAcquiredExclusiveLite(&Resource));
    ExReleaseResourceLite(&Resource);
    ExDeleteResourceLite(&Resource);
}

CHECK(ExIsResourceAcquiredSharedLite, PASSIVE_PLACES)
{
    ERESOURCE Resource;

    ExInitializeResourceLite(&Resource);
    ExAcquireResourceSharedLite(&Resource, TRUE);
    ExAcquireResourceSharedLite(&Resource, TRUE);
    EXPECT_EQUAL(ExIsResourceAcquiredSharedLite(&Resource), 2);
    ExReleaseResourceLite(&Resource);
    ExReleaseResourceLite(&Resource);
    ExDeleteResourceLite(&Resource);
}

CHECK(ExDeleteResourceLite, PASSIVE_PLACES)
{
    ERESOURCE Resource;

    ExInitializeResourceLite(&Resource);
    ExAcquireResourceSharedLite(&Resource, TRUE);
    EXPECT_FINDING(ExDeleteResourceLite(&Resource));
}

CHECK(ExReinitializeResourceLite, PASSIVE_PLACES)
{
    ERESOURCE Resource;

    ExInitializeResourceLite(&Resource);
    Resource.ContentionCount = 3;
    EXPECT_EQUAL(ExReinitializeResourceLite(&Resource), STATUS_SUCCESS);
    EXPECT_EQUAL(Resource.ContentionCount, 0);
}

CHECK(ExAcquireFastMutex, PASSIVE_PLACES)
{
    FAST_MUTEX Mutex;

    ExInitializeFastMutex(&Mutex);
    ExAcquireFastMutex(&Mutex);
    EXPECT_EQUAL(KeGetCurrentIrql(), APC_LEVEL);
    EXPECT(!ExTryToAcquireFastMutex(&Mutex));
    ExReleaseFastMutex(&Mutex);
    EXPECT_EQUAL(KeGetCurrentIrql(), PASSIVE_LEVEL);
}

CHECK(ExTryToAcquireFastMutex, PASSIVE_PLACES)
{
    FAST_MUTEX Mutex;

    ExInitializeFastMutex(&Mutex);
    EXPECT(ExTryToAcquireFastMutex(&Mutex));
    EXPECT_EQUAL(KeGetCurrentIrql(), APC_LEVEL);
    ExReleaseFastMutex(&Mutex);
}

CHECK(ExReleaseFastMutex, PASSIVE_PLACES)
{
    FAST_MUTEX Mutex;

    ExInitializeFastMutex(&Mutex);
    ExAcquireFastMutex(&Mutex);
    ExReleaseFastMutex(&Mutex);
    EXPECT(ExTryToAcquireFastMutex(&Mutex));
    ExReleaseFastMutex(&Mutex);
}

/* The IRQL stays; APCs do not come. */
CHECK(KeAcquireGuardedMutex, PASSIVE_PLACES)
{
    KGUARDED_MUTEX Mutex;

    KeInitializeGuardedMutex(&Mutex);
    KeAcquireGuardedMutex(&Mutex);
    EXPECT_EQUAL(KeGetCurrentIrql(), PASSIVE_LEVEL);
    EXPECT(KeAreAllApcsDisabled());
    EXPECT(!KeTryToAcquireGuardedMutex(&Mutex));
    KeReleaseGuardedMutex(&Mutex);
    EXPECT(!KeAreAllApcsDisabled());
}

CHECK(KeInitializeGuardedMutex, PASSIVE_PLACES)
{
    KGUARDED_MUTEX Mutex;

    RtlFillMemory(&Mutex, sizeof(Mutex), 0xFF);
    KeInitializeGuardedMutex(&Mutex);
    EXPECT_EQUAL(Mutex.Count, 1);
    EXPECT(Mutex.Owner == NULL);
    EXPECT_EQUAL(KeReadStateEvent(&Mutex.Event), 0);
}

CHECK(KeTryToAcquireGuardedMutex, PASSIVE_PLACES)
{
    KGUARDED_MUTEX Mutex;

    KeInitializeGuardedMutex(&Mutex);
    EXPECT(KeTryToAcquireGuardedMutex(&Mutex));
    EXPECT(KeAreAllApcsDisabled());
    KeReleaseGuardedMutex(&Mutex);
}

CHECK(KeReleaseGuardedMutex, PASSIVE_PLACES)
{
    KGUARDED_MUTEX Mutex;

    KeInitializeGuardedMutex(&Mutex);
    KeAcquireGuardedMutex(&Mutex);
    KeReleaseGuardedMutex(&Mutex);
    EXPECT(!KeAreAllApcsDisabled());
    EXPECT(KeTryToAcquireGuardedMutex(&Mutex));
    KeReleaseGuardedMutex(&Mutex);
}

CHECK(ExAcquireFastMutexUnsafe, PASSIVE_PLACES)
{
    FAST_MUTEX Mutex;

    ExInitializeFastMutex(&Mutex);
    KeEnterCriticalRegion();
    ExAcquireFastMutexUnsafe(&Mutex);
    EXPECT_EQUAL(KeGetCurrentIrql(), PASSIVE_LEVEL);
    EXPECT(!ExTryToAcquireFastMutex(&Mutex));
    ExReleaseFastMutexUnsafe(&Mutex);
    KeLeaveCriticalRegion();
}

CHECK(ExReleaseFastMutexUnsafe, PASSIVE_PLACES)
{
    FAST_MUTEX Mutex;

    ExInitializeFastMutex(&Mutex);
    KeEnterCriticalRegion();
    ExAcquireFastMutexUnsafe(&Mutex);
    ExReleaseFastMutexUnsafe(&Mutex);
    KeLeaveCriticalRegion();
    EXPECT(ExTryToAcquireFastMutex(&Mutex));
    ExReleaseFastMutex(&Mutex);
}

/* ---- rundown protection ---- */

CHECK(ExInitializeRundownProtection, LOW_PLACES)
{
    EX_RUNDOWN_REF Reference;

    Reference.Count = 1;
    ExInitializeRundownProtection(&Reference);
    EXPECT(ExAcquireRundownProtection(&Reference));
    ExReleaseRundownProtection(&Reference);
}

CHECK(ExAcquireRundownProtection, LOW_PLACES)
{
    EX_RUNDOWN_REF Reference;

    ExInitializeRundownProtection(&Reference);
    EXPECT(ExAcquireRundownProtection(&Reference));
    EXPECT(Reference.Count != 0);
    ExReleaseRundownProtection(&Reference);
    ExRundownCompleted(&Reference);
    EXPECT(!ExAcquireRundownProtection(&Reference));
}

CHECK(ExAcquireRundownProtectionEx, LOW_PLACES)
{
    EX_RUNDOWN_REF Reference;

    ExInitializeRundownProtection(&Reference);
    EXPECT(ExAcquireRundownProtectionEx(&Reference, 3));
    ExReleaseRundownProtectionEx(&Reference, 2);
    EXPECT(Reference.Count != 0);
    ExReleaseRundownProtection(&Reference);
    EXPECT_EQUAL(Reference.Count, 0);
}

CHECK(ExReleaseRundownProtection, LOW_PLACES)
{
    EX_RUNDOWN_REF Reference;

    ExInitializeRundownProtection(&Reference);
    ExAcquireRundownProtection(&Reference);
    ExReleaseRundownProtection(&Reference);
    EXPECT_EQUAL(Reference.Count, 0);
}

CHECK(ExReleaseRundownProtectionEx, LOW_PLACES)
{
    EX_RUNDOWN_REF Reference;

    ExInitializeRundownProtection(&Reference);
    ExAcquireRundownProtectionEx(&Reference, 2);
    ExReleaseRundownProtectionEx(&Reference, 2);
    EXPECT_EQUAL(Reference.Count, 0);
}

typedef struct _USER {
    EX_RUNDOWN_REF Reference;
    KEVENT Leave;
    volatile LONG Left;
} USER;

static VOID NTAPI UseForAWhile(PVOID Parameter)
{
    USER *User = (USER *)Parameter;

    KeWaitForSingleObject(&User->Leave, Executive, KernelMode, FALSE, NULL);
    InterlockedIncrement(&User->Left);
    ExReleaseRundownProtection(&User->Reference);
}

CHECK(ExWaitForRundownProtectionRelease, PASSIVE_PLACES)
{
    HANDLE Thread;
    USER User;

    ExInitializeRundownProtection(&User.Reference);
    KeInitializeEvent(&User.Leave, NotificationEvent, FALSE);
    User.Left = 0;
    EXPECT(ExAcquireRundownProtection(&User.Reference));
    EXPECT_EQUAL(PsCreateSystemThread(&Thread, 0, NULL, NULL, NULL, UseForAWhile, &User),
                 STATUS_SUCCESS);
    ZwClose(Thread);
    KeSetEvent(&User.Leave, 0, FALSE);
    ExWaitForRundownProtectionRelease(&User.Reference);
    EXPECT_EQUAL(User.Left, 1);
    EXPECT(!ExAcquireRundownProtection(&User.Reference));
}

CHECK(ExRundownCompleted, LOW_PLACES)
{
    EX_RUNDOWN_REF Reference;

    ExInitializeRundownProtection(&Reference);
    ExRundownCompleted(&Reference);
    EXPECT(!ExAcquireRundownProtection(&Reference));
}

CHECK(ExReInitializeRundownProtection, LOW_PLACES)
{
    EX_RUNDOWN_REF Reference;

    ExInitializeRundownProtection(&Reference);
    ExRundownCompleted(&Reference);
    ExReInitializeRundownProtection(&Reference);
    EXPECT(ExAcquireRundownProtection(&Reference));
    ExReleaseRundownProtection(&Reference);
}

/* ---- threads ---- */

typedef struct _STARTED {
    KEVENT Go;
    volatile LONG Ran;
    PKTHREAD Self;
    KIRQL Irql;
    BOOLEAN Terminate;
} STARTED;

static VOID NTAPI Started(PVOID Parameter)
{
    STARTED *Start = (STARTED *)Parameter;

    Start->Self = KeGetCurrentThread();
    Start->Irql = KeGetCurrentIrql();
    KeWaitForSingleObject(&Start->Go, Executive, KernelMode, FALSE, NULL);
    Start->Ran = 1;
    if (Start->Terminate) {
        PsTerminateSystemThread(STATUS_SUCCESS);
        Start->Ran = 2;
    }
}

static PVOID StartThread(STARTED *Start)
{
    HANDLE Handle;
    PVOID Thread = NULL;

    KeInitializeEvent(&Start->Go, NotificationEvent, FALSE);
    Start->Ran = 0;
    if (NT_SUCCESS(PsCreateSystemThread(&Handle, 0, NULL, NULL, NULL, Started, Start))) {
        ObReferenceObjectByHandle(Handle, 0, *PsThreadType, KernelMode, &Thread, NULL);
        ZwClose(Handle);
    }
    return Thread;
}

static VOID EndThread(STARTED *Start, PVOID Thread)
{
    KeSetEvent(&Start->Go, 0, FALSE);
    KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(Thread);
}

CHECK(PsCreateSystemThread, PASSIVE_PLACES)
{
    STARTED Start = {.Terminate = FALSE};
    PVOID Thread = StartThread(&Start);

    EXPECT(Thread != NULL);
    EXPECT_EQUAL(Look(Thread), STATUS_TIMEOUT);
    EndThread(&Start, Thread);
    EXPECT_EQUAL(Start.Ran, 1);
    EXPECT_EQUAL(Start.Irql, PASSIVE_LEVEL);
    EXPECT(Start.Self == Thread);
}

CHECK(PsTerminateSystemThread, PASSIVE_PLACES)
{
    STARTED Start = {.Terminate = TRUE};
    PVOID Thread = StartThread(&Start);

    EXPECT(Thread != NULL);
    EndThread(&Start, Thread);
    EXPECT_EQUAL(Start.Ran, 1);
}

CHECK(KeGetCurrentThread, EVERYWHERE)
{
    EXPECT(KeGetCurrentThread() != NULL);
    EXPECT(KeGetCurrentThread() == KeGetCurrentThread());
}

CHECK(PsIsThreadTerminating, PASSIVE_PLACES)
{
    STARTED Start = {.Terminate = FALSE};
    PVOID Thread = StartThread(&Start);

    EXPECT(Thread != NULL);
    EXPECT(!PsIsThreadTerminating((PETHREAD)Thread));
    KeSetEvent(&Start.Go, 0, FALSE);
    KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, NULL);
    EXPECT(PsIsThreadTerminating((PETHREAD)Thread));
    ObDereferenceObject(Thread);
}

CHECK(KeSetPriorityThread, PASSIVE_PLACES)
{
    STARTED Start = {.Terminate = FALSE};
    PVOID Thread = StartThread(&Start);

    EXPECT(Thread != NULL);
    EXPECT_EQUAL(KeSetPriorityThread((PKTHREAD)Thread, 16), 8);
    EXPECT_EQUAL(KeSetPriorityThread((PKTHREAD)Thread, 9), 16);
    EndThread(&Start, Thread);
}

CHECK(KeQueryPriorityThread, PASSIVE_PLACES)
{
    STARTED Start = {.Terminate = FALSE};
    PVOID Thread = StartThread(&Start);

    EXPECT(Thread != NULL);
    EXPECT_EQUAL(KeQueryPriorityThread((PKTHREAD)Thread), 8);
    KeSetPriorityThread((PKTHREAD)Thread, 12);
    EXPECT_EQUAL(KeQueryPriorityThread((PKTHREAD)Thread), 12);
    EndThread(&Start, Thread);
}

CHECK(KeEnterCriticalRegion, PASSIVE_PLACES)
{
    EXPECT(!KeAreApcsDisabled());
    KeEnterCriticalRegion();
    EXPECT(KeAreApcsDisabled());
    EXPECT(!KeAreAllApcsDisabled());
    KeLeaveCriticalRegion();
    EXPECT(!KeAreApcsDisabled());
}

CHECK(KeLeaveCriticalRegion, PASSIVE_PLACES)
{
    KeEnterCriticalRegion();
    KeLeaveCriticalRegion();
    EXPECT(!KeAreApcsDisabled());
    EXPECT_FINDING(KeLeaveCriticalRegion());
}

CHECK(KeEnterGuardedRegion, PASSIVE_PLACES)
{
    KeEnterGuardedRegion();
    EXPECT(KeAreAllApcsDisabled());
    KeLeaveGuardedRegion();
    EXPECT(!KeAreAllApcsDisabled());
}

CHECK(KeLeaveGuardedRegion, PASSIVE_PLACES)
{
    KeEnterGuardedRegion();
    KeLeaveGuardedRegion();
    EXPECT(!KeAreAllApcsDisabled());
    EXPECT_FINDING(KeLeaveGuardedRegion());
}

CHECK(KeAreApcsDisabled, LOW_PLACES)
{
    EXPECT_EQUAL(KeAreApcsDisabled(), Context->Irql >= APC_LEVEL);
}

CHECK(KeAreAllApcsDisabled, LOW_PLACES)
{
    EXPECT_EQUAL(KeAreAllApcsDisabled(), Context->Irql >= APC_LEVEL);
}

/* ---- work items ---- */

typedef struct _WORKED {
    KEVENT Done;
    KIRQL Irql;
    PVOID Seen;
} WORKED;

static VOID NTAPI DoWork(PVOID Parameter)
{
    WORKED *Worked = (WORKED *)Parameter;

    Worked->Irql = KeGetCurrentIrql();
    KeSetEvent(&Worked->Done, 0, FALSE);
}

static NTSTATUS AwaitWork(WORKED *Worked)
{
    LARGE_INTEGER Limit;

    Limit.QuadPart = PATIENCE;
    return KeWaitForSingleObject(&Worked->Done, Executive, KernelMode, FALSE, &Limit);
}

CHECK(ExQueueWorkItem, PASSIVE_PLACES)
{
    WORK_QUEUE_ITEM Item;
    WORKED Worked;

    KeInitializeEvent(&Worked.Done, NotificationEvent, FALSE);
    Worked.Irql = HIGH_LEVEL;
    ExInitializeWorkItem(&Item, DoWork, &Worked);
    ExQueueWorkItem(&Item, DelayedWorkQueue);
    EXPECT_EQUAL(AwaitWork(&Worked), STATUS_SUCCESS);
    EXPECT_EQUAL(Worked.Irql, PASSIVE_LEVEL);
}

static PDEVICE_OBJECT AdapterDevice(CHECK_CONTEXT *Context)
{
    PVOID Adapter = NULL, Physical = NULL, Lower = NULL;

    EXPECT_STATUS(StorPortGetDeviceObjects(Context->Extension, &Adapter, &Physical, &Lower),
                  STOR_STATUS_SUCCESS);
    return (PDEVICE_OBJECT)Adapter;
}

static VOID NTAPI DoDeviceWork(PDEVICE_OBJECT DeviceObject, PVOID Parameter)
{
    WORKED *Worked = (WORKED *)Parameter;

    Worked->Seen = DeviceObject;
    KeSetEvent(&Worked->Done, 0, FALSE);
}

CHECK(IoAllocateWorkItem, PASSIVE_PLACES)
{
    PIO_WORKITEM Item = IoAllocateWorkItem(AdapterDevice(Context));

    EXPECT(Item != NULL);
    IoFreeWorkItem(Item);
}

CHECK_FATAL(IoFreeWorkItem, stops_at_the_second_time, AT(WorkItem))
{
    PIO_WORKITEM Item = IoAllocateWorkItem(AdapterDevice(Context));

    IoFreeWorkItem(Item);
    IoFreeWorkItem(Item);
}

CHECK(IoQueueWorkItem, PASSIVE_PLACES)
{
    PDEVICE_OBJECT Device = AdapterDevice(Context);
    PIO_WORKITEM Item = IoAllocateWorkItem(Device);
    WORKED Worked;

    KeInitializeEvent(&Worked.Done, NotificationEvent, FALSE);
    Worked.Seen = NULL;
    IoQueueWorkItem(Item, DoDeviceWork, DelayedWorkQueue, &Worked);
    EXPECT_EQUAL(AwaitWork(&Worked), STATUS_SUCCESS);
    EXPECT(Worked.Seen == Device);
    IoFreeWorkItem(Item);
}

static VOID NTAPI DoItemWork(PVOID IoObject, PVOID Parameter, PIO_WORKITEM Item)
{
    WORKED *Worked = (WORKED *)Parameter;

    UNREFERENCED_PARAMETER(IoObject);
    Worked->Seen = Item;
    KeSetEvent(&Worked->Done, 0, FALSE);
}

CHECK(IoQueueWorkItemEx, PASSIVE_PLACES)
{
    PIO_WORKITEM Item = IoAllocateWorkItem(AdapterDevice(Context));
    WORKED Worked;

    KeInitializeEvent(&Worked.Done, NotificationEvent, FALSE);
    Worked.Seen = NULL;
    IoQueueWorkItemEx(Item, DoItemWork, DelayedWorkQueue, &Worked);
    EXPECT_EQUAL(AwaitWork(&Worked), STATUS_SUCCESS);
    EXPECT(Worked.Seen == Item);
    IoFreeWorkItem(Item);
}

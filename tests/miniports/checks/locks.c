/*
 * Checks of spin locks and of lists under a lock or without one.
 */
#include "check.h"

/* Nothing is held there, and every lock may be taken. */
#define FREE_PLACES                                                                                \
    (AT(BuildIo) | AT(Dpc) | AT(WorkItem) | AT(Thread) | AT(QueryControls) | AT(UnitStart))
#define DEVICE_PLACES (AT(HwInitialize) | AT(Interrupt) | AT(Message) | AT(Synchronized))

typedef struct _LOCK_MEMORY {
    STOR_DPC Dpc;
    LONG Synchronized;
    KIRQL Irql;
} LOCK_MEMORY;

static STOR_SYNCHRONIZED_ACCESS NoteAccess;

static BOOLEAN NoteAccess(PVOID DeviceExtension, PVOID Context)
{
    LOCK_MEMORY *Memory = (LOCK_MEMORY *)Context;

    UNREFERENCED_PARAMETER(DeviceExtension);
    Memory->Irql = KeGetCurrentIrql();
    return (BOOLEAN)Memory->Synchronized;
}

static KIRQL DeviceIrql(CHECK_CONTEXT *Context)
{
    return Context->Model == CheckVirtual ? DISPATCH_LEVEL : 8;
}

/* A DPC's lock word needs no DPC that can run. */
static LOCK_MEMORY *Memory(CHECK_CONTEXT *Context)
{
    return (LOCK_MEMORY *)Context->Memory;
}

CHECK(StorPortAcquireSpinLock, FREE_PLACES)
{
    STOR_LOCK_HANDLE Outer, Inner;
    PVOID Extension = Context->Extension;

    StorPortAcquireSpinLock(Extension, DpcLock, &Memory(Context)->Dpc, &Outer);
    EXPECT_EQUAL(KeGetCurrentIrql(), DISPATCH_LEVEL);
    EXPECT(Memory(Context)->Dpc.Lock != 0);
    StorPortAcquireSpinLock(Extension, StartIoLock, NULL, &Inner);
    StorPortReleaseSpinLock(Extension, &Inner);
    EXPECT_EQUAL(KeGetCurrentIrql(), DISPATCH_LEVEL);
    StorPortReleaseSpinLock(Extension, &Outer);
    EXPECT(Memory(Context)->Dpc.Lock == 0);
    EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
    StorPortAcquireSpinLock(Extension, StartIoLock, NULL, &Outer);
    StorPortAcquireSpinLock(Extension, InterruptLock, NULL, &Inner);
    EXPECT_EQUAL(KeGetCurrentIrql(), DeviceIrql(Context));
    StorPortReleaseSpinLock(Extension, &Inner);
    StorPortReleaseSpinLock(Extension, &Outer);
    EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
    EXPECT_FINDING(StorPortAcquireSpinLock(Extension, DpcLock, NULL, &Outer));
    StorPortReleaseSpinLock(Extension, &Outer);
    EXPECT_FINDING(StorPortAcquireSpinLock(Extension, (STOR_SPINLOCK)9, NULL, &Outer));
    StorPortReleaseSpinLock(Extension, &Outer);
}

/* A DPC's lock is free everywhere; above DISPATCH_LEVEL taking it is reported, and where the
 * callback may take no lock, too. */
CHECK_ALSO(StorPortAcquireSpinLock, is_reported_at_device_level, DEVICE_PLACES)
{
    STOR_LOCK_HANDLE Handle;

    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT_FINDING(
            StorPortAcquireSpinLock(Context->Extension, DpcLock, &Memory(Context)->Dpc, &Handle));
        EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
        StorPortReleaseSpinLock(Context->Extension, &Handle);
    }
}

CHECK_FATAL(StorPortAcquireSpinLock, stops_the_second_time, AT(StartIoLocked) | AT(InterruptLocked))
{
    STOR_LOCK_HANDLE Handle;

    StorPortAcquireSpinLock(Context->Extension,
                            Context->Place == CheckStartIoLocked ? StartIoLock : InterruptLock,
                            NULL, &Handle);
}

CHECK(StorPortReleaseSpinLock, FREE_PLACES)
{
    STOR_LOCK_HANDLE Outer, Inner;
    STOR_DPC Other;

    RtlZeroMemory(&Other, sizeof(Other));
    StorPortAcquireSpinLock(Context->Extension, DpcLock, &Memory(Context)->Dpc, &Outer);
    StorPortAcquireSpinLock(Context->Extension, DpcLock, &Other, &Inner);
    EXPECT_FINDING(StorPortReleaseSpinLock(Context->Extension, &Inner);
                   StorPortAcquireSpinLock(Context->Extension, DpcLock, &Other, &Inner);
                   Outer.Context.OldIrql = DISPATCH_LEVEL;
                   StorPortReleaseSpinLock(Context->Extension, &Outer));
    Inner.Context.OldIrql = Context->Irql;
    StorPortReleaseSpinLock(Context->Extension, &Inner);
    EXPECT(Memory(Context)->Dpc.Lock == 0 && Other.Lock == 0);
    EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
}

CHECK(StorPortAcquireSpinLockEx, FREE_PLACES)
{
    STOR_LOCK_HANDLE Handle, Second;
    PVOID Extension = Context->Extension;
    PSTOR_DPC Dpc = &Memory(Context)->Dpc;

    EXPECT_STATUS(StorPortAcquireSpinLockEx(Extension, DpcLock, Dpc, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortAcquireSpinLockEx(Extension, DpcLock, NULL, &Handle),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortAcquireSpinLockEx(Extension, (STOR_SPINLOCK)9, Dpc, &Handle),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortAcquireSpinLockEx(Extension, ThreadedDpcLock, Dpc, &Handle),
                  STOR_STATUS_SUCCESS);
    EXPECT(Dpc->Lock != 0 && KeGetCurrentIrql() == DISPATCH_LEVEL);
    /* What would hang is refused. */
    EXPECT_FINDING(EXPECT_STATUS(StorPortAcquireSpinLockEx(Extension, DpcLock, Dpc, &Second),
                                 STOR_STATUS_INVALID_PARAMETER));
    StorPortReleaseSpinLock(Extension, &Handle);
    if (Context->Irql < DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortAcquireSpinLockEx(Extension, DpcLevelLock, Dpc, &Handle),
                      STOR_STATUS_INVALID_IRQL);
    } else {
        EXPECT_STATUS(StorPortAcquireSpinLockEx(Extension, DpcLevelLock, Dpc, &Handle),
                      STOR_STATUS_SUCCESS);
        StorPortReleaseSpinLock(Extension, &Handle);
    }
    EXPECT_STATUS(StorPortAcquireSpinLockEx(Extension, InterruptLock, NULL, &Handle),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(KeGetCurrentIrql(), DeviceIrql(Context));
    EXPECT_STATUS(StorPortAcquireSpinLockEx(Extension, StartIoLock, NULL, &Second),
                  Context->Model == CheckVirtual ? STOR_STATUS_SUCCESS : STOR_STATUS_INVALID_IRQL);
    if (Context->Model == CheckVirtual) {
        StorPortReleaseSpinLock(Extension, &Second);
    }
    StorPortReleaseSpinLock(Extension, &Handle);
    EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
}

CHECK(StorPortSynchronizeAccess, FREE_PLACES | AT(StartIoLocked) | AT(DpcLocked))
{
    LOCK_MEMORY *Own = Memory(Context);

    Own->Synchronized = TRUE;
    EXPECT(StorPortSynchronizeAccess(Context->Extension, NoteAccess, Own));
    EXPECT_EQUAL(Own->Irql, DeviceIrql(Context));
    Own->Synchronized = FALSE;
    EXPECT(!StorPortSynchronizeAccess(Context->Extension, NoteAccess, Own));
    EXPECT(!StorPortSynchronizeAccess(Context->Extension, NULL, Own));
    EXPECT(!StorPortSynchronizeAccess(NULL, NoteAccess, Own));
}

/* Messages have locks of their own where there are messages. */
static BOOLEAN HasMessages(CHECK_CONTEXT *Context)
{
    MESSAGE_INTERRUPT_INFORMATION Information;

    return StorPortGetMSIInfo(Context->Extension, 0, &Information) == STOR_STATUS_SUCCESS;
}

static BOOLEAN HasMessageLocks(CHECK_CONTEXT *Context)
{
    ULONG OldIrql = 0;

    if (StorPortAcquireMSISpinLock(Context->Extension, 0, &OldIrql) != STOR_STATUS_SUCCESS) {
        return FALSE;
    }
    EXPECT_EQUAL(KeGetCurrentIrql(), 8);
    EXPECT_EQUAL(OldIrql, Context->Irql);
    EXPECT_STATUS(StorPortReleaseMSISpinLock(Context->Extension, 0, OldIrql), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
    return TRUE;
}

CHECK(StorPortAcquireMSISpinLock, AT(Dpc) | AT(WorkItem) | AT(Message))
{
    PVOID Extension = Context->Extension;
    ULONG First = 0, Second = 0, Again = 0;

    EXPECT_STATUS(StorPortAcquireMSISpinLock(Extension, 1000, &First),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortAcquireMSISpinLock(Extension, 0, NULL), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortAcquireMSISpinLock(NULL, 0, &First), STOR_STATUS_INVALID_PARAMETER);
    if (Context->Place == CheckMessage) {
        /* Its own lock, of message 1, is held. */
        EXPECT_FINDING(EXPECT_STATUS(StorPortAcquireMSISpinLock(Extension, 1, &First),
                                     STOR_STATUS_INVALID_PARAMETER));
        EXPECT_STATUS(StorPortAcquireMSISpinLock(Extension, 2, &First), STOR_STATUS_SUCCESS);
        EXPECT_STATUS(StorPortReleaseMSISpinLock(Extension, 2, First), STOR_STATUS_SUCCESS);
        return;
    }
    EXPECT_EQUAL(HasMessageLocks(Context), HasMessages(Context));
    if (!HasMessages(Context)) {
        return;
    }
    EXPECT_STATUS(StorPortAcquireMSISpinLock(Extension, 1, &First), STOR_STATUS_SUCCESS);
    EXPECT_FINDING(EXPECT_STATUS(StorPortAcquireMSISpinLock(Extension, 1, &Again),
                                 STOR_STATUS_INVALID_PARAMETER));
    EXPECT_FINDING(
        EXPECT_STATUS(StorPortAcquireMSISpinLock(Extension, 0, &Second), STOR_STATUS_SUCCESS));
    EXPECT_STATUS(StorPortReleaseMSISpinLock(Extension, 0, Second), STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortReleaseMSISpinLock(Extension, 1, First), STOR_STATUS_SUCCESS);
}

CHECK(StorPortReleaseMSISpinLock, AT(Dpc) | AT(WorkItem))
{
    PVOID Extension = Context->Extension;

    EXPECT_EQUAL(HasMessageLocks(Context), HasMessages(Context));
    EXPECT_STATUS(StorPortReleaseMSISpinLock(Extension, 1000, 0), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortReleaseMSISpinLock(NULL, 0, 0), STOR_STATUS_INVALID_PARAMETER);
    if (HasMessages(Context)) {
        EXPECT_FINDING(EXPECT_STATUS(StorPortReleaseMSISpinLock(Extension, 0, 0),
                                     STOR_STATUS_INVALID_PARAMETER));
    }
}

/* ---- lists under a lock word: any IRQL ---- */

typedef struct _LIST_SET {
    STOR_KSPIN_LOCK Lock;
    STOR_LIST_ENTRY Head, First, Second, Third;
} LIST_SET;

static VOID Initialize(CHECK_CONTEXT *Context, LIST_SET *Set)
{
    StorPortInitializeListHead(Context->Extension, &Set->Head);
    Set->Lock = 5;
    EXPECT_STATUS(StorPortInitializeSpinlock(Context->Extension, &Set->Lock), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Set->Lock, 0);
}

CHECK(StorPortInitializeSpinlock, EVERYWHERE)
{
    LIST_SET Set;

    Initialize(Context, &Set);
    EXPECT_STATUS(StorPortInitializeSpinlock(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortInterlockedInsertHeadList, EVERYWHERE)
{
    LIST_SET Set;
    PSTOR_LIST_ENTRY Result = &Set.Head;

    Initialize(Context, &Set);
    EXPECT_STATUS(StorPortInterlockedInsertHeadList(Context->Extension, &Set.Head, &Set.First,
                                                    &Result, &Set.Lock),
                  STOR_STATUS_SUCCESS);
    EXPECT(Result == NULL);
    EXPECT_STATUS(StorPortInterlockedInsertHeadList(Context->Extension, &Set.Head, &Set.Second,
                                                    &Result, &Set.Lock),
                  STOR_STATUS_SUCCESS);
    EXPECT(Result == &Set.First && Set.Head.Flink == &Set.Second && Set.Head.Blink == &Set.First);
    EXPECT_EQUAL(Set.Lock, 0);
    EXPECT_STATUS(StorPortInterlockedInsertHeadList(Context->Extension, NULL, &Set.Second, &Result,
                                                    &Set.Lock),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortInterlockedInsertHeadList(Context->Extension, &Set.Head, NULL, &Result, &Set.Lock),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortInterlockedInsertHeadList(Context->Extension, &Set.Head, &Set.Third, NULL,
                                                    &Set.Lock),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortInterlockedInsertHeadList(Context->Extension, &Set.Head, &Set.Third, &Result, NULL),
        STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortInterlockedInsertTailList, EVERYWHERE)
{
    LIST_SET Set;
    PSTOR_LIST_ENTRY Result = &Set.Head;

    Initialize(Context, &Set);
    EXPECT_STATUS(StorPortInterlockedInsertTailList(Context->Extension, &Set.Head, &Set.First,
                                                    &Result, &Set.Lock),
                  STOR_STATUS_SUCCESS);
    EXPECT(Result == NULL);
    EXPECT_STATUS(StorPortInterlockedInsertTailList(Context->Extension, &Set.Head, &Set.Second,
                                                    &Result, &Set.Lock),
                  STOR_STATUS_SUCCESS);
    EXPECT(Result == &Set.First && Set.Head.Flink == &Set.First && Set.Head.Blink == &Set.Second);
    EXPECT_STATUS(
        StorPortInterlockedInsertTailList(Context->Extension, &Set.Head, NULL, &Result, &Set.Lock),
        STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortInterlockedRemoveHeadList, EVERYWHERE)
{
    LIST_SET Set;
    PSTOR_LIST_ENTRY Result = &Set.Third;

    Initialize(Context, &Set);
    EXPECT_STATUS(
        StorPortInterlockedRemoveHeadList(Context->Extension, &Set.Head, &Result, &Set.Lock),
        STOR_STATUS_SUCCESS);
    EXPECT(Result == NULL);
    InsertTailList((PLIST_ENTRY)&Set.Head, (PLIST_ENTRY)&Set.First);
    InsertTailList((PLIST_ENTRY)&Set.Head, (PLIST_ENTRY)&Set.Second);
    EXPECT_STATUS(
        StorPortInterlockedRemoveHeadList(Context->Extension, &Set.Head, &Result, &Set.Lock),
        STOR_STATUS_SUCCESS);
    EXPECT(Result == &Set.First && Set.Head.Flink == &Set.Second);
    EXPECT_STATUS(StorPortInterlockedRemoveHeadList(Context->Extension, &Set.Head, NULL, &Set.Lock),
                  STOR_STATUS_INVALID_PARAMETER);
}

/* ---- sequenced lists ---- */

typedef struct _SLIST_SET {
    STOR_SLIST_HEADER Header;
    STOR_SLIST_ENTRY First, Second;
} SLIST_SET;

/* Two entries, the second first; NULL above DISPATCH_LEVEL, where the routines refuse. */
static BOOLEAN FillSList(CHECK_CONTEXT *Context, SLIST_SET *Set)
{
    PSTOR_SLIST_ENTRY Result = &Set->First;

    RtlFillMemory(&Set->Header, sizeof(Set->Header), 0xFF);
    EXPECT_UP_TO(DISPATCH_LEVEL, StorPortInitializeSListHead(Context->Extension, &Set->Header),
                 STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Set->Header.Alignment, Context->Irql <= DISPATCH_LEVEL ? 0 : ~0ull);
    EXPECT_UP_TO(
        DISPATCH_LEVEL,
        StorPortInterlockedPushEntrySList(Context->Extension, &Set->Header, &Set->First, &Result),
        STOR_STATUS_SUCCESS);
    if (Context->Irql > DISPATCH_LEVEL) {
        return FALSE;
    }
    EXPECT(Result == NULL);
    EXPECT_STATUS(
        StorPortInterlockedPushEntrySList(Context->Extension, &Set->Header, &Set->Second, &Result),
        STOR_STATUS_SUCCESS);
    EXPECT(Result == &Set->First);
    return TRUE;
}

CHECK(StorPortInitializeSListHead, EVERYWHERE)
{
    SLIST_SET Set;

    (VOID) FillSList(Context, &Set);
    EXPECT_STATUS(StorPortInitializeSListHead(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Irql <= DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortInitializeSListHead(Context->Extension, &Set.Header),
                      STOR_STATUS_SUCCESS);
        EXPECT_EQUAL(Set.Header.Alignment | Set.Header.Region, 0);
        EXPECT_FINDING(
            EXPECT_STATUS(StorPortInitializeSListHead(
                              Context->Extension, (PSTOR_SLIST_HEADER)((PUCHAR)&Set.Header + 8)),
                          STOR_STATUS_INVALID_PARAMETER));
    }
}

CHECK(StorPortInterlockedPushEntrySList, EVERYWHERE)
{
    SLIST_SET Set;
    PSTOR_SLIST_ENTRY Result = NULL;

    (VOID) FillSList(Context, &Set);
    EXPECT_STATUS(StorPortInterlockedPushEntrySList(Context->Extension, &Set.Header, NULL, &Result),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortInterlockedPushEntrySList(Context->Extension, &Set.Header, &Set.First, NULL),
        STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortInterlockedPopEntrySList, EVERYWHERE)
{
    SLIST_SET Set;
    PSTOR_SLIST_ENTRY Result = NULL;

    if (!FillSList(Context, &Set)) {
        EXPECT_STATUS(StorPortInterlockedPopEntrySList(Context->Extension, &Set.Header, &Result),
                      STOR_STATUS_INVALID_IRQL);
        return;
    }
    EXPECT_STATUS(StorPortInterlockedPopEntrySList(Context->Extension, &Set.Header, &Result),
                  STOR_STATUS_SUCCESS);
    EXPECT(Result == &Set.Second);
    EXPECT_STATUS(StorPortInterlockedPopEntrySList(Context->Extension, &Set.Header, &Result),
                  STOR_STATUS_SUCCESS);
    EXPECT(Result == &Set.First);
    EXPECT_STATUS(StorPortInterlockedPopEntrySList(Context->Extension, &Set.Header, &Result),
                  STOR_STATUS_SUCCESS);
    EXPECT(Result == NULL);
    EXPECT_STATUS(StorPortInterlockedPopEntrySList(Context->Extension, NULL, &Result),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortInterlockedFlushSList, EVERYWHERE)
{
    SLIST_SET Set;
    PSTOR_SLIST_ENTRY Result = NULL;

    if (!FillSList(Context, &Set)) {
        EXPECT_STATUS(StorPortInterlockedFlushSList(Context->Extension, &Set.Header, &Result),
                      STOR_STATUS_INVALID_IRQL);
        return;
    }
    EXPECT_STATUS(StorPortInterlockedFlushSList(Context->Extension, &Set.Header, &Result),
                  STOR_STATUS_SUCCESS);
    EXPECT(Result == &Set.Second && Result->Next == &Set.First && Set.First.Next == NULL);
    EXPECT_STATUS(StorPortInterlockedFlushSList(Context->Extension, &Set.Header, &Result),
                  STOR_STATUS_SUCCESS);
    EXPECT(Result == NULL);
    EXPECT_STATUS(StorPortInterlockedFlushSList(Context->Extension, &Set.Header, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortQueryDepthSList, EVERYWHERE)
{
    SLIST_SET Set;
    SHORT Depth = -1;

    if (!FillSList(Context, &Set)) {
        EXPECT_STATUS(StorPortQueryDepthSList(Context->Extension, &Set.Header, &Depth),
                      STOR_STATUS_INVALID_IRQL);
        return;
    }
    EXPECT_STATUS(StorPortQueryDepthSList(Context->Extension, &Set.Header, &Depth),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Depth, 2);
    EXPECT_STATUS(StorPortQueryDepthSList(Context->Extension, &Set.Header, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

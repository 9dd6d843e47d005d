/*
 * Checks of what several threads share: remove locks, spin locks of readers and writers, spin locks
 * that are only tried; and of who the calling thread is.
 */
#include "check.h"

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))
#define TAG            'rahS'
#define A_WHILE        (-20000ll) /* two milliseconds */
#define ROUNDS         500

/* ---- a second thread ---- */

typedef struct _HELPER {
    IO_REMOVE_LOCK Remove;
    EX_SPIN_LOCK Shared;
    KSPIN_LOCK Spin;
    volatile LONG Steps;
    LONG Value, Copy; /* of one value, while nobody writes */
    BOOLEAN Torn;
    KEVENT Ended;
} HELPER;

static LARGE_INTEGER Units(LONGLONG Count)
{
    LARGE_INTEGER Time;

    Time.QuadPart = Count;
    return Time;
}

static BOOLEAN StartHelper(CHECK_CONTEXT *Context, HELPER *Helper, PKSTART_ROUTINE Routine)
{
    HANDLE Handle;
    NTSTATUS Status;

    KeInitializeEvent(&Helper->Ended, NotificationEvent, FALSE);
    Status = PsCreateSystemThread(&Handle, 0, NULL, NULL, NULL, Routine, Helper);
    EXPECT_EQUAL(Status, STATUS_SUCCESS);
    if (!NT_SUCCESS(Status)) {
        return FALSE;
    }
    ZwClose(Handle);
    return TRUE;
}

static VOID AwaitHelper(CHECK_CONTEXT *Context, HELPER *Helper)
{
    LARGE_INTEGER Patience = Units(PATIENCE);

    EXPECT_EQUAL(KeWaitForSingleObject(&Helper->Ended, Executive, KernelMode, FALSE, &Patience),
                 STATUS_SUCCESS);
}

/* ---- remove locks ---- */

CHECK(IoInitializeRemoveLockEx, PASSIVE_PLACES)
{
    IO_REMOVE_LOCK Lock;

    RtlFillMemory(&Lock, sizeof(Lock), 0xA5);
    IoInitializeRemoveLock(&Lock, TAG, 1, 2);
    EXPECT(!Lock.Common.Removed);
    EXPECT_EQUAL(Lock.Common.IoCount, 1);
}

CHECK(IoAcquireRemoveLockEx, PASSIVE_PLACES)
{
    IO_REMOVE_LOCK Lock;

    IoInitializeRemoveLock(&Lock, TAG, 0, 0);
    EXPECT_EQUAL(IoAcquireRemoveLock(&Lock, &Lock), STATUS_SUCCESS);
    EXPECT_EQUAL(Lock.Common.IoCount, 2);
    IoReleaseRemoveLockAndWait(&Lock, &Lock);
    EXPECT(Lock.Common.Removed);
    EXPECT_EQUAL(IoAcquireRemoveLock(&Lock, NULL), STATUS_DELETE_PENDING);
    EXPECT_EQUAL(Lock.Common.IoCount, 0);
}

CHECK(IoReleaseRemoveLockEx, PASSIVE_PLACES)
{
    IO_REMOVE_LOCK Lock;

    IoInitializeRemoveLock(&Lock, TAG, 0, 0);
    EXPECT_EQUAL(IoAcquireRemoveLock(&Lock, NULL), STATUS_SUCCESS);
    IoReleaseRemoveLock(&Lock, NULL);
    EXPECT_EQUAL(Lock.Common.IoCount, 1);
    IoReleaseRemoveLock(&Lock, NULL);
    EXPECT_FINDING(IoReleaseRemoveLock(&Lock, NULL));
}

static VOID NTAPI RemoveAndTell(PVOID StartContext)
{
    HELPER *Helper = (HELPER *)StartContext;

    (VOID) IoAcquireRemoveLock(&Helper->Remove, NULL);
    IoReleaseRemoveLockAndWait(&Helper->Remove, NULL);
    InterlockedIncrement(&Helper->Steps);
    KeSetEvent(&Helper->Ended, 0, FALSE);
}

CHECK(IoReleaseRemoveLockAndWaitEx, PASSIVE_PLACES)
{
    LARGE_INTEGER While = Units(A_WHILE);
    HELPER Helper;

    RtlZeroMemory(&Helper, sizeof(Helper));
    IoInitializeRemoveLock(&Helper.Remove, TAG, 0, 0);
    EXPECT_EQUAL(IoAcquireRemoveLock(&Helper.Remove, NULL), STATUS_SUCCESS);
    if (!StartHelper(Context, &Helper, RemoveAndTell)) {
        return;
    }
    while (!*(volatile BOOLEAN *)&Helper.Remove.Common.Removed) {
        (VOID) KeDelayExecutionThread(KernelMode, FALSE, &While);
    }
    (VOID) KeDelayExecutionThread(KernelMode, FALSE, &While);
    EXPECT_EQUAL(Helper.Steps, 0);
    IoReleaseRemoveLock(&Helper.Remove, NULL);
    AwaitHelper(Context, &Helper);
    EXPECT_EQUAL(Helper.Steps, 1);
}

/* ---- spin locks of readers and writers ---- */

CHECK(ExAcquireSpinLockExclusive, LOW_PLACES)
{
    EX_SPIN_LOCK Lock = 0;
    KIRQL OldIrql = ExAcquireSpinLockExclusive(&Lock);

    EXPECT_EQUAL(OldIrql, Context->Irql);
    EXPECT_EQUAL(KeGetCurrentIrql(), DISPATCH_LEVEL);
    EXPECT(Lock != 0);
    ExReleaseSpinLockExclusive(&Lock, OldIrql);
    EXPECT_EQUAL(Lock, 0);
}

CHECK(ExReleaseSpinLockExclusive, LOW_PLACES)
{
    EX_SPIN_LOCK Lock = 0;
    ULONG Round;

    for (Round = 0; Round < 3; Round++) {
        ExReleaseSpinLockExclusive(&Lock, ExAcquireSpinLockExclusive(&Lock));
        EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
    }
    EXPECT_EQUAL(Lock, 0);
}

CHECK(ExAcquireSpinLockShared, LOW_PLACES)
{
    EX_SPIN_LOCK Lock = 0;
    KIRQL OldIrql = ExAcquireSpinLockShared(&Lock);

    EXPECT_EQUAL(OldIrql, Context->Irql);
    EXPECT_EQUAL(KeGetCurrentIrql(), DISPATCH_LEVEL);
    EXPECT_EQUAL(Lock, 1);
    ExReleaseSpinLockShared(&Lock, OldIrql);
}

CHECK(ExReleaseSpinLockShared, LOW_PLACES)
{
    EX_SPIN_LOCK Lock = 0;

    ExReleaseSpinLockShared(&Lock, ExAcquireSpinLockShared(&Lock));
    EXPECT_EQUAL(Lock, 0);
    EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
}

CHECK(ExAcquireSpinLockExclusiveAtDpcLevel, AT(Dpc))
{
    EX_SPIN_LOCK Lock = 0;

    ExAcquireSpinLockExclusiveAtDpcLevel(&Lock);
    EXPECT(Lock != 0);
    ExReleaseSpinLockExclusiveFromDpcLevel(&Lock);
}

CHECK(ExReleaseSpinLockExclusiveFromDpcLevel, AT(Dpc))
{
    EX_SPIN_LOCK Lock = 0;

    ExAcquireSpinLockExclusiveAtDpcLevel(&Lock);
    ExReleaseSpinLockExclusiveFromDpcLevel(&Lock);
    EXPECT_EQUAL(Lock, 0);
}

CHECK(ExAcquireSpinLockSharedAtDpcLevel, AT(Dpc))
{
    EX_SPIN_LOCK Lock = 0;

    ExAcquireSpinLockSharedAtDpcLevel(&Lock);
    EXPECT_EQUAL(Lock, 1);
    ExReleaseSpinLockSharedFromDpcLevel(&Lock);
}

CHECK(ExReleaseSpinLockSharedFromDpcLevel, AT(Dpc))
{
    EX_SPIN_LOCK Lock = 0;

    ExAcquireSpinLockSharedAtDpcLevel(&Lock);
    ExReleaseSpinLockSharedFromDpcLevel(&Lock);
    EXPECT_EQUAL(Lock, 0);
}

CHECK(ExTryConvertSharedSpinLockExclusive, LOW_PLACES)
{
    EX_SPIN_LOCK Lock = 0;
    KIRQL OldIrql = ExAcquireSpinLockShared(&Lock);

    EXPECT(ExTryConvertSharedSpinLockExclusive(&Lock));
    ExReleaseSpinLockExclusive(&Lock, OldIrql);
    EXPECT_EQUAL(Lock, 0);
    OldIrql = ExAcquireSpinLockShared(&Lock);
    Lock++; /* as if another processor read, too */
    EXPECT(!ExTryConvertSharedSpinLockExclusive(&Lock));
    Lock--;
    ExReleaseSpinLockShared(&Lock, OldIrql);
    EXPECT_EQUAL(Lock, 0);
}

static VOID NTAPI WriteOften(PVOID StartContext)
{
    HELPER *Helper = (HELPER *)StartContext;
    ULONG Round;

    for (Round = 0; Round < ROUNDS; Round++) {
        KIRQL OldIrql = ExAcquireSpinLockExclusive(&Helper->Shared);
        Helper->Value++;
        Helper->Copy++;
        ExReleaseSpinLockExclusive(&Helper->Shared, OldIrql);
    }
    KeSetEvent(&Helper->Ended, 0, FALSE);
}

/* Nobody reads while somebody writes, and both get their turn. */
CHECK_ALSO(ExAcquireSpinLockShared, keeps_writers_out, PASSIVE_PLACES)
{
    HELPER Helper;
    ULONG Round;

    RtlZeroMemory(&Helper, sizeof(Helper));
    if (!StartHelper(Context, &Helper, WriteOften)) {
        return;
    }
    for (Round = 0; Round < ROUNDS; Round++) {
        KIRQL OldIrql = ExAcquireSpinLockShared(&Helper.Shared);
        if (Helper.Value != Helper.Copy) {
            Helper.Torn = TRUE;
        }
        ExReleaseSpinLockShared(&Helper.Shared, OldIrql);
    }
    AwaitHelper(Context, &Helper);
    EXPECT(!Helper.Torn);
    EXPECT_EQUAL(Helper.Value, ROUNDS);
}

CHECK_FATAL(ExAcquireSpinLockShared, twice, AT(WorkItem))
{
    EX_SPIN_LOCK Lock = 0;

    (VOID) ExAcquireSpinLockShared(&Lock);
    (VOID) ExAcquireSpinLockShared(&Lock);
}

CHECK_FATAL(ExReleaseSpinLockExclusive, of_a_reader, AT(WorkItem))
{
    EX_SPIN_LOCK Lock = 0;

    ExReleaseSpinLockExclusive(&Lock, ExAcquireSpinLockShared(&Lock));
}

/* ---- spin locks that are tried ---- */

CHECK(KeTryToAcquireSpinLockAtDpcLevel, AT(Dpc))
{
    KSPIN_LOCK Lock;

    KeInitializeSpinLock(&Lock);
    EXPECT(KeTestSpinLock(&Lock));
    EXPECT(KeTryToAcquireSpinLockAtDpcLevel(&Lock));
    EXPECT(!KeTestSpinLock(&Lock));
    EXPECT(!KeTryToAcquireSpinLockAtDpcLevel(&Lock));
    KeReleaseSpinLockFromDpcLevel(&Lock);
}

CHECK(KeTestSpinLock, LOW_PLACES)
{
    KSPIN_LOCK Lock;
    KIRQL OldIrql;

    KeInitializeSpinLock(&Lock);
    KeAcquireSpinLock(&Lock, &OldIrql);
    EXPECT(!KeTestSpinLock(&Lock));
    KeReleaseSpinLock(&Lock, OldIrql);
    EXPECT(KeTestSpinLock(&Lock));
}

/* ---- who runs ---- */

CHECK(PsGetCurrentProcessId, AT(WorkItem) | AT(Thread))
{
    EXPECT_EQUAL((ULONG_PTR)PsGetCurrentProcessId(), 4); /* the system's */
}

CHECK(IoGetCurrentProcess, AT(WorkItem) | AT(Thread))
{
    EXPECT(IoGetCurrentProcess() != NULL);
    EXPECT(PsGetCurrentProcess() == IoGetCurrentProcess());
}

/* The kit's macro calls the other; drivers of older kits import this one. */
#undef PsGetCurrentProcess
NTKERNELAPI PEPROCESS NTAPI PsGetCurrentProcess(VOID);

CHECK(PsGetCurrentProcess, AT(WorkItem) | AT(Thread))
{
    EXPECT(PsGetCurrentProcess() != NULL);
    EXPECT(PsGetCurrentProcess() == IoGetCurrentProcess());
}

static VOID NTAPI TellIdentity(PVOID StartContext)
{
    HELPER *Helper = (HELPER *)StartContext;

    Helper->Value = (LONG)(ULONG_PTR)PsGetCurrentThreadId();
    KeSetEvent(&Helper->Ended, 0, FALSE);
}

CHECK(PsGetCurrentThreadId, PASSIVE_PLACES)
{
    LONG Mine = (LONG)(ULONG_PTR)PsGetCurrentThreadId();
    HELPER Helper;

    RtlZeroMemory(&Helper, sizeof(Helper));
    EXPECT(Mine != 0 && Mine % 4 == 0);
    if (StartHelper(Context, &Helper, TellIdentity)) {
        AwaitHelper(Context, &Helper);
        EXPECT(Helper.Value != Mine && Helper.Value % 4 == 0);
    }
    EXPECT_EQUAL((ULONG_PTR)PsGetCurrentThreadId(), Mine);
}

CHECK_FATAL(DbgBreakPoint, without_a_debugger, AT(WorkItem))
{
    DbgBreakPoint();
}

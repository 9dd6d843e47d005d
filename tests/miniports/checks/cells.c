/*
 * Cells of the matrix of callbacks: what is held at the entry of each, and what taking a lock there
 * comes to. The test knows which of it is right.
 */
#include "check_driver.h"

static CHECK_NOTE *Note(CHECK_CONTEXT *Context)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)Context->Extension;
    CHECK_NOTE *Cell = &Adapter->Shared->Note[Context->Place];

    Cell->Irql = Context->Irql;
    Cell->Holds = Adapter->Shared->Holds(Adapter);
    return Cell;
}

CELL(EntryOfCallback, EVERYWHERE | AT(RegistryNotification))
{
    (VOID) Note(Context);
}

static VOID TakeLock(CHECK_CONTEXT *Context, STOR_SPINLOCK Kind)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)Context->Extension;
    CHECK_NOTE *Cell = Note(Context);
    STOR_LOCK_HANDLE Handle;

    RtlZeroMemory(&Handle, sizeof(Handle));
    StorPortAcquireSpinLock(Adapter, Kind, Kind == DpcLock ? &Adapter->SpareDpc : NULL, &Handle);
    Cell->HeldIrql = KeGetCurrentIrql();
    StorPortReleaseSpinLock(Adapter, &Handle);
}

CELL(TakeDpcLock, EVERYWHERE | AT(RegistryNotification))
{
    TakeLock(Context, DpcLock);
}

CELL(TakeStartIoLock, EVERYWHERE | AT(RegistryNotification))
{
    TakeLock(Context, StartIoLock);
}

CELL(TakeInterruptLock, EVERYWHERE | AT(RegistryNotification))
{
    TakeLock(Context, InterruptLock);
}

/* Of a message whose routine is not the place. */
CELL(TakeMessageLock, EVERYWHERE | AT(RegistryNotification))
{
    CHECK_NOTE *Cell = Note(Context);
    ULONG OldIrql = 0;

    if (StorPortAcquireMSISpinLock(Context->Extension, 2, &OldIrql) == STOR_STATUS_SUCCESS) {
        Cell->HeldIrql = KeGetCurrentIrql();
        (VOID) StorPortReleaseMSISpinLock(Context->Extension, 2, OldIrql);
    }
}

/* ---- what a driver must not do ---- */

CELL(KeepLock, AT(StartIo))
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)Context->Extension;
    STOR_LOCK_HANDLE Handle;

    StorPortAcquireSpinLock(Adapter, DpcLock, &Adapter->SpareDpc, &Handle);
}

CELL(KeepIrql, AT(StartIo))
{
    KIRQL OldIrql;

    KeRaiseIrql((KIRQL)(Context->Irql + 1), &OldIrql);
}

CELL(Wait, AT(StartIo))
{
    LARGE_INTEGER Interval;

    Interval.QuadPart = -10;
    (VOID) KeDelayExecutionThread(KernelMode, FALSE, &Interval);
}

CELL(LongStall, AT(StartIo))
{
    StorPortStallExecution(100001);
}

/* ---- crash dumps ---- */

CELL(DumpMode, AT(FindAdapter))
{
    Note(Context)->HeldIrql = Context->Configuration->DumpMode;
}

/*
 * irps.c - Io: requests of the I/O manager, their building, sending, completion and cancellation.
 */
#include "nt/bugcheck.h"
#include "nt/device.h"
#include "nt/export.h"
#include "nt/irp.h"
#include "nt/thread.h"

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "I/O manager", irql_max_)
#define EXPORT_CALLER(name_)                                                                       \
    NT_EXPORT_ROW("ntoskrnl.exe", name_, "I/O manager", NT_DISPATCH_LEVEL, NT_EXPORT_CALLS_BACK)

/* ---- memory ---- */

PIRP NTAPI IoAllocateIrp(CCHAR StackSize, BOOLEAN ChargeQuota)
{
    (void)ChargeQuota;
    return StackSize > 0 ? nt_irp_allocate((unsigned)StackSize) : NULL;
}
EXPORT(IoAllocateIrp, NT_DISPATCH_LEVEL);

VOID NTAPI IoFreeIrp(PIRP Irp)
{
    nt_irp_free(Irp);
}
EXPORT(IoFreeIrp, NT_DISPATCH_LEVEL);

VOID NTAPI IoInitializeIrp(PIRP Irp, USHORT PacketSize, CCHAR StackSize)
{
    nt_irp_initialize(Irp, PacketSize, (unsigned)StackSize);
}
EXPORT(IoInitializeIrp, NT_HIGH_LEVEL);

VOID NTAPI IoReuseIrp(PIRP Irp, NTSTATUS Status)
{
    nt_irp_initialize(Irp, Irp->Size, (unsigned)Irp->StackCount);
    Irp->IoStatus.Status = Status;
}
EXPORT(IoReuseIrp, NT_HIGH_LEVEL);

/* ---- building ---- */

PIRP NTAPI IoBuildDeviceIoControlRequest(ULONG IoControlCode, PDEVICE_OBJECT DeviceObject,
                                         PVOID InputBuffer, ULONG InputBufferLength,
                                         PVOID OutputBuffer, ULONG OutputBufferLength,
                                         BOOLEAN InternalDeviceIoControl, PKEVENT Event,
                                         PIO_STATUS_BLOCK IoStatusBlock)
{
    return nt_irp_build_control(IoControlCode, DeviceObject, InputBuffer, InputBufferLength,
                                OutputBuffer, OutputBufferLength, InternalDeviceIoControl, Event,
                                IoStatusBlock);
}
EXPORT(IoBuildDeviceIoControlRequest, NT_PASSIVE_LEVEL);

PIRP NTAPI IoBuildSynchronousFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject,
                                        PVOID Buffer, ULONG Length, PLARGE_INTEGER StartingOffset,
                                        PKEVENT Event, PIO_STATUS_BLOCK IoStatusBlock)
{
    return nt_irp_build(MajorFunction, DeviceObject, Buffer, Length, StartingOffset, Event,
                        IoStatusBlock);
}
EXPORT(IoBuildSynchronousFsdRequest, NT_PASSIVE_LEVEL);

PIRP NTAPI IoBuildAsynchronousFsdRequest(ULONG MajorFunction, PDEVICE_OBJECT DeviceObject,
                                         PVOID Buffer, ULONG Length, PLARGE_INTEGER StartingOffset,
                                         PIO_STATUS_BLOCK IoStatusBlock)
{
    return nt_irp_build(MajorFunction, DeviceObject, Buffer, Length, StartingOffset, NULL,
                        IoStatusBlock);
}
EXPORT(IoBuildAsynchronousFsdRequest, NT_DISPATCH_LEVEL);

/* ---- on its way ---- */

NTSTATUS NTAPI IofCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return nt_irp_call(DeviceObject, Irp);
}
EXPORT_CALLER(IofCallDriver);

VOID NTAPI IofCompleteRequest(PIRP Irp, CCHAR PriorityBoost)
{
    (void)PriorityBoost;
    nt_irp_complete(Irp);
}
EXPORT_CALLER(IofCompleteRequest);

/* The current location is copied for the driver below; the caller has the request back. */
BOOLEAN NTAPI IoForwardIrpSynchronously(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    if (Irp->CurrentLocation <= 1)
        return FALSE;
    *nt_irp_next(Irp) = *nt_irp_current(Irp);
    nt_irp_call_and_wait(DeviceObject, Irp);
    return TRUE;
}
EXPORT(IoForwardIrpSynchronously, NT_PASSIVE_LEVEL);

/* ---- cancellation ---- */

BOOLEAN NTAPI IoCancelIrp(PIRP Irp)
{
    return nt_irp_cancel(Irp);
}
EXPORT(IoCancelIrp, NT_DISPATCH_LEVEL);

VOID NTAPI IoAcquireCancelSpinLock(PKIRQL Irql)
{
    *Irql = nt_irp_cancel_lock_acquire();
}
EXPORT(IoAcquireCancelSpinLock, NT_DISPATCH_LEVEL);

VOID NTAPI IoReleaseCancelSpinLock(KIRQL Irql)
{
    nt_irp_cancel_lock_release(Irql);
}
EXPORT(IoReleaseCancelSpinLock, NT_DISPATCH_LEVEL);

/*
 * PnP and power requests, seen before Storport sees them: what came, in which order, and refusals
 * that a test wants.
 */
#include "partner.h"

#include <ntddscsi.h>

static PDRIVER_DISPATCH SavedPnp, SavedPower;
static KSPIN_LOCK HeardLock;
static CHAR Heard[PARTNER_HEARD_BYTES];
static ULONG HeardLength;
static CHAR Refused[PARTNER_EVENT_BYTES];

/* Who hears of it: an adapter, or a unit. */
static CHAR KindOf(PDEVICE_OBJECT DeviceObject)
{
    return DeviceObject->DeviceType == FILE_DEVICE_CONTROLLER ? 'a' : 'u';
}

static VOID Note(CHAR Kind, CHAR First, CHAR Second)
{
    KIRQL OldIrql;

    KeAcquireSpinLock(&HeardLock, &OldIrql);
    if (HeardLength + PARTNER_EVENT_BYTES <= sizeof(Heard)) {
        Heard[HeardLength++] = Kind;
        Heard[HeardLength++] = First;
        Heard[HeardLength++] = Second;
        Heard[HeardLength++] = ' ';
    }
    KeReleaseSpinLock(&HeardLock, OldIrql);
}

/* As drivers do that look for what they know of a unit by its address. */
static BOOLEAN HasAddress(PDEVICE_OBJECT DeviceObject)
{
    SCSI_ADDRESS Address = {0};
    IO_STATUS_BLOCK Result;
    KEVENT Done;
    PIRP Irp;

    KeInitializeEvent(&Done, NotificationEvent, FALSE);
    Irp = IoBuildDeviceIoControlRequest(IOCTL_SCSI_GET_ADDRESS, DeviceObject, NULL, 0, &Address,
                                        sizeof(Address), FALSE, &Done, &Result);
    if (Irp == NULL) {
        return FALSE;
    }
    if (IoCallDriver(DeviceObject, Irp) == STATUS_PENDING) {
        KeWaitForSingleObject(&Done, Executive, KernelMode, FALSE, NULL);
    }
    return NT_SUCCESS(Result.Status) && Address.Length == sizeof(Address);
}

static NTSTATUS NTAPI Pnp(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    static const CHAR Digits[] = "0123456789abcdef";
    UCHAR Minor = IoGetCurrentIrpStackLocation(Irp)->MinorFunction;
    CHAR Kind = KindOf(DeviceObject);

    Note(Kind, Digits[Minor >> 4], Digits[Minor & 15]);
    if (Minor == IRP_MN_START_DEVICE && Kind == 'u' && !HasAddress(DeviceObject)) {
        Note('u', '?', '?');
    }
    if (Refused[0] == Kind && Refused[1] == Digits[Minor >> 4] &&
        Refused[2] == Digits[Minor & 15]) {
        Irp->IoStatus.Status = STATUS_UNSUCCESSFUL;
        IoCompleteRequest(Irp, IO_NO_INCREMENT);
        return STATUS_UNSUCCESSFUL;
    }
    return SavedPnp(DeviceObject, Irp);
}

static NTSTATUS NTAPI Power(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Location = IoGetCurrentIrpStackLocation(Irp);

    if (Location->MinorFunction == IRP_MN_SET_POWER) {
        Note(KindOf(DeviceObject), 'D',
             (CHAR)('0' + Location->Parameters.Power.State.DeviceState - PowerDeviceD0));
    }
    return SavedPower(DeviceObject, Irp);
}

VOID PartnerHook(PDRIVER_OBJECT DriverObject)
{
    KeInitializeSpinLock(&HeardLock);
    SavedPnp = DriverObject->MajorFunction[IRP_MJ_PNP];
    SavedPower = DriverObject->MajorFunction[IRP_MJ_POWER];
    DriverObject->MajorFunction[IRP_MJ_PNP] = Pnp;
    DriverObject->MajorFunction[IRP_MJ_POWER] = Power;
}

ULONG PartnerTell(PCHAR Text, ULONG Room)
{
    ULONG Length;
    KIRQL OldIrql;

    KeAcquireSpinLock(&HeardLock, &OldIrql);
    Length = HeardLength < Room ? HeardLength : Room;
    RtlCopyMemory(Text, Heard, Length);
    HeardLength = 0;
    KeReleaseSpinLock(&HeardLock, OldIrql);
    return Length;
}

VOID PartnerRefuse(const CHAR *Event, ULONG Length)
{
    RtlZeroMemory(Refused, sizeof(Refused));
    RtlCopyMemory(Refused, Event, Length < sizeof(Refused) ? Length : sizeof(Refused));
}

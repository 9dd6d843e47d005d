/*
 * The driver's own devices: \\.\PartnerControl, and \\.\PartnerAlone for one handle. Dispatch
 * routines are wrapped to tell it from Storport's devices.
 */
#include "partner.h"

static PDEVICE_OBJECT Device, Alone;
static PDRIVER_DISPATCH SavedCreate, SavedClose, SavedControl;
static volatile PVOID Staying; /* the request that cannot be cancelled */
static UCHAR Stored[PAGE_SIZE];

static struct partner_counts *Counts(VOID)
{
    static struct partner_counts None;

    return PartnerOnly != NULL ? &PartnerOnly->Counts : &None;
}

static NTSTATUS Finish(PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    return Status;
}

/* ---- handles ---- */

static NTSTATUS NTAPI Create(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PFILE_OBJECT File = IoGetCurrentIrpStackLocation(Irp)->FileObject;

    InterlockedIncrement((volatile LONG *)&Counts()->created);
    if (DeviceObject == Alone) {
        return Finish(Irp, STATUS_SUCCESS, 0);
    }
    if (DeviceObject != Device) {
        return SavedCreate(DeviceObject, Irp);
    }
    /* "\\.\PartnerControl\no" cannot be opened. */
    if (File->FileName.Length == 3 * sizeof(WCHAR) && File->FileName.Buffer[1] == L'n') {
        return Finish(Irp, STATUS_OBJECT_PATH_NOT_FOUND, 0);
    }
    File->FsContext = &Stored;
    return Finish(Irp, STATUS_SUCCESS, 0);
}

static NTSTATUS NTAPI Close(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    InterlockedIncrement((volatile LONG *)&Counts()->closed);
    if (DeviceObject == Device || DeviceObject == Alone) {
        return Finish(Irp, STATUS_SUCCESS, 0);
    }
    return SavedClose(DeviceObject, Irp);
}

static NTSTATUS NTAPI Cleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    InterlockedIncrement((volatile LONG *)&Counts()->cleaned_up);
    return Finish(Irp, STATUS_SUCCESS, 0);
}

/* ---- data ---- */

static NTSTATUS NTAPI Read(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Location = IoGetCurrentIrpStackLocation(Irp);
    ULONG Length = Location->Parameters.Read.Length;

    if (DeviceObject != Device || Length > sizeof(Stored) || Irp->MdlAddress == NULL) {
        return Finish(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    }
    RtlCopyMemory(MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority), Stored,
                  Length);
    return Finish(Irp, STATUS_SUCCESS, Length);
}

static NTSTATUS NTAPI Write(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Location = IoGetCurrentIrpStackLocation(Irp);
    ULONG Length = Location->Parameters.Write.Length;

    if (DeviceObject != Device || Length > sizeof(Stored) || Irp->MdlAddress == NULL) {
        return Finish(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    }
    RtlCopyMemory(Stored, MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority),
                  Length);
    return Finish(Irp, STATUS_SUCCESS, Length);
}

/* ---- control codes ---- */

static NTSTATUS Echo(PIRP Irp, ULONG InputLength, ULONG OutputLength)
{
    PCHAR Text = Irp->AssociatedIrp.SystemBuffer;
    ULONG Length = InputLength < OutputLength ? InputLength : OutputLength, Index;

    for (Index = 0; Index < Length; Index++) {
        if (Text[Index] >= 'a' && Text[Index] <= 'z') {
            Text[Index] -= 'a' - 'A';
        }
    }
    return Finish(Irp, STATUS_SUCCESS, Length);
}

static NTSTATUS Fill(PIRP Irp, ULONG InputLength, ULONG OutputLength)
{
    if (InputLength == 0 || Irp->MdlAddress == NULL) {
        return Finish(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    RtlFillMemory(MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority), OutputLength,
                  *(PUCHAR)Irp->AssociatedIrp.SystemBuffer);
    return Finish(Irp, STATUS_SUCCESS, OutputLength);
}

static NTSTATUS Sum(PIRP Irp, ULONG OutputLength)
{
    ULONG_PTR Total = 0;
    PUCHAR Bytes;
    ULONG Index;

    if (Irp->MdlAddress == NULL) {
        return Finish(Irp, STATUS_INVALID_PARAMETER, 0);
    }
    Bytes = MmGetSystemAddressForMdlSafe(Irp->MdlAddress, NormalPagePriority);
    for (Index = 0; Index < OutputLength; Index++) {
        Total += Bytes[Index];
    }
    return Finish(Irp, STATUS_SUCCESS, Total);
}

static NTSTATUS Copy(PIRP Irp, ULONG InputLength, ULONG OutputLength)
{
    PVOID Input = IoGetCurrentIrpStackLocation(Irp)->Parameters.DeviceIoControl.Type3InputBuffer;
    ULONG Length = InputLength < OutputLength ? InputLength : OutputLength;

    ProbeForRead(Input, InputLength, 1);
    ProbeForWrite(Irp->UserBuffer, OutputLength, 1);
    RtlCopyMemory(Irp->UserBuffer, Input, Length);
    return Finish(Irp, STATUS_SUCCESS, Length);
}

static NTSTATUS FourBytes(PIRP Irp, ULONG OutputLength, NTSTATUS Status)
{
    if (OutputLength < sizeof(ULONG)) {
        return Finish(Irp, STATUS_BUFFER_TOO_SMALL, 0);
    }
    *(PULONG)Irp->AssociatedIrp.SystemBuffer = 0x12345678;
    return Finish(Irp, Status, sizeof(ULONG));
}

static VOID NTAPI CancelPending(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    InterlockedIncrement((volatile LONG *)&Counts()->cancelled);
    InterlockedDecrement((volatile LONG *)&Counts()->pending);
    Finish(Irp, STATUS_CANCELLED, 0);
}

static NTSTATUS Pend(PIRP Irp)
{
    IoMarkIrpPending(Irp);
    InterlockedIncrement((volatile LONG *)&Counts()->pending);
    IoSetCancelRoutine(Irp, CancelPending);
    if (Irp->Cancel && IoSetCancelRoutine(Irp, NULL) != NULL) {
        InterlockedDecrement((volatile LONG *)&Counts()->pending);
        Finish(Irp, STATUS_CANCELLED, 0);
    }
    return STATUS_PENDING;
}

static NTSTATUS Stay(PIRP Irp)
{
    IoMarkIrpPending(Irp);
    InterlockedIncrement((volatile LONG *)&Counts()->pending);
    InterlockedExchangePointer(&Staying, Irp);
    return STATUS_PENDING;
}

static NTSTATUS LetGo(PIRP Irp)
{
    PIRP Other = InterlockedExchangePointer(&Staying, NULL);

    if (Other != NULL) {
        InterlockedDecrement((volatile LONG *)&Counts()->pending);
        Finish(Other, STATUS_SUCCESS, 0);
    }
    return Finish(Irp, Other != NULL ? STATUS_SUCCESS : STATUS_NOT_FOUND, 0);
}

static NTSTATUS NTAPI Control(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Location = IoGetCurrentIrpStackLocation(Irp);
    ULONG InputLength = Location->Parameters.DeviceIoControl.InputBufferLength;
    ULONG OutputLength = Location->Parameters.DeviceIoControl.OutputBufferLength;

    if (DeviceObject != Device) {
        return SavedControl(DeviceObject, Irp);
    }
    switch (Location->Parameters.DeviceIoControl.IoControlCode) {
    case PARTNER_ECHO:
        return Echo(Irp, InputLength, OutputLength);
    case PARTNER_FILL:
        return Fill(Irp, InputLength, OutputLength);
    case PARTNER_SUM:
        return Sum(Irp, OutputLength);
    case PARTNER_COPY:
        return Copy(Irp, InputLength, OutputLength);
    case PARTNER_NEEDS_WRITE:
        return Finish(Irp, STATUS_SUCCESS, 0);
    case PARTNER_WARN:
        return FourBytes(Irp, OutputLength, STATUS_BUFFER_OVERFLOW);
    case PARTNER_FAIL:
        return FourBytes(Irp, OutputLength, STATUS_UNSUCCESSFUL);
    case PARTNER_PEND:
        return Pend(Irp);
    case PARTNER_STAY:
        return Stay(Irp);
    case PARTNER_LET_GO:
        return LetGo(Irp);
    case PARTNER_HEARD:
        return Finish(Irp, STATUS_SUCCESS,
                      PartnerTell(Irp->AssociatedIrp.SystemBuffer, OutputLength));
    case PARTNER_REFUSE:
        PartnerRefuse(Irp->AssociatedIrp.SystemBuffer, InputLength);
        return Finish(Irp, STATUS_SUCCESS, 0);
    default:
        return Finish(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
    }
}

/* ---- the devices ---- */

static NTSTATUS DeviceCreate(PDRIVER_OBJECT DriverObject, PCWSTR Name, PCWSTR Link,
                             BOOLEAN Exclusive, PDEVICE_OBJECT *NewDevice)
{
    UNICODE_STRING NameText, LinkText;
    NTSTATUS Status;

    RtlInitUnicodeString(&NameText, Name);
    RtlInitUnicodeString(&LinkText, Link);
    Status = IoCreateDevice(DriverObject, 0, &NameText, FILE_DEVICE_UNKNOWN,
                            FILE_DEVICE_SECURE_OPEN, Exclusive, NewDevice);
    if (!NT_SUCCESS(Status)) {
        return Status;
    }
    (*NewDevice)->Flags |= DO_DIRECT_IO;
    (*NewDevice)->Flags &= ~DO_DEVICE_INITIALIZING;
    Status = IoCreateSymbolicLink(&LinkText, &NameText);
    if (!NT_SUCCESS(Status)) {
        IoDeleteDevice(*NewDevice);
        *NewDevice = NULL;
    }
    return Status;
}

static VOID DeviceDelete(PDEVICE_OBJECT *OldDevice, PCWSTR Link)
{
    UNICODE_STRING LinkText;

    if (*OldDevice == NULL) {
        return;
    }
    RtlInitUnicodeString(&LinkText, Link);
    IoDeleteSymbolicLink(&LinkText);
    IoDeleteDevice(*OldDevice);
    *OldDevice = NULL;
}

NTSTATUS PartnerDeviceCreate(PDRIVER_OBJECT DriverObject)
{
    NTSTATUS Status = DeviceCreate(DriverObject, L"\\Device\\PartnerControl",
                                   L"\\DosDevices\\PartnerControl", FALSE, &Device);

    if (NT_SUCCESS(Status)) {
        Status = DeviceCreate(DriverObject, L"\\Device\\PartnerAlone",
                              L"\\DosDevices\\PartnerAlone", TRUE, &Alone);
    }
    if (!NT_SUCCESS(Status)) {
        PartnerDeviceDelete();
        return Status;
    }
    SavedCreate = DriverObject->MajorFunction[IRP_MJ_CREATE];
    SavedClose = DriverObject->MajorFunction[IRP_MJ_CLOSE];
    SavedControl = DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL];
    DriverObject->MajorFunction[IRP_MJ_CREATE] = Create;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = Close;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = Cleanup;
    DriverObject->MajorFunction[IRP_MJ_READ] = Read;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = Write;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = Control;
    return STATUS_SUCCESS;
}

VOID PartnerDeviceDelete(VOID)
{
    DeviceDelete(&Device, L"\\DosDevices\\PartnerControl");
    DeviceDelete(&Alone, L"\\DosDevices\\PartnerAlone");
}

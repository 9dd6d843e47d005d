/*
 * Checks of the I/O manager: requests, descriptor lists, devices, their properties and keys, and of
 * what Storport adds for virtual drivers.
 */
#include "check.h"

#include <ntddscsi.h>

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))

static PDEVICE_OBJECT DeviceOf(CHECK_CONTEXT *Context, ULONG Which)
{
    PVOID Objects[3] = {NULL, NULL, NULL};

    EXPECT_STATUS(
        StorPortGetDeviceObjects(Context->Extension, &Objects[0], &Objects[1], &Objects[2]),
        STOR_STATUS_SUCCESS);
    return (PDEVICE_OBJECT)Objects[Which];
}

/* ---- Storport's own ---- */

CHECK(StorPortGetDeviceObjects, LOW_PLACES)
{
    PDEVICE_OBJECT Adapter = DeviceOf(Context, 0);
    PDEVICE_OBJECT Physical = DeviceOf(Context, 1);

    EXPECT(Adapter != NULL && Physical != NULL && Adapter != Physical);
    EXPECT_EQUAL(Adapter->Type, IO_TYPE_DEVICE);
    EXPECT(Physical->AttachedDevice == Adapter);
    EXPECT(DeviceOf(Context, 2) == Physical);
    EXPECT_EQUAL(Adapter->StackSize, Physical->StackSize + 1);
    EXPECT(Adapter->DriverObject != NULL && Adapter->DriverObject != Physical->DriverObject);
    EXPECT_STATUS(StorPortGetDeviceObjects(Context->Extension, NULL, NULL, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetDeviceObjects(NULL, NULL, NULL, NULL), STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortCompleteServiceIrp, LOW_PLACES)
{
    ULONG Missing = Context->Model == CheckVirtual ? STOR_STATUS_INVALID_PARAMETER
                                                   : STOR_STATUS_NOT_IMPLEMENTED;

    EXPECT_STATUS(StorPortCompleteServiceIrp(Context->Extension, NULL), Missing);
    EXPECT_STATUS(StorPortCompleteServiceIrp(NULL, NULL), STOR_STATUS_INVALID_PARAMETER);
}

/* ---- requests ---- */

CHECK(IoAllocateIrp, LOW_PLACES)
{
    PIRP Irp = IoAllocateIrp(3, FALSE);

    EXPECT(Irp != NULL);
    EXPECT_EQUAL(Irp->Type, IO_TYPE_IRP);
    EXPECT_EQUAL(Irp->StackCount, 3);
    EXPECT_EQUAL(Irp->CurrentLocation, 4);
    EXPECT(IoGetNextIrpStackLocation(Irp) == (PIO_STACK_LOCATION)(Irp + 1) + 2);
    IoFreeIrp(Irp);
    EXPECT(IoAllocateIrp(0, FALSE) == NULL);
}

CHECK_FATAL(IoFreeIrp, stops_at_the_second_time, AT(WorkItem))
{
    PIRP Irp = IoAllocateIrp(1, FALSE);

    UNREFERENCED_PARAMETER(Context);
    IoFreeIrp(Irp);
    IoFreeIrp(Irp);
}

CHECK(IoInitializeIrp, LOW_PLACES)
{
    UCHAR Room[IoSizeOfIrp(2)];
    PIRP Irp = (PIRP)Room;

    RtlFillMemory(Room, sizeof(Room), 0xFF);
    IoInitializeIrp(Irp, sizeof(Room), 2);
    EXPECT_EQUAL(Irp->StackCount, 2);
    EXPECT_EQUAL(Irp->CurrentLocation, 3);
    EXPECT(Irp->CancelRoutine == NULL && !Irp->Cancel);
}

CHECK(IoReuseIrp, LOW_PLACES)
{
    PIRP Irp = IoAllocateIrp(2, FALSE);

    IoSetNextIrpStackLocation(Irp);
    Irp->Cancel = TRUE;
    IoReuseIrp(Irp, STATUS_NOT_SUPPORTED);
    EXPECT_EQUAL(Irp->CurrentLocation, 3);
    EXPECT_EQUAL(Irp->Cancel, FALSE);
    EXPECT_EQUAL(Irp->IoStatus.Status, STATUS_NOT_SUPPORTED);
    IoFreeIrp(Irp);
}

typedef struct _COMPLETED {
    LONG Count;
    NTSTATUS Answer;
} COMPLETED;

static NTSTATUS NTAPI Completed(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Parameter)
{
    COMPLETED *Seen = (COMPLETED *)Parameter;

    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    Seen->Count++;
    return Seen->Answer;
}

/* A request that the adapter's device answers at once: the opening of a handle. */
static NTSTATUS Open(PDEVICE_OBJECT Device, COMPLETED *Seen)
{
    PIRP Irp = IoAllocateIrp(Device->StackSize, FALSE);
    NTSTATUS Status;

    Seen->Count = 0;
    Seen->Answer = STATUS_MORE_PROCESSING_REQUIRED;
    IoGetNextIrpStackLocation(Irp)->MajorFunction = IRP_MJ_CREATE;
    IoSetCompletionRoutine(Irp, Completed, Seen, TRUE, TRUE, TRUE);
    Status = IoCallDriver(Device, Irp);
    if (Status == STATUS_SUCCESS) {
        Status = Irp->IoStatus.Status;
    }
    IoFreeIrp(Irp);
    return Status;
}

CHECK(IofCallDriver, LOW_PLACES)
{
    COMPLETED Seen;

    EXPECT_EQUAL(Open(DeviceOf(Context, 0), &Seen), STATUS_SUCCESS);
    EXPECT_EQUAL(Seen.Count, 1);
}
CHECK_FATAL(IofCallDriver, stops_without_a_stack_location, AT(WorkItem))
{
    PIRP Irp = IoAllocateIrp(1, FALSE);

    IoSetNextIrpStackLocation(Irp);
    IoCallDriver(DeviceOf(Context, 0), Irp);
}

CHECK(IofCompleteRequest, LOW_PLACES)
{
    PIRP Irp = IoAllocateIrp(2, FALSE);
    COMPLETED Seen = {.Answer = STATUS_MORE_PROCESSING_REQUIRED};

    IoSetCompletionRoutine(Irp, Completed, &Seen, FALSE, TRUE, FALSE);
    IoSetNextIrpStackLocation(Irp);
    Irp->IoStatus.Status = STATUS_UNSUCCESSFUL;
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
    EXPECT_EQUAL(Seen.Count, 1);
    EXPECT_EQUAL(Irp->CurrentLocation, 3);
    IoFreeIrp(Irp);
}

CHECK(IoForwardIrpSynchronously, PASSIVE_PLACES)
{
    PDEVICE_OBJECT Device = DeviceOf(Context, 0);
    PIRP Irp = IoAllocateIrp((CCHAR)(Device->StackSize + 1), FALSE);

    IoSetNextIrpStackLocation(Irp);
    IoGetCurrentIrpStackLocation(Irp)->MajorFunction = IRP_MJ_CREATE;
    Irp->IoStatus.Status = STATUS_UNSUCCESSFUL;
    EXPECT(IoForwardIrpSynchronously(Device, Irp));
    EXPECT_EQUAL(Irp->IoStatus.Status, STATUS_SUCCESS);
    IoFreeIrp(Irp);
}

CHECK(IoBuildDeviceIoControlRequest, PASSIVE_PLACES)
{
    PDEVICE_OBJECT Device = DeviceOf(Context, 0);
    IO_SCSI_CAPABILITIES Capabilities;
    IO_STATUS_BLOCK IoStatus;
    KEVENT Event;
    PIRP Irp;

    KeInitializeEvent(&Event, NotificationEvent, FALSE);
    Irp = IoBuildDeviceIoControlRequest(IOCTL_SCSI_GET_CAPABILITIES, Device, NULL, 0, &Capabilities,
                                        sizeof(Capabilities), FALSE, &Event, &IoStatus);
    EXPECT(Irp != NULL);
    EXPECT_EQUAL(IoGetNextIrpStackLocation(Irp)->MajorFunction, IRP_MJ_DEVICE_CONTROL);
    Capabilities.Length = 0;
    if (IoCallDriver(Device, Irp) == STATUS_PENDING) {
        KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
    }
    EXPECT_EQUAL(IoStatus.Status, STATUS_SUCCESS);
    EXPECT_EQUAL(IoStatus.Information, sizeof(Capabilities));
    EXPECT_EQUAL(Capabilities.Length, sizeof(Capabilities));
}

CHECK(IoBuildSynchronousFsdRequest, PASSIVE_PLACES)
{
    PDEVICE_OBJECT Device = DeviceOf(Context, 0);
    IO_STATUS_BLOCK IoStatus;
    LARGE_INTEGER Offset;
    KEVENT Event;
    CHAR Data[8] = "abcdefg";
    PIRP Irp;

    Offset.QuadPart = 4096;
    KeInitializeEvent(&Event, NotificationEvent, FALSE);
    Irp = IoBuildSynchronousFsdRequest(IRP_MJ_WRITE, Device, Data, sizeof(Data), &Offset, &Event,
                                       &IoStatus);
    EXPECT(Irp != NULL);
    EXPECT_EQUAL(IoGetNextIrpStackLocation(Irp)->Parameters.Write.Length, sizeof(Data));
    EXPECT_EQUAL(IoGetNextIrpStackLocation(Irp)->Parameters.Write.ByteOffset.QuadPart, 4096);
    EXPECT(Irp->MdlAddress != NULL); /* the device does direct I/O */
    EXPECT_EQUAL(IoCallDriver(Device, Irp), STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQUAL(KeReadStateEvent(&Event), 1);
    EXPECT_EQUAL(IoStatus.Status, STATUS_INVALID_DEVICE_REQUEST);
}

CHECK(IoBuildAsynchronousFsdRequest, LOW_PLACES)
{
    PDEVICE_OBJECT Device = DeviceOf(Context, 0);
    COMPLETED Seen = {.Answer = STATUS_MORE_PROCESSING_REQUIRED};
    PIRP Irp = IoBuildAsynchronousFsdRequest(IRP_MJ_SHUTDOWN, Device, NULL, 0, NULL, NULL);

    EXPECT(Irp != NULL);
    IoSetCompletionRoutine(Irp, Completed, &Seen, TRUE, TRUE, TRUE);
    IoCallDriver(Device, Irp);
    EXPECT_EQUAL(Seen.Count, 1);
    IoFreeIrp(Irp);
}

static VOID NTAPI Cancelled(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    UNREFERENCED_PARAMETER(DeviceObject);
    Irp->IoStatus.Information = 0xCA;
    IoReleaseCancelSpinLock(Irp->CancelIrql);
}

CHECK(IoCancelIrp, LOW_PLACES)
{
    PIRP Irp = IoAllocateIrp(1, FALSE);

    IoSetNextIrpStackLocation(Irp);
    EXPECT(!IoCancelIrp(Irp));
    EXPECT(Irp->Cancel);
    IoSetCancelRoutine(Irp, Cancelled);
    EXPECT(IoCancelIrp(Irp));
    EXPECT_EQUAL(Irp->IoStatus.Information, 0xCA);
    EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
    IoFreeIrp(Irp);
}

CHECK(IoAcquireCancelSpinLock, LOW_PLACES)
{
    KIRQL Before = 0xFF;

    IoAcquireCancelSpinLock(&Before);
    EXPECT_EQUAL(Before, Context->Irql);
    EXPECT_EQUAL(KeGetCurrentIrql(), DISPATCH_LEVEL);
    IoReleaseCancelSpinLock(Before);
}

CHECK(IoReleaseCancelSpinLock, LOW_PLACES)
{
    KIRQL Before = 0xFF;

    IoAcquireCancelSpinLock(&Before);
    IoReleaseCancelSpinLock(Before);
    EXPECT_EQUAL(KeGetCurrentIrql(), Context->Irql);
    IoAcquireCancelSpinLock(&Before);
    IoReleaseCancelSpinLock(Before);
}

CHECK(IoGetRequestorProcessId, LOW_PLACES)
{
    PIRP Irp = IoAllocateIrp(1, FALSE);

    EXPECT_EQUAL(IoGetRequestorProcessId(Irp), 4); /* the system's */
    Irp->RequestorMode = UserMode;
    EXPECT(IoGetRequestorProcessId(Irp) > 4);
    IoFreeIrp(Irp);
}

/* ---- descriptor lists ---- */

CHECK(IoAllocateMdl, LOW_PLACES)
{
    PIRP Irp = IoAllocateIrp(1, FALSE);
    CHAR Data[100];
    PMDL First = IoAllocateMdl(Data, sizeof(Data), FALSE, FALSE, Irp);
    PMDL Second = IoAllocateMdl(Data, 10, TRUE, FALSE, Irp);

    EXPECT(First != NULL && Second != NULL);
    EXPECT_EQUAL(MmGetMdlByteCount(First), sizeof(Data));
    EXPECT(MmGetMdlVirtualAddress(First) == Data);
    EXPECT(Irp->MdlAddress == First);
    EXPECT(First->Next == Second);
    IoFreeMdl(First);
    IoFreeMdl(Second);
    IoFreeIrp(Irp);
}

CHECK_FATAL(IoFreeMdl, stops_at_the_second_time, AT(WorkItem))
{
    CHAR Data[8];
    PMDL Mdl = IoAllocateMdl(Data, sizeof(Data), FALSE, FALSE, NULL);

    UNREFERENCED_PARAMETER(Context);
    IoFreeMdl(Mdl);
    IoFreeMdl(Mdl);
}

CHECK(IoBuildPartialMdl, LOW_PLACES)
{
    CHAR Data[100];
    PMDL Whole = IoAllocateMdl(Data, sizeof(Data), FALSE, FALSE, NULL);
    PMDL Part = IoAllocateMdl(Data + 20, 30, FALSE, FALSE, NULL);

    MmBuildMdlForNonPagedPool(Whole);
    IoBuildPartialMdl(Whole, Part, Data + 20, 30);
    EXPECT_EQUAL(MmGetMdlByteCount(Part), 30);
    EXPECT(MmGetMdlVirtualAddress(Part) == Data + 20);
    EXPECT(Part->MdlFlags & MDL_PARTIAL);
    IoFreeMdl(Part);
    IoFreeMdl(Whole);
}

CHECK(MmSizeOfMdl, LOW_PLACES)
{
    EXPECT_EQUAL(MmSizeOfMdl((PVOID)(ULONG_PTR)0x1000, 1), sizeof(MDL) + sizeof(PFN_NUMBER));
    EXPECT_EQUAL(MmSizeOfMdl((PVOID)(ULONG_PTR)0x1FFF, 2), sizeof(MDL) + 2 * sizeof(PFN_NUMBER));
}

CHECK(MmBuildMdlForNonPagedPool, LOW_PLACES)
{
    PVOID Data = ExAllocatePoolWithTag(NonPagedPool, 64, 'tseT');
    PMDL Mdl = IoAllocateMdl(Data, 64, FALSE, FALSE, NULL);

    MmBuildMdlForNonPagedPool(Mdl);
    EXPECT(Mdl->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL);
    EXPECT(Mdl->MappedSystemVa == Data);
    EXPECT_EQUAL(MmGetMdlPfnArray(Mdl)[0],
                 (ULONGLONG)MmGetPhysicalAddress(Data).QuadPart >> PAGE_SHIFT);
    IoFreeMdl(Mdl);
    ExFreePoolWithTag(Data, 'tseT');
}

CHECK(MmProbeAndLockPages, LOW_PLACES)
{
    CHAR Data[16];
    PMDL Mdl = IoAllocateMdl(Data, sizeof(Data), FALSE, FALSE, NULL);

    MmProbeAndLockPages(Mdl, KernelMode, IoWriteAccess);
    EXPECT(Mdl->MdlFlags & MDL_PAGES_LOCKED);
    EXPECT(Mdl->MdlFlags & MDL_WRITE_OPERATION);
    MmUnlockPages(Mdl);
    IoFreeMdl(Mdl);
}

CHECK(MmUnlockPages, LOW_PLACES)
{
    CHAR Data[16];
    PMDL Mdl = IoAllocateMdl(Data, sizeof(Data), FALSE, FALSE, NULL);

    MmProbeAndLockPages(Mdl, KernelMode, IoReadAccess);
    MmUnlockPages(Mdl);
    EXPECT_EQUAL(Mdl->MdlFlags & MDL_PAGES_LOCKED, 0);
    EXPECT_FINDING(MmUnlockPages(Mdl));
    IoFreeMdl(Mdl);
}

CHECK(MmMapLockedPagesSpecifyCache, LOW_PLACES)
{
    CHAR Data[16] = "mapped";
    PMDL Mdl = IoAllocateMdl(Data, sizeof(Data), FALSE, FALSE, NULL);
    PVOID Address;

    MmProbeAndLockPages(Mdl, KernelMode, IoReadAccess);
    Address = MmMapLockedPagesSpecifyCache(Mdl, KernelMode, MmCached, NULL, FALSE, 0);
    EXPECT(Address != NULL && RtlEqualMemory(Address, "mapped", 6));
    EXPECT(Mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
    MmUnmapLockedPages(Address, Mdl);
    MmUnlockPages(Mdl);
    IoFreeMdl(Mdl);
}

CHECK(MmMapLockedPages, LOW_PLACES)
{
    CHAR Data[16] = "mapped";
    PMDL Mdl = IoAllocateMdl(Data, sizeof(Data), FALSE, FALSE, NULL);
    PVOID Address;

    MmProbeAndLockPages(Mdl, KernelMode, IoReadAccess);
    Address = MmMapLockedPages(Mdl, KernelMode);
    EXPECT(Address != NULL && RtlEqualMemory(Address, "mapped", 6));
    MmUnmapLockedPages(Address, Mdl);
    MmUnlockPages(Mdl);
    IoFreeMdl(Mdl);
}

CHECK(MmUnmapLockedPages, LOW_PLACES)
{
    CHAR Data[16];
    PMDL Mdl = IoAllocateMdl(Data, sizeof(Data), FALSE, FALSE, NULL);
    PVOID Address;

    MmProbeAndLockPages(Mdl, KernelMode, IoReadAccess);
    Address = MmMapLockedPages(Mdl, KernelMode);
    MmUnmapLockedPages(Address, Mdl);
    EXPECT_EQUAL(Mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA, 0);
    EXPECT_FINDING(MmUnmapLockedPages(Data + 1, Mdl));
    MmUnlockPages(Mdl);
    IoFreeMdl(Mdl);
}

/* ---- devices ---- */

CHECK(IoCreateDevice, PASSIVE_PLACES)
{
    PDEVICE_OBJECT Adapter = DeviceOf(Context, 0), Device = NULL, Second = NULL;
    UNICODE_STRING Name;

    EXPECT_EQUAL(
        IoCreateDevice(Adapter->DriverObject, 24, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device),
        STATUS_SUCCESS);
    EXPECT(Device != NULL && Device->DeviceExtension != NULL);
    EXPECT(Device->DriverObject->DeviceObject == Device);
    EXPECT(Device->Flags & DO_DEVICE_INITIALIZING);
    IoDeleteDevice(Device);
    RtlInitUnicodeString(&Name, L"\\Device\\Named");
    EXPECT_EQUAL(
        IoCreateDevice(Adapter->DriverObject, 0, &Name, FILE_DEVICE_UNKNOWN, 0, TRUE, &Device),
        STATUS_SUCCESS);
    EXPECT(Device->Flags & DO_EXCLUSIVE);
    EXPECT_EQUAL(
        IoCreateDevice(Adapter->DriverObject, 0, &Name, FILE_DEVICE_UNKNOWN, 0, FALSE, &Second),
        STATUS_OBJECT_NAME_COLLISION);
    EXPECT(Second == NULL);
    IoDeleteDevice(Device);
    RtlInitUnicodeString(&Name, L"Named");
    EXPECT_EQUAL(
        IoCreateDevice(Adapter->DriverObject, 0, &Name, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device),
        STATUS_OBJECT_NAME_INVALID);
    EXPECT(Device == NULL);
}

CHECK(IoDeleteDevice, PASSIVE_PLACES)
{
    PDEVICE_OBJECT Adapter = DeviceOf(Context, 0), Device = NULL, First;

    First = Adapter->DriverObject->DeviceObject;
    IoCreateDevice(Adapter->DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Device);
    IoDeleteDevice(Device);
    EXPECT(Adapter->DriverObject->DeviceObject == First);
}

CHECK(IoAttachDeviceToDeviceStack, PASSIVE_PLACES)
{
    PDEVICE_OBJECT Adapter = DeviceOf(Context, 0), Filter = NULL, Top;

    IoCreateDevice(Adapter->DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Filter);
    EXPECT(IoAttachDeviceToDeviceStack(Filter, DeviceOf(Context, 1)) == Adapter);
    EXPECT_EQUAL(Filter->StackSize, Adapter->StackSize + 1);
    Top = IoGetAttachedDeviceReference(Adapter);
    EXPECT(Top == Filter);
    ObDereferenceObject(Top);
    IoDetachDevice(Adapter);
    IoDeleteDevice(Filter);
}

CHECK(IoDetachDevice, PASSIVE_PLACES)
{
    PDEVICE_OBJECT Adapter = DeviceOf(Context, 0), Filter = NULL;

    IoCreateDevice(Adapter->DriverObject, 0, NULL, FILE_DEVICE_UNKNOWN, 0, FALSE, &Filter);
    IoAttachDeviceToDeviceStack(Filter, Adapter);
    IoDetachDevice(Adapter);
    EXPECT(IoGetAttachedDevice(Adapter) == Adapter);
    IoDeleteDevice(Filter);
}

CHECK(IoGetAttachedDevice, LOW_PLACES)
{
    EXPECT(IoGetAttachedDevice(DeviceOf(Context, 1)) == DeviceOf(Context, 0));
}

CHECK(IoGetAttachedDeviceReference, LOW_PLACES)
{
    PDEVICE_OBJECT Top = IoGetAttachedDeviceReference(DeviceOf(Context, 1));

    EXPECT(Top == DeviceOf(Context, 0));
    EXPECT(ObDereferenceObject(Top) > 0);
}

CHECK(IoGetRelatedDeviceObject, LOW_PLACES)
{
    FILE_OBJECT File;

    RtlZeroMemory(&File, sizeof(File));
    EXPECT(IoGetRelatedDeviceObject(&File) == NULL);
    File.DeviceObject = DeviceOf(Context, 1);
    EXPECT(IoGetRelatedDeviceObject(&File) == DeviceOf(Context, 0));
}

CHECK(IoGetDeviceProperty, PASSIVE_PLACES)
{
    WCHAR Text[64];
    ULONG Length = 0, Number = 77;

    EXPECT_EQUAL(IoGetDeviceProperty(DeviceOf(Context, 1), DevicePropertyClassName, sizeof(Text),
                                     Text, &Length),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Length, sizeof(L"SCSIAdapter"));
    EXPECT(RtlEqualMemory(Text, L"SCSIAdapter", Length));
    EXPECT_EQUAL(
        IoGetDeviceProperty(DeviceOf(Context, 1), DevicePropertyClassName, 4, Text, &Length),
        STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQUAL(Length, sizeof(L"SCSIAdapter"));
    EXPECT_EQUAL(IoGetDeviceProperty(DeviceOf(Context, 1), DevicePropertyLegacyBusType,
                                     sizeof(Number), &Number, &Length),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Number, Context->Model == CheckVirtual ? (ULONG)Internal : (ULONG)PCIBus);
    EXPECT_EQUAL(IoGetDeviceProperty(DeviceOf(Context, 1), DevicePropertyContainerID, sizeof(Text),
                                     Text, &Length),
                 STATUS_OBJECT_NAME_NOT_FOUND);
}

/* Texts one behind the other, the most specific first, and an empty one. */
CHECK_ALSO(IoGetDeviceProperty, lists_ids, PASSIVE_PLACES)
{
    static const WCHAR Pci[] = L"PCI\\VEN_5348&DEV_0001&SUBSYS_", Root[] = L"ROOT\\checks";
    BOOLEAN Virtual = Context->Model == CheckVirtual;
    WCHAR Text[768];
    ULONG Length = 0, Index, Count = 0;

    RtlZeroMemory(Text, sizeof(Text));
    EXPECT_EQUAL(IoGetDeviceProperty(DeviceOf(Context, 1), DevicePropertyHardwareID, sizeof(Text),
                                     Text, &Length),
                 STATUS_SUCCESS);
    EXPECT(Virtual ? RtlEqualMemory(Text, Root, sizeof(Root))
                   : RtlEqualMemory(Text, Pci, sizeof(Pci) - sizeof(WCHAR)));
    for (Index = 0; Index < Length / sizeof(WCHAR) && Text[Index] != 0; Index++, Count++) {
        while (Text[Index] != 0) {
            Index++;
        }
    }
    EXPECT_EQUAL(Index + 1, Length / sizeof(WCHAR));
    EXPECT(Virtual ? Count == 1 : Count > 2);
    EXPECT_EQUAL(IoGetDeviceProperty(DeviceOf(Context, 1), DevicePropertyHardwareID, Length - 1,
                                     Text, &Index),
                 STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQUAL(Index, Length);
    EXPECT_EQUAL(IoGetDeviceProperty(DeviceOf(Context, 1), DevicePropertyCompatibleIDs,
                                     sizeof(Text), Text, &Length),
                 Virtual ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_SUCCESS);
}

/* Without a SPEC that names one: of the only node there is, or not known. */
CHECK(IoGetDeviceNumaNode, PASSIVE_PLACES)
{
    USHORT Node = 77;

    EXPECT_EQUAL(IoGetDeviceNumaNode(DeviceOf(Context, 1), &Node), STATUS_SUCCESS);
    EXPECT_EQUAL(Node, 0);
    EXPECT_EQUAL(IoGetDeviceNumaNode(NULL, &Node), STATUS_INVALID_PARAMETER);
}

static const GUID CheckInterface = {0x12345678, 0x9ABC, 0xDEF0, {1, 2, 3, 4, 5, 6, 7, 8}};

CHECK(IoRegisterDeviceInterface, AT(WorkItem))
{
    UNICODE_STRING Link = {0, 0, NULL};

    EXPECT_EQUAL(IoRegisterDeviceInterface(DeviceOf(Context, 1), &CheckInterface, NULL, &Link),
                 STATUS_SUCCESS);
    EXPECT(Link.Length > 8 && RtlEqualMemory(Link.Buffer, L"\\??\\", 8));
    RtlFreeUnicodeString(&Link);
}

CHECK(IoSetDeviceInterfaceState, AT(WorkItem))
{
    UNICODE_STRING Link = {0, 0, NULL};

    IoRegisterDeviceInterface(DeviceOf(Context, 1), &CheckInterface, NULL, &Link);
    EXPECT_EQUAL(IoSetDeviceInterfaceState(&Link, FALSE), STATUS_OBJECT_NAME_NOT_FOUND);
    EXPECT_EQUAL(IoSetDeviceInterfaceState(&Link, TRUE), STATUS_SUCCESS);
    EXPECT_EQUAL(IoSetDeviceInterfaceState(&Link, TRUE), STATUS_OBJECT_NAME_EXISTS);
    EXPECT_EQUAL(IoSetDeviceInterfaceState(&Link, FALSE), STATUS_SUCCESS);
    RtlFreeUnicodeString(&Link);
}

CHECK(IoOpenDeviceInterfaceRegistryKey, AT(WorkItem))
{
    UNICODE_STRING Link = {0, 0, NULL};
    HANDLE Key = NULL;

    IoRegisterDeviceInterface(DeviceOf(Context, 1), &CheckInterface, NULL, &Link);
    EXPECT_EQUAL(IoOpenDeviceInterfaceRegistryKey(&Link, KEY_READ, &Key), STATUS_SUCCESS);
    EXPECT_EQUAL(ZwClose(Key), STATUS_SUCCESS);
    RtlFreeUnicodeString(&Link);
}

CHECK(IoAllocateDriverObjectExtension, PASSIVE_PLACES)
{
    static CHAR Key[64];
    PDRIVER_OBJECT Driver = DeviceOf(Context, 0)->DriverObject;
    PVOID Extension = NULL, Again = NULL;
    PVOID Mine = &Key[Context->Place % sizeof(Key)];

    if (IoGetDriverObjectExtension(Driver, Mine) == NULL) {
        EXPECT_EQUAL(IoAllocateDriverObjectExtension(Driver, Mine, 16, &Extension), STATUS_SUCCESS);
        EXPECT(Extension != NULL);
        EXPECT(IoGetDriverObjectExtension(Driver, Mine) == Extension);
    }
    EXPECT_EQUAL(IoAllocateDriverObjectExtension(Driver, Mine, 16, &Again),
                 STATUS_OBJECT_NAME_COLLISION);
    EXPECT(Again == NULL);
}

CHECK(IoGetDriverObjectExtension, PASSIVE_PLACES)
{
    static CHAR Key[64];
    PDRIVER_OBJECT Driver = DeviceOf(Context, 0)->DriverObject;
    PVOID Mine = &Key[Context->Place % sizeof(Key)], Extension = NULL;

    EXPECT(IoGetDriverObjectExtension(Driver, Context) == NULL);
    IoAllocateDriverObjectExtension(Driver, Mine, 16, &Extension);
    EXPECT(IoGetDriverObjectExtension(Driver, Mine) != NULL);
}

/* ---- the event log ---- */

CHECK(IoAllocateErrorLogEntry, LOW_PLACES)
{
    PVOID Entry = IoAllocateErrorLogEntry(DeviceOf(Context, 0), sizeof(IO_ERROR_LOG_PACKET));

    EXPECT(Entry != NULL);
    IoFreeErrorLogEntry(Entry);
    EXPECT(IoAllocateErrorLogEntry(DeviceOf(Context, 0), 8) == NULL);
    EXPECT(IoAllocateErrorLogEntry(DeviceOf(Context, 0), ERROR_LOG_LIMIT_SIZE + 1) == NULL);
}

CHECK(IoWriteErrorLogEntry, AT(WorkItem))
{
    PIO_ERROR_LOG_PACKET Packet = (PIO_ERROR_LOG_PACKET)IoAllocateErrorLogEntry(
        DeviceOf(Context, 0), sizeof(IO_ERROR_LOG_PACKET));

    EXPECT(Packet != NULL);
    Packet->ErrorCode = (NTSTATUS)0xC0040001;
    Packet->UniqueErrorValue = 4711;
    IoWriteErrorLogEntry(Packet);
    EXPECT(CheckReported(Context, "unique value 4711"));
}

CHECK_FATAL(IoFreeErrorLogEntry, stops_at_the_second_time, AT(WorkItem))
{
    PVOID Entry = IoAllocateErrorLogEntry(DeviceOf(Context, 0), sizeof(IO_ERROR_LOG_PACKET));

    IoFreeErrorLogEntry(Entry);
    IoFreeErrorLogEntry(Entry);
}

/* ---- keys ---- */

static HANDLE OpenOwnKey(CHECK_CONTEXT *Context)
{
    HANDLE Key = NULL;

    EXPECT_EQUAL(IoOpenDriverRegistryKey(DeviceOf(Context, 0)->DriverObject, DriverRegKeyParameters,
                                         KEY_READ, 0, &Key),
                 STATUS_SUCCESS);
    return Key;
}

static NTSTATUS ReadNumber(HANDLE Key, PUNICODE_STRING Name, ULONG *Number)
{
    UCHAR Room[sizeof(KEY_VALUE_PARTIAL_INFORMATION) + sizeof(ULONG)];
    PKEY_VALUE_PARTIAL_INFORMATION Value = (PKEY_VALUE_PARTIAL_INFORMATION)Room;
    ULONG Length;
    NTSTATUS Status =
        ZwQueryValueKey(Key, Name, KeyValuePartialInformation, Value, sizeof(Room), &Length);

    if (NT_SUCCESS(Status)) {
        RtlCopyMemory(Number, Value->Data, sizeof(*Number));
    }
    return Status;
}

CHECK(IoOpenDriverRegistryKey, PASSIVE_PLACES)
{
    HANDLE Key = OpenOwnKey(Context);

    EXPECT_EQUAL(ZwClose(Key), STATUS_SUCCESS);
    EXPECT_EQUAL(IoOpenDriverRegistryKey(DeviceOf(Context, 0)->DriverObject, DriverRegKeyParameters,
                                         KEY_READ, 1, &Key),
                 STATUS_INVALID_PARAMETER);
}

CHECK(IoOpenDeviceRegistryKey, PASSIVE_PLACES)
{
    HANDLE Key = NULL;

    EXPECT_EQUAL(
        IoOpenDeviceRegistryKey(DeviceOf(Context, 1), PLUGPLAY_REGKEY_DEVICE, KEY_READ, &Key),
        STATUS_SUCCESS);
    EXPECT_EQUAL(ZwClose(Key), STATUS_SUCCESS);
    EXPECT_EQUAL(IoOpenDeviceRegistryKey(DeviceOf(Context, 1), 99, KEY_READ, &Key),
                 STATUS_INVALID_PARAMETER);
}

CHECK(ZwSetValueKey, PASSIVE_PLACES)
{
    HANDLE Key = OpenOwnKey(Context);
    ULONG Number = 4711, Back = 0;
    UNICODE_STRING Name;

    RtlInitUnicodeString(&Name, L"CheckNumber");
    EXPECT_EQUAL(ZwSetValueKey(Key, &Name, 0, REG_DWORD, &Number, sizeof(Number)), STATUS_SUCCESS);
    EXPECT_EQUAL(ReadNumber(Key, &Name, &Back), STATUS_SUCCESS);
    EXPECT_EQUAL(Back, 4711);
    ZwClose(Key);
    EXPECT_EQUAL(ZwSetValueKey(Key, &Name, 0, REG_DWORD, &Number, sizeof(Number)),
                 STATUS_INVALID_HANDLE);
}

CHECK(ZwQueryValueKey, PASSIVE_PLACES)
{
    HANDLE Key = OpenOwnKey(Context);
    ULONG Number = 1, Length = 0;
    UNICODE_STRING Name;
    ULONGLONG Room[8];
    PKEY_VALUE_FULL_INFORMATION Full = (PKEY_VALUE_FULL_INFORMATION)Room;

    RtlInitUnicodeString(&Name, L"CheckQuery");
    EXPECT_EQUAL(ReadNumber(Key, &Name, &Number), STATUS_OBJECT_NAME_NOT_FOUND);
    ZwSetValueKey(Key, &Name, 0, REG_DWORD, &Number, sizeof(Number));
    EXPECT_EQUAL(ZwQueryValueKey(Key, &Name, KeyValueFullInformation, Full, sizeof(Room), &Length),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Full->Type, REG_DWORD);
    EXPECT_EQUAL(Full->NameLength, Name.Length);
    EXPECT(RtlEqualMemory((PUCHAR)Full + Full->DataOffset, &Number, sizeof(Number)));
    EXPECT_EQUAL(ZwQueryValueKey(Key, &Name, KeyValuePartialInformation, Room, 12, &Length),
                 STATUS_BUFFER_OVERFLOW);
    EXPECT_EQUAL(Length, 16);
    EXPECT_EQUAL(ZwQueryValueKey(Key, &Name, KeyValuePartialInformation, Room, 4, &Length),
                 STATUS_BUFFER_TOO_SMALL);
    ZwDeleteValueKey(Key, &Name);
    ZwClose(Key);
}

CHECK(ZwDeleteValueKey, PASSIVE_PLACES)
{
    HANDLE Key = OpenOwnKey(Context);
    UNICODE_STRING Name;
    ULONG Number = 1;

    RtlInitUnicodeString(&Name, L"CheckDelete");
    ZwSetValueKey(Key, &Name, 0, REG_DWORD, &Number, sizeof(Number));
    EXPECT_EQUAL(ZwDeleteValueKey(Key, &Name), STATUS_SUCCESS);
    EXPECT_EQUAL(ZwDeleteValueKey(Key, &Name), STATUS_OBJECT_NAME_NOT_FOUND);
    ZwClose(Key);
}

CHECK(ZwCreateKey, PASSIVE_PLACES)
{
    HANDLE Parent = OpenOwnKey(Context), Key = NULL;
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    ULONG Disposition = 0;

    RtlInitUnicodeString(&Name, L"CheckKey");
    InitializeObjectAttributes(&Attributes, &Name, OBJ_KERNEL_HANDLE, Parent, NULL);
    EXPECT_EQUAL(ZwOpenKey(&Key, KEY_READ, &Attributes), STATUS_OBJECT_NAME_NOT_FOUND);
    EXPECT_EQUAL(ZwCreateKey(&Key, KEY_ALL_ACCESS, &Attributes, 0, NULL, 0, &Disposition),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Disposition, REG_CREATED_NEW_KEY);
    EXPECT_EQUAL(ZwDeleteKey(Key), STATUS_SUCCESS);
    ZwClose(Key);
    ZwClose(Parent);
}

CHECK(ZwOpenKey, PASSIVE_PLACES)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    HANDLE Key = NULL;

    RtlInitUnicodeString(&Name, L"\\Registry\\Machine\\System\\CurrentControlSet\\Services");
    InitializeObjectAttributes(&Attributes, &Name, OBJ_KERNEL_HANDLE, NULL, NULL);
    EXPECT_EQUAL(ZwOpenKey(&Key, KEY_READ, &Attributes), STATUS_SUCCESS);
    EXPECT_EQUAL(ZwClose(Key), STATUS_SUCCESS);
    RtlInitUnicodeString(&Name, L"\\Registry\\User");
    EXPECT_EQUAL(ZwOpenKey(&Key, KEY_READ, &Attributes), STATUS_OBJECT_NAME_NOT_FOUND);
}

CHECK(ZwDeleteKey, PASSIVE_PLACES)
{
    HANDLE Parent = OpenOwnKey(Context), Key = NULL;
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;

    RtlInitUnicodeString(&Name, L"CheckGone");
    InitializeObjectAttributes(&Attributes, &Name, OBJ_KERNEL_HANDLE, Parent, NULL);
    ZwCreateKey(&Key, KEY_ALL_ACCESS, &Attributes, 0, NULL, 0, NULL);
    EXPECT_EQUAL(ZwDeleteKey(Key), STATUS_SUCCESS);
    ZwClose(Key);
    EXPECT_EQUAL(ZwOpenKey(&Key, KEY_READ, &Attributes), STATUS_OBJECT_NAME_NOT_FOUND);
    ZwClose(Parent);
}

CHECK(ZwFlushKey, PASSIVE_PLACES)
{
    HANDLE Key = OpenOwnKey(Context);

    EXPECT_EQUAL(ZwFlushKey(Key), STATUS_SUCCESS);
    ZwClose(Key);
    EXPECT_EQUAL(ZwFlushKey(Key), STATUS_INVALID_HANDLE);
}

#define VALUES_MAX 1000 /* more than a driver's key has */

CHECK(ZwEnumerateValueKey, PASSIVE_PLACES)
{
    HANDLE Key = OpenOwnKey(Context);
    ULONGLONG Room[32];
    UNICODE_STRING Name;
    ULONG Number = 1, Length = 0, Index = 0;

    RtlInitUnicodeString(&Name, L"CheckOne");
    ZwSetValueKey(Key, &Name, 0, REG_DWORD, &Number, sizeof(Number));
    while (Index < VALUES_MAX && ZwEnumerateValueKey(Key, Index, KeyValueBasicInformation, Room,
                                                     sizeof(Room), &Length) == STATUS_SUCCESS) {
        Index++;
    }
    EXPECT(Index >= 1 && Index < VALUES_MAX);
    EXPECT_EQUAL(
        ZwEnumerateValueKey(Key, Index, KeyValueBasicInformation, Room, sizeof(Room), &Length),
        STATUS_NO_MORE_ENTRIES);
    ZwClose(Key);
}

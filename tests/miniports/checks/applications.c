/*
 * Checks of what drivers have for applications: names of devices and links to them, processes.
 */
#include "check.h"

#include <ntddscsi.h>
#include <ntifs.h>
#include <wdmsec.h>

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))

static PDEVICE_OBJECT AdapterOf(CHECK_CONTEXT *Context)
{
    PVOID Device = NULL, Bus = NULL, Lower = NULL;

    EXPECT_STATUS(StorPortGetDeviceObjects(Context->Extension, &Device, &Bus, &Lower),
                  STOR_STATUS_SUCCESS);
    return (PDEVICE_OBJECT)Device;
}

CHECK(WdmlibIoCreateDeviceSecure, PASSIVE_PLACES)
{
    PDEVICE_OBJECT Adapter = AdapterOf(Context), Device = NULL, Second = NULL;
    UNICODE_STRING Name, Descriptor;

    RtlInitUnicodeString(&Name, L"\\Device\\Secured");
    RtlInitUnicodeString(&Descriptor, L"D:P(A;;GA;;;SY)");
    EXPECT_EQUAL(WdmlibIoCreateDeviceSecure(Adapter->DriverObject, 8, &Name, FILE_DEVICE_UNKNOWN, 0,
                                            FALSE, &Descriptor, NULL, &Device),
                 STATUS_SUCCESS);
    EXPECT(Device != NULL && Device->DeviceExtension != NULL);
    EXPECT_EQUAL(WdmlibIoCreateDeviceSecure(Adapter->DriverObject, 8, &Name, FILE_DEVICE_UNKNOWN, 0,
                                            FALSE, &Descriptor, NULL, &Second),
                 STATUS_OBJECT_NAME_COLLISION);
    IoDeleteDevice(Device);
}

/* ---- devices by name ---- */

#define DEVICE_PLACES (AT(WorkItem) | AT(Thread))

CHECK(IoGetDeviceObjectPointer, DEVICE_PLACES)
{
    PDEVICE_OBJECT Adapter = AdapterOf(Context), Device = NULL;
    PFILE_OBJECT File = NULL;
    UNICODE_STRING Name;

    RtlInitUnicodeString(&Name, L"\\Device\\RaidPort0");
    EXPECT_EQUAL(IoGetDeviceObjectPointer(&Name, FILE_READ_DATA, &File, &Device), STATUS_SUCCESS);
    if (File != NULL) {
        PDEVICE_OBJECT Top = IoGetAttachedDeviceReference(Adapter);
        EXPECT(Device == Top);
        EXPECT(IoGetRelatedDeviceObject(File) == Top);
        ObDereferenceObject(Top);
        EXPECT_EQUAL(ObDereferenceObject(File), 0);
    }
    RtlInitUnicodeString(&Name, L"\\Device\\Nobody");
    EXPECT_EQUAL(IoGetDeviceObjectPointer(&Name, FILE_READ_DATA, &File, &Device),
                 STATUS_OBJECT_NAME_NOT_FOUND);
    RtlInitUnicodeString(&Name, L"Nobody");
    EXPECT_EQUAL(IoGetDeviceObjectPointer(&Name, FILE_READ_DATA, &File, &Device),
                 STATUS_OBJECT_NAME_INVALID);
}

static HANDLE OpenAdapter(CHECK_CONTEXT *Context, ACCESS_MASK Access)
{
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    HANDLE Handle = NULL;
    UNICODE_STRING Name;

    RtlInitUnicodeString(&Name, L"\\??\\Scsi0:");
    InitializeObjectAttributes(&Attributes, &Name, OBJ_KERNEL_HANDLE, NULL, NULL);
    EXPECT_EQUAL(ZwCreateFile(&Handle, Access, &Attributes, &IoStatus, NULL, 0, 0, FILE_OPEN,
                              FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0),
                 STATUS_SUCCESS);
    return Handle;
}

CHECK_ALSO(ZwCreateFile, opens_a_device, DEVICE_PLACES)
{
    HANDLE Handle = OpenAdapter(Context, GENERIC_READ);
    FILE_STANDARD_INFORMATION Standard;
    IO_STATUS_BLOCK IoStatus;
    PFILE_OBJECT File = NULL;

    EXPECT_EQUAL(
        ObReferenceObjectByHandle(Handle, 0, *IoFileObjectType, KernelMode, (PVOID *)&File, NULL),
        STATUS_SUCCESS);
    EXPECT(File != NULL && File->DeviceObject != NULL);
    EXPECT_EQUAL(ZwQueryInformationFile(Handle, &IoStatus, &Standard, sizeof(Standard),
                                        FileStandardInformation),
                 STATUS_INVALID_HANDLE);
    EXPECT_EQUAL(ZwClose(Handle), STATUS_SUCCESS);
    EXPECT_EQUAL(ZwClose(Handle), STATUS_INVALID_HANDLE);
    EXPECT_EQUAL(ObDereferenceObject(File), 0);
}

CHECK_ALSO(ZwDeviceIoControlFile, reaches_a_device, DEVICE_PLACES)
{
    enum { GetCapabilities = 0x41010 };
    HANDLE Handle = OpenAdapter(Context, GENERIC_READ | GENERIC_WRITE), Event = NULL;
    IO_SCSI_CAPABILITIES Capabilities = {0};
    IO_STATUS_BLOCK IoStatus = {{0}, 0};
    LONG Before = 7;

    ZwCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
    EXPECT_EQUAL(ZwDeviceIoControlFile(Handle, Event, NULL, NULL, &IoStatus, GetCapabilities, NULL,
                                       0, &Capabilities, sizeof(Capabilities)),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(IoStatus.Information, sizeof(Capabilities));
    EXPECT_EQUAL(Capabilities.Length, sizeof(Capabilities));
    ZwResetEvent(Event, &Before);
    EXPECT_EQUAL(Before, 1);
    EXPECT_EQUAL(ZwReadFile(Handle, NULL, NULL, NULL, &IoStatus, &Capabilities, 8, NULL, NULL),
                 STATUS_INVALID_DEVICE_REQUEST);
    ZwClose(Event);
    ZwClose(Handle);
}

CHECK(IoCreateSymbolicLink, PASSIVE_PLACES)
{
    UNICODE_STRING Link, Same, Target;

    RtlInitUnicodeString(&Link, L"\\DosDevices\\CheckLink");
    RtlInitUnicodeString(&Same, L"\\??\\CHECKLINK");
    RtlInitUnicodeString(&Target, L"\\Device\\Nowhere");
    EXPECT_EQUAL(IoCreateSymbolicLink(&Link, &Target), STATUS_SUCCESS);
    EXPECT_EQUAL(IoCreateSymbolicLink(&Same, &Target), STATUS_OBJECT_NAME_COLLISION);
    EXPECT_EQUAL(IoDeleteSymbolicLink(&Same), STATUS_SUCCESS);
}

CHECK(IoDeleteSymbolicLink, PASSIVE_PLACES)
{
    UNICODE_STRING Link, Target;

    RtlInitUnicodeString(&Link, L"\\??\\CheckDeleted");
    RtlInitUnicodeString(&Target, L"\\Device\\Nowhere");
    EXPECT_EQUAL(IoDeleteSymbolicLink(&Link), STATUS_OBJECT_NAME_NOT_FOUND);
    EXPECT_EQUAL(IoCreateSymbolicLink(&Link, &Target), STATUS_SUCCESS);
    EXPECT_EQUAL(IoDeleteSymbolicLink(&Link), STATUS_SUCCESS);
    EXPECT_EQUAL(IoDeleteSymbolicLink(&Link), STATUS_OBJECT_NAME_NOT_FOUND);
    EXPECT_EQUAL(IoCreateSymbolicLink(&Link, &Target), STATUS_SUCCESS);
    EXPECT_EQUAL(IoDeleteSymbolicLink(&Link), STATUS_SUCCESS);
}

/* ---- processes ---- */

static VOID NTAPI ProcessNews(HANDLE ParentId, HANDLE ProcessId, BOOLEAN Create)
{
    UNREFERENCED_PARAMETER(ParentId);
    UNREFERENCED_PARAMETER(ProcessId);
    UNREFERENCED_PARAMETER(Create);
}

static VOID NTAPI ProcessNewsEx(PEPROCESS Process, HANDLE ProcessId, PPS_CREATE_NOTIFY_INFO Info)
{
    UNREFERENCED_PARAMETER(Process);
    UNREFERENCED_PARAMETER(ProcessId);
    UNREFERENCED_PARAMETER(Info);
}

CHECK(PsSetCreateProcessNotifyRoutine, PASSIVE_PLACES)
{
    EXPECT_EQUAL(PsSetCreateProcessNotifyRoutine(ProcessNews, TRUE), STATUS_PROCEDURE_NOT_FOUND);
    EXPECT_EQUAL(PsSetCreateProcessNotifyRoutine(ProcessNews, FALSE), STATUS_SUCCESS);
    EXPECT_EQUAL(PsSetCreateProcessNotifyRoutine(ProcessNews, FALSE), STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(PsSetCreateProcessNotifyRoutine(ProcessNews, TRUE), STATUS_SUCCESS);
}

CHECK(PsSetCreateProcessNotifyRoutineEx, PASSIVE_PLACES)
{
    EXPECT_EQUAL(PsSetCreateProcessNotifyRoutineEx(ProcessNewsEx, TRUE),
                 STATUS_PROCEDURE_NOT_FOUND);
    EXPECT_EQUAL(PsSetCreateProcessNotifyRoutineEx(ProcessNewsEx, FALSE), STATUS_SUCCESS);
    EXPECT_EQUAL(PsSetCreateProcessNotifyRoutineEx(ProcessNewsEx, TRUE), STATUS_SUCCESS);
}

CHECK(PsLookupProcessByProcessId, PASSIVE_PLACES)
{
    PEPROCESS Process = NULL;

    EXPECT_EQUAL(PsLookupProcessByProcessId((HANDLE)(ULONG_PTR)4, &Process), STATUS_SUCCESS);
    EXPECT_EQUAL((ULONG_PTR)PsGetProcessId(Process), 4);
    ObDereferenceObject(Process);
    EXPECT_EQUAL(PsLookupProcessByProcessId(PsGetCurrentProcessId(), &Process), STATUS_SUCCESS);
    EXPECT(Process == PsGetCurrentProcess());
    ObDereferenceObject(Process);
    EXPECT_EQUAL(PsLookupProcessByProcessId((HANDLE)(ULONG_PTR)0x7FFFFFF0, &Process),
                 STATUS_INVALID_CID);
    EXPECT(Process == NULL);
}

CHECK(PsGetProcessId, LOW_PLACES)
{
    EXPECT(PsGetProcessId(PsGetCurrentProcess()) == PsGetCurrentProcessId());
}

CHECK(IoGetRequestorProcess, LOW_PLACES)
{
    PIRP Irp = IoAllocateIrp(1, FALSE);

    EXPECT(Irp != NULL);
    EXPECT_EQUAL((ULONG_PTR)PsGetProcessId(IoGetRequestorProcess(Irp)), 4);
    EXPECT_EQUAL(IoGetRequestorProcessId(Irp), 4);
    IoFreeIrp(Irp);
}

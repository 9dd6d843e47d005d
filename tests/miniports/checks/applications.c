/*
 * Checks of what drivers have for applications: names of devices and links to them, processes.
 */
#include "check.h"

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

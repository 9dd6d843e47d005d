/*
 * The firmware driver: a virtual miniport with units at 0:0:0 and 1:0:0, which calls ACPI methods
 * as its service requests say.
 */
#include <ntddk.h>
#include <storport.h>

#include <ntddscsi.h>
#include <srbhelper.h>

#include "../virtual_miniport.h"
#include "firmware_protocol.h"

#define FIRMWARE_PATHS 2

DRIVER_INITIALIZE DriverEntry;
VIRTUAL_HW_FIND_ADAPTER FirmwareFindAdapter;
HW_INITIALIZE FirmwareInitialize;
HW_STARTIO FirmwareStartIo;
HW_RESET_BUS FirmwareResetBus;
HW_FREE_ADAPTER_RESOURCES FirmwareFreeAdapterResources;
HW_PROCESS_SERVICE_REQUEST FirmwareProcessServiceRequest;

/* ---- calls ---- */

static VOID Invoke(PVOID Extension, FIRMWARE_COMMAND *Command)
{
    static UCHAR Output[FIRMWARE_BYTES];
    STOR_ADDR_BTL8 Address;

    RtlZeroMemory(&Address, sizeof(Address));
    Address.Type = Command->BadAddress ? 0x7777 : STOR_ADDRESS_TYPE_BTL8;
    Address.AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH;
    Address.Path = Command->Path;
    Address.Target = Command->Target;
    Address.Lun = Command->Lun;
    RtlFillMemory(Output, sizeof(Output), 0xEE);
    Command->Returned = 0xEEEEEEEE;
    Command->Status = StorPortInvokeAcpiMethod(
        Extension, Command->HasAddress ? (PSTOR_ADDRESS)&Address : NULL, Command->Code,
        Command->NoInput ? NULL : Command->Data, Command->InputLength,
        Command->NoOutput ? NULL : Output, Command->OutputLength,
        Command->NoReturned ? NULL : (PULONG)&Command->Returned);
    RtlCopyMemory(Command->Data, Output, sizeof(Output));
}

static VOID Control(PVOID Extension, FIRMWARE_COMMAND *Command)
{
    PVOID Adapter = NULL, Physical = NULL, Lower = NULL;
    IO_STATUS_BLOCK IoStatus;
    KEVENT Event;
    PIRP Irp = NULL;
    KIRQL OldIrql = PASSIVE_LEVEL;

    KeInitializeEvent(&Event, NotificationEvent, FALSE);
    if (StorPortGetDeviceObjects(Extension, &Adapter, &Physical, &Lower) == STOR_STATUS_SUCCESS) {
        Irp = IoBuildDeviceIoControlRequest(Command->Code, (PDEVICE_OBJECT)Physical, Command->Data,
                                            Command->InputLength, Command->Data,
                                            Command->OutputLength, FALSE, &Event, &IoStatus);
    }
    if (Irp == NULL) {
        Command->Status = (ULONG)STATUS_INSUFFICIENT_RESOURCES;
        return;
    }
    if (Command->Command == FirmwareControlHigh) {
        KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
    }
    Command->Status = (ULONG)IoCallDriver((PDEVICE_OBJECT)Physical, Irp);
    if (Command->Command == FirmwareControlHigh) {
        KeLowerIrql(OldIrql);
    }
    KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
    Command->Status = (ULONG)IoStatus.Status;
    Command->Returned = (ULONG)IoStatus.Information;
}

/* ---- the registry ---- */

static volatile LONG Notified;

static VOID NTAPI RegistryChanged(PVOID Extension)
{
    UNREFERENCED_PARAMETER(Extension);
    InterlockedIncrement(&Notified);
}

static VOID Write(PVOID Extension, FIRMWARE_COMMAND *Command)
{
    ULONG Length = sizeof(ULONG);
    PUCHAR Buffer = StorPortAllocateRegistryBuffer(Extension, &Length);
    BOOLEAN Written = FALSE;

    if (Buffer != NULL) {
        *(PULONG)Buffer = Command->Code;
        Written = StorPortRegistryWrite(Extension, (PUCHAR) "Written", TRUE, MINIPORT_REG_DWORD,
                                        Buffer, Length);
        StorPortFreeRegistryBuffer(Extension, Buffer);
    }
    Command->Status =
        Written ? StorPortRegistryWriteAdapterKey(Extension, (PUCHAR) "Sub", (PUCHAR) "Written",
                                                  MINIPORT_REG_DWORD, &Command->Code, Length)
                : STOR_STATUS_UNSUCCESSFUL;
}

VOID FirmwareProcessServiceRequest(PVOID DeviceExtension, PVOID Irp)
{
    PIRP Request = (PIRP)Irp;
    FIRMWARE_COMMAND *Command = (FIRMWARE_COMMAND *)Request->AssociatedIrp.SystemBuffer;

    switch (Command->Command) {
    case FirmwareInvoke:
        Invoke(DeviceExtension, Command);
        break;
    case FirmwareWrite:
        Write(DeviceExtension, Command);
        break;
    case FirmwareWatch:
        Command->Status = StorPortEnableRegistryKeyNotification(DeviceExtension, RegistryChanged);
        break;
    case FirmwareNotified:
        Command->Returned = (ULONG)Notified;
        break;
    default:
        Control(DeviceExtension, Command);
        break;
    }
    Request->IoStatus.Status = STATUS_SUCCESS;
    Request->IoStatus.Information = sizeof(FIRMWARE_COMMAND);
    StorPortCompleteServiceIrp(DeviceExtension, Request);
}

/* ---- a miniport ---- */

ULONG FirmwareFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                          PVOID LowerDevice, PCHAR ArgumentString,
                          PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(LowerDevice);
    UNREFERENCED_PARAMETER(ArgumentString);
    ConfigInfo->VirtualDevice = TRUE;
    ConfigInfo->MaximumTransferLength = 65536;
    ConfigInfo->NumberOfPhysicalBreaks = 17;
    ConfigInfo->NumberOfBuses = FIRMWARE_PATHS;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = 1;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    *Again = FALSE;
    return SP_RETURN_FOUND;
}

BOOLEAN FirmwareInitialize(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    return TRUE;
}

static UCHAR Execute(PSCSI_REQUEST_BLOCK Srb)
{
    PINQUIRYDATA Inquiry = (PINQUIRYDATA)Srb->DataBuffer;

    if (Srb->Function == SRB_FUNCTION_PNP || Srb->Function == SRB_FUNCTION_POWER) {
        return SRB_STATUS_SUCCESS;
    }
    if (Srb->Function != SRB_FUNCTION_EXECUTE_SCSI || Srb->Cdb[0] != SCSIOP_INQUIRY ||
        (Srb->Cdb[1] & 1) != 0 || Srb->DataTransferLength < INQUIRYDATABUFFERSIZE) {
        return SRB_STATUS_ERROR;
    }
    RtlZeroMemory(Inquiry, Srb->DataTransferLength);
    Inquiry->DeviceType = 3; /* a processor: nobody asks for a capacity */
    Inquiry->AdditionalLength = INQUIRYDATABUFFERSIZE - 5;
    Srb->DataTransferLength = INQUIRYDATABUFFERSIZE;
    return SRB_STATUS_SUCCESS;
}

BOOLEAN FirmwareStartIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    Srb->SrbStatus = Execute(Srb);
    StorPortNotification(RequestComplete, DeviceExtension, Srb);
    return TRUE;
}

BOOLEAN FirmwareResetBus(PVOID DeviceExtension, ULONG PathId)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(PathId);
    return TRUE;
}

VOID FirmwareFreeAdapterResources(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA Data;

    VirtualMiniportDescribe(&Data);
    Data.HwFindAdapter = (PVOID)FirmwareFindAdapter;
    Data.HwInitialize = FirmwareInitialize;
    Data.HwStartIo = FirmwareStartIo;
    Data.HwResetBus = FirmwareResetBus;
    Data.HwFreeAdapterResources = FirmwareFreeAdapterResources;
    Data.HwProcessServiceRequest = FirmwareProcessServiceRequest;
    Data.HwCompleteServiceIrp = FirmwareFreeAdapterResources;
    Data.DeviceExtensionSize = sizeof(ULONG);
    Data.SrbTypeFlags = SRB_TYPE_FLAG_SCSI_REQUEST_BLOCK;
    return (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
}

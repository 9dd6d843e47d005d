/*
 * The partner driver: loading, start, removal.
 */
#include "../virtual_miniport.h"
#include "partner.h"

PARTNER_ADAPTER *PartnerOnly;
static PDRIVER_UNLOAD SavedUnload;

static const GUID InterfaceClass = {
    0x9b6f3d1c, 0x2a47, 0x4e58, {0x8c, 0x1d, 0x6f, 0x0e, 0x35, 0xa7, 0xb2, 0x90}};
static UNICODE_STRING InterfaceLink; /* of the adapter, while its interface is enabled */

DRIVER_INITIALIZE DriverEntry;

/* Programs find the adapter by it. */
static BOOLEAN ShowInterface(PDEVICE_OBJECT PhysicalDevice)
{
    if (InterfaceLink.Buffer != NULL) {
        return TRUE;
    }
    if (!NT_SUCCESS(
            IoRegisterDeviceInterface(PhysicalDevice, &InterfaceClass, NULL, &InterfaceLink))) {
        return FALSE;
    }
    return NT_SUCCESS(IoSetDeviceInterfaceState(&InterfaceLink, TRUE));
}

static VOID HideInterface(VOID)
{
    if (InterfaceLink.Buffer != NULL) {
        IoSetDeviceInterfaceState(&InterfaceLink, FALSE);
        RtlFreeUnicodeString(&InterfaceLink);
    }
}

static ULONG NTAPI FindAdapter(PVOID Extension, PVOID HwContext, PVOID BusInformation,
                               PVOID LowerDevice, PCHAR ArgumentString,
                               PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again)
{
    PARTNER_ADAPTER *Adapter = Extension;

    UNREFERENCED_PARAMETER(LowerDevice);
    UNREFERENCED_PARAMETER(ArgumentString);
    if (Adapter->DeviceObject == NULL) {
        KeInitializeSpinLock(&Adapter->Lock);
        InitializeListHead(&Adapter->Waiting);
        InitializeListHead(&Adapter->Fetched);
        InitializeListHead(&Adapter->Fetches);
    }
    Adapter->DeviceObject = (PDEVICE_OBJECT)BusInformation;
    if (!ShowInterface((PDEVICE_OBJECT)HwContext)) {
        return SP_RETURN_ERROR;
    }
    ConfigInfo->VirtualDevice = TRUE;
    ConfigInfo->MaximumTransferLength = PARTNER_TRANSFER_BYTES;
    ConfigInfo->NumberOfPhysicalBreaks = PARTNER_TRANSFER_BYTES / PAGE_SIZE + 1;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = 1;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    *Again = FALSE;
    return SP_RETURN_FOUND;
}

static BOOLEAN NTAPI Initialize(PVOID Extension)
{
    PARTNER_ADAPTER *Adapter = Extension;

    if (PartnerOnly == NULL &&
        !NT_SUCCESS(PsSetCreateProcessNotifyRoutine(PartnerProcess, FALSE))) {
        return FALSE;
    }
    PartnerOnly = Adapter;
    return TRUE;
}

static BOOLEAN NTAPI ResetBus(PVOID Extension, ULONG PathId)
{
    UNREFERENCED_PARAMETER(PathId);
    PartnerEndRequests((PARTNER_ADAPTER *)Extension);
    return TRUE;
}

static SCSI_ADAPTER_CONTROL_STATUS NTAPI AdapterControl(PVOID Extension,
                                                        SCSI_ADAPTER_CONTROL_TYPE ControlType,
                                                        PVOID Parameters)
{
    UNREFERENCED_PARAMETER(Extension);
    switch (ControlType) {
    case ScsiQuerySupportedControlTypes:
        ((PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters)->SupportedTypeList[ScsiStopAdapter] = TRUE;
        return ScsiAdapterControlSuccess;
    case ScsiStopAdapter:
        return ScsiAdapterControlSuccess;
    default:
        return ScsiAdapterControlUnsuccessful;
    }
}

static VOID NTAPI FreeAdapterResources(PVOID Extension)
{
    UNREFERENCED_PARAMETER(Extension);
    HideInterface();
    PsSetCreateProcessNotifyRoutine(PartnerProcess, TRUE);
    PartnerOnly = NULL;
}

static VOID NTAPI Unload(PDRIVER_OBJECT DriverObject)
{
    PartnerDeviceDelete();
    SavedUnload(DriverObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA Data;
    NTSTATUS Status;

    VirtualMiniportDescribe(&Data);
    Data.HwFindAdapter = (PVOID)FindAdapter;
    Data.HwInitialize = Initialize;
    Data.HwStartIo = PartnerStartIo;
    Data.HwResetBus = ResetBus;
    Data.HwAdapterControl = AdapterControl;
    Data.HwFreeAdapterResources = FreeAdapterResources;
    Data.HwProcessServiceRequest = PartnerProcessServiceRequest;
    Data.HwCompleteServiceIrp = PartnerCompleteServiceIrp;
    Data.DeviceExtensionSize = sizeof(PARTNER_ADAPTER);
    Data.SrbExtensionSize = sizeof(PARTNER_REQUEST);
    Data.MapBuffers = STOR_MAP_ALL_BUFFERS_INCLUDING_READ_WRITE;
    Data.SrbTypeFlags = SRB_TYPE_FLAG_SCSI_REQUEST_BLOCK;
    Status = (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
    if (!NT_SUCCESS(Status)) {
        return Status;
    }
    SavedUnload = DriverObject->DriverUnload;
    DriverObject->DriverUnload = Unload;
    KeInitializeQueue(&PartnerQueue, 1);
    PartnerHook(DriverObject);
    return PartnerDeviceCreate(DriverObject);
}

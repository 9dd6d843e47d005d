/*
 * The WMI driver: loading and start. It has no unit.
 */
#include "wmi.h"

DRIVER_INITIALIZE DriverEntry;
VIRTUAL_HW_FIND_ADAPTER WmiFindAdapter;
HW_INITIALIZE WmiInitializeAdapter;
HW_STARTIO WmiStartIo;
HW_RESET_BUS WmiResetBus;
HW_ADAPTER_CONTROL WmiAdapterControl;
HW_FREE_ADAPTER_RESOURCES WmiFreeAdapterResources;

static ULONG ReadParameter(PVOID DeviceExtension, PCHAR Name)
{
    ULONG Length = sizeof(ULONG), Number = 0;
    PUCHAR Buffer = StorPortAllocateRegistryBuffer(DeviceExtension, &Length);

    if (Buffer != NULL) {
        Length = sizeof(ULONG);
        if (StorPortRegistryRead(DeviceExtension, (PUCHAR)Name, TRUE, REG_DWORD, Buffer, &Length)) {
            Number = *(ULONG UNALIGNED *)Buffer;
        }
        StorPortFreeRegistryBuffer(DeviceExtension, Buffer);
    }
    return Number;
}

ULONG WmiFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                     PVOID LowerDevice, PCHAR ArgumentString,
                     PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again)
{
    WMI_ADAPTER *Adapter = (WMI_ADAPTER *)DeviceExtension;
    ULONGLONG Shared =
        (ULONGLONG)ReadParameter(Adapter, "SharedHigh") << 32 | ReadParameter(Adapter, "SharedLow");

    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(LowerDevice);
    UNREFERENCED_PARAMETER(ArgumentString);
    Adapter->Shared = (WMI_SHARED *)(ULONG_PTR)Shared;
    WmiInitialize(Adapter);
    ConfigInfo->VirtualDevice = TRUE;
    ConfigInfo->WmiDataProvider = TRUE;
    ConfigInfo->MaximumTransferLength = 65536;
    ConfigInfo->NumberOfPhysicalBreaks = 17;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = 1;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    *Again = FALSE;
    return Adapter->Shared != NULL ? SP_RETURN_FOUND : SP_RETURN_BAD_CONFIG;
}

BOOLEAN WmiInitializeAdapter(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    return TRUE;
}

BOOLEAN WmiStartIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    switch (Srb->Function) {
    case SRB_FUNCTION_WMI:
        WmiStart((WMI_ADAPTER *)DeviceExtension, (PSCSI_WMI_REQUEST_BLOCK)Srb);
        return TRUE;
    case SRB_FUNCTION_PNP:
    case SRB_FUNCTION_POWER:
        Srb->SrbStatus = SRB_STATUS_SUCCESS;
        break;
    default:
        Srb->SrbStatus = SRB_STATUS_SELECTION_TIMEOUT;
        break;
    }
    StorPortNotification(RequestComplete, DeviceExtension, Srb);
    return TRUE;
}

BOOLEAN WmiResetBus(PVOID DeviceExtension, ULONG PathId)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(PathId);
    return TRUE;
}

SCSI_ADAPTER_CONTROL_STATUS
WmiAdapterControl(PVOID DeviceExtension, SCSI_ADAPTER_CONTROL_TYPE ControlType, PVOID Parameters)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    if (ControlType == ScsiQuerySupportedControlTypes) {
        ((PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters)->SupportedTypeList[ScsiStopAdapter] = TRUE;
    }
    return ScsiAdapterControlSuccess;
}

VOID WmiFreeAdapterResources(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA Data;

    RtlZeroMemory(&Data, sizeof(Data));
    Data.HwInitializationDataSize = sizeof(Data);
    Data.AdapterInterfaceType = Internal;
    Data.HwFindAdapter = (PVOID)WmiFindAdapter;
    Data.HwInitialize = WmiInitializeAdapter;
    Data.HwStartIo = WmiStartIo;
    Data.HwResetBus = WmiResetBus;
    Data.HwAdapterControl = WmiAdapterControl;
    Data.HwFreeAdapterResources = WmiFreeAdapterResources;
    Data.DeviceExtensionSize = sizeof(WMI_ADAPTER);
    Data.SrbExtensionSize = sizeof(WMI_EXTENSION);
    Data.MapBuffers = STOR_MAP_NON_READ_WRITE_BUFFERS;
    Data.NeedPhysicalAddresses = TRUE;
    Data.TaggedQueuing = TRUE;
    Data.AutoRequestSense = TRUE;
    Data.MultipleRequestPerLu = TRUE;
    Data.FeatureSupport = STOR_FEATURE_VIRTUAL_MINIPORT;
    Data.SrbTypeFlags = SRB_TYPE_FLAG_SCSI_REQUEST_BLOCK;
    Data.AddressTypeFlags = ADDRESS_TYPE_FLAG_BTL8;
    return (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
}

/*
 * The RAM disk as a driver: loading, start, stop, removal.
 *
 * A virtual miniport has no device, so its life is only that of its media. They are created in
 * HwFindAdapter, which is where a wrong setting can still be reported as such.
 */
#include "ramdisk.h"

#include <srbhelper.h>

#define PAGE_BYTES 4096UL

DRIVER_INITIALIZE DriverEntry;
VIRTUAL_HW_FIND_ADAPTER RamdiskFindAdapter;
HW_INITIALIZE RamdiskInitialize;
HW_ADAPTER_CONTROL RamdiskAdapterControl;
HW_FREE_ADAPTER_RESOURCES RamdiskFreeAdapterResources;
HW_PROCESS_SERVICE_REQUEST RamdiskProcessServiceRequest;
HW_COMPLETE_SERVICE_IRP RamdiskCompleteServiceIrp;

ULONG RamdiskFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                         PVOID LowerDevice, PCHAR ArgumentString,
                         PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again)
{
    RAMDISK_ADAPTER *Adapter = (RAMDISK_ADAPTER *)DeviceExtension;

    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(LowerDevice);
    UNREFERENCED_PARAMETER(ArgumentString);

    if (ConfigInfo->DumpMode != 0) {
        if (!RamdiskReadDumpData(Adapter, ConfigInfo)) {
            return SP_RETURN_ERROR;
        }
    }
    /* A start after a stop finds the media of the first start, and with them its settings. */
    if (!Adapter->Created) {
        if (!RamdiskReadSettings(Adapter) || !RamdiskCreateMedia(Adapter)) {
            return SP_RETURN_BAD_CONFIG;
        }
    }
    ConfigInfo->VirtualDevice = TRUE;
    ConfigInfo->MaximumTransferLength = RAMDISK_MAXIMUM_TRANSFER;
    ConfigInfo->NumberOfPhysicalBreaks = RAMDISK_MAXIMUM_TRANSFER / PAGE_BYTES + 1;
    ConfigInfo->AlignmentMask = 0;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = (UCHAR)Adapter->UnitCount;
    ConfigInfo->CachesData = Adapter->Disks[0].WriteCache;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    ConfigInfo->SrbType = (UCHAR)Adapter->Settings.SrbType;
    *Again = FALSE;
    return SP_RETURN_FOUND;
}

BOOLEAN RamdiskInitialize(PVOID DeviceExtension)
{
    RAMDISK_ADAPTER *Adapter = (RAMDISK_ADAPTER *)DeviceExtension;

    return Adapter->Created;
}

SCSI_ADAPTER_CONTROL_STATUS RamdiskAdapterControl(PVOID DeviceExtension,
                                                  SCSI_ADAPTER_CONTROL_TYPE ControlType,
                                                  PVOID Parameters)
{
    PSCSI_SUPPORTED_CONTROL_TYPE_LIST List;

    UNREFERENCED_PARAMETER(DeviceExtension);
    switch (ControlType) {
    case ScsiQuerySupportedControlTypes:
        List = (PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters;
        if (List->MaxControlType > ScsiStopAdapter) {
            List->SupportedTypeList[ScsiStopAdapter] = TRUE;
        }
        if (List->MaxControlType > ScsiRestartAdapter) {
            List->SupportedTypeList[ScsiRestartAdapter] = TRUE;
        }
        return ScsiAdapterControlSuccess;
    case ScsiStopAdapter:
        /*
         * The port stops an adapter only when no request is outstanding, so the worker has nothing
         * left and sleeps; the IRQL of this call forbids to wait for it anyway. The media stay for
         * a restart.
         */
    case ScsiRestartAdapter:
        return ScsiAdapterControlSuccess;
    default:
        return ScsiAdapterControlUnsuccessful;
    }
}

VOID RamdiskFreeAdapterResources(PVOID DeviceExtension)
{
    RamdiskDestroyMedia((RAMDISK_ADAPTER *)DeviceExtension);
}

/* There is no service of our own, so no such IRP is ever pended and none is left at removal. */
VOID RamdiskProcessServiceRequest(PVOID DeviceExtension, PVOID Irp)
{
    PIRP ServiceIrp = (PIRP)Irp;

    ServiceIrp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    ServiceIrp->IoStatus.Information = 0;
    StorPortCompleteServiceIrp(DeviceExtension, ServiceIrp);
}

VOID RamdiskCompleteServiceIrp(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA Data;

    RtlZeroMemory(&Data, sizeof(Data));
    Data.HwInitializationDataSize = sizeof(Data);
    Data.AdapterInterfaceType = Internal;
    Data.HwFindAdapter = (PVOID)RamdiskFindAdapter;
    Data.HwInitialize = RamdiskInitialize;
    Data.HwStartIo = RamdiskStartIo;
    Data.HwResetBus = RamdiskResetBus;
    Data.HwAdapterControl = RamdiskAdapterControl;
    Data.HwFreeAdapterResources = RamdiskFreeAdapterResources;
    Data.HwProcessServiceRequest = RamdiskProcessServiceRequest;
    Data.HwCompleteServiceIrp = RamdiskCompleteServiceIrp;
    Data.DeviceExtensionSize = sizeof(RAMDISK_ADAPTER);
    Data.SrbExtensionSize = sizeof(RAMDISK_REQUEST);
    Data.MapBuffers = STOR_MAP_NON_READ_WRITE_BUFFERS;
    Data.NeedPhysicalAddresses = TRUE;
    Data.TaggedQueuing = TRUE;
    Data.AutoRequestSense = TRUE;
    Data.MultipleRequestPerLu = TRUE;
    Data.FeatureSupport = STOR_FEATURE_VIRTUAL_MINIPORT;
    Data.SrbTypeFlags = SRB_TYPE_FLAG_SCSI_REQUEST_BLOCK | SRB_TYPE_FLAG_STORAGE_REQUEST_BLOCK;
    Data.AddressTypeFlags = ADDRESS_TYPE_FLAG_BTL8;
    return (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
}

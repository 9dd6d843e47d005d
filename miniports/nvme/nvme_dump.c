/*
 * Crash dumps and hibernation: another instance of this driver writes while the system stands
 * still.
 *
 * Rule: that instance learns nothing by itself that the live one knows. It gets the controller's
 * identity and the one unit that the dump lies on, at the LUN that it has there, in memory that it
 * marks. It has one queue, no interrupts, and its completions are taken by HwInterrupt, which the
 * port polls. All of it runs at HIGH_LEVEL, where no service of the port but these is to be had:
 * registers, stalls, addresses.
 */
#include "nvme_driver.h"

#include <srbhelper.h>

#define DUMP_DATA_TAG 0x64764E53 /* "SNvd" in memory. */

typedef struct _NVME_DUMP_DATA {
    ULONG Size; /* Of this structure: both instances are built from the same source. */
    UCHAR Lun;
    NVME_IDENTITY Identity;
    NVME_UNIT Unit;
} NVME_DUMP_DATA, *PNVME_DUMP_DATA;

static PMINIPORT_DUMP_POINTERS PointersOf(PSCSI_REQUEST_BLOCK Srb)
{
    if (SrbGetDataTransferLength(Srb) < sizeof(MINIPORT_DUMP_POINTERS)) {
        return NULL;
    }
    return SrbGetDataBuffer(Srb);
}

UCHAR NvmeGiveDumpData(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    PMINIPORT_DUMP_POINTERS pointers = PointersOf(Srb);
    UCHAR lun = SrbGetLun(Srb);
    PVOID memory = NULL;
    PNVME_DUMP_DATA data;

    if (pointers == NULL) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    if (lun >= NVME_MAX_UNITS || !Adapter->Target.Units[lun].Present) {
        return SRB_STATUS_NO_DEVICE;
    }
    if (StorPortAllocatePool(Adapter, sizeof(*data), DUMP_DATA_TAG, &memory) !=
        STOR_STATUS_SUCCESS) {
        return SRB_STATUS_ERROR;
    }
    data = memory;
    RtlZeroMemory(data, sizeof(*data));
    data->Size = sizeof(*data);
    data->Lun = lun;
    data->Identity = Adapter->Target.Identity;
    data->Unit = Adapter->Target.Units[lun];
    pointers->Version = DUMP_MINIPORT_VERSION_1;
    pointers->Size = sizeof(*pointers);
    pointers->MaximumTransferLength = Adapter->Target.Identity.MaximumTransferBytes;
    pointers->MiniportPrivateDumpData = data;
    return SRB_STATUS_SUCCESS;
}

UCHAR NvmeTakeBackDumpData(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    PMINIPORT_DUMP_POINTERS pointers = PointersOf(Srb);

    if (pointers == NULL || pointers->MiniportPrivateDumpData == NULL) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    StorPortFreePool(Adapter, pointers->MiniportPrivateDumpData);
    pointers->MiniportPrivateDumpData = NULL;
    return SRB_STATUS_SUCCESS;
}

BOOLEAN NvmeReadDumpData(PNVME_ADAPTER Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    const NVME_DUMP_DATA *data = ConfigInfo->MiniportDumpData;

    if (data == NULL || data->Size != sizeof(*data)) {
        return FALSE;
    }
    StorPortMarkDumpMemory(Adapter, ConfigInfo->MiniportDumpData, sizeof(*data), 0);
    Adapter->Target.Identity = data->Identity;
    Adapter->Target.Units[data->Lun] = data->Unit;
    Adapter->Target.Units[data->Lun].Attention = 0;
    Adapter->Target.Units[data->Lun].Changing = FALSE;
    return TRUE;
}

/* The controller may be in any state: the bring-up begins by disabling it. */
BOOLEAN NvmeInitializeDump(PNVME_ADAPTER Adapter)
{
    Adapter->MessageCount = 0;
    Adapter->LineInterrupt = FALSE; /* The mask registers are not to be touched with messages on. */
    InterlockedExchange(&Adapter->State, NvmeStarting);
    if (!NvmeBringUpPolled(Adapter)) {
        InterlockedExchange(&Adapter->State, NvmeStopped);
        return FALSE;
    }
    InterlockedExchange(&Adapter->State, NvmeRunning);
    return TRUE;
}

BOOLEAN NvmePollDump(PNVME_ADAPTER Adapter)
{
    if (Adapter->State != NvmeRunning) {
        return FALSE;
    }
    NvmeAdminDrain(Adapter);
    NvmeDrainIo(Adapter, &Adapter->Queues[0]);
    return TRUE;
}

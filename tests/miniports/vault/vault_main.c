/*
 * The vault: loading, start, removal.
 */
#include "../virtual_miniport.h"
#include "vault.h"

#define SIZE_BYTES       (1024UL * 1024UL)
#define MAXIMUM_TRANSFER (64UL * 1024UL)

DRIVER_INITIALIZE DriverEntry;
VIRTUAL_HW_FIND_ADAPTER VaultFindAdapter;
HW_INITIALIZE VaultInitialize;
HW_PASSIVE_INITIALIZE_ROUTINE VaultPassiveInitialize;
HW_RESET_BUS VaultResetBus;
HW_FREE_ADAPTER_RESOURCES VaultFreeAdapterResources;
HW_PROCESS_SERVICE_REQUEST VaultProcessServiceRequest;
HW_COMPLETE_SERVICE_IRP VaultCompleteServiceIrp;

static BOOLEAN ReadSettings(VAULT_ADAPTER *Adapter)
{
    return SettingReadUlong(Adapter, "Units", 2, 1, VAULT_UNITS, &Adapter->UnitCount) &&
           SettingReadUlong(Adapter, "Keys", VAULT_KEYS, 0, VAULT_KEYS, &Adapter->Keys) &&
           SettingReadUlong(Adapter, "Capabilities", 2, 1, 2, &Adapter->Capabilities) &&
           SettingReadUlong(Adapter, "RpmbBytes", 131072, 0, MAXULONG, &Adapter->RpmbBytes) &&
           SettingReadUlong(Adapter, "UnitRpmb", 0, 0, MAXULONG, &Adapter->UnitRpmb) &&
           SettingReadUlong(Adapter, "Leaves", 0, 0, 6, &Adapter->Leaves) &&
           SettingReadUlong(Adapter, "NoControl", 0, 0, 1, &Adapter->NoControl);
}

static BOOLEAN CreateMedia(VAULT_ADAPTER *Adapter, ULONG BlockSize)
{
    ULONG Unit;

    for (Unit = 0; Unit < Adapter->UnitCount; Unit++) {
        SCSI_DISK *Disk = &Adapter->Disks[Unit];
        Disk->BlockSize = BlockSize;
        Disk->BlockCount = SIZE_BYTES / BlockSize;
        Disk->MaximumTransferBlocks = MAXIMUM_TRANSFER / BlockSize;
        Disk->MaximumZeroBlocks = MAXULONG;
        Disk->CanUnmap = TRUE;
        ScsiDiskSetIdentity(Disk, "VAULT", "vault", Unit);
        if (!MemoryDiskCreate(Adapter, &Adapter->Memories[Unit], SIZE_BYTES)) {
            return FALSE;
        }
    }
    Adapter->Created = TRUE;
    return TRUE;
}

/* ---- what a driver may forget ---- */

static KTIMER VariableTimer;
static const GUID Provider = {0x5641554c, 0x54, 0, {0}};

static VOID TimerDpc(PKDPC Dpc, PVOID Context, PVOID First, PVOID Second)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(First);
    UNREFERENCED_PARAMETER(Second);
}

static VOID Arm(PKTIMER Timer, PKDPC Dpc)
{
    LARGE_INTEGER Hour;

    Hour.QuadPart = -36000000000LL;
    KeInitializeTimer(Timer);
    if (Dpc != NULL) {
        KeInitializeDpc(Dpc, TimerDpc, NULL);
    }
    KeSetTimer(Timer, Hour, Dpc);
}

static BOOLEAN LeaveBehind(VAULT_ADAPTER *Adapter)
{
    PUCHAR Pool;
    REGHANDLE Handle;
    PEX_TIMER Timer;

    switch (Adapter->Leaves) {
    case VAULT_LEAVES_TIMER:
        Arm(&Adapter->Timer, &Adapter->TimerDpc);
        return TRUE;
    case VAULT_LEAVES_VARIABLE:
        Arm(&VariableTimer, NULL);
        return TRUE;
    case VAULT_LEAVES_ROUTINE:
        Pool = (PUCHAR)ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(KTIMER) + sizeof(KDPC), 'tluV');
        if (Pool != NULL) {
            Arm((PKTIMER)Pool, (PKDPC)(Pool + sizeof(KTIMER)));
        }
        return Pool != NULL;
    case VAULT_LEAVES_REGISTRATION:
        return (BOOLEAN)NT_SUCCESS(EtwRegister(&Provider, NULL, NULL, &Handle));
    case VAULT_LEAVES_SYSTEM_TIMER:
    case VAULT_LEAVES_DELETED_TIMER:
        Timer = ExAllocateTimer(NULL, NULL, 0);
        if (Timer == NULL) {
            return FALSE;
        }
        (VOID) ExSetTimer(Timer, -36000000000ll, 0, NULL); /* in an hour */
        if (Adapter->Leaves == VAULT_LEAVES_DELETED_TIMER) {
            (VOID) ExDeleteTimer(Timer, FALSE, FALSE, NULL);
        }
        return TRUE;
    default:
        return TRUE;
    }
}

ULONG VaultFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                       PVOID LowerDevice, PCHAR ArgumentString,
                       PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again)
{
    VAULT_ADAPTER *Adapter = (VAULT_ADAPTER *)DeviceExtension;
    ULONG BlockSize;

    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(LowerDevice);
    UNREFERENCED_PARAMETER(ArgumentString);
    if (!ReadSettings(Adapter) ||
        !SettingReadUlong(Adapter, "BlockSize", 512, 512, 4096, &BlockSize)) {
        return SP_RETURN_BAD_CONFIG;
    }
    if (!Adapter->Created && !CreateMedia(Adapter, BlockSize)) {
        return SP_RETURN_ERROR;
    }
    /* A device that starts anew knows no keys. */
    RtlZeroMemory(Adapter->Key, sizeof(Adapter->Key));
    VaultAnnounce(Adapter);
    if (!LeaveBehind(Adapter)) {
        return SP_RETURN_ERROR;
    }
    ConfigInfo->VirtualDevice = TRUE;
    ConfigInfo->MaximumTransferLength = MAXIMUM_TRANSFER;
    ConfigInfo->NumberOfPhysicalBreaks = MAXIMUM_TRANSFER / 4096 + 1;
    ConfigInfo->NumberOfBuses = 1;
    ConfigInfo->MaximumNumberOfTargets = 1;
    ConfigInfo->MaximumNumberOfLogicalUnits = (UCHAR)Adapter->UnitCount;
    ConfigInfo->MapBuffers = STOR_MAP_ALL_BUFFERS_INCLUDING_READ_WRITE;
    ConfigInfo->SynchronizationModel = StorSynchronizeFullDuplex;
    ConfigInfo->SrbType = SRB_TYPE_STORAGE_REQUEST_BLOCK;
    *Again = FALSE;
    return SP_RETURN_FOUND;
}

BOOLEAN VaultInitialize(PVOID DeviceExtension)
{
    return StorPortEnablePassiveInitialization(DeviceExtension, VaultPassiveInitialize);
}

BOOLEAN VaultPassiveInitialize(PVOID DeviceExtension)
{
    VAULT_ADAPTER *Adapter = (VAULT_ADAPTER *)DeviceExtension;

    return Adapter->Worker != NULL ||
           StorPortInitializeWorker(Adapter, &Adapter->Worker) == STOR_STATUS_SUCCESS;
}

BOOLEAN VaultResetBus(PVOID DeviceExtension, ULONG PathId)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(PathId);
    return TRUE; /* nothing is held for long */
}

VOID VaultFreeAdapterResources(PVOID DeviceExtension)
{
    VAULT_ADAPTER *Adapter = (VAULT_ADAPTER *)DeviceExtension;
    ULONG Unit;

    for (Unit = 0; Unit < Adapter->UnitCount; Unit++) {
        MemoryDiskDestroy(Adapter, &Adapter->Memories[Unit]);
    }
    if (Adapter->Worker != NULL) {
        StorPortFreeWorker(Adapter, Adapter->Worker);
    }
}

VOID VaultProcessServiceRequest(PVOID DeviceExtension, PVOID Irp)
{
    PIRP ServiceIrp = (PIRP)Irp;

    ServiceIrp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    ServiceIrp->IoStatus.Information = 0;
    StorPortCompleteServiceIrp(DeviceExtension, ServiceIrp);
}

VOID VaultCompleteServiceIrp(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    HW_INITIALIZATION_DATA Data;

    VirtualMiniportDescribe(&Data);
    Data.HwFindAdapter = (PVOID)VaultFindAdapter;
    Data.HwInitialize = VaultInitialize;
    Data.HwStartIo = VaultStartIo;
    Data.HwResetBus = VaultResetBus;
    Data.HwAdapterControl = VaultAdapterControl;
    Data.HwUnitControl = VaultUnitControl;
    Data.HwFreeAdapterResources = VaultFreeAdapterResources;
    Data.HwProcessServiceRequest = VaultProcessServiceRequest;
    Data.HwCompleteServiceIrp = VaultCompleteServiceIrp;
    Data.DeviceExtensionSize = sizeof(VAULT_ADAPTER);
    Data.MapBuffers = STOR_MAP_ALL_BUFFERS_INCLUDING_READ_WRITE;
    return (NTSTATUS)StorPortInitialize(DriverObject, RegistryPath, &Data, NULL);
}

/*
 * Identify data: what the controller is, and which namespaces are behind it.
 *
 * Rule: identify data is input from a device that may be broken. Every value is read once, checked,
 * and only then becomes part of the target; a value that cannot be refuses the controller or the
 * namespace. A unit keeps its LUN as long as its namespace exists.
 */
#include "nvme_driver.h"

#define VERSION_1_1 0x00010100u

#define SMALLEST_BLOCK_SHIFT 9
#define LARGEST_BLOCK_SHIFT  12

/* Namespace formats: four bits of FLBAS in the header's table of 16. */
#define FORMAT_COUNT     16
#define FORMAT_HIGH_BITS 0x60
#define READS_AS_ZERO    1
#define ABORT_LIMIT_MAX  8
#define LARGEST_MDTS     16

static NVME_ADMIN_DONE ListDone;
static NVME_ADMIN_DONE NamespaceDone;
static VOID ScanNext(PNVME_ADAPTER Adapter);

static UCHAR ByteOf(const VOID *Field)
{
    return *(const volatile UCHAR *)Field;
}

/* MDTS counts in pages, as a power of two; zero means no limit. */
static ULONG TransferLimit(UCHAR Mdts)
{
    ULONG limit;

    if (Mdts == 0 || Mdts > LARGEST_MDTS) {
        return NVME_MAX_TRANSFER;
    }
    limit = NVME_PAGE_BYTES << Mdts;
    return limit < NVME_MAX_TRANSFER ? limit : NVME_MAX_TRANSFER;
}

static BOOLEAN FitsEntrySize(UCHAR Sizes, UCHAR Shift)
{
    return (Sizes & 0xF) <= Shift && (Sizes >> 4) >= Shift;
}

BOOLEAN NvmeReadIdentity(PNVME_ADAPTER Adapter, const NVME_IDENTIFY_CONTROLLER_DATA *Data)
{
    PNVME_IDENTITY identity = &Adapter->Target.Identity;
    ULONG mask;

    identity->NamespaceCount = *(const volatile ULONG *)&Data->NN;
    if (!FitsEntrySize(ByteOf(&Data->SQES), 6) || !FitsEntrySize(ByteOf(&Data->CQES), 4) ||
        identity->NamespaceCount == 0) {
        NvmeLog(Adapter, NvmeEventBadIdentify);
        return FALSE;
    }
    RtlCopyMemory(identity->SerialNumber, Data->SN, sizeof(identity->SerialNumber));
    RtlCopyMemory(identity->ModelNumber, Data->MN, sizeof(identity->ModelNumber));
    RtlCopyMemory(identity->FirmwareRevision, Data->FR, sizeof(identity->FirmwareRevision));
    identity->Version = NvmeReadRegister(Adapter, NVME_REGISTER(VS));
    identity->MaximumTransferBytes = TransferLimit(ByteOf(&Data->MDTS));
    identity->VolatileWriteCache = Data->VWC.Present;
    identity->WriteCacheEnabled = Data->VWC.Present;
    identity->HasCompare = Data->ONCS.Compare;
    identity->HasDeallocate = Data->ONCS.DatasetManagement;
    identity->HasWriteZeroes = Data->ONCS.WriteZeroes;
    identity->HasVerify = Data->ONCS.Verify;
    identity->HasShadowDoorbells = Data->OACS.DoorBellBufferConfig;
    identity->AbortLimit = ByteOf(&Data->ACL);
    identity->AbortLimit = identity->AbortLimit < ABORT_LIMIT_MAX
                               ? (UCHAR)(identity->AbortLimit + 1)
                               : ABORT_LIMIT_MAX;
    identity->AsyncEventLimit = ByteOf(&Data->AERL);
    identity->AsyncEventLimit = identity->AsyncEventLimit < NVME_MAX_ASYNC
                                    ? (UCHAR)(identity->AsyncEventLimit + 1)
                                    : NVME_MAX_ASYNC;
    identity->WarningKelvin = Data->WCTEMP;
    RtlCopyMemory(&mask, &Data->OAES, sizeof(mask));
    identity->AsyncEventMask = mask;
    return TRUE;
}

/*
 * Reads a namespace into Unit. FALSE when it is inactive or cannot be served: metadata would have
 * to travel with every block, and other block sizes have no SCSI use here.
 */
static BOOLEAN ReadNamespace(PNVME_ADAPTER Adapter, ULONG NamespaceId,
                             const NVME_IDENTIFY_NAMESPACE_DATA *Data, PNVME_UNIT Unit)
{
    UCHAR formatByte = ByteOf(&Data->FLBAS);
    UCHAR formatCount = ByteOf(&Data->NLBAF);
    NVME_LBA_FORMAT format;
    ULONGLONG blocks = *(const volatile ULONGLONG *)&Data->NSZE;

    if (blocks == 0) {
        return FALSE;
    }
    format.AsUlong = *(const volatile ULONG *)&Data->LBAF[formatByte & (FORMAT_COUNT - 1)].AsUlong;
    if ((formatByte & FORMAT_HIGH_BITS) || (formatByte & (FORMAT_COUNT - 1)) > formatCount ||
        format.MS != 0 || format.LBADS < SMALLEST_BLOCK_SHIFT ||
        format.LBADS > LARGEST_BLOCK_SHIFT || blocks > MAXLONGLONG >> format.LBADS) {
        NvmeLog(Adapter, NvmeEventUnitRefused);
        return FALSE;
    }
    RtlZeroMemory(Unit, sizeof(*Unit));
    Unit->NamespaceId = NamespaceId;
    Unit->BlockShift = format.LBADS;
    Unit->BlockCount = blocks;
    Unit->WriteProtected = Data->NSATTR.WriteProtected;
    Unit->ThinProvisioned = Data->NSFEAT.ThinProvisioning;
    Unit->DeallocatedReadsZero = Data->DLFEAT.ReadBehavior == READS_AS_ZERO;
    Unit->WriteZeroesDeallocates = Data->DLFEAT.WriteZeroes;
    if (Data->NSFEAT.NameSpaceIoOptimization) {
        Unit->PreferredDeallocate = Data->NPDG + 1u;
    }
    RtlCopyMemory(Unit->Nguid, Data->NGUID, sizeof(Unit->Nguid));
    RtlCopyMemory(Unit->Eui64, &Data->EUI64, sizeof(Unit->Eui64));
    return TRUE;
}

static PNVME_UNIT FindUnit(PNVME_ADAPTER Adapter, ULONG NamespaceId)
{
    ULONG lun;

    for (lun = 0; lun < NVME_MAX_UNITS; lun++) {
        PNVME_UNIT unit = &Adapter->Target.Units[lun];

        if (unit->Present && unit->NamespaceId == NamespaceId) {
            return unit;
        }
    }
    return NULL;
}

/* Present is set last: from then on other processors use the unit without a lock. */
static VOID AddUnit(PNVME_ADAPTER Adapter, const NVME_UNIT *Found)
{
    ULONG lun;

    for (lun = 0; lun < NVME_MAX_UNITS; lun++) {
        PNVME_UNIT unit = &Adapter->Target.Units[lun];

        if (!unit->Present) {
            *unit = *Found;
            unit->Seen = TRUE;
            KeMemoryBarrier();
            unit->Present = TRUE;
            Adapter->Scan.Changed = TRUE;
            return;
        }
    }
    NvmeLog(Adapter, NvmeEventTooManyUnits);
}

/* Only what changed is written: commands are being translated meanwhile. */
static VOID UpdateFlag(volatile BOOLEAN *Flag, BOOLEAN Value)
{
    if (*Flag != Value) {
        *Flag = Value;
    }
}

/*
 * Takes over what changed of a unit that stays. While its block size is replaced it answers BUSY,
 * because a command translated with the old one must not meet the new one.
 */
static VOID UpdateUnit(PNVME_UNIT Unit, const NVME_UNIT *Found)
{
    BOOLEAN changed =
        Unit->BlockShift != Found->BlockShift || Unit->BlockCount != Found->BlockCount;

    Unit->Seen = TRUE;
    if (Unit->BlockShift != Found->BlockShift) {
        Unit->Changing = TRUE;
        KeMemoryBarrier();
        Unit->BlockShift = Found->BlockShift;
    }
    Unit->BlockCount = Found->BlockCount;
    UpdateFlag(&Unit->WriteProtected, Found->WriteProtected);
    UpdateFlag(&Unit->ThinProvisioned, Found->ThinProvisioned);
    UpdateFlag(&Unit->DeallocatedReadsZero, Found->DeallocatedReadsZero);
    UpdateFlag(&Unit->WriteZeroesDeallocates, Found->WriteZeroesDeallocates);
    if (Unit->PreferredDeallocate != Found->PreferredDeallocate) {
        Unit->PreferredDeallocate = Found->PreferredDeallocate;
    }
    KeMemoryBarrier();
    Unit->Changing = FALSE;
    if (changed) {
        InterlockedExchange(&Unit->Attention, NVME_ATTENTION_CAPACITY);
    }
}

static VOID ScanEnd(PNVME_ADAPTER Adapter, BOOLEAN Failed)
{
    NVME_SCAN *scan = &Adapter->Scan;
    ULONG lun;

    for (lun = 0; lun < NVME_MAX_UNITS && !Failed; lun++) {
        PNVME_UNIT unit = &Adapter->Target.Units[lun];

        if (unit->Present && !unit->Seen) {
            unit->Present = FALSE;
            scan->Changed = TRUE;
        }
    }
    scan->Busy = FALSE;
    scan->Failed = Failed;
    if (scan->Changed && Adapter->State == NvmeRunning) {
        StorPortNotification(BusChangeDetected, Adapter, (UCHAR)0);
    }
    if (scan->Again) {
        NvmeScanStart(Adapter);
    }
}

static BOOLEAN SendIdentify(PNVME_ADAPTER Adapter, UCHAR Cns, ULONG NamespaceId,
                            NVME_ADMIN_DONE *Done)
{
    NVME_COMMAND command;

    RtlZeroMemory(&command, sizeof(command));
    command.CDW0.OPC = NVME_ADMIN_COMMAND_IDENTIFY;
    command.NSID = NamespaceId;
    command.PRP1 = (ULONGLONG)Adapter->IdentifyPage.Address.QuadPart;
    command.u.IDENTIFY.CDW10.CNS = Cns;
    return NvmeAdminSubmit(Adapter, &command, Done, NULL, 0);
}

static VOID NamespaceDone(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb,
                          const NVME_COMPLETION_ENTRY *Completion)
{
    ULONG namespaceId = Adapter->Scan.Namespaces[Adapter->Scan.Index];
    PNVME_UNIT unit = FindUnit(Adapter, namespaceId);
    NVME_UNIT found;

    UNREFERENCED_PARAMETER(Srb);
    if (!NvmeSucceeded(Completion)) {
        /* Only "there is no such namespace" takes a unit away; another error says nothing. */
        if (unit != NULL && Completion->DW3.Status.SC != NVME_STATUS_INVALID_NAMESPACE_OR_FORMAT) {
            unit->Seen = TRUE;
        }
    } else if (ReadNamespace(
                   Adapter, namespaceId,
                   (const NVME_IDENTIFY_NAMESPACE_DATA *)(PVOID)Adapter->IdentifyPage.Bytes,
                   &found)) {
        if (unit != NULL) {
            UpdateUnit(unit, &found);
        } else {
            AddUnit(Adapter, &found);
        }
    }
    Adapter->Scan.Index++;
    ScanNext(Adapter);
}

static VOID ScanNext(PNVME_ADAPTER Adapter)
{
    NVME_SCAN *scan = &Adapter->Scan;

    if (scan->Index >= scan->Count) {
        ScanEnd(Adapter, FALSE);
        return;
    }
    if (!SendIdentify(Adapter, NVME_IDENTIFY_CNS_SPECIFIC_NAMESPACE, scan->Namespaces[scan->Index],
                      NamespaceDone)) {
        ScanEnd(Adapter, TRUE);
    }
}

/* The list is ascending and ends with zero; a list that is neither ends where it breaks the rule.
 */
static VOID ListDone(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb,
                     const NVME_COMPLETION_ENTRY *Completion)
{
    const volatile ULONG *list = (const volatile ULONG *)(PVOID)Adapter->IdentifyPage.Bytes;
    NVME_SCAN *scan = &Adapter->Scan;
    ULONG previous = 0;
    ULONG index;

    UNREFERENCED_PARAMETER(Srb);
    if (!NvmeSucceeded(Completion)) {
        ScanEnd(Adapter, TRUE);
        return;
    }
    for (index = 0; index < NVME_PAGE_BYTES / sizeof(ULONG); index++) {
        ULONG namespaceId = list[index];

        if (namespaceId <= previous || namespaceId == NVME_NAMESPACE_ALL) {
            break;
        }
        if (scan->Count == NVME_MAX_UNITS) {
            NvmeLog(Adapter, NvmeEventTooManyUnits);
            break;
        }
        scan->Namespaces[scan->Count++] = namespaceId;
        previous = namespaceId;
    }
    ScanNext(Adapter);
}

VOID NvmeScanStart(PNVME_ADAPTER Adapter)
{
    NVME_SCAN *scan = &Adapter->Scan;
    ULONG lun;

    if (scan->Busy) {
        scan->Again = TRUE;
        return;
    }
    RtlZeroMemory(scan, sizeof(*scan));
    scan->Busy = TRUE;
    for (lun = 0; lun < NVME_MAX_UNITS; lun++) {
        Adapter->Target.Units[lun].Seen = FALSE;
    }
    if (Adapter->Target.Identity.Version >= VERSION_1_1) {
        if (!SendIdentify(Adapter, NVME_IDENTIFY_CNS_ACTIVE_NAMESPACES, 0, ListDone)) {
            ScanEnd(Adapter, TRUE);
        }
        return;
    }
    /* The first version of the interface has no list: every number up to NN is asked. */
    while (scan->Count < NVME_MAX_UNITS && scan->Count < Adapter->Target.Identity.NamespaceCount) {
        scan->Namespaces[scan->Count] = scan->Count + 1;
        scan->Count++;
    }
    ScanNext(Adapter);
}

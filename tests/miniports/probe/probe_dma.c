/*
 * Data by way of the device: its DMA engine works on every element of a list, as hardware would.
 *
 * What the port promised for the configuration (reach, boundary, alignment, number of elements) is
 * held against each list; what does not hold is a complaint.
 */
#include "probe.h"

#include <srbhelper.h>

#include "../../../miniports/null-physical/scratch_device.h"

#define PROBE_TAG   'borP'
#define PAGE_BYTES  4096UL
#define FOUR_GIB    0x100000000ULL
#define DMA_LOW     0x14
#define DMA_HIGH    0x18
#define DMA_LENGTH  0x1C
#define DMA_COMMAND 0x20
#define DMA_STATUS  0x24
#define DMA_FILL    1
#define DMA_SUM     2

POST_SCATTER_GATHER_EXECUTE ProbeExecute;

static VOID Complain(PROBE_ADAPTER *Adapter, BOOLEAN Holds)
{
    if (!Holds) {
        InterlockedIncrement(&Adapter->Shared->ListComplaints);
    }
}

VOID ProbeConfigureDma(PROBE_ADAPTER *Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo)
{
    ULONG Length = 0;

    ConfigInfo->AlignmentMask = Adapter->AlignmentMask;
    if (Adapter->Dma64 != 0) {
        ConfigInfo->Dma64BitAddresses = (UCHAR)Adapter->Dma64;
    }
    if (Adapter->DmaWidth != 0) {
        ConfigInfo->FeatureSupport |= STOR_ADAPTER_DMA_ADDRESS_WIDTH_SPECIFIED;
        ConfigInfo->DmaAddressWidth = (UCHAR)Adapter->DmaWidth;
    }
    if (Adapter->Breaks != 0) {
        ConfigInfo->NumberOfPhysicalBreaks = Adapter->Breaks;
    }
    if (Adapter->UncachedBytes != 0) {
        Adapter->Shared->Uncached =
            StorPortGetUncachedExtension(Adapter, ConfigInfo, Adapter->UncachedBytes);
        Adapter->Shared->UncachedAddress =
            (ULONGLONG)StorPortGetPhysicalAddress(Adapter, NULL, Adapter->Shared->Uncached, &Length)
                .QuadPart;
    }
}

/* ---- one run of the engine ---- */

static ULONGLONG HighestAddress(const PROBE_ADAPTER *Adapter)
{
    ULONG Mode = Adapter->Dma64 & 0x7F;
    ULONGLONG Highest = Mode == 0 || Mode == 4 ? FOUR_GIB - 1 : ~0ULL;

    if (Adapter->DmaWidth != 0 && Adapter->DmaWidth < 64 && Highest >= 1ULL << Adapter->DmaWidth) {
        Highest = (1ULL << Adapter->DmaWidth) - 1;
    }
    return Highest;
}

static ULONG RunEngine(PROBE_ADAPTER *Adapter, ULONGLONG Address, ULONG Length, ULONG Command,
                       ULONG Value)
{
    ULONGLONG Last = Address + Length - 1;

    Complain(Adapter, Length != 0 && Last >= Address && Last <= HighestAddress(Adapter));
    Complain(Adapter, (Adapter->Dma64 & 0x7F) != 2 || Address / FOUR_GIB == Last / FOUR_GIB);
    ProbeWrite(Adapter, SCRATCH_SCRATCH, Value);
    ProbeWrite(Adapter, DMA_LOW, (ULONG)Address);
    ProbeWrite(Adapter, DMA_HIGH, (ULONG)(Address >> 32));
    ProbeWrite(Adapter, DMA_LENGTH, Length);
    ProbeWrite(Adapter, DMA_COMMAND, Command);
    Complain(Adapter, ProbeRead(Adapter, DMA_STATUS) == 0);
    return ProbeRead(Adapter, SCRATCH_SCRATCH);
}

/* The sum of all elements (for DMA_FILL, nothing of use). */
static ULONG RunList(PROBE_ADAPTER *Adapter, PSTOR_SCATTER_GATHER_LIST List, ULONG Command,
                     ULONG Value)
{
    ULONG Sum = 0, Index;

    Complain(Adapter, Adapter->Breaks == 0 || List->NumberOfElements <= Adapter->Breaks);
    Complain(Adapter,
             ((ULONG)List->List[0].PhysicalAddress.QuadPart & Adapter->AlignmentMask) == 0);
    for (Index = 0; Index < List->NumberOfElements; Index++) {
        Sum += RunEngine(Adapter, (ULONGLONG)List->List[Index].PhysicalAddress.QuadPart,
                         List->List[Index].Length, Command, Value);
    }
    return Sum;
}

/* Without a list there are the frames; returns their number or the sum. */
static ULONG RunFrames(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, ULONG Command, ULONG Value)
{
    ULONG Left = SrbGetDataTransferLength(Srb), Sum = 0, Count = 0, Offset = 0, Index;
    PPFN_NUMBER Frames = NULL;
    PVOID Mdl = NULL;

    if (StorPortGetOriginalMdl(Adapter, Srb, &Mdl) != STOR_STATUS_SUCCESS ||
        StorPortGetPfns(Adapter, Srb, Mdl, (PVOID *)&Frames, &Count, &Offset) !=
            STOR_STATUS_SUCCESS) {
        Complain(Adapter, FALSE);
        return 0;
    }
    for (Index = 0; Index < Count; Index++) {
        ULONG Part = PAGE_BYTES - Offset < Left ? PAGE_BYTES - Offset : Left;

        Sum += RunEngine(Adapter, (ULONGLONG)Frames[Index] * PAGE_BYTES + Offset, Part, Command,
                         Value);
        Left -= Part;
        Offset = 0;
    }
    Complain(Adapter, Left == 0);
    return Command == DMA_SUM ? Sum : Count;
}

/* ---- bidirectional requests ---- */

static ULONG BothWays(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR Value)
{
    PSTOR_SCATTER_GATHER_LIST Out = StorPortGetScatterGatherList(Adapter, Srb);
    PSTOR_SCATTER_GATHER_LIST In = NULL;
    PVOID Mdl = NULL, Address = NULL, Frames = NULL;
    ULONG Count = 0, Offset = 0, Length = 0;
    STOR_PHYSICAL_ADDRESS Physical;

    if (StorPortGetDataInBufferScatterGatherList(Adapter, Srb, &In) != STOR_STATUS_SUCCESS ||
        StorPortGetDataInBufferMdl(Adapter, Srb, &Mdl) != STOR_STATUS_SUCCESS ||
        StorPortGetDataInBufferSystemAddress(Adapter, Srb, &Address) != STOR_STATUS_SUCCESS ||
        StorPortGetPfns(Adapter, Srb, Mdl, &Frames, &Count, &Offset) != STOR_STATUS_SUCCESS) {
        Complain(Adapter, FALSE);
        return 0;
    }
    Physical = StorPortGetPhysicalAddress(Adapter, Srb, Address, &Length);
    Complain(Adapter, Physical.QuadPart == In->List[0].PhysicalAddress.QuadPart);
    Complain(Adapter, Length == In->List[0].Length);
    Complain(Adapter, MmGetMdlVirtualAddress((PMDL)Mdl) == Address);
    Complain(Adapter, ((PPFN_NUMBER)Frames)[0] * PAGE_BYTES + Offset ==
                          (ULONGLONG)In->List[0].PhysicalAddress.QuadPart);
    (VOID) RunList(Adapter, In, DMA_FILL, Value);
    return RunList(Adapter, Out, DMA_SUM, 0);
}

/* ---- lists of the probe's own ---- */

typedef struct _PROBE_LIST {
    PROBE_ADAPTER *Adapter;
    PMDL Mdl;
    PUCHAR Data;
    ULONG Length;
    volatile LONG Executed;
    BOOLEAN Returned; /* BuildScatterGatherList has, before the routine ran */
    STOR_SCATTER_GATHER_LIST List;
} PROBE_LIST;

static VOID FreeList(PROBE_LIST *Own)
{
    PROBE_ADAPTER *Adapter = Own->Adapter;

    (VOID) StorPortFreeMdl(Adapter, Own->Mdl);
    (VOID) StorPortFreePool(Adapter, Own->Data);
    (VOID) StorPortFreePool(Adapter, Own);
}

VOID ProbeExecute(PVOID *DeviceObject, PVOID *Irp, PSTOR_SCATTER_GATHER_LIST ScatterGather,
                  PVOID Context)
{
    PROBE_LIST *Own = (PROBE_LIST *)Context;
    PROBE_ADAPTER *Adapter = Own->Adapter;
    BOOLEAN Filled;

    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    (VOID) RunList(Adapter, ScatterGather, DMA_FILL, 0xA5);
    Complain(Adapter,
             StorPortPutScatterGatherList(Adapter, ScatterGather, FALSE) == STOR_STATUS_SUCCESS);
    Filled = Own->Data[1] == 0xA5 && Own->Data[Own->Length - 1] == 0xA5;
    Complain(Adapter, Filled);
    Own->Executed = 1;
    if (Own->Returned) {
        FreeList(Own);
    }
    if (Filled) {
        InterlockedIncrement(&Adapter->Shared->Lists);
    }
}

/* 1: its routine has run when the call returns; 2: it has not; else the status of what failed. */
static ULONG BuildList(PROBE_ADAPTER *Adapter, UCHAR Pages)
{
    ULONG Length = Pages * PAGE_BYTES;
    ULONG ListBytes =
        sizeof(STOR_SCATTER_GATHER_LIST) + Pages * sizeof(STOR_SCATTER_GATHER_ELEMENT);
    PROBE_LIST *Own = NULL;
    ULONG Status;

    (VOID) StorPortAllocatePool(Adapter, sizeof(*Own) + ListBytes, PROBE_TAG, (PVOID *)&Own);
    RtlZeroMemory(Own, sizeof(*Own));
    Own->Adapter = Adapter;
    Own->Length = Length;
    (VOID) StorPortAllocatePool(Adapter, Length, PROBE_TAG, (PVOID *)&Own->Data);
    (VOID) StorPortAllocateMdl(Adapter, Own->Data, Length, (PVOID *)&Own->Mdl);
    (VOID) StorPortBuildMdlForNonPagedPool(Adapter, Own->Mdl);
    Own->Returned = Adapter->DelayedLists != 0;
    Status = StorPortBuildScatterGatherList(Adapter, Own->Mdl, Own->Data, Length, ProbeExecute, Own,
                                            FALSE, &Own->List, ListBytes);
    if (Status == STOR_STATUS_SUCCESS) {
        /* Delayed, it still waits for this processor, and frees what it needs when it has run. */
        Status = Own->Executed ? 1 : 2;
        if (Adapter->DelayedLists != 0) {
            return Status;
        }
    }
    FreeList(Own);
    return Status;
}

ULONG ProbeDma(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, ULONG Action, UCHAR Value)
{
    PSTOR_SCATTER_GATHER_LIST List = StorPortGetScatterGatherList(Adapter, Srb);

    switch (Action) {
    case ProbeDoBothWays:
        return BothWays(Adapter, Srb, Value);
    case ProbeDoBuildList:
        return BuildList(Adapter, Value);
    case ProbeDoSum:
        return List != NULL ? RunList(Adapter, List, DMA_SUM, 0)
                            : RunFrames(Adapter, Srb, DMA_SUM, 0);
    default:
        if (List == NULL) {
            return RunFrames(Adapter, Srb, DMA_FILL, Value);
        }
        (VOID) RunList(Adapter, List, DMA_FILL, Value);
        return List->NumberOfElements;
    }
}

/*
 * Checks of lists and descriptor lists: those of requests, and those that a driver makes.
 */
#include "check.h"

#define TAG        0x6B636843UL /* "Chck" */
#define PAGE_BYTES 4096UL
#define ELEMENTS   8
#define LIST_BYTES                                                                                 \
    (sizeof(STOR_SCATTER_GATHER_LIST) + ELEMENTS * sizeof(STOR_SCATTER_GATHER_ELEMENT))
#define BUFFER_BYTES  10000
#define EXECUTED_ONCE 0x600D

static BOOLEAN IsVirtual(const CHECK_CONTEXT *Context)
{
    return Context->Model == CheckVirtual;
}

/* ---- data of requests ---- */

CHECK(StorPortGetScatterGatherList, EVERYWHERE)
{
    PSTOR_SCATTER_GATHER_LIST List;
    ULONGLONG Total = 0;
    ULONG Index;

    EXPECT(StorPortGetScatterGatherList(Context->Extension, NULL) == NULL);
    EXPECT(StorPortGetScatterGatherList(Context->Extension, (PSCSI_REQUEST_BLOCK)&Total) == NULL);
    EXPECT(StorPortGetScatterGatherList(NULL, Context->Srb) == NULL);
    if (Context->Srb == NULL) {
        return;
    }
    List = StorPortGetScatterGatherList(Context->Extension, Context->Srb);
    EXPECT((List == NULL) == IsVirtual(Context));
    if (List == NULL) {
        return;
    }
    for (Index = 0; Index < List->NumberOfElements; Index++) {
        EXPECT(List->List[Index].PhysicalAddress.QuadPart != 0);
        Total += List->List[Index].Length;
    }
    EXPECT_EQUAL(Total, SrbGetDataTransferLength(Context->Srb));
    EXPECT(StorPortGetScatterGatherList(Context->Extension, Context->Srb) == List);
}

CHECK(StorPortGetSystemAddress, EVERYWHERE)
{
    PUCHAR Address = NULL, Again = NULL;

    EXPECT_STATUS(StorPortGetSystemAddress(Context->Extension, NULL, (PVOID *)&Address),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Srb == NULL) {
        return;
    }
    EXPECT_STATUS(StorPortGetSystemAddress(Context->Extension, Context->Srb, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_UP_TO(DISPATCH_LEVEL,
                 StorPortGetSystemAddress(Context->Extension, Context->Srb, (PVOID *)&Address),
                 STOR_STATUS_SUCCESS);
    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT(Address == NULL);
        return;
    }
    EXPECT(Address != NULL);
    Address[0] = 1;
    Address[CHECK_DATA_BYTES - 1] = 2;
    EXPECT_STATUS(StorPortGetSystemAddress(Context->Extension, Context->Srb, (PVOID *)&Again),
                  STOR_STATUS_SUCCESS);
    EXPECT(Again == Address);
}

CHECK(StorPortGetOriginalMdl, EVERYWHERE)
{
    PMDL Mdl = NULL, Again = NULL;

    EXPECT_STATUS(StorPortGetOriginalMdl(Context->Extension, NULL, (PVOID *)&Mdl),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Srb == NULL) {
        return;
    }
    EXPECT_STATUS(StorPortGetOriginalMdl(Context->Extension, Context->Srb, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetOriginalMdl(Context->Extension, Context->Srb, (PVOID *)&Mdl),
                  STOR_STATUS_SUCCESS);
    EXPECT(Mdl != NULL);
    if (Mdl == NULL) {
        return;
    }
    EXPECT_EQUAL(MmGetMdlByteCount(Mdl), CHECK_DATA_BYTES);
    EXPECT_STATUS(StorPortGetOriginalMdl(Context->Extension, Context->Srb, (PVOID *)&Again),
                  STOR_STATUS_SUCCESS);
    EXPECT(Again == Mdl);
    EXPECT(MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority) != NULL);
    if (Context->Irql <= DISPATCH_LEVEL) {
        EXPECT_FINDING(
            EXPECT_STATUS(StorPortFreeMdl(Context->Extension, Mdl), STOR_STATUS_INVALID_PARAMETER));
        EXPECT_FINDING(EXPECT_STATUS(StorPortBuildMdlForNonPagedPool(Context->Extension, Mdl),
                                     STOR_STATUS_INVALID_PARAMETER));
    }
}

CHECK(StorPortGetPfns, EVERYWHERE)
{
    PSTOR_SCATTER_GATHER_LIST List;
    PPFN_NUMBER Frames = NULL;
    ULONG Count = 0, Offset = 0;
    PVOID Mdl = NULL;

    if (Context->Srb == NULL) {
        EXPECT_STATUS(
            StorPortGetPfns(Context->Extension, NULL, Context, (PVOID *)&Frames, &Count, &Offset),
            STOR_STATUS_INVALID_PARAMETER);
        return;
    }
    (VOID) StorPortGetOriginalMdl(Context->Extension, Context->Srb, &Mdl);
    EXPECT_STATUS(
        StorPortGetPfns(Context->Extension, Context->Srb, NULL, (PVOID *)&Frames, &Count, &Offset),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetPfns(Context->Extension, Context->Srb, Mdl, NULL, &Count, &Offset),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortGetPfns(Context->Extension, Context->Srb, Mdl, (PVOID *)&Frames, NULL, &Offset),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortGetPfns(Context->Extension, Context->Srb, Mdl, (PVOID *)&Frames, &Count, NULL),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortGetPfns(Context->Extension, Context->Srb, Mdl, (PVOID *)&Frames, &Count, &Offset),
        STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Offset, MmGetMdlByteOffset((PMDL)Mdl));
    EXPECT_EQUAL(Count, (Offset + CHECK_DATA_BYTES + PAGE_BYTES - 1) / PAGE_BYTES);
    List = StorPortGetScatterGatherList(Context->Extension, Context->Srb);
    if (List != NULL && Frames != NULL) {
        EXPECT_EQUAL(Frames[0] * PAGE_BYTES + Offset, List->List[0].PhysicalAddress.QuadPart);
    }
}

/* A request with data in one direction has no second half. */
CHECK(StorPortGetDataInBufferMdl, EVERYWHERE)
{
    PVOID Mdl = Context;

    EXPECT_STATUS(StorPortGetDataInBufferMdl(Context->Extension, NULL, &Mdl),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Srb != NULL) {
        EXPECT_STATUS(StorPortGetDataInBufferMdl(Context->Extension, Context->Srb, NULL),
                      STOR_STATUS_INVALID_PARAMETER);
        EXPECT_STATUS(StorPortGetDataInBufferMdl(Context->Extension, Context->Srb, &Mdl),
                      STOR_STATUS_UNSUCCESSFUL);
        EXPECT(Mdl == NULL);
    }
}

CHECK(StorPortGetDataInBufferScatterGatherList, EVERYWHERE)
{
    PSTOR_SCATTER_GATHER_LIST List = (PSTOR_SCATTER_GATHER_LIST)Context;

    EXPECT_STATUS(StorPortGetDataInBufferScatterGatherList(Context->Extension, NULL, &List),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Srb != NULL) {
        EXPECT_STATUS(
            StorPortGetDataInBufferScatterGatherList(Context->Extension, Context->Srb, NULL),
            STOR_STATUS_INVALID_PARAMETER);
        EXPECT_STATUS(
            StorPortGetDataInBufferScatterGatherList(Context->Extension, Context->Srb, &List),
            STOR_STATUS_UNSUCCESSFUL);
        EXPECT(List == NULL);
    }
}

CHECK(StorPortGetDataInBufferSystemAddress, EVERYWHERE)
{
    PVOID Address = Context;

    EXPECT_STATUS(StorPortGetDataInBufferSystemAddress(Context->Extension, NULL, &Address),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Srb != NULL) {
        EXPECT_STATUS(StorPortGetDataInBufferSystemAddress(Context->Extension, Context->Srb, NULL),
                      STOR_STATUS_INVALID_PARAMETER);
        EXPECT_UP_TO(
            DISPATCH_LEVEL,
            StorPortGetDataInBufferSystemAddress(Context->Extension, Context->Srb, &Address),
            STOR_STATUS_UNSUCCESSFUL);
    }
}

CHECK(StorPortFlushDataBufferMdl, EVERYWHERE)
{
    EXPECT_STATUS(StorPortFlushDataBufferMdl(Context->Extension, Context->Srb),
                  STOR_STATUS_SUCCESS);
    /* What the wrapper does not call here. */
    EXPECT_STATUS(StorPortExtendedFunction(ExtFunctionFlushDataBufferMdl, Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Srb != NULL) {
        EXPECT_STATUS(StorPortExtendedFunction(ExtFunctionFlushDataBufferMdl, Context->Extension,
                                               Context->Srb),
                      STOR_STATUS_SUCCESS);
    }
}

/* The IRP gets the request's priority: the normal one, and nothing else of it changes. */
CHECK(StorPortPropagateIrpExtension, EVERYWHERE)
{
    IRP Irp;

    RtlZeroMemory(&Irp, sizeof(Irp));
    Irp.Type = IO_TYPE_IRP;
    Irp.Flags = IRP_NOCACHE | 7UL << 17;
    EXPECT_STATUS(StorPortPropagateIrpExtension(Context->Extension, NULL, &Irp, 0),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Srb == NULL) {
        return;
    }
    EXPECT_STATUS(StorPortPropagateIrpExtension(Context->Extension, Context->Srb, NULL, 0),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortPropagateIrpExtension(Context->Extension, Context->Srb, &Irp, 0),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Irp.Flags, IRP_NOCACHE | (StorIoPriorityNormal + 1UL) << 17);
}

/* ---- descriptor lists of the driver's own ---- */

CHECK(StorPortAllocateMdl, EVERYWHERE)
{
    PVOID Pool = NULL;
    PMDL Mdl = (PMDL)Context;

    EXPECT_STATUS(StorPortAllocateMdl(Context->Extension, Context, 10, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortAllocateMdl(Context->Extension, NULL, 10, (PVOID *)&Mdl),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT(Mdl == NULL);
    Mdl = (PMDL)Context;
    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortAllocateMdl(Context->Extension, Context, 10, (PVOID *)&Mdl),
                      STOR_STATUS_INVALID_IRQL);
        EXPECT(Mdl == NULL);
        return;
    }
    (VOID) StorPortAllocatePool(Context->Extension, BUFFER_BYTES, TAG, &Pool);
    EXPECT_STATUS(
        StorPortAllocateMdl(Context->Extension, (PUCHAR)Pool + 7, BUFFER_BYTES - 7, (PVOID *)&Mdl),
        STOR_STATUS_SUCCESS);
    EXPECT(Mdl != NULL);
    if (Mdl != NULL) {
        EXPECT(MmGetMdlVirtualAddress(Mdl) == (PUCHAR)Pool + 7);
        EXPECT_EQUAL(MmGetMdlByteCount(Mdl), BUFFER_BYTES - 7);
        EXPECT_EQUAL(MmGetMdlByteOffset(Mdl), ((ULONG_PTR)Pool + 7) % PAGE_BYTES);
        EXPECT_STATUS(StorPortFreeMdl(Context->Extension, Mdl), STOR_STATUS_SUCCESS);
    }
    (VOID) StorPortFreePool(Context->Extension, Pool);
}

CHECK(StorPortBuildMdlForNonPagedPool, EVERYWHERE)
{
    PUCHAR Pool = NULL;
    PMDL Mdl = NULL;
    ULONG Page, Length;

    EXPECT_STATUS(StorPortBuildMdlForNonPagedPool(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortBuildMdlForNonPagedPool(Context->Extension, Context),
                      STOR_STATUS_INVALID_IRQL);
        return;
    }
    (VOID) StorPortAllocatePool(Context->Extension, BUFFER_BYTES, TAG, (PVOID *)&Pool);
    (VOID) StorPortAllocateMdl(Context->Extension, Pool, BUFFER_BYTES, (PVOID *)&Mdl);
    EXPECT_STATUS(StorPortBuildMdlForNonPagedPool(Context->Extension, Mdl), STOR_STATUS_SUCCESS);
    EXPECT(MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority) == Pool);
    for (Page = 0; Page < BUFFER_BYTES / PAGE_BYTES; Page++) {
        EXPECT_EQUAL(
            MmGetMdlPfnArray(Mdl)[Page] * PAGE_BYTES,
            StorPortGetPhysicalAddress(Context->Extension, NULL, Pool + Page * PAGE_BYTES, &Length)
                .QuadPart);
    }
    (VOID) StorPortFreeMdl(Context->Extension, Mdl);
    (VOID) StorPortFreePool(Context->Extension, Pool);
}

/* A descriptor list that was freed is gone: its memory is the next one's. */
CHECK(StorPortFreeMdl, EVERYWHERE)
{
    PVOID Mdl = NULL;
    ULONG Turn;

    EXPECT_STATUS(StorPortFreeMdl(Context->Extension, NULL), STOR_STATUS_INVALID_PARAMETER);
    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortFreeMdl(Context->Extension, Context), STOR_STATUS_INVALID_IRQL);
        return;
    }
    /* Of the largest kind, with 8 MiB of frames each. */
    for (Turn = 0; Turn < 64; Turn++) {
        EXPECT_STATUS(StorPortAllocateMdl(Context->Extension, Context, 0xFFFF0000UL, &Mdl),
                      STOR_STATUS_SUCCESS);
        if (Mdl == NULL) {
            return;
        }
        EXPECT_STATUS(StorPortFreeMdl(Context->Extension, Mdl), STOR_STATUS_SUCCESS);
    }
}

CHECK_FATAL(StorPortFreeMdl, twice_stops_the_machine, AT(Dpc) | AT(WorkItem))
{
    PVOID Mdl = NULL;

    (VOID) StorPortAllocateMdl(Context->Extension, Context, 10, &Mdl);
    (VOID) StorPortFreeMdl(Context->Extension, Mdl);
    (VOID) StorPortFreeMdl(Context->Extension, Mdl);
}

/* ---- lists of the driver's own ---- */

typedef struct _BUILT {
    CHECK_CONTEXT *Context;
    PSTOR_SCATTER_GATHER_LIST List;
    ULONG Executed;
} BUILT;

static VOID NTAPI Execute(PVOID *DeviceObject, PVOID *Irp, PSTOR_SCATTER_GATHER_LIST ScatterGather,
                          PVOID Argument)
{
    BUILT *Built = (BUILT *)Argument;
    CHECK_CONTEXT *Context = Built->Context;

    UNREFERENCED_PARAMETER(DeviceObject);
    UNREFERENCED_PARAMETER(Irp);
    EXPECT_EQUAL(KeGetCurrentIrql(), DISPATCH_LEVEL);
    EXPECT(ScatterGather == Built->List);
    Built->Executed = Built->Executed == 0 ? EXECUTED_ONCE : 1;
}

static ULONG Build(CHECK_CONTEXT *Context, PMDL Mdl, PUCHAR Data, ULONG Length, BOOLEAN ToDevice,
                   BUILT *Built, ULONG ListBytes)
{
    return StorPortBuildScatterGatherList(Context->Extension, Mdl, Data, Length, Execute, Built,
                                          ToDevice, Built->List, ListBytes);
}

static VOID BuildOne(CHECK_CONTEXT *Context, PMDL Mdl, PUCHAR Pool, BUILT *Built)
{
    ULONGLONG Total = 0;
    ULONG Index;

    EXPECT_STATUS(Build(Context, Mdl, Pool + 100, 5000, TRUE, Built, LIST_BYTES),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Built->Executed, EXECUTED_ONCE);
    for (Index = 0; Index < Built->List->NumberOfElements; Index++) {
        Total += Built->List->List[Index].Length;
    }
    EXPECT_EQUAL(Total, 5000);
    EXPECT_EQUAL(Built->List->List[0].PhysicalAddress.QuadPart,
                 StorPortGetPhysicalAddress(Context->Extension, NULL, Pool + 100, &Index).QuadPart);
    /* In the other direction it is another list. */
    EXPECT_FINDING(
        EXPECT_STATUS(StorPortPutScatterGatherList(Context->Extension, Built->List, FALSE),
                      STOR_STATUS_INVALID_PARAMETER));
    EXPECT_STATUS(StorPortPutScatterGatherList(Context->Extension, Built->List, TRUE),
                  STOR_STATUS_SUCCESS);
    EXPECT_FINDING(
        EXPECT_STATUS(StorPortPutScatterGatherList(Context->Extension, Built->List, TRUE),
                      STOR_STATUS_INVALID_PARAMETER));
}

static VOID BuildRefused(CHECK_CONTEXT *Context, PMDL Mdl, PUCHAR Pool, BUILT *Built)
{
    Built->Executed = 0;
    EXPECT_STATUS(Build(Context, NULL, Pool, 100, TRUE, Built, LIST_BYTES),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(Build(Context, Mdl, Pool - 1, 100, TRUE, Built, LIST_BYTES),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(Build(Context, Mdl, Pool + 1, BUFFER_BYTES, TRUE, Built, LIST_BYTES),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(Build(Context, Mdl, Pool, 0, TRUE, Built, LIST_BYTES),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(Build(Context, Mdl, Pool, 100, TRUE, Built, sizeof(STOR_SCATTER_GATHER_LIST)),
                  STOR_STATUS_BUFFER_TOO_SMALL);
    EXPECT_STATUS(Build(Context, Mdl, Pool, 100, TRUE, Built, 4), STOR_STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQUAL(Built->Executed, 0);
}

/* DISPATCH_LEVEL exactly. Here the execution routine runs at once. */
CHECK(StorPortBuildScatterGatherList, EVERYWHERE)
{
    UCHAR Room[LIST_BYTES];
    BUILT Built = {Context, (PSTOR_SCATTER_GATHER_LIST)Room, 0};
    PUCHAR Pool = NULL;
    PMDL Mdl = NULL;

    if (IsVirtual(Context) || Context->Irql != DISPATCH_LEVEL) {
        EXPECT_STATUS(Build(Context, (PMDL)Room, Room, 8, TRUE, &Built, LIST_BYTES),
                      IsVirtual(Context) ? STOR_STATUS_NOT_IMPLEMENTED : STOR_STATUS_INVALID_IRQL);
        EXPECT_EQUAL(Built.Executed, 0);
        return;
    }
    (VOID) StorPortAllocatePool(Context->Extension, BUFFER_BYTES, TAG, (PVOID *)&Pool);
    (VOID) StorPortAllocateMdl(Context->Extension, Pool, BUFFER_BYTES, (PVOID *)&Mdl);
    EXPECT_FINDING(EXPECT_STATUS(Build(Context, Mdl, Pool, 100, TRUE, &Built, LIST_BYTES),
                                 STOR_STATUS_INVALID_PARAMETER));
    (VOID) StorPortBuildMdlForNonPagedPool(Context->Extension, Mdl);
    BuildOne(Context, Mdl, Pool, &Built);
    BuildRefused(Context, Mdl, Pool, &Built);
    (VOID) StorPortFreeMdl(Context->Extension, Mdl);
    (VOID) StorPortFreePool(Context->Extension, Pool);
}

CHECK_ALSO(StorPortBuildScatterGatherList, has_as_many_map_registers_as_a_transfer,
           AT(Dpc) | AT(StartIo) | AT(StopAdapter))
{
    UCHAR Room[LIST_BYTES];
    BUILT Built = {Context, (PSTOR_SCATTER_GATHER_LIST)Room, 0};
    ULONG Bytes = 8UL * 1024 * 1024;
    PUCHAR Pool = NULL;
    PMDL Mdl = NULL;

    if (IsVirtual(Context) || Context->Irql != DISPATCH_LEVEL) {
        return;
    }
    (VOID) StorPortAllocatePool(Context->Extension, Bytes, TAG, (PVOID *)&Pool);
    (VOID) StorPortAllocateMdl(Context->Extension, Pool, Bytes, (PVOID *)&Mdl);
    (VOID) StorPortBuildMdlForNonPagedPool(Context->Extension, Mdl);
    EXPECT_STATUS(Build(Context, Mdl, Pool, Bytes, TRUE, &Built, LIST_BYTES),
                  STOR_STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQUAL(Built.Executed, 0);
    (VOID) StorPortFreeMdl(Context->Extension, Mdl);
    (VOID) StorPortFreePool(Context->Extension, Pool);
}

/* The stack is no memory that a device reaches: its data go through a bounce buffer. */
CHECK(StorPortPutScatterGatherList, EVERYWHERE)
{
    UCHAR Room[LIST_BYTES], Data[64];
    BUILT Built = {Context, (PSTOR_SCATTER_GATHER_LIST)Room, 0};
    PMDL Mdl = NULL;

    if (IsVirtual(Context) || Context->Irql != DISPATCH_LEVEL) {
        EXPECT_STATUS(StorPortPutScatterGatherList(Context->Extension, Built.List, TRUE),
                      IsVirtual(Context) ? STOR_STATUS_NOT_IMPLEMENTED : STOR_STATUS_INVALID_IRQL);
        return;
    }
    EXPECT_STATUS(StorPortPutScatterGatherList(Context->Extension, NULL, TRUE),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Srb != NULL) {
        EXPECT_FINDING(EXPECT_STATUS(
            StorPortPutScatterGatherList(
                Context->Extension, StorPortGetScatterGatherList(Context->Extension, Context->Srb),
                FALSE),
            STOR_STATUS_INVALID_PARAMETER));
    }
    RtlFillMemory(Data, sizeof(Data), 0x11);
    (VOID) StorPortAllocateMdl(Context->Extension, Data, sizeof(Data), (PVOID *)&Mdl);
    (VOID) StorPortBuildMdlForNonPagedPool(Context->Extension, Mdl);
    EXPECT_STATUS(Build(Context, Mdl, Data, sizeof(Data), FALSE, &Built, LIST_BYTES),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Built.List->NumberOfElements, 1);
    RtlFillMemory(Data, sizeof(Data), 0x22);
    EXPECT_STATUS(StorPortPutScatterGatherList(Context->Extension, Built.List, FALSE),
                  STOR_STATUS_SUCCESS);
    EXPECT(Data[0] != 0x22 && Data[63] != 0x22);
    (VOID) StorPortFreeMdl(Context->Extension, Mdl);
}

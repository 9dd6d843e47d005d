/*
 * Writing rows: claimed by an interlocked counter, so that their order is the order in which the
 * callbacks began.
 */
#include "probe.h"

#include <srbhelper.h>

static VOID DescribeRequest(PROBE_ADAPTER *Adapter, PROBE_ROW *Row, PSCSI_REQUEST_BLOCK Srb)
{
    Row->Srb = Srb;
    Row->HeaderFunction = Srb->Function;
    Row->Function = (UCHAR)SrbGetSrbFunction(Srb);
    Row->SrbStatus = SrbGetSrbStatus(Srb);
    Row->SrbExtension = SrbGetMiniportContext(Srb);
    Row->DataTransferLength = SrbGetDataTransferLength(Srb);
    Row->DataBuffer = SrbGetDataBuffer(Srb);
    Row->SrbFlags = SrbGetSrbFlags(Srb);
    Row->TimeOutValue = SrbGetTimeOutValue(Srb);
    SrbGetPathTargetLun(Srb, &Row->PathId, &Row->TargetId, &Row->Lun);
    if (Srb->Function == SRB_FUNCTION_STORAGE_REQUEST_BLOCK) {
        PSTORAGE_REQUEST_BLOCK Extended = (PSTORAGE_REQUEST_BLOCK)Srb;

        Row->Guards =
            (ULONGLONG)(ULONG_PTR)Extended->ZeroGuard1 | (ULONGLONG)(ULONG_PTR)Extended->ZeroGuard2;
    }
    if (Row->Function == SRB_FUNCTION_EXECUTE_SCSI) {
        Row->ScsiStatus = SrbGetScsiStatus(Srb);
        Row->SenseLength = SrbGetSenseInfoBufferLength(Srb);
        Row->CdbLength = SrbGetCdbLength(Srb);
        RtlCopyMemory(Row->Cdb, SrbGetCdb(Srb), sizeof(Row->Cdb));
        Row->Opcode = Row->Cdb[0];
    }
    if (!Adapter->Virtual && Row->DataTransferLength != 0) {
        Row->List = StorPortGetScatterGatherList(Adapter, Srb);
    }
}

static VOID DescribePlace(PROBE_ADAPTER *Adapter, PROBE_ROW *Row)
{
    PROCESSOR_NUMBER Number = {0, 0, 0};
    ULONG Kind;
    KIRQL Irql = 0;

    (VOID) StorPortGetCurrentIrql(Adapter, &Irql);
    (VOID) StorPortGetCurrentProcessorNumber(Adapter, &Number);
    Row->Irql = Irql;
    Row->Processor = Number.Number;
    for (Kind = 0; Kind < ProbeCallbackCount; Kind++) {
        if (Adapter->Shared->Active[Kind] != 0) {
            Row->Active |= 1UL << Kind;
        }
    }
}

static PROBE_ROW *Write(PROBE_ADAPTER *Adapter, ULONG Callback, PSCSI_REQUEST_BLOCK Srb,
                        ULONG Detail, ULONG Result, LONG Depth)
{
    LONG Index = InterlockedIncrement(&Adapter->Shared->Rows) - 1;
    PROBE_ROW *Row;

    if (Index < 0 || Index >= PROBE_ROWS) {
        return NULL;
    }
    Row = &Adapter->Shared->Row[Index];
    Row->Callback = Callback;
    Row->Detail = Detail;
    Row->Result = Result;
    Row->Depth = Depth;
    Row->DeviceExtension = Adapter;
    DescribePlace(Adapter, Row);
    if (Srb != NULL) {
        PROBE_SCRIPT *Script;

        DescribeRequest(Adapter, Row, Srb);
        Script = ProbeScript(Srb);
        if (Script != NULL) {
            Row->Attempt = (ULONG)Adapter->Attempts[Script->Tag];
        }
    }
    InterlockedExchange(&Row->Valid, 1);
    return Row;
}

/* Counts itself first and looks at the others then: of two that overlap one sees the other. */
PROBE_ROW *ProbeEnter(PROBE_ADAPTER *Adapter, ULONG Callback, PSCSI_REQUEST_BLOCK Srb, ULONG Detail)
{
    LONG Depth = InterlockedIncrement(&Adapter->Shared->Active[Callback]);

    return Write(Adapter, Callback, Srb, Detail, 0, Depth);
}

VOID ProbeExit(PROBE_ADAPTER *Adapter, ULONG Callback, PSCSI_REQUEST_BLOCK Srb, ULONG Detail,
               ULONG Result)
{
    (VOID) Write(Adapter, Callback + ProbeLeave, Srb, Detail, Result, 0);
    InterlockedDecrement(&Adapter->Shared->Active[Callback]);
}

VOID ProbeNote(PROBE_ADAPTER *Adapter, ULONG Callback, PSCSI_REQUEST_BLOCK Srb, ULONG Detail,
               ULONG Result)
{
    (VOID) Write(Adapter, Callback, Srb, Detail, Result, 0);
}

VOID ProbeDwell(PROBE_ADAPTER *Adapter)
{
    ULONG Left;

    for (Left = Adapter->Shared->DwellMicroseconds; Left >= 10; Left -= 10) {
        StorPortStallExecution(10);
    }
}

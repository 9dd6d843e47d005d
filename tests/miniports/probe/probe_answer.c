/*
 * Answers to commands that are no scripts: enough to be found as disks. Which units there are is
 * the test's choice, and may change while the adapter runs.
 */
#include "probe.h"

#include <srbhelper.h>

#define INQUIRY_BYTES     36
#define OP_REPORT_LUNS    0xA0
#define QUALIFIER_NO_UNIT 0x7F

static UCHAR Store(PSCSI_REQUEST_BLOCK Srb, PROBE_REQUEST *Request, const VOID *Bytes, ULONG Count)
{
    ULONG Room = SrbGetDataTransferLength(Srb);

    if (Request->Data == NULL) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    if (Count > Room) {
        Count = Room;
    }
    RtlCopyMemory(Request->Data, Bytes, Count);
    SrbSetDataTransferLength(Srb, Count);
    return SRB_STATUS_SUCCESS;
}

static UCHAR Inquiry(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, PROBE_REQUEST *Request,
                     UCHAR Lun)
{
    UCHAR Data[INQUIRY_BYTES];
    PUCHAR Cdb = (PUCHAR)SrbGetCdb(Srb);
    BOOLEAN Absent = Lun < 32 && (Adapter->Shared->AbsentQualifier >> Lun & 1) != 0;

    if (Cdb[1] & 1) {
        return SRB_STATUS_INVALID_REQUEST; /* no vital product data */
    }
    RtlZeroMemory(Data, sizeof(Data));
    Data[0] = Absent ? QUALIFIER_NO_UNIT : 0;
    Data[2] = 6;
    Data[3] = 2;
    Data[4] = INQUIRY_BYTES - 5;
    RtlCopyMemory(Data + 8, "PROBE   PROBE UNIT      1.0 ", 28);
    return Store(Srb, Request, Data, sizeof(Data));
}

static UCHAR ReportLuns(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, PROBE_REQUEST *Request)
{
    UCHAR Data[8 + 32 * 8];
    ULONG Units = Adapter->Shared->PresentUnits | Adapter->Shared->AbsentQualifier;
    ULONG Lun, Length = 0;

    if (Adapter->Shared->ReportLunsStatus != 0) {
        return (UCHAR)Adapter->Shared->ReportLunsStatus;
    }
    RtlZeroMemory(Data, sizeof(Data));
    for (Lun = 0; Lun < 32; Lun++) {
        if ((Units >> Lun & 1) != 0) {
            Data[8 + Length + 1] = (UCHAR)Lun;
            Length += 8;
        }
    }
    Data[2] = (UCHAR)(Length >> 8);
    Data[3] = (UCHAR)Length;
    if (Adapter->Shared->ReportLunsBytes != 0) {
        return Store(Srb, Request, Data, Adapter->Shared->ReportLunsBytes);
    }
    return Store(Srb, Request, Data, 8 + Length);
}

static UCHAR Rows(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, PROBE_REQUEST *Request)
{
    LONG Count = Adapter->Shared->Rows;

    if (Count > PROBE_ROWS) {
        Count = PROBE_ROWS;
    }
    return Store(Srb, Request, Adapter->Shared->Row, (ULONG)Count * sizeof(PROBE_ROW));
}

/* The sense data that a test wants of the next commands. */
static UCHAR Complain(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    enum { SENSE_LENGTH = 18 };
    PUCHAR Sense = (PUCHAR)SrbGetSenseInfoBuffer(Srb);
    LONG Wanted = Adapter->Shared->Sense;

    if (Sense == NULL || SrbGetSenseInfoBufferLength(Srb) < SENSE_LENGTH) {
        return SRB_STATUS_ERROR;
    }
    RtlZeroMemory(Sense, SENSE_LENGTH);
    Sense[0] = 0x70;
    Sense[2] = (UCHAR)(Wanted >> 16);
    Sense[7] = SENSE_LENGTH - 8;
    Sense[12] = (UCHAR)(Wanted >> 8);
    Sense[13] = (UCHAR)Wanted;
    SrbSetSenseInfoBufferLength(Srb, SENSE_LENGTH);
    SrbSetScsiStatus(Srb, SCSISTAT_CHECK_CONDITION);
    return SRB_STATUS_ERROR | SRB_STATUS_AUTOSENSE_VALID;
}

UCHAR ProbeAnswer(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, PROBE_REQUEST *Request)
{
    PUCHAR Cdb = (PUCHAR)SrbGetCdb(Srb);
    UCHAR Path = 0, Target = 0, Lun = 0;
    BOOLEAN Present;

    SrbGetPathTargetLun(Srb, &Path, &Target, &Lun);
    if (Path != 0 || Target != 0) {
        return SRB_STATUS_NO_DEVICE;
    }
    if (Cdb[0] == OP_REPORT_LUNS) {
        return Adapter->Shared->PresentUnits == 0 ? SRB_STATUS_NO_DEVICE
                                                  : ReportLuns(Adapter, Srb, Request);
    }
    Present = Lun < 32 &&
              ((Adapter->Shared->PresentUnits | Adapter->Shared->AbsentQualifier) >> Lun & 1) != 0;
    if (!Present) {
        return SRB_STATUS_NO_DEVICE;
    }
    if (Cdb[0] == SCSIOP_INQUIRY) {
        return Inquiry(Adapter, Srb, Request, Lun);
    }
    if (Cdb[0] == PROBE_OP_ROWS) {
        return Rows(Adapter, Srb, Request);
    }
    if (Adapter->Shared->Senses > 0) {
        InterlockedDecrement(&Adapter->Shared->Senses);
        return Complain(Adapter, Srb);
    }
    return SRB_STATUS_SUCCESS;
}

/*
 * Building the data that a SCSI command returns; see reply.h for the rule.
 */
#include "reply.h"

#include <srbhelper.h>

PUCHAR RequestDataAddress(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb, UCHAR *FailureStatus)
{
    PVOID Address = NULL;
    ULONG Status = StorPortGetSystemAddress(DeviceExtension, Srb, &Address);

    if (Status == STOR_STATUS_SUCCESS && Address != NULL) {
        return (PUCHAR)Address;
    }
    /* A shortage passes, and nothing has been done for the request yet, so the port may try again.
     */
    *FailureStatus =
        Status == STOR_STATUS_INSUFFICIENT_RESOURCES ? SRB_STATUS_BUSY : SRB_STATUS_INVALID_REQUEST;
    return NULL;
}

UCHAR ReplyBegin(REPLY *Reply, PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb,
                 ULONG AllocationLength)
{
    ULONG BufferLength = SrbGetDataTransferLength(Srb);
    UCHAR FailureStatus = SRB_STATUS_INVALID_REQUEST;

    Reply->Length = 0;
    Reply->Capacity = AllocationLength < BufferLength ? AllocationLength : BufferLength;
    Reply->Buffer = NULL;
    if (Reply->Capacity == 0) {
        return SRB_STATUS_PENDING;
    }
    Reply->Buffer = RequestDataAddress(DeviceExtension, Srb, &FailureStatus);
    return Reply->Buffer != NULL ? SRB_STATUS_PENDING : FailureStatus;
}

UCHAR ReplyEnd(const REPLY *Reply, PSCSI_REQUEST_BLOCK Srb)
{
    SrbSetDataTransferLength(Srb,
                             Reply->Length < Reply->Capacity ? Reply->Length : Reply->Capacity);
    return SRB_STATUS_SUCCESS;
}

VOID ReplyAppend8(REPLY *Reply, UCHAR Value)
{
    if (Reply->Length < Reply->Capacity) {
        Reply->Buffer[Reply->Length] = Value;
    }
    Reply->Length++;
}

VOID ReplyAppend16(REPLY *Reply, USHORT Value)
{
    ReplyAppend8(Reply, (UCHAR)(Value >> 8));
    ReplyAppend8(Reply, (UCHAR)Value);
}

VOID ReplyAppend32(REPLY *Reply, ULONG Value)
{
    ReplyAppend16(Reply, (USHORT)(Value >> 16));
    ReplyAppend16(Reply, (USHORT)Value);
}

VOID ReplyAppend64(REPLY *Reply, ULONGLONG Value)
{
    ReplyAppend32(Reply, (ULONG)(Value >> 32));
    ReplyAppend32(Reply, (ULONG)Value);
}

VOID ReplyAppend(REPLY *Reply, const VOID *Bytes, ULONG Count)
{
    const UCHAR *Next = (const UCHAR *)Bytes;

    while (Count-- > 0) {
        ReplyAppend8(Reply, *Next++);
    }
}

VOID ReplyAppendText(REPLY *Reply, const CHAR *Text, ULONG Width)
{
    while (Width-- > 0) {
        ReplyAppend8(Reply, (UCHAR)(*Text != '\0' ? *Text++ : ' '));
    }
}

VOID ReplyAppendZeroes(REPLY *Reply, ULONG Count)
{
    while (Count-- > 0) {
        ReplyAppend8(Reply, 0);
    }
}

VOID ReplyPatch8(REPLY *Reply, ULONG Offset, UCHAR Value)
{
    if (Offset < Reply->Capacity) {
        Reply->Buffer[Offset] = Value;
    }
}

VOID ReplyPatch16(REPLY *Reply, ULONG Offset, USHORT Value)
{
    ReplyPatch8(Reply, Offset, (UCHAR)(Value >> 8));
    ReplyPatch8(Reply, Offset + 1, (UCHAR)Value);
}

VOID ReplyPatch32(REPLY *Reply, ULONG Offset, ULONG Value)
{
    ReplyPatch16(Reply, Offset, (USHORT)(Value >> 16));
    ReplyPatch16(Reply, Offset + 2, (USHORT)Value);
}

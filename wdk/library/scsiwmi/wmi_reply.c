/*
 * ScsiPortWmiPostProcess: makes the record that goes back to whoever asked.
 *
 * The buffer's contents were checked when the request came in, and no one else has written to them
 * since; the lengths that the callback gives are checked here.
 */
#include "wmi_record.h"

/* The record cannot hold the answer: a shorter one says how long the buffer has to be. */
static VOID AnswerTooSmall(PSCSIWMI_REQUEST_CONTEXT RequestContext, ULONGLONG SizeNeeded)
{
    PWNODE_TOO_SMALL Record = (PWNODE_TOO_SMALL)RequestContext->Buffer;

    if (SizeNeeded > MAXULONG || RequestContext->BufferSize < sizeof(*Record)) {
        WmiFinish(RequestContext, SRB_STATUS_ERROR, 0);
        return;
    }
    Record->WnodeHeader.BufferSize = sizeof(*Record);
    Record->WnodeHeader.Flags |= WNODE_FLAG_TOO_SMALL;
    Record->SizeNeeded = (ULONG)SizeNeeded;
    WmiFinish(RequestContext, SRB_STATUS_SUCCESS, sizeof(*Record));
}

static VOID AnswerRecord(PSCSIWMI_REQUEST_CONTEXT RequestContext, ULONGLONG Size)
{
    PWNODE_HEADER Header = (PWNODE_HEADER)RequestContext->Buffer;

    if (Size > RequestContext->BufferSize) {
        WmiFinish(RequestContext, SRB_STATUS_ERROR, 0);
        return;
    }
    Header->BufferSize = (ULONG)Size;
    WmiFinish(RequestContext, SRB_STATUS_SUCCESS, (ULONG)Size);
}

/* Turns the lengths of instances into their places; FALSE when they do not fit into the data. From
 * the last to the first, since both arrays begin at the same byte and the second is longer. */
static BOOLEAN PlaceInstances(PWNODE_ALL_DATA Record, ULONG DataLength)
{
    POFFSETINSTANCEDATAANDLENGTH Places = Record->OffsetInstanceDataAndLength;
    const ULONG *Lengths = (const ULONG *)Places;
    ULONGLONG Used = 0;
    ULONG Index;

    for (Index = 0; Index < Record->InstanceCount; Index++) {
        Used = WmiAlign(Used) + Lengths[Index];
        if (Used > DataLength) {
            return FALSE;
        }
    }
    for (Index = Record->InstanceCount; Index-- > 0;) {
        Places[Index].LengthInstanceData = Lengths[Index];
    }
    for (Index = 0, Used = 0; Index < Record->InstanceCount; Index++) {
        Used = WmiAlign(Used);
        Places[Index].OffsetInstanceData = Record->DataBlockOffset + (ULONG)Used;
        Used += Places[Index].LengthInstanceData;
    }
    return TRUE;
}

/* With instances that the miniport has named, BufferUsed counts the whole record; else the data. */
static VOID FinishAllData(PSCSIWMI_REQUEST_CONTEXT RequestContext, BOOLEAN TooSmall,
                          ULONG BufferUsed)
{
    PWNODE_ALL_DATA Record = (PWNODE_ALL_DATA)RequestContext->Buffer;
    ULONGLONG Size = (ULONGLONG)Record->DataBlockOffset + BufferUsed;

    if (!WmiIsNumbered(&Record->WnodeHeader)) {
        if (TooSmall) {
            /* Miniports take a buffer with nothing left for one that was too small. */
            AnswerTooSmall(RequestContext, (ULONGLONG)BufferUsed + WMI_DATA_ALIGNMENT);
        } else {
            AnswerRecord(RequestContext, BufferUsed > Record->DataBlockOffset
                                             ? BufferUsed
                                             : Record->DataBlockOffset);
        }
    } else if (TooSmall) {
        AnswerTooSmall(RequestContext, Size);
    } else if (Size > RequestContext->BufferSize || !PlaceInstances(Record, BufferUsed)) {
        WmiFinish(RequestContext, SRB_STATUS_ERROR, 0);
    } else {
        AnswerRecord(RequestContext, Size);
    }
}

VOID NTAPI ScsiPortWmiPostProcess(PSCSIWMI_REQUEST_CONTEXT RequestContext, UCHAR SrbStatus,
                                  ULONG BufferUsed)
{
    BOOLEAN TooSmall = (BOOLEAN)(SRB_STATUS(SrbStatus) == SRB_STATUS_DATA_OVERRUN);
    PULONG DataLength;
    ULONG DataOffset;

    if (SRB_STATUS(SrbStatus) != SRB_STATUS_SUCCESS && !TooSmall) {
        WmiFinish(RequestContext, SrbStatus, 0);
        return;
    }
    switch (RequestContext->MinorFunction) {
    case IRP_MN_QUERY_ALL_DATA:
        FinishAllData(RequestContext, TooSmall, BufferUsed);
        return;
    case IRP_MN_QUERY_SINGLE_INSTANCE:
        DataOffset = ((PWNODE_SINGLE_INSTANCE)RequestContext->Buffer)->DataBlockOffset;
        DataLength = &((PWNODE_SINGLE_INSTANCE)RequestContext->Buffer)->SizeDataBlock;
        break;
    case IRP_MN_EXECUTE_METHOD:
        DataOffset = ((PWNODE_METHOD_ITEM)RequestContext->Buffer)->DataBlockOffset;
        DataLength = &((PWNODE_METHOD_ITEM)RequestContext->Buffer)->SizeDataBlock;
        break;
    default:
        /* What changes something returns nothing but its status. */
        WmiFinish(RequestContext, SrbStatus, 0);
        return;
    }
    if (TooSmall) {
        AnswerTooSmall(RequestContext, (ULONGLONG)DataOffset + BufferUsed);
    } else {
        *DataLength = BufferUsed;
        AnswerRecord(RequestContext, (ULONGLONG)DataOffset + BufferUsed);
    }
}

/*
 * Instances whose names only the miniport knows: it reads the name that a request is for, and
 * writes a record of all its instances piece by piece.
 *
 * While it writes, *SizeNeeded is the length of the record up to now, and *BufferAvail what is left
 * of the buffer; zero from the first piece on that does not fit, and then only the length is kept.
 */
#include "wmi_record.h"

PWCHAR NTAPI ScsiPortWmiGetInstanceName(PSCSIWMI_REQUEST_CONTEXT RequestContext)
{
    const WNODE_SINGLE_INSTANCE *Record = (const WNODE_SINGLE_INSTANCE *)RequestContext->Buffer;
    ULONG Size = RequestContext->BufferSize;
    USHORT UNALIGNED *Name;

    switch (RequestContext->MinorFunction) {
    case IRP_MN_QUERY_SINGLE_INSTANCE:
    case IRP_MN_CHANGE_SINGLE_INSTANCE:
    case IRP_MN_CHANGE_SINGLE_ITEM:
    case IRP_MN_EXECUTE_METHOD:
        break;
    default:
        return NULL;
    }
    if (WmiIsNumbered(&Record->WnodeHeader) ||
        Record->OffsetInstanceName < FIELD_OFFSET(WNODE_SINGLE_INSTANCE, VariableData) ||
        (Record->OffsetInstanceName & (sizeof(WCHAR) - 1)) != 0 ||
        !WmiLiesWithin(Record->OffsetInstanceName, sizeof(USHORT), Size)) {
        return NULL;
    }
    Name = (USHORT UNALIGNED *)(RequestContext->Buffer + Record->OffsetInstanceName);
    if (!WmiLiesWithin(Record->OffsetInstanceName + (ULONG)sizeof(USHORT), *Name, Size)) {
        return NULL;
    }
    return (PWCHAR)Name;
}

static BOOLEAN IsWritten(const SCSIWMI_REQUEST_CONTEXT *RequestContext)
{
    return (BOOLEAN)(RequestContext->MinorFunction == IRP_MN_QUERY_ALL_DATA &&
                     RequestContext->BufferSize >= sizeof(WNODE_TOO_SMALL) &&
                     !WmiIsNumbered((const WNODE_HEADER *)RequestContext->Buffer));
}

BOOLEAN NTAPI ScsiPortWmiSetInstanceCount(PSCSIWMI_REQUEST_CONTEXT RequestContext,
                                          ULONG InstanceCount, PULONG BufferAvail,
                                          PULONG SizeNeeded)
{
    PWNODE_ALL_DATA Record = (PWNODE_ALL_DATA)RequestContext->Buffer;
    ULONGLONG Names, Data;

    *BufferAvail = 0;
    if (!IsWritten(RequestContext)) {
        return FALSE;
    }
    Names = WMI_ALL_DATA_HEAD + (ULONGLONG)InstanceCount * sizeof(OFFSETINSTANCEDATAANDLENGTH);
    Data = WmiAlign(Names + (ULONGLONG)InstanceCount * sizeof(ULONG));
    *SizeNeeded = Data > MAXULONG ? MAXULONG : (ULONG)Data;
    if (Data > RequestContext->BufferSize) {
        return TRUE;
    }
    Record->InstanceCount = InstanceCount;
    Record->OffsetInstanceNameOffsets = (ULONG)Names;
    Record->DataBlockOffset = (ULONG)Data;
    RtlZeroMemory(Record->OffsetInstanceDataAndLength, (SIZE_T)Data - WMI_ALL_DATA_HEAD);
    *BufferAvail = RequestContext->BufferSize - (ULONG)Data;
    return TRUE;
}

/* The place for the next piece; 0 when there is none. */
static ULONG TakeRoom(PSCSIWMI_REQUEST_CONTEXT RequestContext, ULONG InstanceIndex, ULONG Alignment,
                      ULONG Length, PULONG BufferAvail, PULONG SizeNeeded)
{
    const WNODE_ALL_DATA *Record = (const WNODE_ALL_DATA *)RequestContext->Buffer;
    ULONGLONG Offset, End;

    if (!IsWritten(RequestContext)) {
        return 0;
    }
    Offset = ((ULONGLONG)*SizeNeeded + Alignment - 1) & ~(ULONGLONG)(Alignment - 1);
    End = Offset + Length;
    *SizeNeeded = End > MAXULONG ? MAXULONG : (ULONG)End;
    if (*BufferAvail == 0 || End > RequestContext->BufferSize) {
        *BufferAvail = 0;
        return 0;
    }
    *BufferAvail = RequestContext->BufferSize - (ULONG)End;
    if (InstanceIndex >= Record->InstanceCount || Offset < Record->DataBlockOffset) {
        return 0;
    }
    return (ULONG)Offset;
}

PVOID NTAPI ScsiPortWmiSetData(PSCSIWMI_REQUEST_CONTEXT RequestContext, ULONG InstanceIndex,
                               ULONG DataLength, PULONG BufferAvail, PULONG SizeNeeded)
{
    PWNODE_ALL_DATA Record = (PWNODE_ALL_DATA)RequestContext->Buffer;
    ULONG Offset = TakeRoom(RequestContext, InstanceIndex, WMI_DATA_ALIGNMENT, DataLength,
                            BufferAvail, SizeNeeded);

    if (Offset == 0) {
        return NULL;
    }
    Record->OffsetInstanceDataAndLength[InstanceIndex].OffsetInstanceData = Offset;
    Record->OffsetInstanceDataAndLength[InstanceIndex].LengthInstanceData = DataLength;
    return RequestContext->Buffer + Offset;
}

PWCHAR NTAPI ScsiPortWmiSetInstanceName(PSCSIWMI_REQUEST_CONTEXT RequestContext,
                                        ULONG InstanceIndex, ULONG InstanceNameLength,
                                        PULONG BufferAvail, PULONG SizeNeeded)
{
    const WNODE_ALL_DATA *Record = (const WNODE_ALL_DATA *)RequestContext->Buffer;
    ULONG Offset = TakeRoom(RequestContext, InstanceIndex, sizeof(WCHAR), InstanceNameLength,
                            BufferAvail, SizeNeeded);

    if (Offset == 0) {
        return NULL;
    }
    ((PULONG)(RequestContext->Buffer + Record->OffsetInstanceNameOffsets))[InstanceIndex] = Offset;
    return (PWCHAR)(RequestContext->Buffer + Offset);
}

/*
 * ScsiPortWmiDispatchFunction: takes a WMI request apart and calls the miniport's callback for it.
 *
 * Each request ends in ScsiPortWmiPostProcess, which the callback calls, or here with an error
 * before any callback has run. A callback returns an SRB status; SRB_STATUS_PENDING, which is zero,
 * means that it will call ScsiPortWmiPostProcess later.
 */
#include "wmi_record.h"

typedef struct _WMI_REQUEST {
    PSCSI_WMILIB_CONTEXT Library;
    PVOID DeviceContext;
    PSCSIWMI_REQUEST_CONTEXT Context;
    ULONG GuidIndex;
    const SCSIWMIGUIDREGINFO *Block;
} WMI_REQUEST;

static BOOLEAN Refuse(const WMI_REQUEST *Request, UCHAR SrbStatus)
{
    WmiFinish(Request->Context, SrbStatus, 0);
    return FALSE;
}

static BOOLEAN IsPending(UCHAR CallbackResult)
{
    return (BOOLEAN)(CallbackResult == SRB_STATUS_PENDING);
}

static BOOLEAN FindBlock(WMI_REQUEST *Request, const GUID *Guid)
{
    ULONG Index;

    for (Index = 0; Guid != NULL && Index < Request->Library->GuidCount; Index++) {
        const SCSIWMIGUIDREGINFO *Block = &Request->Library->GuidList[Index];

        if ((Block->Flags & WMIREG_FLAG_REMOVE_GUID) == 0 && IsEqualGUID(Guid, Block->Guid)) {
            Request->GuidIndex = Index;
            Request->Block = Block;
            return TRUE;
        }
    }
    return FALSE;
}

/* Whether the instance that a record names exists. The records with one instance all begin alike:
 * its name, its number. */
static BOOLEAN NamesAnInstance(const WMI_REQUEST *Request, ULONG HeadLength)
{
    const WNODE_SINGLE_INSTANCE *Record = (const WNODE_SINGLE_INSTANCE *)Request->Context->Buffer;

    if (Request->Context->BufferSize < HeadLength ||
        (Request->Block->Flags & WMIREG_FLAG_EVENT_ONLY_GUID) != 0) {
        return FALSE;
    }
    if (WmiIsDynamic(Request->Block)) {
        return TRUE;
    }
    return (BOOLEAN)(WmiIsNumbered(&Record->WnodeHeader) &&
                     Record->InstanceIndex < Request->Block->InstanceCount);
}

/*
 * The lengths of the instances are first written by the callback as a plain array, which
 * ScsiPortWmiPostProcess turns into offsets and lengths in the same place. That number of instances
 * is kept in the record, since nothing else lives as long as a pending request.
 */
static BOOLEAN QueryAllData(const WMI_REQUEST *Request)
{
    PSCSIWMI_REQUEST_CONTEXT Context = Request->Context;
    PWNODE_ALL_DATA Record = (PWNODE_ALL_DATA)Context->Buffer;
    BOOLEAN Dynamic = WmiIsDynamic(Request->Block);
    ULONG Count = Request->Block->InstanceCount;
    ULONGLONG DataOffset = WMI_ALL_DATA_HEAD;
    PULONG Lengths = NULL;
    PUCHAR Data = NULL;
    ULONG Available = 0;

    if (Context->BufferSize < sizeof(WNODE_TOO_SMALL) ||
        (Request->Block->Flags & WMIREG_FLAG_EVENT_ONLY_GUID) != 0) {
        return Refuse(Request, SRB_STATUS_ERROR);
    }
    if (!Dynamic) {
        DataOffset += (ULONGLONG)Count * sizeof(OFFSETINSTANCEDATAANDLENGTH);
    }
    DataOffset = WmiAlign(DataOffset);
    if (DataOffset > MAXULONG) {
        return Refuse(Request, SRB_STATUS_ERROR);
    }
    Record->WnodeHeader.Flags &=
        ~(ULONG)(WNODE_FLAG_FIXED_INSTANCE_SIZE | WNODE_FLAG_TOO_SMALL |
                 WNODE_FLAG_STATIC_INSTANCE_NAMES | WNODE_FLAG_PDO_INSTANCE_NAMES);
    Record->WnodeHeader.Flags |=
        WNODE_FLAG_ALL_DATA | (Dynamic ? 0 : WNODE_FLAG_STATIC_INSTANCE_NAMES);
    Record->DataBlockOffset = (ULONG)DataOffset;
    Record->InstanceCount = Dynamic ? 0 : Count;
    if (DataOffset <= Context->BufferSize) {
        Record->OffsetInstanceNameOffsets = 0;
        Data = Context->Buffer + DataOffset;
        Available = Context->BufferSize - (ULONG)DataOffset;
        if (!Dynamic) {
            Lengths = (PULONG)Record->OffsetInstanceDataAndLength;
            RtlZeroMemory(Lengths, Count * sizeof(ULONG));
        }
    }
    return IsPending(Request->Library->QueryWmiDataBlock(
        Request->DeviceContext, Context, Request->GuidIndex, 0, Count, Lengths, Available, Data));
}

static BOOLEAN QuerySingleInstance(const WMI_REQUEST *Request)
{
    PSCSIWMI_REQUEST_CONTEXT Context = Request->Context;
    PWNODE_SINGLE_INSTANCE Record = (PWNODE_SINGLE_INSTANCE)Context->Buffer;
    PUCHAR Data = NULL;
    ULONG Available = 0;

    if (!NamesAnInstance(Request, FIELD_OFFSET(WNODE_SINGLE_INSTANCE, VariableData)) ||
        Record->DataBlockOffset < FIELD_OFFSET(WNODE_SINGLE_INSTANCE, VariableData)) {
        return Refuse(Request, SRB_STATUS_ERROR);
    }
    if (Record->DataBlockOffset <= Context->BufferSize) {
        Data = Context->Buffer + Record->DataBlockOffset;
        Available = Context->BufferSize - Record->DataBlockOffset;
    }
    Record->SizeDataBlock = 0;
    return IsPending(Request->Library->QueryWmiDataBlock(
        Request->DeviceContext, Context, Request->GuidIndex, Record->InstanceIndex, 1,
        Data != NULL ? &Record->SizeDataBlock : NULL, Available, Data));
}

static BOOLEAN ChangeSingleInstance(const WMI_REQUEST *Request)
{
    PSCSIWMI_REQUEST_CONTEXT Context = Request->Context;
    PWNODE_SINGLE_INSTANCE Record = (PWNODE_SINGLE_INSTANCE)Context->Buffer;

    if (Request->Library->SetWmiDataBlock == NULL ||
        !NamesAnInstance(Request, FIELD_OFFSET(WNODE_SINGLE_INSTANCE, VariableData)) ||
        Record->DataBlockOffset < FIELD_OFFSET(WNODE_SINGLE_INSTANCE, VariableData) ||
        !WmiLiesWithin(Record->DataBlockOffset, Record->SizeDataBlock, Context->BufferSize)) {
        return Refuse(Request, SRB_STATUS_ERROR);
    }
    return IsPending(Request->Library->SetWmiDataBlock(
        Request->DeviceContext, Context, Request->GuidIndex, Record->InstanceIndex,
        Record->SizeDataBlock, Context->Buffer + Record->DataBlockOffset));
}

static BOOLEAN ChangeSingleItem(const WMI_REQUEST *Request)
{
    PSCSIWMI_REQUEST_CONTEXT Context = Request->Context;
    PWNODE_SINGLE_ITEM Record = (PWNODE_SINGLE_ITEM)Context->Buffer;

    if (Request->Library->SetWmiDataItem == NULL ||
        !NamesAnInstance(Request, FIELD_OFFSET(WNODE_SINGLE_ITEM, VariableData)) ||
        Record->DataBlockOffset < FIELD_OFFSET(WNODE_SINGLE_ITEM, VariableData) ||
        !WmiLiesWithin(Record->DataBlockOffset, Record->SizeDataItem, Context->BufferSize)) {
        return Refuse(Request, SRB_STATUS_ERROR);
    }
    return IsPending(Request->Library->SetWmiDataItem(
        Request->DeviceContext, Context, Request->GuidIndex, Record->InstanceIndex, Record->ItemId,
        Record->SizeDataItem, Context->Buffer + Record->DataBlockOffset));
}

static BOOLEAN ExecuteMethod(const WMI_REQUEST *Request)
{
    PSCSIWMI_REQUEST_CONTEXT Context = Request->Context;
    PWNODE_METHOD_ITEM Record = (PWNODE_METHOD_ITEM)Context->Buffer;

    if (Request->Library->ExecuteWmiMethod == NULL ||
        !NamesAnInstance(Request, FIELD_OFFSET(WNODE_METHOD_ITEM, VariableData)) ||
        Record->DataBlockOffset < FIELD_OFFSET(WNODE_METHOD_ITEM, VariableData) ||
        !WmiLiesWithin(Record->DataBlockOffset, Record->SizeDataBlock, Context->BufferSize)) {
        return Refuse(Request, SRB_STATUS_ERROR);
    }
    return IsPending(Request->Library->ExecuteWmiMethod(
        Request->DeviceContext, Context, Request->GuidIndex, Record->InstanceIndex,
        Record->MethodId, Record->SizeDataBlock, Context->BufferSize - Record->DataBlockOffset,
        Context->Buffer + Record->DataBlockOffset));
}

/* A miniport without the callback has nothing to switch, which is as good as having done it. */
static BOOLEAN SwitchFunction(const WMI_REQUEST *Request, SCSIWMI_ENABLE_DISABLE_CONTROL Function,
                              BOOLEAN Enable)
{
    if (Request->Library->WmiFunctionControl == NULL) {
        return Refuse(Request, SRB_STATUS_SUCCESS);
    }
    return IsPending(Request->Library->WmiFunctionControl(Request->DeviceContext, Request->Context,
                                                          Request->GuidIndex, Function, Enable));
}

BOOLEAN NTAPI ScsiPortWmiDispatchFunction(PSCSI_WMILIB_CONTEXT WmiLibInfo, UCHAR MinorFunction,
                                          PVOID DeviceContext,
                                          PSCSIWMI_REQUEST_CONTEXT RequestContext, PVOID DataPath,
                                          ULONG BufferSize, PVOID Buffer)
{
    WMI_REQUEST Request;

    RtlZeroMemory(&Request, sizeof(Request));
    Request.Library = WmiLibInfo;
    Request.DeviceContext = DeviceContext;
    Request.Context = RequestContext;
    RequestContext->Buffer = (PUCHAR)Buffer;
    RequestContext->BufferSize = Buffer != NULL ? BufferSize : 0;
    RequestContext->MinorFunction = MinorFunction;
    WmiFinish(RequestContext, SRB_STATUS_ERROR, 0);

    if (MinorFunction == IRP_MN_REGINFO || MinorFunction == IRP_MN_REGINFO_EX) {
        WmiRegister(WmiLibInfo, DeviceContext, RequestContext,
                    (BOOLEAN)((ULONG_PTR)DataPath == WMIUPDATE));
        return FALSE;
    }
    if (MinorFunction > IRP_MN_EXECUTE_METHOD) {
        return Refuse(&Request, SRB_STATUS_INVALID_REQUEST);
    }
    if (!FindBlock(&Request, (const GUID *)DataPath)) {
        return Refuse(&Request, SRB_STATUS_ERROR);
    }
    switch (MinorFunction) {
    case IRP_MN_QUERY_ALL_DATA:
        return QueryAllData(&Request);
    case IRP_MN_QUERY_SINGLE_INSTANCE:
        return QuerySingleInstance(&Request);
    case IRP_MN_CHANGE_SINGLE_INSTANCE:
        return ChangeSingleInstance(&Request);
    case IRP_MN_CHANGE_SINGLE_ITEM:
        return ChangeSingleItem(&Request);
    case IRP_MN_ENABLE_EVENTS:
        return SwitchFunction(&Request, ScsiWmiEventControl, TRUE);
    case IRP_MN_DISABLE_EVENTS:
        return SwitchFunction(&Request, ScsiWmiEventControl, FALSE);
    case IRP_MN_ENABLE_COLLECTION:
        return SwitchFunction(&Request, ScsiWmiDataBlockControl, TRUE);
    case IRP_MN_DISABLE_COLLECTION:
        return SwitchFunction(&Request, ScsiWmiDataBlockControl, FALSE);
    default:
        return ExecuteMethod(&Request);
    }
}

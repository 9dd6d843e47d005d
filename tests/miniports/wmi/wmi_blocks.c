/*
 * The blocks and their callbacks.
 */
#include "wmi.h"

static const ULONG CounterBytes[2] = {WmiFirstBytes, WmiSecondBytes};

static const GUID Guids[WmiBlockCount] = {
    WMI_TEST_GUID(WmiCounters), WMI_TEST_GUID(WmiNamed),   WMI_TEST_GUID(WmiMethods),
    WMI_TEST_GUID(WmiEvents),   WMI_TEST_GUID(WmiRemoved),
};

static SCSIWMIGUIDREGINFO Blocks[WmiBlockCount] = {
    {&Guids[WmiCounters], 2, 0},
    {&Guids[WmiNamed], 0xFFFFFFFF, 0},
    {&Guids[WmiMethods], 1, 0},
    {&Guids[WmiEvents], 1, WMIREG_FLAG_EVENT_ONLY_GUID | WMIREG_FLAG_EXPENSIVE},
    {&Guids[WmiRemoved], 1, WMIREG_FLAG_REMOVE_GUID},
};

static const struct {
    USHORT Length;
    WCHAR Text[8];
} Names[WmiNamedCount] = {{10, L"alpha"}, {8, L"beta"}, {10, L"gamma"}};

static BOOLEAN Finish(PSCSIWMI_REQUEST_CONTEXT Context, UCHAR Status, ULONG Used)
{
    ScsiPortWmiPostProcess(Context, Status, Used);
    return Status;
}

static UCHAR NTAPI QueryReginfo(PVOID DeviceContext, PSCSIWMI_REQUEST_CONTEXT Context,
                                PWSTR *MofResourceName)
{
    static WCHAR Name[] = L"WmiTestResource";

    UNREFERENCED_PARAMETER(DeviceContext);
    UNREFERENCED_PARAMETER(Context);
    *MofResourceName = Name;
    return SRB_STATUS_SUCCESS;
}

/* ---- queries ---- */

static BOOLEAN QueryCounters(WMI_ADAPTER *Adapter, PSCSIWMI_REQUEST_CONTEXT Context, ULONG First,
                             ULONG Count, PULONG Lengths, ULONG Available, PUCHAR Buffer)
{
    ULONG Used = 0, Index;

    for (Index = First; Index < First + Count; Index++) {
        Used = (Used + 7) & ~7u;
        if (Used + CounterBytes[Index] <= Available) {
            RtlCopyMemory(Buffer + Used, Adapter->Counters[Index], CounterBytes[Index]);
            Lengths[Index - First] = CounterBytes[Index];
        }
        Used += CounterBytes[Index];
    }
    return Finish(Context, Used <= Available ? SRB_STATUS_SUCCESS : SRB_STATUS_DATA_OVERRUN, Used);
}

static BOOLEAN QueryAllNamed(PSCSIWMI_REQUEST_CONTEXT Context)
{
    UCHAR Status = SRB_STATUS_SUCCESS;
    ULONG Available, Needed = 0, Index;

    if (!ScsiPortWmiSetInstanceCount(Context, WmiNamedCount, &Available, &Needed)) {
        return Finish(Context, SRB_STATUS_ERROR, 0);
    }
    for (Index = 0; Index < WmiNamedCount; Index++) {
        ULONG NameBytes = sizeof(USHORT) + Names[Index].Length;
        PVOID Data, Name;

        Data = ScsiPortWmiSetData(Context, Index, WmiNamedBytes, &Available, &Needed);
        Name = ScsiPortWmiSetInstanceName(Context, Index, NameBytes, &Available, &Needed);
        if (Data == NULL || Name == NULL || Available == 0) {
            Status = SRB_STATUS_DATA_OVERRUN;
        } else {
            RtlFillMemory(Data, WmiNamedBytes, Index);
            RtlCopyMemory(Name, &Names[Index], NameBytes);
        }
    }
    return Finish(Context, Status, Needed);
}

static BOOLEAN QueryNamed(PSCSIWMI_REQUEST_CONTEXT Context, PULONG Length, ULONG Available,
                          PUCHAR Buffer)
{
    PWCHAR Wanted = ScsiPortWmiGetInstanceName(Context);
    ULONG Index;

    for (Index = 0; Wanted != NULL && Index < WmiNamedCount; Index++) {
        if (RtlEqualMemory(Wanted, &Names[Index], sizeof(USHORT) + Names[Index].Length)) {
            if (Available < WmiNamedBytes) {
                return Finish(Context, SRB_STATUS_DATA_OVERRUN, WmiNamedBytes);
            }
            RtlFillMemory(Buffer, WmiNamedBytes, Index);
            *Length = WmiNamedBytes;
            return Finish(Context, SRB_STATUS_SUCCESS, WmiNamedBytes);
        }
    }
    return Finish(Context, SRB_STATUS_NOT_POWERED, 0);
}

static BOOLEAN NTAPI QueryDataBlock(PVOID DeviceContext, PSCSIWMI_REQUEST_CONTEXT Context,
                                    ULONG GuidIndex, ULONG InstanceIndex, ULONG InstanceCount,
                                    PULONG InstanceLengthArray, ULONG BufferAvail, PUCHAR Buffer)
{
    switch (GuidIndex) {
    case WmiCounters:
        return QueryCounters((WMI_ADAPTER *)DeviceContext, Context, InstanceIndex, InstanceCount,
                             InstanceLengthArray, BufferAvail, Buffer);
    case WmiNamed:
        return ScsiPortWmiIsQueryAllData(Context)
                   ? QueryAllNamed(Context)
                   : QueryNamed(Context, InstanceLengthArray, BufferAvail, Buffer);
    default:
        if (BufferAvail < sizeof(ULONG)) {
            return Finish(Context, SRB_STATUS_DATA_OVERRUN, sizeof(ULONG));
        }
        /* More than there is. */
        *InstanceLengthArray = MAXULONG;
        return Finish(Context, SRB_STATUS_SUCCESS, sizeof(ULONG));
    }
}

/* ---- changes ---- */

static VOID Record(WMI_ADAPTER *Adapter, LONG Call, ULONG Guid, ULONG Instance, ULONG Item,
                   ULONG Length)
{
    Adapter->Shared->Call = Call;
    Adapter->Shared->Guid = Guid;
    Adapter->Shared->Instance = Instance;
    Adapter->Shared->Item = Item;
    Adapter->Shared->Length = Length;
    Adapter->Shared->Calls++;
}

static BOOLEAN NTAPI SetDataBlock(PVOID DeviceContext, PSCSIWMI_REQUEST_CONTEXT Context,
                                  ULONG GuidIndex, ULONG InstanceIndex, ULONG BufferSize,
                                  PUCHAR Buffer)
{
    WMI_ADAPTER *Adapter = (WMI_ADAPTER *)DeviceContext;

    Record(Adapter, WmiSetBlock, GuidIndex, InstanceIndex, 0, BufferSize);
    if (GuidIndex != WmiCounters || BufferSize != CounterBytes[InstanceIndex]) {
        return Finish(Context, SRB_STATUS_INVALID_REQUEST, 0);
    }
    RtlCopyMemory(Adapter->Counters[InstanceIndex], Buffer, BufferSize);
    return Finish(Context, SRB_STATUS_SUCCESS, 0);
}

/* An item is a counter of four bytes. */
static BOOLEAN NTAPI SetDataItem(PVOID DeviceContext, PSCSIWMI_REQUEST_CONTEXT Context,
                                 ULONG GuidIndex, ULONG InstanceIndex, ULONG DataItemId,
                                 ULONG BufferSize, PUCHAR Buffer)
{
    WMI_ADAPTER *Adapter = (WMI_ADAPTER *)DeviceContext;

    Record(Adapter, WmiSetItem, GuidIndex, InstanceIndex, DataItemId, BufferSize);
    if (GuidIndex != WmiCounters || BufferSize != sizeof(ULONG) ||
        DataItemId >= CounterBytes[InstanceIndex] / sizeof(ULONG)) {
        return Finish(Context, SRB_STATUS_INVALID_REQUEST, 0);
    }
    RtlCopyMemory(&Adapter->Counters[InstanceIndex][DataItemId * sizeof(ULONG)], Buffer,
                  BufferSize);
    return Finish(Context, SRB_STATUS_SUCCESS, 0);
}

static VOID Reverse(PUCHAR Buffer, ULONG Length)
{
    ULONG Index;

    for (Index = 0; Index < Length / 2; Index++) {
        UCHAR Byte = Buffer[Index];

        Buffer[Index] = Buffer[Length - 1 - Index];
        Buffer[Length - 1 - Index] = Byte;
    }
}

static VOID PendingTimer(PVOID DeviceExtension)
{
    WMI_ADAPTER *Adapter = (WMI_ADAPTER *)DeviceExtension;
    PSCSI_WMI_REQUEST_BLOCK Srb = Adapter->Pending;
    WMI_EXTENSION *Extension = (WMI_EXTENSION *)Srb->SrbExtension;
    PWNODE_METHOD_ITEM Method = (PWNODE_METHOD_ITEM)Extension->Context.Buffer;

    Reverse((PUCHAR)Method + Method->DataBlockOffset, Extension->Length);
    ScsiPortWmiPostProcess(&Extension->Context, SRB_STATUS_SUCCESS, Extension->Length);
    Adapter->Pending = NULL;
    WmiComplete(Adapter, Srb);
}

static BOOLEAN NTAPI ExecuteMethod(PVOID DeviceContext, PSCSIWMI_REQUEST_CONTEXT Context,
                                   ULONG GuidIndex, ULONG InstanceIndex, ULONG MethodId,
                                   ULONG InBufferSize, ULONG OutBufferSize, PUCHAR Buffer)
{
    WMI_ADAPTER *Adapter = (WMI_ADAPTER *)DeviceContext;
    ULONG Index;

    Record(Adapter, WmiMethod, GuidIndex, InstanceIndex, MethodId, InBufferSize);
    switch (MethodId) {
    case WmiReverse:
        Reverse(Buffer, InBufferSize);
        return Finish(Context, SRB_STATUS_SUCCESS, InBufferSize);
    case WmiGrow:
        if (OutBufferSize < 2 * InBufferSize) {
            return Finish(Context, SRB_STATUS_DATA_OVERRUN, 2 * InBufferSize);
        }
        for (Index = InBufferSize; Index-- > 0;) {
            Buffer[2 * Index] = Buffer[2 * Index + 1] = Buffer[Index];
        }
        return Finish(Context, SRB_STATUS_SUCCESS, 2 * InBufferSize);
    case WmiPend:
        Adapter->Pending = (PSCSI_WMI_REQUEST_BLOCK)Context->UserContext;
        ((WMI_EXTENSION *)Adapter->Pending->SrbExtension)->Length = InBufferSize;
        StorPortNotification(RequestTimerCall, Adapter, PendingTimer, 1000);
        return SRB_STATUS_PENDING;
    case WmiOverstate:
        return Finish(Context, SRB_STATUS_SUCCESS, OutBufferSize + 1);
    default:
        return Finish(Context, SRB_STATUS_INVALID_REQUEST, 0);
    }
}

/* Who listens to events is sent one at once. */
static BOOLEAN NTAPI FunctionControl(PVOID DeviceContext, PSCSIWMI_REQUEST_CONTEXT Context,
                                     ULONG GuidIndex, SCSIWMI_ENABLE_DISABLE_CONTROL Function,
                                     BOOLEAN Enable)
{
    WMI_ADAPTER *Adapter = (WMI_ADAPTER *)DeviceContext;
    UCHAR Event[0x40 + sizeof(ULONG)];

    Record(Adapter, WmiFunctionControl, GuidIndex, 0, Function, 0);
    Adapter->Shared->Enable = Enable;
    if (Function == ScsiWmiEventControl && Enable) {
        RtlFillMemory(Event, sizeof(Event), 0xEE);
        ScsiPortWmiFireAdapterEvent(Adapter, (LPGUID)&Guids[GuidIndex], 0, sizeof(ULONG), Event);
    }
    return Finish(Context, SRB_STATUS_SUCCESS, 0);
}

/* ---- requests ---- */

VOID WmiInitialize(WMI_ADAPTER *Adapter)
{
    RtlFillMemory(Adapter->Counters[0], WmiFirstBytes, 0x11);
    RtlFillMemory(Adapter->Counters[1], WmiSecondBytes, 0x22);
    Adapter->Library.GuidCount = WmiBlockCount;
    Adapter->Library.GuidList = Blocks;
    Adapter->Library.QueryWmiRegInfo = QueryReginfo;
    Adapter->Library.QueryWmiDataBlock = QueryDataBlock;
    Adapter->Library.SetWmiDataBlock = SetDataBlock;
    Adapter->Library.SetWmiDataItem = SetDataItem;
    Adapter->Library.ExecuteWmiMethod = ExecuteMethod;
    Adapter->Library.WmiFunctionControl = FunctionControl;
}

VOID WmiComplete(WMI_ADAPTER *Adapter, PSCSI_WMI_REQUEST_BLOCK Srb)
{
    WMI_EXTENSION *Extension = (WMI_EXTENSION *)Srb->SrbExtension;

    Srb->DataTransferLength = ScsiPortWmiGetReturnSize(&Extension->Context);
    Srb->SrbStatus = ScsiPortWmiGetReturnStatus(&Extension->Context);
    StorPortNotification(RequestComplete, Adapter, Srb);
}

VOID WmiStart(WMI_ADAPTER *Adapter, PSCSI_WMI_REQUEST_BLOCK Srb)
{
    WMI_EXTENSION *Extension = (WMI_EXTENSION *)Srb->SrbExtension;

    Extension->Context.UserContext = Srb;
    if (!ScsiPortWmiDispatchFunction(&Adapter->Library, Srb->WMISubFunction, Adapter,
                                     &Extension->Context, Srb->DataPath, Srb->DataTransferLength,
                                     Srb->DataBuffer)) {
        WmiComplete(Adapter, Srb);
    }
}

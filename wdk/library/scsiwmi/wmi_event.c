/*
 * Events. The miniport leaves 64 bytes free before the data, for the head of the record.
 */
#include "wmi_record.h"

C_ASSERT(FIELD_OFFSET(WNODE_SINGLE_INSTANCE, VariableData) == 0x40);

VOID NTAPI ScsiPortWmiFireLogicalUnitEvent(PVOID HwDeviceExtension, UCHAR PathId, UCHAR TargetId,
                                           UCHAR Lun, LPGUID Guid, ULONG InstanceIndex,
                                           ULONG EventDataSize, PVOID EventData)
{
    PWNODE_SINGLE_INSTANCE Event = (PWNODE_SINGLE_INSTANCE)EventData;
    ULONG Head = FIELD_OFFSET(WNODE_SINGLE_INSTANCE, VariableData);

    if (Event == NULL || EventDataSize > MAXULONG - Head) {
        return;
    }
    RtlZeroMemory(Event, Head);
    Event->WnodeHeader.BufferSize = Head + EventDataSize;
    Event->WnodeHeader.Guid = *Guid;
    Event->WnodeHeader.Flags =
        WNODE_FLAG_SINGLE_INSTANCE | WNODE_FLAG_EVENT_ITEM | WNODE_FLAG_STATIC_INSTANCE_NAMES;
    StorPortQuerySystemTime(&Event->WnodeHeader.TimeStamp);
    Event->InstanceIndex = InstanceIndex;
    Event->DataBlockOffset = Head;
    Event->SizeDataBlock = EventDataSize;
    StorPortNotification(WMIEvent, HwDeviceExtension, Event, PathId, TargetId, Lun);
}

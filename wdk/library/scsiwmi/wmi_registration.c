/*
 * The miniport's blocks as a WMIREGINFO. The path of the registry and the device after which
 * instances are named are the port driver's to fill in.
 */
#include "wmi_record.h"

#define REGISTRATION_HEAD FIELD_OFFSET(WMIREGINFOW, WmiRegGuid)

static ULONG TextBytes(PCWSTR Text)
{
    ULONG Length = 0;

    while (Text != NULL && Text[Length] != 0) {
        Length++;
    }
    return Length * (ULONG)sizeof(WCHAR);
}

static VOID FillBlock(PWMIREGGUIDW Entry, const SCSIWMIGUIDREGINFO *Block)
{
    Entry->Guid = *Block->Guid;
    Entry->Flags = Block->Flags & ~(ULONG)WMIREG_FLAG_CALL_BY_NAME;
    if (!WmiIsDynamic(Block)) {
        Entry->Flags |= WMIREG_FLAG_INSTANCE_PDO;
        Entry->InstanceCount = Block->InstanceCount;
    }
}

VOID WmiRegister(PSCSI_WMILIB_CONTEXT WmiLibInfo, PVOID DeviceContext,
                 PSCSIWMI_REQUEST_CONTEXT RequestContext, BOOLEAN IsUpdate)
{
    PWMIREGINFOW Registration = (PWMIREGINFOW)RequestContext->Buffer;
    PWSTR ResourceName = NULL;
    ULONGLONG NameOffset, Size;
    ULONG NameBytes, Index;
    UCHAR Status = WmiLibInfo->QueryWmiRegInfo(DeviceContext, RequestContext, &ResourceName);

    if (SRB_STATUS(Status) != SRB_STATUS_SUCCESS) {
        WmiFinish(RequestContext, Status, 0);
        return;
    }
    /* The resource is told once; an update is about blocks. */
    NameBytes = IsUpdate ? 0 : TextBytes(ResourceName);
    NameOffset = REGISTRATION_HEAD + (ULONGLONG)WmiLibInfo->GuidCount * sizeof(WMIREGGUIDW);
    Size = NameOffset + (NameBytes != 0 ? sizeof(USHORT) + NameBytes : 0);
    if (NameBytes > MAXUSHORT || Size > MAXULONG ||
        RequestContext->BufferSize < sizeof(Registration->BufferSize)) {
        WmiFinish(RequestContext, SRB_STATUS_ERROR, 0);
        return;
    }
    if (Size > RequestContext->BufferSize) {
        Registration->BufferSize = (ULONG)Size;
        WmiFinish(RequestContext, SRB_STATUS_DATA_OVERRUN, sizeof(Registration->BufferSize));
        return;
    }
    RtlZeroMemory(Registration, (SIZE_T)NameOffset);
    Registration->BufferSize = (ULONG)Size;
    Registration->GuidCount = WmiLibInfo->GuidCount;
    for (Index = 0; Index < WmiLibInfo->GuidCount; Index++) {
        FillBlock(&Registration->WmiRegGuid[Index], &WmiLibInfo->GuidList[Index]);
    }
    if (NameBytes != 0) {
        PUCHAR Name = RequestContext->Buffer + NameOffset;

        Registration->MofResourceName = (ULONG)NameOffset;
        *(USHORT UNALIGNED *)Name = (USHORT)NameBytes;
        RtlCopyMemory(Name + sizeof(USHORT), ResourceName, NameBytes);
    }
    WmiFinish(RequestContext, SRB_STATUS_SUCCESS, (ULONG)Size);
}

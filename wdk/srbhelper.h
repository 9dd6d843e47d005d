/*
 * Access to a request without asking which of the two forms it has, SCSI_REQUEST_BLOCK or
 * STORAGE_REQUEST_BLOCK. A miniport that accepts both reads and writes its requests with these.
 * They exist for Windows 8 and later; drivers for earlier versions bring their own.
 *
 * Include storport.h, or srb.h and scsi.h, before this header. A driver that wants to hear of
 * malformed requests defines SRBHELPER_ASSERT first.
 */
#ifndef WDK_SRBHELPER_H
#define WDK_SRBHELPER_H
#define _SRBHELPER_H_
#define _NTSRBHELPER_

#include "storage/request_block.h"
#include "storage/scsi_commands.h"
#include "storage/scsi_sense.h"

#if NTDDI_VERSION >= NTDDI_WIN8

#if !defined(SRBHELPER_ASSERT) && defined(NT_ASSERT)
#define SRBHELPER_ASSERT NT_ASSERT
#elif !defined(SRBHELPER_ASSERT)
#define SRBHELPER_ASSERT(condition) ((void)0)
#endif

/* The size of a part of a request, whose parts begin at multiples of a pointer's size. */
#ifndef SRB_ALIGN_SIZEOF
#define SRB_ALIGN_SIZEOF(type)                                                                     \
    (((ULONG_PTR)(sizeof(type) + sizeof(PVOID) - 1)) & ~(ULONG_PTR)(sizeof(PVOID) - 1))
#endif

#define SrbMoveMemory(destination, source, length) memmove((destination), (source), (length))
#define SrbCopyMemory(destination, source, length) memcpy((destination), (source), (length))
#define SrbZeroMemory(destination, length)         memset((destination), 0, (length))
#define SrbEqualMemory(one, other, length)         (memcmp((one), (other), (length)) == 0)

/* The request as its extended form, or NULL when it is a classic one. */
FORCEINLINE PSTORAGE_REQUEST_BLOCK WdkExtendedSrb(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = (PSTORAGE_REQUEST_BLOCK)Srb;

    return extended->Function == SRB_FUNCTION_STORAGE_REQUEST_BLOCK ? extended : NULL;
}

FORCEINLINE PSCSI_REQUEST_BLOCK WdkClassicSrb(PVOID Srb)
{
    return (PSCSI_REQUEST_BLOCK)Srb;
}

/* Extended data at an offset of the request; NULL when the offset does not lie inside it. */
FORCEINLINE PSRBEX_DATA WdkSrbExDataAt(PSTORAGE_REQUEST_BLOCK Srb, ULONG Index)
{
    ULONG offset = (&Srb->SrbExDataOffset[0])[Index];

    if (offset < sizeof(STORAGE_REQUEST_BLOCK) || offset >= Srb->SrbLength)
        return NULL;
    return (PSRBEX_DATA)((PUCHAR)Srb + offset);
}

FORCEINLINE PSRBEX_DATA SrbGetSrbExDataByIndex(PSTORAGE_REQUEST_BLOCK Srb, ULONG SrbExDataIndex)
{
    if (WdkExtendedSrb(Srb) == NULL || SrbExDataIndex >= Srb->NumSrbExData)
        return NULL;
    return WdkSrbExDataAt(Srb, SrbExDataIndex);
}

FORCEINLINE PSRBEX_DATA SrbGetSrbExDataByType(PSTORAGE_REQUEST_BLOCK Srb, SRBEXDATATYPE Type)
{
    if (WdkExtendedSrb(Srb) == NULL)
        return NULL;
    for (ULONG index = 0; index < Srb->NumSrbExData; index++) {
        PSRBEX_DATA data = WdkSrbExDataAt(Srb, index);

        if (data != NULL && data->Type == Type)
            return data;
    }
    return NULL;
}

/* The extended data that a request with its function must carry. */
FORCEINLINE PSRBEX_DATA SrbGetPrimarySrbExData(PSTORAGE_REQUEST_BLOCK Srb)
{
    if (WdkExtendedSrb(Srb) == NULL)
        return NULL;
    switch (Srb->SrbFunction) {
    case SRB_FUNCTION_POWER:
        return SrbGetSrbExDataByType(Srb, SrbExDataTypePower);
    case SRB_FUNCTION_PNP:
        return SrbGetSrbExDataByType(Srb, SrbExDataTypePnP);
    case SRB_FUNCTION_WMI:
        return SrbGetSrbExDataByType(Srb, SrbExDataTypeWmi);
    case SRB_FUNCTION_EXECUTE_SCSI:
        for (ULONG index = 0; index < Srb->NumSrbExData; index++) {
            PSRBEX_DATA data = WdkSrbExDataAt(Srb, index);

            if (data != NULL &&
                (data->Type == SrbExDataTypeScsiCdb16 || data->Type == SrbExDataTypeScsiCdb32 ||
                 data->Type == SrbExDataTypeScsiCdbVar))
                return data;
        }
        return NULL;
    default:
        return NULL;
    }
}

/* Whether an extended request is a SCSI command. */
FORCEINLINE BOOLEAN WdkIsScsiCommand(PSTORAGE_REQUEST_BLOCK Srb)
{
    return WdkExtendedSrb(Srb) != NULL && Srb->SrbFunction == SRB_FUNCTION_EXECUTE_SCSI;
}

/* The first extended data of a SCSI command that holds one and lies inside the request. */
FORCEINLINE PSRBEX_DATA WdkScsiExData(PSTORAGE_REQUEST_BLOCK Srb)
{
    SRBHELPER_ASSERT(Srb->NumSrbExData > 0);
    for (ULONG index = 0; index < Srb->NumSrbExData; index++) {
        PSRBEX_DATA data = WdkSrbExDataAt(Srb, index);
        ULONG size;

        SRBHELPER_ASSERT(data != NULL);
        if (data == NULL)
            continue;
        if (data->Type == SrbExDataTypeScsiCdb16)
            size = sizeof(SRBEX_DATA_SCSI_CDB16);
        else if (data->Type == SrbExDataTypeScsiCdb32)
            size = sizeof(SRBEX_DATA_SCSI_CDB32);
        else if (data->Type == SrbExDataTypeScsiCdbVar)
            size = sizeof(SRBEX_DATA_SCSI_CDB_VAR);
        else
            continue;
        if ((PUCHAR)data - (PUCHAR)Srb + size <= Srb->SrbLength)
            return data;
        SRBHELPER_ASSERT(FALSE);
    }
    return NULL;
}

/*
 * Everything about the SCSI command of an extended request at once. Results are optional. The
 * length is in CdbLength8 for the forms with 16 and 32 bytes, in CdbLength32 for the form that
 * varies; the other one is left as it was. A request that is no SCSI command gives zeros, one whose
 * extended data are malformed gives nothing.
 */
FORCEINLINE PCDB SrbGetScsiData(PSTORAGE_REQUEST_BLOCK Srb, PUCHAR CdbLength8, PULONG CdbLength32,
                                PUCHAR ScsiStatus, PVOID *SenseInfoBuffer,
                                PUCHAR SenseInfoBufferLength)
{
    PCDB cdb = NULL;
    UCHAR status = SCSISTAT_GOOD;
    PVOID sense = NULL;
    UCHAR sense_length = 0;

    if (!WdkIsScsiCommand(Srb)) {
        if (CdbLength8 != NULL)
            *CdbLength8 = 0;
        if (CdbLength32 != NULL)
            *CdbLength32 = 0;
    } else {
        PSRBEX_DATA data = WdkScsiExData(Srb);

        if (data == NULL)
            return NULL;
        if (data->Type == SrbExDataTypeScsiCdbVar) {
            PSRBEX_DATA_SCSI_CDB_VAR variable = (PSRBEX_DATA_SCSI_CDB_VAR)data;

            if (CdbLength32 != NULL)
                *CdbLength32 = variable->CdbLength;
            cdb = (PCDB)variable->Cdb;
            status = variable->ScsiStatus;
            sense = variable->SenseInfoBuffer;
            sense_length = variable->SenseInfoBufferLength;
        } else {
            /* The forms for 16 and 32 bytes differ in the length of Cdb only. */
            PSRBEX_DATA_SCSI_CDB16 fixed = (PSRBEX_DATA_SCSI_CDB16)data;

            if (CdbLength8 != NULL)
                *CdbLength8 = fixed->CdbLength;
            cdb = (PCDB)fixed->Cdb;
            status = fixed->ScsiStatus;
            sense = fixed->SenseInfoBuffer;
            sense_length = fixed->SenseInfoBufferLength;
        }
    }
    if (ScsiStatus != NULL)
        *ScsiStatus = status;
    if (SenseInfoBuffer != NULL)
        *SenseInfoBuffer = sense;
    if (SenseInfoBufferLength != NULL)
        *SenseInfoBufferLength = sense_length;
    return cdb;
}

/* Changes what is not NULL, when the request is an extended one and a SCSI command. */
FORCEINLINE VOID SrbSetScsiData(PSTORAGE_REQUEST_BLOCK Srb, PUCHAR CdbLength8, PULONG CdbLength32,
                                PUCHAR ScsiStatus, PVOID *SenseInfoBuffer,
                                PUCHAR SenseInfoBufferLength)
{
    PSRBEX_DATA data = WdkIsScsiCommand(Srb) ? WdkScsiExData(Srb) : NULL;

    if (data != NULL && data->Type == SrbExDataTypeScsiCdbVar) {
        PSRBEX_DATA_SCSI_CDB_VAR variable = (PSRBEX_DATA_SCSI_CDB_VAR)data;

        if (CdbLength32 != NULL)
            variable->CdbLength = *CdbLength32;
        if (ScsiStatus != NULL)
            variable->ScsiStatus = *ScsiStatus;
        if (SenseInfoBuffer != NULL)
            variable->SenseInfoBuffer = *SenseInfoBuffer;
        if (SenseInfoBufferLength != NULL)
            variable->SenseInfoBufferLength = *SenseInfoBufferLength;
    } else if (data != NULL) {
        PSRBEX_DATA_SCSI_CDB16 fixed = (PSRBEX_DATA_SCSI_CDB16)data;

        if (CdbLength8 != NULL)
            fixed->CdbLength = *CdbLength8;
        if (ScsiStatus != NULL)
            fixed->ScsiStatus = *ScsiStatus;
        if (SenseInfoBuffer != NULL)
            fixed->SenseInfoBuffer = *SenseInfoBuffer;
        if (SenseInfoBufferLength != NULL)
            fixed->SenseInfoBufferLength = *SenseInfoBufferLength;
    }
}

/* The SCSI command: its bytes, its length, its status, its sense buffer. */
FORCEINLINE PCDB SrbGetCdb(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended == NULL)
        return (PCDB)WdkClassicSrb(Srb)->Cdb;
    return SrbGetScsiData(extended, NULL, NULL, NULL, NULL, NULL);
}

/* Zero for a command whose length varies. */
FORCEINLINE UCHAR SrbGetCdbLength(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);
    UCHAR length = 0;

    if (extended == NULL)
        return WdkClassicSrb(Srb)->CdbLength;
    SrbGetScsiData(extended, &length, NULL, NULL, NULL, NULL);
    return length;
}

FORCEINLINE VOID SrbSetCdbLength(PVOID Srb, UCHAR CdbLength)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        SrbSetScsiData(extended, &CdbLength, NULL, NULL, NULL, NULL);
    else
        WdkClassicSrb(Srb)->CdbLength = CdbLength;
}

FORCEINLINE UCHAR SrbGetScsiStatus(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);
    UCHAR status = 0;

    if (extended == NULL)
        return WdkClassicSrb(Srb)->ScsiStatus;
    SrbGetScsiData(extended, NULL, NULL, &status, NULL, NULL);
    return status;
}

FORCEINLINE VOID SrbSetScsiStatus(PVOID Srb, UCHAR ScsiStatus)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        SrbSetScsiData(extended, NULL, NULL, &ScsiStatus, NULL, NULL);
    else
        WdkClassicSrb(Srb)->ScsiStatus = ScsiStatus;
}

FORCEINLINE PVOID SrbGetSenseInfoBuffer(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);
    PVOID buffer = NULL;

    if (extended == NULL)
        return WdkClassicSrb(Srb)->SenseInfoBuffer;
    SrbGetScsiData(extended, NULL, NULL, NULL, &buffer, NULL);
    return buffer;
}

FORCEINLINE VOID SrbSetSenseInfoBuffer(PVOID Srb, PVOID SenseInfoBuffer)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        SrbSetScsiData(extended, NULL, NULL, NULL, &SenseInfoBuffer, NULL);
    else
        WdkClassicSrb(Srb)->SenseInfoBuffer = SenseInfoBuffer;
}

FORCEINLINE UCHAR SrbGetSenseInfoBufferLength(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);
    UCHAR length = 0;

    if (extended == NULL)
        return WdkClassicSrb(Srb)->SenseInfoBufferLength;
    SrbGetScsiData(extended, NULL, NULL, NULL, NULL, &length);
    return length;
}

FORCEINLINE VOID SrbSetSenseInfoBufferLength(PVOID Srb, UCHAR SenseInfoBufferLength)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        SrbSetScsiData(extended, NULL, NULL, NULL, NULL, &SenseInfoBufferLength);
    else
        WdkClassicSrb(Srb)->SenseInfoBufferLength = SenseInfoBufferLength;
}

/* What the request asks for, and how it ended. */
FORCEINLINE ULONG SrbGetSrbFunction(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? extended->SrbFunction : WdkClassicSrb(Srb)->Function;
}

FORCEINLINE UCHAR SrbGetSrbStatus(PVOID Srb)
{
    /* At the same place in both forms. */
    return WdkClassicSrb(Srb)->SrbStatus;
}

/* Once the sense buffer is valid it stays so, whatever status comes. */
FORCEINLINE VOID SrbSetSrbStatus(PVOID Srb, UCHAR Status)
{
    PSCSI_REQUEST_BLOCK srb = WdkClassicSrb(Srb);

    srb->SrbStatus = (UCHAR)(Status | (srb->SrbStatus & SRB_STATUS_AUTOSENSE_VALID));
}

FORCEINLINE ULONG SrbGetSystemStatus(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? extended->SystemStatus : WdkClassicSrb(Srb)->InternalStatus;
}

FORCEINLINE VOID SrbSetSystemStatus(PVOID Srb, ULONG Status)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        extended->SystemStatus = Status;
    else
        WdkClassicSrb(Srb)->InternalStatus = Status;
}

FORCEINLINE ULONG SrbGetSrbFlags(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? extended->SrbFlags : WdkClassicSrb(Srb)->SrbFlags;
}

/* Replaces all flags. */
FORCEINLINE VOID SrbAssignSrbFlags(PVOID Srb, ULONG Flags)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        extended->SrbFlags = Flags;
    else
        WdkClassicSrb(Srb)->SrbFlags = Flags;
}

/* Adds flags. */
FORCEINLINE VOID SrbSetSrbFlags(PVOID Srb, ULONG Flags)
{
    SrbAssignSrbFlags(Srb, SrbGetSrbFlags(Srb) | Flags);
}

FORCEINLINE VOID SrbClearSrbFlags(PVOID Srb, ULONG Flags)
{
    SrbAssignSrbFlags(Srb, SrbGetSrbFlags(Srb) & ~Flags);
}

FORCEINLINE ULONG SrbGetTimeOutValue(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? extended->TimeOutValue : WdkClassicSrb(Srb)->TimeOutValue;
}

FORCEINLINE VOID SrbSetTimeOutValue(PVOID Srb, ULONG TimeOutValue)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        extended->TimeOutValue = TimeOutValue;
    else
        WdkClassicSrb(Srb)->TimeOutValue = TimeOutValue;
}

/* The data. */
FORCEINLINE PVOID SrbGetDataBuffer(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? extended->DataBuffer : WdkClassicSrb(Srb)->DataBuffer;
}

FORCEINLINE VOID SrbSetDataBuffer(PVOID Srb, PVOID DataBuffer)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        extended->DataBuffer = DataBuffer;
    else
        WdkClassicSrb(Srb)->DataBuffer = DataBuffer;
}

FORCEINLINE ULONG SrbGetDataTransferLength(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? extended->DataTransferLength : WdkClassicSrb(Srb)->DataTransferLength;
}

FORCEINLINE VOID SrbSetDataTransferLength(PVOID Srb, ULONG DataTransferLength)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        extended->DataTransferLength = DataTransferLength;
    else
        WdkClassicSrb(Srb)->DataTransferLength = DataTransferLength;
}

/* The address; NULL for a classic request, whose address is three bytes. */
FORCEINLINE PSTOR_ADDRESS SrbGetAddress(PSTORAGE_REQUEST_BLOCK Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended == NULL)
        return NULL;
    SRBHELPER_ASSERT(extended->AddressOffset != 0);
    if (extended->AddressOffset == 0)
        return NULL;
    return (PSTOR_ADDRESS)((PUCHAR)extended + extended->AddressOffset);
}

/* Bus, target and logical unit. Results are optional; an address of another type leaves them. */
FORCEINLINE VOID SrbGetPathTargetLun(PVOID Srb, PUCHAR PathId, PUCHAR TargetId, PUCHAR Lun)
{
    UCHAR path, target, unit;

    if (WdkExtendedSrb(Srb) != NULL) {
        PSTOR_ADDR_BTL8 address = (PSTOR_ADDR_BTL8)SrbGetAddress((PSTORAGE_REQUEST_BLOCK)Srb);

        if (address == NULL)
            return;
        SRBHELPER_ASSERT(address->Type == STOR_ADDRESS_TYPE_BTL8);
        if (address->Type != STOR_ADDRESS_TYPE_BTL8)
            return;
        path = address->Path;
        target = address->Target;
        unit = address->Lun;
    } else {
        path = WdkClassicSrb(Srb)->PathId;
        target = WdkClassicSrb(Srb)->TargetId;
        unit = WdkClassicSrb(Srb)->Lun;
    }
    if (PathId != NULL)
        *PathId = path;
    if (TargetId != NULL)
        *TargetId = target;
    if (Lun != NULL)
        *Lun = unit;
}

FORCEINLINE UCHAR SrbGetPathId(PVOID Srb)
{
    UCHAR path = 0;

    SrbGetPathTargetLun(Srb, &path, NULL, NULL);
    return path;
}

FORCEINLINE UCHAR SrbGetTargetId(PVOID Srb)
{
    UCHAR target = 0;

    SrbGetPathTargetLun(Srb, NULL, &target, NULL);
    return target;
}

FORCEINLINE UCHAR SrbGetLun(PVOID Srb)
{
    UCHAR unit = 0;

    SrbGetPathTargetLun(Srb, NULL, NULL, &unit);
    return unit;
}

/* The tag, and how the unit may order the request among others. */
FORCEINLINE ULONG SrbGetQueueTag(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? extended->RequestTag : WdkClassicSrb(Srb)->QueueTag;
}

FORCEINLINE VOID SrbSetQueueTag(PVOID Srb, ULONG QueueTag)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        extended->RequestTag = QueueTag;
    else
        WdkClassicSrb(Srb)->QueueTag = (UCHAR)QueueTag;
}

#define SrbGetRequestTag SrbGetQueueTag
#define SrbSetRequestTag SrbSetQueueTag

/* Where the request belongs on its disk, for a queue that sorts; extended requests have no key. */
FORCEINLINE VOID SrbSetQueueSortKey(PVOID Srb, ULONG QueueSortKey)
{
    if (WdkExtendedSrb(Srb) == NULL)
        WdkClassicSrb(Srb)->QueueSortKey = QueueSortKey;
}

FORCEINLINE ULONG SrbGetRequestAttribute(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? extended->RequestAttribute : WdkClassicSrb(Srb)->QueueAction;
}

FORCEINLINE VOID SrbSetRequestAttribute(PVOID Srb, UCHAR RequestAttribute)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        extended->RequestAttribute = RequestAttribute;
    else
        WdkClassicSrb(Srb)->QueueAction = RequestAttribute;
}

#define SrbGetQueueAction SrbGetRequestAttribute
#define SrbSetQueueAction SrbSetRequestAttribute

/* Memory and links that belong to the drivers a request passes through. */
FORCEINLINE PVOID SrbGetMiniportContext(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? extended->MiniportContext : WdkClassicSrb(Srb)->SrbExtension;
}

/* The port's own; a classic request has none. */
FORCEINLINE PVOID SrbGetPortContext(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    SRBHELPER_ASSERT(extended != NULL);
    return extended != NULL ? extended->PortContext : NULL;
}

FORCEINLINE VOID SrbSetPortContext(PVOID Srb, PVOID PortContext)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    SRBHELPER_ASSERT(extended != NULL);
    if (extended != NULL)
        extended->PortContext = PortContext;
}

FORCEINLINE PVOID SrbGetOriginalRequest(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? extended->OriginalRequest : WdkClassicSrb(Srb)->OriginalRequest;
}

FORCEINLINE VOID SrbSetOriginalRequest(PVOID Srb, PVOID OriginalRequest)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        extended->OriginalRequest = OriginalRequest;
    else
        WdkClassicSrb(Srb)->OriginalRequest = OriginalRequest;
}

FORCEINLINE PVOID SrbGetNextSrb(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? (PVOID)extended->NextSrb : (PVOID)WdkClassicSrb(Srb)->NextSrb;
}

FORCEINLINE VOID SrbSetNextSrb(PVOID Srb, PVOID NextSrb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        extended->NextSrb = (PSTORAGE_REQUEST_BLOCK)NextSrb;
    else
        WdkClassicSrb(Srb)->NextSrb = (PSCSI_REQUEST_BLOCK)NextSrb;
}

/* The whole request. */
FORCEINLINE ULONG SrbGetSrbLength(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? extended->SrbLength : sizeof(SCSI_REQUEST_BLOCK);
}

FORCEINLINE VOID SrbSetSrbLength(PVOID Srb, ULONG Length)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        extended->SrbLength = Length;
}

/* The length of an extended request with an address and the extended data of its function. */
FORCEINLINE ULONG SrbGetDefaultSrbLengthFromFunction(ULONG SrbFunction)
{
    ULONG_PTR length = SRB_ALIGN_SIZEOF(STORAGE_REQUEST_BLOCK) + SRB_ALIGN_SIZEOF(STOR_ADDR_BTL8);

    if (SrbFunction == SRB_FUNCTION_PNP)
        length += SRB_ALIGN_SIZEOF(SRBEX_DATA_PNP);
    else if (SrbFunction == SRB_FUNCTION_POWER)
        length += SRB_ALIGN_SIZEOF(SRBEX_DATA_POWER);
    else if (SrbFunction == SRB_FUNCTION_WMI)
        length += SRB_ALIGN_SIZEOF(SRBEX_DATA_WMI);
    else if (SrbFunction == SRB_FUNCTION_EXECUTE_SCSI)
        length += SRB_ALIGN_SIZEOF(SRBEX_DATA_SCSI_CDB16);
    return (ULONG)length;
}

/* FALSE when the destination is too small. */
FORCEINLINE BOOLEAN SrbCopySrb(PVOID DestinationSrb, ULONG DestinationSrbLength, PVOID SourceSrb)
{
    ULONG length = SrbGetSrbLength(SourceSrb);

    if (DestinationSrbLength < length)
        return FALSE;
    memcpy(DestinationSrb, SourceSrb, length);
    return TRUE;
}

/* Zeros a request but for what says how long it is and which form it has. */
FORCEINLINE VOID SrbZeroSrb(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);
    USHORT length = WdkClassicSrb(Srb)->Length;
    UCHAR function = WdkClassicSrb(Srb)->Function;
    ULONG srb_length = SrbGetSrbLength(Srb);

    memset(Srb, 0, srb_length);
    if (extended != NULL)
        extended->SrbLength = srb_length;
    WdkClassicSrb(Srb)->Length = length;
    WdkClassicSrb(Srb)->Function = function;
}

#endif /* NTDDI_VERSION */

#endif

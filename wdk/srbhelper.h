/*
 * Access to a request without asking which of the two forms it has, SCSI_REQUEST_BLOCK or
 * STORAGE_REQUEST_BLOCK. A miniport that accepts both reads and writes its requests with these.
 *
 * Include storport.h, or srb.h and scsi.h, before this header.
 */
#ifndef WDK_SRBHELPER_H
#define WDK_SRBHELPER_H
#define _NTSRBHELPER_

#include "storage/request_block.h"
#include "storage/scsi_commands.h"

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

/* A block of extended data; NULL when there is none, or it does not lie inside the request. */
FORCEINLINE PSRBEX_DATA SrbGetSrbExDataByIndex(PSTORAGE_REQUEST_BLOCK Srb, ULONG SrbExDataIndex)
{
    ULONG offset;

    if (Srb->Function != SRB_FUNCTION_STORAGE_REQUEST_BLOCK || SrbExDataIndex >= Srb->NumSrbExData)
        return NULL;
    offset = (&Srb->SrbExDataOffset[0])[SrbExDataIndex];
    if (offset < sizeof(STORAGE_REQUEST_BLOCK) || Srb->SrbLength < sizeof(SRBEX_DATA) ||
        offset > Srb->SrbLength - sizeof(SRBEX_DATA))
        return NULL;
    return (PSRBEX_DATA)((PUCHAR)Srb + offset);
}

FORCEINLINE PSRBEX_DATA SrbGetSrbExDataByType(PSTORAGE_REQUEST_BLOCK Srb, SRBEXDATATYPE Type)
{
    if (Srb->Function != SRB_FUNCTION_STORAGE_REQUEST_BLOCK)
        return NULL;
    for (ULONG index = 0; index < Srb->NumSrbExData; index++) {
        PSRBEX_DATA data = SrbGetSrbExDataByIndex(Srb, index);

        if (data != NULL && data->Type == Type)
            return data;
    }
    return NULL;
}

/* The extended data that carries a SCSI command; NULL when the request carries none. */
FORCEINLINE PSRBEX_DATA WdkScsiExData(PSTORAGE_REQUEST_BLOCK Srb)
{
    if (Srb->SrbFunction != SRB_FUNCTION_EXECUTE_SCSI)
        return NULL;
    for (ULONG index = 0; index < Srb->NumSrbExData; index++) {
        PSRBEX_DATA data = SrbGetSrbExDataByIndex(Srb, index);

        if (data != NULL &&
            (data->Type == SrbExDataTypeScsiCdb16 || data->Type == SrbExDataTypeScsiCdb32 ||
             data->Type == SrbExDataTypeScsiCdbVar))
            return data;
    }
    return NULL;
}

/*
 * Everything about the SCSI command of a request at once. Results are optional. Returns NULL, and
 * zeros, when the request carries no SCSI command.
 */
FORCEINLINE PCDB SrbGetScsiData(PSTORAGE_REQUEST_BLOCK Srb, PUCHAR CdbLength8, PULONG CdbLength32,
                                PUCHAR ScsiStatus, PVOID *SenseInfoBuffer,
                                PUCHAR SenseInfoBufferLength)
{
    PCDB cdb = NULL;
    ULONG cdb_length = 0;
    UCHAR status = 0;
    PVOID sense = NULL;
    UCHAR sense_length = 0;
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended == NULL) {
        PSCSI_REQUEST_BLOCK classic = WdkClassicSrb(Srb);

        if (classic->Function == SRB_FUNCTION_EXECUTE_SCSI) {
            cdb = (PCDB)classic->Cdb;
            cdb_length = classic->CdbLength;
            status = classic->ScsiStatus;
            sense = classic->SenseInfoBuffer;
            sense_length = classic->SenseInfoBufferLength;
        }
    } else {
        PSRBEX_DATA data = WdkScsiExData(extended);

        if (data != NULL && data->Type == SrbExDataTypeScsiCdbVar) {
            PSRBEX_DATA_SCSI_CDB_VAR variable = (PSRBEX_DATA_SCSI_CDB_VAR)data;

            cdb = (PCDB)variable->Cdb;
            cdb_length = variable->CdbLength;
            status = variable->ScsiStatus;
            sense = variable->SenseInfoBuffer;
            sense_length = variable->SenseInfoBufferLength;
        } else if (data != NULL) {
            /* The forms for 16 and 32 bytes differ in the length of Cdb only. */
            PSRBEX_DATA_SCSI_CDB16 fixed = (PSRBEX_DATA_SCSI_CDB16)data;

            cdb = (PCDB)fixed->Cdb;
            cdb_length = fixed->CdbLength;
            status = fixed->ScsiStatus;
            sense = fixed->SenseInfoBuffer;
            sense_length = fixed->SenseInfoBufferLength;
        }
    }
    if (CdbLength8 != NULL)
        *CdbLength8 = cdb_length <= MAXUCHAR ? (UCHAR)cdb_length : 0;
    if (CdbLength32 != NULL)
        *CdbLength32 = cdb_length;
    if (ScsiStatus != NULL)
        *ScsiStatus = status;
    if (SenseInfoBuffer != NULL)
        *SenseInfoBuffer = sense;
    if (SenseInfoBufferLength != NULL)
        *SenseInfoBufferLength = sense_length;
    return cdb;
}

/* Changes what is not NULL, when the request carries a SCSI command. */
FORCEINLINE VOID SrbSetScsiData(PSTORAGE_REQUEST_BLOCK Srb, PUCHAR CdbLength8, PULONG CdbLength32,
                                PUCHAR ScsiStatus, PVOID *SenseInfoBuffer,
                                PUCHAR SenseInfoBufferLength)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);
    PSRBEX_DATA data = extended == NULL ? NULL : WdkScsiExData(extended);

    if (extended == NULL && WdkClassicSrb(Srb)->Function == SRB_FUNCTION_EXECUTE_SCSI) {
        PSCSI_REQUEST_BLOCK classic = WdkClassicSrb(Srb);

        if (CdbLength8 != NULL)
            classic->CdbLength = *CdbLength8;
        if (ScsiStatus != NULL)
            classic->ScsiStatus = *ScsiStatus;
        if (SenseInfoBuffer != NULL)
            classic->SenseInfoBuffer = *SenseInfoBuffer;
        if (SenseInfoBufferLength != NULL)
            classic->SenseInfoBufferLength = *SenseInfoBufferLength;
    } else if (data != NULL && data->Type == SrbExDataTypeScsiCdbVar) {
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
    return SrbGetScsiData((PSTORAGE_REQUEST_BLOCK)Srb, NULL, NULL, NULL, NULL, NULL);
}

FORCEINLINE ULONG SrbGetCdbLength(PVOID Srb)
{
    ULONG length = 0;

    SrbGetScsiData((PSTORAGE_REQUEST_BLOCK)Srb, NULL, &length, NULL, NULL, NULL);
    return length;
}

FORCEINLINE VOID SrbSetCdbLength(PVOID Srb, UCHAR Length)
{
    ULONG length = Length;

    SrbSetScsiData((PSTORAGE_REQUEST_BLOCK)Srb, &Length, &length, NULL, NULL, NULL);
}

FORCEINLINE UCHAR SrbGetScsiStatus(PVOID Srb)
{
    UCHAR status = 0;

    SrbGetScsiData((PSTORAGE_REQUEST_BLOCK)Srb, NULL, NULL, &status, NULL, NULL);
    return status;
}

FORCEINLINE VOID SrbSetScsiStatus(PVOID Srb, UCHAR ScsiStatus)
{
    SrbSetScsiData((PSTORAGE_REQUEST_BLOCK)Srb, NULL, NULL, &ScsiStatus, NULL, NULL);
}

FORCEINLINE PVOID SrbGetSenseInfoBuffer(PVOID Srb)
{
    PVOID buffer = NULL;

    SrbGetScsiData((PSTORAGE_REQUEST_BLOCK)Srb, NULL, NULL, NULL, &buffer, NULL);
    return buffer;
}

FORCEINLINE VOID SrbSetSenseInfoBuffer(PVOID Srb, PVOID SenseInfoBuffer)
{
    SrbSetScsiData((PSTORAGE_REQUEST_BLOCK)Srb, NULL, NULL, NULL, &SenseInfoBuffer, NULL);
}

FORCEINLINE UCHAR SrbGetSenseInfoBufferLength(PVOID Srb)
{
    UCHAR length = 0;

    SrbGetScsiData((PSTORAGE_REQUEST_BLOCK)Srb, NULL, NULL, NULL, NULL, &length);
    return length;
}

FORCEINLINE VOID SrbSetSenseInfoBufferLength(PVOID Srb, UCHAR SenseInfoBufferLength)
{
    SrbSetScsiData((PSTORAGE_REQUEST_BLOCK)Srb, NULL, NULL, NULL, NULL, &SenseInfoBufferLength);
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

FORCEINLINE VOID SrbSetSrbStatus(PVOID Srb, UCHAR Status)
{
    /* The flags besides the status, such as a valid sense buffer, are the caller's to set. */
    WdkClassicSrb(Srb)->SrbStatus = Status;
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

    if (extended == NULL || extended->AddressOffset == 0)
        return NULL;
    return (PSTOR_ADDRESS)((PUCHAR)extended + extended->AddressOffset);
}

/* Bus, target and logical unit. Results are optional; an address of another type gives zeros. */
FORCEINLINE VOID SrbGetPathTargetLun(PVOID Srb, PUCHAR PathId, PUCHAR TargetId, PUCHAR Lun)
{
    UCHAR path = 0, target = 0, unit = 0;

    if (WdkExtendedSrb(Srb) != NULL) {
        PSTOR_ADDRESS address = SrbGetAddress((PSTORAGE_REQUEST_BLOCK)Srb);

        if (address != NULL && address->Type == STOR_ADDRESS_TYPE_BTL8) {
            PSTOR_ADDR_BTL8 btl = (PSTOR_ADDR_BTL8)address;

            path = btl->Path;
            target = btl->Target;
            unit = btl->Lun;
        }
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

FORCEINLINE ULONG SrbGetRequestTag(PVOID Srb)
{
    return SrbGetQueueTag(Srb);
}

FORCEINLINE UCHAR SrbGetRequestAttribute(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? (UCHAR)extended->RequestAttribute : WdkClassicSrb(Srb)->QueueAction;
}

FORCEINLINE VOID SrbSetRequestAttribute(PVOID Srb, UCHAR RequestAttribute)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        extended->RequestAttribute = RequestAttribute;
    else
        WdkClassicSrb(Srb)->QueueAction = RequestAttribute;
}

#define SrbGetQueueAction(srb)         SrbGetRequestAttribute(srb)
#define SrbSetQueueAction(srb, action) SrbSetRequestAttribute((srb), (action))

/* Memory and links that belong to the drivers a request passes through. */
FORCEINLINE PVOID SrbGetMiniportContext(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? extended->MiniportContext : WdkClassicSrb(Srb)->SrbExtension;
}

FORCEINLINE VOID SrbSetMiniportContext(PVOID Srb, PVOID Context)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    if (extended != NULL)
        extended->MiniportContext = Context;
    else
        WdkClassicSrb(Srb)->SrbExtension = Context;
}

#define SrbGetSrbExtension(srb)            SrbGetMiniportContext(srb)
#define SrbSetSrbExtension(srb, extension) SrbSetMiniportContext((srb), (extension))

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

FORCEINLINE PSTORAGE_REQUEST_BLOCK_HEADER SrbGetNextSrb(PVOID Srb)
{
    PSTORAGE_REQUEST_BLOCK extended = WdkExtendedSrb(Srb);

    return extended != NULL ? (PSTORAGE_REQUEST_BLOCK_HEADER)extended->NextSrb
                            : (PSTORAGE_REQUEST_BLOCK_HEADER)WdkClassicSrb(Srb)->NextSrb;
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

    if (extended != NULL) {
        USHORT length = extended->Length;
        UCHAR function = extended->Function;
        ULONG srb_length = extended->SrbLength;

        memset(Srb, 0, srb_length);
        extended->Length = length;
        extended->Function = function;
        extended->SrbLength = srb_length;
    } else {
        USHORT length = WdkClassicSrb(Srb)->Length;

        memset(Srb, 0, sizeof(SCSI_REQUEST_BLOCK));
        WdkClassicSrb(Srb)->Length = length;
    }
}

#endif

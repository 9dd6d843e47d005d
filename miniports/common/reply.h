/*
 * Building the data that a SCSI command returns.
 *
 * Rule: a reply is written as if the buffer were endless, and only what fits is stored. So
 * truncation to the allocation length is in one place, and no command can write past the caller's
 * buffer.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

typedef struct _REPLY {
    PUCHAR Buffer;  /* borrowed from the request; NULL when Capacity is 0 */
    ULONG Capacity; /* bytes that may be stored */
    ULONG Length;   /* bytes that the complete reply has so far; may exceed Capacity */
} REPLY;

/*
 * Prepares a reply in the data buffer of Srb, limited to AllocationLength and to the buffer. IRQL
 * <= DISPATCH_LEVEL. Returns SRB_STATUS_PENDING when the reply can be built, otherwise the status
 * to complete Srb with: SRB_STATUS_BUSY when the buffer cannot be mapped at the moment.
 */
UCHAR ReplyBegin(REPLY *Reply, PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb,
                 ULONG AllocationLength);

/* Sets the transfer length of Srb to what was stored and returns SRB_STATUS_SUCCESS. */
UCHAR ReplyEnd(const REPLY *Reply, PSCSI_REQUEST_BLOCK Srb);

VOID ReplyAppend(REPLY *Reply, const VOID *Bytes, ULONG Count);
VOID ReplyAppendText(REPLY *Reply, const CHAR *Text, ULONG Width); /* padded with blanks */
VOID ReplyAppendZeroes(REPLY *Reply, ULONG Count);
VOID ReplyAppend8(REPLY *Reply, UCHAR Value);
VOID ReplyAppend16(REPLY *Reply, USHORT Value);
VOID ReplyAppend32(REPLY *Reply, ULONG Value);
VOID ReplyAppend64(REPLY *Reply, ULONGLONG Value);

/* Overwrites a byte that was appended earlier: length fields are known only at the end. */
VOID ReplyPatch8(REPLY *Reply, ULONG Offset, UCHAR Value);
VOID ReplyPatch16(REPLY *Reply, ULONG Offset, USHORT Value);
VOID ReplyPatch32(REPLY *Reply, ULONG Offset, ULONG Value);

/* SCSI numbers are big-endian and not aligned. */
static __inline USHORT LoadBigEndian16(const UCHAR *Bytes)
{
    return (USHORT)((Bytes[0] << 8) | Bytes[1]);
}

static __inline ULONG LoadBigEndian32(const UCHAR *Bytes)
{
    return ((ULONG)LoadBigEndian16(Bytes) << 16) | LoadBigEndian16(Bytes + 2);
}

static __inline ULONGLONG LoadBigEndian64(const UCHAR *Bytes)
{
    return ((ULONGLONG)LoadBigEndian32(Bytes) << 32) | LoadBigEndian32(Bytes + 4);
}

/*
 * The address of the request's data in system space, or NULL with the status to complete Srb with
 * in *FailureStatus. IRQL <= DISPATCH_LEVEL. The address is valid until the request is completed.
 */
PUCHAR RequestDataAddress(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb, UCHAR *FailureStatus);

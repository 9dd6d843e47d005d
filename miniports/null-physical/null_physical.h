/*
 * The structures of the null driver for the scratch device, and who may touch what.
 *
 * Rule: a request that is not completed yet is in the Waiting list of one channel, guarded by the
 * lock of that channel's DPC. HwResetBus may not take that lock, so it issues the DPCs and lets
 * them complete what is held.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#include "../common/scsi_disk.h"

#define DRIVER_NAME      "null-physical"
#define MAXIMUM_UNITS    255
#define MAXIMUM_CHANNELS 32
#define BLOCK_SIZE       512UL
#define MAXIMUM_TRANSFER (1024UL * 1024UL)
#define PAGE_BYTES       4096UL

typedef enum _COMPLETE_BY {
    CompleteInStartIo = 0,
    CompleteInDpc = 1,
    CompleteByInterrupt = 2, /* doorbell, interrupt, DPC */
} COMPLETE_BY;

/* What HwBuildIo works out for HwStartIo; it lives in the SRB extension. */
typedef struct _NULL_REQUEST {
    LIST_ENTRY Link; /* in a channel's Waiting */
    PSCSI_REQUEST_BLOCK Srb;
    ULONG ListedBytes;    /* sum of the scatter/gather elements */
    ULONG ListedElements; /* how many there are */
} NULL_REQUEST;

typedef struct _NULL_CHANNEL {
    STOR_DPC Dpc;
    LIST_ENTRY Waiting; /* NULL_REQUEST */
    ULONG Message;      /* the doorbell value, and the message that follows */
    UCHAR Padding[100]; /* 192 bytes: at most the edge of a cache line is shared */
} NULL_CHANNEL;

typedef struct _NULL_ADAPTER {
    PUCHAR Registers; /* mapped BAR 0 */
    COMPLETE_BY CompleteBy;
    ULONG ChannelCount;
    ULONG MessageCount; /* 0: the device interrupts by its line */
    ULONG UnitCount;
    NULL_CHANNEL Channels[MAXIMUM_CHANNELS];
    SCSI_DISK Disks[MAXIMUM_UNITS];
} NULL_ADAPTER;

static __inline ULONG ReadRegister(NULL_ADAPTER *Adapter, ULONG Offset)
{
    return StorPortReadRegisterUlong(Adapter, (PULONG)(Adapter->Registers + Offset));
}

static __inline VOID WriteRegister(NULL_ADAPTER *Adapter, ULONG Offset, ULONG Value)
{
    StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + Offset), Value);
}

/* null_physical_io.c */
HW_BUILDIO NullBuildIo;
HW_STARTIO NullStartIo;
HW_INTERRUPT NullInterrupt;
HW_MESSAGE_SIGNALED_INTERRUPT_ROUTINE NullMessageInterrupt;
HW_DPC_ROUTINE NullDpc;
HW_RESET_BUS NullResetBus;

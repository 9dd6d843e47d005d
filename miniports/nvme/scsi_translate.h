/*
 * The SCSI side of the driver: what a CDB means for a namespace.
 *
 * Rule: nothing here touches a register, an SRB or the port. A command comes in as plain values and
 * leaves as plain values, so that every translation can be tested without a controller. Callers own
 * all memory; nothing is kept after a call returns. Any IRQL.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#include <nvme.h>

/* LUNs are 8 bits wide in a BTL8 address; 255 is the largest count that the port accepts. */
#define NVME_MAX_UNITS 255

/* Bytes of one descriptor of an UNMAP list, of its header, and of a WRITE SAME count limit. */
#define SCSI_UNMAP_HEADER_BYTES        8
#define SCSI_UNMAP_DESCRIPTOR_BYTES    16
#define SCSI_WRITE_SAME_MAXIMUM_BLOCKS 0x10000

/* Why the next command to a unit gets a unit attention. */
#define NVME_ATTENTION_NONE     0
#define NVME_ATTENTION_CAPACITY 1

/* One logical unit: a namespace that is active and that this driver can serve. */
typedef struct _NVME_UNIT {
    volatile BOOLEAN Present;  /* A namespace is behind this LUN. */
    volatile BOOLEAN Changing; /* Its format is being replaced: answer BUSY until this is FALSE. */
    volatile BOOLEAN WriteProtected;
    volatile BOOLEAN ThinProvisioned;
    volatile BOOLEAN DeallocatedReadsZero;
    volatile BOOLEAN WriteZeroesDeallocates;
    volatile BOOLEAN DescriptorSense; /* The D_SENSE bit of the control mode page. */
    BOOLEAN Seen;                     /* Used while the namespaces are scanned. */
    UCHAR BlockShift;                 /* Block size is 1 << BlockShift: 512 to 4096 bytes. */
    ULONG NamespaceId;
    volatile ULONGLONG BlockCount;
    volatile LONG Attention; /* NVME_ATTENTION_...; taken by the command that reports it. */
    volatile ULONG PreferredDeallocate; /* Blocks; 0 when the namespace names no granularity. */
    UCHAR Nguid[16];
    UCHAR Eui64[8];
} NVME_UNIT, *PNVME_UNIT;

/* What the controller is and can do, as its identify data said after validation. */
typedef struct _NVME_IDENTITY {
    UCHAR SerialNumber[20];
    UCHAR ModelNumber[40];
    UCHAR FirmwareRevision[8];
    ULONG Version;
    ULONG NamespaceCount; /* NN: the highest namespace identifier. */
    ULONG MaximumTransferBytes;
    BOOLEAN VolatileWriteCache;
    volatile BOOLEAN WriteCacheEnabled;
    BOOLEAN HasCompare;
    BOOLEAN HasDeallocate;
    BOOLEAN HasWriteZeroes;
    BOOLEAN HasVerify;
    BOOLEAN HasShadowDoorbells;
    UCHAR AbortLimit;      /* Commands that may be aborted at once. */
    UCHAR AsyncEventLimit; /* Asynchronous event requests that may be outstanding. */
    USHORT WarningKelvin;  /* WCTEMP; 0 when the controller names no limit. */
    ULONG AsyncEventMask;  /* OAES: the notices that the controller can send. */
} NVME_IDENTITY, *PNVME_IDENTITY;

/* The controller with all its units, as SCSI sees it: one target. */
typedef struct _NVME_TARGET {
    NVME_IDENTITY Identity;
    NVME_UNIT Units[NVME_MAX_UNITS];
} NVME_TARGET, *PNVME_TARGET;

/* What the caller has to do with a command after its translation. */
typedef enum _SCSI_OUTCOME {
    ScsiOutcomeDone,  /* Finished: ScsiStatus, the sense triple and ReplyLength hold the answer. */
    ScsiOutcomeBusy,  /* The unit is changing: answer busy and leave everything as it was. */
    ScsiOutcomeIo,    /* Put Command on an I/O queue. */
    ScsiOutcomeAdmin, /* Put Command on the admin queue, then call ScsiFinishAdmin. */
} SCSI_OUTCOME;

/* What ScsiFinishAdmin has to do when the admin command of a SCSI command has completed. */
typedef enum _SCSI_ADMIN_REPLY {
    ScsiAdminReplyNone,
    ScsiAdminReplyTemperature,
    ScsiAdminReplyExceptions,
    ScsiAdminReplyWriteCache,
} SCSI_ADMIN_REPLY;

/* Where the memory of the NVMe command lies. */
typedef enum _SCSI_DATA {
    ScsiDataNone,    /* The command moves no data. */
    ScsiDataBuffer,  /* The request's data buffer, TransferLength bytes from its start. */
    ScsiDataScratch, /* The scratch area, TransferLength bytes from its start. */
} SCSI_DATA;

typedef struct _SCSI_COMMAND {
    /* In. */
    const UCHAR *Cdb; /* CdbLength bytes are valid. */
    ULONG CdbLength;
    UCHAR Lun;
    PUCHAR Data; /* CPU address of the data buffer; may be NULL for the block commands. */
    ULONG DataLength;
    PNVME_TARGET Target;
    PUCHAR Scratch; /* Memory that the device can read and write, at least 512 bytes. */
    ULONG ScratchLength;

    /* Out. */
    PNVME_COMMAND Nvme; /* Filled for Io and Admin, except for CID and the data pointers. */
    SCSI_DATA DataPlace;
    ULONG TransferLength; /* Bytes that the NVMe command moves. */
    ULONG ReplyLength;    /* Bytes of the data buffer that are used; goes to DataTransferLength. */
    SCSI_ADMIN_REPLY AdminReply;
    ULONG AdminArgument; /* For AdminReply: the write-cache bit, or the allocation length. */
    UCHAR ScsiStatus;
    UCHAR SenseKey;
    UCHAR Asc;
    UCHAR Ascq;
} SCSI_COMMAND, *PSCSI_COMMAND;

/*
 * Translates one command. Every output is set, whatever the outcome. The unit of Lun may be absent:
 * then only REPORT LUNS is answered and everything else ends as LOGICAL UNIT NOT SUPPORTED; a
 * caller that wants SRB_STATUS_NO_DEVICE checks first.
 */
SCSI_OUTCOME ScsiTranslate(PSCSI_COMMAND Command);

/* TRUE for the commands whose data never passes through the CPU: READ, WRITE and VERIFY. */
BOOLEAN ScsiIsBlockTransfer(UCHAR OperationCode);

/*
 * Finishes a command whose outcome was Admin, after its NVMe command succeeded. Reads the scratch
 * area and writes Data and ReplyLength.
 */
VOID ScsiFinishAdmin(PSCSI_COMMAND Command);

/* scsi_sense.c: the ends of a command. */
SCSI_OUTCOME ScsiGood(PSCSI_COMMAND Command, ULONG ReplyLength);
SCSI_OUTCOME ScsiFail(PSCSI_COMMAND Command, UCHAR SenseKey, UCHAR Asc, UCHAR Ascq);
SCSI_OUTCOME ScsiFailField(PSCSI_COMMAND Command);

/*
 * Maps the status of a failed NVMe command to a SCSI status and sense triple, as the NVM Express
 * SCSI translation reference does. Status is the 16-bit status field without its phase bit meaning.
 */
VOID ScsiSenseFromNvme(NVME_COMMAND_STATUS Status, PSCSI_COMMAND Command);

/*
 * Writes sense data of at most BufferLength bytes, in descriptor or fixed format. Returns the
 * number of bytes written: 0 when Buffer is NULL or shorter than the smallest useful form (8
 * bytes).
 */
UCHAR ScsiWriteSense(PVOID Buffer, UCHAR BufferLength, BOOLEAN Descriptor, UCHAR SenseKey,
                     UCHAR Asc, UCHAR Ascq);

/*
 * Ends a command with a reply: copies min(ReplyLength, Allocation, DataLength) bytes. An allocation
 * length of zero is no error.
 */
SCSI_OUTCOME ScsiReply(PSCSI_COMMAND Command, const UCHAR *Reply, ULONG ReplyLength,
                       ULONG Allocation);

/* The parts of the translation, one file each. Unit is present. */
SCSI_OUTCOME ScsiInquiry(PSCSI_COMMAND Command, PNVME_UNIT Unit);
SCSI_OUTCOME ScsiReportLuns(PSCSI_COMMAND Command);
SCSI_OUTCOME ScsiModeSense(PSCSI_COMMAND Command, PNVME_UNIT Unit);
SCSI_OUTCOME ScsiModeSelect(PSCSI_COMMAND Command, PNVME_UNIT Unit);
SCSI_OUTCOME ScsiLogSense(PSCSI_COMMAND Command, PNVME_UNIT Unit);
SCSI_OUTCOME ScsiReadCapacity10(PSCSI_COMMAND Command, PNVME_UNIT Unit);
SCSI_OUTCOME ScsiReadCapacity16(PSCSI_COMMAND Command, PNVME_UNIT Unit);
SCSI_OUTCOME ScsiReadWrite(PSCSI_COMMAND Command, PNVME_UNIT Unit);
SCSI_OUTCOME ScsiVerify(PSCSI_COMMAND Command, PNVME_UNIT Unit);
SCSI_OUTCOME ScsiFlush(PSCSI_COMMAND Command, PNVME_UNIT Unit);
SCSI_OUTCOME ScsiUnmap(PSCSI_COMMAND Command, PNVME_UNIT Unit);
SCSI_OUTCOME ScsiWriteSame(PSCSI_COMMAND Command, PNVME_UNIT Unit);

/* SCSI numbers are big-endian and not aligned. */
static __inline USHORT ScsiGet16(const UCHAR *Bytes)
{
    return (USHORT)((Bytes[0] << 8) | Bytes[1]);
}

static __inline ULONG ScsiGet32(const UCHAR *Bytes)
{
    return ((ULONG)Bytes[0] << 24) | ((ULONG)Bytes[1] << 16) | ((ULONG)Bytes[2] << 8) | Bytes[3];
}

static __inline ULONGLONG ScsiGet64(const UCHAR *Bytes)
{
    return ((ULONGLONG)ScsiGet32(Bytes) << 32) | ScsiGet32(Bytes + 4);
}

static __inline VOID ScsiPut16(PUCHAR Bytes, USHORT Value)
{
    Bytes[0] = (UCHAR)(Value >> 8);
    Bytes[1] = (UCHAR)Value;
}

static __inline VOID ScsiPut32(PUCHAR Bytes, ULONG Value)
{
    Bytes[0] = (UCHAR)(Value >> 24);
    Bytes[1] = (UCHAR)(Value >> 16);
    Bytes[2] = (UCHAR)(Value >> 8);
    Bytes[3] = (UCHAR)Value;
}

static __inline VOID ScsiPut64(PUCHAR Bytes, ULONGLONG Value)
{
    ScsiPut32(Bytes, (ULONG)(Value >> 32));
    ScsiPut32(Bytes + 4, (ULONG)Value);
}

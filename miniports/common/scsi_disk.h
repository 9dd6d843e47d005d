/*
 * A SCSI disk as our miniports show it: what it is, and the answers to every command that does not
 * touch the medium.
 *
 * Rule: a function here that takes a request never completes it. It returns the SRB status to
 * complete it with, or SRB_STATUS_PENDING, which is no completion status, when the command is still
 * to be carried out.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#define SCSI_DISK_PRODUCT_LENGTH 16
#define SCSI_DISK_SERIAL_LENGTH  16

/* One logical unit. Filled before the first request; only Stopped changes afterwards. */
typedef struct _SCSI_DISK {
    ULONGLONG BlockCount;        /* at least 1 */
    ULONG BlockSize;             /* bytes: 512 or 4096 */
    ULONG MaximumTransferBlocks; /* per read or write; reported only */
    ULONG MaximumZeroBlocks;     /* per UNMAP or WRITE SAME; enforced */
    BOOLEAN ReadOnly;
    BOOLEAN WriteCache;       /* acknowledged writes may need a flush to last */
    BOOLEAN CanUnmap;         /* UNMAP and WRITE SAME with UNMAP; unmapped blocks read as zeroes */
    BOOLEAN ThinProvisioned;  /* blocks use no space before they are written */
    volatile BOOLEAN Stopped; /* START STOP UNIT has stopped it */
    ULONGLONG Identifier;     /* from ScsiDiskSetIdentity */
    CHAR Product[SCSI_DISK_PRODUCT_LENGTH + 1];
    CHAR Serial[SCSI_DISK_SERIAL_LENGTH + 1];
} SCSI_DISK;

typedef enum _SCSI_DISK_OPERATION {
    ScsiDiskRead,
    ScsiDiskWrite,
    ScsiDiskVerify,    /* the medium is readable; with Compare, equal to the request's data */
    ScsiDiskWriteSame, /* the one block of data, or zeroes without data, over the whole range */
    ScsiDiskUnmap,     /* the ranges are in the request's data: ScsiDiskUnmapNext */
    ScsiDiskFlush,
} SCSI_DISK_OPERATION;

typedef struct _SCSI_DISK_COMMAND {
    SCSI_DISK_OPERATION Operation;
    ULONGLONG FirstBlock;
    ULONG BlockCount;
    ULONG DataLength;        /* bytes of the request's data that the command uses */
    BOOLEAN ForceUnitAccess; /* a write must be durable, a read must come from the medium */
    BOOLEAN Compare;         /* ScsiDiskVerify */
    BOOLEAN NoData; /* ScsiDiskWriteSame: the pattern is zero, and the request has no data */
} SCSI_DISK_COMMAND;

/*
 * Gives Disk its product name and a serial number and identifier that depend on nothing but Seed
 * (any text) and Number, so that the same disk is recognised after a restart.
 */
VOID ScsiDiskSetIdentity(SCSI_DISK *Disk, const CHAR *Product, const CHAR *Seed, ULONG Number);

/*
 * Answers an EXECUTE_SCSI request to unit Lun of the UnitCount units in Disks, when it needs no
 * medium (INQUIRY, REPORT LUNS, READ CAPACITY, MODE SENSE, TEST UNIT READY, START STOP UNIT,
 * REQUEST SENSE) or cannot succeed (no such unit, unknown command). IRQL <= DISPATCH_LEVEL; does
 * not block.
 */
UCHAR ScsiDiskAnswer(PVOID DeviceExtension, SCSI_DISK *Disks, ULONG UnitCount, ULONG Lun,
                     PSCSI_REQUEST_BLOCK Srb);

/*
 * Decodes a command for the medium into *Command and checks it against Disk: known, ready,
 * writable, in range, and not longer than the request's data. Whoever carries it out sets the
 * transfer length of Srb to DataLength on success; not before, because a request that is answered
 * BUSY must keep its length.
 */
UCHAR ScsiDiskDecode(const SCSI_DISK *Disk, PSCSI_REQUEST_BLOCK Srb, SCSI_DISK_COMMAND *Command);

/* Walks the ranges of an UNMAP parameter list. Starts out all zero. */
typedef struct _SCSI_DISK_UNMAP_CURSOR {
    ULONGLONG FirstBlock; /* of the range that was read last */
    ULONG BlockCount;
    ULONG NextIndex;
    ULONGLONG TotalBlocks; /* of all ranges read so far */
} SCSI_DISK_UNMAP_CURSOR;

/*
 * Reads the next range of an UNMAP parameter list of ListLength bytes. Returns SRB_STATUS_PENDING
 * with the range in *Cursor, SRB_STATUS_SUCCESS after the last one, otherwise a failure: a range
 * that is not on the disk, or more blocks in all than the disk unmaps at once. The list may be
 * shared memory: each call reads it once and checks what it read.
 */
UCHAR ScsiDiskUnmapNext(const SCSI_DISK *Disk, PSCSI_REQUEST_BLOCK Srb, const UCHAR *List,
                        ULONG ListLength, SCSI_DISK_UNMAP_CURSOR *Cursor);

/* Ends Srb with CHECK CONDITION and fixed-format sense data. Returns the status to complete it
 * with. */
UCHAR ScsiDiskCheckCondition(PSCSI_REQUEST_BLOCK Srb, UCHAR SenseKey, UCHAR AdditionalSenseCode,
                             UCHAR AdditionalSenseCodeQualifier);

/* The commands that are in files of their own. */
UCHAR ScsiDiskInquiry(PVOID DeviceExtension, const SCSI_DISK *Disk, PSCSI_REQUEST_BLOCK Srb,
                      const UCHAR *Cdb);
UCHAR ScsiDiskModeSense(PVOID DeviceExtension, const SCSI_DISK *Disk, PSCSI_REQUEST_BLOCK Srb,
                        const UCHAR *Cdb);

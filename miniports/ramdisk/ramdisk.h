/*
 * The RAM disk's own structures, and who may touch what.
 *
 * Rule: everything but the request queue is written before the first request and after the last one
 * only. So HwStartIo, which runs on many processors at once, needs no lock for a memory disk; for a
 * file the lock of the queue is the only one.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#include "../common/memory_disk.h"
#include "../common/scsi_disk.h"
#include "../common/settings.h"

#define RAMDISK_MAXIMUM_UNITS    64
#define RAMDISK_MAXIMUM_TRANSFER (1024UL * 1024UL) /* bytes of one request */
#define RAMDISK_SCRATCH_SIZE     RAMDISK_MAXIMUM_TRANSFER
#define RAMDISK_TAG              'dmaR'

typedef struct _RAMDISK_SETTINGS {
    ULONG SizeMegabytes; /* of each unit; 0: not given, and a backing file tells the size */
    ULONG SectorSize;    /* bytes */
    ULONG ReadOnly;
    ULONG LogicalUnits;
    ULONG WriteCache;
    ULONG SrbType; /* SRB_TYPE_SCSI_REQUEST_BLOCK or SRB_TYPE_STORAGE_REQUEST_BLOCK */
    CHAR BackingFile[SETTING_TEXT_SIZE]; /* empty: the units live in memory */
} RAMDISK_SETTINGS;

/* What the worker needs to know of a request; it lives in the SRB extension. */
typedef struct _RAMDISK_REQUEST {
    LIST_ENTRY Link;
    PSCSI_REQUEST_BLOCK Srb;
    SCSI_DISK_COMMAND Command;
    PUCHAR Data; /* in system space; NULL when Command.DataLength is 0 */
} RAMDISK_REQUEST;

/* The open backing file. Used by the worker alone once the adapter runs. */
typedef struct _RAMDISK_FILE {
    HANDLE Handle;     /* NULL: not open */
    PUCHAR Scratch;    /* RAMDISK_SCRATCH_SIZE bytes for patterns, comparisons and zeroes */
    BOOLEAN FlushLost; /* a flush has failed: acknowledged data may be gone, see ramdisk_file.c */
    BOOLEAN CannotZeroRanges; /* the file system has refused; zeroes are written instead */
} RAMDISK_FILE;

/* Requests on their way to the worker thread. Lock guards all members but Wake and Thread. */
typedef struct _RAMDISK_QUEUE {
    KSPIN_LOCK Lock;
    LIST_ENTRY Waiting; /* RAMDISK_REQUEST, first in first out */
    LIST_ENTRY Resets;  /* reset requests that wait until nothing is executing */
    BOOLEAN Executing;  /* the worker has taken a request off and not completed it yet */
    BOOLEAN Ending;     /* the worker is to leave */
    KEVENT Wake;        /* synchronization event: something was added, or Ending was set */
    PVOID Thread;       /* the referenced thread object; NULL when there is none */
} RAMDISK_QUEUE;

typedef struct _RAMDISK_ADAPTER {
    RAMDISK_SETTINGS Settings;
    ULONG UnitCount;
    SCSI_DISK Disks[RAMDISK_MAXIMUM_UNITS];
    MEMORY_DISK Memories[RAMDISK_MAXIMUM_UNITS]; /* unused with a backing file */
    RAMDISK_FILE File;
    RAMDISK_QUEUE Queue;
    BOOLEAN Created; /* the media exist; they are kept over stop and restart */
} RAMDISK_ADAPTER;

/* ramdisk_config.c. PASSIVE_LEVEL. FALSE: a value is wrong, and a line has said which. */
BOOLEAN RamdiskReadSettings(RAMDISK_ADAPTER *Adapter);

/* ramdisk_media.c. PASSIVE_LEVEL. Both tolerate an adapter that was created in part. */
BOOLEAN RamdiskCreateMedia(RAMDISK_ADAPTER *Adapter);
VOID RamdiskDestroyMedia(RAMDISK_ADAPTER *Adapter);

/* ramdisk_io.c */
HW_STARTIO RamdiskStartIo;
HW_RESET_BUS RamdiskResetBus;
VOID RamdiskComplete(RAMDISK_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR SrbStatus);

/*
 * ramdisk_file.c. PASSIVE_LEVEL. Opening stores the size of the file in *Bytes, which is
 * Settings.SizeMegabytes when the file is new.
 */
BOOLEAN RamdiskFileOpen(RAMDISK_ADAPTER *Adapter, ULONGLONG *Bytes);
VOID RamdiskFileClose(RAMDISK_ADAPTER *Adapter);

/*
 * Carries out Request on the file and returns the status to complete it with. Only the worker calls
 * it. A request that promises durability returns SRB_STATUS_SUCCESS only after a flush that
 * succeeded.
 */
UCHAR RamdiskFileExecute(RAMDISK_ADAPTER *Adapter, RAMDISK_REQUEST *Request);

/*
 * ramdisk_dump.c. The first two answer SRB_FUNCTION_DUMP_POINTERS and
 * SRB_FUNCTION_FREE_DUMP_POINTERS in the live instance (PASSIVE_LEVEL); the last one makes the
 * instance that writes the dump (HIGH_LEVEL). FALSE: it was not given what it needs.
 */
UCHAR RamdiskGiveDumpData(RAMDISK_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb);
UCHAR RamdiskTakeBackDumpData(RAMDISK_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb);
BOOLEAN RamdiskReadDumpData(RAMDISK_ADAPTER *Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo);

/* ramdisk_worker.c */
BOOLEAN RamdiskWorkerStart(RAMDISK_ADAPTER *Adapter); /* PASSIVE_LEVEL */
VOID RamdiskWorkerStop(RAMDISK_ADAPTER *Adapter); /* PASSIVE_LEVEL; waits for the thread to end */

/* Hands Request to the worker, which completes its Srb. IRQL <= DISPATCH_LEVEL; does not block. */
VOID RamdiskWorkerQueue(RAMDISK_ADAPTER *Adapter, RAMDISK_REQUEST *Request);

/*
 * Completes all requests that wait with SRB_STATUS_BUS_RESET. Returns TRUE when none is executing.
 * When one is and ResetRequest is not NULL, ResetRequest is completed with success as soon as it
 * has ended; its memory cannot be given up before, since the file system may still be reading or
 * writing it. IRQL <= DISPATCH_LEVEL.
 */
BOOLEAN RamdiskWorkerReset(RAMDISK_ADAPTER *Adapter, RAMDISK_REQUEST *ResetRequest);

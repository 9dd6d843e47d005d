/*
 * The medium of a disk that lives in nonpaged pool.
 *
 * Rule: every byte is allocated and zeroed before the first request, so no request can fail for
 * memory. Requests may run in parallel; two that overlap leave some mixture of both, as on a disk,
 * because a disk orders only what the host orders.
 */
#pragma once

#include "scsi_disk.h"

#define MEMORY_DISK_CHUNK_SIZE (1024UL * 1024UL) /* bytes of one pool allocation */

typedef struct _MEMORY_DISK {
    PUCHAR *Chunks; /* owned; the last one may be used in part */
    ULONG ChunkCount;
} MEMORY_DISK;

/*
 * Allocates a medium of Bytes bytes, which must be at least 1. IRQL <= DISPATCH_LEVEL. FALSE: not
 * enough memory, and nothing is left allocated.
 */
BOOLEAN MemoryDiskCreate(PVOID DeviceExtension, MEMORY_DISK *Memory, ULONGLONG Bytes);

/* Frees the medium; does nothing for one that was never created (all zero) or is freed already. */
VOID MemoryDiskDestroy(PVOID DeviceExtension, MEMORY_DISK *Memory);

/*
 * Carries out a command that ScsiDiskDecode has accepted and returns the status to complete Srb
 * with. IRQL
 * <= DISPATCH_LEVEL, from any number of threads; does not block. A flush has nothing to do.
 */
UCHAR MemoryDiskExecute(PVOID DeviceExtension, const SCSI_DISK *Disk, const MEMORY_DISK *Memory,
                        PSCSI_REQUEST_BLOCK Srb, const SCSI_DISK_COMMAND *Command);

/*
 * What the files of the miniport share.
 */
#pragma once

#include "dumper.h"

#include "../../../miniports/common/scsi_disk.h"

/* A request that waits for the interrupt, and what is then to be done. */
typedef struct _WAITING {
    PSCSI_REQUEST_BLOCK Srb;
    UCHAR Status; /* SRB_STATUS_PENDING: Command */
    SCSI_DISK_COMMAND Command;
} WAITING;

typedef struct _ADAPTER {
    DUMPER_RECORD *Record;
    UCHAR Mode;      /* not 0: this instance writes a dump */
    BOOLEAN Done;    /* what it was asked to do once */
    BOOLEAN Virtual; /* there are no registers: requests are completed in StartIo */
    PUCHAR Registers;
    WAITING Waiting[32];
    ULONG WaitingCount;
    PUCHAR Uncached;
    PVOID Timer, Worker;
    STOR_DPC Dpc;
    SCSI_DISK Disk;
} ADAPTER;

/* dumper_main.c: what the live instance gives to the other one. */
PVOID DumperData(VOID);

/* dumper_io.c */
HW_STARTIO DumperStartIo;
HW_INTERRUPT DumperInterrupt;
/* Notes a callback of the instance that writes. */
VOID DumperNote(ADAPTER *Adapter, const CHAR *Callback, UCHAR Operation);

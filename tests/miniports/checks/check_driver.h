/*
 * The driver around the checks: its records, and the one way by which a place runs its check.
 */
#pragma once

#include "check.h"

/* The SRB extension. */
typedef struct _CHECK_REQUEST {
    PVOID Data; /* system address of the data, or NULL */
} CHECK_REQUEST;

typedef struct _CHECK_ADAPTER {
    CHECK_SHARED *Shared;
    const CHECK_ROW *Row;
    CHECK_MODEL Model;
    ULONG OnlyPlace;
    CHECK_INTERRUPTS Interrupts;
    BOOLEAN StorageBlocks;
    PUCHAR Registers;
    PVOID TimerHandle, Worker;
    STOR_DPC Dpc, SpareDpc;
    PSCSI_REQUEST_BLOCK Pending; /* the one request of CHECK_OP that is under way */
    volatile LONG PendingPlace;  /* where interrupts and DPCs are to lead */
    STOR_ADDR_BTL8 ChangedAddress;
    UCHAR Memory[CHECK_MEMORY_BYTES];
} CHECK_ADAPTER;

/* check_run.c */
ULONG CheckCount(VOID);
const CHECK_ROW *CheckRowAt(ULONG Index);
VOID CheckList(CHECK_SHARED *Shared);
/* Runs the adapter's check if it wants the place. TRUE: the request is ours to complete still. */
BOOLEAN CheckRun(CHECK_ADAPTER *Adapter, CHECK_PLACE Place, PSCSI_REQUEST_BLOCK Srb);
VOID CheckRunIn(CHECK_ADAPTER *Adapter, CHECK_CONTEXT *Context);
/* All checks of DriverEntry; what they found is handed to the adapter whose check it is. */
VOID CheckRunEarly(PVOID DriverObject, PVOID RegistryPath);
VOID CheckTakeEarly(CHECK_ADAPTER *Adapter);

/* check_io.c */
VOID NTAPI CheckTrigger(PVOID DeviceExtension, ULONG Place);
HW_BUILDIO CheckHwBuildIo;
HW_STARTIO CheckHwStartIo;
HW_RESET_BUS CheckHwResetBus;
HW_INTERRUPT CheckHwInterrupt;
HW_MESSAGE_SIGNALED_INTERRUPT_ROUTINE CheckHwMessage;
HW_DPC_ROUTINE CheckHwDpc;
HW_DPC_ROUTINE CheckHwSpareDpc;

/*
 * A virtual miniport whose disk is a program in user space: the program plugs in a unit, fetches
 * its requests and answers them. A device of the driver's own shows each way of a control code.
 */
#pragma once

#include <ntifs.h>
#include <storport.h>

#include "../../../miniports/common/scsi_disk.h"
#include "partner_protocol.h"

/* A request that waits for the program or is with it. */
typedef struct _PARTNER_REQUEST {
    LIST_ENTRY Entry;
    PSCSI_REQUEST_BLOCK Srb;
    ULONGLONG Tag;
    SCSI_DISK_COMMAND Command;
} PARTNER_REQUEST;

typedef struct _PARTNER_ADAPTER {
    PDEVICE_OBJECT DeviceObject;
    KSPIN_LOCK Lock;
    SCSI_DISK Disk;
    BOOLEAN Plugged;
    ULONG Owner;
    ULONGLONG LastTag;
    LIST_ENTRY Waiting; /* requests, for a fetch */
    LIST_ENTRY Fetched; /* requests, with the program */
    LIST_ENTRY Fetches; /* IRPs, for a request */
    PMDL Held;
    struct partner_counts Counts;
} PARTNER_ADAPTER;

extern PARTNER_ADAPTER *PartnerOnly;

/* partner_io.c */
VOID PartnerAnswer(PARTNER_ADAPTER *Adapter, PIRP Irp, const struct partner_message *Answer);
BOOLEAN PartnerGive(PARTNER_ADAPTER *Adapter, PIRP Irp);
VOID PartnerEndRequests(PARTNER_ADAPTER *Adapter);
HW_STARTIO PartnerStartIo;

/* partner_service.c */
extern KQUEUE PartnerQueue;
VOID PartnerWork(PARTNER_ADAPTER *Adapter);
VOID PartnerUnplug(PARTNER_ADAPTER *Adapter);
VOID NTAPI PartnerProcess(HANDLE ParentId, HANDLE ProcessId, BOOLEAN Create);
HW_PROCESS_SERVICE_REQUEST PartnerProcessServiceRequest;
HW_COMPLETE_SERVICE_IRP PartnerCompleteServiceIrp;

/* partner_pnp.c */
VOID PartnerHook(PDRIVER_OBJECT DriverObject);
/* What was heard since the last call. */
ULONG PartnerTell(PCHAR Text, ULONG Room);
VOID PartnerRefuse(const CHAR *Event, ULONG Length);

/* partner_device.c */
NTSTATUS PartnerDeviceCreate(PDRIVER_OBJECT DriverObject);
VOID PartnerDeviceDelete(VOID);

/*
 * A virtual miniport without a disk, for what virtual miniports do besides: service requests that
 * pend, are cancelled, go through a thread, or are left at removal; dispatch routines wrapped after
 * StorPortInitialize.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#include <ntddscsi.h>
#include <srbhelper.h>

#include "service_protocol.h"

typedef struct _SERVICE_ADAPTER {
    SERVICE_SHARED *Shared;
    KSPIN_LOCK Lock;
    LIST_ENTRY Pending; /* by Tail.Overlay.ListEntry */
    LIST_ENTRY Work;
    KSEMAPHORE WorkCount;
    volatile LONG Stopping;
    PVOID Worker;
    PDEVICE_OBJECT DeviceObject;
    ULONG Last;
} SERVICE_ADAPTER;

/* service_answer.c */
HW_PROCESS_SERVICE_REQUEST ServiceProcessServiceRequest;
HW_COMPLETE_SERVICE_IRP ServiceCompleteServiceIrp;
NTSTATUS ServiceStartWorker(SERVICE_ADAPTER *Adapter);
VOID ServiceStopWorker(SERVICE_ADAPTER *Adapter);

/* service_hooks.c */
VOID ServiceHook(PDRIVER_OBJECT DriverObject);
/* Hooks have no device extension: one adapter a test. */
extern SERVICE_ADAPTER *ServiceOnly;
extern SERVICE_SHARED *ServiceSharedOnly;

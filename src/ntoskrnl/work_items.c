/*
 * work_items.c - Io and Ex: routines of a driver that run once on a system thread at PASSIVE_LEVEL.
 */
#include "nt/bugcheck.h"
#include "nt/device.h"
#include "nt/export.h"
#include "nt/memory.h"
#include "nt/work.h"

#include <ntddk.h>
#include <stdlib.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Work items", irql_max_)

enum { WORK_TAG = 0x6B726F57 /* "Work" */ };

/* ---- items of the I/O manager: the device stays until the routine has returned ---- */

struct _IO_WORKITEM {
    struct nt_work work;
    DEVICE_OBJECT *device;
    PIO_WORKITEM_ROUTINE routine;
    PIO_WORKITEM_ROUTINE_EX routine_ex;
    PVOID context;
};

static void item_run(void *context)
{
    struct _IO_WORKITEM item = *(struct _IO_WORKITEM *)context; /* the routine may free it */
    struct nt_evidence frame;

    nt_evidence_push(nt_self(), &frame, "work item", item.device->Reserved, NULL);
    if (item.routine)
        item.routine(item.device, item.context);
    else
        item.routine_ex(item.device, item.context, context);
    nt_evidence_pop(nt_self(), &frame);
    nt_object_release(item.device);
}

PIO_WORKITEM NTAPI IoAllocateWorkItem(PDEVICE_OBJECT DeviceObject)
{
    PIO_WORKITEM item = nt_pool_allocate(sizeof(*item), WORK_TAG, NULL);

    if (!item)
        return NULL;
    *item = (struct _IO_WORKITEM){.device = DeviceObject};
    nt_work_initialize(&item->work, item_run, item);
    return item;
}
EXPORT(IoAllocateWorkItem, NT_DISPATCH_LEVEL);

VOID NTAPI IoFreeWorkItem(PIO_WORKITEM IoWorkItem)
{
    /* What is no live block is for the pool to report. */
    if (nt_pool_size(IoWorkItem) && __atomic_load_n(&IoWorkItem->work.queued, __ATOMIC_ACQUIRE))
        nt_bugcheck(NT_BUGCHECK_WORKER_INVALID, 0, (uintptr_t)IoWorkItem, 0, 0,
                    "the driver freed a work item that is queued");
    nt_pool_free(IoWorkItem);
}
EXPORT(IoFreeWorkItem, NT_DISPATCH_LEVEL);

static void item_queue(PIO_WORKITEM item)
{
    nt_object_reference(item->device);
    if (!nt_work_queue(&item->work))
        nt_bugcheck(NT_BUGCHECK_WORKER_INVALID, 1, (uintptr_t)item, 0, 0,
                    "the driver queued a work item that is queued");
}

VOID NTAPI IoQueueWorkItem(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE WorkerRoutine,
                           WORK_QUEUE_TYPE QueueType, PVOID Context)
{
    (void)QueueType;
    IoWorkItem->routine = WorkerRoutine;
    IoWorkItem->routine_ex = NULL;
    IoWorkItem->context = Context;
    item_queue(IoWorkItem);
}
EXPORT(IoQueueWorkItem, NT_DISPATCH_LEVEL);

VOID NTAPI IoQueueWorkItemEx(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE_EX WorkerRoutine,
                             WORK_QUEUE_TYPE QueueType, PVOID Context)
{
    (void)QueueType;
    IoWorkItem->routine = NULL;
    IoWorkItem->routine_ex = WorkerRoutine;
    IoWorkItem->context = Context;
    item_queue(IoWorkItem);
}
EXPORT(IoQueueWorkItemEx, NT_DISPATCH_LEVEL);

/* ---- items of the executive: memory of the driver, which is its own again when the routine
 * begins ---- */

struct executive_work {
    struct nt_work work;
    PWORKER_THREAD_ROUTINE routine;
    PVOID parameter;
    PWORK_QUEUE_ITEM item;
};

static void executive_run(void *context)
{
    struct executive_work work = *(struct executive_work *)context;
    struct nt_evidence frame;

    nt_pool_free(context);
    __atomic_store_n(&work.item->List.Flink, NULL, __ATOMIC_RELEASE);
    nt_evidence_push(nt_self(), &frame, "work item", NULL, NULL);
    work.routine(work.parameter);
    nt_evidence_pop(nt_self(), &frame);
}

VOID NTAPI ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType)
{
    struct executive_work *work = nt_pool_allocate(sizeof(*work), WORK_TAG, NULL);

    (void)QueueType;
    if (WorkItem->List.Flink)
        nt_bugcheck(NT_BUGCHECK_WORKER_INVALID, 1, (uintptr_t)WorkItem, 0, 0,
                    "the driver queued a work item that is queued");
    /* Windows needs no memory here, and tells nobody that there is none. */
    if (!work)
        nt_bugcheck(NT_BUGCHECK_WORKER_INVALID, 2, (uintptr_t)WorkItem, 0, 0,
                    "there is no memory to queue a work item");
    *work = (struct executive_work){
        .routine = WorkItem->WorkerRoutine, .parameter = WorkItem->Parameter, .item = WorkItem};
    nt_work_initialize(&work->work, executive_run, work);
    WorkItem->List.Flink = &WorkItem->List;
    nt_work_queue(&work->work);
}
EXPORT(ExQueueWorkItem, NT_DISPATCH_LEVEL);

/*
 * The worker: one thread at PASSIVE_LEVEL that carries out the requests to the backing file, one by
 * one.
 *
 * Rule: a request is on exactly one of the lists Waiting and Resets, or it is the one that
 * executes; it is completed by whoever took it off, and never with the queue's lock held.
 */
#include "ramdisk.h"

/* Puts the whole list From at the end of the list To and leaves From empty. */
static VOID MoveAll(PLIST_ENTRY From, PLIST_ENTRY To)
{
    while (!IsListEmpty(From)) {
        PLIST_ENTRY Entry = RemoveHeadList(From);

        InsertTailList(To, Entry);
    }
}

static VOID CompleteAll(RAMDISK_ADAPTER *Adapter, PLIST_ENTRY List, UCHAR SrbStatus)
{
    while (!IsListEmpty(List)) {
        PLIST_ENTRY Entry = RemoveHeadList(List);
        RAMDISK_REQUEST *Request = CONTAINING_RECORD(Entry, RAMDISK_REQUEST, Link);

        RamdiskComplete(Adapter, Request->Srb, SrbStatus);
    }
}

/* The next request, which executes from now on; NULL when none waits. */
static RAMDISK_REQUEST *TakeNext(RAMDISK_QUEUE *Queue, BOOLEAN *Ending)
{
    RAMDISK_REQUEST *Request = NULL;
    KIRQL OldIrql;

    KeAcquireSpinLock(&Queue->Lock, &OldIrql);
    *Ending = Queue->Ending;
    if (!IsListEmpty(&Queue->Waiting)) {
        Request = CONTAINING_RECORD(RemoveHeadList(&Queue->Waiting), RAMDISK_REQUEST, Link);
        Queue->Executing = TRUE;
    }
    KeReleaseSpinLock(&Queue->Lock, OldIrql);
    return Request;
}

/*
 * Ends the request that executed. It is completed before the resets that wait for it, since a reset
 * must not be reported before the requests that it ended.
 */
static VOID FinishExecuting(RAMDISK_ADAPTER *Adapter, RAMDISK_REQUEST *Request, UCHAR SrbStatus)
{
    RAMDISK_QUEUE *Queue = &Adapter->Queue;
    LIST_ENTRY Resets;
    KIRQL OldIrql;

    RamdiskComplete(Adapter, Request->Srb, SrbStatus);
    InitializeListHead(&Resets);
    KeAcquireSpinLock(&Queue->Lock, &OldIrql);
    Queue->Executing = FALSE;
    MoveAll(&Queue->Resets, &Resets);
    KeReleaseSpinLock(&Queue->Lock, OldIrql);
    CompleteAll(Adapter, &Resets, SRB_STATUS_SUCCESS);
}

static VOID WorkerThread(PVOID Context)
{
    RAMDISK_ADAPTER *Adapter = (RAMDISK_ADAPTER *)Context;
    RAMDISK_QUEUE *Queue = &Adapter->Queue;
    BOOLEAN Ending = FALSE;

    for (;;) {
        RAMDISK_REQUEST *Request = TakeNext(Queue, &Ending);

        if (Request != NULL) {
            FinishExecuting(Adapter, Request, RamdiskFileExecute(Adapter, Request));
        } else if (Ending) {
            break;
        } else {
            KeWaitForSingleObject(&Queue->Wake, Executive, KernelMode, FALSE, NULL);
        }
    }
    PsTerminateSystemThread(STATUS_SUCCESS);
}

BOOLEAN RamdiskWorkerStart(RAMDISK_ADAPTER *Adapter)
{
    RAMDISK_QUEUE *Queue = &Adapter->Queue;
    OBJECT_ATTRIBUTES Attributes;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    KeInitializeSpinLock(&Queue->Lock);
    KeInitializeEvent(&Queue->Wake, SynchronizationEvent, FALSE);
    InitializeListHead(&Queue->Waiting);
    InitializeListHead(&Queue->Resets);
    Queue->Executing = FALSE;
    Queue->Ending = FALSE;
    InitializeObjectAttributes(&Attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
    Status = PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, &Attributes, NULL, NULL, WorkerThread,
                                  Adapter);
    if (!NT_SUCCESS(Status)) {
        return FALSE;
    }
    Status = ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, NULL, KernelMode, &Queue->Thread,
                                       NULL);
    if (!NT_SUCCESS(Status)) {
        /* The thread runs but cannot be waited for by object; it must be gone before we are. */
        Queue->Thread = NULL;
        Queue->Ending = TRUE;
        KeSetEvent(&Queue->Wake, IO_NO_INCREMENT, FALSE);
        ZwWaitForSingleObject(Handle, FALSE, NULL);
    }
    ZwClose(Handle);
    return Queue->Thread != NULL;
}

VOID RamdiskWorkerStop(RAMDISK_ADAPTER *Adapter)
{
    RAMDISK_QUEUE *Queue = &Adapter->Queue;
    KIRQL OldIrql;

    if (Queue->Thread == NULL) {
        return;
    }
    KeAcquireSpinLock(&Queue->Lock, &OldIrql);
    Queue->Ending = TRUE;
    KeReleaseSpinLock(&Queue->Lock, OldIrql);
    KeSetEvent(&Queue->Wake, IO_NO_INCREMENT, FALSE);
    KeWaitForSingleObject(Queue->Thread, Executive, KernelMode, FALSE, NULL);
    ObDereferenceObject(Queue->Thread);
    Queue->Thread = NULL;
}

VOID RamdiskWorkerQueue(RAMDISK_ADAPTER *Adapter, RAMDISK_REQUEST *Request)
{
    RAMDISK_QUEUE *Queue = &Adapter->Queue;
    KIRQL OldIrql;

    KeAcquireSpinLock(&Queue->Lock, &OldIrql);
    InsertTailList(&Queue->Waiting, &Request->Link);
    KeReleaseSpinLock(&Queue->Lock, OldIrql);
    KeSetEvent(&Queue->Wake, IO_NO_INCREMENT, FALSE);
}

BOOLEAN RamdiskWorkerReset(RAMDISK_ADAPTER *Adapter, RAMDISK_REQUEST *ResetRequest)
{
    RAMDISK_QUEUE *Queue = &Adapter->Queue;
    LIST_ENTRY Ended;
    BOOLEAN Executing;
    KIRQL OldIrql;

    InitializeListHead(&Ended);
    KeAcquireSpinLock(&Queue->Lock, &OldIrql);
    MoveAll(&Queue->Waiting, &Ended);
    Executing = Queue->Executing;
    if (Executing && ResetRequest != NULL) {
        InsertTailList(&Queue->Resets, &ResetRequest->Link);
    }
    KeReleaseSpinLock(&Queue->Lock, OldIrql);
    CompleteAll(Adapter, &Ended, SRB_STATUS_BUS_RESET);
    return !Executing;
}

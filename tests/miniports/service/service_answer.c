/*
 * Service requests: what the driver does with each command.
 */
#include "service.h"

#define SERVICE_TAG 'vreS'

static SERVICE_COMMAND *CommandOf(PIRP Irp)
{
    return (SERVICE_COMMAND *)Irp->AssociatedIrp.SystemBuffer;
}

static ULONG Finish(SERVICE_ADAPTER *Adapter, PIRP Irp, NTSTATUS Status)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = NT_SUCCESS(Status) ? sizeof(SERVICE_COMMAND) : 0;
    return StorPortCompleteServiceIrp(Adapter, Irp);
}

static VOID Reverse(SERVICE_COMMAND *Command)
{
    SIZE_T Length = 0, Index;

    while (Length < SERVICE_TEXT_BYTES && Command->Text[Length] != 0) {
        Length++;
    }

    for (Index = 0; Index < Length / 2; Index++) {
        CHAR Character = Command->Text[Index];

        Command->Text[Index] = Command->Text[Length - 1 - Index];
        Command->Text[Length - 1 - Index] = Character;
    }
}

/* ---- what pends ---- */

static VOID NTAPI CancelPending(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    SERVICE_ADAPTER *Adapter = ServiceOnly;
    KIRQL OldIrql;

    UNREFERENCED_PARAMETER(DeviceObject);
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    KeAcquireSpinLock(&Adapter->Lock, &OldIrql);
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
    KeReleaseSpinLock(&Adapter->Lock, OldIrql);
    InterlockedIncrement(&Adapter->Shared->Cancelled);
    InterlockedDecrement(&Adapter->Shared->Pending);
    Finish(Adapter, Irp, STATUS_CANCELLED);
}

static VOID Pend(SERVICE_ADAPTER *Adapter, PIRP Irp)
{
    KIRQL OldIrql;

    KeAcquireSpinLock(&Adapter->Lock, &OldIrql);
    InsertTailList(&Adapter->Pending, &Irp->Tail.Overlay.ListEntry);
    IoSetCancelRoutine(Irp, CancelPending);
    KeReleaseSpinLock(&Adapter->Lock, OldIrql);
    InterlockedIncrement(&Adapter->Shared->Pending);
}

/* The oldest that no cancellation has; it is the caller's then. */
static PIRP TakePending(SERVICE_ADAPTER *Adapter)
{
    PLIST_ENTRY Entry;
    PIRP Found = NULL;
    KIRQL OldIrql;

    KeAcquireSpinLock(&Adapter->Lock, &OldIrql);
    for (Entry = Adapter->Pending.Flink; Entry != &Adapter->Pending && Found == NULL;
         Entry = Entry->Flink) {
        PIRP Irp = CONTAINING_RECORD(Entry, IRP, Tail.Overlay.ListEntry);

        if (IoSetCancelRoutine(Irp, NULL) != NULL) {
            Found = Irp;
        }
    }
    if (Found != NULL) {
        RemoveEntryList(&Found->Tail.Overlay.ListEntry);
        InterlockedDecrement(&Adapter->Shared->Pending);
    }
    KeReleaseSpinLock(&Adapter->Lock, OldIrql);
    return Found;
}

static PIRP PeekPending(SERVICE_ADAPTER *Adapter)
{
    PIRP Irp = NULL;
    KIRQL OldIrql;

    KeAcquireSpinLock(&Adapter->Lock, &OldIrql);
    if (!IsListEmpty(&Adapter->Pending)) {
        Irp = CONTAINING_RECORD(Adapter->Pending.Flink, IRP, Tail.Overlay.ListEntry);
    }
    KeReleaseSpinLock(&Adapter->Lock, OldIrql);
    return Irp;
}

VOID ServiceCompleteServiceIrp(PVOID DeviceExtension)
{
    SERVICE_ADAPTER *Adapter = (SERVICE_ADAPTER *)DeviceExtension;
    PIRP Irp;

    if (Adapter->Shared->ForgetAtRemoval) {
        return;
    }
    while ((Irp = TakePending(Adapter)) != NULL) {
        InterlockedIncrement(&Adapter->Shared->AtRemoval);
        Finish(Adapter, Irp, STATUS_NO_SUCH_DEVICE);
    }
}

/* ---- the worker ---- */

static VOID NTAPI WorkerRoutine(PVOID Context)
{
    SERVICE_ADAPTER *Adapter = (SERVICE_ADAPTER *)Context;

    for (;;) {
        PLIST_ENTRY Entry;

        KeWaitForSingleObject(&Adapter->WorkCount, Executive, KernelMode, FALSE, NULL);
        Entry = ExInterlockedRemoveHeadList(&Adapter->Work, &Adapter->Lock);
        if (Entry != NULL) {
            PIRP Irp = CONTAINING_RECORD(Entry, IRP, Tail.Overlay.ListEntry);

            Reverse(CommandOf(Irp));
            Finish(Adapter, Irp, STATUS_SUCCESS);
        } else if (Adapter->Stopping) {
            PsTerminateSystemThread(STATUS_SUCCESS);
        }
    }
}

NTSTATUS ServiceStartWorker(SERVICE_ADAPTER *Adapter)
{
    HANDLE Handle;
    NTSTATUS Status =
        PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, WorkerRoutine, Adapter);

    if (NT_SUCCESS(Status)) {
        Status = ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, *PsThreadType, KernelMode,
                                           &Adapter->Worker, NULL);
        ZwClose(Handle);
    }
    return Status;
}

VOID ServiceStopWorker(SERVICE_ADAPTER *Adapter)
{
    if (Adapter->Worker != NULL) {
        InterlockedExchange(&Adapter->Stopping, 1);
        KeReleaseSemaphore(&Adapter->WorkCount, IO_NO_INCREMENT, 1, FALSE);
        KeWaitForSingleObject(Adapter->Worker, Executive, KernelMode, FALSE, NULL);
        ObDereferenceObject(Adapter->Worker);
        Adapter->Worker = NULL;
    }
}

/* ---- requests of the driver's own ---- */

static NTSTATUS AskSelf(SERVICE_ADAPTER *Adapter, SERVICE_COMMAND *Command)
{
    PDEVICE_OBJECT Top = IoGetAttachedDeviceReference(Adapter->DeviceObject);
    IO_STATUS_BLOCK IoStatus;
    KEVENT Event;
    PIRP Irp;
    NTSTATUS Status = STATUS_INSUFFICIENT_RESOURCES;

    KeInitializeEvent(&Event, NotificationEvent, FALSE);
    Command->Command = ServiceReverse;
    Irp = IoBuildDeviceIoControlRequest(IOCTL_MINIPORT_PROCESS_SERVICE_IRP, Top, Command,
                                        sizeof(*Command), Command, sizeof(*Command), FALSE, &Event,
                                        &IoStatus);
    if (Irp != NULL) {
        Status = IoCallDriver(Top, Irp);
        if (Status == STATUS_PENDING) {
            KeWaitForSingleObject(&Event, Executive, KernelMode, FALSE, NULL);
            Status = IoStatus.Status;
        }
    }
    ObDereferenceObject(Top);
    return Status;
}

/* ---- commands ---- */

static VOID Cancel(SERVICE_ADAPTER *Adapter, PIRP Irp)
{
    PIRP Oldest = PeekPending(Adapter);

    CommandOf(Irp)->Result = Oldest != NULL && IoCancelIrp(Oldest);
    Finish(Adapter, Irp, STATUS_SUCCESS);
}

static VOID Release(SERVICE_ADAPTER *Adapter, PIRP Irp)
{
    PIRP Oldest = TakePending(Adapter);

    if (Oldest != NULL) {
        Finish(Adapter, Oldest, (NTSTATUS)CommandOf(Irp)->Argument);
    }
    CommandOf(Irp)->Result = Oldest != NULL;
    Finish(Adapter, Irp, STATUS_SUCCESS);
}

static VOID Foreign(SERVICE_ADAPTER *Adapter, PIRP Irp)
{
    PIRP Other = IoAllocateIrp(1, FALSE);

    CommandOf(Irp)->Result = Other != NULL ? StorPortCompleteServiceIrp(Adapter, Other) : 0;
    if (Other != NULL) {
        IoFreeIrp(Other);
    }
    Finish(Adapter, Irp, STATUS_SUCCESS);
}

static VOID AtDispatchLevel(SERVICE_ADAPTER *Adapter, PIRP Irp)
{
    KIRQL OldIrql;

    KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
    Finish(Adapter, Irp, STATUS_SUCCESS);
    KeLowerIrql(OldIrql);
}

static VOID Stay(SERVICE_ADAPTER *Adapter, PIRP Irp)
{
    LARGE_INTEGER Interval;

    Interval.QuadPart = -10000;
    InterlockedIncrement(&Adapter->Shared->Inside);
    while (InterlockedCompareExchange(&Adapter->Shared->MayLeave, 0, 0) == 0) {
        KeDelayExecutionThread(KernelMode, FALSE, &Interval);
    }
    InterlockedDecrement(&Adapter->Shared->Inside);
    Finish(Adapter, Irp, STATUS_SUCCESS);
}

static VOID Behind(PIRP Irp)
{
    Irp->IoStatus.Status = STATUS_SUCCESS;
    Irp->IoStatus.Information = sizeof(SERVICE_COMMAND);
    IoCompleteRequest(Irp, IO_NO_INCREMENT);
}

static VOID ToWorker(SERVICE_ADAPTER *Adapter, PIRP Irp)
{
    ExInterlockedInsertTailList(&Adapter->Work, &Irp->Tail.Overlay.ListEntry, &Adapter->Lock);
    KeReleaseSemaphore(&Adapter->WorkCount, IO_NO_INCREMENT, 1, FALSE);
}

static VOID Answer(SERVICE_ADAPTER *Adapter, PIRP Irp)
{
    SERVICE_COMMAND *Command = CommandOf(Irp);

    switch (Command->Command) {
    case ServiceReverse:
        Reverse(Command);
        break;
    case ServiceTwice:
        Finish(Adapter, Irp, STATUS_SUCCESS);
        Adapter->Last = StorPortCompleteServiceIrp(Adapter, Irp);
        return;
    case ServiceLast:
        Command->Result = Adapter->Last;
        break;
    case ServiceNull:
        Command->Result = StorPortCompleteServiceIrp(Adapter, NULL);
        break;
    case ServiceRequestor:
        Command->Result = IoGetRequestorProcessId(Irp);
        break;
    case ServiceInvalidate:
        IoInvalidateDeviceRelations(Adapter->DeviceObject, BusRelations);
        break;
    case ServiceToSelf:
        Command->Result = (ULONG)AskSelf(Adapter, Command);
        break;
    default:
        Finish(Adapter, Irp, STATUS_INVALID_PARAMETER);
        return;
    }
    Finish(Adapter, Irp, STATUS_SUCCESS);
}

VOID ServiceProcessServiceRequest(PVOID DeviceExtension, PVOID Irp)
{
    SERVICE_ADAPTER *Adapter = (SERVICE_ADAPTER *)DeviceExtension;
    PIO_STACK_LOCATION Location = IoGetCurrentIrpStackLocation((PIRP)Irp);
    KIRQL Irql = KeGetCurrentIrql();

    InterlockedIncrement(&Adapter->Shared->Received);
    if (Irql > Adapter->Shared->Irql) {
        Adapter->Shared->Irql = Irql;
    }
    if (Location->Parameters.DeviceIoControl.InputBufferLength < sizeof(SERVICE_COMMAND) ||
        Location->Parameters.DeviceIoControl.OutputBufferLength < sizeof(SERVICE_COMMAND)) {
        Finish(Adapter, (PIRP)Irp, STATUS_INVALID_PARAMETER);
        return;
    }
    switch (CommandOf((PIRP)Irp)->Command) {
    case ServiceByWorker:
        ToWorker(Adapter, (PIRP)Irp);
        break;
    case ServicePend:
        Pend(Adapter, (PIRP)Irp);
        break;
    case ServiceRelease:
        Release(Adapter, (PIRP)Irp);
        break;
    case ServiceCancel:
        Cancel(Adapter, (PIRP)Irp);
        break;
    case ServiceForeign:
        Foreign(Adapter, (PIRP)Irp);
        break;
    case ServiceStay:
        Stay(Adapter, (PIRP)Irp);
        break;
    case ServiceBehind:
        Behind((PIRP)Irp);
        break;
    case ServiceAbove:
        AtDispatchLevel(Adapter, (PIRP)Irp);
        break;
    default:
        Answer(Adapter, (PIRP)Irp);
        break;
    }
}

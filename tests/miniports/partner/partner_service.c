/*
 * Requests of the program.
 */
#include "partner.h"

KQUEUE PartnerQueue;
static LIST_ENTRY QueueEntry;

static struct partner_message *MessageOf(PIRP Irp)
{
    return (struct partner_message *)Irp->AssociatedIrp.SystemBuffer;
}

static VOID Finish(PARTNER_ADAPTER *Adapter, PIRP Irp, NTSTATUS Status, ULONG_PTR Information)
{
    Irp->IoStatus.Status = Status;
    Irp->IoStatus.Information = Information;
    StorPortCompleteServiceIrp(Adapter, Irp);
}

/* ---- fetches ---- */

static VOID NTAPI CancelFetch(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PARTNER_ADAPTER *Adapter = PartnerOnly;
    KIRQL OldIrql;

    UNREFERENCED_PARAMETER(DeviceObject);
    IoReleaseCancelSpinLock(Irp->CancelIrql);
    KeAcquireSpinLock(&Adapter->Lock, &OldIrql);
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
    InterlockedIncrement((volatile LONG *)&Adapter->Counts.cancelled);
    InterlockedDecrement((volatile LONG *)&Adapter->Counts.pending);
    KeReleaseSpinLock(&Adapter->Lock, OldIrql);
    Finish(Adapter, Irp, STATUS_CANCELLED, 0);
}

/* Under the lock: one that no cancellation has. */
static PIRP TakeFetch(PARTNER_ADAPTER *Adapter)
{
    PLIST_ENTRY Entry;

    for (Entry = Adapter->Fetches.Flink; Entry != &Adapter->Fetches; Entry = Entry->Flink) {
        PIRP Irp = CONTAINING_RECORD(Entry, IRP, Tail.Overlay.ListEntry);

        if (IoSetCancelRoutine(Irp, NULL) != NULL) {
            RemoveEntryList(Entry);
            InterlockedDecrement((volatile LONG *)&Adapter->Counts.pending);
            return Irp;
        }
    }
    return NULL;
}

/* Brings requests and fetches together. */
VOID PartnerWork(PARTNER_ADAPTER *Adapter)
{
    for (;;) {
        PIRP Irp = NULL;
        KIRQL OldIrql;

        KeAcquireSpinLock(&Adapter->Lock, &OldIrql);
        if (!IsListEmpty(&Adapter->Waiting)) {
            Irp = TakeFetch(Adapter);
        }
        if (Irp != NULL) {
            PartnerGive(Adapter, Irp);
        }
        KeReleaseSpinLock(&Adapter->Lock, OldIrql);
        if (Irp == NULL) {
            break;
        }
        Finish(Adapter, Irp, STATUS_SUCCESS, sizeof(struct partner_message));
    }
}

static NTSTATUS LockBuffer(PIRP Irp, ULONGLONG Address)
{
    PMDL Mdl = IoAllocateMdl((PVOID)(ULONG_PTR)Address, PARTNER_TRANSFER_BYTES, FALSE, FALSE, Irp);

    if (Mdl == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    ProbeForWrite((PVOID)(ULONG_PTR)Address, PARTNER_TRANSFER_BYTES, 1);
    MmProbeAndLockPages(Mdl, UserMode, IoWriteAccess);
    return STATUS_SUCCESS;
}

static VOID Fetch(PARTNER_ADAPTER *Adapter, PIRP Irp)
{
    struct partner_message Answer = *MessageOf(Irp);
    NTSTATUS Status = LockBuffer(Irp, Answer.buffer);
    BOOLEAN Cancelled;
    KIRQL OldIrql;

    if (!NT_SUCCESS(Status)) {
        Finish(Adapter, Irp, Status, 0);
        return;
    }
    if (Answer.tag != 0) {
        PartnerAnswer(Adapter, Irp, &Answer);
    }
    KeAcquireSpinLock(&Adapter->Lock, &OldIrql);
    if (!Adapter->Plugged) {
        KeReleaseSpinLock(&Adapter->Lock, OldIrql);
        Finish(Adapter, Irp, STATUS_NO_SUCH_DEVICE, 0);
        return;
    }
    IoSetCancelRoutine(Irp, CancelFetch);
    Cancelled = Irp->Cancel && IoSetCancelRoutine(Irp, NULL) != NULL;
    if (!Cancelled) {
        InsertTailList(&Adapter->Fetches, &Irp->Tail.Overlay.ListEntry);
        InterlockedIncrement((volatile LONG *)&Adapter->Counts.pending);
    }
    KeReleaseSpinLock(&Adapter->Lock, OldIrql);
    if (Cancelled) {
        Finish(Adapter, Irp, STATUS_CANCELLED, 0);
    } else {
        PartnerWork(Adapter);
    }
}

/* ---- the unit ---- */

VOID PartnerUnplug(PARTNER_ADAPTER *Adapter)
{
    PIRP Irp;

    for (;;) {
        KIRQL OldIrql;

        KeAcquireSpinLock(&Adapter->Lock, &OldIrql);
        Adapter->Plugged = FALSE;
        Irp = TakeFetch(Adapter);
        KeReleaseSpinLock(&Adapter->Lock, OldIrql);
        if (Irp == NULL) {
            break;
        }
        Finish(Adapter, Irp, STATUS_NO_SUCH_DEVICE, 0);
    }
    PartnerEndRequests(Adapter);
    StorPortNotification(BusChangeDetected, Adapter, (UCHAR)0);
}

static NTSTATUS Plug(PARTNER_ADAPTER *Adapter, PIRP Irp)
{
    ULONGLONG Blocks = MessageOf(Irp)->blocks;
    KIRQL OldIrql;
    BOOLEAN Good;

    KeAcquireSpinLock(&Adapter->Lock, &OldIrql);
    Good = !Adapter->Plugged && Blocks != 0;
    if (Good) {
        Adapter->Disk.BlockCount = Blocks;
        Adapter->Disk.BlockSize = PARTNER_BLOCK_BYTES;
        Adapter->Disk.MaximumTransferBlocks = PARTNER_TRANSFER_BYTES / PARTNER_BLOCK_BYTES;
        Adapter->Disk.WriteCache = MessageOf(Irp)->operation == PARTNER_FLUSH;
        ScsiDiskSetIdentity(&Adapter->Disk, "PARTNER", "partner", 0);
        Adapter->Owner = IoGetRequestorProcessId(Irp);
        Adapter->Plugged = TRUE;
    }
    KeReleaseSpinLock(&Adapter->Lock, OldIrql);
    if (!Good) {
        return STATUS_DEVICE_BUSY;
    }
    StorPortNotification(BusChangeDetected, Adapter, (UCHAR)0);
    return STATUS_SUCCESS;
}

/* The owner's end is the unit's end. */
VOID NTAPI PartnerProcess(HANDLE ParentId, HANDLE ProcessId, BOOLEAN Create)
{
    PARTNER_ADAPTER *Adapter = PartnerOnly;
    ULONG Ended;

    UNREFERENCED_PARAMETER(ParentId);
    if (Adapter == NULL) {
        return;
    }
    if (Create) {
        InterlockedIncrement((volatile LONG *)&Adapter->Counts.begun);
        return;
    }
    Ended = (ULONG)InterlockedIncrement((volatile LONG *)&Adapter->Counts.ended);
    InterlockedExchange((volatile LONG *)&Adapter->Counts
                            .ended_ids[Ended % RTL_NUMBER_OF(Adapter->Counts.ended_ids)],
                        (LONG)(ULONG_PTR)ProcessId);
    if (Adapter->Plugged && Adapter->Owner == (ULONG)(ULONG_PTR)ProcessId) {
        PartnerUnplug(Adapter);
    }
}

/* ---- what else the program may ask ---- */

static ULONG Sleep(VOID)
{
    KEVENT Never;

    KeInitializeEvent(&Never, NotificationEvent, FALSE);
    return (ULONG)KeWaitForSingleObject(&Never, Executive, KernelMode, TRUE, NULL);
}

static NTSTATUS Hold(PARTNER_ADAPTER *Adapter, ULONGLONG Address)
{
    if (Adapter->Held != NULL) {
        MmUnlockPages(Adapter->Held);
        IoFreeMdl(Adapter->Held);
        Adapter->Held = NULL;
    }
    if (Address == 0) {
        return STATUS_SUCCESS;
    }
    Adapter->Held =
        IoAllocateMdl((PVOID)(ULONG_PTR)Address, PARTNER_TRANSFER_BYTES, FALSE, FALSE, NULL);
    if (Adapter->Held == NULL) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    MmProbeAndLockPages(Adapter->Held, UserMode, IoWriteAccess);
    return STATUS_SUCCESS;
}

static NTSTATUS Touch(PARTNER_ADAPTER *Adapter, struct partner_message *Message)
{
    PUCHAR Held;

    if (Adapter->Held == NULL) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    Held = MmGetSystemAddressForMdlSafe(Adapter->Held, NormalPagePriority);
    Message->result = Held[0];
    Held[0] = (UCHAR)Message->tag;
    return STATUS_SUCCESS;
}

/* One entry, which is in it or not. */
static ULONG Take(VOID)
{
    LARGE_INTEGER Timeout = {.QuadPart = -10 * 10000000LL};

    return KeRemoveQueue(&PartnerQueue, KernelMode, &Timeout) == &QueueEntry;
}

/* Whoever counts meanwhile does so word by word, too. */
static VOID CopyCounts(LONG *To, volatile LONG *From)
{
    ULONG Index;

    for (Index = 0; Index < sizeof(struct partner_counts) / sizeof(LONG); Index++) {
        To[Index] = InterlockedCompareExchange(&From[Index], 0, 0);
    }
}

static NTSTATUS Command(PARTNER_ADAPTER *Adapter, PIRP Irp)
{
    struct partner_message *Message = MessageOf(Irp);

    switch (Message->command) {
    case PARTNER_PLUG:
        return Plug(Adapter, Irp);
    case PARTNER_UNPLUG:
        PartnerUnplug(Adapter);
        return STATUS_SUCCESS;
    case PARTNER_SLEEP:
        InterlockedIncrement((volatile LONG *)&Adapter->Counts.pending);
        Message->result = Sleep();
        InterlockedDecrement((volatile LONG *)&Adapter->Counts.pending);
        return STATUS_SUCCESS;
    case PARTNER_WHO:
        Message->result = IoGetRequestorProcessId(Irp);
        Message->tag = (ULONG_PTR)PsGetCurrentProcessId();
        return STATUS_SUCCESS;
    case PARTNER_HOLD:
        return Hold(Adapter, Message->buffer);
    case PARTNER_TOUCH:
        return Touch(Adapter, Message);
    case PARTNER_PUT:
        KeInsertQueue(&PartnerQueue, &QueueEntry);
        return STATUS_SUCCESS;
    case PARTNER_TAKE:
        Message->result = Take();
        return STATUS_SUCCESS;
    case PARTNER_COUNTS:
        CopyCounts((LONG *)Message, (volatile LONG *)&Adapter->Counts);
        return STATUS_SUCCESS;
    default:
        return STATUS_INVALID_PARAMETER;
    }
}

VOID NTAPI PartnerProcessServiceRequest(PVOID Extension, PVOID Irp0)
{
    PARTNER_ADAPTER *Adapter = Extension;
    PIRP Irp = Irp0;
    PIO_STACK_LOCATION Location = IoGetCurrentIrpStackLocation(Irp);
    NTSTATUS Status;

    if (Location->Parameters.DeviceIoControl.InputBufferLength < sizeof(struct partner_message) ||
        Location->Parameters.DeviceIoControl.OutputBufferLength < sizeof(struct partner_message)) {
        Finish(Adapter, Irp, STATUS_INVALID_PARAMETER, 0);
        return;
    }
    if (MessageOf(Irp)->command == PARTNER_FETCH) {
        Fetch(Adapter, Irp);
        return;
    }
    Status = Command(Adapter, Irp);
    Finish(Adapter, Irp, Status, NT_SUCCESS(Status) ? sizeof(struct partner_message) : 0);
}

VOID NTAPI PartnerCompleteServiceIrp(PVOID Extension)
{
    PARTNER_ADAPTER *Adapter = Extension;

    (VOID) Hold(Adapter, 0);
    PartnerUnplug(Adapter);
}

/*
 * Submission and completion rings, the slots that are their command identifiers, and doorbells.
 *
 * Rule: a slot is free, in flight, or being completed, and only an interlocked exchange moves it
 * from "in flight" to "being completed". Free slots sit on two lists: the submitter's own, and one
 * that anybody pushes to and that the submitter takes whole, so that neither needs a lock.
 */
#include "nvme_driver.h"

#define NO_SLOT (-1)

/* Doorbells come in pairs after the register block, each DSTRD apart. */
static ULONG DoorbellOffset(PNVME_ADAPTER Adapter, USHORT QueueId, ULONG IsHead)
{
    ULONG stride = sizeof(ULONG) << Adapter->Capabilities.DSTRD;

    return FIELD_OFFSET(NVME_CONTROLLER_REGISTERS, Doorbells) + (2u * QueueId + IsHead) * stride;
}

VOID NvmeQueueInitialize(PNVME_ADAPTER Adapter, PNVME_QUEUE Queue, USHORT Id, ULONG Depth,
                         PNVME_SLOT Slots, PSTOR_DPC Dpc)
{
    ULONG index;

    Queue->Id = Id;
    Queue->Depth = Depth;
    Queue->Dpc = Dpc;
    Queue->Slots = Slots;
    for (index = 0; index < Depth - 1; index++) {
        RtlZeroMemory(&Slots[index], sizeof(Slots[index]));
        Slots[index].Next = index + 1 < Depth - 1 ? (LONG)index + 1 : NO_SLOT;
    }
    Queue->FreeSlot = 0;
    Queue->ReturnedSlot = NO_SLOT;
    Queue->Submitting = 0;
    Queue->TailDoorbell.Register =
        (PULONG)(PVOID)(Adapter->Registers + DoorbellOffset(Adapter, Id, 0));
    Queue->HeadDoorbell.Register =
        (PULONG)(PVOID)(Adapter->Registers + DoorbellOffset(Adapter, Id, 1));
    NvmeQueueUseShadow(Adapter, Queue, FALSE);
    NvmeQueueRestart(Queue);
}

VOID NvmeQueueRestart(PNVME_QUEUE Queue)
{
    RtlZeroMemory(Queue->Completions, Queue->Depth * sizeof(NVME_COMPLETION_ENTRY));
    Queue->Tail = 0;
    Queue->Head = 0;
    Queue->Phase = 1;
}

/*
 * The shadow of a doorbell lies in the shared pages where the doorbell lies among the doorbells.
 * Event is set first: who finds a shadow without the queue's lock finds its event index, too.
 */
static VOID UseShadow(PNVME_ADAPTER Adapter, PNVME_DOORBELL Doorbell, ULONG Offset, BOOLEAN Use)
{
    ULONG index = (Offset - FIELD_OFFSET(NVME_CONTROLLER_REGISTERS, Doorbells)) / sizeof(ULONG);

    if (!Use || index >= NVME_PAGE_BYTES / sizeof(ULONG)) {
        Doorbell->Shadow = NULL;
        Doorbell->Event = NULL;
        return;
    }
    Doorbell->Event = (volatile ULONG *)(PVOID)Adapter->EventPage.Bytes + index;
    Doorbell->Shadow = (volatile ULONG *)(PVOID)Adapter->ShadowPage.Bytes + index;
}

/*
 * The specification wants both written for the admin queue. And a line falls when the controller
 * sees that the completion queues are empty, which it may learn from the register alone.
 */
VOID NvmeQueueUseShadow(PNVME_ADAPTER Adapter, PNVME_QUEUE Queue, BOOLEAN Use)
{
    Queue->TailDoorbell.AlwaysRings = Queue->Id == 0;
    Queue->HeadDoorbell.AlwaysRings = Queue->Id == 0 || Adapter->LineInterrupt;
    UseShadow(Adapter, &Queue->TailDoorbell, DoorbellOffset(Adapter, Queue->Id, 0), Use);
    UseShadow(Adapter, &Queue->HeadDoorbell, DoorbellOffset(Adapter, Queue->Id, 1), Use);
}

/*
 * With a shadow, the register is written only when the controller asked to be told: when the index
 * passes the one in the event page. The fence keeps the look at that index behind the store of the
 * shadow; without it both sides could miss each other.
 */
static VOID Ring(PNVME_ADAPTER Adapter, PNVME_DOORBELL Doorbell, ULONG Value)
{
    UNREFERENCED_PARAMETER(Adapter); /* Where register access is inline. */
    if (Doorbell->Shadow != NULL) {
        USHORT old = (USHORT)*Doorbell->Shadow;
        USHORT event;

        *Doorbell->Shadow = Value;
        KeMemoryBarrier();
        event = (USHORT)*Doorbell->Event;
        if (!Doorbell->AlwaysRings && (USHORT)(Value - event - 1) >= (USHORT)(Value - old)) {
            return;
        }
    }
    StorPortWriteRegisterUlong(Adapter, Doorbell->Register, Value);
}

LONG NvmeSlotTake(PNVME_QUEUE Queue)
{
    LONG index = Queue->FreeSlot;

    if (index == NO_SLOT) {
        index = InterlockedExchange(&Queue->ReturnedSlot, NO_SLOT);
        if (index == NO_SLOT) {
            return NO_SLOT;
        }
    }
    Queue->FreeSlot = Queue->Slots[index].Next;
    return index;
}

VOID NvmeSlotReturn(PNVME_QUEUE Queue, LONG Index)
{
    LONG first;

    do {
        first = Queue->ReturnedSlot;
        Queue->Slots[Index].Next = first;
    } while (InterlockedCompareExchange(&Queue->ReturnedSlot, Index, first) != first);
}

VOID NvmeQueueSubmit(PNVME_ADAPTER Adapter, PNVME_QUEUE Queue, const NVME_COMMAND *Command)
{
    Queue->Commands[Queue->Tail] = *Command;
    Queue->Tail++;
    if (Queue->Tail == Queue->Depth) {
        Queue->Tail = 0;
    }
    Ring(Adapter, &Queue->TailDoorbell, Queue->Tail);
}

BOOLEAN NvmeQueueHasWork(const NVME_QUEUE *Queue)
{
    NVME_COMPLETION_ENTRY entry;

    if (Queue->Completions == NULL) {
        return FALSE;
    }
    entry.DW3.AsUlong = *(volatile ULONG *)&Queue->Completions[Queue->Head].DW3.AsUlong;
    return entry.DW3.Status.P == Queue->Phase;
}

/*
 * The dword with the phase bit is read first and once; the entry is used only from the copy, so
 * what was checked is what is used, whatever the device writes meanwhile.
 */
BOOLEAN NvmeQueueTake(PNVME_QUEUE Queue, NVME_COMPLETION_ENTRY *Completion)
{
    volatile NVME_COMPLETION_ENTRY *entry = &Queue->Completions[Queue->Head];

    Completion->DW3.AsUlong = entry->DW3.AsUlong;
    if (Completion->DW3.Status.P != Queue->Phase) {
        return FALSE;
    }
    Completion->DW0 = entry->DW0;
    Completion->DW2.AsUlong = entry->DW2.AsUlong;
    Queue->Head++;
    if (Queue->Head == Queue->Depth) {
        Queue->Head = 0;
        Queue->Phase ^= 1;
    }
    return TRUE;
}

VOID NvmeQueueTellHead(PNVME_ADAPTER Adapter, PNVME_QUEUE Queue)
{
    Ring(Adapter, &Queue->HeadDoorbell, Queue->Head);
}

BOOLEAN NvmeIsQuiet(PNVME_ADAPTER Adapter)
{
    ULONG index;

    for (index = 0; index < Adapter->QueueCount; index++) {
        if (Adapter->Queues[index].Submitting) {
            return FALSE;
        }
    }
    return TRUE;
}

VOID NvmeSweepIo(PNVME_ADAPTER Adapter, UCHAR SrbStatus)
{
    ULONG queueIndex;
    ULONG index;

    for (queueIndex = 0; queueIndex < Adapter->QueueCount; queueIndex++) {
        PNVME_QUEUE queue = &Adapter->Queues[queueIndex];

        for (index = 0; index < queue->Depth - 1; index++) {
            PVOID srb = InterlockedExchangePointer(&queue->Slots[index].Srb, NULL);

            if (srb != NULL) {
                NvmeSlotReturn(queue, (LONG)index);
                NvmeCompleteSrb(Adapter, srb, SrbStatus);
            }
        }
    }
}

/*
 * irp.c - see irp.h. What the I/O manager builds itself is in irp_build.c.
 */
#include "nt/irp.h"

#include "nt/bugcheck.h"
#include "nt/device.h"
#include "nt/dispatcher.h"
#include "nt/irp_private.h"
#include "nt/spinlock.h"

#include <string.h>

enum { IRP_POOL_TAG = 0x20707249 /* "Irp " */ };

static struct nt_spinlock cancel_lock;

static IO_STACK_LOCATION *locations_of(IRP *irp)
{
    return (IO_STACK_LOCATION *)(irp + 1);
}

void nt_irp_initialize(IRP *irp, uint16_t size, unsigned stack_size)
{
    memset(irp, 0, size);
    irp->Type = IO_TYPE_IRP;
    irp->Size = size;
    irp->StackCount = (CHAR)stack_size;
    irp->CurrentLocation = (CHAR)(stack_size + 1);
    irp->Tail.Overlay.CurrentStackLocation = locations_of(irp) + stack_size;
    irp->ThreadListEntry.Flink = irp->ThreadListEntry.Blink = &irp->ThreadListEntry;
}

IRP *nt_irp_allocate(unsigned stack_size)
{
    IRP *irp = nt_pool_allocate(IoSizeOfIrp(stack_size), IRP_POOL_TAG, NULL);

    if (irp)
        nt_irp_initialize(irp, IoSizeOfIrp(stack_size), stack_size);
    return irp;
}

void nt_irp_free(IRP *irp)
{
    nt_pool_free(irp);
}

/* ---- sending ---- */

/* Frames of evidence are known by these very strings. */
static const char other_major[] = "dispatch routine", completion[] = "completion routine";
static const char *const majors[IRP_MJ_MAXIMUM_FUNCTION + 1] = {
    [IRP_MJ_CREATE] = "IRP_MJ_CREATE",
    [IRP_MJ_CLOSE] = "IRP_MJ_CLOSE",
    [IRP_MJ_DEVICE_CONTROL] = "IRP_MJ_DEVICE_CONTROL",
    [IRP_MJ_INTERNAL_DEVICE_CONTROL] = "IRP_MJ_INTERNAL_DEVICE_CONTROL",
    [IRP_MJ_CLEANUP] = "IRP_MJ_CLEANUP",
    [IRP_MJ_POWER] = "IRP_MJ_POWER",
    [IRP_MJ_SYSTEM_CONTROL] = "IRP_MJ_SYSTEM_CONTROL",
    [IRP_MJ_PNP] = "IRP_MJ_PNP",
};

/* A call of a dispatch routine, and what is held while it runs. */
struct dispatch_call {
    struct nt_evidence frame; /* first */
    DEVICE_OBJECT *device;
};

static bool is_dispatch(const char *callback)
{
    bool is_major = callback == other_major;

    for (unsigned i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION && !is_major; i++)
        is_major = callback == majors[i];
    return is_major;
}

bool nt_irp_may_leave(const struct nt_evidence *frame)
{
    return frame->callback == completion || is_dispatch(frame->callback);
}

void nt_irp_leave(const struct nt_evidence *frame)
{
    if (is_dispatch(frame->callback))
        nt_object_release(((const struct dispatch_call *)frame)->device);
}

NTSTATUS nt_irp_call(DEVICE_OBJECT *device, IRP *irp)
{
    struct nt_thread *self = nt_self();
    uint8_t irql = self->irql;
    struct dispatch_call call = {.device = device};

    if (irp->CurrentLocation <= 1)
        nt_bugcheck(NT_BUGCHECK_NO_MORE_IRP_STACK_LOCATIONS, (uintptr_t)irp, 0, 0, 0,
                    "an IRP was sent to more drivers than it has stack locations for");
    irp->CurrentLocation--;
    IO_STACK_LOCATION *location = --irp->Tail.Overlay.CurrentStackLocation;
    location->DeviceObject = device;
    unsigned major = location->MajorFunction;
    if (major > IRP_MJ_MAXIMUM_FUNCTION)
        return nt_dispatch_invalid(device, irp);
    /* A removal may delete the device while its driver's routine runs. */
    nt_object_reference(device);
    nt_evidence_push(self, &call.frame, majors[major] ? majors[major] : other_major,
                     __atomic_load_n(&device->Reserved, __ATOMIC_RELAXED), irp);
    NTSTATUS status = device->DriverObject->MajorFunction[major](device, irp);
    nt_evidence_pop(self, &call.frame);
    if (self->irql != irql)
        nt_bugcheck(NT_BUGCHECK_IRQL_UNEXPECTED_VALUE, irql, self->irql, major, 0,
                    "a dispatch routine returned at another IRQL than it was called at");
    nt_object_release(device);
    return status;
}

/* ---- completion ---- */

static bool wants_completion(const IRP *irp, const IO_STACK_LOCATION *location)
{
    if (!location->CompletionRoutine)
        return false;
    if (irp->Cancel && (location->Control & SL_INVOKE_ON_CANCEL))
        return true;
    return location->Control &
           (irp->IoStatus.Status >= 0 ? SL_INVOKE_ON_SUCCESS : SL_INVOKE_ON_ERROR);
}

static NTSTATUS call_completion(DEVICE_OBJECT *device, IRP *irp, IO_STACK_LOCATION *location)
{
    struct nt_thread *self = nt_self();
    struct nt_evidence frame;

    nt_evidence_push(self, &frame, completion,
                     device ? __atomic_load_n(&device->Reserved, __ATOMIC_RELAXED) : NULL, irp);
    NTSTATUS status = location->CompletionRoutine(device, irp, location->Context);
    nt_evidence_pop(self, &frame);
    return status;
}

void nt_irp_complete(IRP *irp)
{
    if (irp->CurrentLocation > irp->StackCount + 1)
        nt_bugcheck(NT_BUGCHECK_MULTIPLE_IRP_COMPLETE_REQUESTS, (uintptr_t)irp, 0, 0, 0,
                    "an IRP was completed that had been completed before");
    if (irp->IoStatus.Status == STATUS_PENDING)
        nt_finding("irp-pending", NULL, "an IRP was completed with STATUS_PENDING");
    while (irp->CurrentLocation <= irp->StackCount) {
        IO_STACK_LOCATION location = *nt_irp_current(irp);
        /* Where the driver below stood is nobody's business any more. */
        memset(nt_irp_current(irp), 0, offsetof(IO_STACK_LOCATION, DeviceObject));
        irp->PendingReturned = (location.Control & SL_PENDING_RETURNED) != 0;
        irp->CurrentLocation++;
        irp->Tail.Overlay.CurrentStackLocation++;
        bool above = irp->CurrentLocation <= irp->StackCount;
        DEVICE_OBJECT *device = above ? nt_irp_current(irp)->DeviceObject : NULL;
        if (wants_completion(irp, &location)) {
            if (call_completion(device, irp, &location) == STATUS_MORE_PROCESSING_REQUIRED)
                return;
        } else if (irp->PendingReturned && above) {
            nt_irp_mark_pending(irp);
        }
    }
    irp->CurrentLocation = (CHAR)(irp->StackCount + 2); /* a second completion shows */
    irp_end(irp);
}

static NTSTATUS NTAPI signal_and_keep(DEVICE_OBJECT *device, IRP *irp, PVOID context)
{
    (void)device;
    (void)irp;
    nt_dispatcher_set(&((KEVENT *)context)->Header, 1);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

void nt_irp_keep(IRP *irp, KEVENT *back)
{
    IO_STACK_LOCATION *next = nt_irp_next(irp);

    nt_dispatcher_initialize(&back->Header, NT_NOTIFICATION_EVENT, sizeof(*back), 0);
    next->CompletionRoutine = signal_and_keep;
    next->Context = back;
    next->Control = SL_INVOKE_ON_SUCCESS | SL_INVOKE_ON_ERROR | SL_INVOKE_ON_CANCEL;
}

NTSTATUS nt_irp_call_and_wait(DEVICE_OBJECT *device, IRP *irp)
{
    KEVENT done;

    nt_irp_keep(irp, &done);
    NTSTATUS returned = nt_irp_call(device, irp);
    /* A driver that completes and returns something else contradicts itself; one that returns
     * without either will complete later, so only the event tells. */
    nt_dispatcher_wait(&done.Header, NULL);
    if (returned != STATUS_PENDING && returned != irp->IoStatus.Status)
        nt_finding("irp-status", device->Reserved,
                   "a dispatch routine returned 0x%08X for an IRP that it completed with 0x%08X",
                   (unsigned)returned, (unsigned)irp->IoStatus.Status);
    return irp->IoStatus.Status;
}

/* ---- cancellation ---- */

uint8_t nt_irp_cancel_lock_acquire(void)
{
    return nt_spinlock_acquire_raise(&cancel_lock, NT_DISPATCH_LEVEL);
}

void nt_irp_cancel_lock_release(uint8_t old_irql)
{
    nt_spinlock_release_lower(&cancel_lock, old_irql);
}

bool nt_irp_cancel(IRP *irp)
{
    uint8_t old = nt_irp_cancel_lock_acquire();

    irp->Cancel = TRUE;
    PDRIVER_CANCEL routine = __atomic_exchange_n(&irp->CancelRoutine, NULL, __ATOMIC_SEQ_CST);
    if (!routine) {
        nt_irp_cancel_lock_release(old);
        return false;
    }
    irp->CancelIrql = old;
    routine(nt_irp_current(irp)->DeviceObject, irp);
    return true;
}

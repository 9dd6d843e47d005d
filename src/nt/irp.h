/*
 * irp.h - requests of the I/O manager: allocation, stack locations, sending, completion,
 * cancellation, and the ones that the I/O manager itself builds and ends.
 */
#ifndef STORHOST_NT_IRP_H
#define STORHOST_NT_IRP_H

#include "nt/memory.h"
#include <wdm.h>

#ifdef __cplusplus
extern "C" {
#endif

static inline IO_STACK_LOCATION *nt_irp_current(const IRP *irp)
{
    return irp->Tail.Overlay.CurrentStackLocation;
}

static inline IO_STACK_LOCATION *nt_irp_next(const IRP *irp)
{
    return irp->Tail.Overlay.CurrentStackLocation - 1;
}

static inline void nt_irp_mark_pending(const IRP *irp)
{
    nt_irp_current(irp)->Control |= SL_PENDING_RETURNED;
}

/* From pool, with room for `stack_size` drivers; the caller is before the first. NULL: no memory.
 * At most DISPATCH_LEVEL. */
IRP *nt_irp_allocate(unsigned stack_size);
void nt_irp_initialize(IRP *irp, uint16_t size, unsigned stack_size);
void nt_irp_free(IRP *irp);

struct nt_evidence;

/* Gives the request to the device's driver: its dispatch routine runs in the caller's context. The
 * next stack location is filled in. Returns what that routine returns. At most DISPATCH_LEVEL. */
NTSTATUS nt_irp_call(DEVICE_OBJECT *device, IRP *irp);
/* Ends the current driver's part: completion routines run from here upward until one keeps the
 * request, then the I/O manager ends it. IoStatus is set. At most DISPATCH_LEVEL. */
void nt_irp_complete(IRP *irp);
/* The frame of evidence is of a dispatch or completion routine: what has called it can be left by
 * an exception of the driver. `nt_irp_leave` gives up what it held. Any IRQL. */
bool nt_irp_may_leave(const struct nt_evidence *frame);
void nt_irp_leave(const struct nt_evidence *frame);
/* When the request comes back to its sender it stays his, and the event (initialized here) is
 * signaled. Before it is sent. */
void nt_irp_keep(IRP *irp, KEVENT *back);
/* Sends a request of nt_irp_allocate to a device (with that many or fewer drivers) and waits until
 * it has come back. IoStatus tells how; the request is the caller's again. PASSIVE_LEVEL. */
NTSTATUS nt_irp_call_and_wait(DEVICE_OBJECT *device, IRP *irp);

/* Sets Cancel and calls the cancel routine, if there is one, under the cancel lock, which the
 * routine releases. True: there was one. At most DISPATCH_LEVEL. */
bool nt_irp_cancel(IRP *irp);
uint8_t nt_irp_cancel_lock_acquire(void);
void nt_irp_cancel_lock_release(uint8_t old_irql);

/* A control request as DeviceIoControl makes it, for the top of the device's stack: buffers by the
 * method that the code names. It ends by itself: output copied back, *status filled, event
 * signaled, memory freed. NULL: no memory. PASSIVE_LEVEL. */
IRP *nt_irp_build_control(uint32_t code, DEVICE_OBJECT *device, void *input, uint32_t input_length,
                          void *output, uint32_t output_length, bool internal, KEVENT *event,
                          IO_STATUS_BLOCK *status);
/* A request for one of the other major functions, with a buffer as the device's flags want it. With
 * an event it ends by itself, as above; without one its builder's completion routine keeps and
 * frees it. */
IRP *nt_irp_build(uint32_t major, DEVICE_OBJECT *device, void *buffer, uint32_t length,
                  const LARGE_INTEGER *offset, KEVENT *event, IO_STATUS_BLOCK *status);

#ifdef __cplusplus
}
#endif

#endif

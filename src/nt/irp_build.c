/*
 * irp_build.c - requests that the I/O manager builds for drivers, and how it ends them.
 *
 * Overlay.AllocationSize, which means something for CREATE alone, keeps the length of the output
 * buffer: a driver that reports more bytes than that must not make us write behind it.
 */
#include "nt/irp_private.h"

#include "nt/bugcheck.h"
#include "nt/device.h"
#include "nt/dispatcher.h"
#include "nt/mdl.h"

#include <string.h>

enum { BUFFER_POOL_TAG = 0x42706F49 /* "IopB" */ };

/* ---- ending ---- */

static void copy_output(IRP *irp)
{
    size_t capacity = (size_t)irp->Overlay.AllocationSize.QuadPart;
    size_t length = irp->IoStatus.Information;

    if (!(irp->Flags & IRP_INPUT_OPERATION) || NT_ERROR(irp->IoStatus.Status) ||
        !irp->AssociatedIrp.SystemBuffer)
        return;
    if (length > capacity) {
        nt_finding("irp-information", NULL,
                   "an IRP was completed with %zu bytes of output, and there is room for %zu",
                   length, capacity);
        length = capacity;
    }
    memcpy(irp->UserBuffer, irp->AssociatedIrp.SystemBuffer, length);
}

static void release_buffers(IRP *irp)
{
    if (irp->Flags & IRP_BUFFERED_IO)
        copy_output(irp);
    if ((irp->Flags & IRP_DEALLOCATE_BUFFER) && irp->AssociatedIrp.SystemBuffer)
        nt_pool_free(irp->AssociatedIrp.SystemBuffer);
    while (irp->MdlAddress) {
        MDL *mdl = irp->MdlAddress;
        irp->MdlAddress = mdl->Next;
        nt_mdl_unlock(mdl);
        nt_mdl_free(mdl);
    }
}

void irp_end(IRP *irp)
{
    KEVENT *event = irp->UserEvent;

    if (!event)
        nt_finding("irp-ownerless", NULL,
                   "an IRP without an event came back to the I/O manager: the completion routine "
                   "of its builder has to keep and free it");
    release_buffers(irp);
    if (irp->UserIosb)
        *irp->UserIosb = irp->IoStatus;
    nt_irp_free(irp);
    if (event)
        nt_dispatcher_set(&event->Header, 1);
}

/* ---- building ---- */

static bool attach_mdl(IRP *irp, void *memory, uint32_t length)
{
    if (!length)
        return true;
    irp->MdlAddress = nt_mdl_allocate(memory, length);
    if (!irp->MdlAddress)
        return false;
    nt_mdl_build(irp->MdlAddress);
    irp->MdlAddress->MdlFlags |= MDL_PAGES_LOCKED;
    (void)nt_mdl_lock_user(irp->MdlAddress, nt_process_current());
    return true;
}

static bool attach_system_buffer(IRP *irp, const void *input, uint32_t input_length, void *output,
                                 uint32_t output_length)
{
    uint32_t length = input_length > output_length ? input_length : output_length;

    irp->UserBuffer = output;
    irp->Overlay.AllocationSize.QuadPart = output_length;
    irp->Flags |= IRP_BUFFERED_IO | (output_length ? IRP_INPUT_OPERATION : 0);
    if (!length)
        return true;
    irp->AssociatedIrp.SystemBuffer = nt_pool_allocate(length, BUFFER_POOL_TAG, NULL);
    if (!irp->AssociatedIrp.SystemBuffer)
        return false;
    irp->Flags |= IRP_DEALLOCATE_BUFFER;
    memset(irp->AssociatedIrp.SystemBuffer, 0, length);
    if (input_length)
        memcpy(irp->AssociatedIrp.SystemBuffer, input, input_length);
    return true;
}

/* The failed halves of building. */
static IRP *abandon(IRP *irp)
{
    irp->Flags &= ~(ULONG)IRP_BUFFERED_IO;
    release_buffers(irp);
    nt_irp_free(irp);
    return NULL;
}

IRP *nt_irp_build_control(uint32_t code, DEVICE_OBJECT *device, void *input, uint32_t input_length,
                          void *output, uint32_t output_length, bool internal, KEVENT *event,
                          IO_STATUS_BLOCK *status)
{
    IRP *irp = nt_irp_allocate((unsigned)device->StackSize);
    bool good = true;

    if (!irp)
        return NULL;
    IO_STACK_LOCATION *next = nt_irp_next(irp);
    next->MajorFunction = internal ? IRP_MJ_INTERNAL_DEVICE_CONTROL : IRP_MJ_DEVICE_CONTROL;
    next->Parameters.DeviceIoControl.IoControlCode = code;
    next->Parameters.DeviceIoControl.InputBufferLength = input_length;
    next->Parameters.DeviceIoControl.OutputBufferLength = output_length;
    irp->UserEvent = event;
    irp->UserIosb = status;
    switch (code & 3) {
    case METHOD_BUFFERED:
        good = attach_system_buffer(irp, input, input_length, output, output_length);
        break;
    case METHOD_IN_DIRECT:
    case METHOD_OUT_DIRECT:
        good = attach_system_buffer(irp, input, input_length, NULL, 0) &&
               attach_mdl(irp, output, output_length);
        break;
    default:
        next->Parameters.DeviceIoControl.Type3InputBuffer = input;
        irp->UserBuffer = output;
        break;
    }
    return good ? irp : abandon(irp);
}

IRP *nt_irp_build(uint32_t major, DEVICE_OBJECT *device, void *buffer, uint32_t length,
                  const LARGE_INTEGER *offset, KEVENT *event, IO_STATUS_BLOCK *status)
{
    bool read = major == IRP_MJ_READ, write = major == IRP_MJ_WRITE, good = true;
    IRP *irp = nt_irp_allocate((unsigned)device->StackSize);

    if (!irp)
        return NULL;
    IO_STACK_LOCATION *next = nt_irp_next(irp);
    next->MajorFunction = (UCHAR)major;
    irp->UserEvent = event;
    irp->UserIosb = status;
    if (read || write) {
        /* Both have the same parameters. */
        next->Parameters.Read.Length = length;
        if (offset)
            next->Parameters.Read.ByteOffset = *offset;
        if (device->Flags & DO_BUFFERED_IO)
            good = attach_system_buffer(irp, buffer, write ? length : 0, buffer, read ? length : 0);
        else if (device->Flags & DO_DIRECT_IO)
            good = attach_mdl(irp, buffer, length);
        else
            irp->UserBuffer = buffer;
    }
    return good ? irp : abandon(irp);
}

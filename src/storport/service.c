/*
 * service.c - service requests of virtual miniports: IOCTL_MINIPORT_PROCESS_SERVICE_IRP goes to the
 * driver as it is, and stays pending until the driver ends it (callbacks' reference, section 4).
 *
 * The list of what is pending is ours: the links inside the IRP belong to the driver, which queues
 * by them.
 */
#include "storport/device.h"

#include <limits.h>
#include <ntddscsi.h>
#include <stdlib.h>

struct storport_service {
    struct storport_service *next;
    struct storport_adapter *adapter;
    IRP *irp;
    bool listed; /* __atomic: the driver has not ended it */

    /* What the IRP's sender wants to hear of its completion. */
    PIO_COMPLETION_ROUTINE routine;
    PVOID context;
    UCHAR control;
};

/* What comes out of HwProcessServiceRequest by itself has come out by then. */
#define SERVICE_LEAVES_NS (200 * SYS_NS_PER_MS)

enum { INVOKE_ALWAYS = SL_INVOKE_ON_SUCCESS | SL_INVOKE_ON_ERROR | SL_INVOKE_ON_CANCEL };

/* ---- what is pending ---- */

/* Takes the request out of the list. NULL: it is not there. */
static struct storport_service *service_take(struct storport_adapter *adapter, const IRP *irp)
{
    struct storport_service *service = NULL;
    uint8_t old = nt_spinlock_acquire_raise(&adapter->service_lock, NT_DISPATCH_LEVEL);

    for (struct storport_service **link = &adapter->services; *link; link = &(*link)->next) {
        if (!irp || (*link)->irp == irp) {
            service = *link;
            *link = service->next;
            __atomic_store_n(&service->listed, false, __ATOMIC_RELAXED);
            break;
        }
    }
    nt_spinlock_release_lower(&adapter->service_lock, old);
    return service;
}

/* What the I/O manager would have done with the stack location that is ours while the request is
 * pending. */
static NTSTATUS tell_sender(const struct storport_service *service, DEVICE_OBJECT *above, IRP *irp)
{
    bool failed = irp->IoStatus.Status < 0;

    if (service->routine &&
        ((irp->Cancel && (service->control & SL_INVOKE_ON_CANCEL)) ||
         (service->control & (failed ? SL_INVOKE_ON_ERROR : SL_INVOKE_ON_SUCCESS))))
        return service->routine(above, irp, service->context);
    if (irp->PendingReturned && irp->CurrentLocation <= irp->StackCount)
        nt_irp_mark_pending(irp);
    return STATUS_SUCCESS;
}

/* False: it was not there any more. */
static bool service_remove(struct storport_adapter *adapter, const struct storport_service *service)
{
    bool found = false;
    uint8_t old = nt_spinlock_acquire_raise(&adapter->service_lock, NT_DISPATCH_LEVEL);

    for (struct storport_service **link = &adapter->services; *link; link = &(*link)->next) {
        if (*link == service) {
            *link = service->next;
            found = true;
            break;
        }
    }
    nt_spinlock_release_lower(&adapter->service_lock, old);
    return found;
}

/* However the request ends, it ends here: after this the IRP is somebody else's memory. One that
 * has been taken from the list may outlive the adapter. */
static NTSTATUS NTAPI service_ended(DEVICE_OBJECT *above, IRP *irp, PVOID context)
{
    struct storport_service *service = context;
    struct storport_adapter *adapter = service->adapter;

    if (__atomic_load_n(&service->listed, __ATOMIC_RELAXED) && service_remove(adapter, service))
        nt_finding("service-irp", adapter->port,
                   "the driver ended a service request with IoCompleteRequest: it is to call "
                   "StorPortCompleteServiceIrp");
    NTSTATUS status = tell_sender(service, above, irp);
    free(service);
    return status;
}

static struct storport_service *service_add(struct storport_adapter *adapter, IRP *irp)
{
    IO_STACK_LOCATION *location = nt_irp_current(irp);
    struct storport_service *service = malloc(sizeof(*service));

    if (!service)
        return NULL;
    *service = (struct storport_service){
        .adapter = adapter,
        .irp = irp,
        .listed = true,
        .routine = location->CompletionRoutine,
        .context = location->Context,
        .control = location->Control,
    };
    location->CompletionRoutine = service_ended;
    location->Context = service;
    location->Control |= INVOKE_ALWAYS;
    nt_irp_mark_pending(irp);
    uint8_t old = nt_spinlock_acquire_raise(&adapter->service_lock, NT_DISPATCH_LEVEL);
    service->next = adapter->services;
    adapter->services = service;
    nt_spinlock_release_lower(&adapter->service_lock, old);
    return service;
}

/* ---- who is in the driver ---- */

static bool call_enter(struct storport_adapter *adapter)
{
    uint8_t old = nt_spinlock_acquire_raise(&adapter->service_lock, NT_DISPATCH_LEVEL);
    bool in = !adapter->services_closed;

    if (in)
        __atomic_add_fetch(&adapter->service_calls, 1, __ATOMIC_SEQ_CST);
    nt_spinlock_release_lower(&adapter->service_lock, old);
    return in;
}

/* The adapter stays until its dispatch routine has left, too. */
static void call_leave(struct storport_adapter *adapter)
{
    if (!__atomic_sub_fetch(&adapter->service_calls, 1, __ATOMIC_SEQ_CST))
        sys_wake(&adapter->service_calls, INT_MAX);
}

static void set_closed(struct storport_adapter *adapter, bool closed)
{
    uint8_t old = nt_spinlock_acquire_raise(&adapter->service_lock, NT_DISPATCH_LEVEL);

    adapter->services_closed = closed;
    nt_spinlock_release_lower(&adapter->service_lock, old);
}

bool storport_services_close(struct port_adapter *port, uint64_t deadline_ns)
{
    struct storport_adapter *adapter = port->model_state;
    uint32_t calls;
    int error = 0;

    set_closed(adapter, true);
    while ((calls = __atomic_load_n(&adapter->service_calls, __ATOMIC_SEQ_CST)) != 0 && !error)
        error = sys_wait(&adapter->service_calls, calls, deadline_ns);
    return calls == 0;
}

void storport_services_open(struct port_adapter *port)
{
    set_closed(port->model_state, false);
}

/* ---- the request ---- */

static NTSTATUS process_service_irp(struct storport_ioctl *ioctl)
{
    struct storport_adapter *adapter = ioctl->adapter;
    struct storport_call call;

    if (adapter->mode != STORPORT_VIRTUAL || !adapter->init.HwProcessServiceRequest)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (!call_enter(adapter))
        return STATUS_DEVICE_NOT_READY;
    if (!service_add(adapter, ioctl->irp)) {
        call_leave(adapter);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    storport_call_begin(&call, nt_self(), adapter, "HwStorProcessServiceRequest", ioctl->irp);
    adapter->init.HwProcessServiceRequest(adapter->extension, ioctl->irp);
    storport_call_end(&call);
    call_leave(adapter);
    return STATUS_PENDING;
}
STORPORT_IOCTL(IOCTL_MINIPORT_PROCESS_SERVICE_IRP, STORPORT_FOR_ADAPTER, 0, process_service_irp);

/* Status and length are in the IRP already. */
static ULONG complete_service_irp(struct storport_adapter *adapter, PVOID extension,
                                  __builtin_ms_va_list *arguments)
{
    PIRP irp = STORPORT_ARGUMENT(arguments, PIRP);

    (void)extension;
    if (adapter->mode != STORPORT_VIRTUAL)
        return STOR_STATUS_NOT_IMPLEMENTED;
    if (!irp)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (!service_take(adapter, irp)) {
        nt_finding("service-irp", adapter->port,
                   "StorPortCompleteServiceIrp got an IRP that no HwProcessServiceRequest of this "
                   "adapter has, or that is completed already");
        return STOR_STATUS_INVALID_PARAMETER;
    }
    nt_irp_complete(irp);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionCompleteServiceIrp, "StorPortCompleteServiceIrp",
                  "I/O request processing", complete_service_irp);

void storport_services_end(struct storport_adapter *adapter)
{
    struct storport_service *service;
    struct storport_call call;

    /* First, so that no request comes behind the driver's back when it has ended them all. But
     * there are drivers that keep a request by waiting in its thread, and this ends their wait. */
    storport_requests_end(adapter->port, sys_now_ns() + SERVICE_LEAVES_NS);
    if (adapter->port->virtual_adapter && adapter->init.HwCompleteServiceIrp) {
        storport_call_begin(&call, nt_self(), adapter, "HwStorCompleteServiceIrp", NULL);
        adapter->init.HwCompleteServiceIrp(adapter->extension);
        storport_call_end(&call);
    }
    storport_requests_end(adapter->port, SYS_FOREVER);
    while ((service = service_take(adapter, NULL)) != NULL) {
        nt_finding("service-irp", adapter->port,
                   "HwCompleteServiceIrp returned and left a service request pending");
        storport_irp_finish(service->irp, STATUS_DELETE_PENDING, 0);
    }
}

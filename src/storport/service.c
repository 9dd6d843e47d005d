/*
 * service.c - service requests of virtual miniports: IOCTL_MINIPORT_PROCESS_SERVICE_IRP goes to the
 * driver as it is, and stays pending until the driver ends it (callbacks' reference, section 4).
 *
 * The list of what is pending is ours: the links inside the IRP belong to the driver, which queues
 * by them.
 */
#include "storport/device.h"

#include <ntddscsi.h>
#include <stdlib.h>

struct storport_service {
    struct storport_service *next;
    IRP *irp;
};

/* Takes the request out of the list. NULL: it is not there. */
static struct storport_service *service_take(struct storport_adapter *adapter, const IRP *irp)
{
    struct storport_service *service = NULL;
    uint8_t old = nt_spinlock_acquire_raise(&adapter->service_lock, NT_DISPATCH_LEVEL);

    for (struct storport_service **link = &adapter->services; *link; link = &(*link)->next) {
        if (!irp || (*link)->irp == irp) {
            service = *link;
            *link = service->next;
            break;
        }
    }
    nt_spinlock_release_lower(&adapter->service_lock, old);
    return service;
}

static NTSTATUS process_service_irp(struct storport_ioctl *ioctl)
{
    struct storport_adapter *adapter = ioctl->adapter;
    struct storport_service *service;
    struct storport_call call;

    if (adapter->mode != STORPORT_VIRTUAL || !adapter->init.HwProcessServiceRequest)
        return STATUS_INVALID_DEVICE_REQUEST;
    service = malloc(sizeof(*service));
    if (!service)
        return STATUS_INSUFFICIENT_RESOURCES;
    service->irp = ioctl->irp;
    nt_irp_mark_pending(ioctl->irp);
    uint8_t old = nt_spinlock_acquire_raise(&adapter->service_lock, NT_DISPATCH_LEVEL);
    service->next = adapter->services;
    adapter->services = service;
    nt_spinlock_release_lower(&adapter->service_lock, old);
    storport_call_begin(&call, nt_self(), adapter, "HwStorProcessServiceRequest", ioctl->irp);
    adapter->init.HwProcessServiceRequest(adapter->extension, ioctl->irp);
    storport_call_end(&call);
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
    struct storport_service *service = service_take(adapter, irp);
    if (!service) {
        nt_finding("service-irp", adapter->port,
                   "StorPortCompleteServiceIrp got an IRP that no HwProcessServiceRequest of this "
                   "adapter has, or that is completed already");
        return STOR_STATUS_INVALID_PARAMETER;
    }
    free(service);
    nt_irp_complete(irp);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionCompleteServiceIrp, "StorPortCompleteServiceIrp",
                  "I/O request processing", complete_service_irp);

void storport_services_end(struct storport_adapter *adapter)
{
    struct storport_service *service;
    struct storport_call call;

    /* First, so that no request comes behind the driver's back when it has ended them all. */
    storport_requests_end(adapter->port);
    if (adapter->port->virtual_adapter && adapter->init.HwCompleteServiceIrp) {
        storport_call_begin(&call, nt_self(), adapter, "HwStorCompleteServiceIrp", NULL);
        adapter->init.HwCompleteServiceIrp(adapter->extension);
        storport_call_end(&call);
    }
    while ((service = service_take(adapter, NULL)) != NULL) {
        nt_finding("service-irp", adapter->port,
                   "HwCompleteServiceIrp returned and left a service request pending");
        storport_irp_finish(service->irp, STATUS_DELETE_PENDING, 0);
        free(service);
    }
}

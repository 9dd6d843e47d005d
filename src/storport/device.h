/*
 * device.h - device objects of an adapter and its units, and the requests (IRPs) that reach them
 * through the driver object's dispatch table.
 */
#ifndef STORHOST_STORPORT_DEVICE_H
#define STORHOST_STORPORT_DEVICE_H

#include "nt/device.h"
#include "nt/irp.h"
#include "storport/adapter.h"

enum { STORPORT_DEVICE_MARK = 0x64696152 /* "Raid" */ };

enum storport_device_kind {
    STORPORT_DEVICE_BUS,     /* what the bus below found: not ours, but nobody else makes it */
    STORPORT_DEVICE_ADAPTER, /* RaidPort<n>, which AddDevice attaches to it */
    STORPORT_DEVICE_UNIT,    /* of one logical unit */
};

struct storport_unit_device {
    struct storport_unit_device *next;
    struct port_unit *unit;
    DEVICE_OBJECT *device;
};

/* The DeviceExtension of all of them. */
struct storport_device {
    uint32_t mark; /* STORPORT_DEVICE_MARK: a driver may have devices of its own */
    enum storport_device_kind kind;
    /* Taken away when the device goes: looked at inside storport_device_enter. */
    struct port_adapter *port;
    struct port_unit *unit; /* of a UNIT */
};

/* An event of the machine on its way through the dispatch table (model.h, `send`). */
struct storport_event {
    struct storport_event *next;
    IRP *irp;
    uint32_t (*body)(void *context);
    void *context;
    bool ran;
};

/* An adapter's device objects, from before its first start until it is gone. */
struct storport_stack {
    DEVICE_OBJECT *bus, *adapter;
    struct storport_unit_device *units; /* made when first asked for */
    struct sys_mutex mutex;
    struct storport_event *events;
    struct storport_running *running; /* SRBs of other drivers; scsi_irp.c */

    /* Under storport_requests_lock. */
    uint32_t inside; /* dispatch routines that look at the adapter; __atomic, slept on */
    bool ending;     /* nobody comes in any more */
};

/* A control request on its way through ioctl.c. */
struct storport_ioctl {
    struct port_adapter *port;
    struct storport_adapter *adapter;
    struct port_unit *unit; /* NULL: for the adapter */
    IRP *irp;
    uint32_t code;
    void *buffer; /* of METHOD_BUFFERED: input, then output */
    uint32_t input_length, output_length;
    size_t information; /* bytes of output */
};

enum storport_ioctl_target { STORPORT_FOR_ADAPTER = 1u << 0, STORPORT_FOR_UNIT = 1u << 1 };

/* Control codes register where they are handled. The routine runs at PASSIVE_LEVEL with at least
 * the minimum of input; STATUS_PENDING: the request is somebody else's now. */
struct storport_ioctl_row {
    uint32_t code;
    unsigned targets; /* enum storport_ioctl_target */
    uint32_t minimum_input;
    NTSTATUS (*routine)(struct storport_ioctl *ioctl);
};
#define STORPORT_IOCTL(code_, targets_, minimum_input_, routine_)                                  \
    static const struct storport_ioctl_row storport_ioctl_row_##routine_                           \
        __attribute__((section("storport_ioctls"), used, aligned(8))) = {code_, targets_,          \
                                                                         minimum_input_, routine_}

static inline struct storport_device *storport_device_of(const DEVICE_OBJECT *device)
{
    return (struct storport_device *)device->DeviceExtension;
}

/* Drivers that make devices of their own wrap the dispatch routines to tell them apart; one that
 * does not must not have its extension taken for ours. */
static inline bool storport_is_device(const DEVICE_OBJECT *device)
{
    return device->Size == sizeof(DEVICE_OBJECT) + sizeof(struct storport_device) &&
           storport_device_of(device)->mark == STORPORT_DEVICE_MARK;
}

/* device_objects.c */

/* The adapter's stack, made (by the driver's AddDevice) if there is none yet. NULL: AddDevice
 * failed. PASSIVE_LEVEL. */
struct storport_stack *storport_stack_of(struct port_adapter *port);
/* The devices go; whoever has a reference keeps an object that reaches nothing. PASSIVE_LEVEL. */
void storport_stack_free(struct port_adapter *port);
NTSTATUS NTAPI storport_add_device(DRIVER_OBJECT *driver, DEVICE_OBJECT *bus);

/* The unit's device object, with a reference of the caller's. NULL: no memory, or the adapter is
 * going. PASSIVE_LEVEL. */
DEVICE_OBJECT *storport_unit_device(struct port_unit *unit);

/* relations.c */

/* Answers IRP_MN_QUERY_DEVICE_RELATIONS for BusRelations: the devices of all units, each
 * with a reference, behind those that a driver above has put in already. The adapter stays
 * meanwhile. PASSIVE_LEVEL. */
NTSTATUS storport_relations_add(struct port_adapter *port, IRP *irp);
/* What the asker does with an answer that he has looked at. */
void storport_relations_release(IRP *irp);

/* Between these the adapter of a device stays: a removal waits. False: it is gone or going. At most
 * DISPATCH_LEVEL. */
bool storport_requests_enter(struct port_adapter *port);
bool storport_device_enter(const DEVICE_OBJECT *device, struct port_adapter **ret_port);
void storport_requests_leave(struct port_adapter *port);
/* Lets nobody in any more and waits for those who are inside, until deadline_ns. PASSIVE_LEVEL. */
void storport_requests_end(struct port_adapter *port, uint64_t deadline_ns);

/* dispatch.c */

/* Puts Storport's routines into the driver object. */
void storport_fill_driver(DRIVER_OBJECT *driver);
/* HwStorInitializeTracing of a driver that has one, once; its counterpart at unload. */
void storport_start_tracing(DRIVER_OBJECT *driver, PVOID registry_path,
                            const HW_INITIALIZATION_DATA *record);
uint32_t storport_send(struct port_adapter *port, enum port_irp event,
                       uint32_t (*body)(void *context), void *context);
/* The same to a unit's device. */
uint32_t storport_send_unit(struct port_unit *unit, enum port_irp event,
                            uint32_t (*body)(void *context), void *context);

/* ioctl.c */

NTSTATUS NTAPI storport_dispatch_control(DEVICE_OBJECT *device, IRP *irp);
/* Executes the request on a queue of its own and waits. PASSIVE_LEVEL. */
void storport_ioctl_execute(struct port_request *request, struct port_unit *unit);
/* The adapter's or the unit's own device object, with a reference. NULL: it is going.
 * PASSIVE_LEVEL. */
DEVICE_OBJECT *storport_device_object(struct port_adapter *port, struct port_unit *unit);
extern const struct nt_device_keeper storport_device_keeper;
uint32_t storport_control(struct port_adapter *port, struct port_unit *unit,
                          const struct port_control_code *control);

/* scsi_irp.c */

NTSTATUS NTAPI storport_dispatch_scsi(DEVICE_OBJECT *device, IRP *irp);
NTSTATUS NTAPI storport_dispatch_system_control(DEVICE_OBJECT *device, IRP *irp);

/* service.c */

/* Service requests are refused from here on, until open; true when no call of
 * HwProcessServiceRequest is under way any more, false when one still was at deadline_ns.
 * PASSIVE_LEVEL. */
bool storport_services_close(struct port_adapter *port, uint64_t deadline_ns);
void storport_services_open(struct port_adapter *port);
/* The adapter is going: HwStorCompleteServiceIrp, and the end of what it should have ended. */
void storport_services_end(struct storport_adapter *adapter);

/* dispatch.c */

/* Gives the request to the device below as it is; at the bottom it is completed as it is. */
NTSTATUS storport_pass_down(DEVICE_OBJECT *device, IRP *irp);
/* Completes the request with a status and a number of bytes, and returns the status. */
NTSTATUS storport_irp_finish(IRP *irp, NTSTATUS status, size_t information);

#endif

/*
 * model.h - what a driver model (Storport, SCSI port) gives the port, and how it registers.
 *
 * The port knows queues, gates, slots, time-outs; the model knows SRBs and callbacks. A driver's
 * DriverEntry reaches its model by an import, and the model registers one record an interface type
 * with the driver that is being loaded.
 */
#ifndef STORHOST_PORT_MODEL_H
#define STORHOST_PORT_MODEL_H

#include "nt/processor.h"
#include "port/component.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct _DEVICE_OBJECT;
struct port_adapter;
struct port_control_code;
struct port_driver;
struct port_key_insertion;
struct port_notice;
struct port_slot;
struct port_unit;

/* Events of the machine that Windows sends as IRPs. */
enum port_irp {
    PORT_IRP_START_DEVICE,
    PORT_IRP_QUERY_STOP,
    PORT_IRP_CANCEL_STOP,
    PORT_IRP_STOP_DEVICE,
    PORT_IRP_QUERY_REMOVE,
    PORT_IRP_CANCEL_REMOVE,
    PORT_IRP_REMOVE_DEVICE,
    PORT_IRP_SURPRISE_REMOVAL,
    PORT_IRP_QUERY_BUS_RELATIONS,
    PORT_IRP_SET_POWER_D0, /* to D3 without a gap */
    PORT_IRP_SET_POWER_D1,
    PORT_IRP_SET_POWER_D2,
    PORT_IRP_SET_POWER_D3,
};

/* Why an adapter stops. */
enum port_stop {
    PORT_STOP_REBALANCE, /* it will be started again */
    PORT_STOP_REMOVE,
    PORT_STOP_GONE, /* its removal, and the hardware is not there any more */
};

struct port_dump;
struct port_dump_pointers;

/* What writes dumps (port/dump.h). NULL: the model has no such instances. */
struct port_dump_model {
    /* PASSIVE_LEVEL, control_mutex held, on the live adapter: asks its driver for what it wants to
     * hand to its other instance. 0, -EIO with a reason. */
    int (*pointers)(struct port_unit *unit, struct port_dump_pointers *ret_pointers, char *reason,
                    size_t reason_size);
    void (*free_pointers)(struct port_unit *unit, struct port_dump_pointers *pointers);
    /* HIGH_LEVEL from here on, nothing else runs. FindAdapter and HwInitialize of the instance;
     * between the two it calls port_dump_carve. 0, negative errno with a reason. */
    int (*start)(struct port_dump *dump, const void *record, char *reason, size_t reason_size);
    /* Gives the slot to the driver. */
    void (*issue)(struct port_adapter *adapter, struct port_slot *slot);
    /* Calls the driver's interrupt routine once. */
    void (*poll)(struct port_adapter *adapter);
    /* Forgets the instance. No callback. */
    void (*end)(struct port_adapter *adapter);
};

struct port_model {
    const char *name; /* "storport" */
    const struct port_dump_model *dump;

    /* PASSIVE_LEVEL. The adapter has been found: makes the model's record of it and the device
     * extension, zeroed this once. 0, -ENOMEM. */
    int (*add)(struct port_adapter *adapter, const void *record, char *reason, size_t reason_size);
    /* PASSIVE_LEVEL, after add or stop. Brings the adapter from opened device to ready for its
     * first request: FindAdapter, carve, connect, initialize. On failure no callback comes any
     * more, `reason` says which step refused and how, and adapter->start_status is its NTSTATUS;
     * drain and take_back follow. */
    int (*start)(struct port_adapter *adapter, char *reason, size_t reason_size);
    /* PASSIVE_LEVEL. No request is outstanding. The last callbacks before the next start, or for
     * good; nothing of them for an adapter that is not started. */
    void (*stop)(struct port_adapter *adapter, enum port_stop why);
    /* PASSIVE_LEVEL, after stop or power_down, control_mutex not held: returns when no work item or
     * timer of a driver that has been stopped runs any more. */
    void (*drain)(struct port_adapter *adapter);
    /* PASSIVE_LEVEL, after drain: takes back mappings, DMA memory and slots. The extension stays.
     */
    void (*take_back)(struct port_adapter *adapter);
    /* PASSIVE_LEVEL, after take_back: the very last callback, and everything that add made. */
    void (*remove)(struct port_adapter *adapter);
    /* PASSIVE_LEVEL. No request is outstanding, none comes. device_state 1 to 3. What it returns
     * is 0, or -EIO when the driver cannot be used any more. */
    int (*power_down)(struct port_adapter *adapter, unsigned device_state, unsigned action);
    int (*power_up)(struct port_adapter *adapter, unsigned action, char *reason,
                    size_t reason_size);
    /* PASSIVE_LEVEL, from the worker of the power framework (component.h): tells the driver of its
     * component (unit NULL: the adapter's), or that a change of its performance state is made. */
    void (*component)(struct port_adapter *adapter, struct port_unit *unit,
                      enum port_component_event event, uint32_t value);
    void (*perf_state)(struct port_adapter *adapter, void *context);
    /* PASSIVE_LEVEL, before the adapter's power_down and after its power_up. */
    void (*unit_power)(struct port_unit *unit, unsigned device_state, unsigned action);

    /* DISPATCH_LEVEL on `processor`. Once for a slot after carving: formats what never changes. */
    void (*format)(struct port_slot *slot);
    /* DISPATCH_LEVEL on `processor`, no lock. Gives the slots of a list (linked by next, all of one
     * adapter, state OUTSTANDING, data mapped) to the miniport: BuildIo for all, then StartIo for
     * all. Slots with PORT_SLOT_BUILT get StartIo only. Owns the list. */
    void (*issue)(struct port_adapter *adapter, struct nt_processor *processor,
                  struct port_slot *list);
    /* DISPATCH_LEVEL or PASSIVE_LEVEL, adapter queues closed. The driver's bus reset. */
    bool (*reset_bus)(struct port_adapter *adapter, unsigned path);
    /* DISPATCH_LEVEL. The slot comes back from the driver: ends what the model made for it (MDL).
     */
    void (*release)(struct port_slot *slot);

    /* PASSIVE_LEVEL. Sends the event the way that Windows does: as an IRP through the dispatch
     * table of the driver object, which the driver may have wrapped. `body` does the work; it runs
     * (once) when the IRP reaches the port's own routine, and its NTSTATUS completes the IRP. A
     * driver that ends the IRP itself keeps it from running. Returns the IRP's final NTSTATUS.
     * NULL: `body` is called directly. */
    uint32_t (*send)(struct port_adapter *adapter, enum port_irp irp,
                     uint32_t (*body)(void *context), void *context);
    /* PASSIVE_LEVEL, control_mutex may be held. The same to a unit's device. */
    uint32_t (*send_unit)(struct port_unit *unit, enum port_irp irp,
                          uint32_t (*body)(void *context), void *context);

    /* PASSIVE_LEVEL. A control code for the adapter, or for a unit, as an application sends it. It
     * holds the adapter (port_runtime_hold) while it is in the driver, and looks at it no more when
     * it has waited: the driver may keep the request until the adapter is removed. Returns an
     * NTSTATUS. NULL: there are none. */
    uint32_t (*control)(struct port_adapter *adapter, struct port_unit *unit,
                        const struct port_control_code *control);
    /* PASSIVE_LEVEL. The device object that applications open: the adapter's, or a unit's; with a
     * reference. NULL: it is going. The member is NULL: there are none. */
    struct _DEVICE_OBJECT *(*device_object)(struct port_adapter *adapter, struct port_unit *unit);
    /* PASSIVE_LEVEL, while requests still flow, before they are held back: control codes reach no
     * callback of the driver any more, and none is in one when this returns. False when one still
     * was at deadline_ns. What open lets in again. Both NULL: there are none. */
    bool (*close_controls)(struct port_adapter *adapter, uint64_t deadline_ns);
    void (*open_controls)(struct port_adapter *adapter);

    /* PASSIVE_LEVEL, control_mutex held, the bodies of its START_DEVICE, SURPRISE_REMOVAL and
     * REMOVE_DEVICE. A unit was accepted / vanished / is removed. May be NULL. */
    void (*unit_started)(struct port_unit *unit);
    void (*unit_surprised)(struct port_unit *unit);
    void (*unit_removed)(struct port_unit *unit);
    /* PASSIVE_LEVEL. The bus has it no more: its device object goes. May be NULL. */
    void (*unit_forgotten)(struct port_unit *unit);
    /* PASSIVE_LEVEL, control_mutex held, on an adapter that runs. Tells the driver. 0; -EOPNOTSUPP
     * when it does not want to hear of it, -EIO when it refuses. */
    int (*notify)(struct port_adapter *adapter, struct port_unit *unit, struct port_notice *notice);
    /* What the slot's request block says now, while the driver may be writing to it: the SRB's
     * function and the CDB. Any IRQL. May be NULL. */
    void (*peek)(const struct port_slot *slot, uint8_t *ret_function, uint8_t ret_cdb[16]);
    /* PASSIVE_LEVEL, control_mutex held. Hands the driver a key for its engine. 0; -EOPNOTSUPP when
     * it takes none, -EIO when it refuses, -ENOMEM. NULL: as -EOPNOTSUPP. */
    int (*insert_key)(struct port_adapter *adapter, const struct port_key_insertion *insertion);
    /* PASSIVE_LEVEL, before each enumeration pass. May be NULL. */
    void (*before_rescan)(struct port_adapter *adapter);
    /* PASSIVE_LEVEL. The driver is unloaded: frees a record. May be NULL. */
    void (*forget)(const void *record);
    /* PASSIVE_LEVEL. Called when the device vanished, before requests are failed. May be NULL. */
    void (*surprise_removal)(struct port_adapter *adapter);
};

enum port_interface { PORT_INTERFACE_VIRTUAL, PORT_INTERFACE_PCI };

/* DriverEntry only: adds a record to the driver that the calling thread is loading. `record` stays
 * the model's. -EINVAL outside DriverEntry. */
int port_driver_register(const struct port_model *model, enum port_interface interface,
                         const void *record);
/* The driver whose DriverEntry runs on this thread, else NULL. */
struct port_driver *port_driver_loading(void);
/* The DRIVER_OBJECT (driver.c makes it before DriverEntry). */
void *port_driver_object(struct port_driver *driver);

#ifdef __cplusplus
}
#endif

#endif

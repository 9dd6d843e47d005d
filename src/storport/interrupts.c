/*
 * interrupts.c - which interrupts an adapter is granted, how they reach the driver's routines, and
 * what a driver may ask of them.
 */
#include "bus/pci.h"
#include "nt/registry.h"
#include "port/driver.h"
#include "storport/adapter.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- the grant, as FindAdapter sees it ---- */

void storport_take_grant(struct storport_adapter *adapter)
{
    PORT_CONFIGURATION_INFORMATION *config = &adapter->config;
    const struct port_grant *grant = &adapter->port->grant;

    adapter->lock_count = 1;
    adapter->granted = grant->kind;
    adapter->granted_count = grant->count;
    adapter->dirql = adapter->port->device ? grant->irql : NT_DISPATCH_LEVEL;
    config->InterruptMode =
        grant->count && grant->kind != BUS_INTERRUPT_LINE ? Latched : LevelSensitive;
    if (!grant->count)
        return;
    if (grant->kind == BUS_INTERRUPT_LINE) {
        config->BusInterruptLevel = config->BusInterruptVector = storport_line_number(adapter);
    } else {
        config->BusInterruptLevel = adapter->dirql;
        config->BusInterruptVector = storport_message_vector(0);
    }
}

/* ---- service ---- */

static bool service_line(void *context)
{
    struct storport_message *message = context;
    struct storport_adapter *adapter = message->adapter;
    struct storport_call call;

    storport_call_begin(&call, nt_self(), adapter, "HwStorInterrupt", NULL);
    bool claimed = adapter->init.HwInterrupt(adapter->extension) & 0xFF;
    storport_call_end(&call);
    return claimed;
}

static bool service_message(void *context)
{
    struct storport_message *message = context;
    struct storport_adapter *adapter = message->adapter;
    struct storport_call call;

    storport_call_begin(&call, nt_self(), adapter, "HwMSInterruptRoutine", NULL);
    bool claimed = adapter->config.HwMSInterruptRoutine(adapter->extension, message->id) & 0xFF;
    storport_call_end(&call);
    return claimed;
}

/* ---- connecting, after FindAdapter ---- */

static bool takes_messages(const struct storport_adapter *adapter)
{
    return adapter->config.HwMSInterruptRoutine &&
           adapter->config.InterruptSynchronizationMode != InterruptSupportNone;
}

/* Messages need both of the driver's answers. Without a routine for them they go to HwInterrupt, if
 * the registry says that the driver takes them; else it gets the line. */
static bool settle_kind(struct storport_adapter *adapter)
{
    PORT_CONFIGURATION_INFORMATION *config = &adapter->config;
    struct bus_interrupt_counts counts;

    if (!adapter->granted_count)
        return false;
    if (adapter->granted != BUS_INTERRUPT_LINE && !takes_messages(adapter) &&
        !adapter->port->grant.by_registry) {
        adapter->port->device->ops->interrupt_counts(adapter->port->device, &counts);
        adapter->granted = BUS_INTERRUPT_LINE;
        adapter->granted_count = counts.line;
        config->InterruptMode = LevelSensitive;
    }
    if (!takes_messages(adapter) && !adapter->init.HwInterrupt)
        adapter->granted_count = 0;
    return adapter->granted_count;
}

int storport_connect_interrupts(struct storport_adapter *adapter, char *reason, size_t reason_size)
{
    struct port_adapter *port = adapter->port;
    void *contexts[PORT_MESSAGES_MAX];

    if (!port->device || !settle_kind(adapter))
        return 0;
    bool line = adapter->granted == BUS_INTERRUPT_LINE;
    bool messages = !line && takes_messages(adapter);
    adapter->per_message =
        messages && adapter->config.InterruptSynchronizationMode == InterruptSynchronizePerMessage;
    adapter->lock_count = adapter->per_message ? adapter->granted_count : 1;
    for (unsigned i = 0; i < adapter->granted_count; i++) {
        adapter->messages[i] = (struct storport_message){adapter, i};
        contexts[i] = &adapter->messages[i];
    }
    int error =
        port_adapter_connect(port, adapter->granted, adapter->granted_count, !adapter->per_message,
                             messages ? service_message : service_line, contexts, adapter->dirql);
    if (error)
        snprintf(reason, reason_size,
                 "%s: its %u %s interrupts could not be enabled (error %d); "
                 "try --interrupts line",
                 port->device_name, adapter->granted_count, line ? "line" : "message-signaled",
                 -error);
    return error;
}

/* ---- questions about messages, and their masks ---- */

static bool in_message_routine(void)
{
    const struct nt_evidence *frame = nt_self()->evidence;

    return frame && strcmp(frame->callback, "HwMSInterruptRoutine") == 0;
}

static ULONG message_information(struct storport_adapter *adapter, ULONG id,
                                 PMESSAGE_INTERRUPT_INFORMATION information)
{
    struct port_adapter *port = adapter->port;
    struct bus_message message;

    if (!information)
        return STOR_STATUS_INVALID_PARAMETER;
    if (!port->message_count || port->interrupt_kind == BUS_INTERRUPT_LINE)
        return STOR_STATUS_INVALID_DEVICE_REQUEST;
    if (in_message_routine()) {
        nt_finding("StorPortGetMSIInfo", port, "called by the message interrupt routine");
        return STOR_STATUS_INVALID_DEVICE_REQUEST;
    }
    if (id >= port->message_count)
        return STOR_STATUS_INVALID_PARAMETER;
    port->device->ops->message(port->device, id, &message);
    *information = (MESSAGE_INTERRUPT_INFORMATION){
        .MessageId = id,
        .MessageData = message.data,
        .MessageAddress.QuadPart = (LONGLONG)message.address,
        .InterruptVector = storport_message_vector(id),
        .InterruptLevel = adapter->dirql,
        .InterruptMode = Latched,
    };
    return STOR_STATUS_SUCCESS;
}

static ULONG get_message_information(struct storport_adapter *adapter, PVOID extension,
                                     __builtin_ms_va_list *arguments)
{
    ULONG id = STORPORT_ARGUMENT(arguments, ULONG);

    (void)extension;
    return message_information(adapter, id,
                               STORPORT_ARGUMENT(arguments, PMESSAGE_INTERRUPT_INFORMATION));
}
STORPORT_EXTENDED(ExtFunctionGetMessageInterruptInformation, "StorPortGetMSIInfo", "Interrupt",
                  get_message_information);

/* What a masked message signals stays in the device until it is unmasked. */
static ULONG mask_message(struct storport_adapter *adapter, PVOID extension,
                          __builtin_ms_va_list *arguments)
{
    ULONG id = STORPORT_ARGUMENT(arguments, ULONG);
    BOOLEAN mask = (BOOLEAN)STORPORT_ARGUMENT(arguments, int);
    struct port_adapter *port = adapter->port;

    (void)extension;
    if (!port->message_count || port->interrupt_kind != BUS_INTERRUPT_MSIX)
        return STOR_STATUS_UNSUCCESSFUL;
    if (id >= port->message_count)
        return STOR_STATUS_INVALID_PARAMETER;
    port->device->ops->message_mask(port->device, id, mask);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionMaskPciMsixEntry, "StorPortMaskMsixInterrupt", "Interrupt",
                  mask_message);

/* ---- stalling ---- */

/* Busy-waits; above PASSIVE_LEVEL pending interrupts come in between, as on hardware. */
VOID NTAPI StorPortStallExecution(ULONG Delay)
{
    struct nt_thread *self = nt_self();
    enum { SLICE_US = 10, EXCESSIVE_US = 100000 };

    if (Delay > EXCESSIVE_US)
        nt_finding("F1.2001", self->evidence ? self->evidence->adapter : NULL,
                   "StorPortStallExecution(%u): more than 0.1 s", Delay);
    while (Delay) {
        ULONG slice = Delay < SLICE_US ? Delay : SLICE_US;
        sys_stall_ns(slice * 1000ull);
        nt_preempt();
        Delay -= slice;
    }
}
NT_EXPORT("storport.sys", StorPortStallExecution, "Interrupt", NT_HIGH_LEVEL);

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

/* ---- the grant, before FindAdapter ---- */

/* As Windows grants them: the message-signaled kinds unless somebody asked for the line, as many
 * as the device has, the driver's MessageNumberLimit and our own bound allow. */
void storport_grant_interrupts(struct storport_adapter *adapter)
{
    struct port_adapter *port = adapter->port;
    struct bus_interrupt_counts counts;
    unsigned limit = nt_processor_count() + 1;

    adapter->granted_count = 0;
    adapter->dirql = NT_DISPATCH_LEVEL;
    adapter->lock_count = 1;
    if (!port->device)
        return;
    adapter->dirql = NT_DEVICE_LEVEL;
    if (port->message_limit && port->message_limit < limit)
        limit = port->message_limit;
    if (limit > PORT_MESSAGES_MAX)
        limit = PORT_MESSAGES_MAX;
    port->device->ops->interrupt_counts(port->device, &counts);
    bool best = port->interrupt_preference == PORT_INTERRUPT_BEST;
    if (counts.msix && (best || port->interrupt_preference == PORT_INTERRUPT_MSIX)) {
        adapter->granted = BUS_INTERRUPT_MSIX;
        adapter->granted_count = counts.msix < limit ? counts.msix : limit;
    } else if (counts.msi && (best || port->interrupt_preference == PORT_INTERRUPT_MSI)) {
        adapter->granted = BUS_INTERRUPT_MSI;
        adapter->granted_count = 1;
    } else if (counts.line) {
        adapter->granted = BUS_INTERRUPT_LINE;
        adapter->granted_count = 1;
    }
    storport_filter_resources(adapter);
    adapter->config.InterruptMode =
        adapter->granted_count && adapter->granted != BUS_INTERRUPT_LINE ? Latched : LevelSensitive;
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

/* Messages need both of the driver's answers; without a routine for them it gets the line. */
static bool settle_kind(struct storport_adapter *adapter)
{
    PORT_CONFIGURATION_INFORMATION *config = &adapter->config;
    struct bus_interrupt_counts counts;

    if (!adapter->granted_count)
        return false;
    if (adapter->granted != BUS_INTERRUPT_LINE &&
        (!config->HwMSInterruptRoutine ||
         config->InterruptSynchronizationMode == InterruptSupportNone)) {
        adapter->port->device->ops->interrupt_counts(adapter->port->device, &counts);
        adapter->granted = BUS_INTERRUPT_LINE;
        adapter->granted_count = counts.line;
        config->InterruptMode = LevelSensitive;
    }
    if (adapter->granted == BUS_INTERRUPT_LINE && !adapter->init.HwInterrupt)
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
    adapter->per_message =
        !line && adapter->config.InterruptSynchronizationMode == InterruptSynchronizePerMessage;
    adapter->lock_count = adapter->per_message ? adapter->granted_count : 1;
    for (unsigned i = 0; i < adapter->granted_count; i++) {
        adapter->messages[i] = (struct storport_message){adapter, i};
        contexts[i] = &adapter->messages[i];
    }
    int error =
        port_adapter_connect(port, adapter->granted, adapter->granted_count, !adapter->per_message,
                             line ? service_line : service_message, contexts, adapter->dirql);
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
        .InterruptVector = 0x50 + id,
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

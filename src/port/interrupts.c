/*
 * interrupts.c - an adapter's interrupts: connected and disconnected for the model, and on their
 * way from the device to a processor.
 */
#include "nt/bugcheck.h"
#include "port/adapter.h"

void port_device_interrupt(void *context, enum bus_interrupt_kind kind, unsigned vector)
{
    struct port_adapter *adapter = context;

    (void)kind;
    if (vector >= PORT_MESSAGES_MAX || !adapter->device)
        return;
    (void)__atomic_load_n(&adapter->device->order, __ATOMIC_ACQUIRE);
    struct nt_interrupt *interrupt =
        __atomic_load_n(&adapter->interrupts[vector], __ATOMIC_ACQUIRE);
    if (interrupt)
        nt_interrupt_assert(interrupt);
}

static bool line_level(void *context)
{
    struct port_adapter *adapter = context;

    return adapter->device->ops->line_level(adapter->device);
}

static void line_storm(void *context, unsigned services, bool claimed)
{
    if (claimed)
        nt_finding("interrupt-storm", context,
                   "the line stayed asserted although the interrupt routine claimed it %u times; "
                   "it is served less often now",
                   services);
    else
        nt_finding("interrupt-storm", context,
                   "the line stayed asserted although the interrupt routine refused it %u times; "
                   "it is masked now",
                   services);
}

static void mask_messages(struct port_adapter *adapter, bool mask)
{
    if (adapter->grant.kind != BUS_INTERRUPT_MSIX)
        return; /* a message of MSI that nobody is connected to is lost */
    for (unsigned i = 0; i < adapter->grant.count; i++)
        adapter->device->ops->message_mask(adapter->device, i, mask);
}

int port_adapter_arm(struct port_adapter *adapter)
{
    const struct port_grant *grant = &adapter->grant;

    if (!adapter->device || !grant->count || grant->kind == BUS_INTERRUPT_LINE)
        return 0;
    int error = adapter->device->ops->interrupts_enable(adapter->device, grant->kind, grant->count);
    adapter->armed = !error;
    if (!error)
        mask_messages(adapter, true);
    return error;
}

/* What was armed stays as it is, if it is what the driver takes. */
static int enable(struct port_adapter *adapter, enum bus_interrupt_kind kind, unsigned count)
{
    bool armed = adapter->armed && kind == adapter->grant.kind && count == adapter->grant.count;

    adapter->armed = false;
    if (!armed)
        return adapter->device->ops->interrupts_enable(adapter->device, kind, count);
    mask_messages(adapter, false);
    return 0;
}

int port_adapter_connect(struct port_adapter *adapter, enum bus_interrupt_kind kind, unsigned count,
                         bool one_lock, bool (*service)(void *context), void *const *contexts,
                         uint8_t irql)
{
    int error = 0;

    adapter->interrupt_kind = kind;
    for (unsigned i = 0; i < count && !error; i++) {
        struct nt_interrupt *interrupt;
        struct nt_interrupt_options options = {
            .processor = adapter->grant.processors[i],
            .any_processor = kind != BUS_INTERRUPT_LINE && !adapter->grant.exact[i],
            .irql = irql,
            .lock = &adapter->interrupt_locks[one_lock ? 0 : i],
            .service = service,
            .context = contexts[i],
            .object = nt_event_adapter(adapter->number),
            .message = i,
        };
        if (kind == BUS_INTERRUPT_LINE) {
            options.level = line_level;
            options.serving = &adapter->device->line_served;
            options.storm = line_storm;
            options.level_context = adapter;
        }
        error = nt_interrupt_connect(&interrupt, &options);
        if (!error)
            __atomic_store_n(&adapter->interrupts[i], interrupt, __ATOMIC_RELEASE);
        adapter->message_count = i + 1;
    }
    if (!error)
        error = enable(adapter, kind, count);
    if (error)
        port_adapter_disconnect(adapter);
    return error;
}

void port_adapter_disconnect(struct port_adapter *adapter)
{
    if (!adapter->message_count && !adapter->armed)
        return;
    adapter->armed = false;
    adapter->device->ops->interrupts_disable(adapter->device);
    for (unsigned i = 0; i < adapter->message_count; i++) {
        if (adapter->interrupts[i])
            nt_interrupt_disconnect(adapter->interrupts[i]);
        __atomic_store_n(&adapter->interrupts[i], NULL, __ATOMIC_RELEASE);
    }
    adapter->message_count = 0;
}

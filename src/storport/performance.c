/*
 * performance.c - performance options, and which message is aimed at which processor.
 */
#include "storport/adapter.h"

#include <stddef.h>
#include <string.h>

/* ---- what may be asked for ---- */

/* Until version 3 the structure ended before the locality. */
enum { SIZE_OLD = offsetof(PERF_CONFIGURATION_DATA, DeviceNode) };

static ULONG supported_flags(ULONG version)
{
    ULONG flags = STOR_PERF_DPC_REDIRECTION | STOR_PERF_CONCURRENT_CHANNELS |
                  STOR_PERF_INTERRUPT_MESSAGE_RANGES;

    if (version >= 3)
        flags |= STOR_PERF_ADV_CONFIG_LOCALITY | STOR_PERF_OPTIMIZE_FOR_COMPLETION_DURING_STARTIO;
    if (version >= 4)
        flags |= STOR_PERF_DPC_REDIRECTION_CURRENT_CPU;
    if (version >= 5)
        flags |= STOR_PERF_NO_SGL;
    if (version >= 6)
        flags |= STOR_PERF_SOFT_NUMA;
    if (version >= 7)
        flags |= STOR_PERF_HETEROGENEOUS_CPU;
    return flags;
}

/* Half duplex has no channels; a line has no messages. */
static ULONG usable_flags(const struct storport_adapter *adapter, ULONG version)
{
    ULONG flags = supported_flags(version);

    if (adapter->mode != STORPORT_FULL_DUPLEX)
        flags &= ~(ULONG)STOR_PERF_CONCURRENT_CHANNELS;
    if (!adapter->port->message_count || adapter->port->interrupt_kind == BUS_INTERRUPT_LINE)
        flags &= ~(ULONG)(STOR_PERF_INTERRUPT_MESSAGE_RANGES | STOR_PERF_ADV_CONFIG_LOCALITY);
    return flags;
}

static bool dependencies_hold(ULONG flags)
{
    const ULONG need_redirection =
        STOR_PERF_INTERRUPT_MESSAGE_RANGES | STOR_PERF_OPTIMIZE_FOR_COMPLETION_DURING_STARTIO |
        STOR_PERF_DPC_REDIRECTION_CURRENT_CPU | STOR_PERF_ADV_CONFIG_LOCALITY;

    if (flags & need_redirection && !(flags & STOR_PERF_DPC_REDIRECTION))
        return false;
    return !(flags & STOR_PERF_ADV_CONFIG_LOCALITY) || flags & STOR_PERF_INTERRUPT_MESSAGE_RANGES;
}

static unsigned message_processor(const struct port_adapter *port, unsigned message)
{
    return port->grant.processors[message];
}

static void fill_locality(const struct port_adapter *port, PPERF_CONFIGURATION_DATA data)
{
    data->DeviceNode = port->node < 0 ? 0 : (ULONG)port->node;
    if (!data->MessageTargets)
        return;
    for (ULONG i = data->FirstRedirectionMessageNumber; i <= data->LastRedirectionMessageNumber;
         i++) {
        PGROUP_AFFINITY target = &data->MessageTargets[i - data->FirstRedirectionMessageNumber];
        const struct nt_place *place = &nt_topology()->places[message_processor(port, i)];
        *target = (GROUP_AFFINITY){.Mask = (KAFFINITY)1 << place->number, .Group = place->group};
    }
}

/* A range of messages that were granted. */
static bool range_is_good(const struct storport_adapter *adapter,
                          const PERF_CONFIGURATION_DATA *data)
{
    return data->FirstRedirectionMessageNumber <= data->LastRedirectionMessageNumber &&
           data->LastRedirectionMessageNumber < adapter->port->message_count;
}

static ULONG set_options(struct storport_adapter *adapter, PPERF_CONFIGURATION_DATA data)
{
    ULONG flags = data->Flags;

    if (flags & ~usable_flags(adapter, data->Version) || !dependencies_hold(flags))
        return STOR_STATUS_UNSUCCESSFUL;
    if (flags & STOR_PERF_INTERRUPT_MESSAGE_RANGES && !range_is_good(adapter, data))
        return STOR_STATUS_UNSUCCESSFUL;
    if (flags & STOR_PERF_CONCURRENT_CHANNELS && !data->ConcurrentChannels)
        return STOR_STATUS_UNSUCCESSFUL;
    if (flags & STOR_PERF_ADV_CONFIG_LOCALITY && data->Size < sizeof(*data))
        return STOR_STATUS_UNSUCCESSFUL;
    adapter->perf_flags = flags;
    adapter->perf_channels = data->ConcurrentChannels;
    adapter->perf_first = data->FirstRedirectionMessageNumber;
    adapter->perf_last = data->LastRedirectionMessageNumber;
    adapter->port->limits.scatter_gather =
        !adapter->port->virtual_adapter && !(flags & STOR_PERF_NO_SGL);
    port_adapter_settle_data(adapter->port);
    if (flags & STOR_PERF_ADV_CONFIG_LOCALITY)
        fill_locality(adapter->port, data);
    storport_aim_messages(adapter);
    return STOR_STATUS_SUCCESS;
}

static ULONG initialize_performance_options(struct storport_adapter *adapter, PVOID extension,
                                            __builtin_ms_va_list *arguments)
{
    BOOLEAN query = (BOOLEAN)STORPORT_ARGUMENT(arguments, int);
    PPERF_CONFIGURATION_DATA data = STORPORT_ARGUMENT(arguments, PPERF_CONFIGURATION_DATA);

    (void)extension;
    if (!data || data->Size < SIZE_OLD)
        return STOR_STATUS_INVALID_PARAMETER;
    if (adapter->phase != STORPORT_INITIALIZING && adapter->phase != STORPORT_PASSIVE_INITIALIZING)
        return STOR_STATUS_UNSUCCESSFUL;
    if (data->Version < STOR_PERF_VERSION_2 || data->Version > STOR_PERF_VERSION)
        return STOR_STATUS_UNSUCCESSFUL;
    if (!query)
        return set_options(adapter, data);
    /* Lists are there unless a driver does without them of its own accord: there are drivers that
     * set whatever is offered here, and go on to ask for their lists. */
    data->Flags = usable_flags(adapter, data->Version) & ~(ULONG)STOR_PERF_NO_SGL;
    data->ConcurrentChannels =
        data->Flags & STOR_PERF_CONCURRENT_CHANNELS ? nt_processor_count() : 0;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionInitializePerformanceOptimizations, "StorPortInitializePerfOpts",
                  "Initialization", initialize_performance_options);

/* ---- messages and processors ---- */

/* How near a message's processor is to another one. Nearness counts by node or, for a driver that
 * wants soft nodes, by what shares its last cache, which is a node divided; and, for one that
 * minds, by the kind of cores before that. */
static unsigned nearness(const struct nt_place *one, const struct nt_place *other, ULONG flags)
{
    unsigned near = one->node == other->node;

    if (flags & STOR_PERF_SOFT_NUMA)
        near += near && one->die == other->die;
    if (flags & STOR_PERF_HETEROGENEOUS_CPU && one->efficiency == other->efficiency)
        near += 4;
    return near;
}

/* The nearest message of the range for a processor at which none is aimed; among several, those
 * processors take turns. */
static ULONG nearest_message(const struct storport_adapter *adapter, unsigned processor)
{
    const struct nt_place *places = nt_topology()->places;
    unsigned best = 0, alike = 0;

    for (ULONG message = adapter->perf_first; message <= adapter->perf_last; message++) {
        unsigned target = message_processor(adapter->port, message);
        unsigned near = nearness(&places[target], &places[processor], adapter->perf_flags);
        alike = near > best ? 1 : alike + (near == best);
        best = near > best ? near : best;
    }
    sh_assert(alike > 0); /* a range has a first message */
    unsigned turn = processor % alike;
    for (ULONG message = adapter->perf_first;; message++) {
        unsigned target = message_processor(adapter->port, message);
        if (nearness(&places[target], &places[processor], adapter->perf_flags) == best &&
            turn-- == 0)
            return message;
    }
}

/* For each processor a message of the registered range that is aimed at it, or near to it; 0 when
 * there is no range. */
void storport_aim_messages(struct storport_adapter *adapter)
{
    struct port_adapter *port = adapter->port;

    for (unsigned i = 0; i < nt_processor_count(); i++)
        port->shares[i].message = 0;
    if (!(adapter->perf_flags & STOR_PERF_INTERRUPT_MESSAGE_RANGES))
        return;
    for (unsigned i = 0; i < nt_processor_count(); i++)
        port->shares[i].message = nearest_message(adapter, i);
    for (ULONG message = adapter->perf_last + 1; message-- > adapter->perf_first;)
        port->shares[message_processor(port, message)].message = message;
}

static ULONG get_start_io_parameters(struct storport_adapter *adapter, PVOID extension,
                                     __builtin_ms_va_list *arguments)
{
    PSCSI_REQUEST_BLOCK srb = STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK);
    PSTARTIO_PERFORMANCE_PARAMETERS parameters =
        STORPORT_ARGUMENT(arguments, PSTARTIO_PERFORMANCE_PARAMETERS);
    struct port_slot *slot = srb ? port_slot_of(adapter->port, srb) : NULL;

    (void)extension;
    if (!slot || __atomic_load_n(&slot->state, __ATOMIC_RELAXED) != PORT_SLOT_OUTSTANDING ||
        !parameters || parameters->Size < sizeof(*parameters))
        return STOR_STATUS_INVALID_PARAMETER;
    parameters->Version = 1;
    parameters->MessageNumber = adapter->port->shares[slot->processor].message;
    parameters->ChannelNumber =
        adapter->channel_count ? slot->processor % adapter->channel_count : 0;
    if (parameters->Size >= sizeof(STARTIO_PERFORMANCE_PARAMETERS_V2)) {
        PSTARTIO_PERFORMANCE_PARAMETERS_V2 second = (PSTARTIO_PERFORMANCE_PARAMETERS_V2)parameters;
        second->Version = 2;
        second->InitiatingProcessor = slot->processor;
    }
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetStartIoPerformanceParameters, "StorPortGetStartIoPerfParams",
                  "Initialization", get_start_io_parameters);

/* Without a registered range: the first message whose interrupt comes there. */
static bool message_of(const struct storport_adapter *adapter, ULONG processor, ULONG *ret_message)
{
    const struct port_adapter *port = adapter->port;

    if (adapter->perf_flags & STOR_PERF_INTERRUPT_MESSAGE_RANGES) {
        *ret_message = port->shares[processor].message;
        return true;
    }
    for (ULONG message = 0; message < port->message_count; message++) {
        if (message_processor(port, message) == processor) {
            *ret_message = message;
            return true;
        }
    }
    return false;
}

static ULONG get_message_of_processor(struct storport_adapter *adapter, PVOID extension,
                                      __builtin_ms_va_list *arguments)
{
    ULONG index = STORPORT_ARGUMENT(arguments, ULONG);
    PULONG message = STORPORT_ARGUMENT(arguments, PULONG);
    const struct port_adapter *port = adapter->port;

    (void)extension;
    if (!message || index >= nt_processor_count())
        return STOR_STATUS_INVALID_PARAMETER;
    if (!port->message_count || port->interrupt_kind == BUS_INTERRUPT_LINE ||
        !message_of(adapter, index, message))
        return STOR_STATUS_UNSUCCESSFUL;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetMessageInterruptIDFromProcessorIndex,
                  "StorPortGetMessageInterruptIDFromProcessorIndex", "Initialization",
                  get_message_of_processor);

/*
 * topology.c - processors as miniports ask for them, performance options, and which message is
 * aimed at which processor. One group, one node: every answer follows from the processor count.
 */
#include "storport/adapter.h"

#include <string.h>

/* ---- counts and numbers ---- */

static KAFFINITY active_mask(void)
{
    unsigned count = nt_processor_count();

    return count >= 64 ? ~(KAFFINITY)0 : ((KAFFINITY)1 << count) - 1;
}

static ULONG current_number(void)
{
    return nt_processor_current()->number;
}

static ULONG get_current_processor_number(struct storport_adapter *adapter, PVOID extension,
                                          __builtin_ms_va_list *arguments)
{
    PPROCESSOR_NUMBER number = STORPORT_ARGUMENT(arguments, PPROCESSOR_NUMBER);

    (void)adapter;
    (void)extension;
    if (!number)
        return STOR_STATUS_INVALID_PARAMETER;
    *number = (PROCESSOR_NUMBER){.Number = (UCHAR)current_number()};
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetCurrentProcessorNumber, "StorPortGetCurrentProcessorNumber",
                  "Initialization", get_current_processor_number);

static ULONG get_current_processor_index(struct storport_adapter *adapter, PVOID extension,
                                         __builtin_ms_va_list *arguments)
{
    PULONG index = STORPORT_ARGUMENT(arguments, PULONG);

    (void)adapter;
    (void)extension;
    if (!index)
        return STOR_STATUS_INVALID_PARAMETER;
    *index = current_number();
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetCurrentProcessorIndex, "StorPortGetCurrentProcessorIndex",
                  "Initialization", get_current_processor_index);

static ULONG get_processor_index_from_number(struct storport_adapter *adapter, PVOID extension,
                                             __builtin_ms_va_list *arguments)
{
    PPROCESSOR_NUMBER number = STORPORT_ARGUMENT(arguments, PPROCESSOR_NUMBER);
    PULONG index = STORPORT_ARGUMENT(arguments, PULONG);

    (void)adapter;
    (void)extension;
    if (!number || !index || number->Group || number->Number >= nt_processor_count())
        return STOR_STATUS_INVALID_PARAMETER;
    *index = number->Number;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetProcessorIndexFromNumber, "StorPortGetProcessorIndexFromNumber",
                  "Initialization", get_processor_index_from_number);

static ULONG get_processor_count(struct storport_adapter *adapter, PVOID extension,
                                 __builtin_ms_va_list *arguments)
{
    PULONG count = STORPORT_ARGUMENT(arguments, PULONG);

    (void)adapter;
    (void)extension;
    if (!count)
        return STOR_STATUS_INVALID_PARAMETER;
    *count = nt_processor_count();
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetProcessorCount, "StorPortGetProcessorCount", "Initialization",
                  get_processor_count);

static ULONG get_active_group_count(struct storport_adapter *adapter, PVOID extension,
                                    __builtin_ms_va_list *arguments)
{
    PUSHORT count = STORPORT_ARGUMENT(arguments, PUSHORT);

    (void)adapter;
    (void)extension;
    if (!count)
        return STOR_STATUS_INVALID_PARAMETER;
    *count = 1;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetActiveGroupCount, "StorPortGetActiveGroupCount", "Initialization",
                  get_active_group_count);

static ULONG get_group_affinity(struct storport_adapter *adapter, PVOID extension,
                                __builtin_ms_va_list *arguments)
{
    USHORT group = (USHORT)STORPORT_ARGUMENT(arguments, int);
    PKAFFINITY mask = STORPORT_ARGUMENT(arguments, PKAFFINITY);

    (void)adapter;
    (void)extension;
    if (!mask)
        return STOR_STATUS_INVALID_PARAMETER;
    if (group)
        return STOR_STATUS_UNSUCCESSFUL;
    *mask = active_mask();
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetGroupAffinity, "StorPortGetGroupAffinity", "Initialization",
                  get_group_affinity);

static ULONG one_ulong(__builtin_ms_va_list *arguments, ULONG value)
{
    PULONG result = STORPORT_ARGUMENT(arguments, PULONG);

    if (!result)
        return STOR_STATUS_INVALID_PARAMETER;
    *result = value;
    return STOR_STATUS_SUCCESS;
}

static ULONG get_active_node_count(struct storport_adapter *adapter, PVOID extension,
                                   __builtin_ms_va_list *arguments)
{
    (void)adapter;
    (void)extension;
    return one_ulong(arguments, 1);
}
STORPORT_EXTENDED(ExtFunctionGetActiveNodeCount, "StorPortGetActiveNodeCount", "Initialization",
                  get_active_node_count);

static ULONG get_highest_node_number(struct storport_adapter *adapter, PVOID extension,
                                     __builtin_ms_va_list *arguments)
{
    (void)adapter;
    (void)extension;
    return one_ulong(arguments, 0);
}
STORPORT_EXTENDED(ExtFunctionGetHighestNodeNumber, "StorPortGetHighestNodeNumber", "Initialization",
                  get_highest_node_number);

static ULONG get_node_affinity(struct storport_adapter *adapter, PVOID extension,
                               __builtin_ms_va_list *arguments)
{
    ULONG node = STORPORT_ARGUMENT(arguments, ULONG);
    PGROUP_AFFINITY affinity = STORPORT_ARGUMENT(arguments, PGROUP_AFFINITY);

    (void)adapter;
    (void)extension;
    if (!affinity || node > 65535)
        return STOR_STATUS_INVALID_PARAMETER;
    memset(affinity, 0, sizeof(*affinity));
    affinity->Mask = node ? 0 : active_mask();
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetNodeAffinity, "StorPortGetNodeAffinity", "Initialization",
                  get_node_affinity);

/* ---- performance options ---- */

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

static unsigned message_processor(unsigned message)
{
    return message ? (message - 1) % nt_processor_count() : 0;
}

static void fill_locality(PPERF_CONFIGURATION_DATA data)
{
    data->DeviceNode = 0;
    if (!data->MessageTargets)
        return;
    for (ULONG i = data->FirstRedirectionMessageNumber; i <= data->LastRedirectionMessageNumber;
         i++) {
        PGROUP_AFFINITY target = &data->MessageTargets[i - data->FirstRedirectionMessageNumber];
        memset(target, 0, sizeof(*target));
        target->Mask = (KAFFINITY)1 << message_processor(i);
    }
}

static ULONG set_options(struct storport_adapter *adapter, PPERF_CONFIGURATION_DATA data)
{
    ULONG flags = data->Flags;

    if (flags & ~usable_flags(adapter, data->Version) || !dependencies_hold(flags))
        return STOR_STATUS_UNSUCCESSFUL;
    if (flags & STOR_PERF_INTERRUPT_MESSAGE_RANGES &&
        (data->FirstRedirectionMessageNumber > data->LastRedirectionMessageNumber ||
         data->LastRedirectionMessageNumber >= adapter->port->message_count))
        return STOR_STATUS_UNSUCCESSFUL;
    adapter->perf_flags = flags;
    adapter->perf_channels = data->ConcurrentChannels;
    adapter->perf_first = data->FirstRedirectionMessageNumber;
    adapter->perf_last = data->LastRedirectionMessageNumber;
    if (flags & STOR_PERF_NO_SGL) {
        adapter->port->limits.scatter_gather = false;
        port_adapter_settle_data(adapter->port);
    }
    if (flags & STOR_PERF_ADV_CONFIG_LOCALITY)
        fill_locality(data);
    return STOR_STATUS_SUCCESS;
}

static ULONG initialize_performance_options(struct storport_adapter *adapter, PVOID extension,
                                            __builtin_ms_va_list *arguments)
{
    BOOLEAN query = (BOOLEAN)STORPORT_ARGUMENT(arguments, int);
    PPERF_CONFIGURATION_DATA data = STORPORT_ARGUMENT(arguments, PPERF_CONFIGURATION_DATA);

    (void)extension;
    if (!data)
        return STOR_STATUS_INVALID_PARAMETER;
    if (adapter->phase != STORPORT_INITIALIZING && adapter->phase != STORPORT_PASSIVE_INITIALIZING)
        return STOR_STATUS_UNSUCCESSFUL;
    if (!query)
        return set_options(adapter, data);
    data->Flags = usable_flags(adapter, data->Version);
    data->ConcurrentChannels = nt_processor_count();
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionInitializePerformanceOptimizations, "StorPortInitializePerfOpts",
                  "Initialization", initialize_performance_options);

/* For each processor a message of the registered range that is aimed at it; 0 when there is none.
 */
void storport_aim_messages(struct storport_adapter *adapter)
{
    struct port_adapter *port = adapter->port;

    for (unsigned i = 0; i < nt_processor_count(); i++)
        port->shares[i].message = 0;
    if (!(adapter->perf_flags & STOR_PERF_INTERRUPT_MESSAGE_RANGES))
        return;
    ULONG count = adapter->perf_last - adapter->perf_first + 1;
    for (unsigned i = 0; i < nt_processor_count(); i++)
        port->shares[i].message = adapter->perf_first + i % count;
    for (ULONG message = adapter->perf_last + 1; message-- > adapter->perf_first;)
        port->shares[message_processor(message)].message = message;
}

static ULONG get_start_io_parameters(struct storport_adapter *adapter, PVOID extension,
                                     __builtin_ms_va_list *arguments)
{
    PSCSI_REQUEST_BLOCK srb = STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK);
    PSTARTIO_PERFORMANCE_PARAMETERS parameters =
        STORPORT_ARGUMENT(arguments, PSTARTIO_PERFORMANCE_PARAMETERS);
    struct port_slot *slot = srb ? port_slot_of(adapter->port, srb) : NULL;

    (void)extension;
    if (!slot || !parameters || parameters->Size < sizeof(*parameters))
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

static ULONG get_message_of_processor(struct storport_adapter *adapter, PVOID extension,
                                      __builtin_ms_va_list *arguments)
{
    ULONG index = STORPORT_ARGUMENT(arguments, ULONG);
    PULONG message = STORPORT_ARGUMENT(arguments, PULONG);

    (void)extension;
    if (!message || index >= nt_processor_count())
        return STOR_STATUS_INVALID_PARAMETER;
    if (!adapter->port->message_count || adapter->port->interrupt_kind == BUS_INTERRUPT_LINE)
        return STOR_STATUS_INVALID_DEVICE_REQUEST;
    *message = adapter->port->shares[index].message;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetMessageInterruptIDFromProcessorIndex,
                  "StorPortGetMessageInterruptIDFromProcessorIndex", "Initialization",
                  get_message_of_processor);

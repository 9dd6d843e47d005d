/*
 * topology.c - processors as miniports ask for them: the answers of nt/topology.h. All are given at
 * any IRQL: shipped drivers ask in HwInitialize.
 */
#include "storport/adapter.h"

/* ---- counts and numbers ---- */

static ULONG current_index(void)
{
    return nt_processor_current()->number;
}

/* The number across the machine, -1 when there is no such processor. */
static int index_of(const PROCESSOR_NUMBER *number)
{
    return nt_processor_in_group(number->Group, number->Number);
}

static ULONG get_current_processor_number(struct storport_adapter *adapter, PVOID extension,
                                          __builtin_ms_va_list *arguments)
{
    PPROCESSOR_NUMBER number = STORPORT_ARGUMENT(arguments, PPROCESSOR_NUMBER);

    (void)adapter;
    (void)extension;
    if (!number)
        return STOR_STATUS_INVALID_PARAMETER;
    const struct nt_place *place = &nt_topology()->places[current_index()];
    *number = (PROCESSOR_NUMBER){.Group = place->group, .Number = place->number};
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
    *index = current_index();
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
    int found = number ? index_of(number) : -1;
    if (!index || found < 0)
        return STOR_STATUS_INVALID_PARAMETER;
    *index = (ULONG)found;
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
    *count = (USHORT)nt_topology()->group_count;
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
    if (group >= nt_topology()->group_count)
        return STOR_STATUS_UNSUCCESSFUL;
    *mask = nt_group_affinity(group);
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
    return one_ulong(arguments, nt_topology()->node_count);
}
STORPORT_EXTENDED(ExtFunctionGetActiveNodeCount, "StorPortGetActiveNodeCount", "Initialization",
                  get_active_node_count);

static ULONG get_highest_node_number(struct storport_adapter *adapter, PVOID extension,
                                     __builtin_ms_va_list *arguments)
{
    (void)adapter;
    (void)extension;
    return one_ulong(arguments, nt_topology()->node_count - 1);
}
STORPORT_EXTENDED(ExtFunctionGetHighestNodeNumber, "StorPortGetHighestNodeNumber", "Initialization",
                  get_highest_node_number);

/* The affinity of the node in its primary group; no processors for a node that has none, or that
 * does not exist. */
static ULONG get_node_affinity(struct storport_adapter *adapter, PVOID extension,
                               __builtin_ms_va_list *arguments)
{
    ULONG node = STORPORT_ARGUMENT(arguments, ULONG);
    PGROUP_AFFINITY affinity = STORPORT_ARGUMENT(arguments, PGROUP_AFFINITY);

    (void)adapter;
    (void)extension;
    if (!affinity || node > 65535)
        return STOR_STATUS_INVALID_PARAMETER;
    struct nt_processor_set set = nt_node_processors(node);
    unsigned group = nt_set_primary_group(&set);
    *affinity = (GROUP_AFFINITY){.Mask = nt_set_affinity(&set, group), .Group = (USHORT)group};
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetNodeAffinity, "StorPortGetNodeAffinity", "Initialization",
                  get_node_affinity);

/* An affinity for each group that the node has processors of. */
static ULONG get_node_affinities(struct storport_adapter *adapter, PVOID extension,
                                 __builtin_ms_va_list *arguments)
{
    ULONG node = STORPORT_ARGUMENT(arguments, ULONG);
    PGROUP_AFFINITY affinities = STORPORT_ARGUMENT(arguments, PGROUP_AFFINITY);
    USHORT capacity = (USHORT)STORPORT_ARGUMENT(arguments, int);
    PUSHORT required = STORPORT_ARGUMENT(arguments, PUSHORT);

    (void)adapter;
    (void)extension;
    if (node >= nt_topology()->node_count || !required || (capacity && !affinities))
        return STOR_STATUS_INVALID_PARAMETER;
    struct nt_processor_set set = nt_node_processors(node);
    USHORT count = 0;
    for (unsigned group = 0; group < nt_topology()->group_count; group++) {
        uint64_t mask = nt_set_affinity(&set, group);
        if (mask && count < capacity)
            affinities[count] = (GROUP_AFFINITY){.Mask = mask, .Group = (USHORT)group};
        count += mask != 0;
    }
    *required = count;
    return count > capacity ? STOR_STATUS_BUFFER_TOO_SMALL : STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetNodeAffinity2, "StorPortGetNodeAffinity2", "Initialization",
                  get_node_affinities);

/* ---- relationships ---- */

static ULONG get_relationship(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    PPROCESSOR_NUMBER number = STORPORT_ARGUMENT(arguments, PPROCESSOR_NUMBER);
    ULONG type = STORPORT_ARGUMENT(arguments, ULONG);
    void *buffer = STORPORT_ARGUMENT(arguments, PVOID);
    PULONG length = STORPORT_ARGUMENT(arguments, PULONG);

    (void)adapter;
    (void)extension;
    if (!length || (type > RelationProcessorModule && type != RelationAll) ||
        (number && index_of(number) < 0))
        return STOR_STATUS_INVALID_PARAMETER;
    ULONG room = buffer ? *length : 0;
    *length = (ULONG)nt_topology_relationships(type, number ? index_of(number) : -1, buffer, room);
    return *length > room ? STOR_STATUS_BUFFER_TOO_SMALL : STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetLogicalProcessorRelationship,
                  "StorPortGetLogicalProcessorRelationship", "Initialization", get_relationship);

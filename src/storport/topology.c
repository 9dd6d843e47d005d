/*
 * topology.c - processors as miniports ask for them. One group, one node: every answer follows from
 * the processor count. All are answered at any IRQL: shipped drivers ask in HwInitialize.
 */
#include "storport/adapter.h"

#include <stddef.h>
#include <string.h>

/* ---- counts and numbers ---- */

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
    *mask = nt_processor_mask();
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
    affinity->Mask = node ? 0 : nt_processor_mask();
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetNodeAffinity, "StorPortGetNodeAffinity", "Initialization",
                  get_node_affinity);

/* All affinities of a node: it has one. */
static ULONG get_node_affinities(struct storport_adapter *adapter, PVOID extension,
                                 __builtin_ms_va_list *arguments)
{
    ULONG node = STORPORT_ARGUMENT(arguments, ULONG);
    PGROUP_AFFINITY affinities = STORPORT_ARGUMENT(arguments, PGROUP_AFFINITY);
    USHORT capacity = (USHORT)STORPORT_ARGUMENT(arguments, int);
    PUSHORT required = STORPORT_ARGUMENT(arguments, PUSHORT);

    (void)adapter;
    (void)extension;
    if (node || !required || (capacity && !affinities))
        return STOR_STATUS_INVALID_PARAMETER;
    *required = 1;
    if (!capacity)
        return STOR_STATUS_BUFFER_TOO_SMALL;
    affinities[0] = (GROUP_AFFINITY){.Mask = nt_processor_mask()};
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetNodeAffinity2, "StorPortGetNodeAffinity2", "Initialization",
                  get_node_affinities);

/* ---- relationships: each processor is a core, all are one package, one node and one group ---- */

/* The records so far; those that do not fit are only counted. */
struct relationships {
    unsigned char *buffer; /* NULL: nothing fits */
    ULONG capacity, used;
};

static void append(struct relationships *list, LOGICAL_PROCESSOR_RELATIONSHIP relationship,
                   const void *record, size_t bytes)
{
    const ULONG header = offsetof(SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX, Processor);
    ULONG size = header + (ULONG)bytes;

    if (list->buffer && list->used + size <= list->capacity) {
        PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX entry =
            (PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX)(list->buffer + list->used);
        entry->Relationship = relationship;
        entry->Size = size;
        memcpy(&entry->Processor, record, bytes);
    }
    list->used += size;
}

static void append_processors(struct relationships *list,
                              LOGICAL_PROCESSOR_RELATIONSHIP relationship, KAFFINITY mask)
{
    PROCESSOR_RELATIONSHIP record = {.GroupCount = 1, .GroupMask[0].Mask = mask};

    append(list, relationship, &record, sizeof(record));
}

static void append_group(struct relationships *list)
{
    GROUP_RELATIONSHIP record = {
        .MaximumGroupCount = 1,
        .ActiveGroupCount = 1,
        .GroupInfo[0] = {.MaximumProcessorCount = (UCHAR)nt_processor_count(),
                         .ActiveProcessorCount = (UCHAR)nt_processor_count(),
                         .ActiveProcessorMask = nt_processor_mask()},
    };

    append(list, RelationGroup, &record, sizeof(record));
}

/* The records of one type, or of all, that `processors` have to do with. */
static void append_relationships(struct relationships *list, ULONG type, KAFFINITY processors)
{
    bool all = type == RelationAll;
    NUMA_NODE_RELATIONSHIP node = {.GroupCount = 1, .GroupMask.Mask = nt_processor_mask()};

    for (unsigned i = 0; i < nt_processor_count() && (all || type == RelationProcessorCore); i++)
        if (processors >> i & 1)
            append_processors(list, RelationProcessorCore, (KAFFINITY)1 << i);
    if (all || type == RelationNumaNode || type == RelationNumaNodeEx)
        append(list, RelationNumaNode, &node, sizeof(node));
    if (all || type == RelationProcessorPackage)
        append_processors(list, RelationProcessorPackage, nt_processor_mask());
    if (all || type == RelationGroup)
        append_group(list);
}

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
        (number && (number->Group || number->Number >= nt_processor_count())))
        return STOR_STATUS_INVALID_PARAMETER;
    struct relationships list = {buffer, buffer ? *length : 0, 0};
    append_relationships(&list, type,
                         number ? (KAFFINITY)1 << number->Number : nt_processor_mask());
    *length = list.used;
    return list.used > list.capacity ? STOR_STATUS_BUFFER_TOO_SMALL : STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetLogicalProcessorRelationship,
                  "StorPortGetLogicalProcessorRelationship", "Initialization", get_relationship);

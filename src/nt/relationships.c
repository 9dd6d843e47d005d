/*
 * relationships.c - the topology as the records of SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX, which
 * Ke and Storport hand out alike.
 *
 * A node's records: RelationNumaNode tells one group, the node's primary one or, of a processor,
 * its own; RelationNumaNodeEx and RelationAll tell all groups of the node. Both kinds call
 * themselves RelationNumaNode (KeQueryLogicalProcessorRelationship). Nodes without processors are
 * related to none and have no record.
 */
#include "nt/processor.h"

#include <ntddk.h>
#include <stddef.h>
#include <string.h>

/* The records so far; those that do not fit are only counted. */
struct records {
    char *buffer;
    size_t room, used;
    int processor; /* only what it belongs to; -1: everything */
};

typedef SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX record_type;

/* The largest is a group relationship; others end with an affinity for each group. */
union record {
    record_type record;
    char bytes[offsetof(record_type, Group.GroupInfo) +
               NT_GROUP_COUNT_MAX * sizeof(PROCESSOR_GROUP_INFO)];
};
_Static_assert(sizeof(union record) >= offsetof(record_type, NumaNode.GroupMasks) +
                                           NT_GROUP_COUNT_MAX * sizeof(GROUP_AFFINITY),
               "the groups of a node fit");

static void append(struct records *records, union record *record,
                   LOGICAL_PROCESSOR_RELATIONSHIP relationship, size_t size)
{
    record->record.Relationship = relationship;
    record->record.Size = (ULONG)size;
    if (records->buffer && records->used <= records->room && size <= records->room - records->used)
        memcpy(records->buffer + records->used, record, size);
    records->used += size;
}

/* An affinity for each group that the set has processors of; returns how many. */
static USHORT fill_affinities(GROUP_AFFINITY *affinities, const struct nt_processor_set *set)
{
    USHORT count = 0;

    for (unsigned group = 0; group < nt_topology()->group_count; group++) {
        uint64_t mask = nt_set_affinity(set, group);
        if (mask)
            affinities[count++] = (GROUP_AFFINITY){.Mask = mask, .Group = (USHORT)group};
    }
    return count;
}

static bool concerns(const struct records *records, const struct nt_processor_set *set)
{
    return records->processor < 0 ? nt_set_count(set) != 0
                                  : nt_set_has(set, (unsigned)records->processor);
}

/* ---- cores, packages, dies, modules: processors whose places have the same number ---- */

static const struct unit_kind {
    LOGICAL_PROCESSOR_RELATIONSHIP relationship;
    size_t place, count; /* offsets of the number in a place, and of how many there are */
} unit_kinds[] = {
    {RelationProcessorCore, offsetof(struct nt_place, core),
     offsetof(struct nt_topology, core_count)},
    {RelationProcessorPackage, offsetof(struct nt_place, package),
     offsetof(struct nt_topology, package_count)},
    {RelationProcessorDie, offsetof(struct nt_place, die), offsetof(struct nt_topology, die_count)},
    {RelationProcessorModule, offsetof(struct nt_place, module),
     offsetof(struct nt_topology, module_count)},
};

static struct nt_processor_set unit_processors(const struct unit_kind *kind, unsigned unit)
{
    const struct nt_topology *topology = nt_topology();
    struct nt_processor_set set = {{0}};

    for (unsigned i = 0; i < topology->processor_count; i++) {
        uint16_t number;
        memcpy(&number, (const char *)&topology->places[i] + kind->place, sizeof(number));
        if (number == unit)
            nt_set_add(&set, i);
    }
    return set;
}

static void append_units(struct records *records, const struct unit_kind *kind)
{
    const struct nt_topology *topology = nt_topology();
    unsigned count;

    memcpy(&count, (const char *)topology + kind->count, sizeof(count));
    for (unsigned unit = 0; unit < count; unit++) {
        struct nt_processor_set set = unit_processors(kind, unit);
        union record entry = {.bytes = {0}};
        PROCESSOR_RELATIONSHIP *relationship = &entry.record.Processor;
        if (!concerns(records, &set))
            continue;
        if (kind->relationship == RelationProcessorCore) {
            relationship->Flags = nt_set_count(&set) > 1 ? LTP_PC_SMT : 0;
            relationship->EfficiencyClass = topology->places[nt_set_nth(&set, 0)].efficiency;
        }
        relationship->GroupCount = fill_affinities(relationship->GroupMask, &set);
        append(records, &entry, kind->relationship,
               offsetof(record_type, Processor.GroupMask) +
                   relationship->GroupCount * sizeof(GROUP_AFFINITY));
    }
}

/* ---- nodes ---- */

static void append_nodes(struct records *records, bool all_groups)
{
    const struct nt_topology *topology = nt_topology();

    for (unsigned node = 0; node < topology->node_count; node++) {
        struct nt_processor_set set = nt_node_processors(node);
        union record entry = {.bytes = {0}};
        NUMA_NODE_RELATIONSHIP *relationship = &entry.record.NumaNode;
        if (!concerns(records, &set))
            continue;
        unsigned group = records->processor < 0 ? nt_set_primary_group(&set)
                                                : topology->places[records->processor].group;
        relationship->NodeNumber = node;
        relationship->GroupCount = 1;
        relationship->GroupMask =
            (GROUP_AFFINITY){.Mask = nt_set_affinity(&set, group), .Group = (USHORT)group};
        if (all_groups)
            relationship->GroupCount = fill_affinities(relationship->GroupMasks, &set);
        append(records, &entry, RelationNumaNode,
               offsetof(record_type, NumaNode.GroupMasks) +
                   relationship->GroupCount * sizeof(GROUP_AFFINITY));
    }
}

/* ---- caches ---- */

static void append_caches(struct records *records)
{
    const struct nt_topology *topology = nt_topology();
    static const PROCESSOR_CACHE_TYPE types[] = {[NT_CACHE_UNIFIED] = CacheUnified,
                                                 [NT_CACHE_INSTRUCTION] = CacheInstruction,
                                                 [NT_CACHE_DATA] = CacheData};

    for (unsigned i = 0; i < topology->cache_count; i++) {
        const struct nt_cache *cache = &topology->caches[i];
        union record entry = {.bytes = {0}};
        CACHE_RELATIONSHIP *relationship = &entry.record.Cache;
        if (!concerns(records, &cache->processors))
            continue;
        relationship->Level = cache->level;
        relationship->Associativity = cache->ways;
        relationship->LineSize = cache->line_bytes;
        relationship->CacheSize = cache->bytes;
        relationship->Type = types[cache->kind];
        relationship->GroupCount = fill_affinities(relationship->GroupMasks, &cache->processors);
        append(records, &entry, RelationCache,
               offsetof(record_type, Cache.GroupMasks) +
                   relationship->GroupCount * sizeof(GROUP_AFFINITY));
    }
}

/* ---- groups: one record for all of them ---- */

static void append_groups(struct records *records)
{
    const struct nt_topology *topology = nt_topology();
    union record entry = {.bytes = {0}};
    GROUP_RELATIONSHIP *relationship = &entry.record.Group;

    relationship->MaximumGroupCount = relationship->ActiveGroupCount =
        (USHORT)topology->group_count;
    for (unsigned group = 0; group < topology->group_count; group++) {
        UCHAR count = (UCHAR)topology->groups[group].count;
        relationship->GroupInfo[group] =
            (PROCESSOR_GROUP_INFO){.MaximumProcessorCount = count,
                                   .ActiveProcessorCount = count,
                                   .ActiveProcessorMask = nt_group_affinity(group)};
    }
    append(records, &entry, RelationGroup,
           offsetof(record_type, Group.GroupInfo) +
               topology->group_count * sizeof(PROCESSOR_GROUP_INFO));
}

static const struct unit_kind *unit_kind_of(unsigned relationship)
{
    for (size_t i = 0; i < sizeof(unit_kinds) / sizeof(unit_kinds[0]); i++)
        if ((unsigned)unit_kinds[i].relationship == relationship)
            return &unit_kinds[i];
    return NULL;
}

size_t nt_topology_relationships(unsigned relationship, int processor, void *buffer, size_t room)
{
    struct records records = {.buffer = buffer, .room = room, .processor = processor};
    bool all = relationship == RelationAll;

    for (unsigned type = RelationProcessorCore; type <= RelationProcessorModule; type++) {
        const struct unit_kind *kind = unit_kind_of(type);
        if (!all && type != relationship)
            continue;
        if (kind)
            append_units(&records, kind);
        else if (type == RelationCache)
            append_caches(&records);
        else if (type == RelationGroup)
            append_groups(&records);
        else if (type == RelationNumaNodeEx ? !all : type == RelationNumaNode)
            append_nodes(&records, all || type == RelationNumaNodeEx);
    }
    return records.used;
}

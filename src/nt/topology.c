/*
 * topology.c - the machine's topology, and questions about it.
 */
#include "nt/topology.h"

#include "nt/private.h"

static struct nt_topology machine;

const struct nt_topology *nt_topology(void)
{
    return &machine;
}

void topology_start(const struct nt_topology *topology)
{
    machine = *topology;
}

void topology_stop(void)
{
    machine = (struct nt_topology){0};
}

static uint64_t mask_of(unsigned count)
{
    return count ? UINT64_MAX >> (64 - count) : 0;
}

int nt_processor_in_group(unsigned group, unsigned number)
{
    if (group >= machine.group_count || number >= machine.groups[group].count)
        return -1;
    return (int)(machine.groups[group].first + number);
}

uint64_t nt_group_affinity(unsigned group)
{
    return group < machine.group_count ? mask_of(machine.groups[group].count) : 0;
}

struct nt_processor_set nt_node_processors(unsigned node)
{
    struct nt_processor_set set = {{0}};

    for (unsigned i = 0; i < machine.processor_count; i++)
        if (machine.places[i].node == node)
            nt_set_add(&set, i);
    return set;
}

uint64_t nt_set_affinity(const struct nt_processor_set *set, unsigned group)
{
    uint64_t affinity = 0;

    if (group >= machine.group_count)
        return 0;
    for (unsigned i = 0; i < machine.groups[group].count; i++)
        affinity |= (uint64_t)nt_set_has(set, machine.groups[group].first + i) << i;
    return affinity;
}

struct nt_processor_set nt_set_of_affinity(unsigned group, uint64_t affinity)
{
    struct nt_processor_set set = {{0}};

    affinity &= nt_group_affinity(group);
    for (; affinity; affinity &= affinity - 1)
        nt_set_add(&set, machine.groups[group].first + (unsigned)__builtin_ctzll(affinity));
    return set;
}

unsigned nt_set_primary_group(const struct nt_processor_set *set)
{
    unsigned primary = 0, most = 0;

    for (unsigned group = 0; group < machine.group_count; group++) {
        unsigned count = (unsigned)__builtin_popcountll(nt_set_affinity(set, group));
        if (count > most) {
            most = count;
            primary = group;
        }
    }
    return primary;
}

unsigned nt_set_nth(const struct nt_processor_set *set, unsigned n)
{
    unsigned count = nt_set_count(set);

    sh_assert(count != 0);
    n %= count;
    for (unsigned i = 0;; i++)
        if (nt_set_has(set, i) && n-- == 0)
            return i;
}

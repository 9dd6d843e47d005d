/*
 * topology.h - where the machine's processors and memory are: groups, nodes, packages, dies,
 * modules, cores, caches. Everything that a driver can ask about that is answered from here, so
 * that all answers agree.
 *
 * Processors are numbered across the machine so that those of a group follow each other, and so do
 * those of a node, a package, a die, a module and a core. A topology is constant while the machine
 * runs; questions may come at any IRQL.
 */
#ifndef STORHOST_NT_TOPOLOGY_H
#define STORHOST_NT_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    NT_PROCESSOR_COUNT_MAX = 256,
    NT_GROUP_SIZE_MAX = 64, /* bits of an affinity */
    NT_GROUP_COUNT_MAX = 32,
    NT_NODE_COUNT_MAX = 64,
    NT_CACHE_COUNT_MAX = 4 * NT_PROCESSOR_COUNT_MAX,
    NT_PROCESSOR_SET_WORDS = NT_PROCESSOR_COUNT_MAX / 64,
};

/* Processors of the machine, by their numbers across it. */
struct nt_processor_set {
    uint64_t words[NT_PROCESSOR_SET_WORDS];
};

/* Where a processor is. All but `number` and `efficiency` count across the machine. */
struct nt_place {
    uint16_t group, node, package, die, module, core;
    uint8_t number;     /* in its group */
    uint8_t efficiency; /* more: faster, and less efficient */
};

enum nt_cache_kind { NT_CACHE_UNIFIED, NT_CACHE_INSTRUCTION, NT_CACHE_DATA };

struct nt_cache {
    struct nt_processor_set processors; /* that it serves */
    uint32_t bytes;
    uint16_t line_bytes;
    uint8_t level;
    uint8_t ways; /* 0xFF: fully associative */
    enum nt_cache_kind kind;
};

struct nt_group {
    uint16_t first, count; /* processors */
};

struct nt_topology {
    unsigned processor_count, group_count;
    unsigned node_count; /* with those that have memory alone */
    unsigned package_count, die_count, module_count, core_count, cache_count;
    struct nt_place places[NT_PROCESSOR_COUNT_MAX];
    struct nt_group groups[NT_GROUP_COUNT_MAX];
    struct nt_cache caches[NT_CACHE_COUNT_MAX];
    int host_nodes[NT_NODE_COUNT_MAX]; /* the node of the host that a node stands for, -1: none */
};

/* ---- making one ---- */

/* What `text` describes, such as "groups=2,nodes=2,cpus=8" (docs/topology.md has the language);
 * NULL: `processors` alike ones in one package, or with 0 the host's. `processors` is what was
 * asked for besides, 0: nothing. 0 or -EINVAL with one line in `reason` that says what is possible.
 */
int nt_topology_make(struct nt_topology *ret_topology, const char *text, unsigned processors,
                     char *reason, size_t reason_size);
/* The processors of the host with these numbers, at most NT_PROCESSOR_COUNT_MAX, as the files below
 * `root` ("/sys/devices") tell of them. What cannot be read is taken for what the simplest machine
 * has: one node, one package, no threads beside each other. */
void nt_topology_of_host(struct nt_topology *ret_topology, const char *root, const unsigned *cpus,
                         unsigned count);

/* ---- asking the machine's ---- */

/* Of no processor while no machine runs. */
const struct nt_topology *nt_topology(void);

/* The number across the machine of a processor in a group, -1 when there is none. */
int nt_processor_in_group(unsigned group, unsigned number);
/* All processors of a group as an affinity, 0 when there is no such group. */
uint64_t nt_group_affinity(unsigned group);
struct nt_processor_set nt_node_processors(unsigned node);
/* What a set has of a group, as an affinity. */
uint64_t nt_set_affinity(const struct nt_processor_set *set, unsigned group);
/* The group with most of the set's processors, of several the first; 0 for an empty set. */
unsigned nt_set_primary_group(const struct nt_processor_set *set);
struct nt_processor_set nt_set_of_affinity(unsigned group, uint64_t affinity);
/* The nth processor of a set that is not empty; beyond the last it begins again. */
unsigned nt_set_nth(const struct nt_processor_set *set, unsigned n);

static inline void nt_set_add(struct nt_processor_set *set, unsigned processor)
{
    set->words[processor / 64] |= 1ull << processor % 64;
}

static inline bool nt_set_has(const struct nt_processor_set *set, unsigned processor)
{
    return set->words[processor / 64] >> processor % 64 & 1;
}

static inline unsigned nt_set_count(const struct nt_processor_set *set)
{
    unsigned count = 0;

    for (unsigned i = 0; i < NT_PROCESSOR_SET_WORDS; i++)
        count += (unsigned)__builtin_popcountll(set->words[i]);
    return count;
}

static inline struct nt_processor_set nt_set_common(const struct nt_processor_set *one,
                                                    const struct nt_processor_set *other)
{
    struct nt_processor_set common;

    for (unsigned i = 0; i < NT_PROCESSOR_SET_WORDS; i++)
        common.words[i] = one->words[i] & other->words[i];
    return common;
}

/* The records that SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX describes, of one relationship or of all
 * (RelationAll), that one processor has to do with, or (-1) all have; returns how many bytes they
 * take. What goes beyond `room` is not written. */
size_t nt_topology_relationships(unsigned relationship, int processor, void *buffer, size_t room);

#ifdef __cplusplus
}
#endif

#endif

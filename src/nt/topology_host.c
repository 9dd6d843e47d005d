/*
 * topology_host.c - the topology of the host's processors, from what Linux says below /sys/devices.
 *
 * The files may be missing, restricted or wrong (containers, other architectures): each is believed
 * only as far as it makes sense, and nothing that is read here can make the start fail.
 */
#include "nt/topology.h"

#include "nt/private.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 4096, PATH_BYTES = 512, CACHES_OF_PROCESSOR = 16, HOST_NODES_MAX = 1024 };

/* What the files say of one processor; -1 or less: nothing. */
struct host_cpu {
    unsigned cpu;
    long node, package, die, cluster, core;
    uint8_t efficiency;
};

/* The text of a file, with its end cut off. False: there is none. */
__attribute__((format(printf, 2, 3))) static bool read_text(char text[TEXT_BYTES],
                                                            const char *format, ...)
{
    char path[PATH_BYTES];
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(path, sizeof(path), format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof(path))
        return false;
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    size_t size = fread(text, 1, TEXT_BYTES - 1, file);
    bool good = !ferror(file) && size > 0;
    fclose(file);
    text[size] = 0;
    text[strcspn(text, "\n")] = 0;
    return good;
}

static long number_in(const char *text)
{
    char *end;
    long number = strtol(text, &end, 10);

    return end != text && *end == 0 && number >= 0 && number <= INT_MAX ? number : -1;
}

static long read_number(const char *root, unsigned cpu, const char *name)
{
    char text[TEXT_BYTES];

    return read_text(text, "%s/system/cpu/cpu%u/%s", root, cpu, name) ? number_in(text) : -1;
}

/* Whether a list such as "0-3,8" has the number. */
static bool list_has(const char *list, unsigned number)
{
    while (*list >= '0' && *list <= '9') {
        char *end;
        unsigned long first = strtoul(list, &end, 10), last = first;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        if (number >= first && number <= last)
            return true;
        list = *end == ',' ? end + 1 : "";
    }
    return false;
}

/* ---- reading ---- */

static void read_places(struct host_cpu *cpus, unsigned count, const char *root)
{
    char online[TEXT_BYTES], text[TEXT_BYTES];

    for (unsigned i = 0; i < count; i++) {
        cpus[i].package = read_number(root, cpus[i].cpu, "topology/physical_package_id");
        cpus[i].die = read_number(root, cpus[i].cpu, "topology/die_id");
        cpus[i].cluster = read_number(root, cpus[i].cpu, "topology/cluster_id");
        cpus[i].core = read_number(root, cpus[i].cpu, "topology/core_id");
    }
    if (!read_text(online, "%s/system/node/online", root))
        return;
    for (unsigned node = 0; node < HOST_NODES_MAX; node++) {
        if (!list_has(online, node) ||
            !read_text(text, "%s/system/node/node%u/cpulist", root, node))
            continue;
        for (unsigned i = 0; i < count; i++)
            if (list_has(text, cpus[i].cpu))
                cpus[i].node = node;
    }
}

/* On machines of two kinds of cores the fast ones get 1, if both are among ours. */
static void read_efficiency(struct host_cpu *cpus, unsigned count, const char *root)
{
    char text[TEXT_BYTES];

    if (!read_text(text, "%s/cpu_core/cpus", root))
        return;
    unsigned fast = 0;
    for (unsigned i = 0; i < count; i++) {
        cpus[i].efficiency = list_has(text, cpus[i].cpu);
        fast += cpus[i].efficiency;
    }
    for (unsigned i = 0; i < count && fast == count; i++)
        cpus[i].efficiency = 0;
}

/* ---- order and numbers ---- */

static int compare_numbers(long one, long other)
{
    return one < other ? -1 : one > other;
}

static int compare_cpus(const void *left, const void *right)
{
    const struct host_cpu *one = left, *other = right;
    const int orders[] = {
        compare_numbers(one->node, other->node), compare_numbers(one->package, other->package),
        compare_numbers(one->die, other->die),   compare_numbers(one->cluster, other->cluster),
        compare_numbers(one->core, other->core), compare_numbers(one->cpu, other->cpu),
    };

    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
        if (orders[i])
            return orders[i];
    return 0;
}

/* A core that nobody has told of is one by itself. */
static bool is_same_core(const struct host_cpu *one, const struct host_cpu *other)
{
    return one->core >= 0 && one->core == other->core && one->cluster == other->cluster &&
           one->die == other->die && one->package == other->package;
}

/* The cluster's number says which cores share what lies between a core and its die. */
static bool is_same_module(const struct host_cpu *one, const struct host_cpu *other)
{
    return is_same_core(one, other) || (one->cluster >= 0 && one->cluster == other->cluster &&
                                        one->die == other->die && one->package == other->package);
}

static void number_places(struct nt_topology *topology, const struct host_cpu *cpus)
{
    for (unsigned i = 0; i < topology->processor_count; i++) {
        const struct host_cpu *cpu = &cpus[i], *before = i ? cpu - 1 : NULL;
        bool node = !before || cpu->node != before->node;
        bool package = node || cpu->package != before->package;
        bool die = package || cpu->die != before->die;
        bool module = die || !is_same_module(cpu, before);

        if (node && topology->node_count < NT_NODE_COUNT_MAX)
            topology->host_nodes[topology->node_count++] = (int)cpu->node;
        topology->package_count += package;
        topology->die_count += die;
        topology->module_count += module;
        topology->core_count += module || !is_same_core(cpu, before);
        topology->places[i] = (struct nt_place){
            .node = (uint16_t)(topology->node_count - 1),
            .package = (uint16_t)(topology->package_count - 1),
            .die = (uint16_t)(topology->die_count - 1),
            .module = (uint16_t)(topology->module_count - 1),
            .core = (uint16_t)(topology->core_count - 1),
            .efficiency = cpu->efficiency,
        };
    }
}

/* How many processors from this one on are of one core, or (`node`) of one node. */
static unsigned row_length(const struct nt_topology *topology, unsigned first, bool node)
{
    unsigned end = first + 1;

    while (end < topology->processor_count &&
           (node ? topology->places[end].node == topology->places[first].node
                 : topology->places[end].core == topology->places[first].core))
        end++;
    return end - first;
}

/* Whole nodes while they fit, as Windows forms groups; cores of nodes that are too large. */
static void form_groups(struct nt_topology *topology)
{
    unsigned first = 0;

    while (first < topology->processor_count) {
        unsigned length = row_length(topology, first, true);
        struct nt_group *group = &topology->groups[topology->group_count];
        bool fits = topology->group_count && group[-1].count + length <= NT_GROUP_SIZE_MAX;
        if (fits)
            group--;
        else
            *group = (struct nt_group){.first = (uint16_t)first};
        for (unsigned end = first + length; first < end;) {
            unsigned row = row_length(topology, first, false);
            if (group->count && group->count + row > NT_GROUP_SIZE_MAX)
                break;
            row = row < NT_GROUP_SIZE_MAX ? row : NT_GROUP_SIZE_MAX;
            for (; row; row--, first++) {
                topology->places[first].group = (uint16_t)(group - topology->groups);
                topology->places[first].number = (uint8_t)group->count++;
            }
        }
        if (!fits)
            topology->group_count++;
    }
}

/* ---- caches ---- */

static uint32_t size_in(const char *text)
{
    char *end;
    unsigned long size = strtoul(text, &end, 10);

    if (end == text || size > UINT32_MAX >> 20)
        return 0;
    return (uint32_t)(*end == 'K' ? size << 10 : *end == 'M' ? size << 20 : size);
}

static bool read_cache(struct nt_cache *ret_cache, const char *root, const struct host_cpu *cpus,
                       unsigned count, unsigned cpu, unsigned index)
{
    char text[TEXT_BYTES], name[PATH_BYTES / 2];
    struct nt_cache cache = {.ways = 0};

    snprintf(name, sizeof(name), "%s/system/cpu/cpu%u/cache/index%u", root, cpus[cpu].cpu, index);
    if (!read_text(text, "%s/level", name))
        return false;
    long level = number_in(text);
    if (level < 1 || level > 4 || !read_text(text, "%s/size", name))
        return false;
    cache.level = (uint8_t)level;
    cache.bytes = size_in(text);
    if (read_text(text, "%s/type", name))
        cache.kind = text[0] == 'D'   ? NT_CACHE_DATA
                     : text[0] == 'I' ? NT_CACHE_INSTRUCTION
                                      : NT_CACHE_UNIFIED;
    long ways = read_text(text, "%s/ways_of_associativity", name) ? number_in(text) : 0;
    cache.ways = ways > 0 && ways < UINT8_MAX ? (uint8_t)ways : UINT8_MAX;
    long line = read_text(text, "%s/coherency_line_size", name) ? number_in(text) : 0;
    cache.line_bytes = line > 0 && line <= UINT16_MAX ? (uint16_t)line : 64;
    nt_set_add(&cache.processors, cpu);
    if (read_text(text, "%s/shared_cpu_list", name))
        for (unsigned i = 0; i < count; i++)
            if (list_has(text, cpus[i].cpu))
                nt_set_add(&cache.processors, i);
    *ret_cache = cache;
    return true;
}

/* A cache is entered when its first processor comes by. */
static void read_caches(struct nt_topology *topology, const char *root, const struct host_cpu *cpus,
                        unsigned count)
{
    for (unsigned cpu = 0; cpu < count; cpu++) {
        for (unsigned index = 0; index < CACHES_OF_PROCESSOR; index++) {
            struct nt_cache cache;
            if (topology->cache_count < NT_CACHE_COUNT_MAX &&
                read_cache(&cache, root, cpus, count, cpu, index) &&
                nt_set_nth(&cache.processors, 0) == cpu)
                topology->caches[topology->cache_count++] = cache;
        }
    }
}

void nt_topology_of_host(struct nt_topology *ret_topology, const char *root, const unsigned *cpus,
                         unsigned count)
{
    struct host_cpu host[NT_PROCESSOR_COUNT_MAX];

    sh_assert(count >= 1 && count <= NT_PROCESSOR_COUNT_MAX);
    for (unsigned i = 0; i < count; i++)
        host[i] = (struct host_cpu){.cpu = cpus[i], .node = -1};
    read_places(host, count, root);
    read_efficiency(host, count, root);
    qsort(host, count, sizeof(host[0]), compare_cpus);
    *ret_topology = (struct nt_topology){.processor_count = count};
    number_places(ret_topology, host);
    form_groups(ret_topology);
    read_caches(ret_topology, root, host, count);
}

/*
 * topology_text.c - a topology from its description, such as "groups=2,nodes=2,cpus=8".
 *
 * Cores are laid out first, in order: packages of dies of cores of threads, and the efficient
 * processors at the end. Nodes and groups are cuts through that row, between cores.
 */
#include "nt/topology.h"

#include "nt/private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EFFICIENT_CORES_OF_MODULE = 4,
    /* Caches of a machine that was asked for, in KiB: usual sizes. */
    LEVEL_1_KIB = 32,
    LEVEL_2_KIB = 1024,
    LEVEL_3_KIB = 16384,
};

/* Sizes of what a dimension cuts the processors into. */
struct cuts {
    unsigned count; /* 0: nothing was said */
    bool listed;    /* the sizes were given; else they are alike */
    uint16_t sizes[NT_NODE_COUNT_MAX];
};

struct wish {
    const char *text;
    unsigned processors, packages, dies, cores, threads, efficient; /* 0: nothing was said */
    bool packages_are_nodes;
    struct cuts groups, nodes;
    char *reason;
    size_t reason_size;
};

__attribute__((format(printf, 2, 3))) static bool refuse(const struct wish *wish,
                                                         const char *format, ...)
{
    va_list arguments;
    int length =
        wish->text ? snprintf(wish->reason, wish->reason_size, "topology '%s': ", wish->text) : 0;

    if (length < 0 || (size_t)length >= wish->reason_size)
        return false;
    va_start(arguments, format);
    vsnprintf(wish->reason + length, wish->reason_size - (size_t)length, format, arguments);
    va_end(arguments);
    return false;
}

/* ---- reading ---- */

/* A number of at most `most` that ends at one of `ends` or the end; moves *at to there. */
static bool read_number(const char **at, const char *ends, unsigned most, unsigned *ret_number)
{
    unsigned number = 0;
    const char *digit = *at;

    for (; *digit >= '0' && *digit <= '9'; digit++) {
        number = number * 10 + (unsigned)(*digit - '0');
        if (number > most)
            return false;
    }
    if (digit == *at || (*digit && !strchr(ends, *digit)))
        return false;
    *at = digit;
    *ret_number = number;
    return true;
}

/* "2", or "6+2": the processors of each. */
static bool read_cuts(struct wish *wish, const char **at, const char *key, struct cuts *cuts,
                      unsigned count_max)
{
    unsigned number;

    for (cuts->count = 0;; ++*at) {
        if (!read_number(at, "+,", NT_PROCESSOR_COUNT_MAX, &number))
            return refuse(wish, "%s: give how many, or the processors of each as in %s=6+2", key,
                          key);
        if (cuts->count == count_max)
            return refuse(wish, "%s: there can be at most %u", key, count_max);
        cuts->sizes[cuts->count++] = (uint16_t)number;
        if (**at != '+')
            break;
    }
    cuts->listed = cuts->count > 1;
    if (cuts->listed)
        return true;
    if (!number || number > count_max)
        return refuse(wish, "%s: give 1 to %u", key, count_max);
    cuts->count = number;
    return true;
}

static bool read_pair(struct wish *wish, const char **at)
{
    const struct {
        const char *name;
        unsigned *number;
        struct cuts *cuts;
        unsigned count_max;
    } keys[] = {
        {"cpus", &wish->processors, NULL, 0},
        {"groups", NULL, &wish->groups, NT_GROUP_COUNT_MAX},
        {"nodes", NULL, &wish->nodes, NT_NODE_COUNT_MAX},
        {"packages", &wish->packages, NULL, 0},
        {"dies", &wish->dies, NULL, 0},
        {"cores", &wish->cores, NULL, 0},
        {"threads", &wish->threads, NULL, 0},
        {"efficient", &wish->efficient, NULL, 0},
    };
    size_t length = strcspn(*at, "=,");

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strlen(keys[i].name) != length || memcmp(keys[i].name, *at, length) != 0 ||
            (*at)[length] != '=')
            continue;
        *at += length + 1;
        if (keys[i].cuts)
            return keys[i].cuts->count
                       ? refuse(wish, "%s is given twice", keys[i].name)
                       : read_cuts(wish, at, keys[i].name, keys[i].cuts, keys[i].count_max);
        if (*keys[i].number)
            return refuse(wish, "%s is given twice", keys[i].name);
        return (read_number(at, ",", NT_PROCESSOR_COUNT_MAX, keys[i].number) && *keys[i].number) ||
               refuse(wish, "%s: give 1 to %u", keys[i].name, NT_PROCESSOR_COUNT_MAX);
    }
    return refuse(wish,
                  "'%.*s' is not known: give groups=, nodes=, cpus=, packages=, dies=, cores=, "
                  "threads= or efficient=",
                  (int)strcspn(*at, ","), *at);
}

static bool read_wish(struct wish *wish)
{
    const char *at = wish->text;

    for (;;) {
        if (!read_pair(wish, &at))
            return false;
        if (!*at)
            return true;
        at++;
    }
}

/* ---- how many of what ---- */

static unsigned listed_sum(const struct cuts *cuts)
{
    unsigned sum = 0;

    for (unsigned i = 0; cuts->listed && i < cuts->count; i++)
        sum += cuts->sizes[i];
    return sum;
}

static unsigned one_if_none(unsigned number)
{
    return number ? number : 1;
}

/* Nodes that have processors. */
static unsigned populated(const struct cuts *nodes)
{
    unsigned count = 0;

    for (unsigned i = 0; i < nodes->count; i++)
        count += !nodes->listed || nodes->sizes[i] != 0;
    return count;
}

static bool count_processors(struct wish *wish, unsigned asked)
{
    unsigned listed =
        listed_sum(&wish->nodes) ? listed_sum(&wish->nodes) : listed_sum(&wish->groups);

    if (asked && wish->processors && asked != wish->processors)
        return refuse(wish, "cpus=%u, but --cpus %u: give one of them", wish->processors, asked);
    if (asked)
        wish->processors = asked;
    if (!wish->processors)
        wish->processors = listed;
    if (!wish->processors && wish->cores)
        wish->processors = one_if_none(wish->packages ? wish->packages : populated(&wish->nodes)) *
                               wish->cores * one_if_none(wish->threads) +
                           wish->efficient;
    if (!wish->processors)
        wish->processors = sys_cpu_count();
    if (wish->processors > NT_PROCESSOR_COUNT_MAX)
        return refuse(wish, "%u processors: there can be at most %u", wish->processors,
                      NT_PROCESSOR_COUNT_MAX);
    return true;
}

/* Packages, dies, cores and threads against the processors that are not efficient ones. */
static bool count_cores(struct wish *wish)
{
    wish->threads = one_if_none(wish->threads);
    if (wish->efficient >= wish->processors)
        return refuse(wish, "efficient=%u: %u processors leave none for the others",
                      wish->efficient, wish->processors);
    unsigned others = wish->processors - wish->efficient;
    wish->packages_are_nodes = !wish->packages && !wish->cores;
    if (!wish->packages)
        wish->packages = wish->cores ? one_if_none(others / (wish->cores * wish->threads))
                                     : one_if_none(populated(&wish->nodes));
    wish->dies = one_if_none(wish->dies);
    if (others % wish->threads)
        return refuse(wish, "%u processors are not divisible by threads=%u", others, wish->threads);
    unsigned cores = others / wish->threads;
    if (wish->cores && wish->cores * wish->packages != cores)
        return refuse(wish,
                      "packages=%u,cores=%u,threads=%u make %u processors, not %u: cores are those "
                      "of a package, threads those of a core",
                      wish->packages, wish->cores, wish->threads,
                      wish->packages * wish->cores * wish->threads, others);
    if (wish->packages > cores)
        return refuse(wish, "packages=%u: there are %u cores", wish->packages, cores);
    return true;
}

/* ---- cutting ---- */

/* Alike sizes, or those given. */
static bool settle_cuts(const struct wish *wish, struct cuts *cuts, const char *name)
{
    if (cuts->listed && listed_sum(cuts) != wish->processors)
        return refuse(wish, "the %s have %u processors together, and the machine %u", name,
                      listed_sum(cuts), wish->processors);
    if (!cuts->listed && wish->processors % cuts->count)
        return refuse(wish,
                      "%u processors cannot be divided evenly among %u %s: name the processors of "
                      "each, such as %s=%u+%u%s",
                      wish->processors, cuts->count, name, name,
                      wish->processors - wish->processors / cuts->count * (cuts->count - 1),
                      wish->processors / cuts->count, cuts->count > 2 ? "+..." : "");
    for (unsigned i = 0; !cuts->listed && i < cuts->count; i++)
        cuts->sizes[i] = (uint16_t)(wish->processors / cuts->count);
    return true;
}

/* As Windows forms groups: whole nodes, as long as they fit; a node that is too large for one is
 * spread over as few groups as take it. */
static bool settle_groups(struct wish *wish)
{
    struct cuts *groups = &wish->groups;
    unsigned room = 0;

    if (groups->count)
        return settle_cuts(wish, groups, "groups");
    for (unsigned i = 0; i < wish->nodes.count; i++) {
        unsigned left = wish->nodes.sizes[i];
        unsigned parts = (left + NT_GROUP_SIZE_MAX - 1) / NT_GROUP_SIZE_MAX;
        if (left && left <= room) {
            groups->sizes[groups->count - 1] = (uint16_t)(groups->sizes[groups->count - 1] + left);
            room -= left;
            continue;
        }
        for (; parts; parts--) {
            /* Between cores, which have one or a few threads each. */
            unsigned size = (left + parts - 1) / parts;
            size += (wish->threads - size % wish->threads) % wish->threads;
            size = size < left ? size : left;
            groups->sizes[groups->count++] = (uint16_t)size;
            left -= size;
            room = NT_GROUP_SIZE_MAX - size;
        }
    }
    return true;
}

/* ---- laying out ---- */

static unsigned core_threads(const struct wish *wish, unsigned first)
{
    return first < wish->processors - wish->efficient ? wish->threads : 1;
}

static void lay_cores(struct nt_topology *topology, const struct wish *wish)
{
    unsigned others = (wish->processors - wish->efficient) / wish->threads;
    unsigned core = 0;

    for (unsigned first = 0; first < wish->processors; core++) {
        bool efficient = core >= others;
        unsigned end = first + core_threads(wish, first);
        if (!efficient || (core - others) % EFFICIENT_CORES_OF_MODULE == 0)
            topology->module_count++;
        for (; first < end; first++)
            topology->places[first] = (struct nt_place){
                .core = (uint16_t)core,
                .module = (uint16_t)(topology->module_count - 1),
                .efficiency = !efficient && wish->efficient,
            };
    }
    topology->core_count = core;
}

static bool cuts_a_core(const struct nt_topology *topology, unsigned processor)
{
    return processor && processor < topology->processor_count &&
           topology->places[processor].core == topology->places[processor - 1].core;
}

static bool lay_nodes(struct nt_topology *topology, const struct wish *wish)
{
    unsigned first = 0;

    topology->node_count = wish->nodes.count;
    for (unsigned node = 0; node < wish->nodes.count; node++) {
        unsigned end = first + wish->nodes.sizes[node];
        topology->host_nodes[node] = -1;
        for (; first < end; first++)
            topology->places[first].node = (uint16_t)node;
        if (cuts_a_core(topology, end))
            return refuse(wish,
                          "node %u ends within a core: its processors must be a multiple of "
                          "threads=%u",
                          node, wish->threads);
    }
    return true;
}

/* The number of the part, of `parts` alike ones, that has this one of `count`: they differ by one
 * at most. */
static unsigned part_of(unsigned index, unsigned count, unsigned parts)
{
    return (unsigned)((uint64_t)index * parts / count);
}

/* The dies of a package that has these processors, in rows of cores. Efficient cores belong to the
 * last. */
static void lay_dies(struct nt_topology *topology, const struct wish *wish, unsigned first,
                     unsigned end)
{
    unsigned others = wish->processors - wish->efficient;
    unsigned count = ((end < others ? end : others) - first) / wish->threads;

    for (unsigned i = first; i < end; i++) {
        unsigned index = topology->places[i].core - topology->places[first].core;
        unsigned die = index < count ? part_of(index, count, wish->dies) : wish->dies - 1;
        topology->places[i].package = (uint16_t)topology->package_count;
        topology->places[i].die = (uint16_t)(topology->package_count * wish->dies + die);
    }
    topology->package_count++;
    topology->die_count = topology->package_count * wish->dies;
}

/* Where a package ends: with its node, if nothing else was said. Efficient cores belong to the last
 * one. */
static unsigned end_of_package(const struct nt_topology *topology, const struct wish *wish,
                               unsigned first)
{
    unsigned others = (wish->processors - wish->efficient) / wish->threads;
    unsigned end = first + 1;

    for (; end < wish->processors; end++) {
        struct nt_place now = topology->places[end], before = topology->places[end - 1];
        if (wish->packages_are_nodes
                ? now.node != before.node
                : now.core < others && part_of(now.core, others, wish->packages) !=
                                           part_of(before.core, others, wish->packages))
            break;
    }
    return end;
}

static bool lay_packages(struct nt_topology *topology, const struct wish *wish)
{
    for (unsigned first = 0, end; first < wish->processors; first = end) {
        end = end_of_package(topology, wish, first);
        unsigned cores = topology->places[end - 1].core - topology->places[first].core + 1u;
        if (cores < wish->dies)
            return refuse(wish, "dies=%u: package %u has %u cores", wish->dies,
                          topology->package_count, cores);
        lay_dies(topology, wish, first, end);
    }
    return true;
}

static bool lay_groups(struct nt_topology *topology, const struct wish *wish)
{
    unsigned first = 0;

    topology->group_count = wish->groups.count;
    for (unsigned group = 0; group < wish->groups.count; group++) {
        unsigned count = wish->groups.sizes[group];
        if (count == 0 || count > NT_GROUP_SIZE_MAX)
            return refuse(wish,
                          "group %u has %u processors: a group has 1 to %u; give groups=%u or "
                          "more",
                          group, count, NT_GROUP_SIZE_MAX,
                          (wish->processors + NT_GROUP_SIZE_MAX - 1) / NT_GROUP_SIZE_MAX);
        topology->groups[group] = (struct nt_group){(uint16_t)first, (uint16_t)count};
        for (unsigned i = 0; i < count; i++, first++) {
            topology->places[first].group = (uint16_t)group;
            topology->places[first].number = (uint8_t)i;
        }
        if (cuts_a_core(topology, first))
            return refuse(wish,
                          "group %u ends within a core: its processors must be a multiple of "
                          "threads=%u",
                          group, wish->threads);
    }
    return true;
}

/* ---- caches: of a core on level 1, of a module on level 2, of a die within a node on level 3 ----
 */

static void add_cache(struct nt_topology *topology, struct nt_cache cache, unsigned first,
                      unsigned end)
{
    sh_assert(topology->cache_count < NT_CACHE_COUNT_MAX);
    cache.line_bytes = 64;
    for (; first < end; first++)
        nt_set_add(&cache.processors, first);
    topology->caches[topology->cache_count++] = cache;
}

/* Where the row of processors that share something with this one ends. */
static unsigned end_of_core(const struct nt_topology *topology, unsigned at)
{
    uint16_t core = topology->places[at].core;

    while (at < topology->processor_count && topology->places[at].core == core)
        at++;
    return at;
}

static unsigned end_of_module(const struct nt_topology *topology, unsigned at)
{
    uint16_t module = topology->places[at].module;

    while (at < topology->processor_count && topology->places[at].module == module)
        at++;
    return at;
}

static unsigned end_of_die_in_node(const struct nt_topology *topology, unsigned at)
{
    struct nt_place place = topology->places[at];

    while (at < topology->processor_count && topology->places[at].die == place.die &&
           topology->places[at].node == place.node)
        at++;
    return at;
}

static void lay_caches(struct nt_topology *topology)
{
    unsigned count = topology->processor_count, end;

    for (unsigned first = 0; first < count; first = end) {
        end = end_of_core(topology, first);
        add_cache(topology,
                  (struct nt_cache){
                      .level = 1, .ways = 8, .kind = NT_CACHE_DATA, .bytes = LEVEL_1_KIB << 10},
                  first, end);
        add_cache(
            topology,
            (struct nt_cache){
                .level = 1, .ways = 8, .kind = NT_CACHE_INSTRUCTION, .bytes = LEVEL_1_KIB << 10},
            first, end);
    }
    for (unsigned first = 0; first < count; first = end) {
        end = end_of_module(topology, first);
        add_cache(topology, (struct nt_cache){.level = 2, .ways = 16, .bytes = LEVEL_2_KIB << 10},
                  first, end);
    }
    for (unsigned first = 0; first < count; first = end) {
        end = end_of_die_in_node(topology, first);
        add_cache(topology, (struct nt_cache){.level = 3, .ways = 16, .bytes = LEVEL_3_KIB << 10},
                  first, end);
    }
}

/* ---- all of it ---- */

static bool build(struct nt_topology *topology, struct wish *wish, unsigned asked)
{
    if (!count_processors(wish, asked))
        return false;
    wish->nodes.count = one_if_none(wish->nodes.count);
    if (!count_cores(wish) || !settle_cuts(wish, &wish->nodes, "nodes") || !settle_groups(wish))
        return false;
    *topology = (struct nt_topology){.processor_count = wish->processors};
    lay_cores(topology, wish);
    if (!lay_nodes(topology, wish) || !lay_packages(topology, wish) || !lay_groups(topology, wish))
        return false;
    lay_caches(topology);
    return true;
}

int nt_topology_make(struct nt_topology *ret_topology, const char *text, unsigned processors,
                     char *reason, size_t reason_size)
{
    struct wish wish = {.text = text, .reason = reason, .reason_size = reason_size};
    unsigned cpus[NT_PROCESSOR_COUNT_MAX];
    unsigned count = !text && !processors ? sys_cpu_list(cpus, NT_PROCESSOR_COUNT_MAX) : 0;

    if (count) {
        nt_topology_of_host(ret_topology, "/sys/devices", cpus, count);
        return 0;
    }
    if (!text && !processors) {
        processors = sys_cpu_count();
        if (processors > NT_PROCESSOR_COUNT_MAX)
            processors = NT_PROCESSOR_COUNT_MAX;
    }
    if (text && !read_wish(&wish))
        return -EINVAL;
    return build(ret_topology, &wish, processors) ? 0 : -EINVAL;
}

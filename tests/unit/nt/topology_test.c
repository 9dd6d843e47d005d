/*
 * topology_test.c - what a description of a topology makes, and what the host's files do.
 */
#include "nt/machine_helper.h"

#include "nt/memory.h"
#include "nt/processor.h"

#include <errno.h>
#include <ntddk.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct nt_topology made;
static char reason[512];

static const struct nt_topology *make(const char *text, unsigned processors)
{
    int result;

    system_start();
    result = nt_topology_make(&made, text, processors, reason, sizeof(reason));
    sys_stop();
    if (result)
        print_error("%s\n", reason);
    assert_int_equal(result, 0);
    return &made;
}

/* Every number is used, in order, and the tables agree with the places. */
static void assert_sound(const struct nt_topology *topology)
{
    unsigned groups = 0, cores = 0, packages = 0, dies = 0, modules = 0;

    for (unsigned i = 0; i < topology->processor_count; i++) {
        const struct nt_place *place = &topology->places[i], *before = i ? place - 1 : place;
        const struct nt_group *group = &topology->groups[place->group];
        assert_int_equal(group->first + place->number, i);
        assert_in_range(place->number, 0, group->count - 1u);
        assert_true(place->group - before->group <= 1 && place->core - before->core <= 1);
        assert_true(place->node >= before->node && place->package - before->package <= 1);
        assert_true(place->die - before->die <= 1 && place->module - before->module <= 1);
        if (place->core == before->core && i)
            assert_true(place->group == before->group && place->node == before->node &&
                        place->die == before->die && place->module == before->module);
        groups = place->group + 1u;
        cores = place->core + 1u;
        packages = place->package + 1u;
        dies = place->die + 1u;
        modules = place->module + 1u;
        assert_in_range(place->node, 0, topology->node_count - 1);
    }
    assert_int_equal(groups, topology->group_count);
    assert_int_equal(cores, topology->core_count);
    assert_int_equal(packages, topology->package_count);
    assert_int_equal(dies, topology->die_count);
    assert_int_equal(modules, topology->module_count);
}

static void descriptions_make_sound_topologies(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned asked, processors, groups, nodes, packages, dies, cores, modules;
    } rows[] = {
        {NULL, 1, 1, 1, 1, 1, 1, 1, 1},
        {NULL, 96, 96, 2, 1, 1, 1, 96, 96},
        {NULL, 256, 256, 4, 1, 1, 1, 256, 256},
        {"groups=2,nodes=2,cpus=8", 0, 8, 2, 2, 2, 2, 8, 8},
        {"nodes=2", 8, 8, 1, 2, 2, 2, 8, 8},
        {"nodes=6+2", 0, 8, 1, 2, 2, 2, 8, 8},
        {"nodes=2+2+0,threads=2", 0, 4, 1, 3, 2, 2, 2, 2},
        {"groups=2,nodes=1,cpus=6", 0, 6, 2, 1, 1, 1, 6, 6},
        {"groups=5+3", 0, 8, 2, 1, 1, 1, 8, 8},
        {"packages=2,dies=2,cores=4,threads=2", 0, 16, 1, 1, 2, 4, 8, 8},
        {"cores=4,threads=2,efficient=6", 0, 14, 1, 1, 1, 1, 10, 6},
        {"nodes=4,cpus=128", 0, 128, 2, 4, 4, 4, 128, 128},
        {"nodes=48+48", 0, 96, 2, 2, 2, 2, 96, 96},
        {"nodes=130+2", 0, 132, 3, 2, 2, 2, 132, 132},
        {"cpus=8,nodes=2,packages=1", 0, 8, 1, 2, 1, 1, 8, 8},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct nt_topology *topology = make(rows[i].text, rows[i].asked);
        assert_sound(topology);
        assert_int_equal(topology->processor_count, rows[i].processors);
        assert_int_equal(topology->group_count, rows[i].groups);
        assert_int_equal(topology->node_count, rows[i].nodes);
        assert_int_equal(topology->package_count, rows[i].packages);
        assert_int_equal(topology->die_count, rows[i].dies);
        assert_int_equal(topology->core_count, rows[i].cores);
        assert_int_equal(topology->module_count, rows[i].modules);
    }
}

static void what_cannot_be_made_is_refused_with_what_can(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned asked;
        const char *said;
    } rows[] = {
        {"", 0, "'' is not known: give groups="},
        {"cpus", 0, "'cpus' is not known"},
        {"cpus=", 0, "cpus: give 1 to 256"},
        {"cpus=0", 0, "cpus: give 1 to 256"},
        {"cpus=257", 0, "cpus: give 1 to 256"},
        {"cpus=99999999999999999999", 0, "cpus: give 1 to 256"},
        {"cpus=8x", 0, "cpus: give 1 to 256"},
        {"cpus=-1", 0, "cpus: give 1 to 256"},
        {"cpus=8,", 0, "'' is not known"},
        {"cpus=8,cpus=8", 0, "cpus is given twice"},
        {"nodes=2,nodes=2", 0, "nodes is given twice"},
        {"cpus=8,sockets=2", 0, "'sockets=2' is not known"},
        {"cpus=8", 4, "cpus=8, but --cpus 4: give one of them"},
        {"nodes=0", 0, "nodes: give 1 to 64"},
        {"nodes=65", 0, "nodes: give 1 to 64"},
        {"nodes=4+", 0, "as in nodes=6+2"},
        {"groups=33", 0, "groups: give 1 to 32"},
        {"nodes=3,cpus=8", 0, "8 processors cannot be divided evenly among 3 nodes"},
        {"groups=3,cpus=8", 0, "such as groups=4+2+..."},
        {"nodes=4+2,cpus=8", 0, "the nodes have 6 processors together, and the machine 8"},
        {"groups=1,cpus=65", 0, "a group has 1 to 64; give groups=2 or more"},
        {"groups=8+0", 0, "group 1 has 0 processors"},
        {"groups=3+1,threads=2", 0, "group 0 ends within a core"},
        {"nodes=3+1,threads=2", 0, "node 0 ends within a core"},
        {"cpus=3,threads=2", 0, "3 processors are not divisible by threads=2"},
        {"cpus=7,packages=2,cores=4", 0, "make 8 processors, not 7"},
        {"cpus=4,packages=5", 0, "packages=5: there are 4 cores"},
        {"cpus=4,dies=5", 0, "dies=5: package 0 has 4 cores"},
        {"cpus=4,efficient=4", 0, "leave none for the others"},
    };

    system_start();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(
            nt_topology_make(&made, rows[i].text, rows[i].asked, reason, sizeof(reason)), -EINVAL);
        if (!strstr(reason, rows[i].said))
            fail_msg("%s: %s", rows[i].text, reason);
    }
    sys_stop();
}

/* ---- files as Linux has them ---- */

static char root[] = "/tmp/topology-XXXXXX";

static void put(const char *text, const char *format, ...)
{
    char path[512];
    va_list arguments;
    int length = snprintf(path, sizeof(path), "%s/", root);

    va_start(arguments, format);
    vsnprintf(path + length, sizeof(path) - (size_t)length, format, arguments);
    va_end(arguments);
    for (char *slash = path + length; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = 0;
        (void)mkdir(path, 0700);
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int files_up(void **state)
{
    (void)state;
    strcpy(root + strlen(root) - 6, "XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int files_down(void **state)
{
    char command[64];

    (void)state;
    snprintf(command, sizeof(command), "rm -r '%s'", root);
    return system(command);
}

/* As Linux numbers two packages of two cores of two threads: the siblings come last. */
static void put_two_packages(void)
{
    put("0-1\n", "system/node/online");
    put("0-1,4-5\n", "system/node/node0/cpulist");
    put("2-3,6-7\n", "system/node/node1/cpulist");
    for (unsigned cpu = 0; cpu < 8; cpu++) {
        char text[32];
        snprintf(text, sizeof(text), "%u\n", cpu / 2 % 2);
        put(text, "system/cpu/cpu%u/topology/physical_package_id", cpu);
        snprintf(text, sizeof(text), "%u\n", cpu % 2);
        put(text, "system/cpu/cpu%u/topology/core_id", cpu);
        put("0\n", "system/cpu/cpu%u/topology/die_id", cpu);
        put("-1\n", "system/cpu/cpu%u/topology/cluster_id", cpu);
        put("1\n", "system/cpu/cpu%u/cache/index0/level", cpu);
        put("48K\n", "system/cpu/cpu%u/cache/index0/size", cpu);
        put("Data\n", "system/cpu/cpu%u/cache/index0/type", cpu);
        put("12\n", "system/cpu/cpu%u/cache/index0/ways_of_associativity", cpu);
        put("64\n", "system/cpu/cpu%u/cache/index0/coherency_line_size", cpu);
        snprintf(text, sizeof(text), "%u,%u\n", cpu % 4, cpu % 4 + 4);
        put(text, "system/cpu/cpu%u/cache/index0/shared_cpu_list", cpu);
        put("3\n", "system/cpu/cpu%u/cache/index1/level", cpu);
        put("16M\n", "system/cpu/cpu%u/cache/index1/size", cpu);
        put("Unified\n", "system/cpu/cpu%u/cache/index1/type", cpu);
        put("0\n", "system/cpu/cpu%u/cache/index1/ways_of_associativity", cpu);
        put(cpu / 2 % 2 ? "2-3,6-7\n" : "0-1,4-5\n",
            "system/cpu/cpu%u/cache/index1/shared_cpu_list", cpu);
    }
}

static const unsigned all_cpus[] = {0, 1, 2, 3, 4, 5, 6, 7};

static void the_hosts_processors_are_put_in_order(void **state)
{
    (void)state;
    put_two_packages();
    nt_topology_of_host(&made, root, all_cpus, 8);
    assert_sound(&made);
    assert_int_equal(made.node_count, 2);
    assert_int_equal(made.package_count, 2);
    assert_int_equal(made.core_count, 4);
    assert_int_equal(made.group_count, 1);
    assert_int_equal(made.host_nodes[1], 1);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(made.places[i].core, i / 2);
        assert_int_equal(made.places[i].node, i / 4);
    }
    assert_int_equal(made.cache_count, 6);
    for (unsigned i = 0; i < made.cache_count; i++) {
        const struct nt_cache *cache = &made.caches[i];
        bool data = cache->level == 1;
        assert_int_equal(nt_set_count(&cache->processors), data ? 2 : 4);
        assert_int_equal(cache->bytes, data ? 48 << 10 : 16 << 20);
        assert_int_equal(cache->kind, data ? NT_CACHE_DATA : NT_CACHE_UNIFIED);
        assert_int_equal(cache->ways, data ? 12 : 0xFF);
        assert_int_equal(cache->line_bytes, 64);
    }
}

/* Of what the process may not use nothing is seen. */
static void processors_that_are_not_ours_leave_no_trace(void **state)
{
    static const unsigned ours[] = {2, 3, 7};

    (void)state;
    put_two_packages();
    nt_topology_of_host(&made, root, ours, 3);
    assert_sound(&made);
    assert_int_equal(made.node_count, 1);
    assert_int_equal(made.host_nodes[0], 1);
    assert_int_equal(made.core_count, 2);
    assert_int_equal(made.cache_count, 3);
}

static void the_fast_of_two_kinds_of_cores_are_told(void **state)
{
    (void)state;
    put("0-5\n", "cpu_core/cpus");
    nt_topology_of_host(&made, root, all_cpus, 8);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(made.places[i].efficiency, i < 6);
    nt_topology_of_host(&made, root, all_cpus, 6);
    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(made.places[i].efficiency, 0);
}

static void files_that_are_missing_or_senseless_make_a_simple_machine(void **state)
{
    static const char *const texts[] = {"",   "\n",    "x",           "-5", "99999999999999999999",
                                        "1-", "3-1,,", "0-4294967295"};

    (void)state;
    nt_topology_of_host(&made, root, all_cpus, 8);
    assert_sound(&made);
    assert_int_equal(made.node_count, 1);
    assert_int_equal(made.core_count, 8);
    assert_int_equal(made.cache_count, 0);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        static const char *const names[] = {
            "topology/physical_package_id", "topology/die_id",   "topology/core_id",
            "cache/index0/level",           "cache/index0/size", "cache/index0/shared_cpu_list"};
        put(texts[i], "system/node/online");
        put(texts[i], "system/node/node0/cpulist");
        put(texts[i], "cpu_core/cpus");
        for (unsigned name = 0; name < sizeof(names) / sizeof(names[0]); name++)
            put(texts[i], "system/cpu/cpu%u/%s", (unsigned)i % 8, names[name]);
        nt_topology_of_host(&made, root, all_cpus, 8);
        assert_sound(&made);
    }
}

static void a_large_host_gets_several_groups(void **state)
{
    unsigned cpus[NT_PROCESSOR_COUNT_MAX];

    (void)state;
    for (unsigned i = 0; i < NT_PROCESSOR_COUNT_MAX; i++)
        cpus[i] = 2 * i;
    put("0-2\n", "system/node/online");
    put("0-99\n", "system/node/node0/cpulist");
    put("100-299\n", "system/node/node1/cpulist");
    put("300-511\n", "system/node/node2/cpulist");
    nt_topology_of_host(&made, root, cpus, NT_PROCESSOR_COUNT_MAX);
    assert_sound(&made);
    assert_int_equal(made.node_count, 3);
    assert_true(made.group_count >= 5);
}

/* ---- asking the machine ---- */

static void memory_comes_from_the_node_that_is_asked_for(void **state)
{
    enum { MIB = 1 << 20 };
    struct nt_machine_options options = {.memory_bytes = 64 * MIB,
                                         .topology = make("nodes=2,groups=2,cpus=4", 0)};

    (void)state;
    system_start();
    assert_int_equal(nt_machine_start(&options), 0);
    assert_int_equal(nt_node_memory_size(0) + nt_node_memory_size(1), 64 * MIB);
    assert_int_equal(nt_node_memory_size(2), 0);
    assert_int_equal(nt_node_of_memory(&options), -1);
    for (unsigned node = 0; node < 2; node++) {
        struct nt_contiguous_options wish = {.size = 10 * MIB, .tag = "node", .node = node + 1};
        void *memory = nt_contiguous_allocate(&wish);
        assert_int_equal(nt_node_of_memory(memory), node);
        assert_int_equal(nt_node_of_memory((char *)memory + wish.size - 1), node);
        nt_contiguous_free(memory);
    }
    nt_irql_raise_on(nt_processor_get(3));
    void *here = nt_buffer_allocate(MIB, "here");
    nt_irql_lower(NT_PASSIVE_LEVEL);
    assert_int_equal(nt_node_of_memory(here), 1);
    nt_contiguous_free(here);
    assert_int_equal(machine_teardown(NULL), 0);
}

static void a_full_node_lends_unless_it_is_the_only_one_that_will_do(void **state)
{
    enum { MIB = 1 << 20 };
    struct nt_machine_options options = {.memory_bytes = 64 * MIB,
                                         .topology = make("nodes=2,cpus=2", 0)};
    struct nt_contiguous_options wish = {.size = 20 * MIB, .tag = "node", .node = 2};

    (void)state;
    system_start();
    assert_int_equal(nt_machine_start(&options), 0);
    void *first = nt_contiguous_allocate(&wish);
    assert_int_equal(nt_node_of_memory(first), 1);
    wish.node_only = true;
    assert_null(nt_contiguous_allocate(&wish));
    wish.node_only = false;
    void *second = nt_contiguous_allocate(&wish);
    assert_int_equal(nt_node_of_memory(second), 0);
    nt_contiguous_free(first);
    nt_contiguous_free(second);
    /* More than a node has is found across both. */
    wish = (struct nt_contiguous_options){.size = 50 * MIB, .tag = "across"};
    void *across = nt_contiguous_allocate(&wish);
    assert_non_null(across);
    nt_contiguous_free(across);
    assert_int_equal(machine_teardown(NULL), 0);
}

static void a_node_gives_what_came_back_to_it(void **state)
{
    enum { BLOCKS = 32, BYTES = 64 << 10 };
    struct nt_machine_options options = {.memory_bytes = 16 << 20,
                                         .topology = make("nodes=4,cpus=4", 0)};
    struct nt_contiguous_options wish = {
        .size = BYTES, .tag = "block", .node = 3, .node_only = true};
    void *blocks[BLOCKS];

    (void)state;
    system_start();
    assert_int_equal(nt_machine_start(&options), 0);
    for (unsigned turn = 0; turn < 4; turn++) {
        for (unsigned i = 0; i < BLOCKS; i++) {
            blocks[i] = nt_contiguous_allocate(&wish);
            assert_int_equal(nt_node_of_memory(blocks[i]), 2);
        }
        for (unsigned i = 0; i < BLOCKS; i++)
            nt_contiguous_free(blocks[(i * 7 + turn) % BLOCKS]);
    }
    assert_int_equal(machine_teardown(NULL), 0);
}

static void affinities_and_numbers_of_groups_agree(void **state)
{
    struct nt_machine_options options = {.topology = make("groups=3+2,nodes=4+1", 0)};

    (void)state;
    system_start();
    assert_int_equal(nt_machine_start(&options), 0);
    assert_int_equal(nt_processor_in_group(0, 2), 2);
    assert_int_equal(nt_processor_in_group(0, 3), -1);
    assert_int_equal(nt_processor_in_group(1, 1), 4);
    assert_int_equal(nt_processor_in_group(2, 0), -1);
    assert_int_equal(nt_group_affinity(0), 7);
    assert_int_equal(nt_group_affinity(1), 3);
    assert_int_equal(nt_group_affinity(2), 0);
    struct nt_processor_set node = nt_node_processors(0);
    assert_int_equal(nt_set_affinity(&node, 0), 7);
    assert_int_equal(nt_set_affinity(&node, 1), 1);
    assert_int_equal(nt_set_primary_group(&node), 0);
    node = nt_node_processors(1);
    assert_int_equal(nt_set_primary_group(&node), 1);
    struct nt_processor_set set = nt_set_of_affinity(1, 0xFF);
    assert_int_equal(nt_set_count(&set), 2);
    assert_int_equal(nt_set_nth(&set, 0), 3);
    assert_int_equal(nt_set_nth(&set, 1), 4);
    assert_int_equal(nt_set_nth(&set, 2), 3);
    assert_int_equal(machine_teardown(NULL), 0);
}

static void a_thread_moves_to_the_group_of_its_affinity(void **state)
{
    struct nt_machine_options options = {.topology = make("groups=2,cpus=4", 0)};

    (void)state;
    system_start();
    assert_int_equal(nt_machine_start(&options), 0);
    for (unsigned i = 0; i < 4; i++) {
        nt_thread_set_affinity(i / 2, 1ull << i % 2);
        assert_int_equal(nt_processor_current()->number, i);
        nt_irql_raise(NT_DISPATCH_LEVEL);
        assert_int_equal(nt_processor_current()->number, i);
        nt_irql_lower(NT_PASSIVE_LEVEL);
    }
    nt_thread_set_affinity(0, 0);
    assert_int_equal(machine_teardown(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptions_make_sound_topologies),
        cmocka_unit_test(what_cannot_be_made_is_refused_with_what_can),
        cmocka_unit_test_setup_teardown(the_hosts_processors_are_put_in_order, files_up,
                                        files_down),
        cmocka_unit_test_setup_teardown(processors_that_are_not_ours_leave_no_trace, files_up,
                                        files_down),
        cmocka_unit_test_setup_teardown(the_fast_of_two_kinds_of_cores_are_told, files_up,
                                        files_down),
        cmocka_unit_test_setup_teardown(files_that_are_missing_or_senseless_make_a_simple_machine,
                                        files_up, files_down),
        cmocka_unit_test_setup_teardown(a_large_host_gets_several_groups, files_up, files_down),
        cmocka_unit_test(memory_comes_from_the_node_that_is_asked_for),
        cmocka_unit_test(a_full_node_lends_unless_it_is_the_only_one_that_will_do),
        cmocka_unit_test(a_node_gives_what_came_back_to_it),
        cmocka_unit_test(affinities_and_numbers_of_groups_agree),
        cmocka_unit_test(a_thread_moves_to_the_group_of_its_affinity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * data_test.c - scatter/gather lists of random buffers in a machine whose memory is scattered and
 * partly above 4 GiB: they describe the buffer, byte for byte, and keep what the adapter asked for.
 *
 * STORHOST_TEST_SEED repeats a run.
 */
#include "port/data.h"
#include "port_helper.h"

enum { MIB = 1 << 20, TURNS = 4000, ELEMENTS_MAX = 600 };

static struct port_scatter_list *list;

static int scattered_up(void **state)
{
    const char *seed = getenv("STORHOST_TEST_SEED");
    struct nt_machine_options options = {.processor_count = 1,
                                         .memory_bytes = 16 * MIB,
                                         .low_memory_bytes = 12 * MIB,
                                         .scatter = true};

    (void)state;
    if (sys_start(&(struct sys_options){.seed = seed ? strtoull(seed, NULL, 10) : 0}) ||
        nt_machine_start(&options))
        return -1;
    print_message("# seed %llu\n", (unsigned long long)sys_seed());
    list = calloc(1, sizeof(*list) + ELEMENTS_MAX * sizeof(list->elements[0]));
    return list ? 0 : -1;
}

static int scattered_down(void **state)
{
    free(list);
    return machine_down(state);
}

/* The list is the buffer, in as few elements as there are pieces. */
static void assert_describes(const unsigned char *base, size_t length,
                             const struct port_reach *reach)
{
    size_t at = 0;

    for (uint32_t i = 0; i < list->count; i++) {
        struct bus_address address = {list->elements[i].address};
        uint32_t part = list->elements[i].length;
        uint64_t last = address.value + part - 1;
        assert_true(part > 0 && part <= length - at);
        assert_memory_equal(nt_pointer_of(address, part), base + at, part);
        assert_true(address.value >= reach->lowest && last <= reach->highest);
        if (reach->boundary)
            assert_int_equal(address.value / reach->boundary, last / reach->boundary);
        at += part;
        if (i + 1 < list->count && (!reach->boundary || (last + 1) % reach->boundary))
            assert_true(list->elements[i + 1].address != last + 1);
        if (i + 1 < list->count)
            assert_int_equal((last + 1) % 4096, 0);
    }
    assert_int_equal(at, length);
}

static void random_buffers_make_lists_that_describe_them(void **state)
{
    static const struct port_reach reaches[] = {
        {.highest = UINT64_MAX},
        {.highest = UINT32_MAX},
        {.highest = 8 * MIB - 1},
        {.highest = UINT64_MAX, .boundary = NT_HIGH_MEMORY_START},
        {.highest = UINT64_MAX, .boundary = 8192},
        {.lowest = NT_HIGH_MEMORY_START, .highest = UINT64_MAX},
    };
    enum { SIZE = 2 * MIB };
    unsigned char *buffers[] = {
        nt_buffer_allocate(SIZE, "test"),
        nt_contiguous_allocate(&(struct nt_contiguous_options){.size = SIZE, .tag = "test"}),
    };
    unsigned made = 0, refused = 0;

    (void)state;
    for (size_t i = 0; i < SIZE; i++)
        buffers[0][i] = buffers[1][i] = (unsigned char)sys_random();
    for (unsigned turn = 0; turn < TURNS; turn++) {
        const struct port_reach *reach = &reaches[sys_random() % 6];
        unsigned char *base = buffers[sys_random() % 2] + sys_random() % MIB;
        size_t length = 1 + sys_random() % (turn % 2 ? 20000 : MIB);
        uint32_t capacity = 1 + (uint32_t)(sys_random() % ELEMENTS_MAX);
        uint32_t count = port_list_fill(list, capacity, reach, base, length);
        if (count) {
            made++;
            assert_true(count <= capacity);
            assert_int_equal(list->count, count);
            assert_describes(base, length, reach);
            assert_int_equal(port_list_fill(NULL, UINT32_MAX, reach, base, length), count);
            assert_int_equal(port_list_fill(list, count - 1, reach, base, length), 0);
            continue;
        }
        /* Refused: out of reach, or more pieces than the list may have. */
        refused++;
        uint32_t needed = port_list_fill(NULL, UINT32_MAX, reach, base, length);
        assert_true(needed == 0 || needed > capacity);
    }
    assert_true(made > TURNS / 10 && refused > TURNS / 10);
    nt_contiguous_free(buffers[0]);
    nt_contiguous_free(buffers[1]);
}

static void what_begins_or_ends_outside_the_arena_is_no_list(void **state)
{
    static const struct port_reach everywhere = {.highest = UINT64_MAX};
    static unsigned char outside[100];
    unsigned char *base;
    size_t size;
    void *arena;
    int fd;

    (void)state;
    nt_arena_describe(&fd, &arena, &size);
    base = arena;
    assert_int_equal(port_list_fill(list, ELEMENTS_MAX, &everywhere, outside, 100), 0);
    assert_int_equal(port_list_fill(list, ELEMENTS_MAX, &everywhere, base - 50, 100), 0);
    assert_int_equal(port_list_fill(list, ELEMENTS_MAX, &everywhere, base + size - 50, 100), 0);
    assert_int_equal(port_list_fill(list, ELEMENTS_MAX, &everywhere, base + size - 50, 50), 1);
}

/* ---- the ordinary way ---- */

static bool is_bounced(struct port_adapter *adapter, unsigned char *base, uint32_t length)
{
    struct port_scatter_list *room =
        calloc(1, sizeof(*room) + ELEMENTS_MAX * sizeof(room->elements[0]));
    struct port_request request = {.single = {base, length}, .direction = PORT_DATA_IN};
    struct port_slot slot = {.adapter = adapter, .request = &request, .length = length};

    slot.list = room;
    nt_irql_raise(NT_DISPATCH_LEVEL);
    assert_true(port_slot_map(&slot, adapter));
    bool bounced = slot.bounce;
    assert_int_equal(slot.data != base, bounced);
    slot.request = NULL; /* nothing goes back */
    port_slot_unmap(&slot);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    free(room);
    return bounced;
}

static void only_what_lies_wholly_within_reach_is_used_as_it_is(void **state)
{
    static struct port_adapter adapter;
    size_t size;
    void *arena;
    int fd;

    (void)state;
    memset(&adapter, 0, sizeof(adapter));
    adapter.limits.scatter_gather = true;
    adapter.list_capacity = ELEMENTS_MAX;
    adapter.limits.data_reach.highest = UINT64_MAX;
    port_adapter_settle_data(&adapter);
    nt_arena_describe(&fd, &arena, &size);
    unsigned char *base = arena, *end = base + size;
    assert_true(is_bounced(&adapter, base - 50, 100));
    assert_true(is_bounced(&adapter, end - 50, 100));
    assert_true(is_bounced(&adapter, end, 1));
    assert_false(is_bounced(&adapter, end - 50, 50));
    assert_false(is_bounced(&adapter, base + MIB, 50));
    /* Where what is direct ends, the next byte may lie anywhere, but it is reached. */
    assert_false(is_bounced(&adapter, base + nt_arena_direct_size - 50, 100));
    adapter.limits.alignment_mask = 3;
    assert_true(is_bounced(&adapter, base + MIB + 2, 50));
    assert_false(is_bounced(&adapter, base + MIB + 4, 50));
    port_bounce_free_all(&adapter);
    adapter.limits.data_reach.highest = 2 * MIB - 1;
    port_adapter_settle_data(&adapter);
    assert_false(is_bounced(&adapter, base + 2 * MIB - 100, 100));
    assert_true(is_bounced(&adapter, base + 2 * MIB - 100, 101));
    port_bounce_free_all(&adapter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_buffers_make_lists_that_describe_them, scattered_up,
                                        scattered_down),
        cmocka_unit_test_setup_teardown(what_begins_or_ends_outside_the_arena_is_no_list,
                                        scattered_up, scattered_down),
        cmocka_unit_test_setup_teardown(only_what_lies_wholly_within_reach_is_used_as_it_is,
                                        scattered_up, scattered_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

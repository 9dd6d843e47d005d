/*
 * address_test.c - memory that is scattered, or above 4 GiB, or both: what the processor sees, what
 * a device sees, and which allocations keep together.
 */
#include "machine_helper.h"

#include "nt/memory.h"

#include <errno.h>

enum { MIB = 1 << 20, ARENA = 16 * MIB };

static const struct nt_machine_options shapes[] = {
    {.processor_count = 1, .memory_bytes = ARENA},
    {.processor_count = 1, .memory_bytes = ARENA, .low_memory_bytes = 6 * MIB},
    {.processor_count = 1, .memory_bytes = ARENA, .scatter = true},
    {.processor_count = 1, .memory_bytes = ARENA, .low_memory_bytes = 4 * MIB, .scatter = true},
    {.processor_count = 1, .memory_bytes = ARENA, .low_memory_bytes = 12 * MIB, .scatter = true},
};
enum { PLAIN, HIGH, SCATTERED, SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

static void shape_start(unsigned shape)
{
    system_start();
    assert_int_equal(nt_machine_start(&shapes[shape]), 0);
}

static void shape_stop(void)
{
    assert_int_equal(machine_teardown(NULL), 0);
}

static uint64_t bus_address(const void *memory)
{
    struct bus_address address;

    assert_true(nt_bus_address_of(memory, &address));
    return address.value;
}

static void every_page_has_an_address_of_its_own_and_back(void **state)
{
    static uint8_t seen[ARENA / NT_PAGE_SIZE];
    struct bus_address address;
    size_t size;
    void *base;
    int fd;

    (void)state;
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        shape_start(shape);
        memset(seen, 0, sizeof(seen));
        nt_arena_describe(&fd, &base, &size);
        for (size_t at = 0; at < size; at += NT_PAGE_SIZE) {
            uint64_t value = bus_address((char *)base + at + 17);
            uint64_t low = nt_arena_low_size();
            assert_int_equal(value % NT_PAGE_SIZE, 17);
            assert_true(value < low || value >= NT_HIGH_MEMORY_START);
            uint64_t frame =
                (value < low ? value : value - NT_HIGH_MEMORY_START + low) / NT_PAGE_SIZE;
            assert_true(frame < size / NT_PAGE_SIZE);
            assert_int_equal(seen[frame]++, 0);
            address.value = value;
            assert_ptr_equal(nt_memory_at(address), (char *)base + at + 17);
        }
        assert_false(nt_bus_address_of((char *)base + size, &address));
        address.value = nt_arena_low_size();
        assert_true(nt_memory_at(address) == NULL);
        address.value = NT_HIGH_MEMORY_START + size - nt_arena_low_size();
        assert_null(nt_memory_at(address));
        assert_null(nt_pointer_of(address, 1));
        shape_stop();
    }
}

static void a_device_meets_what_the_driver_wrote(void **state)
{
    enum { SIZE = 10 * NT_PAGE_SIZE };

    (void)state;
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        shape_start(shape);
        uint8_t *memory = nt_buffer_allocate(SIZE, "test");
        struct bus_address address;
        size_t run;
        for (size_t i = 0; i < SIZE; i++)
            memory[i] = (uint8_t)(i / 13);
        for (size_t at = 100; at < SIZE; at += run) {
            run = nt_bus_run_of(memory + at, SIZE - at, &address);
            assert_true(run > 0 && run <= SIZE - at);
            uint8_t *device = nt_pointer_of(address, run);
            assert_memory_equal(device, memory + at, run);
            device[run - 1] ^= 0xFF;
            assert_int_equal(memory[at + run - 1], (uint8_t) ~((at + run - 1) / 13));
        }
        nt_contiguous_free(memory);
        shape_stop();
    }
}

static void contiguous_memory_is_one_run_and_keeps_its_limits(void **state)
{
    static const struct nt_contiguous_options wishes[] = {
        {.size = 300000, .tag = "any"},
        {.size = 300000, .highest = UINT32_MAX, .tag = "low"},
        {.size = 65536, .alignment = 65536, .boundary = 131072, .tag = "aligned"},
    };

    (void)state;
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        shape_start(shape);
        for (unsigned i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
            struct bus_address address;
            void *memory = nt_contiguous_allocate(&wishes[i]);
            assert_non_null(memory);
            assert_int_equal(nt_bus_run_of(memory, wishes[i].size, &address), wishes[i].size);
            if (wishes[i].highest)
                assert_true(address.value + wishes[i].size - 1 <= wishes[i].highest);
            if (wishes[i].alignment)
                assert_int_equal(address.value % wishes[i].alignment, 0);
            nt_contiguous_free(memory);
        }
        shape_stop();
    }
}

/* Runs that a buffer of 64 pages is made of. */
static unsigned runs_of(char *memory, size_t size)
{
    struct bus_address address;
    unsigned runs = 0;

    for (size_t at = 0; at < size; runs++)
        at += nt_bus_run_of(memory + at, size - at, &address);
    return runs;
}

static void only_a_machine_that_scatters_has_buffers_in_pieces(void **state)
{
    enum { SIZE = 64 * NT_PAGE_SIZE };

    (void)state;
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        shape_start(shape);
        char *buffer = nt_buffer_allocate(SIZE, "test");
        char *pool = nt_pool_allocate(SIZE, 0, NULL);
        if (shapes[shape].scatter) {
            assert_true(runs_of(buffer, SIZE) > 32);
            assert_true(runs_of(pool, SIZE) > 32);
        } else {
            assert_int_equal(runs_of(buffer, SIZE), 1);
            assert_int_equal(runs_of(pool, SIZE), 1);
        }
        if (shapes[shape].low_memory_bytes && !shapes[shape].scatter)
            assert_true(bus_address(buffer) >= NT_HIGH_MEMORY_START);
        nt_contiguous_free(buffer);
        nt_pool_free(pool);
        shape_stop();
    }
}

static void memory_that_is_used_up_above_is_taken_below(void **state)
{
    enum { SIZE = MIB - NT_PAGE_SIZE, COUNT = ARENA / MIB };
    void *blocks[COUNT];
    unsigned count = 0, low = 0;

    (void)state;
    shape_start(HIGH);
    while (count < COUNT && (blocks[count] = nt_buffer_allocate(SIZE, "test")) != NULL)
        low += bus_address(blocks[count++]) < NT_HIGH_MEMORY_START;
    /* Red zones and the ends of either part take some of it. */
    assert_true(low > 0 && low < count && count >= COUNT / 2);
    while (count--)
        nt_contiguous_free(blocks[count]);
    shape_stop();
}

static uint64_t scattered_sum(uint64_t seed)
{
    uint64_t sum = 0;

    assert_int_equal(sys_start(&(struct sys_options){.seed = seed}), 0);
    assert_int_equal(nt_machine_start(&shapes[SCATTERED]), 0);
    char *buffer = nt_buffer_allocate(64 * NT_PAGE_SIZE, "test");
    for (unsigned i = 0; i < 64; i++)
        sum = sum * 31 + bus_address(buffer + (size_t)i * NT_PAGE_SIZE);
    nt_contiguous_free(buffer);
    shape_stop();
    return sum;
}

static void the_seed_decides_the_order(void **state)
{
    (void)state;
    assert_true(scattered_sum(1) == scattered_sum(1));
    assert_true(scattered_sum(1) != scattered_sum(2));
}

static void contiguous_memory_tells_its_owner_and_label(void **state)
{
    const void *owner = NULL;
    uint32_t label = 0;

    (void)state;
    shape_start(PLAIN);
    char *memory = nt_contiguous_allocate(
        &(struct nt_contiguous_options){.size = 5000, .tag = "test", .owner = &label, .label = 77});
    assert_int_equal(nt_contiguous_describe(memory, &owner, &label), 5000);
    assert_ptr_equal(owner, &label);
    assert_int_equal(label, 77);
    assert_int_equal(nt_contiguous_describe(memory + NT_PAGE_SIZE, &owner, &label), 0);
    assert_int_equal(nt_pool_report(&label, NULL, NULL), 1);
    nt_contiguous_free(memory);
    assert_int_equal(nt_contiguous_describe(memory, &owner, &label), 0);
    assert_int_equal(nt_pool_report(&label, NULL, NULL), 0);
    shape_stop();
}

static void low_memory_is_not_more_than_there_is(void **state)
{
    (void)state;
    system_start();
    assert_int_equal(
        nt_machine_start(&(struct nt_machine_options){
            .processor_count = 1, .memory_bytes = 8 * MIB, .low_memory_bytes = 8 * MIB + 1}),
        -EINVAL);
    assert_int_equal(nt_machine_start(&(struct nt_machine_options){
                         .processor_count = 1, .memory_bytes = 8 * MIB, .low_memory_bytes = 1}),
                     -EINVAL);
    sys_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_page_has_an_address_of_its_own_and_back),
        cmocka_unit_test(a_device_meets_what_the_driver_wrote),
        cmocka_unit_test(contiguous_memory_is_one_run_and_keeps_its_limits),
        cmocka_unit_test(only_a_machine_that_scatters_has_buffers_in_pieces),
        cmocka_unit_test(memory_that_is_used_up_above_is_taken_below),
        cmocka_unit_test(the_seed_decides_the_order),
        cmocka_unit_test(contiguous_memory_tells_its_owner_and_label),
        cmocka_unit_test(low_memory_is_not_more_than_there_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * memory_test.c - the arena, pool and contiguous memory: alignment, limits, red zones, leaks.
 */
#include "nt/machine_helper.h"

#include "nt/memory.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifdef SANITIZED
#include <sanitizer/asan_interface.h>
#endif

static uint64_t bus_address(const void *memory)
{
    struct bus_address address = {0};
    assert_true(nt_bus_address_of(memory, &address));
    return address.value;
}

static void pool_blocks_are_aligned_and_do_not_cross_pages(void **state)
{
    (void)state;
    for (size_t size = 1; size <= 3 * NT_PAGE_SIZE; size += size < 300 ? 1 : 37) {
        char *memory = nt_pool_allocate(size, 0x74736554, NULL);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 16, 0);
        memset(memory, 0x5A, size);
        assert_int_equal(nt_pool_size(memory), size);
        assert_true(bus_address(memory) >= 1 << 20);
        if (size >= NT_PAGE_SIZE)
            assert_int_equal((uintptr_t)memory % NT_PAGE_SIZE, 0);
        else
            assert_int_equal(bus_address(memory) / NT_PAGE_SIZE,
                             (bus_address(memory) + size - 1) / NT_PAGE_SIZE);
        nt_pool_free(memory);
    }
}

static void pool_blocks_do_not_overlap(void **state)
{
    enum { COUNT = 3000 };
    (void)state;
    static unsigned char *blocks[COUNT];
    static size_t sizes[COUNT];

    for (unsigned turn = 0; turn < 4 * COUNT; turn++) {
        unsigned i = (unsigned)(sys_random() % COUNT);
        if (blocks[i]) {
            for (size_t at = 0; at < sizes[i]; at++)
                assert_int_equal(blocks[i][at], i % 251);
            nt_pool_free(blocks[i]);
            blocks[i] = NULL;
        } else {
            sizes[i] = 1 + sys_random() % (i % 10 ? 600 : 6000);
            blocks[i] = nt_pool_allocate(sizes[i], 0, NULL);
            assert_non_null(blocks[i]);
            memset(blocks[i], i % 251, sizes[i]);
        }
    }
    for (unsigned i = 0; i < COUNT; i++) {
        if (blocks[i])
            nt_pool_free(blocks[i]);
        blocks[i] = NULL;
    }
}

static void an_exhausted_pool_answers_null_and_recovers(void **state)
{
    (void)state;
    void *all[64];
    unsigned count = 0;

    assert_null(nt_pool_allocate(SIZE_MAX, 0, NULL));
    assert_null(nt_pool_allocate(16u << 20, 0, NULL));
    while (count < 64 && (all[count] = nt_pool_allocate(1u << 20, 0, NULL)))
        count++;
    assert_in_range(count, 8, 15);
    while (count)
        nt_pool_free(all[--count]);
    void *again = nt_pool_allocate(8u << 20, 0, NULL);
    assert_non_null(again);
    nt_pool_free(again);
}

static unsigned lines_seen;
static char line_seen[256];

static void line_note(void *context, const char *line)
{
    assert_ptr_equal(context, &lines_seen);
    lines_seen++;
    snprintf(line_seen, sizeof(line_seen), "%s", line);
}

static void live_blocks_are_reported_to_their_owner(void **state)
{
    (void)state;
    int one = 1, other = 2;
    void *mine = nt_pool_allocate(33, 0x64636261, &one);
    void *theirs = nt_pool_allocate(5000, 0x01636261, &other);

    lines_seen = 0;
    assert_int_equal(nt_pool_report(&one, line_note, &lines_seen), 1);
    assert_int_equal(lines_seen, 1);
    assert_non_null(strstr(line_seen, "33 bytes, tag 'abcd'"));
    assert_int_equal(nt_pool_report(&other, line_note, &lines_seen), 1);
    assert_non_null(strstr(line_seen, "5000 bytes, tag 'abc.'"));
    nt_pool_free(mine);
    assert_int_equal(nt_pool_report(&one, line_note, &lines_seen), 0);
    assert_int_equal(nt_pool_report(&other, NULL, NULL), 1);
    nt_pool_free(theirs);
}

static unsigned machine_leaks;

static void machine_leak_note(const char *line)
{
    assert_non_null(
        strstr(line, machine_leaks++ ? "contiguous memory: 8192 bytes, ring" : "pool: 77 bytes"));
}

static void stopping_the_machine_reports_what_was_never_freed(void **state)
{
    (void)state;
    struct nt_contiguous_options options = {.size = 8192, .tag = "ring"};

    machine_start_of(1);
    assert_non_null(nt_pool_allocate(77, 0, NULL));
    assert_non_null(nt_contiguous_allocate(&options));
    machine_leaks = 0;
    nt_machine_stop(machine_leak_note);
    sys_stop();
    assert_int_equal(machine_leaks, 2);
}

/* ---- contiguous memory ---- */

static void *contiguous(size_t size, uint64_t lowest, uint64_t highest, uint64_t boundary,
                        size_t alignment)
{
    struct nt_contiguous_options options = {.size = size,
                                            .lowest = lowest,
                                            .highest = highest,
                                            .boundary = boundary,
                                            .alignment = alignment,
                                            .tag = "test"};
    return nt_contiguous_allocate(&options);
}

static void contiguous_memory_keeps_its_limits(void **state)
{
    (void)state;
    static const struct {
        size_t size;
        uint64_t lowest, highest, boundary;
        size_t alignment;
    } wishes[] = {
        {1, 0, UINT64_MAX, 0, 0},           {12288, 0, UINT64_MAX, 0, 0},
        {4096, 5u << 20, 6u << 20, 0, 0},   {65536, 0x500001, UINT64_MAX, 0, 0},
        {100000, 0, UINT64_MAX, 131072, 0}, {131072, 0, UINT64_MAX, 131072, 0},
        {5000, 0, UINT64_MAX, 8192, 0},     {100, 0, UINT64_MAX, 512, 0},
        {4096, 0, UINT64_MAX, 0, 1u << 20}, {20000, 0, (12u << 20) - 1, 1u << 20, 1u << 16},
    };
    enum { COUNT = sizeof(wishes) / sizeof(wishes[0]) };
    void *blocks[COUNT][3];

    for (unsigned turn = 0; turn < 3; turn++) {
        for (unsigned i = 0; i < COUNT; i++) {
            void *memory = contiguous(wishes[i].size, wishes[i].lowest, wishes[i].highest,
                                      wishes[i].boundary, wishes[i].alignment);
            assert_non_null(memory);
            memset(memory, (int)i, wishes[i].size);
            uint64_t start = bus_address(memory), last = start + wishes[i].size - 1;
            assert_true(start >= wishes[i].lowest && last <= wishes[i].highest);
            assert_true(start >= 1 << 20);
            assert_int_equal(start % (wishes[i].alignment ? wishes[i].alignment : 4096), 0);
            if (wishes[i].boundary)
                assert_int_equal(start / wishes[i].boundary, last / wishes[i].boundary);
            blocks[i][turn] = memory;
        }
    }
    for (unsigned i = 0; i < COUNT; i++) {
        for (unsigned turn = 0; turn < 3; turn++)
            nt_contiguous_free(blocks[i][turn]);
    }
}

static void impossible_wishes_for_contiguous_memory_answer_null(void **state)
{
    (void)state;
    assert_null(contiguous(0, 0, UINT64_MAX, 0, 0));
    assert_null(contiguous(4096, 0, (1u << 20) - 1, 0, 0)); /* below 1 MiB */
    assert_null(contiguous(4096, 16u << 20, UINT64_MAX, 0, 0));
    assert_null(contiguous(8192, 0, UINT64_MAX, 4096, 0)); /* larger than its boundary */
    assert_null(contiguous(16u << 20, 0, UINT64_MAX, 0, 0));
    assert_null(contiguous(4096, 5u << 20, (5u << 20) + 4094, 0, 0));
    assert_null(contiguous(4096, 0, UINT64_MAX, 0, 1ull << 40));
}

static void freed_contiguous_memory_is_found_again(void **state)
{
    (void)state;
    void *first = contiguous(1u << 20, 5u << 20, (6u << 20) - 1, 0, 0);

    assert_non_null(first);
    assert_null(contiguous(4096, 5u << 20, (6u << 20) - 1, 0, 0));
    nt_contiguous_free(first);
    void *second = contiguous(1u << 20, 5u << 20, (6u << 20) - 1, 0, 0);
    assert_ptr_equal(first, second);
    nt_contiguous_free(second);
}

/* ---- addresses ---- */

static void addresses_convert_both_ways_within_the_arena_only(void **state)
{
    (void)state;
    char outside;
    struct bus_address address;
    void *base;
    size_t size;
    int fd;

    nt_arena_describe(&fd, &base, &size);
    assert_true(fd >= 0);
    assert_int_equal(size, 16u << 20);
    assert_false(nt_bus_address_of(&outside, &address));
    assert_false(nt_bus_address_of((char *)base + size, &address));
    assert_int_equal(bus_address((char *)base + size - 1), size - 1);
    address.value = size - 8;
    assert_ptr_equal(nt_pointer_of(address, 8), (char *)base + size - 8);
    assert_null(nt_pointer_of(address, 9));
    address.value = UINT64_MAX;
    assert_null(nt_pointer_of(address, 2));
    address.value = 8;
    assert_null(nt_pointer_of(address, SIZE_MAX));
}

static void physical_addresses_outside_the_arena_are_invented_and_stable(void **state)
{
    (void)state;
    static char outside[2 * NT_PAGE_SIZE];
    char *inside = nt_pool_allocate(100, 0, NULL);

    assert_int_equal(nt_physical_address(inside), bus_address(inside));
    assert_true(nt_physical_address(outside) >= 1ull << 40);
    assert_int_equal(nt_physical_address(outside), nt_physical_address(outside));
    assert_int_equal(nt_physical_address(outside + 5000), nt_physical_address(outside) + 5000);
    assert_int_equal(nt_physical_address(outside) % NT_PAGE_SIZE,
                     (uintptr_t)outside % NT_PAGE_SIZE);
    nt_pool_free(inside);
}

static void the_arena_is_shared_through_its_descriptor(void **state)
{
    (void)state;
    void *base;
    size_t size;
    int fd;
    uint64_t *mine = nt_pool_allocate(8, 0, NULL), theirs;

    nt_arena_describe(&fd, &base, &size);
    *mine = 0x1122334455667788;
    assert_int_equal(pread(fd, &theirs, 8, (off_t)bus_address(mine)), 8);
    assert_int_equal(theirs, 0x1122334455667788);
    nt_pool_free(mine);
}

#ifdef SANITIZED
static void the_sanitizer_knows_what_may_not_be_touched(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 24, 100, 2000, 4000, 4096, 8192};

    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *memory = nt_pool_allocate(sizes[i], 0, NULL);
        assert_null(__asan_region_is_poisoned(memory, sizes[i]));
        assert_true(__asan_address_is_poisoned(memory + sizes[i]));
        nt_pool_free(memory);
        assert_ptr_equal(__asan_region_is_poisoned(memory, sizes[i]), memory);
        memory = contiguous(sizes[i], 0, UINT64_MAX, 0, 0);
        assert_null(__asan_region_is_poisoned(memory, sizes[i]));
        assert_true(__asan_address_is_poisoned(memory + sizes[i]));
        nt_contiguous_free(memory);
        assert_ptr_equal(__asan_region_is_poisoned(memory, sizes[i]), memory);
    }
}
#endif

/* ---- mistakes ---- */

static void body_free_twice(void)
{
    void *memory = nt_pool_allocate(100, 0, NULL);
    nt_pool_free(memory);
    nt_pool_free(memory);
}

static void body_free_inside(void)
{
    nt_pool_free((char *)nt_pool_allocate(100, 0, NULL) + 16);
}

static void body_free_foreign(void)
{
    static char foreign[16];
    nt_pool_free(foreign);
}

static void body_free_contiguous_inside(void)
{
    nt_contiguous_free((char *)contiguous(8192, 0, UINT64_MAX, 0, 0) + 4096);
}

static void body_free_large_twice(void)
{
    void *memory = nt_pool_allocate(8192, 0, NULL);
    nt_pool_free(memory);
    nt_pool_free(memory);
}

static void freeing_what_is_no_live_block_is_a_bug_check(void **state)
{
    (void)state;
    BUGCHECK_EXPECT(body_free_twice, "bug check 0xC2 BAD_POOL_CALLER (0x7,", "freed twice");
    BUGCHECK_EXPECT(body_free_inside, "bug check 0xC2 BAD_POOL_CALLER (0x46,", "not the start");
    BUGCHECK_EXPECT(body_free_foreign, "bug check 0xC2 BAD_POOL_CALLER (0x46,");
    BUGCHECK_EXPECT(body_free_large_twice, "bug check 0xC2 BAD_POOL_CALLER (0x46,");
    BUGCHECK_EXPECT(body_free_contiguous_inside, "bug check 0xC2", "contiguous");
}

#ifndef SANITIZED /* which would stop the writes themselves */
static void body_overrun(size_t size)
{
    char *memory = nt_pool_allocate(size, 0x6B636942, NULL);
    memory[size] = 0;
    nt_pool_free(memory);
}

static void body_overrun_small(void)
{
    body_overrun(100);
}

static void body_overrun_large(void)
{
    body_overrun(5000);
}

static void writing_behind_a_block_is_a_bug_check_when_it_is_freed(void **state)
{
    (void)state;
    BUGCHECK_EXPECT(body_overrun_small, "bug check 0x19 BAD_POOL_HEADER",
                    "written behind its end at byte 100: pool: 100 bytes, tag 'Bick'");
    BUGCHECK_EXPECT(body_overrun_large, "bug check 0x19", "at byte 5000");
}
#endif

#define IN_MACHINE(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MACHINE(pool_blocks_are_aligned_and_do_not_cross_pages),
        IN_MACHINE(pool_blocks_do_not_overlap),
        IN_MACHINE(an_exhausted_pool_answers_null_and_recovers),
        IN_MACHINE(live_blocks_are_reported_to_their_owner),
        cmocka_unit_test(stopping_the_machine_reports_what_was_never_freed),
        IN_MACHINE(contiguous_memory_keeps_its_limits),
        IN_MACHINE(impossible_wishes_for_contiguous_memory_answer_null),
        IN_MACHINE(freed_contiguous_memory_is_found_again),
        IN_MACHINE(addresses_convert_both_ways_within_the_arena_only),
        IN_MACHINE(physical_addresses_outside_the_arena_are_invented_and_stable),
        IN_MACHINE(the_arena_is_shared_through_its_descriptor),
        cmocka_unit_test(freeing_what_is_no_live_block_is_a_bug_check),
#ifdef SANITIZED
        IN_MACHINE(the_sanitizer_knows_what_may_not_be_touched),
#else
        cmocka_unit_test(writing_behind_a_block_is_a_bug_check_when_it_is_freed),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

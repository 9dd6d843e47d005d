/*
 * slist_test.c - sequenced lists: order, depth, layout, and entries used anew by several threads.
 */
#include "nt/machine_helper.h"

#include "nt/slist.h"

static void the_last_pushed_comes_first(void **state)
{
    (void)state;
    SLIST_HEADER header;
    SLIST_ENTRY entries[3];

    nt_slist_initialize(&header);
    assert_null(nt_slist_pop(&header));
    assert_null(nt_slist_push(&header, &entries[0]));
    assert_ptr_equal(nt_slist_push(&header, &entries[1]), &entries[0]);
    assert_ptr_equal(nt_slist_push(&header, &entries[2]), &entries[1]);
    assert_int_equal(nt_slist_depth(&header), 3);
    assert_ptr_equal(nt_slist_pop(&header), &entries[2]);
    assert_ptr_equal(nt_slist_flush(&header), &entries[1]);
    assert_ptr_equal(entries[1].Next, &entries[0]);
    assert_null(entries[0].Next);
    assert_int_equal(nt_slist_depth(&header), 0);
    assert_null(nt_slist_flush(&header));
}

/* A debugger, or a driver that looks, finds what x64 keeps there. */
static void the_header_has_the_layout_of_x64(void **state)
{
    (void)state;
    SLIST_HEADER header;
    SLIST_ENTRY entry;

    nt_slist_initialize(&header);
    nt_slist_push(&header, &entry);
    assert_int_equal(header.HeaderX64.Depth, 1);
    assert_int_equal(header.HeaderX64.Sequence, 1);
    assert_ptr_equal((void *)(uintptr_t)((uint64_t)header.HeaderX64.NextEntry << 4), &entry);
    assert_true(nt_slist_is_aligned(&entry) && !nt_slist_is_aligned((char *)&entry + 8));
}

enum { ENTRIES = 16, TURNS = 20000, THREADS = 3 };

struct pool {
    SLIST_HEADER header;
    struct {
        SLIST_ENTRY entry;
        uint32_t taken; /* __atomic */
    } __attribute__((aligned(16))) items[ENTRIES];
    uint32_t shared; /* an item that two had at once; __atomic */
};

static void take_and_give(void *argument)
{
    struct pool *pool = argument;

    for (unsigned i = 0; i < TURNS; i++) {
        SLIST_ENTRY *entry = nt_slist_pop(&pool->header);
        if (!entry)
            continue;
        size_t index = (size_t)((char *)entry - (char *)pool->items) / sizeof(pool->items[0]);
        uint32_t *taken = &pool->items[index].taken;
        if (__atomic_exchange_n(taken, 1, __ATOMIC_ACQ_REL))
            __atomic_store_n(&pool->shared, 1, __ATOMIC_RELAXED);
        __atomic_store_n(taken, 0, __ATOMIC_RELEASE);
        nt_slist_push(&pool->header, entry);
    }
}

static void nobody_shares_an_entry(void **state)
{
    (void)state;
    static struct pool pool;
    struct sys_thread *threads[THREADS];

    memset(&pool, 0, sizeof(pool));
    nt_slist_initialize(&pool.header);
    for (unsigned i = 0; i < ENTRIES; i++)
        nt_slist_push(&pool.header, &pool.items[i].entry);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(nt_thread_create(&threads[i], "taker", take_and_give, &pool), 0);
    for (unsigned i = 0; i < THREADS; i++)
        sys_thread_join(threads[i]);
    assert_int_equal(pool.shared, 0);
    assert_int_equal(nt_slist_depth(&pool.header), ENTRIES);
    unsigned count = 0;
    while (nt_slist_pop(&pool.header))
        count++;
    assert_int_equal(count, ENTRIES);
}

#define IN_MACHINE(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MACHINE(the_last_pushed_comes_first),
        IN_MACHINE(the_header_has_the_layout_of_x64),
        IN_MACHINE(nobody_shares_an_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

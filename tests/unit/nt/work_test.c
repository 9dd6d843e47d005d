/*
 * work_test.c - work items run once, at PASSIVE_LEVEL, and never wait for a blocked one.
 */
#include "nt/machine_helper.h"

#include "nt/work.h"

struct item {
    struct nt_work work;
    uint32_t runs;
    uint32_t thread;
    uint8_t irql;
    uint32_t again; /* how often it queues itself */
    uint32_t *gate; /* it waits for this word to become 1 */
    uint32_t entered;
};

static void item_run(void *context)
{
    struct item *item = context;

    item->thread = nt_self()->number;
    item->irql = nt_irql();
    word_increment(&item->entered);
    if (item->gate)
        word_await(item->gate, 1);
    if (item->again) {
        item->again--;
        assert_true(nt_work_queue(&item->work));
    }
    word_increment(&item->runs);
}

static void item_prepare(struct item *item)
{
    memset(item, 0, sizeof(*item));
    nt_work_initialize(&item->work, item_run, item);
}

static void an_item_runs_once_at_passive_on_a_worker(void **state)
{
    (void)state;
    struct item item;

    item_prepare(&item);
    nt_irql_raise(NT_DEVICE_LEVEL);
    assert_true(nt_work_queue(&item.work));
    nt_irql_lower(NT_PASSIVE_LEVEL);
    word_await(&item.runs, 1);
    nt_work_drain(&item.work);
    assert_int_equal(item.runs, 1);
    assert_int_equal(item.irql, NT_PASSIVE_LEVEL);
    assert_int_not_equal(item.thread, nt_self()->number);
}

static void a_queued_item_is_not_queued_twice(void **state)
{
    (void)state;
    struct item blockers[8], item;
    uint32_t gate = 0;
    unsigned entered = 0;

    /* Keep the first workers busy, so that the item stays in the queue for a while. */
    for (unsigned i = 0; i < 8; i++) {
        item_prepare(&blockers[i]);
        blockers[i].gate = &gate;
        nt_work_queue(&blockers[i].work);
        entered++;
    }
    item_prepare(&item);
    item.gate = &gate;
    assert_true(nt_work_queue(&item.work));
    if (!nt_work_queue(&item.work)) /* unless a worker was quick, it is still queued */
        entered++;
    else
        entered += 2;
    word_set(&gate, 1);
    for (unsigned i = 0; i < 8; i++)
        nt_work_drain(&blockers[i].work);
    nt_work_drain(&item.work);
    assert_int_equal(item.runs, entered - 8);
}

static void an_item_may_queue_itself_again(void **state)
{
    (void)state;
    struct item item;

    item_prepare(&item);
    item.again = 50;
    assert_true(nt_work_queue(&item.work));
    nt_work_drain(&item.work);
    assert_int_equal(item.runs, 51);
}

static void blocked_items_do_not_starve_others(void **state)
{
    (void)state;
    enum { BLOCKED = 12 };
    static struct item blocked[BLOCKED];
    struct item free_item;
    uint32_t gate = 0;

    for (unsigned i = 0; i < BLOCKED; i++) {
        item_prepare(&blocked[i]);
        blocked[i].gate = &gate;
        assert_true(nt_work_queue(&blocked[i].work));
    }
    item_prepare(&free_item);
    assert_true(nt_work_queue(&free_item.work));
    word_await(&free_item.runs, 1); /* although nobody has opened the gate */
    for (unsigned i = 0; i < BLOCKED; i++)
        assert_int_equal(word_get(&blocked[i].runs), 0);
    word_set(&gate, 1);
    for (unsigned i = 0; i < BLOCKED; i++)
        nt_work_drain(&blocked[i].work);
    nt_work_drain(&free_item.work);
}

static void an_item_may_wait_for_one_that_was_queued_after_it(void **state)
{
    (void)state;
    enum { CHAIN = 6 };
    static struct item chain[CHAIN];
    static uint32_t gates[CHAIN];

    memset(gates, 0, sizeof(gates));
    for (unsigned i = 0; i < CHAIN; i++) {
        item_prepare(&chain[i]);
        if (i + 1 < CHAIN)
            chain[i].gate = &chain[i + 1].runs;
    }
    for (unsigned i = 0; i < CHAIN; i++)
        assert_true(nt_work_queue(&chain[i].work));
    for (unsigned i = 0; i < CHAIN; i++)
        nt_work_drain(&chain[i].work);
    assert_int_equal(chain[0].runs, 1);
}

static uint32_t freed;

struct own_item {
    struct nt_work work;
};

static void own_item_run(void *context)
{
    memset(context, 0xDD, sizeof(struct own_item));
    free(context);
    word_increment(&freed);
}

static void an_item_may_free_its_own_memory(void **state)
{
    (void)state;
    freed = 0;
    for (unsigned i = 0; i < 20; i++) {
        struct own_item *item = malloc(sizeof(*item));
        assert_non_null(item);
        nt_work_initialize(&item->work, own_item_run, item);
        assert_true(nt_work_queue(&item->work));
    }
    word_await(&freed, 20);
}

static void stopping_the_machine_runs_what_is_queued(void **state)
{
    (void)state;
    enum { COUNT = 30 };
    static struct item items[COUNT];

    machine_start_of(2);
    for (unsigned i = 0; i < COUNT; i++) {
        item_prepare(&items[i]);
        items[i].again = i % 3;
        assert_true(nt_work_queue(&items[i].work));
    }
    assert_int_equal(machine_teardown(NULL), 0);
    for (unsigned i = 0; i < COUNT; i++)
        assert_int_equal(items[i].runs, 1 + i % 3);
}

#define IN_MACHINE(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MACHINE(an_item_runs_once_at_passive_on_a_worker),
        IN_MACHINE(a_queued_item_is_not_queued_twice),
        IN_MACHINE(an_item_may_queue_itself_again),
        IN_MACHINE(blocked_items_do_not_starve_others),
        IN_MACHINE(an_item_may_wait_for_one_that_was_queued_after_it),
        IN_MACHINE(an_item_may_free_its_own_memory),
        cmocka_unit_test(stopping_the_machine_runs_what_is_queued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

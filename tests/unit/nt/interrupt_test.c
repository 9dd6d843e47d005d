/*
 * interrupt_test.c - when and where a driver's interrupt routine runs, and how often.
 */
#include "nt/machine_helper.h"

#include "nt/dpc.h"
#include "nt/interrupt.h"

struct device {
    struct nt_interrupt *interrupt;
    struct nt_spinlock lock;
    uint32_t services;
    uint32_t thread; /* that ran the last one */
    uint32_t level;  /* the line is asserted while it is not 0 */
    bool claims;
    unsigned storms, refused;
    uint32_t claimed_storms;
    bool never_lets_go;                    /* the level stays, whoever claims it */
    void (*within)(struct device *device); /* called by the routine */
    struct device *other;
};

static bool device_service(void *context)
{
    struct device *device = context;

    device->thread = nt_self()->number;
    assert_int_equal(nt_self()->locks_held, 1 + (nt_self()->irql > NT_DEVICE_LEVEL));
    assert_true(nt_spinlock_held_by(&device->lock, nt_self()));
    word_increment(&device->services);
    if (device->within)
        device->within(device);
    if (device->claims && !device->never_lets_go && word_get(&device->level))
        word_increment_by(&device->level, UINT32_MAX);
    return device->claims;
}

static bool device_level(void *context)
{
    struct device *device = context;

    assert_false(nt_spinlock_held_by(&device->lock, nt_self()));
    return word_get(&device->level) != 0;
}

static void device_storm(void *context, unsigned services, bool claimed)
{
    struct device *device = context;

    if (claimed) {
        word_increment(&device->claimed_storms);
        return;
    }
    device->storms++;
    device->refused = services;
}

static void device_connect_at(struct device *device, unsigned processor, uint8_t irql, bool line)
{
    struct nt_interrupt_options options = {.processor = processor,
                                           .irql = irql,
                                           .lock = &device->lock,
                                           .service = device_service,
                                           .context = device,
                                           .level = line ? device_level : NULL,
                                           .storm = device_storm,
                                           .level_context = device};
    device->claims = true;
    assert_int_equal(nt_interrupt_connect(&device->interrupt, &options), 0);
}

static void device_connect(struct device *device)
{
    device_connect_at(device, 0, NT_DEVICE_LEVEL, false);
}

static void assert_main(void *argument)
{
    struct device *device = argument;
    nt_interrupt_assert(device->interrupt);
}

/* From another thread, which has ended on return. */
static void device_assert_elsewhere(struct device *device)
{
    struct sys_thread *thread;

    assert_int_equal(nt_thread_create(&thread, "device", assert_main, device), 0);
    sys_thread_join(thread);
}

static void an_interrupt_for_a_free_processor_runs_on_the_asserting_thread(void **state)
{
    (void)state;
    struct device device = {0};

    device_connect(&device);
    nt_interrupt_assert(device.interrupt);
    assert_int_equal(device.services, 1);
    assert_int_equal(device.thread, nt_self()->number);
    assert_int_equal(nt_irql(), NT_PASSIVE_LEVEL);
    nt_interrupt_disconnect(device.interrupt);
}

static void a_raised_asserter_leaves_it_to_the_service_thread(void **state)
{
    (void)state;
    struct device device = {0};

    device_connect(&device);
    nt_irql_raise_on(nt_processor_get(1));
    nt_interrupt_assert(device.interrupt);
    word_await_spinning(&device.services, 1);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    nt_interrupt_disconnect(device.interrupt); /* after which the routine is not running */
    assert_int_not_equal(device.thread, nt_self()->number);
}

static void an_interrupt_pends_at_device_level_and_comes_when_the_level_falls(void **state)
{
    (void)state;
    struct device device = {0};

    device_connect(&device);
    nt_irql_raise_on(nt_processor_get(0));
    nt_irql_raise(NT_DEVICE_LEVEL);
    device_assert_elsewhere(&device);
    nt_preempt();
    assert_int_equal(device.services, 0);
    nt_irql_lower(NT_DISPATCH_LEVEL);
    assert_int_equal(device.services, 1);
    assert_int_equal(device.thread, nt_self()->number);
    assert_int_equal(nt_irql(), NT_DISPATCH_LEVEL);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    nt_interrupt_disconnect(device.interrupt);
}

static void an_interrupt_is_taken_at_a_preemption_point_at_dispatch(void **state)
{
    (void)state;
    struct device device = {0};

    device_connect(&device);
    nt_irql_raise_on(nt_processor_get(0));
    device_assert_elsewhere(&device);
    assert_int_equal(device.services, 0);
    nt_preempt();
    assert_int_equal(device.services, 1);
    assert_int_equal(nt_irql(), NT_DISPATCH_LEVEL);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    nt_interrupt_disconnect(device.interrupt);
}

static void assertions_of_a_pending_message_coalesce(void **state)
{
    (void)state;
    struct device device = {0};

    device_connect(&device);
    nt_irql_raise_on(nt_processor_get(0));
    for (unsigned i = 0; i < 5; i++)
        device_assert_elsewhere(&device);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    assert_int_equal(device.services, 1);
    nt_interrupt_disconnect(device.interrupt);
}

static void assert_again_once(struct device *device)
{
    if (device->services == 1)
        nt_interrupt_assert(device->interrupt);
}

static void an_assertion_during_the_routine_brings_it_back(void **state)
{
    (void)state;
    struct device device = {.within = assert_again_once};

    device_connect(&device);
    nt_interrupt_assert(device.interrupt);
    assert_int_equal(device.services, 2);
    nt_interrupt_disconnect(device.interrupt);
}

static void a_line_is_served_until_it_is_deasserted(void **state)
{
    (void)state;
    struct device device = {.level = 50};

    device_connect_at(&device, 0, NT_DEVICE_LEVEL, true);
    nt_interrupt_assert(device.interrupt);
    word_await(&device.level, 0);
    nt_interrupt_disconnect(device.interrupt);
    assert_int_equal(device.services, 50);
    assert_int_equal(device.storms, 0);
}

static void a_refused_line_is_masked_and_told_once(void **state)
{
    (void)state;
    struct device device = {.level = 1};

    device_connect_at(&device, 0, NT_DEVICE_LEVEL, true);
    device.claims = false;
    nt_interrupt_assert(device.interrupt);
    word_await(&device.services, 1000);
    nt_dpc_flush(); /* whoever held the processor has let it go */
    nt_interrupt_assert(device.interrupt);
    nt_irql_raise_on(nt_processor_get(0));
    nt_irql_lower(NT_PASSIVE_LEVEL);
    assert_int_equal(device.services, 1000);
    assert_int_equal(device.storms, 1);
    assert_int_equal(device.refused, 1000);
    /* Unmasked, a driver that claims it finds the line as it is. */
    device.claims = true;
    nt_interrupt_unmask(device.interrupt);
    word_await(&device.level, 0);
    nt_interrupt_disconnect(device.interrupt);
    assert_int_equal(device.services, 1001);
    assert_int_equal(device.storms, 1);
}

static void claim_each_900th(struct device *device)
{
    device->claims = device->services % 900 == 0;
}

static void refusals_between_claims_are_no_storm(void **state)
{
    (void)state;
    struct device device = {.level = 3, .within = claim_each_900th};

    device_connect_at(&device, 0, NT_DEVICE_LEVEL, true);
    nt_interrupt_assert(device.interrupt);
    word_await(&device.level, 0);
    nt_interrupt_disconnect(device.interrupt);
    assert_int_equal(device.services, 2700);
    assert_int_equal(device.storms, 0);
}

static void drop_line_each_600th(struct device *device)
{
    if (device->services % 600 == 0)
        word_set(&device->level, 0);
}

static void refusals_of_a_line_that_was_deasserted_between_are_no_storm(void **state)
{
    (void)state;
    struct device device = {.within = drop_line_each_600th};

    device_connect_at(&device, 0, NT_DEVICE_LEVEL, true);
    device.claims = false;
    for (unsigned i = 1; i <= 3; i++) {
        word_set(&device.level, 1);
        nt_interrupt_assert(device.interrupt);
        word_await(&device.services, i * 600);
        nt_dpc_flush(); /* the line has been looked at, too */
    }
    nt_interrupt_disconnect(device.interrupt);
    assert_int_equal(device.storms, 0);
}

/* A DPC that was queued meanwhile runs, and the storm is told once. */
static void a_claimed_line_that_never_falls_is_told_and_holds_up_nobody(void **state)
{
    (void)state;
    struct device device = {.level = 1, .never_lets_go = true};

    device_connect_at(&device, 0, NT_DEVICE_LEVEL, true);
    nt_interrupt_assert(device.interrupt);
    word_await(&device.claimed_storms, 1);
    for (unsigned i = 0; i < 100; i++)
        nt_dpc_flush();
    assert_true(word_get(&device.services) > 10000);
    assert_int_equal(word_get(&device.claimed_storms), 1);
    /* The next storm is another one. */
    word_set(&device.level, 0);
    nt_dpc_flush();
    word_set(&device.level, 1);
    nt_interrupt_assert(device.interrupt);
    word_await(&device.claimed_storms, 2);
    nt_interrupt_disconnect(device.interrupt);
    assert_int_equal(device.storms, 0);
}

static void preempt_within(struct device *device)
{
    nt_interrupt_assert(device->interrupt);
    nt_interrupt_assert(device->other->interrupt);
    uint32_t own = device->services;
    nt_preempt();
    assert_int_equal(device->services, own);
    assert_int_equal(device->other->services, 1);
    assert_int_equal(nt_irql(), NT_DEVICE_LEVEL);
    device->within = NULL;
}

static void a_higher_interrupt_nests_in_a_lower_one_and_an_equal_one_waits(void **state)
{
    (void)state;
    struct device high = {0}, low = {.within = preempt_within, .other = &high};

    device_connect(&low);
    device_connect_at(&high, 0, NT_DEVICE_LEVEL + 2, false);
    nt_interrupt_assert(low.interrupt);
    assert_int_equal(low.services, 2);
    assert_int_equal(high.services, 1);
    nt_interrupt_disconnect(low.interrupt);
    nt_interrupt_disconnect(high.interrupt);
}

static void an_interrupt_waits_for_a_lock_that_its_processor_holds(void **state)
{
    (void)state;
    struct device device = {0};

    device_connect(&device);
    nt_irql_raise_on(nt_processor_get(0));
    nt_spinlock_acquire(&device.lock, nt_self()); /* below its level: only the port does that */
    nt_interrupt_assert(device.interrupt);
    nt_preempt();
    assert_int_equal(device.services, 0);
    nt_spinlock_release(&device.lock, nt_self());
    nt_irql_lower(NT_PASSIVE_LEVEL);
    assert_int_equal(device.services, 1);
    nt_interrupt_disconnect(device.interrupt);
}

/* ---- a contended spin lock is a preemption point ---- */

struct contention {
    struct device device;
    struct nt_spinlock lock;
    uint32_t stage;
};

static void contention_main(void *argument)
{
    struct contention *contention = argument;

    nt_irql_raise_on(nt_processor_get(1));
    nt_spinlock_acquire(&contention->lock, nt_self());
    word_set(&contention->stage, 1);
    /* The other thread spins on our lock; its processor must take this interrupt meanwhile. */
    word_await_spinning(&contention->stage, 2);
    nt_interrupt_assert(contention->device.interrupt);
    word_await_spinning(&contention->device.services, 1);
    nt_spinlock_release(&contention->lock, nt_self());
    nt_irql_lower(NT_PASSIVE_LEVEL);
}

static void a_thread_that_spins_on_a_lock_takes_interrupts(void **state)
{
    (void)state;
    struct contention contention = {0};
    struct sys_thread *thread;

    device_connect(&contention.device);
    assert_int_equal(nt_thread_create(&thread, "contention", contention_main, &contention), 0);
    word_await(&contention.stage, 1);
    nt_irql_raise_on(nt_processor_get(0));
    word_set(&contention.stage, 2);
    nt_spinlock_acquire(&contention.lock, nt_self());
    assert_int_equal(contention.device.services, 1);
    assert_int_equal(contention.device.thread, nt_self()->number);
    nt_spinlock_release(&contention.lock, nt_self());
    nt_irql_lower(NT_PASSIVE_LEVEL);
    sys_thread_join(thread);
    nt_interrupt_disconnect(contention.device.interrupt);
}

/* ---- with DPCs, and with synchronised code ---- */

static KDPC device_dpc;
static uint32_t dpc_runs;

static void NTAPI dpc_count(KDPC *dpc, void *context, void *argument1, void *argument2)
{
    (void)dpc;
    (void)context;
    (void)argument1;
    (void)argument2;
    assert_int_equal(nt_irql(), NT_DISPATCH_LEVEL);
    word_increment(&dpc_runs);
}

static void queue_dpc_within(struct device *device)
{
    (void)device;
    assert_true(nt_dpc_queue(&device_dpc, NULL, NULL));
    assert_int_equal(dpc_runs, 0);
}

static void a_dpc_of_the_routine_runs_before_the_asserter_returns(void **state)
{
    (void)state;
    struct device device = {.within = queue_dpc_within};

    dpc_runs = 0;
    nt_dpc_initialize(&device_dpc, dpc_count, NULL);
    device_connect(&device);
    nt_interrupt_assert(device.interrupt);
    assert_int_equal(dpc_runs, 1);
    nt_interrupt_disconnect(device.interrupt);
}

enum { SYNCHRONISED_TURNS = 2000 };
static unsigned shared_counter; /* plain: the lock is what keeps it right */

static bool counter_increment(void *context)
{
    (void)context;
    assert_int_equal(nt_irql(), NT_DEVICE_LEVEL);
    shared_counter++;
    return true;
}

static void counter_within(struct device *device)
{
    (void)device;
    shared_counter++;
}

static void storm_of_asserts_main(void *argument)
{
    struct device *device = argument;
    for (unsigned i = 0; i < SYNCHRONISED_TURNS; i++)
        nt_interrupt_assert(device->interrupt);
}

static void synchronised_code_excludes_the_routine(void **state)
{
    (void)state;
    struct device device = {.within = counter_within};
    struct sys_thread *thread;

    shared_counter = 0;
    device_connect(&device);
    assert_int_equal(nt_thread_create(&thread, "device", storm_of_asserts_main, &device), 0);
    for (unsigned i = 0; i < SYNCHRONISED_TURNS; i++)
        assert_true(nt_interrupt_synchronize(device.interrupt, counter_increment, NULL));
    sys_thread_join(thread);
    nt_interrupt_disconnect(device.interrupt);
    assert_int_equal(shared_counter, SYNCHRONISED_TURNS + device.services);
    assert_true(device.services > 0);
}

static void a_disconnected_interrupt_that_was_pending_never_runs(void **state)
{
    (void)state;
    struct device device = {0};

    device_connect(&device);
    nt_irql_raise_on(nt_processor_get(1));
    /* Masked by a refusal storm would be the other way; here the service thread may be quick. */
    nt_interrupt_assert(device.interrupt);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    nt_interrupt_disconnect(device.interrupt);
    uint32_t services = device.services;
    nt_dpc_flush();
    assert_int_equal(device.services, services);
}

#define IN_MACHINE(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MACHINE(an_interrupt_for_a_free_processor_runs_on_the_asserting_thread),
        IN_MACHINE(a_raised_asserter_leaves_it_to_the_service_thread),
        IN_MACHINE(an_interrupt_pends_at_device_level_and_comes_when_the_level_falls),
        IN_MACHINE(an_interrupt_is_taken_at_a_preemption_point_at_dispatch),
        IN_MACHINE(assertions_of_a_pending_message_coalesce),
        IN_MACHINE(an_assertion_during_the_routine_brings_it_back),
        IN_MACHINE(a_line_is_served_until_it_is_deasserted),
        IN_MACHINE(a_refused_line_is_masked_and_told_once),
        IN_MACHINE(refusals_between_claims_are_no_storm),
        IN_MACHINE(refusals_of_a_line_that_was_deasserted_between_are_no_storm),
        IN_MACHINE(a_claimed_line_that_never_falls_is_told_and_holds_up_nobody),
        IN_MACHINE(a_higher_interrupt_nests_in_a_lower_one_and_an_equal_one_waits),
        IN_MACHINE(an_interrupt_waits_for_a_lock_that_its_processor_holds),
        IN_MACHINE(a_thread_that_spins_on_a_lock_takes_interrupts),
        IN_MACHINE(a_dpc_of_the_routine_runs_before_the_asserter_returns),
        IN_MACHINE(synchronised_code_excludes_the_routine),
        IN_MACHINE(a_disconnected_interrupt_that_was_pending_never_runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * timer_test.c - timers are never early, cancel for certain, and keep their rhythm.
 */
#include "nt/machine_helper.h"

#include "nt/timer.h"

struct alarm {
    struct nt_timer timer;
    uint32_t runs;
    uint64_t last_ns;
    uint8_t irql;
    uint64_t again_ns; /* the routine arms itself so often... */
    uint32_t again;    /* ...so many times */
    uint32_t hold;     /* the routine spins while it is 1 */
    uint32_t inside, collisions;
    uint32_t calls; /* counted by alarm_note_call */
};

static void alarm_run(void *context)
{
    struct alarm *alarm = context;

    if (__atomic_exchange_n(&alarm->inside, 1, __ATOMIC_ACQ_REL))
        __atomic_add_fetch(&alarm->collisions, 1, __ATOMIC_RELAXED);
    __atomic_store_n(&alarm->last_ns, sys_now_ns(), __ATOMIC_RELAXED);
    alarm->irql = nt_irql();
    if (alarm->again) {
        alarm->again--;
        assert_false(nt_timer_set(&alarm->timer, alarm->again_ns, 0));
    }
    nt_preempt();
    __atomic_store_n(&alarm->inside, 0, __ATOMIC_RELEASE);
    word_increment(&alarm->runs);
    word_await_spinning(&alarm->hold, 0);
}

static void alarm_note_call(void *context)
{
    struct alarm *alarm = context;
    word_increment(&alarm->calls);
}

static void alarm_prepare(struct alarm *alarm)
{
    memset(alarm, 0, sizeof(*alarm));
    nt_timer_initialize(&alarm->timer, alarm_run, alarm);
}

static void a_timer_runs_once_at_dispatch_and_not_early(void **state)
{
    (void)state;
    static const uint64_t delays_ns[] = {0, 1, 1000, 50000, 3 * SYS_NS_PER_MS};
    struct alarm alarm;

    alarm_prepare(&alarm);
    for (unsigned i = 0; i < sizeof(delays_ns) / sizeof(delays_ns[0]); i++) {
        uint64_t due_ns = sys_now_ns() + delays_ns[i];
        assert_false(nt_timer_set(&alarm.timer, delays_ns[i], 0));
        word_await(&alarm.runs, i + 1);
        assert_true(alarm.last_ns >= due_ns);
        assert_int_equal(alarm.irql, NT_DISPATCH_LEVEL);
    }
    nt_timer_drain(&alarm.timer);
    assert_false(nt_timer_cancel(&alarm.timer));
}

static void a_cancelled_timer_does_not_run(void **state)
{
    (void)state;
    struct alarm cancelled, later;

    alarm_prepare(&cancelled);
    alarm_prepare(&later);
    assert_false(nt_timer_set(&cancelled.timer, 1 * SYS_NS_PER_MS, 0));
    assert_false(nt_timer_set(&later.timer, 2 * SYS_NS_PER_MS, 0));
    if (nt_timer_cancel(&cancelled.timer)) {
        word_await(&later.runs, 1);
        assert_int_equal(cancelled.runs, 0);
        assert_false(nt_timer_cancel(&cancelled.timer));
    } else {
        word_await(&cancelled.runs, 1); /* a very slow host: it had run already */
    }
    nt_timer_drain(&cancelled.timer);
    nt_timer_drain(&later.timer);
}

static void cancelling_an_expiry_that_waits_for_its_processor_stops_it(void **state)
{
    (void)state;
    struct alarm alarm, other;

    alarm_prepare(&alarm);
    alarm_prepare(&other);
    /* Both expire for processor 0, which is held: their calls wait there. */
    nt_irql_raise_on(nt_processor_get(0));
    nt_timer_set(&alarm.timer, 0, 0);
    nt_timer_set(&other.timer, 0, 0);
    while (__atomic_load_n(&other.timer.running, __ATOMIC_ACQUIRE) == 0 ||
           __atomic_load_n(&alarm.timer.running, __ATOMIC_ACQUIRE) == 0) {
        unsigned spins = 1000;
        sys_spin_wait(&spins);
    }
    assert_true(nt_timer_cancel(&alarm.timer));
    assert_false(nt_timer_cancel(&alarm.timer));
    nt_irql_lower(NT_PASSIVE_LEVEL);
    word_await(&other.runs, 1);
    nt_timer_drain(&alarm.timer);
    nt_timer_drain(&other.timer);
    assert_int_equal(alarm.runs, 0);
}

static void setting_again_replaces(void **state)
{
    (void)state;
    struct alarm alarm;

    alarm_prepare(&alarm);
    assert_false(nt_timer_set(&alarm.timer, 3600 * SYS_NS_PER_S, 0));
    assert_true(nt_timer_set(&alarm.timer, 1000, 0));
    word_await(&alarm.runs, 1);
    nt_timer_drain(&alarm.timer);
    assert_int_equal(alarm.runs, 1);
}

static void a_periodic_timer_keeps_its_rhythm_until_cancelled(void **state)
{
    (void)state;
    struct alarm alarm;
    uint64_t start_ns = sys_now_ns();

    alarm_prepare(&alarm);
    nt_timer_set(&alarm.timer, 2 * SYS_NS_PER_MS, SYS_NS_PER_MS);
    for (;;) {
        uint32_t runs = word_get(&alarm.runs);
        if (runs >= 5)
            break;
        sys_wait(&alarm.runs, runs, sys_now_ns() + TEST_PATIENCE_NS);
    }
    assert_true(nt_timer_cancel(&alarm.timer));
    nt_timer_drain(&alarm.timer);
    uint32_t runs = word_get(&alarm.runs);
    assert_true(alarm.last_ns - start_ns >= (1 + runs) * SYS_NS_PER_MS);
    assert_int_equal(alarm.collisions, 0);
    /* Another timer passes; the cancelled one stays silent. */
    struct alarm other;
    alarm_prepare(&other);
    nt_timer_set(&other.timer, 3 * SYS_NS_PER_MS, 0);
    word_await(&other.runs, 1);
    nt_timer_drain(&other.timer);
    assert_int_equal(word_get(&alarm.runs), runs);
}

static void a_routine_may_arm_its_own_timer(void **state)
{
    (void)state;
    struct alarm alarm;

    alarm_prepare(&alarm);
    alarm.again = 20;
    alarm.again_ns = 10000;
    nt_timer_set(&alarm.timer, 0, 0);
    word_await(&alarm.runs, 21);
    nt_timer_drain(&alarm.timer);
    assert_int_equal(alarm.collisions, 0);
}

static void timers_expire_in_the_order_of_their_times(void **state)
{
    (void)state;
    enum { COUNT = 600 }; /* more than the heap's first capacity */
    static struct alarm alarms[COUNT];
    uint64_t start_ns = sys_now_ns();

    for (unsigned i = 0; i < COUNT; i++) {
        alarm_prepare(&alarms[i]);
        nt_timer_set(&alarms[i].timer, (i * 37 % COUNT) * 20000ull, 0);
    }
    for (unsigned i = 0; i < COUNT; i += 3)
        (void)nt_timer_cancel(&alarms[i].timer);
    for (unsigned i = 0; i < COUNT; i++) {
        if (i % 3)
            word_await(&alarms[i].runs, 1);
        nt_timer_drain(&alarms[i].timer);
        if (alarms[i].runs)
            assert_true(alarms[i].last_ns - start_ns >= (i * 37 % COUNT) * 20000ull);
    }
}

/* ---- drain and cancel against a running routine ---- */

static void drain_main(void *argument)
{
    struct alarm *alarm = argument;
    nt_timer_drain(&alarm->timer);
    word_increment(&alarm->runs);
}

static void draining_waits_for_a_running_routine(void **state)
{
    (void)state;
    struct alarm alarm;
    struct sys_thread *thread;

    alarm_prepare(&alarm);
    alarm.hold = 1;
    nt_timer_set(&alarm.timer, 0, 0);
    word_await(&alarm.runs, 1);
    assert_false(nt_timer_cancel(&alarm.timer)); /* running: too late */
    assert_int_equal(nt_thread_create(&thread, "drain", drain_main, &alarm), 0);
    for (unsigned i = 0; i < 50; i++)
        sys_thread_yield();
    assert_int_equal(word_get(&alarm.runs), 1);
    word_set(&alarm.hold, 0);
    sys_thread_join(thread);
    assert_int_equal(word_get(&alarm.runs), 2);
}

static void a_timer_set_elsewhere_while_it_runs_does_not_run_beside_itself(void **state)
{
    (void)state;
    struct alarm alarm;

    alarm_prepare(&alarm);
    alarm.hold = 1;
    /* Below DISPATCH_LEVEL a timer goes to the home of who sets it. */
    nt_thread_set_home(nt_self(), nt_processor_get(1));
    nt_timer_set(&alarm.timer, 0, 0);
    word_await(&alarm.runs, 1); /* it runs on processor 1 until it is let go */
    nt_thread_set_home(nt_self(), nt_processor_get(0));
    nt_timer_set(&alarm.timer, 0, 0);
    while (__atomic_load_n(&alarm.timer.running, __ATOMIC_ACQUIRE) < 2)
        sys_thread_yield(); /* until the second expiry is on its way */
    struct nt_call behind = {.run = alarm_note_call, .context = &alarm};
    nt_processor_post(nt_processor_get(0), &behind);
    word_await(&alarm.calls, 1);
    assert_int_equal(word_get(&alarm.runs), 1);
    word_set(&alarm.hold, 0);
    word_await(&alarm.runs, 2);
    nt_timer_drain(&alarm.timer);
}

enum { RACE_TURNS = 400 };

static void cancel_and_expiry_race_to_exactly_one_outcome(void **state)
{
    (void)state;
    struct alarm alarm;
    unsigned cancelled = 0;

    alarm_prepare(&alarm);
    for (unsigned i = 0; i < RACE_TURNS; i++) {
        nt_timer_set(&alarm.timer, sys_random() % 30000, 0);
        uint64_t pause_ns = sys_random() % 40000;
        sys_stall_ns(pause_ns);
        cancelled += nt_timer_cancel(&alarm.timer);
        nt_timer_drain(&alarm.timer);
        assert_int_equal(word_get(&alarm.runs) + cancelled, i + 1);
    }
    assert_int_equal(alarm.collisions, 0);
}

/* ---- late timers ---- */

/* A routine that waits where a driver's would wait for a lock, and then looks what is left. */
struct late {
    struct nt_timer timer;
    uint32_t entered, go;
    uint32_t begun, given_up;
    struct nt_timer_shot shot;
};

static void late_run(void *context)
{
    struct late *late = context;

    word_increment(&late->entered);
    word_await_spinning(&late->go, 1);
    if (nt_timer_begin(&late->timer, &late->shot))
        word_increment(&late->begun);
    else
        word_increment(&late->given_up);
}

static void late_prepare(struct late *late)
{
    memset(late, 0, sizeof(*late));
    nt_timer_initialize_late(&late->timer, late_run, late);
}

static void a_late_timer_is_armed_until_it_begins(void **state)
{
    (void)state;
    struct late late;
    struct nt_timer_shot shot = {&late, &shot};

    late_prepare(&late);
    assert_false(nt_timer_arm(&late.timer, shot, 0, 0, true));
    word_await(&late.entered, 1);
    assert_true(nt_timer_is_armed(&late.timer));
    assert_true(nt_timer_arm(&late.timer, shot, 0, 0, true)); /* refused */
    assert_false(nt_timer_is_quiet(&late.timer));
    word_set(&late.go, 1);
    word_await(&late.begun, 1);
    assert_ptr_equal(late.shot.routine, &late);
    assert_ptr_equal(late.shot.context, &shot);
    nt_timer_drain(&late.timer);
    assert_false(nt_timer_is_armed(&late.timer));
    assert_true(nt_timer_is_quiet(&late.timer));
    assert_int_equal(late.entered, 1);
}

static void a_late_timer_cancelled_before_it_begins_gives_up(void **state)
{
    (void)state;
    struct late late;

    late_prepare(&late);
    nt_timer_arm(&late.timer, (struct nt_timer_shot){0}, 0, 0, false);
    word_await(&late.entered, 1);
    assert_true(nt_timer_cancel(&late.timer));
    word_set(&late.go, 1);
    word_await(&late.given_up, 1);
    nt_timer_drain(&late.timer);
    assert_int_equal(late.begun, 0);
}

/* The replaced expiry gives up, the new one comes at its own time. */
static void a_late_timer_armed_again_before_it_begins_runs_for_the_last(void **state)
{
    (void)state;
    struct late late;
    struct nt_timer_shot last = {&late, NULL};

    late_prepare(&late);
    nt_timer_arm(&late.timer, (struct nt_timer_shot){0}, 0, 0, false);
    word_await(&late.entered, 1);
    assert_true(nt_timer_arm(&late.timer, last, 1000, 0, false));
    word_set(&late.go, 1);
    word_await(&late.begun, 1);
    nt_timer_drain(&late.timer);
    assert_int_equal(late.given_up, 1);
    assert_ptr_equal(late.shot.routine, &late);
}

#define IN_MACHINE(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MACHINE(a_timer_runs_once_at_dispatch_and_not_early),
        IN_MACHINE(a_cancelled_timer_does_not_run),
        IN_MACHINE(cancelling_an_expiry_that_waits_for_its_processor_stops_it),
        IN_MACHINE(setting_again_replaces),
        IN_MACHINE(a_periodic_timer_keeps_its_rhythm_until_cancelled),
        IN_MACHINE(a_routine_may_arm_its_own_timer),
        IN_MACHINE(timers_expire_in_the_order_of_their_times),
        IN_MACHINE(draining_waits_for_a_running_routine),
        IN_MACHINE(a_timer_set_elsewhere_while_it_runs_does_not_run_beside_itself),
        IN_MACHINE(cancel_and_expiry_race_to_exactly_one_outcome),
        IN_MACHINE(a_late_timer_is_armed_until_it_begins),
        IN_MACHINE(a_late_timer_cancelled_before_it_begins_gives_up),
        IN_MACHINE(a_late_timer_armed_again_before_it_begins_runs_for_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

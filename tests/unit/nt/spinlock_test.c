/*
 * spinlock_test.c - exclusion, the list of held locks, and the mistakes that Windows answers with a
 * hang or a bug check.
 */
#include "nt/machine_helper.h"

#include "nt/spinlock.h"

enum { THREADS = 4, TURNS = 5000 };
static struct nt_spinlock counter_lock;
static unsigned counter; /* plain: the lock is what keeps it right */

static void counter_main(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < TURNS; i++) {
        uint8_t old_irql = nt_spinlock_acquire_raise(&counter_lock, NT_DISPATCH_LEVEL);
        unsigned now = counter;
        nt_preempt();
        counter = now + 1;
        nt_spinlock_release_lower(&counter_lock, old_irql);
    }
}

static void one_thread_at_a_time_holds_a_lock(void **state)
{
    (void)state;
    struct sys_thread *threads[THREADS];

    counter = 0;
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(nt_thread_create(&threads[i], "counter", counter_main, NULL), 0);
    for (unsigned i = 0; i < THREADS; i++)
        sys_thread_join(threads[i]);
    assert_int_equal(counter, THREADS * TURNS);
}

static void acquiring_raises_and_releasing_lowers(void **state)
{
    (void)state;
    struct nt_spinlock lock = {0};
    uint8_t old_irql = nt_spinlock_acquire_raise(&lock, NT_DEVICE_LEVEL);

    assert_int_equal(old_irql, NT_PASSIVE_LEVEL);
    assert_int_equal(nt_irql(), NT_DEVICE_LEVEL);
    assert_true(nt_spinlock_held_by(&lock, nt_self()));
    nt_spinlock_release_lower(&lock, old_irql);
    assert_int_equal(nt_irql(), NT_PASSIVE_LEVEL);
    assert_false(nt_spinlock_held_by(&lock, nt_self()));
}

static void acquiring_above_the_level_keeps_it(void **state)
{
    (void)state;
    struct nt_spinlock lock = {0};

    nt_irql_raise(NT_DEVICE_LEVEL);
    assert_int_equal(nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL), NT_DEVICE_LEVEL);
    assert_int_equal(nt_irql(), NT_DEVICE_LEVEL);
    nt_spinlock_release_lower(&lock, NT_DEVICE_LEVEL);
    nt_irql_lower(NT_PASSIVE_LEVEL);
}

static void locks_released_out_of_order_leave_the_list_right(void **state)
{
    (void)state;
    struct nt_spinlock locks[4] = {0};
    struct nt_thread *self = nt_self();

    nt_irql_raise(NT_DISPATCH_LEVEL);
    for (unsigned i = 0; i < 4; i++)
        nt_spinlock_acquire(&locks[i], self);
    nt_spinlock_release(&locks[1], self);
    assert_int_equal(self->locks_held, 3);
    assert_ptr_equal(self->held[0], &locks[0]);
    assert_ptr_equal(self->held[1], &locks[2]);
    assert_ptr_equal(self->held[2], &locks[3]);
    nt_spinlock_release(&locks[0], self);
    nt_spinlock_release(&locks[3], self);
    assert_int_equal(self->locks_held, 1);
    assert_ptr_equal(self->held[0], &locks[2]);
    nt_spinlock_release(&locks[2], self);
    assert_int_equal(self->locks_held, 0);
    nt_irql_lower(NT_PASSIVE_LEVEL);
}

static void more_locks_than_the_list_holds_are_still_counted(void **state)
{
    (void)state;
    enum { MANY = NT_LOCKS_HELD_MAX + 10 };
    static struct nt_spinlock locks[MANY];
    struct nt_thread *self = nt_self();

    memset(locks, 0, sizeof(locks));
    nt_irql_raise(NT_DISPATCH_LEVEL);
    for (unsigned i = 0; i < MANY; i++)
        nt_spinlock_acquire(&locks[i], self);
    assert_int_equal(self->locks_held, MANY);
    for (unsigned i = 0; i < MANY; i++)
        nt_spinlock_release(&locks[i * 7 % MANY], self);
    assert_int_equal(self->locks_held, 0);
    nt_irql_lower(NT_PASSIVE_LEVEL);
}

/* ---- mistakes ---- */

static void body_acquire_twice(void)
{
    static struct nt_spinlock lock;
    nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
    nt_spinlock_acquire_raise(&lock, NT_DISPATCH_LEVEL);
}

static void acquiring_a_lock_twice_is_a_bug_check(void **state)
{
    (void)state;
    BUGCHECK_EXPECT(body_acquire_twice, "bug check 0xF SPIN_LOCK_ALREADY_OWNED", "holds it already",
                    "at IRQL 2, processor", "1 spin locks held: 0x");
}

static void body_release_free(void)
{
    static struct nt_spinlock lock;
    nt_irql_raise(NT_DISPATCH_LEVEL);
    nt_spinlock_release(&lock, nt_self());
}

static void releasing_a_free_lock_is_a_bug_check(void **state)
{
    (void)state;
    BUGCHECK_EXPECT(body_release_free, "bug check 0x10 SPIN_LOCK_NOT_OWNED", "nobody holds");
}

static struct nt_spinlock foreign_lock;

static void foreign_main(void *argument)
{
    uint32_t *stage = argument;
    nt_spinlock_acquire_raise(&foreign_lock, NT_DISPATCH_LEVEL);
    word_set(stage, 1);
    word_await_spinning(stage, 2);
}

static void body_release_foreign(void)
{
    static uint32_t stage;
    struct sys_thread *thread;
    if (nt_thread_create(&thread, "foreign", foreign_main, &stage))
        _exit(97);
    word_await(&stage, 1);
    nt_irql_raise(NT_DISPATCH_LEVEL);
    nt_spinlock_release(&foreign_lock, nt_self());
}

static void releasing_the_lock_of_another_thread_is_a_bug_check(void **state)
{
    (void)state;
    BUGCHECK_EXPECT(body_release_foreign, "bug check 0x10 SPIN_LOCK_NOT_OWNED",
                    "another thread holds");
}

#define IN_MACHINE(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MACHINE(one_thread_at_a_time_holds_a_lock),
        IN_MACHINE(acquiring_raises_and_releasing_lowers),
        IN_MACHINE(acquiring_above_the_level_keeps_it),
        IN_MACHINE(locks_released_out_of_order_leave_the_list_right),
        IN_MACHINE(more_locks_than_the_list_holds_are_still_counted),
        cmocka_unit_test(acquiring_a_lock_twice_is_a_bug_check),
        cmocka_unit_test(releasing_a_free_lock_is_a_bug_check),
        cmocka_unit_test(releasing_the_lock_of_another_thread_is_a_bug_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

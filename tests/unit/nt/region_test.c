/*
 * region_test.c - what a compiled driver loads through GS is true: the IRQL, the current thread,
 * the processor, on each thread.
 */
#include "nt/machine_helper.h"

#include "nt/processor.h"

#define GS_LOAD(type_, offset_)                                                                    \
    __extension__({                                                                                \
        type_ loaded;                                                                              \
        __asm__ volatile("mov %%gs:%c1, %0" : "=r"(loaded) : "i"(offset_) : "memory");             \
        loaded;                                                                                    \
    })

static uint8_t gs_irql(void)
{
    return GS_LOAD(uint8_t, 0x50);
}

static uint32_t gs_number(void)
{
    uint32_t number = GS_LOAD(uint32_t, 0x1A4);

    assert_int_equal(GS_LOAD(uint8_t, 0x184), nt_topology()->places[number].number);
    assert_int_equal(GS_LOAD(uint8_t, 0x52), nt_topology()->places[number].number);
    return number;
}

static void region_check(void)
{
    assert_ptr_equal(GS_LOAD(void *, 0x18), nt_self());
    assert_ptr_equal(GS_LOAD(void *, 0x30), nt_self());
    assert_ptr_equal(GS_LOAD(char *, 0x20), (char *)nt_self() + 0x180);
    assert_ptr_equal(GS_LOAD(void *, 0x188), nt_self());
    assert_int_equal(gs_irql(), nt_irql());
    assert_int_equal(gs_number(), nt_processor_current()->number);
}

static void irql_and_thread_are_those_of_the_caller(void **state)
{
    (void)state;
    region_check();
    uint8_t old = nt_irql_raise(NT_DISPATCH_LEVEL);
    region_check();
    (void)nt_irql_raise(NT_HIGH_LEVEL);
    assert_int_equal(gs_irql(), NT_HIGH_LEVEL);
    nt_irql_lower(old);
    assert_int_equal(gs_irql(), NT_PASSIVE_LEVEL);
}

static void the_number_is_that_of_the_processor_wherever_the_thread_goes(void **state)
{
    (void)state;
    struct nt_thread *self = nt_self();
    unsigned home = self->home->number;

    for (unsigned i = 0; i < 4; i++) {
        nt_irql_raise_on(nt_processor_get(i));
        assert_int_equal(gs_number(), i);
        nt_irql_lower(NT_PASSIVE_LEVEL);
        /* The home's again, also when the shortest way takes it. */
        assert_int_equal(gs_number(), home);
        uint8_t old = nt_dispatch_enter(self);
        assert_int_equal(gs_number(), self->processor->number);
        nt_dispatch_leave(self, old);
        home = self->home->number;
    }
    nt_thread_set_affinity(0, 1u << 3);
    assert_int_equal(gs_number(), 3);
    nt_irql_raise(NT_DISPATCH_LEVEL);
    nt_thread_set_affinity(0, 1u << 1);
    assert_int_equal(gs_number(), 3);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    assert_int_equal(gs_number(), 1);
    nt_thread_set_affinity(0, 0);
}

enum { THREADS = 6, TURNS = 300 };

static uint32_t ended, wrong;

static void wander(void *argument)
{
    unsigned seed = (unsigned)(uintptr_t)argument;

    for (unsigned i = 0; i < TURNS; i++) {
        seed = seed * 1664525 + 1013904223;
        uint8_t old = NT_PASSIVE_LEVEL;
        if (seed >> 16 & 1)
            old = nt_irql_raise(NT_DISPATCH_LEVEL);
        else
            nt_irql_raise_on(nt_processor_get(seed >> 20 & 3));
        for (unsigned turn = 0; turn < 3; turn++) {
            if (GS_LOAD(void *, 0x188) != nt_self() ||
                GS_LOAD(uint32_t, 0x1A4) != nt_self()->processor->number ||
                gs_irql() != NT_DISPATCH_LEVEL)
                __atomic_store_n(&wrong, 1, __ATOMIC_RELAXED);
            nt_preempt();
        }
        nt_irql_lower(old);
        if (gs_irql() != NT_PASSIVE_LEVEL || GS_LOAD(void *, 0x18) != nt_self())
            __atomic_store_n(&wrong, 1, __ATOMIC_RELAXED);
    }
    word_increment(&ended);
}

static void threads_that_share_processors_each_see_their_own(void **state)
{
    (void)state;
    struct sys_thread *threads[THREADS];

    word_set(&ended, 0);
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(nt_thread_create(&threads[i], "wander", wander, (void *)i), 0);
    word_await(&ended, THREADS);
    for (unsigned i = 0; i < THREADS; i++)
        sys_thread_join(threads[i]);
    assert_int_equal(wrong, 0);
    region_check();
}

static int machine_setup_four(void **state)
{
    (void)state;
    machine_start_of(4);
    return 0;
}

#define IN_MACHINE(name) cmocka_unit_test_setup_teardown(name, machine_setup_four, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MACHINE(irql_and_thread_are_those_of_the_caller),
        IN_MACHINE(the_number_is_that_of_the_processor_wherever_the_thread_goes),
        IN_MACHINE(threads_that_share_processors_each_see_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

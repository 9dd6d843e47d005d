/*
 * machine_test.c - the machine starts with what was asked for, and leaves nothing behind.
 */
#include "nt/machine_helper.h"

#include "nt/memory.h"
#include "nt/processor.h"

#include <dirent.h>
#include <errno.h>

static unsigned entries_count(const char *directory)
{
    DIR *stream = opendir(directory);
    unsigned count = 0;

    assert_non_null(stream);
    while (readdir(stream))
        count++;
    closedir(stream);
    return count;
}

static void options_out_of_range_are_refused(void **state)
{
    (void)state;
    static const struct nt_machine_options bad[] = {
        {.processor_count = NT_PROCESSOR_COUNT_MAX + 1},
        {.processor_count = 1, .memory_bytes = 1u << 20},
        {.processor_count = 1, .memory_bytes = (2ull << 30) + 1},
    };
    system_start();
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(nt_machine_start(&bad[i]), -EINVAL);
        assert_int_equal(nt_processor_count(), 0);
    }
    sys_stop();
}

static void defaults_are_the_hosts_processors_and_256_mib(void **state)
{
    (void)state;
    struct nt_machine_options options = {0};
    void *base;
    size_t size;
    int fd;

    system_start();
    assert_int_equal(nt_machine_start(&options), 0);
    unsigned expected = sys_cpu_count();
    if (expected > NT_PROCESSOR_COUNT_MAX)
        expected = NT_PROCESSOR_COUNT_MAX;
    assert_int_equal(nt_processor_count(), expected);
    nt_arena_describe(&fd, &base, &size);
    assert_int_equal(size, 256u << 20);
    assert_int_equal(machine_teardown(NULL), 0);
}

static void the_largest_machine_works(void **state)
{
    (void)state;
    struct nt_machine_options options = {.processor_count = NT_PROCESSOR_COUNT_MAX,
                                         .memory_bytes = 2ull << 30};
    system_start();
    assert_int_equal(nt_machine_start(&options), 0);
    for (unsigned i = 0; i < NT_PROCESSOR_COUNT_MAX; i++) {
        nt_irql_raise_on(nt_processor_get(i));
        assert_int_equal(nt_processor_current()->number, i);
        nt_irql_lower(NT_PASSIVE_LEVEL);
    }
    struct nt_contiguous_options wish = {.size = 1u << 30, .tag = "half"};
    void *half = nt_contiguous_allocate(&wish);
    assert_non_null(half);
    nt_contiguous_free(half);
    assert_int_equal(machine_teardown(NULL), 0);
}

static void a_stopped_machine_leaves_no_thread_and_no_descriptor(void **state)
{
    (void)state;
    unsigned threads = entries_count("/proc/self/task");
    unsigned descriptors = entries_count("/proc/self/fd");

    for (unsigned i = 1; i <= 5; i++) {
        machine_start_of(i);
        nt_irql_raise(NT_DISPATCH_LEVEL);
        nt_irql_lower(NT_PASSIVE_LEVEL);
        assert_int_equal(machine_teardown(NULL), 0);
    }
    assert_int_equal(entries_count("/proc/self/task"), threads);
    assert_int_equal(entries_count("/proc/self/fd"), descriptors);
}

/* A thread that nt did not make, such as a client's. */
static void foreign_main(void *argument)
{
    struct nt_thread **ret_self = argument;

    assert_null(nt_thread_pointer);
    nt_irql_raise(NT_DISPATCH_LEVEL);
    assert_non_null(nt_thread_pointer->processor);
    nt_irql_lower(NT_PASSIVE_LEVEL);
    *ret_self = nt_self();
}

static void a_foreign_thread_is_adopted_at_its_first_call(void **state)
{
    (void)state;
    struct sys_thread *thread;
    struct nt_thread *its_self = NULL;

    machine_start_of(2);
    assert_int_equal(sys_thread_create(&thread, "foreign", foreign_main, &its_self), 0);
    sys_thread_join(thread); /* the leak check of a sanitized build sees whether its record went */
    assert_non_null(its_self);
    assert_ptr_not_equal(its_self, nt_self());
    assert_int_equal(machine_teardown(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_out_of_range_are_refused),
        cmocka_unit_test(defaults_are_the_hosts_processors_and_256_mib),
        cmocka_unit_test(the_largest_machine_works),
        cmocka_unit_test(a_stopped_machine_leaves_no_thread_and_no_descriptor),
        cmocka_unit_test(a_foreign_thread_is_adopted_at_its_first_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

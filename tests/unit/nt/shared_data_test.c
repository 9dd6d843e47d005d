/*
 * shared_data_test.c - the page of the kernel's times can be read at any time, is right when it is
 * read, and makes nobody tick while it is not.
 */
#include "nt/machine_helper.h"

#include "nt/shared_data.h"
#include "nt/system.h"

#include <ntddk.h>
#include <signal.h>

static unsigned faults;

static void open_page(int number, siginfo_t *information, void *context)
{
    (void)number;
    (void)context;
    faults++;
    if (!nt_shared_data_open(information->si_addr))
        _exit(97);
}

static const KUSER_SHARED_DATA *page_get(void)
{
    struct sigaction action = {.sa_sigaction = open_page, .sa_flags = SA_SIGINFO | SA_NODEFER};

    assert_int_equal(sigaction(SIGSEGV, &action, NULL), 0);
    const KUSER_SHARED_DATA *page = nt_shared_user_data();
    assert_non_null(page);
    return page;
}

static uint64_t time_get(const volatile KSYSTEM_TIME *time)
{
    uint64_t value;

    memcpy(&value, (const void *)time, sizeof(value));
    assert_int_equal(time->High2Time, (LONG)(value >> 32));
    return value;
}

/* One look at all of them. True: they were those of the tick that the look fell into. A tick may
 * begin between two loads, and a busy host comes late to it. */
static bool times_are_of_this_tick(const KUSER_SHARED_DATA *page)
{
    uint64_t before_ns = sys_now_ns(), utc = sys_utc_100ns();
    uint64_t interrupt_time = time_get(&page->InterruptTime);
    uint64_t system_time = time_get(&page->SystemTime);
    uint64_t ticks = time_get(&page->TickCount);
    uint64_t after_ns = sys_now_ns();

    assert_true(interrupt_time <= after_ns / 100 && ticks <= after_ns / NT_TICK_NS);
    return before_ns / NT_TICK_NS == after_ns / NT_TICK_NS && ticks == before_ns / NT_TICK_NS &&
           interrupt_time == ticks * NT_TICK_100NS && system_time + NT_TICK_100NS >= utc &&
           system_time <= sys_utc_100ns();
}

static void its_times_are_those_of_the_last_tick(void **state)
{
    (void)state;
    const KUSER_SHARED_DATA *page = page_get();
    uint64_t deadline_ns = sys_now_ns() + 20 * SYS_NS_PER_S;

    for (unsigned seen = 0; seen < 5;) {
        seen += times_are_of_this_tick(page);
        assert_true(sys_now_ns() < deadline_ns);
        sys_delay_ns(NT_TICK_NS);
    }
}

static void a_loop_that_waits_for_a_tick_sees_it(void **state)
{
    (void)state;
    const KUSER_SHARED_DATA *page = page_get();
    uint64_t first = page->TickCountQuad;

    while (page->TickCountQuad < first + 3)
        sys_stall_ns(10000);
    assert_true(sys_now_ns() >= (first + 3) * NT_TICK_NS);
}

static void many_reads_cost_one_fault_a_tick(void **state)
{
    (void)state;
    const KUSER_SHARED_DATA *page = page_get();
    uint64_t first_ns = sys_now_ns(), sum = 0;

    faults = 0;
    for (unsigned i = 0; i < 10000; i++)
        sum += page->TickCountQuad;
    assert_true(sum > 0);
    assert_true(faults <= (sys_now_ns() - first_ns) / NT_TICK_NS + 2);
}

static void it_says_which_system_it_is(void **state)
{
    (void)state;
    const KUSER_SHARED_DATA *page = page_get();

    assert_int_equal(page->NtMajorVersion, NT_SYSTEM_MAJOR);
    assert_int_equal(page->NtBuildNumber, NT_SYSTEM_BUILD);
    assert_int_equal(page->ActiveProcessorCount, 2);
    assert_int_equal(page->NumberOfPhysicalPages, (16u << 20) / 4096);
    assert_int_equal(page->KdDebuggerEnabled, FALSE);
    assert_true(page->ProcessorFeatures[10]); /* SSE2 */
    /* As kits compute milliseconds. */
    uint64_t ms = page->TickCountQuad * page->TickCountMultiplier >> 24;
    assert_true(ms <= sys_now_ns() / SYS_NS_PER_MS);
    assert_true(ms + 32 >= sys_now_ns() / SYS_NS_PER_MS);
    assert_int_equal(nt_shared_user_data(), page);
}

static void windows_addresses_of_it_are_told_by_what_they_hold(void **state)
{
    (void)state;
    uint64_t value = 0;
    uint32_t build = 0;

    (void)page_get();
    assert_true(nt_shared_data_read(0xFFFFF78000000320, &value, sizeof(value)));
    assert_true(value <= sys_now_ns() / NT_TICK_NS && value + 2 >= sys_now_ns() / NT_TICK_NS);
    assert_true(nt_shared_data_read(0xFFFFF78000000260, &build, sizeof(build)));
    assert_int_equal(build, NT_SYSTEM_BUILD);
    assert_false(nt_shared_data_read(0xFFFFF78000000FFC, &value, sizeof(value)));
    assert_false(nt_shared_data_read(0xFFFFF78000001000, &value, 1));
    assert_false(nt_shared_data_read(0xFFFFF77FFFFFFFFC, &value, sizeof(value)));
    assert_false(nt_shared_data_open((const void *)0x1000));
}

#define IN_MACHINE(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MACHINE(its_times_are_those_of_the_last_tick),
        IN_MACHINE(a_loop_that_waits_for_a_tick_sees_it),
        IN_MACHINE(many_reads_cost_one_fault_a_tick),
        IN_MACHINE(it_says_which_system_it_is),
        IN_MACHINE(windows_addresses_of_it_are_told_by_what_they_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

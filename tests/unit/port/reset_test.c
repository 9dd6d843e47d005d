/*
 * reset_test.c - time-outs and the reset ladder, starts that fail, and stops.
 */
#include "port_helper.h"

#include <errno.h>

static unsigned char buffer[TEST_BLOCK];
static struct test_host host;

static void with_lost_read(unsigned tier)
{
    char text[64];
    const char *settings[] = {"Parameters\\Device\\Behaviour=1", text};

    snprintf(text, sizeof(text), "Parameters\\Device\\ResetTier=%u", tier);
    host_open(&host, "faulty", "none", settings, 2);
}

static unsigned done_count;

static void count_done(struct port_request *request)
{
    (void)request;
    done_count++;
}

/* A read that the miniport loses, beside one that it completes: the first ends by the reset, the
 * disk works afterwards. */
static void lose_and_recover(unsigned tier)
{
    struct port_request lost, other;

    with_lost_read(tier);
    done_count = 0;
    transfer(&lost, host.unit, false, 1000, 1, buffer);
    lost.timeout_s = 1;
    lost.done = count_done;
    port_submit(host.queue, &lost);
    while (done_count < 1)
        port_wait(host.queue, SYS_FOREVER);
    assert_int_equal(lost.status, PORT_TIMED_OUT);
    assert_int_equal(lost.srb_status, 0x09);
    transfer(&other, host.unit, false, 5, 1, buffer);
    port_execute(host.queue, &other);
    assert_true(succeeded(&other));
    assert_int_equal(port_unit_outstanding(host.unit), 0);
    host_close(&host);
}

static void a_lost_request_ends_by_a_unit_reset(void **state)
{
    (void)state;
    lose_and_recover(1);
}

static void a_refused_unit_reset_leads_to_a_target_reset(void **state)
{
    (void)state;
    lose_and_recover(2);
}

static void refused_resets_lead_to_a_bus_reset(void **state)
{
    (void)state;
    lose_and_recover(3);
}

static void when_no_reset_works_the_request_still_ends(void **state)
{
    (void)state;
    lose_and_recover(4);
}

static void a_client_may_ask_for_a_unit_reset(void **state)
{
    struct port_request lost, reset;

    (void)state;
    with_lost_read(1);
    done_count = 0;
    transfer(&lost, host.unit, false, 1000, 1, buffer);
    lost.timeout_s = 60;
    lost.done = count_done;
    port_submit(host.queue, &lost);
    memset(&reset, 0, sizeof(reset));
    reset.unit = host.unit;
    reset.function = PORT_RESET_LOGICAL_UNIT;
    reset.flags = PORT_FLAG_NO_FREEZE;
    port_execute(host.queue, &reset);
    assert_int_equal(reset.status, PORT_OK);
    while (done_count < 1)
        port_wait(host.queue, SYS_FOREVER);
    assert_int_equal(lost.status, PORT_OK);
    assert_int_equal(lost.srb_status, 0x0E);
    host_close(&host);
}

/* ---- starts that fail leave nothing behind and say why ---- */

static void start_fails(unsigned behaviour, const char *word)
{
    char text[64];
    const char *settings[] = {text};

    snprintf(text, sizeof(text), "Parameters\\Device\\Behaviour=%u", behaviour);
    assert_int_equal(host_try(&host, "faulty", "none", settings, 1), -ENODEV);
    assert_non_null(strstr(host.reason, word));
    assert_null(strchr(host.reason, '\n'));
}

static void find_adapter_error_is_named(void **state)
{
    (void)state;
    start_fails(6, "SP_RETURN_ERROR");
}

static void find_adapter_not_found_is_named(void **state)
{
    (void)state;
    start_fails(7, "SP_RETURN_NOT_FOUND");
}

static void hw_initialize_false_is_named(void **state)
{
    (void)state;
    start_fails(8, "HwInitialize returned FALSE");
}

static void an_adapter_without_units_starts_and_stops(void **state)
{
    const char *settings[] = {"Parameters\\Device\\Behaviour=9"};

    (void)state;
    assert_int_equal(host_try(&host, "faulty", "none", settings, 1), 0);
    assert_null(host.unit);
    host_close(&host);
}

static void a_device_for_a_virtual_driver_is_refused(void **state)
{
    (void)state;
    assert_int_equal(host_try(&host, "faulty", "model:scratch", NULL, 0), -ENODEV);
    assert_non_null(strstr(host.reason, "--device none"));
}

static void no_device_for_a_physical_driver_is_refused(void **state)
{
    (void)state;
    assert_int_equal(host_try(&host, "null_physical", "none", NULL, 0), -ENODEV);
    assert_non_null(strstr(host.reason, "--device"));
}

static void fifty_starts_and_stops_leak_no_pool(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 50; i++) {
        struct port_request request;
        host_open(&host, i % 2 ? "null_physical" : "ramdisk", i % 2 ? "model:scratch" : "none",
                  NULL, 0);
        transfer(&request, host.unit, false, 0, 1, buffer);
        port_execute(host.queue, &request);
        assert_true(succeeded(&request));
        host_close(&host);
        assert_int_equal(nt_pool_report(NULL, quiet, NULL), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_request_ends_by_a_unit_reset),
        cmocka_unit_test(a_refused_unit_reset_leads_to_a_target_reset),
        cmocka_unit_test(refused_resets_lead_to_a_bus_reset),
        cmocka_unit_test(when_no_reset_works_the_request_still_ends),
        cmocka_unit_test(a_client_may_ask_for_a_unit_reset),
        cmocka_unit_test(find_adapter_error_is_named),
        cmocka_unit_test(find_adapter_not_found_is_named),
        cmocka_unit_test(hw_initialize_false_is_named),
        cmocka_unit_test(an_adapter_without_units_starts_and_stops),
        cmocka_unit_test(a_device_for_a_virtual_driver_is_refused),
        cmocka_unit_test(no_device_for_a_physical_driver_is_refused),
        cmocka_unit_test(fifty_starts_and_stops_leak_no_pool),
    };

    return cmocka_run_group_tests(tests, machine_up, machine_down);
}

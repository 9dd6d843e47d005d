/*
 * unit_pnp_test.c - the PnP and power requests that a driver sees which has wrapped its dispatch
 * routines (tests/miniports/partner): of the adapter's device and of the units', in which order,
 * and what refusals come to (lifecycle sections 12 and 13).
 */
#include "../driver_file.h"
#include "nt/bugcheck.h"
#include "nt/file.h"
#include "nt/name.h"
#include "patience.h"
#include "probe_host.h"
#include "storport/device.h"

#include "../miniports/partner/partner_protocol.h"
#include <ntddscsi.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 2048 };

static struct port_driver *driver;
static struct port_adapter *adapter;
static struct nt_file *control; /* of the driver's own device */
static char reason[512];

#define assert_status(call, status) assert_int_equal((uint32_t)(call), (uint32_t)(status))

/* ---- the driver ---- */

static int up(void **state)
{
    char path[4096], rest[NT_NAME_BYTES];

    if (probe_machine_up(state))
        return 1;
    driver_file(path, sizeof(path), "TEST_MODULES", "partner");
    struct port_driver_options options = {.path = path};
    if (port_driver_load(&driver, &options, reason, sizeof(reason)))
        return 1;
    DEVICE_OBJECT *device = nt_name_find("PartnerControl", rest);
    if (!device)
        return 1;
    NTSTATUS status = nt_file_open(device, NT_FILE_READ | NT_FILE_WRITE, "", &control);
    nt_object_release(device);
    return status < 0;
}

static int down(void **state)
{
    uint64_t findings = nt_finding_count();
    int error = adapter ? port_adapter_stop(adapter, reason, sizeof(reason)) : 0;

    adapter = NULL;
    nt_file_close(control);
    port_driver_unload(driver);
    probe_machine_down(state);
    return error || findings;
}

#define pnp_test(test) cmocka_unit_test_setup_teardown(test, up, down)

static int start(void)
{
    struct port_adapter_options options = {.device = "none"};

    return port_adapter_start(&adapter, driver, &options, reason, sizeof(reason));
}

static void stop(void)
{
    assert_int_equal(port_adapter_stop(adapter, reason, sizeof(reason)), 0);
    adapter = NULL;
}

/* What the driver has heard since the last time. */
static const char *heard(void)
{
    static char text[PARTNER_HEARD_BYTES + 1];
    struct nt_file_request request = {
        .code = PARTNER_HEARD, .output = text, .output_length = PARTNER_HEARD_BYTES};

    nt_file_send(control, &request);
    assert_status(request.status, STATUS_SUCCESS);
    size_t length = request.information;
    text[length ? length - 1 : 0] = '\0'; /* in place of the last blank */
    return text;
}

static void refuse(const char *event)
{
    struct nt_file_request request = {.code = PARTNER_REFUSE,
                                      .input = (void *)(uintptr_t)event,
                                      .input_length = (uint32_t)strlen(event)};

    nt_file_send(control, &request);
    assert_status(request.status, STATUS_SUCCESS);
}

/* ---- the disk ---- */

static uint32_t command(unsigned what)
{
    struct partner_message message = {.command = what, .blocks = BLOCKS};
    size_t length;
    struct port_control_code code = {
        .code = IOCTL_MINIPORT_PROCESS_SERVICE_IRP,
        .input = &message,
        .input_length = sizeof(message),
        .output = &message,
        .output_length = sizeof(message),
        .ret_length = &length,
    };

    return port_adapter_control(adapter, NULL, &code);
}

/* The driver has asked for a pass, and it is over when nothing of its work is left. */
static void settle(void)
{
    nt_work_drain(&adapter->rescan_work);
}

static struct port_unit *plug(void)
{
    assert_status(command(PARTNER_PLUG), STATUS_SUCCESS);
    settle();
    return port_unit_get(adapter, 0);
}

static void start_with_unit(void)
{
    assert_int_equal(start(), 0);
    struct port_unit *unit = plug();
    assert_non_null(unit);
    port_unit_release(unit);
    (void)heard();
}

static bool unit_is_there(void)
{
    struct port_unit *unit = port_unit_get(adapter, 0);

    if (unit)
        port_unit_release(unit);
    return unit != NULL;
}

static uint32_t ask_address(struct nt_file *file)
{
    SCSI_ADDRESS address;
    struct nt_file_request request = {
        .code = IOCTL_SCSI_GET_ADDRESS, .output = &address, .output_length = sizeof(address)};

    nt_file_send(file, &request);
    return (uint32_t)request.status;
}

/* ---- tests ---- */

static void a_unit_starts_after_the_bus_has_told_of_it(void **state)
{
    (void)state;
    assert_int_equal(start(), 0);
    assert_string_equal(heard(), "a00 a07");
    struct port_unit *unit = plug();
    assert_non_null(unit);
    port_unit_release(unit);
    assert_string_equal(heard(), "a07 u00"); /* and its address was known then */
    port_adapter_rescan(adapter);
    assert_string_equal(heard(), "a07");
}

static void a_unit_that_is_gone_is_surprised_and_removed(void **state)
{
    (void)state;
    start_with_unit();
    assert_status(command(PARTNER_UNPLUG), STATUS_SUCCESS);
    settle();
    assert_string_equal(heard(), "a07 u17 u02");
    assert_false(unit_is_there());
    struct port_unit *unit = plug();
    assert_non_null(unit);
    port_unit_release(unit);
    assert_string_equal(heard(), "a07 u00");
}

static void a_unit_that_comes_back_is_another_device(void **state)
{
    struct nt_file *before, *after;

    (void)state;
    start_with_unit();
    struct port_unit *unit = port_unit_get(adapter, 0);
    DEVICE_OBJECT *device = storport_unit_device(unit);
    assert_status(nt_file_open(device, NT_FILE_READ, "", &before), STATUS_SUCCESS);
    nt_object_release(device);
    assert_status(ask_address(before), STATUS_SUCCESS);
    command(PARTNER_UNPLUG);
    settle();
    assert_status(ask_address(before), STATUS_NO_SUCH_DEVICE);
    port_unit_release(unit);
    unit = plug();
    assert_non_null(unit);
    assert_status(ask_address(before), STATUS_NO_SUCH_DEVICE);
    device = storport_unit_device(unit);
    assert_status(nt_file_open(device, NT_FILE_READ, "", &after), STATUS_SUCCESS);
    nt_object_release(device);
    port_unit_release(unit);
    assert_status(ask_address(after), STATUS_SUCCESS);
    nt_file_close(before);
    nt_file_close(after);
}

static void a_unit_whose_start_is_refused_is_removed_and_may_start_later(void **state)
{
    (void)state;
    assert_int_equal(start(), 0);
    refuse("u00");
    (void)heard();
    assert_null(plug());
    assert_string_equal(heard(), "a07 u00 u02");
    port_adapter_rescan(adapter);
    assert_string_equal(heard(), "a07 u00 u02");
    refuse("");
    port_adapter_rescan(adapter);
    assert_string_equal(heard(), "a07 u00");
    assert_true(unit_is_there());
}

static void units_come_and_go_only_by_an_answer_of_the_bus(void **state)
{
    (void)state;
    assert_int_equal(start(), 0);
    (void)heard();
    refuse("a07");
    assert_null(plug());
    assert_string_equal(heard(), "a07");
    refuse("");
    port_adapter_rescan(adapter);
    assert_true(unit_is_there());
    refuse("a07");
    command(PARTNER_UNPLUG);
    settle();
    assert_true(unit_is_there());
    refuse("");
    port_adapter_rescan(adapter);
    assert_false(unit_is_there());
}

static void a_removal_asks_and_removes_units_before_their_adapter(void **state)
{
    (void)state;
    start_with_unit();
    assert_int_equal(port_adapter_pnp_remove(adapter, reason, sizeof(reason)), 0);
    assert_string_equal(heard(), "u01 a01 u02 a02");
    stop();
    assert_string_equal(heard(), "");
}

static void the_end_removes_units_before_their_adapter_and_asks_nobody(void **state)
{
    (void)state;
    start_with_unit();
    stop();
    assert_string_equal(heard(), "u02 a02");
}

static void a_device_that_vanishes_takes_its_units_along(void **state)
{
    (void)state;
    start_with_unit();
    assert_int_equal(port_adapter_surprise_remove(adapter, reason, sizeof(reason)), 0);
    assert_string_equal(heard(), "u17 a17 u02 a02");
    stop();
    assert_string_equal(heard(), "");
}

static void a_refused_removal_is_called_off_for_all(void **state)
{
    static const struct {
        const char *refused, *heard;
    } refusals[] = {{"u01", "u01 a03 u03"}, {"a01", "u01 a01 a03 u03"}};

    (void)state;
    start_with_unit();
    for (unsigned i = 0; i < 2; i++) {
        refuse(refusals[i].refused);
        assert_int_equal(port_adapter_pnp_remove(adapter, reason, sizeof(reason)), -EIO);
        assert_string_equal(heard(), refusals[i].heard);
        assert_int_equal(port_adapter_state(adapter, NULL), PORT_ADAPTER_RUNNING);
        assert_true(unit_is_there());
    }
    assert_status(command(PARTNER_UNPLUG), STATUS_SUCCESS);
}

static void a_stop_and_a_restart_reach_units_too(void **state)
{
    (void)state;
    start_with_unit();
    assert_int_equal(port_adapter_pnp_stop(adapter, reason, sizeof(reason)), 0);
    assert_string_equal(heard(), "u05 a05 u04 a04");
    assert_int_equal(port_adapter_pnp_restart(adapter, reason, sizeof(reason)), 0);
    assert_string_equal(heard(), "a00 a07 u00");
    refuse("u05");
    assert_int_equal(port_adapter_pnp_stop(adapter, reason, sizeof(reason)), -EIO);
    assert_string_equal(heard(), "u05 a06 u06");
    refuse("u00");
    assert_int_equal(port_adapter_pnp_stop(adapter, reason, sizeof(reason)), 0);
    (void)heard();
    assert_int_equal(port_adapter_pnp_restart(adapter, reason, sizeof(reason)), 0);
    assert_string_equal(heard(), "a00 a07 u00 u02");
    assert_false(unit_is_there());
}

static void removals_cannot_be_refused(void **state)
{
    (void)state;
    start_with_unit();
    refuse("u02");
    assert_int_equal(port_adapter_pnp_remove(adapter, reason, sizeof(reason)), 0);
    assert_string_equal(heard(), "u01 a01 u02 a02");
    assert_int_equal(port_adapter_state(adapter, NULL), PORT_ADAPTER_REMOVED);
}

static void an_adapter_that_does_not_start_is_removed(void **state)
{
    (void)state;
    refuse("a00");
    assert_true(start() < 0);
    assert_string_equal(heard(), "a00 a02");
    refuse("");
    start_with_unit();
}

static void units_power_down_before_their_adapter_and_up_after_it(void **state)
{
    (void)state;
    start_with_unit();
    assert_int_equal(port_adapter_power(adapter, 3, 0, reason, sizeof(reason)), 0);
    assert_string_equal(heard(), "uD3 aD3");
    assert_int_equal(port_adapter_power(adapter, 1, 0, reason, sizeof(reason)), 0);
    assert_string_equal(heard(), "aD0 uD0 uD1 aD1");
    assert_int_equal(port_adapter_power(adapter, 0, 0, reason, sizeof(reason)), 0);
    assert_string_equal(heard(), "aD0 uD0");
    struct port_unit *unit = port_unit_get(adapter, 0);
    assert_int_equal(port_unit_power(unit, 2, 0, reason, sizeof(reason)), 0);
    assert_int_equal(port_unit_power(unit, 0, 0, reason, sizeof(reason)), 0);
    port_unit_release(unit);
    assert_string_equal(heard(), "uD2 uD0");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        pnp_test(a_unit_starts_after_the_bus_has_told_of_it),
        pnp_test(a_unit_that_is_gone_is_surprised_and_removed),
        pnp_test(a_unit_that_comes_back_is_another_device),
        pnp_test(a_unit_whose_start_is_refused_is_removed_and_may_start_later),
        pnp_test(units_come_and_go_only_by_an_answer_of_the_bus),
        pnp_test(a_removal_asks_and_removes_units_before_their_adapter),
        pnp_test(the_end_removes_units_before_their_adapter_and_asks_nobody),
        pnp_test(a_device_that_vanishes_takes_its_units_along),
        pnp_test(a_refused_removal_is_called_off_for_all),
        pnp_test(a_stop_and_a_restart_reach_units_too),
        pnp_test(removals_cannot_be_refused),
        pnp_test(an_adapter_that_does_not_start_is_removed),
        pnp_test(units_power_down_before_their_adapter_and_up_after_it),
    };

    return probe_run(argc, argv, tests);
}

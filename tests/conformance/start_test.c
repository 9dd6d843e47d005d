/*
 * start_test.c - the order of battle at start and stop (lifecycle sections 2 and 12): which
 * callbacks come, in which order, at which IRQL, and that no request comes before its time (rules
 * S2, S5).
 */
#include "probe_host.h"

#include <errno.h>

static struct probe_host host;

/* PnP actions and control types, as rows show them. */
enum {
    PNP_START = 0x00010000, /* with the adapter flag */
    PNP_REMOVE = 0x00010002,
    CONTROL_QUERY = 0,
    CONTROL_STOP = 1,
    FUNCTION_PNP = 0x25,
};

static size_t at(unsigned callback, int64_t detail)
{
    return probe_index(&host, probe_find(&host, callback, detail, 0));
}

static size_t last_of(unsigned callback)
{
    return probe_index(&host,
                       probe_find(&host, callback, -1, probe_count(&host, callback, -1) - 1));
}

static const PROBE_ROW *pnp_row(unsigned callback, uint32_t action)
{
    const PROBE_ROW *row;

    for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++)
        if (row->Callback == callback && row->Function == FUNCTION_PNP && row->Detail == action)
            return row;
    return NULL;
}

static void assert_one_extension(void)
{
    const PROBE_ROW *row;
    void *extension = probe_row(&host, 0)->DeviceExtension;

    for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++)
        assert_ptr_equal(row->DeviceExtension, extension);
}

static void a_physical_adapter_starts_in_the_documented_order(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "");
    size_t first_start = at(ProbeStartIo, -1);
    assert_true(at(ProbeFindAdapter, -1) < at(ProbeInitialize, -1));
    assert_true(at(ProbeInitialize + ProbeLeave, -1) < at(ProbePassiveInitialize, -1));
    assert_true(at(ProbePassiveInitialize + ProbeLeave, -1) <
                at(ProbeAdapterControl, CONTROL_QUERY));
    assert_true(at(ProbeAdapterControl + ProbeLeave, CONTROL_QUERY) <
                at(ProbeUnitControl, CONTROL_QUERY));
    assert_true(at(ProbeUnitControl + ProbeLeave, CONTROL_QUERY) < at(ProbeBuildIo, -1));
    assert_true(at(ProbeBuildIo, -1) < first_start);
    /* The first request is the adapter's own PnP Start. */
    const PROBE_ROW *row = probe_row(&host, first_start);
    assert_int_equal(row->Function, FUNCTION_PNP);
    assert_ptr_equal(row, pnp_row(ProbeStartIo, PNP_START));
    assert_int_equal(probe_count(&host, ProbePassiveInitialize, -1), 1);
    assert_one_extension();
    probe_close(&host);
}

static void start_callbacks_of_a_physical_adapter_have_their_irql(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "");
    probe_assert_irql(&host, ProbeFindAdapter, NT_PASSIVE_LEVEL);
    probe_assert_irql(&host, ProbeInitialize, NT_DEVICE_LEVEL);
    probe_assert_irql(&host, ProbePassiveInitialize, NT_PASSIVE_LEVEL);
    probe_assert_irql(&host, ProbeAdapterControl, NT_PASSIVE_LEVEL);
    probe_assert_irql(&host, ProbeUnitControl, NT_PASSIVE_LEVEL);
    probe_close(&host);
}

static void a_virtual_adapter_starts_at_passive_level_without_build_io(void **state)
{
    (void)state;
    probe_open(&host, "none", "");
    probe_assert_irql(&host, ProbeFindAdapter, NT_PASSIVE_LEVEL);
    probe_assert_irql(&host, ProbeInitialize, NT_PASSIVE_LEVEL);
    probe_assert_irql(&host, ProbePassiveInitialize, NT_PASSIVE_LEVEL);
    assert_int_equal(probe_count(&host, ProbeBuildIo, -1), 0); /* S30 */
    assert_true(at(ProbeAdapterControl, CONTROL_QUERY) < at(ProbeStartIo, -1));
    probe_close(&host);
}

static void the_stop_removes_before_it_stops_and_calls_nothing_afterwards(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "");
    probe_stop(&host);
    assert_non_null(pnp_row(ProbeStartIo, PNP_REMOVE));
    size_t removed = probe_index(&host, pnp_row(ProbeStartIo, PNP_REMOVE));
    size_t stopped = at(ProbeAdapterControl, CONTROL_STOP);
    assert_true(removed < stopped);
    assert_true(last_of(ProbeStartIo) < stopped);
    assert_int_equal(at(ProbeAdapterControl + ProbeLeave, CONTROL_STOP),
                     (size_t)host.shared->Rows - 1);
    assert_int_equal(probe_find(&host, ProbeAdapterControl, CONTROL_STOP, 0)->Irql,
                     NT_DISPATCH_LEVEL);
    probe_unload(&host);
}

static void resources_of_a_virtual_adapter_are_freed_last(void **state)
{
    (void)state;
    probe_open(&host, "none", "");
    probe_stop(&host);
    assert_true(at(ProbeCompleteServiceIrp, -1) < at(ProbeFreeAdapterResources, -1));
    assert_true(at(ProbeAdapterControl, CONTROL_STOP) < at(ProbeFreeAdapterResources, -1));
    assert_int_equal(at(ProbeFreeAdapterResources + ProbeLeave, -1), (size_t)host.shared->Rows - 1);
    probe_assert_irql(&host, ProbeFreeAdapterResources, NT_PASSIVE_LEVEL);
    probe_assert_irql(&host, ProbeCompleteServiceIrp, NT_PASSIVE_LEVEL);
    probe_unload(&host);
}

static void units_are_started_and_removed_by_unit_controls_where_supported(void **state)
{
    enum { UNIT_START = 2, UNIT_REMOVE = 9 };

    (void)state;
    probe_open(&host, "model:scratch", "UnitControls=1");
    assert_int_equal(probe_count(&host, ProbeUnitControl, UNIT_START), 1);
    /* No PnP request goes to the unit then: the only one is the adapter's. */
    assert_null(pnp_row(ProbeStartIo, 0));
    probe_stop(&host);
    assert_int_equal(probe_count(&host, ProbeUnitControl, UNIT_REMOVE), 1);
    probe_unload(&host);
}

static void units_get_pnp_requests_without_unit_controls(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "");
    assert_non_null(pnp_row(ProbeStartIo, 0)); /* start, without the adapter flag */
    assert_int_equal(probe_count(&host, ProbeUnitControl, -1), 1);
    probe_close(&host);
}

/* storport-callbacks section 3: the control types are asked for, and the adapter is stopped. */
static void a_failed_passive_initialization_stops_the_adapter_again(void **state)
{
    (void)state;
    probe_prepare(&host);
    assert_int_equal(probe_try(&host, "model:scratch", "PassiveFails=1"), -ENODEV);
    assert_true(at(ProbePassiveInitialize, -1) < at(ProbeAdapterControl, CONTROL_QUERY));
    assert_true(at(ProbeAdapterControl, CONTROL_QUERY) < at(ProbeAdapterControl, CONTROL_STOP));
    assert_int_equal(probe_count(&host, ProbeBuildIo, -1), 0);
    assert_int_equal(probe_count(&host, ProbeStartIo, -1), 0);
    probe_unload(&host);
}

static void a_failed_start_of_a_virtual_adapter_frees_its_resources(void **state)
{
    (void)state;
    probe_prepare(&host);
    assert_int_equal(probe_try(&host, "none", "PassiveFails=1"), -ENODEV);
    assert_int_equal(probe_count(&host, ProbeFreeAdapterResources, -1), 1);
    probe_unload(&host);
}

/* The configuration is refused after FindAdapter has said FOUND. */
static void a_virtual_adapter_whose_configuration_is_refused_frees_its_resources(void **state)
{
    (void)state;
    probe_prepare(&host);
    assert_int_not_equal(probe_try(&host, "none", "BadConfiguration=1"), 0);
    assert_int_equal(probe_count(&host, ProbeFreeAdapterResources, -1), 1);
    probe_unload(&host);
}

/* Rule S52: whatever the driver answers to functions that it does not know is its affair. */
static void S52_refused_system_functions_are_accepted_quietly(void **state)
{
    (void)state;
    for (unsigned answer = 1; answer <= 2; answer++) {
        probe_open(&host, "model:scratch",
                   answer == 1 ? "RefuseSystemFunctions=1" : "RefuseSystemFunctions=2");
        probe_close(&host);
    }
    assert_int_equal(nt_finding_count(), 0);
}

static void rows_come_back_by_a_command_too(void **state)
{
    struct port_request request;

    (void)state;
    probe_open(&host, "model:scratch", "");
    probe_script(&request, host.unit, (PROBE_SCRIPT){0});
    request.cdb[0] = PROBE_OP_ROWS;
    probe_data(&request, 8 * sizeof(PROBE_ROW));
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    assert_int_equal(request.transferred, 8 * sizeof(PROBE_ROW));
    const PROBE_ROW *rows = request.single.base;
    assert_int_equal(rows[0].Callback, ProbeFindAdapter);
    probe_data_free(&request);
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_proves(a_physical_adapter_starts_in_the_documented_order, "StorPortInitialize",
                     "StorPortEnablePassiveInitialization"),
        probe_test(start_callbacks_of_a_physical_adapter_have_their_irql),
        probe_test(a_virtual_adapter_starts_at_passive_level_without_build_io),
        probe_test(the_stop_removes_before_it_stops_and_calls_nothing_afterwards),
        probe_test(resources_of_a_virtual_adapter_are_freed_last),
        probe_test(units_are_started_and_removed_by_unit_controls_where_supported),
        probe_test(units_get_pnp_requests_without_unit_controls),
        probe_test(a_failed_passive_initialization_stops_the_adapter_again),
        probe_test(a_failed_start_of_a_virtual_adapter_frees_its_resources),
        probe_test(a_virtual_adapter_whose_configuration_is_refused_frees_its_resources),
        probe_test(S52_refused_system_functions_are_accepted_quietly),
        probe_test(rows_come_back_by_a_command_too),
    };

    return probe_run(argc, argv, tests);
}

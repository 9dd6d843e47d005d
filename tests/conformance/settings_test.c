/*
 * settings_test.c - registry values that Storport itself obeys (lifecycle section 16): where they
 * lie, what overrides what, their limits, and what they do.
 */
#include "nt/registry.h"
#include "probe_host.h"

#include <string.h>

#define FOR_ALL    "Services\\probe\\Parameters\\StorPort"
#define PARAMETERS "Services\\probe\\Parameters"
#define OF_UNIT    "Enum\\SCSI\\UNIT\\0&0&0&0\\Device Parameters\\StorPort"
#define OF_ADAPTER "Enum\\PCI\\SCSIADAPTER\\0000\\Device Parameters\\StorPort"
#define OF_NUMBER  "Services\\probe\\Parameters\\Device0"

enum {
    SCSI_CHECK_CONDITION = 0x02,
    SCSI_QUEUE_FULL = 0x28,
    SRB_LINK_DOWN = 0x25,
    TAG = 7,
    LATER = 8
};

static struct probe_host host;
static struct port_request kept, request;

static void set(const char *key, const char *name, uint32_t value)
{
    assert_int_equal(nt_registry_set_dword(key, name, value), 0);
}

/* How long until a request that is busy once has succeeded. */
static uint64_t busy_once_ms(void)
{
    uint64_t start = sys_now_ns();

    probe_script(&request, host.unit,
                 (PROBE_SCRIPT){.SrbStatus = PROBE_SRB_BUSY, .Times = 1, .Tag = TAG});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    return (sys_now_ns() - start) / SYS_NS_PER_MS;
}

static void busy_pause_time_of_a_unit_overrides_that_of_the_driver(void **state)
{
    (void)state;
    set(FOR_ALL, "BusyPauseTime", 60);
    probe_open(&host, "model:scratch", "");
    uint64_t passed_ms = busy_once_ms();
    assert_true(passed_ms >= 60 && passed_ms < 250);
    probe_close(&host);
    set(OF_UNIT, "BusyPauseTime", 400);
    probe_open(&host, "model:scratch", "");
    assert_true(busy_once_ms() >= 400);
    probe_close(&host);
}

static void busy_retry_count_bounds_the_attempts_or_not(void **state)
{
    static const struct {
        uint32_t count;
        UCHAR times;
        unsigned attempts;
        bool succeeds;
    } rows[] = {{3, 100, 4, false}, {0, 100, 1, false}, {UINT32_MAX, 25, 26, true}};

    (void)state;
    set(FOR_ALL, "BusyPauseTime", 1);
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set(OF_UNIT, "BusyRetryCount", rows[i].count);
        probe_open(&host, "model:scratch", "");
        probe_script(
            &request, host.unit,
            (PROBE_SCRIPT){.SrbStatus = PROBE_SRB_BUSY, .Times = rows[i].times, .Tag = TAG});
        probe_execute(&host, &request);
        assert_int_equal(probe_succeeded(&request), rows[i].succeeds);
        assert_int_equal(probe_count(&host, ProbeStartIo, TAG), rows[i].attempts);
        if (!rows[i].succeeds)
            assert_int_equal(request.srb_status, PROBE_SRB_BUSY);
        probe_close(&host);
    }
}

/* With 0 per cent nothing has to complete: the pause of BUSY takes its place. */
static void queue_full_waits_for_the_percentage_that_is_set(void **state)
{
    (void)state;
    set(FOR_ALL, "QueueFullWaitIoPercentage", 0);
    set(FOR_ALL, "BusyPauseTime", 20);
    probe_open(&host, "model:scratch", "");
    probe_script(&kept, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever});
    probe_submit(&host, &kept);
    probe_script(
        &request, host.unit,
        (PROBE_SCRIPT){
            .SrbStatus = PROBE_SRB_BUSY, .ScsiStatus = SCSI_QUEUE_FULL, .Times = 1, .Tag = TAG});
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    assert_false(probe_is_done(&kept));
    probe_script(&request, host.unit, (PROBE_SCRIPT){.StartAction = ProbeDoRelease});
    probe_execute(&host, &request);
    probe_finish(&host);
    probe_close(&host);
}

static struct port_adapter_info describe(const char *settings)
{
    struct port_adapter_info info;

    probe_open(&host, "model:scratch", settings);
    port_adapter_describe(host.adapter, &info);
    probe_close(&host);
    return info;
}

static void number_of_requests_lowers_what_the_driver_takes(void **state)
{
    (void)state;
    assert_int_equal(describe("MaximumIo=100").max_io, 100);
    assert_int_equal(describe("MaximumIo=100 NumberOfRequests=20").max_io, 20);
    struct port_adapter_info info = describe("MaximumIo=100 Depth=50 NumberOfRequests=3");
    assert_int_equal(info.max_io, 16);
    assert_int_equal(info.max_io_per_unit, 16);
    assert_int_equal(info.initial_depth, 16);
    assert_int_equal(describe("MaximumIo=100 NumberOfRequests=255").max_io, 100);
    set(OF_NUMBER, "NumberOfRequests", 30);
    assert_int_equal(describe("MaximumIo=100 NumberOfRequests=20").max_io, 30);
}

static void maximum_logical_unit_bounds_what_is_searched(void **state)
{
    (void)state;
    assert_int_equal(describe("Units=100").units_per_target, 100);
    assert_int_equal(describe("Units=100 MaximumLogicalUnit=3").units_per_target, 3);
    assert_int_equal(describe("Units=100 MaximumLogicalUnit=50").units_per_target, 8);
    assert_int_equal(describe("Units=2 MaximumLogicalUnit=5").units_per_target, 2);
}

static void maximum_sg_list_is_what_find_adapter_begins_with(void **state)
{
    (void)state;
    assert_int_equal(describe("KeepBreaks=1").physical_breaks, 0x11);
    assert_int_equal(describe("KeepBreaks=1 MaximumSGList=33").physical_breaks, 33);
    assert_int_equal(describe("KeepBreaks=1 MaximumSGList=1000").physical_breaks, 255);
}

static void total_sense_data_bytes_is_what_the_driver_is_offered(void **state)
{
    static const struct {
        uint32_t value, offered;
    } rows[] = {{20, 20}, {1, 18}, {1000, 255}};
    uint8_t sense[255];

    (void)state;
    for (unsigned i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        set(OF_ADAPTER, "TotalSenseDataBytes", rows[i / 2].value);
        probe_open(&host, "model:scratch", i % 2 ? "SrbType=1" : "SrbType=0");
        probe_script(&request, host.unit,
                     (PROBE_SCRIPT){.SrbStatus = PROBE_SRB_ERROR | 0x80,
                                    .ScsiStatus = SCSI_CHECK_CONDITION,
                                    .SenseLength = 255,
                                    .Times = 1,
                                    .Tag = TAG});
        request.sense = sense;
        request.sense_capacity = sizeof(sense);
        probe_execute(&host, &request);
        assert_int_equal(probe_find(&host, ProbeStartIo, TAG, 0)->SenseLength, rows[i / 2].offered);
        assert_int_equal(request.sense_length, rows[i / 2].offered);
        probe_close(&host);
    }
}

static void io_timeout_value_is_what_requests_without_a_time_have(void **state)
{
    static const struct {
        uint32_t value, seconds;
    } rows[] = {{77, 77}, {0, 60}, {65536, 60}};

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        set(PARAMETERS, "IoTimeoutValue", rows[i].value);
        probe_open(&host, "model:scratch", "");
        probe_script(&request, host.unit, (PROBE_SCRIPT){.Tag = TAG});
        probe_execute(&host, &request);
        assert_int_equal(probe_find(&host, ProbeStartIo, TAG, 0)->TimeOutValue, rows[i].seconds);
        probe_close(&host);
    }
}

/* When the time is over requests go to the driver again, and one that says LINK_DOWN is sent again
 * as often as a busy one, then goes up. */
static void link_down_timeout_value_bounds_how_long_requests_wait_for_the_link(void **state)
{
    (void)state;
    set(FOR_ALL, "BusyPauseTime", 1);
    set(FOR_ALL, "BusyRetryCount", 2);
    probe_open(&host, "model:scratch", "LinkDownTimeoutValue=1");
    probe_script(&request, host.unit, (PROBE_SCRIPT){.StartAction = ProbeDoLinkDown});
    probe_execute(&host, &request);
    uint64_t start = sys_now_ns();
    probe_script(&request, host.unit,
                 (PROBE_SCRIPT){.SrbStatus = SRB_LINK_DOWN, .Times = 100, .Tag = TAG});
    probe_execute(&host, &request);
    assert_true(sys_now_ns() - start >= SYS_NS_PER_S);
    assert_int_equal(request.srb_status, SRB_LINK_DOWN);
    assert_int_equal(probe_count(&host, ProbeStartIo, TAG), 3);
    probe_close(&host);
}

/* New requests wait while one is older than the cap, and go on when it is back. */
static void io_latency_cap_holds_requests_back_behind_a_slow_one(void **state)
{
    uint64_t deadline;

    (void)state;
    set(PARAMETERS, "IoLatencyCap", 50);
    probe_prepare(&host);
    host.shared->PresentUnits = 3;
    assert_int_equal(probe_try(&host, "model:scratch", "Units=2"), 0);
    struct port_unit *other = port_unit_get(host.adapter, 1);
    probe_script(&kept, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever});
    probe_submit(&host, &kept);
    deadline = sys_now_ns() + 20 * SYS_NS_PER_S;
    while (!(__atomic_load_n(&host.unit->attention.gates, __ATOMIC_ACQUIRE) & PORT_GATE_LATENCY)) {
        assert_true(sys_now_ns() < deadline);
        sys_thread_yield();
    }
    static struct port_request later;
    probe_script(&later, host.unit, (PROBE_SCRIPT){.Tag = LATER});
    probe_submit(&host, &later);
    probe_script(&request, other, (PROBE_SCRIPT){.StartAction = ProbeDoRelease});
    assert_int_equal(probe_count(&host, ProbeBuildIo, LATER), 0);
    probe_execute(&host, &request); /* another unit's queue is not concerned */
    probe_finish(&host);
    assert_true(probe_succeeded(&later));
    port_unit_release(other);
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(busy_pause_time_of_a_unit_overrides_that_of_the_driver),
        probe_test(busy_retry_count_bounds_the_attempts_or_not),
        probe_test(queue_full_waits_for_the_percentage_that_is_set),
        probe_test(number_of_requests_lowers_what_the_driver_takes),
        probe_test(maximum_logical_unit_bounds_what_is_searched),
        probe_test(maximum_sg_list_is_what_find_adapter_begins_with),
        probe_test(total_sense_data_bytes_is_what_the_driver_is_offered),
        probe_test(io_timeout_value_is_what_requests_without_a_time_have),
        probe_test(link_down_timeout_value_bounds_how_long_requests_wait_for_the_link),
        probe_test(io_latency_cap_holds_requests_back_behind_a_slow_one),
    };

    return probe_run(argc, argv, tests);
}

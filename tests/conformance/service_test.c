/*
 * service_test.c - virtual miniports beyond their disks (callbacks' reference, section 4): service
 * requests and who ends them, dispatch routines that the driver has wrapped.
 */
#include "../driver_file.h"
#include "nt/bugcheck.h"
#include "patience.h"
#include "probe_host.h"

#include "../miniports/service/service_protocol.h"
#include <ntddscsi.h>
#include <storport.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct port_driver *driver;
static struct port_adapter *adapter;
static SERVICE_SHARED shared;
static char reason[512];

static int load(const char *extra)
{
    char texts[3][96], path[4096];
    const char *settings[] = {texts[0], texts[1], texts[2]};
    struct port_adapter_options options = {.device = "none"};

    driver_file(path, sizeof(path), "TEST_MODULES", "service");
    snprintf(texts[0], sizeof(texts[0]), "Parameters\\SharedLow=%u", (uint32_t)(uintptr_t)&shared);
    snprintf(texts[1], sizeof(texts[1]), "Parameters\\SharedHigh=%u",
             (uint32_t)((uintptr_t)&shared >> 32));
    snprintf(texts[2], sizeof(texts[2]), "Parameters\\%s", extra ? extra : "NoService=0");
    struct port_driver_options driver_options = {
        .path = path, .settings = settings, .setting_count = 3};
    int error = port_driver_load(&driver, &driver_options, reason, sizeof(reason));
    if (error)
        fprintf(stderr, "%s\n", reason);
    assert_int_equal(error, 0);
    return port_adapter_start(&adapter, driver, &options, reason, sizeof(reason));
}

static void open_service(void)
{
    memset(&shared, 0, sizeof(shared));
    shared.RefusePnp = -1;
    assert_int_equal(load(NULL), 0);
}

static void close_service(void)
{
    if (adapter)
        assert_int_equal(port_adapter_stop(adapter, reason, sizeof(reason)), 0);
    adapter = NULL;
    port_driver_unload(driver);
}

/* ---- requests ---- */

struct ask {
    SERVICE_COMMAND command;
    size_t length;
    uint32_t status;
    uint32_t done;
    struct sys_thread *thread;
};

static void ask_now(struct ask *ask)
{
    struct port_control_code control = {
        .code = IOCTL_MINIPORT_PROCESS_SERVICE_IRP,
        .input = &ask->command,
        .input_length = sizeof(ask->command),
        .output = &ask->command,
        .output_length = sizeof(ask->command),
        .ret_length = &ask->length,
    };

    ask->status = port_adapter_control(adapter, NULL, &control);
}

static void ask_thread(void *context)
{
    struct ask *asked = context;

    ask_now(asked);
    __atomic_store_n(&asked->done, 1, __ATOMIC_RELEASE);
}

/* The end of a request that was asked for in a thread. */
static void finish(struct ask *asked)
{
    uint64_t deadline = patience_deadline_ns(60);

    while (!__atomic_load_n(&asked->done, __ATOMIC_ACQUIRE)) {
        patience_check(deadline);
        sys_delay_ns(SYS_NS_PER_MS / 10);
    }
    sys_thread_join(asked->thread);
}

static struct ask ask(unsigned command, int argument, const char *text)
{
    struct ask asked = {.command = {.Command = command, .Argument = argument}};

    snprintf(asked.command.Text, sizeof(asked.command.Text), "%s", text);
    assert_int_equal(nt_thread_create(&asked.thread, "asks", ask_thread, &asked), 0);
    finish(&asked);
    return asked;
}

static void wait_for(const volatile LONG *count, LONG value)
{
    uint64_t deadline = patience_deadline_ns(20);

    while (__atomic_load_n(count, __ATOMIC_ACQUIRE) != value) {
        patience_check(deadline);
        sys_delay_ns(SYS_NS_PER_MS);
    }
}

/* Asks for something that stays, from a thread of its own. */
static void pend(struct ask *asked, LONG pending)
{
    *asked = (struct ask){.command = {.Command = ServicePend}};
    assert_int_equal(nt_thread_create(&asked->thread, "asks", ask_thread, asked), 0);
    wait_for(&shared.Pending, pending);
    assert_int_equal(__atomic_load_n(&asked->done, __ATOMIC_ACQUIRE), 0);
}

static void a_service_request_is_answered_with_the_drivers_bytes(void **state)
{
    (void)state;
    open_service();
    struct ask asked = ask(ServiceReverse, 0, "storport");
    assert_int_equal(asked.status, STATUS_SUCCESS);
    assert_int_equal(asked.length, sizeof(SERVICE_COMMAND));
    assert_string_equal(asked.command.Text, "tropro"
                                            "ts");
    assert_int_equal(shared.Received, 1);
    assert_int_equal(shared.Irql, NT_PASSIVE_LEVEL);
    close_service();
}

static void a_thread_of_the_driver_completes_a_service_request(void **state)
{
    (void)state;
    open_service();
    struct ask asked = ask(ServiceByWorker, 0, "abc");
    assert_int_equal(asked.status, STATUS_SUCCESS);
    assert_string_equal(asked.command.Text, "cba");
    close_service();
}

static void a_pended_service_request_waits_until_the_driver_ends_it(void **state)
{
    struct ask first, second;

    (void)state;
    open_service();
    pend(&first, 1);
    pend(&second, 2);
    assert_int_equal(ask(ServiceRelease, 0, "").command.Result, 1);
    finish(&first);
    assert_int_equal(first.status, STATUS_SUCCESS);
    assert_int_equal(__atomic_load_n(&second.done, __ATOMIC_ACQUIRE), 0);
    assert_int_equal(ask(ServiceRelease, (int)STATUS_ACCESS_DENIED, "").command.Result, 1);
    finish(&second);
    assert_int_equal(second.status, (uint32_t)STATUS_ACCESS_DENIED);
    assert_int_equal(second.length, 0);
    close_service();
}

static void a_cancelled_service_request_ends_in_its_cancel_routine(void **state)
{
    struct ask asked;

    (void)state;
    open_service();
    pend(&asked, 1);
    assert_int_equal(ask(ServiceCancel, 0, "").command.Result, 1);
    finish(&asked);
    assert_int_equal(asked.status, (uint32_t)STATUS_CANCELLED);
    assert_int_equal(shared.Cancelled, 1);
    assert_int_equal(shared.Pending, 0);
    /* Nothing is left that a removal would have to end. */
    close_service();
    assert_int_equal(shared.AtRemoval, 0);
}

static void a_removal_asks_the_driver_to_end_what_it_has(void **state)
{
    struct ask first, second;

    (void)state;
    open_service();
    pend(&first, 1);
    pend(&second, 2);
    close_service();
    finish(&first);
    finish(&second);
    assert_int_equal(shared.AtRemoval, 2);
    assert_int_equal(first.status, (uint32_t)STATUS_NO_SUCH_DEVICE);
    assert_int_equal(second.status, (uint32_t)STATUS_NO_SUCH_DEVICE);
    assert_int_equal(nt_finding_count(), 0);
}

static void what_the_driver_forgets_at_removal_is_ended_and_found(void **state)
{
    struct ask asked;

    (void)state;
    open_service();
    shared.ForgetAtRemoval = 1;
    pend(&asked, 1);
    close_service();
    finish(&asked);
    assert_int_equal(asked.status, (uint32_t)STATUS_DELETE_PENDING);
    assert_int_equal(nt_finding_count(), 1);
}

static void completing_a_service_request_twice_is_refused_and_found(void **state)
{
    (void)state;
    open_service();
    assert_int_equal(ask(ServiceTwice, 0, "").status, STATUS_SUCCESS);
    assert_int_equal(ask(ServiceLast, 0, "").command.Result, STOR_STATUS_INVALID_PARAMETER);
    assert_int_equal(nt_finding_count(), 1);
    close_service();
}

static void only_service_requests_of_the_adapter_are_completed(void **state)
{
    (void)state;
    open_service();
    assert_int_equal(ask(ServiceNull, 0, "").command.Result, STOR_STATUS_INVALID_PARAMETER);
    assert_int_equal(nt_finding_count(), 0);
    assert_int_equal(ask(ServiceForeign, 0, "").command.Result, STOR_STATUS_INVALID_PARAMETER);
    assert_int_equal(nt_finding_count(), 1);
    close_service();
}

static void a_service_request_may_be_completed_at_dispatch_level(void **state)
{
    (void)state;
    open_service();
    assert_int_equal(ask(ServiceAbove, 0, "").status, STATUS_SUCCESS);
    close_service();
}

static void a_driver_sends_requests_to_itself(void **state)
{
    (void)state;
    open_service();
    struct ask asked = ask(ServiceToSelf, 0, "12345");
    assert_int_equal(asked.status, STATUS_SUCCESS);
    assert_int_equal(asked.command.Result, 0);
    assert_string_equal(asked.command.Text, "54321");
    assert_int_equal(shared.Received, 2);
    close_service();
}

static void the_requestor_of_a_service_request_is_this_process(void **state)
{
    (void)state;
    open_service();
    assert_int_equal(ask(ServiceRequestor, 0, "").command.Result, getpid());
    close_service();
}

static void short_buffers_reach_the_driver_as_they_are(void **state)
{
    SERVICE_COMMAND command = {.Command = ServiceReverse};
    size_t length = 7;
    struct port_control_code control = {
        .code = IOCTL_MINIPORT_PROCESS_SERVICE_IRP,
        .input = &command,
        .input_length = 3,
        .output = &command,
        .output_length = 2,
        .ret_length = &length,
    };

    (void)state;
    open_service();
    assert_int_equal(port_adapter_control(adapter, NULL, &control),
                     (uint32_t)STATUS_INVALID_PARAMETER);
    assert_int_equal(length, 0);
    assert_int_equal(shared.Received, 1);
    close_service();
}

static void without_the_callback_a_service_request_is_invalid(void **state)
{
    (void)state;
    memset(&shared, 0, sizeof(shared));
    shared.RefusePnp = -1;
    assert_int_equal(load("NoService=1"), 0);
    assert_int_equal(ask(ServiceReverse, 0, "").status, (uint32_t)STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(shared.Received, 0);
    close_service();
}

static void an_unknown_control_code_is_an_invalid_request(void **state)
{
    size_t length = 7;
    struct port_control_code control = {.code = 0x00222000, .ret_length = &length};

    (void)state;
    open_service();
    assert_int_equal(port_adapter_control(adapter, NULL, &control),
                     (uint32_t)STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(length, 0);
    close_service();
}

static void one_that_the_driver_ends_behind_storport_is_found_and_forgotten(void **state)
{
    (void)state;
    open_service();
    struct ask asked = ask(ServiceBehind, 0, "");
    assert_int_equal(asked.status, STATUS_SUCCESS);
    assert_int_equal(asked.length, sizeof(SERVICE_COMMAND));
    assert_int_equal(nt_finding_count(), 1);
    /* The removal has nothing to end. */
    close_service();
    assert_int_equal(nt_finding_count(), 1);
}

/* ---- stops ---- */

static int stop_now(void)
{
    return port_adapter_pnp_stop(adapter, reason, sizeof(reason));
}

static int restart_now(void)
{
    return port_adapter_pnp_restart(adapter, reason, sizeof(reason));
}

static int power_down_now(void)
{
    return port_adapter_power(adapter, 2, 0, reason, sizeof(reason));
}

static int power_up_now(void)
{
    return port_adapter_power(adapter, 0, 0, reason, sizeof(reason));
}

struct event {
    int (*routine)(void);
    int result;
    struct sys_thread *thread;
};

static void event_thread(void *context)
{
    struct event *event = context;

    event->result = event->routine();
}

static void wait_until_refused(void)
{
    uint64_t deadline = patience_deadline_ns(20);

    while (ask(ServiceReverse, 0, "").status != (uint32_t)STATUS_DEVICE_NOT_READY) {
        patience_check(deadline);
        sys_delay_ns(SYS_NS_PER_MS);
    }
}

static void a_stop_waits_for_service_requests_inside_and_lets_in_no_more(void **state)
{
    static int (*const events[][2])(void) = {{stop_now, restart_now},
                                             {power_down_now, power_up_now}};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct ask stays = {.command = {.Command = ServiceStay}};
        struct event event = {.routine = events[i][0]};
        open_service();
        assert_int_equal(nt_thread_create(&stays.thread, "stays", ask_thread, &stays), 0);
        wait_for(&shared.Inside, 1);
        assert_int_equal(nt_thread_create(&event.thread, "stops", event_thread, &event), 0);
        wait_until_refused();
        assert_int_equal(shared.Stops, 0);
        __atomic_store_n(&shared.MayLeave, 1, __ATOMIC_RELEASE);
        finish(&stays);
        sys_thread_join(event.thread);
        assert_int_equal(stays.status, STATUS_SUCCESS);
        assert_int_equal(event.result, 0);
        assert_int_equal(shared.Stops, 1);
        assert_int_equal(shared.InsideAtStop, 0);
        LONG received = shared.Received;
        assert_int_equal(ask(ServiceReverse, 0, "").status, (uint32_t)STATUS_DEVICE_NOT_READY);
        assert_int_equal(shared.Received, received);
        assert_int_equal(events[i][1](), 0);
        assert_int_equal(ask(ServiceReverse, 0, "").status, STATUS_SUCCESS);
        close_service();
    }
}

static void a_pended_service_request_outlives_a_stop(void **state)
{
    struct ask asked;

    (void)state;
    open_service();
    pend(&asked, 1);
    assert_int_equal(stop_now(), 0);
    assert_int_equal(__atomic_load_n(&asked.done, __ATOMIC_ACQUIRE), 0);
    assert_int_equal(restart_now(), 0);
    assert_int_equal(ask(ServiceRelease, 0, "").command.Result, 1);
    finish(&asked);
    assert_int_equal(asked.status, STATUS_SUCCESS);
    close_service();
}

/* ---- wrapped dispatch routines ---- */

static void a_driver_that_refuses_to_be_stopped_goes_on(void **state)
{
    (void)state;
    open_service();
    shared.RefusePnp = 0x05; /* IRP_MN_QUERY_STOP_DEVICE */
    shared.RefuseStatus = STATUS_UNSUCCESSFUL;
    assert_int_equal(stop_now(), -EIO);
    assert_int_equal(shared.Pnp[0x05], 1);
    assert_int_equal(shared.Pnp[0x04], 0);
    assert_int_equal(shared.Stops, 0);
    assert_int_equal(port_adapter_state(adapter, NULL), PORT_ADAPTER_RUNNING);
    assert_int_equal(ask(ServiceReverse, 0, "").status, STATUS_SUCCESS);
    shared.RefusePnp = -1;
    assert_int_equal(stop_now(), 0);
    assert_int_equal(restart_now(), 0);
    close_service();
}

static void a_power_request_names_the_device_state(void **state)
{
    (void)state;
    open_service();
    for (unsigned low = 1; low <= 3; low++) {
        assert_int_equal(port_adapter_power(adapter, low, 0, reason, sizeof(reason)), 0);
        assert_int_equal(shared.PowerState, PowerDeviceD0 + low);
        assert_int_equal(power_up_now(), 0);
        assert_int_equal(shared.PowerState, PowerDeviceD0);
    }
    close_service();
}

static uint32_t body_count;
static uint32_t body(void *context)
{
    body_count++;
    return *(uint32_t *)context;
}

static void what_the_driver_wraps_sees_the_requests_and_forwards_them(void **state)
{
    (void)state;
    open_service();
    assert_int_equal(shared.AddDevices, 1);
    ask(ServiceReverse, 0, "");
    assert_int_equal(shared.Created, 1);
    assert_int_equal(shared.Controls, 1);
    assert_int_equal(shared.Closed, 1);
    close_service();
    assert_int_equal(shared.Unloads, 1);
}

static void an_event_passes_the_wrapped_routine_and_runs_once(void **state)
{
    static const struct {
        enum port_irp event;
        bool power;
        unsigned minor;
    } events[] = {
        {PORT_IRP_QUERY_STOP, false, 0x05},   {PORT_IRP_STOP_DEVICE, false, 0x04},
        {PORT_IRP_QUERY_REMOVE, false, 0x01}, {PORT_IRP_SURPRISE_REMOVAL, false, 0x17},
        {PORT_IRP_SET_POWER_D3, true, 0x02},  {PORT_IRP_QUERY_BUS_RELATIONS, false, 0x07},
    };
    uint32_t status = (uint32_t)STATUS_DEVICE_BUSY;

    (void)state;
    open_service();
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        volatile LONG *count =
            events[i].power ? &shared.Power[events[i].minor] : &shared.Pnp[events[i].minor];
        LONG before = *count;
        body_count = 0;
        assert_int_equal(adapter->model->send(adapter, events[i].event, body, &status), status);
        assert_int_equal(body_count, 1);
        assert_int_equal(*count, before + 1);
    }
    assert_int_equal(nt_finding_count(), 0);
    close_service();
}

static void invalid_relations_are_asked_for_again(void **state)
{
    (void)state;
    open_service();
    LONG before = shared.Pnp[0x07];
    assert_int_equal(ask(ServiceInvalidate, 0, "").status, STATUS_SUCCESS);
    wait_for(&shared.Pnp[0x07], before + 1);
    close_service();
}

static void an_event_that_the_wrapped_routine_ends_does_not_happen(void **state)
{
    uint32_t status = STATUS_SUCCESS;

    (void)state;
    open_service();
    shared.RefusePnp = 0x01; /* IRP_MN_QUERY_REMOVE_DEVICE */
    shared.RefuseStatus = STATUS_UNSUCCESSFUL;
    body_count = 0;
    assert_int_equal(adapter->model->send(adapter, PORT_IRP_QUERY_REMOVE, body, &status),
                     (uint32_t)STATUS_UNSUCCESSFUL);
    assert_int_equal(body_count, 0);
    assert_int_equal(adapter->model->send(adapter, PORT_IRP_QUERY_STOP, body, &status), status);
    assert_int_equal(body_count, 1);
    close_service();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(a_service_request_is_answered_with_the_drivers_bytes),
        probe_test(a_thread_of_the_driver_completes_a_service_request),
        probe_proves(a_pended_service_request_waits_until_the_driver_ends_it,
                     "StorPortCompleteServiceIrp"),
        probe_proves(a_cancelled_service_request_ends_in_its_cancel_routine, "IoCancelIrp"),
        probe_test(a_removal_asks_the_driver_to_end_what_it_has),
        probe_test(what_the_driver_forgets_at_removal_is_ended_and_found),
        probe_proves(completing_a_service_request_twice_is_refused_and_found,
                     "StorPortCompleteServiceIrp"),
        probe_proves(only_service_requests_of_the_adapter_are_completed,
                     "StorPortCompleteServiceIrp"),
        probe_test(a_service_request_may_be_completed_at_dispatch_level),
        probe_test(one_that_the_driver_ends_behind_storport_is_found_and_forgotten),
        probe_test(a_stop_waits_for_service_requests_inside_and_lets_in_no_more),
        probe_test(a_pended_service_request_outlives_a_stop),
        probe_test(a_driver_that_refuses_to_be_stopped_goes_on),
        probe_test(a_power_request_names_the_device_state),
        probe_proves(a_driver_sends_requests_to_itself, "IoBuildDeviceIoControlRequest"),
        probe_proves(the_requestor_of_a_service_request_is_this_process, "IoGetRequestorProcessId"),
        probe_test(short_buffers_reach_the_driver_as_they_are),
        probe_test(without_the_callback_a_service_request_is_invalid),
        probe_test(an_unknown_control_code_is_an_invalid_request),
        probe_test(what_the_driver_wraps_sees_the_requests_and_forwards_them),
        probe_test(an_event_passes_the_wrapped_routine_and_runs_once),
        probe_proves(invalid_relations_are_asked_for_again, "IoInvalidateDeviceRelations"),
        probe_test(an_event_that_the_wrapped_routine_ends_does_not_happen),
    };

    return probe_run(argc, argv, tests);
}

/*
 * lifecycle_test.c - an adapter's life in the simulator: two clients keep requests under way while
 * a third thread stops, restarts, powers, rescans and resets the adapter, and in the end removes it
 * in one way or another. The seed chooses the device, the requests, the events and who runs when.
 *
 * Arguments: the first seed and how many. Without them a few, and each twice, because one seed has
 * to give one order of events.
 */
#include "../driver_file.h"
#include "nt/bugcheck.h"
#include "nt/events.h"
#include "nt/machine.h"
#include "nt/print.h"
#include "nt/thread.h"
#include "port/adapter.h"

#include "../miniports/probe/probe_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CLIENTS = 2,
    DEPTH = 4,
    REQUESTS = 150, /* of each client */
    EVENTS = 16,
    RARELY = 24,
    GAPS = 6,
    SRB_BUS_RESET = 0x0E,
    PAUSE_MAX_MS = 30,
    DEFAULT_SEEDS = 12,
    CONTROL_STOP = 1,
    CONTROL_RESTART = 2,
    CONTROL_POWER = 6,
    CONTROL_REQUIRED = 7,
    CONTROL_ACTIVE = 8,
    CONTROL_FSTATE = 9,
    UNIT_POWER = 3,
    UNIT_ACTIVE = 6,
    POWER_D0 = 1,
    GAP_MAX_MS = 60, /* between requests of a client that pauses: components go idle and sleep */
};

struct client {
    struct port_unit *unit;
    struct port_queue *queue;
    struct port_request requests[DEPTH];
    unsigned submitted, done, refused;
    bool gap; /* it sends nothing for a while */
};

static struct {
    struct port_driver *driver;
    struct port_adapter *adapter;
    PROBE_SHARED *shared;
    struct client clients[CLIENTS];
    uint32_t choice;
    uint32_t ending; /* __atomic: requests may fail from now on */
    char wrong[256];
} life;

static void quiet(void *context, const char *line)
{
    (void)context;
    (void)line;
}

/* Of the events and of what is sent; what runs when is the simulator's choice. */
static uint32_t choose(uint32_t below)
{
    life.choice = life.choice * 1664525 + 1013904223;
    return (life.choice >> 8) % below;
}

static void complain(const char *format, int value)
{
    if (!life.wrong[0])
        snprintf(life.wrong, sizeof(life.wrong), format, value);
}

/* ---- clients ---- */

static void submit(struct client *client, struct port_request *request)
{
    static const UCHAR places[] = {ProbeInStartIo, ProbeInDpc, ProbeInTimer, ProbeInWorker,
                                   ProbeInTimerEx};
    static const UCHAR rare[] = {ProbeInRefusal, ProbeInNever};
    PROBE_SCRIPT script = {
        .OperationCode = PROBE_OP_SCRIPT,
        .CompleteIn = choose(RARELY) ? places[choose(sizeof(places))] : rare[choose(sizeof(rare))],
        .Tag = (UCHAR)(1 + choose(PROBE_TAGS - 1)), /* 0 counts no attempts */
    };

    if (script.CompleteIn == ProbeInRefusal)
        script.Times = 1;
    client->submitted++;
    *request = (struct port_request){
        .unit = client->unit,
        .done = request->done,
        .function = PORT_EXECUTE_SCSI,
        .flags = PORT_FLAG_NO_FREEZE,
        .timeout_s = 1,
        .cdb_length = sizeof(script),
    };
    memcpy(request->cdb, &script, sizeof(script));
    port_submit(client->queue, request);
}

static struct client *client_of(const struct port_request *request)
{
    return (const char *)request >= (const char *)&life.clients[1] ? &life.clients[1]
                                                                   : &life.clients[0];
}

/* The driver lost it: a reset has ended it, or its removal. */
static bool was_lost(const struct port_request *request)
{
    const PROBE_SCRIPT *script = (const PROBE_SCRIPT *)request->cdb;

    return script->CompleteIn == ProbeInNever &&
           (request->status == PORT_TIMED_OUT ||
            (request->status == PORT_OK && request->srb_status == SRB_BUS_RESET));
}

static void done(struct port_request *request)
{
    struct client *client = client_of(request);
    bool ending = __atomic_load_n(&life.ending, __ATOMIC_SEQ_CST);

    client->done++;
    if (choose(GAPS) == 0)
        client->gap = true;
    if (request->status == PORT_NO_DEVICE && ending)
        client->refused++;
    else if ((request->status != PORT_OK || request->srb_status != 1) && !was_lost(request))
        complain("a request failed, status and SRB status 0x%04X",
                 request->status << 8 | request->srb_status);
    if (client->submitted < REQUESTS && !client->refused)
        submit(client, request);
}

static void client_run(void *context)
{
    struct client *client = context;

    for (unsigned i = 0; i < DEPTH; i++) {
        client->requests[i].done = done;
        submit(client, &client->requests[i]);
    }
    while (port_queue_outstanding(client->queue)) {
        port_wait(client->queue, SYS_FOREVER);
        if (!client->gap)
            continue;
        client->gap = false;
        /* What the callbacks have submitted meanwhile finishes during it. */
        sys_delay_ns(choose(GAP_MAX_MS) * SYS_NS_PER_MS);
    }
}

/* ---- events ---- */

static char reason[512];

static void expect(const char *what, int error)
{
    char line[128];

    snprintf(line, sizeof(line), "%s: %%d", what);
    if (error) {
        fprintf(stderr, "%s\n", reason);
        complain(line, error);
    }
}

static void pause_shortly(void)
{
    sys_delay_ns(choose(PAUSE_MAX_MS) * SYS_NS_PER_MS);
}

static void event_run(void)
{
    struct port_adapter *adapter = life.adapter;

    switch (choose(6)) {
    case 4:
        port_runtime_idle_now(adapter);
        break;
    case 5: /* a reference of the driver */
        if (port_component_is_registered(&adapter->component)) {
            (void)port_component_activate(adapter, &adapter->component);
            pause_shortly();
            (void)port_component_idle(adapter, NULL);
        }
        break;
    case 0:
        expect("stop", port_adapter_pnp_stop(adapter, reason, sizeof(reason)));
        pause_shortly();
        expect("restart", port_adapter_pnp_restart(adapter, reason, sizeof(reason)));
        break;
    case 1:
        expect("power down", port_adapter_power(adapter, 1 + choose(3), 0, reason, sizeof(reason)));
        pause_shortly();
        expect("power up", port_adapter_power(adapter, 0, 0, reason, sizeof(reason)));
        break;
    case 2:
        /* A second unit comes and goes. */
        __atomic_store_n(&life.shared->PresentUnits, choose(2) ? 1 : 3, __ATOMIC_SEQ_CST);
        port_adapter_rescan(adapter);
        break;
    default:
        pause_shortly();
    }
}

static void end_of_life(void)
{
    switch (choose(3)) {
    case 0:
        __atomic_store_n(&life.ending, 1, __ATOMIC_SEQ_CST);
        expect("removal", port_adapter_pnp_remove(life.adapter, reason, sizeof(reason)));
        break;
    case 1:
        __atomic_store_n(&life.ending, 1, __ATOMIC_SEQ_CST);
        expect("surprise removal",
               port_adapter_surprise_remove(life.adapter, reason, sizeof(reason)));
        break;
    default:
        break; /* the clients finish, then it is stopped */
    }
}

/* ---- what must hold afterwards ---- */

static bool starts_again(const PROBE_ROW *row)
{
    return row->Callback == ProbeFindAdapter ||
           (row->Callback == ProbeAdapterControl && row->Detail == CONTROL_RESTART) ||
           (row->Callback == ProbeAdapterControl && row->Detail > CONTROL_RESTART);
}

/* From the return of ScsiStopAdapter to the next start nothing of the driver is called, but what
 * ends a virtual adapter. */
static void check_rows(void)
{
    bool stopped = false;
    LONG count = life.shared->Rows < PROBE_ROWS ? life.shared->Rows : PROBE_ROWS;

    for (LONG i = 0; i < count; i++) {
        const PROBE_ROW *row = &life.shared->Row[i];
        if (starts_again(row))
            stopped = false;
        if (stopped && row->Callback % ProbeLeave < ProbeCallbackCount &&
            row->Callback % ProbeLeave != ProbeCompleteServiceIrp &&
            row->Callback % ProbeLeave != ProbeFreeAdapterResources)
            complain("callback %d of a stopped adapter", (int)row->Callback);
        if (row->Callback == ProbeAdapterControl + ProbeLeave && row->Detail == CONTROL_STOP)
            stopped = true;
        if (row->DeviceExtension != life.shared->Row[0].DeviceExtension)
            complain("row %d has another device extension", i);
    }
}

/* Requests reach StartIo only while their unit and the adapter are active and in D0, unless they
 * belong to the way to or from D3, or to the adapter's own life. */
static void check_power(void)
{
    bool active = true, awake = true, unit_active = true, unit_awake = true;
    LONG count = life.shared->Rows < PROBE_ROWS ? life.shared->Rows : PROBE_ROWS;

    for (LONG i = 0; i < count; i++) {
        const PROBE_ROW *row = &life.shared->Row[i];
        bool first_unit = (row->Detail >> 16) == 0;
        unsigned type = row->Detail & 0xFFFF;
        if (row->Callback == ProbeFindAdapter)
            active = awake = unit_active = unit_awake = true;
        if (row->Callback == ProbeAdapterControl + ProbeLeave && row->Detail == CONTROL_ACTIVE)
            active = row->Result;
        if (row->Callback == ProbeAdapterControl + ProbeLeave && row->Detail == CONTROL_POWER)
            awake = (row->Result & 0xFF) == POWER_D0;
        if (row->Callback == ProbeUnitControl + ProbeLeave && first_unit && type == UNIT_ACTIVE)
            unit_active = row->Result;
        if (row->Callback == ProbeUnitControl + ProbeLeave && first_unit && type == UNIT_POWER)
            unit_awake = (row->Result & 0xFF) == POWER_D0;
        if (row->Callback == ProbeStartIo && row->Opcode == PROBE_OP_SCRIPT &&
            row->Function == SRB_FUNCTION_EXECUTE_SCSI &&
            !(active && awake && unit_active && unit_awake))
            complain("row %d: a request reached a driver that was not powered for it", i);
    }
}

static void check_clients(void)
{
    for (unsigned i = 0; i < CLIENTS; i++) {
        const struct client *client = &life.clients[i];
        if (client->done != client->submitted)
            complain("%d requests lost", (int)(client->submitted - client->done));
        if (!client->refused && client->submitted != REQUESTS)
            complain("a client ended after %d requests", (int)client->submitted);
    }
}

/* ---- a machine a seed ---- */

static int bring_up(void)
{
    char path[4096], low[64], high[64], controls_setting[64], timeout_setting[64];
    uint64_t shared = (uintptr_t)life.shared;
    /* Half of the drivers register for runtime power management: what they do when they sleep. */
    static const char *const powers[] = {
        "Parameters\\Device\\Power=0", "Parameters\\Device\\Power=3", "Parameters\\Device\\Power=1",
        "Parameters\\Device\\Power=2", "Parameters\\Device\\Power=3", "Parameters\\Device\\Power=3",
        "Parameters\\Device\\Power=0",
    };
    bool by_control = choose(2);
    unsigned controls = 1 << CONTROL_STOP | (unsigned)(choose(4) != 0) << CONTROL_RESTART |
                        (unsigned)by_control << CONTROL_POWER | 1 << CONTROL_REQUIRED |
                        1 << CONTROL_ACTIVE | 1 << CONTROL_FSTATE;
    snprintf(controls_setting, sizeof(controls_setting), "Parameters\\Device\\AdapterControls=%u",
             controls);
    snprintf(timeout_setting, sizeof(timeout_setting), "Parameters\\Device\\PowerTimeout=%u",
             choose(40));
    const char *settings[] = {
        low,
        high,
        "Parameters\\Device\\Units=4",
        choose(2) ? "Parameters\\Device\\Duplex=1" : "Parameters\\Device\\Duplex=0",
        powers[choose(sizeof(powers) / sizeof(powers[0]))],
        controls_setting,
        timeout_setting,
        "Parameters\\Device\\UnitControls=760", /* power, and what belongs to it; removal */
        "Parameters\\Device\\PowerFlags=272",   /* an idle time-out, and no debounce */
        "Parameters\\Device\\PowerStates=3",
        "Parameters\\Device\\UnitPowerStates=2",
        "Parameters\\Device\\PowerResidency=30000",
        choose(2) ? "Parameters\\Device\\PowerDeepest=0"
                  : "Parameters\\Device\\PowerDeepest=4294967295",
    };

    driver_file(path, sizeof(path), "TEST_MODULES", "probe");
    snprintf(low, sizeof(low), "Parameters\\Device\\SharedLow=%u", (uint32_t)shared);
    snprintf(high, sizeof(high), "Parameters\\Device\\SharedHigh=%u", (uint32_t)(shared >> 32));
    snprintf(reason, sizeof(reason), "the machine did not start");
    return nt_machine_start(&(struct nt_machine_options){.processor_count = CLIENTS}) ||
           port_driver_load(&life.driver,
                            &(struct port_driver_options){.path = path,
                                                          .settings = settings,
                                                          .setting_count = sizeof(settings) /
                                                                           sizeof(settings[0])},
                            reason, sizeof(reason)) ||
           port_adapter_start(&life.adapter, life.driver,
                              &(struct port_adapter_options){
                                  .device = choose(2) ? "model:scratch" : "none", .event = quiet},
                              reason, sizeof(reason));
}

static void live(void)
{
    struct sys_thread *threads[CLIENTS];

    for (unsigned i = 0; i < CLIENTS; i++) {
        life.clients[i].unit = port_unit_get(life.adapter, 0);
        if (port_queue_create(&life.clients[i].queue) ||
            nt_thread_create(&threads[i], "client", client_run, &life.clients[i]))
            abort();
    }
    for (unsigned i = 0; i < EVENTS; i++)
        event_run();
    end_of_life();
    for (unsigned i = 0; i < CLIENTS; i++) {
        sys_thread_join(threads[i]);
        port_queue_destroy(life.clients[i].queue);
        port_unit_release(life.clients[i].unit);
    }
    expect("stop for good", port_adapter_stop(life.adapter, reason, sizeof(reason)));
    port_driver_unload(life.driver);
}

/* Prints what went wrong and returns non-zero, or leaves the hash in *context. */
static int run_machine(void *context)
{
    life.choice = (uint32_t)sys_seed() * 2654435761u;
    life.shared = calloc(1, sizeof(*life.shared));
    if (!life.shared)
        return 1;
    life.shared->PresentUnits = 1;
    if (bring_up()) {
        fprintf(stderr, "%s\n", reason);
        return 1;
    }
    nt_events_enable(true);
    live();
    *(uint64_t *)context = nt_events_hash();
    nt_events_enable(false);
    check_clients();
    check_rows();
    check_power();
    if (life.shared->ListComplaints)
        complain("the driver complained %d times", life.shared->ListComplaints);
    if (nt_finding_count())
        complain("%d findings", (int)nt_finding_count());
    if (life.wrong[0])
        fprintf(stderr, "seed %" PRIu64 ": %s\n", sys_seed(), life.wrong);
    free(life.shared);
    port_finalize();
    nt_machine_stop(NULL);
    return life.wrong[0] != 0;
}

/* In a process of its own: a process is one machine. */
static bool run_seed(uint64_t seed, uint64_t *ret_hash)
{
    uint64_t hash = 0;
    int ends[2], status;

    if (pipe(ends))
        return false;
    pid_t child = fork();
    if (child == 0) {
        nt_print_set_sink(quiet, NULL);
        alarm(60); /* a run that hangs is a failure of that seed */
        if (sys_start(&(struct sys_options){.seed = seed}) || sys_run(run_machine, &hash) ||
            write(ends[1], &hash, sizeof(hash)) != sizeof(hash))
            _exit(1);
        _exit(0);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], ret_hash, sizeof(*ret_hash));
    close(ends[0]);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return false;
    return got == sizeof(*ret_hash) && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
    uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : DEFAULT_SEEDS;
    bool twice = argc < 3;
    unsigned failures = 0;

    printf("1..%" PRIu64 "\n", count);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t seed = first + i, hash = 0, again = 0;
        bool good = run_seed(seed, &hash) && (!twice || (run_seed(seed, &again) && hash == again));
        printf("%s %" PRIu64 " - seed %" PRIu64 ", event hash %016" PRIx64 "\n",
               good ? "ok" : "not ok", i + 1, seed, hash);
        fflush(stdout);
        failures += !good;
    }
    return failures != 0;
}

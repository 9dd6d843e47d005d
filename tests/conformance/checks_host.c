/*
 * checks_host.c - see checks_host.h.
 */
#include "checks_host.h"
#include "../driver_file.h"

#include "patience.h"

#include "nt/print.h"
#include "nt/registry.h"
#include "nt/time_zone.h"
#include "storport/adapter.h"
#include "trace/trace.h"

#include <ntddscsi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    TIMEOUT_S = 5,   /* of a request whose place is never reached */
    PATIENCE_S = 10, /* of a check */
    HANGS_S = 100,   /* a request that has not ended then, by its time-out and resets */
    CHILD_S = 120,   /* of a process of its own: what hangs fails */
    SRB_SUCCESS = 1,
    SETTINGS = 7,
    SETTING_BYTES = 96,
};

const char *const checks_place_names[CheckPlaceCount] = {
#define PLACE_NAME(Name) #Name,
    CHECK_PLACES(PLACE_NAME)
#undef PLACE_NAME
};

static const uint64_t message_places =
    CHECKS_PLACE(Message) | CHECKS_PLACE(MessageLocked) | CHECKS_PLACE(OtherMessage);
static const uint64_t physical_places = CHECKS_PLACE(BuildIo) | CHECKS_PLACE(Interrupt);
static const uint64_t virtual_places =
    CHECKS_PLACE(FreeResources) | CHECKS_PLACE(ServiceRequest) | CHECKS_PLACE(CompleteServiceIrp) |
    CHECKS_PLACE(InitializeTracing) | CHECKS_PLACE(CleanupTracing);
/* The others are reached by starting, resetting and stopping. */
const uint64_t checks_request_places =
    CHECKS_PLACE(BuildIo) | CHECKS_PLACE(StartIo) | CHECKS_PLACE(Interrupt) |
    CHECKS_PLACE(Message) | CHECKS_PLACE(Dpc) | CHECKS_PLACE(Timer) | CHECKS_PLACE(TimerEx) |
    CHECKS_PLACE(StateChange) | CHECKS_PLACE(WorkItem) | CHECKS_PLACE(Thread) |
    CHECKS_PLACE(Synchronized) | CHECKS_PLACE(DpcLocked) | CHECKS_PLACE(StartIoLocked) |
    CHECKS_PLACE(InterruptLocked) | CHECKS_PLACE(MessageLocked) | CHECKS_PLACE(OtherMessage) |
    CHECKS_PLACE(RegistryNotification);

CHECK_SHARED *checks_shared;
static char said[16384], reported[8192], leaked[2048];
static struct sys_mutex said_mutex;

/* ---- what the module asks ---- */

static void keep(char *text, size_t size, const char *line)
{
    sys_mutex_lock(&said_mutex);
    size_t length = strlen(text);
    snprintf(text + length, size - length, "%s\n", line);
    sys_mutex_unlock(&said_mutex);
}

static void keep_said(void *context, const char *line)
{
    (void)context;
    keep(said, sizeof(said), line);
}

static void keep_reported(void *context, const char *line)
{
    (void)context;
    keep(reported, sizeof(reported), line);
}

static void keep_leak(const char *line)
{
    keep(leaked, sizeof(leaked), line);
}

static bool contains(const char *text, const char *part)
{
    sys_mutex_lock(&said_mutex);
    bool found = strstr(text, part) != NULL;
    sys_mutex_unlock(&said_mutex);
    return found;
}

static ULONGLONG NTAPI finding_count(VOID)
{
    return nt_finding_count();
}

static BOOLEAN NTAPI was_printed(const CHAR *text)
{
    return contains(said, text);
}

static BOOLEAN NTAPI was_reported(const CHAR *text)
{
    return contains(reported, text);
}

const char *checks_leaked(void)
{
    return leaked;
}

static VOID NTAPI end_at_once(VOID)
{
    _exit(1);
}

const char *checks_said(void)
{
    return said;
}

/* ---- what a thread holds of an adapter ---- */

static ULONG holds_interrupts(const struct storport_adapter *adapter, const struct nt_thread *self)
{
    unsigned held = 0;

    for (unsigned i = 0; i < adapter->lock_count; i++)
        held += nt_spinlock_held_by(&adapter->port->interrupt_locks[i], self);
    return held == 0                     ? 0
           : held == adapter->lock_count ? CHECK_HOLDS_INTERRUPT
                                         : CHECK_HOLDS_MESSAGE;
}

static ULONG holds_channels(const struct storport_adapter *adapter, const struct nt_thread *self)
{
    unsigned held = 0;

    for (unsigned i = 0; i < adapter->channel_count; i++)
        held += nt_spinlock_held_by(&adapter->channels[i].token, self);
    return held == 0                        ? 0
           : held == adapter->channel_count ? CHECK_HOLDS_CHANNELS
                                            : CHECK_HOLDS_CHANNEL;
}

static ULONG NTAPI holds(PVOID extension)
{
    const struct storport_adapter *adapter = storport_of(extension);
    const struct nt_thread *self = nt_self();
    ULONG bits = holds_interrupts(adapter, self) | holds_channels(adapter, self);

    if (nt_spinlock_held_by(&adapter->start_lock, self))
        bits |= CHECK_HOLDS_START_IO;
    return self->locks_held && !bits ? CHECK_HOLDS_ANYTHING : bits;
}

/* ---- a machine with the module on one adapter ---- */

unsigned checks_processors(void)
{
    const char *count = getenv("TEST_PROCESSORS");

    return count ? (unsigned)strtoul(count, NULL, 10) : 2;
}

static LONG NTAPI node_of(const VOID *memory)
{
    return nt_node_of_memory(memory);
}

static void tell_topology(void)
{
    const struct nt_topology *topology = nt_topology();
    CHECK_TOPOLOGY *told = &checks_shared->Topology;

    told->Processors = topology->processor_count;
    told->Groups = topology->group_count;
    told->Nodes = topology->node_count;
    told->NodeOf = node_of;
    for (unsigned i = 0; i < topology->processor_count; i++) {
        const struct nt_place *place = &topology->places[i];
        told->Processor[i].Group = place->group;
        told->Processor[i].Node = place->node;
        told->Processor[i].Package = place->package;
        told->Processor[i].Die = place->die;
        told->Processor[i].Module = place->module;
        told->Processor[i].Core = place->core;
        told->Processor[i].Number = place->number;
        told->Processor[i].Efficiency = place->efficiency;
    }
}

static const char *usual_topology;

void checks_set_topology(const char *text)
{
    usual_topology = text;
}

static void machine_up(bool aimed_messages)
{
    struct nt_machine_options options = {.processor_count = checks_processors(),
                                         .aimed_messages = aimed_messages};
    const char *asked = getenv("TEST_TOPOLOGY");
    const char *topology = asked ? asked : usual_topology;
    static struct nt_topology made;
    char reason[256];

    said[0] = reported[0] = leaked[0] = 0;
    if (topology) {
        if (nt_topology_make(&made, topology, 0, reason, sizeof(reason)))
            fail_msg("%s", reason);
        options.topology = &made;
    }
    assert_int_equal(trace_set_wanted("verbose"), 0);
    nt_print_set_sink(keep_said, NULL);
    assert_int_equal(sys_start(&(struct sys_options){.seed = 1}), 0);
    assert_int_equal(nt_machine_start(&options), 0);
    assert_int_equal(nt_registry_set_dword("Control\\TimeZoneInformation", "ActiveTimeBias",
                                           (uint32_t)CHECK_TIME_BIAS),
                     0);
    assert_int_equal(nt_time_zone_read(), 0);
    /* So that DbgPrint is seen, which on Windows is for who wants it. */
    assert_int_equal(nt_registry_set_dword("Control\\Session Manager\\Debug Print Filter",
                                           "DEFAULT", 1 << DPFLTR_INFO_LEVEL),
                     0);
    tell_topology();
}

void checks_machine_up(void)
{
    machine_up(false);
}

void checks_machine_up_aimed(void)
{
    machine_up(true);
}

void checks_machine_down(void)
{
    port_finalize();
    nt_machine_stop(keep_leak);
    sys_stop();
}

void checks_load(struct checks_rig *rig, uint32_t check, uint32_t place, CHECK_MODEL model,
                 CHECK_INTERRUPTS interrupts)
{
    char texts[SETTINGS][SETTING_BYTES], path[4096];
    const char *list[SETTINGS];
    uint64_t address = (uintptr_t)checks_shared;
    const struct {
        const char *name;
        uint32_t value;
    } settings[SETTINGS] = {
        {"SharedLow", (uint32_t)address},
        {"SharedHigh", (uint32_t)(address >> 32)},
        {"CheckIndex", check},
        {"OnlyPlace", place},
        {"Model", model},
        {"Interrupts", interrupts},
        {"SrbType", interrupts != CheckLine},
    };

    driver_file(path, sizeof(path), "TEST_MODULES", "checks");
    for (unsigned i = 0; i < SETTINGS; i++) {
        snprintf(texts[i], SETTING_BYTES, "Parameters\\Device\\%s=%u", settings[i].name,
                 settings[i].value);
        list[i] = texts[i];
    }
    memset(rig, 0, sizeof(*rig));
    struct port_driver_options options = {
        .path = path, .settings = list, .setting_count = SETTINGS};
    int error = port_driver_load(&rig->driver, &options, rig->reason, sizeof(rig->reason));
    if (error)
        print_error("%s\n", rig->reason);
    assert_int_equal(error, 0);
}

void checks_start(struct checks_rig *rig, CHECK_MODEL model, CHECK_INTERRUPTS interrupts)
{
    struct port_adapter_options options = {
        .device = model == CheckVirtual ? "none" : "model:scratch,vectors=3",
        .interrupts = interrupts == CheckLine ? PORT_INTERRUPT_LINE : PORT_INTERRUPT_BEST,
        .event = keep_reported,
    };
    int error =
        port_adapter_start(&rig->adapter, rig->driver, &options, rig->reason, sizeof(rig->reason));

    if (error)
        print_error("%s\n", rig->reason);
    assert_int_equal(error, 0);
    assert_int_equal(port_queue_create(&rig->queue), 0);
    rig->unit = port_unit_get(rig->adapter, 0);
    assert_non_null(rig->unit);
}

bool checks_stop(struct checks_rig *rig)
{
    port_unit_release(rig->unit);
    port_queue_destroy(rig->queue);
    int error = port_adapter_stop(rig->adapter, rig->reason, sizeof(rig->reason));
    if (error)
        print_error("%s\n", rig->reason);
    port_driver_unload(rig->driver);
    return error == 0;
}

/* ---- places ---- */

static void done_clear(struct port_request *request)
{
    request->done = NULL;
}

/* What hangs would hang the end of the machine, too. */
static void execute_in_time(struct port_queue *queue, struct port_request *request)
{
    uint64_t deadline = patience_deadline_ns(HANGS_S);

    request->done = done_clear;
    port_submit(queue, request);
    while (request->done) {
        port_wait(queue, deadline);
        if (!request->done || sys_now_ns() < deadline)
            continue;
        print_error("place %u: the request does not end\n", request->cdb[1]);
        end_at_once();
    }
}

bool checks_visit(struct checks_rig *rig, struct port_queue *queue, unsigned place)
{
    struct port_request request;

    memset(&request, 0, sizeof(request));
    request.unit = rig->unit;
    request.function = PORT_EXECUTE_SCSI;
    request.flags = PORT_FLAG_NO_FREEZE;
    request.timeout_s = patience_s(TIMEOUT_S);
    request.cdb_length = 16;
    request.cdb[0] = CHECK_OP;
    request.cdb[1] = (uint8_t)place;
    request.single.base = port_buffer_allocate(CHECK_DATA_BYTES);
    assert_non_null(request.single.base);
    request.single.length = request.length = CHECK_DATA_BYTES;
    request.direction = PORT_DATA_IN;
    execute_in_time(queue, &request);
    port_buffer_free(request.single.base);
    if (request.status == PORT_OK && request.srb_status == SRB_SUCCESS)
        return true;
    print_error("%s: the request ended with status %u, SRB status 0x%02x\n",
                checks_place_names[place], request.status, request.srb_status);
    if (patience_is_short())
        end_at_once();
    return false;
}

void checks_reset_bus(struct checks_rig *rig, struct port_queue *queue)
{
    struct port_request request;

    memset(&request, 0, sizeof(request));
    request.unit = rig->unit;
    request.function = PORT_RESET_BUS;
    port_execute(queue, &request);
}

static bool send_service_request(struct checks_rig *rig)
{
    size_t length = 0;
    struct port_control_code control = {.code = IOCTL_MINIPORT_PROCESS_SERVICE_IRP,
                                        .ret_length = &length};
    uint32_t status = port_adapter_control(rig->adapter, NULL, &control);

    if (status)
        print_error("the service request ended with status 0x%08x\n", status);
    return status == 0;
}

static bool power_down_and_up(struct checks_rig *rig)
{
    for (unsigned state = 3;; state = 0) {
        if (port_adapter_power(rig->adapter, state, 0, rig->reason, sizeof(rig->reason))) {
            print_error("%s\n", rig->reason);
            return false;
        }
        if (state == 0)
            return true;
    }
}

uint64_t checks_places_of(CHECK_MODEL model, CHECK_INTERRUPTS interrupts)
{
    uint64_t all = (1ull << CheckPlaceCount) - 1;

    if (model == CheckVirtual)
        return all & ~physical_places & ~message_places;
    all &= ~virtual_places;
    if (interrupts == CheckLine)
        return all & ~message_places;
    all &= ~CHECKS_PLACE(Interrupt);
    return interrupts == CheckMessagesTogether ? all & ~CHECKS_PLACE(MessageLocked) : all;
}

bool checks_pass(uint32_t check, uint32_t only, uint64_t places, CHECK_MODEL model,
                 CHECK_INTERRUPTS interrupts)
{
    struct checks_rig rig;
    bool good = true;

    places &= checks_places_of(model, interrupts);
    checks_load(&rig, check, only, model, interrupts);
    checks_start(&rig, model, interrupts);
    for (unsigned place = 0; place < CheckPlaceCount; place++)
        if (places & checks_request_places & 1ull << place)
            good = checks_visit(&rig, rig.queue, place) && good;
    if (places & CHECKS_PLACE(ResetBus))
        checks_reset_bus(&rig, rig.queue);
    if (places & CHECKS_PLACE(ServiceRequest))
        good = send_service_request(&rig) && good;
    if (places & (CHECKS_PLACE(RunningConfig) | CHECKS_PLACE(RestartAdapter)))
        good = power_down_and_up(&rig) && good;
    return checks_stop(&rig) && good;
}

int checks_status_of(uint32_t check, unsigned place, CHECK_MODEL model, CHECK_INTERRUPTS interrupts,
                     int (*judge)(unsigned place))
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (!pid) {
        /* The report of the bug check is not what a reader of the test's output looks for. */
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        alarm(CHILD_S);
        checks_clear();
        checks_machine_up();
        (void)checks_pass(check, place, 1ull << place, model, interrupts);
        if (!checks_shared->Reached[place])
            _exit(CHECKS_NOT_REACHED);
        _exit(judge ? judge(place) : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- rows ---- */

void checks_clear(void)
{
    if (!checks_shared)
        checks_shared = calloc(1, sizeof(*checks_shared));
    assert_non_null(checks_shared);
    memset((void *)checks_shared, 0, sizeof(*checks_shared));
    checks_shared->Processors = checks_processors();
    checks_shared->FindingCount = finding_count;
    checks_shared->Printed = was_printed;
    checks_shared->Reported = was_reported;
    checks_shared->Holds = holds;
    checks_shared->Patience = patience_s(PATIENCE_S);
    checks_shared->Failed = patience_is_short() ? end_at_once : NULL;
}

void checks_list(void)
{
    struct port_adapter_options options = {.device = "none"};
    struct checks_rig rig;

    checks_clear();
    checks_machine_up();
    checks_load(&rig, CHECK_LIST_ONLY, CHECK_ALL_PLACES, CheckVirtual, CheckLine);
    int error =
        port_adapter_start(&rig.adapter, rig.driver, &options, rig.reason, sizeof(rig.reason));
    assert_int_not_equal(error, 0);
    port_driver_unload(rig.driver);
    checks_machine_down();
    assert_in_range(checks_shared->Count, 1, CHECKS_MAX);
}

uint32_t checks_find(const char *name)
{
    for (uint32_t i = 0; i < checks_shared->Count; i++)
        if (!strcmp(checks_shared->Check[i].Name, name))
            return i;
    print_error("no check is called %s\n", name);
    fail();
    return 0;
}

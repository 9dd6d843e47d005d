/*
 * checks_test.c - every check of tests/miniports/checks in every model, one case each. An argument
 * is a pattern of names: `StorPortPause_*`, `*_in_half_duplex`.
 *
 * An adapter is started twice for a case: with messages and STORAGE_REQUEST_BLOCKs, then with the
 * line interrupt and SCSI_REQUEST_BLOCKs. A place that a check wants and that neither has reached
 * fails the case, too. Where a check stops the machine, every place gets a process of its own.
 */
#include "nt/bugcheck.h"
#include "nt/machine.h"
#include "nt/print.h"
#include "port/port.h"
#include "sys/sys.h"

#include "../miniports/checks/check_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    PROCESSORS = 2,
    TIMEOUT_S = 5, /* of a request whose place is never reached */
    SRB_SUCCESS = 1,
    NOT_REACHED = 3, /* exit status of a process that was to be stopped */
    SETTINGS = 7,
    SETTING_BYTES = 96,
    PASSES = 2,
};

static const char *const place_names[CheckPlaceCount] = {
#define PLACE_NAME(Name) #Name,
    CHECK_PLACES(PLACE_NAME)
#undef PLACE_NAME
};

static const char *const model_names[CheckModelCount] = {
    [CheckHalfDuplex] = "in_half_duplex",
    [CheckFullDuplex] = "in_full_duplex",
    [CheckChannels] = "with_channels",
    [CheckVirtual] = "when_virtual",
};

#define PLACE_BIT(name) (1ull << Check##name)
static const uint64_t physical_places =
    PLACE_BIT(BuildIo) | PLACE_BIT(Interrupt) | PLACE_BIT(Message) | PLACE_BIT(MessageLocked);
static const uint64_t virtual_places = PLACE_BIT(FreeResources);
/* What a request leads to. The others are reached by starting, resetting and stopping. */
static const uint64_t request_places =
    PLACE_BIT(BuildIo) | PLACE_BIT(StartIo) | PLACE_BIT(Interrupt) | PLACE_BIT(Message) |
    PLACE_BIT(Dpc) | PLACE_BIT(Timer) | PLACE_BIT(TimerEx) | PLACE_BIT(StateChange) |
    PLACE_BIT(WorkItem) | PLACE_BIT(Thread) | PLACE_BIT(Synchronized) | PLACE_BIT(DpcLocked) |
    PLACE_BIT(StartIoLocked) | PLACE_BIT(InterruptLocked) | PLACE_BIT(MessageLocked);

struct check_case {
    uint32_t index; /* of the check */
    CHECK_MODEL model;
    uint64_t places; /* that the check wants and the model has */
    bool fatal;
    char name[160];
};

static CHECK_SHARED *shared;
static char said[16384], reported[8192];
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

/* ---- a machine with the module on one adapter ---- */

struct rig {
    struct port_driver *driver;
    struct port_adapter *adapter;
    struct port_unit *unit;
    struct port_queue *queue;
    char reason[512];
};

static void machine_up(void)
{
    struct nt_machine_options options = {.processor_count = PROCESSORS};

    said[0] = reported[0] = 0;
    nt_print_set_sink(keep_said, NULL);
    assert_int_equal(sys_start(&(struct sys_options){.seed = 1}), 0);
    assert_int_equal(nt_machine_start(&options), 0);
}

static void machine_down(void)
{
    port_finalize();
    nt_machine_stop(NULL);
    sys_stop();
}

static void load(struct rig *rig, uint32_t check, uint32_t place, CHECK_MODEL model, bool line)
{
    char texts[SETTINGS][SETTING_BYTES], path[4096];
    const char *list[SETTINGS];
    const char *directory = getenv("TEST_MODULES");
    uint64_t address = (uintptr_t)shared;
    const struct {
        const char *name;
        uint32_t value;
    } settings[SETTINGS] = {
        {"SharedLow", (uint32_t)address},
        {"SharedHigh", (uint32_t)(address >> 32)},
        {"CheckIndex", check},
        {"OnlyPlace", place},
        {"Model", model},
        {"Line", line},
        {"SrbType", !line},
    };

    assert_non_null(directory);
    snprintf(path, sizeof(path), "%s/checks.so", directory);
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

static void start(struct rig *rig, CHECK_MODEL model, bool line)
{
    struct port_adapter_options options = {
        .device = model == CheckVirtual ? "none" : "model:scratch,vectors=3",
        .interrupts = line ? PORT_INTERRUPT_LINE : PORT_INTERRUPT_BEST,
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

static bool stop(struct rig *rig)
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

static bool visit(struct rig *rig, unsigned place)
{
    struct port_request request;

    memset(&request, 0, sizeof(request));
    request.unit = rig->unit;
    request.function = PORT_EXECUTE_SCSI;
    request.flags = PORT_FLAG_NO_FREEZE;
    request.timeout_s = TIMEOUT_S;
    request.cdb_length = 16;
    request.cdb[0] = CHECK_OP;
    request.cdb[1] = (uint8_t)place;
    request.single.base = port_buffer_allocate(CHECK_DATA_BYTES);
    assert_non_null(request.single.base);
    request.single.length = request.length = CHECK_DATA_BYTES;
    request.direction = PORT_DATA_IN;
    port_execute(rig->queue, &request);
    port_buffer_free(request.single.base);
    if (request.status == PORT_OK && request.srb_status == SRB_SUCCESS)
        return true;
    print_error("%s: the request ended with status %u, SRB status 0x%02x\n", place_names[place],
                request.status, request.srb_status);
    return false;
}

static void reset_bus(struct rig *rig)
{
    struct port_request request;

    memset(&request, 0, sizeof(request));
    request.unit = rig->unit;
    request.function = PORT_RESET_BUS;
    port_execute(rig->queue, &request);
}

/* One life of an adapter, by way of all the places. */
static bool pass(const struct check_case *this, uint32_t only, bool line)
{
    const uint64_t absent =
        line ? PLACE_BIT(Message) | PLACE_BIT(MessageLocked) : PLACE_BIT(Interrupt);
    const uint64_t places = this->places & request_places & ~absent;
    struct rig rig;
    bool good = true;

    load(&rig, this->index, only, this->model, line);
    start(&rig, this->model, line);
    for (unsigned place = 0; place < CheckPlaceCount; place++)
        if (places >> place & 1)
            good = visit(&rig, place) && good;
    if (this->places & PLACE_BIT(ResetBus))
        reset_bus(&rig);
    return stop(&rig) && good;
}

/* ---- cases ---- */

static bool print_failures(void)
{
    int32_t count = shared->Failures;

    for (int32_t i = 0; i < count && i < CHECK_FAILURES_MAX; i++) {
        const CHECK_FAILURE *failure = &shared->Failure[i];
        print_error("%s:%u: in %s at IRQL %u: %s", failure->File, failure->Line,
                    place_names[failure->Place], failure->Irql, failure->Text);
        if (failure->Compared)
            print_error(" is 0x%llx instead of 0x%llx", (unsigned long long)failure->Actual,
                        (unsigned long long)failure->Expected);
        print_error("\n");
    }
    return count > 0;
}

static void shared_clear(void)
{
    memset((void *)shared, 0, sizeof(*shared));
    shared->FindingCount = finding_count;
    shared->Printed = was_printed;
    shared->Reported = was_reported;
}

static void run_check(void **state)
{
    const struct check_case *this = *state;
    uint64_t reached = 0;
    bool good = true;

    for (unsigned i = 0; i < PASSES; i++) {
        bool line = i > 0;
        shared_clear();
        machine_up();
        good = pass(this, CHECK_ALL_PLACES, line) && good;
        good = !print_failures() && good;
        if (nt_finding_count() != (uint64_t)shared->FindingsExpected) {
            print_error("%llu findings instead of %d:\n%s", (unsigned long long)nt_finding_count(),
                        shared->FindingsExpected, said);
            good = false;
        }
        for (unsigned place = 0; place < CheckPlaceCount; place++)
            reached |= (uint64_t)(shared->Reached[place] != 0) << place;
        machine_down();
    }
    for (unsigned place = 0; place < CheckPlaceCount; place++) {
        if (this->places & ~reached & 1ull << place) {
            print_error("%s was never reached\n", place_names[place]);
            good = false;
        }
    }
    if (!good)
        fail();
}

static int status_of_place(const struct check_case *this, unsigned place)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (!pid) {
        /* The report of the bug check is not what a reader of the test's output looks for. */
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        shared_clear();
        machine_up();
        (void)pass(this, place, place == CheckInterrupt);
        _exit(shared->Reached[place] ? 0 : NOT_REACHED);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void run_fatal_check(void **state)
{
    const struct check_case *this = *state;
    bool good = true;

    for (unsigned place = 0; place < CheckPlaceCount; place++) {
        if (!(this->places >> place & 1))
            continue;
        struct check_case one = *this;
        one.places = 1ull << place;
        int status = status_of_place(&one, place);
        if (status == NT_BUGCHECK_EXIT_STATUS)
            continue;
        print_error(status == NOT_REACHED ? "%s was never reached\n"
                                          : "%s did not stop the machine: exit status %d\n",
                    place_names[place], status);
        good = false;
    }
    if (!good)
        fail();
}

static uint64_t places_of(CHECK_MODEL model)
{
    uint64_t all = (1ull << CheckPlaceCount) - 1;

    return all & ~(model == CheckVirtual ? physical_places : virtual_places);
}

/* The module tells which checks there are, and refuses to start. */
static void list_checks(void)
{
    struct rig rig;

    shared_clear();
    machine_up();
    load(&rig, CHECK_LIST_ONLY, CHECK_ALL_PLACES, CheckVirtual, false);
    struct port_adapter_options options = {.device = "none"};
    assert_int_not_equal(
        port_adapter_start(&rig.adapter, rig.driver, &options, rig.reason, sizeof(rig.reason)), 0);
    port_driver_unload(rig.driver);
    machine_down();
}

int main(int argc, char **argv)
{
    static struct check_case cases[CHECKS_MAX * CheckModelCount];
    static struct CMUnitTest tests[CHECKS_MAX * CheckModelCount];
    static CHECK_LISTED listed[CHECKS_MAX];
    size_t count = 0;

    shared = calloc(1, sizeof(*shared));
    if (!shared)
        return 1;
    list_checks();
    uint32_t checks = shared->Count;
    if (checks == 0 || checks > CHECKS_MAX) {
        fprintf(stderr, "%u checks are listed: raise CHECKS_MAX\n", checks);
        return 1;
    }
    memcpy(listed, shared->Check, sizeof(listed));
    for (uint32_t i = 0; i < checks; i++) {
        for (CHECK_MODEL model = 0; model < CheckModelCount; model++) {
            struct check_case *this = &cases[count];
            this->index = i;
            this->model = model;
            this->places = listed[i].Places & places_of(model);
            this->fatal = listed[i].Fatal;
            if (!this->places)
                continue;
            snprintf(this->name, sizeof(this->name), "%.90s_%s", listed[i].Name,
                     model_names[model]);
            tests[count++] = (struct CMUnitTest){
                .name = this->name,
                .test_func = this->fatal ? run_fatal_check : run_check,
                .initial_state = this,
            };
        }
    }
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return _cmocka_run_group_tests("checks", tests, count, NULL, NULL);
}

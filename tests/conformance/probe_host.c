/*
 * probe_host.c - see probe_host.h.
 */
#include "probe_host.h"
#include "../driver_file.h"

#include "patience.h"

#include "nt/print.h"
#include "nt/thread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCRATCH_DOORBELL = 0x10, SETTINGS_MAX = 24, SETTING_BYTES = 96 };

static char printed[16384];
static struct sys_mutex printed_mutex;

static void append(char *text, size_t size, const char *line)
{
    size_t length = strlen(text);

    snprintf(text + length, size - length, "%s\n", line);
}

static void keep_printed(void *context, const char *line)
{
    (void)context;
    sys_mutex_lock(&printed_mutex);
    append(printed, sizeof(printed), line);
    sys_mutex_unlock(&printed_mutex);
}

bool probe_printed(const char *text)
{
    sys_mutex_lock(&printed_mutex);
    bool found = strstr(printed, text) != NULL;
    sys_mutex_unlock(&printed_mutex);
    return found;
}

unsigned probe_processors(void)
{
    const char *count = getenv("TEST_PROCESSORS");

    return count ? (unsigned)strtoul(count, NULL, 10) : 2;
}

int probe_machine_up_as(const struct nt_machine_options *options)
{
    printed[0] = 0;
    nt_print_set_sink(keep_printed, NULL);
    return sys_start(&(struct sys_options){.seed = 1}) || nt_machine_start(options);
}

int probe_machine_up(void **state)
{
    (void)state;
    return probe_machine_up_as(&(struct nt_machine_options){.processor_count = probe_processors()});
}

int probe_machine_down(void **state)
{
    (void)state;
    /* A test that has failed has not stopped its adapter, and that may hang as the test would. */
    for (unsigned i = 0; patience_is_short() && i < port_adapter_table_count; i++)
        if (port_adapter_table[i].adapter)
            _exit(1);
    port_finalize();
    nt_machine_stop(NULL);
    sys_stop();
    return 0;
}

/* ---- start and stop ---- */

void probe_prepare(struct probe_host *host)
{
    memset(host, 0, sizeof(*host));
    host->shared = calloc(1, sizeof(*host->shared));
    assert_non_null(host->shared);
    host->shared->PresentUnits = 1;
}

static void event_line(void *context, const char *line)
{
    struct probe_host *host = context;

    sys_mutex_lock(&printed_mutex);
    append(host->events, sizeof(host->events), line);
    sys_mutex_unlock(&printed_mutex);
}

/* "A=1 B=2" to settings below the driver's key, with the address of the shared memory. */
static size_t settings_make(const struct probe_host *host, const char *words,
                            char texts[][SETTING_BYTES], const char **settings)
{
    uint64_t shared = (uintptr_t)host->shared;
    size_t count = 2;

    snprintf(texts[0], SETTING_BYTES, "Parameters\\Device\\SharedLow=%u", (uint32_t)shared);
    snprintf(texts[1], SETTING_BYTES, "Parameters\\Device\\SharedHigh=%u",
             (uint32_t)(shared >> 32));
    while (*words) {
        size_t length = strcspn(words, " ");
        assert_true(count < SETTINGS_MAX);
        /* Storport's own values lie beside those of the driver. */
        snprintf(texts[count], SETTING_BYTES, "Parameters\\%s%.*s",
                 strncmp(words, "StorPort\\", 9) == 0 ? "" : "Device\\", (int)length, words);
        count++;
        words += length + strspn(words + length, " ");
    }
    for (size_t i = 0; i < count; i++)
        settings[i] = texts[i];
    return count;
}

static int try_options(struct probe_host *host, const char *settings,
                       const struct port_adapter_options *options)
{
    char texts[SETTINGS_MAX][SETTING_BYTES], path[4096];
    const char *list[SETTINGS_MAX];

    driver_file(path, sizeof(path), "TEST_MODULES", "probe");
    struct port_driver_options driver = {.path = path, .service = host->service, .settings = list};
    driver.setting_count = settings_make(host, settings, texts, list);
    int error = port_driver_load(&host->driver, &driver, host->reason, sizeof(host->reason));
    if (error)
        fprintf(stderr, "%s\n", host->reason);
    assert_int_equal(error, 0);
    struct port_adapter_options adapter = *options;
    adapter.event = event_line;
    adapter.event_context = host;
    error = port_adapter_start(&host->adapter, host->driver, &adapter, host->reason,
                               sizeof(host->reason));
    if (error)
        return error;
    assert_int_equal(port_queue_create(&host->queue), 0);
    host->unit = port_unit_get(host->adapter, 0);
    return 0;
}

int probe_try_with(struct probe_host *host, const char *device, const char *settings,
                   enum port_interrupt_preference interrupts, unsigned message_limit)
{
    struct port_adapter_options options = {
        .device = device, .interrupts = interrupts, .message_limit = message_limit};

    return try_options(host, settings, &options);
}

void probe_open_at_any_irql(struct probe_host *host, const char *settings)
{
    struct port_adapter_options options = {.device = "none", .any_start_irql = true};

    probe_prepare(host);
    assert_int_equal(try_options(host, settings, &options), 0);
    assert_non_null(host->unit);
}

int probe_try(struct probe_host *host, const char *device, const char *settings)
{
    return probe_try_with(host, device, settings, PORT_INTERRUPT_BEST, 0);
}

void probe_open(struct probe_host *host, const char *device, const char *settings)
{
    probe_prepare(host);
    int error = probe_try(host, device, settings);
    if (error)
        fprintf(stderr, "%s\n", host->reason);
    assert_int_equal(error, 0);
    assert_non_null(host->unit);
}

void probe_stop(struct probe_host *host)
{
    if (host->unit)
        port_unit_release(host->unit);
    port_queue_destroy(host->queue);
    int error = port_adapter_stop(host->adapter, host->reason, sizeof(host->reason));
    if (error)
        fprintf(stderr, "%s\n", host->reason);
    assert_int_equal(error, 0);
}

void probe_unload(struct probe_host *host)
{
    port_driver_unload(host->driver);
    assert_int_equal(host->shared->ListComplaints, 0);
    free(host->shared);
    host->shared = NULL;
}

void probe_close(struct probe_host *host)
{
    probe_stop(host);
    probe_unload(host);
}

/* ---- requests ---- */

void probe_script(struct port_request *request, struct port_unit *unit, PROBE_SCRIPT script)
{
    memset(request, 0, sizeof(*request));
    script.OperationCode = PROBE_OP_SCRIPT;
    request->unit = unit;
    request->function = PORT_EXECUTE_SCSI;
    request->flags = PORT_FLAG_NO_FREEZE;
    request->cdb_length = sizeof(script);
    memcpy(request->cdb, &script, sizeof(script));
}

void probe_data(struct port_request *request, uint32_t length)
{
    request->single.base = port_buffer_allocate(length);
    assert_non_null(request->single.base);
    memset(request->single.base, 0, length);
    request->single.length = request->length = length;
    request->direction = PORT_DATA_IN;
}

void probe_data_free(struct port_request *request)
{
    port_buffer_free(request->single.base);
    request->single.base = NULL;
}

static void done_clear(struct port_request *request)
{
    request->done = NULL;
}

void probe_submit(struct probe_host *host, struct port_request *request)
{
    request->done = done_clear;
    port_submit(host->queue, request);
}

/* What hangs fails, instead of the whole program. */
void probe_finish_within(struct probe_host *host, unsigned seconds)
{
    uint64_t deadline = patience_deadline_ns(seconds);

    while (port_queue_outstanding(host->queue)) {
        if (port_wait(host->queue, deadline))
            continue;
        patience_check(deadline);
    }
}

void probe_finish(struct probe_host *host)
{
    probe_finish_within(host, 60);
}

void probe_execute(struct probe_host *host, struct port_request *request)
{
    uint64_t deadline = patience_deadline_ns(60);

    probe_submit(host, request);
    while (request->done) {
        port_wait(host->queue, deadline);
        if (request->done)
            patience_check(deadline);
    }
}

void probe_poll(struct probe_host *host)
{
    port_poll(host->queue, 0);
}

void probe_reset(struct port_request *request, struct port_unit *unit, enum port_function function)
{
    memset(request, 0, sizeof(*request));
    request->unit = unit;
    request->function = (uint8_t)function;
}

void probe_on_other_processor(unsigned number, void (*run)(void *context), void *context)
{
    nt_irql_raise_on(nt_processor_get((number + 1) % nt_processor_count()));
    run(context);
    nt_irql_lower(NT_PASSIVE_LEVEL);
}

bool probe_is_done(const struct port_request *request)
{
    return request->done == NULL;
}

bool probe_succeeded(const struct port_request *request)
{
    return request->status == PORT_OK && request->srb_status == PROBE_SRB_SUCCESS &&
           request->scsi_status == 0;
}

/* ---- events ---- */

static void event_run(void *context)
{
    struct probe_event *event = context;

    event->result = event->run();
    __atomic_store_n(&event->done, 1, __ATOMIC_RELEASE);
}

void probe_event_begin(struct probe_event *event, int (*run)(void))
{
    *event = (struct probe_event){.run = run};
    assert_int_equal(nt_thread_create(&event->thread, "event", event_run, event), 0);
}

int probe_event_end(struct probe_event *event)
{
    sys_thread_join(event->thread);
    return event->result;
}

void probe_await_gate(const struct probe_host *host, uint32_t gates)
{
    uint64_t deadline = patience_deadline_ns(20);

    while (!(__atomic_load_n(&host->adapter->attention.gates, __ATOMIC_ACQUIRE) & gates)) {
        patience_check(deadline);
        sys_thread_yield();
    }
}

void probe_release_kept(struct probe_host *host)
{
    struct bus_device *device = host->adapter->device;
    struct bar_offset doorbell = {SCRATCH_DOORBELL};

    __atomic_store_n(&host->shared->ReleaseAtInterrupt, 1, __ATOMIC_RELEASE);
    device->ops->register_write(device, 0, doorbell, 4, 0);
}

/* ---- rows ---- */

const PROBE_ROW *probe_row(const struct probe_host *host, size_t index)
{
    if (index >= PROBE_ROWS ||
        index >= (size_t)__atomic_load_n(&host->shared->Rows, __ATOMIC_ACQUIRE))
        return NULL;
    const PROBE_ROW *row = &host->shared->Row[index];
    /* Claimed, but its writer may be in between. */
    while (!__atomic_load_n(&row->Valid, __ATOMIC_ACQUIRE))
        sys_thread_yield();
    return row;
}

const PROBE_ROW *probe_find(const struct probe_host *host, unsigned callback, int64_t detail,
                            unsigned nth)
{
    const PROBE_ROW *row;

    for (size_t i = 0; (row = probe_row(host, i)) != NULL; i++)
        if (row->Callback == callback && (detail < 0 || row->Detail == (uint64_t)detail) &&
            nth-- == 0)
            return row;
    return NULL;
}

const PROBE_ROW *probe_await(const struct probe_host *host, unsigned callback, int64_t detail,
                             unsigned nth)
{
    uint64_t deadline = patience_deadline_ns(20);
    const PROBE_ROW *row;

    while ((row = probe_find(host, callback, detail, nth)) == NULL) {
        patience_check(deadline);
        sys_thread_yield();
    }
    return row;
}

size_t probe_after(const struct probe_host *host, unsigned callback, int64_t detail, size_t from)
{
    const PROBE_ROW *row;

    for (size_t i = from; (row = probe_row(host, i)) != NULL; i++)
        if (row->Callback == callback && (detail < 0 || row->Detail == (uint64_t)detail))
            return i;
    return SIZE_MAX;
}

size_t probe_request_after(const struct probe_host *host, unsigned function, int64_t detail,
                           size_t from)
{
    size_t index = probe_after(host, ProbeStartIo, detail, from);

    while (index != SIZE_MAX && probe_row(host, index)->Function != function)
        index = probe_after(host, ProbeStartIo, detail, index + 1);
    return index;
}

unsigned probe_count(const struct probe_host *host, unsigned callback, int64_t detail)
{
    unsigned count = 0;

    while (probe_find(host, callback, detail, count))
        count++;
    return count;
}

size_t probe_index(const struct probe_host *host, const PROBE_ROW *row)
{
    assert_non_null(row);
    return (size_t)(row - host->shared->Row);
}

void probe_assert_excludes(const struct probe_host *host, unsigned callback, uint32_t mask)
{
    const PROBE_ROW *row;

    for (size_t i = 0; (row = probe_row(host, i)) != NULL; i++) {
        if (row->Callback != callback)
            continue;
        if (mask & 1u << callback)
            assert_int_equal(row->Depth, 1);
        assert_int_equal(row->Active & mask & ~(1u << callback), 0);
    }
}

unsigned probe_overlaps(const struct probe_host *host, unsigned callback, unsigned other)
{
    const PROBE_ROW *row;
    unsigned count = 0;

    for (size_t i = 0; (row = probe_row(host, i)) != NULL; i++)
        if (row->Callback == callback &&
            (callback == other ? row->Depth > 1 : row->Active >> other & 1))
            count++;
    return count;
}

void probe_assert_irql(const struct probe_host *host, unsigned callback, unsigned irql)
{
    const PROBE_ROW *row;
    unsigned count = 0;

    for (size_t i = 0; (row = probe_row(host, i)) != NULL; i++) {
        if (row->Callback != callback)
            continue;
        assert_int_equal(row->Irql, irql);
        count++;
    }
    assert_true(count > 0);
}

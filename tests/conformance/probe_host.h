/*
 * probe_host.h - a machine with the probe on one adapter, scripted requests, and questions about
 * the rows that the probe has recorded.
 *
 * Every test has a machine of its own, so that findings and processors start fresh.
 */
#ifndef STORHOST_TESTS_PROBE_HOST_H
#define STORHOST_TESTS_PROBE_HOST_H

#include "nt/bugcheck.h"
#include "nt/machine.h"
#include "port/adapter.h"

#include "../miniports/probe/probe_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum {
    PROBE_SRB_SUCCESS = 0x01,
    PROBE_SRB_ABORTED = 0x02,
    PROBE_SRB_ERROR = 0x04,
    PROBE_SRB_BUSY = 0x05,
    PROBE_SRB_TIMEOUT = 0x09,
    PROBE_SRB_BUS_RESET = 0x0E,
};

struct probe_host {
    struct port_driver *driver;
    struct port_adapter *adapter;
    struct port_unit *unit; /* the first; NULL when there is none */
    struct port_queue *queue;
    PROBE_SHARED *shared;
    const char *service; /* NULL: "probe"; one that ends with F filters its resources, with O has no
                            controls */
    char reason[512];
    char events[8192]; /* lines of the adapter, each with its newline */
};

/* Of the machines of these tests: what TEST_PROCESSORS says, 2 without it. */
unsigned probe_processors(void);
/* For cmocka_unit_test_setup_teardown. */
int probe_machine_up(void **state);
int probe_machine_down(void **state);
/* Another machine than the usual one, in a test's own setup. */
int probe_machine_up_as(const struct nt_machine_options *options);
#define probe_test(test) cmocka_unit_test_setup_teardown(test, probe_machine_up, probe_machine_down)
/* The same, for a test that fails when one of these routines does nothing: read by the tool that
 * lists which test proves which routine. */
#define probe_proves(test, ...) probe_test(test)

/* Runs the tests of an array; an argument of the program is a pattern of names ("*busy*"). */
#define probe_run(argc_, argv_, tests_)                                                            \
    (cmocka_set_test_filter((argc_) > 1 ? (argv_)[1] : NULL),                                      \
     cmocka_run_group_tests(tests_, NULL, NULL))

/* What the machine has printed since it came up contains `text`. */
bool probe_printed(const char *text);

/* Memory for the rows and the units there are; before probe_try when a test wants others than
 * LUN 0. */
void probe_prepare(struct probe_host *host);
/* Loads the probe and starts one adapter with `settings` ("Duplex=0 MaximumIo=1"; "" for none) on
 * `device` ("none": virtual). The error of the start. */
int probe_try(struct probe_host *host, const char *device, const char *settings);
int probe_try_with(struct probe_host *host, const char *device, const char *settings,
                   enum port_interrupt_preference interrupts, unsigned message_limit);
/* A virtual adapter whose StartIo is called at PASSIVE_LEVEL and DISPATCH_LEVEL by chance. */
void probe_open_at_any_irql(struct probe_host *host, const char *settings);
/* Prepares, tries, and asserts that it worked. */
void probe_open(struct probe_host *host, const char *device, const char *settings);
/* Stops the adapter and asserts that this worked; the rows stay readable. */
void probe_stop(struct probe_host *host);
/* After the stop, or after a start that failed. */
void probe_unload(struct probe_host *host);
/* Both, and asserts that the probe has complained of nothing. */
void probe_close(struct probe_host *host);

/* A request with that script for the unit. */
void probe_script(struct port_request *request, struct port_unit *unit, PROBE_SCRIPT script);
/* Data in, of the length, into memory that the device can see (freed by probe_data_free). */
void probe_data(struct port_request *request, uint32_t length);
void probe_data_free(struct port_request *request);
/* Executes on the host's queue. */
void probe_execute(struct probe_host *host, struct port_request *request);
/* Submits with a `done` that only counts. */
void probe_submit(struct probe_host *host, struct port_request *request);
/* Waits until everything that was submitted is done. */
void probe_finish(struct probe_host *host);
void probe_finish_within(struct probe_host *host, unsigned seconds);
/* Runs what has finished, without waiting. */
void probe_poll(struct probe_host *host);
/* A reset that a client asks for: PORT_RESET_LOGICAL_UNIT, _TARGET or _BUS. */
void probe_reset(struct port_request *request, struct port_unit *unit, enum port_function function);
/* Calls `run` at DISPATCH_LEVEL on another processor than that. */
void probe_on_other_processor(unsigned number, void (*run)(void *context), void *context);
bool probe_is_done(const struct port_request *request);
bool probe_succeeded(const struct port_request *request);

/* ---- events of the adapter's life, while a test does something else ---- */

struct probe_event {
    int (*run)(void);
    int result;
    uint32_t done; /* __atomic */
    struct sys_thread *thread;
};
void probe_event_begin(struct probe_event *event, int (*run)(void));
/* Waits for its end; its result. */
int probe_event_end(struct probe_event *event);
/* Waits until one of these gates of the adapter is closed. */
void probe_await_gate(const struct probe_host *host, uint32_t gates);
/* The device interrupts, and the probe completes what it keeps (ProbeInNever), with success. */
void probe_release_kept(struct probe_host *host);

/* ---- rows ---- */

/* Row `index`, NULL past the end. */
const PROBE_ROW *probe_row(const struct probe_host *host, size_t index);
/* The `nth` (from 0) row of the callback, for scripts with that detail (-1: any). */
const PROBE_ROW *probe_find(const struct probe_host *host, unsigned callback, int64_t detail,
                            unsigned nth);
/* As find, but waits until the row is there. */
const PROBE_ROW *probe_await(const struct probe_host *host, unsigned callback, int64_t detail,
                             unsigned nth);
unsigned probe_count(const struct probe_host *host, unsigned callback, int64_t detail);
/* Where the row is: rows are in order of time. */
size_t probe_index(const struct probe_host *host, const PROBE_ROW *row);
/* The index of the first row of the callback with that detail (-1: any), from row `from` on;
 * SIZE_MAX when there is none. */
size_t probe_after(const struct probe_host *host, unsigned callback, int64_t detail, size_t from);
/* The same for StartIo with a request of that SRB function. */
size_t probe_request_after(const struct probe_host *host, unsigned function, int64_t detail,
                           size_t from);
/* Asserts that no row of `callback` saw one of the callbacks of the mask running, itself apart. */
void probe_assert_excludes(const struct probe_host *host, unsigned callback, uint32_t mask);
/* Rows of `callback` that saw `other` running. */
unsigned probe_overlaps(const struct probe_host *host, unsigned callback, unsigned other);
/* Asserts that every row of the callback was at the IRQL, and that there is one. */
void probe_assert_irql(const struct probe_host *host, unsigned callback, unsigned irql);

#endif

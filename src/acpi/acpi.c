/*
 * acpi.c - start, end, and evaluation by a thread that owns the interpreter.
 *
 * Rule: the interpreter dies with the thread that started it, so one thread starts it, talks to it
 * and starts it anew, as long as the machine lives; callers wait for it.
 */
#include "acpi/private.h"

#include "nt/print.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum job_state { JOB_NONE, JOB_WAITS, JOB_DONE, JOB_END };

static struct {
    bool is_there;
    int tables[TABLES_MAX];
    size_t table_count;
    struct sys_thread *thread;
    uint32_t state;         /* enum job_state */
    struct sys_mutex mutex; /* of callers; held while the thread works for one of them */
    struct {
        void (*run)(void *context);
        void *context;
    } job;
} acpi;

/* ---- the thread ---- */

static void thread_run(void *argument)
{
    uint32_t state;

    (void)argument;
    while ((state = __atomic_load_n(&acpi.state, __ATOMIC_ACQUIRE)) != JOB_END) {
        if (state != JOB_WAITS) {
            (void)sys_wait(&acpi.state, state, SYS_FOREVER);
            continue;
        }
        acpi.job.run(acpi.job.context);
        __atomic_store_n(&acpi.state, JOB_DONE, __ATOMIC_RELEASE);
        sys_wake(&acpi.state, INT_MAX);
    }
    interpreter_stop();
}

/* Runs it on the thread, and returns when it has run; the mutex is held. */
static void thread_do(void (*run)(void *context), void *context)
{
    acpi.job.run = run;
    acpi.job.context = context;
    __atomic_store_n(&acpi.state, JOB_WAITS, __ATOMIC_RELEASE);
    sys_wake(&acpi.state, INT_MAX);
    while (__atomic_load_n(&acpi.state, __ATOMIC_ACQUIRE) != JOB_DONE)
        (void)sys_wait(&acpi.state, JOB_WAITS, SYS_FOREVER);
    __atomic_store_n(&acpi.state, JOB_NONE, __ATOMIC_RELEASE);
}

/* ---- evaluation ---- */

struct evaluation {
    const struct acpi_node *node;
    const struct acpi_value *arguments;
    size_t count;
    struct acpi_value *result;
    int error;
};

static int call(struct evaluation *evaluation)
{
    uint8_t *table, *bytes;
    size_t size;
    const char *path = acpi_node_path(evaluation->node);
    int error = aml_call(path, acpi_node_is_method(evaluation->node), evaluation->arguments,
                         evaluation->count, &table, &size);

    if (error != 0)
        return error;
    error = interpreter_call(table, size, path, &bytes, &size);
    free(table);
    if (error != 0)
        return error;
    if (bytes != NULL)
        error = result_decode(bytes, size, evaluation->result);
    free(bytes);
    return error;
}

static bool interpreter_is_lost(int error)
{
    return error == -ETIMEDOUT || error == -EPIPE || error == -EMSGSIZE || error == -EPROTO;
}

static void evaluation_run(void *context)
{
    struct evaluation *evaluation = context;
    char reason[256];

    if (!interpreter_runs()) {
        evaluation->error =
            interpreter_start(acpi.tables, acpi.table_count, reason, sizeof(reason));
        if (evaluation->error != 0) {
            nt_print("%s", reason);
            evaluation->error = -EPIPE;
            return;
        }
    }
    evaluation->error = call(evaluation);
    if (!interpreter_is_lost(evaluation->error))
        return;
    nt_print("ACPI %s: the interpreter %s: it is started anew, and what methods kept is lost",
             acpi_node_path(evaluation->node),
             evaluation->error == -ETIMEDOUT ? "does not come to an end"
             : evaluation->error == -EPIPE   ? "has ended"
                                             : "prints what makes no sense");
    if (evaluation->error != -ETIMEDOUT)
        evaluation->error = -EPIPE;
    interpreter_stop();
}

int acpi_evaluate(const struct acpi_node *node, const struct acpi_value *arguments, size_t count,
                  struct acpi_value *ret_result)
{
    struct acpi_value result = {0};
    struct evaluation evaluation = {node, arguments, count, &result, 0};

    if (count != node_argument_count(node) || count > ACPI_ARGUMENTS_MAX)
        return -EINVAL;
    sys_mutex_lock(&acpi.mutex);
    thread_do(evaluation_run, &evaluation);
    sys_mutex_unlock(&acpi.mutex);
    if (evaluation.error == 0)
        *ret_result = result;
    return evaluation.error;
}

/* ---- start and end ---- */

struct beginning {
    char *reason;
    size_t reason_size;
    int error;
};

static int number_evaluate(const struct acpi_node *node, uint64_t *ret_number)
{
    struct acpi_value result = {0};
    struct evaluation evaluation = {node, NULL, 0, &result, 0};

    if (node_argument_count(node) != 0)
        return -EINVAL;
    evaluation_run(&evaluation);
    bool good = evaluation.error == 0 && result.type == ACPI_INTEGER;
    *ret_number = good ? result.integer : 0;
    acpi_value_clear(&result);
    return good ? 0 : -EINVAL;
}

static void begin(void *context)
{
    struct beginning *beginning = context;
    char *listing = NULL;

    beginning->error =
        interpreter_start(acpi.tables, acpi.table_count, beginning->reason, beginning->reason_size);
    if (beginning->error != 0)
        return;
    beginning->error = interpreter_list(&listing);
    if (beginning->error == 0)
        beginning->error = namespace_read(listing);
    free(listing);
    if (beginning->error == 0)
        namespace_addresses(number_evaluate);
    else
        snprintf(beginning->reason, beginning->reason_size,
                 "ACPI: the namespace of the tables cannot be read: %s",
                 strerror(-beginning->error));
}

static int tables_open(const char *const *files, size_t count, char *reason, size_t reason_size)
{
    bool has_dsdt = false, is_dsdt;

    if (count > TABLES_MAX) {
        snprintf(reason, reason_size, "ACPI: at most %d tables can be given", TABLES_MAX);
        return -E2BIG;
    }
    for (; acpi.table_count < count; acpi.table_count++) {
        const char *file = files[acpi.table_count];
        int fd = table_open(file, &is_dsdt, reason, reason_size);
        if (fd < 0)
            return fd;
        acpi.tables[acpi.table_count] = fd;
        if (is_dsdt && has_dsdt) {
            acpi.table_count++;
            snprintf(reason, reason_size, "ACPI table %s: it is a second DSDT: give one, and SSDTs",
                     file);
            return -EINVAL;
        }
        has_dsdt |= is_dsdt;
    }
    return 0;
}

int acpi_start(const char *const *files, size_t count, char *reason, size_t reason_size)
{
    struct beginning beginning = {reason, reason_size, 0};

    if (count == 0)
        return 0;
    if (sys_is_simulated()) {
        snprintf(reason, reason_size, "ACPI: methods cannot be evaluated in the simulator");
        return -ENOSYS;
    }
    int error = tables_open(files, count, reason, reason_size);
    if (error == 0)
        error = sys_thread_create(&acpi.thread, "acpi", thread_run, NULL);
    if (error == 0) {
        thread_do(begin, &beginning);
        error = beginning.error;
    }
    acpi.is_there = error == 0;
    if (error != 0)
        acpi_stop();
    return error;
}

void acpi_stop(void)
{
    if (acpi.thread != NULL) {
        __atomic_store_n(&acpi.state, JOB_END, __ATOMIC_RELEASE);
        sys_wake(&acpi.state, INT_MAX);
        sys_thread_join(acpi.thread);
    }
    acpi.thread = NULL;
    acpi.state = JOB_NONE;
    acpi.is_there = false;
    while (acpi.table_count != 0)
        close(acpi.tables[--acpi.table_count]);
    namespace_free();
}

bool acpi_is_there(void)
{
    return acpi.is_there;
}

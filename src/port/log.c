/*
 * log.c - an adapter's event lines: written from anywhere, delivered at PASSIVE_LEVEL.
 *
 * Drivers log from interrupt routines with locks held, and the receiver of a line may do what it
 * likes. So a line above PASSIVE_LEVEL goes into a ring that a work item empties; when the ring is
 * full the line is counted and the loss is told.
 */
#include "nt/print.h"
#include "port/driver.h"
#include "port/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void deliver(struct port_adapter *adapter, const char *line)
{
    if (adapter->event)
        adapter->event(adapter->event_context, line);
    else
        nt_print_unrecorded("%s: %s", port_driver_service(adapter->driver), line);
}

/* PASSIVE_LEVEL; one thread at a time empties the ring. */
static void empty_ring(struct port_adapter *adapter)
{
    struct port_log *log = &adapter->log;
    char line[64];

    sys_mutex_lock(&log->mutex);
    for (;;) {
        struct port_log_line *entry = &log->lines[log->taken % PORT_LOG_LINES];
        if (__atomic_load_n(&entry->full, __ATOMIC_ACQUIRE) != log->taken + 1)
            break;
        deliver(adapter, entry->text);
        __atomic_store_n(&log->taken, log->taken + 1, __ATOMIC_RELEASE);
        __atomic_store_n(&entry->full, 0, __ATOMIC_RELEASE);
    }
    uint32_t lost = __atomic_exchange_n(&log->lost, 0, __ATOMIC_RELAXED);
    if (lost) {
        snprintf(line, sizeof(line), "%u event lines came too fast and are lost", lost);
        deliver(adapter, line);
    }
    sys_mutex_unlock(&log->mutex);
}

static void log_run(void *context)
{
    empty_ring(context);
}

void port_log_initialize(struct port_adapter *adapter)
{
    nt_work_initialize(&adapter->log.work, log_run, adapter);
}

void port_log_drain(struct port_adapter *adapter)
{
    nt_work_drain(&adapter->log.work);
    empty_ring(adapter);
}

/* A place in the ring: claimed by its number, free when the line before in it was taken. */
static void put(struct port_adapter *adapter, const char *format, va_list arguments)
{
    struct port_log *log = &adapter->log;
    uint32_t number = __atomic_load_n(&log->next, __ATOMIC_RELAXED);
    struct port_log_line *entry;

    do {
        entry = &log->lines[number % PORT_LOG_LINES];
        if (number - __atomic_load_n(&log->taken, __ATOMIC_ACQUIRE) >= PORT_LOG_LINES ||
            __atomic_load_n(&entry->full, __ATOMIC_ACQUIRE)) {
            __atomic_add_fetch(&log->lost, 1, __ATOMIC_RELAXED);
            nt_work_queue(&log->work);
            return;
        }
    } while (!__atomic_compare_exchange_n(&log->next, &number, number + 1, false, __ATOMIC_ACQ_REL,
                                          __ATOMIC_RELAXED));
    vsnprintf(entry->text, sizeof(entry->text), format, arguments);
    __atomic_store_n(&entry->full, number + 1, __ATOMIC_RELEASE);
    nt_work_queue(&log->work);
}

static void record(const struct port_adapter *adapter, const char *format, va_list arguments)
{
    char line[PORT_LOG_LINE_BYTES];
    va_list copy;

    va_copy(copy, arguments);
    vsnprintf(line, sizeof(line), format, copy);
    va_end(copy);
    nt_event_write_more(NT_EVENT_LOG, "port", 0, 0,
                        &(struct nt_event_more){.object = port_trace_adapter(adapter),
                                                .data = line,
                                                .size = strlen(line)});
}

void port_adapter_log_later(struct port_adapter *adapter, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (nt_events_are_recorded())
        record(adapter, format, arguments);
    put(adapter, format, arguments);
    va_end(arguments);
}

void port_adapter_log(struct port_adapter *adapter, const char *format, ...)
{
    char line[PORT_LOG_LINE_BYTES];
    va_list arguments;

    va_start(arguments, format);
    if (nt_events_are_recorded())
        record(adapter, format, arguments);
    if (nt_irql() > NT_PASSIVE_LEVEL) {
        put(adapter, format, arguments);
    } else {
        vsnprintf(line, sizeof(line), format, arguments);
        empty_ring(adapter);
        deliver(adapter, line);
    }
    va_end(arguments);
}

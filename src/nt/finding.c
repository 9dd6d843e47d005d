/*
 * finding.c - the driver's faults that the host survives: every one is counted, each rule is
 * printed once for an adapter.
 */
#include "nt/bugcheck.h"

#include "nt/events.h"
#include "nt/print.h"
#include "nt/private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PRINTED_MAX = 512 };

static struct raw_lock findings_lock;
static uint64_t findings_count;
static struct {
    const char *rule; /* rules are string constants */
    const void *adapter;
} printed[PRINTED_MAX];
static unsigned printed_count;

/* True when it is the first of its kind. When the table is full every further kind counts as
 * printed; 512 different ones tell enough. */
static bool finding_enter(const char *rule, const void *adapter)
{
    bool first = true;

    raw_lock_acquire(&findings_lock);
    for (unsigned i = 0; i < printed_count && first; i++)
        first = printed[i].adapter != adapter || strcmp(printed[i].rule, rule) != 0;
    if (first && printed_count == PRINTED_MAX)
        first = false;
    if (first) {
        printed[printed_count].rule = rule;
        printed[printed_count].adapter = adapter;
        printed_count++;
    }
    raw_lock_release(&findings_lock);
    return first;
}

void nt_finding(const char *rule, const void *adapter, const char *format, ...)
{
    char text[512];
    va_list arguments;

    __atomic_add_fetch(&findings_count, 1, __ATOMIC_RELAXED);
    if (!finding_enter(rule, adapter)) {
        if (nt_events_are_recorded())
            nt_event_write(NT_EVENT_FINDING, rule, 0, 0);
        return;
    }
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (nt_events_are_recorded())
        nt_event_write_more(NT_EVENT_FINDING, rule, 0, 0,
                            &(struct nt_event_more){.data = text, .size = strlen(text)});
    nt_print_unrecorded("finding %s: %s", rule, text);
}

uint64_t nt_finding_count(void)
{
    return __atomic_load_n(&findings_count, __ATOMIC_RELAXED);
}

void findings_reset(void)
{
    raw_lock_acquire(&findings_lock);
    printed_count = 0;
    raw_lock_release(&findings_lock);
    __atomic_store_n(&findings_count, 0, __ATOMIC_RELAXED);
}

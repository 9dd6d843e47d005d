/*
 * finding.c - the driver's faults that the host survives: every one is counted, each rule is
 * printed once for an adapter.
 */
#include "nt/bugcheck.h"

#include "nt/events.h"
#include "nt/print.h"
#include "nt/private.h"
#include "nt/work.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PRINTED_MAX = 512, KEPT_BYTES = 256 };

static struct raw_lock findings_lock;
static uint64_t findings_count;
static struct {
    const char *rule; /* rules are string constants */
    const void *adapter;
    const void *place; /* of the driver's code, until it has been told; NULL: none */
    const char *callback;
    char text[KEPT_BYTES];
} printed[PRINTED_MAX];
static unsigned printed_count;
static struct nt_work places_work;

/* The place of a kind that was not there yet, else -1. When the table is full every further kind
 * counts as printed; 512 different ones tell enough. */
static int finding_enter(const char *rule, const void *adapter)
{
    int place = -1;
    bool first = true;

    raw_lock_acquire(&findings_lock);
    for (unsigned i = 0; i < printed_count && first; i++)
        first = printed[i].adapter != adapter || strcmp(printed[i].rule, rule) != 0;
    if (first && printed_count < PRINTED_MAX) {
        place = (int)printed_count++;
        printed[place].rule = rule;
        printed[place].adapter = adapter;
        printed[place].place = NULL;
        printed[place].text[0] = 0;
    }
    raw_lock_release(&findings_lock);
    return place;
}

static void finding_keep(int place, const char *text)
{
    const struct nt_evidence *evidence = nt_self()->evidence;
    const void *code = driver_place_find();

    raw_lock_acquire(&findings_lock);
    snprintf(printed[place].text, KEPT_BYTES, "%.*s", KEPT_BYTES - 1, text);
    printed[place].place = code;
    printed[place].callback = evidence ? evidence->callback : NULL;
    raw_lock_release(&findings_lock);
    if (code)
        nt_work_queue(&places_work);
}

/* The next place that has not been told. False: there is none. */
static bool place_take(const char **ret_rule, const char **ret_callback, const void **ret_place)
{
    bool found = false;

    raw_lock_acquire(&findings_lock);
    for (unsigned i = 0; i < printed_count && !found; i++) {
        if (!printed[i].place)
            continue;
        *ret_rule = printed[i].rule;
        *ret_callback = printed[i].callback;
        *ret_place = printed[i].place;
        printed[i].place = NULL;
        found = true;
    }
    raw_lock_release(&findings_lock);
    return found;
}

static void places_tell(void *context)
{
    const char *rule, *callback;
    const void *place;

    (void)context;
    while (place_take(&rule, &callback, &place)) {
        char line[512];
        nt_address_describe(place, line, sizeof(line));
        nt_print_unrecorded("%s: at %s%s%s", rule, line, callback ? ", in " : "",
                            callback ? callback : "");
    }
}

void nt_findings_flush(void)
{
    nt_work_drain(&places_work);
}

void nt_finding(const char *rule, const void *adapter, const char *format, ...)
{
    char text[512];
    va_list arguments;

    __atomic_add_fetch(&findings_count, 1, __ATOMIC_RELAXED);
    int place = finding_enter(rule, adapter);
    if (place < 0) {
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
    finding_keep(place, text);
}

bool nt_finding_at(unsigned index, const char **ret_rule, char *text, size_t size)
{
    raw_lock_acquire(&findings_lock);
    bool known = index < printed_count;
    if (known) {
        *ret_rule = printed[index].rule;
        snprintf(text, size, "%s", printed[index].text);
    }
    raw_lock_release(&findings_lock);
    return known;
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
    nt_work_initialize(&places_work, places_tell, NULL);
    __atomic_store_n(&findings_count, 0, __ATOMIC_RELAXED);
}

/*
 * bugcheck.c - the report that a fatal fault of a driver ends with.
 *
 * It may run at any IRQL with any lock held, so it takes no lock, allocates nothing of its own and
 * leaves by _exit: no destructor of anybody runs over a state that is known to be wrong.
 */
#include "nt/bugcheck.h"

#include "nt/events.h"
#include "nt/processor.h"

#include <stdio.h>
#include <unistd.h>

enum { REPORT_FRAMES_MAX = 64, REPORT_EVENTS_MAX = 16 };

static void (*last_words)(uint32_t code, const char *reason);
static void (*witness)(uint32_t code, const char *reason); /* __atomic */
static bool (*address_describe)(const void *address, char *line, size_t size, bool symbols);
static size_t (*backtrace_walk)(void **ret_addresses, size_t count);

static const struct {
    uint32_t code;
    const char *name;
} code_names[] = {
    {NT_BUGCHECK_IRQL_NOT_GREATER_OR_EQUAL, "IRQL_NOT_GREATER_OR_EQUAL"},
    {NT_BUGCHECK_IRQL_NOT_LESS_OR_EQUAL, "IRQL_NOT_LESS_OR_EQUAL"},
    {NT_BUGCHECK_SPIN_LOCK_ALREADY_OWNED, "SPIN_LOCK_ALREADY_OWNED"},
    {NT_BUGCHECK_SPIN_LOCK_NOT_OWNED, "SPIN_LOCK_NOT_OWNED"},
    {NT_BUGCHECK_BAD_POOL_HEADER, "BAD_POOL_HEADER"},
    {NT_BUGCHECK_KMODE_EXCEPTION_NOT_HANDLED, "KMODE_EXCEPTION_NOT_HANDLED"},
    {NT_BUGCHECK_PAGE_FAULT_IN_NONPAGED_AREA, "PAGE_FAULT_IN_NONPAGED_AREA"},
    {NT_BUGCHECK_DRIVER_IRQL_NOT_LESS_OR_EQUAL, "DRIVER_IRQL_NOT_LESS_OR_EQUAL"},
    {NT_BUGCHECK_UNEXPECTED_KERNEL_MODE_TRAP, "UNEXPECTED_KERNEL_MODE_TRAP"},
    {NT_BUGCHECK_BAD_POOL_CALLER, "BAD_POOL_CALLER"},
    {NT_BUGCHECK_IRQL_UNEXPECTED_VALUE, "IRQL_UNEXPECTED_VALUE"},
    {NT_BUGCHECK_DRIVER_UNMAPPING_INVALID_VIEW, "DRIVER_UNMAPPING_INVALID_VIEW"},
    {NT_BUGCHECK_DRIVER_ENTRYPOINT_NOT_FOUND, "DRIVER_ENTRYPOINT_NOT_FOUND"},
    {NT_BUGCHECK_KERNEL_SECURITY_CHECK_FAILURE, "KERNEL_SECURITY_CHECK_FAILURE"},
    {NT_BUGCHECK_STORAGE_MINIPORT_ERROR, "STORAGE_MINIPORT_ERROR"},
    {NT_BUGCHECK_STORPORT_VERIFIER, "STORPORT_VERIFIER"},
};

static const char *code_name(uint32_t code)
{
    for (size_t i = 0; i < sizeof(code_names) / sizeof(code_names[0]); i++) {
        if (code_names[i].code == code)
            return code_names[i].name;
    }
    return "raised by the driver";
}

void nt_bugcheck_set_last_words(void (*tell)(uint32_t code, const char *reason))
{
    last_words = tell;
}

void nt_bugcheck_set_describe(bool (*describe)(const void *address, char *line, size_t size,
                                               bool symbols))
{
    address_describe = describe;
}

void nt_bugcheck_set_backtrace(size_t (*walk)(void **ret_addresses, size_t count))
{
    backtrace_walk = walk;
}

void nt_bugcheck_set_witness(void (*tell)(uint32_t code, const char *reason))
{
    __atomic_store_n(&witness, tell, __ATOMIC_RELEASE);
}

void nt_address_describe(const void *address, char *line, unsigned size)
{
    if (!address_describe || !address_describe(address, line, size, true))
        sys_address_describe(address, line, size);
}

/* Of any thread that a driver has called or may have: the walk takes no lock and allocates nothing.
 */
const void *driver_place_find(void)
{
    void *addresses[REPORT_FRAMES_MAX];
    char line[128];

    if (!backtrace_walk || !address_describe)
        return NULL;
    size_t count = backtrace_walk(addresses, REPORT_FRAMES_MAX);
    for (size_t i = 0; i < count; i++)
        if (address_describe(addresses[i], line, sizeof(line), false))
            return addresses[i];
    return NULL;
}

static void report_thread(const struct nt_thread *self)
{
    fprintf(stderr, "  thread %u at IRQL %u, ", self->number, self->irql);
    if (self->processor)
        fprintf(stderr, "processor %u", self->processor->number);
    else
        fputs("no processor", stderr);
    fprintf(stderr, ", %u spin locks held", self->locks_held);
    for (unsigned i = 0; i < self->locks_held && i < NT_LOCKS_HELD_MAX; i++)
        fprintf(stderr, "%s%p", i ? ", " : ": ", (const void *)self->held[i]);
    fputc('\n', stderr);
}

static void report_evidence(const struct nt_thread *self)
{
    unsigned depth = 0;

    for (const struct nt_evidence *frame = self->evidence; frame; frame = frame->previous) {
        if (depth++ == NT_EVIDENCE_DEPTH_MAX) {
            fputs("  and more callbacks\n", stderr);
            break;
        }
        fprintf(stderr, "  in %s, entered at IRQL %u", frame->callback, frame->irql);
        if (frame->adapter)
            fprintf(stderr, ", adapter %p", frame->adapter);
        if (frame->request)
            fprintf(stderr, ", request %p", frame->request);
        fputc('\n', stderr);
    }
}

static void report_backtrace(void)
{
    void *addresses[REPORT_FRAMES_MAX];
    size_t count = backtrace_walk ? backtrace_walk(addresses, REPORT_FRAMES_MAX)
                                  : sys_backtrace_addresses(addresses, REPORT_FRAMES_MAX);

    fputs("  called from\n", stderr);
    for (size_t i = 1; i < count; i++) {
        char line[512];
        nt_address_describe(addresses[i], line, sizeof(line));
        fprintf(stderr, "    %s\n", line);
    }
}

static void report_events(void)
{
    struct nt_event events[REPORT_EVENTS_MAX];
    size_t count = nt_events_last(events, REPORT_EVENTS_MAX);

    if (count)
        fputs("  last events, newest first\n", stderr);
    for (size_t i = 0; i < count; i++) {
        const struct nt_event *event = &events[i];
        fprintf(stderr, "    %llu ns thread %u ", (unsigned long long)event->time_ns,
                event->thread);
        if (event->processor != NT_EVENT_NO_PROCESSOR)
            fprintf(stderr, "processor %u ", event->processor);
        if (event->line[0])
            fprintf(stderr, "%s\n", event->line);
        else
            fprintf(stderr, "%s %#llx %#llx\n", event->text, (unsigned long long)event->a,
                    (unsigned long long)event->b);
    }
}

_Noreturn void nt_bugcheck(uint32_t code, uint64_t parameter1, uint64_t parameter2,
                           uint64_t parameter3, uint64_t parameter4, const char *reason)
{
    static uint32_t reporter; /* number of the thread that reports, 0 before */
    struct nt_thread *self = nt_self();
    uint32_t expected = 0;

    if (!__atomic_compare_exchange_n(&reporter, &expected, self->number, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST)) {
        if (expected == self->number)
            _exit(NT_BUGCHECK_EXIT_STATUS); /* the report itself went wrong */
        for (;;)                            /* the other thread's report is the one that counts */
            sys_wait(&reporter, expected, SYS_FOREVER);
    }
    fprintf(stderr, "storhost: bug check 0x%X %s (0x%llX, 0x%llX, 0x%llX, 0x%llX): %s\n", code,
            code_name(code), (unsigned long long)parameter1, (unsigned long long)parameter2,
            (unsigned long long)parameter3, (unsigned long long)parameter4, reason);
    report_thread(self);
    report_evidence(self);
    report_backtrace();
    report_events();
    if (sys_is_simulated())
        fprintf(stderr, "  simulated with seed %llu\n", (unsigned long long)sys_seed());
    fflush(stderr);
    void (*tell)(uint32_t code, const char *reason) = __atomic_load_n(&witness, __ATOMIC_ACQUIRE);
    if (tell)
        tell(code, reason);
    if (last_words)
        last_words(code, reason);
    _exit(NT_BUGCHECK_EXIT_STATUS);
}

/*
 * event_ring.c - what an event costs: off, on by the holder of a processor, on by a thread that
 * holds none, with a line of text, and with a reader that takes everything out.
 *
 *   event_ring [ROUNDS]     prints JSON: nanoseconds of processor time, one a round
 */
#include "nt/events.h"
#include "nt/machine.h"
#include "nt/processor.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { EVENTS = 200000, ROUNDS_MAX = 64 };

static void run_writes(void)
{
    for (unsigned i = 0; i < EVENTS; i++) {
        nt_event(NT_EVENT_LOG, "event", i, 1);
        __asm__ volatile("" : : : "memory");
    }
}

static void run_floor(void)
{
    for (unsigned i = 0; i < EVENTS; i++)
        __asm__ volatile("" : : "r"(i) : "memory");
}

static void run_on_processor(void)
{
    nt_irql_raise_on(nt_processor_get(0));
    run_writes();
    nt_irql_lower(NT_PASSIVE_LEVEL);
}

static void run_lines(void)
{
    static const char line[] = "a line of an ordinary length, as drivers write them";

    nt_irql_raise_on(nt_processor_get(0));
    for (unsigned i = 0; i < EVENTS; i++)
        nt_event_write_line("site", i, line);
    nt_irql_lower(NT_PASSIVE_LEVEL);
}

static void run_clock(void)
{
    for (unsigned i = 0; i < EVENTS; i++) {
        uint64_t ticks = sys_ticks();
        __asm__ volatile("" : : "r"(ticks) : "memory");
    }
}

static const struct {
    const char *name;
    bool on;
    void (*run)(void);
} figures[] = {
    {"floor", false, run_floor},
    {"off", false, run_writes},
    {"clock", true, run_clock},
    {"on", true, run_on_processor},
    {"on, no processor", true, run_writes},
    {"on, with a line", true, run_lines},
};

enum { FIGURES = sizeof(figures) / sizeof(figures[0]) };

static double processor_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void print_figure(const char *name, const double *values, unsigned rounds, bool last)
{
    printf(" \"%s\": [", name);
    for (unsigned i = 0; i < rounds; i++)
        printf("%s%.2f", i ? ", " : "", values[i]);
    printf("]%s\n", last ? "" : ",");
}

int main(int argc, char **argv)
{
    static double values[FIGURES][ROUNDS_MAX];
    struct nt_machine_options machine = {.processor_count = 1};
    unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 7;
    struct nt_event_reader *reader;

    if (rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: event_ring [ROUNDS, at most %d]\n", ROUNDS_MAX);
        return 2;
    }
    if (nt_machine_start(&machine)) {
        fputs("event_ring: no machine\n", stderr);
        return 1;
    }
    for (unsigned round = 0; round < rounds; round++) {
        for (unsigned i = 0; i < FIGURES; i++) {
            if (figures[i].on && nt_events_record(&reader))
                return 1;
            double start = processor_ns();
            figures[i].run();
            values[i][round] = (processor_ns() - start) / EVENTS;
            if (figures[i].on) {
                nt_events_record_end(reader);
                nt_events_reader_destroy(reader);
            }
        }
    }
    puts("{");
    for (unsigned i = 0; i < FIGURES; i++)
        print_figure(figures[i].name, values[i], rounds, i + 1 == FIGURES);
    puts("}");
    nt_machine_stop(NULL);
    return 0;
}

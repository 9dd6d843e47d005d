/*
 * trapped_access.c - what it costs that a driver dereferences its registers: a load and a store
 * that fault, beside the floor, which is a fault whose handler does nothing but skip the
 * instruction, and beside an access that asks the host.
 *
 * The device answers at once, so that only the way to it counts.
 *
 *   trapped_access MODULE [ROUNDS]     prints JSON: nanoseconds of processor time, one a round
 */
#include "bus/window.h"
#include "image/image.h"
#include "nt/machine.h"
#include "trap/trap.h"

#include "trapped_driver.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <ucontext.h>

enum { ACCESSES = 20000, ROUNDS_MAX = 64 };

/* ---- the device ---- */

static uint64_t device_read(struct bus_device *device, unsigned bar, struct bar_offset offset,
                            unsigned size)
{
    (void)device;
    (void)bar;
    (void)offset;
    (void)size;
    return 0x12345678;
}

static void device_write(struct bus_device *device, unsigned bar, struct bar_offset offset,
                         unsigned size, uint64_t value)
{
    (void)device;
    (void)bar;
    (void)offset;
    (void)size;
    (void)value;
}

static const struct bus_device_ops operations = {.register_read = device_read,
                                                 .register_write = device_write};
static struct bus_device device = {.ops = &operations, .name = "bench"};

/* ---- the floor ---- */

static void skip(int number, siginfo_t *information, void *context)
{
    enum { LOAD_BYTES = 2 }; /* of the one below */
    ucontext_t *interrupted = context;

    (void)number;
    (void)information;
    interrupted->uc_mcontext.gregs[REG_RIP] += LOAD_BYTES;
}

static void fault(const void *address)
{
    for (unsigned i = 0; i < ACCESSES; i++)
        __asm__ volatile("movl (%0), %%eax" : : "d"(address) : "eax", "memory");
}

/* ---- what is measured ---- */

static TRAPPED_ROUTINES routines;
static volatile ULONG *registers;
static void *nowhere;

static void run_floor(void)
{
    struct sigaction action = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO | SA_NODEFER}, before;

    sigaction(SIGSEGV, &action, &before);
    fault(nowhere);
    sigaction(SIGSEGV, &before, NULL);
}

static void run_load(void)
{
    routines.Load(registers, ACCESSES);
}

static void run_store(void)
{
    routines.Store(registers, ACCESSES);
}

static void run_copy(void)
{
    routines.Copy(registers, ACCESSES);
}

static void run_irql(void)
{
    routines.Irql(registers, ACCESSES);
}

static void run_routine(void)
{
    struct bus_window_place place;

    for (unsigned i = 0; i < ACCESSES; i++)
        if (bus_window_find((const void *)(uintptr_t)registers, &place))
            (void)bus_window_read(&place, sizeof(ULONG));
}

static const struct {
    const char *name;
    void (*run)(void);
} figures[] = {
    {"floor", run_floor}, {"load", run_load},       {"store", run_store},
    {"copy", run_copy},   {"routine", run_routine}, {"irql", run_irql},
};

enum { FIGURES = sizeof(figures) / sizeof(figures[0]) };

static double processor_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void print_figure(const char *name, const double *values, unsigned rounds, bool last)
{
    printf(" \"%s\": [", name);
    for (unsigned i = 0; i < rounds; i++)
        printf("%s%.1f", i ? ", " : "", values[i]);
    printf("]%s\n", last ? "" : ",");
}

static int measure(void *argument)
{
    static double values[FIGURES][ROUNDS_MAX];
    unsigned rounds = *(const unsigned *)argument;

    for (unsigned round = 0; round < rounds; round++) {
        for (unsigned i = 0; i < FIGURES; i++) {
            double start = processor_ns();
            figures[i].run();
            values[i][round] = (processor_ns() - start) / ACCESSES;
        }
    }
    puts("{");
    for (unsigned i = 0; i < FIGURES; i++)
        print_figure(figures[i].name, values[i], rounds, i + 1 == FIGURES);
    puts("}");
    return 0;
}

int main(int argc, char **argv)
{
    struct nt_machine_options machine = {.processor_count = 1};
    unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 3;
    struct image *image;
    char reason[512] = "";

    if (argc < 2 || rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: trapped_access MODULE [ROUNDS, at most %d]\n", ROUNDS_MAX);
        return 2;
    }
    if (nt_machine_start(&machine) || trap_install() ||
        image_load(&image, argv[1], "trapped", reason, sizeof(reason)) ||
        image_entry_point(image)(&routines, NULL)) {
        fprintf(stderr, "trapped_access: %s\n", reason[0] ? reason : "no machine");
        return 1;
    }
    nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    registers = bus_window_map(&device, 0, (struct bar_offset){0}, 4096);
    if (nowhere == MAP_FAILED || !registers)
        return 1;
    int status = measure(&rounds);
    image_unload(image);
    nt_machine_stop(NULL);
    return status;
}

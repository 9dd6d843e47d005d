/*
 * ticks.c - the processor's time stamp counter as a clock.
 *
 * It is used where the kernel itself keeps time by it: then it counts at one rate, through every
 * idle state, and alike on all processors. Its rate is measured once against the kernel's clock.
 */
#include "sys/private.h"

#include <stdio.h>
#include <string.h>

enum { SAMPLES = 16 };

#define MEASURE_NS (10 * SYS_NS_PER_MS)

bool sys_ticks_are_of_processor;

static struct sys_mutex mutex;
static bool measured; /* under the mutex */
static uint64_t base_ticks, base_ns;
static uint64_t ns_of_tick; /* in units of 2^-32 ns */

static bool kernel_uses_it(void)
{
    char name[16] = "";
    FILE *file = fopen("/sys/devices/system/clocksource/clocksource0/current_clocksource", "re");

    if (!file)
        return false;
    bool read = fgets(name, sizeof(name), file) != NULL;
    fclose(file);
    return read && strcmp(name, "tsc\n") == 0;
}

/* Both clocks at one moment: of several tries the one that took the least. */
static void sample(uint64_t *ret_ticks, uint64_t *ret_ns)
{
    uint64_t best = UINT64_MAX;

    for (unsigned i = 0; i < SAMPLES; i++) {
        uint64_t before = __builtin_ia32_rdtsc();
        uint64_t ns = sys_now_ns();
        uint64_t took = __builtin_ia32_rdtsc() - before;
        if (took >= best)
            continue;
        best = took;
        *ret_ticks = before + took / 2;
        *ret_ns = ns;
    }
}

static void measure(void)
{
    uint64_t end_ticks = 0, end_ns = 0;

    if (!kernel_uses_it())
        return;
    sample(&base_ticks, &base_ns);
    sys_delay_ns(MEASURE_NS);
    sample(&end_ticks, &end_ns);
    if (end_ticks <= base_ticks || end_ns <= base_ns)
        return;
    ns_of_tick =
        (uint64_t)(((unsigned __int128)(end_ns - base_ns) << 32) / (end_ticks - base_ticks));
    __atomic_store_n(&sys_ticks_are_of_processor, true, __ATOMIC_RELEASE);
}

void sys_ticks_prepare(void)
{
    sys_mutex_lock(&mutex);
    if (!measured)
        measure();
    measured = true;
    sys_mutex_unlock(&mutex);
}

uint64_t sys_ticks_to_ns(uint64_t ticks)
{
    if (!sys_ticks_are_of_processor)
        return ticks;
    /* What was before the measurement was so shortly. */
    if (ticks < base_ticks)
        return base_ns - (uint64_t)(((unsigned __int128)(base_ticks - ticks) * ns_of_tick) >> 32);
    return base_ns + (uint64_t)(((unsigned __int128)(ticks - base_ticks) * ns_of_tick) >> 32);
}

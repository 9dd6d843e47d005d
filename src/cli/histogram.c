/*
 * histogram.c - see histogram.h.
 */
#include "histogram.h"

#include <inttypes.h>
#include <string.h>

/* Below 16 ns each nanosecond is a class; above, the top bit and the four bits below it choose. */
static unsigned class_of(uint64_t ns)
{
    if (ns < HISTOGRAM_STEPS)
        return (unsigned)ns;
    unsigned top = 63u - (unsigned)__builtin_clzll(ns);
    return (top - 3) * HISTOGRAM_STEPS + (unsigned)(ns >> (top - 4) & (HISTOGRAM_STEPS - 1));
}

/* The largest latency that belongs to the class. */
static uint64_t class_end(unsigned class)
{
    if (class < HISTOGRAM_STEPS)
        return class;
    unsigned top = class / HISTOGRAM_STEPS + 3;
    uint64_t step = class % HISTOGRAM_STEPS;
    return ((HISTOGRAM_STEPS + step + 1) << (top - 4)) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t ns)
{
    histogram->counts[class_of(ns)]++;
    if (histogram->count == 0 || ns < histogram->minimum_ns)
        histogram->minimum_ns = ns;
    if (ns > histogram->maximum_ns)
        histogram->maximum_ns = ns;
    histogram->count++;
    histogram->sum_ns += ns;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    if (from->count == 0)
        return;
    for (unsigned i = 0; i < HISTOGRAM_CLASSES; i++)
        into->counts[i] += from->counts[i];
    if (into->count == 0 || from->minimum_ns < into->minimum_ns)
        into->minimum_ns = from->minimum_ns;
    if (from->maximum_ns > into->maximum_ns)
        into->maximum_ns = from->maximum_ns;
    into->count += from->count;
    into->sum_ns += from->sum_ns;
}

uint64_t histogram_percentile(const struct histogram *histogram, double share)
{
    uint64_t wanted = (uint64_t)((double)histogram->count * share), seen = 0;

    for (unsigned i = 0; i < HISTOGRAM_CLASSES; i++) {
        seen += histogram->counts[i];
        if (seen > wanted || (seen != 0 && seen == histogram->count)) {
            uint64_t end = class_end(i);
            return end < histogram->maximum_ns ? end : histogram->maximum_ns;
        }
    }
    return 0;
}

const char *duration_text(char text[32], uint64_t ns)
{
    if (ns < 1000)
        snprintf(text, 32, "%" PRIu64 " ns", ns);
    else if (ns < 1000000)
        snprintf(text, 32, "%.1f us", (double)ns / 1e3);
    else if (ns < 1000000000)
        snprintf(text, 32, "%.1f ms", (double)ns / 1e6);
    else
        snprintf(text, 32, "%.2f s", (double)ns / 1e9);
    return text;
}

void histogram_print(const struct histogram *histogram, FILE *out)
{
    static const char bar[] = "##################################################";
    uint64_t rows[64] = {0}, most = 1;

    for (unsigned i = 0; i < HISTOGRAM_CLASSES; i++) {
        uint64_t end = class_end(i);
        rows[end == 0 ? 0 : 63 - __builtin_clzll(end)] += histogram->counts[i];
    }
    for (unsigned i = 0; i < 64; i++)
        most = rows[i] > most ? rows[i] : most;
    for (unsigned i = 0; i < 63; i++) {
        char from[32], to[32];
        if (rows[i] == 0)
            continue;
        int width = (int)((double)rows[i] / (double)most * (double)(sizeof(bar) - 1));
        fprintf(out, "  %9s - %-9s %6.2f%% %.*s\n", duration_text(from, i == 0 ? 0 : 1ull << i),
                duration_text(to, 2ull << i), 100.0 * (double)rows[i] / (double)histogram->count,
                width == 0 ? 1 : width, width == 0 ? "." : bar);
    }
}

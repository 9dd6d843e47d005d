/*
 * histogram.h - latencies in logarithmic classes: 16 to each doubling, so within about 6 %.
 */
#ifndef STORHOST_CLI_HISTOGRAM_H
#define STORHOST_CLI_HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

enum { HISTOGRAM_STEPS = 16, HISTOGRAM_CLASSES = 64 * HISTOGRAM_STEPS };

/* Zero-initialised is empty. */
struct histogram {
    uint64_t counts[HISTOGRAM_CLASSES];
    uint64_t count;
    uint64_t minimum_ns, maximum_ns;
    uint64_t sum_ns;
};

void histogram_add(struct histogram *histogram, uint64_t ns);
void histogram_merge(struct histogram *into, const struct histogram *from);
/* The latency that `share` (0 to 1) of the requests did not exceed; 0 when empty. */
uint64_t histogram_percentile(const struct histogram *histogram, double share);
/* One line for each doubling that has requests, with a bar. */
void histogram_print(const struct histogram *histogram, FILE *out);
/* "12.3 us" */
const char *duration_text(char text[32], uint64_t ns);

#endif

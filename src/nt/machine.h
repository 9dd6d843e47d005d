/*
 * machine.h - the machine that drivers believe in: one a process (decision 12).
 *
 * nt_machine_start brings up processors, memory, timers, workers and the registry;
 * nt_machine_stop takes them down after every adapter is gone.
 */
#ifndef STORHOST_NT_MACHINE_H
#define STORHOST_NT_MACHINE_H

#include "nt/topology.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct nt_machine_options {
    unsigned processor_count; /* 1..NT_PROCESSOR_COUNT_MAX; 0 = those of the host */
    /* Where they are (nt/topology.h), and how many; NULL: all alike, or those of the host. */
    const struct nt_topology *topology;
    size_t memory_bytes; /* the DMA arena, at most 2 GiB; 0 = 256 MiB */
    /* How much of it devices see below 4 GiB, at least 4 MiB; they see the rest above. 0 = all. */
    size_t low_memory_bytes;
    /* Shuffles the pages behind the second half (at most 64 MiB) by the seed: pool and buffers of
     * applications, which lie there first, become physically scattered. */
    bool scatter;
    /* Messages come where they are aimed also under the thread sanitizer, which otherwise sends
     * them anywhere (nt/interrupt.h). For tests of where they come and of what then meets. */
    bool aimed_messages;
};

/* PASSIVE_LEVEL, once. Adopts the calling thread. 0, -EINVAL (counts out of range), -ENOMEM, or
 * what sys returns. */
int nt_machine_start(const struct nt_machine_options *options);

/* PASSIVE_LEVEL. Waits for running work items, stops service, timer and worker threads, reports
 * pool that was never freed through `leak` (may be NULL) and frees everything. */
void nt_machine_stop(void (*leak)(const char *line));

unsigned nt_processor_count(void);

#ifdef __cplusplus
}
#endif

#endif

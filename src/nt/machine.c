/*
 * machine.c - the beginning and the end of the machine, in one order and its reverse.
 */
#include "nt/machine.h"

#include "nt/private.h"

#include <errno.h>

#define MEMORY_DEFAULT_BYTES (256ull << 20)
#define MEMORY_MIN_BYTES     (4ull << 20)
#define MEMORY_MAX_BYTES     (2ull << 30)

static int topology_settle(const struct nt_machine_options *options)
{
    static struct nt_topology made;
    char reason[128];

    if (!options->topology && options->processor_count > NT_PROCESSOR_COUNT_MAX)
        return -EINVAL;
    if (!options->topology) {
        int result =
            nt_topology_make(&made, NULL, options->processor_count, reason, sizeof(reason));
        sh_assert(result == 0); /* it is only refused for what a text says */
    }
    topology_start(options->topology ? options->topology : &made);
    return 0;
}

int nt_machine_start(const struct nt_machine_options *options)
{
    size_t memory_bytes = options->memory_bytes;
    int result;

    sh_assert(nt_processor_count() == 0); /* one machine a process */
    if (memory_bytes == 0)
        memory_bytes = MEMORY_DEFAULT_BYTES;
    if (memory_bytes < MEMORY_MIN_BYTES || memory_bytes > MEMORY_MAX_BYTES)
        return -EINVAL;
    if (options->low_memory_bytes &&
        (options->low_memory_bytes < MEMORY_MIN_BYTES || options->low_memory_bytes > memory_bytes))
        return -EINVAL;
    result = topology_settle(options);
    if (result)
        return result;
    result = processes_start();
    if (result)
        goto forget_topology;
    findings_reset();
    interrupts_start(options->aimed_messages);
    result = processors_start(nt_topology()->processor_count);
    if (result)
        goto forget_topology;
    thread_home_assign(nt_self());
    result = memory_start(memory_bytes, options->low_memory_bytes, options->scatter);
    if (result)
        goto stop_processors;
    result = timers_start();
    if (result)
        goto stop_memory;
    result = work_start();
    if (result)
        goto stop_timers;
    return 0;

stop_timers:
    timers_stop();
stop_memory:
    memory_stop(NULL);
stop_processors:
    processors_stop();
forget_topology:
    topology_stop();
    return result;
}

void nt_machine_stop(void (*leak)(const char *line))
{
    sh_assert(nt_irql() == NT_PASSIVE_LEVEL);
    threads_stop();
    work_stop();
    timers_stop();
    nt_dpc_flush();
    registry_stop();
    memory_stop(leak);
    processors_stop();
    topology_stop();
}

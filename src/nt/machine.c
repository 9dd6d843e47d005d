/*
 * machine.c - the beginning and the end of the machine, in one order and its reverse.
 */
#include "nt/machine.h"

#include "nt/private.h"

#include <errno.h>

#define MEMORY_DEFAULT_BYTES (256ull << 20)
#define MEMORY_MIN_BYTES     (4ull << 20)
#define MEMORY_MAX_BYTES     (2ull << 30)

int nt_machine_start(const struct nt_machine_options *options)
{
    unsigned processor_count = options->processor_count;
    size_t memory_bytes = options->memory_bytes;
    int result;

    sh_assert(nt_processor_count() == 0); /* one machine a process */
    if (processor_count == 0) {
        processor_count = sys_cpu_count();
        if (processor_count > NT_PROCESSOR_COUNT_MAX)
            processor_count = NT_PROCESSOR_COUNT_MAX;
    }
    if (memory_bytes == 0)
        memory_bytes = MEMORY_DEFAULT_BYTES;
    if (processor_count > NT_PROCESSOR_COUNT_MAX || memory_bytes < MEMORY_MIN_BYTES ||
        memory_bytes > MEMORY_MAX_BYTES)
        return -EINVAL;
    if (options->low_memory_bytes &&
        (options->low_memory_bytes < MEMORY_MIN_BYTES || options->low_memory_bytes > memory_bytes))
        return -EINVAL;
    findings_reset();
    interrupts_start(options->aimed_messages);
    result = processors_start(processor_count);
    if (result)
        return result;
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
}

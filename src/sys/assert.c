/*
 * assert.c - the end of the process after one of our own bugs.
 *
 * An assertion is never about a driver, the world or hostile bytes; those have their own kinds of
 * error. It stays on in release builds, because a wrong state must not reach a disk.
 */
#include "sys/sys.h"

#include <stdio.h>
#include <stdlib.h>

static void line_print(void *context, const char *line)
{
    fprintf(context, "  %s\n", line);
}

void sys_assert_failed(const char *expression, const char *file, int line)
{
    /* A second failure while the first is being reported must not recurse. */
    static uint32_t reporting;
    if (!__atomic_exchange_n(&reporting, 1, __ATOMIC_SEQ_CST)) {
        fprintf(stderr, "storhost: bug in storhost: (%s) is false at %s:%d, thread %u, seed %llu\n",
                expression, file, line, sys_thread_number(), (unsigned long long)sys_seed());
        sys_backtrace(line_print, stderr);
        fputs("  Please report these lines; a seed other than 0 replays a simulated run.\n",
              stderr);
        fflush(stderr);
    }
    abort();
}

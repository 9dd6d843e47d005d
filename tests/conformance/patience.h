/*
 * patience.h - how long tests wait for what has to come.
 */
#ifndef STORHOST_TESTS_PATIENCE_H
#define STORHOST_TESTS_PATIENCE_H

#include "sys/sys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* tools/mutate has emptied an entry of the tables: the first failure is all that counts. */
static inline bool patience_is_short(void)
{
    return getenv("STORHOST_MUTATE") != NULL;
}

/* `seconds` is what a busy machine may take; nobody minds being told wrongly that a missing routine
 * was noticed, so that less is enough there. */
static inline unsigned patience_s(unsigned seconds)
{
    enum { SHORT_S = 2 };

    return patience_is_short() && seconds > SHORT_S ? SHORT_S : seconds;
}

static inline uint64_t patience_deadline_ns(unsigned seconds)
{
    return sys_now_ns() + patience_s(seconds) * SYS_NS_PER_S;
}

/* Fails once the deadline is over. What hangs would hang the test's end, too. */
static inline void patience_check(uint64_t deadline_ns)
{
    if (sys_now_ns() < deadline_ns)
        return;
    if (patience_is_short())
        _exit(1);
    fail_msg("it has not come in time");
}

#endif

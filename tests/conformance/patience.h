/*
 * patience.h - how long tests wait for what has to come.
 */
#ifndef STORHOST_TESTS_PATIENCE_H
#define STORHOST_TESTS_PATIENCE_H

#include "sys/sys.h"

#include <stdbool.h>
#include <stdlib.h>

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

#endif

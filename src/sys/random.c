/*
 * random.c - the seed and the numbers that come from it.
 *
 * sys_random counts and mixes (splitmix64), so that it is one atomic addition for any number of
 * threads. In the simulator the order of calls is fixed by the seed, hence the numbers are too.
 */
#include "sys/private.h"

#include <sys/random.h>

static const uint64_t splitmix_step = 0x9E3779B97F4A7C15ull;

static uint64_t seed_in_force;
static uint64_t random_state;

static uint64_t splitmix_mix(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ull;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBull;
    return value ^ (value >> 31);
}

uint64_t sys_splitmix(uint64_t *state)
{
    *state += splitmix_step;
    return splitmix_mix(*state);
}

void sys_seed_set(uint64_t seed)
{
    while (!seed) {
        if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
            seed = 1;
        seed &= 0xFFFFFFFFull; /* short enough to be typed */
    }
    seed_in_force = seed;
    __atomic_store_n(&random_state, splitmix_mix(seed ^ 0x72616E646F6D21ull), __ATOMIC_RELAXED);
}

uint64_t sys_seed(void)
{
    return seed_in_force;
}

uint64_t sys_random(void)
{
    uint64_t state = __atomic_add_fetch(&random_state, splitmix_step, __ATOMIC_RELAXED);
    return splitmix_mix(state);
}

/*
 * private.h - what the two implementations of sys.h and the code they share tell each other.
 * Nobody outside src/sys includes it.
 */
#ifndef STORHOST_SYS_PRIVATE_H
#define STORHOST_SYS_PRIVATE_H

#include "sys/sys.h"

/* Sets the seed in force; 0 asks the kernel for one. */
void sys_seed_set(uint64_t seed);

/* One step of the splitmix64 generator over a state that the caller owns. */
uint64_t sys_splitmix(uint64_t *state);

/* Loads the base of the GS segment. */
void segment_load(void *base);

/* For the calling thread. NULL: it has one of its own, or there is no memory. */
void *signal_stack_create(void);
void signal_stack_destroy(void *bytes);

/* The difference between 1601-01-01 and 1970-01-01 in units of 100 ns. */
#define SYS_EPOCH_1970_100NS 116444736000000000ull

#endif

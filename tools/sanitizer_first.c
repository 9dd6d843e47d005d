/*
 * sanitizer_first.c - starts a preloaded sanitizer runtime before any other constructor runs.
 *
 * The runtime starts at the first allocation, and its start asks the dynamic linker for symbols
 * that are not there, which reads a translated message under libc's locale lock. When the first
 * allocation of a program happens in newlocale - nbdkit's is, by a constructor of p11-kit - that
 * lock is held already by the same thread: its count is wrong from then on, and the program hangs
 * when it exits. This library is marked to be initialised first and allocates outside of any lock.
 */
#include <stdlib.h>

__attribute__((constructor)) static void start_runtime(void)
{
    void *volatile memory = malloc(1); /* volatile: the compiler would drop the pair */
    free(memory);
}

/*
 * signal_stack.c - the stack on which handlers of signals run.
 */
#include "sys/private.h"

#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>

enum { SIGNAL_STACK_BYTES = 64 << 10 }; /* the kernel's own frame takes up to 11 KiB of it */

void *signal_stack_create(void)
{
    stack_t stack = {.ss_size = SIGNAL_STACK_BYTES}, there;

    if (sigaltstack(NULL, &there) != 0 || !(there.ss_flags & SS_DISABLE))
        return NULL;
    stack.ss_sp = mmap(NULL, SIGNAL_STACK_BYTES, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (stack.ss_sp == MAP_FAILED)
        return NULL;
    if (sigaltstack(&stack, NULL) == 0)
        return stack.ss_sp;
    munmap(stack.ss_sp, SIGNAL_STACK_BYTES);
    return NULL;
}

void signal_stack_destroy(void *bytes)
{
    const stack_t none = {.ss_flags = SS_DISABLE};
    stack_t there;

    if (!bytes)
        return;
    /* Somebody may have put in another one since. */
    if (sigaltstack(NULL, &there) == 0 && there.ss_sp == bytes)
        sigaltstack(&none, NULL);
    munmap(bytes, SIGNAL_STACK_BYTES);
}

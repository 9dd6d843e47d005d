/*
 * segment.c - the base of GS, by the instruction where the kernel allows it, else by asking it.
 */
#include "sys/private.h"

#include <asm/prctl.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HAS_INSTRUCTION = 1 << 1 }; /* of AT_HWCAP2 */

void segment_load(void *base)
{
    if (getauxval(AT_HWCAP2) & HAS_INSTRUCTION)
        __asm__ volatile("wrgsbase %0" : : "r"(base) : "memory");
    else
        sh_assert(syscall(SYS_arch_prctl, ARCH_SET_GS, base) == 0);
}

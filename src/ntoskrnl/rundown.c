/*
 * rundown.c - Ex: rundown protection: an object stays while somebody uses it, and from the moment
 * that its owner waits for them nobody new comes in.
 *
 * The count goes in twos; the lowest bit says that the owner waits, or has waited.
 */
#include "nt/export.h"
#include "nt/thread.h"

#include <limits.h>
#include <ntddk.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Executive", irql_max_)

enum { RUN_DOWN = 1, ONE_USER = 2 };

/* Sleepers look at the lower half, which holds all there is. */
static uint32_t *word_of(PEX_RUNDOWN_REF reference)
{
    return (uint32_t *)(uintptr_t)&reference->Count;
}

VOID NTAPI ExInitializeRundownProtection(PEX_RUNDOWN_REF RunRef)
{
    __atomic_store_n(&RunRef->Count, 0, __ATOMIC_SEQ_CST);
}
EXPORT(ExInitializeRundownProtection, NT_HIGH_LEVEL);

VOID NTAPI ExReInitializeRundownProtection(PEX_RUNDOWN_REF RunRef)
{
    __atomic_store_n(&RunRef->Count, 0, __ATOMIC_SEQ_CST);
}
EXPORT(ExReInitializeRundownProtection, NT_HIGH_LEVEL);

BOOLEAN NTAPI ExAcquireRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count)
{
    uint32_t *word = word_of(RunRef), value = __atomic_load_n(word, __ATOMIC_SEQ_CST);

    while (!(value & RUN_DOWN))
        if (__atomic_compare_exchange_n(word, &value, value + Count * ONE_USER, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return TRUE;
    return FALSE;
}
EXPORT(ExAcquireRundownProtectionEx, NT_DISPATCH_LEVEL);

BOOLEAN NTAPI ExAcquireRundownProtection(PEX_RUNDOWN_REF RunRef)
{
    return ExAcquireRundownProtectionEx(RunRef, 1);
}
EXPORT(ExAcquireRundownProtection, NT_DISPATCH_LEVEL);

VOID NTAPI ExReleaseRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count)
{
    uint32_t *word = word_of(RunRef);

    if (__atomic_sub_fetch(word, Count * ONE_USER, __ATOMIC_SEQ_CST) == RUN_DOWN)
        sys_wake(word, INT_MAX);
}
EXPORT(ExReleaseRundownProtectionEx, NT_DISPATCH_LEVEL);

VOID NTAPI ExReleaseRundownProtection(PEX_RUNDOWN_REF RunRef)
{
    ExReleaseRundownProtectionEx(RunRef, 1);
}
EXPORT(ExReleaseRundownProtection, NT_DISPATCH_LEVEL);

VOID NTAPI ExWaitForRundownProtectionRelease(PEX_RUNDOWN_REF RunRef)
{
    uint32_t *word = word_of(RunRef);
    uint32_t value = __atomic_or_fetch(word, RUN_DOWN, __ATOMIC_SEQ_CST);

    while (value != RUN_DOWN) {
        sys_wait(word, value, SYS_FOREVER);
        value = __atomic_load_n(word, __ATOMIC_SEQ_CST);
    }
}
EXPORT(ExWaitForRundownProtectionRelease, NT_APC_LEVEL);

VOID NTAPI ExRundownCompleted(PEX_RUNDOWN_REF RunRef)
{
    __atomic_store_n(&RunRef->Count, RUN_DOWN, __ATOMIC_SEQ_CST);
}
EXPORT(ExRundownCompleted, NT_DISPATCH_LEVEL);

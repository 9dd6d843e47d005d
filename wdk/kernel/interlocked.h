/*
 * Operations on shared variables that no other processor can interrupt, and the lists built on
 * them. Every operation is a full barrier unless its name says otherwise.
 *
 * They are written with the compiler's atomics, so that a race detector understands them.
 */
#ifndef WDK_KERNEL_INTERLOCKED_H
#define WDK_KERNEL_INTERLOCKED_H

#include "../ntdef.h"
#include "objects.h"

#ifdef _WIN32

/* Increment and decrement return the new value, exchanges and additions the old one. */
#define WDK_DEFINE_INTERLOCKED(SUFFIX, TYPE)                                                       \
    FORCEINLINE TYPE InterlockedIncrement##SUFFIX(TYPE volatile *Addend)                           \
    {                                                                                              \
        return __atomic_add_fetch(Addend, 1, __ATOMIC_SEQ_CST);                                    \
    }                                                                                              \
    FORCEINLINE TYPE InterlockedDecrement##SUFFIX(TYPE volatile *Addend)                           \
    {                                                                                              \
        return __atomic_sub_fetch(Addend, 1, __ATOMIC_SEQ_CST);                                    \
    }                                                                                              \
    FORCEINLINE TYPE InterlockedExchange##SUFFIX(TYPE volatile *Target, TYPE Value)                \
    {                                                                                              \
        return __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);                               \
    }                                                                                              \
    FORCEINLINE TYPE InterlockedExchangeAdd##SUFFIX(TYPE volatile *Addend, TYPE Value)             \
    {                                                                                              \
        return __atomic_fetch_add(Addend, Value, __ATOMIC_SEQ_CST);                                \
    }                                                                                              \
    FORCEINLINE TYPE InterlockedAdd##SUFFIX(TYPE volatile *Addend, TYPE Value)                     \
    {                                                                                              \
        return __atomic_add_fetch(Addend, Value, __ATOMIC_SEQ_CST);                                \
    }                                                                                              \
    FORCEINLINE TYPE InterlockedCompareExchange##SUFFIX(TYPE volatile *Destination, TYPE Exchange, \
                                                        TYPE Comparand)                            \
    {                                                                                              \
        __atomic_compare_exchange_n(Destination, &Comparand, Exchange, 0, __ATOMIC_SEQ_CST,        \
                                    __ATOMIC_SEQ_CST);                                             \
        return Comparand;                                                                          \
    }                                                                                              \
    FORCEINLINE TYPE InterlockedOr##SUFFIX(TYPE volatile *Destination, TYPE Value)                 \
    {                                                                                              \
        return __atomic_fetch_or(Destination, Value, __ATOMIC_SEQ_CST);                            \
    }                                                                                              \
    FORCEINLINE TYPE InterlockedAnd##SUFFIX(TYPE volatile *Destination, TYPE Value)                \
    {                                                                                              \
        return __atomic_fetch_and(Destination, Value, __ATOMIC_SEQ_CST);                           \
    }                                                                                              \
    FORCEINLINE TYPE InterlockedXor##SUFFIX(TYPE volatile *Destination, TYPE Value)                \
    {                                                                                              \
        return __atomic_fetch_xor(Destination, Value, __ATOMIC_SEQ_CST);                           \
    }

WDK_DEFINE_INTERLOCKED(, LONG)
WDK_DEFINE_INTERLOCKED(8, CHAR)
WDK_DEFINE_INTERLOCKED(16, SHORT)
WDK_DEFINE_INTERLOCKED(64, LONG64)

FORCEINLINE PVOID InterlockedExchangePointer(PVOID volatile *Target, PVOID Value)
{
    return __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);
}

FORCEINLINE PVOID InterlockedCompareExchangePointer(PVOID volatile *Destination, PVOID Exchange,
                                                    PVOID Comparand)
{
    __atomic_compare_exchange_n(Destination, &Comparand, Exchange, 0, __ATOMIC_SEQ_CST,
                                __ATOMIC_SEQ_CST);
    return Comparand;
}

#define InterlockedExchangeAddSizeT(addend, value)                                                 \
    ((SIZE_T)InterlockedExchangeAdd64((LONG64 volatile *)(addend), (LONG64)(value)))
#define InterlockedIncrementSizeT(addend)                                                          \
    ((SIZE_T)InterlockedIncrement64((LONG64 volatile *)(addend)))
#define InterlockedDecrementSizeT(addend)                                                          \
    ((SIZE_T)InterlockedDecrement64((LONG64 volatile *)(addend)))
#define InterlockedAddNoFence64(addend, value)     InterlockedAdd64(addend, value)
#define InterlockedIncrementNoFence(addend)        InterlockedIncrement(addend)
#define InterlockedDecrementNoFence(addend)        InterlockedDecrement(addend)
#define InterlockedIncrementAcquire(addend)        InterlockedIncrement(addend)
#define InterlockedDecrementRelease(addend)        InterlockedDecrement(addend)
#define InterlockedCompareExchangeAcquire(d, e, c) InterlockedCompareExchange(d, e, c)
#define InterlockedCompareExchangeRelease(d, e, c) InterlockedCompareExchange(d, e, c)

/* The bit as it was before. */
FORCEINLINE UCHAR InterlockedBitTestAndSet(LONG volatile *Base, LONG Bit)
{
    LONG mask = (LONG)(1u << (Bit & 31));

    return (__atomic_fetch_or(&Base[Bit >> 5], mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

FORCEINLINE UCHAR InterlockedBitTestAndReset(LONG volatile *Base, LONG Bit)
{
    LONG mask = (LONG)(1u << (Bit & 31));

    return (__atomic_fetch_and(&Base[Bit >> 5], ~mask, __ATOMIC_SEQ_CST) & mask) != 0;
}

/* Loads and stores with a stated order. */
#define WDK_DEFINE_ORDERED_ACCESS(SUFFIX, TYPE)                                                    \
    FORCEINLINE TYPE Read##SUFFIX##NoFence(TYPE const volatile *Source)                            \
    {                                                                                              \
        return __atomic_load_n(Source, __ATOMIC_RELAXED);                                          \
    }                                                                                              \
    FORCEINLINE TYPE Read##SUFFIX##Acquire(TYPE const volatile *Source)                            \
    {                                                                                              \
        return __atomic_load_n(Source, __ATOMIC_ACQUIRE);                                          \
    }                                                                                              \
    FORCEINLINE VOID Write##SUFFIX##NoFence(TYPE volatile *Destination, TYPE Value)                \
    {                                                                                              \
        __atomic_store_n(Destination, Value, __ATOMIC_RELAXED);                                    \
    }                                                                                              \
    FORCEINLINE VOID Write##SUFFIX##Release(TYPE volatile *Destination, TYPE Value)                \
    {                                                                                              \
        __atomic_store_n(Destination, Value, __ATOMIC_RELEASE);                                    \
    }

WDK_DEFINE_ORDERED_ACCESS(, LONG)
WDK_DEFINE_ORDERED_ACCESS(64, LONG64)
WDK_DEFINE_ORDERED_ACCESS(ULong, ULONG)
WDK_DEFINE_ORDERED_ACCESS(ULong64, ULONG64)
WDK_DEFINE_ORDERED_ACCESS(Pointer, PVOID)

#endif

#endif

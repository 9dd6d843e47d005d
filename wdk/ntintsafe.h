/*
 * Arithmetic that reports overflow. Each routine stores the result and returns STATUS_SUCCESS, or
 * stores the largest value of the type and returns STATUS_INTEGER_OVERFLOW.
 */
#ifndef WDK_NTINTSAFE_H
#define WDK_NTINTSAFE_H

#include "ntdef.h"
#include "ntstatus.h"

#define WDK_DEFINE_SAFE_ARITHMETIC(NAME, TYPE, LARGEST)                                            \
    FORCEINLINE NTSTATUS Rtl##NAME##Add(TYPE Augend, TYPE Addend, TYPE *Result)                    \
    {                                                                                              \
        if (!__builtin_add_overflow(Augend, Addend, Result))                                       \
            return STATUS_SUCCESS;                                                                 \
        *Result = (TYPE)(LARGEST);                                                                 \
        return STATUS_INTEGER_OVERFLOW;                                                            \
    }                                                                                              \
    FORCEINLINE NTSTATUS Rtl##NAME##Sub(TYPE Minuend, TYPE Subtrahend, TYPE *Result)               \
    {                                                                                              \
        if (!__builtin_sub_overflow(Minuend, Subtrahend, Result))                                  \
            return STATUS_SUCCESS;                                                                 \
        *Result = (TYPE)(LARGEST);                                                                 \
        return STATUS_INTEGER_OVERFLOW;                                                            \
    }                                                                                              \
    FORCEINLINE NTSTATUS Rtl##NAME##Mult(TYPE Multiplicand, TYPE Multiplier, TYPE *Result)         \
    {                                                                                              \
        if (!__builtin_mul_overflow(Multiplicand, Multiplier, Result))                             \
            return STATUS_SUCCESS;                                                                 \
        *Result = (TYPE)(LARGEST);                                                                 \
        return STATUS_INTEGER_OVERFLOW;                                                            \
    }

WDK_DEFINE_SAFE_ARITHMETIC(UChar, UCHAR, 0xFF)
WDK_DEFINE_SAFE_ARITHMETIC(UShort, USHORT, 0xFFFF)
WDK_DEFINE_SAFE_ARITHMETIC(UInt, UINT, 0xFFFFFFFFu)
WDK_DEFINE_SAFE_ARITHMETIC(ULong, ULONG, 0xFFFFFFFFu)
WDK_DEFINE_SAFE_ARITHMETIC(ULongLong, ULONGLONG, ~0ULL)
WDK_DEFINE_SAFE_ARITHMETIC(ULongPtr, ULONG_PTR, ~0ULL)
WDK_DEFINE_SAFE_ARITHMETIC(SIZET, SIZE_T, ~0ULL)
WDK_DEFINE_SAFE_ARITHMETIC(SizeT, SIZE_T, ~0ULL)
WDK_DEFINE_SAFE_ARITHMETIC(Long, LONG, -1)
WDK_DEFINE_SAFE_ARITHMETIC(LongLong, LONGLONG, -1)

/* Conversion to a narrower type. */
#define WDK_DEFINE_SAFE_CONVERSION(NAME, FROM, TO)                                                 \
    FORCEINLINE NTSTATUS Rtl##NAME(FROM Operand, TO *Result)                                       \
    {                                                                                              \
        if (!__builtin_add_overflow(Operand, 0, Result))                                           \
            return STATUS_SUCCESS;                                                                 \
        *Result = (TO)-1;                                                                          \
        return STATUS_INTEGER_OVERFLOW;                                                            \
    }

WDK_DEFINE_SAFE_CONVERSION(ULongToUChar, ULONG, UCHAR)
WDK_DEFINE_SAFE_CONVERSION(ULongToUShort, ULONG, USHORT)
WDK_DEFINE_SAFE_CONVERSION(ULongLongToULong, ULONGLONG, ULONG)
WDK_DEFINE_SAFE_CONVERSION(ULongLongToUShort, ULONGLONG, USHORT)
WDK_DEFINE_SAFE_CONVERSION(SIZETToULong, SIZE_T, ULONG)
WDK_DEFINE_SAFE_CONVERSION(SizeTToULong, SIZE_T, ULONG)
WDK_DEFINE_SAFE_CONVERSION(SizeTToUShort, SIZE_T, USHORT)
WDK_DEFINE_SAFE_CONVERSION(LongLongToLong, LONGLONG, LONG)

#endif

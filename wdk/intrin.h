/*
 * Microsoft's compiler intrinsics. The compiler knows most of them and only wants their prototypes;
 * those that are an instruction and no more are written out. x64 orders every interlocked operation
 * fully, so the forms that ask for less are the same.
 */
#ifndef WDK_INTRIN_H
#define WDK_INTRIN_H

#include "ntdef.h"

#ifdef _WIN32

/* The compiler's vector headers bring allocation helpers, which a kernel cannot have. */
#ifndef __MM_MALLOC_H
#define __MM_MALLOC_H
#endif
#include <emmintrin.h>

WDK_BEGIN_C

/* ---- interlocked operations ---- */

char _InterlockedExchange8(char volatile *Target, char Value);
char _InterlockedExchangeAdd8(char volatile *Target, char Value);
char _InterlockedAnd8(char volatile *Target, char Value);
char _InterlockedOr8(char volatile *Target, char Value);
char _InterlockedXor8(char volatile *Target, char Value);
char _InterlockedCompareExchange8(char volatile *Destination, char Exchange, char Comparand);
short _InterlockedExchange16(short volatile *Target, short Value);
short _InterlockedExchangeAdd16(short volatile *Target, short Value);
short _InterlockedAnd16(short volatile *Target, short Value);
short _InterlockedOr16(short volatile *Target, short Value);
short _InterlockedXor16(short volatile *Target, short Value);
short _InterlockedCompareExchange16(short volatile *Destination, short Exchange, short Comparand);
short _InterlockedIncrement16(short volatile *Addend);
short _InterlockedDecrement16(short volatile *Addend);
long _InterlockedExchange(long volatile *Target, long Value);
long _InterlockedExchangeAdd(long volatile *Target, long Value);
long _InterlockedAnd(long volatile *Target, long Value);
long _InterlockedOr(long volatile *Target, long Value);
long _InterlockedXor(long volatile *Target, long Value);
long _InterlockedCompareExchange(long volatile *Destination, long Exchange, long Comparand);
long _InterlockedIncrement(long volatile *Addend);
long _InterlockedDecrement(long volatile *Addend);
__int64 _InterlockedExchange64(__int64 volatile *Target, __int64 Value);
__int64 _InterlockedExchangeAdd64(__int64 volatile *Target, __int64 Value);
__int64 _InterlockedAnd64(__int64 volatile *Target, __int64 Value);
__int64 _InterlockedOr64(__int64 volatile *Target, __int64 Value);
__int64 _InterlockedXor64(__int64 volatile *Target, __int64 Value);
__int64 _InterlockedCompareExchange64(__int64 volatile *Destination, __int64 Exchange,
                                      __int64 Comparand);
__int64 _InterlockedIncrement64(__int64 volatile *Addend);
__int64 _InterlockedDecrement64(__int64 volatile *Addend);
__int64 _InterlockedAdd64(__int64 volatile *Addend, __int64 Value);
long _InterlockedAdd(long volatile *Addend, long Value);
void *_InterlockedExchangePointer(void *volatile *Target, void *Value);
void *_InterlockedCompareExchangePointer(void *volatile *Destination, void *Exchange,
                                         void *Comparand);

unsigned char _interlockedbittestandset(long volatile *Base, long Bit);
unsigned char _interlockedbittestandreset(long volatile *Base, long Bit);
unsigned char _interlockedbittestandset64(__int64 volatile *Base, __int64 Bit);
unsigned char _interlockedbittestandreset64(__int64 volatile *Base, __int64 Bit);

/* ---- bits ---- */

unsigned char _bittest(long const *Base, long Bit);
unsigned char _bittestandset(long *Base, long Bit);
unsigned char _bittestandreset(long *Base, long Bit);
unsigned char _bittestandcomplement(long *Base, long Bit);
unsigned char _bittest64(__int64 const *Base, __int64 Bit);
unsigned char _bittestandset64(__int64 *Base, __int64 Bit);
unsigned char _bittestandreset64(__int64 *Base, __int64 Bit);
unsigned char _bittestandcomplement64(__int64 *Base, __int64 Bit);

unsigned char _BitScanForward(unsigned long *Index, unsigned long Mask);
unsigned char _BitScanReverse(unsigned long *Index, unsigned long Mask);
unsigned char _BitScanForward64(unsigned long *Index, unsigned __int64 Mask);
unsigned char _BitScanReverse64(unsigned long *Index, unsigned __int64 Mask);

unsigned char _rotl8(unsigned char Value, unsigned char Shift);
unsigned char _rotr8(unsigned char Value, unsigned char Shift);
unsigned short _rotl16(unsigned short Value, unsigned char Shift);
unsigned short _rotr16(unsigned short Value, unsigned char Shift);
unsigned int _rotl(unsigned int Value, int Shift);
unsigned int _rotr(unsigned int Value, int Shift);
unsigned __int64 _rotl64(unsigned __int64 Value, int Shift);
unsigned __int64 _rotr64(unsigned __int64 Value, int Shift);
unsigned long _lrotl(unsigned long Value, int Shift);
unsigned long _lrotr(unsigned long Value, int Shift);

/* ---- the processor ---- */

void _ReadWriteBarrier(void);
void _ReadBarrier(void);
void _WriteBarrier(void);
void *_ReturnAddress(void);
void *_AddressOfReturnAddress(void);
void __debugbreak(void);
__declspec(noreturn) void __fastfail(unsigned int Code);

WDK_END_C

#define BitScanForward   _BitScanForward
#define BitScanReverse   _BitScanReverse
#define BitScanForward64 _BitScanForward64
#define BitScanReverse64 _BitScanReverse64

#define _InterlockedExchange8_acq                     _InterlockedExchange8
#define _InterlockedExchange8_rel                     _InterlockedExchange8
#define _InterlockedExchange8_nf                      _InterlockedExchange8
#define _InterlockedExchangeAdd8_acq                  _InterlockedExchangeAdd8
#define _InterlockedExchangeAdd8_rel                  _InterlockedExchangeAdd8
#define _InterlockedExchangeAdd8_nf                   _InterlockedExchangeAdd8
#define _InterlockedAnd8_acq                          _InterlockedAnd8
#define _InterlockedAnd8_rel                          _InterlockedAnd8
#define _InterlockedAnd8_nf                           _InterlockedAnd8
#define _InterlockedAnd8_np                           _InterlockedAnd8
#define _InterlockedOr8_acq                           _InterlockedOr8
#define _InterlockedOr8_rel                           _InterlockedOr8
#define _InterlockedOr8_nf                            _InterlockedOr8
#define _InterlockedOr8_np                            _InterlockedOr8
#define _InterlockedXor8_acq                          _InterlockedXor8
#define _InterlockedXor8_rel                          _InterlockedXor8
#define _InterlockedXor8_nf                           _InterlockedXor8
#define _InterlockedXor8_np                           _InterlockedXor8
#define _InterlockedCompareExchange8_acq              _InterlockedCompareExchange8
#define _InterlockedCompareExchange8_rel              _InterlockedCompareExchange8
#define _InterlockedCompareExchange8_nf               _InterlockedCompareExchange8
#define _InterlockedCompareExchange8_np               _InterlockedCompareExchange8
#define _InterlockedExchange16_acq                    _InterlockedExchange16
#define _InterlockedExchange16_rel                    _InterlockedExchange16
#define _InterlockedExchange16_nf                     _InterlockedExchange16
#define _InterlockedExchangeAdd16_acq                 _InterlockedExchangeAdd16
#define _InterlockedExchangeAdd16_rel                 _InterlockedExchangeAdd16
#define _InterlockedExchangeAdd16_nf                  _InterlockedExchangeAdd16
#define _InterlockedAnd16_acq                         _InterlockedAnd16
#define _InterlockedAnd16_rel                         _InterlockedAnd16
#define _InterlockedAnd16_nf                          _InterlockedAnd16
#define _InterlockedAnd16_np                          _InterlockedAnd16
#define _InterlockedOr16_acq                          _InterlockedOr16
#define _InterlockedOr16_rel                          _InterlockedOr16
#define _InterlockedOr16_nf                           _InterlockedOr16
#define _InterlockedOr16_np                           _InterlockedOr16
#define _InterlockedXor16_acq                         _InterlockedXor16
#define _InterlockedXor16_rel                         _InterlockedXor16
#define _InterlockedXor16_nf                          _InterlockedXor16
#define _InterlockedXor16_np                          _InterlockedXor16
#define _InterlockedCompareExchange16_acq             _InterlockedCompareExchange16
#define _InterlockedCompareExchange16_rel             _InterlockedCompareExchange16
#define _InterlockedCompareExchange16_nf              _InterlockedCompareExchange16
#define _InterlockedCompareExchange16_np              _InterlockedCompareExchange16
#define _InterlockedIncrement16_acq                   _InterlockedIncrement16
#define _InterlockedIncrement16_rel                   _InterlockedIncrement16
#define _InterlockedIncrement16_nf                    _InterlockedIncrement16
#define _InterlockedDecrement16_acq                   _InterlockedDecrement16
#define _InterlockedDecrement16_rel                   _InterlockedDecrement16
#define _InterlockedDecrement16_nf                    _InterlockedDecrement16
#define _InterlockedExchange_acq                      _InterlockedExchange
#define _InterlockedExchange_rel                      _InterlockedExchange
#define _InterlockedExchange_nf                       _InterlockedExchange
#define _InterlockedExchange_HLEAcquire               _InterlockedExchange
#define _InterlockedExchange_HLERelease               _InterlockedExchange
#define _InterlockedExchangeAdd_acq                   _InterlockedExchangeAdd
#define _InterlockedExchangeAdd_rel                   _InterlockedExchangeAdd
#define _InterlockedExchangeAdd_nf                    _InterlockedExchangeAdd
#define _InterlockedExchangeAdd_HLEAcquire            _InterlockedExchangeAdd
#define _InterlockedExchangeAdd_HLERelease            _InterlockedExchangeAdd
#define _InterlockedAnd_acq                           _InterlockedAnd
#define _InterlockedAnd_rel                           _InterlockedAnd
#define _InterlockedAnd_nf                            _InterlockedAnd
#define _InterlockedAnd_np                            _InterlockedAnd
#define _InterlockedAnd_HLEAcquire                    _InterlockedAnd
#define _InterlockedAnd_HLERelease                    _InterlockedAnd
#define _InterlockedOr_acq                            _InterlockedOr
#define _InterlockedOr_rel                            _InterlockedOr
#define _InterlockedOr_nf                             _InterlockedOr
#define _InterlockedOr_np                             _InterlockedOr
#define _InterlockedOr_HLEAcquire                     _InterlockedOr
#define _InterlockedOr_HLERelease                     _InterlockedOr
#define _InterlockedXor_acq                           _InterlockedXor
#define _InterlockedXor_rel                           _InterlockedXor
#define _InterlockedXor_nf                            _InterlockedXor
#define _InterlockedXor_np                            _InterlockedXor
#define _InterlockedXor_HLEAcquire                    _InterlockedXor
#define _InterlockedXor_HLERelease                    _InterlockedXor
#define _InterlockedCompareExchange_acq               _InterlockedCompareExchange
#define _InterlockedCompareExchange_rel               _InterlockedCompareExchange
#define _InterlockedCompareExchange_nf                _InterlockedCompareExchange
#define _InterlockedCompareExchange_np                _InterlockedCompareExchange
#define _InterlockedCompareExchange_HLEAcquire        _InterlockedCompareExchange
#define _InterlockedCompareExchange_HLERelease        _InterlockedCompareExchange
#define _InterlockedIncrement_acq                     _InterlockedIncrement
#define _InterlockedIncrement_rel                     _InterlockedIncrement
#define _InterlockedIncrement_nf                      _InterlockedIncrement
#define _InterlockedDecrement_acq                     _InterlockedDecrement
#define _InterlockedDecrement_rel                     _InterlockedDecrement
#define _InterlockedDecrement_nf                      _InterlockedDecrement
#define _InterlockedExchange64_acq                    _InterlockedExchange64
#define _InterlockedExchange64_rel                    _InterlockedExchange64
#define _InterlockedExchange64_nf                     _InterlockedExchange64
#define _InterlockedExchange64_HLEAcquire             _InterlockedExchange64
#define _InterlockedExchange64_HLERelease             _InterlockedExchange64
#define _InterlockedExchangeAdd64_acq                 _InterlockedExchangeAdd64
#define _InterlockedExchangeAdd64_rel                 _InterlockedExchangeAdd64
#define _InterlockedExchangeAdd64_nf                  _InterlockedExchangeAdd64
#define _InterlockedExchangeAdd64_HLEAcquire          _InterlockedExchangeAdd64
#define _InterlockedExchangeAdd64_HLERelease          _InterlockedExchangeAdd64
#define _InterlockedAnd64_acq                         _InterlockedAnd64
#define _InterlockedAnd64_rel                         _InterlockedAnd64
#define _InterlockedAnd64_nf                          _InterlockedAnd64
#define _InterlockedAnd64_np                          _InterlockedAnd64
#define _InterlockedAnd64_HLEAcquire                  _InterlockedAnd64
#define _InterlockedAnd64_HLERelease                  _InterlockedAnd64
#define _InterlockedOr64_acq                          _InterlockedOr64
#define _InterlockedOr64_rel                          _InterlockedOr64
#define _InterlockedOr64_nf                           _InterlockedOr64
#define _InterlockedOr64_np                           _InterlockedOr64
#define _InterlockedOr64_HLEAcquire                   _InterlockedOr64
#define _InterlockedOr64_HLERelease                   _InterlockedOr64
#define _InterlockedXor64_acq                         _InterlockedXor64
#define _InterlockedXor64_rel                         _InterlockedXor64
#define _InterlockedXor64_nf                          _InterlockedXor64
#define _InterlockedXor64_np                          _InterlockedXor64
#define _InterlockedXor64_HLEAcquire                  _InterlockedXor64
#define _InterlockedXor64_HLERelease                  _InterlockedXor64
#define _InterlockedCompareExchange64_acq             _InterlockedCompareExchange64
#define _InterlockedCompareExchange64_rel             _InterlockedCompareExchange64
#define _InterlockedCompareExchange64_nf              _InterlockedCompareExchange64
#define _InterlockedCompareExchange64_np              _InterlockedCompareExchange64
#define _InterlockedCompareExchange64_HLEAcquire      _InterlockedCompareExchange64
#define _InterlockedCompareExchange64_HLERelease      _InterlockedCompareExchange64
#define _InterlockedIncrement64_acq                   _InterlockedIncrement64
#define _InterlockedIncrement64_rel                   _InterlockedIncrement64
#define _InterlockedIncrement64_nf                    _InterlockedIncrement64
#define _InterlockedDecrement64_acq                   _InterlockedDecrement64
#define _InterlockedDecrement64_rel                   _InterlockedDecrement64
#define _InterlockedDecrement64_nf                    _InterlockedDecrement64
#define _InterlockedExchangePointer_acq               _InterlockedExchangePointer
#define _InterlockedExchangePointer_rel               _InterlockedExchangePointer
#define _InterlockedExchangePointer_nf                _InterlockedExchangePointer
#define _InterlockedExchangePointer_HLEAcquire        _InterlockedExchangePointer
#define _InterlockedExchangePointer_HLERelease        _InterlockedExchangePointer
#define _InterlockedCompareExchangePointer_acq        _InterlockedCompareExchangePointer
#define _InterlockedCompareExchangePointer_rel        _InterlockedCompareExchangePointer
#define _InterlockedCompareExchangePointer_nf         _InterlockedCompareExchangePointer
#define _InterlockedCompareExchangePointer_np         _InterlockedCompareExchangePointer
#define _InterlockedCompareExchangePointer_HLEAcquire _InterlockedCompareExchangePointer
#define _InterlockedCompareExchangePointer_HLERelease _InterlockedCompareExchangePointer
#define _interlockedbittestandset_acq                 _interlockedbittestandset
#define _interlockedbittestandset_rel                 _interlockedbittestandset
#define _interlockedbittestandset_nf                  _interlockedbittestandset
#define _interlockedbittestandset_HLEAcquire          _interlockedbittestandset
#define _interlockedbittestandset_HLERelease          _interlockedbittestandset
#define _interlockedbittestandreset_acq               _interlockedbittestandreset
#define _interlockedbittestandreset_rel               _interlockedbittestandreset
#define _interlockedbittestandreset_nf                _interlockedbittestandreset
#define _interlockedbittestandreset_HLEAcquire        _interlockedbittestandreset
#define _interlockedbittestandreset_HLERelease        _interlockedbittestandreset
#define _interlockedbittestandset64_acq               _interlockedbittestandset64
#define _interlockedbittestandset64_rel               _interlockedbittestandset64
#define _interlockedbittestandset64_nf                _interlockedbittestandset64
#define _interlockedbittestandset64_HLEAcquire        _interlockedbittestandset64
#define _interlockedbittestandset64_HLERelease        _interlockedbittestandset64
#define _interlockedbittestandreset64_acq             _interlockedbittestandreset64
#define _interlockedbittestandreset64_rel             _interlockedbittestandreset64
#define _interlockedbittestandreset64_nf              _interlockedbittestandreset64
#define _interlockedbittestandreset64_HLEAcquire      _interlockedbittestandreset64
#define _interlockedbittestandreset64_HLERelease      _interlockedbittestandreset64

#define _byteswap_ushort(x) __builtin_bswap16(x)
#define _byteswap_ulong(x)  __builtin_bswap32(x)
#define _byteswap_uint64(x) __builtin_bswap64(x)

#define __popcnt16(x) ((unsigned short)__builtin_popcount((unsigned short)(x)))
#define __popcnt(x)   ((unsigned int)__builtin_popcount(x))
#define __popcnt64(x) ((unsigned __int64)__builtin_popcountll(x))

/* The number of bits for zero, which the compiler's own builtins leave undefined. */
#define __lzcnt16(x)  ((unsigned short)WdkLeadingZeros((unsigned short)(x), 16))
#define __lzcnt(x)    WdkLeadingZeros((unsigned int)(x), 32)
#define __lzcnt64(x)  ((unsigned __int64)WdkLeadingZeros((x), 64))
#define _lzcnt_u32(x) __lzcnt(x)
#define _lzcnt_u64(x) __lzcnt64(x)
#define _tzcnt_u32(x) WdkTrailingZeros((unsigned int)(x), 32)
#define _tzcnt_u64(x) ((unsigned __int64)WdkTrailingZeros((x), 64))

FORCEINLINE unsigned int WdkLeadingZeros(unsigned __int64 Value, unsigned int Width)
{
    return Value == 0 ? Width : (unsigned int)__builtin_clzll(Value) - (64 - Width);
}

FORCEINLINE unsigned int WdkTrailingZeros(unsigned __int64 Value, unsigned int Width)
{
    return Value == 0 ? Width : (unsigned int)__builtin_ctzll(Value);
}

#define __emul(a, b)  ((__int64)(int)(a) * (int)(b))
#define __emulu(a, b) ((unsigned __int64)(unsigned int)(a) * (unsigned int)(b))

FORCEINLINE unsigned __int64 WdkUmul128(unsigned __int64 First, unsigned __int64 Second,
                                        unsigned __int64 *High)
{
    unsigned __int128 product = (unsigned __int128)First * Second;

    *High = (unsigned __int64)(product >> 64);
    return (unsigned __int64)product;
}
#define _umul128(a, b, high) WdkUmul128((a), (b), (high))
#define UnsignedMultiply128  WdkUmul128
#define __umulh(a, b)        ((unsigned __int64)(((unsigned __int128)(a) * (b)) >> 64))
#define UnsignedMultiplyHigh __umulh

FORCEINLINE unsigned __int64 WdkShiftLeft128(unsigned __int64 Low, unsigned __int64 High,
                                             unsigned char Shift)
{
    return (Shift & 63) == 0 ? High : High << (Shift & 63) | Low >> (64 - (Shift & 63));
}

FORCEINLINE unsigned __int64 WdkShiftRight128(unsigned __int64 Low, unsigned __int64 High,
                                              unsigned char Shift)
{
    return (Shift & 63) == 0 ? Low : Low >> (Shift & 63) | High << (64 - (Shift & 63));
}

#define __shiftleft128  WdkShiftLeft128
#define __shiftright128 WdkShiftRight128
#define ShiftLeft128    WdkShiftLeft128
#define ShiftRight128   WdkShiftRight128

/* The compiler's own wants a switch for processors that all have it. */
FORCEINLINE unsigned char WdkCompareExchange128(__int64 volatile *Destination, __int64 ExchangeHigh,
                                                __int64 ExchangeLow, __int64 *ComparandResult)
{
    unsigned char equal;

    __asm__ __volatile__("lock cmpxchg16b %1\n\tsete %0"
                         : "=q"(equal), "+m"(*(unsigned __int128 volatile *)Destination),
                           "+a"(ComparandResult[0]), "+d"(ComparandResult[1])
                         : "b"(ExchangeLow), "c"(ExchangeHigh)
                         : "memory", "cc");
    return equal;
}
#define _InterlockedCompareExchange128    WdkCompareExchange128
#define _InterlockedCompareExchange128_np WdkCompareExchange128
#ifndef InterlockedCompareExchange128
#define InterlockedCompareExchange128 WdkCompareExchange128
#endif

/* ---- single instructions ---- */

#define __nop()            __asm__ __volatile__("nop")
#define __halt()           __asm__ __volatile__("hlt")
#define __ud2()            __builtin_trap()
#define __int2c()          __asm__ __volatile__("int $0x2c")
#define _disable()         __asm__ __volatile__("cli" ::: "memory")
#define _enable()          __asm__ __volatile__("sti" ::: "memory")
#define __wbinvd()         __asm__ __volatile__("wbinvd" ::: "memory")
#define __faststorefence() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define __rdtsc()          ((unsigned __int64)__builtin_ia32_rdtsc())
#define _m_prefetchw(p)    __builtin_prefetch((const void *)(p), 1)

FORCEINLINE unsigned __int64 __rdtscp(unsigned int *Processor)
{
    unsigned int low, high;

    __asm__ __volatile__("rdtscp" : "=a"(low), "=d"(high), "=c"(*Processor));
    return (unsigned __int64)high << 32 | low;
}

#if !__has_builtin(__cpuidex)
FORCEINLINE void __cpuidex(int Registers[4], int Function, int Subfunction)
{
    __asm__ __volatile__("cpuid"
                         : "=a"(Registers[0]), "=b"(Registers[1]), "=c"(Registers[2]),
                           "=d"(Registers[3])
                         : "a"(Function), "c"(Subfunction));
}
#endif

#if !__has_builtin(__cpuid)
FORCEINLINE void __cpuid(int Registers[4], int Function)
{
    __cpuidex(Registers, Function, 0);
}
#endif

/* Control and model-specific registers: user mode has none, so these end in a bug check. */
#define WDK_DEFINE_CONTROL_REGISTER(N)                                                             \
    FORCEINLINE unsigned __int64 __readcr##N(void)                                                 \
    {                                                                                              \
        unsigned __int64 value;                                                                    \
        __asm__ __volatile__("mov %%cr" #N ", %0" : "=r"(value));                                  \
        return value;                                                                              \
    }                                                                                              \
    FORCEINLINE void __writecr##N(unsigned __int64 Value)                                          \
    {                                                                                              \
        __asm__ __volatile__("mov %0, %%cr" #N ::"r"(Value) : "memory");                           \
    }

WDK_DEFINE_CONTROL_REGISTER(0)
WDK_DEFINE_CONTROL_REGISTER(2)
WDK_DEFINE_CONTROL_REGISTER(3)
WDK_DEFINE_CONTROL_REGISTER(4)
WDK_DEFINE_CONTROL_REGISTER(8)

FORCEINLINE unsigned __int64 __readmsr(unsigned long Register)
{
    unsigned int low, high;

    __asm__ __volatile__("rdmsr" : "=a"(low), "=d"(high) : "c"(Register));
    return (unsigned __int64)high << 32 | low;
}

FORCEINLINE void __writemsr(unsigned long Register, unsigned __int64 Value)
{
    __asm__ __volatile__("wrmsr" ::"a"((unsigned int)Value), "d"((unsigned int)(Value >> 32)),
                         "c"(Register)
                         : "memory");
}

FORCEINLINE unsigned __int64 __readeflags(void)
{
    unsigned __int64 value;

    __asm__ __volatile__("pushfq\n\tpopq %0" : "=r"(value)::"memory");
    return value;
}

/* Rows of bytes, words, doublewords and quadwords. */
#define WDK_DEFINE_STRINGS(LETTER, SUFFIX, TYPE)                                                   \
    FORCEINLINE void WdkSto##LETTER(TYPE *Destination, TYPE Value, SIZE_T Count)                   \
    {                                                                                              \
        __asm__ __volatile__("rep stos" SUFFIX                                                     \
                             : "+D"(Destination), "+c"(Count)                                      \
                             : "a"(Value)                                                          \
                             : "memory");                                                          \
    }                                                                                              \
    FORCEINLINE void WdkMov##LETTER(TYPE *Destination, TYPE const *Source, SIZE_T Count)           \
    {                                                                                              \
        __asm__ __volatile__("rep movs" SUFFIX                                                     \
                             : "+D"(Destination), "+S"(Source), "+c"(Count)                        \
                             :                                                                     \
                             : "memory");                                                          \
    }

WDK_DEFINE_STRINGS(sb, "b", unsigned char)
WDK_DEFINE_STRINGS(sw, "w", unsigned short)
WDK_DEFINE_STRINGS(sd, "l", unsigned long)
WDK_DEFINE_STRINGS(sq, "q", unsigned __int64)
#define __stosb WdkStosb
#define __stosw WdkStosw
#define __stosd WdkStosd
#define __stosq WdkStosq
#define __movsb WdkMovsb
#define __movsw WdkMovsw
#define __movsd WdkMovsd
#define __movsq WdkMovsq

/* Ports; the host carries the instructions out when they reach a range of the device. */
#define WDK_DEFINE_PORT(NAME, SUFFIX, TYPE)                                                        \
    FORCEINLINE TYPE __in##NAME(unsigned short Port)                                               \
    {                                                                                              \
        TYPE value;                                                                                \
        __asm__ __volatile__("in" SUFFIX " %w1, %0" : "=a"(value) : "Nd"(Port) : "memory");        \
        return value;                                                                              \
    }                                                                                              \
    FORCEINLINE void __out##NAME(unsigned short Port, TYPE Value)                                  \
    {                                                                                              \
        __asm__ __volatile__("out" SUFFIX " %0, %w1" ::"a"(Value), "Nd"(Port) : "memory");         \
    }                                                                                              \
    FORCEINLINE void __in##NAME##string(unsigned short Port, TYPE *Buffer, unsigned long Count)    \
    {                                                                                              \
        SIZE_T count = Count;                                                                      \
        __asm__ __volatile__("rep ins" SUFFIX : "+D"(Buffer), "+c"(count) : "d"(Port) : "memory"); \
    }                                                                                              \
    FORCEINLINE void __out##NAME##string(unsigned short Port, TYPE *Buffer, unsigned long Count)   \
    {                                                                                              \
        SIZE_T count = Count;                                                                      \
        __asm__ __volatile__("rep outs" SUFFIX                                                     \
                             : "+S"(Buffer), "+c"(count)                                           \
                             : "d"(Port)                                                           \
                             : "memory");                                                          \
    }

WDK_DEFINE_PORT(byte, "b", unsigned char)
WDK_DEFINE_PORT(word, "w", unsigned short)
WDK_DEFINE_PORT(dword, "l", unsigned long)

/* The processor's control region and, in applications, the thread's. */
#define WDK_DEFINE_SEGMENT(NAME, TYPE, SUFFIX)                                                     \
    FORCEINLINE TYPE WdkReadGs##NAME(unsigned long Offset)                                         \
    {                                                                                              \
        TYPE value;                                                                                \
        __asm__ __volatile__("mov" SUFFIX " %%gs:(%q1), %0"                                        \
                             : "=r"(value)                                                         \
                             : "r"((unsigned __int64)Offset));                                     \
        return value;                                                                              \
    }                                                                                              \
    FORCEINLINE void WdkWriteGs##NAME(unsigned long Offset, TYPE Value)                            \
    {                                                                                              \
        __asm__ __volatile__("mov" SUFFIX " %0, %%gs:(%q1)" ::"r"(Value),                          \
                             "r"((unsigned __int64)Offset)                                         \
                             : "memory");                                                          \
    }

WDK_DEFINE_SEGMENT(byte, unsigned char, "b")
WDK_DEFINE_SEGMENT(word, unsigned short, "w")
WDK_DEFINE_SEGMENT(dword, unsigned long, "l")
WDK_DEFINE_SEGMENT(qword, unsigned __int64, "q")
#define __readgsbyte   WdkReadGsbyte
#define __readgsword   WdkReadGsword
#define __readgsdword  WdkReadGsdword
#define __readgsqword  WdkReadGsqword
#define __writegsbyte  WdkWriteGsbyte
#define __writegsword  WdkWriteGsword
#define __writegsdword WdkWriteGsdword
#define __writegsqword WdkWriteGsqword

#endif

#endif

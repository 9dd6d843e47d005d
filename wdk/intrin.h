/*
 * Microsoft's compiler intrinsics. The compiler knows the interlocked operations itself; what
 * follows declares those a storage driver uses, and the few that need an instruction written out.
 */
#ifndef WDK_INTRIN_H
#define WDK_INTRIN_H

#include "ntdef.h"

#ifdef _WIN32

/* The compiler's vector headers bring allocation helpers, which a kernel cannot have. */
#define __MM_MALLOC_H
#include <emmintrin.h>

WDK_BEGIN_C

long _InterlockedIncrement(long volatile *Addend);
long _InterlockedDecrement(long volatile *Addend);
long _InterlockedExchange(long volatile *Target, long Value);
long _InterlockedExchangeAdd(long volatile *Addend, long Value);
long _InterlockedCompareExchange(long volatile *Destination, long Exchange, long Comparand);
long _InterlockedAnd(long volatile *Destination, long Value);
long _InterlockedOr(long volatile *Destination, long Value);
long _InterlockedXor(long volatile *Destination, long Value);
short _InterlockedIncrement16(short volatile *Addend);
short _InterlockedDecrement16(short volatile *Addend);
short _InterlockedCompareExchange16(short volatile *Destination, short Exchange, short Comparand);
__int64 _InterlockedIncrement64(__int64 volatile *Addend);
__int64 _InterlockedDecrement64(__int64 volatile *Addend);
__int64 _InterlockedExchange64(__int64 volatile *Target, __int64 Value);
__int64 _InterlockedExchangeAdd64(__int64 volatile *Addend, __int64 Value);
__int64 _InterlockedCompareExchange64(__int64 volatile *Destination, __int64 Exchange,
                                      __int64 Comparand);
__int64 _InterlockedAnd64(__int64 volatile *Destination, __int64 Value);
__int64 _InterlockedOr64(__int64 volatile *Destination, __int64 Value);
void *_InterlockedExchangePointer(void *volatile *Target, void *Value);
void *_InterlockedCompareExchangePointer(void *volatile *Destination, void *Exchange,
                                         void *Comparand);

unsigned char _BitScanForward(unsigned long *Index, unsigned long Mask);
unsigned char _BitScanReverse(unsigned long *Index, unsigned long Mask);
unsigned char _BitScanForward64(unsigned long *Index, unsigned __int64 Mask);
unsigned char _BitScanReverse64(unsigned long *Index, unsigned __int64 Mask);
unsigned int _rotl(unsigned int Value, int Shift);
unsigned int _rotr(unsigned int Value, int Shift);
unsigned __int64 _rotl64(unsigned __int64 Value, int Shift);
unsigned __int64 _rotr64(unsigned __int64 Value, int Shift);
void _ReadWriteBarrier(void);
void _ReadBarrier(void);
void _WriteBarrier(void);
void *_ReturnAddress(void);
void *_AddressOfReturnAddress(void);

WDK_END_C

#define BitScanForward      _BitScanForward
#define BitScanReverse      _BitScanReverse
#define BitScanForward64    _BitScanForward64
#define BitScanReverse64    _BitScanReverse64
#define _byteswap_ushort(x) __builtin_bswap16(x)
#define _byteswap_ulong(x)  __builtin_bswap32(x)
#define _byteswap_uint64(x) __builtin_bswap64(x)
#define __nop()             __asm__ __volatile__("nop")
#define _rotl8(x, n)        __builtin_rotateleft8((x), (n))
#define _rotl16(x, n)       __builtin_rotateleft16((x), (n))

#endif

#endif

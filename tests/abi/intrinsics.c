/*
 * The driver's half of intrinsics_test.c: compiled as a driver is, so that what intrin.h declares
 * is the compiler's own and what it defines is right. Says the line of the first that is not.
 */
#include <intrin.h>
#include <wdm.h>

#define EXPECT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return __LINE__;                                                                       \
    } while (0)

static int Interlocked(void)
{
    static __declspec(align(16)) volatile __int64 Wide[2] = {1, 2};
    volatile char Byte = 1;
    volatile short Word = 5;
    volatile long Long = 7;
    volatile __int64 Quad = 9;
    void *volatile Pointer = (void *)&Long;
    __int64 Comparand[2] = {1, 2};

    EXPECT(_InterlockedExchange8(&Byte, 3) == 1 && _InterlockedCompareExchange8(&Byte, 4, 3) == 3);
    EXPECT(_InterlockedOr8(&Byte, 3) == 4 && _InterlockedAnd8(&Byte, 5) == 7 && Byte == 5);
    EXPECT(_InterlockedIncrement16(&Word) == 6 && _InterlockedDecrement16(&Word) == 5);
    EXPECT(_InterlockedExchangeAdd16(&Word, 2) == 5 && Word == 7);
    EXPECT(_InterlockedIncrement(&Long) == 8 && _InterlockedDecrement_nf(&Long) == 7);
    EXPECT(_InterlockedXor(&Long, 2) == 7 && _InterlockedExchange_acq(&Long, 1) == 5);
    EXPECT(_InterlockedCompareExchange_rel(&Long, 6, 2) == 1 && Long == 1);
    EXPECT(_InterlockedExchangeAdd64(&Quad, -2) == 9 && _InterlockedOr64_np(&Quad, 8) == 7);
    EXPECT(_InterlockedExchange64_HLEAcquire(&Quad, 3) == 15 && Quad == 3);
    EXPECT(_InterlockedExchangePointer(&Pointer, (void *)&Quad) == (void *)&Long);
    EXPECT(_InterlockedCompareExchangePointer(&Pointer, NULL, (void *)&Quad) == (void *)&Quad);
    EXPECT(_InterlockedCompareExchange128(Wide, 4, 3, Comparand) == 1);
    EXPECT(Wide[0] == 3 && Wide[1] == 4);
    EXPECT(_InterlockedCompareExchange128(Wide, 6, 5, Comparand) == 0 && Comparand[1] == 4);
    Long = 4;
    EXPECT(_interlockedbittestandset(&Long, 1) == 0 && _interlockedbittestandreset(&Long, 2) == 1);
    EXPECT(Long == 2 && _interlockedbittestandset64_acq(&Quad, 40) == 0 && Quad >> 40 == 1);
    return 0;
}

static int Bits(void)
{
    unsigned long Index = 99;
    long Word = 4;
    unsigned __int64 High;

    EXPECT(_BitScanForward(&Index, 0x50) && Index == 4 && _BitScanReverse(&Index, 0x50) &&
           Index == 6);
    EXPECT(_BitScanForward64(&Index, 1ULL << 40) && Index == 40 && !_BitScanReverse64(&Index, 0));
    EXPECT(_bittest(&Word, 2) && !_bittestandset(&Word, 0) && _bittestandreset(&Word, 2));
    EXPECT(Word == 1 && _bittestandcomplement(&Word, 0) && Word == 0);
    EXPECT(_rotl8(0x81, 1) == 0x03 && _rotr16(0x0001, 1) == 0x8000 && _rotl(1u << 31, 1) == 1);
    EXPECT(_rotr64(1, 1) == 1ULL << 63 && _lrotl(3, 31) == 0x80000001);
    EXPECT(_byteswap_ushort(0x1234) == 0x3412 && _byteswap_ulong(0x12345678) == 0x78563412);
    EXPECT(_byteswap_uint64(1) == 1ULL << 56);
    EXPECT(__popcnt16(0xFFFF) == 16 && __popcnt(0x10001) == 2 && __popcnt64(~0ULL) == 64);
    EXPECT(__lzcnt16(1) == 15 && __lzcnt(0) == 32 && __lzcnt64(1) == 63 && _tzcnt_u32(8) == 3);
    EXPECT(__emulu(0xFFFFFFFF, 2) == 0x1FFFFFFFEULL && __emul(-3, 5) == -15);
    EXPECT(_umul128(1ULL << 63, 6, &High) == 0 && High == 3 && __umulh(1ULL << 63, 6) == 3);
    EXPECT(__shiftleft128(1ULL << 63, 1, 1) == 3 && __shiftright128(2, 1, 1) == (1 | 1ULL << 63));
    EXPECT(__shiftright128(7, 9, 64) == 7);
    return 0;
}

static int Instructions(void)
{
    unsigned char Bytes[5] = {1, 2, 3, 4, 5}, Copy[5] = {0};
    unsigned short Words[3];
    unsigned long Longs[3];
    unsigned __int64 Quads[3], First = __rdtsc();
    unsigned int Processor;
    int Registers[4];

    __movsb(Copy, Bytes, 4);
    EXPECT(Copy[0] == 1 && Copy[3] == 4 && Copy[4] == 0);
    __stosb(Copy, 9, 2);
    __stosw(Words, 0x1234, 3);
    __stosd(Longs, 0x12345678, 3);
    __stosq(Quads, 0x123456789AULL, 3);
    EXPECT(Copy[1] == 9 && Copy[2] == 3 && Words[2] == 0x1234 && Longs[2] == 0x12345678);
    EXPECT(Quads[2] == 0x123456789AULL && __rdtscp(&Processor) >= First);
    __cpuid(Registers, 0);
    EXPECT(Registers[0] > 0 && Registers[1] != 0);
    __cpuidex(Registers, 7, 0);
    EXPECT((__readeflags() & 2) != 0 && _ReturnAddress() != NULL);
    _ReadWriteBarrier();
    __faststorefence();
    _mm_mfence();
    __nop();
    return 0;
}

/* Only compiled: user mode may not execute them. */
void Privileged(unsigned short Port);
void Privileged(unsigned short Port)
{
    unsigned char Bytes[4];
    unsigned long Longs[4];

    __outbyte(Port, __inbyte(Port));
    __outword(Port, __inword(Port));
    __outdword(Port, __indword(Port));
    __inbytestring(Port, Bytes, 4);
    __outdwordstring(Port, Longs, 4);
    __writecr8(__readcr8() + __readcr0() + __readcr3() + __readcr4());
    __writemsr(0x10, __readmsr(0x10));
    _disable();
    _enable();
    __writegsqword(0x20, __readgsqword(0x188) + __readgsdword(0x1A4));
}

int IntrinsicsCheck(void);
int IntrinsicsCheck(void)
{
    int Line = Interlocked();

    if (Line == 0)
        Line = Bits();
    return Line == 0 ? Instructions() : Line;
}

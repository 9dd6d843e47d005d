/*
 * bitmaps.c - Rtl: maps of bits in 32-bit words. Nothing is guarded: the driver serialises.
 */
#include "nt/export.h"
#include "nt/thread.h"

#include <ntddk.h>

#define EXPORT(name_)                                                                              \
    NT_EXPORT_ROW("ntoskrnl.exe", name_, "Bit maps", NT_HIGH_LEVEL, NT_EXPORT_MAY_BE_LEFT)

static bool bit(const RTL_BITMAP *map, ULONG number)
{
    return map->Buffer[number / 32] >> number % 32 & 1;
}

VOID NTAPI RtlInitializeBitMap(PRTL_BITMAP BitMapHeader, PULONG BitMapBuffer, ULONG SizeOfBitMap)
{
    BitMapHeader->SizeOfBitMap = SizeOfBitMap;
    BitMapHeader->Buffer = BitMapBuffer;
}
EXPORT(RtlInitializeBitMap);

VOID NTAPI RtlSetBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber)
{
    BitMapHeader->Buffer[BitNumber / 32] |= 1u << BitNumber % 32;
}
EXPORT(RtlSetBit);

VOID NTAPI RtlClearBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber)
{
    BitMapHeader->Buffer[BitNumber / 32] &= ~(1u << BitNumber % 32);
}
EXPORT(RtlClearBit);

BOOLEAN NTAPI RtlTestBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber)
{
    return bit(BitMapHeader, BitNumber);
}
EXPORT(RtlTestBit);

VOID NTAPI RtlSetBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG NumberToSet)
{
    for (ULONG i = 0; i < NumberToSet; i++)
        RtlSetBit(BitMapHeader, StartingIndex + i);
}
EXPORT(RtlSetBits);

VOID NTAPI RtlClearBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG NumberToClear)
{
    for (ULONG i = 0; i < NumberToClear; i++)
        RtlClearBit(BitMapHeader, StartingIndex + i);
}
EXPORT(RtlClearBits);

VOID NTAPI RtlSetAllBits(PRTL_BITMAP BitMapHeader)
{
    RtlSetBits(BitMapHeader, 0, BitMapHeader->SizeOfBitMap);
}
EXPORT(RtlSetAllBits);

VOID NTAPI RtlClearAllBits(PRTL_BITMAP BitMapHeader)
{
    RtlClearBits(BitMapHeader, 0, BitMapHeader->SizeOfBitMap);
}
EXPORT(RtlClearAllBits);

/* All of a run are `set`; false for a run that leaves the map. */
static bool is_run(const RTL_BITMAP *map, ULONG start, ULONG length, bool set)
{
    if (start >= map->SizeOfBitMap || length > map->SizeOfBitMap - start)
        return false;
    for (ULONG i = 0; i < length; i++)
        if (bit(map, start + i) != set)
            return false;
    return true;
}

BOOLEAN NTAPI RtlAreBitsClear(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG Length)
{
    return is_run(BitMapHeader, StartingIndex, Length, false);
}
EXPORT(RtlAreBitsClear);

BOOLEAN NTAPI RtlAreBitsSet(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG Length)
{
    return is_run(BitMapHeader, StartingIndex, Length, true);
}
EXPORT(RtlAreBitsSet);

enum { NOT_FOUND = 0xFFFFFFFF };

/* The first run at or behind the hint, else before it. */
static ULONG find(const RTL_BITMAP *map, ULONG length, ULONG hint, bool set)
{
    if (hint >= map->SizeOfBitMap)
        hint = 0;
    for (ULONG i = hint; i < map->SizeOfBitMap; i++)
        if (is_run(map, i, length, set))
            return i;
    for (ULONG i = 0; i < hint; i++)
        if (is_run(map, i, length, set))
            return i;
    return NOT_FOUND;
}

ULONG NTAPI RtlFindClearBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
    return find(BitMapHeader, NumberToFind, HintIndex, false);
}
EXPORT(RtlFindClearBits);

ULONG NTAPI RtlFindSetBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
    return find(BitMapHeader, NumberToFind, HintIndex, true);
}
EXPORT(RtlFindSetBits);

ULONG NTAPI RtlFindClearBitsAndSet(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
    ULONG found = find(BitMapHeader, NumberToFind, HintIndex, false);

    if (found != NOT_FOUND)
        RtlSetBits(BitMapHeader, found, NumberToFind);
    return found;
}
EXPORT(RtlFindClearBitsAndSet);

ULONG NTAPI RtlFindSetBitsAndClear(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
    ULONG found = find(BitMapHeader, NumberToFind, HintIndex, true);

    if (found != NOT_FOUND)
        RtlClearBits(BitMapHeader, found, NumberToFind);
    return found;
}
EXPORT(RtlFindSetBitsAndClear);

static ULONG count(const RTL_BITMAP *map, bool set)
{
    ULONG sum = 0;

    for (ULONG i = 0; i < map->SizeOfBitMap; i++)
        sum += bit(map, i) == set;
    return sum;
}

ULONG NTAPI RtlNumberOfSetBits(PRTL_BITMAP BitMapHeader)
{
    return count(BitMapHeader, true);
}
EXPORT(RtlNumberOfSetBits);

ULONG NTAPI RtlNumberOfClearBits(PRTL_BITMAP BitMapHeader)
{
    return count(BitMapHeader, false);
}
EXPORT(RtlNumberOfClearBits);

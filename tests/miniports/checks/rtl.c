/*
 * Checks of the run-time library beyond its C part: bit maps, further strings, numbers, versions,
 * interlocked lists, and routines by name.
 */
#include "check.h"

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))

/* ---- bit maps ---- */

static VOID MakeMap(PRTL_BITMAP Map, ULONG Words[2])
{
    Words[0] = Words[1] = 0;
    RtlInitializeBitMap(Map, Words, 40);
}

CHECK(RtlInitializeBitMap, EVERYWHERE)
{
    RTL_BITMAP Map = {0, NULL};
    ULONG Words[2] = {5, 0};

    RtlInitializeBitMap(&Map, Words, 40);
    EXPECT_EQUAL(Map.SizeOfBitMap, 40);
    EXPECT(Map.Buffer == Words);
    EXPECT(RtlTestBit(&Map, 2));
}

CHECK(RtlSetBit, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    RtlSetBit(&Map, 33);
    EXPECT_EQUAL(Words[1], 2);
}

CHECK(RtlClearBit, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    Words[0] = 0xFF;
    RtlClearBit(&Map, 4);
    EXPECT_EQUAL(Words[0], 0xEF);
}

CHECK(RtlTestBit, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    Words[1] = 0x80;
    EXPECT(RtlTestBit(&Map, 39));
    EXPECT(!RtlTestBit(&Map, 38));
}

CHECK(RtlSetBits, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    RtlSetBits(&Map, 30, 4);
    EXPECT_EQUAL(Words[0], 0xC0000000);
    EXPECT_EQUAL(Words[1], 3);
}

CHECK(RtlClearBits, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    Words[0] = Words[1] = 0xFF;
    RtlClearBits(&Map, 2, 3);
    EXPECT_EQUAL(Words[0], 0xE3);
    EXPECT_EQUAL(Words[1], 0xFF);
}

CHECK(RtlSetAllBits, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    RtlSetAllBits(&Map);
    EXPECT_EQUAL(Words[0], 0xFFFFFFFF);
    EXPECT_EQUAL(RtlNumberOfSetBits(&Map), 40);
}

CHECK(RtlClearAllBits, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    RtlSetBits(&Map, 0, 40);
    RtlClearAllBits(&Map);
    EXPECT_EQUAL(Words[0] | Words[1], 0);
}

CHECK(RtlAreBitsClear, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    RtlSetBit(&Map, 10);
    EXPECT(RtlAreBitsClear(&Map, 0, 10));
    EXPECT(!RtlAreBitsClear(&Map, 5, 6));
    EXPECT(!RtlAreBitsClear(&Map, 35, 6)); /* leaves the map */
}

CHECK(RtlAreBitsSet, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    RtlSetBits(&Map, 31, 3);
    EXPECT(RtlAreBitsSet(&Map, 31, 3));
    EXPECT(!RtlAreBitsSet(&Map, 30, 3));
}

CHECK(RtlFindClearBits, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    RtlSetBits(&Map, 4, 30);
    EXPECT_EQUAL(RtlFindClearBits(&Map, 5, 0), 34);
    EXPECT_EQUAL(RtlFindClearBits(&Map, 4, 36), 36);
    EXPECT_EQUAL(RtlFindClearBits(&Map, 4, 37), 0); /* from the start again */
    EXPECT_EQUAL(RtlFindClearBits(&Map, 7, 0), 0xFFFFFFFF);
}

CHECK(RtlFindSetBits, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    RtlSetBits(&Map, 8, 3);
    EXPECT_EQUAL(RtlFindSetBits(&Map, 3, 20), 8);
    EXPECT_EQUAL(RtlFindSetBits(&Map, 4, 0), 0xFFFFFFFF);
}

CHECK(RtlFindClearBitsAndSet, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    EXPECT_EQUAL(RtlFindClearBitsAndSet(&Map, 3, 2), 2);
    EXPECT_EQUAL(Words[0], 0x1C);
}

CHECK(RtlFindSetBitsAndClear, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    RtlSetBits(&Map, 3, 4);
    EXPECT_EQUAL(RtlFindSetBitsAndClear(&Map, 2, 0), 3);
    EXPECT_EQUAL(Words[0], 0x60);
}

CHECK(RtlNumberOfSetBits, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    RtlSetBits(&Map, 30, 4);
    EXPECT_EQUAL(RtlNumberOfSetBits(&Map), 4);
}

CHECK(RtlNumberOfClearBits, EVERYWHERE)
{
    RTL_BITMAP Map;
    ULONG Words[2];

    MakeMap(&Map, Words);
    RtlSetBits(&Map, 30, 4);
    EXPECT_EQUAL(RtlNumberOfClearBits(&Map), 36);
}

/* ---- strings ---- */

static UNICODE_STRING Room(WCHAR *Buffer, USHORT Bytes)
{
    UNICODE_STRING String;

    RtlInitEmptyUnicodeString(&String, Buffer, Bytes);
    return String;
}

CHECK(RtlAppendUnicodeStringToString, EVERYWHERE)
{
    WCHAR Buffer[4];
    UNICODE_STRING String = Room(Buffer, sizeof(Buffer)), Tail;

    RtlInitUnicodeString(&Tail, L"ab");
    EXPECT_EQUAL(RtlAppendUnicodeStringToString(&String, &Tail), STATUS_SUCCESS);
    EXPECT_EQUAL(RtlAppendUnicodeStringToString(&String, &Tail), STATUS_SUCCESS);
    EXPECT_EQUAL(String.Length, 8);
    EXPECT(RtlEqualMemory(Buffer, L"abab", 8));
    EXPECT_EQUAL(RtlAppendUnicodeStringToString(&String, &Tail), STATUS_BUFFER_TOO_SMALL);
}

CHECK(RtlAppendUnicodeToString, EVERYWHERE)
{
    WCHAR Buffer[4];
    UNICODE_STRING String = Room(Buffer, sizeof(Buffer));

    EXPECT_EQUAL(RtlAppendUnicodeToString(&String, L"xyz"), STATUS_SUCCESS);
    EXPECT_EQUAL(String.Length, 6);
    EXPECT_EQUAL(Buffer[3], 0);
    EXPECT_EQUAL(RtlAppendUnicodeToString(&String, L"xy"), STATUS_BUFFER_TOO_SMALL);
}

CHECK(RtlUnicodeStringToAnsiString, PASSIVE_PLACES)
{
    UNICODE_STRING Source;
    ANSI_STRING Copy;
    CHAR Buffer[4];

    RtlInitUnicodeString(&Source, L"abc");
    EXPECT_EQUAL(RtlUnicodeStringToAnsiString(&Copy, &Source, TRUE), STATUS_SUCCESS);
    EXPECT_EQUAL(Copy.Length, 3);
    EXPECT(RtlEqualMemory(Copy.Buffer, "abc", 4));
    RtlFreeAnsiString(&Copy);
    RtlInitEmptyAnsiString(&Copy, Buffer, 3);
    EXPECT_EQUAL(RtlUnicodeStringToAnsiString(&Copy, &Source, FALSE), STATUS_BUFFER_OVERFLOW);
}

CHECK(RtlFreeAnsiString, PASSIVE_PLACES)
{
    UNICODE_STRING Source;
    ANSI_STRING Copy;

    RtlInitUnicodeString(&Source, L"abc");
    RtlUnicodeStringToAnsiString(&Copy, &Source, TRUE);
    RtlFreeAnsiString(&Copy);
    EXPECT(Copy.Buffer == NULL);
    EXPECT_EQUAL(Copy.Length, 0);
}

CHECK(RtlUpcaseUnicodeChar, EVERYWHERE)
{
    EXPECT_EQUAL(RtlUpcaseUnicodeChar(L'q'), L'Q');
    EXPECT_EQUAL(RtlUpcaseUnicodeChar(L'7'), L'7');
}

CHECK(RtlPrefixUnicodeString, EVERYWHERE)
{
    UNICODE_STRING Prefix, Whole;

    RtlInitUnicodeString(&Prefix, L"Stor");
    RtlInitUnicodeString(&Whole, L"storport");
    EXPECT(RtlPrefixUnicodeString(&Prefix, &Whole, TRUE));
    EXPECT(!RtlPrefixUnicodeString(&Prefix, &Whole, FALSE));
    EXPECT(!RtlPrefixUnicodeString(&Whole, &Prefix, TRUE));
}

CHECK(RtlIntegerToUnicodeString, EVERYWHERE)
{
    WCHAR Buffer[12];
    UNICODE_STRING String = Room(Buffer, sizeof(Buffer));

    EXPECT_EQUAL(RtlIntegerToUnicodeString(4711, 0, &String), STATUS_SUCCESS);
    EXPECT(RtlEqualMemory(Buffer, L"4711", 10));
    EXPECT_EQUAL(RtlIntegerToUnicodeString(0xBEEF, 16, &String), STATUS_SUCCESS);
    EXPECT_EQUAL(String.Length, 8);
    EXPECT(RtlEqualMemory(Buffer, L"BEEF", 10));
    EXPECT_EQUAL(RtlIntegerToUnicodeString(1, 7, &String), STATUS_INVALID_PARAMETER);
    String.MaximumLength = 4;
    EXPECT_EQUAL(RtlIntegerToUnicodeString(100, 10, &String), STATUS_BUFFER_OVERFLOW);
}

CHECK(RtlInt64ToUnicodeString, EVERYWHERE)
{
    WCHAR Buffer[24];
    UNICODE_STRING String = Room(Buffer, sizeof(Buffer));

    EXPECT_EQUAL(RtlInt64ToUnicodeString(0x123456789ull, 16, &String), STATUS_SUCCESS);
    EXPECT(RtlEqualMemory(Buffer, L"123456789", 20));
}

CHECK(RtlStringFromGUID, PASSIVE_PLACES)
{
    static const GUID Guid = {0x12345678, 0x9ABC, 0xDEF0, {1, 2, 3, 4, 5, 6, 7, 8}};
    UNICODE_STRING Text;

    EXPECT_EQUAL(RtlStringFromGUID(&Guid, &Text), STATUS_SUCCESS);
    EXPECT_EQUAL(Text.Length, 76);
    EXPECT(RtlEqualMemory(Text.Buffer, L"{12345678-9ABC-DEF0-0102-030405060708}", 78));
    RtlFreeUnicodeString(&Text);
}

/* ---- the system ---- */

CHECK(RtlGetVersion, PASSIVE_PLACES)
{
    RTL_OSVERSIONINFOW Version;

    RtlZeroMemory(&Version, sizeof(Version));
    Version.dwOSVersionInfoSize = sizeof(Version);
    EXPECT_EQUAL(RtlGetVersion(&Version), STATUS_SUCCESS);
    EXPECT_EQUAL(Version.dwMajorVersion, 10);
    EXPECT(Version.dwBuildNumber >= 19041);
    EXPECT_EQUAL(Version.dwPlatformId, 2);
}

CHECK(PsGetVersion, LOW_PLACES)
{
    ULONG Major = 0, Minor = 7, Build = 0;

    EXPECT(!PsGetVersion(&Major, &Minor, &Build, NULL));
    EXPECT_EQUAL(Major, 10);
    EXPECT_EQUAL(Minor, 0);
    EXPECT(Build >= 19041);
}

CHECK(RtlRandomEx, LOW_PLACES)
{
    ULONG Seed = 1, Same = 1, First = RtlRandomEx(&Seed);

    EXPECT(Seed != 1);
    EXPECT_EQUAL(RtlRandomEx(&Same), First);
    EXPECT(RtlRandomEx(&Seed) != First);
    EXPECT(First < MAXLONG);
}

CHECK(RtlRandom, LOW_PLACES)
{
    ULONG Seed = 5, First = RtlRandom(&Seed);

    EXPECT(First < MAXLONG);
    EXPECT(RtlRandom(&Seed) != First);
}

CHECK(ExUuidCreate, PASSIVE_PLACES)
{
    UUID First, Second;

    EXPECT_EQUAL(ExUuidCreate(&First), STATUS_SUCCESS);
    EXPECT_EQUAL(ExUuidCreate(&Second), STATUS_SUCCESS);
    EXPECT(!RtlEqualMemory(&First, &Second, sizeof(First)));
    EXPECT_EQUAL(First.Data3 >> 12, 4);
    EXPECT_EQUAL(First.Data4[0] >> 6, 2);
}

CHECK(MmGetSystemRoutineAddress, PASSIVE_PLACES)
{
    UNICODE_STRING Name;
    SIZE_T(NTAPI * Compare)(const VOID *, const VOID *, SIZE_T);

    RtlInitUnicodeString(&Name, L"RtlCompareMemory");
    Compare = (SIZE_T(NTAPI *)(const VOID *, const VOID *, SIZE_T))MmGetSystemRoutineAddress(&Name);
    EXPECT(Compare != NULL && Compare("abc", "abd", 3) == 2);
    RtlInitUnicodeString(&Name, L"NoSuchRoutine");
    EXPECT(MmGetSystemRoutineAddress(&Name) == NULL);
}

CHECK_FATAL(ProbeForRead, stops_at_a_misaligned_address, AT(WorkItem))
{
    ULONGLONG Number = 0;

    UNREFERENCED_PARAMETER(Context);
    ProbeForRead(&Number, sizeof(Number), 8);
    ProbeForRead(NULL, 0, 1);
    ProbeForRead((PUCHAR)&Number + 1, 4, 4);
}

CHECK_FATAL(ProbeForWrite, stops_at_an_address_of_the_kernel, AT(WorkItem))
{
    ULONGLONG Number = 0;

    UNREFERENCED_PARAMETER(Context);
    ProbeForWrite(&Number, sizeof(Number), 8);
    ProbeForWrite((PVOID)(ULONG_PTR)0xFFFFF80000000000ull, 4, 4);
}

CHECK(KdDebuggerNotPresent, PASSIVE_PLACES)
{
    EXPECT(KD_DEBUGGER_NOT_PRESENT);
    EXPECT(!KD_DEBUGGER_ENABLED);
}

/* ---- lists and numbers under a lock ---- */

CHECK(ExInterlockedInsertHeadList, EVERYWHERE)
{
    LIST_ENTRY Head, First, Second;
    KSPIN_LOCK Lock = 0;

    InitializeListHead(&Head);
    EXPECT(ExInterlockedInsertHeadList(&Head, &First, &Lock) == NULL);
    EXPECT(ExInterlockedInsertHeadList(&Head, &Second, &Lock) == &First);
    EXPECT(Head.Flink == &Second);
}

CHECK(ExInterlockedInsertTailList, EVERYWHERE)
{
    LIST_ENTRY Head, First, Second;
    KSPIN_LOCK Lock = 0;

    InitializeListHead(&Head);
    EXPECT(ExInterlockedInsertTailList(&Head, &First, &Lock) == NULL);
    EXPECT(ExInterlockedInsertTailList(&Head, &Second, &Lock) == &First);
    EXPECT(Head.Blink == &Second);
}

CHECK(ExInterlockedRemoveHeadList, EVERYWHERE)
{
    LIST_ENTRY Head, First;
    KSPIN_LOCK Lock = 0;

    InitializeListHead(&Head);
    InsertTailList(&Head, &First);
    EXPECT(ExInterlockedRemoveHeadList(&Head, &Lock) == &First);
    EXPECT(ExInterlockedRemoveHeadList(&Head, &Lock) == NULL);
}

CHECK(ExInterlockedPushEntryList, EVERYWHERE)
{
    SINGLE_LIST_ENTRY Head = {NULL}, First, Second;
    KSPIN_LOCK Lock = 0;

    EXPECT(ExInterlockedPushEntryList(&Head, &First, &Lock) == NULL);
    EXPECT(ExInterlockedPushEntryList(&Head, &Second, &Lock) == &First);
    EXPECT(Head.Next == &Second);
}

CHECK(ExInterlockedPopEntryList, EVERYWHERE)
{
    SINGLE_LIST_ENTRY Head = {NULL}, First;
    KSPIN_LOCK Lock = 0;

    PushEntryList(&Head, &First);
    EXPECT(ExInterlockedPopEntryList(&Head, &Lock) == &First);
    EXPECT(ExInterlockedPopEntryList(&Head, &Lock) == NULL);
}

CHECK(ExInterlockedAddLargeInteger, EVERYWHERE)
{
    LARGE_INTEGER Sum, Increment;
    KSPIN_LOCK Lock = 0;

    Sum.QuadPart = 40;
    Increment.QuadPart = 2;
    EXPECT_EQUAL(ExInterlockedAddLargeInteger(&Sum, Increment, &Lock).QuadPart, 40);
    EXPECT_EQUAL(Sum.QuadPart, 42);
}

CHECK(ExInterlockedAddUlong, EVERYWHERE)
{
    KSPIN_LOCK Lock = 0;
    ULONG Sum = 5;

    EXPECT_EQUAL(ExInterlockedAddUlong(&Sum, 3, &Lock), 5);
    EXPECT_EQUAL(Sum, 8);
}

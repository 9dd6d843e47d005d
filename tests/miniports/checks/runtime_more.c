/*
 * Checks of the C library that the kernel exports: text that is taken apart, numbers as text,
 * tokens, searching and sorting.
 */
#include "check.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The compiler knows what some of these routines answer, and must not. */
#define CALL(Routine) ((__typeof__(&(Routine)) volatile){Routine})

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))

static BOOLEAN Is(const CHAR *Text, const CHAR *Wanted)
{
    return (BOOLEAN)(RtlCompareMemory(Text, Wanted, strlen(Wanted) + 1) == strlen(Wanted) + 1);
}

CHECK(sscanf, LOW_PLACES)
{
    int Number = 0, Other = 0, Used = 0;
    UCHAR Byte = 0;
    ULONGLONG Long = 0;
    CHAR Word[8], Character = 0;

    EXPECT_EQUAL(CALL(sscanf)("bus 3, unit -12", "bus %d, unit %d", &Number, &Other), 2);
    EXPECT_EQUAL(Number, 3);
    EXPECT_EQUAL(Other, -12);
    EXPECT_EQUAL(CALL(sscanf)("0x1F 017 0x10", "%x %i %i", &Number, &Other, &Used), 3);
    EXPECT(Number == 0x1F && Other == 15 && Used == 16);
    EXPECT_EQUAL(CALL(sscanf)("12345 fedcba9876543210", "%2hhu%*d %llx%n", &Byte, &Long, &Used), 2);
    EXPECT(Byte == 12 && Long == 0xFEDCBA9876543210 && Used == 22);
    EXPECT_EQUAL(CALL(sscanf)("  disk:7", "%[a-z ]%c", Word, &Character), 2);
    EXPECT(Is(Word, "  disk") && Character == ':');
    EXPECT_EQUAL(CALL(sscanf)("  disk:7", "%4s", Word), 1);
    EXPECT(Is(Word, "disk"));
    EXPECT_EQUAL(CALL(sscanf)("a]b", "%[^]]%%", Word), 1);
    EXPECT(Is(Word, "a"));
    EXPECT_EQUAL(CALL(sscanf)("x", "%d", &Number), 0);
    EXPECT_EQUAL(CALL(sscanf)("", "%d", &Number), -1);
}

CHECK(sscanf_s, LOW_PLACES)
{
    CHAR Word[5] = "xxxx", Character = 0;
    int Number = 0;

    EXPECT_EQUAL(CALL(sscanf_s)("disk 7!", "%s %d%c", Word, 5u, &Number, &Character, 1u), 3);
    EXPECT(Is(Word, "disk") && Number == 7 && Character == '!');
    EXPECT_EQUAL(CALL(sscanf_s)("disks 7", "%s %d", Word, 5u, &Number), 0);
    EXPECT_EQUAL(Word[0], 0);
}

CHECK(_itoa, LOW_PLACES)
{
    CHAR Text[36];

    EXPECT(Is(CALL(_itoa)(-42, Text, 10), "-42"));
    EXPECT(Is(CALL(_itoa)(-1, Text, 16), "ffffffff"));
    EXPECT(Is(CALL(_itoa)(0, Text, 2), "0"));
    EXPECT(Is(CALL(_itoa)(-2147483647 - 1, Text, 10), "-2147483648"));
}

CHECK(_ultoa, LOW_PLACES)
{
    CHAR Text[36];

    EXPECT(Is(CALL(_ultoa)(4000000000u, Text, 10), "4000000000"));
}

CHECK(_itow, LOW_PLACES)
{
    WCHAR Text[36];

    EXPECT(RtlEqualMemory(CALL(_itow)(-31, Text, 10), L"-31", 8));
    EXPECT(RtlEqualMemory(CALL(_itow)(31, Text, 16), L"1f", 6));
}

CHECK(_atoi64, LOW_PLACES)
{
    EXPECT_EQUAL(CALL(_atoi64)(" -1234567890123 blocks"), -1234567890123);
    EXPECT_EQUAL(CALL(_atoi64)("blocks"), 0);
}

CHECK(isdigit, LOW_PLACES)
{
    EXPECT(CALL(isdigit)('7') && !CALL(isdigit)('a') && !CALL(isdigit)('/'));
}

CHECK(isxdigit, LOW_PLACES)
{
    EXPECT(CALL(isxdigit)('7') && CALL(isxdigit)('F') && CALL(isxdigit)('a'));
    EXPECT(!CALL(isxdigit)('g') && !CALL(isxdigit)('@'));
}

CHECK(isspace, LOW_PLACES)
{
    EXPECT(CALL(isspace)(' ') && CALL(isspace)('\n') && !CALL(isspace)('_'));
}

CHECK(isupper, LOW_PLACES)
{
    EXPECT(CALL(isupper)('Q') && !CALL(isupper)('q') && !CALL(isupper)('['));
}

CHECK(islower, LOW_PLACES)
{
    EXPECT(CALL(islower)('q') && !CALL(islower)('Q') && !CALL(islower)('{'));
}

CHECK(isprint, LOW_PLACES)
{
    EXPECT(CALL(isprint)(' ') && CALL(isprint)('~') && !CALL(isprint)(127) && !CALL(isprint)('\t'));
}

CHECK(strtok_s, LOW_PLACES)
{
    CHAR Text[] = ",a,,bc";
    CHAR *Rest = NULL;

    EXPECT(Is(CALL(strtok_s)(Text, ",", &Rest), "a"));
    EXPECT(Is(CALL(strtok_s)(NULL, ",", &Rest), "bc"));
    EXPECT(CALL(strtok_s)(NULL, ",", &Rest) == NULL);
}

CHECK(strpbrk, LOW_PLACES)
{
    const CHAR *Text = "key=value";

    EXPECT(CALL(strpbrk)(Text, ":=") == Text + 3);
    EXPECT(CALL(strpbrk)(Text, "#") == NULL);
}

static int __cdecl CompareNumbers(const void *Left, const void *Right)
{
    return *(const int *)Left - *(const int *)Right;
}

CHECK(qsort, LOW_PLACES)
{
    int Numbers[37];
    int Index;

    for (Index = 0; Index < 37; Index++) {
        Numbers[Index] = Index * 11 % 37;
    }
    CALL(qsort)(Numbers, 37, sizeof(int), CompareNumbers);
    for (Index = 0; Index < 37; Index++) {
        EXPECT_EQUAL(Numbers[Index], Index);
    }
    CALL(qsort)(Numbers, 0, sizeof(int), CompareNumbers);
}

CHECK(bsearch, LOW_PLACES)
{
    static const int Numbers[] = {1, 3, 5, 7, 9, 11};
    int Key;

    for (Key = 1; Key <= 11; Key += 2) {
        EXPECT(CALL(bsearch)(&Key, Numbers, 6, sizeof(int), CompareNumbers) == Numbers + Key / 2);
    }
    for (Key = 0; Key <= 12; Key += 2) {
        EXPECT(CALL(bsearch)(&Key, Numbers, 6, sizeof(int), CompareNumbers) == NULL);
    }
}

CHECK(rand, PASSIVE_PLACES)
{
    int First;

    CALL(srand)(1);
    First = CALL(rand)();
    EXPECT_EQUAL(First, 41);
    EXPECT_EQUAL(CALL(rand)(), 18467);
}

CHECK(srand, PASSIVE_PLACES)
{
    int First;

    CALL(srand)(4711);
    First = CALL(rand)();
    CALL(srand)(4711);
    EXPECT_EQUAL(CALL(rand)(), First);
}

CHECK_FATAL(_purecall, stops_the_machine, AT(WorkItem))
{
    int __cdecl _purecall(void);

    CALL(_purecall)();
}

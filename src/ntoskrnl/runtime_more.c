/*
 * runtime_more.c - the C library that ntoskrnl.exe exports: numbers as text, classes of characters,
 * tokens, searching and sorting, random numbers.
 */
#include "nt/bugcheck.h"
#include "nt/export.h"
#include "nt/thread.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name_, routine_)                                                                    \
    NT_EXPORT_ROW_AS("ntoskrnl.exe", name_, routine_, "Runtime", NT_HIGH_LEVEL,                    \
                     NT_EXPORT_MAY_BE_LEFT)

enum { DIGITS_MAX = 65, BASE_MIN = 2, BASE_MAX = 36 };

/* ---- numbers as text ---- */

/* From the last digit to the first; returns how many, none for a base that is none. */
static unsigned digits_of(uint64_t number, bool negative, int base, char digits[DIGITS_MAX])
{
    unsigned count = 0;

    if (base < BASE_MIN || base > BASE_MAX)
        return 0;
    do {
        digits[count++] = "0123456789abcdefghijklmnopqrstuvwxyz"[number % (unsigned)base];
        number /= (unsigned)base;
    } while (number);
    if (negative)
        digits[count++] = '-';
    return count;
}

static char *number_to_text(uint64_t number, bool negative, int base, char *buffer)
{
    char digits[DIGITS_MAX];
    unsigned count = digits_of(number, negative, base, digits);

    for (unsigned i = 0; i < count; i++)
        buffer[i] = digits[count - 1 - i];
    buffer[count] = 0;
    return buffer;
}

/* A sign only in base 10. */
static NT_ABI char *runtime_itoa(int value, char *buffer, int base)
{
    bool negative = base == 10 && value < 0;

    return number_to_text(negative ? 0u - (unsigned)value : (unsigned)value, negative, base,
                          buffer);
}
EXPORT("_itoa", runtime_itoa);

static NT_ABI char *runtime_ultoa(uint32_t value, char *buffer, int base)
{
    return number_to_text(value, false, base, buffer);
}
EXPORT("_ultoa", runtime_ultoa);

static NT_ABI uint16_t *runtime_itow(int value, uint16_t *buffer, int base)
{
    char digits[DIGITS_MAX];
    bool negative = base == 10 && value < 0;
    unsigned count =
        digits_of(negative ? 0u - (unsigned)value : (unsigned)value, negative, base, digits);

    for (unsigned i = 0; i < count; i++)
        buffer[i] = (unsigned char)digits[count - 1 - i];
    buffer[count] = 0;
    return buffer;
}
EXPORT("_itow", runtime_itow);

static NT_ABI int64_t runtime_atoi64(const char *text)
{
    return strtoll(text, NULL, 10);
}
EXPORT("_atoi64", runtime_atoi64);

/* ---- classes of characters, in the C locale ---- */

static bool in(int character, int first, int last)
{
    return character >= first && character <= last;
}

static NT_ABI int runtime_isdigit(int character)
{
    return in(character, '0', '9');
}
EXPORT("isdigit", runtime_isdigit);

static NT_ABI int runtime_isxdigit(int character)
{
    return in(character, '0', '9') || in(character | 0x20, 'a', 'f');
}
EXPORT("isxdigit", runtime_isxdigit);

static NT_ABI int runtime_isspace(int character)
{
    return character == ' ' || in(character, '\t', '\r');
}
EXPORT("isspace", runtime_isspace);

static NT_ABI int runtime_isupper(int character)
{
    return in(character, 'A', 'Z');
}
EXPORT("isupper", runtime_isupper);

static NT_ABI int runtime_islower(int character)
{
    return in(character, 'a', 'z');
}
EXPORT("islower", runtime_islower);

static NT_ABI int runtime_isprint(int character)
{
    return in(character, ' ', '~');
}
EXPORT("isprint", runtime_isprint);

/* ---- tokens ---- */

static NT_ABI char *runtime_strtok_s(char *text, const char *separators, char **rest)
{
    return strtok_r(text, separators, rest);
}
EXPORT("strtok_s", runtime_strtok_s);

static NT_ABI const char *runtime_strpbrk(const char *text, const char *accepted)
{
    return strpbrk(text, accepted);
}
EXPORT("strpbrk", runtime_strpbrk);

/* ---- searching and sorting ---- */

typedef int NT_ABI (*compare_routine)(const void *left, const void *right);

static NT_ABI void *runtime_bsearch(const void *key, const void *base, size_t count, size_t size,
                                    compare_routine compare)
{
    const char *first = base;

    while (count) {
        const char *middle = first + count / 2 * size;
        int order = compare(key, middle);
        if (!order)
            return (void *)(uintptr_t)middle;
        if (order > 0) {
            first = middle + size;
            count--;
        }
        count /= 2;
    }
    return NULL;
}
EXPORT("bsearch", runtime_bsearch);

static void swap(char *left, char *right, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char byte = left[i];
        left[i] = right[i];
        right[i] = byte;
    }
}

static void sift_down(char *base, size_t at, size_t count, size_t size, compare_routine compare)
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0)
            child++;
        if (compare(base + at * size, base + child * size) >= 0)
            return;
        swap(base + at * size, base + child * size, size);
    }
}

/* A heap sort: in place and without recursion, as kernel stacks want it. */
static NT_ABI void runtime_qsort(void *base, size_t count, size_t size, compare_routine compare)
{
    for (size_t at = count / 2; at-- > 0;)
        sift_down(base, at, count, size, compare);
    for (size_t left = count; left > 1;) {
        left--;
        swap(base, (char *)base + left * size, size);
        sift_down(base, 0, left, size, compare);
    }
}
EXPORT("qsort", runtime_qsort);

/* ---- random numbers: the generator that Microsoft's library documents by its numbers ---- */

static uint32_t random_state = 1; /* __atomic */

static NT_ABI void runtime_srand(unsigned seed)
{
    __atomic_store_n(&random_state, seed, __ATOMIC_RELAXED);
}
EXPORT("srand", runtime_srand);

static NT_ABI int runtime_rand(void)
{
    uint32_t next = __atomic_load_n(&random_state, __ATOMIC_RELAXED) * 214013 + 2531011;

    __atomic_store_n(&random_state, next, __ATOMIC_RELAXED);
    return next >> 16 & 0x7FFF;
}
EXPORT("rand", runtime_rand);

/* ---- C++ ---- */

/* What the slot of a pure virtual function leads to. */
static NT_ABI int runtime_purecall(void)
{
    nt_bugcheck(NT_BUGCHECK_KMODE_EXCEPTION_NOT_HANDLED, 0xC0000002 /* STATUS_NOT_IMPLEMENTED */, 0,
                0, 0, "the driver called a pure virtual function");
}
EXPORT("_purecall", runtime_purecall);

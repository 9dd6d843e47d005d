/*
 * text.c - UTF-8 and UTF-16, and the comparison of names without regard to case.
 */
#include "nt/text.h"

#include "sys/sys.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

enum { REPLACEMENT = 0xFFFD };

size_t text_utf8_read(const char *text, size_t size, uint32_t *ret_code)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text[0];
    size_t length = first < 0x80    ? 1
                    : first >= 0xF0 ? 4
                    : first >= 0xE0 ? 3
                    : first >= 0xC0 ? 2
                                    : 0;

    *ret_code = REPLACEMENT;
    if (length == 0 || first > 0xF4 || length > size)
        return 1;
    if (length == 1) {
        *ret_code = first;
        return 1;
    }
    uint32_t code = first & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)text[i] & 0xC0) != 0x80)
            return 1;
        code = code << 6 | ((unsigned char)text[i] & 0x3F);
    }
    if (code < lowest[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return 1;
    *ret_code = code;
    return length;
}

size_t text_utf8_write(uint32_t code, char *ret_text)
{
    if (code < 0x80) {
        ret_text[0] = (char)code;
        return 1;
    }
    size_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = length; i-- > 1; code >>= 6)
        ret_text[i] = (char)(0x80 | (code & 0x3F));
    ret_text[0] = (char)(0xF00 >> length | code);
    return length;
}

size_t text_utf16_read(const void *text, size_t count, uint32_t *ret_code)
{
    uint16_t high, low;

    memcpy(&high, text, sizeof(high));
    if (high < 0xD800 || high >= 0xE000) {
        *ret_code = high;
        return 1;
    }
    *ret_code = REPLACEMENT;
    if (high >= 0xDC00 || count < 2)
        return 1;
    memcpy(&low, (const char *)text + 2, sizeof(low));
    if (low < 0xDC00 || low >= 0xE000)
        return 1;
    *ret_code = 0x10000 + ((uint32_t)(high - 0xD800) << 10) + (low - 0xDC00u);
    return 2;
}

uint16_t *text_to_utf16(const char *utf8, size_t *ret_units)
{
    size_t size = strlen(utf8), units = 0;
    uint16_t *text = malloc((size + 1) * sizeof(*text)); /* never more units than bytes */

    if (!text)
        return NULL;
    while (size) {
        uint32_t code;
        size_t length = text_utf8_read(utf8, size, &code);
        utf8 += length;
        size -= length;
        if (code >= 0x10000) {
            text[units++] = (uint16_t)(0xD800 + ((code - 0x10000) >> 10));
            text[units++] = (uint16_t)(0xDC00 + ((code - 0x10000) & 0x3FF));
        } else {
            text[units++] = (uint16_t)code;
        }
    }
    text[units] = 0;
    *ret_units = units;
    return text;
}

char *text_from_utf16(const uint16_t *text, size_t units)
{
    char *utf8 = malloc(3 * units + 1); /* a pair becomes four bytes, one unit at most three */
    size_t size = 0;

    if (!utf8)
        return NULL;
    while (units) {
        uint32_t code;
        size_t taken = text_utf16_read(text, units, &code);
        text += taken;
        units -= taken;
        size += text_utf8_write(code, utf8 + size);
    }
    utf8[size] = '\0';
    return utf8;
}

/* The C library's table, in a locale of our own, so that the process's locale does not matter. */
static locale_t unicode_locale;

__attribute__((constructor)) static void unicode_locale_create(void)
{
    unicode_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

uint32_t text_upper(uint32_t code)
{
    if (code < 0x80)
        return code >= 'a' && code <= 'z' ? code - 'a' + 'A' : code;
    /* Windows maps single UTF-16 units only. */
    return unicode_locale && code < 0x10000 ? (uint32_t)towupper_l((wint_t)code, unicode_locale)
                                            : code;
}

bool text_equal_nocase(const char *left, size_t left_size, const char *right, size_t right_size)
{
    while (left_size && right_size) {
        uint32_t left_code, right_code;
        size_t left_taken = text_utf8_read(left, left_size, &left_code);
        size_t right_taken = text_utf8_read(right, right_size, &right_code);
        if (text_upper(left_code) != text_upper(right_code))
            return false;
        left += left_taken;
        left_size -= left_taken;
        right += right_taken;
        right_size -= right_taken;
    }
    return left_size == 0 && right_size == 0;
}

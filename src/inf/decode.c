/*
 * decode.c - from the bytes of an INF file to UTF-8 text.
 *
 * Files without a mark are in the code page of the system that wrote them; Windows-1252 is ours.
 */
#include "inf/file.h"
#include "nt/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* 0x80 to 0x9F; 0: not assigned, taken as the control character of that number. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

static uint32_t code_of_byte(unsigned char byte)
{
    uint32_t code = byte >= 0x80 && byte < 0xA0 ? windows_1252[byte - 0x80] : byte;

    return code ? code : byte;
}

static size_t from_windows_1252(char *text, const unsigned char *bytes, size_t size)
{
    size_t length = 0;

    for (size_t i = 0; i < size; i++)
        length += text_utf8_write(code_of_byte(bytes[i]), text + length);
    return length;
}

static size_t from_utf8(char *text, const char *bytes, size_t size)
{
    size_t length = 0;

    while (size) {
        uint32_t code;
        size_t taken = text_utf8_read(bytes, size, &code);
        bytes += taken;
        size -= taken;
        length += text_utf8_write(code, text + length);
    }
    return length;
}

/* A last odd byte is nothing. */
static size_t from_utf16(char *text, const unsigned char *bytes, size_t size, bool big_endian)
{
    size_t length = 0, count = size / 2;

    while (count) {
        unsigned char pair[4];
        uint32_t code;
        size_t units = count < 2 ? 1 : 2;
        for (size_t i = 0; i < 2 * units; i++)
            pair[i] = bytes[big_endian ? i ^ 1 : i];
        size_t taken = text_utf16_read(pair, units, &code);
        bytes += 2 * taken;
        count -= taken;
        length += text_utf8_write(code, text + length);
    }
    return length;
}

enum encoding { ENCODING_WINDOWS_1252, ENCODING_UTF8, ENCODING_UTF16, ENCODING_UTF16_BIG };

static enum encoding encoding_of(const unsigned char *bytes, size_t size, size_t *ret_mark)
{
    *ret_mark = 0;
    if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        *ret_mark = 3;
        return ENCODING_UTF8;
    }
    if (size < 2)
        return ENCODING_WINDOWS_1252;
    if (bytes[0] == 0xFF && bytes[1] == 0xFE) {
        *ret_mark = 2;
        return ENCODING_UTF16;
    }
    if (bytes[0] == 0xFE && bytes[1] == 0xFF) {
        *ret_mark = 2;
        return ENCODING_UTF16_BIG;
    }
    return bytes[0] && !bytes[1]   ? ENCODING_UTF16
           : !bytes[0] && bytes[1] ? ENCODING_UTF16_BIG
                                   : ENCODING_WINDOWS_1252;
}

static unsigned line_of(const char *text, const char *at)
{
    unsigned line = 1;

    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

int inf_decode(char **ret_text, size_t *ret_size, const struct inf_file *file, const void *bytes,
               size_t size)
{
    size_t mark;
    enum encoding encoding = encoding_of(bytes, size, &mark);
    const unsigned char *body = (const unsigned char *)bytes + mark;
    char *text =
        calloc(1, 3 * size + 1); /* no unit of any encoding becomes more than 3 bytes of it */

    if (!text)
        return inf_no_memory(file->set);
    size -= mark;
    if (encoding == ENCODING_UTF8)
        size = from_utf8(text, (const char *)body, size);
    else if (encoding == ENCODING_WINDOWS_1252)
        size = from_windows_1252(text, body, size);
    else
        size = from_utf16(text, body, size, encoding == ENCODING_UTF16_BIG);
    text[size] = '\0';
    size_t length = strlen(text);
    if (length != size) {
        unsigned line = line_of(text, text + length);
        free(text);
        return inf_refuse(file, line, "a null character: this is no text");
    }
    *ret_text = text;
    *ret_size = size;
    return 0;
}

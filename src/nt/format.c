/*
 * format.c - printf with the rules of the Windows kernel.
 *
 * The arguments are the eight-byte slots that the Windows calling convention makes of a variable
 * argument list; a double lies in a slot as it is. Wide text comes out as UTF-8. What is not a
 * directive is copied, for a driver's text must never be lost to a mistake in it.
 */
#include "nt/print.h"

#include "nt/text.h"

#include <wdm.h>

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct output {
    char *buffer;
    size_t size;
    size_t length; /* of everything, whether it fitted or not */
};

enum argument_size {
    SIZE_DEFAULT,
    SIZE_CHAR,  /* hh */
    SIZE_SHORT, /* h: also narrow text */
    SIZE_LONG,  /* l, w: 32 bits; also wide text */
    SIZE_64,    /* ll, I64, I, z, j, t */
};

struct directive {
    bool left, plus, space, alternate, zero, wide_prefix;
    int width;
    int precision; /* -1: none */
    enum argument_size size;
    char conversion;
};

enum { WIDTH_MAX = 65536, FLOAT_PRECISION_MAX = 100, FLOAT_TEXT_MAX = 512 };

static void put(struct output *out, char letter)
{
    if (out->length + 1 < out->size)
        out->buffer[out->length] = letter;
    out->length++;
}

static void put_repeated(struct output *out, char letter, int count)
{
    while (count-- > 0)
        put(out, letter);
}

static void put_text(struct output *out, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        put(out, text[i]);
}

static uint64_t argument_next(char **arguments)
{
    uint64_t slot;

    memcpy(&slot, *arguments, sizeof(slot));
    *arguments += sizeof(slot);
    return slot;
}

/* ---- text ---- */

/* At any alignment: a driver's strings may lie anywhere. */
static uint16_t unit_at(const void *text, size_t index)
{
    uint16_t unit;

    memcpy(&unit, (const char *)text + 2 * index, sizeof(unit));
    return unit;
}

static void put_wide(struct output *out, const void *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        uint32_t code;
        char utf8[4];
        i += text_utf16_read((const char *)text + 2 * i, length - i, &code);
        put_text(out, utf8, text_utf8_write(code, utf8));
    }
}

/* Length and precision count characters of the source: bytes, or UTF-16 units. */
static void put_field(struct output *out, const struct directive *directive, const void *text,
                      size_t length, bool wide)
{
    if (directive->precision >= 0 && length > (size_t)directive->precision)
        length = (size_t)directive->precision;
    int padding = directive->width > 0 && length < (size_t)directive->width
                      ? directive->width - (int)length
                      : 0;
    if (!directive->left)
        put_repeated(out, directive->zero ? '0' : ' ', padding);
    if (wide)
        put_wide(out, text, length);
    else
        put_text(out, text, length);
    if (directive->left)
        put_repeated(out, ' ', padding);
}

static void put_null(struct output *out, const struct directive *directive)
{
    put_field(out, directive, "(null)", 6, false);
}

/* An unterminated string may end where its precision does. */
static size_t text_length(const struct directive *directive, const void *text, bool wide)
{
    size_t limit = directive->precision >= 0 ? (size_t)directive->precision : SIZE_MAX;
    size_t length = 0;

    while (length < limit && (wide ? unit_at(text, length) : ((const char *)text)[length]))
        length++;
    return length;
}

/* %s and %c are narrow, %S and %C wide, unless h, l or w say otherwise. */
static bool directive_is_wide(const struct directive *directive)
{
    if (directive->size == SIZE_SHORT)
        return false;
    if (directive->size == SIZE_LONG)
        return true;
    return directive->conversion == 'S' || directive->conversion == 'C';
}

static void format_string(struct output *out, const struct directive *directive, uint64_t argument)
{
    const void *text = (const void *)argument;
    bool wide = directive_is_wide(directive);

    if (text)
        put_field(out, directive, text, text_length(directive, text, wide), wide);
    else
        put_null(out, directive);
}

static void format_character(struct output *out, const struct directive *directive,
                             uint64_t argument)
{
    struct directive field = *directive;

    field.precision = -1;
    if (directive_is_wide(directive)) {
        uint16_t unit = (uint16_t)argument;
        put_field(out, &field, &unit, 1, true);
    } else {
        char letter = (char)argument;
        put_field(out, &field, &letter, 1, false);
    }
}

static void format_counted_string(struct output *out, const struct directive *directive,
                                  uint64_t argument)
{
    /* ANSI_STRING and UNICODE_STRING have the same layout; Length is in bytes. */
    const UNICODE_STRING *string = (const UNICODE_STRING *)argument;
    bool wide = directive->wide_prefix || directive->size == SIZE_LONG;

    if (string && string->Buffer)
        put_field(out, directive, string->Buffer, wide ? string->Length / 2u : string->Length,
                  wide);
    else
        put_null(out, directive);
}

/* ---- numbers ---- */

static uint64_t number_truncate(uint64_t value, enum argument_size size, bool is_signed)
{
    switch (size) {
    case SIZE_CHAR:
        return is_signed ? (uint64_t)(int64_t)(int8_t)value : (uint8_t)value;
    case SIZE_SHORT:
        return is_signed ? (uint64_t)(int64_t)(int16_t)value : (uint16_t)value;
    case SIZE_64:
        return value;
    default:
        return is_signed ? (uint64_t)(int64_t)(int32_t)value : (uint32_t)value;
    }
}

/* Sign or base prefix, zeros and digits, in a field. */
static void put_number(struct output *out, const struct directive *directive, const char *prefix,
                       const char *digits, int digit_count)
{
    int prefix_length = (int)strlen(prefix);
    int zeros = directive->precision > digit_count ? directive->precision - digit_count : 0;
    int padding = directive->width - prefix_length - zeros - digit_count;

    if (directive->zero && !directive->left && directive->precision < 0 && padding > 0) {
        zeros += padding;
        padding = 0;
    }
    if (!directive->left)
        put_repeated(out, ' ', padding);
    while (*prefix)
        put(out, *prefix++);
    put_repeated(out, '0', zeros);
    put_text(out, digits, (size_t)digit_count);
    if (directive->left)
        put_repeated(out, ' ', padding);
}

static void format_number(struct output *out, const struct directive *directive, uint64_t argument)
{
    char conversion = directive->conversion;
    bool is_signed = conversion == 'd' || conversion == 'i';
    unsigned base = conversion == 'o' ? 8 : conversion == 'x' || conversion == 'X' ? 16 : 10;
    const char *letters = conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    const char *prefix = "";
    char text[24] = {0};
    int position = (int)sizeof(text);
    uint64_t value = number_truncate(argument, directive->size, is_signed);

    if (is_signed) {
        prefix = directive->plus ? "+" : directive->space ? " " : "";
        if ((int64_t)value < 0) {
            prefix = "-";
            value = 0 - value;
        }
    } else if (directive->alternate && base == 16 && value) {
        prefix = conversion == 'X' ? "0X" : "0x";
    } else if (directive->alternate && base == 8) {
        prefix = "0";
    }
    if (value == 0 && directive->precision != 0)
        text[--position] = '0';
    for (; value; value /= base)
        text[--position] = letters[value % base];
    if (base == 8 && prefix[0] == '0' && position < (int)sizeof(text) && text[position] == '0')
        prefix = "";
    put_number(out, directive, prefix, text + position, (int)sizeof(text) - position);
}

static void format_pointer(struct output *out, const struct directive *directive, uint64_t argument)
{
    char text[20];

    snprintf(text, sizeof(text), "%016llX", (unsigned long long)argument);
    struct directive field = *directive;
    field.precision = -1;
    field.zero = false;
    put_field(out, &field, text, 16, false);
}

static void format_float(struct output *out, const struct directive *directive, uint64_t argument)
{
    char native[16], text[FLOAT_TEXT_MAX];
    char *at = native;
    double value;
    int precision = directive->precision;

    memcpy(&value, &argument, sizeof(value));
    if (precision < 0)
        precision = 6;
    if (precision > FLOAT_PRECISION_MAX)
        precision = FLOAT_PRECISION_MAX;
    *at++ = '%';
    if (directive->plus)
        *at++ = '+';
    if (directive->space)
        *at++ = ' ';
    if (directive->alternate)
        *at++ = '#';
    *at++ = '.';
    *at++ = '*';
    *at++ = directive->conversion;
    *at = '\0';
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int length = snprintf(text, sizeof(text), native, precision, value);
#pragma GCC diagnostic pop
    if (length < 0 || length >= (int)sizeof(text))
        length = (int)strnlen(text, sizeof(text) - 1);
    /* Zeros of the width go between the sign and the digits. */
    int sign = text[0] == '-' || text[0] == '+' || text[0] == ' ';
    char prefix[2] = {sign ? text[0] : '\0', '\0'};
    struct directive field = *directive;
    field.precision = -1;
    put_number(out, &field, prefix, text + sign, length - sign);
}

/* ---- directives ---- */

static const char *parse_flags(const char *at, struct directive *directive)
{
    for (;; at++) {
        switch (*at) {
        case '-':
            directive->left = true;
            break;
        case '+':
            directive->plus = true;
            break;
        case ' ':
            directive->space = true;
            break;
        case '#':
            directive->alternate = true;
            break;
        case '0':
            directive->zero = true;
            break;
        default:
            return at;
        }
    }
}

static const char *parse_count(const char *at, int *ret_count, char **arguments)
{
    if (*at == '*') {
        *ret_count = (int)argument_next(arguments);
        return at + 1;
    }
    int count = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (count < WIDTH_MAX)
            count = count * 10 + (*at - '0');
    }
    *ret_count = count;
    return at;
}

static const char *parse_size(const char *at, struct directive *directive)
{
    static const struct {
        const char *text;
        enum argument_size size;
    } sizes[] = {{"hh", SIZE_CHAR}, {"h", SIZE_SHORT},  {"ll", SIZE_64}, {"l", SIZE_LONG},
                 {"I64", SIZE_64},  {"I32", SIZE_LONG}, {"I", SIZE_64},  {"w", SIZE_LONG},
                 {"z", SIZE_64},    {"j", SIZE_64},     {"t", SIZE_64},  {"L", SIZE_DEFAULT}};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        size_t length = strlen(sizes[i].text);
        if (strncmp(at, sizes[i].text, length) == 0) {
            directive->size = sizes[i].size;
            directive->wide_prefix = sizes[i].text[0] == 'w';
            return at + length;
        }
    }
    return at;
}

/* Returns what follows the directive, which starts after its percent sign. */
static const char *parse_directive(const char *at, struct directive *directive, char **arguments)
{
    *directive = (struct directive){.precision = -1};
    at = parse_flags(at, directive);
    at = parse_count(at, &directive->width, arguments);
    if (directive->width < 0) {
        directive->left = true;
        directive->width = directive->width == INT_MIN ? 0 : -directive->width;
    }
    if (directive->width > WIDTH_MAX)
        directive->width = WIDTH_MAX;
    if (*at == '.') {
        at = parse_count(at + 1, &directive->precision, arguments);
        if (directive->precision < 0)
            directive->precision = -1;
        if (directive->precision > WIDTH_MAX)
            directive->precision = WIDTH_MAX;
    }
    at = parse_size(at, directive);
    directive->conversion = *at;
    return *at ? at + 1 : at;
}

/* False when there is no such conversion; no argument has been taken for it then. */
static bool format_directive(struct output *out, const struct directive *directive,
                             char **arguments)
{
    switch (directive->conversion) {
    case '%':
        put(out, '%');
        return true;
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        format_number(out, directive, argument_next(arguments));
        return true;
    case 'c':
    case 'C':
        format_character(out, directive, argument_next(arguments));
        return true;
    case 's':
    case 'S':
        format_string(out, directive, argument_next(arguments));
        return true;
    case 'Z':
        format_counted_string(out, directive, argument_next(arguments));
        return true;
    case 'p':
        format_pointer(out, directive, argument_next(arguments));
        return true;
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
    case 'a':
    case 'A':
        format_float(out, directive, argument_next(arguments));
        return true;
    case 'n':
        /* Its pointer is skipped: writing through one from a format is an old attack. */
        (void)argument_next(arguments);
        return true;
    default:
        return false;
    }
}

int nt_format(char *buffer, size_t size, const char *format, __builtin_ms_va_list arguments)
{
    struct output out = {buffer, size, 0};
    char *slots = (char *)arguments;

    while (*format) {
        if (*format != '%') {
            put(&out, *format++);
            continue;
        }
        struct directive directive;
        const char *start = format;
        format = parse_directive(start + 1, &directive, &slots);
        if (!format_directive(&out, &directive, &slots))
            put_text(&out, start, (size_t)(format - start));
    }
    if (size)
        buffer[out.length < size ? out.length : size - 1] = '\0';
    return out.length > INT_MAX ? INT_MAX : (int)out.length;
}

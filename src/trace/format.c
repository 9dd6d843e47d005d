/*
 * format.c - the text of one part of a trace message.
 *
 * printf's directives go to the kernel's printf, one by one with their arguments. A directive with
 * a name between exclamation marks is WPP's: what stands for the place of the trace, a type of the
 * preprocessor's (types.c), one of the driver's own, or printf's letters in other clothes (%!08x!).
 */
#include "trace/trace.h"

#include "nt/print.h"

#include <stdio.h>
#include <string.h>

enum { DIRECTIVE_BYTES = 64, VALUE_BYTES = 512 };

#define CONVERSIONS "diouxXcCsSpZeEfFgGaA"

struct directive {
    const char *head; /* from the percent sign: flags, width, precision */
    size_t head_length;
    const char *name; /* or the conversion, size letters included */
    size_t name_length;
    bool named;
};

static bool argument_take(struct trace_output *out, struct trace_arguments *arguments,
                          uint64_t *ret_value)
{
    if (arguments->next >= arguments->count) {
        trace_put(out, "<missing>");
        return false;
    }
    *ret_value = arguments->slots[arguments->next++];
    return true;
}

/* ---- printf's directives ---- */

/* The kernel's printf, which reads its arguments from where the next ones lie. */
static void put_printf(struct trace_output *out, const char *format,
                       struct trace_arguments *arguments)
{
    size_t wanted = strcmp(format, "%%") != 0;

    for (const char *at = format; *at; at++)
        wanted += *at == '*';
    if (arguments->count - arguments->next < wanted) {
        trace_put(out, "<missing>");
        arguments->next = arguments->count;
        return;
    }
    int length = nt_format(out->buffer + out->length, out->size - out->length, format,
                           (__builtin_ms_va_list)(void *)&arguments->slots[arguments->next]);
    arguments->next += wanted;
    out->length += length > 0 ? (size_t)length : 0;
    if (out->length >= out->size)
        out->length = out->size - 1;
}

/* A text in the field that the directive's flags and width describe. */
static void put_in_field(struct trace_output *out, const struct directive *directive,
                         const char *text)
{
    struct trace_arguments one = {.slots = {(uintptr_t)text}, .count = 1};
    char format[DIRECTIVE_BYTES];

    snprintf(format, sizeof(format), "%.*ss", (int)directive->head_length, directive->head);
    put_printf(out, strchr(format, '*') ? "%s" : format, &one);
}

/* ---- a driver's own types ---- */

void trace_sink_append(struct trace_sink *sink, const void *bytes, size_t length)
{
    if (length > sizeof(sink->bytes) - sink->length)
        length = sizeof(sink->bytes) - sink->length;
    memcpy(sink->bytes + sink->length, bytes, length);
    sink->length += length;
}

/* How many of a number's bits an item of that name has. */
static uint64_t item_mask(const char *item)
{
    if (strstr(item, "Byte"))
        return UINT8_MAX;
    return strstr(item, "Short") ? UINT16_MAX : UINT32_MAX;
}

static void put_named_value(struct trace_output *out, const STORHOST_TRACE_TYPE *type,
                            uint64_t value)
{
    uint64_t mask = item_mask(type->Item);

    for (const STORHOST_TRACE_VALUE *each = type->Values; each && each->Name; each++) {
        if (((uint64_t)each->Value & mask) == (value & mask)) {
            trace_put(out, "%s", each->Name);
            return;
        }
    }
    trace_put(out, "%llu", (unsigned long long)(value & mask));
}

/* Values of a set are the numbers of bits. */
static void put_set(struct trace_output *out, const STORHOST_TRACE_TYPE *type, uint64_t value)
{
    uint64_t rest = value & item_mask(type->Item);
    const char *between = "";

    trace_put(out, "[");
    for (const STORHOST_TRACE_VALUE *each = type->Values; each && each->Name; each++) {
        uint64_t bit = each->Value >= 0 && each->Value < 64 ? 1ull << each->Value : 0;
        if (rest & bit) {
            trace_put(out, "%s%s", between, each->Name);
            between = ",";
            rest &= ~bit;
        }
    }
    if (rest)
        trace_put(out, "%s0x%llx", between, (unsigned long long)rest);
    trace_put(out, "]");
}

static void put_own_type(struct trace_output *out, const STORHOST_TRACE_TYPE *type, uint64_t value)
{
    struct trace_arguments one = {.slots = {value}, .count = 1};
    char format[DIRECTIVE_BYTES];
    struct trace_sink sink = {.length = 0};

    if (type->Marshal) {
        type->Marshal(&value, &sink);
        trace_put_item(out, type->Item, sink.bytes, sink.length);
    } else if (strncmp(type->Item, "ItemSet", 7) == 0) {
        put_set(out, type, value);
    } else if (type->Values || strcmp(type->Item, "ItemEnum") == 0) {
        put_named_value(out, type, value);
    } else if (type->Format && strcmp(type->Format, "s") != 0 &&
               strlen(type->Format) < sizeof(format) - 2) {
        snprintf(format, sizeof(format), "%%%s", type->Format);
        put_printf(out, format, &one);
    } else if (strncmp(type->Item, "Item", 4) != 0 ||
               !trace_put_type(out, type->Item + 4, strlen(type->Item + 4), value)) {
        trace_put(out, "0x%llx", (unsigned long long)value);
    }
}

static const STORHOST_TRACE_TYPE *own_type_find(const STORHOST_TRACE_SITE *site, const char *name,
                                                size_t length)
{
    for (const STORHOST_TRACE_TYPE *type = site->Types; type && type->Name; type++)
        if (strlen(type->Name) == length && memcmp(type->Name, name, length) == 0)
            return type;
    return NULL;
}

/* ---- names between exclamation marks ---- */

/* What needs no argument. False: it is none of these. */
static bool put_place(struct trace_output *out, const STORHOST_TRACE_SITE *site, const char *name,
                      size_t length)
{
    char line[16];
    snprintf(line, sizeof(line), "%u", site->Line);
    const struct {
        const char *name, *text;
    } places[] = {
        {"FUNC", site->Function}, {"FILE", site->File},   {"LINE", line},
        {"LEVEL", site->Level},   {"FLAGS", site->Flags}, {"STDPREFIX", ""},
        {"SPACE", " "},           {"COMPNAME", ""},       {"SUBCOMP", ""},
    };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (strlen(places[i].name) == length && memcmp(places[i].name, name, length) == 0) {
            trace_put(out, "%s", places[i].text ? places[i].text : "");
            return true;
        }
    }
    return false;
}

static bool is_printf(const char *name, size_t length)
{
    size_t at = strspn(name, "-+ #0123456789.");

    at += strspn(name + at, "hlIwz3264");
    return length && at + 1 == length && strchr(CONVERSIONS, name[at]) != NULL;
}

static void put_named(struct trace_output *out, const STORHOST_TRACE_SITE *site,
                      const struct directive *directive, struct trace_arguments *arguments)
{
    char text[VALUE_BYTES] = "";
    struct trace_output field = {text, sizeof(text), 0};
    const STORHOST_TRACE_TYPE *own = own_type_find(site, directive->name, directive->name_length);
    uint64_t value = 0;

    if (!own && put_place(&field, site, directive->name, directive->name_length)) {
        put_in_field(out, directive, text);
        return;
    }
    if (!argument_take(out, arguments, &value))
        return;
    if (own) {
        put_own_type(&field, own, value);
    } else if (!trace_put_type(&field, directive->name, directive->name_length, value)) {
        if (is_printf(directive->name, directive->name_length)) {
            struct trace_arguments one = {.slots = {value}, .count = 1};
            char format[DIRECTIVE_BYTES];
            snprintf(format, sizeof(format), "%.*s%.*s", (int)directive->head_length,
                     directive->head, (int)directive->name_length, directive->name);
            put_printf(out, format, &one);
            return;
        }
        trace_put(&field, "%.*s?0x%llx", (int)directive->name_length, directive->name,
                  (unsigned long long)value);
    }
    put_in_field(out, directive, text);
}

/* ---- a part ---- */

/* Returns what follows the directive that begins at `text`; NULL: it is none. */
static const char *directive_read(const char *text, struct directive *directive)
{
    *directive = (struct directive){.head = text};
    directive->head_length = 1 + strspn(text + 1, "-+ #0123456789.*");
    directive->name = text + directive->head_length;
    if (*directive->name == '!') {
        const char *end = strchr(++directive->name, '!');
        if (!end || directive->head_length >= DIRECTIVE_BYTES / 2 ||
            end - directive->name >= DIRECTIVE_BYTES / 2)
            return NULL;
        directive->named = true;
        directive->name_length = (size_t)(end - directive->name);
        return end + 1;
    }
    size_t sizes = strspn(directive->name, "hlIwzjtL");
    if (directive->name[0] == 'I')
        sizes += strspn(directive->name + sizes, "3264");
    if (!directive->name[sizes] || !strchr("%" CONVERSIONS "n", directive->name[sizes]) ||
        directive->head_length + sizes + 2 > DIRECTIVE_BYTES)
        return NULL;
    directive->name_length = sizes + 1;
    return directive->name + directive->name_length;
}

void trace_format(struct trace_output *out, const STORHOST_TRACE_SITE *site, const char *text,
                  struct trace_arguments *arguments)
{
    while (*text) {
        struct directive directive;
        size_t plain = strcspn(text, "%");
        trace_put(out, "%.*s", (int)plain, text);
        text += plain;
        if (!*text)
            break;
        const char *following = directive_read(text, &directive);
        if (!following) {
            trace_put(out, "%c", *text++);
            continue;
        }
        if (directive.named) {
            put_named(out, site, &directive, arguments);
        } else {
            char format[DIRECTIVE_BYTES];
            snprintf(format, sizeof(format), "%.*s", (int)(following - text), text);
            put_printf(out, format, arguments);
        }
        text = following;
    }
}

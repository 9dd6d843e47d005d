/*
 * items.c - records in the memory of a driver, as text.
 */
#include "trace/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static uint32_t bytes_read(const uint8_t *bytes, unsigned count)
{
    uint32_t value = 0;

    while (count-- > 0)
        value = value << 8 | bytes[count];
    return value;
}

void trace_put_bytes(struct trace_output *out, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        trace_put(out, "%s%02x", i ? " " : "", bytes[i]);
}

/* What is not ASCII goes as UTF-8; a half of a pair alone is a question mark. */
void trace_put_wide(struct trace_output *out, const uint8_t *units, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t code = bytes_read(units + 2 * i, 2);
        if (code >= 0xD800 && code < 0xDC00 && i + 1 < count) {
            uint32_t low = bytes_read(units + 2 * (i + 1), 2);
            code = 0x10000 + ((code & 0x3FF) << 10) + (low & 0x3FF);
            i++;
        }
        if (code < 0x80)
            trace_put(out, "%c", (char)code);
        else if (code < 0x800)
            trace_put(out, "%c%c", (char)(0xC0 | code >> 6), (char)(0x80 | (code & 0x3F)));
        else if (code < 0xD800 || (code >= 0xE000 && code < 0x10000))
            trace_put(out, "%c%c%c", (char)(0xE0 | code >> 12), (char)(0x80 | (code >> 6 & 0x3F)),
                      (char)(0x80 | (code & 0x3F)));
        else if (code >= 0x10000)
            trace_put(out, "%c%c%c%c", (char)(0xF0 | code >> 18),
                      (char)(0x80 | (code >> 12 & 0x3F)), (char)(0x80 | (code >> 6 & 0x3F)),
                      (char)(0x80 | (code & 0x3F)));
        else
            trace_put(out, "?");
    }
}

void trace_put_guid(struct trace_output *out, const uint8_t bytes[16])
{
    trace_put(out, "{%08x-%04x-%04x-%02x%02x-", bytes_read(bytes, 4), bytes_read(bytes + 4, 2),
              bytes_read(bytes + 6, 2), bytes[8], bytes[9]);
    for (unsigned i = 10; i < 16; i++)
        trace_put(out, "%02x", bytes[i]);
    trace_put(out, "}");
}

/* S-1-authority-sub-sub: revision, count, six bytes of authority (big-endian), words. */
void trace_put_sid(struct trace_output *out, const uint8_t *bytes)
{
    uint64_t authority = 0;

    for (unsigned i = 2; i < 8; i++)
        authority = authority << 8 | bytes[i];
    trace_put(out, "S-%u-%" PRIu64, bytes[0], authority);
    for (unsigned i = 0; i < bytes[1] && i < 15; i++)
        trace_put(out, "-%u", bytes_read(bytes + 8 + 4 * i, 4));
}

/* 100 ns since the year 1601, in the calendar. */
void trace_put_time(struct trace_output *out, int64_t time_100ns)
{
    if (time_100ns < 0) {
        trace_put(out, "%lld", (long long)time_100ns);
        return;
    }
    uint64_t milliseconds = (uint64_t)time_100ns / 10000;
    uint64_t seconds = milliseconds / 1000;
    /* Days since 1 March 1600, so that leap days end a year; 306 lie between then and 1601. */
    uint64_t days = seconds / 86400 + 306;
    uint64_t era = days / 146097, day = days % 146097;
    uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    day -= 365 * year + year / 4 - year / 100;
    uint64_t month = (5 * day + 2) / 153;
    trace_put(out,
              "%04" PRIu64 "-%02" PRIu64 "-%02" PRIu64 " %02" PRIu64 ":%02" PRIu64 ":%02" PRIu64
              ".%03" PRIu64,
              1600 + 400 * era + year + (month >= 10), month < 10 ? month + 3 : month - 9,
              day - (153 * month + 2) / 5 + 1, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60,
              milliseconds % 1000);
}

static void put_address(struct trace_output *out, const uint8_t *bytes, size_t length)
{
    if (length == 4)
        trace_put(out, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
    else
        for (size_t i = 0; i + 1 < length; i += 2)
            trace_put(out, "%s%x", i ? ":" : "", bytes[i] << 8 | bytes[i + 1]);
}

/* A length of two bytes comes first, and what follows may have been cut off. */
static size_t counted(const uint8_t *bytes, size_t length)
{
    size_t said = length >= 2 ? bytes_read(bytes, 2) : 0;

    return said < length - 2 ? said : length >= 2 ? length - 2 : 0;
}

void trace_put_item(struct trace_output *out, const char *item, const uint8_t *bytes, size_t length)
{
    if (strcmp(item, "ItemHEXDump") == 0 || strcmp(item, "ItemHexBytes") == 0)
        trace_put_bytes(out, bytes + (length >= 2 ? 2 : 0), counted(bytes, length));
    else if (strcmp(item, "ItemPString") == 0)
        trace_put(out, "%.*s", (int)counted(bytes, length), (const char *)bytes + 2);
    else if (strcmp(item, "ItemPWString") == 0)
        trace_put_wide(out, bytes + 2, counted(bytes, length) / 2);
    else if (strcmp(item, "ItemString") == 0)
        trace_put(out, "%.*s", (int)length, (const char *)bytes);
    else if (strcmp(item, "ItemWString") == 0)
        trace_put_wide(out, bytes, length >= 2 ? length / 2 - 1 : 0);
    else if (strcmp(item, "ItemIPAddr") == 0 || strcmp(item, "ItemIPV6Addr") == 0)
        put_address(out, bytes, length);
    else if (strcmp(item, "ItemGuid") == 0 && length >= 16)
        trace_put_guid(out, bytes);
    else if (length <= 4)
        trace_put(out, "%u", bytes_read(bytes, (unsigned)length));
    else
        trace_put_bytes(out, bytes, length);
}

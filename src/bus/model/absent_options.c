/*
 * absent_options.c - what follows "model:absent,": names and values, in any order.
 */
#include "bus/model/absent.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    VALUE_BYTES = 160,
    CLASS_SCSI = 0x010000,
    PORT_BAR_MAX = 256, /* as much as PCI lets a function ask for */
};
#define MEMORY_BAR_MAX    (1ull << 30)
#define ROM_MAX           (16ull << 20)
#define DEFAULT_VENDOR_ID 0x5348
#define DEFAULT_DEVICE_ID 0x0002

/* All of `text` is a number (decimal or 0x), with K, M or G for sizes, from `low` to `high`. */
static bool number_parse(const char *text, bool is_size, uint64_t low, uint64_t high,
                         uint64_t *ret_value)
{
    char *end;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    uint64_t value = strtoull(text, &end, 0);
    unsigned shift = 0;
    if (is_size && *end)
        shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    if (shift)
        end++;
    if (*end || errno || value > high >> shift || value << shift < low)
        return false;
    *ret_value = value << shift;
    return true;
}

static bool switch_parse(const char *text, const char *on, const char *off, bool *ret_value)
{
    if (strcmp(text, on) != 0 && strcmp(text, off) != 0)
        return false;
    *ret_value = strcmp(text, on) == 0;
    return true;
}

static bool is_power_of_two(uint64_t value)
{
    return value && !(value & (value - 1));
}

/* ---- BARs ---- */

/* "mem64:8K". */
static bool bar_parse(const char *text, struct absent_bar *ret_bar)
{
    static const struct {
        const char *name;
        struct absent_bar bar;
        uint64_t least, most;
    } kinds[] = {
        {"io", {.kind = BUS_BAR_PORT}, 4, PORT_BAR_MAX},
        {"mem", {.kind = BUS_BAR_MEMORY}, 16, MEMORY_BAR_MAX},
        {"mem64", {.kind = BUS_BAR_MEMORY, .is_64bit = true}, 16, MEMORY_BAR_MAX},
        {"pref", {.kind = BUS_BAR_MEMORY, .prefetchable = true}, 16, MEMORY_BAR_MAX},
        {"pref64",
         {.kind = BUS_BAR_MEMORY, .is_64bit = true, .prefetchable = true},
         16,
         MEMORY_BAR_MAX},
    };
    size_t length = strcspn(text, ":");

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strlen(kinds[i].name) != length || strncmp(text, kinds[i].name, length) != 0 ||
            !text[length])
            continue;
        *ret_bar = kinds[i].bar;
        return number_parse(text + length + 1, true, kinds[i].least, kinds[i].most,
                            &ret_bar->size) &&
               is_power_of_two(ret_bar->size);
    }
    return false;
}

/* "io:256+none+mem64:8K": a 64-bit BAR takes two places, as in config space. */
static bool bars_parse(const char *text, struct absent_options *options)
{
    char copy[VALUE_BYTES], *rest = copy;
    unsigned index = 0;

    snprintf(copy, sizeof(copy), "%s", text);
    memset(options->bars, 0, sizeof(options->bars));
    for (char *item = strsep(&rest, "+"); item; item = strsep(&rest, "+"), index++) {
        if (index >= BUS_BAR_COUNT)
            return false;
        struct absent_bar *bar = &options->bars[index];
        if (strcmp(item, "none") == 0)
            continue;
        if (!bar_parse(item, bar) || (bar->is_64bit && index + 1 >= BUS_BAR_COUNT))
            return false;
        index += bar->is_64bit;
    }
    return true;
}

/* ---- the others ---- */

static bool rom_parse(const char *text, struct absent_options *options)
{
    return number_parse(text, true, 2048, ROM_MAX, &options->rom_size) &&
           is_power_of_two(options->rom_size);
}

static bool reads_parse(const char *text, struct absent_options *options)
{
    return switch_parse(text, "zeros", "ones", &options->reads_zeros);
}

static bool line_parse(const char *text, struct absent_options *options)
{
    return switch_parse(text, "on", "off", &options->line);
}

static bool express_parse(const char *text, struct absent_options *options)
{
    return switch_parse(text, "on", "off", &options->express);
}

static bool trace_parse(const char *text, struct absent_options *options)
{
    return switch_parse(text, "on", "off", &options->trace);
}

#define DEFINE_NUMBER(name_, member_, low_, high_)                                                 \
    static bool name_##_parse(const char *text, struct absent_options *options)                    \
    {                                                                                              \
        uint64_t value;                                                                            \
        if (!number_parse(text, false, low_, high_, &value))                                       \
            return false;                                                                          \
        options->member_ = (__typeof__(options->member_))value;                                    \
        return true;                                                                               \
    }
DEFINE_NUMBER(vendor, vendor, 0, 0xFFFE)
DEFINE_NUMBER(device, device, 0, 0xFFFF)
DEFINE_NUMBER(subvendor, subsystem_vendor, 0, 0xFFFF)
DEFINE_NUMBER(subsystem, subsystem, 0, 0xFFFF)
DEFINE_NUMBER(class, class_code, 0, 0xFFFFFF)
DEFINE_NUMBER(revision, revision, 0, 0xFF)
DEFINE_NUMBER(msi, msi, 0, ABSENT_MSI_MAX)
DEFINE_NUMBER(msix, msix, 0, ABSENT_MSIX_MAX)

static const struct option {
    const char *name;
    bool (*parse)(const char *text, struct absent_options *options);
    const char *values;
} known[] = {
    {"vendor", vendor_parse, "0 to 0xFFFE"},
    {"device", device_parse, "0 to 0xFFFF"},
    {"subvendor", subvendor_parse, "0 to 0xFFFF"},
    {"subsystem", subsystem_parse, "0 to 0xFFFF"},
    {"class", class_parse, "0xCCSSPP: class, subclass, programming interface"},
    {"revision", revision_parse, "0 to 0xFF"},
    {"bars", bars_parse,
     "up to six of io:N, mem:N, mem64:N, pref:N, pref64:N and none, joined by +; N is a power of "
     "two, 64-bit ones take two places"},
    {"rom", rom_parse, "a power of two from 2K to 16M"},
    {"reads", reads_parse, "ones or zeros"},
    {"line", line_parse, "on or off"},
    {"msi", msi_parse, "0, 1, 2, 4, 8, 16 or 32"},
    {"msix", msix_parse, "0 to 256"},
    {"express", express_parse, "on or off"},
    {"trace", trace_parse, "on or off"},
};

static const struct option *option_find(const char *name)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].name, name) == 0)
            return &known[i];
    return NULL;
}

static void say_what_is_known(char *reason, size_t size, const char *name)
{
    size_t used =
        (size_t)snprintf(reason, size, "device 'model:absent': no option '%s'; there are", name);

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && used < size; i++)
        used += (size_t)snprintf(reason + used, size - used, "%s %s", i ? "," : "", known[i].name);
}

static int item_parse(char *item, struct absent_options *options, char *reason, size_t reason_size)
{
    char *value = item + strcspn(item, "=");

    if (*value)
        *value++ = '\0';
    const struct option *option = option_find(item);
    if (!option) {
        say_what_is_known(reason, reason_size, item);
        return -EINVAL;
    }
    if (strlen(value) < VALUE_BYTES && option->parse(value, options))
        return 0;
    snprintf(reason, reason_size, "device 'model:absent': %s=%.40s is not understood; use %s", item,
             value, option->values);
    return -EINVAL;
}

/* The table of MSI-X lies in the first place without a BAR that is none's upper half. */
static bool table_place(struct absent_options *options)
{
    for (unsigned i = 0; i < BUS_BAR_COUNT; i += options->bars[i].is_64bit ? 2 : 1) {
        if (options->bars[i].kind != BUS_BAR_NONE)
            continue;
        options->bars[i] = (struct absent_bar){.kind = BUS_BAR_MEMORY, .size = 2 * NT_PAGE_SIZE};
        options->table_bar = i;
        return true;
    }
    return false;
}

int absent_options_parse(struct absent_options *ret_options, const char *arguments, char *reason,
                         size_t reason_size)
{
    struct absent_options options = {
        .vendor = DEFAULT_VENDOR_ID,
        .device = DEFAULT_DEVICE_ID,
        .class_code = CLASS_SCSI,
        .line = true,
        .bars = {{.kind = BUS_BAR_MEMORY, .size = NT_PAGE_SIZE}},
    };
    char *copy = strdup(arguments), *rest = copy;
    int error = copy ? 0 : -ENOMEM;

    if (error)
        snprintf(reason, reason_size, "device 'model:absent': not enough memory");
    for (char *item = NULL; !error && arguments[0] && (item = strsep(&rest, ",")) != NULL;)
        error = item_parse(item, &options, reason, reason_size);
    free(copy);
    if (error)
        return error;
    if (options.msi && !is_power_of_two(options.msi)) {
        snprintf(reason, reason_size,
                 "device 'model:absent': msi=%u is not understood; use a power of two",
                 options.msi);
        return -EINVAL;
    }
    if (options.msix && !table_place(&options)) {
        snprintf(reason, reason_size,
                 "device 'model:absent': the table of msix=%u needs a BAR of its own; leave one of "
                 "the six places free",
                 options.msix);
        return -EINVAL;
    }
    *ret_options = options;
    return 0;
}

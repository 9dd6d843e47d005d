/*
 * arguments.c - from the words of a command line to what they ask for.
 */
#include "ctl.h"
#include "export/nbd/control_protocol.h"
#include "options.h"
#include "sys/sys.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MAX = 128 };

/* ---- values ---- */

/* A number with an optional K, M or G. False when it is none or out of range. */
static bool number_parse(const char *text, uint64_t minimum, uint64_t maximum, bool is_size,
                         uint64_t *ret_number)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    uint64_t number = strtoull(text, &end, 0);
    unsigned shift = 0;
    if (is_size && (*end == 'K' || *end == 'k'))
        shift = 10;
    else if (is_size && (*end == 'M' || *end == 'm'))
        shift = 20;
    else if (is_size && (*end == 'G' || *end == 'g'))
        shift = 30;
    if (shift != 0)
        end++;
    if (errno != 0 || *end != '\0' || number > UINT64_MAX >> shift)
        return false;
    number <<= shift;
    if (number < minimum || number > maximum)
        return false;
    *ret_number = number;
    return true;
}

static bool number_set(const char *option, const char *text, unsigned minimum, unsigned maximum,
                       unsigned *ret_number)
{
    uint64_t number;

    if (!number_parse(text, minimum, maximum, false, &number)) {
        message("--%s %s: give a number from %u to %u", option, text, minimum, maximum);
        return false;
    }
    *ret_number = (unsigned)number;
    return true;
}

static bool size_set(const char *option, const char *text, uint64_t minimum, uint64_t maximum,
                     uint64_t *ret_bytes)
{
    char low[32], high[32];

    if (number_parse(text, minimum, maximum, true, ret_bytes))
        return true;
    message("--%s %s: give a size from %s to %s, such as 64K or 256M", option, text,
            size_text(low, minimum), size_text(high, maximum));
    return false;
}

static bool interrupts_set(struct arguments *arguments, const char *text)
{
    static const char *const names[] = {
        [STORHOST_INTERRUPTS_BEST] = "best",
        [STORHOST_INTERRUPTS_LINE] = "line",
        [STORHOST_INTERRUPTS_MSI] = "msi",
        [STORHOST_INTERRUPTS_MSIX] = "msix",
    };

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(text, names[i]) == 0) {
            arguments->interrupts = (enum storhost_interrupts)i;
            arguments->interrupts_name = names[i];
            return true;
        }
    }
    message("--interrupts %s: give best, line, msi or msix", text);
    return false;
}

static bool device_append(struct arguments *arguments, const char *device)
{
    if (arguments->adapter_count == ADAPTERS_MAX) {
        message("--device %s: at most %d devices can be given", device, ADAPTERS_MAX);
        return false;
    }
    arguments->adapters[arguments->adapter_count++].device = device;
    return true;
}

static bool drive_append(struct arguments *arguments, const char *drive)
{
    if (arguments->adapter_count == 0) {
        message("--drive %s: give the --device that it belongs to before it", drive);
        return false;
    }
    struct adapter_arguments *adapter = &arguments->adapters[arguments->adapter_count - 1];
    if (adapter->drive_count == DRIVES_MAX) {
        message("--drive %s: a device can have at most %d drives", drive, DRIVES_MAX);
        return false;
    }
    adapter->drives[adapter->drive_count++] = drive;
    return true;
}

static bool acpi_node_set(struct arguments *arguments, const char *path)
{
    if (arguments->adapter_count == 0) {
        message("--acpi-node %s: give the --device that it is of before it", path);
        return false;
    }
    arguments->adapters[arguments->adapter_count - 1].acpi_node = path;
    return true;
}

static bool setting_append(struct arguments *arguments, const char *setting)
{
    const char *value = strchr(setting, '=');

    if (value == NULL || value == setting) {
        message("--set %s: give KEY\\NAME=VALUE, such as 'Parameters\\Device\\SizeMegabytes=64'",
                setting);
        return false;
    }
    if (arguments->setting_count == SETTINGS_MAX) {
        message("--set %s: at most %d values can be set", setting, SETTINGS_MAX);
        return false;
    }
    arguments->settings[arguments->setting_count++] = setting;
    return true;
}

static bool file_append(const char *option, const char **files, size_t *count, const char *file)
{
    if (*count == FILES_MAX) {
        message("--%s %s: at most %d files can be given", option, file, FILES_MAX);
        return false;
    }
    files[(*count)++] = file;
    return true;
}

/* ---- parsing ---- */

static bool bench_option_set(struct arguments *arguments, int id, const char *value)
{
    switch (id) {
    case OPTION_UNIT:
        arguments->unit = value;
        return true;
    case OPTION_DEPTH:
        return number_set("depth", value, 1, 4096, &arguments->depth);
    case OPTION_THREADS:
        return number_set("threads", value, 1, 256, &arguments->threads);
    case OPTION_SECONDS:
        return number_set("seconds", value, 1, 86400, &arguments->seconds);
    case OPTION_SIZE:
        return size_set("size", value, 512, 64 << 20, &arguments->size_bytes);
    case OPTION_WRITES:
        return number_set("writes", value, 0, 100, &arguments->write_percent);
    case OPTION_SEQUENTIAL:
        arguments->sequential = true;
        return true;
    default:
        return false;
    }
}

static bool dump_test_option_set(struct arguments *arguments, int id, const char *value)
{
    switch (id) {
    case OPTION_MODE:
        arguments->hibernate = strcmp(value, "hibernate") == 0;
        if (arguments->hibernate || strcmp(value, "crash") == 0)
            return true;
        message("--mode %s: give crash or hibernate", value);
        return false;
    case OPTION_AT:
        arguments->idle = strcmp(value, "idle") == 0;
        if (arguments->idle || strcmp(value, "busy") == 0)
            return true;
        message("--at %s: give busy or idle", value);
        return false;
    case OPTION_SEED:
        return number_set("seed", value, 1, UINT32_MAX, &arguments->seed);
    case OPTION_OFFSET:
        arguments->has_offset = true;
        return size_set("offset", value, 0, UINT64_MAX / 2, &arguments->offset_bytes);
    case OPTION_REGION:
        return size_set("size", value, 64 << 10, 1024ull << 20, &arguments->region_bytes);
    case OPTION_OVERWRITE:
        arguments->overwrite = true;
        return true;
    default:
        return bench_option_set(arguments, id, value);
    }
}

static bool ctl_option_set(struct arguments *arguments, int id, const char *value)
{
    unsigned number;
    uint64_t room;

    switch (id) {
    case OPTION_ADAPTER:
        arguments->adapter = value;
        return number_set("adapter", value, 0, ADAPTERS_MAX - 1, &number);
    case OPTION_NAME:
        arguments->unit = value;
        return true;
    case OPTION_IN:
        arguments->input_file = value;
        return true;
    case OPTION_OUT:
        arguments->output_file = value;
        return true;
    case OPTION_ROOM:
        if (!size_set("room", value, 0, CONTROL_DATA_BYTES, &room))
            return false;
        arguments->output_room = (unsigned)room;
        arguments->has_output_room = true;
        return true;
    default:
        return dump_test_option_set(arguments, id, value);
    }
}

static bool option_set(struct arguments *arguments, int id, const char *value)
{
    switch (id) {
    case OPTION_DEVICE:
        return device_append(arguments, value);
    case OPTION_DRIVE:
        return drive_append(arguments, value);
    case OPTION_SET:
        return setting_append(arguments, value);
    case OPTION_CPUS:
        return number_set("cpus", value, 1, 256, &arguments->processors);
    case OPTION_TOPOLOGY:
        arguments->topology = value;
        return true;
    case OPTION_MEMORY:
        return size_set("memory", value, 8 << 20, 2048ull << 20, &arguments->memory_bytes);
    case OPTION_INTERRUPTS:
        return interrupts_set(arguments, value);
    case OPTION_MESSAGES:
        return number_set("messages", value, 1, 2048, &arguments->messages);
    case OPTION_NBD:
        arguments->nbd_socket = value;
        return true;
    case OPTION_DEVICES:
        arguments->devices_socket = value;
        return true;
    case OPTION_PORT:
        return number_set("port", value, 1, 65535, &arguments->port);
    case OPTION_READ_ONLY:
        arguments->read_only = true;
        return true;
    case OPTION_FOREGROUND:
        return true;
    case OPTION_LOW_MEMORY:
        return size_set("low-memory", value, 4 << 20, 2048ull << 20, &arguments->low_memory_bytes);
    case OPTION_SCATTER:
        arguments->scatter = true;
        return true;
    case OPTION_TRACE:
        arguments->trace = value;
        return true;
    case OPTION_TRACE_LIMIT:
        return size_set("trace-limit", value, 64 << 10, 1ull << 40, &arguments->trace_limit_bytes);
    case OPTION_DRIVER_TRACE:
        arguments->driver_trace = value;
        return true;
    case OPTION_DUMPS:
        arguments->dumps = value;
        return true;
    case OPTION_REGISTRY:
        return file_append("registry", arguments->registry, &arguments->registry_count, value);
    case OPTION_ACPI:
        return file_append("acpi", arguments->acpi, &arguments->acpi_count, value);
    case OPTION_ACPI_NODE:
        return acpi_node_set(arguments, value);
    case OPTION_MODULE:
        arguments->module = value;
        return true;
    case OPTION_ID:
        arguments->id = value;
        return true;
    case OPTION_JSON:
        arguments->json = true;
        return true;
    case OPTION_MISSING:
        arguments->missing = true;
        return true;
    default:
        return ctl_option_set(arguments, id, value);
    }
}

/* Without a device all models are meant, so there is no default. */
static bool inf_options_check(const struct arguments *arguments)
{
    if (arguments->adapter_count > 1) {
        message("--device %s: give one device", arguments->adapters[1].device);
        return false;
    }
    if (arguments->adapter_count != 0 && arguments->id != NULL) {
        message("--device and --id: give one of them");
        return false;
    }
    return true;
}

static bool operand_take(struct arguments *arguments, enum command command, int argc, char **argv)
{
    int operands = argc - optind;

    if (command == COMMAND_IOCTL) {
        arguments->words = argv + optind;
        arguments->word_count = (unsigned)operands;
        return true;
    }
    if (command == COMMAND_CTL) {
        arguments->words = argv + optind;
        arguments->word_count = (unsigned)operands;
        return ctl_words_check(arguments);
    }
    if (command == COMMAND_ROUTINES && operands != 0) {
        message("routines takes no operand: '%s' is one", argv[optind]);
        return false;
    }
    if (command != COMMAND_ROUTINES && operands != 1) {
        message(command == COMMAND_INF
                    ? "%s: give one INF file (%d were given)"
                    : "%s: give one DRIVER, a file or a name such as ramdisk (%d were given)",
                command_rows[command].name, operands);
        return false;
    }
    if (arguments->port != 0 && arguments->nbd_socket != NULL) {
        message("--port and --nbd: give one of them");
        return false;
    }
    if (command != COMMAND_ROUTINES)
        arguments->driver = argv[optind];
    if (command == COMMAND_INF)
        return inf_options_check(arguments);
    return arguments->adapter_count != 0 || device_append(arguments, "none");
}

int arguments_parse(struct arguments *arguments, enum command command, int argc, char **argv)
{
    struct option options[OPTIONS_MAX] = {0};
    size_t count = 0;
    int id;

    *arguments = (struct arguments){
        .interrupts_name = "best",
        .depth = 32,
        .threads = 1,
        .seconds = 5,
        .size_bytes = 4096,
        .seed = 1,
        .region_bytes = 4 << 20,
    };
    sh_assert(option_row_count < OPTIONS_MAX);
    for (size_t i = 0; i < option_row_count; i++) {
        if ((option_rows[i].commands & 1u << command) != 0)
            options[count++] =
                (struct option){option_rows[i].name,
                                option_rows[i].argument != NULL ? required_argument : no_argument,
                                NULL, option_rows[i].id};
    }
    opterr = 0;
    while ((id = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (id == OPTION_HELP || id == 'h') {
            help_print(command);
            return 1;
        }
        if (id == ':') {
            message("%s needs a value: `storhost %s --help` lists the options", argv[optind - 1],
                    command_rows[command].name);
            return -1;
        }
        if (id == '?') {
            message("%s is no option of this command, or takes no value: `storhost %s --help` "
                    "lists the options",
                    argv[optind - 1], command_rows[command].name);
            return -1;
        }
        if (!option_set(arguments, id, optarg))
            return -1;
    }
    return operand_take(arguments, command, argc, argv) ? 0 : -1;
}

/*
 * options.c - the options of every command: one table from which parsing and --help come.
 */
#include "cli.h"
#include "ctl.h"
#include "export/nbd/control_protocol.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOR(command) (1u << COMMAND_##command)
#define FOR_MACHINE  (FOR(SERVE) | FOR(INFO) | FOR(BENCH) | FOR(DUMP_TEST))

enum option_id {
    OPTION_HELP = 256,
    OPTION_DEVICE,
    OPTION_DRIVE,
    OPTION_SET,
    OPTION_CPUS,
    OPTION_MEMORY,
    OPTION_INTERRUPTS,
    OPTION_MESSAGES,
    OPTION_NBD,
    OPTION_PORT,
    OPTION_READ_ONLY,
    OPTION_FOREGROUND,
    OPTION_JSON,
    OPTION_UNIT,
    OPTION_DEPTH,
    OPTION_THREADS,
    OPTION_SECONDS,
    OPTION_SIZE,
    OPTION_WRITES,
    OPTION_SEQUENTIAL,
    OPTION_MISSING,
    OPTION_LOW_MEMORY,
    OPTION_SCATTER,
    OPTION_ADAPTER,
    OPTION_IN,
    OPTION_OUT,
    OPTION_ROOM,
    OPTION_DRIVER_TRACE,
    OPTION_TRACE,
    OPTION_TRACE_LIMIT,
    OPTION_DUMPS,
    OPTION_REGISTRY,
    OPTION_ACPI,
    OPTION_ACPI_NODE,
    OPTION_MODULE,
    OPTION_ID,
    OPTION_TOPOLOGY,
    OPTION_MODE,
    OPTION_AT,
    OPTION_SEED,
    OPTION_OFFSET,
    OPTION_REGION,
    OPTION_OVERWRITE,
};

static const struct option_row {
    const char *name;
    int id;
    const char *argument; /* NULL: takes none */
    unsigned commands;
    const char *help;
} rows[] = {
    {"device", OPTION_DEVICE, "SPEC", FOR_MACHINE | FOR(INF),
     "the driver's device: none (virtual miniports; the default), qemu:<any QEMU -device "
     "argument>, model:<name>; repeated: one adapter each"},
    {"drive", OPTION_DRIVE, "OPTIONS", FOR_MACHINE | FOR(INF),
     "a drive of the device before it, as QEMU takes it: file=disk.img,format=raw"},
    {"set", OPTION_SET, "VALUE", FOR_MACHINE,
     "a registry value of the driver: 'Parameters\\Device\\SizeMegabytes=64', or of its devices: "
     "'Device Parameters\\StorPort\\TotalSenseDataBytes=96'"},
    {"registry", OPTION_REGISTRY, "[KEY=]FILE[,write]", FOR_MACHINE,
     "values from a registry hive of Windows: a SYSTEM hive (its current control set), the key of "
     "the driver's service, or any hive for a KEY such as 'Services\\nvme\\Parameters'; with "
     ",write "
     "what the driver changes is kept in the file; repeated: one file each"},
    {"acpi", OPTION_ACPI, "FILE.aml", FOR_MACHINE,
     "a compiled ACPI table (one DSDT, SSDTs; repeated), whose methods the driver can call"},
    {"acpi-node", OPTION_ACPI_NODE, "PATH", FOR_MACHINE,
     "the node of the device before it, such as '\\_SB.PCI0.SATA' (default: by its slot below the "
     "root bridge: 0 for the first --device)"},
    {"module", OPTION_MODULE, "FILE", FOR_MACHINE,
     "the module, when DRIVER is an INF file (default: the one beside it that is called like its "
     "binary)"},
    {"id", OPTION_ID, "ID", FOR(INF),
     "for a device with this hardware id, such as 'PCI\\VEN_1B36&DEV_0010' (without it and "
     "without --device: for all that the file knows)"},
    {"cpus", OPTION_CPUS, "N", FOR_MACHINE,
     "processors of the machine, 1 to 256 (default: as many as the host has)"},
    {"topology", OPTION_TOPOLOGY, "LIST", FOR_MACHINE,
     "where these processors are, such as groups=2,nodes=2,cpus=8; also packages=, dies=, cores= "
     "(of "
     "a package), threads= (of a core), efficient=, and groups=6+2 for unlike sizes (default: as "
     "on "
     "the host; with --cpus alone: in one package)"},
    {"memory", OPTION_MEMORY, "SIZE", FOR_MACHINE,
     "memory that devices can reach, at most 2G (default: 256M)"},
    {"low-memory", OPTION_LOW_MEMORY, "SIZE", FOR_MACHINE,
     "how much of it devices find below 4 GiB; they find the rest above (default: all)"},
    {"scatter", OPTION_SCATTER, NULL, FOR_MACHINE,
     "shuffle the pages of that memory, so that transfers consist of many pieces"},
    {"interrupts", OPTION_INTERRUPTS, "KIND", FOR_MACHINE, "best (the default), line, msi or msix"},
    {"messages", OPTION_MESSAGES, "N", FOR_MACHINE, "grant at most N interrupt messages"},
    {"driver-trace", OPTION_DRIVER_TRACE, "LEVEL[,FLAG]", FOR_MACHINE,
     "show the driver's traces and events: critical, error, warning, information, verbose or a "
     "number, "
     "and those of its trace flags that are wanted (default: all flags)"},
    {"trace", OPTION_TRACE, "FILE", FOR_MACHINE,
     "write a timeline of everything that happens to FILE, for Perfetto (ui.perfetto.dev) or "
     "chrome://tracing"},
    {"trace-limit", OPTION_TRACE_LIMIT, "SIZE", FOR_MACHINE,
     "how large that file may become (default: 256M)"},
    {"dumps", OPTION_DUMPS, "DIRECTORY", FOR_MACHINE,
     "where dumps go that the driver captures when something is wrong with its device (default: "
     "there are none)"},
    {"nbd", OPTION_NBD, "SOCKET", FOR(SERVE),
     "path of the Unix socket (default: one in a private temporary directory); the control "
     "socket for `storhost ctl` is beside it, with " CONTROL_SUFFIX " behind its name"},
    {"port", OPTION_PORT, "N", FOR(SERVE), "serve on TCP port N of 127.0.0.1 instead of a socket"},
    {"read-only", OPTION_READ_ONLY, NULL, FOR(SERVE), "refuse writes"},
    {"foreground", OPTION_FOREGROUND, NULL, FOR(SERVE), "stay in the foreground (always so)"},
    {"unit", OPTION_UNIT, "NAME", FOR(BENCH),
     "the unit, PATH:TARGET:LUN (default: the first disk)"},
    {"depth", OPTION_DEPTH, "N", FOR(BENCH), "requests under way a thread (default: 32)"},
    {"threads", OPTION_THREADS, "N", FOR(BENCH), "threads that submit (default: 1)"},
    {"seconds", OPTION_SECONDS, "N", FOR(BENCH), "how long (default: 5)"},
    {"size", OPTION_SIZE, "BYTES", FOR(BENCH), "bytes of a request (default: 4K)"},
    {"writes", OPTION_WRITES, "PERCENT", FOR(BENCH),
     "share of writes (default: 0); writes overwrite what is on the disk"},
    {"sequential", OPTION_SEQUENTIAL, NULL, FOR(BENCH), "go through the disk in order"},
    {"unit", OPTION_UNIT, "NAME", FOR(DUMP_TEST),
     "the unit that the dump lies on, PATH:TARGET:LUN (default: the first disk)"},
    {"mode", OPTION_MODE, "MODE", FOR(DUMP_TEST),
     "crash (the default): the machine stops, the dump is written, the driver starts anew over the "
     "same device; hibernate: power-down, image, resume, power-up"},
    {"at", OPTION_AT, "WHEN", FOR(DUMP_TEST),
     "busy (the default): while requests are under way; idle: when none is"},
    {"seed", OPTION_SEED, "N", FOR(DUMP_TEST), "chooses the instant and the data (default: 1)"},
    {"depth", OPTION_DEPTH, "N", FOR(DUMP_TEST), "requests under way a thread (default: 32)"},
    {"threads", OPTION_THREADS, "N", FOR(DUMP_TEST), "threads that submit (default: 1)"},
    {"offset", OPTION_OFFSET, "BYTES", FOR(DUMP_TEST),
     "where on the disk the region begins that is overwritten (default: so that it ends with the "
     "disk)"},
    {"size", OPTION_REGION, "BYTES", FOR(DUMP_TEST),
     "size of that region: the first half is written by the load, the second by the dump (default: "
     "4M)"},
    {"overwrite", OPTION_OVERWRITE, NULL, FOR(DUMP_TEST),
     "overwrite the region although there is something other than zeros in it"},
    {"adapter", OPTION_ADAPTER, "N", FOR(CTL),
     "the adapter, from 0 in the order of --device (default: the only one; rescan, state and info: "
     "all)"},
    {"unit", OPTION_UNIT, "P:T:L", FOR(CTL),
     "ioctl: to the device of that unit (default: to the adapter's)"},
    {"in", OPTION_IN, "FILE", FOR(CTL),
     "ioctl: the input buffer; crypto insert: the key; - is standard input"},
    {"out", OPTION_OUT, "FILE", FOR(CTL),
     "ioctl: where the output buffer goes (default: standard output)"},
    {"room", OPTION_ROOM, "BYTES", FOR(CTL),
     "ioctl: size of the output buffer, at most 1M (default: 4K, or the input's if that is more)"},
    {"missing", OPTION_MISSING, NULL, FOR(ROUTINES),
     "list the routines that drivers can import and that are not implemented"},
    {"json", OPTION_JSON, NULL, FOR(INFO) | FOR(BENCH) | FOR(DUMP_TEST) | FOR(INF) | FOR(ROUTINES),
     "print JSON"},
    {"help", OPTION_HELP, NULL, FOR_MACHINE | FOR(CTL) | FOR(INF) | FOR(ROUTINES), "print this"},
};
enum { ROW_COUNT = sizeof(rows) / sizeof(rows[0]) };

static const struct {
    const char *name, *arguments, *purpose;
} commands[COMMAND_COUNT] = {
    [COMMAND_SERVE] = {"serve", "DRIVER --device SPEC [--nbd SOCKET]",
                       "Runs a miniport driver and exports its disks over NBD until it is "
                       "interrupted."},
    [COMMAND_INFO] = {"info", "DRIVER --device SPEC [--json]",
                      "Starts a driver, describes its adapters and logical units, and stops it."},
    [COMMAND_BENCH] = {"bench", "DRIVER --device SPEC",
                       "Measures requests a second, latency and processor time a request."},
    [COMMAND_DUMP_TEST] = {"dump-test", "DRIVER --device SPEC [--mode MODE]",
                           "Crashes or hibernates a running driver, has a second instance of it "
                           "write to its disk as at a crash dump, and reads everything back. "
                           "Overwrites a part of the disk."},
    [COMMAND_CTL] = {"ctl", "SOCKET COMMAND...",
                     "Makes things happen to the adapters of a running `storhost serve`."},
    [COMMAND_INF] = {"inf", "FILE [--device SPEC | --id ID] [--json]",
                     "Says what an INF file would do: the model that is chosen and why, the "
                     "service, each registry value, what is ignored."},
    [COMMAND_ROUTINES] =
        {"routines", "[--missing] [--json]",
         "Lists what drivers can call: routine, category, where it is implemented, "
         "which tests prove it. Of storport.sys everything is listed that the "
         "kit's headers and import library offer."},
    [COMMAND_BUILD] = {"build", "PROJECT [-o MODULE.so]",
                       "Builds a driver module from a Windows driver's project or C files."},
};

/* ---- help ---- */

/* Prints words up to column 90, further lines indented. */
static void print_wrapped(const char *text, unsigned column, unsigned indent)
{
    while (*text != '\0') {
        size_t word = strcspn(text, " ");
        if (column > indent && column + word >= 90) {
            printf("\n%*s", (int)indent, "");
            column = indent;
        }
        printf("%.*s ", (int)word, text);
        column += (unsigned)word + 1;
        text += word + strspn(text + word, " ");
    }
    putchar('\n');
}

static void help_print(enum command command)
{
    printf("Usage: storhost %s %s\n\n%s\n\n", commands[command].name, commands[command].arguments,
           commands[command].purpose);
    if ((FOR_MACHINE & 1u << command) != 0)
        printf("DRIVER is an ELF module or an INF file that names one: a file, or the name of one "
               "that "
               "comes with\nstorhost, such as ramdisk or ramdisk.inf. STORHOST_MODULE_PATH lists "
               "further directories to look in.\n\n");
    if (command == COMMAND_SERVE)
        printf(
            "It prints a line for each disk (unit NAME ...), the control socket for `storhost "
            "ctl` and the\nURI; later `unit NAME ...`, `changed NAME BYTES bytes` and `gone NAME` "
            "as exports come, change\nand go. Events go to stderr. It ends with status 0 when it "
            "is "
            "interrupted or the last adapter was\nremoved, 1 when that one's device was lost.\n\n");
    if (command == COMMAND_CTL)
        ctl_help_print();
    printf("Options:\n");
    for (size_t i = 0; i < ROW_COUNT; i++) {
        char left[40];
        if ((rows[i].commands & 1u << command) == 0)
            continue;
        snprintf(left, sizeof(left), "  --%s %s", rows[i].name,
                 rows[i].argument != NULL ? rows[i].argument : "");
        printf("%-23s ", left);
        print_wrapped(rows[i].help, 24, 24);
    }
}

void help_print_all(void)
{
    printf("storhost runs Windows storage miniport drivers outside Windows.\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        printf("  storhost %s %s\n      ", commands[i].name, commands[i].arguments);
        print_wrapped(commands[i].purpose, 6, 6);
    }
    printf("\n`storhost COMMAND --help` lists the options of a command.\n"
           "Exit status: 0 success, 1 failure, 2 wrong usage, 57 a driver's bug check.\n");
}

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
                commands[command].name, operands);
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
    struct option options[ROW_COUNT + 1] = {0};
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
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if ((rows[i].commands & 1u << command) != 0)
            options[count++] = (struct option){
                rows[i].name, rows[i].argument != NULL ? required_argument : no_argument, NULL,
                rows[i].id};
    }
    opterr = 0;
    while ((id = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (id == OPTION_HELP || id == 'h') {
            help_print(command);
            return 1;
        }
        if (id == ':') {
            message("%s needs a value: `storhost %s --help` lists the options", argv[optind - 1],
                    commands[command].name);
            return -1;
        }
        if (id == '?') {
            message("%s is no option of this command, or takes no value: `storhost %s --help` "
                    "lists the options",
                    argv[optind - 1], commands[command].name);
            return -1;
        }
        if (!option_set(arguments, id, optarg))
            return -1;
    }
    return operand_take(arguments, command, argc, argv) ? 0 : -1;
}

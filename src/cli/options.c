/*
 * options.c - the options of every command: one table from which parsing and --help come.
 */
#include "options.h"

#include "ctl.h"
#include "export/nbd/control_protocol.h"

#include <stdio.h>
#include <string.h>

#define FOR(command) (1u << COMMAND_##command)
#define FOR_MACHINE  (FOR(SERVE) | FOR(INFO) | FOR(BENCH) | FOR(DUMP_TEST))

const struct option_row option_rows[] = {
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
     "the driver, when DRIVER is an INF file (default: its binary beside it, or a module that is "
     "called like it)"},
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
     "show the driver's traces, events and debug prints: critical, error, warning, information, "
     "verbose or a number, "
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
    {"devices", OPTION_DEVICES, "SOCKET", FOR(SERVE),
     "path of the device socket, through which other programs open the driver's devices (default: "
     "beside the NBD socket, with " DEVICES_SUFFIX
     " behind its name); a driver that has no disk yet "
     "is served, too"},
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
     "ioctl, power-control, power: that unit's device (default: the adapter's)"},
    {"in", OPTION_IN, "FILE", FOR(CTL),
     "ioctl: the input buffer; crypto insert: the key; - is standard input"},
    {"out", OPTION_OUT, "FILE", FOR(CTL),
     "ioctl: where the output buffer goes (default: standard output)"},
    {"room", OPTION_ROOM, "BYTES", FOR(CTL),
     "ioctl: size of the output buffer, at most 1M (default: 4K, or the input's if that is more)"},
    {"device", OPTION_NAME, "NAME", FOR(IOCTL),
     "the device: Scsi0: (the first adapter; the default), 0:0:0 or 1/0:0:0 (a unit), "
     "PhysicalDrive0, {GUID} (the first interface of that class), or what `storhost ctl SOCKET "
     "devices` lists"},
    {"in", OPTION_IN, "FILE", FOR(IOCTL),
     "the input buffer: a file, - for standard input, or hex:0102..."},
    {"out", OPTION_OUT, "FILE", FOR(IOCTL),
     "where the output buffer goes, as it is (default: shown on standard output)"},
    {"room", OPTION_ROOM, "BYTES", FOR(IOCTL),
     "size of the output buffer, at most 1M (default: 4K, or the input's if that is more)"},
    {"missing", OPTION_MISSING, NULL, FOR(ROUTINES),
     "list the routines that drivers can import and that are not implemented"},
    {"json", OPTION_JSON, NULL, FOR(INFO) | FOR(BENCH) | FOR(DUMP_TEST) | FOR(INF) | FOR(ROUTINES),
     "print JSON"},
    {"help", OPTION_HELP, NULL, FOR_MACHINE | FOR(CTL) | FOR(INF) | FOR(ROUTINES), "print this"},
};
const size_t option_row_count = sizeof(option_rows) / sizeof(option_rows[0]);

const struct command_row command_rows[COMMAND_COUNT] = {
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
    [COMMAND_IOCTL] = {"ioctl", "SOCKET CODE",
                       "Sends a control code to a device of a running `storhost serve`, as an "
                       "application does, and prints its status and output."},
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
    [COMMAND_BUILD] =
        {"build", "PROJECT [-o FILE] [--image]",
         "Builds a driver module, or with --image a Windows driver image (.sys), from "
         "a Windows driver's project or C files."},
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

void help_print(enum command command)
{
    printf("Usage: storhost %s %s\n\n%s\n\n", command_rows[command].name,
           command_rows[command].arguments, command_rows[command].purpose);
    if ((FOR_MACHINE & 1u << command) != 0)
        printf("DRIVER is a .sys file, an ELF module, or an INF file that names one of them: a "
               "file, or the name\nof one that comes with storhost, such as ramdisk or "
               "ramdisk.inf. STORHOST_MODULE_PATH lists further\ndirectories to look in.\n\n");
    if (command == COMMAND_SERVE)
        printf(
            "It prints a line for each disk (unit NAME ...), the control socket for `storhost "
            "ctl`, the device socket and the\nURI; later `unit NAME ...`, `changed NAME BYTES "
            "bytes` and `gone NAME` "
            "as exports come, change\nand go. Events go to stderr. It ends with status 0 when it "
            "is "
            "interrupted or the last adapter was\nremoved, 1 when that one's device was lost.\n\n");
    if (command == COMMAND_CTL)
        ctl_help_print();
    printf("Options:\n");
    for (size_t i = 0; i < option_row_count; i++) {
        char left[40];
        if ((option_rows[i].commands & 1u << command) == 0)
            continue;
        snprintf(left, sizeof(left), "  --%s %s", option_rows[i].name,
                 option_rows[i].argument != NULL ? option_rows[i].argument : "");
        printf("%-23s ", left);
        print_wrapped(option_rows[i].help, 24, 24);
    }
}

void help_print_all(void)
{
    printf("storhost runs Windows storage miniport drivers outside Windows.\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        printf("  storhost %s %s\n      ", command_rows[i].name, command_rows[i].arguments);
        print_wrapped(command_rows[i].purpose, 6, 6);
    }
    printf("\n`storhost COMMAND --help` lists the options of a command.\n"
           "Exit status: 0 success, 1 failure, 2 wrong usage, 57 a driver's bug check.\n");
}

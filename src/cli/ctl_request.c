/*
 * ctl_request.c - the commands of `storhost ctl`: one table from which checking and --help come.
 *
 * What can be wrong in the words alone is wrong usage and never reaches the server.
 */
#include "ctl.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { CHOICES_MAX = 14, ROOM_DEFAULT = 4096 };

static const struct ctl_command {
    const char *name;
    const char *words; /* as --help shows them */
    unsigned words_min, words_max;
    const char *choices[CHOICES_MAX]; /* of the first word; none: any */
    const char *more[CHOICES_MAX];    /* of the second word */
    const char *help;
} ctl_commands[] = {
    {"state", "", 0, 0, {NULL}, {NULL}, "print what state the adapter and its power are in"},
    {"info",
     "",
     0,
     0,
     {NULL},
     {NULL},
     "print what `storhost info --json` prints, of the live adapter"},
    {"devices", "", 0, 0, {NULL}, {NULL}, "list what other programs can open (`storhost ioctl`)"},
    {"rescan",
     "",
     0,
     0,
     {NULL},
     {NULL},
     "look for units that came or went, and print those there are"},
    {"stop",
     "",
     0,
     0,
     {NULL},
     {NULL},
     "PnP stop, as for a rebalance of resources: requests wait until restart"},
    {"restart",
     "",
     0,
     0,
     {NULL},
     {NULL},
     "start the driver on the adapter again, with its old device extension"},
    {"remove",
     "",
     0,
     0,
     {NULL},
     {NULL},
     "PnP removal in order: requests under way finish, later ones fail"},
    {"surprise-remove",
     "",
     0,
     0,
     {NULL},
     {NULL},
     "the device is gone at once, as if pulled; requests fail"},
    {"power",
     "[D0|D1|D2|D3 [runtime|sleep|hibernate|shutdown] [--unit P:T:L] | sleep | hibernate | "
     "shutdown "
     "| wake | idle | d3cold on|off | setting GUID VALUE | hint LEVEL [MS] | limit MILLIWATTS]",
     0,
     3,
     {"D0", "D1", "D2", "D3", "sleep", "hibernate", "shutdown", "wake", "idle", "setting", "hint",
      "limit", "d3cold"},
     {NULL},
     "alone: print who is active, idle or asleep, and for how long. D1 to D3, sleep, hibernate, "
     "shutdown:\n      power down, until D0 or wake; requests wait. idle: what nobody needs goes "
     "as "
     "deep as it may, at\n      once; a request wakes it. d3cold: whether the adapter may lose its "
     "power in D3. setting: a value of the power policy (a "
     "number, or bytes as x0a1b..).\n      hint: how much power the system uses, 1 (least) to 4. "
     "limit: the most that the adapter may draw"},
    {"power-control",
     "GUID [--unit P:T:L] [--in FILE] [--out FILE] [--room BYTES]",
     1,
     1,
     {NULL},
     {NULL},
     "a private request of the platform to the driver (PoFxPowerControl)"},
    {"reset",
     "unit P:T:L | target P:T | bus P",
     2,
     2,
     {"unit", "target", "bus"},
     {NULL},
     "one tier of the reset ladder"},
    {"queue",
     "lock|unlock|release|flush|quiesce P:T:L",
     2,
     2,
     {"lock", "unlock", "release", "flush", "quiesce"},
     {NULL},
     "what class drivers do to a unit's queue; locks are counted"},
    {"crypto",
     "insert P:T:L [CAPABILITY [KEY]] --in FILE | evict P:T:L",
     2,
     4,
     {"insert", "evict"},
     {NULL},
     "the adapter encrypts the unit's data by the key in FILE from now on (as `info` lists "
     "capabilities and keys; default: what suits), or no longer"},
    {"registry",
     "list [KEY] | get KEY NAME | set KEY NAME VALUE | delete KEY [NAME]",
     1,
     4,
     {"list", "get", "set", "delete"},
     {NULL},
     "the machine's registry: KEY is below the driver's (Parameters\\Device), below the device's "
     "(Device Parameters\\...)\n      or, with a backslash first, in the current control set; "
     "VALUE "
     "as for --set. Drivers that watch are told"},
    {"internal-data",
     "[P:T:L]",
     0,
     1,
     {NULL},
     {NULL},
     "ask the driver for its internal data of the adapter or a unit; they come as events"},
    {"event-logging",
     "diagnostic|operational|health on|off",
     2,
     2,
     {"diagnostic", "operational", "health"},
     {"on", "off"},
     "tell the driver whether it is to write events of a channel"},
    {"trace",
     "start --out FILE | stop",
     1,
     1,
     {"start", "stop"},
     {NULL},
     "record what happens in the machine from now on into FILE, as --trace does, until stop"},
    {"ioctl",
     "CODE [--unit P:T:L] [--in FILE] [--out FILE] [--room BYTES]",
     1,
     1,
     {NULL},
     {NULL},
     "a control code, as DeviceIoControl sends it"},
};
enum { CTL_COMMAND_COUNT = sizeof(ctl_commands) / sizeof(ctl_commands[0]) };

void ctl_help_print(void)
{
    printf("SOCKET is the NBD socket of `storhost serve` or the URI that it printed (the control "
           "socket is\nbeside it: SOCKET" CONTROL_SUFFIX
           "), or the control socket that it printed. P:T:L is the path, target and\nunit number "
           "of a unit; N/P:T:L is such a unit of adapter N.\n\nCommands:\n");
    for (size_t i = 0; i < CTL_COMMAND_COUNT; i++)
        printf("  %s%s%s\n      %s\n", ctl_commands[i].name,
               ctl_commands[i].words[0] != '\0' ? " " : "", ctl_commands[i].words,
               ctl_commands[i].help);
    printf("\n");
}

static const struct ctl_command *ctl_command_find(const char *name)
{
    for (size_t i = 0; i < CTL_COMMAND_COUNT; i++) {
        if (strcmp(ctl_commands[i].name, name) == 0)
            return &ctl_commands[i];
    }
    return NULL;
}

/* ---- checking ---- */

static bool choice_check(const struct ctl_command *command, const char *const choices[CHOICES_MAX],
                         const char *word)
{
    if (choices[0] == NULL)
        return true;
    for (size_t i = 0; i < CHOICES_MAX && choices[i] != NULL; i++) {
        if (strcmp(choices[i], word) == 0)
            return true;
    }
    message("ctl %s %s: give %s", command->name, word, command->words);
    return false;
}

/* Spaces and the like would end a word of the request. */
static bool word_is_printable(const char *word)
{
    if (*word == '\0')
        return false;
    for (; *word != '\0'; word++) {
        if (!isgraph((unsigned char)*word))
            return false;
    }
    return true;
}

/* A key on the command line would be seen by everybody. */
static bool crypto_check(const struct arguments *arguments)
{
    bool inserts = strcmp(arguments->words[2], "insert") == 0;

    if (inserts == (arguments->input_file != NULL) && arguments->unit == NULL &&
        arguments->output_file == NULL && !arguments->has_output_room &&
        (inserts || arguments->word_count == 4))
        return true;
    message(inserts ? "ctl crypto insert: give the unit, and the file that holds the key with --in"
                    : "ctl crypto evict: give the unit and nothing else");
    return false;
}

/* FILE is an option, as all files are: what is served has words without spaces. */
static bool trace_check(const struct arguments *arguments)
{
    bool starts = strcmp(arguments->words[2], "start") == 0;

    if (starts == (arguments->output_file != NULL) && arguments->input_file == NULL &&
        arguments->unit == NULL && !arguments->has_output_room)
        return true;
    message(starts ? "ctl trace start: give the file to write with --out"
                   : "ctl trace stop: give nothing else");
    return false;
}

/* Those with a unit, input and room for output beside their word. */
static bool carries_data(const char *name)
{
    return strcmp(name, "ioctl") == 0 || strcmp(name, "power-control") == 0;
}

/* A unit has power states, and what else there is belongs to adapters. */
static bool power_unit_check(const struct arguments *arguments)
{
    if (arguments->unit == NULL || (arguments->word_count > 2 && arguments->words[2][0] == 'D'))
        return true;
    message("ctl power: --unit belongs to D0, D1, D2 and D3");
    return false;
}

static bool options_check(const struct ctl_command *command, const struct arguments *arguments)
{
    bool for_ioctl = arguments->unit != NULL || arguments->input_file != NULL ||
                     arguments->output_file != NULL || arguments->has_output_room;

    if (strcmp(command->name, "crypto") == 0)
        return crypto_check(arguments);
    if (strcmp(command->name, "trace") == 0)
        return trace_check(arguments);
    bool only_unit = arguments->input_file == NULL && arguments->output_file == NULL &&
                     !arguments->has_output_room;
    if (strcmp(command->name, "power") == 0 && only_unit)
        return power_unit_check(arguments);
    if (for_ioctl && !carries_data(command->name)) {
        message("ctl %s: --unit, --in, --out and --room belong to ioctl and power-control (--in to "
                "crypto, --unit to power, too)",
                command->name);
        return false;
    }
    return true;
}

/* How many words may follow the first, and which the second may be. */
static bool power_check(const struct ctl_command *command, unsigned count, char *const *words)
{
    static const struct {
        const char *name;
        unsigned min, max;
    } rows[] = {
        {"D0", 0, 1},     {"D1", 0, 1},        {"D2", 0, 1},       {"D3", 0, 1},
        {"sleep", 0, 0},  {"hibernate", 0, 0}, {"shutdown", 0, 0}, {"wake", 0, 0},
        {"idle", 0, 0},   {"setting", 2, 2},   {"hint", 1, 2},     {"limit", 1, 1},
        {"d3cold", 1, 1},
    };
    static const char *const actions[CHOICES_MAX] = {"runtime", "sleep", "hibernate", "shutdown"};
    static const char *const switches[CHOICES_MAX] = {"on", "off"};

    for (size_t i = 0; count > 0 && i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, words[0]) != 0)
            continue;
        if (count - 1 >= rows[i].min && count - 1 <= rows[i].max)
            break;
        message("ctl power %s: give %s", words[0], command->words);
        return false;
    }
    if (count == 2 && strcmp(words[0], "d3cold") == 0)
        return choice_check(command, switches, words[1]);
    return count < 2 || words[0][0] != 'D' || choice_check(command, actions, words[1]);
}

bool ctl_words_check(const struct arguments *arguments)
{
    if (arguments->word_count < 2) {
        message("ctl: give the SOCKET of a running `storhost serve` and a command: `storhost ctl "
                "--help` lists them");
        return false;
    }
    const char *name = arguments->words[1];
    const struct ctl_command *command = ctl_command_find(name);
    if (command == NULL) {
        message("ctl: unknown command '%s': `storhost ctl --help` lists those there are", name);
        return false;
    }
    unsigned count = arguments->word_count - 2;
    char *const *words = arguments->words + 2;
    if (count < command->words_min || count > command->words_max) {
        message("ctl %s: give %s behind it", name,
                command->words[0] != '\0' ? command->words : "nothing");
        return false;
    }
    bool is_registry = strcmp(name, "registry") == 0;
    for (unsigned i = 0; i < count && !is_registry; i++) {
        if (!word_is_printable(words[i])) {
            message("ctl %s '%s': give %s", name, words[i], command->words);
            return false;
        }
    }
    if (arguments->unit != NULL && !word_is_printable(arguments->unit)) {
        message("--unit '%s': give PATH:TARGET:LUN", arguments->unit);
        return false;
    }
    return options_check(command, arguments) &&
           (count < 1 || choice_check(command, command->choices, words[0])) &&
           (count < 2 || choice_check(command, command->more, words[1])) &&
           (!is_registry || ctl_registry_check(arguments)) &&
           (strcmp(name, "power") != 0 || power_check(command, count, words));
}

/* ---- the line ---- */

/* Takes "N/" off a unit's name: the adapter, unless --adapter says another. False after a message.
 */
static bool adapter_take(const char **unit, char adapter[16], const struct arguments *arguments)
{
    const char *slash = *unit != NULL ? strchr(*unit, '/') : NULL;

    snprintf(adapter, 16, "%s", arguments->adapter != NULL ? arguments->adapter : "-");
    if (slash == NULL)
        return true;
    char said[16];
    int length = snprintf(said, sizeof(said), "%.*s", (int)(slash - *unit), *unit);
    if (length >= (int)sizeof(said) ||
        (arguments->adapter != NULL && strcmp(said, arguments->adapter) != 0)) {
        message("unit %s: the adapter before the slash is not that of --adapter: give one of them",
                *unit);
        return false;
    }
    memcpy(adapter, said, sizeof(said));
    *unit = slash + 1;
    return true;
}

bool ctl_line_make(char line[CONTROL_LINE_BYTES], const struct arguments *arguments,
                   size_t input_length)
{
    const char *name = arguments->words[1];
    const char *first = arguments->word_count > 2 ? arguments->words[2] : NULL;
    const char *second = arguments->word_count > 3 ? arguments->words[3] : NULL;
    bool with_data = carries_data(name), is_power = strcmp(name, "power") == 0;
    bool is_registry = strcmp(name, "registry") == 0;
    bool is_data = strcmp(name, "internal-data") == 0;
    const char *unit = with_data || is_registry || is_power ? arguments->unit
                       : is_data                            ? first
                                                            : second;
    char adapter[16];
    int length;

    if (!adapter_take(&unit, adapter, arguments))
        return false;
    if (with_data) {
        size_t room = input_length > ROOM_DEFAULT ? input_length : ROOM_DEFAULT;
        if (arguments->has_output_room)
            room = arguments->output_room;
        length = snprintf(line, CONTROL_LINE_BYTES, "%s %s %s %s %zu %zu\n", adapter, name, first,
                          unit != NULL ? unit : "-", room, input_length);
    } else if (is_power) {
        length = snprintf(line, CONTROL_LINE_BYTES, "%s power %s %s %s %s\n", adapter,
                          first != NULL ? first : "-", second != NULL ? second : "-",
                          arguments->word_count > 4 ? arguments->words[4] : "-",
                          unit != NULL ? unit : "-");
    } else if (strcmp(name, "crypto") == 0) {
        length = snprintf(line, CONTROL_LINE_BYTES, "%s crypto %s %s %s %s %zu\n", adapter, first,
                          unit, arguments->word_count > 4 ? arguments->words[4] : "-",
                          arguments->word_count > 5 ? arguments->words[5] : "-", input_length);
    } else if (is_registry) {
        length = snprintf(line, CONTROL_LINE_BYTES, "%s registry %s %zu\n", adapter, first,
                          input_length);
    } else if (strcmp(name, "trace") == 0) {
        length =
            snprintf(line, CONTROL_LINE_BYTES, "%s trace %s %zu\n", adapter, first, input_length);
    } else if (is_data) {
        length = snprintf(line, CONTROL_LINE_BYTES, "%s %s %s\n", adapter, name,
                          unit != NULL ? unit : "-");
    } else if (first == NULL) {
        length = snprintf(line, CONTROL_LINE_BYTES, "%s %s\n", adapter, name);
    } else {
        length = snprintf(line, CONTROL_LINE_BYTES, "%s %s %s %s\n", adapter, name, first, unit);
    }
    if (length < CONTROL_LINE_BYTES)
        return true;
    message("ctl %s: the words are too long", name);
    return false;
}

/*
 * control_command.c - what `storhost ctl` can ask for, carried out by the C API.
 *
 * Rule: the words come from a peer that may be hostile: each number has a bound, and what is
 * answered in words has nothing in it that a terminal obeys.
 */
#include "control_call.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <storhost/handle.h>
#include <string.h>

/* ---- answers ---- */

void control_fail(struct control_answer *answer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(answer->error, sizeof(answer->error), format, arguments);
    va_end(arguments);
    for (char *c = answer->error; *c != '\0'; c++) {
        if (*c < 0x20 || *c >= 0x7F)
            *c = '?';
    }
    answer->good = false;
}

void answer_add(struct control_answer *answer, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        control_fail(answer, "out of memory");
        return;
    }
    char *longer = realloc(answer->data, answer->length + (size_t)length + 1);
    if (longer == NULL) {
        control_fail(answer, "out of memory");
    } else {
        memcpy(longer + answer->length, text, (size_t)length + 1);
        answer->data = longer;
        answer->length += (size_t)length;
    }
    free(text);
}

void outcome(const struct call *call, int result, const struct storhost_error *error)
{
    if (result == 0)
        return;
    control_fail(call->answer, "adapter %zu: %s: %s", call->number, call->request->words[1],
                 error->text[0] != '\0' ? error->text : strerror(-result));
}

/* ---- words ---- */

/* A number with no sign, decimal or with 0x. */
bool number_parse(const char *text, uint32_t maximum, uint32_t *ret_number)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    unsigned long number = strtoul(text, &end, 0);
    if (errno != 0 || *end != '\0' || number > maximum)
        return false;
    *ret_number = (uint32_t)number;
    return true;
}

/* "P:T:L", or fewer numbers; true when there are exactly `count` of at most 255. */
static bool address_parse(const char *text, unsigned count, unsigned address[3])
{
    for (unsigned i = 0; i < count; i++) {
        char digits[8];
        size_t length = strcspn(text, ":");
        uint32_t number;
        if (length >= sizeof(digits))
            return false;
        memcpy(digits, text, length);
        digits[length] = '\0';
        if (!number_parse(digits, 255, &number))
            return false;
        address[i] = number;
        text += length;
        if (*text == ':' && i + 1 < count)
            text++;
    }
    return *text == '\0';
}

/* The first unit that has the first `count` numbers of the address; NULL after an error. To be
 * released. */
struct storhost_unit *unit_find(const struct call *call, const char *text, unsigned count)
{
    static const char *const shapes[] = {"", "PATH", "PATH:TARGET", "PATH:TARGET:LUN"};
    struct storhost_unit_info info;
    struct storhost_unit *unit;
    unsigned wanted[3];

    if (!address_parse(text, count, wanted)) {
        control_fail(call->answer, "unit %s: give %s", text, shapes[count]);
        return NULL;
    }
    for (unsigned i = 0; (unit = storhost_unit_get(call->adapter, i)) != NULL; i++) {
        info = (struct storhost_unit_info){.size = sizeof(info)};
        storhost_unit_describe(unit, &info);
        const unsigned address[] = {info.path, info.target, info.lun};
        if (memcmp(address, wanted, count * sizeof(*wanted)) == 0)
            return unit;
        storhost_unit_release(unit);
    }
    control_fail(call->answer, "adapter %zu has no unit %s: `rescan` lists those there are",
                 call->number, text);
    return NULL;
}

/* The place of a word in a list; -1 after an error that names the choices. */
int choose(const struct call *call, const char *word, const char *const *names, size_t count)
{
    char list[128] = "";

    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, names[i]) == 0)
            return (int)i;
        snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s", i == 0 ? "" : ", ",
                 names[i]);
    }
    control_fail(call->answer, "%s %s: give one of %s", call->request->words[1], word, list);
    return -1;
}

/* ---- Plug and Play, power ---- */

static void run_rescan(const struct call *call)
{
    struct storhost_unit *unit;

    storhost_adapter_rescan(call->adapter);
    for (unsigned i = 0; (unit = storhost_unit_get(call->adapter, i)) != NULL; i++) {
        struct storhost_unit_info info = {.size = sizeof(info)};
        int error = storhost_unit_describe(unit, &info);
        if (host_adapter(1) != NULL)
            answer_add(call->answer, "%zu/", call->number);
        answer_add(call->answer, "%u:%u:%u %s %s, ", info.path, info.target, info.lun, info.vendor,
                   info.product);
        if (error != 0 || !info.has_blocks)
            answer_add(call->answer, "%s\n",
                       error != 0 ? storhost_unit_problem(error)
                                  : storhost_device_type_name(info.device_type));
        else
            answer_add(call->answer, "%" PRIu64 " bytes\n", info.block_count * info.block_size);
        storhost_unit_release(unit);
    }
}

static void run_stop(const struct call *call)
{
    struct storhost_error error = {""};
    outcome(call, storhost_adapter_pnp_stop(call->adapter, &error), &error);
}

static void run_restart(const struct call *call)
{
    struct storhost_error error = {""};
    outcome(call, storhost_adapter_pnp_restart(call->adapter, &error), &error);
}

static void run_remove(const struct call *call)
{
    struct storhost_error error = {""};

    /* Before: whoever sees that the adapter is gone asks at once whether that was meant. */
    host_note_removal(true);
    int result = storhost_adapter_pnp_remove(call->adapter, &error);
    if (result != 0)
        host_note_removal(false);
    outcome(call, result, &error);
}

static void run_surprise_remove(const struct call *call)
{
    struct storhost_error error = {""};
    outcome(call, storhost_adapter_surprise_remove(call->adapter, &error), &error);
}

/* ---- resets, queues ---- */

static void reset_bus(const struct call *call)
{
    struct storhost_error error = {""};
    unsigned path[3];

    if (address_parse(call->words[1], 1, path))
        outcome(call, storhost_adapter_reset_bus(call->adapter, path[0], &error), &error);
    else
        control_fail(call->answer, "reset bus %s: give the number of a path", call->words[1]);
}

static void run_reset(const struct call *call)
{
    static const char *const tiers[] = {
        [STORHOST_RESET_UNIT] = "unit",
        [STORHOST_RESET_TARGET] = "target",
        [STORHOST_RESET_BUS] = "bus",
    };
    struct storhost_error error = {""};

    int tier = CHOOSE(call, call->words[0], tiers);
    if (tier < 0)
        return;
    if (tier == STORHOST_RESET_BUS) {
        reset_bus(call);
        return;
    }
    struct storhost_unit *unit =
        unit_find(call, call->words[1], tier == STORHOST_RESET_UNIT ? 3 : 2);
    if (unit == NULL)
        return;
    outcome(call, storhost_unit_reset(unit, (enum storhost_reset)tier, &error), &error);
    storhost_unit_release(unit);
}

static void run_queue(const struct call *call)
{
    static const char *const operations[] = {
        [STORHOST_QUEUE_LOCK] = "lock",       [STORHOST_QUEUE_UNLOCK] = "unlock",
        [STORHOST_QUEUE_RELEASE] = "release", [STORHOST_QUEUE_FLUSH] = "flush",
        [STORHOST_QUEUE_QUIESCE] = "quiesce",
    };
    struct storhost_error error = {""};

    int operation = CHOOSE(call, call->words[0], operations);
    if (operation < 0)
        return;
    struct storhost_unit *unit = unit_find(call, call->words[1], 3);
    if (unit == NULL)
        return;
    int result = storhost_unit_queue(unit, (enum storhost_queue_operation)operation);
    if (result == -EINVAL && operation == STORHOST_QUEUE_UNLOCK)
        snprintf(error.text, sizeof(error.text), "the queue of unit %s is not locked",
                 call->words[1]);
    outcome(call, result, &error);
    storhost_unit_release(unit);
}

/* ---- keys ---- */

/* "-": whichever suits. */
static bool choice_parse(const struct call *call, const char *word, const char *what,
                         uint32_t *ret_number)
{
    *ret_number = STORHOST_CRYPTO_ANY;
    if (strcmp(word, "-") == 0 || number_parse(word, 0xFFFF, ret_number))
        return true;
    control_fail(call->answer, "crypto insert: %s %s: give a number: `info` lists them", what,
                 word);
    return false;
}

static void crypto_insert(const struct call *call, struct storhost_unit *unit)
{
    struct storhost_error error = {""};
    struct storhost_crypto_key key = {
        .size = sizeof(key),
        .bytes = call->request->data,
        .length = call->request->data_length,
    };

    if (choice_parse(call, call->words[2], "capability", &key.capability) &&
        choice_parse(call, call->words[3], "key", &key.index))
        outcome(call, storhost_unit_crypto_insert(unit, &key, &error), &error);
}

static void run_crypto(const struct call *call)
{
    static const char *const operations[] = {"insert", "evict"};
    struct storhost_error error = {""};

    int operation = CHOOSE(call, call->words[0], operations);
    if (operation < 0)
        return;
    struct storhost_unit *unit = unit_find(call, call->words[1], 3);
    if (unit == NULL)
        return;
    if (operation == 0)
        crypto_insert(call, unit);
    else
        outcome(call, storhost_unit_crypto_evict(unit, &error), &error);
    storhost_unit_release(unit);
}

/* ---- control codes ---- */

static void ioctl_on(const struct call *call, struct storhost_unit *unit, uint32_t code,
                     uint32_t room)
{
    struct control_answer *answer = call->answer;
    uint32_t status = 0;
    size_t length = 0;

    answer->data = calloc(1, (size_t)room + 1);
    if (answer->data == NULL) {
        control_fail(answer, "out of memory");
        return;
    }
    int result = storhost_ioctl(call->adapter, unit, code, call->request->data,
                                call->request->data_length, answer->data, room, &length, &status);
    answer->length = length <= room ? length : room;
    if (result != 0)
        control_fail(answer, "adapter %zu: ioctl 0x%" PRIX32 ": NTSTATUS 0x%08" PRIX32 " (%s)",
                     call->number, code, status, strerror(-result));
}

static void run_ioctl(const struct call *call)
{
    struct storhost_unit *unit = NULL;
    uint32_t code, room;

    if (!number_parse(call->words[0], UINT32_MAX, &code)) {
        control_fail(call->answer, "ioctl %s: give a control code, such as 0x4D008",
                     call->words[0]);
        return;
    }
    if (!number_parse(call->words[2], CONTROL_DATA_BYTES, &room)) {
        control_fail(call->answer, "ioctl %s: room for %s bytes of output: at most %d can be had",
                     call->words[0], call->words[2], CONTROL_DATA_BYTES);
        return;
    }
    if (strcmp(call->words[1], "-") != 0) {
        unit = unit_find(call, call->words[1], 3);
        if (unit == NULL)
            return;
    }
    ioctl_on(call, unit, code, room);
    storhost_unit_release(unit);
}

static void run_registry(const struct call *call)
{
    char *text = NULL;
    struct storhost_error error = {""};
    int result = control_registry(call->adapter, call->request, &text, &error);

    outcome(call, result, &error);
    if (text != NULL)
        answer_add(call->answer, "%s", text);
    free(text);
}

/* ---- recordings, of the whole machine ---- */

static void trace_start(const struct call *call)
{
    const char *path = (const char *)call->request->data;
    size_t length = call->request->data_length;
    struct storhost_error error = {""};

    if (length < 2 || strnlen(path, length) != length - 1 || path[0] != '/') {
        control_fail(call->answer, "trace start: give the path of a file");
        return;
    }
    if (storhost_trace_start(path, 0, &error) != 0)
        control_fail(call->answer, "%s", error.text);
}

static void run_trace(const struct call *call)
{
    static const char *const operations[] = {"start", "stop"};
    struct storhost_error error = {""};

    int operation = CHOOSE(call, call->words[0], operations);
    if (operation == 0)
        trace_start(call);
    else if (operation == 1 && storhost_trace_stop(&error) != 0)
        control_fail(call->answer, "trace stop: %s", error.text);
}

/* ---- what can be opened ---- */

static void run_devices(const struct call *call)
{
    char *text = NULL;

    if (storhost_devices_list(&text) != 0)
        control_fail(call->answer, "devices: out of memory");
    else
        answer_add(call->answer, "%s", text);
    free(text);
}

/* ---- what the driver is asked and told ---- */

static void said(const struct call *call, int result)
{
    struct storhost_error error = {""};

    if (result == -EOPNOTSUPP)
        snprintf(error.text, sizeof(error.text), "the driver does not support that");
    else if (result == -EIO)
        snprintf(error.text, sizeof(error.text), "the driver refused");
    else if (result == -EINVAL)
        snprintf(error.text, sizeof(error.text), "the adapter does not run");
    outcome(call, result, &error);
}

static void run_internal_data(const struct call *call)
{
    struct storhost_unit *unit = NULL;

    if (strcmp(call->words[0], "-") != 0 && (unit = unit_find(call, call->words[0], 3)) == NULL)
        return;
    said(call, storhost_adapter_report_internal_data(call->adapter, unit));
    storhost_unit_release(unit);
}

static void run_event_logging(const struct call *call)
{
    /* As STORPORT_ETW_EVENT_CHANNEL counts. */
    static const char *const channels[] = {"diagnostic", "operational", "health"};
    static const char *const states[] = {"off", "on"};

    int channel = CHOOSE(call, call->words[0], channels);
    int on = channel < 0 ? -1 : CHOOSE(call, call->words[1], states);
    if (on >= 0)
        said(call, storhost_adapter_event_logging(call->adapter, (unsigned)channel, on != 0));
}

/* ---- descriptions ---- */

static void run_state(const struct call *call)
{
    unsigned device_state = 0;
    enum storhost_adapter_state state = storhost_adapter_state(call->adapter, &device_state);

    if (host_adapter(1) != NULL)
        answer_add(call->answer, "%zu ", call->number);
    answer_add(call->answer, "%s D%u\n", storhost_adapter_state_name(state), device_state);
}

static void run_info(const struct call *call)
{
    char *json = NULL;
    int result = storhost_adapter_json(call->adapter, &json);

    if (result != 0)
        control_fail(call->answer, "adapter %zu cannot be described: %s", call->number,
                     strerror(-result));
    else
        answer_add(call->answer, "%s%s", call->answer->length == 0 ? "" : ",\n", json);
    free(json);
}

/* ---- the table ---- */

static const struct command {
    const char *name;
    unsigned words; /* behind it */
    bool has_data;  /* the last word is the number of bytes that follow the line */
    bool for_all;   /* without an adapter: for each; `trace` and `devices` are for none */
    void (*run)(const struct call *call);
} commands[] = {
    {"rescan", 0, false, true, run_rescan},
    {"stop", 0, false, false, run_stop},
    {"restart", 0, false, false, run_restart},
    {"remove", 0, false, false, run_remove},
    {"surprise-remove", 0, false, false, run_surprise_remove},
    {"power", 4, false, true, control_power},
    {"power-control", 4, true, false, control_power_control},
    {"reset", 2, false, false, run_reset},
    {"queue", 2, false, false, run_queue},
    {"crypto", 5, true, false, run_crypto},
    {"registry", 2, true, false, run_registry},
    {"internal-data", 1, false, false, run_internal_data},
    {"event-logging", 2, false, false, run_event_logging},
    {"ioctl", 4, true, false, run_ioctl},
    {"trace", 2, true, true, run_trace},
    {"devices", 0, false, true, run_devices},
    {"state", 0, false, true, run_state},
    {"info", 0, false, true, run_info},
};

static const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    }
    return NULL;
}

long control_parse(struct control_request *request, struct control_answer *answer)
{
    char *rest = request->line;
    uint32_t length = 0;

    do
        request->words[request->word_count++] = strsep(&rest, " ");
    while (rest != NULL && request->word_count < CONTROL_WORDS_MAX);
    if (rest != NULL || request->word_count < 2) {
        control_fail(answer, "a request has 2 to %d words", CONTROL_WORDS_MAX);
        return -1;
    }
    const struct command *command = command_find(request->words[1]);
    if (command == NULL) {
        control_fail(answer, "unknown command '%s'", request->words[1]);
        return -1;
    }
    if (request->word_count != 2 + command->words) {
        control_fail(answer, "%s: %u words belong to it, not %u", command->name, command->words,
                     request->word_count - 2);
        return -1;
    }
    if (command->has_data &&
        !number_parse(request->words[request->word_count - 1], CONTROL_DATA_BYTES, &length)) {
        control_fail(answer, "%s: %s bytes of input: at most %d can be given", command->name,
                     request->words[request->word_count - 1], CONTROL_DATA_BYTES);
        return -1;
    }
    return (long)length;
}

/* From `first` up to `last`. False after an error. */
static bool adapters_choose(const struct command *command, const char *word, size_t *ret_first,
                            size_t *ret_last, struct control_answer *answer)
{
    uint32_t number = 0;
    size_t count = 0;

    while (host_adapter(count) != NULL)
        count++;
    if (strcmp(word, "-") == 0 && count > 1 && !command->for_all) {
        control_fail(answer, "%s: there are %zu adapters: say which with --adapter", command->name,
                     count);
        return false;
    }
    if (strcmp(word, "-") != 0 && (!number_parse(word, UINT32_MAX, &number) || number >= count)) {
        control_fail(answer, "adapter %s: there %s %zu, numbered from 0", word,
                     count == 1 ? "is" : "are", count);
        return false;
    }
    *ret_first = number;
    *ret_last = strcmp(word, "-") == 0 ? count - 1 : number;
    return true;
}

void control_run(const struct control_request *request, struct control_answer *answer)
{
    const struct command *command = command_find(request->words[1]);
    size_t number, last;

    if (host_is_stopping()) {
        control_fail(answer, "%s: the server is stopping", command->name);
        return;
    }
    if (!adapters_choose(command, request->words[0], &number, &last, answer))
        return;
    answer->good = true;
    if (command->run == run_trace || command->run == run_devices)
        last = number;
    for (; number <= last && answer->good; number++) {
        struct call call = {
            .adapter = host_adapter(number),
            .number = number,
            .request = request,
            .words = request->words + 2,
            .answer = answer,
        };
        command->run(&call);
    }
    host_look();
}

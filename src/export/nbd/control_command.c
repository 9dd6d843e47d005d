/*
 * control_command.c - what `storhost ctl` can ask for, carried out by the C API.
 *
 * Rule: the words come from a peer that may be hostile: each number has a bound, and what is
 * answered in words has nothing in it that a terminal obeys.
 */
#include "control.h"
#include "host.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct call {
    struct storhost_adapter *adapter;
    size_t number; /* of the adapter */
    const struct control_request *request;
    char *const *words; /* behind the command */
    struct control_answer *answer;
};

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

/* Appends to the data. Without memory the answer becomes an error. */
static void answer_add(struct control_answer *answer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void answer_add(struct control_answer *answer, const char *format, ...)
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

/* ---- words ---- */

/* A number with no sign, decimal or with 0x. */
static bool number_parse(const char *text, uint32_t maximum, uint32_t *ret_number)
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

/* ---- Plug and Play, power ---- */

static void run_rescan(const struct call *call)
{
    struct storhost_unit *unit;

    storhost_adapter_rescan(call->adapter);
    for (unsigned i = 0; (unit = storhost_unit_get(call->adapter, i)) != NULL; i++) {
        struct storhost_unit_info info = {.size = sizeof(info)};
        storhost_unit_describe(unit, &info);
        if (host_adapter(1) != NULL)
            answer_add(call->answer, "%zu/", call->number);
        answer_add(call->answer, "%u:%u:%u %s %s, %" PRIu64 " bytes\n", info.path, info.target,
                   info.lun, info.vendor, info.product, info.block_count * info.block_size);
        storhost_unit_release(unit);
    }
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
    bool for_all;   /* without an adapter: for each */
    void (*run)(const struct call *call);
} commands[] = {
    {"rescan", 0, false, true, run_rescan},
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

    while (rest != NULL && request->word_count < CONTROL_WORDS_MAX)
        request->words[request->word_count++] = strsep(&rest, " ");
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

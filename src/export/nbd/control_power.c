/*
 * control_power.c - `storhost ctl SOCKET power`: what runtime power management has made of the
 * adapters, and what the platform tells and asks their drivers.
 */
#include "control_call.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_BYTES_MAX = 64, UNIT = 3 /* the place of the word that names one */ };

/* ---- what is ---- */

static double seconds(uint64_t time_ns)
{
    return (double)time_ns / 1e9;
}

/* "latency 1 us"; nothing for what is unknown. */
static void print_time(struct control_answer *answer, const char *name, uint64_t time_100ns)
{
    if (time_100ns != STORHOST_UNKNOWN_TIME)
        answer_add(answer, ", %s %.1f us", name, (double)time_100ns / 10);
}

static void print_component(struct control_answer *answer, const char *indent, const char *name,
                            const struct storhost_power_info *info)
{
    uint64_t idle_ns = 0;

    for (unsigned i = 0; i < info->fstate_count; i++)
        idle_ns += info->fstates[i].time_ns;
    answer_add(answer, "%s%s: %s, F%u, D%u; active %.3f s, idle %.3f s, asleep %.3f s\n", indent,
               name, info->active ? "active" : "idle", info->fstate, info->device_state,
               seconds(info->active_ns), seconds(idle_ns), seconds(info->d3_ns));
    answer_add(answer,
               "%s  activated %" PRIu64 " times, slept %" PRIu64 " times, sleeps after %" PRIu32
               " ms, ",
               indent, info->activations, info->sleeps, info->idle_timeout_ms);
    if (info->by_port)
        answer_add(answer, "unknown to the driver\n");
    else
        answer_add(answer, "%u reference%s of the driver\n", info->references,
                   info->references == 1 ? "" : "s");
    for (unsigned i = 1; i < info->fstate_count; i++) {
        const struct storhost_fstate *state = &info->fstates[i];
        answer_add(answer, "%s  F%u: %.3f s, entered %" PRIu64 " times", indent, i,
                   seconds(state->time_ns), state->entries);
        print_time(answer, "latency", state->latency_100ns);
        print_time(answer, "residency", state->residency_100ns);
        answer_add(answer, "\n");
    }
}

static void print_cold(const struct call *call, const struct storhost_power_info *info)
{
    const char *state = !info->d3_cold_supported ? "the device does not know it"
                        : !info->d3_cold_allowed ? "not allowed"
                        : info->d3_cold          ? "allowed, the driver uses it"
                                                 : "allowed, the driver does not use it";

    answer_add(call->answer, "  D3cold: %s\n", state);
}

static void print_units(const struct call *call)
{
    struct storhost_unit *unit;

    for (unsigned i = 0; (unit = storhost_unit_get(call->adapter, i)) != NULL; i++) {
        struct storhost_power_info power = {.size = sizeof(power)};
        char name[32];
        storhost_power_describe(call->adapter, unit, &power);
        snprintf(name, sizeof(name), "unit %u:%u:%u", power.path, power.target, power.lun);
        if (power.ordered_state != 0)
            answer_add(call->answer, "  %s: powered down, D%u\n", name, power.ordered_state);
        else if (power.registered)
            print_component(call->answer, "  ", name, &power);
        else
            answer_add(call->answer, "  %s: not registered\n", name);
        storhost_unit_release(unit);
    }
}

static void print_perf_sets(const struct call *call)
{
    struct storhost_perf_set set = {.size = sizeof(set)};

    for (unsigned i = 0; storhost_perf_set_at(call->adapter, i, &set); i++) {
        answer_add(call->answer, "  performance set %u (%s):", i, set.unit);
        for (unsigned k = 0; k < (set.is_range ? 2 : set.count); k++)
            answer_add(call->answer, "%s%" PRIu64, set.is_range && k == 1 ? "-" : " ",
                       set.values[k]);
        answer_add(call->answer, ", now %s%" PRIu64 "\n", set.is_range ? "" : "state ",
                   set.current);
    }
}

static void print_power(const struct call *call)
{
    struct storhost_power_info info = {.size = sizeof(info)};
    unsigned device_state = 0;
    char name[64];
    enum storhost_adapter_state state = storhost_adapter_state(call->adapter, &device_state);

    snprintf(name, sizeof(name), "adapter %zu", call->number);
    answer_add(call->answer, "%s: %s, D%u\n", name, storhost_adapter_state_name(state),
               device_state);
    storhost_power_describe(call->adapter, NULL, &info);
    if (info.registered)
        print_component(call->answer, "  ", "component", &info);
    else
        answer_add(call->answer, "  component: not registered\n");
    print_cold(call, &info);
    print_perf_sets(call);
    print_units(call);
}

/* ---- what is to be ---- */

static bool is_absent(const char *word)
{
    return strcmp(word, "-") == 0;
}

static void set_state(const struct call *call, unsigned state, const char *action_word)
{
    static const char *const actions[] = {
        [STORHOST_POWER_NONE] = "runtime",
        [STORHOST_POWER_SLEEP] = "sleep",
        [STORHOST_POWER_HIBERNATE] = "hibernate",
        [STORHOST_POWER_SHUTDOWN] = "shutdown",
    };
    struct storhost_error error = {""};
    int action = is_absent(action_word) ? STORHOST_POWER_NONE : CHOOSE(call, action_word, actions);

    if (action < 0)
        return;
    if (is_absent(call->words[UNIT])) {
        outcome(call,
                storhost_adapter_power(call->adapter, state, (enum storhost_power_action)action,
                                       &error),
                &error);
        return;
    }
    struct storhost_unit *unit = unit_find(call, call->words[UNIT], 3);
    if (unit == NULL)
        return;
    outcome(call, storhost_unit_power(unit, state, (enum storhost_power_action)action, &error),
            &error);
    storhost_unit_release(unit);
}

static void set_cold(const struct call *call)
{
    static const char *const states[] = {"off", "on"};
    struct storhost_error error = {""};
    int on = CHOOSE(call, call->words[1], states);

    if (on < 0)
        return;
    int result = storhost_adapter_d3_cold(call->adapter, on != 0);
    if (result == -EOPNOTSUPP)
        snprintf(error.text, sizeof(error.text), "the device does not know D3cold");
    outcome(call, result, &error);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool byte_parse(const char *text, uint8_t *ret_byte)
{
    int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);

    if (high < 0 || low < 0)
        return false;
    *ret_byte = (uint8_t)(high << 4 | low);
    return true;
}

/* "02731015-4510-4526-99e6-e5a17ebd1aea", with or without braces, as it lies in memory. */
static bool guid_parse(const char *text, uint8_t guid[16])
{
    static const uint8_t places[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    bool braces = *text == '{';

    text += braces;
    for (unsigned i = 0; i < 16; i++, text += 2) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
            return false;
        if (!byte_parse(text, &guid[places[i]]))
            return false;
    }
    return strcmp(text, braces ? "}" : "") == 0;
}

static bool guid_take(const struct call *call, const char *word, uint8_t guid[16])
{
    if (guid_parse(word, guid))
        return true;
    control_fail(call->answer, "%s %s: give a GUID, as 02731015-4510-4526-99e6-e5a17ebd1aea",
                 call->request->words[1], word);
    return false;
}

/* A number is a DWORD; "x0a1b" are bytes. 0: neither. */
static size_t value_parse(const char *word, uint8_t value[VALUE_BYTES_MAX])
{
    size_t length = 0;
    uint32_t number;

    if (*word != 'x') {
        if (!number_parse(word, UINT32_MAX, &number))
            return 0;
        memcpy(value, &number, sizeof(number));
        return sizeof(number);
    }
    for (word++; *word != '\0' && length < VALUE_BYTES_MAX; word += 2)
        if (!byte_parse(word, &value[length++]))
            return 0;
    return *word == '\0' ? length : 0;
}

/* What the driver makes of it, where -EOPNOTSUPP means that it has not asked to hear of it. */
static void told(const struct call *call, int result, const char *what)
{
    struct storhost_error error = {""};

    if (result == -EOPNOTSUPP)
        snprintf(error.text, sizeof(error.text), "the driver does not take %s", what);
    if (result == -EINVAL)
        snprintf(error.text, sizeof(error.text), "the adapter does not run");
    outcome(call, result, &error);
}

static void set_setting(const struct call *call)
{
    uint8_t guid[16], value[VALUE_BYTES_MAX];

    if (!guid_take(call, call->words[1], guid))
        return;
    size_t length = value_parse(call->words[2], value);
    if (length == 0) {
        control_fail(call->answer,
                     "power setting %s: give a number, or x and up to %d bytes in "
                     "hexadecimal",
                     call->words[2], VALUE_BYTES_MAX);
        return;
    }
    told(call, storhost_adapter_power_setting(call->adapter, guid, value, length),
         "this power setting (it is kept, should it ask)");
}

static void set_hint(const struct call *call)
{
    enum { LEVEL_MAX = 4 };
    uint32_t level, latency_ms = 0;

    if (!number_parse(call->words[1], LEVEL_MAX, &level) || level == 0) {
        control_fail(call->answer, "power hint %s: give a level from 1 to %d", call->words[1],
                     LEVEL_MAX);
        return;
    }
    if (!is_absent(call->words[2]) && !number_parse(call->words[2], UINT32_MAX, &latency_ms)) {
        control_fail(call->answer, "power hint %s: give a number of milliseconds", call->words[2]);
        return;
    }
    told(call, storhost_adapter_power_hint(call->adapter, level, latency_ms), "hints");
}

static void set_limit(const struct call *call)
{
    uint32_t limit;

    if (!number_parse(call->words[1], UINT32_MAX, &limit)) {
        control_fail(call->answer, "power limit %s: give a number of milliwatts", call->words[1]);
        return;
    }
    told(call, storhost_adapter_power_limit(call->adapter, limit),
         "a limit: that is for one with several performance states in milliwatts");
}

/* One adapter of several is not powered down by accident. */
static bool is_named(const struct call *call)
{
    if (!is_absent(call->request->words[0]) || host_adapter(1) == NULL)
        return true;
    control_fail(call->answer, "power: there are several adapters: say which with --adapter");
    return false;
}

void control_power(const struct call *call)
{
    enum word {
        D0,
        D1,
        D2,
        D3,
        SLEEP,
        HIBERNATE,
        SHUTDOWN,
        WAKE,
        IDLE,
        SETTING,
        HINT,
        LIMIT,
        COLD
    };
    static const char *const words[] = {
        [D0] = "D0",
        [D1] = "D1",
        [D2] = "D2",
        [D3] = "D3",
        [SLEEP] = "sleep",
        [WAKE] = "wake",
        [SHUTDOWN] = "shutdown",
        [HIBERNATE] = "hibernate",
        [IDLE] = "idle",
        [HINT] = "hint",
        [SETTING] = "setting",
        [LIMIT] = "limit",
        [COLD] = "d3cold",
    };

    if (is_absent(call->words[0])) {
        print_power(call);
        return;
    }
    int word = CHOOSE(call, call->words[0], words);
    switch (word) {
    case D0:
    case D1:
    case D2:
    case D3:
        if (is_named(call))
            set_state(call, (unsigned)word, call->words[1]);
        return;
    case SLEEP:
    case HIBERNATE:
    case SHUTDOWN:
        set_state(call, 3, words[word]);
        return;
    case WAKE:
        set_state(call, 0, "-");
        return;
    case IDLE:
        storhost_adapter_idle_now(call->adapter);
        print_power(call);
        return;
    case SETTING:
        set_setting(call);
        return;
    case HINT:
        set_hint(call);
        return;
    case LIMIT:
        set_limit(call);
        return;
    case COLD:
        set_cold(call);
        return;
    default:
        return; /* the answer is an error already */
    }
}

/* ---- private requests ---- */

void control_power_control(const struct call *call)
{
    struct control_answer *answer = call->answer;
    struct storhost_unit *unit = NULL;
    uint8_t guid[16];
    uint32_t room;

    if (!guid_take(call, call->words[0], guid))
        return;
    if (!number_parse(call->words[2], CONTROL_DATA_BYTES, &room)) {
        control_fail(answer, "power-control: room for %s bytes of output: at most %d can be had",
                     call->words[2], CONTROL_DATA_BYTES);
        return;
    }
    if (!is_absent(call->words[1])) {
        unit = unit_find(call, call->words[1], 3);
        if (unit == NULL)
            return;
    }
    size_t length = room;
    answer->data = calloc(1, (size_t)room + 1);
    if (answer->data == NULL)
        control_fail(answer, "out of memory");
    else
        told(call,
             storhost_power_control(call->adapter, unit, guid, call->request->data,
                                    call->request->data_length, answer->data, &length),
             "private requests");
    answer->length = answer->good ? length : 0;
    storhost_unit_release(unit);
}

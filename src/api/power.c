/*
 * power.c - runtime power management as a program sees and drives it.
 */
#include "api/api_internal.h"
#include "api/describe.h"
#include "port/component.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

STORHOST_API int storhost_power_describe(struct storhost_adapter *adapter,
                                         struct storhost_unit *unit,
                                         struct storhost_power_info *info)
{
    struct port_component_info from;

    if (info->size != sizeof(*info))
        return -EINVAL;
    struct port_unit_info place = {0};
    if (unit != NULL)
        port_unit_describe(unit->unit, &place);
    port_component_describe(adapter->adapter, unit != NULL ? unit->unit : NULL, &from);
    *info = (struct storhost_power_info){
        .size = sizeof(*info),
        .path = place.path,
        .target = place.target,
        .lun = place.lun,
        .registered = from.registered,
        .active = from.active,
        .power_required = from.power_required,
        .d3_cold = from.d3_cold,
        .device_state = from.device_state,
        .fstate = from.fstate,
        .fstate_count = from.fstate_count,
        .active_ns = from.active_ns,
        .d3_ns = from.d3_ns,
        .activations = from.activations,
        .sleeps = from.sleeps,
        .references = from.references,
        .idle_timeout_ms = from.idle_timeout_ms,
        .latency_limit_100ns = from.latency_limit_100ns,
        .residency_hint_100ns = from.residency_hint_100ns,
        .by_port = from.by_port,
        .ordered_state = place.device_state,
        .d3_cold_supported = from.cold_supported,
        .d3_cold_allowed = from.cold_allowed,
    };
    for (unsigned i = 0; i < from.fstate_count; i++)
        info->fstates[i] = (struct storhost_fstate){
            .latency_100ns = from.fstates[i].latency_100ns,
            .residency_100ns = from.fstates[i].residency_100ns,
            .power_uw = from.fstates[i].power_uw,
            .time_ns = from.fstate_ns[i],
            .entries = from.fstate_entries[i],
        };
    return 0;
}

STORHOST_API int storhost_adapter_d3_cold(struct storhost_adapter *adapter, bool allowed)
{
    return port_adapter_set_cold(adapter->adapter, allowed);
}

STORHOST_API bool storhost_perf_set_at(struct storhost_adapter *adapter, unsigned index,
                                       struct storhost_perf_set *ret_set)
{
    static const char *const units[] = {"other", "frequency", "bandwidth", "milliwatts"};
    struct port_perf_set from;

    if (ret_set->size != sizeof(*ret_set) || !port_runtime_perf_set(adapter->adapter, index, &from))
        return false;
    *ret_set = (struct storhost_perf_set){
        .size = sizeof(*ret_set),
        .unit = units[from.unit],
        .is_range = from.is_range,
        .count = from.count,
        .current = from.current,
    };
    memcpy(ret_set->values, from.values, sizeof(ret_set->values));
    return true;
}

STORHOST_API void storhost_adapter_idle_now(struct storhost_adapter *adapter)
{
    port_runtime_idle_now(adapter->adapter);
}

STORHOST_API int storhost_adapter_power_limit(struct storhost_adapter *adapter, uint64_t milliwatts)
{
    struct port_notice notice = {.kind = PORT_NOTICE_POWER_LIMIT, .limit = milliwatts};

    return port_adapter_notify(adapter->adapter, NULL, &notice);
}

STORHOST_API int storhost_power_control(struct storhost_adapter *adapter,
                                        struct storhost_unit *unit, const uint8_t guid[16],
                                        const void *input, size_t input_length, void *output,
                                        size_t *length)
{
    struct port_notice notice = {
        .kind = PORT_NOTICE_POWER_CONTROL,
        .data = input,
        .length = input_length,
        .output = output,
        .output_length = *length,
    };

    memcpy(notice.guid, guid, sizeof(notice.guid));
    int result = port_adapter_notify(adapter->adapter, unit != NULL ? unit->unit : NULL, &notice);
    if (result == 0)
        *length = notice.output_length;
    return result;
}

/* ---- as JSON ---- */

static void put_time(struct json_writer *writer, const char *name, uint64_t time)
{
    if (time != STORHOST_UNKNOWN_TIME)
        json_number(writer, name, time);
}

static void put_fstates(struct json_writer *writer, const struct storhost_power_info *info)
{
    json_open(writer, "fstates", '[');
    for (unsigned i = 0; i < info->fstate_count; i++) {
        const struct storhost_fstate *state = &info->fstates[i];
        json_open(writer, NULL, '{');
        put_time(writer, "latency_100ns", state->latency_100ns);
        put_time(writer, "residency_100ns", state->residency_100ns);
        if (state->power_uw != UINT32_MAX)
            json_number(writer, "power_uw", state->power_uw);
        json_number(writer, "idle_ns", state->time_ns);
        json_number(writer, "entries", state->entries);
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

static void put_perf_sets(struct json_writer *writer, struct storhost_adapter *adapter)
{
    struct storhost_perf_set set = {.size = sizeof(set)};

    json_open(writer, "performance_sets", '[');
    for (unsigned i = 0; storhost_perf_set_at(adapter, i, &set); i++) {
        json_open(writer, NULL, '{');
        json_text(writer, "unit", set.unit);
        json_truth(writer, "range", set.is_range);
        json_open(writer, "values", '[');
        for (unsigned k = 0; k < (set.is_range ? 2 : set.count); k++)
            json_number(writer, NULL, set.values[k]);
        json_close(writer, ']');
        json_number(writer, "current", set.current);
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

void describe_runtime_power(struct json_writer *writer, struct storhost_adapter *adapter,
                            struct storhost_unit *unit)
{
    struct storhost_power_info info = {.size = sizeof(info)};
    char device_state[4];

    storhost_power_describe(adapter, unit, &info);
    if (unit == NULL) {
        json_truth(writer, "d3_cold_supported", info.d3_cold_supported);
        json_truth(writer, "d3_cold_allowed", info.d3_cold_allowed);
    } else {
        snprintf(device_state, sizeof(device_state), "D%u", info.ordered_state & 3);
        json_text(writer, "ordered_state", device_state);
    }
    if (!info.registered)
        return;
    snprintf(device_state, sizeof(device_state), "D%u", info.device_state & 3);
    json_open(writer, "runtime_power", '{');
    json_truth(writer, "by_driver", !info.by_port);
    json_text(writer, "condition", info.active ? "active" : "idle");
    json_text(writer, "device_state", device_state);
    json_number(writer, "fstate", info.fstate);
    put_fstates(writer, &info);
    json_number(writer, "active_ns", info.active_ns);
    json_number(writer, "d3_ns", info.d3_ns);
    json_number(writer, "activations", info.activations);
    json_number(writer, "sleeps", info.sleeps);
    json_number(writer, "driver_references", info.references);
    json_truth(writer, "power_required", info.power_required);
    json_number(writer, "idle_timeout_ms", info.idle_timeout_ms);
    put_time(writer, "latency_limit_100ns", info.latency_limit_100ns);
    put_time(writer, "residency_hint_100ns", info.residency_hint_100ns);
    if (unit == NULL) {
        json_truth(writer, "d3_cold", info.d3_cold);
        put_perf_sets(writer, adapter);
    }
    json_close(writer, '}');
}

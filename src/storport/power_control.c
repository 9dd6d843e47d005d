/*
 * power_control.c - performance states, and private requests between drivers and the platform that
 * its power belongs to (routines' sections 10 and 16).
 *
 * The platform is storhost: it takes part in no change of a performance state, and answers no
 * private request; it may send some, as the C API asks for them.
 */
#include "storport/runtime_power.h"

#include <errno.h>
#include <string.h>

/* ---- private requests ---- */

static ULONG power_control(struct storport_adapter *adapter, PVOID extension,
                           __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    const GUID *code = STORPORT_ARGUMENT(arguments, LPCGUID);
    PVOID input = STORPORT_ARGUMENT(arguments, PVOID);
    SIZE_T input_size = STORPORT_ARGUMENT(arguments, SIZE_T);
    PVOID output = STORPORT_ARGUMENT(arguments, PVOID);
    SIZE_T output_size = STORPORT_ARGUMENT(arguments, SIZE_T);
    PSIZE_T returned = STORPORT_ARGUMENT(arguments, PSIZE_T);
    struct port_unit *unit;

    (void)extension;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (!code || (!input && input_size) || (!output && output_size) ||
        !storport_power_target(adapter, address, &unit))
        return STOR_STATUS_INVALID_PARAMETER;
    if (!port_component_is_drivers(port_component_of(adapter->port, unit)))
        return STOR_STATUS_INVALID_DEVICE_REQUEST;
    if (returned)
        *returned = 0;
    return STOR_STATUS_UNSUCCESSFUL; /* nobody knows the code */
}
STORPORT_EXTENDED(ExtFunctionPoFxPowerControl, "StorPortPoFxPowerControl",
                  "Runtime power management", power_control);

int storport_power_control(struct storport_adapter *adapter, struct port_unit *unit,
                           struct port_notice *notice)
{
    STOR_ADDR_BTL8 address;
    SIZE_T returned = 0;
    GUID code;
    STOR_POFX_POWER_CONTROL control = {
        .Header = {.Version = 1,
                   .Size = sizeof(control),
                   .Address = unit ? (PSTOR_ADDRESS)&address : NULL},
        .PowerControlCode = &code,
        .InBufferSize = notice->length,
        .OutBufferSize = notice->output_length,
        .InBuffer = (void *)(uintptr_t)notice->data,
        .OutBuffer = notice->output,
        .BytesReturned = &returned,
    };
    bool supported, good;

    memcpy(&code, notice->guid, sizeof(code));
    if (unit) {
        SCSI_UNIT_CONTROL_STATUS status = ScsiUnitControlSuccess;
        storport_unit_address(unit, &address);
        uint8_t old_irql = nt_irql_raise(NT_DISPATCH_LEVEL);
        supported = storport_unit_control(adapter, ScsiUnitPoFxPowerControl, &control, &status);
        nt_irql_lower(old_irql);
        good = status == ScsiUnitControlSuccess;
    } else {
        SCSI_ADAPTER_CONTROL_STATUS status = ScsiAdapterControlSuccess;
        supported =
            storport_adapter_control(adapter, ScsiAdapterPoFxPowerControl, &control, &status);
        good = status == ScsiAdapterControlSuccess;
    }
    if (!supported || !port_component_is_drivers(port_component_of(adapter->port, unit)))
        return -EOPNOTSUPP;
    notice->output_length = returned < notice->output_length ? returned : notice->output_length;
    return good ? 0 : -EIO;
}

/* ---- performance states ---- */

static bool discrete_take(const STOR_POFX_COMPONENT_PERF_SET *from, struct port_perf_set *ret)
{
    ULONG count = from->PStates.Discrete.Count;
    const STOR_POFX_PERF_STATE *states =
        (const STOR_POFX_PERF_STATE *)((const UCHAR *)from + from->PStates.Discrete.Offset);

    if (count < STOR_POFX_MIN_DISCRETE_PERF_STATES || count > STOR_POFX_MAX_DISCRETE_PERF_STATES ||
        from->PStates.Discrete.Offset < STOR_POFX_COMPONENT_PERF_SET_SIZE ||
        from->PStates.Discrete.Offset % sizeof(ULONGLONG))
        return false;
    ret->count = count;
    for (ULONG i = 0; i < count; i++) {
        if (states[i].Version != STOR_POFX_PERF_STATE_VERSION_V1 ||
            states[i].Size != STOR_POFX_PERF_STATE_SIZE)
            return false;
        ret->values[i] = states[i].Value;
    }
    return true;
}

static bool set_take(const STOR_POFX_COMPONENT_PERF_SET *from, struct port_perf_set *ret)
{
    if (from->Version != STOR_POFX_COMPONENT_PERF_SET_VERSION_V1 ||
        from->Size != STOR_POFX_COMPONENT_PERF_SET_SIZE || from->Flags ||
        (unsigned)from->PStateUnit >= StorPoFxPerfStateUnitMaximum ||
        (unsigned)from->PStateType >= StorPoFxPerfStateTypeMaximum)
        return false;
    *ret = (struct port_perf_set){.unit = (uint32_t)from->PStateUnit,
                                  .is_range = from->PStateType == StorPoFxPerfStateTypeRange};
    if (!ret->is_range)
        return discrete_take(from, ret);
    ret->values[0] = from->PStates.Range.Minimum;
    ret->values[1] = ret->current = from->PStates.Range.Maximum;
    return ret->values[0] <= ret->values[1];
}

/* The adapter's component, once and for all of its registration. */
static ULONG register_states(struct storport_adapter *adapter, ULONG count,
                             const STOR_POFX_COMPONENT_PERF_SET *sets)
{
    struct port_runtime *runtime = &adapter->port->runtime;
    struct port_perf_set taken[PORT_PERF_SETS_MAX];

    if (!sets || !count || count > STOR_POFX_COMPONENT_MAX_PERF_SETS)
        return STOR_STATUS_INVALID_PARAMETER;
    for (ULONG i = 0; i < count; i++)
        if (!set_take(&sets[i], &taken[i]))
            return STOR_STATUS_INVALID_PARAMETER;
    uint8_t old = nt_spinlock_acquire_raise(&runtime->lock, NT_DISPATCH_LEVEL);
    bool again = runtime->perf_registered;
    if (!again) {
        memcpy(runtime->perf_sets, taken, count * sizeof(taken[0]));
        runtime->perf_set_count = count;
        runtime->perf_registered = true;
    }
    nt_spinlock_release_lower(&runtime->lock, old);
    return again ? STOR_STATUS_UNSUCCESSFUL : STOR_STATUS_SUCCESS;
}

/* SUCCESS: the caller goes on. */
static ULONG perf_target(const struct storport_adapter *adapter, const STOR_ADDRESS *address,
                         ULONG component, ULONGLONG flags)
{
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (address || component || flags)
        return STOR_STATUS_INVALID_PARAMETER;
    return port_component_is_registered(&adapter->port->component) ? STOR_STATUS_SUCCESS
                                                                   : STOR_STATUS_UNSUCCESSFUL;
}

static ULONG register_perf_states(struct storport_adapter *adapter, PVOID extension,
                                  __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    ULONG component = STORPORT_ARGUMENT(arguments, ULONG);
    ULONGLONG flags = STORPORT_ARGUMENT(arguments, ULONGLONG);
    ULONG count = STORPORT_ARGUMENT(arguments, ULONG);
    PSTOR_POFX_COMPONENT_PERF_SET sets =
        STORPORT_ARGUMENT(arguments, PSTOR_POFX_COMPONENT_PERF_SET);
    ULONG status = perf_target(adapter, address, component, flags);

    (void)extension;
    return status == STOR_STATUS_SUCCESS ? register_states(adapter, count, sets) : status;
}
STORPORT_EXTENDED(ExtFunctionPoFxRegisterPerfStates, "StorPortPoFxRegisterPerfStates",
                  "Runtime power management", register_perf_states);

/* A driver that wants the platform's states gives none of its own; the platform has none. */
static ULONG register_perf_states_extended(struct storport_adapter *adapter, PVOID extension,
                                           __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    ULONG component = STORPORT_ARGUMENT(arguments, ULONG);
    ULONGLONG flags = STORPORT_ARGUMENT(arguments, ULONGLONG);
    const ULONG *count = STORPORT_ARGUMENT(arguments, PULONG);
    PSTOR_POFX_COMPONENT_PERF_SET sets =
        STORPORT_ARGUMENT(arguments, PSTOR_POFX_COMPONENT_PERF_SET);
    PSTOR_POFX_COMPONENT_PERF_SET *from_platform =
        STORPORT_ARGUMENT(arguments, PSTOR_POFX_COMPONENT_PERF_SET *);
    ULONG status = perf_target(adapter, address, component, flags);

    (void)extension;
    if (status != STOR_STATUS_SUCCESS)
        return status;
    if (!count)
        return STOR_STATUS_INVALID_PARAMETER;
    if (!sets && adapter->power_from_platform && from_platform) {
        *from_platform = NULL;
        return STOR_STATUS_UNSUCCESSFUL;
    }
    return register_states(adapter, *count, sets);
}
STORPORT_EXTENDED(ExtFunctionPoFxRegisterPerfStatesEx, "StorPortPoFxRegisterPerfStatesEx",
                  "Runtime power management", register_perf_states_extended);

static bool state_is_legal(const struct port_perf_set *set, ULONG state)
{
    return set->is_range ? state >= set->values[0] && state <= set->values[1] : state < set->count;
}

static ULONG set_perf_state(struct storport_adapter *adapter, PVOID extension,
                            __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    ULONG component = STORPORT_ARGUMENT(arguments, ULONG);
    ULONG flags = STORPORT_ARGUMENT(arguments, ULONG);
    ULONG index = STORPORT_ARGUMENT(arguments, ULONG);
    ULONG state = STORPORT_ARGUMENT(arguments, ULONG);
    PVOID context = STORPORT_ARGUMENT(arguments, PVOID);
    const struct port_runtime *runtime = &adapter->port->runtime;

    (void)extension;
    if (!address && !component && !flags && adapter->port->component.disabled)
        return STOR_STATUS_SUCCESS;
    ULONG status = perf_target(adapter, address, component, flags);
    if (status != STOR_STATUS_SUCCESS)
        return status;
    if (index >= runtime->perf_set_count || !state_is_legal(&runtime->perf_sets[index], state))
        return STOR_STATUS_INVALID_PARAMETER;
    struct port_perf_change change = {.set = index, .state = state, .context = context};
    return port_runtime_perf(adapter->port, &change) ? STOR_STATUS_SUCCESS
                                                     : STOR_STATUS_UNSUCCESSFUL;
}
STORPORT_EXTENDED(ExtFunctionPoFxSetPerfState, "StorPortPoFxSetPerfState",
                  "Runtime power management", set_perf_state);

/* The change itself is the driver's to make. */
void storport_perf_state(struct port_adapter *port, void *context)
{
    STOR_POFX_PERF_STATE_CONTEXT change = {
        .Version = 1,
        .Size = sizeof(change),
        .Succeeded = TRUE,
        .Context = context,
    };

    storport_adapter_control(port->model_state, ScsiAdapterPoFxSetPerfState, &change, NULL);
}

/* For drivers that have several states by what they draw. */
int storport_limit_power(struct storport_adapter *adapter, uint64_t value)
{
    const struct port_runtime *runtime = &adapter->port->runtime;
    STOR_MAX_OPERATIONAL_POWER power = {.Version = 1, .Size = sizeof(power), .Value = value};
    SCSI_ADAPTER_CONTROL_STATUS status = ScsiAdapterControlSuccess;
    bool has_states = false;

    for (uint32_t i = 0; i < runtime->perf_set_count; i++)
        has_states = has_states || (!runtime->perf_sets[i].is_range &&
                                    runtime->perf_sets[i].unit == StorPoFxPerfStateUnitMilliwatts &&
                                    runtime->perf_sets[i].count > 1);
    if (!has_states ||
        !storport_adapter_control(adapter, ScsiAdapterPoFxMaxOperationalPower, &power, &status))
        return -EOPNOTSUPP;
    return status == ScsiAdapterControlSuccess ? 0 : -EIO;
}

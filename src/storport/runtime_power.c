/*
 * runtime_power.c - runtime power management: what drivers register of their adapter and units,
 * their references, and what they are told (routines' section 10; callbacks' sections 5 and 6).
 *
 * The framework itself is the port's (port/component.h). Everything that a driver hears comes from
 * its worker, so no callback runs because of a routine that the driver calls.
 */
#include "storport/runtime_power.h"

#include <string.h>

enum {
    HEADER_VERSION = 1,
    ADAPTER_TIMEOUT_MS = 60 * 1000, /* the page says 60, in seconds */
    UNIT_TIMEOUT_MS = 5 * 60 * 1000,
    KNOWN_FLAGS =
        STOR_POFX_DEVICE_FLAG_NO_D0 | STOR_POFX_DEVICE_FLAG_NO_D3 |
        STOR_POFX_DEVICE_FLAG_ENABLE_D3_COLD | STOR_POFX_DEVICE_FLAG_NO_DUMP_ACTIVE |
        STOR_POFX_DEVICE_FLAG_IDLE_TIMEOUT | STOR_POFX_DEVICE_FLAG_ADAPTIVE_D3_IDLE_TIMEOUT |
        STOR_POFX_DEVICE_FLAG_NO_UNIT_REGISTRATION | STOR_POFX_DEVICE_FLAG_PERF_STATE_PEP_OPTIONAL |
        STOR_POFX_DEVICE_FLAG_NO_IDLE_DEBOUNCE | STOR_POFX_DEVICE_FLAG_DUMP_ALWAYS_POWER_ON |
        STOR_POFX_DEVICE_FLAG_DISABLE_INTERRUPTS_ON_D3 | STOR_POFX_DEVICE_FLAG_ADAPTER_D3_WAKE |
        STOR_POFX_DEVICE_FLAG_GET_PERF_STATE_FROM_PEP,
};

/* ---- addresses ---- */

bool storport_power_target(struct storport_adapter *adapter, const STOR_ADDRESS *address,
                           struct port_unit **ret_unit)
{
    const STOR_ADDR_BTL8 *place = (const STOR_ADDR_BTL8 *)address;

    *ret_unit = NULL;
    if (!address)
        return true;
    if (place->Type != STOR_ADDRESS_TYPE_BTL8 ||
        place->AddressLength < STOR_ADDR_BTL8_ADDRESS_LENGTH)
        return false;
    *ret_unit = port_unit_find(adapter->port, place->Path, place->Target, place->Lun);
    return *ret_unit != NULL;
}

/* ---- what is registered ---- */

/* A description as far as its versions go, in whichever version it is. */
struct description {
    const STOR_POFX_COMPONENT_IDLE_STATE *states;
    ULONG state_count, wakeable, deepest_powered;
    ULONG flags, timeout_ms, period_ms;
    GUID id;
};

static bool refuse(struct storport_adapter *adapter, const char *member, ULONG value)
{
    nt_finding("POWER-05", adapter->port, "STOR_POFX_DEVICE: %s is %u", member, value);
    return false;
}

static bool device_take(struct storport_adapter *adapter, const STOR_POFX_DEVICE *device,
                        struct description *ret, const STOR_POFX_COMPONENT **ret_component)
{
    const STOR_POFX_DEVICE_V3 *latest = (const STOR_POFX_DEVICE_V3 *)device;
    ULONG size = STOR_POFX_DEVICE_SIZE;

    if (device->Version < STOR_POFX_DEVICE_VERSION_V1 ||
        device->Version > STOR_POFX_DEVICE_VERSION_V3)
        return refuse(adapter, "Version", device->Version);
    *ret_component = &device->Components[0];
    if (device->Version >= STOR_POFX_DEVICE_VERSION_V2) {
        _Static_assert(STOR_POFX_DEVICE_V2_SIZE == STOR_POFX_DEVICE_V3_SIZE,
                       "the third version fills a hole of the second");
        size = STOR_POFX_DEVICE_V2_SIZE;
        *ret_component = &latest->Components[0];
        ret->timeout_ms = latest->AdapterIdleTimeoutInMS;
    }
    /* The page of the second version gives the size of the first. */
    if (device->Size != size &&
        (device->Version != STOR_POFX_DEVICE_VERSION_V2 || device->Size != STOR_POFX_DEVICE_SIZE))
        return refuse(adapter, "Size", device->Size);
    if (device->Version == STOR_POFX_DEVICE_VERSION_V3)
        ret->period_ms = latest->MinimumPowerCyclePeriodInMS;
    ret->flags = device->Flags;
    if (device->ComponentCount != STOR_POFX_ADAPTER_MAX_COMPONENTS)
        return refuse(adapter, "ComponentCount", device->ComponentCount);
    if (device->Flags & ~(ULONG)KNOWN_FLAGS)
        return refuse(adapter, "Flags", device->Flags);
    return true;
}

static bool component_take(struct storport_adapter *adapter, const STOR_POFX_COMPONENT *component,
                           struct description *ret)
{
    const STOR_POFX_COMPONENT_V2 *latest = (const STOR_POFX_COMPONENT_V2 *)component;
    bool second = component->Version == STOR_POFX_COMPONENT_VERSION_V2;

    if (!second && component->Version != STOR_POFX_COMPONENT_VERSION_V1)
        return refuse(adapter, "Components[0].Version", component->Version);
    if (component->Size != (second ? STOR_POFX_COMPONENT_V2_SIZE : STOR_POFX_COMPONENT_SIZE))
        return refuse(adapter, "Components[0].Size", component->Size);
    ret->state_count = component->FStateCount;
    ret->wakeable = component->DeepestWakeableFState;
    ret->id = component->Id;
    ret->deepest_powered = second ? latest->DeepestAdapterPowerRequiredFState : UINT32_MAX;
    ret->states = second ? latest->FStates : component->FStates;
    return true;
}

static bool states_are_legal(struct storport_adapter *adapter, const struct description *from)
{
    for (ULONG i = 0; i < from->state_count; i++) {
        const STOR_POFX_COMPONENT_IDLE_STATE *state = &from->states[i];
        if (state->Version != STOR_POFX_COMPONENT_IDLE_STATE_VERSION_V1)
            return refuse(adapter, "the Version of an F-state", state->Version);
        if (state->Size != STOR_POFX_COMPONENT_IDLE_STATE_SIZE)
            return refuse(adapter, "the Size of an F-state", state->Size);
        if (i == 0 && (state->TransitionLatency || state->ResidencyRequirement))
            return refuse(adapter, "a time of F0", 1);
    }
    return true;
}

static bool is_legal(struct storport_adapter *adapter, const struct description *from,
                     const struct port_unit *unit)
{
    const GUID *id = unit ? &STORPORT_POFX_LUN_GUID : &STORPORT_POFX_ADAPTER_GUID;
    ULONG most = unit ? STOR_POFX_UNIT_MAX_IDLE_STATES : STOR_POFX_ADAPTER_MAX_IDLE_STATES;

    if (!from->state_count || from->state_count > most)
        return refuse(adapter, "FStateCount", from->state_count);
    if (from->wakeable >= from->state_count)
        return refuse(adapter, "DeepestWakeableFState", from->wakeable);
    if (from->deepest_powered != UINT32_MAX && from->deepest_powered >= from->state_count)
        return refuse(adapter, "DeepestAdapterPowerRequiredFState", from->deepest_powered);
    if (memcmp(&from->id, id, sizeof(*id)) != 0)
        return refuse(adapter, "an Id that begins with another number than its kind's",
                      from->id.Data1);
    return states_are_legal(adapter, from);
}

/* What somebody sets wins over the driver's word, which wins over what there is without either. */
static uint32_t timeout_of(const struct storport_adapter *adapter, const struct port_unit *unit,
                           const struct description *from)
{
    uint32_t set =
        unit ? unit->settings.minimum_idle_timeout_ms : adapter->port->settings.idle_timeout_ms;

    if (set != UINT32_MAX)
        return set;
    if (from->flags & STOR_POFX_DEVICE_FLAG_IDLE_TIMEOUT)
        return from->timeout_ms;
    return unit ? UNIT_TIMEOUT_MS : ADAPTER_TIMEOUT_MS;
}

bool storport_has_d3_cold(const struct storport_adapter *adapter)
{
    struct port_adapter *port = adapter->port;

    return port->device && port_adapter_may_be_cold(port) && bus_power_has_cold(port->device);
}

static void describe(const struct storport_adapter *adapter, const struct port_unit *unit,
                     const struct description *from, struct port_component_description *ret)
{
    bool adaptive = from->flags & STOR_POFX_DEVICE_FLAG_ADAPTIVE_D3_IDLE_TIMEOUT;

    *ret = (struct port_component_description){
        .fstate_count = from->state_count,
        .idle_timeout_ms = timeout_of(adapter, unit, from),
        .cycle_period_ms = adaptive ? from->period_ms : 0,
        .deepest_powered = unit ? from->deepest_powered : UINT32_MAX,
        /* Without the way up there is none down. */
        .no_sleep = from->flags & (STOR_POFX_DEVICE_FLAG_NO_D3 | STOR_POFX_DEVICE_FLAG_NO_D0),
        .no_debounce = from->flags & STOR_POFX_DEVICE_FLAG_NO_IDLE_DEBOUNCE,
        .d3_cold = !unit && from->flags & STOR_POFX_DEVICE_FLAG_ENABLE_D3_COLD &&
                   storport_has_d3_cold(adapter),
        .disconnect_interrupts =
            !unit && from->flags & STOR_POFX_DEVICE_FLAG_DISABLE_INTERRUPTS_ON_D3,
        .no_units = !unit && from->flags & STOR_POFX_DEVICE_FLAG_NO_UNIT_REGISTRATION,
    };
    for (ULONG i = 0; i < from->state_count; i++)
        ret->fstates[i] = (struct port_fstate){
            .latency_100ns = from->states[i].TransitionLatency,
            .residency_100ns = from->states[i].ResidencyRequirement,
            .power_uw = from->states[i].NominalPower,
        };
}

/* The one window that each has: an adapter passive initialization, a unit its PowerInfo. */
static bool may_register(const struct storport_adapter *adapter, const struct port_unit *unit)
{
    return unit ? adapter->power_asked == unit
                : adapter->phase == STORPORT_PASSIVE_INITIALIZING &&
                      !adapter->port->settings.no_runtime_power;
}

static ULONG initialize_power(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    const STOR_POFX_DEVICE *device = STORPORT_ARGUMENT(arguments, PSTOR_POFX_DEVICE);
    PBOOLEAN cold = STORPORT_ARGUMENT(arguments, PBOOLEAN);
    struct port_component_description description;
    const STOR_POFX_COMPONENT *component;
    struct description from = {0};
    struct port_unit *unit;

    (void)extension;
    if (nt_irql() > NT_PASSIVE_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (!device || !cold || !storport_power_target(adapter, address, &unit) ||
        !device_take(adapter, device, &from, &component) ||
        !component_take(adapter, component, &from) || !is_legal(adapter, &from, unit))
        return STOR_STATUS_INVALID_PARAMETER;
    struct port_component *target = port_component_of(adapter->port, unit);
    if (!unit)
        target->disabled = adapter->port->settings.no_runtime_power != 0;
    if (port_component_is_registered(target) || !may_register(adapter, unit))
        return STOR_STATUS_UNSUCCESSFUL;
    describe(adapter, unit, &from, &description);
    port_component_register(target, &description);
    adapter->power_from_platform = from.flags & STOR_POFX_DEVICE_FLAG_GET_PERF_STATE_FROM_PEP;
    *cold = description.d3_cold;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionInitializePoFxPower, "StorPortInitializePoFxPower",
                  "Runtime power management", initialize_power);

/* ---- references ---- */

/* What activating and idling share. SUCCESS with the component. */
static ULONG reference_target(struct storport_adapter *adapter, __builtin_ms_va_list *arguments,
                              struct port_unit **ret_unit, struct port_slot **ret_slot)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    PSCSI_REQUEST_BLOCK srb = STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK);
    ULONG index = STORPORT_ARGUMENT(arguments, ULONG);
    ULONG flags = STORPORT_ARGUMENT(arguments, ULONG);

    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    *ret_slot = srb ? port_slot_of(adapter->port, srb) : NULL;
    bool foreign = srb && (!*ret_slot || __atomic_load_n(&(*ret_slot)->state, __ATOMIC_ACQUIRE) !=
                                             PORT_SLOT_OUTSTANDING);
    if (index || flags || foreign || !storport_power_target(adapter, address, ret_unit)) {
        nt_finding("POWER-02", adapter->port,
                   "component %u, flags %u, %s: a reference of a component needs 0, 0, an address "
                   "that exists and a request of Storport or none",
                   index, flags, foreign ? "a request of somebody else" : "its address");
        return STOR_STATUS_INVALID_PARAMETER;
    }
    const struct port_component *component = port_component_of(adapter->port, *ret_unit);
    if (port_component_is_drivers(component))
        return STOR_STATUS_SUCCESS;
    if (component->disabled)
        return STOR_STATUS_INVALID_DEVICE_REQUEST;
    nt_finding("POWER-04", adapter->port, "a reference of a component that is not registered");
    return STOR_STATUS_INVALID_PARAMETER;
}

/* Each request's own account, so that idling without activating is told. */
static void slot_activate(struct storport_adapter *adapter, struct port_slot *slot)
{
    if (slot->request && slot->request->flags & PORT_FLAG_D3_PROCESSING)
        nt_finding("POWER-03", adapter->port,
                   "a component is activated for a request that is part of a way to or from D3");
    if (slot->power_sequence != slot->sequence) {
        if (slot->power_references)
            nt_finding("POWER-01", adapter->port,
                       "a request was completed without idling the component that it had "
                       "activated");
        slot->power_sequence = slot->sequence;
        __atomic_store_n(&slot->power_references, 0, __ATOMIC_RELAXED);
    }
    __atomic_add_fetch(&slot->power_references, 1, __ATOMIC_RELAXED);
}

static bool slot_idle(struct storport_adapter *adapter, struct port_slot *slot)
{
    if (slot->power_sequence == slot->sequence && slot->power_references) {
        __atomic_sub_fetch(&slot->power_references, 1, __ATOMIC_RELAXED);
        return true;
    }
    nt_finding("POWER-01", adapter->port,
               "a component is idled for a request that has not activated it");
    return false;
}

static ULONG activate_component(struct storport_adapter *adapter, PVOID extension,
                                __builtin_ms_va_list *arguments)
{
    struct port_unit *unit;
    struct port_slot *slot;
    ULONG status = reference_target(adapter, arguments, &unit, &slot);

    (void)extension;
    if (status != STOR_STATUS_SUCCESS)
        return status;
    if (slot)
        slot_activate(adapter, slot);
    return port_component_activate(adapter->port, port_component_of(adapter->port, unit))
               ? STOR_STATUS_SUCCESS
               : STOR_STATUS_BUSY;
}
STORPORT_EXTENDED(ExtFunctionPoFxActivateComponent, "StorPortPoFxActivateComponent",
                  "Runtime power management", activate_component);

static ULONG idle_component(struct storport_adapter *adapter, PVOID extension,
                            __builtin_ms_va_list *arguments)
{
    struct port_unit *unit;
    struct port_slot *slot;
    ULONG status = reference_target(adapter, arguments, &unit, &slot);

    (void)extension;
    if (status != STOR_STATUS_SUCCESS)
        return status;
    if (slot && !slot_idle(adapter, slot))
        return STOR_STATUS_INVALID_DEVICE_REQUEST;
    switch (port_component_idle(adapter->port, unit)) {
    case PORT_IDLED:
        return STOR_STATUS_SUCCESS;
    case PORT_STILL_ACTIVE:
        return STOR_STATUS_BUSY;
    case PORT_NOT_REFERENCED:
        break;
    }
    nt_finding("POWER-01", adapter->port, "a component is idled more often than it was activated");
    return STOR_STATUS_INVALID_DEVICE_REQUEST;
}
STORPORT_EXTENDED(ExtFunctionPoFxIdleComponent, "StorPortPoFxIdleComponent",
                  "Runtime power management", idle_component);

/* ---- hints ---- */

static ULONG hint_target(struct storport_adapter *adapter, __builtin_ms_va_list *arguments,
                         struct port_component **ret_component)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    ULONG index = STORPORT_ARGUMENT(arguments, ULONG);
    struct port_unit *unit;

    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (index || !storport_power_target(adapter, address, &unit))
        return STOR_STATUS_INVALID_PARAMETER;
    *ret_component = port_component_of(adapter->port, unit);
    return port_component_is_drivers(*ret_component) ? STOR_STATUS_SUCCESS
                                                     : STOR_STATUS_INVALID_DEVICE_REQUEST;
}

static ULONG set_latency(struct storport_adapter *adapter, PVOID extension,
                         __builtin_ms_va_list *arguments)
{
    struct port_component *component;
    ULONG status = hint_target(adapter, arguments, &component);

    (void)extension;
    if (status != STOR_STATUS_SUCCESS)
        return status;
    __atomic_store_n(&component->latency_limit_100ns, STORPORT_ARGUMENT(arguments, ULONGLONG),
                     __ATOMIC_RELAXED);
    port_runtime_wake(adapter->port);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionPoFxSetComponentLatency, "StorPortPoFxSetComponentLatency",
                  "Runtime power management", set_latency);

static ULONG set_residency(struct storport_adapter *adapter, PVOID extension,
                           __builtin_ms_va_list *arguments)
{
    struct port_component *component;
    ULONG status = hint_target(adapter, arguments, &component);

    (void)extension;
    if (status != STOR_STATUS_SUCCESS)
        return status;
    __atomic_store_n(&component->residency_hint_100ns, STORPORT_ARGUMENT(arguments, ULONGLONG),
                     __ATOMIC_RELAXED);
    port_runtime_wake(adapter->port);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionPoFxSetComponentResidency, "StorPortPoFxSetComponentResidency",
                  "Runtime power management", set_residency);

static ULONG set_idle_timeout(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    ULONG timeout_ms = STORPORT_ARGUMENT(arguments, ULONG);
    struct port_component *component = &adapter->port->component;

    (void)extension;
    if (address)
        return STOR_STATUS_INVALID_PARAMETER;
    if (component->disabled)
        return STOR_STATUS_SUCCESS;
    if (!port_component_is_registered(component))
        return STOR_STATUS_UNSUCCESSFUL;
    __atomic_store_n(&component->idle_timeout_ms, timeout_ms, __ATOMIC_RELAXED);
    port_runtime_wake(adapter->port);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionPoFxSetIdleTimeout, "StorPortPoFxSetIdleTimeout",
                  "Runtime power management", set_idle_timeout);

/* ---- what the driver is told ---- */

static STOR_POWER_CONTROL_HEADER header_of(size_t size, const struct port_unit *unit,
                                           STOR_ADDR_BTL8 *address)
{
    if (unit)
        storport_unit_address(unit, address);
    return (STOR_POWER_CONTROL_HEADER){
        .Version = HEADER_VERSION,
        .Size = (ULONG)size,
        .Address = unit ? (PSTOR_ADDRESS)address : NULL,
    };
}

static void send(struct storport_adapter *adapter, const struct port_unit *unit,
                 SCSI_ADAPTER_CONTROL_TYPE adapter_type, SCSI_UNIT_CONTROL_TYPE unit_type,
                 void *parameters)
{
    if (!unit) {
        storport_adapter_control(adapter, adapter_type, parameters, NULL);
        return;
    }
    uint8_t old_irql = nt_irql_raise(NT_DISPATCH_LEVEL);
    storport_unit_control(adapter, unit_type, parameters, NULL);
    nt_irql_lower(old_irql);
}

void storport_component(struct port_adapter *port, struct port_unit *unit,
                        enum port_component_event event, uint32_t value)
{
    struct storport_adapter *adapter = port->model_state;
    STOR_ADDR_BTL8 address;

    switch (event) {
    case PORT_COMPONENT_ACTIVE: {
        STOR_POFX_ACTIVE_CONTEXT context = {.Header = header_of(sizeof(context), unit, &address),
                                            .Active = (BOOLEAN)value};
        /* An adapter hears only that it is active. */
        if (unit || value)
            send(adapter, unit, ScsiAdapterPoFxPowerActive, ScsiUnitPoFxPowerActive, &context);
        return;
    }
    case PORT_COMPONENT_FSTATE: {
        STOR_POFX_FSTATE_CONTEXT context = {.Header = header_of(sizeof(context), unit, &address),
                                            .FState = value};
        send(adapter, unit, ScsiAdapterPoFxPowerSetFState, ScsiUnitPoFxPowerSetFState, &context);
        return;
    }
    case PORT_COMPONENT_POWER_REQUIRED: {
        STOR_POFX_POWER_REQUIRED_CONTEXT context = {
            .Header = header_of(sizeof(context), unit, &address), .PowerRequired = (BOOLEAN)value};
        send(adapter, unit, ScsiAdapterPoFxPowerRequired, ScsiUnitPoFxPowerRequired, &context);
        return;
    }
    }
}

/* F-states are nothing without the control that sets them. */
static void withhold_fstates(struct storport_adapter *adapter, struct port_component *component,
                             BOOLEAN supported)
{
    if (!port_component_is_registered(component) || component->is.fstate_count < 2 || supported)
        return;
    nt_finding("POWER-05", adapter->port,
               "%u F-states are registered, but the driver has no control to set them: only F0 is "
               "used",
               component->is.fstate_count);
    component->is.fstate_count = 1;
}

void storport_check_adapter_power(struct storport_adapter *adapter)
{
    withhold_fstates(adapter, &adapter->port->component,
                     adapter->adapter_controls[ScsiAdapterPoFxPowerSetFState]);
}

/* Runtime power management of units does not depend on that of their adapter, except where the
 * driver says so. */
void storport_ask_unit_power(struct port_unit *unit)
{
    struct port_adapter *port = unit->adapter;
    struct storport_adapter *adapter = port->model_state;
    STOR_ADDR_BTL8 address;
    bool enabled = !unit->settings.no_idle_power &&
                   !(port_component_is_registered(&port->component) && port->component.is.no_units);
    STOR_POFX_UNIT_POWER_INFO info = {.Header = header_of(sizeof(info), unit, &address),
                                      .IdlePowerEnabled = enabled};

    unit->component.disabled = !enabled;
    adapter->power_asked = enabled ? unit : NULL;
    storport_unit_control(adapter, ScsiUnitPoFxPowerInfo, &info, NULL);
    adapter->power_asked = NULL;
    withhold_fstates(adapter, &unit->component, adapter->unit_controls[ScsiUnitPoFxPowerSetFState]);
}

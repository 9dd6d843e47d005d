/*
 * control.c - HwStorAdapterControl and HwStorUnitControl: what the driver supports, and the calls
 * that it then gets (callbacks' reference, sections 5 and 6).
 */
#include "storport/adapter.h"

#include <stddef.h>
#include <string.h>

enum { GUARD = 0x5A };

/* The list that the driver fills, with room behind it to see that it wrote no further. */
struct control_list {
    ULONG max_type;
    BOOLEAN supported[STORPORT_CONTROL_TYPES_MAX];
    unsigned char guard[16];
};

static bool guard_is_intact(const struct control_list *list)
{
    for (unsigned i = 0; i < sizeof(list->guard); i++)
        if (list->guard[i] != GUARD)
            return false;
    return true;
}

static void list_prepare(struct control_list *list, ULONG max_type)
{
    memset(list, 0, sizeof(*list));
    memset(list->guard, GUARD, sizeof(list->guard));
    list->max_type = max_type;
}

/* ---- calls ---- */

static SCSI_ADAPTER_CONTROL_STATUS call_adapter_control(struct storport_adapter *adapter,
                                                        SCSI_ADAPTER_CONTROL_TYPE type,
                                                        void *parameters)
{
    struct storport_call call;

    storport_call_begin(&call, nt_self(), adapter, "HwStorAdapterControl", NULL);
    SCSI_ADAPTER_CONTROL_STATUS status =
        adapter->init.HwAdapterControl(adapter->extension, type, parameters);
    storport_call_end(&call);
    return status;
}

static SCSI_UNIT_CONTROL_STATUS call_unit_control(struct storport_adapter *adapter,
                                                  SCSI_UNIT_CONTROL_TYPE type, void *parameters)
{
    struct storport_call call;

    storport_call_begin(&call, nt_self(), adapter, "HwStorUnitControl", NULL);
    SCSI_UNIT_CONTROL_STATUS status =
        adapter->init.HwUnitControl(adapter->extension, type, parameters);
    storport_call_end(&call);
    return status;
}

/* Types that a driver gets only after saying so in its feature list. */
static const struct {
    uint8_t type, feature;
} adapter_features[] =
    {
        {ScsiAdapterQueryFruId, StorportFeatureFruIdAdapterControl},
        {ScsiAdapterSetEventLogging, StorportFeatureSetEventLoggingAdapterControl},
        {ScsiAdapterReportInternalData, StorportFeatureReportInternalDataAdapterControl},
        {ScsiAdapterResetBusSynchronous, StorportFeatureResetBusSynchronous},
        {ScsiAdapterPostHwInitialize, StorportFeaturePostHwInitialize},
        {ScsiAdapterPrepareEarlyDumpData, StorportFeaturePrepareEarlyDumpData},
        {ScsiAdapterRestoreEarlyDumpData, StorportFeatureRestoreEarlyDumpData},
},
  unit_features[] = {
      {ScsiUnitQueryBusType, StorportFeatureBusTypeUnitControl},
      {ScsiUnitQueryFruId, StorportFeatureFruIdUnitControl},
      {ScsiUnitReportInternalData, StorportFeatureReportInternalDataUnitControl},
};

static void withhold_features(struct storport_adapter *adapter)
{
    for (unsigned i = 0; i < sizeof(adapter_features) / sizeof(adapter_features[0]); i++)
        if (!adapter->features[adapter_features[i].feature])
            adapter->adapter_controls[adapter_features[i].type] = FALSE;
    for (unsigned i = 0; i < sizeof(unit_features) / sizeof(unit_features[0]); i++)
        if (!adapter->features[unit_features[i].feature])
            adapter->unit_controls[unit_features[i].type] = FALSE;
}

void storport_query_adapter_controls(struct storport_adapter *adapter)
{
    struct control_list list;

    memset(adapter->adapter_controls, 0, sizeof(adapter->adapter_controls));
    if (!adapter->init.HwAdapterControl)
        return;
    list_prepare(&list, ScsiAdapterControlMax);
    if (call_adapter_control(adapter, ScsiQuerySupportedControlTypes, &list) ==
        ScsiAdapterControlSuccess)
        memcpy(adapter->adapter_controls, list.supported, sizeof(list.supported));
    if (!guard_is_intact(&list))
        nt_finding("control-list", adapter->port,
                   "the driver wrote behind the list of adapter control types");
}

static void query_unit_controls(struct storport_adapter *adapter)
{
    struct control_list list;

    memset(adapter->unit_controls, 0, sizeof(adapter->unit_controls));
    if (!adapter->init.HwUnitControl)
        return;
    list_prepare(&list, ScsiUnitControlMax);
    if (call_unit_control(adapter, ScsiQuerySupportedUnitControlTypes, &list) ==
        ScsiUnitControlSuccess)
        memcpy(adapter->unit_controls, list.supported, sizeof(list.supported));
    if (!guard_is_intact(&list))
        nt_finding("control-list", adapter->port,
                   "the driver wrote behind the list of unit control types");
}

void storport_query_controls(struct storport_adapter *adapter)
{
    storport_query_adapter_controls(adapter);
    query_unit_controls(adapter);
    withhold_features(adapter);
}

/* Stop and restart without a lock: the sources disagree (the control page says DIRQL and the
 * interrupt lock, the lock page says none), and shipped drivers free pool in the stop, which would
 * fail at DIRQL. The interrupt routine is kept out by the device being quiet: nothing is
 * outstanding. */
static bool is_at_dispatch(SCSI_ADAPTER_CONTROL_TYPE type)
{
    return type == ScsiStopAdapter || type == ScsiRestartAdapter || type == ScsiAdapterPower;
}

/* Those of runtime power management take no time and nothing else depends on them. */
static uint8_t irql_of(SCSI_ADAPTER_CONTROL_TYPE type)
{
    switch (type) {
    case ScsiAdapterPoFxPowerRequired:
    case ScsiAdapterPoFxPowerActive:
    case ScsiAdapterPoFxPowerSetFState:
    case ScsiAdapterPoFxPowerControl:
    case ScsiAdapterPoFxSetPerfState:
        return NT_DISPATCH_LEVEL;
    default:
        return is_at_dispatch(type) ? NT_DISPATCH_LEVEL : NT_PASSIVE_LEVEL;
    }
}

/* PASSIVE_LEVEL. */
bool storport_adapter_control(struct storport_adapter *adapter, SCSI_ADAPTER_CONTROL_TYPE type,
                              void *parameters, SCSI_ADAPTER_CONTROL_STATUS *ret_status)
{
    uint8_t irql = irql_of(type);

    if ((unsigned)type >= STORPORT_CONTROL_TYPES_MAX || !adapter->adapter_controls[type])
        return false;
    /* The DPC that completed the last request may go on for a while after that. */
    if (is_at_dispatch(type))
        nt_dpc_flush();
    sys_mutex_lock(&adapter->control_mutex);
    uint8_t old_irql = nt_irql_raise(irql);
    SCSI_ADAPTER_CONTROL_STATUS status = call_adapter_control(adapter, type, parameters);
    nt_irql_lower(old_irql);
    sys_mutex_unlock(&adapter->control_mutex);
    if (ret_status)
        *ret_status = status;
    return true;
}

bool storport_unit_control(struct storport_adapter *adapter, SCSI_UNIT_CONTROL_TYPE type,
                           void *parameters, SCSI_UNIT_CONTROL_STATUS *ret_status)
{
    if ((unsigned)type >= STORPORT_CONTROL_TYPES_MAX || !adapter->unit_controls[type])
        return false;
    SCSI_UNIT_CONTROL_STATUS status = call_unit_control(adapter, type, parameters);
    if (ret_status)
        *ret_status = status;
    return true;
}

void storport_stop_adapter(struct storport_adapter *adapter)
{
    adapter->phase = STORPORT_STOPPING;
    storport_adapter_control(adapter, ScsiStopAdapter, NULL, NULL);
    /* Timers look at the phase under this lock: none runs after the stop. */
    uint8_t old_irql = nt_irql_raise(NT_DISPATCH_LEVEL);
    nt_spinlock_acquire(&adapter->start_lock, nt_self());
    adapter->phase = STORPORT_STOPPED;
    nt_spinlock_release(&adapter->start_lock, nt_self());
    nt_irql_lower(old_irql);
}

/* ---- units ---- */

struct port_unit *storport_unit_at(const struct storport_adapter *adapter,
                                   const STOR_ADDRESS *address)
{
    const STOR_ADDR_BTL8 *place = (const STOR_ADDR_BTL8 *)address;

    if (!place || place->Type != STOR_ADDRESS_TYPE_BTL8 ||
        place->AddressLength < STOR_ADDR_BTL8_ADDRESS_LENGTH)
        return NULL;
    return port_unit_find(adapter->port, place->Path, place->Target, place->Lun);
}

void storport_unit_address(const struct port_unit *unit, STOR_ADDR_BTL8 *ret_address)
{
    *ret_address = (STOR_ADDR_BTL8){
        .Type = STOR_ADDRESS_TYPE_BTL8,
        .Port = (USHORT)unit->adapter->number,
        .AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH,
        .Path = unit->path,
        .Target = unit->target,
        .Lun = unit->lun,
    };
}

void storport_unit_started(struct port_unit *unit)
{
    struct storport_adapter *adapter = unit->adapter->model_state;
    STOR_ADDR_BTL8 address;

    storport_describe_unit(unit);
    storport_unit_address(unit, &address);
    if (adapter->unit_controls[ScsiUnitStart])
        call_unit_control(adapter, ScsiUnitStart, &address);
    else
        port_control_send(unit, PORT_PNP, StorStartDevice, 0, false, NULL, 0);
    storport_ask_unit_power(unit);
}

static void tell_surprise(const struct port_unit *unit)
{
    STOR_ADDR_BTL8 address;

    storport_unit_address(unit, &address);
    storport_unit_control(unit->adapter->model_state, ScsiUnitSurpriseRemoval, &address, NULL);
}

void storport_unit_surprised(struct port_unit *unit)
{
    struct storport_adapter *adapter = unit->adapter->model_state;

    /* When the adapter went its units have been told with it. */
    if (!storport_has_crashed(adapter) &&
        !__atomic_load_n(&adapter->surprise_told, __ATOMIC_SEQ_CST))
        tell_surprise(unit);
}

void storport_unit_removed(struct port_unit *unit)
{
    struct storport_adapter *adapter = unit->adapter->model_state;
    STOR_ADDR_BTL8 address;

    if (storport_has_crashed(adapter))
        return;
    storport_unit_address(unit, &address);
    if (adapter->unit_controls[ScsiUnitRemove])
        call_unit_control(adapter, ScsiUnitRemove, &address);
    else
        port_control_send(unit, PORT_PNP, StorRemoveDevice, 0, false, NULL, 0);
    port_runtime_forget_unit(unit);
}

void storport_before_rescan(struct port_adapter *port)
{
    storport_adapter_control(port->model_state, ScsiAdapterPrepareForBusReScan, NULL, NULL);
}

void storport_surprise_removal(struct port_adapter *port)
{
    struct storport_adapter *adapter = port->model_state;

    if (storport_has_crashed(adapter) ||
        __atomic_exchange_n(&adapter->surprise_told, true, __ATOMIC_SEQ_CST))
        return;
    for (struct port_unit *unit = __atomic_load_n(&port->units, __ATOMIC_ACQUIRE); unit;
         unit = __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE))
        if (__atomic_load_n(&unit->present, __ATOMIC_ACQUIRE))
            tell_surprise(unit);
    if (storport_adapter_control(adapter, ScsiAdapterSurpriseRemoval, NULL, NULL))
        return;
    port_control_surprise_removal(port, StorSurpriseRemoval);
}

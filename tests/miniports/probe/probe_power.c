/*
 * Runtime power management: what is registered is a setting, and what the driver may ask for is an
 * action. What comes of it is recorded as control types (probe_control.c).
 */
#include "probe.h"

#include <srbhelper.h>

#define ADAPTER_POWER 1
#define UNIT_POWER    2
#define PERF_CONTEXT  0x55
#define WRONG_VERSION 9

/* Room for each version with all its F-states. */
typedef union _PROBE_POWER_DEVICE {
    STOR_POFX_DEVICE First;
    STOR_POFX_DEVICE_V3 Third;
    UCHAR Room[sizeof(STOR_POFX_DEVICE_V3) + sizeof(STOR_POFX_COMPONENT_V2) +
               STOR_POFX_ADAPTER_MAX_IDLE_STATES * sizeof(STOR_POFX_COMPONENT_IDLE_STATE)];
} PROBE_POWER_DEVICE;

static VOID FillStates(const PROBE_ADAPTER *Adapter, STOR_POFX_COMPONENT_IDLE_STATE *State,
                       ULONG Count)
{
    ULONG Index;

    for (Index = 0; Index < Count; Index++) {
        State[Index].Version = STOR_POFX_COMPONENT_IDLE_STATE_VERSION_V1;
        State[Index].Size = STOR_POFX_COMPONENT_IDLE_STATE_SIZE;
        State[Index].TransitionLatency = (ULONGLONG)Index * Adapter->PowerLatency;
        State[Index].ResidencyRequirement = (ULONGLONG)Index * Adapter->PowerResidency;
        State[Index].NominalPower = STOR_POFX_UNKNOWN_POWER;
    }
}

static VOID FillComponent(const PROBE_ADAPTER *Adapter, PVOID Place, const GUID *Id, ULONG Count)
{
    PSTOR_POFX_COMPONENT Component = (PSTOR_POFX_COMPONENT)Place;
    PSTOR_POFX_COMPONENT_V2 Second = (PSTOR_POFX_COMPONENT_V2)Place;
    BOOLEAN First = Adapter->PowerDeepest == MAXULONG;

    Component->Version = First ? STOR_POFX_COMPONENT_VERSION_V1 : STOR_POFX_COMPONENT_VERSION_V2;
    Component->Size = (ULONG)(First ? STOR_POFX_COMPONENT_SIZE : STOR_POFX_COMPONENT_V2_SIZE);
    Component->FStateCount = Count;
    Component->DeepestWakeableFState = Count - 1;
    Component->Id = *Id;
    if (!First) {
        Second->DeepestAdapterPowerRequiredFState =
            Adapter->PowerDeepest < Count ? Adapter->PowerDeepest : Count - 1;
    }
    FillStates(Adapter, First ? Component->FStates : Second->FStates, Count);
}

static VOID FillDevice(const PROBE_ADAPTER *Adapter, PROBE_POWER_DEVICE *Device, const GUID *Id,
                       ULONG Count)
{
    RtlZeroMemory(Device, sizeof(*Device));
    Device->First.Version = Adapter->PowerVersion;
    Device->First.ComponentCount = 1;
    Device->First.Flags = Adapter->PowerFlags;
    if (Adapter->PowerVersion == STOR_POFX_DEVICE_VERSION_V1) {
        Device->First.Size = STOR_POFX_DEVICE_SIZE;
        FillComponent(Adapter, Device->First.Components, Id, Count);
        return;
    }
    Device->First.Size = (ULONG)STOR_POFX_DEVICE_V3_SIZE;
    Device->Third.AdapterIdleTimeoutInMS = Adapter->PowerTimeout;
    if (Adapter->PowerVersion == STOR_POFX_DEVICE_VERSION_V3) {
        Device->Third.MinimumPowerCyclePeriodInMS = Adapter->PowerPeriod;
    }
    FillComponent(Adapter, Device->Third.Components, Id, Count);
}

/* One member is wrong at a time, as the test says; false for a number that there is none of. */
static BOOLEAN Spoil(PROBE_POWER_DEVICE *Device, ULONG Member)
{
    PSTOR_POFX_COMPONENT Component = Device->First.Version == STOR_POFX_DEVICE_VERSION_V1
                                         ? Device->First.Components
                                         : Device->Third.Components;

    switch (Member) {
    case 0:
        return TRUE;
    case 1:
        Device->First.Version = WRONG_VERSION;
        return TRUE;
    case 2:
        Device->First.Size++;
        return TRUE;
    case 3:
        Device->First.ComponentCount = 2;
        return TRUE;
    case 4:
        Device->First.Flags |= 0x80000000UL;
        return TRUE;
    case 5:
        Component->Version = WRONG_VERSION;
        return TRUE;
    case 6:
        Component->Size++;
        return TRUE;
    case 7:
        Component->FStateCount = 0;
        return TRUE;
    case 8:
        Component->FStateCount = STOR_POFX_ADAPTER_MAX_IDLE_STATES + 1;
        return TRUE;
    case 9:
        Component->DeepestWakeableFState = Component->FStateCount;
        return TRUE;
    case 10:
        Component->Id = STORPORT_POFX_LUN_GUID;
        return TRUE;
    case 11:
        Component->FStates[0].Version = WRONG_VERSION;
        return TRUE;
    case 12:
        Component->FStates[0].Size++;
        return TRUE;
    case 13:
        Component->FStates[0].TransitionLatency = 1;
        return TRUE;
    default:
        return FALSE;
    }
}

static VOID AskForHints(PROBE_ADAPTER *Adapter, PSTOR_ADDRESS Address)
{
    if (Adapter->Shared->PowerLatencyLimit != 0) {
        (VOID) StorPortPoFxSetComponentLatency(Adapter, Address, 0,
                                               Adapter->Shared->PowerLatencyLimit);
    }
    if (Adapter->Shared->PowerResidencyHint != 0) {
        (VOID) StorPortPoFxSetComponentResidency(Adapter, Address, 0,
                                                 Adapter->Shared->PowerResidencyHint);
    }
}

static ULONG RegisterPerfStates(PROBE_ADAPTER *Adapter)
{
    struct {
        STOR_POFX_COMPONENT_PERF_SET Set;
        STOR_POFX_PERF_STATE States[STOR_POFX_MAX_DISCRETE_PERF_STATES];
    } Perf;
    ULONG Index;

    RtlZeroMemory(&Perf, sizeof(Perf));
    Perf.Set.Version = STOR_POFX_COMPONENT_PERF_SET_VERSION_V1;
    Perf.Set.Size = (ULONG)STOR_POFX_COMPONENT_PERF_SET_SIZE;
    Perf.Set.PStateUnit = StorPoFxPerfStateUnitMilliwatts;
    Perf.Set.PStateType = StorPoFxPerfStateTypeDiscrete;
    Perf.Set.PStates.Discrete.Count = Adapter->PowerPerfStates;
    Perf.Set.PStates.Discrete.Offset = sizeof(Perf.Set);
    for (Index = 0; Index < Adapter->PowerPerfStates; Index++) {
        Perf.States[Index].Version = STOR_POFX_PERF_STATE_VERSION_V1;
        Perf.States[Index].Size = STOR_POFX_PERF_STATE_SIZE;
        Perf.States[Index].Value = 9000 - 1000 * Index;
    }
    return StorPortPoFxRegisterPerfStates(Adapter, NULL, 0, 0, 1, &Perf.Set);
}

VOID ProbeRegisterAdapterPower(PROBE_ADAPTER *Adapter)
{
    PROBE_POWER_DEVICE Device;
    BOOLEAN Cold = FALSE;
    ULONG Status;

    if ((Adapter->Power & ADAPTER_POWER) == 0) {
        return;
    }
    FillDevice(Adapter, &Device, &STORPORT_POFX_ADAPTER_GUID, Adapter->PowerStates);
    (VOID) Spoil(&Device, Adapter->Shared->PowerMalformed);
    Status = StorPortInitializePoFxPower(Adapter, NULL, &Device.First, &Cold);
    Adapter->Shared->PowerStatus[0] = Status;
    Adapter->Shared->D3Cold = Cold;
    if (Status != STOR_STATUS_SUCCESS) {
        return;
    }
    AskForHints(Adapter, NULL);
    if (Adapter->PowerPerfStates != 0) {
        Adapter->Shared->PerfStatus = RegisterPerfStates(Adapter);
    }
}

VOID ProbeRegisterUnitPower(PROBE_ADAPTER *Adapter, PSTOR_POFX_UNIT_POWER_INFO Info)
{
    PROBE_POWER_DEVICE Device;
    BOOLEAN Cold = TRUE;

    if ((Adapter->Power & UNIT_POWER) == 0) {
        return;
    }
    FillDevice(Adapter, &Device, &STORPORT_POFX_LUN_GUID, Adapter->UnitPowerStates);
    Adapter->Shared->PowerStatus[1] =
        StorPortInitializePoFxPower(Adapter, Info->Header.Address, &Device.First, &Cold);
    AskForHints(Adapter, Info->Header.Address);
}

ULONG ProbeAnswerPower(PSTOR_POFX_POWER_CONTROL Control)
{
    SIZE_T Index;

    for (Index = 0; Index < Control->InBufferSize && Index < Control->OutBufferSize; Index++) {
        ((PUCHAR)Control->OutBuffer)[Index] = (UCHAR) ~((PUCHAR)Control->InBuffer)[Index];
    }
    *Control->BytesReturned = Index;
    return Control->PowerControlCode->Data1;
}

/* ---- actions ---- */

static STOR_ADDR_BTL8 AddressOf(PSCSI_REQUEST_BLOCK Srb)
{
    STOR_ADDR_BTL8 Address;

    RtlZeroMemory(&Address, sizeof(Address));
    Address.Type = STOR_ADDRESS_TYPE_BTL8;
    Address.AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH;
    SrbGetPathTargetLun(Srb, &Address.Path, &Address.Target, &Address.Lun);
    return Address;
}

ULONG ProbeActPower(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR Value)
{
    STOR_ADDR_BTL8 Address = AddressOf(Srb);
    PSTOR_ADDRESS Unit = (PSTOR_ADDRESS)&Address;
    SCSI_REQUEST_BLOCK Nobody;
    GUID Code;

    switch (Value) {
    case ProbePowerActivateAdapter:
        return StorPortPoFxActivateComponent(Adapter, NULL, NULL, 0, 0);
    case ProbePowerIdleAdapter:
        return StorPortPoFxIdleComponent(Adapter, NULL, NULL, 0, 0);
    case ProbePowerActivateUnit:
        return StorPortPoFxActivateComponent(Adapter, Unit, NULL, 0, 0);
    case ProbePowerIdleUnit:
        return StorPortPoFxIdleComponent(Adapter, Unit, NULL, 0, 0);
    case ProbePowerActivateForRequest:
        return StorPortPoFxActivateComponent(Adapter, Unit, Srb, 0, 0);
    case ProbePowerIdleForRequest:
        return StorPortPoFxIdleComponent(Adapter, Unit, Srb, 0, 0);
    case ProbePowerActivateForNobody:
        return StorPortPoFxActivateComponent(Adapter, Unit, &Nobody, 0, 0);
    case ProbePowerPerfState:
        return StorPortPoFxSetPerfState(Adapter, NULL, 0, 0, 0, 1, (PVOID)PERF_CONTEXT);
    default:
        RtlFillMemory(&Code, sizeof(Code), PROBE_POWER_SETTING);
        return StorPortPoFxPowerControl(Adapter, NULL, &Code, NULL, 0, NULL, 0, NULL);
    }
}

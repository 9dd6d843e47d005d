/*
 * Control types: what is supported is a setting, what comes is recorded with a word of its
 * parameters, and questions are answered with fixed text.
 */
#include "probe.h"

#include <srbhelper.h>

#include "../../../miniports/null-physical/scratch_device.h"

#define UNIT_START_AND_REMOVE 1
#define PROBE_BUS_TYPE        0x11

static VOID Answer(PUCHAR Text, const CHAR *Words)
{
    while ((*Text++ = (UCHAR)*Words++) != 0) {
    }
}

static VOID ReportData(PROBE_ADAPTER *Adapter, PSTOR_REPORT_INTERNAL_DATA Request)
{
    ULONG Starts = Adapter->Starts;
    MINIPORT_DATA Item;

    RtlZeroMemory(&Item, sizeof(Item));
    Item.Name = (PWSTR)L"starts";
    Item.Type = DataTypeUInt32;
    Item.ArrayLength = 1;
    Item.Data = &Starts;
    (VOID) StorPortMiniportReportInternalData(Adapter, Request->Address, Request->CallbackContext,
                                              1, &Item);
}

/* ---- adapter ---- */

VOID ProbeEnableInterrupts(PROBE_ADAPTER *Adapter)
{
    if (!Adapter->Virtual) {
        ProbeWrite(Adapter, SCRATCH_INTERRUPT_STATUS, MAXULONG);
        ProbeWrite(Adapter, SCRATCH_INTERRUPT_MASK, 0);
    }
}

static VOID StopAdapter(PROBE_ADAPTER *Adapter)
{
    if (!Adapter->Virtual) {
        ProbeWrite(Adapter, SCRATCH_INTERRUPT_MASK, MAXULONG);
    }
    if (!Adapter->Removed && !Adapter->PassiveFails) {
        return; /* it will be started or powered up again */
    }
    if (Adapter->TimerHandle != NULL) {
        (VOID) StorPortFreeTimer(Adapter, Adapter->TimerHandle);
    }
    if (Adapter->Worker != NULL) {
        (VOID) StorPortFreeWorker(Adapter, Adapter->Worker);
    }
}

/* One interrupt less. How many resources there were. */
static ULONG DropInterrupt(PIO_RESOURCE_LIST List)
{
    ULONG Count = List->Count;

    if (Count != 0 && List->Descriptors[Count - 1].Type == CmResourceTypeInterrupt) {
        List->Count--;
    }
    return Count;
}

/* Does what the control asks for. What a row shows of its parameters. */
static ULONG RunAdapterControl(PROBE_ADAPTER *Adapter, SCSI_ADAPTER_CONTROL_TYPE ControlType,
                               PVOID Parameters)
{
    PSTOR_ADAPTER_CONTROL_POWER Power = (PSTOR_ADAPTER_CONTROL_POWER)Parameters;
    PSTOR_POWER_SETTING_INFO Setting = (PSTOR_POWER_SETTING_INFO)Parameters;
    PSTOR_SYSTEM_POWER_HINTS Hints = (PSTOR_SYSTEM_POWER_HINTS)Parameters;
    PSTOR_SET_EVENT_LOGGING Logging = (PSTOR_SET_EVENT_LOGGING)Parameters;

    switch (ControlType) {
    case ScsiStopAdapter:
        StopAdapter(Adapter);
        return 0;
    case ScsiRestartAdapter:
        ProbeEnableInterrupts(Adapter);
        return 0;
    case ScsiAdapterFilterResourceRequirements:
        return DropInterrupt(
            ((PSTOR_FILTER_RESOURCE_REQUIREMENTS)Parameters)->IoResourceRequirementsList->List);
    case ScsiAdapterPower:
        return (ULONG)Power->PowerState | (ULONG)Power->PowerAction << 8;
    case ScsiPowerSettingNotification:
        return Setting->PowerSettingGuid.Data4[7] | *(PUCHAR)Setting->Value << 8 |
               Setting->ValueLength << 16;
    case ScsiAdapterSystemPowerHints:
        return (ULONG)Hints->SystemPower | Hints->ResumeLatencyMSec << 8;
    case ScsiAdapterSetEventLogging:
        return Logging->Channel | (ULONG)Logging->Enabled << 8;
    case ScsiAdapterResetBusSynchronous:
        ProbeCompleteStack(Adapter, &Adapter->Kept, SRB_STATUS_BUS_RESET);
        return ((PSTOR_RESET_BUS_SYNCHRONOUS_PARAMETER)Parameters)->PathId;
    case ScsiAdapterSerialNumber:
        Answer(((PSTOR_SERIAL_NUMBER)Parameters)->SerialNumber, "PROBE-SERIAL");
        return 0;
    case ScsiAdapterQueryFruId:
        Answer(((PSTOR_FRU_ID_DESCRIPTION)Parameters)->FruId, "PROBE-FRU");
        return 0;
    case ScsiAdapterReportInternalData:
        ReportData(Adapter, (PSTOR_REPORT_INTERNAL_DATA)Parameters);
        return 0;
    case ScsiAdapterPoFxPowerRequired:
        return ((PSTOR_POFX_POWER_REQUIRED_CONTEXT)Parameters)->PowerRequired;
    case ScsiAdapterPoFxPowerActive:
        return ((PSTOR_POFX_ACTIVE_CONTEXT)Parameters)->Active;
    case ScsiAdapterPoFxPowerSetFState:
        return ((PSTOR_POFX_FSTATE_CONTEXT)Parameters)->FState;
    case ScsiAdapterPoFxPowerControl:
        return ProbeAnswerPower((PSTOR_POFX_POWER_CONTROL)Parameters);
    case ScsiAdapterPoFxMaxOperationalPower:
        return (ULONG)((PSTOR_MAX_OPERATIONAL_POWER)Parameters)->Value;
    case ScsiAdapterPoFxSetPerfState:
        return (ULONG)((PSTOR_POFX_PERF_STATE_CONTEXT)Parameters)->Succeeded |
               (ULONG)(ULONG_PTR)((PSTOR_POFX_PERF_STATE_CONTEXT)Parameters)->Context << 8;
    default:
        return 0;
    }
}

static VOID ListTypes(PSCSI_SUPPORTED_CONTROL_TYPE_LIST List, ULONG Supported)
{
    ULONG Type;

    for (Type = 1; Type < 32 && Type < List->MaxControlType; Type++) {
        List->SupportedTypeList[Type] = (Supported >> Type & 1) != 0;
    }
}

/* The extension is empty yet, and there is nowhere to write rows: FindAdapter does it later. */
static SCSI_ADAPTER_CONTROL_STATUS
BeforeFindAdapter(PROBE_ADAPTER *Adapter, SCSI_ADAPTER_CONTROL_TYPE ControlType, PVOID Parameters)
{
    if (ControlType == ScsiQuerySupportedControlTypes) {
        ListTypes((PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters,
                  1UL << ScsiAdapterFilterResourceRequirements);
    } else {
        Adapter->Filtered = 1 + RunAdapterControl(Adapter, ControlType, Parameters);
    }
    return ScsiAdapterControlSuccess;
}

SCSI_ADAPTER_CONTROL_STATUS
ProbeHwAdapterControl(PVOID DeviceExtension, SCSI_ADAPTER_CONTROL_TYPE ControlType,
                      PVOID Parameters)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;
    ULONG Word = 0;

    if (Adapter->Shared == NULL) {
        return BeforeFindAdapter(Adapter, ControlType, Parameters);
    }
    (VOID) ProbeEnter(Adapter, ProbeAdapterControl, NULL, (ULONG)ControlType);
    if (ControlType == ScsiQuerySupportedControlTypes) {
        ListTypes((PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters, Adapter->AdapterControls);
    } else {
        Word = RunAdapterControl(Adapter, ControlType, Parameters);
    }
    ProbeExit(Adapter, ProbeAdapterControl, NULL, (ULONG)ControlType, Word);
    return (Adapter->Shared->ControlFails >> ControlType & 1) != 0 ? ScsiAdapterControlUnsuccessful
                                                                   : ScsiAdapterControlSuccess;
}

/* ---- units ---- */

/* The unit's address, where the control has it; what a row shows of the other parameters. */
static PSTOR_ADDR_BTL8 RunUnitControl(PROBE_ADAPTER *Adapter, SCSI_UNIT_CONTROL_TYPE ControlType,
                                      PVOID Parameters, ULONG *Word)
{
    PSTOR_UNIT_CONTROL_POWER Power = (PSTOR_UNIT_CONTROL_POWER)Parameters;
    PSTOR_UC_DEVICE_USAGE Usage = (PSTOR_UC_DEVICE_USAGE)Parameters;
    PSTOR_RICH_DEVICE_DESCRIPTION_V2 Rich = (PSTOR_RICH_DEVICE_DESCRIPTION_V2)Parameters;
    PSTOR_UNIT_CONTROL_QUERY_BUS_TYPE Bus = (PSTOR_UNIT_CONTROL_QUERY_BUS_TYPE)Parameters;
    PSTOR_FRU_ID_DESCRIPTION Fru = (PSTOR_FRU_ID_DESCRIPTION)Parameters;

    switch (ControlType) {
    case ScsiUnitPower:
        *Word = (ULONG)Power->PowerState | (ULONG)Power->PowerAction << 8;
        return (PSTOR_ADDR_BTL8)Power->Address;
    case ScsiUnitUsage:
        *Word = (ULONG)Usage->UsageType | (ULONG)Usage->InUse << 8;
        return (PSTOR_ADDR_BTL8)Usage->Address;
    case ScsiUnitRichDescription:
        Answer(Rich->ModelNumber, "PROBE WITH A LONGER MODEL NUMBER");
        return (PSTOR_ADDR_BTL8)Rich->Address;
    case ScsiUnitQueryBusType:
        Bus->BusType = PROBE_BUS_TYPE;
        return (PSTOR_ADDR_BTL8)Bus->Address;
    case ScsiUnitQueryFruId:
        Answer(Fru->FruId, "PROBE-UNIT-FRU");
        return (PSTOR_ADDR_BTL8)Fru->Address;
    case ScsiUnitReportInternalData:
        ReportData(Adapter, (PSTOR_REPORT_INTERNAL_DATA)Parameters);
        return (PSTOR_ADDR_BTL8)((PSTOR_REPORT_INTERNAL_DATA)Parameters)->Address;
    case ScsiUnitPoFxPowerInfo:
        *Word = ((PSTOR_POFX_UNIT_POWER_INFO)Parameters)->IdlePowerEnabled;
        ProbeRegisterUnitPower(Adapter, (PSTOR_POFX_UNIT_POWER_INFO)Parameters);
        break;
    case ScsiUnitPoFxPowerRequired:
        *Word = ((PSTOR_POFX_POWER_REQUIRED_CONTEXT)Parameters)->PowerRequired;
        break;
    case ScsiUnitPoFxPowerActive:
        *Word = ((PSTOR_POFX_ACTIVE_CONTEXT)Parameters)->Active;
        break;
    case ScsiUnitPoFxPowerSetFState:
        *Word = ((PSTOR_POFX_FSTATE_CONTEXT)Parameters)->FState;
        break;
    case ScsiUnitPoFxPowerControl:
        *Word = ProbeAnswerPower((PSTOR_POFX_POWER_CONTROL)Parameters);
        break;
    default:
        return (PSTOR_ADDR_BTL8)Parameters;
    }
    return (PSTOR_ADDR_BTL8)((PSTOR_POWER_CONTROL_HEADER)Parameters)->Address;
}

SCSI_UNIT_CONTROL_STATUS
ProbeHwUnitControl(PVOID DeviceExtension, SCSI_UNIT_CONTROL_TYPE ControlType, PVOID Parameters)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;
    ULONG Detail = (ULONG)ControlType, Word = 0, Supported = Adapter->UnitControls;

    if (ControlType != ScsiQuerySupportedUnitControlTypes) {
        Detail |= (ULONG)RunUnitControl(Adapter, ControlType, Parameters, &Word)->Lun << 16;
    }
    (VOID) ProbeEnter(Adapter, ProbeUnitControl, NULL, Detail);
    if (ControlType == ScsiQuerySupportedUnitControlTypes) {
        if (Supported == UNIT_START_AND_REMOVE) {
            Supported =
                1UL << ScsiUnitStart | 1UL << ScsiUnitRemove | 1UL << ScsiUnitSurpriseRemoval;
        }
        ListTypes((PSCSI_SUPPORTED_CONTROL_TYPE_LIST)Parameters, Supported);
    }
    ProbeExit(Adapter, ProbeUnitControl, NULL, Detail, Word);
    return (Adapter->Shared->UnitControlFails >> ControlType & 1) != 0 ? ScsiUnitControlUnsuccessful
                                                                       : ScsiUnitControlSuccess;
}

/*
 * What a script has BuildIo or StartIo do besides: one routine of the port each.
 */
#include "probe.h"

#include <srbhelper.h>

#include "../../../miniports/null-physical/scratch_device.h"

#define PROBE_TAG        'borP'
#define SCRATCH_REMOVE   0x28
#define REMOVE_KEY       0x44414544
#define MEETING_TURNS    300000 /* of 10 us: three seconds, for a meeting that takes place */
#define SHORT_WAIT_TURNS 3000   /* for one that must not */

HW_STATE_CHANGE ProbeHwStateChange;
STOR_SYNCHRONIZED_ACCESS ProbeSynchronizedAccess;

static ULONG Meet(PROBE_ADAPTER *Adapter, UCHAR Count, ULONG Turns)
{
    InterlockedIncrement(&Adapter->Shared->Met);
    while (Turns-- > 0) {
        if (Adapter->Shared->Met >= Count) {
            return TRUE;
        }
        StorPortStallExecution(10);
    }
    return FALSE;
}

/* Waits shortly for the counter to move. */
static ULONG Moves(volatile LONG *Counter, LONG From)
{
    ULONG Turns;

    for (Turns = 0; Turns < SHORT_WAIT_TURNS; Turns++) {
        if (*Counter != From) {
            return TRUE;
        }
        StorPortStallExecution(10);
    }
    return FALSE;
}

static ULONG RingDoorbell(PROBE_ADAPTER *Adapter, UCHAR Value)
{
    LONG Before = Adapter->Shared->Interrupts;

    ProbeWrite(Adapter, SCRATCH_DOORBELL, Value);
    return Moves(&Adapter->Shared->Interrupts, Before);
}

static ULONG ArmTimer(PROBE_ADAPTER *Adapter)
{
    LONG Before = Adapter->Shared->Timers;

    StorPortNotification(RequestTimerCall, Adapter, ProbeHwTimer, 1);
    return Moves(&Adapter->Shared->Timers, Before);
}

static ULONG AllocatePool(PROBE_ADAPTER *Adapter)
{
    PVOID Buffer = NULL;
    ULONG Status = StorPortAllocatePool(Adapter, 64, PROBE_TAG, &Buffer);

    if (Status == STOR_STATUS_SUCCESS) {
        (VOID) StorPortFreePool(Adapter, Buffer);
    }
    return Status;
}

static ULONG TakeLock(PROBE_ADAPTER *Adapter, STOR_SPINLOCK Kind)
{
    STOR_LOCK_HANDLE Handle;
    KIRQL Irql = 0;

    RtlZeroMemory(&Handle, sizeof(Handle));
    StorPortAcquireSpinLock(Adapter, Kind, Kind == DpcLock ? &Adapter->IdleDpc : NULL, &Handle);
    (VOID) StorPortGetCurrentIrql(Adapter, &Irql);
    StorPortReleaseSpinLock(Adapter, &Handle);
    return Irql;
}

BOOLEAN ProbeSynchronizedAccess(PVOID DeviceExtension, PVOID Context)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;

    (VOID) ProbeEnter(Adapter, ProbeSynchronized, NULL, *(UCHAR *)Context);
    ProbeDwell(Adapter);
    ProbeExit(Adapter, ProbeSynchronized, NULL, *(UCHAR *)Context, 0);
    return *(UCHAR *)Context != 0;
}

VOID ProbeHwStateChange(PVOID DeviceExtension, PVOID Context, SHORT AddressType, PVOID Address,
                        ULONG Status)
{
    PROBE_ADAPTER *Adapter = (PROBE_ADAPTER *)DeviceExtension;

    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(AddressType);
    (VOID) ProbeEnter(Adapter, ProbeStateChange, NULL, Status);
    ProbeDwell(Adapter);
    ProbeExit(Adapter, ProbeStateChange, NULL, Status, Address == (PVOID)&Adapter->ChangedAddress);
}

/* Value: the entity (0: the bus) and, from bit 3 on, the LUN. */
static ULONG ChangeState(PROBE_ADAPTER *Adapter, UCHAR Value)
{
    ULONG Entity = (Value & 7) != 0 ? Value & 7 : STATE_CHANGE_BUS;

    Adapter->ChangedAddress.Lun = Value >> 3;
    Adapter->ChangedAddress.Type = STOR_ADDRESS_TYPE_BTL8;
    Adapter->ChangedAddress.AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH;
    return StorPortStateChangeDetected(Adapter, Entity, (PSTOR_ADDRESS)&Adapter->ChangedAddress, 0,
                                       ProbeHwStateChange, NULL);
}

static ULONG Notify(PROBE_ADAPTER *Adapter, ULONG Action, UCHAR Value)
{
    switch (Action) {
    case ProbeDoBusChange:
        StorPortNotification(BusChangeDetected, Adapter, 0);
        return 0;
    case ProbeDoStateChange:
        return ChangeState(Adapter, Value);
    case ProbeDoLinkDown:
        StorPortNotification(LinkDown, Adapter);
        return 0;
    case ProbeDoLinkUp:
        StorPortNotification(LinkUp, Adapter);
        return 0;
    case ProbeDoResetDetected:
        StorPortNotification(ResetDetected, Adapter);
        return 0;
    case ProbeDoTimer:
        return ArmTimer(Adapter);
    default:
        return 0;
    }
}

static ULONG HoldBack(PROBE_ADAPTER *Adapter, ULONG Action, UCHAR Value, UCHAR Path, UCHAR Target,
                      UCHAR Lun)
{
    switch (Action) {
    case ProbeDoPauseUnit:
        return StorPortPauseDevice(Adapter, Path, Target, Lun, Value);
    case ProbeDoPause:
        return StorPortPause(Adapter, Value);
    case ProbeDoResumeUnit:
        return StorPortResumeDevice(Adapter, Path, Target, Lun);
    case ProbeDoResume:
        return StorPortResume(Adapter);
    case ProbeDoUnitBusy:
        return StorPortDeviceBusy(Adapter, Path, Target, Lun, Value);
    case ProbeDoBusy:
        return StorPortBusy(Adapter, Value);
    default:
        return StorPortSetDeviceQueueDepth(Adapter, Path, Target, Lun, Value);
    }
}

ULONG ProbeAct(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, ULONG Action, UCHAR Value)
{
    UCHAR Path = 0, Target = 0, Lun = 0;
    PVOID Address = NULL;

    SrbGetPathTargetLun(Srb, &Path, &Target, &Lun);
    switch (Action) {
    case ProbeDoNothing:
        return 0;
    case ProbeDoAllocatePool:
        return AllocatePool(Adapter);
    case ProbeDoDpcLock:
        return TakeLock(Adapter, DpcLock);
    case ProbeDoStartIoLock:
        return TakeLock(Adapter, StartIoLock);
    case ProbeDoInterruptLock:
        return TakeLock(Adapter, InterruptLock);
    case ProbeDoSynchronize:
        return StorPortSynchronizeAccess(Adapter, ProbeSynchronizedAccess, &Value);
    case ProbeDoMeet:
        return Meet(Adapter, Value, MEETING_TURNS);
    case ProbeDoWaitShortly:
        return Meet(Adapter, Value, SHORT_WAIT_TURNS);
    case ProbeDoDpc:
        return StorPortIssueDpc(Adapter, &Adapter->IdleDpc, NULL, NULL);
    case ProbeDoDoorbell:
        return RingDoorbell(Adapter, Value);
    case ProbeDoTwoDoorbells:
        ProbeWrite(Adapter, SCRATCH_DOORBELL, Value);
        return RingDoorbell(Adapter, Value + 1);
    case ProbeDoRemove:
        ProbeWrite(Adapter, SCRATCH_REMOVE, REMOVE_KEY);
        return 0;
    case ProbeDoRelease:
        ProbeCompleteStack(Adapter, &Adapter->Kept, SRB_STATUS_SUCCESS);
        return 0;
    case ProbeDoSystemAddress:
        return StorPortGetSystemAddress(Adapter, Srb, &Address);
    case ProbeDoCompleteAll:
        StorPortCompleteRequest(Adapter, SP_UNTAGGED, SP_UNTAGGED, SP_UNTAGGED,
                                SRB_STATUS_BUS_RESET);
        return 0;
    case ProbeDoFill:
    case ProbeDoSum:
    case ProbeDoBothWays:
    case ProbeDoBuildList:
        return ProbeDma(Adapter, Srb, Action, Value);
    case ProbeDoPower:
        return ProbeActPower(Adapter, Srb, Value);
    case ProbeDoReregister:
        StorPortNotification(WMIReregister, Adapter, Path, Target, Lun);
        return 0;
    case ProbeDoServiceTime:
        StorPortNotification(IoTargetRequestServiceTime, Adapter, (ULONGLONG)Value, Srb);
        return 0;
    case ProbeDoPauseUnit:
    case ProbeDoPause:
    case ProbeDoResumeUnit:
    case ProbeDoResume:
    case ProbeDoUnitBusy:
    case ProbeDoBusy:
    case ProbeDoDepth:
        return HoldBack(Adapter, Action, Value, Path, Target, Lun);
    default:
        return Notify(Adapter, Action, Value);
    }
}

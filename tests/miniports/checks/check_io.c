/*
 * The places that requests lead to. The test sends one request a place, one after the other; what
 * reaches the place runs the check and completes the request.
 */
#include "check_driver.h"

#include "../../../miniports/null-physical/scratch_device.h"

#define INQUIRY_BYTES      36
#define OP_REPORT_LUNS     0xA0
#define TIMER_MICROSECONDS 100
#define ONE_MESSAGE        1
#define OTHER_MESSAGE      2

HW_TIMER CheckHwTimer;
HW_TIMER_EX CheckHwTimerEx;
HW_WORKITEM CheckHwWorkItem;
HW_STATE_CHANGE CheckHwStateChange;
HW_REGISTRY_NOTIFICATION_ROUTINE CheckHwRegistryNotification;
STOR_SYNCHRONIZED_ACCESS CheckSynchronizedAccess;
KSTART_ROUTINE CheckThreadRoutine;

static VOID Complete(CHECK_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR SrbStatus)
{
    SrbSetSrbStatus(Srb, SrbStatus);
    StorPortNotification(RequestComplete, Adapter, Srb);
}

/* Runs the check of a place and ends the request that led there. */
static VOID Reach(CHECK_ADAPTER *Adapter, CHECK_PLACE Place)
{
    PSCSI_REQUEST_BLOCK Srb =
        (PSCSI_REQUEST_BLOCK)InterlockedExchangePointer((PVOID volatile *)&Adapter->Pending, NULL);

    if (CheckRun(Adapter, Place, Srb) && Srb != NULL) {
        Complete(Adapter, Srb, SRB_STATUS_SUCCESS);
    }
}

/* ---- commands that are no checks: enough to be found as a disk ---- */

static UCHAR Store(PSCSI_REQUEST_BLOCK Srb, const VOID *Bytes, ULONG Count)
{
    CHECK_REQUEST *Request = (CHECK_REQUEST *)SrbGetMiniportContext(Srb);

    if (Request->Data == NULL) {
        return SRB_STATUS_INVALID_REQUEST;
    }
    if (Count > SrbGetDataTransferLength(Srb)) {
        Count = SrbGetDataTransferLength(Srb);
    }
    RtlCopyMemory(Request->Data, Bytes, Count);
    SrbSetDataTransferLength(Srb, Count);
    return SRB_STATUS_SUCCESS;
}

static UCHAR Answer(PSCSI_REQUEST_BLOCK Srb)
{
    UCHAR Data[INQUIRY_BYTES];
    PUCHAR Cdb = (PUCHAR)SrbGetCdb(Srb);
    UCHAR Path = 0, Target = 0, Lun = 0;

    SrbGetPathTargetLun(Srb, &Path, &Target, &Lun);
    if (Path != 0 || Target != 0 || Lun != 0) {
        return SRB_STATUS_NO_DEVICE;
    }
    RtlZeroMemory(Data, sizeof(Data));
    switch (Cdb[0]) {
    case OP_REPORT_LUNS:
        Data[3] = 8;
        return Store(Srb, Data, 16);
    case SCSIOP_INQUIRY:
        if ((Cdb[1] & 1) != 0) {
            return SRB_STATUS_INVALID_REQUEST; /* no vital product data */
        }
        Data[2] = 6;
        Data[3] = 2;
        Data[4] = INQUIRY_BYTES - 5;
        RtlCopyMemory(Data + 8, "CHECKS  CHECK UNIT      1.0 ", 28);
        return Store(Srb, Data, sizeof(Data));
    default:
        return SRB_STATUS_SUCCESS;
    }
}

/* ---- the way down ---- */

static BOOLEAN IsCheck(PSCSI_REQUEST_BLOCK Srb)
{
    return SrbGetSrbFunction(Srb) == SRB_FUNCTION_EXECUTE_SCSI &&
           SrbGetCdb(Srb)->AsByte[0] == CHECK_OP;
}

static VOID Begin(CHECK_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb)
{
    CHECK_REQUEST *Request = (CHECK_REQUEST *)SrbGetMiniportContext(Srb);

    Request->Data = NULL;
    if (SrbGetDataTransferLength(Srb) != 0 &&
        StorPortGetSystemAddress(Adapter, Srb, &Request->Data) != STOR_STATUS_SUCCESS) {
        Request->Data = SrbGetDataBuffer(Srb);
    }
}

BOOLEAN CheckHwBuildIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)DeviceExtension;

    Begin(Adapter, Srb);
    if (IsCheck(Srb) && SrbGetCdb(Srb)->AsByte[1] == CheckBuildIo) {
        if (CheckRun(Adapter, CheckBuildIo, Srb)) {
            Complete(Adapter, Srb, SRB_STATUS_SUCCESS);
        }
        return FALSE;
    }
    return TRUE;
}

static VOID RingDoorbell(CHECK_ADAPTER *Adapter, ULONG Value)
{
    StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + SCRATCH_DOORBELL), Value);
}

/* Has the place reached, from DISPATCH_LEVEL without a lock. */
static VOID LeadTo(CHECK_ADAPTER *Adapter, CHECK_PLACE Place)
{
    switch (Place) {
    case CheckInterrupt:
    case CheckMessage:
        RingDoorbell(Adapter, ONE_MESSAGE);
        break;
    case CheckOtherMessage:
        RingDoorbell(Adapter, OTHER_MESSAGE);
        break;
    case CheckTimer:
        StorPortNotification(RequestTimerCall, Adapter, CheckHwTimer, TIMER_MICROSECONDS);
        break;
    case CheckTimerEx:
        (VOID) StorPortRequestTimer(Adapter, Adapter->TimerHandle, CheckHwTimerEx, NULL,
                                    TIMER_MICROSECONDS, 0);
        break;
    case CheckStateChange:
        (VOID) StorPortStateChangeDetected(Adapter, STATE_CHANGE_BUS,
                                           (PSTOR_ADDRESS)&Adapter->ChangedAddress, 0,
                                           CheckHwStateChange, NULL);
        break;
    case CheckWorkItem:
    case CheckThread:
    case CheckRegistryNotification:
        (VOID) StorPortQueueWorkItem(Adapter, CheckHwWorkItem, Adapter->Worker, NULL);
        break;
    default:
        break;
    }
}

VOID NTAPI CheckTrigger(PVOID DeviceExtension, ULONG Place)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)DeviceExtension;

    InterlockedExchange(&Adapter->PendingPlace, (LONG)Place);
    if (Place == CheckDpc) {
        (VOID) StorPortIssueDpc(Adapter, &Adapter->Dpc, NULL, NULL);
    } else {
        LeadTo(Adapter, (CHECK_PLACE)Place);
    }
}

BOOLEAN CheckHwStartIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)DeviceExtension;

    if (Adapter->Model == CheckVirtual) {
        Begin(Adapter, Srb);
    }
    if (IsCheck(Srb)) {
        CHECK_PLACE Place = (CHECK_PLACE)SrbGetCdb(Srb)->AsByte[1];

        InterlockedExchange(&Adapter->PendingPlace, (LONG)Place);
        InterlockedExchangePointer((PVOID volatile *)&Adapter->Pending, Srb);
        if (Place == CheckStartIo) {
            Reach(Adapter, Place);
        } else {
            (VOID) StorPortIssueDpc(Adapter, &Adapter->Dpc, NULL, NULL);
        }
        return TRUE;
    }
    switch (SrbGetSrbFunction(Srb)) {
    case SRB_FUNCTION_EXECUTE_SCSI:
        Complete(Adapter, Srb, Answer(Srb));
        break;
    case SRB_FUNCTION_RESET_LOGICAL_UNIT:
    case SRB_FUNCTION_RESET_DEVICE:
        Complete(Adapter, Srb, SRB_STATUS_INVALID_REQUEST);
        break;
    default:
        Complete(Adapter, Srb, SRB_STATUS_SUCCESS);
        break;
    }
    return TRUE;
}

BOOLEAN CheckHwResetBus(PVOID DeviceExtension, ULONG PathId)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)DeviceExtension;
    PSCSI_REQUEST_BLOCK Srb =
        (PSCSI_REQUEST_BLOCK)InterlockedExchangePointer((PVOID volatile *)&Adapter->Pending, NULL);

    UNREFERENCED_PARAMETER(PathId);
    (VOID) CheckRun(Adapter, CheckResetBus, NULL);
    if (Srb != NULL) { /* its place was never reached */
        Complete(Adapter, Srb, SRB_STATUS_BUS_RESET);
    }
    return TRUE;
}

/* ---- the ways up ---- */

BOOLEAN CheckHwInterrupt(PVOID DeviceExtension)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)DeviceExtension;
    ULONG Causes =
        StorPortReadRegisterUlong(Adapter, (PULONG)(Adapter->Registers + SCRATCH_INTERRUPT_STATUS));

    if (Causes == 0 || Causes == MAXULONG) {
        return FALSE;
    }
    StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + SCRATCH_INTERRUPT_STATUS),
                               Causes);
    if (Adapter->PendingPlace == CheckInterrupt) {
        Reach(Adapter, CheckInterrupt);
    }
    return TRUE;
}

BOOLEAN CheckHwMessage(PVOID DeviceExtension, ULONG MessageId)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)DeviceExtension;

    StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + SCRATCH_INTERRUPT_STATUS),
                               1UL << MessageId % SCRATCH_CAUSES);
    if (MessageId == OTHER_MESSAGE) {
        Reach(Adapter, CheckOtherMessage);
    } else if (Adapter->PendingPlace == CheckMessage) {
        Reach(Adapter, CheckMessage);
    }
    return TRUE;
}

VOID CheckHwTimer(PVOID DeviceExtension)
{
    Reach((CHECK_ADAPTER *)DeviceExtension, CheckTimer);
}

VOID CheckHwTimerEx(PVOID DeviceExtension, PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
    Reach((CHECK_ADAPTER *)DeviceExtension, CheckTimerEx);
}

VOID CheckHwStateChange(PVOID DeviceExtension, PVOID Context, SHORT AddressType, PVOID Address,
                        ULONG Status)
{
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(AddressType);
    UNREFERENCED_PARAMETER(Address);
    UNREFERENCED_PARAMETER(Status);
    Reach((CHECK_ADAPTER *)DeviceExtension, CheckStateChange);
}

VOID CheckThreadRoutine(PVOID StartContext)
{
    Reach((CHECK_ADAPTER *)StartContext, CheckThread);
    (VOID) PsTerminateSystemThread(STATUS_SUCCESS);
}

/* A thread that is over before the request's own work item is. */
static VOID RunThread(CHECK_ADAPTER *Adapter)
{
    HANDLE Handle = NULL;
    PVOID Thread = NULL;

    if (PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, CheckThreadRoutine,
                             Adapter) != STATUS_SUCCESS) {
        return;
    }
    if (ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, NULL, KernelMode, &Thread, NULL) ==
        STATUS_SUCCESS) {
        (VOID) KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, NULL);
        ObDereferenceObject(Thread);
    }
    (VOID) ZwClose(Handle);
}

VOID CheckHwRegistryNotification(PVOID HwDeviceExtension)
{
    Reach((CHECK_ADAPTER *)HwDeviceExtension, CheckRegistryNotification);
}

/* Changes a value below the key that the routine is told of. */
static VOID ChangeRegistry(CHECK_ADAPTER *Adapter)
{
    ULONG Length = sizeof(ULONG);
    PUCHAR Buffer = StorPortAllocateRegistryBuffer(Adapter, &Length);

    (VOID) StorPortEnableRegistryKeyNotification(Adapter, CheckHwRegistryNotification);
    if (Buffer != NULL) {
        *(ULONG *)Buffer = 1;
        (VOID) StorPortRegistryWrite(Adapter, (PUCHAR) "Changed", 1, MINIPORT_REG_DWORD, Buffer,
                                     sizeof(ULONG));
        StorPortFreeRegistryBuffer(Adapter, Buffer);
    }
}

VOID CheckHwWorkItem(PVOID HwDeviceExtension, PVOID Context, PVOID Worker)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)HwDeviceExtension;

    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(Worker);
    if (Adapter->PendingPlace == CheckThread) {
        RunThread(Adapter);
    } else if (Adapter->PendingPlace == CheckRegistryNotification) {
        ChangeRegistry(Adapter);
    } else {
        Reach(Adapter, CheckWorkItem);
    }
}

/* ---- locks ---- */

BOOLEAN CheckSynchronizedAccess(PVOID DeviceExtension, PVOID Context)
{
    UNREFERENCED_PARAMETER(Context);
    Reach((CHECK_ADAPTER *)DeviceExtension, CheckSynchronized);
    return TRUE;
}

static VOID ReachLocked(CHECK_ADAPTER *Adapter, STOR_SPINLOCK Kind)
{
    STOR_LOCK_HANDLE Handle;
    CHECK_PLACE Place = (CHECK_PLACE)Adapter->PendingPlace;

    RtlZeroMemory(&Handle, sizeof(Handle));
    StorPortAcquireSpinLock(Adapter, Kind, Kind == DpcLock ? &Adapter->SpareDpc : NULL, &Handle);
    Reach(Adapter, Place);
    StorPortReleaseSpinLock(Adapter, &Handle);
}

static VOID ReachMessageLocked(CHECK_ADAPTER *Adapter)
{
    ULONG OldIrql = 0;

    if (StorPortAcquireMSISpinLock(Adapter, 0, &OldIrql) == STOR_STATUS_SUCCESS) {
        Reach(Adapter, CheckMessageLocked);
        (VOID) StorPortReleaseMSISpinLock(Adapter, 0, OldIrql);
    }
}

VOID CheckHwSpareDpc(PSTOR_DPC Dpc, PVOID HwDeviceExtension, PVOID SystemArgument1,
                     PVOID SystemArgument2)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(HwDeviceExtension);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
}

VOID CheckHwDpc(PSTOR_DPC Dpc, PVOID HwDeviceExtension, PVOID SystemArgument1,
                PVOID SystemArgument2)
{
    CHECK_ADAPTER *Adapter = (CHECK_ADAPTER *)HwDeviceExtension;

    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
    switch (Adapter->PendingPlace) {
    case CheckDpc:
        Reach(Adapter, CheckDpc);
        break;
    case CheckSynchronized:
        (VOID) StorPortSynchronizeAccess(Adapter, CheckSynchronizedAccess, NULL);
        break;
    case CheckDpcLocked:
        ReachLocked(Adapter, DpcLock);
        break;
    case CheckStartIoLocked:
        ReachLocked(Adapter, StartIoLock);
        break;
    case CheckInterruptLocked:
        ReachLocked(Adapter, InterruptLock);
        break;
    case CheckMessageLocked:
        ReachMessageLocked(Adapter);
        break;
    default:
        LeadTo(Adapter, (CHECK_PLACE)Adapter->PendingPlace);
        break;
    }
}

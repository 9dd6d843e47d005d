/*
 * The routines of Storport that are calls of StorPortNotification, for drivers only: DPCs, spin
 * locks, passive initialization, changes of state, failed devices. Their codes begin at 0x1000.
 *
 * A routine with a result passes the address of a variable, which the port driver fills in.
 */
#ifndef WDK_STORAGE_STORPORT_NOTIFY_H
#define WDK_STORAGE_STORPORT_NOTIFY_H

#include "storport_exports.h"

/* Asks for HwRoutine to be called at PASSIVE_LEVEL while the adapter starts. */
FORCEINLINE BOOLEAN StorPortEnablePassiveInitialization(
    PVOID DeviceExtension, PHW_PASSIVE_INITIALIZE_ROUTINE HwPassiveInitializeRoutine)
{
    LONG succeeded = 0;

    StorPortNotification(EnablePassiveInitialization, DeviceExtension, HwPassiveInitializeRoutine,
                         &succeeded);
    return (BOOLEAN)succeeded;
}

FORCEINLINE VOID StorPortInitializeDpc(PVOID DeviceExtension, PSTOR_DPC Dpc,
                                       PHW_DPC_ROUTINE HwDpcRoutine)
{
    StorPortNotification(InitializeDpc, DeviceExtension, Dpc, HwDpcRoutine);
}

FORCEINLINE VOID StorPortInitializeDpcWithContext(PVOID DeviceExtension, PSTOR_DPC Dpc,
                                                  PHW_DPC_ROUTINE HwDpcRoutine, PVOID Context,
                                                  ULONG Importance)
{
    if (NTDDI_VERSION >= NTDDI_WIN10_RS5)
        StorPortNotification(InitializeDpcWithContext, DeviceExtension, Dpc, HwDpcRoutine, Context,
                             Importance);
}

FORCEINLINE VOID StorPortInitializeThreadedDpc(PVOID DeviceExtension, PSTOR_DPC Dpc,
                                               PHW_DPC_ROUTINE HwDpcRoutine, PVOID Context,
                                               BOOLEAN Importance)
{
    if (NTDDI_VERSION >= NTDDI_WIN10_RS5)
        StorPortNotification(InitializeThreadedDpc, DeviceExtension, Dpc, HwDpcRoutine, Context,
                             Importance);
}

FORCEINLINE BOOLEAN StorPortIssueDpc(PVOID DeviceExtension, PSTOR_DPC Dpc, PVOID SystemArgument1,
                                     PVOID SystemArgument2)
{
    LONG succeeded = 0;

    StorPortNotification(IssueDpc, DeviceExtension, Dpc, SystemArgument1, SystemArgument2,
                         &succeeded);
    return (BOOLEAN)succeeded;
}

FORCEINLINE VOID StorPortAcquireSpinLock(PVOID DeviceExtension, STOR_SPINLOCK SpinLock,
                                         PVOID LockContext, PSTOR_LOCK_HANDLE LockHandle)
{
    StorPortNotification(AcquireSpinLock, DeviceExtension, SpinLock, LockContext, LockHandle);
}

FORCEINLINE VOID StorPortReleaseSpinLock(PVOID DeviceExtension, PSTOR_LOCK_HANDLE LockHandle)
{
    StorPortNotification(ReleaseSpinLock, DeviceExtension, LockHandle);
}

FORCEINLINE ULONG StorPortStateChangeDetected(PVOID HwDeviceExtension, ULONG ChangedEntity,
                                              PSTOR_ADDRESS Address, ULONG Attributes,
                                              PHW_STATE_CHANGE HwStateChange,
                                              PVOID HwStateChangeContext)
{
    ULONG status = STOR_STATUS_NOT_IMPLEMENTED;

    if (NTDDI_VERSION >= NTDDI_WIN8)
        StorPortNotification(StateChangeDetectedCall, HwDeviceExtension, ChangedEntity, Address,
                             Attributes, HwStateChange, HwStateChangeContext, &status);
    return status;
}

FORCEINLINE ULONG StorPortAsyncNotificationDetected(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                    ULONGLONG Flags)
{
    ULONG status = STOR_STATUS_NOT_IMPLEMENTED;

    if (NTDDI_VERSION >= NTDDI_WIN8)
        StorPortNotification(AsyncNotificationDetected, HwDeviceExtension, Address, Flags, &status);
    return status;
}

FORCEINLINE ULONG StorPortMarkDeviceFailedEx(PVOID HwDeviceExtension, PSTOR_ADDRESS StorAddress,
                                             ULONG Flags, USHORT FaultCode, PWSTR FaultDescription,
                                             USHORT AdditionalDataSize, PUCHAR AdditionalData,
                                             USHORT CriticalDataSize, PUCHAR CriticalData)
{
    ULONG status = STOR_STATUS_NOT_IMPLEMENTED;

    if (NTDDI_VERSION >= NTDDI_WIN10_VB)
        StorPortNotification(MarkDeviceFailedEx, HwDeviceExtension, StorAddress, Flags, FaultCode,
                             FaultDescription, AdditionalDataSize, AdditionalData, CriticalDataSize,
                             CriticalData, &status);
    return status;
}

FORCEINLINE VOID StorPortMarkDeviceFailed(PVOID HwDeviceExtension, PSTOR_ADDRESS StorAddress,
                                          ULONG Flags, PWSTR FailReason)
{
    if (NTDDI_VERSION >= NTDDI_WIN10_VB)
        StorPortMarkDeviceFailedEx(HwDeviceExtension, StorAddress, Flags, 0xFFFF, FailReason, 0,
                                   NULL, 0, NULL);
    else if (NTDDI_VERSION >= NTDDI_WIN10_19H1)
        StorPortNotification(MarkDeviceFailed, HwDeviceExtension, StorAddress, Flags, FailReason);
}

FORCEINLINE VOID StorPortTerminateSystemThread(PVOID HwDeviceExtension, PVOID ThreadContext)
{
    if (NTDDI_VERSION >= NTDDI_WIN10_FE)
        StorPortNotification(TerminateSystemThread, HwDeviceExtension, ThreadContext);
}

/* Makes a list empty; needs no port driver. */
FORCEINLINE VOID StorPortInitializeListHead(PVOID HwDeviceExtension, PSTOR_LIST_ENTRY ListHead)
{
    UNREFERENCED_PARAMETER(HwDeviceExtension);
    ListHead->Flink = ListHead->Blink = ListHead;
}

#endif

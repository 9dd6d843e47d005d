/*
 * The machine below: interrupts, processors, time, work items, locks, threads.
 *
 * For drivers only: each routine calls StorPortExtendedFunction with a code, and the host
 * implements the functions behind the codes. One that is newer than the Windows a driver was built
 * for calls nothing and fails with STOR_STATUS_NOT_IMPLEMENTED.
 */
#ifndef WDK_STORAGE_STORPORT_MACHINE_H
#define WDK_STORAGE_STORPORT_MACHINE_H

#include "storport_exports.h"
#include "storport_extended.h"

/* Interrupts and performance options. */
FORCEINLINE ULONG StorPortGetMSIInfo(PVOID HwDeviceExtension, ULONG MessageId,
                                     PMESSAGE_INTERRUPT_INFORMATION InterruptInfo)
{
    return StorPortExtendedFunction(ExtFunctionGetMessageInterruptInformation, HwDeviceExtension,
                                    MessageId, InterruptInfo);
}

FORCEINLINE ULONG StorPortAcquireMSISpinLock(PVOID HwDeviceExtension, ULONG MessageId,
                                             PULONG OldIrql)
{
    return StorPortExtendedFunction(ExtFunctionAcquireMSISpinLock, HwDeviceExtension, MessageId,
                                    OldIrql);
}

FORCEINLINE ULONG StorPortReleaseMSISpinLock(PVOID HwDeviceExtension, ULONG MessageId,
                                             ULONG OldIrql)
{
    return StorPortExtendedFunction(ExtFunctionReleaseMSISpinLock, HwDeviceExtension, MessageId,
                                    OldIrql);
}

FORCEINLINE ULONG StorPortInitializePerfOpts(PVOID HwDeviceExtension, BOOLEAN Query,
                                             PPERF_CONFIGURATION_DATA PerfConfigData)
{
    return StorPortExtendedFunction(ExtFunctionInitializePerformanceOptimizations,
                                    HwDeviceExtension, Query, PerfConfigData);
}

FORCEINLINE ULONG StorPortGetMessageInterruptIDFromProcessorIndex(PVOID HwDeviceExtension,
                                                                  ULONG ProcessorIndex,
                                                                  PULONG MessageInterruptID)
{
    return WDK_SINCE(NTDDI_WIN10_CO, StorPortExtendedFunction(
                                         ExtFunctionGetMessageInterruptIDFromProcessorIndex,
                                         HwDeviceExtension, ProcessorIndex, MessageInterruptID));
}

FORCEINLINE ULONG StorPortMaskMsixInterrupt(PVOID HwDeviceExtension, ULONG MessageId, BOOLEAN Mask)
{
    return WDK_SINCE(NTDDI_WIN10_MN, StorPortExtendedFunction(ExtFunctionMaskPciMsixEntry,
                                                              HwDeviceExtension, MessageId, Mask));
}

/* Processors, groups and memory nodes. */
FORCEINLINE ULONG StorPortGetCurrentProcessorNumber(PVOID HwDeviceExtension,
                                                    PPROCESSOR_NUMBER ProcNumber)
{
    return StorPortExtendedFunction(ExtFunctionGetCurrentProcessorNumber, HwDeviceExtension,
                                    ProcNumber);
}

FORCEINLINE ULONG StorPortGetCurrentProcessorIndex(PVOID HwDeviceExtension, PULONG ProcessorIndex)
{
    return WDK_SINCE(NTDDI_WIN10_RS5, StorPortExtendedFunction(ExtFunctionGetCurrentProcessorIndex,
                                                               HwDeviceExtension, ProcessorIndex));
}

FORCEINLINE ULONG StorPortGetProcessorIndexFromNumber(PVOID HwDeviceExtension,
                                                      PPROCESSOR_NUMBER ProcessorNumber,
                                                      PULONG ProcessorIndex)
{
    return StorPortExtendedFunction(ExtFunctionGetProcessorIndexFromNumber, HwDeviceExtension,
                                    ProcessorNumber, ProcessorIndex);
}

FORCEINLINE ULONG StorPortGetProcessorCount(PVOID HwDeviceExtension, PULONG ProcessorCount)
{
    return WDK_SINCE(NTDDI_WIN10_RS5, StorPortExtendedFunction(ExtFunctionGetProcessorCount,
                                                               HwDeviceExtension, ProcessorCount));
}

FORCEINLINE ULONG StorPortGetActiveGroupCount(PVOID HwDeviceExtension, PUSHORT NumberGroups)
{
    return StorPortExtendedFunction(ExtFunctionGetActiveGroupCount, HwDeviceExtension,
                                    NumberGroups);
}

FORCEINLINE ULONG StorPortGetGroupAffinity(PVOID HwDeviceExtension, USHORT GroupNumber,
                                           PKAFFINITY GroupAffinityMask)
{
    return StorPortExtendedFunction(ExtFunctionGetGroupAffinity, HwDeviceExtension, GroupNumber,
                                    GroupAffinityMask);
}

FORCEINLINE ULONG StorPortGetActiveNodeCount(PVOID HwDeviceExtension, PULONG NumberNodes)
{
    return StorPortExtendedFunction(ExtFunctionGetActiveNodeCount, HwDeviceExtension, NumberNodes);
}

FORCEINLINE ULONG StorPortGetHighestNodeNumber(PVOID HwDeviceExtension, PULONG HighestNode)
{
    return StorPortExtendedFunction(ExtFunctionGetHighestNodeNumber, HwDeviceExtension,
                                    HighestNode);
}

FORCEINLINE ULONG StorPortGetNodeAffinity(PVOID HwDeviceExtension, ULONG NodeNumber,
                                          PGROUP_AFFINITY NodeAffinityMask)
{
    return StorPortExtendedFunction(ExtFunctionGetNodeAffinity, HwDeviceExtension, NodeNumber,
                                    NodeAffinityMask);
}

FORCEINLINE ULONG StorPortGetNodeAffinity2(PVOID HwDeviceExtension, ULONG NodeNumber,
                                           PGROUP_AFFINITY GroupAffinities,
                                           USHORT GroupAffinitiesCount,
                                           PUSHORT GroupAffinitiesCountRequired)
{
    return WDK_SINCE(NTDDI_WIN10_FE,
                     StorPortExtendedFunction(ExtFunctionGetNodeAffinity2, HwDeviceExtension,
                                              NodeNumber, GroupAffinities, GroupAffinitiesCount,
                                              GroupAffinitiesCountRequired));
}

FORCEINLINE ULONG StorPortGetLogicalProcessorRelationship(
    PVOID HwDeviceExtension, PPROCESSOR_NUMBER ProcessorNumber,
    LOGICAL_PROCESSOR_RELATIONSHIP RelationshipType,
    PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX Information, PULONG Length)
{
    return StorPortExtendedFunction(ExtFunctionGetLogicalProcessorRelationship, HwDeviceExtension,
                                    ProcessorNumber, RelationshipType, Information, Length);
}

FORCEINLINE ULONG StorPortGetCurrentIrql(PVOID HwDeviceExtension, PKIRQL Irql)
{
    return WDK_SINCE(NTDDI_WIN10_FE,
                     StorPortExtendedFunction(ExtFunctionGetCurrentIrql, HwDeviceExtension, Irql));
}

/* Work items, timers and time. */
FORCEINLINE ULONG StorPortInitializeWorker(PVOID HwDeviceExtension, PVOID *Worker)
{
    return StorPortExtendedFunction(ExtFunctionInitializeWorker, HwDeviceExtension, Worker);
}

FORCEINLINE ULONG StorPortQueueWorkItem(PVOID HwDeviceExtension, PHW_WORKITEM WorkItemCallback,
                                        PVOID Worker, PVOID Context)
{
    return StorPortExtendedFunction(ExtFunctionQueueWorkItem, HwDeviceExtension, WorkItemCallback,
                                    Worker, Context);
}

FORCEINLINE ULONG StorPortFreeWorker(PVOID HwDeviceExtension, PVOID Worker)
{
    return StorPortExtendedFunction(ExtFunctionFreeWorker, HwDeviceExtension, Worker);
}

FORCEINLINE ULONG StorPortInitializeTimer(PVOID HwDeviceExtension, PVOID *TimerHandle)
{
    return StorPortExtendedFunction(ExtFunctionInitializeTimer, HwDeviceExtension, TimerHandle);
}

FORCEINLINE ULONG StorPortRequestTimer(PVOID HwDeviceExtension, PVOID TimerHandle,
                                       PHW_TIMER_EX TimerCallback, PVOID CallbackContext,
                                       ULONGLONG TimerValue, ULONGLONG TolerableDelay)
{
    return StorPortExtendedFunction(ExtFunctionRequestTimer, HwDeviceExtension, TimerHandle,
                                    TimerCallback, CallbackContext, TimerValue, TolerableDelay);
}

FORCEINLINE ULONG StorPortFreeTimer(PVOID HwDeviceExtension, PVOID TimerHandle)
{
    return StorPortExtendedFunction(ExtFunctionFreeTimer, HwDeviceExtension, TimerHandle);
}

FORCEINLINE ULONG StorPortInitializeHighResolutionTimer(PVOID HwDeviceExtension,
                                                        PHW_TIMER_EX Callback, PVOID Context,
                                                        PVOID *TimerHandle)
{
    return WDK_SINCE(NTDDI_WIN10_RS5,
                     StorPortExtendedFunction(ExtFunctionInitializeHighResolutionTimer,
                                              HwDeviceExtension, Callback, Context, TimerHandle));
}

FORCEINLINE ULONG StorPortRequestHighResolutionTimer(PVOID HwDeviceExtension, PVOID TimerHandle,
                                                     LONGLONG DueTime, LONGLONG Period,
                                                     PSTOR_EXT_SET_PARAMETERS Parameters,
                                                     BOOLEAN *ReturnValue)
{
    return WDK_SINCE(NTDDI_WIN10_RS5, StorPortExtendedFunction(
                                          ExtFunctionRequestHighResolutionTimer, HwDeviceExtension,
                                          TimerHandle, DueTime, Period, Parameters, ReturnValue));
}

FORCEINLINE ULONG StorPortCancelHighResolutionTimer(PVOID HwDeviceExtension, PVOID TimerHandle,
                                                    PVOID Parameters, BOOLEAN *ReturnValue)
{
    return WDK_SINCE(NTDDI_WIN10_RS5, StorPortExtendedFunction(ExtFunctionCancelHighResolutionTimer,
                                                               HwDeviceExtension, TimerHandle,
                                                               Parameters, ReturnValue));
}

FORCEINLINE ULONG StorPortFreeHighResolutionTimer(PVOID HwDeviceExtension, PVOID TimerHandle,
                                                  BOOLEAN Cancel, BOOLEAN Wait,
                                                  PSTOR_EXT_DELETE_PARAMETERS Parameters,
                                                  BOOLEAN *ReturnValue)
{
    return WDK_SINCE(NTDDI_WIN10_RS5,
                     StorPortExtendedFunction(ExtFunctionFreeHighResolutionTimer, HwDeviceExtension,
                                              TimerHandle, Cancel, Wait, Parameters, ReturnValue));
}

FORCEINLINE ULONG StorPortQueryTimerMinInterval(PVOID HwDeviceExtension, PULONG TimerMinInterval)
{
    return WDK_SINCE(NTDDI_WIN10_MN, StorPortExtendedFunction(ExtFunctionQueryTimerMinInterval,
                                                              HwDeviceExtension, TimerMinInterval));
}

FORCEINLINE ULONG StorPortQueryPerformanceCounter(PVOID HwDeviceExtension,
                                                  PLARGE_INTEGER PerformanceFrequency,
                                                  PLARGE_INTEGER PerformanceCounter)
{
    return StorPortExtendedFunction(ExtFunctionQueryPerformanceCounter, HwDeviceExtension,
                                    PerformanceFrequency, PerformanceCounter);
}

FORCEINLINE ULONG StorPortDelayExecution(PVOID HwDeviceExtension, ULONG DelayInMicroseconds)
{
    return WDK_SINCE(NTDDI_WIN10_RS4,
                     StorPortExtendedFunction(ExtFunctionDelayExecution, HwDeviceExtension,
                                              DelayInMicroseconds));
}

FORCEINLINE ULONG StorPortCancelDpc(PVOID HwDeviceExtension, PSTOR_DPC Dpc, BOOLEAN *ReturnValue)
{
    return WDK_SINCE(
        NTDDI_WIN10_RS5,
        StorPortExtendedFunction(ExtFunctionCancelDpc, HwDeviceExtension, Dpc, ReturnValue));
}

FORCEINLINE ULONG StorPortQueryDpcWatchdogInformation(
    PVOID HwDeviceExtension, PSTOR_DPC_WATCHDOG_INFORMATION DpcWatchdogInformation)
{
    return WDK_SINCE(NTDDI_WIN10_MN,
                     StorPortExtendedFunction(ExtFunctionQueryDpcWatchdogInformation,
                                              HwDeviceExtension, DpcWatchdogInformation));
}

/* Locks, lists and events. */
FORCEINLINE ULONG StorPortAcquireSpinLockEx(PVOID HwDeviceExtension, STOR_SPINLOCK SpinLock,
                                            PVOID LockContext, PSTOR_LOCK_HANDLE LockHandle)
{
    return WDK_SINCE(NTDDI_WIN10_RS5,
                     StorPortExtendedFunction(ExtFunctionAcquireSpinLock, HwDeviceExtension,
                                              SpinLock, LockContext, LockHandle));
}

FORCEINLINE ULONG StorPortInitializeSpinlock(PVOID HwDeviceExtension, PSTOR_KSPIN_LOCK Lock)
{
    return WDK_SINCE(NTDDI_WIN10_RS2, StorPortExtendedFunction(ExtFunctionInitializeSpinlock,
                                                               HwDeviceExtension, Lock));
}

FORCEINLINE ULONG StorPortInterlockedInsertHeadList(PVOID HwDeviceExtension,
                                                    PSTOR_LIST_ENTRY ListHead,
                                                    PSTOR_LIST_ENTRY ListEntry,
                                                    PSTOR_LIST_ENTRY *Result, PSTOR_KSPIN_LOCK Lock)
{
    return WDK_SINCE(NTDDI_WIN10_RS2, StorPortExtendedFunction(ExtFunctionInterlockedInsertHeadList,
                                                               HwDeviceExtension, ListHead,
                                                               ListEntry, Result, Lock));
}

FORCEINLINE ULONG StorPortInterlockedInsertTailList(PVOID HwDeviceExtension,
                                                    PSTOR_LIST_ENTRY ListHead,
                                                    PSTOR_LIST_ENTRY ListEntry,
                                                    PSTOR_LIST_ENTRY *Result, PSTOR_KSPIN_LOCK Lock)
{
    return WDK_SINCE(NTDDI_WIN10_RS2, StorPortExtendedFunction(ExtFunctionInterlockedInsertTailList,
                                                               HwDeviceExtension, ListHead,
                                                               ListEntry, Result, Lock));
}

FORCEINLINE ULONG StorPortInterlockedRemoveHeadList(PVOID HwDeviceExtension,
                                                    PSTOR_LIST_ENTRY ListHead,
                                                    PSTOR_LIST_ENTRY *Result, PSTOR_KSPIN_LOCK Lock)
{
    return WDK_SINCE(NTDDI_WIN10_RS2,
                     StorPortExtendedFunction(ExtFunctionInterlockedRemoveHeadList,
                                              HwDeviceExtension, ListHead, Result, Lock));
}

FORCEINLINE ULONG StorPortInitializeSListHead(PVOID HwDeviceExtension, PSTOR_SLIST_HEADER SListHead)
{
    return WDK_SINCE(NTDDI_WIN8, StorPortExtendedFunction(ExtFunctionInitializeSListHead,
                                                          HwDeviceExtension, SListHead));
}

FORCEINLINE ULONG StorPortInterlockedFlushSList(PVOID HwDeviceExtension,
                                                PSTOR_SLIST_HEADER SListHead,
                                                PSTOR_SLIST_ENTRY *Result)
{
    return WDK_SINCE(NTDDI_WIN8, StorPortExtendedFunction(ExtFunctionInterlockedFlushSList,
                                                          HwDeviceExtension, SListHead, Result));
}

FORCEINLINE ULONG StorPortInterlockedPopEntrySList(PVOID HwDeviceExtension,
                                                   PSTOR_SLIST_HEADER SListHead,
                                                   PSTOR_SLIST_ENTRY *Result)
{
    return WDK_SINCE(NTDDI_WIN8, StorPortExtendedFunction(ExtFunctionInterlockedPopEntrySList,
                                                          HwDeviceExtension, SListHead, Result));
}

FORCEINLINE ULONG StorPortInterlockedPushEntrySList(PVOID HwDeviceExtension,
                                                    PSTOR_SLIST_HEADER SListHead,
                                                    PSTOR_SLIST_ENTRY SListEntry,
                                                    PSTOR_SLIST_ENTRY *Result)
{
    return WDK_SINCE(NTDDI_WIN8,
                     StorPortExtendedFunction(ExtFunctionInterlockedPushEntrySList,
                                              HwDeviceExtension, SListHead, SListEntry, Result));
}

FORCEINLINE ULONG StorPortQueryDepthSList(PVOID HwDeviceExtension, PSTOR_SLIST_HEADER SListHead,
                                          PSHORT Result)
{
    return WDK_SINCE(NTDDI_WIN8, StorPortExtendedFunction(ExtFunctionQueryDepthSList,
                                                          HwDeviceExtension, SListHead, Result));
}

FORCEINLINE ULONG StorPortInitializeEvent(PVOID HwDeviceExtension, PSTOR_EVENT Event,
                                          STOR_EVENT_TYPE Type, BOOLEAN State)
{
    return WDK_SINCE(NTDDI_WIN10_VB,
                     StorPortExtendedFunction(ExtFunctionInitializeEvent, HwDeviceExtension, Event,
                                              Type, State));
}

FORCEINLINE ULONG StorPortSetEvent(PVOID HwDeviceExtension, PSTOR_EVENT Event)
{
    return WDK_SINCE(NTDDI_WIN10_VB,
                     StorPortExtendedFunction(ExtFunctionSetEvent, HwDeviceExtension, Event));
}

FORCEINLINE ULONG StorPortWaitForSingleObject(PVOID HwDeviceExtension, PVOID Object,
                                              BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    return WDK_SINCE(NTDDI_WIN10_VB,
                     StorPortExtendedFunction(ExtFunctionWaitForEvent, HwDeviceExtension, Object,
                                              Alertable, Timeout));
}

/* Threads. */
FORCEINLINE ULONG StorPortCreateSystemThread(PVOID HwDeviceExtension,
                                             PSTOR_THREAD_START_ROUTINE StartRoutine,
                                             PVOID StartContext, PSTOR_THREAD_PRIORITY Priority,
                                             PVOID *ThreadContext)
{
    return WDK_SINCE(NTDDI_WIN10_FE,
                     StorPortExtendedFunction(ExtFunctionCreateSystemThread, HwDeviceExtension,
                                              StartRoutine, StartContext, Priority, ThreadContext));
}

FORCEINLINE ULONG StorPortSetPriorityThread(PVOID HwDeviceExtension, PVOID ThreadContext,
                                            STOR_THREAD_PRIORITY Priority)
{
    return WDK_SINCE(NTDDI_WIN10_FE,
                     StorPortExtendedFunction(ExtFunctionSetPriorityThread, HwDeviceExtension,
                                              ThreadContext, Priority));
}

FORCEINLINE ULONG StorPortSetSystemGroupAffinityThread(PVOID HwDeviceExtension, PVOID ThreadContext,
                                                       PSTOR_GROUP_AFFINITY Affinity,
                                                       PSTOR_GROUP_AFFINITY PreviousAffinity)
{
    return WDK_SINCE(NTDDI_WIN10_FE, StorPortExtendedFunction(
                                         ExtFunctionSetSystemGroupAffinityThread, HwDeviceExtension,
                                         ThreadContext, Affinity, PreviousAffinity));
}

FORCEINLINE ULONG StorPortRevertToUserGroupAffinityThread(PVOID HwDeviceExtension,
                                                          PVOID ThreadContext,
                                                          PSTOR_GROUP_AFFINITY PreviousAffinity)
{
    return WDK_SINCE(NTDDI_WIN10_FE,
                     StorPortExtendedFunction(ExtFunctionRevertToUserGroupAffinityThread,
                                              HwDeviceExtension, ThreadContext, PreviousAffinity));
}
#endif

/*
 * The routines of Storport that are calls of StorPortExtendedFunction, for drivers only: the host
 * implements the functions behind the codes.
 *
 * A routine that is newer than the Windows a driver was built for calls nothing and fails with
 * STOR_STATUS_NOT_IMPLEMENTED.
 */
#ifndef WDK_STORAGE_STORPORT_CALLS_H
#define WDK_STORAGE_STORPORT_CALLS_H

#include "storport_exports.h"
#include "storport_extended.h"

#define WDK_SINCE(version, call) (NTDDI_VERSION >= (version) ? (call) : STOR_STATUS_NOT_IMPLEMENTED)

/* Memory: pool, contiguous memory, memory for DMA, host memory buffers. */
FORCEINLINE ULONG StorPortAllocatePool(PVOID HwDeviceExtension, ULONG NumberOfBytes, ULONG Tag,
                                       PVOID *BufferPointer)
{
    return StorPortExtendedFunction(ExtFunctionAllocatePool, HwDeviceExtension, NumberOfBytes, Tag,
                                    BufferPointer);
}

FORCEINLINE ULONG StorPortFreePool(PVOID HwDeviceExtension, PVOID BufferPointer)
{
    return StorPortExtendedFunction(ExtFunctionFreePool, HwDeviceExtension, BufferPointer);
}

FORCEINLINE ULONG StorPortAllocateContiguousMemorySpecifyCacheNode(
    PVOID HwDeviceExtension, SIZE_T NumberOfBytes, PHYSICAL_ADDRESS LowestAcceptableAddress,
    PHYSICAL_ADDRESS HighestAcceptableAddress, PHYSICAL_ADDRESS BoundaryAddressMultiple,
    MEMORY_CACHING_TYPE CacheType, NODE_REQUIREMENT PreferredNode, PVOID *BufferPointer)
{
    return StorPortExtendedFunction(ExtFunctionAllocateContiguousMemorySpecifyCacheNode,
                                    HwDeviceExtension, NumberOfBytes, LowestAcceptableAddress,
                                    HighestAcceptableAddress, BoundaryAddressMultiple, CacheType,
                                    PreferredNode, BufferPointer);
}

FORCEINLINE ULONG StorPortFreeContiguousMemorySpecifyCache(PVOID HwDeviceExtension,
                                                           PVOID BaseAddress, SIZE_T NumberOfBytes,
                                                           MEMORY_CACHING_TYPE CacheType)
{
    return StorPortExtendedFunction(ExtFunctionFreeContiguousMemorySpecifyCache, HwDeviceExtension,
                                    BaseAddress, NumberOfBytes, CacheType);
}

FORCEINLINE ULONG StorPortAllocateDmaMemory(PVOID HwDeviceExtension, SIZE_T NumberOfBytes,
                                            PHYSICAL_ADDRESS LowestAcceptableAddress,
                                            PHYSICAL_ADDRESS HighestAcceptableAddress,
                                            PHYSICAL_ADDRESS BoundaryAddressMultiple,
                                            MEMORY_CACHING_TYPE CacheType,
                                            NODE_REQUIREMENT PreferredNode, PVOID *BufferPointer,
                                            PPHYSICAL_ADDRESS PhysicalAddress)
{
    return WDK_SINCE(NTDDI_WIN10_RS4,
                     StorPortExtendedFunction(
                         ExtFunctionAllocateDmaMemory, HwDeviceExtension, NumberOfBytes,
                         LowestAcceptableAddress, HighestAcceptableAddress, BoundaryAddressMultiple,
                         CacheType, PreferredNode, BufferPointer, PhysicalAddress));
}

FORCEINLINE ULONG StorPortFreeDmaMemory(PVOID HwDeviceExtension, PVOID BaseAddress,
                                        SIZE_T NumberOfBytes, MEMORY_CACHING_TYPE CacheType,
                                        PHYSICAL_ADDRESS PhysicalAddress)
{
    return WDK_SINCE(NTDDI_WIN10_RS4, StorPortExtendedFunction(
                                          ExtFunctionFreeDmaMemory, HwDeviceExtension, BaseAddress,
                                          NumberOfBytes, CacheType, PhysicalAddress));
}

FORCEINLINE ULONG StorPortAllocateHostMemoryBuffer(
    PVOID HwDeviceExtension, SIZE_T MinimumBytes, SIZE_T PreferredBytes, ULONGLONG UtilizationBytes,
    ULONG AlignmentBytes, PHYSICAL_ADDRESS LowestAcceptableAddress,
    PHYSICAL_ADDRESS HighestAcceptableAddress, PHYSICAL_ADDRESS BoundaryAddressMultiple,
    PACCESS_RANGE PhysicalAddressRanges, PULONG PhysicalAddressRangeCount)
{
    return StorPortExtendedFunction(
        ExtFunctionAllocateHmb, HwDeviceExtension, MinimumBytes, PreferredBytes, UtilizationBytes,
        AlignmentBytes, LowestAcceptableAddress, HighestAcceptableAddress, BoundaryAddressMultiple,
        PhysicalAddressRanges, PhysicalAddressRangeCount);
}

FORCEINLINE ULONG StorPortFreeHostMemoryBuffer(PVOID HwDeviceExtension,
                                               PACCESS_RANGE PhysicalAddressRanges,
                                               ULONG PhysicalAddressRangeCount)
{
    return StorPortExtendedFunction(ExtFunctionFreeHmb, HwDeviceExtension, PhysicalAddressRanges,
                                    PhysicalAddressRangeCount);
}

FORCEINLINE ULONG StorPortMarkDumpMemory(PVOID HwDeviceExtension, PVOID Address, ULONG_PTR Length,
                                         ULONG Flags)
{
    return StorPortExtendedFunction(ExtFunctionMarkDumpMemory, HwDeviceExtension, Address, Length,
                                    Flags);
}

/* Memory descriptor lists and scatter/gather lists. */
FORCEINLINE ULONG StorPortAllocateMdl(PVOID HwDeviceExtension, PVOID BufferPointer,
                                      ULONG NumberOfBytes, PVOID *Mdl)
{
    return StorPortExtendedFunction(ExtFunctionAllocateMdl, HwDeviceExtension, BufferPointer,
                                    NumberOfBytes, Mdl);
}

FORCEINLINE ULONG StorPortFreeMdl(PVOID HwDeviceExtension, PVOID Mdl)
{
    return StorPortExtendedFunction(ExtFunctionFreeMdl, HwDeviceExtension, Mdl);
}

FORCEINLINE ULONG StorPortBuildMdlForNonPagedPool(PVOID HwDeviceExtension, PVOID Mdl)
{
    return StorPortExtendedFunction(ExtFunctionBuildMdlForNonPagedPool, HwDeviceExtension, Mdl);
}

FORCEINLINE ULONG StorPortGetPfns(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb, PVOID Mdl,
                                  PVOID *Pfns, ULONG *PfnCount, ULONG *StartingOffset)
{
    return WDK_SINCE(NTDDI_WIN10_RS2,
                     StorPortExtendedFunction(ExtFunctionGetPfns, HwDeviceExtension, Srb, Mdl, Pfns,
                                              PfnCount, StartingOffset));
}

FORCEINLINE ULONG StorPortBuildScatterGatherList(PVOID HwDeviceExtension, PVOID Mdl,
                                                 PVOID CurrentVa, ULONG Length,
                                                 PPOST_SCATTER_GATHER_EXECUTE ExecutionRoutine,
                                                 PVOID Context, BOOLEAN WriteToDevice,
                                                 PVOID ScatterGatherBuffer,
                                                 ULONG ScatterGatherBufferLength)
{
    return StorPortExtendedFunction(ExtFunctionBuildScatterGatherList, HwDeviceExtension, Mdl,
                                    CurrentVa, Length, ExecutionRoutine, Context, WriteToDevice,
                                    ScatterGatherBuffer, ScatterGatherBufferLength);
}

FORCEINLINE ULONG StorPortPutScatterGatherList(PVOID HwDeviceExtension,
                                               PSTOR_SCATTER_GATHER_LIST ScatterGatherList,
                                               BOOLEAN WriteToDevice)
{
    return StorPortExtendedFunction(ExtFunctionPutScatterGatherList, HwDeviceExtension,
                                    ScatterGatherList, WriteToDevice);
}

/* A request: its data, its origin, its identity for tracing. */
FORCEINLINE ULONG StorPortGetSystemAddress(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb,
                                           PVOID *SystemAddress)
{
    return StorPortExtendedFunction(ExtFunctionGetSystemAddress, HwDeviceExtension, Srb,
                                    SystemAddress);
}

FORCEINLINE ULONG StorPortGetOriginalMdl(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb,
                                         PVOID *Mdl)
{
    return StorPortExtendedFunction(ExtFunctionGetOriginalMdl, HwDeviceExtension, Srb, Mdl);
}

FORCEINLINE ULONG StorPortGetDataInBufferMdl(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb,
                                             PVOID *Mdl)
{
    return StorPortExtendedFunction(ExtFunctionGetDataInBufferMdl, HwDeviceExtension, Srb, Mdl);
}

FORCEINLINE ULONG StorPortGetDataInBufferSystemAddress(PVOID HwDeviceExtension,
                                                       PSCSI_REQUEST_BLOCK Srb,
                                                       PVOID *SystemAddress)
{
    return StorPortExtendedFunction(ExtFunctionGetDataInBufferSystemAddress, HwDeviceExtension, Srb,
                                    SystemAddress);
}

FORCEINLINE ULONG StorPortGetDataInBufferScatterGatherList(PVOID HwDeviceExtension,
                                                           PSCSI_REQUEST_BLOCK Srb,
                                                           PSTOR_SCATTER_GATHER_LIST *SgList)
{
    return StorPortExtendedFunction(ExtFunctionGetDataInBufferScatterGatherList, HwDeviceExtension,
                                    Srb, SgList);
}

FORCEINLINE ULONG StorPortGetRequestInfo(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb,
                                         PSTOR_REQUEST_INFO RequestInfo)
{
    return StorPortExtendedFunction(ExtFunctionGetRequestInfo, HwDeviceExtension, Srb, RequestInfo);
}

FORCEINLINE ULONG StorPortGetStartIoPerfParams(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb,
                                               PSTARTIO_PERFORMANCE_PARAMETERS StartIoPerfParams)
{
    return StorPortExtendedFunction(ExtFunctionGetStartIoPerformanceParameters, HwDeviceExtension,
                                    Srb, StartIoPerfParams);
}

FORCEINLINE ULONG StorPortGetActivityIdSrb(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb,
                                           LPGUID ActivityId)
{
    return StorPortExtendedFunction(ExtFunctionGetActivityId, HwDeviceExtension, Srb, ActivityId);
}

FORCEINLINE ULONG StorPortPropagateIrpExtension(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb,
                                                PVOID TargetIrp, ULONG Flags)
{
    return WDK_SINCE(NTDDI_WIN10,
                     StorPortExtendedFunction(ExtFunctionPropagateIrpExtension, HwDeviceExtension,
                                              Srb, TargetIrp, Flags));
}

FORCEINLINE ULONG StorPortGetRequestCryptoInfo(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb,
                                               PSTOR_CRYPTO_KEY_INFO CryptoKeyInfo)
{
    return StorPortExtendedFunction(ExtFunctionGetRequestCryptoInfo, HwDeviceExtension, Srb,
                                    CryptoKeyInfo);
}

FORCEINLINE ULONG StorPortCompleteServiceIrp(PVOID HwDeviceExtension, PVOID Irp)
{
    return StorPortExtendedFunction(ExtFunctionCompleteServiceIrp, HwDeviceExtension, Irp);
}

/* The adapter: device objects, limits, features, resets. */
FORCEINLINE ULONG StorPortGetDeviceObjects(PVOID HwDeviceExtension, PVOID *AdapterDeviceObject,
                                           PVOID *PhysicalDeviceObject, PVOID *LowerDeviceObject)
{
    return StorPortExtendedFunction(ExtFunctionGetDeviceObjects, HwDeviceExtension,
                                    AdapterDeviceObject, PhysicalDeviceObject, LowerDeviceObject);
}

#if NTDDI_VERSION >= NTDDI_WIN8
FORCEINLINE ULONG StorPortGetSystemPortNumber(PVOID HwDeviceExtension, PSTOR_ADDRESS Address)
{
    return StorPortExtendedFunction(ExtFunctionGetSystemPortNumber, HwDeviceExtension, Address);
}
#endif

FORCEINLINE ULONG StorPortSetAdapterBusType(PVOID HwDeviceExtension, ULONG BusType)
{
    return StorPortExtendedFunction(ExtFunctionSetAdapterBusType, HwDeviceExtension, BusType);
}

FORCEINLINE ULONG StorPortSetUnitAttributes(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                            STOR_UNIT_ATTRIBUTES Attributes)
{
    return StorPortExtendedFunction(ExtFunctionSetUnitAttributes, HwDeviceExtension, Address,
                                    Attributes);
}

FORCEINLINE ULONG StorPortUpdateAdapterMaxIO(PVOID HwDeviceExtension, ULONG MaxIoCount)
{
    return WDK_SINCE(NTDDI_WIN10_RS3, StorPortExtendedFunction(ExtFunctionUpdateAdapterMaxIO,
                                                               HwDeviceExtension, MaxIoCount));
}

FORCEINLINE ULONG StorPortUpdatePortConfigMaxIOInfo(PVOID HwDeviceExtension, ULONG MaxIoCount,
                                                    ULONG MaxIosPerLun)
{
    return WDK_SINCE(NTDDI_WIN10_RS5,
                     StorPortExtendedFunction(ExtFunctionUpdateAdapterMaxIOInfo, HwDeviceExtension,
                                              MaxIoCount, MaxIosPerLun));
}

FORCEINLINE ULONG StorPortSetFeatureList(PVOID HwDeviceExtension, ULONG FeatureCount,
                                         PBOOLEAN FeatureList)
{
    return WDK_SINCE(NTDDI_WIN10_VB,
                     StorPortExtendedFunction(ExtFunctionSetFeatureList, HwDeviceExtension,
                                              FeatureCount, FeatureList));
}

FORCEINLINE ULONG StorPortQueryConfiguration(PVOID HwDeviceExtension,
                                             STORPORT_QUERY_CONFIGURATION_TYPE Type,
                                             PBOOLEAN Enabled)
{
    return WDK_SINCE(NTDDI_WIN10_19H1, StorPortExtendedFunction(ExtFunctionQueryConfiguration,
                                                                HwDeviceExtension, Type, Enabled));
}

FORCEINLINE ULONG StorPortIsCurrentOsInstallationUpgrade(PVOID HwDeviceExtension, BOOLEAN *Upgraded)
{
    return StorPortExtendedFunction(ExtFunctionCurrentOsInstallationUpgrade, HwDeviceExtension,
                                    Upgraded);
}

FORCEINLINE ULONG StorPortIsDeviceOperationAllowed(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                   LPCGUID DeviceOperation, ULONG *AllowedFlag)
{
    return StorPortExtendedFunction(ExtFunctionDeviceOperationAllowed, HwDeviceExtension, Address,
                                    DeviceOperation, AllowedFlag);
}

FORCEINLINE ULONG StorPortHardwareReset(PVOID HwDeviceExtension, STOR_DEVICE_RESET_TYPE Type)
{
    return WDK_SINCE(NTDDI_WIN10_VB,
                     StorPortExtendedFunction(ExtFunctionDeviceReset, HwDeviceExtension, Type));
}

FORCEINLINE ULONG StorPortHardwareResetEx(PVOID HwDeviceExtension, STOR_DEVICE_RESET_TYPE ResetType,
                                          ULONGLONG Flags, PVOID AdditionalParameters)
{
    return WDK_SINCE(NTDDI_WIN10_FE,
                     StorPortExtendedFunction(ExtFunctionDeviceResetEx, HwDeviceExtension,
                                              ResetType, Flags, AdditionalParameters));
}

FORCEINLINE ULONG StorPortInitializeCryptoEngine(
    PVOID HwDeviceExtension, PSTOR_CRYPTO_CAPABILITIES_DATA CryptoCapabilitiesData)
{
    return StorPortExtendedFunction(ExtFunctionInitializeCryptoEngine, HwDeviceExtension,
                                    CryptoCapabilitiesData);
}

FORCEINLINE ULONG StorPortInitializeRpmb(PVOID HwDeviceExtension, PSTOR_ADDRESS StorAddress,
                                         PSTOR_RPMB_CAPABILITIES_DATA RpmbCapabilitiesData)
{
    return StorPortExtendedFunction(ExtFunctionInitializeRpmb, HwDeviceExtension, StorAddress,
                                    RpmbCapabilitiesData);
}

FORCEINLINE ULONG StorPortInvokeAcpiMethod(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                           ULONG MethodName, PVOID InputBuffer,
                                           ULONG InputBufferLength, PVOID OutputBuffer,
                                           ULONG OutputBufferLength, PULONG BytesReturned)
{
    return StorPortExtendedFunction(ExtFunctionInvokeAcpiMethod, HwDeviceExtension, Address,
                                    MethodName, InputBuffer, InputBufferLength, OutputBuffer,
                                    OutputBufferLength, BytesReturned);
}

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

/* Power: notifications and runtime power management. */
FORCEINLINE ULONG StorPortSetPowerSettingNotificationGuids(PVOID HwDeviceExtension, ULONG GuidCount,
                                                           LPGUID Guid)
{
    return StorPortExtendedFunction(ExtFunctionSetPowerSettingNotificationGuids, HwDeviceExtension,
                                    GuidCount, Guid);
}

FORCEINLINE ULONG StorPortInitializePoFxPower(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                              PSTOR_POFX_DEVICE Device, PBOOLEAN D3ColdEnabled)
{
    return StorPortExtendedFunction(ExtFunctionInitializePoFxPower, HwDeviceExtension, Address,
                                    Device, D3ColdEnabled);
}

FORCEINLINE ULONG StorPortPoFxActivateComponent(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                PSCSI_REQUEST_BLOCK Srb, ULONG Component,
                                                ULONG Flags)
{
    return WDK_SINCE(NTDDI_WIN8,
                     StorPortExtendedFunction(ExtFunctionPoFxActivateComponent, HwDeviceExtension,
                                              Address, Srb, Component, Flags));
}

FORCEINLINE ULONG StorPortPoFxIdleComponent(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                            PSCSI_REQUEST_BLOCK Srb, ULONG Component, ULONG Flags)
{
    return WDK_SINCE(NTDDI_WIN8,
                     StorPortExtendedFunction(ExtFunctionPoFxIdleComponent, HwDeviceExtension,
                                              Address, Srb, Component, Flags));
}

FORCEINLINE ULONG StorPortPoFxSetComponentLatency(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                  ULONG Component, ULONGLONG Latency)
{
    return StorPortExtendedFunction(ExtFunctionPoFxSetComponentLatency, HwDeviceExtension, Address,
                                    Component, Latency);
}

FORCEINLINE ULONG StorPortPoFxSetComponentResidency(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                    ULONG Component, ULONGLONG Residency)
{
    return StorPortExtendedFunction(ExtFunctionPoFxSetComponentResidency, HwDeviceExtension,
                                    Address, Component, Residency);
}

FORCEINLINE ULONG StorPortPoFxSetIdleTimeout(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                             ULONG IdleTimeoutInMS)
{
    return StorPortExtendedFunction(ExtFunctionPoFxSetIdleTimeout, HwDeviceExtension, Address,
                                    IdleTimeoutInMS);
}

FORCEINLINE ULONG StorPortPoFxPowerControl(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                           LPCGUID PowerControlCode, PVOID InBuffer,
                                           SIZE_T InBufferSize, PVOID OutBuffer,
                                           SIZE_T OutBufferSize, PSIZE_T BytesReturned)
{
    return StorPortExtendedFunction(ExtFunctionPoFxPowerControl, HwDeviceExtension, Address,
                                    PowerControlCode, InBuffer, InBufferSize, OutBuffer,
                                    OutBufferSize, BytesReturned);
}

FORCEINLINE ULONG StorPortPoFxRegisterPerfStates(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                 ULONG Component, ULONGLONG Flags,
                                                 ULONG PerfSetCount,
                                                 PSTOR_POFX_COMPONENT_PERF_SET PerfSets)
{
    return StorPortExtendedFunction(ExtFunctionPoFxRegisterPerfStates, HwDeviceExtension, Address,
                                    Component, Flags, PerfSetCount, PerfSets);
}

FORCEINLINE ULONG StorPortPoFxRegisterPerfStatesEx(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                   ULONG Component, ULONGLONG Flags,
                                                   PULONG PerfSetCount,
                                                   PSTOR_POFX_COMPONENT_PERF_SET PerfSets,
                                                   PSTOR_POFX_COMPONENT_PERF_SET *PerfSetsFromPEP)
{
    return StorPortExtendedFunction(ExtFunctionPoFxRegisterPerfStatesEx, HwDeviceExtension, Address,
                                    Component, Flags, PerfSetCount, PerfSets, PerfSetsFromPEP);
}

FORCEINLINE ULONG StorPortPoFxSetPerfState(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                           ULONG Component, ULONG Flags, ULONG SetIndex,
                                           ULONG State, PVOID Context)
{
    return StorPortExtendedFunction(ExtFunctionPoFxSetPerfState, HwDeviceExtension, Address,
                                    Component, Flags, SetIndex, State, Context);
}

FORCEINLINE ULONG StorPortGetD3ColdSupport(PVOID HwDeviceExtension, PVOID Address,
                                           PBOOLEAN Supported)
{
    return StorPortExtendedFunction(ExtFunctionGetD3ColdSupport, HwDeviceExtension, Address,
                                    Supported);
}

/* The adapter's key in the registry. */
FORCEINLINE ULONG StorPortRegistryReadAdapterKey(PVOID HwDeviceExtension, PUCHAR SubKeyName,
                                                 PUCHAR ValueName, ULONG ValueType,
                                                 PVOID *ValueData, PULONG ValueDataLength)
{
    return StorPortExtendedFunction(ExtFunctionRegistryReadAdapterKey, HwDeviceExtension,
                                    SubKeyName, ValueName, ValueType, ValueData, ValueDataLength);
}

FORCEINLINE ULONG StorPortRegistryWriteAdapterKey(PVOID HwDeviceExtension, PUCHAR SubKeyName,
                                                  PUCHAR ValueName, ULONG ValueType,
                                                  PVOID ValueData, ULONG ValueDataLength)
{
    return StorPortExtendedFunction(ExtFunctionRegistryWriteAdapterKey, HwDeviceExtension,
                                    SubKeyName, ValueName, ValueType, ValueData, ValueDataLength);
}

FORCEINLINE ULONG StorPortEnableRegistryKeyNotification(
    PVOID HwDeviceExtension, PHW_REGISTRY_NOTIFICATION_ROUTINE NotificationCallback)
{
    return WDK_SINCE(NTDDI_WIN10_NI,
                     StorPortExtendedFunction(ExtFunctionEnableRegistryKeyNotification,
                                              HwDeviceExtension, NotificationCallback));
}

/* Events, telemetry and dumps. */
FORCEINLINE ULONG StorPortLogSystemEvent(PVOID HwDeviceExtension,
                                         PSTOR_LOG_EVENT_DETAILS LogDetails, PULONG MaximumSize)
{
    return StorPortExtendedFunction(ExtFunctionLogSystemEvent, HwDeviceExtension, LogDetails,
                                    MaximumSize);
}

FORCEINLINE ULONG StorPortEtwEvent2(PVOID HwDeviceExtension, PSTOR_ADDRESS Address, ULONG EventId,
                                    PWSTR EventDescription, ULONGLONG EventKeywords,
                                    STORPORT_ETW_LEVEL EventLevel,
                                    STORPORT_ETW_EVENT_OPCODE EventOpcode, PSCSI_REQUEST_BLOCK Srb,
                                    PWSTR Parameter1Name, ULONGLONG Parameter1Value,
                                    PWSTR Parameter2Name, ULONGLONG Parameter2Value)
{
#if NTDDI_VERSION >= NTDDI_WIN10_RS5
    return StorPortExtendedFunction(ExtFunctionMiniportChannelEtwEvent2, HwDeviceExtension, Address,
                                    StorportEtwEventDiagnostic, EventId, EventDescription,
                                    EventKeywords, EventLevel, EventOpcode, Srb, Parameter1Name,
                                    Parameter1Value, Parameter2Name, Parameter2Value);
#else
    return WDK_SINCE(NTDDI_WINBLUE,
                     StorPortExtendedFunction(ExtFunctionMiniportEtwEvent2, HwDeviceExtension,
                                              Address, EventId, EventDescription, EventKeywords,
                                              EventLevel, EventOpcode, Srb, Parameter1Name,
                                              Parameter1Value, Parameter2Name, Parameter2Value));
#endif
}

FORCEINLINE ULONG StorPortEtwEvent4(PVOID HwDeviceExtension, PSTOR_ADDRESS Address, ULONG EventId,
                                    PWSTR EventDescription, ULONGLONG EventKeywords,
                                    STORPORT_ETW_LEVEL EventLevel,
                                    STORPORT_ETW_EVENT_OPCODE EventOpcode, PSCSI_REQUEST_BLOCK Srb,
                                    PWSTR Parameter1Name, ULONGLONG Parameter1Value,
                                    PWSTR Parameter2Name, ULONGLONG Parameter2Value,
                                    PWSTR Parameter3Name, ULONGLONG Parameter3Value,
                                    PWSTR Parameter4Name, ULONGLONG Parameter4Value)
{
#if NTDDI_VERSION >= NTDDI_WIN10_RS5
    return StorPortExtendedFunction(
        ExtFunctionMiniportChannelEtwEvent4, HwDeviceExtension, Address, StorportEtwEventDiagnostic,
        EventId, EventDescription, EventKeywords, EventLevel, EventOpcode, Srb, Parameter1Name,
        Parameter1Value, Parameter2Name, Parameter2Value, Parameter3Name, Parameter3Value,
        Parameter4Name, Parameter4Value);
#else
    return WDK_SINCE(
        NTDDI_WINBLUE,
        StorPortExtendedFunction(ExtFunctionMiniportEtwEvent4, HwDeviceExtension, Address, EventId,
                                 EventDescription, EventKeywords, EventLevel, EventOpcode, Srb,
                                 Parameter1Name, Parameter1Value, Parameter2Name, Parameter2Value,
                                 Parameter3Name, Parameter3Value, Parameter4Name, Parameter4Value));
#endif
}

FORCEINLINE ULONG StorPortEtwEvent8(
    PVOID HwDeviceExtension, PSTOR_ADDRESS Address, ULONG EventId, PWSTR EventDescription,
    ULONGLONG EventKeywords, STORPORT_ETW_LEVEL EventLevel, STORPORT_ETW_EVENT_OPCODE EventOpcode,
    PSCSI_REQUEST_BLOCK Srb, PWSTR Parameter1Name, ULONGLONG Parameter1Value, PWSTR Parameter2Name,
    ULONGLONG Parameter2Value, PWSTR Parameter3Name, ULONGLONG Parameter3Value,
    PWSTR Parameter4Name, ULONGLONG Parameter4Value, PWSTR Parameter5Name,
    ULONGLONG Parameter5Value, PWSTR Parameter6Name, ULONGLONG Parameter6Value,
    PWSTR Parameter7Name, ULONGLONG Parameter7Value, PWSTR Parameter8Name,
    ULONGLONG Parameter8Value)
{
#if NTDDI_VERSION >= NTDDI_WIN10_RS5
    return StorPortExtendedFunction(
        ExtFunctionMiniportChannelEtwEvent8, HwDeviceExtension, Address, StorportEtwEventDiagnostic,
        EventId, EventDescription, EventKeywords, EventLevel, EventOpcode, Srb, Parameter1Name,
        Parameter1Value, Parameter2Name, Parameter2Value, Parameter3Name, Parameter3Value,
        Parameter4Name, Parameter4Value, Parameter5Name, Parameter5Value, Parameter6Name,
        Parameter6Value, Parameter7Name, Parameter7Value, Parameter8Name, Parameter8Value);
#else
    return WDK_SINCE(
        NTDDI_WINBLUE,
        StorPortExtendedFunction(ExtFunctionMiniportEtwEvent8, HwDeviceExtension, Address, EventId,
                                 EventDescription, EventKeywords, EventLevel, EventOpcode, Srb,
                                 Parameter1Name, Parameter1Value, Parameter2Name, Parameter2Value,
                                 Parameter3Name, Parameter3Value, Parameter4Name, Parameter4Value,
                                 Parameter5Name, Parameter5Value, Parameter6Name, Parameter6Value,
                                 Parameter7Name, Parameter7Value, Parameter8Name, Parameter8Value));
#endif
}

FORCEINLINE ULONG StorPortEtwChannelEvent2(
    PVOID HwDeviceExtension, PSTOR_ADDRESS Address, STORPORT_ETW_EVENT_CHANNEL EventChannel,
    ULONG EventId, PWSTR EventDescription, ULONGLONG EventKeywords, STORPORT_ETW_LEVEL EventLevel,
    STORPORT_ETW_EVENT_OPCODE EventOpcode, PSCSI_REQUEST_BLOCK Srb, PWSTR Parameter1Name,
    ULONGLONG Parameter1Value, PWSTR Parameter2Name, ULONGLONG Parameter2Value)
{
    return WDK_SINCE(NTDDI_WIN10_RS5,
                     StorPortExtendedFunction(ExtFunctionMiniportChannelEtwEvent2,
                                              HwDeviceExtension, Address, EventChannel, EventId,
                                              EventDescription, EventKeywords, EventLevel,
                                              EventOpcode, Srb, Parameter1Name, Parameter1Value,
                                              Parameter2Name, Parameter2Value));
}

FORCEINLINE ULONG StorPortEtwChannelEvent4(
    PVOID HwDeviceExtension, PSTOR_ADDRESS Address, STORPORT_ETW_EVENT_CHANNEL EventChannel,
    ULONG EventId, PWSTR EventDescription, ULONGLONG EventKeywords, STORPORT_ETW_LEVEL EventLevel,
    STORPORT_ETW_EVENT_OPCODE EventOpcode, PSCSI_REQUEST_BLOCK Srb, PWSTR Parameter1Name,
    ULONGLONG Parameter1Value, PWSTR Parameter2Name, ULONGLONG Parameter2Value,
    PWSTR Parameter3Name, ULONGLONG Parameter3Value, PWSTR Parameter4Name,
    ULONGLONG Parameter4Value)
{
    return WDK_SINCE(NTDDI_WIN10_RS5,
                     StorPortExtendedFunction(ExtFunctionMiniportChannelEtwEvent4,
                                              HwDeviceExtension, Address, EventChannel, EventId,
                                              EventDescription, EventKeywords, EventLevel,
                                              EventOpcode, Srb, Parameter1Name, Parameter1Value,
                                              Parameter2Name, Parameter2Value, Parameter3Name,
                                              Parameter3Value, Parameter4Name, Parameter4Value));
}

FORCEINLINE ULONG StorPortEtwChannelEvent8(
    PVOID HwDeviceExtension, PSTOR_ADDRESS Address, STORPORT_ETW_EVENT_CHANNEL EventChannel,
    ULONG EventId, PWSTR EventDescription, ULONGLONG EventKeywords, STORPORT_ETW_LEVEL EventLevel,
    STORPORT_ETW_EVENT_OPCODE EventOpcode, PSCSI_REQUEST_BLOCK Srb, PWSTR Parameter1Name,
    ULONGLONG Parameter1Value, PWSTR Parameter2Name, ULONGLONG Parameter2Value,
    PWSTR Parameter3Name, ULONGLONG Parameter3Value, PWSTR Parameter4Name,
    ULONGLONG Parameter4Value, PWSTR Parameter5Name, ULONGLONG Parameter5Value,
    PWSTR Parameter6Name, ULONGLONG Parameter6Value, PWSTR Parameter7Name,
    ULONGLONG Parameter7Value, PWSTR Parameter8Name, ULONGLONG Parameter8Value)
{
    return WDK_SINCE(
        NTDDI_WIN10_RS5,
        StorPortExtendedFunction(
            ExtFunctionMiniportChannelEtwEvent8, HwDeviceExtension, Address, EventChannel, EventId,
            EventDescription, EventKeywords, EventLevel, EventOpcode, Srb, Parameter1Name,
            Parameter1Value, Parameter2Name, Parameter2Value, Parameter3Name, Parameter3Value,
            Parameter4Name, Parameter4Value, Parameter5Name, Parameter5Value, Parameter6Name,
            Parameter6Value, Parameter7Name, Parameter7Value, Parameter8Name, Parameter8Value));
}

FORCEINLINE ULONG StorPortEtwLogByteStream(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                           STORPORT_ETW_EVENT_CHANNEL EventChannel, ULONG EventId,
                                           PWSTR EventDescription, ULONGLONG EventKeywords,
                                           STORPORT_ETW_LEVEL EventLevel,
                                           STORPORT_ETW_EVENT_OPCODE EventOpcode, USHORT DataLength,
                                           PUCHAR Data)
{
    return WDK_SINCE(NTDDI_WIN10_MN, StorPortExtendedFunction(
                                         ExtFunctionMiniportLogByteStream, HwDeviceExtension,
                                         Address, EventChannel, EventId, EventDescription,
                                         EventKeywords, EventLevel, EventOpcode, DataLength, Data));
}

FORCEINLINE ULONG StorPortEtwLogError(PVOID HwDeviceExtension, PSTOR_ADDRESS Address, ULONG Id,
                                      PWSTR Description, ULONG DataBufferLength, PVOID DataBuffer)
{
    return WDK_SINCE(NTDDI_WIN10_19H1, StorPortExtendedFunction(
                                           ExtFunctionLogHardwareError, HwDeviceExtension, Address,
                                           Id, Description, DataBufferLength, DataBuffer));
}

FORCEINLINE ULONG StorPortLogTelemetry(PVOID HwDeviceExtension, PSTOR_ADDRESS StorAddress,
                                       PSTORPORT_TELEMETRY_EVENT Event)
{
    return WDK_SINCE(NTDDI_WIN10_RS2,
                     StorPortExtendedFunction(ExtFunctionMiniportTelemetry, HwDeviceExtension,
                                              StorAddress, Event));
}

FORCEINLINE ULONG StorPortLogTelemetryEx(PVOID HwDeviceExtension, PSTOR_ADDRESS StorAddress,
                                         PSTORPORT_TELEMETRY_EVENT Event,
                                         STOR_TELEMETRY_CATEGORY Category)
{
    return WDK_SINCE(NTDDI_WIN10_19H1,
                     StorPortExtendedFunction(ExtFunctionMiniportTelemetryEx, HwDeviceExtension,
                                              StorAddress, Event, Category));
}

FORCEINLINE ULONG StorPortCaptureLiveDump(PVOID HwDeviceExtension, PSTOR_ADDRESS StorAddress,
                                          PSTORPORT_CAPTURE_LIVEDUMP CaptureLivedump)
{
    return WDK_SINCE(NTDDI_WIN10_MN,
                     StorPortExtendedFunction(ExtFunctionCaptureLiveDump, HwDeviceExtension,
                                              StorAddress, CaptureLivedump));
}

FORCEINLINE ULONG StorPortMiniportReportInternalData(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                     PVOID CallbackContext, ULONG DataCount,
                                                     PMINIPORT_DATA Data)
{
    return WDK_SINCE(NTDDI_WIN10_FE, StorPortExtendedFunction(ExtFunctionMiniportReportInternalData,
                                                              HwDeviceExtension, Address,
                                                              CallbackContext, DataCount, Data));
}

/* Nothing to do on x64, where caches are coherent with DMA. */
FORCEINLINE ULONG StorPortFlushDataBufferMdl(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    UNREFERENCED_PARAMETER(HwDeviceExtension);
    UNREFERENCED_PARAMETER(Srb);
    return STOR_STATUS_SUCCESS;
}

/* Copies and refuses what does not fit. */
FORCEINLINE ULONG StorPortSecureCopyMemory(PVOID Destination, SIZE_T DestinationSize,
                                           const PVOID Source, SIZE_T NumberOfBytesToCopy)
{
    if (Destination == NULL || Source == NULL)
        return STOR_STATUS_INVALID_PARAMETER;
    if (NumberOfBytesToCopy > DestinationSize)
        return STOR_STATUS_BUFFER_TOO_SMALL;
    memcpy(Destination, Source, NumberOfBytesToCopy);
    return STOR_STATUS_SUCCESS;
}

#endif

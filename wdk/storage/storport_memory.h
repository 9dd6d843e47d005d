/*
 * Memory that a miniport allocates, descriptor and scatter/gather lists, and the data of requests.
 *
 * For drivers only: each routine calls StorPortExtendedFunction with a code, and the host
 * implements the functions behind the codes. One that is newer than the Windows a driver was built
 * for calls nothing and fails with STOR_STATUS_NOT_IMPLEMENTED.
 */
#ifndef WDK_STORAGE_STORPORT_MEMORY_H
#define WDK_STORAGE_STORPORT_MEMORY_H

#include "storport_exports.h"
#include "storport_extended.h"

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
/* Nothing to do on x64, where caches are coherent with DMA. */
FORCEINLINE ULONG StorPortFlushDataBufferMdl(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    UNREFERENCED_PARAMETER(HwDeviceExtension);
    UNREFERENCED_PARAMETER(Srb);
    return STOR_STATUS_SUCCESS;
}

/* Copies, and refuses what does not fit. */
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

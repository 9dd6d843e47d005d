/*
 * The routines that storport.sys exports: a driver imports them, the host defines them with these
 * very prototypes. Everything else of Storport's interface is inline over the two variadic routines
 * StorPortNotification and StorPortExtendedFunction.
 */
#ifndef WDK_STORAGE_STORPORT_EXPORTS_H
#define WDK_STORAGE_STORPORT_EXPORTS_H

#include "storport_extended.h"
#include "storport_types.h"

#ifdef WDK_HOST
#define STORPORT_API
#else
#define STORPORT_API DECLSPEC_IMPORT
#endif

/* What an inline routine returns that needs a newer Windows than the driver was built for. */
#define WDK_SINCE(version, call) (NTDDI_VERSION >= (version) ? (call) : STOR_STATUS_NOT_IMPLEMENTED)

WDK_BEGIN_C

/* Registration, the two variadic entries, debug output. */
STORPORT_API ULONG NTAPI StorPortInitialize(PVOID Argument1, PVOID Argument2,
                                            struct _HW_INITIALIZATION_DATA *HwInitializationData,
                                            PVOID HwContext);
STORPORT_API VOID WDK_ABI StorPortNotification(SCSI_NOTIFICATION_TYPE NotificationType,
                                               PVOID HwDeviceExtension, ...);
STORPORT_API ULONG WDK_ABI StorPortExtendedFunction(STORPORT_FUNCTION_CODE FunctionCode,
                                                    PVOID HwDeviceExtension, ...);
STORPORT_API VOID WDK_ABI StorPortDebugPrint(ULONG DebugPrintLevel, PSTR DebugMessage, ...);
STORPORT_API VOID NTAPI StorPortLogError(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb,
                                         UCHAR PathId, UCHAR TargetId, UCHAR Lun, ULONG ErrorCode,
                                         ULONG UniqueId);

/* The device: configuration space, its ranges of ports and memory. */
STORPORT_API ULONG NTAPI StorPortGetBusData(PVOID DeviceExtension, ULONG BusDataType,
                                            ULONG SystemIoBusNumber, ULONG SlotNumber, PVOID Buffer,
                                            ULONG Length);
STORPORT_API ULONG NTAPI StorPortSetBusDataByOffset(PVOID DeviceExtension, ULONG BusDataType,
                                                    ULONG SystemIoBusNumber, ULONG SlotNumber,
                                                    PVOID Buffer, ULONG Offset, ULONG Length);
STORPORT_API PVOID NTAPI StorPortGetDeviceBase(PVOID HwDeviceExtension, INTERFACE_TYPE BusType,
                                               ULONG SystemIoBusNumber,
                                               STOR_PHYSICAL_ADDRESS IoAddress, ULONG NumberOfBytes,
                                               BOOLEAN InIoSpace);
STORPORT_API VOID NTAPI StorPortFreeDeviceBase(PVOID HwDeviceExtension, PVOID MappedAddress);
STORPORT_API BOOLEAN NTAPI StorPortValidateRange(PVOID HwDeviceExtension, INTERFACE_TYPE BusType,
                                                 ULONG SystemIoBusNumber,
                                                 STOR_PHYSICAL_ADDRESS IoAddress,
                                                 ULONG NumberOfBytes, BOOLEAN InIoSpace);

/* Memory that the device reads and writes. */
STORPORT_API PVOID NTAPI StorPortGetUncachedExtension(PVOID HwDeviceExtension,
                                                      PPORT_CONFIGURATION_INFORMATION ConfigInfo,
                                                      ULONG NumberOfBytes);
STORPORT_API STOR_PHYSICAL_ADDRESS NTAPI StorPortGetPhysicalAddress(PVOID HwDeviceExtension,
                                                                    PSCSI_REQUEST_BLOCK Srb,
                                                                    PVOID VirtualAddress,
                                                                    ULONG *Length);
STORPORT_API PVOID NTAPI StorPortGetVirtualAddress(PVOID HwDeviceExtension,
                                                   STOR_PHYSICAL_ADDRESS PhysicalAddress);
STORPORT_API STOR_PHYSICAL_ADDRESS NTAPI
StorPortConvertUlongToPhysicalAddress(ULONG_PTR UlongAddress);
STORPORT_API PSTOR_SCATTER_GATHER_LIST NTAPI StorPortGetScatterGatherList(PVOID HwDeviceExtension,
                                                                          PSCSI_REQUEST_BLOCK Srb);

/* Requests and units. */
STORPORT_API PVOID NTAPI StorPortGetLogicalUnit(PVOID HwDeviceExtension, UCHAR PathId,
                                                UCHAR TargetId, UCHAR Lun);
STORPORT_API PSCSI_REQUEST_BLOCK NTAPI StorPortGetSrb(PVOID HwDeviceExtension, UCHAR PathId,
                                                      UCHAR TargetId, UCHAR Lun, LONG QueueTag);
STORPORT_API VOID NTAPI StorPortCompleteRequest(PVOID HwDeviceExtension, UCHAR PathId,
                                                UCHAR TargetId, UCHAR Lun, UCHAR SrbStatus);
STORPORT_API BOOLEAN NTAPI StorPortSetDeviceQueueDepth(PVOID HwDeviceExtension, UCHAR PathId,
                                                       UCHAR TargetId, UCHAR Lun, ULONG Depth);

/* Holding requests back: for a number of completions (busy) or of seconds (pause). */
STORPORT_API BOOLEAN NTAPI StorPortBusy(PVOID HwDeviceExtension, ULONG RequestsToComplete);
STORPORT_API BOOLEAN NTAPI StorPortReady(PVOID HwDeviceExtension);
STORPORT_API BOOLEAN NTAPI StorPortDeviceBusy(PVOID HwDeviceExtension, UCHAR PathId, UCHAR TargetId,
                                              UCHAR Lun, ULONG RequestsToComplete);
STORPORT_API BOOLEAN NTAPI StorPortDeviceReady(PVOID HwDeviceExtension, UCHAR PathId,
                                               UCHAR TargetId, UCHAR Lun);
STORPORT_API BOOLEAN NTAPI StorPortPause(PVOID HwDeviceExtension, ULONG TimeOut);
STORPORT_API BOOLEAN NTAPI StorPortResume(PVOID HwDeviceExtension);
STORPORT_API BOOLEAN NTAPI StorPortPauseDevice(PVOID HwDeviceExtension, UCHAR PathId,
                                               UCHAR TargetId, UCHAR Lun, ULONG TimeOut);
STORPORT_API BOOLEAN NTAPI StorPortResumeDevice(PVOID HwDeviceExtension, UCHAR PathId,
                                                UCHAR TargetId, UCHAR Lun);

/* Time and exclusion. */
STORPORT_API VOID NTAPI StorPortStallExecution(ULONG Delay);
STORPORT_API VOID NTAPI StorPortQuerySystemTime(PLARGE_INTEGER CurrentTime);
STORPORT_API BOOLEAN NTAPI StorPortSynchronizeAccess(
    PVOID HwDeviceExtension, PSTOR_SYNCHRONIZED_ACCESS SynchronizedAccessRoutine, PVOID Context);

/* The registry. */
STORPORT_API PUCHAR NTAPI StorPortAllocateRegistryBuffer(PVOID HwDeviceExtension, PULONG Length);
STORPORT_API VOID NTAPI StorPortFreeRegistryBuffer(PVOID HwDeviceExtension, PUCHAR Buffer);
STORPORT_API BOOLEAN NTAPI StorPortRegistryRead(PVOID HwDeviceExtension, PUCHAR ValueName,
                                                ULONG Global, ULONG Type, PUCHAR Buffer,
                                                PULONG BufferLength);
STORPORT_API BOOLEAN NTAPI StorPortRegistryWrite(PVOID HwDeviceExtension, PUCHAR ValueName,
                                                 ULONG Global, ULONG Type, PUCHAR Buffer,
                                                 ULONG BufferLength);

/*
 * Registers and ports. A checked build, and one that defines DISABLE_INLINE_REGISTER_ACCESS,
 * imports these routines; any other accesses the device directly (kernel/registers.h).
 */
#if defined(DISABLE_INLINE_REGISTER_ACCESS) || (defined(DBG) && DBG)
#if NTDDI_VERSION >= NTDDI_WINBLUE
#define WDK_IMPORT_REGISTER_ACCESS 1
#endif
#endif

#if defined(WDK_HOST) || defined(WDK_IMPORT_REGISTER_ACCESS)
STORPORT_API UCHAR NTAPI StorPortReadRegisterUchar(PVOID HwDeviceExtension, PUCHAR Register);
STORPORT_API USHORT NTAPI StorPortReadRegisterUshort(PVOID HwDeviceExtension, PUSHORT Register);
STORPORT_API ULONG NTAPI StorPortReadRegisterUlong(PVOID HwDeviceExtension, PULONG Register);
STORPORT_API VOID NTAPI StorPortReadRegisterBufferUchar(PVOID HwDeviceExtension, PUCHAR Register,
                                                        PUCHAR Buffer, ULONG Count);
STORPORT_API VOID NTAPI StorPortReadRegisterBufferUshort(PVOID HwDeviceExtension, PUSHORT Register,
                                                         PUSHORT Buffer, ULONG Count);
STORPORT_API VOID NTAPI StorPortReadRegisterBufferUlong(PVOID HwDeviceExtension, PULONG Register,
                                                        PULONG Buffer, ULONG Count);
STORPORT_API VOID NTAPI StorPortWriteRegisterUchar(PVOID HwDeviceExtension, PUCHAR Register,
                                                   UCHAR Value);
STORPORT_API VOID NTAPI StorPortWriteRegisterUshort(PVOID HwDeviceExtension, PUSHORT Register,
                                                    USHORT Value);
STORPORT_API VOID NTAPI StorPortWriteRegisterUlong(PVOID HwDeviceExtension, PULONG Register,
                                                   ULONG Value);
STORPORT_API VOID NTAPI StorPortWriteRegisterBufferUchar(PVOID HwDeviceExtension, PUCHAR Register,
                                                         PUCHAR Buffer, ULONG Count);
STORPORT_API VOID NTAPI StorPortWriteRegisterBufferUshort(PVOID HwDeviceExtension, PUSHORT Register,
                                                          PUSHORT Buffer, ULONG Count);
STORPORT_API VOID NTAPI StorPortWriteRegisterBufferUlong(PVOID HwDeviceExtension, PULONG Register,
                                                         PULONG Buffer, ULONG Count);
STORPORT_API UCHAR NTAPI StorPortReadPortUchar(PVOID HwDeviceExtension, PUCHAR Port);
STORPORT_API USHORT NTAPI StorPortReadPortUshort(PVOID HwDeviceExtension, PUSHORT Port);
STORPORT_API ULONG NTAPI StorPortReadPortUlong(PVOID HwDeviceExtension, PULONG Port);
STORPORT_API VOID NTAPI StorPortReadPortBufferUchar(PVOID HwDeviceExtension, PUCHAR Port,
                                                    PUCHAR Buffer, ULONG Count);
STORPORT_API VOID NTAPI StorPortReadPortBufferUshort(PVOID HwDeviceExtension, PUSHORT Port,
                                                     PUSHORT Buffer, ULONG Count);
STORPORT_API VOID NTAPI StorPortReadPortBufferUlong(PVOID HwDeviceExtension, PULONG Port,
                                                    PULONG Buffer, ULONG Count);
STORPORT_API VOID NTAPI StorPortWritePortUchar(PVOID HwDeviceExtension, PUCHAR Port, UCHAR Value);
STORPORT_API VOID NTAPI StorPortWritePortUshort(PVOID HwDeviceExtension, PUSHORT Port,
                                                USHORT Value);
STORPORT_API VOID NTAPI StorPortWritePortUlong(PVOID HwDeviceExtension, PULONG Port, ULONG Value);
STORPORT_API VOID NTAPI StorPortWritePortBufferUchar(PVOID HwDeviceExtension, PUCHAR Port,
                                                     PUCHAR Buffer, ULONG Count);
STORPORT_API VOID NTAPI StorPortWritePortBufferUshort(PVOID HwDeviceExtension, PUSHORT Port,
                                                      PUSHORT Buffer, ULONG Count);
STORPORT_API VOID NTAPI StorPortWritePortBufferUlong(PVOID HwDeviceExtension, PULONG Port,
                                                     PULONG Buffer, ULONG Count);
STORPORT_API VOID NTAPI StorPortMoveMemory(PVOID Destination, PVOID Source, ULONG Length);
#else
#define StorPortReadRegisterUchar(h, r)               READ_REGISTER_UCHAR((volatile UCHAR *)(r))
#define StorPortReadRegisterUshort(h, r)              READ_REGISTER_USHORT((volatile USHORT *)(r))
#define StorPortReadRegisterUlong(h, r)               READ_REGISTER_ULONG((volatile ULONG *)(r))
#define StorPortReadRegisterBufferUchar(h, r, b, c)   READ_REGISTER_BUFFER_UCHAR(r, b, c)
#define StorPortReadRegisterBufferUshort(h, r, b, c)  READ_REGISTER_BUFFER_USHORT(r, b, c)
#define StorPortReadRegisterBufferUlong(h, r, b, c)   READ_REGISTER_BUFFER_ULONG(r, b, c)
#define StorPortWriteRegisterUchar(h, r, v)           WRITE_REGISTER_UCHAR((volatile UCHAR *)(r), v)
#define StorPortWriteRegisterUshort(h, r, v)          WRITE_REGISTER_USHORT((volatile USHORT *)(r), v)
#define StorPortWriteRegisterUlong(h, r, v)           WRITE_REGISTER_ULONG((volatile ULONG *)(r), v)
#define StorPortWriteRegisterBufferUchar(h, r, b, c)  WRITE_REGISTER_BUFFER_UCHAR(r, b, c)
#define StorPortWriteRegisterBufferUshort(h, r, b, c) WRITE_REGISTER_BUFFER_USHORT(r, b, c)
#define StorPortWriteRegisterBufferUlong(h, r, b, c)  WRITE_REGISTER_BUFFER_ULONG(r, b, c)
#define StorPortReadPortUchar(h, p)                   READ_PORT_UCHAR((PUCHAR)(p))
#define StorPortReadPortUshort(h, p)                  READ_PORT_USHORT((PUSHORT)(p))
#define StorPortReadPortUlong(h, p)                   READ_PORT_ULONG((PULONG)(p))
#define StorPortReadPortBufferUchar(h, p, b, c)       READ_PORT_BUFFER_UCHAR(p, b, c)
#define StorPortReadPortBufferUshort(h, p, b, c)      READ_PORT_BUFFER_USHORT(p, b, c)
#define StorPortReadPortBufferUlong(h, p, b, c)       READ_PORT_BUFFER_ULONG(p, b, c)
#define StorPortWritePortUchar(h, p, v)               WRITE_PORT_UCHAR((PUCHAR)(p), v)
#define StorPortWritePortUshort(h, p, v)              WRITE_PORT_USHORT((PUSHORT)(p), v)
#define StorPortWritePortUlong(h, p, v)               WRITE_PORT_ULONG((PULONG)(p), v)
#define StorPortWritePortBufferUchar(h, p, b, c)      WRITE_PORT_BUFFER_UCHAR(p, b, c)
#define StorPortWritePortBufferUshort(h, p, b, c)     WRITE_PORT_BUFFER_USHORT(p, b, c)
#define StorPortWritePortBufferUlong(h, p, b, c)      WRITE_PORT_BUFFER_ULONG(p, b, c)
#define StorPortMoveMemory(d, s, n)                   memmove((d), (s), (n))
#endif

#ifndef WDK_HOST
/* Registers of 64 bits are always accessed directly. */
#define StorPortReadRegisterUlong64(h, r)              READ_REGISTER_ULONG64((volatile ULONG64 *)(r))
#define StorPortReadRegisterBufferUlong64(h, r, b, c)  READ_REGISTER_BUFFER_ULONG64(r, b, c)
#define StorPortWriteRegisterUlong64(h, r, v)          WRITE_REGISTER_ULONG64((volatile ULONG64 *)(r), v)
#define StorPortWriteRegisterBufferUlong64(h, r, b, c) WRITE_REGISTER_BUFFER_ULONG64(r, b, c)

#define StorPortCopyMemory(d, s, n)                memcpy((d), (s), (n))
#define StorPortConvertPhysicalAddressToUlong(a)   ((ULONG)((a).LowPart))
#define StorPortConvertPhysicalAddressToULong64(a) ((ULONG64)((a).QuadPart))
#endif

WDK_END_C

#endif

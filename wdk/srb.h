/*
 * Everything that a miniport of the SCSI port driver includes: the request, the registration, the
 * callbacks and the routines of scsiport.sys. Excludes storport.h, which has other structures under
 * the same names; what both share is in storage/.
 */
#ifndef WDK_SRB_H
#define WDK_SRB_H
#define _NTSRB_

#ifdef WDK_STORPORT_H
#error "srb.h and storport.h exclude each other."
#endif

#include "kernel/registers.h"
#include "storage/request_block.h"
#include "storage/stor_address.h"
#include "wdm.h"

#define MAXIMUM_CDB_SIZE 12

#ifdef WDK_HOST
#define SCSIPORT_API
#else
#define SCSIPORT_API DECLSPEC_IMPORT
#endif

/* The configuration of one adapter: the port driver fills it in, HwFindAdapter completes it. */
typedef struct _PORT_CONFIGURATION_INFORMATION {
    ULONG Length;
    ULONG SystemIoBusNumber;
    INTERFACE_TYPE AdapterInterfaceType;
    ULONG BusInterruptLevel;
    ULONG BusInterruptVector;
    KINTERRUPT_MODE InterruptMode;
    ULONG MaximumTransferLength;
    ULONG NumberOfPhysicalBreaks;
    ULONG DmaChannel;
    ULONG DmaPort;
    DMA_WIDTH DmaWidth;
    DMA_SPEED DmaSpeed;
    ULONG AlignmentMask;
    ULONG NumberOfAccessRanges;
    WDK_ACCESS_RANGES AccessRanges;
    PVOID Reserved;
    UCHAR NumberOfBuses;
    CCHAR InitiatorBusId[8];
    BOOLEAN ScatterGather;
    BOOLEAN Master;
    BOOLEAN CachesData;
    BOOLEAN AdapterScansDown;
    BOOLEAN AtdiskPrimaryClaimed;
    BOOLEAN AtdiskSecondaryClaimed;
    BOOLEAN Dma32BitAddresses;
    BOOLEAN DemandMode;
    BOOLEAN MapBuffers;
    BOOLEAN NeedPhysicalAddresses;
    BOOLEAN TaggedQueuing;
    BOOLEAN AutoRequestSense;
    BOOLEAN MultipleRequestPerLu;
    BOOLEAN ReceiveEvent;
    BOOLEAN RealModeInitialized;
    BOOLEAN BufferAccessScsiPortControlled;
    UCHAR MaximumNumberOfTargets;
    UCHAR ReservedUchars[2];
    ULONG SlotNumber;
    ULONG BusInterruptLevel2;
    ULONG BusInterruptVector2;
    KINTERRUPT_MODE InterruptMode2;
    ULONG DmaChannel2;
    ULONG DmaPort2;
    DMA_WIDTH DmaWidth2;
    DMA_SPEED DmaSpeed2;
    ULONG DeviceExtensionSize;
    ULONG SpecificLuExtensionSize;
    ULONG SrbExtensionSize;
    UCHAR Dma64BitAddresses;
    BOOLEAN ResetTargetSupported;
    UCHAR MaximumNumberOfLogicalUnits;
    BOOLEAN WmiDataProvider;
} PORT_CONFIGURATION_INFORMATION, *PPORT_CONFIGURATION_INFORMATION;

#define CONFIG_INFO_VERSION_2 sizeof(PORT_CONFIGURATION_INFORMATION)

/* Callbacks. */
typedef BOOLEAN NTAPI HW_INITIALIZE(PVOID DeviceExtension);
typedef HW_INITIALIZE *PHW_INITIALIZE;
typedef BOOLEAN NTAPI HW_STARTIO(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb);
typedef HW_STARTIO *PHW_STARTIO;
typedef BOOLEAN NTAPI HW_INTERRUPT(PVOID DeviceExtension);
typedef HW_INTERRUPT *PHW_INTERRUPT;
typedef VOID NTAPI HW_TIMER(PVOID DeviceExtension);
typedef HW_TIMER *PHW_TIMER;
typedef VOID NTAPI HW_DMA_STARTED(PVOID DeviceExtension);
typedef HW_DMA_STARTED *PHW_DMA_STARTED;
typedef ULONG NTAPI HW_FIND_ADAPTER(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                                    PCHAR ArgumentString,
                                    PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again);
typedef HW_FIND_ADAPTER *PHW_FIND_ADAPTER;
typedef BOOLEAN NTAPI HW_RESET_BUS(PVOID DeviceExtension, ULONG PathId);
typedef HW_RESET_BUS *PHW_RESET_BUS;
typedef BOOLEAN NTAPI HW_ADAPTER_STATE(PVOID DeviceExtension, PVOID Context, BOOLEAN SaveState);
typedef HW_ADAPTER_STATE *PHW_ADAPTER_STATE;

/* Control of the adapter (HwAdapterControl). */
typedef enum _SCSI_ADAPTER_CONTROL_TYPE {
    ScsiQuerySupportedControlTypes = 0,
    ScsiStopAdapter,
    ScsiRestartAdapter,
    ScsiSetBootConfig,
    ScsiSetRunningConfig,
    ScsiAdapterControlMax,
    MakeAdapterControlTypeSizeOfUlong = -1
} SCSI_ADAPTER_CONTROL_TYPE,
    *PSCSI_ADAPTER_CONTROL_TYPE;

typedef enum _SCSI_ADAPTER_CONTROL_STATUS {
    ScsiAdapterControlSuccess = 0,
    ScsiAdapterControlUnsuccessful
} SCSI_ADAPTER_CONTROL_STATUS,
    *PSCSI_ADAPTER_CONTROL_STATUS;

typedef struct _SCSI_SUPPORTED_CONTROL_TYPE_LIST {
    ULONG MaxControlType;
    BOOLEAN SupportedTypeList[0];
} SCSI_SUPPORTED_CONTROL_TYPE_LIST, *PSCSI_SUPPORTED_CONTROL_TYPE_LIST;

typedef SCSI_ADAPTER_CONTROL_STATUS NTAPI HW_ADAPTER_CONTROL(PVOID DeviceExtension,
                                                             SCSI_ADAPTER_CONTROL_TYPE ControlType,
                                                             PVOID Parameters);
typedef HW_ADAPTER_CONTROL *PHW_ADAPTER_CONTROL;

/* The codes of ScsiPortNotification. */
typedef enum _SCSI_NOTIFICATION_TYPE {
    RequestComplete = 0,
    NextRequest,
    NextLuRequest,
    ResetDetected,
    CallDisableInterrupts,
    CallEnableInterrupts,
    RequestTimerCall,
    BusChangeDetected,
    WMIEvent,
    WMIReregister,
    LinkUp,
    LinkDown,
    QueryTickCount,
    BufferOverrunDetected,
    TraceNotification
} SCSI_NOTIFICATION_TYPE,
    *PSCSI_NOTIFICATION_TYPE;

/* What DriverEntry registers with ScsiPortInitialize. */
typedef struct _HW_INITIALIZATION_DATA {
    ULONG HwInitializationDataSize;
    INTERFACE_TYPE AdapterInterfaceType;
    PHW_INITIALIZE HwInitialize;
    PHW_STARTIO HwStartIo;
    PHW_INTERRUPT HwInterrupt;
    PHW_FIND_ADAPTER HwFindAdapter;
    PHW_RESET_BUS HwResetBus;
    PHW_DMA_STARTED HwDmaStarted;
    PHW_ADAPTER_STATE HwAdapterState;
    ULONG DeviceExtensionSize;
    ULONG SpecificLuExtensionSize;
    ULONG SrbExtensionSize;
    ULONG NumberOfAccessRanges;
    PVOID Reserved;
    BOOLEAN MapBuffers;
    BOOLEAN NeedPhysicalAddresses;
    BOOLEAN TaggedQueuing;
    BOOLEAN AutoRequestSense;
    BOOLEAN MultipleRequestPerLu;
    BOOLEAN ReceiveEvent;
    USHORT VendorIdLength;
    PVOID VendorId;
    union {
        USHORT ReservedUshort;
        USHORT PortVersionFlags;
    };
    USHORT DeviceIdLength;
    PVOID DeviceId;
    PHW_ADAPTER_CONTROL HwAdapterControl;
} HW_INITIALIZATION_DATA, *PHW_INITIALIZATION_DATA;

WDK_BEGIN_C

/* Routines of the port driver. */
SCSIPORT_API ULONG NTAPI ScsiPortInitialize(PVOID Argument1, PVOID Argument2,
                                            struct _HW_INITIALIZATION_DATA *HwInitializationData,
                                            PVOID HwContext);
SCSIPORT_API VOID NTAPI ScsiPortNotification(SCSI_NOTIFICATION_TYPE NotificationType,
                                             PVOID HwDeviceExtension, ...);
SCSIPORT_API VOID NTAPI ScsiDebugPrint(ULONG DebugPrintLevel, PCCHAR DebugMessage, ...);
SCSIPORT_API VOID NTAPI ScsiPortLogError(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb,
                                         UCHAR PathId, UCHAR TargetId, UCHAR Lun, ULONG ErrorCode,
                                         ULONG UniqueId);
SCSIPORT_API ULONG NTAPI ScsiPortGetBusData(PVOID DeviceExtension, ULONG BusDataType,
                                            ULONG SystemIoBusNumber, ULONG SlotNumber, PVOID Buffer,
                                            ULONG Length);
SCSIPORT_API ULONG NTAPI ScsiPortSetBusDataByOffset(PVOID DeviceExtension, ULONG BusDataType,
                                                    ULONG SystemIoBusNumber, ULONG SlotNumber,
                                                    PVOID Buffer, ULONG Offset, ULONG Length);
SCSIPORT_API PVOID NTAPI ScsiPortGetDeviceBase(PVOID HwDeviceExtension, INTERFACE_TYPE BusType,
                                               ULONG SystemIoBusNumber,
                                               SCSI_PHYSICAL_ADDRESS IoAddress, ULONG NumberOfBytes,
                                               BOOLEAN InIoSpace);
SCSIPORT_API VOID NTAPI ScsiPortFreeDeviceBase(PVOID HwDeviceExtension, PVOID MappedAddress);
SCSIPORT_API BOOLEAN NTAPI ScsiPortValidateRange(PVOID HwDeviceExtension, INTERFACE_TYPE BusType,
                                                 ULONG SystemIoBusNumber,
                                                 SCSI_PHYSICAL_ADDRESS IoAddress,
                                                 ULONG NumberOfBytes, BOOLEAN InIoSpace);
SCSIPORT_API PVOID NTAPI ScsiPortGetUncachedExtension(PVOID HwDeviceExtension,
                                                      PPORT_CONFIGURATION_INFORMATION ConfigInfo,
                                                      ULONG NumberOfBytes);
SCSIPORT_API SCSI_PHYSICAL_ADDRESS NTAPI ScsiPortGetPhysicalAddress(PVOID HwDeviceExtension,
                                                                    PSCSI_REQUEST_BLOCK Srb,
                                                                    PVOID VirtualAddress,
                                                                    ULONG *Length);
SCSIPORT_API PVOID NTAPI ScsiPortGetVirtualAddress(PVOID HwDeviceExtension,
                                                   SCSI_PHYSICAL_ADDRESS PhysicalAddress);
SCSIPORT_API SCSI_PHYSICAL_ADDRESS NTAPI
ScsiPortConvertUlongToPhysicalAddress(ULONG_PTR UlongAddress);
SCSIPORT_API ULONG NTAPI ScsiPortConvertPhysicalAddressToUlong(SCSI_PHYSICAL_ADDRESS Address);
SCSIPORT_API VOID NTAPI ScsiPortIoMapTransfer(PVOID HwDeviceExtension, PSCSI_REQUEST_BLOCK Srb,
                                              PVOID LogicalAddress, ULONG Length);
SCSIPORT_API VOID NTAPI ScsiPortFlushDma(PVOID HwDeviceExtension);
SCSIPORT_API PVOID NTAPI ScsiPortGetLogicalUnit(PVOID HwDeviceExtension, UCHAR PathId,
                                                UCHAR TargetId, UCHAR Lun);
SCSIPORT_API PSCSI_REQUEST_BLOCK NTAPI ScsiPortGetSrb(PVOID DeviceExtension, UCHAR PathId,
                                                      UCHAR TargetId, UCHAR Lun, LONG QueueTag);
SCSIPORT_API VOID NTAPI ScsiPortCompleteRequest(PVOID HwDeviceExtension, UCHAR PathId,
                                                UCHAR TargetId, UCHAR Lun, UCHAR SrbStatus);
SCSIPORT_API VOID NTAPI ScsiPortMoveMemory(PVOID Destination, PVOID Source, ULONG Length);
SCSIPORT_API VOID NTAPI ScsiPortStallExecution(ULONG Delay);
SCSIPORT_API VOID NTAPI ScsiPortQuerySystemTime(PLARGE_INTEGER CurrentTime);

#ifdef WDK_HOST
SCSIPORT_API VOID NTAPI ScsiPortReadPortBufferUchar(PUCHAR Port, PUCHAR Buffer, ULONG Count);
SCSIPORT_API VOID NTAPI ScsiPortReadPortBufferUlong(PULONG Port, PULONG Buffer, ULONG Count);
SCSIPORT_API VOID NTAPI ScsiPortReadPortBufferUshort(PUSHORT Port, PUSHORT Buffer, ULONG Count);
SCSIPORT_API UCHAR NTAPI ScsiPortReadPortUchar(PUCHAR Port);
SCSIPORT_API ULONG NTAPI ScsiPortReadPortUlong(PULONG Port);
SCSIPORT_API USHORT NTAPI ScsiPortReadPortUshort(PUSHORT Port);
SCSIPORT_API VOID NTAPI ScsiPortReadRegisterBufferUchar(PUCHAR Register, PUCHAR Buffer,
                                                        ULONG Count);
SCSIPORT_API VOID NTAPI ScsiPortReadRegisterBufferUlong(PULONG Register, PULONG Buffer,
                                                        ULONG Count);
SCSIPORT_API VOID NTAPI ScsiPortReadRegisterBufferUshort(PUSHORT Register, PUSHORT Buffer,
                                                         ULONG Count);
SCSIPORT_API UCHAR NTAPI ScsiPortReadRegisterUchar(PUCHAR Register);
SCSIPORT_API ULONG NTAPI ScsiPortReadRegisterUlong(PULONG Register);
SCSIPORT_API USHORT NTAPI ScsiPortReadRegisterUshort(PUSHORT Register);
SCSIPORT_API VOID NTAPI ScsiPortWritePortBufferUchar(PUCHAR Port, PUCHAR Buffer, ULONG Count);
SCSIPORT_API VOID NTAPI ScsiPortWritePortBufferUlong(PULONG Port, PULONG Buffer, ULONG Count);
SCSIPORT_API VOID NTAPI ScsiPortWritePortBufferUshort(PUSHORT Port, PUSHORT Buffer, ULONG Count);
SCSIPORT_API VOID NTAPI ScsiPortWritePortUchar(PUCHAR Port, UCHAR Value);
SCSIPORT_API VOID NTAPI ScsiPortWritePortUlong(PULONG Port, ULONG Value);
SCSIPORT_API VOID NTAPI ScsiPortWritePortUshort(PUSHORT Port, USHORT Value);
SCSIPORT_API VOID NTAPI ScsiPortWriteRegisterBufferUchar(PUCHAR Register, PUCHAR Buffer,
                                                         ULONG Count);
SCSIPORT_API VOID NTAPI ScsiPortWriteRegisterBufferUlong(PULONG Register, PULONG Buffer,
                                                         ULONG Count);
SCSIPORT_API VOID NTAPI ScsiPortWriteRegisterBufferUshort(PUSHORT Register, PUSHORT Buffer,
                                                          ULONG Count);
SCSIPORT_API VOID NTAPI ScsiPortWriteRegisterUchar(PUCHAR Register, UCHAR Value);
SCSIPORT_API VOID NTAPI ScsiPortWriteRegisterUlong(PULONG Register, ULONG Value);
SCSIPORT_API VOID NTAPI ScsiPortWriteRegisterUshort(PUSHORT Register, USHORT Value);
#endif

WDK_END_C

/* Registers and ports need no routine of the port driver on x64. */
#ifndef WDK_HOST
#define ScsiPortReadRegisterUchar(r)                      READ_REGISTER_UCHAR((volatile UCHAR *)(r))
#define ScsiPortReadRegisterUshort(r)                     READ_REGISTER_USHORT((volatile USHORT *)(r))
#define ScsiPortReadRegisterUlong(r)                      READ_REGISTER_ULONG((volatile ULONG *)(r))
#define ScsiPortReadRegisterBufferUchar(r, b, c)          READ_REGISTER_BUFFER_UCHAR(r, b, c)
#define ScsiPortReadRegisterBufferUshort(r, b, c)         READ_REGISTER_BUFFER_USHORT(r, b, c)
#define ScsiPortReadRegisterBufferUlong(r, b, c)          READ_REGISTER_BUFFER_ULONG(r, b, c)
#define ScsiPortWriteRegisterUchar(r, v)                  WRITE_REGISTER_UCHAR((volatile UCHAR *)(r), v)
#define ScsiPortWriteRegisterUshort(r, v)                 WRITE_REGISTER_USHORT((volatile USHORT *)(r), v)
#define ScsiPortWriteRegisterUlong(r, v)                  WRITE_REGISTER_ULONG((volatile ULONG *)(r), v)
#define ScsiPortWriteRegisterBufferUchar(r, b, c)         WRITE_REGISTER_BUFFER_UCHAR(r, b, c)
#define ScsiPortWriteRegisterBufferUshort(r, b, c)        WRITE_REGISTER_BUFFER_USHORT(r, b, c)
#define ScsiPortWriteRegisterBufferUlong(r, b, c)         WRITE_REGISTER_BUFFER_ULONG(r, b, c)
#define ScsiPortReadPortUchar(p)                          READ_PORT_UCHAR((PUCHAR)(p))
#define ScsiPortReadPortUshort(p)                         READ_PORT_USHORT((PUSHORT)(p))
#define ScsiPortReadPortUlong(p)                          READ_PORT_ULONG((PULONG)(p))
#define ScsiPortReadPortBufferUchar(p, b, c)              READ_PORT_BUFFER_UCHAR(p, b, c)
#define ScsiPortReadPortBufferUshort(p, b, c)             READ_PORT_BUFFER_USHORT(p, b, c)
#define ScsiPortReadPortBufferUlong(p, b, c)              READ_PORT_BUFFER_ULONG(p, b, c)
#define ScsiPortWritePortUchar(p, v)                      WRITE_PORT_UCHAR((PUCHAR)(p), v)
#define ScsiPortWritePortUshort(p, v)                     WRITE_PORT_USHORT((PUSHORT)(p), v)
#define ScsiPortWritePortUlong(p, v)                      WRITE_PORT_ULONG((PULONG)(p), v)
#define ScsiPortWritePortBufferUchar(p, b, c)             WRITE_PORT_BUFFER_UCHAR(p, b, c)
#define ScsiPortWritePortBufferUshort(p, b, c)            WRITE_PORT_BUFFER_USHORT(p, b, c)
#define ScsiPortWritePortBufferUlong(p, b, c)             WRITE_PORT_BUFFER_ULONG(p, b, c)
#define ScsiPortConvertPhysicalAddressToUlong(address)    ((ULONG)((address).LowPart))
#define ScsiPortConvertPhysicalAddressToULongPtr(address) ((ULONG_PTR)((address).QuadPart))

#if defined(DBG) && DBG
#define DebugPrint(arguments) ScsiDebugPrint arguments
#else
#define DebugPrint(arguments)
#endif
#endif

#endif

/*
 * The request that a port driver hands to a miniport: SCSI_REQUEST_BLOCK, its older siblings for
 * WMI, power and plug and play, and STORAGE_REQUEST_BLOCK, which carries typed extended data behind
 * a header that begins like the old one (Function says which of the two it is).
 *
 * Shared by storport.h and srb.h.
 */
#ifndef WDK_STORAGE_REQUEST_BLOCK_H
#define WDK_STORAGE_REQUEST_BLOCK_H

#include "../kernel/objects.h"
#include "../kernel/resources.h"
#include "stor_address.h"

/* Alignments that belong to the interface. */
#define SRB_ALIGN     DECLSPEC_ALIGN(8)
#define POINTER_ALIGN DECLSPEC_ALIGN(8)

#define SCSI_MAXIMUM_BUSES_PER_ADAPTER 255
#define SCSI_MAXIMUM_BUSES             8
#define SCSI_MAXIMUM_TARGETS_PER_BUS   128
#define SCSI_MAXIMUM_TARGETS           8
#define SCSI_MAXIMUM_LUNS_PER_TARGET   255
#define SCSI_MAXIMUM_LOGICAL_UNITS     8
#define SCSI_MINIMUM_PHYSICAL_BREAKS   16
#define SCSI_MAXIMUM_PHYSICAL_BREAKS   255

/* "Not set" in PORT_CONFIGURATION_INFORMATION. */
#define SP_UNINITIALIZED_VALUE ((ULONG)~0)
/* A queue tag of a request without one. */
#define SP_UNTAGGED ((UCHAR)~0)

typedef PHYSICAL_ADDRESS SCSI_PHYSICAL_ADDRESS, *PSCSI_PHYSICAL_ADDRESS;

/* A range of ports or memory that the adapter decodes. */
typedef struct _ACCESS_RANGE {
    PHYSICAL_ADDRESS RangeStart;
    ULONG RangeLength;
    BOOLEAN RangeInMemory;
} ACCESS_RANGE, *PACCESS_RANGE;

/*
 * Ranges of an adapter. A driver writes (*AccessRanges)[i]; the host, which fills the array, has a
 * pointer to its first element.
 */
#ifdef WDK_HOST
typedef ACCESS_RANGE *WDK_ACCESS_RANGES;
#else
typedef ACCESS_RANGE (*WDK_ACCESS_RANGES)[];
#endif

/* What the request asks for (Function, or SrbFunction of the extended form). */
#define SRB_FUNCTION_EXECUTE_SCSI          0x00
#define SRB_FUNCTION_CLAIM_DEVICE          0x01
#define SRB_FUNCTION_IO_CONTROL            0x02
#define SRB_FUNCTION_RECEIVE_EVENT         0x03
#define SRB_FUNCTION_RELEASE_QUEUE         0x04
#define SRB_FUNCTION_ATTACH_DEVICE         0x05
#define SRB_FUNCTION_RELEASE_DEVICE        0x06
#define SRB_FUNCTION_SHUTDOWN              0x07
#define SRB_FUNCTION_FLUSH                 0x08
#define SRB_FUNCTION_PROTOCOL_COMMAND      0x09
#define SRB_FUNCTION_EXECUTE_NVME          0x0A
#define SRB_FUNCTION_ABORT_COMMAND         0x10
#define SRB_FUNCTION_RELEASE_RECOVERY      0x11
#define SRB_FUNCTION_RESET_BUS             0x12
#define SRB_FUNCTION_RESET_DEVICE          0x13
#define SRB_FUNCTION_TERMINATE_IO          0x14
#define SRB_FUNCTION_FLUSH_QUEUE           0x15
#define SRB_FUNCTION_REMOVE_DEVICE         0x16
#define SRB_FUNCTION_WMI                   0x17
#define SRB_FUNCTION_LOCK_QUEUE            0x18
#define SRB_FUNCTION_UNLOCK_QUEUE          0x19
#define SRB_FUNCTION_QUIESCE_DEVICE        0x1A
#define SRB_FUNCTION_RESET_LOGICAL_UNIT    0x20
#define SRB_FUNCTION_SET_LINK_TIMEOUT      0x21
#define SRB_FUNCTION_LINK_TIMEOUT_OCCURRED 0x22
#define SRB_FUNCTION_LINK_TIMEOUT_COMPLETE 0x23
#define SRB_FUNCTION_POWER                 0x24
#define SRB_FUNCTION_PNP                   0x25
#define SRB_FUNCTION_DUMP_POINTERS         0x26
#define SRB_FUNCTION_FREE_DUMP_POINTERS    0x27
#define SRB_FUNCTION_STORAGE_REQUEST_BLOCK 0x28
#define SRB_FUNCTION_GET_DUMP_INFO         0x2A
#define SRB_FUNCTION_FREE_DUMP_INFO        0x2B

/* How it ended (SrbStatus). The two flags come on top of the value. */
#define SRB_STATUS_QUEUE_FROZEN           0x40
#define SRB_STATUS_AUTOSENSE_VALID        0x80
#define SRB_STATUS_PENDING                0x00
#define SRB_STATUS_SUCCESS                0x01
#define SRB_STATUS_ABORTED                0x02
#define SRB_STATUS_ABORT_FAILED           0x03
#define SRB_STATUS_ERROR                  0x04
#define SRB_STATUS_BUSY                   0x05
#define SRB_STATUS_INVALID_REQUEST        0x06
#define SRB_STATUS_INVALID_PATH_ID        0x07
#define SRB_STATUS_NO_DEVICE              0x08
#define SRB_STATUS_TIMEOUT                0x09
#define SRB_STATUS_SELECTION_TIMEOUT      0x0A
#define SRB_STATUS_COMMAND_TIMEOUT        0x0B
#define SRB_STATUS_MESSAGE_REJECTED       0x0D
#define SRB_STATUS_BUS_RESET              0x0E
#define SRB_STATUS_PARITY_ERROR           0x0F
#define SRB_STATUS_REQUEST_SENSE_FAILED   0x10
#define SRB_STATUS_NO_HBA                 0x11
#define SRB_STATUS_DATA_OVERRUN           0x12
#define SRB_STATUS_UNEXPECTED_BUS_FREE    0x13
#define SRB_STATUS_PHASE_SEQUENCE_FAILURE 0x14
#define SRB_STATUS_BAD_SRB_BLOCK_LENGTH   0x15
#define SRB_STATUS_REQUEST_FLUSHED        0x16
#define SRB_STATUS_INVALID_LUN            0x20
#define SRB_STATUS_INVALID_TARGET_ID      0x21
#define SRB_STATUS_BAD_FUNCTION           0x22
#define SRB_STATUS_ERROR_RECOVERY         0x23
#define SRB_STATUS_NOT_POWERED            0x24
#define SRB_STATUS_LINK_DOWN              0x25
#define SRB_STATUS_INSUFFICIENT_RESOURCES 0x26
#define SRB_STATUS_THROTTLED_REQUEST      0x27
#define SRB_STATUS_INVALID_PARAMETER      0x28
#define SRB_STATUS_INTERNAL_ERROR         0x30
#define SRB_STATUS(status)                ((status) & ~(SRB_STATUS_AUTOSENSE_VALID | SRB_STATUS_QUEUE_FROZEN))

/* How it shall be treated (SrbFlags). */
#define SRB_FLAGS_NO_DATA_TRANSFER         0x00
#define SRB_FLAGS_QUEUE_ACTION_ENABLE      0x02
#define SRB_FLAGS_DISABLE_DISCONNECT       0x04
#define SRB_FLAGS_DISABLE_SYNCH_TRANSFER   0x08
#define SRB_FLAGS_BYPASS_FROZEN_QUEUE      0x10
#define SRB_FLAGS_DISABLE_AUTOSENSE        0x20
#define SRB_FLAGS_DATA_IN                  0x40
#define SRB_FLAGS_DATA_OUT                 0x80
#define SRB_FLAGS_NO_QUEUE_FREEZE          0x0100
#define SRB_FLAGS_ADAPTER_CACHE_ENABLE     0x0200
#define SRB_FLAGS_FREE_SENSE_BUFFER        0x0400
#define SRB_FLAGS_D3_PROCESSING            0x0800
#define SRB_FLAGS_SEQUENTIAL_REQUIRED      0x1000
#define SRB_FLAGS_IS_ACTIVE                0x00010000
#define SRB_FLAGS_ALLOCATED_FROM_ZONE      0x00020000
#define SRB_FLAGS_SGLIST_FROM_POOL         0x00040000
#define SRB_FLAGS_BYPASS_LOCKED_QUEUE      0x00080000
#define SRB_FLAGS_NO_KEEP_AWAKE            0x00100000
#define SRB_FLAGS_PORT_DRIVER_ALLOCSENSE   0x00200000
#define SRB_FLAGS_PORT_DRIVER_SENSEHASPORT 0x00400000
#define SRB_FLAGS_DONT_START_NEXT_PACKET   0x00800000
#define SRB_FLAGS_PORT_DRIVER_RESERVED     0x0F000000
#define SRB_FLAGS_CLASS_DRIVER_RESERVED    0xF0000000u
#define SRB_FLAGS_UNSPECIFIED_DIRECTION    (SRB_FLAGS_DATA_IN | SRB_FLAGS_DATA_OUT)

/* Queue tags. */
#define SRB_SIMPLE_TAG_REQUEST        0x20
#define SRB_HEAD_OF_QUEUE_TAG_REQUEST 0x21
#define SRB_ORDERED_QUEUE_TAG_REQUEST 0x22

/* The request is for the adapter, not for a unit. */
#define SRB_WMI_FLAGS_ADAPTER_REQUEST      0x01
#define SRB_POWER_FLAGS_ADAPTER_REQUEST    0x01
#define SRB_PNP_FLAGS_ADAPTER_REQUEST      0x01
#define SRB_IOCTL_FLAGS_ADAPTER_REQUEST    0x01
#define SRB_PROTOCOL_FLAGS_ADAPTER_REQUEST 0x01

/* Kinds of request blocks and of addresses that a miniport can choose. */
#define SRB_TYPE_SCSI_REQUEST_BLOCK    0x00
#define STORAGE_ADDRESS_TYPE_BTL8      0x00
#define SRB_TYPE_STORAGE_REQUEST_BLOCK 0x01
#define STORAGE_ADDRESS_TYPE_NVME      0x01
#define SRB_TYPE_NVME_REQUEST_BLOCK    0x02

/* The classic request. */
typedef struct _SCSI_REQUEST_BLOCK {
    USHORT Length;
    UCHAR Function;
    UCHAR SrbStatus;
    UCHAR ScsiStatus;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    UCHAR QueueTag;
    UCHAR QueueAction;
    UCHAR CdbLength;
    UCHAR SenseInfoBufferLength;
    ULONG SrbFlags;
    ULONG DataTransferLength;
    ULONG TimeOutValue;
    PVOID DataBuffer;
    PVOID SenseInfoBuffer;
    struct _SCSI_REQUEST_BLOCK *NextSrb;
    PVOID OriginalRequest;
    PVOID SrbExtension;
    union {
        ULONG InternalStatus;
        ULONG QueueSortKey;
        ULONG LinkTimeoutValue;
    };
    ULONG Reserved;
    UCHAR Cdb[16];
} SCSI_REQUEST_BLOCK, *PSCSI_REQUEST_BLOCK;

#define SCSI_REQUEST_BLOCK_SIZE sizeof(SCSI_REQUEST_BLOCK)

typedef struct _SCSI_WMI_REQUEST_BLOCK {
    USHORT Length;
    UCHAR Function;
    UCHAR SrbStatus;
    UCHAR WMISubFunction;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    UCHAR Reserved1;
    UCHAR WMIFlags;
    UCHAR Reserved2[2];
    ULONG SrbFlags;
    ULONG DataTransferLength;
    ULONG TimeOutValue;
    PVOID DataBuffer;
    PVOID DataPath;
    PVOID Reserved3;
    PVOID OriginalRequest;
    PVOID SrbExtension;
    ULONG Reserved4;
    ULONG Reserved6;
    UCHAR Reserved5[16];
} SCSI_WMI_REQUEST_BLOCK, *PSCSI_WMI_REQUEST_BLOCK;

/* Power and plug and play: actions and states as the port driver passes them on. */
typedef enum _STOR_DEVICE_POWER_STATE {
    StorPowerDeviceUnspecified = 0,
    StorPowerDeviceD0,
    StorPowerDeviceD1,
    StorPowerDeviceD2,
    StorPowerDeviceD3,
    StorPowerDeviceMaximum
} STOR_DEVICE_POWER_STATE,
    *PSTOR_DEVICE_POWER_STATE;

typedef enum _STOR_POWER_ACTION {
    StorPowerActionNone = 0,
    StorPowerActionReserved,
    StorPowerActionSleep,
    StorPowerActionHibernate,
    StorPowerActionShutdown,
    StorPowerActionShutdownReset,
    StorPowerActionShutdownOff,
    StorPowerActionWarmEject
} STOR_POWER_ACTION,
    *PSTOR_POWER_ACTION;

typedef struct _SCSI_POWER_REQUEST_BLOCK {
    USHORT Length;
    UCHAR Function;
    UCHAR SrbStatus;
    UCHAR SrbPowerFlags;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    STOR_DEVICE_POWER_STATE DevicePowerState;
    ULONG SrbFlags;
    ULONG DataTransferLength;
    ULONG TimeOutValue;
    PVOID DataBuffer;
    PVOID SenseInfoBuffer;
    struct _SCSI_REQUEST_BLOCK *NextSrb;
    PVOID OriginalRequest;
    PVOID SrbExtension;
    STOR_POWER_ACTION PowerAction;
    ULONG Reserved;
    UCHAR Reserved5[16];
} SCSI_POWER_REQUEST_BLOCK, *PSCSI_POWER_REQUEST_BLOCK;

typedef enum _STOR_PNP_ACTION {
    StorStartDevice = 0,
    StorRemoveDevice = 2,
    StorStopDevice = 4,
    StorQueryCapabilities = 9,
    StorQueryResourceRequirements = 11,
    StorFilterResourceRequirements = 13,
    StorSurpriseRemoval = 23
} STOR_PNP_ACTION,
    *PSTOR_PNP_ACTION;

typedef struct _SCSI_PNP_REQUEST_BLOCK {
    USHORT Length;
    UCHAR Function;
    UCHAR SrbStatus;
    UCHAR PnPSubFunction;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    STOR_PNP_ACTION PnPAction;
    ULONG SrbFlags;
    ULONG DataTransferLength;
    ULONG TimeOutValue;
    PVOID DataBuffer;
    PVOID SenseInfoBuffer;
    struct _SCSI_REQUEST_BLOCK *NextSrb;
    PVOID OriginalRequest;
    PVOID SrbExtension;
    ULONG SrbPnPFlags;
    ULONG Reserved;
    UCHAR Reserved4[16];
} SCSI_PNP_REQUEST_BLOCK, *PSCSI_PNP_REQUEST_BLOCK;

typedef struct WDK_MS_STRUCT _STOR_DEVICE_CAPABILITIES {
    USHORT Version;
    ULONG DeviceD1 : 1;
    ULONG DeviceD2 : 1;
    ULONG LockSupported : 1;
    ULONG EjectSupported : 1;
    ULONG Removable : 1;
    ULONG DockDevice : 1;
    ULONG UniqueID : 1;
    ULONG SilentInstall : 1;
    ULONG SurpriseRemovalOK : 1;
    ULONG NoDisplayInUI : 1;
} STOR_DEVICE_CAPABILITIES, *PSTOR_DEVICE_CAPABILITIES;

#define STOR_DEVICE_CAPABILITIES_EX_VERSION_1 1
typedef struct _STOR_DEVICE_CAPABILITIES_EX {
    USHORT Version;
    USHORT Size;
    ULONG DeviceD1 : 1;
    ULONG DeviceD2 : 1;
    ULONG LockSupported : 1;
    ULONG EjectSupported : 1;
    ULONG Removable : 1;
    ULONG DockDevice : 1;
    ULONG UniqueID : 1;
    ULONG SilentInstall : 1;
    ULONG RawDeviceOK : 1;
    ULONG SurpriseRemovalOK : 1;
    ULONG NoDisplayInUI : 1;
    ULONG DefaultWriteCacheEnabled : 1;
    ULONG Reserved0 : 20;
    ULONG Address;
    ULONG UINumber;
    UCHAR Reserved1[8];
} STOR_DEVICE_CAPABILITIES_EX, *PSTOR_DEVICE_CAPABILITIES_EX;

/* The extended request. */
#define SRB_SIGNATURE                   0x53524258
#define STORAGE_REQUEST_BLOCK_VERSION_1 1

/* The part that both forms share. */
typedef struct SRB_ALIGN _STORAGE_REQUEST_BLOCK_HEADER {
    USHORT Length;
    UCHAR Function;
    UCHAR SrbStatus;
} STORAGE_REQUEST_BLOCK_HEADER, *PSTORAGE_REQUEST_BLOCK_HEADER;

typedef struct SRB_ALIGN _STORAGE_REQUEST_BLOCK {
    USHORT Length;
    UCHAR Function;
    UCHAR SrbStatus;
    ULONG ReservedUlong1;
    ULONG Signature;
    ULONG Version;
    ULONG SrbLength;
    ULONG SrbFunction;
    ULONG SrbFlags;
    ULONG ReservedUlong2;
    ULONG RequestTag;
    USHORT RequestPriority;
    USHORT RequestAttribute;
    ULONG TimeOutValue;
    ULONG SystemStatus;
    ULONG ZeroGuard1;
    ULONG AddressOffset;
    ULONG NumSrbExData;
    ULONG DataTransferLength;
    PVOID DataBuffer;
    PVOID ZeroGuard2;
    PVOID OriginalRequest;
    PVOID ClassContext;
    PVOID PortContext;
    PVOID MiniportContext;
    struct _STORAGE_REQUEST_BLOCK *NextSrb;
    ULONG SrbExDataOffset[1];
} STORAGE_REQUEST_BLOCK, *PSTORAGE_REQUEST_BLOCK;

#define STORAGE_REQUEST_BLOCK_SIZE sizeof(STORAGE_REQUEST_BLOCK)

/* Priorities in RequestPriority. */
typedef enum _STOR_IO_PRIORITY_HINT {
    StorIoPriorityVeryLow = 0,
    StorIoPriorityLow,
    StorIoPriorityNormal,
    StorIoPriorityHigh,
    StorIoPriorityCritical,
    StorIoMaxPriorityTypes,
    StorIoMaxPriorityValue = 0xFFFF
} STOR_IO_PRIORITY_HINT,
    *PSTOR_IO_PRIORITY_HINT;

/* Extended data: what follows depends on Type. */
typedef enum _SRBEXDATATYPE {
    SrbExDataTypeUnknown = 0,
    SrbExDataTypeBidirectional,
    SrbExDataTypeScsiCdb16 = 64,
    SrbExDataTypeScsiCdb32,
    SrbExDataTypeScsiCdbVar,
    SrbExDataTypeNvmeCommand,
    SrbExDataTypeWmi = 0x60,
    SrbExDataTypePower,
    SrbExDataTypePnP,
    SrbExDataTypeIoInfo = 0x80,
    SrbExDataTypePassthroughDirect = 0xA0,
    SrbExDataTypeMSReservedStart = -0x10000000,
    SrbExDataTypeReserved = -1
} SRBEXDATATYPE,
    *PSRBEXDATATYPE;

typedef struct SRB_ALIGN _SRBEX_DATA {
    SRBEXDATATYPE Type;
    ULONG Length;
    UCHAR Data[1];
} SRBEX_DATA, *PSRBEX_DATA;

#define SRBEX_DATA_BIDIRECTIONAL_LENGTH (2 * sizeof(ULONG) + sizeof(PVOID))
typedef struct SRB_ALIGN _SRBEX_DATA_BIDIRECTIONAL {
    SRBEXDATATYPE Type;
    ULONG Length;
    ULONG DataInTransferLength;
    ULONG Reserved1;
    PVOID DataInBuffer;
} SRBEX_DATA_BIDIRECTIONAL, *PSRBEX_DATA_BIDIRECTIONAL;

#define SRBEX_DATA_SCSI_CDB16_LENGTH 0x20
typedef struct SRB_ALIGN _SRBEX_DATA_SCSI_CDB16 {
    SRBEXDATATYPE Type;
    ULONG Length;
    UCHAR ScsiStatus;
    UCHAR SenseInfoBufferLength;
    UCHAR CdbLength;
    UCHAR Reserved;
    ULONG Reserved1;
    PVOID SenseInfoBuffer;
    UCHAR Cdb[16];
} SRBEX_DATA_SCSI_CDB16, *PSRBEX_DATA_SCSI_CDB16;

#define SRBEX_DATA_SCSI_CDB32_LENGTH 0x30
typedef struct SRB_ALIGN _SRBEX_DATA_SCSI_CDB32 {
    SRBEXDATATYPE Type;
    ULONG Length;
    UCHAR ScsiStatus;
    UCHAR SenseInfoBufferLength;
    UCHAR CdbLength;
    UCHAR Reserved;
    ULONG Reserved1;
    PVOID SenseInfoBuffer;
    UCHAR Cdb[32];
} SRBEX_DATA_SCSI_CDB32, *PSRBEX_DATA_SCSI_CDB32;

#define SRBEX_DATA_SCSI_CDB_VAR_LENGTH_MIN 0x18
#define SRBEX_DATA_SCSI_CDB_VAR_LENGTH_MAX 0xffffffffUL
typedef struct SRB_ALIGN _SRBEX_DATA_SCSI_CDB_VAR {
    SRBEXDATATYPE Type;
    ULONG Length;
    UCHAR ScsiStatus;
    UCHAR SenseInfoBufferLength;
    USHORT Reserved;
    ULONG CdbLength;
    ULONG Reserved1[2];
    PVOID SenseInfoBuffer;
    UCHAR Cdb[1];
} SRBEX_DATA_SCSI_CDB_VAR, *PSRBEX_DATA_SCSI_CDB_VAR;

#define SRBEX_DATA_WMI_LENGTH 0x10
typedef struct SRB_ALIGN _SRBEX_DATA_WMI {
    SRBEXDATATYPE Type;
    ULONG Length;
    UCHAR WMISubFunction;
    UCHAR WMIFlags;
    USHORT Reserved;
    ULONG Reserved1;
    PVOID DataPath;
} SRBEX_DATA_WMI, *PSRBEX_DATA_WMI;

#define SRBEX_DATA_POWER_LENGTH 0x0c
typedef struct SRB_ALIGN _SRBEX_DATA_POWER {
    SRBEXDATATYPE Type;
    ULONG Length;
    UCHAR SrbPowerFlags;
    UCHAR Reserved[3];
    STOR_DEVICE_POWER_STATE DevicePowerState;
    STOR_POWER_ACTION PowerAction;
} SRBEX_DATA_POWER, *PSRBEX_DATA_POWER;

#define SRBEX_DATA_PNP_LENGTH 0x10
typedef struct SRB_ALIGN _SRBEX_DATA_PNP {
    SRBEXDATATYPE Type;
    ULONG Length;
    UCHAR PnPSubFunction;
    UCHAR Reserved[3];
    STOR_PNP_ACTION PnPAction;
    ULONG SrbPnPFlags;
    ULONG Reserved1;
} SRBEX_DATA_PNP, *PSRBEX_DATA_PNP;

/* What the file system knows about a read or write. */
#define REQUEST_INFO_HYBRID_WRITE_THROUGH_FLAG 0x20
#define REQUEST_INFO_NO_CACHE_FLAG             0x01
#define REQUEST_INFO_NO_FILE_OBJECT_FLAG       0x40
#define REQUEST_INFO_PAGING_IO_FLAG            0x02
#define REQUEST_INFO_SEQUENTIAL_IO_FLAG        0x04
#define REQUEST_INFO_STREAM_FLAG               0x0100
#define REQUEST_INFO_TEMPORARY_FLAG            0x08
#define REQUEST_INFO_VALID_CACHEPRIORITY_FLAG  0x80000000u
#define REQUEST_INFO_VOLSNAP_IO_FLAG           0x80
#define REQUEST_INFO_WRITE_THROUGH_FLAG        0x10
#define SRBEX_DATA_IO_INFO_LENGTH              0x18
typedef struct SRB_ALIGN _SRBEX_DATA_IO_INFO {
    SRBEXDATATYPE Type;
    ULONG Length;
    ULONG Flags;
    ULONG Key;
    ULONG RWLength;
    BOOLEAN IsWriteRequest;
    UCHAR CachePriority;
    USHORT Reserved;
    ULONG Reserved1[2];
} SRBEX_DATA_IO_INFO, *PSRBEX_DATA_IO_INFO;

/* A native NVMe command. */
typedef enum _SRBEX_DATA_NVME_COMMAND_TYPE {
    SRBEX_DATA_NVME_COMMAND_TYPE_NVM = 0,
    SRBEX_DATA_NVME_COMMAND_TYPE_ADMIN
} SRBEX_DATA_NVME_COMMAND_TYPE,
    *PSRBEX_DATA_NVME_COMMAND_TYPE;

typedef enum _SRBEX_DATA_NVME_COMMAND_FLAG {
    SRBEX_DATA_NVME_COMMAND_FLAG_REQUIRE_DATA_TRANSFER_IN = 1,
    SRBEX_DATA_NVME_COMMAND_FLAG_REQUIRE_DATA_TRANSFER_OUT = 2,
    SRBEX_DATA_NVME_COMMAND_FLAG_PRP_SET_ALREADY = 4,
    SRBEX_DATA_NVME_COMMAND_FLAG_SIGNATURE_ENABLED = 8
} SRBEX_DATA_NVME_COMMAND_FLAG,
    *PSRBEX_DATA_NVME_COMMAND_FLAG;

#define SRBEX_DATA_NVME_COMMAND_LENGTH 0x50
typedef struct SRB_ALIGN _SRBEX_DATA_NVME_COMMAND {
    SRBEXDATATYPE Type;
    ULONG Length;
    ULONG CommandDWORD0;
    ULONG CommandNSID;
    ULONG Reserved0[2];
    ULONGLONG CommandMPTR;
    ULONGLONG CommandPRP1;
    ULONGLONG CommandPRP2;
    ULONG CommandCDW10;
    ULONG CommandCDW11;
    ULONG CommandCDW12;
    ULONG CommandCDW13;
    ULONG CommandCDW14;
    ULONG CommandCDW15;
    UCHAR CommandType;
    UCHAR CommandFlags;
    union {
        struct {
            USHORT P : 1;
            USHORT SC : 8;
            USHORT SCT : 3;
            USHORT Reserved : 2;
            USHORT M : 1;
            USHORT DNR : 1;
        };
        USHORT AsUshort;
    } CommandStatus;
    ULONG QID;
    ULONG CommandTag;
    ULONG CQEntryDW0;
} SRBEX_DATA_NVME_COMMAND, *PSRBEX_DATA_NVME_COMMAND;

/* Event flags of the SCSI port driver's asynchronous notifications. */
#define SRBEV_BUS_RESET               0x01
#define SRBEV_SCSI_ASYNC_NOTIFICATION 0x02

/* What HwFindAdapter returns. */
#define SP_RETURN_NOT_FOUND  0x00
#define SP_RETURN_FOUND      0x01
#define SP_RETURN_ERROR      0x02
#define SP_RETURN_BAD_CONFIG 0x03

/* Error codes of StorPortLogError and ScsiPortLogError. */
#define SP_BUS_PARITY_ERROR          0x01
#define SP_UNEXPECTED_DISCONNECT     0x02
#define SP_INVALID_RESELECTION       0x03
#define SP_BUS_TIME_OUT              0x04
#define SP_PROTOCOL_ERROR            0x05
#define SP_INTERNAL_ADAPTER_ERROR    0x06
#define SP_REQUEST_TIMEOUT           0x07
#define SP_IRQ_NOT_RESPONDING        0x08
#define SP_BAD_FW_WARNING            0x09
#define SP_BAD_FW_ERROR              0x0A
#define SP_LOST_WMI_MINIPORT_REQUEST 0x0B
#define SP_VER_TRACE_SUPPORT         0x10

/* Dma64BitAddresses: what the system can do, and what the miniport says that the adapter can. */
#define SCSI_DMA64_SYSTEM_SUPPORTED             0x80
#define SCSI_DMA64_MINIPORT_SUPPORTED           0x01
#define SCSI_DMA64_MINIPORT_FULL64BIT_SUPPORTED 0x02

#endif

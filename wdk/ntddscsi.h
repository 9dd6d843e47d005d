/*
 * Control codes of storage ports: pass-through of SCSI and ATA commands, requests to a miniport
 * (SRB_IO_CONTROL), firmware, hybrid disks, dump pointers.
 */
#ifndef WDK_NTDDSCSI_H
#define WDK_NTDDSCSI_H
#define _NTDDSCSIH_

#include "devioctl.h"
#include "ntdef.h"
#include "storage/scsi_ioctl.h"

#define IOCTL_SCSI_BASE                FILE_DEVICE_CONTROLLER
#define DD_SCSI_DEVICE_NAME            "\\Device\\ScsiPort"
#define DD_SCSI_DEVICE_NAME_U          L"\\Device\\ScsiPort"
#define WDK_SCSI_CTL(function, access) CTL_CODE(IOCTL_SCSI_BASE, function, METHOD_BUFFERED, access)

/* Control codes. */
#define IOCTL_SCSI_PASS_THROUGH        WDK_SCSI_CTL(0x0401, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define IOCTL_SCSI_MINIPORT            WDK_SCSI_CTL(0x0402, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define IOCTL_SCSI_GET_INQUIRY_DATA    WDK_SCSI_CTL(0x0403, FILE_ANY_ACCESS)
#define IOCTL_SCSI_GET_CAPABILITIES    WDK_SCSI_CTL(0x0404, FILE_ANY_ACCESS)
#define IOCTL_SCSI_PASS_THROUGH_DIRECT WDK_SCSI_CTL(0x0405, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define IOCTL_SCSI_GET_ADDRESS         WDK_SCSI_CTL(0x0406, FILE_ANY_ACCESS)
#define IOCTL_SCSI_RESCAN_BUS          WDK_SCSI_CTL(0x0407, FILE_ANY_ACCESS)
#define IOCTL_SCSI_GET_DUMP_POINTERS   WDK_SCSI_CTL(0x0408, FILE_ANY_ACCESS)
#define IOCTL_SCSI_FREE_DUMP_POINTERS  WDK_SCSI_CTL(0x0409, FILE_ANY_ACCESS)
#define IOCTL_IDE_PASS_THROUGH         WDK_SCSI_CTL(0x040a, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define IOCTL_ATA_PASS_THROUGH         WDK_SCSI_CTL(0x040b, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define IOCTL_ATA_PASS_THROUGH_DIRECT  WDK_SCSI_CTL(0x040c, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define IOCTL_ATA_MINIPORT             WDK_SCSI_CTL(0x040d, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define IOCTL_MINIPORT_PROCESS_SERVICE_IRP                                                         \
    WDK_SCSI_CTL(0x040e, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define IOCTL_MPIO_PASS_THROUGH_PATH WDK_SCSI_CTL(0x040f, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define IOCTL_MPIO_PASS_THROUGH_PATH_DIRECT                                                        \
    WDK_SCSI_CTL(0x0410, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define IOCTL_SCSI_PASS_THROUGH_EX        WDK_SCSI_CTL(0x0411, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define IOCTL_SCSI_PASS_THROUGH_DIRECT_EX WDK_SCSI_CTL(0x0412, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define IOCTL_MPIO_PASS_THROUGH_PATH_EX   WDK_SCSI_CTL(0x0413, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define IOCTL_MPIO_PASS_THROUGH_PATH_DIRECT_EX                                                     \
    WDK_SCSI_CTL(0x0414, FILE_READ_ACCESS | FILE_WRITE_ACCESS)

/* Codes inside an SRB_IO_CONTROL, and the signatures that go with them. */
#define IOCTL_SCSI_MINIPORT_NVCACHE                        ((FILE_DEVICE_SCSI << 16) + 0x0600)
#define IOCTL_SCSI_MINIPORT_HYBRID                         ((FILE_DEVICE_SCSI << 16) + 0x0620)
#define IOCTL_SCSI_MINIPORT_FIRMWARE                       ((FILE_DEVICE_SCSI << 16) + 0x0780)
#define IOCTL_SCSI_MINIPORT_DIAGNOSTIC                     ((FILE_DEVICE_SCSI << 16) + 0x0900)
#define IOCTL_MINIPORT_SIGNATURE_DSM_GENERAL               "MPDSMGEN"
#define IOCTL_MINIPORT_SIGNATURE_DSM_NOTIFICATION          "MPDSM   "
#define IOCTL_MINIPORT_SIGNATURE_ENDURANCE_INFO            "ENDURINF"
#define IOCTL_MINIPORT_SIGNATURE_FIRMWARE                  "FIRMWARE"
#define IOCTL_MINIPORT_SIGNATURE_HYBRDISK                  "HYBRDISK"
#define IOCTL_MINIPORT_SIGNATURE_QUERY_PHYSICAL_TOPOLOGY   "TOPOLOGY"
#define IOCTL_MINIPORT_SIGNATURE_QUERY_PROTOCOL            "PROTOCOL"
#define IOCTL_MINIPORT_SIGNATURE_QUERY_TEMPERATURE         "TEMPERAT"
#define IOCTL_MINIPORT_SIGNATURE_SCSIDISK                  "SCSIDISK"
#define IOCTL_MINIPORT_SIGNATURE_SET_PROTOCOL              "SETPROTO"
#define IOCTL_MINIPORT_SIGNATURE_SET_TEMPERATURE_THRESHOLD "SETTEMPT"

/* SCSI commands from applications; the data follows, or is at an address (DIRECT). */
#define SCSI_IOCTL_DATA_BIDIRECTIONAL 0x03
#define SCSI_IOCTL_DATA_IN            0x01
#define SCSI_IOCTL_DATA_OUT           0x00
#define SCSI_IOCTL_DATA_UNSPECIFIED   0x02
typedef struct _SCSI_PASS_THROUGH {
    USHORT Length;
    UCHAR ScsiStatus;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    UCHAR CdbLength;
    UCHAR SenseInfoLength;
    UCHAR DataIn;
    ULONG DataTransferLength;
    ULONG TimeOutValue;
    ULONG_PTR DataBufferOffset;
    ULONG SenseInfoOffset;
    UCHAR Cdb[16];
} SCSI_PASS_THROUGH, *PSCSI_PASS_THROUGH;

typedef struct _SCSI_PASS_THROUGH_DIRECT {
    USHORT Length;
    UCHAR ScsiStatus;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    UCHAR CdbLength;
    UCHAR SenseInfoLength;
    UCHAR DataIn;
    ULONG DataTransferLength;
    ULONG TimeOutValue;
    PVOID DataBuffer;
    ULONG SenseInfoOffset;
    UCHAR Cdb[16];
} SCSI_PASS_THROUGH_DIRECT, *PSCSI_PASS_THROUGH_DIRECT;

typedef struct _SCSI_PASS_THROUGH_EX {
    ULONG Version;
    ULONG Length;
    ULONG CdbLength;
    ULONG StorAddressLength;
    UCHAR ScsiStatus;
    UCHAR SenseInfoLength;
    UCHAR DataDirection;
    UCHAR Reserved;
    ULONG TimeOutValue;
    ULONG StorAddressOffset;
    ULONG SenseInfoOffset;
    ULONG DataOutTransferLength;
    ULONG DataInTransferLength;
    ULONG_PTR DataOutBufferOffset;
    ULONG_PTR DataInBufferOffset;
    UCHAR Cdb[ANYSIZE_ARRAY];
} SCSI_PASS_THROUGH_EX, *PSCSI_PASS_THROUGH_EX;

typedef struct _SCSI_PASS_THROUGH_DIRECT_EX {
    ULONG Version;
    ULONG Length;
    ULONG CdbLength;
    ULONG StorAddressLength;
    UCHAR ScsiStatus;
    UCHAR SenseInfoLength;
    UCHAR DataDirection;
    UCHAR Reserved;
    ULONG TimeOutValue;
    ULONG StorAddressOffset;
    ULONG SenseInfoOffset;
    ULONG DataOutTransferLength;
    ULONG DataInTransferLength;
    PVOID DataOutBuffer;
    PVOID DataInBuffer;
    UCHAR Cdb[ANYSIZE_ARRAY];
} SCSI_PASS_THROUGH_DIRECT_EX, *PSCSI_PASS_THROUGH_DIRECT_EX;

/* The same from 32-bit applications; their pointers are numbers of 32 bits. */
typedef struct _SCSI_PASS_THROUGH32 {
    USHORT Length;
    UCHAR ScsiStatus;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    UCHAR CdbLength;
    UCHAR SenseInfoLength;
    UCHAR DataIn;
    ULONG DataTransferLength;
    ULONG TimeOutValue;
    ULONG DataBufferOffset;
    ULONG SenseInfoOffset;
    UCHAR Cdb[16];
} SCSI_PASS_THROUGH32, *PSCSI_PASS_THROUGH32;

typedef struct _SCSI_PASS_THROUGH_DIRECT32 {
    USHORT Length;
    UCHAR ScsiStatus;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    UCHAR CdbLength;
    UCHAR SenseInfoLength;
    UCHAR DataIn;
    ULONG DataTransferLength;
    ULONG TimeOutValue;
    ULONG DataBuffer;
    ULONG SenseInfoOffset;
    UCHAR Cdb[16];
} SCSI_PASS_THROUGH_DIRECT32, *PSCSI_PASS_THROUGH_DIRECT32;

typedef struct _SCSI_PASS_THROUGH32_EX {
    ULONG Version;
    ULONG Length;
    ULONG CdbLength;
    ULONG StorAddressLength;
    UCHAR ScsiStatus;
    UCHAR SenseInfoLength;
    UCHAR DataDirection;
    UCHAR Reserved;
    ULONG TimeOutValue;
    ULONG StorAddressOffset;
    ULONG SenseInfoOffset;
    ULONG DataOutTransferLength;
    ULONG DataInTransferLength;
    ULONG DataOutBufferOffset;
    ULONG DataInBufferOffset;
    UCHAR Cdb[ANYSIZE_ARRAY];
} SCSI_PASS_THROUGH32_EX, *PSCSI_PASS_THROUGH32_EX;

typedef struct _SCSI_PASS_THROUGH_DIRECT32_EX {
    ULONG Version;
    ULONG Length;
    ULONG CdbLength;
    ULONG StorAddressLength;
    UCHAR ScsiStatus;
    UCHAR SenseInfoLength;
    UCHAR DataDirection;
    UCHAR Reserved;
    ULONG TimeOutValue;
    ULONG StorAddressOffset;
    ULONG SenseInfoOffset;
    ULONG DataOutTransferLength;
    ULONG DataInTransferLength;
    ULONG DataOutBuffer;
    ULONG DataInBuffer;
    UCHAR Cdb[ANYSIZE_ARRAY];
} SCSI_PASS_THROUGH_DIRECT32_EX, *PSCSI_PASS_THROUGH_DIRECT32_EX;

/* ATA commands from applications. */
#define ATA_FLAGS_48BIT_COMMAND 0x08
#define ATA_FLAGS_DATA_IN       0x02
#define ATA_FLAGS_DATA_OUT      0x04
#define ATA_FLAGS_DRDY_REQUIRED 0x01
#define ATA_FLAGS_NO_MULTIPLE   0x20
#define ATA_FLAGS_USE_DMA       0x10
typedef struct _ATA_PASS_THROUGH_EX {
    USHORT Length;
    USHORT AtaFlags;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    UCHAR ReservedAsUchar;
    ULONG DataTransferLength;
    ULONG TimeOutValue;
    ULONG ReservedAsUlong;
    ULONG_PTR DataBufferOffset;
    UCHAR PreviousTaskFile[8];
    UCHAR CurrentTaskFile[8];
} ATA_PASS_THROUGH_EX, *PATA_PASS_THROUGH_EX;

typedef struct _ATA_PASS_THROUGH_DIRECT {
    USHORT Length;
    USHORT AtaFlags;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    UCHAR ReservedAsUchar;
    ULONG DataTransferLength;
    ULONG TimeOutValue;
    ULONG ReservedAsUlong;
    PVOID DataBuffer;
    UCHAR PreviousTaskFile[8];
    UCHAR CurrentTaskFile[8];
} ATA_PASS_THROUGH_DIRECT, *PATA_PASS_THROUGH_DIRECT;

typedef struct _ATA_PASS_THROUGH_EX32 {
    USHORT Length;
    USHORT AtaFlags;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    UCHAR ReservedAsUchar;
    ULONG DataTransferLength;
    ULONG TimeOutValue;
    ULONG ReservedAsUlong;
    ULONG DataBufferOffset;
    UCHAR PreviousTaskFile[8];
    UCHAR CurrentTaskFile[8];
} ATA_PASS_THROUGH_EX32, *PATA_PASS_THROUGH_EX32;

typedef struct _ATA_PASS_THROUGH_DIRECT32 {
    USHORT Length;
    USHORT AtaFlags;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    UCHAR ReservedAsUchar;
    ULONG DataTransferLength;
    ULONG TimeOutValue;
    ULONG ReservedAsUlong;
    ULONG DataBuffer;
    UCHAR PreviousTaskFile[8];
    UCHAR CurrentTaskFile[8];
} ATA_PASS_THROUGH_DIRECT32, *PATA_PASS_THROUGH_DIRECT32;

typedef struct _IDE_IO_CONTROL {
    ULONG HeaderLength;
    UCHAR Signature[8];
    ULONG Timeout;
    ULONG ControlCode;
    ULONG ReturnStatus;
    ULONG DataLength;
} IDE_IO_CONTROL, *PIDE_IO_CONTROL;

/* Commands along one path of a multipath disk. */
#define MPIO_IOCTL_FLAG_INVOLVE_DSM     0x04
#define MPIO_IOCTL_FLAG_USE_PATHID      0x01
#define MPIO_IOCTL_FLAG_USE_SCSIADDRESS 0x02
typedef struct _MPIO_PASS_THROUGH_PATH {
    SCSI_PASS_THROUGH PassThrough;
    ULONG Version;
    USHORT Length;
    UCHAR Flags;
    UCHAR PortNumber;
    ULONGLONG MpioPathId;
} MPIO_PASS_THROUGH_PATH, *PMPIO_PASS_THROUGH_PATH;

typedef struct _MPIO_PASS_THROUGH_PATH_DIRECT {
    SCSI_PASS_THROUGH_DIRECT PassThrough;
    ULONG Version;
    USHORT Length;
    UCHAR Flags;
    UCHAR PortNumber;
    ULONGLONG MpioPathId;
} MPIO_PASS_THROUGH_PATH_DIRECT, *PMPIO_PASS_THROUGH_PATH_DIRECT;

typedef struct _MPIO_PASS_THROUGH_PATH_EX {
    ULONG PassThroughOffset;
    ULONG Version;
    USHORT Length;
    UCHAR Flags;
    UCHAR PortNumber;
    ULONGLONG MpioPathId;
} MPIO_PASS_THROUGH_PATH_EX, *PMPIO_PASS_THROUGH_PATH_EX;

typedef struct _MPIO_PASS_THROUGH_PATH_DIRECT_EX {
    ULONG PassThroughOffset;
    ULONG Version;
    USHORT Length;
    UCHAR Flags;
    UCHAR PortNumber;
    ULONGLONG MpioPathId;
} MPIO_PASS_THROUGH_PATH_DIRECT_EX, *PMPIO_PASS_THROUGH_PATH_DIRECT_EX;

typedef struct _MPIO_PASS_THROUGH_PATH32 {
    SCSI_PASS_THROUGH32 PassThrough;
    ULONG Version;
    USHORT Length;
    UCHAR Flags;
    UCHAR PortNumber;
    ULONGLONG MpioPathId;
} MPIO_PASS_THROUGH_PATH32, *PMPIO_PASS_THROUGH_PATH32;

typedef struct _MPIO_PASS_THROUGH_PATH_DIRECT32 {
    SCSI_PASS_THROUGH_DIRECT32 PassThrough;
    ULONG Version;
    USHORT Length;
    UCHAR Flags;
    UCHAR PortNumber;
    ULONGLONG MpioPathId;
} MPIO_PASS_THROUGH_PATH_DIRECT32, *PMPIO_PASS_THROUGH_PATH_DIRECT32;

typedef struct _MPIO_PASS_THROUGH_PATH32_EX {
    ULONG PassThroughOffset;
    ULONG Version;
    USHORT Length;
    UCHAR Flags;
    UCHAR PortNumber;
    ULONGLONG MpioPathId;
} MPIO_PASS_THROUGH_PATH32_EX, *PMPIO_PASS_THROUGH_PATH32_EX;

typedef struct _MPIO_PASS_THROUGH_PATH_DIRECT32_EX {
    ULONG PassThroughOffset;
    ULONG Version;
    USHORT Length;
    UCHAR Flags;
    UCHAR PortNumber;
    ULONGLONG MpioPathId;
} MPIO_PASS_THROUGH_PATH_DIRECT32_EX, *PMPIO_PASS_THROUGH_PATH_DIRECT32_EX;

/* What an adapter has found. */
typedef struct _SCSI_BUS_DATA {
    UCHAR NumberOfLogicalUnits;
    UCHAR InitiatorBusId;
    ULONG InquiryDataOffset;
} SCSI_BUS_DATA, *PSCSI_BUS_DATA;

typedef struct _SCSI_ADAPTER_BUS_INFO {
    UCHAR NumberOfBuses;
    SCSI_BUS_DATA BusData[1];
} SCSI_ADAPTER_BUS_INFO, *PSCSI_ADAPTER_BUS_INFO;

typedef struct _SCSI_INQUIRY_DATA {
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
    BOOLEAN DeviceClaimed;
    ULONG InquiryDataLength;
    ULONG NextInquiryDataOffset;
    UCHAR InquiryData[1];
} SCSI_INQUIRY_DATA, *PSCSI_INQUIRY_DATA;

typedef struct _SCSI_ADDRESS {
    ULONG Length;
    UCHAR PortNumber;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
} SCSI_ADDRESS, *PSCSI_ADDRESS;

typedef struct _IO_SCSI_CAPABILITIES {
    ULONG Length;
    ULONG MaximumTransferLength;
    ULONG MaximumPhysicalPages;
    ULONG SupportedAsynchronousEvents;
    ULONG AlignmentMask;
    BOOLEAN TaggedQueuing;
    BOOLEAN AdapterScansDown;
    BOOLEAN AdapterUsesPio;
} IO_SCSI_CAPABILITIES, *PIO_SCSI_CAPABILITIES;

/* A request to the miniport; data follows the header. */
typedef struct _SRB_IO_CONTROL {
    ULONG HeaderLength;
    UCHAR Signature[8];
    ULONG Timeout;
    ULONG ControlCode;
    ULONG ReturnCode;
    ULONG Length;
} SRB_IO_CONTROL, *PSRB_IO_CONTROL;

/* Data set management. */
#define MINIPORT_DSM_NOTIFICATION_VERSION     0x01
#define MINIPORT_DSM_NOTIFICATION_VERSION_1   0x01
#define MINIPORT_DSM_NOTIFY_FLAG_BEGIN        0x01
#define MINIPORT_DSM_NOTIFY_FLAG_END          0x02
#define MINIPORT_DSM_PROFILE_CRASHDUMP_FILE   0x03
#define MINIPORT_DSM_PROFILE_HIBERNATION_FILE 0x02
#define MINIPORT_DSM_PROFILE_PAGE_FILE        0x01
#define MINIPORT_DSM_PROFILE_UNKNOWN          0x00
typedef struct _MP_DEVICE_DATA_SET_RANGE {
    LONGLONG StartingOffset;
    ULONGLONG LengthInBytes;
} MP_DEVICE_DATA_SET_RANGE, *PMP_DEVICE_DATA_SET_RANGE;

typedef struct _DSM_NOTIFICATION_REQUEST_BLOCK {
    ULONG Size;
    ULONG Version;
    ULONG NotifyFlags;
    ULONG DataSetProfile;
    ULONG Reserved[3];
    ULONG DataSetRangesCount;
    MP_DEVICE_DATA_SET_RANGE DataSetRanges[ANYSIZE_ARRAY];
} DSM_NOTIFICATION_REQUEST_BLOCK, *PDSM_NOTIFICATION_REQUEST_BLOCK;

/* Firmware. */
#define FIRMWARE_REQUEST_BLOCK_STRUCTURE_VERSION          0x01
#define FIRMWARE_FUNCTION_ACTIVATE                        0x03
#define FIRMWARE_FUNCTION_DOWNLOAD                        0x02
#define FIRMWARE_FUNCTION_GET_INFO                        0x01
#define FIRMWARE_REQUEST_FLAG_CONTROLLER                  0x01
#define FIRMWARE_REQUEST_FLAG_FIRST_SEGMENT               0x04
#define FIRMWARE_REQUEST_FLAG_LAST_SEGMENT                0x02
#define FIRMWARE_REQUEST_FLAG_REPLACE_EXISTING_IMAGE      0x40000000
#define FIRMWARE_REQUEST_FLAG_SWITCH_TO_EXISTING_FIRMWARE 0x80000000u
#define FIRMWARE_STATUS_SUCCESS                           0x00
#define FIRMWARE_STATUS_ERROR                             0x01
#define FIRMWARE_STATUS_ILLEGAL_REQUEST                   0x02
#define FIRMWARE_STATUS_INVALID_PARAMETER                 0x03
#define FIRMWARE_STATUS_INPUT_BUFFER_TOO_BIG              0x04
#define FIRMWARE_STATUS_OUTPUT_BUFFER_TOO_SMALL           0x05
#define FIRMWARE_STATUS_INVALID_SLOT                      0x06
#define FIRMWARE_STATUS_INVALID_IMAGE                     0x07
#define FIRMWARE_STATUS_CONTROLLER_ERROR                  0x10
#define FIRMWARE_STATUS_POWER_CYCLE_REQUIRED              0x20
#define FIRMWARE_STATUS_DEVICE_ERROR                      0x40
#define FIRMWARE_STATUS_INTERFACE_CRC_ERROR               0x80
#define FIRMWARE_STATUS_UNCORRECTABLE_DATA_ERROR          0x81
#define FIRMWARE_STATUS_MEDIA_CHANGE                      0x82
#define FIRMWARE_STATUS_ID_NOT_FOUND                      0x83
#define FIRMWARE_STATUS_MEDIA_CHANGE_REQUEST              0x84
#define FIRMWARE_STATUS_COMMAND_ABORT                     0x85
#define FIRMWARE_STATUS_END_OF_MEDIA                      0x86
#define FIRMWARE_STATUS_ILLEGAL_LENGTH                    0x87
typedef struct _FIRMWARE_REQUEST_BLOCK {
    ULONG Version;
    ULONG Size;
    ULONG Function;
    ULONG Flags;
    ULONG DataBufferOffset;
    ULONG DataBufferLength;
} FIRMWARE_REQUEST_BLOCK, *PFIRMWARE_REQUEST_BLOCK;

#define STORAGE_FIRMWARE_ACTIVATE_STRUCTURE_VERSION    0x01
#define STORAGE_FIRMWARE_DOWNLOAD_STRUCTURE_VERSION    0x01
#define STORAGE_FIRMWARE_DOWNLOAD_STRUCTURE_VERSION_V2 0x02
#define STORAGE_FIRMWARE_INFO_INVALID_SLOT             0xFF
#define STORAGE_FIRMWARE_INFO_STRUCTURE_VERSION        0x01
#define STORAGE_FIRMWARE_INFO_STRUCTURE_VERSION_V2     0x02
#define STORAGE_FIRMWARE_SLOT_INFO_V2_REVISION_LENGTH  0x10
typedef struct _STORAGE_FIRMWARE_SLOT_INFO {
    UCHAR SlotNumber;
    BOOLEAN ReadOnly;
    UCHAR Reserved[6];
    union {
        UCHAR Info[8];
        ULONGLONG AsUlonglong;
    } Revision;
} STORAGE_FIRMWARE_SLOT_INFO, *PSTORAGE_FIRMWARE_SLOT_INFO;

typedef struct _STORAGE_FIRMWARE_SLOT_INFO_V2 {
    UCHAR SlotNumber;
    BOOLEAN ReadOnly;
    UCHAR Reserved[6];
    UCHAR Revision[STORAGE_FIRMWARE_SLOT_INFO_V2_REVISION_LENGTH];
} STORAGE_FIRMWARE_SLOT_INFO_V2, *PSTORAGE_FIRMWARE_SLOT_INFO_V2;

typedef struct _STORAGE_FIRMWARE_INFO {
    ULONG Version;
    ULONG Size;
    BOOLEAN UpgradeSupport;
    UCHAR SlotCount;
    UCHAR ActiveSlot;
    UCHAR PendingActivateSlot;
    ULONG Reserved;
    STORAGE_FIRMWARE_SLOT_INFO Slot[0];
} STORAGE_FIRMWARE_INFO, *PSTORAGE_FIRMWARE_INFO;

typedef struct _STORAGE_FIRMWARE_INFO_V2 {
    ULONG Version;
    ULONG Size;
    BOOLEAN UpgradeSupport;
    UCHAR SlotCount;
    UCHAR ActiveSlot;
    UCHAR PendingActivateSlot;
    BOOLEAN FirmwareShared;
    UCHAR Reserved[3];
    ULONG ImagePayloadAlignment;
    ULONG ImagePayloadMaxSize;
    STORAGE_FIRMWARE_SLOT_INFO_V2 Slot[0];
} STORAGE_FIRMWARE_INFO_V2, *PSTORAGE_FIRMWARE_INFO_V2;

typedef struct _STORAGE_FIRMWARE_DOWNLOAD {
    ULONG Version;
    ULONG Size;
    ULONGLONG Offset;
    ULONGLONG BufferSize;
    UCHAR ImageBuffer[0];
} STORAGE_FIRMWARE_DOWNLOAD, *PSTORAGE_FIRMWARE_DOWNLOAD;

typedef struct _STORAGE_FIRMWARE_DOWNLOAD_V2 {
    ULONG Version;
    ULONG Size;
    ULONGLONG Offset;
    ULONGLONG BufferSize;
    UCHAR Slot;
    UCHAR Reserved[3];
    ULONG ImageSize;
    UCHAR ImageBuffer[0];
} STORAGE_FIRMWARE_DOWNLOAD_V2, *PSTORAGE_FIRMWARE_DOWNLOAD_V2;

typedef struct _STORAGE_FIRMWARE_ACTIVATE {
    ULONG Version;
    ULONG Size;
    UCHAR SlotToActivate;
    UCHAR Reserved0[3];
} STORAGE_FIRMWARE_ACTIVATE, *PSTORAGE_FIRMWARE_ACTIVATE;

/* Wear of a device. */
typedef struct _STORAGE_ENDURANCE_INFO {
    ULONG ValidFields;
    ULONG GroupId;
    struct {
        ULONG Shared : 1;
        ULONG Reserved : 31;
    } Flags;
    ULONG LifePercentage;
    UCHAR BytesReadCount[16];
    UCHAR ByteWriteCount[16];
} STORAGE_ENDURANCE_INFO, *PSTORAGE_ENDURANCE_INFO;

typedef struct _STORAGE_ENDURANCE_DATA_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    STORAGE_ENDURANCE_INFO EnduranceInfo;
} STORAGE_ENDURANCE_DATA_DESCRIPTOR, *PSTORAGE_ENDURANCE_DATA_DESCRIPTOR;

/* Diagnostic data. */
typedef enum _MP_STORAGE_DIAGNOSTIC_LEVEL {
    MpStorageDiagnosticLevelDefault = 0,
    MpStorageDiagnosticLevelMax
} MP_STORAGE_DIAGNOSTIC_LEVEL,
    *PMP_STORAGE_DIAGNOSTIC_LEVEL;

typedef enum _MP_STORAGE_DIAGNOSTIC_TARGET_TYPE {
    MpStorageDiagnosticTargetTypeUndefined = 0,
    MpStorageDiagnosticTargetTypeMiniport = 2,
    MpStorageDiagnosticTargetTypeHbaFirmware,
    MpStorageDiagnosticTargetTypeMax
} MP_STORAGE_DIAGNOSTIC_TARGET_TYPE,
    *PMP_STORAGE_DIAGNOSTIC_TARGET_TYPE;

#define STORAGE_DIAGNOSTIC_STATUS_BUFFER_TOO_SMALL    0x01
#define STORAGE_DIAGNOSTIC_STATUS_INVALID_PARAMETER   0x03
#define STORAGE_DIAGNOSTIC_STATUS_INVALID_SIGNATURE   0x04
#define STORAGE_DIAGNOSTIC_STATUS_INVALID_TARGET_TYPE 0x05
#define STORAGE_DIAGNOSTIC_STATUS_MORE_DATA           0x06
#define STORAGE_DIAGNOSTIC_STATUS_SUCCESS             0x00
#define STORAGE_DIAGNOSTIC_STATUS_UNSUPPORTED_VERSION 0x02
typedef struct _STORAGE_DIAGNOSTIC_MP_REQUEST {
    ULONG Version;
    ULONG Size;
    MP_STORAGE_DIAGNOSTIC_TARGET_TYPE TargetType;
    MP_STORAGE_DIAGNOSTIC_LEVEL Level;
    GUID ProviderId;
    ULONG BufferSize;
    ULONG Reserved;
    UCHAR DataBuffer[ANYSIZE_ARRAY];
} STORAGE_DIAGNOSTIC_MP_REQUEST, *PSTORAGE_DIAGNOSTIC_MP_REQUEST;

/* Disks with a cache of flash memory. */
#define HYBRID_REQUEST_BLOCK_STRUCTURE_VERSION 0x01
#define HYBRID_REQUEST_INFO_STRUCTURE_VERSION  0x01
#define HYBRID_FUNCTION_DEMOTE_BY_SIZE         0x13
#define HYBRID_FUNCTION_DISABLE_CACHING_MEDIUM 0x10
#define HYBRID_FUNCTION_ENABLE_CACHING_MEDIUM  0x11
#define HYBRID_FUNCTION_GET_INFO               0x01
#define HYBRID_FUNCTION_SET_DIRTY_THRESHOLD    0x12
#define HYBRID_STATUS_ENABLE_REFCOUNT_HOLD     0x10
#define HYBRID_STATUS_ILLEGAL_REQUEST          0x01
#define HYBRID_STATUS_INVALID_PARAMETER        0x02
#define HYBRID_STATUS_OUTPUT_BUFFER_TOO_SMALL  0x03
#define HYBRID_STATUS_SUCCESS                  0x00
typedef enum _NVCACHE_STATUS {
    NvCacheStatusUnknown = 0,
    NvCacheStatusDisabling,
    NvCacheStatusDisabled,
    NvCacheStatusEnabled
} NVCACHE_STATUS,
    *PNVCACHE_STATUS;

typedef enum _NVCACHE_TYPE {
    NvCacheTypeUnknown = 0,
    NvCacheTypeNone,
    NvCacheTypeWriteBack,
    NvCacheTypeWriteThrough
} NVCACHE_TYPE,
    *PNVCACHE_TYPE;

typedef struct _HYBRID_REQUEST_BLOCK {
    ULONG Version;
    ULONG Size;
    ULONG Function;
    ULONG Flags;
    ULONG DataBufferOffset;
    ULONG DataBufferLength;
} HYBRID_REQUEST_BLOCK, *PHYBRID_REQUEST_BLOCK;

typedef struct _NVCACHE_PRIORITY_LEVEL_DESCRIPTOR {
    UCHAR PriorityLevel;
    UCHAR Reserved0[3];
    ULONG ConsumedNVMSizeFraction;
    ULONG ConsumedMappingResourcesFraction;
    ULONG ConsumedNVMSizeForDirtyDataFraction;
    ULONG ConsumedMappingResourcesForDirtyDataFraction;
    ULONG Reserved1;
} NVCACHE_PRIORITY_LEVEL_DESCRIPTOR, *PNVCACHE_PRIORITY_LEVEL_DESCRIPTOR;

typedef struct _HYBRID_INFORMATION {
    ULONG Version;
    ULONG Size;
    BOOLEAN HybridSupported;
    NVCACHE_STATUS Status;
    NVCACHE_TYPE CacheTypeEffective;
    NVCACHE_TYPE CacheTypeDefault;
    ULONG FractionBase;
    ULONGLONG CacheSize;
    struct {
        ULONG WriteCacheChangeable : 1;
        ULONG WriteThroughIoSupported : 1;
        ULONG FlushCacheSupported : 1;
        ULONG Removable : 1;
        ULONG ReservedBits : 28;
    } Attributes;
    struct {
        UCHAR PriorityLevelCount;
        UCHAR MaxPriorityBehavior;
        UCHAR OptimalWriteGranularity;
        UCHAR Reserved;
        ULONG DirtyThresholdLow;
        ULONG DirtyThresholdHigh;
        struct {
            ULONG CacheDisable : 1;
            ULONG SetDirtyThreshold : 1;
            ULONG PriorityDemoteBySize : 1;
            ULONG PriorityChangeByLbaRange : 1;
            ULONG Evict : 1;
            ULONG ReservedBits : 27;
            ULONG MaxEvictCommands;
            ULONG MaxLbaRangeCountForEvict;
            ULONG MaxLbaRangeCountForChangeLba;
        } SupportedCommands;
        NVCACHE_PRIORITY_LEVEL_DESCRIPTOR Priority[0];
    } Priorities;
} HYBRID_INFORMATION, *PHYBRID_INFORMATION;

typedef struct _HYBRID_DIRTY_THRESHOLDS {
    ULONG Version;
    ULONG Size;
    ULONG DirtyLowThreshold;
    ULONG DirtyHighThreshold;
} HYBRID_DIRTY_THRESHOLDS, *PHYBRID_DIRTY_THRESHOLDS;

typedef struct _HYBRID_DEMOTE_BY_SIZE {
    ULONG Version;
    ULONG Size;
    UCHAR SourcePriority;
    UCHAR TargetPriority;
    USHORT Reserved0;
    ULONG Reserved1;
    ULONGLONG LbaCount;
} HYBRID_DEMOTE_BY_SIZE, *PHYBRID_DEMOTE_BY_SIZE;

/* The older interface of non-volatile caches. */
#define NRB_FUNCTION_ADD_LBAS_PINNED_SET           0x10
#define NRB_FUNCTION_FLUSH_NVCACHE                 0x14
#define NRB_FUNCTION_NVCACHE_INFO                  0xEC
#define NRB_FUNCTION_NVCACHE_POWER_MODE_RETURN     0x01
#define NRB_FUNCTION_NVCACHE_POWER_MODE_SET        0x00
#define NRB_FUNCTION_NVSEPARATED_FLUSH             0xC1
#define NRB_FUNCTION_NVSEPARATED_INFO              0xC0
#define NRB_FUNCTION_NVSEPARATED_WB_DISABLE        0xC2
#define NRB_FUNCTION_NVSEPARATED_WB_REVERT_DEFAULT 0xC3
#define NRB_FUNCTION_PASS_HINT_PAYLOAD             0xE0
#define NRB_FUNCTION_QUERY_ASCENDER_STATUS         0xD0
#define NRB_FUNCTION_QUERY_CACHE_MISS              0x13
#define NRB_FUNCTION_QUERY_HYBRID_DISK_STATUS      0xD1
#define NRB_FUNCTION_QUERY_PINNED_SET              0x12
#define NRB_FUNCTION_REMOVE_LBAS_PINNED_SET        0x11
#define NRB_FUNCTION_SPINDLE_STATUS                0xE5
#define NRB_ILLEGAL_REQUEST                        0x01
#define NRB_INPUT_DATA_OVERRUN                     0x03
#define NRB_INPUT_DATA_UNDERRUN                    0x04
#define NRB_INVALID_PARAMETER                      0x02
#define NRB_OUTPUT_DATA_OVERRUN                    0x05
#define NRB_OUTPUT_DATA_UNDERRUN                   0x06
#define NRB_SUCCESS                                0x00
typedef struct _NVCACHE_REQUEST_BLOCK {
    ULONG NRBSize;
    USHORT Function;
    ULONG NRBFlags;
    ULONG NRBStatus;
    ULONG Count;
    ULONGLONG LBA;
    ULONG DataBufSize;
    ULONG NVCacheStatus;
    ULONG NVCacheSubStatus;
} NVCACHE_REQUEST_BLOCK, *PNVCACHE_REQUEST_BLOCK;

typedef struct _NV_FEATURE_PARAMETER {
    USHORT NVPowerModeEnabled;
    USHORT NVParameterReserv1;
    USHORT NVCmdEnabled;
    USHORT NVParameterReserv2;
    USHORT NVPowerModeVer;
    USHORT NVCmdVer;
    ULONG NVSize;
    USHORT NVReadSpeed;
    USHORT NVWrtSpeed;
    ULONG DeviceSpinUpTime;
} NV_FEATURE_PARAMETER, *PNV_FEATURE_PARAMETER;

typedef struct _NVCACHE_HINT_PAYLOAD {
    UCHAR Command;
    UCHAR Feature7_0;
    UCHAR Feature15_8;
    UCHAR Count15_8;
    UCHAR LBA7_0;
    UCHAR LBA15_8;
    UCHAR LBA23_16;
    UCHAR LBA31_24;
    UCHAR LBA39_32;
    UCHAR LBA47_40;
    UCHAR Auxiliary7_0;
    UCHAR Auxiliary23_16;
    UCHAR Reserved[4];
} NVCACHE_HINT_PAYLOAD, *PNVCACHE_HINT_PAYLOAD;

#define NV_SEP_CACHE_PARAMETER_VERSION   0x01
#define NV_SEP_CACHE_PARAMETER_VERSION_1 0x01
typedef enum _NV_SEP_WRITE_CACHE_TYPE {
    NVSEPWriteCacheTypeUnknown = 0,
    NVSEPWriteCacheTypeNone,
    NVSEPWriteCacheTypeWriteBack,
    NVSEPWriteCacheTypeWriteThrough
} NV_SEP_WRITE_CACHE_TYPE,
    *PNV_SEP_WRITE_CACHE_TYPE;

typedef struct _NV_SEP_CACHE_PARAMETER {
    ULONG Version;
    ULONG Size;
    union {
        struct {
            UCHAR WriteCacheEnabled : 1;
            UCHAR WriteCacheChangeable : 1;
            UCHAR WriteThroughIOSupported : 1;
            UCHAR FlushCacheSupported : 1;
            UCHAR ReservedBits : 4;
        } CacheFlags;
        UCHAR CacheFlagsSet;
    } Flags;
    UCHAR WriteCacheType;
    UCHAR WriteCacheTypeEffective;
    UCHAR ParameterReserve1[3];
} NV_SEP_CACHE_PARAMETER, *PNV_SEP_CACHE_PARAMETER;

/* What the dump driver needs from the port driver. */
struct _ADAPTER_OBJECT;
struct _DEVICE_OBJECT;
struct _MEMORY_DESCRIPTOR;
#define DUMP_POINTERS_VERSION_1               0x01
#define DUMP_POINTERS_VERSION_2               0x02
#define DUMP_POINTERS_VERSION_3               0x03
#define DUMP_POINTERS_VERSION_4               0x04
#define DUMP_DRIVER_NAME_LENGTH               0x0F
#define DUMP_EX_FLAG_SUPPORT_64BITMEMORY      0x01
#define DUMP_EX_FLAG_SUPPORT_DD_TELEMETRY     0x02
#define DUMP_EX_FLAG_RESUME_SUPPORT           0x04
#define DUMP_EX_FLAG_DRIVER_FULL_PATH_SUPPORT 0x08
typedef struct _NTSCSI_UNICODE_STRING {
    USHORT Length;
    USHORT MaximumLength;
    PWCHAR Buffer;
} NTSCSI_UNICODE_STRING, *PNTSCSI_UNICODE_STRING;

typedef struct _DUMP_POINTERS_VERSION {
    ULONG Version;
    ULONG Size;
} DUMP_POINTERS_VERSION, *PDUMP_POINTERS_VERSION;

typedef struct _DUMP_POINTERS {
    struct _ADAPTER_OBJECT *AdapterObject;
    PVOID MappedRegisterBase;
    PVOID DumpData;
    PVOID CommonBufferVa;
    LARGE_INTEGER CommonBufferPa;
    ULONG CommonBufferSize;
    BOOLEAN AllocateCommonBuffers;
    BOOLEAN UseDiskDump;
    UCHAR Spare1[2];
    PVOID DeviceObject;
} DUMP_POINTERS, *PDUMP_POINTERS;

typedef struct _DUMP_DRIVER {
    PVOID DumpDriverList;
    WCHAR DriverName[DUMP_DRIVER_NAME_LENGTH];
    WCHAR BaseName[DUMP_DRIVER_NAME_LENGTH];
} DUMP_DRIVER, *PDUMP_DRIVER;

typedef struct _DUMP_DRIVER_EX {
    PVOID DumpDriverList;
    WCHAR DriverName[DUMP_DRIVER_NAME_LENGTH];
    WCHAR BaseName[DUMP_DRIVER_NAME_LENGTH];
    NTSCSI_UNICODE_STRING DriverFullPath;
} DUMP_DRIVER_EX, *PDUMP_DRIVER_EX;

typedef LONG NTAPI DUMP_DEVICE_POWERON_ROUTINE(PVOID Context);
typedef DUMP_DEVICE_POWERON_ROUTINE *PDUMP_DEVICE_POWERON_ROUTINE;
typedef struct _DUMP_POINTERS_EX {
    DUMP_POINTERS_VERSION Header;
    PVOID DumpData;
    PVOID CommonBufferVa;
    ULONG CommonBufferSize;
    BOOLEAN AllocateCommonBuffers;
    PVOID DeviceObject;
    PVOID DriverList;
#if NTDDI_VERSION >= NTDDI_WIN8
    ULONG dwPortFlags;
    ULONG MaxDeviceDumpSectionSize;
    ULONG MaxDeviceDumpLevel;
    ULONG MaxTransferSize;
    struct _ADAPTER_OBJECT *AdapterObject;
    PVOID MappedRegisterBase;
    PBOOLEAN DeviceReady;
#endif
#if NTDDI_VERSION >= NTDDI_WINBLUE
    PDUMP_DEVICE_POWERON_ROUTINE DumpDevicePowerOn;
    PVOID DumpDevicePowerOnContext;
#endif
} DUMP_POINTERS_EX, *PDUMP_POINTERS_EX;

#define DUMP_POINTERS_EX_V2_SIZE 48
#define DUMP_POINTERS_EX_V3_SIZE 88
#define DUMP_POINTERS_EX_V4_SIZE 104

#endif

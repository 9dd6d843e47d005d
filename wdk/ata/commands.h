/*
 * ATA commands, the registers that carry them, and what the registers say afterwards.
 */
#ifndef WDK_ATA_COMMANDS_H
#define WDK_ATA_COMMANDS_H

#include "../ntdef.h"

/* Bytes of a device: no member is aligned. */
#pragma pack(push, 1)

/* What the sector count and address registers hold after a reset tells the kind of device. */
#define ATA_DEVICE_SIGNATURE_ATA             0x101
#define ATA_DEVICE_SIGNATURE_PORT_MULTIPLIER 0x96690101
#define ATA_DEVICE_SIGNATURE_HOST_ZONED      0xABCD0101
#define ATA_DEVICE_SIGNATURE_ENCLOSURE       0xC33C0101
#define ATA_DEVICE_SIGNATURE_ATAPI           0xEB140101

/* Opcodes. The ATAPI and EXT forms are for packet devices and for 48-bit addresses. */
#define IDE_COMMAND_NOP                         0x0
#define IDE_COMMAND_DATA_SET_MANAGEMENT         0x6
#define IDE_COMMAND_ATAPI_RESET                 0x8
#define IDE_COMMAND_GET_PHYSICAL_ELEMENT_STATUS 0x12
#define IDE_COMMAND_READ                        0x20
#define IDE_COMMAND_READ_EXT                    0x24
#define IDE_COMMAND_READ_DMA_EXT                0x25
#define IDE_COMMAND_READ_DMA_QUEUED_EXT         0x26
#define IDE_COMMAND_READ_MULTIPLE_EXT           0x29
#define IDE_COMMAND_READ_LOG_EXT                0x2F
#define IDE_COMMAND_WRITE                       0x30
#define IDE_COMMAND_WRITE_EXT                   0x34
#define IDE_COMMAND_WRITE_DMA_EXT               0x35
#define IDE_COMMAND_WRITE_DMA_QUEUED_EXT        0x36
#define IDE_COMMAND_WRITE_MULTIPLE_EXT          0x39
#define IDE_COMMAND_WRITE_DMA_FUA_EXT           0x3D
#define IDE_COMMAND_WRITE_DMA_QUEUED_FUA_EXT    0x3E
#define IDE_COMMAND_WRITE_LOG_EXT               0x3F
#define IDE_COMMAND_VERIFY                      0x40
#define IDE_COMMAND_VERIFY_EXT                  0x42
#define IDE_COMMAND_ZAC_MANAGEMENT_IN           0x4A
#define IDE_COMMAND_WRITE_LOG_DMA_EXT           0x57
#define IDE_COMMAND_TRUSTED_NON_DATA            0x5B
#define IDE_COMMAND_TRUSTED_RECEIVE             0x5C
#define IDE_COMMAND_TRUSTED_RECEIVE_DMA         0x5D
#define IDE_COMMAND_TRUSTED_SEND                0x5E
#define IDE_COMMAND_TRUSTED_SEND_DMA            0x5F
#define IDE_COMMAND_READ_FPDMA_QUEUED           0x60
#define IDE_COMMAND_WRITE_FPDMA_QUEUED          0x61
#define IDE_COMMAND_NCQ_NON_DATA                0x63
#define IDE_COMMAND_SEND_FPDMA_QUEUED           0x64
#define IDE_COMMAND_RECEIVE_FPDMA_QUEUED        0x65
#define IDE_COMMAND_SET_DATE_AND_TIME           0x77
#define IDE_COMMAND_REMOVE_ELEMENT_AND_TRUNCATE 0x7C
#define IDE_COMMAND_EXECUTE_DEVICE_DIAGNOSTIC   0x90
#define IDE_COMMAND_SET_DRIVE_PARAMETERS        0x91
#define IDE_COMMAND_DOWNLOAD_MICROCODE          0x92
#define IDE_COMMAND_DOWNLOAD_MICROCODE_DMA      0x93
#define IDE_COMMAND_ZAC_MANAGEMENT_OUT          0x9F
#define IDE_COMMAND_ATAPI_PACKET                0xA0
#define IDE_COMMAND_ATAPI_IDENTIFY              0xA1
#define IDE_COMMAND_SMART                       0xB0
#define IDE_COMMAND_READ_LOG_DMA_EXT            0xB1
#define IDE_COMMAND_SANITIZE_DEVICE             0xB4
#define IDE_COMMAND_READ_MULTIPLE               0xC4
#define IDE_COMMAND_WRITE_MULTIPLE              0xC5
#define IDE_COMMAND_SET_MULTIPLE                0xC6
#define IDE_COMMAND_READ_DMA                    0xC8
#define IDE_COMMAND_WRITE_DMA                   0xCA
#define IDE_COMMAND_WRITE_DMA_QUEUED            0xCC
#define IDE_COMMAND_WRITE_MULTIPLE_FUA_EXT      0xCE
#define IDE_COMMAND_GET_MEDIA_STATUS            0xDA
#define IDE_COMMAND_DOOR_LOCK                   0xDE
#define IDE_COMMAND_DOOR_UNLOCK                 0xDF
#define IDE_COMMAND_STANDBY_IMMEDIATE           0xE0
#define IDE_COMMAND_IDLE_IMMEDIATE              0xE1
#define IDE_COMMAND_CHECK_POWER                 0xE5
#define IDE_COMMAND_SLEEP                       0xE6
#define IDE_COMMAND_FLUSH_CACHE                 0xE7
#define IDE_COMMAND_FLUSH_CACHE_EXT             0xEA
#define IDE_COMMAND_IDENTIFY                    0xEC
#define IDE_COMMAND_MEDIA_EJECT                 0xED
#define IDE_COMMAND_SET_FEATURE                 0xEF
#define IDE_COMMAND_SECURITY_SET_PASSWORD       0xF1
#define IDE_COMMAND_SECURITY_UNLOCK             0xF2
#define IDE_COMMAND_SECURITY_ERASE_PREPARE      0xF3
#define IDE_COMMAND_SECURITY_ERASE_UNIT         0xF4
#define IDE_COMMAND_SECURITY_FREEZE_LOCK        0xF5
#define IDE_COMMAND_SECURITY_DISABLE_PASSWORD   0xF6
#define IDE_COMMAND_NOT_VALID                   0xFF

/* Opcodes in a packet that the SCSI headers do not have. */
#define ATAPI_LS120_FORMAT_UNIT 0x24
#define ATAPI_MODE_SELECT       0x55
#define ATAPI_MODE_SENSE        0x5A

/* Status register. */
#define IDE_STATUS_ERROR           0x1
#define IDE_STATUS_INDEX           0x2
#define IDE_STATUS_CORRECTED_ERROR 0x4
#define IDE_STATUS_DRQ             0x8
#define IDE_STATUS_DSC             0x10
#define IDE_STATUS_DEVICE_FAULT    0x20
#define IDE_STATUS_DRDY            0x40
#define IDE_STATUS_IDLE            0x50
#define IDE_STATUS_BUSY            0x80

/* Error register. One bit may mean two things, for two commands. */
#define IDE_ERROR_ADDRESS_NOT_FOUND 0x1
#define IDE_ERROR_ILLEGAL_LENGTH    0x1
#define IDE_ERROR_END_OF_MEDIA      0x2
#define IDE_ERROR_COMMAND_ABORTED   0x4
#define IDE_ERROR_MEDIA_CHANGE_REQ  0x8
#define IDE_ERROR_ID_NOT_FOUND      0x10
#define IDE_ERROR_MEDIA_CHANGE      0x20
#define IDE_ERROR_DATA_ERROR        0x40
#define IDE_ERROR_BAD_BLOCK         0x80
#define IDE_ERROR_CRC_ERROR         0x80

/* Device control register. */
#define IDE_DC_REENABLE_CONTROLLER 0x0
#define IDE_DC_DISABLE_INTERRUPTS  0x2
#define IDE_DC_RESET_CONTROLLER    0x4

/* Device register: the address is a block number. */
#define IDE_LBA_MODE 0x40

/* Subcommands of IDE_COMMAND_SET_FEATURE, in the features register. */
#define IDE_FEATURE_ENABLE_WRITE_CACHE         0x2
#define IDE_FEATURE_SET_TRANSFER_MODE          0x3
#define IDE_FEATURE_ENABLE_PUIS                0x6
#define IDE_FEATURE_PUIS_SPIN_UP               0x7
#define IDE_FEATURE_ENABLE_SATA_FEATURE        0x10
#define IDE_FEATURE_DISABLE_MSN                0x31
#define IDE_FEATURE_DISABLE_REVERT_TO_POWER_ON 0x66
#define IDE_FEATURE_DISABLE_WRITE_CACHE        0x82
#define IDE_FEATURE_DISABLE_PUIS               0x86
#define IDE_FEATURE_DISABLE_SATA_FEATURE       0x90
#define IDE_FEATURE_ENABLE_MSN                 0x95

/* What IDE_FEATURE_ENABLE_SATA_FEATURE switches, in the sector count register. */
#define IDE_SATA_FEATURE_NON_ZERO_DMA_BUFFER_OFFSET        0x1
#define IDE_SATA_FEATURE_DMA_SETUP_FIS_AUTO_ACTIVATE       0x2
#define IDE_SATA_FEATURE_DEVICE_INITIATED_POWER_MANAGEMENT 0x3
#define IDE_SATA_FEATURE_GUARANTEED_IN_ORDER_DELIVERY      0x4
#define IDE_SATA_FEATURE_ASYNCHRONOUS_NOTIFICATION         0x5
#define IDE_SATA_FEATURE_SOFTWARE_SETTINGS_PRESERVATION    0x6
#define IDE_SATA_FEATURE_DEVICE_AUTO_PARTIAL_TO_SLUMBER    0x7
#define IDE_SATA_FEATURE_ENABLE_HARDWARE_FEATURE_CONTROL   0x8
#define IDE_SATA_FEATURE_DEVSLP                            0x9
#define IDE_SATA_FEATURE_HYBRID_INFORMATION                0xA

/* Subcommands of IDE_COMMAND_SMART. */
#define IDE_SMART_READ_ATTRIBUTES             0xD0
#define IDE_SMART_READ_THRESHOLDS             0xD1
#define IDE_SMART_ENABLE_DISABLE_AUTOSAVE     0xD2
#define IDE_SMART_SAVE_ATTRIBUTE_VALUES       0xD3
#define IDE_SMART_EXECUTE_OFFLINE_DIAGS       0xD4
#define IDE_SMART_READ_LOG                    0xD5
#define IDE_SMART_WRITE_LOG                   0xD6
#define IDE_SMART_ENABLE                      0xD8
#define IDE_SMART_DISABLE                     0xD9
#define IDE_SMART_RETURN_STATUS               0xDA
#define IDE_SMART_ENABLE_DISABLE_AUTO_OFFLINE 0xDB

/* IDE_COMMAND_DATA_SET_MANAGEMENT. */
#define IDE_DSM_FEATURE_TRIM 0x1

/* Subcommands of the queued commands without data, and with data sent or received. */
#define IDE_NCQ_NON_DATA_ABORT_NCQ_QUEUE            0x0
#define IDE_NCQ_SEND_DATA_SET_MANAGEMENT            0x0
#define IDE_NCQ_NON_DATA_DEADLINE_HANDLING          0x1
#define IDE_NCQ_SEND_HYBRID_EVICT                   0x1
#define IDE_NCQ_NON_DATA_HYBRID_CHANGE_BY_SIZE      0x2
#define IDE_NCQ_NON_DATA_HYBRID_DEMOTE_BY_SIZE      0x2
#define IDE_NCQ_NON_DATA_HYBRID_CHANGE_BY_LBA_RANGE 0x3
#define IDE_NCQ_NON_DATA_HYBRID_CONTROL             0x4

/* Actions of the zone management commands. */
#define ZM_ACTION_REPORT_ZONES        0x0
#define ZM_ACTION_CLOSE_ZONE          0x1
#define ZM_ACTION_FINISH_ZONE         0x2
#define ZM_ACTION_OPEN_ZONE           0x3
#define ZM_ACTION_RESET_WRITE_POINTER 0x4
#define ZM_ALL_ZONES_BIT              0x100

/* Whose password IDE_COMMAND_SECURITY_SET_PASSWORD sets. */
#define ATA_DEVICE_SET_PASSWORD_USER   0x0
#define ATA_DEVICE_SET_PASSWORD_MASTER 0x1

typedef struct _DEVICE_SET_PASSWORD {
    struct {
        USHORT PasswordIdentifier : 1;
        USHORT Reserved1 : 7;
        USHORT MasterPasswordCapability : 1;
        USHORT Reserved2 : 7;
    } ControlWord;
    USHORT Password[16];
    USHORT MasterPasswordIdentifier;
    USHORT Reserved[238];
} DEVICE_SET_PASSWORD, *PDEVICE_SET_PASSWORD;

/* The registers as they travel to the device (frame type 0x27). */
typedef struct _REGISTER_FIS {
    UCHAR FisType;
    UCHAR Reserved0 : 7;
    UCHAR CmdReg : 1; /* set: Command is new; clear: Control is */
    UCHAR Command;
    UCHAR Features;
    UCHAR SectorNumber; /* block number, bits 0 to 7 */
    UCHAR CylinderLow;  /* bits 8 to 15 */
    UCHAR CylinderHigh; /* bits 16 to 23 */
    UCHAR DeviceHead;
    UCHAR SectorNumberExp; /* bits 24 to 31 */
    UCHAR CylinderLowExp;  /* bits 32 to 39 */
    UCHAR CylinderHighExp; /* bits 40 to 47 */
    UCHAR FeaturesExp;
    UCHAR SectorCount;
    UCHAR SectorCountExp;
    UCHAR Reserved2;
    UCHAR Control;
    UCHAR Reserved3[4];
} REGISTER_FIS, *PREGISTER_FIS;

/* Hybrid information in the auxiliary field of a queued command. */
typedef union _ATA_HYBRID_INFO_FIELDS {
    struct {
        UCHAR HybridPriority : 4;
        UCHAR Reserved0 : 1;
        UCHAR InfoValid : 1;
        UCHAR Reserved1 : 2;
    };
    UCHAR AsUchar;
} ATA_HYBRID_INFO_FIELDS, *PATA_HYBRID_INFO_FIELDS;

#pragma pack(pop)

#endif /* WDK_ATA_COMMANDS_H */

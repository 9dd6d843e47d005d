/*
 * The get log page command and the log pages of the NVM Express base specification. Sixteen-byte
 * counters are little-endian.
 */
#ifndef WDK_NVME_LOG_PAGES_H
#define WDK_NVME_LOG_PAGES_H

#include "../ntdef.h"
#include "completion.h"
#include "sanitize.h"

#define NVME_MAX_LOG_SIZE 0x1000

/* Log page identifiers. */
typedef enum {
    NVME_LOG_PAGE_ERROR_INFO = 0x01,
    NVME_LOG_PAGE_HEALTH_INFO = 0x02,
    NVME_LOG_PAGE_FIRMWARE_SLOT_INFO = 0x03,
    NVME_LOG_PAGE_CHANGED_NAMESPACE_LIST = 0x04,
    NVME_LOG_PAGE_COMMAND_EFFECTS = 0x05,
    NVME_LOG_PAGE_DEVICE_SELF_TEST = 0x06,
    NVME_LOG_PAGE_TELEMETRY_HOST_INITIATED = 0x07,
    NVME_LOG_PAGE_TELEMETRY_CTLR_INITIATED = 0x08,
    NVME_LOG_PAGE_ENDURANCE_GROUP_INFORMATION = 0x09,
    NVME_LOG_PAGE_PREDICTABLE_LATENCY_NVM_SET = 0x0A,
    NVME_LOG_PAGE_PREDICTABLE_LATENCY_EVENT_AGGREGATE = 0x0B,
    NVME_LOG_PAGE_ASYMMETRIC_NAMESPACE_ACCESS = 0x0C,
    NVME_LOG_PAGE_PERSISTENT_EVENT_LOG = 0x0D,
    NVME_LOG_PAGE_LBA_STATUS_INFORMATION = 0x0E,
    NVME_LOG_PAGE_ENDURANCE_GROUP_EVENT_AGGREGATE = 0x0F,
    NVME_LOG_PAGE_RESERVATION_NOTIFICATION = 0x80,
    NVME_LOG_PAGE_SANITIZE_STATUS = 0x81,
    NVME_LOG_PAGE_CHANGED_ZONE_LIST = 0xBF,
} NVME_LOG_PAGES;

/* Dword 10 before version 1.2.1 and from then on; NUMD is dwords less one. */
typedef union {
    struct {
        ULONG LID : 8; /* NVME_LOG_PAGES */
        ULONG Reserved0 : 8;
        ULONG NUMD : 12;
        ULONG Reserved1 : 4;
    };
    ULONG AsUlong;
} NVME_CDW10_GET_LOG_PAGE, *PNVME_CDW10_GET_LOG_PAGE;

typedef union {
    struct {
        ULONG LID : 8;
        ULONG LSP : 4; /* specific to the page */
        ULONG Reserved0 : 3;
        ULONG RAE : 1;    /* keep the asynchronous event */
        ULONG NUMDL : 16; /* low half of the number of dwords, less one */
    };
    ULONG AsUlong;
} NVME_CDW10_GET_LOG_PAGE_V13, *PNVME_CDW10_GET_LOG_PAGE_V13;

typedef union {
    struct {
        ULONG NUMDU : 16; /* high half */
        ULONG LogSpecificIdentifier : 16;
    };
    ULONG AsUlong;
} NVME_CDW11_GET_LOG_PAGE, *PNVME_CDW11_GET_LOG_PAGE;

typedef struct {
    ULONG LPOL; /* byte offset, low half */
} NVME_CDW12_GET_LOG_PAGE, *PNVME_CDW12_GET_LOG_PAGE;

typedef struct {
    ULONG LPOU; /* byte offset, high half */
} NVME_CDW13_GET_LOG_PAGE, *PNVME_CDW13_GET_LOG_PAGE;

typedef union {
    struct {
        ULONG UUIDIndex : 7;
        ULONG Reserved : 17;
        ULONG CommandSetIdentifier : 8; /* NVME_COMMAND_SET_IDENTIFIERS */
    };
    ULONG AsUlong;
} NVME_CDW14_GET_LOG_PAGE, *PNVME_CDW14_GET_LOG_PAGE;

/* 01: one entry for each error, the newest first. */
typedef struct {
    ULONGLONG ErrorCount; /* number of this error; 0: no entry */
    USHORT SQID;
    USHORT CMDID;
    NVME_COMMAND_STATUS Status;
    struct {
        USHORT Byte : 8;
        USHORT Bit : 3;
        USHORT Reserved : 5;
    } ParameterErrorLocation; /* the byte and bit of the command at fault */
    ULONGLONG Lba;
    ULONG NameSpace;
    UCHAR VendorInfoAvailable;
    UCHAR Reserved0[3];
    ULONGLONG CommandSpecificInfo;
    UCHAR Reserved1[24];
} NVME_ERROR_INFO_LOG, *PNVME_ERROR_INFO_LOG;

/* 02: health. */
typedef struct {
    union {
        struct {
            UCHAR AvailableSpaceLow : 1;
            UCHAR TemperatureThreshold : 1;
            UCHAR ReliabilityDegraded : 1;
            UCHAR ReadOnly : 1;
            UCHAR VolatileMemoryBackupDeviceFailed : 1;
            UCHAR Reserved : 3;
        };
        UCHAR AsUchar;
    } CriticalWarning;
    UCHAR Temperature[2];          /* composite, in kelvin */
    UCHAR AvailableSpare;          /* percent */
    UCHAR AvailableSpareThreshold; /* percent */
    UCHAR PercentageUsed;          /* of the endurance; may exceed 100 */
    UCHAR Reserved0[26];
    UCHAR DataUnitRead[16];    /* in thousands of 512 bytes */
    UCHAR DataUnitWritten[16]; /* likewise */
    UCHAR HostReadCommands[16];
    UCHAR HostWrittenCommands[16];
    UCHAR ControllerBusyTime[16]; /* in minutes */
    UCHAR PowerCycle[16];
    UCHAR PowerOnHours[16];
    UCHAR UnsafeShutdowns[16];
    UCHAR MediaErrors[16];
    UCHAR ErrorInfoLogEntryCount[16];
    ULONG WarningCompositeTemperatureTime;  /* in minutes */
    ULONG CriticalCompositeTemperatureTime; /* in minutes */
    USHORT TemperatureSensor1;
    USHORT TemperatureSensor2;
    USHORT TemperatureSensor3;
    USHORT TemperatureSensor4;
    USHORT TemperatureSensor5;
    USHORT TemperatureSensor6;
    USHORT TemperatureSensor7;
    USHORT TemperatureSensor8;
    UCHAR Reserved1[296];
} NVME_HEALTH_INFO_LOG, *PNVME_HEALTH_INFO_LOG;

/* 03: firmware revisions, ASCII, by slot. */
typedef struct {
    struct {
        UCHAR ActiveSlot : 3;
        UCHAR Reserved0 : 1;
        UCHAR PendingActivateSlot : 3;
        UCHAR Reserved1 : 1;
    } AFI;
    UCHAR Reserved0[7];
    ULONGLONG FRS[7];
    UCHAR Reserved1[448];
} NVME_FIRMWARE_SLOT_INFO_LOG, *PNVME_FIRMWARE_SLOT_INFO_LOG;

/* 04: namespaces that changed; a first entry of all ones stands for too many to list. */
typedef struct {
    ULONG NSID[1024];
} NVME_CHANGED_NAMESPACE_LIST_LOG, *PNVME_CHANGED_NAMESPACE_LIST_LOG;

/* 05: what each opcode does to other commands. */
typedef enum {
    NVME_COMMAND_EFFECT_SBUMISSION_EXECUTION_LIMIT_NONE = 0,
    NVME_COMMAND_EFFECT_SBUMISSION_EXECUTION_LIMIT_SINGLE_PER_NAMESPACE = 1,
    NVME_COMMAND_EFFECT_SBUMISSION_EXECUTION_LIMIT_SINGLE_PER_CONTROLLER = 2,
} NVME_COMMAND_EFFECT_SBUMISSION_EXECUTION_LIMITS;

typedef union {
    struct {
        ULONG CSUPP : 1; /* supported */
        ULONG LBCC : 1;  /* changes blocks */
        ULONG NCC : 1;   /* changes a namespace's capabilities */
        ULONG NIC : 1;   /* changes the inventory of namespaces */
        ULONG CCC : 1;   /* changes the controller's capabilities */
        ULONG Reserved0 : 11;
        ULONG CSE : 3; /* NVME_COMMAND_EFFECT_SBUMISSION_EXECUTION_LIMITS */
        ULONG Reserved1 : 13;
    };
    ULONG AsUlong;
} NVME_COMMAND_EFFECTS_DATA, *PNVME_COMMAND_EFFECTS_DATA;

typedef struct {
    NVME_COMMAND_EFFECTS_DATA ACS[256];  /* by admin opcode */
    NVME_COMMAND_EFFECTS_DATA IOCS[256]; /* by I/O opcode */
    UCHAR Reserved[2048];
} NVME_COMMAND_EFFECTS_LOG, *PNVME_COMMAND_EFFECTS_LOG;

/* 06: the last twenty self-tests. */
#pragma pack(push, 1)
typedef struct {
    struct {
        UCHAR Result : 4;
        UCHAR CodeValue : 4;
    } Status;
    UCHAR SegmentNumber;
    struct {
        UCHAR NSIDValid : 1;
        UCHAR FLBAValid : 1;
        UCHAR SCTValid : 1;
        UCHAR SCValid : 1;
        UCHAR Reserved : 4;
    } ValidDiagnostics;
    UCHAR Reserved;
    ULONGLONG POH; /* power-on hours at the time */
    ULONG NSID;
    ULONGLONG FailingLBA;
    struct {
        UCHAR AdditionalInfo : 3;
        UCHAR Reserved : 5;
    } StatusCodeType;
    UCHAR StatusCode;
    USHORT VendorSpecific;
} NVME_DEVICE_SELF_TEST_RESULT_DATA, *PNVME_DEVICE_SELF_TEST_RESULT_DATA;

typedef struct {
    struct {
        UCHAR Status : 4;
        UCHAR Reserved : 4;
    } CurrentOperation;
    struct {
        UCHAR CompletePercent : 7;
        UCHAR Reserved : 1;
    } CurrentCompletion;
    UCHAR Reserved[2];
    NVME_DEVICE_SELF_TEST_RESULT_DATA ResultData[20];
} NVME_DEVICE_SELF_TEST_LOG, *PNVME_DEVICE_SELF_TEST_LOG;
#pragma pack(pop)

/* 07 and 08: telemetry; data blocks of 512 bytes follow the header. */
#define NVME_TELEMETRY_DATA_BLOCK_SIZE 0x200

typedef struct _NVME_TELEMETRY_HOST_INITIATED_LOG {
    UCHAR LogIdentifier;
    UCHAR Reserved0[4];
    UCHAR OrganizationID[3];
    USHORT Area1LastBlock;
    USHORT Area2LastBlock;
    USHORT Area3LastBlock;
    USHORT Reserved1;
    ULONG Area4LastBlock;
    UCHAR Reserved2[361];
    UCHAR HostInitiatedDataGenerationNumber;
    UCHAR ControllerInitiatedDataAvailable;
    UCHAR ControllerInitiatedDataGenerationNumber;
    UCHAR ReasonIdentifier[128];
} NVME_TELEMETRY_HOST_INITIATED_LOG, *PNVME_TELEMETRY_HOST_INITIATED_LOG;

typedef struct _NVME_TELEMETRY_CONTROLLER_INITIATED_LOG {
    UCHAR LogIdentifier;
    UCHAR Reserved0[4];
    UCHAR OrganizationID[3];
    USHORT Area1LastBlock;
    USHORT Area2LastBlock;
    USHORT Area3LastBlock;
    USHORT Reserved1;
    ULONG Area4LastBlock;
    UCHAR Reserved2[362];
    UCHAR ControllerInitiatedDataAvailable;
    UCHAR ControllerInitiatedDataGenerationNumber;
    UCHAR ReasonIdentifier[128];
} NVME_TELEMETRY_CONTROLLER_INITIATED_LOG, *PNVME_TELEMETRY_CONTROLLER_INITIATED_LOG;

/* 09: an endurance group. */
#pragma pack(push, 1)
typedef struct {
    UCHAR Reserved0[4];
    UCHAR AvailableSpareThreshold;
    UCHAR PercentageUsed;
    UCHAR Reserved1[26];
    UCHAR EnduranceEstimate[16];
    UCHAR DataUnitsRead[16];
    UCHAR DataUnitsWritten[16];
    UCHAR MediaUnitsWritten[16];
    UCHAR Reserved2[416];
} NVME_ENDURANCE_GROUP_LOG, *PNVME_ENDURANCE_GROUP_LOG;
#pragma pack(pop)

/* 0D: events that survive power cycles, each behind its own header. */
typedef enum {
    NVME_PERSISTENT_EVENT_TYPE_RESERVED0 = 0x00,
    NVME_PERSISTENT_EVENT_TYPE_SMART_HEALTH_LOG_SNAPSHOT = 0x01,
    NVME_PERSISTENT_EVENT_TYPE_FIRMWARE_COMMIT = 0x02,
    NVME_PERSISTENT_EVENT_TYPE_TIMESTAMP_CHANGE = 0x03,
    NVME_PERSISTENT_EVENT_TYPE_POWER_ON_OR_RESET = 0x04,
    NVME_PERSISTENT_EVENT_TYPE_NVM_SUBSYSTEM_HARDWARE_ERROR = 0x05,
    NVME_PERSISTENT_EVENT_TYPE_CHANGE_NAMESPACE = 0x06,
    NVME_PERSISTENT_EVENT_TYPE_FORMAT_NVM_START = 0x07,
    NVME_PERSISTENT_EVENT_TYPE_FORMAT_NVM_COMPLETION = 0x08,
    NVME_PERSISTENT_EVENT_TYPE_SANITIZE_START = 0x09,
    NVME_PERSISTENT_EVENT_TYPE_SANITIZE_COMPLETION = 0x0A,
    NVME_PERSISTENT_EVENT_TYPE_SET_FEATURE = 0x0B,
    NVME_PERSISTENT_EVENT_TYPE_TELEMETRY_LOG_CREATED = 0x0C,
    NVME_PERSISTENT_EVENT_TYPE_THERMAL_EXCURSION = 0x0D,
    NVME_PERSISTENT_EVENT_TYPE_RESERVED1_BEGIN = 0x0E,
    NVME_PERSISTENT_EVENT_TYPE_RESERVED1_END = 0xDD,
    NVME_PERSISTENT_EVENT_TYPE_VENDOR_SPECIFIC_EVENT = 0xDE,
    NVME_PERSISTENT_EVENT_TYPE_TCG_DEFINED = 0xDF,
    NVME_PERSISTENT_EVENT_TYPE_RESERVED2_BEGIN = 0xE0,
    NVME_PERSISTENT_EVENT_TYPE_RESERVED2_END = 0xFF,
    NVME_PERSISTENT_EVENT_TYPE_MAX = 0xFF,
} NVME_PERSISTENT_EVENT_LOG_EVENT_TYPES;

#pragma pack(push, 1)
typedef struct {
    UCHAR LogIdentifier;
    UCHAR Reserved0[3];
    ULONG TotalNumberOfEvents;
    ULONGLONG TotalLogLength;
    UCHAR LogRevision;
    UCHAR Reserved1;
    USHORT LogHeaderLength;
    ULONGLONG Timestamp;
    UCHAR PowerOnHours[16];
    ULONGLONG PowerCycleCount;
    USHORT PciVendorId;
    USHORT PciSubsystemVendorId;
    UCHAR SerialNumber[20];
    UCHAR ModelNumber[40];
    UCHAR NVMSubsystemNVMeQualifiedName[256];
    UCHAR Reserved[108];
    UCHAR SupportedEventsBitmap[32];
} NVME_PERSISTENT_EVENT_LOG_HEADER, *PNVME_PERSISTENT_EVENT_LOG_HEADER;

typedef struct {
    UCHAR EventType; /* NVME_PERSISTENT_EVENT_LOG_EVENT_TYPES */
    UCHAR EventTypeRevision;
    UCHAR EventHeaderLength;
    UCHAR Reserved0;
    USHORT ControllerIdentifier;
    ULONGLONG EventTimestamp;
    UCHAR Reserved1[6];
    USHORT VendorSpecificInformationLength;
    USHORT EventLength;
} NVME_PERSISTENT_EVENT_LOG_EVENT_HEADER, *PNVME_PERSISTENT_EVENT_LOG_EVENT_HEADER;
#pragma pack(pop)

/* 80: a change of a reservation. */
typedef enum {
    NVME_RESERVATION_NOTIFICATION_TYPE_EMPTY_LOG_PAGE = 0,
    NVME_RESERVATION_NOTIFICATION_TYPE_REGISTRATION_PREEMPTED = 1,
    NVME_RESERVATION_NOTIFICATION_TYPE_REGISTRATION_RELEASED = 2,
    NVME_RESERVATION_NOTIFICATION_TYPE_RESERVATION_PREEPMPTED = 3,
} NVME_RESERVATION_NOTIFICATION_TYPES;

typedef struct {
    ULONGLONG LogPageCount;
    UCHAR LogPageType; /* NVME_RESERVATION_NOTIFICATION_TYPES */
    UCHAR AvailableLogPageCount;
    USHORT Reserved0;
    ULONG NameSpaceId;
    UCHAR Reserved1[48];
} NVME_RESERVATION_NOTIFICATION_LOG, *PNVME_RESERVATION_NOTIFICATION_LOG;

/* 81: the progress of a sanitize operation. */
typedef struct {
    USHORT SPROG; /* progress, in 1/65536; all ones when idle */
    NVME_SANITIZE_STATUS SSTAT;
    NVME_CDW10_SANITIZE SCDW10;
    ULONG EstimatedTimeForOverwrite;
    ULONG EstimatedTimeForBlockErase;
    ULONG EstimatedTimeForCryptoErase;
    ULONG EstimatedTimeForOverwriteWithNoDeallocateMediaModification;
    ULONG EstimatedTimeForBlockEraseWithNoDeallocateMediaModification;
    ULONG EstimatedTimeForCryptoEraseWithNoDeallocateMediaModification;
    UCHAR Reserved[480];
} NVME_SANITIZE_STATUS_LOG, *PNVME_SANITIZE_STATUS_LOG;

/* BF: zones whose descriptor changed. */
typedef struct {
    USHORT ZoneIdentifiersCount;
    UCHAR Reserved[6];
    ULONGLONG ZoneIdentifier[511];
} NVME_CHANGED_ZONE_LIST_LOG, *PNVME_CHANGED_ZONE_LIST_LOG;

#endif /* WDK_NVME_LOG_PAGES_H */

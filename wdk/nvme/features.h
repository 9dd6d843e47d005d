/*
 * The get features and set features commands: identifiers, dwords 10 to 15, and the data structures
 * of those features that have one.
 */
#ifndef WDK_NVME_FEATURES_H
#define WDK_NVME_FEATURES_H

#include "../ntdef.h"

/* Feature identifiers. From 0xC0 they belong to the vendor. */
typedef enum {
    NVME_FEATURE_ARBITRATION = 0x01,
    NVME_FEATURE_POWER_MANAGEMENT = 0x02,
    NVME_FEATURE_LBA_RANGE_TYPE = 0x03,
    NVME_FEATURE_TEMPERATURE_THRESHOLD = 0x04,
    NVME_FEATURE_ERROR_RECOVERY = 0x05,
    NVME_FEATURE_VOLATILE_WRITE_CACHE = 0x06,
    NVME_FEATURE_NUMBER_OF_QUEUES = 0x07,
    NVME_FEATURE_INTERRUPT_COALESCING = 0x08,
    NVME_FEATURE_INTERRUPT_VECTOR_CONFIG = 0x09,
    NVME_FEATURE_WRITE_ATOMICITY = 0x0A,
    NVME_FEATURE_ASYNC_EVENT_CONFIG = 0x0B,
    NVME_FEATURE_AUTONOMOUS_POWER_STATE_TRANSITION = 0x0C,
    NVME_FEATURE_HOST_MEMORY_BUFFER = 0x0D,
    NVME_FEATURE_TIMESTAMP = 0x0E,
    NVME_FEATURE_KEEP_ALIVE = 0x0F,
    NVME_FEATURE_HOST_CONTROLLED_THERMAL_MANAGEMENT = 0x10,
    NVME_FEATURE_NONOPERATIONAL_POWER_STATE = 0x11,
    NVME_FEATURE_READ_RECOVERY_LEVEL_CONFIG = 0x12,
    NVME_FEATURE_PREDICTABLE_LATENCY_MODE_CONFIG = 0x13,
    NVME_FEATURE_PREDICTABLE_LATENCY_MODE_WINDOW = 0x14,
    NVME_FEATURE_LBA_STATUS_INFORMATION_REPORT_INTERVAL = 0x15,
    NVME_FEATURE_HOST_BEHAVIOR_SUPPORT = 0x16,
    NVME_FEATURE_SANITIZE_CONFIG = 0x17,
    NVME_FEATURE_ENDURANCE_GROUP_EVENT_CONFIG = 0x18,
    NVME_FEATURE_IO_COMMAND_SET_PROFILE = 0x19,
    NVME_FEATURE_ENHANCED_CONTROLLER_METADATA = 0x7D,
    NVME_FEATURE_CONTROLLER_METADATA = 0x7E,
    NVME_FEATURE_NAMESPACE_METADATA = 0x7F,
    NVME_FEATURE_NVM_SOFTWARE_PROGRESS_MARKER = 0x80,
    NVME_FEATURE_NVM_HOST_IDENTIFIER = 0x81,
    NVME_FEATURE_NVM_RESERVATION_NOTIFICATION_MASK = 0x82,
    NVME_FEATURE_NVM_RESERVATION_PERSISTANCE = 0x83,
    NVME_FEATURE_NVM_NAMESPACE_WRITE_PROTECTION_CONFIG = 0x84,
    NVME_FEATURE_ERROR_INJECTION = 0xC0,
    NVME_FEATURE_CLEAR_FW_UPDATE_HISTORY = 0xC1,
    NVME_FEATURE_READONLY_WRITETHROUGH_MODE = 0xC2,
    NVME_FEATURE_CLEAR_PCIE_CORRECTABLE_ERROR_COUNTERS = 0xC3,
    NVME_FEATURE_ENABLE_IEEE1667_SILO = 0xC4,
    NVME_FEATURE_PLP_HEALTH_MONITOR = 0xC5,
} NVME_FEATURES;

/* Which value of a feature to get. */
typedef enum {
    NVME_FEATURE_VALUE_CURRENT = 0,
    NVME_FEATURE_VALUE_DEFAULT = 1,
    NVME_FEATURE_VALUE_SAVED = 2,
    NVME_FEATURE_VALUE_SUPPORTED_CAPABILITIES = 3,
} NVME_FEATURE_VALUE_CODES;

typedef union {
    struct {
        ULONG FID : 8; /* NVME_FEATURES */
        ULONG SEL : 3; /* NVME_FEATURE_VALUE_CODES */
        ULONG Reserved0 : 21;
    };
    ULONG AsUlong;
} NVME_CDW10_GET_FEATURES, *PNVME_CDW10_GET_FEATURES;

typedef union {
    struct {
        ULONG FID : 8;
        ULONG Reserved0 : 23;
        ULONG SV : 1; /* keep the value over power cycles and resets */
    };
    ULONG AsUlong;
} NVME_CDW10_SET_FEATURES, *PNVME_CDW10_SET_FEATURES;

/* What a get features command with NVME_FEATURE_VALUE_SUPPORTED_CAPABILITIES returns in DW0. */
typedef union {
    struct {
        ULONG SAVE : 1; /* can be saved */
        ULONG NSS : 1;  /* is of a namespace */
        ULONG MOD : 1;  /* can be changed */
        ULONG Reserved0 : 29;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_SUPPORTED_CAPABILITY, *PNVME_CDW11_FEATURE_SUPPORTED_CAPABILITY;

/* Weights less one, for weighted round robin. */
typedef union {
    struct {
        ULONG AB : 3; /* burst, a power of two */
        ULONG Reserved0 : 5;
        ULONG LPW : 8;
        ULONG MPW : 8;
        ULONG HPW : 8;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_ARBITRATION, *PNVME_CDW11_FEATURE_ARBITRATION;

typedef union {
    struct {
        ULONG PS : 5; /* power state to enter */
        ULONG Reserved0 : 27;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_POWER_MANAGEMENT, *PNVME_CDW11_FEATURE_POWER_MANAGEMENT;

/* LBA range type: up to 64 entries that say what ranges of a namespace are used for. */
typedef enum {
    NVME_LBA_RANGE_TYPE_RESERVED = 0,
    NVME_LBA_RANGE_TYPE_FILESYSTEM = 1,
    NVME_LBA_RANGE_TYPE_RAID = 2,
    NVME_LBA_RANGE_TYPE_CACHE = 3,
    NVME_LBA_RANGE_TYPE_PAGE_SWAP_FILE = 4,
} NVME_LBA_RANGE_TYPES;

typedef union {
    struct {
        ULONG NUM : 6; /* entries, less one */
        ULONG Reserved0 : 26;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_LBA_RANGE_TYPE, *PNVME_CDW11_FEATURE_LBA_RANGE_TYPE;

typedef struct {
    UCHAR Type; /* NVME_LBA_RANGE_TYPES */
    struct {
        UCHAR MayOverwritten : 1;
        UCHAR Hidden : 1;
        UCHAR Reserved : 6;
    } Attributes;
    UCHAR Reserved0[14];
    ULONGLONG SLBA; /* first block */
    ULONGLONG NLB;  /* blocks, less one */
    UCHAR GUID[16];
    UCHAR Reserved1[16];
} NVME_LBA_RANGET_TYPE_ENTRY, *PNVME_LBA_RANGET_TYPE_ENTRY;

typedef enum {
    NVME_TEMPERATURE_OVER_THRESHOLD = 0,
    NVME_TEMPERATURE_UNDER_THRESHOLD = 1,
} NVME_TEMPERATURE_THRESHOLD_TYPES;

typedef union {
    struct {
        ULONG TMPTH : 16; /* in kelvin */
        ULONG TMPSEL : 4; /* sensor; 0: composite, 15: all (set only) */
        ULONG THSEL : 2;  /* NVME_TEMPERATURE_THRESHOLD_TYPES */
        ULONG Reserved0 : 10;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_TEMPERATURE_THRESHOLD, *PNVME_CDW11_FEATURE_TEMPERATURE_THRESHOLD;

typedef union {
    struct {
        ULONG TLER : 16; /* time for retries, in 100 ms; 0: no limit */
        ULONG DULBE : 1; /* reading deallocated blocks is an error */
        ULONG Reserved0 : 15;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_ERROR_RECOVERY, *PNVME_CDW11_FEATURE_ERROR_RECOVERY;

typedef union {
    struct {
        ULONG WCE : 1; /* write cache enabled */
        ULONG Reserved0 : 31;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_VOLATILE_WRITE_CACHE, *PNVME_CDW11_FEATURE_VOLATILE_WRITE_CACHE;

/* Asked for in dword 11, granted in DW0; both less one. */
typedef union {
    struct {
        ULONG NSQ : 16; /* submission queues */
        ULONG NCQ : 16; /* completion queues */
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_NUMBER_OF_QUEUES, *PNVME_CDW11_FEATURE_NUMBER_OF_QUEUES;

typedef union {
    struct {
        ULONG THR : 8;  /* entries before an interrupt, less one */
        ULONG TIME : 8; /* longest delay, in 100 microseconds */
        ULONG Reserved0 : 16;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_INTERRUPT_COALESCING, *PNVME_CDW11_FEATURE_INTERRUPT_COALESCING;

typedef union {
    struct {
        ULONG IV : 16; /* vector */
        ULONG CD : 1;  /* no coalescing for it */
        ULONG Reserved0 : 15;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_INTERRUPT_VECTOR_CONFIG, *PNVME_CDW11_FEATURE_INTERRUPT_VECTOR_CONFIG;

typedef union {
    struct {
        ULONG DN : 1; /* only the power-fail sizes hold */
        ULONG Reserved0 : 31;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_WRITE_ATOMICITY_NORMAL, *PNVME_CDW11_FEATURE_WRITE_ATOMICITY_NORMAL;

/* Which asynchronous events to send. */
typedef union {
    struct {
        ULONG CriticalWarnings : 8; /* as in NVME_HEALTH_INFO_LOG */
        ULONG NsAttributeNotices : 1;
        ULONG FwActivationNotices : 1;
        ULONG TelemetryLogNotices : 1;
        ULONG ANAChangeNotices : 1;
        ULONG PredictableLogChangeNotices : 1;
        ULONG LBAStatusNotices : 1;
        ULONG EnduranceEventNotices : 1;
        ULONG Reserved0 : 12;
        ULONG ZoneDescriptorNotices : 1;
        ULONG Reserved1 : 4;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_ASYNC_EVENT_CONFIG, *PNVME_CDW11_FEATURE_ASYNC_EVENT_CONFIG;

typedef union {
    struct {
        ULONG APSTE : 1; /* enabled */
        ULONG Reserved0 : 31;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_AUTO_POWER_STATE_TRANSITION, *PNVME_CDW11_FEATURE_AUTO_POWER_STATE_TRANSITION;

/* Its data: one entry for each of the 32 power states. */
typedef struct {
    ULONG Reserved0 : 3;
    ULONG IdleTransitionPowerState : 5;   /* the state to enter */
    ULONG IdleTimePriorToTransition : 24; /* milliseconds of idleness */
    ULONG Reserved1;
} NVME_AUTO_POWER_STATE_TRANSITION_ENTRY, *PNVME_AUTO_POWER_STATE_TRANSITION_ENTRY;

/* Host memory lent to the controller: dwords 11 to 15 and the list they point at. */
typedef union {
    struct {
        ULONG EHM : 1; /* enable */
        ULONG MR : 1;  /* the same memory as before, with its content */
        ULONG Reserved : 30;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_HOST_MEMORY_BUFFER, *PNVME_CDW11_FEATURE_HOST_MEMORY_BUFFER;

typedef union {
    ULONG HSIZE; /* in pages */
    ULONG AsUlong;
} NVME_CDW12_FEATURE_HOST_MEMORY_BUFFER, *PNVME_CDW12_FEATURE_HOST_MEMORY_BUFFER;

typedef union {
    struct {
        ULONG Reserved : 4;
        ULONG HMDLLA : 28; /* bits 4 to 31 of the list's address */
    };
    ULONG AsUlong;
} NVME_CDW13_FEATURE_HOST_MEMORY_BUFFER, *PNVME_CDW13_FEATURE_HOST_MEMORY_BUFFER;

typedef union {
    ULONG HMDLUA; /* bits 32 to 63 */
    ULONG AsUlong;
} NVME_CDW14_FEATURE_HOST_MEMORY_BUFFER, *PNVME_CDW14_FEATURE_HOST_MEMORY_BUFFER;

typedef union {
    ULONG HMDLEC; /* entries in the list */
    ULONG AsUlong;
} NVME_CDW15_FEATURE_HOST_MEMORY_BUFFER, *PNVME_CDW15_FEATURE_HOST_MEMORY_BUFFER;

typedef struct {
    ULONGLONG BADD; /* bus address, page aligned */
    ULONG BSIZE;    /* in pages */
    ULONG Reserved;
} NVME_HOST_MEMORY_BUFFER_DESCRIPTOR_ENTRY, *PNVME_HOST_MEMORY_BUFFER_DESCRIPTOR_ENTRY;

typedef union {
    struct {
        ULONG NOPPME : 1; /* background work may exceed the state's power */
        ULONG Reserved0 : 31;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_NON_OPERATIONAL_POWER_STATE, *PNVME_CDW11_FEATURE_NON_OPERATIONAL_POWER_STATE;

typedef union {
    struct {
        ULONG IOCSCI : 8; /* index of a vector of NVME_IDENTIFY_IO_COMMAND_SET */
        ULONG Reserved : 24;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_IO_COMMAND_SET_PROFILE, *PNVME_CDW11_FEATURE_IO_COMMAND_SET_PROFILE;

/* Host metadata: strings that the host leaves with the controller or a namespace. */
typedef union {
    struct {
        ULONG GDHM : 1; /* generate the default */
        ULONG Reserved : 31;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_GET_HOST_METADATA, *PNVME_CDW11_FEATURE_GET_HOST_METADATA;

typedef enum {
    NVME_HOST_METADATA_ADD_REPLACE_ENTRY = 0,
    NVME_HOST_METADATA_DELETE_ENTRY_MULTIPLE = 1,
    NVME_HOST_METADATA_ADD_ENTRY_MULTIPLE = 2,
} NVME_HOST_METADATA_ELEMENT_ACTIONS;

typedef union {
    struct {
        ULONG Reserved0 : 13;
        ULONG EA : 2; /* NVME_HOST_METADATA_ELEMENT_ACTIONS */
        ULONG Reserved1 : 17;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_SET_HOST_METADATA, *PNVME_CDW11_FEATURE_SET_HOST_METADATA;

typedef enum {
    NVME_CONTROLLER_METADATA_OPERATING_SYSTEM_CONTROLLER_NAME = 0x01,
    NVME_CONTROLLER_METADATA_OPERATING_SYSTEM_DRIVER_NAME = 0x02,
    NVME_CONTROLLER_METADATA_OPERATING_SYSTEM_DRIVER_VERSION = 0x03,
    NVME_CONTROLLER_METADATA_PREBOOT_CONTROLLER_NAME = 0x04,
    NVME_CONTROLLER_METADATA_PREBOOT_DRIVER_NAME = 0x05,
    NVME_CONTROLLER_METADATA_PREBOOT_DRIVER_VERSION = 0x06,
    NVME_CONTROLLER_METADATA_SYSTEM_PROCESSOR_MODEL = 0x07,
    NVME_CONTROLLER_METADATA_CHIPSET_DRIVER_NAME = 0x08,
    NVME_CONTROLLER_METADATA_CHIPSET_DRIVER_VERSION = 0x09,
    NVME_CONTROLLER_METADATA_OPERATING_SYSTEM_NAME_AND_BUILD = 0x0A,
    NVME_CONTROLLER_METADATA_SYSTEM_PRODUCT_NAME = 0x0B,
    NVME_CONTROLLER_METADATA_FIRMWARE_VERSION = 0x0C,
    NVME_CONTROLLER_METADATA_OPERATING_SYSTEM_DRIVER_FILENAME = 0x0D,
    NVME_CONTROLLER_METADATA_DISPLAY_DRIVER_NAME = 0x0E,
    NVME_CONTROLLER_METADATA_DISPLAY_DRIVER_VERSION = 0x0F,
    NVME_CONTROLLER_METADATA_HOST_DETERMINED_FAILURE_RECORD = 0x10,
} NVME_CONTROLLER_METADATA_ELEMENT_TYPES;

typedef enum {
    NVME_NAMESPACE_METADATA_OPERATING_SYSTEM_NAMESPACE_NAME = 1,
    NVME_NAMESPACE_METADATA_PREBOOT_NAMESPACE_NAME = 2,
    NVME_NAMESPACE_METADATA_OPERATING_SYSTEM_NAMESPACE_NAME_QUALIFIER_1 = 3,
    NVME_NAMESPACE_METADATA_OPERATING_SYSTEM_NAMESPACE_NAME_QUALIFIER_2 = 4,
} NVME_NAMESPACE_METADATA_ELEMENT_TYPES;

typedef struct {
    ULONG ET : 6; /* one of the element types */
    ULONG Reserved0 : 2;
    ULONG ER : 4; /* revision */
    ULONG Reserved1 : 4;
    ULONG ELEN : 16; /* bytes in EVAL */
    UCHAR EVAL[ANYSIZE_ARRAY];
} NVME_HOST_METADATA_ELEMENT_DESCRIPTOR, *PNVME_HOST_METADATA_ELEMENT_DESCRIPTOR;

typedef struct {
    UCHAR NumberOfMetadataElementDescriptors;
    UCHAR Reserved0;
    UCHAR MetadataElementDescriptors[4094];
} NVME_FEATURE_HOST_METADATA_DATA, *PNVME_FEATURE_HOST_METADATA_DATA;

/* The identity that reservations go by. */
#define NVME_HOST_IDENTIFIER_SIZE          0x8
#define NVME_EXTENDED_HOST_IDENTIFIER_SIZE 0x10
#define NVME_MAX_HOST_IDENTIFIER_SIZE      0x10

typedef struct {
    ULONG EXHID : 1; /* 128 bits instead of 64 */
    ULONG Reserved : 31;
} NVME_CDW11_FEATURE_HOST_IDENTIFIER, *PNVME_CDW11_FEATURE_HOST_IDENTIFIER;

typedef struct {
    UCHAR HOSTID[NVME_MAX_HOST_IDENTIFIER_SIZE];
} NVME_FEATURE_HOST_IDENTIFIER_DATA, *PNVME_FEATURE_HOST_IDENTIFIER_DATA;

/* A set bit silences the notification. */
typedef struct {
    ULONG Reserved : 1;
    ULONG REGPRE : 1; /* registration preempted */
    ULONG RESREL : 1; /* reservation released */
    ULONG RESPRE : 1; /* reservation preempted */
    ULONG Reserved1 : 28;
} NVME_CDW11_FEATURE_RESERVATION_NOTIFICATION_MASK,
    *PNVME_CDW11_FEATURE_RESERVATION_NOTIFICATION_MASK;

typedef struct {
    ULONG PTPL : 1; /* reservations survive power loss */
    ULONG Reserved : 31;
} NVME_CDW11_FEATURE_RESERVATION_PERSISTENCE, *PNVME_CDW11_FEATURE_RESERVATION_PERSISTENCE;

typedef struct {
    ULONG PTPL : 1;
    ULONG Reserved : 31;
} NVME_CDW0_RESERVATION_PERSISTENCE, *PNVME_CDW0_RESERVATION_PERSISTENCE;

/* Vendor features of data centre drives, C0 to C5. */
typedef enum {
    NVME_ERROR_INJECTION_TYPE_RESERVED0 = 0x00,
    NVME_ERROR_INJECTION_TYPE_DEVICE_PANIC_CPU_CONTROLLER_HANG = 0x01,
    NVME_ERROR_INJECTION_TYPE_DEVICE_PANIC_NAND_HANG = 0x02,
    NVME_ERROR_INJECTION_TYPE_DEVICE_PANIC_PLP_DEFECT = 0x03,
    NVME_ERROR_INJECTION_TYPE_DEVICE_PANIC_LOGICAL_FW_ERROR = 0x04,
    NVME_ERROR_INJECTION_TYPE_DEVICE_PANIC_DRAM_CORRUPTION_CRITICAL = 0x05,
    NVME_ERROR_INJECTION_TYPE_DEVICE_PANIC_DRAM_CORRUPTION_NONCRITICAL = 0x06,
    NVME_ERROR_INJECTION_TYPE_DEVICE_PANIC_NAND_CORRUPTION = 0x07,
    NVME_ERROR_INJECTION_TYPE_DEVICE_PANIC_SRAM_CORRUPTION = 0x08,
    NVME_ERROR_INJECTION_TYPE_DEVICE_PANIC_HW_MALFUNCTION = 0x09,
    NVME_ERROR_INJECTION_TYPE_RESERVED1 = 0x0A,
    NVME_ERROR_INJECTION_TYPE_MAX = 0xFFFF,
} NVME_ERROR_INJECTION_TYPES;

typedef union {
    struct {
        ULONG NUM : 7; /* entries */
        ULONG Reserved0 : 25;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_ERROR_INJECTION, *PNVME_CDW11_FEATURE_ERROR_INJECTION;
typedef NVME_CDW11_FEATURE_ERROR_INJECTION NVME_CDW0_FEATURE_ERROR_INJECTION,
    *PNVME_CDW0_FEATURE_ERROR_INJECTION;

typedef struct {
    union {
        struct {
            UCHAR Enable : 1;
            UCHAR SingleInstance : 1;
            UCHAR Reserved0 : 6;
        };
        UCHAR AsUchar;
    } Flags;
    UCHAR Reserved1;
    USHORT ErrorInjectionType; /* NVME_ERROR_INJECTION_TYPES */
    UCHAR ErrorInjectionTypeSpecific[28];
} NVME_ERROR_INJECTION_ENTRY, *PNVME_ERROR_INJECTION_ENTRY;

typedef union {
    struct {
        ULONG Reserved0 : 31;
        ULONG Clear : 1;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_CLEAR_FW_UPDATE_HISTORY, *PNVME_CDW11_FEATURE_CLEAR_FW_UPDATE_HISTORY;

typedef union {
    struct {
        ULONG Reserved0 : 30;
        ULONG EOLBehavior : 2;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_READONLY_WRITETHROUGH_MODE, *PNVME_CDW11_FEATURE_READONLY_WRITETHROUGH_MODE;

typedef union {
    struct {
        ULONG EOLBehavior : 3;
        ULONG Reserved0 : 29;
    };
    ULONG AsUlong;
} NVME_CDW0_FEATURE_READONLY_WRITETHROUGH_MODE, *PNVME_CDW0_FEATURE_READONLY_WRITETHROUGH_MODE;

typedef union {
    struct {
        ULONG Reserved0 : 31;
        ULONG Clear : 1;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_CLEAR_PCIE_CORRECTABLE_ERROR_COUNTERS,
    *PNVME_CDW11_FEATURE_CLEAR_PCIE_CORRECTABLE_ERROR_COUNTERS;

typedef union {
    struct {
        ULONG Reserved0 : 31;
        ULONG Enable : 1;
    };
    ULONG AsUlong;
} NVME_CDW11_FEATURE_ENABLE_IEEE1667_SILO, *PNVME_CDW11_FEATURE_ENABLE_IEEE1667_SILO;

typedef union {
    struct {
        ULONG Enabled : 3;
        ULONG Reserved0 : 29;
    };
    ULONG AsUlong;
} NVME_CDW0_FEATURE_ENABLE_IEEE1667_SILO, *PNVME_CDW0_FEATURE_ENABLE_IEEE1667_SILO;

/* Dwords 11 to 15 of get features and set features. */
typedef union {
    NVME_CDW11_FEATURE_NUMBER_OF_QUEUES NumberOfQueues;
    NVME_CDW11_FEATURE_INTERRUPT_COALESCING InterruptCoalescing;
    NVME_CDW11_FEATURE_INTERRUPT_VECTOR_CONFIG InterruptVectorConfig;
    NVME_CDW11_FEATURE_LBA_RANGE_TYPE LbaRangeType;
    NVME_CDW11_FEATURE_ARBITRATION Arbitration;
    NVME_CDW11_FEATURE_VOLATILE_WRITE_CACHE VolatileWriteCache;
    NVME_CDW11_FEATURE_ASYNC_EVENT_CONFIG AsyncEventConfig;
    NVME_CDW11_FEATURE_POWER_MANAGEMENT PowerManagement;
    NVME_CDW11_FEATURE_AUTO_POWER_STATE_TRANSITION AutoPowerStateTransition;
    NVME_CDW11_FEATURE_TEMPERATURE_THRESHOLD TemperatureThreshold;
    NVME_CDW11_FEATURE_ERROR_RECOVERY ErrorRecovery;
    NVME_CDW11_FEATURE_HOST_MEMORY_BUFFER HostMemoryBuffer;
    NVME_CDW11_FEATURE_WRITE_ATOMICITY_NORMAL WriteAtomicityNormal;
    NVME_CDW11_FEATURE_NON_OPERATIONAL_POWER_STATE NonOperationalPowerState;
    NVME_CDW11_FEATURE_IO_COMMAND_SET_PROFILE IoCommandSetProfile;
    NVME_CDW11_FEATURE_ERROR_INJECTION ErrorInjection;
    NVME_CDW11_FEATURE_HOST_IDENTIFIER HostIdentifier;
    NVME_CDW11_FEATURE_RESERVATION_PERSISTENCE ReservationPersistence;
    NVME_CDW11_FEATURE_RESERVATION_NOTIFICATION_MASK ReservationNotificationMask;
    NVME_CDW11_FEATURE_GET_HOST_METADATA GetHostMetadata;
    NVME_CDW11_FEATURE_SET_HOST_METADATA SetHostMetadata;
    ULONG AsUlong;
} NVME_CDW11_FEATURES, *PNVME_CDW11_FEATURES;

typedef union {
    NVME_CDW12_FEATURE_HOST_MEMORY_BUFFER HostMemoryBuffer;
    ULONG AsUlong;
} NVME_CDW12_FEATURES, *PNVME_CDW12_FEATURES;

typedef union {
    NVME_CDW13_FEATURE_HOST_MEMORY_BUFFER HostMemoryBuffer;
    ULONG AsUlong;
} NVME_CDW13_FEATURES, *PNVME_CDW13_FEATURES;

typedef union {
    NVME_CDW14_FEATURE_HOST_MEMORY_BUFFER HostMemoryBuffer;
    ULONG AsUlong;
} NVME_CDW14_FEATURES, *PNVME_CDW14_FEATURES;

typedef union {
    NVME_CDW15_FEATURE_HOST_MEMORY_BUFFER HostMemoryBuffer;
    ULONG AsUlong;
} NVME_CDW15_FEATURES, *PNVME_CDW15_FEATURES;

#endif /* WDK_NVME_FEATURES_H */

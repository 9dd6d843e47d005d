/*
 * Vendor log pages C0 to C9 in the form that the Open Compute Project's data centre SSD
 * specification gives them (and, under WCS names, its predecessor). Each page ends with its version
 * and its GUID.
 */
#ifndef WDK_NVME_OCP_LOGS_H
#define WDK_NVME_OCP_LOGS_H

#include "../guiddef.h"
#include "../ntdef.h"

/* Log page identifiers. */
typedef enum {
    NVME_LOG_PAGE_OCP_DEVICE_SMART_INFORMATION = 0xC0,
    NVME_LOG_PAGE_OCP_DEVICE_ERROR_RECOVERY = 0xC1,
    NVME_LOG_PAGE_OCP_FIRMWARE_ACTIVATION_HISTORY = 0xC2,
    NVME_LOG_PAGE_OCP_LATENCY_MONITOR = 0xC3,
    NVME_LOG_PAGE_OCP_DEVICE_CAPABILITIES = 0xC4,
    NVME_LOG_PAGE_OCP_UNSUPPORTED_REQUIREMENTS = 0xC5,
    NVME_LOG_PAGE_OCP_TCG_CONFIGURATION = 0xC8,
    NVME_LOG_PAGE_OCP_TCG_HISTORY = 0xC9,
} NVME_VENDOR_LOG_PAGES;

#define NVME_LOG_PAGE_WCS_DEVICE_SMART_ATTRIBUTES 0xC0
#define NVME_LOG_PAGE_WCS_DEVICE_ERROR_RECOVERY   0xC1

/* Versions of the pages, in LogPageVersionNumber, and of their entries. */
#define FIRMWARE_ACTIVATION_HISTORY_ENTRY_VERSION_1               0x1
#define NVME_OCP_DEVICE_CAPABILITIES_LOG_VERSION_1                0x1
#define NVME_OCP_DEVICE_FIRMWARE_ACTIVATION_HISTORY_LOG_VERSION_1 0x1
#define NVME_OCP_DEVICE_LATENCY_MONITOR_LOG_VERSION_1             0x1
#define NVME_OCP_DEVICE_TCG_CONFIGURATION_LOG_VERSION_1           0x1
#define NVME_OCP_DEVICE_TCG_HISTORY_LOG_VERSION_1                 0x1
#define NVME_OCP_DEVICE_UNSUPPORTED_REQUIREMENTS_LOG_VERSION_1    0x1
#define NVME_WCS_DEVICE_ERROR_RECOVERY_LOG_VERSION_1              0x1
#define TCG_HISTORY_ENTRY_VERSION_1                               0x1
#define NVME_OCP_DEVICE_ERROR_RECOVERY_LOG_VERSION_2              0x2
#define NVME_WCS_DEVICE_SMART_ATTRIBUTES_LOG_VERSION_2            0x2
#define NVME_OCP_DEVICE_SMART_INFORMATION_LOG_VERSION_3           0x3

/* C0: wear and errors. The first form shows only what every version has. */
#pragma pack(push, 1)
typedef struct _NVME_WCS_DEVICE_SMART_ATTRIBUTES_LOG {
    UCHAR VersionSpecificData[494];
    USHORT LogPageVersionNumber;
    GUID LogPageGUID;
} NVME_WCS_DEVICE_SMART_ATTRIBUTES_LOG, *PNVME_WCS_DEVICE_SMART_ATTRIBUTES_LOG;

typedef struct _NVME_WCS_DEVICE_SMART_ATTRIBUTES_LOG_V2 {
    UCHAR MediaUnitsWritten[16];
    UCHAR MediaUnitsRead[16];
    struct {
        UCHAR RawCount[6];
        USHORT Normalized;
    } BadUserNANDBlockCount;
    struct {
        UCHAR RawCount[6];
        USHORT Normalized;
    } BadSystemNANDBlockCount;
    ULONGLONG XORRecoveryCount;
    ULONGLONG UnrecoverableReadErrorCount;
    ULONGLONG SoftECCErrorCount;
    struct {
        ULONG DetectedCounts;
        ULONG CorrectedCounts;
    } EndToEndCorrectionCounts;
    UCHAR PercentageSystemDataUsed;
    UCHAR RefreshCount[7];
    struct {
        ULONG MaximumCount;
        ULONG MinimumCount;
    } UserDataEraseCounts;
    struct {
        UCHAR EventCount;
        UCHAR Status;
    } ThermalThrottling;
    UCHAR Reserved0[6];
    ULONGLONG PCIeCorrectableErrorCount;
    ULONG IncompleteShutdownCount;
    UCHAR Reserved1[4];
    UCHAR PercentageFreeBlocks;
    UCHAR Reserved2[7];
    USHORT CapacitorHealth;
    UCHAR Reserved3[6];
    ULONGLONG UnalignedIOCount;
    ULONGLONG SecurityVersionNumber;
    ULONGLONG NUSE;
    UCHAR PLPStartCount[16];
    UCHAR EnduranceEstimate[16];
    UCHAR Reserved4[302];
    USHORT LogPageVersionNumber;
    GUID LogPageGUID;
} NVME_WCS_DEVICE_SMART_ATTRIBUTES_LOG_V2, *PNVME_WCS_DEVICE_SMART_ATTRIBUTES_LOG_V2;

typedef struct _NVME_OCP_DEVICE_SMART_INFORMATION_LOG_V3 {
    UCHAR MediaUnitsWritten[16];
    UCHAR MediaUnitsRead[16];
    struct {
        UCHAR RawCount[6];
        USHORT Normalized;
    } BadUserNANDBlockCount;
    struct {
        UCHAR RawCount[6];
        USHORT Normalized;
    } BadSystemNANDBlockCount;
    ULONGLONG XORRecoveryCount;
    ULONGLONG UnrecoverableReadErrorCount;
    ULONGLONG SoftECCErrorCount;
    struct {
        ULONG DetectedCounts;
        ULONG CorrectedCounts;
    } EndToEndCorrectionCounts;
    UCHAR PercentageSystemDataUsed;
    UCHAR RefreshCount[7];
    struct {
        ULONG MaximumCount;
        ULONG MinimumCount;
    } UserDataEraseCounts;
    struct {
        UCHAR EventCount;
        UCHAR Status;
    } ThermalThrottling;
    UCHAR DSSDSpecVersion[6];
    ULONGLONG PCIeCorrectableErrorCount;
    ULONG IncompleteShutdownCount;
    UCHAR Reserved1[4];
    UCHAR PercentageFreeBlocks;
    UCHAR Reserved2[7];
    USHORT CapacitorHealth;
    UCHAR NvmeErrata;
    UCHAR Reserved3[5];
    ULONGLONG UnalignedIOCount;
    ULONGLONG SecurityVersionNumber;
    ULONGLONG NUSE;
    UCHAR PLPStartCount[16];
    UCHAR EnduranceEstimate[16];
    ULONGLONG PCIeLinkRetrainingCount;
    ULONGLONG PowerStateChangeCount;
    UCHAR Reserved4[286];
    USHORT LogPageVersionNumber;
    GUID LogPageGUID;
} NVME_OCP_DEVICE_SMART_INFORMATION_LOG_V3, *PNVME_OCP_DEVICE_SMART_INFORMATION_LOG_V3;
#pragma pack(pop)

/* C1: what to do about a panic. */
typedef struct _NVME_WCS_DEVICE_RESET_ACTION {
    union {
        struct {
            UCHAR ControllerReset : 1;
            UCHAR NVMeSubsystemReset : 1;
            UCHAR PCIeFLR : 1;
            UCHAR PERST : 1;
            UCHAR PowerCycle : 1;
            UCHAR PCIeConventionalHotReset : 1;
            UCHAR Reserved : 2;
        };
        UCHAR AsUCHAR;
    };
} NVME_WCS_DEVICE_RESET_ACTION, *PNVME_WCS_DEVICE_RESET_ACTION;

typedef enum {
    NVMeDeviceRecoveryNoAction = 0,
    NVMeDeviceRecoveryFormatNVM = 1,
    NVMeDeviceRecoveryVendorSpecificCommand = 2,
    NVMeDeviceRecoveryVendorAnalysis = 3,
    NVMeDeviceRecoveryDeviceReplacement = 4,
    NVMeDeviceRecoverySanitize = 5,
    NVMeDeviceRecovery1Max = 15,
} NVME_WCS_DEVICE_RECOVERY_ACTION1;

typedef enum {
    NVMeDeviceRecoveryControllerReset = 0,
    NVMeDeviceRecoverySubsystemReset = 1,
    NVMeDeviceRecoveryPcieFunctionReset = 2,
    NVMeDeviceRecoveryPERST = 3,
    NVMeDeviceRecoveryPowerCycle = 4,
    NVMeDeviceRecoveryPcieHotReset = 5,
    NVMeDeviceRecovery2Max = 15,
} NVME_WCS_DEVICE_RECOVERY_ACTION2;

typedef struct _NVME_WCS_DEVICE_CAPABILITIES {
    union {
        struct {
            ULONG PanicAEN : 1;
            ULONG PanicCFS : 1;
            ULONG Reserved : 30;
        };
        ULONG AsULONG;
    };
} NVME_WCS_DEVICE_CAPABILITIES, *PNVME_WCS_DEVICE_CAPABILITIES;

#pragma pack(push, 1)
typedef struct _NVME_WCS_DEVICE_ERROR_RECOVERY_LOG {
    USHORT PanicResetWaitTime;
    NVME_WCS_DEVICE_RESET_ACTION PanicResetAction;
    UCHAR DriveRecoveryAction;
    ULONGLONG PanicId;
    NVME_WCS_DEVICE_CAPABILITIES DeviceCapabilities;
    UCHAR VendorSpecificRecoveryCode;
    UCHAR Reserved0[3];
    ULONG VendorSpecificCommandCDW12;
    ULONG VendorSpecificCommandCDW13;
    UCHAR Reserved1[466];
    USHORT LogPageVersionNumber;
    GUID LogPageGUID;
} NVME_WCS_DEVICE_ERROR_RECOVERY_LOG, *PNVME_WCS_DEVICE_ERROR_RECOVERY_LOG;
#pragma pack(pop)
typedef NVME_WCS_DEVICE_ERROR_RECOVERY_LOG NVME_WCS_DEVICE_ERROR_RECOVERY_LOG_V1,
    *PNVME_WCS_DEVICE_ERROR_RECOVERY_LOG_V1;

#pragma pack(push, 1)
typedef struct _NVME_OCP_DEVICE_ERROR_RECOVERY_LOG_V2 {
    USHORT PanicResetWaitTime;
    NVME_WCS_DEVICE_RESET_ACTION PanicResetAction;
    UCHAR DeviceRecoveryAction1;
    ULONGLONG PanicId;
    NVME_WCS_DEVICE_CAPABILITIES DeviceCapabilities;
    UCHAR VendorSpecificRecoveryCode;
    UCHAR Reserved0[3];
    ULONG VendorSpecificCommandCDW12;
    ULONG VendorSpecificCommandCDW13;
    UCHAR VendorSpecificCommandTimeout;
    UCHAR DeviceRecoveryAction2;
    UCHAR DeviceRecoveryAction2Timeout;
    UCHAR Reserved1[463];
    USHORT LogPageVersionNumber;
    GUID LogPageGUID;
} NVME_OCP_DEVICE_ERROR_RECOVERY_LOG_V2, *PNVME_OCP_DEVICE_ERROR_RECOVERY_LOG_V2;

/* C2: firmware activations. */
typedef struct _FIRMWARE_ACTIVATION_HISTORY_ENTRY {
    UCHAR VersionNumber;
    UCHAR Length;
    UCHAR Reserved0[2];
    USHORT ActivationCount;
    ULONGLONG Timestamp;
    UCHAR Reserved1[8];
    ULONGLONG PowerCycleCount;
    UCHAR PreviousFirmware[8];
    UCHAR NewFirmware[8];
    UCHAR SlotNumber;
    UCHAR CommitActionType;
    USHORT Result;
    UCHAR Reserved2[14];
} FIRMWARE_ACTIVATION_HISTORY_ENTRY, *PFIRMWARE_ACTIVATION_HISTORY_ENTRY;

typedef struct _NVME_OCP_DEVICE_FIRMWARE_ACTIVATION_HISTORY_LOG {
    UCHAR LID;
    UCHAR Reserved0[3];
    ULONG ValidNumberOfEntries;
    FIRMWARE_ACTIVATION_HISTORY_ENTRY Entries[20];
    UCHAR Reserved1[2790];
    USHORT LogPageVersionNumber;
    GUID LogPageGUID;
} NVME_OCP_DEVICE_FIRMWARE_ACTIVATION_HISTORY_LOG,
    *PNVME_OCP_DEVICE_FIRMWARE_ACTIVATION_HISTORY_LOG;
#pragma pack(pop)

/* C3: latency monitor. Buckets 0 to 3 begin at thresholds A to D. */
typedef struct _LATENCY_MONITOR_FEATURE_STATUS {
    union {
        struct {
            UCHAR FeatureEnabled : 1;
            UCHAR ActiveLatencyMode : 1;
            UCHAR ActiveMeasuredLatency : 1;
            UCHAR Reserved : 5;
        };
        UCHAR AsUchar;
    };
} LATENCY_MONITOR_FEATURE_STATUS, *PLATENCY_MONITOR_FEATURE_STATUS;

#pragma pack(push, 1)
typedef struct _ACTIVE_LATENCY_CONFIGURATION {
    union {
        struct {
            USHORT Read0 : 1;
            USHORT Write0 : 1;
            USHORT Trim0 : 1;
            USHORT Read1 : 1;
            USHORT Write1 : 1;
            USHORT Trim1 : 1;
            USHORT Read2 : 1;
            USHORT Write2 : 1;
            USHORT Trim2 : 1;
            USHORT Read3 : 1;
            USHORT Write3 : 1;
            USHORT Trim3 : 1;
            USHORT Reserved : 4;
        };
        USHORT AsUshort;
    };
} ACTIVE_LATENCY_CONFIGURATION, *PACTIVE_LATENCY_CONFIGURATION;

typedef struct _BUCKET_COUNTER {
    UCHAR Reserved[4];
    ULONG Trim;
    ULONG Write;
    ULONG Read;
} BUCKET_COUNTER, *PBUCKET_COUNTER;

typedef struct _LATENCY_STAMP {
    ULONGLONG Trim3;
    ULONGLONG Write3;
    ULONGLONG Read3;
    ULONGLONG Trim2;
    ULONGLONG Write2;
    ULONGLONG Read2;
    ULONGLONG Trim1;
    ULONGLONG Write1;
    ULONGLONG Read1;
    ULONGLONG Trim0;
    ULONGLONG Write0;
    ULONGLONG Read0;
} LATENCY_STAMP, *PLATENCY_STAMP;

typedef struct _MEASURED_LATENCY {
    USHORT Trim3;
    USHORT Write3;
    USHORT Read3;
    USHORT Trim2;
    USHORT Write2;
    USHORT Read2;
    USHORT Trim1;
    USHORT Write1;
    USHORT Read1;
    USHORT Trim0;
    USHORT Write0;
    USHORT Read0;
} MEASURED_LATENCY, *PMEASURED_LATENCY;

typedef struct _LATENCY_STAMP_UNITS {
    USHORT Read0 : 1;
    USHORT Write0 : 1;
    USHORT Trim0 : 1;
    USHORT Read1 : 1;
    USHORT Write1 : 1;
    USHORT Trim1 : 1;
    USHORT Read2 : 1;
    USHORT Write2 : 1;
    USHORT Trim2 : 1;
    USHORT Read3 : 1;
    USHORT Write3 : 1;
    USHORT Trim3 : 1;
    USHORT Reserved : 4;
} LATENCY_STAMP_UNITS, *PLATENCY_STAMP_UNITS;

typedef struct _DEBUG_BIT_FIELD {
    USHORT Read0 : 1;
    USHORT Write0 : 1;
    USHORT Trim0 : 1;
    USHORT Read1 : 1;
    USHORT Write1 : 1;
    USHORT Trim1 : 1;
    USHORT Read2 : 1;
    USHORT Write2 : 1;
    USHORT Trim2 : 1;
    USHORT Read3 : 1;
    USHORT Write3 : 1;
    USHORT Trim3 : 1;
    USHORT Reserved : 4;
} DEBUG_BIT_FIELD, *PDEBUG_BIT_FIELD;

typedef struct _NVME_OCP_DEVICE_LATENCY_MONITOR_LOG {
    LATENCY_MONITOR_FEATURE_STATUS FeatureStatus;
    UCHAR Reserved0;
    USHORT ActiveBucketTimer;
    USHORT ActiveBucketTimerThreshold;
    UCHAR ActiveThresholdA;
    UCHAR ActiveThresholdB;
    UCHAR ActiveThresholdC;
    UCHAR ActiveThresholdD;
    ACTIVE_LATENCY_CONFIGURATION ActiveLatencyConfig;
    UCHAR ActiveLatencyMinimumWindow;
    UCHAR Reserved1[19];
    BUCKET_COUNTER ActiveBucketCounter0;
    BUCKET_COUNTER ActiveBucketCounter1;
    BUCKET_COUNTER ActiveBucketCounter2;
    BUCKET_COUNTER ActiveBucketCounter3;
    LATENCY_STAMP ActiveLatencyStamp;
    MEASURED_LATENCY ActiveMeasuredLatency;
    LATENCY_STAMP_UNITS ActiveLatencyStampUnits;
    UCHAR Reserved2[22];
    BUCKET_COUNTER StaticBucketCounter0;
    BUCKET_COUNTER StaticBucketCounter1;
    BUCKET_COUNTER StaticBucketCounter2;
    BUCKET_COUNTER StaticBucketCounter3;
    LATENCY_STAMP StaticLatencyStamp;
    MEASURED_LATENCY StaticMeasuredLatency;
    LATENCY_STAMP_UNITS StaticLatencyStampUnits;
    UCHAR Reserved3[22];
    DEBUG_BIT_FIELD DebugLogTriggerEnable;
    USHORT DebugLogMeasuredLatency;
    ULONGLONG DebugLogLatencyStamp;
    USHORT DebugLogPointer;
    DEBUG_BIT_FIELD DebugCounterTriggerSource;
    union {
        struct {
            UCHAR BasedOnTimestamp : 1;
            UCHAR Reserved : 7;
        };
        UCHAR AsUchar;
    } DebugLogStampUnits;
    UCHAR Reserved4[29];
    USHORT LogPageVersionNumber;
    GUID LogPageGUID;
} NVME_OCP_DEVICE_LATENCY_MONITOR_LOG, *PNVME_OCP_DEVICE_LATENCY_MONITOR_LOG;
#pragma pack(pop)

/* C4: capabilities. */
typedef struct _DSSD_POWER_STATE_DESCRIPTOR {
    UCHAR NvmePowerState : 5;
    UCHAR Reserved : 2;
    UCHAR ValidDSSDPowerState : 1;
} DSSD_POWER_STATE_DESCRIPTOR, *PDSSD_POWER_STATE_DESCRIPTOR;

#pragma pack(push, 1)
typedef struct _NVME_OCP_DEVICE_CAPABILITIES_LOG {
    USHORT PciePorts;
    union {
        struct {
            USHORT MctpOverSMBusSupported : 1;
            USHORT MctpOverPcieVDMSupported : 1;
            USHORT BasicMgmtCommandSupported : 1;
            USHORT Reserved : 12;
            USHORT CompliesWithSpec : 1;
        };
        USHORT AsUshort;
    } OobMgmtSupport;
    union {
        struct {
            USHORT Supported : 1;
            USHORT DEACBitSupported : 1;
            USHORT FUABitSupported : 1;
            USHORT NvmeIo5Met : 1;
            USHORT NvmeIo6Met : 1;
            USHORT Reserved : 10;
            USHORT CompliesWithSpec : 1;
        };
        USHORT AsUshort;
    } WriteZeroesCommand;
    union {
        struct {
            USHORT Supported : 1;
            USHORT CryptoEraseSupported : 1;
            USHORT BlockEraseSupported : 1;
            USHORT OverwriteSupported : 1;
            USHORT DeallocateLbaSupported : 1;
            USHORT Reserved : 10;
            USHORT CompliesWithSpec : 1;
        };
        USHORT AsUshort;
    } SanitizeCommand;
    union {
        struct {
            USHORT Supported : 1;
            USHORT AttribDeallocateSupported : 1;
            USHORT Reserved : 13;
            USHORT CompliesWithSpec : 1;
        };
        USHORT AsUshort;
    } DatasetMgmtCommand;
    union {
        struct {
            USHORT Supported : 1;
            USHORT SingleLBASupported : 1;
            USHORT MaxLBASupported : 1;
            USHORT NvmeIo14Met : 1;
            USHORT Reserved : 11;
            USHORT CompliesWithSpec : 1;
        };
        USHORT AsUshort;
    } WriteUncorrectableCommand;
    union {
        struct {
            USHORT CWFusedSupported : 1;
            USHORT Reserved : 14;
            USHORT CompliesWithSpec : 1;
        };
        USHORT AsUshort;
    } FusedCommand;
    USHORT MinimumValidDSSDPowerState;
    UCHAR Reserved0;
    DSSD_POWER_STATE_DESCRIPTOR DssdDescriptors[127];
    UCHAR Reserved1[3934];
    USHORT LogPageVersionNumber;
    GUID LogPageGUID;
} NVME_OCP_DEVICE_CAPABILITIES_LOG, *PNVME_OCP_DEVICE_CAPABILITIES_LOG;
#pragma pack(pop)

/* C5: requirements that the device does not meet. */
typedef struct _UNSUPPORTED_REQUIREMENT {
    UCHAR ReqId[16];
} UNSUPPORTED_REQUIREMENT, *PUNSUPPORTED_REQUIREMENT;

#pragma pack(push, 1)
typedef struct _NVME_OCP_DEVICE_UNSUPPORTED_REQUIREMENTS_LOG {
    USHORT UnsupportedCount;
    UCHAR Reserved0[14];
    UNSUPPORTED_REQUIREMENT UnsupportedReqList[253];
    UCHAR Reserved1[14];
    USHORT LogPageVersionNumber;
    GUID LogPageGUID;
} NVME_OCP_DEVICE_UNSUPPORTED_REQUIREMENTS_LOG, *PNVME_OCP_DEVICE_UNSUPPORTED_REQUIREMENTS_LOG;

/* C8: the state of TCG security. */
typedef struct _NVME_OCP_DEVICE_TCG_CONFIGURATION_LOG {
    union {
        struct {
            UCHAR CPINSIDValue : 1;
            UCHAR CPINSIDBlocked : 1;
            UCHAR LockingEnabled : 1;
            UCHAR SUMOwner : 1;
            UCHAR Reserved : 4;
        };
        UCHAR AsUchar;
    } State;
    UCHAR Reserved0[3];
    UCHAR LSPActivationCount;
    UCHAR TPRevertCount;
    UCHAR LSPRevertCount;
    UCHAR LOCount;
    UCHAR SUMLOCount;
    UCHAR RPLOCount;
    UCHAR NPLOCount;
    UCHAR RLLOCount;
    UCHAR WLLOCount;
    UCHAR RULOCount;
    UCHAR WULOCount;
    UCHAR Reserved1;
    ULONG SIDAuthTryCount;
    ULONG SIDAuthTryLimit;
    ULONG ResetCount;
    ULONG ResetLockCount;
    UCHAR Reserved2[462];
    USHORT LogPageVersionNumber;
    GUID LogPageGUID;
} NVME_OCP_DEVICE_TCG_CONFIGURATION_LOG, *PNVME_OCP_DEVICE_TCG_CONFIGURATION_LOG;
#pragma pack(pop)

/* C9: its history. CommandSpecific has one of these forms, by MethodId. */
typedef struct _TCG_ACTIVATE_METHOD_SPECIFIC {
    UCHAR RangeStartLengthPolicy;
} TCG_ACTIVATE_METHOD_SPECIFIC, *PTCG_ACTIVATE_METHOD_SPECIFIC;

typedef struct _TCG_REACTIVATE_METHOD_SPECIFIC {
    UCHAR RangeStartLengthPolicy;
} TCG_REACTIVATE_METHOD_SPECIFIC, *PTCG_REACTIVATE_METHOD_SPECIFIC;

#pragma pack(push, 1)
typedef struct _TCG_ASSIGN_METHOD_SPECIFIC {
    ULONG NamespaceId;
} TCG_ASSIGN_METHOD_SPECIFIC, *PTCG_ASSIGN_METHOD_SPECIFIC;

typedef struct _TCG_AUTH_METHOD_SPECIFIC {
    ULONGLONG AuthorityId;
    UCHAR TriesCount;
} TCG_AUTH_METHOD_SPECIFIC, *PTCG_AUTH_METHOD_SPECIFIC;
#pragma pack(pop)

typedef struct _TCG_BLOCKSID_METHOD_SPECIFIC {
    UCHAR ClearEvents;
} TCG_BLOCKSID_METHOD_SPECIFIC, *PTCG_BLOCKSID_METHOD_SPECIFIC;

#pragma pack(push, 1)
typedef struct _TCG_HISTORY_ENTRY {
    UCHAR VersionNumber;
    UCHAR EntryLength;
    USHORT PowerCycleCount;
    ULONG TcgCommandCount;
    ULONGLONG TcgCommandCompletionTS;
    ULONGLONG InvokingId;
    ULONGLONG MethodId;
    USHORT ComId;
    UCHAR ProtocolId;
    UCHAR TcgStatus;
    USHORT ProcessTime;
    UCHAR CommandSpecific[10];
} TCG_HISTORY_ENTRY, *PTCG_HISTORY_ENTRY;

typedef struct _NVME_OCP_DEVICE_TCG_HISTORY_LOG {
    UCHAR LID;
    UCHAR Reserved0[3];
    ULONG HistoryEntryCount;
    TCG_HISTORY_ENTRY HistoryEntries[84];
    UCHAR Reserved1[38];
    USHORT LogPageVersionNumber;
    GUID LogPageGUID;
} NVME_OCP_DEVICE_TCG_HISTORY_LOG, *PNVME_OCP_DEVICE_TCG_HISTORY_LOG;
#pragma pack(pop)

#endif /* WDK_NVME_OCP_LOGS_H */

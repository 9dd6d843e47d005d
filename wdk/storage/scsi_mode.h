/*
 * MODE SENSE and LOG SENSE: headers and pages.
 */
#ifndef WDK_STORAGE_SCSI_MODE_H
#define WDK_STORAGE_SCSI_MODE_H

#include "../ntdef.h"

/* Page codes. */
#define MODE_PAGE_VENDOR_SPECIFIC                    0x00
#define MODE_PAGE_ERROR_RECOVERY                     0x01
#define MODE_PAGE_DISCONNECT                         0x02
#define MODE_PAGE_FORMAT_DEVICE                      0x03
#define MODE_PAGE_MRW                                0x03
#define MODE_PAGE_RIGID_GEOMETRY                     0x04
#define MODE_PAGE_FLEXIBILE                          0x05
#define MODE_PAGE_WRITE_PARAMETERS                   0x05
#define MODE_PAGE_VERIFY_ERROR                       0x07
#define MODE_PAGE_CACHING                            0x08
#define MODE_PAGE_PERIPHERAL                         0x09
#define MODE_PAGE_CONTROL                            0x0A
#define MODE_PAGE_MEDIUM_TYPES                       0x0B
#define MODE_PAGE_NOTCH_PARTITION                    0x0C
#define MODE_PAGE_CD_AUDIO_CONTROL                   0x0E
#define MODE_PAGE_DATA_COMPRESS                      0x0F
#define MODE_PAGE_DEVICE_CONFIG                      0x10
#define MODE_PAGE_XOR_CONTROL                        0x10
#define MODE_PAGE_MEDIUM_PARTITION                   0x11
#define MODE_PAGE_ENCLOSURE_SERVICES_MANAGEMENT      0x14
#define MODE_PAGE_EXTENDED                           0x15
#define MODE_PAGE_EXTENDED_DEVICE_SPECIFIC           0x16
#define MODE_PAGE_CDVD_FEATURE_SET                   0x18
#define MODE_PAGE_PROTOCOL_SPECIFIC_LUN              0x18
#define MODE_PAGE_PROTOCOL_SPECIFIC_PORT             0x19
#define MODE_PAGE_POWER_CONDITION                    0x1A
#define MODE_PAGE_LUN_MAPPING                        0x1B
#define MODE_PAGE_FAULT_REPORTING                    0x1C
#define MODE_PAGE_CDVD_INACTIVITY                    0x1D
#define MODE_PAGE_ELEMENT_ADDRESS                    0x1D
#define MODE_PAGE_TRANSPORT_GEOMETRY                 0x1E
#define MODE_PAGE_DEVICE_CAPABILITIES                0x1F
#define MODE_PAGE_CAPABILITIES                       0x2A
#define MODE_SUBPAGE_COMMAND_DURATION_LIMIT_A_MODE   0x03
#define MODE_SUBPAGE_COMMAND_DURATION_LIMIT_B_MODE   0x04
#define MODE_SUBPAGE_COMMAND_DURATION_LIMIT_T2A_MODE 0x07
#define MODE_SUBPAGE_COMMAND_DURATION_LIMIT_T2B_MODE 0x08

/* Which values, and how they are selected. */
#define MODE_SENSE_CHANGEABLE_VALUES              0x40
#define MODE_SENSE_CHANGEABLE_VALUES_PAGE_CONTROL 0x01
#define MODE_SENSE_CURRENT_VALUES                 0x00
#define MODE_SENSE_CURRENT_VALUES_PAGE_CONTROL    0x00
#define MODE_SENSE_DEFAULT_VALUES_PAGE_CONTROL    0x02
#define MODE_SENSE_DEFAULT_VAULES                 0x80
#define MODE_SENSE_RETURN_ALL                     0x3F
#define MODE_SENSE_SAVED_VALUES                   0xC0
#define MODE_SENSE_SAVED_VALUES_PAGE_CONTROL      0x03
#define MODE_SELECT_IMMEDIATE                     0x04
#define MODE_SELECT_PFBIT                         0x10

/* Lengths and flags of the headers. */
#define MODE_HEADER_LENGTH       0x04
#define MODE_HEADER_LENGTH10     0x08
#define MODE_BLOCK_DESC_LENGTH   0x08
#define MODE_FD_SINGLE_SIDE      0x01
#define MODE_FD_DOUBLE_SIDE      0x02
#define MODE_FD_MAXIMUM_TYPE     0x1E
#define MODE_DSP_FUA_SUPPORTED   0x10
#define MODE_DSP_WRITE_PROTECT   0x80
#define CDROM_AUDIO_CONTROL_PAGE 0x0E

#pragma pack(push, 1)
typedef struct _MODE_PARAMETER_HEADER {
    UCHAR ModeDataLength;
    UCHAR MediumType;
    UCHAR DeviceSpecificParameter;
    UCHAR BlockDescriptorLength;
} MODE_PARAMETER_HEADER, *PMODE_PARAMETER_HEADER;

typedef struct _MODE_PARAMETER_HEADER10 {
    UCHAR ModeDataLength[2];
    UCHAR MediumType;
    UCHAR DeviceSpecificParameter;
    UCHAR Reserved[2];
    UCHAR BlockDescriptorLength[2];
} MODE_PARAMETER_HEADER10, *PMODE_PARAMETER_HEADER10;

typedef struct _MODE_PARAMETER_BLOCK {
    UCHAR DensityCode;
    UCHAR NumberOfBlocks[3];
    UCHAR Reserved;
    UCHAR BlockLength[3];
} MODE_PARAMETER_BLOCK, *PMODE_PARAMETER_BLOCK;

typedef struct _MODE_PAGE_SUBPAGE_HEADER {
    UCHAR PageCode : 6;
    UCHAR SubPageFormat : 1;
    UCHAR PageSavable : 1;
    UCHAR SubPageCode;
    UCHAR PageLength[2];
} MODE_PAGE_SUBPAGE_HEADER, *PMODE_PAGE_SUBPAGE_HEADER;

typedef struct _MODE_PARM_READ_WRITE {
    MODE_PARAMETER_HEADER ParameterListHeader;
    MODE_PARAMETER_BLOCK ParameterListBlock;
} MODE_PARM_READ_WRITE_DATA, *PMODE_PARM_READ_WRITE_DATA;

typedef struct _MODE_READ_WRITE_RECOVERY_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved1 : 1;
    UCHAR PSBit : 1;
    UCHAR PageLength;
    UCHAR DCRBit : 1;
    UCHAR DTEBit : 1;
    UCHAR PERBit : 1;
    UCHAR EERBit : 1;
    UCHAR RCBit : 1;
    UCHAR TBBit : 1;
    UCHAR ARRE : 1;
    UCHAR AWRE : 1;
    UCHAR ReadRetryCount;
    UCHAR Reserved4[4];
    UCHAR WriteRetryCount;
    UCHAR Reserved5[3];
} MODE_READ_WRITE_RECOVERY_PAGE, *PMODE_READ_WRITE_RECOVERY_PAGE;

typedef struct _MODE_READ_RECOVERY_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved1 : 1;
    UCHAR PSBit : 1;
    UCHAR PageLength;
    UCHAR DCRBit : 1;
    UCHAR DTEBit : 1;
    UCHAR PERBit : 1;
    UCHAR Reserved2 : 1;
    UCHAR RCBit : 1;
    UCHAR TBBit : 1;
    UCHAR Reserved3 : 2;
    UCHAR ReadRetryCount;
    UCHAR Reserved4[4];
} MODE_READ_RECOVERY_PAGE, *PMODE_READ_RECOVERY_PAGE;

typedef struct _MODE_DISCONNECT_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved : 1;
    UCHAR PageSavable : 1;
    UCHAR PageLength;
    UCHAR BufferFullRatio;
    UCHAR BufferEmptyRatio;
    UCHAR BusInactivityLimit[2];
    UCHAR BusDisconnectTime[2];
    UCHAR BusConnectTime[2];
    UCHAR MaximumBurstSize[2];
    UCHAR DataTransferDisconnect : 2;
    UCHAR Reserved2[3];
} MODE_DISCONNECT_PAGE, *PMODE_DISCONNECT_PAGE;

typedef struct _MODE_FORMAT_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved : 1;
    UCHAR PageSavable : 1;
    UCHAR PageLength;
    UCHAR TracksPerZone[2];
    UCHAR AlternateSectorsPerZone[2];
    UCHAR AlternateTracksPerZone[2];
    UCHAR AlternateTracksPerLogicalUnit[2];
    UCHAR SectorsPerTrack[2];
    UCHAR BytesPerPhysicalSector[2];
    UCHAR Interleave[2];
    UCHAR TrackSkewFactor[2];
    UCHAR CylinderSkewFactor[2];
    UCHAR Reserved2 : 4;
    UCHAR SurfaceFirst : 1;
    UCHAR RemovableMedia : 1;
    UCHAR HardSectorFormating : 1;
    UCHAR SoftSectorFormating : 1;
    UCHAR Reserved3[3];
} MODE_FORMAT_PAGE, *PMODE_FORMAT_PAGE;

typedef struct _MODE_MRW_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved : 1;
    UCHAR PageSavable : 1;
    UCHAR PageLength;
    UCHAR Reserved1;
    UCHAR LbaSpace : 1;
    UCHAR Reserved2 : 7;
    UCHAR Reserved3[4];
} MODE_MRW_PAGE, *PMODE_MRW_PAGE;

typedef struct _MODE_RIGID_GEOMETRY_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved : 1;
    UCHAR PageSavable : 1;
    UCHAR PageLength;
    UCHAR NumberOfCylinders[3];
    UCHAR NumberOfHeads;
    UCHAR StartWritePrecom[3];
    UCHAR StartReducedCurrent[3];
    UCHAR DriveStepRate[2];
    UCHAR LandZoneCyclinder[3];
    UCHAR RotationalPositionLock : 2;
    UCHAR Reserved2 : 6;
    UCHAR RotationOffset;
    UCHAR Reserved3;
    UCHAR RoataionRate[2];
    UCHAR Reserved4[2];
} MODE_RIGID_GEOMETRY_PAGE, *PMODE_RIGID_GEOMETRY_PAGE;

typedef struct _MODE_FLEXIBLE_DISK_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved : 1;
    UCHAR PageSavable : 1;
    UCHAR PageLength;
    UCHAR TransferRate[2];
    UCHAR NumberOfHeads;
    UCHAR SectorsPerTrack;
    UCHAR BytesPerSector[2];
    UCHAR NumberOfCylinders[2];
    UCHAR StartWritePrecom[2];
    UCHAR StartReducedCurrent[2];
    UCHAR StepRate[2];
    UCHAR StepPluseWidth;
    UCHAR HeadSettleDelay[2];
    UCHAR MotorOnDelay;
    UCHAR MotorOffDelay;
    UCHAR Reserved2 : 5;
    UCHAR MotorOnAsserted : 1;
    UCHAR StartSectorNumber : 1;
    UCHAR TrueReadySignal : 1;
    UCHAR StepPlusePerCyclynder : 4;
    UCHAR Reserved3 : 4;
    UCHAR WriteCompenstation;
    UCHAR HeadLoadDelay;
    UCHAR HeadUnloadDelay;
    UCHAR Pin2Usage : 4;
    UCHAR Pin34Usage : 4;
    UCHAR Pin1Usage : 4;
    UCHAR Pin4Usage : 4;
    UCHAR MediumRotationRate[2];
    UCHAR Reserved4[2];
} MODE_FLEXIBLE_DISK_PAGE, *PMODE_FLEXIBLE_DISK_PAGE;

typedef struct _MODE_CACHING_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved : 1;
    UCHAR PageSavable : 1;
    UCHAR PageLength;
    UCHAR ReadDisableCache : 1;
    UCHAR MultiplicationFactor : 1;
    UCHAR WriteCacheEnable : 1;
    UCHAR Reserved2 : 5;
    UCHAR WriteRetensionPriority : 4;
    UCHAR ReadRetensionPriority : 4;
    UCHAR DisablePrefetchTransfer[2];
    UCHAR MinimumPrefetch[2];
    UCHAR MaximumPrefetch[2];
    UCHAR MaximumPrefetchCeiling[2];
} MODE_CACHING_PAGE, *PMODE_CACHING_PAGE;

typedef struct _MODE_CACHING_PAGE_EX {
    UCHAR PageCode : 6;
    UCHAR SubPageFormat : 1;
    UCHAR PageSavable : 1;
    UCHAR PageLength;
    UCHAR ReadDisableCache : 1;
    UCHAR MultiplicationFactor : 1;
    UCHAR WriteCacheEnable : 1;
    UCHAR SizeEnable : 1;
    UCHAR Discontinuity : 1;
    UCHAR CachingAnalysisPermitted : 1;
    UCHAR AbortPreFetch : 1;
    UCHAR InitiatorControl : 1;
    UCHAR WriteRetensionPriority : 4;
    UCHAR ReadRetensionPriority : 4;
    UCHAR DisablePrefetchTransfer[2];
    UCHAR MinimumPrefetch[2];
    UCHAR MaximumPrefetch[2];
    UCHAR MaximumPrefetchCeiling[2];
    UCHAR NvCacheDisable : 1;
    UCHAR SyncCacheProgress : 2;
    UCHAR VendorSpecific : 2;
    UCHAR DisableReadAhead : 1;
    UCHAR LogicalBlockCacheSegmentSize : 1;
    UCHAR ForceSequentialWrite : 1;
    UCHAR NumberOfCacheSegments;
    UCHAR CacheSegmentSize[2];
    UCHAR Reserved[4];
} MODE_CACHING_PAGE_EX, *PMODE_CACHING_PAGE_EX;

typedef struct _MODE_CONTROL_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved1 : 1;
    UCHAR PageSavable : 1;
    UCHAR PageLength;
    UCHAR RLEC : 1;
    UCHAR GLTSD : 1;
    UCHAR D_SENSE : 1;
    UCHAR DPICZ : 1;
    UCHAR TMF_ONLY : 1;
    UCHAR TST : 3;
    UCHAR Obsolete1 : 1;
    UCHAR QERR : 2;
    UCHAR NUAR : 1;
    UCHAR QueueAlgorithmModifier : 4;
    UCHAR Obsolete2 : 3;
    UCHAR SWP : 1;
    UCHAR UA_INTLCK_CTRL : 2;
    UCHAR RAC : 1;
    UCHAR VS : 1;
    UCHAR AutoloadMode : 3;
    UCHAR Reserved2 : 1;
    UCHAR RWWP : 1;
    UCHAR ATMPE : 1;
    UCHAR TAS : 1;
    UCHAR ATO : 1;
    UCHAR Obsolete3[2];
    UCHAR BusyTimeoutPeriod[2];
    UCHAR ExtendeSelfTestCompletionTime[2];
} MODE_CONTROL_PAGE, *PMODE_CONTROL_PAGE;

typedef struct _MODE_INFO_EXCEPTIONS {
    UCHAR PageCode : 6;
    UCHAR Reserved1 : 1;
    UCHAR PSBit : 1;
    UCHAR PageLength;
    union {
        UCHAR Flags;
        struct {
            UCHAR LogErr : 1;
            UCHAR Reserved2 : 1;
            UCHAR Test : 1;
            UCHAR Dexcpt : 1;
            UCHAR Reserved3 : 3;
            UCHAR Perf : 1;
        };
    };
    UCHAR ReportMethod : 4;
    UCHAR Reserved4 : 4;
    UCHAR IntervalTimer[4];
    UCHAR ReportCount[4];
} MODE_INFO_EXCEPTIONS, *PMODE_INFO_EXCEPTIONS;

typedef struct _POWER_CONDITION_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved : 1;
    UCHAR PSBit : 1;
    UCHAR PageLength;
    UCHAR Reserved2;
    UCHAR Standby : 1;
    UCHAR Idle : 1;
    UCHAR Reserved3 : 6;
    UCHAR IdleTimer[4];
    UCHAR StandbyTimer[4];
} POWER_CONDITION_PAGE, *PPOWER_CONDITION_PAGE;
#pragma pack(pop)

/* Limits on how long a command may take. */
#define COMMAND_DURATION_LIMIT_T2_POLICY_ABORT_TIMEOUT_PARTIAL_TRANSFER 0x0E
#define COMMAND_DURATION_LIMIT_T2_POLICY_AOBRT_TIMEOUT                  0x0F
#define COMMAND_DURATION_LIMIT_T2_POLICY_COMPLETE_DATA_UNAVAILABLE      0x0D
#define COMMAND_DURATION_LIMIT_T2_POLICY_CONTINUE                       0x02
#define COMMAND_DURATION_LIMIT_T2_POLICY_CONTINUE_WITH_NEXT             0x01
#define COMMAND_DURATION_LIMIT_T2_POLICY_DO_NOTHING                     0x00
#define COMMAND_DURATION_LIMIT_T2_UNIT_10MS                             0x0A
#define COMMAND_DURATION_LIMIT_T2_UNIT_1US                              0x08
#define COMMAND_DURATION_LIMIT_T2_UNIT_500MS                            0x0E
#define COMMAND_DURATION_LIMIT_T2_UNIT_500NS                            0x06
#define COMMAND_DURATION_LIMIT_T2_UNIT_NONE                             0x00
#define DURATION_LIMIT_T2_DESCRIPTOR_COUNT                              0x07
#pragma pack(push, 1)
typedef struct _T2_COMMAND_DURATION_LIMIT_DESCRIPTOR {
    UCHAR T2CDLUNITS : 4;
    UCHAR Reserved : 4;
    UCHAR Reserved1;
    UCHAR MAX_INACTIVE_TIME[2];
    UCHAR MAX_ACTIVE_TIME[2];
    UCHAR MAX_ACTIVE_TIME_POLICY : 4;
    UCHAR MAX_INACTIVE_TIME_POLICY : 4;
    UCHAR Reserved2[3];
    UCHAR COMMAND_DURATION_GUIDELINE[2];
    UCHAR Reserved3[2];
    UCHAR COMMAND_DURATION_GUIDELINE_POLICY : 4;
    UCHAR Reserved4 : 4;
    UCHAR BypassSequestration : 1;
    UCHAR Reserved5 : 7;
    UCHAR Reserved6[16];
} T2_COMMAND_DURATION_LIMIT_DESCRIPTOR, *PT2_COMMAND_DURATION_LIMIT_DESCRIPTOR;

typedef struct _MODE_COMMAND_DURATION_LIMIT_PAGE_T2A_SUBPAGE {
    UCHAR PageCode : 6;
    UCHAR SubPageFormat : 1;
    UCHAR PageSavable : 1;
    UCHAR SubPageCode;
    UCHAR PageLength[2];
    UCHAR Reserved[3];
    UCHAR Reserved1 : 4;
    UCHAR PerfvsComandDurationGuidelines : 4;
    T2_COMMAND_DURATION_LIMIT_DESCRIPTOR
    T2CommandDurationLimitDescriptors[DURATION_LIMIT_T2_DESCRIPTOR_COUNT];
} MODE_COMMAND_DURATION_LIMIT_PAGE_T2A_SUBPAGE, *PMODE_COMMAND_DURATION_LIMIT_PAGE_T2A_SUBPAGE;

typedef struct _MODE_COMMAND_DURATION_LIMIT_PAGE_T2B_SUBPAGE {
    UCHAR PageCode : 6;
    UCHAR SubPageFormat : 1;
    UCHAR PageSavable : 1;
    UCHAR SubPageCode;
    UCHAR PageLength[2];
    UCHAR Reserved[3];
    UCHAR Reserved1 : 4;
    UCHAR PerfvsLatencyControls : 4;
    T2_COMMAND_DURATION_LIMIT_DESCRIPTOR
    T2CommandDurationLimitDescriptors[DURATION_LIMIT_T2_DESCRIPTOR_COUNT];
} MODE_COMMAND_DURATION_LIMIT_PAGE_T2B_SUBPAGE, *PMODE_COMMAND_DURATION_LIMIT_PAGE_T2B_SUBPAGE;
#pragma pack(pop)

/* Log pages. */
#define LOG_PAGE_CODE_SUPPORTED_LOG_PAGES                  0x00
#define LOG_PAGE_CODE_WRITE_ERROR_COUNTERS                 0x02
#define LOG_PAGE_CODE_READ_ERROR_COUNTERS                  0x03
#define LOG_PAGE_CODE_LOGICAL_BLOCK_PROVISIONING           0x0C
#define LOG_PAGE_CODE_ENVIRONMENTAL_REPORTING              0x0D
#define LOG_PAGE_CODE_TEMPERATURE                          0x0D
#define LOG_PAGE_CODE_STARTSTOP_CYCLE_COUNTERS             0x0E
#define LOG_PAGE_CODE_UTILIZATION                          0x0E
#define LOG_PAGE_CODE_SELFTEST_RESULTS                     0x10
#define LOG_PAGE_CODE_SOLID_STATE_MEDIA                    0x11
#define LOG_PAGE_CODE_BACKGROUND_SCAN_RESULTS              0x15
#define LOG_PAGE_CODE_PERFORMANCE_AND_STATISTICS           0x19
#define LOG_PAGE_CODE_INFORMATIONAL_EXCEPTIONS             0x2F
#define LOG_SUBPAGE_CODE_BACKGROUND_SCAN_RESULTS           0x00
#define LOG_SUBPAGE_CODE_INFORMATIONAL_EXCEPTIONS          0x00
#define LOG_SUBPAGE_CODE_LOGICAL_BLOCK_PROVISIONING        0x00
#define LOG_SUBPAGE_CODE_READ_ERROR_COUNTERS               0x00
#define LOG_SUBPAGE_CODE_SELFTEST_RESULTS                  0x00
#define LOG_SUBPAGE_CODE_SOLID_STATE_MEDIA                 0x00
#define LOG_SUBPAGE_CODE_STARTSTOP_CYCLE_COUNTERS          0x00
#define LOG_SUBPAGE_CODE_TEMPERATURE                       0x00
#define LOG_SUBPAGE_CODE_WRITE_ERROR_COUNTERS              0x00
#define LOG_SUBPAGE_CODE_ENVIRONMENTAL_REPORTING           0x01
#define LOG_SUBPAGE_CODE_UTILIZATION                       0x01
#define LOG_SUBPAGE_CODE_COMMAND_DURATION_LIMIT_STATISTICS 0x21
#define LOG_SUBPAGE_CODE_SUPPORTED_SUBPAGES                0xFF
#define LOG_PAGE_LBP_RESOURCE_SCOPE_NOT_REPORTED           0x00
#define LOG_PAGE_LBP_PARAMETER_CODE_AVAILABLE              0x01
#define LOG_PAGE_LBP_RESOURCE_SCOPE_DEDICATED_TO_LUN       0x01
#define LOG_PAGE_LBP_PARAMETER_CODE_USED                   0x02
#define LOG_PAGE_LBP_RESOURCE_SCOPE_NOT_DEDICATED_TO_LUN   0x02
#pragma pack(push, 1)
typedef struct _LOG_PARAMETER_HEADER {
    UCHAR ParameterCode[2];
    union {
        UCHAR ControlByte;
        struct {
            UCHAR FormatAndLinking : 2;
            UCHAR TMC : 2;
            UCHAR ETC : 1;
            UCHAR TSD : 1;
            UCHAR Obsolete : 1;
            UCHAR DU : 1;
        };
    };
    UCHAR ParameterLength;
} LOG_PARAMETER_HEADER, *PLOG_PARAMETER_HEADER;

typedef struct _LOG_PARAMETER {
    LOG_PARAMETER_HEADER Header;
    union {
        UCHAR AsByte[0];
        struct {
            UCHAR ResourceCount[4];
            UCHAR Scope : 2;
            UCHAR Reserved1 : 6;
            UCHAR Reserved2[3];
        } THRESHOLD_RESOURCE_COUNT;
        struct {
            UCHAR Reserved;
            UCHAR Temperature;
        } TEMPERATURE;
        struct {
            UCHAR Year[4];
            UCHAR Week[2];
        } DATE_OF_MANUFACTURE;
        struct {
            UCHAR WorkloadUtilization[2];
        } WORKLOAD_UTILIZATION;
        struct {
            UCHAR SelfTestResults : 4;
            UCHAR Reserved1 : 1;
            UCHAR SelfTestCode : 3;
            UCHAR SelfTestNumber;
            UCHAR PowerOnHours[2];
            UCHAR AddressOfFirstFailure[8];
            UCHAR SenseKey : 4;
            UCHAR Reserved2 : 4;
            UCHAR AdditionalSenseCode;
            UCHAR AdditionalSenseCodeQualifier;
            UCHAR VendorSpecific;
        } SELF_TEST_RESULTS;
        struct {
            UCHAR Reserved[3];
            UCHAR PercentageUsed;
        } SOLID_STATE_MEDIA;
        struct {
            UCHAR PowerOnMinutes[4];
            UCHAR Reserved;
            UCHAR ScanStatus;
            UCHAR ScansPerformed[2];
            UCHAR ScanProgress[2];
            UCHAR MediumScansPerformed[2];
        } BACKGROUND_SCAN_STATUS;
        struct {
            UCHAR ASC;
            UCHAR ASCQ;
            UCHAR MostRecentTemperature;
            UCHAR VendorSpecific;
        } INFORMATIONAL_EXCEPTIONS;
    };
} LOG_PARAMETER, *PLOG_PARAMETER;

typedef struct _LOG_PAGE {
    UCHAR PageCode : 6;
    UCHAR SPF : 1;
    UCHAR DS : 1;
    UCHAR SubPageCode;
    UCHAR PageLength[2];
    LOG_PARAMETER Parameters[0];
} LOG_PAGE, *PLOG_PAGE;

typedef struct _LOG_PARAMETER_THRESHOLD_RESOURCE_COUNT {
    LOG_PARAMETER_HEADER Header;
    UCHAR ResourceCount[4];
    UCHAR Scope : 2;
    UCHAR Reserved0 : 6;
    UCHAR Reserved1[3];
} LOG_PARAMETER_THRESHOLD_RESOURCE_COUNT, *PLOG_PARAMETER_THRESHOLD_RESOURCE_COUNT;

typedef struct _LOG_PAGE_LOGICAL_BLOCK_PROVISIONING {
    UCHAR PageCode : 6;
    UCHAR SPF : 1;
    UCHAR DS : 1;
    UCHAR SubPageCode;
    UCHAR PageLength[2];
    LOG_PARAMETER_HEADER Parameters[0];
} LOG_PAGE_LOGICAL_BLOCK_PROVISIONING, *PLOG_PAGE_LOGICAL_BLOCK_PROVISIONING;
#pragma pack(pop)

#endif

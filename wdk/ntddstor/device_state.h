/*
 * How a device is doing: temperature, health, topology, zones, counters, power.
 */
#ifndef WDK_NTDDSTOR_DEVICE_STATE_H
#define WDK_NTDDSTOR_DEVICE_STATE_H

#include "../guiddef.h"
#include "../ntdef.h"
#include "bus_type.h"

/*
 * Temperature, in degrees Celsius (StorageDeviceTemperatureProperty,
 * StorageAdapterTemperatureProperty).
 */
#define STORAGE_TEMPERATURE_THRESHOLD_FLAG_ADAPTER_REQUEST 0x1
#define STORAGE_TEMPERATURE_VALUE_NOT_REPORTED             0x8000

typedef struct _STORAGE_TEMPERATURE_INFO {
    USHORT Index; /* sensor; 0: composite */
    SHORT Temperature;
    SHORT OverThreshold;
    SHORT UnderThreshold;
    BOOLEAN OverThresholdChangable;
    BOOLEAN UnderThresholdChangable;
    BOOLEAN EventGenerated;
    UCHAR Reserved0;
    ULONG Reserved1;
} STORAGE_TEMPERATURE_INFO, *PSTORAGE_TEMPERATURE_INFO;

typedef struct _STORAGE_TEMPERATURE_DATA_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    SHORT CriticalTemperature;
    SHORT WarningTemperature;
    USHORT InfoCount;
    USHORT Reserved0;
    ULONG Reserved1[2];
    STORAGE_TEMPERATURE_INFO TemperatureInfo[ANYSIZE_ARRAY];
} STORAGE_TEMPERATURE_DATA_DESCRIPTOR, *PSTORAGE_TEMPERATURE_DATA_DESCRIPTOR;

/* Input of IOCTL_STORAGE_SET_TEMPERATURE_THRESHOLD. */
typedef struct _STORAGE_TEMPERATURE_THRESHOLD {
    ULONG Version;
    ULONG Size;
    USHORT Flags;
    USHORT Index;
    SHORT Threshold;
    BOOLEAN OverThreshold;
    UCHAR Reserved;
} STORAGE_TEMPERATURE_THRESHOLD, *PSTORAGE_TEMPERATURE_THRESHOLD;

/*
 * Physical topology (StorageDevicePhysicalTopologyProperty,
 * StorageAdapterPhysicalTopologyProperty).
 */
typedef enum _STORAGE_DEVICE_FORM_FACTOR {
    FormFactorUnknown = 0,
    FormFactor3_5 = 1,
    FormFactor2_5 = 2,
    FormFactor1_8 = 3,
    FormFactor1_8Less = 4,
    FormFactorEmbedded = 5,
    FormFactorMemoryCard = 6,
    FormFactormSata = 7,
    FormFactorM_2 = 8,
    FormFactorPCIeBoard = 9,
    FormFactorDimm = 10
} STORAGE_DEVICE_FORM_FACTOR;
typedef STORAGE_DEVICE_FORM_FACTOR *PSTORAGE_DEVICE_FORM_FACTOR;

typedef enum _STORAGE_COMPONENT_HEALTH_STATUS {
    HealthStatusUnknown = 0,
    HealthStatusNormal = 1,
    HealthStatusThrottled = 2,
    HealthStatusWarning = 3,
    HealthStatusDisabled = 4,
    HealthStatusFailed = 5
} STORAGE_COMPONENT_HEALTH_STATUS;
typedef STORAGE_COMPONENT_HEALTH_STATUS *PSTORAGE_COMPONENT_HEALTH_STATUS;

typedef union _STORAGE_SPEC_VERSION {
    struct {
        union {
            struct {
                UCHAR SubMinor;
                UCHAR Minor;
            };
            USHORT AsUshort;
        } MinorVersion;
        USHORT MajorVersion;
    };
    ULONG AsUlong;
} STORAGE_SPEC_VERSION, *PSTORAGE_SPEC_VERSION;

#define STORAGE_COMPONENT_ROLE_CACHE   0x1
#define STORAGE_COMPONENT_ROLE_TIERING 0x2
#define STORAGE_COMPONENT_ROLE_DATA    0x4

typedef struct _STORAGE_PHYSICAL_DEVICE_DATA {
    ULONG DeviceId;
    ULONG Role; /* STORAGE_COMPONENT_ROLE_XXX */
    STORAGE_COMPONENT_HEALTH_STATUS HealthStatus;
    STORAGE_PROTOCOL_TYPE CommandProtocol;
    STORAGE_SPEC_VERSION SpecVersion;
    STORAGE_DEVICE_FORM_FACTOR FormFactor;
    UCHAR Vendor[8];
    UCHAR Model[40];
    UCHAR FirmwareRevision[16];
    ULONGLONG Capacity; /* in KiB */
    UCHAR PhysicalLocation[32];
    ULONG Reserved[2];
} STORAGE_PHYSICAL_DEVICE_DATA, *PSTORAGE_PHYSICAL_DEVICE_DATA;

typedef struct _STORAGE_PHYSICAL_ADAPTER_DATA {
    ULONG AdapterId;
    STORAGE_COMPONENT_HEALTH_STATUS HealthStatus;
    STORAGE_PROTOCOL_TYPE CommandProtocol;
    STORAGE_SPEC_VERSION SpecVersion;
    UCHAR Vendor[8];
    UCHAR Model[40];
    UCHAR FirmwareRevision[16];
    UCHAR PhysicalLocation[32];
    BOOLEAN ExpanderConnected;
    UCHAR Reserved0[3];
    ULONG Reserved1[3];
} STORAGE_PHYSICAL_ADAPTER_DATA, *PSTORAGE_PHYSICAL_ADAPTER_DATA;

typedef struct _STORAGE_PHYSICAL_NODE_DATA {
    ULONG NodeId;
    ULONG AdapterCount;
    ULONG AdapterDataLength;
    ULONG AdapterDataOffset;
    ULONG DeviceCount;
    ULONG DeviceDataLength;
    ULONG DeviceDataOffset;
    ULONG Reserved[3];
} STORAGE_PHYSICAL_NODE_DATA, *PSTORAGE_PHYSICAL_NODE_DATA;

typedef struct _STORAGE_PHYSICAL_TOPOLOGY_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONG NodeCount;
    ULONG Reserved;
    STORAGE_PHYSICAL_NODE_DATA Node[ANYSIZE_ARRAY];
} STORAGE_PHYSICAL_TOPOLOGY_DESCRIPTOR, *PSTORAGE_PHYSICAL_TOPOLOGY_DESCRIPTOR;

/* Management status (StorageDeviceManagementStatus). */
typedef enum _STORAGE_DISK_HEALTH_STATUS {
    DiskHealthUnknown = 0,
    DiskHealthUnhealthy = 1,
    DiskHealthWarning = 2,
    DiskHealthHealthy = 3,
    DiskHealthMax = 4
} STORAGE_DISK_HEALTH_STATUS;
typedef STORAGE_DISK_HEALTH_STATUS *PSTORAGE_DISK_HEALTH_STATUS;

typedef enum _STORAGE_DISK_OPERATIONAL_STATUS {
    DiskOpStatusNone = 0,
    DiskOpStatusUnknown = 1,
    DiskOpStatusOk = 2,
    DiskOpStatusPredictingFailure = 3,
    DiskOpStatusInService = 4,
    DiskOpStatusHardwareError = 5,
    DiskOpStatusNotUsable = 6,
    DiskOpStatusTransientError = 7,
    DiskOpStatusMissing = 8
} STORAGE_DISK_OPERATIONAL_STATUS;
typedef STORAGE_DISK_OPERATIONAL_STATUS *PSTORAGE_DISK_OPERATIONAL_STATUS;

typedef enum _STORAGE_OPERATIONAL_STATUS_REASON {
    DiskOpReasonUnknown = 0x00,
    DiskOpReasonScsiSenseCode = 0x01,
    DiskOpReasonMedia = 0x02,
    DiskOpReasonIo = 0x03,
    DiskOpReasonThresholdExceeded = 0x04,
    DiskOpReasonLostData = 0x05,
    DiskOpReasonEnergySource = 0x06,
    DiskOpReasonConfiguration = 0x07,
    DiskOpReasonDeviceController = 0x08,
    DiskOpReasonMediaController = 0x09,
    DiskOpReasonComponent = 0x0A,
    DiskOpReasonNVDIMM_N = 0x0B,
    DiskOpReasonBackgroundOperation = 0x0C,
    DiskOpReasonInvalidFirmware = 0x0D,
    DiskOpReasonHealthCheck = 0x0E,
    DiskOpReasonLostDataPersistence = 0x0F,
    DiskOpReasonDisabledByPlatform = 0x10,
    DiskOpReasonLostWritePersistence = 0x11,
    DiskOpReasonDataPersistenceLossImminent = 0x12,
    DiskOpReasonWritePersistenceLossImminent = 0x13,
    DiskOpReasonMax = 0x14
} STORAGE_OPERATIONAL_STATUS_REASON;
typedef STORAGE_OPERATIONAL_STATUS_REASON *PSTORAGE_OPERATIONAL_STATUS_REASON;

typedef struct _STORAGE_OPERATIONAL_REASON {
    ULONG Version;
    ULONG Size;
    STORAGE_OPERATIONAL_STATUS_REASON Reason;
    union {
        struct {
            UCHAR SenseKey;
            UCHAR ASC;
            UCHAR ASCQ;
            UCHAR Reserved;
        } ScsiSenseKey;
        struct {
            UCHAR CriticalHealth;
            UCHAR ModuleHealth[2];
            UCHAR ErrorThresholdStatus;
        } NVDIMM_N;
        ULONG AsUlong;
    } RawBytes;
} STORAGE_OPERATIONAL_REASON, *PSTORAGE_OPERATIONAL_REASON;

#define STORAGE_DEVICE_MAX_OPERATIONAL_STATUS 0x10

typedef struct _STORAGE_DEVICE_MANAGEMENT_STATUS {
    ULONG Version;
    ULONG Size;
    STORAGE_DISK_HEALTH_STATUS Health;
    ULONG NumberOfOperationalStatus;
    ULONG NumberOfAdditionalReasons;
    STORAGE_DISK_OPERATIONAL_STATUS OperationalStatus[STORAGE_DEVICE_MAX_OPERATIONAL_STATUS];
    STORAGE_OPERATIONAL_REASON AdditionalReasons[ANYSIZE_ARRAY];
} STORAGE_DEVICE_MANAGEMENT_STATUS, *PSTORAGE_DEVICE_MANAGEMENT_STATUS;

/* Zones (StorageDeviceZonedDeviceProperty). */
typedef enum _STORAGE_ZONED_DEVICE_TYPES {
    ZonedDeviceTypeUnknown = 0,
    ZonedDeviceTypeHostManaged = 1,
    ZonedDeviceTypeHostAware = 2,
    ZonedDeviceTypeDeviceManaged = 3
} STORAGE_ZONED_DEVICE_TYPES;
typedef STORAGE_ZONED_DEVICE_TYPES *PSTORAGE_ZONED_DEVICE_TYPES;

typedef enum _STORAGE_ZONE_TYPES {
    ZoneTypeUnknown = 0,
    ZoneTypeConventional = 1,
    ZoneTypeSequentialWriteRequired = 2,
    ZoneTypeSequentialWritePreferred = 3,
    ZoneTypeMax = 4
} STORAGE_ZONE_TYPES;
typedef STORAGE_ZONE_TYPES *PSTORAGE_ZONE_TYPES;

/* Neighbouring zones of one type and size. */
typedef struct _STORAGE_ZONE_GROUP {
    ULONG ZoneCount;
    STORAGE_ZONE_TYPES ZoneType;
    ULONGLONG ZoneSize; /* in bytes */
} STORAGE_ZONE_GROUP, *PSTORAGE_ZONE_GROUP;

typedef struct _STORAGE_ZONED_DEVICE_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    STORAGE_ZONED_DEVICE_TYPES DeviceType;
    ULONG ZoneCount;
    union {
        struct {
            ULONG MaxOpenZoneCount;
            BOOLEAN UnrestrictedRead;
            UCHAR Reserved[3];
        } SequentialRequiredZone;
        struct {
            ULONG OptimalOpenZoneCount;
            ULONG Reserved;
        } SequentialPreferredZone;
    } ZoneAttributes;
    ULONG ZoneGroupCount;
    STORAGE_ZONE_GROUP ZoneGroup[ANYSIZE_ARRAY];
} STORAGE_ZONED_DEVICE_DESCRIPTOR, *PSTORAGE_ZONED_DEVICE_DESCRIPTOR;

typedef enum _STORAGE_ZONE_CONDITION {
    ZoneConditionConventional = 0,
    ZoneConditionEmpty = 1,
    ZoneConditionImplicitlyOpened = 2,
    ZoneConditionExplicitlyOpened = 3,
    ZoneConditionClosed = 4,
    ZoneConditionReadOnly = 13,
    ZoneConditionFull = 14,
    ZoneConditionOffline = 15
} STORAGE_ZONE_CONDITION;
typedef STORAGE_ZONE_CONDITION *PSTORAGE_ZONE_CONDITION;

typedef struct _STORAGE_ZONE_DESCRIPTOR {
    ULONG Size;
    STORAGE_ZONE_TYPES ZoneType;
    STORAGE_ZONE_CONDITION ZoneCondition;
    BOOLEAN ResetWritePointerRecommend;
    UCHAR Reserved0[3];
    ULONGLONG ZoneSize; /* in bytes */
    ULONGLONG WritePointerOffset;
} STORAGE_ZONE_DESCRIPTOR, *PSTORAGE_ZONE_DESCRIPTOR;

/* Counters (IOCTL_STORAGE_GET_COUNTERS). */
typedef enum _STORAGE_COUNTER_TYPE {
    StorageCounterTypeUnknown = 0x00,
    StorageCounterTypeTemperatureCelsius = 0x01,
    StorageCounterTypeTemperatureCelsiusMax = 0x02,
    StorageCounterTypeReadErrorsTotal = 0x03,
    StorageCounterTypeReadErrorsCorrected = 0x04,
    StorageCounterTypeReadErrorsUncorrected = 0x05,
    StorageCounterTypeWriteErrorsTotal = 0x06,
    StorageCounterTypeWriteErrorsCorrected = 0x07,
    StorageCounterTypeWriteErrorsUncorrected = 0x08,
    StorageCounterTypeManufactureDate = 0x09,
    StorageCounterTypeStartStopCycleCount = 0x0A,
    StorageCounterTypeStartStopCycleCountMax = 0x0B,
    StorageCounterTypeLoadUnloadCycleCount = 0x0C,
    StorageCounterTypeLoadUnloadCycleCountMax = 0x0D,
    StorageCounterTypeWearPercentage = 0x0E,
    StorageCounterTypeWearPercentageWarning = 0x0F,
    StorageCounterTypeWearPercentageMax = 0x10,
    StorageCounterTypePowerOnHours = 0x11,
    StorageCounterTypeReadLatency100NSMax = 0x12,
    StorageCounterTypeWriteLatency100NSMax = 0x13,
    StorageCounterTypeFlushLatency100NSMax = 0x14,
    StorageCounterTypeMax = 0x15
} STORAGE_COUNTER_TYPE;
typedef STORAGE_COUNTER_TYPE *PSTORAGE_COUNTER_TYPE;

#define STORAGE_COUNTERS_VERSION_V1 0x20

typedef struct _STORAGE_COUNTER {
    STORAGE_COUNTER_TYPE Type;
    union {
        struct {
            ULONG Week;
            ULONG Year;
        } ManufactureDate;
        ULONGLONG AsUlonglong;
    } Value;
} STORAGE_COUNTER, *PSTORAGE_COUNTER;

typedef struct _STORAGE_COUNTERS {
    ULONG Version;
    ULONG Size;
    ULONG NumberOfCounters;
    STORAGE_COUNTER Counters[ANYSIZE_ARRAY];
} STORAGE_COUNTERS, *PSTORAGE_COUNTERS;

/* Failure prediction. A PredictFailure other than zero means that the device expects to fail. */
typedef struct _STORAGE_PREDICT_FAILURE {
    ULONG PredictFailure;
    UCHAR VendorSpecific[512];
} STORAGE_PREDICT_FAILURE, *PSTORAGE_PREDICT_FAILURE;

#define STORAGE_FAILURE_PREDICTION_CONFIG_V1 0x1

typedef struct _STORAGE_FAILURE_PREDICTION_CONFIG {
    ULONG Version;
    ULONG Size;
    BOOLEAN Set;
    BOOLEAN Enabled;
    USHORT Reserved;
} STORAGE_FAILURE_PREDICTION_CONFIG, *PSTORAGE_FAILURE_PREDICTION_CONFIG;

/* Runtime idle detection (IOCTL_STORAGE_ENABLE_IDLE_POWER). */
typedef struct _STORAGE_IDLE_POWER {
    ULONG Version;
    ULONG Size;
    ULONG WakeCapableHint : 1;
    ULONG D3ColdSupported : 1;
    ULONG Reserved : 30;
    ULONG D3IdleTimeout; /* in milliseconds */
} STORAGE_IDLE_POWER, *PSTORAGE_IDLE_POWER;

typedef enum _STORAGE_POWERUP_REASON_TYPE {
    StoragePowerupUnknown = 0,
    StoragePowerupIO = 1,
    StoragePowerupDeviceAttention = 2
} STORAGE_POWERUP_REASON_TYPE;
typedef STORAGE_POWERUP_REASON_TYPE *PSTORAGE_POWERUP_REASON_TYPE;

#define STORAGE_IDLE_POWERUP_REASON_VERSION_V1 0x1

typedef struct _STORAGE_IDLE_POWERUP_REASON {
    ULONG Version;
    ULONG Size;
    STORAGE_POWERUP_REASON_TYPE PowerupReason;
} STORAGE_IDLE_POWERUP_REASON, *PSTORAGE_IDLE_POWERUP_REASON;

/* A limit of the power drawn (IOCTL_STORAGE_DEVICE_POWER_CAP). */
typedef enum _STORAGE_DEVICE_POWER_CAP_UNITS {
    StorageDevicePowerCapUnitsPercent = 0,
    StorageDevicePowerCapUnitsMilliwatts = 1
} STORAGE_DEVICE_POWER_CAP_UNITS;
typedef STORAGE_DEVICE_POWER_CAP_UNITS *PSTORAGE_DEVICE_POWER_CAP_UNITS;

#define STORAGE_DEVICE_POWER_CAP_VERSION_V1 0x1

typedef struct _STORAGE_DEVICE_POWER_CAP {
    ULONG Version;
    ULONG Size;
    STORAGE_DEVICE_POWER_CAP_UNITS Units;
    ULONGLONG MaxPower;
} STORAGE_DEVICE_POWER_CAP, *PSTORAGE_DEVICE_POWER_CAP;

/* What a device wants to be told (IOCTL_STORAGE_EVENT_NOTIFICATION). */
#define STORAGE_EVENT_MEDIA_STATUS            0x1
#define STORAGE_EVENT_NOTIFICATION_VERSION_V1 0x1
#define STORAGE_EVENT_DEVICE_STATUS           0x2
#define STORAGE_EVENT_DEVICE_OPERATION        0x4
#define STORAGE_EVENT_ALL                     0x7

typedef struct _STORAGE_EVENT_NOTIFICATION {
    ULONG Version;
    ULONG Size;
    ULONGLONG Events; /* STORAGE_EVENT_XXX */
} STORAGE_EVENT_NOTIFICATION, *PSTORAGE_EVENT_NOTIFICATION;

/* Attributes (IOCTL_STORAGE_ATTRIBUTE_MANAGEMENT). */
typedef enum _STORAGE_ATTRIBUTE_MGMT_ACTION {
    StorAttributeMgmt_ClearAttribute = 0,
    StorAttributeMgmt_SetAttribute = 1,
    StorAttributeMgmt_ResetAttribute = 2
} STORAGE_ATTRIBUTE_MGMT_ACTION;
typedef STORAGE_ATTRIBUTE_MGMT_ACTION *PSTORAGE_ATTRIBUTE_MGMT_ACTION;

#define STORATTRIBUTE_NONE             0x0
#define STORATTRIBUTE_MANAGEMENT_STATE 0x1

typedef struct _STORAGE_ATTRIBUTE_MGMT {
    ULONG Version;
    ULONG Size;
    STORAGE_ATTRIBUTE_MGMT_ACTION Action;
    ULONG Attribute;
} STORAGE_ATTRIBUTE_MGMT, *PSTORAGE_ATTRIBUTE_MGMT;

/* Output of IOCTL_STORAGE_CHECK_PRIORITY_HINT_SUPPORT. */
typedef struct _STORAGE_PRIORITY_HINT_SUPPORT {
    ULONG SupportFlags;
} STORAGE_PRIORITY_HINT_SUPPORT, *PSTORAGE_PRIORITY_HINT_SUPPORT;

#define STORAGE_PRIORITY_HINT_SUPPORTED 0x1

/* Physical elements, such as heads, and putting one out of use. */
typedef struct _PHYSICAL_ELEMENT_STATUS_REQUEST {
    ULONG Version;
    ULONG Size;
    ULONG StartingElement;
    UCHAR Filter;
    UCHAR ReportType;
    USHORT Reserved;
} PHYSICAL_ELEMENT_STATUS_REQUEST, *PPHYSICAL_ELEMENT_STATUS_REQUEST;

typedef struct _PHYSICAL_ELEMENT_STATUS_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONG ElementIdentifier;
    UCHAR PhysicalElementType;
    UCHAR PhysicalElementHealth;
    USHORT Reserved1;
    ULONGLONG AssociatedCapacity;
    ULONG Reserved2[4];
} PHYSICAL_ELEMENT_STATUS_DESCRIPTOR, *PPHYSICAL_ELEMENT_STATUS_DESCRIPTOR;

typedef struct _PHYSICAL_ELEMENT_STATUS {
    ULONG Version;
    ULONG Size;
    ULONG DescriptorCount;
    ULONG ReturnedDescriptorCount;
    ULONG ElementIdentifierBeingDepoped;
    ULONG Reserved;
    PHYSICAL_ELEMENT_STATUS_DESCRIPTOR Descriptors[ANYSIZE_ARRAY];
} PHYSICAL_ELEMENT_STATUS, *PPHYSICAL_ELEMENT_STATUS;

typedef struct _REMOVE_ELEMENT_AND_TRUNCATE_REQUEST {
    ULONG Version;
    ULONG Size;
    ULONGLONG RequestCapacity;
    ULONG ElementIdentifier;
    ULONG Reserved;
} REMOVE_ELEMENT_AND_TRUNCATE_REQUEST, *PREMOVE_ELEMENT_AND_TRUNCATE_REQUEST;

/* Erasing everything (IOCTL_STORAGE_REINITIALIZE_MEDIA). */
typedef enum _STORAGE_SANITIZE_METHOD {
    StorageSanitizeMethodDefault = 0,
    StorageSanitizeMethodBlockErase = 1,
    StorageSanitizeMethodCryptoErase = 2
} STORAGE_SANITIZE_METHOD;
typedef STORAGE_SANITIZE_METHOD *PSTORAGE_SANITIZE_METHOD;

typedef struct _STORAGE_REINITIALIZE_MEDIA {
    ULONG Version;
    ULONG Size;
    ULONG TimeoutInSeconds;
    struct {
        ULONG SanitizeMethod : 4;
        ULONG DisallowUnrestrictedSanitizeExit : 1;
        ULONG Reserved : 27;
    } SanitizeOption;
} STORAGE_REINITIALIZE_MEDIA, *PSTORAGE_REINITIALIZE_MEDIA;

#endif /* WDK_NTDDSTOR_DEVICE_STATE_H */

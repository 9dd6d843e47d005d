/*
 * Parameters of HwAdapterControl and HwUnitControl, and of runtime power management (PoFx): what a
 * miniport registers about the components of its adapter and units, and what it is told about them.
 */
#ifndef WDK_STORAGE_STORPORT_CONTROL_H
#define WDK_STORAGE_STORPORT_CONTROL_H

#include "storport_types.h"

/* Power of the adapter and of units. */
typedef struct _STOR_UNIT_CONTROL_POWER {
    PSTOR_ADDRESS Address;
    STOR_POWER_ACTION PowerAction;
    STOR_DEVICE_POWER_STATE PowerState;
} STOR_UNIT_CONTROL_POWER, *PSTOR_UNIT_CONTROL_POWER;

typedef struct _STOR_POWER_SETTING_INFO {
    GUID PowerSettingGuid;
    PVOID Value;
    ULONG ValueLength;
} STOR_POWER_SETTING_INFO, *PSTOR_POWER_SETTING_INFO;

/* What a unit is used for. */
typedef enum _SCSI_UC_DEVICE_USAGE_TYPE {
    ScsiDeviceUsageTypeUndefined = 0,
    ScsiDeviceUsageTypePaging,
    ScsiDeviceUsageTypeHibernation,
    ScsiDeviceUsageTypeDumpFile,
    ScsiDeviceUsageTypeBoot
} SCSI_UC_DEVICE_USAGE_TYPE,
    *PSCSI_UC_DEVICE_USAGE_TYPE;

typedef struct _STOR_UC_DEVICE_USAGE {
    PSTOR_ADDRESS Address;
    SCSI_UC_DEVICE_USAGE_TYPE UsageType;
    BOOLEAN InUse;
} STOR_UC_DEVICE_USAGE, *PSTOR_UC_DEVICE_USAGE;

/* How much power the whole system uses. */
typedef enum _RAID_SYSTEM_POWER {
    RaidSystemPowerUnknown = 0,
    RaidSystemPowerLowest,
    RaidSystemPowerLow,
    RaidSystemPowerMedium,
    RaidSystemPowerHigh
} RAID_SYSTEM_POWER,
    *PRAID_SYSTEM_POWER;

#define STOR_SYSTEM_POWER_HINTS_V1 1
typedef struct _STOR_SYSTEM_POWER_HINTS {
    ULONG Version;
    ULONG Size;
    RAID_SYSTEM_POWER SystemPower;
    ULONG ResumeLatencyMSec;
} STOR_SYSTEM_POWER_HINTS, *PSTOR_SYSTEM_POWER_HINTS;

/* Identity of units and adapters. */
#define STOR_VENDOR_ID_LENGTH                             0x10
#define STOR_MODEL_NUMBER_LENGTH                          0x40
#define STOR_FIRMWARE_REVISION_LENGTH                     0x10
#define STOR_RICH_DEVICE_DESCRIPTION_STRUCTURE_VERSION    0x01
#define STOR_RICH_DEVICE_DESCRIPTION_STRUCTURE_VERSION_V2 0x02
typedef struct _STOR_RICH_DEVICE_DESCRIPTION {
    ULONG Version;
    ULONG Size;
    UCHAR VendorId[STOR_VENDOR_ID_LENGTH + 1];
    UCHAR ModelNumber[STOR_MODEL_NUMBER_LENGTH + 1];
    UCHAR FirmwareRevision[STOR_FIRMWARE_REVISION_LENGTH + 1];
} STOR_RICH_DEVICE_DESCRIPTION, *PSTOR_RICH_DEVICE_DESCRIPTION;

typedef struct _STOR_RICH_DEVICE_DESCRIPTION_V2 {
    ULONG Version;
    ULONG Size;
    UCHAR VendorId[STOR_VENDOR_ID_LENGTH + 1];
    UCHAR ModelNumber[STOR_MODEL_NUMBER_LENGTH + 1];
    UCHAR FirmwareRevision[STOR_FIRMWARE_REVISION_LENGTH + 1];
    PSTOR_ADDRESS Address;
} STOR_RICH_DEVICE_DESCRIPTION_V2, *PSTOR_RICH_DEVICE_DESCRIPTION_V2;

#define STOR_SERIAL_NUMBER_MAX_SIZE 0x0100
typedef struct _STOR_SERIAL_NUMBER {
    ULONG Version;
    ULONG Size;
    BOOLEAN Unicode;
    UCHAR SerialNumber[STOR_SERIAL_NUMBER_MAX_SIZE];
} STOR_SERIAL_NUMBER, *PSTOR_SERIAL_NUMBER;

#define STOR_FRU_ID_DESCRIPTION_STRUCTURE_VERSION_1 0x01
#define STOR_FRU_ID_MAX_LENGTH                      0x80
typedef struct _STOR_FRU_ID_DESCRIPTION {
    ULONG Version;
    ULONG Size;
    PSTOR_ADDRESS Address;
    UCHAR FruId[STOR_FRU_ID_MAX_LENGTH + 1];
} STOR_FRU_ID_DESCRIPTION, *PSTOR_FRU_ID_DESCRIPTION;

typedef struct _STOR_UNIT_CONTROL_QUERY_BUS_TYPE {
    PSTOR_ADDRESS Address;
    ULONG BusType;
} STOR_UNIT_CONTROL_QUERY_BUS_TYPE, *PSTOR_UNIT_CONTROL_QUERY_BUS_TYPE;

/* The resources that the adapter asks for, for the miniport to trim. */
#define STOR_FILTER_RESOURCE_REQUIREMENTS_V1 1
typedef struct _STOR_FILTER_RESOURCE_REQUIREMENTS {
    ULONG Version;
    ULONG Size;
    PIO_RESOURCE_REQUIREMENTS_LIST IoResourceRequirementsList;
} STOR_FILTER_RESOURCE_REQUIREMENTS, *PSTOR_FILTER_RESOURCE_REQUIREMENTS;

typedef struct _STOR_RESET_BUS_SYNCHRONOUS_PARAMETER {
    ULONG Version;
    ULONG Size;
    ULONG PathId;
    ULONG Reserved;
} STOR_RESET_BUS_SYNCHRONOUS_PARAMETER, *PSTOR_RESET_BUS_SYNCHRONOUS_PARAMETER;

typedef struct _STOR_SET_EVENT_LOGGING {
    ULONG Channel;
    BOOLEAN Enabled;
} STOR_SET_EVENT_LOGGING, *PSTOR_SET_EVENT_LOGGING;

/* Internal data of a device for diagnosis. */
typedef enum _INTERNAL_DATA_SCOPE {
    InternalDataScopeUndefined = 0,
    InternalDataScopeInMemoryState,
    InternalDataScopeMax
} INTERNAL_DATA_SCOPE,
    *PINTERNAL_DATA_SCOPE;

typedef enum _DATA_TYPE {
    DataTypeGuid = 0,
    DataTypeBoolean,
    DataTypeUnicodeString,
    DataTypeAnsiString,
    DataTypeInt8,
    DataTypeInt16,
    DataTypeInt32,
    DataTypeInt64,
    DataTypeUInt8,
    DataTypeUInt16,
    DataTypeUInt32,
    DataTypeUInt64,
    DataTypeHex8,
    DataTypeHex16,
    DataTypeHex32,
    DataTypeHex64,
    DataTypeByteArray
} DATA_TYPE,
    *PDATA_TYPE;

typedef struct _MINIPORT_DATA {
    PWSTR Name;
    DATA_TYPE Type;
    USHORT ArrayLength;
    PVOID Data;
} MINIPORT_DATA, *PMINIPORT_DATA;

typedef struct _STOR_REPORT_INTERNAL_DATA {
    ULONG Version;
    ULONG Size;
    PSTOR_ADDRESS Address;
    INTERNAL_DATA_SCOPE Scope;
    PVOID CallbackContext;
} STOR_REPORT_INTERNAL_DATA, *PSTOR_REPORT_INTERNAL_DATA;

/* Encryption of data on its way to the device. */
typedef enum _STOR_CRYPTO_ALGORITHM_ID {
    StorCryptoAlgorithmUnknown = 0,
    StorCryptoAlgorithmXTSAES,
    StorCryptoAlgorithmBitlockerAESCBC,
    StorCryptoAlgorithmAESECB,
    StorCryptoAlgorithmESSIVAESCBC,
    StorCryptoAlgorithmMax
} STOR_CRYPTO_ALGORITHM_ID,
    *PSTOR_CRYPTO_ALGORITHM_ID;

typedef enum _STOR_CRYPTO_KEY_SIZE {
    StorCryptoKeySizeUnknown = 0,
    StorCryptoKeySize128Bits,
    StorCryptoKeySize192Bits,
    StorCryptoKeySize256Bits,
    StorCryptoKeySize512Bits,
    StorCryptoKeySizeMax
} STOR_CRYPTO_KEY_SIZE,
    *PSTOR_CRYPTO_KEY_SIZE;

typedef enum _STOR_CRYPTO_OPERATION_TYPE {
    StorCryptoOperationInsertKey = 1,
    StorCryptoOperationMax
} STOR_CRYPTO_OPERATION_TYPE,
    *PSTOR_CRYPTO_OPERATION_TYPE;

#define STOR_CRYPTO_ALGORITHM_ID_OFFSET            0x01
#define STOR_CRYPTO_CAPABILITIES_DATA_VERSION_1    0x01
#define STOR_CRYPTO_CAPABILITY_VERSION_1           0x01
#define STOR_CRYPTO_KEY_INFO_VERSION_1             0x01
#define STOR_CRYPTO_OPERATION_INSERT_KEY_VERSION_1 0x01
typedef struct _STOR_CRYPTO_CAPABILITY {
    ULONG Version;
    ULONG Size;
    USHORT CryptoCapabilityIndex;
    USHORT DataUnitSizeBitmask;
    STOR_CRYPTO_ALGORITHM_ID AlgorithmId;
    STOR_CRYPTO_KEY_SIZE KeySize;
} STOR_CRYPTO_CAPABILITY, *PSTOR_CRYPTO_CAPABILITY;

typedef struct _STOR_CRYPTO_CAPABILITIES_DATA {
    ULONG Version;
    ULONG Size;
    USHORT NumKeysSupported;
    USHORT NumCryptoCapabilities;
    STOR_CRYPTO_CAPABILITY CryptoCapabilities[1];
} STOR_CRYPTO_CAPABILITIES_DATA, *PSTOR_CRYPTO_CAPABILITIES_DATA;

typedef struct _STOR_CRYPTO_KEY_INFO {
    ULONG Version;
    ULONG Size;
    ULONG KeyIndex;
    ULONGLONG Tweak;
} STOR_CRYPTO_KEY_INFO, *PSTOR_CRYPTO_KEY_INFO;

typedef struct _STOR_CRYPTO_OPERATION {
    STOR_CRYPTO_OPERATION_TYPE OperationType;
    ULONG OperationBufferLength;
    PVOID OperationBuffer;
} STOR_CRYPTO_OPERATION, *PSTOR_CRYPTO_OPERATION;

typedef struct _STOR_CRYPTO_OPERATION_INSERT_KEY {
    USHORT Version;
    USHORT Size;
    ULONG KeyIndex;
    ULONG CryptoCapabilityIndex;
    ULONG DataUnitSizeBitmask;
    STOR_CRYPTO_KEY_SIZE KeySize;
    ULONG Reserved;
    PVOID KeyVirtualAddress;
    PHYSICAL_ADDRESS KeyPhysicalAddress;
} STOR_CRYPTO_OPERATION_INSERT_KEY, *PSTOR_CRYPTO_OPERATION_INSERT_KEY;

/* Replay protected memory blocks. */
typedef enum _STOR_RPMB_FRAME_TYPE {
    StorRpmbFrameTypeUnknown = 0,
    StorRpmbFrameTypeStandard,
    StorRpmbFrameTypeMax
} STOR_RPMB_FRAME_TYPE,
    *PSTOR_RPMB_FRAME_TYPE;

#define STOR_RPMB_VERSION_1 1
typedef struct _STOR_RPMB_CAPABILITIES_DATA {
    ULONG Version;
    ULONG Size;
    ULONG RpmbSize;
    ULONG MaxReliableRpmbWriteSize;
    UCHAR SecurityProtocol;
    USHORT SecurityProtocolSpecifier;
    STOR_ADDR_BTL8 RpmbTarget;
    STOR_RPMB_FRAME_TYPE FrameFormat;
} STOR_RPMB_CAPABILITIES_DATA, *PSTOR_RPMB_CAPABILITIES_DATA;

/* Which component a STOR_POFX_COMPONENT is: the adapter or a unit. */
static const GUID STORPORT_POFX_ADAPTER_GUID __attribute__((unused)) = {
    0xdcaf9c10, 0x895f, 0x481f, {0xa4, 0x92, 0xd4, 0xce, 0xd2, 0xf5, 0x56, 0x33}};
static const GUID STORPORT_POFX_LUN_GUID __attribute__((unused)) = {
    0x585d326b, 0x0b3a, 0x4088, {0x89, 0x39, 0x88, 0xb0, 0x0f, 0x69, 0x58, 0xbe}};

/* What StorPortIsDeviceOperationAllowed is asked about. */
static const GUID STORPORT_DEVICEOPERATION_SECURE_REPROVISION_GUID __attribute__((unused)) = {
    0xdcaf9c10, 0x895f, 0x481f, {0xa4, 0x92, 0xd4, 0xce, 0xd2, 0xf5, 0x56, 0x33}};
static const GUID STORPORT_DEVICEOPERATION_USE_INLINE_CRYPTO_ENGINE_GUID __attribute__((unused)) = {
    0xd52ce820, 0x2b37, 0x444b, {0xa6, 0x33, 0x00, 0x92, 0xe5, 0x91, 0xd0, 0x7b}};
static const GUID STORPORT_DEVICEOPERATION_CACHED_SETTINGS_INIT_GUID __attribute__((unused)) = {
    0x2b9443ac, 0xf89b, 0x48e8, {0xb2, 0x92, 0x2c, 0xb6, 0xc9, 0x6e, 0xfd, 0x5a}};

/* Runtime power management: components, their idle states and performance states. */
#define STOR_POFX_UNKNOWN_POWER                        0xFFFFFFFF
#define STOR_POFX_UNKNOWN_TIME                         0xFFFFFFFFFFFFFFFFULL
#define STOR_POFX_DEVICE_FLAG_ADAPTER_D3_WAKE          0x0800
#define STOR_POFX_DEVICE_FLAG_ADAPTIVE_D3_IDLE_TIMEOUT 0x20
#define STOR_POFX_DEVICE_FLAG_DISABLE_INTERRUPTS_ON_D3 0x0400
#define STOR_POFX_DEVICE_FLAG_DUMP_ALWAYS_POWER_ON     0x0200
#define STOR_POFX_DEVICE_FLAG_ENABLE_D3_COLD           0x04
#define STOR_POFX_DEVICE_FLAG_GET_PERF_STATE_FROM_PEP  0x1000
#define STOR_POFX_DEVICE_FLAG_IDLE_TIMEOUT             0x10
#define STOR_POFX_DEVICE_FLAG_NO_D0                    0x01
#define STOR_POFX_DEVICE_FLAG_NO_D3                    0x02
#define STOR_POFX_DEVICE_FLAG_NO_DUMP_ACTIVE           0x08
#define STOR_POFX_DEVICE_FLAG_NO_IDLE_DEBOUNCE         0x0100
#define STOR_POFX_DEVICE_FLAG_NO_UNIT_REGISTRATION     0x40
#define STOR_POFX_DEVICE_FLAG_PERF_STATE_PEP_OPTIONAL  0x80
#define STOR_POFX_ADAPTER_MAX_COMPONENTS               0x01
#define STOR_POFX_ADAPTER_MAX_IDLE_STATES              0x08
#define STOR_POFX_ADAPTER_MIN_COMPONENTS               0x01
#define STOR_POFX_ADAPTER_MIN_IDLE_STATES              0x01
#define STOR_POFX_COMPONENT_IDLE_STATE_VERSION_V1      0x01
#define STOR_POFX_COMPONENT_MAX_PERF_SETS              0x03
#define STOR_POFX_COMPONENT_MIN_PERF_SETS              0x00
#define STOR_POFX_COMPONENT_PERF_SET_VERSION_V1        0x01
#define STOR_POFX_COMPONENT_VERSION_V1                 0x01
#define STOR_POFX_COMPONENT_VERSION_V2                 0x02
#define STOR_POFX_DEVICE_VERSION_V1                    0x01
#define STOR_POFX_DEVICE_VERSION_V2                    0x02
#define STOR_POFX_DEVICE_VERSION_V3                    0x03
#define STOR_POFX_MAX_DISCRETE_PERF_STATES             0x08
#define STOR_POFX_MIN_DISCRETE_PERF_STATES             0x01
#define STOR_POFX_PERF_STATE_VERSION_V1                0x01
#define STOR_POFX_UNIT_MAX_COMPONENTS                  0x01
#define STOR_POFX_UNIT_MAX_IDLE_STATES                 0x02
#define STOR_POFX_UNIT_MIN_COMPONENTS                  0x01
#define STOR_POFX_UNIT_MIN_IDLE_STATES                 0x01
typedef enum _STOR_POFX_PERF_STATE_UNIT {
    StorPoFxPerfStateUnitOther = 0,
    StorPoFxPerfStateUnitFrequency,
    StorPoFxPerfStateUnitBandwidth,
    StorPoFxPerfStateUnitMilliwatts,
    StorPoFxPerfStateUnitMaximum
} STOR_POFX_PERF_STATE_UNIT,
    *PSTOR_POFX_PERF_STATE_UNIT;

typedef enum _STOR_POFX_PERF_STATE_TYPE {
    StorPoFxPerfStateTypeDiscrete = 0,
    StorPoFxPerfStateTypeRange,
    StorPoFxPerfStateTypeMaximum
} STOR_POFX_PERF_STATE_TYPE,
    *PSTOR_POFX_PERF_STATE_TYPE;

typedef struct _STOR_POFX_COMPONENT_IDLE_STATE {
    ULONG Version;
    ULONG Size;
    ULONGLONG TransitionLatency;
    ULONGLONG ResidencyRequirement;
    ULONG NominalPower;
} STOR_POFX_COMPONENT_IDLE_STATE, *PSTOR_POFX_COMPONENT_IDLE_STATE;

#define STOR_POFX_COMPONENT_IDLE_STATE_SIZE sizeof(STOR_POFX_COMPONENT_IDLE_STATE)

typedef struct _STOR_POFX_COMPONENT {
    ULONG Version;
    ULONG Size;
    ULONG FStateCount;
    ULONG DeepestWakeableFState;
    GUID Id;
    STOR_POFX_COMPONENT_IDLE_STATE FStates[ANYSIZE_ARRAY];
} STOR_POFX_COMPONENT, *PSTOR_POFX_COMPONENT;

#define STOR_POFX_COMPONENT_SIZE __builtin_offsetof(STOR_POFX_COMPONENT, FStates)

typedef struct _STOR_POFX_COMPONENT_V2 {
    ULONG Version;
    ULONG Size;
    ULONG FStateCount;
    ULONG DeepestWakeableFState;
    GUID Id;
    ULONG DeepestAdapterPowerRequiredFState;
    ULONG DeepestCrashDumpReadyFState;
    STOR_POFX_COMPONENT_IDLE_STATE FStates[ANYSIZE_ARRAY];
} STOR_POFX_COMPONENT_V2, *PSTOR_POFX_COMPONENT_V2;

#define STOR_POFX_COMPONENT_V2_SIZE __builtin_offsetof(STOR_POFX_COMPONENT_V2, FStates)

typedef struct _STOR_POFX_DEVICE {
    ULONG Version;
    ULONG Size;
    ULONG ComponentCount;
    ULONG Flags;
    STOR_POFX_COMPONENT Components[ANYSIZE_ARRAY];
} STOR_POFX_DEVICE, *PSTOR_POFX_DEVICE;

#define STOR_POFX_DEVICE_SIZE __builtin_offsetof(STOR_POFX_DEVICE, Components)

typedef struct _STOR_POFX_DEVICE_V2 {
    ULONG Version;
    ULONG Size;
    ULONG ComponentCount;
    ULONG Flags;
    union {
        ULONG UnitMinIdleTimeoutInMS;
        ULONG AdapterIdleTimeoutInMS;
    };
    STOR_POFX_COMPONENT Components[ANYSIZE_ARRAY];
} STOR_POFX_DEVICE_V2, *PSTOR_POFX_DEVICE_V2;

#define STOR_POFX_DEVICE_V2_SIZE __builtin_offsetof(STOR_POFX_DEVICE_V2, Components)

typedef struct _STOR_POFX_DEVICE_V3 {
    ULONG Version;
    ULONG Size;
    ULONG ComponentCount;
    ULONG Flags;
    union {
        ULONG UnitMinIdleTimeoutInMS;
        ULONG AdapterIdleTimeoutInMS;
    };
    ULONG MinimumPowerCyclePeriodInMS;
    STOR_POFX_COMPONENT Components[ANYSIZE_ARRAY];
} STOR_POFX_DEVICE_V3, *PSTOR_POFX_DEVICE_V3;

#define STOR_POFX_DEVICE_V3_SIZE __builtin_offsetof(STOR_POFX_DEVICE_V3, Components)

typedef struct _STOR_POFX_PERF_STATE {
    ULONG Version;
    ULONG Size;
    ULONGLONG Value;
    PVOID Context;
} STOR_POFX_PERF_STATE, *PSTOR_POFX_PERF_STATE;

#define STOR_POFX_PERF_STATE_SIZE sizeof(STOR_POFX_PERF_STATE)

typedef struct _STOR_POFX_COMPONENT_PERF_SET {
    ULONG Version;
    ULONG Size;
    ULONGLONG Flags;
    STOR_POFX_PERF_STATE_UNIT PStateUnit;
    STOR_POFX_PERF_STATE_TYPE PStateType;
    union {
        struct {
            ULONG Count;
            ULONG Offset;
        } Discrete;
        struct {
            ULONGLONG Minimum;
            ULONGLONG Maximum;
        } Range;
    } PStates;
} STOR_POFX_COMPONENT_PERF_SET, *PSTOR_POFX_COMPONENT_PERF_SET;

#define STOR_POFX_COMPONENT_PERF_SET_SIZE sizeof(STOR_POFX_COMPONENT_PERF_SET)

/* What HwAdapterControl and HwUnitControl hear about components. */
typedef struct _STOR_POWER_CONTROL_HEADER {
    ULONG Version;
    ULONG Size;
    PSTOR_ADDRESS Address;
} STOR_POWER_CONTROL_HEADER, *PSTOR_POWER_CONTROL_HEADER;

typedef struct _STOR_ADAPTER_CONTROL_POWER {
    STOR_POWER_CONTROL_HEADER Header;
    STOR_POWER_ACTION PowerAction;
    STOR_DEVICE_POWER_STATE PowerState;
} STOR_ADAPTER_CONTROL_POWER, *PSTOR_ADAPTER_CONTROL_POWER;

typedef struct _STOR_POFX_POWER_REQUIRED_CONTEXT {
    STOR_POWER_CONTROL_HEADER Header;
    BOOLEAN PowerRequired;
} STOR_POFX_POWER_REQUIRED_CONTEXT, *PSTOR_POFX_POWER_REQUIRED_CONTEXT;

typedef struct _STOR_POFX_ACTIVE_CONTEXT {
    STOR_POWER_CONTROL_HEADER Header;
    ULONG ComponentIndex;
    BOOLEAN Active;
} STOR_POFX_ACTIVE_CONTEXT, *PSTOR_POFX_ACTIVE_CONTEXT;

typedef struct _STOR_POFX_FSTATE_CONTEXT {
    STOR_POWER_CONTROL_HEADER Header;
    ULONG ComponentIndex;
    ULONG FState;
} STOR_POFX_FSTATE_CONTEXT, *PSTOR_POFX_FSTATE_CONTEXT;

typedef struct _STOR_POFX_PERF_STATE_CONTEXT {
    ULONG Version;
    ULONG Size;
    ULONG ComponentIndex;
    BOOLEAN Succeeded;
    PVOID Context;
} STOR_POFX_PERF_STATE_CONTEXT, *PSTOR_POFX_PERF_STATE_CONTEXT;

typedef struct _STOR_POFX_POWER_CONTROL {
    STOR_POWER_CONTROL_HEADER Header;
    LPCGUID PowerControlCode;
    SIZE_T InBufferSize;
    SIZE_T OutBufferSize;
    PVOID InBuffer;
    PVOID OutBuffer;
    PSIZE_T BytesReturned;
} STOR_POFX_POWER_CONTROL, *PSTOR_POFX_POWER_CONTROL;

typedef struct _STOR_POFX_UNIT_POWER_INFO {
    STOR_POWER_CONTROL_HEADER Header;
    BOOLEAN IdlePowerEnabled;
} STOR_POFX_UNIT_POWER_INFO, *PSTOR_POFX_UNIT_POWER_INFO;

typedef struct _STOR_MAX_OPERATIONAL_POWER {
    ULONG Version;
    ULONG Size;
    ULONGLONG Value;
} STOR_MAX_OPERATIONAL_POWER, *PSTOR_MAX_OPERATIONAL_POWER;

#endif

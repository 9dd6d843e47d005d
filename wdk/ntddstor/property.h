/*
 * IOCTL_STORAGE_QUERY_PROPERTY and IOCTL_STORAGE_SET_PROPERTY: one request for every fact about an
 * adapter or a device. A descriptor begins with its version and size, which may exceed the buffer:
 * then the caller learns how much to ask for.
 */
#ifndef WDK_NTDDSTOR_PROPERTY_H
#define WDK_NTDDSTOR_PROPERTY_H

#include "../guiddef.h"
#include "../ntdef.h"
#include "bus_type.h"
#include "device_state.h"
#include "protocol.h"
#include "tiers.h"

/* What is asked of a property. */
typedef enum _STORAGE_QUERY_TYPE {
    PropertyStandardQuery = 0,
    PropertyExistsQuery = 1,
    PropertyMaskQuery = 2,
    PropertyQueryMaxDefined = 3
} STORAGE_QUERY_TYPE;
typedef STORAGE_QUERY_TYPE *PSTORAGE_QUERY_TYPE;

typedef enum _STORAGE_SET_TYPE {
    PropertyStandardSet = 0,
    PropertyExistsSet = 1,
    PropertySetMaxDefined = 2
} STORAGE_SET_TYPE;
typedef STORAGE_SET_TYPE *PSTORAGE_SET_TYPE;

/*
 * The properties. The descriptor that answers each stands below or in a header that this one
 * includes.
 */
typedef enum _STORAGE_PROPERTY_ID {
    StorageDeviceProperty = 0x00,
    StorageAdapterProperty = 0x01,
    StorageDeviceIdProperty = 0x02,
    StorageDeviceUniqueIdProperty = 0x03,
    StorageDeviceWriteCacheProperty = 0x04,
    StorageMiniportProperty = 0x05,
    StorageAccessAlignmentProperty = 0x06,
    StorageDeviceSeekPenaltyProperty = 0x07,
    StorageDeviceTrimProperty = 0x08,
    StorageDeviceWriteAggregationProperty = 0x09,
    StorageDeviceDeviceTelemetryProperty = 0x0A,
    StorageDeviceLBProvisioningProperty = 0x0B,
    StorageDevicePowerProperty = 0x0C,
    StorageDeviceCopyOffloadProperty = 0x0D,
    StorageDeviceResiliencyProperty = 0x0E,
    StorageDeviceMediumProductType = 0x0F,
    StorageAdapterRpmbProperty = 0x10,
    StorageAdapterCryptoProperty = 0x11,
    StorageDeviceTieringProperty = 0x12,
    StorageDeviceFaultDomainProperty = 0x13,
    StorageDeviceClusportProperty = 0x14,
    StorageDeviceDependantDevicesProperty = 0x15,
    StorageDeviceIoCapabilityProperty = 0x30,
    StorageAdapterProtocolSpecificProperty = 0x31,
    StorageDeviceProtocolSpecificProperty = 0x32,
    StorageAdapterTemperatureProperty = 0x33,
    StorageDeviceTemperatureProperty = 0x34,
    StorageAdapterPhysicalTopologyProperty = 0x35,
    StorageDevicePhysicalTopologyProperty = 0x36,
    StorageDeviceAttributesProperty = 0x37,
    StorageDeviceManagementStatus = 0x38,
    StorageAdapterSerialNumberProperty = 0x39,
    StorageDeviceLocationProperty = 0x3A,
    StorageDeviceNumaProperty = 0x3B,
    StorageDeviceZonedDeviceProperty = 0x3C,
    StorageDeviceUnsafeShutdownCount = 0x3D,
    StorageDeviceEnduranceProperty = 0x3E,
    StorageDeviceLedStateProperty = 0x3F,
    StorageDeviceSelfEncryptionProperty = 0x40,
    StorageFruIdProperty = 0x41
} STORAGE_PROPERTY_ID;
typedef STORAGE_PROPERTY_ID *PSTORAGE_PROPERTY_ID;

typedef struct _STORAGE_PROPERTY_QUERY {
    STORAGE_PROPERTY_ID PropertyId;
    STORAGE_QUERY_TYPE QueryType;
    UCHAR AdditionalParameters[1];
} STORAGE_PROPERTY_QUERY, *PSTORAGE_PROPERTY_QUERY;

typedef struct _STORAGE_PROPERTY_SET {
    STORAGE_PROPERTY_ID PropertyId;
    STORAGE_SET_TYPE SetType;
    UCHAR AdditionalParameters[1];
} STORAGE_PROPERTY_SET, *PSTORAGE_PROPERTY_SET;

/* How every descriptor begins. */
typedef struct _STORAGE_DESCRIPTOR_HEADER {
    ULONG Version;
    ULONG Size; /* bytes of the whole descriptor, not only of what was returned */
} STORAGE_DESCRIPTOR_HEADER, *PSTORAGE_DESCRIPTOR_HEADER;

/* StorageDeviceProperty. The strings lie behind it, in ASCII; an offset of zero means none. */
typedef struct _STORAGE_DEVICE_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    UCHAR DeviceType;         /* SCSI device type */
    UCHAR DeviceTypeModifier; /* SCSI device type modifier */
    BOOLEAN RemovableMedia;
    BOOLEAN CommandQueueing;
    ULONG VendorIdOffset;
    ULONG ProductIdOffset;
    ULONG ProductRevisionOffset;
    ULONG SerialNumberOffset;
    STORAGE_BUS_TYPE BusType;
    ULONG RawPropertiesLength;
    UCHAR RawDeviceProperties[1]; /* INQUIRYDATA of a SCSI device */
} STORAGE_DEVICE_DESCRIPTOR, *PSTORAGE_DEVICE_DESCRIPTOR;

/* StorageAdapterProperty. */
#define NO_SRBTYPE_ADAPTER_DESCRIPTOR_SIZE 0x1E

typedef struct _STORAGE_ADAPTER_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONG MaximumTransferLength; /* in bytes */
    ULONG MaximumPhysicalPages;  /* in a transfer */
    ULONG AlignmentMask;         /* of a buffer's address */
    BOOLEAN AdapterUsesPio;
    BOOLEAN AdapterScansDown; /* targets in falling order */
    BOOLEAN CommandQueueing;
    BOOLEAN AcceleratedTransfer;
    UCHAR BusType; /* STORAGE_BUS_TYPE */
    USHORT BusMajorVersion;
    USHORT BusMinorVersion;
#if NTDDI_VERSION >= NTDDI_WIN8
    UCHAR SrbType;     /* SRB_TYPE_XXX */
    UCHAR AddressType; /* STORAGE_ADDRESS_TYPE_XXX */
#endif
} STORAGE_ADAPTER_DESCRIPTOR, *PSTORAGE_ADAPTER_DESCRIPTOR;

/* StorageAccessAlignmentProperty. */
typedef struct _STORAGE_ACCESS_ALIGNMENT_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONG BytesPerCacheLine;
    ULONG BytesOffsetForCacheAlignment;
    ULONG BytesPerLogicalSector;
    ULONG BytesPerPhysicalSector;
    ULONG BytesOffsetForSectorAlignment;
} STORAGE_ACCESS_ALIGNMENT_DESCRIPTOR, *PSTORAGE_ACCESS_ALIGNMENT_DESCRIPTOR;

/* StorageDeviceMediumProductType. */
typedef struct _STORAGE_MEDIUM_PRODUCT_TYPE_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONG MediumProductType;
} STORAGE_MEDIUM_PRODUCT_TYPE_DESCRIPTOR, *PSTORAGE_MEDIUM_PRODUCT_TYPE_DESCRIPTOR;

/* StorageMiniportProperty. */
typedef enum _STORAGE_PORT_CODE_SET {
    StoragePortCodeSetReserved = 0,
    StoragePortCodeSetStorport = 1,
    StoragePortCodeSetSCSIport = 2,
    StoragePortCodeSetSpaceport = 3,
    StoragePortCodeSetATAport = 4,
    StoragePortCodeSetUSBport = 5,
    StoragePortCodeSetSBP2port = 6,
    StoragePortCodeSetSDport = 7
} STORAGE_PORT_CODE_SET;
typedef STORAGE_PORT_CODE_SET *PSTORAGE_PORT_CODE_SET;

#define STORAGE_MINIPORT_DESCRIPTOR_V1_SIZE 0x10

typedef struct _STORAGE_MINIPORT_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    STORAGE_PORT_CODE_SET Portdriver;
    BOOLEAN LUNResetSupported;
    BOOLEAN TargetResetSupported;
#if NTDDI_VERSION >= NTDDI_WIN8
    USHORT IoTimeoutValue; /* in seconds */
#endif
#if NTDDI_VERSION >= NTDDI_WINBLUE
    BOOLEAN ExtraIoInfoSupported;
#if NTDDI_VERSION >= NTDDI_WIN10_FE
    union {
        struct {
            UCHAR LogicalPoFxForDisk : 1;
            UCHAR Reserved : 7;
        };
        UCHAR AsUCHAR;
    } Flags;
    UCHAR Reserved0[2];
#else
    UCHAR Reserved0[3];
#endif
    ULONG Reserved1;
#endif
} STORAGE_MINIPORT_DESCRIPTOR, *PSTORAGE_MINIPORT_DESCRIPTOR;

/* StorageDeviceIdProperty: what vital product data page 83 holds. */
typedef enum _STORAGE_IDENTIFIER_CODE_SET {
    StorageIdCodeSetReserved = 0,
    StorageIdCodeSetBinary = 1,
    StorageIdCodeSetAscii = 2,
    StorageIdCodeSetUtf8 = 3
} STORAGE_IDENTIFIER_CODE_SET;
typedef STORAGE_IDENTIFIER_CODE_SET *PSTORAGE_IDENTIFIER_CODE_SET;

typedef enum _STORAGE_IDENTIFIER_TYPE {
    StorageIdTypeVendorSpecific = 0,
    StorageIdTypeVendorId = 1,
    StorageIdTypeEUI64 = 2,
    StorageIdTypeFCPHName = 3,
    StorageIdTypePortRelative = 4,
    StorageIdTypeTargetPortGroup = 5,
    StorageIdTypeLogicalUnitGroup = 6,
    StorageIdTypeMD5LogicalUnitIdentifier = 7,
    StorageIdTypeScsiNameString = 8
} STORAGE_IDENTIFIER_TYPE;
typedef STORAGE_IDENTIFIER_TYPE *PSTORAGE_IDENTIFIER_TYPE;

#define StorageIdTypeNAA 0x3

typedef enum _STORAGE_ID_NAA_FORMAT {
    StorageIdNAAFormatIEEEExtended = 2,
    StorageIdNAAFormatIEEERegistered = 3,
    StorageIdNAAFormatIEEEERegisteredExtended = 5
} STORAGE_ID_NAA_FORMAT;
typedef STORAGE_ID_NAA_FORMAT *PSTORAGE_ID_NAA_FORMAT;

typedef enum _STORAGE_ASSOCIATION_TYPE {
    StorageIdAssocDevice = 0,
    StorageIdAssocPort = 1,
    StorageIdAssocTarget = 2
} STORAGE_ASSOCIATION_TYPE;
typedef STORAGE_ASSOCIATION_TYPE *PSTORAGE_ASSOCIATION_TYPE;

typedef struct _STORAGE_IDENTIFIER {
    STORAGE_IDENTIFIER_CODE_SET CodeSet;
    STORAGE_IDENTIFIER_TYPE Type;
    USHORT IdentifierSize;
    USHORT NextOffset; /* bytes to the next identifier; 0: the last */
    STORAGE_ASSOCIATION_TYPE Association;
    UCHAR Identifier[1];
} STORAGE_IDENTIFIER, *PSTORAGE_IDENTIFIER;

typedef struct _STORAGE_DEVICE_ID_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONG NumberOfIdentifiers;
    UCHAR Identifiers[1]; /* STORAGE_IDENTIFIER, one after another */
} STORAGE_DEVICE_ID_DESCRIPTOR, *PSTORAGE_DEVICE_ID_DESCRIPTOR;

/* StorageDeviceSeekPenaltyProperty: FALSE is what makes a disk a solid-state disk. */
typedef struct _DEVICE_SEEK_PENALTY_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    BOOLEAN IncursSeekPenalty;
} DEVICE_SEEK_PENALTY_DESCRIPTOR, *PDEVICE_SEEK_PENALTY_DESCRIPTOR;

/* StorageDeviceWriteAggregationProperty. */
typedef struct _DEVICE_WRITE_AGGREGATION_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    BOOLEAN BenefitsFromWriteAggregation;
} DEVICE_WRITE_AGGREGATION_DESCRIPTOR, *PDEVICE_WRITE_AGGREGATION_DESCRIPTOR;

/* StorageDeviceTrimProperty. */
typedef struct _DEVICE_TRIM_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    BOOLEAN TrimEnabled;
} DEVICE_TRIM_DESCRIPTOR, *PDEVICE_TRIM_DESCRIPTOR;

/*
 * StorageDeviceLBProvisioningProperty: what the logical block provisioning and block limits pages
 * hold.
 */
#define DEVICE_LB_PROVISIONING_DESCRIPTOR_V1_SIZE 0x20

typedef struct _DEVICE_LB_PROVISIONING_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    UCHAR ThinProvisioningEnabled : 1;
    UCHAR ThinProvisioningReadZeros : 1;
    UCHAR AnchorSupported : 3;
    UCHAR UnmapGranularityAlignmentValid : 1;
    UCHAR GetFreeSpaceSupported : 1;
    UCHAR MapSupported : 1;
    UCHAR Reserved1[7];
    ULONGLONG OptimalUnmapGranularity;
    ULONGLONG UnmapGranularityAlignment;
#if NTDDI_VERSION >= NTDDI_WINBLUE
    ULONG MaxUnmapLbaCount;
    ULONG MaxUnmapBlockDescriptorCount;
#endif
} DEVICE_LB_PROVISIONING_DESCRIPTOR, *PDEVICE_LB_PROVISIONING_DESCRIPTOR;

/* Output of IOCTL_STORAGE_GET_LB_PROVISIONING_MAP_RESOURCES. */
typedef struct _STORAGE_LB_PROVISIONING_MAP_RESOURCES {
    ULONG Size;
    ULONG Version;
    UCHAR AvailableMappingResourcesValid : 1;
    UCHAR UsedMappingResourcesValid : 1;
    UCHAR Reserved0 : 6;
    UCHAR Reserved1[3];
    UCHAR AvailableMappingResourcesScope : 2;
    UCHAR UsedMappingResourcesScope : 2;
    UCHAR Reserved2 : 4;
    UCHAR Reserved3[3];
    ULONGLONG AvailableMappingResources;
    ULONGLONG UsedMappingResources;
} STORAGE_LB_PROVISIONING_MAP_RESOURCES, *PSTORAGE_LB_PROVISIONING_MAP_RESOURCES;

/* StorageDevicePowerProperty. */
typedef struct _DEVICE_POWER_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    BOOLEAN DeviceAttentionSupported;
    BOOLEAN AsynchronousNotificationSupported;
    BOOLEAN IdlePowerManagementEnabled;
    BOOLEAN D3ColdEnabled;
    BOOLEAN D3ColdSupported;
    BOOLEAN NoVerifyDuringIdlePower;
    USHORT Reserved;
    ULONG IdleTimeoutInMS;
} DEVICE_POWER_DESCRIPTOR, *PDEVICE_POWER_DESCRIPTOR;

/* StorageDeviceCopyOffloadProperty. */
typedef struct _DEVICE_COPY_OFFLOAD_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONG MaximumTokenLifetime;
    ULONG DefaultTokenLifetime;
    ULONGLONG MaximumTransferSize;
    ULONGLONG OptimalTransferCount;
    ULONG MaximumDataDescriptors;
    ULONG MaximumTransferLengthPerDescriptor;
    ULONG OptimalTransferLengthPerDescriptor;
    USHORT OptimalTransferLengthGranularity;
    USHORT Reserved;
} DEVICE_COPY_OFFLOAD_DESCRIPTOR, *PDEVICE_COPY_OFFLOAD_DESCRIPTOR;

/* StorageDeviceResiliencyProperty. */
typedef struct _STORAGE_DEVICE_RESILIENCY_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONG NameOffset;
    ULONG NumberOfLogicalCopies;
    ULONG NumberOfPhysicalCopies;
    ULONG PhysicalDiskRedundancy;
    ULONG NumberOfColumns;
    ULONG Interleave;
} STORAGE_DEVICE_RESILIENCY_DESCRIPTOR, *PSTORAGE_DEVICE_RESILIENCY_DESCRIPTOR;

/*
 * StorageAdapterRpmbProperty: the replay protected memory block, and the frame that is sent to it.
 */
typedef enum _STORAGE_RPMB_FRAME_TYPE {
    StorageRpmbFrameTypeUnknown = 0,
    StorageRpmbFrameTypeStandard = 1,
    StorageRpmbFrameTypeMax = 2
} STORAGE_RPMB_FRAME_TYPE;
typedef STORAGE_RPMB_FRAME_TYPE *PSTORAGE_RPMB_FRAME_TYPE;

#define STORAGE_RPMB_DESCRIPTOR_VERSION_1        0x1
#define STORAGE_RPMB_MINIMUM_RELIABLE_WRITE_SIZE 0x200

typedef struct _STORAGE_RPMB_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONG SizeInBytes;
    ULONG MaxReliableWriteSizeInBytes;
    STORAGE_RPMB_FRAME_TYPE FrameFormat;
} STORAGE_RPMB_DESCRIPTOR, *PSTORAGE_RPMB_DESCRIPTOR;

typedef enum _STORAGE_RPMB_COMMAND_TYPE {
    StorRpmbProgramAuthKey = 1,
    StorRpmbQueryWriteCounter = 2,
    StorRpmbAuthenticatedWrite = 3,
    StorRpmbAuthenticatedRead = 4,
    StorRpmbReadResultRequest = 5,
    StorRpmbAuthenticatedDeviceConfigWrite = 6,
    StorRpmbAuthenticatedDeviceConfigRead = 7
} STORAGE_RPMB_COMMAND_TYPE;
typedef STORAGE_RPMB_COMMAND_TYPE *PSTORAGE_RPMB_COMMAND_TYPE;

typedef struct _STORAGE_RPMB_DATA_FRAME {
    UCHAR Stuff[196];
    UCHAR KeyOrMAC[32];
    UCHAR Data[256];
    UCHAR Nonce[16];
    UCHAR WriteCounter[4];
    UCHAR Address[2];
    UCHAR BlockCount[2];
    UCHAR OperationResult[2];
    UCHAR RequestOrResponseType[2]; /* STORAGE_RPMB_COMMAND_TYPE, big-endian like the others */
} STORAGE_RPMB_DATA_FRAME, *PSTORAGE_RPMB_DATA_FRAME;

/* StorageAdapterCryptoProperty: encryption that the adapter does inline. */
typedef enum _STORAGE_CRYPTO_ALGORITHM_ID {
    StorageCryptoAlgorithmUnknown = 0,
    StorageCryptoAlgorithmXTSAES = 1,
    StorageCryptoAlgorithmBitlockerAESCBC = 2,
    StorageCryptoAlgorithmAESECB = 3,
    StorageCryptoAlgorithmESSIVAESCBC = 4,
    StorageCryptoAlgorithmMax = 5
} STORAGE_CRYPTO_ALGORITHM_ID;
typedef STORAGE_CRYPTO_ALGORITHM_ID *PSTORAGE_CRYPTO_ALGORITHM_ID;

typedef enum _STORAGE_CRYPTO_KEY_SIZE {
    StorageCryptoKeySizeUnknown = 0,
    StorageCryptoKeySize128Bits = 1,
    StorageCryptoKeySize192Bits = 2,
    StorageCryptoKeySize256Bits = 3,
    StorageCryptoKeySize512Bits = 4
} STORAGE_CRYPTO_KEY_SIZE;
typedef STORAGE_CRYPTO_KEY_SIZE *PSTORAGE_CRYPTO_KEY_SIZE;

#define STORAGE_CRYPTO_CAPABILITY_VERSION_1 0x1
#define STORAGE_CRYPTO_DESCRIPTOR_VERSION_1 0x1

typedef struct _STORAGE_CRYPTO_CAPABILITY {
    ULONG Version;
    ULONG Size;
    ULONG CryptoCapabilityIndex;
    STORAGE_CRYPTO_ALGORITHM_ID AlgorithmId;
    STORAGE_CRYPTO_KEY_SIZE KeySize;
    ULONG DataUnitSizeBitmask;
} STORAGE_CRYPTO_CAPABILITY, *PSTORAGE_CRYPTO_CAPABILITY;

typedef struct _STORAGE_CRYPTO_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONG NumKeysSupported;
    ULONG NumCryptoCapabilities;
    STORAGE_CRYPTO_CAPABILITY CryptoCapabilities[ANYSIZE_ARRAY];
} STORAGE_CRYPTO_DESCRIPTOR, *PSTORAGE_CRYPTO_DESCRIPTOR;

/* StorageDeviceFaultDomainProperty. */
typedef struct _STORAGE_DEVICE_FAULT_DOMAIN_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONG NumberOfFaultDomains;
    GUID FaultDomainIds[ANYSIZE_ARRAY];
} STORAGE_DEVICE_FAULT_DOMAIN_DESCRIPTOR, *PSTORAGE_DEVICE_FAULT_DOMAIN_DESCRIPTOR;

/* StorageDeviceIoCapabilityProperty. */
typedef struct _STORAGE_DEVICE_IO_CAPABILITY_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONG LunMaxIoCount;
    ULONG AdapterMaxIoCount;
} STORAGE_DEVICE_IO_CAPABILITY_DESCRIPTOR, *PSTORAGE_DEVICE_IO_CAPABILITY_DESCRIPTOR;

/* StorageDeviceAttributesProperty. */
#define STORAGE_ATTRIBUTE_BYTE_ADDRESSABLE_IO      0x1
#define STORAGE_ATTRIBUTE_BLOCK_IO                 0x2
#define STORAGE_ATTRIBUTE_DYNAMIC_PERSISTENCE      0x4
#define STORAGE_ATTRIBUTE_VOLATILE                 0x8
#define STORAGE_ATTRIBUTE_ASYNC_EVENT_NOTIFICATION 0x10
#define STORAGE_ATTRIBUTE_PERF_SIZE_INDEPENDENT    0x20

typedef struct _STORAGE_DEVICE_ATTRIBUTES_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONGLONG Attributes; /* STORAGE_ATTRIBUTE_XXX */
} STORAGE_DEVICE_ATTRIBUTES_DESCRIPTOR, *PSTORAGE_DEVICE_ATTRIBUTES_DESCRIPTOR;

/* StorageAdapterSerialNumberProperty. */
#define STORAGE_ADAPTER_SERIAL_NUMBER_V1_MAX_LENGTH 0x80
#define STORAGE_ADAPTER_SERIAL_NUMBER_V1_SIZE       0x108
#define STORAGE_ADAPTER_SERIAL_NUMBER_V1_VERSION    0x108

typedef struct _STORAGE_ADAPTER_SERIAL_NUMBER {
    ULONG Version;
    ULONG Size;
    WCHAR SerialNumber[STORAGE_ADAPTER_SERIAL_NUMBER_V1_MAX_LENGTH];
} STORAGE_ADAPTER_SERIAL_NUMBER, *PSTORAGE_ADAPTER_SERIAL_NUMBER;

/* StorageDeviceLocationProperty. */
typedef struct _DEVICE_LOCATION {
    ULONG Socket;
    ULONG Slot;
    ULONG Adapter;
    ULONG Port;
    union {
        struct {
            ULONG Channel;
            ULONG Device;
        };
        struct {
            ULONG Target;
            ULONG Lun;
        };
    };
} DEVICE_LOCATION, *PDEVICE_LOCATION;

typedef struct _STORAGE_DEVICE_LOCATION_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    DEVICE_LOCATION Location;
    ULONG StringOffset;
} STORAGE_DEVICE_LOCATION_DESCRIPTOR, *PSTORAGE_DEVICE_LOCATION_DESCRIPTOR;

/* StorageDeviceNumaProperty. */
#define STORAGE_DEVICE_NUMA_NODE_UNKNOWN 0xFFFFFFFF

typedef struct _STORAGE_DEVICE_NUMA_PROPERTY {
    ULONG Version;
    ULONG Size;
    ULONG NumaNode;
} STORAGE_DEVICE_NUMA_PROPERTY, *PSTORAGE_DEVICE_NUMA_PROPERTY;

/* StorageDeviceUnsafeShutdownCount. */
typedef struct _STORAGE_DEVICE_UNSAFE_SHUTDOWN_COUNT {
    ULONG Version;
    ULONG Size;
    ULONG UnsafeShutdownCount;
} STORAGE_DEVICE_UNSAFE_SHUTDOWN_COUNT, *PSTORAGE_DEVICE_UNSAFE_SHUTDOWN_COUNT;

/* StorageDeviceEnduranceProperty. */
typedef struct _STORAGE_HW_ENDURANCE_INFO {
    ULONG ValidFields;
    ULONG GroupId;
    struct {
        ULONG Shared : 1;
        ULONG Reserved : 31;
    } Flags;
    ULONG LifePercentage;
    UCHAR BytesReadCount[16];
    UCHAR ByteWriteCount[16];
} STORAGE_HW_ENDURANCE_INFO, *PSTORAGE_HW_ENDURANCE_INFO;

typedef struct _STORAGE_HW_ENDURANCE_DATA_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    STORAGE_HW_ENDURANCE_INFO EnduranceInfo;
} STORAGE_HW_ENDURANCE_DATA_DESCRIPTOR, *PSTORAGE_HW_ENDURANCE_DATA_DESCRIPTOR;

/* StorageDeviceLedStateProperty. */
typedef struct _STORAGE_DEVICE_LED_STATE_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONGLONG State;
} STORAGE_DEVICE_LED_STATE_DESCRIPTOR, *PSTORAGE_DEVICE_LED_STATE_DESCRIPTOR;

/* StorageDeviceSelfEncryptionProperty. */
typedef enum _STORAGE_ENCRYPTION_TYPE {
    StorageEncryptionTypeUnknown = 0,
    StorageEncryptionTypeEDrive = 1,
    StorageEncryptionTypeTcgOpal = 2
} STORAGE_ENCRYPTION_TYPE;
typedef STORAGE_ENCRYPTION_TYPE *PSTORAGE_ENCRYPTION_TYPE;

typedef struct _STORAGE_DEVICE_SELF_ENCRYPTION_PROPERTY {
    ULONG Version;
    ULONG Size;
    BOOLEAN SupportsSelfEncryption;
} STORAGE_DEVICE_SELF_ENCRYPTION_PROPERTY, *PSTORAGE_DEVICE_SELF_ENCRYPTION_PROPERTY;

typedef struct _STORAGE_DEVICE_SELF_ENCRYPTION_PROPERTY_V2 {
    ULONG Version;
    ULONG Size;
    BOOLEAN SupportsSelfEncryption;
    STORAGE_ENCRYPTION_TYPE EncryptionType;
} STORAGE_DEVICE_SELF_ENCRYPTION_PROPERTY_V2, *PSTORAGE_DEVICE_SELF_ENCRYPTION_PROPERTY_V2;

/* StorageFruIdProperty. */
typedef struct _STORAGE_FRU_ID_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONG IdentifierSize;
    UCHAR Identifier[ANYSIZE_ARRAY];
} STORAGE_FRU_ID_DESCRIPTOR, *PSTORAGE_FRU_ID_DESCRIPTOR;

/* StorageDeviceWriteCacheProperty. */
typedef enum _WRITE_CACHE_TYPE {
    WriteCacheTypeUnknown = 0,
    WriteCacheTypeNone = 1,
    WriteCacheTypeWriteBack = 2,
    WriteCacheTypeWriteThrough = 3
} WRITE_CACHE_TYPE;
typedef WRITE_CACHE_TYPE *PWRITE_CACHE_TYPE;

typedef enum _WRITE_CACHE_ENABLE {
    WriteCacheEnableUnknown = 0,
    WriteCacheDisabled = 1,
    WriteCacheEnabled = 2
} WRITE_CACHE_ENABLE;
typedef WRITE_CACHE_ENABLE *PWRITE_CACHE_ENABLE;

typedef enum _WRITE_CACHE_CHANGE {
    WriteCacheChangeUnknown = 0,
    WriteCacheNotChangeable = 1,
    WriteCacheChangeable = 2
} WRITE_CACHE_CHANGE;
typedef WRITE_CACHE_CHANGE *PWRITE_CACHE_CHANGE;

typedef enum _WRITE_THROUGH {
    WriteThroughUnknown = 0,
    WriteThroughNotSupported = 1,
    WriteThroughSupported = 2
} WRITE_THROUGH;
typedef WRITE_THROUGH *PWRITE_THROUGH;

typedef struct _STORAGE_WRITE_CACHE_PROPERTY {
    ULONG Version;
    ULONG Size;
    WRITE_CACHE_TYPE WriteCacheType;
    WRITE_CACHE_ENABLE WriteCacheEnabled;
    WRITE_CACHE_CHANGE WriteCacheChangeable;
    WRITE_THROUGH WriteThroughSupported;
    BOOLEAN FlushCacheSupported;
    BOOLEAN UserDefinedPowerProtection;
    BOOLEAN NVCacheEnabled;
} STORAGE_WRITE_CACHE_PROPERTY, *PSTORAGE_WRITE_CACHE_PROPERTY;

#endif /* WDK_NTDDSTOR_PROPERTY_H */

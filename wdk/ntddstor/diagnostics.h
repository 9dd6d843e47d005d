/*
 * Diagnostics: device dumps, internal status data, and the check whether a stack lets I/O bypass
 * it.
 */
#ifndef WDK_NTDDSTOR_DIAGNOSTICS_H
#define WDK_NTDDSTOR_DIAGNOSTICS_H

#include "../guiddef.h"
#include "../ntdef.h"

/* IOCTL_STORAGE_DIAGNOSTIC. */
typedef enum _STORAGE_DIAGNOSTIC_LEVEL {
    StorageDiagnosticLevelDefault = 0,
    StorageDiagnosticLevelMax = 1
} STORAGE_DIAGNOSTIC_LEVEL;
typedef STORAGE_DIAGNOSTIC_LEVEL *PSTORAGE_DIAGNOSTIC_LEVEL;

typedef enum _STORAGE_DIAGNOSTIC_TARGET_TYPE {
    StorageDiagnosticTargetTypeUndefined = 0,
    StorageDiagnosticTargetTypePort = 1,
    StorageDiagnosticTargetTypeMiniport = 2,
    StorageDiagnosticTargetTypeHbaFirmware = 3,
    StorageDiagnosticTargetTypeMax = 4
} STORAGE_DIAGNOSTIC_TARGET_TYPE;
typedef STORAGE_DIAGNOSTIC_TARGET_TYPE *PSTORAGE_DIAGNOSTIC_TARGET_TYPE;

#define STORAGE_DIAGNOSTIC_FLAG_ADAPTER_REQUEST 0x1

typedef struct _STORAGE_DIAGNOSTIC_REQUEST {
    ULONG Version;
    ULONG Size;
    ULONG Flags;
    STORAGE_DIAGNOSTIC_TARGET_TYPE TargetType;
    STORAGE_DIAGNOSTIC_LEVEL Level;
} STORAGE_DIAGNOSTIC_REQUEST, *PSTORAGE_DIAGNOSTIC_REQUEST;

typedef struct _STORAGE_DIAGNOSTIC_DATA {
    ULONG Version;
    ULONG Size;
    GUID ProviderId;
    ULONG BufferSize;
    ULONG Reserved;
    UCHAR DiagnosticDataBuffer[ANYSIZE_ARRAY];
} STORAGE_DIAGNOSTIC_DATA, *PSTORAGE_DIAGNOSTIC_DATA;

/* IOCTL_STORAGE_GET_DEVICE_INTERNAL_LOG. */
typedef enum _DEVICE_INTERNAL_STATUS_DATA_REQUEST_TYPE {
    DeviceInternalStatusDataRequestTypeUndefined = 0,
    DeviceCurrentInternalStatusDataHeader = 1,
    DeviceCurrentInternalStatusData = 2,
    DeviceSavedInternalStatusDataHeader = 3,
    DeviceSavedInternalStatusData = 4
} DEVICE_INTERNAL_STATUS_DATA_REQUEST_TYPE;
typedef DEVICE_INTERNAL_STATUS_DATA_REQUEST_TYPE *PDEVICE_INTERNAL_STATUS_DATA_REQUEST_TYPE;

typedef enum _DEVICE_INTERNAL_STATUS_DATA_SET {
    DeviceStatusDataSetUndefined = 0,
    DeviceStatusDataSet1 = 1,
    DeviceStatusDataSet2 = 2,
    DeviceStatusDataSet3 = 3,
    DeviceStatusDataSet4 = 4,
    DeviceStatusDataSetMax = 5
} DEVICE_INTERNAL_STATUS_DATA_SET;
typedef DEVICE_INTERNAL_STATUS_DATA_SET *PDEVICE_INTERNAL_STATUS_DATA_SET;

#define ERROR_HISTORY_DIRECTORY_ENTRY_DEFAULT_COUNT 0x8

typedef struct _GET_DEVICE_INTERNAL_STATUS_DATA_REQUEST {
    ULONG Version;
    ULONG Size;
    DEVICE_INTERNAL_STATUS_DATA_REQUEST_TYPE RequestDataType;
    DEVICE_INTERNAL_STATUS_DATA_SET RequestDataSet;
} GET_DEVICE_INTERNAL_STATUS_DATA_REQUEST, *PGET_DEVICE_INTERNAL_STATUS_DATA_REQUEST;

typedef struct _DEVICE_INTERNAL_STATUS_DATA {
    ULONG Version;
    ULONG Size;
    ULONGLONG T10VendorId;
    ULONG DataSet1Length;
    ULONG DataSet2Length;
    ULONG DataSet3Length;
    ULONG DataSet4Length;
    UCHAR StatusDataVersion;
    UCHAR Reserved[3];
    UCHAR ReasonIdentifier[128];
    ULONG StatusDataLength;
    UCHAR StatusData[ANYSIZE_ARRAY];
} DEVICE_INTERNAL_STATUS_DATA, *PDEVICE_INTERNAL_STATUS_DATA;

/* A read that names the copy it wants of mirrored data. */
#define READ_COPY_NUMBER_BYPASS_CACHE_FLAG 0x100
#define READ_COPY_NUMBER_KEY               0x52434E00

/* Device dumps: what a device recorded when it failed. The parts lie behind the header. */
#define DEVICEDUMP_CAP_PRIVATE_SECTION         0x1
#define DEVICEDUMP_STRUCTURE_VERSION_V1        0x1
#define DEVICEDUMP_CAP_RESTRICTED_SECTION      0x2
#define DEVICEDUMP_MAX_IDSTRING                0x20
#define DDUMP_FLAG_DATA_READ_FROM_DEVICE       0x1
#define FW_ISSUEID_NO_ISSUE                    0x0
#define FW_ISSUEID_UNKNOWN                     0xFFFFFFFF
#define TC_PUBLIC_DEVICEDUMP_CONTENT_SMART     0x1
#define TC_PUBLIC_DEVICEDUMP_CONTENT_GPLOG     0x2
#define TC_DEVICEDUMP_SUBSECTION_DESC_LENGTH   0x10
#define TC_PUBLIC_DEVICEDUMP_CONTENT_GPLOG_MAX 0x10
#define CDB_SIZE                               0x10
#define TELEMETRY_COMMAND_SIZE                 0x10
#define MAX_FW_BUCKET_ID_LENGTH                0x84

/* Why the dump was taken. */
typedef enum _DEVICEDUMP_COLLECTION_TYPE {
    TCCollectionBugCheck = 1,
    TCCollectionApplicationRequested = 2,
    TCCollectionDeviceRequested = 3
} DEVICEDUMP_COLLECTION_TYPEIDE_NOTIFICATION_TYPE;
typedef DEVICEDUMP_COLLECTION_TYPEIDE_NOTIFICATION_TYPE *PDEVICEDUMP_COLLECTION_TYPE;

#pragma pack(push, 1)
typedef struct _DEVICEDUMP_SUBSECTION_POINTER {
    ULONG dwSize;
    ULONG dwFlags;
    ULONG dwOffset;
} DEVICEDUMP_SUBSECTION_POINTER, *PDEVICEDUMP_SUBSECTION_POINTER;

typedef struct _DEVICEDUMP_STRUCTURE_VERSION {
    ULONG dwSignature;
    ULONG dwVersion;
    ULONG dwSize;
} DEVICEDUMP_STRUCTURE_VERSION, *PDEVICEDUMP_STRUCTURE_VERSION;

typedef struct _DEVICEDUMP_SECTION_HEADER {
    GUID guidDeviceDataId;
    UCHAR sOrganizationID[16];
    ULONG dwFirmwareRevision;
    UCHAR sModelNumber[DEVICEDUMP_MAX_IDSTRING];
    UCHAR szDeviceManufacturingID[DEVICEDUMP_MAX_IDSTRING];
    ULONG dwFlags;
    ULONG bRestrictedPrivateDataVersion;
    ULONG dwFirmwareIssueId;
    UCHAR szIssueDescriptionString[MAX_FW_BUCKET_ID_LENGTH];
} DEVICEDUMP_SECTION_HEADER, *PDEVICEDUMP_SECTION_HEADER;

typedef struct _GP_LOG_PAGE_DESCRIPTOR {
    USHORT LogAddress;
    USHORT LogSectors;
} GP_LOG_PAGE_DESCRIPTOR, *PGP_LOG_PAGE_DESCRIPTOR;

typedef struct _DEVICEDUMP_PUBLIC_SUBSECTION {
    ULONG dwFlags;
    GP_LOG_PAGE_DESCRIPTOR GPLogTable[TC_PUBLIC_DEVICEDUMP_CONTENT_GPLOG_MAX];
    CHAR szDescription[TC_DEVICEDUMP_SUBSECTION_DESC_LENGTH];
    UCHAR bData[ANYSIZE_ARRAY];
} DEVICEDUMP_PUBLIC_SUBSECTION, *PDEVICEDUMP_PUBLIC_SUBSECTION;
#pragma pack(pop)

typedef struct _DEVICEDUMP_RESTRICTED_SUBSECTION {
    UCHAR bData[ANYSIZE_ARRAY];
} DEVICEDUMP_RESTRICTED_SUBSECTION, *PDEVICEDUMP_RESTRICTED_SUBSECTION;

#pragma pack(push, 1)
typedef struct _DEVICEDUMP_PRIVATE_SUBSECTION {
    ULONG dwFlags;
    GP_LOG_PAGE_DESCRIPTOR GPLogId;
    UCHAR bData[ANYSIZE_ARRAY];
} DEVICEDUMP_PRIVATE_SUBSECTION, *PDEVICEDUMP_PRIVATE_SUBSECTION;

typedef struct _DEVICEDUMP_STORAGEDEVICE_DATA {
    DEVICEDUMP_STRUCTURE_VERSION Descriptor;
    DEVICEDUMP_SECTION_HEADER SectionHeader;
    ULONG dwBufferSize;
    ULONG dwReasonForCollection;
    DEVICEDUMP_SUBSECTION_POINTER PublicData;
    DEVICEDUMP_SUBSECTION_POINTER RestrictedData;
    DEVICEDUMP_SUBSECTION_POINTER PrivateData;
} DEVICEDUMP_STORAGEDEVICE_DATA, *PDEVICEDUMP_STORAGEDEVICE_DATA;

typedef struct _DEVICEDUMP_STORAGESTACK_PUBLIC_STATE_RECORD {
    UCHAR Cdb[CDB_SIZE];
    UCHAR Command[TELEMETRY_COMMAND_SIZE];
    ULONGLONG StartTime;
    ULONGLONG EndTime;
    ULONG OperationStatus;
    ULONG OperationError;
    union {
        struct {
            UCHAR dwReserved[4];
        } ExternalStack;
        struct {
            ULONG dwAtaPortSpecific;
        } AtaPort;
        struct {
            ULONG SrbTag;
        } StorPort;
    } StackSpecific;
} DEVICEDUMP_STORAGESTACK_PUBLIC_STATE_RECORD, *PDEVICEDUMP_STORAGESTACK_PUBLIC_STATE_RECORD;

typedef struct _DEVICEDUMP_STORAGESTACK_PUBLIC_DUMP {
    DEVICEDUMP_STRUCTURE_VERSION Descriptor;
    ULONG dwReasonForCollection;
    UCHAR cDriverName[16];
    ULONG uiNumRecords;
    DEVICEDUMP_STORAGESTACK_PUBLIC_STATE_RECORD RecordArray[ANYSIZE_ARRAY];
} DEVICEDUMP_STORAGESTACK_PUBLIC_DUMP, *PDEVICEDUMP_STORAGESTACK_PUBLIC_DUMP;
#pragma pack(pop)

/* IOCTL_STORAGE_MANAGE_BYPASS_IO. */
typedef enum _BPIO_OPERATIONS {
    BPIO_OP_ENABLE = 1,
    BPIO_OP_DISABLE = 2,
    BPIO_OP_QUERY = 3
} BPIO_OPERATIONS;
typedef BPIO_OPERATIONS *PBPIO_OPERATIONS;

typedef enum _BPIO_INFLAGS { BPIO_INFL_NONE = 0 } BPIO_INFLAGS;
typedef BPIO_INFLAGS *PBPIO_INFLAGS;

typedef enum _BPIO_OUTFLAGS { BPIO_OUTFL_NONE = 0 } BPIO_OUTFLAGS;
typedef BPIO_OUTFLAGS *PBPIO_OUTFLAGS;

/* The registry value StorageSupportedFeatures, in which a driver says what it allows. */
#define STORAGE_SUPPORTED_FEATURES_BYPASS_IO 0x1
#define STORAGE_SUPPORTED_FEATURES_MASK      0x1

typedef struct _BPIO_INPUT {
    ULONG Version;
    ULONG Size;
    BPIO_OPERATIONS Operation;
    BPIO_INFLAGS InFlags;
    ULONGLONG Reserved2;
} BPIO_INPUT, *PBPIO_INPUT;

typedef struct _BPIO_RESULTS {
    NTSTATUS OpStatus;
    USHORT FailingDriverNameLen;
    WCHAR FailingDriverName[32];
    USHORT FailureReasonLen;
    WCHAR FailureReason[128];
} BPIO_RESULTS, *PBPIO_RESULTS;

typedef struct _BPIO_OUTPUT {
    ULONG Version;
    ULONG Size;
    BPIO_OPERATIONS Operation;
    BPIO_OUTFLAGS OutFlags;
    ULONGLONG Reserved2;
    union {
        BPIO_RESULTS Enable;
        BPIO_RESULTS Query;
    };
} BPIO_OUTPUT, *PBPIO_OUTPUT;

#define BPIO_OUTPUT_DISABLE_SIZE        0x18
#define BPIO_OUTPUT_VOLUME_DISABLE_SIZE 0x18
#define BPIO_OUTPUT_ENABLE_SIZE         0x160
#define BPIO_OUTPUT_QUERY_SIZE          0x160

#endif /* WDK_NTDDSTOR_DIAGNOSTICS_H */

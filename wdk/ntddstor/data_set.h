/*
 * IOCTL_STORAGE_MANAGE_DATA_SET_ATTRIBUTES: trim, offloaded copy, provisioning maps, zones and
 * other actions on a list of byte ranges.
 */
#ifndef WDK_NTDDSTOR_DATA_SET_H
#define WDK_NTDDSTOR_DATA_SET_H

#include "../guiddef.h"
#include "../ntdef.h"
#include "device_state.h"
#include "tiers.h"

/* What to do. An action without the flag destroys data. */
typedef ULONG DEVICE_DATA_MANAGEMENT_SET_ACTION, DEVICE_DSM_ACTION;

#define DeviceDsmActionFlag_NonDestructive 0x80000000

#define DeviceDsmAction_None                    0x0
#define DeviceDsmAction_Trim                    0x1
#define DeviceDsmAction_Notification            (DeviceDsmActionFlag_NonDestructive | 0x02)
#define DeviceDsmAction_OffloadRead             (DeviceDsmActionFlag_NonDestructive | 0x03)
#define DeviceDsmAction_OffloadWrite            0x4
#define DeviceDsmAction_Allocation              (DeviceDsmActionFlag_NonDestructive | 0x05)
#define DeviceDsmAction_Repair                  (DeviceDsmActionFlag_NonDestructive | 0x06)
#define DeviceDsmAction_Scrub                   (DeviceDsmActionFlag_NonDestructive | 0x07)
#define DeviceDsmAction_DrtQuery                (DeviceDsmActionFlag_NonDestructive | 0x08)
#define DeviceDsmAction_DrtClear                (DeviceDsmActionFlag_NonDestructive | 0x09)
#define DeviceDsmAction_DrtDisable              (DeviceDsmActionFlag_NonDestructive | 0x0A)
#define DeviceDsmAction_TieringQuery            (DeviceDsmActionFlag_NonDestructive | 0x0B)
#define DeviceDsmAction_Map                     (DeviceDsmActionFlag_NonDestructive | 0x0C)
#define DeviceDsmAction_RegenerateParity        (DeviceDsmActionFlag_NonDestructive | 0x0D)
#define DeviceDsmAction_NvCache_Change_Priority (DeviceDsmActionFlag_NonDestructive | 0x0E)
#define DeviceDsmAction_NvCache_Evict           (DeviceDsmActionFlag_NonDestructive | 0x0F)
#define DeviceDsmAction_TopologyIdQuery         (DeviceDsmActionFlag_NonDestructive | 0x10)
#define DeviceDsmAction_GetPhysicalAddresses    (DeviceDsmActionFlag_NonDestructive | 0x11)
#define DeviceDsmAction_ScopeRegen              (DeviceDsmActionFlag_NonDestructive | 0x12)
#define DeviceDsmAction_ReportZones             (DeviceDsmActionFlag_NonDestructive | 0x13)
#define DeviceDsmAction_OpenZone                (DeviceDsmActionFlag_NonDestructive | 0x14)
#define DeviceDsmAction_FinishZone              (DeviceDsmActionFlag_NonDestructive | 0x15)
#define DeviceDsmAction_CloseZone               (DeviceDsmActionFlag_NonDestructive | 0x16)
#define DeviceDsmAction_ResetWritePointer       0x17
#define DeviceDsmAction_GetRangeErrorInfo       (DeviceDsmActionFlag_NonDestructive | 0x18)
#define DeviceDsmAction_WriteZeroes             0x19
#define DeviceDsmAction_LostQuery               (DeviceDsmActionFlag_NonDestructive | 0x1A)
#define DeviceDsmAction_GetFreeSpace            (DeviceDsmActionFlag_NonDestructive | 0x1B)
#define DeviceDsmAction_ConversionQuery         (DeviceDsmActionFlag_NonDestructive | 0x1C)
#define DeviceDsmAction_VdtSet                  0x1D

/* Flags of the request; from 0x10000000 they belong to the action. */
#define DEVICE_DSM_FLAG_ENTIRE_DATA_SET_RANGE                0x1
#define DEVICE_DSM_FLAG_PHYSICAL_ADDRESSES_OMIT_TOTAL_RANGES 0x10000000
#define DEVICE_DSM_FLAG_SCRUB_SKIP_IN_SYNC                   0x10000000
#define DEVICE_DSM_FLAG_REPAIR_OUTPUT_PARITY_EXTENT          0x20000000
#define DEVICE_DSM_FLAG_SCRUB_OUTPUT_PARITY_EXTENT           0x20000000
#define DEVICE_DSM_FLAG_ALLOCATION_CONSOLIDATEABLE_ONLY      0x40000000
#define DEVICE_DSM_FLAG_REPAIR_INPUT_TOPOLOGY_ID_PRESENT     0x40000000
#define DEVICE_DSM_FLAG_TRIM_BYPASS_RZAT                     0x40000000
#define DEVICE_DSM_FLAG_TRIM_NOT_FS_ALLOCATED                0x80000000

typedef struct _DEVICE_DATA_SET_RANGE {
    LONGLONG StartingOffset; /* in bytes */
    ULONGLONG LengthInBytes;
} DEVICE_DATA_SET_RANGE, *PDEVICE_DATA_SET_RANGE;
typedef DEVICE_DATA_SET_RANGE DEVICE_DSM_RANGE, *PDEVICE_DSM_RANGE;

/*
 * The request: this header, then a parameter block, then ranges. Offsets are in bytes from its
 * start.
 */
typedef struct _DEVICE_MANAGE_DATA_SET_ATTRIBUTES {
    ULONG Size; /* sizeof(DEVICE_MANAGE_DATA_SET_ATTRIBUTES) */
    DEVICE_DSM_ACTION Action;
    ULONG Flags;
    ULONG ParameterBlockOffset;
    ULONG ParameterBlockLength;
    ULONG DataSetRangesOffset;
    ULONG DataSetRangesLength;
} DEVICE_MANAGE_DATA_SET_ATTRIBUTES, *PDEVICE_MANAGE_DATA_SET_ATTRIBUTES;
typedef DEVICE_MANAGE_DATA_SET_ATTRIBUTES DEVICE_DSM_INPUT, *PDEVICE_DSM_INPUT;

/* The answer of those actions that have one. */
typedef struct _DEVICE_MANAGE_DATA_SET_ATTRIBUTES_OUTPUT {
    ULONG Size;
    DEVICE_DSM_ACTION Action;
    ULONG Flags;
    ULONG OperationStatus;
    ULONG ExtendedError;
    ULONG TargetDetailedError;
    ULONG ReservedStatus;
    ULONG OutputBlockOffset;
    ULONG OutputBlockLength;
} DEVICE_MANAGE_DATA_SET_ATTRIBUTES_OUTPUT, *PDEVICE_MANAGE_DATA_SET_ATTRIBUTES_OUTPUT;
typedef DEVICE_MANAGE_DATA_SET_ATTRIBUTES_OUTPUT DEVICE_DSM_OUTPUT, *PDEVICE_DSM_OUTPUT;

/* What an action takes and gives. */
typedef struct _DEVICE_DSM_DEFINITION {
    DEVICE_DSM_ACTION Action;
    BOOLEAN SingleRange;
    ULONG ParameterBlockAlignment;
    ULONG ParameterBlockLength;
    BOOLEAN HasOutput;
    ULONG OutputBlockAlignment;
    ULONG OutputBlockLength;
} DEVICE_DSM_DEFINITION, *PDEVICE_DSM_DEFINITION;

/* DeviceDsmAction_Notification. */
#define DEVICE_DSM_NOTIFY_FLAG_BEGIN 0x1
#define DEVICE_DSM_NOTIFY_FLAG_END   0x2

typedef struct _DEVICE_DSM_NOTIFICATION_PARAMETERS {
    ULONG Size;
    ULONG Flags;
    ULONG NumFileTypeIDs;
    GUID FileTypeID[ANYSIZE_ARRAY];
} DEVICE_DSM_NOTIFICATION_PARAMETERS, *PDEVICE_DSM_NOTIFICATION_PARAMETERS;

/* DeviceDsmAction_OffloadRead and DeviceDsmAction_OffloadWrite. */
#define STORAGE_OFFLOAD_READ_RANGE_TRUNCATED  0x1
#define STORAGE_OFFLOAD_WRITE_RANGE_TRUNCATED 0x1
#define STORAGE_OFFLOAD_TOKEN_INVALID         0x2
#define STORAGE_OFFLOAD_TOKEN_ID_LENGTH       0x1F8
#define STORAGE_OFFLOAD_MAX_TOKEN_LENGTH      0x200
#define STORAGE_OFFLOAD_TOKEN_TYPE_ZERO_DATA  0xFFFF0001

#pragma pack(push, 1)
typedef struct _STORAGE_OFFLOAD_TOKEN {
    UCHAR TokenType[4];
    UCHAR Reserved[2];
    UCHAR TokenIdLength[2];
    union {
        struct {
            UCHAR Reserved2[504];
        } StorageOffloadZeroDataToken;
        UCHAR Token[STORAGE_OFFLOAD_TOKEN_ID_LENGTH];
    };
} STORAGE_OFFLOAD_TOKEN, *PSTORAGE_OFFLOAD_TOKEN;
#pragma pack(pop)

typedef struct _DEVICE_DSM_OFFLOAD_READ_PARAMETERS {
    ULONG Flags;
    ULONG TimeToLive; /* in milliseconds */
    ULONG Reserved[2];
} DEVICE_DSM_OFFLOAD_READ_PARAMETERS, *PDEVICE_DSM_OFFLOAD_READ_PARAMETERS;

typedef struct _STORAGE_OFFLOAD_READ_OUTPUT {
    ULONG OffloadReadFlags;
    ULONG Reserved;
    ULONGLONG LengthProtected;
    ULONG TokenLength;
    STORAGE_OFFLOAD_TOKEN Token;
} STORAGE_OFFLOAD_READ_OUTPUT, *PSTORAGE_OFFLOAD_READ_OUTPUT;

typedef struct _DEVICE_DSM_OFFLOAD_WRITE_PARAMETERS {
    ULONG Flags;
    ULONG Reserved;
    ULONGLONG TokenOffset; /* in bytes */
    STORAGE_OFFLOAD_TOKEN Token;
} DEVICE_DSM_OFFLOAD_WRITE_PARAMETERS, *PDEVICE_DSM_OFFLOAD_WRITE_PARAMETERS;

typedef struct _STORAGE_OFFLOAD_WRITE_OUTPUT {
    ULONG OffloadWriteFlags;
    ULONG Reserved;
    ULONGLONG LengthCopied;
} STORAGE_OFFLOAD_WRITE_OUTPUT, *PSTORAGE_OFFLOAD_WRITE_OUTPUT;

/* DeviceDsmAction_Allocation: one bit for each slab, set when it is mapped. */
#define DEVICE_DATA_SET_LBP_STATE_PARAMETERS_VERSION_V1  0x1
#define DEVICE_DATA_SET_LB_PROVISIONING_STATE_VERSION_V1 0x20
#define DEVICE_DATA_SET_LB_PROVISIONING_STATE_VERSION_V2 0x28
#define DEVICE_DSM_PARAMETERS_V1                         0x1
#define DEVICE_DSM_ALLOCATION_OUTPUT_V1                  0x20
#define DEVICE_DSM_ALLOCATION_OUTPUT_V2                  0x28

typedef struct _DEVICE_DATA_SET_LBP_STATE_PARAMETERS {
    ULONG Version;
    ULONG Size;
    ULONG Flags;
    ULONG OutputVersion;
} DEVICE_DATA_SET_LBP_STATE_PARAMETERS, *PDEVICE_DATA_SET_LBP_STATE_PARAMETERS;
typedef DEVICE_DATA_SET_LBP_STATE_PARAMETERS DEVICE_DSM_ALLOCATION_PARAMETERS,
    *PDEVICE_DSM_ALLOCATION_PARAMETERS;

typedef struct _DEVICE_DATA_SET_LB_PROVISIONING_STATE {
    ULONG Size;
    ULONG Version;
    ULONGLONG SlabSizeInBytes;
    ULONG SlabOffsetDeltaInBytes;
    ULONG SlabAllocationBitMapBitCount;
    ULONG SlabAllocationBitMapLength;
    ULONG SlabAllocationBitMap[1];
} DEVICE_DATA_SET_LB_PROVISIONING_STATE, *PDEVICE_DATA_SET_LB_PROVISIONING_STATE;
typedef DEVICE_DATA_SET_LB_PROVISIONING_STATE DEVICE_DSM_ALLOCATION_OUTPUT,
    *PDEVICE_DSM_ALLOCATION_OUTPUT;

typedef struct _DEVICE_DATA_SET_LB_PROVISIONING_STATE_V2 {
    ULONG Size;
    ULONG Version;
    ULONGLONG SlabSizeInBytes;
    ULONGLONG SlabOffsetDeltaInBytes;
    ULONG SlabAllocationBitMapBitCount;
    ULONG SlabAllocationBitMapLength;
    ULONG SlabAllocationBitMap[1];
} DEVICE_DATA_SET_LB_PROVISIONING_STATE_V2, *PDEVICE_DATA_SET_LB_PROVISIONING_STATE_V2;
typedef DEVICE_DATA_SET_LB_PROVISIONING_STATE_V2 DEVICE_DSM_ALLOCATION_OUTPUT2,
    *PDEVICE_DSM_ALLOCATION_OUTPUT2;

/* DeviceDsmAction_Repair. */
typedef struct _DEVICE_DATA_SET_REPAIR_PARAMETERS {
    ULONG NumberOfRepairCopies;
    ULONG SourceCopy;
    ULONG RepairCopies[ANYSIZE_ARRAY];
} DEVICE_DATA_SET_REPAIR_PARAMETERS, *PDEVICE_DATA_SET_REPAIR_PARAMETERS;
typedef DEVICE_DATA_SET_REPAIR_PARAMETERS DEVICE_DSM_REPAIR_PARAMETERS,
    *PDEVICE_DSM_REPAIR_PARAMETERS;

typedef struct _DEVICE_DATA_SET_REPAIR_OUTPUT {
    DEVICE_DATA_SET_RANGE ParityExtent;
} DEVICE_DATA_SET_REPAIR_OUTPUT, *PDEVICE_DATA_SET_REPAIR_OUTPUT;
typedef DEVICE_DATA_SET_REPAIR_OUTPUT DEVICE_DSM_REPAIR_OUTPUT, *PDEVICE_DSM_REPAIR_OUTPUT;

/* DeviceDsmAction_Scrub. */
typedef struct _DEVICE_DATA_SET_SCRUB_OUTPUT {
    ULONGLONG BytesProcessed;
    ULONGLONG BytesRepaired;
    ULONGLONG BytesFailed;
} DEVICE_DATA_SET_SCRUB_OUTPUT, *PDEVICE_DATA_SET_SCRUB_OUTPUT;
typedef DEVICE_DATA_SET_SCRUB_OUTPUT DEVICE_DSM_SCRUB_OUTPUT, *PDEVICE_DSM_SCRUB_OUTPUT;

typedef struct _DEVICE_DATA_SET_SCRUB_EX_OUTPUT {
    ULONGLONG BytesProcessed;
    ULONGLONG BytesRepaired;
    ULONGLONG BytesFailed;
    DEVICE_DATA_SET_RANGE ParityExtent;
    ULONGLONG BytesScrubbed;
} DEVICE_DATA_SET_SCRUB_EX_OUTPUT, *PDEVICE_DATA_SET_SCRUB_EX_OUTPUT;
typedef DEVICE_DATA_SET_SCRUB_EX_OUTPUT DEVICE_DSM_SCRUB_OUTPUT2, *PDEVICE_DSM_SCRUB_OUTPUT2;

/* DeviceDsmAction_TieringQuery. */
typedef struct _DEVICE_DSM_TIERING_QUERY_INPUT {
    ULONG Version;
    ULONG Size;
    ULONG Flags;
    ULONG NumberOfTierIds;
    GUID TierIds[ANYSIZE_ARRAY];
} DEVICE_DSM_TIERING_QUERY_INPUT, *PDEVICE_DSM_TIERING_QUERY_INPUT;
typedef DEVICE_DSM_TIERING_QUERY_INPUT DEVICE_DSM_TIERING_QUERY_PARAMETERS,
    *PDEVICE_DSM_TIERING_QUERY_PARAMETERS;

typedef struct _DEVICE_DSM_TIERING_QUERY_OUTPUT {
    ULONG Version;
    ULONG Size;
    ULONG Flags;
    ULONG Reserved;
    ULONGLONG Alignment;
    ULONG TotalNumberOfRegions;
    ULONG NumberOfRegionsReturned;
    STORAGE_TIER_REGION Regions[ANYSIZE_ARRAY];
} DEVICE_DSM_TIERING_QUERY_OUTPUT, *PDEVICE_DSM_TIERING_QUERY_OUTPUT;

/* DeviceDsmAction_NvCache_Change_Priority. */
typedef struct _DEVICE_DSM_NVCACHE_CHANGE_PRIORITY_PARAMETERS {
    ULONG Size;
    UCHAR TargetPriority;
    UCHAR Reserved[3];
} DEVICE_DSM_NVCACHE_CHANGE_PRIORITY_PARAMETERS, *PDEVICE_DSM_NVCACHE_CHANGE_PRIORITY_PARAMETERS;

/* DeviceDsmAction_TopologyIdQuery. */
typedef struct _DEVICE_DATA_SET_TOPOLOGY_ID_QUERY_OUTPUT {
    ULONGLONG TopologyRangeBytes;
    GUID TopologyId;
} DEVICE_DATA_SET_TOPOLOGY_ID_QUERY_OUTPUT, *PDEVICE_DATA_SET_TOPOLOGY_ID_QUERY_OUTPUT;
typedef DEVICE_DATA_SET_TOPOLOGY_ID_QUERY_OUTPUT DEVICE_DSM_TOPOLOGY_ID_QUERY_OUTPUT,
    *PDEVICE_DSM_TOPOLOGY_ID_QUERY_OUTPUT;

/* DeviceDsmAction_GetPhysicalAddresses. */
#define DEVICE_DSM_PHYSICAL_ADDRESSES_OUTPUT_V1         0x1
#define DEVICE_DSM_PHYSICAL_ADDRESSES_OUTPUT_VERSION_V1 0x1
#define DEVICE_DSM_PHYSICAL_ADDRESS_HAS_MEMORY_ERROR    0xFFFFFFFFFFFFFFFF

typedef struct _DEVICE_STORAGE_ADDRESS_RANGE {
    LONGLONG StartAddress;
    ULONGLONG LengthInBytes;
} DEVICE_STORAGE_ADDRESS_RANGE, *PDEVICE_STORAGE_ADDRESS_RANGE;

typedef struct _DEVICE_DSM_PHYSICAL_ADDRESSES_OUTPUT {
    ULONG Version;
    ULONG Flags;
    ULONG TotalNumberOfRanges;
    ULONG NumberOfRangesReturned;
    DEVICE_STORAGE_ADDRESS_RANGE Ranges[ANYSIZE_ARRAY];
} DEVICE_DSM_PHYSICAL_ADDRESSES_OUTPUT, *PDEVICE_DSM_PHYSICAL_ADDRESSES_OUTPUT;

/* DeviceDsmAction_ReportZones. */
typedef enum _STORAGE_ZONES_ATTRIBUTES {
    ZonesAttributeTypeAndLengthMayDifferent = 0,
    ZonesAttributeTypeSameLengthSame = 1,
    ZonesAttributeTypeSameLastZoneLengthDifferent = 2,
    ZonesAttributeTypeMayDifferentLengthSame = 3
} STORAGE_ZONES_ATTRIBUTES;
typedef STORAGE_ZONES_ATTRIBUTES *PSTORAGE_ZONES_ATTRIBUTES;

typedef struct _DEVICE_DSM_REPORT_ZONES_PARAMETERS {
    ULONG Size;
    UCHAR ReportOption;
    BOOLEAN Partial;
    USHORT Reserved;
} DEVICE_DSM_REPORT_ZONES_PARAMETERS, *PDEVICE_DSM_REPORT_ZONES_PARAMETERS;

typedef struct _DEVICE_DSM_REPORT_ZONES_DATA {
    ULONG Size;
    ULONG ZoneCount;
    STORAGE_ZONES_ATTRIBUTES Attributes;
    ULONG Reserved0;
    STORAGE_ZONE_DESCRIPTOR ZoneDescriptors[ANYSIZE_ARRAY];
} DEVICE_DSM_REPORT_ZONES_DATA, *PDEVICE_DSM_REPORT_ZONES_DATA;
typedef DEVICE_DSM_REPORT_ZONES_DATA DEVICE_DSM_REPORT_ZONES_OUTPUT,
    *PDEVICE_DSM_REPORT_ZONES_OUTPUT;

/* DeviceDsmAction_GetRangeErrorInfo. */
#define DEVICE_DSM_RANGE_ERROR_INFO_VERSION_V1 0x1
#define DEVICE_DSM_RANGE_ERROR_OUTPUT_V1       0x1
#define DEVICE_STORAGE_NO_ERRORS               0x1

typedef struct _DEVICE_STORAGE_RANGE_ATTRIBUTES {
    ULONGLONG LengthInBytes;
    union {
        ULONG AllFlags;
        struct {
            ULONG IsRangeBad : 1;
        };
    };
    ULONG Reserved;
} DEVICE_STORAGE_RANGE_ATTRIBUTES, *PDEVICE_STORAGE_RANGE_ATTRIBUTES;

typedef struct _DEVICE_DSM_RANGE_ERROR_INFO {
    ULONG Version;
    ULONG Flags;
    ULONG TotalNumberOfRanges;
    ULONG NumberOfRangesReturned;
    DEVICE_STORAGE_RANGE_ATTRIBUTES Ranges[ANYSIZE_ARRAY];
} DEVICE_DSM_RANGE_ERROR_INFO, *PDEVICE_DSM_RANGE_ERROR_INFO;
typedef DEVICE_DSM_RANGE_ERROR_INFO DEVICE_DSM_RANGE_ERROR_OUTPUT, *PDEVICE_DSM_RANGE_ERROR_OUTPUT;

/* DeviceDsmAction_LostQuery. */
typedef struct _DEVICE_DSM_LOST_QUERY_PARAMETERS {
    ULONG Version;
    ULONGLONG Granularity;
} DEVICE_DSM_LOST_QUERY_PARAMETERS, *PDEVICE_DSM_LOST_QUERY_PARAMETERS;

typedef struct _DEVICE_DSM_LOST_QUERY_OUTPUT {
    ULONG Version;
    ULONG Size;
    ULONGLONG Alignment;
    ULONG NumberOfBits;
    ULONG BitMap[ANYSIZE_ARRAY];
} DEVICE_DSM_LOST_QUERY_OUTPUT, *PDEVICE_DSM_LOST_QUERY_OUTPUT;

/* DeviceDsmAction_GetFreeSpace. */
typedef struct _DEVICE_DSM_FREE_SPACE_OUTPUT {
    ULONG Version;
    ULONGLONG FreeSpace;
} DEVICE_DSM_FREE_SPACE_OUTPUT, *PDEVICE_DSM_FREE_SPACE_OUTPUT;

/* DeviceDsmAction_ConversionQuery. */
typedef struct _DEVICE_DSM_CONVERSION_OUTPUT {
    ULONG Version;
    GUID Source;
} DEVICE_DSM_CONVERSION_OUTPUT, *PDEVICE_DSM_CONVERSION_OUTPUT;

#endif /* WDK_NTDDSTOR_DATA_SET_H */

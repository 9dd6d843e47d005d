/*
 * Tiers of a virtual disk, and the bandwidth reservations that media players make.
 */
#ifndef WDK_NTDDSTOR_TIERS_H
#define WDK_NTDDSTOR_TIERS_H

#include "../guiddef.h"
#include "../ntdef.h"

/* StorageDeviceTieringProperty. */
typedef enum _STORAGE_TIER_MEDIA_TYPE {
    StorageTierMediaTypeUnspecified = 0,
    StorageTierMediaTypeDisk = 1,
    StorageTierMediaTypeSsd = 2,
    StorageTierMediaTypeScm = 4,
    StorageTierMediaTypeMax = 5
} STORAGE_TIER_MEDIA_TYPE;
typedef STORAGE_TIER_MEDIA_TYPE *PSTORAGE_TIER_MEDIA_TYPE;

typedef enum _STORAGE_TIER_CLASS {
    StorageTierClassUnspecified = 0,
    StorageTierClassCapacity = 1,
    StorageTierClassPerformance = 2,
    StorageTierClassMax = 3
} STORAGE_TIER_CLASS;
typedef STORAGE_TIER_CLASS *PSTORAGE_TIER_CLASS;

#define STORAGE_TIER_NAME_LENGTH           0x100
#define STORAGE_TIER_DESCRIPTION_LENGTH    0x200
#define STORAGE_TIER_FLAG_NO_SEEK_PENALTY  0x20000
#define STORAGE_TIER_FLAG_WRITE_BACK_CACHE 0x200000
#define STORAGE_TIER_FLAG_READ_CACHE       0x400000
#define STORAGE_TIER_FLAG_PARITY           0x800000
#define STORAGE_TIER_FLAG_SMR              0x1000000

typedef struct _STORAGE_TIER {
    GUID Id;
    WCHAR Name[STORAGE_TIER_NAME_LENGTH];
    WCHAR Description[STORAGE_TIER_NAME_LENGTH];
    ULONGLONG Flags;               /* STORAGE_TIER_FLAG_XXX */
    ULONGLONG ProvisionedCapacity; /* in bytes */
    STORAGE_TIER_MEDIA_TYPE MediaType;
    STORAGE_TIER_CLASS Class;
} STORAGE_TIER, *PSTORAGE_TIER;

typedef struct _STORAGE_DEVICE_TIERING_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    ULONG Flags;
    ULONG TotalNumberOfTiers;
    ULONG NumberOfTiersReturned;
    STORAGE_TIER Tiers[ANYSIZE_ARRAY];
} STORAGE_DEVICE_TIERING_DESCRIPTOR, *PSTORAGE_DEVICE_TIERING_DESCRIPTOR;

typedef struct _STORAGE_TIER_REGION {
    GUID TierId;
    ULONGLONG Offset; /* in bytes */
    ULONGLONG Length; /* in bytes */
} STORAGE_TIER_REGION, *PSTORAGE_TIER_REGION;

/* Bandwidth reservation. Periods are in milliseconds. */
#define IOCTL_STORAGE_BC_VERSION 0x1

typedef struct _STORAGE_GET_BC_PROPERTIES_OUTPUT {
    ULONG MaximumRequestsPerPeriod;
    ULONG MinimumPeriod;
    ULONGLONG MaximumRequestSize;
    ULONG EstimatedTimePerRequest;
    ULONG NumOutStandingRequests;
    ULONGLONG RequestSize;
} STORAGE_GET_BC_PROPERTIES_OUTPUT, *PSTORAGE_GET_BC_PROPERTIES_OUTPUT;

typedef struct _STORAGE_ALLOCATE_BC_STREAM_INPUT {
    ULONG Version;
    ULONG RequestsPerPeriod;
    ULONG Period;
    BOOLEAN RetryFailures;
    BOOLEAN Discardable;
    USHORT Reserved1;
    ULONG AccessType;
    ULONG AccessMode;
} STORAGE_ALLOCATE_BC_STREAM_INPUT, *PSTORAGE_ALLOCATE_BC_STREAM_INPUT;

typedef struct _STORAGE_ALLOCATE_BC_STREAM_OUTPUT {
    ULONGLONG RequestSize;
    ULONG NumOutStandingRequests;
} STORAGE_ALLOCATE_BC_STREAM_OUTPUT, *PSTORAGE_ALLOCATE_BC_STREAM_OUTPUT;

#endif /* WDK_NTDDSTOR_TIERS_H */

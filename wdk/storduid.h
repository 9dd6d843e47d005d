/* Identifiers that stay with a storage device, made of its descriptors. */
#ifndef WDK_STORDUID_H
#define WDK_STORDUID_H

#include "ntddstor.h"

#define DUID_VERSION_1            1
#define DUID_HARDWARE_IDS_ONLY    0
#define DUID_INCLUDE_SOFTWARE_IDS 1

typedef enum _DUID_MATCH_STATUS {
    DuidExactMatch = 0,
    DuidSubIdMatch,
    DuidNoMatch,
    DuidErrorGeneral = 100,
    DuidErrorMissingDuid,
    DuidErrorVersionMismatch,
    DuidErrorInvalidDuid,
    DuidErrorInvalidDeviceIdDescSize,
    DuidErrorInvalidDeviceDescSize,
    DuidErrorInvalidLayoutSigSize,
    DuidErrorInvalidLayoutSigVersion,
    DuidErrorMaximum,
} DUID_MATCH_STATUS;

/* Offsets count from the structure's first byte; zero: not there. */
typedef struct _STORAGE_DEVICE_UNIQUE_IDENTIFIER {
    ULONG Version;
    ULONG Size;
    ULONG StorageDeviceIdOffset;
    ULONG StorageDeviceOffset;
    ULONG DriveLayoutSignatureOffset;
} STORAGE_DEVICE_UNIQUE_IDENTIFIER, *PSTORAGE_DEVICE_UNIQUE_IDENTIFIER;

#endif

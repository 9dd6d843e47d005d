/*
 * What the driver's entry gives to the benchmark in place of a driver object.
 */
#pragma once

#include <ntddk.h>

typedef ULONG(NTAPI *TRAPPED_ROUTINE)(volatile ULONG *Register, ULONG Count);

typedef struct _TRAPPED_ROUTINES {
    TRAPPED_ROUTINE Load, Store, Copy; /* of 32 bits; the last of 64 bytes */
    TRAPPED_ROUTINE Irql;              /* reads it through CR8, as older kits do */
} TRAPPED_ROUTINES;

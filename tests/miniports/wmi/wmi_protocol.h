/*
 * What the WMI driver and its test agree on: the blocks, and what the driver leaves of its calls.
 */
#ifndef STORHOST_TESTS_MINIPORTS_WMI_PROTOCOL_H
#define STORHOST_TESTS_MINIPORTS_WMI_PROTOCOL_H

#include <guiddef.h>
#include <ntdef.h>

enum {
    WmiCounters, /* two instances of 12 and 20 bytes, to be read and changed */
    WmiNamed,    /* three instances that have names: 8 bytes each, the index in each byte */
    WmiMethods,  /* one instance, whose methods matter */
    WmiEvents,   /* events only, and expensive */
    WmiRemoved,  /* is there no longer */
    WmiBlockCount,
};

/* The blocks' GUIDs differ in the last byte, which is the block's number. */
#define WMI_TEST_GUID(block)                                                                       \
    {                                                                                              \
        0x6B0C5A21, 0x9D1E, 0x4C77,                                                                \
        {                                                                                          \
            0x8F, 0x10, 0x2A, 0x55, 0xE1, 0x07, 0x3C, block                                        \
        }                                                                                          \
    }

enum {
    WmiFirstBytes = 12,
    WmiSecondBytes = 20,
    WmiNamedBytes = 8,
    WmiNamedCount = 3,
};

/* Methods of WmiMethods. */
enum {
    WmiReverse = 1, /* its bytes, backwards */
    WmiGrow,        /* two bytes for each one */
    WmiPend,        /* as WmiReverse, but only when a timer fires */
    WmiOverstate,   /* says that it used more than there was */
};

enum {
    WmiNothing,
    WmiSetBlock,
    WmiSetItem,
    WmiFunctionControl,
    WmiMethod,
};

/* The last call that was not a query. */
typedef struct _WMI_SHARED {
    LONG Call;
    ULONG Guid;
    ULONG Instance;
    ULONG Item; /* item, method or function */
    ULONG Length;
    ULONG Enable;
    ULONG Calls;
} WMI_SHARED;

#endif

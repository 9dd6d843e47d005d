/*
 * What the miniport `dumper` records of its two instances, and what it is asked to do wrong: shared
 * with the test that loads it.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#define DUMPER_BLOCK_SIZE 512
#define DUMPER_BLOCKS     8192
#define DUMPER_ROWS       64

/* What the instance that writes the dump does. */
typedef enum _DUMPER_BEHAVIOUR {
    DumperGood,
    DumperAllocatesPool,
    DumperArmsTimer,
    DumperUsesDpc,
    DumperQueuesWork,
    DumperReadsRegistry,
    DumperAsksForTime,
    DumperLeavesUnmarked, /* gives its device memory that it has not marked */
    DumperMarksWrongly,
    DumperMarksLate, /* outside FindAdapter */
    DumperWantsMore, /* of uncached extension than is promised, and than there is */
    DumperWantsTooMuch,
    DumperWritesLiveVariable,
    DumperWritesLiveMemory,
    DumperNeverCompletes,
    DumperLowersIrql, /* in StartIo */
    DumperIsBusyOnce,
    DumperStartsNothingOnce, /* FALSE from StartIo */
    DumperHasAttention,      /* CHECK CONDITION with UNIT ATTENTION, once */
    DumperFindsNothing,
    DumperInitializesNothing,
    /* And the live one. */
    DumperRefusesUsage,
    DumperRefusesPointers,
    DumperHasWrongVersion,
    DumperWantsBuffer,     /* CommonBufferSize */
    DumperWantsDumpBuffer, /* RequestedDumpBufferSize */
} DUMPER_BEHAVIOUR;

/* A callback of the instance that writes. */
typedef struct _DUMPER_ROW {
    const CHAR *Callback;
    UCHAR Mode;
    KIRQL Irql;
    UCHAR Operation; /* of the CDB */
} DUMPER_ROW;

typedef struct _DUMPER_RECORD {
    ULONG Behaviour;
    /* Written by the miniport. */
    PVOID EntryArguments[2];
    ULONG GlobalAtEntry; /* of its own variables, which each instance counts up */
    CHAR Argument[16];
    UCHAR Mode;
    BOOLEAN DataArrived; /* MiniportDumpData is what the live instance has given */
    MEMORY_REGION Region;
    PVOID Uncached;
    ULONG Status; /* of what it did wrong */
    ULONG Rows;
    DUMPER_ROW Row[DUMPER_ROWS];
    volatile LONG AtOnce, AtOnceMost; /* requests of the instance */
    volatile LONG LiveCallbacks;      /* of the live one, while Entered is set */
    volatile LONG Entered;
    LONG FreedPointers;
    UCHAR *LiveMemory; /* pool of the live instance */
    ULONG *LiveVariable;
    UCHAR Disk[DUMPER_BLOCKS][DUMPER_BLOCK_SIZE];
} DUMPER_RECORD;

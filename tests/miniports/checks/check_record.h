/*
 * What the module of checks and the test that loads it share: the list of checks, which places were
 * reached, and what was not as it should be.
 *
 * Rule: the module adds; the test reads, in the same address space, when the adapter has stopped.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#define CHECKS_MAX         1024
#define CHECK_FAILURES_MAX 32
#define CHECK_LIST_ONLY    0xFFFFFFFF /* of the setting CheckIndex: list the checks, do not start */
#define CHECK_ALL_PLACES   0xFFFFFFFF /* of the setting OnlyPlace */
#define CHECK_OP           0xC1       /* operation code of a request whose CDB[1] is a place */
#define CHECK_DATA_BYTES   8192       /* data in of each */

/* Where a check may run: the callbacks of the reference, and what is held in them. */
#define CHECK_PLACES(PLACE)                                                                        \
    PLACE(DriverEntry)                                                                             \
    PLACE(FindAdapter)                                                                             \
    PLACE(HwInitialize)                                                                            \
    PLACE(PassiveInitialize)                                                                       \
    PLACE(BuildIo)                                                                                 \
    PLACE(StartIo)                                                                                 \
    PLACE(Interrupt)                                                                               \
    PLACE(Message)                                                                                 \
    PLACE(Dpc)                                                                                     \
    PLACE(Timer)                                                                                   \
    PLACE(TimerEx)                                                                                 \
    PLACE(ResetBus)                                                                                \
    PLACE(StateChange)                                                                             \
    PLACE(WorkItem)                                                                                \
    PLACE(Thread)                                                                                  \
    PLACE(Synchronized)                                                                            \
    PLACE(DpcLocked)                                                                               \
    PLACE(StartIoLocked)                                                                           \
    PLACE(InterruptLocked)                                                                         \
    PLACE(MessageLocked)                                                                           \
    PLACE(QueryControls)                                                                           \
    PLACE(UnitStart)                                                                               \
    PLACE(StopAdapter)                                                                             \
    PLACE(FreeResources)

#define CHECK_PLACE_MEMBER(Name) Check##Name,
typedef enum _CHECK_PLACE { CHECK_PLACES(CHECK_PLACE_MEMBER) CheckPlaceCount } CHECK_PLACE;

typedef enum _CHECK_MODEL {
    CheckHalfDuplex,
    CheckFullDuplex,
    CheckChannels, /* full duplex with two concurrent channels */
    CheckVirtual,
    CheckModelCount
} CHECK_MODEL;

typedef struct _CHECK_LISTED {
    CHAR Name[96];
    ULONGLONG Places;
    BOOLEAN Fatal; /* each place stops the machine */
} CHECK_LISTED;

typedef struct _CHECK_FAILURE {
    volatile LONG Valid; /* the last member to be written */
    ULONG Line;
    CHECK_PLACE Place;
    UCHAR Irql;
    BOOLEAN Compared; /* Actual and Expected tell more */
    ULONGLONG Actual, Expected;
    CHAR File[40];
    CHAR Text[200];
} CHECK_FAILURE;

typedef struct _CHECK_SHARED {
    /* Written by the module. */
    ULONG Count;
    CHECK_LISTED Check[CHECKS_MAX];
    volatile LONG Reached[CheckPlaceCount];
    volatile LONG Failures; /* claimed so far; may exceed CHECK_FAILURES_MAX */
    CHECK_FAILURE Failure[CHECK_FAILURES_MAX];
    volatile LONG FindingsExpected;
    /* Written by the test before the start. */
    ULONGLONG(NTAPI *FindingCount)(VOID);       /* findings of the machine so far */
    BOOLEAN(NTAPI *Printed)(const CHAR *Text);  /* a line with this text was printed */
    BOOLEAN(NTAPI *Reported)(const CHAR *Text); /* the adapter's user was told such a line */
} CHECK_SHARED;

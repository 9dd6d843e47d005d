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
#define CHECK_TIME_BIAS    (-330)     /* minutes: the machine's local time is ahead of UTC */

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
    PLACE(RunningConfig)                                                                           \
    PLACE(RestartAdapter)                                                                          \
    PLACE(UnitRemove)                                                                              \
    PLACE(ServiceRequest)                                                                          \
    PLACE(CompleteServiceIrp)                                                                      \
    PLACE(FreeResources)                                                                           \
    PLACE(OtherMessage)                                                                            \
    PLACE(RegistryNotification)                                                                    \
    PLACE(InitializeTracing)                                                                       \
    PLACE(CleanupTracing)

#define CHECK_PLACE_MEMBER(Name) Check##Name,
typedef enum _CHECK_PLACE { CHECK_PLACES(CHECK_PLACE_MEMBER) CheckPlaceCount } CHECK_PLACE;

typedef enum _CHECK_MODEL {
    CheckHalfDuplex,
    CheckFullDuplex,
    CheckChannels, /* full duplex with two concurrent channels */
    CheckVirtual,
    CheckModelCount
} CHECK_MODEL;

typedef enum _CHECK_INTERRUPTS {
    CheckMessagesApart,    /* a lock for each message */
    CheckMessagesTogether, /* one lock for all of them */
    CheckLine
} CHECK_INTERRUPTS;

typedef enum _CHECK_KIND {
    CheckOrdinary,
    CheckFatal, /* each place stops the machine */
    CheckCell   /* notes facts for the matrix of callbacks */
} CHECK_KIND;

typedef struct _CHECK_LISTED {
    CHAR Name[96];
    ULONGLONG Places;
    CHECK_KIND Kind;
} CHECK_LISTED;

/* What was held at the entry of a place, as bits. */
#define CHECK_HOLDS_START_IO  0x01
#define CHECK_HOLDS_INTERRUPT 0x02 /* the interrupt lock: all of them, where messages have own */
#define CHECK_HOLDS_MESSAGE   0x04 /* one message's lock, of several */
#define CHECK_HOLDS_CHANNEL   0x08 /* one channel's token */
#define CHECK_HOLDS_CHANNELS  0x10 /* all of them */
#define CHECK_HOLDS_ANYTHING  0x20 /* else: a STOR_DPC's */

/* What a cell of the matrix notes of a place. */
typedef struct _CHECK_NOTE {
    UCHAR Irql;     /* at entry */
    UCHAR HeldIrql; /* with the lock that the cell takes */
    ULONG Holds;    /* at entry */
} CHECK_NOTE;

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

/* What the host knows of its processors, by their numbers across the machine. */
#define CHECK_PROCESSORS_MAX 256
typedef struct _CHECK_TOPOLOGY {
    ULONG Processors, Groups, Nodes;
    struct {
        USHORT Group, Node, Package, Die, Module, Core;
        UCHAR Number; /* in the group */
        UCHAR Efficiency;
    } Processor[CHECK_PROCESSORS_MAX];
    LONG(NTAPI *NodeOf)(const VOID *Memory);
} CHECK_TOPOLOGY;

typedef struct _CHECK_SHARED {
    /* Written by the module. */
    ULONG Count;
    CHECK_LISTED Check[CHECKS_MAX];
    volatile LONG Reached[CheckPlaceCount];
    volatile LONG Failures; /* claimed so far; may exceed CHECK_FAILURES_MAX */
    CHECK_FAILURE Failure[CHECK_FAILURES_MAX];
    volatile LONG FindingsExpected;
    CHECK_NOTE Note[CheckPlaceCount];
    PVOID Extension;
    BOOLEAN StorageBlocks; /* the format of requests that was agreed on */
    /* Has the place reached, without a request: from any thread, at DISPATCH_LEVEL. */
    VOID(NTAPI *Trigger)(PVOID Extension, ULONG Place);
    /* Written by the test before the start. */
    ULONG Processors;
    ULONG Patience; /* seconds that what has to come may take */
    CHECK_TOPOLOGY Topology;
    ULONGLONG(NTAPI *FindingCount)(VOID);       /* findings of the machine so far */
    BOOLEAN(NTAPI *Printed)(const CHAR *Text);  /* a line with this text was printed */
    BOOLEAN(NTAPI *Reported)(const CHAR *Text); /* the adapter's user was told such a line */
    ULONG(NTAPI *Holds)(PVOID Extension);       /* what the calling thread holds of the adapter */
    VOID(NTAPI *Entered)(ULONG Place);          /* a place begins; may be NULL */
    VOID(NTAPI *Failed)(VOID);                  /* there is a failure; may be NULL */
} CHECK_SHARED;

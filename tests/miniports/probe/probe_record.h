/*
 * What the probe records and how a test scripts its requests: shared by the miniport and the test
 * that loads it.
 *
 * Rule: the miniport only adds rows and counts; a test that runs in the same address space reads
 * them while the miniport works, and after it has gone.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#define PROBE_ROWS          16384
#define PROBE_TAGS          256
#define PROBE_EXTENSION_OK  0x50524F42
#define PROBE_POWER_SETTING 0x11 /* each byte of the setting's GUID */

/* Callbacks of the port, and what the probe notes inside them. */
typedef enum _PROBE_CALLBACK {
    ProbeFindAdapter,
    ProbeInitialize,
    ProbePassiveInitialize,
    ProbeBuildIo,
    ProbeStartIo,
    ProbeInterrupt,
    ProbeMessage,
    ProbeDpc,
    ProbeTimer,
    ProbeTimerEx,
    ProbeResetBus,
    ProbeAdapterControl,
    ProbeUnitControl,
    ProbeStateChange,
    ProbeWorkItem,
    ProbeSynchronized,
    ProbeFreeAdapterResources,
    ProbeCompleteServiceIrp,
    ProbeProcessServiceRequest,
    ProbeCallbackCount,
    /* Not callbacks: */
    ProbeCompletes = 32, /* RequestComplete is about to be called */
    ProbeCompleted = 33, /* it has returned; Result: the request's memory was still untouched */
    ProbeLeave = 64,     /* plus a callback: it is about to return, with Result */
} PROBE_CALLBACK;

typedef struct _PROBE_ROW {
    volatile LONG Valid; /* the last member to be written */
    ULONG Callback;
    ULONG Detail; /* control type, message, causes, path, PnP action, script tag */
    ULONG Result; /* of what the script had the callback do */
    ULONG Processor;
    LONG Depth;   /* calls of this callback that run now, with this one */
    ULONG Active; /* bit n: callback n runs somewhere now */
    ULONG Channel;
    ULONG Message;
    ULONG DataTransferLength;
    ULONG SrbFlags;
    ULONG TimeOutValue;
    ULONG Attempt; /* of this script tag, counted by BuildIo or, without one, StartIo */
    UCHAR Irql;
    UCHAR HeaderFunction; /* the byte that both formats have: 0x28 for the extended one */
    UCHAR Function;
    UCHAR Opcode;
    UCHAR SrbStatus;
    UCHAR ScsiStatus;
    UCHAR SenseLength;
    UCHAR CdbLength;
    UCHAR PathId, TargetId, Lun;
    UCHAR Cdb[16];
    PVOID DeviceExtension;
    PVOID Srb;
    PVOID SrbExtension;
    PVOID DataBuffer;
    PVOID List;
    ULONGLONG Guards; /* ZeroGuard1 and ZeroGuard2, one over the other */
} PROBE_ROW;

typedef struct _PROBE_SHARED {
    /* Written by the miniport. */
    volatile LONG Rows;                       /* claimed so far; may exceed PROBE_ROWS */
    volatile LONG Active[ProbeCallbackCount]; /* calls that run now */
    volatile LONG Interrupts;                 /* interrupt routines that have begun */
    volatile LONG Timers;                     /* timer routines that have begun */
    volatile LONG Met;                        /* callers that have come to a meeting */
    volatile LONG Lists; /* of ProbeDoBuildList, filled by the device and ended well */
    PVOID Uncached;      /* the uncached extension of the last start, and where it is */
    ULONGLONG UncachedAddress;
    UCHAR Config[256];
    PVOID Registers;              /* as the last start mapped them, or found them mapped */
    volatile LONG ListComplaints; /* scatter/gather lists that did not add up, requests of the
                                     wrong format, extensions that changed */
    PORT_CONFIGURATION_INFORMATION Prefill; /* as the last FindAdapter was given it */
    /* Written by the test at any time. */
    volatile ULONG PresentUnits;       /* bit n: LUN n of target 0 answers */
    volatile ULONG AbsentQualifier;    /* bit n: LUN n answers INQUIRY with qualifier 3 */
    volatile ULONG ReportLunsStatus;   /* REPORT LUNS fails with this SRB status; 0: it works */
    volatile ULONG ReportLunsBytes;    /* so much of its answer is moved; 0: all of it */
    volatile ULONG HoldInquiries;      /* INQUIRY is kept like ProbeInNever */
    volatile ULONG HoldOpcode;         /* so is this SCSI command; 0: none */
    volatile ULONG HoldFunction;       /* so is this SRB function; 0: none */
    volatile ULONG DwellMicroseconds;  /* each callback that the matrix is about lasts so long */
    volatile ULONG ReleaseAtInterrupt; /* an interrupt completes what is kept */
    volatile ULONG FindResult;         /* FindAdapter returns this minus 1; 0: as it is */
    volatile ULONG InitializeFails;    /* HwInitialize returns FALSE */
    volatile ULONG ControlFails;       /* bit n: adapter control type n is not successful */
    volatile ULONG UnitControlFails;   /* bit n: unit control type n is not successful */
    volatile LONG Sense;  /* key, code, qualifier (a byte each): of the next unknown command */
    volatile LONG Senses; /* how many commands fail with it */
    volatile ULONG PowerStatus[2];    /* of InitializePoFxPower: of the adapter, of the last unit */
    volatile ULONG PerfStatus;        /* of registering performance states */
    volatile ULONG D3Cold;            /* what it said of D3cold */
    volatile ULONG PowerLatencyLimit; /* asked for while components are registered; 0: not */
    volatile ULONG PowerResidencyHint; /* the same */
    volatile ULONG PowerMalformed;     /* which member of the adapter's description is wrong */
    PROBE_ROW Row[PROBE_ROWS];
} PROBE_SHARED;

/*
 * A scripted request: a CDB of 16 bytes with operation code PROBE_OP_SCRIPT. Other commands that
 * the probe does not know are completed with success inside StartIo.
 */
#define PROBE_OP_SCRIPT 0xC1 /* vendor specific */
#define PROBE_OP_ROWS   0xC0 /* data in: the rows so far, as many as fit */

typedef struct _PROBE_SCRIPT {
    UCHAR OperationCode;
    UCHAR CompleteIn; /* PROBE_PLACE */
    UCHAR SrbStatus;  /* for the first Times attempts; success afterwards */
    UCHAR ScsiStatus;
    UCHAR BuildAction; /* PROBE_ACTION, done in BuildIo on the first attempt */
    UCHAR StartAction; /* PROBE_ACTION, done in StartIo on the first attempt */
    UCHAR Times;
    UCHAR Value;         /* of the actions */
    UCHAR Tag;           /* names the script in rows and counts its attempts */
    UCHAR Cause;         /* ProbeInInterrupt: the doorbell's value */
    UCHAR SenseLength;   /* sense data with so many bytes, and AUTOSENSE_VALID, with SrbStatus */
    UCHAR ShortBy;       /* the data length is lowered by so much */
    UCHAR DestroyLength; /* the data length is changed although the status is BUSY */
    UCHAR Reserved[3];
} PROBE_SCRIPT;

typedef enum _PROBE_PLACE {
    ProbeInStartIo,
    ProbeInDpc,
    ProbeInInterrupt,
    ProbeInTimer,
    ProbeInWorker,
    ProbeInTimerEx,
    ProbeInBuildIo,       /* BuildIo completes it and returns FALSE */
    ProbeInDpcAfterBuild, /* BuildIo returns FALSE, a DPC completes it */
    ProbeInNever,         /* kept until a reset that works or ProbeDoRelease */
    ProbeInRefusal,       /* StartIo returns FALSE without completing it, Times times */
    ProbeInAction,        /* its action completes it */
    ProbePlaceCount
} PROBE_PLACE;

/* The Value of ProbeDoPower. */
typedef enum _PROBE_POWER_ACTION {
    ProbePowerActivateAdapter,
    ProbePowerIdleAdapter,
    ProbePowerActivateUnit,
    ProbePowerIdleUnit,
    ProbePowerActivateForRequest, /* the unit, for this request */
    ProbePowerIdleForRequest,
    ProbePowerActivateForNobody, /* the unit, for a request that is not Storport's */
    ProbePowerPerfState,         /* state 1 of set 0, context 0x55 */
    ProbePowerControl,           /* a private request */
    ProbePowerActionCount
} PROBE_POWER_ACTION;

typedef enum _PROBE_ACTION {
    ProbeDoNothing,
    ProbeDoPauseUnit, /* for Value seconds */
    ProbeDoPause,
    ProbeDoResumeUnit,
    ProbeDoResume,
    ProbeDoUnitBusy, /* until Value requests completed */
    ProbeDoBusy,
    ProbeDoDepth,        /* SetDeviceQueueDepth(Value) */
    ProbeDoAllocatePool, /* Result: its status */
    ProbeDoDpcLock,      /* Result: IRQL while held */
    ProbeDoStartIoLock,
    ProbeDoInterruptLock,
    ProbeDoSynchronize,  /* Result: what the routine returned */
    ProbeDoMeet,         /* waits until Value callers are here; Result: they came */
    ProbeDoWaitShortly,  /* as Meet, but gives up early: for meetings that must not happen */
    ProbeDoDpc,          /* issues a DPC that has nothing to do */
    ProbeDoTimer,        /* arms the HwTimer, 1 us */
    ProbeDoDoorbell,     /* rings the device with Value */
    ProbeDoTwoDoorbells, /* with Value and Value + 1; the same */
    ProbeDoBusChange,
    ProbeDoStateChange,   /* Value: 1 LUN, 2 target, 4 or 0 bus; and 8 times the LUN */
    ProbeDoRelease,       /* completes with success what is kept */
    ProbeDoSystemAddress, /* Result: status of GetSystemAddress */
    ProbeDoReregister,    /* the unit's WMI data */
    ProbeDoServiceTime,   /* of this request: Value */
    ProbeDoLinkDown,
    ProbeDoLinkUp,
    ProbeDoResetDetected,
    ProbeDoCompleteAll, /* StorPortCompleteRequest for everything, as BUS_RESET */
    ProbeDoRemove,      /* takes the device away */
    ProbeDoFill,        /* the device fills the data with Value; Result: elements */
    ProbeDoSum,         /* the device adds the bytes of the data up; Result: the sum */
    ProbeDoBothWays,    /* the same of a bidirectional request, and its input filled */
    ProbeDoBuildList,   /* a list of Value pages of pool; Result: see probe_dma.c */
    ProbeDoPower,       /* PROBE_POWER_ACTION; Result: its status */
    ProbeActionCount
} PROBE_ACTION;

/*
 * A virtual miniport that misbehaves on request, for tests of the port.
 *
 * Rule: apart from the one behaviour that the settings choose it is a correct disk in memory, so
 * whatever a test then sees comes from that behaviour.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#include "../../../miniports/common/memory_disk.h"
#include "../../../miniports/common/scsi_disk.h"

#define DRIVER_NAME "faulty"
#define FAULTY_TAG  'tluF'

#define FAULTY_UNITS 2

/* The values of Parameters\Device\Behaviour. README.md describes them one by one. */
typedef enum _FAULTY_BEHAVIOUR {
    BehaviourNone = 0,
    BehaviourDropRead = 1,
    BehaviourBusy = 2,
    BehaviourQueueFull = 3,
    BehaviourUnitAttention = 4,
    BehaviourDoubleCompletion = 5,
    BehaviourFindAdapterError = 6,
    BehaviourFindAdapterNotFound = 7,
    BehaviourInitializeFails = 8,
    BehaviourNoLogicalUnit = 9,
    BehaviourLostWrite = 10,
    BehaviourSlow = 11,
    BehaviourRefuseStart = 12,
    BehaviourCompletePending = 13,
    BehaviourShortRead = 14,
    BehaviourDropReadTimes = 15,
    BehaviourUnitComesAndGoes = 16,
    BehaviourGrows = 17,
    BehaviourRestartFails = 18,
    BehaviourStopsMachine = 19,
    BehaviourUnitComesAndGoesTold = 20,
    BehaviourCdrom = 21,
    BehaviourTape = 22,
    BehaviourShortInquiry = 23,
    BehaviourCount
} FAULTY_BEHAVIOUR;

/* The resets that work, by the smallest tier of the escalation that does. */
typedef enum _FAULTY_RESET_TIER {
    ResetTierUnit = 1,
    ResetTierTarget = 2,
    ResetTierBus = 3,
    ResetTierNone = 4,
} FAULTY_RESET_TIER;

/* What a behaviour made of a request. */
typedef enum _FAULTY_VERDICT {
    VerdictPass,     /* nothing: the request is carried out normally */
    VerdictComplete, /* complete it with the status given */
    VerdictTaken,    /* it is held, or already completed */
    VerdictRefuse,   /* HwStartIo returns FALSE */
} FAULTY_VERDICT;

typedef struct _FAULTY_REQUEST {
    LIST_ENTRY Link; /* in the adapter's Held */
    PSCSI_REQUEST_BLOCK Srb;
    UCHAR SrbStatus; /* to complete it with when the timer lets it go */
} FAULTY_REQUEST;

typedef struct _FAULTY_ADAPTER {
    ULONG Behaviour; /* FAULTY_BEHAVIOUR */
    ULONG Times;     /* how often a behaviour that wears off still shows */
    ULONG Lba;       /* the block that a behaviour is about */
    ULONG DelayMicroseconds;
    ULONG ResetTier;
    BOOLEAN Created;
    BOOLEAN HasStarted;
    ULONG FailedRestarts;
    SCSI_DISK Disks[FAULTY_UNITS]; /* show the same medium */
    volatile LONG UnitCount;       /* that answer */
    volatile LONG HasGrown;        /* and nobody has been told yet */
    volatile LONG MediumIsOut;     /* of the CD-ROM drive */
    volatile LONG MediumIsNew;     /* the same */
    BOOLEAN HasSearched;           /* the first search for units is over */
    MEMORY_DISK Memory;
    KSPIN_LOCK Lock; /* guards Held */
    LIST_ENTRY Held;
} FAULTY_ADAPTER;

/* faulty_behaviours.c. Called for each valid command for the medium, at IRQL <= DISPATCH_LEVEL. */
FAULTY_VERDICT FaultyIntercept(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb,
                               const SCSI_DISK_COMMAND *Command, UCHAR *SrbStatus);

/* faulty_unit.c. SRB_STATUS_PENDING: the correct disk is to answer. */
UCHAR FaultyAnswer(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb);
/* The medium of the CD-ROM drive is taken out, or put in. */
VOID FaultyMoveTray(FAULTY_ADAPTER *Adapter);

/* faulty_io.c */
HW_STARTIO FaultyStartIo;
HW_RESET_BUS FaultyResetBus;
HW_TIMER FaultyTimer;
VOID FaultyComplete(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR SrbStatus);
VOID FaultyHold(FAULTY_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR SrbStatus);

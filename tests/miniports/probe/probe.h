/*
 * The probe: a miniport that records how it is called. One image is both a physical driver of the
 * scratch device and a virtual one.
 *
 * Rule: what the probe keeps of a request lies in the SRB extension, on one of the lock-free stacks
 * below. So it takes no lock that a test has not asked for, and works alike at any IRQL.
 */
#pragma once

#include "probe_record.h"

#define DRIVER_NAME    "probe"
#define MESSAGES_MAX   8
#define RESET_NONE     4
#define MESSAGE_NONE   0
#define MESSAGE_ALL    1
#define MESSAGE_SINGLE 2

/* The SRB extension. */
typedef struct _PROBE_REQUEST {
    struct _PROBE_REQUEST *Next; /* in a stack */
    PSCSI_REQUEST_BLOCK Srb;
    ULONG Magic; /* PROBE_EXTENSION_OK from the first callback on */
    ULONG Built; /* BuildIo has seen this attempt */
    ULONG Attempt;
    LONG Serial;            /* different for each attempt of each request */
    PVOID Data;             /* system address of the data, or NULL */
    PVOID List;             /* the scatter/gather list that BuildIo was given */
    ULONG Message, Channel; /* the start parameters that BuildIo was given */
} PROBE_REQUEST;

typedef PROBE_REQUEST *volatile PROBE_STACK;

typedef struct _PROBE_ADAPTER {
    PROBE_SHARED *Shared;
    BOOLEAN Virtual;
    PUCHAR Registers; /* mapped BAR 0; NULL when virtual */
    PVOID TimerHandle, Worker;
    STOR_DPC Dpc, IdleDpc;
    PROBE_STACK InDpc, InTimer, InTimerEx, InWorker, Kept;
    PROBE_STACK InInterrupt[32]; /* by cause */
    volatile LONG Attempts[PROBE_TAGS];
    volatile LONG Serials;
    STOR_ADDR_BTL8 ChangedAddress;
    /* Settings. */
    ULONG AlignmentMask, Dma64, DmaWidth, Breaks, NoList, UncachedBytes, DelayedLists;
    ULONG MaximumTransfer;
    ULONG Duplex, MessageMode, StorageBlocks, MaximumIo, UnitIo, Depth, Units, MapBuffers;
    ULONG ResetTier, ResetLeaves, AbortMode, UnitControls, Channels, MessageRange, CachesData,
        PassiveInitialize;
    ULONG PassiveFails, BusResetHold, RefuseSystemFunctions, BadConfiguration, AdapterControls;
    ULONG KeepBreaks, KeepRegisters, Features, FeatureList, UpdateIo, UpdateUnitIo, AdapterBusType;
    ULONG Power, PowerVersion, PowerStates, UnitPowerStates, PowerLatency, PowerResidency;
    ULONG PowerFlags, PowerTimeout, PowerPeriod, PowerDeepest, PowerPerfStates;
    /* Of its life: what a start must find again. */
    ULONG Starts;
    ULONG Filtered; /* resources that there were before FindAdapter, plus 1; 0: nobody asked */
    BOOLEAN Removed;
} PROBE_ADAPTER;

/* probe_note.c */
PROBE_ROW *ProbeEnter(PROBE_ADAPTER *Adapter, ULONG Callback, PSCSI_REQUEST_BLOCK Srb,
                      ULONG Detail);
VOID ProbeExit(PROBE_ADAPTER *Adapter, ULONG Callback, PSCSI_REQUEST_BLOCK Srb, ULONG Detail,
               ULONG Result);
VOID ProbeNote(PROBE_ADAPTER *Adapter, ULONG Callback, PSCSI_REQUEST_BLOCK Srb, ULONG Detail,
               ULONG Result);
VOID ProbeDwell(PROBE_ADAPTER *Adapter);

/* probe_control.c */
HW_ADAPTER_CONTROL ProbeHwAdapterControl;
HW_UNIT_CONTROL ProbeHwUnitControl;
VOID ProbeEnableInterrupts(PROBE_ADAPTER *Adapter);

/* probe_action.c */
ULONG ProbeAct(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, ULONG Action, UCHAR Value);

/* probe_io.c */
HW_BUILDIO ProbeHwBuildIo;
HW_STARTIO ProbeHwStartIo;
HW_RESET_BUS ProbeHwResetBus;
HW_INTERRUPT ProbeHwInterrupt;
HW_MESSAGE_SIGNALED_INTERRUPT_ROUTINE ProbeHwMessage;
HW_DPC_ROUTINE ProbeHwDpc;
HW_DPC_ROUTINE ProbeHwIdleDpc;
HW_TIMER ProbeHwTimer;
HW_TIMER_EX ProbeHwTimerEx;
HW_WORKITEM ProbeHwWorkItem;
VOID ProbePush(PROBE_STACK *Stack, PROBE_REQUEST *Request);
/* Completes everything on the stack: with SrbStatus, or as its script says when that is PENDING. */
VOID ProbeCompleteStack(PROBE_ADAPTER *Adapter, PROBE_STACK *Stack, UCHAR SrbStatus);
VOID ProbeComplete(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR SrbStatus);

/* probe_dma.c: data by way of the device */
VOID ProbeConfigureDma(PROBE_ADAPTER *Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo);
ULONG ProbeDma(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, ULONG Action, UCHAR Value);

/* probe_power.c: runtime power management */
VOID ProbeRegisterAdapterPower(PROBE_ADAPTER *Adapter);
VOID ProbeRegisterUnitPower(PROBE_ADAPTER *Adapter, PSTOR_POFX_UNIT_POWER_INFO Info);
ULONG ProbeActPower(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR Value);
/* What the platform asks privately: it gets its input back, each byte inverted. */
ULONG ProbeAnswerPower(PSTOR_POFX_POWER_CONTROL Control);

/* probe_answer.c: the answer to a command that is no script. */
UCHAR ProbeAnswer(PROBE_ADAPTER *Adapter, PSCSI_REQUEST_BLOCK Srb, PROBE_REQUEST *Request);

static __inline ULONG ProbeRead(PROBE_ADAPTER *Adapter, ULONG Offset)
{
    return StorPortReadRegisterUlong(Adapter, (PULONG)(Adapter->Registers + Offset));
}

static __inline VOID ProbeWrite(PROBE_ADAPTER *Adapter, ULONG Offset, ULONG Value)
{
    StorPortWriteRegisterUlong(Adapter, (PULONG)(Adapter->Registers + Offset), Value);
}

/* The request's script, or NULL when it is no scripted request. */
PROBE_SCRIPT *ProbeScript(PSCSI_REQUEST_BLOCK Srb);

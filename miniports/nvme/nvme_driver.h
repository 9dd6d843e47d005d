/*
 * What the files of the NVMe miniport share: the adapter, its queues, and who may touch what.
 *
 * Rules:
 * - An I/O queue is submitted to by one StartIo at a time: the one that owns the channel of the
 * same number, or, without concurrent channels, the one that owns the port's StartIo lock. So
 *   submission takes no lock. Its completion side belongs to the holder of the queue's DPC lock.
 * - A request belongs to whoever takes its SRB out of the slot with an interlocked exchange.
 * - The admin queue, the bring-up, the scan, the events and the tasks belong to the holder of the
 *   admin DPC's lock, or, while Polled is TRUE, to the one callback that polls. "Admin lock held"
 *   below means either. The admin lock is taken before a queue's lock, never after.
 * - Before the rings of an I/O queue are touched from outside StartIo, State has left NvmeRunning
 *   and every queue has been seen with Submitting 0.
 */
#pragma once

#include <ntddk.h>
#include <storport.h>

#include <nvme.h>
#include <srbhelper.h>

#include "scsi_translate.h"

#define NVME_MAX_IO_QUEUES 64
#define NVME_ADMIN_DEPTH   64
#define NVME_PAGE_BYTES    4096u
#define NVME_PAGE_MASK     (NVME_PAGE_BYTES - 1)
#define NVME_DEFAULT_DEPTH 512
#define NVME_MAX_DEPTH     4096
#define NVME_MAX_TRANSFER  0x100000u
#define NVME_MAX_ASYNC     4
#define NVME_DUMP_DEPTH    8 /* One request at a time. */

/* Slots of the admin queue that only the driver's own commands may use. */
#define NVME_ADMIN_RESERVE 24

/*
 * Entries of a request's list: one for each page after the first of the largest transfer, which may
 * start inside a page, and one to link to the next page when the list crosses a page itself.
 */
#define NVME_LIST_ENTRIES (NVME_MAX_TRANSFER / NVME_PAGE_BYTES + 2)

/* One tick of the service timer, and limits that are counted in ticks. */
#define NVME_TICK_US       10000u
#define NVME_POLL_US       50u
#define NVME_COMMAND_TICKS 500u
#define NVME_TASK_TICKS    200u
#define NVME_PAUSE_SECONDS 120u

typedef struct _NVME_ADAPTER NVME_ADAPTER, *PNVME_ADAPTER;
typedef struct _NVME_SLOT NVME_SLOT, *PNVME_SLOT;

/* Why an event was logged: the unique identifier of its log entry. */
typedef enum _NVME_EVENT {
    NvmeEventBadRegisters = 1, /* CAP names a controller that this driver cannot drive. */
    NvmeEventNoMemory,
    NvmeEventNotReady,      /* CSTS.RDY did not follow CC.EN in time. */
    NvmeEventFatalStatus,   /* CSTS.CFS is set. */
    NvmeEventCommandFailed, /* A command of the bring-up failed or got no answer. */
    NvmeEventBadIdentify,   /* Identify data that cannot be. */
    NvmeEventBadCompletion, /* A completion that names no request. */
    NvmeEventUnitRefused,   /* A namespace with metadata, or with an unknown format. */
    NvmeEventTooManyUnits,
    NvmeEventHealth,      /* The controller reported a health event. */
    NvmeEventDeviceError, /* The controller reported an error event. */
    NvmeEventReset,       /* A controller reset began. */
    NvmeEventRemoved,     /* The registers read as all ones. */
    NvmeEventBadList,     /* A scatter/gather list that PRPs cannot express. */
} NVME_EVENT;

typedef enum _NVME_STATE {
    NvmeStopped,
    NvmeStarting, /* One callback polls the controller into operation. */
    NvmeRunning,
    NvmeResetting, /* The service DPC brings the controller back. */
    NvmeFailed,    /* The last bring-up failed; a bus reset tries again. */
    NvmeRemoved,
} NVME_STATE;

/*
 * Called when an admin command completed, admin lock held. The slot is free again; Srb is the
 * request that the command was sent for, or NULL, and belongs to the callee.
 */
typedef VOID NVME_ADMIN_DONE(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb,
                             const NVME_COMPLETION_ENTRY *Completion);

/* One command identifier of a queue. */
struct _NVME_SLOT {
    PVOID volatile Srb;    /* The request in flight, or NULL. */
    NVME_ADMIN_DONE *Done; /* Admin queue only: not NULL while a command is in flight. */
    LONG Next;             /* The next free slot, or -1. */
    UCHAR Lun;
    volatile UCHAR AbortSent;
};

/* One index that driver and controller share: its doorbell, and its shadow when there is one. */
typedef struct _NVME_DOORBELL {
    PULONG Register;
    volatile ULONG *Shadow; /* NULL: there is none, write the register. */
    volatile ULONG *Event;
    BOOLEAN AlwaysRings; /* Write the register even when the controller did not ask for it. */
} NVME_DOORBELL, *PNVME_DOORBELL;

/* A pair of a submission and a completion queue of the same depth and number. */
typedef struct _NVME_QUEUE {
    /* Fixed while the adapter runs. */
    USHORT Id;
    USHORT Message;
    ULONG Depth;
    PSTOR_DPC Dpc;
    PNVME_SLOT Slots; /* Depth - 1 of them, so the submission queue is never full. */
    PNVME_COMMAND Commands;
    PNVME_COMPLETION_ENTRY Completions;
    STOR_PHYSICAL_ADDRESS CommandsAddress;
    STOR_PHYSICAL_ADDRESS CompletionsAddress;
    UCHAR Pad0[64];

    /* Written by the submitter. */
    volatile LONG Submitting; /* 1 while a StartIo is between its look at State and its doorbell. */
    LONG FreeSlot;            /* Slots that only the submitter takes, linked by Next. */
    ULONG Tail;
    NVME_DOORBELL TailDoorbell;
    UCHAR Pad1[64];

    /* Written by who completes. */
    volatile LONG ReturnedSlot; /* Slots given back; the submitter takes the whole list. */
    ULONG Head;
    UCHAR Phase;
    NVME_DOORBELL HeadDoorbell;
    UCHAR Pad2[64];
} NVME_QUEUE, *PNVME_QUEUE;

typedef enum _NVME_TASK_KIND {
    NvmeTaskAbort, /* One request. */
    NvmeTaskUnit,  /* The requests of one unit. */
    NvmeTaskAll,   /* All requests. */
} NVME_TASK_KIND;

/* A reset or abort request that waits for what it covers. Lives in its own SRB extension. */
typedef struct _NVME_TASK {
    struct _NVME_TASK *Next;
    PSCSI_REQUEST_BLOCK Srb;
    PVOID Victim; /* Compared, never dereferenced: it may be completed at any time. */
    NVME_TASK_KIND Kind;
    UCHAR Lun;
    ULONG Ticks;
} NVME_TASK, *PNVME_TASK;

/* The SRB extension. Its contents are undefined when BuildIo gets it. */
typedef struct _NVME_REQUEST {
    NVME_COMMAND Command;
    SCSI_OUTCOME Outcome;
    SCSI_ADMIN_REPLY AdminReply;
    ULONG AdminArgument;
    ULONG ReplyLength;
    BOOLEAN IsShort; /* Moves less than the data buffer holds. */
    UCHAR Lun;
    NVME_TASK Task;
    ULONGLONG List[NVME_LIST_ENTRIES]; /* PRP list, deallocation ranges or a log page. */
} NVME_REQUEST, *PNVME_REQUEST;

/* The steps that take a controller from any state to operation, in order. */
typedef enum _NVME_PHASE {
    NvmePhaseIdle,
    NvmePhaseQuiet,   /* Waits until no StartIo is submitting. */
    NvmePhaseDisable, /* Waits for CSTS.RDY 0. */
    NvmePhaseEnable,  /* Waits for CSTS.RDY 1. */
    NvmePhaseQueueCount,
    NvmePhaseCompletionQueue,
    NvmePhaseSubmissionQueue,
    NvmePhaseShadow,
    NvmePhaseEvents,
    NvmePhaseWriteCache,
    NvmePhaseDone,
} NVME_PHASE;

typedef struct _NVME_BRING_UP {
    NVME_PHASE Phase;
    BOOLEAN Pending; /* A command of this phase is in flight. */
    BOOLEAN Failed;
    ULONG Queue; /* The I/O queue being created. */
    ULONG Ticks; /* Since the phase began. */
} NVME_BRING_UP;

/* Finding the namespaces: one identify command after the other. */
typedef struct _NVME_SCAN {
    BOOLEAN Busy;
    BOOLEAN Again;   /* Something changed while this scan ran. */
    BOOLEAN Changed; /* A unit came, went or changed. */
    BOOLEAN Failed;
    ULONG Count;
    ULONG Index;
    ULONG Namespaces[NVME_MAX_UNITS];
} NVME_SCAN;

/* Log pages that an asynchronous event asked to be read. */
typedef struct _NVME_EVENTS {
    ULONG RequestsOut;
    BOOLEAN Busy; /* A log page is being read. */
    BOOLEAN ErrorLog;
    BOOLEAN HealthLog;
    BOOLEAN ChangedLog;
    UCHAR OtherLog; /* Any other page, 0 for none. */
    UCHAR Reading;
} NVME_EVENTS;

/* Never cleared: a DPC is initialised once in the life of a device extension. */
typedef struct _NVME_DPCS {
    volatile LONG Initialized; /* Interrupt routines of any processor read it. */
    STOR_DPC Service;
    STOR_DPC Admin;
    STOR_DPC Io[NVME_MAX_IO_QUEUES];
} NVME_DPCS;

/* Memory in the uncached extension that both sides use, besides the queues. */
typedef struct _NVME_SHARED_PAGE {
    PUCHAR Bytes;
    STOR_PHYSICAL_ADDRESS Address;
} NVME_SHARED_PAGE;

/* The settings under Parameters\Device. */
typedef struct _NVME_SETTINGS {
    ULONG QueueDepth;
    ULONG QueueLimit;
    BOOLEAN ScsiRequestBlocks;
    BOOLEAN ShadowDoorbells;
} NVME_SETTINGS;

/* The device extension. */
struct _NVME_ADAPTER {
    NVME_DPCS Dpcs;

    /* From here on everything is cleared by FindAdapter. */
    UCHAR DumpMode; /* Not 0: this instance writes a dump. It is polled, alone, and has one unit. */
    NVME_SETTINGS Settings;
    PUCHAR Registers;
    ULONG RegisterBytes;
    NVME_CONTROLLER_CAPABILITIES Capabilities;
    ULONG ReadyTicks; /* CAP.TO in ticks. */
    ULONG ControllerQueues;

    volatile LONG State;
    volatile LONG Polled;         /* Interrupts leave the admin queue alone. */
    volatile LONG ResetRequested; /* For the service DPC. */
    volatile LONG ControlDpcs;    /* Admin and service DPCs that run now. */
    volatile LONG Ticks;          /* Timer calls that the service DPC has not counted yet. */
    volatile LONG BadCompletions; /* How many were seen; only the first ones are logged. */
    BOOLEAN Abandoned;            /* What a removed device held has been returned. */
    BOOLEAN LogForbidden;         /* The IRQL may be too high to log. */
    BOOLEAN WriteCacheChosen;     /* MODE SELECT has set the cache: set it again after a reset. */

    BOOLEAN LineInterrupt;
    ULONG MessageCount;
    ULONG Processors;
    ULONG QueueCount;
    BOOLEAN HasChannels;
    BOOLEAN ShadowActive;

    NVME_QUEUE Admin;
    NVME_SLOT AdminSlots[NVME_ADMIN_DEPTH];
    ULONG AdminFree;
    BOOLEAN IdentifyBusy;
    BOOLEAN IdentifyFailed;
    ULONG AbortsOut;
    NVME_BRING_UP BringUp;
    NVME_SCAN Scan;
    NVME_EVENTS Events;
    PNVME_TASK Tasks;

    NVME_SHARED_PAGE IdentifyPage;
    NVME_SHARED_PAGE LogPage;
    NVME_SHARED_PAGE ShadowPage;
    NVME_SHARED_PAGE EventPage;
    NVME_QUEUE Queues[NVME_MAX_IO_QUEUES];
    NVME_TARGET Target;
};

/* nvme_find.c: FindAdapter and what it needs. */
HW_FIND_ADAPTER NvmeFindAdapter;

/* nvme_controller.c: registers and the way into operation. All with the admin lock held. */
#define NVME_REGISTER(Name) FIELD_OFFSET(NVME_CONTROLLER_REGISTERS, Name)
ULONG NvmeReadRegister(PNVME_ADAPTER Adapter, ULONG Offset);
VOID NvmeWriteRegister(PNVME_ADAPTER Adapter, ULONG Offset, ULONG Value);
/* FALSE, once and for all, when the registers read as all ones: then State is NvmeRemoved. */
BOOLEAN NvmeReadStatus(PNVME_ADAPTER Adapter, NVME_CONTROLLER_STATUS *Status);
/* Clears CC.EN. Needs no lock. FALSE when the device is gone. */
BOOLEAN NvmeDisable(PNVME_ADAPTER Adapter);
/* Programs the admin queue and sets CC.EN. The controller must be disabled. */
VOID NvmeEnable(PNVME_ADAPTER Adapter);
VOID NvmeBringUpStart(PNVME_ADAPTER Adapter);
/* Goes as far as it can without waiting. Harmless when no bring-up is under way. */
VOID NvmeBringUpStep(PNVME_ADAPTER Adapter);

/*
 * nvme_poll.c: what callbacks do that own the adapter and cannot wait for an interrupt. Polled is
 * TRUE. Each stalls in small pieces and is bounded.
 */
BOOLEAN NvmeBringUpPolled(PNVME_ADAPTER Adapter);
/* Identifies the controller into Target.Identity. */
BOOLEAN NvmeIdentifyPolled(PNVME_ADAPTER Adapter);
BOOLEAN NvmeScanPolled(PNVME_ADAPTER Adapter);
/* Tells the controller that power may go, disables it, and waits for both. */
VOID NvmeShutdown(PNVME_ADAPTER Adapter);

/* nvme_queue.c: rings and slots. */
VOID NvmeQueueInitialize(PNVME_ADAPTER Adapter, PNVME_QUEUE Queue, USHORT Id, ULONG Depth,
                         PNVME_SLOT Slots, PSTOR_DPC Dpc);
/* Empties both rings. The controller is disabled; the queue's lock is held or not needed. */
VOID NvmeQueueRestart(PNVME_QUEUE Queue);
VOID NvmeQueueUseShadow(PNVME_ADAPTER Adapter, PNVME_QUEUE Queue, BOOLEAN Use);
/* For the submitter only: the index of a free slot, or -1. */
LONG NvmeSlotTake(PNVME_QUEUE Queue);
/* From any processor, any IRQL. */
VOID NvmeSlotReturn(PNVME_QUEUE Queue, LONG Index);
/* Copies a command to the tail of the ring and rings. For the submitter only. */
VOID NvmeQueueSubmit(PNVME_ADAPTER Adapter, PNVME_QUEUE Queue, const NVME_COMMAND *Command);
/* Takes the next completion; FALSE when there is none. For the owner of the completion side. */
BOOLEAN NvmeQueueTake(PNVME_QUEUE Queue, NVME_COMPLETION_ENTRY *Completion);
/* Tells the controller how far NvmeQueueTake got; once for a batch. */
VOID NvmeQueueTellHead(PNVME_ADAPTER Adapter, PNVME_QUEUE Queue);
/* A racy look at whether a completion waits; for the line interrupt routine. */
BOOLEAN NvmeQueueHasWork(const NVME_QUEUE *Queue);
/* Completes what is in flight on the I/O queues. No StartIo is submitting. Any IRQL <= DISPATCH. */
VOID NvmeSweepIo(PNVME_ADAPTER Adapter, UCHAR SrbStatus);
/* TRUE when no StartIo is between its look at State and its doorbell. */
BOOLEAN NvmeIsQuiet(PNVME_ADAPTER Adapter);

/* nvme_interrupt.c. */
HW_INTERRUPT NvmeInterrupt;
HW_MESSAGE_SIGNALED_INTERRUPT_ROUTINE NvmeMessageInterrupt;
HW_TIMER NvmeTimer;
VOID NvmeInitializeDpcs(PNVME_ADAPTER Adapter);
VOID NvmeLockAdmin(PNVME_ADAPTER Adapter, PSTOR_LOCK_HANDLE Handle);
VOID NvmeUnlockAdmin(PNVME_ADAPTER Adapter, PSTOR_LOCK_HANDLE Handle);
VOID NvmeRequestService(PNVME_ADAPTER Adapter);
/* Makes the DPCs leave the admin queue alone, and waits, bounded, for those that run. No lock held.
 */
VOID NvmeBeginPolling(PNVME_ADAPTER Adapter);
/* Ends the polled time: interrupts serve the admin queue from now on. */
VOID NvmeEndPolling(PNVME_ADAPTER Adapter);

/* nvme_admin.c: the admin queue and asynchronous events. Admin lock held. */
/* FALSE when there is no slot, or too few are left for a command that an SRB asked for. */
BOOLEAN NvmeAdminSubmit(PNVME_ADAPTER Adapter, NVME_COMMAND *Command, NVME_ADMIN_DONE *Done,
                        PSCSI_REQUEST_BLOCK Srb, UCHAR Lun);
VOID NvmeAdminDrain(PNVME_ADAPTER Adapter);
/* Forgets all admin commands; the requests among them are completed with SrbStatus. */
VOID NvmeSweepAdmin(PNVME_ADAPTER Adapter, UCHAR SrbStatus);
VOID NvmeArmEvents(PNVME_ADAPTER Adapter);
VOID NvmeLog(PNVME_ADAPTER Adapter, NVME_EVENT Event);
static __inline BOOLEAN NvmeSucceeded(const NVME_COMPLETION_ENTRY *Completion)
{
    return Completion->DW3.Status.SC == NVME_STATUS_SUCCESS_COMPLETION &&
           Completion->DW3.Status.SCT == NVME_STATUS_TYPE_GENERIC_COMMAND;
}

/* nvme_identify.c: what identify data says. Admin lock held. */
/* Reads identify data into the adapter; FALSE when it cannot be. */
BOOLEAN NvmeReadIdentity(PNVME_ADAPTER Adapter, const NVME_IDENTIFY_CONTROLLER_DATA *Data);
VOID NvmeScanStart(PNVME_ADAPTER Adapter);

/* nvme_io.c: from SRB to queue and back. */
HW_BUILDIO NvmeBuildIo;
HW_STARTIO NvmeStartIo;
VOID NvmeCompleteSrb(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, UCHAR SrbStatus);
/* The end of a request whose NVMe command completed. The caller owns the SRB. */
VOID NvmeFinishSrb(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, BOOLEAN WasAborted,
                   const NVME_COMPLETION_ENTRY *Completion);
/* Drains an I/O queue, at most once around. Queue lock held. TRUE when more may wait. */
BOOLEAN NvmeDrainIo(PNVME_ADAPTER Adapter, PNVME_QUEUE Queue);

/* nvme_prp.c: data pointers. FALSE when the memory cannot be expressed. */
BOOLEAN NvmeBuildPrps(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, PNVME_REQUEST Request,
                      ULONG Length);
BOOLEAN NvmePointAtList(PNVME_ADAPTER Adapter, PNVME_REQUEST Request, ULONG Length);

/* nvme_task.c: resets, aborts, removal. */
HW_RESET_BUS NvmeResetBus;
/* Takes a reset or abort request from StartIo. No lock held. */
VOID NvmeTaskBegin(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb, NVME_TASK_KIND Kind,
                   PVOID Victim);
/* Sends aborts, completes tasks that are done or late. Admin lock held. */
VOID NvmeTasksEvaluate(PNVME_ADAPTER Adapter, ULONG Ticks);
/* Begins a controller reset from outside of a bus reset; the service DPC does it. */
VOID NvmeRequestReset(PNVME_ADAPTER Adapter);
/* Marks the device as gone; the service DPC completes what is outstanding. Any IRQL. */
VOID NvmeMarkRemoved(PNVME_ADAPTER Adapter);
/* Completes everything that the driver holds. Admin lock held, no StartIo is submitting. */
VOID NvmeReturnAll(PNVME_ADAPTER Adapter, UCHAR SrbStatus);
/* Completes everything of a removed device, once: Abandoned tells. Admin lock held. */
VOID NvmeAbandon(PNVME_ADAPTER Adapter);

/* nvme_dump.c: what an instance that writes a dump gets from the live one. */
/* SRB_FUNCTION_DUMP_POINTERS and SRB_FUNCTION_FREE_DUMP_POINTERS; their status. */
UCHAR NvmeGiveDumpData(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb);
UCHAR NvmeTakeBackDumpData(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb);
/* For FindAdapter: takes the controller's identity and the unit over. FALSE: there are none. */
BOOLEAN NvmeReadDumpData(PNVME_ADAPTER Adapter, PPORT_CONFIGURATION_INFORMATION ConfigInfo);
/* HwInitialize and HwInterrupt of such an instance. */
BOOLEAN NvmeInitializeDump(PNVME_ADAPTER Adapter);
BOOLEAN NvmePollDump(PNVME_ADAPTER Adapter);

/* nvme_power.c: runtime power management. PASSIVE_LEVEL, in the passive initialization. */
VOID NvmeRegisterPower(PNVME_ADAPTER Adapter);

/* nvme_control.c: SRBs that carry no SCSI command, and adapter control. */
HW_ADAPTER_CONTROL NvmeAdapterControl;
VOID NvmeStartPnp(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb);

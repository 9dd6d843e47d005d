/*
 * notification.c - StorPortNotification: RequestComplete, the hottest routine of all, and the other
 * notification types (lifecycle section 9).
 *
 * RequestComplete is a leaf: it marks the slot, reads the results and links the slot to the
 * processor's list. Everything else it might meet is in cold functions of the driver's own calling
 * convention, so that it saves no registers for them.
 */
#include "port/driver.h"
#include "storport/adapter.h"

#include <string.h>

/* ---- RequestComplete ---- */

static NT_ABI __attribute__((noinline, cold)) void complete_unknown(void *extension, void *srb)
{
    (void)srb;
    nt_finding("RequestComplete", port_adapter_of(extension),
               "RequestComplete for a pointer that is no request of this adapter");
}

static inline void read_results(const struct port_adapter *port, struct port_slot *slot);

/* The slot is not the driver's: completed already, or given up by a reset and returned late. */
static NT_ABI __attribute__((noinline, cold)) void complete_again(struct port_slot *slot,
                                                                  uint32_t state)
{
    if (state == PORT_SLOT_QUARANTINED &&
        __atomic_compare_exchange_n(&slot->state, &state, PORT_SLOT_COMPLETED, false,
                                    __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        read_results(slot->adapter, slot);
        port_complete_elsewhere(slot);
        return;
    }
    if (state == PORT_SLOT_HELD) {
        nt_finding("S3", slot->adapter, "request %u was completed before StartIo", slot->number);
        return;
    }
    nt_finding("F1.2004", slot->adapter, "request %u was completed twice", slot->number);
}

static NT_ABI __attribute__((noinline)) void complete_far(struct port_slot *slot)
{
    port_complete_elsewhere(slot);
}

static inline void read_results(const struct port_adapter *port, struct port_slot *slot)
{
    if (__builtin_expect(port->limits.storage_request_blocks, 1)) {
        const STORAGE_REQUEST_BLOCK *srb = (const STORAGE_REQUEST_BLOCK *)slot->srb;
        const SRBEX_DATA_SCSI_CDB16 *cdb =
            (const SRBEX_DATA_SCSI_CDB16 *)(slot->srb + STORPORT_CDB_OFFSET);
        slot->srb_status = srb->SrbStatus;
        slot->transferred = srb->DataTransferLength;
        /* The first members are the same in every form that carries a CDB. */
        slot->scsi_status = srb->SrbFunction == SRB_FUNCTION_EXECUTE_SCSI ? cdb->ScsiStatus : 0;
        slot->sense_length = cdb->SenseInfoBufferLength;
        return;
    }
    const SCSI_REQUEST_BLOCK *srb = (const SCSI_REQUEST_BLOCK *)slot->srb;
    slot->srb_status = srb->SrbStatus;
    slot->transferred = srb->DataTransferLength;
    slot->scsi_status = srb->Function == SRB_FUNCTION_EXECUTE_SCSI ? srb->ScsiStatus : 0;
    slot->sense_length = srb->SenseInfoBufferLength;
}

static inline void request_complete(void *extension, void *srb)
{
    struct port_adapter *port = port_adapter_of(extension);
    struct port_slot *slot = port ? port_slot_of(port, srb) : NULL;

    if (__builtin_expect(!slot, 0)) {
        complete_unknown(extension, srb);
        return;
    }
    uint32_t state = PORT_SLOT_OUTSTANDING;
    if (__builtin_expect(!__atomic_compare_exchange_n(&slot->state, &state, PORT_SLOT_COMPLETED,
                                                      false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE),
                         0)) {
        complete_again(slot, state);
        return;
    }
    read_results(port, slot);
    struct nt_thread *self = nt_thread_pointer;
    if (__builtin_expect(!self || !self->processor || self->processor->number != slot->processor,
                         0)) {
        complete_far(slot);
        return;
    }
    struct port_processor *processor = self->processor->port;
    slot->next = NULL;
    *processor->done_tail = slot;
    processor->done_tail = &slot->next;
    self->processor->deferred = true;
}

/* ---- the other types ---- */

static void enable_passive_initialization(struct storport_adapter *adapter,
                                          PHW_PASSIVE_INITIALIZE_ROUTINE routine, LONG *succeeded)
{
    bool legal = adapter && adapter->phase == STORPORT_INITIALIZING && routine;

    if (legal)
        adapter->passive_initialize = routine;
    else
        nt_finding("passive-initialization", adapter ? adapter->port : NULL,
                   "EnablePassiveInitialization outside HwInitialize");
    if (succeeded)
        *succeeded = legal;
}

static void state_change(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    ULONG entity = __builtin_va_arg(*arguments, ULONG);
    PSTOR_ADDRESS address = __builtin_va_arg(*arguments, PSTOR_ADDRESS);
    ULONG attributes = __builtin_va_arg(*arguments, ULONG);
    PHW_STATE_CHANGE routine = __builtin_va_arg(*arguments, PHW_STATE_CHANGE);
    PVOID context = __builtin_va_arg(*arguments, PVOID);
    PULONG status = __builtin_va_arg(*arguments, PULONG);
    ULONG result = storport_state_change(adapter, entity, address, attributes, routine, context);

    if (status)
        *status = result;
}

static void notify_dpc(ULONG type, struct storport_adapter *adapter,
                       __builtin_ms_va_list *arguments)
{
    PSTOR_DPC dpc = __builtin_va_arg(*arguments, PSTOR_DPC);

    if (type == SetTargetProcessorDpc) {
        nt_dpc_set_target((KDPC *)&dpc->Dpc, __builtin_va_arg(*arguments, ULONG));
        return;
    }
    if (type == IssueDpc) {
        PVOID argument1 = __builtin_va_arg(*arguments, PVOID);
        PVOID argument2 = __builtin_va_arg(*arguments, PVOID);
        LONG *succeeded = __builtin_va_arg(*arguments, LONG *);
        bool queued = nt_dpc_queue((KDPC *)&dpc->Dpc, argument1, argument2);
        if (succeeded)
            *succeeded = queued;
        return;
    }
    PHW_DPC_ROUTINE routine = __builtin_va_arg(*arguments, PHW_DPC_ROUTINE);
    PVOID context =
        type == InitializeDpc ? adapter->extension : __builtin_va_arg(*arguments, PVOID);
    storport_dpc_initialize(adapter, dpc, routine, context);
}

static void query_tick_count(LARGE_INTEGER *ticks)
{
    /* Ticks of 15.625 ms, as Windows counts them on current hardware. */
    if (ticks)
        ticks->QuadPart = (LONGLONG)(sys_now_ns() / 15625000);
}

static void notify_unknown(struct storport_adapter *adapter, ULONG type)
{
    static uint32_t logged[32];

    if (type < 0x1000 + 32 && type >= 0x1000 &&
        !__atomic_exchange_n(&logged[type - 0x1000], 1, __ATOMIC_RELAXED))
        nt_print("%s: StorPortNotification type 0x%X is not implemented",
                 adapter ? port_driver_service(adapter->port->driver) : "driver", type);
}

static void notify_other(ULONG type, struct storport_adapter *adapter,
                         __builtin_ms_va_list *arguments)
{
    switch (type) {
    case RequestTimerCall: {
        PHW_TIMER routine = __builtin_va_arg(*arguments, PHW_TIMER);
        storport_timer_request(adapter, routine, __builtin_va_arg(*arguments, ULONG));
        return;
    }
    case ResetDetected:
        port_adapter_reset_detected(adapter->port);
        return;
    case BusChangeDetected:
        port_rescan_schedule(adapter->port);
        return;
    case LinkUp:
    case LinkDown:
        port_adapter_link(adapter->port, type == LinkUp);
        return;
    case InitializeDpc:
    case InitializeDpcWithContext:
    case IssueDpc:
    case SetTargetProcessorDpc:
        notify_dpc(type, adapter, arguments);
        return;
    case AcquireSpinLock: {
        STOR_SPINLOCK kind = __builtin_va_arg(*arguments, STOR_SPINLOCK);
        PVOID context = __builtin_va_arg(*arguments, PVOID);
        storport_lock_acquire(adapter, kind, context,
                              __builtin_va_arg(*arguments, PSTOR_LOCK_HANDLE));
        return;
    }
    case ReleaseSpinLock:
        storport_lock_release(adapter, __builtin_va_arg(*arguments, PSTOR_LOCK_HANDLE));
        return;
    case StateChangeDetectedCall:
        state_change(adapter, arguments);
        return;
    case BufferOverrunDetected:
        nt_bugcheck(NT_BUGCHECK_STORAGE_MINIPORT_ERROR, BufferOverrunDetected, 0, 0, 0,
                    "the driver detected a buffer overrun in itself");
    default:
        notify_unknown(adapter, type);
    }
}

static NT_ABI __attribute__((noinline)) void notify_slow(ULONG type, void *extension,
                                                         __builtin_ms_va_list *arguments)
{
    struct storport_adapter *adapter = storport_of(extension);

    switch (type) {
    case NextRequest:
    case NextLuRequest:
    case 4: /* CallEnableInterrupts and CallDisableInterrupts were removed */
    case 5:
    case TraceNotification:
    case IoTargetRequestServiceTime:
        return;
    case QueryTickCount:
        query_tick_count(__builtin_va_arg(*arguments, LARGE_INTEGER *));
        return;
    case EnablePassiveInitialization: {
        PHW_PASSIVE_INITIALIZE_ROUTINE routine =
            __builtin_va_arg(*arguments, PHW_PASSIVE_INITIALIZE_ROUTINE);
        enable_passive_initialization(adapter, routine, __builtin_va_arg(*arguments, LONG *));
        return;
    }
    default:
        break;
    }
    if (!adapter) {
        nt_finding("StorPortNotification", NULL,
                   "notification 0x%X for an unknown device extension", type);
        return;
    }
    notify_other(type, adapter, arguments);
}

VOID WDK_ABI StorPortNotification(SCSI_NOTIFICATION_TYPE NotificationType, PVOID HwDeviceExtension,
                                  ...)
{
    /* Two lists, because the address of one is taken: so the other stays in registers. */
    __builtin_ms_va_list arguments, hot_arguments;

    if (__builtin_expect(
            NotificationType == RequestComplete || NotificationType == RequestDirectComplete, 1)) {
        __builtin_ms_va_start(hot_arguments, HwDeviceExtension);
        request_complete(HwDeviceExtension, __builtin_va_arg(hot_arguments, void *));
        __builtin_ms_va_end(hot_arguments);
        return;
    }
    __builtin_ms_va_start(arguments, HwDeviceExtension);
    notify_slow((ULONG)NotificationType, HwDeviceExtension, &arguments);
    __builtin_ms_va_end(arguments);
}
NT_EXPORT("storport.sys", StorPortNotification, "Notification", NT_HIGH_LEVEL);

/* Every outstanding request that matches; SP_UNTAGGED is the wildcard. */
VOID NTAPI StorPortCompleteRequest(PVOID HwDeviceExtension, UCHAR PathId, UCHAR TargetId, UCHAR Lun,
                                   UCHAR SrbStatus)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);

    if (!adapter)
        return;
    for (uint32_t i = 0; i < adapter->port->slot_count; i++) {
        struct port_slot *slot = port_slot_at(adapter->port, i);
        struct port_unit *unit = __atomic_load_n(&slot->unit, __ATOMIC_RELAXED);
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != PORT_SLOT_OUTSTANDING || !unit)
            continue;
        if ((PathId != SP_UNTAGGED && unit->path != PathId) ||
            (TargetId != SP_UNTAGGED && unit->target != TargetId) ||
            (Lun != SP_UNTAGGED && unit->lun != Lun))
            continue;
        ((STORAGE_REQUEST_BLOCK_HEADER *)slot->srb)->SrbStatus = SrbStatus;
        request_complete(HwDeviceExtension, slot->srb);
    }
}
NT_EXPORT("storport.sys", StorPortCompleteRequest, "I/O request processing", NT_HIGH_LEVEL);

/*
 * notification.c - StorPortNotification: RequestComplete, the hottest routine of all, and the other
 * notification types (lifecycle section 9).
 *
 * RequestComplete is a leaf: it marks the slot, reads the results and links the slot to the
 * processor's list. Everything else it might meet is in cold functions of the driver's own calling
 * convention, so that it saves no registers for them.
 */
#include "port/driver.h"
#include "port/trace.h"
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

/* Who polls for a dump's request looks at its state. */
static NT_ABI __attribute__((noinline)) void complete_far(struct port_slot *slot)
{
    if (slot->adapter->dump)
        return;
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

static inline __attribute__((always_inline)) void complete_slot(const struct port_adapter *port,
                                                                struct port_slot *slot)
{
    read_results(port, slot);
    struct nt_thread *self = nt_thread_pointer;
    if (__builtin_expect(!self || !self->processor || self->processor->number != slot->processor,
                         0)) {
        complete_far(slot);
        return;
    }
    struct port_processor *processor = self->processor->port;
    slot->done_next = NULL;
    *processor->done_tail = slot;
    processor->done_tail = &slot->done_next;
    self->processor->deferred = true;
}

static NT_ABI __attribute__((noinline, cold)) void complete_traced(struct port_slot *slot)
{
    read_results(slot->adapter, slot);
    port_trace_completed(slot);
    complete_slot(slot->adapter, slot);
}

static inline __attribute__((always_inline)) void request_complete(void *extension, void *srb)
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
    if (nt_events_are_on()) {
        complete_traced(slot);
        return;
    }
    complete_slot(port, slot);
}

/* ---- the other types ---- */

/* no_effect.tsv says why. */
static void ignored(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    (void)adapter;
    (void)arguments;
}
STORPORT_NOTIFICATION(NextRequest, "NextRequest", "I/O request processing", ignored);
STORPORT_NOTIFICATION(NextLuRequest, "NextLuRequest", "I/O request processing", ignored);
STORPORT_NOTIFICATION(TraceNotification, "TraceNotification", "Event tracing", ignored);

static void enable_passive_initialization(struct storport_adapter *adapter,
                                          __builtin_ms_va_list *arguments)
{
    PHW_PASSIVE_INITIALIZE_ROUTINE routine =
        STORPORT_ARGUMENT(arguments, PHW_PASSIVE_INITIALIZE_ROUTINE);
    LONG *succeeded = STORPORT_ARGUMENT(arguments, LONG *);
    bool legal = adapter->phase == STORPORT_INITIALIZING && routine;

    if (legal)
        adapter->passive_initialize = routine;
    else
        nt_finding("passive-initialization", adapter->port,
                   "EnablePassiveInitialization outside HwInitialize");
    if (succeeded)
        *succeeded = legal;
}
STORPORT_NOTIFICATION(EnablePassiveInitialization, "StorPortEnablePassiveInitialization",
                      "Initialization", enable_passive_initialization);

static void state_change(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    ULONG entity = STORPORT_ARGUMENT(arguments, ULONG);
    PSTOR_ADDRESS address = STORPORT_ARGUMENT(arguments, PSTOR_ADDRESS);
    ULONG attributes = STORPORT_ARGUMENT(arguments, ULONG);
    PHW_STATE_CHANGE routine = STORPORT_ARGUMENT(arguments, PHW_STATE_CHANGE);
    PVOID context = STORPORT_ARGUMENT(arguments, PVOID);
    PULONG status = STORPORT_ARGUMENT(arguments, PULONG);
    ULONG result = storport_state_change(adapter, entity, address, attributes, routine, context);

    if (status)
        *status = result;
}
STORPORT_NOTIFICATION(StateChangeDetectedCall, "StorPortStateChangeDetected", "Notification",
                      state_change);

static void query_tick_count(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    LARGE_INTEGER *ticks = STORPORT_ARGUMENT(arguments, LARGE_INTEGER *);

    (void)adapter;
    /* Ticks of 15.625 ms, as Windows counts them on current hardware. */
    if (ticks)
        ticks->QuadPart = (LONGLONG)(sys_now_ns() / 15625000);
}
STORPORT_NOTIFICATION(QueryTickCount, "QueryTickCount", "Timers", query_tick_count);

static void reset_detected(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    (void)arguments;
    port_adapter_reset_detected(adapter->port);
}
STORPORT_NOTIFICATION(ResetDetected, "ResetDetected", "Notification", reset_detected);

static void bus_change_detected(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    (void)arguments;
    port_rescan_schedule(adapter->port);
}
STORPORT_NOTIFICATION(BusChangeDetected, "BusChangeDetected", "Notification", bus_change_detected);

static void link_up(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    (void)arguments;
    port_adapter_link(adapter->port, true);
}
STORPORT_NOTIFICATION(LinkUp, "LinkUp", "Notification", link_up);

static void link_down(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    (void)arguments;
    port_adapter_link(adapter->port, false);
}
STORPORT_NOTIFICATION(LinkDown, "LinkDown", "Notification", link_down);

static void buffer_overrun_detected(struct storport_adapter *adapter,
                                    __builtin_ms_va_list *arguments)
{
    (void)adapter;
    (void)arguments;
    nt_bugcheck(NT_BUGCHECK_STORAGE_MINIPORT_ERROR, BufferOverrunDetected, 0, 0, 0,
                "the driver detected a buffer overrun in itself");
}
STORPORT_NOTIFICATION(BufferOverrunDetected, "BufferOverrunDetected", "Notification",
                      buffer_overrun_detected);

/* ---- finding the type ---- */

/* Types are 0 to 15 and 0x1000 to 0x101F. */
enum { TYPES_MAX = 64, TYPES_EXTENDED = 0x1000 };

extern const struct storport_notification_row __start_storport_notifications[];
extern const struct storport_notification_row __stop_storport_notifications[];

static const struct storport_notification_row *rows[TYPES_MAX];

static inline unsigned row_index(unsigned type)
{
    unsigned index = type >= TYPES_EXTENDED ? type - TYPES_EXTENDED + TYPES_MAX / 2 : type;
    bool known = index < TYPES_MAX && (type >= TYPES_EXTENDED || type < TYPES_MAX / 2);

    return known ? index : TYPES_MAX;
}

__attribute__((constructor)) static void fill_rows(void)
{
    for (const struct storport_notification_row *row = __start_storport_notifications;
         row < __stop_storport_notifications; row++) {
        unsigned index = row_index(row->type);
        sh_assert(index < TYPES_MAX && !rows[index]);
        rows[index] = row;
    }
}

const struct storport_notification_row *storport_notification_at(unsigned type)
{
    unsigned index = row_index(type);

    return index < TYPES_MAX ? rows[index] : NULL;
}

static void notify_unknown(struct storport_adapter *adapter, ULONG type)
{
    static uint32_t logged[TYPES_MAX + 1];

    if (!__atomic_exchange_n(&logged[row_index(type)], 1, __ATOMIC_RELAXED))
        nt_print("%s: StorPortNotification type 0x%X is not implemented",
                 adapter ? port_driver_service(adapter->port->driver) : "driver", type);
}

static void notify_nobody(ULONG type, __builtin_ms_va_list *arguments)
{
    storport_notification_refuse(type, arguments);
    nt_finding("StorPortNotification", NULL, "notification 0x%X for an unknown device extension",
               type);
}

static NT_ABI __attribute__((noinline)) void notify_slow(ULONG type, void *extension,
                                                         __builtin_ms_va_list *arguments)
{
    struct storport_adapter *adapter = storport_of(extension);
    const struct storport_notification_row *row = storport_notification_at(type);

    if (!row || !row->routine)
        notify_unknown(adapter, type);
    else if (type == TraceNotification)
        return; /* of tracing that a binary brings along, which begins in DriverEntry */
    else if (adapter && adapter->dump &&
             storport_dump_refuses_notification(adapter, type, arguments))
        return;
    else if (adapter)
        row->routine(adapter, arguments);
    else
        notify_nobody(type, arguments);
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
NT_EXPORT_AS("storport.sys", "ScsiPortNotification", StorPortNotification, "Notification",
             NT_HIGH_LEVEL);
STORPORT_NOTIFICATION(RequestComplete, "RequestComplete", "I/O request processing", NULL);
STORPORT_NOTIFICATION(RequestDirectComplete, "RequestDirectComplete", "I/O request processing",
                      NULL);

/* Every outstanding request that matches; SP_UNTAGGED is the wildcard. */
/* What the miniport has for that address. */
static bool is_addressed(const struct port_slot *slot, UCHAR path, UCHAR target, UCHAR lun)
{
    const struct port_unit *unit = __atomic_load_n(&slot->unit, __ATOMIC_RELAXED);

    return __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == PORT_SLOT_OUTSTANDING && unit &&
           (path == SP_UNTAGGED || unit->path == path) &&
           (target == SP_UNTAGGED || unit->target == target) &&
           (lun == SP_UNTAGGED || unit->lun == lun);
}

VOID NTAPI StorPortCompleteRequest(PVOID HwDeviceExtension, UCHAR PathId, UCHAR TargetId, UCHAR Lun,
                                   UCHAR SrbStatus)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);

    if (!adapter)
        return;
    for (uint32_t i = 0; i < adapter->port->slot_count; i++) {
        struct port_slot *slot = port_slot_at(adapter->port, i);
        if (!is_addressed(slot, PathId, TargetId, Lun))
            continue;
        ((STORAGE_REQUEST_BLOCK_HEADER *)slot->srb)->SrbStatus = SrbStatus;
        request_complete(HwDeviceExtension, slot->srb);
    }
}
NT_EXPORT("storport.sys", StorPortCompleteRequest, "I/O request processing", NT_HIGH_LEVEL);

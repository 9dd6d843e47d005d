/*
 * adapter.h - what Storport keeps of an adapter: the driver's callbacks, its configuration, its
 * locks.
 */
#ifndef STORHOST_STORPORT_ADAPTER_H
#define STORHOST_STORPORT_ADAPTER_H

#include "nt/bugcheck.h"
#include "nt/dpc.h"
#include "nt/export.h"
#include "nt/print.h"
#include "nt/registry.h"
#include "port/adapter.h"
#include "storport/handles.h"
#include <storport.h>

enum {
    STORPORT_RANGES_MAX = 256, /* a bound of ours on what a driver asks for */
    STORPORT_CONTROL_TYPES_MAX = 32,
    /* Where the CDB block lies in a slot's request block (srb.c holds it to the layout). */
    STORPORT_CDB_OFFSET =
        sizeof(STORAGE_REQUEST_BLOCK) + 2 * sizeof(ULONG) + sizeof(STOR_ADDR_BTL8),
};

/* What its requests look like, decided when the configuration is final. */
enum storport_form {
    STORPORT_SCSI_BLOCKS,       /* SCSI_REQUEST_BLOCK */
    STORPORT_STORAGE_BLOCKS,    /* STORAGE_REQUEST_BLOCK */
    STORPORT_INFORMATIVE_BLOCKS /* with I/O information on reads and writes */
};

/* How StartIo is called, decided when the configuration is final. */
enum storport_mode {
    STORPORT_VIRTUAL,
    STORPORT_HALF_DUPLEX,
    STORPORT_FULL_DUPLEX,
    STORPORT_CONCURRENT, /* full duplex with concurrent channels */
};

/* Where the adapter is in its life: routines that are legal in some windows only look here. */
enum storport_phase {
    STORPORT_FINDING,
    STORPORT_INITIALIZING,
    STORPORT_PASSIVE_INITIALIZING,
    STORPORT_RUNNING,
    STORPORT_RESTARTING,  /* inside ScsiRestartAdapter */
    STORPORT_CONFIGURING, /* ScsiSetBootConfig, ScsiSetRunningConfig */
    STORPORT_STOPPING,    /* inside ScsiStopAdapter */
    STORPORT_STOPPED,
};

struct storport_message {
    struct storport_adapter *adapter;
    ULONG id;
};

struct storport_adapter {
    /* The hot members. */
    struct port_adapter *port;
    void *extension;
    PHW_BUILDIO build_io; /* NULL when there is none, or the adapter is virtual */
    PHW_STARTIO start_io;
    enum storport_mode mode;
    uint8_t map_buffers;
    bool storage_blocks; /* STORAGE_REQUEST_BLOCK, else SCSI_REQUEST_BLOCK */
    uint8_t form;        /* enum storport_form */
    uint8_t sense_length;
    uint8_t dirql;
    uint32_t channel_count;
    struct nt_spinlock start_lock __attribute__((aligned(64)));
    struct storport_channel {
        struct nt_spinlock token;
    } __attribute__((aligned(128))) * channels;

    HW_INITIALIZATION_DATA init;
    PORT_CONFIGURATION_INFORMATION config;
    ACCESS_RANGE *ranges;               /* as many as the driver has room for, at least one */
    _Atomic(enum storport_phase) phase; /* read by routines on any processor */
    struct port_dump *dump;             /* the instance writes it; NULL: an ordinary one */
    bool found;                         /* FindAdapter said FOUND: there is something to free */
    bool per_message;                   /* each message has its own lock */
    unsigned lock_count;                /* interrupt locks in use: 1, or one a message */
    struct storport_message messages[PORT_MESSAGES_MAX];

    PHW_PASSIVE_INITIALIZE_ROUTINE passive_initialize;
    ULONG perf_flags, perf_channels, perf_first, perf_last;
    BOOLEAN adapter_controls[STORPORT_CONTROL_TYPES_MAX];
    BOOLEAN unit_controls[STORPORT_CONTROL_TYPES_MAX];
    struct sys_mutex control_mutex; /* one HwAdapterControl at a time */
    struct {
        struct nt_spinlock lock;
        struct port_slot *first, **tail; /* under the lock */
        struct nt_work work;
    } low_starts;            /* start_anywhere.c */
    bool powered_by_control; /* down by ScsiAdapterPower: the same way up */
    bool surprise_told;
    BOOLEAN features[StorportFeatureMax]; /* of StorPortSetFeatureList */
    GUID *power_guids;                    /* wants to hear of these settings */
    ULONG power_guid_count;
    const struct port_unit *power_asked; /* the unit whose component may be registered now */
    bool power_from_platform;            /* its performance states */
    bool dump_refused;                   /* it has been told how to get dumps; __atomic */
    uint64_t data_token; /* the report of internal data that is asked for; 0: none; __atomic */

    struct nt_timer timer;                     /* the one HwTimer */
    void *uncached_extension, *uncached_block; /* the latter is what it was allocated as */
    ULONG uncached_size;
    bool srb_extension_settled; /* by GetUncachedExtension, in this FindAdapter */
    ULONG settled_srb_extension_size;
    struct storport_mapping *mappings; /* of BuildScatterGatherList; under port->lock */
    bool mappings_delayed;             /* their routines run from a DPC */
    PUCHAR registry_buffer;
    ULONG registry_buffer_size;
    struct {
        PHW_REGISTRY_NOTIFICATION_ROUTINE routine;
        struct nt_registry_watch watch;
        struct nt_work work;
        char key[PORT_KEY_BYTES];
        uint32_t enabled; /* __atomic */
    } registry;
    struct {
        PHW_STATE_CHANGE routine;
        PVOID context, address;
        struct port_scan scan;
        uint32_t busy;
        struct nt_work work;
    } state_change;
    struct nt_spinlock service_lock;
    struct storport_service *services; /* IRPs that the driver has; service.c */
    uint32_t service_calls;            /* inside HwProcessServiceRequest; __atomic, slept on */
    bool services_closed;              /* no service request reaches the driver now */
    uint8_t *config_copy;              /* what GetBusData with length 0 hands out */
    enum bus_interrupt_kind granted;   /* and then settled by what the driver takes */
    unsigned granted_count;            /* 0: no interrupt */
    DEVICE_OBJECT *device_objects[3];  /* the adapter's, the physical one, the lower one */
    struct storport_handles timers, workers, threads;
    uint32_t thread_count; /* system threads that have not ended; __atomic */
    /* Bits, __atomic: unknown extended functions that a line has told of. */
    uint8_t unknown_functions[32];
};

static inline struct storport_adapter *storport_of(const void *extension)
{
    struct port_adapter *port = port_adapter_of(extension);

    return port ? (struct storport_adapter *)port->model_state : NULL;
}

/* A driver of a machine that has crashed is called no more, unless it has threads: those only end
 * when they are told. */
static inline bool storport_has_crashed(const struct storport_adapter *adapter)
{
    return adapter->port->crashed && !__atomic_load_n(&adapter->thread_count, __ATOMIC_ACQUIRE);
}

extern const struct port_model storport_model;

/* A bracket around every callback: evidence, and the check that the driver came back at the IRQL
 * and with the locks that it was called with (callbacks' rule 2). What it left is put right. */
struct storport_call {
    struct nt_evidence frame;
    struct nt_thread *self;
    uint8_t irql, unused[2], locks; /* as a thread has them: compared as one word */
};

/* The bracket of many calls in a row, each of which has events of its own. */
static inline void storport_calls_begin(struct storport_call *call, struct nt_thread *self,
                                        const struct storport_adapter *adapter, const char *name)
{
    call->self = self;
    call->irql = self->irql;
    call->locks = self->locks_held;
    nt_evidence_push_quietly(self, &call->frame, name, adapter->port, NULL);
}

static inline void storport_call_begin(struct storport_call *call, struct nt_thread *self,
                                       const struct storport_adapter *adapter, const char *name,
                                       const void *srb)
{
    call->self = self;
    call->irql = self->irql;
    call->locks = self->locks_held;
    nt_evidence_push_quietly(self, &call->frame, name, adapter->port, srb);
    nt_event_on(nt_event_adapter(adapter->port->number), NT_EVENT_CALLBACK_ENTER, name, 0, 0);
}

void storport_call_unbalanced(struct storport_call *call);
static inline void storport_call_check(struct storport_call *call)
{
    if (__builtin_expect(call->self->irql != call->irql || call->self->locks_held != call->locks,
                         0))
        storport_call_unbalanced(call);
}
static inline void storport_call_end(struct storport_call *call)
{
    storport_call_check(call);
    nt_evidence_pop(call->self, &call->frame);
}

/* ---- the parts ---- */

/* start.c */
int storport_add(struct port_adapter *port, const void *record, char *reason, size_t reason_size);
int storport_start(struct port_adapter *port, char *reason, size_t reason_size);
/* FindAdapter, and what follows from its answer: once, at the IRQL given. */
int storport_find(struct storport_adapter *adapter, uint8_t irql, char *reason, size_t reason_size);
/* HwInitialize, passive initialization, channels. False: `reason` says which refused. */
int storport_initialize(struct storport_adapter *adapter, char *reason, size_t reason_size);
/* Afterwards: slots for as many requests as the driver has then chosen. -ENOMEM. */
int storport_settle_requests(struct storport_adapter *adapter, char *reason, size_t reason_size);
/* stop.c */
void storport_stop(struct port_adapter *port, enum port_stop why);
void storport_drain(struct port_adapter *port);
void storport_take_back(struct port_adapter *port);
void storport_remove(struct port_adapter *port);
/* The adapter's own PnP or power SRB. */
void storport_send_pnp(struct storport_adapter *adapter, STOR_PNP_ACTION action);
/* resources.c: before the device is started, when it is known what there is. The driver may take
 * less. PASSIVE_LEVEL. */
void storport_assign_resources(struct storport_adapter *adapter);
/* assigned.c: what was assigned, as IRP_MN_START_DEVICE carries it. False: no memory. */
struct storport_assigned {
    CM_RESOURCE_LIST *raw, *translated;
};
bool storport_assigned_make(const struct storport_adapter *adapter,
                            struct storport_assigned *ret_assigned);
void storport_assigned_free(struct storport_assigned *assigned);
/* Where the interrupts are in the machine's tables: what a device's line is called, and the vector
 * that a message (or, with 0, the line) has at the processor. */
ULONG storport_line_number(const struct storport_adapter *adapter);
static inline ULONG storport_message_vector(ULONG message)
{
    return 0x50 + message;
}
/* notices.c */
int storport_notify(struct port_adapter *port, struct port_unit *unit, struct port_notice *notice);
/* What the driver says about the adapter and its units besides inquiry data. PASSIVE_LEVEL. */
void storport_describe_adapter(struct storport_adapter *adapter);
void storport_describe_unit(struct port_unit *unit);
/* crypto.c */
int storport_insert_key(struct port_adapter *port, const struct port_key_insertion *insertion);
/* general.c: the request that the miniport has with this SRB; NULL: none of the adapter's, or not
 * its any more. Any IRQL. */
const struct port_request *storport_request_of(const struct storport_adapter *adapter,
                                               const void *srb);
/* power.c */
int storport_power_down(struct port_adapter *port, unsigned device_state, unsigned action);
int storport_power_up(struct port_adapter *port, unsigned action, char *reason, size_t reason_size);
void storport_unit_power(struct port_unit *unit, unsigned device_state, unsigned action);
/* runtime_power.c */
bool storport_has_d3_cold(const struct storport_adapter *adapter);
void storport_component(struct port_adapter *port, struct port_unit *unit,
                        enum port_component_event event, uint32_t value);
/* When it is known what the driver supports. PASSIVE_LEVEL. */
void storport_check_adapter_power(struct storport_adapter *adapter);
/* The unit has started: its component may be registered now. PASSIVE_LEVEL. */
void storport_ask_unit_power(struct port_unit *unit);
/* power_control.c */
void storport_perf_state(struct port_adapter *port, void *context);
/* As port_adapter_notify says. */
int storport_power_control(struct storport_adapter *adapter, struct port_unit *unit,
                           struct port_notice *notice);
int storport_limit_power(struct storport_adapter *adapter, uint64_t value);
/* configuration.c */
/* Access ranges that the driver has room for. */
ULONG storport_range_count(const HW_INITIALIZATION_DATA *record);
void storport_config_prefill(struct storport_adapter *adapter);
bool storport_config_accept(struct storport_adapter *adapter, char *reason, size_t reason_size);
/* How many requests there may be: at FindAdapter's end, and again when initialization has had its
 * say. */
void storport_config_requests(struct storport_adapter *adapter);
/* dump.c */
extern const struct port_dump_model storport_dump_model;
/* dump_rules.c: what a driver may call of the port while it writes a dump. */
/* True: the call is refused, and *ret_status is its result. */
bool storport_dump_refuses_extended(struct storport_adapter *adapter, ULONG code,
                                    ULONG *ret_status);
/* True: the notification has no effect, and its results say so. */
bool storport_dump_refuses_notification(struct storport_adapter *adapter, ULONG type,
                                        __builtin_ms_va_list *arguments);
/* True for an instance that writes a dump, and a finding: it has used what is not there then. */
bool storport_dump_refuses(const struct storport_adapter *adapter, const char *routine);
/* The instance whose callback runs on this thread, else NULL: for routines without an extension. */
struct storport_adapter *storport_dump_running(void);
/* GetUncachedExtension from the dump's memory; the extension stays NULL when that is too small. */
void storport_dump_uncached(struct storport_adapter *adapter, ULONG size);
/* A finding unless the device may use the byte for the dump. */
void storport_dump_check_address(const struct storport_adapter *adapter, const void *address);
/* StorPortMarkDumpMemory from DriverEntry, where there is no adapter yet. */
ULONG storport_dump_mark_early(__builtin_ms_va_list *arguments);
/* dma.c: what the configuration says of it so far becomes the port's limits */
void storport_config_reach(struct storport_adapter *adapter);
/* srb.c */
void storport_slot_format(struct port_slot *slot);
void storport_slot_prepare(struct storport_adapter *adapter, struct port_slot *slot);
void storport_slot_peek(const struct port_slot *slot, uint8_t *ret_function, uint8_t ret_cdb[16]);
/* Of a bidirectional request: what the driver says came in. */
ULONG storport_data_in_length(const struct port_slot *slot);
/* issue.c */
void storport_issue(struct port_adapter *port, struct nt_processor *processor,
                    struct port_slot *list);
bool storport_reset_bus(struct port_adapter *port, unsigned path);
/* FALSE from StartIo: not started (rule S21). Never lost, never doubled. */
void storport_start_refused(struct storport_adapter *adapter, struct port_slot *slot);
/* start_anywhere.c: the driver's StartIo, or what calls it at any IRQL */
PHW_STARTIO storport_start_routine(struct storport_adapter *adapter);
void storport_start_anywhere_stop(struct storport_adapter *adapter);
/* interrupts.c */
/* Before FindAdapter: what the configuration says of the interrupts that were granted. */
void storport_take_grant(struct storport_adapter *adapter);
int storport_connect_interrupts(struct storport_adapter *adapter, char *reason, size_t reason_size);
/* device_objects.c */
int storport_device_objects_create(struct storport_adapter *adapter);
void storport_device_objects_free(struct storport_adapter *adapter);
/* control.c */
void storport_query_adapter_controls(struct storport_adapter *adapter);
void storport_query_controls(struct storport_adapter *adapter);
bool storport_adapter_control(struct storport_adapter *adapter, SCSI_ADAPTER_CONTROL_TYPE type,
                              void *parameters, SCSI_ADAPTER_CONTROL_STATUS *ret_status);
void storport_stop_adapter(struct storport_adapter *adapter);
/* The unit at an address that a driver gives; NULL for NULL, what is malformed and nobody's. */
struct port_unit *storport_unit_at(const struct storport_adapter *adapter,
                                   const STOR_ADDRESS *address);
/* The unit's address as drivers see it. */
void storport_unit_address(const struct port_unit *unit, STOR_ADDR_BTL8 *ret_address);
bool storport_unit_control(struct storport_adapter *adapter, SCSI_UNIT_CONTROL_TYPE type,
                           void *parameters, SCSI_UNIT_CONTROL_STATUS *ret_status);
void storport_unit_started(struct port_unit *unit);
void storport_unit_surprised(struct port_unit *unit);
void storport_unit_removed(struct port_unit *unit);
/* device_objects.c */
void storport_unit_forgotten(struct port_unit *unit);
void storport_before_rescan(struct port_adapter *port);
void storport_surprise_removal(struct port_adapter *port);
/* locks.c */
uint8_t storport_lock_interrupts(struct storport_adapter *adapter, struct nt_thread *self);
void storport_unlock_interrupts(struct storport_adapter *adapter, struct nt_thread *self,
                                uint8_t old_irql);
void storport_lock_acquire(struct storport_adapter *adapter, STOR_SPINLOCK kind, PVOID context,
                           PSTOR_LOCK_HANDLE handle);
void storport_lock_release(struct storport_adapter *adapter, PSTOR_LOCK_HANDLE handle);
/* timer.c, work.c, state_change.c */
void storport_timers_initialize(struct storport_adapter *adapter);
void storport_drain_timers(struct storport_adapter *adapter);
void storport_workers_initialize(struct storport_adapter *adapter);
void storport_drain_workers(struct storport_adapter *adapter);
/* Tells of work items that the driver has not freed. */
void storport_report_workers(struct storport_adapter *adapter);
/* registry.c */
void storport_registry_quiet(struct storport_adapter *adapter);
/* threads.c */
void storport_threads_initialize(struct storport_adapter *adapter);
void storport_join_threads(struct storport_adapter *adapter);
void storport_state_change_initialize(struct storport_adapter *adapter);
/* services.c: all of these. `drain` before the driver's last callback: none of its routines runs
 * after it. All at PASSIVE_LEVEL. */
void storport_services_initialize(struct storport_adapter *adapter);
void storport_services_drain(struct storport_adapter *adapter);
void storport_services_destroy(struct storport_adapter *adapter);
ULONG storport_state_change(struct storport_adapter *adapter, ULONG entity, PSTOR_ADDRESS address,
                            ULONG attributes, PHW_STATE_CHANGE routine, PVOID context);
/* memory.c: what the driver had of the port's memory */
void storport_memory_destroy(struct storport_adapter *adapter);
/* request_data.c */
void storport_slot_release(struct port_slot *slot);
/* scatter.c */
void storport_mappings_initialize(struct storport_adapter *adapter);
void storport_mappings_destroy(struct storport_adapter *adapter);
/* trace_events.c. PASSIVE_LEVEL: after the first look at what the driver supports, and whenever it
 * changes. */
void storport_tell_tracing(struct storport_adapter *adapter, bool on);
/* device_base.c */
/* The BAR of ports or of memory that holds the whole range; -1: none. */
int storport_find_bar(const struct bus_bar *bars, uint64_t address, uint64_t length, bool ports);
void storport_keep_mappings(struct storport_adapter *adapter);
void storport_unmap_all(struct storport_adapter *adapter);
/* performance.c: the message aimed at each processor, after perf options or interrupts changed */
void storport_aim_messages(struct storport_adapter *adapter);

/* Extended functions register where they are defined; the arguments follow the extension. */
typedef ULONG (*storport_extended)(struct storport_adapter *adapter, PVOID extension,
                                   __builtin_ms_va_list *arguments);
struct storport_extended_row {
    ULONG code;
    const char *name; /* of the wrapper: "StorPortAllocatePool" */
    const char *category, *file;
    storport_extended routine;
};
/* The row of a code, NULL if there is none. */
const struct storport_extended_row *storport_extended_at(unsigned code);
#define STORPORT_EXTENDED(code_, name_, category_, routine_)                                       \
    static const struct storport_extended_row storport_extended_row_##routine_                     \
        __attribute__((section("storport_extended"), used, aligned(8))) = {                        \
            code_, name_, category_, __FILE__, routine_}
/* Types of StorPortNotification do so too. The adapter is known; results are written through the
 * arguments. */
typedef void (*storport_notification)(struct storport_adapter *adapter,
                                      __builtin_ms_va_list *arguments);
struct storport_notification_row {
    ULONG type;
    const char *name; /* of the wrapper, or of the type where there is none */
    const char *category, *file;
    storport_notification routine; /* NULL: StorPortNotification does it without the table */
};
/* The row of a type, NULL if there is none. */
const struct storport_notification_row *storport_notification_at(unsigned type);
/* Writes INVALID_PARAMETER where the type has a status: its adapter is unknown. */
void storport_notification_refuse(ULONG type, __builtin_ms_va_list *arguments);
#define STORPORT_NOTIFICATION(type_, name_, category_, routine_)                                   \
    static const struct storport_notification_row storport_notification_row_##type_                \
        __attribute__((section("storport_notifications"), used, aligned(8))) = {                   \
            type_, name_, category_, __FILE__, routine_}
#define STORPORT_ARGUMENT(arguments_, type_) __builtin_va_arg(*(arguments_), type_)

#endif

/*
 * adapter.h - the port's own records: adapters, logical units, slots, and the shares of processors.
 *
 * A *slot* is what one request needs while the miniport has it: SRB, SrbExtension, sense buffer and
 * scatter/gather list, carved when the adapter starts. A free slot is also the permission to have
 * one more request outstanding on the adapter (MaxNumberOfIO), and a *credit* the permission for
 * the unit (its depth). Slots and credits lie with the processors, so that two processors write no
 * cache line in common for a request; what a processor lacks it takes from a common pool, and when
 * that is empty the others are asked to give back what they do not use (decision 8).
 *
 * A completed slot always goes back to the processor that issued it. That processor is held by the
 * thread inside StartIo, so nothing of a request is reused before StartIo has returned (rule S39).
 */
#ifndef STORHOST_PORT_ADAPTER_H
#define STORHOST_PORT_ADAPTER_H

#include "bus/bus.h"
#include "bus/power.h"
#include "nt/events.h"
#include "nt/export.h"
#include "nt/interrupt.h"
#include "nt/machine.h"
#include "nt/memory.h"
#include "nt/spinlock.h"
#include "nt/timer.h"
#include "nt/work.h"
#include "port/component.h"
#include "port/model.h"
#include "port/port.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    PORT_SLOT_BYTES = 1024, /* a power of two: RequestComplete finds the slot by a mask */
    PORT_SRB_BYTES = 512,
    PORT_SENSE_BYTES = 256,
    PORT_RESERVED_SLOTS = 8, /* for resets, aborts, PnP and power, beyond MaxNumberOfIO */
    PORT_MESSAGES_MAX = 128,
    PORT_UNITS_MAX = 1024, /* a bound of ours on what one adapter may report */
};

enum port_slot_state {
    PORT_SLOT_FREE,
    PORT_SLOT_OUTSTANDING, /* from before BuildIo, or StartIo without one, until RequestComplete */
    PORT_SLOT_COMPLETED,
    PORT_SLOT_QUARANTINED, /* given up after a reset: the miniport may still write to it */
    PORT_SLOT_HELD, /* built, in its unit's `held`: StartIo waits for a gate. Not the miniport's */
    PORT_SLOT_ADMITTED, /* past the gates; the miniport has not seen it yet */
};

enum port_slot_flags {
    PORT_SLOT_BUILT = 1u << 0,     /* BuildIo has run; StartIo is still owed */
    PORT_SLOT_RESERVED = 1u << 1,  /* one of the reserve: no credits */
    PORT_SLOT_ABANDONED = 1u << 2, /* its request went up already: completion only frees it */
    PORT_SLOT_TIMED_OUT = 1u << 3, /* its time-out started the reset that ended it */
    PORT_SLOT_ALONE = 1u << 4,     /* untagged: the unit's ALONE gate is closed for it */
    PORT_SLOT_UNUSUAL = 1u << 5,   /* the model reads more from it than a status */
    PORT_SLOT_LOW = 1u << 6,       /* StartIo is called below DISPATCH_LEVEL, so on no processor */
};

/* Laid out as STOR_SCATTER_GATHER_LIST (src/storport holds the two together). */
struct port_scatter_list {
    uint32_t count;
    uint32_t padding;
    uint64_t reserved;
    struct port_scatter_element {
        uint64_t address;
        uint32_t length;
        uint32_t padding;
        uint64_t reserved;
    } elements[];
};

struct port_slot {
    struct port_slot *next;
    struct port_request *request;
    struct port_unit *unit;
    struct port_adapter *adapter;
    void *extension; /* SrbExtension; NULL when the size is 0 */
    uint8_t *sense;
    void *data;                     /* the data buffer as the driver may read it, or NULL */
    struct port_scatter_list *list; /* capacity: physical_breaks elements */
    uint32_t state;                 /* enum port_slot_state; __atomic */
    uint32_t number;
    uint32_t length;
    uint32_t
        issue_tick; /* port_tick when it was issued; with timeout_s and unit read by the tick */
    uint32_t timeout_s;
    uint16_t processor; /* which issued it, and to which it returns */
    uint8_t flags;
    /* What RequestComplete read from the SRB. */
    uint8_t srb_status, scsi_status, sense_length;
    bool has_list;
    bool unusual; /* the model's: its block has another form than that of an ordinary request */
    uint32_t transferred;
    struct port_slot *done_next; /* in a list of completed slots, which may still be in a batch */
    struct port_bounce *bounce;
    void *mdl; /* made on demand for the driver, in mdl_block if it fits */
    uint64_t sequence;
    _Alignas(128) unsigned char srb[PORT_SRB_BYTES];
    struct port_input *input; /* of a bidirectional request; behind what every request needs */
    uint64_t power_sequence;  /* of the request that the driver has taken references for */
    uint32_t power_references;
} __attribute__((aligned(128)));
_Static_assert(sizeof(struct port_slot) <= PORT_SLOT_BYTES, "slots have a stride of 1 KiB");

/* Why requests of a unit or an adapter wait. Hot paths look at the whole word only. */
enum port_gate {
    PORT_GATE_PAUSED = 1u << 0,     /* StorPortPause, PauseDevice: timed */
    PORT_GATE_BUSY = 1u << 1,       /* StorPortBusy, DeviceBusy: counted */
    PORT_GATE_BUSY_HOLD = 1u << 2,  /* BusyPauseTime after SRB_STATUS_BUSY */
    PORT_GATE_QUEUE_FULL = 1u << 3, /* counted */
    PORT_GATE_RESET = 1u << 4,
    PORT_GATE_HOLD = 1u << 5, /* BusResetHoldTime */
    PORT_GATE_LINK_DOWN = 1u << 6,
    PORT_GATE_STARTING = 1u << 7, /* not started yet, or stopped for a rebalance */
    PORT_GATE_STOPPING = 1u << 8,
    PORT_GATE_GONE = 1u << 9,     /* fail everything */
    PORT_GATE_PENDING = 1u << 10, /* others wait already, or are held: keep the order (rule S9) */
    PORT_GATE_CUT = 1u << 11,     /* the depth was lowered: processors give credits back first */
    PORT_GATE_FROZEN = 1u << 12,  /* an error came back: until it is released or flushed */
    PORT_GATE_LOCKED = 1u << 13,  /* by an owner of the unit */
    PORT_GATE_ALONE = 1u << 14,   /* an untagged request waits for the others, or runs */
    PORT_GATE_LATENCY = 1u << 16, /* a request with the driver is older than IoLatencyCap */
    PORT_GATE_POWERED_DOWN = 1u << 15, /* or on the way there and back */
    PORT_GATE_IDLE = 1u << 17,         /* its component is idle: who comes has it made active */
};

/* Adapter gates that a stop or a transition of power closes for what comes later: what has been
 * built goes on, and is waited for. */
enum { PORT_GATES_OF_LIFE = PORT_GATE_STARTING | PORT_GATE_POWERED_DOWN };

/* A unit's share of one processor; only its holder writes it. Two lines apart, because CPUs fetch
 * lines in pairs. */
struct port_unit_share {
    uint32_t credits;
    uint32_t issued, completed; /* their sums tell what is outstanding; they may wrap */
} __attribute__((aligned(128)));

/* What may stand between a request and the miniport. Hot paths read both words at once. */
union port_attention {
    struct {
        uint32_t gates;  /* enum port_gate; __atomic */
        uint32_t recall; /* credits or slots go to the pool on completion; __atomic */
    };
    uint64_t any; /* 0 nearly always; __atomic */
};

/* Registry values that are a unit's, and an adapter's (settings.c). */
struct port_unit_settings {
    uint32_t busy_pause_ms;
    uint32_t busy_retry_count; /* UINT32_MAX: for ever */
    uint32_t queue_full_percent;
    uint32_t no_idle_power;           /* its component is not to be managed */
    uint32_t minimum_idle_timeout_ms; /* UINT32_MAX: absent */
};
struct port_settings {
    uint32_t io_timeout_s;
    uint32_t latency_cap_ms;                           /* 0: none */
    uint32_t number_of_requests, maximum_logical_unit; /* UINT32_MAX: absent */
    uint32_t link_down_timeout_s;
    uint32_t maximum_sg_list; /* 0: absent */
    uint32_t sense_bytes;
    uint32_t no_runtime_power, no_d3_cold, idle_power;
    uint32_t callback_timeout_ms;  /* __atomic: read while a start reads it anew */
    uint32_t idle_timeout_ms;      /* UINT32_MAX: absent */
    uint32_t installation_upgrade; /* 0 or 1, as those below */
    uint32_t allow_secure_reprovision, allow_inline_crypto;
};

enum { PORT_USAGE_PAGING = 1, PORT_USAGE_DUMP = 3, PORT_USAGE_TYPES = 5 };

/* A setting of the machine's power policy; drivers that registered for it hear of changes. */
struct port_power_setting {
    struct port_power_setting *next;
    uint8_t guid[16];
    size_t length;
    unsigned char value[];
};

/* What a driver says once and others may be reading: the records stay until the adapter goes. */
struct port_announcement {
    const void *current;                /* __atomic; NULL: nothing is announced */
    struct port_announcement_row *rows; /* all that were; __atomic */
};

struct port_unit {
    struct port_adapter *adapter;
    union port_attention attention; /* recall: of credits; set while the pool is negative */
    struct port_unit_share *shares; /* one a processor */
    uint64_t address;               /* path, target, lun in the low three bytes */
    uint8_t path, target, lun;
    uint32_t default_timeout_s;
    void *extension; /* SpecificLuExtension */

    struct nt_spinlock lock; /* below here; DISPATCH_LEVEL */
    struct port_request *pending_first, *pending_last;
    uint32_t pending_count;
    uint32_t bypass_count; /* of these, requests that go through a frozen or locked queue */
    /* An untagged request that waits until nothing else is started, and the processors that may
     * still be admitting others, as bits. */
    struct port_request *alone;
    uint64_t alone_owed;
    struct port_queue_lock *locks; /* who locked the queue, and how often */
    const void *claimed_by;        /* __atomic */
    struct port_slot *held; /* built, waiting for a gate; in order. Written with __atomic, too */
    uint32_t held_count;
    int32_t pool; /* credits that no processor has; may be negative after a cut */
    uint32_t depth;
    uint64_t cut; /* processors that still owe their credits after a cut, as bits; __atomic */
    /* What `completed` of all shares has to reach before the gate opens; __atomic. */
    uint32_t busy_target, full_target;
    struct nt_timer pause_timer, busy_timer;
    struct port_unit_settings settings;
    bool late; /* the latency timer's */
    struct nt_call kick;
    struct port_unit *waiting_next; /* in adapter->waiting: wants a slot */
    bool waiting;

    /* The clock of lifecycle section 7, kept by the tick alone. */
    uint32_t completed_seen;
    int32_t countdown; /* -1: nothing outstanding */
    uint32_t expired;  /* the reset ladder is wanted; __atomic */

    /* What the driver tells of it; all __atomic. */
    uint32_t attributes;              /* STOR_UNIT_ATTRIBUTES */
    uint32_t usage[PORT_USAGE_TYPES]; /* how often it is in use for each; under control_mutex */
    uint8_t bus_type;                 /* 0: its adapter's */
    char rich_vendor[17], rich_model[65], rich_revision[17], fru[PORT_FRU_BYTES];
    struct port_announcement rpmb;
    struct port_crypto_key *crypto_key; /* under the adapter's crypto_mutex; crypto.c */
    uint64_t crypto;                    /* what its requests carry (port_crypto_word); __atomic */
    uint32_t failed;                    /* to be reported missing */
    uint32_t notifications;             /* asynchronous ones that the event line will tell of */
    uint32_t wmi_changed;               /* its WMI registration is to be read again */
    uint64_t service_time;              /* of the target, in units of 100 ns */
    uint64_t service_count;
    struct nt_work event_work;

    uint32_t references;
    bool present, seen, temporary;
    bool arriving;   /* accepted in this pass, not started yet; under control_mutex */
    uint32_t listed; /* in the answer to a query of bus relations; __atomic */
    /* What its device has heard; under control_mutex. */
    bool started, surprised;
    uint32_t resets;     /* counts up; atomic */
    uint32_t attentions; /* enum port_unit_attention that the port has met; atomic */
    bool restarts;       /* present when its adapter stopped: told of its start again */
    uint32_t extension_size;
    uint8_t inquiry[260], *vpd_serial, *vpd_identification;
    uint16_t inquiry_length, vpd_serial_length, vpd_identification_length;
    /* What vpd_serial and vpd_identification point into, now or before the unit went and came back:
     * who describes a unit may be reading. */
    struct port_unit_page {
        struct port_unit_page *next;
        uint8_t data[];
    } * pages;
    struct port_unit *next; /* in order of address */
    char name[24];          /* "0:0:1" */
    struct port_component component;
    uint32_t device_state; /* 0 to 3, by somebody's order; under life_mutex, __atomic */
};

/* By itself, or by an order. */
static inline bool port_unit_sleeps(const struct port_unit *unit)
{
    return __atomic_load_n(&unit->component.device_state, __ATOMIC_RELAXED) ||
           __atomic_load_n(&unit->device_state, __ATOMIC_RELAXED);
}

/* An adapter's share of one processor. */
struct port_adapter_share {
    struct port_slot *free; /* last in, first out: the warmest slot */
    uint32_t free_count;
    uint32_t message; /* which message is aimed at this processor, for StartIo parameters */
} __attribute__((aligned(128)));

/* Memory that a device can be given, as bus addresses. */
struct port_reach {
    uint64_t lowest, highest; /* of the first and the last byte */
    uint64_t boundary;        /* that no element crosses; a power of two; 0: none */
};

struct port_limits {
    struct port_reach data_reach;     /* lists */
    struct port_reach common_reach;   /* SRB extensions, sense buffers, the uncached extension */
    uint32_t maximum_transfer_length; /* UINT32_MAX: none */
    uint32_t physical_breaks;         /* elements of a scatter/gather list */
    uint32_t alignment_mask;
    uint32_t max_io, max_io_per_unit, initial_depth;
    uint32_t paths, targets, units_per_target;
    uint8_t initiator_id[8];
    uint32_t srb_extension_size, unit_extension_size;
    uint32_t bus_reset_hold_us;
    uint32_t sense_bytes;
    bool scatter_gather; /* build lists; false for virtual adapters and NO_SGL */
    bool caches_data;
    bool abort_command;
    bool stop_unit; /* START STOP UNIT at shutdown */
    bool full_duplex, storage_request_blocks;
    uint32_t concurrent_channels; /* 0: not concurrent */
};

enum { PORT_LOG_LINES = 32, PORT_LOG_LINE_BYTES = 256 };

/* Event lines that were written above PASSIVE_LEVEL (log.c). */
struct port_log {
    struct port_log_line {
        uint32_t full; /* the line's number + 1; 0: free; __atomic */
        char text[PORT_LOG_LINE_BYTES];
    } lines[PORT_LOG_LINES];
    uint32_t next, taken, lost; /* __atomic */
    struct nt_work work;
    struct sys_mutex mutex;
};

/* The interrupts that an adapter may use (grant.c). */
struct port_grant {
    enum bus_interrupt_kind kind;
    unsigned count;   /* 0: no interrupt */
    bool by_registry; /* its key says that the driver takes messages */
    uint8_t irql;     /* DIRQL */
    uint8_t policy;   /* DevicePolicy of the registry, and its set of processors of group 0 */
    uint64_t set;
    struct nt_processor_set allowed, close; /* where they may come; which of these are near */
    uint8_t processors[PORT_MESSAGES_MAX];  /* where each is aimed */
    bool exact[PORT_MESSAGES_MAX];          /* there and nowhere else */
};

struct port_adapter {
    struct port_driver *driver;
    struct port_dump *dump; /* it is the instance that writes this dump; NULL: an ordinary one */
    const struct port_model *model;
    void *model_state;              /* the model's record of this adapter */
    void *device_stack;             /* the model's device objects of it */
    void *extension;                /* the miniport's device extension */
    union port_attention attention; /* recall: of slots */
    struct port_adapter_share *shares;
    unsigned char *slots; /* PORT_SLOT_BYTES each */
    uint32_t slot_count;  /* with the reserve */
    bool virtual_adapter, any_start_irql;
    bool takes_service_requests; /* of applications: HwProcessServiceRequest */
    int node;                    /* that its device is near to, -1: not known */
    /* Buffers within so many bytes from the arena's base are one element that the device reaches:
     * the ordinary case, in one comparison. */
    size_t direct_size;
    struct port_limits limits;
    struct port_settings settings;
    struct nt_timer latency_timer;
    struct port_latency *latency; /* one a slot; NULL: no cap */

    struct bus_device *device; /* NULL for virtual adapters */
    struct bus_power power;    /* of the device; guarded by life_mutex */
    uint32_t cold;             /* enum port_cold; __atomic */
    const char *device_name;
    struct port_grant grant;
    enum bus_interrupt_kind interrupt_kind; /* as connected */
    unsigned message_count;                 /* 0: no interrupt */
    bool armed;                             /* messages of the grant, not yet connected */
    struct nt_interrupt *interrupts[PORT_MESSAGES_MAX];
    struct nt_spinlock interrupt_locks[PORT_MESSAGES_MAX]; /* [0]: the one lock of the line */
    unsigned number;                                       /* RaidPort<n> */
    unsigned index;                                        /* in port_adapters */

    struct nt_spinlock lock; /* below here; DISPATCH_LEVEL; after a unit's */
    struct port_slot *pool;  /* free slots that no processor has */
    struct port_slot *reserve;
    uint32_t reserve_count;
    void *spare_extensions[PORT_RESERVED_SLOTS]; /* for SRB_STATUS_BUSY (rule S36) */
    unsigned spare_next;
    struct port_unit *units;
    struct port_unit *waiting_first, *waiting_last;
    uint32_t waiting_count;
    uint32_t busy_target; /* as a unit's, of all units together; __atomic */
    struct nt_timer pause_timer, hold_timer, link_timer;
    struct nt_call kick;
    struct port_bounce *bounce_free;
    uint32_t bounce_live;
    uint32_t list_capacity; /* elements of a slot's list */
    size_t mdl_room;        /* bytes of a slot's descriptor list */

    /* In its life (start.c, stop.c, pnp.c, power.c). One event at a time has life_mutex, and
     * control_mutex inside it while it sends requests. */
    struct sys_mutex life_mutex;
    uint32_t state;        /* enum port_adapter_state; __atomic */
    uint32_t device_state; /* 0 to 3: D0 to D3; __atomic */
    uint32_t start_status; /* NTSTATUS of the model's last start */
    /* What the driver says of the adapter; strings end. */
    uint8_t bus_type; /* atomic: described while it starts again */
    char serial[PORT_SERIAL_BYTES], fru[PORT_FRU_BYTES];
    struct port_announcement rpmb, crypto_engine;
    struct sys_mutex crypto_mutex;             /* keys of its units; inside control_mutex */
    struct port_power_setting *power_settings; /* newest first; under control_mutex */
    uint8_t gone_status; /* the SRB status that PORT_GATE_GONE fails requests with */
    const void *record;  /* the model's, of its driver */

    struct nt_work rescan_work, reset_work, removal_work, departure_work;
    struct port_unit *self; /* stands for the adapter in requests addressed to it; not listed */
    struct port_queue *control_queue;    /* of the thread that has control_mutex */
    struct sys_mutex control_mutex;      /* enumeration, PnP */
    struct port_queue *reset_queue;      /* of reset_work alone */
    struct port_queue *removal_queue;    /* of removal_work alone */
    struct port_request *reset_requests; /* resets that clients asked for; under `lock` */
    struct nt_timer tick;
    uint32_t failed_resets;
    bool caches_empty;      /* of the units, since requests are held back; under control_mutex */
    uint32_t rescan_missed; /* __atomic: asked for before the adapter had started */
    struct port_device *opened;
    bool installed; /* port_adapter_options.install was there */
    enum port_interrupt_preference interrupt_preference;
    unsigned message_limit;
    bool started;     /* __atomic: running, and open for rescans */
    uint32_t removed; /* __atomic: the device is gone */
    bool crashed;     /* with the machine: its driver is called no more, its memory is gone */
    char removal_reason[160];
    void (*event)(void *context, const char *line);
    void *event_context;
    const char *acpi_node; /* NULL: that of the slot */
    /* Below Enum: what the registry of a Windows that knows the device calls it; "": one of ours.
     */
    char instance[128];
    struct port_log log;
    /* What the slots were carved from. */
    /* Of LOW slots, by number: the completion, and the end of StartIo. Whichever comes last frees
     * the slot, since no processor keeps it for the thread inside StartIo. __atomic */
    uint32_t *low_parties;
    void *extension_block, *sense_block, *list_block, *mdl_block;
    struct port_component component;
    struct port_runtime runtime;
};

/* The port's state of one processor (nt_processor.port). */
struct port_processor {
    struct nt_processor *processor;
    struct port_slot *done_first, **done_tail; /* completed on this processor */
    struct port_slot *remote;                  /* completed elsewhere; __atomic, newest first */
    struct nt_call remote_call;
    uint64_t sequence; /* of requests; its upper 16 bits are the processor's number */
    uint64_t traced;   /* requests that the event ring has been told of */
};

/* Counts seconds; written by the tick. */
extern SYS_HIDDEN uint32_t port_tick;

enum { PORT_ADAPTERS_MAX = 32 };
/* Registered adapters by their extension pointer: how a routine finds its adapter (rule 5 of the
 * routines' reference: an unknown pointer is refused, never followed). */
struct port_adapter_entry {
    void *extension;
    struct port_adapter *adapter;
};
extern SYS_HIDDEN struct port_adapter_entry port_adapter_table[PORT_ADAPTERS_MAX];
extern SYS_HIDDEN unsigned port_adapter_table_count;

/* A copy of the table by a hash of the pointer, so that the usual look-up is one comparison. An
 * entry that another adapter has is left to it: then the table is searched. */
enum { PORT_ADAPTER_HINTS = 64 };
extern SYS_HIDDEN struct port_adapter_entry port_adapter_hints[PORT_ADAPTER_HINTS];

static inline struct port_adapter_entry *port_adapter_hint(const void *extension)
{
    return &port_adapter_hints[(uintptr_t)extension / NT_PAGE_SIZE % PORT_ADAPTER_HINTS];
}

/* Makes the adapter known by its extension; NULL: not any more. Before the driver can call, and
 * after it can. */
void port_adapter_set_extension(struct port_adapter *adapter, void *extension);
/* For drivers' calling convention, so that the routines that look up stay leaves. */
/* Gives the adapter a place in the table, and with it its index and number. -ENOSPC. */
int port_adapter_register(struct port_adapter *adapter);
struct port_adapter *NT_ABI port_adapter_search(const void *extension);

static inline struct port_adapter *port_adapter_of(const void *extension)
{
    const struct port_adapter_entry *hint = port_adapter_hint(extension);

    if (__builtin_expect(__atomic_load_n(&hint->extension, __ATOMIC_ACQUIRE) == extension, 1))
        return __atomic_load_n(&hint->adapter, __ATOMIC_RELAXED);
    return port_adapter_search(extension);
}

/* The slot whose SRB this is; NULL if the pointer is none of the adapter's SRBs. Rotated, a
 * distance that is no multiple of the stride becomes a huge number. */
static inline struct port_slot *port_slot_of(const struct port_adapter *adapter, const void *srb)
{
    enum { STRIDE_BITS = 10 };
    _Static_assert(PORT_SLOT_BYTES == 1 << STRIDE_BITS, "the rotation divides by the stride");
    unsigned char *slot = (unsigned char *)(uintptr_t)srb - offsetof(struct port_slot, srb);
    uintptr_t distance = (uintptr_t)slot - (uintptr_t)adapter->slots;

    if ((distance >> STRIDE_BITS | distance << (64 - STRIDE_BITS)) >= adapter->slot_count)
        return NULL;
    return (struct port_slot *)slot;
}

/* What a slot's SrbExtension occupies: whole cache lines, so that marks of the sanitizer cover it.
 */
static inline size_t port_extension_room(const struct port_limits *limits)
{
    return ((size_t)limits->srb_extension_size + 63) & ~(size_t)63;
}

static inline struct port_slot *port_slot_at(const struct port_adapter *adapter, uint32_t number)
{
    return (struct port_slot *)(adapter->slots + (size_t)number * PORT_SLOT_BYTES);
}

/* ---- lifetime (start.c, stop.c, carve.c) ---- */

void port_initialize(void); /* once the machine runs; idempotent */
void port_recall_initialize(void);
/* Has every processor look at each adapter: give back idle credits and slots where a recall is set,
 * open busy gates that have counted enough, start held slots of its own. Any IRQL. */
void port_recall_all(void);
void port_clock_start(void);
void port_clock_stop(void);
/* For the model, inside its start, once limits are final: carves slots. -ENOMEM. May be repeated
 * with other limits after uncarve, which wants no slot outstanding; PASSIVE_LEVEL. */
int port_adapter_carve(struct port_adapter *adapter);
void port_adapter_uncarve(struct port_adapter *adapter);
/* After carving, when limits.scatter_gather has changed. */
void port_adapter_settle_data(struct port_adapter *adapter);
/* control_mutex held: tells the driver of settings that it has registered for. */
void port_power_settings_tell(struct port_adapter *adapter);
void port_power_settings_free(struct port_adapter *adapter);
/* ---- announcements (announce.c) ---- */

/* Copies the record and makes it what is announced. False: no memory. Any IRQL. */
bool port_announce(struct port_announcement *announcement, const void *record, size_t size);
/* Nothing is announced any more; who reads goes on. */
void port_announcement_withdraw(struct port_announcement *announcement);
void port_announcement_free(struct port_announcement *announcement);
static inline const void *port_announced(const struct port_announcement *announcement)
{
    return __atomic_load_n(&announcement->current, __ATOMIC_ACQUIRE);
}

/* ---- encryption (crypto.c) ---- */

/* What the driver gets (port_model.insert_key). */
struct port_key_insertion {
    uint32_t index;
    const struct port_crypto_capability *capability;
    uint32_t data_unit_size;
    const uint8_t *key;
    uint32_t length;
};

/* What a read or write of the unit carries: false, or the key's index and the number of the first
 * data unit of the request whose first block is `block`. Any IRQL. */
bool port_unit_crypto_of(const struct port_unit *unit, uint64_t block, uint32_t *ret_index,
                         uint64_t *ret_data_unit);
/* For the model, before requests go on after a start or power-up: the driver gets the keys again.
 * PASSIVE_LEVEL. 0, or -EIO with a reason. */
int port_crypto_restore(struct port_adapter *adapter, char *reason, size_t reason_size);
/* Forgets the unit's key: its adapter ends. */
void port_unit_crypto_forget(struct port_unit *unit);

/* Whether the adapter may lose its power in D3: as its registry says, until somebody says more. */
enum port_cold { PORT_COLD_BY_REGISTRY, PORT_COLD_ALLOWED, PORT_COLD_REFUSED };
bool port_adapter_may_be_cold(const struct port_adapter *adapter);
/* A unit whose use forbids to stop its adapter, or NULL. */
bool port_unit_is_pinned(const struct port_unit *unit);
const struct port_unit *port_adapter_pinned(const struct port_adapter *adapter);
/* Nothing of it runs any more: closes the device and frees everything. PASSIVE_LEVEL. */
void port_adapter_free(struct port_adapter *adapter);
/* The device's signal; called by its backend. */
void port_device_interrupt(void *context, enum bus_interrupt_kind kind, unsigned vector);
/* Before the device is started: decides what `grant` says. PASSIVE_LEVEL. */
void port_grant_interrupts(struct port_adapter *adapter);
/* Aims one message anew, by an IRQ_DEVICE_POLICY and, where that wants it, an affinity. */
void port_grant_aim(struct port_grant *grant, unsigned message, unsigned policy, unsigned group,
                    uint64_t set);
/* Memory for the adapter is best had there: as struct nt_contiguous_options takes it. */
static inline unsigned port_adapter_node_wish(const struct port_adapter *adapter)
{
    return (unsigned)(adapter->node + 1);
}
/* Its place on the machine's one PCI bus, as a PCI_SLOT_NUMBER: function 0 of a device. */
static inline uint32_t port_adapter_slot(const struct port_adapter *adapter)
{
    return adapter->number % 32;
}
/* For the model, before it tells the driver of the device: granted messages are programmed and
 * enabled, as by Windows' bus driver: FindAdapter reads so in config space, and registers may lie
 * elsewhere then. They stay masked until they are connected. Disconnecting ends it. 0, -EIO. */
int port_adapter_arm(struct port_adapter *adapter);
/* For the model: connects `count` messages (or the line) and enables them in the device. */
int port_adapter_connect(struct port_adapter *adapter, enum bus_interrupt_kind kind, unsigned count,
                         bool one_lock, bool (*service)(void *context), void *const *contexts,
                         uint8_t irql);
void port_adapter_disconnect(struct port_adapter *adapter);
/* One event line. Any IRQL; delivered at PASSIVE_LEVEL. */
void port_adapter_log(struct port_adapter *adapter, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The same, never by the calling thread: for one that must not wait for whoever gets the line. */
void port_adapter_log_later(struct port_adapter *adapter, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void port_log_initialize(struct port_adapter *adapter);
void port_log_drain(struct port_adapter *adapter);

/* ---- its device (device.c) ---- */

/* From now on what happens to the device reaches the adapter. -ENODEV with a reason: it is gone
 * already. */
int port_device_attach(struct port_device *device, struct port_adapter *adapter, char *reason,
                       size_t reason_size);
/* On return no removal is being reported to the adapter and none will be. NULL: nothing happens. */
void port_device_detach(struct port_device *device);
/* Every other thread stands still (nt/freeze.h). The adapter keeps a device that is gone, and
 * nobody is told of it; what it had is the caller's, with whatever it does at the moment. NULL: no
 * memory. */
struct port_device *port_adapter_take_device(struct port_adapter *adapter);

/* ---- settings (keys.c) ---- */

enum { PORT_KEY_BYTES = 192 };
/* Parameters\Device of the driver's service (global), or Parameters\Device<n> of the adapter. */
void port_adapter_parameters_key(const struct port_adapter *adapter, bool global, char *key,
                                 size_t size);
/* Where a hive has keys of such a device, the adapter gets the first that no other adapter has.
 * Once, before anything is read from its keys. */
void port_adapter_find_instance(struct port_adapter *adapter);
/* Of the adapter's instance below Enum, its Device Parameters there, and its driver below Class. */
void port_adapter_instance_key(const struct port_adapter *adapter, char *key, size_t size);
void port_adapter_device_key(const struct port_adapter *adapter, char *key, size_t size);
void port_adapter_driver_key(const struct port_adapter *adapter, char *key, size_t size);
/* Of a logical unit: Enum\\SCSI\\UNIT\\<port>&<path>&<target>&<lun>\\Device Parameters. */
void port_unit_device_key(const struct port_unit *unit, char *key, size_t size);

/* ---- issue and completion (issue.c, complete.c) ---- */

/* Starts requests of a list linked by `next`, in order. The caller is at DISPATCH_LEVEL on
 * `processor`. */
void port_dispatch(struct nt_processor *processor, struct port_request *requests);
/* Takes from the pending queue of the unit, or of all units, what the gates and credits allow. */
void port_dispatch_unit(struct nt_processor *processor, struct port_unit *unit);
void port_dispatch_adapter(struct nt_processor *processor, struct port_adapter *adapter);
/* The slow half of a slot's completion: called from RequestComplete when the slot belongs to
 * another processor or the thread holds none. Any IRQL. */
void NT_ABI port_complete_elsewhere(struct port_slot *slot);
/* Ends a request without the miniport. Any IRQL up to DISPATCH_LEVEL. */
void port_request_fail(struct port_request *request, enum port_status status, uint8_t srb_status);
/* Hands a finished request to its submitter's queue. DISPATCH_LEVEL or below. */
void port_request_return(struct port_request *request);
/* Fails what waits in the unit's queue. PASSIVE_LEVEL. */
void port_unit_fail_pending(struct port_unit *unit, enum port_status status, uint8_t srb_status);
/* Ends an outstanding slot that a reset left behind; its memory is not used again before the
 * miniport gives it back. Nothing happens if the slot does not serve `request` any more (NULL:
 * whichever it serves). PASSIVE_LEVEL. */
void port_slot_quarantine(struct port_slot *slot, const struct port_request *request,
                          enum port_status status, uint8_t srb_status);
/* Ends a slot that was built and never started. PASSIVE_LEVEL. */
void port_unit_fail_held(struct port_unit *unit, enum port_status status, uint8_t srb_status);
/* Unit lock held: a queue that has become empty asks for nothing any more. */
void port_unit_settle_locked(struct port_unit *unit);
/* The gates that do not hold this request back. */
uint32_t port_request_passes(const struct port_request *request);
/* A gate is closed that keeps the slot from StartIo. */
bool port_slot_is_gated(const struct port_slot *slot);
/* A slot that no processor keeps. At most DISPATCH_LEVEL. */
void port_slot_to_pool(struct port_adapter *adapter, struct port_slot *slot,
                       struct nt_thread *self);
/* Puts a request into the unit's queue. False: unit or adapter is ending, and the request has
 * failed. DISPATCH_LEVEL. */
bool port_unit_requeue(struct port_unit *unit, struct port_request *request, bool at_head,
                       struct nt_thread *self);
/* The built slots that wait for a gate, oldest first; they are the caller's. At most
 * DISPATCH_LEVEL. */
struct port_slot *port_unit_take_all_held(struct port_unit *unit);
/* Keeps a built slot until its unit's gates open. DISPATCH_LEVEL on the slot's processor. */
void port_slot_hold(struct port_slot *slot);
/* A free slot goes to the processor, or to the pool while somebody wants it. DISPATCH_LEVEL on it.
 */
void port_slot_keep(struct port_adapter *adapter, struct port_slot *slot, unsigned processor,
                    struct nt_thread *self);
/* A credit goes to the processor, or to the pool while somebody wants it. As above. */
void port_credit_return(struct port_unit *unit, unsigned processor, struct nt_thread *self);
uint32_t port_unit_outstanding(const struct port_unit *unit);
/* The adapter has other limits now, and starts nothing yet: what waits and is beyond them fails. At
 * most DISPATCH_LEVEL. */
void port_unit_fail_unfit(struct port_unit *unit);
/* Takes a request out of its unit's queue. False: it is not there. At most DISPATCH_LEVEL. */
bool port_unit_withdraw(struct port_unit *unit, const struct port_request *request);
/* Without those that wait for a gate between BuildIo and StartIo. */
uint32_t port_unit_started(const struct port_unit *unit);
/* Completions ever, modulo 2^32. */
uint32_t port_unit_completed(const struct port_unit *unit);
uint32_t port_adapter_outstanding(const struct port_adapter *adapter);

/* ---- gates (gates.c): all of them any IRQL, any lock held ---- */

void port_adapter_gate_close(struct port_adapter *adapter, uint32_t gate);
void port_unit_gate_close(struct port_unit *unit, uint32_t gate);
void port_adapter_gate_open(struct port_adapter *adapter, uint32_t gate);
void port_unit_gate_open(struct port_unit *unit, uint32_t gate);
/* The same without a look at what waits. */
void port_adapter_gate_forget(struct port_adapter *adapter, uint32_t gate);
void port_unit_gate_forget(struct port_unit *unit, uint32_t gate);
bool port_adapter_pause(struct port_adapter *adapter, uint32_t timeout_s);
bool port_adapter_resume(struct port_adapter *adapter);
bool port_unit_pause(struct port_unit *unit, uint32_t timeout_s);
bool port_unit_resume(struct port_unit *unit);
bool port_adapter_busy(struct port_adapter *adapter, uint32_t completions);
bool port_adapter_ready(struct port_adapter *adapter);
bool port_unit_busy(struct port_unit *unit, uint32_t completions);
bool port_unit_ready(struct port_unit *unit);
void port_unit_hold_busy(struct port_unit *unit);
void port_unit_hold_queue_full(struct port_unit *unit);
void port_adapter_reset_detected(struct port_adapter *adapter);
void port_adapter_link(struct port_adapter *adapter, bool up);
/* Opens busy gates for which enough has completed; called when a gate is closed, at
 * DISPATCH_LEVEL. */
void port_gates_count(struct port_unit *unit);
void port_gates_initialize_adapter(struct port_adapter *adapter);
void port_gates_initialize_unit(struct port_unit *unit);
/* Takes away what the driver has closed: it starts again. PASSIVE_LEVEL. */
void port_gates_forget_adapter(struct port_adapter *adapter);
void port_gates_forget_unit(struct port_unit *unit);
bool port_unit_set_depth(struct port_unit *unit, uint32_t depth);

/* ---- units (unit.c, enumerate.c) ---- */

/* ---- what drivers tell of units (unit_event.c): any IRQL, any lock held ---- */

/* It is reported missing by an enumeration soon, and stays so. */
void port_unit_failed(struct port_unit *unit);
bool port_unit_is_notifying(const struct port_unit *unit);
/* False while the one before is still to be delivered. */
bool port_unit_notify(struct port_unit *unit, uint32_t flags);
/* Reads the WMI registration (of the adapter: its own unit) again. */
void port_wmi_reregister(struct port_unit *unit);
void port_unit_events_initialize(struct port_unit *unit);
/* PASSIVE_LEVEL. */
void port_unit_events_drain(struct port_unit *unit);

/* Lock-free look-up; any IRQL. */
struct port_unit *port_unit_find(struct port_adapter *adapter, uint8_t path, uint8_t target,
                                 uint8_t lun);
struct port_unit *port_unit_create(struct port_adapter *adapter, uint8_t path, uint8_t target,
                                   uint8_t lun);
/* A unit that is in no list: the adapter itself as the address of a request. */
struct port_unit *port_unit_create_unlisted(struct port_adapter *adapter);
void port_unit_quiet(struct port_unit *unit);
/* It was ordered to sleep, and starts anew. */
void port_unit_forget_order(struct port_unit *unit);
void port_unit_discard(struct port_unit *unit);
void port_unit_forget_locks(struct port_unit *unit);
/* The driver is done with it: before leaks are reported. */
void port_unit_free_extension(struct port_unit *unit);
/* The adapter starts again, perhaps with other limits: extension and depth follow them, and what
 * the driver held back before it stopped is forgotten. Nothing outstanding; PASSIVE_LEVEL.
 * -ENOMEM. */
int port_unit_refit(struct port_unit *unit);
/* The unit at the address for discovery; what is missing is made, also what was retired. NULL
 * without memory. PASSIVE_LEVEL, control_mutex held, as all of these. */
struct port_unit *port_unit_obtain(struct port_adapter *adapter, uint8_t path, uint8_t target,
                                   uint8_t lun);
/* New requests fail with NO_DEVICE; returns when nothing of it is with the driver. */
void port_unit_close(struct port_unit *unit);
/* Nobody finds it any more; its extension goes. */
void port_unit_retire(struct port_unit *unit);
/* Those of the target that discovery made and did not accept. */
void port_units_retire_unaccepted(struct port_adapter *adapter, uint8_t path, uint8_t target);
/* Gives up what the driver still has of it. */
void port_unit_abandon(struct port_unit *unit);

/* What an enumeration looks at: everything, or what a driver says has changed. */
enum port_scan_level { PORT_SCAN_ALL, PORT_SCAN_PATH, PORT_SCAN_TARGET, PORT_SCAN_UNIT };
struct port_scan {
    enum port_scan_level level;
    uint8_t path, target, lun;
    bool passthrough; /* new units are for virtual machines */
};
/* False when the adapter is ending and nothing was looked at. */
bool port_enumerate_part(struct port_adapter *adapter, const struct port_scan *scan);
void port_enumerate(struct port_adapter *adapter);
/* The same for who has control_mutex. */
void port_enumerate_locked(struct port_adapter *adapter);
/* Asks for an enumeration soon; any IRQL; coalesced. */
void port_rescan_schedule(struct port_adapter *adapter);
/* Executes an internal request on `queue` and waits for it, at most timeout_s: then the miniport
 * has lost it, its slot is put under quarantine, and the status is PORT_TIMED_OUT. PASSIVE_LEVEL.
 */
void port_control_execute(struct port_queue *queue, struct port_unit *unit,
                          struct port_request *request, uint32_t timeout_s);
/* For the model: a PnP or power SRB to the adapter or a unit through the ordinary callbacks. The
 * SRB status comes back. PASSIVE_LEVEL. */
uint8_t port_control_send(struct port_unit *unit, enum port_function function, uint8_t value,
                          uint8_t action, bool to_adapter, void *buffer, uint32_t length);
/* The PnP SRB that tells the adapter of its surprise removal. Waits for nothing else: a thread that
 * has control_mutex may be waiting for a request that the vanished device will never answer. */
uint8_t port_control_surprise_removal(struct port_adapter *adapter, uint8_t action);

/* ---- time-outs and resets (timeout.c, reset.c) ---- */

/* Once the adapter's number is known, before FindAdapter; and for a new unit. PASSIVE_LEVEL. */
void port_settings_read(struct port_adapter *adapter);
void port_unit_settings_read(struct port_unit *unit);
/* Lowers the limits that the driver gave to what the settings say. */
void port_settings_apply(struct port_adapter *adapter);
void port_latency_start(struct port_adapter *adapter);
void port_latency_stop(struct port_adapter *adapter);

void port_timeouts_start(struct port_adapter *adapter);
void port_timeouts_stop(struct port_adapter *adapter);
/* The oldest outstanding slot of the unit (of the adapter when NULL); NULL if there is none. */
struct port_slot *port_slot_oldest(struct port_adapter *adapter, const struct port_unit *unit);
/* The slot serves that unit, and for longer than its time. */
bool port_slot_has_expired(const struct port_slot *slot, const struct port_unit *unit);
/* The body of reset_work: runs the ladder for what expired and the tiers that clients asked for. */
void port_reset_run(void *context);
/* Takes a client's reset request; any IRQL up to DISPATCH_LEVEL. */
void port_reset_request(struct port_request *request);
/* Device gone: closes the gates for good, tells the driver, fails what it does not give back. */
void port_adapter_removed(void *context, const char *reason);
void port_removal_run(void *context);
/* Waits until nothing of the adapter is outstanding; false after `timeout_ms`. PASSIVE_LEVEL. */
bool port_adapter_drain(struct port_adapter *adapter, uint32_t timeout_ms);

#ifdef __cplusplus
}
#endif

#endif

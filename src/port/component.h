/*
 * component.h - the power framework: an adapter and each of its units are a component that is
 * active while somebody needs it and idle otherwise, and that sinks when it stays idle: through its
 * F-states, and then, with its device, into D3.
 *
 * Nothing is counted on the path of a request: a component is busy while requests of it are with
 * the miniport or wait, and both are known already. A look at these counts once a debounce time
 * finds that it is quiet; then its gate (PORT_GATE_IDLE) closes, and the next request meets the
 * gate, waits in the queue like at any other, and has the component made active. A driver that
 * registers nothing has no gate.
 *
 * All transitions are made by one worker an adapter (runtime.c), one after the other: it compares
 * what is with what is wanted and takes a step, until both agree. So whoever wants something
 * changes a count, wakes the worker, and at most waits.
 */
#ifndef STORHOST_PORT_COMPONENT_H
#define STORHOST_PORT_COMPONENT_H

#include "nt/spinlock.h"
#include "nt/timer.h"
#include "nt/work.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct port_adapter;
struct port_unit;

enum { PORT_FSTATES_MAX = 8, PORT_PERF_SETS_MAX = 3, PORT_PERF_STATES_MAX = 8 };
#define PORT_UNKNOWN_TIME UINT64_MAX

struct port_fstate {
    uint64_t latency_100ns;   /* back to F0; unknown counts as none */
    uint64_t residency_100ns; /* below this it is not worth the way; unknown counts as none */
    uint32_t power_uw;        /* UINT32_MAX: unknown */
};

/* What a driver registers. */
struct port_component_description {
    struct port_fstate fstates[PORT_FSTATES_MAX];
    unsigned fstate_count;
    uint32_t idle_timeout_ms; /* idle for so long: its device needs no power */
    uint32_t cycle_period_ms; /* at most one D3 in so long; 0: no limit */
    uint32_t deepest_powered; /* of a unit: deeper F-states need no power of the adapter */
    bool no_sleep;            /* power may be taken away, but the device gets no D3 */
    bool no_debounce;
    bool d3_cold;               /* granted */
    bool disconnect_interrupts; /* in D3 */
    bool no_units;              /* of an adapter: its units have no components */
    bool by_port; /* of a unit: what class drivers do; its driver knows nothing of it */
};

/* What is in use: guarded by `lock` (DISPATCH_LEVEL), or the worker's alone. */
struct port_component {
    struct port_component_description is; /* constant while it is registered */
    bool registered;                      /* __atomic */
    bool disabled;                        /* by the registry: registration was refused */
    bool gated;                           /* the worker's: its gate is closed */
    struct nt_spinlock lock;
    uint32_t references; /* under the lock: of the driver */
    bool active;         /* the condition; written under the lock, __atomic */
    bool ready;          /* active, and the driver has been told; the same */
    bool touched;        /* under the lock: since the last look */
    /* Of the driver, any time; __atomic. */
    uint64_t latency_limit_100ns;  /* PORT_UNKNOWN_TIME: none */
    uint64_t residency_hint_100ns; /* PORT_UNKNOWN_TIME: none */
    uint32_t idle_timeout_ms;

    /* Written by the worker; __atomic where others show them. */
    uint32_t fstate;
    uint32_t device_state; /* 0 or 3: D0, D3 by runtime power management */
    bool power_required;
    uint32_t completed_seen;
    uint64_t busy_ns;                                       /* when it was last seen busy */
    uint64_t idle_ns;                                       /* since when it is idle */
    uint64_t asleep_ns;                                     /* when it last went to D3 */
    uint64_t not_before_ns;                                 /* the next try to sleep */
    uint64_t since_ns;                                      /* what is not accounted for yet */
    uint64_t active_ns, d3_ns, fstate_ns[PORT_FSTATES_MAX]; /* idle time by F-state */
    uint64_t activations, sleeps, fstate_entries[PORT_FSTATES_MAX];
};

/* A set of performance states of an adapter's component. */
struct port_perf_set {
    uint32_t unit; /* STOR_POFX_PERF_STATE_UNIT */
    bool is_range;
    uint32_t count;                        /* of discrete states */
    uint64_t values[PORT_PERF_STATES_MAX]; /* of discrete states; of a range: least and most */
    uint64_t current;                      /* an index, or a value of the range */
};

struct port_perf_change {
    uint32_t set;
    uint64_t state;
    void *context;
};
enum { PORT_PERF_CHANGES_MAX = 16 };

/* An adapter's part of the framework. */
struct port_runtime {
    bool on; /* __atomic: the adapter has started once, and components may sink */
    struct nt_spinlock lock;
    uint32_t holds, adapter_holds; /* under the lock: whoever needs all of it, or the adapter */
    bool reset_wanted;             /* under the lock: a reset waits until all is active */
    /* __atomic: while they differ, what nobody needs sinks at once, without time-outs. */
    uint32_t hurry_asked, hurry_done;
    uint32_t changed;       /* counts up; __atomic, slept on */
    struct sys_mutex mutex; /* of the worker */
    struct nt_work work;
    struct nt_timer timer;

    uint32_t perf_set_count; /* under the lock, as all that follows; constant once registered */
    bool perf_registered;
    struct port_perf_set perf_sets[PORT_PERF_SETS_MAX];
    struct port_perf_change perf_changes[PORT_PERF_CHANGES_MAX];
    uint32_t perf_first, perf_waiting;
    bool perf_running; /* the driver is being told of one */
};

/* What the model tells the driver (model.h, `component`). */
enum port_component_event {
    PORT_COMPONENT_ACTIVE,         /* value: the condition */
    PORT_COMPONENT_FSTATE,         /* value: the F-state; done when the call returns */
    PORT_COMPONENT_POWER_REQUIRED, /* value: whether */
};

/* ---- registration: PASSIVE_LEVEL ---- */

void port_component_register(struct port_component *component,
                             const struct port_component_description *description);
/* The driver stops, or the unit goes. Returns how many references the driver has kept; with
 * `references` they are gone, else the next registration has them. */
uint32_t port_component_forget(struct port_component *component, bool references);
/* `unit` NULL: the adapter's. Any IRQL. */
struct port_component *port_component_of(struct port_adapter *adapter, struct port_unit *unit);
static inline bool port_component_is_registered(const struct port_component *component)
{
    return __atomic_load_n(&component->registered, __ATOMIC_ACQUIRE);
}
/* By its driver, which may ask for things of it. */
static inline bool port_component_is_drivers(const struct port_component *component)
{
    return port_component_is_registered(component) && !component->is.by_port;
}

/* ---- the driver's references: at most DISPATCH_LEVEL ---- */

/* True: it is active now. False: it will be, and the driver is told. */
bool port_component_activate(struct port_adapter *adapter, struct port_component *component);
enum port_component_idled { PORT_IDLED, PORT_STILL_ACTIVE, PORT_NOT_REFERENCED };
enum port_component_idled port_component_idle(struct port_adapter *adapter, struct port_unit *unit);
/* What is expected of the component has changed: the worker looks. Any IRQL. */
void port_runtime_wake(struct port_adapter *adapter);

/* ---- the machine's ---- */

/* power.c, for the worker: into D3 and back. 0, or a negative errno: it has stayed in D0, or has
 * failed on the way up. */
int port_runtime_power_down(struct port_adapter *adapter);
int port_runtime_power_up(struct port_adapter *adapter);
int port_runtime_unit_power_down(struct port_unit *unit);
void port_runtime_unit_power_up(struct port_unit *unit);

void port_runtime_initialize(struct port_adapter *adapter);
/* From its first start on; after this components sink. */
void port_runtime_start(struct port_adapter *adapter);
/* Waits until the worker has done what it was queued for before. PASSIVE_LEVEL, without a lock. */
void port_runtime_settle(struct port_adapter *adapter);
/* Nobody queues the worker any more. PASSIVE_LEVEL. */
void port_runtime_drain(struct port_adapter *adapter);

/* While it is held, an adapter that runs is in D0 and active, and with `all` its units as well:
 * what an event of its life wants, before it takes any mutex. Waits until that is so, or until it
 * cannot become so (the adapter does not run). PASSIVE_LEVEL, no mutex held, not in the worker. */
void port_runtime_hold(struct port_adapter *adapter, bool all);
void port_runtime_release(struct port_adapter *adapter, bool all);
/* For reset_work, which must not wait for the worker that may wait for it: holds all, or has it
 * woken, whereupon reset_work is queued again. PASSIVE_LEVEL. */
bool port_runtime_try_hold(struct port_adapter *adapter);
/* Lets everything that nobody needs sink at once, and waits until nothing more can be done.
 * PASSIVE_LEVEL. */
void port_runtime_idle_now(struct port_adapter *adapter);

/* What the driver has registered counts no more: it starts anew, or stops. Findings tell of
 * references that it kept. PASSIVE_LEVEL. */
void port_runtime_forget(struct port_adapter *adapter);
/* It is initialized anew to wake up: it registers the adapter again, and keeps its references. */
void port_runtime_withdraw(struct port_adapter *adapter);
void port_runtime_forget_unit(struct port_unit *unit);

/* ---- what it looks like ---- */

struct port_component_info {
    bool registered, active;
    uint32_t device_state; /* of the component's own: 0 or 3 */
    uint32_t fstate, fstate_count, references;
    struct port_fstate fstates[PORT_FSTATES_MAX];
    uint64_t active_ns, d3_ns, fstate_ns[PORT_FSTATES_MAX], fstate_entries[PORT_FSTATES_MAX];
    uint64_t activations, sleeps;
    uint32_t idle_timeout_ms;
    uint64_t latency_limit_100ns, residency_hint_100ns;
    bool power_required, d3_cold, by_port;
    /* Of an adapter, registered or not: its device knows D3cold; it may be used. */
    bool cold_supported, cold_allowed;
};
/* Times include what is going on now. Wakes nothing. Any IRQL. */
void port_component_describe(struct port_adapter *adapter, struct port_unit *unit,
                             struct port_component_info *ret_info);
/* A set of performance states by its number; false past the end. Any IRQL. */
bool port_runtime_perf_set(struct port_adapter *adapter, unsigned index,
                           struct port_perf_set *ret_set);

/* ---- performance states: at most DISPATCH_LEVEL ---- */

/* False: too many wait. The driver is told when the change is made. */
bool port_runtime_perf(struct port_adapter *adapter, const struct port_perf_change *change);

#ifdef __cplusplus
}
#endif

#endif

/*
 * life.h - what the events of an adapter's life share: one at a time, sent as IRPs, with requests
 * held back meanwhile (lifecycle sections 2, 12 and 13).
 */
#ifndef STORHOST_PORT_LIFE_H
#define STORHOST_PORT_LIFE_H

#include "port/adapter.h"

enum { PORT_DRAIN_TIMEOUT_MS = 90000 }; /* the reset ladder is through long before */

/* An event that somebody asked for and waits for. */
struct port_life {
    struct port_adapter *adapter;
    char *reason;
    size_t reason_size;
    int (*run)(struct port_life *life);
    int error; /* of `run` */
    bool ran;
    bool gone;                     /* the device that is removed is not there any more */
    bool removing;                 /* it has begun, and nothing brings the adapter back */
    unsigned device_state, action; /* of a power transition */
    bool runtime;                  /* of a component that is idle: the adapter's state stays */
};

/* Words what failed: "RaidPort0 (driver): ...". */
void port_life_explain(const struct port_life *life, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Sends the IRP that the event is on Windows; `run` does the work when it has come to the port. A
 * driver whose dispatch routine fails the IRP, or ends it alone, has refused: -EIO. */
int port_life_send(struct port_life *life, enum port_irp irp, int (*run)(struct port_life *life));
/* Does what comes before the IRP, or behind it: the units' part of the event, of which somebody is
 * told when it does not come back. Returns what `prepare` does. */
int port_life_prepare(struct port_life *life, enum port_irp irp,
                      int (*prepare)(struct port_life *life));
/* -EINVAL with a line unless the adapter is in the state. */
int port_life_expect(const struct port_life *life, enum port_adapter_state state,
                     const char *event);
/* "running" */
const char *port_adapter_state_name(enum port_adapter_state state);
void port_life_enter(struct port_adapter *adapter, enum port_adapter_state state);

/* Whether the adapter may go away, for a while or for good: -EIO while the system needs it. The
 * body of the query IRPs. */
int port_life_query(struct port_life *life);

/* Refuses later control codes, has later requests wait at the gate, and waits for those under way.
 * 0 with control_mutex held, no time-outs and no resets; -ETIMEDOUT with everything as before. */
int port_life_quiesce(struct port_life *life, uint32_t gate);
/* The way back from there: opens these gates, releases control_mutex; what waited goes on. */
void port_life_resume(struct port_adapter *adapter);
/* The adapter cannot be used any more, until it is started again: requests fail with NO_HBA.
 * Releases control_mutex. */
void port_life_fail(struct port_adapter *adapter, const char *why);

/* Ends what waits for gates, of all units. PASSIVE_LEVEL. */
void port_life_fail_waiting(struct port_adapter *adapter, enum port_status status,
                            uint8_t srb_status);

/* The same of one unit. */
int port_life_query_unit(struct port_life *life, const struct port_unit *unit);

/* idle_disk.c. A disk that has arrived or started is stopped when it is idle, if that is wanted and
 * the driver does not manage it. control_mutex held. */
void port_unit_manage_idle(struct port_unit *unit);
/* The power setting that says after which time. False: it is another, or none is managed.
 * control_mutex held. */
bool port_idle_disks_take(struct port_adapter *adapter, const struct port_notice *notice);

/* unit_power.c. Brings up what was ordered down. life_mutex held, the adapter in D0. */
void port_life_wake_units(struct port_life *life);
/* The end of the system, for one unit: SHUTDOWN for caches, and then its motor stops, only where
 * the adapter asks for it. control_mutex held. */
void port_unit_shut_down(struct port_unit *unit);
/* Ends requests that wait and must not wake it: the closed gate turns later ones back. */
void port_unit_fail_unpowered(struct port_unit *unit);

/* FLUSH to each unit if the adapter caches data. -EIO when one failed. control_mutex held. */
int port_life_flush(struct port_life *life);
/* SYNCHRONIZE CACHE to each disk. -EIO when one does not do it. control_mutex held, nothing
 * outstanding, gates closed. */
int port_life_empty_caches(struct port_life *life);
/* The same for one unit that is to sleep; false when it does not do it. */
bool port_unit_empty_cache(struct port_unit *unit);
/* After that, when the adapter has come back: takes from each disk the attentions that its absence
 * has raised. control_mutex held, gates closed. */
void port_life_hear_attentions(struct port_adapter *adapter);
/* The same for one unit that has slept with an empty cache. */
void port_unit_hear_attentions(struct port_unit *unit);
/* The removal in two steps, from nothing outstanding and control_mutex held. First its units,
 * flushed before if their device is still there: -EIO when that failed. */
int port_life_remove_units(struct port_life *life, bool gone);
/* Then itself, to REMOVED. Releases control_mutex. */
void port_life_remove(struct port_life *life, bool gone);

/* Asks the units and the adapter, by `query`, whether they may go; who was asked hears by `cancel`
 * when one refuses. 0; -EIO. life_mutex held. */
int port_life_ask(struct port_life *life, enum port_irp query, enum port_irp cancel);
/* They may, and nothing comes of it. */
void port_life_cancel(struct port_life *life, enum port_irp cancel);

/* unit_life.c. Sends the event to the unit's device, if it has started and has not heard of it;
 * control_mutex held, except for the first of the last three. */

/* False: the driver refused, and the device was removed again. */
bool port_unit_start(struct port_unit *unit);
void port_unit_surprise(struct port_unit *unit);
void port_unit_set_power(struct port_unit *unit, unsigned device_state, unsigned action);
/* `hears`: its miniport hears of it, too. */
void port_unit_remove(struct port_unit *unit, bool hears);
/* enumerate.c. It is gone for the bus: everybody hears of it, and it may come anew. */
void port_unit_depart(struct port_unit *unit);
/* All units. -EIO when one refuses. life_mutex held. */
int port_units_ask(struct port_life *life, enum port_irp irp);
void port_units_tell(struct port_adapter *adapter, enum port_irp irp);
void port_units_surprise(struct port_adapter *adapter);
/* Starts or powers up what is stopped or powered down, as well as it goes: what must be told to the
 * driver can be told then. life_mutex held. */
void port_life_bring_back(struct port_life *life);

/* power.c. The way up to D0, of the adapter and then its units. life_mutex held. */
int port_life_power_up(struct port_life *life);
/* What becomes of the adapter of a vanished device; the body of departure_work. */
void port_departure_run(void *context);

#endif

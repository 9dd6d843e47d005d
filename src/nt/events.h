/*
 * events.h - the event ring: what every layer writes and what traces, bug checks and the
 * simulator's hash read. One ring a processor plus one for threads that hold none.
 *
 * Off, it costs one predictable branch. The simulator turns it on to hash the order of events, a
 * recording (src/trace/recorder.h) to make a picture of them.
 */
#ifndef STORHOST_NT_EVENTS_H
#define STORHOST_NT_EVENTS_H

#include "sys/sys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum nt_event_kind {
    NT_EVENT_NONE,
    NT_EVENT_CALLBACK_ENTER, /* text: the routine's name */
    NT_EVENT_CALLBACK_LEAVE, /* a: the request that it was for, or 0 */
    /* Of requests, a is the trace number. */
    NT_EVENT_REQUEST_SUBMITTED, /* b: bytes; text: what, if it is no command; nt_event_request */
    NT_EVENT_REQUEST_WAITS,     /* b: the gates that are closed; text: why, if none is */
    NT_EVENT_REQUEST_STARTED,   /* it waits no longer; b: its tag */
    /* The driver's routine begins; b: SRB function. It ends with NT_EVENT_CALLBACK_LEAVE. */
    NT_EVENT_REQUEST_BUILD,     /* BuildIo */
    NT_EVENT_REQUEST_SENT,      /* StartIo */
    NT_EVENT_REQUEST_HELD,      /* after BuildIo gates keep it from StartIo; as WAITS */
    NT_EVENT_REQUEST_COMPLETED, /* the driver gave it back; b: SrbStatus */
    NT_EVENT_REQUEST_RETRIED,   /* b: how often so far */
    NT_EVENT_REQUEST_RETURNED, /* to its queue; b: nt_event_result, c: sense key, code, qualifier */
    NT_EVENT_REQUEST_DONE,     /* its submitter is called back */
    NT_EVENT_INTERRUPT,        /* begins; text: "line" or "message", b: number of the message */
    NT_EVENT_INTERRUPT_END,    /* b: claimed */
    NT_EVENT_DPC,              /* begins; c: routine */
    NT_EVENT_DPC_END,
    NT_EVENT_TIMER, /* begins; c: routine */
    NT_EVENT_TIMER_END,
    NT_EVENT_RESET,        /* begins; text: which */
    NT_EVENT_RESET_END,    /* b: whether it worked */
    NT_EVENT_GATE,         /* text: "close" or "open"; a: gates */
    NT_EVENT_LOG,          /* text: what; with a line */
    NT_EVENT_DRIVER_TRACE, /* a: line of the driver's source; with a line of text */
    NT_EVENT_FINDING,      /* text: the rule; with a line, the first time */
    NT_EVENT_RECORD,       /* text: what; a: trace number or 0; a title, names and values */
    NT_EVENT_STATE,        /* text: what the object does now; a, b: numbers of it */
    NT_EVENT_NAME,         /* line: the object's, or without one the thread's */
    NT_EVENT_CODE,         /* addresses of routines mean something else now */
    NT_EVENT_BUGCHECK,     /* a: code; with a line */
    NT_EVENT_COUNTER,      /* text: which; a: value */
    NT_EVENT_PHASE,        /* text: what the object is from now on; a: nt_event_phase; line: why */
    NT_EVENT_REGISTER,     /* text: "reads" or "writes"; a: offset; b: nt_event_place, c: value */
};

/* An object is in one phase of each at a time. */
enum nt_event_phase {
    NT_PHASE_PNP,       /* Plug and Play: running, stopped, ... */
    NT_PHASE_POWER,     /* D-states, and the ways between them */
    NT_PHASE_COMPONENT, /* of the power framework: active, or idle in which F-state */
    NT_PHASE_COUNT,
};

enum {
    NT_EVENT_PROCESSORS = 256,
    NT_EVENT_NO_PROCESSOR = 0xFFFF,
    NT_EVENT_DATA_BYTES = 1008, /* what does not fit is cut off */
};

/* What an event is about: an adapter, one of its units, or nothing (0). */
static inline uint64_t nt_event_adapter(unsigned number)
{
    return (uint64_t)(number + 1) << 32;
}
static inline uint64_t nt_event_unit(unsigned adapter, unsigned path, unsigned target, unsigned lun)
{
    return nt_event_adapter(adapter) | 1u << 24 | path << 16 | target << 8 | lun;
}

/* The data of NT_EVENT_REQUEST_SUBMITTED. */
struct nt_event_request {
    uint8_t cdb_length; /* 0: it is no SCSI command */
    uint32_t length;    /* of its data */
    uint32_t timeout_s;
    uint8_t cdb[32];
};

/* What the driver, the port and the device say of a request's end, in one number. */
static inline uint64_t nt_event_result(uint8_t srb_status, uint8_t scsi_status, uint8_t port_status,
                                       uint32_t transferred)
{
    return (uint64_t)transferred << 32 | (uint32_t)port_status << 16 | (uint32_t)scsi_status << 8 |
           srb_status;
}

/* Which registers an access touches, in one number: the BAR, and how many bytes. */
static inline uint64_t nt_event_place(unsigned bar, unsigned size)
{
    return (uint64_t)bar << 8 | size;
}

/* The activity that a request with this trace number is: a GUID. */
static inline void nt_event_activity(uint64_t number, uint8_t ret_guid[16])
{
    static const uint8_t ours[8] = {0x80, 0x73, 0x74, 0x6F, 0x72, 0x68, 0x73, 0x74};

    for (unsigned i = 0; i < 8; i++) {
        ret_guid[i] = (uint8_t)(number >> 8 * i);
        ret_guid[8 + i] = ours[i];
    }
}

/* An event as it is read. */
struct nt_event {
    uint64_t time_ns;
    uint64_t a, b;
    uint64_t c;      /* anything, also an address: never in the hash */
    uint64_t object; /* nt_event_adapter, nt_event_unit or 0 */
    const char *text;
    uint16_t kind;
    uint16_t processor; /* NT_EVENT_NO_PROCESSOR: none held */
    uint16_t thread;
    uint16_t size; /* of the data */
    union {
        char line[NT_EVENT_DATA_BYTES + 8]; /* terminated, whatever it holds */
        uint64_t data[NT_EVENT_DATA_BYTES / 8 + 1];
    };
};

/* What is not to be hashed of an event is given here; zeroes do. */
struct nt_event_more {
    uint64_t c, object;
    const void *data;
    size_t size;
    const char *site; /* hashed instead of the text, and not kept; NULL: the text */
};

extern SYS_HIDDEN bool nt_events_on;
/* `text` is a string constant; a and b must be deterministic numbers, never addresses, so that the
 * same seed gives the same hash. Any IRQL. */
void nt_event_write(enum nt_event_kind kind, const char *text, uint64_t a, uint64_t b);
void nt_event_write_object(enum nt_event_kind kind, const char *text, uint64_t a, uint64_t b,
                           uint64_t c, uint64_t object);
void nt_event_write_more(enum nt_event_kind kind, const char *text, uint64_t a, uint64_t b,
                         const struct nt_event_more *more);
/* A line that a driver's trace makes. `site` is the format that made it: the hash covers it instead
 * of the line, which may hold addresses, and it is not kept. */
void nt_event_write_line(const char *site, uint64_t number, const char *line);
/* For hot paths, which work out an event's numbers only when it is wanted. */
static inline bool nt_events_are_on(void)
{
    return __builtin_expect(__atomic_load_n(&nt_events_on, __ATOMIC_RELAXED), 0);
}
static inline void nt_event(enum nt_event_kind kind, const char *text, uint64_t a, uint64_t b)
{
    if (nt_events_are_on())
        nt_event_write(kind, text, a, b);
}
static inline void nt_event_on(uint64_t object, enum nt_event_kind kind, const char *text,
                               uint64_t a, uint64_t b)
{
    if (nt_events_are_on())
        nt_event_write_object(kind, text, a, b, 0, object);
}
/* PASSIVE_LEVEL, while no other thread writes events. Switching on empties the rings and begins a
 * hash. */
void nt_events_enable(bool on);
/* Order-dependent hash over all events since they were enabled (kind, text, a, b, processor). With
 * real threads the order counts within a processor only. */
uint64_t nt_events_hash(void);
/* Newest first; returns how many were copied. */
size_t nt_events_last(struct nt_event *ret_events, size_t count);

/* ---- a recording: everything is read once, in the order of time ---- */

/* PASSIVE_LEVEL; one at a time. Beside writers. -EBUSY, -ENOMEM. */
struct nt_event_reader;
int nt_events_record(struct nt_event_reader **ret_reader);
/* The events that are wanted for the recording alone end; what the rings hold can still be read. */
void nt_events_record_end(struct nt_event_reader *reader);
void nt_events_reader_destroy(struct nt_event_reader *reader);
/* A recording is under way. Any IRQL. */
bool nt_events_are_recorded(void);
/* How many recordings have begun. */
uint32_t nt_events_recordings(void);
/* The next event that is older than `horizon_ns`; between rings the order is that of the times.
 * False: there is none yet. *ret_lost: how many events of its ring were overwritten since the one
 * before it there. */
bool nt_events_read(struct nt_event_reader *reader, uint64_t horizon_ns, struct nt_event *ret_event,
                    uint32_t *ret_lost);
/* Sleeps until a ring has filled by a quarter, somebody wakes it, or the deadline. */
void nt_events_read_wait(struct nt_event_reader *reader, uint64_t deadline_ns);
void nt_events_read_wake(void);
/* The reader has taken out everything that is older than the horizon. */
void nt_events_read_looked(uint64_t horizon_ns);
/* Waits until the reader, if there is one, has seen all that was written before the call. Any IRQL,
 * any lock held, but not by the reader. False: not by the deadline. */
bool nt_events_settle(uint64_t deadline_ns);

#ifdef __cplusplus
}
#endif

#endif

/*
 * unit_queue.c - what class drivers do to a unit's queue: lock, freeze and release, flush, quiesce,
 * claim (lifecycle section 5).
 *
 * A lock and a freeze are gates like others, but requests that say so go through them, ahead of
 * what waits.
 */
#include "nt/bugcheck.h"
#include "port/adapter.h"

#include <errno.h>
#include <stdlib.h>

enum { SRB_REQUEST_FLUSHED = 0x16, POLL_MS = 1 };

struct port_queue_lock {
    struct port_queue_lock *next;
    const void *owner;
    uint32_t count;
};

/* ---- locks ---- */

static struct port_queue_lock **lock_of_locked(struct port_unit *unit, const void *owner)
{
    struct port_queue_lock **link = &unit->locks;

    while (*link && (*link)->owner != owner)
        link = &(*link)->next;
    return link;
}

static int queue_lock(struct port_unit *unit, const void *owner)
{
    struct port_queue_lock *fresh = malloc(sizeof(*fresh));

    if (!fresh)
        return -ENOMEM;
    *fresh = (struct port_queue_lock){.owner = owner};
    uint8_t old = nt_spinlock_acquire_raise(&unit->lock, NT_DISPATCH_LEVEL);
    struct port_queue_lock **link = lock_of_locked(unit, owner);
    if (!*link) {
        *link = fresh;
        fresh = NULL;
    }
    (*link)->count++;
    port_unit_gate_close(unit, PORT_GATE_LOCKED);
    nt_spinlock_release_lower(&unit->lock, old);
    free(fresh);
    return 0;
}

static int queue_unlock(struct port_unit *unit, const void *owner)
{
    uint8_t old = nt_spinlock_acquire_raise(&unit->lock, NT_DISPATCH_LEVEL);
    struct port_queue_lock **link = lock_of_locked(unit, owner), *lock = *link, *spent = NULL;

    if (lock && --lock->count == 0) {
        *link = lock->next;
        spent = lock;
    }
    if (spent && !unit->locks)
        port_unit_gate_open(unit, PORT_GATE_LOCKED);
    nt_spinlock_release_lower(&unit->lock, old);
    free(spent);
    return lock ? 0 : -EINVAL;
}

void port_unit_forget_locks(struct port_unit *unit)
{
    while (unit->locks) {
        struct port_queue_lock *next = unit->locks->next;
        free(unit->locks);
        unit->locks = next;
    }
}

/* ---- the operations ---- */

static void queue_quiesce(const struct port_unit *unit)
{
    while (port_unit_started(unit))
        sys_delay_ns(POLL_MS * SYS_NS_PER_MS);
}

int port_unit_queue(struct port_unit *unit, enum port_queue_operation operation, const void *owner)
{
    switch (operation) {
    case PORT_QUEUE_LOCK:
        return queue_lock(unit, owner);
    case PORT_QUEUE_UNLOCK:
        return queue_unlock(unit, owner);
    case PORT_QUEUE_FLUSH:
        port_unit_fail_pending(unit, PORT_CANCELLED, SRB_REQUEST_FLUSHED);
        port_unit_gate_open(unit, PORT_GATE_FROZEN);
        return 0;
    case PORT_QUEUE_RELEASE:
        port_unit_gate_open(unit, PORT_GATE_FROZEN);
        return 0;
    case PORT_QUEUE_QUIESCE:
        queue_quiesce(unit);
        return 0;
    }
    return -EINVAL;
}

/* ---- claims ---- */

int port_unit_claim(struct port_unit *unit, const void *owner)
{
    const void *nobody = NULL;

    return __atomic_compare_exchange_n(&unit->claimed_by, &nobody, owner, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE)
               ? 0
               : -EBUSY;
}

int port_unit_unclaim(struct port_unit *unit, const void *owner)
{
    return __atomic_compare_exchange_n(&unit->claimed_by, &owner, NULL, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_ACQUIRE)
               ? 0
               : -EINVAL;
}

/* ---- Windows statuses ---- */

uint32_t port_request_nt_status(const struct port_request *request)
{
    enum {
        STATUS_SUCCESS = 0,
        STATUS_BUFFER_OVERFLOW = 0x80000005,
        STATUS_INVALID_DEVICE_REQUEST = 0xC0000010,
        STATUS_DEVICE_NOT_CONNECTED = 0xC000009D,
        STATUS_DEVICE_NOT_READY = 0xC00000A3,
        STATUS_INSUFFICIENT_RESOURCES = 0xC000009A,
        STATUS_IO_TIMEOUT = 0xC00000B5,
        STATUS_DEVICE_DOES_NOT_EXIST = 0xC00000C0,
        STATUS_CANCELLED = 0xC0000120,
        STATUS_IO_DEVICE_ERROR = 0xC0000185,
        STATUS_DEVICE_BUSY = 0x80000011,
        STATUS_INVALID_PARAMETER = 0xC000000D,
    };
    static const struct {
        uint8_t srb_status;
        uint32_t status;
    } rows[] = {
        {0x01, STATUS_SUCCESS},
        {0x05, STATUS_DEVICE_BUSY},
        {0x06, STATUS_INVALID_DEVICE_REQUEST}, /* INVALID_REQUEST */
        {0x08, STATUS_DEVICE_DOES_NOT_EXIST},  /* NO_DEVICE */
        {0x09, STATUS_IO_TIMEOUT},             /* TIMEOUT */
        {0x0A, STATUS_DEVICE_NOT_CONNECTED},   /* SELECTION_TIMEOUT */
        {0x0B, STATUS_IO_TIMEOUT},             /* COMMAND_TIMEOUT */
        {0x11, STATUS_DEVICE_DOES_NOT_EXIST},  /* NO_HBA */
        {0x12, STATUS_BUFFER_OVERFLOW},        /* DATA_OVERRUN */
        {0x15, STATUS_INVALID_DEVICE_REQUEST}, /* BAD_SRB_BLOCK_LENGTH */
        {SRB_REQUEST_FLUSHED, STATUS_CANCELLED},
        {0x20, STATUS_DEVICE_DOES_NOT_EXIST},  /* INVALID_LUN */
        {0x21, STATUS_DEVICE_DOES_NOT_EXIST},  /* INVALID_TARGET_ID */
        {0x22, STATUS_INVALID_DEVICE_REQUEST}, /* BAD_FUNCTION */
        {0x24, STATUS_DEVICE_NOT_READY},       /* NOT_POWERED */
    };
    static const uint32_t by_port_status[] = {
        [PORT_NO_DEVICE] = STATUS_DEVICE_DOES_NOT_EXIST,
        [PORT_TIMED_OUT] = STATUS_IO_TIMEOUT,
        [PORT_CANCELLED] = STATUS_CANCELLED,
        [PORT_NO_MEMORY] = STATUS_INSUFFICIENT_RESOURCES,
        [PORT_TOO_LARGE] = STATUS_INVALID_PARAMETER,
        [PORT_NOT_POWERED] = STATUS_DEVICE_NOT_READY,
        [PORT_UNSUPPORTED] = STATUS_INVALID_DEVICE_REQUEST,
    };

    if (request->status != PORT_OK)
        return by_port_status[request->status];
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].srb_status == (request->srb_status & ~PORT_SRB_FROZEN))
            return rows[i].status;
    return STATUS_IO_DEVICE_ERROR;
}

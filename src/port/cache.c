/*
 * cache.c - the volatile caches of disks around the power states and stops of their adapter: what
 * class drivers do on Windows.
 *
 * Rule: an attention that tells of a reset is kept for whoever wrote to the unit, except those that
 * come after the port itself has made everything durable and taken the adapter away: those tell of
 * nothing lost. Both are heard with the gates closed, so no client's command can come between.
 */
#include "port/life.h"

#include <errno.h>

enum {
    DISK = 0,
    OP_TEST_UNIT_READY = 0x00,
    OP_SYNCHRONIZE_CACHE = 0x35,
    SYNCHRONIZE_TIMEOUT_S = 60,
    READY_TIMEOUT_S = 10,
    TRIES = 8, /* more attentions than units queue up */
    PAUSE_MS = 100,
    SENSE_BYTES = 32,

    SRB_SUCCESS = 0x01,
    SRB_ABORTED = 0x02,
    SRB_ERROR = 0x04,
    SRB_BUSY = 0x05,
    SRB_INVALID_REQUEST = 0x06,
    SRB_BUS_RESET = 0x0E,
    SRB_BAD_FUNCTION = 0x22,
    SCSI_GOOD = 0x00,
    SCSI_CHECK_CONDITION = 0x02,
    KEY_NONE = 0x0,
    KEY_RECOVERED = 0x1,
    KEY_NOT_READY = 0x2,
    KEY_ILLEGAL_REQUEST = 0x5,
    KEY_UNIT_ATTENTION = 0x6,
    KEY_DATA_PROTECT = 0x7,
    KEY_ABORTED = 0xB,
};

enum outcome { OUTCOME_DONE, OUTCOME_AGAIN, OUTCOME_ATTENTION, OUTCOME_FAILED };

struct command {
    struct port_request request;
    uint8_t sense[SENSE_BYTES];
};

struct sense {
    uint8_t key, code, qualifier;
    bool deferred;
};

static bool sense_read(const struct command *command, struct sense *ret_sense)
{
    const uint8_t *bytes = command->sense;
    size_t length = command->request.sense_length;

    if (command->request.scsi_status != SCSI_CHECK_CONDITION || length < 3 ||
        (bytes[0] & 0x7C) != 0x70)
        return false;
    bool descriptors = (bytes[0] & 0x7E) == 0x72;
    *ret_sense = (struct sense){.key = (descriptors ? bytes[1] : bytes[2]) & 0x0F,
                                .deferred = bytes[0] & 0x01};
    if (descriptors || length >= 14) {
        ret_sense->code = bytes[descriptors ? 2 : 12];
        ret_sense->qualifier = descriptors && length < 4 ? 0 : bytes[descriptors ? 3 : 13];
    }
    return true;
}

static uint32_t attention_of(const struct sense *sense)
{
    if (sense->deferred || (sense->code == 0x29 && sense->qualifier == 0x01))
        return PORT_ATTENTION_CACHE_LOST;
    if (sense->code == 0x29)
        return PORT_ATTENTION_RESET;
    return PORT_ATTENTION_CHANGED;
}

/* A unit that does not know the command, has no medium, or is stopped or write-protected keeps
 * nothing that could be lost. */
static bool nothing_to_lose(const struct sense *sense)
{
    switch (sense->key) {
    case KEY_NONE:
    case KEY_RECOVERED:
    case KEY_ILLEGAL_REQUEST:
    case KEY_DATA_PROTECT:
        return true;
    case KEY_NOT_READY:
        return sense->code == 0x3A || (sense->code == 0x04 && sense->qualifier == 0x02);
    default:
        return false;
    }
}

static enum outcome judge(const struct command *command, struct sense *ret_sense)
{
    const struct port_request *request = &command->request;

    if (request->status != PORT_OK)
        return OUTCOME_FAILED;
    if (sense_read(command, ret_sense)) {
        if (ret_sense->deferred || ret_sense->key == KEY_UNIT_ATTENTION)
            return OUTCOME_ATTENTION;
        if (ret_sense->key == KEY_ABORTED)
            return OUTCOME_AGAIN;
        return nothing_to_lose(ret_sense) ? OUTCOME_DONE : OUTCOME_FAILED;
    }
    if (request->scsi_status != SCSI_GOOD)
        return OUTCOME_AGAIN;
    switch (request->srb_status) {
    case SRB_SUCCESS:
    case SRB_INVALID_REQUEST:
    case SRB_BAD_FUNCTION:
        return OUTCOME_DONE;
    case SRB_ABORTED:
    case SRB_ERROR:
    case SRB_BUSY:
    case SRB_BUS_RESET:
        return OUTCOME_AGAIN;
    default:
        return OUTCOME_FAILED;
    }
}

/* Runs the command until the unit has no attention to tell of, and returns them all. */
static enum outcome run(struct port_unit *unit, uint8_t operation, uint32_t timeout_s,
                        uint32_t *ret_attentions)
{
    enum outcome outcome = OUTCOME_FAILED;

    *ret_attentions = 0;
    for (unsigned i = 0; i < TRIES; i++) {
        struct sense sense;
        struct command command = {
            .request = {
                .function = PORT_EXECUTE_SCSI,
                .flags = PORT_FLAG_BYPASS_GATES | PORT_FLAG_NO_FREEZE | PORT_FLAG_D3_PROCESSING,
                .timeout_s = timeout_s,
                .direction = PORT_NO_DATA,
                .cdb_length = operation == OP_TEST_UNIT_READY ? 6 : 10,
                .cdb = {operation},
                .sense = command.sense,
                .sense_capacity = SENSE_BYTES,
            }};
        port_control_execute(unit->adapter->control_queue, unit, &command.request, timeout_s);
        outcome = judge(&command, &sense);
        if (outcome == OUTCOME_DONE || outcome == OUTCOME_FAILED)
            return outcome;
        if (outcome == OUTCOME_ATTENTION)
            *ret_attentions |= attention_of(&sense);
        else
            sys_delay_ns(PAUSE_MS * SYS_NS_PER_MS);
    }
    return outcome;
}

/* One that sleeps keeps nothing, and is not to be woken. */
static bool has_cache(const struct port_unit *unit)
{
    return unit->present && (unit->inquiry[0] & 0x1F) == DISK && !port_unit_sleeps(unit) &&
           !__atomic_load_n(&unit->adapter->removed, __ATOMIC_ACQUIRE);
}

static void keep_attentions(struct port_unit *unit, uint32_t attentions)
{
    if (attentions)
        __atomic_or_fetch(&unit->attentions, attentions, __ATOMIC_RELEASE);
}

bool port_unit_empty_cache(struct port_unit *unit)
{
    uint32_t attentions;

    if (!has_cache(unit))
        return true;
    enum outcome outcome = run(unit, OP_SYNCHRONIZE_CACHE, SYNCHRONIZE_TIMEOUT_S, &attentions);
    keep_attentions(unit, attentions);
    return outcome == OUTCOME_DONE || __atomic_load_n(&unit->adapter->removed, __ATOMIC_ACQUIRE);
}

int port_life_empty_caches(struct port_life *life)
{
    for (struct port_unit *unit = life->adapter->units; unit; unit = unit->next) {
        if (port_unit_empty_cache(unit))
            continue;
        port_life_explain(life,
                          "unit %s does not write its cache to the medium; it goes on as it "
                          "was",
                          unit->name);
        return -EIO;
    }
    life->adapter->caches_empty = true;
    return 0;
}

static void hear_attentions(struct port_unit *unit, uint32_t explained)
{
    uint32_t attentions;

    if (!has_cache(unit))
        return;
    (void)run(unit, OP_TEST_UNIT_READY, READY_TIMEOUT_S, &attentions);
    keep_attentions(unit, attentions & ~explained);
}

void port_life_hear_attentions(struct port_adapter *adapter)
{
    uint32_t explained =
        adapter->caches_empty ? PORT_ATTENTION_CACHE_LOST | PORT_ATTENTION_RESET : 0;

    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        hear_attentions(unit, explained);
}

void port_unit_hear_attentions(struct port_unit *unit)
{
    hear_attentions(unit, PORT_ATTENTION_CACHE_LOST | PORT_ATTENTION_RESET);
}

uint32_t port_unit_take_attentions(struct port_unit *unit)
{
    if (!__atomic_load_n(&unit->attentions, __ATOMIC_RELAXED))
        return 0;
    return __atomic_exchange_n(&unit->attentions, 0, __ATOMIC_ACQ_REL);
}

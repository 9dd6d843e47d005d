/*
 * enumerate.c - finding logical units (lifecycle section 4): REPORT LUNS, INQUIRY, vital product
 * data; arrivals and departures against the pass before.
 *
 * Passes are serialised by control_mutex; a trigger that comes while one runs makes one more.
 */
#include "nt/bugcheck.h"
#include "port/life.h"
#include "port/trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    DISCOVERY_TIMEOUT_S = 10,
    DISCOVERY_RETRIES = 3,
    INQUIRY_LENGTH = 36,
    INQUIRY_LENGTH_MIN = 5, /* what it is, and how long the answer would be */
    REPORT_LUNS_LENGTH = 16 + 255 * 8,
    REPORT_LUNS_MAX = 64 * 1024, /* a bound of ours on what a device may claim */
    VPD_LENGTH = 255,
    SRB_SUCCESS = 0x01,
    SRB_ABORTED = 0x02,
    SRB_BUS_RESET = 0x0E,
    SRB_SELECTION_TIMEOUT = 0x0A,
    SRB_NO_DEVICE = 0x08,
    SRB_INVALID_PATH_ID = 0x07,
    SRB_DATA_OVERRUN = 0x12,
    SRB_INVALID_TARGET_ID = 0x21,
    SCSI_CHECK_CONDITION = 0x02,
    SENSE_UNIT_ATTENTION = 0x06,
};

struct discovery {
    struct port_request request;
    uint8_t sense[PORT_SENSE_BYTES];
};

static bool is_unit_attention(const struct discovery *discovery)
{
    const struct port_request *request = &discovery->request;

    if (request->scsi_status != SCSI_CHECK_CONDITION || request->sense_length < 3)
        return false;
    uint8_t format = discovery->sense[0] & 0x7F;
    uint8_t key = format >= 0x72 ? discovery->sense[1] : discovery->sense[2];
    return (key & 0x0F) == SENSE_UNIT_ATTENTION;
}

/* A reset of somebody else came in between: the command was not answered. */
static bool was_reset(const struct port_request *request)
{
    return request->srb_status == SRB_BUS_RESET || request->srb_status == SRB_ABORTED;
}

/* One discovery command; unit attentions are expected of a device that was just reset. True when
 * data came (an overrun with some data counts as success). */
static bool discover(struct port_unit *unit, const uint8_t *cdb, uint8_t cdb_length, void *buffer,
                     uint32_t length, struct discovery *discovery)
{
    struct port_adapter *adapter = unit->adapter;

    for (unsigned attempt = 0; attempt < DISCOVERY_RETRIES; attempt++) {
        struct port_request *request = &discovery->request;
        *request = (struct port_request){
            .unit = unit,
            .single = {buffer, length},
            .length = length,
            .timeout_s = DISCOVERY_TIMEOUT_S,
            .flags = PORT_FLAG_NO_FREEZE | PORT_FLAG_BYPASS_FROZEN | PORT_FLAG_BYPASS_LOCKED |
                     PORT_FLAG_DISCOVERY | (unit->present ? 0 : PORT_FLAG_UNTAGGED),
            .function = PORT_EXECUTE_SCSI,
            .direction = length ? PORT_DATA_IN : PORT_NO_DATA,
            .cdb_length = cdb_length,
            .sense = discovery->sense,
            .sense_capacity = sizeof(discovery->sense) - 1,
        };
        memcpy(request->cdb, cdb, cdb_length);
        port_execute(adapter->control_queue, request);
        if (request->status != PORT_OK)
            return false;
        if (request->srb_status == SRB_SUCCESS || request->srb_status == SRB_DATA_OVERRUN)
            return true;
        if (!is_unit_attention(discovery) && !was_reset(request))
            return false;
    }
    return false;
}

static bool inquire(struct port_unit *unit, uint8_t page, bool vital, void *buffer, uint8_t length,
                    struct discovery *discovery)
{
    const uint8_t cdb[6] = {0x12, vital, page, 0, length, 0};

    memset(buffer, 0, length);
    return discover(unit, cdb, sizeof(cdb), buffer, length, discovery);
}

/* ---- one unit ---- */

static bool nothing_there(const struct discovery *discovery)
{
    switch (discovery->request.srb_status) {
    case SRB_SELECTION_TIMEOUT:
    case SRB_NO_DEVICE:
    case SRB_INVALID_TARGET_ID:
    case SRB_INVALID_PATH_ID:
        return true;
    default:
        return discovery->request.status != PORT_OK;
    }
}

/* Reads one VPD page whole; the length in its header is the device's word and bounded by ours. */
static void read_vpd(struct port_unit *unit, uint8_t page, uint8_t **ret_data, uint16_t *ret_length)
{
    struct discovery discovery;
    uint8_t data[VPD_LENGTH];

    if (!inquire(unit, page, true, data, VPD_LENGTH, &discovery) ||
        discovery.request.transferred < 4 || data[1] != page)
        return;
    size_t length = 4 + ((size_t)data[2] << 8 | data[3]);
    if (length > discovery.request.transferred)
        length = discovery.request.transferred;
    struct port_unit_page *copy = malloc(sizeof(*copy) + length);
    if (!copy)
        return;
    memcpy(copy->data, data, length);
    copy->next = unit->pages;
    unit->pages = copy;
    *ret_data = copy->data;
    *ret_length = (uint16_t)length;
}

static void read_vital_product_data(struct port_unit *unit)
{
    struct discovery discovery;
    uint8_t pages[VPD_LENGTH];

    unit->vpd_serial = unit->vpd_identification = NULL;
    unit->vpd_serial_length = unit->vpd_identification_length = 0;
    if (!inquire(unit, 0x00, true, pages, VPD_LENGTH, &discovery) ||
        discovery.request.transferred < 4)
        return;
    unsigned count = pages[3];
    if (count + 4 > discovery.request.transferred)
        count = discovery.request.transferred - 4;
    for (unsigned i = 0; i < count; i++) {
        if (pages[4 + i] == 0x83)
            read_vpd(unit, 0x83, &unit->vpd_identification, &unit->vpd_identification_length);
        if (pages[4 + i] == 0x80)
            read_vpd(unit, 0x80, &unit->vpd_serial, &unit->vpd_serial_length);
    }
}

/* Nobody finds it any more, and it may come anew. */
static void unit_forget(struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;

    __atomic_store_n(&unit->listed, 0, __ATOMIC_RELAXED);
    if (adapter->model->unit_forgotten)
        adapter->model->unit_forgotten(unit);
    port_unit_retire(unit);
}

/* After the query that has told of it. */
static void unit_arrive(struct port_unit *unit, bool passthrough)
{
    struct port_adapter *adapter = unit->adapter;

    if (!port_unit_start(unit)) {
        unit_forget(unit);
        return;
    }
    port_unit_manage_idle(unit);
    __atomic_store_n(&unit->present, true, __ATOMIC_RELEASE);
    if (nt_events_are_on())
        port_trace_name_unit(unit);
    if (__atomic_load_n(&adapter->started, __ATOMIC_ACQUIRE))
        port_adapter_log(adapter, "unit %s arrived%s", unit->name,
                         passthrough ? ", for virtual machines" : "");
}

/* INQUIRY to a unit; accepts it (creating what is missing) when it answers for a present device.
 * True when it answered at all. */
static bool examine(struct port_adapter *adapter, uint8_t path, uint8_t target, uint8_t lun)
{
    struct discovery found, *discovery = &found;
    struct port_unit *unit = port_unit_obtain(adapter, path, target, lun);
    uint8_t data[sizeof(unit->inquiry)];

    if (!unit)
        return false;
    if (__atomic_load_n(&unit->failed, __ATOMIC_SEQ_CST))
        return true; /* it answers perhaps, and is not wanted */
    if (unit->device_state) {
        unit->seen = true; /* as far as can be told without waking it */
        return true;
    }
    bool answered = inquire(unit, 0, false, data, INQUIRY_LENGTH, discovery) &&
                    discovery->request.transferred >= INQUIRY_LENGTH_MIN;
    unsigned full = data[4] + 5u;
    if (answered && discovery->request.transferred < INQUIRY_LENGTH) {
        /* Older than the texts, or the driver cut it: what is missing reads as zeroes. */
        if (full > discovery->request.transferred)
            full = discovery->request.transferred;
    } else if (answered && full > INQUIRY_LENGTH) {
        struct discovery longer;
        uint8_t again[sizeof(data)];
        if (full > 255)
            full = 255;
        if (inquire(unit, 0, false, again, (uint8_t)full, &longer) &&
            longer.request.transferred >= INQUIRY_LENGTH)
            memcpy(data, again, full);
        else
            full = INQUIRY_LENGTH;
    }
    if (!answered || data[0] >> 5 != 0) {
        unit->seen = false;
        return answered;
    }
    unit->seen = true;
    if (!unit->present) {
        unit->inquiry_length = (uint16_t)full;
        memset(unit->inquiry, 0, sizeof(unit->inquiry));
        memcpy(unit->inquiry, data, full < INQUIRY_LENGTH ? INQUIRY_LENGTH : full);
        read_vital_product_data(unit);
        unit->arriving = true;
    }
    return true;
}

/* ---- one target ---- */

static uint32_t get_be32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put_be32(uint8_t *bytes, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* First-level peripheral or flat addressing, reduced to 8 bits; -1 for what we cannot address. */
static int lun_number(const uint8_t entry[8])
{
    uint8_t method = entry[0] >> 6;

    for (unsigned i = 2; i < 8; i++)
        if (entry[i])
            return -1;
    if (method == 0 && entry[0] == 0)
        return entry[1];
    if (method == 1 && (entry[0] & 0x3F) == 0)
        return entry[1];
    return -1;
}

/* The header counts, also where the driver moved less: the buffer began as zeroes, which name unit
 * 0, and drivers with one unit leave it at that. */
static void mark_luns(const struct port_adapter *adapter, const uint8_t *data, size_t room,
                      bool luns[256])
{
    size_t length = get_be32(data);

    if (length > room - 8)
        length = room - 8;
    for (size_t i = 0; i + 8 <= length; i += 8) {
        int lun = lun_number(data + 8 + i);
        if (lun >= 0 && (unsigned)lun < adapter->limits.units_per_target)
            luns[lun] = true;
    }
}

/* Marks the LUNs of the list in `luns`. `room` bytes are asked for; *ret_needed is what the device
 * has. False when the target has no working REPORT LUNS; *ret_nothing when there is no target. */
static bool report_luns_once(struct port_unit *unit, size_t room, bool luns[256],
                             size_t *ret_needed, bool *ret_nothing)
{
    uint8_t cdb[12] = {0xA0};
    struct discovery discovery;
    bool listed = false;

    put_be32(cdb + 6, (uint32_t)room);
    uint8_t *data = calloc(1, room);
    if (!data)
        return false;
    if (!discover(unit, cdb, sizeof(cdb), data, (uint32_t)room, &discovery)) {
        *ret_nothing = nothing_there(&discovery);
    } else if (discovery.request.transferred >= 8) {
        mark_luns(unit->adapter, data, room, luns);
        *ret_needed = get_be32(data) + (size_t)8;
        listed = true;
    }
    free(data);
    return listed;
}

/* A list that was longer than the buffer is asked for once more, in its own length. */
static bool report_luns(struct port_adapter *adapter, uint8_t path, uint8_t target, bool luns[256],
                        bool *ret_nothing)
{
    struct port_unit *unit = port_unit_obtain(adapter, path, target, 0);
    size_t needed = 0;

    *ret_nothing = false;
    if (!unit || unit->device_state)
        return false;
    if (!report_luns_once(unit, REPORT_LUNS_LENGTH, luns, &needed, ret_nothing))
        return false;
    if (needed > REPORT_LUNS_LENGTH && needed <= REPORT_LUNS_MAX)
        (void)report_luns_once(unit, needed, luns, &needed, ret_nothing);
    return true;
}

static void enumerate_target(struct port_adapter *adapter, uint8_t path, uint8_t target)
{
    bool luns[256] = {false};
    bool nothing;

    bool listed = report_luns(adapter, path, target, luns, &nothing);
    if (nothing)
        return;
    if (!listed) {
        if (!examine(adapter, path, target, 0))
            return;
        for (unsigned lun = 1; lun < 8 && lun < adapter->limits.units_per_target; lun++)
            luns[lun] = true;
    }
    /* Units known before are asked too, so that departed ones are noticed. */
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        if (unit->path == path && unit->target == target && unit->present)
            luns[unit->lun] = true;
    for (unsigned lun = listed ? 0 : 1; lun < 256; lun++)
        if (luns[lun])
            examine(adapter, path, target, (uint8_t)lun);
}

/* ---- a pass ---- */

/* No request gets an answer any more, which says nothing about the units. */
static bool is_ending(const struct port_adapter *adapter)
{
    return __atomic_load_n(&adapter->attention.gates, __ATOMIC_SEQ_CST) &
           (PORT_GATE_STOPPING | PORT_GATE_GONE);
}

static bool is_initiator(const struct port_adapter *adapter, unsigned path, unsigned target)
{
    return path < 8 && adapter->limits.initiator_id[path] == target;
}

/* The driver finds it until it has been told that it is gone. */
void port_unit_depart(struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;

    __atomic_store_n(&unit->present, false, __ATOMIC_RELEASE);
    port_adapter_log(adapter, "unit %s is gone", unit->name);
    port_unit_close(unit);
    port_unit_surprise(unit);
    port_unit_remove(unit, true);
    unit_forget(unit);
}

static bool in_scan(const struct port_unit *unit, const struct port_scan *scan)
{
    switch (scan->level) {
    case PORT_SCAN_ALL:
        return true;
    case PORT_SCAN_PATH:
        return unit->path == scan->path;
    case PORT_SCAN_TARGET:
        return unit->path == scan->path && unit->target == scan->target;
    case PORT_SCAN_UNIT:
        return unit->path == scan->path && unit->target == scan->target && unit->lun == scan->lun;
    }
    return false;
}

static bool target_in_scan(unsigned path, unsigned target, const struct port_scan *scan)
{
    return scan->level == PORT_SCAN_ALL ||
           (path == scan->path && (scan->level == PORT_SCAN_PATH || target == scan->target));
}

struct pass {
    struct port_adapter *adapter;
    const struct port_scan *scan;
};

static void look_at_target(const struct pass *pass, unsigned path, unsigned target)
{
    struct port_adapter *adapter = pass->adapter;
    const struct port_scan *scan = pass->scan;

    if (is_initiator(adapter, path, target) || !target_in_scan(path, target, scan) ||
        is_ending(adapter))
        return;
    if (scan->level != PORT_SCAN_UNIT)
        enumerate_target(adapter, (uint8_t)path, (uint8_t)target);
    else if (scan->lun < adapter->limits.units_per_target)
        examine(adapter, (uint8_t)path, (uint8_t)target, scan->lun);
    port_units_retire_unaccepted(adapter, (uint8_t)path, (uint8_t)target);
}

/* The body of the query of bus relations. */
static uint32_t pass_run(void *context)
{
    const struct pass *pass = context;
    struct port_adapter *adapter = pass->adapter;

    if (adapter->model->before_rescan)
        adapter->model->before_rescan(adapter);
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        unit->seen = !in_scan(unit, pass->scan);
    for (unsigned path = 0; path < adapter->limits.paths; path++)
        for (unsigned target = 0; target < adapter->limits.targets; target++)
            look_at_target(pass, path, target);
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        __atomic_store_n(&unit->listed, unit->arriving || (unit->present && unit->seen),
                         __ATOMIC_RELAXED);
    return 0;
}

/* A pass whose query failed changes nothing: the next one looks again. */
static void units_come_and_go(struct port_adapter *adapter, bool answered, bool passthrough)
{
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next) {
        bool arriving = unit->arriving;
        unit->arriving = false;
        if (is_ending(adapter))
            continue;
        if (answered && arriving)
            unit_arrive(unit, passthrough);
        else if (answered && unit->present && !unit->seen)
            port_unit_depart(unit);
        else if (arriving)
            unit_forget(unit);
    }
}

static bool enumerate_locked(struct port_adapter *adapter, const struct port_scan *scan)
{
    struct pass pass = {adapter, scan};

    if (is_ending(adapter))
        return false;
    uint32_t status =
        adapter->model->send
            ? adapter->model->send(adapter, PORT_IRP_QUERY_BUS_RELATIONS, pass_run, &pass)
            : pass_run(&pass);
    units_come_and_go(adapter, (int32_t)status >= 0, scan->passthrough);
    return true;
}

void port_enumerate_locked(struct port_adapter *adapter)
{
    (void)enumerate_locked(adapter, &(struct port_scan){.level = PORT_SCAN_ALL});
}

/* Stopped or powered down: the rescan is made when it is back. */
static bool is_away(struct port_adapter *adapter)
{
    if (!(__atomic_load_n(&adapter->attention.gates, __ATOMIC_SEQ_CST) & PORT_GATES_OF_LIFE))
        return false;
    __atomic_store_n(&adapter->rescan_missed, 1, __ATOMIC_SEQ_CST);
    return true;
}

bool port_enumerate_part(struct port_adapter *adapter, const struct port_scan *scan)
{
    port_runtime_hold(adapter, true);
    bool looked = is_away(adapter);
    if (!looked) {
        sys_mutex_lock(&adapter->control_mutex);
        looked = is_away(adapter) || enumerate_locked(adapter, scan);
        sys_mutex_unlock(&adapter->control_mutex);
    }
    port_runtime_release(adapter, true);
    return looked;
}

void port_enumerate(struct port_adapter *adapter)
{
    (void)port_enumerate_part(adapter, &(struct port_scan){.level = PORT_SCAN_ALL});
}

void port_adapter_rescan(struct port_adapter *adapter)
{
    port_enumerate(adapter);
}

void port_rescan_schedule(struct port_adapter *adapter)
{
    if (__atomic_load_n(&adapter->started, __ATOMIC_ACQUIRE))
        nt_work_queue(&adapter->rescan_work);
    else
        __atomic_store_n(&adapter->rescan_missed, 1, __ATOMIC_SEQ_CST);
}

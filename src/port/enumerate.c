/*
 * enumerate.c - finding logical units (lifecycle section 4): REPORT LUNS, INQUIRY, vital product
 * data; arrivals and departures against the pass before.
 *
 * Passes are serialised by control_mutex; a trigger that comes while one runs makes one more.
 */
#include "nt/bugcheck.h"
#include "port/adapter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    DISCOVERY_TIMEOUT_S = 10,
    DISCOVERY_RETRIES = 3,
    INQUIRY_LENGTH = 36,
    REPORT_LUNS_LENGTH = 16 + 255 * 8,
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
            .flags = PORT_FLAG_NO_FREEZE | PORT_FLAG_BYPASS_FROZEN | PORT_FLAG_DISCOVERY,
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
    uint8_t *copy = malloc(length);
    if (!copy)
        return;
    memcpy(copy, data, length);
    *ret_data = copy;
    *ret_length = (uint16_t)length;
}

static void read_vital_product_data(struct port_unit *unit)
{
    struct discovery discovery;
    uint8_t pages[VPD_LENGTH];

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

static void unit_arrive(struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;

    read_vital_product_data(unit);
    if (adapter->model->unit_started)
        adapter->model->unit_started(unit);
    __atomic_store_n(&unit->present, true, __ATOMIC_RELEASE);
    if (__atomic_load_n(&adapter->started, __ATOMIC_ACQUIRE))
        port_adapter_log(adapter, "unit %s arrived", unit->name);
}

/* INQUIRY to a unit; accepts it (creating what is missing) when it answers for a present device.
 * `discovery` keeps the outcome for the caller's decision about the target. */
static bool examine(struct port_adapter *adapter, uint8_t path, uint8_t target, uint8_t lun,
                    struct discovery *discovery)
{
    struct port_unit *unit = port_unit_find(adapter, path, target, lun);
    uint8_t data[sizeof(unit->inquiry)];

    if (!unit)
        unit = port_unit_create(adapter, path, target, lun);
    if (!unit) {
        discovery->request.status = PORT_NO_MEMORY;
        return false;
    }
    bool answered = inquire(unit, 0, false, data, INQUIRY_LENGTH, discovery) &&
                    discovery->request.transferred >= INQUIRY_LENGTH;
    unsigned full = data[4] + 5u;
    if (answered && full > INQUIRY_LENGTH) {
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
        memcpy(unit->inquiry, data, full);
        unit_arrive(unit);
    }
    return true;
}

/* ---- one target ---- */

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

/* Marks the LUNs of the list in `luns`. False when the target has no working REPORT LUNS;
 * *ret_nothing when there is no target at all. */
static bool report_luns(struct port_adapter *adapter, uint8_t path, uint8_t target, bool luns[256],
                        bool *ret_nothing)
{
    struct port_unit *unit = port_unit_find(adapter, path, target, 0);
    const uint8_t cdb[12] = {
        0xA0, 0, 0, 0, 0, 0, 0, 0, REPORT_LUNS_LENGTH >> 8, REPORT_LUNS_LENGTH & 0xFF};
    uint8_t data[REPORT_LUNS_LENGTH];
    struct discovery discovery;

    *ret_nothing = false;
    if (!unit)
        unit = port_unit_create(adapter, path, target, 0);
    if (!unit)
        return false;
    memset(data, 0, sizeof(data));
    if (!discover(unit, cdb, sizeof(cdb), data, sizeof(data), &discovery)) {
        *ret_nothing = nothing_there(&discovery);
        return false;
    }
    size_t length = (size_t)data[0] << 24 | (size_t)data[1] << 16 | (size_t)data[2] << 8 | data[3];
    size_t received = discovery.request.transferred;
    if (received < 8)
        return false;
    if (length > received - 8)
        length = received - 8;
    for (size_t i = 0; i + 8 <= length; i += 8) {
        int lun = lun_number(data + 8 + i);
        if (lun >= 0 && (unsigned)lun < adapter->limits.units_per_target)
            luns[lun] = true;
    }
    return true;
}

static void enumerate_target(struct port_adapter *adapter, uint8_t path, uint8_t target)
{
    bool luns[256] = {false};
    struct discovery discovery;
    bool nothing;

    bool listed = report_luns(adapter, path, target, luns, &nothing);
    if (nothing)
        return;
    if (!listed) {
        if (!examine(adapter, path, target, 0, &discovery))
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
            examine(adapter, path, target, (uint8_t)lun, &discovery);
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

static void unit_depart(struct port_unit *unit)
{
    struct port_adapter *adapter = unit->adapter;

    __atomic_store_n(&unit->present, false, __ATOMIC_RELEASE);
    port_adapter_log(adapter, "unit %s is gone", unit->name);
    if (adapter->model->unit_removed)
        adapter->model->unit_removed(unit, true);
}

/* The body of the query of bus relations. */
static uint32_t enumerate_run(void *context)
{
    struct port_adapter *adapter = context;

    if (adapter->model->before_rescan)
        adapter->model->before_rescan(adapter);
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        unit->seen = false;
    for (unsigned path = 0; path < adapter->limits.paths; path++)
        for (unsigned target = 0; target < adapter->limits.targets; target++)
            if (!is_initiator(adapter, path, target) && !is_ending(adapter))
                enumerate_target(adapter, (uint8_t)path, (uint8_t)target);
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        if (unit->present && !unit->seen && !is_ending(adapter))
            unit_depart(unit);
    return 0;
}

void port_enumerate_locked(struct port_adapter *adapter)
{
    if (is_ending(adapter))
        return;
    if (adapter->model->send)
        adapter->model->send(adapter, PORT_IRP_QUERY_BUS_RELATIONS, enumerate_run, adapter);
    else
        enumerate_run(adapter);
}

/* Stopped or powered down: the rescan is made when it is back. */
static bool is_away(struct port_adapter *adapter)
{
    if (!(__atomic_load_n(&adapter->attention.gates, __ATOMIC_SEQ_CST) & PORT_GATES_OF_LIFE))
        return false;
    __atomic_store_n(&adapter->rescan_missed, 1, __ATOMIC_SEQ_CST);
    return true;
}

void port_enumerate(struct port_adapter *adapter)
{
    if (is_away(adapter))
        return;
    sys_mutex_lock(&adapter->control_mutex);
    if (!is_away(adapter))
        port_enumerate_locked(adapter);
    sys_mutex_unlock(&adapter->control_mutex);
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

/*
 * unit.c - logical units: their records, their references, and how others see them.
 */
#include "nt/bugcheck.h"
#include "nt/dpc.h"
#include "nt/registry.h"
#include "port/driver.h"
#include "port/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DRAIN_TIMEOUT_S = 30, SRB_NO_DEVICE = 0x08 };

static uint32_t address_key(uint8_t path, uint8_t target, uint8_t lun)
{
    return (uint32_t)path << 16 | (uint32_t)target << 8 | lun;
}

static uint32_t unit_key(const struct port_unit *unit)
{
    return address_key(unit->path, unit->target, unit->lun);
}

struct port_unit *port_unit_find(struct port_adapter *adapter, uint8_t path, uint8_t target,
                                 uint8_t lun)
{
    uint32_t key = address_key(path, target, lun);

    /* Units are only ever inserted while the adapter runs; they are freed when it has stopped. So
     * the list may be walked without a lock, from an interrupt routine as well. */
    for (struct port_unit *unit = __atomic_load_n(&adapter->units, __ATOMIC_ACQUIRE); unit;
         unit = __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE))
        if (unit_key(unit) == key)
            return __atomic_load_n(&unit->attention.gates, __ATOMIC_ACQUIRE) & PORT_GATE_GONE
                       ? NULL
                       : unit;
    return NULL;
}

static struct port_unit *unit_new(struct port_adapter *adapter, uint8_t path, uint8_t target,
                                  uint8_t lun)
{
    size_t shares = sizeof(struct port_unit_share) * nt_processor_count();
    struct port_unit *unit = calloc(1, sizeof(*unit));

    if (!unit)
        return NULL;
    unit->shares = aligned_alloc(_Alignof(struct port_unit_share), shares);
    if (adapter->limits.unit_extension_size)
        unit->extension =
            nt_pool_allocate(adapter->limits.unit_extension_size, 0x554c5053, adapter);
    if (!unit->shares || (adapter->limits.unit_extension_size && !unit->extension)) {
        free(unit->shares);
        free(unit);
        return NULL;
    }
    memset(unit->shares, 0, shares);
    if (unit->extension)
        memset(unit->extension, 0, adapter->limits.unit_extension_size);
    unit->extension_size = adapter->limits.unit_extension_size;
    unit->adapter = adapter;
    unit->path = path;
    unit->target = target;
    unit->lun = lun;
    unit->address = (uint64_t)path | (uint64_t)target << 8 | (uint64_t)lun << 16;
    unit->depth = adapter->limits.initial_depth;
    unit->pool = (int32_t)unit->depth;
    unit->default_timeout_s = adapter->settings.io_timeout_s;
    port_unit_settings_read(unit);
    unit->countdown = -1;
    unit->references = 1;
    snprintf(unit->name, sizeof(unit->name), "%u:%u:%u", path, target, lun);
    port_gates_initialize_unit(unit);
    port_unit_events_initialize(unit);
    return unit;
}

struct port_unit *port_unit_create(struct port_adapter *adapter, uint8_t path, uint8_t target,
                                   uint8_t lun)
{
    struct port_unit *unit = unit_new(adapter, path, target, lun);

    if (!unit)
        return NULL;
    uint8_t old = nt_spinlock_acquire_raise(&adapter->lock, NT_DISPATCH_LEVEL);
    struct port_unit **link = &adapter->units;
    while (*link && unit_key(*link) < unit_key(unit))
        link = &(*link)->next;
    unit->next = *link;
    __atomic_store_n(link, unit, __ATOMIC_RELEASE);
    nt_spinlock_release_lower(&adapter->lock, old);
    return unit;
}

/* ---- units come and go ----
 * Their records stay in the list, because it is walked without a lock; what belongs to the driver
 * (the extension) and to the queue goes. */

static bool is_retired(const struct port_unit *unit)
{
    return __atomic_load_n(&unit->attention.gates, __ATOMIC_ACQUIRE) & PORT_GATE_GONE;
}

static int unit_revive(struct port_unit *unit)
{
    const struct port_limits *limits = &unit->adapter->limits;

    if (limits->unit_extension_size) {
        unit->extension = nt_pool_allocate(limits->unit_extension_size, 0x554c5053, unit->adapter);
        if (!unit->extension)
            return -ENOMEM;
        memset(unit->extension, 0, limits->unit_extension_size);
    }
    unit->extension_size = limits->unit_extension_size;
    unit->default_timeout_s = unit->adapter->settings.io_timeout_s;
    unit->countdown = -1;
    __atomic_store_n(&unit->attributes, 0, __ATOMIC_RELAXED);
    port_announcement_withdraw(&unit->rpmb);
    __atomic_store_n(&unit->service_time, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&unit->service_count, 0, __ATOMIC_RELAXED);
    port_unit_settings_read(unit);
    if (unit->depth != limits->initial_depth)
        (void)port_unit_set_depth(unit, limits->initial_depth);
    port_unit_forget_order(unit);
    port_unit_gate_forget(unit, ~(uint32_t)(PORT_GATE_PENDING | PORT_GATE_CUT));
    return 0;
}

struct port_unit *port_unit_obtain(struct port_adapter *adapter, uint8_t path, uint8_t target,
                                   uint8_t lun)
{
    uint32_t key = address_key(path, target, lun);

    for (struct port_unit *unit = adapter->units; unit; unit = unit->next) {
        if (unit_key(unit) != key)
            continue;
        return is_retired(unit) && unit_revive(unit) ? NULL : unit;
    }
    return port_unit_create(adapter, path, target, lun);
}

/* What the queue holds fails, and what the driver has is waited for: the reset ladder bounds that,
 * and so do we. */
static void unit_drain(struct port_unit *unit)
{
    uint64_t deadline = sys_now_ns() + DRAIN_TIMEOUT_S * SYS_NS_PER_S;

    nt_dpc_flush(); /* who has seen the gate open has issued his requests */
    port_unit_fail_held(unit, PORT_NO_DEVICE, SRB_NO_DEVICE);
    port_unit_fail_pending(unit, PORT_NO_DEVICE, SRB_NO_DEVICE);
    while (port_unit_started(unit)) {
        if (sys_now_ns() >= deadline) {
            port_unit_abandon(unit);
            return;
        }
        sys_delay_ns(SYS_NS_PER_MS);
    }
}

void port_unit_close(struct port_unit *unit)
{
    port_unit_gate_close(unit, PORT_GATE_STOPPING);
    unit_drain(unit);
}

void port_unit_retire(struct port_unit *unit)
{
    port_unit_gate_close(unit, PORT_GATE_GONE);
    unit_drain(unit);
    port_unit_quiet(unit);
    port_unit_forget_locks(unit);
    __atomic_store_n(&unit->claimed_by, NULL, __ATOMIC_RELEASE);
    port_unit_free_extension(unit);
}

void port_units_retire_unaccepted(struct port_adapter *adapter, uint8_t path, uint8_t target)
{
    for (struct port_unit *unit = adapter->units; unit; unit = unit->next)
        if (unit->path == path && unit->target == target && !unit->present && !unit->arriving &&
            !is_retired(unit))
            port_unit_retire(unit);
}

struct port_unit *port_unit_create_unlisted(struct port_adapter *adapter)
{
    return unit_new(adapter, 0, 0, 0);
}

void port_unit_free_extension(struct port_unit *unit)
{
    if (unit->extension)
        nt_pool_free(unit->extension);
    unit->extension = NULL;
}

/* What the driver kept of the unit stays, as far as there is room for it. */
static int extension_refit(struct port_unit *unit)
{
    uint32_t size = unit->adapter->limits.unit_extension_size;
    void *fresh = NULL;

    if (size == unit->extension_size && (!size || unit->extension))
        return 0;
    if (size) {
        fresh = nt_pool_allocate(size, 0x554c5053, unit->adapter);
        if (!fresh)
            return -ENOMEM;
        memset(fresh, 0, size);
        if (unit->extension)
            memcpy(fresh, unit->extension,
                   size < unit->extension_size ? size : unit->extension_size);
    }
    port_unit_free_extension(unit);
    unit->extension = fresh;
    unit->extension_size = size;
    return 0;
}

int port_unit_refit(struct port_unit *unit)
{
    if (is_retired(unit))
        return 0;
    port_gates_forget_unit(unit);
    port_unit_forget_order(unit);
    unit->countdown = -1;
    if (unit->depth != unit->adapter->limits.initial_depth)
        (void)port_unit_set_depth(unit, unit->adapter->limits.initial_depth);
    return extension_refit(unit);
}

/* PASSIVE_LEVEL. No timer of the unit runs any more. */
void port_unit_quiet(struct port_unit *unit)
{
    nt_timer_drain(&unit->pause_timer);
    nt_timer_drain(&unit->busy_timer);
    port_unit_events_drain(unit);
}

/* PASSIVE_LEVEL, the adapter has stopped: nobody walks the list or holds a request. */
void port_unit_discard(struct port_unit *unit)
{
    port_unit_free_extension(unit);
    while (unit->pages) {
        struct port_unit_page *next = unit->pages->next;
        free(unit->pages);
        unit->pages = next;
    }
    port_unit_forget_locks(unit);
    port_unit_crypto_forget(unit);
    port_announcement_free(&unit->rpmb);
    free(unit->shares);
    free(unit);
}

struct port_unit *port_unit_get(struct port_adapter *adapter, unsigned index)
{
    for (struct port_unit *unit = __atomic_load_n(&adapter->units, __ATOMIC_ACQUIRE); unit;
         unit = __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE)) {
        if (!port_unit_present(unit))
            continue;
        if (index-- == 0) {
            port_unit_reference(unit);
            return unit;
        }
    }
    return NULL;
}

void port_unit_reference(struct port_unit *unit)
{
    __atomic_add_fetch(&unit->references, 1, __ATOMIC_RELAXED);
}

void port_unit_release(struct port_unit *unit)
{
    uint32_t left = __atomic_sub_fetch(&unit->references, 1, __ATOMIC_RELEASE);
    sh_assert(left >= 1);
}

struct port_unit *port_adapter_unit(struct port_adapter *adapter)
{
    return adapter->self;
}

struct port_adapter *port_unit_adapter(const struct port_unit *unit)
{
    return unit->adapter;
}

bool port_unit_present(const struct port_unit *unit)
{
    return __atomic_load_n(&unit->present, __ATOMIC_ACQUIRE) &&
           !__atomic_load_n(&unit->adapter->removed, __ATOMIC_ACQUIRE);
}

bool port_unit_listed(const struct port_unit *unit)
{
    return __atomic_load_n(&unit->listed, __ATOMIC_RELAXED) &&
           !__atomic_load_n(&unit->adapter->removed, __ATOMIC_ACQUIRE);
}

bool port_unit_queues_commands(const struct port_unit *unit)
{
    enum { BASIC_QUEUING = 0x80, COMMAND_QUEUING = 0x02 };

    return unit->inquiry[7] & COMMAND_QUEUING || unit->inquiry[6] & BASIC_QUEUING;
}

uint32_t port_unit_resets(const struct port_unit *unit)
{
    return __atomic_load_n(&unit->resets, __ATOMIC_ACQUIRE);
}

/* Inquiry text is padded with blanks; what is not printable is shown as a dot. */
static void copy_text(char *text, const uint8_t *bytes, size_t length)
{
    size_t end = 0;

    for (size_t i = 0; i < length; i++) {
        text[i] = bytes[i] >= 0x20 && bytes[i] < 0x7F ? (char)bytes[i] : '.';
        if (bytes[i] != ' ' && bytes[i] != 0)
            end = i + 1;
    }
    text[end] = 0;
}

void port_unit_describe(const struct port_unit *unit, struct port_unit_info *ret_info)
{
    uint8_t bus_type = __atomic_load_n(&unit->bus_type, __ATOMIC_RELAXED);

    if (!bus_type)
        bus_type = __atomic_load_n(&unit->adapter->bus_type, __ATOMIC_RELAXED);
    *ret_info = (struct port_unit_info){
        .path = unit->path,
        .target = unit->target,
        .lun = unit->lun,
        .depth = __atomic_load_n(&unit->depth, __ATOMIC_RELAXED),
        .device_type = unit->inquiry[0] & 0x1F,
        .removable_media = unit->inquiry[1] & 0x80,
        .inquiry = unit->inquiry,
        .inquiry_length = unit->inquiry_length,
        .vpd_serial = unit->vpd_serial,
        .vpd_serial_length = unit->vpd_serial_length,
        .vpd_identification = unit->vpd_identification,
        .vpd_identification_length = unit->vpd_identification_length,
        .service_time_100ns = __atomic_load_n(&unit->service_time, __ATOMIC_RELAXED),
        .service_count = __atomic_load_n(&unit->service_count, __ATOMIC_RELAXED),
        .attributes = __atomic_load_n(&unit->attributes, __ATOMIC_ACQUIRE),
        .bus_type = bus_type,
        .rich_vendor = unit->rich_vendor,
        .rich_model = unit->rich_model,
        .rich_revision = unit->rich_revision,
        .fru = unit->fru,
        .rpmb = port_announced(&unit->rpmb),
        .device_state = __atomic_load_n(&unit->device_state, __ATOMIC_RELAXED),
    };
    copy_text(ret_info->vendor, unit->inquiry + 8, 8);
    copy_text(ret_info->product, unit->inquiry + 16, 16);
    copy_text(ret_info->revision, unit->inquiry + 32, 4);
}

void *port_buffer_allocate(size_t size)
{
    return nt_buffer_allocate(size, "client buffer");
}

void port_buffer_free(void *buffer)
{
    if (buffer)
        nt_contiguous_free(buffer);
}

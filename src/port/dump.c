/*
 * dump.c - an instance of a driver that writes a dump, from its preparation to its end (lifecycle
 * section 15).
 */
#include "port/dump.h"

#include "nt/bugcheck.h"
#include "nt/freeze.h"
#include "port/data.h"
#include "port/driver.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    USAGE_HIBERNATION = 2,
    USAGE_DUMP = 3,
    EXTENSION_ROOM = 128 << 10,
    SLOT_ROOM = PORT_SLOT_BYTES,
    TIMEOUT_S = 10,
    BREAKS_MAX = PORT_DUMP_TRANSFER_MAX / NT_PAGE_SIZE + 2,
};

/* Common buffers are no page for drivers of dumps: whoever needs an alignment sees to it. */
enum { COMMON_OFFSET = 256 };

static void explain(const struct port_dump *dump, char *reason, size_t reason_size,
                    const char *what)
{
    snprintf(reason, reason_size, "%s on %s: %s", port_driver_service(dump->live->driver),
             dump->live->device_name, what);
}

/* ---- preparation ---- */

/* What Windows calls the images. */
static const char *prefix_of(unsigned mode)
{
    return mode == PORT_DUMP_CRASH ? "dump_" : "hiber_";
}

static int tell_usage(struct port_dump *dump, unsigned modes, char *reason, size_t reason_size)
{
    struct port_notice notice = {
        .kind = PORT_NOTICE_USAGE,
        .value = modes & 1u << PORT_DUMP_CRASH ? USAGE_DUMP : USAGE_HIBERNATION,
        .on = true,
    };
    int error = port_adapter_notify(dump->live, dump->live_unit, &notice);

    if (!error || error == -EOPNOTSUPP) {
        dump->usage = notice.value;
        return 0;
    }
    explain(dump, reason, reason_size,
            error == -EINVAL ? "the adapter does not run"
                             : "the driver refused the use of the unit for dumps (ScsiUnitUsage)");
    return error;
}

static int ask_pointers(struct port_dump *dump, char *reason, size_t reason_size)
{
    struct port_adapter *live = dump->live;

    sys_mutex_lock(&live->control_mutex);
    int error = live->model->dump->pointers(dump->live_unit, &dump->pointers, reason, reason_size);
    sys_mutex_unlock(&live->control_mutex);
    if (!error && live->virtual_adapter && !dump->pointers.answered) {
        explain(dump, reason, reason_size,
                "a virtual miniport has to answer SRB_FUNCTION_DUMP_POINTERS, and this one does "
                "not: it cannot write dumps");
        error = -EINVAL;
    }
    return error;
}

static int load_copies(struct port_dump *dump, unsigned modes, char *reason, size_t reason_size)
{
    int error = 0;

    for (unsigned mode = 1; mode < PORT_DUMP_MODES && !error; mode++)
        if (modes & 1u << mode)
            error = port_driver_copy(&dump->copies[mode], dump->live->driver, prefix_of(mode),
                                     reason, reason_size);
    return error;
}

/* In pieces, as a system's memory is, unless not every device reaches them. */
static void *reserve_data(void)
{
    size_t size = PORT_DUMP_TRANSFER_MAX + NT_PAGE_SIZE, memory_size;
    void *base;
    int fd;

    nt_arena_describe(&fd, &base, &memory_size);
    if (nt_arena_low_size() >= memory_size)
        return nt_buffer_allocate(size, "dump data");
    return nt_contiguous_allocate(&(struct nt_contiguous_options){
        .size = size, .highest = NT_HIGH_MEMORY_START - 1, .tag = "dump data"});
}

static int reserve(struct port_dump *dump)
{
    dump->common = nt_contiguous_allocate(&(struct nt_contiguous_options){
        .size = COMMON_OFFSET + PORT_DUMP_BUDGET_MAX + EXTENSION_ROOM + PORT_SENSE_BYTES,
        .highest = NT_HIGH_MEMORY_START - 1,
        .tag = "dump",
        .owner = dump});
    dump->data = reserve_data();
    dump->slots = aligned_alloc(PORT_SLOT_BYTES, SLOT_ROOM);
    if (!dump->common || !dump->data || !dump->slots || dump_watch_create(&dump->watch))
        return -ENOMEM;
    dump->common += COMMON_OFFSET;
    dump->extensions = dump->common + PORT_DUMP_BUDGET_MAX;
    return 0;
}

int port_dump_prepare(struct port_dump **ret_dump, struct port_unit *unit, unsigned modes,
                      char *reason, size_t reason_size)
{
    struct port_dump *dump = calloc(1, sizeof(*dump));

    snprintf(reason, reason_size, "out of memory for a dump: raise --memory");
    if (!dump)
        return -ENOMEM;
    dump->timeout_s = TIMEOUT_S;
    dump->live_unit = unit;
    dump->live = unit->adapter;
    port_unit_reference(unit);
    int error = -EOPNOTSUPP;
    if (!dump->live->model->dump)
        explain(dump, reason, reason_size, "dumps are not there for drivers of this kind");
    else
        error = reserve(dump);
    if (!error)
        error = tell_usage(dump, modes, reason, reason_size);
    if (!error)
        error = ask_pointers(dump, reason, reason_size);
    if (!error)
        error = load_copies(dump, modes, reason, reason_size);
    if (error)
        port_dump_free(dump);
    else
        *ret_dump = dump;
    return error;
}

/* ---- the instance ---- */

static int adapter_make(struct port_dump *dump)
{
    struct port_adapter *live = dump->live;
    struct port_adapter *adapter = aligned_alloc(128, (sizeof(*adapter) + 127) & ~(size_t)127);

    if (!adapter)
        return -ENOMEM;
    memset(adapter, 0, sizeof(*adapter));
    adapter->driver = dump->driver;
    adapter->dump = dump;
    adapter->model = live->model;
    adapter->device = live->device;
    adapter->device_name = live->device_name;
    adapter->virtual_adapter = live->virtual_adapter;
    adapter->event = live->event;
    adapter->event_context = live->event_context;
    adapter->state = PORT_ADAPTER_RUNNING;
    port_gates_initialize_adapter(adapter);
    port_log_initialize(adapter);
    if (port_adapter_register(adapter)) {
        free(adapter);
        return -ENOMEM;
    }
    adapter->number = live->number;
    dump->adapter = adapter;
    return 0;
}

/* The unit that the dump lies on, and no other: at the address that it has (documented). */
static int unit_make(struct port_dump *dump)
{
    struct port_unit *unit = calloc(1, sizeof(*unit)), *live = dump->live_unit;
    size_t extension = dump->adapter->limits.unit_extension_size;

    if (!unit)
        return -ENOMEM;
    unit->adapter = dump->adapter;
    unit->address = live->address;
    unit->path = live->path;
    unit->target = live->target;
    unit->lun = live->lun;
    memcpy(unit->name, live->name, sizeof(unit->name));
    unit->references = 1;
    unit->present = true;
    unit->extension_size = (uint32_t)extension;
    if (extension) {
        unit->extension = nt_pool_allocate(extension, 0x706D7544, dump->adapter);
        if (unit->extension)
            memset(unit->extension, 0, extension);
    }
    dump->unit = unit;
    dump->adapter->units = unit;
    return extension && !unit->extension ? -ENOMEM : 0;
}

static uint32_t transfer_limit(const struct port_dump *dump)
{
    const struct port_limits *limits = &dump->adapter->limits;
    uint64_t limit = PORT_DUMP_TRANSFER_MAX;

    if (limits->maximum_transfer_length < limit)
        limit = limits->maximum_transfer_length;
    if (dump->pointers.answered && dump->pointers.maximum_transfer < limit)
        limit = dump->pointers.maximum_transfer;
    if (limits->scatter_gather && limits->physical_breaks < BREAKS_MAX) {
        uint64_t pages = limits->physical_breaks > 1 ? limits->physical_breaks - 1 : 1;
        if (pages * NT_PAGE_SIZE < limit)
            limit = pages * NT_PAGE_SIZE;
    }
    return (uint32_t)limit & ~511u;
}

int port_dump_carve(struct port_dump *dump, char *reason, size_t reason_size)
{
    struct port_adapter *adapter = dump->adapter;
    struct port_limits *limits = &adapter->limits;

    limits->max_io = 1;
    if (port_extension_room(limits) > EXTENSION_ROOM) {
        snprintf(reason, reason_size,
                 "its SrbExtension of %u bytes is more than a dump has room for",
                 limits->srb_extension_size);
        return -ENOMEM;
    }
    adapter->slots = dump->slots;
    adapter->slot_count = 1;
    adapter->list_capacity = BREAKS_MAX;
    adapter->list_block =
        malloc(sizeof(struct port_scatter_list) + BREAKS_MAX * sizeof(struct port_scatter_element));
    if (!adapter->list_block || unit_make(dump)) {
        snprintf(reason, reason_size, "out of memory for its one request");
        return -ENOMEM;
    }
    struct port_slot *slot = port_slot_at(adapter, 0);
    memset(slot, 0, sizeof(*slot));
    slot->adapter = adapter;
    slot->list = adapter->list_block;
    slot->sense = dump->extensions + EXTENSION_ROOM;
    slot->processor = UINT16_MAX; /* no processor collects it */
    if (limits->srb_extension_size) {
        slot->extension = dump->extensions;
        memset(slot->extension, 0xBA, limits->srb_extension_size); /* never zeroed */
    }
    adapter->model->format(slot);
    dump->transfer_limit = transfer_limit(dump);
    dump->alignment_mask = limits->alignment_mask;
    dump->figures.srb_extension = limits->srb_extension_size;
    return 0;
}

static const struct port_driver_record *record_for(const struct port_driver *driver,
                                                   bool virtual_adapter)
{
    enum port_interface wanted = virtual_adapter ? PORT_INTERFACE_VIRTUAL : PORT_INTERFACE_PCI;

    for (unsigned i = 0; i < driver->record_count; i++)
        if (driver->records[i].interface == wanted)
            return &driver->records[i];
    return NULL;
}

static int start(struct port_dump *dump, char *reason, size_t reason_size)
{
    char why[400] = "";
    int error = port_driver_enter_copy(dump->driver, reason, reason_size);

    if (error)
        return error;
    const struct port_driver_record *record =
        record_for(dump->driver, dump->adapter->virtual_adapter);
    if (!record || !record->model->dump) {
        explain(dump, reason, reason_size,
                "for a dump its DriverEntry registered nothing that drives this device");
        return -ENODEV;
    }
    error = record->model->dump->start(dump, record->record, why, sizeof(why));
    if (error)
        snprintf(reason, reason_size, "%s on %s, for DumpMode %d: %s",
                 port_driver_service(dump->driver), dump->live->device_name, dump->mode, why);
    return error;
}

/* The first request (documented), and what makes the instance ready. */
static int inquire(struct port_dump *dump, char *reason, size_t reason_size)
{
    enum { OP_INQUIRY = 0x12, BYTES = 36, TIMEOUT_S = 10 };
    struct port_request request = {
        .function = PORT_EXECUTE_SCSI,
        .flags = PORT_FLAG_NO_FREEZE,
        .direction = PORT_DATA_IN,
        .timeout_s = TIMEOUT_S,
        .cdb_length = 6,
        .cdb = {OP_INQUIRY, 0, 0, 0, BYTES},
        .single = {dump->data, BYTES},
        .length = BYTES,
    };
    int error = port_dump_execute(dump, &request);

    if (error == -ETIMEDOUT)
        explain(dump, reason, reason_size,
                "for a dump its first request, INQUIRY, did not complete in StartIo or in the "
                "interrupt routine, which was called again and again for 10 s (rule DUMP-06)");
    else if (error)
        snprintf(reason, reason_size,
                 "%s on %s: for a dump INQUIRY to unit %s ended with SRB status 0x%02X: the unit "
                 "must be usable when HwInitialize returns",
                 port_driver_service(dump->driver), dump->live->device_name, dump->unit->name,
                 request.srb_status);
    return error;
}

/* Drivers learn their disk's size from it, in dumps as well. */
static int ask_capacity(struct port_dump *dump, char *reason, size_t reason_size)
{
    enum { OP_READ_CAPACITY = 0x25, OP_SERVICE_ACTION_IN = 0x9E, ACTION = 0x10, TIMEOUT_S = 10 };
    enum { SHORT_BYTES = 8, LONG_BYTES = 32 };
    struct port_request request = {
        .function = PORT_EXECUTE_SCSI,
        .flags = PORT_FLAG_NO_FREEZE,
        .direction = PORT_DATA_IN,
        .timeout_s = TIMEOUT_S,
        .cdb_length = 10,
        .cdb = {OP_READ_CAPACITY},
        .single = {dump->data, SHORT_BYTES},
        .length = SHORT_BYTES,
    };
    static const unsigned char beyond[4] = {0xFF, 0xFF, 0xFF, 0xFF};
    int error = port_dump_execute(dump, &request);

    if (!error && memcmp(dump->data, beyond, sizeof(beyond)) == 0) {
        memset(request.cdb, 0, sizeof(request.cdb));
        request.cdb_length = 16;
        request.cdb[0] = OP_SERVICE_ACTION_IN;
        request.cdb[1] = ACTION;
        request.cdb[13] = LONG_BYTES;
        request.length = LONG_BYTES;
        request.single.length = LONG_BYTES;
        error = port_dump_execute(dump, &request);
    }
    if (error)
        snprintf(reason, reason_size,
                 "%s on %s: for a dump READ CAPACITY of unit %s ended with SRB status 0x%02X",
                 port_driver_service(dump->driver), dump->live->device_name, dump->unit->name,
                 request.srb_status);
    return error;
}

int port_dump_enter(struct port_dump *dump, enum port_dump_mode mode, char *reason,
                    size_t reason_size)
{
    uint64_t began = sys_now_ns();

    sh_assert(nt_machine_is_frozen_by(nt_self()) && !dump->driver && dump->copies[mode]);
    dump->mode = mode;
    dump->driver = dump->copies[mode];
    dump->driver->dump = dump;
    dump->copies[mode] = NULL;
    dump->mark_count = 0;
    dump->refused_count = 0;
    dump->dead = false;
    uint64_t findings = nt_finding_count();
    uint32_t budget = dump->figures.budget;
    dump->figures = (struct port_dump_figures){.budget = budget, .findings = findings};
    memset(dump->common, 0, PORT_DUMP_BUDGET_MAX);
    /* The devices that an image goes to keep their power. */
    if (dump->live->device)
        bus_power_up(dump->live->device, &dump->live->power);
    dump_watch_image(dump->watch, dump);
    int error = adapter_make(dump);
    if (error)
        snprintf(reason, reason_size, "out of memory for another adapter");
    if (!error)
        error = start(dump, reason, reason_size);
    if (!error && mode != PORT_DUMP_MARK_MEMORY)
        error = inquire(dump, reason, reason_size);
    if (!error && mode != PORT_DUMP_MARK_MEMORY)
        error = ask_capacity(dump, reason, reason_size);
    if (error)
        dump->dead = true;
    else if (mode != PORT_DUMP_MARK_MEMORY)
        dump_watch_memory(dump->watch, dump);
    dump->figures.entered_ns = sys_now_ns() - began;
    return error;
}

void port_dump_leave(struct port_dump *dump)
{
    struct port_adapter *adapter = dump->adapter;

    dump_watch_compare(dump->watch, dump);
    dump->figures.findings = nt_finding_count() - dump->figures.findings;
    if (adapter) {
        if (adapter->model_state)
            adapter->model->dump->end(adapter);
        if (dump->unit && dump->unit->extension)
            nt_pool_free(dump->unit->extension);
        free(dump->unit);
        free(adapter->list_block);
        __atomic_store_n(&port_adapter_table[adapter->index].adapter, NULL, __ATOMIC_RELEASE);
    }
    dump->unit = NULL;
    /* Lines of its log are told later: its record and its copy go at PASSIVE_LEVEL. */
    dump->driver->dump = NULL;
    if (dump->finished_count < PORT_DUMP_MODES)
        dump->finished[dump->finished_count++] = (struct port_dump_finished){dump->driver, adapter};
    dump->adapter = NULL;
    dump->driver = NULL;
}

int port_dump_power_cycle(struct port_dump *dump)
{
    struct bus_device *device = dump->live->device;

    sh_assert(!dump->driver);
    return device && device->ops->reset ? device->ops->reset(device) : -ENOTSUP;
}

/* ---- the end ---- */

struct port_device *port_adapter_crash(struct port_adapter *adapter)
{
    struct port_device *device = adapter->opened ? port_adapter_take_device(adapter) : NULL;

    adapter->crashed = adapter->driver->crashed = device != NULL || adapter->virtual_adapter;
    nt_machine_thaw();
    port_adapter_removed(adapter, "the machine has crashed");
    nt_work_drain(&adapter->removal_work);
    nt_work_drain(&adapter->departure_work);
    return device;
}

static void tell_live(struct port_dump *dump)
{
    struct port_adapter *live = dump->live;
    struct port_notice notice = {.kind = PORT_NOTICE_USAGE, .value = dump->usage};

    if (port_adapter_state(live, NULL) == PORT_ADAPTER_RUNNING &&
        !__atomic_load_n(&live->removed, __ATOMIC_ACQUIRE)) {
        sys_mutex_lock(&live->control_mutex);
        if (dump->pointers.answered)
            live->model->dump->free_pointers(dump->live_unit, &dump->pointers);
        sys_mutex_unlock(&live->control_mutex);
        if (dump->usage)
            (void)port_adapter_notify(live, dump->live_unit, &notice);
    }
}

void port_dump_free(struct port_dump *dump)
{
    if (!dump)
        return;
    sh_assert(!dump->driver);
    tell_live(dump);
    for (unsigned i = 0; i < dump->finished_count; i++) {
        if (dump->finished[i].adapter)
            port_log_drain(dump->finished[i].adapter);
        free(dump->finished[i].adapter);
        port_driver_discard(dump->finished[i].driver);
    }
    for (unsigned mode = 0; mode < PORT_DUMP_MODES; mode++)
        port_driver_discard(dump->copies[mode]);
    if (dump->common)
        nt_contiguous_free(dump->extensions ? dump->common - COMMON_OFFSET : dump->common);
    if (dump->data)
        nt_contiguous_free(dump->data);
    free(dump->slots);
    free(dump->marks);
    dump_watch_destroy(dump->watch);
    free(dump->pointers.block);
    port_unit_release(dump->live_unit);
    free(dump);
}

/* ---- memory ---- */

static int make_room(struct port_dump *dump)
{
    unsigned room = dump->mark_room ? 2 * dump->mark_room : 64;
    struct port_dump_range *marks = realloc(dump->marks, room * sizeof(*marks));

    if (!marks)
        return -ENOMEM;
    dump->marks = marks;
    dump->mark_room = room;
    return 0;
}

int port_dump_mark(struct port_dump *dump, const void *base, size_t length)
{
    const unsigned char *start = base;

    if (!length && !image_segment_of(dump->driver->image, base, &start, &length))
        return -EINVAL;
    if (dump->mark_count) {
        struct port_dump_range *last = &dump->marks[dump->mark_count - 1];
        if (last->base + last->length == start) {
            last->length += length;
            return 0;
        }
    }
    if (dump->mark_count == dump->mark_room && make_room(dump))
        return -ENOMEM;
    dump->marks[dump->mark_count++] = (struct port_dump_range){start, length};
    return 0;
}

static bool overlap(const void *one, size_t one_length, const void *other, size_t other_length)
{
    uintptr_t a = (uintptr_t)one, b = (uintptr_t)other;

    return other && a < b + other_length && b < a + one_length;
}

static bool overlaps(const struct port_dump *dump, const void *memory, size_t length)
{
    const struct port_adapter *adapter = dump->adapter;

    if (overlap(memory, length, dump->common,
                PORT_DUMP_BUDGET_MAX + EXTENSION_ROOM + PORT_SENSE_BYTES) ||
        overlap(memory, length, dump->data, PORT_DUMP_TRANSFER_MAX + NT_PAGE_SIZE) ||
        (adapter && overlap(memory, length, adapter->extension, dump->figures.extension)) ||
        (dump->unit && overlap(memory, length, dump->unit->extension, dump->unit->extension_size)))
        return true;
    for (unsigned i = 0; i < dump->mark_count; i++)
        if (overlap(memory, length, dump->marks[i].base, dump->marks[i].length))
            return true;
    return false;
}

bool port_dump_owns(const struct port_dump *dump, const void *address)
{
    return overlaps(dump, address, 1);
}

bool port_dump_touches(const struct port_dump *dump, const void *page)
{
    return overlaps(dump, page, NT_PAGE_SIZE);
}

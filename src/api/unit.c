/*
 * unit.c - logical units of the C API, and their synchronous reads and writes.
 *
 * Rule: one storhost_unit for each unit of the port, whoever asks and however often, so that what
 * must be known across users (block holds of writers, unflushed writes) is known in one place.
 */
#include "api/api_internal.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* ---- finding and letting go ---- */

static void unit_free(struct storhost_unit *unit)
{
    if (unit->state == API_UNIT_OPEN)
        disk_close(unit->disk);
    port_unit_release(unit->unit);
    free(unit);
}

/* Takes units out of the list that are gone and that nobody holds. Returns them as a list. */
static struct storhost_unit *units_take_departed_locked(struct storhost_adapter *adapter)
{
    struct storhost_unit *departed = NULL;

    for (struct storhost_unit **link = &adapter->units; *link != NULL;) {
        struct storhost_unit *unit = *link;
        if (__atomic_load_n(&unit->references, __ATOMIC_ACQUIRE) != 0 ||
            port_unit_present(unit->unit)) {
            link = &unit->next;
            continue;
        }
        *link = unit->next;
        unit->next = departed;
        departed = unit;
    }
    return departed;
}

static void units_free(struct storhost_unit *list)
{
    while (list != NULL) {
        struct storhost_unit *next = list->next;
        unit_free(list);
        list = next;
    }
}

STORHOST_API struct storhost_unit *storhost_unit_get(struct storhost_adapter *adapter,
                                                     unsigned index)
{
    struct port_unit *port_unit = port_unit_get(adapter->adapter, index);
    if (port_unit == NULL)
        return NULL;
    struct storhost_unit *fresh = calloc(1, sizeof(*fresh));

    sys_mutex_lock(&adapter->mutex);
    struct storhost_unit *departed = units_take_departed_locked(adapter);
    struct storhost_unit *unit = adapter->units;
    while (unit != NULL && unit->unit != port_unit)
        unit = unit->next;
    if (unit == NULL && fresh != NULL) {
        unit = fresh;
        fresh = NULL;
        unit->unit = port_unit;
        port_unit_reference(port_unit);
        unit->next = adapter->units;
        adapter->units = unit;
    }
    if (unit != NULL)
        __atomic_add_fetch(&unit->references, 1, __ATOMIC_ACQ_REL);
    sys_mutex_unlock(&adapter->mutex);

    units_free(departed);
    free(fresh);
    port_unit_release(port_unit);
    return unit;
}

STORHOST_API void storhost_unit_release(struct storhost_unit *unit)
{
    if (unit == NULL)
        return;
    unsigned before = __atomic_fetch_sub(&unit->references, 1, __ATOMIC_ACQ_REL);
    sh_assert(before != 0);
}

int api_units_close(struct storhost_adapter *adapter, unsigned *ret_path, unsigned *ret_target,
                    unsigned *ret_lun)
{
    struct api_channel *channel = NULL;
    int result = 0;

    for (struct storhost_unit *unit = adapter->units; unit != NULL; unit = unit->next) {
        if (unit->state != API_UNIT_OPEN || !port_unit_present(unit->unit))
            continue;
        int error = channel == NULL ? api_channel_take(&channel) : 0;
        if (error == 0)
            error = disk_flush(unit->disk, channel->channel);
        if (error != 0 && result == 0) {
            struct port_unit_info info;
            port_unit_describe(unit->unit, &info);
            *ret_path = info.path;
            *ret_target = info.target;
            *ret_lun = info.lun;
            result = error;
        }
    }
    if (channel != NULL)
        api_channel_give(channel);
    units_free(adapter->units);
    adapter->units = NULL;
    return result;
}

/* ---- opening ---- */

static int unit_open_disk(struct storhost_unit *unit)
{
    struct port_unit_info port_info;
    struct disk_info info;
    struct api_channel *channel;

    port_unit_describe(unit->unit, &port_info);
    if (!disk_serves(port_info.device_type))
        return -EOPNOTSUPP;
    int error = api_channel_take(&channel);
    if (error != 0)
        return error;
    error = disk_open(&unit->disk, unit->unit, channel->channel);
    api_channel_give(channel);
    if (error != 0)
        return error;
    disk_describe(unit->disk, &info);
    /* Nobody above releases a frozen queue. */
    unit->request_flags = PORT_FLAG_NO_FREEZE;
    if (!port_unit_queues_commands(unit->unit))
        unit->request_flags |= PORT_FLAG_UNTAGGED;
    unit->block_shift = (uint32_t)__builtin_ctz(info.block_size);
    unit->block_count_max = UINT32_MAX >> unit->block_shift;
    return 0;
}

int api_unit_open(struct storhost_unit *unit)
{
    for (;;) {
        uint32_t state = API_UNIT_CLOSED;
        if (api_unit_is_open(unit))
            return 0;
        if (__atomic_compare_exchange_n(&unit->state, &state, API_UNIT_OPENING, false,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            int error = unit_open_disk(unit);
            __atomic_store_n(&unit->state, error == 0 ? API_UNIT_OPEN : API_UNIT_CLOSED,
                             __ATOMIC_RELEASE);
            sys_wake(&unit->state, INT_MAX);
            return error;
        }
        if (state == API_UNIT_OPENING)
            sys_wait(&unit->state, API_UNIT_OPENING, SYS_FOREVER);
    }
}

/* ---- describing ---- */

/* The serial number page is four bytes of header and text that is padded on either side. */
static void serial_from_page(char *text, size_t size, const uint8_t *page, size_t length)
{
    size_t used = 0;

    text[0] = '\0';
    if (page == NULL || length < 4)
        return;
    size_t end = 4u + page[3];
    if (end > length)
        end = length;
    for (size_t i = 4; i < end && used + 1 < size; i++) {
        if (page[i] == '\0' || (page[i] == ' ' && used == 0))
            continue;
        text[used++] = page[i] >= 0x20 && page[i] < 0x7F ? (char)page[i] : '?';
    }
    while (used > 0 && text[used - 1] == ' ')
        used--;
    text[used] = '\0';
}

static void info_add_disk(struct storhost_unit_info *info, const struct disk *disk)
{
    struct disk_info from;

    disk_describe(disk, &from);
    info->read_only = from.read_only;
    info->write_cache = from.write_cache;
    info->can_trim = from.can_trim;
    info->can_zero = from.can_zero;
    info->can_fua = from.can_fua;
    info->block_count = from.block_count;
    info->block_size = from.block_size;
    info->physical_block_size = from.physical_block_size;
    info->transfer_limit = from.transfer_limit;
}

static int unit_look_for_medium(struct storhost_unit *unit, bool may_ask)
{
    struct disk_info known;
    struct api_channel *channel;

    disk_describe(unit->disk, &known);
    if (!known.removable)
        return 0;
    if (!may_ask)
        return known.has_medium ? 0 : -ENOMEDIUM;
    int error = api_channel_take(&channel);
    if (error != 0)
        return error;
    error = disk_look_for_medium(unit->disk, channel->channel);
    api_channel_give(channel);
    return error;
}

int api_unit_describe(struct storhost_unit *unit, struct storhost_unit_info *info, bool may_open)
{
    struct port_unit_info from;

    port_unit_describe(unit->unit, &from);
    *info = (struct storhost_unit_info){
        .size = sizeof(*info),
        .path = from.path,
        .target = from.target,
        .lun = from.lun,
        .depth = from.depth,
        .device_type = from.device_type,
        .has_blocks = disk_serves(from.device_type),
        .removable = from.removable_media,
        .present = port_unit_present(unit->unit),
        .rpmb_bytes = from.rpmb != NULL ? from.rpmb->bytes : 0,
    };
    struct port_crypto_key_info key;
    port_unit_crypto_describe(unit->unit, &key);
    info->crypto_data_unit_size = key.data_unit_size;
    info->crypto_index = key.index;
    memcpy(info->vendor, from.vendor, sizeof(info->vendor));
    memcpy(info->product, from.product, sizeof(info->product));
    memcpy(info->revision, from.revision, sizeof(info->revision));
    serial_from_page(info->serial, sizeof(info->serial), from.vpd_serial, from.vpd_serial_length);
    if (!info->has_blocks)
        return 0;
    if (!may_open && !api_unit_is_open(unit))
        return -EAGAIN;
    int error = api_unit_open(unit);
    if (error == 0)
        error = unit_look_for_medium(unit, may_open);
    if (error == 0)
        info_add_disk(info, unit->disk);
    return error;
}

STORHOST_API int storhost_unit_describe(struct storhost_unit *unit, struct storhost_unit_info *info)
{
    return info->size == sizeof(*info) ? api_unit_describe(unit, info, true) : -EINVAL;
}

STORHOST_API const char *storhost_device_type_name(uint8_t device_type)
{
    static const char *const names[] = {
        [0x00] = "disk",     [0x01] = "tape",           [0x03] = "processor",
        [0x05] = "CD/DVD",   [0x07] = "optical memory", [0x08] = "medium changer",
        [0x0C] = "array",    [0x0D] = "enclosure",      [0x0E] = "simple disk",
        [0x11] = "OSD",      [0x14] = "zoned disk",     [0x1E] = "well known unit",
        [0x1F] = "no device"};

    if (device_type < sizeof(names) / sizeof(names[0]) && names[device_type] != NULL)
        return names[device_type];
    return "unknown device type";
}

STORHOST_API const char *storhost_unit_problem(int error)
{
    switch (error) {
    case -ENOMEDIUM:
        return "there is no medium in it";
    case -EOPNOTSUPP:
        return "its blocks are of a size that is no power of two from 512 to 65536";
    case -EIO:
        return "it does not tell a capacity that makes sense";
    default:
        return strerror(-error);
    }
}

/* ---- synchronous I/O ---- */

static int unit_begin(struct storhost_unit *unit, unsigned flags, unsigned flags_known,
                      struct api_channel **ret_channel)
{
    if ((flags & ~flags_known) != 0)
        return -EINVAL;
    int error = api_unit_open(unit);
    return error != 0 ? error : api_channel_take(ret_channel);
}

STORHOST_API int storhost_read(struct storhost_unit *unit, void *buffer, size_t length,
                               uint64_t offset, unsigned flags)
{
    struct api_channel *channel;
    int error = unit_begin(unit, flags, 0, &channel);
    if (error != 0)
        return error;
    error = disk_read(unit->disk, channel->channel, buffer, length, offset);
    api_channel_give(channel);
    return error;
}

STORHOST_API int storhost_write(struct storhost_unit *unit, const void *buffer, size_t length,
                                uint64_t offset, unsigned flags)
{
    struct api_channel *channel;
    int error = unit_begin(unit, flags, STORHOST_FUA, &channel);
    if (error != 0)
        return error;
    error = disk_write(unit->disk, channel->channel, buffer, length, offset,
                       (flags & STORHOST_FUA) != 0);
    api_channel_give(channel);
    return error;
}

STORHOST_API int storhost_flush(struct storhost_unit *unit)
{
    struct api_channel *channel;
    int error = unit_begin(unit, 0, 0, &channel);
    if (error != 0)
        return error;
    error = disk_flush(unit->disk, channel->channel);
    api_channel_give(channel);
    return error;
}

STORHOST_API int storhost_trim(struct storhost_unit *unit, uint64_t length, uint64_t offset,
                               unsigned flags)
{
    struct api_channel *channel;
    int error = unit_begin(unit, flags, STORHOST_FUA, &channel);
    if (error != 0)
        return error;
    error = disk_trim(unit->disk, channel->channel, length, offset, (flags & STORHOST_FUA) != 0);
    api_channel_give(channel);
    return error;
}

STORHOST_API int storhost_zero(struct storhost_unit *unit, uint64_t length, uint64_t offset,
                               unsigned flags)
{
    struct api_channel *channel;
    int error = unit_begin(unit, flags, STORHOST_FUA | STORHOST_MAY_TRIM, &channel);
    if (error != 0)
        return error;
    error = disk_zero(unit->disk, channel->channel, length, offset,
                      (flags & STORHOST_MAY_TRIM) != 0, (flags & STORHOST_FUA) != 0);
    api_channel_give(channel);
    return error;
}

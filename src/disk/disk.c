/*
 * disk.c - opening, closing and describing a disk.
 */
#include "disk/disk_internal.h"

#include <errno.h>
#include <stdlib.h>

int disk_open(struct disk **ret_disk, struct port_unit *unit, struct disk_channel *channel)
{
    struct disk *disk = calloc(1, sizeof(*disk));
    if (disk == NULL)
        return -ENOMEM;
    port_unit_reference(unit);
    disk->unit = unit;
    disk->cache.resets = port_unit_resets(unit); /* those before tell of no write of ours */
    disk->write_cache = true;
    disk->parallel = 1;
    int error = disk_probe(disk, channel);
    if (error != 0) {
        disk_close(disk);
        return error;
    }
    *ret_disk = disk;
    return 0;
}

void disk_close(struct disk *disk)
{
    sh_assert(disk->writers.first == NULL);
    port_unit_release(disk->unit);
    free(disk);
}

void disk_describe(const struct disk *disk, struct disk_info *ret_info)
{
    *ret_info = (struct disk_info){
        .block_count = __atomic_load_n(&disk->block_count, __ATOMIC_ACQUIRE),
        .block_size = disk->block_size,
        .physical_block_size = disk->physical_block_size,
        .transfer_limit = disk->transfer_limit,
        .removable = disk->removable,
        .has_medium = !__atomic_load_n(&disk->no_medium, __ATOMIC_RELAXED),
        .read_only = __atomic_load_n(&disk->read_only, __ATOMIC_RELAXED),
        .write_cache =
            __atomic_load_n(&disk->write_cache, __ATOMIC_RELAXED) || disk->adapter_caches,
        .can_fua = __atomic_load_n(&disk->can_fua, __ATOMIC_RELAXED),
        .can_trim = disk->can_unmap || disk->can_write_same_unmap,
        .can_zero = disk->can_write_same && !port_unit_is_encrypted(disk->unit),
    };
}

/*
 * disk_flush.c - durability: flushes, and writes that were lost after their acknowledgement.
 *
 * Rule: when the unit shows that its volatile cache may have been emptied the hard way (it was
 * powered on, or reset by somebody else, or met a deferred error) while it held acknowledged writes
 * that no flush had covered, every flush that is under way fails, and if there is none the next one
 * does; the loss is reported once.
 */
#include "disk/disk_internal.h"

#include <errno.h>

void disk_note_acknowledged(struct disk *disk)
{
    /* Read first: usually it is set, and then no cache line is written. If a flush clears the flag
     * right after the look, it starts after this acknowledgement and so covers the write. */
    if (!__atomic_load_n(&disk->cache.unflushed, __ATOMIC_ACQUIRE))
        __atomic_store_n(&disk->cache.unflushed, true, __ATOMIC_RELEASE);
}

/* The port has reset the unit since its last attention about a reset. */
static bool reset_explains(struct disk *disk)
{
    uint32_t resets = port_unit_resets(disk->unit);

    return __atomic_exchange_n(&disk->cache.resets, resets, __ATOMIC_ACQ_REL) != resets;
}

void disk_note_cache(struct disk *disk, enum disk_cache_fate fate)
{
    struct disk_cache *cache = &disk->cache;

    if (reset_explains(disk) && fate == DISK_CACHE_LOST_UNLESS_RESET)
        return;
    if (!__atomic_load_n(&disk->write_cache, __ATOMIC_RELAXED) && !disk->adapter_caches)
        return;
    sys_mutex_lock(&cache->mutex);
    bool held_data = __atomic_exchange_n(&cache->unflushed, false, __ATOMIC_ACQ_REL);
    if (held_data || cache->covering != 0) {
        cache->losses++;
        cache->lost = true;
    }
    sys_mutex_unlock(&cache->mutex);
}

void disk_hear_attentions(struct disk *disk)
{
    uint32_t attentions = port_unit_take_attentions(disk->unit);

    if (attentions & PORT_ATTENTION_RESET)
        disk_note_cache(disk, DISK_CACHE_LOST_UNLESS_RESET);
    if (attentions & PORT_ATTENTION_CACHE_LOST)
        disk_note_cache(disk, DISK_CACHE_LOST);
    if (attentions & PORT_ATTENTION_CHANGED)
        __atomic_store_n(&disk->stale, true, __ATOMIC_RELEASE);
}

struct flush {
    bool covers; /* there was something to make durable */
    bool lost;   /* a loss had not been reported when it began */
    uint64_t losses;
};

static struct flush flush_begin(struct disk_cache *cache)
{
    sys_mutex_lock(&cache->mutex);
    struct flush flush = {
        .covers = __atomic_exchange_n(&cache->unflushed, false, __ATOMIC_ACQ_REL),
        .lost = cache->lost,
        .losses = cache->losses,
    };
    cache->covering += flush.covers;
    sys_mutex_unlock(&cache->mutex);
    return flush;
}

static int flush_end(struct disk_cache *cache, const struct flush *flush, int error)
{
    sys_mutex_lock(&cache->mutex);
    cache->covering -= flush->covers;
    if (flush->lost || cache->losses != flush->losses) {
        cache->lost = false;
        if (error == 0)
            error = -EIO;
    }
    if (error != 0 && flush->covers)
        __atomic_store_n(&cache->unflushed, true, __ATOMIC_RELEASE);
    sys_mutex_unlock(&cache->mutex);
    return error;
}

/* A unit that does not know the command has nothing to flush. */
static int flush_unit(struct disk *disk, struct disk_channel *channel)
{
    struct disk_command command;

    disk_command_synchronize(&command);
    int error = disk_run_one(disk, channel, &command, NULL);
    return error == -EOPNOTSUPP ? 0 : error;
}

static int flush_adapter(struct disk *disk, struct disk_channel *channel)
{
    struct disk_command command = {.function = PORT_FLUSH, .direction = PORT_NO_DATA};
    int error = disk_run_one(disk, channel, &command, NULL);
    return error == -EOPNOTSUPP ? 0 : error;
}

int disk_flush(struct disk *disk, struct disk_channel *channel)
{
    if (!port_unit_present(disk->unit))
        return -ENODEV;
    disk_hear_attentions(disk);
    struct flush flush = flush_begin(&disk->cache);
    int error = 0;
    if (__atomic_load_n(&disk->write_cache, __ATOMIC_RELAXED))
        error = flush_unit(disk, channel);
    if (disk->adapter_caches && error == 0)
        error = flush_adapter(disk, channel);
    disk_hear_attentions(disk); /* of a time at which this flush waited */
    return flush_end(&disk->cache, &flush, error);
}

void disk_observe_failure(struct disk *disk, const struct port_request *request)
{
    struct disk_judgement judgement = disk_judge(request, true);

    if (judgement.verdict == DISK_DONE && request->direction == PORT_DATA_OUT)
        disk_note_acknowledged(disk); /* a recovered error */
    if (judgement.cache != DISK_CACHE_KEPT)
        disk_note_cache(disk, judgement.cache);
    if (judgement.geometry_changed)
        __atomic_store_n(&disk->stale, true, __ATOMIC_RELEASE);
    if (judgement.no_medium)
        __atomic_store_n(&disk->no_medium, true, __ATOMIC_RELAXED);
}

/*
 * disk_sense.h - what the end of a command means: done, worth another try, or which error.
 */
#ifndef STORHOST_DISK_DISK_SENSE_H
#define STORHOST_DISK_DISK_SENSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct port_request;

struct disk_sense {
    uint8_t key, asc, ascq;
    bool deferred; /* it belongs to an earlier command, which had been reported as done */
};

/* Fixed and descriptor format (SPC-4 4.5). False when the bytes are too few or of another format;
 * missing additional codes read as 0. */
bool disk_sense_decode(const uint8_t *sense, size_t length, struct disk_sense *ret_sense);

enum disk_verdict {
    DISK_DONE,
    DISK_RETRY,         /* at once */
    DISK_RETRY_ONCE,    /* at once, but each try may have cost a whole time-out */
    DISK_RETRY_LATER,   /* the unit is getting ready */
    DISK_RETRY_SETTLED, /* when the device has surely let go of what it was reset for */
    DISK_FAILED,
};

/* What became of acknowledged writes in a volatile cache. */
enum disk_cache_fate {
    DISK_CACHE_KEPT,
    DISK_CACHE_LOST_UNLESS_RESET, /* lost, unless a reset of the port's explains it */
    DISK_CACHE_LOST,
};

struct disk_judgement {
    enum disk_verdict verdict;
    int error; /* negative errno: the outcome when it failed or retries run out */
    enum disk_cache_fate cache;
    bool geometry_changed; /* capacity or mode pages should be read again */
    bool needs_start;      /* the unit waits for START UNIT */
    bool no_medium;
};

/* Judges a finished request. `short_is_done`: fewer bytes than asked are no error (inquiry data and
 * the like). Pure. */
struct disk_judgement disk_judge(const struct port_request *request, bool short_is_done);

#ifdef __cplusplus
}
#endif

#endif

/*
 * dump.h - what the files of `storhost dump-test` share.
 */
#ifndef STORHOST_CLI_DUMP_H
#define STORHOST_CLI_DUMP_H

#include "cli.h"
#include "sys/sys.h"

/* A part of the disk, in blocks. */
struct dump_area {
    uint64_t first, count;
};

/* ---- what blocks hold (dump_pattern.c) ---- */

/* Every word of a block says which block it is, which of its contents, and of which test. */
void pattern_fill(void *data, uint32_t block_size, uint64_t block, uint32_t version, uint32_t seed);
/* The version that all of the block holds; false: it is none of this test, or of several versions.
 */
bool pattern_read(const void *data, uint32_t block_size, uint64_t block, uint32_t seed,
                  uint32_t *ret_version);
uint64_t random_step(uint64_t *state);

/* ---- the image of a hibernation (dump_image.c) ---- */

struct dump_image {
    const unsigned char *data; /* a copy of the marked memory, range after range; NULL: none */
    uint64_t bytes;
};
/* Copies what the instance that was left last has marked. Stays empty if that is more than `room`
 * bytes. False after a message: a range is no memory. */
bool image_take(struct dump_image *image, const struct storhost_dump *dump, uint64_t marked_bytes,
                uint64_t room);
/* Copies from that offset of the image; the bytes that there were. */
size_t image_fill(const struct dump_image *image, void *data, size_t length, uint64_t offset);
void image_free(struct dump_image *image);

/* ---- requests under way while the machine crashes (dump_load.c) ---- */

struct dump_load;
/* Writes to the area, one request a position, with `depth` of them a thread. NULL after a message.
 */
struct dump_load *load_start(struct storhost_unit *unit, const struct arguments *arguments,
                             const struct dump_area *area, uint32_t block_size);
/* Returns when `count` more requests have been acknowledged; false: the load has failed, after a
 * message. */
bool load_await(struct dump_load *load, uint64_t count);
/* The live driver is about to be powered up: requests that time out from now on are its fault. */
void load_resumed(struct dump_load *load);
/* No further requests; those under way end, or fail because the adapter is gone (`gone`). False
 * after a message: one failed otherwise. */
bool load_stop(struct dump_load *load, bool gone);
uint64_t load_acknowledged(const struct dump_load *load);
/* Requests that a reset has ended, and that were sent again. */
uint64_t load_resets(const struct dump_load *load);
uint64_t load_outstanding(const struct dump_load *load);
/* After the stop: every position must hold what was acknowledged last, or what was under way then.
 * False after a message. */
bool load_verify(struct dump_load *load, struct storhost_unit *unit);
void load_free(struct dump_load *load);

#endif

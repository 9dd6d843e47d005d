/*
 * helper.h - what the files of storhost-hive tell each other.
 */
#ifndef STORHOST_HIVE_HELPER_H
#define STORHOST_HIVE_HELPER_H

#include "hive/records.h"

#include <hivex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct part {
    const void *data;
    size_t length;
};
void record_put(enum hive_record kind, const struct part *parts, unsigned count);
/* One line for the user, and the end of the process. */
__attribute__((noreturn, format(printf, 1, 2))) void helper_fail(const char *format, ...);

/* ---- reading (read.c) ---- */

/* Opens descriptor HIVE_FD; in memory, so that nobody else's changes are seen. */
hive_h *hive_open_or_fail(void);
/* The two counts of its header differ: somebody has it open, or did not close it. */
bool hive_is_dirty(void);
bool hive_keeps_big_values_apart(void);
void hive_kind(void);
/* All of it, or what is below the control set of that name. */
void hive_read(const char *control_set);

/* ---- writing (write.c) ---- */

void hive_write(void);

#endif

/*
 * hive_builder.h - hives for tests: an empty one from its bytes, filled with libhivex.
 */
#ifndef STORHOST_TESTS_HIVE_BUILDER_H
#define STORHOST_TESTS_HIVE_BUILDER_H

#include <hivex.h>
#include <stddef.h>
#include <stdint.h>

enum { HIVE_PAGE = 4096 };

/* A hive with a root and nothing else. `minor`: the second number of its version (3, 5). */
void hive_create(const char *file, unsigned minor);
/* The checksum of a header that was changed. */
void hive_header_seal(uint8_t *hive);
/* Makes the keys of the path that are missing. */
hive_node_h hive_key(hive_h *hive, const char *path);
void hive_value(hive_h *hive, const char *path, const char *name, uint32_t type, const void *data,
                size_t size);
/* Select with the current control set 2, and what a driver has below it. */
void hive_create_system(const char *file, const char *service);
/* All keys, values and data as text, to be freed: what a hive says, wherever it says it. */
char *hive_text(const char *file);

#endif

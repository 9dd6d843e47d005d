/*
 * bus_fixture.h - what the tests of bus devices share: the machine, a record of what a device
 * tells, and a census of what it leaves behind.
 */
#ifndef BUS_FIXTURE_H
#define BUS_FIXTURE_H

#include "bus/bus.h"
#include "sys/sys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIXTURE_DRIVES_MAX = 4, FIXTURE_VECTORS_MAX = 256 };

/* A device to open: a SPEC and its drives (NULL after the last). */
struct fixture_spec {
    const char *spec;
    const char *drives[FIXTURE_DRIVES_MAX];
};

/* What a device has told. The counters only grow. */
struct fixture_record {
    uint32_t interrupts; /* of all kinds; counted last, so that awaiting it shows the rest */
    uint32_t removals;
    uint32_t vectors[FIXTURE_VECTORS_MAX];
    uint32_t kinds[3]; /* by enum bus_interrupt_kind */
    char reason[1024]; /* of the removal */
};

struct fixture_device {
    struct bus_device *bus;
    struct fixture_record record;
    char reason[1024]; /* why it could not be opened */
};

/* Set before fixture_start; 64 MiB when it is not. */
extern size_t fixture_arena_size;
/* The machine with its arena; for a group of cmocka tests. 0 or a negative errno. */
int fixture_start(void **state);
int fixture_stop(void **state);

/* Opens a device whose events go to its record. As bus_open. */
int fixture_try_open(struct fixture_device *device, const struct fixture_spec *spec);
/* The same; the test fails when the device cannot be opened. */
void fixture_open(struct fixture_device *device, const struct fixture_spec *spec);
void fixture_close(struct fixture_device *device);

/* Waits until a counter of a record has reached `least`; the test fails after 20 s. */
void fixture_await(uint32_t *counter, uint32_t least);

/* The first BAR of a kind, or -1. */
int fixture_bar_find(struct fixture_device *device, enum bus_bar_kind kind);

/* Short forms of the operations. */
uint32_t fixture_config_read(struct fixture_device *device, unsigned offset, unsigned size);
void fixture_config_write(struct fixture_device *device, unsigned offset, unsigned size,
                          uint32_t value);
uint64_t fixture_read(struct fixture_device *device, unsigned bar, uint64_t offset, unsigned size);
void fixture_write(struct fixture_device *device, unsigned bar, uint64_t offset, unsigned size,
                   uint64_t value);
/* Offset of a capability, 0 when it has none; the test fails when the list does not end. */
unsigned fixture_capability(struct fixture_device *device, unsigned wanted);

/* What this process has now. */
struct fixture_census {
    unsigned descriptors, threads, children;
};
void fixture_census_take(struct fixture_census *census);
/* Waits until there is no more than before (a thread that was joined may linger in /proc for a
 * moment); the test fails after 20 s. */
void fixture_census_settle(const struct fixture_census *before);

#endif

/*
 * bus_fixture.c - what the tests of bus devices share.
 */
#include "bus_fixture.h"

#include "bus/pci.h"
#include "nt/machine.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define PATIENCE_NS (20 * SYS_NS_PER_S)

enum { CAPABILITY_COUNT_MAX = 48 };

size_t fixture_arena_size = 64 * 1024 * 1024;

int fixture_start(void **state)
{
    (void)state;
    int error = sys_start(&(struct sys_options){0});
    if (error == 0)
        error = nt_machine_start(
            &(struct nt_machine_options){.processor_count = 2, .memory_bytes = fixture_arena_size});
    return error;
}

int fixture_stop(void **state)
{
    (void)state;
    nt_machine_stop(NULL);
    sys_stop();
    return 0;
}

/* ---- the record ---- */

static void count(uint32_t *counter)
{
    __atomic_add_fetch(counter, 1, __ATOMIC_RELEASE);
    sys_wake(counter, INT_MAX);
}

static void record_interrupt(void *context, enum bus_interrupt_kind kind, unsigned vector)
{
    struct fixture_record *record = context;
    sh_assert(vector < FIXTURE_VECTORS_MAX);
    count(&record->vectors[vector]);
    count(&record->kinds[kind]);
    count(&record->interrupts);
}

static void record_removed(void *context, const char *reason)
{
    struct fixture_record *record = context;
    snprintf(record->reason, sizeof(record->reason), "%s", reason);
    count(&record->removals);
}

void fixture_await(uint32_t *counter, uint32_t least)
{
    uint64_t deadline_ns = sys_now_ns() + PATIENCE_NS;
    for (;;) {
        uint32_t value = __atomic_load_n(counter, __ATOMIC_ACQUIRE);
        if (value >= least)
            return;
        if (sys_wait(counter, value, deadline_ns) == -ETIMEDOUT)
            fail_msg("waited in vain for %u, have %u", least, value);
    }
}

/* ---- devices ---- */

int fixture_try_open(struct fixture_device *device, const struct fixture_spec *spec)
{
    *device = (struct fixture_device){0};
    struct bus_open_options options = {
        .drives = spec->drives,
        .events =
            {
                .interrupt = record_interrupt,
                .removed = record_removed,
                .context = &device->record,
            },
        .reason = device->reason,
        .reason_size = sizeof(device->reason),
    };
    while (options.drive_count < FIXTURE_DRIVES_MAX && spec->drives[options.drive_count] != NULL)
        options.drive_count++;
    return bus_open(&device->bus, spec->spec, &options);
}

void fixture_open(struct fixture_device *device, const struct fixture_spec *spec)
{
    int error = fixture_try_open(device, spec);
    if (error != 0)
        fail_msg("%s: error %d: %s", spec->spec, error, device->reason);
}

void fixture_close(struct fixture_device *device)
{
    device->bus->ops->close(device->bus);
    device->bus = NULL;
}

int fixture_bar_find(struct fixture_device *device, enum bus_bar_kind kind)
{
    const struct bus_bar *bars = device->bus->ops->bars(device->bus);
    for (int i = 0; i < BUS_BAR_COUNT; i++) {
        if (bars[i].kind == kind)
            return i;
    }
    return -1;
}

uint32_t fixture_config_read(struct fixture_device *device, unsigned offset, unsigned size)
{
    return device->bus->ops->config_read(device->bus, offset, size);
}

void fixture_config_write(struct fixture_device *device, unsigned offset, unsigned size,
                          uint32_t value)
{
    device->bus->ops->config_write(device->bus, offset, size, value);
}

uint64_t fixture_read(struct fixture_device *device, unsigned bar, uint64_t offset, unsigned size)
{
    return device->bus->ops->register_read(device->bus, bar, (struct bar_offset){offset}, size);
}

void fixture_write(struct fixture_device *device, unsigned bar, uint64_t offset, unsigned size,
                   uint64_t value)
{
    device->bus->ops->register_write(device->bus, bar, (struct bar_offset){offset}, size, value);
}

unsigned fixture_capability(struct fixture_device *device, unsigned wanted)
{
    unsigned offset = fixture_config_read(device, BUS_PCI_CAPABILITIES, 1);
    for (unsigned i = 0; offset != 0; i++) {
        assert_true(i < CAPABILITY_COUNT_MAX);
        assert_true(offset >= 0x40 && offset % 4 == 0);
        if (fixture_config_read(device, offset, 1) == wanted)
            return offset;
        offset = fixture_config_read(device, offset + 1, 1);
    }
    return 0;
}

/* ---- the census ---- */

static unsigned entries_of(const char *path)
{
    unsigned entries = 0;
    DIR *directory = opendir(path);
    assert_non_null(directory);
    while (readdir(directory) != NULL)
        entries++;
    closedir(directory);
    return entries;
}

void fixture_census_take(struct fixture_census *census)
{
    siginfo_t info;
    *census = (struct fixture_census){
        .descriptors = entries_of("/proc/self/fd"),
        .threads = entries_of("/proc/self/task"),
        /* Any child at all, running or not yet reaped. */
        .children = waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0,
    };
}

void fixture_census_settle(const struct fixture_census *before)
{
    uint64_t deadline_ns = sys_now_ns() + PATIENCE_NS;
    struct fixture_census now;
    for (;;) {
        fixture_census_take(&now);
        if (now.descriptors <= before->descriptors && now.threads <= before->threads &&
            now.children <= before->children)
            return;
        if (sys_now_ns() > deadline_ns)
            fail_msg("left behind: %d descriptors, %d threads, %d children",
                     (int)(now.descriptors - before->descriptors),
                     (int)(now.threads - before->threads), (int)(now.children - before->children));
        sys_thread_yield();
    }
}

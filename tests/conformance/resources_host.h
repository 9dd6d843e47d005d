/*
 * resources_host.h - a machine with the miniport `resources` on one adapter, and its record.
 */
#ifndef STORHOST_TESTS_RESOURCES_HOST_H
#define STORHOST_TESTS_RESOURCES_HOST_H

#include "probe_host.h"

#include "../miniports/resources/resources.h"

enum { RESOURCES_SETTINGS_MAX = 6 };

struct resources_start {
    const char *device;
    const char *settings[RESOURCES_SETTINGS_MAX]; /* below the device's key */
    bool installed;                               /* by an INF file that says nothing */
    bool takes_messages, rings;
    unsigned rings_messages, perf_flags; /* as the record has them */
    bool unsynchronized;                 /* InterruptSupportNone */
    unsigned message_limit;
    enum port_interrupt_preference interrupts;
    const char *service; /* NULL: "resources" */
    VOID(NTAPI *in_find_adapter)(PVOID extension, PPORT_CONFIGURATION_INFORMATION config);
};

/* Of the adapter that was started last. */
extern RESOURCES_RECORD *record;
extern struct port_driver *driver;
extern struct port_adapter *adapter;
extern char events[1024]; /* its lines */

/* Asserts that it starts, and that it stops. */
void start(const struct resources_start *what);
void stop(void);

#endif

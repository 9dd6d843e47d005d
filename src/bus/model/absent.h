/*
 * absent.h - the inside of the absent device: a PCI function of any identity behind which nothing
 * answers.
 *
 * `mutex` guards every member below it, for a few instructions at a time, at any IRQL.
 */
#ifndef STORHOST_BUS_MODEL_ABSENT_H
#define STORHOST_BUS_MODEL_ABSENT_H

#include "bus/bus.h"
#include "sys/sys.h"

enum { ABSENT_MSI_MAX = 32, ABSENT_MSIX_MAX = 256, ABSENT_TRACED_ACCESSES = 256 };

/* What the SPEC says. */
struct absent_options {
    uint16_t vendor, device, subsystem_vendor, subsystem;
    uint32_t class_code; /* class, subclass, programming interface: 24 bits */
    uint8_t revision;
    struct absent_bar {
        enum bus_bar_kind kind;
        uint64_t size;
        bool is_64bit, prefetchable;
    } bars[BUS_BAR_COUNT];
    uint64_t rom_size; /* 0: there is none */
    bool reads_zeros;  /* registers read 0, not all-ones */
    bool line;
    unsigned msi, msix; /* messages; 0: no capability */
    unsigned table_bar; /* where the table of MSI-X lies */
    bool express;       /* a capability of PCI Express, and the config space of one */
    bool trace;
};

/* One access to a register, and how often it has come. */
struct absent_access {
    uint64_t offset, value;
    uint64_t count; /* 0: a free place */
    uint8_t bar, size;
    bool is_write;
};

struct absent {
    struct bus_device device;
    struct bus_events events;
    struct absent_options options;
    struct bus_bar bars[BUS_BAR_COUNT];
    unsigned config_size;
    unsigned msi_offset, msix_offset; /* of the capabilities; 0: none */

    struct sys_mutex mutex;
    uint8_t config[BUS_CONFIG_SIZE_EXTENDED];
    uint8_t config_writable[BUS_CONFIG_SIZE_EXTENDED];
    bool gone;
    struct absent_access accesses[ABSENT_TRACED_ACCESSES];
    unsigned access_count;
};

/* absent_options.c: -EINVAL with a reason for the user. */
int absent_options_parse(struct absent_options *ret_options, const char *arguments, char *reason,
                         size_t reason_size);
/* absent_config.c: config space, from options and BARs; mutex not held. */
void absent_config_initialise(struct absent *absent);
/* Which kind signals, as the capabilities and the command register show it. Mutex held. */
void absent_config_enable_locked(struct absent *absent, enum bus_interrupt_kind kind,
                                 unsigned count);
void absent_config_silence_locked(struct absent *absent);
/* absent_trace.c: tells of an access as an event line, the first time and then ever more rarely.
 * Any IRQL, mutex not held. */
void absent_trace(struct absent *absent, const struct absent_access *access);

#endif

/*
 * runtime_power_host.h - the probe as a driver that registers for runtime power management, and
 * questions about what it was told.
 */
#ifndef STORHOST_TESTS_RUNTIME_POWER_HOST_H
#define STORHOST_TESTS_RUNTIME_POWER_HOST_H

#include "probe_host.h"

enum {
    FUNCTION_EXECUTE_SCSI = 0x00,
    FUNCTION_POWER = 0x24,
    OP_SYNCHRONIZE_CACHE = 0x35,
    SRB_D3_PROCESSING = 0x0800,
    STATUS_OK = 0,
    FIRST_TAG = 100,
    FLAG_IDLE_TIMEOUT = 0x10,
    FLAG_NO_DEBOUNCE = 0x100,
    FLAG_NO_D3 = 0x02,
    FLAG_D3_COLD = 0x04,
    FLAG_NO_INTERRUPTS = 0x400,
    FLAG_NO_UNITS = 0x40,
    /* Control types, as the driver knows them. */
    STOP = 1,
    RESTART = 2,
    POWER = 6,
    REQUIRED = 7,
    ACTIVE = 8,
    FSTATE = 9,
    CONTROL = 10,
    LIMIT = 14,
    PERF = 15,
    UNIT_POWER = 3,
    UNIT_INFO = 4,
    UNIT_REQUIRED = 5,
    UNIT_ACTIVE = 6,
    UNIT_FSTATE = 7,
    UNIT_CONTROL = 8,
    UNIT_REMOVE = 9,
    D0 = 1,
    D3 = 4,
    NO_POWER_CONTROL = 1 << STOP | 1 << RESTART | 1 << REQUIRED | 1 << ACTIVE | 1 << FSTATE |
                       1 << CONTROL | 1 << LIMIT | 1 << PERF,
    ALL_CONTROLS = NO_POWER_CONTROL | 1 << POWER,
    UNIT_CONTROLS = 1 << UNIT_POWER | 1 << UNIT_INFO | 1 << UNIT_REQUIRED | 1 << UNIT_ACTIVE |
                    1 << UNIT_FSTATE | 1 << UNIT_CONTROL | 1 << UNIT_REMOVE,
    AWAKE_FOR_LONG = 600000, /* ms */
};

extern struct probe_host host;
extern struct port_request request;

/* Its components sleep after the time-out; `more` are further settings. */
void power_open_as(const char *device, unsigned controls, unsigned flags, unsigned timeout_ms,
                   const char *more);
void power_open_with(unsigned timeout_ms, const char *more);
/* The same, and everything sleeps. */
void power_asleep(const char *more);

/* How many rows there are. */
size_t power_rows(void);
/* The row of a control's return with that type and result, from row `from` on; SIZE_MAX: none. */
size_t power_adapter(unsigned type, unsigned result, size_t from);
size_t power_unit(unsigned type, unsigned result, size_t from);
size_t power_await_adapter(unsigned type, unsigned result, size_t from);
size_t power_await_unit(unsigned type, unsigned result, size_t from);
/* The row of StartIo of the request with FIRST_TAG. */
size_t power_started(size_t from);

void power_prepare(PROBE_SCRIPT script);
/* One request, which succeeds. */
void power_run(void);
/* What the script's action in StartIo has returned. */
unsigned power_act(unsigned action);

unsigned power_device_state(void);
void power_await_device_state(unsigned wanted);

#endif

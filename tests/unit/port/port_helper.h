/*
 * port_helper.h - a machine with one driver and one adapter for tests of the port, and requests
 * that are easy to write.
 */
#ifndef STORHOST_TESTS_PORT_HELPER_H
#define STORHOST_TESTS_PORT_HELPER_H

#include "nt/bugcheck.h"
#include "nt/machine.h"
#include "nt/print.h"
#include "port/adapter.h"

#include "../../driver_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEST_BLOCK = 512, TEST_PROCESSORS = 2 };

struct test_host {
    struct port_driver *driver;
    struct port_adapter *adapter;
    struct port_unit *unit;
    struct port_queue *queue;
    char reason[512];
};

static inline void quiet(void *context, const char *line)
{
    (void)context;
    (void)line;
}

static inline const char *driver_path(const char *name)
{
    static char path[4096];

    driver_file(path, sizeof(path), strcmp(name, "faulty") == 0 ? "TEST_MODULES" : "MODULES", name);
    return path;
}

static inline int machine_up(void **state)
{
    (void)state;
    struct nt_machine_options options = {.processor_count = TEST_PROCESSORS};
    nt_print_set_sink(quiet, NULL);
    return sys_start(&(struct sys_options){.seed = 1}) || nt_machine_start(&options);
}

static inline int machine_down(void **state)
{
    (void)state;
    port_finalize();
    nt_machine_stop(NULL);
    sys_stop();
    return 0;
}

/* Loads and starts; the error of the start comes back, with the reason in the host. */
static inline int host_try(struct test_host *host, const char *module, const char *device,
                           const char *const *settings, size_t setting_count)
{
    memset(host, 0, sizeof(*host));
    struct port_driver_options driver = {
        .path = driver_path(module), .settings = settings, .setting_count = setting_count};
    int error = port_driver_load(&host->driver, &driver, host->reason, sizeof(host->reason));
    if (error)
        return error;
    struct port_adapter_options adapter = {.device = device, .event = quiet};
    error = port_adapter_start(&host->adapter, host->driver, &adapter, host->reason,
                               sizeof(host->reason));
    if (error) {
        port_driver_unload(host->driver);
        return error;
    }
    assert_int_equal(port_queue_create(&host->queue), 0);
    host->unit = port_unit_get(host->adapter, 0);
    return 0;
}

static inline void host_open(struct test_host *host, const char *module, const char *device,
                             const char *const *settings, size_t setting_count)
{
    int error = host_try(host, module, device, settings, setting_count);
    if (error)
        fprintf(stderr, "%s\n", host->reason);
    assert_int_equal(error, 0);
    assert_non_null(host->unit);
}

static inline void host_close(struct test_host *host)
{
    if (host->unit)
        port_unit_release(host->unit);
    port_queue_destroy(host->queue);
    assert_int_equal(port_adapter_stop(host->adapter, host->reason, sizeof(host->reason)), 0);
    port_driver_unload(host->driver);
}

/* A READ(16) or WRITE(16). */
static inline void transfer(struct port_request *request, struct port_unit *unit, bool write,
                            uint64_t block, uint32_t blocks, void *buffer)
{
    memset(request, 0, sizeof(*request));
    request->unit = unit;
    request->function = PORT_EXECUTE_SCSI;
    request->direction = write ? PORT_DATA_OUT : PORT_DATA_IN;
    request->single.base = buffer;
    request->single.length = request->length = blocks * TEST_BLOCK;
    request->flags = PORT_FLAG_NO_FREEZE;
    request->cdb_length = 16;
    request->cdb[0] = write ? 0x8A : 0x88;
    for (unsigned i = 0; i < 8; i++)
        request->cdb[2 + i] = (uint8_t)(block >> (56 - 8 * i));
    for (unsigned i = 0; i < 4; i++)
        request->cdb[10 + i] = (uint8_t)(blocks >> (24 - 8 * i));
}

static inline bool succeeded(const struct port_request *request)
{
    return request->status == PORT_OK && request->srb_status == 1 && request->scsi_status == 0;
}

#endif

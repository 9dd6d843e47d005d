/*
 * resources_host.c - see resources_host.h.
 */
#include "resources_host.h"
#include "../driver_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

RESOURCES_RECORD *record;
struct port_driver *driver;
struct port_adapter *adapter;
char events[1024];

static void event_line(void *context, const char *line)
{
    (void)context;
    strncat(events, line, sizeof(events) - strlen(events) - 1);
}

/* An INF file that says nothing. */
static int install(void *context, const char *instance_key, const char *driver_key, char *reason,
                   size_t reason_size)
{
    (void)context;
    (void)instance_key;
    (void)driver_key;
    (void)reason;
    (void)reason_size;
    return 0;
}

void start(const struct resources_start *what)
{
    char low[64], high[64], path[4096], reason[512] = "";
    const char *settings[] = {low, high};

    events[0] = 0;
    record = calloc(1, sizeof(*record));
    assert_non_null(record);
    record->TakesMessages = what->takes_messages;
    record->Synchronization = what->unsynchronized ? InterruptSupportNone : InterruptSynchronizeAll;
    record->RingsDoorbell = what->rings;
    record->RingsMessages = what->rings_messages;
    record->PerfFlags = what->perf_flags;
    record->InFindAdapter = what->in_find_adapter;
    snprintf(low, sizeof(low), "Parameters\\Device\\RecordLow=%u", (uint32_t)(uintptr_t)record);
    snprintf(high, sizeof(high), "Parameters\\Device\\RecordHigh=%u",
             (uint32_t)((uintptr_t)record >> 32));
    driver_file(path, sizeof(path), "TEST_MODULES", "resources");
    struct port_driver_options options = {
        .path = path, .service = what->service, .settings = settings, .setting_count = 2};
    assert_int_equal(port_driver_load(&driver, &options, reason, sizeof(reason)), 0);
    struct port_adapter_options of_adapter = {
        .device = what->device,
        .interrupts = what->interrupts,
        .message_limit = what->message_limit,
        .install = what->installed ? install : NULL,
        .device_settings = what->settings,
        .event = event_line,
    };
    while (of_adapter.device_setting_count < RESOURCES_SETTINGS_MAX &&
           what->settings[of_adapter.device_setting_count])
        of_adapter.device_setting_count++;
    if (port_adapter_start(&adapter, driver, &of_adapter, reason, sizeof(reason)))
        fail_msg("%s", reason);
}

void stop(void)
{
    char reason[512];

    assert_int_equal(port_adapter_stop(adapter, reason, sizeof(reason)), 0);
    port_driver_unload(driver);
    free(record);
}

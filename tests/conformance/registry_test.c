/*
 * registry_test.c - what a driver writes outlasts the machine where a file is mounted, and what
 * somebody else changes on a running machine reaches the driver that watches.
 */
#include "../driver_file.h"
#include "probe_host.h"

#include "../miniports/firmware/firmware_protocol.h"
#include "nt/registry.h"
#include <ntddscsi.h>
#include <storport.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct port_driver *driver;
static struct port_adapter *adapter;
static FIRMWARE_COMMAND command;
static char reason[512];

static void adapter_open(void)
{
    char path[4096];
    struct port_driver_options driver_options = {.path = path};
    struct port_adapter_options options = {.device = "none"};

    driver_file(path, sizeof(path), "TEST_MODULES", "firmware");
    if (port_driver_load(&driver, &driver_options, reason, sizeof(reason)) ||
        port_adapter_start(&adapter, driver, &options, reason, sizeof(reason)))
        fail_msg("%s", reason);
}

static void adapter_close(void)
{
    assert_int_equal(port_adapter_stop(adapter, reason, sizeof(reason)), 0);
    port_driver_unload(driver);
}

static void ask(unsigned what, unsigned code)
{
    size_t length;
    struct port_control_code control = {
        .code = IOCTL_MINIPORT_PROCESS_SERVICE_IRP,
        .input = &command,
        .input_length = sizeof(command),
        .output = &command,
        .output_length = sizeof(command),
        .ret_length = &length,
    };

    memset(&command, 0, sizeof(command));
    command.Command = what;
    command.Code = code;
    assert_int_equal(port_adapter_control(adapter, NULL, &control), STATUS_SUCCESS);
}

static void what_a_driver_writes_is_noted_for_the_file_that_is_mounted(void **state)
{
    (void)state;
    struct nt_registry_mount mount = {.key = ""};
    static const char *const keys[] = {
        "Services\\firmware\\Parameters\\Device",
        "Enum\\ROOT\\SCSIADAPTER\\0000\\Device Parameters\\Sub",
    };
    uint32_t value;

    nt_registry_mount_add(&mount);
    adapter_open();
    assert_null(mount.changes); /* what the host has set is for this run */
    ask(FirmwareWrite, 42);
    assert_int_equal(command.Status, STOR_STATUS_SUCCESS);
    struct nt_registry_change *changes = nt_registry_mount_take(&mount), *change = changes;
    for (unsigned i = 0; i < 2; i++, change = change->next) {
        assert_non_null(change);
        assert_int_equal(change->kind, NT_REGISTRY_VALUE);
        assert_string_equal(change->key, keys[i]);
        assert_string_equal(change->name, "Written");
        assert_int_equal(nt_registry_get_dword(keys[i], "Written", &value), 0);
        assert_int_equal(value, 42);
    }
    assert_null(change);
    nt_registry_mount_put_back(&mount, changes);
    adapter_close();
    nt_registry_mount_remove(&mount);
}

static unsigned notified(void)
{
    ask(FirmwareNotified, 0);
    return command.Returned;
}

static void notified_await(unsigned count)
{
    uint64_t deadline_ns = sys_now_ns() + 20 * SYS_NS_PER_S;

    while (notified() != count)
        assert_true(sys_now_ns() < deadline_ns);
}

static void a_driver_that_watches_is_told_of_changes_from_outside(void **state)
{
    (void)state;
    static const char key[] = "Services\\firmware\\Parameters\\Device";

    adapter_open();
    unsigned before = notified();
    ask(FirmwareWatch, 0);
    assert_int_equal(command.Status, STOR_STATUS_SUCCESS);
    assert_int_equal(nt_registry_write_text(key, "Depth", "8", reason, sizeof(reason)), 0);
    notified_await(before + 1);
    assert_int_equal(nt_registry_write_key("Services\\Firmware\\parameters\\device\\Below"), 0);
    notified_await(before + 2);
    assert_int_equal(nt_registry_erase_key("Services\\firmware\\Parameters\\Device\\Below"), 0);
    notified_await(before + 3);
    assert_int_equal(nt_registry_erase_value(key, "DEPTH"), 0);
    notified_await(before + 4);
    /* Beside it, or what changes nothing: nobody is told. */
    nt_registry_write_text("Services\\firmware\\Parameters\\Device2", "Depth", "8", reason,
                           sizeof(reason));
    nt_registry_write_key(key);
    nt_registry_write_text(key, "Depth", "9", reason, sizeof(reason));
    notified_await(before + 5);
    adapter_close();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_proves(what_a_driver_writes_is_noted_for_the_file_that_is_mounted,
                     "StorPortRegistryWrite", "StorPortRegistryWriteAdapterKey"),
        probe_proves(a_driver_that_watches_is_told_of_changes_from_outside,
                     "StorPortEnableRegistryKeyNotification"),
    };

    return probe_run(argc, argv, tests);
}

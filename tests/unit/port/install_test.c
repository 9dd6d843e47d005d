/*
 * install_test.c - a device that is opened before its adapter, and what is in the registry when its
 * driver is told of it.
 */
#include "port_helper.h"

#include "nt/registry.h"

#include <errno.h>

#define INSTANCE   "Enum\\PCI\\SCSIADAPTER\\0000"
#define PARAMETERS INSTANCE "\\Device Parameters"

static char reason[512];
static struct port_driver *driver;
static struct port_adapter *adapter;

static uint32_t value_of(const char *key, const char *name)
{
    uint32_t value = UINT32_MAX;

    (void)nt_registry_get_dword(key, name, &value);
    return value;
}

static void load(const char *const *settings, size_t setting_count)
{
    struct port_driver_options options = {
        .path = driver_path("null_physical"), .settings = settings, .setting_count = setting_count};
    assert_int_equal(port_driver_load(&driver, &options, reason, sizeof(reason)), 0);
}

static int start(struct port_adapter_options options)
{
    return port_adapter_start(&adapter, driver, &options, reason, sizeof(reason));
}

static void stop(void)
{
    assert_int_equal(port_adapter_stop(adapter, reason, sizeof(reason)), 0);
    port_driver_unload(driver);
}

static int write_both(void *context, const char *instance_key, const char *driver_key, char *why,
                      size_t why_size)
{
    char key[256];

    (void)why;
    (void)why_size;
    assert_string_equal(instance_key, INSTANCE);
    snprintf(key, sizeof(key), "%s\\Device Parameters", instance_key);
    nt_registry_set_dword(key, "Both", 1);
    nt_registry_set_dword(key, "Alone", 1);
    nt_registry_set_dword(driver_key, "Version", 3);
    snprintf(context, 256, "%s", driver_key);
    return 0;
}

static int refuse(void *context, const char *instance_key, const char *driver_key, char *why,
                  size_t why_size)
{
    (void)context;
    (void)instance_key;
    (void)driver_key;
    snprintf(why, why_size, "no model for this device");
    return -ENODEV;
}

static void a_setting_of_the_device_is_written_below_its_key_and_not_below_the_service(void **state)
{
    (void)state;
    const char *settings[] = {"Device Parameters\\Interrupt Management\\X=7", "Parameters\\Y=8"};

    load(settings, 2);
    assert_int_equal(value_of("Services\\null_physical\\Parameters", "Y"), 8);
    assert_false(nt_registry_key_exists("Services\\null_physical\\Device Parameters"));
    assert_int_equal(start((struct port_adapter_options){.device = "model:scratch"}), 0);
    assert_int_equal(value_of(PARAMETERS "\\Interrupt Management", "X"), 7);
    stop();
}

static void settings_win_over_what_an_installation_writes(void **state)
{
    (void)state;
    const char *settings[] = {"Both=2"};
    char driver_key[256];

    load(NULL, 0);
    assert_int_equal(start((struct port_adapter_options){.device = "model:scratch",
                                                         .install = write_both,
                                                         .install_context = driver_key,
                                                         .device_settings = settings,
                                                         .device_setting_count = 1}),
                     0);
    assert_int_equal(value_of(PARAMETERS, "Both"), 2);
    assert_int_equal(value_of(PARAMETERS, "Alone"), 1);
    assert_int_equal(value_of(driver_key, "Version"), 3);
    stop();
    assert_false(nt_registry_key_exists(INSTANCE));
    assert_false(nt_registry_key_exists(driver_key));
}

static void an_installation_that_fails_fails_the_start(void **state)
{
    (void)state;
    const char *settings[] = {"=2"};

    load(NULL, 0);
    assert_int_equal(
        start((struct port_adapter_options){.device = "model:scratch", .install = refuse}),
        -ENODEV);
    assert_string_equal(reason, "no model for this device");
    assert_int_equal(start((struct port_adapter_options){.device = "model:scratch",
                                                         .device_settings = settings,
                                                         .device_setting_count = 1}),
                     -EINVAL);
    assert_non_null(strstr(reason, "'=2'"));
    port_driver_unload(driver);
}

static void a_device_that_is_open_is_taken_by_the_adapter(void **state)
{
    (void)state;
    struct port_device *device;
    struct port_adapter_info info = {0};

    load(NULL, 0);
    assert_int_equal(port_device_open(&device, "model:scratch", NULL, 0, reason, sizeof(reason)),
                     0);
    assert_int_equal(start((struct port_adapter_options){.device = "none", .opened = device}), 0);
    port_adapter_describe(adapter, &info);
    assert_false(info.is_virtual);
    stop();
}

/* Who notices first is open: the port (-ENODEV), the device that is asked for interrupts (-EIO), or
 * the driver, which reads all ones. */
static void a_device_that_is_gone_before_its_adapter_starts_fails_the_start(void **state)
{
    (void)state;
    struct port_device *device;

    load(NULL, 0);
    assert_int_equal(port_device_open(&device, "model:scratch", NULL, 0, reason, sizeof(reason)),
                     0);
    port_device_bus(device)->ops->unplug(port_device_bus(device));
    int error = start((struct port_adapter_options){.device = "none", .opened = device});
    assert_true(error == -ENODEV || error == -EIO);
    assert_string_not_equal(reason, "");
    port_driver_unload(driver);
}

static void an_open_device_is_closed_when_the_driver_has_no_use_for_it(void **state)
{
    (void)state;
    struct port_device *device;
    struct port_driver_options options = {.path = driver_path("null_virtual")};

    assert_int_equal(port_driver_load(&driver, &options, reason, sizeof(reason)), 0);
    assert_int_equal(port_device_open(&device, "model:scratch", NULL, 0, reason, sizeof(reason)),
                     0);
    assert_int_equal(start((struct port_adapter_options){.device = "none", .opened = device}),
                     -ENODEV);
    assert_non_null(strstr(reason, "takes no device"));
    port_driver_unload(driver);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, machine_up, machine_down)
    const struct CMUnitTest tests[] = {
        TEST(a_setting_of_the_device_is_written_below_its_key_and_not_below_the_service),
        TEST(settings_win_over_what_an_installation_writes),
        TEST(an_installation_that_fails_fails_the_start),
        TEST(a_device_that_is_open_is_taken_by_the_adapter),
        TEST(a_device_that_is_gone_before_its_adapter_starts_fails_the_start),
        TEST(an_open_device_is_closed_when_the_driver_has_no_use_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * test_window.c - when a driver's write has reached a device that takes writes late.
 */
#include "../nt/machine_helper.h"

#include "bus/window.h"
#include "nt/dpc.h"
#include "nt/interrupt.h"

enum { REGISTERS_SIZE = 4096, ACKNOWLEDGE = 0xA0, POSTED = -1, ARRIVED = 1 };

/* What is written stays under way until somebody waits for the device. */
struct late {
    struct bus_device device;
    struct nt_interrupt *interrupt;
    struct nt_spinlock lock;
    unsigned char *window;
    uint64_t under_way, arrived;
    uint32_t services, writes_elsewhere;
    int seen; /* by the routine, after its write */
    int seen_elsewhere;
};

static void late_write(struct bus_device *device, unsigned bar, struct bar_offset offset,
                       unsigned size, uint64_t value)
{
    struct late *late = (struct late *)device;

    assert_int_equal(bar, 0);
    assert_int_equal(offset.value, ACKNOWLEDGE);
    assert_int_equal(size, 4);
    late->under_way = value;
}

static void late_flush(struct bus_device *device)
{
    struct late *late = (struct late *)device;

    late->arrived = late->under_way;
}

static const struct bus_device_ops late_operations = {.register_write = late_write,
                                                      .register_flush = late_flush};

static int write_and_look(struct late *late, uint64_t value)
{
    struct bus_window_place place;

    assert_true(bus_window_find(late->window + ACKNOWLEDGE, &place));
    bus_window_write(&place, 4, value);
    return late->arrived == value ? ARRIVED : POSTED;
}

static bool late_service(void *context)
{
    struct late *late = context;

    late->seen = write_and_look(late, 0x100 + late->services);
    word_increment(&late->services);
    return true;
}

static bool line_is_low(void *context)
{
    (void)context;
    return false;
}

static void late_open(struct late *late, bool line, bool (*service)(void *context))
{
    struct nt_interrupt_options options = {.irql = NT_DEVICE_LEVEL,
                                           .lock = &late->lock,
                                           .service = service,
                                           .context = late,
                                           .level = line ? line_is_low : NULL,
                                           .serving = line ? &late->device.line_served : NULL,
                                           .level_context = late};

    *late = (struct late){.device = {.ops = &late_operations, .name = "late"}};
    late->window = bus_window_map(&late->device, 0, (struct bar_offset){0}, REGISTERS_SIZE);
    assert_non_null(late->window);
    assert_int_equal(nt_interrupt_connect(&late->interrupt, &options), 0);
}

static void late_close(struct late *late)
{
    nt_interrupt_disconnect(late->interrupt);
    bus_window_forget(&late->device);
}

static void a_write_of_a_lines_routine_has_arrived_when_the_routine_goes_on(void **state)
{
    struct late late;

    (void)state;
    late_open(&late, true, late_service);
    for (unsigned i = 1; i <= 3; i++) {
        nt_interrupt_assert(late.interrupt);
        word_await(&late.services, i);
        assert_int_equal(late.seen, ARRIVED);
        /* Only there: whoever it was delivered to writes as before. */
        assert_int_equal(write_and_look(&late, i), POSTED);
    }
    late_close(&late);
}

static void a_write_of_a_messages_routine_is_posted(void **state)
{
    struct late late;

    (void)state;
    late_open(&late, false, late_service);
    nt_interrupt_assert(late.interrupt);
    word_await(&late.services, 1);
    assert_int_equal(late.seen, POSTED);
    late_close(&late);
}

static bool service_that_lasts_until_somebody_has_written(void *context)
{
    struct late *late = context;

    word_increment(&late->services);
    word_await_spinning(&late->writes_elsewhere, 1);
    return true;
}

static void write_when_it_is_served(void *argument)
{
    struct late *late = argument;

    word_await(&late->services, 1);
    late->seen_elsewhere = write_and_look(late, 0x300);
    word_increment(&late->writes_elsewhere);
}

/* Requests that another processor starts go to the device ahead of what the routine reads next. */
static void a_write_of_another_processor_during_a_lines_routine_has_arrived(void **state)
{
    struct late late;
    struct sys_thread *thread;

    (void)state;
    late_open(&late, true, service_that_lasts_until_somebody_has_written);
    assert_int_equal(nt_thread_create(&thread, "elsewhere", write_when_it_is_served, &late), 0);
    nt_interrupt_assert(late.interrupt);
    sys_thread_join(thread);
    assert_int_equal(late.seen_elsewhere, ARRIVED);
    nt_interrupt_disconnect(late.interrupt);
    assert_int_equal(write_and_look(&late, 0x400), POSTED);
    bus_window_forget(&late.device);
}

static bool write_synchronized(void *context)
{
    struct late *late = context;

    late->seen = write_and_look(late, 0x200);
    return true;
}

/* As a request is started there, by a driver that wants one lock for all: no look at memory
 * follows, and requests must not pay for it. */
static void a_write_at_the_level_of_a_line_outside_of_its_routine_is_posted(void **state)
{
    struct late late;

    (void)state;
    late_open(&late, true, late_service);
    assert_true(nt_interrupt_synchronize(late.interrupt, write_synchronized, &late));
    assert_int_equal(late.seen, POSTED);
    late_close(&late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_write_of_a_lines_routine_has_arrived_when_the_routine_goes_on, machine_setup_single,
            machine_teardown),
        cmocka_unit_test_setup_teardown(
            a_write_of_another_processor_during_a_lines_routine_has_arrived, machine_setup,
            machine_teardown),
        cmocka_unit_test_setup_teardown(a_write_of_a_messages_routine_is_posted,
                                        machine_setup_single, machine_teardown),
        cmocka_unit_test_setup_teardown(
            a_write_at_the_level_of_a_line_outside_of_its_routine_is_posted, machine_setup_single,
            machine_teardown),
    };
    return cmocka_run_group_tests_name("bus window", tests, NULL, NULL);
}

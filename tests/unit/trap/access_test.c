/*
 * access_test.c - each form of instruction does to a device's registers what it does to memory: the
 * same values in registers, vectors and flags, and the same bytes behind the address.
 */
#include "bus/window.h"
#include "image/image.h"
#include "nt/bugcheck.h"
#include "nt/machine.h"
#include "trap/trap.h"

#include "forms.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { REGISTER_BYTES = 4096, RSP = 4, RDX = 2, RSI = 6, R8 = 8, R15 = 15 };

/* ---- a device that is 4 KiB of registers ---- */

static unsigned char registers[REGISTER_BYTES];
static unsigned reads, writes;

static uint64_t device_read(struct bus_device *device, unsigned bar, struct bar_offset offset,
                            unsigned size)
{
    uint64_t value = 0;

    (void)device;
    assert_int_equal(bar, 2);
    assert_int_equal(offset.value % size, 0);
    memcpy(&value, registers + offset.value, size);
    reads++;
    return value;
}

static void device_write(struct bus_device *device, unsigned bar, struct bar_offset offset,
                         unsigned size, uint64_t value)
{
    (void)device;
    assert_int_equal(bar, 2);
    memcpy(registers + offset.value, &value, size);
    writes++;
}

static const struct bus_device_ops operations = {.register_read = device_read,
                                                 .register_write = device_write};
static struct bus_device device = {.ops = &operations, .name = "test"};
static unsigned char *window;
static const char *module_path;
static struct image *image;
static struct forms forms;

/* cmocka has handlers of its own during a test. */
static struct sigaction handlers[3];
static const int handled[3] = {SIGSEGV, SIGBUS, SIGILL};

static void use_trap_handlers(void)
{
    for (unsigned i = 0; i < 3; i++)
        sigaction(handled[i], &handlers[i], NULL);
}

/* ---- forms ---- */

static void fill(unsigned char *bytes, size_t size, uint32_t seed)
{
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525 + 1013904223;
        bytes[i] = (unsigned char)(seed >> 24);
    }
}

/* `target` where rdx points. What the string forms need besides is in rsi. */
static struct form_state run_form(const struct form *form, unsigned char *target,
                                  unsigned char *other, uint32_t seed)
{
    struct form_state state;

    fill((unsigned char *)&state, sizeof(state), seed);
    state.registers[RDX] = (uint64_t)(uintptr_t)target;
    state.registers[RSI] = (uint64_t)(uintptr_t)other;
    state.registers[R8] = 3;
    state.registers[RSP] = state.registers[R15] = 0;
    state.flags = 0x202 | (seed & 0x8D5);
    /* So that a comparison finds what it compares with, sometimes. */
    if (seed & 1)
        memcpy(&state.registers[0], registers + 64 + 4, 4);
    void (*NT_ABI run)(struct form_state *) = (void (*NT_ABI)(struct form_state *))form->run;
    run(&state);
    return state;
}

static void one_form(const struct form *form, uint32_t seed)
{
    static unsigned char memory[REGISTER_BYTES] __attribute__((aligned(64)));
    unsigned char other_memory[64], other_window[64];

    fill(registers, sizeof(registers), seed ^ 0x55AA);
    memcpy(memory, registers, sizeof(memory));
    fill(other_memory, sizeof(other_memory), seed);
    memcpy(other_window, other_memory, sizeof(other_window));
    struct form_state wanted = run_form(form, memory + 64, other_memory, seed);
    reads = writes = 0;
    struct form_state got = run_form(form, window + 64, other_window, seed);
    /* Addresses differ; how far they moved must not. */
    for (unsigned i = 0; i < 16; i++) {
        uint64_t distance = wanted.registers[i] - (uint64_t)(uintptr_t)memory;
        if (distance < REGISTER_BYTES)
            wanted.registers[i] = (uint64_t)(uintptr_t)window + distance;
        distance = wanted.registers[i] - (uint64_t)(uintptr_t)other_memory;
        if (distance <= sizeof(other_memory))
            wanted.registers[i] = (uint64_t)(uintptr_t)other_window + distance;
    }
    if (memcmp(&wanted, &got, sizeof(got)) != 0 || memcmp(memory, registers, sizeof(memory)) != 0 ||
        memcmp(other_memory, other_window, sizeof(other_memory)) != 0)
        fail_msg("%s (seed %u) differs from what it does to memory", form->text, seed);
}

static void every_form_does_to_registers_what_it_does_to_memory(void **state)
{
    (void)state;
    use_trap_handlers();
    assert_true(forms.count > 80);
    for (unsigned i = 0; i < forms.count; i++)
        for (uint32_t seed = 1; seed <= 8; seed++)
            one_form(&forms.list[i], seed);
}

static void a_load_is_one_access_of_its_size(void **state)
{
    (void)state;
    use_trap_handlers();
    for (unsigned i = 0; i < forms.count; i++) {
        const struct form *form = &forms.list[i];
        if (strcmp(form->text, "movl 4(%rdx), %eax") != 0)
            continue;
        one_form(form, 5);
        assert_int_equal(reads, 1);
        assert_int_equal(writes, 0);
    }
}

static void a_store_reads_nothing(void **state)
{
    (void)state;
    use_trap_handlers();
    for (unsigned i = 0; i < forms.count; i++) {
        const struct form *form = &forms.list[i];
        if (strcmp(form->text, "movl $0x12345678, 12(%rdx)") != 0)
            continue;
        one_form(form, 5);
        assert_int_equal(reads, 0);
        assert_int_equal(writes, 1);
    }
}

/* ---- faults that are none of a device; the address sanitizer reports them itself ---- */

#ifndef __SANITIZE_ADDRESS__

static int status_of_load(void *address, char *output, size_t size)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        image_entry_point(image)(&forms, address);
        _exit(0);
    }
    close(ends[1]);
    size_t used = 0;
    ssize_t got;
    while (used + 1 < size && (got = read(ends[0], output + used, size - 1 - used)) > 0)
        used += (size_t)got;
    output[used] = 0;
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void a_fault_of_the_driver_stops_the_machine_and_names_the_place(void **state)
{
    char output[16384];

    (void)state;
    use_trap_handlers();
    int status = status_of_load((void *)0x123450, output, sizeof(output)); // NOLINT
    assert_int_equal(status, NT_BUGCHECK_EXIT_STATUS);
    assert_non_null(strstr(output, "forms+0x"));
    assert_non_null(strstr(output, "0x123450"));
}

#endif

static int set_up(void **state)
{
    char reason[512] = "";
    struct nt_machine_options options = {.processor_count = 1};

    (void)state;
    assert_int_equal(nt_machine_start(&options), 0);
    assert_int_equal(trap_install(), 0);
    for (unsigned i = 0; i < 3; i++)
        sigaction(handled[i], NULL, &handlers[i]);
    window = bus_window_map(&device, 2, (struct bar_offset){0}, REGISTER_BYTES);
    assert_non_null(window);
    if (image_load(&image, module_path, "forms", reason, sizeof(reason)))
        fail_msg("%s", reason);
    return image_entry_point(image)(&forms, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    image_unload(image);
    assert_true(bus_window_unmap(window));
    nt_machine_stop(NULL);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_does_to_registers_what_it_does_to_memory),
        cmocka_unit_test(a_load_is_one_access_of_its_size),
        cmocka_unit_test(a_store_reads_nothing),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(a_fault_of_the_driver_stops_the_machine_and_names_the_place),
#endif
    };

    if (argc < 2)
        return 2;
    module_path = argv[1];
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

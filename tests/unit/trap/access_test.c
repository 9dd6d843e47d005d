/*
 * access_test.c - each form of instruction does to a device's registers what it does to memory: the
 * same values in registers, vectors and flags, and the same bytes behind the address.
 */
#include "bus/ports.h"
#include "image/image.h"
#include "nt/bugcheck.h"
#include "nt/machine.h"
#include "nt/processor.h"
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

enum { REGISTER_BYTES = 4096, RSP = 4, RDX = 2, RSI = 6, RDI = 7, R8 = 8, R15 = 15 };

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

static const struct bus_bar *device_bars(struct bus_device *device)
{
    static const struct bus_bar bars[BUS_BAR_COUNT] = {
        [2] = {.kind = BUS_BAR_PORT, .address = 0x40, .size = 0x40}};

    (void)device;
    return bars;
}

static const struct bus_device_ops operations = {
    .register_read = device_read, .register_write = device_write, .bars = device_bars};
static struct bus_device device = {.ops = &operations, .name = "test"};
static unsigned char *window;
static const char *module_path;
static struct image *image;
static struct forms forms;

/* cmocka has handlers of its own during a test. */
enum { HANDLED = 5 };
static struct sigaction handlers[HANDLED];
static const int handled[HANDLED] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};

static void use_trap_handlers(void)
{
    for (unsigned i = 0; i < HANDLED; i++)
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
    assert_true(forms.count > 140);
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

/* ---- the end of what is mapped ---- */

static const struct form *form_named(const struct form *list, unsigned count, const char *text)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(list[i].text, text) == 0)
            return &list[i];
    fail_msg("there is no form %s", text);
    return NULL;
}

static struct form_state run_at(const char *text, unsigned char *target, unsigned char *other)
{
    return run_form(form_named(forms.list, forms.count, text), target, other, 4);
}

static void an_access_that_crosses_the_end_is_a_finding_and_reads_as_ones_there(void **state)
{
    (void)state;
    use_trap_handlers();
    fill(registers, sizeof(registers), 7);
    uint64_t findings = nt_finding_count();
    struct form_state got = run_at("movb (%rdx), %al", window + REGISTER_BYTES - 1, NULL);
    assert_int_equal(got.registers[0] & 0xFF, registers[REGISTER_BYTES - 1]);
    assert_int_equal(nt_finding_count(), findings);
    got = run_at("movl 4(%rdx), %eax", window + REGISTER_BYTES - 6, NULL);
    assert_int_equal(got.registers[0], 0xFFFF0000u | (uint32_t)registers[REGISTER_BYTES - 1] << 8 |
                                           registers[REGISTER_BYTES - 2]);
    assert_true(nt_finding_count() > findings);
    writes = 0;
    (void)run_at("movl $0x12345678, 12(%rdx)", window + REGISTER_BYTES - 14, NULL);
    assert_int_equal(writes, 1);
    assert_int_equal(registers[REGISTER_BYTES - 1], 0x56);
}

static void a_string_that_crosses_the_end_moves_what_there_is(void **state)
{
    unsigned char other[64] = {0};

    (void)state;
    use_trap_handlers();
    fill(registers, sizeof(registers), 7);
    (void)run_at("movq $8, %rcx\n mov %rsi, %rdi\n mov %rdx, %rsi\n rep movsl",
                 window + REGISTER_BYTES - 16, other);
    assert_memory_equal(other, registers + REGISTER_BYTES - 16, 16);
    for (unsigned i = 16; i < 32; i++)
        assert_int_equal(other[i], 0xFF);
}

static void the_routines_that_copy_know_registers(void **state)
{
    unsigned char data[200];

    (void)state;
    fill(registers, sizeof(registers), 9);
    for (unsigned from = 0; from < 9; from++) {
        for (unsigned size = 0; size < 150; size += 13) {
            memset(data, 0, sizeof(data));
            bus_memory_copy(data, window + from, size);
            assert_memory_equal(data, registers + from, size);
            assert_int_equal(data[size], 0);
            assert_int_equal(bus_memory_compare(window + from, data, size), 0);
        }
    }
    fill(data, sizeof(data), 10);
    bus_memory_copy(window + 3, data, 100);
    assert_memory_equal(registers + 3, data, 100);
    data[50] ^= 1;
    assert_int_not_equal(bus_memory_compare(data, window + 3, 100), 0);
    bus_memory_fill(window + 5, 0x5A, 99);
    for (unsigned i = 5; i < 104; i++)
        assert_int_equal(registers[i], 0x5A);
    bus_memory_copy(window + 256, window, 64);
    assert_memory_equal(registers + 256, registers, 64);
    assert_false(bus_window_contains(data));
}

static void decoded_instructions_are_as_many_as_there_are_different_ones(void **state)
{
    char reason[512] = "";

    (void)state;
    use_trap_handlers();
    /* Each load of the image lies at new addresses; the pool would not last without sharing. */
    for (unsigned round = 0; round < 30; round++) {
        struct image *copy;
        struct forms its;
        if (image_load(&copy, module_path, "forms", reason, sizeof(reason)))
            fail_msg("%s", reason);
        assert_int_equal(image_entry_point(copy)(&its, NULL), 0);
        for (unsigned i = 0; i < its.count; i++)
            one_form(&its.list[i], round);
        image_unload(copy);
    }
}

/* ---- ports ---- */

static struct form_state run_port(const char *text, uint16_t port, unsigned char *other)
{
    const struct form *form = form_named(forms.ports, forms.port_count, text);
    struct form_state state;

    memset(&state, 0, sizeof(state));
    state.registers[0] = 0x1122334455667788;
    state.registers[RDX] = port;
    state.registers[RSI] = state.registers[RDI] = (uint64_t)(uintptr_t)other;
    state.flags = 0x202;
    void (*NT_ABI run)(struct form_state *) = (void (*NT_ABI)(struct form_state *))form->run;
    run(&state);
    return state;
}

static void port_instructions_reach_ports_that_are_mapped(void **state)
{
    unsigned char other[64];

    (void)state;
    use_trap_handlers();
    fill(registers, sizeof(registers), 3);
    assert_int_equal(bus_ports_map(&device, 2, (struct bar_offset){8}), 0x48);
    uint32_t value;
    memcpy(&value, registers + 4, sizeof(value));
    assert_int_equal(run_port("inb %dx, %al", 0x44, NULL).registers[0],
                     0x1122334455667700 | (value & 0xFF));
    assert_int_equal(run_port("inw %dx, %ax", 0x44, NULL).registers[0],
                     0x1122334455660000 | (value & 0xFFFF));
    assert_int_equal(run_port("inl %dx, %eax", 0x44, NULL).registers[0], value);
    assert_int_equal(run_port("inb $0x42, %al", 0, NULL).registers[0] & 0xFF, registers[2]);
    run_port("outb %al, %dx", 0x50, NULL);
    assert_int_equal(registers[0x10], 0x88);
    run_port("outw %ax, %dx", 0x52, NULL);
    assert_int_equal(registers[0x13], 0x77);
    run_port("outl %eax, %dx", 0x54, NULL);
    assert_int_equal(registers[0x17], 0x55);
    memset(other, 0, sizeof(other));
    struct form_state got = run_port("movl $3, %ecx\n rep insb", 0x45, other);
    assert_true(other[0] == registers[5] && other[2] == registers[5] && other[3] == 0);
    assert_int_equal(got.registers[RDI], (uintptr_t)other + 3);
    assert_int_equal(got.registers[1], 0);
    got = run_port("movl $2, %ecx\n rep insl", 0x44, other);
    assert_memory_equal(other + 4, registers + 4, 4);
    fill(other, sizeof(other), 99);
    got = run_port("movl $3, %ecx\n rep outsw", 0x60, other);
    assert_memory_equal(registers + 0x20, other + 4, 2);
    assert_int_equal(got.registers[RSI], (uintptr_t)other + 6);
    run_port("outsb", 0x62, other);
    assert_int_equal(registers[0x22], other[0]);
    reads = 0;
    run_port("movl $0, %ecx\n rep insb", 0x45, other);
    assert_int_equal(reads, 0);
    assert_true(bus_ports_unmap(0x48));
}

static void a_port_that_nobody_mapped_reads_as_ones(void **state)
{
    (void)state;
    use_trap_handlers();
    uint64_t findings = nt_finding_count();
    assert_int_equal(run_port("inl %dx, %eax", 0x44, NULL).registers[0], UINT32_MAX);
    run_port("outl %eax, %dx", 0x44, NULL);
    assert_int_equal(nt_finding_count(), findings + 2);
    assert_false(bus_ports_unmap(0x44));
}

static void two_devices_at_the_same_ports_have_numbers_of_their_own(void **state)
{
    struct bus_device second = {.ops = &operations, .name = "second"};
    struct bus_window_place place;

    (void)state;
    assert_int_equal(bus_ports_map(&device, 2, (struct bar_offset){0}), 0x40);
    uint16_t number = bus_ports_map(&second, 2, (struct bar_offset){4});
    assert_true(number > 0x7F && number % 0x40 == 4);
    assert_int_equal(bus_ports_map(&second, 2, (struct bar_offset){5}), number + 1);
    assert_true(bus_ports_find(number, &place));
    assert_true(place.device == &second && place.offset.value == 4 && place.left == 0x3C);
    assert_true(bus_ports_unmap(number));
    assert_true(bus_ports_find(number, &place));
    assert_true(bus_ports_unmap(number));
    assert_false(bus_ports_find(number, &place));
    bus_ports_forget(&device);
    assert_false(bus_ports_find(0x40, &place));
}

/* ---- faults that are none of a device; the address sanitizer reports them itself ---- */

#ifndef __SANITIZE_ADDRESS__

static void load(const void *address)
{
    image_entry_point(image)(&forms, (void *)(uintptr_t)address);
}

static void run_fault(const void *form)
{
    static unsigned char other[64] __attribute__((aligned(64)));
    const struct form *fault = form;

    if (strstr(fault->text, "cli"))
        (void)nt_irql_raise(NT_DISPATCH_LEVEL);
    run_form(fault, window + 64, other, 4);
}

/* Of a process that does that; its standard error in `output`. */
static int status_of(void (*what)(const void *argument), const void *argument, char *output,
                     size_t size)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        what(argument);
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

static void lead_back(int number, siginfo_t *information, void *context)
{
    handlers[0].sa_sigaction(number, information, context);
}

static void load_behind_a_later_handler(const void *address)
{
    struct sigaction later = {.sa_sigaction = lead_back, .sa_flags = SA_SIGINFO | SA_NODEFER};

    sigaction(SIGSEGV, &later, NULL);
    if (trap_install() != 0)
        _exit(2);
    (void)run_at("movl 4(%rdx), %eax", window, NULL);
    (void)*(volatile const unsigned char *)address;
}

static void a_handler_that_the_process_puts_in_later_cannot_lead_round_for_ever(void **state)
{
    char output[4096];

    (void)state;
    use_trap_handlers();
    int status =
        status_of(load_behind_a_later_handler, (void *)0x123450, output, sizeof(output)); // NOLINT
    assert_int_equal(status, 1000 + SIGSEGV);
}

static void a_fault_of_the_driver_stops_the_machine_and_names_the_place(void **state)
{
    char output[16384];

    (void)state;
    use_trap_handlers();
    int status = status_of(load, (void *)0x123450, output, sizeof(output)); // NOLINT
    assert_int_equal(status, NT_BUGCHECK_EXIT_STATUS);
    assert_non_null(strstr(output, "forms+0x"));
    assert_non_null(strstr(output, "0x123450"));
}

static void every_fault_is_a_report_with_place_and_reason(void **state)
{
    static const struct {
        const char *form, *reason;
    } cases[] = {
        {"cli\n hlt", "halts its processor, and no interrupt can come: hlt"},
        {"wrmsr", "of the processor's model: wrmsr"},
        {"movl $0x1234, %ecx\n rdmsr", "register 0x1234 of the processor's model: rdmsr"},
        {"int $0x2C", "an assertion of the driver has failed"},
        {"movl $16, %eax\n mov %rax, %cr8", "an IRQL that there is not: mov cr8, rax"},
        {"mov %rax, %cr3", ": mov cr3, rax"},
        {"lgdt (%rsi)", ": lgdt"},
        {"movabsq $0xFFFFF78000000000, %rdx\n movl %eax, 8(%rdx)", "(0xC0000005, "},
        {"movabsq $0xFFFFF78000001000, %rdx\n movl (%rdx), %eax", "0xFFFFF78000001000"},
        {"movl $1, %eax\n movl $0x123450, %ecx\n movl $5, %edx\n int $0x2D\n int3",
         "memory at 0x123450"},
        {"movl $3, %ecx\n int $0x29", "0x139 KERNEL_SECURITY_CHECK_FAILURE (0x3, "},
        {"xorl %ecx, %ecx\n divl %ecx", "divided by zero"},
        {"xorl %eax, %eax\n call *%rax", "called 0x0, where there is no code"},
        {"int3", "breakpoint"},
        {"movaps 1(%rsi), %xmm0", ": movaps xmm0"},
        {"movabsq $0x8000000000000000, %rax\n movl (%rax), %eax", ": mov eax, [rax]"},
        {"ud2", "illegal instruction"},
        {"mov %rdx, %rdi\n movl $0x123450, %esi\n movl $4, %ecx\n rep movsb", "memory at 0x123450"},
        {"mov %rdx, %rsi\n movl $0x123450, %edi\n movl $4, %ecx\n rep movsb", "memory at 0x123450"},
        {"call *(%rdx)", "cannot be carried out: call"},
        {"fldl 8(%rdx)", "cannot be carried out: fld"},
    };
    char output[16384];

    (void)state;
    use_trap_handlers();
    assert_int_equal(sizeof(cases) / sizeof(cases[0]), forms.fault_count);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct form *form = form_named(forms.faults, forms.fault_count, cases[i].form);
        int status = status_of(run_fault, form, output, sizeof(output));
        if (status != NT_BUGCHECK_EXIT_STATUS || !strstr(output, cases[i].reason) ||
            !strstr(output, "forms+0x"))
            fail_msg("%s: status %d, %s", cases[i].form, status, output);
    }
}

/* What storhost does for a driver, with what the driver has handed in. */
static void store_for_driver(const void *context)
{
    struct nt_evidence frame;

    nt_evidence_push(nt_self(), &frame, "HwTest", NULL, NULL);
    __asm__ volatile("movl $1, (%0)" : : "r"(context) : "memory");
    nt_evidence_pop(nt_self(), &frame);
}

static void call_for_driver(const void *context)
{
    struct nt_evidence frame;

    nt_evidence_push(nt_self(), &frame, "HwTest", NULL, NULL);
    ((void (*)(void))(uintptr_t)context)();
    nt_evidence_pop(nt_self(), &frame);
}

static void a_fault_of_ours_within_a_callback_is_a_report_too(void **state)
{
    char output[16384];

    (void)state;
    use_trap_handlers();
    int status = status_of(store_for_driver, (void *)0x868, output, sizeof(output)); // NOLINT
    assert_int_equal(status, NT_BUGCHECK_EXIT_STATUS);
    assert_non_null(strstr(output, "a routine for the driver accessed memory at 0x868"));
    assert_non_null(strstr(output, "in HwTest"));
    status = status_of(call_for_driver, (void *)0x868, output, sizeof(output)); // NOLINT
    assert_int_equal(status, NT_BUGCHECK_EXIT_STATUS);
    assert_non_null(strstr(output, "the driver's callback is at 0x868, where there is no code"));
}

#endif

static int set_up(void **state)
{
    char reason[512] = "";
    struct nt_machine_options options = {.processor_count = 1};

    (void)state;
    assert_int_equal(sys_start(&(struct sys_options){0}), 0);
    if (sys_is_simulated())
        print_message("# seed %llu\n", (unsigned long long)sys_seed());
    assert_int_equal(nt_machine_start(&options), 0);
    assert_int_equal(trap_install(), 0);
    for (unsigned i = 0; i < HANDLED; i++)
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
    sys_stop();
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_does_to_registers_what_it_does_to_memory),
        cmocka_unit_test(a_load_is_one_access_of_its_size),
        cmocka_unit_test(a_store_reads_nothing),
        cmocka_unit_test(an_access_that_crosses_the_end_is_a_finding_and_reads_as_ones_there),
        cmocka_unit_test(a_string_that_crosses_the_end_moves_what_there_is),
        cmocka_unit_test(the_routines_that_copy_know_registers),
        cmocka_unit_test(decoded_instructions_are_as_many_as_there_are_different_ones),
        cmocka_unit_test(port_instructions_reach_ports_that_are_mapped),
        cmocka_unit_test(a_port_that_nobody_mapped_reads_as_ones),
        cmocka_unit_test(two_devices_at_the_same_ports_have_numbers_of_their_own),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(a_handler_that_the_process_puts_in_later_cannot_lead_round_for_ever),
        cmocka_unit_test(a_fault_of_the_driver_stops_the_machine_and_names_the_place),
        cmocka_unit_test(every_fault_is_a_report_with_place_and_reason),
        cmocka_unit_test(a_fault_of_ours_within_a_callback_is_a_report_too),
#endif
    };

    if (argc < 2)
        return 2;
    module_path = argv[1];
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

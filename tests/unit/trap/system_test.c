/*
 * system_test.c - what only a kernel may execute does for a driver what it would do there: IRQL
 * through CR8, the interrupt flag, what the processor tells of itself, the page of the kernel.
 */
#include "image/image.h"
#include "nt/bugcheck.h"
#include "nt/dpc.h"
#include "nt/interrupt.h"
#include "nt/machine.h"
#include "nt/print.h"
#include "nt/shared_data.h"
#include "nt/system.h"
#include "trap/trap.h"

#include "forms.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R13 = 13, R15 = 15 };

static const char *module_path;
static struct image *image;
static struct forms forms;

/* cmocka has handlers of its own during a test. */
static struct sigaction handler;

static struct form_state run_with(const char *text, uint64_t value)
{
    static const char said[] = "said this";
    struct form_state state = {.flags = 0x202};

    sigaction(SIGSEGV, &handler, NULL);
    for (unsigned i = 0; i < 16; i++)
        state.registers[i] = value;
    state.registers[RSI] = (uintptr_t)said;
    for (unsigned i = 0; i < forms.system_count; i++) {
        if (strcmp(forms.systems[i].text, text) != 0)
            continue;
        void (*NT_ABI run)(struct form_state *) =
            (void (*NT_ABI)(struct form_state *))forms.systems[i].run;
        run(&state);
        return state;
    }
    fail_msg("there is no form %s", text);
    return state;
}

static struct form_state run(const char *text)
{
    return run_with(text, 0);
}

/* ---- IRQL ---- */

static void cr8_is_the_irql(void **state)
{
    (void)state;
    assert_int_equal(run_with("mov %cr8, %rax", 77).registers[RAX], NT_PASSIVE_LEVEL);
    run_with("mov %rbx, %cr8", NT_DISPATCH_LEVEL);
    assert_int_equal(nt_irql(), NT_DISPATCH_LEVEL);
    assert_non_null(nt_self()->processor);
    struct form_state got = run_with("mov %cr8, %r13", 77);
    assert_int_equal(got.registers[R13], NT_DISPATCH_LEVEL);
    assert_int_equal(got.registers[RAX], 77);
    run_with("mov %r9, %cr8", NT_HIGH_LEVEL);
    assert_int_equal(nt_irql(), NT_HIGH_LEVEL);
    run_with("mov %r9, %cr8", NT_APC_LEVEL);
    assert_int_equal(nt_irql(), NT_APC_LEVEL);
    assert_null(nt_self()->processor);
    run_with("mov %rbx, %cr8", NT_PASSIVE_LEVEL);
    assert_int_equal(nt_irql(), NT_PASSIVE_LEVEL);
}

static void count(void *context)
{
    ++*(unsigned *)context;
    assert_int_equal(nt_irql(), NT_DISPATCH_LEVEL);
}

static void what_is_pending_runs_before_cr8_is_lowered(void **state)
{
    unsigned runs = 0;
    struct nt_call call = {.run = count, .context = &runs};

    (void)state;
    run_with("mov %rbx, %cr8", NT_DISPATCH_LEVEL);
    assert_true(nt_processor_post(nt_self()->processor, &call));
    run_with("mov %r9, %cr8", NT_HIGH_LEVEL);
    run_with("mov %r9, %cr8", NT_DISPATCH_LEVEL);
    assert_int_equal(runs, 0);
    run_with("mov %rbx, %cr8", NT_PASSIVE_LEVEL);
    assert_int_equal(runs, 1);
}

enum { THREADS = 3, TURNS = 200 };

static uint32_t collisions, inside;

/* Two that hold the only processor never meet. */
static void raise_and_lower(void *argument)
{
    (void)argument;
    for (unsigned i = 0; i < TURNS; i++) {
        run_with("mov %rbx, %cr8", NT_DISPATCH_LEVEL);
        if (__atomic_exchange_n(&inside, 1, __ATOMIC_ACQ_REL))
            __atomic_add_fetch(&collisions, 1, __ATOMIC_RELAXED);
        nt_preempt();
        if (run("mov %cr8, %rax").registers[RAX] != NT_DISPATCH_LEVEL)
            __atomic_add_fetch(&collisions, 1, __ATOMIC_RELAXED);
        __atomic_store_n(&inside, 0, __ATOMIC_RELEASE);
        run_with("mov %rbx, %cr8", NT_PASSIVE_LEVEL);
    }
}

static void threads_that_raise_through_cr8_exclude_each_other(void **state)
{
    struct sys_thread *threads[THREADS];

    (void)state;
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(nt_thread_create(&threads[i], "raises", raise_and_lower, NULL), 0);
    for (unsigned i = 0; i < THREADS; i++)
        sys_thread_join(threads[i]);
    assert_int_equal(collisions, 0);
}

/* ---- the interrupt flag ---- */

static bool serve(void *context)
{
    ++*(unsigned *)context;
    return true;
}

static void no_interrupt_comes_between_cli_and_sti(void **state)
{
    struct nt_spinlock lock = {0};
    unsigned services = 0;
    struct nt_interrupt *interrupt;
    struct nt_interrupt_options options = {
        .irql = NT_DEVICE_LEVEL, .lock = &lock, .service = serve, .context = &services};

    (void)state;
    assert_int_equal(nt_interrupt_connect(&interrupt, &options), 0);
    run_with("mov %rbx, %cr8", NT_DISPATCH_LEVEL);
    run("cli");
    nt_interrupt_assert(interrupt);
    nt_preempt();
    run_with("mov %rbx, %cr8", NT_HIGH_LEVEL);
    run_with("mov %rbx, %cr8", NT_DISPATCH_LEVEL);
    assert_int_equal(services, 0);
    run("sti");
    assert_int_equal(services, 1);
    /* A flag that nobody sets again does not outlast the processor. */
    run("cli");
    nt_interrupt_assert(interrupt);
    nt_dispatch_leave(nt_self(), NT_PASSIVE_LEVEL);
    assert_int_equal(services, 2);
    assert_int_equal(nt_self()->leave_slowly, 0);
    run("hlt");
    run("cli");
    assert_int_equal(nt_self()->leave_slowly, 0);
    run("sti");
    nt_interrupt_disconnect(interrupt);
}

/* ---- what the processor tells ---- */

static void its_registers_tell_of_an_ordinary_machine(void **state)
{
    (void)state;
    struct form_state got = run("movl $0xC0000101, %ecx\n rdmsr");
    assert_int_equal(got.registers[RAX] | got.registers[RDX] << 32, (uintptr_t)nt_self());
    got = run_with("movl $0xC0000103, %ecx\n rdmsr", UINT64_MAX);
    assert_int_equal(got.registers[RAX], nt_processor_current()->number);
    assert_int_equal(got.registers[RDX], 0);
    got = run("mov %cr0, %rax\n mov %cr2, %rdx\n mov %cr3, %r8\n mov %cr4, %rbx");
    assert_int_equal(got.registers[RAX] & 0x80000001, 0x80000001); /* paging, protection */
    assert_int_equal(got.registers[RBX] & 0x620, 0x620);           /* PAE, SSE */
    got = run_with("wbinvd\n invd\n invlpg (%rsi)", 5);
    assert_int_equal(got.registers[RAX], 5);
    got = run("movq %gs:0x188, %rax\n movl %gs:0x1A4, %ebx\n movzbl %gs:0x50, %ebp");
    assert_ptr_equal((void *)(uintptr_t)got.registers[RAX], nt_self());
    assert_int_equal(got.registers[RBX], 0);
    assert_int_equal(got.registers[RBP], NT_PASSIVE_LEVEL);
}

static void the_page_of_the_kernel_is_there_for_loads_of_its_own_address(void **state)
{
    (void)state;
    uint64_t ticks = sys_now_ns() / NT_TICK_NS;
    uint64_t got = run("movabsq 0xFFFFF78000000320, %rax").registers[RAX];
    assert_true(got >= ticks && got <= sys_now_ns() / NT_TICK_NS);
    got = run("movabsq $0xFFFFF78000000000, %rdx\n movl 0x260(%rdx), %ebx").registers[RBX];
    assert_int_equal(got, NT_SYSTEM_BUILD);
    got = run_with("movabsq $0xFFFFF78000000000, %rdx\n addq 8(%rdx), %rax", 7).registers[RAX] - 7;
    assert_int_equal(got % NT_TICK_100NS, 0);
    assert_true(got >= ticks * NT_TICK_100NS && got <= sys_now_ns() / 100);
    got = run("movabsq $0xFFFFF78000000014, %rsi\n lodsq").registers[RAX];
    assert_true(got <= sys_utc_100ns() && got + NT_TICK_100NS >= sys_utc_100ns() - NT_TICK_100NS);
}

static char line_seen[64];

static void keep_line(void *context, const char *line)
{
    (void)context;
    strncpy(line_seen, line, sizeof(line_seen) - 1);
}

static void a_debug_service_prints_and_goes_on_behind_its_breakpoint(void **state)
{
    (void)state;
    nt_print_set_sink(keep_line, NULL);
    struct form_state got =
        run("movl $1, %eax\n mov %rsi, %rcx\n movl $9, %edx\n int $0x2D\n int3");
    nt_print_set_sink(NULL, NULL);
    assert_string_equal(line_seen, "said this");
    assert_int_equal(got.registers[RAX], 0);
    run("movl $3, %eax\n int $0x2D\n nop");
}

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
    sigaction(SIGSEGV, NULL, &handler);
    if (image_load(&image, module_path, "forms", reason, sizeof(reason)))
        fail_msg("%s", reason);
    return image_entry_point(image)(&forms, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    image_unload(image);
    nt_machine_stop(NULL);
    sys_stop();
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cr8_is_the_irql),
        cmocka_unit_test(what_is_pending_runs_before_cr8_is_lowered),
        cmocka_unit_test(threads_that_raise_through_cr8_exclude_each_other),
        cmocka_unit_test(no_interrupt_comes_between_cli_and_sti),
        cmocka_unit_test(its_registers_tell_of_an_ordinary_machine),
        cmocka_unit_test(the_page_of_the_kernel_is_there_for_loads_of_its_own_address),
        cmocka_unit_test(a_debug_service_prints_and_goes_on_behind_its_breakpoint),
    };

    if (argc < 2)
        return 2;
    module_path = argv[1];
    return cmocka_run_group_tests(tests, set_up, tear_down);
}

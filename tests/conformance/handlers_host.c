/*
 * handlers_host.c - see handlers_host.h.
 */
#include "handlers_host.h"
#include "image/image.h"
#include "nt/bugcheck.h"
#include "nt/device.h"
#include "nt/dispatcher.h"
#include "nt/machine.h"
#include "nt/thread.h"
#include "trap/trap.h"

#include <ntddk.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { OUTPUT_BYTES = 8192 };

static struct image *image;
static DRIVER_OBJECT *driver;
unsigned char *handlers_nothing;

/* cmocka has handlers of its own during a test. */
static const int handled[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
enum { HANDLED = sizeof(handled) / sizeof(handled[0]) };
static struct sigaction handlers[HANDLED];

static void swap_handlers(void)
{
    for (unsigned i = 0; i < HANDLED; i++) {
        struct sigaction others;
        sigaction(handled[i], &handlers[i], &others);
        handlers[i] = others;
    }
}

static NT_ABI void call_back(void (*routine)(void *argument), void *argument)
{
    ((NT_ABI void (*)(void *))routine)(argument);
    assert_non_null(image); /* so that the call is none that takes our frame's place */
}

static NT_ABI void repair(void *memory)
{
    mprotect(memory, PAGE, PROT_READ | PROT_WRITE);
}

struct handlers_call handlers_prepared(unsigned command)
{
    struct handlers_call call = {
        .command = command,
        .status = (unsigned)STATUS_DEVICE_BUSY,
        .memory = handlers_nothing,
        .size = 1,
        .call_back = (void (*)(void (*)(void *), void *))call_back,
        .repair = (void (*)(void *))repair,
        .driver_object = driver,
    };

    return call;
}

void handlers_enter(struct handlers_call *call)
{
    struct nt_thread *self = nt_self();
    struct nt_evidence frame;

    swap_handlers();
    nt_evidence_push(self, &frame, "test", NULL, NULL);
    int32_t status = image_entry_point(image)(call, NULL);
    assert_ptr_equal(self->evidence, &frame);
    nt_evidence_pop(self, &frame);
    swap_handlers();
    assert_int_equal(status, 0);
}

struct handlers_call handlers_run(unsigned command)
{
    struct handlers_call call = handlers_prepared(command);

    handlers_enter(&call);
    return call;
}

void handlers_expect_access_violation(const struct handlers_call *call, unsigned access,
                                      const void *address)
{
    assert_string_equal(call->log, "h");
    assert_int_equal(call->code, (unsigned)STATUS_ACCESS_VIOLATION);
    assert_int_equal(call->parameter_count, 2);
    assert_int_equal(call->parameters[0], access);
    assert_int_equal(call->parameters[1], (uintptr_t)address);
}

/* Runs the command in a process of its own, which a bug check ends; `output` gets its report. */
void handlers_expect_bug_check(struct handlers_call call, const char *first, const char *second)
{
    static char output[OUTPUT_BYTES];
    size_t used = 0;
    ssize_t count;
    int pipes[2], status;

    assert_int_equal(pipe(pipes), 0);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(pipes[1], STDERR_FILENO);
        handlers_enter(&call);
        _exit(0);
    }
    close(pipes[1]);
    while (used < sizeof(output) - 1 &&
           (count = read(pipes[0], output + used, sizeof(output) - 1 - used)) > 0)
        used += (size_t)count;
    output[used] = 0;
    close(pipes[0]);
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != NT_BUGCHECK_EXIT_STATUS ||
        !strstr(output, first) || !strstr(output, second))
        fail_msg("status 0x%X, no '%s' or no '%s' in\n%s", status, first, second, output);
}

bool handlers_devices_are_gone(void)
{
    return nt_driver_drain(driver, 0);
}

int handlers_setup(void **state)
{
    struct sys_options options = {.seed = 1};
    struct nt_machine_options machine = {.processor_count = 2, .memory_bytes = 16u << 20};
    char reason[512];

    (void)state;
    if (sys_start(&options) != 0 || nt_machine_start(&machine) != 0 || trap_install() != 0)
        return -1;
    for (unsigned i = 0; i < HANDLED; i++)
        sigaction(handled[i], NULL, &handlers[i]);
    driver = nt_driver_create();
    handlers_nothing = mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (image_load(&image, getenv("HANDLERS"), "handlers", reason, sizeof(reason)) != 0) {
        print_error("%s\n", reason);
        return -1;
    }
    return 0;
}

int handlers_teardown(void **state)
{
    (void)state;
    nt_object_release(driver);
    image_unload(image);
    nt_machine_stop(NULL);
    sys_stop();
    return 0;
}

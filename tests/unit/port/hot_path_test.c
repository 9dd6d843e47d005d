/*
 * hot_path_test.c - a request in the ordinary case allocates nothing, makes no system call and
 * reads no clock (decision 8). Counted, not believed: malloc and clock_gettime are this program's
 * own, and a filter of the kernel's reports each system call of the measured thread.
 */
#include "port_helper.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WARM = 2000, MEASURED = 20000, DEPTH = 32 };

static __thread bool counting;
static unsigned allocations, clock_reads;
static volatile sig_atomic_t system_calls;

/* ---- this program's allocator and clock ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

void *malloc(size_t size)
{
    allocations += counting;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations += counting;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    allocations += counting;
    return __libc_realloc(memory, size);
}

void free(void *memory)
{
    allocations += counting && memory;
    __libc_free(memory);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
    clock_reads += counting;
    return (int)syscall(SYS_clock_gettime, clock, time);
}

/* ---- system calls ---- */

static void on_system_call(int number)
{
    (void)number;
    system_calls++;
}

/* From here on every system call of this thread is refused and reported, but for the two that the
 * end of the measurement needs. */
static void watch_system_calls(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigreturn, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(filter) / sizeof(filter[0]), filter};

    signal(SIGSYS, on_system_call);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
        _exit(100);
}

/* ---- the measured loop ---- */

static struct test_host host;
static unsigned left, completed;

static void again(struct port_request *request)
{
    if (!succeeded(request))
        _exit(101);
    completed++;
    if (left) {
        left--;
        port_submit(host.queue, request);
    }
}

static void run(struct port_request *requests, unsigned char *data, unsigned total)
{
    completed = 0;
    left = total - DEPTH;
    for (unsigned i = 0; i < DEPTH; i++) {
        transfer(&requests[i], host.unit, false, i, 1, data + i * TEST_BLOCK);
        requests[i].done = again;
        port_submit(host.queue, &requests[i]);
    }
    while (completed < total)
        port_poll(host.queue, 0);
}

/* In a process of its own, because the filter stays. The exit status is the verdict. */
static void child(const char *module, const char *device)
{
    static struct port_request requests[DEPTH];

    machine_up(NULL);
    host_open(&host, module, device, NULL, 0);
    unsigned char *data = port_buffer_allocate(DEPTH * TEST_BLOCK);
    run(requests, data, WARM);
    watch_system_calls();
    counting = true;
    run(requests, data, MEASURED);
    counting = false;
    _exit((allocations ? 1 : 0) | (clock_reads ? 2 : 0) | (system_calls ? 4 : 0));
}

static int verdict(const char *module, const char *device)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (!pid)
        child(module, device);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_virtual_request_costs_no_allocation_system_call_or_clock(void **state)
{
    (void)state;
    assert_int_equal(verdict("null_virtual", "none"), 0);
}

static void a_physical_request_costs_no_allocation_system_call_or_clock(void **state)
{
    (void)state;
    assert_int_equal(verdict("null_physical", "model:scratch"), 0);
}

/* The counters can count: the same loop with one of each planted. */
static void what_is_counted_is_seen(void **state)
{
    int status;
    pid_t pid = fork();

    (void)state;
    assert_true(pid >= 0);
    if (!pid) {
        struct timespec time;
        watch_system_calls();
        counting = true;
        void *volatile memory = malloc(16);
        free(memory);
        clock_gettime(CLOCK_MONOTONIC, &time);
        syscall(SYS_getppid);
        counting = false;
        _exit((allocations == 2) | (clock_reads == 1) << 1 | (system_calls >= 1) << 2);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_counted_is_seen),
        cmocka_unit_test(a_virtual_request_costs_no_allocation_system_call_or_clock),
        cmocka_unit_test(a_physical_request_costs_no_allocation_system_call_or_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * sys.h - the only door to threads, clocks, randomness, descriptors and child processes.
 *
 * Two implementations exist, chosen when a program is linked: src/sys/threads (real threads) and
 * src/sys/sim (fibers on one thread, a virtual clock, and a seed that chooses who runs next).
 * Code above this header behaves the same on both; that is what makes a seed replay a run.
 * Nothing outside src/sys calls pthread, clock, random or sleep functions.
 */
#ifndef STORHOST_SYS_SYS_H
#define STORHOST_SYS_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Our own bug: prints expression, place and backtrace on stderr and aborts. On in every build. */
#define sh_assert(expression)                                                                      \
    (__builtin_expect(!!(expression), 1) ? (void)0                                                 \
                                         : sys_assert_failed(#expression, __FILE__, __LINE__))
__attribute__((noreturn)) void sys_assert_failed(const char *expression, const char *file,
                                                 int line);

/* What holds by construction, told to the static analyser alone: nothing in any build. */
#ifdef __clang_analyzer__
#define sys_assume(expression) ((expression) ? (void)0 : __builtin_unreachable())
#else
#define sys_assume(expression) ((void)0)
#endif

#define SYS_FOREVER   UINT64_MAX
#define SYS_NS_PER_MS 1000000ull
#define SYS_NS_PER_S  1000000000ull

/* ---- start and end ---- */

struct sys_options {
    uint64_t seed; /* the simulator's choices and sys_random on both; 0 = pick one */
};

/* Called once by the process before any other function. 0 or a negative errno. The seed in force
 * is returned by sys_seed, so that a test or the trace can print it. */
int sys_start(const struct sys_options *options);
void sys_stop(void);
uint64_t sys_seed(void);

/* The simulator runs `entry` as its first fiber and schedules until it returns; the thread
 * implementation simply calls it. Returns what `entry` returned. */
int sys_run(int (*entry)(void *argument), void *argument);

/* True for the simulator: code that waits on descriptors of other processes cannot run there. */
bool sys_is_simulated(void);

/* ---- threads ---- */

struct sys_thread;

/* Starts a thread. `name` is at most 15 characters (shown by ps and gdb). Signals that belong to
 * the process (SIGINT, SIGTERM, ...) are blocked in it. 0 or a negative errno. */
int sys_thread_create(struct sys_thread **ret_thread, const char *name, void (*entry)(void *),
                      void *argument);
/* Waits for the end of the thread and frees it. Must not be called by the thread itself. */
void sys_thread_join(struct sys_thread *thread);
/* Runs `destroy(value)` when the calling thread ends; for foreign threads that were adopted. One
 * registration a thread, later ones replace it. */
void sys_thread_at_exit(void (*destroy)(void *value), void *value);
/* Declares a `__thread` pointer as belonging to the thread of control. The simulator runs all
 * fibers on one thread, so it saves and restores declared variables when it switches; a fiber that
 * never wrote one reads NULL. Nothing to do for real threads. May be repeated; at most 16 different
 * variables in a process (beyond: our bug). Call it before the first write. */
void sys_thread_local_declare(void **variable);
/* Gives the calling thread a stack for handlers of signals (SA_ONSTACK) until it ends, if it has
 * none: they run even when the thread has used up its own. Without memory there is none. */
void sys_thread_signal_stack(void);
/* The base of the calling thread's GS segment, which nobody else here uses; a thread without one of
 * its own has any. */
void sys_thread_set_segment(void *base);
/* Gives the processor away: sched_yield, or the simulator's choice of another fiber. */
void sys_thread_yield(void);
/* The calling thread's name, cut off at 15 characters. */
enum { SYS_THREAD_NAME_BYTES = 16 };
void sys_thread_name(char ret_name[SYS_THREAD_NAME_BYTES]);
/* A number that is small, unique among live threads and the same in a replayed simulation. */
uint32_t sys_thread_number(void);
unsigned sys_cpu_count(void);
/* The numbers of the host's processors that this process may use, ascending, `room` of them at
 * most; returns how many. 0: they cannot be told, or are not to be seen (the simulator). */
unsigned sys_cpu_list(unsigned *cpus, unsigned room);

/* ---- switch points (decision 4) ---- */

/* On the hot path's variables: within libstorhost they need no look-up through a table. */
#define SYS_HIDDEN __attribute__((visibility("hidden")))

/* True only in the simulator. */
extern SYS_HIDDEN bool sys_switch_points_on;
void sys_switch_point_slow(void);
/* Called at routine entry and exit, register accesses and locks. One predictable branch when the
 * implementation is threads; in the simulator another fiber may run here. */
static inline void sys_switch_point(void)
{
    if (__builtin_expect(sys_switch_points_on, 0))
        sys_switch_point_slow();
}
/* One turn of a spin loop: pause, after a while yield. `*spins` starts at 0. */
void sys_spin_wait(unsigned *spins);

/* ---- sleeping and waking ---- */

/* Sleeps while *word == expected, until sys_wake on the same word or until the absolute monotonic
 * time deadline_ns (SYS_FOREVER: none). Spurious returns are allowed; callers loop.
 * Returns 0, or -ETIMEDOUT. The word must be accessed with __atomic by all. */
int sys_wait(const uint32_t *word, uint32_t expected, uint64_t deadline_ns);
/* Wakes up to `count` sleepers on the word (INT_MAX: all). */
void sys_wake(const uint32_t *word, int count);

/* A lock for host code at PASSIVE_LEVEL or in code that never calls a driver. Never held across a
 * call into a driver (decision 3). Not recursive. Zero-initialised is unlocked. */
struct sys_mutex {
    uint32_t state;
};
void sys_mutex_lock(struct sys_mutex *mutex);
void sys_mutex_unlock(struct sys_mutex *mutex);

/* ---- clocks and randomness ---- */

uint64_t sys_now_ns(void); /* monotonic */
/* The cheapest clock that counts the same on all processors, for what happens millions of times a
 * second: the processor's own where it is as good as the kernel's, else sys_now_ns. Before the
 * first tick that is to be converted: sys_ticks_prepare, which may take ten milliseconds. */
extern SYS_HIDDEN bool sys_ticks_are_of_processor;
static inline uint64_t sys_ticks(void)
{
    return sys_ticks_are_of_processor ? __builtin_ia32_rdtsc() : sys_now_ns();
}
void sys_ticks_prepare(void);
uint64_t sys_ticks_to_ns(uint64_t ticks); /* on the clock of sys_now_ns */
uint64_t sys_utc_100ns(void);             /* since 1601-01-01, as Windows counts */
uint64_t sys_random(void);                /* from the seed; never for secrets */
/* Blocks the calling thread; PASSIVE_LEVEL only. */
void sys_delay_ns(uint64_t duration_ns);
/* Busy-waits; any IRQL. In the simulator the virtual clock advances. */
void sys_stall_ns(uint64_t duration_ns);

/* ---- waits on descriptors ---- */

struct sys_poller;
struct sys_watch;

/* One poller is one thread that waits on descriptors and calls back. -ENOSYS in the simulator. */
int sys_poller_create(struct sys_poller **ret_poller, const char *name);
/* Stops the thread and frees the poller. All watches must be gone. */
void sys_poller_destroy(struct sys_poller *poller);
/* Calls `ready(context)` on the poller's thread whenever fd is readable or has hung up; level
 * triggered, so `ready` reads it empty. */
int sys_watch_add(struct sys_watch **ret_watch, struct sys_poller *poller, int fd,
                  void (*ready)(void *context), void *context);
/* On return `ready` is not running and will not run again. Callable from within `ready`. */
void sys_watch_remove(struct sys_watch *watch);

/* ---- child processes ---- */

struct sys_child_fd {
    int parent_fd; /* duplicated into the child */
    int child_fd;  /* under this number */
};
struct sys_child_options {
    const char *const *argv; /* argv[0] is searched in PATH */
    const struct sys_child_fd *fds;
    size_t fd_count;
    int stderr_fd; /* becomes the child's stderr; -1: inherit */
    /* SIGKILL when the *calling thread* ends: start it from a thread that lasts. */
    bool die_with_us;
    /* A process group of its own: signals of the terminal (control-C) do not reach it. */
    bool own_group;
};
/* Starts a child with only stdin (/dev/null, unless `fds` name it), stdout, stderr and `fds` open
 * and default signal dispositions. Returns the pid through ret_pid; a program that cannot be
 * executed is reported as -ENOENT, -EACCES, ... by this call. */
int sys_child_start(pid_t *ret_pid, const struct sys_child_options *options);
/* Waits until the child ended or deadline_ns passed (-ETIMEDOUT); ret_status as waitpid gives it.
 */
int sys_child_wait(pid_t pid, uint64_t deadline_ns, int *ret_status);
void sys_child_kill(pid_t pid, int signal_number);

/* ---- shared memory ---- */

/* Creates an anonymous shared memory object of `size` bytes and maps it read-write. Hugepages are
 * taken where they can be had. The caller owns fd and mapping. 0 or a negative errno. */
int sys_shared_memory_create(const char *name, size_t size, int *ret_fd, void **ret_base);
void sys_shared_memory_destroy(int fd, void *base, size_t size);
/* As create, with pages of the smallest size: parts of it can be mapped elsewhere. */
int sys_shared_memory_create_small(const char *name, size_t size, int *ret_fd, void **ret_base);
/* Maps a part of the object once more: at `address`, in place of what is there, or, if that is
 * NULL, where there is room. Offset and size are multiples of a page. */
int sys_shared_memory_map(int fd, size_t offset, size_t size, void *address, void **ret_base);
void sys_shared_memory_unmap(void *base, size_t size);

/* ---- memory that other processes share with us ---- */

/* Maps a memory file of another process: one that is sealed against every change of its size and
 * has at least `size` bytes (a multiple of a page), at an address that the other process can have,
 * too, most likely. -EINVAL: it is no such file. */
int sys_user_memory_map(int fd, size_t size, void **ret_base);
void sys_user_memory_unmap(void *base, size_t size);
/* Makes such a file, and maps it at the address where the other process has it. -EEXIST: something
 * of ours is there. */
int sys_user_memory_create(size_t size, int *ret_fd);
int sys_user_memory_map_at(int fd, size_t size, void *base);

/* ---- secrets ---- */

/* Zeroed memory that goes to no core dump and, where the host's limits allow it, to no swap. NULL:
 * none is left. Freeing wipes it; NULL is nothing. */
void *sys_secret_allocate(size_t size);
void sys_secret_free(void *secret, size_t size);

/* ---- evidence ---- */

/* Writes a symbolised backtrace of the calling thread, one line a frame, through `emit`. */
void sys_backtrace(void (*emit)(void *context, const char *line), void *context);
/* Return addresses of the calling thread, innermost first; how many were stored. */
size_t sys_backtrace_addresses(void **ret_addresses, size_t count);
/* "module+0x12 (routine+0x4)" or the bare address. Always terminated. */
void sys_address_describe(const void *address, char *line, size_t size);

#ifdef __cplusplus
}
#endif

#endif

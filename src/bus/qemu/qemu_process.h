/*
 * qemu_process.h - one QEMU as a child process: its channels, its last words, its end.
 *
 * Everything that QEMU gets is a descriptor; nothing has a path, so instances cannot collide and
 * nothing is left behind. QEMU is started by a worker's thread, because the kernel ties "die with
 * the parent" to the thread that forked, and that thread lasts as long as the device.
 */
#ifndef STORHOST_BUS_QEMU_QEMU_PROCESS_H
#define STORHOST_BUS_QEMU_QEMU_PROCESS_H

#include "bus/qemu/qemu_worker.h"
#include "sys/sys.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { QEMU_STDERR_SIZE = 4096 };

struct qemu_process {
    struct qemu_worker *worker; /* borrowed; its thread starts QEMU and reads its stderr */
    bool running;               /* started and not yet reaped */
    pid_t pid;
    int status; /* as waitpid gave it, once it ended */
    int error_fd;
    struct sys_watch *error_watch; /* touched on the worker's thread only */
    struct sys_mutex error_lock;   /* guards the two below */
    size_t error_used;
    char error_text[QEMU_STDERR_SIZE];
};

/* Starts QEMU with `argv` and the descriptors, which stay the caller's. PASSIVE_LEVEL, not on the
 * worker's thread. 0; -ENOENT (no such program), -EMFILE, ... */
int qemu_process_start(struct qemu_process *process, struct qemu_worker *worker, char *const *argv,
                       const struct sys_child_fd *fds, size_t fd_count);
/* Waits until QEMU has ended by itself, kills it at the deadline, and reaps it. Any thread, one at
 * a time; nothing when it is not running. */
void qemu_process_end(struct qemu_process *process, uint64_t deadline_ns);
/* After the end: stops reading stderr and closes it. Not on the worker's thread. */
void qemu_process_close(struct qemu_process *process);

/* What QEMU wrote to stderr as one line: warnings left out, the program's name taken off. Empty
 * when it wrote nothing. On the worker's thread, or after qemu_process_close; complete once the
 * process has ended. */
void qemu_process_message(struct qemu_process *process, char *message, size_t message_size);
/* How it ended, in words: "was killed by signal 9", "exited with status 1". */
void qemu_process_status(const struct qemu_process *process, char *text, size_t text_size);

#ifdef __cplusplus
}
#endif

#endif

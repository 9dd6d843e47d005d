/*
 * device_server.c - the device socket: who connects, which process that is, and when that ends.
 *
 * A process is known by the identifier that the kernel attests of its connection; a process that
 * lies in another namespace gets one of ours. Its end is seen by a descriptor of the process, since
 * a child of it may keep the connection open.
 */
#include "api/device_server.h"

#include "api/device_protocol.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

enum { PROCESSES_MAX = 256, FOREIGN_ID_FIRST = 0x40000000 };
#define ACCEPT_AGAIN_NS (20 * SYS_NS_PER_MS)

/* A process of clients, from its first connection to its end. */
struct known_process {
    struct known_process *next;
    struct nt_process *process; /* with a reference */
    int fd;                     /* of the process */
    struct sys_watch *watch;
};

struct known_peer {
    struct known_peer *next;
    struct device_peer *peer;
};

static struct {
    struct sys_mutex mutex; /* of the lists */
    struct known_peer *peers;
    unsigned peer_count;
    struct known_process *processes;
    unsigned process_count;

    struct sys_poller *poller;
    struct sys_watch *watch;
    int fd;
    char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
    struct stat status;
} server = {.fd = -1};

/* ---- processes ---- */

static void process_free(struct known_process *known)
{
    close(known->fd);
    nt_object_release(known->process);
    free(known);
}

static void peers_hang_up(const struct nt_process *process)
{
    sys_mutex_lock(&server.mutex);
    for (struct known_peer *known = server.peers; known != NULL; known = known->next)
        if (process == NULL || device_peer_is_of(known->peer, process))
            device_peer_hang_up(known->peer);
    sys_mutex_unlock(&server.mutex);
}

/* On the poller's thread. */
static void process_ended(void *context)
{
    struct known_process *known = context;

    sys_watch_remove(known->watch);
    sys_mutex_lock(&server.mutex);
    for (struct known_process **link = &server.processes; *link != NULL; link = &(*link)->next) {
        if (*link == known) {
            *link = known->next;
            server.process_count--;
            break;
        }
    }
    sys_mutex_unlock(&server.mutex);
    nt_process_end(known->process);
    peers_hang_up(known->process);
    process_free(known);
}

static uint32_t parent_of(uint32_t id)
{
    char path[64], line[512];
    unsigned parent = 0;

    snprintf(path, sizeof(path), "/proc/%u/stat", id);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fgets(line, sizeof(line), file) != NULL) {
        const char *end = strrchr(line, ')'); /* behind the name, which may hold anything */
        if (end == NULL || sscanf(end, ") %*c %u", &parent) != 1)
            parent = 0;
    }
    fclose(file);
    return parent;
}

static int process_descriptor(int fd, uint32_t id)
{
    socklen_t size = sizeof(int);
    int descriptor;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &descriptor, &size) == 0)
        return descriptor;
    return (int)syscall(SYS_pidfd_open, (pid_t)id, 0);
}

/* On the poller's thread, like all that adds to the list. */
static int process_watch(int fd, struct nt_process *process)
{
    const struct known_process *old = server.processes;

    while (old != NULL && old->process != process)
        old = old->next;
    if (old != NULL)
        return 0;
    struct known_process *known = calloc(1, sizeof(*known));
    if (known == NULL)
        return -ENOMEM;
    known->fd = process_descriptor(fd, process->id);
    int error = known->fd < 0 ? -errno : 0;
    known->process = process;
    nt_object_reference(process);
    if (error == 0 && server.process_count == PROCESSES_MAX)
        error = -EMFILE;
    if (error != 0) {
        nt_object_release(process);
        free(known);
        return error;
    }
    sys_mutex_lock(&server.mutex);
    known->next = server.processes;
    server.processes = known;
    server.process_count++;
    sys_mutex_unlock(&server.mutex);
    error = sys_watch_add(&known->watch, server.poller, known->fd, process_ended, known);
    if (error == 0)
        return 0;
    sys_mutex_lock(&server.mutex);
    server.processes = known->next;
    server.process_count--;
    sys_mutex_unlock(&server.mutex);
    process_free(known);
    return error;
}

/* The process at the other end, with a reference. */
static int process_of(int fd, struct nt_process **ret_process)
{
    static uint32_t foreign;
    struct ucred peer;
    socklen_t size = sizeof(peer);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return -errno;
    if (peer.pid <= 0) /* one that this namespace does not see: known by its connection alone */
        return nt_process_enter(FOREIGN_ID_FIRST + 4 * foreign++, 0, ret_process);
    int error = nt_process_enter((uint32_t)peer.pid, parent_of((uint32_t)peer.pid), ret_process);
    if (error != 0)
        return error;
    error = process_watch(fd, *ret_process);
    if (error == 0)
        return 0;
    nt_process_end(*ret_process);
    nt_object_release(*ret_process);
    return error;
}

/* ---- connections ---- */

/* Frees those that have ended, or all. */
static void peers_reap(bool all)
{
    struct known_peer *over = NULL;

    sys_mutex_lock(&server.mutex);
    for (struct known_peer **link = &server.peers; *link != NULL;) {
        struct known_peer *known = *link;
        if (!all && !device_peer_is_over(known->peer)) {
            link = &known->next;
            continue;
        }
        *link = known->next;
        server.peer_count--;
        known->next = over;
        over = known;
    }
    sys_mutex_unlock(&server.mutex);
    while (over != NULL) {
        struct known_peer *next = over->next;
        device_peer_free(over->peer);
        free(over);
        over = next;
    }
}

static int peer_add(int fd, struct nt_process *process)
{
    struct known_peer *known = calloc(1, sizeof(*known));
    int error = known == NULL ? -ENOMEM : 0;

    sys_mutex_lock(&server.mutex);
    if (error == 0 && server.peer_count == DEVICE_PEERS_MAX)
        error = -EMFILE;
    if (error == 0)
        error = device_peer_start(&known->peer, fd, process);
    if (error == 0) {
        known->next = server.peers;
        server.peers = known;
        server.peer_count++;
    }
    sys_mutex_unlock(&server.mutex);
    if (error != 0)
        free(known);
    return error;
}

int device_server_attach(int fd)
{
    peers_reap(false);
    return peer_add(fd, NULL);
}

static void peer_arrived(void *context)
{
    struct nt_process *process = NULL;

    (void)context;
    int fd = accept4(server.fd, NULL, NULL, SOCK_CLOEXEC);
    peers_reap(false);
    if (fd < 0) {
        /* Out of descriptors, say: the peer stays where it is, and the watch calls again. */
        sys_delay_ns(ACCEPT_AGAIN_NS);
        return;
    }
    int error = process_of(fd, &process);
    if (error == 0) {
        error = peer_add(fd, process);
        if (error != 0)
            nt_object_release(process);
    }
    if (error != 0)
        close(fd);
}

/* ---- the socket ---- */

static int socket_open(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);

    if (length >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, length + 1);
    memcpy(server.path, path, length + 1);
    server.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server.fd < 0)
        return -errno;
    /* Before binding: Linux gives the file this mode, so there is no moment when others may. */
    if (fchmod(server.fd, S_IRUSR | S_IWUSR) != 0 ||
        bind(server.fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        return -errno;
    if (lstat(path, &server.status) != 0 || listen(server.fd, DEVICE_PEERS_MAX) != 0) {
        int error = errno;
        unlink(path);
        return -error;
    }
    return 0;
}

static void socket_close(void)
{
    struct stat status;

    if (server.fd >= 0)
        close(server.fd);
    server.fd = -1;
    /* Another machine may have taken its name. */
    if (server.status.st_ino != 0 && lstat(server.path, &status) == 0 &&
        status.st_dev == server.status.st_dev && status.st_ino == server.status.st_ino)
        unlink(server.path);
    server.status = (struct stat){0};
}

STORHOST_API int storhost_devices_listen(const char *path, struct storhost_error *error)
{
    if (!api_is_running() || server.fd >= 0) {
        api_error(error, "%s: %s", path,
                  server.fd >= 0 ? "there is a device socket already"
                                 : "the machine does not run: call storhost_start first");
        return server.fd >= 0 ? -EALREADY : -EINVAL;
    }
    int result = socket_open(path);
    if (result == 0)
        result = sys_poller_create(&server.poller, "devices");
    if (result == 0) {
        result = sys_watch_add(&server.watch, server.poller, server.fd, peer_arrived, NULL);
        if (result != 0)
            sys_poller_destroy(server.poller);
    }
    if (result == 0)
        return 0;
    socket_close();
    api_error(error, "device socket %s: %s: remove it, or give another path", path,
              strerror(-result));
    return result;
}

STORHOST_API void storhost_devices_stop(void)
{
    if (server.fd >= 0)
        sys_watch_remove(server.watch);
    socket_close();
    peers_hang_up(NULL);
    peers_reap(true);
    while (server.processes != NULL) {
        struct known_process *known = server.processes;
        server.processes = known->next;
        sys_watch_remove(known->watch);
        nt_process_forget(known->process);
        process_free(known);
    }
    server.process_count = 0;
    if (server.poller != NULL)
        sys_poller_destroy(server.poller);
    server.poller = NULL;
}

STORHOST_API int storhost_devices_list(char **ret_text)
{
    *ret_text = api_is_running() ? device_list() : NULL;
    return *ret_text != NULL ? 0 : -ENOMEM;
}

/*
 * clients.c - ends the connections of clients that are idle when the server is to stop.
 *
 * Rule: a client that does nothing must not hold up the end. nbdkit (1.32) waits until every client
 * has gone, and its threads sit in read() on their sockets. So when the supervisor closes its side
 * of the report socket, or is gone, the input of each client's socket is ended here. What a client
 * has sent before is still carried out and answered; for that, an adapter that was stopped or
 * powered down goes on first. And the input ends only when nothing has been under way for a while:
 * nbdkit takes its end for the client's, ends the output, too, and aborts when two answers that are
 * still due meet that.
 */
#define NBDKIT_API_VERSION 2
#include "host.h"

#include "sys/sys.h"

#include <dirent.h>
#include <nbdkit-plugin.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/* A client may have been accepted a moment after the last look. */
#define LOOK_AGAIN_NS (20 * SYS_NS_PER_MS)

static uint32_t requests_begun, requests_ended; /* __atomic */

static struct sys_poller *poller;
static struct sys_watch *watch;

static int socket_option(int fd, int option)
{
    int value = -1;
    socklen_t length = sizeof(value);

    return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 ? value : -1;
}

/* True for a connection that came in through the server's socket. */
static bool is_client(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);

    if (socket_option(fd, SO_TYPE) != SOCK_STREAM || socket_option(fd, SO_ACCEPTCONN) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        return false;
    if (address.ss_family == AF_INET || address.ss_family == AF_INET6)
        return true;
    const struct sockaddr_un *local = (const struct sockaddr_un *)&address;
    size_t room = length > offsetof(struct sockaddr_un, sun_path)
                      ? length - offsetof(struct sockaddr_un, sun_path)
                      : 0;
    return address.ss_family == AF_UNIX && host_options.socket_path != NULL &&
           strnlen(local->sun_path, room) == strlen(host_options.socket_path) &&
           memcmp(local->sun_path, host_options.socket_path, strlen(host_options.socket_path)) == 0;
}

static void end_input_of_clients(void)
{
    DIR *directory = opendir("/proc/self/fd");
    const struct dirent *entry;

    if (directory == NULL)
        return;
    while ((entry = readdir(directory)) != NULL) {
        int fd = atoi(entry->d_name);
        if (entry->d_name[0] != '.' && is_client(fd))
            shutdown(fd, SHUT_RD);
    }
    closedir(directory);
}

/* No request is in the plugin, and none was since the last look, so answers have been sent. */
static bool is_quiet(void)
{
    static uint32_t looked;
    uint32_t ended = __atomic_load_n(&requests_ended, __ATOMIC_ACQUIRE);
    uint32_t begun = __atomic_load_n(&requests_begun, __ATOMIC_ACQUIRE);
    bool quiet = begun == ended && begun == looked;

    looked = begun;
    return quiet;
}

/* The supervisor sends nothing: this is the end of the socket, and stays so until the watch is
 * removed. What nbdkit reads from here on it refuses. */
static void supervisor_left(void *context)
{
    (void)context;
    host_stop_begin();
    nbdkit_shutdown();
    host_resume();
    sys_delay_ns(LOOK_AGAIN_NS);
    if (is_quiet())
        end_input_of_clients();
}

void host_request_begin(void)
{
    __atomic_add_fetch(&requests_begun, 1, __ATOMIC_RELEASE);
}

void host_request_end(void)
{
    __atomic_add_fetch(&requests_ended, 1, __ATOMIC_RELEASE);
}

void host_shutdown(void)
{
    nbdkit_shutdown();
    end_input_of_clients();
}

int host_watch_start(void)
{
    if (host_options.report_fd < 0)
        return 0;
    int error = sys_poller_create(&poller, "nbd-clients");
    if (error == 0)
        error = sys_watch_add(&watch, poller, host_options.report_fd, supervisor_left, NULL);
    if (error == 0)
        return 0;
    host_report("error", "the NBD server cannot watch its supervisor: %s", strerror(-error));
    host_watch_stop();
    return -1;
}

void host_watch_stop(void)
{
    if (watch != NULL)
        sys_watch_remove(watch);
    if (poller != NULL)
        sys_poller_destroy(poller);
    watch = NULL;
    poller = NULL;
}

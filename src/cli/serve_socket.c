/*
 * serve_socket.c - see serve_socket.h.
 */
#include "serve_socket.h"

#include "export/nbd/control_protocol.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The path of NBD's socket leaves room for the suffix. */
static void control_path(struct serve_socket *socket)
{
    size_t length = strlen(socket->path);

    memcpy(socket->control, socket->path, length);
    memcpy(socket->control + length, CONTROL_SUFFIX, sizeof(CONTROL_SUFFIX));
    memcpy(socket->devices, socket->path, length);
    memcpy(socket->devices + length, DEVICES_SUFFIX, sizeof(DEVICES_SUFFIX));
}

static bool private_path(struct serve_socket *socket)
{
    const char *parent = getenv("TMPDIR");

    if (parent == NULL || *parent == '\0')
        parent = "/tmp";
    int length =
        snprintf(socket->directory, sizeof(socket->directory), "%s/storhost-XXXXXX", parent);
    if (length < 0 || (size_t)length + sizeof("/nbd" CONTROL_SUFFIX) > sizeof(socket->directory)) {
        message("TMPDIR=%s is too long for the path of a socket: give --nbd SOCKET", parent);
        return false;
    }
    if (mkdtemp(socket->directory) == NULL) {
        message("%s: a private directory cannot be made: %s: give --nbd SOCKET", parent,
                strerror(errno));
        return false;
    }
    memcpy(socket->path, socket->directory, (size_t)length);
    memcpy(socket->path + length, "/nbd", 5);
    control_path(socket);
    return true;
}

/* 0: somebody serves it. Else a negative errno of connecting. */
static int try_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -errno;
    memcpy(address.sun_path, path, strlen(path));
    int result = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? 0 : -errno;
    close(fd);
    /* A full backlog is a server too. */
    return result == -EAGAIN ? 0 : result;
}

static bool take_over(const char *path)
{
    struct stat status;

    if (lstat(path, &status) != 0)
        return true; /* nothing there; what else is wrong, binding will say */
    if (!S_ISSOCK(status.st_mode)) {
        message("socket %s: a file of that name exists and is no socket: give another path", path);
        return false;
    }
    int error = try_connect(path);
    if (error == 0) {
        message("socket %s: in use by a server that is running: stop it or give another path",
                path);
        return false;
    }
    if (error != -ECONNREFUSED) {
        message("socket %s: %s: give another path", path, strerror(-error));
        return false;
    }
    if (unlink(path) != 0) {
        message("socket %s: left by a server that is gone, and cannot be removed: %s", path,
                strerror(errno));
        return false;
    }
    return true;
}

/* The server runs in the same directory, but a path that is printed must hold anywhere. */
static bool path_resolve(char path[SOCKET_PATH_BYTES], const char *wanted, const char *suffix)
{
    char parent[PATH_MAX], resolved[PATH_MAX], whole[2 * PATH_MAX];
    const char *slash = strrchr(wanted, '/');
    const char *name = slash != NULL ? slash + 1 : wanted;
    size_t room = SOCKET_PATH_BYTES - strlen(suffix);

    snprintf(parent, sizeof(parent), "%.*s", slash != NULL ? (int)(slash - wanted + 1) : 1,
             slash != NULL ? wanted : ".");
    if (*name == '\0' || realpath(parent, resolved) == NULL) {
        message("socket %s: %s: give a path in a directory that exists", wanted,
                *name == '\0' ? "it names no file" : strerror(errno));
        return false;
    }
    int length = snprintf(whole, sizeof(whole), "%s/%s", resolved, name);
    if (length < 0 || (size_t)length >= room) {
        message("socket %s: longer than the %zu bytes that its path may have: give a shorter one",
                wanted, room - 1);
        return false;
    }
    memcpy(path, whole, (size_t)length + 1);
    return true;
}

static bool given_path(struct serve_socket *socket, const char *wanted)
{
    if (!path_resolve(socket->path, wanted, CONTROL_SUFFIX))
        return false;
    control_path(socket);
    return take_over(socket->path) && take_over(socket->control);
}

bool serve_socket_prepare(struct serve_socket *socket, const char *wanted, const char *devices,
                          bool over_tcp)
{
    *socket = (struct serve_socket){0};
    if (!(wanted != NULL ? given_path(socket, wanted) : private_path(socket)))
        return false;
    if (devices != NULL && !path_resolve(socket->devices, devices, ""))
        return false;
    if (!take_over(socket->devices))
        return false;
    if (over_tcp)
        socket->path[0] = '\0';
    return true;
}

void serve_socket_remove(const struct serve_socket *socket)
{
    if (socket->path[0] != '\0')
        unlink(socket->path);
    if (socket->control[0] != '\0')
        unlink(socket->control);
    if (socket->devices[0] != '\0')
        unlink(socket->devices);
    if (socket->directory[0] != '\0')
        rmdir(socket->directory);
}

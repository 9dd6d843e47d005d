/*
 * serve_socket.h - the paths of `storhost serve`'s Unix sockets, and who may use them.
 */
#ifndef STORHOST_CLI_SERVE_SOCKET_H
#define STORHOST_CLI_SERVE_SOCKET_H

#include "cli.h"

enum { SOCKET_PATH_BYTES = 108 };

struct serve_socket {
    char path[SOCKET_PATH_BYTES];      /* of NBD; "" when it is served over TCP */
    char control[SOCKET_PATH_BYTES];   /* of `storhost ctl`, beside it */
    char devices[SOCKET_PATH_BYTES];   /* of its devices, beside it or as given */
    char directory[SOCKET_PATH_BYTES]; /* private, ours to remove; "" if the path was given */
};

/* Chooses the paths (`wanted`, or in a new private directory; `devices` NULL: beside it). A socket
 * that nobody serves any more is removed; one that is served, or a file of another kind, is
 * refused. False after a message. */
bool serve_socket_prepare(struct serve_socket *socket, const char *wanted, const char *devices,
                          bool over_tcp);
/* Removes sockets and private directory. */
void serve_socket_remove(const struct serve_socket *socket);

#endif

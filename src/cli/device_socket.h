/*
 * device_socket.h - the device socket of a machine that is served.
 */
#ifndef STORHOST_CLI_DEVICE_SOCKET_H
#define STORHOST_CLI_DEVICE_SOCKET_H

#include <stdbool.h>

enum { DEVICE_SOCKET_BYTES = 108 };

/* From what a user knows (the NBD socket or its URI, the control socket, the device socket itself)
 * to its path. False after a message. */
bool device_socket_path(char path[DEVICE_SOCKET_BYTES], const char *words);

#endif

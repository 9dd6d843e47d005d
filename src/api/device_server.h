/*
 * device_server.h - the machine's side of device handles: who may come in, what a name means, what
 * one peer does.
 */
#ifndef STORHOST_API_DEVICE_SERVER_H
#define STORHOST_API_DEVICE_SERVER_H

#include "api/api_internal.h"
#include "nt/file.h"

/* device_find.c */

/* Adapters whose units can be opened. */
void api_adapters_add(struct storhost_adapter *adapter);
void api_adapters_remove(struct storhost_adapter *adapter);
/* The device of that name, with a reference; `ret_rest` (NT_NAME_BYTES) gets what stands behind the
 * name. NULL: there is none. PASSIVE_LEVEL. */
DEVICE_OBJECT *device_find(const char *name, char *ret_rest);
/* What can be opened, a line each, to be freed; NULL: no memory. */
char *device_list(void);

/* device_peer.c */

struct device_peer;

/* Serves a connection in threads of its own; it takes over fd and the reference to the process,
 * which is NULL for this one. 0 or a negative errno: then both stay the caller's. */
int device_peer_start(struct device_peer **ret_peer, int fd, struct nt_process *process);
/* It has ended by itself: device_peer_free does not wait. */
bool device_peer_is_over(const struct device_peer *peer);
bool device_peer_is_of(const struct device_peer *peer, const struct nt_process *process);
/* Nothing more comes from it: as if the client had gone. Any thread. */
void device_peer_hang_up(struct device_peer *peer);
/* Waits for its threads. */
void device_peer_free(struct device_peer *peer);

/* device_server.c */

/* A connection of this process. 0 or a negative errno. */
int device_server_attach(int fd);

#endif

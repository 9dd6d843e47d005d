/*
 * control_protocol.h - what `storhost ctl` and the NBD server say to each other, and where.
 *
 * A Unix stream socket beside the NBD socket, of mode 0600: whoever may open it may do to the
 * adapters what the C API can. One request a connection:
 *
 *     ADAPTER COMMAND [WORD]... \n [bytes]      at most CONTROL_LINE_BYTES with the newline
 *     ok LENGTH \n  LENGTH bytes                or
 *     error TEXT \n
 *
 * Words have one space between them. Commands and their words:
 *
 *     rescan  stop  restart  remove  surprise-remove  state  info  devices
 *     reset unit P:T:L    reset target P:T    reset bus P
 *     power WHAT|- WORD|- WORD|-         what is missing is "-"
 *     power-control GUID P:T:L|- OUTPUT INPUT    as ioctl
 *     queue lock|unlock|release|flush|quiesce P:T:L
 *     internal-data P:T:L|-    event-logging diagnostic|operational|health on|off
 *     crypto insert|evict P:T:L CAPABILITY|- KEY|- INPUT    INPUT bytes of a key follow the line
 *     registry list|get|set|delete INPUT    key, name and value follow, each ended by a zero
 *     trace start|stop INPUT    of the machine; the file's absolute path follows, ended by a zero
 *     ioctl CODE P:T:L|- OUTPUT INPUT    numbers; INPUT bytes follow the line; OUTPUT is the room
 *
 * The server gives a peer CONTROL_PEER_MS to send all of a request, and as long to take the answer.
 */
#ifndef STORHOST_EXPORT_NBD_CONTROL_PROTOCOL_H
#define STORHOST_EXPORT_NBD_CONTROL_PROTOCOL_H

/* The control socket's path is the NBD socket's with this behind it. */
#define CONTROL_SUFFIX ".ctl"
/* The device socket is named likewise. */
#define DEVICES_SUFFIX ".dev"

enum {
    CONTROL_LINE_BYTES = 512,
    CONTROL_WORDS_MAX = 8,
    CONTROL_DATA_BYTES = 1 << 20,    /* each way, of an ioctl */
    CONTROL_ANSWER_BYTES = 16 << 20, /* of anything: the description of a large adapter */
    CONTROL_PEER_MS = 10000,
    CONTROL_CLIENTS_MAX = 32, /* at once; one more is told so */
};

#endif

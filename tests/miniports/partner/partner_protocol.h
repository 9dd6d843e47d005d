/*
 * What the partner driver and its program in user space say to each other, by
 * IOCTL_MINIPORT_PROCESS_SERVICE_IRP and by the control codes of the driver's own device.
 */
#ifndef PARTNER_PROTOCOL_H
#define PARTNER_PROTOCOL_H

enum {
    PARTNER_TRANSFER_BYTES = 65536,
    PARTNER_BLOCK_BYTES = 512,
    PARTNER_EVENT_BYTES = 4,
    PARTNER_HEARD_BYTES = 1024,
};

enum partner_command {
    /* Blocks: the unit appears, and is the caller's. Operation PARTNER_FLUSH: it has a cache. */
    PARTNER_PLUG = 1,
    PARTNER_FETCH, /* answers what was fetched before (Tag not 0), and pends until there is work
                    */
    PARTNER_UNPLUG,
    PARTNER_SLEEP, /* waits in the caller's thread until that is alerted; Result is how it ended */
    PARTNER_COUNTS,
    PARTNER_WHO,   /* Result: the process that asks, Tag: the one in whose context it runs */
    PARTNER_HOLD,  /* keeps the pages of Buffer locked until the next one */
    PARTNER_TOUCH, /* Result: the first byte of what is held, which becomes Tag */
    PARTNER_PUT,   /* an entry into a KQUEUE that one thread at a time may serve */
    PARTNER_TAKE,  /* Result: 1 when it came within ten seconds */
};

enum partner_operation { PARTNER_READ = 1, PARTNER_WRITE, PARTNER_FLUSH };

struct partner_message {
    unsigned int command;
    unsigned int result;
    unsigned long long tag;    /* of the request that is answered or fetched */
    unsigned long long buffer; /* address in the caller's process, PARTNER_TRANSFER_BYTES long */
    unsigned int operation;
    unsigned int block_count;
    unsigned long long block;
    unsigned long long blocks;
    unsigned int failed; /* an answer: the request did not work */
    unsigned int zero;
};

struct partner_counts {
    unsigned int created, cleaned_up, closed;
    unsigned int cancelled;    /* requests that were pending */
    unsigned int begun, ended; /* processes */
    unsigned int pending;
    unsigned int ended_ids[6]; /* of the last ones */
};

/* Codes of \\.\PartnerControl: CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800 + n, method, access). */
#define PARTNER_CODE(n, method, access)                                                            \
    (0x22u << 16 | (access) << 14 | (0x800u + (n)) << 2 | (method))
#define PARTNER_ECHO        PARTNER_CODE(0, 0, 0) /* the input in capital letters */
#define PARTNER_FILL        PARTNER_CODE(1, 2, 0) /* the output, with the first byte of the input */
#define PARTNER_SUM         PARTNER_CODE(2, 1, 0) /* Information: the sum of the output's bytes */
#define PARTNER_COPY        PARTNER_CODE(3, 3, 0) /* the input to the output, by addresses */
#define PARTNER_NEEDS_WRITE PARTNER_CODE(4, 0, 2)
#define PARTNER_WARN        PARTNER_CODE(5, 0, 0) /* STATUS_BUFFER_OVERFLOW and four bytes */
#define PARTNER_FAIL        PARTNER_CODE(6, 0, 0) /* STATUS_UNSUCCESSFUL and four bytes, not copied */
#define PARTNER_PEND        PARTNER_CODE(7, 0, 0) /* until it is cancelled */
#define PARTNER_STAY        PARTNER_CODE(8, 0, 0) /* until PARTNER_LET_GO: it cannot be cancelled */
#define PARTNER_LET_GO      PARTNER_CODE(9, 0, 0)
/* The PnP and power requests since the last time, PARTNER_EVENT_BYTES each: "a" or "u" for adapter
 * and unit, the minor function as two hexadecimal digits or "D0" to "D3", a blank. */
#define PARTNER_HEARD PARTNER_CODE(10, 0, 0)
/* Input: the event that is refused from now on, as it is told of; none. */
#define PARTNER_REFUSE PARTNER_CODE(11, 0, 0)

#endif

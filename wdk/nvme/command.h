/*
 * Submission queue entries: opcodes, the dwords of the commands that have no header of their own,
 * and NVME_COMMAND, the entry itself.
 */
#ifndef WDK_NVME_COMMAND_H
#define WDK_NVME_COMMAND_H

#include "../ntdef.h"
#include "directives.h"
#include "features.h"
#include "identify.h"
#include "log_pages.h"
#include "reservation.h"
#include "sanitize.h"
#include "zoned.h"

/* Opcodes of the admin queue. */
typedef enum {
    NVME_ADMIN_COMMAND_DELETE_IO_SQ = 0x00,
    NVME_ADMIN_COMMAND_CREATE_IO_SQ = 0x01,
    NVME_ADMIN_COMMAND_GET_LOG_PAGE = 0x02,
    NVME_ADMIN_COMMAND_DELETE_IO_CQ = 0x04,
    NVME_ADMIN_COMMAND_CREATE_IO_CQ = 0x05,
    NVME_ADMIN_COMMAND_IDENTIFY = 0x06,
    NVME_ADMIN_COMMAND_ABORT = 0x08,
    NVME_ADMIN_COMMAND_SET_FEATURES = 0x09,
    NVME_ADMIN_COMMAND_GET_FEATURES = 0x0A,
    NVME_ADMIN_COMMAND_ASYNC_EVENT_REQUEST = 0x0C,
    NVME_ADMIN_COMMAND_NAMESPACE_MANAGEMENT = 0x0D,
    NVME_ADMIN_COMMAND_FIRMWARE_ACTIVATE = 0x10,
    NVME_ADMIN_COMMAND_FIRMWARE_COMMIT = 0x10,
    NVME_ADMIN_COMMAND_FIRMWARE_IMAGE_DOWNLOAD = 0x11,
    NVME_ADMIN_COMMAND_DEVICE_SELF_TEST = 0x14,
    NVME_ADMIN_COMMAND_NAMESPACE_ATTACHMENT = 0x15,
    NVME_ADMIN_COMMAND_DIRECTIVE_SEND = 0x19,
    NVME_ADMIN_COMMAND_DIRECTIVE_RECEIVE = 0x1A,
    NVME_ADMIN_COMMAND_VIRTUALIZATION_MANAGEMENT = 0x1C,
    NVME_ADMIN_COMMAND_NVME_MI_SEND = 0x1D,
    NVME_ADMIN_COMMAND_NVME_MI_RECEIVE = 0x1E,
    NVME_ADMIN_COMMAND_DOORBELL_BUFFER_CONFIG = 0x7C,
    NVME_ADMIN_COMMAND_FORMAT_NVM = 0x80,
    NVME_ADMIN_COMMAND_SECURITY_SEND = 0x81,
    NVME_ADMIN_COMMAND_SECURITY_RECEIVE = 0x82,
    NVME_ADMIN_COMMAND_SANITIZE = 0x84,
    NVME_ADMIN_COMMAND_GET_LBA_STATUS = 0x86,
} NVME_ADMIN_COMMANDS;

/* Opcodes of I/O queues. */
typedef enum {
    NVME_NVM_COMMAND_FLUSH = 0x00,
    NVME_NVM_COMMAND_WRITE = 0x01,
    NVME_NVM_COMMAND_READ = 0x02,
    NVME_NVM_COMMAND_WRITE_UNCORRECTABLE = 0x04,
    NVME_NVM_COMMAND_COMPARE = 0x05,
    NVME_NVM_COMMAND_WRITE_ZEROES = 0x08,
    NVME_NVM_COMMAND_DATASET_MANAGEMENT = 0x09,
    NVME_NVM_COMMAND_VERIFY = 0x0C,
    NVME_NVM_COMMAND_RESERVATION_REGISTER = 0x0D,
    NVME_NVM_COMMAND_RESERVATION_REPORT = 0x0E,
    NVME_NVM_COMMAND_RESERVATION_ACQUIRE = 0x11,
    NVME_NVM_COMMAND_RESERVATION_RELEASE = 0x15,
    NVME_NVM_COMMAND_COPY = 0x19,
    NVME_NVM_COMMAND_ZONE_MANAGEMENT_SEND = 0x79,
    NVME_NVM_COMMAND_ZONE_MANAGEMENT_RECEIVE = 0x7A,
    NVME_NVM_COMMAND_ZONE_APPEND = 0x7D,
} NVME_NVM_COMMANDS;

/* NVME_COMMAND_DWORD0.FUSE. */
typedef enum {
    NVME_FUSED_OPERATION_NORMAL = 0,
    NVME_FUSED_OPERATION_FIRST_CMD = 1,
    NVME_FUSED_OPERATION_SECOND_CMD = 2,
} NVME_FUSED_OPERATION_CODES;

typedef union {
    struct {
        ULONG OPC : 8;  /* opcode */
        ULONG FUSE : 2; /* NVME_FUSED_OPERATION_CODES */
        ULONG Reserved0 : 5;
        ULONG PSDT : 1; /* data is described by SGL instead of PRP */
        ULONG CID : 16; /* identifier, unique in its queue */
    };
    ULONG AsUlong;
} NVME_COMMAND_DWORD0, *PNVME_COMMAND_DWORD0;

/* A physical region page: the bus address of a page, or of a list of them. */
typedef union {
    struct {
        ULONGLONG Reserved0 : 2;
        ULONGLONG PBAO : 62; /* address and offset, dword aligned */
    };
    ULONGLONG AsUlonglong;
} NVME_PRP_ENTRY, *PNVME_PRP_ENTRY;

/* Create I/O submission queue, create I/O completion queue. */
typedef enum {
    NVME_NVM_QUEUE_PRIORITY_URGENT = 0,
    NVME_NVM_QUEUE_PRIORITY_HIGH = 1,
    NVME_NVM_QUEUE_PRIORITY_MEDIUM = 2,
    NVME_NVM_QUEUE_PRIORITY_LOW = 3,
} NVME_NVM_QUEUE_PRIORITIES;

typedef union {
    struct {
        ULONG QID : 16;
        ULONG QSIZE : 16; /* entries, less one */
    };
    ULONG AsUlong;
} NVME_CDW10_CREATE_IO_QUEUE, *PNVME_CDW10_CREATE_IO_QUEUE;

typedef union {
    struct {
        ULONG PC : 1;  /* physically contiguous */
        ULONG IEN : 1; /* interrupts enabled */
        ULONG Reserved0 : 14;
        ULONG IV : 16; /* interrupt vector */
    };
    ULONG AsUlong;
} NVME_CDW11_CREATE_IO_CQ, *PNVME_CDW11_CREATE_IO_CQ;

typedef union {
    struct {
        ULONG PC : 1;
        ULONG QPRIO : 2; /* NVME_NVM_QUEUE_PRIORITIES */
        ULONG Reserved0 : 13;
        ULONG CQID : 16; /* its completion queue */
    };
    ULONG AsUlong;
} NVME_CDW11_CREATE_IO_SQ, *PNVME_CDW11_CREATE_IO_SQ;

/* Abort. DW0 bit 0 of the completion is clear when the command was aborted. */
typedef union {
    struct {
        ULONG SQID : 8;
        ULONG CID : 16;
    };
    ULONG AsUlong;
} NVME_CDW10_ABORT, *PNVME_CDW10_ABORT;

/* Firmware. */
typedef enum {
    NVME_FIRMWARE_ACTIVATE_ACTION_DOWNLOAD_TO_SLOT = 0,
    NVME_FIRMWARE_ACTIVATE_ACTION_DOWNLOAD_TO_SLOT_AND_ACTIVATE = 1,
    NVME_FIRMWARE_ACTIVATE_ACTION_ACTIVATE = 2,
    NVME_FIRMWARE_ACTIVATE_ACTION_DOWNLOAD_TO_SLOT_AND_ACTIVATE_IMMEDIATE = 3,
} NVME_FIRMWARE_ACTIVATE_ACTIONS;

typedef union {
    struct {
        ULONG FS : 3; /* slot; 0: the controller chooses */
        ULONG AA : 2; /* NVME_FIRMWARE_ACTIVATE_ACTIONS */
        ULONG Reserved : 27;
    };
    ULONG AsUlong;
} NVME_CDW10_FIRMWARE_ACTIVATE, *PNVME_CDW10_FIRMWARE_ACTIVATE;

typedef struct {
    ULONG NUMD; /* dwords, less one */
} NVME_CDW10_FIRMWARE_DOWNLOAD, *PNVME_CDW10_FIRMWARE_DOWNLOAD;

typedef struct {
    ULONG OFST; /* in dwords */
} NVME_CDW11_FIRMWARE_DOWNLOAD, *PNVME_CDW11_FIRMWARE_DOWNLOAD;

/* Format. */
typedef enum {
    NVME_SECURE_ERASE_NONE = 0,
    NVME_SECURE_ERASE_USER_DATA = 1,
    NVME_SECURE_ERASE_CRYPTOGRAPHIC = 2,
} NVME_SECURE_ERASE_SETTINGS;

typedef union {
    struct {
        ULONG LBAF : 4; /* index of the format */
        ULONG MS : 1;   /* metadata in extended blocks */
        ULONG PI : 3;   /* NVME_PROTECTION_INFORMATION_TYPES */
        ULONG PIL : 1;  /* protection at the start of metadata */
        ULONG SES : 3;  /* NVME_SECURE_ERASE_SETTINGS */
        ULONG ZF : 2;
        ULONG Reserved : 18;
    };
    ULONG AsUlong;
} NVME_CDW10_FORMAT_NVM, *PNVME_CDW10_FORMAT_NVM;

/* Security send and security receive. */
typedef union {
    struct {
        ULONG Reserved0 : 8;
        ULONG SPSP : 16; /* specific to the protocol */
        ULONG SECP : 8;  /* protocol */
    };
    ULONG AsUlong;
} NVME_CDW10_SECURITY_SEND_RECEIVE, *PNVME_CDW10_SECURITY_SEND_RECEIVE;

typedef struct {
    ULONG TL; /* transfer length */
} NVME_CDW11_SECURITY_SEND, *PNVME_CDW11_SECURITY_SEND;

typedef struct {
    ULONG AL; /* allocation length */
} NVME_CDW11_SECURITY_RECEIVE, *PNVME_CDW11_SECURITY_RECEIVE;

/* Hints of a read or write, and of a dataset management range. */
typedef enum {
    NVME_ACCESS_FREQUENCY_NONE = 0,
    NVME_ACCESS_FREQUENCY_TYPICAL = 1,
    NVME_ACCESS_FREQUENCY_INFR_WRITE_INFR_READ = 2,
    NVME_ACCESS_FREQUENCY_INFR_WRITE_FR_READ = 3,
    NVME_ACCESS_FREQUENCY_FR_WRITE_INFR_READ = 4,
    NVME_ACCESS_FREQUENCY_FR_WRITE_FR_READ = 5,
    NVME_ACCESS_FREQUENCY_ONE_TIME_READ = 6,
    NVME_ACCESS_FREQUENCY_SPECULATIVE_READ = 7,
    NVME_ACCESS_FREQUENCY_WILL_BE_OVERWRITTEN = 8,
} NVME_ACCESS_FREQUENCIES;

typedef enum {
    NVME_ACCESS_LATENCY_NONE = 0,
    NVME_ACCESS_LATENCY_IDLE = 1,
    NVME_ACCESS_LATENCY_NORMAL = 2,
    NVME_ACCESS_LATENCY_LOW = 3,
} NVME_ACCESS_LATENCIES;

/* Read, write, and the commands of the same form. */
typedef union {
    struct {
        ULONG NLB : 16; /* blocks, less one */
        ULONG Reserved0 : 4;
        ULONG DTYPE : 4; /* NVME_DIRECTIVE_TYPES */
        ULONG Reserved1 : 2;
        ULONG PRINFO : 4; /* protection information action and checks */
        ULONG FUA : 1;    /* force unit access */
        ULONG LR : 1;     /* limited retry */
    };
    ULONG AsUlong;
} NVME_CDW12_READ_WRITE, *PNVME_CDW12_READ_WRITE;

typedef union {
    struct {
        struct {
            UCHAR AccessFrequency : 4; /* NVME_ACCESS_FREQUENCIES */
            UCHAR AccessLatency : 2;   /* NVME_ACCESS_LATENCIES */
            UCHAR SequentialRequest : 1;
            UCHAR Incompressible : 1;
        } DSM;
        UCHAR Reserved;
        USHORT DSPEC; /* specific to the directive */
    };
    ULONG AsUlong;
} NVME_CDW13_READ_WRITE, *PNVME_CDW13_READ_WRITE;

typedef union {
    struct {
        ULONG ELBAT : 16;  /* expected application tag */
        ULONG ELBATM : 16; /* its mask */
    };
    ULONG AsUlong;
} NVME_CDW15_READ_WRITE, *PNVME_CDW15_READ_WRITE;

/* Dataset management: up to 256 ranges, given by the data. */
typedef union {
    struct {
        ULONG NR : 8; /* ranges, less one */
        ULONG Reserved : 24;
    };
    ULONG AsUlong;
} NVME_CDW10_DATASET_MANAGEMENT, *PNVME_CDW10_DATASET_MANAGEMENT;

typedef union {
    struct {
        ULONG IDR : 1; /* integral dataset for read */
        ULONG IDW : 1; /* integral dataset for write */
        ULONG AD : 1;  /* deallocate */
        ULONG Reserved : 29;
    };
    ULONG AsUlong;
} NVME_CDW11_DATASET_MANAGEMENT, *PNVME_CDW11_DATASET_MANAGEMENT;

typedef union {
    struct {
        ULONG AccessFrequency : 4;
        ULONG AccessLatency : 2;
        ULONG Reserved0 : 2;
        ULONG SequentialReadRange : 1;
        ULONG SequentialWriteRange : 1;
        ULONG WritePrepare : 1;
        ULONG Reserved1 : 13;
        ULONG CommandAccessSize : 8; /* in blocks */
    };
    ULONG AsUlong;
} NVME_CONTEXT_ATTRIBUTES, *PNVME_CONTEXT_ATTRIBUTES;

typedef struct {
    NVME_CONTEXT_ATTRIBUTES Attributes;
    ULONG LogicalBlockCount;
    ULONGLONG StartingLBA;
} NVME_LBA_RANGE, *PNVME_LBA_RANGE;

/* One entry of a submission queue. */
typedef struct {
    NVME_COMMAND_DWORD0 CDW0;
    ULONG NSID; /* namespace; 0 when the command has none */
    ULONGLONG Reserved0;
    ULONGLONG MPTR; /* metadata */
    ULONGLONG PRP1; /* first page of the data */
    ULONGLONG PRP2; /* second page, or a list of the rest */
    union {
        struct {
            ULONG CDW10;
            ULONG CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } GENERAL; /* any command */
        struct {
            NVME_CDW10_IDENTIFY CDW10;
            NVME_CDW11_IDENTIFY CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } IDENTIFY;
        struct {
            NVME_CDW10_ABORT CDW10;
            ULONG CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } ABORT;
        struct {
            NVME_CDW10_GET_FEATURES CDW10;
            NVME_CDW11_FEATURES CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } GETFEATURES;
        struct {
            NVME_CDW10_SET_FEATURES CDW10;
            NVME_CDW11_FEATURES CDW11;
            NVME_CDW12_FEATURES CDW12;
            NVME_CDW13_FEATURES CDW13;
            NVME_CDW14_FEATURES CDW14;
            NVME_CDW15_FEATURES CDW15;
        } SETFEATURES;
        struct {
            union {
                NVME_CDW10_GET_LOG_PAGE CDW10;
                NVME_CDW10_GET_LOG_PAGE_V13 CDW10_V13;
            };
            NVME_CDW11_GET_LOG_PAGE CDW11;
            NVME_CDW12_GET_LOG_PAGE CDW12;
            NVME_CDW13_GET_LOG_PAGE CDW13;
            NVME_CDW14_GET_LOG_PAGE CDW14;
            ULONG CDW15;
        } GETLOGPAGE;
        struct {
            NVME_CDW10_CREATE_IO_QUEUE CDW10;
            NVME_CDW11_CREATE_IO_CQ CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } CREATEIOCQ;
        struct {
            NVME_CDW10_CREATE_IO_QUEUE CDW10;
            NVME_CDW11_CREATE_IO_SQ CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } CREATEIOSQ;
        struct {
            NVME_CDW10_DATASET_MANAGEMENT CDW10;
            NVME_CDW11_DATASET_MANAGEMENT CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } DATASETMANAGEMENT;
        struct {
            NVME_CDW10_SECURITY_SEND_RECEIVE CDW10;
            NVME_CDW11_SECURITY_SEND CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } SECURITYSEND;
        struct {
            NVME_CDW10_SECURITY_SEND_RECEIVE CDW10;
            NVME_CDW11_SECURITY_RECEIVE CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } SECURITYRECEIVE;
        struct {
            NVME_CDW10_FIRMWARE_DOWNLOAD CDW10;
            NVME_CDW11_FIRMWARE_DOWNLOAD CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } FIRMWAREDOWNLOAD;
        struct {
            NVME_CDW10_FIRMWARE_ACTIVATE CDW10;
            ULONG CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } FIRMWAREACTIVATE;
        struct {
            NVME_CDW10_FORMAT_NVM CDW10;
            ULONG CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } FORMATNVM;
        struct {
            NVME_CDW10_DIRECTIVE_RECEIVE CDW10;
            NVME_CDW11_DIRECTIVE_RECEIVE CDW11;
            NVME_CDW12_DIRECTIVE_RECEIVE CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } DIRECTIVERECEIVE;
        struct {
            NVME_CDW10_DIRECTIVE_SEND CDW10;
            NVME_CDW11_DIRECTIVE_SEND CDW11;
            NVME_CDW12_DIRECTIVE_SEND CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } DIRECTIVESEND;
        struct {
            NVME_CDW10_SANITIZE CDW10;
            NVME_CDW11_SANITIZE CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } SANITIZE;
        struct {
            ULONG LBALOW;
            ULONG LBAHIGH;
            NVME_CDW12_READ_WRITE CDW12;
            NVME_CDW13_READ_WRITE CDW13;
            ULONG CDW14; /* expected initial reference tag */
            NVME_CDW15_READ_WRITE CDW15;
        } READWRITE;
        struct {
            NVME_CDW10_RESERVATION_ACQUIRE CDW10;
            ULONG CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } RESERVATIONACQUIRE;
        struct {
            NVME_CDW10_RESERVATION_REGISTER CDW10;
            ULONG CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } RESERVATIONREGISTER;
        struct {
            NVME_CDW10_RESERVATION_RELEASE CDW10;
            ULONG CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } RESERVATIONRELEASE;
        struct {
            NVME_CDW10_RESERVATION_REPORT CDW10;
            NVME_CDW11_RESERVATION_REPORT CDW11;
            ULONG CDW12;
            ULONG CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } RESERVATIONREPORT;
        struct {
            NVME_CDW10_ZONE_MANAGEMENT_SEND CDW1011;
            ULONG CDW12;
            NVME_CDW13_ZONE_MANAGEMENT_SEND CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } ZONEMANAGEMENTSEND;
        struct {
            NVME_CDW10_ZONE_MANAGEMENT_RECEIVE CDW1011;
            ULONG DWORDCOUNT;
            NVME_CDW13_ZONE_MANAGEMENT_RECEIVE CDW13;
            ULONG CDW14;
            ULONG CDW15;
        } ZONEMANAGEMENTRECEIVE;
        struct {
            NVME_CDW10_ZONE_APPEND CDW1011;
            NVME_CDW12_ZONE_APPEND CDW12;
            ULONG CDW13;
            ULONG ILBRT;
            NVME_CDW15_ZONE_APPEND CDW15;
        } ZONEAPPEND;
    } u;
} NVME_COMMAND, *PNVME_COMMAND;

#endif /* WDK_NVME_COMMAND_H */

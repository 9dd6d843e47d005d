/*
 * Zoned namespaces: zone management, their descriptors, and zone append.
 */
#ifndef WDK_NVME_ZONED_H
#define WDK_NVME_ZONED_H

#include "../ntdef.h"

typedef enum {
    NVME_STATE_ZSE = 1,
    NVME_STATE_ZSIO = 2,
    NVME_STATE_ZSEO = 3,
    NVME_STATE_ZSC = 4,
    NVME_STATE_ZSRO = 13,
    NVME_STATE_ZSF = 14,
    NVME_STATE_ZSO = 15,
} ZONE_STATE;

/* Zone management send. */
typedef enum {
    NVME_ZONE_SEND_CLOSE = 0x01,
    NVME_ZONE_SEND_FINISH = 0x02,
    NVME_ZONE_SEND_OPEN = 0x03,
    NVME_ZONE_SEND_RESET = 0x04,
    NVME_ZONE_SEND_OFFLINE = 0x05,
    NVME_ZONE_SEND_SET_ZONE_DESCRIPTOR = 0x10,
} NVME_ZONE_SEND_ACTION;

/* Dwords 10 and 11 together. */
typedef struct {
    ULONGLONG SLBA; /* first block of the zone */
} NVME_CDW10_ZONE_MANAGEMENT_SEND, *PNVME_CDW10_ZONE_MANAGEMENT_SEND;

typedef union {
    struct {
        ULONG ZSA : 8; /* NVME_ZONE_SEND_ACTION */
        ULONG SelectAll : 1;
        ULONG Reserved : 23;
    };
    ULONG AsUlong;
} NVME_CDW13_ZONE_MANAGEMENT_SEND, *PNVME_CDW13_ZONE_MANAGEMENT_SEND;

/* Zone management receive. */
typedef enum {
    NVME_ZONE_RECEIVE_REPORT_ZONES = 0,
    NVME_ZONE_RECEIVE_EXTENDED_REPORT_ZONES = 1,
} NVME_ZONE_RECEIVE_ACTION;

typedef enum {
    NVME_ZRA_ALL_ZONES = 0,
    NVME_ZRA_EMPTY_STATE_ZONES = 1,
    NVME_ZRA_IO_STATE_ZONES = 2,
    NVME_ZRA_EO_STATE_ZONES = 3,
    NVME_ZRA_CLOSED_STATE_ZONES = 4,
    NVME_ZRA_FULL_STATE_ZONES = 5,
    NVME_ZRA_RO_STATE_ZONES = 6,
    NVME_ZRA_OFFLINE_STATE_ZONES = 7,
} NVME_ZONE_RECEIVE_ACTION_SPECIFIC;

/* Dwords 10 and 11 together. */
typedef struct {
    ULONGLONG SLBA;
} NVME_CDW10_ZONE_MANAGEMENT_RECEIVE, *PNVME_CDW10_ZONE_MANAGEMENT_RECEIVE;

typedef union {
    struct {
        ULONG ZRA : 8;         /* NVME_ZONE_RECEIVE_ACTION */
        ULONG ZRASpecific : 8; /* NVME_ZONE_RECEIVE_ACTION_SPECIFIC */
        ULONG Partial : 1;     /* count only the zones that fit */
        ULONG Reserved : 15;
    };
    ULONG AsUlong;
} NVME_CDW13_ZONE_MANAGEMENT_RECEIVE, *PNVME_CDW13_ZONE_MANAGEMENT_RECEIVE;

typedef struct {
    USHORT ZT : 4; /* zone type; 2: sequential write required */
    USHORT Reserved1 : 4;
    USHORT Reserved2 : 4;
    USHORT ZS : 4; /* ZONE_STATE */
    struct {
        UCHAR ZFC : 1; /* finished by the controller */
        UCHAR FZR : 1; /* finish recommended */
        UCHAR RZR : 1; /* reset recommended */
        UCHAR Reserved : 4;
        UCHAR ZDEV : 1; /* the descriptor extension is valid */
    } ZA;
    UCHAR Reserved3[5];
    ULONGLONG ZCAP;  /* capacity, in blocks */
    ULONGLONG ZSLBA; /* first block */
    ULONGLONG WritePointer;
    UCHAR Reserved4[32];
} NVME_ZONE_DESCRIPTOR, *PNVME_ZONE_DESCRIPTOR;

typedef struct {
    ULONGLONG ZoneCount;
    UCHAR Reserved[56];
    NVME_ZONE_DESCRIPTOR ZoneDescriptor[ANYSIZE_ARRAY];
} NVME_REPORT_ZONE_INFO, *PNVME_REPORT_ZONE_INFO;

typedef struct {
    UCHAR ZoneDescriptorExtensionInfo[64];
} NVME_ZONE_DESCRIPTOR_EXTENSION, *PNVME_ZONE_DESCRIPTOR_EXTENSION;

typedef struct {
    NVME_ZONE_DESCRIPTOR ZoneDescriptor;
    NVME_ZONE_DESCRIPTOR_EXTENSION ZoneDescriptorExtension[ANYSIZE_ARRAY];
} NVME_ZONE_EXTENDED_REPORT_ZONE_DESC, *PNVME_ZONE_EXTENDED_REPORT_ZONE_DESC;

typedef struct {
    ULONGLONG ZoneCount;
    UCHAR Reserved[56];
    NVME_ZONE_EXTENDED_REPORT_ZONE_DESC Desc[ANYSIZE_ARRAY];
} NVME_EXTENDED_REPORT_ZONE_INFO, *PNVME_EXTENDED_REPORT_ZONE_INFO;

/* Zone append. Dwords 10 and 11 together. */
typedef struct {
    ULONGLONG SLBA;
} NVME_CDW10_ZONE_APPEND, *PNVME_CDW10_ZONE_APPEND;

typedef union {
    struct {
        ULONG NLB : 16; /* blocks, less one */
        ULONG Reserved : 9;
        ULONG PIREMAP : 1;
        ULONG PRINFO : 4;
        ULONG FUA : 1;
        ULONG LR : 1;
    };
    ULONG AsUlong;
} NVME_CDW12_ZONE_APPEND, *PNVME_CDW12_ZONE_APPEND;

typedef union {
    struct {
        ULONG LBAT : 16;
        ULONG LBATM : 16;
    };
    ULONG AsUlong;
} NVME_CDW15_ZONE_APPEND, *PNVME_CDW15_ZONE_APPEND;

#endif /* WDK_NVME_ZONED_H */

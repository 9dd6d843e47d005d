/*
 * Zoned devices: what the report zones command is asked and returns.
 */
#ifndef WDK_ATA_ZONED_H
#define WDK_ATA_ZONED_H

#include "../ntdef.h"

/* Bytes of a device: no member is aligned. */
#pragma pack(push, 1)

/* Which zones to report. */
#define ATA_REPORT_ZONES_OPTION_LIST_ALL_ZONES                                   0x0
#define ATA_REPORT_ZONES_OPTION_LIST_EMPTY_ZONES                                 0x1
#define ATA_REPORT_ZONES_OPTION_LIST_IMPLICITLY_OPENED_ZONES                     0x2
#define ATA_REPORT_ZONES_OPTION_LIST_EXPLICITLY_OPENED_ZONES                     0x3
#define ATA_REPORT_ZONES_OPTION_LIST_CLOSED_ZONES                                0x4
#define ATA_REPORT_ZONES_OPTION_LIST_FULL_ZONES                                  0x5
#define ATA_REPORT_ZONES_OPTION_LIST_READ_ONLY_ZONES                             0x6
#define ATA_REPORT_ZONES_OPTION_LIST_OFFLINE_ZONES                               0x7
#define ATA_REPORT_ZONES_OPTION_LIST_RWP_ZONES                                   0x10
#define ATA_REPORT_ZONES_OPTION_LIST_NON_SEQUENTIAL_WRITE_RESOURCES_ACTIVE_ZONES 0x11
#define ATA_REPORT_ZONES_OPTION_LIST_NOT_WRITE_POINTER_ZONES                     0x3F

/* REPORT_ZONES_EXT_DATA.SAME: how alike the zones are. */
#define ATA_ZONES_TYPE_AND_LENGTH_MAY_DIFFERENT        0x0
#define ATA_ZONES_TYPE_SAME_LENGTH_SAME                0x1
#define ATA_ZONES_TYPE_SAME_LAST_ZONE_LENGTH_DIFFERENT 0x2
#define ATA_ZONES_TYPE_MAY_DIFFERENT_LENGTH_SAME       0x3

/* The head of the list. */
typedef struct _REPORT_ZONES_EXT_DATA {
    ULONG ZoneListLength; /* bytes of descriptors */
    UCHAR SAME : 4;
    UCHAR Reserved0 : 4;
    UCHAR Reserved1[3];
    ULONGLONG MaxLBA : 48;
    ULONGLONG Reserved2 : 16;
    UCHAR Reserved3[48];
} REPORT_ZONES_EXT_DATA, *PREPORT_ZONES_EXT_DATA;

/* ATA_ZONE_DESCRIPTOR.ZoneType. */
#define ATA_ZONE_TYPE_CONVENTIONAL               0x1
#define ATA_ZONE_TYPE_SEQUENTIAL_WRITE_REQUIRED  0x2
#define ATA_ZONE_TYPE_SEQUENTIAL_WRITE_PREFERRED 0x3

/* ATA_ZONE_DESCRIPTOR.ZoneCondition. */
#define ATA_ZONE_CONDITION_NOT_WRITE_POINTER 0x0
#define ATA_ZONE_CONDITION_EMPTY             0x1
#define ATA_ZONE_CONDITION_IMPLICITLY_OPENED 0x2
#define ATA_ZONE_CONDITION_EXPLICITLY_OPENED 0x3
#define ATA_ZONE_CONDITION_CLOSED            0x4
#define ATA_ZONE_CONDITION_READ_ONLY         0xD
#define ATA_ZONE_CONDITION_FULL              0xE
#define ATA_ZONE_CONDITION_OFFLINE           0xF

typedef struct _ATA_ZONE_DESCRIPTOR {
    USHORT ZoneType : 4;
    USHORT Reserved0 : 4;
    USHORT Reset : 1;
    USHORT NonSeq : 1;
    USHORT Reserved1 : 2;
    USHORT ZoneCondition : 4;
    UCHAR Reserved2[6];
    ULONGLONG ZoneLength : 48; /* in blocks */
    ULONGLONG Reserved3 : 16;
    ULONGLONG ZoneStartLBA : 48;
    ULONGLONG Reserved4 : 16;
    ULONGLONG WritePointerLBA : 48;
    ULONGLONG Reserved5 : 16;
    UCHAR Reserved6[32];
} ATA_ZONE_DESCRIPTOR, *PATA_ZONE_DESCRIPTOR;

#pragma pack(pop)

#endif /* WDK_ATA_ZONED_H */

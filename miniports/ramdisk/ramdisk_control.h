/*
 * What an application can ask this driver for with IOCTL_SCSI_MINIPORT, to the adapter or a unit.
 */
#ifndef RAMDISK_CONTROL_H
#define RAMDISK_CONTROL_H

#define RAMDISK_CONTROL_SIGNATURE "RAMDISK "
#define RAMDISK_CONTROL_DESCRIBE  1 /* returns a RAMDISK_DESCRIPTION */

/* ReturnCode of the SRB_IO_CONTROL. */
#define RAMDISK_CONTROL_GOOD      0
#define RAMDISK_CONTROL_UNKNOWN   1 /* no such control code */
#define RAMDISK_CONTROL_TOO_SMALL 2 /* the answer does not fit */

typedef struct _RAMDISK_DESCRIPTION {
    unsigned int UnitCount;
    unsigned int BlockSize;
    unsigned long long BlockCount; /* of each unit */
} RAMDISK_DESCRIPTION;

#endif

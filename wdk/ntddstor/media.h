/*
 * Removable media and device numbers: what the volume and class drivers ask a disk, tape or optical
 * drive about the medium in it.
 */
#ifndef WDK_NTDDSTOR_MEDIA_H
#define WDK_NTDDSTOR_MEDIA_H

#include "../guiddef.h"
#include "../ntdef.h"
#include "bus_type.h"

/* Input of IOCTL_STORAGE_MEDIA_REMOVAL and IOCTL_STORAGE_EJECTION_CONTROL. */
typedef struct _PREVENT_MEDIA_REMOVAL {
    BOOLEAN PreventMediaRemoval;
} PREVENT_MEDIA_REMOVAL, *PPREVENT_MEDIA_REMOVAL;

/* Data of the event that reports a change of medium. */
typedef struct _CLASS_MEDIA_CHANGE_CONTEXT {
    ULONG MediaChangeCount;
    ULONG NewState;
} CLASS_MEDIA_CHANGE_CONTEXT, *PCLASS_MEDIA_CHANGE_CONTEXT;

/* Output of IOCTL_STORAGE_GET_MEDIA_SERIAL_NUMBER. */
typedef struct _STORAGE_MEDIA_SERIAL_NUMBER_DATA {
    USHORT Reserved;
    USHORT SerialNumberLength;
    UCHAR SerialNumber[];
} STORAGE_MEDIA_SERIAL_NUMBER_DATA, *PSTORAGE_MEDIA_SERIAL_NUMBER_DATA;

/* What may be removed while the system runs. */
typedef struct _STORAGE_HOTPLUG_INFO {
    ULONG Size; /* sizeof(STORAGE_HOTPLUG_INFO) */
    BOOLEAN MediaRemovable;
    BOOLEAN MediaHotplug;
    BOOLEAN DeviceHotplug;
    BOOLEAN WriteCacheEnableOverride;
} STORAGE_HOTPLUG_INFO, *PSTORAGE_HOTPLUG_INFO;

/* Media types that MEDIA_TYPE of the disk headers does not have. */
typedef enum _STORAGE_MEDIA_TYPE {
    DDS_4mm = 0x20,
    MiniQic = 0x21,
    Travan = 0x22,
    QIC = 0x23,
    MP_8mm = 0x24,
    AME_8mm = 0x25,
    AIT1_8mm = 0x26,
    DLT = 0x27,
    NCTP = 0x28,
    IBM_3480 = 0x29,
    IBM_3490E = 0x2A,
    IBM_Magstar_3590 = 0x2B,
    IBM_Magstar_MP = 0x2C,
    STK_DATA_D3 = 0x2D,
    SONY_DTF = 0x2E,
    DV_6mm = 0x2F,
    DMI = 0x30,
    SONY_D2 = 0x31,
    CLEANER_CARTRIDGE = 0x32,
    CD_ROM = 0x33,
    CD_R = 0x34,
    CD_RW = 0x35,
    DVD_ROM = 0x36,
    DVD_R = 0x37,
    DVD_RW = 0x38,
    MO_3_RW = 0x39,
    MO_5_WO = 0x3A,
    MO_5_RW = 0x3B,
    MO_5_LIMDOW = 0x3C,
    PC_5_WO = 0x3D,
    PC_5_RW = 0x3E,
    PD_5_RW = 0x3F,
    ABL_5_WO = 0x40,
    PINNACLE_APEX_5_RW = 0x41,
    SONY_12_WO = 0x42,
    PHILIPS_12_WO = 0x43,
    HITACHI_12_WO = 0x44,
    CYGNET_12_WO = 0x45,
    KODAK_14_WO = 0x46,
    MO_NFR_525 = 0x47,
    NIKON_12_RW = 0x48,
    IOMEGA_ZIP = 0x49,
    IOMEGA_JAZ = 0x4A,
    SYQUEST_EZ135 = 0x4B,
    SYQUEST_EZFLYER = 0x4C,
    SYQUEST_SYJET = 0x4D,
    AVATAR_F2 = 0x4E,
    MP2_8mm = 0x4F,
    DST_S = 0x50,
    DST_M = 0x51,
    DST_L = 0x52,
    VXATape_1 = 0x53,
    VXATape_2 = 0x54,
    STK_9840 = 0x55,
    LTO_Ultrium = 0x56,
    LTO_Accelis = 0x57,
    DVD_RAM = 0x58,
    AIT_8mm = 0x59,
    ADR_1 = 0x5A,
    ADR_2 = 0x5B,
    STK_9940 = 0x5C,
    SAIT = 0x5D,
    VXATape = 0x5E
} STORAGE_MEDIA_TYPE;
typedef STORAGE_MEDIA_TYPE *PSTORAGE_MEDIA_TYPE;

/* Characteristics of a medium. */
#define MEDIA_ERASEABLE         0x1
#define MEDIA_WRITE_ONCE        0x2
#define MEDIA_READ_ONLY         0x4
#define MEDIA_READ_WRITE        0x8
#define MEDIA_WRITE_PROTECTED   0x100
#define MEDIA_CURRENTLY_MOUNTED 0x80000000

/* One medium that a drive accepts, or the one that is in it. */
typedef struct _DEVICE_MEDIA_INFO {
    union {
        struct {
            LARGE_INTEGER Cylinders;
            STORAGE_MEDIA_TYPE MediaType;
            ULONG TracksPerCylinder;
            ULONG SectorsPerTrack;
            ULONG BytesPerSector;
            ULONG NumberMediaSides;
            ULONG MediaCharacteristics;
        } DiskInfo;
        struct {
            LARGE_INTEGER Cylinders;
            STORAGE_MEDIA_TYPE MediaType;
            ULONG TracksPerCylinder;
            ULONG SectorsPerTrack;
            ULONG BytesPerSector;
            ULONG NumberMediaSides;
            ULONG MediaCharacteristics;
        } RemovableDiskInfo;
        struct {
            STORAGE_MEDIA_TYPE MediaType;
            ULONG MediaCharacteristics;
            ULONG CurrentBlockSize;
            STORAGE_BUS_TYPE BusType;
            struct {
                struct {
                    UCHAR MediumType;
                    UCHAR DensityCode;
                } ScsiInformation;
            } BusSpecificData;
        } TapeInfo;
    } DeviceSpecific;
} DEVICE_MEDIA_INFO, *PDEVICE_MEDIA_INFO;

/* Output of IOCTL_STORAGE_GET_MEDIA_TYPES_EX. */
typedef struct _GET_MEDIA_TYPES {
    ULONG DeviceType; /* FILE_DEVICE_XXX */
    ULONG MediaInfoCount;
    DEVICE_MEDIA_INFO MediaInfo[1];
} GET_MEDIA_TYPES, *PGET_MEDIA_TYPES;

/* Statistics of a tape drive. */
#define TAPE_RETURN_STATISTICS 0x0
#define TAPE_RETURN_ENV_INFO   0x1
#define TAPE_RESET_STATISTICS  0x2

#define RECOVERED_WRITES_VALID       0x1
#define UNRECOVERED_WRITES_VALID     0x2
#define RECOVERED_READS_VALID        0x4
#define UNRECOVERED_READS_VALID      0x8
#define WRITE_COMPRESSION_INFO_VALID 0x10
#define READ_COMPRESSION_INFO_VALID  0x20

typedef struct _TAPE_GET_STATISTICS {
    ULONG Operation;
} TAPE_GET_STATISTICS, *PTAPE_GET_STATISTICS;

typedef struct _TAPE_STATISTICS {
    ULONG Version;
    ULONG Flags;
    LARGE_INTEGER RecoveredWrites;
    LARGE_INTEGER UnrecoveredWrites;
    LARGE_INTEGER RecoveredReads;
    LARGE_INTEGER UnrecoveredReads;
    UCHAR CompressionRatioReads;
    UCHAR CompressionRatioWrites;
} TAPE_STATISTICS, *PTAPE_STATISTICS;

/* Output of IOCTL_STORAGE_GET_DEVICE_NUMBER: a name that is unique while the device exists. */
typedef struct _STORAGE_DEVICE_NUMBER {
    ULONG DeviceType; /* FILE_DEVICE_XXX */
    ULONG DeviceNumber;
    ULONG PartitionNumber; /* all ones: not a partition */
} STORAGE_DEVICE_NUMBER, *PSTORAGE_DEVICE_NUMBER;

typedef struct _STORAGE_DEVICE_NUMBERS {
    ULONG Version;
    ULONG Size;
    ULONG NumberOfDevices;
    STORAGE_DEVICE_NUMBER Devices[ANYSIZE_ARRAY];
} STORAGE_DEVICE_NUMBERS, *PSTORAGE_DEVICE_NUMBERS;

/* Output of IOCTL_STORAGE_GET_DEVICE_NUMBER_EX. */
#define STORAGE_DEVICE_FLAGS_RANDOM_DEVICEGUID_REASON_CONFLICT 0x1
#define STORAGE_DEVICE_FLAGS_RANDOM_DEVICEGUID_REASON_NOHWID   0x2
#define STORAGE_DEVICE_FLAGS_PAGE_83_DEVICEGUID                0x4

typedef struct _STORAGE_DEVICE_NUMBER_EX {
    ULONG Version;
    ULONG Size;
    ULONG Flags;
    ULONG DeviceType;
    ULONG DeviceNumber;
    GUID DeviceGuid;
    ULONG PartitionNumber;
} STORAGE_DEVICE_NUMBER_EX, *PSTORAGE_DEVICE_NUMBER_EX;

/* Input of IOCTL_STORAGE_RESET_BUS. */
typedef struct _STORAGE_BUS_RESET_REQUEST {
    UCHAR PathId;
} STORAGE_BUS_RESET_REQUEST, *PSTORAGE_BUS_RESET_REQUEST;

/* Input of IOCTL_STORAGE_BREAK_RESERVATION. */
typedef struct {
    ULONG Length;
    UCHAR _unused;
    UCHAR PathId;
    UCHAR TargetId;
    UCHAR Lun;
} STORAGE_BREAK_RESERVATION_REQUEST, *PSTORAGE_BREAK_RESERVATION_REQUEST;

/* Output of IOCTL_STORAGE_READ_CAPACITY. */
typedef struct _STORAGE_READ_CAPACITY {
    ULONG Version;
    ULONG Size;
    ULONG BlockLength; /* in bytes */
    LARGE_INTEGER NumberOfBlocks;
    LARGE_INTEGER DiskLength; /* in bytes */
} STORAGE_READ_CAPACITY, *PSTORAGE_READ_CAPACITY;

/* Input of IOCTL_STORAGE_PERSISTENT_RESERVE_IN and _OUT, after the SCSI commands of that name. */
typedef struct _PERSISTENT_RESERVE_COMMAND {
    ULONG Version;
    ULONG Size;
    union {
        struct {
            UCHAR ServiceAction : 5;
            UCHAR Reserved1 : 3;
            USHORT AllocationLength;
        } PR_IN;
        struct {
            USHORT ServiceAction : 5;
            USHORT Reserved1 : 3;
            USHORT Type : 4;
            USHORT Scope : 4;
            UCHAR ParameterList[0];
        } PR_OUT;
    };
} PERSISTENT_RESERVE_COMMAND, *PPERSISTENT_RESERVE_COMMAND;

#endif /* WDK_NTDDSTOR_MEDIA_H */

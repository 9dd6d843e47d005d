/*
 * Data and mode pages of CD and DVD drives and of medium changers.
 */
#ifndef WDK_STORAGE_SCSI_MULTIMEDIA_H
#define WDK_STORAGE_SCSI_MULTIMEDIA_H

#include "../ntdef.h"

#pragma pack(push, 1)
/* Audio. */
typedef struct _PORT_OUTPUT {
    UCHAR ChannelSelection;
    UCHAR Volume;
} PORT_OUTPUT, *PPORT_OUTPUT;

typedef struct _AUDIO_OUTPUT {
    UCHAR CodePage;
    UCHAR ParameterLength;
    UCHAR Immediate;
    UCHAR Reserved[2];
    UCHAR LbaFormat;
    UCHAR LogicalBlocksPerSecond[2];
    PORT_OUTPUT PortOutput[4];
} AUDIO_OUTPUT, *PAUDIO_OUTPUT;

#define CDDA_CHANNEL_MUTED 0x00
#define CDDA_CHANNEL_ONE   0x02
#define CDDA_CHANNEL_THREE 0x08
#define CDDA_CHANNEL_TWO   0x04
#define CDDA_CHANNEL_ZERO  0x01
typedef struct _CDDA_OUTPUT_PORT {
    UCHAR ChannelSelection : 4;
    UCHAR Reserved : 4;
    UCHAR Volume;
} CDDA_OUTPUT_PORT, *PCDDA_OUTPUT_PORT;

typedef struct _CDAUDIO_CONTROL_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved : 1;
    UCHAR PSBit : 1;
    UCHAR PageLength;
    UCHAR Reserved2 : 1;
    UCHAR StopOnTrackCrossing : 1;
    UCHAR Immediate : 1;
    UCHAR Reserved3 : 5;
    UCHAR Reserved4[3];
    UCHAR Obsolete[2];
    CDDA_OUTPUT_PORT CDDAOutputPorts[4];
} CDAUDIO_CONTROL_PAGE, *PCDAUDIO_CONTROL_PAGE;

/* Mode pages. */
typedef struct _MODE_CDROM_WRITE_PARAMETERS_PAGE {
    UCHAR PageLength;
    UCHAR WriteType : 4;
    UCHAR TestWrite : 1;
    UCHAR LinkSizeValid : 1;
    UCHAR BufferUnderrunFreeEnabled : 1;
    UCHAR Reserved2 : 1;
    UCHAR TrackMode : 4;
    UCHAR Copy : 1;
    UCHAR FixedPacket : 1;
    UCHAR MultiSession : 2;
    UCHAR DataBlockType : 4;
    UCHAR Reserved3 : 4;
    UCHAR LinkSize;
    UCHAR Reserved4;
    UCHAR HostApplicationCode : 6;
    UCHAR Reserved5 : 2;
    UCHAR SessionFormat;
    UCHAR Reserved6;
    UCHAR PacketSize[4];
    UCHAR AudioPauseLength[2];
    UCHAR Reserved7 : 7;
    UCHAR MediaCatalogNumberValid : 1;
    UCHAR MediaCatalogNumber[13];
    UCHAR MediaCatalogNumberZero;
    UCHAR MediaCatalogNumberAFrame;
    UCHAR Reserved8 : 7;
    UCHAR ISRCValid : 1;
    UCHAR ISRCCountry[2];
    UCHAR ISRCOwner[3];
    UCHAR ISRCRecordingYear[2];
    UCHAR ISRCSerialNumber[5];
    UCHAR ISRCZero;
    UCHAR ISRCAFrame;
    UCHAR ISRCReserved;
    UCHAR SubHeaderData[4];
} MODE_CDROM_WRITE_PARAMETERS_PAGE, *PMODE_CDROM_WRITE_PARAMETERS_PAGE;

typedef struct _MODE_CDROM_WRITE_PARAMETERS_PAGE2 {
    UCHAR PageCode : 6;
    UCHAR Reserved : 1;
    UCHAR PageSavable : 1;
    UCHAR PageLength;
    UCHAR WriteType : 4;
    UCHAR TestWrite : 1;
    UCHAR LinkSizeValid : 1;
    UCHAR BufferUnderrunFreeEnabled : 1;
    UCHAR Reserved2 : 1;
    UCHAR TrackMode : 4;
    UCHAR Copy : 1;
    UCHAR FixedPacket : 1;
    UCHAR MultiSession : 2;
    UCHAR DataBlockType : 4;
    UCHAR Reserved3 : 4;
    UCHAR LinkSize;
    UCHAR Reserved4;
    UCHAR HostApplicationCode : 6;
    UCHAR Reserved5 : 2;
    UCHAR SessionFormat;
    UCHAR Reserved6;
    UCHAR PacketSize[4];
    UCHAR AudioPauseLength[2];
    UCHAR MediaCatalogNumber[16];
    UCHAR ISRC[16];
    UCHAR SubHeaderData[4];
} MODE_CDROM_WRITE_PARAMETERS_PAGE2, *PMODE_CDROM_WRITE_PARAMETERS_PAGE2;

typedef struct _CDVD_FEATURE_SET_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved : 1;
    UCHAR PSBit : 1;
    UCHAR PageLength;
    UCHAR CDAudio[2];
    UCHAR EmbeddedChanger[2];
    UCHAR PacketSMART[2];
    UCHAR PersistantPrevent[2];
    UCHAR EventStatusNotification[2];
    UCHAR DigitalOutput[2];
    UCHAR CDSequentialRecordable[2];
    UCHAR DVDSequentialRecordable[2];
    UCHAR RandomRecordable[2];
    UCHAR KeyExchange[2];
    UCHAR Reserved2[2];
} CDVD_FEATURE_SET_PAGE, *PCDVD_FEATURE_SET_PAGE;

typedef struct _CDVD_INACTIVITY_TIMEOUT_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved : 1;
    UCHAR PSBit : 1;
    UCHAR PageLength;
    UCHAR Reserved2[2];
    UCHAR SWPP : 1;
    UCHAR DISP : 1;
    UCHAR Reserved3 : 6;
    UCHAR Reserved4;
    UCHAR GroupOneMinimumTimeout[2];
    UCHAR GroupTwoMinimumTimeout[2];
} CDVD_INACTIVITY_TIMEOUT_PAGE, *PCDVD_INACTIVITY_TIMEOUT_PAGE;

typedef struct _CDVD_CAPABILITIES_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved : 1;
    UCHAR PSBit : 1;
    UCHAR PageLength;
    UCHAR CDRRead : 1;
    UCHAR CDERead : 1;
    UCHAR Method2 : 1;
    UCHAR DVDROMRead : 1;
    UCHAR DVDRRead : 1;
    UCHAR DVDRAMRead : 1;
    UCHAR Reserved2 : 2;
    UCHAR CDRWrite : 1;
    UCHAR CDEWrite : 1;
    UCHAR TestWrite : 1;
    UCHAR Reserved3 : 1;
    UCHAR DVDRWrite : 1;
    UCHAR DVDRAMWrite : 1;
    UCHAR Reserved4 : 2;
    UCHAR AudioPlay : 1;
    UCHAR Composite : 1;
    UCHAR DigitalPortOne : 1;
    UCHAR DigitalPortTwo : 1;
    UCHAR Mode2Form1 : 1;
    UCHAR Mode2Form2 : 1;
    UCHAR MultiSession : 1;
    UCHAR BufferUnderrunFree : 1;
    UCHAR CDDA : 1;
    UCHAR CDDAAccurate : 1;
    UCHAR RWSupported : 1;
    UCHAR RWDeinterleaved : 1;
    UCHAR C2Pointers : 1;
    UCHAR ISRC : 1;
    UCHAR UPC : 1;
    UCHAR ReadBarCodeCapable : 1;
    UCHAR Lock : 1;
    UCHAR LockState : 1;
    UCHAR PreventJumper : 1;
    UCHAR Eject : 1;
    UCHAR Reserved6 : 1;
    UCHAR LoadingMechanismType : 3;
    UCHAR SeparateVolume : 1;
    UCHAR SeperateChannelMute : 1;
    UCHAR SupportsDiskPresent : 1;
    UCHAR SWSlotSelection : 1;
    UCHAR SideChangeCapable : 1;
    UCHAR RWInLeadInReadable : 1;
    UCHAR Reserved7 : 2;
    union {
        UCHAR ReadSpeedMaximum[2];
        UCHAR ObsoleteReserved[2];
    };
    UCHAR NumberVolumeLevels[2];
    UCHAR BufferSize[2];
    union {
        UCHAR ReadSpeedCurrent[2];
        UCHAR ObsoleteReserved2[2];
    };
    UCHAR ObsoleteReserved3;
    UCHAR Reserved8 : 1;
    UCHAR BCK : 1;
    UCHAR RCK : 1;
    UCHAR LSBF : 1;
    UCHAR Length : 2;
    UCHAR Reserved9 : 2;
    union {
        UCHAR WriteSpeedMaximum[2];
        UCHAR ObsoleteReserved4[2];
    };
    union {
        UCHAR WriteSpeedCurrent[2];
        UCHAR ObsoleteReserved11[2];
    };
    union {
        UCHAR CopyManagementRevision[2];
        UCHAR Reserved10[2];
    };
} CDVD_CAPABILITIES_PAGE, *PCDVD_CAPABILITIES_PAGE;

#define CDVD_LMT_CADDY                       0x00
#define CDVD_LMT_CHANGER_CARTRIDGE           0x05
#define CDVD_LMT_CHANGER_INDIVIDUAL          0x04
#define CDVD_LMT_POPUP                       0x02
#define CDVD_LMT_RESERVED1                   0x03
#define CDVD_LMT_RESERVED2                   0x06
#define CDVD_LMT_RESERVED3                   0x07
#define CDVD_LMT_TRAY                        0x01
#define LOADING_MECHANISM_CADDY              0x00
#define LOADING_MECHANISM_CARTRIDGE_CHANGER  0x05
#define LOADING_MECHANISM_INDIVIDUAL_CHANGER 0x04
#define LOADING_MECHANISM_POPUP              0x02
#define LOADING_MECHANISM_TRAY               0x01

/* Mechanism status. */
typedef struct _SLOT_TABLE_INFORMATION {
    UCHAR DiscChanged : 1;
    UCHAR Reserved : 6;
    UCHAR DiscPresent : 1;
    UCHAR Reserved2[3];
} SLOT_TABLE_INFORMATION, *PSLOT_TABLE_INFORMATION;

typedef struct _MECHANICAL_STATUS_INFORMATION_HEADER {
    UCHAR CurrentSlot : 5;
    UCHAR ChangerState : 2;
    UCHAR Fault : 1;
    UCHAR Reserved : 5;
    UCHAR MechanismState : 3;
    UCHAR CurrentLogicalBlockAddress[3];
    UCHAR NumberAvailableSlots;
    UCHAR SlotTableLength[2];
} MECHANICAL_STATUS_INFORMATION_HEADER, *PMECHANICAL_STATUS_INFORMATION_HEADER;

typedef struct _MECHANICAL_STATUS {
    MECHANICAL_STATUS_INFORMATION_HEADER MechanicalStatusHeader;
    SLOT_TABLE_INFORMATION SlotTableInfo[1];
} MECHANICAL_STATUS, *PMECHANICAL_STATUS;

/* Discs and tracks. */
#define DISK_STATUS_COMPLETE           0x02
#define DISK_STATUS_EMPTY              0x00
#define DISK_STATUS_INCOMPLETE         0x01
#define DISK_STATUS_OTHERS             0x03
#define LAST_SESSION_COMPLETE          0x03
#define LAST_SESSION_EMPTY             0x00
#define LAST_SESSION_INCOMPLETE        0x01
#define LAST_SESSION_RESERVED_DAMAGED  0x02
#define DISK_TYPE_CDDA                 0x00
#define DISK_TYPE_CDI                  0x10
#define DISK_TYPE_UNDEFINED            0xFF
#define DISK_TYPE_XA                   0x20
#define DISC_BGFORMAT_STATE_COMPLETE   0x03
#define DISC_BGFORMAT_STATE_INCOMPLETE 0x01
#define DISC_BGFORMAT_STATE_NONE       0x00
#define DISC_BGFORMAT_STATE_RUNNING    0x02
#define DATA_BLOCK_MODE0               0x00
#define DATA_BLOCK_MODE1               0x01
#define DATA_BLOCK_MODE2               0x02
typedef struct _OPC_TABLE_ENTRY {
    UCHAR Speed[2];
    UCHAR OPCValue[6];
} OPC_TABLE_ENTRY, *POPC_TABLE_ENTRY;

typedef struct _DISC_INFORMATION {
    UCHAR Length[2];
    UCHAR DiscStatus : 2;
    UCHAR LastSessionStatus : 2;
    UCHAR Erasable : 1;
    UCHAR Reserved1 : 3;
    UCHAR FirstTrackNumber;
    UCHAR NumberOfSessionsLsb;
    UCHAR LastSessionFirstTrackLsb;
    UCHAR LastSessionLastTrackLsb;
    UCHAR MrwStatus : 2;
    UCHAR MrwDirtyBit : 1;
    UCHAR Reserved2 : 2;
    UCHAR URU : 1;
    UCHAR DBC_V : 1;
    UCHAR DID_V : 1;
    UCHAR DiscType;
    UCHAR NumberOfSessionsMsb;
    UCHAR LastSessionFirstTrackMsb;
    UCHAR LastSessionLastTrackMsb;
    UCHAR DiskIdentification[4];
    UCHAR LastSessionLeadIn[4];
    UCHAR LastPossibleLeadOutStartTime[4];
    UCHAR DiskBarCode[8];
    UCHAR Reserved4;
    UCHAR NumberOPCEntries;
    OPC_TABLE_ENTRY OPCTable[1];
} DISC_INFORMATION, *PDISC_INFORMATION;

typedef struct _DISK_INFORMATION {
    UCHAR Length[2];
    UCHAR DiskStatus : 2;
    UCHAR LastSessionStatus : 2;
    UCHAR Erasable : 1;
    UCHAR Reserved1 : 3;
    UCHAR FirstTrackNumber;
    UCHAR NumberOfSessions;
    UCHAR LastSessionFirstTrack;
    UCHAR LastSessionLastTrack;
    UCHAR Reserved2 : 5;
    UCHAR GEN : 1;
    UCHAR DBC_V : 1;
    UCHAR DID_V : 1;
    UCHAR DiskType;
    UCHAR Reserved3[3];
    UCHAR DiskIdentification[4];
    UCHAR LastSessionLeadIn[4];
    UCHAR LastPossibleStartTime[4];
    UCHAR DiskBarCode[8];
    UCHAR Reserved4;
    UCHAR NumberOPCEntries;
    OPC_TABLE_ENTRY OPCTable[0];
} DISK_INFORMATION, *PDISK_INFORMATION;

typedef struct _DATA_BLOCK_HEADER {
    UCHAR DataMode;
    UCHAR Reserved[4];
    union {
        UCHAR LogicalBlockAddress[4];
        struct {
            UCHAR Reserved;
            UCHAR M;
            UCHAR S;
            UCHAR F;
        } MSF;
    };
} DATA_BLOCK_HEADER, *PDATA_BLOCK_HEADER;

typedef struct _TRACK_INFORMATION {
    UCHAR Length[2];
    UCHAR TrackNumber;
    UCHAR SessionNumber;
    UCHAR Reserved1;
    UCHAR TrackMode : 4;
    UCHAR Copy : 1;
    UCHAR Damage : 1;
    UCHAR Reserved2 : 2;
    UCHAR DataMode : 4;
    UCHAR FP : 1;
    UCHAR Packet : 1;
    UCHAR Blank : 1;
    UCHAR RT : 1;
    UCHAR NWA_V : 1;
    UCHAR Reserved3 : 7;
    UCHAR TrackStartAddress[4];
    UCHAR NextWritableAddress[4];
    UCHAR FreeBlocks[4];
    UCHAR FixedPacketSize[4];
} TRACK_INFORMATION, *PTRACK_INFORMATION;

typedef struct _TRACK_INFORMATION2 {
    UCHAR Length[2];
    UCHAR TrackNumberLsb;
    UCHAR SessionNumberLsb;
    UCHAR Reserved4;
    UCHAR TrackMode : 4;
    UCHAR Copy : 1;
    UCHAR Damage : 1;
    UCHAR Reserved5 : 2;
    UCHAR DataMode : 4;
    UCHAR FixedPacket : 1;
    UCHAR Packet : 1;
    UCHAR Blank : 1;
    UCHAR ReservedTrack : 1;
    UCHAR NWA_V : 1;
    UCHAR LRA_V : 1;
    UCHAR Reserved6 : 6;
    UCHAR TrackStartAddress[4];
    UCHAR NextWritableAddress[4];
    UCHAR FreeBlocks[4];
    UCHAR FixedPacketSize[4];
    UCHAR TrackSize[4];
    UCHAR LastRecordedAddress[4];
    UCHAR TrackNumberMsb;
    UCHAR SessionNumberMsb;
    UCHAR Reserved7[2];
} TRACK_INFORMATION2, *PTRACK_INFORMATION2;

typedef struct _TRACK_INFORMATION3 {
    UCHAR Length[2];
    UCHAR TrackNumberLsb;
    UCHAR SessionNumberLsb;
    UCHAR Reserved4;
    UCHAR TrackMode : 4;
    UCHAR Copy : 1;
    UCHAR Damage : 1;
    UCHAR Reserved5 : 2;
    UCHAR DataMode : 4;
    UCHAR FixedPacket : 1;
    UCHAR Packet : 1;
    UCHAR Blank : 1;
    UCHAR ReservedTrack : 1;
    UCHAR NWA_V : 1;
    UCHAR LRA_V : 1;
    UCHAR Reserved6 : 6;
    UCHAR TrackStartAddress[4];
    UCHAR NextWritableAddress[4];
    UCHAR FreeBlocks[4];
    UCHAR FixedPacketSize[4];
    UCHAR TrackSize[4];
    UCHAR LastRecordedAddress[4];
    UCHAR TrackNumberMsb;
    UCHAR SessionNumberMsb;
    UCHAR Reserved7[2];
    UCHAR ReadCompatibilityLba[4];
} TRACK_INFORMATION3, *PTRACK_INFORMATION3;

typedef struct _PERFORMANCE_DESCRIPTOR {
    UCHAR RandomAccess : 1;
    UCHAR Exact : 1;
    UCHAR RestoreDefaults : 1;
    UCHAR WriteRotationControl : 2;
    UCHAR Reserved1 : 3;
    UCHAR Reserved[3];
    UCHAR StartLba[4];
    UCHAR EndLba[4];
    UCHAR ReadSize[4];
    UCHAR ReadTime[4];
    UCHAR WriteSize[4];
    UCHAR WriteTime[4];
} PERFORMANCE_DESCRIPTOR, *PPERFORMANCE_DESCRIPTOR;

typedef struct _READ_BUFFER_CAPACITY_DATA {
    UCHAR DataLength[2];
    UCHAR Reserved1;
    UCHAR BlockDataReturned : 1;
    UCHAR Reserved4 : 7;
    UCHAR TotalBufferSize[4];
    UCHAR AvailableBufferSize[4];
} READ_BUFFER_CAPACITY_DATA, *PREAD_BUFFER_CAPACITY_DATA;

/* DVD structures and keys. */
#define DVD_FORMAT_BCA           0x03
#define DVD_FORMAT_COPYRIGHT     0x01
#define DVD_FORMAT_DISK_KEY      0x02
#define DVD_FORMAT_LEAD_IN       0x00
#define DVD_FORMAT_MANUFACTURING 0x04
#define DVD_REPORT_AGID          0x00
#define DVD_CHALLENGE_KEY        0x01
#define DVD_KEY_1                0x02
#define DVD_KEY_2                0x03
#define DVD_TITLE_KEY            0x04
#define DVD_REPORT_ASF           0x05
#define DVD_INVALIDATE_AGID      0x3F
typedef struct _READ_DVD_STRUCTURES_HEADER {
    UCHAR Length[2];
    UCHAR Reserved[2];
    UCHAR Data[0];
} READ_DVD_STRUCTURES_HEADER, *PREAD_DVD_STRUCTURES_HEADER;

typedef struct _CDVD_KEY_HEADER {
    UCHAR DataLength[2];
    UCHAR Reserved[2];
    UCHAR Data[0];
} CDVD_KEY_HEADER, *PCDVD_KEY_HEADER;

typedef struct _CDVD_REPORT_AGID_DATA {
    UCHAR Reserved1[3];
    UCHAR Reserved2 : 6;
    UCHAR AGID : 2;
} CDVD_REPORT_AGID_DATA, *PCDVD_REPORT_AGID_DATA;

typedef struct _CDVD_CHALLENGE_KEY_DATA {
    UCHAR ChallengeKeyValue[10];
    UCHAR Reserved[2];
} CDVD_CHALLENGE_KEY_DATA, *PCDVD_CHALLENGE_KEY_DATA;

typedef struct _CDVD_KEY_DATA {
    UCHAR Key[5];
    UCHAR Reserved[3];
} CDVD_KEY_DATA, *PCDVD_KEY_DATA;

typedef struct _CDVD_REPORT_ASF_DATA {
    UCHAR Reserved1[3];
    UCHAR Success : 1;
    UCHAR Reserved2 : 7;
} CDVD_REPORT_ASF_DATA, *PCDVD_REPORT_ASF_DATA;

typedef struct _CDVD_TITLE_KEY_HEADER {
    UCHAR DataLength[2];
    UCHAR Reserved1[1];
    UCHAR Reserved2 : 3;
    UCHAR CGMS : 2;
    UCHAR CP_SEC : 1;
    UCHAR CPM : 1;
    UCHAR Zero : 1;
    CDVD_KEY_DATA TitleKey;
} CDVD_TITLE_KEY_HEADER, *PCDVD_TITLE_KEY_HEADER;

/* GET EVENT STATUS NOTIFICATION. */
#define NOTIFICATION_BUSY_EVENT_BUSY                     0x01
#define NOTIFICATION_BUSY_EVENT_LO_CHANGE                0x02
#define NOTIFICATION_BUSY_EVENT_NO_CHANGE                0x00
#define NOTIFICATION_BUSY_EVENT_NO_EVENT                 0x00
#define NOTIFICATION_BUSY_STATUS_DEFERRED                0x03
#define NOTIFICATION_BUSY_STATUS_IMMEDIATE               0x02
#define NOTIFICATION_BUSY_STATUS_NO_EVENT                0x00
#define NOTIFICATION_BUSY_STATUS_POWER                   0x01
#define NOTIFICATION_DEVICE_BUSY_CLASS_EVENTS            0x06
#define NOTIFICATION_DEVICE_BUSY_CLASS_MASK              0x40
#define NOTIFICATION_EXTERNAL_EVENT_BUTTON_DOWN          0x01
#define NOTIFICATION_EXTERNAL_EVENT_BUTTON_UP            0x02
#define NOTIFICATION_EXTERNAL_EVENT_EXTERNAL             0x03
#define NOTIFICATION_EXTERNAL_EVENT_NO_CHANGE            0x00
#define NOTIFICATION_EXTERNAL_REQUEST_ASCII_HIGH         0x02FF
#define NOTIFICATION_EXTERNAL_REQUEST_ASCII_LOW          0x0200
#define NOTIFICATION_EXTERNAL_REQUEST_CLASS_EVENTS       0x03
#define NOTIFICATION_EXTERNAL_REQUEST_CLASS_MASK         0x08
#define NOTIFICATION_EXTERNAL_REQUEST_FAST_FORWARD       0x0103
#define NOTIFICATION_EXTERNAL_REQUEST_NONE               0x00
#define NOTIFICATION_EXTERNAL_REQUEST_PAUSE              0x0104
#define NOTIFICATION_EXTERNAL_REQUEST_PLAY               0x0101
#define NOTIFICATION_EXTERNAL_REQUEST_QUEUE_OVERRUN      0x01
#define NOTIFICATION_EXTERNAL_REQUEST_REWIND_BACK        0x0102
#define NOTIFICATION_EXTERNAL_REQUEST_STOP               0x0106
#define NOTIFICATION_EXTERNAL_STATUS_PREVENT             0x01
#define NOTIFICATION_EXTERNAL_STATUS_READY               0x00
#define NOTIFICATION_MEDIA_EVENT_EJECT_REQUEST           0x01
#define NOTIFICATION_MEDIA_EVENT_MEDIA_CHANGE            0x04
#define NOTIFICATION_MEDIA_EVENT_MEDIA_REMOVAL           0x03
#define NOTIFICATION_MEDIA_EVENT_NEW_MEDIA               0x02
#define NOTIFICATION_MEDIA_EVENT_NO_CHANGE               0x00
#define NOTIFICATION_MEDIA_EVENT_NO_EVENT                0x00
#define NOTIFICATION_MEDIA_STATUS_CLASS_EVENTS           0x04
#define NOTIFICATION_MEDIA_STATUS_CLASS_MASK             0x10
#define NOTIFICATION_MULTI_HOST_CLASS_EVENTS             0x05
#define NOTIFICATION_MULTI_HOST_CLASS_MASK               0x20
#define NOTIFICATION_MULTI_HOST_EVENT_CONTROL_GRANT      0x02
#define NOTIFICATION_MULTI_HOST_EVENT_CONTROL_RELEASE    0x03
#define NOTIFICATION_MULTI_HOST_EVENT_CONTROL_REQUEST    0x01
#define NOTIFICATION_MULTI_HOST_EVENT_NO_CHANGE          0x00
#define NOTIFICATION_MULTI_HOST_PRIORITY_HIGH            0x03
#define NOTIFICATION_MULTI_HOST_PRIORITY_LOW             0x01
#define NOTIFICATION_MULTI_HOST_PRIORITY_MEDIUM          0x02
#define NOTIFICATION_MULTI_HOST_PRIORITY_NO_REQUESTS     0x00
#define NOTIFICATION_MULTI_HOST_STATUS_PREVENT           0x01
#define NOTIFICATION_MULTI_HOST_STATUS_READY             0x00
#define NOTIFICATION_NO_CLASS_EVENTS                     0x00
#define NOTIFICATION_OPERATIONAL_CHANGE_CLASS_EVENTS     0x01
#define NOTIFICATION_OPERATIONAL_CHANGE_CLASS_MASK       0x02
#define NOTIFICATION_OPERATIONAL_EVENT_CHANGE_OCCURRED   0x02
#define NOTIFICATION_OPERATIONAL_EVENT_CHANGE_REQUESTED  0x01
#define NOTIFICATION_OPERATIONAL_EVENT_NO_CHANGE         0x00
#define NOTIFICATION_OPERATIONAL_OPCODE_FEATURE_ADDED    0x02
#define NOTIFICATION_OPERATIONAL_OPCODE_FEATURE_CHANGE   0x01
#define NOTIFICATION_OPERATIONAL_OPCODE_FIRMWARE_CHANGED 0x04
#define NOTIFICATION_OPERATIONAL_OPCODE_INQUIRY_CHANGED  0x05
#define NOTIFICATION_OPERATIONAL_OPCODE_NONE             0x00
#define NOTIFICATION_OPERATIONAL_OPCODE_UNIT_RESET       0x03
#define NOTIFICATION_OPERATIONAL_STATUS_AVAILABLE        0x00
#define NOTIFICATION_OPERATIONAL_STATUS_EXTENDED_BUSY    0x02
#define NOTIFICATION_OPERATIONAL_STATUS_TEMPORARY_BUSY   0x01
#define NOTIFICATION_POWER_EVENT_CHANGE_FAILED           0x02
#define NOTIFICATION_POWER_EVENT_CHANGE_SUCCEEDED        0x01
#define NOTIFICATION_POWER_EVENT_NO_CHANGE               0x00
#define NOTIFICATION_POWER_MANAGEMENT_CLASS_EVENTS       0x02
#define NOTIFICATION_POWER_MANAGEMENT_CLASS_MASK         0x04
#define NOTIFICATION_POWER_STATUS_ACTIVE                 0x01
#define NOTIFICATION_POWER_STATUS_IDLE                   0x02
#define NOTIFICATION_POWER_STATUS_SLEEP                  0x04
#define NOTIFICATION_POWER_STATUS_STANDBY                0x03
typedef struct _NOTIFICATION_EVENT_STATUS_HEADER {
    UCHAR EventDataLength[2];
    UCHAR NotificationClass : 3;
    UCHAR Reserved : 4;
    UCHAR NEA : 1;
    UCHAR SupportedEventClasses;
    UCHAR ClassEventData[0];
} NOTIFICATION_EVENT_STATUS_HEADER, *PNOTIFICATION_EVENT_STATUS_HEADER;

typedef struct _NOTIFICATION_OPERATIONAL_STATUS {
    UCHAR OperationalEvent : 4;
    UCHAR Reserved1 : 4;
    UCHAR OperationalStatus : 4;
    UCHAR Reserved2 : 3;
    UCHAR PersistentPrevented : 1;
    UCHAR Operation[2];
} NOTIFICATION_OPERATIONAL_STATUS, *PNOTIFICATION_OPERATIONAL_STATUS;

typedef struct _NOTIFICATION_POWER_STATUS {
    UCHAR PowerEvent : 4;
    UCHAR Reserved : 4;
    UCHAR PowerStatus;
    UCHAR Reserved2[2];
} NOTIFICATION_POWER_STATUS, *PNOTIFICATION_POWER_STATUS;

typedef struct _NOTIFICATION_EXTERNAL_STATUS {
    UCHAR ExternalEvent : 4;
    UCHAR Reserved1 : 4;
    UCHAR ExternalStatus : 4;
    UCHAR Reserved2 : 3;
    UCHAR PersistentPrevented : 1;
    UCHAR Request[2];
} NOTIFICATION_EXTERNAL_STATUS, *PNOTIFICATION_EXTERNAL_STATUS;

typedef struct _NOTIFICATION_MEDIA_STATUS {
    UCHAR MediaEvent : 4;
    UCHAR Reserved : 4;
    union {
        UCHAR PowerStatus;
        UCHAR MediaStatus;
        struct {
            UCHAR DoorTrayOpen : 1;
            UCHAR MediaPresent : 1;
            UCHAR ReservedX : 6;
        };
    };
    UCHAR StartSlot;
    UCHAR EndSlot;
} NOTIFICATION_MEDIA_STATUS, *PNOTIFICATION_MEDIA_STATUS;

typedef struct _NOTIFICATION_MULTI_HOST_STATUS {
    UCHAR MultiHostEvent : 4;
    UCHAR Reserved1 : 4;
    UCHAR MultiHostStatus : 4;
    UCHAR Reserved2 : 3;
    UCHAR PersistentPrevented : 1;
    UCHAR Priority[2];
} NOTIFICATION_MULTI_HOST_STATUS, *PNOTIFICATION_MULTI_HOST_STATUS;

typedef struct _NOTIFICATION_BUSY_STATUS {
    UCHAR DeviceBusyEvent : 4;
    UCHAR Reserved : 4;
    UCHAR DeviceBusyStatus;
    UCHAR Time[2];
} NOTIFICATION_BUSY_STATUS, *PNOTIFICATION_BUSY_STATUS;
#pragma pack(pop)

#endif

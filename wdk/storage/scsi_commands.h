/*
 * SCSI commands: operation codes and the layouts of command descriptor blocks (SPC, SBC, SSC, MMC,
 * SMC, ZBC). Multi-byte fields are big-endian and therefore byte arrays.
 */
#ifndef WDK_STORAGE_SCSI_COMMANDS_H
#define WDK_STORAGE_SCSI_COMMANDS_H

#include "../ntdef.h"

/* Operation codes. One value may have several names: its meaning depends on the device type. */
#define SCSIOP_TEST_UNIT_READY               0x00
#define SCSIOP_REWIND                        0x01
#define SCSIOP_REZERO_UNIT                   0x01
#define SCSIOP_REQUEST_BLOCK_ADDR            0x02
#define SCSIOP_REQUEST_SENSE                 0x03
#define SCSIOP_FORMAT_UNIT                   0x04
#define SCSIOP_READ_BLOCK_LIMITS             0x05
#define SCSIOP_INIT_ELEMENT_STATUS           0x07
#define SCSIOP_REASSIGN_BLOCKS               0x07
#define SCSIOP_READ6                         0x08
#define SCSIOP_RECEIVE                       0x08
#define SCSIOP_PRINT                         0x0A
#define SCSIOP_SEND                          0x0A
#define SCSIOP_WRITE6                        0x0A
#define SCSIOP_SEEK6                         0x0B
#define SCSIOP_SET_CAPACITY                  0x0B
#define SCSIOP_SLEW_PRINT                    0x0B
#define SCSIOP_TRACK_SELECT                  0x0B
#define SCSIOP_SEEK_BLOCK                    0x0C
#define SCSIOP_PARTITION                     0x0D
#define SCSIOP_READ_REVERSE                  0x0F
#define SCSIOP_FLUSH_BUFFER                  0x10
#define SCSIOP_WRITE_FILEMARKS               0x10
#define SCSIOP_SPACE                         0x11
#define SCSIOP_INQUIRY                       0x12
#define SCSIOP_VERIFY6                       0x13
#define SCSIOP_RECOVER_BUF_DATA              0x14
#define SCSIOP_MODE_SELECT                   0x15
#define SCSIOP_RESERVE_UNIT                  0x16
#define SCSIOP_RELEASE_UNIT                  0x17
#define SCSIOP_COPY                          0x18
#define SCSIOP_ERASE                         0x19
#define SCSIOP_MODE_SENSE                    0x1A
#define SCSIOP_LOAD_UNLOAD                   0x1B
#define SCSIOP_START_STOP_UNIT               0x1B
#define SCSIOP_STOP_PRINT                    0x1B
#define SCSIOP_RECEIVE_DIAGNOSTIC            0x1C
#define SCSIOP_SEND_DIAGNOSTIC               0x1D
#define SCSIOP_MEDIUM_REMOVAL                0x1E
#define SCSIOP_READ_FORMATTED_CAPACITY       0x23
#define SCSIOP_READ_CAPACITY                 0x25
#define SCSIOP_READ                          0x28
#define SCSIOP_WRITE                         0x2A
#define SCSIOP_LOCATE                        0x2B
#define SCSIOP_POSITION_TO_ELEMENT           0x2B
#define SCSIOP_SEEK                          0x2B
#define SCSIOP_WRITE_VERIFY                  0x2E
#define SCSIOP_VERIFY                        0x2F
#define SCSIOP_SEARCH_DATA_HIGH              0x30
#define SCSIOP_SEARCH_DATA_EQUAL             0x31
#define SCSIOP_SEARCH_DATA_LOW               0x32
#define SCSIOP_SET_LIMITS                    0x33
#define SCSIOP_READ_POSITION                 0x34
#define SCSIOP_SYNCHRONIZE_CACHE             0x35
#define SCSIOP_COMPARE                       0x39
#define SCSIOP_COPY_COMPARE                  0x3A
#define SCSIOP_WRITE_DATA_BUFF               0x3B
#define SCSIOP_READ_DATA_BUFF                0x3C
#define SCSIOP_WRITE_LONG                    0x3F
#define SCSIOP_CHANGE_DEFINITION             0x40
#define SCSIOP_WRITE_SAME                    0x41
#define SCSIOP_READ_SUB_CHANNEL              0x42
#define SCSIOP_UNMAP                         0x42
#define SCSIOP_READ_TOC                      0x43
#define SCSIOP_READ_HEADER                   0x44
#define SCSIOP_REPORT_DENSITY_SUPPORT        0x44
#define SCSIOP_PLAY_AUDIO                    0x45
#define SCSIOP_GET_CONFIGURATION             0x46
#define SCSIOP_PLAY_AUDIO_MSF                0x47
#define SCSIOP_PLAY_TRACK_INDEX              0x48
#define SCSIOP_SANITIZE                      0x48
#define SCSIOP_PLAY_TRACK_RELATIVE           0x49
#define SCSIOP_GET_EVENT_STATUS              0x4A
#define SCSIOP_PAUSE_RESUME                  0x4B
#define SCSIOP_LOG_SELECT                    0x4C
#define SCSIOP_LOG_SENSE                     0x4D
#define SCSIOP_STOP_PLAY_SCAN                0x4E
#define SCSIOP_XDWRITE                       0x50
#define SCSIOP_READ_DISC_INFORMATION         0x51
#define SCSIOP_READ_DISK_INFORMATION         0x51
#define SCSIOP_XPWRITE                       0x51
#define SCSIOP_READ_TRACK_INFORMATION        0x52
#define SCSIOP_RESERVE_TRACK_RZONE           0x53
#define SCSIOP_XDWRITE_READ                  0x53
#define SCSIOP_SEND_OPC_INFORMATION          0x54
#define SCSIOP_MODE_SELECT10                 0x55
#define SCSIOP_RESERVE_ELEMENT               0x56
#define SCSIOP_RESERVE_UNIT10                0x56
#define SCSIOP_RELEASE_ELEMENT               0x57
#define SCSIOP_RELEASE_UNIT10                0x57
#define SCSIOP_REPAIR_TRACK                  0x58
#define SCSIOP_MODE_SENSE10                  0x5A
#define SCSIOP_CLOSE_TRACK_SESSION           0x5B
#define SCSIOP_READ_BUFFER_CAPACITY          0x5C
#define SCSIOP_SEND_CUE_SHEET                0x5D
#define SCSIOP_PERSISTENT_RESERVE_IN         0x5E
#define SCSIOP_PERSISTENT_RESERVE_OUT        0x5F
#define SCSIOP_OPERATION32                   0x7F
#define SCSIOP_WRITE_FILEMARKS16             0x80
#define SCSIOP_XDWRITE_EXTENDED16            0x80
#define SCSIOP_READ_REVERSE16                0x81
#define SCSIOP_REBUILD16                     0x81
#define SCSIOP_REGENERATE16                  0x82
#define SCSIOP_EXTENDED_COPY                 0x83
#define SCSIOP_POPULATE_TOKEN                0x83
#define SCSIOP_WRITE_USING_TOKEN             0x83
#define SCSIOP_RECEIVE_COPY_RESULTS          0x84
#define SCSIOP_RECEIVE_ROD_TOKEN_INFORMATION 0x84
#define SCSIOP_ATA_PASSTHROUGH16             0x85
#define SCSIOP_ACCESS_CONTROL_IN             0x86
#define SCSIOP_ACCESS_CONTROL_OUT            0x87
#define SCSIOP_READ16                        0x88
#define SCSIOP_COMPARE_AND_WRITE             0x89
#define SCSIOP_WRITE16                       0x8A
#define SCSIOP_READ_ATTRIBUTES               0x8C
#define SCSIOP_WRITE_ATTRIBUTES              0x8D
#define SCSIOP_WRITE_VERIFY16                0x8E
#define SCSIOP_VERIFY16                      0x8F
#define SCSIOP_PREFETCH16                    0x90
#define SCSIOP_SPACE16                       0x91
#define SCSIOP_SYNCHRONIZE_CACHE16           0x91
#define SCSIOP_LOCATE16                      0x92
#define SCSIOP_LOCK_UNLOCK_CACHE16           0x92
#define SCSIOP_ERASE16                       0x93
#define SCSIOP_WRITE_SAME16                  0x93
#define SCSIOP_ZBC_OUT                       0x94
#define SCSIOP_ZBC_IN                        0x95
#define SCSIOP_READ_DATA_BUFF16              0x9B
#define SCSIOP_GET_LBA_STATUS                0x9E
#define SCSIOP_GET_PHYSICAL_ELEMENT_STATUS   0x9E
#define SCSIOP_READ_CAPACITY16               0x9E
#define SCSIOP_REMOVE_ELEMENT_AND_TRUNCATE   0x9E
#define SCSIOP_SERVICE_ACTION_IN16           0x9E
#define SCSIOP_SERVICE_ACTION_OUT16          0x9F
#define SCSIOP_REPORT_LUNS                   0xA0
#define SCSIOP_ATA_PASSTHROUGH12             0xA1
#define SCSIOP_BLANK                         0xA1
#define SCSIOP_SECURITY_PROTOCOL_IN          0xA2
#define SCSIOP_SEND_EVENT                    0xA2
#define SCSIOP_MAINTENANCE_IN                0xA3
#define SCSIOP_SEND_KEY                      0xA3
#define SCSIOP_MAINTENANCE_OUT               0xA4
#define SCSIOP_REPORT_KEY                    0xA4
#define SCSIOP_MOVE_MEDIUM                   0xA5
#define SCSIOP_EXCHANGE_MEDIUM               0xA6
#define SCSIOP_LOAD_UNLOAD_SLOT              0xA6
#define SCSIOP_MOVE_MEDIUM_ATTACHED          0xA7
#define SCSIOP_SET_READ_AHEAD                0xA7
#define SCSIOP_GET_MESSAGE                   0xA8
#define SCSIOP_READ12                        0xA8
#define SCSIOP_SERVICE_ACTION_OUT12          0xA9
#define SCSIOP_WRITE12                       0xAA
#define SCSIOP_SEND_MESSAGE                  0xAB
#define SCSIOP_SERVICE_ACTION_IN12           0xAB
#define SCSIOP_GET_PERFORMANCE               0xAC
#define SCSIOP_READ_DVD_STRUCTURE            0xAD
#define SCSIOP_WRITE_VERIFY12                0xAE
#define SCSIOP_VERIFY12                      0xAF
#define SCSIOP_SEARCH_DATA_HIGH12            0xB0
#define SCSIOP_SEARCH_DATA_EQUAL12           0xB1
#define SCSIOP_SEARCH_DATA_LOW12             0xB2
#define SCSIOP_SET_LIMITS12                  0xB3
#define SCSIOP_READ_ELEMENT_STATUS_ATTACHED  0xB4
#define SCSIOP_REQUEST_VOL_ELEMENT           0xB5
#define SCSIOP_SECURITY_PROTOCOL_OUT         0xB5
#define SCSIOP_SEND_VOLUME_TAG               0xB6
#define SCSIOP_SET_STREAMING                 0xB6
#define SCSIOP_READ_DEFECT_DATA              0xB7
#define SCSIOP_READ_ELEMENT_STATUS           0xB8
#define SCSIOP_READ_CD_MSF                   0xB9
#define SCSIOP_REDUNDANCY_GROUP_IN           0xBA
#define SCSIOP_SCAN_CD                       0xBA
#define SCSIOP_REDUNDANCY_GROUP_OUT          0xBB
#define SCSIOP_SET_CD_SPEED                  0xBB
#define SCSIOP_PLAY_CD                       0xBC
#define SCSIOP_SPARE_IN                      0xBC
#define SCSIOP_MECHANISM_STATUS              0xBD
#define SCSIOP_SPARE_OUT                     0xBD
#define SCSIOP_READ_CD                       0xBE
#define SCSIOP_VOLUME_SET_IN                 0xBE
#define SCSIOP_SEND_DVD_STRUCTURE            0xBF
#define SCSIOP_VOLUME_SET_OUT                0xBF
#define SCSIOP_DENON_EJECT_DISC              0xE6
#define SCSIOP_DENON_STOP_AUDIO              0xE7
#define SCSIOP_INIT_ELEMENT_RANGE            0xE7
#define SCSIOP_DENON_PLAY_AUDIO              0xE8
#define SCSIOP_DENON_READ_TOC                0xE9
#define SCSIOP_DENON_READ_SUBCODE            0xEB

/* Service actions: the second half of the operation code of some commands. */
#define SERVICE_ACTION_REPORT_ZONES                     0x00
#define SERVICE_ACTION_CLOSE_ZONE                       0x01
#define SERVICE_ACTION_OVERWRITE                        0x01
#define SERVICE_ACTION_BLOCK_ERASE                      0x02
#define SERVICE_ACTION_FINISH_ZONE                      0x02
#define SERVICE_ACTION_CRYPTO_ERASE                     0x03
#define SERVICE_ACTION_OPEN_ZONE                        0x03
#define SERVICE_ACTION_RESET_WRITE_POINTER              0x04
#define SERVICE_ACTION_XDWRITE                          0x04
#define SERVICE_ACTION_XPWRITE                          0x06
#define SERVICE_ACTION_RECEIVE_TOKEN_INFORMATION        0x07
#define SERVICE_ACTION_XDWRITEREAD                      0x07
#define SERVICE_ACTION_WRITE                            0x0B
#define SERVICE_ACTION_REPORT_SUPPORTED_OPERATION_CODES 0x0C
#define SERVICE_ACTION_WRITE_VERIFY                     0x0C
#define SERVICE_ACTION_WRITE_SAME                       0x0D
#define SERVICE_ACTION_ORWRITE                          0x0E
#define SERVICE_ACTION_REPORT_TIMESTAMP                 0x0F
#define SERVICE_ACTION_SET_TIMESTAMP                    0x0F
#define SERVICE_ACTION_POPULATE_TOKEN                   0x10
#define SERVICE_ACTION_READ_CAPACITY16                  0x10
#define SERVICE_ACTION_WRITE_USING_TOKEN                0x11
#define SERVICE_ACTION_GET_LBA_STATUS                   0x12
#define SERVICE_ACTION_GET_PHYSICAL_ELEMENT_STATUS      0x17
#define SERVICE_ACTION_REMOVE_ELEMENT_AND_TRUNCATE      0x18
#define SERVICE_ACTION_EXIT_FAILURE                     0x1F

#define CDB6GENERIC_LENGTH  6
#define CDB10GENERIC_LENGTH 10
#define CDB12GENERIC_LENGTH 12
#define MAXIMUM_CDB_SIZE    12

#define SETBITON  1
#define SETBITOFF 0

/* Fields of particular commands. */
#define CDB_RETURN_ON_COMPLETION                                                   0x00
#define CDB_RETURN_IMMEDIATE                                                       0x01
#define CDB_FORCE_MEDIA_ACCESS                                                     0x08
#define CDB_INQUIRY_EVPD                                                           0x01
#define LUN0_FORMAT_SAVING_DEFECT_LIST                                             0x00
#define USE_DEFAULTMSB                                                             0x00
#define USE_DEFAULTLSB                                                             0x00
#define START_UNIT_CODE                                                            0x01
#define STOP_UNIT_CODE                                                             0x00
#define CDB_SUBCHANNEL_HEADER                                                      0x00
#define CDB_SUBCHANNEL_BLOCK                                                       0x01
#define CDB_USE_MSF                                                                0x01
#define CDB_AUDIO_PAUSE                                                            0x00
#define CDB_AUDIO_RESUME                                                           0x01
#define CDB_DEVICE_START                                                           0x11
#define CDB_DEVICE_STOP                                                            0x10
#define CDB_EJECT_MEDIA                                                            0x10
#define CDB_LOAD_MEDIA                                                             0x01
#define GET_LAST_SESSION                                                           0x01
#define CD_EXPECTED_SECTOR_ANY                                                     0x00
#define CD_EXPECTED_SECTOR_CDDA                                                    0x01
#define CD_EXPECTED_SECTOR_MODE1                                                   0x02
#define CD_EXPECTED_SECTOR_MODE2                                                   0x03
#define CD_EXPECTED_SECTOR_MODE2_FORM1                                             0x04
#define CD_EXPECTED_SECTOR_MODE2_FORM2                                             0x05
#define READ_TOC_FORMAT_ATIP                                                       0x04
#define READ_TOC_FORMAT_FULL_TOC                                                   0x02
#define READ_TOC_FORMAT_PMA                                                        0x03
#define READ_TOC_FORMAT_SESSION                                                    0x01
#define READ_TOC_FORMAT_TOC                                                        0x00
#define BLANK_FULL                                                                 0x00
#define BLANK_MINIMAL                                                              0x01
#define BLANK_SESSION                                                              0x06
#define BLANK_TAIL                                                                 0x04
#define BLANK_TRACK                                                                0x02
#define BLANK_UNCLOSE_SESSION                                                      0x05
#define BLANK_UNRESERVE_TRACK                                                      0x03
#define RESERVATION_ACTION_CLEAR                                                   0x03
#define RESERVATION_ACTION_PREEMPT                                                 0x04
#define RESERVATION_ACTION_PREEMPT_ABORT                                           0x05
#define RESERVATION_ACTION_READ_FULL_STATUS                                        0x03
#define RESERVATION_ACTION_READ_KEYS                                               0x00
#define RESERVATION_ACTION_READ_RESERVATIONS                                       0x01
#define RESERVATION_ACTION_REGISTER                                                0x00
#define RESERVATION_ACTION_REGISTER_AND_MOVE                                       0x07
#define RESERVATION_ACTION_REGISTER_IGNORE_EXISTING                                0x06
#define RESERVATION_ACTION_RELEASE                                                 0x02
#define RESERVATION_ACTION_REPLACE_LOST_RESERVATION                                0x08
#define RESERVATION_ACTION_REPORT_CAPABILITIES                                     0x02
#define RESERVATION_ACTION_RESERVE                                                 0x01
#define RESERVATION_SCOPE_ELEMENT                                                  0x02
#define RESERVATION_SCOPE_LU                                                       0x00
#define RESERVATION_TYPE_EXCLUSIVE                                                 0x03
#define RESERVATION_TYPE_EXCLUSIVE_ALL_REGISTRANTS                                 0x08
#define RESERVATION_TYPE_EXCLUSIVE_REGISTRANTS                                     0x06
#define RESERVATION_TYPE_WRITE_EXCLUSIVE                                           0x01
#define RESERVATION_TYPE_WRITE_EXCLUSIVE_ALL_REGISTRANTS                           0x07
#define RESERVATION_TYPE_WRITE_EXCLUSIVE_REGISTRANTS                               0x05
#define SECURITY_PROTOCOL_IEEE1667                                                 0xEE
#define TCG_SECURITY_PROTOCOL_ID_0                                                 0x00
#define TCG_SECURITY_PROTOCOL_ID_1                                                 0x01
#define TCG_SECURITY_PROTOCOL_ID_2                                                 0x02
#define READ_BUFFER_MODE_ERROR_HISTORY                                             0x1C
#define SCSI_WRITE_BUFFER_MODE_0D_MODE_SPECIFIC_HR_ACT                             0x02
#define SCSI_WRITE_BUFFER_MODE_0D_MODE_SPECIFIC_PO_ACT                             0x04
#define SCSI_WRITE_BUFFER_MODE_0D_MODE_SPECIFIC_VSE_ACT                            0x01
#define SCSI_WRITE_BUFFER_MODE_ACTIVATE_DEFERRED_MICROCODE                         0x0F
#define SCSI_WRITE_BUFFER_MODE_DOWNLOAD_MICROCODE_WITH_OFFSETS_SAVE_DEFER_ACTIVATE 0x0E
#define MODE_SPECIFIC_CREATE_CURRENT_INTERNAL_STATUS_DATA                          0x01
#define MODE_SPECIFIC_CREATE_VENDOR_SPECIFIC_DATA                                  0x00
#define STATUS_DATA_SET_SIZE_INCREMENT_IN_BYTES                                    0x0200
#define BUFFER_FORMAT_CURRENT_INTERNAL_STATUS_DATA                                 0x01
#define BUFFER_FORMAT_SAVED_INTERNAL_STATUS_DATA                                   0x02
#define BUFFER_FORMAT_VENDOR_SPECIFIC                                              0x00
#define BUFFER_ID_CLEAR_ERROR_HISTORY_AND_RELEASE_ANY_SNAPSHOT                     0xFF
#define BUFFER_ID_CLEAR_ERROR_HISTORY_NEXUS                                        0xFE
#define BUFFER_ID_RETURN_ERROR_HISTORY_DIRECTORY                                   0x00
#define BUFFER_ID_RETURN_ERROR_HISTORY_DIRECTORY_CREATE_NEW_ERROR_HISTORY_SNAPSHOT 0x01
#define BUFFER_ID_RETURN_ERROR_HISTORY_DIRECTORY_ESTABLISH_NEW_NEXUS               0x02
#define BUFFER_ID_RETURN_ERROR_HISTORY_DIRECTORY_ESTABLISH_NEW_NEXUS_AND_SNAPSHOT  0x03
#define BUFFER_ID_RETURN_ERROR_HISTORY_MAXIMUM_THRESHOLD                           0xEF
#define BUFFER_ID_RETURN_ERROR_HISTORY_MINIMUM_THRESHOLD                           0x10
#define REPORT_SUPPORTED_OPERATION_CODES_REPORTING_OPTIONS_ALL                     0x00
#define REPORT_SUPPORTED_OPERATION_CODES_REPORTING_OPTIONS_OP                      0x01
#define REPORT_SUPPORTED_OPERATION_CODES_REPORTING_OPTIONS_OP_SA                   0x02
#define REPORT_SUPPORTED_OPERATION_CODES_REPORTING_OPTIONS_OP_SA_OVERWRITE         0x03
#define REPORT_SUPPORTED_OPERATION_CODES_SUPPORT_NONE                              0x01
#define REPORT_SUPPORTED_OPERATION_CODES_SUPPORT_NOT_AVAILABLE                     0x00
#define REPORT_SUPPORTED_OPERATION_CODES_SUPPORT_SUPPORT_STANDARD                  0x03
#define REPORT_SUPPORTED_OPERATION_CODES_SUPPORT_SUPPORT_VENDOR                    0x05
#define REPORT_ZONES_OPTION_LIST_ALL_ZONES                                         0x00
#define REPORT_ZONES_OPTION_LIST_CLOSED_ZONES                                      0x04
#define REPORT_ZONES_OPTION_LIST_EMPTY_ZONES                                       0x01
#define REPORT_ZONES_OPTION_LIST_EXPLICITLY_OPENED_ZONES                           0x03
#define REPORT_ZONES_OPTION_LIST_FULL_ZONES                                        0x05
#define REPORT_ZONES_OPTION_LIST_IMPLICITLY_OPENED_ZONES                           0x02
#define REPORT_ZONES_OPTION_LIST_NON_SEQUENTIAL_WRITE_RESOURCES_ACTIVE_ZONES       0x11
#define REPORT_ZONES_OPTION_LIST_NOT_WRITE_POINTER_ZONES                           0x3F
#define REPORT_ZONES_OPTION_LIST_OFFLINE_ZONES                                     0x07
#define REPORT_ZONES_OPTION_LIST_READ_ONLY_ZONES                                   0x06
#define REPORT_ZONES_OPTION_LIST_RWP_ZONES                                         0x10
#define GET_PHYSICAL_ELEMENT_STATUS_ALL                                            0x00
#define GET_PHYSICAL_ELEMENT_STATUS_FILTER_NEED_ATTENTION                          0x01
#define GET_PHYSICAL_ELEMENT_STATUS_REPORT_TYPE_PHYSICAL_ELEMENT                   0x00
#define GET_PHYSICAL_ELEMENT_STATUS_REPORT_TYPE_STORAGE_ELEMENT                    0x01

/* A command descriptor block of up to 16 bytes. */
#pragma pack(push, 1)
typedef union _CDB {
    struct {
        UCHAR OperationCode;
        UCHAR Immediate : 1;
        UCHAR CommandUniqueBits : 4;
        UCHAR LogicalUnitNumber : 3;
        UCHAR CommandUniqueBytes[3];
        UCHAR Link : 1;
        UCHAR Flag : 1;
        UCHAR Reserved : 4;
        UCHAR VendorUnique : 2;
    } CDB6GENERIC;
    struct {
        UCHAR OperationCode;
        UCHAR LogicalBlockMsb1 : 5;
        UCHAR LogicalUnitNumber : 3;
        UCHAR LogicalBlockMsb0;
        UCHAR LogicalBlockLsb;
        UCHAR TransferBlocks;
        UCHAR Control;
    } CDB6READWRITE;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR LogicalUnitNumber : 3;
        UCHAR PageCode;
        UCHAR IReserved;
        UCHAR AllocationLength;
        UCHAR Control;
    } CDB6INQUIRY;
    struct {
        UCHAR OperationCode;
        UCHAR EnableVitalProductData : 1;
        UCHAR CommandSupportData : 1;
        UCHAR Reserved1 : 6;
        UCHAR PageCode;
        UCHAR Reserved2;
        UCHAR AllocationLength;
        UCHAR Control;
    } CDB6INQUIRY3;
    struct {
        UCHAR OperationCode;
        UCHAR Fixed : 1;
        UCHAR ByteCompare : 1;
        UCHAR Immediate : 1;
        UCHAR Reserved : 2;
        UCHAR LogicalUnitNumber : 3;
        UCHAR VerificationLength[3];
        UCHAR Control;
    } CDB6VERIFY;
    struct {
        UCHAR OperationCode;
        UCHAR PageCodeValid : 1;
        UCHAR Reserved : 7;
        UCHAR PageCode;
        UCHAR AllocationLength[2];
        UCHAR Control;
    } RECEIVE_DIAGNOSTIC;
    struct {
        UCHAR OperationCode;
        UCHAR UnitOffline : 1;
        UCHAR DeviceOffline : 1;
        UCHAR SelfTest : 1;
        UCHAR Reserved1 : 1;
        UCHAR PageFormat : 1;
        UCHAR SelfTestCode : 3;
        UCHAR Reserved2;
        UCHAR ParameterListLength[2];
        UCHAR Control;
    } SEND_DIAGNOSTIC;
    struct {
        UCHAR OperationCode;
        UCHAR FormatControl : 5;
        UCHAR LogicalUnitNumber : 3;
        UCHAR FReserved1;
        UCHAR InterleaveMsb;
        UCHAR InterleaveLsb;
        UCHAR FReserved2;
    } CDB6FORMAT;
    struct {
        UCHAR OperationCode;
        UCHAR RelativeAddress : 1;
        UCHAR Reserved1 : 2;
        UCHAR ForceUnitAccess : 1;
        UCHAR DisablePageOut : 1;
        UCHAR LogicalUnitNumber : 3;
        UCHAR LogicalBlockByte0;
        UCHAR LogicalBlockByte1;
        UCHAR LogicalBlockByte2;
        UCHAR LogicalBlockByte3;
        UCHAR Reserved2;
        UCHAR TransferBlocksMsb;
        UCHAR TransferBlocksLsb;
        UCHAR Control;
    } CDB10;
    struct {
        UCHAR OperationCode;
        UCHAR RelativeAddress : 1;
        UCHAR Reserved1 : 2;
        UCHAR ForceUnitAccess : 1;
        UCHAR DisablePageOut : 1;
        UCHAR LogicalUnitNumber : 3;
        UCHAR LogicalBlock[4];
        UCHAR TransferLength[4];
        UCHAR Reserved2;
        UCHAR Control;
    } CDB12;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 3;
        UCHAR ForceUnitAccess : 1;
        UCHAR DisablePageOut : 1;
        UCHAR Protection : 3;
        UCHAR LogicalBlock[8];
        UCHAR TransferLength[4];
        UCHAR Reserved2;
        UCHAR Control;
    } CDB16;
    struct {
        UCHAR OperationCode;
        UCHAR Mode : 5;
        UCHAR ModeSpecific : 3;
        UCHAR BufferId;
        UCHAR BufferOffset[3];
        UCHAR AllocationLength[3];
        UCHAR Control;
    } READ_BUFFER_10;
    struct {
        UCHAR OperationCode;
        UCHAR Mode : 5;
        UCHAR ModeSpecific : 3;
        UCHAR BufferOffset[8];
        UCHAR AllocationLength[4];
        UCHAR BufferId;
        UCHAR Control;
    } READ_BUFFER_16;
    struct {
        UCHAR OperationCode;
        UCHAR SecurityProtocol;
        UCHAR SecurityProtocolSpecific[2];
        UCHAR Reserved1 : 7;
        UCHAR INC_512 : 1;
        UCHAR Reserved2;
        UCHAR AllocationLength[4];
        UCHAR Reserved3;
        UCHAR Control;
    } SECURITY_PROTOCOL_IN;
    struct {
        UCHAR OperationCode;
        UCHAR SecurityProtocol;
        UCHAR SecurityProtocolSpecific[2];
        UCHAR Reserved1 : 7;
        UCHAR INC_512 : 1;
        UCHAR Reserved2;
        UCHAR AllocationLength[4];
        UCHAR Reserved3;
        UCHAR Control;
    } SECURITY_PROTOCOL_OUT;
    struct {
        UCHAR OperationCode;
        UCHAR Anchor : 1;
        UCHAR Reserved1 : 7;
        UCHAR Reserved2[4];
        UCHAR GroupNumber : 5;
        UCHAR Reserved3 : 3;
        UCHAR AllocationLength[2];
        UCHAR Control;
    } UNMAP;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR AUSE : 1;
        UCHAR Reserved1 : 1;
        UCHAR Immediate : 1;
        UCHAR Reserved2[5];
        UCHAR ParameterListLength[2];
        UCHAR Control;
    } SANITIZE;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR LogicalUnitNumber : 3;
        UCHAR Reserved2[6];
        UCHAR Action;
        UCHAR Control;
    } PAUSE_RESUME;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved0 : 1;
        UCHAR Msf : 1;
        UCHAR Reserved1 : 3;
        UCHAR LogicalUnitNumber : 3;
        UCHAR Format2 : 4;
        UCHAR Reserved2 : 4;
        UCHAR Reserved3[3];
        UCHAR StartingTrack;
        UCHAR AllocationLength[2];
        UCHAR Control : 6;
        UCHAR Format : 2;
    } READ_TOC;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR Lun : 3;
        UCHAR Reserved2[5];
        UCHAR AllocationLength[2];
        UCHAR Control;
    } READ_DISK_INFORMATION;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR Lun : 3;
        UCHAR Reserved2[5];
        UCHAR AllocationLength[2];
        UCHAR Control;
    } READ_DISC_INFORMATION;
    struct {
        UCHAR OperationCode;
        UCHAR Track : 2;
        UCHAR Reserved4 : 3;
        UCHAR Lun : 3;
        UCHAR BlockAddress[4];
        UCHAR Reserved3;
        UCHAR AllocationLength[2];
        UCHAR Control;
    } READ_TRACK_INFORMATION;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1[4];
        UCHAR ReservationSize[4];
        UCHAR Control;
    } RESERVE_TRACK_RZONE;
    struct {
        UCHAR OperationCode;
        UCHAR DoOpc : 1;
        UCHAR Reserved1 : 7;
        UCHAR Exclude0 : 1;
        UCHAR Exclude1 : 1;
        UCHAR Reserved2 : 6;
        UCHAR Reserved3[4];
        UCHAR ParameterListLength[2];
        UCHAR Reserved4;
    } SEND_OPC_INFORMATION;
    struct {
        UCHAR OperationCode;
        UCHAR Immediate : 1;
        UCHAR Reserved1 : 7;
        UCHAR Reserved2[2];
        UCHAR TrackNumber[2];
        UCHAR Reserved3[3];
        UCHAR Control;
    } REPAIR_TRACK;
    struct {
        UCHAR OperationCode;
        UCHAR Immediate : 1;
        UCHAR Reserved1 : 7;
        UCHAR Track : 1;
        UCHAR Session : 1;
        UCHAR Reserved2 : 6;
        UCHAR Reserved3;
        UCHAR TrackNumber[2];
        UCHAR Reserved4[3];
        UCHAR Control;
    } CLOSE_TRACK;
    struct {
        UCHAR OperationCode;
        UCHAR BlockInfo : 1;
        UCHAR Reserved1 : 7;
        UCHAR Reserved2[5];
        UCHAR AllocationLength[2];
        UCHAR Control;
    } READ_BUFFER_CAPACITY;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved[5];
        UCHAR CueSheetSize[3];
        UCHAR Control;
    } SEND_CUE_SHEET;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 1;
        UCHAR Msf : 1;
        UCHAR Reserved2 : 3;
        UCHAR Lun : 3;
        UCHAR LogicalBlockAddress[4];
        UCHAR Reserved3;
        UCHAR AllocationLength[2];
        UCHAR Control;
    } READ_HEADER;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR LogicalUnitNumber : 3;
        UCHAR StartingBlockAddress[4];
        UCHAR Reserved2;
        UCHAR PlayLength[2];
        UCHAR Control;
    } PLAY_AUDIO;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR LogicalUnitNumber : 3;
        UCHAR Reserved2;
        UCHAR StartingM;
        UCHAR StartingS;
        UCHAR StartingF;
        UCHAR EndingM;
        UCHAR EndingS;
        UCHAR EndingF;
        UCHAR Control;
    } PLAY_AUDIO_MSF;
    struct {
        UCHAR OperationCode;
        UCHAR BlankType : 3;
        UCHAR Reserved1 : 1;
        UCHAR Immediate : 1;
        UCHAR Reserved2 : 3;
        UCHAR AddressOrTrack[4];
        UCHAR Reserved3[5];
        UCHAR Control;
    } BLANK_MEDIA;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 1;
        UCHAR CMSF : 1;
        UCHAR ExpectedSectorType : 3;
        UCHAR Lun : 3;
        union {
            struct {
                UCHAR StartingBlockAddress[4];
                UCHAR PlayLength[4];
            } LBA;
            struct {
                UCHAR Reserved1;
                UCHAR StartingM;
                UCHAR StartingS;
                UCHAR StartingF;
                UCHAR EndingM;
                UCHAR EndingS;
                UCHAR EndingF;
                UCHAR Reserved2;
            } MSF;
        };
        UCHAR Audio : 1;
        UCHAR Composite : 1;
        UCHAR Port1 : 1;
        UCHAR Port2 : 1;
        UCHAR Reserved2 : 3;
        UCHAR Speed : 1;
        UCHAR Control;
    } PLAY_CD;
    struct {
        UCHAR OperationCode;
        UCHAR RelativeAddress : 1;
        UCHAR Reserved1 : 3;
        UCHAR Direct : 1;
        UCHAR Lun : 3;
        UCHAR StartingAddress[4];
        UCHAR Reserved2[3];
        UCHAR Reserved3 : 6;
        UCHAR Type : 2;
        UCHAR Reserved4;
        UCHAR Control;
    } SCAN_CD;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR Lun : 3;
        UCHAR Reserved2[7];
        UCHAR Control;
    } STOP_PLAY_SCAN;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved0 : 1;
        UCHAR Msf : 1;
        UCHAR Reserved1 : 3;
        UCHAR LogicalUnitNumber : 3;
        UCHAR Reserved2 : 6;
        UCHAR SubQ : 1;
        UCHAR Reserved3 : 1;
        UCHAR Format;
        UCHAR Reserved4[2];
        UCHAR TrackNumber;
        UCHAR AllocationLength[2];
        UCHAR Control;
    } SUBCHANNEL;
    struct {
        UCHAR OperationCode;
        UCHAR RelativeAddress : 1;
        UCHAR Reserved0 : 1;
        UCHAR ExpectedSectorType : 3;
        UCHAR Lun : 3;
        UCHAR StartingLBA[4];
        UCHAR TransferBlocks[3];
        UCHAR Reserved2 : 1;
        UCHAR ErrorFlags : 2;
        UCHAR IncludeEDC : 1;
        UCHAR IncludeUserData : 1;
        UCHAR HeaderCode : 2;
        UCHAR IncludeSyncData : 1;
        UCHAR SubChannelSelection : 3;
        UCHAR Reserved3 : 5;
        UCHAR Control;
    } READ_CD;
    struct {
        UCHAR OperationCode;
        UCHAR RelativeAddress : 1;
        UCHAR Reserved1 : 1;
        UCHAR ExpectedSectorType : 3;
        UCHAR Lun : 3;
        UCHAR Reserved2;
        UCHAR StartingM;
        UCHAR StartingS;
        UCHAR StartingF;
        UCHAR EndingM;
        UCHAR EndingS;
        UCHAR EndingF;
        UCHAR Reserved4 : 1;
        UCHAR ErrorFlags : 2;
        UCHAR IncludeEDC : 1;
        UCHAR IncludeUserData : 1;
        UCHAR HeaderCode : 2;
        UCHAR IncludeSyncData : 1;
        UCHAR SubChannelSelection : 3;
        UCHAR Reserved5 : 5;
        UCHAR Control;
    } READ_CD_MSF;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved0 : 5;
        UCHAR LogicalUnitNumber : 3;
        UCHAR LogicalBlockByte0;
        UCHAR LogicalBlockByte1;
        UCHAR LogicalBlockByte2;
        UCHAR LogicalBlockByte3;
        UCHAR TransferBlockByte0;
        UCHAR TransferBlockByte1;
        UCHAR TransferBlockByte2;
        UCHAR TransferBlockByte3;
        UCHAR SubCode;
        UCHAR Control;
    } PLXTR_READ_CDDA;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved0;
        UCHAR LogicalBlockByte0;
        UCHAR LogicalBlockByte1;
        UCHAR LogicalBlockByte2;
        UCHAR LogicalBlockByte3;
        UCHAR Reserved1;
        UCHAR TransferBlockByte0;
        UCHAR TransferBlockByte1;
        UCHAR Control;
    } NEC_READ_CDDA;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 3;
        UCHAR Dbd : 1;
#if NTDDI_VERSION >= NTDDI_WIN8
        UCHAR Reserved2 : 4;
#else
        UCHAR Reserved2 : 1;
        UCHAR LogicalUnitNumber : 3;
#endif
        UCHAR PageCode : 6;
        UCHAR Pc : 2;
#if NTDDI_VERSION >= NTDDI_WIN8
        UCHAR SubPageCode;
#else
        UCHAR Reserved3;
#endif
        UCHAR AllocationLength;
        UCHAR Control;
    } MODE_SENSE;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 3;
        UCHAR Dbd : 1;
#if NTDDI_VERSION >= NTDDI_WIN8
        UCHAR LongLBAAccepted : 1;
        UCHAR Reserved2 : 3;
#else
        UCHAR Reserved2 : 1;
        UCHAR LogicalUnitNumber : 3;
#endif
        UCHAR PageCode : 6;
        UCHAR Pc : 2;
#if NTDDI_VERSION >= NTDDI_WIN8
        UCHAR SubPageCode;
        UCHAR Reserved3[3];
#else
        UCHAR Reserved3[4];
#endif
        UCHAR AllocationLength[2];
        UCHAR Control;
    } MODE_SENSE10;
    struct {
        UCHAR OperationCode;
        UCHAR SPBit : 1;
        UCHAR Reserved1 : 3;
        UCHAR PFBit : 1;
        UCHAR LogicalUnitNumber : 3;
        UCHAR Reserved2[2];
        UCHAR ParameterListLength;
        UCHAR Control;
    } MODE_SELECT;
    struct {
        UCHAR OperationCode;
        UCHAR SPBit : 1;
        UCHAR Reserved1 : 3;
        UCHAR PFBit : 1;
        UCHAR LogicalUnitNumber : 3;
        UCHAR Reserved2[5];
        UCHAR ParameterListLength[2];
        UCHAR Control;
    } MODE_SELECT10;
    struct {
        UCHAR OperationCode;
        UCHAR Immediate : 1;
        UCHAR CPBit : 1;
        UCHAR BTBit : 1;
        UCHAR Reserved1 : 2;
        UCHAR LogicalUnitNumber : 3;
        UCHAR Reserved3;
        UCHAR LogicalBlockAddress[4];
        UCHAR Reserved4;
        UCHAR Partition;
        UCHAR Control;
    } LOCATE;
    struct {
        UCHAR OperationCode;
        UCHAR SPBit : 1;
        UCHAR PPCBit : 1;
        UCHAR Reserved1 : 3;
        UCHAR LogicalUnitNumber : 3;
        UCHAR PageCode : 6;
        UCHAR PCBit : 2;
        union {
            UCHAR SubPageCode;
            UCHAR Reserved2;
        };
        UCHAR Reserved3;
        UCHAR ParameterPointer[2];
        UCHAR AllocationLength[2];
        UCHAR Control;
    } LOGSENSE;
    struct {
        UCHAR OperationCode;
        UCHAR SPBit : 1;
        UCHAR PCRBit : 1;
        UCHAR Reserved1 : 3;
        UCHAR LogicalUnitNumber : 3;
        UCHAR Reserved : 6;
        UCHAR PCBit : 2;
        UCHAR Reserved2[4];
        UCHAR ParameterListLength[2];
        UCHAR Control;
    } LOGSELECT;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved : 5;
        UCHAR LogicalUnitNumber : 3;
        UCHAR TransferLength[3];
        UCHAR Control;
    } PRINT;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR LogicalUnitNumber : 3;
        UCHAR LogicalBlockAddress[4];
        UCHAR Reserved2[3];
        UCHAR Control;
    } SEEK;
    struct {
        UCHAR OperationCode;
        UCHAR Long : 1;
        UCHAR Immediate : 1;
        UCHAR Reserved1 : 3;
        UCHAR LogicalUnitNumber : 3;
        UCHAR Reserved2[3];
        UCHAR Control;
    } ERASE;
    struct {
        UCHAR OperationCode;
        UCHAR Immediate : 1;
        UCHAR Reserved1 : 4;
        UCHAR LogicalUnitNumber : 3;
        UCHAR Reserved2[2];
        UCHAR Start : 1;
        UCHAR LoadEject : 1;
        UCHAR Reserved3 : 6;
        UCHAR Control;
    } START_STOP;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR LogicalUnitNumber : 3;
        UCHAR Reserved2[2];
        UCHAR Prevent : 1;
        UCHAR Persistant : 1;
        UCHAR Reserved3 : 6;
        UCHAR Control;
    } MEDIA_REMOVAL;
    struct {
        UCHAR OperationCode;
        UCHAR Immediate : 1;
        UCHAR Reserved1 : 7;
        UCHAR BlockAddress[3];
        UCHAR Link : 1;
        UCHAR Flag : 1;
        UCHAR Reserved2 : 4;
        UCHAR VendorUnique : 2;
    } SEEK_BLOCK;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1[3];
        UCHAR AllocationLength;
        UCHAR Link : 1;
        UCHAR Flag : 1;
        UCHAR Reserved2 : 4;
        UCHAR VendorUnique : 2;
    } REQUEST_BLOCK_ADDRESS;
    struct {
        UCHAR OperationCode;
        UCHAR Immediate : 1;
        UCHAR Sel : 1;
        UCHAR PartitionSelect : 6;
        UCHAR Reserved1[3];
        UCHAR Control;
    } PARTITION;
    struct {
        UCHAR OperationCode;
        UCHAR Immediate : 1;
        UCHAR WriteSetMarks : 1;
        UCHAR Reserved : 3;
        UCHAR LogicalUnitNumber : 3;
        UCHAR TransferLength[3];
        UCHAR Control;
    } WRITE_TAPE_MARKS;
    struct {
        UCHAR OperationCode;
        UCHAR Code : 3;
        UCHAR Reserved : 2;
        UCHAR LogicalUnitNumber : 3;
        UCHAR NumMarksMSB;
        UCHAR NumMarks;
        UCHAR NumMarksLSB;
        union {
            UCHAR value;
            struct {
                UCHAR Link : 1;
                UCHAR Flag : 1;
                UCHAR Reserved : 4;
                UCHAR VendorUnique : 2;
            } Fields;
        } Byte6;
    } SPACE_TAPE_MARKS;
    struct {
        UCHAR Operation;
        UCHAR BlockType : 1;
        UCHAR Reserved1 : 4;
        UCHAR Lun : 3;
        UCHAR Reserved2[7];
        UCHAR Control;
    } READ_POSITION;
    struct {
        UCHAR OperationCode;
        UCHAR VendorSpecific : 5;
        UCHAR Reserved : 3;
        UCHAR TransferLenMSB;
        UCHAR TransferLen;
        UCHAR TransferLenLSB;
        UCHAR Link : 1;
        UCHAR Flag : 1;
        UCHAR Reserved1 : 4;
        UCHAR VendorUnique : 2;
    } CDB6READWRITETAPE;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR LogicalUnitNubmer : 3;
        UCHAR Reserved2[3];
        UCHAR Reserved3 : 7;
        UCHAR NoBarCode : 1;
    } INIT_ELEMENT_STATUS;
    struct {
        UCHAR OperationCode;
        UCHAR Range : 1;
        UCHAR Reserved1 : 4;
        UCHAR LogicalUnitNubmer : 3;
        UCHAR FirstElementAddress[2];
        UCHAR Reserved2[2];
        UCHAR NumberOfElements[2];
        UCHAR Reserved3;
        UCHAR Reserved4 : 7;
        UCHAR NoBarCode : 1;
    } INITIALIZE_ELEMENT_RANGE;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR LogicalUnitNumber : 3;
        UCHAR TransportElementAddress[2];
        UCHAR DestinationElementAddress[2];
        UCHAR Reserved2[2];
        UCHAR Flip : 1;
        UCHAR Reserved3 : 7;
        UCHAR Control;
    } POSITION_TO_ELEMENT;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR LogicalUnitNumber : 3;
        UCHAR TransportElementAddress[2];
        UCHAR SourceElementAddress[2];
        UCHAR DestinationElementAddress[2];
        UCHAR Reserved2[2];
        UCHAR Flip : 1;
        UCHAR Reserved3 : 7;
        UCHAR Control;
    } MOVE_MEDIUM;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR LogicalUnitNumber : 3;
        UCHAR TransportElementAddress[2];
        UCHAR SourceElementAddress[2];
        UCHAR Destination1ElementAddress[2];
        UCHAR Destination2ElementAddress[2];
        UCHAR Flip1 : 1;
        UCHAR Flip2 : 1;
        UCHAR Reserved3 : 6;
        UCHAR Control;
    } EXCHANGE_MEDIUM;
    struct {
        UCHAR OperationCode;
        UCHAR ElementType : 4;
        UCHAR VolTag : 1;
        UCHAR LogicalUnitNumber : 3;
        UCHAR StartingElementAddress[2];
        UCHAR NumberOfElements[2];
        UCHAR Reserved1;
        UCHAR AllocationLength[3];
        UCHAR Reserved2;
        UCHAR Control;
    } READ_ELEMENT_STATUS;
    struct {
        UCHAR OperationCode;
        UCHAR ElementType : 4;
        UCHAR Reserved1 : 1;
        UCHAR LogicalUnitNumber : 3;
        UCHAR StartingElementAddress[2];
        UCHAR Reserved2;
        UCHAR ActionCode : 5;
        UCHAR Reserved3 : 3;
        UCHAR Reserved4[2];
        UCHAR ParameterListLength[2];
        UCHAR Reserved5;
        UCHAR Control;
    } SEND_VOLUME_TAG;
    struct {
        UCHAR OperationCode;
        UCHAR ElementType : 4;
        UCHAR VolTag : 1;
        UCHAR LogicalUnitNumber : 3;
        UCHAR StartingElementAddress[2];
        UCHAR NumberElements[2];
        UCHAR Reserved1;
        UCHAR AllocationLength[3];
        UCHAR Reserved2;
        UCHAR Control;
    } REQUEST_VOLUME_ELEMENT_ADDRESS;
    struct {
        UCHAR OperationCode;
        UCHAR Immediate : 1;
        UCHAR Reserved1 : 4;
        UCHAR Lun : 3;
        UCHAR Reserved2[2];
        UCHAR Start : 1;
        UCHAR LoadEject : 1;
        UCHAR Reserved3 : 6;
        UCHAR Reserved4[3];
        UCHAR Slot;
        UCHAR Reserved5[3];
    } LOAD_UNLOAD;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved : 5;
        UCHAR Lun : 3;
        UCHAR Reserved1[6];
        UCHAR AllocationLength[2];
        UCHAR Reserved2;
        UCHAR Control;
    } MECH_STATUS;
    struct {
        UCHAR OperationCode;
        UCHAR RelAddr : 1;
        UCHAR Immediate : 1;
        UCHAR Reserved : 3;
        UCHAR Lun : 3;
        UCHAR LogicalBlockAddress[4];
        UCHAR Reserved2;
        UCHAR BlockCount[2];
        UCHAR Control;
    } SYNCHRONIZE_CACHE10;
    struct {
        UCHAR OperationCode;
        UCHAR Immediate : 1;
        UCHAR Reserved : 4;
        UCHAR Lun : 3;
        UCHAR Reserved2[2];
        UCHAR NotificationClassRequest;
        UCHAR Reserved3[2];
        UCHAR EventListLength[2];
        UCHAR Control;
    } GET_EVENT_STATUS_NOTIFICATION;
    struct {
        UCHAR OperationCode;
        UCHAR Except : 2;
        UCHAR Write : 1;
        UCHAR Tolerance : 2;
        UCHAR Reserved0 : 3;
        UCHAR StartingLBA[4];
        UCHAR Reserved1[2];
        UCHAR MaximumNumberOfDescriptors[2];
        UCHAR Type;
        UCHAR Control;
    } GET_PERFORMANCE;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR Lun : 3;
        UCHAR RMDBlockNumber[4];
        UCHAR LayerNumber;
        UCHAR Format;
        UCHAR AllocationLength[2];
        UCHAR Reserved3 : 6;
        UCHAR AGID : 2;
        UCHAR Control;
    } READ_DVD_STRUCTURE;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved[8];
        UCHAR ParameterListLength[2];
        UCHAR Control;
    } SET_STREAMING;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR Lun : 3;
        UCHAR Reserved2[5];
        UCHAR Format;
        UCHAR ParameterListLength[2];
        UCHAR Reserved3;
        UCHAR Control;
    } SEND_DVD_STRUCTURE;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR Lun : 3;
        UCHAR Reserved2[6];
        UCHAR ParameterListLength[2];
        UCHAR KeyFormat : 6;
        UCHAR AGID : 2;
        UCHAR Control;
    } SEND_KEY;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR Lun : 3;
        UCHAR LogicalBlockAddress[4];
        UCHAR Reserved2[2];
        UCHAR AllocationLength[2];
        UCHAR KeyFormat : 6;
        UCHAR AGID : 2;
        UCHAR Control;
    } REPORT_KEY;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR Lun : 3;
        UCHAR TriggerLBA[4];
        UCHAR ReadAheadLBA[4];
        UCHAR Reserved2;
        UCHAR Control;
    } SET_READ_AHEAD;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 5;
        UCHAR Lun : 3;
        UCHAR Reserved2[5];
        UCHAR AllocationLength[2];
        UCHAR Control;
    } READ_FORMATTED_CAPACITIES;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1[5];
        UCHAR AllocationLength[4];
        UCHAR Reserved2;
        UCHAR Control;
    } REPORT_LUNS;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR Reserved2[5];
        UCHAR AllocationLength[2];
        UCHAR Control;
    } PERSISTENT_RESERVE_IN;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR Type : 4;
        UCHAR Scope : 4;
        UCHAR Reserved2[4];
        UCHAR ParameterListLength[2];
        UCHAR Control;
    } PERSISTENT_RESERVE_OUT;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR Reserved2[4];
        UCHAR AllocationLength[4];
        UCHAR Reserved3;
        UCHAR Control;
    } REPORT_TIMESTAMP;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR Reserved2[4];
        UCHAR ParameterListLength[4];
        UCHAR Reserved3;
        UCHAR Control;
    } SET_TIMESTAMP;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved0 : 3;
        UCHAR ReportOptions : 3;
        UCHAR Reserved1 : 4;
        UCHAR ReturnCommandTimeoutsDescriptor : 1;
        UCHAR RequestedOperationCode;
        UCHAR RequestedServiceAction[2];
        UCHAR AllocationLength[4];
        UCHAR Reserved2;
        UCHAR Control;
    } REPORT_SUPPORTED_OPERATION_CODES;
    struct {
        UCHAR OperationCode;
        UCHAR RequestType : 2;
        UCHAR Reserved1 : 6;
        UCHAR StartingFeature[2];
        UCHAR Reserved2[3];
        UCHAR AllocationLength[2];
        UCHAR Control;
    } GET_CONFIGURATION;
    struct {
        UCHAR OperationCode;
        union {
            UCHAR Reserved1;
            struct {
                UCHAR RotationControl : 2;
                UCHAR Reserved3 : 6;
            };
        };
        UCHAR ReadSpeed[2];
        UCHAR WriteSpeed[2];
        UCHAR Reserved2[5];
        UCHAR Control;
    } SET_CD_SPEED;
    struct {
        UCHAR OperationCode;
        UCHAR RelativeAddress : 1;
        UCHAR Reserved1 : 2;
        UCHAR ForceUnitAccess : 1;
        UCHAR DisablePageOut : 1;
        UCHAR LogicalUnitNumber : 3;
        UCHAR LogicalBlock[4];
        UCHAR TransferLength[4];
        UCHAR Reserved2 : 7;
        UCHAR Streaming : 1;
        UCHAR Control;
    } READ12;
    struct {
        UCHAR OperationCode;
        UCHAR RelativeAddress : 1;
        UCHAR Reserved1 : 1;
        UCHAR EBP : 1;
        UCHAR ForceUnitAccess : 1;
        UCHAR DisablePageOut : 1;
        UCHAR LogicalUnitNumber : 3;
        UCHAR LogicalBlock[4];
        UCHAR TransferLength[4];
        UCHAR Reserved2 : 7;
        UCHAR Streaming : 1;
        UCHAR Control;
    } WRITE12;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 1;
        UCHAR Protocol : 4;
        UCHAR MultipleCount : 3;
        UCHAR TLength : 2;
        UCHAR ByteBlock : 1;
        UCHAR TDir : 1;
        UCHAR Reserved2 : 1;
        UCHAR CkCond : 1;
        UCHAR Offline : 2;
        UCHAR Features;
        UCHAR SectorCount;
        UCHAR LbaLow;
        UCHAR LbaMid;
        UCHAR LbaHigh;
        UCHAR Device;
        UCHAR Command;
        UCHAR Reserved3;
        UCHAR Control;
    } ATA_PASSTHROUGH12;
    struct {
        UCHAR OperationCode;
        UCHAR DurationLimitDescriptor2 : 1;
        UCHAR Reserved1 : 1;
        UCHAR RebuildAssistRecoveryControl : 1;
        UCHAR ForceUnitAccess : 1;
        UCHAR DisablePageOut : 1;
        UCHAR ReadProtect : 3;
        UCHAR LogicalBlock[8];
        UCHAR TransferLength[4];
        UCHAR Group : 6;
        UCHAR DurationLimitDescriptor0 : 1;
        UCHAR DurationLimitDescriptor1 : 1;
        UCHAR Control;
    } READ16;
    struct {
        UCHAR OperationCode;
        UCHAR DurationLimitDescriptor2 : 1;
        UCHAR Reserved1 : 2;
        UCHAR ForceUnitAccess : 1;
        UCHAR DisablePageOut : 1;
        UCHAR WriteProtect : 3;
        UCHAR LogicalBlock[8];
        UCHAR TransferLength[4];
        UCHAR Group : 6;
        UCHAR DurationLimitDescriptor0 : 1;
        UCHAR DurationLimitDescriptor1 : 1;
        UCHAR Control;
    } WRITE16;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 1;
        UCHAR ByteCheck : 1;
        UCHAR BlockVerify : 1;
        UCHAR Reserved2 : 1;
        UCHAR DisablePageOut : 1;
        UCHAR VerifyProtect : 3;
        UCHAR LogicalBlock[8];
        UCHAR VerificationLength[4];
        UCHAR Reserved3 : 7;
        UCHAR Streaming : 1;
        UCHAR Control;
    } VERIFY16;
    struct {
        UCHAR OperationCode;
        UCHAR Reserved1 : 1;
        UCHAR Immediate : 1;
        UCHAR Reserved2 : 6;
        UCHAR LogicalBlock[8];
        UCHAR BlockCount[4];
        UCHAR Reserved3;
        UCHAR Control;
    } SYNCHRONIZE_CACHE16;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR LogicalBlock[8];
        UCHAR AllocationLength[4];
        UCHAR PMI : 1;
        UCHAR Reserved2 : 7;
        UCHAR Control;
    } READ_CAPACITY16;
    struct {
        UCHAR OperationCode;
        UCHAR Extend : 1;
        UCHAR Protocol : 4;
        UCHAR MultipleCount : 3;
        UCHAR TLength : 2;
        UCHAR ByteBlock : 1;
        UCHAR TDir : 1;
        UCHAR Reserved1 : 1;
        UCHAR CkCond : 1;
        UCHAR Offline : 2;
        UCHAR Features15_8;
        UCHAR Features7_0;
        UCHAR SectorCount15_8;
        UCHAR SectorCount7_0;
        UCHAR LbaLow15_8;
        UCHAR LbaLow7_0;
        UCHAR LbaMid15_8;
        UCHAR LbaMid7_0;
        UCHAR LbaHigh15_8;
        UCHAR LbaHigh7_0;
        UCHAR Device;
        UCHAR Command;
        UCHAR Control;
    } ATA_PASSTHROUGH16;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR StartingLBA[8];
        UCHAR AllocationLength[4];
        UCHAR Reserved2;
        UCHAR Control;
    } GET_LBA_STATUS;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR Reserved2[4];
        UCHAR ListIdentifier[4];
        UCHAR ParameterListLength[4];
        UCHAR GroupNumber : 5;
        UCHAR Reserved3 : 3;
        UCHAR Control;
    } TOKEN_OPERATION;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR ListIdentifier[4];
        UCHAR Reserved2[4];
        UCHAR AllocationLength[4];
        UCHAR Reserved3;
        UCHAR Control;
    } RECEIVE_TOKEN_INFORMATION;
    struct {
        UCHAR OperationCode;
        UCHAR Mode : 5;
        UCHAR ModeSpecific : 3;
        UCHAR BufferID;
        UCHAR BufferOffset[3];
        UCHAR ParameterListLength[3];
        UCHAR Control;
    } WRITE_BUFFER;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR ZoneId[8];
        UCHAR Reserved2[4];
        UCHAR All : 1;
        UCHAR Reserved3 : 7;
        UCHAR Control;
    } CLOSE_ZONE;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR ZoneId[8];
        UCHAR Reserved2[4];
        UCHAR All : 1;
        UCHAR Reserved3 : 7;
        UCHAR Control;
    } FINISH_ZONE;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR ZoneId[8];
        UCHAR Reserved2[4];
        UCHAR All : 1;
        UCHAR Reserved3 : 7;
        UCHAR Control;
    } OPEN_ZONE;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR ZoneId[8];
        UCHAR Reserved2[4];
        UCHAR All : 1;
        UCHAR Reserved3 : 7;
        UCHAR Control;
    } RESET_WRITE_POINTER;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR ZoneStartLBA[8];
        UCHAR AllocationLength[4];
        UCHAR ReportingOptions : 6;
        UCHAR Reserved3 : 1;
        UCHAR Partial : 1;
        UCHAR Control;
    } REPORT_ZONES;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR Reserved2[4];
        UCHAR StartingElement[4];
        UCHAR AllocationLength[4];
        UCHAR ReportType : 4;
        UCHAR Reserved3 : 2;
        UCHAR Filter : 2;
        UCHAR Control;
    } GET_PHYSICAL_ELEMENT_STATUS;
    struct {
        UCHAR OperationCode;
        UCHAR ServiceAction : 5;
        UCHAR Reserved1 : 3;
        UCHAR RequestedCapacity[8];
        UCHAR ElementIdentifier[4];
        UCHAR Reserved2;
        UCHAR Control;
    } REMOVE_ELEMENT_AND_TRUNCATE;
    ULONG AsUlong[4];
    UCHAR AsByte[16];
} CDB, *PCDB;

typedef union _CDB32 {
    struct {
        UCHAR OperationCode;
        UCHAR Control;
        UCHAR Reserved1[4];
        UCHAR Group : 5;
        UCHAR Reserved2 : 3;
        UCHAR AdditionalCDBLength;
        UCHAR ServiceAction[2];
        UCHAR Reserved3;
        UCHAR DurationLimitDescriptor0 : 1;
        UCHAR DurationLimitDescriptor1 : 1;
        UCHAR DurationLimitDescriptor2 : 1;
        UCHAR Reserved4 : 5;
        UCHAR LogicalBlock[8];
        UCHAR Reserved5[8];
        UCHAR TransferLength[4];
    } CDB32GENERIC;
    struct {
        UCHAR OperationCode;
        UCHAR Control;
        UCHAR Reserved1[4];
        UCHAR Group : 5;
        UCHAR Reserved2 : 3;
        UCHAR AdditionalCDBLength;
        UCHAR ServiceAction[2];
        UCHAR XorProtectionInfo : 1;
        UCHAR Reservede : 1;
        UCHAR DisableWrite : 1;
        UCHAR ForceUnitAccess : 1;
        UCHAR DisablePageOut : 1;
        UCHAR WriteProtect : 1;
        UCHAR Reserved4;
        UCHAR LogicalBlock[8];
        UCHAR Reserved5[8];
        UCHAR TransferLength[4];
    } XDWRITEREAD32;
    ULONG AsUlong[8];
    UCHAR AsByte[32];
} CDB32, *PCDB32;
#pragma pack(pop)

#endif

/*
 * What a SCSI command ends with: a status byte, and sense data that explains it.
 */
#ifndef WDK_STORAGE_SCSI_SENSE_H
#define WDK_STORAGE_SCSI_SENSE_H

#include "../ntdef.h"

/* Status bytes. */
#define SCSISTAT_GOOD                  0x00
#define SCSISTAT_CHECK_CONDITION       0x02
#define SCSISTAT_CONDITION_MET         0x04
#define SCSISTAT_BUSY                  0x08
#define SCSISTAT_INTERMEDIATE          0x10
#define SCSISTAT_INTERMEDIATE_COND_MET 0x14
#define SCSISTAT_RESERVATION_CONFLICT  0x18
#define SCSISTAT_COMMAND_TERMINATED    0x22
#define SCSISTAT_QUEUE_FULL            0x28

/* Sense data in fixed format. */
#pragma pack(push, 1)
typedef struct _SENSE_DATA {
    UCHAR ErrorCode : 7;
    UCHAR Valid : 1;
    UCHAR SegmentNumber;
    UCHAR SenseKey : 4;
    UCHAR Reserved : 1;
    UCHAR IncorrectLength : 1;
    UCHAR EndOfMedia : 1;
    UCHAR FileMark : 1;
    UCHAR Information[4];
    UCHAR AdditionalSenseLength;
    UCHAR CommandSpecificInformation[4];
    UCHAR AdditionalSenseCode;
    UCHAR AdditionalSenseCodeQualifier;
    UCHAR FieldReplaceableUnitCode;
    UCHAR SenseKeySpecific[3];
} SENSE_DATA, *PSENSE_DATA, FIXED_SENSE_DATA, *PFIXED_SENSE_DATA;

typedef SENSE_DATA FIXED_SENSE_DATA, *PFIXED_SENSE_DATA;

/* Sense data in descriptor format: a header, then descriptors. */
typedef struct _DESCRIPTOR_SENSE_DATA {
    UCHAR ErrorCode : 7;
    UCHAR Reserved1 : 1;
    UCHAR SenseKey : 4;
    UCHAR Reserved2 : 4;
    UCHAR AdditionalSenseCode;
    UCHAR AdditionalSenseCodeQualifier;
    UCHAR Reserved3[3];
    UCHAR AdditionalSenseLength;
    UCHAR DescriptorBuffer[ANYSIZE_ARRAY];
} DESCRIPTOR_SENSE_DATA, *PDESCRIPTOR_SENSE_DATA;

typedef union _SENSE_DATA_EX {
    SENSE_DATA FixedData;
    DESCRIPTOR_SENSE_DATA DescriptorData;
} SENSE_DATA_EX, *PSENSE_DATA_EX;

typedef struct _SCSI_SENSE_DESCRIPTOR_HEADER {
    UCHAR DescriptorType;
    UCHAR AdditionalLength;
} SCSI_SENSE_DESCRIPTOR_HEADER, *PSCSI_SENSE_DESCRIPTOR_HEADER;

typedef struct _SCSI_SENSE_DESCRIPTOR_INFORMATION {
    SCSI_SENSE_DESCRIPTOR_HEADER Header;
    UCHAR Valid : 1;
    UCHAR Reserved1 : 7;
    UCHAR Reserved2;
    UCHAR Information[8];
} SCSI_SENSE_DESCRIPTOR_INFORMATION, *PSCSI_SENSE_DESCRIPTOR_INFORMATION;

typedef struct _SCSI_SENSE_DESCRIPTOR_BLOCK_COMMAND {
    SCSI_SENSE_DESCRIPTOR_HEADER Header;
    UCHAR Reserved1;
    UCHAR Reserved2 : 5;
    UCHAR IncorrectLength : 1;
    UCHAR Reserved3 : 2;
} SCSI_SENSE_DESCRIPTOR_BLOCK_COMMAND, *PSCSI_SENSE_DESCRIPTOR_BLOCK_COMMAND;

typedef struct _SCSI_SENSE_DESCRIPTOR_ATA_STATUS_RETURN {
    SCSI_SENSE_DESCRIPTOR_HEADER Header;
    UCHAR Extend : 1;
    UCHAR Reserved1 : 7;
    UCHAR Error;
    UCHAR SectorCount15_8;
    UCHAR SectorCount7_0;
    UCHAR LbaLow15_8;
    UCHAR LbaLow7_0;
    UCHAR LbaMid15_8;
    UCHAR LbaMid7_0;
    UCHAR LbaHigh15_8;
    UCHAR LbaHigh7_0;
    UCHAR Device;
    UCHAR Status;
} SCSI_SENSE_DESCRIPTOR_ATA_STATUS_RETURN, *PSCSI_SENSE_DESCRIPTOR_ATA_STATUS_RETURN;
#pragma pack(pop)

#define SENSE_BUFFER_SIZE             18
#define SENSE_BUFFER_SIZE_EX          sizeof(SENSE_DATA_EX)
#define MAX_SENSE_BUFFER_SIZE         255
#define MAX_ADDITIONAL_SENSE_BYTES    (MAX_SENSE_BUFFER_SIZE - SENSE_BUFFER_SIZE)
#define MAX_ADDITIONAL_SENSE_BYTES_EX (MAX_SENSE_BUFFER_SIZE - SENSE_BUFFER_SIZE_EX)

#define SCSI_SENSE_ERRORCODE_FIXED_CURRENT                          0x70
#define SCSI_SENSE_ERRORCODE_FIXED_DEFERRED                         0x71
#define SCSI_SENSE_ERRORCODE_DESCRIPTOR_CURRENT                     0x72
#define SCSI_SENSE_ERRORCODE_DESCRIPTOR_DEFERRED                    0x73
#define SCSI_SENSE_DESCRIPTOR_TYPE_INFORMATION                      0x00
#define SCSI_SENSE_DESCRIPTOR_TYPE_COMMAND_SPECIFIC                 0x01
#define SCSI_SENSE_DESCRIPTOR_TYPE_SENSE_KEY_SPECIFIC               0x02
#define SCSI_SENSE_DESCRIPTOR_TYPE_FIELD_REPLACEABLE_UNIT           0x03
#define SCSI_SENSE_DESCRIPTOR_TYPE_STREAM_COMMAND                   0x04
#define SCSI_SENSE_DESCRIPTOR_TYPE_BLOCK_COMMAND                    0x05
#define SCSI_SENSE_DESCRIPTOR_TYPE_OSD_OBJECT_IDENTIFICATION        0x06
#define SCSI_SENSE_DESCRIPTOR_TYPE_OSD_RESPONSE_INTEGRITY_CHECK     0x07
#define SCSI_SENSE_DESCRIPTOR_TYPE_OSD_ATTRIBUTE_IDENTIFICATION     0x08
#define SCSI_SENSE_DESCRIPTOR_TYPE_ATA_STATUS_RETURN                0x09
#define SCSI_SENSE_DESCRIPTOR_TYPE_PROGRESS_INDICATION              0x0A
#define SCSI_SENSE_DESCRIPTOR_TYPE_USER_DATA_SEGMENT_REFERRAL       0x0B
#define SCSI_SENSE_DESCRIPTOR_TYPE_FORWARDED_SENSE_DATA             0x0C
#define SCSI_SENSE_OPTIONS_FIXED_FORMAT_IF_UNKNOWN_FORMAT_INDICATED 0x01
#define SCSI_SENSE_OPTIONS_NONE                                     0x00
#define SCSI_SENSE_DESCRIPTOR_NO_MORE                               NULL
typedef ULONG SCSI_SENSE_OPTIONS;
typedef UCHAR SCSI_SENSE_DESCRIPTOR_TYPE;

/* Marks in the byte of the sense key. */
#define SCSI_ILLEGAL_LENGTH 0x20
#define SCSI_EOM            0x40
#define SCSI_FILE_MARK      0x80

/* Sense keys. */
#define SCSI_SENSE_NO_SENSE        0x00
#define SCSI_SENSE_RECOVERED_ERROR 0x01
#define SCSI_SENSE_NOT_READY       0x02
#define SCSI_SENSE_MEDIUM_ERROR    0x03
#define SCSI_SENSE_HARDWARE_ERROR  0x04
#define SCSI_SENSE_ILLEGAL_REQUEST 0x05
#define SCSI_SENSE_UNIT_ATTENTION  0x06
#define SCSI_SENSE_DATA_PROTECT    0x07
#define SCSI_SENSE_BLANK_CHECK     0x08
#define SCSI_SENSE_UNIQUE          0x09
#define SCSI_SENSE_COPY_ABORTED    0x0A
#define SCSI_SENSE_ABORTED_COMMAND 0x0B
#define SCSI_SENSE_EQUAL           0x0C
#define SCSI_SENSE_VOL_OVERFLOW    0x0D
#define SCSI_SENSE_MISCOMPARE      0x0E
#define SCSI_SENSE_RESERVED        0x0F

/* Additional sense codes. */
#define SCSI_ADSENSE_NO_SENSE                              0x00
#define SCSI_ADSENSE_NO_SEEK_COMPLETE                      0x02
#define SCSI_ADSENSE_WRITE                                 0x03
#define SCSI_ADSENSE_LUN_NOT_READY                         0x04
#define SCSI_ADSENSE_LUN_COMMUNICATION                     0x08
#define SCSI_ADSENSE_SERVO_ERROR                           0x09
#define SCSI_ADSENSE_WARNING                               0x0B
#define SCSI_ADSENSE_WRITE_ERROR                           0x0C
#define SCSI_ADSENSE_COPY_TARGET_DEVICE_ERROR              0x0D
#define SCSI_ADSENSE_UNRECOVERED_ERROR                     0x11
#define SCSI_ADSENSE_TRACK_ERROR                           0x14
#define SCSI_ADSENSE_SEEK_ERROR                            0x15
#define SCSI_ADSENSE_REC_DATA_NOECC                        0x17
#define SCSI_ADSENSE_REC_DATA_ECC                          0x18
#define SCSI_ADSENSE_DEFECT_LIST_ERROR                     0x19
#define SCSI_ADSENSE_PARAMETER_LIST_LENGTH                 0x1A
#define SCSI_ADSENSE_MISCOMPARE_DURING_VERIFY_OPERATION    0x1D
#define SCSI_ADSENSE_ACCESS_DENIED                         0x20
#define SCSI_ADSENSE_ILLEGAL_COMMAND                       0x20
#define SCSI_ADSENSE_ILLEGAL_BLOCK                         0x21
#define SCSI_ADSENSE_INVALID_TOKEN                         0x23
#define SCSI_ADSENSE_INVALID_CDB                           0x24
#define SCSI_ADSENSE_INVALID_LUN                           0x25
#define SCSI_ADSENSE_INVALID_FIELD_PARAMETER_LIST          0x26
#define SCSI_ADSENSE_WRITE_PROTECT                         0x27
#define SCSI_ADWRITE_PROTECT                               0x27
#define SCSI_ADSENSE_MEDIUM_CHANGED                        0x28
#define SCSI_ADSENSE_BUS_RESET                             0x29
#define SCSI_ADSENSE_PARAMETERS_CHANGED                    0x2A
#define SCSI_ADSENSE_INSUFFICIENT_TIME_FOR_OPERATION       0x2E
#define SCSI_ADSENSE_INVALID_MEDIA                         0x30
#define SCSI_ADSENSE_DEFECT_LIST                           0x32
#define SCSI_ADSENSE_LB_PROVISIONING                       0x38
#define SCSI_ADSENSE_NO_MEDIA_IN_DEVICE                    0x3A
#define SCSI_ADSENSE_POSITION_ERROR                        0x3B
#define SCSI_ADSENSE_LOGICAL_UNIT_ERROR                    0x3E
#define SCSI_ADSENSE_OPERATING_CONDITIONS_CHANGED          0x3F
#define SCSI_ADSENSE_DATA_PATH_FAILURE                     0x41
#define SCSI_ADSENSE_POWER_ON_SELF_TEST_FAILURE            0x42
#define SCSI_ADSENSE_INTERNAL_TARGET_FAILURE               0x44
#define SCSI_ADSENSE_DATA_TRANSFER_ERROR                   0x4B
#define SCSI_ADSENSE_LUN_FAILED_SELF_CONFIGURATION         0x4C
#define SCSI_ADSENSE_RESOURCE_FAILURE                      0x55
#define SCSI_ADSENSE_OPERATOR_REQUEST                      0x5A
#define SCSI_ADSENSE_FAILURE_PREDICTION_THRESHOLD_EXCEEDED 0x5D
#define SCSI_FAILURE_PREDICTION_THRESHOLD_EXCEEDED         0x5D
#define SCSI_ADSENSE_ILLEGAL_MODE_FOR_THIS_TRACK           0x64
#define SCSI_ADSENSE_COPY_PROTECTION_FAILURE               0x6F
#define SCSI_ADSENSE_POWER_CALIBRATION_ERROR               0x73
#define SCSI_ADSENSE_VENDOR_UNIQUE                         0x80
#define SCSI_ADSENSE_MUSIC_AREA                            0xA0
#define SCSI_ADSENSE_DATA_AREA                             0xA1
#define SCSI_ADSENSE_VOLUME_OVERFLOW                       0xA7

/* Additional sense code qualifiers; each belongs to one of the codes above. */
#define SCSI_SENSEQ_ACCESS_TIMES_TOO_HIGH                               0x15
#define SCSI_SENSEQ_ATA_DEVICE_FAILED_SET_FEATURES                      0x71
#define SCSI_SENSEQ_AUTHENTICATION_FAILURE                              0x00
#define SCSI_SENSEQ_BECOMING_READY                                      0x01
#define SCSI_SENSEQ_BEGINNING_OF_MEDIA_DETECTED                         0x04
#define SCSI_SENSEQ_CAPACITY_DATA_CHANGED                               0x09
#define SCSI_SENSEQ_CAUSE_NOT_REPORTABLE                                0x00
#define SCSI_SENSEQ_CHANNEL_PARAMETRICS                                 0x17
#define SCSI_SENSEQ_CLEANING_CARTRIDGE_INSTALLED                        0x03
#define SCSI_SENSEQ_COMM_FAILURE                                        0x00
#define SCSI_SENSEQ_COMM_PARITY_ERROR                                   0x02
#define SCSI_SENSEQ_COMM_TIMEOUT                                        0x01
#define SCSI_SENSEQ_COMPONENT_DEVICE_ATTACHED                           0x04
#define SCSI_SENSEQ_CONTROLLER_DETECTED                                 0x18
#define SCSI_SENSEQ_DATA_CHANNEL_DATA_ERROR_RATE_TOO_HIGH               0x32
#define SCSI_SENSEQ_DATA_ERROR_RATE_TOO_HIGH                            0x12
#define SCSI_SENSEQ_DATA_UNDERRUN                                       0x04
#define SCSI_SENSEQ_DEFECT_LIST_ERROR                                   0x00
#define SCSI_SENSEQ_DEFECT_LIST_ERROR_IN_GROWN_LIST                     0x03
#define SCSI_SENSEQ_DEFECT_LIST_ERROR_IN_PRIMARY_LIST                   0x02
#define SCSI_SENSEQ_DEFECT_LIST_NOT_AVAILABLE                           0x01
#define SCSI_SENSEQ_DEFECT_LIST_UPDATE_FAILURE                          0x01
#define SCSI_SENSEQ_DESTINATION_FULL                                    0x0D
#define SCSI_SENSEQ_DEVICE_IDENTIFIER_CHANGED                           0x05
#define SCSI_SENSEQ_DRIVE_CALIBRATION_RETRY_COUNT                       0x1C
#define SCSI_SENSEQ_DRIVE_ERROR_RATE_TOO_HIGH                           0x11
#define SCSI_SENSEQ_ECHO_BUFFER_OVERWRITTEN                             0x0F
#define SCSI_SENSEQ_END_OF_MEDIA_DETECTED                               0x02
#define SCSI_SENSEQ_EXCESSIVE_WRITE_ERRORS                              0x02
#define SCSI_SENSEQ_FAILURE_PREDICTION_THRESHOLD_EXCEEDED               0x00
#define SCSI_SENSEQ_FAILURE_PREDICTION_THRESHOLD_EXCEEDED_FALSE         0xFF
#define SCSI_SENSEQ_FILEMARK_DETECTED                                   0x01
#define SCSI_SENSEQ_FOCUS_SERVO_FAILURE                                 0x02
#define SCSI_SENSEQ_FORMAT_IN_PROGRESS                                  0x04
#define SCSI_SENSEQ_GENERAL_HARD_DRIVE_FAILURE                          0x10
#define SCSI_SENSEQ_HEAD_SELECT_FAULT                                   0x04
#define SCSI_SENSEQ_ILLEGAL_ELEMENT_ADDR                                0x01
#define SCSI_SENSEQ_INCOMPATIBLE_FORMAT                                 0x02
#define SCSI_SENSEQ_INCOMPATIBLE_MEDIA_INSTALLED                        0x00
#define SCSI_SENSEQ_INITIATOR_RESPONSE_TIMEOUT                          0x06
#define SCSI_SENSEQ_INIT_COMMAND_REQUIRED                               0x02
#define SCSI_SENSEQ_INQUIRY_DATA_CHANGED                                0x03
#define SCSI_SENSEQ_INSUFFICIENT_RESERVATION_RESOURCES                  0x02
#define SCSI_SENSEQ_INSUFFICIENT_RESOURCES                              0x03
#define SCSI_SENSEQ_INTERNAL_TARGET_FAILURE                             0x00
#define SCSI_SENSEQ_INVALID_RELEASE_OF_PERSISTENT_RESERVATION           0x04
#define SCSI_SENSEQ_INVALID_WRITE_ADDRESS                               0x02
#define SCSI_SENSEQ_INVALID_WRITE_CROSSING_LAYER_JUMP                   0x03
#define SCSI_SENSEQ_KEY_NOT_ESTABLISHED                                 0x02
#define SCSI_SENSEQ_KEY_NOT_PRESENT                                     0x01
#define SCSI_SENSEQ_LOGICAL_ADDRESS_OUT_OF_RANGE                        0x00
#define SCSI_SENSEQ_LOGICAL_UNIT_FAILED_SELF_TEST                       0x03
#define SCSI_SENSEQ_LOGICAL_UNIT_FAILED_TO_UPDATE_SELF_TEST_LOG         0x04
#define SCSI_SENSEQ_LOGICAL_UNIT_FAILURE                                0x01
#define SCSI_SENSEQ_LOGICAL_UNIT_HAS_NOT_SELF_CONFIGURED_YET            0x00
#define SCSI_SENSEQ_LOGICAL_UNIT_RESET_COUNT_ERROR                      0x05
#define SCSI_SENSEQ_LONG_WRITE_IN_PROGRESS                              0x08
#define SCSI_SENSEQ_LOSS_OF_STREAMING                                   0x09
#define SCSI_SENSEQ_LUN_FAILURE_PREDICTION_THRESHOLD_EXCEEDED           0x02
#define SCSI_SENSEQ_MANUAL_INTERVENTION_REQUIRED                        0x03
#define SCSI_SENSEQ_MECHANICAL_POSITIONING_ERROR                        0x01
#define SCSI_SENSEQ_MEDIA_CODE_MISMATCHED_TO_LOGICAL_UNIT               0x04
#define SCSI_SENSEQ_MEDIA_FAILURE_PREDICTION_THRESHOLD_EXCEEDED         0x01
#define SCSI_SENSEQ_MEDIUM_AUXILIARY_MEMORY_ACCESSIBLE                  0x11
#define SCSI_SENSEQ_MEDIUM_LOADABLE                                     0x10
#define SCSI_SENSEQ_MEDIUM_REMOVAL                                      0x01
#define SCSI_SENSEQ_MICROCODE_CHANGED                                   0x01
#define SCSI_SENSEQ_MISALIGNED_WRITE                                    0x08
#define SCSI_SENSEQ_NOT_REACHABLE                                       0x02
#define SCSI_SENSEQ_NO_ACCESS_RIGHTS                                    0x02
#define SCSI_SENSEQ_NO_DEFECT_SPARE_LOCATION_AVAILABLE                  0x00
#define SCSI_SENSEQ_NO_WRITE_CURRENT                                    0x01
#define SCSI_SENSEQ_OPERATING_DEFINITION_CHANGED                        0x02
#define SCSI_SENSEQ_OPERATION_IN_PROGRESS                               0x07
#define SCSI_SENSEQ_OPERATION_IS_IN_PROGRESS                            0x16
#define SCSI_SENSEQ_PADDING_BLOCKS_ADDED                                0x0A
#define SCSI_SENSEQ_PERIPHERAL_DEVICE_WRITE_FAULT                       0x00
#define SCSI_SENSEQ_PMA_RMA_ALMOST_FULL                                 0x06
#define SCSI_SENSEQ_PMA_RMA_IS_FULL                                     0x05
#define SCSI_SENSEQ_PMA_RMA_UPDATE_FAILURE                              0x04
#define SCSI_SENSEQ_POSITIONING_ERROR_DETECTED_BY_READ_OF_MEDIUM        0x02
#define SCSI_SENSEQ_POWER_CALIBRATION_AREA_ALMOST_FULL                  0x01
#define SCSI_SENSEQ_POWER_CALIBRATION_AREA_ERROR                        0x03
#define SCSI_SENSEQ_POWER_CALIBRATION_AREA_FULL                         0x02
#define SCSI_SENSEQ_POWER_LOSS_EXPECTED                                 0x08
#define SCSI_SENSEQ_PRESISTENT_RESERVATION_INFORMATION_LOST             0x01
#define SCSI_SENSEQ_RANDOM_POSITIONING_ERROR                            0x00
#define SCSI_SENSEQ_READ_BOUNDARY_VIOLATION                             0x07
#define SCSI_SENSEQ_READ_INVALID_DATA                                   0x06
#define SCSI_SENSEQ_READ_OF_SCRAMBLED_SECTOR_WITHOUT_AUTHENTICATION     0x03
#define SCSI_SENSEQ_REBUILD_IN_PROGRESS                                 0x05
#define SCSI_SENSEQ_RECALCULATION_IN_PROGRESS                           0x06
#define SCSI_SENSEQ_REDUNDANCY_GROUP_DELETED                            0x07
#define SCSI_SENSEQ_REDUNDANCY_GROUP_MODIFIED                           0x06
#define SCSI_SENSEQ_REPORTED_LUNS_DATA_CHANGED                          0x0E
#define SCSI_SENSEQ_SEEK_ERROR_RATE_TOO_HIGH                            0x13
#define SCSI_SENSEQ_SEEK_TIME_PERFORMANCE                               0x1A
#define SCSI_SENSEQ_SERVER_SEEK_ERROR_RATE_TOO_HIGH                     0x43
#define SCSI_SENSEQ_SERVO_DATA_ERROR_RATE_TOO_HIGH                      0x42
#define SCSI_SENSEQ_SETMARK_DETECTED                                    0x03
#define SCSI_SENSEQ_SOFT_THRESHOLD_REACHED                              0x07
#define SCSI_SENSEQ_SOURCE_EMPTY                                        0x0E
#define SCSI_SENSEQ_SPACE_ALLOC_FAILED_WRITE_PROTECT                    0x07
#define SCSI_SENSEQ_SPACE_ALLOC_IN_PROGRESS                             0x14
#define SCSI_SENSEQ_SPARE_AREA_EXHAUSTION_PREDICTION_THRESHOLD_EXCEEDED 0x03
#define SCSI_SENSEQ_SPARE_DELETED                                       0x09
#define SCSI_SENSEQ_SPARE_MODIFIED                                      0x08
#define SCSI_SENSEQ_SPINDLE_SERVO_FAILURE                               0x03
#define SCSI_SENSEQ_SPIN_UP_RETRY_COUNT                                 0x1B
#define SCSI_SENSEQ_START_UNIT_TIMES_TOO_HIGH                           0x16
#define SCSI_SENSEQ_STATE_CHANGE_INPUT                                  0x00
#define SCSI_SENSEQ_SYSTEM_BUFFER_FULL                                  0x01
#define SCSI_SENSEQ_SYSTEM_RESOURCE_FAILURE                             0x00
#define SCSI_SENSEQ_TARGET_OPERATING_CONDITIONS_CHANGED                 0x00
#define SCSI_SENSEQ_THROUGHPUT_PERFORMANCE                              0x19
#define SCSI_SENSEQ_TIMEOUT_ON_LOGICAL_UNIT                             0x02
#define SCSI_SENSEQ_TOO_MANY_BLOCK_REASSIGNS                            0x14
#define SCSI_SENSEQ_TOO_MANY_SEGMENT_DESCRIPTORS                        0x08
#define SCSI_SENSEQ_TRACKING_SERVO_FAILURE                              0x01
#define SCSI_SENSEQ_TRACK_FOLLOWING_ERROR                               0x00
#define SCSI_SENSEQ_UNALIGNED_WRITE                                     0x04
#define SCSI_SENSEQ_UNKNOWN_FORMAT                                      0x01
#define SCSI_SENSEQ_UNREACHABLE_TARGET                                  0x04
#define SCSI_SENSEQ_UNRECOVERED_READ_ERROR                              0x00
#define SCSI_SENSEQ_VOLUME_SET_DEASSIGNED                               0x0C
#define SCSI_SENSEQ_VOLUME_SET_DELETED                                  0x0B
#define SCSI_SENSEQ_VOLUME_SET_MODIFIED                                 0x0A
#define SCSI_SENSEQ_VOLUME_SET_REASSIGNED                               0x0D
#define SCSI_SENSEQ_WRITE_BOUNDARY_VIOLATION                            0x05
#define SCSI_SENSEQ_WRITE_PROTECT_DISABLE                               0x03
#define SCSI_SENSEQ_WRITE_PROTECT_ENABLE                                0x02
#define SCSI_SESNEQ_COMM_CRC_ERROR                                      0x03

/* Which format sense data has. */
FORCEINLINE UCHAR ScsiGetSenseErrorCode(const VOID *SenseInfoBuffer)
{
    return *(const UCHAR *)SenseInfoBuffer & 0x7F;
}

FORCEINLINE BOOLEAN IsFixedSenseDataFormat(UCHAR ErrorCode)
{
    return (BOOLEAN)(ErrorCode == SCSI_SENSE_ERRORCODE_FIXED_CURRENT ||
                     ErrorCode == SCSI_SENSE_ERRORCODE_FIXED_DEFERRED);
}

FORCEINLINE BOOLEAN IsDescriptorSenseDataFormat(UCHAR ErrorCode)
{
    return (BOOLEAN)(ErrorCode == SCSI_SENSE_ERRORCODE_DESCRIPTOR_CURRENT ||
                     ErrorCode == SCSI_SENSE_ERRORCODE_DESCRIPTOR_DEFERRED);
}

FORCEINLINE BOOLEAN IsSenseDataFormatValueValid(UCHAR ErrorCode)
{
    return (BOOLEAN)(IsFixedSenseDataFormat(ErrorCode) || IsDescriptorSenseDataFormat(ErrorCode));
}

/*
 * The sense key and the additional codes, whatever the format. Results are optional. FALSE when the
 * buffer is too short, or its format unknown and the options do not say to take it as fixed.
 */
FORCEINLINE BOOLEAN ScsiGetSenseKeyAndCodes(const VOID *SenseInfoBuffer,
                                            UCHAR SenseInfoBufferLength, SCSI_SENSE_OPTIONS Options,
                                            PUCHAR SenseKey, PUCHAR AdditionalSenseCode,
                                            PUCHAR AdditionalSenseCodeQualifier)
{
    const UCHAR *sense = (const UCHAR *)SenseInfoBuffer;
    UCHAR error_code, key, code, qualifier;

    if (sense == NULL || SenseInfoBufferLength < 4)
        return FALSE;
    error_code = ScsiGetSenseErrorCode(sense);
    if (IsDescriptorSenseDataFormat(error_code)) {
        key = sense[1] & 0x0F;
        code = sense[2];
        qualifier = sense[3];
    } else if (IsFixedSenseDataFormat(error_code) ||
               (Options & SCSI_SENSE_OPTIONS_FIXED_FORMAT_IF_UNKNOWN_FORMAT_INDICATED)) {
        key = sense[2] & 0x0F;
        code = SenseInfoBufferLength > 12 ? sense[12] : 0;
        qualifier = SenseInfoBufferLength > 13 ? sense[13] : 0;
    } else {
        return FALSE;
    }
    if (SenseKey != NULL)
        *SenseKey = key;
    if (AdditionalSenseCode != NULL)
        *AdditionalSenseCode = code;
    if (AdditionalSenseCodeQualifier != NULL)
        *AdditionalSenseCodeQualifier = qualifier;
    return TRUE;
}

#endif

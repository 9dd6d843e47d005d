/*
 * Data that SCSI commands of block devices carry: capacities, lists of logical units, provisioning,
 * copy offload, reservations, zones, error history, messages.
 */
#ifndef WDK_STORAGE_SCSI_DATA_H
#define WDK_STORAGE_SCSI_DATA_H

#include "../ntdef.h"

#pragma pack(push, 1)
/* Numbers of which single bytes are reached. */
typedef union _TWO_BYTE {
    struct {
        UCHAR Byte0;
        UCHAR Byte1;
    };
    USHORT AsUShort;
} TWO_BYTE, *PTWO_BYTE;

typedef union _FOUR_BYTE {
    struct {
        UCHAR Byte0;
        UCHAR Byte1;
        UCHAR Byte2;
        UCHAR Byte3;
    };
    ULONG AsULong;
} FOUR_BYTE, *PFOUR_BYTE;

typedef union _EIGHT_BYTE {
    struct {
        UCHAR Byte0;
        UCHAR Byte1;
        UCHAR Byte2;
        UCHAR Byte3;
        UCHAR Byte4;
        UCHAR Byte5;
        UCHAR Byte6;
        UCHAR Byte7;
    };
    ULONGLONG AsULongLong;
} EIGHT_BYTE, *PEIGHT_BYTE;

#ifndef WDK_HOST
/* Copies a number between the device's byte order and the processor's. */
#define REVERSE_BYTES_SHORT(destination, source)                                                   \
    {                                                                                              \
        PTWO_BYTE wdk_to = (PTWO_BYTE)(destination);                                               \
        PTWO_BYTE wdk_from = (PTWO_BYTE)(source);                                                  \
        wdk_to->Byte1 = wdk_from->Byte0;                                                           \
        wdk_to->Byte0 = wdk_from->Byte1;                                                           \
    }
#define REVERSE_BYTES(destination, source)                                                         \
    {                                                                                              \
        PFOUR_BYTE wdk_to = (PFOUR_BYTE)(destination);                                             \
        PFOUR_BYTE wdk_from = (PFOUR_BYTE)(source);                                                \
        wdk_to->Byte3 = wdk_from->Byte0;                                                           \
        wdk_to->Byte2 = wdk_from->Byte1;                                                           \
        wdk_to->Byte1 = wdk_from->Byte2;                                                           \
        wdk_to->Byte0 = wdk_from->Byte3;                                                           \
    }
#define REVERSE_BYTES_QUAD(destination, source)                                                    \
    {                                                                                              \
        PEIGHT_BYTE wdk_to = (PEIGHT_BYTE)(destination);                                           \
        PEIGHT_BYTE wdk_from = (PEIGHT_BYTE)(source);                                              \
        wdk_to->Byte7 = wdk_from->Byte0;                                                           \
        wdk_to->Byte6 = wdk_from->Byte1;                                                           \
        wdk_to->Byte5 = wdk_from->Byte2;                                                           \
        wdk_to->Byte4 = wdk_from->Byte3;                                                           \
        wdk_to->Byte3 = wdk_from->Byte4;                                                           \
        wdk_to->Byte2 = wdk_from->Byte5;                                                           \
        wdk_to->Byte1 = wdk_from->Byte6;                                                           \
        wdk_to->Byte0 = wdk_from->Byte7;                                                           \
    }
#define REVERSE_BYTES_2(destination, source) REVERSE_BYTES_SHORT(destination, source)
#define REVERSE_BYTES_4(destination, source) REVERSE_BYTES(destination, source)
#define REVERSE_BYTES_8(destination, source) REVERSE_BYTES_QUAD(destination, source)

/* The same in place. */
#define REVERSE_SHORT(number) (*(PUSHORT)(number) = __builtin_bswap16(*(PUSHORT)(number)))
#define REVERSE_LONG(number)  (*(PULONG)(number) = __builtin_bswap32(*(PULONG)(number)))

/* The position of the highest bit that is set. */
#define WHICH_BIT(data, bit)                                                                       \
    {                                                                                              \
        for ((bit) = 0; (bit) < 32 && ((data) >> (bit)) != 1; (bit)++)                             \
            ;                                                                                      \
    }
#endif

/* READ CAPACITY. */
typedef struct _READ_CAPACITY_DATA {
    ULONG LogicalBlockAddress;
    ULONG BytesPerBlock;
} READ_CAPACITY_DATA, *PREAD_CAPACITY_DATA;

typedef struct _READ_CAPACITY_DATA_EX {
    LARGE_INTEGER LogicalBlockAddress;
    ULONG BytesPerBlock;
} READ_CAPACITY_DATA_EX, *PREAD_CAPACITY_DATA_EX;

typedef struct _READ_CAPACITY16_DATA {
    LARGE_INTEGER LogicalBlockAddress;
    ULONG BytesPerBlock;
    UCHAR ProtectionEnable : 1;
    UCHAR ProtectionType : 3;
    UCHAR RcBasis : 2;
    UCHAR Reserved : 2;
    UCHAR LogicalPerPhysicalExponent : 4;
    UCHAR ProtectionInfoExponent : 4;
    UCHAR LowestAlignedBlock_MSB : 6;
    UCHAR LBPRZ : 1;
    UCHAR LBPME : 1;
    UCHAR LowestAlignedBlock_LSB;
    UCHAR Reserved3[16];
} READ_CAPACITY16_DATA, *PREAD_CAPACITY16_DATA;

#define RC_BASIS_LAST_LBA_NOT_SEQUENTIAL_WRITE_REQUIRED_ZONES 0x00
#define RC_BASIS_LAST_LBA_ON_LOGICAL_UNIT                     0x01
typedef struct _READ_BLOCK_LIMITS {
    UCHAR Reserved;
    UCHAR BlockMaximumSize[3];
    UCHAR BlockMinimumSize[2];
} READ_BLOCK_LIMITS_DATA, *PREAD_BLOCK_LIMITS_DATA;

/* REPORT LUNS. */
typedef struct _LUN_LIST {
    UCHAR LunListLength[4];
    UCHAR Reserved[4];
    UCHAR Lun[0][8];
} LUN_LIST, *PLUN_LIST;

/* FORMAT UNIT and READ FORMAT CAPACITIES. */
typedef struct _FORMAT_DESCRIPTOR {
    UCHAR NumberOfBlocks[4];
    UCHAR FormatSubType : 2;
    UCHAR FormatType : 6;
    UCHAR BlockLength[3];
} FORMAT_DESCRIPTOR, *PFORMAT_DESCRIPTOR;

typedef struct _FORMAT_LIST_HEADER {
    UCHAR Reserved;
    UCHAR VendorSpecific : 1;
    UCHAR Immediate : 1;
    UCHAR TryOut : 1;
    UCHAR IP : 1;
    UCHAR STPF : 1;
    UCHAR DCRT : 1;
    UCHAR DPRY : 1;
    UCHAR FOV : 1;
    UCHAR FormatDescriptorLength[2];
    FORMAT_DESCRIPTOR Descriptors[0];
} FORMAT_LIST_HEADER, *PFORMAT_LIST_HEADER;

typedef struct _FORMATTED_CAPACITY_DESCRIPTOR {
    UCHAR NumberOfBlocks[4];
    UCHAR Maximum : 1;
    UCHAR Valid : 1;
    UCHAR FormatType : 6;
    UCHAR BlockLength[3];
} FORMATTED_CAPACITY_DESCRIPTOR, *PFORMATTED_CAPACITY_DESCRIPTOR;

typedef struct _FORMATTED_CAPACITY_LIST {
    UCHAR Reserved[3];
    UCHAR CapacityListLength;
    FORMATTED_CAPACITY_DESCRIPTOR Descriptors[0];
} FORMATTED_CAPACITY_LIST, *PFORMATTED_CAPACITY_LIST;

typedef struct _OVERWRITE_PARAMETER_LIST {
    UCHAR OverWriteCount : 5;
    UCHAR Test : 2;
    UCHAR Invert : 1;
    UCHAR Reserved1;
    UCHAR InitializationPatternLength[2];
    UCHAR InitializationPattern[ANYSIZE_ARRAY];
} OVERWRITE_PARAMETER_LIST, *POVERWRITE_PARAMETER_LIST;

/* UNMAP and GET LBA STATUS. */
typedef struct _UNMAP_BLOCK_DESCRIPTOR {
    UCHAR StartingLba[8];
    UCHAR LbaCount[4];
    UCHAR Reserved[4];
} UNMAP_BLOCK_DESCRIPTOR, *PUNMAP_BLOCK_DESCRIPTOR;

typedef struct _UNMAP_LIST_HEADER {
    UCHAR DataLength[2];
    UCHAR BlockDescrDataLength[2];
    UCHAR Reserved[4];
    UNMAP_BLOCK_DESCRIPTOR Descriptors[0];
} UNMAP_LIST_HEADER, *PUNMAP_LIST_HEADER;

typedef struct _LBA_STATUS_DESCRIPTOR {
    UCHAR StartingLBA[8];
    UCHAR LogicalBlockCount[4];
    UCHAR ProvisioningStatus : 4;
    UCHAR Reserved1 : 4;
    UCHAR Reserved2[3];
} LBA_STATUS_DESCRIPTOR, *PLBA_STATUS_DESCRIPTOR;

typedef struct _LBA_STATUS_LIST_HEADER {
    UCHAR ParameterLength[4];
    UCHAR Reserved[4];
    LBA_STATUS_DESCRIPTOR Descriptors[0];
} LBA_STATUS_LIST_HEADER, *PLBA_STATUS_LIST_HEADER;

#define LBA_STATUS_ANCHORED    0x02
#define LBA_STATUS_DEALLOCATED 0x01
#define LBA_STATUS_MAPPED      0x00

/* Copy offload: POPULATE TOKEN, WRITE USING TOKEN, RECEIVE ROD TOKEN INFORMATION. */
#define BLOCK_DEVICE_TOKEN_SIZE 0x0200
typedef enum _OPERATION_STATUS {
    OPERATION_COMPLETED_WITH_SUCCESS = 1,
    OPERATION_COMPLETED_WITH_ERROR,
    OPERATION_COMPLETED_WITH_RESIDUAL_DATA,
    OPERATION_IN_PROGRESS_IN_FOREGROUND = 17,
    OPERATION_IN_PROGRESS_IN_BACKGROUND,
    OPERATION_TERMINATED = 0x60
} OPERATION_STATUS,
    *POPERATION_STATUS;

typedef enum _TRANSFER_COUNT_UNITS {
    TRANSFER_COUNT_UNITS_BYTES = 0,
    TRANSFER_COUNT_UNITS_KIBIBYTES,
    TRANSFER_COUNT_UNITS_MEBIBYTES,
    TRANSFER_COUNT_UNITS_GIBIBYTES,
    TRANSFER_COUNT_UNITS_TEBIBYTES,
    TRANSFER_COUNT_UNITS_PEBIBYTES,
    TRANSFER_COUNT_UNITS_EXBIBYTES,
    TRANSFER_COUNT_UNITS_NUMBER_BLOCKS = 0xF1
} TRANSFER_COUNT_UNITS,
    *PTRANSFER_COUNT_UNITS;

typedef struct BLOCK_DEVICE_RANGE_DESCRIPTOR {
    UCHAR LogicalBlockAddress[8];
    UCHAR TransferLength[4];
    UCHAR Reserved[4];
} BLOCK_DEVICE_RANGE_DESCRIPTOR, *PBLOCK_DEVICE_RANGE_DESCRIPTOR;

typedef struct BLOCK_DEVICE_TOKEN_DESCRIPTOR {
    UCHAR TokenIdentifier[2];
    UCHAR Token[512];
} BLOCK_DEVICE_TOKEN_DESCRIPTOR, *PBLOCK_DEVICE_TOKEN_DESCRIPTOR;

typedef struct POPULATE_TOKEN_HEADER {
    UCHAR PopulateTokenDataLength[2];
    UCHAR Immediate : 1;
    UCHAR Reserved1 : 7;
    UCHAR Reserved2;
    UCHAR InactivityTimeout[4];
    UCHAR Reserved3[6];
    UCHAR BlockDeviceRangeDescriptorListLength[2];
    UCHAR BlockDeviceRangeDescriptor[ANYSIZE_ARRAY];
} POPULATE_TOKEN_HEADER, *PPOPULATE_TOKEN_HEADER;

typedef struct WRITE_USING_TOKEN_HEADER {
    UCHAR WriteUsingTokenDataLength[2];
    UCHAR Immediate : 1;
    UCHAR Reserved1 : 7;
    UCHAR Reserved2[5];
    UCHAR BlockOffsetIntoToken[8];
    UCHAR Token[512];
    UCHAR Reserved3[6];
    UCHAR BlockDeviceRangeDescriptorListLength[2];
    UCHAR BlockDeviceRangeDescriptor[ANYSIZE_ARRAY];
} WRITE_USING_TOKEN_HEADER, *PWRITE_USING_TOKEN_HEADER;

typedef struct RECEIVE_TOKEN_INFORMATION_HEADER {
    UCHAR AvailableData[4];
    UCHAR ResponseToServiceAction : 5;
    UCHAR Reserved1 : 3;
    UCHAR OperationStatus : 7;
    UCHAR Reserved2 : 1;
    UCHAR OperationCounter[2];
    UCHAR EstimatedStatusUpdateDelay[4];
    UCHAR CompletionStatus;
    UCHAR SenseDataFieldLength;
    UCHAR SenseDataLength;
    UCHAR TransferCountUnits;
    UCHAR TransferCount[8];
    UCHAR SegmentsProcessed[2];
    UCHAR Reserved3[6];
    UCHAR SenseData[ANYSIZE_ARRAY];
} RECEIVE_TOKEN_INFORMATION_HEADER, *PRECEIVE_TOKEN_INFORMATION_HEADER;

typedef struct RECEIVE_TOKEN_INFORMATION_RESPONSE_HEADER {
    UCHAR TokenDescriptorsLength[4];
    UCHAR TokenDescriptor[ANYSIZE_ARRAY];
} RECEIVE_TOKEN_INFORMATION_RESPONSE_HEADER, *PRECEIVE_TOKEN_INFORMATION_RESPONSE_HEADER;

/* PERSISTENT RESERVE IN and OUT. */
typedef struct PRI_REGISTRATION_LIST {
    UCHAR Generation[4];
    UCHAR AdditionalLength[4];
    UCHAR ReservationKeyList[0][8];
} PRI_REGISTRATION_LIST, *PPRI_REGISTRATION_LIST;

typedef struct PRI_RESERVATION_DESCRIPTOR {
    UCHAR ReservationKey[8];
    UCHAR ScopeSpecificAddress[4];
    UCHAR Reserved;
    UCHAR Type : 4;
    UCHAR Scope : 4;
    UCHAR Obsolete[2];
} PRI_RESERVATION_DESCRIPTOR, *PPRI_RESERVATION_DESCRIPTOR;

typedef struct PRI_RESERVATION_LIST {
    UCHAR Generation[4];
    UCHAR AdditionalLength[4];
    PRI_RESERVATION_DESCRIPTOR Reservations[0];
} PRI_RESERVATION_LIST, *PPRI_RESERVATION_LIST;

typedef struct PRI_FULL_STATUS_DESCRIPTOR_HEADER {
    UCHAR ReservationKey[8];
    UCHAR Reserved[4];
    UCHAR ReservationHolder : 1;
    UCHAR AllTargetPorts : 1;
    UCHAR Reserved1 : 6;
    UCHAR Type : 4;
    UCHAR Scope : 4;
    UCHAR Reserved2[4];
    UCHAR RelativeTargetPortIdentifier[2];
    UCHAR AdditionalDescriptorLength[4];
} PRI_FULL_STATUS_DESCRIPTOR_HEADER, *PPRI_FULL_STATUS_DESCRIPTOR_HEADER;

typedef struct PRI_FULL_STATUS_DESCRIPTOR {
    PRI_FULL_STATUS_DESCRIPTOR_HEADER Header;
    UCHAR TransportID[ANYSIZE_ARRAY];
} PRI_FULL_STATUS_DESCRIPTOR, *PPRI_FULL_STATUS_DESCRIPTOR;

typedef struct PRI_FULL_STATUS_LIST_HEADER {
    UCHAR Generation[4];
    UCHAR AdditionalLength[4];
} PRI_FULL_STATUS_LIST_HEADER, *PPRI_FULL_STATUS_LIST_HEADER;

typedef struct PRI_FULL_STATUS_LIST {
    UCHAR Generation[4];
    UCHAR AdditionalLength[4];
    PRI_FULL_STATUS_DESCRIPTOR_HEADER FullStatusDescriptors[ANYSIZE_ARRAY];
} PRI_FULL_STATUS_LIST, *PPRI_FULL_STATUS_LIST;

typedef struct PRI_REPORT_CAPABILITIES {
    UCHAR Length[2];
    UCHAR PersistThroughPowerLossCapable : 1;
    UCHAR Reserved : 1;
    UCHAR AllTargetPortsCapable : 1;
    UCHAR SpecifyInitiatorPortsCapable : 1;
    UCHAR CompatibleReservationHandling : 1;
    UCHAR Reserved1 : 2;
    UCHAR ReplaceLostReservationCapable : 1;
    UCHAR PersistThroughPowerLossActivated : 1;
    UCHAR Reserved2 : 3;
    UCHAR AllowCommands : 3;
    UCHAR TypeMaskValid : 1;
    UCHAR Reserved3 : 1;
    UCHAR WriteExclusive : 1;
    UCHAR Reserved4 : 1;
    UCHAR ExclusiveAccess : 1;
    UCHAR Reserved5 : 1;
    UCHAR WriteExclusiveRegistrantsOnly : 1;
    UCHAR ExclusiveAccessRegistrantsOnly : 1;
    UCHAR WriteExclusiveAllRegistrants : 1;
    UCHAR ExclusiveAccessAllRegistrants : 1;
    UCHAR Reserved6 : 7;
    UCHAR Reserved7[2];
} PRI_REPORT_CAPABILITIES, *PPRI_REPORT_CAPABILITIES;

typedef struct PRO_PARAMETER_LIST {
    UCHAR ReservationKey[8];
    UCHAR ServiceActionReservationKey[8];
    UCHAR ScopeSpecificAddress[4];
    UCHAR ActivatePersistThroughPowerLoss : 1;
    UCHAR Reserved1 : 1;
    UCHAR AllTargetPorts : 1;
    UCHAR SpecifyInitiatorPorts : 1;
    UCHAR Reserved2 : 4;
    UCHAR Reserved3;
    UCHAR Obsolete[2];
} PRO_PARAMETER_LIST, *PPRO_PARAMETER_LIST;

/* REPORT SUPPORTED OPERATION CODES, REPORT and SET TIMESTAMP. */
typedef struct RS_COMMAND_DESCRIPTOR {
    UCHAR OperationCode;
    UCHAR Reserved;
    UCHAR ServiceAction[2];
    UCHAR Reserved1;
    UCHAR ServiceActionValid : 1;
    UCHAR CommandTimeoutsDescriptorPresent : 1;
    UCHAR CommandDurationLimitPage : 2;
    UCHAR MultipleLogicalUnits : 2;
    UCHAR ReadWriteCommandDurationLimitsPage : 1;
    UCHAR Reserved2 : 1;
    UCHAR CdbLength[2];
} RS_COMMAND_DESCRIPTOR, *PRS_COMMAND_DESCRIPTOR;

typedef struct RS_COMMAND_TIMEOUTS_DESCRIPTOR {
    UCHAR DescriptorLength[2];
    UCHAR Reserved;
    UCHAR CommandSpecific;
    UCHAR NominalCommandProcessingTimeoutInSec[4];
    UCHAR RecommendedCommandTimeoutInSec[4];
} RS_COMMAND_TIMEOUTS_DESCRIPTOR, *PRS_COMMAND_TIMEOUTS_DESCRIPTOR;

typedef struct RS_ALL_COMMANDS_PARAMETER_DATA {
    UCHAR CommandDataLength[4];
    RS_COMMAND_DESCRIPTOR CommandDescriptor[ANYSIZE_ARRAY];
} RS_ALL_COMMANDS_PARAMETER_DATA, *PRS_ALL_COMMANDS_PARAMETER_DATA;

typedef struct RS_ONE_COMMAND_PARAMETER_DATA {
    UCHAR ReadWriteCommandDurationLimitsPage : 1;
    UCHAR Reserved : 7;
    UCHAR Support : 3;
    UCHAR CommandDurationLimitPage : 2;
    UCHAR MultipleLogicalUnits : 2;
    UCHAR CommandTimeoutsDescriptorPresent : 1;
    UCHAR CdbSize[2];
    UCHAR CdbUsageData[ANYSIZE_ARRAY];
} RS_ONE_COMMAND_PARAMETER_DATA, *PRS_ONE_COMMAND_PARAMETER_DATA;

typedef struct RT_PARAMETER_DATA {
    UCHAR ParameterDataLength[2];
    UCHAR Origin : 3;
    UCHAR Reserved1 : 5;
    UCHAR Reserved2;
    UCHAR Timestamp[6];
    UCHAR Reserved3[2];
} RT_PARAMETER_DATA, *PRT_PARAMETER_DATA;

typedef struct ST_PARAMETER_DATA {
    UCHAR Reserved1[4];
    UCHAR Timestamp[6];
    UCHAR Reserved2[2];
} ST_PARAMETER_DATA, *PST_PARAMETER_DATA;

/* SECURITY PROTOCOL IN. */
typedef struct _SUPPORTED_SECURITY_PROTOCOLS_PARAMETER_DATA {
    UCHAR Reserved1[6];
    UCHAR SupportedSecurityListLength[2];
    UCHAR SupportedSecurityProtocol[0];
} SUPPORTED_SECURITY_PROTOCOLS_PARAMETER_DATA, *PSUPPORTED_SECURITY_PROTOCOLS_PARAMETER_DATA;

/* Zoned block devices. */
#define ZONE_CONDITION_CLOSED                      0x04
#define ZONE_CONDITION_EMPTY                       0x01
#define ZONE_CONDITION_EXPLICITLY_OPENED           0x03
#define ZONE_CONDITION_FULL                        0x0E
#define ZONE_CONDITION_IMPLICITLY_OPENED           0x02
#define ZONE_CONDITION_NOT_WRITE_POINTER           0x00
#define ZONE_CONDITION_OFFLINE                     0x0F
#define ZONE_CONDITION_READ_ONLY                   0x0D
#define ZONE_TYPE_CONVENTIONAL                     0x01
#define ZONE_TYPE_SEQUENTIAL_WRITE_PREFERRED       0x03
#define ZONE_TYPE_SEQUENTIAL_WRITE_REQUIRED        0x02
#define ZONES_TYPE_AND_LENGTH_MAY_DIFFERENT        0x00
#define ZONES_TYPE_MAY_DIFFERENT_LENGTH_SAME       0x03
#define ZONES_TYPE_SAME_LAST_ZONE_LENGTH_DIFFERENT 0x02
#define ZONES_TYPE_SAME_LENGTH_SAME                0x01
typedef struct _ZONE_DESCRIPTIOR {
    UCHAR ZoneType : 4;
    UCHAR Reserved1 : 4;
    UCHAR Reset : 1;
    UCHAR Non_Seq : 1;
    UCHAR Reserved2 : 2;
    UCHAR ZoneCondition : 4;
    UCHAR Reserved3[6];
    UCHAR ZoneLength[8];
    UCHAR ZoneStartLBA[8];
    UCHAR WritePointerLBA[8];
    UCHAR Reserved4[32];
} ZONE_DESCRIPTIOR, *PZONE_DESCRIPTIOR;

typedef struct _REPORT_ZONES_DATA {
    UCHAR ZoneListLength[4];
    UCHAR Same : 4;
    UCHAR Reserved1 : 4;
    UCHAR Reserved2[3];
    UCHAR MaxLBA[8];
    UCHAR Reserved3[48];
    ZONE_DESCRIPTIOR ZoneDescriptors[1];
} REPORT_ZONES_DATA, *PREPORT_ZONES_DATA;

/* Physical elements and their removal. */
#define PHYSICAL_ELEMENT_HEALTH_DEPOPULATION_COMPLETED_SUCCESS    0xFF
#define PHYSICAL_ELEMENT_HEALTH_DEPOPULATION_COMPLETED_WITH_ERROR 0xFD
#define PHYSICAL_ELEMENT_HEALTH_DEPOPULATION_IN_PROGRESS          0xFE
#define PHYSICAL_ELEMENT_HEALTH_MANUFACTURER_SPECIFICATION_LIMIT  0x64
#define PHYSICAL_ELEMENT_HEALTH_NOT_REPORTED                      0x00
#define PHYSICAL_ELEMENT_HEALTH_RESERVED_LOWER_BOUNDARY           0xD0
#define PHYSICAL_ELEMENT_HEALTH_RESERVED_UPPER_BOUNDARY           0xFC
#define PHYSICAL_ELEMENT_TYPE_STORAGE_ELEMENT                     0x01
typedef struct _PHYSICAL_ELEMENT_STATUS_DATA_DESCRIPTOR {
    UCHAR Reserved1[4];
    UCHAR ElementIdentifier[4];
    UCHAR Reserved2[6];
    UCHAR PhysicalElementType;
    UCHAR PhysicalElementHealth;
    UCHAR AssociatedCapacity[8];
    UCHAR Reserved3[8];
} PHYSICAL_ELEMENT_STATUS_DATA_DESCRIPTOR, *PPHYSICAL_ELEMENT_STATUS_DATA_DESCRIPTOR;

typedef struct _PHYSICAL_ELEMENT_STATUS_PARAMETER_DATA {
    UCHAR DescriptorCount[4];
    UCHAR ReturnedDescriptorCount[4];
    UCHAR ElementIdentifierBeingDepoped[4];
    UCHAR Reserved[20];
    PHYSICAL_ELEMENT_STATUS_DATA_DESCRIPTOR Descriptors[ANYSIZE_ARRAY];
} PHYSICAL_ELEMENT_STATUS_PARAMETER_DATA, *PPHYSICAL_ELEMENT_STATUS_PARAMETER_DATA;

/* READ BUFFER: error history and internal status. */
#define ERROR_HISTORY_RETRIEVED_BUFFER_ID_FE_OR_FF                       0x01
#define ERROR_HISTORY_RETRIEVED_NOT_BUFFER_ID_FE_OR_FF                   0x02
#define ERROR_HISTORY_RETRIEVED_NO_INFORMATION                           0x00
#define ERROR_HISTORY_RETRIEVED_RESERVED                                 0x03
#define ERROR_HISTORY_SOURCE_CREATED_BY_DEVICE_SERVER                    0x00
#define ERROR_HISTORY_SOURCE_CREATED_DUE_TO_CURRENT_READ_BUFFER_COMMAND  0x01
#define ERROR_HISTORY_SOURCE_CREATED_DUE_TO_PREVIOUS_READ_BUFFER_COMMAND 0x02
#define ERROR_HISTORY_SOURCE_INDICATED_IN_BUFFER_SOURCE_FIELD            0x03
#define BUFFER_SOURCE_CREATED_BY_DEVICE_SERVER                           0x02
#define BUFFER_SOURCE_CREATED_DUE_TO_CURRENT_COMMAND                     0x03
#define BUFFER_SOURCE_CREATED_DUE_TO_PREVIOUS_COMMAND                    0x04
#define BUFFER_SOURCE_INDICATED_IN_EHS_SOURCE_FIELD                      0x00
#define BUFFER_SOURCE_UNKNOWN                                            0x01
typedef struct _ERROR_HISTORY_DIRECTORY_ENTRY {
    UCHAR SupportedBufferId;
    UCHAR BufferFormat;
    UCHAR BufferSource : 4;
    UCHAR Reserved0 : 4;
    UCHAR Reserved1;
    UCHAR MaxAvailableLength[4];
} ERROR_HISTORY_DIRECTORY_ENTRY, *PERROR_HISTORY_DIRECTORY_ENTRY;

typedef struct _ERROR_HISTORY_DIRECTORY {
    UCHAR T10VendorId[8];
    UCHAR ErrorHistoryVersion;
    UCHAR ClearSupport : 1;
    UCHAR ErrorHistorySource : 2;
    UCHAR ErrorHistoryRetrieved : 2;
    UCHAR Reserved0 : 3;
    UCHAR Reserved1[20];
    UCHAR DirectoryLength[2];
    ERROR_HISTORY_DIRECTORY_ENTRY ErrorHistoryDirectoryList[1];
} ERROR_HISTORY_DIRECTORY, *PERROR_HISTORY_DIRECTORY;

typedef struct _CURRENT_INTERNAL_STATUS_PARAMETER_DATA {
    UCHAR Reserved0[4];
    UCHAR IEEECompanyId[4];
    UCHAR CurrentInternalStatusDataSetOneLength[2];
    UCHAR CurrentInternalStatusDataSetTwoLength[2];
    UCHAR CurrentInternalStatusDataSetThreeLength[2];
    UCHAR CurrentInternalStatusDataSetFourLength[4];
    UCHAR Reserved1[364];
    UCHAR NewSavedDataAvailable;
    UCHAR SavedDataGenerationNumber;
    UCHAR CurrentReasonIdentifier[128];
    UCHAR CurrentInternalStatusData[ANYSIZE_ARRAY];
} CURRENT_INTERNAL_STATUS_PARAMETER_DATA, *PCURRENT_INTERNAL_STATUS_PARAMETER_DATA;

typedef struct _SAVED_INTERNAL_STATUS_PARAMETER_DATA {
    UCHAR Reserved0[4];
    UCHAR IEEECompanyId[4];
    UCHAR SavedInternalStatusDataSetOneLength[2];
    UCHAR SavedInternalStatusDataSetTwoLength[2];
    UCHAR SavedInternalStatusDataSetThreeLength[2];
    UCHAR SavedInternalStatusDataSetFourLength[4];
    UCHAR Reserved1[364];
    UCHAR NewSavedDataAvailable;
    UCHAR SavedDataGenerationNumber;
    UCHAR SavedReasonIdentifier[128];
    UCHAR SavedInternalStatusData[ANYSIZE_ARRAY];
} SAVED_INTERNAL_STATUS_PARAMETER_DATA, *PSAVED_INTERNAL_STATUS_PARAMETER_DATA;

/* READ POSITION of tapes. */
typedef struct _TAPE_POSITION_DATA {
    UCHAR Reserved1 : 2;
    UCHAR BlockPositionUnsupported : 1;
    UCHAR Reserved2 : 3;
    UCHAR EndOfPartition : 1;
    UCHAR BeginningOfPartition : 1;
    UCHAR PartitionNumber;
    USHORT Reserved3;
    UCHAR FirstBlock[4];
    UCHAR LastBlock[4];
    UCHAR Reserved4;
    UCHAR NumberOfBlocks[3];
    UCHAR NumberOfBytes[4];
} TAPE_POSITION_DATA, *PTAPE_POSITION_DATA;
#pragma pack(pop)

/* Messages of the parallel bus. */
#define SCSIMESS_COMMAND_COMPLETE     0x00
#define SCSIMESS_MODIFY_DATA_POINTER  0x00
#define SCSIMESS_EXTENDED_MESSAGE     0x01
#define SCSIMESS_SYNCHRONOUS_DATA_REQ 0x01
#define SCSIMESS_SAVE_DATA_POINTER    0x02
#define SCSIMESS_WIDE_DATA_LENGTH     0x02
#define SCSIMESS_RESTORE_POINTERS     0x03
#define SCSIMESS_SYNCH_DATA_LENGTH    0x03
#define SCSIMESS_WIDE_DATA_REQUEST    0x03
#define SCSIMESS_DISCONNECT           0x04
#define SCSIMESS_INIT_DETECTED_ERROR  0x05
#define SCSIMESS_MODIFY_DATA_LENGTH   0x05
#define SCSIMESS_ABORT                0x06
#define SCSIMESS_MESSAGE_REJECT       0x07
#define SCSIMESS_NO_OPERATION         0x08
#define SCSIMESS_MESS_PARITY_ERROR    0x09
#define SCSIMESS_LINK_CMD_COMP        0x0A
#define SCSIMESS_LINK_CMD_COMP_W_FLAG 0x0B
#define SCSIMESS_BUS_DEVICE_RESET     0x0C
#define SCSIMESS_ABORT_WITH_TAG       0x0D
#define SCSIMESS_CLEAR_QUEUE          0x0E
#define SCSIMESS_INITIATE_RECOVERY    0x0F
#define SCSIMESS_RELEASE_RECOVERY     0x10
#define SCSIMESS_TERMINATE_IO_PROCESS 0x11
#define SCSIMESS_SIMPLE_QUEUE_TAG     0x20
#define SCSIMESS_HEAD_OF_QUEUE_TAG    0x21
#define SCSIMESS_ORDERED_QUEUE_TAG    0x22
#define SCSIMESS_IGNORE_WIDE_RESIDUE  0x23
#define SCSIMESS_IDENTIFY             0x80
#define SCSIMESS_IDENTIFY_WITH_DISCON 0xC0
#pragma pack(push, 1)
typedef struct _SCSI_EXTENDED_MESSAGE {
    UCHAR InitialMessageCode;
    UCHAR MessageLength;
    UCHAR MessageType;
    union {
        struct {
            UCHAR Modifier[4];
        } Modify;
        struct {
            UCHAR TransferPeriod;
            UCHAR ReqAckOffset;
        } Synchronous;
        struct {
            UCHAR Width;
        } Wide;
    } ExtendedArguments;
} SCSI_EXTENDED_MESSAGE, *PSCSI_EXTENDED_MESSAGE;
#pragma pack(pop)

#endif

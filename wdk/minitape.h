/*
 * Miniclass drivers of tapes: they run above the SCSI port, below the tape class driver. This host
 * has no tape class driver, so its routines are declared only.
 */
#ifndef WDK_MINITAPE_H
#define WDK_MINITAPE_H
#define _MINITAPE_

#include "miniport.h"
#include "ntddtape.h"
#include "scsi.h"

WDK_BEGIN_C

/* How an operation ends, or goes on. */
typedef enum _TAPE_STATUS {
    TAPE_STATUS_SEND_SRB_AND_CALLBACK = 0,
    TAPE_STATUS_CALLBACK,
    TAPE_STATUS_CHECK_TEST_UNIT_READY,
    TAPE_STATUS_SUCCESS,
    TAPE_STATUS_INSUFFICIENT_RESOURCES,
    TAPE_STATUS_NOT_IMPLEMENTED,
    TAPE_STATUS_INVALID_DEVICE_REQUEST,
    TAPE_STATUS_INVALID_PARAMETER,
    TAPE_STATUS_MEDIA_CHANGED,
    TAPE_STATUS_BUS_RESET,
    TAPE_STATUS_SETMARK_DETECTED,
    TAPE_STATUS_FILEMARK_DETECTED,
    TAPE_STATUS_BEGINNING_OF_MEDIA,
    TAPE_STATUS_END_OF_MEDIA,
    TAPE_STATUS_BUFFER_OVERFLOW,
    TAPE_STATUS_NO_DATA_DETECTED,
    TAPE_STATUS_EOM_OVERFLOW,
    TAPE_STATUS_NO_MEDIA,
    TAPE_STATUS_IO_DEVICE_ERROR,
    TAPE_STATUS_UNRECOGNIZED_MEDIA,
    TAPE_STATUS_DEVICE_NOT_READY,
    TAPE_STATUS_MEDIA_WRITE_PROTECTED,
    TAPE_STATUS_DEVICE_DATA_ERROR,
    TAPE_STATUS_NO_SUCH_DEVICE,
    TAPE_STATUS_INVALID_BLOCK_LENGTH,
    TAPE_STATUS_IO_TIMEOUT,
    TAPE_STATUS_DEVICE_NOT_CONNECTED,
    TAPE_STATUS_DATA_OVERRUN,
    TAPE_STATUS_DEVICE_BUSY,
    TAPE_STATUS_REQUIRES_CLEANING,
    TAPE_STATUS_CLEANER_CARTRIDGE_INSTALLED,
} TAPE_STATUS,
    *PTAPE_STATUS;

typedef enum _TAPE_DRIVE_PROBLEM_TYPE {
    TapeDriveProblemNone = 0,
    TapeDriveReadWriteWarning,
    TapeDriveReadWriteError,
    TapeDriveReadWarning,
    TapeDriveWriteWarning,
    TapeDriveReadError,
    TapeDriveWriteError,
    TapeDriveHardwareError,
    TapeDriveUnsupportedMedia,
    TapeDriveScsiConnectionError,
    TapeDriveTimetoClean,
    TapeDriveCleanDriveNow,
    TapeDriveMediaLifeExpired,
    TapeDriveSnappedTape,
} TAPE_DRIVE_PROBLEM_TYPE,
    *PTAPE_DRIVE_PROBLEM_TYPE;

typedef enum _TAPE_ALERT_INFO_TYPE {
    TapeAlertInfoNone = 0,
    TapeAlertInfoRequestSense,
    TapeAlertInfoLogPage,
} TAPE_ALERT_INFO_TYPE,
    *PTAPE_ALERT_INFO_TYPE;

/* Flags of the alert page. */
#define READ_WARNING           0x1
#define WRITE_WARNING          0x2
#define HARD_ERROR             0x3
#define MEDIA_ERROR            0x4
#define READ_FAILURE           0x5
#define WRITE_FAILURE          0x6
#define MEDIA_LIFE             0x7
#define NOT_DATA_GRADE         0x8
#define WRITE_PROTECT          0x9
#define NO_REMOVAL             0xA
#define CLEANING_MEDIA         0xB
#define UNSUPPORTED_FORMAT     0xC
#define SNAPPED_TAPE           0xD
#define CLEAN_NOW              0x14
#define CLEAN_PERIODIC         0x15
#define EXPIRED_CLEANING_MEDIA 0x16
#define HARDWARE_A             0x1E
#define HARDWARE_B             0x1F
#define INTERFACE_ERROR        0x20
#define EJECT_MEDIA            0x21
#define DOWNLOAD_FAIL          0x22

/* How the class driver handles errors of a request (RetryFlags), and positions. */
#define NOT_FROM_BOT     0x0
#define FROM_BOT         0x1
#define TapeAlertLogPage 0x2E
#define TAPE_RETRY_MASK  0xFFFF
#define IGNORE_ERRORS    0x10000
#define RETURN_ERRORS    0x20000

/* Formats and cartridges of quarter-inch tapes. */
#define DCXXXX    0x0
#define QIC_XX    0x0
#define DC300     0x1
#define DC300XLP  0x2
#define DC615     0x3
#define DC600     0x4
#define DC6037    0x5
#define QIC_24    0x5
#define DC6150    0x6
#define DC6250    0x7
#define DC6320    0x8
#define DC6525    0x9
#define QIC_120   0xF
#define QIC_150   0x10
#define QIC_525   0x11
#define QIC_1350  0x12
#define QIC_1000  0x15
#define QIC_1000C 0x1E
#define QIC_2100  0x1F
#define DC9135SL  0x21
#define DC9210    0x22
#define QIC_2GB   0x22
#define DC9135    0x23
#define DC9100    0x24
#define DC9120    0x25
#define DC9120SL  0x26
#define DC9164    0x27
#define QIC_5GB   0x28
#define DCXXXXFW  0x30
#define DC9200SL  0x31
#define DC9210XL  0x32
#define DC10GB    0x33
#define DC9200    0x34
#define DC9120XL  0x35
#define DC9210SL  0x36
#define DC9164XL  0x37
#define DC9200XL  0x40
#define DC9400    0x41
#define DC9500    0x42
#define DC9500SL  0x46

/* ---- mode pages ---- */

#pragma pack(push, 1)
typedef struct _MODE_CAPABILITIES_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved1 : 2;
    UCHAR PageLength;
    UCHAR Reserved2[2];
    UCHAR RO : 1;
    UCHAR Reserved3 : 4;
    UCHAR SPREV : 1;
    UCHAR Reserved4 : 2;
    UCHAR Reserved5 : 3;
    UCHAR EFMT : 1;
    UCHAR Reserved6 : 1;
    UCHAR QFA : 1;
    UCHAR Reserved7 : 2;
    UCHAR LOCK : 1;
    UCHAR LOCKED : 1;
    UCHAR PREVENT : 1;
    UCHAR UNLOAD : 1;
    UCHAR Reserved8 : 2;
    UCHAR ECC : 1;
    UCHAR CMPRS : 1;
    UCHAR Reserved9 : 1;
    UCHAR BLK512 : 1;
    UCHAR BLK1024 : 1;
    UCHAR Reserved10 : 4;
    UCHAR SLOWB : 1;
    UCHAR MaximumSpeedSupported[2];
    UCHAR MaximumStoredDefectedListEntries[2];
    UCHAR ContinuousTransferLimit[2];
    UCHAR CurrentSpeedSelected[2];
    UCHAR BufferSize[2];
    UCHAR Reserved11[2];
} MODE_CAPABILITIES_PAGE, *PMODE_CAPABILITIES_PAGE;

typedef struct _MODE_DATA_COMPRESSION_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved1 : 2;
    UCHAR PageLength;
    UCHAR Reserved2 : 6;
    UCHAR DCC : 1;
    UCHAR DCE : 1;
    UCHAR Reserved3 : 5;
    UCHAR RED : 2;
    UCHAR DDE : 1;
    UCHAR CompressionAlgorithm[4];
    UCHAR DecompressionAlgorithm[4];
    UCHAR Reserved4[4];
} MODE_DATA_COMPRESSION_PAGE, *PMODE_DATA_COMPRESSION_PAGE;

typedef struct _MODE_DEVICE_CONFIGURATION_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved1 : 1;
    UCHAR PS : 1;
    UCHAR PageLength;
    UCHAR ActiveFormat : 5;
    UCHAR CAFBit : 1;
    UCHAR CAPBit : 1;
    UCHAR Reserved2 : 1;
    UCHAR ActivePartition;
    UCHAR WriteBufferFullRatio;
    UCHAR ReadBufferEmptyRatio;
    UCHAR WriteDelayTime[2];
    UCHAR REW : 1;
    UCHAR RBO : 1;
    UCHAR SOCF : 2;
    UCHAR AVC : 1;
    UCHAR RSmk : 1;
    UCHAR BIS : 1;
    UCHAR DBR : 1;
    UCHAR GapSize;
    UCHAR Reserved3 : 3;
    UCHAR SEW : 1;
    UCHAR EEG : 1;
    UCHAR EODdefined : 3;
    UCHAR BufferSize[3];
    UCHAR DCAlgorithm;
    UCHAR Reserved4;
} MODE_DEVICE_CONFIGURATION_PAGE, *PMODE_DEVICE_CONFIGURATION_PAGE;

typedef struct _MODE_MEDIUM_PARTITION_PAGE {
    UCHAR PageCode : 6;
    UCHAR Reserved1 : 1;
    UCHAR PSBit : 1;
    UCHAR PageLength;
    UCHAR MaximumAdditionalPartitions;
    UCHAR AdditionalPartitionDefined;
    UCHAR Reserved2 : 3;
    UCHAR PSUMBit : 2;
    UCHAR IDPBit : 1;
    UCHAR SDPBit : 1;
    UCHAR FDPBit : 1;
    UCHAR MediumFormatRecognition;
    UCHAR Reserved3[2];
    UCHAR Partition0Size[2];
    UCHAR Partition1Size[2];
} MODE_MEDIUM_PARTITION_PAGE, *PMODE_MEDIUM_PARTITION_PAGE;

typedef struct _MODE_CAP_PAGE {
    MODE_PARAMETER_HEADER ParameterListHeader;
    MODE_PARAMETER_BLOCK ParameterListBlock;
    MODE_CAPABILITIES_PAGE CapabilitiesPage;
} MODE_CAP_PAGE, *PMODE_CAP_PAGE;

typedef struct _MODE_DATA_COMPRESS_PAGE {
    MODE_PARAMETER_HEADER ParameterListHeader;
    MODE_DATA_COMPRESSION_PAGE DataCompressPage;
} MODE_DATA_COMPRESS_PAGE, *PMODE_DATA_COMPRESS_PAGE;

typedef struct _MODE_DATA_COMPRESS_PAGE_PLUS {
    MODE_PARAMETER_HEADER ParameterListHeader;
    MODE_PARAMETER_BLOCK ParameterListBlock;
    MODE_DATA_COMPRESSION_PAGE DataCompressPage;
} MODE_DATA_COMPRESS_PAGE_PLUS, *PMODE_DATA_COMPRESS_PAGE_PLUS;

typedef struct _MODE_DEVICE_CONFIG_PAGE {
    MODE_PARAMETER_HEADER ParameterListHeader;
    MODE_DEVICE_CONFIGURATION_PAGE DeviceConfigPage;
} MODE_DEVICE_CONFIG_PAGE, *PMODE_DEVICE_CONFIG_PAGE;

typedef struct _MODE_DEVICE_CONFIG_PAGE_PLUS {
    MODE_PARAMETER_HEADER ParameterListHeader;
    MODE_PARAMETER_BLOCK ParameterListBlock;
    MODE_DEVICE_CONFIGURATION_PAGE DeviceConfigPage;
} MODE_DEVICE_CONFIG_PAGE_PLUS, *PMODE_DEVICE_CONFIG_PAGE_PLUS;

typedef struct _MODE_MEDIUM_PART_PAGE {
    MODE_PARAMETER_HEADER ParameterListHeader;
    MODE_MEDIUM_PARTITION_PAGE MediumPartPage;
} MODE_MEDIUM_PART_PAGE, *PMODE_MEDIUM_PART_PAGE;

typedef struct _MODE_MEDIUM_PART_PAGE_PLUS {
    MODE_PARAMETER_HEADER ParameterListHeader;
    MODE_PARAMETER_BLOCK ParameterListBlock;
    MODE_MEDIUM_PARTITION_PAGE MediumPartPage;
} MODE_MEDIUM_PART_PAGE_PLUS, *PMODE_MEDIUM_PART_PAGE_PLUS;

typedef struct _MODE_TAPE_MEDIA_INFORMATION {
    MODE_PARAMETER_HEADER ParameterListHeader;
    MODE_PARAMETER_BLOCK ParameterListBlock;
    MODE_MEDIUM_PARTITION_PAGE MediumPartPage;
} MODE_TAPE_MEDIA_INFORMATION, *PMODE_TAPE_MEDIA_INFORMATION;

#pragma pack(pop)

/* ---- WMI ---- */

typedef struct _WMI_TAPE_DRIVE_PARAMETERS {
    ULONG MaximumBlockSize;
    ULONG MinimumBlockSize;
    ULONG DefaultBlockSize;
    ULONG MaximumPartitionCount;
    BOOLEAN CompressionCapable;
    BOOLEAN CompressionEnabled;
    BOOLEAN ReportSetmarks;
    BOOLEAN HardwareErrorCorrection;
} WMI_TAPE_DRIVE_PARAMETERS, *PWMI_TAPE_DRIVE_PARAMETERS;

typedef struct _WMI_TAPE_MEDIA_PARAMETERS {
    ULONG64 MaximumCapacity;
    ULONG64 AvailableCapacity;
    ULONG BlockSize;
    ULONG PartitionCount;
    BOOLEAN MediaWriteProtected;
} WMI_TAPE_MEDIA_PARAMETERS, *PWMI_TAPE_MEDIA_PARAMETERS;

typedef struct _WMI_TAPE_PROBLEM_WARNING {
    ULONG DriveProblemType;
    UCHAR TapeData[512];
} WMI_TAPE_PROBLEM_WARNING, *PWMI_TAPE_PROBLEM_WARNING;

typedef struct _WMI_TAPE_PROBLEM_IO_ERROR {
    ULONG ReadCorrectedWithoutDelay;
    ULONG ReadCorrectedWithDelay;
    ULONG ReadTotalErrors;
    ULONG ReadTotalCorrectedErrors;
    ULONG ReadTotalUncorrectedErrors;
    ULONG ReadCorrectionAlgorithmProcessed;
    ULONG WriteCorrectedWithoutDelay;
    ULONG WriteCorrectedWithDelay;
    ULONG WriteTotalErrors;
    ULONG WriteTotalCorrectedErrors;
    ULONG WriteTotalUncorrectedErrors;
    ULONG WriteCorrectionAlgorithmProcessed;
    ULONG NonMediumErrors;
} WMI_TAPE_PROBLEM_IO_ERROR, *PWMI_TAPE_PROBLEM_IO_ERROR;

typedef struct _WMI_TAPE_PROBLEM_DEVICE_ERROR {
    BOOLEAN ReadWarning;
    BOOLEAN WriteWarning;
    BOOLEAN HardError;
    BOOLEAN ReadFailure;
    BOOLEAN WriteFailure;
    BOOLEAN UnsupportedFormat;
    BOOLEAN TapeSnapped;
    BOOLEAN DriveRequiresCleaning;
    BOOLEAN TimetoCleanDrive;
    BOOLEAN DriveHardwareError;
    BOOLEAN ScsiInterfaceError;
    BOOLEAN MediaLife;
} WMI_TAPE_PROBLEM_DEVICE_ERROR, *PWMI_TAPE_PROBLEM_DEVICE_ERROR;

/* ---- the driver ---- */

typedef BOOLEAN(NTAPI TAPE_VERIFY_INQUIRY_ROUTINE)(PINQUIRYDATA InquiryData,
                                                   PMODE_CAPABILITIES_PAGE ModeCapabilitiesPage);
typedef VOID(NTAPI TAPE_EXTENSION_INIT_ROUTINE)(PVOID MinitapeExtension, PINQUIRYDATA InquiryData,
                                                PMODE_CAPABILITIES_PAGE ModeCapabilitiesPage);
typedef VOID(NTAPI TAPE_ERROR_ROUTINE)(PVOID MinitapeExtension, PSCSI_REQUEST_BLOCK Srb,
                                       PTAPE_STATUS TapeStatus);
typedef TAPE_STATUS(NTAPI TAPE_PROCESS_COMMAND_ROUTINE)(
    PVOID MinitapeExtension, PVOID CommandExtension, PVOID CommandParameters,
    PSCSI_REQUEST_BLOCK Srb, ULONG CallNumber, TAPE_STATUS StatusOfLastCommand, PULONG RetryFlags);

typedef TAPE_VERIFY_INQUIRY_ROUTINE *PTAPE_VERIFY_INQUIRY_ROUTINE;
typedef TAPE_EXTENSION_INIT_ROUTINE *PTAPE_EXTENSION_INIT_ROUTINE;
typedef TAPE_ERROR_ROUTINE *PTAPE_ERROR_ROUTINE;
typedef TAPE_PROCESS_COMMAND_ROUTINE *PTAPE_PROCESS_COMMAND_ROUTINE;

typedef struct _TAPE_INIT_DATA {
    TAPE_VERIFY_INQUIRY_ROUTINE *VerifyInquiry;
    BOOLEAN QueryModeCapabilitiesPage;
    ULONG MinitapeExtensionSize;
    TAPE_EXTENSION_INIT_ROUTINE *ExtensionInit;
    ULONG DefaultTimeOutValue;
    TAPE_ERROR_ROUTINE *TapeError;
    ULONG CommandExtensionSize;
    TAPE_PROCESS_COMMAND_ROUTINE *CreatePartition;
    TAPE_PROCESS_COMMAND_ROUTINE *Erase;
    TAPE_PROCESS_COMMAND_ROUTINE *GetDriveParameters;
    TAPE_PROCESS_COMMAND_ROUTINE *GetMediaParameters;
    TAPE_PROCESS_COMMAND_ROUTINE *GetPosition;
    TAPE_PROCESS_COMMAND_ROUTINE *GetStatus;
    TAPE_PROCESS_COMMAND_ROUTINE *Prepare;
    TAPE_PROCESS_COMMAND_ROUTINE *SetDriveParameters;
    TAPE_PROCESS_COMMAND_ROUTINE *SetMediaParameters;
    TAPE_PROCESS_COMMAND_ROUTINE *SetPosition;
    TAPE_PROCESS_COMMAND_ROUTINE *WriteMarks;
    TAPE_PROCESS_COMMAND_ROUTINE *PreProcessReadWrite;
} TAPE_INIT_DATA, *PTAPE_INIT_DATA;

typedef struct _TAPE_INIT_DATA_EX {
    ULONG InitDataSize;
    TAPE_VERIFY_INQUIRY_ROUTINE *VerifyInquiry;
    BOOLEAN QueryModeCapabilitiesPage;
    ULONG MinitapeExtensionSize;
    TAPE_EXTENSION_INIT_ROUTINE *ExtensionInit;
    ULONG DefaultTimeOutValue;
    TAPE_ERROR_ROUTINE *TapeError;
    ULONG CommandExtensionSize;
    TAPE_PROCESS_COMMAND_ROUTINE *CreatePartition;
    TAPE_PROCESS_COMMAND_ROUTINE *Erase;
    TAPE_PROCESS_COMMAND_ROUTINE *GetDriveParameters;
    TAPE_PROCESS_COMMAND_ROUTINE *GetMediaParameters;
    TAPE_PROCESS_COMMAND_ROUTINE *GetPosition;
    TAPE_PROCESS_COMMAND_ROUTINE *GetStatus;
    TAPE_PROCESS_COMMAND_ROUTINE *Prepare;
    TAPE_PROCESS_COMMAND_ROUTINE *SetDriveParameters;
    TAPE_PROCESS_COMMAND_ROUTINE *SetMediaParameters;
    TAPE_PROCESS_COMMAND_ROUTINE *SetPosition;
    TAPE_PROCESS_COMMAND_ROUTINE *WriteMarks;
    TAPE_PROCESS_COMMAND_ROUTINE *PreProcessReadWrite;
    TAPE_PROCESS_COMMAND_ROUTINE *TapeGetMediaTypes;
    ULONG MediaTypesSupported;
    TAPE_PROCESS_COMMAND_ROUTINE *TapeWMIOperations;
    ULONG Reserved[2];
} TAPE_INIT_DATA_EX, *PTAPE_INIT_DATA_EX;

typedef struct _TAPE_PHYS_POSITION {
    ULONG SeekBlockAddress;
    ULONG SpaceBlockCount;
} TAPE_PHYS_POSITION, *PTAPE_PHYS_POSITION;

DECLSPEC_IMPORT BOOLEAN NTAPI TapeClassAllocateSrbBuffer(PSCSI_REQUEST_BLOCK Srb,
                                                         ULONG SrbBufferSize);
DECLSPEC_IMPORT VOID NTAPI TapeClassZeroMemory(PVOID Buffer, ULONG BufferSize);
DECLSPEC_IMPORT ULONG NTAPI TapeClassCompareMemory(PVOID Source1, PVOID Source2, ULONG Length);
DECLSPEC_IMPORT LARGE_INTEGER NTAPI TapeClassLiDiv(LARGE_INTEGER Dividend, LARGE_INTEGER Divisor);
DECLSPEC_IMPORT ULONG NTAPI TapeClassInitialize(PVOID Argument1, PVOID Argument2,
                                                PTAPE_INIT_DATA_EX TapeInitData);
DECLSPEC_IMPORT TAPE_PHYS_POSITION NTAPI TapeClassLogicalBlockToPhysicalBlock(
    UCHAR DensityCode, ULONG LogicalBlockAddress, ULONG BlockLength, BOOLEAN FromBOT);
DECLSPEC_IMPORT ULONG NTAPI TapeClassPhysicalBlockToLogicalBlock(UCHAR DensityCode,
                                                                 ULONG PhysicalBlockAddress,
                                                                 ULONG BlockLength,
                                                                 BOOLEAN FromBOT);
DECLSPEC_IMPORT VOID WDK_ABI TapeDebugPrint(ULONG DebugPrintLevel, PCCHAR DebugMessage, ...);

WDK_END_C

#endif /* WDK_MINITAPE_H */

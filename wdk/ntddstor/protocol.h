/*
 * Requests in the device's own language: protocol specific queries (SMART data, log pages, identify
 * data) and whole commands passed through, NVMe's for the most part.
 */
#ifndef WDK_NTDDSTOR_PROTOCOL_H
#define WDK_NTDDSTOR_PROTOCOL_H

#include "../ntdef.h"
#include "bus_type.h"

/* What is asked for, by protocol (STORAGE_PROTOCOL_SPECIFIC_DATA.DataType). */
typedef enum _STORAGE_PROTOCOL_ATA_DATA_TYPE {
    AtaDataTypeUnknown = 0,
    AtaDataTypeIdentify = 1,
    AtaDataTypeLogPage = 2
} STORAGE_PROTOCOL_ATA_DATA_TYPE;
typedef STORAGE_PROTOCOL_ATA_DATA_TYPE *PSTORAGE_PROTOCOL_ATA_DATA_TYPE;

typedef enum _STORAGE_PROTOCOL_NVME_DATA_TYPE {
    NVMeDataTypeUnknown = 0,
    NVMeDataTypeIdentify = 1,
    NVMeDataTypeLogPage = 2,
    NVMeDataTypeFeature = 3
} STORAGE_PROTOCOL_NVME_DATA_TYPE;
typedef STORAGE_PROTOCOL_NVME_DATA_TYPE *PSTORAGE_PROTOCOL_NVME_DATA_TYPE;

typedef enum _STORAGE_PROTOCOL_UFS_DATA_TYPE {
    UfsDataTypeUnknown = 0,
    UfsDataTypeQueryDescriptor = 1,
    UfsDataTypeQueryAttribute = 2,
    UfsDataTypeQueryFlag = 3,
    UfsDataTypeQueryDmeAttribute = 4,
    UfsDataTypeQueryDmePeerAttribute = 5,
    UfsDataTypeMax = 6
} STORAGE_PROTOCOL_UFS_DATA_TYPE;
typedef STORAGE_PROTOCOL_UFS_DATA_TYPE *PSTORAGE_PROTOCOL_UFS_DATA_TYPE;

/* ProtocolDataRequestSubValue4 of an NVMe log page. */
typedef union _STORAGE_PROTOCOL_DATA_SUBVALUE_GET_LOG_PAGE {
    struct {
        ULONG RetainAsynEvent : 1;
        ULONG LogSpecificField : 4;
        ULONG Reserved : 27;
    };
    ULONG AsUlong;
} STORAGE_PROTOCOL_DATA_SUBVALUE_GET_LOG_PAGE, *PSTORAGE_PROTOCOL_DATA_SUBVALUE_GET_LOG_PAGE;

/* The AdditionalParameters of a query, and the answer. Offsets count from this structure. */
typedef struct _STORAGE_PROTOCOL_SPECIFIC_DATA {
    STORAGE_PROTOCOL_TYPE ProtocolType;
    ULONG DataType;                    /* STORAGE_PROTOCOL_XXX_DATA_TYPE */
    ULONG ProtocolDataRequestValue;    /* NVMe: CNS, log page or feature */
    ULONG ProtocolDataRequestSubValue; /* NVMe: namespace, or low half of the log offset */
    ULONG ProtocolDataOffset;
    ULONG ProtocolDataLength;
    ULONG FixedProtocolReturnData;      /* NVMe: DW0 of the completion */
    ULONG ProtocolDataRequestSubValue2; /* NVMe: high half of the log offset */
    ULONG ProtocolDataRequestSubValue3;
    ULONG ProtocolDataRequestSubValue4;
} STORAGE_PROTOCOL_SPECIFIC_DATA, *PSTORAGE_PROTOCOL_SPECIFIC_DATA;

/* The same for setting. */
typedef struct _STORAGE_PROTOCOL_SPECIFIC_DATA_EXT {
    STORAGE_PROTOCOL_TYPE ProtocolType;
    ULONG DataType;
    ULONG ProtocolDataValue;
    ULONG ProtocolDataSubValue;
    ULONG ProtocolDataOffset;
    ULONG ProtocolDataLength;
    ULONG FixedProtocolReturnData;
    ULONG ProtocolDataSubValue2;
    ULONG ProtocolDataSubValue3;
    ULONG ProtocolDataSubValue4;
    ULONG ProtocolDataSubValue5;
    ULONG Reserved[5];
} STORAGE_PROTOCOL_SPECIFIC_DATA_EXT, *PSTORAGE_PROTOCOL_SPECIFIC_DATA_EXT;

typedef struct _STORAGE_PROTOCOL_DATA_DESCRIPTOR {
    ULONG Version;
    ULONG Size;
    STORAGE_PROTOCOL_SPECIFIC_DATA ProtocolSpecificData;
} STORAGE_PROTOCOL_DATA_DESCRIPTOR, *PSTORAGE_PROTOCOL_DATA_DESCRIPTOR;

typedef struct _STORAGE_PROTOCOL_DATA_DESCRIPTOR_EXT {
    ULONG Version;
    ULONG Size;
    STORAGE_PROTOCOL_SPECIFIC_DATA_EXT ProtocolSpecificData;
} STORAGE_PROTOCOL_DATA_DESCRIPTOR_EXT, *PSTORAGE_PROTOCOL_DATA_DESCRIPTOR_EXT;

/* IOCTL_STORAGE_PROTOCOL_COMMAND. */
#define STORAGE_PROTOCOL_STRUCTURE_VERSION            0x1
#define STORAGE_PROTOCOL_COMMAND_FLAG_ADAPTER_REQUEST 0x80000000
#define STORAGE_PROTOCOL_COMMAND_LENGTH_NVME          0x40
#define STORAGE_PROTOCOL_SPECIFIC_NVME_ADMIN_COMMAND  0x1
#define STORAGE_PROTOCOL_SPECIFIC_NVME_NVM_COMMAND    0x2

/* STORAGE_PROTOCOL_COMMAND.ReturnStatus. */
#define STORAGE_PROTOCOL_STATUS_PENDING                0x0
#define STORAGE_PROTOCOL_STATUS_SUCCESS                0x1
#define STORAGE_PROTOCOL_STATUS_ERROR                  0x2
#define STORAGE_PROTOCOL_STATUS_INVALID_REQUEST        0x3
#define STORAGE_PROTOCOL_STATUS_NO_DEVICE              0x4
#define STORAGE_PROTOCOL_STATUS_BUSY                   0x5
#define STORAGE_PROTOCOL_STATUS_DATA_OVERRUN           0x6
#define STORAGE_PROTOCOL_STATUS_INSUFFICIENT_RESOURCES 0x7
#define STORAGE_PROTOCOL_STATUS_THROTTLED_REQUEST      0x8
#define STORAGE_PROTOCOL_STATUS_NOT_SUPPORTED          0xFF

typedef struct _STORAGE_PROTOCOL_COMMAND {
    ULONG Version;
    ULONG Length;
    STORAGE_PROTOCOL_TYPE ProtocolType;
    ULONG Flags;        /* STORAGE_PROTOCOL_COMMAND_FLAG_XXX */
    ULONG ReturnStatus; /* STORAGE_PROTOCOL_STATUS_XXX */
    ULONG ErrorCode;    /* in the protocol's terms */
    ULONG CommandLength;
    ULONG ErrorInfoLength;
    ULONG DataToDeviceTransferLength;
    ULONG DataFromDeviceTransferLength;
    ULONG TimeOutValue; /* in seconds */
    ULONG ErrorInfoOffset;
    ULONG DataToDeviceBufferOffset;
    ULONG DataFromDeviceBufferOffset;
    ULONG CommandSpecific; /* NVMe: admin or NVM command */
    ULONG Reserved0;
    ULONG FixedProtocolReturnData;
    ULONG Reserved1[3];
    UCHAR Command[ANYSIZE_ARRAY];
} STORAGE_PROTOCOL_COMMAND, *PSTORAGE_PROTOCOL_COMMAND;

#endif /* WDK_NTDDSTOR_PROTOCOL_H */

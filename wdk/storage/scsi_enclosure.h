/*
 * SCSI enclosure services: diagnostic pages that describe and control an enclosure.
 */
#ifndef WDK_STORAGE_SCSI_ENCLOSURE_H
#define WDK_STORAGE_SCSI_ENCLOSURE_H

#include "../ntdef.h"

#define SES_DIAGNOSTIC_PAGE_ADDITIONAL_ELEMENT_STATUS 0x0A
#define SES_DIAGNOSTIC_PAGE_CONFIGURATION             0x01
#define SES_DIAGNOSTIC_PAGE_CONTROL                   0x02
#define SES_DIAGNOSTIC_PAGE_DOWNLOAD_MICROCODE        0x0E
#define SES_DIAGNOSTIC_PAGE_STATUS                    0x02
#define SES_DIAGNOSTIC_PAGE_STRING_IN                 0x04
#define SES_SAS_PROTOCOL_IDENTIFIER                   0x06
typedef enum _SES_DOWNLOAD_MICROCODE_STATE {
    SesDownloadMcStateNoneInProgress = 0,
    SesDownloadMcStateInProgress,
    SesDownloadMcStateCompletedPendingReset = 17,
    SesDownloadMcStateCompletedPendingPowerOn,
    SesDownloadMcStateCompletedPendingActivation
} SES_DOWNLOAD_MICROCODE_STATE,
    *PSES_DOWNLOAD_MICROCODE_STATE;

typedef enum _SES_ELEMENT_STATE {
    SesElementStateNotReported = 0,
    SesElementStateOkay,
    SesElementStateCritical,
    SesElementStateNonCritical,
    SesElementStateUnrecoverable,
    SesElementStateNotInstalled,
    SesElementStateUnknown,
    SesElementStateNotAvailable,
    SesElementStateNoAccessAllowed,
    SesElementStateMax
} SES_ELEMENT_STATE,
    *PSES_ELEMENT_STATE;

typedef enum _SES_ELEMENT_TYPE {
    SesElementTypeUnknown = 0,
    SesElementTypeDeviceSlot,
    SesElementTypePowerSupply,
    SesElementTypeCooling,
    SesElementTypeTemperatureSensor,
    SesElementTypeDoor,
    SesElementTypeAudibleAlarm,
    SesElementTypeController,
    SesElementTypeScsiController,
    SesElementTypeNonVolatileCache,
    SesElementTypeInvalidOperationReason,
    SesElementTypeUps,
    SesElementTypeDisplay,
    SesElementTypeKeypad,
    SesElementTypeEnclosure,
    SesElementTypeScsiPort,
    SesElementTypeLanguage,
    SesElementTypeCommunicationPort,
    SesElementTypeVoltageSensor,
    SesElementTypeCurrentSensor,
    SesElementTypeScsiTargetPort,
    SesElementTypeScsiInitiatorPort,
    SesElementTypeSubEnclosure,
    SesElementTypeArrayDeviceSlot,
    SesElementTypeSasExpander,
    SesElementTypeSasConnector,
    SesElementTypeMax
} SES_ELEMENT_TYPE,
    *PSES_ELEMENT_TYPE;

#pragma pack(push, 1)
typedef struct _SES_DIAGNOSTIC_PAGE {
    UCHAR PageCode;
    UCHAR Reserved;
    UCHAR PageLength[2];
    UCHAR PageData[ANYSIZE_ARRAY];
} SES_DIAGNOSTIC_PAGE, *PSES_DIAGNOSTIC_PAGE;

/* Configuration: which elements the enclosure has. */
typedef struct _SES_TYPE_DESCRIPTOR_HEADER {
    UCHAR ElementType;
    UCHAR NumberOfPossibleElements;
    UCHAR SubEnclosureId;
    UCHAR TypeDescriptorTextLength;
} SES_TYPE_DESCRIPTOR_HEADER, *PSES_TYPE_DESCRIPTOR_HEADER;

typedef struct _SES_ENCLOSURE_DESCRIPTOR {
    UCHAR NumberOfEnclosureServices : 3;
    UCHAR Reserved1 : 1;
    UCHAR RelativeEnclosureServicesId : 3;
    UCHAR Reserved2 : 1;
    UCHAR SubEnclosureId;
    UCHAR NumberOfTypeDescriptorHeaders;
    UCHAR EnclosureDescriptorLength;
    UCHAR Identifier[8];
    UCHAR VendorId[8];
    UCHAR ProductId[16];
    UCHAR ProductRevisionLevel[4];
    UCHAR VendorSpecific[ANYSIZE_ARRAY];
} SES_ENCLOSURE_DESCRIPTOR, *PSES_ENCLOSURE_DESCRIPTOR;

typedef struct _SES_CONFIGURATION_DIAGNOSTIC_PAGE {
    UCHAR PageCode;
    UCHAR NumberOfSecondarySubEnclosures;
    UCHAR PageLength[2];
    UCHAR GenerationCode[4];
    SES_ENCLOSURE_DESCRIPTOR Descriptors[ANYSIZE_ARRAY];
} SES_CONFIGURATION_DIAGNOSTIC_PAGE, *PSES_CONFIGURATION_DIAGNOSTIC_PAGE;

/* Control: what an element shall do. */
typedef struct _SES_CONTROL_DESCRIPTOR {
    UCHAR Reserved : 4;
    UCHAR ResetSwap : 1;
    UCHAR Disable : 1;
    UCHAR PredictFailure : 1;
    UCHAR Select : 1;
    union {
        struct {
            UCHAR Reserved1;
            UCHAR Reserved2 : 1;
            UCHAR RequestIdentify : 1;
            UCHAR RequestRemove : 1;
            UCHAR RequestInsert : 1;
            UCHAR RequestMissing : 1;
            UCHAR Reserved3 : 1;
            UCHAR DoNotRemove : 1;
            UCHAR RequestActive : 1;
            UCHAR Reserved4 : 2;
            UCHAR EnableBypassB : 1;
            UCHAR EnableBypassA : 1;
            UCHAR DeviceOff : 1;
            UCHAR RequestFault : 1;
            UCHAR Reserved5 : 2;
        } DeviceSlot;
        struct {
            UCHAR Reserved1 : 7;
            UCHAR RequestIdentify : 1;
            UCHAR Reserved2;
            UCHAR Reserved3 : 5;
            UCHAR RequestOn : 1;
            UCHAR RequestFail : 1;
            UCHAR Reserved4 : 1;
        } PowerSupply;
        struct {
            UCHAR Reserved1 : 7;
            UCHAR RequestIdentify : 1;
            UCHAR Reserved2;
            UCHAR RequestSpeedCode : 3;
            UCHAR Reserved3 : 2;
            UCHAR RequestOn : 1;
            UCHAR RequestFail : 1;
            UCHAR Reserved4 : 1;
        } Cooling;
        struct {
            UCHAR Reserved1 : 6;
            UCHAR RequestFail : 1;
            UCHAR RequestIdentify : 1;
            UCHAR Reserved2;
            UCHAR Reserved3;
        } TemperatureSensor;
        struct {
            UCHAR Reserved1 : 6;
            UCHAR RequestFail : 1;
            UCHAR RequestIdentify : 1;
            UCHAR Reserved2;
            UCHAR Reserved3;
        } VoltageSensor;
        struct {
            UCHAR Reserved1 : 6;
            UCHAR RequestFail : 1;
            UCHAR RequestIdentify : 1;
            UCHAR Reserved2;
            UCHAR Reserved3;
        } CurrentSensor;
        struct {
            UCHAR Reserved1 : 7;
            UCHAR RequestIdentify : 1;
            UCHAR PowerCycleDelay : 6;
            UCHAR PowerCycleRequest : 2;
            UCHAR RequestWarning : 1;
            UCHAR RequestFailure : 1;
            UCHAR PowerOffDuration : 6;
        } Enclosure;
        struct {
            UCHAR RequestRebuildAbort : 1;
            UCHAR RequestRebuild : 1;
            UCHAR RequestInFailedArray : 1;
            UCHAR RequestInCriticalArray : 1;
            UCHAR RequestConsistencyArray : 1;
            UCHAR RequestHotSpare : 1;
            UCHAR RequestReservedDevice : 1;
            UCHAR RequestOK : 1;
            UCHAR Reserved1 : 1;
            UCHAR RequestIdentify : 1;
            UCHAR RequestRemove : 1;
            UCHAR RequestInsert : 1;
            UCHAR RequestMissing : 1;
            UCHAR Reserved2 : 1;
            UCHAR DoNotRemove : 1;
            UCHAR RequestActive : 1;
            UCHAR Reserved3 : 2;
            UCHAR EnableBypassB : 1;
            UCHAR EnableBypassA : 1;
            UCHAR DeviceOff : 1;
            UCHAR RequestFault : 1;
            UCHAR Reserved4 : 2;
        } ArrayDeviceSlot;
    };
} SES_CONTROL_DESCRIPTOR, *PSES_CONTROL_DESCRIPTOR;

typedef struct _SES_CONTROL_DIAGNOSTIC_PAGE {
    UCHAR PageCode;
    UCHAR Unrecoverable : 1;
    UCHAR Critical : 1;
    UCHAR NonCritical : 1;
    UCHAR Informational : 1;
    UCHAR Reserved : 4;
    UCHAR PageLength[2];
    UCHAR ExpectedGenerationCode[4];
    SES_CONTROL_DESCRIPTOR Descriptors[1];
} SES_CONTROL_DIAGNOSTIC_PAGE, *PSES_CONTROL_DIAGNOSTIC_PAGE;

/* Status: how an element is. */
typedef struct _SES_STATUS_DESCRIPTOR {
    UCHAR ElementStatus : 4;
    UCHAR Swap : 1;
    UCHAR Disabled : 1;
    UCHAR PredictedFailure : 1;
    UCHAR Reserved1 : 1;
    union {
        struct {
            UCHAR SlotAddress;
            UCHAR Report : 1;
            UCHAR Identify : 1;
            UCHAR Remove : 1;
            UCHAR ReadyToInsert : 1;
            UCHAR EnclosureBypassedB : 1;
            UCHAR EnclosureBypassedA : 1;
            UCHAR DoNotRemove : 1;
            UCHAR AppBypassedA : 1;
            UCHAR DeviceBypassedB : 1;
            UCHAR DeviceBypassedA : 1;
            UCHAR BypassedB : 1;
            UCHAR BypassedA : 1;
            UCHAR DeviceOff : 1;
            UCHAR FaultRequested : 1;
            UCHAR FaultSensed : 1;
            UCHAR AppBypassedB : 1;
        } DeviceSlot;
        struct {
            UCHAR Reserved1 : 7;
            UCHAR Identify : 1;
            UCHAR Reserved2 : 1;
            UCHAR DCOverCurrent : 1;
            UCHAR DCUnderVoltage : 1;
            UCHAR DCOverVoltage : 1;
            UCHAR Reserved3 : 4;
            UCHAR DCFail : 1;
            UCHAR ACFail : 1;
            UCHAR TemperatureWarning : 1;
            UCHAR OverTemperatureFail : 1;
            UCHAR Off : 1;
            UCHAR RequestedOn : 1;
            UCHAR Fail : 1;
            UCHAR HotSwap : 1;
        } PowerSupply;
        struct {
            UCHAR ActualFanSpeedMSB : 3;
            UCHAR Reserved1 : 4;
            UCHAR Identify : 1;
            UCHAR ActualFanSpeedLSB;
            UCHAR ActualSpeedCode : 3;
            UCHAR Reserved2 : 1;
            UCHAR Off : 1;
            UCHAR RequestedOn : 1;
            UCHAR Fail : 1;
            UCHAR HotSwap : 1;
        } Cooling;
        struct {
            UCHAR Reserved1 : 6;
            UCHAR Fail : 1;
            UCHAR Identify : 1;
            UCHAR Temperature;
            UCHAR UnderTemperatureWarning : 1;
            UCHAR UnderTemperatureFailure : 1;
            UCHAR OverTemperatureWarning : 1;
            UCHAR OverTemperatureFailure : 1;
            UCHAR Reserved2 : 4;
        } TemperatureSensor;
        struct {
            UCHAR CritUnder : 1;
            UCHAR CritOver : 1;
            UCHAR WarnUnder : 1;
            UCHAR WarnOver : 1;
            UCHAR Reserved1 : 2;
            UCHAR Fail : 1;
            UCHAR Identify : 1;
            UCHAR VoltageMSB;
            UCHAR VoltageLSB;
        } VoltageSensor;
        struct {
            UCHAR Reserved1 : 1;
            UCHAR CritOver : 1;
            UCHAR Reserved2 : 1;
            UCHAR WarnOver : 1;
            UCHAR Reserved3 : 2;
            UCHAR Fail : 1;
            UCHAR Identify : 1;
            UCHAR CurrentMSB;
            UCHAR CurrentLSB;
        } CurrentSensor;
        struct {
            UCHAR Reserved1 : 7;
            UCHAR Identify : 1;
            UCHAR WarningIndication : 1;
            UCHAR FailureIndication : 1;
            UCHAR TimeUntilPowerCycle : 6;
            UCHAR WarningRequested : 1;
            UCHAR FailureRequested : 1;
            UCHAR RequestedPowerOffTime : 6;
        } Enclosure;
        struct {
            UCHAR RebuildAbort : 1;
            UCHAR Rebuild : 1;
            UCHAR InFailedArray : 1;
            UCHAR InCriticalArray : 1;
            UCHAR ConsistencyCheck : 1;
            UCHAR HotSpare : 1;
            UCHAR ReservedDevice : 1;
            UCHAR OK : 1;
            UCHAR Report : 1;
            UCHAR Identify : 1;
            UCHAR Remove : 1;
            UCHAR ReadyToInsert : 1;
            UCHAR EnclosureBypassedB : 1;
            UCHAR EnclosureBypassedA : 1;
            UCHAR DoNotRemove : 1;
            UCHAR AppBypassedA : 1;
            UCHAR DeviceBypassedB : 1;
            UCHAR DeviceBypassedA : 1;
            UCHAR BypassedB : 1;
            UCHAR BypassedA : 1;
            UCHAR DeviceOff : 1;
            UCHAR FaultRequested : 1;
            UCHAR FaultSensed : 1;
            UCHAR AppBypassedB : 1;
        } ArrayDeviceSlot;
    };
} SES_STATUS_DESCRIPTOR, *PSES_STATUS_DESCRIPTOR;

typedef struct _SES_STATUS_DIAGNOSTIC_PAGE {
    UCHAR PageCode;
    UCHAR Unrecoverable : 1;
    UCHAR Critical : 1;
    UCHAR NonCritical : 1;
    UCHAR Informational : 1;
    UCHAR InvalidOperation : 1;
    UCHAR Reserved : 3;
    UCHAR PageLength[2];
    UCHAR GenerationCode[4];
    SES_STATUS_DESCRIPTOR Descriptors[1];
} SES_STATUS_DIAGNOSTIC_PAGE, *PSES_STATUS_DIAGNOSTIC_PAGE;

/* Firmware of the enclosure. */
typedef struct _SES_DOWNLOAD_MICROCODE_CONTROL_DIAGNOSTIC_PAGE {
    UCHAR PageCode;
    UCHAR SubEnclosureId;
    UCHAR PageLength[2];
    UCHAR ExpectedGenerationCode[4];
    UCHAR Mode;
    UCHAR Reserved[2];
    UCHAR BufferID;
    UCHAR BufferOffset[4];
    UCHAR ImageLength[4];
    UCHAR DataLength[4];
    UCHAR Data[ANYSIZE_ARRAY];
} SES_DOWNLOAD_MICROCODE_CONTROL_DIAGNOSTIC_PAGE, *PSES_DOWNLOAD_MICROCODE_CONTROL_DIAGNOSTIC_PAGE;

typedef struct _SES_DOWNLOAD_MICROCODE_STATUS_DESCRIPTOR {
    UCHAR Reserved1;
    UCHAR SubEnclosureId;
    UCHAR Status;
    UCHAR AdditionalStatus;
    UCHAR MaximumImageSize[4];
    UCHAR Reserved2[3];
    UCHAR ExpectedBufferId;
    UCHAR ExpectedBufferOffset;
} SES_DOWNLOAD_MICROCODE_STATUS_DESCRIPTOR, *PSES_DOWNLOAD_MICROCODE_STATUS_DESCRIPTOR;

typedef struct _SES_DOWNLOAD_MICROCODE_STATUS_DIAGNOSTIC_PAGE {
    UCHAR PageCode;
    UCHAR NumberOfSecondarySubEnclosures;
    UCHAR PageLength[2];
    UCHAR GenerationCode[4];
    SES_DOWNLOAD_MICROCODE_STATUS_DESCRIPTOR Descriptors[1];
} SES_DOWNLOAD_MICROCODE_STATUS_DIAGNOSTIC_PAGE, *PSES_DOWNLOAD_MICROCODE_STATUS_DIAGNOSTIC_PAGE;

/* Which SAS phys lead to a slot. */
typedef struct _SES_PHY_DESCRIPTOR {
    UCHAR Reserved1 : 4;
    UCHAR DeviceType : 3;
    UCHAR Reserved3 : 1;
    UCHAR Reserved4;
    UCHAR Reserved5 : 1;
    UCHAR SmpInitiatorPort : 1;
    UCHAR StpInitiatorPort : 1;
    UCHAR SspInitiatorPort : 1;
    UCHAR Reserved6 : 4;
    UCHAR SataDevice : 1;
    UCHAR SmpTargetPort : 1;
    UCHAR StpTargetPort : 1;
    UCHAR SspTargetPort : 1;
    UCHAR Reserved7 : 3;
    UCHAR SataPortSelector : 1;
    UCHAR AttachedSASAddress[8];
    UCHAR SASAddress[8];
    UCHAR PhyIdentifier;
    UCHAR Reserved2[7];
} SES_PHY_DESCRIPTOR, *PSES_PHY_DESCRIPTOR;

typedef struct _SES_SAS_SLOT_INFORMATION {
    UCHAR NumberOfPhyDescriptors;
    UCHAR NotAllPhys : 1;
    UCHAR Reserved1 : 5;
    UCHAR Type : 2;
    UCHAR Reserved2;
    UCHAR DeviceSlotNumber;
    SES_PHY_DESCRIPTOR PhyDescriptors[1];
} SES_SAS_SLOT_INFORMATION, *PSES_SAS_SLOT_INFORMATION;

typedef union _SES_PROTOCOL_INFORMATION {
    SES_SAS_SLOT_INFORMATION SasSlot;
} SES_PROTOCOL_INFORMATION, *PSES_PROTOCOL_INFORMATION;

typedef struct _SES_ADDITIONAL_ELEMENT_STATUS_DESCRIPTOR {
    UCHAR ProtocolIdentifier : 4;
    UCHAR EIP : 1;
    UCHAR Reserved1 : 2;
    UCHAR Invalid : 1;
    UCHAR Length;
    UCHAR Reserved2;
    UCHAR ElementIndex;
    SES_PROTOCOL_INFORMATION ProtocolInfo;
} SES_ADDITIONAL_ELEMENT_STATUS_DESCRIPTOR, *PSES_ADDITIONAL_ELEMENT_STATUS_DESCRIPTOR;

typedef struct _SES_ADDITIONAL_ELEMENT_STATUS_DIAGNOSTIC_PAGE {
    UCHAR PageCode;
    UCHAR Reserved;
    UCHAR PageLength[2];
    UCHAR GenerationCode[4];
    SES_ADDITIONAL_ELEMENT_STATUS_DESCRIPTOR Descriptors[ANYSIZE_ARRAY];
} SES_ADDITIONAL_ELEMENT_STATUS_DIAGNOSTIC_PAGE, *PSES_ADDITIONAL_ELEMENT_STATUS_DIAGNOSTIC_PAGE;
#pragma pack(pop)

#endif

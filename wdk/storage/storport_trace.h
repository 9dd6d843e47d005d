/*
 * Events, telemetry and dumps.
 *
 * For drivers only: each routine calls StorPortExtendedFunction with a code, and the host
 * implements the functions behind the codes. One that is newer than the Windows a driver was built
 * for calls nothing and fails with STOR_STATUS_NOT_IMPLEMENTED.
 */
#ifndef WDK_STORAGE_STORPORT_TRACE_H
#define WDK_STORAGE_STORPORT_TRACE_H

#include "storport_exports.h"
#include "storport_extended.h"

/* Events, telemetry and dumps. */
FORCEINLINE ULONG StorPortLogSystemEvent(PVOID HwDeviceExtension,
                                         PSTOR_LOG_EVENT_DETAILS LogDetails, PULONG MaximumSize)
{
    return StorPortExtendedFunction(ExtFunctionLogSystemEvent, HwDeviceExtension, LogDetails,
                                    MaximumSize);
}

FORCEINLINE ULONG StorPortEtwEvent2(PVOID HwDeviceExtension, PSTOR_ADDRESS Address, ULONG EventId,
                                    PWSTR EventDescription, ULONGLONG EventKeywords,
                                    STORPORT_ETW_LEVEL EventLevel,
                                    STORPORT_ETW_EVENT_OPCODE EventOpcode, PSCSI_REQUEST_BLOCK Srb,
                                    PWSTR Parameter1Name, ULONGLONG Parameter1Value,
                                    PWSTR Parameter2Name, ULONGLONG Parameter2Value)
{
#if NTDDI_VERSION >= NTDDI_WIN10_RS5
    return StorPortExtendedFunction(ExtFunctionMiniportChannelEtwEvent2, HwDeviceExtension, Address,
                                    StorportEtwEventDiagnostic, EventId, EventDescription,
                                    EventKeywords, EventLevel, EventOpcode, Srb, Parameter1Name,
                                    Parameter1Value, Parameter2Name, Parameter2Value);
#else
    return WDK_SINCE(NTDDI_WINBLUE,
                     StorPortExtendedFunction(ExtFunctionMiniportEtwEvent2, HwDeviceExtension,
                                              Address, EventId, EventDescription, EventKeywords,
                                              EventLevel, EventOpcode, Srb, Parameter1Name,
                                              Parameter1Value, Parameter2Name, Parameter2Value));
#endif
}

FORCEINLINE ULONG StorPortEtwEvent4(PVOID HwDeviceExtension, PSTOR_ADDRESS Address, ULONG EventId,
                                    PWSTR EventDescription, ULONGLONG EventKeywords,
                                    STORPORT_ETW_LEVEL EventLevel,
                                    STORPORT_ETW_EVENT_OPCODE EventOpcode, PSCSI_REQUEST_BLOCK Srb,
                                    PWSTR Parameter1Name, ULONGLONG Parameter1Value,
                                    PWSTR Parameter2Name, ULONGLONG Parameter2Value,
                                    PWSTR Parameter3Name, ULONGLONG Parameter3Value,
                                    PWSTR Parameter4Name, ULONGLONG Parameter4Value)
{
#if NTDDI_VERSION >= NTDDI_WIN10_RS5
    return StorPortExtendedFunction(
        ExtFunctionMiniportChannelEtwEvent4, HwDeviceExtension, Address, StorportEtwEventDiagnostic,
        EventId, EventDescription, EventKeywords, EventLevel, EventOpcode, Srb, Parameter1Name,
        Parameter1Value, Parameter2Name, Parameter2Value, Parameter3Name, Parameter3Value,
        Parameter4Name, Parameter4Value);
#else
    return WDK_SINCE(
        NTDDI_WINBLUE,
        StorPortExtendedFunction(ExtFunctionMiniportEtwEvent4, HwDeviceExtension, Address, EventId,
                                 EventDescription, EventKeywords, EventLevel, EventOpcode, Srb,
                                 Parameter1Name, Parameter1Value, Parameter2Name, Parameter2Value,
                                 Parameter3Name, Parameter3Value, Parameter4Name, Parameter4Value));
#endif
}

FORCEINLINE ULONG StorPortEtwEvent8(
    PVOID HwDeviceExtension, PSTOR_ADDRESS Address, ULONG EventId, PWSTR EventDescription,
    ULONGLONG EventKeywords, STORPORT_ETW_LEVEL EventLevel, STORPORT_ETW_EVENT_OPCODE EventOpcode,
    PSCSI_REQUEST_BLOCK Srb, PWSTR Parameter1Name, ULONGLONG Parameter1Value, PWSTR Parameter2Name,
    ULONGLONG Parameter2Value, PWSTR Parameter3Name, ULONGLONG Parameter3Value,
    PWSTR Parameter4Name, ULONGLONG Parameter4Value, PWSTR Parameter5Name,
    ULONGLONG Parameter5Value, PWSTR Parameter6Name, ULONGLONG Parameter6Value,
    PWSTR Parameter7Name, ULONGLONG Parameter7Value, PWSTR Parameter8Name,
    ULONGLONG Parameter8Value)
{
#if NTDDI_VERSION >= NTDDI_WIN10_RS5
    return StorPortExtendedFunction(
        ExtFunctionMiniportChannelEtwEvent8, HwDeviceExtension, Address, StorportEtwEventDiagnostic,
        EventId, EventDescription, EventKeywords, EventLevel, EventOpcode, Srb, Parameter1Name,
        Parameter1Value, Parameter2Name, Parameter2Value, Parameter3Name, Parameter3Value,
        Parameter4Name, Parameter4Value, Parameter5Name, Parameter5Value, Parameter6Name,
        Parameter6Value, Parameter7Name, Parameter7Value, Parameter8Name, Parameter8Value);
#else
    return WDK_SINCE(
        NTDDI_WINBLUE,
        StorPortExtendedFunction(ExtFunctionMiniportEtwEvent8, HwDeviceExtension, Address, EventId,
                                 EventDescription, EventKeywords, EventLevel, EventOpcode, Srb,
                                 Parameter1Name, Parameter1Value, Parameter2Name, Parameter2Value,
                                 Parameter3Name, Parameter3Value, Parameter4Name, Parameter4Value,
                                 Parameter5Name, Parameter5Value, Parameter6Name, Parameter6Value,
                                 Parameter7Name, Parameter7Value, Parameter8Name, Parameter8Value));
#endif
}

FORCEINLINE ULONG StorPortEtwChannelEvent2(
    PVOID HwDeviceExtension, PSTOR_ADDRESS Address, STORPORT_ETW_EVENT_CHANNEL EventChannel,
    ULONG EventId, PWSTR EventDescription, ULONGLONG EventKeywords, STORPORT_ETW_LEVEL EventLevel,
    STORPORT_ETW_EVENT_OPCODE EventOpcode, PSCSI_REQUEST_BLOCK Srb, PWSTR Parameter1Name,
    ULONGLONG Parameter1Value, PWSTR Parameter2Name, ULONGLONG Parameter2Value)
{
    return WDK_SINCE(NTDDI_WIN10_RS5,
                     StorPortExtendedFunction(ExtFunctionMiniportChannelEtwEvent2,
                                              HwDeviceExtension, Address, EventChannel, EventId,
                                              EventDescription, EventKeywords, EventLevel,
                                              EventOpcode, Srb, Parameter1Name, Parameter1Value,
                                              Parameter2Name, Parameter2Value));
}

FORCEINLINE ULONG StorPortEtwChannelEvent4(
    PVOID HwDeviceExtension, PSTOR_ADDRESS Address, STORPORT_ETW_EVENT_CHANNEL EventChannel,
    ULONG EventId, PWSTR EventDescription, ULONGLONG EventKeywords, STORPORT_ETW_LEVEL EventLevel,
    STORPORT_ETW_EVENT_OPCODE EventOpcode, PSCSI_REQUEST_BLOCK Srb, PWSTR Parameter1Name,
    ULONGLONG Parameter1Value, PWSTR Parameter2Name, ULONGLONG Parameter2Value,
    PWSTR Parameter3Name, ULONGLONG Parameter3Value, PWSTR Parameter4Name,
    ULONGLONG Parameter4Value)
{
    return WDK_SINCE(NTDDI_WIN10_RS5,
                     StorPortExtendedFunction(ExtFunctionMiniportChannelEtwEvent4,
                                              HwDeviceExtension, Address, EventChannel, EventId,
                                              EventDescription, EventKeywords, EventLevel,
                                              EventOpcode, Srb, Parameter1Name, Parameter1Value,
                                              Parameter2Name, Parameter2Value, Parameter3Name,
                                              Parameter3Value, Parameter4Name, Parameter4Value));
}

FORCEINLINE ULONG StorPortEtwChannelEvent8(
    PVOID HwDeviceExtension, PSTOR_ADDRESS Address, STORPORT_ETW_EVENT_CHANNEL EventChannel,
    ULONG EventId, PWSTR EventDescription, ULONGLONG EventKeywords, STORPORT_ETW_LEVEL EventLevel,
    STORPORT_ETW_EVENT_OPCODE EventOpcode, PSCSI_REQUEST_BLOCK Srb, PWSTR Parameter1Name,
    ULONGLONG Parameter1Value, PWSTR Parameter2Name, ULONGLONG Parameter2Value,
    PWSTR Parameter3Name, ULONGLONG Parameter3Value, PWSTR Parameter4Name,
    ULONGLONG Parameter4Value, PWSTR Parameter5Name, ULONGLONG Parameter5Value,
    PWSTR Parameter6Name, ULONGLONG Parameter6Value, PWSTR Parameter7Name,
    ULONGLONG Parameter7Value, PWSTR Parameter8Name, ULONGLONG Parameter8Value)
{
    return WDK_SINCE(
        NTDDI_WIN10_RS5,
        StorPortExtendedFunction(
            ExtFunctionMiniportChannelEtwEvent8, HwDeviceExtension, Address, EventChannel, EventId,
            EventDescription, EventKeywords, EventLevel, EventOpcode, Srb, Parameter1Name,
            Parameter1Value, Parameter2Name, Parameter2Value, Parameter3Name, Parameter3Value,
            Parameter4Name, Parameter4Value, Parameter5Name, Parameter5Value, Parameter6Name,
            Parameter6Value, Parameter7Name, Parameter7Value, Parameter8Name, Parameter8Value));
}

FORCEINLINE ULONG StorPortEtwLogByteStream(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                           STORPORT_ETW_EVENT_CHANNEL EventChannel, ULONG EventId,
                                           PWSTR EventDescription, ULONGLONG EventKeywords,
                                           STORPORT_ETW_LEVEL EventLevel,
                                           STORPORT_ETW_EVENT_OPCODE EventOpcode, USHORT DataLength,
                                           PUCHAR Data)
{
    return WDK_SINCE(NTDDI_WIN10_MN, StorPortExtendedFunction(
                                         ExtFunctionMiniportLogByteStream, HwDeviceExtension,
                                         Address, EventChannel, EventId, EventDescription,
                                         EventKeywords, EventLevel, EventOpcode, DataLength, Data));
}

FORCEINLINE ULONG StorPortEtwLogError(PVOID HwDeviceExtension, PSTOR_ADDRESS Address, ULONG Id,
                                      PWSTR Description, ULONG DataBufferLength, PVOID DataBuffer)
{
    return WDK_SINCE(NTDDI_WIN10_19H1, StorPortExtendedFunction(
                                           ExtFunctionLogHardwareError, HwDeviceExtension, Address,
                                           Id, Description, DataBufferLength, DataBuffer));
}

FORCEINLINE ULONG StorPortLogTelemetry(PVOID HwDeviceExtension, PSTOR_ADDRESS StorAddress,
                                       PSTORPORT_TELEMETRY_EVENT Event)
{
    return WDK_SINCE(NTDDI_WIN10_RS2,
                     StorPortExtendedFunction(ExtFunctionMiniportTelemetry, HwDeviceExtension,
                                              StorAddress, Event));
}

FORCEINLINE ULONG StorPortLogTelemetryEx(PVOID HwDeviceExtension, PSTOR_ADDRESS StorAddress,
                                         PSTORPORT_TELEMETRY_EVENT Event,
                                         STOR_TELEMETRY_CATEGORY Category)
{
    return WDK_SINCE(NTDDI_WIN10_19H1,
                     StorPortExtendedFunction(ExtFunctionMiniportTelemetryEx, HwDeviceExtension,
                                              StorAddress, Event, Category));
}

FORCEINLINE ULONG StorPortCaptureLiveDump(PVOID HwDeviceExtension, PSTOR_ADDRESS StorAddress,
                                          PSTORPORT_CAPTURE_LIVEDUMP CaptureLivedump)
{
    return WDK_SINCE(NTDDI_WIN10_MN,
                     StorPortExtendedFunction(ExtFunctionCaptureLiveDump, HwDeviceExtension,
                                              StorAddress, CaptureLivedump));
}

FORCEINLINE ULONG StorPortMiniportReportInternalData(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                     PVOID CallbackContext, ULONG DataCount,
                                                     PMINIPORT_DATA Data)
{
    return WDK_SINCE(NTDDI_WIN10_FE, StorPortExtendedFunction(ExtFunctionMiniportReportInternalData,
                                                              HwDeviceExtension, Address,
                                                              CallbackContext, DataCount, Data));
}
#endif

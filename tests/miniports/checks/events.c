/*
 * Checks of the events that a driver writes through Storport. The checks run in a machine whose
 * user wants to see them.
 */
#include "check.h"

#define VALUE1 0x111111111ull
#define VALUE2 0x222222222ull

/* More characters than a description and a name may have. */
static WCHAR LongText[66];

static PWSTR TooLong(ULONG Length)
{
    for (ULONG i = 0; i < Length; i++)
        LongText[RTL_NUMBER_OF(LongText) - 1 - Length + i] = L'x';
    return LongText + RTL_NUMBER_OF(LongText) - 1 - Length;
}

#define EVENT_HEAD(Id, Text)                                                                       \
    (ULONG)(Id), (PWSTR)(Text), (ULONGLONG)1, StorportEtwLevelError, StorportEtwEventOpcodeInfo
#define PAIRS_2 (PWSTR)L"first", VALUE1, (PWSTR)L"second", VALUE2
#define PAIRS_4 PAIRS_2, (PWSTR)L"third", 3ull, (PWSTR)NULL, 4ull
#define PAIRS_8                                                                                    \
    PAIRS_4, (PWSTR)L"", 5ull, (PWSTR)L"sixth", 6ull, (PWSTR)NULL, 7ull, (PWSTR)L"last", 8ull

/* What drivers pass that were built before events had channels: the same without one. */
CHECK(StorPortEtwEvent2, EVERYWHERE)
{
    EXPECT_STATUS(StorPortExtendedFunction(ExtFunctionMiniportEtwEvent2, Context->Extension, NULL,
                                           EVENT_HEAD(1002, L"old event of two"), NULL, PAIRS_2),
                  STOR_STATUS_SUCCESS);
    EXPECT(CheckPrinted(
        Context, "event 1002: [ERROR] old event of two: first=0x111111111, second=0x222222222"));
    EXPECT_STATUS(StorPortExtendedFunction(ExtFunctionMiniportEtwEvent2, Context->Extension, NULL,
                                           EVENT_HEAD(1003, NULL), NULL, PAIRS_2),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortEtwEvent4, EVERYWHERE)
{
    EXPECT_STATUS(StorPortExtendedFunction(ExtFunctionMiniportEtwEvent4, Context->Extension, NULL,
                                           EVENT_HEAD(1004, L"old event of four"), NULL, PAIRS_4),
                  STOR_STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context,
                        "old event of four: first=0x111111111, second=0x222222222, third=0x3"));
}

CHECK(StorPortEtwEvent8, EVERYWHERE)
{
    EXPECT_STATUS(StorPortExtendedFunction(ExtFunctionMiniportEtwEvent8, Context->Extension, NULL,
                                           EVENT_HEAD(1008, L"old event of eight"), NULL, PAIRS_8),
                  STOR_STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, "third=0x3, sixth=0x6, last=0x8"));
}

CHECK(StorPortEtwChannelEvent2, EVERYWHERE)
{
    STOR_ADDR_BTL8 Unit = {.Type = STOR_ADDRESS_TYPE_BTL8,
                           .AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH,
                           .Path = 1,
                           .Target = 2,
                           .Lun = 3};

    EXPECT_STATUS(StorPortEtwChannelEvent2(
                      Context->Extension, (PSTOR_ADDRESS)&Unit, StorportEtwEventHealth,
                      EVENT_HEAD(2002, L"event of a unit"), (PSCSI_REQUEST_BLOCK)0x1230, PAIRS_2),
                  STOR_STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context,
                        "unit 1:2:3: event 2002: [ERROR] event of a unit: first=0x111111111"));
    EXPECT(CheckPrinted(Context, "srb=0x1230"));
    EXPECT_STATUS(
        StorPortEtwEvent2(Context->Extension, NULL, EVENT_HEAD(2003, TooLong(64)), NULL, PAIRS_2),
        STOR_STATUS_SUCCESS);
    EXPECT_STATUS(
        StorPortEtwEvent2(Context->Extension, NULL, EVENT_HEAD(2003, TooLong(65)), NULL, PAIRS_2),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortEtwEvent2(Context->Extension, NULL, EVENT_HEAD(2004, L"long name"), NULL,
                                    NULL, 1, TooLong(33), 2),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortEtwChannelEvent2(Context->Extension, NULL, (STORPORT_ETW_EVENT_CHANNEL)3,
                                           EVENT_HEAD(2005, L"no channel"), NULL, PAIRS_2),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT(!CheckPrinted(Context, "event 2004") && !CheckPrinted(Context, "event 2005"));
}

CHECK(StorPortEtwChannelEvent4, EVERYWHERE)
{
    EXPECT_STATUS(StorPortEtwChannelEvent4(Context->Extension, NULL, StorportEtwEventOperational,
                                           EVENT_HEAD(2006, L"event of four"), NULL, PAIRS_4),
                  STOR_STATUS_SUCCESS);
    EXPECT(
        CheckPrinted(Context, "event of four: first=0x111111111, second=0x222222222, third=0x3"));
}

CHECK(StorPortEtwChannelEvent8, EVERYWHERE)
{
    EXPECT_STATUS(StorPortEtwEvent8(Context->Extension, NULL, EVENT_HEAD(2007, L"event of eight"),
                                    NULL, PAIRS_8),
                  STOR_STATUS_SUCCESS);
    EXPECT(CheckPrinted(
        Context, "event of eight: first=0x111111111, second=0x222222222, third=0x3, sixth=0x6, "
                 "last=0x8"));
}

CHECK(StorPortEtwLogByteStream, EVERYWHERE)
{
    UCHAR Bytes[3] = {1, 2, 0xFF};

    EXPECT_STATUS(StorPortEtwLogByteStream(Context->Extension, NULL, StorportEtwEventDiagnostic,
                                           EVENT_HEAD(3001, L"bytes"), sizeof(Bytes), Bytes),
                  STOR_STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, "event 3001: [ERROR] bytes: 01 02 ff"));
    EXPECT_STATUS(StorPortEtwLogByteStream(Context->Extension, NULL, StorportEtwEventDiagnostic,
                                           EVENT_HEAD(3002, L"bytes"), 0, Bytes),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortEtwLogByteStream(Context->Extension, NULL, StorportEtwEventDiagnostic,
                                           EVENT_HEAD(3002, L"bytes"), 1025, Bytes),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortEtwLogByteStream(Context->Extension, NULL, StorportEtwEventDiagnostic,
                                           EVENT_HEAD(3002, L"bytes"), 1, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortEtwLogError, EVERYWHERE)
{
    UCHAR Bytes[2] = {0xAB, 0xCD};

    EXPECT_STATUS(
        StorPortEtwLogError(Context->Extension, NULL, 4001, (PWSTR)L"broken", sizeof(Bytes), Bytes),
        STOR_STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, "event 4001: [ERROR] broken: ab cd"));
    /* As long as the driver likes. */
    EXPECT_STATUS(StorPortEtwLogError(Context->Extension, NULL, 4003,
                                      (PWSTR)L"0123456789abcdef0123456789abcdef0123456789abcdef"
                                             L"0123456789abcdef and more",
                                      sizeof(Bytes), Bytes),
                  STOR_STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, "89abcdef and more: ab cd"));
    EXPECT_STATUS(StorPortEtwLogError(Context->Extension, NULL, 4002, NULL, sizeof(Bytes), Bytes),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortEtwLogError(Context->Extension, NULL, 4002, (PWSTR)L"broken", 0, Bytes),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortEtwLogError(Context->Extension, NULL, 4002, (PWSTR)L"broken", 1, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

/* ---- telemetry ---- */

static STORPORT_TELEMETRY_EVENT Telemetry(ULONG Id)
{
    STORPORT_TELEMETRY_EVENT Event;

    RtlZeroMemory(&Event, sizeof(Event));
    Event.DriverVersion = 0x10002;
    Event.EventId = Id;
    RtlCopyMemory(Event.EventName, "wear of the medium", 19);
    Event.EventVersion = 3;
    RtlFillMemory(Event.ParameterName0, sizeof(Event.ParameterName0), 'n'); /* without an end */
    Event.ParameterValue0 = VALUE1;
    Event.ParameterValue1 = 0xBAD; /* without a name */
    RtlCopyMemory(Event.ParameterName7, "last", 5);
    Event.ParameterValue7 = 8;
    return Event;
}

#define FILLED_NAME "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"

CHECK(StorPortLogTelemetry, EVERYWHERE)
{
    STORPORT_TELEMETRY_EVENT Event = Telemetry(5001);
    STOR_ADDR_BTL8 Unit = {.Type = STOR_ADDRESS_TYPE_BTL8,
                           .AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH,
                           .Path = 1,
                           .Target = 2,
                           .Lun = 3};
    UCHAR Bytes[3] = {1, 2, 0xFF};

    EXPECT_STATUS(StorPortLogTelemetry(Context->Extension, NULL, &Event), STOR_STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, ": telemetry 5001 wear of the medium: version 3, driver 0x10002, "
                                 "" FILLED_NAME "=0x111111111, last=0x8"));
    Event.EventId = 5002;
    Event.EventBuffer = Bytes;
    Event.EventBufferLength = sizeof(Bytes);
    Event.Flags = 4;
    EXPECT_STATUS(StorPortLogTelemetry(Context->Extension, (PSTOR_ADDRESS)&Unit, &Event),
                  STOR_STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, "unit 1:2:3: telemetry 5002 wear"));
    EXPECT(CheckPrinted(Context, "flags 0x4, " FILLED_NAME));
    EXPECT(CheckPrinted(Context, "last=0x8, 3 bytes: 01 02 ff"));
    EXPECT_STATUS(StorPortLogTelemetry(Context->Extension, NULL, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    Event.EventId = 5003;
    Event.EventBufferLength = 0;
    EXPECT_STATUS(StorPortLogTelemetry(Context->Extension, NULL, &Event),
                  STOR_STATUS_INVALID_PARAMETER);
    Event.EventBuffer = NULL;
    Event.EventBufferLength = EVENT_BUFFER_MAX_LENGTH;
    EXPECT_STATUS(StorPortLogTelemetry(Context->Extension, NULL, &Event),
                  STOR_STATUS_INVALID_PARAMETER);
    Event.EventBufferLength = EVENT_BUFFER_MAX_LENGTH + 1;
    EXPECT_STATUS(StorPortLogTelemetry(Context->Extension, NULL, &Event),
                  STOR_STATUS_INVALID_BUFFER_SIZE);
    EXPECT(!CheckPrinted(Context, " 5003 "));
}

CHECK(StorPortLogTelemetryEx, EVERYWHERE)
{
    static UCHAR Bytes[EVENT_BUFFER_MAX_LENGTH + 1];
    STORPORT_TELEMETRY_EVENT Event = Telemetry(5011);

    Event.EventBuffer = Bytes;
    Event.EventBufferLength = EVENT_BUFFER_MAX_LENGTH;
    EXPECT_STATUS(StorPortLogTelemetryEx(Context->Extension, NULL, &Event, StorTelemetryCategory),
                  STOR_STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, ": telemetry 5011 wear of the medium"));
    EXPECT(CheckPrinted(Context, "4096 bytes: 00 00"));
    Event.EventId = 5012;
    EXPECT_STATUS(StorPortLogTelemetryEx(Context->Extension, NULL, &Event, StorMeasuresCategory),
                  STOR_STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, ": measures 5012 wear of the medium"));
    Event.EventId = 5013;
    EXPECT_STATUS(StorPortLogTelemetryEx(Context->Extension, NULL, &Event,
                                         (STOR_TELEMETRY_CATEGORY)(StorMeasuresCategory + 1)),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortLogTelemetryEx(Context->Extension, NULL, NULL, StorTelemetryCategory),
                  STOR_STATUS_INVALID_PARAMETER);
    Event.EventBufferLength = 0;
    EXPECT_STATUS(StorPortLogTelemetryEx(Context->Extension, NULL, &Event, StorTelemetryCategory),
                  STOR_STATUS_INVALID_PARAMETER);
    Event.EventBufferLength = sizeof(Bytes);
    EXPECT_STATUS(StorPortLogTelemetryEx(Context->Extension, NULL, &Event, StorTelemetryCategory),
                  STOR_STATUS_INVALID_BUFFER_SIZE);
    EXPECT(!CheckPrinted(Context, " 5013 "));
}

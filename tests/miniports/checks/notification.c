/*
 * Checks of the notification types, and of the routines that are such types.
 */
#include "check.h"

#define NOWHERE 7

static VOID AddressOf(CHECK_CONTEXT *Context, STOR_ADDR_BTL8 *Address)
{
    RtlZeroMemory(Address, sizeof(*Address));
    Address->Type = STOR_ADDRESS_TYPE_BTL8;
    Address->AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH;
    if (Context->Srb != NULL) {
        SrbGetPathTargetLun(Context->Srb, &Address->Path, &Address->Target, &Address->Lun);
    }
}

CHECK(StorPortStateChangeDetected, EVERYWHERE - AT(StateChange))
{
    STOR_ADDR_BTL8 Address;

    AddressOf(Context, &Address);
    EXPECT_STATUS(
        StorPortStateChangeDetected(Context->Extension, 0, (PSTOR_ADDRESS)&Address, 0, NULL, NULL),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortStateChangeDetected(Context->Extension, 8, (PSTOR_ADDRESS)&Address, 0, NULL, NULL),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortStateChangeDetected(Context->Extension, STATE_CHANGE_LUN, NULL, 0, NULL, NULL),
        STOR_STATUS_INVALID_PARAMETER);
    Address.Type = STOR_ADDRESS_TYPE_UNKNOWN;
    EXPECT_STATUS(StorPortStateChangeDetected(Context->Extension, STATE_CHANGE_LUN,
                                              (PSTOR_ADDRESS)&Address, 0, NULL, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_FINDING(EXPECT_STATUS(
        StorPortStateChangeDetected(NULL, STATE_CHANGE_LUN, (PSTOR_ADDRESS)&Address, 0, NULL, NULL),
        STOR_STATUS_INVALID_PARAMETER));
}

/* Needs the StartIo lock, like every callback of a change. */
static VOID NTAPI Nothing(PVOID HwDeviceExtension, PVOID Context, SHORT AddressType, PVOID Address,
                          ULONG Status)
{
    UNREFERENCED_PARAMETER(HwDeviceExtension);
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(AddressType);
    UNREFERENCED_PARAMETER(Address);
    UNREFERENCED_PARAMETER(Status);
}

/* One at a time, and the next from the callback of the one before. The first is under way until its
 * own callback, which cannot come before this one has returned. */
CHECK_ALSO(StorPortStateChangeDetected, is_free_again_in_its_callback, AT(StateChange))
{
    STOR_ADDR_BTL8 *Address = (STOR_ADDR_BTL8 *)Context->Memory;

    AddressOf(Context, Address);
    EXPECT_STATUS(StorPortStateChangeDetected(Context->Extension, STATE_CHANGE_LUN,
                                              (PSTOR_ADDRESS)Address, 0, Nothing, NULL),
                  STOR_STATUS_SUCCESS);
    /* Where this callback excludes StartIo, the pass that the first leads to cannot be over. */
    if (Context->Model == CheckHalfDuplex || Context->Model == CheckFullDuplex) {
        EXPECT_STATUS(StorPortStateChangeDetected(Context->Extension, STATE_CHANGE_LUN,
                                                  (PSTOR_ADDRESS)Address, 0, NULL, NULL),
                      STOR_STATUS_UNSUCCESSFUL);
    }
}

/* The unit of these checks has not said that it sends notifications. */
CHECK(StorPortAsyncNotificationDetected, EVERYWHERE)
{
    STOR_ADDR_BTL8 Address;
    PSTOR_ADDRESS Any = (PSTOR_ADDRESS)&Address;
    ULONG Status = 0;

    AddressOf(Context, &Address);
    EXPECT_STATUS(StorPortAsyncNotificationDetected(Context->Extension, Any, 1),
                  STOR_STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_STATUS(StorPortAsyncNotificationDetected(Context->Extension, Any, 8),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortAsyncNotificationDetected(Context->Extension, NULL, 1),
                  STOR_STATUS_INVALID_PARAMETER);
    Address.Type = STOR_ADDRESS_TYPE_UNKNOWN;
    EXPECT_STATUS(StorPortAsyncNotificationDetected(Context->Extension, Any, 1),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_FINDING(Status = StorPortAsyncNotificationDetected(NULL, Any, 1));
    EXPECT_EQUAL(Status, STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortMarkDeviceFailedEx, EVERYWHERE)
{
    static const WCHAR Words[] = L"too warm";
    STOR_ADDR_BTL8 Address;
    UCHAR Data[4] = {1, 2, 3, 4};
    PVOID Extension = Context->Extension;

    AddressOf(Context, &Address);
    EXPECT_STATUS(StorPortMarkDeviceFailedEx(Extension, NULL, 0, 7, (PWSTR)Words, 4, Data, 4, Data),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortMarkDeviceFailedEx(Extension, NULL, 3, 7, (PWSTR)Words, 0, NULL, 0, NULL),
                  STOR_STATUS_SUCCESS); /* a failure that is only predicted removes nothing */
    EXPECT_STATUS(StorPortMarkDeviceFailedEx(Extension, NULL, 4, 7, (PWSTR)Words, 0, NULL, 0, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortMarkDeviceFailedEx(Extension, NULL, 0, 7, (PWSTR)Words, 4, NULL, 0, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    Address.Path = NOWHERE;
    EXPECT_STATUS(StorPortMarkDeviceFailedEx(Extension, (PSTOR_ADDRESS)&Address, 0, 7, NULL, 0,
                                             NULL, 0, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Place == CheckWorkItem) {
        EXPECT(CheckReported(Context, "has failed (code 0x0007): too warm"));
        EXPECT(CheckReported(Context, "is going to fail (code 0x0007): too warm"));
    }
}

/* Built for current targets it is MarkDeviceFailedEx without a code; older images notify. */
CHECK(StorPortMarkDeviceFailed, EVERYWHERE)
{
    static const WCHAR Words[] = L"worn out";

    StorPortNotification((SCSI_NOTIFICATION_TYPE)MarkDeviceFailed, Context->Extension, NULL, 0,
                         Words);
    if (Context->Place == CheckWorkItem) {
        EXPECT(CheckReported(Context, "has failed: worn out"));
    }
}

CHECK(QueryTickCount, EVERYWHERE)
{
    LARGE_INTEGER Ticks, Later;

    Ticks.QuadPart = Later.QuadPart = -1;
    StorPortNotification(QueryTickCount, Context->Extension, &Ticks);
    StorPortNotification(QueryTickCount, Context->Extension, &Later);
    EXPECT(Ticks.QuadPart >= 0);
    EXPECT(Later.QuadPart >= Ticks.QuadPart);
}

/* The heads of records of WMI; the rest is the provider's. */
typedef struct _WMI_RECORD {
    ULONG BufferSize, ProviderId;
    ULONGLONG HistoricalContext, TimeStamp;
    GUID Guid;
    ULONG ClientContext, Flags;
    UCHAR Data[128];
} WMI_RECORD;

CHECK(WMIEvent, EVERYWHERE)
{
    WMI_RECORD *Record = (WMI_RECORD *)Context->Memory;

    RtlZeroMemory(Record, sizeof(*Record));
    Record->Guid.Data1 = 0x12345678;
    Record->BufferSize = 60;
    StorPortNotification(WMIEvent, Context->Extension, Record, 0xFF, 0, 0);
    Record->BufferSize = 61; /* was copied */
    Record->Guid.Data1 = 0;
    Record->BufferSize = 129;
    StorPortNotification(WMIEvent, Context->Extension, Record, 0, 0, 0);
    Record->BufferSize = 20; /* not even a head: nothing to tell */
    StorPortNotification(WMIEvent, Context->Extension, Record, 0, 0, 0);
    StorPortNotification(WMIEvent, Context->Extension, NULL, 0, 0, 0);
    if (Context->Place == CheckWorkItem) {
        EXPECT(CheckReported(Context, "WMI event {12345678-0000-0000-0000-000000000000} of the "
                                      "adapter"));
        EXPECT(CheckReported(Context, "60 bytes"));
        EXPECT(CheckReported(Context, "is lost: 129 bytes"));
    }
}

CHECK_FATAL(BufferOverrunDetected, stops_the_machine, AT(StartIo) | AT(Dpc) | AT(WorkItem))
{
    StorPortNotification(BufferOverrunDetected, Context->Extension);
}

/* ---- the link ---- */

/* A link that stays down holds the requests of the next places, which then run out of time. */
CHECK(LinkUp, EVERYWHERE)
{
    StorPortNotification(LinkUp, Context->Extension); /* means nothing while it is up */
    StorPortNotification(LinkDown, Context->Extension);
    StorPortNotification(LinkUp, Context->Extension);
}

/* ---- what is ignored ---- */

CHECK(NextRequest, EVERYWHERE)
{
    StorPortNotification(NextRequest, Context->Extension, NULL);
}

CHECK(NextLuRequest, EVERYWHERE)
{
    StorPortNotification(NextLuRequest, Context->Extension, 0, 0, 0);
}

CHECK(TraceNotification, EVERYWHERE)
{
    StorPortNotification(TraceNotification, Context->Extension, NULL);
}

/*
 * Checks of the general support routines.
 */
#include "check.h"

/* What storport.h calls StorPortNotification is an import of its own to older drivers. */
#undef ScsiPortNotification
VOID WDK_ABI ScsiPortNotification(SCSI_NOTIFICATION_TYPE NotificationType, PVOID HwDeviceExtension,
                                  ...);

/* The framework learns the IRQL by this routine; the processor knows better. */
CHECK(StorPortGetCurrentIrql, EVERYWHERE)
{
    KIRQL Irql = 0xFF;

    EXPECT_STATUS(StorPortGetCurrentIrql(Context->Extension, &Irql), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Irql, KeGetCurrentIrql());
    EXPECT_STATUS(StorPortGetCurrentIrql(Context->Extension, NULL), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetCurrentIrql(NULL, &Irql), STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortExtendedFunction, EVERYWHERE)
{
    KIRQL Irql = 0xFF;

    EXPECT_STATUS(StorPortExtendedFunction(ExtFunctionGetCurrentIrql, Context->Extension, &Irql),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Irql, Context->Irql);
    EXPECT_STATUS(StorPortExtendedFunction((STORPORT_FUNCTION_CODE)250, Context->Extension),
                  STOR_STATUS_NOT_IMPLEMENTED);
    EXPECT(CheckPrinted(Context,
                        "extended function 250 is not implemented: the driver is told so (the "
                        "last one known is "));
    EXPECT_STATUS(StorPortExtendedFunction((STORPORT_FUNCTION_CODE)0x7FFFFFFF, Context->Extension),
                  STOR_STATUS_NOT_IMPLEMENTED);
}

CHECK(StorPortNotification, EVERYWHERE)
{
    LARGE_INTEGER Ticks = {.QuadPart = -1};

    StorPortNotification(QueryTickCount, Context->Extension, &Ticks);
    EXPECT(Ticks.QuadPart >= 0);
    StorPortNotification((SCSI_NOTIFICATION_TYPE)0x1FFF, Context->Extension); /* ignored */
    EXPECT_FINDING(StorPortNotification(ResetDetected, &Ticks));
}

CHECK(ScsiPortNotification, EVERYWHERE)
{
    LARGE_INTEGER Ticks = {.QuadPart = -1};

    ScsiPortNotification(QueryTickCount, Context->Extension, &Ticks);
    EXPECT(Ticks.QuadPart >= 0);
}

/* ---- text for the log ---- */

CHECK(StorPortDebugPrint, EVERYWHERE)
{
    StorPortDebugPrint(0, "check of StorPortDebugPrint, place %d, %I64x\n", Context->Place,
                       0x123456789ull);
    EXPECT(CheckPrinted(Context, "StorPortDebugPrint, place"));
    EXPECT(CheckPrinted(Context, "123456789"));
    StorPortDebugPrint(3, "what is quiet by default\n");
    EXPECT(!CheckPrinted(Context, "quiet by default"));
    StorPortDebugPrint(0, NULL);
}

CHECK(StorPortLogError, EVERYWHERE)
{
    StorPortLogError(Context->Extension, Context->Srb, 0, 0, 0, SP_PROTOCOL_ERROR,
                     0xBEEF0000 | Context->Place);
    EXPECT(CheckReported(Context, "protocol error"));
    EXPECT(CheckReported(Context, "0xBEEF00"));
    StorPortLogError(NULL, NULL, 0, 0, 0, SP_PROTOCOL_ERROR, 0);
}

static STOR_LOG_EVENT_DETAILS LogDetails(VOID)
{
    STOR_LOG_EVENT_DETAILS Details;

    RtlZeroMemory(&Details, sizeof(Details));
    Details.InterfaceRevision = STOR_CURRENT_LOG_INTERFACE_REVISION;
    Details.Size = sizeof(Details);
    Details.EventAssociation = StorEventAdapterAssociation;
    Details.StorportSpecificErrorCode = TRUE;
    Details.ErrorCode = SP_BAD_FW_WARNING;
    Details.UniqueId = 0xFEED;
    return Details;
}

CHECK(StorPortLogSystemEvent, EVERYWHERE)
{
    STOR_LOG_EVENT_DETAILS Details = LogDetails();
    UCHAR Dump[151] = {0};
    ULONG Limit = 0;

    EXPECT_UP_TO(DISPATCH_LEVEL, StorPortLogSystemEvent(Context->Extension, &Details, NULL),
                 STOR_STATUS_SUCCESS);
    EXPECT(CheckReported(Context, "0xFEED") || Context->Irql > DISPATCH_LEVEL);
    EXPECT_STATUS(StorPortLogSystemEvent(Context->Extension, NULL, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    Details.DumpData = Dump;
    Details.DumpDataSize = sizeof(Dump);
    EXPECT_UP_TO(DISPATCH_LEVEL, StorPortLogSystemEvent(Context->Extension, &Details, &Limit),
                 STOR_STATUS_INVALID_BUFFER_SIZE);
    EXPECT_EQUAL(Limit, Context->Irql <= DISPATCH_LEVEL ? 150 : 0);
    Details = LogDetails();
    Details.InterfaceRevision = STOR_CURRENT_LOG_INTERFACE_REVISION + 0x100;
    EXPECT_UP_TO(DISPATCH_LEVEL, StorPortLogSystemEvent(Context->Extension, &Details, NULL),
                 STOR_STATUS_UNSUPPORTED_VERSION);
    if (Context->Irql <= DISPATCH_LEVEL) {
        EXPECT_EQUAL(Details.InterfaceRevision, STOR_CURRENT_LOG_INTERFACE_REVISION);
    }
}

/* ---- time ---- */

CHECK(StorPortQuerySystemTime, EVERYWHERE)
{
    LARGE_INTEGER First = {.QuadPart = 0}, Second = {.QuadPart = 0};

    StorPortQuerySystemTime(&First);
    StorPortQuerySystemTime(&Second);
    EXPECT(First.QuadPart > 130000000000000000ll); /* 2012 */
    EXPECT(Second.QuadPart >= First.QuadPart);
}

CHECK(StorPortQueryPerformanceCounter, EVERYWHERE)
{
    LARGE_INTEGER Frequency = {.QuadPart = 0}, First = {.QuadPart = 0}, Second = {.QuadPart = 0};

    EXPECT_STATUS(StorPortQueryPerformanceCounter(Context->Extension, &Frequency, &First),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortQueryPerformanceCounter(Context->Extension, NULL, &Second),
                  STOR_STATUS_SUCCESS);
    EXPECT(Frequency.QuadPart >= 1000000);
    EXPECT(First.QuadPart > 0 && Second.QuadPart >= First.QuadPart);
    EXPECT_STATUS(StorPortQueryPerformanceCounter(Context->Extension, &Frequency, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

/* ---- names of the adapter ---- */

CHECK(StorPortGetSystemPortNumber, EVERYWHERE)
{
    STOR_ADDR_BTL8 Address = {.Type = STOR_ADDRESS_TYPE_BTL8,
                              .Port = 0xFFFF,
                              .AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH,
                              .Path = 7};

    EXPECT_STATUS(StorPortGetSystemPortNumber(Context->Extension, (PSTOR_ADDRESS)&Address),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Address.Port, 0);
    EXPECT_EQUAL(Address.Path, 7);
    Address.AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH - 1;
    EXPECT_STATUS(StorPortGetSystemPortNumber(Context->Extension, (PSTOR_ADDRESS)&Address),
                  STOR_STATUS_INVALID_PARAMETER);
    Address.AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH;
    Address.Type = STOR_ADDRESS_TYPE_UNKNOWN;
    EXPECT_STATUS(StorPortGetSystemPortNumber(Context->Extension, (PSTOR_ADDRESS)&Address),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetSystemPortNumber(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

/* ---- requests by their tag ---- */

#define STARTED                                                                                    \
    (AT(StartIo) | AT(Interrupt) | AT(Message) | AT(Dpc) | AT(Timer) | AT(TimerEx) |               \
     AT(WorkItem) | AT(Thread) | AT(Synchronized) | AT(DpcLocked) | AT(StartIoLocked) |            \
     AT(InterruptLocked) | AT(MessageLocked))

static LONG TagOf(PSCSI_REQUEST_BLOCK Srb)
{
    return Srb->Function == SRB_FUNCTION_STORAGE_REQUEST_BLOCK
               ? (LONG)((PSTORAGE_REQUEST_BLOCK)Srb)->RequestTag
               : Srb->QueueTag;
}

CHECK(StorPortGetSrb, STARTED)
{
    LONG Tag = TagOf(Context->Srb);

    EXPECT(StorPortGetSrb(Context->Extension, 0, 0, 0, Tag) == Context->Srb);
    EXPECT(StorPortGetSrb(Context->Extension, 0, 0, 0, Tag + 1) == NULL);
    EXPECT(StorPortGetSrb(Context->Extension, 0, 0, 0, -1) == NULL);
    EXPECT(StorPortGetSrb(Context->Extension, 0, 0, 9, Tag) == NULL);
    EXPECT(StorPortGetSrb(NULL, 0, 0, 0, Tag) == NULL);
}

/*
 * Checks of what a driver may ask about its requests, its device and the machine.
 */
#include "check.h"

/* The request is in the driver's hands. */
#define REQUEST_PLACES                                                                             \
    (AT(BuildIo) | AT(StartIo) | AT(Interrupt) | AT(Message) | AT(Dpc) | AT(Timer) | AT(TimerEx) | \
     AT(WorkItem) | AT(Thread) | AT(Synchronized) | AT(InterruptLocked))
#define NO_PROCESS      0
#define UNKNOWN_PROCESS MAXULONG

CHECK(StorPortGetRequestInfo, REQUEST_PLACES)
{
    STOR_REQUEST_INFO_V2 Information;
    PSTOR_REQUEST_INFO First = (PSTOR_REQUEST_INFO)&Information;

    RtlFillMemory(&Information, sizeof(Information), 0xFF);
    Information.Version = STOR_REQUEST_INFO_VER_1;
    Information.Size = sizeof(STOR_REQUEST_INFO_V1);
    EXPECT_STATUS(StorPortGetRequestInfo(Context->Extension, Context->Srb, First),
                  STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Information.PriorityHint, StorIoPriorityNormal);
    EXPECT_EQUAL(Information.Length, CHECK_DATA_BYTES);
    EXPECT_EQUAL(Information.IsWriteRequest, FALSE);
    EXPECT_EQUAL(Information.Flags, REQUEST_INFO_NO_CACHE_FLAG | REQUEST_INFO_NO_FILE_OBJECT_FLAG);
    EXPECT_EQUAL(Information.ProcessId, MAXULONG); /* not part of version 1 */
    Information.Version = STOR_REQUEST_INFO_VER_2;
    EXPECT_STATUS(StorPortGetRequestInfo(Context->Extension, Context->Srb, First),
                  STOR_STATUS_INVALID_PARAMETER); /* the size of version 1 */
    Information.Size = sizeof(Information);
    EXPECT_STATUS(StorPortGetRequestInfo(Context->Extension, Context->Srb, First),
                  STOR_STATUS_SUCCESS);
    EXPECT(Information.FileName == NULL);
    EXPECT_EQUAL(Information.ProcessId,
                 Context->Irql > DISPATCH_LEVEL ? UNKNOWN_PROCESS : NO_PROCESS);
    Information.Version = 3;
    EXPECT_STATUS(StorPortGetRequestInfo(Context->Extension, Context->Srb, First),
                  STOR_STATUS_UNSUPPORTED_VERSION);
    EXPECT_STATUS(StorPortGetRequestInfo(Context->Extension, NULL, First),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetRequestInfo(Context->Extension, Context->Srb, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetRequestInfo(Context->Extension, (PSCSI_REQUEST_BLOCK)Context, First),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortGetActivityIdSrb, REQUEST_PLACES)
{
    GUID Activity;

    EXPECT_STATUS(StorPortGetActivityIdSrb(Context->Extension, Context->Srb, &Activity),
                  STOR_STATUS_UNSUCCESSFUL);
    EXPECT_STATUS(StorPortGetActivityIdSrb(Context->Extension, NULL, &Activity),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetActivityIdSrb(Context->Extension, Context->Srb, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortIsCurrentOsInstallationUpgrade, EVERYWHERE)
{
    BOOLEAN Upgraded = 7;

    EXPECT_UP_TO(PASSIVE_LEVEL,
                 StorPortIsCurrentOsInstallationUpgrade(Context->Extension, &Upgraded),
                 STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Upgraded, Context->Irql == PASSIVE_LEVEL ? FALSE : 7);
    EXPECT_STATUS(StorPortIsCurrentOsInstallationUpgrade(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

/*
 * Checks of what holds requests back and ends them: busy, pause, depth, completion, logical units.
 * That a closed gate really holds others back takes two parties: tests/conformance/gates_test.c.
 */
#include "check.h"

#define NOWHERE 7 /* a path that the adapter does not have */

typedef struct _UNIT_ADDRESS {
    UCHAR Path, Target, Lun;
} UNIT_ADDRESS;

/* The unit that the request of this place is for; there is none where there is no request. */
static BOOLEAN UnitOf(CHECK_CONTEXT *Context, UNIT_ADDRESS *Unit)
{
    RtlZeroMemory(Unit, sizeof(*Unit));
    if (Context->Srb == NULL) {
        return FALSE;
    }
    SrbGetPathTargetLun(Context->Srb, &Unit->Path, &Unit->Target, &Unit->Lun);
    return TRUE;
}

/* ---- the adapter ---- */

CHECK(StorPortPause, EVERYWHERE)
{
    EXPECT(StorPortPause(Context->Extension, 60));
    EXPECT(StorPortPause(Context->Extension, 60)); /* begins anew, is not counted */
    EXPECT(StorPortResume(Context->Extension));
    EXPECT(!StorPortPause(NULL, 1));
}

CHECK(StorPortResume, EVERYWHERE)
{
    EXPECT(!StorPortResume(Context->Extension)); /* there is nothing to resume */
    EXPECT(StorPortPause(Context->Extension, 60));
    EXPECT(StorPortResume(Context->Extension));
    EXPECT(!StorPortResume(Context->Extension));
    EXPECT(!StorPortResume(NULL));
}

CHECK(StorPortBusy, EVERYWHERE)
{
    EXPECT(StorPortBusy(Context->Extension, 1)); /* opens with the request of this place */
    EXPECT(StorPortBusy(Context->Extension, 0)); /* is reached already */
    EXPECT(!StorPortBusy(NULL, 1));
}

CHECK(StorPortReady, EVERYWHERE)
{
    EXPECT(StorPortReady(Context->Extension));
    EXPECT(StorPortBusy(Context->Extension, 1000));
    EXPECT(StorPortReady(Context->Extension));
    EXPECT(!StorPortReady(NULL));
    /* It ends no pause. */
    EXPECT(StorPortPause(Context->Extension, 60));
    EXPECT(StorPortReady(Context->Extension));
    EXPECT(StorPortResume(Context->Extension));
}

/* ---- units ---- */

CHECK(StorPortPauseDevice, EVERYWHERE)
{
    UNIT_ADDRESS Unit;

    EXPECT(!StorPortPauseDevice(Context->Extension, NOWHERE, 0, 0, 1));
    EXPECT(!StorPortPauseDevice(NULL, 0, 0, 0, 1));
    if (UnitOf(Context, &Unit)) {
        EXPECT(StorPortPauseDevice(Context->Extension, Unit.Path, Unit.Target, Unit.Lun, 60));
        EXPECT(StorPortResumeDevice(Context->Extension, Unit.Path, Unit.Target, Unit.Lun));
    }
}

CHECK(StorPortResumeDevice, EVERYWHERE)
{
    UNIT_ADDRESS Unit;

    EXPECT(!StorPortResumeDevice(Context->Extension, NOWHERE, 0, 0));
    EXPECT(!StorPortResumeDevice(NULL, 0, 0, 0));
    if (UnitOf(Context, &Unit)) {
        EXPECT(!StorPortResumeDevice(Context->Extension, Unit.Path, Unit.Target, Unit.Lun));
        EXPECT(StorPortPauseDevice(Context->Extension, Unit.Path, Unit.Target, Unit.Lun, 60));
        EXPECT(StorPortResumeDevice(Context->Extension, Unit.Path, Unit.Target, Unit.Lun));
    }
}

CHECK(StorPortDeviceBusy, EVERYWHERE)
{
    UNIT_ADDRESS Unit;

    EXPECT(!StorPortDeviceBusy(Context->Extension, NOWHERE, 0, 0, 1));
    EXPECT(!StorPortDeviceBusy(NULL, 0, 0, 0, 1));
    if (UnitOf(Context, &Unit)) {
        EXPECT(StorPortDeviceBusy(Context->Extension, Unit.Path, Unit.Target, Unit.Lun, 1000));
        EXPECT(StorPortDeviceBusy(Context->Extension, Unit.Path, Unit.Target, Unit.Lun, 0));
    }
}

CHECK(StorPortDeviceReady, EVERYWHERE)
{
    UNIT_ADDRESS Unit;

    EXPECT(!StorPortDeviceReady(Context->Extension, NOWHERE, 0, 0));
    EXPECT(!StorPortDeviceReady(NULL, 0, 0, 0));
    if (UnitOf(Context, &Unit)) {
        EXPECT(StorPortDeviceBusy(Context->Extension, Unit.Path, Unit.Target, Unit.Lun, 1000));
        EXPECT(StorPortDeviceReady(Context->Extension, Unit.Path, Unit.Target, Unit.Lun));
    }
}

CHECK(StorPortSetDeviceQueueDepth, EVERYWHERE)
{
    UNIT_ADDRESS Unit;

    EXPECT(!StorPortSetDeviceQueueDepth(Context->Extension, NOWHERE, 0, 0, 1));
    EXPECT(!StorPortSetDeviceQueueDepth(NULL, 0, 0, 0, 1));
    if (UnitOf(Context, &Unit)) {
        PVOID Extension = Context->Extension;

        EXPECT(!StorPortSetDeviceQueueDepth(Extension, Unit.Path, Unit.Target, Unit.Lun, 0));
        EXPECT(!StorPortSetDeviceQueueDepth(Extension, Unit.Path, Unit.Target, Unit.Lun, 100000));
        EXPECT(StorPortSetDeviceQueueDepth(Extension, Unit.Path, Unit.Target, Unit.Lun, 1));
        EXPECT(StorPortSetDeviceQueueDepth(Extension, Unit.Path, Unit.Target, Unit.Lun, 16));
    }
}

/* The memory that the driver has for each unit: one and the same wherever it is asked for. */
CHECK(StorPortGetLogicalUnit, EVERYWHERE)
{
    PVOID *Seen = (PVOID *)Context->Memory;
    UNIT_ADDRESS Unit;

    EXPECT(StorPortGetLogicalUnit(Context->Extension, NOWHERE, 0, 0) == NULL);
    EXPECT(StorPortGetLogicalUnit(NULL, 0, 0, 0) == NULL);
    if (UnitOf(Context, &Unit)) {
        PUCHAR Memory =
            (PUCHAR)StorPortGetLogicalUnit(Context->Extension, Unit.Path, Unit.Target, Unit.Lun);

        EXPECT(Memory != NULL);
        if (Memory != NULL && *Seen == NULL) {
            EXPECT_EQUAL(Memory[0], 0);
            *Seen = Memory;
            Memory[0] = 0x5A;
        }
        EXPECT(Memory == *Seen);
        EXPECT(Memory == NULL || Memory[0] == 0x5A);
    }
}

/* ---- completion ---- */

/* Nothing happens for others: the request of this place stays outstanding, and completing it is
 * what the place does next. */
CHECK(StorPortCompleteRequest, EVERYWHERE)
{
    UNIT_ADDRESS Unit;

    StorPortCompleteRequest(Context->Extension, NOWHERE, SP_UNTAGGED, SP_UNTAGGED,
                            SRB_STATUS_BUS_RESET);
    StorPortCompleteRequest(NULL, SP_UNTAGGED, SP_UNTAGGED, SP_UNTAGGED, SRB_STATUS_BUS_RESET);
    if (UnitOf(Context, &Unit)) {
        StorPortCompleteRequest(Context->Extension, Unit.Path, Unit.Target, Unit.Lun,
                                SRB_STATUS_SUCCESS);
        Context->Taken = TRUE;
    }
}

CHECK(RequestComplete, EVERYWHERE)
{
    ULONG Foreign[16];

    RtlZeroMemory(Foreign, sizeof(Foreign));
    EXPECT_FINDING(StorPortNotification(RequestComplete, Context->Extension, &Foreign));
    if (Context->Srb != NULL) {
        SrbSetSrbStatus(Context->Srb, SRB_STATUS_SUCCESS);
        StorPortNotification(RequestComplete, Context->Extension, Context->Srb);
        Context->Taken = TRUE;
    }
}

CHECK(RequestDirectComplete, EVERYWHERE)
{
    ULONG Foreign[16];

    RtlZeroMemory(Foreign, sizeof(Foreign));
    EXPECT_FINDING(StorPortNotification((SCSI_NOTIFICATION_TYPE)RequestDirectComplete,
                                        Context->Extension, &Foreign));
    if (Context->Srb != NULL) {
        SrbSetSrbStatus(Context->Srb, SRB_STATUS_SUCCESS);
        StorPortNotification((SCSI_NOTIFICATION_TYPE)RequestDirectComplete, Context->Extension,
                             Context->Srb);
        Context->Taken = TRUE;
    }
}

/* A request is completed once. */
CHECK_ALSO(RequestComplete, is_refused_the_second_time, AT(StartIo) | AT(Message) | AT(WorkItem))
{
    if (Context->Srb != NULL) {
        PSCSI_REQUEST_BLOCK Srb = Context->Srb;
        KIRQL OldIrql;

        /* At DISPATCH_LEVEL nothing of the request is worked off or used again in between. */
        KeRaiseIrql(Context->Irql > DISPATCH_LEVEL ? Context->Irql : DISPATCH_LEVEL, &OldIrql);
        SrbSetSrbStatus(Srb, SRB_STATUS_SUCCESS);
        StorPortNotification(RequestComplete, Context->Extension, Srb);
        Context->Taken = TRUE;
        if (Context->Place == CheckStartIo) {
            EXPECT_FINDING(StorPortNotification(RequestComplete, Context->Extension, Srb));
        }
        KeLowerIrql(OldIrql);
    }
}

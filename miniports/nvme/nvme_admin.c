/*
 * The admin queue, asynchronous events, and the event log.
 *
 * Rule: all of it under the admin lock. A completion is believed only when it names a command that
 * is in flight. An event request that the controller refuses is not sent again, so that a broken
 * controller cannot keep the driver busy.
 */
#include "nvme_driver.h"

#define HEALTH_LOG_BYTES  512u
#define CHANGED_LOG_BYTES 4096u
#define ERROR_LOG_BYTES   64u
#define OTHER_LOG_BYTES   512u

#define BAD_COMPLETIONS_LOGGED 16

static NVME_ADMIN_DONE EventDone;
static NVME_ADMIN_DONE LogPageDone;

/* Log entries are for people: after the first few bad completions the rest says nothing new. */
VOID NvmeLog(PNVME_ADAPTER Adapter, NVME_EVENT Event)
{
    STOR_LOG_EVENT_DETAILS details;

    if (Adapter->LogForbidden) {
        return;
    }
    if (Event == NvmeEventBadCompletion &&
        InterlockedIncrement(&Adapter->BadCompletions) > BAD_COMPLETIONS_LOGGED) {
        return;
    }
    RtlZeroMemory(&details, sizeof(details));
    details.InterfaceRevision = STOR_CURRENT_LOG_INTERFACE_REVISION;
    details.Size = sizeof(details);
    details.EventAssociation = StorEventAdapterAssociation;
    details.StorportSpecificErrorCode = TRUE;
    details.ErrorCode =
        Event == NvmeEventBadCompletion ? SP_PROTOCOL_ERROR : SP_INTERNAL_ADAPTER_ERROR;
    details.UniqueId = Event;
    StorPortLogSystemEvent(Adapter, &details, NULL);
}

BOOLEAN NvmeAdminSubmit(PNVME_ADAPTER Adapter, NVME_COMMAND *Command, NVME_ADMIN_DONE *Done,
                        PSCSI_REQUEST_BLOCK Srb, UCHAR Lun)
{
    PNVME_SLOT slot;
    LONG index;

    if (Srb != NULL && Adapter->AdminFree <= NVME_ADMIN_RESERVE) {
        return FALSE;
    }
    index = NvmeSlotTake(&Adapter->Admin);
    if (index < 0) {
        return FALSE;
    }
    Adapter->AdminFree--;
    slot = &Adapter->AdminSlots[index];
    slot->Srb = Srb;
    slot->Done = Done;
    slot->Lun = Lun;
    slot->AbortSent = FALSE;
    Command->CDW0.CID = (USHORT)index;
    NvmeQueueSubmit(Adapter, &Adapter->Admin, Command);
    return TRUE;
}

static VOID CompleteAdmin(PNVME_ADAPTER Adapter, const NVME_COMPLETION_ENTRY *Completion)
{
    ULONG index = Completion->DW3.CID;
    PNVME_SLOT slot;
    NVME_ADMIN_DONE *done;
    PSCSI_REQUEST_BLOCK srb;

    if (index >= NVME_ADMIN_DEPTH - 1 || Completion->DW2.SQID != 0 ||
        Adapter->AdminSlots[index].Done == NULL) {
        NvmeLog(Adapter, NvmeEventBadCompletion);
        return;
    }
    slot = &Adapter->AdminSlots[index];
    done = slot->Done;
    srb = slot->Srb;
    slot->Done = NULL;
    slot->Srb = NULL;
    Adapter->AdminFree++;
    NvmeSlotReturn(&Adapter->Admin, (LONG)index);
    done(Adapter, srb, Completion);
}

/*
 * A completed command may restart the ring (a bring-up that fails), so each turn looks at the ring
 * afresh; once around is enough for what was waiting.
 */
VOID NvmeAdminDrain(PNVME_ADAPTER Adapter)
{
    NVME_COMPLETION_ENTRY completion;
    ULONG count;

    for (count = 0; count < NVME_ADMIN_DEPTH; count++) {
        if (Adapter->State == NvmeRemoved || !NvmeQueueTake(&Adapter->Admin, &completion)) {
            return;
        }
        NvmeQueueTellHead(Adapter, &Adapter->Admin);
        CompleteAdmin(Adapter, &completion);
    }
}

VOID NvmeSweepAdmin(PNVME_ADAPTER Adapter, UCHAR SrbStatus)
{
    ULONG index;

    for (index = 0; index < NVME_ADMIN_DEPTH - 1; index++) {
        PNVME_SLOT slot = &Adapter->AdminSlots[index];
        PVOID srb = slot->Srb;

        if (slot->Done == NULL) {
            continue;
        }
        slot->Done = NULL;
        slot->Srb = NULL;
        Adapter->AdminFree++;
        NvmeSlotReturn(&Adapter->Admin, (LONG)index);
        if (srb != NULL) {
            NvmeCompleteSrb(Adapter, srb, SrbStatus);
        }
    }
    Adapter->AbortsOut = 0;
    Adapter->Scan.Busy = FALSE;
    RtlZeroMemory(&Adapter->Events, sizeof(Adapter->Events));
}

VOID NvmeArmEvents(PNVME_ADAPTER Adapter)
{
    NVME_COMMAND command;

    while (Adapter->Events.RequestsOut < Adapter->Target.Identity.AsyncEventLimit) {
        RtlZeroMemory(&command, sizeof(command));
        command.CDW0.OPC = NVME_ADMIN_COMMAND_ASYNC_EVENT_REQUEST;
        if (!NvmeAdminSubmit(Adapter, &command, EventDone, NULL, 0)) {
            return;
        }
        Adapter->Events.RequestsOut++;
    }
}

/* Takes the next log page off the list of those to read; 0 when the list is empty. */
static UCHAR NextLogPage(NVME_EVENTS *Events)
{
    UCHAR page;

    if (Events->ErrorLog) {
        Events->ErrorLog = FALSE;
        return NVME_LOG_PAGE_ERROR_INFO;
    }
    if (Events->HealthLog) {
        Events->HealthLog = FALSE;
        return NVME_LOG_PAGE_HEALTH_INFO;
    }
    if (Events->ChangedLog) {
        Events->ChangedLog = FALSE;
        return NVME_LOG_PAGE_CHANGED_NAMESPACE_LIST;
    }
    page = Events->OtherLog;
    Events->OtherLog = 0;
    return page;
}

static ULONG LogPageBytes(UCHAR Page)
{
    switch (Page) {
    case NVME_LOG_PAGE_ERROR_INFO:
        return ERROR_LOG_BYTES;
    case NVME_LOG_PAGE_HEALTH_INFO:
        return HEALTH_LOG_BYTES;
    case NVME_LOG_PAGE_CHANGED_NAMESPACE_LIST:
        return CHANGED_LOG_BYTES;
    default:
        return OTHER_LOG_BYTES;
    }
}

/* Reading a log page is what lets the controller report the next event of that kind. */
static VOID ReadNextLogPage(PNVME_ADAPTER Adapter)
{
    NVME_COMMAND command;
    UCHAR page;

    if (Adapter->Events.Busy) {
        return;
    }
    page = NextLogPage(&Adapter->Events);
    if (page == 0) {
        return;
    }
    RtlZeroMemory(&command, sizeof(command));
    command.CDW0.OPC = NVME_ADMIN_COMMAND_GET_LOG_PAGE;
    command.NSID = NVME_NAMESPACE_ALL;
    command.PRP1 = (ULONGLONG)Adapter->LogPage.Address.QuadPart;
    command.u.GETLOGPAGE.CDW10.LID = page;
    command.u.GETLOGPAGE.CDW10.NUMD = LogPageBytes(page) / sizeof(ULONG) - 1;
    if (NvmeAdminSubmit(Adapter, &command, LogPageDone, NULL, 0)) {
        Adapter->Events.Busy = TRUE;
        Adapter->Events.Reading = page;
    }
}

static VOID LogPageDone(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb,
                        const NVME_COMPLETION_ENTRY *Completion)
{
    const NVME_HEALTH_INFO_LOG *health =
        (const NVME_HEALTH_INFO_LOG *)(PVOID)Adapter->LogPage.Bytes;

    UNREFERENCED_PARAMETER(Srb);
    Adapter->Events.Busy = FALSE;
    if (NvmeSucceeded(Completion) && Adapter->Events.Reading == NVME_LOG_PAGE_HEALTH_INFO &&
        health->CriticalWarning.AsUchar != 0) {
        NvmeLog(Adapter, NvmeEventHealth);
    }
    if (Adapter->Events.Reading == NVME_LOG_PAGE_CHANGED_NAMESPACE_LIST) {
        /* The list may be incomplete, so what changed is found by looking at all namespaces. */
        NvmeScanStart(Adapter);
    }
    ReadNextLogPage(Adapter);
}

static VOID NoteEvent(PNVME_ADAPTER Adapter, NVME_COMPLETION_DW0_ASYNC_EVENT_REQUEST Event)
{
    switch (Event.AsyncEventType) {
    case NVME_ASYNC_EVENT_TYPE_ERROR_STATUS:
        NvmeLog(Adapter, NvmeEventDeviceError);
        Adapter->Events.ErrorLog = TRUE;
        break;
    case NVME_ASYNC_EVENT_TYPE_HEALTH_STATUS:
        Adapter->Events.HealthLog = TRUE;
        break;
    case NVME_ASYNC_EVENT_TYPE_NOTICE:
        if (Event.AsyncEventInfo == NVME_ASYNC_NOTICE_NAMESPACE_ATTRIBUTE_CHANGED) {
            Adapter->Events.ChangedLog = TRUE;
        } else {
            Adapter->Events.OtherLog = (UCHAR)Event.LogPage;
        }
        break;
    default:
        Adapter->Events.OtherLog = (UCHAR)Event.LogPage;
        break;
    }
}

static VOID EventDone(PNVME_ADAPTER Adapter, PSCSI_REQUEST_BLOCK Srb,
                      const NVME_COMPLETION_ENTRY *Completion)
{
    NVME_COMPLETION_DW0_ASYNC_EVENT_REQUEST event;

    UNREFERENCED_PARAMETER(Srb);
    if (!NvmeSucceeded(Completion)) {
        /* RequestsOut keeps counting this one: the controller does not want so many. */
        return;
    }
    Adapter->Events.RequestsOut--;
    RtlCopyMemory(&event, &Completion->DW0, sizeof(event));
    NoteEvent(Adapter, event);
    NvmeArmEvents(Adapter);
    ReadNextLogPage(Adapter);
}

/*
 * Checks of callback objects.
 */
#include "check.h"

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))

typedef struct _CALLS {
    ULONG Count, Order;
    PVOID First, Second;
    KIRQL Irql;
} CALLS;

static ULONG CallOrder;

static VOID NTAPI NoteCall(PVOID CallbackContext, PVOID Argument1, PVOID Argument2)
{
    CALLS *Calls = (CALLS *)CallbackContext;

    Calls->Count++;
    Calls->Order = ++CallOrder;
    Calls->First = Argument1;
    Calls->Second = Argument2;
    Calls->Irql = KeGetCurrentIrql();
}

static NTSTATUS Open(PCALLBACK_OBJECT *Object, const WCHAR *Name, ULONG Flags, BOOLEAN Create,
                     BOOLEAN Multiple)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE | Flags, NULL, NULL);
    return ExCreateCallback(Object, &Attributes, Create, Multiple);
}

CHECK(ExCreateCallback, PASSIVE_PLACES)
{
    PCALLBACK_OBJECT Object, Again;
    OBJECT_ATTRIBUTES Attributes;

    EXPECT_EQUAL(Open(&Object, L"\\Callback\\Check", 0, FALSE, FALSE),
                 STATUS_OBJECT_NAME_NOT_FOUND);
    EXPECT_EQUAL(Open(&Object, L"\\Callback\\Check", 0, TRUE, FALSE), STATUS_SUCCESS);
    EXPECT_EQUAL(Open(&Again, L"\\callback\\CHECK", 0, FALSE, FALSE), STATUS_SUCCESS);
    EXPECT(Again == Object);
    ObDereferenceObject(Again);
    ObDereferenceObject(Object);
    EXPECT_EQUAL(Open(&Object, L"\\Callback\\Check", 0, FALSE, FALSE),
                 STATUS_OBJECT_NAME_NOT_FOUND);
    InitializeObjectAttributes(&Attributes, NULL, 0, NULL, NULL);
    EXPECT_EQUAL(ExCreateCallback(&Object, &Attributes, TRUE, TRUE), STATUS_UNSUCCESSFUL);
}

CHECK_ALSO(ExCreateCallback, keeps_what_is_permanent, PASSIVE_PLACES)
{
    PCALLBACK_OBJECT Object;

    EXPECT_EQUAL(Open(&Object, L"\\Callback\\CheckPermanent", OBJ_PERMANENT, TRUE, FALSE),
                 STATUS_SUCCESS);
    ObDereferenceObject(Object);
    EXPECT_EQUAL(Open(&Object, L"\\Callback\\CheckPermanent", 0, FALSE, FALSE), STATUS_SUCCESS);
    ObDereferenceObject(Object);
}

CHECK(ExRegisterCallback, PASSIVE_PLACES)
{
    CALLS Calls = {0};
    PCALLBACK_OBJECT Object;
    PVOID First, Second;

    /* The system's own exist, for as many as want to hear of them. */
    EXPECT_EQUAL(Open(&Object, L"\\Callback\\PowerState", 0, FALSE, FALSE), STATUS_SUCCESS);
    First = ExRegisterCallback(Object, NoteCall, &Calls);
    Second = ExRegisterCallback(Object, NoteCall, &Calls);
    EXPECT(First && Second && First != Second);
    ExUnregisterCallback(Second);
    ExUnregisterCallback(First);
    ObDereferenceObject(Object);
    EXPECT_EQUAL(Open(&Object, L"\\Callback\\CheckSingle", 0, TRUE, FALSE), STATUS_SUCCESS);
    First = ExRegisterCallback(Object, NoteCall, &Calls);
    EXPECT(First != NULL);
    EXPECT(ExRegisterCallback(Object, NoteCall, &Calls) == NULL);
    ExUnregisterCallback(First);
    First = ExRegisterCallback(Object, NoteCall, &Calls);
    EXPECT(First != NULL);
    ExUnregisterCallback(First);
    ObDereferenceObject(Object);
}

CHECK(ExNotifyCallback, PASSIVE_PLACES)
{
    CALLS Early = {0}, Late = {0};
    PCALLBACK_OBJECT Object;
    PVOID First, Second;
    KIRQL Irql;

    EXPECT_EQUAL(Open(&Object, L"\\Callback\\CheckOrder", 0, TRUE, TRUE), STATUS_SUCCESS);
    First = ExRegisterCallback(Object, NoteCall, &Early);
    Second = ExRegisterCallback(Object, NoteCall, &Late);
    ExNotifyCallback(Object, &Early, &Late);
    EXPECT(Early.Count == 1 && Late.Count == 1 && Early.Order + 1 == Late.Order);
    EXPECT(Late.First == &Early && Late.Second == &Late);
    EXPECT_EQUAL(Late.Irql, Context->Irql);
    KeRaiseIrql(DISPATCH_LEVEL, &Irql);
    ExNotifyCallback(Object, NULL, NULL);
    EXPECT_EQUAL(Late.Irql, DISPATCH_LEVEL);
    KeLowerIrql(Irql);
    ExUnregisterCallback(First);
    ExNotifyCallback(Object, NULL, NULL);
    EXPECT(Early.Count == 2 && Late.Count == 3);
    ExUnregisterCallback(Second);
    ObDereferenceObject(Object);
}

/* ---- waiting for one that runs ---- */

typedef struct _SLOW_CALL {
    KEVENT Entered, Leave;
    PCALLBACK_OBJECT Object;
    LONG Left;
} SLOW_CALL;

static VOID NTAPI SlowCallback(PVOID CallbackContext, PVOID Argument1, PVOID Argument2)
{
    SLOW_CALL *Call = (SLOW_CALL *)CallbackContext;
    LARGE_INTEGER Moment;

    (VOID) Argument1;
    (VOID) Argument2;
    KeSetEvent(&Call->Entered, 0, FALSE);
    Moment.QuadPart = -100000; /* long enough that a removal that does not wait is through */
    KeDelayExecutionThread(KernelMode, FALSE, &Moment);
    InterlockedExchange(&Call->Left, 1);
}

static VOID NTAPI NotifyingThread(PVOID StartContext)
{
    SLOW_CALL *Call = (SLOW_CALL *)StartContext;

    ExNotifyCallback(Call->Object, NULL, NULL);
    KeSetEvent(&Call->Leave, 0, FALSE);
}

CHECK(ExUnregisterCallback, PASSIVE_PLACES)
{
    SLOW_CALL Call = {.Left = 0};
    HANDLE Thread = NULL;
    PVOID Registration;

    KeInitializeEvent(&Call.Entered, NotificationEvent, FALSE);
    KeInitializeEvent(&Call.Leave, NotificationEvent, FALSE);
    EXPECT_EQUAL(Open(&Call.Object, L"\\Callback\\CheckSlow", 0, TRUE, FALSE), STATUS_SUCCESS);
    Registration = ExRegisterCallback(Call.Object, SlowCallback, &Call);
    EXPECT_EQUAL(
        PsCreateSystemThread(&Thread, THREAD_ALL_ACCESS, NULL, NULL, NULL, NotifyingThread, &Call),
        STATUS_SUCCESS);
    KeWaitForSingleObject(&Call.Entered, Executive, KernelMode, FALSE, NULL);
    ExUnregisterCallback(Registration);
    EXPECT_EQUAL(InterlockedCompareExchange(&Call.Left, 0, 0), 1);
    KeWaitForSingleObject(&Call.Leave, Executive, KernelMode, FALSE, NULL);
    ZwWaitForSingleObject(Thread, FALSE, NULL);
    ZwClose(Thread);
    ObDereferenceObject(Call.Object);
}

/*
 * Checks of event tracing as the kernel has it, and of what a driver's traces are compiled into.
 * The checks run in a machine whose user wants to see everything, down to level 5 (verbose).
 */
#include "check.h"

#include <storhost/trace.h>

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
/* A registration that is made in the first of them and given back in the last. */
#define WRITING_PLACES                                                                             \
    (AT(PassiveInitialize) | AT(BuildIo) | AT(StartIo) | AT(Interrupt) | AT(Message) | AT(Dpc) |   \
     AT(WorkItem))
#define ENABLE_PROVIDER 1
#define LEVEL_ERROR     2
#define LEVEL_VERBOSE   5
#define LEVEL_TOO_MUCH  6
#define KEYWORD         0x8000000000000001ull
#define CREATE_ID       3
#define SET_TRAITS      2

static const GUID Provider = {0x7E57C0DE, 0x0102, 0x0304, {5, 6, 7, 8, 9, 10, 11, 12}};

static EVENT_DESCRIPTOR Event(USHORT Id, UCHAR Level)
{
    EVENT_DESCRIPTOR Descriptor;

    RtlZeroMemory(&Descriptor, sizeof(Descriptor));
    Descriptor.Id = Id;
    Descriptor.Level = Level;
    Descriptor.Keyword = KEYWORD;
    return Descriptor;
}

static EVENT_DATA_DESCRIPTOR Data(const VOID *Bytes, ULONG Size)
{
    EVENT_DATA_DESCRIPTOR Descriptor;

    RtlZeroMemory(&Descriptor, sizeof(Descriptor));
    Descriptor.Ptr = (ULONGLONG)(ULONG_PTR)Bytes;
    Descriptor.Size = Size;
    return Descriptor;
}

static REGHANDLE Register(CHECK_CONTEXT *Context)
{
    REGHANDLE Handle = 0;

    EXPECT_EQUAL(EtwRegister(&Provider, NULL, NULL, &Handle), STATUS_SUCCESS);
    return Handle;
}

/* The registration of a check that writes in WRITING_PLACES. */
static REGHANDLE Kept(CHECK_CONTEXT *Context)
{
    REGHANDLE *Handle = (REGHANDLE *)Context->Memory;

    if (Context->Place == CheckPassiveInitialize) {
        *Handle = Register(Context);
    }
    return *Handle;
}

static VOID Done(CHECK_CONTEXT *Context)
{
    if (Context->Place == CheckWorkItem) {
        (VOID) EtwUnregister(*(REGHANDLE *)Context->Memory);
    }
}

/* "marks" and two hexadecimal digits, which are different in each place. */
static VOID Mark(CHECK_CONTEXT *Context, CHAR Text[8])
{
    static const CHAR Digits[] = "0123456789abcdef";

    RtlCopyMemory(Text, "marks00", 8);
    Text[5] = Digits[Context->Place >> 4 & 0xF];
    Text[6] = Digits[Context->Place & 0xF];
}

/* How two bytes of data of an event that nobody described read: "event 1007 of {...}: c0 07". */
static VOID MarkBytes(CHECK_CONTEXT *Context, UCHAR Kind, UCHAR Bytes[2], CHAR Text[6])
{
    CHAR Digits[8];

    Mark(Context, Digits);
    Bytes[0] = Kind;
    Bytes[1] = (UCHAR)Context->Place;
    Text[0] = "0123456789abcdef"[Kind >> 4];
    Text[1] = "0123456789abcdef"[Kind & 0xF];
    Text[2] = ' ';
    Text[3] = Digits[5];
    Text[4] = Digits[6];
    Text[5] = 0;
}

/* ---- registrations ---- */

typedef struct _ENABLED {
    ULONG Calls, ControlCode;
    UCHAR Level;
    ULONGLONG Any, All;
    BOOLEAN OfProvider;
} ENABLED;

static VOID NTAPI Enable(LPCGUID SourceId, ULONG ControlCode, UCHAR Level, ULONGLONG MatchAny,
                         ULONGLONG MatchAll, PEVENT_FILTER_DESCRIPTOR Filter, PVOID Context)
{
    ENABLED *Enabled = (ENABLED *)Context;

    Enabled->Calls++;
    Enabled->ControlCode = ControlCode;
    Enabled->Level = Level;
    Enabled->Any = MatchAny;
    Enabled->All = MatchAll;
    Enabled->OfProvider =
        SourceId != NULL && Filter == NULL && RtlEqualMemory(SourceId, &Provider, sizeof(GUID));
}

CHECK(EtwRegister, PASSIVE_PLACES)
{
    REGHANDLE Handle = 0, Second = 0;
    ENABLED Enabled;

    RtlZeroMemory(&Enabled, sizeof(Enabled));
    EXPECT_EQUAL(EtwRegister(&Provider, Enable, &Enabled, &Handle), STATUS_SUCCESS);
    EXPECT(Handle != 0);
    EXPECT_EQUAL(Enabled.Calls, 1);
    EXPECT_EQUAL(Enabled.ControlCode, ENABLE_PROVIDER);
    EXPECT_EQUAL(Enabled.Level, LEVEL_VERBOSE);
    EXPECT_EQUAL(Enabled.Any, ~0ull);
    EXPECT_EQUAL(Enabled.All, 0);
    EXPECT(Enabled.OfProvider);
    EXPECT_EQUAL(EtwRegister(&Provider, NULL, NULL, &Second), STATUS_SUCCESS);
    EXPECT(Second != 0 && Second != Handle);
    EXPECT_EQUAL(EtwRegister(NULL, NULL, NULL, &Second), STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(EtwRegister(&Provider, NULL, NULL, NULL), STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(EtwUnregister(Handle), STATUS_SUCCESS);
    EXPECT_EQUAL(EtwUnregister(Second), STATUS_SUCCESS);
}

/* A handle is worth nothing afterwards, also when its place has been taken by another. */
CHECK(EtwUnregister, PASSIVE_PLACES)
{
    EVENT_DESCRIPTOR Descriptor = Event(1, LEVEL_ERROR);
    REGHANDLE Handle = Register(Context), Next;

    EXPECT_EQUAL(EtwUnregister(Handle), STATUS_SUCCESS);
    Next = Register(Context);
    EXPECT(Next != Handle);
    EXPECT(!EtwProviderEnabled(Handle, LEVEL_ERROR, 0));
    EXPECT_EQUAL(EtwWrite(Handle, &Descriptor, NULL, 0, NULL), STATUS_INVALID_HANDLE);
    EXPECT_EQUAL(EtwUnregister(Handle), STATUS_INVALID_HANDLE);
    EXPECT_EQUAL(EtwUnregister(0), STATUS_INVALID_HANDLE);
    EXPECT_EQUAL(EtwUnregister(~0ull), STATUS_INVALID_HANDLE);
    EXPECT_EQUAL(EtwUnregister(Next), STATUS_SUCCESS);
}

CHECK(EtwProviderEnabled, WRITING_PLACES)
{
    REGHANDLE Handle = Kept(Context);

    EXPECT(EtwProviderEnabled(Handle, LEVEL_ERROR, 0));
    EXPECT(EtwProviderEnabled(Handle, LEVEL_VERBOSE, KEYWORD));
    EXPECT(!EtwProviderEnabled(Handle, LEVEL_TOO_MUCH, KEYWORD));
    EXPECT(!EtwProviderEnabled(0, LEVEL_ERROR, KEYWORD));
    Done(Context);
}

CHECK(EtwEventEnabled, WRITING_PLACES)
{
    EVENT_DESCRIPTOR Wanted = Event(1, LEVEL_VERBOSE), Unwanted = Event(2, LEVEL_TOO_MUCH);
    REGHANDLE Handle = Kept(Context);

    EXPECT(EtwEventEnabled(Handle, &Wanted));
    EXPECT(!EtwEventEnabled(Handle, &Unwanted));
    EXPECT(!EtwEventEnabled(Handle, NULL));
    EXPECT(!EtwEventEnabled(Handle + 256, &Wanted));
    Done(Context);
}

CHECK(EtwSetInformation, PASSIVE_PLACES)
{
    UCHAR Traits[] = {8, 0, 'c', 'h', 'e', 'c', 'k', 0};
    REGHANDLE Handle = Register(Context);

    EXPECT_EQUAL(EtwSetInformation(Handle, SET_TRAITS, Traits, sizeof(Traits)), STATUS_SUCCESS);
    EXPECT_EQUAL(EtwSetInformation(Handle, SET_TRAITS, NULL, sizeof(Traits)),
                 STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(EtwSetInformation(Handle, 99, Traits, sizeof(Traits)), STATUS_NOT_SUPPORTED);
    EXPECT_EQUAL(EtwUnregister(Handle), STATUS_SUCCESS);
    EXPECT_EQUAL(EtwSetInformation(Handle, SET_TRAITS, Traits, sizeof(Traits)),
                 STATUS_INVALID_HANDLE);
}

CHECK(EtwActivityIdControl, EVERYWHERE | AT(DriverEntry))
{
    static const GUID None;
    GUID First = None, Second = None;

    EXPECT_EQUAL(EtwActivityIdControl(CREATE_ID, &First), STATUS_SUCCESS);
    EXPECT_EQUAL(EtwActivityIdControl(CREATE_ID, &Second), STATUS_SUCCESS);
    EXPECT(!RtlEqualMemory(&First, &None, sizeof(GUID)));
    EXPECT(!RtlEqualMemory(&First, &Second, sizeof(GUID)));
    EXPECT_EQUAL(EtwActivityIdControl(CREATE_ID, NULL), STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(EtwActivityIdControl(99, &Second), STATUS_NOT_SUPPORTED);
}

/* ---- events ---- */

CHECK(EtwWrite, WRITING_PLACES)
{
    EVENT_DESCRIPTOR Wanted = Event(1001, LEVEL_ERROR), Unwanted = Event(1002, LEVEL_TOO_MUCH);
    REGHANDLE Handle = Kept(Context);
    UCHAR Bytes[2];
    CHAR Text[6];
    EVENT_DATA_DESCRIPTOR Field = Data(Bytes, sizeof(Bytes));

    MarkBytes(Context, 0xA1, Bytes, Text);
    EXPECT(!CheckPrinted(Context, Text));
    EXPECT_EQUAL(EtwWrite(Handle, &Unwanted, NULL, 1, &Field), STATUS_SUCCESS);
    EXPECT(!CheckPrinted(Context, Text));
    EXPECT_EQUAL(EtwWrite(Handle, &Wanted, NULL, 1, &Field), STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, Text));
    EXPECT(
        CheckPrinted(Context, "[ERROR] event 1001 of {7e57c0de-0102-0304-0506-0708090a0b0c}: a1 "));
    Done(Context);
}

/* Records that say what cannot be are refused before anything of them is read. */
CHECK_ALSO(EtwWrite, refuses_what_makes_no_sense, WRITING_PLACES)
{
    EVENT_DESCRIPTOR Wanted = Event(1003, LEVEL_ERROR), Empty = Event(1006, LEVEL_ERROR);
    REGHANDLE Handle = Kept(Context);
    EVENT_DATA_DESCRIPTOR Fields[2] = {Data("x", 1), Data(NULL, 4096)};

    EXPECT_EQUAL(EtwWrite(Handle, NULL, NULL, 0, NULL), STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(EtwWrite(Handle, &Wanted, NULL, 1, NULL), STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(EtwWrite(Handle, &Wanted, NULL, 129, Fields), STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(EtwWrite(Handle, &Wanted, NULL, MAXULONG, Fields), STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(EtwWrite(Handle, &Wanted, NULL, 2, Fields), STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(EtwWrite(~Handle, &Wanted, NULL, 1, Fields), STATUS_INVALID_HANDLE);
    EXPECT(!CheckPrinted(Context, "event 1003"));
    Fields[1].Size = 0;
    EXPECT_EQUAL(EtwWrite(Handle, &Empty, NULL, 2, Fields), STATUS_SUCCESS);
    Done(Context);
}

CHECK(EtwWriteTransfer, WRITING_PLACES)
{
    EVENT_DESCRIPTOR Wanted = Event(1004, LEVEL_ERROR);
    REGHANDLE Handle = Kept(Context);
    UCHAR Bytes[2];
    CHAR Text[6];
    EVENT_DATA_DESCRIPTOR Field = Data(Bytes, sizeof(Bytes));

    MarkBytes(Context, 0xA2, Bytes, Text);
    EXPECT_EQUAL(EtwWriteTransfer(Handle, &Wanted, &Provider, &Provider, 1, &Field),
                 STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, Text));
    EXPECT_EQUAL(EtwWriteTransfer(0, &Wanted, NULL, NULL, 1, &Field), STATUS_INVALID_HANDLE);
    Done(Context);
}

CHECK(EtwWriteEx, WRITING_PLACES)
{
    EVENT_DESCRIPTOR Wanted = Event(1005, LEVEL_ERROR);
    REGHANDLE Handle = Kept(Context);
    UCHAR Bytes[2];
    CHAR Text[6];
    EVENT_DATA_DESCRIPTOR Field = Data(Bytes, sizeof(Bytes));

    MarkBytes(Context, 0xA3, Bytes, Text);
    EXPECT_EQUAL(EtwWriteEx(Handle, &Wanted, 0, 0, NULL, NULL, 1, &Field), STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, Text));
    EXPECT_EQUAL(EtwWriteEx(0, &Wanted, 0, 0, NULL, NULL, 1, &Field), STATUS_INVALID_HANDLE);
    Done(Context);
}

CHECK(EtwWriteString, WRITING_PLACES)
{
    REGHANDLE Handle = Kept(Context);
    WCHAR Wide[8];
    CHAR Text[8];
    ULONG Index;

    Mark(Context, Text);
    for (Index = 0; Index < sizeof(Text); Index++) {
        Wide[Index] = (WCHAR)Text[Index];
    }
    EXPECT_EQUAL(EtwWriteString(Handle, LEVEL_TOO_MUCH, 0, NULL, Wide), STATUS_SUCCESS);
    EXPECT(!CheckPrinted(Context, Text));
    EXPECT_EQUAL(EtwWriteString(Handle, LEVEL_ERROR, KEYWORD, &Provider, Wide), STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, Text));
    EXPECT(CheckPrinted(Context, "[ERROR] marks"));
    EXPECT_EQUAL(EtwWriteString(Handle, LEVEL_ERROR, 0, NULL, NULL), STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(EtwWriteString(0, LEVEL_ERROR, 0, NULL, Wide), STATUS_INVALID_HANDLE);
    Done(Context);
}

/* What a driver that was built from a manifest says about its events. */
CHECK(StorhostEventDescribe, PASSIVE_PLACES)
{
    static const STORHOST_EVENT_FIELD Fields[] = {
        {"Place", "win:UInt32"}, {"Who", "win:SID"}, {NULL, NULL}};
    static const STORHOST_EVENT Events[] = {{"SOMETHING", 7, 1, "at %1 by %2, %3", Fields},
                                            {NULL, 0, 0, NULL, NULL}};
    /* The second says of itself that it is longer than it is. */
    static const UCHAR Sid[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0};
    static const UCHAR LongSid[] = {1, 15, 0, 0, 0, 0, 0, 5};
    EVENT_DESCRIPTOR Wanted = Event(7, LEVEL_ERROR);
    REGHANDLE Handle = Register(Context);
    ULONG Place = (ULONG)Context->Place;
    EVENT_DATA_DESCRIPTOR Values[2] = {Data(&Place, sizeof(Place)), Data(Sid, sizeof(Sid))};

    Wanted.Version = 1;
    StorhostEventDescribe(Handle, Events);
    EXPECT_EQUAL(EtwWrite(Handle, &Wanted, NULL, 2, Values), STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, "SOMETHING: [ERROR] at "));
    EXPECT(CheckPrinted(Context, " by S-1-5-18, <missing>"));
    Values[1] = Data(LongSid, sizeof(LongSid));
    EXPECT_EQUAL(EtwWrite(Handle, &Wanted, NULL, 2, Values), STATUS_SUCCESS);
    EXPECT(CheckPrinted(Context, " by 01 0f 00 00 00 00 00 05, <missing>"));
    StorhostEventDescribe(~Handle, Events);
    EXPECT_EQUAL(EtwUnregister(Handle), STATUS_SUCCESS);
}

/* ---- traces ---- */

#define TRACE_FLAGS "FIRST\0SECOND\0"

static VOID StartTraces(WPP_TRACE_CONTROL_BLOCK *Block)
{
    static const STORHOST_TRACE_PROVIDER Traces = {"Checks", "7e57c0de", TRACE_FLAGS};

    RtlZeroMemory(Block, sizeof(*Block));
    StorhostTraceStart(Block, &Traces, 1, NULL);
}

CHECK(StorhostTraceStart, PASSIVE_PLACES | AT(DriverEntry))
{
    WPP_TRACE_CONTROL_BLOCK Block;

    StartTraces(&Block);
    EXPECT_EQUAL(Block.Level, LEVEL_VERBOSE);
    EXPECT_EQUAL(Block.Flags[0], 3); /* a bit for each flag */
    EXPECT_EQUAL(Block.FlagsLen, 1);
    EXPECT(Block.Logger != 0);
    StorhostTraceStop(&Block, 1);
}

CHECK(StorhostTraceStop, PASSIVE_PLACES | AT(DriverEntry))
{
    WPP_TRACE_CONTROL_BLOCK Block;

    StartTraces(&Block);
    StorhostTraceStop(&Block, 1);
    EXPECT_EQUAL(Block.Level, 0);
    EXPECT_EQUAL(Block.Flags[0], 0);
    EXPECT_EQUAL(Block.Logger, 0);
}

/* Something of two parts, which its marshalling routine hands over. */
static VOID NTAPI Marshal(PVOID Argument, PVOID Sink)
{
    CHAR *Text = *(CHAR **)Argument;
    USHORT Length = 7;

    StorhostTraceAppend(Sink, &Length, sizeof(Length), Text, (SIZE_T)Length, NULL);
}

static const STORHOST_TRACE_TYPE Types[] = {{"OURS", "ItemPString", NULL, NULL, Marshal},
                                            {NULL, NULL, NULL, NULL, NULL}};
static const UCHAR NoArguments[] = {STORHOST_TRACE_NO_MORE};
static const UCHAR OneSigned[] = {STORHOST_TRACE_SIGNED_4, STORHOST_TRACE_WHOLE,
                                  STORHOST_TRACE_NO_MORE};
static const UCHAR OneWhole[] = {STORHOST_TRACE_WHOLE, STORHOST_TRACE_NO_MORE};

CHECK(StorhostTraceMessage, EVERYWHERE)
{
    static const STORHOST_TRACE_SITE Site = {
        .File = "folder/checks.c",
        .Function = "Body",
        .Level = "TRACE_LEVEL_ERROR",
        .Flags = "FIRST",
        .Text = {NULL, "value %d of %s", NULL},
        .Kinds = {NoArguments, OneSigned, NoArguments},
        .Types = Types,
        .Line = 99,
    };
    CHAR Text[8];

    Mark(Context, Text);
    StorhostTraceMessage(1, &Site, -5, Text);
    EXPECT(CheckPrinted(Context, "checks.c:99: Body: [ERROR FIRST] value -5 of marks"));
    EXPECT(CheckPrinted(Context, Text));
}

CHECK(StorhostTraceAppend, EVERYWHERE)
{
    static const STORHOST_TRACE_SITE Site = {
        .File = "checks.c",
        .Function = "Body",
        .Text = {NULL, "made of %!OURS!", NULL},
        .Kinds = {NoArguments, OneWhole, NoArguments},
        .Types = Types,
        .Line = 100,
    };
    CHAR Text[8];

    Mark(Context, Text);
    StorhostTraceMessage(1, &Site, Text);
    EXPECT(CheckPrinted(Context, "checks.c:100: Body: made of marks"));
    EXPECT(CheckPrinted(Context, Text));
}

/*
 * Running checks and noting what they find.
 */
#include "check_driver.h"

/* From the linker: the section of all rows. */
#ifdef __ELF__
extern const CHECK_ROW __start_checks[] __attribute__((visibility("hidden")));
extern const CHECK_ROW __stop_checks[] __attribute__((visibility("hidden")));
#define FIRST_ROW __start_checks
#define END_ROW   __stop_checks
#else
static const CHECK_ROW BeforeRows[1] __attribute__((section("checks$a"), used)) = {{0}};
static const CHECK_ROW EndRow[1] __attribute__((section("checks$z"), used)) = {{0}};
#define FIRST_ROW (Row(BeforeRows) + 1)
#define END_ROW   Row(EndRow)

/* The compiler may not reason that nothing lies behind an array of one. */
static const CHECK_ROW *Row(const CHECK_ROW *Mark)
{
    __asm__("" : "+r"(Mark));
    return Mark;
}
#endif

#define EARLY_FAILURES_MAX 8

/* DriverEntry has no adapter yet, and so nowhere to report to. */
static struct {
    const CHECK_ROW *Row;
    CHECK_FAILURE Failure;
} Early[EARLY_FAILURES_MAX];
static ULONG EarlyCount;
static const CHECK_ROW *EarlyRow;

ULONG CheckCount(VOID)
{
    return (ULONG)(END_ROW - FIRST_ROW);
}

const CHECK_ROW *CheckRowAt(ULONG Index)
{
    return &FIRST_ROW[Index];
}

static VOID CopyText(CHAR *To, ULONG Size, const CHAR *From)
{
    ULONG Index;

    for (Index = 0; Index + 1 < Size && From[Index] != '\0'; Index++) {
        To[Index] = From[Index];
    }
    To[Index] = '\0';
}

VOID CheckList(CHECK_SHARED *Shared)
{
    ULONG Index;

    Shared->Count = CheckCount();
    for (Index = 0; Index < CheckCount() && Index < CHECKS_MAX; Index++) {
        CopyText(Shared->Check[Index].Name, sizeof(Shared->Check[Index].Name),
                 FIRST_ROW[Index].Name);
        Shared->Check[Index].Places = FIRST_ROW[Index].Places;
        Shared->Check[Index].Kind = FIRST_ROW[Index].Kind;
    }
}

/* ---- what was found ---- */

ULONG CheckPatience = 10; /* for DriverEntry */

static const CHAR *LastPart(const CHAR *Path)
{
    const CHAR *Part = Path;

    for (; *Path != '\0'; Path++) {
        if (*Path == '/') {
            Part = Path + 1;
        }
    }
    return Part;
}

static CHECK_SHARED *Shared(CHECK_CONTEXT *Context)
{
    return ((CHECK_ADAPTER *)Context->Extension)->Shared;
}

static CHECK_FAILURE *Claim(CHECK_CONTEXT *Context)
{
    LONG Index;

    if (Context->Extension == NULL) {
        if (EarlyCount == EARLY_FAILURES_MAX) {
            return NULL;
        }
        Early[EarlyCount].Row = EarlyRow;
        return &Early[EarlyCount++].Failure;
    }
    Index = InterlockedIncrement(&Shared(Context)->Failures) - 1;
    return Index < CHECK_FAILURES_MAX ? &Shared(Context)->Failure[Index] : NULL;
}

static VOID Note(CHECK_CONTEXT *Context, const CHAR *File, ULONG Line, const CHAR *Text,
                 BOOLEAN Compared, ULONGLONG Actual, ULONGLONG Expected)
{
    CHECK_FAILURE *Failure = Claim(Context);

    if (Failure == NULL) {
        return;
    }
    Failure->Line = Line;
    Failure->Place = Context->Place;
    Failure->Irql = Context->Irql;
    Failure->Compared = Compared;
    Failure->Actual = Actual;
    Failure->Expected = Expected;
    CopyText(Failure->File, sizeof(Failure->File), LastPart(File));
    CopyText(Failure->Text, sizeof(Failure->Text), Text);
    InterlockedExchange(&Failure->Valid, 1);
    if (Context->Extension != NULL && Shared(Context)->Failed != NULL) {
        Shared(Context)->Failed();
    }
}

VOID CheckFail(CHECK_CONTEXT *Context, const CHAR *File, ULONG Line, const CHAR *Text)
{
    Note(Context, File, Line, Text, FALSE, 0, 0);
}

VOID CheckCompare(CHECK_CONTEXT *Context, const CHAR *File, ULONG Line, const CHAR *Text,
                  ULONGLONG Actual, ULONGLONG Expected)
{
    if (Actual != Expected) {
        Note(Context, File, Line, Text, TRUE, Actual, Expected);
    }
}

/* ---- what the host has to say ---- */

ULONGLONG CheckFindings(CHECK_CONTEXT *Context)
{
    return Shared(Context)->FindingCount();
}

VOID CheckFound(CHECK_CONTEXT *Context, const CHAR *File, ULONG Line, const CHAR *Text,
                ULONGLONG Before)
{
    ULONGLONG After = Shared(Context)->FindingCount();

    if (After == Before) {
        Note(Context, File, Line, Text, FALSE, 0, 0);
    }
    InterlockedExchangeAdd(&Shared(Context)->FindingsExpected, (LONG)(After - Before));
}

BOOLEAN CheckPrinted(CHECK_CONTEXT *Context, const CHAR *Text)
{
    return Shared(Context)->Printed(Text);
}

BOOLEAN CheckReported(CHECK_CONTEXT *Context, const CHAR *Text)
{
    return Shared(Context)->Reported(Text);
}

/* ---- running ---- */

VOID CheckRunIn(CHECK_ADAPTER *Adapter, CHECK_CONTEXT *Context)
{
    Context->Extension = Adapter;
    Context->Model = Adapter->Model;
    Context->Registers = Adapter->Registers;
    Context->Memory = Adapter->Memory;
    Context->Processors = Adapter->Shared->Processors;
    Context->Topology = &Adapter->Shared->Topology;
    Context->Irql = KeGetCurrentIrql();
    if (Adapter->Shared->Entered != NULL) {
        Adapter->Shared->Entered((ULONG)Context->Place);
    }
    /* Each place once: enumeration, say, starts a unit more than once. */
    if (InterlockedExchange(&Adapter->Shared->Reached[Context->Place], 1) != 0 ||
        (Adapter->Row->Places >> Context->Place & 1) == 0 ||
        (Adapter->OnlyPlace != CHECK_ALL_PLACES && Adapter->OnlyPlace != (ULONG)Context->Place)) {
        return;
    }
    Adapter->Row->Body(Context);
    CheckCompare(Context, __FILE__, __LINE__, "the IRQL afterwards", KeGetCurrentIrql(),
                 Context->Irql);
}

BOOLEAN CheckRun(CHECK_ADAPTER *Adapter, CHECK_PLACE Place, PSCSI_REQUEST_BLOCK Srb)
{
    CHECK_CONTEXT Context;

    RtlZeroMemory(&Context, sizeof(Context));
    Context.Place = Place;
    Context.Srb = Srb;
    CheckRunIn(Adapter, &Context);
    return !Context.Taken;
}

VOID CheckRunEarly(PVOID DriverObject, PVOID RegistryPath)
{
    CHECK_CONTEXT Context;
    ULONG Index;

    for (Index = 0; Index < CheckCount(); Index++) {
        EarlyRow = CheckRowAt(Index);
        if ((EarlyRow->Places & AT(DriverEntry)) == 0 || EarlyRow->Kind != CheckOrdinary) {
            continue;
        }
        RtlZeroMemory(&Context, sizeof(Context));
        Context.Place = CheckDriverEntry;
        Context.DriverObject = DriverObject;
        Context.RegistryPath = RegistryPath;
        EarlyRow->Body(&Context);
    }
}

VOID CheckTakeEarly(CHECK_ADAPTER *Adapter)
{
    ULONG Index;

    Adapter->Shared->Reached[CheckDriverEntry] = 1;
    for (Index = 0; Index < EarlyCount; Index++) {
        if (Early[Index].Row == Adapter->Row) {
            LONG Place = InterlockedIncrement(&Adapter->Shared->Failures) - 1;

            if (Place < CHECK_FAILURES_MAX) {
                Adapter->Shared->Failure[Place] = Early[Index].Failure;
            }
        }
    }
}

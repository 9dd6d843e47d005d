/*
 * Checks: what the reference demands of one routine, asked in every callback and every model.
 * README.md tells how to add one.
 */
#pragma once

#include "check_record.h"

#include <srbhelper.h>

#define CHECK_MEMORY_BYTES 512

typedef struct _CHECK_CONTEXT {
    PVOID Extension; /* HwDeviceExtension; NULL in DriverEntry */
    CHECK_PLACE Place;
    CHECK_MODEL Model;
    KIRQL Irql; /* at entry, and required at exit */
    /* The request for whose sake the place is reached: outstanding, with CHECK_DATA_BYTES of data
     * in; NULL where there is none. */
    PSCSI_REQUEST_BLOCK Srb;
    PIRP Irp;                                      /* in ServiceRequest */
    PPORT_CONFIGURATION_INFORMATION Configuration; /* in FindAdapter; read and written already */
    PVOID DriverObject, RegistryPath;              /* in DriverEntry */
    PUCHAR Registers; /* of the scratch device (BAR 0, see scratch_device.h); NULL when virtual */
    ULONG Processors; /* of the machine */
    const CHECK_TOPOLOGY *Topology;
    PVOID Memory;  /* CHECK_MEMORY_BYTES, zeroed at the start, kept from place to place */
    BOOLEAN Taken; /* set by the check: it completes, or has completed, Srb itself */
} CHECK_CONTEXT;

typedef struct _CHECK_ROW {
    const CHAR *Name;
    VOID (*Body)(CHECK_CONTEXT *Context);
    ULONGLONG Places;
    CHECK_KIND Kind;
} CHECK_ROW;

/* ---- places ---- */

#define AT(Name) (1ull << Check##Name)
/* All that every start of an adapter reaches; DriverEntry knows no adapter and is asked for by
 * name. */
#define EVERYWHERE ((1ull << CheckPlaceCount) - 1 - AT(DriverEntry) - FOR_CELLS_ONLY)
/* What ordinary checks have no use for: doubles of other places, and places without adapter. */
#define FOR_CELLS_ONLY                                                                             \
    (AT(OtherMessage) | AT(RegistryNotification) | AT(InitializeTracing) | AT(CleanupTracing))

/* ---- rows ---- */

/* A linker puts all rows side by side: of Windows' object format in the order of what follows the
 * dollar sign, between two rows that mark the ends (check_run.c). */
#ifdef __ELF__
#define CHECK_SECTION "checks"
#else
#define CHECK_SECTION "checks$m"
#endif

#define CHECK_ROW_AS(Symbol, Text, Where, Kind)                                                    \
    static VOID Check_##Symbol(CHECK_CONTEXT *Context);                                            \
    __attribute__((section(CHECK_SECTION), used)) static const CHECK_ROW Row_##Symbol = {          \
        Text, Check_##Symbol, Where, Kind};                                                        \
    static VOID Check_##Symbol(__attribute__((unused)) CHECK_CONTEXT *Context)

/* The check of a routine, under the routine's own name. */
#define CHECK(Routine, Where) CHECK_ROW_AS(Routine, #Routine, Where, CheckOrdinary)
/* A further one. Aspect is the rest of the name: refuses_unknown_units. */
#define CHECK_ALSO(Routine, Aspect, Where)                                                         \
    CHECK_ROW_AS(Routine##_##Aspect, #Routine "_" #Aspect, Where, CheckOrdinary)
/* What stops the machine, in each of the places, with a process for each. */
#define CHECK_FATAL(Routine, Aspect, Where)                                                        \
    CHECK_ROW_AS(Routine##_##Aspect, #Routine "_" #Aspect, Where, CheckFatal)
/* No check: what the matrix of callbacks is made of. */
#define CELL(Name, Where) CHECK_ROW_AS(Name, #Name, Where, CheckCell)

/* ---- expectations ---- */

VOID CheckFail(CHECK_CONTEXT *Context, const CHAR *File, ULONG Line, const CHAR *Text);
VOID CheckCompare(CHECK_CONTEXT *Context, const CHAR *File, ULONG Line, const CHAR *Text,
                  ULONGLONG Actual, ULONGLONG Expected);
ULONGLONG CheckFindings(CHECK_CONTEXT *Context);
/* There were more findings than Before, as it should be. */
VOID CheckFound(CHECK_CONTEXT *Context, const CHAR *File, ULONG Line, const CHAR *Text,
                ULONGLONG Before);

/* Evaluated once each. A failure is noted and the body goes on. */
#define EXPECT(Condition)                                                                          \
    ((Condition) ? (VOID)0 : CheckFail(Context, __FILE__, __LINE__, #Condition))
#define EXPECT_EQUAL(Actual, Expected)                                                             \
    CheckCompare(Context, __FILE__, __LINE__, #Actual, (ULONGLONG)(Actual), (ULONGLONG)(Expected))
#define EXPECT_STATUS(Call, Status) EXPECT_EQUAL((ULONG)(Call), (ULONG)(Status))
/* For a routine that is legal up to that IRQL: Status there, INVALID_IRQL above. */
#define EXPECT_UP_TO(Level, Call, Status)                                                          \
    EXPECT_STATUS(Call, Context->Irql <= (Level) ? (ULONG)(Status) : STOR_STATUS_INVALID_IRQL)
/* The statement makes the host report the driver's fault. */
#define EXPECT_FINDING(Statement)                                                                  \
    do {                                                                                           \
        ULONGLONG FindingsBefore = CheckFindings(Context);                                         \
        Statement;                                                                                 \
        CheckFound(Context, __FILE__, __LINE__, #Statement, FindingsBefore);                       \
    } while (0)

/* How long to wait for what has to come. */
extern ULONG CheckPatience;                    /* seconds */
#define PATIENCE_TURNS (CheckPatience * 10000) /* of 100 us */
#define PATIENCE       (-10000000ll * CheckPatience)

/* What the host has said so far, to anyone and to the adapter's user. */
BOOLEAN CheckPrinted(CHECK_CONTEXT *Context, const CHAR *Text);
BOOLEAN CheckReported(CHECK_CONTEXT *Context, const CHAR *Text);

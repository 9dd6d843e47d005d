/*
 * What a module that `storhost build` has made says to the host about its traces.
 *
 * A trace site describes itself once, in constant data; a trace that is taken hands over its site
 * and its arguments, and the host does the formatting. The same goes for the events of a manifest,
 * whose layout is only known from the manifest.
 */
#ifndef WDK_STORHOST_TRACE_H
#define WDK_STORHOST_TRACE_H

#include "../ntdef.h"

WDK_BEGIN_C

/* ---- sessions ---- */

/* What a driver's macros look at to know whether a trace is wanted. All zero: nothing is. */
typedef struct _WPP_TRACE_CONTROL_BLOCK {
    ULONGLONG Logger; /* tells the host whose traces these are; not 0 while any is wanted */
    UCHAR Level;
    UCHAR FlagsLen;
    USHORT Reserved;
    ULONG Flags[2];
    PVOID AutoLogContext;
    USHORT AutoLogVerboseEnabled;
    USHORT AutoLogAttachToMiniDump;
    const GUID *ControlGuid;
} WPP_TRACE_CONTROL_BLOCK, *PWPP_TRACE_CONTROL_BLOCK;

/* A driver's WPP_DEFINE_CONTROL_GUID. */
typedef struct _STORHOST_TRACE_PROVIDER {
    PCSTR Name;
    PCSTR Guid;  /* digits with dashes */
    PCSTR Flags; /* their names, each with its zero; an empty one ends them */
} STORHOST_TRACE_PROVIDER;

/* ---- types that a driver adds to those of the preprocessor ---- */

typedef struct _STORHOST_TRACE_VALUE {
    PCSTR Name; /* NULL: the end of the list */
    LONGLONG Value;
} STORHOST_TRACE_VALUE;

/* Fills a list of length and address pairs with what an argument of a complex type consists of. */
typedef VOID(NTAPI *PSTORHOST_TRACE_MARSHAL)(PVOID Argument, PVOID Sink);

typedef struct _STORHOST_TRACE_TYPE {
    PCSTR Name;   /* between %! and !; NULL: the end of the list */
    PCSTR Item;   /* ItemListLong, ItemEnum, ItemHEXDump, ItemPString and so on */
    PCSTR Format; /* how printf writes it, without the percent sign; or NULL */
    const STORHOST_TRACE_VALUE *Values; /* of a list, a set or an enumeration; or NULL */
    PSTORHOST_TRACE_MARSHAL Marshal;    /* of a complex type; or NULL */
} STORHOST_TRACE_TYPE;

/* ---- messages ---- */

/* What an argument's eight bytes hold. */
#define STORHOST_TRACE_WHOLE                                                                       \
    0 /* eight bytes: a pointer, a 64-bit number, a double, a small record */
#define STORHOST_TRACE_SIGNED_4   1
#define STORHOST_TRACE_UNSIGNED_4 2
#define STORHOST_TRACE_NO_MORE    0xFF

/* Prefix, message and suffix each take their own arguments, in this order. */
#define STORHOST_TRACE_PARTS 3

typedef struct _STORHOST_TRACE_SITE {
    PCSTR File;
    PCSTR Function;
    PCSTR Level; /* as the source spells it; or NULL */
    PCSTR Flags; /* as the source spells it; or NULL */
    PCSTR Text[STORHOST_TRACE_PARTS];
    const UCHAR *Kinds[STORHOST_TRACE_PARTS]; /* each list ends with STORHOST_TRACE_NO_MORE */
    const STORHOST_TRACE_TYPE *Types;
    ULONG Line;
} STORHOST_TRACE_SITE;

/* WPP_INIT_TRACING: sets the blocks, one for each provider, to what the user wants. `Information`
 * is the STORAGE_TRACE_INIT_INFO of a Storport driver, whose TraceContext is set, or NULL.
 * PASSIVE_LEVEL. */
VOID NTAPI StorhostTraceStart(PWPP_TRACE_CONTROL_BLOCK Blocks,
                              const STORHOST_TRACE_PROVIDER *Providers, ULONG Count,
                              PVOID Information);
/* WPP_CLEANUP. PASSIVE_LEVEL. */
VOID NTAPI StorhostTraceStop(PWPP_TRACE_CONTROL_BLOCK Blocks, ULONG Count);
/* A trace that is wanted. Any IRQL. */
VOID WDK_ABI StorhostTraceMessage(ULONGLONG Logger, const STORHOST_TRACE_SITE *Site, ...);
/* What a marshalling routine calls: addresses and lengths in turn, until a NULL address. */
VOID WDK_ABI StorhostTraceAppend(PVOID Sink, ...);

/* ---- events of a manifest ---- */

typedef struct _STORHOST_EVENT_FIELD {
    PCSTR Name; /* NULL: the end of the list */
    PCSTR Type; /* inType and outType, with a blank between them */
} STORHOST_EVENT_FIELD;

typedef struct _STORHOST_EVENT {
    PCSTR Symbol; /* NULL: the end of the list */
    USHORT Id;
    UCHAR Version;
    PCSTR Message; /* with %1 and so on for its fields; NULL: none */
    const STORHOST_EVENT_FIELD *Fields;
} STORHOST_EVENT;

/* What EtwRegister is not told: how the events of this registration read. PASSIVE_LEVEL. */
VOID NTAPI StorhostEventDescribe(ULONGLONG RegHandle, const STORHOST_EVENT *Events);

WDK_END_C

#endif

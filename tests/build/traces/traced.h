/* The trace functions of the tests' drivers: one of each kind. */
#include <ntddk.h>
#include <storport.h>

#define TRACE_LEVEL_ERROR       2
#define TRACE_LEVEL_INFORMATION 4

#define WPP_CONTROL_GUIDS                                                                          \
    WPP_DEFINE_CONTROL_GUID(TracedGuid, (0A1B2C3D, 4E5F, 6071, 8293, A4B5C6D7E8F9),                \
                            WPP_DEFINE_BIT(TRACED_START) /* bit 0 */                               \
                            WPP_DEFINE_BIT(TRACED_IO))   /* bit 1 */

#define WPP_LEVEL_FLAGS_LOGGER(level, flags) WPP_LEVEL_LOGGER(flags)
#define WPP_LEVEL_FLAGS_ENABLED(level, flags)                                                      \
    (WPP_LEVEL_ENABLED(flags) && WPP_CONTROL(WPP_BIT_##flags).Level >= level)

/* A trace function without parameters. */
#define WPP__ENABLED() WPP_FLAG_ENABLED(TRACED_IO)
#define WPP__LOGGER()  WPP_FLAG_LOGGER(TRACED_IO)

/* A trace that returns what it traces. */
#define WPP_LEVEL_FLAGS_RESULT_ENABLED(level, flags, result) WPP_LEVEL_FLAGS_ENABLED(level, flags)
#define WPP_LEVEL_FLAGS_RESULT_LOGGER(level, flags, result)  WPP_LEVEL_FLAGS_LOGGER(level, flags)
#define WPP_LEVEL_FLAGS_RESULT_PRE(level, flags, result)                                           \
    do {                                                                                           \
        NTSTATUS traced_result = (result);
#define WPP_LEVEL_FLAGS_RESULT_POST(level, flags, result)                                          \
    ;                                                                                              \
    return traced_result;                                                                          \
    }                                                                                              \
    while (0)

enum TracedPhase { PhaseIdle, PhaseBusy = 5, PhaseDone };

typedef struct _TRACED_BYTES {
    const void *Bytes;
    USHORT Length;
} TRACED_BYTES;

static __inline TRACED_BYTES TracedBytes(const void *Bytes, USHORT Length)
{
    TRACED_BYTES bytes = {Bytes, Length};
    return bytes;
}

#define WPP_LOGTRACEDBYTES(x) WPP_LOGPAIR(2, &(x).Length) WPP_LOGPAIR((x).Length, (x).Bytes)

/*
 * begin_wpp config
 * FUNC Trace(LEVEL, FLAGS, MSG, ...);
 * FUNC TraceError{LEVEL=TRACE_LEVEL_ERROR}(FLAGS, MSG, ...);
 * FUNC TraceDoubled((LEVEL, FLAGS, MSG, ...));
 * FUNC TraceGrouped(LEVEL, FLAGS, (MSG, ...));
 * FUNC TraceEntry{LEVEL=TRACE_LEVEL_INFORMATION, FLAGS=TRACED_START}(...);
 * USEPREFIX(TraceEntry, "%!STDPREFIX!--> %!FUNC!");
 * FUNC TraceNothing();
 * USESUFFIX(TraceNothing, "nothing at %!LINE!");
 * FUNC ReturnTraced{LEVEL=TRACE_LEVEL_ERROR, FLAGS=TRACED_START}(RESULT);
 * USEPREFIX(ReturnTraced, "%!STDPREFIX!<-- ");
 * USESUFFIX(ReturnTraced, "%!STATUS! of %s", traced_result, #RESULT);
 * CUSTOM_TYPE(phase, ItemEnum(TracedPhase));
 * CUSTOM_TYPE(color, ItemListLong(red, green=4, blue));
 * CUSTOM_TYPE(parts, ItemSetByte(head, body, tail));
 * DEFINE_CPLX_TYPE(HEXDUMP, WPP_LOGTRACEDBYTES, TRACED_BYTES, ItemHEXDump, "s", _HEX_, 0, 2);
 * end_wpp
 */

/*
 * The fixed part of what the trace preprocessor makes of a driver's traces: every .tmh file that
 * `storhost build` writes includes this, behind the driver's own WPP_CONTROL_GUIDS, and then
 * defines the driver's trace functions as macros over WPP_STORHOST_TRACE.
 */
#ifndef WDK_STORHOST_WPP_H
#define WDK_STORHOST_WPP_H

#ifndef WDK_HOST
#include "../stortrce.h"
#include "trace.h"

typedef ULONG64 TRACEHANDLE, *PTRACEHANDLE;

/* ---- the control model ---- */

#define WPP_EVAL(x)                  x
#define WPP_STR(x)                   #x
#define WPP_STRINGIZE(x)             WPP_STR(x)
#define WPP_GLUE(a, b)               a##b
#define WPP_XGLUE(a, b)              WPP_GLUE(a, b)
#define WPP_FLATTEN(...)             __VA_ARGS__
#define WPP_GUID_TEXT(a, b, c, d, e) #a "-" #b "-" #c "-" #d "-" #e

#ifndef WPP_CONTROL_GUIDS
#ifndef WPP_DEFAULT_CONTROL_GUID
#define WPP_DEFAULT_CONTROL_GUID 00000000, 0000, 0000, 0000, 000000000000
#endif
#define WPP_CONTROL_GUIDS                                                                          \
    WPP_DEFINE_CONTROL_GUID(Default, (WPP_DEFAULT_CONTROL_GUID),                                   \
                            WPP_DEFINE_BIT(Error) WPP_DEFINE_BIT(Unusual) WPP_DEFINE_BIT(Noise))
#endif

#define WPP_DEFINE_CONTROL_GUID(Name, Guid, Bits) WPP_XGLUE(WPP_CTL_, Name),
enum WPP_CTL_NAMES { WPP_CONTROL_GUIDS WPP_LAST_CTL };
#undef WPP_DEFINE_CONTROL_GUID

/* A bit's number counts from 1; the provider is in the upper half. */
#define WPP_DEFINE_CONTROL_GUID(Name, Guid, Bits)                                                  \
    WPP_XGLUE(WPP_BLOCK_START_, Name) = WPP_XGLUE(WPP_CTL_, Name) * 0x10000,                       \
                                Bits WPP_XGLUE(WPP_BLOCK_END_, Name),
#define WPP_DEFINE_BIT(Name) WPP_BIT_##Name,
enum WPP_DEFINE_BIT_NAMES { WPP_CONTROL_GUIDS WPP_BIT_LAST };
#undef WPP_DEFINE_BIT
#define WPP_DEFINE_BIT(Name) #Name "\0"
#undef WPP_DEFINE_CONTROL_GUID
#define WPP_DEFINE_CONTROL_GUID(Name, Guid, Bits)                                                  \
    {WPP_STRINGIZE(Name), WPP_GUID_TEXT Guid, Bits ""},
static const STORHOST_TRACE_PROVIDER WPP_STORHOST_PROVIDERS[] = {WPP_CONTROL_GUIDS{0, 0, 0}};
#undef WPP_DEFINE_CONTROL_GUID
#undef WPP_DEFINE_BIT

#define WPP_MASK(bit)    (1u << (((bit)-1) & 31))
#define WPP_FLAG_NO(bit) ((0xFFFF & ((bit)-1)) / 32)
#define WPP_CTRL_NO(bit) ((bit) >> 16)

typedef union {
    WPP_TRACE_CONTROL_BLOCK Control;
} WPP_PROJECT_CONTROL_BLOCK;
#define WPP_CB_TYPE WPP_PROJECT_CONTROL_BLOCK

/* One for the whole module, so the sources of a static library share the driver's: its length must
 * not depend on how many providers a source knows. */
#define WPP_STORHOST_PROVIDERS_MAX 16
#ifndef WPP_CB
#define WPP_CB WPP_GLOBAL_Control
#endif
#ifdef __cplusplus
extern "C"
#endif
    __declspec(selectany) WPP_CB_TYPE WPP_CB[WPP_STORHOST_PROVIDERS_MAX] = {
        {{0, 0, 0, 0, {0, 0}, 0, 0, 0, 0}}};
typedef char WPP_STORHOST_PROVIDERS_FIT[WPP_LAST_CTL <= WPP_STORHOST_PROVIDERS_MAX ? 1 : -1];

#define WPP_CONTROL(bit)             (WPP_CB[WPP_CTRL_NO(bit)].Control)
#define WPP_STORHOST_BIT_IS_SET(bit) (WPP_CONTROL(bit).Flags[WPP_FLAG_NO(bit)] & WPP_MASK(bit))

#ifndef WPP_CHECK_INIT
#define WPP_CHECK_INIT
#endif
#ifndef WPP_FLAG_ENABLED
#define WPP_FLAG_ENABLED(flag) WPP_STORHOST_BIT_IS_SET(WPP_BIT_##flag)
#endif
#ifndef WPP_FLAG_LOGGER
#define WPP_FLAG_LOGGER(flag) (WPP_CONTROL(WPP_BIT_##flag).Logger),
#endif
#ifdef WPP_USE_TRACE_LEVELS
#ifndef WPP_LEVEL_ENABLED
#define WPP_LEVEL_ENABLED(level) (WPP_CB[0].Control.Level >= (level))
#endif
#ifndef WPP_LEVEL_LOGGER
#define WPP_LEVEL_LOGGER(level) WPP_CB[0].Control.Logger,
#endif
#else /* the name of a level is that of a flag: so it is with Microsoft */
#ifndef WPP_LEVEL_ENABLED
#define WPP_LEVEL_ENABLED(level) WPP_STORHOST_BIT_IS_SET(WPP_BIT_##level)
#endif
#ifndef WPP_LEVEL_LOGGER
#define WPP_LEVEL_LOGGER(level) (WPP_CONTROL(WPP_BIT_##level).Logger),
#endif
#endif
#ifndef WPP_ENABLED
#define WPP_ENABLED() 1
#endif
#ifndef WPP_LOGGER
#define WPP_LOGGER() WPP_CB[0].Control.Logger,
#endif
#define WPP_IS_LEVEL_ENABLED(level) WPP_LEVEL_ENABLED(level)
#define WPP_GET_LOGGER              Logger
#define WPP_INLINE                  __inline

#define WPP_STORHOST_THIRD(first, second, third, ...) ((PVOID)(third))
#define WPP_INIT_TRACING(...)                                                                      \
    StorhostTraceStart(&WPP_CB[0].Control, WPP_STORHOST_PROVIDERS, WPP_LAST_CTL,                   \
                       WPP_STORHOST_THIRD(__VA_ARGS__, 0, 0, 0))
/* Windows 2000 needed a device for its traces. */
#define WPP_SYSTEMCONTROL(device)
#define WPP_SYSTEMCONTROL2(device, offset)
#define WPP_CLEANUP(...) StorhostTraceStop(&WPP_CB[0].Control, WPP_LAST_CTL)

/* ---- what macros of a driver may be there for every trace ---- */

#ifndef WPP_LOG_ALWAYS
#define WPP_LOG_ALWAYS(...)
#endif
#ifdef WPP_DEBUG
#define WPP_INVOKE_WPP_DEBUG(arguments) WPP_DEBUG(arguments)
#else
#define WPP_INVOKE_WPP_DEBUG(arguments) (void)0
#endif

/* ---- marshalling macros, from which drivers build those of their complex types ---- */

#ifndef WPP_LOGPAIR
#define WPP_LOGPAIR(size, address) (address), ((SIZE_T)(size)),
#endif
#define WPP_LOGTYPEVAL(type, value) WPP_LOGPAIR(sizeof(type), &(value))
#define WPP_LOGTYPEPTR(value)       WPP_LOGPAIR(sizeof(*(value)), (value))
#ifndef WPP_LOGASTR
#define WPP_LOGASTR(text)                                                                          \
    WPP_LOGPAIR((text) ? __builtin_strlen((const char *)(text)) + 1 : 5,                           \
                (text) ? (const char *)(text) : "NULL")
#endif
#ifndef WPP_LOGPGUID
#define WPP_LOGPGUID(guid) WPP_LOGPAIR(sizeof(GUID), (guid))
#endif
#ifndef WPP_LOGCSTR
#define WPP_LOGCSTR(string)                                                                        \
    WPP_LOGPAIR(sizeof(USHORT), &(string).Length) WPP_LOGPAIR((string).Length, (string).Buffer)
#endif
#ifndef WPP_LOGUSTR
#define WPP_LOGUSTR(string) WPP_LOGCSTR(string)
#endif
#ifndef WPP_LOGPCSTR
#define WPP_LOGPCSTR(string) WPP_LOGCSTR(*(string))
#endif
#ifndef WPP_LOGPUSTR
#define WPP_LOGPUSTR(string) WPP_LOGCSTR(*(string))
#endif

typedef struct tagWPP_BINARY {
    const void *Buffer;
    USHORT Length;
} WPP_BINARY;

static __inline WPP_BINARY WppBinary(const void *Buffer, USHORT Length)
{
    WPP_BINARY binary;
    binary.Buffer = Buffer;
    binary.Length = Length;
    return binary;
}

/* ---- the arguments of a trace ---- */

#ifdef __cplusplus
#define WPP_STORHOST_BOOLEAN bool
#else
#define WPP_STORHOST_BOOLEAN _Bool
#endif

/* Small integers go as the int that C makes of them. */
#define WPP_STORHOST_KIND_C(argument)                                                              \
    _Generic((argument), char                                                                      \
             : STORHOST_TRACE_SIGNED_4, signed char                                                \
             : STORHOST_TRACE_SIGNED_4, unsigned char                                              \
             : STORHOST_TRACE_SIGNED_4, short                                                      \
             : STORHOST_TRACE_SIGNED_4, unsigned short                                             \
             : STORHOST_TRACE_SIGNED_4, int                                                        \
             : STORHOST_TRACE_SIGNED_4, long                                                       \
             : STORHOST_TRACE_SIGNED_4, WPP_STORHOST_BOOLEAN                                       \
             : STORHOST_TRACE_SIGNED_4, unsigned                                                   \
             : STORHOST_TRACE_UNSIGNED_4, unsigned long                                            \
             : STORHOST_TRACE_UNSIGNED_4, default                                                  \
             : STORHOST_TRACE_WHOLE)
#ifdef __cplusplus
#define WPP_STORHOST_KIND(argument)                                                                \
    (__is_enum(__typeof__(argument)) && sizeof(argument) <= 4 ? STORHOST_TRACE_SIGNED_4            \
                                                              : WPP_STORHOST_KIND_C(argument)),
#else
#define WPP_STORHOST_KIND(argument) WPP_STORHOST_KIND_C(argument),
#endif

/* WPP_STORHOST_KINDS(a, b, ...) lists the kinds of up to 48 arguments. */
#define WPP_STORHOST_KINDS_0()
#define WPP_STORHOST_KINDS_1(a)       WPP_STORHOST_KIND(a)
#define WPP_STORHOST_KINDS_2(a, ...)  WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_1(__VA_ARGS__)
#define WPP_STORHOST_KINDS_3(a, ...)  WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_2(__VA_ARGS__)
#define WPP_STORHOST_KINDS_4(a, ...)  WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_3(__VA_ARGS__)
#define WPP_STORHOST_KINDS_5(a, ...)  WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_4(__VA_ARGS__)
#define WPP_STORHOST_KINDS_6(a, ...)  WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_5(__VA_ARGS__)
#define WPP_STORHOST_KINDS_7(a, ...)  WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_6(__VA_ARGS__)
#define WPP_STORHOST_KINDS_8(a, ...)  WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_7(__VA_ARGS__)
#define WPP_STORHOST_KINDS_9(a, ...)  WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_8(__VA_ARGS__)
#define WPP_STORHOST_KINDS_10(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_9(__VA_ARGS__)
#define WPP_STORHOST_KINDS_11(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_10(__VA_ARGS__)
#define WPP_STORHOST_KINDS_12(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_11(__VA_ARGS__)
#define WPP_STORHOST_KINDS_13(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_12(__VA_ARGS__)
#define WPP_STORHOST_KINDS_14(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_13(__VA_ARGS__)
#define WPP_STORHOST_KINDS_15(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_14(__VA_ARGS__)
#define WPP_STORHOST_KINDS_16(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_15(__VA_ARGS__)
#define WPP_STORHOST_KINDS_17(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_16(__VA_ARGS__)
#define WPP_STORHOST_KINDS_18(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_17(__VA_ARGS__)
#define WPP_STORHOST_KINDS_19(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_18(__VA_ARGS__)
#define WPP_STORHOST_KINDS_20(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_19(__VA_ARGS__)
#define WPP_STORHOST_KINDS_21(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_20(__VA_ARGS__)
#define WPP_STORHOST_KINDS_22(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_21(__VA_ARGS__)
#define WPP_STORHOST_KINDS_23(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_22(__VA_ARGS__)
#define WPP_STORHOST_KINDS_24(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_23(__VA_ARGS__)
#define WPP_STORHOST_KINDS_25(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_24(__VA_ARGS__)
#define WPP_STORHOST_KINDS_26(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_25(__VA_ARGS__)
#define WPP_STORHOST_KINDS_27(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_26(__VA_ARGS__)
#define WPP_STORHOST_KINDS_28(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_27(__VA_ARGS__)
#define WPP_STORHOST_KINDS_29(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_28(__VA_ARGS__)
#define WPP_STORHOST_KINDS_30(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_29(__VA_ARGS__)
#define WPP_STORHOST_KINDS_31(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_30(__VA_ARGS__)
#define WPP_STORHOST_KINDS_32(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_31(__VA_ARGS__)
#define WPP_STORHOST_KINDS_33(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_32(__VA_ARGS__)
#define WPP_STORHOST_KINDS_34(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_33(__VA_ARGS__)
#define WPP_STORHOST_KINDS_35(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_34(__VA_ARGS__)
#define WPP_STORHOST_KINDS_36(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_35(__VA_ARGS__)
#define WPP_STORHOST_KINDS_37(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_36(__VA_ARGS__)
#define WPP_STORHOST_KINDS_38(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_37(__VA_ARGS__)
#define WPP_STORHOST_KINDS_39(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_38(__VA_ARGS__)
#define WPP_STORHOST_KINDS_40(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_39(__VA_ARGS__)
#define WPP_STORHOST_KINDS_41(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_40(__VA_ARGS__)
#define WPP_STORHOST_KINDS_42(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_41(__VA_ARGS__)
#define WPP_STORHOST_KINDS_43(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_42(__VA_ARGS__)
#define WPP_STORHOST_KINDS_44(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_43(__VA_ARGS__)
#define WPP_STORHOST_KINDS_45(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_44(__VA_ARGS__)
#define WPP_STORHOST_KINDS_46(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_45(__VA_ARGS__)
#define WPP_STORHOST_KINDS_47(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_46(__VA_ARGS__)
#define WPP_STORHOST_KINDS_48(a, ...) WPP_STORHOST_KIND(a) WPP_STORHOST_KINDS_47(__VA_ARGS__)
#define WPP_STORHOST_PICK(z, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15,     \
                          a16, a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29,    \
                          a30, a31, a32, a33, a34, a35, a36, a37, a38, a39, a40, a41, a42, a43,    \
                          a44, a45, a46, a47, a48, name, ...)                                      \
    name
#define WPP_STORHOST_COUNT(...)                                                                    \
    WPP_STORHOST_PICK(0, ##__VA_ARGS__, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35,    \
                      34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16,  \
                      15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0)
#define WPP_STORHOST_KINDS(...)                                                                    \
    WPP_XGLUE(WPP_STORHOST_KINDS_, WPP_STORHOST_COUNT(__VA_ARGS__))(__VA_ARGS__)

/* ---- a trace ---- */

/* For trace functions with parentheses inside their parentheses. */
#define WPP_STORHOST_APPLY(macro, arguments) macro arguments

/* `texts`: prefix, message, suffix; `prefix`, `message`, `suffix`: their arguments, each in
 * parentheses; `all`: the same, in one pair of parentheses and each behind a comma; `debug`:
 * message and arguments for the driver's WPP_DEBUG. The value is 1 for a trace that was taken, else
 * 0. */
#define WPP_STORHOST_TRACE(wanted, level, flags, texts, prefix, message, suffix, all, debug)       \
    (__builtin_expect(WPP_CB[0].Control.Logger != 0, 0) && (wanted) ? __extension__({              \
        static const UCHAR wpp_prefix_[] = {WPP_STORHOST_KINDS prefix STORHOST_TRACE_NO_MORE};     \
        static const UCHAR wpp_message_[] = {WPP_STORHOST_KINDS message STORHOST_TRACE_NO_MORE};   \
        static const UCHAR wpp_suffix_[] = {WPP_STORHOST_KINDS suffix STORHOST_TRACE_NO_MORE};     \
        static const STORHOST_TRACE_SITE wpp_site_ = {__FILE__,                                    \
                                                      __FUNCTION__,                                \
                                                      level,                                       \
                                                      flags,                                       \
                                                      {WPP_FLATTEN texts},                         \
                                                      {wpp_prefix_, wpp_message_, wpp_suffix_},    \
                                                      WPP_STORHOST_TYPES,                          \
                                                      __LINE__};                                   \
        WPP_INVOKE_WPP_DEBUG(debug);                                                               \
        StorhostTraceMessage(WPP_CB[0].Control.Logger, &wpp_site_ WPP_FLATTEN all);                \
        1;                                                                                         \
    })                                                                                             \
                                                                    : 0)

#endif
#endif

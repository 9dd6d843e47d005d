/*
 * Strings that cannot overflow: copying, appending, formatting and measuring with the size of the
 * destination given in characters (Cch) or bytes (Cb), for CHAR (A) and WCHAR (W), and the same for
 * UNICODE_STRING.
 *
 * The rule: a destination of at least one character is always terminated. STATUS_BUFFER_OVERFLOW
 * means that the result was cut short, STATUS_INVALID_PARAMETER that a size is zero or absurd, or
 * that a string is not terminated where it should be. All run at any IRQL except the formatting
 * routines, which need PASSIVE_LEVEL (they call _vsnprintf and _vsnwprintf of the kernel).
 */
#ifndef WDK_NTSTRSAFE_H
#define WDK_NTSTRSAFE_H
#define _NTSTRSAFE_H_INCLUDED_

#include "ntdef.h"

#ifndef WDK_HOST
#include "crt/stdio.h"
#endif

WDK_BEGIN_C

typedef CHAR *NTSTRSAFE_PSTR;
typedef const CHAR *NTSTRSAFE_PCSTR;
typedef WCHAR *NTSTRSAFE_PWSTR;
typedef const WCHAR *NTSTRSAFE_PCWSTR;

#define NTSTRSAFE_MAX_CCH                2147483647 /* of any string, terminator included */
#define NTSTRSAFE_MAX_LENGTH             (NTSTRSAFE_MAX_CCH - 1)
#define NTSTRSAFE_UNICODE_STRING_MAX_CCH (0xffff / sizeof(WCHAR)) /* of a UNICODE_STRING */

/* Flags of the Ex routines. The low byte is the byte to fill with. */
#define STRSAFE_IGNORE_NULLS     0x00000100 /* a NULL string is an empty one */
#define STRSAFE_FILL_BEHIND_NULL 0x00000200 /* success: fill what follows the terminator */
#define STRSAFE_FILL_ON_FAILURE  0x00000400 /* failure: fill the destination */
#define STRSAFE_NULL_ON_FAILURE  0x00000800 /* failure: empty the destination */
#define STRSAFE_NO_TRUNCATION    0x00001000 /* overflow: leave what was there before */

#define STRSAFE_FILL_BYTE(byte)    ((ULONG)(((byte)&0xff) | STRSAFE_FILL_BEHIND_NULL))
#define STRSAFE_FAILURE_BYTE(byte) ((ULONG)(((byte)&0xff) | STRSAFE_FILL_ON_FAILURE))
#define WDK_STRSAFE_FLAGS          0x00001fff

#define WDK_STRSAFE_OVERFLOW ((NTSTATUS)0x80000005) /* STATUS_BUFFER_OVERFLOW */
#define WDK_STRSAFE_INVALID  ((NTSTATUS)0xC000000D) /* STATUS_INVALID_PARAMETER */

#ifdef __GNUC__
#define NTSTRSAFEDDI static inline __attribute__((unused)) NTSTATUS
#else
#define NTSTRSAFEDDI static __inline NTSTATUS
#endif

#define WDK_STRSAFE_JOIN2(a, b) a##b
#define WDK_STRSAFE_JOIN(a, b)  WDK_STRSAFE_JOIN2(a, b)

#define WDK_STRSAFE_CHAR      CHAR
#define WDK_STRSAFE_SUFFIX    A
#define WDK_STRSAFE_VSNPRINTF _vsnprintf
#include "ntstrsafe/functions.inc"
#undef WDK_STRSAFE_CHAR
#undef WDK_STRSAFE_SUFFIX
#undef WDK_STRSAFE_VSNPRINTF

#define WDK_STRSAFE_CHAR      WCHAR
#define WDK_STRSAFE_SUFFIX    W
#define WDK_STRSAFE_VSNPRINTF _vsnwprintf
#include "ntstrsafe/functions.inc"
#undef WDK_STRSAFE_CHAR
#undef WDK_STRSAFE_SUFFIX
#undef WDK_STRSAFE_VSNPRINTF

#include "ntstrsafe/unicode_string.inc"

WDK_END_C

#endif /* WDK_NTSTRSAFE_H */

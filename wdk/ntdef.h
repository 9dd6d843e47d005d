/*
 * The basic types and macros of Windows kernel code: integers, strings, lists, NTSTATUS.
 *
 * LONG and ULONG have 32 bits and WCHAR has 16 on every target.
 */
#ifndef WDK_NTDEF_H
#define WDK_NTDEF_H
#define _NTDEF_
#define _NTDEF_H

#include "base/compiler.h"
#include "basetsd.h"
#include "guiddef.h"
#include "sal.h"
#include <stdarg.h>
#include <stddef.h>
#ifdef _WIN32
#include "crt/excpt.h"
#include "crt/string.h"
#else
#include <string.h>
#endif

#ifndef VOID
#define VOID void
#endif
#ifndef CONST
#define CONST const
#endif
#ifndef WDK_HOST
#define IN
#define OUT
#define OPTIONAL
#define FAR
#define NEAR
#endif
#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif
#define NULL64 NULL

/* Integers and characters. */
typedef void *PVOID;
typedef void *PVOID64;
typedef void *HANDLE, **PHANDLE;
#define DECLARE_HANDLE(name)                                                                       \
    struct name##__ {                                                                              \
        int unused;                                                                                \
    };                                                                                             \
    typedef struct name##__ *name
typedef char CHAR, *PCHAR, *LPCH, *PCH, *PNZCH;
typedef const char *LPCCH, *PCCH, *PCNZCH;
typedef char *NPSTR, *LPSTR, *PSTR, *PSZ;
typedef const char *LPCSTR, *PCSTR, *PCSZ;
typedef signed char SCHAR, *PSCHAR;
typedef unsigned char UCHAR, *PUCHAR;
typedef const unsigned char *PCUCHAR;
typedef char CCHAR, *PCCHAR;
typedef short SHORT, *PSHORT, CSHORT, *PCSHORT;
typedef unsigned short USHORT, *PUSHORT;
typedef WDK_LONG32 LONG, *PLONG;
typedef WDK_ULONG32 ULONG, *PULONG;
#ifdef _WIN32
typedef unsigned char BYTE;
typedef unsigned short WORD;
typedef unsigned long DWORD;
#endif
typedef int INT, *PINT;
typedef unsigned int UINT, *PUINT;
typedef const USHORT *PCUSHORT;
typedef const ULONG *PCULONG;
typedef ULONG CLONG, *PCLONG;
typedef long long LONGLONG, *PLONGLONG;
typedef unsigned long long ULONGLONG, *PULONGLONG;
typedef unsigned long long DWORDLONG, *PDWORDLONG;
typedef unsigned char BOOLEAN, *PBOOLEAN;
typedef ULONG LOGICAL, *PLOGICAL;
typedef LONGLONG USN;
typedef ULONG LCID, *PLCID;
typedef USHORT LANGID;

#ifdef _WIN32
typedef wchar_t WCHAR;
#else
typedef unsigned short WCHAR;
#endif
typedef WCHAR *PWCHAR, *LPWCH, *PWCH, *NWPSTR, *LPWSTR, *PWSTR, *PWZ;
typedef const WCHAR *LPCWCH, *PCWCH, *LPCWSTR, *PCWSTR, *PCWZ;
typedef PWSTR *PZPWSTR;
typedef CHAR *PZZSTR;
typedef const CHAR *PCZZSTR;
typedef WCHAR *PZZWSTR, *PNZWCH;
typedef const WCHAR *PCZZWSTR, *PCNZWCH;
typedef WCHAR UNALIGNED *PUWSTR, *LPUWSTR;
typedef const WCHAR UNALIGNED *PCUWSTR, *LPCUWSTR;
typedef CHAR TCHAR, *PTCHAR;

#define ANSI_NULL                ((CHAR)0)
#define UNICODE_NULL             ((WCHAR)0)
#define UNICODE_STRING_MAX_BYTES ((USHORT)65534)
#define UNICODE_STRING_MAX_CHARS 32767

#define MINCHAR      0x80
#define MAXCHAR      0x7F
#define MINSHORT     0x8000
#define MAXSHORT     0x7FFF
#define MINLONG      0x80000000
#define MAXLONG      0x7FFFFFFF
#define MAXUCHAR     0xFF
#define MAXUSHORT    0xFFFF
#define MAXULONG     0xFFFFFFFFu
#define MAXLONGLONG  0x7FFFFFFFFFFFFFFFLL
#define MAXULONGLONG 0xFFFFFFFFFFFFFFFFULL
#define MAX_UCSCHAR  0x10FFFF

/* How drivers name what has no name. */
#define _ANONYMOUS_UNION
#define _ANONYMOUS_STRUCT
#define DUMMYUNIONNAME
#define DUMMYUNIONNAME2
#define DUMMYUNIONNAME3
#define DUMMYUNIONNAME4
#define DUMMYUNIONNAME5
#define DUMMYUNIONNAME6
#define DUMMYUNIONNAME7
#define DUMMYUNIONNAME8
#define DUMMYUNIONNAME9
#define DUMMYSTRUCTNAME
#define DUMMYSTRUCTNAME2
#define DUMMYSTRUCTNAME3
#define DUMMYSTRUCTNAME4
#define DUMMYSTRUCTNAME5
#define DUMMYSTRUCTNAME6

#define ANYSIZE_ARRAY               1
#define MAX_NATURAL_ALIGNMENT       sizeof(ULONGLONG)
#define MEMORY_ALLOCATION_ALIGNMENT 16
#define SYSTEM_CACHE_ALIGNMENT_SIZE 64
#define MAXIMUM_PROC_PER_GROUP      64
#define MAXIMUM_PROCESSORS          MAXIMUM_PROC_PER_GROUP
#define ALL_PROCESSOR_GROUPS        0xFFFF

/* Wide integers. */
typedef union _LARGE_INTEGER {
    struct {
        ULONG LowPart;
        LONG HighPart;
    };
    struct {
        ULONG LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
    struct {
        ULONG LowPart;
        ULONG HighPart;
    };
    struct {
        ULONG LowPart;
        ULONG HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef LARGE_INTEGER PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;

typedef struct _LUID {
    ULONG LowPart;
    LONG HighPart;
} LUID, *PLUID;

typedef struct _QUAD {
    union {
        LONGLONG UseThisFieldToCopy;
        double DoNotUseThisField;
    };
} QUAD, *PQUAD, UQUAD, *PUQUAD;

typedef struct _FLOAT128 {
    LONGLONG LowPart;
    LONGLONG HighPart;
} FLOAT128, *PFLOAT128;

/* The result of a kernel routine: negative values are warnings and errors. */
typedef LONG NTSTATUS, *PNTSTATUS;
#define NT_SUCCESS(status)     (((NTSTATUS)(status)) >= 0)
#define NT_INFORMATION(status) ((((ULONG)(status)) >> 30) == 1)
#define NT_WARNING(status)     ((((ULONG)(status)) >> 30) == 2)
#define NT_ERROR(status)       ((((ULONG)(status)) >> 30) == 3)

/* Counted strings. Lengths are bytes; the buffer need not be terminated. */
typedef struct _STRING {
    USHORT Length;
    USHORT MaximumLength;
    PCHAR Buffer;
} STRING, *PSTRING, ANSI_STRING, *PANSI_STRING, OEM_STRING, *POEM_STRING, CANSI_STRING,
    *PCANSI_STRING, UTF8_STRING, *PUTF8_STRING;
typedef const STRING *PCOEM_STRING;

typedef struct _CSTRING {
    USHORT Length;
    USHORT MaximumLength;
    const char *Buffer;
} CSTRING, *PCSTRING;

typedef struct _UNICODE_STRING {
    USHORT Length;
    USHORT MaximumLength;
    PWCH Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

typedef struct _STRING32 {
    USHORT Length;
    USHORT MaximumLength;
    ULONG Buffer;
} STRING32, *PSTRING32, UNICODE_STRING32, *PUNICODE_STRING32, ANSI_STRING32, *PANSI_STRING32;

typedef struct _STRING64 {
    USHORT Length;
    USHORT MaximumLength;
    ULONGLONG Buffer;
} STRING64, *PSTRING64, UNICODE_STRING64, *PUNICODE_STRING64, ANSI_STRING64, *PANSI_STRING64;

#define DECLARE_CONST_UNICODE_STRING(variable, text)                                               \
    static const WCHAR variable##_buffer[] = text;                                                 \
    const UNICODE_STRING variable = {sizeof(text) - sizeof((text)[0]), sizeof(text),               \
                                     (PWCH)variable##_buffer}
#define DECLARE_UNICODE_STRING_SIZE(variable, characters)                                          \
    WCHAR variable##_buffer[characters];                                                           \
    UNICODE_STRING variable = {0, (characters) * sizeof(WCHAR), variable##_buffer}
#define RTL_CONSTANT_STRING(text)                                                                  \
    {                                                                                              \
        sizeof(text) - sizeof((text)[0]), sizeof(text), (void *)(text)                             \
    }

/* Lists. */
typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY *Flink;
    struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY, *RESTRICTED_POINTER PRLIST_ENTRY;

typedef struct LIST_ENTRY32 {
    ULONG Flink;
    ULONG Blink;
} LIST_ENTRY32, *PLIST_ENTRY32;

typedef struct LIST_ENTRY64 {
    ULONGLONG Flink;
    ULONGLONG Blink;
} LIST_ENTRY64, *PLIST_ENTRY64;

typedef struct _SINGLE_LIST_ENTRY {
    struct _SINGLE_LIST_ENTRY *Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

typedef struct _SINGLE_LIST_ENTRY32 {
    ULONG Next;
} SINGLE_LIST_ENTRY32, *PSINGLE_LIST_ENTRY32;

/* Processors: a number within a group, and sets of those. */
typedef struct _PROCESSOR_NUMBER {
    USHORT Group;
    UCHAR Number;
    UCHAR Reserved;
} PROCESSOR_NUMBER, *PPROCESSOR_NUMBER;

typedef struct _GROUP_AFFINITY {
    KAFFINITY Mask;
    USHORT Group;
    USHORT Reserved[3];
} GROUP_AFFINITY, *PGROUP_AFFINITY;

/* Names of kernel objects. */
typedef struct _OBJECT_ATTRIBUTES {
    ULONG Length;
    HANDLE RootDirectory;
    PUNICODE_STRING ObjectName;
    ULONG Attributes;
    PVOID SecurityDescriptor;
    PVOID SecurityQualityOfService;
} OBJECT_ATTRIBUTES, *POBJECT_ATTRIBUTES;
typedef const OBJECT_ATTRIBUTES *PCOBJECT_ATTRIBUTES;

typedef struct _OBJECT_ATTRIBUTES32 {
    ULONG Length;
    ULONG RootDirectory;
    ULONG ObjectName;
    ULONG Attributes;
    ULONG SecurityDescriptor;
    ULONG SecurityQualityOfService;
} OBJECT_ATTRIBUTES32, *POBJECT_ATTRIBUTES32;

typedef struct _OBJECT_ATTRIBUTES64 {
    ULONG Length;
    ULONG64 RootDirectory;
    ULONG64 ObjectName;
    ULONG Attributes;
    ULONG64 SecurityDescriptor;
    ULONG64 SecurityQualityOfService;
} OBJECT_ATTRIBUTES64, *POBJECT_ATTRIBUTES64;

#define OBJ_HANDLE_TAGBITS                0x00000003
#define OBJ_INHERIT                       0x00000002
#define OBJ_PERMANENT                     0x00000010
#define OBJ_EXCLUSIVE                     0x00000020
#define OBJ_CASE_INSENSITIVE              0x00000040
#define OBJ_OPENIF                        0x00000080
#define OBJ_OPENLINK                      0x00000100
#define OBJ_KERNEL_HANDLE                 0x00000200
#define OBJ_FORCE_ACCESS_CHECK            0x00000400
#define OBJ_IGNORE_IMPERSONATED_DEVICEMAP 0x00000800
#define OBJ_DONT_REPARSE                  0x00001000
#define OBJ_VALID_ATTRIBUTES              0x00001FF2

#define InitializeObjectAttributes(attributes, name, flags, root, security)                        \
    {                                                                                              \
        (attributes)->Length = sizeof(OBJECT_ATTRIBUTES);                                          \
        (attributes)->RootDirectory = (root);                                                      \
        (attributes)->Attributes = (flags);                                                        \
        (attributes)->ObjectName = (name);                                                         \
        (attributes)->SecurityDescriptor = (security);                                             \
        (attributes)->SecurityQualityOfService = NULL;                                             \
    }
#define RTL_CONSTANT_OBJECT_ATTRIBUTES(name, flags)                                                \
    {                                                                                              \
        sizeof(OBJECT_ATTRIBUTES), NULL, (PUNICODE_STRING)(name), (flags), NULL, NULL              \
    }

typedef struct _OBJECTID {
    GUID Lineage;
    ULONG Uniquifier;
} OBJECTID, *POBJECTID;

typedef struct _RTL_BALANCED_NODE {
    union {
        struct _RTL_BALANCED_NODE *Children[2];
        struct {
            struct _RTL_BALANCED_NODE *Left;
            struct _RTL_BALANCED_NODE *Right;
        };
    };
    union {
        struct {
            UCHAR Red : 1;
        };
        struct {
            UCHAR Balance : 2;
        };
        ULONG_PTR ParentValue;
    };
} RTL_BALANCED_NODE, *PRTL_BALANCED_NODE;

typedef struct _WNF_STATE_NAME {
    ULONG Data[2];
} WNF_STATE_NAME, *PWNF_STATE_NAME;

typedef enum _EVENT_TYPE { NotificationEvent = 0, SynchronizationEvent } EVENT_TYPE;

typedef enum _TIMER_TYPE { NotificationTimer = 0, SynchronizationTimer } TIMER_TYPE;

typedef enum _WAIT_TYPE { WaitAll = 0, WaitAny, WaitNotification, WaitDequeue, WaitDpc } WAIT_TYPE;

typedef enum _NT_PRODUCT_TYPE {
    NtProductWinNt = 1,
    NtProductLanManNt,
    NtProductServer
} NT_PRODUCT_TYPE,
    *PNT_PRODUCT_TYPE;

/* Positions inside structures. */
#define FIELD_OFFSET(type, field)   ((LONG) __builtin_offsetof(type, field))
#define UFIELD_OFFSET(type, field)  ((ULONG) __builtin_offsetof(type, field))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#define FIELD_SIZE(type, field)     RTL_FIELD_SIZE(type, field)
#define RTL_SIZEOF_THROUGH_FIELD(type, field)                                                      \
    (__builtin_offsetof(type, field) + RTL_FIELD_SIZE(type, field))
#define RTL_CONTAINS_FIELD(structure, size, field)                                                 \
    ((((PCHAR)(&(structure)->field)) + sizeof((structure)->field)) <=                              \
     (((PCHAR)(structure)) + (size)))
#define CONTAINING_RECORD(address, type, field)                                                    \
    ((type *)((PCHAR)(address) - (ULONG_PTR) __builtin_offsetof(type, field)))
#define RTL_NUMBER_OF_V1(array)    (sizeof(array) / sizeof((array)[0]))
#define RTL_NUMBER_OF(array)       RTL_NUMBER_OF_V1(array)
#define RTL_NUMBER_OF_V2(array)    RTL_NUMBER_OF_V1(array)
#define ARRAYSIZE(array)           RTL_NUMBER_OF_V1(array)
#define _ARRAYSIZE(array)          RTL_NUMBER_OF_V1(array)
#define RTL_BITS_OF(x)             (sizeof(x) * 8)
#define ARGUMENT_PRESENT(argument) ((argument) != NULL)
#define PtrOffset(base, pointer)   ((ULONG)((ULONG_PTR)(pointer) - (ULONG_PTR)(base)))

/* Wide shifts and products. */
#define Int32x32To64(a, b)   ((LONGLONG)(LONG)(a) * (LONGLONG)(LONG)(b))
#define UInt32x32To64(a, b)  ((ULONGLONG)(ULONG)(a) * (ULONGLONG)(ULONG)(b))
#define Int64ShllMod32(a, b) ((ULONGLONG)(a) << (b))
#define Int64ShraMod32(a, b) ((LONGLONG)(a) >> (b))
#define Int64ShrlMod32(a, b) ((ULONGLONG)(a) >> (b))

/* Statements about the code rather than parts of it. */
#define UNREFERENCED_PARAMETER(x)          ((void)(x))
#define DBG_UNREFERENCED_PARAMETER(x)      ((void)(x))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(x) ((void)(x))
#define DEFAULT_UNREACHABLE                                                                        \
    default:                                                                                       \
        __builtin_unreachable()
#ifdef __cplusplus
#define C_ASSERT(expression) static_assert(expression, #expression)
#else
#define C_ASSERT(expression) _Static_assert(expression, #expression)
#endif

/* Flag arithmetic on enumerations; only C++ needs operators for it. */
#ifdef __cplusplus
#define DEFINE_ENUM_FLAG_OPERATORS(type)                                                           \
    extern "C++" {                                                                                 \
    inline type operator|(type a, type b)                                                          \
    {                                                                                              \
        return type(int(a) | int(b));                                                              \
    }                                                                                              \
    inline type operator&(type a, type b)                                                          \
    {                                                                                              \
        return type(int(a) & int(b));                                                              \
    }                                                                                              \
    inline type operator~(type a)                                                                  \
    {                                                                                              \
        return type(~int(a));                                                                      \
    }                                                                                              \
    }
#else
#define DEFINE_ENUM_FLAG_OPERATORS(type)
#endif

#if !defined(WDK_HOST) && !defined(NOMINMAX)
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#endif

#endif

/*
 * Unified device properties: what a property key is and which types a value can have.
 *
 * DEFINE_DEVPROPKEY follows DEFINE_GUID: it declares a key, and defines it in a file that included
 * initguid.h first.
 */
#ifndef WDK_DEVPROPDEF_H
#define WDK_DEVPROPDEF_H

#include "guiddef.h"
#include "ntdef.h"

typedef ULONG DEVPROPTYPE, *PDEVPROPTYPE;

/* A type is one base type, alone or with one modifier. */
#define DEVPROP_TYPEMOD_ARRAY 0x00001000 /* fixed-size values, one after another */
#define DEVPROP_TYPEMOD_LIST  0x00002000 /* strings, one after another, ended by an empty one */

#define DEVPROP_TYPE_EMPTY                      0x00000000
#define DEVPROP_TYPE_NULL                       0x00000001
#define DEVPROP_TYPE_SBYTE                      0x00000002
#define DEVPROP_TYPE_BYTE                       0x00000003
#define DEVPROP_TYPE_INT16                      0x00000004
#define DEVPROP_TYPE_UINT16                     0x00000005
#define DEVPROP_TYPE_INT32                      0x00000006
#define DEVPROP_TYPE_UINT32                     0x00000007
#define DEVPROP_TYPE_INT64                      0x00000008
#define DEVPROP_TYPE_UINT64                     0x00000009
#define DEVPROP_TYPE_FLOAT                      0x0000000A
#define DEVPROP_TYPE_DOUBLE                     0x0000000B
#define DEVPROP_TYPE_DECIMAL                    0x0000000C
#define DEVPROP_TYPE_GUID                       0x0000000D
#define DEVPROP_TYPE_CURRENCY                   0x0000000E
#define DEVPROP_TYPE_DATE                       0x0000000F
#define DEVPROP_TYPE_FILETIME                   0x00000010
#define DEVPROP_TYPE_BOOLEAN                    0x00000011
#define DEVPROP_TYPE_STRING                     0x00000012
#define DEVPROP_TYPE_STRING_LIST                (DEVPROP_TYPE_STRING | DEVPROP_TYPEMOD_LIST)
#define DEVPROP_TYPE_SECURITY_DESCRIPTOR        0x00000013
#define DEVPROP_TYPE_SECURITY_DESCRIPTOR_STRING 0x00000014
#define DEVPROP_TYPE_DEVPROPKEY                 0x00000015
#define DEVPROP_TYPE_DEVPROPTYPE                0x00000016
#define DEVPROP_TYPE_BINARY                     (DEVPROP_TYPE_BYTE | DEVPROP_TYPEMOD_ARRAY)
#define DEVPROP_TYPE_ERROR                      0x00000017
#define DEVPROP_TYPE_NTSTATUS                   0x00000018
#define DEVPROP_TYPE_STRING_INDIRECT            0x00000019

#define MAX_DEVPROP_TYPE     DEVPROP_TYPE_STRING_INDIRECT
#define MAX_DEVPROP_TYPEMOD  DEVPROP_TYPEMOD_LIST
#define DEVPROP_MASK_TYPE    0x00000FFF
#define DEVPROP_MASK_TYPEMOD 0x0000F000

/* A value of DEVPROP_TYPE_BOOLEAN is one byte. */
typedef CHAR DEVPROP_BOOLEAN, *PDEVPROP_BOOLEAN;
#define DEVPROP_TRUE  ((DEVPROP_BOOLEAN)-1)
#define DEVPROP_FALSE ((DEVPROP_BOOLEAN)0)

typedef GUID DEVPROPGUID, *PDEVPROPGUID;
typedef ULONG DEVPROPID, *PDEVPROPID;

/* Identifiers below this one have the same meaning in every category. */
#define DEVPROPID_FIRST_USABLE 2

/* A property: a category, and a number in it. */
typedef struct _DEVPROPKEY {
    DEVPROPGUID fmtid;
    DEVPROPID pid;
} DEVPROPKEY, *PDEVPROPKEY;

#ifdef __cplusplus
static inline bool IsEqualDevPropKey(const DEVPROPKEY &first, const DEVPROPKEY &second)
{
    return first.pid == second.pid && IsEqualGUID(first.fmtid, second.fmtid);
}
#else
#define IsEqualDevPropKey(a, b) ((a).pid == (b).pid && IsEqualGUID(&(a).fmtid, &(b).fmtid))
#endif

/* Where a value is kept. */
typedef enum _DEVPROPSTORE { DEVPROP_STORE_SYSTEM = 0, DEVPROP_STORE_USER = 1 } DEVPROPSTORE;
typedef DEVPROPSTORE *PDEVPROPSTORE;

typedef struct _DEVPROPCOMPKEY {
    DEVPROPKEY Key;
    DEVPROPSTORE Store;
    PCWSTR LocaleName; /* NULL: of no language */
} DEVPROPCOMPKEY, *PDEVPROPCOMPKEY;

typedef struct _DEVPROPERTY {
    DEVPROPCOMPKEY CompKey;
    DEVPROPTYPE Type;
    ULONG BufferSize; /* in bytes */
    PVOID Buffer;
} DEVPROPERTY, *PDEVPROPERTY;

#endif /* WDK_DEVPROPDEF_H */

/* Outside the guard: including initguid.h changes what a later inclusion means. */
#ifdef DEFINE_DEVPROPKEY
#undef DEFINE_DEVPROPKEY
#endif
#if defined(INITGUID) && defined(__cplusplus)
#define DEFINE_DEVPROPKEY(name, d1, d2, d3, b0, b1, b2, b3, b4, b5, b6, b7, id)                    \
    EXTERN_C const DEVPROPKEY DECLSPEC_SELECTANY name = {                                          \
        {d1, d2, d3, {b0, b1, b2, b3, b4, b5, b6, b7}}, id}
#elif defined(INITGUID)
#define DEFINE_DEVPROPKEY(name, d1, d2, d3, b0, b1, b2, b3, b4, b5, b6, b7, id)                    \
    extern const DEVPROPKEY name;                                                                  \
    const DEVPROPKEY DECLSPEC_SELECTANY name = {{d1, d2, d3, {b0, b1, b2, b3, b4, b5, b6, b7}}, id}
#else
#define DEFINE_DEVPROPKEY(name, d1, d2, d3, b0, b1, b2, b3, b4, b5, b6, b7, id)                    \
    EXTERN_C const DEVPROPKEY name
#endif

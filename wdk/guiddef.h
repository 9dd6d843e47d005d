/*
 * GUIDs. DEFINE_GUID declares one; in a file that includes initguid.h first, it also defines it.
 */
#ifndef WDK_GUIDDEF_H
#define WDK_GUIDDEF_H

#include "base/compiler.h"

#ifndef GUID_DEFINED
#define GUID_DEFINED
typedef struct _GUID {
#ifdef _WIN32
    unsigned long Data1;
#else
    unsigned int Data1;
#endif
    unsigned short Data2;
    unsigned short Data3;
    unsigned char Data4[8];
} GUID;
#endif

typedef GUID *LPGUID, *PGUID;
typedef const GUID *LPCGUID;
typedef GUID IID, CLSID, FMTID, UUID;
typedef IID *LPIID;
typedef CLSID *LPCLSID;

#ifdef __cplusplus
#define REFGUID  const GUID &
#define REFIID   const IID &
#define REFCLSID const IID &
#else
#define REFGUID  const GUID *
#define REFIID   const IID *
#define REFCLSID const IID *
#endif

#define IsEqualMemory(a, b, size) (__builtin_memcmp((a), (b), (size)) == 0)
#ifdef __cplusplus
#define InlineIsEqualGUID(a, b) (__builtin_memcmp(&(a), &(b), sizeof(GUID)) == 0)
#define IsEqualGUID(a, b)       InlineIsEqualGUID(a, b)
#else
#define InlineIsEqualGUID(a, b) (__builtin_memcmp((a), (b), sizeof(GUID)) == 0)
#define IsEqualGUID(a, b)       InlineIsEqualGUID(a, b)
#endif
#define IsEqualIID(a, b)   IsEqualGUID(a, b)
#define IsEqualCLSID(a, b) IsEqualGUID(a, b)

#endif

/* Outside the guard: including initguid.h changes what a later inclusion means. */
#ifdef DEFINE_GUID
#undef DEFINE_GUID
#endif
#if defined(INITGUID) && defined(__cplusplus)
#define DEFINE_GUID(name, d1, d2, d3, b0, b1, b2, b3, b4, b5, b6, b7)                              \
    EXTERN_C const GUID DECLSPEC_SELECTANY name = {d1, d2, d3, {b0, b1, b2, b3, b4, b5, b6, b7}}
#elif defined(INITGUID)
#define DEFINE_GUID(name, d1, d2, d3, b0, b1, b2, b3, b4, b5, b6, b7)                              \
    extern const GUID name;                                                                        \
    const GUID DECLSPEC_SELECTANY name = {d1, d2, d3, {b0, b1, b2, b3, b4, b5, b6, b7}}
#else
#define DEFINE_GUID(name, d1, d2, d3, b0, b1, b2, b3, b4, b5, b6, b7) EXTERN_C const GUID name
#endif

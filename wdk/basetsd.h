/*
 * Integers of a stated or pointer width. Windows is LLP64: `long` has 32 bits. A driver's compiler
 * agrees, the host's does not, so on the host the 32-bit types are built on `int`.
 */
#ifndef WDK_BASETSD_H
#define WDK_BASETSD_H

#include "base/compiler.h"
#include <stddef.h>

#ifdef _WIN32
typedef signed long WDK_LONG32;
typedef unsigned long WDK_ULONG32;
#else
typedef signed int WDK_LONG32;
typedef unsigned int WDK_ULONG32;
#endif

typedef signed char INT8, *PINT8;
typedef signed short INT16, *PINT16;
typedef signed int INT32, *PINT32;
typedef signed long long INT64, *PINT64;
typedef unsigned char UINT8, *PUINT8;
typedef unsigned short UINT16, *PUINT16;
typedef unsigned int UINT32, *PUINT32;
typedef unsigned long long UINT64, *PUINT64;

typedef signed int LONG32, *PLONG32;
typedef unsigned int ULONG32, *PULONG32;
typedef unsigned int DWORD32, *PDWORD32;
typedef signed long long LONG64, *PLONG64;
typedef unsigned long long ULONG64, *PULONG64;
typedef unsigned long long DWORD64, *PDWORD64;

typedef signed long long INT_PTR, *PINT_PTR;
typedef unsigned long long UINT_PTR, *PUINT_PTR;
typedef signed long long LONG_PTR, *PLONG_PTR;
typedef unsigned long long ULONG_PTR, *PULONG_PTR;
typedef ULONG_PTR DWORD_PTR, *PDWORD_PTR;
typedef ULONG_PTR SIZE_T, *PSIZE_T;
typedef LONG_PTR SSIZE_T, *PSSIZE_T;

/* One bit for each processor of a group. */
typedef ULONG_PTR KAFFINITY, *PKAFFINITY;

#define MAXUINT8     ((UINT8) ~((UINT8)0))
#define MAXUINT16    ((UINT16) ~((UINT16)0))
#define MAXUINT32    ((UINT32) ~((UINT32)0))
#define MAXUINT64    ((UINT64) ~((UINT64)0))
#define MAXULONG32   MAXUINT32
#define MAXULONG64   MAXUINT64
#define MAXULONG_PTR (~((ULONG_PTR)0))
#define MAXLONG_PTR  ((LONG_PTR)(MAXULONG_PTR >> 1))
#define MAXSIZE_T    MAXULONG_PTR

#define PtrToUlong(pointer)   ((WDK_ULONG32)(ULONG_PTR)(pointer))
#define PtrToLong(pointer)    ((WDK_LONG32)(LONG_PTR)(pointer))
#define PtrToUshort(pointer)  ((unsigned short)(ULONG_PTR)(pointer))
#define HandleToUlong(handle) ((WDK_ULONG32)(ULONG_PTR)(handle))
#define HandleToLong(handle)  ((WDK_LONG32)(LONG_PTR)(handle))
#define HandleToULong         HandleToUlong
#define PtrToULong            PtrToUlong
#define UlongToPtr(value)     ((void *)(ULONG_PTR)(WDK_ULONG32)(value))
#define LongToPtr(value)      ((void *)(LONG_PTR)(WDK_LONG32)(value))
#define ULongToPtr            UlongToPtr
#define UlongToHandle(value)  ((void *)(ULONG_PTR)(WDK_ULONG32)(value))
#define LongToHandle(value)   ((void *)(LONG_PTR)(WDK_LONG32)(value))
#define ULongToHandle         UlongToHandle
#define Ptr32ToPtr(pointer)   ((void *)(ULONG_PTR)(pointer))

#endif

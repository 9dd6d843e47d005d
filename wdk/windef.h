/* The names that application code has for the basic types; some drivers use them too. */
#ifndef WDK_WINDEF_H
#define WDK_WINDEF_H

#include "ntdef.h"

typedef int BOOL, *PBOOL, *LPBOOL;
typedef unsigned char BYTE;
typedef BYTE *PBYTE, *LPBYTE;
typedef unsigned short WORD;
typedef WORD *PWORD, *LPWORD;
typedef WDK_ULONG32 DWORD;
typedef DWORD *PDWORD, *LPDWORD;
typedef void *LPVOID;
typedef const void *LPCVOID;

#ifndef WDK_HOST
#define LOBYTE(w) ((BYTE)((ULONG_PTR)(w)&0xff))
#define HIBYTE(w) ((BYTE)(((ULONG_PTR)(w) >> 8) & 0xff))
#define LOWORD(l) ((WORD)((ULONG_PTR)(l)&0xffff))
#define HIWORD(l) ((WORD)(((ULONG_PTR)(l) >> 16) & 0xffff))
#endif

#endif

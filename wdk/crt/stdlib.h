/* The part of the C library's general utilities that kernel code has. */
#ifndef WDK_CRT_STDLIB_H
#define WDK_CRT_STDLIB_H

#include "../base/compiler.h"
#include <stddef.h>

WDK_BEGIN_C

int __cdecl abs(int value);
int __cdecl atoi(const char *string);
long __cdecl atol(const char *string);
void *__cdecl bsearch(const void *key, const void *base, size_t count, size_t size,
                      int(__cdecl *compare)(const void *, const void *));
void __cdecl qsort(void *base, size_t count, size_t size,
                   int(__cdecl *compare)(const void *, const void *));
int __cdecl rand(void);
void __cdecl srand(unsigned int seed);
unsigned long __cdecl strtoul(const char *string, char **end, int base);
long __cdecl strtol(const char *string, char **end, int base);
__int64 __cdecl _atoi64(const char *string);
unsigned __int64 __cdecl _strtoui64(const char *string, char **end, int base);
__int64 __cdecl _strtoi64(const char *string, char **end, int base);
char *__cdecl _itoa(int value, char *buffer, int base);
char *__cdecl _ultoa(unsigned long value, char *buffer, int base);
wchar_t *__cdecl _itow(int value, wchar_t *buffer, int base);
unsigned long __cdecl wcstoul(const wchar_t *string, wchar_t **end, int base);
long __cdecl wcstol(const wchar_t *string, wchar_t **end, int base);
int __cdecl _wtoi(const wchar_t *string);
long __cdecl _wtol(const wchar_t *string);
size_t __cdecl mbstowcs(wchar_t *destination, const char *source, size_t count);
size_t __cdecl wcstombs(char *destination, const wchar_t *source, size_t count);

WDK_END_C

#define _countof(array)     (sizeof(array) / sizeof((array)[0]))
#define _MAX_PATH           260
#define _byteswap_ushort(x) __builtin_bswap16(x)
#define _byteswap_ulong(x)  __builtin_bswap32(x)
#define _byteswap_uint64(x) __builtin_bswap64(x)
#ifndef __cplusplus
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#endif

#endif

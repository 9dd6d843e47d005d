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

WDK_END_C

#endif

/*
 * The memory and string routines that the kernel exports to drivers. Only driver builds see this
 * folder: the host uses its own C library. The compiler may expand the calls inline.
 */
#ifndef WDK_CRT_STRING_H
#define WDK_CRT_STRING_H

#include "../base/compiler.h"
#include <stddef.h>

WDK_BEGIN_C

void *__cdecl memchr(const void *buffer, int value, size_t length);
int __cdecl memcmp(const void *first, const void *second, size_t length);
void *__cdecl memcpy(void *destination, const void *source, size_t length);
void *__cdecl memmove(void *destination, const void *source, size_t length);
void *__cdecl memset(void *destination, int value, size_t length);

char *__cdecl strcat(char *destination, const char *source);
char *__cdecl strchr(const char *string, int character);
int __cdecl strcmp(const char *first, const char *second);
char *__cdecl strcpy(char *destination, const char *source);
size_t __cdecl strlen(const char *string);
char *__cdecl strncat(char *destination, const char *source, size_t length);
int __cdecl strncmp(const char *first, const char *second, size_t length);
char *__cdecl strncpy(char *destination, const char *source, size_t length);
size_t __cdecl strnlen(const char *string, size_t length_max);
char *__cdecl strrchr(const char *string, int character);
size_t __cdecl strspn(const char *string, const char *accepted);
char *__cdecl strstr(const char *string, const char *part);
int __cdecl _stricmp(const char *first, const char *second);
int __cdecl _strnicmp(const char *first, const char *second, size_t length);
char *__cdecl _strlwr(char *string);
char *__cdecl _strupr(char *string);

wchar_t *__cdecl wcscat(wchar_t *destination, const wchar_t *source);
wchar_t *__cdecl wcschr(const wchar_t *string, wchar_t character);
int __cdecl wcscmp(const wchar_t *first, const wchar_t *second);
wchar_t *__cdecl wcscpy(wchar_t *destination, const wchar_t *source);
size_t __cdecl wcslen(const wchar_t *string);
wchar_t *__cdecl wcsncat(wchar_t *destination, const wchar_t *source, size_t length);
int __cdecl wcsncmp(const wchar_t *first, const wchar_t *second, size_t length);
wchar_t *__cdecl wcsncpy(wchar_t *destination, const wchar_t *source, size_t length);
size_t __cdecl wcsnlen(const wchar_t *string, size_t length_max);
wchar_t *__cdecl wcsrchr(const wchar_t *string, wchar_t character);
wchar_t *__cdecl wcsstr(const wchar_t *string, const wchar_t *part);
int __cdecl _wcsicmp(const wchar_t *first, const wchar_t *second);
int __cdecl _wcsnicmp(const wchar_t *first, const wchar_t *second, size_t length);

/* With the size of the destination. They return 0, or a value of errno.h with an empty result. */
int __cdecl memcpy_s(void *destination, size_t size, const void *source, size_t length);
int __cdecl memmove_s(void *destination, size_t size, const void *source, size_t length);
int __cdecl strcat_s(char *destination, size_t size, const char *source);
int __cdecl strcpy_s(char *destination, size_t size, const char *source);
int __cdecl strncat_s(char *destination, size_t size, const char *source, size_t length);
int __cdecl strncpy_s(char *destination, size_t size, const char *source, size_t length);
char *__cdecl strtok_s(char *string, const char *separators, char **rest);
int __cdecl wcscat_s(wchar_t *destination, size_t size, const wchar_t *source);
int __cdecl wcscpy_s(wchar_t *destination, size_t size, const wchar_t *source);
int __cdecl wcsncat_s(wchar_t *destination, size_t size, const wchar_t *source, size_t length);
int __cdecl wcsncpy_s(wchar_t *destination, size_t size, const wchar_t *source, size_t length);
#define _TRUNCATE ((size_t)-1)

size_t __cdecl strcspn(const char *string, const char *rejected);
char *__cdecl strpbrk(const char *string, const char *accepted);
char *__cdecl _strrev(char *string);
char *__cdecl _strset(char *string, int value);
size_t __cdecl wcsspn(const wchar_t *string, const wchar_t *accepted);
size_t __cdecl wcscspn(const wchar_t *string, const wchar_t *rejected);
wchar_t *__cdecl _wcslwr(wchar_t *string);
wchar_t *__cdecl _wcsupr(wchar_t *string);
wchar_t *__cdecl _wcsrev(wchar_t *string);

WDK_END_C

#ifndef _ERRNO_T_DEFINED
#define _ERRNO_T_DEFINED
typedef int errno_t;
#endif
#ifndef _RSIZE_T_DEFINED
#define _RSIZE_T_DEFINED
typedef size_t rsize_t;
#endif

#endif

/* Formatting into buffers: all of stdio.h that kernel code has. */
#ifndef WDK_CRT_STDIO_H
#define WDK_CRT_STDIO_H

#include "../base/compiler.h"
#include <stdarg.h>
#include <stddef.h>

WDK_BEGIN_C

int __cdecl sprintf(char *buffer, const char *format, ...);
int __cdecl vsprintf(char *buffer, const char *format, va_list arguments);
int __cdecl _snprintf(char *buffer, size_t count, const char *format, ...);
int __cdecl _vsnprintf(char *buffer, size_t count, const char *format, va_list arguments);
int __cdecl snprintf(char *buffer, size_t count, const char *format, ...);
int __cdecl vsnprintf(char *buffer, size_t count, const char *format, va_list arguments);
int __cdecl swprintf(wchar_t *buffer, const wchar_t *format, ...);
int __cdecl _snwprintf(wchar_t *buffer, size_t count, const wchar_t *format, ...);
int __cdecl _vsnwprintf(wchar_t *buffer, size_t count, const wchar_t *format, va_list arguments);
int __cdecl sscanf(const char *buffer, const char *format, ...);
int __cdecl sscanf_s(const char *buffer, const char *format, ...);

int __cdecl _vscprintf(const char *format, va_list arguments);
int __cdecl vswprintf(wchar_t *buffer, const wchar_t *format, va_list arguments);
int __cdecl sprintf_s(char *buffer, size_t size, const char *format, ...);
int __cdecl vsprintf_s(char *buffer, size_t size, const char *format, va_list arguments);
int __cdecl _snprintf_s(char *buffer, size_t size, size_t count, const char *format, ...);
int __cdecl _vsnprintf_s(char *buffer, size_t size, size_t count, const char *format,
                         va_list arguments);
int __cdecl swprintf_s(wchar_t *buffer, size_t size, const wchar_t *format, ...);
int __cdecl _snwprintf_s(wchar_t *buffer, size_t size, size_t count, const wchar_t *format, ...);
int __cdecl _vsnwprintf_s(wchar_t *buffer, size_t size, size_t count, const wchar_t *format,
                          va_list arguments);

WDK_END_C

#endif

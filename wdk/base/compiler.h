/*
 * What differs between the compilers that read these headers.
 *
 * Three compilations share one set of declarations:
 *   a driver as an ELF module   clang --target=x86_64-pc-windows-msvc-elf
 *   a driver as a Windows image clang --target=x86_64-pc-windows-msvc
 *   the host on Linux           GCC or Clang, x86_64-linux-gnu, with WDK_HOST defined
 *
 * The rule: whatever a driver can see has Microsoft's size, layout and calling convention in all
 * three. On the Windows targets that is the compiler's default, on the host it takes attributes,
 * and those attributes are spelled here and nowhere else.
 */
#ifndef WDK_BASE_COMPILER_H
#define WDK_BASE_COMPILER_H

#if !defined(__x86_64__) && !defined(_M_AMD64)
#error "These headers describe the x86-64 interface only: build for x86_64."
#endif

#ifndef _AMD64_
#define _AMD64_ 1
#endif

/* The version of Windows whose interface is declared; wrappers newer than this return a failure. */
#include "../sdkddkver.h"

/*
 * WDK_ABI belongs in every function type and prototype that crosses between driver and host.
 * A pointer to it: `VOID(WDK_ABI *Routine)(PVOID)`.
 */
#ifdef _WIN32
#define WDK_ABI
#else
#define WDK_ABI __attribute__((ms_abi))
#endif

#define NTAPI    WDK_ABI
#define FASTCALL WDK_ABI
#define CALLBACK WDK_ABI

/* The va_list of a routine with Microsoft's calling convention: a plain pointer into the stack. */
#ifdef _WIN32
typedef __builtin_va_list WDK_VA_LIST;
#define WDK_VA_START(list, last) __builtin_va_start(list, last)
#define WDK_VA_ARG(list, type)   __builtin_va_arg(list, type)
#define WDK_VA_END(list)         __builtin_va_end(list)
#else
typedef __builtin_ms_va_list WDK_VA_LIST;
#define WDK_VA_START(list, last) __builtin_ms_va_start(list, last)
#define WDK_VA_ARG(list, type)   __builtin_va_arg(list, type)
#define WDK_VA_END(list)         __builtin_ms_va_end(list)
#endif

/* Imports go through the import table of a Windows image; the linker of an ELF module needs none.
 */
#if defined(_WIN32) && !defined(__ELF__)
#define DECLSPEC_IMPORT __declspec(dllimport)
#else
#define DECLSPEC_IMPORT
#endif

#ifdef _WIN32
#define DECLSPEC_ALIGN(n)  __declspec(align(n))
#define DECLSPEC_NORETURN  __declspec(noreturn)
#define DECLSPEC_NOINLINE  __declspec(noinline)
#define DECLSPEC_SELECTANY __declspec(selectany)
#define FORCEINLINE        static __forceinline
#define WDK_MS_STRUCT
#else
#define DECLSPEC_ALIGN(n)  __attribute__((aligned(n)))
#define DECLSPEC_NORETURN  __attribute__((noreturn))
#define DECLSPEC_NOINLINE  __attribute__((noinline))
#define DECLSPEC_SELECTANY __attribute__((weak))
#define FORCEINLINE        static inline __attribute__((always_inline, unused))
#define WDK_MS_STRUCT      __attribute__((ms_struct))
#endif

#define DECLSPEC_CACHEALIGN DECLSPEC_ALIGN(64)
#define DECLSPEC_DEPRECATED
#define DECLSPEC_DEPRECATED_DDK
#define DECLSPEC_UUID(x)
#define DECLSPEC_NOVTABLE

/* Inline functions of these headers are internal to each file that includes them. */
#define CFORCEINLINE FORCEINLINE
#define NTKERNELAPI  DECLSPEC_IMPORT
#define NTSYSAPI     DECLSPEC_IMPORT
#define NTHALAPI     DECLSPEC_IMPORT
#define NTSYSCALLAPI DECLSPEC_IMPORT

#ifdef __cplusplus
#define EXTERN_C    extern "C"
#define WDK_BEGIN_C extern "C" {
#define WDK_END_C   }
#else
#define EXTERN_C extern
#define WDK_BEGIN_C
#define WDK_END_C
#endif
/* What drivers in C++ put around headers in C. */
#define EXTERN_C_START WDK_BEGIN_C
#define EXTERN_C_END   WDK_END_C

/* How the C library's headers spell its calling convention, which drivers copy. */
#if !defined(WDK_HOST) && !defined(__CRTDECL)
#define __CRTDECL __cdecl
#endif
#define __CLRCALL_OR_CDECL __cdecl
#define _CRTIMP

/* Words of Microsoft's language that the host's compilers do not know. */
#ifndef _WIN32
#ifndef __cdecl
#define __cdecl
#endif
#ifndef __stdcall
#define __stdcall
#endif
#ifndef __fastcall
#define __fastcall
#endif
#ifndef __forceinline
#define __forceinline inline __attribute__((always_inline))
#endif
#ifndef __int64
#define __int64 long long
#endif
#endif

#define UNALIGNED
#define RESTRICTED_POINTER __restrict

/* Small members that the x64 interface pads to a pointer. */
#define POINTER_ALIGNMENT     DECLSPEC_ALIGN(8)
#define PROBE_ALIGNMENT(type) __alignof__(type)
#define TYPE_ALIGNMENT(type)  __alignof__(type)

#endif

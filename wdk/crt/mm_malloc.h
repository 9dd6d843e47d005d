/* The compiler's vector headers want allocation, which kernel code has other routines for. */
#ifndef WDK_CRT_MM_MALLOC_H
#define WDK_CRT_MM_MALLOC_H
#define __MM_MALLOC_H
#endif

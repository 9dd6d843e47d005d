/*
 * The cookie that a checked function keeps in its frame and compares before it returns.
 */
#ifndef WDK_LIBRARY_SECURITY_COOKIE_H
#define WDK_LIBRARY_SECURITY_COOKIE_H

#include "../../ntddk.h"

/* What a loader replaces, by the load configuration, before it calls the entry point. */
#define SECURITY_COOKIE_DEFAULT 0x00002B992DDFA232ULL
/* The upper 16 bits are zero, which a string cannot write over them. */
#define SECURITY_COOKIE_BITS 0x0000FFFFFFFFFFFFULL

extern ULONG_PTR __security_cookie;
extern ULONG_PTR __security_cookie_complement;

/* Gives the cookie a value of its own if the loader did not. Before anything else. */
VOID __security_init_cookie(VOID);

#endif

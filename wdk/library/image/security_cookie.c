/*
 * security_cookie.c - the cookie of checked stack frames.
 */
#include "security_cookie.h"

#include <intrin.h>

/* Compilers call it by this name at the end of a checked function. */
VOID __security_check_cookie(ULONG_PTR Cookie);
DECLSPEC_NORETURN VOID __report_gsfailure(ULONG_PTR Cookie);

ULONG_PTR __security_cookie = SECURITY_COOKIE_DEFAULT;
ULONG_PTR __security_cookie_complement = ~SECURITY_COOKIE_DEFAULT;

VOID __security_init_cookie(VOID)
{
    ULONG_PTR cookie = __security_cookie;

    if (!cookie || cookie == SECURITY_COOKIE_DEFAULT) {
        cookie = (__rdtsc() ^ (ULONG_PTR)&__security_cookie) & SECURITY_COOKIE_BITS;
        if (cookie == SECURITY_COOKIE_DEFAULT || !cookie)
            cookie = SECURITY_COOKIE_DEFAULT + 1;
        __security_cookie = cookie;
    }
    __security_cookie_complement = ~cookie;
}

VOID __report_gsfailure(ULONG_PTR Cookie)
{
    (VOID) Cookie;
    __fastfail(2); /* FAST_FAIL_STACK_COOKIE_CHECK_FAILURE */
}

VOID __security_check_cookie(ULONG_PTR Cookie)
{
    if (__builtin_expect(Cookie != __security_cookie || (Cookie & ~SECURITY_COOKIE_BITS), 0))
        __report_gsfailure(Cookie);
}

/* Assertions: in a checked build they report through the kernel, otherwise they are nothing. */
#ifndef WDK_CRT_ASSERT_H
#define WDK_CRT_ASSERT_H

#include "../base/compiler.h"

#if defined(DBG) && DBG
WDK_BEGIN_C
void RtlAssert(void *FailedAssertion, void *FileName, unsigned long LineNumber, char *Message);
WDK_END_C
#define assert(expression)                                                                         \
    ((expression) ? (void)0 : RtlAssert((void *)#expression, (void *)__FILE__, __LINE__, (char *)0))
#else
#define assert(expression) ((void)0)
#endif

#ifndef __cplusplus
#define static_assert _Static_assert
#endif

#endif

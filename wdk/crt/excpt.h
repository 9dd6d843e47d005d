/*
 * Structured exceptions. A driver that uses them is built as a Windows image: in an ELF module the
 * handlers would be lost.
 */
#ifndef WDK_CRT_EXCPT_H
#define WDK_CRT_EXCPT_H

#include "../base/compiler.h"

#define EXCEPTION_EXECUTE_HANDLER    1
#define EXCEPTION_CONTINUE_SEARCH    0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

WDK_BEGIN_C
unsigned long __cdecl _exception_code(void);
void *__cdecl _exception_info(void);
int __cdecl _abnormal_termination(void);
WDK_END_C

#define GetExceptionCode        _exception_code
#define exception_code          _exception_code
#define GetExceptionInformation (struct _EXCEPTION_POINTERS *)_exception_info
#define AbnormalTermination     _abnormal_termination

#ifndef __cplusplus
#define try     __try
#define except  __except
#define finally __finally
#define leave   __leave
#endif

#endif

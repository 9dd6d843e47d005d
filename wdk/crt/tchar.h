/* Text of the width that UNICODE asks for. */
#ifndef WDK_CRT_TCHAR_H
#define WDK_CRT_TCHAR_H

#include "string.h"

#if defined(UNICODE) || defined(_UNICODE)
typedef wchar_t TCHAR, *PTCHAR;
#define _TEXT_(x) L##x
#define _tcslen   wcslen
#define _tcscmp   wcscmp
#define _tcscpy   wcscpy
#else
typedef char TCHAR, *PTCHAR;
#define _TEXT_(x) x
#define _tcslen   strlen
#define _tcscmp   strcmp
#define _tcscpy   strcpy
#endif
#define _T(x) _TEXT_(x)
#ifndef TEXT
#define TEXT(x) _TEXT_(x)
#endif
#define _TEXT(x) _TEXT_(x)

#endif

/* Wide strings: see string.h, which declares them. */
#ifndef WDK_CRT_WCHAR_H
#define WDK_CRT_WCHAR_H

#include "string.h"

#endif

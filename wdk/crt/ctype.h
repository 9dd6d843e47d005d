/* Classes of characters, in the C locale. */
#ifndef WDK_CRT_CTYPE_H
#define WDK_CRT_CTYPE_H

#include "../base/compiler.h"

WDK_BEGIN_C

int __cdecl isalpha(int character);
int __cdecl isdigit(int character);
int __cdecl islower(int character);
int __cdecl isprint(int character);
int __cdecl isspace(int character);
int __cdecl isupper(int character);
int __cdecl isxdigit(int character);
int __cdecl tolower(int character);
int __cdecl toupper(int character);

WDK_END_C

#endif

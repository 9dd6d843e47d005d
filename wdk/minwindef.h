/* The names that application code has for the basic types. */
#ifndef WDK_MINWINDEF_H
#define WDK_MINWINDEF_H

#include "windef.h"

#endif

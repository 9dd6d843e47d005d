/* The kernel's interface for drivers of devices: that of wdm.h and what few drivers need besides. */
#ifndef WDK_NTDDK_H
#define WDK_NTDDK_H
#define _NTDDK_

#include "wdm.h"

#endif

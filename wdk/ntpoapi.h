/* Power management, which is part of wdm.h. */
#ifndef WDK_NTPOAPI_H
#define WDK_NTPOAPI_H

#include "kernel/power.h"

#endif

/* The kernel's interface for drivers, as far as a storage miniport sees it. */
#ifndef WDK_WDM_H
#define WDK_WDM_H

#include "devioctl.h"
#include "driverspecs.h"
#include "kernel/interlocked.h"
#include "kernel/memory.h"
#include "kernel/objects.h"
#include "kernel/processors.h"
#include "kernel/registers.h"
#include "kernel/resources.h"
#include "ntdef.h"

#endif

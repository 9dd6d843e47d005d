/*
 * The kernel's interface for drivers, as far as a storage miniport sees it. The parts are in
 * kernel/, one file a subject.
 */
#ifndef WDK_WDM_H
#define WDK_WDM_H
#define _WDMDDK_
#define _NTDDK_WDM_

#include "devioctl.h"
#include "driverspecs.h"
#include "kernel/debug.h"
#include "kernel/dma.h"
#include "kernel/ex.h"
#include "kernel/file.h"
#include "kernel/interlocked.h"
#include "kernel/io.h"
#include "kernel/io_routines.h"
#include "kernel/irp.h"
#include "kernel/ke.h"
#include "kernel/memory.h"
#include "kernel/mm.h"
#include "kernel/notifications.h"
#include "kernel/objects.h"
#include "kernel/pci.h"
#include "kernel/power.h"
#include "kernel/processors.h"
#include "kernel/registers.h"
#include "kernel/registry.h"
#include "kernel/resources.h"
#include "kernel/rtl.h"
#include "kernel/zw.h"
#include "ntdef.h"
#include "ntstatus.h"

#endif

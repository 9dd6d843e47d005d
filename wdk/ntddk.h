/*
 * The kernel's interface for drivers of devices: that of wdm.h, and the parts that fewer drivers
 * need.
 */
#ifndef WDK_NTDDK_H
#define WDK_NTDDK_H
#define _NTDDK_

#include "kernel/pci_express.h"
#include "wdm.h"

#endif

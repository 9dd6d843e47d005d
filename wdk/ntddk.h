/*
 * The kernel's interface for drivers of devices: that of wdm.h, and the parts that fewer drivers
 * need.
 */
#ifndef WDK_NTDDK_H
#define WDK_NTDDK_H
#define _NTDDK_

#include "kernel/exceptions.h"
#include "kernel/pci_express.h"
#include "kernel/shared_data.h"
#include "kernel/tables.h"
#include "wdm.h"

#endif

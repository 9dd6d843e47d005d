/*
 * The basic types of miniports that do not include ntddk.h. Here both give the same declarations.
 */
#ifndef WDK_MINIPORT_H
#define WDK_MINIPORT_H
#define _MINIPORT_

#include "kernel/pci_express.h"
#include "wdm.h"

#endif

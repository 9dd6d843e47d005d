/* Software tracing of storage drivers; see stortrce.h for what a miniport passes to it. */
#ifndef WDK_STORSWTR_H
#define WDK_STORSWTR_H

#include "stortrce.h"

#endif

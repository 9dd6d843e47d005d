/* Annotations about IRQL and kernel objects, which are all in driverspecs.h. */
#ifndef WDK_KERNELSPECS_H
#define WDK_KERNELSPECS_H

#include "driverspecs.h"

#endif

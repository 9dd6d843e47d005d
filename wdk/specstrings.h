/* The annotations of sal.h and driverspecs.h under the name that older source includes. */
#ifndef WDK_SPECSTRINGS_H
#define WDK_SPECSTRINGS_H

#include "driverspecs.h"
#include "sal.h"

#endif

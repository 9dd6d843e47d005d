/* Memory routines: see string.h, which declares them. */
#ifndef WDK_CRT_MEMORY_H
#define WDK_CRT_MEMORY_H

#include "string.h"

#endif

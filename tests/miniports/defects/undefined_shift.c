/*
 * Planted: shifts a 32-bit number by more than its width, which C leaves undefined.
 */
#include "defects.h"

VOID PlantUndefinedShift(DEFECTS_ADAPTER *Adapter)
{
    volatile ULONG Distance = 40;

    Adapter->ShiftResult = 1UL << Distance; /* the defect */
}

/*
 * Planted: HwStartIo and the interrupt routine count in one variable without a lock. In full duplex
 * only the interrupt lock would keep them apart, and HwStartIo does not take it.
 */
#include "defects.h"

#include "../../../miniports/null-physical/scratch_device.h"

#define COUNTS_PER_REQUEST 64

VOID PlantDataRace(DEFECTS_ADAPTER *Adapter)
{
    ULONG Messages = Adapter->MessageCount != 0 ? Adapter->MessageCount : 1;
    ULONG Index;

    /* All messages, since the one for this processor cannot run at the same time as this code. */
    for (Index = 0; Index < Messages; Index++) {
        WriteRegister(Adapter, SCRATCH_DOORBELL, Index);
    }
    for (Index = 0; Index < COUNTS_PER_REQUEST; Index++) {
        Adapter->Events++; /* the defect, one half */
        KeMemoryBarrier(); /* keeps the compiler from counting once for the whole loop */
    }
}

VOID CountInterrupt(DEFECTS_ADAPTER *Adapter)
{
    Adapter->Events++; /* the defect, the other half */
}

/*
 * Planted: writes one byte past the end of a block of pool. The address sanitizer, or the host's
 * red zones when the block is freed, must name this line or this block.
 */
#include "defects.h"

#define BLOCK_BYTES 64UL

VOID PlantPoolOverflow(DEFECTS_ADAPTER *Adapter)
{
    PVOID Block = NULL;

    if (StorPortAllocatePool(Adapter, BLOCK_BYTES, DEFECTS_TAG, &Block) != STOR_STATUS_SUCCESS) {
        return;
    }
    ((volatile UCHAR *)Block)[BLOCK_BYTES] = 0x5A; /* the defect */
    StorPortFreePool(Adapter, Block);
}

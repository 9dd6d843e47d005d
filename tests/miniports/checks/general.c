/*
 * Checks of the general support routines.
 */
#include "check.h"

/* The framework learns the IRQL by this routine; the processor knows better. */
CHECK(StorPortGetCurrentIrql, EVERYWHERE)
{
    KIRQL Irql = 0xFF;

    EXPECT_STATUS(StorPortGetCurrentIrql(Context->Extension, &Irql), STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Irql, KeGetCurrentIrql());
    EXPECT_STATUS(StorPortGetCurrentIrql(Context->Extension, NULL), STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortGetCurrentIrql(NULL, &Irql), STOR_STATUS_INVALID_PARAMETER);
}

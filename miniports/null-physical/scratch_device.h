/*
 * The scratch PCI function: a device that stores nothing and raises an interrupt when its doorbell
 * is rung.
 *
 * These are the facts of the device as a driver sees them; the host's model of it (`model:scratch`)
 * has the same map. BAR 0 is 4 KiB of memory; its registers are 32 bits wide and accessed as such.
 */
#pragma once

#define SCRATCH_VENDOR_ID 0x5348
#define SCRATCH_DEVICE_ID 0x0001

#define SCRATCH_BAR_LENGTH 0x1000

#define SCRATCH_ID               0x00 /* reads SCRATCH_ID_VALUE */
#define SCRATCH_SCRATCH          0x04 /* reads what was written last */
#define SCRATCH_INTERRUPT_STATUS 0x08 /* bit n: cause n is pending; writing a 1 clears it */
#define SCRATCH_INTERRUPT_MASK                                                                     \
    0x0C                      /* bit n: cause n raises no interrupt; all ones after a reset        \
                               */
#define SCRATCH_DOORBELL 0x10 /* writing n < 32 makes cause n pending, and sends message n */

#define SCRATCH_ID_VALUE 0x48435353 /* "SSCH" in memory */
#define SCRATCH_CAUSES   32

/*
 * scratch_registers.h - the register map of the scratch PCI function. README.md explains it.
 *
 * Drivers have their own copy of the map in miniports/null-physical/scratch_device.h, as a driver
 * has one of its device's manual; a unit test holds the two together.
 */
#ifndef STORHOST_BUS_MODEL_SCRATCH_REGISTERS_H
#define STORHOST_BUS_MODEL_SCRATCH_REGISTERS_H

#define SCRATCH_MODEL_VENDOR_ID 0x5348
#define SCRATCH_MODEL_DEVICE_ID 0x0001

enum {
    SCRATCH_REGISTER_BAR = 0,
    SCRATCH_TABLE_BAR = 2, /* MSI-X table and pending bits */
    SCRATCH_PORT_BAR = 4,  /* SCRATCH and STREAM as I/O ports */
    SCRATCH_BAR_SIZE = 0x1000,
    SCRATCH_PORTS = 0x40,
    SCRATCH_PENDING_BITS_OFFSET = 0x800,
    SCRATCH_VECTORS_MAX = 32,
};

enum scratch_register {
    SCRATCH_REGISTER_ID = 0x00,
    SCRATCH_REGISTER_SCRATCH = 0x04,
    SCRATCH_REGISTER_INTERRUPT_STATUS = 0x08,
    SCRATCH_REGISTER_INTERRUPT_MASK = 0x0C,
    SCRATCH_REGISTER_DOORBELL = 0x10,
    SCRATCH_REGISTER_DMA_ADDRESS_LOW = 0x14,
    SCRATCH_REGISTER_DMA_ADDRESS_HIGH = 0x18,
    SCRATCH_REGISTER_DMA_LENGTH = 0x1C,
    SCRATCH_REGISTER_DMA_COMMAND = 0x20,
    SCRATCH_REGISTER_DMA_STATUS = 0x24,
    SCRATCH_REGISTER_REMOVE = 0x28,
    SCRATCH_REGISTER_STREAM = 0x2C, /* a port only */
};

#define SCRATCH_REGISTER_ID_VALUE 0x48435353u
#define SCRATCH_REMOVE_KEY        0x44414544u

enum scratch_dma_command {
    SCRATCH_DMA_FILL = 1, /* memory becomes the low byte of SCRATCH */
    SCRATCH_DMA_SUM = 2,  /* SCRATCH becomes the sum of the memory's bytes, modulo 2^32 */
};

enum scratch_dma_status {
    SCRATCH_DMA_DONE = 0,
    SCRATCH_DMA_BAD_ADDRESS = 1, /* memory that the device cannot see; nothing was done */
    SCRATCH_DMA_BAD_COMMAND = 2,
    SCRATCH_DMA_NOT_MASTER = 3, /* bus mastering is off in the command register */
};

#endif

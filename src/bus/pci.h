/*
 * pci.h - offsets of PCI configuration space that several rooms need.
 */
#ifndef STORHOST_BUS_PCI_H
#define STORHOST_BUS_PCI_H

enum bus_pci_offset {
    BUS_PCI_VENDOR = 0x00,
    BUS_PCI_DEVICE = 0x02,
    BUS_PCI_COMMAND = 0x04,
    BUS_PCI_STATUS = 0x06,
    BUS_PCI_CLASS = 0x08,
    BUS_PCI_HEADER_TYPE = 0x0E,
    BUS_PCI_BAR = 0x10,
    BUS_PCI_SUBSYSTEM = 0x2C,
    BUS_PCI_CAPABILITIES = 0x34,
    BUS_PCI_INTERRUPT_LINE = 0x3C,
    BUS_PCI_INTERRUPT_PIN = 0x3D,
};

enum bus_pci_command {
    BUS_PCI_COMMAND_IO = 1u << 0,
    BUS_PCI_COMMAND_MEMORY = 1u << 1,
    BUS_PCI_COMMAND_MASTER = 1u << 2,
    BUS_PCI_COMMAND_INTX_DISABLE = 1u << 10,
};

enum bus_pci_capability {
    BUS_PCI_CAPABILITY_POWER = 0x01,
    BUS_PCI_CAPABILITY_MSI = 0x05,
    BUS_PCI_CAPABILITY_EXPRESS = 0x10,
    BUS_PCI_CAPABILITY_MSIX = 0x11,
    BUS_PCI_CAPABILITY_FEATURES = 0x13, /* of conventional functions: a reset */
};

enum { BUS_PCI_FEATURES_RESET = 1 << 1 };

enum { BUS_PCI_STATUS_CAPABILITIES = 1 << 4 };

/* Offsets in the capability, and what its control word says. */
enum bus_pci_msi {
    BUS_PCI_MSI_CONTROL = 2,
    BUS_PCI_MSI_CONTROL_ENABLE = 1 << 0,
    BUS_PCI_MSI_CONTROL_CAPABLE_SHIFT = 1, /* log2 of the messages that there are */
    BUS_PCI_MSI_CONTROL_COUNT_SHIFT = 4,   /* log2 of those granted */
    BUS_PCI_MSI_CONTROL_COUNT_MASK = 7 << 4,
    BUS_PCI_MSI_CONTROL_64BIT = 1 << 7,
    BUS_PCI_MSI_CONTROL_MASKABLE = 1 << 8,
    BUS_PCI_MSI_ADDRESS = 4,
    BUS_PCI_MSI_ADDRESS_HIGH = 8, /* with CONTROL_64BIT; the rest then lies 4 bytes higher */
    BUS_PCI_MSI_DATA = 8,
    BUS_PCI_MSI_MASK = 12,
};

enum bus_pci_msix {
    BUS_PCI_MSIX_CONTROL = 2,
    BUS_PCI_MSIX_CONTROL_SIZE_MASK = 0x7ff,
    BUS_PCI_MSIX_CONTROL_MASK_ALL = 1 << 14,
    BUS_PCI_MSIX_CONTROL_ENABLE = 1 << 15,
    BUS_PCI_MSIX_TABLE = 4,
    BUS_PCI_MSIX_PENDING = 8,
    BUS_PCI_MSIX_ENTRY_SIZE = 16,
    BUS_PCI_MSIX_ENTRY_ADDRESS = 0,
    BUS_PCI_MSIX_ENTRY_ADDRESS_HIGH = 4,
    BUS_PCI_MSIX_ENTRY_DATA = 8,
    BUS_PCI_MSIX_ENTRY_CONTROL = 12,
    BUS_PCI_MSIX_ENTRY_MASKED = 1,
};

#endif

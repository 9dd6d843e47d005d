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
};

#endif

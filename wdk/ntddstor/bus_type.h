/*
 * The kinds of bus, protocol and request block that storage drivers tell each other about.
 */
#ifndef WDK_NTDDSTOR_BUS_TYPE_H
#define WDK_NTDDSTOR_BUS_TYPE_H

#include "../ntdef.h"

/* How a device is connected. A miniport's INF gives it as the registry value BusType. */
typedef enum _STORAGE_BUS_TYPE {
    BusTypeUnknown = 0x00,
    BusTypeScsi = 0x01,
    BusTypeAtapi = 0x02,
    BusTypeAta = 0x03,
    BusType1394 = 0x04,
    BusTypeSsa = 0x05,
    BusTypeFibre = 0x06,
    BusTypeUsb = 0x07,
    BusTypeRAID = 0x08,
    BusTypeiScsi = 0x09,
    BusTypeSas = 0x0A,
    BusTypeSata = 0x0B,
    BusTypeSd = 0x0C,
    BusTypeMmc = 0x0D,
    BusTypeVirtual = 0x0E,
    BusTypeFileBackedVirtual = 0x0F,
    BusTypeSpaces = 0x10,
    BusTypeNvme = 0x11,
    BusTypeSCM = 0x12,
    BusTypeUfs = 0x13,
    BusTypeMax = 0x14,
    BusTypeMaxReserved = 0x7F
} STORAGE_BUS_TYPE;
typedef STORAGE_BUS_TYPE *PSTORAGE_BUS_TYPE;

/* Which commands a device understands. */
typedef enum _STORAGE_PROTOCOL_TYPE {
    ProtocolTypeUnknown = 0x00,
    ProtocolTypeScsi = 0x01,
    ProtocolTypeAta = 0x02,
    ProtocolTypeNvme = 0x03,
    ProtocolTypeSd = 0x04,
    ProtocolTypeUfs = 0x05,
    ProtocolTypeProprietary = 0x7E,
    ProtocolTypeMaxReserved = 0x7F
} STORAGE_PROTOCOL_TYPE;
typedef STORAGE_PROTOCOL_TYPE *PSTORAGE_PROTOCOL_TYPE;

/* Which request block a port driver sends (STORAGE_ADAPTER_DESCRIPTOR.SrbType). */
#ifndef SRB_TYPE_SCSI_REQUEST_BLOCK
#define SRB_TYPE_SCSI_REQUEST_BLOCK    0x00
#define SRB_TYPE_STORAGE_REQUEST_BLOCK 0x01
#endif

/* How it addresses logical units (STORAGE_ADAPTER_DESCRIPTOR.AddressType). */
#ifndef STORAGE_ADDRESS_TYPE_BTL8
#define STORAGE_ADDRESS_TYPE_BTL8 0x00
#endif

#endif /* WDK_NTDDSTOR_BUS_TYPE_H */

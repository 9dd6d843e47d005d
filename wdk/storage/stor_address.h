/*
 * Addresses of storage units: port, and bus, target and logical unit behind it.
 */
#ifndef WDK_STORAGE_STOR_ADDRESS_H
#define WDK_STORAGE_STOR_ADDRESS_H

#include "../ntdef.h"

#define STOR_ADDRESS_ALIGN DECLSPEC_ALIGN(8)

#define STOR_ADDRESS_TYPE_UNKNOWN     0x00
#define STOR_ADDRESS_TYPE_BTL8        0x01
#define STOR_ADDRESS_TYPE_MAX         0xFFFF
#define STOR_ADDR_BTL8_ADDRESS_LENGTH 0x04

/* The common form: the type says how AddressData reads. */
typedef struct STOR_ADDRESS_ALIGN _STOR_ADDRESS {
    USHORT Type;
    USHORT Port;
    ULONG AddressLength;
    UCHAR AddressData[1];
} STOR_ADDRESS, *PSTOR_ADDRESS;

/* Bus, target and logical unit of eight bits each. */
typedef struct STOR_ADDRESS_ALIGN _STOR_ADDR_BTL8 {
    USHORT Type;
    USHORT Port;
    ULONG AddressLength;
    UCHAR Path;
    UCHAR Target;
    UCHAR Lun;
    UCHAR Reserved;
} STOR_ADDR_BTL8, *PSTOR_ADDR_BTL8;

#endif

/*
 * I/O control codes: how they are built, and the device types they begin with.
 */
#ifndef WDK_DEVIOCTL_H
#define WDK_DEVIOCTL_H
#define _DEVIOCTL_

#include "ntdef.h"

typedef ULONG DEVICE_TYPE;

/* A code is (device type, function, how buffers are passed, access the caller needs). */
#define CTL_CODE(type, function, method, access)                                                   \
    (((type)*0x10000u) | ((access)*0x4000u) | ((function) << 2) | (method))
#define DEVICE_TYPE_FROM_CTL_CODE(code) (((ULONG)((code)&0xffff0000)) >> 16)
#define METHOD_FROM_CTL_CODE(code)      ((ULONG)((code)&3))

#define METHOD_BUFFERED             0x00
#define METHOD_IN_DIRECT            0x01
#define METHOD_DIRECT_TO_HARDWARE   0x01
#define METHOD_OUT_DIRECT           0x02
#define METHOD_DIRECT_FROM_HARDWARE 0x02
#define METHOD_NEITHER              0x03
#define FILE_ANY_ACCESS             0x00
#define FILE_SPECIAL_ACCESS         0x00
#define FILE_READ_ACCESS            0x01
#define FILE_WRITE_ACCESS           0x02

/* Device types. */
#define FILE_DEVICE_BEEP                0x01
#define FILE_DEVICE_CD_ROM              0x02
#define FILE_DEVICE_CD_ROM_FILE_SYSTEM  0x03
#define FILE_DEVICE_CONTROLLER          0x04
#define FILE_DEVICE_DATALINK            0x05
#define FILE_DEVICE_DFS                 0x06
#define FILE_DEVICE_DISK                0x07
#define FILE_DEVICE_DISK_FILE_SYSTEM    0x08
#define FILE_DEVICE_FILE_SYSTEM         0x09
#define FILE_DEVICE_INPORT_PORT         0x0A
#define FILE_DEVICE_KEYBOARD            0x0B
#define FILE_DEVICE_MAILSLOT            0x0C
#define FILE_DEVICE_MIDI_IN             0x0D
#define FILE_DEVICE_MIDI_OUT            0x0E
#define FILE_DEVICE_MOUSE               0x0F
#define FILE_DEVICE_MULTI_UNC_PROVIDER  0x10
#define FILE_DEVICE_NAMED_PIPE          0x11
#define FILE_DEVICE_NETWORK             0x12
#define FILE_DEVICE_NETWORK_BROWSER     0x13
#define FILE_DEVICE_NETWORK_FILE_SYSTEM 0x14
#define FILE_DEVICE_NULL                0x15
#define FILE_DEVICE_PARALLEL_PORT       0x16
#define FILE_DEVICE_PHYSICAL_NETCARD    0x17
#define FILE_DEVICE_PRINTER             0x18
#define FILE_DEVICE_SCANNER             0x19
#define FILE_DEVICE_SERIAL_MOUSE_PORT   0x1A
#define FILE_DEVICE_SERIAL_PORT         0x1B
#define FILE_DEVICE_SCREEN              0x1C
#define FILE_DEVICE_SOUND               0x1D
#define FILE_DEVICE_STREAMS             0x1E
#define FILE_DEVICE_TAPE                0x1F
#define FILE_DEVICE_TAPE_FILE_SYSTEM    0x20
#define FILE_DEVICE_TRANSPORT           0x21
#define FILE_DEVICE_UNKNOWN             0x22
#define FILE_DEVICE_VIDEO               0x23
#define FILE_DEVICE_VIRTUAL_DISK        0x24
#define FILE_DEVICE_WAVE_IN             0x25
#define FILE_DEVICE_WAVE_OUT            0x26
#define FILE_DEVICE_8042_PORT           0x27
#define FILE_DEVICE_NETWORK_REDIRECTOR  0x28
#define FILE_DEVICE_BATTERY             0x29
#define FILE_DEVICE_BUS_EXTENDER        0x2A
#define FILE_DEVICE_MODEM               0x2B
#define FILE_DEVICE_VDM                 0x2C
#define FILE_DEVICE_MASS_STORAGE        0x2D
#define FILE_DEVICE_SMB                 0x2E
#define FILE_DEVICE_KS                  0x2F
#define FILE_DEVICE_CHANGER             0x30
#define FILE_DEVICE_SMARTCARD           0x31
#define FILE_DEVICE_ACPI                0x32
#define FILE_DEVICE_DVD                 0x33
#define FILE_DEVICE_FULLSCREEN_VIDEO    0x34
#define FILE_DEVICE_DFS_FILE_SYSTEM     0x35
#define FILE_DEVICE_DFS_VOLUME          0x36
#define FILE_DEVICE_SERENUM             0x37
#define FILE_DEVICE_TERMSRV             0x38
#define FILE_DEVICE_KSEC                0x39
#define FILE_DEVICE_FIPS                0x3A
#define FILE_DEVICE_INFINIBAND          0x3B
#define FILE_DEVICE_VMBUS               0x3E
#define FILE_DEVICE_CRYPT_PROVIDER      0x3F
#define FILE_DEVICE_WPD                 0x40
#define FILE_DEVICE_BLUETOOTH           0x41
#define FILE_DEVICE_MT_COMPOSITE        0x42
#define FILE_DEVICE_MT_TRANSPORT        0x43
#define FILE_DEVICE_BIOMETRIC           0x44
#define FILE_DEVICE_PMI                 0x45
#define FILE_DEVICE_EHSTOR              0x46
#define FILE_DEVICE_DEVAPI              0x47
#define FILE_DEVICE_GPIO                0x48
#define FILE_DEVICE_USBEX               0x49
#define FILE_DEVICE_CONSOLE             0x50
#define FILE_DEVICE_NFP                 0x51
#define FILE_DEVICE_SYSENV              0x52
#define FILE_DEVICE_VIRTUAL_BLOCK       0x53
#define FILE_DEVICE_POINT_OF_SERVICE    0x54
#define FILE_DEVICE_STORAGE_REPLICATION 0x55
#define FILE_DEVICE_TRUST_ENV           0x56
#define FILE_DEVICE_UCM                 0x57
#define FILE_DEVICE_UCMTCPCI            0x58
#define FILE_DEVICE_PERSISTENT_MEMORY   0x59
#define FILE_DEVICE_NVDIMM              0x5A
#define FILE_DEVICE_HOLOGRAPHIC         0x5B
#define FILE_DEVICE_SDFXHCI             0x5C
#define FILE_DEVICE_UCMUCSI             0x5D
#define FILE_DEVICE_PRM                 0x5E
#define FILE_DEVICE_EVENT_COLLECTOR     0x5F
#define FILE_DEVICE_USB4                0x60
#define FILE_DEVICE_SOUNDWIRE           0x61

#endif

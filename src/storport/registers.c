/*
 * registers.c - register and port access.
 */
#include "bus/ports.h"
#include "storport/adapter.h"

#include <string.h>

/* The place in the adapter's own ranges, where a driver may use a port without mapping it. */
static bool find_own_port(const void *extension, uint16_t number, struct bus_window_place *place)
{
    struct port_adapter *port = port_adapter_of(extension);

    if (!port || !port->device)
        return false;
    const struct bus_bar *bars = port->device->ops->bars(port->device);
    int bar = storport_find_bar(bars, number, 1, true);
    if (bar < 0)
        return false;
    *place = (struct bus_window_place){port->device,
                                       (unsigned)bar,
                                       {number - bars[bar].address},
                                       bars[bar].size - (number - bars[bar].address)};
    return true;
}

static bool find_port(const void *extension, const void *address, struct bus_window_place *place)
{
    uintptr_t number = (uintptr_t)address;

    if (number <= UINT16_MAX && (find_own_port(extension, (uint16_t)number, place) ||
                                 bus_ports_find((uint16_t)number, place)))
        return true;
    nt_finding("register-access", port_adapter_of(extension),
               "port %p is in no range of the device", address);
    return false;
}

#define DEFINE_ACCESS(Name, Type)                                                                  \
    Type NTAPI StorPortReadRegister##Name(PVOID HwDeviceExtension, Type *Register)                 \
    {                                                                                              \
        struct bus_window_place place;                                                             \
        (void)HwDeviceExtension;                                                                   \
        if (bus_window_find(Register, &place))                                                     \
            return (Type)bus_window_read(&place, sizeof(Type));                                    \
        return *(volatile Type *)Register;                                                         \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortReadRegister##Name, "Port and register I/O", NT_HIGH_LEVEL); \
    VOID NTAPI StorPortWriteRegister##Name(PVOID HwDeviceExtension, Type *Register, Type Value)    \
    {                                                                                              \
        struct bus_window_place place;                                                             \
        (void)HwDeviceExtension;                                                                   \
        if (bus_window_find(Register, &place))                                                     \
            bus_window_write(&place, sizeof(Type), Value);                                         \
        else                                                                                       \
            *(volatile Type *)Register = Value;                                                    \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortWriteRegister##Name, "Port and register I/O",                \
              NT_HIGH_LEVEL);                                                                      \
    VOID NTAPI StorPortReadRegisterBuffer##Name(PVOID HwDeviceExtension, Type *Register,           \
                                                Type *Buffer, ULONG Count)                         \
    {                                                                                              \
        for (ULONG i = 0; i < Count; i++) {                                                        \
            Type value = StorPortReadRegister##Name(HwDeviceExtension, Register + i);              \
            memcpy(Buffer + i, &value, sizeof(value));                                             \
        }                                                                                          \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortReadRegisterBuffer##Name, "Port and register I/O",           \
              NT_HIGH_LEVEL);                                                                      \
    VOID NTAPI StorPortWriteRegisterBuffer##Name(PVOID HwDeviceExtension, Type *Register,          \
                                                 Type *Buffer, ULONG Count)                        \
    {                                                                                              \
        for (ULONG i = 0; i < Count; i++) {                                                        \
            Type value;                                                                            \
            memcpy(&value, Buffer + i, sizeof(value));                                             \
            StorPortWriteRegister##Name(HwDeviceExtension, Register + i, value);                   \
        }                                                                                          \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortWriteRegisterBuffer##Name, "Port and register I/O",          \
              NT_HIGH_LEVEL);                                                                      \
    Type NTAPI StorPortReadPort##Name(PVOID HwDeviceExtension, Type *Port)                         \
    {                                                                                              \
        struct bus_window_place place;                                                             \
        if (find_port(HwDeviceExtension, Port, &place))                                            \
            return (Type)bus_window_read(&place, sizeof(Type));                                    \
        return (Type) ~(Type)0;                                                                    \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortReadPort##Name, "Port and register I/O", NT_HIGH_LEVEL);     \
    VOID NTAPI StorPortWritePort##Name(PVOID HwDeviceExtension, Type *Port, Type Value)            \
    {                                                                                              \
        struct bus_window_place place;                                                             \
        if (find_port(HwDeviceExtension, Port, &place))                                            \
            bus_window_write(&place, sizeof(Type), Value);                                         \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortWritePort##Name, "Port and register I/O", NT_HIGH_LEVEL);    \
    VOID NTAPI StorPortReadPortBuffer##Name(PVOID HwDeviceExtension, Type *Port, Type *Buffer,     \
                                            ULONG Count)                                           \
    {                                                                                              \
        for (ULONG i = 0; i < Count; i++) {                                                        \
            Type value = StorPortReadPort##Name(HwDeviceExtension, Port);                          \
            memcpy(Buffer + i, &value, sizeof(value));                                             \
        }                                                                                          \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortReadPortBuffer##Name, "Port and register I/O",               \
              NT_HIGH_LEVEL);                                                                      \
    VOID NTAPI StorPortWritePortBuffer##Name(PVOID HwDeviceExtension, Type *Port, Type *Buffer,    \
                                             ULONG Count)                                          \
    {                                                                                              \
        for (ULONG i = 0; i < Count; i++) {                                                        \
            Type value;                                                                            \
            memcpy(&value, Buffer + i, sizeof(value));                                             \
            StorPortWritePort##Name(HwDeviceExtension, Port, value);                               \
        }                                                                                          \
    }                                                                                              \
    NT_EXPORT("storport.sys", StorPortWritePortBuffer##Name, "Port and register I/O", NT_HIGH_LEVEL)

DEFINE_ACCESS(Uchar, UCHAR);
DEFINE_ACCESS(Ushort, USHORT);
DEFINE_ACCESS(Ulong, ULONG);

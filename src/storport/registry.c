/*
 * registry.c - StorPortRegistryRead and -Write: Parameters\Device for all adapters of a driver,
 * Parameters\Device<n> for one; strings cross between UTF-16 and ANSI.
 */
#include "nt/registry.h"
#include "port/driver.h"
#include "storport/adapter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_SIZE_MAX = 64 * 1024 };

static void key_of(const struct storport_adapter *adapter, ULONG global, char *key, size_t size)
{
    const struct port_driver *driver = adapter->port->driver;

    if (global)
        snprintf(key, size, "%s\\Parameters\\Device", driver->key);
    else
        snprintf(key, size, "%s\\Parameters\\Device%u", driver->key, adapter->port->number);
}

static bool is_string(ULONG type)
{
    return type == MINIPORT_REG_SZ || type == MINIPORT_REG_MULTI_SZ;
}

/* UTF-16 to ANSI in place of the caller's buffer; characters beyond Latin-1 become '?'. */
static size_t narrow(unsigned char *text, const unsigned char *wide, size_t bytes)
{
    size_t count = bytes / 2;

    for (size_t i = 0; i < count; i++) {
        unsigned character = wide[2 * i] | (unsigned)wide[2 * i + 1] << 8;
        text[i] = character < 0x100 ? (unsigned char)character : '?';
    }
    return count;
}

PUCHAR NTAPI StorPortAllocateRegistryBuffer(PVOID HwDeviceExtension, PULONG Length)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);

    if (!adapter || !Length || adapter->registry_buffer || !*Length || *Length > VALUE_SIZE_MAX)
        return NULL;
    adapter->registry_buffer = nt_pool_allocate(*Length, 0x52425053, adapter->port);
    if (!adapter->registry_buffer)
        return NULL;
    adapter->registry_buffer_size = *Length;
    memset(adapter->registry_buffer, 0, *Length);
    return adapter->registry_buffer;
}
NT_EXPORT("storport.sys", StorPortAllocateRegistryBuffer, "Memory", NT_PASSIVE_LEVEL);

VOID NTAPI StorPortFreeRegistryBuffer(PVOID HwDeviceExtension, PUCHAR Buffer)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);

    if (!adapter || !Buffer || Buffer != adapter->registry_buffer)
        return;
    adapter->registry_buffer = NULL;
    nt_pool_free(Buffer);
}
NT_EXPORT("storport.sys", StorPortFreeRegistryBuffer, "Memory", NT_PASSIVE_LEVEL);

BOOLEAN NTAPI StorPortRegistryRead(PVOID HwDeviceExtension, PUCHAR ValueName, ULONG Global,
                                   ULONG Type, PUCHAR Buffer, PULONG BufferLength)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);
    char key[192];

    if (!BufferLength)
        return FALSE;
    ULONG capacity = *BufferLength;
    *BufferLength = 0;
    if (!adapter || !ValueName || !Buffer || nt_irql() > NT_PASSIVE_LEVEL)
        return FALSE;
    key_of(adapter, Global, key, sizeof(key));
    size_t size = VALUE_SIZE_MAX;
    unsigned char *data = malloc(size);
    uint32_t type;
    if (!data || nt_registry_get(key, (const char *)ValueName, &type, data, &size) ||
        type != Type) {
        free(data);
        return FALSE;
    }
    if (is_string(type))
        size = narrow(data, data, size);
    *BufferLength = (ULONG)size;
    bool fits = size <= capacity;
    if (fits)
        memcpy(Buffer, data, size);
    free(data);
    return fits;
}
NT_EXPORT("storport.sys", StorPortRegistryRead, "General", NT_PASSIVE_LEVEL);

BOOLEAN NTAPI StorPortRegistryWrite(PVOID HwDeviceExtension, PUCHAR ValueName, ULONG Global,
                                    ULONG Type, PUCHAR Buffer, ULONG BufferLength)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);
    char key[192];

    if (!adapter || !ValueName || !Buffer || BufferLength > VALUE_SIZE_MAX ||
        nt_irql() > NT_PASSIVE_LEVEL)
        return FALSE;
    key_of(adapter, Global, key, sizeof(key));
    if (!is_string(Type))
        return nt_registry_set(key, (const char *)ValueName, Type, Buffer, BufferLength) == 0;
    unsigned char *wide = malloc(BufferLength * 2 + 2);
    if (!wide)
        return FALSE;
    for (ULONG i = 0; i < BufferLength; i++) {
        wide[2 * i] = Buffer[i];
        wide[2 * i + 1] = 0;
    }
    bool written = nt_registry_set(key, (const char *)ValueName, Type, wide, BufferLength * 2) == 0;
    free(wide);
    return written;
}
NT_EXPORT("storport.sys", StorPortRegistryWrite, "General", NT_PASSIVE_LEVEL);

/*
 * registry.c - values of miniports: Parameters\Device for all adapters of a driver,
 * Parameters\Device<n> for one, and the parameters of the device. Strings cross between UTF-16 and
 * ANSI. All at PASSIVE_LEVEL.
 */
#include "port/driver.h"
#include "storport/adapter.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_SIZE_MAX = 64 * 1024 };

/* ---- the two alphabets ---- */

static bool is_string(ULONG type)
{
    return type == REG_SZ || type == REG_EXPAND_SZ || type == REG_MULTI_SZ;
}

/* UTF-16 to ANSI in its own place, with a terminator; characters beyond Latin-1 become '?'. */
static size_t narrow(unsigned char *text, size_t bytes)
{
    size_t count = bytes / 2;

    for (size_t i = 0; i < count; i++) {
        unsigned character = text[2 * i] | (unsigned)text[2 * i + 1] << 8;
        text[i] = character < 0x100 ? (unsigned char)character : '?';
    }
    if (!count || text[count - 1])
        text[count++] = 0;
    return count;
}

/* The value as a driver sees it, to be freed; NULL: not there, of another type, or no memory. */
static unsigned char *value_read(const char *key, const char *name, ULONG type, size_t *ret_size)
{
    size_t size = VALUE_SIZE_MAX;
    unsigned char *data = malloc(size + 1);
    uint32_t found_type;

    if (!data || nt_registry_get(key, name, &found_type, data, &size) || found_type != type) {
        free(data);
        return NULL;
    }
    *ret_size = is_string(type) ? narrow(data, size) : size;
    return data;
}

static bool value_write(const char *key, const char *name, ULONG type, const unsigned char *data,
                        size_t size)
{
    if (!is_string(type))
        return nt_registry_write(key, name, type, data, size) == 0;
    unsigned char *wide = malloc(size * 2 + 1);
    if (!wide)
        return false;
    for (size_t i = 0; i < size; i++) {
        wide[2 * i] = data[i];
        wide[2 * i + 1] = 0;
    }
    bool written = nt_registry_write(key, name, type, wide, size * 2) == 0;
    free(wide);
    return written;
}

/* ---- the one buffer ---- */

PUCHAR NTAPI StorPortAllocateRegistryBuffer(PVOID HwDeviceExtension, PULONG Length)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);

    if (storport_dump_refuses(adapter, "StorPortAllocateRegistryBuffer") || !adapter || !Length ||
        !*Length || *Length > VALUE_SIZE_MAX || nt_irql() > NT_PASSIVE_LEVEL ||
        adapter->registry_buffer)
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

/* The contract wants the buffer above; another one works and is reported. What the driver says of
 * its size is believed only as far as the buffer goes. */
static ULONG usable_length(const struct storport_adapter *adapter, const char *routine,
                           const UCHAR *buffer, ULONG length)
{
    if (buffer != adapter->registry_buffer) {
        nt_finding("registry-buffer", adapter->port,
                   "%s with a buffer that StorPortAllocateRegistryBuffer did not give", routine);
        return length;
    }
    return length < adapter->registry_buffer_size ? length : adapter->registry_buffer_size;
}

/* ---- parameters of the driver ---- */

static bool type_is_good(ULONG type)
{
    return type == MINIPORT_REG_SZ || type == MINIPORT_REG_BINARY || type == MINIPORT_REG_DWORD ||
           type == MINIPORT_REG_MULTI_SZ;
}

BOOLEAN NTAPI StorPortRegistryRead(PVOID HwDeviceExtension, PUCHAR ValueName, ULONG Global,
                                   ULONG Type, PUCHAR Buffer, PULONG BufferLength)
{
    struct storport_adapter *adapter = storport_of(HwDeviceExtension);
    char key[PORT_KEY_BYTES];
    size_t size;

    if (!BufferLength)
        return FALSE;
    ULONG capacity = *BufferLength;
    *BufferLength = 0;
    if (storport_dump_refuses(adapter, "StorPortRegistryRead") || !adapter || !ValueName ||
        !Buffer || !type_is_good(Type) || nt_irql() > NT_PASSIVE_LEVEL)
        return FALSE;
    capacity = usable_length(adapter, "StorPortRegistryRead", Buffer, capacity);
    port_adapter_parameters_key(adapter->port, Global, key, sizeof(key));
    unsigned char *data = value_read(key, (const char *)ValueName, Type, &size);
    if (!data)
        return FALSE;
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
    char key[PORT_KEY_BYTES];

    if (storport_dump_refuses(adapter, "StorPortRegistryWrite") || !adapter || !ValueName ||
        !Buffer || BufferLength > VALUE_SIZE_MAX || !type_is_good(Type) ||
        nt_irql() > NT_PASSIVE_LEVEL)
        return FALSE;
    BufferLength = usable_length(adapter, "StorPortRegistryWrite", Buffer, BufferLength);
    port_adapter_parameters_key(adapter->port, Global, key, sizeof(key));
    return value_write(key, (const char *)ValueName, Type, Buffer, BufferLength);
}
NT_EXPORT("storport.sys", StorPortRegistryWrite, "General", NT_PASSIVE_LEVEL);

/* ---- parameters of the device ---- */

/* Below Device Parameters; false: the name of the subkey does not fit. */
static bool device_key(const struct storport_adapter *adapter, const UCHAR *subkey, char *key,
                       size_t size)
{
    port_adapter_device_key(adapter->port, key, size);
    size_t length = strlen(key);
    if (!subkey || !*subkey)
        return true;
    return (size_t)snprintf(key + length, size - length, "\\%s", subkey) < size - length;
}

static ULONG read_adapter_key(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    const UCHAR *subkey = STORPORT_ARGUMENT(arguments, PUCHAR);
    const char *name = (const char *)STORPORT_ARGUMENT(arguments, PUCHAR);
    ULONG type = STORPORT_ARGUMENT(arguments, ULONG);
    PVOID *buffer = STORPORT_ARGUMENT(arguments, PVOID *);
    PULONG length = STORPORT_ARGUMENT(arguments, PULONG);
    char key[2 * PORT_KEY_BYTES];
    size_t size;

    (void)extension;
    if (!name || !buffer || !*buffer || !length || !device_key(adapter, subkey, key, sizeof(key)))
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_PASSIVE_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    unsigned char *data = value_read(key, name, type, &size);
    if (!data)
        return STOR_STATUS_UNSUCCESSFUL;
    bool fits = size <= *length;
    if (fits)
        memcpy(*buffer, data, size);
    *length = (ULONG)size;
    free(data);
    return fits ? STOR_STATUS_SUCCESS : STOR_STATUS_BUFFER_TOO_SMALL;
}
STORPORT_EXTENDED(ExtFunctionRegistryReadAdapterKey, "StorPortRegistryReadAdapterKey", "General",
                  read_adapter_key);

static ULONG write_adapter_key(struct storport_adapter *adapter, PVOID extension,
                               __builtin_ms_va_list *arguments)
{
    const UCHAR *subkey = STORPORT_ARGUMENT(arguments, PUCHAR);
    const char *name = (const char *)STORPORT_ARGUMENT(arguments, PUCHAR);
    ULONG type = STORPORT_ARGUMENT(arguments, ULONG);
    const unsigned char *data = STORPORT_ARGUMENT(arguments, PVOID);
    ULONG length = STORPORT_ARGUMENT(arguments, ULONG);
    char key[2 * PORT_KEY_BYTES];

    (void)extension;
    if (!name || (length && !data) || length > VALUE_SIZE_MAX ||
        !device_key(adapter, subkey, key, sizeof(key)))
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_PASSIVE_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    return value_write(key, name, type, data, length) ? STOR_STATUS_SUCCESS
                                                      : STOR_STATUS_UNSUCCESSFUL;
}
STORPORT_EXTENDED(ExtFunctionRegistryWriteAdapterKey, "StorPortRegistryWriteAdapterKey", "General",
                  write_adapter_key);

/* ---- changes ---- */

static void notification_run(void *context)
{
    struct storport_adapter *adapter = context;
    struct storport_call call;

    storport_call_begin(&call, nt_self(), adapter, "HwRegistryNotification", NULL);
    adapter->registry.routine(adapter->extension);
    storport_call_end(&call);
}

/* Once for an adapter; changes that come while the routine is about to run are one. */
static ULONG enable_notification(struct storport_adapter *adapter, PVOID extension,
                                 __builtin_ms_va_list *arguments)
{
    PHW_REGISTRY_NOTIFICATION_ROUTINE routine =
        STORPORT_ARGUMENT(arguments, PHW_REGISTRY_NOTIFICATION_ROUTINE);

    (void)extension;
    if (!routine)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_PASSIVE_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (__atomic_exchange_n(&adapter->registry.enabled, 1, __ATOMIC_ACQ_REL))
        return STOR_STATUS_UNSUCCESSFUL;
    adapter->registry.routine = routine;
    nt_work_initialize(&adapter->registry.work, notification_run, adapter);
    port_adapter_parameters_key(adapter->port, true, adapter->registry.key,
                                sizeof(adapter->registry.key));
    adapter->registry.watch.key = adapter->registry.key;
    adapter->registry.watch.work = &adapter->registry.work;
    nt_registry_watch_add(&adapter->registry.watch);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionEnableRegistryKeyNotification, "StorPortEnableRegistryKeyNotification",
                  "General", enable_notification);

/* The routine does not run any more; after a restart the driver may ask for it again. */
void storport_registry_quiet(struct storport_adapter *adapter)
{
    nt_registry_watch_remove(&adapter->registry.watch);
    nt_work_drain(&adapter->registry.work);
    __atomic_store_n(&adapter->registry.enabled, 0, __ATOMIC_RELEASE);
}

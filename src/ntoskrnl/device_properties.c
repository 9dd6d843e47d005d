/*
 * device_properties.c - Io: properties of devices by key, as far as IoGetDeviceProperty or the
 * registry knows them.
 */
#include "nt/export.h"
#include "nt/text.h"
#include "nt/thread.h"
#include "port/adapter.h"
#include "port/driver.h"

#include <ntddk.h>

#include <initguid.h>

#include <devpkey.h>
#include <stdlib.h>
#include <string.h>

/* What the older routine answers, and the type that the value has here. */
static const struct {
    const DEVPROPKEY *key;
    DEVICE_REGISTRY_PROPERTY property;
    DEVPROPTYPE type;
} properties[] = {
    {&DEVPKEY_Device_DeviceDesc, DevicePropertyDeviceDescription, DEVPROP_TYPE_STRING},
    {&DEVPKEY_Device_HardwareIds, DevicePropertyHardwareID, DEVPROP_TYPE_STRING_LIST},
    {&DEVPKEY_Device_CompatibleIds, DevicePropertyCompatibleIDs, DEVPROP_TYPE_STRING_LIST},
    {&DEVPKEY_Device_Class, DevicePropertyClassName, DEVPROP_TYPE_STRING},
    {&DEVPKEY_Device_Driver, DevicePropertyDriverKeyName, DEVPROP_TYPE_STRING},
    {&DEVPKEY_Device_FriendlyName, DevicePropertyFriendlyName, DEVPROP_TYPE_STRING},
    {&DEVPKEY_Device_PDOName, DevicePropertyPhysicalDeviceObjectName, DEVPROP_TYPE_STRING},
    {&DEVPKEY_Device_UINumber, DevicePropertyUINumber, DEVPROP_TYPE_UINT32},
    {&DEVPKEY_Device_LegacyBusType, DevicePropertyLegacyBusType, DEVPROP_TYPE_UINT32},
    {&DEVPKEY_Device_BusNumber, DevicePropertyBusNumber, DEVPROP_TYPE_UINT32},
    {&DEVPKEY_Device_EnumeratorName, DevicePropertyEnumeratorName, DEVPROP_TYPE_STRING},
    {&DEVPKEY_Device_Address, DevicePropertyAddress, DEVPROP_TYPE_UINT32},
    {&DEVPKEY_Device_InstallState, DevicePropertyInstallState, DEVPROP_TYPE_UINT32},
};

static bool is_key(const DEVPROPKEY *key, const DEVPROPKEY *other)
{
    return key->pid == other->pid && memcmp(&key->fmtid, &other->fmtid, sizeof(key->fmtid)) == 0;
}

static NTSTATUS text_return(const char *text, ULONG size, PVOID data, PULONG required_size)
{
    size_t units = 0;
    uint16_t *wide = text_to_utf16(text, &units);
    size_t bytes = 2 * (units + 1);

    if (!wide)
        return STATUS_INSUFFICIENT_RESOURCES;
    *required_size = (ULONG)bytes;
    if (bytes <= size)
        memcpy(data, wide, bytes);
    free(wide);
    return bytes <= size ? STATUS_SUCCESS : STATUS_BUFFER_TOO_SMALL;
}

/* "PCI\VEN_...\0000": what follows Enum in the name of its key. */
static NTSTATUS instance_id(const struct port_adapter *adapter, ULONG size, PVOID data,
                            PULONG required_size)
{
    char key[PORT_KEY_BYTES];
    const char *id;

    port_adapter_instance_key(adapter, key, sizeof(key));
    id = strchr(key, '\\');
    return text_return(id ? id + 1 : key, size, data, required_size);
}

/* No property is of a language. */
NTSTATUS NTAPI IoGetDevicePropertyData(PDEVICE_OBJECT Pdo, const struct _DEVPROPKEY *PropertyKey,
                                       ULONG Lcid, ULONG Flags, ULONG Size, PVOID Data,
                                       PULONG RequiredSize, PULONG Type)
{
    const struct port_adapter *adapter = Pdo->Reserved;
    DEVPROPTYPE type = DEVPROP_TYPE_STRING;
    NTSTATUS status = STATUS_OBJECT_NAME_NOT_FOUND;

    (void)Lcid;
    (void)Flags;
    *RequiredSize = 0;
    if (!adapter)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (is_key(PropertyKey, &DEVPKEY_Device_InstanceId))
        status = instance_id(adapter, Size, Data, RequiredSize);
    else if (is_key(PropertyKey, &DEVPKEY_Device_Service))
        status = text_return(port_driver_service(adapter->driver), Size, Data, RequiredSize);
    for (size_t i = 0; i < sizeof(properties) / sizeof(properties[0]); i++) {
        if (!is_key(PropertyKey, properties[i].key))
            continue;
        type = properties[i].type;
        status = IoGetDeviceProperty(Pdo, properties[i].property, Size, Data, RequiredSize);
    }
    if (status == STATUS_SUCCESS)
        *Type = type;
    return status;
}
NT_EXPORT("ntoskrnl.exe", IoGetDevicePropertyData, "I/O manager", NT_APC_LEVEL);

/*
 * devices.c - Io: devices, their stacks, their properties and keys, their interfaces.
 *
 * A device that the port made carries its adapter in Reserved (storport/device_objects.c); it is an
 * instance of ROOT\SCSIADAPTER or PCI, with the adapter's number. Interfaces are kept where Windows
 * keeps them: below Control\DeviceClasses.
 */
#include "bus/identity.h"
#include "nt/device.h"

#include "nt/export.h"
#include "nt/memory.h"
#include "nt/name.h"
#include "nt/registry.h"
#include "nt/text.h"
#include "nt/thread.h"
#include "ntoskrnl/device_names.h"
#include "ntoskrnl/keys.h"
#include "port/adapter.h"
#include "port/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "I/O manager", irql_max_)

enum { STRING_TAG = 0x53446F49, GUID_TEXT_SIZE = 39, LINK_TEXT_SIZE = 160 };

/* ---- devices and stacks ---- */

NTSTATUS NTAPI IoCreateDevice(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize,
                              PUNICODE_STRING DeviceName, ULONG DeviceType,
                              ULONG DeviceCharacteristics, BOOLEAN Exclusive,
                              PDEVICE_OBJECT *DeviceObject)
{
    *DeviceObject = NULL;
    DEVICE_OBJECT *device = nt_device_create(DriverObject, DeviceExtensionSize, DeviceType);
    if (!device)
        return STATUS_INSUFFICIENT_RESOURCES;
    device->Characteristics = DeviceCharacteristics;
    if (Exclusive)
        device->Flags |= DO_EXCLUSIVE;
    NTSTATUS status = device_name_add(device, DeviceName);
    if (status < 0) {
        nt_device_delete(device);
        return status;
    }
    *DeviceObject = device;
    return STATUS_SUCCESS;
}
EXPORT(IoCreateDevice, NT_PASSIVE_LEVEL);

VOID NTAPI IoDeleteDevice(PDEVICE_OBJECT DeviceObject)
{
    nt_device_delete(DeviceObject);
}
EXPORT(IoDeleteDevice, NT_APC_LEVEL);

PDEVICE_OBJECT NTAPI IoAttachDeviceToDeviceStack(PDEVICE_OBJECT SourceDevice,
                                                 PDEVICE_OBJECT TargetDevice)
{
    return nt_device_attach(SourceDevice, TargetDevice);
}
EXPORT(IoAttachDeviceToDeviceStack, NT_DISPATCH_LEVEL);

VOID NTAPI IoDetachDevice(PDEVICE_OBJECT TargetDevice)
{
    nt_device_detach(TargetDevice);
}
EXPORT(IoDetachDevice, NT_DISPATCH_LEVEL);

PDEVICE_OBJECT NTAPI IoGetAttachedDeviceReference(PDEVICE_OBJECT DeviceObject)
{
    return nt_device_top(DeviceObject);
}
EXPORT(IoGetAttachedDeviceReference, NT_DISPATCH_LEVEL);

/* Without a reference: the caller knows that the stack stays. */
PDEVICE_OBJECT NTAPI IoGetAttachedDevice(PDEVICE_OBJECT DeviceObject)
{
    PDEVICE_OBJECT top = nt_device_top(DeviceObject);

    nt_object_release(top);
    return top;
}
EXPORT(IoGetAttachedDevice, NT_DISPATCH_LEVEL);

PDEVICE_OBJECT NTAPI IoGetRelatedDeviceObject(PFILE_OBJECT FileObject)
{
    return FileObject->DeviceObject ? IoGetAttachedDevice(FileObject->DeviceObject) : NULL;
}
EXPORT(IoGetRelatedDeviceObject, NT_DISPATCH_LEVEL);

/* What "the relations may have changed" means here: the adapter looks for units again. */
VOID NTAPI IoInvalidateDeviceRelations(PDEVICE_OBJECT DeviceObject, DEVICE_RELATION_TYPE Type)
{
    struct port_adapter *adapter = DeviceObject->Reserved;

    if (adapter && Type == BusRelations)
        port_rescan_schedule(adapter);
}
EXPORT(IoInvalidateDeviceRelations, NT_DISPATCH_LEVEL);

/* ---- properties ---- */

static bool property_text(const struct port_adapter *adapter, DEVICE_REGISTRY_PROPERTY property,
                          char *text, size_t size)
{
    switch (property) {
    case DevicePropertyDeviceDescription:
    case DevicePropertyFriendlyName:
        snprintf(text, size, "%s", port_driver_service(adapter->driver));
        return true;
    case DevicePropertyClassName:
        snprintf(text, size, "SCSIAdapter");
        return true;
    case DevicePropertyClassGuid:
        snprintf(text, size, "{4d36e97b-e325-11ce-bfc1-08002be10318}");
        return true;
    case DevicePropertyEnumeratorName:
        snprintf(text, size, "%s", adapter->virtual_adapter ? "ROOT" : "PCI");
        return true;
    case DevicePropertyDriverKeyName:
        snprintf(text, size, "{4d36e97b-e325-11ce-bfc1-08002be10318}\\%04u", adapter->number);
        return true;
    case DevicePropertyPhysicalDeviceObjectName:
        snprintf(text, size, "\\Device\\%08x", adapter->number);
        return true;
    default:
        return false;
    }
}

static bool property_number(const struct port_adapter *adapter, DEVICE_REGISTRY_PROPERTY property,
                            ULONG *ret_value)
{
    switch (property) {
    case DevicePropertyLegacyBusType:
        *ret_value = adapter->virtual_adapter ? (ULONG)Internal : (ULONG)PCIBus;
        return true;
    case DevicePropertyBusNumber:
    case DevicePropertyInstallState: /* InstallStateInstalled */
        *ret_value = 0;
        return true;
    case DevicePropertyAddress: /* device number and function, 16 bits each */
        *ret_value = port_adapter_slot(adapter) << 16;
        return true;
    case DevicePropertyUINumber:
        *ret_value = adapter->number;
        return true;
    default:
        return false;
    }
}

static NTSTATUS property_return(const void *value, size_t size, PVOID buffer, ULONG length,
                                PULONG result_length)
{
    *result_length = (ULONG)size;
    if (length < size)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(buffer, value, size);
    return STATUS_SUCCESS;
}

/* A list of texts, each with its end, and an end of its own. */
static NTSTATUS ids_return(const char *ids, size_t count, size_t stride, PVOID buffer, ULONG length,
                           PULONG result_length)
{
    uint16_t list[BUS_IDS_MAX * BUS_ID_BYTES + 1];
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        const char *id = ids + i * stride; /* of ASCII alone */
        do
            list[used++] = (unsigned char)*id;
        while (*id++);
    }
    list[used++] = 0;
    return property_return(list, used * sizeof(list[0]), buffer, length, result_length);
}

static NTSTATUS hardware_ids(const struct port_adapter *adapter, bool compatible, PVOID buffer,
                             ULONG length, PULONG result_length)
{
    struct bus_identity identity;
    char id[BUS_ID_BYTES];

    if (adapter->device) {
        bus_identity_read(adapter->device, &identity);
        return compatible ? ids_return(identity.compatible_ids[0], identity.compatible_count,
                                       BUS_ID_BYTES, buffer, length, result_length)
                          : ids_return(identity.hardware_ids[0], identity.hardware_count,
                                       BUS_ID_BYTES, buffer, length, result_length);
    }
    if (compatible)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    snprintf(id, sizeof(id), "ROOT\\%s", port_driver_service(adapter->driver));
    return ids_return(id, 1, sizeof(id), buffer, length, result_length);
}

NTSTATUS NTAPI IoGetDeviceNumaNode(PDEVICE_OBJECT Pdo, PUSHORT NodeNumber)
{
    const struct port_adapter *adapter = Pdo ? Pdo->Reserved : NULL;

    if (!adapter)
        return STATUS_INVALID_PARAMETER;
    if (nt_topology()->node_count == 1)
        *NodeNumber = 0;
    else if (adapter->node < 0)
        return STATUS_NOT_FOUND;
    else
        *NodeNumber = (USHORT)adapter->node;
    return STATUS_SUCCESS;
}
EXPORT(IoGetDeviceNumaNode, NT_PASSIVE_LEVEL);

NTSTATUS NTAPI IoGetDeviceProperty(PDEVICE_OBJECT DeviceObject,
                                   DEVICE_REGISTRY_PROPERTY DeviceProperty, ULONG BufferLength,
                                   PVOID PropertyBuffer, PULONG ResultLength)
{
    const struct port_adapter *adapter = DeviceObject->Reserved;
    char text[128];
    ULONG number;

    *ResultLength = 0;
    if (!adapter)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (DeviceProperty == DevicePropertyHardwareID || DeviceProperty == DevicePropertyCompatibleIDs)
        return hardware_ids(adapter, DeviceProperty == DevicePropertyCompatibleIDs, PropertyBuffer,
                            BufferLength, ResultLength);
    if (property_number(adapter, DeviceProperty, &number))
        return property_return(&number, sizeof(number), PropertyBuffer, BufferLength, ResultLength);
    if (!property_text(adapter, DeviceProperty, text, sizeof(text)))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    size_t units = 0;
    uint16_t *wide = text_to_utf16(text, &units);
    if (!wide)
        return STATUS_INSUFFICIENT_RESOURCES;
    NTSTATUS status =
        property_return(wide, 2 * (units + 1), PropertyBuffer, BufferLength, ResultLength);
    free(wide);
    return status;
}
EXPORT(IoGetDeviceProperty, NT_PASSIVE_LEVEL);

/* ---- keys ---- */

static NTSTATUS open_created(const char *path, PHANDLE handle)
{
    int error = nt_registry_create_key(path);

    return error ? key_status_of_errno(error) : key_open(path, handle);
}

NTSTATUS NTAPI IoOpenDeviceRegistryKey(PDEVICE_OBJECT DeviceObject, ULONG DevInstKeyType,
                                       ACCESS_MASK DesiredAccess, PHANDLE DevInstRegKey)
{
    const struct port_adapter *adapter = DeviceObject->Reserved;
    char path[KEY_PATH_MAX];

    (void)DesiredAccess;
    *DevInstRegKey = NULL;
    if (!adapter)
        return STATUS_INVALID_DEVICE_REQUEST;
    if (DevInstKeyType == PLUGPLAY_REGKEY_DEVICE)
        port_adapter_device_key(adapter, path, sizeof(path));
    else if (DevInstKeyType == PLUGPLAY_REGKEY_DRIVER)
        port_adapter_driver_key(adapter, path, sizeof(path));
    else
        return STATUS_INVALID_PARAMETER;
    return open_created(path, DevInstRegKey);
}
EXPORT(IoOpenDeviceRegistryKey, NT_PASSIVE_LEVEL);

NTSTATUS NTAPI IoOpenDriverRegistryKey(PDRIVER_OBJECT DriverObject, DRIVER_REGKEY_TYPE RegKeyType,
                                       ACCESS_MASK DesiredAccess, ULONG Flags, PHANDLE DriverRegKey)
{
    const UNICODE_STRING *service = &DriverObject->DriverExtension->ServiceKeyName;
    char path[KEY_PATH_MAX], *name;

    (void)DesiredAccess;
    *DriverRegKey = NULL;
    if (Flags)
        return STATUS_INVALID_PARAMETER;
    if (RegKeyType != DriverRegKeyParameters && RegKeyType != DriverRegKeyPersistentState)
        return STATUS_INVALID_PARAMETER;
    name = text_from_utf16(service->Buffer, service->Length / 2);
    if (!name)
        return STATUS_INSUFFICIENT_RESOURCES;
    snprintf(path, sizeof(path), "Services\\%s\\%s", name,
             RegKeyType == DriverRegKeyParameters ? "Parameters" : "State");
    free(name);
    return open_created(path, DriverRegKey);
}
EXPORT(IoOpenDriverRegistryKey, NT_PASSIVE_LEVEL);

/* ---- interfaces ---- */

static void guid_text(const GUID *guid, char text[GUID_TEXT_SIZE])
{
    const UCHAR *d = guid->Data4;

    snprintf(text, GUID_TEXT_SIZE, "{%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x}",
             (unsigned)guid->Data1, guid->Data2, guid->Data3, d[0], d[1], d[2], d[3], d[4], d[5],
             d[6], d[7]);
}

/* Where "\??\ROOT#...#{class}" is kept: below its class, which is what the name ends in. */
static bool interface_key(const char *link, char path[KEY_PATH_MAX])
{
    const char *class = strrchr(link, '{');

    if (!class || strlen(class) < GUID_TEXT_SIZE - 1)
        return false;
    return snprintf(path, KEY_PATH_MAX, "Control\\DeviceClasses\\%.38s\\##?%s", class,
                    strncmp(link, "\\??\\", 4) == 0 ? link + 3 : link) < KEY_PATH_MAX;
}

static char *key_of_link(const UNICODE_STRING *link, char path[KEY_PATH_MAX])
{
    char *text = text_from_utf16(link->Buffer, link->Length / 2);

    if (text)
        for (char *at = text + 4; strlen(text) > 4 && *at; at++)
            if (*at == '\\')
                *at = '#';
    if (text && interface_key(text, path))
        return text;
    free(text);
    return NULL;
}

NTSTATUS NTAPI IoRegisterDeviceInterface(PDEVICE_OBJECT PhysicalDeviceObject,
                                         const GUID *InterfaceClassGuid,
                                         PUNICODE_STRING ReferenceString,
                                         PUNICODE_STRING SymbolicLinkName)
{
    const struct port_adapter *adapter = PhysicalDeviceObject->Reserved;
    char link[LINK_TEXT_SIZE], path[KEY_PATH_MAX], class[GUID_TEXT_SIZE];
    size_t units = 0;

    if (!adapter || (ReferenceString && ReferenceString->Length))
        return STATUS_INVALID_DEVICE_REQUEST;
    guid_text(InterfaceClassGuid, class);
    snprintf(link, sizeof(link), "\\??\\%s#SCSIADAPTER#%04u#%s",
             adapter->virtual_adapter ? "ROOT" : "PCI", adapter->number, class);
    if (!interface_key(link, path))
        return STATUS_INVALID_DEVICE_REQUEST;
    int error = nt_registry_create_key(path);
    uint16_t *wide = error ? NULL : text_to_utf16(link, &units);
    WCHAR *buffer = wide ? nt_pool_allocate(2 * (units + 1), STRING_TAG, NULL) : NULL;
    if (buffer) {
        memcpy(buffer, wide, 2 * (units + 1));
        *SymbolicLinkName = (UNICODE_STRING){
            .Buffer = buffer,
            .Length = (USHORT)(2 * units),
            .MaximumLength = (USHORT)(2 * units + 2),
        };
    }
    free(wide);
    return buffer ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}
EXPORT(IoRegisterDeviceInterface, NT_PASSIVE_LEVEL);

/* The name says whose interface it is; \Device\<number> is the device of the bus. */
static void interface_link(const char *link, bool enable)
{
    const char *number = strstr(link, "#SCSIADAPTER#");
    char target[32];

    if (!enable) {
        (void)nt_name_remove_link(link);
    } else if (number) {
        snprintf(target, sizeof(target), "\\Device\\%08lx", strtoul(number + 13, NULL, 10));
        (void)nt_name_add_link(link, target);
    }
}

NTSTATUS NTAPI IoSetDeviceInterfaceState(PUNICODE_STRING SymbolicLinkName, BOOLEAN Enable)
{
    char path[KEY_PATH_MAX];
    char *link = key_of_link(SymbolicLinkName, path);
    uint32_t linked = 0;

    NTSTATUS status = STATUS_INVALID_PARAMETER;

    if (!link)
        return status;
    nt_registry_get_dword(path, "Linked", &linked);
    if (!nt_registry_key_exists(path) || (!Enable && !linked))
        status = STATUS_OBJECT_NAME_NOT_FOUND;
    else if (Enable && linked)
        status = STATUS_OBJECT_NAME_EXISTS;
    else
        status = key_status_of_errno(nt_registry_set_dword(path, "Linked", Enable != 0));
    if (status >= 0)
        interface_link(link, Enable);
    free(link);
    return status;
}
EXPORT(IoSetDeviceInterfaceState, NT_PASSIVE_LEVEL);

NTSTATUS NTAPI IoOpenDeviceInterfaceRegistryKey(PUNICODE_STRING SymbolicLinkName,
                                                ACCESS_MASK DesiredAccess,
                                                PHANDLE DeviceInterfaceKey)
{
    char path[KEY_PATH_MAX];
    char *link = key_of_link(SymbolicLinkName, path);

    (void)DesiredAccess;
    *DeviceInterfaceKey = NULL;
    if (!link)
        return STATUS_INVALID_PARAMETER;
    free(link);
    if (!nt_registry_key_exists(path))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    strncat(path, "\\Device Parameters", sizeof(path) - strlen(path) - 1);
    return open_created(path, DeviceInterfaceKey);
}
EXPORT(IoOpenDeviceInterfaceRegistryKey, NT_PASSIVE_LEVEL);

/* ---- extensions of driver objects ---- */

NTSTATUS NTAPI IoAllocateDriverObjectExtension(PDRIVER_OBJECT DriverObject,
                                               PVOID ClientIdentificationAddress,
                                               ULONG DriverObjectExtensionSize,
                                               PVOID *DriverObjectExtension)
{
    *DriverObjectExtension = NULL;
    if (nt_driver_extension(DriverObject, ClientIdentificationAddress))
        return STATUS_OBJECT_NAME_COLLISION;
    *DriverObjectExtension = nt_driver_extension_create(DriverObject, ClientIdentificationAddress,
                                                        DriverObjectExtensionSize);
    return *DriverObjectExtension ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}
EXPORT(IoAllocateDriverObjectExtension, NT_APC_LEVEL);

PVOID NTAPI IoGetDriverObjectExtension(PDRIVER_OBJECT DriverObject,
                                       PVOID ClientIdentificationAddress)
{
    return nt_driver_extension(DriverObject, ClientIdentificationAddress);
}
EXPORT(IoGetDriverObjectExtension, NT_DISPATCH_LEVEL);

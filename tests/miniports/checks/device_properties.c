/*
 * Checks of the properties of devices by key.
 */
#include "check.h"

#include <initguid.h>

#include <devpkey.h>

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))

typedef struct _PROPERTY_CASE {
    const DEVPROPKEY *Key;
    DEVPROPTYPE Type;
    ULONG LeastBytes;
} PROPERTY_CASE;

/* By key: with its type, and with its size when the buffer is too small. */
CHECK(IoGetDevicePropertyData, PASSIVE_PLACES)
{
    static const PROPERTY_CASE Cases[] = {
        {&DEVPKEY_Device_InstanceId, DEVPROP_TYPE_STRING, sizeof(L"PCI\\SCSIADAPTER\\0000")},
        {&DEVPKEY_Device_Service, DEVPROP_TYPE_STRING, sizeof(L"checks")},
        {&DEVPKEY_Device_Class, DEVPROP_TYPE_STRING, sizeof(L"SCSIAdapter")},
        {&DEVPKEY_Device_HardwareIds, DEVPROP_TYPE_STRING_LIST, sizeof(L"ROOT\\checks")},
        {&DEVPKEY_Device_LegacyBusType, DEVPROP_TYPE_UINT32, sizeof(ULONG)},
    };
    static const WCHAR Pci[] = L"PCI\\", Root[] = L"ROOT\\";
    BOOLEAN Virtual = Context->Model == CheckVirtual;
    PVOID Functional, Device = NULL, Lower;
    WCHAR Text[768];
    ULONG Index, Length, Again;
    DEVPROPTYPE Type;

    EXPECT_STATUS(StorPortGetDeviceObjects(Context->Extension, &Functional, &Device, &Lower),
                  STOR_STATUS_SUCCESS);
    for (Index = 0; Index < sizeof(Cases) / sizeof(Cases[0]); Index++) {
        Length = 0;
        EXPECT_EQUAL(IoGetDevicePropertyData((PDEVICE_OBJECT)Device, Cases[Index].Key, 0, 0, 1,
                                             Text, &Length, &Type),
                     STATUS_BUFFER_TOO_SMALL);
        EXPECT(Length >= Cases[Index].LeastBytes && Length <= sizeof(Text));
        Type = DEVPROP_TYPE_EMPTY;
        EXPECT_EQUAL(IoGetDevicePropertyData((PDEVICE_OBJECT)Device, Cases[Index].Key, 0, 0, Length,
                                             Text, &Again, &Type),
                     STATUS_SUCCESS);
        EXPECT_EQUAL(Again, Length);
        EXPECT_EQUAL(Type, Cases[Index].Type);
    }
    EXPECT_EQUAL(IoGetDevicePropertyData((PDEVICE_OBJECT)Device, &DEVPKEY_Device_InstanceId, 0, 0,
                                         sizeof(Text), Text, &Length, &Type),
                 STATUS_SUCCESS);
    EXPECT(Virtual ? RtlEqualMemory(Text, Root, sizeof(Root) - sizeof(WCHAR))
                   : RtlEqualMemory(Text, Pci, sizeof(Pci) - sizeof(WCHAR)));
    EXPECT_EQUAL(IoGetDevicePropertyData((PDEVICE_OBJECT)Device, &DEVPKEY_Device_ContainerId, 0, 0,
                                         sizeof(Text), Text, &Length, &Type),
                 STATUS_OBJECT_NAME_NOT_FOUND);
}

/*
 * Keys of the device properties that drivers read with IoGetDevicePropertyData. The type of each
 * value stands beside it.
 */
#include "devpropdef.h"

#if !defined(WDK_DEVPKEY_H) || (defined(INITGUID) && !defined(WDK_DEVPKEY_H_DEFINED))
#define WDK_DEVPKEY_H
#ifdef INITGUID
#define WDK_DEVPKEY_H_DEFINED
#endif

/* A name to show for whatever has properties. */
#define WDK_DEVPKEY_NAME(name, id)                                                                 \
    DEFINE_DEVPROPKEY(name, 0xb725f130, 0x47ef, 0x101a, 0xa5, 0xf1, 0x02, 0x60, 0x8c, 0x9e, 0xeb,  \
                      0xac, id)
WDK_DEVPKEY_NAME(DEVPKEY_NAME, 10); /* DEVPROP_TYPE_STRING */

/* What setup recorded when it installed the device. */
#define WDK_DEVPKEY_SETUP(name, id)                                                                \
    DEFINE_DEVPROPKEY(name, 0xa45c254e, 0xdf1c, 0x4efd, 0x80, 0x20, 0x67, 0xd1, 0x46, 0xa8, 0x50,  \
                      0xe0, id)
WDK_DEVPKEY_SETUP(DEVPKEY_Device_DeviceDesc, 2);       /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_HardwareIds, 3);      /* DEVPROP_TYPE_STRING_LIST */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_CompatibleIds, 4);    /* DEVPROP_TYPE_STRING_LIST */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_Service, 6);          /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_Class, 9);            /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_ClassGuid, 10);       /* DEVPROP_TYPE_GUID */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_Driver, 11);          /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_ConfigFlags, 12);     /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_Manufacturer, 13);    /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_FriendlyName, 14);    /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_LocationInfo, 15);    /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_PDOName, 16);         /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_Capabilities, 17);    /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_UINumber, 18);        /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_UpperFilters, 19);    /* DEVPROP_TYPE_STRING_LIST */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_LowerFilters, 20);    /* DEVPROP_TYPE_STRING_LIST */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_BusTypeGuid, 21);     /* DEVPROP_TYPE_GUID */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_LegacyBusType, 22);   /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_BusNumber, 23);       /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_EnumeratorName, 24);  /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_Security, 25);        /* DEVPROP_TYPE_SECURITY_DESCRIPTOR */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_SecuritySDS, 26);     /* DEVPROP_TYPE_SECURITY_DESCRIPTOR_STRING */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_DevType, 27);         /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_Exclusive, 28);       /* DEVPROP_TYPE_BOOLEAN */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_Characteristics, 29); /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_Address, 30);         /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_UINumberDescFormat, 31);    /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_PowerData, 32);             /* DEVPROP_TYPE_BINARY */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_RemovalPolicy, 33);         /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_RemovalPolicyDefault, 34);  /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_RemovalPolicyOverride, 35); /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_InstallState, 36);          /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_LocationPaths, 37);         /* DEVPROP_TYPE_STRING_LIST */
WDK_DEVPKEY_SETUP(DEVPKEY_Device_BaseContainerId, 38);       /* DEVPROP_TYPE_GUID */

/* Its place in the tree of devices. */
#define WDK_DEVPKEY_TREE(name, id)                                                                 \
    DEFINE_DEVPROPKEY(name, 0x4340a6c5, 0x93fa, 0x4706, 0x97, 0x2c, 0x7b, 0x64, 0x80, 0x08, 0xa5,  \
                      0xa7, id)
WDK_DEVPKEY_TREE(DEVPKEY_Device_DevNodeStatus, 2);       /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_TREE(DEVPKEY_Device_ProblemCode, 3);         /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_TREE(DEVPKEY_Device_EjectionRelations, 4);   /* DEVPROP_TYPE_STRING_LIST */
WDK_DEVPKEY_TREE(DEVPKEY_Device_RemovalRelations, 5);    /* DEVPROP_TYPE_STRING_LIST */
WDK_DEVPKEY_TREE(DEVPKEY_Device_PowerRelations, 6);      /* DEVPROP_TYPE_STRING_LIST */
WDK_DEVPKEY_TREE(DEVPKEY_Device_BusRelations, 7);        /* DEVPROP_TYPE_STRING_LIST */
WDK_DEVPKEY_TREE(DEVPKEY_Device_Parent, 8);              /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_TREE(DEVPKEY_Device_Children, 9);            /* DEVPROP_TYPE_STRING_LIST */
WDK_DEVPKEY_TREE(DEVPKEY_Device_Siblings, 10);           /* DEVPROP_TYPE_STRING_LIST */
WDK_DEVPKEY_TREE(DEVPKEY_Device_TransportRelations, 11); /* DEVPROP_TYPE_STRING_LIST */
WDK_DEVPKEY_TREE(DEVPKEY_Device_ProblemStatus, 12);      /* DEVPROP_TYPE_NTSTATUS */

/* Its identity. */
#define WDK_DEVPKEY_INSTANCE(name, id)                                                             \
    DEFINE_DEVPROPKEY(name, 0x78c34fc8, 0x104a, 0x4aca, 0x9e, 0xa4, 0x52, 0x4d, 0x52, 0x99, 0x6e,  \
                      0x57, id)
WDK_DEVPKEY_INSTANCE(DEVPKEY_Device_InstanceId, 256); /* DEVPROP_TYPE_STRING */

#define WDK_DEVPKEY_CONTAINER(name, id)                                                            \
    DEFINE_DEVPROPKEY(name, 0x8c7ed206, 0x3f8a, 0x4827, 0xb3, 0xab, 0xae, 0x9e, 0x1f, 0xae, 0xfc,  \
                      0x6c, id)
WDK_DEVPKEY_CONTAINER(DEVPKEY_Device_ContainerId, 2);             /* DEVPROP_TYPE_GUID */
WDK_DEVPKEY_CONTAINER(DEVPKEY_Device_InLocalMachineContainer, 4); /* DEVPROP_TYPE_BOOLEAN */

#define WDK_DEVPKEY_REPORTED(name, id)                                                             \
    DEFINE_DEVPROPKEY(name, 0x80497100, 0x8c73, 0x48b9, 0xaa, 0xd9, 0xce, 0x38, 0x7e, 0x19, 0xc5,  \
                      0x6e, id)
WDK_DEVPKEY_REPORTED(DEVPKEY_Device_Reported, 2); /* DEVPROP_TYPE_BOOLEAN */
WDK_DEVPKEY_REPORTED(DEVPKEY_Device_Legacy, 3);   /* DEVPROP_TYPE_BOOLEAN */

/* What the bus and the firmware say about it. */
#define WDK_DEVPKEY_BUS(name, id)                                                                  \
    DEFINE_DEVPROPKEY(name, 0x540b947e, 0x8b40, 0x45bc, 0xa8, 0xa2, 0x6a, 0x0b, 0x89, 0x4c, 0xbd,  \
                      0xa2, id)
WDK_DEVPKEY_BUS(DEVPKEY_Numa_Proximity_Domain, 1);            /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_BUS(DEVPKEY_Device_DHP_Rebalance_Policy, 2);      /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_BUS(DEVPKEY_Device_Numa_Node, 3);                 /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_BUS(DEVPKEY_Device_BusReportedDeviceDesc, 4);     /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_BUS(DEVPKEY_Device_IsPresent, 5);                 /* DEVPROP_TYPE_BOOLEAN */
WDK_DEVPKEY_BUS(DEVPKEY_Device_HasProblem, 6);                /* DEVPROP_TYPE_BOOLEAN */
WDK_DEVPKEY_BUS(DEVPKEY_Device_ConfigurationId, 7);           /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_BUS(DEVPKEY_Device_ReportedDeviceIdsHash, 8);     /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_BUS(DEVPKEY_Device_PhysicalDeviceLocation, 9);    /* DEVPROP_TYPE_BINARY */
WDK_DEVPKEY_BUS(DEVPKEY_Device_BiosDeviceName, 10);           /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_BUS(DEVPKEY_Device_DriverProblemDesc, 11);        /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_BUS(DEVPKEY_Device_DebuggerSafe, 12);             /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_BUS(DEVPKEY_Device_PostInstallInProgress, 13);    /* DEVPROP_TYPE_BOOLEAN */
WDK_DEVPKEY_BUS(DEVPKEY_Device_Stack, 14);                    /* DEVPROP_TYPE_STRING_LIST */
WDK_DEVPKEY_BUS(DEVPKEY_Device_ExtendedConfigurationIds, 15); /* DEVPROP_TYPE_STRING_LIST */
WDK_DEVPKEY_BUS(DEVPKEY_Device_IsRebootRequired, 16);         /* DEVPROP_TYPE_BOOLEAN */
WDK_DEVPKEY_BUS(DEVPKEY_Device_FirmwareDate, 17);             /* DEVPROP_TYPE_FILETIME */
WDK_DEVPKEY_BUS(DEVPKEY_Device_FirmwareVersion, 18);          /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_BUS(DEVPKEY_Device_FirmwareRevision, 19);         /* DEVPROP_TYPE_STRING */

/* When it came and went. */
#define WDK_DEVPKEY_DATES(name, id)                                                                \
    DEFINE_DEVPROPKEY(name, 0x83da6326, 0x97a6, 0x4088, 0x94, 0x53, 0xa1, 0x92, 0x3f, 0x57, 0x3b,  \
                      0x29, id)
WDK_DEVPKEY_DATES(DEVPKEY_Device_SessionId, 6);          /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_DATES(DEVPKEY_Device_InstallDate, 100);      /* DEVPROP_TYPE_FILETIME */
WDK_DEVPKEY_DATES(DEVPKEY_Device_FirstInstallDate, 101); /* DEVPROP_TYPE_FILETIME */
WDK_DEVPKEY_DATES(DEVPKEY_Device_LastArrivalDate, 102);  /* DEVPROP_TYPE_FILETIME */
WDK_DEVPKEY_DATES(DEVPKEY_Device_LastRemovalDate, 103);  /* DEVPROP_TYPE_FILETIME */

/* Its driver. */
#define WDK_DEVPKEY_DRIVER(name, id)                                                               \
    DEFINE_DEVPROPKEY(name, 0xa8b865dd, 0x2e3d, 0x4094, 0xad, 0x97, 0xe5, 0x93, 0xa7, 0x0c, 0x75,  \
                      0xd6, id)
WDK_DEVPKEY_DRIVER(DEVPKEY_Device_DriverDate, 2);          /* DEVPROP_TYPE_FILETIME */
WDK_DEVPKEY_DRIVER(DEVPKEY_Device_DriverVersion, 3);       /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_DRIVER(DEVPKEY_Device_DriverDesc, 4);          /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_DRIVER(DEVPKEY_Device_DriverInfPath, 5);       /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_DRIVER(DEVPKEY_Device_DriverInfSection, 6);    /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_DRIVER(DEVPKEY_Device_DriverInfSectionExt, 7); /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_DRIVER(DEVPKEY_Device_MatchingDeviceId, 8);    /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_DRIVER(DEVPKEY_Device_DriverProvider, 9);      /* DEVPROP_TYPE_STRING */

/* Whether it may be unplugged. */
#define WDK_DEVPKEY_REMOVAL(name, id)                                                              \
    DEFINE_DEVPROPKEY(name, 0xafd97640, 0x86a3, 0x4210, 0xb6, 0x7c, 0x28, 0x9c, 0x41, 0xaa, 0xbe,  \
                      0x55, id)
WDK_DEVPKEY_REMOVAL(DEVPKEY_Device_SafeRemovalRequired, 2);         /* DEVPROP_TYPE_BOOLEAN */
WDK_DEVPKEY_REMOVAL(DEVPKEY_Device_SafeRemovalRequiredOverride, 3); /* DEVPROP_TYPE_BOOLEAN */

/* A device interface. */
#define WDK_DEVPKEY_INTERFACE(name, id)                                                            \
    DEFINE_DEVPROPKEY(name, 0x026e516e, 0xb814, 0x414b, 0x83, 0xcd, 0x85, 0x6d, 0x6f, 0xef, 0x48,  \
                      0x22, id)
WDK_DEVPKEY_INTERFACE(DEVPKEY_DeviceInterface_FriendlyName, 2);    /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_INTERFACE(DEVPKEY_DeviceInterface_Enabled, 3);         /* DEVPROP_TYPE_BOOLEAN */
WDK_DEVPKEY_INTERFACE(DEVPKEY_DeviceInterface_ClassGuid, 4);       /* DEVPROP_TYPE_GUID */
WDK_DEVPKEY_INTERFACE(DEVPKEY_DeviceInterface_ReferenceString, 5); /* DEVPROP_TYPE_STRING */
WDK_DEVPKEY_INTERFACE(DEVPKEY_DeviceInterface_Restricted, 6);      /* DEVPROP_TYPE_BOOLEAN */

/* The storage behind an interface. */
#define WDK_DEVPKEY_STORAGE(name, id)                                                              \
    DEFINE_DEVPROPKEY(name, 0x4d1ebee8, 0x0803, 0x4774, 0x98, 0x42, 0xb7, 0x7d, 0xb5, 0x02, 0x65,  \
                      0xe9, id)
WDK_DEVPKEY_STORAGE(DEVPKEY_Storage_Portable, 2);         /* DEVPROP_TYPE_BOOLEAN */
WDK_DEVPKEY_STORAGE(DEVPKEY_Storage_Removable_Media, 3);  /* DEVPROP_TYPE_BOOLEAN */
WDK_DEVPKEY_STORAGE(DEVPKEY_Storage_System_Critical, 4);  /* DEVPROP_TYPE_BOOLEAN */
WDK_DEVPKEY_STORAGE(DEVPKEY_Storage_Disk_Number, 5);      /* DEVPROP_TYPE_UINT32 */
WDK_DEVPKEY_STORAGE(DEVPKEY_Storage_Partition_Number, 6); /* DEVPROP_TYPE_UINT32 */

#endif

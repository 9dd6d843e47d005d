/*
 * The adapter: its device objects, limits and features, its power, its key in the registry.
 *
 * For drivers only: each routine calls StorPortExtendedFunction with a code, and the host
 * implements the functions behind the codes. One that is newer than the Windows a driver was built
 * for calls nothing and fails with STOR_STATUS_NOT_IMPLEMENTED.
 */
#ifndef WDK_STORAGE_STORPORT_ADAPTER_H
#define WDK_STORAGE_STORPORT_ADAPTER_H

#include "storport_exports.h"
#include "storport_extended.h"

/* The adapter: device objects, limits, features, resets. */
FORCEINLINE ULONG StorPortGetDeviceObjects(PVOID HwDeviceExtension, PVOID *AdapterDeviceObject,
                                           PVOID *PhysicalDeviceObject, PVOID *LowerDeviceObject)
{
    return StorPortExtendedFunction(ExtFunctionGetDeviceObjects, HwDeviceExtension,
                                    AdapterDeviceObject, PhysicalDeviceObject, LowerDeviceObject);
}

#if NTDDI_VERSION >= NTDDI_WIN8
FORCEINLINE ULONG StorPortGetSystemPortNumber(PVOID HwDeviceExtension, PSTOR_ADDRESS Address)
{
    return StorPortExtendedFunction(ExtFunctionGetSystemPortNumber, HwDeviceExtension, Address);
}
#endif

FORCEINLINE ULONG StorPortSetAdapterBusType(PVOID HwDeviceExtension, ULONG BusType)
{
    return StorPortExtendedFunction(ExtFunctionSetAdapterBusType, HwDeviceExtension, BusType);
}

FORCEINLINE ULONG StorPortSetUnitAttributes(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                            STOR_UNIT_ATTRIBUTES Attributes)
{
    return StorPortExtendedFunction(ExtFunctionSetUnitAttributes, HwDeviceExtension, Address,
                                    Attributes);
}

FORCEINLINE ULONG StorPortUpdateAdapterMaxIO(PVOID HwDeviceExtension, ULONG MaxIoCount)
{
    return WDK_SINCE(NTDDI_WIN10_RS3, StorPortExtendedFunction(ExtFunctionUpdateAdapterMaxIO,
                                                               HwDeviceExtension, MaxIoCount));
}

FORCEINLINE ULONG StorPortUpdatePortConfigMaxIOInfo(PVOID HwDeviceExtension, ULONG MaxIoCount,
                                                    ULONG MaxIosPerLun)
{
    return WDK_SINCE(NTDDI_WIN10_RS5,
                     StorPortExtendedFunction(ExtFunctionUpdateAdapterMaxIOInfo, HwDeviceExtension,
                                              MaxIoCount, MaxIosPerLun));
}

FORCEINLINE ULONG StorPortSetFeatureList(PVOID HwDeviceExtension, ULONG FeatureCount,
                                         PBOOLEAN FeatureList)
{
    return WDK_SINCE(NTDDI_WIN10_VB,
                     StorPortExtendedFunction(ExtFunctionSetFeatureList, HwDeviceExtension,
                                              FeatureCount, FeatureList));
}

FORCEINLINE ULONG StorPortQueryConfiguration(PVOID HwDeviceExtension,
                                             STORPORT_QUERY_CONFIGURATION_TYPE Type,
                                             PBOOLEAN Enabled)
{
    return WDK_SINCE(NTDDI_WIN10_19H1, StorPortExtendedFunction(ExtFunctionQueryConfiguration,
                                                                HwDeviceExtension, Type, Enabled));
}

FORCEINLINE ULONG StorPortIsCurrentOsInstallationUpgrade(PVOID HwDeviceExtension, BOOLEAN *Upgraded)
{
    return StorPortExtendedFunction(ExtFunctionCurrentOsInstallationUpgrade, HwDeviceExtension,
                                    Upgraded);
}

FORCEINLINE ULONG StorPortIsDeviceOperationAllowed(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                   LPCGUID DeviceOperation, ULONG *AllowedFlag)
{
    return StorPortExtendedFunction(ExtFunctionDeviceOperationAllowed, HwDeviceExtension, Address,
                                    DeviceOperation, AllowedFlag);
}

FORCEINLINE ULONG StorPortHardwareReset(PVOID HwDeviceExtension, STOR_DEVICE_RESET_TYPE Type)
{
    return WDK_SINCE(NTDDI_WIN10_VB,
                     StorPortExtendedFunction(ExtFunctionDeviceReset, HwDeviceExtension, Type));
}

FORCEINLINE ULONG StorPortHardwareResetEx(PVOID HwDeviceExtension, STOR_DEVICE_RESET_TYPE ResetType,
                                          ULONGLONG Flags, PVOID AdditionalParameters)
{
    return WDK_SINCE(NTDDI_WIN10_FE,
                     StorPortExtendedFunction(ExtFunctionDeviceResetEx, HwDeviceExtension,
                                              ResetType, Flags, AdditionalParameters));
}

FORCEINLINE ULONG StorPortInitializeCryptoEngine(
    PVOID HwDeviceExtension, PSTOR_CRYPTO_CAPABILITIES_DATA CryptoCapabilitiesData)
{
    return StorPortExtendedFunction(ExtFunctionInitializeCryptoEngine, HwDeviceExtension,
                                    CryptoCapabilitiesData);
}

FORCEINLINE ULONG StorPortInitializeRpmb(PVOID HwDeviceExtension, PSTOR_ADDRESS StorAddress,
                                         PSTOR_RPMB_CAPABILITIES_DATA RpmbCapabilitiesData)
{
    return StorPortExtendedFunction(ExtFunctionInitializeRpmb, HwDeviceExtension, StorAddress,
                                    RpmbCapabilitiesData);
}

FORCEINLINE ULONG StorPortInvokeAcpiMethod(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                           ULONG MethodName, PVOID InputBuffer,
                                           ULONG InputBufferLength, PVOID OutputBuffer,
                                           ULONG OutputBufferLength, PULONG BytesReturned)
{
    return StorPortExtendedFunction(ExtFunctionInvokeAcpiMethod, HwDeviceExtension, Address,
                                    MethodName, InputBuffer, InputBufferLength, OutputBuffer,
                                    OutputBufferLength, BytesReturned);
}

/* Power: notifications and runtime power management. */
FORCEINLINE ULONG StorPortSetPowerSettingNotificationGuids(PVOID HwDeviceExtension, ULONG GuidCount,
                                                           LPGUID Guid)
{
    return StorPortExtendedFunction(ExtFunctionSetPowerSettingNotificationGuids, HwDeviceExtension,
                                    GuidCount, Guid);
}

FORCEINLINE ULONG StorPortInitializePoFxPower(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                              PSTOR_POFX_DEVICE Device, PBOOLEAN D3ColdEnabled)
{
    return StorPortExtendedFunction(ExtFunctionInitializePoFxPower, HwDeviceExtension, Address,
                                    Device, D3ColdEnabled);
}

FORCEINLINE ULONG StorPortPoFxActivateComponent(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                PSCSI_REQUEST_BLOCK Srb, ULONG Component,
                                                ULONG Flags)
{
    return WDK_SINCE(NTDDI_WIN8,
                     StorPortExtendedFunction(ExtFunctionPoFxActivateComponent, HwDeviceExtension,
                                              Address, Srb, Component, Flags));
}

FORCEINLINE ULONG StorPortPoFxIdleComponent(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                            PSCSI_REQUEST_BLOCK Srb, ULONG Component, ULONG Flags)
{
    return WDK_SINCE(NTDDI_WIN8,
                     StorPortExtendedFunction(ExtFunctionPoFxIdleComponent, HwDeviceExtension,
                                              Address, Srb, Component, Flags));
}

FORCEINLINE ULONG StorPortPoFxSetComponentLatency(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                  ULONG Component, ULONGLONG Latency)
{
    return StorPortExtendedFunction(ExtFunctionPoFxSetComponentLatency, HwDeviceExtension, Address,
                                    Component, Latency);
}

FORCEINLINE ULONG StorPortPoFxSetComponentResidency(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                    ULONG Component, ULONGLONG Residency)
{
    return StorPortExtendedFunction(ExtFunctionPoFxSetComponentResidency, HwDeviceExtension,
                                    Address, Component, Residency);
}

FORCEINLINE ULONG StorPortPoFxSetIdleTimeout(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                             ULONG IdleTimeoutInMS)
{
    return StorPortExtendedFunction(ExtFunctionPoFxSetIdleTimeout, HwDeviceExtension, Address,
                                    IdleTimeoutInMS);
}

FORCEINLINE ULONG StorPortPoFxPowerControl(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                           LPCGUID PowerControlCode, PVOID InBuffer,
                                           SIZE_T InBufferSize, PVOID OutBuffer,
                                           SIZE_T OutBufferSize, PSIZE_T BytesReturned)
{
    return StorPortExtendedFunction(ExtFunctionPoFxPowerControl, HwDeviceExtension, Address,
                                    PowerControlCode, InBuffer, InBufferSize, OutBuffer,
                                    OutBufferSize, BytesReturned);
}

FORCEINLINE ULONG StorPortPoFxRegisterPerfStates(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                 ULONG Component, ULONGLONG Flags,
                                                 ULONG PerfSetCount,
                                                 PSTOR_POFX_COMPONENT_PERF_SET PerfSets)
{
    return StorPortExtendedFunction(ExtFunctionPoFxRegisterPerfStates, HwDeviceExtension, Address,
                                    Component, Flags, PerfSetCount, PerfSets);
}

FORCEINLINE ULONG StorPortPoFxRegisterPerfStatesEx(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                                   ULONG Component, ULONGLONG Flags,
                                                   PULONG PerfSetCount,
                                                   PSTOR_POFX_COMPONENT_PERF_SET PerfSets,
                                                   PSTOR_POFX_COMPONENT_PERF_SET *PerfSetsFromPEP)
{
    return StorPortExtendedFunction(ExtFunctionPoFxRegisterPerfStatesEx, HwDeviceExtension, Address,
                                    Component, Flags, PerfSetCount, PerfSets, PerfSetsFromPEP);
}

FORCEINLINE ULONG StorPortPoFxSetPerfState(PVOID HwDeviceExtension, PSTOR_ADDRESS Address,
                                           ULONG Component, ULONG Flags, ULONG SetIndex,
                                           ULONG State, PVOID Context)
{
    return StorPortExtendedFunction(ExtFunctionPoFxSetPerfState, HwDeviceExtension, Address,
                                    Component, Flags, SetIndex, State, Context);
}

FORCEINLINE ULONG StorPortGetD3ColdSupport(PVOID HwDeviceExtension, PVOID Address,
                                           PBOOLEAN Supported)
{
    return StorPortExtendedFunction(ExtFunctionGetD3ColdSupport, HwDeviceExtension, Address,
                                    Supported);
}

/* The adapter's key in the registry. */
FORCEINLINE ULONG StorPortRegistryReadAdapterKey(PVOID HwDeviceExtension, PUCHAR SubKeyName,
                                                 PUCHAR ValueName, ULONG ValueType,
                                                 PVOID *ValueData, PULONG ValueDataLength)
{
    return StorPortExtendedFunction(ExtFunctionRegistryReadAdapterKey, HwDeviceExtension,
                                    SubKeyName, ValueName, ValueType, ValueData, ValueDataLength);
}

FORCEINLINE ULONG StorPortRegistryWriteAdapterKey(PVOID HwDeviceExtension, PUCHAR SubKeyName,
                                                  PUCHAR ValueName, ULONG ValueType,
                                                  PVOID ValueData, ULONG ValueDataLength)
{
    return StorPortExtendedFunction(ExtFunctionRegistryWriteAdapterKey, HwDeviceExtension,
                                    SubKeyName, ValueName, ValueType, ValueData, ValueDataLength);
}

FORCEINLINE ULONG StorPortEnableRegistryKeyNotification(
    PVOID HwDeviceExtension, PHW_REGISTRY_NOTIFICATION_ROUTINE NotificationCallback)
{
    return WDK_SINCE(NTDDI_WIN10_NI,
                     StorPortExtendedFunction(ExtFunctionEnableRegistryKeyNotification,
                                              HwDeviceExtension, NotificationCallback));
}
#endif

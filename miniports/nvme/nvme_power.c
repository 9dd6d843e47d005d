/*
 * Runtime power management: the adapter is registered as one component without F-states of its own.
 *
 * Rule: what saves power while the controller is enabled is the controller's affair (autonomous
 * transitions between its power states). What the driver adds is D3: when nobody has needed the
 * adapter for a while it is stopped like for any other D3, and restarted for the next request.
 */
#include "nvme_driver.h"

VOID NvmeRegisterPower(PNVME_ADAPTER Adapter)
{
    STOR_POFX_DEVICE_V3 device;
    BOOLEAN cold = FALSE;

    RtlZeroMemory(&device, sizeof(device));
    device.Version = STOR_POFX_DEVICE_VERSION_V3;
    device.Size = (ULONG)STOR_POFX_DEVICE_V3_SIZE;
    device.ComponentCount = 1;
    device.Flags =
        STOR_POFX_DEVICE_FLAG_ENABLE_D3_COLD | STOR_POFX_DEVICE_FLAG_NO_UNIT_REGISTRATION;
    device.Components[0].Version = STOR_POFX_COMPONENT_VERSION_V1;
    device.Components[0].Size = (ULONG)STOR_POFX_COMPONENT_SIZE;
    device.Components[0].FStateCount = 1;
    device.Components[0].Id = STORPORT_POFX_ADAPTER_GUID;
    device.Components[0].FStates[0].Version = STOR_POFX_COMPONENT_IDLE_STATE_VERSION_V1;
    device.Components[0].FStates[0].Size = STOR_POFX_COMPONENT_IDLE_STATE_SIZE;
    device.Components[0].FStates[0].NominalPower = STOR_POFX_UNKNOWN_POWER;
    /* Without it the adapter stays in D0. */
    (VOID) StorPortInitializePoFxPower(Adapter, NULL, (PSTOR_POFX_DEVICE)&device, &cold);
}

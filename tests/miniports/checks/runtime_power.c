/*
 * Checks of runtime power management: what its routines answer before and after the adapter has
 * registered. What follows from it takes time, and is the probe's to see.
 */
#include "check.h"

#define LONG_TIMEOUT 3600000 /* milliseconds */

static ULONG Register(CHECK_CONTEXT *Context)
{
    STOR_POFX_DEVICE Device;
    BOOLEAN Cold = FALSE;
    PSTOR_POFX_COMPONENT Component = &Device.Components[0];

    RtlZeroMemory(&Device, sizeof(Device));
    Device.Version = STOR_POFX_DEVICE_VERSION_V1;
    Device.Size = STOR_POFX_DEVICE_SIZE;
    Device.ComponentCount = 1;
    Component->Version = STOR_POFX_COMPONENT_VERSION_V1;
    Component->Size = STOR_POFX_COMPONENT_SIZE;
    Component->FStateCount = 1;
    Component->Id = STORPORT_POFX_ADAPTER_GUID;
    Component->FStates[0].Version = STOR_POFX_COMPONENT_IDLE_STATE_VERSION_V1;
    Component->FStates[0].Size = STOR_POFX_COMPONENT_IDLE_STATE_SIZE;
    return StorPortInitializePoFxPower(Context->Extension, NULL, &Device, &Cold);
}

CHECK(StorPortPoFxSetIdleTimeout, AT(HwInitialize) | AT(PassiveInitialize) | AT(Dpc))
{
    STOR_ADDR_BTL8 Unit = {.Type = STOR_ADDRESS_TYPE_BTL8,
                           .AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH};

    EXPECT_STATUS(
        StorPortPoFxSetIdleTimeout(Context->Extension, (PSTOR_ADDRESS)&Unit, LONG_TIMEOUT),
        STOR_STATUS_INVALID_PARAMETER);
    if (Context->Place != CheckDpc) {
        EXPECT_STATUS(StorPortPoFxSetIdleTimeout(Context->Extension, NULL, LONG_TIMEOUT),
                      STOR_STATUS_UNSUCCESSFUL);
    }
    if (Context->Place == CheckPassiveInitialize) {
        EXPECT_STATUS(Register(Context), STOR_STATUS_SUCCESS);
    }
    if (Context->Place != CheckHwInitialize) {
        EXPECT_STATUS(StorPortPoFxSetIdleTimeout(Context->Extension, NULL, LONG_TIMEOUT),
                      STOR_STATUS_SUCCESS);
    }
}

/* A driver's own states, once; a platform that has some was not asked for. */
CHECK(StorPortPoFxRegisterPerfStatesEx, AT(PassiveInitialize) | AT(Dpc) | AT(StartIo))
{
    PSTOR_POFX_COMPONENT_PERF_SET Platform = NULL;
    STOR_POFX_COMPONENT_PERF_SET Set;
    ULONG Count = 1, None = 0;

    RtlZeroMemory(&Set, sizeof(Set));
    Set.Version = STOR_POFX_COMPONENT_PERF_SET_VERSION_V1;
    Set.Size = (ULONG)STOR_POFX_COMPONENT_PERF_SET_SIZE;
    Set.PStateUnit = StorPoFxPerfStateUnitMilliwatts;
    Set.PStateType = StorPoFxPerfStateTypeRange;
    Set.PStates.Range.Minimum = 1000;
    Set.PStates.Range.Maximum = 9000;
    if (Context->Place == CheckPassiveInitialize) {
        EXPECT_STATUS(StorPortPoFxRegisterPerfStatesEx(Context->Extension, NULL, 0, 0, &Count, &Set,
                                                       &Platform),
                      STOR_STATUS_UNSUCCESSFUL);
        EXPECT_STATUS(Register(Context), STOR_STATUS_SUCCESS);
        EXPECT_STATUS(
            StorPortPoFxRegisterPerfStatesEx(Context->Extension, NULL, 0, 0, NULL, &Set, &Platform),
            STOR_STATUS_INVALID_PARAMETER);
        EXPECT_STATUS(StorPortPoFxRegisterPerfStatesEx(Context->Extension, NULL, 0, 0, &None, &Set,
                                                       &Platform),
                      STOR_STATUS_INVALID_PARAMETER);
        EXPECT_STATUS(StorPortPoFxRegisterPerfStatesEx(Context->Extension, NULL, 0, 0, &Count, &Set,
                                                       &Platform),
                      STOR_STATUS_SUCCESS);
        EXPECT(Platform == NULL);
    }
    EXPECT_UP_TO(
        DISPATCH_LEVEL,
        StorPortPoFxRegisterPerfStatesEx(Context->Extension, NULL, 0, 0, &Count, &Set, &Platform),
        STOR_STATUS_UNSUCCESSFUL);
    EXPECT_UP_TO(
        DISPATCH_LEVEL,
        StorPortPoFxRegisterPerfStatesEx(Context->Extension, NULL, 1, 0, &Count, &Set, &Platform),
        STOR_STATUS_INVALID_PARAMETER);
}

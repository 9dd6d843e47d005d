/*
 * Checks of runtime power management: who may call when, and with which arguments. What comes of it
 * is the business of tests/conformance/runtime_power_test.c.
 */
#include "check.h"

static STOR_ADDR_BTL8 Nobody(VOID)
{
    STOR_ADDR_BTL8 Address;

    RtlZeroMemory(&Address, sizeof(Address));
    Address.Type = STOR_ADDRESS_TYPE_BTL8;
    Address.AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH;
    Address.Lun = 200;
    return Address;
}

static ULONG Register(CHECK_CONTEXT *Context)
{
    STOR_POFX_DEVICE Device;
    BOOLEAN Cold = TRUE;

    RtlZeroMemory(&Device, sizeof(Device));
    Device.Version = STOR_POFX_DEVICE_VERSION_V1;
    Device.Size = (ULONG)STOR_POFX_DEVICE_SIZE;
    Device.ComponentCount = 1;
    Device.Components[0].Version = STOR_POFX_COMPONENT_VERSION_V1;
    Device.Components[0].Size = (ULONG)STOR_POFX_COMPONENT_SIZE;
    Device.Components[0].FStateCount = 1;
    Device.Components[0].Id = STORPORT_POFX_ADAPTER_GUID;
    Device.Components[0].FStates[0].Version = STOR_POFX_COMPONENT_IDLE_STATE_VERSION_V1;
    Device.Components[0].FStates[0].Size = STOR_POFX_COMPONENT_IDLE_STATE_SIZE;
    return StorPortInitializePoFxPower(Context->Extension, NULL, &Device, &Cold);
}

/* From passive initialization on; the check's memory remembers it. */
static BOOLEAN IsRegistered(CHECK_CONTEXT *Context)
{
    PUCHAR Remembered = (PUCHAR)Context->Memory;

    if (Context->Place == CheckFindAdapter || Context->Place == CheckFreeResources) {
        *Remembered = FALSE; /* another start, or the end */
    }
    if (Context->Place == CheckPassiveInitialize && !*Remembered) {
        EXPECT_STATUS(Register(Context), STOR_STATUS_SUCCESS);
        *Remembered = TRUE;
    }
    return *Remembered;
}

CHECK(StorPortInitializePoFxPower, EVERYWHERE)
{
    BOOLEAN Cold = FALSE;

    EXPECT_UP_TO(PASSIVE_LEVEL, StorPortInitializePoFxPower(Context->Extension, NULL, NULL, &Cold),
                 STOR_STATUS_INVALID_PARAMETER);
    (VOID) IsRegistered(Context);
    EXPECT_UP_TO(PASSIVE_LEVEL, Register(Context), STOR_STATUS_UNSUCCESSFUL);
}

CHECK(StorPortPoFxSetIdleTimeout, EVERYWHERE)
{
    STOR_ADDR_BTL8 Address = Nobody();

    EXPECT_STATUS(StorPortPoFxSetIdleTimeout(Context->Extension, (PSTOR_ADDRESS)&Address, 60000),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortPoFxSetIdleTimeout(Context->Extension, NULL, 60000),
                  IsRegistered(Context) ? STOR_STATUS_SUCCESS : STOR_STATUS_UNSUCCESSFUL);
}

CHECK(StorPortPoFxSetComponentLatency, EVERYWHERE)
{
    EXPECT_UP_TO(DISPATCH_LEVEL, StorPortPoFxSetComponentLatency(Context->Extension, NULL, 1, 1000),
                 STOR_STATUS_INVALID_PARAMETER);
    EXPECT_UP_TO(DISPATCH_LEVEL, StorPortPoFxSetComponentLatency(Context->Extension, NULL, 0, 1000),
                 IsRegistered(Context) ? STOR_STATUS_SUCCESS : STOR_STATUS_INVALID_DEVICE_REQUEST);
}

CHECK(StorPortPoFxSetComponentResidency, EVERYWHERE)
{
    EXPECT_UP_TO(DISPATCH_LEVEL,
                 StorPortPoFxSetComponentResidency(Context->Extension, NULL, 1, 1000),
                 STOR_STATUS_INVALID_PARAMETER);
    EXPECT_UP_TO(DISPATCH_LEVEL,
                 StorPortPoFxSetComponentResidency(Context->Extension, NULL, 0, 1000),
                 IsRegistered(Context) ? STOR_STATUS_SUCCESS : STOR_STATUS_INVALID_DEVICE_REQUEST);
}

/* A pair; in between nothing lets the component go. */
static VOID ActivateAndIdle(CHECK_CONTEXT *Context)
{
    ULONG Status = StorPortPoFxActivateComponent(Context->Extension, NULL, NULL, 0, 0);

    if (Context->Irql > DISPATCH_LEVEL) {
        EXPECT_STATUS(Status, STOR_STATUS_INVALID_IRQL);
        EXPECT_STATUS(StorPortPoFxIdleComponent(Context->Extension, NULL, NULL, 0, 0),
                      STOR_STATUS_INVALID_IRQL);
        return;
    }
    EXPECT(Status == STOR_STATUS_SUCCESS || Status == STOR_STATUS_BUSY);
    Status = StorPortPoFxIdleComponent(Context->Extension, NULL, NULL, 0, 0);
    EXPECT(Status == STOR_STATUS_SUCCESS || Status == STOR_STATUS_BUSY);
}

CHECK(StorPortPoFxActivateComponent, EVERYWHERE)
{
    if (IsRegistered(Context)) {
        ActivateAndIdle(Context);
    } else if (Context->Irql <= DISPATCH_LEVEL) {
        EXPECT_FINDING(
            EXPECT_STATUS(StorPortPoFxActivateComponent(Context->Extension, NULL, NULL, 0, 0),
                          STOR_STATUS_INVALID_PARAMETER));
    }
}

CHECK(StorPortPoFxIdleComponent, EVERYWHERE)
{
    if (!IsRegistered(Context) || Context->Irql > DISPATCH_LEVEL) {
        return;
    }
    ActivateAndIdle(Context);
    EXPECT_FINDING(EXPECT_STATUS(StorPortPoFxIdleComponent(Context->Extension, NULL, NULL, 0, 1),
                                 STOR_STATUS_INVALID_PARAMETER));
    EXPECT_FINDING(EXPECT_STATUS(StorPortPoFxIdleComponent(Context->Extension, NULL, NULL, 0, 0),
                                 STOR_STATUS_INVALID_DEVICE_REQUEST));
}

CHECK(StorPortPoFxPowerControl, EVERYWHERE)
{
    GUID Code = STORPORT_POFX_ADAPTER_GUID;
    SIZE_T Returned = 1;
    UCHAR Byte = 0;

    EXPECT_UP_TO(DISPATCH_LEVEL,
                 StorPortPoFxPowerControl(Context->Extension, NULL, NULL, NULL, 0, NULL, 0, NULL),
                 STOR_STATUS_INVALID_PARAMETER);
    EXPECT_UP_TO(DISPATCH_LEVEL,
                 StorPortPoFxPowerControl(Context->Extension, NULL, &Code, NULL, 1, NULL, 0, NULL),
                 STOR_STATUS_INVALID_PARAMETER);
    BOOLEAN Registered = IsRegistered(Context);
    EXPECT_UP_TO(
        DISPATCH_LEVEL,
        StorPortPoFxPowerControl(Context->Extension, NULL, &Code, &Byte, 1, &Byte, 1, &Returned),
        Registered ? STOR_STATUS_UNSUCCESSFUL : STOR_STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQUAL(Returned, !Registered || Context->Irql > DISPATCH_LEVEL);
}

/* ---- performance states ---- */

static STOR_POFX_COMPONENT_PERF_SET RangeSet(VOID)
{
    STOR_POFX_COMPONENT_PERF_SET Set;

    RtlZeroMemory(&Set, sizeof(Set));
    Set.Version = STOR_POFX_COMPONENT_PERF_SET_VERSION_V1;
    Set.Size = (ULONG)STOR_POFX_COMPONENT_PERF_SET_SIZE;
    Set.PStateUnit = StorPoFxPerfStateUnitBandwidth;
    Set.PStateType = StorPoFxPerfStateTypeRange;
    Set.PStates.Range.Minimum = 10;
    Set.PStates.Range.Maximum = 20;
    return Set;
}

/* The first time that it is legal it succeeds, and not again. */
static ULONG FirstThenAgain(CHECK_CONTEXT *Context)
{
    PUCHAR Done = (PUCHAR)Context->Memory + 1;

    if (Context->Place == CheckFindAdapter) {
        *Done = FALSE;
    }
    if (!IsRegistered(Context) || *Done) {
        return STOR_STATUS_UNSUCCESSFUL;
    }
    *Done = Context->Irql <= DISPATCH_LEVEL;
    return STOR_STATUS_SUCCESS;
}

CHECK(StorPortPoFxRegisterPerfStates, EVERYWHERE)
{
    STOR_POFX_COMPONENT_PERF_SET Set = RangeSet();

    EXPECT_UP_TO(DISPATCH_LEVEL,
                 StorPortPoFxRegisterPerfStates(Context->Extension, NULL, 0, 1, 1, &Set),
                 STOR_STATUS_INVALID_PARAMETER);
    if (IsRegistered(Context)) {
        EXPECT_UP_TO(DISPATCH_LEVEL,
                     StorPortPoFxRegisterPerfStates(Context->Extension, NULL, 0, 0, 4, &Set),
                     STOR_STATUS_INVALID_PARAMETER);
        Set.Size++;
        EXPECT_UP_TO(DISPATCH_LEVEL,
                     StorPortPoFxRegisterPerfStates(Context->Extension, NULL, 0, 0, 1, &Set),
                     STOR_STATUS_INVALID_PARAMETER);
        Set.Size--;
    }
    EXPECT_UP_TO(DISPATCH_LEVEL,
                 StorPortPoFxRegisterPerfStates(Context->Extension, NULL, 0, 0, 1, &Set),
                 FirstThenAgain(Context));
}

CHECK(StorPortPoFxRegisterPerfStatesEx, EVERYWHERE)
{
    STOR_POFX_COMPONENT_PERF_SET Set = RangeSet();
    ULONG Count = 1;

    if (IsRegistered(Context)) {
        EXPECT_UP_TO(
            DISPATCH_LEVEL,
            StorPortPoFxRegisterPerfStatesEx(Context->Extension, NULL, 0, 0, NULL, &Set, NULL),
            STOR_STATUS_INVALID_PARAMETER);
        EXPECT_UP_TO(
            DISPATCH_LEVEL,
            StorPortPoFxRegisterPerfStatesEx(Context->Extension, NULL, 0, 0, &Count, NULL, NULL),
            STOR_STATUS_INVALID_PARAMETER);
    }
    EXPECT_UP_TO(
        DISPATCH_LEVEL,
        StorPortPoFxRegisterPerfStatesEx(Context->Extension, NULL, 0, 0, &Count, &Set, NULL),
        FirstThenAgain(Context));
}

CHECK(StorPortPoFxSetPerfState, EVERYWHERE)
{
    STOR_POFX_COMPONENT_PERF_SET Set = RangeSet();
    BOOLEAN Registered = IsRegistered(Context);

    if (Context->Place == CheckPassiveInitialize) {
        EXPECT_STATUS(StorPortPoFxRegisterPerfStates(Context->Extension, NULL, 0, 0, 1, &Set),
                      STOR_STATUS_SUCCESS);
    }
    EXPECT_UP_TO(DISPATCH_LEVEL,
                 StorPortPoFxSetPerfState(Context->Extension, NULL, 1, 0, 0, 15, NULL),
                 STOR_STATUS_INVALID_PARAMETER);
    EXPECT_UP_TO(DISPATCH_LEVEL,
                 StorPortPoFxSetPerfState(Context->Extension, NULL, 0, 0, 0, 21, NULL),
                 Registered ? STOR_STATUS_INVALID_PARAMETER : STOR_STATUS_UNSUCCESSFUL);
}

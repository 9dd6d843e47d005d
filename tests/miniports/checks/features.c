/*
 * Checks of what a driver announces about itself, and asks about the machine.
 */
#include "check.h"

#include "../../../miniports/null-physical/scratch_device.h"

CHECK(StorPortSetFeatureList, EVERYWHERE)
{
    BOOLEAN Features[StorportFeatureMax + 1] = {FALSE};
    ULONG Expected =
        Context->Place == CheckFindAdapter ? STOR_STATUS_SUCCESS : STOR_STATUS_UNSUCCESSFUL;

    EXPECT_STATUS(StorPortSetFeatureList(Context->Extension, StorportFeatureMax, Features),
                  Expected);
    EXPECT_STATUS(StorPortSetFeatureList(Context->Extension, 1, Features), Expected);
    EXPECT_STATUS(StorPortSetFeatureList(Context->Extension, 0, Features),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortSetFeatureList(Context->Extension, StorportFeatureMax + 1, Features),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortSetFeatureList(Context->Extension, 1, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

static BOOLEAN IsInitializing(CHECK_CONTEXT *Context)
{
    return Context->Place == CheckHwInitialize || Context->Place == CheckPassiveInitialize;
}

CHECK(StorPortUpdateAdapterMaxIO, EVERYWHERE)
{
    ULONG Expected =
        IsInitializing(Context) ? STOR_STATUS_SUCCESS : STOR_STATUS_INVALID_DEVICE_REQUEST;

    EXPECT_STATUS(StorPortUpdateAdapterMaxIO(Context->Extension, 100), Expected);
    if (IsInitializing(Context)) {
        EXPECT_STATUS(StorPortUpdateAdapterMaxIO(Context->Extension, 0),
                      STOR_STATUS_INVALID_PARAMETER);
    }
}

CHECK(StorPortUpdatePortConfigMaxIOInfo, EVERYWHERE)
{
    ULONG Expected =
        IsInitializing(Context) ? STOR_STATUS_SUCCESS : STOR_STATUS_INVALID_DEVICE_REQUEST;

    EXPECT_STATUS(StorPortUpdatePortConfigMaxIOInfo(Context->Extension, 100, 50), Expected);
    if (IsInitializing(Context)) {
        EXPECT_STATUS(StorPortUpdatePortConfigMaxIOInfo(Context->Extension, 100, 0),
                      STOR_STATUS_INVALID_PARAMETER);
        EXPECT_STATUS(StorPortUpdatePortConfigMaxIOInfo(Context->Extension, 100, 101),
                      STOR_STATUS_INVALID_PARAMETER);
    }
}

CHECK(StorPortSetAdapterBusType, EVERYWHERE)
{
    enum { UNKNOWN = 0, NVME = 0x11, TOO_HIGH = 0x14 };
    BOOLEAN Finding = Context->Place == CheckFindAdapter;

    EXPECT_STATUS(StorPortSetAdapterBusType(Context->Extension, NVME),
                  Finding ? STOR_STATUS_SUCCESS : STOR_STATUS_UNSUCCESSFUL);
    if (Finding) {
        EXPECT_STATUS(StorPortSetAdapterBusType(Context->Extension, UNKNOWN),
                      STOR_STATUS_INVALID_PARAMETER);
        EXPECT_STATUS(StorPortSetAdapterBusType(Context->Extension, TOO_HIGH),
                      STOR_STATUS_INVALID_PARAMETER);
    }
}

CHECK(StorPortSetPowerSettingNotificationGuids, EVERYWHERE)
{
    GUID Setting;

    RtlFillMemory(&Setting, sizeof(Setting), 0x22);
    EXPECT_STATUS(StorPortSetPowerSettingNotificationGuids(Context->Extension, 1, &Setting),
                  Context->Place == CheckFindAdapter ? STOR_STATUS_SUCCESS
                                                     : STOR_STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_STATUS(StorPortSetPowerSettingNotificationGuids(Context->Extension, 1, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortSetPowerSettingNotificationGuids(Context->Extension, 0, &Setting),
                  STOR_STATUS_INVALID_PARAMETER);
}

static STOR_ADDR_BTL8 AddressOf(UCHAR Lun)
{
    STOR_ADDR_BTL8 Address;

    RtlZeroMemory(&Address, sizeof(Address));
    Address.Type = STOR_ADDRESS_TYPE_BTL8;
    Address.AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH;
    Address.Lun = Lun;
    return Address;
}

CHECK(StorPortSetUnitAttributes, AT(BuildIo) | AT(StartIo) | AT(Dpc) | AT(Timer) | AT(WorkItem))
{
    STOR_ADDR_BTL8 Unit = AddressOf(0), Nobody = AddressOf(200), Malformed = AddressOf(0);
    STOR_UNIT_ATTRIBUTES Attributes;

    RtlZeroMemory(&Attributes, sizeof(Attributes));
    Attributes.DeviceAttentionSupported = 1;
    EXPECT_STATUS(StorPortSetUnitAttributes(Context->Extension, (PSTOR_ADDRESS)&Unit, Attributes),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(StorPortSetUnitAttributes(Context->Extension, (PSTOR_ADDRESS)&Nobody, Attributes),
                  STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(StorPortSetUnitAttributes(Context->Extension, NULL, Attributes),
                  STOR_STATUS_INVALID_PARAMETER);
    Malformed.Type = 0x7FFF;
    EXPECT_STATUS(
        StorPortSetUnitAttributes(Context->Extension, (PSTOR_ADDRESS)&Malformed, Attributes),
        STOR_STATUS_INVALID_PARAMETER);
    Attributes.Reserved = 1;
    EXPECT_STATUS(StorPortSetUnitAttributes(Context->Extension, (PSTOR_ADDRESS)&Unit, Attributes),
                  STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortGetD3ColdSupport, EVERYWHERE)
{
    STOR_ADDR_BTL8 Nobody = AddressOf(200);
    BOOLEAN Supported = TRUE;

    EXPECT_UP_TO(PASSIVE_LEVEL, StorPortGetD3ColdSupport(Context->Extension, NULL, &Supported),
                 STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Supported, Context->Irql != PASSIVE_LEVEL);
    EXPECT_UP_TO(PASSIVE_LEVEL, StorPortGetD3ColdSupport(Context->Extension, NULL, NULL),
                 STOR_STATUS_INVALID_PARAMETER);
    EXPECT_UP_TO(PASSIVE_LEVEL, StorPortGetD3ColdSupport(Context->Extension, &Nobody, &Supported),
                 STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortQueryConfiguration, EVERYWHERE)
{
    BOOLEAN Enabled = FALSE;

    EXPECT_STATUS(
        StorPortQueryConfiguration(Context->Extension, StorportQueryConfigurationD3, &Enabled),
        STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Enabled, TRUE);
    EXPECT_STATUS(
        StorPortQueryConfiguration(Context->Extension, StorportQueryConfigurationMax, &Enabled),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortQueryConfiguration(Context->Extension, StorportQueryConfigurationD3, NULL),
        STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortIsDeviceOperationAllowed, EVERYWHERE)
{
    const GUID *Provision = &STORPORT_DEVICEOPERATION_SECURE_REPROVISION_GUID;
    const GUID *Crypto = &STORPORT_DEVICEOPERATION_USE_INLINE_CRYPTO_ENGINE_GUID;
    const GUID *Cached = &STORPORT_DEVICEOPERATION_CACHED_SETTINGS_INIT_GUID;
    const GUID Unknown = {.Data1 = 1};
    STOR_ADDR_BTL8 Nobody = AddressOf(200);
    ULONG Untouched = 0x5A5A5A5A, Allowed = Untouched;

    EXPECT_UP_TO(PASSIVE_LEVEL,
                 StorPortIsDeviceOperationAllowed(Context->Extension, NULL, Provision, &Allowed),
                 STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Allowed, Context->Irql == PASSIVE_LEVEL ? TRUE : Untouched);
    Allowed = Untouched;
    EXPECT_UP_TO(PASSIVE_LEVEL,
                 StorPortIsDeviceOperationAllowed(Context->Extension, NULL, Crypto, &Allowed),
                 STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Allowed, Context->Irql == PASSIVE_LEVEL ? TRUE : Untouched);
    Allowed = Untouched;
    EXPECT_UP_TO(PASSIVE_LEVEL,
                 StorPortIsDeviceOperationAllowed(Context->Extension, NULL, Cached, &Allowed),
                 STOR_STATUS_NOT_IMPLEMENTED);
    EXPECT_UP_TO(PASSIVE_LEVEL,
                 StorPortIsDeviceOperationAllowed(Context->Extension, NULL, &Unknown, &Allowed),
                 STOR_STATUS_NOT_IMPLEMENTED);
    EXPECT_UP_TO(PASSIVE_LEVEL,
                 StorPortIsDeviceOperationAllowed(Context->Extension, (PSTOR_ADDRESS)&Nobody,
                                                  Provision, &Allowed),
                 STOR_STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(Allowed, Untouched);
    EXPECT_UP_TO(PASSIVE_LEVEL,
                 StorPortIsDeviceOperationAllowed(Context->Extension, NULL, NULL, &Allowed),
                 STOR_STATUS_INVALID_PARAMETER);
    EXPECT_UP_TO(PASSIVE_LEVEL,
                 StorPortIsDeviceOperationAllowed(Context->Extension, NULL, Provision, NULL),
                 STOR_STATUS_INVALID_PARAMETER);
}

/* Passive initialization is the one place at PASSIVE_LEVEL where the device is quiet: a reset there
 * takes no completion of the framework away. The mask of interrupts is put back. */
static VOID ResetScratch(CHECK_CONTEXT *Context, BOOLEAN Extended)
{
    ULONG Status, Mask = 0;

    if (Context->Registers != NULL) {
        Mask = StorPortReadRegisterUlong(Context->Extension,
                                         (PULONG)(Context->Registers + SCRATCH_INTERRUPT_MASK));
        StorPortWriteRegisterUlong(Context->Extension,
                                   (PULONG)(Context->Registers + SCRATCH_SCRATCH), 0x1234);
    }
    Status = Extended ? StorPortHardwareResetEx(Context->Extension, StorFunctionLevelReset, 0, NULL)
                      : StorPortHardwareReset(Context->Extension, StorFunctionLevelReset);
    if (Context->Registers == NULL) {
        EXPECT_STATUS(Status, STOR_STATUS_UNSUCCESSFUL);
        return;
    }
    EXPECT_STATUS(Status, STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(StorPortReadRegisterUlong(Context->Extension,
                                           (PULONG)(Context->Registers + SCRATCH_SCRATCH)),
                 0);
    StorPortWriteRegisterUlong(Context->Extension,
                               (PULONG)(Context->Registers + SCRATCH_INTERRUPT_MASK), Mask);
}

CHECK(StorPortHardwareReset, EVERYWHERE)
{
    if (Context->Place == CheckPassiveInitialize) {
        ResetScratch(Context, FALSE);
    } else if (Context->Irql > PASSIVE_LEVEL) {
        EXPECT_STATUS(StorPortHardwareReset(Context->Extension, StorFunctionLevelReset),
                      STOR_STATUS_INVALID_IRQL);
    }
    EXPECT_UP_TO(PASSIVE_LEVEL, StorPortHardwareReset(Context->Extension, StorPlatformLevelReset),
                 STOR_STATUS_NOT_IMPLEMENTED);
    EXPECT_UP_TO(PASSIVE_LEVEL,
                 StorPortHardwareReset(Context->Extension, (STOR_DEVICE_RESET_TYPE)3),
                 STOR_STATUS_INVALID_PARAMETER);
}

CHECK(StorPortHardwareResetEx, EVERYWHERE)
{
    if (Context->Place == CheckPassiveInitialize) {
        ResetScratch(Context, TRUE);
    }
    EXPECT_UP_TO(PASSIVE_LEVEL,
                 StorPortHardwareResetEx(Context->Extension, StorBusSpecificReset, 0, NULL),
                 STOR_STATUS_NOT_IMPLEMENTED);
    EXPECT_STATUS(StorPortHardwareResetEx(Context->Extension, StorFunctionLevelReset, 1, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
}

/* Nobody has asked: the answer is refused, after it has been looked at. */
CHECK(StorPortMiniportReportInternalData, EVERYWHERE)
{
    ULONG Value = 7;
    MINIPORT_DATA Item;

    RtlZeroMemory(&Item, sizeof(Item));
    Item.Name = (PWSTR)L"value";
    Item.Type = DataTypeUInt32;
    Item.ArrayLength = 1;
    Item.Data = &Value;
    EXPECT_STATUS(
        StorPortMiniportReportInternalData(Context->Extension, NULL, (PVOID)0x77777, 1, &Item),
        STOR_STATUS_UNSUCCESSFUL);
    EXPECT_STATUS(
        StorPortMiniportReportInternalData(Context->Extension, NULL, (PVOID)0x77777, 0, &Item),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortMiniportReportInternalData(Context->Extension, NULL, (PVOID)0x77777, 1, NULL),
        STOR_STATUS_INVALID_PARAMETER);
    Item.Type = (DATA_TYPE)99;
    EXPECT_STATUS(
        StorPortMiniportReportInternalData(Context->Extension, NULL, (PVOID)0x77777, 1, &Item),
        STOR_STATUS_INVALID_PARAMETER);
}

/*
 * Checks of what a driver hears of the machine's policy, of providers of WMI, and of questions
 * about devices and addresses.
 */
#include "check.h"

#include <ntifs.h>

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))
#define LOW_PLACES     (PASSIVE_PLACES | AT(Dpc))

static PDEVICE_OBJECT DeviceOf(CHECK_CONTEXT *Context, ULONG Which)
{
    PVOID Objects[3] = {NULL, NULL, NULL};

    EXPECT_STATUS(
        StorPortGetDeviceObjects(Context->Extension, &Objects[0], &Objects[1], &Objects[2]),
        STOR_STATUS_SUCCESS);
    return (PDEVICE_OBJECT)Objects[Which];
}

/* ---- power ---- */

typedef struct _HEARD {
    ULONG Count, Length, Value;
    KIRQL Irql;
} HEARD;

static NTSTATUS NTAPI HearSetting(LPCGUID SettingGuid, PVOID Value, ULONG ValueLength,
                                  PVOID Context)
{
    HEARD *Heard = (HEARD *)Context;

    (VOID) SettingGuid;
    Heard->Count++;
    Heard->Length = ValueLength;
    Heard->Irql = KeGetCurrentIrql();
    if (ValueLength >= sizeof(ULONG)) {
        RtlCopyMemory(&Heard->Value, Value, sizeof(ULONG));
    }
    return STATUS_SUCCESS;
}

static const GUID DisplayIsOn = {
    0x02731015, 0x4510, 0x4526, {0x99, 0xE6, 0xE5, 0xA1, 0x7E, 0xBD, 0x1A, 0xEA}};
static const GUID Nothing = {0x11111111, 0x2222, 0x3333, {4, 4, 4, 4, 4, 4, 4, 4}};

CHECK(PoRegisterPowerSettingCallback, PASSIVE_PLACES)
{
    HEARD Heard = {0};
    PVOID Handle = NULL;

    EXPECT_EQUAL(PoRegisterPowerSettingCallback(DeviceOf(Context, 0), &DisplayIsOn, HearSetting,
                                                &Heard, &Handle),
                 STATUS_SUCCESS);
    EXPECT(Heard.Count == 1 && Heard.Length == sizeof(ULONG) && Heard.Value == 1);
    EXPECT_EQUAL(Heard.Irql, PASSIVE_LEVEL);
    EXPECT_EQUAL(PoUnregisterPowerSettingCallback(Handle), STATUS_SUCCESS);
}

CHECK_ALSO(PoRegisterPowerSettingCallback, waits_for_what_has_no_value, PASSIVE_PLACES)
{
    HEARD Heard = {0};
    PVOID Handle = NULL;

    EXPECT_EQUAL(PoRegisterPowerSettingCallback(NULL, &Nothing, HearSetting, &Heard, &Handle),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Heard.Count, 0);
    EXPECT_EQUAL(PoUnregisterPowerSettingCallback(Handle), STATUS_SUCCESS);
}

CHECK(PoUnregisterPowerSettingCallback, PASSIVE_PLACES)
{
    EXPECT_EQUAL(PoUnregisterPowerSettingCallback(NULL), STATUS_INVALID_PARAMETER);
}

/* ---- providers ---- */

CHECK(IoWMIRegistrationControl, PASSIVE_PLACES)
{
    PDEVICE_OBJECT Device = DeviceOf(Context, 0);
    ULONG Record = 0;

    EXPECT_EQUAL(IoWMIRegistrationControl(Device, WMIREG_ACTION_DEREGISTER),
                 STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(IoWMIRegistrationControl(Device, WMIREG_ACTION_REGISTER), STATUS_SUCCESS);
    EXPECT_EQUAL(IoWMIRegistrationControl(Device, WMIREG_ACTION_REGISTER),
                 STATUS_OBJECT_NAME_EXISTS);
    EXPECT_EQUAL(IoWMIRegistrationControl(Device, WMIREG_ACTION_UPDATE_GUIDS), STATUS_SUCCESS);
    EXPECT_EQUAL(IoWMIRegistrationControl(Device, WMIREG_ACTION_BLOCK_IRPS), STATUS_SUCCESS);
    EXPECT_EQUAL(IoWMIRegistrationControl(Device, WMIREG_ACTION_DEREGISTER), STATUS_SUCCESS);
    EXPECT_EQUAL(IoWMIRegistrationControl(Device, WMIREG_ACTION_UPDATE_GUIDS),
                 STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(IoWMIRegistrationControl(Device, 77), STATUS_INVALID_PARAMETER);
    /* What a trace preprocessor of old kits registers is no device. */
    EXPECT_EQUAL(IoWMIRegistrationControl((PDEVICE_OBJECT)&Record, 0x80010001), STATUS_SUCCESS);
    EXPECT_EQUAL(IoWMIRegistrationControl((PDEVICE_OBJECT)&Record, 0x80000002), STATUS_SUCCESS);
}

/* ---- devices ---- */

CHECK(IoGetLowerDeviceObject, LOW_PLACES)
{
    PDEVICE_OBJECT Adapter = DeviceOf(Context, 0), Physical = DeviceOf(Context, 1), Below;

    Below = IoGetLowerDeviceObject(Adapter);
    EXPECT(Below == Physical);
    ObDereferenceObject(Below);
    EXPECT(IoGetLowerDeviceObject(Physical) == NULL);
}

CHECK(IoEnumerateDeviceObjectList, LOW_PLACES)
{
    PDEVICE_OBJECT Adapter = DeviceOf(Context, 0), Devices[8] = {NULL};
    BOOLEAN Found = FALSE;
    ULONG Count = 0, Index;

    EXPECT_EQUAL(IoEnumerateDeviceObjectList(Adapter->DriverObject, NULL, 0, &Count),
                 STATUS_BUFFER_TOO_SMALL);
    EXPECT(Count >= 1 && Count <= 8);
    EXPECT_EQUAL(
        IoEnumerateDeviceObjectList(Adapter->DriverObject, Devices, sizeof(Devices), &Count),
        STATUS_SUCCESS);
    for (Index = 0; Index < Count && Index < 8; Index++) {
        Found = (BOOLEAN)(Found || Devices[Index] == Adapter);
        ObDereferenceObject(Devices[Index]);
    }
    EXPECT(Found);
}

/* ---- addresses ---- */

CHECK(MmIsAddressValid, LOW_PLACES)
{
    EXPECT(MmIsAddressValid(Context));
    EXPECT(MmIsAddressValid((PVOID)(ULONG_PTR)MmIsAddressValid));
    EXPECT(!MmIsAddressValid(NULL));
    EXPECT(!MmIsAddressValid((PVOID)0xFFFFA00000000000ull));
    EXPECT(!Context->Registers || MmIsAddressValid(Context->Registers));
}

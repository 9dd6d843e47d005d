/*
 * Checks of the access to registers and ports, and of their mapping: against the registers of the
 * scratch device, its ports, and against ordinary memory, which is what a directly mapped register
 * is.
 */
#include "check.h"

#include "../../../miniports/null-physical/scratch_device.h"

#define PORT_SCRATCH 0x04 /* in every width */
#define PORT_STREAM                                                                                \
    0x2C /* reading: SCRATCH, plus one afterwards; writing: 31 * SCRATCH + value                   \
          */
#define PORT_COUNT 0x40

static VOID SetScratch(CHECK_CONTEXT *Context, ULONG Value)
{
    StorPortWriteRegisterUlong(Context->Extension, (PULONG)(Context->Registers + SCRATCH_SCRATCH),
                               Value);
}

static ULONG GetScratch(CHECK_CONTEXT *Context)
{
    return StorPortReadRegisterUlong(Context->Extension,
                                     (PULONG)(Context->Registers + SCRATCH_SCRATCH));
}

/* ---- registers, one at a time ---- */

CHECK(StorPortReadRegisterUlong, EVERYWHERE)
{
    ULONG Memory = 0x12345678;

    EXPECT_EQUAL(StorPortReadRegisterUlong(Context->Extension, &Memory), 0x12345678);
    if (Context->Registers != NULL) {
        EXPECT_EQUAL(StorPortReadRegisterUlong(Context->Extension,
                                               (PULONG)(Context->Registers + SCRATCH_ID)),
                     SCRATCH_ID_VALUE);
    }
}

CHECK(StorPortReadRegisterUshort, EVERYWHERE)
{
    USHORT Memory = 0x1234;

    EXPECT_EQUAL(StorPortReadRegisterUshort(Context->Extension, &Memory), 0x1234);
    if (Context->Registers != NULL) {
        EXPECT_EQUAL(StorPortReadRegisterUshort(Context->Extension,
                                                (PUSHORT)(Context->Registers + SCRATCH_ID + 2)),
                     SCRATCH_ID_VALUE >> 16);
    }
}

CHECK(StorPortReadRegisterUchar, EVERYWHERE)
{
    UCHAR Memory = 0x12;

    EXPECT_EQUAL(StorPortReadRegisterUchar(Context->Extension, &Memory), 0x12);
    if (Context->Registers != NULL) {
        EXPECT_EQUAL(
            StorPortReadRegisterUchar(Context->Extension, Context->Registers + SCRATCH_ID + 3),
            SCRATCH_ID_VALUE >> 24);
    }
}

CHECK(StorPortWriteRegisterUlong, EVERYWHERE)
{
    volatile ULONG Memory[2] = {0, 0};

    StorPortWriteRegisterUlong(Context->Extension, (PULONG)&Memory[0], 0x12345678);
    EXPECT_EQUAL(Memory[0], 0x12345678);
    EXPECT_EQUAL(Memory[1], 0);
    if (Context->Registers != NULL) {
        SetScratch(Context, 0xC0DE0000 | (ULONG)Context->Place);
        EXPECT_EQUAL(GetScratch(Context), 0xC0DE0000 | (ULONG)Context->Place);
    }
}

CHECK(StorPortWriteRegisterUshort, EVERYWHERE)
{
    volatile USHORT Memory[2] = {0, 0};

    StorPortWriteRegisterUshort(Context->Extension, (PUSHORT)&Memory[0], 0x1234);
    EXPECT_EQUAL(Memory[0], 0x1234);
    EXPECT_EQUAL(Memory[1], 0);
}

CHECK(StorPortWriteRegisterUchar, EVERYWHERE)
{
    volatile UCHAR Memory[2] = {0, 0};

    StorPortWriteRegisterUchar(Context->Extension, (PUCHAR)&Memory[0], 0x12);
    EXPECT_EQUAL(Memory[0], 0x12);
    EXPECT_EQUAL(Memory[1], 0);
}

/* ---- registers, several: they lie one after the other ---- */

CHECK(StorPortReadRegisterBufferUlong, EVERYWHERE)
{
    ULONG Memory[3] = {1, 2, 3}, Buffer[3] = {9, 9, 9};

    StorPortReadRegisterBufferUlong(Context->Extension, Memory, Buffer, 2);
    EXPECT(Buffer[0] == 1 && Buffer[1] == 2 && Buffer[2] == 9);
    if (Context->Registers != NULL) {
        SetScratch(Context, 0xCAFE);
        StorPortReadRegisterBufferUlong(Context->Extension,
                                        (PULONG)(Context->Registers + SCRATCH_ID), Buffer, 2);
        EXPECT_EQUAL(Buffer[0], SCRATCH_ID_VALUE);
        EXPECT_EQUAL(Buffer[1], 0xCAFE);
    }
}

CHECK(StorPortReadRegisterBufferUshort, EVERYWHERE)
{
    USHORT Memory[3] = {1, 2, 3}, Buffer[3] = {9, 9, 9};

    StorPortReadRegisterBufferUshort(Context->Extension, Memory, Buffer, 2);
    EXPECT(Buffer[0] == 1 && Buffer[1] == 2 && Buffer[2] == 9);
}

CHECK(StorPortReadRegisterBufferUchar, EVERYWHERE)
{
    UCHAR Memory[3] = {1, 2, 3}, Buffer[3] = {9, 9, 9};

    StorPortReadRegisterBufferUchar(Context->Extension, Memory, Buffer, 2);
    EXPECT(Buffer[0] == 1 && Buffer[1] == 2 && Buffer[2] == 9);
}

CHECK(StorPortWriteRegisterBufferUlong, EVERYWHERE)
{
    ULONG Memory[3] = {9, 9, 9}, Buffer[3] = {1, 2, 3};

    StorPortWriteRegisterBufferUlong(Context->Extension, Memory, Buffer, 2);
    EXPECT(Memory[0] == 1 && Memory[1] == 2 && Memory[2] == 9);
    if (Context->Registers != NULL) {
        Buffer[1] = 0xCAFE;
        StorPortWriteRegisterBufferUlong(Context->Extension,
                                         (PULONG)(Context->Registers + SCRATCH_ID), Buffer, 2);
        EXPECT_EQUAL(GetScratch(Context), 0xCAFE);
    }
}

CHECK(StorPortWriteRegisterBufferUshort, EVERYWHERE)
{
    USHORT Memory[3] = {9, 9, 9}, Buffer[3] = {1, 2, 3};

    StorPortWriteRegisterBufferUshort(Context->Extension, Memory, Buffer, 2);
    EXPECT(Memory[0] == 1 && Memory[1] == 2 && Memory[2] == 9);
}

CHECK(StorPortWriteRegisterBufferUchar, EVERYWHERE)
{
    UCHAR Memory[3] = {9, 9, 9}, Buffer[3] = {1, 2, 3};

    StorPortWriteRegisterBufferUchar(Context->Extension, Memory, Buffer, 2);
    EXPECT(Memory[0] == 1 && Memory[1] == 2 && Memory[2] == 9);
}

/* ---- ports ---- */

/* The range of ports, in FindAdapter; NULL for a virtual adapter. */
static PACCESS_RANGE PortRange(CHECK_CONTEXT *Context)
{
    PPORT_CONFIGURATION_INFORMATION Configuration = Context->Configuration;
    ULONG Index;

    for (Index = 0; Context->Registers != NULL && Index < Configuration->NumberOfAccessRanges;
         Index++) {
        PACCESS_RANGE Range = (PACCESS_RANGE)Configuration->AccessRanges + Index;

        if (!Range->RangeInMemory && Range->RangeLength != 0) {
            return Range;
        }
    }
    return NULL;
}

/* The ports, mapped when the check meets FindAdapter, which is first; NULL: there are none. */
static PUCHAR Ports(CHECK_CONTEXT *Context)
{
    PUCHAR *Base = (PUCHAR *)Context->Memory;

    if (Context->Place == CheckFindAdapter && Context->Registers != NULL) {
        PACCESS_RANGE Range = PortRange(Context);

        EXPECT(Range != NULL);
        if (Range != NULL) {
            *Base = (PUCHAR)StorPortGetDeviceBase(
                Context->Extension, Context->Configuration->AdapterInterfaceType,
                Context->Configuration->SystemIoBusNumber, Range->RangeStart, PORT_COUNT, TRUE);
        }
        EXPECT(*Base != NULL);
    }
    return *Base;
}

/* An image has only its 16 bits to say which. */
#define PORT_OF_NOBODY ((ULONG_PTR)0x10)

CHECK(StorPortReadPortUlong, EVERYWHERE)
{
    PUCHAR Base = Ports(Context);

    if (Base != NULL) {
        SetScratch(Context, 0x12345678);
        EXPECT_EQUAL(StorPortReadPortUlong(Context->Extension, (PULONG)(Base + PORT_SCRATCH)),
                     0x12345678);
    }
    EXPECT_FINDING(EXPECT_EQUAL(StorPortReadPortUlong(Context->Extension, (PULONG)PORT_OF_NOBODY),
                                0xFFFFFFFF));
}

CHECK(StorPortReadPortUshort, EVERYWHERE)
{
    PUCHAR Base = Ports(Context);

    if (Base != NULL) {
        SetScratch(Context, 0x12345678);
        EXPECT_EQUAL(StorPortReadPortUshort(Context->Extension, (PUSHORT)(Base + PORT_SCRATCH + 2)),
                     0x1234);
    }
    EXPECT_FINDING(
        EXPECT_EQUAL(StorPortReadPortUshort(Context->Extension, (PUSHORT)PORT_OF_NOBODY), 0xFFFF));
}

CHECK(StorPortReadPortUchar, EVERYWHERE)
{
    PUCHAR Base = Ports(Context);

    if (Base != NULL) {
        SetScratch(Context, 0x12345678);
        EXPECT_EQUAL(StorPortReadPortUchar(Context->Extension, Base + PORT_SCRATCH + 1), 0x56);
    }
    EXPECT_FINDING(
        EXPECT_EQUAL(StorPortReadPortUchar(Context->Extension, (PUCHAR)PORT_OF_NOBODY), 0xFF));
}

CHECK(StorPortWritePortUlong, EVERYWHERE)
{
    PUCHAR Base = Ports(Context);

    if (Base != NULL) {
        SetScratch(Context, 0);
        StorPortWritePortUlong(Context->Extension, (PULONG)(Base + PORT_SCRATCH), 0x12345678);
        EXPECT_EQUAL(GetScratch(Context), 0x12345678);
    }
}

CHECK(StorPortWritePortUshort, EVERYWHERE)
{
    PUCHAR Base = Ports(Context);

    if (Base != NULL) {
        SetScratch(Context, 0x11111111);
        StorPortWritePortUshort(Context->Extension, (PUSHORT)(Base + PORT_SCRATCH + 2), 0xABCD);
        EXPECT_EQUAL(GetScratch(Context), 0xABCD1111);
    }
}

CHECK(StorPortWritePortUchar, EVERYWHERE)
{
    PUCHAR Base = Ports(Context);

    if (Base != NULL) {
        SetScratch(Context, 0x11111111);
        StorPortWritePortUchar(Context->Extension, Base + PORT_SCRATCH + 1, 0xAB);
        EXPECT_EQUAL(GetScratch(Context), 0x1111AB11);
    }
}

/* Several accesses of one and the same port; the buffer needs no alignment. */
CHECK(StorPortReadPortBufferUlong, EVERYWHERE)
{
    PUCHAR Base = Ports(Context);
    UCHAR Bytes[13] = {0};
    ULONG UNALIGNED *Buffer = (ULONG UNALIGNED *)(Bytes + 1);

    if (Base != NULL) {
        SetScratch(Context, 0x10000);
        StorPortReadPortBufferUlong(Context->Extension, (PULONG)(Base + PORT_STREAM),
                                    (PULONG)Buffer, 2);
        EXPECT(Buffer[0] == 0x10000 && Buffer[1] == 0x10001 && Buffer[2] == 0);
        EXPECT_EQUAL(GetScratch(Context), 0x10002);
    }
}

CHECK(StorPortReadPortBufferUshort, EVERYWHERE)
{
    PUCHAR Base = Ports(Context);
    USHORT Buffer[3] = {0, 0, 0};

    if (Base != NULL) {
        SetScratch(Context, 0x1FF);
        StorPortReadPortBufferUshort(Context->Extension, (PUSHORT)(Base + PORT_STREAM), Buffer, 2);
        EXPECT(Buffer[0] == 0x1FF && Buffer[1] == 0x200 && Buffer[2] == 0);
    }
}

CHECK(StorPortReadPortBufferUchar, EVERYWHERE)
{
    PUCHAR Base = Ports(Context);
    UCHAR Buffer[3] = {0, 0, 0};

    if (Base != NULL) {
        SetScratch(Context, 0x41);
        StorPortReadPortBufferUchar(Context->Extension, Base + PORT_STREAM, Buffer, 2);
        EXPECT(Buffer[0] == 0x41 && Buffer[1] == 0x42 && Buffer[2] == 0);
    }
}

CHECK(StorPortWritePortBufferUlong, EVERYWHERE)
{
    PUCHAR Base = Ports(Context);
    ULONG Buffer[3] = {5, 7, 9};

    if (Base != NULL) {
        SetScratch(Context, 1);
        StorPortWritePortBufferUlong(Context->Extension, (PULONG)(Base + PORT_STREAM), Buffer, 2);
        EXPECT_EQUAL(GetScratch(Context), (31 + 5) * 31 + 7);
    }
}

CHECK(StorPortWritePortBufferUshort, EVERYWHERE)
{
    PUCHAR Base = Ports(Context);
    USHORT Buffer[3] = {5, 7, 9};

    if (Base != NULL) {
        SetScratch(Context, 1);
        StorPortWritePortBufferUshort(Context->Extension, (PUSHORT)(Base + PORT_STREAM), Buffer, 2);
        EXPECT_EQUAL(GetScratch(Context), (31 + 5) * 31 + 7);
    }
}

CHECK(StorPortWritePortBufferUchar, EVERYWHERE)
{
    PUCHAR Base = Ports(Context);
    UCHAR Buffer[3] = {5, 7, 9};

    if (Base != NULL) {
        SetScratch(Context, 1);
        StorPortWritePortBufferUchar(Context->Extension, Base + PORT_STREAM, Buffer, 2);
        EXPECT_EQUAL(GetScratch(Context), (31 + 5) * 31 + 7);
    }
}

/* ---- mapping ---- */

CHECK(StorPortGetDeviceBase, AT(FindAdapter))
{
    PPORT_CONFIGURATION_INFORMATION Configuration = Context->Configuration;
    PACCESS_RANGE Range = (PACCESS_RANGE)Configuration->AccessRanges;
    STOR_PHYSICAL_ADDRESS Elsewhere = {.QuadPart = 0x1000};
    PUCHAR Part;

    EXPECT(StorPortGetDeviceBase(NULL, Configuration->AdapterInterfaceType, 0, Elsewhere, 4,
                                 FALSE) == NULL);
    if (Context->Registers == NULL) {
        EXPECT(StorPortGetDeviceBase(Context->Extension, PCIBus, 0, Elsewhere, 4, FALSE) == NULL);
        return;
    }
    /* A part of a range that is mapped already. */
    Elsewhere.QuadPart = Range->RangeStart.QuadPart + SCRATCH_SCRATCH;
    Part = (PUCHAR)StorPortGetDeviceBase(Context->Extension, Configuration->AdapterInterfaceType,
                                         Configuration->SystemIoBusNumber, Elsewhere, 4, FALSE);
    EXPECT(Part != NULL);
    if (Part != NULL) {
        SetScratch(Context, 0xAB12CD34);
        EXPECT_EQUAL(StorPortReadRegisterUlong(Context->Extension, (PULONG)Part), 0xAB12CD34);
    }
    /* The other bus, no bytes, and what is no range of the device. */
    EXPECT(StorPortGetDeviceBase(Context->Extension, Configuration->AdapterInterfaceType,
                                 Configuration->SystemIoBusNumber + 1, Elsewhere, 4,
                                 FALSE) == NULL);
    EXPECT(StorPortGetDeviceBase(Context->Extension, Configuration->AdapterInterfaceType,
                                 Configuration->SystemIoBusNumber, Elsewhere, 0, FALSE) == NULL);
    EXPECT_FINDING(
        EXPECT(StorPortGetDeviceBase(Context->Extension, Configuration->AdapterInterfaceType,
                                     Configuration->SystemIoBusNumber, Elsewhere,
                                     SCRATCH_BAR_LENGTH, FALSE) == NULL));
    EXPECT_FINDING(EXPECT(
        StorPortGetDeviceBase(Context->Extension, Configuration->AdapterInterfaceType,
                              Configuration->SystemIoBusNumber, Elsewhere, 4, TRUE) == NULL));
}

CHECK(StorPortFreeDeviceBase, AT(FindAdapter))
{
    PPORT_CONFIGURATION_INFORMATION Configuration = Context->Configuration;
    PACCESS_RANGE Range = (PACCESS_RANGE)Configuration->AccessRanges;
    PVOID Base;

    StorPortFreeDeviceBase(NULL, Context->Memory);
    if (Context->Registers == NULL) {
        return;
    }
    Base = StorPortGetDeviceBase(Context->Extension, Configuration->AdapterInterfaceType,
                                 Configuration->SystemIoBusNumber, Range->RangeStart, 64, FALSE);
    EXPECT(Base != NULL && Base != Context->Registers);
    StorPortFreeDeviceBase(Context->Extension, Base);
    EXPECT_FINDING(StorPortFreeDeviceBase(Context->Extension, Base)); /* is not mapped any more */
    EXPECT_FINDING(StorPortFreeDeviceBase(Context->Extension, Context->Memory));
    EXPECT_EQUAL(StorPortReadRegisterUlong(Context->Extension, (PULONG)Context->Registers),
                 SCRATCH_ID_VALUE);
}

/* Obsolete: what can be mapped is decided when it is mapped. */
CHECK(StorPortValidateRange, AT(FindAdapter))
{
    STOR_PHYSICAL_ADDRESS Address = {.QuadPart = 0x1000};

    EXPECT_EQUAL(StorPortValidateRange(Context->Extension, PCIBus, 0, Address, 4, FALSE), TRUE);
    EXPECT_EQUAL(StorPortValidateRange(Context->Extension, PCIBus, 0, Address, 4, TRUE), TRUE);
}

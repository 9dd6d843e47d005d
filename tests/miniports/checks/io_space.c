/*
 * Checks of device memory that a driver maps by its physical address, without Storport.
 */
#include "check.h"

#include "../../../miniports/null-physical/scratch_device.h"

#define PLACES    (AT(FindAdapter) | AT(PassiveInitialize) | AT(Dpc) | AT(WorkItem))
#define TURNS     3000 /* more than can be mapped at once */
#define NOWHERE   0x7FFFFFFF0000ull
#define READWRITE 4 /* PAGE_READWRITE */

/* What Memory holds from FindAdapter on. */
typedef struct _IO_SPACE {
    PHYSICAL_ADDRESS Registers; /* 0: there are none */
} IO_SPACE;

static PHYSICAL_ADDRESS RegistersOf(CHECK_CONTEXT *Context)
{
    IO_SPACE *Space = (IO_SPACE *)Context->Memory;

    if (Context->Configuration != NULL && Context->Registers != NULL) {
        Space->Registers = (*(PACCESS_RANGE)Context->Configuration->AccessRanges).RangeStart;
    }
    return Space->Registers;
}

static PHYSICAL_ADDRESS Physical(ULONGLONG Value)
{
    PHYSICAL_ADDRESS Address;

    Address.QuadPart = (LONGLONG)Value;
    return Address;
}

/* The mapping shows the register that the driver sees by Storport's. */
static VOID ExpectRegisters(CHECK_CONTEXT *Context, PUCHAR Mapped)
{
    EXPECT(Mapped != NULL);
    if (Mapped == NULL) {
        return;
    }
    StorPortWriteRegisterUlong(Context->Extension, (PULONG)(Mapped + SCRATCH_SCRATCH),
                               0xFEED0000 | (ULONG)Context->Place);
    EXPECT_EQUAL(StorPortReadRegisterUlong(Context->Extension,
                                           (PULONG)(Context->Registers + SCRATCH_SCRATCH)),
                 0xFEED0000 | (ULONG)Context->Place);
    EXPECT_EQUAL(StorPortReadRegisterUlong(Context->Extension, (PULONG)(Mapped + SCRATCH_ID)),
                 SCRATCH_ID_VALUE);
}

/* Memory, too: it is where it was. */
static VOID ExpectMemory(CHECK_CONTEXT *Context, PVOID (*Map)(PHYSICAL_ADDRESS Address))
{
    PULONG Block = (PULONG)ExAllocatePool2(POOL_FLAG_NON_PAGED, 64, 'oiMm'), Mapped;

    Mapped = (PULONG)Map(MmGetPhysicalAddress(Block));
    EXPECT(Mapped != NULL);
    if (Mapped != NULL) {
        *Block = 0x12345678;
        EXPECT_EQUAL(*Mapped, 0x12345678);
        MmUnmapIoSpace(Mapped, 64);
    }
    ExFreePoolWithTag(Block, 'oiMm');
}

static PVOID MapPlainly(PHYSICAL_ADDRESS Address)
{
    return MmMapIoSpace(Address, 64, MmNonCached);
}

static PVOID MapProtected(PHYSICAL_ADDRESS Address)
{
    return MmMapIoSpaceEx(Address, 64, READWRITE);
}

CHECK(MmMapIoSpace, PLACES)
{
    PHYSICAL_ADDRESS Registers = RegistersOf(Context);
    PUCHAR Mapped;

    ExpectMemory(Context, MapPlainly);
    EXPECT_FINDING(EXPECT(MmMapIoSpace(Physical(NOWHERE), 64, MmNonCached) == NULL));
    EXPECT_FINDING(EXPECT(MmMapIoSpace(Registers, 0, MmNonCached) == NULL));
    if (Registers.QuadPart == 0) {
        return;
    }
    Mapped = (PUCHAR)MmMapIoSpace(Registers, SCRATCH_BAR_LENGTH, MmNonCached);
    ExpectRegisters(Context, Mapped);
    MmUnmapIoSpace(Mapped, SCRATCH_BAR_LENGTH);
    /* Neither beyond the end of the registers, nor around the end of all addresses. */
    EXPECT_FINDING(EXPECT(MmMapIoSpace(Registers, 0x100000, MmNonCached) == NULL));
    EXPECT_FINDING(EXPECT(MmMapIoSpace(Physical(~0ull), MAXULONG, MmNonCached) == NULL));
    EXPECT_FINDING(EXPECT(MmMapIoSpace(Registers, ~(SIZE_T)0, MmNonCached) == NULL));
}

CHECK(MmMapIoSpaceEx, PLACES)
{
    PHYSICAL_ADDRESS Registers = RegistersOf(Context);
    PUCHAR Mapped;

    ExpectMemory(Context, MapProtected);
    EXPECT_FINDING(EXPECT(MmMapIoSpaceEx(Physical(NOWHERE), 64, READWRITE) == NULL));
    if (Registers.QuadPart == 0) {
        return;
    }
    Mapped = (PUCHAR)MmMapIoSpaceEx(Registers, SCRATCH_BAR_LENGTH, READWRITE);
    ExpectRegisters(Context, Mapped);
    MmUnmapIoSpace(Mapped, SCRATCH_BAR_LENGTH);
}

/* What is given back can be mapped again, for ever. */
CHECK(MmUnmapIoSpace, PLACES)
{
    PHYSICAL_ADDRESS Registers = RegistersOf(Context);
    PUCHAR Mapped = NULL;
    ULONG Turn;

    if (Registers.QuadPart == 0) {
        return;
    }
    for (Turn = 0; Turn < TURNS; Turn++) {
        Mapped = (PUCHAR)MmMapIoSpace(Registers, SCRATCH_BAR_LENGTH, MmNonCached);
        if (Mapped == NULL) {
            break;
        }
        MmUnmapIoSpace(Mapped, SCRATCH_BAR_LENGTH);
    }
    EXPECT_EQUAL(Turn, TURNS);
    Mapped = (PUCHAR)MmMapIoSpace(Registers, SCRATCH_BAR_LENGTH, MmNonCached);
    EXPECT_FINDING(MmUnmapIoSpace(Mapped + 4, SCRATCH_BAR_LENGTH - 4));
    ExpectRegisters(Context, Mapped);
    MmUnmapIoSpace(Mapped, SCRATCH_BAR_LENGTH);
}

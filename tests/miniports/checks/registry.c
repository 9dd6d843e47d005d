/*
 * Checks of the registry routines. They need PASSIVE_LEVEL; elsewhere they refuse.
 */
#include "check.h"

#include <string.h>

#define BUFFER_BYTES 64

static BOOLEAN IsPassive(const CHECK_CONTEXT *Context)
{
    return Context->Irql == PASSIVE_LEVEL;
}

/* The one buffer of the adapter, NULL where it cannot be had. */
static PUCHAR Allocate(CHECK_CONTEXT *Context)
{
    ULONG Length = BUFFER_BYTES;
    PUCHAR Buffer = StorPortAllocateRegistryBuffer(Context->Extension, &Length);

    EXPECT((Buffer != NULL) == IsPassive(Context));
    return Buffer;
}

CHECK(StorPortAllocateRegistryBuffer, EVERYWHERE)
{
    ULONG Length = 0, Index;
    PUCHAR Buffer;

    EXPECT(StorPortAllocateRegistryBuffer(Context->Extension, &Length) == NULL);
    EXPECT(StorPortAllocateRegistryBuffer(Context->Extension, NULL) == NULL);
    Length = BUFFER_BYTES;
    EXPECT(StorPortAllocateRegistryBuffer(NULL, &Length) == NULL);
    Buffer = Allocate(Context);
    if (Buffer == NULL) {
        return;
    }
    EXPECT_EQUAL(Length, BUFFER_BYTES);
    for (Index = 0; Index < BUFFER_BYTES; Index++) {
        EXPECT_EQUAL(Buffer[Index], 0);
    }
    EXPECT(StorPortAllocateRegistryBuffer(Context->Extension, &Length) == NULL); /* one at a time */
    StorPortFreeRegistryBuffer(Context->Extension, Buffer);
}

CHECK(StorPortFreeRegistryBuffer, EVERYWHERE)
{
    UCHAR Other[4];
    PUCHAR Buffer = Allocate(Context);

    StorPortFreeRegistryBuffer(Context->Extension, NULL);
    StorPortFreeRegistryBuffer(Context->Extension, Other);
    StorPortFreeRegistryBuffer(NULL, Buffer);
    if (Buffer == NULL) {
        return;
    }
    StorPortFreeRegistryBuffer(Context->Extension, Buffer);
    Buffer = Allocate(Context); /* there is room for another one */
    StorPortFreeRegistryBuffer(Context->Extension, Buffer);
}

static BOOLEAN Write(CHECK_CONTEXT *Context, const CHAR *Name, ULONG Global, ULONG Type,
                     PUCHAR Buffer, const VOID *Data, ULONG Length)
{
    RtlCopyMemory(Buffer, Data, Length);
    return StorPortRegistryWrite(Context->Extension, (PUCHAR)Name, Global, Type, Buffer, Length);
}

CHECK(StorPortRegistryRead, EVERYWHERE)
{
    PUCHAR Name = (PUCHAR) "CheckOfRead", Buffer = Allocate(Context);
    ULONG Value = 0x12345678, Length = BUFFER_BYTES;

    if (Buffer == NULL) {
        UCHAR Own[BUFFER_BYTES];

        EXPECT(
            !StorPortRegistryRead(Context->Extension, Name, 1, MINIPORT_REG_DWORD, Own, &Length));
        EXPECT_EQUAL(Length, 0);
        return;
    }
    EXPECT(Write(Context, "CheckOfRead", 1, MINIPORT_REG_DWORD, Buffer, &Value, sizeof(Value)));
    RtlZeroMemory(Buffer, BUFFER_BYTES);
    EXPECT(StorPortRegistryRead(Context->Extension, Name, 1, MINIPORT_REG_DWORD, Buffer, &Length));
    EXPECT_EQUAL(Length, sizeof(Value));
    EXPECT_EQUAL(*(PULONG)Buffer, Value);
    /* Too small: what it takes. Of another type, or not there: 0. */
    Length = 2;
    EXPECT(!StorPortRegistryRead(Context->Extension, Name, 1, MINIPORT_REG_DWORD, Buffer, &Length));
    EXPECT_EQUAL(Length, sizeof(Value));
    Length = BUFFER_BYTES;
    EXPECT(!StorPortRegistryRead(Context->Extension, Name, 1, MINIPORT_REG_SZ, Buffer, &Length));
    EXPECT_EQUAL(Length, 0);
    Length = BUFFER_BYTES;
    EXPECT(!StorPortRegistryRead(Context->Extension, Name, 0, MINIPORT_REG_DWORD, Buffer, &Length));
    EXPECT_EQUAL(Length, 0);
    Length = BUFFER_BYTES;
    EXPECT(!StorPortRegistryRead(NULL, Name, 1, MINIPORT_REG_DWORD, Buffer, &Length));
    EXPECT_EQUAL(Length, 0);
    StorPortFreeRegistryBuffer(Context->Extension, Buffer);
}

CHECK(StorPortRegistryWrite, EVERYWHERE)
{
    PUCHAR Name = (PUCHAR) "CheckOfWrite", Buffer = Allocate(Context);
    ULONG Length = BUFFER_BYTES;

    if (Buffer == NULL) {
        UCHAR Own[4] = {0};

        EXPECT(!StorPortRegistryWrite(Context->Extension, Name, 1, MINIPORT_REG_BINARY, Own, 4));
        return;
    }
    /* Text goes through UTF-16 and back, with its terminator. */
    EXPECT(Write(Context, "CheckOfWrite", 0, MINIPORT_REG_SZ, Buffer, "a disk", 7));
    RtlZeroMemory(Buffer, BUFFER_BYTES);
    EXPECT(StorPortRegistryRead(Context->Extension, Name, 0, MINIPORT_REG_SZ, Buffer, &Length));
    EXPECT_EQUAL(Length, 7);
    EXPECT_EQUAL(strcmp((PCHAR)Buffer, "a disk"), 0);
    /* What is there is replaced, also by another type. */
    EXPECT(Write(Context, "CheckOfWrite", 0, MINIPORT_REG_BINARY, Buffer, "\1\2\3", 3));
    Length = BUFFER_BYTES;
    EXPECT(StorPortRegistryRead(Context->Extension, Name, 0, MINIPORT_REG_BINARY, Buffer, &Length));
    EXPECT_EQUAL(Length, 3);
    EXPECT_EQUAL(Buffer[2], 3);
    EXPECT(!StorPortRegistryWrite(NULL, Name, 0, MINIPORT_REG_BINARY, Buffer, 3));
    EXPECT(!StorPortRegistryWrite(Context->Extension, NULL, 0, MINIPORT_REG_BINARY, Buffer, 3));
    EXPECT(!StorPortRegistryWrite(Context->Extension, Name, 0, 99, Buffer, 3));
    StorPortFreeRegistryBuffer(Context->Extension, Buffer);
}

/* ---- the device's parameters: any buffer, STOR_STATUS ---- */

CHECK(StorPortRegistryReadAdapterKey, EVERYWHERE)
{
    PUCHAR Key = (PUCHAR) "Checks", Name = (PUCHAR) "OfRead";
    ULONG Value = 0x12345678, Read = 0, Length = sizeof(Read);
    PVOID Buffer = &Read;

    EXPECT_STATUS(
        StorPortRegistryReadAdapterKey(Context->Extension, Key, NULL, REG_DWORD, &Buffer, &Length),
        STOR_STATUS_INVALID_PARAMETER);
    if (!IsPassive(Context)) {
        EXPECT_STATUS(StorPortRegistryReadAdapterKey(Context->Extension, Key, Name, REG_DWORD,
                                                     &Buffer, &Length),
                      STOR_STATUS_INVALID_IRQL);
        return;
    }
    EXPECT_STATUS(StorPortRegistryWriteAdapterKey(Context->Extension, Key, Name, REG_DWORD, &Value,
                                                  sizeof(Value)),
                  STOR_STATUS_SUCCESS);
    EXPECT_STATUS(
        StorPortRegistryReadAdapterKey(Context->Extension, Key, Name, REG_DWORD, &Buffer, &Length),
        STOR_STATUS_SUCCESS);
    EXPECT_EQUAL(Read, Value);
    EXPECT_EQUAL(Length, sizeof(Value));
    Length = 2;
    EXPECT_STATUS(
        StorPortRegistryReadAdapterKey(Context->Extension, Key, Name, REG_DWORD, &Buffer, &Length),
        STOR_STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQUAL(Length, sizeof(Value));
    EXPECT_STATUS(
        StorPortRegistryReadAdapterKey(Context->Extension, NULL, Name, REG_DWORD, &Buffer, &Length),
        STOR_STATUS_UNSUCCESSFUL); /* it is in the subkey */
    EXPECT_STATUS(
        StorPortRegistryReadAdapterKey(Context->Extension, Key, Name, REG_BINARY, &Buffer, &Length),
        STOR_STATUS_UNSUCCESSFUL);
}

CHECK(StorPortRegistryWriteAdapterKey, EVERYWHERE)
{
    PUCHAR Name = (PUCHAR) "CheckOfWrite";
    UCHAR Read[16] = {0};
    ULONG Length = sizeof(Read);
    PVOID Buffer = Read;

    EXPECT_STATUS(
        StorPortRegistryWriteAdapterKey(Context->Extension, NULL, NULL, REG_BINARY, Read, 1),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortRegistryWriteAdapterKey(Context->Extension, NULL, Name, REG_BINARY, NULL, 1),
        STOR_STATUS_INVALID_PARAMETER);
    EXPECT_STATUS(
        StorPortRegistryWriteAdapterKey(Context->Extension, NULL, Name, REG_SZ, "a disk", 7),
        IsPassive(Context) ? STOR_STATUS_SUCCESS : STOR_STATUS_INVALID_IRQL);
    if (IsPassive(Context)) {
        EXPECT_STATUS(StorPortRegistryReadAdapterKey(Context->Extension, NULL, Name, REG_SZ,
                                                     &Buffer, &Length),
                      STOR_STATUS_SUCCESS);
        EXPECT_EQUAL(Length, 7);
        EXPECT_EQUAL(strcmp((PCHAR)Read, "a disk"), 0);
    }
}

/* ---- changes ---- */

static volatile LONG Changes;

static VOID NTAPI NoteChange(PVOID HwDeviceExtension)
{
    UNREFERENCED_PARAMETER(HwDeviceExtension);
    InterlockedIncrement(&Changes);
}

CHECK(StorPortEnableRegistryKeyNotification, AT(PassiveInitialize) | AT(Dpc) | AT(WorkItem))
{
    LARGE_INTEGER Pause = {.QuadPart = -10000}; /* 1 ms */
    UCHAR Value = 1;
    ULONG Waited;

    EXPECT_STATUS(StorPortEnableRegistryKeyNotification(Context->Extension, NULL),
                  STOR_STATUS_INVALID_PARAMETER);
    if (Context->Place == CheckDpc) {
        EXPECT_STATUS(StorPortEnableRegistryKeyNotification(Context->Extension, NoteChange),
                      STOR_STATUS_INVALID_IRQL);
    }
    if (Context->Place == CheckPassiveInitialize) {
        EXPECT_STATUS(StorPortEnableRegistryKeyNotification(Context->Extension, NoteChange),
                      STOR_STATUS_SUCCESS);
    }
    if (Context->Place != CheckWorkItem) {
        return;
    }
    EXPECT_STATUS(StorPortEnableRegistryKeyNotification(Context->Extension, NoteChange),
                  STOR_STATUS_UNSUCCESSFUL); /* once for an adapter */
    Changes = 0;
    EXPECT_FINDING(StorPortRegistryWrite(Context->Extension, (PUCHAR) "CheckOfChanges", 1,
                                         MINIPORT_REG_BINARY, &Value, 1));
    for (Waited = 0; Changes == 0 && Waited < 2000; Waited++) {
        KeDelayExecutionThread(KernelMode, FALSE, &Pause);
    }
    EXPECT(Changes != 0);
}

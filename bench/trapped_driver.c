/*
 * A driver that accesses one register again and again, directly, as retail drivers do.
 */
#include <ntddk.h>

#include "trapped_driver.h"

static ULONG Load(volatile ULONG *Register, ULONG Count)
{
    ULONG Sum = 0;

    while (Count-- != 0) {
        Sum += *Register;
    }
    return Sum;
}

static ULONG Store(volatile ULONG *Register, ULONG Count)
{
    while (Count-- != 0) {
        *Register = Count;
    }
    return 0;
}

static ULONG Copy(volatile ULONG *Register, ULONG Count)
{
    static ULONG Data[16];

    while (Count-- != 0) {
        RtlCopyMemory(Data, (const VOID *)Register, sizeof(Data));
    }
    return Data[0];
}

static ULONG Irql(volatile ULONG *Register, ULONG Count)
{
    ULONG Sum = 0;

    UNREFERENCED_PARAMETER(Register);
    while (Count-- != 0) {
        ULONG_PTR Level;
        __asm__ volatile("mov %%cr8, %0" : "=r"(Level));
        Sum += (ULONG)Level;
    }
    return Sum;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    TRAPPED_ROUTINES *Routines = (TRAPPED_ROUTINES *)DriverObject;

    UNREFERENCED_PARAMETER(RegistryPath);
    Routines->Load = Load;
    Routines->Store = Store;
    Routines->Copy = Copy;
    Routines->Irql = Irql;
    return STATUS_SUCCESS;
}

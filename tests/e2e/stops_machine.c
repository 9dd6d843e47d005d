/*
 * stops_machine.c - a driver that stops the machine as soon as it is loaded, to see who hears of
 * it.
 */
#include <ntddk.h>

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNREFERENCED_PARAMETER(DriverObject);
    UNREFERENCED_PARAMETER(RegistryPath);
    KeBugCheck(0xE2); /* MANUALLY_INITIATED_CRASH */
}

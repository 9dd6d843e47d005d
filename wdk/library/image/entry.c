/*
 * entry.c - the entry point of an image that names no other.
 */
#include "security_cookie.h"

DRIVER_INITIALIZE DriverEntry;
DRIVER_INITIALIZE GsDriverEntry;

NTSTATUS GsDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    __security_init_cookie();
    return DriverEntry(DriverObject, RegistryPath);
}

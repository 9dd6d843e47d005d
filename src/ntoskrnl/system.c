/*
 * system.c - what system this is, and by what names its routines are found; identifiers, random
 * numbers, probes, the event log.
 */
#include "nt/system.h"
#include "nt/bugcheck.h"
#include "nt/export.h"
#include "nt/memory.h"
#include "nt/print.h"
#include "nt/text.h"
#include "nt/thread.h"
#include "nt/user_memory.h"
#include "port/adapter.h"
#include "trap/exceptions.h"

#include <ntddk.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT(name_, category_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, category_, irql_max_)
#define EXPORT_PROBE(name_)                                                                        \
    NT_EXPORT_ROW("ntoskrnl.exe", name_, "Executive", NT_APC_LEVEL, NT_EXPORT_MAY_BE_LEFT)

/* ---- routines by name ---- */

/* The table is the loader's, so a driver finds here what it could have imported. */
PVOID NTAPI MmGetSystemRoutineAddress(PUNICODE_STRING SystemRoutineName)
{
    char *name = text_from_utf16(SystemRoutineName->Buffer, SystemRoutineName->Length / 2);
    const struct nt_export *row = name ? nt_export_find("ntoskrnl.exe", name) : NULL;

    free(name);
    return row ? row->address : NULL;
}
EXPORT(MmGetSystemRoutineAddress, "Loader", NT_PASSIVE_LEVEL);

/* ---- the system ---- */

enum { PLATFORM_NT = 2 };

NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW VersionInformation)
{
    ULONG size = VersionInformation->dwOSVersionInfoSize;
    RTL_OSVERSIONINFOEXW version = {
        .dwOSVersionInfoSize = size,
        .dwMajorVersion = NT_SYSTEM_MAJOR,
        .dwMinorVersion = NT_SYSTEM_MINOR,
        .dwBuildNumber = NT_SYSTEM_BUILD,
        .dwPlatformId = PLATFORM_NT,
        .wSuiteMask = NT_SYSTEM_SUITE_MASK,
        .wProductType = NT_SYSTEM_PRODUCT_TYPE,
    };

    if (size != sizeof(RTL_OSVERSIONINFOW) && size != sizeof(RTL_OSVERSIONINFOEXW))
        return STATUS_INVALID_PARAMETER;
    memcpy(VersionInformation, &version, size);
    return STATUS_SUCCESS;
}
EXPORT(RtlGetVersion, "Run-time library", NT_PASSIVE_LEVEL);

BOOLEAN NTAPI PsGetVersion(PULONG MajorVersion, PULONG MinorVersion, PULONG BuildNumber,
                           PUNICODE_STRING CSDVersion)
{
    if (MajorVersion)
        *MajorVersion = NT_SYSTEM_MAJOR;
    if (MinorVersion)
        *MinorVersion = NT_SYSTEM_MINOR;
    if (BuildNumber)
        *BuildNumber = NT_SYSTEM_BUILD;
    if (CSDVersion)
        CSDVersion->Length = 0;
    return FALSE; /* not a checked build */
}
EXPORT(PsGetVersion, "Run-time library", NT_HIGH_LEVEL);

/* No debugger of the kernel's is ever attached; the host's own does not look like one. */
static BOOLEAN KdDebuggerNotPresent = TRUE;
NT_EXPORT_VARIABLE("ntoskrnl.exe", KdDebuggerNotPresent, "Debug");
static BOOLEAN KdDebuggerEnabled = FALSE;
NT_EXPORT_VARIABLE("ntoskrnl.exe", KdDebuggerEnabled, "Debug");

/* ---- numbers ---- */

enum { RANDOM_MODULUS = 0x7FFFFFFF };

/* The documented generator: the same seed gives the same numbers, 0 to MAXLONG - 1. */
ULONG NTAPI RtlRandomEx(PULONG Seed)
{
    uint64_t next = ((uint64_t)*Seed * 0x7FFFFFED + 0x7FFFFFC3) % RANDOM_MODULUS;

    *Seed = (ULONG)next;
    return (ULONG)next;
}
EXPORT(RtlRandomEx, "Run-time library", NT_APC_LEVEL);

ULONG NTAPI RtlRandom(PULONG Seed)
{
    return RtlRandomEx(Seed);
}
EXPORT(RtlRandom, "Run-time library", NT_APC_LEVEL);

/* Random, version 4: from the machine's seed, so that a run can be replayed. */
NTSTATUS NTAPI ExUuidCreate(UUID *Uuid)
{
    uint64_t halves[2] = {sys_random(), sys_random()};

    memcpy(Uuid, halves, sizeof(*Uuid));
    Uuid->Data3 = (USHORT)((Uuid->Data3 & 0x0FFF) | 0x4000);
    Uuid->Data4[0] = (UCHAR)((Uuid->Data4[0] & 0x3F) | 0x80);
    return STATUS_SUCCESS;
}
EXPORT(ExUuidCreate, "Executive", NT_PASSIVE_LEVEL);

/* ---- probes of what an application gave ---- */

static void probe(const volatile VOID *address, SIZE_T length, ULONG alignment)
{
    uintptr_t first = (uintptr_t)address;

    if (!length)
        return;
    if (first & (alignment - 1))
        trap_raise(STATUS_DATATYPE_MISALIGNMENT, "the driver probed a misaligned address", 0, 0, 0);
    if (first < NT_PAGE_SIZE || first + length < first || (int64_t)(first + length) < 0 ||
        !nt_user_memory_holds(nt_process_current(), address, length))
        trap_raise(STATUS_ACCESS_VIOLATION, "the driver probed an address that no application has",
                   2, 0, first);
}

VOID NTAPI ProbeForRead(const volatile VOID *Address, SIZE_T Length, ULONG Alignment)
{
    probe(Address, Length, Alignment);
}
EXPORT_PROBE(ProbeForRead);

/* Writable is what takes a byte in each page. */
VOID NTAPI ProbeForWrite(volatile VOID *Address, SIZE_T Length, ULONG Alignment)
{
    probe(Address, Length, Alignment);
    for (SIZE_T at = 0; at < Length;
         at += NT_PAGE_SIZE - ((uintptr_t)Address + at) % NT_PAGE_SIZE) {
        volatile UCHAR *byte = (volatile UCHAR *)Address + at;
        *byte = *byte;
    }
}
EXPORT_PROBE(ProbeForWrite);

/* ---- the event log ---- */

enum { LOG_TAG = 0x4C457249 };

/* The packet is preceded by whom it is about. */
struct log_entry {
    const struct port_adapter *adapter;
    _Alignas(16) unsigned char packet[];
};

static struct log_entry *entry_of(PVOID packet)
{
    return (struct log_entry *)((char *)packet - offsetof(struct log_entry, packet));
}

PVOID NTAPI IoAllocateErrorLogEntry(PVOID IoObject, UCHAR EntrySize)
{
    struct log_entry *entry;
    const DEVICE_OBJECT *device = IoObject;

    if (EntrySize < sizeof(IO_ERROR_LOG_PACKET) || EntrySize > ERROR_LOG_LIMIT_SIZE)
        return NULL;
    entry = nt_pool_allocate(sizeof(*entry) + EntrySize, LOG_TAG, NULL);
    if (!entry)
        return NULL;
    memset(entry, 0, sizeof(*entry) + EntrySize);
    entry->adapter = device->Type == IO_TYPE_DEVICE ? device->Reserved : NULL;
    return entry->packet;
}
EXPORT(IoAllocateErrorLogEntry, "I/O manager", NT_DISPATCH_LEVEL);

VOID NTAPI IoWriteErrorLogEntry(PVOID ElEntry)
{
    struct log_entry *entry = entry_of(ElEntry);
    const IO_ERROR_LOG_PACKET *packet = ElEntry;

    if (entry->adapter)
        port_adapter_log((struct port_adapter *)(uintptr_t)entry->adapter,
                         "the driver logged error 0x%08X (unique value %u, final status 0x%08X)",
                         (unsigned)packet->ErrorCode, packet->UniqueErrorValue,
                         (unsigned)packet->FinalStatus);
    else
        nt_print("a driver logged error 0x%08X (unique value %u, final status 0x%08X)",
                 (unsigned)packet->ErrorCode, packet->UniqueErrorValue,
                 (unsigned)packet->FinalStatus);
    nt_pool_free(entry);
}
EXPORT(IoWriteErrorLogEntry, "I/O manager", NT_DISPATCH_LEVEL);

VOID NTAPI IoFreeErrorLogEntry(PVOID ElEntry)
{
    nt_pool_free(entry_of(ElEntry));
}
EXPORT(IoFreeErrorLogEntry, "I/O manager", NT_DISPATCH_LEVEL);

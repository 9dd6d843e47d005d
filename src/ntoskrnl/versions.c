/*
 * versions.c - Rtl and Io: whether the system is the one that a driver wants.
 */
#include "nt/export.h"
#include "nt/system.h"
#include "nt/thread.h"

#include <ntddk.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Run-time library", irql_max_)

/* Each member has three bits of a mask of conditions, in the order of the members' bits. */
enum { CONDITION_BITS = 3, CONDITION_MASK = 7, MEMBERS = 8, PLATFORM_NT = 2 };

ULONGLONG NTAPI VerSetConditionMask(ULONGLONG ConditionMask, ULONG TypeMask, UCHAR Condition)
{
    for (unsigned member = 0; member < MEMBERS; member++)
        if (TypeMask & 1u << member)
            ConditionMask |= (ULONGLONG)(Condition & CONDITION_MASK) << CONDITION_BITS * member;
    return ConditionMask;
}
EXPORT(VerSetConditionMask, NT_HIGH_LEVEL);

static unsigned condition_of(ULONGLONG mask, unsigned bit)
{
    return mask >> CONDITION_BITS * (unsigned)__builtin_ctz(bit) & CONDITION_MASK;
}

static bool compares(ULONG actual, ULONG wanted, unsigned condition)
{
    switch (condition) {
    case VER_EQUAL:
        return actual == wanted;
    case VER_GREATER:
        return actual > wanted;
    case VER_GREATER_EQUAL:
        return actual >= wanted;
    case VER_LESS:
        return actual < wanted;
    case VER_LESS_EQUAL:
        return actual <= wanted;
    default:
        return false;
    }
}

static bool has_suites(USHORT wanted, unsigned condition)
{
    switch (condition) {
    case VER_AND:
        return (NT_SYSTEM_SUITE_MASK & wanted) == wanted;
    case VER_OR:
        return (NT_SYSTEM_SUITE_MASK & wanted) != 0;
    default:
        return false;
    }
}

/* Major and minor version and service pack are one number of four digits: the next digit counts
 * only where those before it are equal. */
static bool release_compares(const RTL_OSVERSIONINFOEXW *wanted, ULONG types, ULONGLONG conditions)
{
    const struct {
        unsigned bit;
        ULONG actual, wanted;
    } digits[] = {
        {VER_MAJORVERSION, NT_SYSTEM_MAJOR, wanted->dwMajorVersion},
        {VER_MINORVERSION, NT_SYSTEM_MINOR, wanted->dwMinorVersion},
        {VER_SERVICEPACKMAJOR, 0, wanted->wServicePackMajor},
        {VER_SERVICEPACKMINOR, 0, wanted->wServicePackMinor},
    };

    unsigned condition = VER_GREATER_EQUAL;
    for (unsigned i = 0; i < sizeof(digits) / sizeof(digits[0]); i++) {
        if (!(types & digits[i].bit))
            continue;
        condition = condition_of(conditions, digits[i].bit);
        if (digits[i].actual != digits[i].wanted)
            return compares(digits[i].actual, digits[i].wanted, condition);
    }
    return compares(0, 0, condition);
}

NTSTATUS NTAPI RtlVerifyVersionInfo(PRTL_OSVERSIONINFOEXW VersionInfo, ULONG TypeMask,
                                    ULONGLONG ConditionMask)
{
    const struct {
        unsigned bit;
        ULONG actual, wanted;
    } numbers[] = {
        {VER_BUILDNUMBER, NT_SYSTEM_BUILD, VersionInfo->dwBuildNumber},
        {VER_PLATFORMID, PLATFORM_NT, VersionInfo->dwPlatformId},
        {VER_PRODUCT_TYPE, NT_SYSTEM_PRODUCT_TYPE, VersionInfo->wProductType},
    };

    if (!TypeMask || !ConditionMask)
        return STATUS_INVALID_PARAMETER;
    for (unsigned i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (TypeMask & numbers[i].bit && !compares(numbers[i].actual, numbers[i].wanted,
                                                   condition_of(ConditionMask, numbers[i].bit)))
            return STATUS_REVISION_MISMATCH;
    if (TypeMask & VER_SUITENAME &&
        !has_suites(VersionInfo->wSuiteMask, condition_of(ConditionMask, VER_SUITENAME)))
        return STATUS_REVISION_MISMATCH;
    return release_compares(VersionInfo, TypeMask, ConditionMask) ? STATUS_SUCCESS
                                                                  : STATUS_REVISION_MISMATCH;
}
EXPORT(RtlVerifyVersionInfo, NT_PASSIVE_LEVEL);

/* Versions of the interface have their lower half for service packs, which another routine knows.
 */
BOOLEAN NTAPI RtlIsNtDdiVersionAvailable(ULONG Version)
{
    enum { RELEASE = NT_SYSTEM_MAJOR << 24 | NT_SYSTEM_MINOR << 16, SERVICE_PACK_MASK = 0xFFFF };

    return !(Version & SERVICE_PACK_MASK) && Version <= RELEASE;
}
EXPORT(RtlIsNtDdiVersionAvailable, NT_PASSIVE_LEVEL);

/* WDM stood still at 6.0. */
BOOLEAN NTAPI IoIsWdmVersionAvailable(UCHAR MajorVersion, UCHAR MinorVersion)
{
    enum { WDM_MAJOR = 6, WDM_MINOR = 0 };

    return MajorVersion < WDM_MAJOR || (MajorVersion == WDM_MAJOR && MinorVersion <= WDM_MINOR);
}
EXPORT(IoIsWdmVersionAvailable, NT_HIGH_LEVEL);

/* Never safe mode. Drivers see the number itself, which headers call by a pointer's name. */
static ULONG InitSafeBootMode;
NT_EXPORT_VARIABLE("ntoskrnl.exe", InitSafeBootMode, "Run-time library");

/*
 * Checks of questions about the system's version.
 */
#include "check.h"

#define PASSIVE_PLACES (AT(PassiveInitialize) | AT(WorkItem) | AT(Thread))

CHECK(VerSetConditionMask, EVERYWHERE)
{
    ULONGLONG Mask = 0;

    VER_SET_CONDITION(Mask, VER_MAJORVERSION, VER_GREATER_EQUAL);
    EXPECT_EQUAL(Mask, 3 << 3);
    VER_SET_CONDITION(Mask, VER_MINORVERSION, VER_EQUAL);
    EXPECT_EQUAL(Mask, 3 << 3 | 1);
    VER_SET_CONDITION(Mask, VER_PRODUCT_TYPE, VER_OR);
    EXPECT_EQUAL(Mask, 7 << 21 | 3 << 3 | 1);
}

static NTSTATUS Verify(ULONG Major, ULONG Minor, ULONG ServicePack, UCHAR Condition)
{
    RTL_OSVERSIONINFOEXW Wanted;
    ULONGLONG Mask = 0;

    RtlZeroMemory(&Wanted, sizeof(Wanted));
    Wanted.dwOSVersionInfoSize = sizeof(Wanted);
    Wanted.dwMajorVersion = Major;
    Wanted.dwMinorVersion = Minor;
    Wanted.wServicePackMajor = (USHORT)ServicePack;
    VER_SET_CONDITION(Mask, VER_MAJORVERSION, Condition);
    VER_SET_CONDITION(Mask, VER_MINORVERSION, Condition);
    VER_SET_CONDITION(Mask, VER_SERVICEPACKMAJOR, Condition);
    return RtlVerifyVersionInfo(&Wanted, VER_MAJORVERSION | VER_MINORVERSION | VER_SERVICEPACKMAJOR,
                                Mask);
}

/* The members are the digits of one number: 10.0 is later than 6.2 with a service pack. */
CHECK(RtlVerifyVersionInfo, PASSIVE_PLACES)
{
    RTL_OSVERSIONINFOEXW Wanted;

    EXPECT_EQUAL(Verify(6, 2, 1, VER_GREATER_EQUAL), STATUS_SUCCESS);
    EXPECT_EQUAL(Verify(10, 0, 0, VER_GREATER_EQUAL), STATUS_SUCCESS);
    EXPECT_EQUAL(Verify(10, 0, 1, VER_GREATER_EQUAL), STATUS_REVISION_MISMATCH);
    EXPECT_EQUAL(Verify(10, 1, 0, VER_GREATER_EQUAL), STATUS_REVISION_MISMATCH);
    EXPECT_EQUAL(Verify(11, 0, 0, VER_GREATER_EQUAL), STATUS_REVISION_MISMATCH);
    EXPECT_EQUAL(Verify(10, 0, 0, VER_GREATER), STATUS_REVISION_MISMATCH);
    EXPECT_EQUAL(Verify(10, 0, 0, VER_EQUAL), STATUS_SUCCESS);
    EXPECT_EQUAL(Verify(6, 3, 0, VER_EQUAL), STATUS_REVISION_MISMATCH);
    EXPECT_EQUAL(Verify(10, 0, 1, VER_LESS), STATUS_SUCCESS);
    EXPECT_EQUAL(Verify(10, 0, 0, VER_LESS), STATUS_REVISION_MISMATCH);
    EXPECT_EQUAL(Verify(10, 0, 0, VER_LESS_EQUAL), STATUS_SUCCESS);
    RtlZeroMemory(&Wanted, sizeof(Wanted));
    EXPECT_EQUAL(RtlVerifyVersionInfo(&Wanted, 0, 1), STATUS_INVALID_PARAMETER);
    EXPECT_EQUAL(RtlVerifyVersionInfo(&Wanted, VER_MAJORVERSION, 0), STATUS_INVALID_PARAMETER);
}

CHECK_ALSO(RtlVerifyVersionInfo, compares_the_other_members, PASSIVE_PLACES)
{
    RTL_OSVERSIONINFOEXW Wanted;
    RTL_OSVERSIONINFOW Actual;

    RtlZeroMemory(&Wanted, sizeof(Wanted));
    Actual.dwOSVersionInfoSize = sizeof(Actual);
    EXPECT_EQUAL(RtlGetVersion(&Actual), STATUS_SUCCESS);
    Wanted.dwBuildNumber = Actual.dwBuildNumber;
    EXPECT_EQUAL(RtlVerifyVersionInfo(&Wanted, VER_BUILDNUMBER,
                                      VerSetConditionMask(0, VER_BUILDNUMBER, VER_EQUAL)),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(RtlVerifyVersionInfo(&Wanted, VER_BUILDNUMBER,
                                      VerSetConditionMask(0, VER_BUILDNUMBER, VER_GREATER)),
                 STATUS_REVISION_MISMATCH);
    Wanted.wProductType = 3; /* a server */
    EXPECT_EQUAL(RtlVerifyVersionInfo(&Wanted, VER_PRODUCT_TYPE,
                                      VerSetConditionMask(0, VER_PRODUCT_TYPE, VER_EQUAL)),
                 STATUS_REVISION_MISMATCH);
    Wanted.wSuiteMask = 0x100 | 0x80; /* one session; and a data center */
    EXPECT_EQUAL(
        RtlVerifyVersionInfo(&Wanted, VER_SUITENAME, VerSetConditionMask(0, VER_SUITENAME, VER_OR)),
        STATUS_SUCCESS);
    EXPECT_EQUAL(RtlVerifyVersionInfo(&Wanted, VER_SUITENAME,
                                      VerSetConditionMask(0, VER_SUITENAME, VER_AND)),
                 STATUS_REVISION_MISMATCH);
}

CHECK(RtlIsNtDdiVersionAvailable, PASSIVE_PLACES)
{
    EXPECT(RtlIsNtDdiVersionAvailable(0x0A000000));
    EXPECT(RtlIsNtDdiVersionAvailable(0x06010000));
    EXPECT(!RtlIsNtDdiVersionAvailable(0x0B000000));
    EXPECT(!RtlIsNtDdiVersionAvailable(0x06010001)); /* of a service pack */
}

CHECK(IoIsWdmVersionAvailable, EVERYWHERE)
{
    EXPECT(IoIsWdmVersionAvailable(1, 0x30));
    EXPECT(IoIsWdmVersionAvailable(6, 0));
    EXPECT(!IoIsWdmVersionAvailable(6, 1));
    EXPECT(!IoIsWdmVersionAvailable(7, 0));
}

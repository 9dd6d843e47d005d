/*
 * Checks of tokens: which kind a client's is, and that a thread acts with it until it reverts.
 */
#include "check.h"

#include <ntifs.h>

#define PLACES (AT(WorkItem) | AT(Thread))

static NTSTATUS Create(SECURITY_CLIENT_CONTEXT *Client, SECURITY_IMPERSONATION_LEVEL Level,
                       SECURITY_CONTEXT_TRACKING_MODE Tracking)
{
    SECURITY_QUALITY_OF_SERVICE Quality = {sizeof(Quality), Level, Tracking, TRUE};

    RtlZeroMemory(Client, sizeof(*Client));
    return SeCreateClientSecurity(PsGetCurrentThread(), &Quality, FALSE, Client);
}

/* The level with which this thread acts, -1 for its own. */
static LONG LevelOf(VOID)
{
    SECURITY_IMPERSONATION_LEVEL Level;
    BOOLEAN Copy, Effective;
    PACCESS_TOKEN Token =
        PsReferenceImpersonationToken(PsGetCurrentThread(), &Copy, &Effective, &Level);

    if (Token == NULL) {
        return -1;
    }
    PsDereferenceImpersonationToken(Token);
    return (LONG)Level;
}

CHECK(SeCreateClientSecurity, PLACES)
{
    SECURITY_CLIENT_CONTEXT Client;

    EXPECT_EQUAL(Create(&Client, SecurityImpersonation, SECURITY_STATIC_TRACKING), STATUS_SUCCESS);
    EXPECT(Client.ClientToken != NULL && !Client.DirectlyAccessClientToken);
    EXPECT_EQUAL(Client.SecurityQos.ImpersonationLevel, SecurityImpersonation);
    SeDeleteClientSecurity(&Client);
    EXPECT_EQUAL(Create(&Client, SecurityImpersonation, SECURITY_DYNAMIC_TRACKING), STATUS_SUCCESS);
    EXPECT(Client.DirectlyAccessClientToken);
    SeDeleteClientSecurity(&Client);
}

CHECK_ALSO(SeCreateClientSecurity, passes_on_what_may_be, PLACES)
{
    SECURITY_CLIENT_CONTEXT Client, Next;

    Create(&Client, SecurityIdentification, SECURITY_STATIC_TRACKING);
    SeImpersonateClient(&Client, NULL);
    EXPECT_EQUAL(Create(&Next, SecurityImpersonation, SECURITY_STATIC_TRACKING),
                 STATUS_BAD_IMPERSONATION_LEVEL);
    PsRevertToSelf();
    SeDeleteClientSecurity(&Client);
}

CHECK(SeTokenType, PLACES)
{
    SECURITY_CLIENT_CONTEXT Client;

    Create(&Client, SecurityImpersonation, SECURITY_STATIC_TRACKING);
    EXPECT_EQUAL(SeTokenType(Client.ClientToken), TokenImpersonation);
    SeDeleteClientSecurity(&Client);
    Create(&Client, SecurityImpersonation, SECURITY_DYNAMIC_TRACKING);
    EXPECT_EQUAL(SeTokenType(Client.ClientToken), TokenPrimary);
    SeDeleteClientSecurity(&Client);
}

CHECK(PsDereferencePrimaryToken, PLACES)
{
    SECURITY_CLIENT_CONTEXT Client;

    Create(&Client, SecurityImpersonation, SECURITY_DYNAMIC_TRACKING);
    ObReferenceObject(Client.ClientToken);
    PsDereferencePrimaryToken(Client.ClientToken);
    EXPECT_EQUAL(ObDereferenceObject(Client.ClientToken), 0);
}

CHECK(PsDereferenceImpersonationToken, PLACES)
{
    SECURITY_CLIENT_CONTEXT Client;

    Create(&Client, SecurityImpersonation, SECURITY_STATIC_TRACKING);
    ObReferenceObject(Client.ClientToken);
    PsDereferenceImpersonationToken(Client.ClientToken);
    EXPECT_EQUAL(ObDereferenceObject(Client.ClientToken), 0);
    PsDereferenceImpersonationToken(NULL);
}

CHECK(PsReferenceImpersonationToken, PLACES)
{
    SECURITY_IMPERSONATION_LEVEL Level = SecurityAnonymous;
    SECURITY_CLIENT_CONTEXT Client;
    BOOLEAN Copy = TRUE, Effective = FALSE;

    EXPECT(PsReferenceImpersonationToken(PsGetCurrentThread(), &Copy, &Effective, &Level) == NULL);
    Create(&Client, SecurityDelegation, SECURITY_STATIC_TRACKING);
    SeImpersonateClient(&Client, NULL);
    PACCESS_TOKEN Token =
        PsReferenceImpersonationToken(PsGetCurrentThread(), &Copy, &Effective, &Level);
    EXPECT(Token != NULL && !Copy && Effective);
    EXPECT_EQUAL(Level, SecurityDelegation);
    PsDereferenceImpersonationToken(Token);
    PsRevertToSelf();
    SeDeleteClientSecurity(&Client);
}

CHECK(SeImpersonateClient, PLACES)
{
    SECURITY_CLIENT_CONTEXT Client;

    Create(&Client, SecurityImpersonation, SECURITY_STATIC_TRACKING);
    EXPECT_EQUAL(LevelOf(), -1);
    SeImpersonateClient(&Client, PsGetCurrentThread());
    SeDeleteClientSecurity(&Client);
    EXPECT_EQUAL(LevelOf(), SecurityImpersonation);
    PsRevertToSelf();
}

CHECK(SeImpersonateClientEx, PLACES)
{
    SECURITY_CLIENT_CONTEXT Client;

    Create(&Client, SecurityImpersonation, SECURITY_STATIC_TRACKING);
    EXPECT_EQUAL(SeImpersonateClientEx(&Client, (PETHREAD)Client.ClientToken),
                 STATUS_ACCESS_DENIED);
    EXPECT_EQUAL(LevelOf(), -1);
    EXPECT_EQUAL(SeImpersonateClientEx(&Client, NULL), STATUS_SUCCESS);
    EXPECT_EQUAL(LevelOf(), SecurityImpersonation);
    PsRevertToSelf();
    SeDeleteClientSecurity(&Client);
}

CHECK(PsRevertToSelf, PLACES)
{
    SECURITY_CLIENT_CONTEXT Client;

    Create(&Client, SecurityImpersonation, SECURITY_STATIC_TRACKING);
    SeImpersonateClient(&Client, NULL);
    EXPECT(LevelOf() >= 0);
    PsRevertToSelf();
    EXPECT_EQUAL(LevelOf(), -1);
    SeDeleteClientSecurity(&Client);
}

CHECK(SeSinglePrivilegeCheck, PLACES)
{
    LUID Privilege = {28, 0}; /* to manage volumes */

    EXPECT(SeSinglePrivilegeCheck(Privilege, UserMode));
    EXPECT(SeSinglePrivilegeCheck(Privilege, KernelMode));
}

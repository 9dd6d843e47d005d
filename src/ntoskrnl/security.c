/*
 * security.c - Se and Ps: tokens, and acting with a client's.
 *
 * All of this machine is one user's: its processes, and those that open its devices, since the
 * socket for that is open to its owner alone. So tokens say nothing about rights; a thread that
 * acts with a client's may do what it could do before. What a driver can see of it is here: which
 * kind a token is, with which level a thread acts.
 */
#include "nt/export.h"
#include "nt/object.h"
#include "nt/thread.h"
#include "ntoskrnl/threads.h"

#include <string.h>

#define EXPORT(name_, irql_max_) NT_EXPORT("ntoskrnl.exe", name_, "Security", irql_max_)

struct token {
    TOKEN_TYPE type;
    SECURITY_IMPERSONATION_LEVEL level; /* of an impersonation token */
    BOOLEAN effective_only;
};

static struct token *token_create(TOKEN_TYPE type, SECURITY_IMPERSONATION_LEVEL level)
{
    struct token *token = nt_object_create(NT_OBJECT_TOKEN, sizeof(*token), NULL);

    if (token)
        *token = (struct token){.type = type, .level = level};
    return token;
}

/* ---- tokens ---- */

TOKEN_TYPE NTAPI SeTokenType(PVOID Token)
{
    return ((const struct token *)Token)->type;
}
EXPORT(SeTokenType, NT_PASSIVE_LEVEL);

VOID NTAPI PsDereferencePrimaryToken(PVOID PrimaryToken)
{
    nt_object_release(PrimaryToken);
}
EXPORT(PsDereferencePrimaryToken, NT_PASSIVE_LEVEL);

VOID NTAPI PsDereferenceImpersonationToken(PVOID ImpersonationToken)
{
    if (ImpersonationToken)
        nt_object_release(ImpersonationToken);
}
EXPORT(PsDereferenceImpersonationToken, NT_PASSIVE_LEVEL);

/* ---- who a thread acts for ---- */

/* Only the calling thread's is known: a driver asks for others' in vain. */
static struct token *impersonation_of(PETHREAD thread)
{
    return (void *)thread == (void *)thread_current() ? nt_self()->impersonation : NULL;
}

PACCESS_TOKEN NTAPI PsReferenceImpersonationToken(PETHREAD Thread, PBOOLEAN CopyOnOpen,
                                                  PBOOLEAN EffectiveOnly,
                                                  PSECURITY_IMPERSONATION_LEVEL ImpersonationLevel)
{
    struct token *token = impersonation_of(Thread);

    if (!token)
        return NULL;
    *CopyOnOpen = FALSE;
    *EffectiveOnly = token->effective_only;
    *ImpersonationLevel = token->level;
    nt_object_reference(token);
    return token;
}
EXPORT(PsReferenceImpersonationToken, NT_PASSIVE_LEVEL);

static void impersonate(struct token *token)
{
    struct nt_thread *self = nt_self();

    if (token)
        nt_object_reference(token);
    if (self->impersonation)
        nt_object_release(self->impersonation);
    self->impersonation = token;
}

VOID NTAPI PsRevertToSelf(VOID)
{
    impersonate(NULL);
}
EXPORT(PsRevertToSelf, NT_PASSIVE_LEVEL);

/* A token that was passed on as it is may be one that its level does not let anybody act with. */
static bool may_be_passed_on(const struct token *token, BOOLEAN remote)
{
    return token->level >= SecurityImpersonation && (!remote || token->level == SecurityDelegation);
}

NTSTATUS NTAPI SeCreateClientSecurity(PETHREAD ClientThread,
                                      PSECURITY_QUALITY_OF_SERVICE ClientSecurityQos,
                                      BOOLEAN RemoteSession, PSECURITY_CLIENT_CONTEXT ClientContext)
{
    struct token *effective = impersonation_of(ClientThread), *token = effective;
    bool dynamic = ClientSecurityQos->ContextTrackingMode != SECURITY_STATIC_TRACKING;

    if (effective && !may_be_passed_on(effective, RemoteSession))
        return STATUS_BAD_IMPERSONATION_LEVEL;
    if (dynamic && !RemoteSession && effective)
        nt_object_reference(effective);
    else
        token = token_create(dynamic && !RemoteSession ? TokenPrimary : TokenImpersonation,
                             ClientSecurityQos->ImpersonationLevel);
    if (!token)
        return STATUS_INSUFFICIENT_RESOURCES;
    *ClientContext = (SECURITY_CLIENT_CONTEXT){
        .SecurityQos = *ClientSecurityQos,
        .ClientToken = token,
        .DirectlyAccessClientToken = dynamic && !RemoteSession,
        .DirectAccessEffectiveOnly = ClientSecurityQos->EffectiveOnly,
        .ServerIsRemote = RemoteSession,
    };
    return STATUS_SUCCESS;
}
EXPORT(SeCreateClientSecurity, NT_PASSIVE_LEVEL);

NTSTATUS NTAPI SeImpersonateClientEx(PSECURITY_CLIENT_CONTEXT ClientContext, PETHREAD ServerThread)
{
    const SECURITY_QUALITY_OF_SERVICE *quality = &ClientContext->SecurityQos;

    if (ServerThread && (void *)ServerThread != (void *)thread_current())
        return STATUS_ACCESS_DENIED;
    struct token *token = token_create(TokenImpersonation, quality->ImpersonationLevel);
    if (!token)
        return STATUS_NO_MEMORY;
    token->effective_only = quality->EffectiveOnly;
    impersonate(token);
    nt_object_release(token);
    return STATUS_SUCCESS;
}
EXPORT(SeImpersonateClientEx, NT_PASSIVE_LEVEL);

VOID NTAPI SeImpersonateClient(PSECURITY_CLIENT_CONTEXT ClientContext, PETHREAD ServerThread)
{
    (void)SeImpersonateClientEx(ClientContext, ServerThread);
}
EXPORT(SeImpersonateClient, NT_PASSIVE_LEVEL);

/* The one user of this machine has all privileges. */
BOOLEAN NTAPI SeSinglePrivilegeCheck(LUID PrivilegeValue, KPROCESSOR_MODE PreviousMode)
{
    (void)PrivilegeValue;
    (void)PreviousMode;
    return TRUE;
}
EXPORT(SeSinglePrivilegeCheck, NT_PASSIVE_LEVEL);

/*
 * affinity.c - Ke: which processors the calling thread may run on. Without an affinity of its own
 * it runs anywhere, and zeros stand for that.
 */
#include "nt/export.h"
#include "nt/processor.h"

#include <ntddk.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Threads", NT_DISPATCH_LEVEL)

static GROUP_AFFINITY affinity_now(void)
{
    const struct nt_thread *self = nt_self();

    return (GROUP_AFFINITY){.Mask = self->affinity,
                            .Group = self->affinity ? self->affinity_group : 0};
}

/* Processors that the group does not have are left out; without any there is no change. */
static bool change(unsigned group, KAFFINITY mask)
{
    mask &= nt_group_affinity(group);
    if (mask)
        nt_thread_set_affinity(group, mask);
    return mask != 0;
}

VOID NTAPI KeSetSystemGroupAffinityThread(PGROUP_AFFINITY Affinity,
                                          PGROUP_AFFINITY PreviousAffinity)
{
    GROUP_AFFINITY before = affinity_now();

    if (!change(Affinity->Group, Affinity->Mask))
        before = (GROUP_AFFINITY){0};
    if (PreviousAffinity)
        *PreviousAffinity = before;
}
EXPORT(KeSetSystemGroupAffinityThread);

VOID NTAPI KeRevertToUserGroupAffinityThread(PGROUP_AFFINITY PreviousAffinity)
{
    if (PreviousAffinity->Mask)
        (void)change(PreviousAffinity->Group, PreviousAffinity->Mask);
    else
        nt_thread_set_affinity(0, 0);
}
EXPORT(KeRevertToUserGroupAffinityThread);

/* ---- without groups: group 0 ---- */

KAFFINITY NTAPI KeSetSystemAffinityThreadEx(KAFFINITY Affinity)
{
    GROUP_AFFINITY before = affinity_now();

    return change(0, Affinity) && before.Group == 0 ? before.Mask : 0;
}
EXPORT(KeSetSystemAffinityThreadEx);

VOID NTAPI KeSetSystemAffinityThread(KAFFINITY Affinity)
{
    (void)change(0, Affinity);
}
EXPORT(KeSetSystemAffinityThread);

VOID NTAPI KeRevertToUserAffinityThreadEx(KAFFINITY Affinity)
{
    if (Affinity)
        (void)change(0, Affinity);
    else
        nt_thread_set_affinity(0, 0);
}
EXPORT(KeRevertToUserAffinityThreadEx);

VOID NTAPI KeRevertToUserAffinityThread(VOID)
{
    nt_thread_set_affinity(0, 0);
}
EXPORT(KeRevertToUserAffinityThread);

/*
 * processors.c - Ke: groups, nodes and numbers of processors. There is one group and one node.
 */
#include "nt/dpc.h"
#include "nt/export.h"
#include "nt/machine.h"

#include <ntddk.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Kernel", NT_HIGH_LEVEL)

static KAFFINITY all_processors(void)
{
    unsigned count = nt_processor_count();

    return count >= 64 ? ~(KAFFINITY)0 : ((KAFFINITY)1 << count) - 1;
}

USHORT NTAPI KeQueryActiveGroupCount(VOID)
{
    return 1;
}
EXPORT(KeQueryActiveGroupCount);

USHORT NTAPI KeQueryMaximumGroupCount(VOID)
{
    return 1;
}
EXPORT(KeQueryMaximumGroupCount);

KAFFINITY NTAPI KeQueryGroupAffinity(USHORT GroupNumber)
{
    return GroupNumber == 0 ? all_processors() : 0;
}
EXPORT(KeQueryGroupAffinity);

NTSTATUS NTAPI KeGetProcessorNumberFromIndex(ULONG ProcIndex, PPROCESSOR_NUMBER ProcNumber)
{
    if (ProcIndex >= nt_processor_count())
        return STATUS_INVALID_PARAMETER;
    *ProcNumber = (PROCESSOR_NUMBER){.Group = 0, .Number = (UCHAR)ProcIndex};
    return STATUS_SUCCESS;
}
EXPORT(KeGetProcessorNumberFromIndex);

ULONG NTAPI KeGetProcessorIndexFromNumber(PPROCESSOR_NUMBER ProcNumber)
{
    if (ProcNumber->Group != 0 || ProcNumber->Reserved != 0 ||
        ProcNumber->Number >= nt_processor_count())
        return INVALID_PROCESSOR_INDEX;
    return ProcNumber->Number;
}
EXPORT(KeGetProcessorIndexFromNumber);

USHORT NTAPI KeGetCurrentNodeNumber(VOID)
{
    return 0;
}
EXPORT(KeGetCurrentNodeNumber);

USHORT NTAPI KeQueryHighestNodeNumber(VOID)
{
    return 0;
}
EXPORT(KeQueryHighestNodeNumber);

VOID NTAPI KeQueryNodeActiveAffinity(USHORT NodeNumber, PGROUP_AFFINITY Affinity, PUSHORT Count)
{
    if (Affinity)
        *Affinity = (GROUP_AFFINITY){.Mask = NodeNumber == 0 ? all_processors() : 0};
    if (Count)
        *Count = NodeNumber == 0 ? (USHORT)nt_processor_count() : 0;
}
EXPORT(KeQueryNodeActiveAffinity);

USHORT NTAPI KeQueryNodeMaximumProcessorCount(USHORT NodeNumber)
{
    return NodeNumber == 0 ? (USHORT)nt_processor_count() : 0;
}
EXPORT(KeQueryNodeMaximumProcessorCount);

NTSTATUS NTAPI KeSetTargetProcessorDpcEx(PKDPC Dpc, PPROCESSOR_NUMBER ProcNumber)
{
    ULONG index = KeGetProcessorIndexFromNumber(ProcNumber);

    if (index == INVALID_PROCESSOR_INDEX)
        return STATUS_INVALID_PARAMETER;
    nt_dpc_set_target(Dpc, index);
    return STATUS_SUCCESS;
}
EXPORT(KeSetTargetProcessorDpcEx);

VOID NTAPI KeSetImportanceDpc(PRKDPC Dpc, KDPC_IMPORTANCE Importance)
{
    nt_dpc_set_importance(Dpc, (unsigned)Importance);
}
EXPORT(KeSetImportanceDpc);

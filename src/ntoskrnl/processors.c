/*
 * processors.c - Ke: groups, nodes and numbers of processors: the answers of nt/topology.h.
 *
 * Routines that know no groups speak of group 0 alone.
 */
#include "nt/bugcheck.h"
#include "nt/dpc.h"
#include "nt/export.h"
#include "nt/machine.h"
#include "nt/shared_data.h"

#include <ntddk.h>
#include <stddef.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Kernel", NT_HIGH_LEVEL)

/* ---- groups ---- */

USHORT NTAPI KeQueryActiveGroupCount(VOID)
{
    return (USHORT)nt_topology()->group_count;
}
EXPORT(KeQueryActiveGroupCount);

USHORT NTAPI KeQueryMaximumGroupCount(VOID)
{
    return (USHORT)nt_topology()->group_count;
}
EXPORT(KeQueryMaximumGroupCount);

KAFFINITY NTAPI KeQueryGroupAffinity(USHORT GroupNumber)
{
    return nt_group_affinity(GroupNumber);
}
EXPORT(KeQueryGroupAffinity);

/* No processor is ever added, so there are at most as many as there are. */
static ULONG processors_of(USHORT group)
{
    if (group == ALL_PROCESSOR_GROUPS)
        return nt_processor_count();
    return (ULONG)__builtin_popcountll(nt_group_affinity(group));
}

ULONG NTAPI KeQueryActiveProcessorCountEx(USHORT GroupNumber)
{
    return processors_of(GroupNumber);
}
EXPORT(KeQueryActiveProcessorCountEx);

ULONG NTAPI KeQueryMaximumProcessorCountEx(USHORT GroupNumber)
{
    return processors_of(GroupNumber);
}
EXPORT(KeQueryMaximumProcessorCountEx);

ULONG NTAPI KeQueryMaximumProcessorCount(VOID)
{
    return processors_of(0);
}
EXPORT(KeQueryMaximumProcessorCount);

KAFFINITY NTAPI KeQueryActiveProcessors(VOID)
{
    return nt_group_affinity(0);
}
EXPORT(KeQueryActiveProcessors);

ULONG NTAPI KeQueryActiveProcessorCount(PKAFFINITY ActiveProcessors)
{
    if (ActiveProcessors)
        *ActiveProcessors = nt_group_affinity(0);
    return processors_of(0);
}
EXPORT(KeQueryActiveProcessorCount);

/* ---- what they can do ---- */

/* What the kernel's page says of it: no more than each such machine has. */
BOOLEAN NTAPI ExIsProcessorFeaturePresent(ULONG ProcessorFeature)
{
    BOOLEAN present = FALSE;

    if (ProcessorFeature >= PROCESSOR_FEATURE_MAX)
        return FALSE;
    (void)nt_shared_data_read(NT_SHARED_DATA_ADDRESS +
                                  offsetof(KUSER_SHARED_DATA, ProcessorFeatures) + ProcessorFeature,
                              &present, sizeof(present));
    return present;
}
EXPORT(ExIsProcessorFeaturePresent);

/* ---- numbers ---- */

static PROCESSOR_NUMBER number_of(unsigned index)
{
    const struct nt_place *place = &nt_topology()->places[index];

    return (PROCESSOR_NUMBER){.Group = place->group, .Number = place->number};
}

/* Below DISPATCH_LEVEL the answer is true for a moment only, as on any machine. */
ULONG NTAPI KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber)
{
    unsigned index = nt_processor_current()->number;

    if (ProcNumber)
        *ProcNumber = number_of(index);
    return index;
}
EXPORT(KeGetCurrentProcessorNumberEx);

NTSTATUS NTAPI KeGetProcessorNumberFromIndex(ULONG ProcIndex, PPROCESSOR_NUMBER ProcNumber)
{
    if (ProcIndex >= nt_processor_count())
        return STATUS_INVALID_PARAMETER;
    *ProcNumber = number_of(ProcIndex);
    return STATUS_SUCCESS;
}
EXPORT(KeGetProcessorNumberFromIndex);

ULONG NTAPI KeGetProcessorIndexFromNumber(PPROCESSOR_NUMBER ProcNumber)
{
    int index =
        ProcNumber->Reserved ? -1 : nt_processor_in_group(ProcNumber->Group, ProcNumber->Number);

    return index < 0 ? INVALID_PROCESSOR_INDEX : (ULONG)index;
}
EXPORT(KeGetProcessorIndexFromNumber);

/* ---- nodes ---- */

USHORT NTAPI KeGetCurrentNodeNumber(VOID)
{
    return nt_topology()->places[nt_processor_current()->number].node;
}
EXPORT(KeGetCurrentNodeNumber);

USHORT NTAPI KeQueryHighestNodeNumber(VOID)
{
    return (USHORT)(nt_topology()->node_count - 1);
}
EXPORT(KeQueryHighestNodeNumber);

VOID NTAPI KeQueryNodeActiveAffinity(USHORT NodeNumber, PGROUP_AFFINITY Affinity, PUSHORT Count)
{
    struct nt_processor_set set = nt_node_processors(NodeNumber);
    unsigned group = nt_set_primary_group(&set);
    KAFFINITY mask = nt_set_affinity(&set, group);

    if (Affinity)
        *Affinity = (GROUP_AFFINITY){.Mask = mask, .Group = (USHORT)group};
    if (Count)
        *Count = (USHORT)__builtin_popcountll(mask);
}
EXPORT(KeQueryNodeActiveAffinity);

NTSTATUS NTAPI KeQueryNodeActiveAffinity2(USHORT NodeNumber, PGROUP_AFFINITY GroupAffinities,
                                          USHORT GroupAffinitiesCount,
                                          PUSHORT GroupAffinitiesRequired)
{
    struct nt_processor_set set = nt_node_processors(NodeNumber);
    USHORT count = 0;

    if (NodeNumber >= nt_topology()->node_count)
        return STATUS_INVALID_PARAMETER;
    for (unsigned group = 0; group < nt_topology()->group_count; group++) {
        KAFFINITY mask = nt_set_affinity(&set, group);
        if (mask && count < GroupAffinitiesCount)
            GroupAffinities[count] = (GROUP_AFFINITY){.Mask = mask, .Group = (USHORT)group};
        count += mask != 0;
    }
    *GroupAffinitiesRequired = count;
    return count > GroupAffinitiesCount ? STATUS_BUFFER_TOO_SMALL : STATUS_SUCCESS;
}
EXPORT(KeQueryNodeActiveAffinity2);

static USHORT processors_of_node(USHORT node)
{
    struct nt_processor_set set = nt_node_processors(node);

    return (USHORT)nt_set_count(&set);
}

ULONG NTAPI KeQueryNodeActiveProcessorCount(USHORT NodeNumber)
{
    return processors_of_node(NodeNumber);
}
EXPORT(KeQueryNodeActiveProcessorCount);

USHORT NTAPI KeQueryNodeMaximumProcessorCount(USHORT NodeNumber)
{
    return processors_of_node(NodeNumber);
}
EXPORT(KeQueryNodeMaximumProcessorCount);

/* ---- relationships ---- */

NTSTATUS NTAPI KeQueryLogicalProcessorRelationship(
    PPROCESSOR_NUMBER ProcessorNumber, LOGICAL_PROCESSOR_RELATIONSHIP RelationshipType,
    PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX Information, PULONG Length)
{
    ULONG index = ProcessorNumber ? KeGetProcessorIndexFromNumber(ProcessorNumber) : 0;
    ULONG room = Information ? *Length : 0;

    if (index == INVALID_PROCESSOR_INDEX ||
        (RelationshipType > RelationProcessorModule && RelationshipType != RelationAll))
        return STATUS_INVALID_PARAMETER;
    *Length = (ULONG)nt_topology_relationships(
        (unsigned)RelationshipType, ProcessorNumber ? (int)index : -1, Information, room);
    return *Length > room ? STATUS_INFO_LENGTH_MISMATCH : STATUS_SUCCESS;
}
NT_EXPORT("ntoskrnl.exe", KeQueryLogicalProcessorRelationship, "Kernel", NT_DISPATCH_LEVEL);

/* ---- DPCs ---- */

/* Of group 0; a number that it does not have changes nothing. */
void NTAPI KeSetTargetProcessorDpc(PRKDPC Dpc, CCHAR Number)
{
    int index = nt_processor_in_group(0, (unsigned char)Number);

    if (index < 0)
        nt_finding("KeSetTargetProcessorDpc", Dpc, "group 0 has no processor %u",
                   (unsigned char)Number);
    else
        nt_dpc_set_target(Dpc, (unsigned)index);
}
EXPORT(KeSetTargetProcessorDpc);

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

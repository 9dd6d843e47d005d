/*
 * resources.c - the resources that an adapter asks for, which a driver may trim before it is found
 * (control type FilterResourceRequirements, with STOR_FEATURE_ADAPTER_CONTROL_PRE_FINDADAPTER).
 *
 * BARs lie where the backend put them and are shown as they are; of interrupt messages the driver
 * may take fewer.
 */
#define NT_PROCESSOR_GROUPS 1 /* descriptors with groups */
#include "storport/adapter.h"

#include <stdlib.h>

enum { DESCRIPTORS_MAX = BUS_BAR_COUNT + PORT_MESSAGES_MAX };

struct requirements {
    IO_RESOURCE_REQUIREMENTS_LIST list;
    IO_RESOURCE_DESCRIPTOR more[DESCRIPTORS_MAX - 1];
};

static void add_bars(IO_RESOURCE_LIST *list, struct bus_device *device)
{
    const struct bus_bar *bars = device->ops->bars(device);

    for (unsigned i = 0; i < BUS_BAR_COUNT; i++) {
        if (bars[i].kind == BUS_BAR_NONE)
            continue;
        /* Memory and ports have the same members in the same places. */
        IO_RESOURCE_DESCRIPTOR *descriptor = &list->Descriptors[list->Count++];
        descriptor->Type =
            bars[i].kind == BUS_BAR_MEMORY ? CmResourceTypeMemory : CmResourceTypePort;
        descriptor->ShareDisposition = CmResourceShareDeviceExclusive;
        descriptor->u.Memory.Length = descriptor->u.Memory.Alignment = (ULONG)bars[i].size;
        descriptor->u.Memory.MinimumAddress.QuadPart = (LONGLONG)bars[i].address;
        descriptor->u.Memory.MaximumAddress.QuadPart =
            (LONGLONG)(bars[i].address + bars[i].size - 1);
    }
}

/* A line, one descriptor for all messages of MSI, or one for each message of MSI-X. */
static unsigned interrupt_descriptors(const struct port_grant *grant)
{
    return grant->kind == BUS_INTERRUPT_MSIX ? grant->count : grant->count != 0;
}

static void add_interrupts(IO_RESOURCE_LIST *list, const struct port_grant *grant)
{
    bool line = grant->kind == BUS_INTERRUPT_LINE;

    for (unsigned i = 0; i < interrupt_descriptors(grant); i++) {
        IO_RESOURCE_DESCRIPTOR *descriptor = &list->Descriptors[list->Count++];
        descriptor->Type = CmResourceTypeInterrupt;
        descriptor->ShareDisposition =
            line ? CmResourceShareShared : CmResourceShareDeviceExclusive;
        descriptor->Flags = line ? CM_RESOURCE_INTERRUPT_LEVEL_SENSITIVE
                                 : CM_RESOURCE_INTERRUPT_LATCHED | CM_RESOURCE_INTERRUPT_MESSAGE;
        descriptor->u.Interrupt.MinimumVector = line ? 0 : CM_RESOURCE_INTERRUPT_MESSAGE_TOKEN;
        descriptor->u.Interrupt.MaximumVector = line ? 0xFF : CM_RESOURCE_INTERRUPT_MESSAGE_TOKEN;
        if (grant->kind == BUS_INTERRUPT_MSI)
            descriptor->u.Interrupt.MinimumVector -= grant->count - 1;
        descriptor->u.Interrupt.AffinityPolicy = grant->policy;
        descriptor->u.Interrupt.TargetedProcessors = grant->set;
    }
}

/* What the driver has left of the interrupts, and where it wants them. */
static void take_filtered(struct storport_adapter *adapter, const IO_RESOURCE_LIST *list)
{
    struct port_grant *grant = &adapter->port->grant;
    unsigned left = 0;

    for (ULONG i = 0; i < list->Count; i++) {
        const IO_RESOURCE_DESCRIPTOR *descriptor = &list->Descriptors[i];
        if (descriptor->Type != CmResourceTypeInterrupt)
            continue;
        ULONG count = descriptor->u.Interrupt.MaximumVector - descriptor->u.Interrupt.MinimumVector;
        if (grant->kind == BUS_INTERRUPT_MSI && count < grant->count)
            while (grant->count > count + 1)
                grant->count /= 2; /* a power of two, as many as fit */
        if (left < grant->count)
            port_grant_aim(grant, left, descriptor->u.Interrupt.AffinityPolicy,
                           descriptor->u.Interrupt.Group,
                           descriptor->u.Interrupt.TargetedProcessors);
        left++;
    }
    if (grant->kind != BUS_INTERRUPT_MSI && left < grant->count)
        grant->count = left;
    if (!left)
        grant->count = 0;
    /* All messages of MSI are aimed alike. */
    for (unsigned i = 1; grant->kind == BUS_INTERRUPT_MSI && i < grant->count; i++) {
        grant->processors[i] = grant->processors[0];
        grant->exact[i] = grant->exact[0];
    }
}

/* The driver has seen nothing of the adapter yet: its extension is as it was made. */
static bool filter_call(struct storport_adapter *adapter, struct requirements *requirements)
{
    STOR_FILTER_RESOURCE_REQUIREMENTS filter = {
        .Version = STOR_FILTER_RESOURCE_REQUIREMENTS_V1,
        .Size = sizeof(filter),
        .IoResourceRequirementsList = &requirements->list,
    };
    SCSI_ADAPTER_CONTROL_STATUS status = ScsiAdapterControlSuccess;

    storport_query_adapter_controls(adapter);
    return storport_adapter_control(adapter, ScsiAdapterFilterResourceRequirements, &filter,
                                    &status) &&
           status == ScsiAdapterControlSuccess;
}

static void filter(struct storport_adapter *adapter)
{
    struct requirements *requirements = calloc(1, sizeof(*requirements));

    if (!requirements)
        return; /* the driver is asked for a favour; it gets what there is */
    IO_RESOURCE_LIST *list = requirements->list.List;
    requirements->list.ListSize = sizeof(*requirements);
    requirements->list.InterfaceType = PCIBus;
    requirements->list.SlotNumber = port_adapter_slot(adapter->port);
    requirements->list.AlternativeLists = 1;
    list->Version = list->Revision = 1;
    add_bars(list, adapter->port->device);
    add_interrupts(list, &adapter->port->grant);
    ULONG count = list->Count;
    bool filtered = filter_call(adapter, requirements);
    if (list->Count > count)
        nt_finding("filter-resources", adapter->port,
                   "the driver made its list of resources longer: %u instead of %u", list->Count,
                   count);
    else if (filtered)
        take_filtered(adapter, list);
    free(requirements);
}

void storport_assign_resources(struct storport_adapter *adapter)
{
    port_grant_interrupts(adapter->port);
    if (adapter->init.FeatureSupport & STOR_FEATURE_ADAPTER_CONTROL_PRE_FINDADAPTER)
        filter(adapter);
}

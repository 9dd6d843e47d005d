/*
 * resources.c - the resources that an adapter asks for, which a driver may trim before it is found
 * (control type FilterResourceRequirements, with STOR_FEATURE_ADAPTER_CONTROL_PRE_FINDADAPTER).
 *
 * BARs lie where the backend put them and are shown as they are; of interrupt messages the driver
 * may take fewer.
 */
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

static void add_interrupts(IO_RESOURCE_LIST *list, const struct storport_adapter *adapter)
{
    bool line = adapter->granted == BUS_INTERRUPT_LINE;

    for (unsigned i = 0; i < adapter->granted_count; i++) {
        IO_RESOURCE_DESCRIPTOR *descriptor = &list->Descriptors[list->Count++];
        descriptor->Type = CmResourceTypeInterrupt;
        descriptor->ShareDisposition =
            line ? CmResourceShareShared : CmResourceShareDeviceExclusive;
        descriptor->Flags = line ? CM_RESOURCE_INTERRUPT_LEVEL_SENSITIVE
                                 : CM_RESOURCE_INTERRUPT_LATCHED | CM_RESOURCE_INTERRUPT_MESSAGE;
        descriptor->u.Interrupt.MinimumVector = line ? 0 : CM_RESOURCE_INTERRUPT_MESSAGE_TOKEN;
        descriptor->u.Interrupt.MaximumVector = line ? 0xFF : CM_RESOURCE_INTERRUPT_MESSAGE_TOKEN;
    }
}

static unsigned interrupts_left(const IO_RESOURCE_LIST *list)
{
    unsigned count = 0;

    for (ULONG i = 0; i < list->Count; i++)
        count += list->Descriptors[i].Type == CmResourceTypeInterrupt;
    return count;
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

void storport_filter_resources(struct storport_adapter *adapter)
{
    struct bus_device *device = adapter->port->device;

    if (!device || !(adapter->init.FeatureSupport & STOR_FEATURE_ADAPTER_CONTROL_PRE_FINDADAPTER))
        return;
    struct requirements *requirements = calloc(1, sizeof(*requirements));
    if (!requirements)
        return; /* the driver is asked for a favour; it gets what there is */
    IO_RESOURCE_LIST *list = requirements->list.List;
    requirements->list.ListSize = sizeof(*requirements);
    requirements->list.InterfaceType = PCIBus;
    requirements->list.AlternativeLists = 1;
    list->Version = list->Revision = 1;
    add_bars(list, device);
    add_interrupts(list, adapter);
    ULONG count = list->Count;
    bool filtered = filter_call(adapter, requirements);
    if (list->Count > count)
        nt_finding("filter-resources", adapter->port,
                   "the driver made its list of resources longer: %u instead of %u", list->Count,
                   count);
    else if (filtered && interrupts_left(list) < adapter->granted_count)
        adapter->granted_count = interrupts_left(list);
    free(requirements);
}

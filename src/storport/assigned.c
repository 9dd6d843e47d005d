/*
 * assigned.c - the resources that a device was assigned, as IRP_MN_START_DEVICE carries them: raw
 * as the bus knows them, translated as the processor does. On this machine memory and ports are the
 * same in both; interrupts are not.
 */
#define NT_PROCESSOR_GROUPS 1 /* descriptors with groups */
#include "bus/pci.h"
#include "storport/adapter.h"

#include <stddef.h>
#include <stdlib.h>

enum { DESCRIPTORS_MAX = BUS_BAR_COUNT + PORT_MESSAGES_MAX };

ULONG storport_line_number(const struct storport_adapter *adapter)
{
    struct bus_device *device = adapter->port->device;

    return device->ops->config_read(device, BUS_PCI_INTERRUPT_LINE, 1);
}

static CM_PARTIAL_RESOURCE_DESCRIPTOR *add(CM_PARTIAL_RESOURCE_LIST *list, UCHAR type, USHORT flags)
{
    CM_PARTIAL_RESOURCE_DESCRIPTOR *descriptor = &list->PartialDescriptors[list->Count++];

    descriptor->Type = type;
    descriptor->ShareDisposition = CmResourceShareDeviceExclusive;
    descriptor->Flags = flags;
    return descriptor;
}

static void add_bars(CM_PARTIAL_RESOURCE_LIST *list, struct bus_device *device)
{
    const struct bus_bar *bars = device->ops->bars(device);

    for (unsigned i = 0; i < BUS_BAR_COUNT; i++) {
        CM_PARTIAL_RESOURCE_DESCRIPTOR *descriptor;
        if (bars[i].kind == BUS_BAR_NONE)
            continue;
        if (bars[i].kind == BUS_BAR_PORT)
            descriptor = add(list, CmResourceTypePort,
                             CM_RESOURCE_PORT_IO | CM_RESOURCE_PORT_16_BIT_DECODE |
                                 CM_RESOURCE_PORT_POSITIVE_DECODE | CM_RESOURCE_PORT_BAR);
        else
            descriptor = add(list, CmResourceTypeMemory,
                             CM_RESOURCE_MEMORY_READ_WRITE | CM_RESOURCE_MEMORY_BAR |
                                 (bars[i].prefetchable ? CM_RESOURCE_MEMORY_PREFETCHABLE : 0));
        descriptor->u.Generic.Start.QuadPart = (LONGLONG)bars[i].address;
        descriptor->u.Generic.Length = bars[i].size > MAXULONG ? MAXULONG : (ULONG)bars[i].size;
    }
}

static void add_line(CM_PARTIAL_RESOURCE_LIST *list, const struct storport_adapter *adapter,
                     bool translated)
{
    const struct port_grant *grant = &adapter->port->grant;
    CM_PARTIAL_RESOURCE_DESCRIPTOR *descriptor =
        add(list, CmResourceTypeInterrupt, CM_RESOURCE_INTERRUPT_LEVEL_SENSITIVE);
    ULONG line = storport_line_number(adapter);
    const struct nt_place *place = &nt_topology()->places[grant->processors[0]];

    descriptor->ShareDisposition = CmResourceShareShared;
    descriptor->u.Interrupt.Level = (USHORT)(translated ? grant->irql : line);
    descriptor->u.Interrupt.Group = place->group;
    descriptor->u.Interrupt.Vector = translated ? storport_message_vector(0) : line;
    descriptor->u.Interrupt.Affinity = (KAFFINITY)1 << place->number;
}

static void add_messages(CM_PARTIAL_RESOURCE_LIST *list, const struct port_grant *grant,
                         unsigned first, unsigned count, bool translated)
{
    CM_PARTIAL_RESOURCE_DESCRIPTOR *descriptor =
        add(list, CmResourceTypeInterrupt,
            CM_RESOURCE_INTERRUPT_LATCHED | CM_RESOURCE_INTERRUPT_MESSAGE);
    const struct nt_place *place = &nt_topology()->places[grant->processors[first]];

    if (translated) {
        descriptor->u.MessageInterrupt.Translated.Level = grant->irql;
        descriptor->u.MessageInterrupt.Translated.Group = place->group;
    } else {
        descriptor->u.MessageInterrupt.Raw.Group = place->group;
        descriptor->u.MessageInterrupt.Raw.MessageCount = (USHORT)count;
    }
    descriptor->u.MessageInterrupt.Raw.Vector = storport_message_vector(first);
    descriptor->u.MessageInterrupt.Raw.Affinity = (KAFFINITY)1 << place->number;
}

static CM_RESOURCE_LIST *make(const struct storport_adapter *adapter, bool translated)
{
    const struct port_grant *grant = &adapter->port->grant;
    CM_RESOURCE_LIST *list =
        calloc(1, sizeof(*list) + DESCRIPTORS_MAX * sizeof(CM_PARTIAL_RESOURCE_DESCRIPTOR));

    if (!list)
        return NULL;
    CM_PARTIAL_RESOURCE_LIST *partial = &list->List[0].PartialResourceList;
    list->Count = 1;
    list->List[0].InterfaceType = PCIBus;
    partial->Version = partial->Revision = 1;
    add_bars(partial, adapter->port->device);
    if (grant->count && grant->kind == BUS_INTERRUPT_LINE)
        add_line(partial, adapter, translated);
    else if (grant->count && grant->kind == BUS_INTERRUPT_MSI)
        add_messages(partial, grant, 0, grant->count, translated);
    else
        for (unsigned i = 0; i < grant->count; i++)
            add_messages(partial, grant, i, 1, translated);
    return list;
}

bool storport_assigned_make(const struct storport_adapter *adapter,
                            struct storport_assigned *ret_assigned)
{
    *ret_assigned = (struct storport_assigned){make(adapter, false), make(adapter, true)};
    if (ret_assigned->raw && ret_assigned->translated)
        return true;
    storport_assigned_free(ret_assigned);
    return false;
}

void storport_assigned_free(struct storport_assigned *assigned)
{
    free(assigned->raw);
    free(assigned->translated);
    *assigned = (struct storport_assigned){0};
}

/*
 * relations.c - the answer to IRP_MN_QUERY_DEVICE_RELATIONS: which units the bus of an adapter has.
 */
#include "storport/device.h"

enum { RELATIONS_TAG = 0x52535053 };

static struct port_unit *unit_after(struct port_unit *const *link)
{
    struct port_unit *unit = __atomic_load_n(link, __ATOMIC_ACQUIRE);

    while (unit && !port_unit_listed(unit))
        unit = __atomic_load_n(&unit->next, __ATOMIC_ACQUIRE);
    return unit;
}

static unsigned count_units(const struct port_adapter *port)
{
    unsigned count = 0;

    for (struct port_unit *unit = unit_after(&port->units); unit; unit = unit_after(&unit->next))
        count++;
    return count;
}

/* A unit that arrives meanwhile has a query of its own. */
static void add_units(struct port_adapter *port, DEVICE_RELATIONS *relations, unsigned room)
{
    struct port_unit *unit = unit_after(&port->units);

    for (; unit && relations->Count < room; unit = unit_after(&unit->next)) {
        DEVICE_OBJECT *device = storport_unit_device(unit);
        if (device)
            relations->Objects[relations->Count++] = device;
    }
}

NTSTATUS storport_relations_add(struct port_adapter *port, IRP *irp)
{
    DEVICE_RELATIONS *before = (DEVICE_RELATIONS *)irp->IoStatus.Information;
    unsigned room = count_units(port) + (before ? before->Count : 0);
    DEVICE_RELATIONS *relations = nt_pool_allocate(
        sizeof(*relations) + room * sizeof(relations->Objects[0]), RELATIONS_TAG, NULL);

    if (!relations)
        return STATUS_INSUFFICIENT_RESOURCES;
    relations->Count = 0;
    for (ULONG i = 0; before && i < before->Count; i++)
        relations->Objects[relations->Count++] = before->Objects[i];
    add_units(port, relations, room);
    if (before)
        nt_pool_free(before);
    irp->IoStatus.Information = (ULONG_PTR)relations;
    return STATUS_SUCCESS;
}

void storport_relations_release(IRP *irp)
{
    DEVICE_RELATIONS *relations = (DEVICE_RELATIONS *)irp->IoStatus.Information;

    if (irp->IoStatus.Status < 0 || !relations)
        return;
    for (ULONG i = 0; i < relations->Count; i++)
        nt_object_release(relations->Objects[i]);
    nt_pool_free(relations);
    irp->IoStatus.Information = 0;
}

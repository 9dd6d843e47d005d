/*
 * scatter.c - lists that a driver has made of memory of its own: StorPortBuildScatterGatherList and
 * its end.
 *
 * A mapping lasts from one to the other. Memory that the device does not reach is mapped through a
 * bounce buffer, which is filled before and emptied after. The execution routine runs before
 * BuildScatterGatherList returns or, in a driver whose Parameters\Device has DelayScatterGather=1,
 * from a DPC: correct drivers work either way. The simulator chooses each time.
 */
#include "nt/registry.h"
#include "port/data.h"
#include "port/driver.h"
#include "storport/adapter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct storport_mapping {
    struct storport_mapping *next;
    struct storport_adapter *adapter;
    PSTOR_SCATTER_GATHER_LIST list; /* the driver's memory */
    unsigned char *data, *bounce;
    ULONG length;
    bool to_device;
    PPOST_SCATTER_GATHER_EXECUTE routine;
    PVOID context;
    KDPC dpc;
};

struct arguments {
    const MDL *mdl;
    unsigned char *data;
    ULONG length;
    PPOST_SCATTER_GATHER_EXECUTE routine;
    PVOID context;
    bool to_device;
    PSTOR_SCATTER_GATHER_LIST list;
    ULONG list_size;
};

/* ---- the execution routine ---- */

static void execute(struct storport_mapping *mapping)
{
    struct storport_adapter *adapter = mapping->adapter;
    PVOID device = adapter->device_objects[0], irp = NULL;
    struct storport_call call;

    storport_call_begin(&call, nt_self(), adapter, "the execution routine of a list", NULL);
    mapping->routine(device, irp, mapping->list, mapping->context);
    storport_call_end(&call);
}

static VOID NTAPI execute_later(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1,
                                PVOID SystemArgument2)
{
    (void)Dpc;
    (void)SystemArgument1;
    (void)SystemArgument2;
    execute(DeferredContext);
}

static bool is_delayed(const struct storport_adapter *adapter)
{
    return adapter->mappings_delayed || (sys_is_simulated() && sys_random() & 1);
}

/* ---- mappings ---- */

/* As many map registers as the longest transfer that the configuration allows needs. */
static uint64_t map_registers(const struct port_limits *limits)
{
    uint64_t pages = (uint64_t)limits->maximum_transfer_length / NT_PAGE_SIZE + 1;

    return limits->physical_breaks < pages ? limits->physical_breaks : pages;
}

static ULONG map_bounced(struct storport_mapping *mapping, const struct port_reach *reach)
{
    mapping->bounce =
        nt_contiguous_allocate(&(struct nt_contiguous_options){.size = mapping->length,
                                                               .lowest = reach->lowest,
                                                               .highest = reach->highest,
                                                               .boundary = reach->boundary,
                                                               .tag = "bounce of a driver's list"});
    if (!mapping->bounce)
        return STOR_STATUS_INSUFFICIENT_RESOURCES;
    if (mapping->to_device)
        memcpy(mapping->bounce, mapping->data, mapping->length);
    return STOR_STATUS_SUCCESS;
}

static ULONG map(struct storport_mapping *mapping, ULONG list_size)
{
    const struct port_limits *limits = &mapping->adapter->port->limits;
    const struct port_reach *reach = &limits->data_reach;
    size_t offset = (uintptr_t)mapping->data % NT_PAGE_SIZE;

    if ((offset + mapping->length + NT_PAGE_SIZE - 1) / NT_PAGE_SIZE > map_registers(limits))
        return STOR_STATUS_INSUFFICIENT_RESOURCES;
    uint32_t needed =
        port_list_fill(NULL, limits->physical_breaks, reach, mapping->data, mapping->length);
    size_t room = list_size < sizeof(*mapping->list)
                      ? 0
                      : (list_size - sizeof(*mapping->list)) / sizeof(mapping->list->List[0]);
    if (room < (needed ? needed : 1))
        return STOR_STATUS_BUFFER_TOO_SMALL;
    if (!needed) {
        ULONG status = map_bounced(mapping, reach);
        if (status != STOR_STATUS_SUCCESS)
            return status;
    }
    port_list_fill((struct port_scatter_list *)mapping->list, (uint32_t)room, reach,
                   mapping->bounce ? mapping->bounce : mapping->data, mapping->length);
    return STOR_STATUS_SUCCESS;
}

static void mapping_free(struct storport_mapping *mapping)
{
    if (mapping->bounce)
        nt_contiguous_free(mapping->bounce);
    free(mapping);
}

static ULONG mapping_make(struct storport_adapter *adapter, const struct arguments *arguments,
                          struct storport_mapping **ret_mapping)
{
    struct storport_mapping *mapping = calloc(1, sizeof(*mapping));

    if (!mapping)
        return STOR_STATUS_INSUFFICIENT_RESOURCES;
    mapping->adapter = adapter;
    mapping->list = arguments->list;
    mapping->data = arguments->data;
    mapping->length = arguments->length;
    mapping->to_device = arguments->to_device;
    mapping->routine = arguments->routine;
    mapping->context = arguments->context;
    nt_dpc_initialize(&mapping->dpc, execute_later, mapping);
    ULONG status = map(mapping, arguments->list_size);
    if (status != STOR_STATUS_SUCCESS) {
        mapping_free(mapping);
        return status;
    }
    *ret_mapping = mapping;
    return STOR_STATUS_SUCCESS;
}

/* ---- Build ---- */

/* The data lie in what the descriptor list describes, and it has been built. */
static bool arguments_are_sound(const struct storport_adapter *adapter,
                                const struct arguments *arguments)
{
    const MDL *mdl = arguments->mdl;

    if (!mdl || !arguments->data || !arguments->length || !arguments->routine || !arguments->list)
        return false;
    uintptr_t offset = (uintptr_t)arguments->data - (uintptr_t)mdl->StartVa - mdl->ByteOffset;
    if (offset >= mdl->ByteCount || arguments->length > mdl->ByteCount - offset)
        return false;
    if (!(mdl->MdlFlags & (MDL_SOURCE_IS_NONPAGED_POOL | MDL_PAGES_LOCKED | MDL_PARTIAL |
                           MDL_MAPPED_TO_SYSTEM_VA))) {
        nt_finding("MEM-16", adapter->port,
                   "a list was asked for of a descriptor list that was never built");
        return false;
    }
    return true;
}

static ULONG build_scatter_gather_list(struct storport_adapter *adapter, PVOID extension,
                                       __builtin_ms_va_list *list)
{
    struct storport_mapping *mapping;
    struct arguments arguments;

    (void)extension;
    arguments.mdl = STORPORT_ARGUMENT(list, PVOID);
    arguments.data = STORPORT_ARGUMENT(list, PVOID);
    arguments.length = STORPORT_ARGUMENT(list, ULONG);
    arguments.routine = STORPORT_ARGUMENT(list, PPOST_SCATTER_GATHER_EXECUTE);
    arguments.context = STORPORT_ARGUMENT(list, PVOID);
    arguments.to_device = STORPORT_ARGUMENT(list, int) & 0xFF;
    arguments.list = STORPORT_ARGUMENT(list, PVOID);
    arguments.list_size = STORPORT_ARGUMENT(list, ULONG);
    if (adapter->port->virtual_adapter)
        return STOR_STATUS_NOT_IMPLEMENTED;
    if (nt_irql() != NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (!arguments_are_sound(adapter, &arguments))
        return STOR_STATUS_INVALID_PARAMETER;
    ULONG status = mapping_make(adapter, &arguments, &mapping);
    if (status != STOR_STATUS_SUCCESS)
        return status;
    struct nt_thread *self = nt_self();
    nt_spinlock_acquire(&adapter->port->lock, self);
    mapping->next = adapter->mappings;
    adapter->mappings = mapping;
    nt_spinlock_release(&adapter->port->lock, self);
    /* The routine may end the mapping: it is not looked at any more. */
    if (is_delayed(adapter))
        nt_dpc_queue(&mapping->dpc, NULL, NULL);
    else
        execute(mapping);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionBuildScatterGatherList, "StorPortBuildScatterGatherList", "DMA",
                  build_scatter_gather_list);

/* ---- Put ---- */

/* The mapping whose list that is, out of the adapter's; NULL if there is none so. */
static struct storport_mapping *mapping_take(struct storport_adapter *adapter, const void *list,
                                             bool to_device)
{
    struct nt_thread *self = nt_self();
    struct storport_mapping *mapping = NULL;

    nt_spinlock_acquire(&adapter->port->lock, self);
    for (struct storport_mapping **link = &adapter->mappings; *link; link = &(*link)->next) {
        if ((*link)->list == list && (*link)->to_device == to_device) {
            mapping = *link;
            *link = mapping->next;
            break;
        }
    }
    nt_spinlock_release(&adapter->port->lock, self);
    return mapping;
}

static ULONG put_scatter_gather_list(struct storport_adapter *adapter, PVOID extension,
                                     __builtin_ms_va_list *arguments)
{
    PSTOR_SCATTER_GATHER_LIST list = STORPORT_ARGUMENT(arguments, PSTOR_SCATTER_GATHER_LIST);
    bool to_device = STORPORT_ARGUMENT(arguments, int) & 0xFF;

    (void)extension;
    if (adapter->port->virtual_adapter)
        return STOR_STATUS_NOT_IMPLEMENTED;
    if (!list)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() != NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    struct storport_mapping *mapping = mapping_take(adapter, list, to_device);
    if (!mapping) {
        nt_finding("DMA-19", adapter->port,
                   "the list at %p is none that the driver has built, in that direction", list);
        return STOR_STATUS_INVALID_PARAMETER;
    }
    nt_dpc_remove(&mapping->dpc);
    if (mapping->bounce && !to_device)
        memcpy(mapping->data, mapping->bounce, mapping->length);
    mapping_free(mapping);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionPutScatterGatherList, "StorPortPutScatterGatherList", "DMA",
                  put_scatter_gather_list);

/* ---- beginning and end of an adapter ---- */

void storport_mappings_initialize(struct storport_adapter *adapter)
{
    uint32_t delay = 0;
    char key[192];

    snprintf(key, sizeof(key), "%s\\Parameters\\Device", adapter->port->driver->key);
    adapter->mappings_delayed =
        nt_registry_get_dword(key, "DelayScatterGather", &delay) == 0 && delay;
}

void storport_mappings_destroy(struct storport_adapter *adapter)
{
    while (adapter->mappings) {
        struct storport_mapping *mapping = adapter->mappings;
        adapter->mappings = mapping->next;
        nt_print("%s: not freed at removal: a scatter/gather list of %u bytes",
                 port_driver_service(adapter->port->driver), mapping->length);
        mapping_free(mapping);
    }
}

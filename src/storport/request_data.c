/*
 * request_data.c - the data of a request as its driver asks for them: system address, descriptor
 * list, scatter/gather list, page frames; and descriptor lists of the driver's own.
 */
#include "nt/mdl.h"
#include "port/data.h"
#include "storport/adapter.h"

#include <string.h>

static struct port_slot *slot_of(const struct storport_adapter *adapter, const void *srb)
{
    return srb ? port_slot_of(adapter->port, srb) : NULL;
}

/* ---- the buffer ---- */

static ULONG get_system_address(struct storport_adapter *adapter, PVOID extension,
                                __builtin_ms_va_list *arguments)
{
    PSCSI_REQUEST_BLOCK srb = STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK);
    PVOID *address = STORPORT_ARGUMENT(arguments, PVOID *);
    struct port_slot *slot = slot_of(adapter, srb);

    (void)extension;
    if (!slot || !address)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_DISPATCH_LEVEL && !adapter->dump)
        return STOR_STATUS_INVALID_IRQL;
    if (!slot->data)
        return STOR_STATUS_INVALID_PARAMETER;
    *address = slot->data;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetSystemAddress, "StorPortGetSystemAddress", "Memory",
                  get_system_address);

PSTOR_SCATTER_GATHER_LIST NTAPI StorPortGetScatterGatherList(PVOID HwDeviceExtension,
                                                             PSCSI_REQUEST_BLOCK Srb)
{
    struct port_adapter *port = port_adapter_of(HwDeviceExtension);
    struct port_slot *slot = port && Srb ? port_slot_of(port, Srb) : NULL;

    return slot && slot->has_list ? (PSTOR_SCATTER_GATHER_LIST)slot->list : NULL;
}
NT_EXPORT("storport.sys", StorPortGetScatterGatherList, "DMA", NT_HIGH_LEVEL);

/* ---- its descriptor list ---- */

/* Whose the descriptor lists of requests are: not the driver's to free. */
static const char mdl_owner;

/* The place that the slot has for one, unless the data are longer than that was made for. */
static MDL *slot_mdl(struct port_slot *slot)
{
    struct port_adapter *port = slot->adapter;
    MDL *mdl = (MDL *)((unsigned char *)port->mdl_block + slot->number * port->mdl_room);

    if (nt_mdl_size(slot->data, slot->length) <= port->mdl_room)
        nt_mdl_format(mdl, slot->data, slot->length);
    else
        mdl = nt_irql() <= NT_DISPATCH_LEVEL
                  ? nt_mdl_allocate_for(slot->data, slot->length, &mdl_owner)
                  : NULL;
    if (mdl)
        nt_mdl_build(mdl);
    return mdl;
}

static bool is_in_mdl_block(const struct port_adapter *port, const void *mdl)
{
    uintptr_t offset = (uintptr_t)mdl - (uintptr_t)port->mdl_block;

    return port->mdl_block && offset < port->slot_count * port->mdl_room;
}

void storport_slot_release(struct port_slot *slot)
{
    if (slot->mdl && !is_in_mdl_block(slot->adapter, slot->mdl))
        nt_mdl_free(slot->mdl);
    slot->mdl = NULL;
    if (slot->flags & PORT_SLOT_UNUSUAL && slot->request)
        slot->request->data_in->transferred = storport_data_in_length(slot);
}

/* Made on first demand and kept until the request completes. */
static ULONG get_original_mdl(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    PSCSI_REQUEST_BLOCK srb = STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK);
    PVOID *mdl = STORPORT_ARGUMENT(arguments, PVOID *);
    struct port_slot *slot = slot_of(adapter, srb);

    (void)extension;
    if (!slot || !mdl)
        return STOR_STATUS_INVALID_PARAMETER;
    if (!slot->mdl && slot->data)
        slot->mdl = slot_mdl(slot);
    *mdl = slot->mdl;
    return slot->mdl || !slot->data ? STOR_STATUS_SUCCESS : STOR_STATUS_INSUFFICIENT_RESOURCES;
}
STORPORT_EXTENDED(ExtFunctionGetOriginalMdl, "StorPortGetOriginalMdl", "Memory", get_original_mdl);

/* ---- the input half of a bidirectional request ---- */

static struct port_input *input_of(const struct storport_adapter *adapter, const void *srb)
{
    struct port_slot *slot = slot_of(adapter, srb);

    return slot ? slot->input : NULL;
}

static ULONG get_input_mdl(struct storport_adapter *adapter, PVOID extension,
                           __builtin_ms_va_list *arguments)
{
    PSCSI_REQUEST_BLOCK srb = STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK);
    PVOID *mdl = STORPORT_ARGUMENT(arguments, PVOID *);
    const struct port_input *input = input_of(adapter, srb);

    (void)extension;
    if (!mdl || !slot_of(adapter, srb))
        return STOR_STATUS_INVALID_PARAMETER;
    *mdl = input ? input->mdl : NULL;
    return input ? STOR_STATUS_SUCCESS : STOR_STATUS_UNSUCCESSFUL;
}
STORPORT_EXTENDED(ExtFunctionGetDataInBufferMdl, "StorPortGetDataInBufferMdl", "Memory",
                  get_input_mdl);

static ULONG get_input_list(struct storport_adapter *adapter, PVOID extension,
                            __builtin_ms_va_list *arguments)
{
    PSCSI_REQUEST_BLOCK srb = STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK);
    PSTOR_SCATTER_GATHER_LIST *list = STORPORT_ARGUMENT(arguments, PSTOR_SCATTER_GATHER_LIST *);
    const struct port_input *input = input_of(adapter, srb);

    (void)extension;
    if (!list || !slot_of(adapter, srb))
        return STOR_STATUS_INVALID_PARAMETER;
    *list = input ? (PSTOR_SCATTER_GATHER_LIST)input->list : NULL;
    return *list ? STOR_STATUS_SUCCESS : STOR_STATUS_UNSUCCESSFUL;
}
STORPORT_EXTENDED(ExtFunctionGetDataInBufferScatterGatherList,
                  "StorPortGetDataInBufferScatterGatherList", "Memory", get_input_list);

static ULONG get_input_address(struct storport_adapter *adapter, PVOID extension,
                               __builtin_ms_va_list *arguments)
{
    PSCSI_REQUEST_BLOCK srb = STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK);
    PVOID *address = STORPORT_ARGUMENT(arguments, PVOID *);
    const struct port_input *input = input_of(adapter, srb);

    (void)extension;
    if (!address || !slot_of(adapter, srb))
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    *address = input ? input->data : NULL;
    return input ? STOR_STATUS_SUCCESS : STOR_STATUS_UNSUCCESSFUL;
}
STORPORT_EXTENDED(ExtFunctionGetDataInBufferSystemAddress, "StorPortGetDataInBufferSystemAddress",
                  "Memory", get_input_address);

/* Only of the request's own descriptor lists. */
static ULONG get_pfns(struct storport_adapter *adapter, PVOID extension,
                      __builtin_ms_va_list *arguments)
{
    PSCSI_REQUEST_BLOCK srb = STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK);
    MDL *mdl = STORPORT_ARGUMENT(arguments, PVOID);
    PVOID *frames = STORPORT_ARGUMENT(arguments, PVOID *);
    ULONG *count = STORPORT_ARGUMENT(arguments, ULONG *);
    ULONG *offset = STORPORT_ARGUMENT(arguments, ULONG *);
    struct port_slot *slot = slot_of(adapter, srb);

    (void)extension;
    if (!slot || !mdl || !frames || !count || !offset ||
        (mdl != slot->mdl && !(slot->input && mdl == slot->input->mdl)))
        return STOR_STATUS_INVALID_PARAMETER;
    *frames = mdl + 1;
    *count = (mdl->ByteOffset + mdl->ByteCount + NT_PAGE_SIZE - 1) / NT_PAGE_SIZE;
    *offset = mdl->ByteOffset;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionGetPfns, "StorPortGetPfns", "Memory", get_pfns);

/* Caches are coherent with DMA on x64, and a driver's source calls nothing there: what is left of
 * it is the order of the processor's accesses. */
static ULONG flush_data_buffer(struct storport_adapter *adapter, PVOID extension,
                               __builtin_ms_va_list *arguments)
{
    PSCSI_REQUEST_BLOCK srb = STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK);

    (void)extension;
    if (!slot_of(adapter, srb))
        return STOR_STATUS_INVALID_PARAMETER;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionFlushDataBufferMdl, "StorPortFlushDataBufferMdl", "Memory",
                  flush_data_buffer);

/* What an IRP of the driver's own inherits from the request's: its priority, which an IRP has in
 * its flags, one more than the hint; 0 there is none. */
static ULONG propagate_irp_extension(struct storport_adapter *adapter, PVOID extension,
                                     __builtin_ms_va_list *arguments)
{
    enum { PRIORITY_SHIFT = 17, PRIORITY_MASK = 7 };
    PSCSI_REQUEST_BLOCK srb = STORPORT_ARGUMENT(arguments, PSCSI_REQUEST_BLOCK);
    PIRP irp = STORPORT_ARGUMENT(arguments, PVOID);
    const struct port_slot *slot = slot_of(adapter, srb);
    const struct port_request *request = slot ? slot->request : NULL;

    (void)extension;
    if (!request || !irp || irp->Type != IO_TYPE_IRP)
        return STOR_STATUS_INVALID_PARAMETER;
    ULONG priority =
        request->flags & PORT_FLAG_PRIORITY ? request->priority : (ULONG)StorIoPriorityNormal;
    irp->Flags &= ~((ULONG)PRIORITY_MASK << PRIORITY_SHIFT);
    irp->Flags |= ((priority + 1) & PRIORITY_MASK) << PRIORITY_SHIFT;
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionPropagateIrpExtension, "StorPortPropagateIrpExtension",
                  "I/O request processing", propagate_irp_extension);

/* ---- descriptor lists of the driver's own ---- */

static ULONG allocate_mdl(struct storport_adapter *adapter, PVOID extension,
                          __builtin_ms_va_list *arguments)
{
    PVOID buffer = STORPORT_ARGUMENT(arguments, PVOID);
    ULONG length = STORPORT_ARGUMENT(arguments, ULONG);
    PVOID *mdl = STORPORT_ARGUMENT(arguments, PVOID *);

    (void)extension;
    if (!mdl)
        return STOR_STATUS_INVALID_PARAMETER;
    *mdl = NULL;
    if (!buffer)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    *mdl = nt_mdl_allocate_for(buffer, length, adapter->port);
    return *mdl ? STOR_STATUS_SUCCESS : STOR_STATUS_INSUFFICIENT_RESOURCES;
}
STORPORT_EXTENDED(ExtFunctionAllocateMdl, "StorPortAllocateMdl", "Memory", allocate_mdl);

/* The port's own are neither filled nor freed by a driver (rule MEM-16). */
static bool is_the_ports(const struct storport_adapter *adapter, const void *mdl)
{
    if (!is_in_mdl_block(adapter->port, mdl) && nt_pool_owner(mdl) != &mdl_owner)
        return false;
    nt_finding("MEM-16", adapter->port,
               "the descriptor list at %p belongs to a request, not to the driver", mdl);
    return true;
}

/* The list that both routines below are given; it must be the driver's own. */
static ULONG mdl_take(struct storport_adapter *adapter, __builtin_ms_va_list *arguments,
                      PVOID *ret_mdl)
{
    *ret_mdl = STORPORT_ARGUMENT(arguments, PVOID);
    if (!*ret_mdl)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_DISPATCH_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    return is_the_ports(adapter, *ret_mdl) ? STOR_STATUS_INVALID_PARAMETER : STOR_STATUS_SUCCESS;
}

static ULONG build_mdl(struct storport_adapter *adapter, PVOID extension,
                       __builtin_ms_va_list *arguments)
{
    PVOID mdl;
    ULONG status = mdl_take(adapter, arguments, &mdl);

    (void)extension;
    if (status == STOR_STATUS_SUCCESS)
        nt_mdl_build(mdl);
    return status;
}
STORPORT_EXTENDED(ExtFunctionBuildMdlForNonPagedPool, "StorPortBuildMdlForNonPagedPool", "Memory",
                  build_mdl);

static ULONG free_mdl(struct storport_adapter *adapter, PVOID extension,
                      __builtin_ms_va_list *arguments)
{
    PVOID mdl;
    ULONG status = mdl_take(adapter, arguments, &mdl);

    (void)extension;
    if (status == STOR_STATUS_SUCCESS)
        nt_mdl_free(mdl);
    return status;
}
STORPORT_EXTENDED(ExtFunctionFreeMdl, "StorPortFreeMdl", "Memory", free_mdl);

/*
 * function_table.c - the table that GetExtendedFunctionTable hands out: how drivers of the first
 * kits with extended functions reach them. Each entry is its extended function in an older form,
 * with a value or nothing where the newer one has a status.
 */
#include "storport/adapter.h"

/* Nothing public says what it counts; the table has had one shape only. */
enum { TABLE_VERSION = 1 };

/* The older forms of what takes a request alone. */
static void *extension_of(const SCSI_REQUEST_BLOCK *srb)
{
    for (unsigned i = 0; i < port_adapter_table_count; i++) {
        const struct port_adapter *adapter =
            __atomic_load_n(&port_adapter_table[i].adapter, __ATOMIC_ACQUIRE);
        if (adapter && adapter->slots && port_slot_of(adapter, srb))
            return adapter->extension;
    }
    return NULL;
}

static BOOLEAN NTAPI message_information(PVOID extension, ULONG message,
                                         PMESSAGE_INTERRUPT_INFORMATION information)
{
    return StorPortExtendedFunction(ExtFunctionGetMessageInterruptInformation, extension, message,
                                    information) == STOR_STATUS_SUCCESS;
}

static VOID NTAPI put_list(PVOID extension, PSTOR_SCATTER_GATHER_LIST list, BOOLEAN to_device)
{
    StorPortExtendedFunction(ExtFunctionPutScatterGatherList, extension, list, to_device);
}

static GETSGSTATUS NTAPI build_list(PVOID extension, PVOID mdl, PVOID address, ULONG length,
                                    PPOST_SCATTER_GATHER_EXECUTE routine, PVOID context,
                                    BOOLEAN to_device, PVOID buffer, ULONG buffer_length)
{
    ULONG status =
        StorPortExtendedFunction(ExtFunctionBuildScatterGatherList, extension, mdl, address, length,
                                 routine, context, to_device, buffer, buffer_length);

    return status == STOR_STATUS_SUCCESS ? SG_ALLOCATED : SG_BUFFER_TOO_SMALL;
}

static VOID NTAPI free_pool(PVOID buffer, PVOID extension, PVOID token)
{
    (void)token;
    StorPortExtendedFunction(ExtFunctionFreePool, extension, buffer);
}

static PVOID NTAPI allocate_pool(ULONG bytes, ULONG tag, PVOID extension, PVOID *token)
{
    PVOID buffer = NULL;

    if (token)
        *token = NULL;
    StorPortExtendedFunction(ExtFunctionAllocatePool, extension, bytes, tag, &buffer);
    return buffer;
}

static PVOID NTAPI system_address(PSCSI_REQUEST_BLOCK srb)
{
    PVOID address = NULL;

    StorPortExtendedFunction(ExtFunctionGetSystemAddress, extension_of(srb), srb, &address);
    return address;
}

static ULONG NTAPI acquire_message_lock(PVOID extension, ULONG message)
{
    ULONG old_irql = 0;

    StorPortExtendedFunction(ExtFunctionAcquireMSISpinLock, extension, message, &old_irql);
    return old_irql;
}

static VOID NTAPI release_message_lock(PVOID extension, ULONG message, ULONG old_irql)
{
    StorPortExtendedFunction(ExtFunctionReleaseMSISpinLock, extension, message, old_irql);
}

static VOID NTAPI complete_service_irp(PVOID extension, PVOID irp)
{
    StorPortExtendedFunction(ExtFunctionCompleteServiceIrp, extension, irp);
}

static PVOID NTAPI original_mdl(PSCSI_REQUEST_BLOCK srb)
{
    PVOID mdl = NULL;

    StorPortExtendedFunction(ExtFunctionGetOriginalMdl, extension_of(srb), srb, &mdl);
    return mdl;
}

static STORPORT_EXTENDED_FUNCTIONS table = {
    .Version = TABLE_VERSION,
    .GetMessageInterruptInformation = message_information,
    .PutScatterGatherList = put_list,
    .BuildScatterGatherList = build_list,
    .FreePool = free_pool,
    .AllocatePool = allocate_pool,
    .GetSystemAddress = system_address,
    .AcquireMSISpinLock = acquire_message_lock,
    .ReleaseMSISpinLock = release_message_lock,
    .CompleteServiceIrp = complete_service_irp,
    .GetOriginalMdl = original_mdl,
};

static void get_function_table(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    STORPORT_EXTENDED_FUNCTIONS **place =
        STORPORT_ARGUMENT(arguments, STORPORT_EXTENDED_FUNCTIONS **);

    if (place)
        *place = &table;
    else
        nt_finding("GetExtendedFunctionTable", adapter->port, "called without a place for it");
}
STORPORT_NOTIFICATION(GetExtendedFunctionTable, "GetExtendedFunctionTable", "Notification",
                      get_function_table);

/*
 * dump_rules.c - what of the port is there for an instance that writes a dump (rule 9 of the
 * routines' reference), memory that it marks, and what it may give its device.
 */
#include "port/dump.h"

#include "nt/freeze.h"
#include "port/driver.h"
#include "storport/adapter.h"

#include <string.h>

/* ---- what is refused ---- */

enum verdict {
    ANSWERED, /* the routine is there, or knows by itself that it cannot */
    REFUSED,  /* there is no such thing: the driver is told so. Drivers ask, also in dumps */
    FORBIDDEN /* and it is a finding: drivers that count on it cannot write dumps */
};

static const struct {
    ULONG code;
    enum verdict verdict;
} extended_rules[] = {
    {ExtFunctionAllocatePool, FORBIDDEN},
    {ExtFunctionFreePool, FORBIDDEN},
    {ExtFunctionAllocateMdl, FORBIDDEN},
    {ExtFunctionFreeMdl, FORBIDDEN},
    {ExtFunctionBuildMdlForNonPagedPool, FORBIDDEN},
    {ExtFunctionAllocateContiguousMemorySpecifyCacheNode, FORBIDDEN},
    {ExtFunctionFreeContiguousMemorySpecifyCache, FORBIDDEN},
    {ExtFunctionAllocateDmaMemory, FORBIDDEN},
    {ExtFunctionFreeDmaMemory, FORBIDDEN},
    {ExtFunctionAllocateHmb, FORBIDDEN},
    {ExtFunctionFreeHmb, FORBIDDEN},
    {ExtFunctionBuildScatterGatherList, FORBIDDEN},
    {ExtFunctionPutScatterGatherList, FORBIDDEN},
    {ExtFunctionInitializeWorker, FORBIDDEN},
    {ExtFunctionQueueWorkItem, FORBIDDEN},
    {ExtFunctionFreeWorker, FORBIDDEN},
    {ExtFunctionInitializeTimer, FORBIDDEN},
    {ExtFunctionRequestTimer, FORBIDDEN},
    {ExtFunctionFreeTimer, FORBIDDEN},
    {ExtFunctionInitializeHighResolutionTimer, FORBIDDEN},
    {ExtFunctionRequestHighResolutionTimer, FORBIDDEN},
    {ExtFunctionCancelHighResolutionTimer, FORBIDDEN},
    {ExtFunctionFreeHighResolutionTimer, FORBIDDEN},
    {ExtFunctionCancelDpc, FORBIDDEN},
    {ExtFunctionQueryPerformanceCounter, FORBIDDEN},
    {ExtFunctionRegistryReadAdapterKey, FORBIDDEN},
    {ExtFunctionRegistryWriteAdapterKey, FORBIDDEN},
    {ExtFunctionEnableRegistryKeyNotification, FORBIDDEN},
    {ExtFunctionDelayExecution, FORBIDDEN},
    {ExtFunctionInitializeEvent, FORBIDDEN},
    {ExtFunctionWaitForEvent, FORBIDDEN},
    {ExtFunctionSetEvent, FORBIDDEN},
    {ExtFunctionCreateSystemThread, FORBIDDEN},
    {ExtFunctionSetPriorityThread, FORBIDDEN},
    {ExtFunctionSetSystemGroupAffinityThread, FORBIDDEN},
    {ExtFunctionRevertToUserGroupAffinityThread, FORBIDDEN},
    {ExtFunctionMarkDumpMemory, ANSWERED},
    {ExtFunctionGetSystemAddress, ANSWERED},
    {ExtFunctionGetMessageInterruptInformation, ANSWERED}, /* there are no messages */
    {ExtFunctionGetRequestInfo, ANSWERED},
    {ExtFunctionGetCurrentProcessorNumber, ANSWERED},
    {ExtFunctionGetCurrentProcessorIndex, ANSWERED},
    {ExtFunctionGetProcessorCount, ANSWERED},
    {ExtFunctionGetActiveGroupCount, ANSWERED},
    {ExtFunctionGetGroupAffinity, ANSWERED},
    {ExtFunctionGetActiveNodeCount, ANSWERED},
    {ExtFunctionGetHighestNodeNumber, ANSWERED},
    {ExtFunctionGetNodeAffinity, ANSWERED},
    {ExtFunctionGetSystemPortNumber, ANSWERED},
    {ExtFunctionGetCurrentIrql, ANSWERED},
    {ExtFunctionQueryConfiguration, ANSWERED},
    {ExtFunctionUpdateAdapterMaxIO, ANSWERED},
    {ExtFunctionInitializeSpinlock, ANSWERED},
    {ExtFunctionAcquireSpinLock, ANSWERED},
    {ExtFunctionInitializeSListHead, ANSWERED},
    {ExtFunctionInterlockedFlushSList, ANSWERED},
    {ExtFunctionInterlockedPopEntrySList, ANSWERED},
    {ExtFunctionInterlockedPushEntrySList, ANSWERED},
    {ExtFunctionQueryDepthSList, ANSWERED},
};

static const struct {
    ULONG type;
    enum verdict verdict;
} notification_rules[] = {
    {NextRequest, ANSWERED},
    {NextLuRequest, ANSWERED},
    {TraceNotification, ANSWERED},
    {BufferOverrunDetected, ANSWERED},
    {AcquireSpinLock, ANSWERED},
    {ReleaseSpinLock, ANSWERED},
    {RequestTimerCall, FORBIDDEN},
    {InitializeDpc, FORBIDDEN},
    {IssueDpc, FORBIDDEN},
    {InitializeDpcWithContext, FORBIDDEN},
    {InitializeThreadedDpc, FORBIDDEN},
    {SetTargetProcessorDpc, FORBIDDEN},
    {TerminateSystemThread, FORBIDDEN},
    {QueryTickCount, FORBIDDEN},
};

static void note_refused(struct port_dump *dump, const char *routine)
{
    for (unsigned i = 0; i < dump->refused_count; i++)
        if (strcmp(dump->refused[i], routine) == 0)
            return;
    if (dump->refused_count < PORT_DUMP_REFUSED_MAX)
        dump->refused[dump->refused_count++] = routine;
}

bool storport_dump_refuses(const struct storport_adapter *adapter, const char *routine)
{
    if (!adapter || __builtin_expect(adapter->dump == NULL, 1))
        return false;
    nt_finding("DUMP-03", adapter->port,
               "%s was called by an instance that writes a dump: it fails", routine);
    note_refused(adapter->dump, routine);
    return true;
}

struct storport_adapter *storport_dump_running(void)
{
    const struct nt_thread *self = nt_self();

    if (__builtin_expect(!nt_machine_is_frozen_by(self), 1) || !self->evidence)
        return NULL;
    for (unsigned i = 0; i < port_adapter_table_count; i++) {
        struct port_adapter *port = port_adapter_table[i].adapter;
        if (port && port->dump && port == self->evidence->adapter)
            return port->model_state;
    }
    return NULL;
}

bool storport_dump_refuses_extended(struct storport_adapter *adapter, ULONG code, ULONG *ret_status)
{
    enum verdict verdict = REFUSED;

    for (size_t i = 0; i < sizeof(extended_rules) / sizeof(extended_rules[0]); i++)
        if (extended_rules[i].code == code)
            verdict = extended_rules[i].verdict;
    if (verdict == ANSWERED)
        return false;
    if (verdict == FORBIDDEN)
        (void)storport_dump_refuses(adapter, storport_extended_at(code)->name);
    *ret_status = STOR_STATUS_NOT_IMPLEMENTED;
    return true;
}

/* Those with a result say FALSE, a status or nothing: as for an adapter that nobody knows, except
 * that this one is known. */
bool storport_dump_refuses_notification(struct storport_adapter *adapter, ULONG type,
                                        __builtin_ms_va_list *arguments)
{
    enum verdict verdict = REFUSED;

    for (size_t i = 0; i < sizeof(notification_rules) / sizeof(notification_rules[0]); i++)
        if (notification_rules[i].type == type)
            verdict = notification_rules[i].verdict;
    if (verdict == ANSWERED)
        return false;
    if (verdict == FORBIDDEN)
        (void)storport_dump_refuses(adapter, storport_notification_at(type)->name);
    if (type == EnablePassiveInitialization) {
        (void)STORPORT_ARGUMENT(arguments, PVOID);
        LONG *succeeded = STORPORT_ARGUMENT(arguments, LONG *);
        if (succeeded)
            *succeeded = FALSE; /* nothing is ever at PASSIVE_LEVEL again */
        return true;
    }
    storport_notification_refuse(type, arguments);
    return true;
}

/* ---- memory ---- */

void storport_dump_uncached(struct storport_adapter *adapter, ULONG size)
{
    struct port_dump *dump = adapter->dump;
    struct port_dump_figures *figures = &dump->figures;

    figures->uncached = size;
    if (size > figures->budget)
        nt_finding("DUMP-02", adapter->port,
                   "an uncached extension of %u bytes for a dump: %u are promised, %u unless the "
                   "driver has asked for more (RequestedDumpBufferSize, CommonBufferSize)",
                   size, figures->budget, PORT_DUMP_BUDGET);
    if (size > PORT_DUMP_BUDGET_MAX)
        return;
    adapter->uncached_extension = dump->common;
    adapter->uncached_size = size;
}

void storport_dump_check_address(const struct storport_adapter *adapter, const void *address)
{
    if (address && !port_dump_owns(adapter->dump, address))
        nt_finding("DUMP-02", adapter->port,
                   "the physical address of %p was asked for: that is neither memory of the dump "
                   "nor marked (StorPortMarkDumpMemory)",
                   address);
}

static ULONG mark(struct port_dump *dump, const void *address, ULONG_PTR length, ULONG flags)
{
    if (flags & ~(ULONG)MARK_DUMP_MEMORY_FLAG_PHYSICAL_ADDRESS)
        return STOR_STATUS_INVALID_PARAMETER;
    if (flags & MARK_DUMP_MEMORY_FLAG_PHYSICAL_ADDRESS) {
        struct bus_address physical = {(uintptr_t)address};
        address = nt_memory_at(physical);
        if (address && !length)
            length = NT_PAGE_SIZE; /* a physical address lies in no section */
    }
    if (!address || port_dump_mark(dump, address, length))
        return STOR_STATUS_INVALID_PARAMETER;
    return STOR_STATUS_SUCCESS;
}

/* For a live instance there is nothing to keep: it marks what its dump will need, which the copy
 * marks again (documented: at least then). */
static ULONG mark_dump_memory(struct storport_adapter *adapter, PVOID extension,
                              __builtin_ms_va_list *arguments)
{
    const void *address = STORPORT_ARGUMENT(arguments, PVOID);
    ULONG_PTR length = STORPORT_ARGUMENT(arguments, ULONG_PTR);
    ULONG flags = STORPORT_ARGUMENT(arguments, ULONG);

    (void)extension;
    if (adapter->phase != STORPORT_FINDING) {
        nt_finding("StorPortMarkDumpMemory", adapter->port,
                   "called outside DriverEntry and FindAdapter");
        return STOR_STATUS_INVALID_DEVICE_REQUEST;
    }
    if (adapter->dump)
        return mark(adapter->dump, address, length, flags);
    return flags & ~(ULONG)MARK_DUMP_MEMORY_FLAG_PHYSICAL_ADDRESS || !address
               ? STOR_STATUS_INVALID_PARAMETER
               : STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionMarkDumpMemory, "StorPortMarkDumpMemory", "Memory", mark_dump_memory);

ULONG storport_dump_mark_early(__builtin_ms_va_list *arguments)
{
    struct port_driver *driver = port_driver_loading();
    const void *address = STORPORT_ARGUMENT(arguments, PVOID);
    ULONG_PTR length = STORPORT_ARGUMENT(arguments, ULONG_PTR);
    ULONG flags = STORPORT_ARGUMENT(arguments, ULONG);

    if (!driver || !driver->dump)
        return STOR_STATUS_INVALID_PARAMETER;
    return mark(driver->dump, address, length, flags);
}

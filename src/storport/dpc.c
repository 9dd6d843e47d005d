/*
 * dpc.c - DPCs of miniports. A STOR_DPC is the kernel's KDPC with a spin lock word behind it, which
 * only the driver takes: its routine runs without any lock.
 *
 * A threaded DPC runs at DISPATCH_LEVEL, as on a Windows where threaded DPCs are switched off.
 */
#include "storport/adapter.h"

#include <stddef.h>

_Static_assert(sizeof(DPC_BUFFER) == sizeof(KDPC) && offsetof(STOR_DPC, Lock) == sizeof(KDPC),
               "a STOR_DPC begins with a KDPC");

static KDPC *dpc_of(PSTOR_DPC dpc)
{
    return (KDPC *)&dpc->Dpc;
}

/* Formatting memory works anywhere, but the contract names one place. */
static void initialize(struct storport_adapter *adapter, PSTOR_DPC dpc, PHW_DPC_ROUTINE routine,
                       PVOID context, ULONG importance)
{
    if (!dpc || !routine || importance > StorMediumHighImportance) {
        nt_finding("StorPortInitializeDpc", adapter->port,
                   "a NULL argument, or an importance that does not exist");
        return;
    }
    if (adapter->phase != STORPORT_PASSIVE_INITIALIZING)
        nt_finding("dpc-initialization", adapter->port,
                   "a DPC is initialized outside the passive initialization routine");
    if (nt_dpc_is_queued(dpc_of(dpc))) {
        nt_finding("dpc-initialization", adapter->port,
                   "a DPC that is queued is initialized again");
        nt_dpc_remove(dpc_of(dpc));
    }
    dpc->Lock = 0;
    nt_dpc_initialize(dpc_of(dpc), (PKDEFERRED_ROUTINE)(void *)routine, context);
    nt_dpc_set_importance(dpc_of(dpc), (enum nt_dpc_importance)importance);
}

static void initialize_dpc(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    PSTOR_DPC dpc = STORPORT_ARGUMENT(arguments, PSTOR_DPC);

    initialize(adapter, dpc, STORPORT_ARGUMENT(arguments, PHW_DPC_ROUTINE), adapter->extension,
               StorMediumImportance);
}
STORPORT_NOTIFICATION(InitializeDpc, "StorPortInitializeDpc", "Interrupt", initialize_dpc);

/* The context takes the place of the device extension, in the object and in the call. */
static void initialize_dpc_with_context(struct storport_adapter *adapter,
                                        __builtin_ms_va_list *arguments)
{
    PSTOR_DPC dpc = STORPORT_ARGUMENT(arguments, PSTOR_DPC);
    PHW_DPC_ROUTINE routine = STORPORT_ARGUMENT(arguments, PHW_DPC_ROUTINE);
    PVOID context = STORPORT_ARGUMENT(arguments, PVOID);

    initialize(adapter, dpc, routine, context, STORPORT_ARGUMENT(arguments, ULONG));
}
STORPORT_NOTIFICATION(InitializeDpcWithContext, "StorPortInitializeDpcWithContext", "Interrupt",
                      initialize_dpc_with_context);

static void initialize_threaded_dpc(struct storport_adapter *adapter,
                                    __builtin_ms_va_list *arguments)
{
    PSTOR_DPC dpc = STORPORT_ARGUMENT(arguments, PSTOR_DPC);
    PHW_DPC_ROUTINE routine = STORPORT_ARGUMENT(arguments, PHW_DPC_ROUTINE);
    PVOID context = STORPORT_ARGUMENT(arguments, PVOID);
    BOOLEAN importance = (BOOLEAN)STORPORT_ARGUMENT(arguments, int);

    initialize(adapter, dpc, routine, context, importance);
    if (dpc)
        dpc_of(dpc)->Type = NT_THREADED_DPC_OBJECT;
}
STORPORT_NOTIFICATION(InitializeThreadedDpc, "StorPortInitializeThreadedDpc", "Interrupt",
                      initialize_threaded_dpc);

static void issue_dpc(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    PSTOR_DPC dpc = STORPORT_ARGUMENT(arguments, PSTOR_DPC);
    PVOID argument1 = STORPORT_ARGUMENT(arguments, PVOID);
    PVOID argument2 = STORPORT_ARGUMENT(arguments, PVOID);
    LONG *succeeded = STORPORT_ARGUMENT(arguments, LONG *);
    bool good = dpc && dpc_of(dpc)->DeferredRoutine;

    if (!good)
        nt_finding("StorPortIssueDpc", adapter->port, "the DPC has not been initialized");
    bool queued = good && nt_dpc_queue(dpc_of(dpc), argument1, argument2);
    if (succeeded)
        *succeeded = queued;
}
STORPORT_NOTIFICATION(IssueDpc, "StorPortIssueDpc", "Interrupt", issue_dpc);

static void set_target_processor(struct storport_adapter *adapter, __builtin_ms_va_list *arguments)
{
    PSTOR_DPC dpc = STORPORT_ARGUMENT(arguments, PSTOR_DPC);
    ULONG processor = STORPORT_ARGUMENT(arguments, ULONG);

    if (!dpc || processor >= nt_processor_count()) {
        nt_finding("SetTargetProcessorDpc", adapter->port, "processor %u does not exist",
                   processor);
        return;
    }
    nt_dpc_set_target(dpc_of(dpc), processor);
}
STORPORT_NOTIFICATION(SetTargetProcessorDpc, "SetTargetProcessorDpc", "Interrupt",
                      set_target_processor);

static ULONG cancel_dpc(struct storport_adapter *adapter, PVOID extension,
                        __builtin_ms_va_list *arguments)
{
    PSTOR_DPC dpc = STORPORT_ARGUMENT(arguments, PSTOR_DPC);
    BOOLEAN *cancelled = STORPORT_ARGUMENT(arguments, BOOLEAN *);

    (void)adapter;
    (void)extension;
    if (!dpc || !cancelled)
        return STOR_STATUS_INVALID_PARAMETER;
    *cancelled = nt_dpc_remove(dpc_of(dpc));
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionCancelDpc, "StorPortCancelDpc", "Interrupt", cancel_dpc);

static ULONG query_watchdog(struct storport_adapter *adapter, PVOID extension,
                            __builtin_ms_va_list *arguments)
{
    PSTOR_DPC_WATCHDOG_INFORMATION information =
        STORPORT_ARGUMENT(arguments, PSTOR_DPC_WATCHDOG_INFORMATION);
    struct nt_dpc_watchdog watchdog;

    (void)adapter;
    (void)extension;
    if (!information)
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() < NT_DISPATCH_LEVEL)
        return STOR_STATUS_UNSUCCESSFUL;
    nt_dpc_watchdog(&watchdog);
    *information = (STOR_DPC_WATCHDOG_INFORMATION){
        .DpcTimeLimit = watchdog.time_limit,
        .DpcTimeCount = watchdog.time_left,
        .DpcWatchdogLimit = watchdog.sequence_limit,
        .DpcWatchdogCount = watchdog.sequence_left,
    };
    return STOR_STATUS_SUCCESS;
}
STORPORT_EXTENDED(ExtFunctionQueryDpcWatchdogInformation, "StorPortQueryDpcWatchdogInformation",
                  "Interrupt", query_watchdog);

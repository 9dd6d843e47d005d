/*
 * fake_port.c - the strict port of fake_port.h.
 */
#include "fake_port.h"

#include "image/image.h"
#include "nt/export.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

enum { PAGE = 4096, DPCS_MAX = 128, VECTORS_MAX = 128, LOCKS_MAX = 4, TICK_US = 10000 };

/* Which callback of the driver runs: what may be called depends on it. */
enum callback {
    IN_NOTHING,
    IN_DRIVER_ENTRY,
    IN_FIND,
    IN_INITIALIZE,
    IN_PASSIVE,
    IN_BUILD,
    IN_START,
    IN_INTERRUPT,
    IN_DPC,
    IN_TIMER,
    IN_RESET,
    IN_CONTROL,
};

struct controller port_controller;
struct port_options port_options;
struct port_record port_record;
PORT_CONFIGURATION_INFORMATION port_config;
void *port_extension;

static struct {
    struct image *image;
    HW_INITIALIZATION_DATA init;
    ACCESS_RANGE range;
    enum callback callback;
    PSTOR_DPC dpcs[DPCS_MAX];
    PHW_DPC_ROUTINE dpc_routines[DPCS_MAX];
    bool dpc_queued[DPCS_MAX];
    unsigned dpc_count;
    PHW_PASSIVE_INITIALIZE_ROUTINE passive;
    PHW_TIMER timer;
    uint32_t timer_us;
    bool pending[VECTORS_MAX];
    bool line;
    void *held_locks[LOCKS_MAX];
    unsigned held_count;
    uint8_t *registers; /* no access rights: a direct access faults */
    uint8_t *uncached;
    uint32_t uncached_size;
    uint8_t *dma;
    unsigned allocations;
    uint8_t registry_buffer[64];
    bool registry_buffer_used;
    unsigned channel;
    struct port_request *requests;
} port;

static void enter(enum callback callback)
{
    assert_int_equal(port.callback, IN_NOTHING);
    port.callback = callback;
}

static void leave(void)
{
    assert_int_equal(port.held_count, 0);
    port.callback = IN_NOTHING;
}

/* Any kind of allocation; true when this one is to fail. */
static bool fails(void)
{
    return ++port.allocations == port_options.fail_allocation;
}

/* ---- routines ---- */

ULONG NTAPI StorPortInitialize(PVOID Argument1, PVOID Argument2,
                               struct _HW_INITIALIZATION_DATA *HwInitializationData,
                               PVOID HwContext)
{
    (void)Argument1;
    (void)Argument2;
    (void)HwContext;
    assert_int_equal(port.callback, IN_DRIVER_ENTRY);
    port.init = *HwInitializationData;
    return 0;
}

static unsigned register_offset(PULONG Register)
{
    uintptr_t offset = (uintptr_t)Register - (uintptr_t)port.registers;
    assert_true(offset <= CONTROLLER_BAR_BYTES - sizeof(ULONG));
    assert_int_equal(offset % sizeof(ULONG), 0);
    return (unsigned)offset;
}

ULONG NTAPI StorPortReadRegisterUlong(PVOID HwDeviceExtension, PULONG Register)
{
    assert_ptr_equal(HwDeviceExtension, port_extension);
    return controller_read(&port_controller, register_offset(Register));
}

VOID NTAPI StorPortWriteRegisterUlong(PVOID HwDeviceExtension, PULONG Register, ULONG Value)
{
    assert_ptr_equal(HwDeviceExtension, port_extension);
    controller_write(&port_controller, register_offset(Register), Value);
}

PVOID NTAPI StorPortGetDeviceBase(PVOID HwDeviceExtension, INTERFACE_TYPE BusType,
                                  ULONG SystemIoBusNumber, STOR_PHYSICAL_ADDRESS IoAddress,
                                  ULONG NumberOfBytes, BOOLEAN InIoSpace)
{
    assert_ptr_equal(HwDeviceExtension, port_extension);
    assert_int_equal(port.callback, IN_FIND);
    assert_int_equal(BusType, PCIBus);
    assert_int_equal(SystemIoBusNumber, port_config.SystemIoBusNumber);
    assert_int_equal(IoAddress.QuadPart, port.range.RangeStart.QuadPart);
    assert_true(NumberOfBytes <= port.range.RangeLength);
    assert_false(InIoSpace);
    return fails() ? NULL : port.registers;
}

/* Never on a page boundary, as in real life. */
PVOID NTAPI StorPortGetUncachedExtension(PVOID HwDeviceExtension,
                                         PPORT_CONFIGURATION_INFORMATION ConfigInfo,
                                         ULONG NumberOfBytes)
{
    assert_ptr_equal(HwDeviceExtension, port_extension);
    assert_ptr_equal(ConfigInfo, &port_config);
    assert_int_equal(port.callback, IN_FIND);
    assert_int_not_equal(port_config.MaximumTransferLength, SP_UNINITIALIZED_VALUE);
    assert_int_not_equal(port_config.NumberOfPhysicalBreaks, SP_UNINITIALIZED_VALUE);
    if (fails())
        return NULL;
    if (!port.uncached) {
        port.uncached_size = NumberOfBytes;
        port.uncached = aligned_alloc(PAGE, (NumberOfBytes + 2 * PAGE) & ~(size_t)(PAGE - 1));
        assert_non_null(port.uncached);
        memset(port.uncached, 0, NumberOfBytes + 64);
        port.uncached += 64;
    }
    return port.uncached;
}

static bool is_inside(const void *address, const void *base, size_t size)
{
    return base && (uintptr_t)address >= (uintptr_t)base &&
           (uintptr_t)address < (uintptr_t)base + size;
}

STOR_PHYSICAL_ADDRESS NTAPI StorPortGetPhysicalAddress(PVOID HwDeviceExtension,
                                                       PSCSI_REQUEST_BLOCK Srb,
                                                       PVOID VirtualAddress, ULONG *Length)
{
    STOR_PHYSICAL_ADDRESS result = {.QuadPart = 0};
    assert_ptr_equal(HwDeviceExtension, port_extension);
    assert_null(Srb);
    *Length = 0;
    if (is_inside(VirtualAddress, port.uncached, port.uncached_size))
        *Length = (ULONG)(port.uncached + port.uncached_size - (uint8_t *)VirtualAddress);
    else if (is_inside(VirtualAddress, port.dma, 3 * PAGE))
        *Length = (ULONG)(port.dma + 3 * PAGE - (uint8_t *)VirtualAddress);
    for (struct port_request *request = port.requests; request && !*Length; request = request->next)
        if (is_inside(VirtualAddress, request->extension, port_config.SrbExtensionSize))
            /* Contiguous to the end of the page only. */
            *Length = PAGE - (ULONG)((uintptr_t)VirtualAddress % PAGE);
    if (*Length)
        result.QuadPart = (LONGLONG)bus_address(VirtualAddress);
    return result;
}

PSTOR_SCATTER_GATHER_LIST NTAPI StorPortGetScatterGatherList(PVOID HwDeviceExtension,
                                                             PSCSI_REQUEST_BLOCK Srb)
{
    struct port_request *request = (struct port_request *)(void *)Srb;
    assert_ptr_equal(HwDeviceExtension, port_extension);
    assert_true(request->is_outstanding);
    return request->list;
}

VOID NTAPI StorPortStallExecution(ULONG Delay)
{
    assert_true(port.callback == IN_FIND || port.callback == IN_PASSIVE ||
                port.callback == IN_CONTROL || port.callback == IN_RESET);
    assert_true(Delay <= 1000);
    port_record.stalls_us += Delay;
}

BOOLEAN NTAPI StorPortPause(PVOID HwDeviceExtension, ULONG Timeout)
{
    assert_ptr_equal(HwDeviceExtension, port_extension);
    assert_true(Timeout > 0);
    port_record.pauses++;
    return TRUE;
}

BOOLEAN NTAPI StorPortResume(PVOID HwDeviceExtension)
{
    assert_ptr_equal(HwDeviceExtension, port_extension);
    port_record.resumes++;
    return TRUE;
}

PUCHAR NTAPI StorPortAllocateRegistryBuffer(PVOID HwDeviceExtension, PULONG Length)
{
    assert_ptr_equal(HwDeviceExtension, port_extension);
    assert_int_equal(port.callback, IN_FIND);
    assert_false(port.registry_buffer_used);
    assert_true(*Length <= sizeof(port.registry_buffer));
    if (fails())
        return NULL;
    port.registry_buffer_used = true;
    return port.registry_buffer;
}

VOID NTAPI StorPortFreeRegistryBuffer(PVOID HwDeviceExtension, PUCHAR Buffer)
{
    assert_ptr_equal(HwDeviceExtension, port_extension);
    assert_ptr_equal(Buffer, port.registry_buffer);
    port.registry_buffer_used = false;
}

BOOLEAN NTAPI StorPortRegistryRead(PVOID HwDeviceExtension, PUCHAR ValueName, ULONG Global,
                                   ULONG Type, PUCHAR Buffer, PULONG BufferLength)
{
    assert_ptr_equal(HwDeviceExtension, port_extension);
    assert_ptr_equal(Buffer, port.registry_buffer);
    assert_int_equal(Global, 1);
    assert_int_equal(Type, MINIPORT_REG_DWORD);
    for (unsigned i = 0; i < 4; i++) {
        const struct port_setting *setting = &port_options.settings[i];
        if (!setting->name || strcmp(setting->name, (char *)ValueName) != 0)
            continue;
        memcpy(Buffer, &setting->value, sizeof(setting->value));
        *BufferLength = sizeof(setting->value);
        return TRUE;
    }
    *BufferLength = 0;
    return FALSE;
}

/* ---- the variadic routines ---- */

static ULONG allocate_dma(__builtin_ms_va_list *arguments)
{
    size_t size = __builtin_va_arg(*arguments, uint64_t);
    for (unsigned i = 0; i < 3; i++)
        (void)__builtin_va_arg(*arguments, uint64_t); /* lowest, highest, boundary */
    (void)__builtin_va_arg(*arguments, uint32_t);     /* cache type */
    (void)__builtin_va_arg(*arguments, uint32_t);     /* node */
    void **ret_memory = __builtin_va_arg(*arguments, void **);
    *ret_memory = NULL;
    assert_true(size <= 3 * PAGE);
    assert_null(port.dma);
    if (fails())
        return STOR_STATUS_INSUFFICIENT_RESOURCES;
    port.dma = aligned_alloc(PAGE, 3 * PAGE);
    assert_non_null(port.dma);
    memset(port.dma, 0xA5, 3 * PAGE);
    *ret_memory = port.dma;
    return STOR_STATUS_SUCCESS;
}

static ULONG free_dma(__builtin_ms_va_list *arguments)
{
    assert_ptr_equal(__builtin_va_arg(*arguments, void *), port.dma);
    assert_non_null(port.dma);
    free(port.dma);
    port.dma = NULL;
    return STOR_STATUS_SUCCESS;
}

static ULONG performance_options(__builtin_ms_va_list *arguments)
{
    bool is_query = (uint8_t) __builtin_va_arg(*arguments, uint32_t);
    PPERF_CONFIGURATION_DATA data = __builtin_va_arg(*arguments, PPERF_CONFIGURATION_DATA);
    ULONG offered = STOR_PERF_DPC_REDIRECTION | STOR_PERF_INTERRUPT_MESSAGE_RANGES |
                    (port_options.has_channels ? STOR_PERF_CONCURRENT_CHANNELS : 0);
    assert_true(port.callback == IN_INITIALIZE || port.callback == IN_PASSIVE);
    assert_int_equal(data->Size, sizeof(*data));
    if (is_query) {
        data->Flags = offered;
        return STOR_STATUS_SUCCESS;
    }
    assert_int_equal(data->Flags & ~offered, 0);
    if (data->Flags & STOR_PERF_INTERRUPT_MESSAGE_RANGES) {
        assert_true(data->FirstRedirectionMessageNumber <= data->LastRedirectionMessageNumber);
        assert_true(data->LastRedirectionMessageNumber < port_options.messages);
    }
    if (data->Flags & STOR_PERF_CONCURRENT_CHANNELS)
        assert_true(data->ConcurrentChannels >= 1);
    return STOR_STATUS_SUCCESS;
}

static ULONG start_parameters(__builtin_ms_va_list *arguments)
{
    (void)__builtin_va_arg(*arguments, void *); /* the request */
    PSTARTIO_PERFORMANCE_PARAMETERS parameters =
        __builtin_va_arg(*arguments, PSTARTIO_PERFORMANCE_PARAMETERS);
    assert_int_equal(parameters->Size, sizeof(*parameters));
    parameters->ChannelNumber = port_options.has_channels ? port.channel : 0;
    parameters->MessageNumber = port.channel + 1;
    return STOR_STATUS_SUCCESS;
}

static ULONG log_event(__builtin_ms_va_list *arguments)
{
    PSTOR_LOG_EVENT_DETAILS details = __builtin_va_arg(*arguments, PSTOR_LOG_EVENT_DETAILS);
    assert_int_equal(details->InterfaceRevision, STOR_CURRENT_LOG_INTERFACE_REVISION);
    assert_int_equal(details->Size, sizeof(*details));
    assert_int_not_equal(port.callback, IN_CONTROL); /* may be above DISPATCH_LEVEL there */
    assert_int_not_equal(port.callback, IN_INITIALIZE);
    port_record.log_entries++;
    port_record.last_log = details->UniqueId;
    return STOR_STATUS_SUCCESS;
}

static ULONG system_address(__builtin_ms_va_list *arguments)
{
    struct port_request *request = __builtin_va_arg(*arguments, struct port_request *);
    void **ret_address = __builtin_va_arg(*arguments, void **);
    assert_true(request->is_outstanding);
    if (fails())
        return STOR_STATUS_INSUFFICIENT_RESOURCES;
    *ret_address = request->data;
    return STOR_STATUS_SUCCESS;
}

ULONG WDK_ABI StorPortExtendedFunction(STORPORT_FUNCTION_CODE FunctionCode, PVOID HwDeviceExtension,
                                       ...)
{
    __builtin_ms_va_list arguments;
    ULONG status = STOR_STATUS_NOT_IMPLEMENTED;
    uint32_t id;
    assert_ptr_equal(HwDeviceExtension, port_extension);
    __builtin_ms_va_start(arguments, HwDeviceExtension);
    switch (FunctionCode) {
    case ExtFunctionAllocateDmaMemory:
        if (port_options.no_dma_memory)
            break;
        status = allocate_dma(&arguments);
        void *memory = port.dma;
        if (status == STOR_STATUS_SUCCESS)
            *__builtin_va_arg(arguments, uint64_t *) = bus_address(memory);
        break;
    case ExtFunctionAllocateContiguousMemorySpecifyCacheNode:
        status = allocate_dma(&arguments);
        break;
    case ExtFunctionFreeDmaMemory:
    case ExtFunctionFreeContiguousMemorySpecifyCache:
        status = free_dma(&arguments);
        break;
    case ExtFunctionGetMessageInterruptInformation:
        id = __builtin_va_arg(arguments, uint32_t);
        assert_int_not_equal(port.callback, IN_INTERRUPT);
        status = id < port_options.messages ? STOR_STATUS_SUCCESS : STOR_STATUS_INVALID_PARAMETER;
        break;
    case ExtFunctionInitializePerformanceOptimizations:
        status = performance_options(&arguments);
        break;
    case ExtFunctionGetStartIoPerformanceParameters:
        status = start_parameters(&arguments);
        break;
    case ExtFunctionGetProcessorCount:
        *__builtin_va_arg(arguments, uint32_t *) = port_options.processors;
        status = STOR_STATUS_SUCCESS;
        break;
    case ExtFunctionLogSystemEvent:
        status = log_event(&arguments);
        break;
    case ExtFunctionGetSystemAddress:
        status = system_address(&arguments);
        break;
    case ExtFunctionInitializePoFxPower: /* switched off */
        assert_int_equal(port.callback, IN_PASSIVE);
        status = STOR_STATUS_UNSUCCESSFUL;
        break;
    default:
        fail_msg("extended function %d", FunctionCode);
    }
    __builtin_ms_va_end(arguments);
    return status;
}

static void request_complete(PSCSI_REQUEST_BLOCK srb)
{
    struct port_request *request = (struct port_request *)(void *)srb;
    assert_true(request->is_outstanding);
    assert_false(request->is_completed);
    assert_int_not_equal(srb->SrbStatus, SRB_STATUS_PENDING);
    assert_int_equal(srb->SrbStatus & SRB_STATUS_QUEUE_FROZEN, 0);
    request->is_outstanding = false;
    request->is_completed = true;
    port_record.completions++;
}

static unsigned dpc_index(PSTOR_DPC dpc)
{
    for (unsigned i = 0; i < port.dpc_count; i++)
        if (port.dpcs[i] == dpc)
            return i;
    fail_msg("DPC %p was never initialised", (void *)dpc);
    return 0;
}

static void acquire_lock(STOR_SPINLOCK kind, void *context)
{
    bool may_take_dpc = port.callback == IN_DPC || port.callback == IN_BUILD ||
                        port.callback == IN_START || port.callback == IN_CONTROL;
    assert_int_equal(kind, DpcLock);
    assert_true(may_take_dpc);
    dpc_index(context);
    assert_true(port.held_count < LOCKS_MAX);
    for (unsigned i = 0; i < port.held_count; i++)
        assert_ptr_not_equal(port.held_locks[i], context);
    port.held_locks[port.held_count++] = context;
}

VOID WDK_ABI StorPortNotification(SCSI_NOTIFICATION_TYPE NotificationType, PVOID HwDeviceExtension,
                                  ...)
{
    __builtin_ms_va_list arguments;
    PSTOR_LOCK_HANDLE handle;
    STOR_SPINLOCK kind;
    PSTOR_DPC dpc;
    void *context;
    unsigned index;
    assert_ptr_equal(HwDeviceExtension, port_extension);
    __builtin_ms_va_start(arguments, HwDeviceExtension);
    switch (NotificationType) {
    case RequestComplete:
        request_complete(__builtin_va_arg(arguments, PSCSI_REQUEST_BLOCK));
        break;
    case ResetDetected:
        port_record.resets_detected++;
        break;
    case RequestTimerCall:
        port.timer = __builtin_va_arg(arguments, PHW_TIMER);
        port.timer_us = __builtin_va_arg(arguments, uint32_t);
        break;
    case BusChangeDetected:
        port_record.bus_changes++;
        break;
    case EnablePassiveInitialization:
        assert_int_equal(port.callback, IN_INITIALIZE);
        port.passive = __builtin_va_arg(arguments, PHW_PASSIVE_INITIALIZE_ROUTINE);
        *__builtin_va_arg(arguments, int32_t *) = 1;
        break;
    case InitializeDpc:
        assert_int_equal(port.callback, IN_PASSIVE);
        assert_true(port.dpc_count < DPCS_MAX);
        port.dpcs[port.dpc_count] = __builtin_va_arg(arguments, PSTOR_DPC);
        port.dpc_routines[port.dpc_count++] = __builtin_va_arg(arguments, PHW_DPC_ROUTINE);
        break;
    case IssueDpc:
        index = dpc_index(__builtin_va_arg(arguments, PSTOR_DPC));
        (void)__builtin_va_arg(arguments, void *);
        (void)__builtin_va_arg(arguments, void *);
        *__builtin_va_arg(arguments, int32_t *) = !port.dpc_queued[index];
        port.dpc_queued[index] = true;
        break;
    case AcquireSpinLock:
        kind = (STOR_SPINLOCK) __builtin_va_arg(arguments, uint32_t);
        context = __builtin_va_arg(arguments, void *);
        handle = __builtin_va_arg(arguments, PSTOR_LOCK_HANDLE);
        acquire_lock(kind, context);
        handle->Context.LockQueue.Lock = context;
        break;
    case ReleaseSpinLock:
        handle = __builtin_va_arg(arguments, PSTOR_LOCK_HANDLE);
        assert_true(port.held_count > 0);
        dpc = (PSTOR_DPC)(void *)handle->Context.LockQueue.Lock;
        assert_ptr_equal(port.held_locks[port.held_count - 1], dpc);
        port.held_count--;
        break;
    default:
        fail_msg("notification %d", NotificationType);
    }
    __builtin_ms_va_end(arguments);
}

static void *NT_ABI driver_memcpy(void *destination, const void *source, size_t size)
{
    return memcpy(destination, source, size);
}

static void *NT_ABI driver_memset(void *destination, int value, size_t size)
{
    return memset(destination, value, size);
}

static const struct nt_export memcpy_row
    __attribute__((section("nt_exports"), used, aligned(8))) = {
        "ntoskrnl.exe", "memcpy", (void *)&driver_memcpy, "Memory", __FILE__, 15, 0};
static const struct nt_export memset_row
    __attribute__((section("nt_exports"), used, aligned(8))) = {
        "ntoskrnl.exe", "memset", (void *)&driver_memset, "Memory", __FILE__, 15, 0};
NT_EXPORT("storport.sys", StorPortInitialize, "Test", 15);
NT_EXPORT("storport.sys", StorPortReadRegisterUlong, "Test", 15);
NT_EXPORT("storport.sys", StorPortWriteRegisterUlong, "Test", 15);
NT_EXPORT("storport.sys", StorPortGetDeviceBase, "Test", 15);
NT_EXPORT("storport.sys", StorPortGetUncachedExtension, "Test", 15);
NT_EXPORT("storport.sys", StorPortGetPhysicalAddress, "Test", 15);
NT_EXPORT("storport.sys", StorPortGetScatterGatherList, "Test", 15);
NT_EXPORT("storport.sys", StorPortStallExecution, "Test", 15);
NT_EXPORT("storport.sys", StorPortPause, "Test", 15);
NT_EXPORT("storport.sys", StorPortResume, "Test", 15);
NT_EXPORT("storport.sys", StorPortAllocateRegistryBuffer, "Test", 15);
NT_EXPORT("storport.sys", StorPortFreeRegistryBuffer, "Test", 15);
NT_EXPORT("storport.sys", StorPortRegistryRead, "Test", 15);
NT_EXPORT("storport.sys", StorPortExtendedFunction, "Test", 15);
NT_EXPORT("storport.sys", StorPortNotification, "Test", 15);

/* ---- the machine ---- */

/*
 * During FindAdapter nothing is connected and a message is lost. During the other callbacks below
 * DIRQL it comes at once, and not again.
 */
static void on_interrupt(void *context, unsigned vector)
{
    enum callback outer = port.callback;
    (void)context;
    assert_true(vector < VECTORS_MAX);
    if (port_options.messages == 0 || outer == IN_FIND)
        return;
    assert_true(vector < port_options.messages);
    if (outer != IN_PASSIVE && outer != IN_CONTROL) {
        port.pending[vector] = true;
        return;
    }
    port.callback = IN_INTERRUPT;
    assert_true((uint8_t)port_config.HwMSInterruptRoutine(port_extension, vector));
    port.callback = outer;
}

void port_load(const char *module_path)
{
    char reason[512] = "";
    memset(&port, 0, sizeof(port));
    memset(&port_record, 0, sizeof(port_record));
    port_options = (struct port_options){.messages = 5, .processors = 4, .has_channels = true};
    controller_initialize(&port_controller);
    port_controller.interrupt = on_interrupt;
    port.registers =
        mmap(NULL, CONTROLLER_BAR_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(port.registers, MAP_FAILED);
    if (image_load(&port.image, module_path, "nvme", reason, sizeof(reason)) != 0)
        fail_msg("%s", reason);
    assert_null(image_missing_import(port.image, 0));
    enter(IN_DRIVER_ENTRY);
    assert_int_equal(image_entry_point(port.image)(&port, &port), 0);
    leave();
    assert_int_equal(port.init.HwInitializationDataSize, sizeof(HW_INITIALIZATION_DATA));
    port_extension = calloc(1, port.init.DeviceExtensionSize);
    assert_non_null(port_extension);
}

void port_unload(void)
{
    while (port.requests)
        port_free(port.requests);
    assert_null(port.dma);
    if (port.uncached)
        free(port.uncached - 64);
    munmap(port.registers, CONTROLLER_BAR_BYTES);
    controller_destroy(&port_controller);
    free(port_extension);
    image_unload(port.image);
}

uint32_t port_find(void)
{
    static char no_arguments[] = "";
    BOOLEAN again = FALSE;
    memset(&port_config, 0, sizeof(port_config));
    port.range = (ACCESS_RANGE){.RangeStart.QuadPart = 0xC0000000,
                                .RangeLength = CONTROLLER_BAR_BYTES,
                                .RangeInMemory = TRUE};
    port_config.Length = sizeof(port_config);
    port_config.AdapterInterfaceType = PCIBus;
    port_config.InterruptMode = port_options.messages ? Latched : LevelSensitive;
    port_config.MaximumTransferLength = SP_UNINITIALIZED_VALUE;
    port_config.NumberOfPhysicalBreaks = SP_UNINITIALIZED_VALUE;
    port_config.NumberOfAccessRanges = 1;
    port_config.AccessRanges = (void *)&port.range;
    port_config.MaxNumberOfIO = 1000;
    port_config.MaxIOsPerLun = 255;
    port_config.SrbType =
        port_options.scsi_requests ? SRB_TYPE_SCSI_REQUEST_BLOCK : SRB_TYPE_STORAGE_REQUEST_BLOCK;
    PHW_FIND_ADAPTER find = (PHW_FIND_ADAPTER)port.init.HwFindAdapter;
    enter(IN_FIND);
    uint32_t result = find(port_extension, NULL, NULL, no_arguments, &port_config, &again);
    leave();
    assert_false(port.registry_buffer_used);
    assert_null(port.dma);
    return result;
}

bool port_initialize(void)
{
    port.passive = NULL;
    enter(IN_INITIALIZE);
    bool good = (uint8_t)port.init.HwInitialize(port_extension);
    leave();
    if (!good || !port.passive)
        return good;
    enter(IN_PASSIVE);
    good = (uint8_t)port.passive(port_extension);
    leave();
    return good;
}

void port_start(void)
{
    assert_int_equal(port_find(), SP_RETURN_FOUND);
    assert_true(port_initialize());
    port_run();
}

bool port_line_interrupt(void)
{
    enter(IN_INTERRUPT);
    bool claimed = (uint8_t)port.init.HwInterrupt(port_extension);
    leave();
    return claimed;
}

void port_spurious_interrupt(unsigned vector)
{
    enter(IN_INTERRUPT);
    port_config.HwMSInterruptRoutine(port_extension, vector);
    leave();
}

static bool run_interrupts(void)
{
    bool found = false;
    if (port_options.messages == 0) {
        if (!controller_line(&port_controller))
            return false;
        assert_true(port_line_interrupt());
        /* Claimed: the cause must be masked or gone, or the line storms. */
        assert_false(controller_line(&port_controller));
        return true;
    }
    for (unsigned i = 0; i < port_options.messages; i++) {
        if (!port.pending[i])
            continue;
        port.pending[i] = false;
        found = true;
        port_spurious_interrupt(i);
    }
    return found;
}

static bool run_dpcs(void)
{
    bool found = false;
    for (unsigned i = 0; i < port.dpc_count; i++) {
        if (!port.dpc_queued[i])
            continue;
        port.dpc_queued[i] = false;
        found = true;
        enter(IN_DPC);
        port.dpc_routines[i](port.dpcs[i], port_extension, NULL, NULL);
        leave();
    }
    return found;
}

void port_run(void)
{
    unsigned rounds = 0;
    while (controller_poll(&port_controller) | run_interrupts() | run_dpcs())
        assert_true(++rounds < 10000); /* what never ends is a storm */
}

bool port_timer_armed(void)
{
    return port.timer_us != 0;
}

void port_pass(unsigned ticks)
{
    while (ticks--) {
        port_run();
        if (port.timer_us == 0)
            continue;
        if (port.timer_us > TICK_US) {
            port.timer_us -= TICK_US;
            continue;
        }
        port.timer_us = 0;
        enter(IN_TIMER);
        port.timer(port_extension);
        leave();
    }
    port_run();
}

void port_fail_next_allocation(void)
{
    port_options.fail_allocation = port.allocations + 1;
}

bool port_reset_bus(void)
{
    enter(IN_RESET);
    bool good = (uint8_t)port.init.HwResetBus(port_extension, 0);
    leave();
    return good;
}

int port_control(SCSI_ADAPTER_CONTROL_TYPE type, void *parameters)
{
    enter(IN_CONTROL);
    int result = port.init.HwAdapterControl(port_extension, type, parameters);
    leave();
    return result;
}

/* ---- requests ---- */

static bool is_storage(void)
{
    return port_config.SrbType == SRB_TYPE_STORAGE_REQUEST_BLOCK;
}

static void fill_scsi(struct port_request *request, unsigned function, unsigned lun)
{
    SCSI_REQUEST_BLOCK *srb = &request->srb.scsi;
    srb->Length = sizeof(*srb);
    srb->Function = (UCHAR)function;
    srb->Lun = (UCHAR)lun;
    srb->SenseInfoBuffer = request->sense;
    srb->SenseInfoBufferLength = sizeof(request->sense);
    srb->DataTransferLength = request->data_size;
    srb->SrbExtension = request->extension;
}

static void fill_storage(struct port_request *request, unsigned function, unsigned lun)
{
    STORAGE_REQUEST_BLOCK *srb = &request->srb.storage;
    srb->Length = FIELD_OFFSET(STORAGE_REQUEST_BLOCK, Signature);
    srb->Function = SRB_FUNCTION_STORAGE_REQUEST_BLOCK;
    srb->Signature = SRB_SIGNATURE;
    srb->Version = STORAGE_REQUEST_BLOCK_VERSION_1;
    srb->SrbLength = sizeof(request->srb.bytes);
    srb->SrbFunction = function;
    srb->DataTransferLength = request->data_size;
    srb->MiniportContext = request->extension;
    srb->AddressOffset = 256;
    PSTOR_ADDR_BTL8 address = (void *)(request->srb.bytes + srb->AddressOffset);
    address->Type = STOR_ADDRESS_TYPE_BTL8;
    address->AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH;
    address->Lun = (UCHAR)lun;
    if (function == SRB_FUNCTION_EXECUTE_SCSI) {
        srb->NumSrbExData = 1;
        srb->SrbExDataOffset[0] = 320;
        PSRBEX_DATA_SCSI_CDB16 data = (void *)(request->srb.bytes + 320);
        data->Type = SrbExDataTypeScsiCdb16;
        data->Length = SRBEX_DATA_SCSI_CDB16_LENGTH;
        data->SenseInfoBuffer = request->sense;
        data->SenseInfoBufferLength = sizeof(request->sense);
    } else if (function == SRB_FUNCTION_PNP) {
        srb->NumSrbExData = 1;
        srb->SrbExDataOffset[0] = 320;
        PSRBEX_DATA_PNP data = (void *)(request->srb.bytes + 320);
        data->Type = SrbExDataTypePnP;
        data->Length = SRBEX_DATA_PNP_LENGTH;
    }
}

/* A list as Windows builds it: one element a page, each page elsewhere than the one before. */
static void make_list(struct port_request *request, uint32_t offset)
{
    unsigned pages = (offset + request->data_size + PAGE - 1) / PAGE;
    STOR_SCATTER_GATHER_ELEMENT elements[pages ? pages : 1];
    uint32_t done = 0;
    for (unsigned i = 0; i < pages; i++) {
        uint32_t length = PAGE - (i == 0 ? offset : 0);
        if (length > request->data_size - done)
            length = request->data_size - done;
        elements[i] = (STOR_SCATTER_GATHER_ELEMENT){.PhysicalAddress.QuadPart =
                                                        (LONGLONG)bus_address(request->data + done),
                                                    .Length = length};
        done += length;
    }
    if (pages)
        port_set_list(request, elements, pages);
}

void port_set_list(struct port_request *request, const STOR_SCATTER_GATHER_ELEMENT *elements,
                   unsigned count)
{
    free(request->memory[2]);
    request->list = malloc(sizeof(*request->list) + count * sizeof(*elements));
    assert_non_null(request->list);
    request->list->NumberOfElements = count;
    memcpy(request->list->List, elements, count * sizeof(*elements));
    request->memory[2] = request->list;
}

struct port_request *port_make(unsigned function, unsigned lun, uint32_t size, uint32_t offset)
{
    struct port_request *request = calloc(1, sizeof(*request));
    assert_non_null(request);
    size_t extension_size = port_config.SrbExtensionSize;
    size_t extension_room = (extension_size / PAGE + 3) * PAGE;
    request->memory[0] = aligned_alloc(PAGE, extension_room);
    request->memory[1] = aligned_alloc(PAGE, (offset + size) / PAGE * PAGE + PAGE);
    assert_non_null(request->memory[0]);
    assert_non_null(request->memory[1]);
    memset(request->memory[0], 0xA5, extension_room);
    memset(request->memory[1], 0x5A, (offset + size) / PAGE * PAGE + PAGE);
    /* The list inside of the extension crosses a page, in the middle of it. */
    request->extension = (uint8_t *)request->memory[0] + PAGE - extension_size % PAGE / 2 / 16 * 16;
    request->data = (uint8_t *)request->memory[1] + offset;
    request->data_size = size;
    if (is_storage())
        fill_storage(request, function, lun);
    else
        fill_scsi(request, function, lun);
    make_list(request, offset);
    request->next = port.requests;
    port.requests = request;
    return request;
}

void port_set_cdb(struct port_request *request, const void *cdb, size_t length)
{
    PCDB place = SrbGetCdb(&request->srb);
    assert_true(length <= PORT_CDB_MAX);
    memcpy(place, cdb, length);
    SrbSetCdbLength(&request->srb, (UCHAR)length);
}

void port_submit(struct port_request *request, unsigned channel)
{
    PSCSI_REQUEST_BLOCK srb = (PSCSI_REQUEST_BLOCK)(void *)&request->srb;
    assert_false(request->is_outstanding);
    srb->SrbStatus = SRB_STATUS_PENDING;
    request->is_outstanding = true;
    request->is_completed = false;
    port.channel = channel;
    enter(IN_BUILD);
    bool start = (uint8_t)port.init.HwBuildIo(port_extension, srb);
    leave();
    assert_true(start == request->is_outstanding);
    if (!start)
        return;
    request->starts++;
    enter(IN_START);
    assert_true((uint8_t)port.init.HwStartIo(port_extension, srb));
    leave();
}

void port_free(struct port_request *request)
{
    struct port_request **link = &port.requests;
    while (*link != request)
        link = &(*link)->next;
    *link = request->next;
    for (unsigned i = 0; i < 3; i++)
        free(request->memory[i]);
    free(request);
}

void port_do(struct port_request *request)
{
    port_submit(request, 0);
    port_run();
    assert_true(request->is_completed);
}

uint8_t port_status(const struct port_request *request)
{
    return request->srb.scsi.SrbStatus;
}

uint8_t port_scsi_status(struct port_request *request)
{
    return SrbGetScsiStatus(&request->srb);
}

uint32_t port_length(struct port_request *request)
{
    return SrbGetDataTransferLength(&request->srb);
}

uint32_t port_sense(struct port_request *request)
{
    const uint8_t *sense = request->sense;
    if (!(port_status(request) & SRB_STATUS_AUTOSENSE_VALID))
        return 0;
    if ((sense[0] & 0x7F) == 0x72)
        return (uint32_t)(sense[1] << 16 | sense[2] << 8 | sense[3]);
    assert_int_equal(sense[0] & 0x7F, 0x70);
    return (uint32_t)((sense[2] & 0xF) << 16 | sense[12] << 8 | sense[13]);
}

struct port_request *port_scsi(unsigned lun, const void *cdb, size_t length, uint32_t size)
{
    struct port_request *request = port_make(SRB_FUNCTION_EXECUTE_SCSI, lun, size, 0);
    port_set_cdb(request, cdb, length);
    port_do(request);
    return request;
}

/*
 * Compiled, never run: every callback type of storport.h declares a routine ahead of its
 * definition, and its pointer type takes it (rule S56). The routines have names of their own:
 * only the pointers count (rule S55).
 */
#include <ntddk.h>
#include <storport.h>

static HW_STARTIO SomeStartIo;
static HW_BUILDIO SomeBuildIo;
static HW_INITIALIZE SomeInitialize;
static HW_INTERRUPT SomeInterrupt;
static HW_MESSAGE_SIGNALED_INTERRUPT_ROUTINE SomeMessage;
static HW_RESET_BUS SomeResetBus;
static HW_TIMER SomeTimer;
static HW_TIMER_EX SomeTimerEx;
static HW_DPC_ROUTINE SomeDpc;
static HW_FIND_ADAPTER SomeFindAdapter;
static VIRTUAL_HW_FIND_ADAPTER SomeVirtualFindAdapter;
static HW_PASSIVE_INITIALIZE_ROUTINE SomePassiveInitialize;
static HW_WORKITEM SomeWorkItem;
static HW_STATE_CHANGE SomeStateChange;
static HW_ADAPTER_CONTROL SomeAdapterControl;
static HW_UNIT_CONTROL SomeUnitControl;
static HW_FREE_ADAPTER_RESOURCES SomeFreeAdapterResources;
static HW_PROCESS_SERVICE_REQUEST SomeProcessServiceRequest;
static HW_COMPLETE_SERVICE_IRP SomeCompleteServiceIrp;
static HW_TRACING_ENABLED SomeTracingEnabled;
static HW_INITIALIZE_TRACING SomeInitializeTracing;
static HW_CLEANUP_TRACING SomeCleanupTracing;
static HW_REGISTRY_NOTIFICATION_ROUTINE SomeRegistryNotification;
static STOR_SYNCHRONIZED_ACCESS SomeSynchronizedAccess;

_Use_decl_annotations_ static BOOLEAN SomeStartIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    return DeviceExtension != NULL && Srb != NULL;
}

_Use_decl_annotations_ static BOOLEAN SomeBuildIo(PVOID DeviceExtension, PSCSI_REQUEST_BLOCK Srb)
{
    return DeviceExtension != NULL && Srb != NULL;
}

_Use_decl_annotations_ static BOOLEAN SomeInitialize(PVOID DeviceExtension)
{
    return DeviceExtension != NULL;
}

_Use_decl_annotations_ static BOOLEAN SomeInterrupt(PVOID DeviceExtension)
{
    return DeviceExtension != NULL;
}

_Use_decl_annotations_ static BOOLEAN SomeMessage(PVOID DeviceExtension, ULONG MessageId)
{
    return DeviceExtension != NULL && MessageId == 0;
}

_Use_decl_annotations_ static BOOLEAN SomeResetBus(PVOID DeviceExtension, ULONG PathId)
{
    return DeviceExtension != NULL && PathId == 0;
}

_Use_decl_annotations_ static VOID SomeTimer(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
}

_Use_decl_annotations_ static VOID SomeTimerEx(PVOID DeviceExtension, PVOID Context)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(Context);
}

_Use_decl_annotations_ static VOID SomeDpc(PSTOR_DPC Dpc, PVOID HwDeviceExtension,
                                           PVOID SystemArgument1, PVOID SystemArgument2)
{
    UNREFERENCED_PARAMETER(Dpc);
    UNREFERENCED_PARAMETER(HwDeviceExtension);
    UNREFERENCED_PARAMETER(SystemArgument1);
    UNREFERENCED_PARAMETER(SystemArgument2);
}

_Use_decl_annotations_ static ULONG SomeFindAdapter(PVOID DeviceExtension, PVOID HwContext,
                                                    PVOID BusInformation, PCHAR ArgumentString,
                                                    PPORT_CONFIGURATION_INFORMATION ConfigInfo,
                                                    PBOOLEAN Reserved3)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(ArgumentString);
    UNREFERENCED_PARAMETER(ConfigInfo);
    UNREFERENCED_PARAMETER(Reserved3);
    return SP_RETURN_NOT_FOUND;
}

_Use_decl_annotations_ static ULONG
SomeVirtualFindAdapter(PVOID DeviceExtension, PVOID HwContext, PVOID BusInformation,
                       PVOID LowerDevice, PCHAR ArgumentString,
                       PPORT_CONFIGURATION_INFORMATION ConfigInfo, PBOOLEAN Again)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(HwContext);
    UNREFERENCED_PARAMETER(BusInformation);
    UNREFERENCED_PARAMETER(LowerDevice);
    UNREFERENCED_PARAMETER(ArgumentString);
    UNREFERENCED_PARAMETER(ConfigInfo);
    UNREFERENCED_PARAMETER(Again);
    return SP_RETURN_NOT_FOUND;
}

_Use_decl_annotations_ static BOOLEAN SomePassiveInitialize(PVOID DeviceExtension)
{
    return DeviceExtension != NULL;
}

_Use_decl_annotations_ static VOID SomeWorkItem(PVOID HwDeviceExtension, PVOID Context,
                                                PVOID Worker)
{
    UNREFERENCED_PARAMETER(HwDeviceExtension);
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(Worker);
}

_Use_decl_annotations_ static VOID SomeStateChange(PVOID HwDeviceExtension, PVOID Context,
                                                   SHORT AddressType, PVOID Address, ULONG Status)
{
    UNREFERENCED_PARAMETER(HwDeviceExtension);
    UNREFERENCED_PARAMETER(Context);
    UNREFERENCED_PARAMETER(AddressType);
    UNREFERENCED_PARAMETER(Address);
    UNREFERENCED_PARAMETER(Status);
}

_Use_decl_annotations_ static SCSI_ADAPTER_CONTROL_STATUS
SomeAdapterControl(PVOID DeviceExtension, SCSI_ADAPTER_CONTROL_TYPE ControlType, PVOID Parameters)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(ControlType);
    UNREFERENCED_PARAMETER(Parameters);
    return ScsiAdapterControlSuccess;
}

_Use_decl_annotations_ static SCSI_UNIT_CONTROL_STATUS
SomeUnitControl(PVOID DeviceExtension, SCSI_UNIT_CONTROL_TYPE ControlType, PVOID Parameters)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(ControlType);
    UNREFERENCED_PARAMETER(Parameters);
    return ScsiUnitControlSuccess;
}

_Use_decl_annotations_ static VOID SomeFreeAdapterResources(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
}

_Use_decl_annotations_ static VOID SomeProcessServiceRequest(PVOID DeviceExtension, PVOID Irp)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
    UNREFERENCED_PARAMETER(Irp);
}

_Use_decl_annotations_ static VOID SomeCompleteServiceIrp(PVOID DeviceExtension)
{
    UNREFERENCED_PARAMETER(DeviceExtension);
}

_Use_decl_annotations_ static VOID SomeTracingEnabled(PVOID HwDeviceExtension, BOOLEAN Enabled)
{
    UNREFERENCED_PARAMETER(HwDeviceExtension);
    UNREFERENCED_PARAMETER(Enabled);
}

_Use_decl_annotations_ static VOID SomeInitializeTracing(PVOID Arg1, PVOID Arg2)
{
    UNREFERENCED_PARAMETER(Arg1);
    UNREFERENCED_PARAMETER(Arg2);
}

_Use_decl_annotations_ static VOID SomeCleanupTracing(PVOID Arg1)
{
    UNREFERENCED_PARAMETER(Arg1);
}

_Use_decl_annotations_ static VOID SomeRegistryNotification(PVOID HwDeviceExtension)
{
    UNREFERENCED_PARAMETER(HwDeviceExtension);
}

_Use_decl_annotations_ static BOOLEAN SomeSynchronizedAccess(PVOID HwDeviceExtension, PVOID Context)
{
    return HwDeviceExtension != Context;
}

struct CALLBACKS {
    PHW_STARTIO StartIo;
    PHW_BUILDIO BuildIo;
    PHW_INITIALIZE Initialize;
    PHW_INTERRUPT Interrupt;
    PHW_MESSAGE_SIGNALED_INTERRUPT_ROUTINE Message;
    PHW_RESET_BUS ResetBus;
    PHW_TIMER Timer;
    PHW_TIMER_EX TimerEx;
    PHW_DPC_ROUTINE Dpc;
    PHW_FIND_ADAPTER FindAdapter;
    PVIRTUAL_HW_FIND_ADAPTER VirtualFindAdapter;
    PHW_PASSIVE_INITIALIZE_ROUTINE PassiveInitialize;
    PHW_WORKITEM WorkItem;
    PHW_STATE_CHANGE StateChange;
    PHW_ADAPTER_CONTROL AdapterControl;
    PHW_UNIT_CONTROL UnitControl;
    PHW_FREE_ADAPTER_RESOURCES FreeAdapterResources;
    PHW_PROCESS_SERVICE_REQUEST ProcessServiceRequest;
    PHW_COMPLETE_SERVICE_IRP CompleteServiceIrp;
    PHW_TRACING_ENABLED TracingEnabled;
    PHW_INITIALIZE_TRACING InitializeTracing;
    PHW_CLEANUP_TRACING CleanupTracing;
    PHW_REGISTRY_NOTIFICATION_ROUTINE RegistryNotification;
    PSTOR_SYNCHRONIZED_ACCESS SynchronizedAccess;
};

const struct CALLBACKS Callbacks = {
    SomeStartIo,
    SomeBuildIo,
    SomeInitialize,
    SomeInterrupt,
    SomeMessage,
    SomeResetBus,
    SomeTimer,
    SomeTimerEx,
    SomeDpc,
    SomeFindAdapter,
    SomeVirtualFindAdapter,
    SomePassiveInitialize,
    SomeWorkItem,
    SomeStateChange,
    SomeAdapterControl,
    SomeUnitControl,
    SomeFreeAdapterResources,
    SomeProcessServiceRequest,
    SomeCompleteServiceIrp,
    SomeTracingEnabled,
    SomeInitializeTracing,
    SomeCleanupTracing,
    SomeRegistryNotification,
    SomeSynchronizedAccess,
};

/* A virtual miniport without units that traces as Storport drivers do: WPP with the port's help,
 * and events through Storport. */
#include <ntddk.h>
#include <storport.h>
#include <stortrce.h>

/* A flag a level, as drivers of this kind have it. */
#define WPP_CONTROL_GUIDS                                                                          \
    WPP_DEFINE_CONTROL_GUID(MiniportGuid, (0A1B2C3D, 4E5F, 6071, 8293, A4B5C6D7E8F9),              \
                            WPP_DEFINE_BIT(TRACE_LEVEL_NONE) WPP_DEFINE_BIT(TRACE_LEVEL_ERROR)     \
                                WPP_DEFINE_BIT(TRACE_LEVEL_INFORMATION))
/*
 * begin_wpp config
 * FUNC Note(LEVEL, MSG, ...);
 * end_wpp
 */
#include "miniport.tmh"

static PVOID TraceContext;

static VOID NTAPI EndOfTraces(PVOID Context)
{
    Note(TRACE_LEVEL_ERROR, "the end, %s",
         Context == TraceContext ? "as it was" : "of something else");
    WPP_CLEANUP(NULL, Context);
    Note(TRACE_LEVEL_ERROR, "after the end");
}

static VOID NTAPI TracingEnabled(PVOID Extension, BOOLEAN Enabled)
{
    DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "tracing enabled %d\n", Enabled);
}

static ULONG NTAPI FindAdapter(PVOID Extension, PVOID Context, PVOID Bus, PVOID Lower,
                               PCHAR Arguments, PPORT_CONFIGURATION_INFORMATION Configuration,
                               PBOOLEAN Again)
{
    UCHAR byte = 1;

    Note(TRACE_LEVEL_ERROR, "error");
    Note(TRACE_LEVEL_INFORMATION, "information");
    DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "event %x stream %x error %x illegal %x\n",
               StorPortEtwEvent2(Extension, NULL, 1, (PWSTR)L"event", 0, StorportEtwLevelVerbose,
                                 StorportEtwEventOpcodeInfo, NULL, NULL, 0, NULL, 0),
               StorPortEtwLogByteStream(Extension, NULL, StorportEtwEventHealth, 2,
                                        (PWSTR)L"stream", 0, StorportEtwLevelError,
                                        StorportEtwEventOpcodeInfo, 1, &byte),
               StorPortEtwLogError(Extension, NULL, 3, (PWSTR)L"broken", 1, &byte),
               StorPortEtwEvent2(Extension, NULL, 4, NULL, 0, StorportEtwLevelError,
                                 StorportEtwEventOpcodeInfo, NULL, NULL, 0, NULL, 0));
    Configuration->NumberOfBuses = 1;
    Configuration->MaximumNumberOfTargets = 1;
    Configuration->MaximumNumberOfLogicalUnits = 1;
    Configuration->VirtualDevice = TRUE;
    Configuration->MaximumTransferLength = 65536;
    Configuration->SynchronizationModel = StorSynchronizeFullDuplex;
    return SP_RETURN_FOUND;
}

static BOOLEAN NTAPI Initialize(PVOID Extension)
{
    return TRUE;
}

static BOOLEAN NTAPI StartIo(PVOID Extension, PSCSI_REQUEST_BLOCK Srb)
{
    Srb->SrbStatus = SRB_STATUS_NO_DEVICE;
    StorPortNotification(RequestComplete, Extension, Srb);
    return TRUE;
}

static BOOLEAN NTAPI ResetBus(PVOID Extension, ULONG Path)
{
    return TRUE;
}

static SCSI_ADAPTER_CONTROL_STATUS NTAPI AdapterControl(PVOID Extension,
                                                        SCSI_ADAPTER_CONTROL_TYPE Type,
                                                        PVOID Parameters)
{
    return ScsiAdapterControlUnsuccessful;
}

static VOID NTAPI FreeResources(PVOID Extension)
{
}

ULONG DriverEntry(PVOID DriverObject, PVOID RegistryPath)
{
    HW_INITIALIZATION_DATA data = {0};
    STORAGE_TRACE_INIT_INFO information = {.Size = sizeof(information),
                                           .DriverObject = DriverObject,
                                           .TraceCleanupRoutine = EndOfTraces};

    WPP_INIT_TRACING(DriverObject, RegistryPath, &information);
    TraceContext = information.TraceContext;
    DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "context %d\n", TraceContext != NULL);
    data.HwInitializationDataSize = sizeof(data);
    data.AdapterInterfaceType = Internal;
    data.HwFindAdapter = (PVOID)FindAdapter;
    data.HwAdapterControl = AdapterControl;
    data.HwInitialize = Initialize;
    data.HwStartIo = StartIo;
    data.HwResetBus = ResetBus;
    data.HwFreeAdapterResources = FreeResources;
    data.HwTracingEnabled = TracingEnabled;
    data.DeviceExtensionSize = 64;
    data.MapBuffers = STOR_MAP_NON_READ_WRITE_BUFFERS;
    data.FeatureSupport = STOR_FEATURE_VIRTUAL_MINIPORT;
    data.TaggedQueuing = TRUE;
    data.AutoRequestSense = TRUE;
    data.MultipleRequestPerLu = TRUE;
    return StorPortInitialize(DriverObject, RegistryPath, &data, NULL);
}

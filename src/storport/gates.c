/*
 * gates.c - busy, pause, ready, resume, queue depth: thin shells over the port's gates. Any IRQL,
 * any lock held; they record and schedule, and never dispatch.
 */
#include "storport/adapter.h"

/* A dump has one request at a time: there is nothing to hold back. */
static struct port_adapter *adapter_of(const void *extension)
{
    struct port_adapter *port = port_adapter_of(extension);

    return port && !port->dump ? port : NULL;
}

static struct port_unit *unit_of(const void *extension, UCHAR path, UCHAR target, UCHAR lun)
{
    struct port_adapter *port = adapter_of(extension);

    return port ? port_unit_find(port, path, target, lun) : NULL;
}

BOOLEAN NTAPI StorPortBusy(PVOID HwDeviceExtension, ULONG RequestsToComplete)
{
    struct port_adapter *port = adapter_of(HwDeviceExtension);

    return port && port_adapter_busy(port, RequestsToComplete);
}
NT_EXPORT("storport.sys", StorPortBusy, "I/O request processing", NT_HIGH_LEVEL);

BOOLEAN NTAPI StorPortReady(PVOID HwDeviceExtension)
{
    struct port_adapter *port = adapter_of(HwDeviceExtension);

    return port && port_adapter_ready(port);
}
NT_EXPORT("storport.sys", StorPortReady, "I/O request processing", NT_HIGH_LEVEL);

BOOLEAN NTAPI StorPortPause(PVOID HwDeviceExtension, ULONG TimeOut)
{
    struct port_adapter *port = adapter_of(HwDeviceExtension);

    return port && port_adapter_pause(port, TimeOut);
}
NT_EXPORT("storport.sys", StorPortPause, "I/O request processing", NT_HIGH_LEVEL);

BOOLEAN NTAPI StorPortResume(PVOID HwDeviceExtension)
{
    struct port_adapter *port = adapter_of(HwDeviceExtension);

    return port && port_adapter_resume(port);
}
NT_EXPORT("storport.sys", StorPortResume, "I/O request processing", NT_HIGH_LEVEL);

BOOLEAN NTAPI StorPortDeviceBusy(PVOID HwDeviceExtension, UCHAR PathId, UCHAR TargetId, UCHAR Lun,
                                 ULONG RequestsToComplete)
{
    struct port_unit *unit = unit_of(HwDeviceExtension, PathId, TargetId, Lun);

    return unit && port_unit_busy(unit, RequestsToComplete);
}
NT_EXPORT("storport.sys", StorPortDeviceBusy, "I/O request processing", NT_HIGH_LEVEL);

BOOLEAN NTAPI StorPortDeviceReady(PVOID HwDeviceExtension, UCHAR PathId, UCHAR TargetId, UCHAR Lun)
{
    struct port_unit *unit = unit_of(HwDeviceExtension, PathId, TargetId, Lun);

    return unit && port_unit_ready(unit);
}
NT_EXPORT("storport.sys", StorPortDeviceReady, "I/O request processing", NT_HIGH_LEVEL);

BOOLEAN NTAPI StorPortPauseDevice(PVOID HwDeviceExtension, UCHAR PathId, UCHAR TargetId, UCHAR Lun,
                                  ULONG TimeOut)
{
    struct port_unit *unit = unit_of(HwDeviceExtension, PathId, TargetId, Lun);

    return unit && port_unit_pause(unit, TimeOut);
}
NT_EXPORT("storport.sys", StorPortPauseDevice, "I/O request processing", NT_HIGH_LEVEL);

BOOLEAN NTAPI StorPortResumeDevice(PVOID HwDeviceExtension, UCHAR PathId, UCHAR TargetId, UCHAR Lun)
{
    struct port_unit *unit = unit_of(HwDeviceExtension, PathId, TargetId, Lun);

    return unit && port_unit_resume(unit);
}
NT_EXPORT("storport.sys", StorPortResumeDevice, "I/O request processing", NT_HIGH_LEVEL);

BOOLEAN NTAPI StorPortSetDeviceQueueDepth(PVOID HwDeviceExtension, UCHAR PathId, UCHAR TargetId,
                                          UCHAR Lun, ULONG Depth)
{
    struct port_unit *unit = unit_of(HwDeviceExtension, PathId, TargetId, Lun);

    return unit && port_unit_set_depth(unit, Depth);
}
NT_EXPORT("storport.sys", StorPortSetDeviceQueueDepth, "Initialization", NT_HIGH_LEVEL);

PVOID NTAPI StorPortGetLogicalUnit(PVOID HwDeviceExtension, UCHAR PathId, UCHAR TargetId, UCHAR Lun)
{
    struct port_unit *unit = unit_of(HwDeviceExtension, PathId, TargetId, Lun);

    return unit ? unit->extension : NULL;
}
NT_EXPORT("storport.sys", StorPortGetLogicalUnit, "Initialization", NT_HIGH_LEVEL);

/* The outstanding request with that tag. */
PSCSI_REQUEST_BLOCK NTAPI StorPortGetSrb(PVOID HwDeviceExtension, UCHAR PathId, UCHAR TargetId,
                                         UCHAR Lun, LONG QueueTag)
{
    struct port_unit *unit = unit_of(HwDeviceExtension, PathId, TargetId, Lun);

    if (!unit || QueueTag < 0 || (uint32_t)QueueTag >= unit->adapter->slot_count)
        return NULL;
    struct port_slot *slot = port_slot_at(unit->adapter, (uint32_t)QueueTag);
    if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != PORT_SLOT_OUTSTANDING ||
        __atomic_load_n(&slot->unit, __ATOMIC_RELAXED) != unit)
        return NULL;
    return (PSCSI_REQUEST_BLOCK)slot->srb;
}
NT_EXPORT("storport.sys", StorPortGetSrb, "I/O request processing", NT_HIGH_LEVEL);

/*
 * Planted: uses the SRB extension of a request that was completed. The write comes from a timer, so
 * HwStartIo has returned long before and the extension belongs to the port again.
 */
#include "defects.h"

#define TIMER_MICROSECONDS 20000UL

static VOID WriteLate(PVOID DeviceExtension)
{
    DEFECTS_ADAPTER *Adapter = (DEFECTS_ADAPTER *)DeviceExtension;

    *(volatile ULONG *)&Adapter->CompletedExtension->Marker = 0xDEAD; /* the defect */
}

VOID PlantExtensionAfterCompletion(DEFECTS_ADAPTER *Adapter, DEFECTS_REQUEST *Extension)
{
    Adapter->CompletedExtension = Extension;
    StorPortNotification(RequestTimerCall, Adapter, WriteLate, TIMER_MICROSECONDS);
}

/*
 * Planted: uses the SRB extension of a request that was completed. The write comes from a timer, so
 * HwStartIo has returned long before and the extension belongs to the port again.
 */
#include "defects.h"

#define TIMER_MICROSECONDS 20000UL

static VOID WriteLate(PVOID DeviceExtension)
{
    DEFECTS_ADAPTER *Adapter = (DEFECTS_ADAPTER *)DeviceExtension;
    DEFECTS_REQUEST *Extension = Adapter->CompletedExtension;

    Adapter->CompletedExtension = NULL;
    *(volatile ULONG *)&Extension->Marker = 0xDEAD; /* the defect */
}

/* The timer is not armed again before it has fired: under steady load it would be put off for ever.
 */
VOID PlantExtensionAfterCompletion(DEFECTS_ADAPTER *Adapter, DEFECTS_REQUEST *Extension)
{
    if (Adapter->CompletedExtension != NULL) {
        return;
    }
    Adapter->CompletedExtension = Extension;
    StorPortNotification(RequestTimerCall, Adapter, WriteLate, TIMER_MICROSECONDS);
}

/*
 * What the service driver and its test share: commands in service requests, and counts in the
 * test's own memory.
 */
#pragma once

#define SERVICE_MINOR_COUNT 32

typedef struct _SERVICE_SHARED {
    volatile LONG Pnp[SERVICE_MINOR_COUNT]; /* IRPs that the hooks saw, by minor function */
    volatile LONG Power[SERVICE_MINOR_COUNT];
    volatile LONG Controls;
    volatile LONG Created, Closed;
    volatile LONG AddDevices;
    volatile LONG Unloads;
    volatile LONG Received;  /* calls of HwProcessServiceRequest */
    volatile LONG Pending;   /* requests that the driver has */
    volatile LONG Cancelled; /* ended by the cancel routine */
    volatile LONG AtRemoval; /* ended by HwCompleteServiceIrp */
    volatile LONG Irql;      /* the highest at which HwProcessServiceRequest was called */
    LONG RefusePnp;          /* a minor function that the hook ends itself; -1: none */
    LONG RefuseStatus;
    LONG ForgetAtRemoval;     /* HwCompleteServiceIrp does nothing */
    volatile LONG PowerState; /* DEVICE_POWER_STATE of the last IRP_MN_SET_POWER */
    volatile LONG Inside;     /* calls of HwProcessServiceRequest that stay until MayLeave */
    volatile LONG MayLeave;
    volatile LONG Stops; /* ScsiStopAdapter */
    volatile LONG InsideAtStop;
} SERVICE_SHARED;

enum {
    ServiceReverse,    /* answers at once: the text backwards */
    ServiceByWorker,   /* the same from a thread of the driver */
    ServicePend,       /* stays until released, cancelled or the adapter's removal */
    ServiceRelease,    /* ends the oldest that pends, with Argument as its status */
    ServiceCancel,     /* cancels the oldest that pends */
    ServiceTwice,      /* completes itself, and once more; the second answer goes to Result of the
                          next ServiceLast */
    ServiceLast,       /* what was kept */
    ServiceForeign,    /* completes an IRP that is no service request */
    ServiceNull,       /* completes NULL */
    ServiceRequestor,  /* the process that asks */
    ServiceToSelf,     /* the driver sends itself a ServiceReverse and waits */
    ServiceAbove,      /* completes from DISPATCH_LEVEL */
    ServiceInvalidate, /* says that the units may be others */
    ServiceStay,       /* does not return before MayLeave is set */
    ServiceBehind,     /* ends itself with IoCompleteRequest */
};

#define SERVICE_TEXT_BYTES 32

typedef struct _SERVICE_COMMAND {
    unsigned int Command;
    int Argument;
    unsigned int Result;
    char Text[SERVICE_TEXT_BYTES];
} SERVICE_COMMAND;

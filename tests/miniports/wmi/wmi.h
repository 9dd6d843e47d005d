/*
 * A virtual miniport that has nothing but WMI: blocks of every kind, answered by the library of
 * wdk/library/scsiwmi.
 */
#ifndef STORHOST_TESTS_MINIPORTS_WMI_H
#define STORHOST_TESTS_MINIPORTS_WMI_H

#include <scsiwmi.h>
#include <storport.h>
#include <wmistr.h>

#include "wmi_protocol.h"

typedef struct _WMI_ADAPTER {
    SCSI_WMILIB_CONTEXT Library;
    WMI_SHARED *Shared;
    UCHAR Counters[2][WmiSecondBytes];
    PSCSI_WMI_REQUEST_BLOCK Pending;
} WMI_ADAPTER;

/* The SRB extension: it lives as long as the request. */
typedef struct _WMI_EXTENSION {
    SCSIWMI_REQUEST_CONTEXT Context;
    ULONG Length; /* of the input of a method that pends */
} WMI_EXTENSION;

VOID WmiInitialize(WMI_ADAPTER *Adapter);
/* Ends the SRB, unless it is pending. */
VOID WmiStart(WMI_ADAPTER *Adapter, PSCSI_WMI_REQUEST_BLOCK Srb);
VOID WmiComplete(WMI_ADAPTER *Adapter, PSCSI_WMI_REQUEST_BLOCK Srb);

#endif

/*
 * WMI in a miniport: SRB_FUNCTION_WMI requests are handed to ScsiPortWmiDispatchFunction, which
 * calls back through a SCSI_WMILIB_CONTEXT. The ScsiPortWmi routines are library code that becomes
 * part of the miniport; the port driver does not export them.
 */
#ifndef WDK_SCSIWMI_H
#define WDK_SCSIWMI_H

#include "guiddef.h"
#include "ntdef.h"

WDK_BEGIN_C

/* How a registered GUID is used (SCSIWMIGUIDREGINFO.Flags); wmistr.h has them too. */
#ifndef WMIREG_FLAG_EXPENSIVE
#define WMIREG_FLAG_EXPENSIVE         0x00000001
#define WMIREG_FLAG_INSTANCE_LIST     0x00000004
#define WMIREG_FLAG_INSTANCE_BASENAME 0x00000008
#define WMIREG_FLAG_INSTANCE_PDO      0x00000020
#define WMIREG_FLAG_EVENT_ONLY_GUID   0x00000040
#define WMIREG_FLAG_REMOVE_GUID       0x00010000
#endif
#define WMIREG_FLAG_CALL_BY_NAME 0x40000000

/* One block of data, event or class that the miniport offers. */
typedef struct {
    LPCGUID Guid;
    ULONG InstanceCount;
    ULONG Flags; /* WMIREG_FLAG_... */
} SCSIWMIGUIDREGINFO, *PSCSIWMIGUIDREGINFO;

/* A request under way. The miniport keeps it until ScsiPortWmiPostProcess. */
typedef struct {
    PVOID UserContext; /* the miniport's own */
    ULONG BufferSize;
    PUCHAR Buffer;
    UCHAR MinorFunction;
    UCHAR ReturnStatus; /* SRB_STATUS_..., once post-processed */
    ULONG ReturnSize;   /* bytes to return, once post-processed */
} SCSIWMI_REQUEST_CONTEXT, *PSCSIWMI_REQUEST_CONTEXT;

/* Which half of a block to switch on or off. */
typedef enum {
    ScsiWmiEventControl = 0,     /* its event */
    ScsiWmiDataBlockControl = 1, /* the collection of expensive data */
} SCSIWMI_ENABLE_DISABLE_CONTROL;

/*
 * The miniport's callbacks. GuidIndex counts in SCSI_WMILIB_CONTEXT.GuidList, InstanceIndex from
 * zero. Each but the first ends with ScsiPortWmiPostProcess and returns TRUE, or returns FALSE and
 * ends so later, when the request is still pending. All run where the miniport called
 * ScsiPortWmiDispatchFunction.
 */
typedef UCHAR(NTAPI *PSCSIWMI_QUERY_REGINFO)(PVOID DeviceContext,
                                             PSCSIWMI_REQUEST_CONTEXT RequestContext,
                                             PWSTR *MofResourceName);
typedef BOOLEAN(NTAPI *PSCSIWMI_QUERY_DATABLOCK)(PVOID DeviceContext,
                                                 PSCSIWMI_REQUEST_CONTEXT RequestContext,
                                                 ULONG GuidIndex, ULONG InstanceIndex,
                                                 ULONG InstanceCount, PULONG InstanceLengthArray,
                                                 ULONG BufferAvail, PUCHAR Buffer);
typedef BOOLEAN(NTAPI *PSCSIWMI_SET_DATABLOCK)(PVOID DeviceContext,
                                               PSCSIWMI_REQUEST_CONTEXT RequestContext,
                                               ULONG GuidIndex, ULONG InstanceIndex,
                                               ULONG BufferSize, PUCHAR Buffer);
typedef BOOLEAN(NTAPI *PSCSIWMI_SET_DATAITEM)(PVOID DeviceContext,
                                              PSCSIWMI_REQUEST_CONTEXT RequestContext,
                                              ULONG GuidIndex, ULONG InstanceIndex,
                                              ULONG DataItemId, ULONG BufferSize, PUCHAR Buffer);
typedef BOOLEAN(NTAPI *PSCSIWMI_EXECUTE_METHOD)(PVOID DeviceContext,
                                                PSCSIWMI_REQUEST_CONTEXT RequestContext,
                                                ULONG GuidIndex, ULONG InstanceIndex,
                                                ULONG MethodId, ULONG InBufferSize,
                                                ULONG OutBufferSize, PUCHAR Buffer);
typedef BOOLEAN(NTAPI *PSCSIWMI_FUNCTION_CONTROL)(PVOID DeviceContext,
                                                  PSCSIWMI_REQUEST_CONTEXT RequestContext,
                                                  ULONG GuidIndex,
                                                  SCSIWMI_ENABLE_DISABLE_CONTROL Function,
                                                  BOOLEAN Enable);

/* What the miniport offers, and how. A callback that is NULL is not supported. */
typedef struct _SCSIWMILIB_CONTEXT {
    ULONG GuidCount;
    PSCSIWMIGUIDREGINFO GuidList;
    PSCSIWMI_QUERY_REGINFO QueryWmiRegInfo;
    PSCSIWMI_QUERY_DATABLOCK QueryWmiDataBlock;
    PSCSIWMI_SET_DATABLOCK SetWmiDataBlock;
    PSCSIWMI_SET_DATAITEM SetWmiDataItem;
    PSCSIWMI_EXECUTE_METHOD ExecuteWmiMethod;
    PSCSIWMI_FUNCTION_CONTROL WmiFunctionControl;
} SCSI_WMILIB_CONTEXT, *PSCSI_WMILIB_CONTEXT;

/* Takes a WMI request apart and calls the callback for it. FALSE: the miniport completes it later.
 */
BOOLEAN NTAPI ScsiPortWmiDispatchFunction(PSCSI_WMILIB_CONTEXT WmiLibInfo, UCHAR MinorFunction,
                                          PVOID DeviceContext,
                                          PSCSIWMI_REQUEST_CONTEXT RequestContext, PVOID DataPath,
                                          ULONG BufferSize, PVOID Buffer);

/* Ends a request: after it, RequestContext says what to complete the SRB with. */
VOID NTAPI ScsiPortWmiPostProcess(PSCSIWMI_REQUEST_CONTEXT RequestContext, UCHAR SrbStatus,
                                  ULONG BufferUsed);

/* Sends an event with a copy of EventData. */
VOID NTAPI ScsiPortWmiFireLogicalUnitEvent(PVOID HwDeviceExtension, UCHAR PathId, UCHAR TargetId,
                                           UCHAR Lun, LPGUID Guid, ULONG InstanceIndex,
                                           ULONG EventDataSize, PVOID EventData);

/* For blocks whose instances are named at run time. */
PWCHAR NTAPI ScsiPortWmiGetInstanceName(PSCSIWMI_REQUEST_CONTEXT RequestContext);
PVOID NTAPI ScsiPortWmiSetData(PSCSIWMI_REQUEST_CONTEXT RequestContext, ULONG InstanceIndex,
                               ULONG DataLength, PULONG BufferAvail, PULONG SizeNeeded);
BOOLEAN NTAPI ScsiPortWmiSetInstanceCount(PSCSIWMI_REQUEST_CONTEXT RequestContext,
                                          ULONG InstanceCount, PULONG BufferAvail,
                                          PULONG SizeNeeded);
PWCHAR NTAPI ScsiPortWmiSetInstanceName(PSCSIWMI_REQUEST_CONTEXT RequestContext,
                                        ULONG InstanceIndex, ULONG InstanceNameLength,
                                        PULONG BufferAvail, PULONG SizeNeeded);

/* An event of the adapter itself: a path of all ones. */
#define ScsiPortWmiFireAdapterEvent(HwDeviceExtension, Guid, InstanceIndex, EventDataSize,         \
                                    EventData)                                                     \
    ScsiPortWmiFireLogicalUnitEvent(HwDeviceExtension, 0xff, 0, 0, Guid, InstanceIndex,            \
                                    EventDataSize, EventData)

#define ScsiPortWmiGetReturnStatus(RequestContext) ((RequestContext)->ReturnStatus)
#define ScsiPortWmiGetReturnSize(RequestContext)   ((RequestContext)->ReturnSize)

/* Minor function 0 asks for all instances of a block at once. */
#define ScsiPortWmiIsQueryAllData(RequestContext) ((RequestContext)->MinorFunction == 0)

WDK_END_C

#endif /* WDK_SCSIWMI_H */

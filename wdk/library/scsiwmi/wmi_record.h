/*
 * What the files of this library share: where things lie in the records of WMI.
 *
 * A record comes from whoever asks for data. Its offsets and lengths are believed only after they
 * have been held against the size of the buffer, which the port driver vouches for.
 */
#ifndef WDK_LIBRARY_SCSIWMI_WMI_RECORD_H
#define WDK_LIBRARY_SCSIWMI_WMI_RECORD_H

#include <scsiwmi.h>
#include <storport.h>
#include <wmistr.h>

/* Data of instances begin at multiples of this. */
#define WMI_DATA_ALIGNMENT 8

/* An InstanceCount of this in SCSIWMIGUIDREGINFO: the instances have names that only the miniport
 * knows, and as many as it says when it is asked. */
#define WMI_DYNAMIC_INSTANCES 0xFFFFFFFF

#define WMI_ALL_DATA_HEAD FIELD_OFFSET(WNODE_ALL_DATA, OffsetInstanceDataAndLength)

/* Of a place in a record, which is at most 4 GiB long: so this does not wrap. */
FORCEINLINE ULONGLONG WmiAlign(ULONGLONG Offset)
{
    return (Offset + WMI_DATA_ALIGNMENT - 1) & ~(ULONGLONG)(WMI_DATA_ALIGNMENT - 1);
}

FORCEINLINE BOOLEAN WmiLiesWithin(ULONG Offset, ULONG Length, ULONG Size)
{
    return (BOOLEAN)(Offset <= Size && Length <= Size - Offset);
}

/* Whether a record speaks of an instance by its number. */
FORCEINLINE BOOLEAN WmiIsNumbered(const WNODE_HEADER *Header)
{
    return (BOOLEAN)((Header->Flags &
                      (WNODE_FLAG_STATIC_INSTANCE_NAMES | WNODE_FLAG_PDO_INSTANCE_NAMES)) != 0);
}

FORCEINLINE BOOLEAN WmiIsDynamic(const SCSIWMIGUIDREGINFO *Block)
{
    return (BOOLEAN)(Block->InstanceCount == WMI_DYNAMIC_INSTANCES ||
                     (Block->Flags & WMIREG_FLAG_CALL_BY_NAME) != 0);
}

/* Answers with a result; no record is returned. */
FORCEINLINE VOID WmiFinish(PSCSIWMI_REQUEST_CONTEXT RequestContext, UCHAR SrbStatus,
                           ULONG ReturnSize)
{
    RequestContext->ReturnStatus = SrbStatus;
    RequestContext->ReturnSize = ReturnSize;
}

/* Answers IRP_MN_REGINFO and IRP_MN_REGINFO_EX. */
VOID WmiRegister(PSCSI_WMILIB_CONTEXT WmiLibInfo, PVOID DeviceContext,
                 PSCSIWMI_REQUEST_CONTEXT RequestContext, BOOLEAN IsUpdate);

#endif

/*
 * The records of WMI: what a data provider gets and gives (WNODE_...), and how it registers.
 */
#ifndef WDK_WMISTR_H
#define WDK_WMISTR_H
#define _WMISTR_

#include "guiddef.h"
#include "ntdef.h"

WDK_BEGIN_C

/* The head of every record. */
struct _WNODE_HEADER {
    ULONG BufferSize; /* the whole record */
    ULONG ProviderId;
    union {
        ULONG64 HistoricalContext;
        struct {
            ULONG Version;
            ULONG Linkage;
        };
    };
    union {
        ULONG CountLost;
        HANDLE KernelHandle;
        LARGE_INTEGER TimeStamp; /* 100 ns since 1601 */
    };
    GUID Guid; /* of the block */
    ULONG ClientContext;
    ULONG Flags; /* WNODE_FLAG_... */
};
typedef struct _WNODE_HEADER WNODE_HEADER, *PWNODE_HEADER;

/* Which record it is. */
#define WNODE_FLAG_ALL_DATA        0x00000001
#define WNODE_FLAG_SINGLE_INSTANCE 0x00000002
#define WNODE_FLAG_SINGLE_ITEM     0x00000004
#define WNODE_FLAG_EVENT_ITEM      0x00000008
#define WNODE_FLAG_TOO_SMALL       0x00000020
#define WNODE_FLAG_EVENT_REFERENCE 0x00002000
#define WNODE_FLAG_METHOD_ITEM     0x00008000

/* How it is to be read. */
#define WNODE_FLAG_FIXED_INSTANCE_SIZE   0x00000010
#define WNODE_FLAG_INSTANCES_SAME        0x00000040
#define WNODE_FLAG_STATIC_INSTANCE_NAMES 0x00000080
#define WNODE_FLAG_INTERNAL              0x00000100
#define WNODE_FLAG_USE_TIMESTAMP         0x00000200
#define WNODE_FLAG_PERSIST_EVENT         0x00000400
#define WNODE_FLAG_ANSI_INSTANCENAMES    0x00004000
#define WNODE_FLAG_PDO_INSTANCE_NAMES    0x00010000
#define WNODE_FLAG_TRACED_GUID           0x00020000
#define WNODE_FLAG_LOG_WNODE             0x00040000
#define WNODE_FLAG_USE_GUID_PTR          0x00080000
#define WNODE_FLAG_USE_MOF_PTR           0x00100000
#define WNODE_FLAG_NO_HEADER             0x00200000
#define WNODE_FLAG_SEND_DATA_BLOCK       0x00400000
#define WNODE_FLAG_VERSIONED_PROPERTIES  0x00800000
#define WNODE_FLAG_SEVERITY_MASK         0xff000000

typedef struct {
    ULONG OffsetInstanceData;
    ULONG LengthInstanceData;
} OFFSETINSTANCEDATAANDLENGTH, *POFFSETINSTANCEDATAANDLENGTH;

/* All instances of a block. Offsets count from the record's first byte. */
struct tagWNODE_ALL_DATA {
    struct _WNODE_HEADER WnodeHeader;
    ULONG DataBlockOffset;
    ULONG InstanceCount;
    ULONG OffsetInstanceNameOffsets; /* an array of offsets of counted strings */
    union {
        ULONG FixedInstanceSize; /* with WNODE_FLAG_FIXED_INSTANCE_SIZE */
        OFFSETINSTANCEDATAANDLENGTH OffsetInstanceDataAndLength[1];
    };
};
typedef struct tagWNODE_ALL_DATA WNODE_ALL_DATA, *PWNODE_ALL_DATA;

/* One instance; also a change of it. */
struct tagWNODE_SINGLE_INSTANCE {
    struct _WNODE_HEADER WnodeHeader;
    ULONG OffsetInstanceName; /* without WNODE_FLAG_STATIC_INSTANCE_NAMES */
    ULONG InstanceIndex;      /* with it */
    ULONG DataBlockOffset;
    ULONG SizeDataBlock;
    UCHAR VariableData[];
};
typedef struct tagWNODE_SINGLE_INSTANCE WNODE_SINGLE_INSTANCE, *PWNODE_SINGLE_INSTANCE;

/* One item of an instance, to be changed. */
struct tagWNODE_SINGLE_ITEM {
    struct _WNODE_HEADER WnodeHeader;
    ULONG OffsetInstanceName;
    ULONG InstanceIndex;
    ULONG ItemId;
    ULONG DataBlockOffset;
    ULONG SizeDataItem;
    UCHAR VariableData[];
};
typedef struct tagWNODE_SINGLE_ITEM WNODE_SINGLE_ITEM, *PWNODE_SINGLE_ITEM;

/* A method of an instance; its input, and then its output in the same place. */
struct tagWNODE_METHOD_ITEM {
    struct _WNODE_HEADER WnodeHeader;
    ULONG OffsetInstanceName;
    ULONG InstanceIndex;
    ULONG MethodId;
    ULONG DataBlockOffset;
    ULONG SizeDataBlock;
    UCHAR VariableData[];
};
typedef struct tagWNODE_METHOD_ITEM WNODE_METHOD_ITEM, *PWNODE_METHOD_ITEM;

/* An event is any of the records above, with WNODE_FLAG_EVENT_ITEM. */
struct tagWNODE_EVENT_ITEM {
    struct _WNODE_HEADER WnodeHeader;
};
typedef struct tagWNODE_EVENT_ITEM WNODE_EVENT_ITEM, *PWNODE_EVENT_ITEM;

/* An event whose data are to be fetched. */
struct tagWNODE_EVENT_REFERENCE {
    struct _WNODE_HEADER WnodeHeader;
    GUID TargetGuid;
    ULONG TargetDataBlockSize;
    union {
        ULONG TargetInstanceIndex;
        WCHAR TargetInstanceName[1];
    };
};
typedef struct tagWNODE_EVENT_REFERENCE WNODE_EVENT_REFERENCE, *PWNODE_EVENT_REFERENCE;

/* The answer instead of any of these when the buffer does not suffice. */
struct tagWNODE_TOO_SMALL {
    struct _WNODE_HEADER WnodeHeader;
    ULONG SizeNeeded;
};
typedef struct tagWNODE_TOO_SMALL WNODE_TOO_SMALL, *PWNODE_TOO_SMALL;

/* Registration: how the instances of a block are named, and what else there is to it. */
#ifndef WMIREG_FLAG_EXPENSIVE
#define WMIREG_FLAG_EXPENSIVE         0x00000001
#define WMIREG_FLAG_INSTANCE_LIST     0x00000004
#define WMIREG_FLAG_INSTANCE_BASENAME 0x00000008
#define WMIREG_FLAG_INSTANCE_PDO      0x00000020
#define WMIREG_FLAG_EVENT_ONLY_GUID   0x00000040
#define WMIREG_FLAG_REMOVE_GUID       0x00010000
#endif
#define WMIREG_FLAG_TRACE_CONTROL_GUID 0x00001000
#define WMIREG_FLAG_RESERVED1          0x00020000
#define WMIREG_FLAG_RESERVED2          0x00040000
#define WMIREG_FLAG_TRACED_GUID        0x00080000

/* One block of a registration. */
typedef struct {
    GUID Guid;
    ULONG Flags; /* WMIREG_FLAG_... */
    ULONG InstanceCount;
    union {
        ULONG InstanceNameList; /* offset of counted strings, or of one base name */
        ULONG BaseNameOffset;
        ULONG_PTR Pdo; /* the device after which instances are named */
        ULONG_PTR InstanceInfo;
    };
} WMIREGGUIDW, *PWMIREGGUIDW;
typedef WMIREGGUIDW WMIREGGUID;
typedef PWMIREGGUIDW PWMIREGGUID;

/* A registration. Offsets count from its first byte and lead to counted strings. */
typedef struct {
    ULONG BufferSize;
    ULONG NextWmiRegInfo;
    ULONG RegistryPath;
    ULONG MofResourceName;
    ULONG GuidCount;
    WMIREGGUIDW WmiRegGuid[];
} WMIREGINFOW, *PWMIREGINFOW;
typedef WMIREGINFOW WMIREGINFO;
typedef PWMIREGINFOW PWMIREGINFO;

/* Why a registration is asked for (the data path of IRP_MN_REGINFO). */
#ifndef WMIREGISTER
#define WMIREGISTER 0
#define WMIUPDATE   1
#endif

/* The kinds of requests. */
typedef enum {
    WMI_GET_ALL_DATA = 0,
    WMI_GET_SINGLE_INSTANCE = 1,
    WMI_SET_SINGLE_INSTANCE = 2,
    WMI_SET_SINGLE_ITEM = 3,
    WMI_ENABLE_EVENTS = 4,
    WMI_DISABLE_EVENTS = 5,
    WMI_ENABLE_COLLECTION = 6,
    WMI_DISABLE_COLLECTION = 7,
    WMI_REGINFO = 8,
    WMI_EXECUTE_METHOD = 9,
    WMI_CAPTURE_STATE = 10,
} WMIDPREQUESTCODE;

/* Rights to a block. */
#define WMIGUID_QUERY                 0x0001
#define WMIGUID_SET                   0x0002
#define WMIGUID_NOTIFICATION          0x0004
#define WMIGUID_READ_DESCRIPTION      0x0008
#define WMIGUID_EXECUTE               0x0010
#define TRACELOG_CREATE_REALTIME      0x0020
#define TRACELOG_CREATE_ONDISK        0x0040
#define TRACELOG_GUID_ENABLE          0x0080
#define TRACELOG_ACCESS_KERNEL_LOGGER 0x0100
#define TRACELOG_LOG_EVENT            0x0200
#define TRACELOG_CREATE_INPROC        0x0200
#define TRACELOG_ACCESS_REALTIME      0x0400
#define TRACELOG_REGISTER_GUIDS       0x0800
#define TRACELOG_JOIN_GROUP           0x1000

#define WMI_GLOBAL_LOGGER_ID 0x0001

WDK_END_C

#endif /* WDK_WMISTR_H */

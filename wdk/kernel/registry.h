/*
 * The registry: types of values, and the structures that its queries fill.
 */
#ifndef WDK_KERNEL_REGISTRY_H
#define WDK_KERNEL_REGISTRY_H

#include "../ntdef.h"

/* Types of values. */
#define REG_NONE                       0x00
#define REG_SZ                         0x01
#define REG_EXPAND_SZ                  0x02
#define REG_BINARY                     0x03
#define REG_DWORD                      0x04
#define REG_DWORD_LITTLE_ENDIAN        0x04
#define REG_DWORD_BIG_ENDIAN           0x05
#define REG_LINK                       0x06
#define REG_MULTI_SZ                   0x07
#define REG_RESOURCE_LIST              0x08
#define REG_FULL_RESOURCE_DESCRIPTOR   0x09
#define REG_RESOURCE_REQUIREMENTS_LIST 0x0A
#define REG_QWORD                      0x0B
#define REG_QWORD_LITTLE_ENDIAN        0x0B
/* Options of a key. */
#define REG_OPTION_NON_VOLATILE    0x00
#define REG_OPTION_RESERVED        0x00
#define REG_OPTION_VOLATILE        0x01
#define REG_CREATED_NEW_KEY        0x01
#define REG_OPTION_CREATE_LINK     0x02
#define REG_OPENED_EXISTING_KEY    0x02
#define REG_OPTION_BACKUP_RESTORE  0x04
#define REG_OPTION_OPEN_LINK       0x08
#define REG_OPTION_DONT_VIRTUALIZE 0x10
/* Access to a key. */
#define KEY_QUERY_VALUE        0x01
#define KEY_SET_VALUE          0x02
#define KEY_CREATE_SUB_KEY     0x04
#define KEY_ENUMERATE_SUB_KEYS 0x08
#define KEY_NOTIFY             0x10
#define KEY_CREATE_LINK        0x20
#define KEY_WOW64_64KEY        0x0100
#define KEY_WOW64_32KEY        0x0200
#define KEY_WRITE              0x00020006
#define KEY_READ               0x00020019
#define KEY_EXECUTE            0x00020019
#define KEY_ALL_ACCESS         0x000F003F

typedef enum _KEY_INFORMATION_CLASS {
    KeyBasicInformation = 0,
    KeyNodeInformation,
    KeyFullInformation,
    KeyNameInformation,
    KeyCachedInformation,
    KeyFlagsInformation,
    KeyVirtualizationInformation,
    KeyHandleTagsInformation,
    KeyTrustInformation,
    KeyLayerInformation,
    MaxKeyInfoClass
} KEY_INFORMATION_CLASS,
    *PKEY_INFORMATION_CLASS;

typedef enum _KEY_VALUE_INFORMATION_CLASS {
    KeyValueBasicInformation = 0,
    KeyValueFullInformation,
    KeyValuePartialInformation,
    KeyValueFullInformationAlign64,
    KeyValuePartialInformationAlign64,
    KeyValueLayerInformation,
    MaxKeyValueInfoClass
} KEY_VALUE_INFORMATION_CLASS,
    *PKEY_VALUE_INFORMATION_CLASS;

typedef struct _KEY_BASIC_INFORMATION {
    LARGE_INTEGER LastWriteTime;
    ULONG TitleIndex;
    ULONG NameLength;
    WCHAR Name[1];
} KEY_BASIC_INFORMATION, *PKEY_BASIC_INFORMATION;

typedef struct _KEY_FULL_INFORMATION {
    LARGE_INTEGER LastWriteTime;
    ULONG TitleIndex;
    ULONG ClassOffset;
    ULONG ClassLength;
    ULONG SubKeys;
    ULONG MaxNameLen;
    ULONG MaxClassLen;
    ULONG Values;
    ULONG MaxValueNameLen;
    ULONG MaxValueDataLen;
    WCHAR Class[1];
} KEY_FULL_INFORMATION, *PKEY_FULL_INFORMATION;

typedef struct _KEY_NODE_INFORMATION {
    LARGE_INTEGER LastWriteTime;
    ULONG TitleIndex;
    ULONG ClassOffset;
    ULONG ClassLength;
    ULONG NameLength;
    WCHAR Name[1];
} KEY_NODE_INFORMATION, *PKEY_NODE_INFORMATION;

typedef struct _KEY_VALUE_BASIC_INFORMATION {
    ULONG TitleIndex;
    ULONG Type;
    ULONG NameLength;
    WCHAR Name[1];
} KEY_VALUE_BASIC_INFORMATION, *PKEY_VALUE_BASIC_INFORMATION;

typedef struct _KEY_VALUE_FULL_INFORMATION {
    ULONG TitleIndex;
    ULONG Type;
    ULONG DataOffset;
    ULONG DataLength;
    ULONG NameLength;
    WCHAR Name[1];
} KEY_VALUE_FULL_INFORMATION, *PKEY_VALUE_FULL_INFORMATION;

typedef struct _KEY_VALUE_PARTIAL_INFORMATION {
    ULONG TitleIndex;
    ULONG Type;
    ULONG DataLength;
    UCHAR Data[1];
} KEY_VALUE_PARTIAL_INFORMATION, *PKEY_VALUE_PARTIAL_INFORMATION;

typedef struct _KEY_VALUE_PARTIAL_INFORMATION_ALIGN64 {
    ULONG Type;
    ULONG DataLength;
    UCHAR Data[1];
} KEY_VALUE_PARTIAL_INFORMATION_ALIGN64, *PKEY_VALUE_PARTIAL_INFORMATION_ALIGN64;

typedef struct _KEY_VALUE_ENTRY {
    PUNICODE_STRING ValueName;
    ULONG DataLength;
    ULONG DataOffset;
    ULONG Type;
} KEY_VALUE_ENTRY, *PKEY_VALUE_ENTRY;

/* RtlQueryRegistryValues: where to start, and a table of what to read. */
#define RTL_REGISTRY_ABSOLUTE              0x00
#define RTL_REGISTRY_SERVICES              0x01
#define RTL_REGISTRY_CONTROL               0x02
#define RTL_REGISTRY_WINDOWS_NT            0x03
#define RTL_REGISTRY_DEVICEMAP             0x04
#define RTL_REGISTRY_USER                  0x05
#define RTL_REGISTRY_MAXIMUM               0x06
#define RTL_REGISTRY_HANDLE                0x40000000
#define RTL_REGISTRY_OPTIONAL              0x80000000u
#define RTL_QUERY_REGISTRY_SUBKEY          0x01
#define RTL_QUERY_REGISTRY_TOPKEY          0x02
#define RTL_QUERY_REGISTRY_REQUIRED        0x04
#define RTL_QUERY_REGISTRY_NOVALUE         0x08
#define RTL_QUERY_REGISTRY_NOEXPAND        0x10
#define RTL_QUERY_REGISTRY_DIRECT          0x20
#define RTL_QUERY_REGISTRY_DELETE          0x40
#define RTL_QUERY_REGISTRY_NOSTRING        0x80
#define RTL_QUERY_REGISTRY_TYPECHECK       0x0100
#define RTL_QUERY_REGISTRY_TYPECHECK_SHIFT 24
#define RTL_QUERY_REGISTRY_TYPECHECK_MASK  (0xffu << RTL_QUERY_REGISTRY_TYPECHECK_SHIFT)
typedef NTSTATUS NTAPI RTL_QUERY_REGISTRY_ROUTINE(PWSTR ValueName, ULONG ValueType, PVOID ValueData,
                                                  ULONG ValueLength, PVOID Context,
                                                  PVOID EntryContext);
typedef RTL_QUERY_REGISTRY_ROUTINE *PRTL_QUERY_REGISTRY_ROUTINE;
typedef struct _RTL_QUERY_REGISTRY_TABLE {
    PRTL_QUERY_REGISTRY_ROUTINE QueryRoutine;
    ULONG Flags;
    PCWSTR Name;
    PVOID EntryContext;
    ULONG DefaultType;
    PVOID DefaultData;
    ULONG DefaultLength;
} RTL_QUERY_REGISTRY_TABLE, *PRTL_QUERY_REGISTRY_TABLE;

#endif

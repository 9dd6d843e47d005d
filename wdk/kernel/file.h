/*
 * Files: rights, the ways to open them, and the information about them that is queried and set.
 */
#ifndef WDK_KERNEL_FILE_H
#define WDK_KERNEL_FILE_H

#include "../ntdef.h"

typedef ULONG SECURITY_INFORMATION, *PSECURITY_INFORMATION;
typedef ULONG ACCESS_MASK, *PACCESS_MASK;
typedef PVOID PSECURITY_DESCRIPTOR;
typedef PVOID PSID;

/* Access rights, and how files are opened. */
#define DELETE                                0x00010000
#define READ_CONTROL                          0x00020000
#define SYNCHRONIZE                           0x00100000
#define STANDARD_RIGHTS_ALL                   0x001F0000
#define STANDARD_RIGHTS_EXECUTE               0x00020000
#define STANDARD_RIGHTS_READ                  0x00020000
#define STANDARD_RIGHTS_REQUIRED              0x000F0000
#define STANDARD_RIGHTS_WRITE                 0x00020000
#define SPECIFIC_RIGHTS_ALL                   0x0000FFFF
#define MAXIMUM_ALLOWED                       0x02000000
#define GENERIC_READ                          0x80000000u
#define GENERIC_WRITE                         0x40000000
#define GENERIC_EXECUTE                       0x20000000
#define GENERIC_ALL                           0x10000000
#define FILE_READ_DATA                        0x01
#define FILE_LIST_DIRECTORY                   0x01
#define FILE_WRITE_DATA                       0x02
#define FILE_ADD_FILE                         0x02
#define FILE_APPEND_DATA                      0x04
#define FILE_READ_EA                          0x08
#define FILE_WRITE_EA                         0x10
#define FILE_EXECUTE                          0x20
#define FILE_READ_ATTRIBUTES                  0x80
#define FILE_WRITE_ATTRIBUTES                 0x0100
#define FILE_ALL_ACCESS                       0x001F01FF
#define FILE_GENERIC_READ                     0x00120089
#define FILE_GENERIC_WRITE                    0x00120116
#define FILE_GENERIC_EXECUTE                  0x001200A0
#define FILE_SHARE_READ                       0x01
#define FILE_SHARE_WRITE                      0x02
#define FILE_SHARE_DELETE                     0x04
#define FILE_ATTRIBUTE_ARCHIVE                0x20
#define FILE_ATTRIBUTE_COMPRESSED             0x0800
#define FILE_ATTRIBUTE_DEDICATED              0x0100
#define FILE_ATTRIBUTE_DEVICE                 0x40
#define FILE_ATTRIBUTE_DIRECTORY              0x10
#define FILE_ATTRIBUTE_EA                     0x00040000
#define FILE_ATTRIBUTE_ENCRYPTED              0x4000
#define FILE_ATTRIBUTE_HIDDEN                 0x02
#define FILE_ATTRIBUTE_INTEGRITY_STREAM       0x8000
#define FILE_ATTRIBUTE_NORMAL                 0x80
#define FILE_ATTRIBUTE_NOT_CONTENT_INDEXED    0x2000
#define FILE_ATTRIBUTE_NO_SCRUB_DATA          0x00020000
#define FILE_ATTRIBUTE_OFFLINE                0x1000
#define FILE_ATTRIBUTE_PINNED                 0x00080000
#define FILE_ATTRIBUTE_READONLY               0x01
#define FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS  0x00400000
#define FILE_ATTRIBUTE_RECALL_ON_OPEN         0x00040000
#define FILE_ATTRIBUTE_REPARSE_POINT          0x0400
#define FILE_ATTRIBUTE_SPARSE_FILE            0x0200
#define FILE_ATTRIBUTE_STRICTLY_SEQUENTIAL    0x20000000
#define FILE_ATTRIBUTE_SYSTEM                 0x04
#define FILE_ATTRIBUTE_TEMPORARY              0x0100
#define FILE_ATTRIBUTE_UNPINNED               0x00100000
#define FILE_ATTRIBUTE_VALID_FLAGS            0x005AFFB7
#define FILE_ATTRIBUTE_VALID_KERNEL_SET_FLAGS 0x005A31A7
#define FILE_ATTRIBUTE_VALID_SET_FLAGS        0x001A31A7
#define FILE_ATTRIBUTE_VIRTUAL                0x00010000
#define FILE_SUPERSEDE                        0x00
#define FILE_OPEN                             0x01
#define FILE_CREATE                           0x02
#define FILE_OPEN_IF                          0x03
#define FILE_OVERWRITE                        0x04
#define FILE_OVERWRITE_IF                     0x05
/* What opening a file did, in the status block. */
#define FILE_SUPERSEDED                0x00
#define FILE_OPENED                    0x01
#define FILE_CREATED                   0x02
#define FILE_OVERWRITTEN               0x03
#define FILE_EXISTS                    0x04
#define FILE_DOES_NOT_EXIST            0x05
#define FILE_DIRECTORY_FILE            0x01
#define FILE_WRITE_THROUGH             0x02
#define FILE_SEQUENTIAL_ONLY           0x04
#define FILE_NO_INTERMEDIATE_BUFFERING 0x08
#define FILE_SYNCHRONOUS_IO_ALERT      0x10
#define FILE_SYNCHRONOUS_IO_NONALERT   0x20
#define FILE_NON_DIRECTORY_FILE        0x40
#define FILE_RANDOM_ACCESS             0x0800
#define FILE_DELETE_ON_CLOSE           0x1000
#define FILE_OPEN_BY_FILE_ID           0x2000
#define FILE_OPEN_FOR_BACKUP_INTENT    0x4000
#define FILE_NO_COMPRESSION            0x8000
#define EVENT_ALL_ACCESS               0x001F0003
#define THREAD_ALL_ACCESS              0x001FFFFF

/* What is known about a file. */
typedef enum _FILE_INFORMATION_CLASS {
    FileDirectoryInformation = 1,
    FileFullDirectoryInformation,
    FileBothDirectoryInformation,
    FileBasicInformation,
    FileStandardInformation,
    FileInternalInformation,
    FileEaInformation,
    FileAccessInformation,
    FileNameInformation,
    FileRenameInformation,
    FileLinkInformation,
    FileNamesInformation,
    FileDispositionInformation,
    FilePositionInformation,
    FileFullEaInformation,
    FileModeInformation,
    FileAlignmentInformation,
    FileAllInformation,
    FileAllocationInformation,
    FileEndOfFileInformation,
    FileAlternateNameInformation,
    FileStreamInformation,
    FilePipeInformation,
    FilePipeLocalInformation,
    FilePipeRemoteInformation,
    FileMailslotQueryInformation,
    FileMailslotSetInformation,
    FileCompressionInformation,
    FileObjectIdInformation,
    FileCompletionInformation,
    FileMoveClusterInformation,
    FileQuotaInformation,
    FileReparsePointInformation,
    FileNetworkOpenInformation,
    FileAttributeTagInformation,
    FileTrackingInformation,
    FileIdBothDirectoryInformation,
    FileIdFullDirectoryInformation,
    FileValidDataLengthInformation,
    FileShortNameInformation,
    FileIoCompletionNotificationInformation,
    FileIoStatusBlockRangeInformation,
    FileIoPriorityHintInformation,
    FileSfioReserveInformation,
    FileSfioVolumeInformation,
    FileHardLinkInformation,
    FileProcessIdsUsingFileInformation,
    FileNormalizedNameInformation,
    FileNetworkPhysicalNameInformation,
    FileIdGlobalTxDirectoryInformation,
    FileIsRemoteDeviceInformation,
    FileUnusedInformation,
    FileNumaNodeInformation,
    FileStandardLinkInformation,
    FileRemoteProtocolInformation,
    FileRenameInformationBypassAccessCheck,
    FileLinkInformationBypassAccessCheck,
    FileVolumeNameInformation,
    FileIdInformation,
    FileIdExtdDirectoryInformation,
    FileReplaceCompletionInformation,
    FileHardLinkFullIdInformation,
    FileIdExtdBothDirectoryInformation,
    FileDispositionInformationEx,
    FileRenameInformationEx,
    FileRenameInformationExBypassAccessCheck,
    FileDesiredStorageClassInformation,
    FileStatInformation,
    FileMemoryPartitionInformation,
    FileStatLxInformation,
    FileCaseSensitiveInformation,
    FileLinkInformationEx,
    FileLinkInformationExBypassAccessCheck,
    FileStorageReserveIdInformation,
    FileCaseSensitiveInformationForceAccessCheck,
    FileKnownFolderInformation,
    FileMaximumInformation
} FILE_INFORMATION_CLASS,
    *PFILE_INFORMATION_CLASS;

typedef enum _FS_INFORMATION_CLASS {
    FileFsVolumeInformation = 1,
    FileFsLabelInformation,
    FileFsSizeInformation,
    FileFsDeviceInformation,
    FileFsAttributeInformation,
    FileFsControlInformation,
    FileFsFullSizeInformation,
    FileFsObjectIdInformation,
    FileFsDriverPathInformation,
    FileFsVolumeFlagsInformation,
    FileFsSectorSizeInformation,
    FileFsDataCopyInformation,
    FileFsMetadataSizeInformation,
    FileFsFullSizeInformationEx,
    FileFsMaximumInformation
} FS_INFORMATION_CLASS,
    *PFS_INFORMATION_CLASS;

typedef enum _DIRECTORY_NOTIFY_INFORMATION_CLASS {
    DirectoryNotifyInformation = 1,
    DirectoryNotifyExtendedInformation,
    DirectoryNotifyFullInformation,
    DirectoryNotifyMaximumInformation
} DIRECTORY_NOTIFY_INFORMATION_CLASS,
    *PDIRECTORY_NOTIFY_INFORMATION_CLASS;

typedef struct _FILE_BASIC_INFORMATION {
    LARGE_INTEGER CreationTime;
    LARGE_INTEGER LastAccessTime;
    LARGE_INTEGER LastWriteTime;
    LARGE_INTEGER ChangeTime;
    ULONG FileAttributes;
} FILE_BASIC_INFORMATION, *PFILE_BASIC_INFORMATION;

typedef struct _FILE_STANDARD_INFORMATION {
    LARGE_INTEGER AllocationSize;
    LARGE_INTEGER EndOfFile;
    ULONG NumberOfLinks;
    BOOLEAN DeletePending;
    BOOLEAN Directory;
} FILE_STANDARD_INFORMATION, *PFILE_STANDARD_INFORMATION;

typedef struct _FILE_POSITION_INFORMATION {
    LARGE_INTEGER CurrentByteOffset;
} FILE_POSITION_INFORMATION, *PFILE_POSITION_INFORMATION;

typedef struct _FILE_NETWORK_OPEN_INFORMATION {
    LARGE_INTEGER CreationTime;
    LARGE_INTEGER LastAccessTime;
    LARGE_INTEGER LastWriteTime;
    LARGE_INTEGER ChangeTime;
    LARGE_INTEGER AllocationSize;
    LARGE_INTEGER EndOfFile;
    ULONG FileAttributes;
} FILE_NETWORK_OPEN_INFORMATION, *PFILE_NETWORK_OPEN_INFORMATION;

typedef struct _FILE_FS_DEVICE_INFORMATION {
    ULONG DeviceType;
    ULONG Characteristics;
} FILE_FS_DEVICE_INFORMATION, *PFILE_FS_DEVICE_INFORMATION;

typedef struct _FILE_END_OF_FILE_INFORMATION {
    LARGE_INTEGER EndOfFile;
} FILE_END_OF_FILE_INFORMATION, *PFILE_END_OF_FILE_INFORMATION;

typedef struct _FILE_DISPOSITION_INFORMATION {
    BOOLEAN DeleteFile;
} FILE_DISPOSITION_INFORMATION, *PFILE_DISPOSITION_INFORMATION;

typedef struct _FILE_DISPOSITION_INFORMATION_EX {
    ULONG Flags;
} FILE_DISPOSITION_INFORMATION_EX, *PFILE_DISPOSITION_INFORMATION_EX;

typedef struct _FILE_ALIGNMENT_INFORMATION {
    ULONG AlignmentRequirement;
} FILE_ALIGNMENT_INFORMATION, *PFILE_ALIGNMENT_INFORMATION;

typedef struct _FILE_NAME_INFORMATION {
    ULONG FileNameLength;
    WCHAR FileName[1];
} FILE_NAME_INFORMATION, *PFILE_NAME_INFORMATION;

typedef struct _FILE_ATTRIBUTE_TAG_INFORMATION {
    ULONG FileAttributes;
    ULONG ReparseTag;
} FILE_ATTRIBUTE_TAG_INFORMATION, *PFILE_ATTRIBUTE_TAG_INFORMATION;

typedef struct _FILE_VALID_DATA_LENGTH_INFORMATION {
    LARGE_INTEGER ValidDataLength;
} FILE_VALID_DATA_LENGTH_INFORMATION, *PFILE_VALID_DATA_LENGTH_INFORMATION;

typedef struct _FILE_STANDARD_INFORMATION_EX {
    LARGE_INTEGER AllocationSize;
    LARGE_INTEGER EndOfFile;
    ULONG NumberOfLinks;
    BOOLEAN DeletePending;
    BOOLEAN Directory;
    BOOLEAN AlternateStream;
    BOOLEAN MetadataAttribute;
} FILE_STANDARD_INFORMATION_EX, *PFILE_STANDARD_INFORMATION_EX;

typedef enum _IO_PRIORITY_HINT {
    IoPriorityVeryLow = 0,
    IoPriorityLow,
    IoPriorityNormal,
    IoPriorityHigh,
    IoPriorityCritical,
    MaxIoPriorityTypes
} IO_PRIORITY_HINT,
    *PIO_PRIORITY_HINT;

typedef struct _FILE_IO_PRIORITY_HINT_INFORMATION {
    IO_PRIORITY_HINT PriorityHint;
} FILE_IO_PRIORITY_HINT_INFORMATION, *PFILE_IO_PRIORITY_HINT_INFORMATION;

typedef struct _FILE_IO_COMPLETION_NOTIFICATION_INFORMATION {
    ULONG Flags;
} FILE_IO_COMPLETION_NOTIFICATION_INFORMATION, *PFILE_IO_COMPLETION_NOTIFICATION_INFORMATION;

typedef struct _OBJECT_NAME_INFORMATION {
    UNICODE_STRING Name;
} OBJECT_NAME_INFORMATION, *POBJECT_NAME_INFORMATION;

#endif

/*
 * Checks of files by handle: each makes one of its own and deletes it.
 */
#include "check.h"

#include <ntifs.h>

#define PLACES AT(WorkItem)

typedef struct _CHECK_FILE {
    WCHAR Text[64];
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    HANDLE Handle;
} CHECK_FILE;

/* A name that no other process and no other check has, in the folder in which the test runs. */
static NTSTATUS Create(CHECK_FILE *File, ULONG Disposition)
{
    UNICODE_STRING Guid;
    UUID Uuid;

    ExUuidCreate(&Uuid);
    RtlInitEmptyUnicodeString(&File->Name, File->Text, sizeof(File->Text));
    RtlAppendUnicodeToString(&File->Name, L"\\??\\check-file-");
    if (NT_SUCCESS(RtlStringFromGUID(&Uuid, &Guid))) {
        RtlAppendUnicodeStringToString(&File->Name, &Guid);
        RtlFreeUnicodeString(&Guid);
    }
    InitializeObjectAttributes(&File->Attributes, &File->Name, OBJ_KERNEL_HANDLE, NULL, NULL);
    return ZwCreateFile(&File->Handle, GENERIC_READ | GENERIC_WRITE, &File->Attributes,
                        &File->IoStatus, NULL, 0, 0, Disposition,
                        FILE_NON_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
}

static NTSTATUS Transfer(CHECK_FILE *File, BOOLEAN Write, PVOID Data, ULONG Length, LONGLONG At)
{
    LARGE_INTEGER Offset;

    Offset.QuadPart = At;
    return Write ? ZwWriteFile(File->Handle, NULL, NULL, NULL, &File->IoStatus, Data, Length,
                               &Offset, NULL)
                 : ZwReadFile(File->Handle, NULL, NULL, NULL, &File->IoStatus, Data, Length,
                              &Offset, NULL);
}

static LONGLONG SizeOf(CHECK_FILE *File)
{
    FILE_STANDARD_INFORMATION Standard;

    return NT_SUCCESS(ZwQueryInformationFile(File->Handle, &File->IoStatus, &Standard,
                                             sizeof(Standard), FileStandardInformation))
               ? Standard.EndOfFile.QuadPart
               : -1;
}

static VOID Finish(CHECK_FILE *File)
{
    ZwClose(File->Handle);
    ZwDeleteFile(&File->Attributes);
}

CHECK(ZwCreateFile, PLACES)
{
    CHECK_FILE File;
    HANDLE Again = NULL;

    EXPECT_EQUAL(Create(&File, FILE_CREATE), STATUS_SUCCESS);
    EXPECT_EQUAL(ZwCreateFile(&Again, GENERIC_READ, &File.Attributes, &File.IoStatus, NULL, 0, 0,
                              FILE_CREATE, 0, NULL, 0),
                 STATUS_OBJECT_NAME_COLLISION);
    EXPECT(Again == NULL);
    Finish(&File);
}

CHECK(ZwOpenFile, PLACES)
{
    CHECK_FILE File;
    HANDLE Again = NULL;

    Create(&File, FILE_CREATE);
    EXPECT_EQUAL(ZwOpenFile(&Again, GENERIC_READ, &File.Attributes, &File.IoStatus, 0, 0),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(ZwClose(Again), STATUS_SUCCESS);
    Finish(&File);
    EXPECT_EQUAL(ZwOpenFile(&Again, GENERIC_READ, &File.Attributes, &File.IoStatus, 0, 0),
                 STATUS_OBJECT_NAME_NOT_FOUND);
}

CHECK(ZwDeleteFile, PLACES)
{
    CHECK_FILE File;

    Create(&File, FILE_CREATE);
    ZwClose(File.Handle);
    EXPECT_EQUAL(ZwDeleteFile(&File.Attributes), STATUS_SUCCESS);
    EXPECT_EQUAL(ZwDeleteFile(&File.Attributes), STATUS_OBJECT_NAME_NOT_FOUND);
}

CHECK(ZwWriteFile, PLACES)
{
    CHECK_FILE File;

    Create(&File, FILE_CREATE);
    EXPECT_EQUAL(Transfer(&File, TRUE, "storport", 8, 100), STATUS_SUCCESS);
    EXPECT_EQUAL(File.IoStatus.Information, 8);
    EXPECT_EQUAL(SizeOf(&File), 108);
    Finish(&File);
    EXPECT_EQUAL(Transfer(&File, TRUE, "storport", 8, 0), STATUS_INVALID_HANDLE);
}

CHECK(ZwReadFile, PLACES)
{
    CHECK_FILE File;
    CHAR Data[16];

    Create(&File, FILE_CREATE);
    EXPECT_EQUAL(Transfer(&File, FALSE, Data, sizeof(Data), 0), STATUS_END_OF_FILE);
    Transfer(&File, TRUE, "storport", 8, 0);
    EXPECT_EQUAL(Transfer(&File, FALSE, Data, sizeof(Data), 4), STATUS_SUCCESS);
    EXPECT_EQUAL(File.IoStatus.Information, 4);
    EXPECT(RtlEqualMemory(Data, "port", 4));
    Finish(&File);
}

CHECK(ZwFlushBuffersFile, PLACES)
{
    CHECK_FILE File;

    Create(&File, FILE_CREATE);
    File.IoStatus.Status = STATUS_PENDING;
    EXPECT_EQUAL(ZwFlushBuffersFile(File.Handle, &File.IoStatus), STATUS_SUCCESS);
    EXPECT_EQUAL(File.IoStatus.Status, STATUS_SUCCESS);
    Finish(&File);
    EXPECT_EQUAL(ZwFlushBuffersFile(File.Handle, &File.IoStatus), STATUS_INVALID_HANDLE);
}

CHECK(ZwQueryInformationFile, PLACES)
{
    FILE_STANDARD_INFORMATION Standard;
    CHECK_FILE File;

    Create(&File, FILE_CREATE);
    Transfer(&File, TRUE, "storport", 8, 0);
    EXPECT_EQUAL(ZwQueryInformationFile(File.Handle, &File.IoStatus, &Standard, sizeof(Standard),
                                        FileStandardInformation),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Standard.EndOfFile.QuadPart, 8);
    EXPECT(!Standard.Directory);
    EXPECT_EQUAL(
        ZwQueryInformationFile(File.Handle, &File.IoStatus, &Standard, 4, FileStandardInformation),
        STATUS_INFO_LENGTH_MISMATCH);
    Finish(&File);
}

CHECK(ZwSetInformationFile, PLACES)
{
    LARGE_INTEGER End;
    CHECK_FILE File;

    Create(&File, FILE_CREATE);
    End.QuadPart = 12345;
    EXPECT_EQUAL(ZwSetInformationFile(File.Handle, &File.IoStatus, &End, sizeof(End),
                                      FileEndOfFileInformation),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(SizeOf(&File), 12345);
    Finish(&File);
}

CHECK_ALSO(ZwQueryInformationFile, tells_files_apart, PLACES)
{
    FILE_INTERNAL_INFORMATION First = {.IndexNumber = {.QuadPart = 0}}, Second = First;
    CHECK_FILE File, Other;

    Create(&File, FILE_CREATE);
    Create(&Other, FILE_CREATE);
    EXPECT_EQUAL(ZwQueryInformationFile(File.Handle, &File.IoStatus, &First, sizeof(First),
                                        FileInternalInformation),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(File.IoStatus.Information, sizeof(First));
    ZwQueryInformationFile(Other.Handle, &Other.IoStatus, &Second, sizeof(Second),
                           FileInternalInformation);
    EXPECT(First.IndexNumber.QuadPart != 0);
    EXPECT(First.IndexNumber.QuadPart != Second.IndexNumber.QuadPart);
    Finish(&File);
    Finish(&Other);
}

CHECK_ALSO(ZwQueryInformationFile, wants_no_alignment, PLACES)
{
    FILE_ALIGNMENT_INFORMATION Alignment = {0xFFFFFFFF};
    CHECK_FILE File;

    Create(&File, FILE_CREATE);
    EXPECT_EQUAL(ZwQueryInformationFile(File.Handle, &File.IoStatus, &Alignment, sizeof(Alignment),
                                        FileAlignmentInformation),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Alignment.AlignmentRequirement, FILE_BYTE_ALIGNMENT);
    Finish(&File);
}

CHECK(ZwQueryVolumeInformationFile, PLACES)
{
    FILE_FS_FULL_SIZE_INFORMATION Full;
    FILE_FS_VOLUME_INFORMATION Volume;
    FILE_FS_DEVICE_INFORMATION Device;
    FILE_FS_SIZE_INFORMATION Size;
    CHECK_FILE File;

    Create(&File, FILE_CREATE);
    RtlFillMemory(&Volume, sizeof(Volume), 0xEE);
    EXPECT_EQUAL(ZwQueryVolumeInformationFile(File.Handle, &File.IoStatus, &Volume, sizeof(Volume),
                                              FileFsVolumeInformation),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(File.IoStatus.Information, FIELD_OFFSET(FILE_FS_VOLUME_INFORMATION, VolumeLabel));
    EXPECT_EQUAL(Volume.VolumeLabelLength, 0);
    EXPECT_EQUAL(ZwQueryVolumeInformationFile(File.Handle, &File.IoStatus, &Size, sizeof(Size),
                                              FileFsSizeInformation),
                 STATUS_SUCCESS);
    EXPECT(Size.TotalAllocationUnits.QuadPart > 0 && Size.SectorsPerAllocationUnit > 0);
    EXPECT_EQUAL(Size.BytesPerSector, 512);
    EXPECT_EQUAL(ZwQueryVolumeInformationFile(File.Handle, &File.IoStatus, &Full, sizeof(Full),
                                              FileFsFullSizeInformation),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Full.TotalAllocationUnits.QuadPart, Size.TotalAllocationUnits.QuadPart);
    EXPECT(Full.ActualAvailableAllocationUnits.QuadPart >=
           Full.CallerAvailableAllocationUnits.QuadPart);
    EXPECT_EQUAL(ZwQueryVolumeInformationFile(File.Handle, &File.IoStatus, &Device, sizeof(Device),
                                              FileFsDeviceInformation),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Device.DeviceType, FILE_DEVICE_DISK);
    EXPECT_EQUAL(
        ZwQueryVolumeInformationFile(File.Handle, &File.IoStatus, &Size, 8, FileFsSizeInformation),
        STATUS_INFO_LENGTH_MISMATCH);
    EXPECT_EQUAL(ZwQueryVolumeInformationFile(File.Handle, &File.IoStatus, &Size, sizeof(Size),
                                              FileFsMaximumInformation),
                 STATUS_INVALID_INFO_CLASS);
    Finish(&File);
    EXPECT_EQUAL(ZwQueryVolumeInformationFile(File.Handle, &File.IoStatus, &Size, sizeof(Size),
                                              FileFsSizeInformation),
                 STATUS_INVALID_HANDLE);
}

CHECK(ZwDeviceIoControlFile, PLACES)
{
    enum { GetLength = 0x7405C };
    LONGLONG Length;
    CHECK_FILE File;

    Create(&File, FILE_CREATE);
    EXPECT_EQUAL(ZwDeviceIoControlFile(File.Handle, NULL, NULL, NULL, &File.IoStatus, GetLength,
                                       NULL, 0, &Length, sizeof(Length)),
                 STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQUAL(File.IoStatus.Status, STATUS_INVALID_DEVICE_REQUEST);
    Finish(&File);
    EXPECT_EQUAL(ZwDeviceIoControlFile(File.Handle, NULL, NULL, NULL, &File.IoStatus, GetLength,
                                       NULL, 0, &Length, sizeof(Length)),
                 STATUS_INVALID_HANDLE);
}

CHECK_ALSO(ZwCreateSection, maps_a_file_that_it_may_make_longer, PLACES)
{
    HANDLE Section = NULL;
    LARGE_INTEGER Maximum;
    CHECK_FILE File;
    CHAR Data[4];
    PVOID View = NULL;
    SIZE_T Size = 0;

    Create(&File, FILE_CREATE);
    EXPECT_EQUAL(ZwCreateSection(&Section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READWRITE,
                                 SEC_COMMIT, File.Handle),
                 STATUS_MAPPED_FILE_SIZE_ZERO);
    Maximum.QuadPart = 5000;
    EXPECT_EQUAL(ZwCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Maximum, PAGE_READONLY,
                                 SEC_COMMIT, File.Handle),
                 STATUS_SECTION_TOO_BIG);
    EXPECT_EQUAL(ZwCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Maximum, PAGE_READWRITE,
                                 SEC_COMMIT, File.Handle),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(SizeOf(&File), 5000);
    EXPECT_EQUAL(ZwMapViewOfSection(Section, NtCurrentProcess(), &View, 0, 0, NULL, &Size,
                                    ViewUnmap, 0, PAGE_READWRITE),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Size, 8192);
    RtlCopyMemory((PUCHAR)View + 4990, "port", 4);
    Transfer(&File, FALSE, Data, sizeof(Data), 4990);
    EXPECT(RtlEqualMemory(Data, "port", 4));
    ZwUnmapViewOfSection(NtCurrentProcess(), View);
    ZwClose(Section);
    Finish(&File);
}

/* ---- the same by the names for applications ---- */

CHECK(NtWriteFile, PLACES)
{
    LARGE_INTEGER Offset;
    CHECK_FILE File;

    Create(&File, FILE_CREATE);
    Offset.QuadPart = 4;
    EXPECT_EQUAL(NtWriteFile(File.Handle, NULL, NULL, NULL, &File.IoStatus, (PVOID) "port", 4,
                             &Offset, NULL),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(SizeOf(&File), 8);
    Finish(&File);
}

CHECK(NtReadFile, PLACES)
{
    LARGE_INTEGER Offset;
    CHECK_FILE File;
    CHAR Data[4];

    Create(&File, FILE_CREATE);
    Transfer(&File, TRUE, "storport", 8, 0);
    Offset.QuadPart = 4;
    EXPECT_EQUAL(NtReadFile(File.Handle, NULL, NULL, NULL, &File.IoStatus, Data, 4, &Offset, NULL),
                 STATUS_SUCCESS);
    EXPECT(RtlEqualMemory(Data, "port", 4));
    Finish(&File);
}

CHECK(NtQueryInformationFile, PLACES)
{
    FILE_STANDARD_INFORMATION Standard;
    CHECK_FILE File;

    Create(&File, FILE_CREATE);
    Transfer(&File, TRUE, "storport", 8, 0);
    EXPECT_EQUAL(NtQueryInformationFile(File.Handle, &File.IoStatus, &Standard, sizeof(Standard),
                                        FileStandardInformation),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(Standard.EndOfFile.QuadPart, 8);
    Finish(&File);
}

CHECK(NtSetInformationFile, PLACES)
{
    LARGE_INTEGER End;
    CHECK_FILE File;

    Create(&File, FILE_CREATE);
    End.QuadPart = 99;
    EXPECT_EQUAL(NtSetInformationFile(File.Handle, &File.IoStatus, &End, sizeof(End),
                                      FileEndOfFileInformation),
                 STATUS_SUCCESS);
    EXPECT_EQUAL(SizeOf(&File), 99);
    Finish(&File);
}

CHECK(ZwFsControlFile, PLACES)
{
    enum { SetZeroData = 0x980C8 };
    LONGLONG Range[2] = {2, 6}, Backward[2] = {6, 2};
    CHECK_FILE File;
    CHAR Data[8];

    Create(&File, FILE_CREATE);
    Transfer(&File, TRUE, "storport", 8, 0);
    EXPECT_EQUAL(ZwFsControlFile(File.Handle, NULL, NULL, NULL, &File.IoStatus, SetZeroData, Range,
                                 sizeof(Range), NULL, 0),
                 STATUS_SUCCESS);
    Transfer(&File, FALSE, Data, sizeof(Data), 0);
    EXPECT(RtlEqualMemory(Data, "st\0\0\0\0rt", 8));
    EXPECT_EQUAL(ZwFsControlFile(File.Handle, NULL, NULL, NULL, &File.IoStatus, SetZeroData,
                                 Backward, sizeof(Backward), NULL, 0),
                 STATUS_INVALID_PARAMETER);
    Finish(&File);
}

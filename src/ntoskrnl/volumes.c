/*
 * volumes.c - Zw: what file system of the host a file lies on.
 */
#include "nt/export.h"
#include "nt/thread.h"
#include "ntoskrnl/files.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { SECTOR_BYTES = 512 };

/* Each fills its record and returns its size. */
static ULONG describe_volume(const struct statvfs *host, void *record)
{
    FILE_FS_VOLUME_INFORMATION *volume = record;

    /* Neither label nor time of creation are to be had. */
    volume->VolumeSerialNumber = (ULONG)host->f_fsid;
    return FIELD_OFFSET(FILE_FS_VOLUME_INFORMATION, VolumeLabel);
}

static ULONG describe_size(const struct statvfs *host, void *record)
{
    FILE_FS_SIZE_INFORMATION *size = record;

    size->TotalAllocationUnits.QuadPart = (LONGLONG)host->f_blocks;
    size->AvailableAllocationUnits.QuadPart = (LONGLONG)host->f_bavail;
    size->SectorsPerAllocationUnit = (ULONG)(host->f_frsize / SECTOR_BYTES);
    size->BytesPerSector = SECTOR_BYTES;
    return sizeof(*size);
}

static ULONG describe_full_size(const struct statvfs *host, void *record)
{
    FILE_FS_FULL_SIZE_INFORMATION *size = record;

    size->TotalAllocationUnits.QuadPart = (LONGLONG)host->f_blocks;
    size->CallerAvailableAllocationUnits.QuadPart = (LONGLONG)host->f_bavail;
    size->ActualAvailableAllocationUnits.QuadPart = (LONGLONG)host->f_bfree;
    size->SectorsPerAllocationUnit = (ULONG)(host->f_frsize / SECTOR_BYTES);
    size->BytesPerSector = SECTOR_BYTES;
    return sizeof(*size);
}

static ULONG describe_device(const struct statvfs *host, void *record)
{
    FILE_FS_DEVICE_INFORMATION *device = record;

    device->DeviceType = FILE_DEVICE_DISK;
    device->Characteristics = host->f_flag & ST_RDONLY ? FILE_READ_ONLY_DEVICE : 0;
    return sizeof(*device);
}

static const struct {
    FS_INFORMATION_CLASS class;
    ULONG length_min;
    ULONG (*describe)(const struct statvfs *host, void *record);
} descriptions[] = {
    {FileFsVolumeInformation, sizeof(FILE_FS_VOLUME_INFORMATION), describe_volume},
    {FileFsSizeInformation, sizeof(FILE_FS_SIZE_INFORMATION), describe_size},
    {FileFsFullSizeInformation, sizeof(FILE_FS_FULL_SIZE_INFORMATION), describe_full_size},
    {FileFsDeviceInformation, sizeof(FILE_FS_DEVICE_INFORMATION), describe_device},
};

static NTSTATUS describe(int fd, FS_INFORMATION_CLASS class, void *information, ULONG length,
                         ULONG_PTR *ret_length)
{
    struct statvfs host;

    for (size_t i = 0; i < sizeof(descriptions) / sizeof(descriptions[0]); i++) {
        if (descriptions[i].class != class)
            continue;
        if (length < descriptions[i].length_min)
            return STATUS_INFO_LENGTH_MISMATCH;
        if (fstatvfs(fd, &host))
            return object_status_of_errno(errno);
        memset(information, 0, descriptions[i].length_min);
        *ret_length = descriptions[i].describe(&host, information);
        return STATUS_SUCCESS;
    }
    return STATUS_INVALID_INFO_CLASS;
}

NTSTATUS NTAPI ZwQueryVolumeInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock,
                                            PVOID FsInformation, ULONG Length,
                                            FS_INFORMATION_CLASS FsInformationClass)
{
    int fd;
    NTSTATUS status = file_duplicate(FileHandle, &fd);

    if (status < 0)
        return status;
    ULONG_PTR length = 0;
    status = describe(fd, FsInformationClass, FsInformation, Length, &length);
    close(fd);
    IoStatusBlock->Status = status;
    IoStatusBlock->Information = length;
    return status;
}
NT_EXPORT("ntoskrnl.exe", ZwQueryVolumeInformationFile, "Files", NT_PASSIVE_LEVEL);

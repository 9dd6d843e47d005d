/*
 * files.c - Zw: files, for drivers that keep their disk in one. "\??\/path" and "\??\C:\path" name
 * a file of the host (the drive letter is dropped), unless a device has the name (device_files.c).
 * All handles are synchronous.
 *
 * ZwFlushBuffersFile is fsync: a driver that reports a flush has it on stable storage.
 */
#include "ntoskrnl/files.h"
#include "nt/export.h"
#include "nt/file.h"
#include "nt/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Files", NT_PASSIVE_LEVEL)

enum { PATH_BYTES_MAX = 4096, FILE_WAS_OPENED = 1 };

struct file_object {
    FILE_OBJECT object; /* first: what a driver sees of it */
    int fd;
    LONGLONG position;
};

static void file_destroy(void *body)
{
    close(((struct file_object *)body)->fd);
}

/* With a reference; NULL for a device's, too. */
static struct file_object *file_of_handle(HANDLE handle)
{
    void *file = object_of_handle(handle, NT_OBJECT_FILE);

    if (!file || !nt_file_of(file))
        return file;
    nt_object_release(file);
    return NULL;
}

NTSTATUS file_duplicate(HANDLE handle, int *ret_fd)
{
    struct file_object *file = file_of_handle(handle);

    if (!file)
        return STATUS_INVALID_HANDLE;
    *ret_fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
    NTSTATUS status = *ret_fd < 0 ? object_status_of_errno(errno) : STATUS_SUCCESS;
    nt_object_release(file);
    return status;
}

/* ---- names ---- */

static size_t utf8_append(char *text, size_t at, unsigned character)
{
    if (character < 0x80) {
        text[at++] = (char)character;
    } else if (character < 0x800) {
        text[at++] = (char)(0xC0 | character >> 6);
        text[at++] = (char)(0x80 | (character & 0x3F));
    } else {
        text[at++] = (char)(0xE0 | character >> 12);
        text[at++] = (char)(0x80 | (character >> 6 & 0x3F));
        text[at++] = (char)(0x80 | (character & 0x3F));
    }
    return at;
}

/* False for a name that is no path of the DOS kind. */
static bool host_path(const OBJECT_ATTRIBUTES *attributes, char path[PATH_BYTES_MAX])
{
    static const char prefix[] = "\\??\\";
    const UNICODE_STRING *name = attributes ? attributes->ObjectName : NULL;
    size_t length = name ? name->Length / 2 : 0, at = 0, i = 0;

    for (; prefix[i]; i++)
        if (i >= length || name->Buffer[i] != (unsigned char)prefix[i])
            return false;
    if (length - i >= 2 && name->Buffer[i + 1] == ':')
        i += 2;
    for (; i < length && at < PATH_BYTES_MAX - 4; i++)
        at = utf8_append(path, at, name->Buffer[i] == '\\' ? '/' : name->Buffer[i]);
    path[at] = 0;
    return at && i == length;
}

/* ---- opening ---- */

static int open_flags(ACCESS_MASK access, ULONG disposition)
{
    bool write = access & (GENERIC_WRITE | GENERIC_ALL | FILE_WRITE_DATA | FILE_APPEND_DATA);
    int flags = O_CLOEXEC | (write ? O_RDWR : O_RDONLY);

    switch (disposition) {
    case FILE_OPEN_IF:
        return flags | O_CREAT;
    case FILE_CREATE:
        return flags | O_CREAT | O_EXCL;
    case FILE_OVERWRITE:
        return flags | O_TRUNC;
    case FILE_OVERWRITE_IF:
    case FILE_SUPERSEDE:
        return flags | O_CREAT | O_TRUNC;
    default:
        return flags;
    }
}

NTSTATUS NTAPI ZwCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess,
                            POBJECT_ATTRIBUTES ObjectAttributes, PIO_STATUS_BLOCK IoStatusBlock,
                            PLARGE_INTEGER AllocationSize, ULONG FileAttributes, ULONG ShareAccess,
                            ULONG CreateDisposition, ULONG CreateOptions, PVOID EaBuffer,
                            ULONG EaLength)
{
    char path[PATH_BYTES_MAX];
    struct stat information;

    (void)AllocationSize;
    (void)FileAttributes;
    (void)ShareAccess;
    (void)EaBuffer;
    (void)EaLength;
    *FileHandle = NULL;
    NTSTATUS of_device =
        device_file_open(ObjectAttributes, DesiredAccess, IoStatusBlock, FileHandle);
    if (of_device != STATUS_OBJECT_NAME_NOT_FOUND)
        return of_device;
    if (!host_path(ObjectAttributes, path))
        return STATUS_OBJECT_NAME_INVALID;
    int fd = open(path, open_flags(DesiredAccess, CreateDisposition), 0644);
    if (fd < 0)
        return object_status_of_errno(errno);
    if (CreateOptions & FILE_NON_DIRECTORY_FILE && !fstat(fd, &information) &&
        S_ISDIR(information.st_mode)) {
        close(fd);
        return STATUS_FILE_IS_A_DIRECTORY;
    }
    struct file_object *file = nt_object_create(NT_OBJECT_FILE, sizeof(*file), file_destroy);
    if (!file) {
        close(fd);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    file->fd = fd;
    *FileHandle = object_handle(file);
    if (!*FileHandle) {
        nt_object_release(file);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    IoStatusBlock->Status = STATUS_SUCCESS;
    IoStatusBlock->Information = FILE_WAS_OPENED;
    return STATUS_SUCCESS;
}
EXPORT(ZwCreateFile);

NTSTATUS NTAPI ZwOpenFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess,
                          POBJECT_ATTRIBUTES ObjectAttributes, PIO_STATUS_BLOCK IoStatusBlock,
                          ULONG ShareAccess, ULONG OpenOptions)
{
    return ZwCreateFile(FileHandle, DesiredAccess, ObjectAttributes, IoStatusBlock, NULL, 0,
                        ShareAccess, FILE_OPEN, OpenOptions, NULL, 0);
}
EXPORT(ZwOpenFile);

NTSTATUS NTAPI ZwDeleteFile(POBJECT_ATTRIBUTES ObjectAttributes)
{
    char path[PATH_BYTES_MAX];

    if (!host_path(ObjectAttributes, path))
        return STATUS_OBJECT_NAME_INVALID;
    return unlink(path) ? object_status_of_errno(errno) : STATUS_SUCCESS;
}
EXPORT(ZwDeleteFile);

/* ---- transfers ---- */

static NTSTATUS finish(struct file_object *file, IO_STATUS_BLOCK *block, NTSTATUS status,
                       ULONG_PTR information)
{
    nt_object_release(file);
    block->Status = status;
    block->Information = information;
    return status;
}

static LONGLONG offset_of(const struct file_object *file, const LARGE_INTEGER *offset)
{
    return offset && offset->QuadPart >= 0 ? offset->QuadPart : file->position;
}

/* The whole length, however the host cuts it; short only at the end of the file. */
static ssize_t transfer(int fd, char *buffer, size_t length, off_t offset, bool write)
{
    size_t done = 0;

    while (done < length) {
        ssize_t part = write ? pwrite(fd, buffer + done, length - done, offset + (off_t)done)
                             : pread(fd, buffer + done, length - done, offset + (off_t)done);
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return -errno;
        if (part == 0)
            break;
        done += (size_t)part;
    }
    return (ssize_t)done;
}

static NTSTATUS read_or_write(HANDLE handle, IO_STATUS_BLOCK *block, PVOID buffer, ULONG length,
                              const LARGE_INTEGER *at, bool write)
{
    struct nt_file_request request = {
        .operation = write ? NT_FILE_WRITE_DATA : NT_FILE_READ_DATA,
        .offset = at ? (uint64_t)at->QuadPart : 0,
        .input = buffer,
        .output = buffer,
        .input_length = length,
        .output_length = length,
    };

    if (device_file_send(handle, NULL, &request, block))
        return request.status;

    struct file_object *file = file_of_handle(handle);

    if (!file)
        return STATUS_INVALID_HANDLE;
    LONGLONG offset = offset_of(file, at);
    ssize_t done = transfer(file->fd, buffer, length, offset, write);
    if (done < 0)
        return finish(file, block, object_status_of_errno((int)-done), 0);
    file->position = offset + done;
    if (!write && length && !done)
        return finish(file, block, STATUS_END_OF_FILE, 0);
    return finish(file, block, STATUS_SUCCESS, (ULONG_PTR)done);
}

NTSTATUS NTAPI ZwReadFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine,
                          PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer,
                          ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key)
{
    (void)Event;
    (void)ApcRoutine;
    (void)ApcContext;
    (void)Key;
    return read_or_write(FileHandle, IoStatusBlock, Buffer, Length, ByteOffset, false);
}
EXPORT(ZwReadFile);

NTSTATUS NTAPI ZwWriteFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine,
                           PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock, PVOID Buffer,
                           ULONG Length, PLARGE_INTEGER ByteOffset, PULONG Key)
{
    (void)Event;
    (void)ApcRoutine;
    (void)ApcContext;
    (void)Key;
    return read_or_write(FileHandle, IoStatusBlock, Buffer, Length, ByteOffset, true);
}
EXPORT(ZwWriteFile);

NTSTATUS NTAPI ZwFlushBuffersFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock)
{
    struct file_object *file = file_of_handle(FileHandle);

    if (!file)
        return STATUS_INVALID_HANDLE;
    int error = fdatasync(file->fd) ? errno : 0;
    return finish(file, IoStatusBlock, object_status_of_errno(error), 0);
}
EXPORT(ZwFlushBuffersFile);

/* To a device; a file of the host is none. */
NTSTATUS NTAPI ZwDeviceIoControlFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine,
                                     PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock,
                                     ULONG IoControlCode, PVOID InputBuffer,
                                     ULONG InputBufferLength, PVOID OutputBuffer,
                                     ULONG OutputBufferLength)
{
    struct nt_file_request request = {
        .operation = NT_FILE_CONTROL,
        .code = IoControlCode,
        .input = InputBuffer,
        .output = OutputBuffer,
        .input_length = InputBufferLength,
        .output_length = OutputBufferLength,
    };

    (void)ApcRoutine;
    (void)ApcContext;
    if (device_file_send(FileHandle, Event, &request, IoStatusBlock))
        return request.status;
    struct file_object *file = file_of_handle(FileHandle);
    return file ? finish(file, IoStatusBlock, STATUS_INVALID_DEVICE_REQUEST, 0)
                : STATUS_INVALID_HANDLE;
}
EXPORT(ZwDeviceIoControlFile);

/* ---- information ---- */

static void describe_size(int fd, const struct stat *host, void *record)
{
    FILE_STANDARD_INFORMATION *standard = record;

    standard->EndOfFile.QuadPart = S_ISBLK(host->st_mode) ? lseek(fd, 0, SEEK_END) : host->st_size;
    standard->AllocationSize.QuadPart = (LONGLONG)host->st_blocks * 512;
    standard->NumberOfLinks = (ULONG)host->st_nlink;
    standard->Directory = S_ISDIR(host->st_mode);
}

static void describe_index(int fd, const struct stat *host, void *record)
{
    FILE_INTERNAL_INFORMATION *internal = record;

    (void)fd;
    internal->IndexNumber.QuadPart = (LONGLONG)host->st_ino;
}

/* Any buffer will do: what the host's file wants, the host sees to. */
static void describe_alignment(int fd, const struct stat *host, void *record)
{
    (void)fd;
    (void)host;
    ((FILE_ALIGNMENT_INFORMATION *)record)->AlignmentRequirement = FILE_BYTE_ALIGNMENT;
}

static const struct {
    FILE_INFORMATION_CLASS class;
    ULONG length;
    void (*describe)(int fd, const struct stat *host, void *record);
} descriptions[] = {
    {FileStandardInformation, sizeof(FILE_STANDARD_INFORMATION), describe_size},
    {FileInternalInformation, sizeof(FILE_INTERNAL_INFORMATION), describe_index},
    {FileAlignmentInformation, sizeof(FILE_ALIGNMENT_INFORMATION), describe_alignment},
};

NTSTATUS NTAPI ZwQueryInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock,
                                      PVOID FileInformation, ULONG Length,
                                      FILE_INFORMATION_CLASS FileInformationClass)
{
    struct file_object *file = file_of_handle(FileHandle);
    size_t count = sizeof(descriptions) / sizeof(descriptions[0]), i = 0;
    struct stat information;

    if (!file)
        return STATUS_INVALID_HANDLE;
    while (i < count && descriptions[i].class != FileInformationClass)
        i++;
    if (i == count)
        return finish(file, IoStatusBlock, STATUS_NOT_IMPLEMENTED, 0);
    if (Length < descriptions[i].length)
        return finish(file, IoStatusBlock, STATUS_INFO_LENGTH_MISMATCH, 0);
    if (fstat(file->fd, &information))
        return finish(file, IoStatusBlock, object_status_of_errno(errno), 0);
    memset(FileInformation, 0, descriptions[i].length);
    descriptions[i].describe(file->fd, &information, FileInformation);
    return finish(file, IoStatusBlock, STATUS_SUCCESS, descriptions[i].length);
}
EXPORT(ZwQueryInformationFile);

NTSTATUS NTAPI ZwSetInformationFile(HANDLE FileHandle, PIO_STATUS_BLOCK IoStatusBlock,
                                    PVOID FileInformation, ULONG Length,
                                    FILE_INFORMATION_CLASS FileInformationClass)
{
    struct file_object *file = file_of_handle(FileHandle);
    LARGE_INTEGER end;

    if (!file)
        return STATUS_INVALID_HANDLE;
    if (FileInformationClass != FileEndOfFileInformation)
        return finish(file, IoStatusBlock, STATUS_NOT_IMPLEMENTED, 0);
    if (Length < sizeof(end))
        return finish(file, IoStatusBlock, STATUS_INFO_LENGTH_MISMATCH, 0);
    memcpy(&end, FileInformation, sizeof(end));
    int error = ftruncate(file->fd, end.QuadPart) ? errno : 0;
    return finish(file, IoStatusBlock, object_status_of_errno(error), 0);
}
EXPORT(ZwSetInformationFile);

/* FSCTL_SET_ZERO_DATA: two 64-bit numbers, the first byte and the one behind the last. */
NTSTATUS NTAPI ZwFsControlFile(HANDLE FileHandle, HANDLE Event, PIO_APC_ROUTINE ApcRoutine,
                               PVOID ApcContext, PIO_STATUS_BLOCK IoStatusBlock,
                               ULONG FsControlCode, PVOID InputBuffer, ULONG InputBufferLength,
                               PVOID OutputBuffer, ULONG OutputBufferLength)
{
    enum { SET_ZERO_DATA = 0x980C8 };
    struct file_object *file = file_of_handle(FileHandle);
    LONGLONG range[2];

    (void)Event;
    (void)ApcRoutine;
    (void)ApcContext;
    (void)OutputBuffer;
    (void)OutputBufferLength;
    if (!file)
        return STATUS_INVALID_HANDLE;
    if (FsControlCode != SET_ZERO_DATA)
        return finish(file, IoStatusBlock, STATUS_INVALID_DEVICE_REQUEST, 0);
    if (InputBufferLength < sizeof(range))
        return finish(file, IoStatusBlock, STATUS_INVALID_PARAMETER, 0);
    memcpy(range, InputBuffer, sizeof(range));
    if (range[0] < 0 || range[1] < range[0])
        return finish(file, IoStatusBlock, STATUS_INVALID_PARAMETER, 0);
    int error = 0;
    if (range[1] > range[0] && fallocate(file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                         range[0], range[1] - range[0]))
        error = errno;
    return finish(file, IoStatusBlock, object_status_of_errno(error), 0);
}
EXPORT(ZwFsControlFile);

/* The names for applications; what is asked here comes from the kernel. */
NT_EXPORT_AS("ntoskrnl.exe", "NtReadFile", ZwReadFile, "Files", NT_PASSIVE_LEVEL);
NT_EXPORT_AS("ntoskrnl.exe", "NtWriteFile", ZwWriteFile, "Files", NT_PASSIVE_LEVEL);
NT_EXPORT_AS("ntoskrnl.exe", "NtQueryInformationFile", ZwQueryInformationFile, "Files",
             NT_PASSIVE_LEVEL);
NT_EXPORT_AS("ntoskrnl.exe", "NtSetInformationFile", ZwSetInformationFile, "Files",
             NT_PASSIVE_LEVEL);

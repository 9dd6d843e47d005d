/*
 * sections.c - Zw: sections, memory or a file that is mapped in views. There is one address space
 * for all of the machine's own code, so "the current process" is the only one that views go to.
 *
 * Sections without a file are whole memory files of the host: reserved is committed.
 */
#include "nt/bugcheck.h"
#include "nt/export.h"
#include "nt/memory.h"
#include "nt/thread.h"
#include "ntoskrnl/address_ranges.h"
#include "ntoskrnl/files.h"
#include "ntoskrnl/named_objects.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define EXPORT(name_) NT_EXPORT("ntoskrnl.exe", name_, "Memory", NT_PASSIVE_LEVEL)

#define SECTION_SIZE_MAX (1ull << 40)

struct section_object {
    int fd;
    uint64_t size; /* of views: whole pages */
    ULONG protection;
};

static void section_destroy(void *body)
{
    named_object_forget(body);
    close(((struct section_object *)body)->fd);
}

/* ---- sections ---- */

static bool is_writable(ULONG protection)
{
    return protection == PAGE_READWRITE || protection == PAGE_EXECUTE_READWRITE;
}

static NTSTATUS memory_create(const LARGE_INTEGER *size, int *ret_fd, uint64_t *ret_size)
{
    if (!size || size->QuadPart <= 0)
        return STATUS_INVALID_PARAMETER_4;
    if ((uint64_t)size->QuadPart > SECTION_SIZE_MAX)
        return STATUS_SECTION_TOO_BIG;
    *ret_size = ((uint64_t)size->QuadPart + NT_PAGE_SIZE - 1) & -(uint64_t)NT_PAGE_SIZE;
    int error = sys_user_memory_create(*ret_size, ret_fd);
    return error ? object_status_of_errno(-error) : STATUS_SUCCESS;
}

/* A section may make its file longer, never shorter. */
static NTSTATUS file_use(HANDLE file, const LARGE_INTEGER *wanted, ULONG protection, int *ret_fd,
                         uint64_t *ret_size)
{
    struct stat information;
    NTSTATUS status = file_duplicate(file, ret_fd);

    if (status < 0)
        return status;
    if (fstat(*ret_fd, &information) || !S_ISREG(information.st_mode))
        status = STATUS_INVALID_FILE_FOR_SECTION;
    uint64_t size = (uint64_t)information.st_size;
    *ret_size = wanted && wanted->QuadPart ? (uint64_t)wanted->QuadPart : size;
    if (status >= 0 && !*ret_size)
        status = STATUS_MAPPED_FILE_SIZE_ZERO;
    else if (status >= 0 && *ret_size > size && (!is_writable(protection) || *ret_size >> 62))
        status = STATUS_SECTION_TOO_BIG;
    else if (status >= 0 && *ret_size > size && ftruncate(*ret_fd, (off_t)*ret_size))
        status = object_status_of_errno(errno);
    if (status < 0)
        close(*ret_fd);
    return status;
}

NTSTATUS NTAPI ZwCreateSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess,
                               POBJECT_ATTRIBUTES ObjectAttributes, PLARGE_INTEGER MaximumSize,
                               ULONG SectionPageProtection, ULONG AllocationAttributes,
                               HANDLE FileHandle)
{
    uint64_t size;
    int fd;

    (void)DesiredAccess;
    *SectionHandle = NULL;
    if (AllocationAttributes != SEC_COMMIT && AllocationAttributes != SEC_RESERVE)
        return STATUS_INVALID_PARAMETER_6; /* images, large pages, ... */
    if (!address_protection_is_good(SectionPageProtection))
        return STATUS_INVALID_PAGE_PROTECTION;
    NTSTATUS status = FileHandle
                          ? file_use(FileHandle, MaximumSize, SectionPageProtection, &fd, &size)
                          : memory_create(MaximumSize, &fd, &size);
    if (status < 0)
        return status;
    struct section_object *section =
        nt_object_create(NT_OBJECT_SECTION, sizeof(*section), section_destroy);
    if (!section) {
        close(fd);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *section = (struct section_object){fd, size, SectionPageProtection};
    return named_object_insert(ObjectAttributes, section, SectionHandle);
}
EXPORT(ZwCreateSection);

NTSTATUS NTAPI ZwOpenSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess,
                             POBJECT_ATTRIBUTES ObjectAttributes)
{
    (void)DesiredAccess;
    return named_object_open(ObjectAttributes, NT_OBJECT_SECTION, SectionHandle);
}
EXPORT(ZwOpenSection);

/* ---- views ---- */

/* Both may be rounded; false: there is nothing of the section there. */
static bool view_of(const struct section_object *section, uint64_t *offset, uint64_t *size)
{
    *offset &= -(uint64_t)ADDRESS_GRANULARITY;
    if (*offset >= section->size)
        return false;
    uint64_t left = section->size - *offset;
    if (!*size)
        *size = left;
    if (*size > left)
        return false;
    *size = (*size + NT_PAGE_SIZE - 1) & -(uint64_t)NT_PAGE_SIZE;
    return true;
}

static NTSTATUS map_view(const struct section_object *section, PVOID *base, uint64_t offset,
                         uint64_t size, ULONG protection)
{
    bool copies = protection == PAGE_WRITECOPY || protection == PAGE_EXECUTE_WRITECOPY;
    const struct address_request request = {
        .wanted = *base,
        .size = size,
        .protection = address_protection(protection),
        .flags = copies ? MAP_PRIVATE : MAP_SHARED,
        .fd = section->fd,
        .offset = offset,
        .kind = ADDRESS_VIEW,
    };

    return address_range_add(&request, base);
}

NTSTATUS NTAPI ZwMapViewOfSection(HANDLE SectionHandle, HANDLE ProcessHandle, PVOID *BaseAddress,
                                  ULONG_PTR ZeroBits, SIZE_T CommitSize,
                                  PLARGE_INTEGER SectionOffset, PSIZE_T ViewSize,
                                  SECTION_INHERIT InheritDisposition, ULONG AllocationType,
                                  ULONG Protect)
{
    struct section_object *section = object_of_handle(SectionHandle, NT_OBJECT_SECTION);
    uint64_t offset = SectionOffset ? (uint64_t)SectionOffset->QuadPart : 0, size = *ViewSize;

    (void)ZeroBits;
    (void)CommitSize;
    (void)InheritDisposition;
    if (!section)
        return STATUS_INVALID_HANDLE;
    NTSTATUS status = address_process_check(ProcessHandle);
    if (status >= 0 && AllocationType & ~(ULONG)(MEM_RESERVE | MEM_TOP_DOWN))
        status = STATUS_INVALID_PARAMETER_9;
    if (status >= 0 && !address_protection_is_good(Protect))
        status = STATUS_INVALID_PAGE_PROTECTION;
    if (status >= 0 && is_writable(Protect) && !is_writable(section->protection))
        status = STATUS_SECTION_PROTECTION;
    if (status >= 0 && !view_of(section, &offset, &size))
        status = STATUS_INVALID_VIEW_SIZE;
    if (status >= 0)
        status = map_view(section, BaseAddress, offset, size, Protect);
    nt_object_release(section);
    if (status < 0)
        return status;
    *ViewSize = size;
    if (SectionOffset)
        SectionOffset->QuadPart = (LONGLONG)offset;
    return STATUS_SUCCESS;
}
EXPORT(ZwMapViewOfSection);

NTSTATUS NTAPI ZwUnmapViewOfSection(HANDLE ProcessHandle, PVOID BaseAddress)
{
    NTSTATUS status = address_process_check(ProcessHandle);

    if (status < 0)
        return status;
    return address_range_remove(ADDRESS_VIEW, BaseAddress) ? STATUS_SUCCESS
                                                           : STATUS_NOT_MAPPED_VIEW;
}
EXPORT(ZwUnmapViewOfSection);

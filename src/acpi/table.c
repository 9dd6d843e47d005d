/*
 * table.c - tables from files, checked before anybody interprets them.
 *
 * Rule: what was checked is what is run, so the interpreter gets a sealed copy and not the file.
 */
#include "acpi/private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADER_BYTES = 36, LENGTH_OFFSET = 4, REVISION_OFFSET = 8, CHECKSUM_OFFSET = 9 };

int table_from_bytes(const uint8_t *bytes, size_t size)
{
    int fd = memfd_create("ACPI table", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (fd < 0)
        return -errno;
    for (size_t done = 0; done < size;) {
        ssize_t length = write(fd, bytes + done, size - done);
        if (length < 0 && errno != EINTR) {
            int error = -errno;
            close(fd);
            return error;
        }
        done += length > 0 ? (size_t)length : 0;
    }
    (void)fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
    return fd;
}

static int table_check(const char *file, const uint8_t *bytes, size_t size, bool *ret_is_dsdt,
                       char *reason, size_t reason_size)
{
    uint8_t sum = 0;

    if (size < HEADER_BYTES) {
        snprintf(reason, reason_size, "ACPI table %s: %zu bytes are shorter than a table's header",
                 file, size);
        return -EINVAL;
    }
    if (memcmp(bytes, "DSDT", 4) != 0 && memcmp(bytes, "SSDT", 4) != 0) {
        snprintf(reason, reason_size,
                 "ACPI table %s: offset 0: neither DSDT nor SSDT: give what iasl compiled or "
                 "acpidump -b extracted",
                 file);
        return -EINVAL;
    }
    size_t length = bytes[LENGTH_OFFSET] | (size_t)bytes[LENGTH_OFFSET + 1] << 8 |
                    (size_t)bytes[LENGTH_OFFSET + 2] << 16 | (size_t)bytes[LENGTH_OFFSET + 3] << 24;
    if (length != size) {
        snprintf(reason, reason_size,
                 "ACPI table %s: offset %d: it says that it has %zu bytes, the file has %zu", file,
                 LENGTH_OFFSET, length, size);
        return -EINVAL;
    }
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + bytes[i]);
    if (sum != 0) {
        snprintf(reason, reason_size,
                 "ACPI table %s: offset %d: the checksum is 0x%02X, the bytes make 0x%02X", file,
                 CHECKSUM_OFFSET, bytes[CHECKSUM_OFFSET], (uint8_t)(bytes[CHECKSUM_OFFSET] - sum));
        return -EINVAL;
    }
    *ret_is_dsdt = bytes[0] == 'D';
    return 0;
}

/* *ret_bytes is to be freed. */
static int file_read(const char *file, uint8_t **ret_bytes, size_t *ret_size, char *reason,
                     size_t reason_size)
{
    struct stat status = {0};
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int error = fd < 0 || fstat(fd, &status) != 0 ? -errno : 0;

    if (error == 0 && (!S_ISREG(status.st_mode) || status.st_size > TABLE_BYTES_MAX))
        error = S_ISREG(status.st_mode) ? -EFBIG : -EINVAL;
    uint8_t *bytes = error == 0 ? malloc((size_t)status.st_size + 1) : NULL;
    if (error == 0 && bytes == NULL)
        error = -ENOMEM;
    size_t size = 0;
    while (error == 0) {
        ssize_t length = read(fd, bytes + size, (size_t)status.st_size + 1 - size);
        if (length < 0 && errno != EINTR)
            error = -errno;
        if (length == 0 || size + (size_t)(length > 0 ? length : 0) > (size_t)status.st_size)
            break;
        size += length > 0 ? (size_t)length : 0;
    }
    if (fd >= 0)
        close(fd);
    if (error != 0) {
        free(bytes);
        snprintf(reason, reason_size, "ACPI table %s: %s", file, strerror(-error));
        return error;
    }
    *ret_bytes = bytes;
    *ret_size = size;
    return 0;
}

int table_open(const char *file, bool *ret_is_dsdt, char *reason, size_t reason_size)
{
    uint8_t *bytes;
    size_t size;
    int result = file_read(file, &bytes, &size, reason, reason_size);

    if (result != 0)
        return result;
    result = table_check(file, bytes, size, ret_is_dsdt, reason, reason_size);
    if (result == 0) {
        result = table_from_bytes(bytes, size);
        if (result < 0)
            snprintf(reason, reason_size, "ACPI table %s: %s", file, strerror(-result));
    }
    free(bytes);
    return result;
}

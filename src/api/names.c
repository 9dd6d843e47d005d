/*
 * names.c - control codes and statuses by their names in the kit.
 */
#include "storhost/handle.h"

#include "trace/trace.h"
#include <ntddscsi.h>
#include <ntddstor.h>
#include <ntdef.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NAMED(code_)                                                                               \
    {                                                                                              \
#code_, (uint32_t)(code_)                                                                  \
    }

/* Those that applications send to storage adapters and units. */
static const struct {
    const char *name;
    uint32_t code;
} codes[] = {
    NAMED(IOCTL_MINIPORT_PROCESS_SERVICE_IRP),
    NAMED(IOCTL_SCSI_FREE_DUMP_POINTERS),
    NAMED(IOCTL_SCSI_GET_ADDRESS),
    NAMED(IOCTL_SCSI_GET_CAPABILITIES),
    NAMED(IOCTL_SCSI_GET_DUMP_POINTERS),
    NAMED(IOCTL_SCSI_GET_INQUIRY_DATA),
    NAMED(IOCTL_SCSI_MINIPORT),
    NAMED(IOCTL_SCSI_PASS_THROUGH),
    NAMED(IOCTL_SCSI_PASS_THROUGH_DIRECT),
    NAMED(IOCTL_SCSI_PASS_THROUGH_DIRECT_EX),
    NAMED(IOCTL_SCSI_PASS_THROUGH_EX),
    NAMED(IOCTL_SCSI_RESCAN_BUS),
    NAMED(IOCTL_STORAGE_BREAK_RESERVATION),
    NAMED(IOCTL_STORAGE_FIRMWARE_ACTIVATE),
    NAMED(IOCTL_STORAGE_FIRMWARE_DOWNLOAD),
    NAMED(IOCTL_STORAGE_FIRMWARE_GET_INFO),
    NAMED(IOCTL_STORAGE_GET_DEVICE_NUMBER),
    NAMED(IOCTL_STORAGE_PROTOCOL_COMMAND),
    NAMED(IOCTL_STORAGE_QUERY_PROPERTY),
    NAMED(IOCTL_STORAGE_RESET_BUS),
    NAMED(IOCTL_STORAGE_RESET_DEVICE),
    NAMED(IOCTL_STORAGE_SET_PROPERTY),
};

STORHOST_API const char *storhost_status_name(uint32_t status)
{
    return trace_status_name(status);
}

STORHOST_API bool storhost_control_code(const char *text, uint32_t *ret_code)
{
    char *end;

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (strcasecmp(text, codes[i].name) == 0) {
            *ret_code = codes[i].code;
            return true;
        }
    }
    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    unsigned long code = strtoul(text, &end, 0);
    if (errno != 0 || *end != '\0' || code > UINT32_MAX)
        return false;
    *ret_code = (uint32_t)code;
    return true;
}

/*
 * acpi.h - ACPI methods as drivers ask for them: which node is meant, and the documented buffers.
 */
#ifndef STORHOST_STORPORT_ACPI_H
#define STORHOST_STORPORT_ACPI_H

#include "acpi/acpi.h"
#include "storport/device.h"

/* The node of the adapter: the one that it was started with, or that of its slot. NULL: it has
 * none. */
const struct acpi_node *storport_acpi_adapter(const struct port_adapter *port);
/* That of a unit, below the adapter's. */
const struct acpi_node *storport_acpi_unit(const struct port_unit *unit);

/* ---- buffers (acpi_buffers.c) ---- */

struct acpi_request {
    char name[ACPI_PATH_BYTES]; /* four characters, or a path */
    bool wide;                  /* of the _EX family: integers of eight bytes, a path */
    struct acpi_value arguments[ACPI_ARGUMENTS_MAX];
    size_t count;
};
/* Takes an ACPI_EVAL_INPUT_BUFFER of any form apart; strings and buffers stay in it. False: it is
 * malformed, or no memory. To be freed in both cases. */
bool acpi_request_parse(struct acpi_request *request, const void *buffer, size_t length);
void acpi_request_free(struct acpi_request *request);
/* Four characters as one number, the first in the lowest byte; what is missing is '_'. */
void acpi_request_name(struct acpi_request *request, ULONG name);

/* Writes an ACPI_EVAL_OUTPUT_BUFFER. *ret_length: its length; 0 when it cannot be told in this
 * form. False: `room` is too small; the header says how much is needed, if there is room for that.
 */
bool acpi_result_write(const struct acpi_value *result, bool wide, void *buffer, size_t room,
                       size_t *ret_length);

/* ---- requests of the I/O manager (acpi_irp.c) ---- */

/* Control codes that reach the bottom of the adapter's stack. */
NTSTATUS NTAPI storport_acpi_control(DEVICE_OBJECT *device, IRP *irp);

#endif

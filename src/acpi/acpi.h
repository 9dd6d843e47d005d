/*
 * acpi.h - the ACPI namespace of the machine: tables that were given to it, evaluated by acpiexec
 * of ACPICA in a process of its own.
 *
 * Everything here at PASSIVE_LEVEL and may block. Paths are written as ACPICA prints them, with
 * four characters a name: "\_SB_.PCI0.SATA". Node strings live until acpi_stop.
 */
#ifndef STORHOST_ACPI_ACPI_H
#define STORHOST_ACPI_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ACPI_ARGUMENTS_MAX = 7, ACPI_PATH_BYTES = 256 };

enum acpi_type { /* as ObjectType counts */
                 ACPI_NOTHING = 0,
                 ACPI_INTEGER = 1,
                 ACPI_STRING = 2, /* `data` without a terminator */
                 ACPI_BUFFER = 3,
                 ACPI_PACKAGE = 4,
                 ACPI_OTHER = 5, /* a name of something else: a device, a method */
};
struct acpi_value {
    enum acpi_type type;
    uint64_t integer;
    const uint8_t *data;
    size_t length;
    struct acpi_value *elements;
    size_t count;
};
/* Frees what a result holds. */
void acpi_value_clear(struct acpi_value *value);

/* Compiled tables: at most one DSDT, and SSDTs. From the thread that lasts as long as the machine.
 * 0 or a negative errno with one line in `reason`. */
int acpi_start(const char *const *files, size_t count, char *reason, size_t reason_size);
void acpi_stop(void);
bool acpi_is_there(void);

/* ---- the namespace ---- */

struct acpi_node;

/* A path with or without "\", names of less than four characters, as people write it. NULL: there
 * is no such node. */
const struct acpi_node *acpi_node_find(const char *path);
/* Relative to a node unless the path begins with "\"; "^" is the node above. */
const struct acpi_node *acpi_node_below(const struct acpi_node *node, const char *path);
/* The device of a PCI slot below a root bridge: by its _ADR. */
const struct acpi_node *acpi_node_of_slot(unsigned device, unsigned function);
/* The device below `node` with that _ADR. */
const struct acpi_node *acpi_child_at(const struct acpi_node *node, uint64_t address);
/* Children in order; `child` NULL: the first. */
const struct acpi_node *acpi_next_child(const struct acpi_node *node,
                                        const struct acpi_node *child);
const char *acpi_node_path(const struct acpi_node *node);
bool acpi_node_is_device(const struct acpi_node *node);
bool acpi_node_is_method(const struct acpi_node *node);

/* ---- evaluation ---- */

/* Calls a method, or reads an object without arguments. One at a time; state that methods keep
 * lasts until acpi_stop. The result is the caller's to clear; ACPI_NOTHING when the method returns
 * none.
 *
 * -EINVAL: the number of arguments is not the method's; -E2BIG: they are too long; -EIO: it was
 * aborted (a line in the log says why); -ETIMEDOUT, -EPIPE: the interpreter did not answer or
 * ended; it is started anew, and what methods kept is lost; -ENOMEM. */
int acpi_evaluate(const struct acpi_node *node, const struct acpi_value *arguments, size_t count,
                  struct acpi_value *ret_result);

#endif

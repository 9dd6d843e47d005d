/*
 * acpi.c - ACPI nodes of adapters and units, as the C API shows them.
 */
#include "storport/acpi.h"
#include "api/api_internal.h"
#include "api/json_writer.h"

#include <errno.h>
#include <string.h>

int api_acpi_node(const char *wanted, const char **ret_path, struct storhost_error *error)
{
    *ret_path = NULL;
    if (wanted == NULL)
        return 0;
    if (!acpi_is_there()) {
        api_error(error, "ACPI node %s: no tables were given: name them with --acpi FILE.aml",
                  wanted);
        return -EINVAL;
    }
    const struct acpi_node *node = acpi_node_find(wanted);
    if (node == NULL || !acpi_node_is_device(node)) {
        api_error(error,
                  "ACPI node %s: the tables have no such device: iasl -d shows what they have",
                  wanted);
        return -ENOENT;
    }
    *ret_path = acpi_node_path(node);
    return 0;
}

const char *api_acpi_adapter_path(const struct port_adapter *adapter)
{
    const struct acpi_node *node = storport_acpi_adapter(adapter);

    return node != NULL ? acpi_node_path(node) : "";
}

static const char *last_name(const struct acpi_node *node)
{
    const char *path = acpi_node_path(node);

    return path + strlen(path) - 4;
}

STORHOST_API const char *storhost_adapter_acpi_method(struct storhost_adapter *adapter,
                                                      unsigned index)
{
    const struct acpi_node *node = storport_acpi_adapter(adapter->adapter), *child = NULL;

    while (node != NULL && (child = acpi_next_child(node, child)) != NULL) {
        if (acpi_node_is_method(child) && index-- == 0)
            return last_name(child);
    }
    return NULL;
}

static void put_node(struct json_writer *writer, const struct acpi_node *node)
{
    const struct acpi_node *child = NULL;

    if (node == NULL)
        return;
    json_open(writer, "acpi", '{');
    json_text(writer, "node", acpi_node_path(node));
    json_open(writer, "methods", '[');
    while ((child = acpi_next_child(node, child)) != NULL) {
        if (acpi_node_is_method(child))
            json_text(writer, NULL, last_name(child));
    }
    json_close(writer, ']');
    json_close(writer, '}');
}

void api_acpi_put_adapter(struct json_writer *writer, const struct port_adapter *adapter)
{
    put_node(writer, storport_acpi_adapter(adapter));
}

void api_acpi_put_unit(struct json_writer *writer, const struct port_unit *unit)
{
    put_node(writer, storport_acpi_unit(unit));
}

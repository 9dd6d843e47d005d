/*
 * acpi.c - methods of the adapter's and its units' nodes in the ACPI namespace.
 *
 * Source: the page of StorPortInvokeAcpiMethod; addresses of units: ACPI specification 6.5, table
 * 6.2 (_ADR of SATA: the port and, behind a port multiplier, its port; of IDE: channel, then
 * drive).
 */
#include "storport/acpi.h"

#include <acpiioct.h>
#include <errno.h>

enum { NO_MULTIPLIER = 0xFFFF };

/* ---- nodes ---- */

const struct acpi_node *storport_acpi_adapter(const struct port_adapter *port)
{
    if (!acpi_is_there())
        return NULL;
    if (port->acpi_node)
        return acpi_node_find(port->acpi_node);
    return port->virtual_adapter ? NULL : acpi_node_of_slot(port_adapter_slot(port), 0);
}

const struct acpi_node *storport_acpi_unit(const struct port_unit *unit)
{
    const struct acpi_node *adapter = storport_acpi_adapter(unit->adapter), *node = NULL;
    uint64_t high = (uint64_t)unit->path << 16;

    if (!adapter || unit->lun)
        return NULL;
    if (!unit->target)
        node = acpi_child_at(adapter, high | NO_MULTIPLIER);
    if (!node)
        node = acpi_child_at(adapter, high | unit->target);
    if (node)
        return node;
    adapter = acpi_child_at(adapter, unit->path);
    return adapter ? acpi_child_at(adapter, unit->target) : NULL;
}

/* ---- code 27 ---- */

static ULONG status_of_error(int error)
{
    switch (-error) {
    case 0:
        return STOR_STATUS_SUCCESS;
    case E2BIG:
    case ENOMEM:
        return STOR_STATUS_INSUFFICIENT_RESOURCES;
    default:
        return STOR_STATUS_UNSUCCESSFUL;
    }
}

static ULONG evaluate(const struct acpi_node *node, const struct acpi_request *request,
                      PVOID output, ULONG output_length, PULONG returned)
{
    struct acpi_value result = {0};
    const struct acpi_node *method = acpi_node_below(node, request->name);
    size_t length = 0;

    if (!method)
        return STOR_STATUS_NOT_IMPLEMENTED;
    ULONG status =
        status_of_error(acpi_evaluate(method, request->arguments, request->count, &result));
    if (status != STOR_STATUS_SUCCESS)
        return status;
    /* Whoever gives no buffer wants no result. */
    if (output && !acpi_result_write(&result, request->wide, output, output_length, &length))
        status = length ? STOR_STATUS_INSUFFICIENT_RESOURCES : STOR_STATUS_UNSUCCESSFUL;
    else if (returned)
        *returned = (ULONG)length;
    acpi_value_clear(&result);
    return status;
}

/* *ret_node NULL: there is no such node. False: there is no such unit. */
static bool node_of(struct storport_adapter *adapter, const STOR_ADDR_BTL8 *address,
                    const struct acpi_node **ret_node)
{
    struct port_unit *unit = NULL;

    if (address) {
        if (address->Type == STOR_ADDRESS_TYPE_BTL8 &&
            address->AddressLength >= STOR_ADDR_BTL8_ADDRESS_LENGTH)
            unit = port_unit_find(adapter->port, address->Path, address->Target, address->Lun);
        if (!unit)
            return false;
    }
    *ret_node = unit ? storport_acpi_unit(unit) : storport_acpi_adapter(adapter->port);
    return true;
}

static ULONG invoke_acpi_method(struct storport_adapter *adapter, PVOID extension,
                                __builtin_ms_va_list *arguments)
{
    const STOR_ADDR_BTL8 *address = STORPORT_ARGUMENT(arguments, PVOID);
    ULONG name = STORPORT_ARGUMENT(arguments, ULONG);
    PVOID input = STORPORT_ARGUMENT(arguments, PVOID);
    ULONG input_length = STORPORT_ARGUMENT(arguments, ULONG);
    PVOID output = STORPORT_ARGUMENT(arguments, PVOID);
    ULONG output_length = STORPORT_ARGUMENT(arguments, ULONG);
    PULONG returned = STORPORT_ARGUMENT(arguments, PULONG);
    struct acpi_request request = {0};
    const struct acpi_node *node = NULL;
    ULONG status = STOR_STATUS_INVALID_PARAMETER;

    (void)extension;
    if ((!input && input_length) || (!output && output_length))
        return STOR_STATUS_INVALID_PARAMETER;
    if (nt_irql() > NT_PASSIVE_LEVEL)
        return STOR_STATUS_INVALID_IRQL;
    if (returned)
        *returned = 0;
    if ((!input || acpi_request_parse(&request, input, input_length)) && !request.wide &&
        node_of(adapter, address, &node)) {
        /* The argument names the method, whatever the buffer says. */
        acpi_request_name(&request, name);
        status = node ? evaluate(node, &request, output, output_length, returned)
                      : STOR_STATUS_NOT_IMPLEMENTED;
    }
    acpi_request_free(&request);
    return status;
}
STORPORT_EXTENDED(ExtFunctionInvokeAcpiMethod, "StorPortInvokeAcpiMethod", "ACPI",
                  invoke_acpi_method);

/*
 * unit_queue.c - resets and queue operations of the C API: what class drivers do to units.
 */
#include "api/api_internal.h"

#include <errno.h>

enum { SRB_SUCCESS = 0x01 };

/* Executes a reset on a queue of its own, so that any thread may ask for one. */
static int reset_execute(struct port_unit *unit, enum port_function function, unsigned path,
                         const char *what, struct storhost_error *error)
{
    struct port_request request = {
        .unit = unit,
        .function = (uint8_t)function,
        .flags = PORT_FLAG_NO_FREEZE,
        .cdb = {(uint8_t)path},
    };
    struct port_queue *queue;
    int result = port_queue_create(&queue);

    if (result != 0)
        return result;
    port_execute(queue, &request);
    port_queue_destroy(queue);
    if (request.status == PORT_OK && request.srb_status == SRB_SUCCESS)
        return 0;
    if (request.status == PORT_OK) {
        api_error(error, "the driver refused the reset of the %s: try the next larger one", what);
        return -EIO;
    }
    api_error(error, "the %s cannot be reset: the adapter is gone or stopped", what);
    return -ENODEV;
}

STORHOST_API int storhost_unit_reset(struct storhost_unit *unit, enum storhost_reset reset,
                                     struct storhost_error *error)
{
    switch (reset) {
    case STORHOST_RESET_UNIT:
        return reset_execute(unit->unit, PORT_RESET_LOGICAL_UNIT, 0, "unit", error);
    case STORHOST_RESET_TARGET:
        return reset_execute(unit->unit, PORT_RESET_TARGET, 0, "target", error);
    case STORHOST_RESET_BUS:
        return reset_execute(unit->unit, PORT_RESET_BUS, 0, "bus", error);
    }
    return -EINVAL;
}

STORHOST_API int storhost_adapter_reset_bus(struct storhost_adapter *adapter, unsigned path,
                                            struct storhost_error *error)
{
    struct port_adapter_info info;

    port_adapter_describe(adapter->adapter, &info);
    if (path >= info.paths) {
        api_error(error, "the adapter has no path %u: its paths are 0 to %u", path,
                  info.paths ? info.paths - 1 : 0);
        return -EINVAL;
    }
    return reset_execute(port_adapter_unit(adapter->adapter), PORT_RESET_BUS, path, "bus", error);
}

STORHOST_API int storhost_unit_queue(struct storhost_unit *unit,
                                     enum storhost_queue_operation operation)
{
    static const enum port_queue_operation operations[] = {
        [STORHOST_QUEUE_LOCK] = PORT_QUEUE_LOCK,       [STORHOST_QUEUE_UNLOCK] = PORT_QUEUE_UNLOCK,
        [STORHOST_QUEUE_RELEASE] = PORT_QUEUE_RELEASE, [STORHOST_QUEUE_FLUSH] = PORT_QUEUE_FLUSH,
        [STORHOST_QUEUE_QUIESCE] = PORT_QUEUE_QUIESCE,
    };

    if ((unsigned)operation >= sizeof(operations) / sizeof(operations[0]))
        return -EINVAL;
    /* Users of this API are one owner of the lock: there is one storhost_unit for all of them. */
    return port_unit_queue(unit->unit, operations[operation], unit);
}

/*
 * topology.c - the machine's processors, nodes and memory, as programs see them.
 */
#include "api/api_internal.h"

#include "api/json_writer.h"
#include "nt/machine.h"
#include "nt/memory.h"

#include <errno.h>
#include <stdlib.h>

STORHOST_API int storhost_machine_describe(struct storhost_machine_info *info)
{
    const struct nt_topology *topology = nt_topology();
    void *base;
    size_t bytes;
    int fd;

    if (info->size != sizeof(*info) || !api_is_running())
        return -EINVAL;
    nt_arena_describe(&fd, &base, &bytes);
    *info = (struct storhost_machine_info){
        .size = sizeof(*info),
        .processors = topology->processor_count,
        .groups = topology->group_count,
        .nodes = topology->node_count,
        .packages = topology->package_count,
        .dies = topology->die_count,
        .cores = topology->core_count,
        .memory_bytes = bytes,
    };
    return 0;
}

STORHOST_API bool storhost_processor_at(unsigned index, struct storhost_processor_info *ret_info)
{
    if (!api_is_running() || index >= nt_topology()->processor_count)
        return false;
    const struct nt_place *place = &nt_topology()->places[index];
    *ret_info = (struct storhost_processor_info){
        .group = place->group,
        .number = place->number,
        .node = place->node,
        .package = place->package,
        .die = place->die,
        .core = place->core,
        .efficiency = place->efficiency,
    };
    return true;
}

STORHOST_API bool storhost_node_at(unsigned index, struct storhost_node_info *ret_info)
{
    if (!api_is_running() || index >= nt_topology()->node_count)
        return false;
    struct nt_processor_set set = nt_node_processors(index);
    *ret_info = (struct storhost_node_info){
        .processors = nt_set_count(&set),
        .memory_bytes = nt_node_memory_size(index),
    };
    return true;
}

STORHOST_API bool storhost_adapter_message(struct storhost_adapter *adapter, unsigned message,
                                           unsigned *ret_processor)
{
    return port_adapter_message(adapter->adapter, message, ret_processor);
}

/* ---- as JSON ---- */

static void put_nodes(struct json_writer *writer)
{
    struct storhost_node_info info;

    json_open(writer, "nodes", '[');
    for (unsigned i = 0; storhost_node_at(i, &info); i++) {
        json_open(writer, NULL, '{');
        json_number(writer, "processors", info.processors);
        json_number(writer, "memory_bytes", info.memory_bytes);
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

static void put_processors(struct json_writer *writer)
{
    struct storhost_processor_info info;

    json_open(writer, "processors", '[');
    for (unsigned i = 0; storhost_processor_at(i, &info); i++) {
        json_open(writer, NULL, '{');
        json_number(writer, "group", info.group);
        json_number(writer, "number", info.number);
        json_number(writer, "node", info.node);
        json_number(writer, "package", info.package);
        json_number(writer, "die", info.die);
        json_number(writer, "core", info.core);
        json_number(writer, "efficiency", info.efficiency);
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

STORHOST_API int storhost_machine_json(char **ret_json)
{
    struct storhost_machine_info info = {.size = sizeof(info)};
    char *text = NULL;
    size_t length = 0;
    int error = storhost_machine_describe(&info);

    if (error != 0)
        return error;
    struct json_writer writer = {.out = open_memstream(&text, &length), .depth = 1, .first = true};
    if (writer.out == NULL)
        return -ENOMEM;
    fputc('{', writer.out);
    json_number(&writer, "memory_bytes", info.memory_bytes);
    json_number(&writer, "groups", info.groups);
    json_number(&writer, "packages", info.packages);
    json_number(&writer, "dies", info.dies);
    json_number(&writer, "cores", info.cores);
    put_nodes(&writer);
    put_processors(&writer);
    json_close(&writer, '}');
    bool failed = ferror(writer.out) != 0;
    failed |= fclose(writer.out) != 0;
    if (failed) {
        free(text);
        return -ENOMEM;
    }
    *ret_json = text;
    return 0;
}

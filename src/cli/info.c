/*
 * info.c - `storhost info`: starts a driver, prints what there is, stops it.
 */
#include "cli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *limit_text(char text[32], uint32_t value)
{
    return value == UINT32_MAX ? "none" : size_text(text, value);
}

static void print_state(const struct storhost_adapter *adapter)
{
    unsigned device_state = 0;
    enum storhost_adapter_state state = storhost_adapter_state(adapter, &device_state);

    printf("  state           %s, D%u\n", storhost_adapter_state_name(state), device_state);
}

/* Where messages come, as group:number: ", to 0:0 0:0 0:1 ...". */
static void print_targets(struct storhost_adapter *adapter, unsigned messages)
{
    enum { SHOWN_MAX = 12 };
    struct storhost_processor_info info;
    unsigned processor;

    for (unsigned i = 0;
         i < messages && i < SHOWN_MAX && storhost_adapter_message(adapter, i, &processor) &&
         storhost_processor_at(processor, &info);
         i++)
        printf("%s%u:%u", i == 0 ? ", to " : " ", info.group, info.number);
    if (messages > SHOWN_MAX)
        printf(" ...");
}

static void print_adapter(size_t number, struct storhost_adapter *adapter,
                          const struct storhost_adapter_info *info)
{
    char limit[32], maximum[32];

    printf("adapter %zu: %s on %s", number, info->driver, info->device);
    if (info->vendor_id != 0)
        printf(" (%04x:%04x)", info->vendor_id, info->device_id);
    printf(", port %u\n", info->port_number);
    printf("  kind            %s, %s, %s\n", info->is_virtual ? "virtual" : "physical",
           info->full_duplex ? "full duplex" : "half duplex",
           info->storage_request_blocks ? "storage request blocks" : "SCSI request blocks");
    printf("  interrupts      %s", info->interrupt_kind);
    if (info->messages != 0)
        printf(", %u message%s", info->messages, info->messages == 1 ? "" : "s");
    print_targets(adapter, info->messages);
    printf("\n  requests        %" PRIu32 " at once, %" PRIu32 " a unit (%" PRIu32
           " at first), %u start channel%s\n",
           info->max_io, info->max_io_per_unit, info->initial_depth, info->concurrent_channels,
           info->concurrent_channels == 1 ? "" : "s");
    printf("  transfer limit  %s", size_text(limit, info->transfer_limit));
    printf(" (length limit %s", limit_text(maximum, info->maximum_transfer_length));
    if (info->physical_breaks != UINT32_MAX)
        printf(", %" PRIu32 " elements", info->physical_breaks);
    printf(", alignment mask 0x%" PRIx32 ")\n", info->alignment_mask);
    printf("  searched        paths 0-%u, targets 0-%u, units 0-%u%s\n",
           info->paths == 0 ? 0 : info->paths - 1, info->targets == 0 ? 0 : info->targets - 1,
           info->units_per_target == 0 ? 0 : info->units_per_target - 1,
           info->caches_data ? "; the adapter caches data" : "");
}

static void print_announced(const struct storhost_adapter_info *info)
{
    char size[32];

    if (info->rpmb_bytes != 0)
        printf("  protected block %s (RPMB)\n", size_text(size, info->rpmb_bytes));
    if (info->crypto_keys != 0)
        printf("  encryption      %" PRIu32 " key%s, %" PRIu32 " capabilit%s (--json lists %s)\n",
               info->crypto_keys, info->crypto_keys == 1 ? "" : "s", info->crypto_capabilities,
               info->crypto_capabilities == 1 ? "y" : "ies",
               info->crypto_capabilities == 1 ? "it" : "them");
}

static void print_acpi(struct storhost_adapter *adapter, const struct storhost_adapter_info *info)
{
    const char *method;

    if (info->acpi_node[0] == '\0')
        return;
    printf("  ACPI            %s, methods", info->acpi_node);
    for (unsigned i = 0; (method = storhost_adapter_acpi_method(adapter, i)) != NULL; i++)
        printf(" %s", method);
    printf("%s\n", storhost_adapter_acpi_method(adapter, 0) == NULL ? " none" : "");
}

/* Nothing for what is unknown. */
static void print_time(const char *name, uint64_t time_100ns)
{
    if (time_100ns != STORHOST_UNKNOWN_TIME)
        printf(", %s %.1f us", name, (double)time_100ns / 10);
}

static void print_performance(const char *indent, struct storhost_adapter *adapter)
{
    struct storhost_perf_set set = {.size = sizeof(set)};

    for (unsigned i = 0; storhost_perf_set_at(adapter, i, &set); i++) {
        printf("%s performance set %u (%s):", indent, i, set.unit);
        for (unsigned k = 0; k < (set.is_range ? 2 : set.count); k++)
            printf("%s%" PRIu64, set.is_range && k == 1 ? "-" : " ", set.values[k]);
        printf(", now %s%" PRIu64 "\n", set.is_range ? "" : "state ", set.current);
    }
}

/* What the driver has registered, of the adapter or a unit (not NULL). */
static void print_runtime_power(const char *indent, struct storhost_adapter *adapter,
                                struct storhost_unit *unit)
{
    struct storhost_power_info info = {.size = sizeof(info)};

    storhost_power_describe(adapter, unit, &info);
    if (!info.registered)
        return;
    printf("%s %s, F%u, D%u; %u F-state%s, D3 after %" PRIu32 " ms%s, activated %" PRIu64
           " times, slept %" PRIu64 " times\n",
           indent, info.active ? "active" : "idle", info.fstate, info.device_state,
           info.fstate_count, info.fstate_count == 1 ? "" : "s", info.idle_timeout_ms,
           info.d3_cold ? " (D3cold)" : "", info.activations, info.sleeps);
    for (unsigned i = 1; i < info.fstate_count; i++) {
        printf("%s F%u", indent, i);
        print_time("back in", info.fstates[i].latency_100ns);
        print_time("worth it from", info.fstates[i].residency_100ns);
        printf(", entered %" PRIu64 " times\n", info.fstates[i].entries);
    }
    if (unit == NULL)
        print_performance(indent, adapter);
}

static void print_disk(const struct storhost_unit_info *info)
{
    char capacity[32], limit[32];

    printf("    capacity      %s: %" PRIu64 " blocks of %" PRIu32 " bytes (physical %" PRIu32 ")\n",
           size_text(capacity, info->block_count * info->block_size), info->block_count,
           info->block_size, info->physical_block_size);
    if (info->removable)
        printf("    medium        removable, present\n");
    printf("    requests      depth %u, up to %s each\n", info->depth,
           size_text(limit, info->transfer_limit));
    printf("    writing       %s, cache %s, FUA %s, trim %s, zero %s\n",
           info->read_only ? "read only" : "allowed", info->write_cache ? "volatile" : "none",
           info->can_fua ? "yes" : "no", info->can_trim ? "yes" : "no",
           info->can_zero ? "yes" : "no");
}

static void print_unit(const struct session *session, size_t adapter, struct storhost_unit *unit)
{
    struct storhost_unit_info info = {.size = sizeof(info)};
    char name[64], protected_size[32];
    int error = storhost_unit_describe(unit, &info);

    unit_name(name, session, adapter, &info);
    printf("  unit %s: %s, %s %s %s", name, storhost_device_type_name(info.device_type),
           info.vendor, info.product, info.revision);
    printf(info.serial[0] != '\0' ? ", serial %s\n" : "%s\n", info.serial);
    if (info.rpmb_bytes != 0)
        printf("    protected     %s (RPMB)\n", size_text(protected_size, info.rpmb_bytes));
    if (error != 0)
        printf("    cannot be read: %s\n", storhost_unit_problem(error));
    else if (info.has_blocks)
        print_disk(&info);
    print_runtime_power("    idle         ", session->adapters[adapter], unit);
}

/* "0:0-3 1:0-3": the processors of a node by group. */
static void print_processors(unsigned node)
{
    struct storhost_processor_info info, last = {0};
    bool open = false;

    for (unsigned i = 0; storhost_processor_at(i, &info); i++) {
        if (info.node != node)
            continue;
        if (!open || info.group != last.group || info.number != last.number + 1) {
            printf("%s %u:%u", open ? "," : "", info.group, info.number);
            open = true;
        } else {
            struct storhost_processor_info next;
            bool goes_on = storhost_processor_at(i + 1, &next) && next.node == node &&
                           next.group == info.group;
            if (!goes_on)
                printf("-%u", info.number);
        }
        last = info;
    }
}

static void print_machine(void)
{
    struct storhost_machine_info info = {.size = sizeof(info)};
    struct storhost_node_info node;
    char memory[32];

    if (storhost_machine_describe(&info) != 0)
        return;
    printf(
        "machine: %u processor%s, %u group%s, %u node%s, %u package%s, %u core%s, %s of memory\n",
        info.processors, info.processors == 1 ? "" : "s", info.groups, info.groups == 1 ? "" : "s",
        info.nodes, info.nodes == 1 ? "" : "s", info.packages, info.packages == 1 ? "" : "s",
        info.cores, info.cores == 1 ? "" : "s", size_text(memory, info.memory_bytes));
    for (unsigned i = 0; info.nodes > 1 && storhost_node_at(i, &node); i++) {
        printf("  node %-10u %s, %s", i, size_text(memory, node.memory_bytes),
               node.processors == 0 ? "no processor" : "processors");
        print_processors(i);
        printf("\n");
    }
}

static void print_driver(const struct session *session)
{
    char *text;

    if (storhost_driver_describe(session->driver, false, &text) != 0)
        return;
    fputs(text, stdout);
    free(text);
}

static void print_text(const struct session *session)
{
    print_driver(session);
    for (size_t i = 0; i < session->adapter_count; i++) {
        struct storhost_adapter_info info = {.size = sizeof(info)};
        struct storhost_unit *unit;
        unsigned index = 0;

        storhost_adapter_describe(session->adapters[i], &info);
        print_adapter(i, session->adapters[i], &info);
        print_announced(&info);
        print_acpi(session->adapters[i], &info);
        print_state(session->adapters[i]);
        print_runtime_power("  idle           ", session->adapters[i], NULL);
        for (; (unit = storhost_unit_get(session->adapters[i], index)) != NULL; index++) {
            print_unit(session, i, unit);
            storhost_unit_release(unit);
        }
        if (index == 0)
            printf("  no logical units\n");
    }
    print_machine();
}

static bool print_json(const struct session *session)
{
    char *machine, *driver;

    if (storhost_machine_json(&machine) != 0) {
        message("the machine cannot be described");
        return false;
    }
    if (storhost_driver_describe(session->driver, true, &driver) != 0) {
        free(machine);
        message("the driver cannot be described");
        return false;
    }
    printf("{\"storhost\": \"%s\", \"machine\": %s,\n\"driver\": %s,\n\"adapters\": [",
           storhost_version(), machine, driver);
    free(machine);
    free(driver);
    for (size_t i = 0; i < session->adapter_count; i++) {
        char *json;
        int error = storhost_adapter_json(session->adapters[i], &json);
        if (error != 0) {
            message("adapter %zu cannot be described: %s", i, strerror(-error));
            return false;
        }
        printf("%s\n%s", i == 0 ? "" : ",", json);
        free(json);
    }
    printf("\n]}\n");
    return true;
}

int command_info(const struct arguments *arguments)
{
    struct session session;
    bool good = true;

    if (!session_start(&session, arguments))
        return EXIT_RUNTIME;
    if (arguments->json)
        good = print_json(&session);
    else
        print_text(&session);
    if (!session_stop(&session))
        good = false;
    return good ? EXIT_OK : EXIT_RUNTIME;
}

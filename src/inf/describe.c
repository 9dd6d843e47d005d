/*
 * describe.c - a plan for people: the choice, the service, each registry value with its place, what
 * is ignored.
 */
#include "inf/describe.h"
#include "nt/registry.h"

#include <string.h>

const char *const inf_root_names[] = {
    [INF_ROOT_SERVICE] = "service", [INF_ROOT_EVENT_LOG] = "event log",
    [INF_ROOT_DEVICE] = "device",   [INF_ROOT_INSTANCE] = "instance",
    [INF_ROOT_DRIVER] = "driver",   [INF_ROOT_MACHINE] = "machine",
};
const char *const inf_action_names[] = {
    [INF_SET] = "set",
    [INF_APPEND] = "append",
    [INF_CREATE_KEY] = "create key",
    [INF_DELETE_KEY] = "delete key",
    [INF_DELETE_VALUE] = "delete value",
    [INF_DELETE_STRING] = "delete string",
    [INF_SET_BITS] = "set bits",
    [INF_CLEAR_BITS] = "clear bits",
};

const char *inf_type_name(uint32_t type, char text[16])
{
    switch (type) {
    case NT_REGISTRY_NONE:
        return "NONE";
    case NT_REGISTRY_SZ:
        return "SZ";
    case NT_REGISTRY_EXPAND_SZ:
        return "EXPAND_SZ";
    case NT_REGISTRY_BINARY:
        return "BINARY";
    case NT_REGISTRY_DWORD:
        return "DWORD";
    case NT_REGISTRY_MULTI_SZ:
        return "MULTI_SZ";
    case NT_REGISTRY_QWORD:
        return "QWORD";
    default:
        snprintf(text, 16, "type 0x%X", type);
        return text;
    }
}

bool inf_operation_is_number(const struct inf_operation *operation)
{
    return (operation->type == NT_REGISTRY_DWORD && operation->size == 4) ||
           (operation->type == NT_REGISTRY_QWORD && operation->size == 8);
}

uint64_t inf_operation_number(const struct inf_operation *operation)
{
    uint64_t number = 0;

    for (size_t i = operation->size; i-- > 0;)
        number = number << 8 | operation->data[i];
    return number;
}

static void print_value(FILE *out, const struct inf_operation *operation)
{
    char text[16];

    fprintf(out, " %s", inf_type_name(operation->type, text));
    for (unsigned i = 0; i < operation->string_count; i++)
        fprintf(out, "%s \"%s\"", i ? "," : "", operation->strings[i]);
    if (inf_operation_is_number(operation)) {
        uint64_t number = inf_operation_number(operation);
        fprintf(out, " 0x%llX (%llu)", (unsigned long long)number, (unsigned long long)number);
    } else {
        for (size_t i = 0; i < operation->size; i++)
            fprintf(out, " %02X", operation->data[i]);
    }
}

static void print_operation(FILE *out, const struct inf_operation *operation)
{
    fprintf(out, "  %s", inf_root_names[operation->root]);
    if (*operation->key)
        fprintf(out, "\\%s", operation->key);
    switch (operation->action) {
    case INF_CREATE_KEY:
    case INF_DELETE_KEY:
        fprintf(out, ": %s", inf_action_names[operation->action]);
        break;
    default:
        fprintf(out, ": %s", *operation->name ? operation->name : "(unnamed)");
        if (operation->action == INF_SET)
            fprintf(out, " =");
        else
            fprintf(out, ": %s", inf_action_names[operation->action]);
        if (operation->action == INF_SET_BITS || operation->action == INF_CLEAR_BITS)
            fprintf(out, " 0x%02X of byte %u", operation->data[0], operation->byte);
        else if (operation->action != INF_DELETE_VALUE)
            print_value(out, operation);
        break;
    }
    if (operation->keep_existing)
        fprintf(out, ", unless it is there");
    if (operation->only_existing)
        fprintf(out, ", if it is there");
    fprintf(out, "  (%s:%u)\n", operation->file->name, operation->number);
}

const char *inf_match_name(uint32_t rank)
{
    static const char *const names[] = {
        "its hardware id is a hardware id of the device",
        "a compatible id of it is a hardware id of the device",
        "its hardware id is a compatible id of the device",
        "a compatible id of it is a compatible id of the device",
    };

    return names[rank >> 12 & 3];
}

static void print_interrupts(FILE *out, const struct inf_plan *plan)
{
    static const char key[] = "Interrupt Management\\MessageSignaledInterruptProperties";
    uint32_t value = 0, limit;

    if (!inf_plan_device_dword(plan, key, "MSISupported", &value) || !value)
        fprintf(out, "interrupts      the line: MSISupported is not set\n");
    else if (inf_plan_device_dword(plan, key, "MessageNumberLimit", &limit))
        fprintf(out, "interrupts      messages, at most %u\n", limit);
    else
        fprintf(out, "interrupts      messages, as many as the device has\n");
}

static void print_model(FILE *out, const struct inf_plan *plan)
{
    const struct inf_model *model = plan->model;

    fprintf(out, "model           %s  (%s:%u)\n", model->description, model->file->name,
            model->number);
    fprintf(out, "  manufacturer  %s, models in [%s]\n", model->manufacturer, model->section);
    if (plan->ids && !plan->ids->no_device)
        fprintf(out, "  matches       %s, rank 0x%08X: %s\n", plan->matched, plan->rank,
                inf_match_name(plan->rank));
    else if (plan->ids)
        fprintf(out, "  matches       %s: it is on no bus\n", plan->matched);
    fprintf(out, "  installed by  [%s]  (%s:%u)\n", plan->install->name, plan->file->name,
            plan->install->number);
}

void inf_describe(FILE *out, const struct inf_plan *plan)
{
    print_model(out, plan);
    fprintf(out, "service         %s  (%s:%u)\n", plan->service, plan->service_file->name,
            plan->service_number);
    fprintf(out, "  binary        %s%s, as %s\n", plan->source_directory, plan->source_name,
            plan->image_path);
    fprintf(out, "  start         %u, error control %u%s%s\n", plan->start_type,
            plan->error_control, *plan->load_order_group ? ", group " : "", plan->load_order_group);
    print_interrupts(out, plan);
    fprintf(out, "registry        %u values\n", plan->operation_count);
    for (unsigned i = 0; i < plan->operation_count; i++)
        print_operation(out, plan->operations[i]);
}

void inf_describe_file(FILE *out, const struct inf_plan *plan)
{
    fprintf(out, "%s: %s, %s, version %s\n", plan->file->name,
            plan->class_name ? plan->class_name : "no class",
            plan->provider ? plan->provider : "no provider",
            plan->version ? plan->version : "unknown");
}

void inf_describe_models(FILE *out, const struct inf_model *const *models, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const struct inf_model *model = models[i];
        fprintf(out, "model           %s  (%s:%u)\n", model->description, model->file->name,
                model->number);
        fprintf(out, "  manufacturer  %s, models in [%s], installed by [%s]\n", model->manufacturer,
                model->section, model->install);
        for (unsigned id = 0; id < model->id_count; id++)
            if (*model->ids[id])
                fprintf(out, "  %s %s\n", id ? "compatible id" : "hardware id  ", model->ids[id]);
    }
}

void inf_describe_notes(FILE *out, const struct inf_set *set)
{
    if (set->note_count)
        fprintf(out, "notes\n");
    for (unsigned i = 0; i < set->note_count; i++)
        fprintf(out, "  %s\n", set->notes[i]);
}

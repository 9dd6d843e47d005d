/*
 * describe_json.c - the same for programs.
 *
 * The text of a file is UTF-8 when it has been read, so that only quotation marks, backslashes and
 * control characters need care.
 */
#include "inf/describe.h"
#include "nt/registry.h"

#include <string.h>

static void put_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; text && *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < 0x20 || *text == 0x7F)
            fprintf(out, "\\u%04x", (unsigned char)*text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

/* Members of an object; the first one is without the comma. */
static void put_member(FILE *out, const char *lead, const char *key, const char *text)
{
    fprintf(out, "%s\"%s\": ", lead, key);
    put_text(out, text);
}

static void put_model(FILE *out, const struct inf_model *model)
{
    put_member(out, "{", "description", model->description);
    put_member(out, ", ", "manufacturer", model->manufacturer);
    put_member(out, ", ", "section", model->section);
    put_member(out, ", ", "install", model->install);
    fprintf(out, ", \"line\": %u, \"ids\": [", model->number);
    for (unsigned i = 0; i < model->id_count; i++) {
        fputs(i ? ", " : "", out);
        put_text(out, model->ids[i]);
    }
    fputs("]}", out);
}

static void put_data(FILE *out, const struct inf_operation *operation)
{
    char text[16];

    put_member(out, ", ", "type", inf_type_name(operation->type, text));
    if (inf_operation_is_number(operation)) {
        fprintf(out, ", \"data\": %llu", (unsigned long long)inf_operation_number(operation));
        return;
    }
    fputs(", \"data\": ", out);
    if (operation->type == NT_REGISTRY_SZ || operation->type == NT_REGISTRY_EXPAND_SZ) {
        put_text(out, operation->strings[0]);
        return;
    }
    fputc('[', out);
    for (unsigned i = 0; i < operation->string_count; i++) {
        fputs(i ? ", " : "", out);
        put_text(out, operation->strings[i]);
    }
    for (size_t i = 0; i < operation->size; i++)
        fprintf(out, "%s%u", i ? ", " : "", operation->data[i]);
    fputc(']', out);
}

static void put_operation(FILE *out, const struct inf_operation *operation)
{
    bool of_key = operation->action == INF_CREATE_KEY || operation->action == INF_DELETE_KEY;

    put_member(out, "{", "action", inf_action_names[operation->action]);
    put_member(out, ", ", "root", inf_root_names[operation->root]);
    put_member(out, ", ", "key", operation->key);
    if (!of_key)
        put_member(out, ", ", "name", operation->name);
    if (operation->action == INF_SET_BITS || operation->action == INF_CLEAR_BITS)
        fprintf(out, ", \"mask\": %u, \"byte\": %u", operation->data[0], operation->byte);
    else if (!of_key && operation->action != INF_DELETE_VALUE)
        put_data(out, operation);
    fprintf(out, ", \"keep_existing\": %s, \"only_existing\": %s",
            operation->keep_existing ? "true" : "false",
            operation->only_existing ? "true" : "false");
    put_member(out, ", ", "file", operation->file->name);
    fprintf(out, ", \"line\": %u}", operation->number);
}

void inf_describe_json(FILE *out, const struct inf_plan *plan)
{
    fputs("{\"model\": ", out);
    put_model(out, plan->model);
    put_member(out, ",\n   ", "matched", plan->matched);
    fprintf(out, ", \"rank\": %u", plan->rank);
    put_member(out, ",\n   ", "install", plan->install->name);
    put_member(out, ",\n   ", "service", plan->service);
    put_member(out, ", ", "binary", plan->binary);
    put_member(out, ", ", "source", plan->source_name);
    put_member(out, ", ", "directory", plan->source_directory);
    put_member(out, ", ", "image_path", plan->image_path);
    put_member(out, ", ", "group", plan->load_order_group);
    fprintf(out, ", \"type\": %u, \"start\": %u, \"error_control\": %u,\n   \"registry\": [",
            plan->service_type, plan->start_type, plan->error_control);
    for (unsigned i = 0; i < plan->operation_count; i++) {
        fputs(i ? ",\n    " : "\n    ", out);
        put_operation(out, plan->operations[i]);
    }
    fputs("]}", out);
}

void inf_describe_file_json(FILE *out, const struct inf_plan *plan)
{
    put_member(out, "{", "file", plan->file->name);
    put_member(out, ", ", "class", plan->class_name);
    put_member(out, ", ", "provider", plan->provider);
    put_member(out, ", ", "version", plan->version);
}

void inf_describe_models_json(FILE *out, const struct inf_model *const *models, unsigned count)
{
    fputs(",\n \"models\": [", out);
    for (unsigned i = 0; i < count; i++) {
        fputs(i ? ",\n  " : "\n  ", out);
        put_model(out, models[i]);
    }
    fputs("]", out);
}

void inf_describe_notes_json(FILE *out, const struct inf_set *set)
{
    fputs(",\n \"notes\": [", out);
    for (unsigned i = 0; i < set->note_count; i++) {
        fputs(i ? ",\n  " : "\n  ", out);
        put_text(out, set->notes[i]);
    }
    fputs("]}\n", out);
}

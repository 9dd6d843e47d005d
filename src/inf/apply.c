/*
 * apply.c - a plan's values into the machine's registry.
 */
#include "inf/inf.h"
#include "nt/registry.h"
#include "nt/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_BYTES = 1024 };

/* ---- values as the registry has them ---- */

struct bytes {
    unsigned char *data;
    size_t size;
};

/* The text as UTF-16 behind what there is, with its terminator. */
static int append_text(struct bytes *bytes, const char *text)
{
    size_t units, size;
    uint16_t *wide = text_to_utf16(text, &units);

    if (!wide)
        return -ENOMEM;
    size = 2 * (units + 1);
    unsigned char *longer = realloc(bytes->data, bytes->size + size);
    if (longer) {
        memcpy(longer + bytes->size, wide, size);
        bytes->data = longer;
        bytes->size += size;
    }
    free(wide);
    return longer ? 0 : -ENOMEM;
}

static bool is_text(uint32_t type)
{
    return type == NT_REGISTRY_SZ || type == NT_REGISTRY_EXPAND_SZ || type == NT_REGISTRY_MULTI_SZ;
}

static int set_strings(const char *key, const char *name, uint32_t type, const char *const *strings,
                       unsigned count)
{
    struct bytes bytes = {0};
    int error = 0;

    for (unsigned i = 0; i < count && !error; i++)
        if (type != NT_REGISTRY_MULTI_SZ || *strings[i]) /* an empty one would end the list */
            error = append_text(&bytes, strings[i]);
    if (!error && type == NT_REGISTRY_MULTI_SZ)
        error = append_text(&bytes, "");
    if (!error)
        error = nt_registry_set(key, name, type, bytes.data, bytes.size);
    free(bytes.data);
    return error;
}

/* ---- lists of strings that are there already ---- */

struct list {
    char **strings;
    unsigned count;
};

static void list_free(struct list *list)
{
    for (unsigned i = 0; i < list->count; i++)
        free(list->strings[i]);
    free(list->strings);
}

static int list_add(struct list *list, char *text)
{
    char **longer = realloc(list->strings, (list->count + 1) * sizeof(*longer));

    if (!text || !longer) {
        free(text);
        list->strings = longer ? longer : list->strings;
        return -ENOMEM;
    }
    list->strings = longer;
    longer[list->count++] = text;
    return 0;
}

/* Nothing when there is no value, or one of another type: both are replaced. */
static int list_read(struct list *list, const char *key, const char *name)
{
    size_t size = 0;
    uint32_t type;
    int error = 0;

    *list = (struct list){0};
    if (nt_registry_get(key, name, &type, NULL, &size) != -ENOSPC || type != NT_REGISTRY_MULTI_SZ)
        return 0;
    uint16_t *wide = calloc(1, size + 2);
    if (!wide)
        return -ENOMEM;
    if (nt_registry_get(key, name, &type, wide, &size))
        size = 0;
    for (size_t at = 0, units = size / 2; at < units && wide[at] && !error;) {
        size_t length = 0;
        while (at + length < units && wide[at + length])
            length++;
        error = list_add(list, text_from_utf16(wide + at, length));
        at += length + 1;
    }
    free(wide);
    return error;
}

static bool list_has(const char *const *strings, unsigned count, const char *text)
{
    for (unsigned i = 0; i < count; i++)
        if (inf_equal(strings[i], text))
            return true;
    return false;
}

static int list_change(const struct inf_operation *operation, const char *key)
{
    struct list list, kept = {0};
    int error = list_read(&list, key, operation->name);
    bool deletes = operation->action == INF_DELETE_STRING;

    for (unsigned i = 0; i < list.count && !error; i++)
        if (!deletes || !list_has(operation->strings, operation->string_count, list.strings[i]))
            error = list_add(&kept, strdup(list.strings[i]));
    for (unsigned i = 0; i < operation->string_count && !error && !deletes; i++)
        if (!list_has((const char *const *)kept.strings, kept.count, operation->strings[i]))
            error = list_add(&kept, strdup(operation->strings[i]));
    if (!error && (!deletes || list.count))
        error = set_strings(key, operation->name, NT_REGISTRY_MULTI_SZ,
                            (const char *const *)kept.strings, kept.count);
    list_free(&list);
    list_free(&kept);
    return error;
}

/* ---- operations ---- */

static bool value_exists(const char *key, const char *name)
{
    size_t size = 0;

    return nt_registry_get(key, name, NULL, NULL, &size) != -ENOENT;
}

static int value_set(const struct inf_operation *operation, const char *key)
{
    bool exists = value_exists(key, operation->name);

    if ((exists && operation->keep_existing) || (!exists && operation->only_existing))
        return 0;
    if (is_text(operation->type))
        return set_strings(key, operation->name, operation->type, operation->strings,
                           operation->string_count);
    return nt_registry_set(key, operation->name, operation->type, operation->data, operation->size);
}

/* Only of a binary value that is there and long enough. */
static int bits_change(const struct inf_operation *operation, const char *key)
{
    size_t size = 0;
    uint32_t type;

    if (nt_registry_get(key, operation->name, &type, NULL, &size) != -ENOSPC ||
        type != NT_REGISTRY_BINARY || operation->byte >= size)
        return 0;
    unsigned char *bytes = malloc(size);
    if (!bytes)
        return -ENOMEM;
    int error = nt_registry_get(key, operation->name, &type, bytes, &size);
    if (!error && operation->action == INF_SET_BITS)
        bytes[operation->byte] |= operation->data[0];
    else if (!error)
        bytes[operation->byte] &= (unsigned char)~operation->data[0];
    if (!error)
        error = nt_registry_set(key, operation->name, type, bytes, size);
    free(bytes);
    return error;
}

static int gone_is_good(int error)
{
    return error == -ENOENT ? 0 : error;
}

static int operation_run(const struct inf_operation *operation, const char *key)
{
    switch (operation->action) {
    case INF_SET:
        return value_set(operation, key);
    case INF_APPEND:
    case INF_DELETE_STRING:
        return list_change(operation, key);
    case INF_CREATE_KEY:
        return nt_registry_create_key(key);
    case INF_DELETE_KEY:
        return gone_is_good(nt_registry_delete_key(key));
    case INF_DELETE_VALUE:
        return gone_is_good(nt_registry_delete_value(key, operation->name));
    case INF_SET_BITS:
    case INF_CLEAR_BITS:
        return bits_change(operation, key);
    }
    return -EINVAL;
}

/* Where a root is; NULL: not of this part of the plan. */
struct places {
    const char *of_root[INF_ROOT_MACHINE + 1];
};

static int operations_run(const struct inf_plan *plan, const struct places *places)
{
    int error = 0;

    for (unsigned i = 0; i < plan->operation_count && !error; i++) {
        const struct inf_operation *operation = plan->operations[i];
        const char *root = places->of_root[operation->root];
        char key[KEY_BYTES];
        if (!root)
            continue;
        snprintf(key, sizeof(key), "%s%s%s", root, *root && *operation->key ? "\\" : "",
                 operation->key);
        error = operation_run(operation, key);
        if (error)
            (void)inf_refuse(operation->file, operation->number,
                             "the registry does not take '%s', '%s': %s", key, operation->name,
                             strerror(-error));
    }
    return error;
}

static int out_of_memory(const struct inf_plan *plan, int error)
{
    return error ? inf_no_memory(plan->set) : 0;
}

int inf_apply_service(const struct inf_plan *plan)
{
    char key[KEY_BYTES];
    struct places places = {{[INF_ROOT_SERVICE] = key,
                             [INF_ROOT_EVENT_LOG] = plan->event_log,
                             [INF_ROOT_MACHINE] = ""}};

    snprintf(key, sizeof(key), "Services\\%s", plan->service);
    int error = nt_registry_set_dword(key, "Type", plan->service_type);
    if (!error)
        error = nt_registry_set_dword(key, "Start", plan->start_type);
    if (!error)
        error = nt_registry_set_dword(key, "ErrorControl", plan->error_control);
    if (!error)
        error = set_strings(key, "ImagePath", NT_REGISTRY_EXPAND_SZ, &plan->image_path, 1);
    if (!error && *plan->display_name)
        error = nt_registry_set_string(key, "DisplayName", plan->display_name);
    if (!error && *plan->load_order_group)
        error = nt_registry_set_string(key, "Group", plan->load_order_group);
    return error ? out_of_memory(plan, error) : operations_run(plan, &places);
}

/* What an installation leaves beside the values of the file. */
static int describe_device(const struct inf_plan *plan, const char *instance_key,
                           const char *driver_key)
{
    static const char class_key[] = "Control\\Class\\";
    const struct {
        const char *key, *name, *text;
    } values[] = {
        {instance_key, "DeviceDesc", plan->model->description},
        {instance_key, "Mfg", plan->model->manufacturer},
        {instance_key, "Service", plan->service},
        {instance_key, "ClassGUID", plan->class_guid},
        {instance_key, "Driver", driver_key + sizeof(class_key) - 1},
        {driver_key, "DriverDesc", plan->model->description},
        {driver_key, "ProviderName", plan->provider},
        {driver_key, "InfPath", plan->file->name},
        {driver_key, "InfSection", plan->model->install},
        {driver_key, "MatchingDeviceId", plan->matched},
    };
    int error = 0;

    for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]) && !error; i++)
        if (values[i].text)
            error = nt_registry_set_string(values[i].key, values[i].name, values[i].text);
    if (!error && plan->ids)
        error = set_strings(instance_key, "HardwareID", NT_REGISTRY_MULTI_SZ, plan->ids->hardware,
                            plan->ids->hardware_count);
    if (!error && plan->ids)
        error = set_strings(instance_key, "CompatibleIDs", NT_REGISTRY_MULTI_SZ,
                            plan->ids->compatible, plan->ids->compatible_count);
    return out_of_memory(plan, error);
}

int inf_apply_device(const struct inf_plan *plan, const char *instance_key, const char *driver_key)
{
    char device_key[KEY_BYTES];
    struct places places = {{[INF_ROOT_DEVICE] = device_key,
                             [INF_ROOT_INSTANCE] = instance_key,
                             [INF_ROOT_DRIVER] = driver_key}};
    int error = describe_device(plan, instance_key, driver_key);

    snprintf(device_key, sizeof(device_key), "%s\\Device Parameters", instance_key);
    return error ? error : operations_run(plan, &places);
}

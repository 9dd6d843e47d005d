/*
 * inf.c - drivers that come with an INF file: the model is chosen by the device, the registry is
 * filled before the driver's first instruction, and then it is a module like any other.
 *
 * Rule: one INF file is one service. It is installed once, for the first device; further devices of
 * it get their own keys, and one that would need another service is refused.
 */
#include "inf/inf.h"
#include "api/api_internal.h"
#include "bus/identity.h"
#include "hive/hive.h"
#include "nt/print.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a device is called, in the form that the plan takes. */
struct device_ids {
    struct bus_identity identity;
    const char *hardware[BUS_IDS_MAX], *compatible[BUS_IDS_MAX];
    struct inf_ids ids;
};

struct api_inf {
    struct inf_set set;
    char reason[sizeof(((struct storhost_error *)NULL)->text)]; /* of the set */
    struct inf_file *file;
    struct inf_plan plan; /* the service's, made for the first device */
    struct device_ids ids;
    /* The first device, until its adapter takes it. */
    struct port_device *kept;
    char *device;
    char **drives;
    size_t drive_count;
    struct sys_mutex mutex; /* of the set's memory and reason, once the driver is loaded */
};

struct api_inf_start {
    struct api_inf *inf;
    struct inf_plan plan;
    struct device_ids ids;
};

bool api_path_is_inf(const char *path)
{
    const char *suffix = strrchr(path, '.');

    return suffix != NULL && (strcasecmp(suffix, ".inf") == 0 || strcasecmp(suffix, ".inx") == 0);
}

/* ---- ids ---- */

static void ids_of_device(struct device_ids *ids, struct port_device *device)
{
    *ids = (struct device_ids){.ids.no_device = device == NULL};
    if (device == NULL)
        return;
    bus_identity_read(port_device_bus(device), &ids->identity);
    for (unsigned i = 0; i < ids->identity.hardware_count; i++)
        ids->hardware[i] = ids->identity.hardware_ids[i];
    for (unsigned i = 0; i < ids->identity.compatible_count; i++)
        ids->compatible[i] = ids->identity.compatible_ids[i];
    ids->ids = (struct inf_ids){
        .hardware = ids->hardware,
        .hardware_count = ids->identity.hardware_count,
        .compatible = ids->compatible,
        .compatible_count = ids->identity.compatible_count,
    };
}

static void ids_of_text(struct device_ids *ids, const char *id)
{
    *ids = (struct device_ids){.hardware = {id}};
    ids->ids = (struct inf_ids){.hardware = ids->hardware, .hardware_count = 1};
}

static bool is_none(const char *device)
{
    return device == NULL || strcmp(device, "none") == 0;
}

/* ---- the file ---- */

static int inf_open(struct api_inf **ret_inf, const char *path, char *reason, size_t reason_size)
{
    struct api_inf *inf = calloc(1, sizeof(*inf));

    if (inf == NULL)
        return -ENOMEM;
    inf_set_initialize(&inf->set, inf->reason, sizeof(inf->reason));
    int error = inf_file_read(&inf->file, &inf->set, path);
    if (error == 0) {
        *ret_inf = inf;
        return 0;
    }
    snprintf(reason, reason_size, "%s", inf->reason);
    api_inf_free(inf);
    return error;
}

void api_inf_free(struct api_inf *inf)
{
    if (inf == NULL)
        return;
    port_device_close(inf->kept);
    free(inf->device);
    for (size_t i = 0; i < inf->drive_count; i++)
        free(inf->drives[i]);
    free(inf->drives);
    inf_set_free(&inf->set);
    free(inf);
}

/* ---- the first device ---- */

static int device_remember(struct api_inf *inf, const struct storhost_driver_options *options)
{
    inf->device = strdup(options->device);
    inf->drives = calloc(options->drive_count + 1, sizeof(char *));
    if (inf->device == NULL || inf->drives == NULL)
        return -ENOMEM;
    for (; inf->drive_count < options->drive_count; inf->drive_count++) {
        inf->drives[inf->drive_count] = strdup(options->drives[inf->drive_count]);
        if (inf->drives[inf->drive_count] == NULL)
            return -ENOMEM;
    }
    return 0;
}

static int device_open(struct api_inf *inf, const struct storhost_driver_options *options,
                       char *reason, size_t reason_size)
{
    int error = 0;

    if (!is_none(options->device)) {
        error = device_remember(inf, options);
        if (error == 0)
            error = port_device_open(&inf->kept, options->device, options->drives,
                                     options->drive_count, reason, reason_size);
    }
    if (error == 0)
        ids_of_device(&inf->ids, inf->kept);
    return error;
}

static bool is_kept(const struct api_inf *inf, const struct port_adapter_options *options)
{
    if (inf->kept == NULL || strcmp(inf->device, options->device) != 0 ||
        inf->drive_count != options->drive_count)
        return false;
    for (size_t i = 0; i < inf->drive_count; i++) {
        if (strcmp(inf->drives[i], options->drives[i]) != 0)
            return false;
    }
    return true;
}

/* ---- loading ---- */

/* From the device to a driver that has been told nothing yet but where its registry is. */
static int driver_load(struct port_driver **ret_driver, struct api_inf *inf,
                       const struct storhost_driver_options *options, char *reason,
                       size_t reason_size)
{
    const char *module = options->module, *other = NULL;
    int error = inf_plan_make(&inf->plan, inf->file, &inf_system_ours, &inf->ids.ids);

    if (error == 0 && options->service != NULL)
        inf->plan.service = options->service;
    if (error == 0 && module == NULL)
        error = inf_plan_driver(&inf->plan, &module, &other);
    if (error == 0 && other != NULL)
        nt_print("%s: the driver is %s, not %s, which is there too; --module names another",
                 options->path, module, other);
    if (error == 0) {
        error = hive_take_service(inf->plan.service, reason, reason_size);
        if (error != 0)
            return error;
        error = inf_apply_service(&inf->plan);
    }
    if (error != 0) {
        snprintf(reason, reason_size, "%s", inf->reason);
        return error;
    }
    struct port_driver_options port_options = {
        .path = module,
        .service = inf->plan.service,
        .settings = options->settings,
        .setting_count = options->setting_count,
    };
    return port_driver_load(ret_driver, &port_options, reason, reason_size);
}

int api_inf_load(struct port_driver **ret_driver, struct api_inf **ret_inf,
                 const struct storhost_driver_options *options, char *reason, size_t reason_size)
{
    struct api_inf *inf;
    int error = inf_open(&inf, options->path, reason, reason_size);

    if (error != 0)
        return error;
    error = device_open(inf, options, reason, reason_size);
    if (error == 0)
        error = driver_load(ret_driver, inf, options, reason, reason_size);
    if (error == 0) {
        /* The caller's, and not for longer than the call. */
        inf->plan.service = port_driver_service(*ret_driver);
        *ret_inf = inf;
    } else {
        api_inf_free(inf);
    }
    return error;
}

/* ---- adapters ---- */

static int install(void *context, const char *instance_key, const char *driver_key, char *reason,
                   size_t reason_size)
{
    struct api_inf_start *start = context;

    sys_mutex_lock(&start->inf->mutex);
    int error = inf_apply_device(&start->plan, instance_key, driver_key);
    if (error != 0)
        snprintf(reason, reason_size, "%s", start->inf->reason);
    sys_mutex_unlock(&start->inf->mutex);
    return error;
}

static int device_take(struct port_device **ret_device, struct api_inf *inf,
                       const struct port_adapter_options *options, char *reason, size_t reason_size)
{
    *ret_device = NULL;
    sys_mutex_lock(&inf->mutex);
    if (is_kept(inf, options)) {
        *ret_device = inf->kept;
        inf->kept = NULL;
    }
    sys_mutex_unlock(&inf->mutex);
    if (*ret_device != NULL || is_none(options->device))
        return 0;
    return port_device_open(ret_device, options->device, options->drives, options->drive_count,
                            reason, reason_size);
}

static int start_plan(struct api_inf_start *start, char *reason, size_t reason_size)
{
    struct api_inf *inf = start->inf;

    sys_mutex_lock(&inf->mutex);
    int error = inf_plan_make(&start->plan, inf->file, &inf_system_ours, &start->ids.ids);
    if (error == 0 && !inf_equal(start->plan.binary, inf->plan.binary))
        error = inf_refuse(inf->file, start->plan.service_number,
                           "this device's service is %s, not %s: serve it by itself",
                           start->plan.service, inf->plan.service);
    if (error != 0)
        snprintf(reason, reason_size, "%s", inf->reason);
    sys_mutex_unlock(&inf->mutex);
    return error;
}

int api_inf_prepare(struct api_inf_start **ret_start, struct api_inf *inf,
                    struct port_adapter_options *options, char *reason, size_t reason_size)
{
    struct api_inf_start *start = calloc(1, sizeof(*start));
    struct port_device *device;

    if (start == NULL)
        return -ENOMEM;
    start->inf = inf;
    int error = device_take(&device, inf, options, reason, reason_size);
    if (error != 0) {
        free(start);
        return error;
    }
    ids_of_device(&start->ids, device);
    error = start_plan(start, reason, reason_size);
    if (error != 0) {
        port_device_close(device);
        free(start);
        return error;
    }
    options->opened = device;
    options->install = install;
    options->install_context = start;
    *ret_start = start;
    return 0;
}

/* ---- what it would do ---- */

static int report_write(char **ret_text, struct api_inf *inf, const struct inf_ids *ids, bool json)
{
    size_t size;
    FILE *out = open_memstream(ret_text, &size);

    if (out == NULL)
        return inf_no_memory(&inf->set);
    int error = inf_report(out, inf->file, &inf_system_ours, ids, json);
    bool failed = ferror(out) != 0;
    failed |= fclose(out) != 0;
    if (error == 0 && failed)
        error = inf_no_memory(&inf->set);
    if (error != 0)
        free(*ret_text);
    return error;
}

/* *ret_ids NULL: for every device. */
static int ids_choose(const struct inf_ids **ret_ids, struct device_ids *ids,
                      const struct storhost_inf_options *options, char *reason, size_t reason_size)
{
    struct port_device *device = NULL;

    *ret_ids = options->id != NULL || options->device != NULL ? &ids->ids : NULL;
    if (options->id != NULL) {
        ids_of_text(ids, options->id);
        return 0;
    }
    if (!is_none(options->device)) {
        int error = port_device_open(&device, options->device, options->drives,
                                     options->drive_count, reason, reason_size);
        if (error != 0)
            return error;
    }
    ids_of_device(ids, device);
    port_device_close(device);
    return 0;
}

STORHOST_API int storhost_inf_describe(const struct storhost_inf_options *options, char **ret_text,
                                       struct storhost_error *error)
{
    char reason[sizeof(error->text)] = "";
    const struct inf_ids *ids;
    struct device_ids storage;
    struct api_inf *inf;
    char *text = NULL;

    if (options->size != sizeof(*options) || (!is_none(options->device) && !api_is_running()))
        return api_options_check(options->size, sizeof(*options), "storhost_inf_describe", error);
    int result = inf_open(&inf, options->path, reason, sizeof(reason));
    if (result != 0) {
        api_error(error, "%s", reason[0] != '\0' ? reason : strerror(-result));
        return result;
    }
    result = ids_choose(&ids, &storage, options, reason, sizeof(reason));
    if (result != 0)
        snprintf(inf->reason, sizeof(inf->reason), "%s", reason);
    else
        result = report_write(&text, inf, ids, options->json);
    if (result != 0)
        api_error(error, "%s", inf->reason);
    else
        *ret_text = text;
    api_inf_free(inf);
    return result;
}

/*
 * model.c - the backend `model:NAME[,OPTION=VALUE...]`: finds the model that a SPEC names.
 */
#include "bus/model/model.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct model *const models[] = {
    &model_absent,
    &model_scratch,
};

enum { MODEL_COUNT = sizeof(models) / sizeof(models[0]) };
_Static_assert(MODEL_COUNT == 2, "the reason below names two");

static const struct model *model_find(const char *name, size_t length)
{
    for (size_t i = 0; i < MODEL_COUNT; i++) {
        if (strlen(models[i]->name) == length && memcmp(models[i]->name, name, length) == 0)
            return models[i];
    }
    return NULL;
}

static int model_open(struct bus_device **ret_device, const struct bus_open_options *options)
{
    size_t length = strcspn(options->arguments, ",");
    const struct model *model = model_find(options->arguments, length);
    if (model == NULL) {
        snprintf(options->reason, options->reason_size,
                 "device 'model:%s': there is no such model; use model:%s or model:%s",
                 options->arguments, models[0]->name, models[1]->name);
        return -EINVAL;
    }
    if (options->drive_count > 0) {
        snprintf(options->reason, options->reason_size,
                 "device 'model:%s': a model stores nothing; leave out --drive",
                 options->arguments);
        return -EINVAL;
    }
    const char *arguments = options->arguments + length;
    return model->open(ret_device, arguments[0] == ',' ? arguments + 1 : arguments, options);
}

static const struct bus_backend model_backend = {
    .name = "model",
    .help = "model:absent[,vendor=ID,...]   any PCI function, which answers nothing; "
            "model:scratch[,vectors=N]   one for tests",
    .open = model_open,
};
BUS_BACKEND(model_backend);

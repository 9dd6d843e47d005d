/*
 * inf.h - what an INF file says of a driver: which of its models is meant, and what an installation
 * of that model would do.
 *
 * Nothing is installed: a plan is made, looked at (inf_report), and the part of it that is
 * registry values is put into the machine's registry (inf_apply_...).
 */
#ifndef STORHOST_INF_INF_H
#define STORHOST_INF_INF_H

#include "inf/file.h"

#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the system that it is for (system.c) ---- */

/* amd64, always. */
struct inf_system {
    unsigned major, minor, build, product_type, suite_mask;
};
/* What the machine says that it is. */
extern const struct inf_system inf_system_ours;

/* "NTamd64.10.0...16299"; -1: not given. */
struct inf_target {
    bool has_architecture;
    int64_t major, minor, product_type, suite_mask, build;
};
enum inf_fit { INF_MALFORMED, INF_UNFIT, INF_FITS };
/* What a TargetOSVersion decoration means to the system. */
enum inf_fit inf_target_parse(struct inf_target *ret_target, const char *decoration,
                              const struct inf_system *system);
/* Of two that fit: `left` is closer to the system. */
bool inf_target_is_closer(const struct inf_target *left, const struct inf_target *right);

/* The section of that name with the decoration that is closest to the system, else the plain one
 * (NULL: none of them is there). */
const struct inf_section *inf_install_section(const struct inf_file *file, const char *name,
                                              const struct inf_system *system);

/* ---- models (models.c) ---- */

struct inf_model {
    const struct inf_file *file;
    const struct inf_system *system;
    unsigned number; /* its line */
    const char *manufacturer, *section, *description, *install;
    const char *const *ids; /* the hardware id, then compatible ones; "" where one is left out */
    unsigned id_count;
};
/* Those of the sections that fit the system, in the order of the file. 0; -EINVAL, -ENOMEM with a
 * reason. */
int inf_models(const struct inf_model ***ret_models, unsigned *ret_count,
               const struct inf_file *file, const struct inf_system *system);

/* What a device is called, from the most specific id on. */
struct inf_ids {
    const char *const *hardware, *const *compatible;
    unsigned hardware_count, compatible_count;
    /* There is no device: a model that is on no bus is meant ("Root\\..."). */
    bool no_device;
};
enum { INF_NO_MATCH = UINT32_MAX };
/* The rank of the best match, lower is better (identifier score and FeatureScore; there are no
 * signatures). *ret_id: which of the model's ids it is. */
uint32_t inf_rank(const struct inf_model *model, const struct inf_ids *ids, unsigned *ret_id);

/* ---- the plan (plan.c, service.c, registry.c) ---- */

enum inf_root {
    INF_ROOT_SERVICE,   /* Services\NAME */
    INF_ROOT_EVENT_LOG, /* Services\EventLog\System\NAME */
    INF_ROOT_DEVICE,    /* Device Parameters of the device's instance */
    INF_ROOT_INSTANCE,  /* the instance itself */
    INF_ROOT_DRIVER,    /* the device's driver key below Control\Class */
    INF_ROOT_MACHINE,   /* HKLM\System\CurrentControlSet */
};

enum inf_action {
    INF_SET,
    INF_APPEND,     /* strings to a REG_MULTI_SZ, those that it does not have */
    INF_CREATE_KEY, /* and nothing else */
    INF_DELETE_KEY, /* with all below it */
    INF_DELETE_VALUE,
    INF_DELETE_STRING, /* from a REG_MULTI_SZ */
    INF_SET_BITS,      /* of one byte of a REG_BINARY that exists */
    INF_CLEAR_BITS,
};

/* Types as the registry has them; `strings` for the textual ones, `data` for the others. */
struct inf_operation {
    enum inf_action action;
    enum inf_root root;
    const char *key;  /* below the root; "" the root itself */
    const char *name; /* "" the unnamed value */
    uint32_t type;
    const char *const *strings;
    unsigned string_count;
    const unsigned char *data;
    size_t size;
    bool keep_existing; /* set only if it is not there (NOCLOBBER) ... */
    bool only_existing; /* ... or only if it is (OVERWRITEONLY) */
    unsigned byte;      /* of the bits; the mask is data[0] */
    const struct inf_file *file;
    unsigned number;
};

struct inf_plan {
    struct inf_set *set;
    const struct inf_file *file;
    const struct inf_system *system;
    const char *class_name, *class_guid, *provider, *version;

    const struct inf_model *model;
    const struct inf_ids *ids; /* NULL: for whatever device */
    const char *matched;       /* the id; "" without a device */
    uint32_t rank;
    const struct inf_section *install; /* the decorated one that was chosen */

    const char *service, *display_name, *load_order_group;
    uint32_t service_type, start_type, error_control;
    const struct inf_file *service_file; /* where AddService stands ... */
    const struct inf_line *service_line;
    unsigned service_number;                    /* ... and its number */
    const char *binary;                         /* "disk.sys" */
    const char *image_path;                     /* as the service's key has it */
    const char *source_name, *source_directory; /* in the package; "" or with a slash at its end */
    char event_log[256];                        /* the key; "" when there is none */

    const struct inf_operation **operations;
    unsigned operation_count;

    bool include_is_missing;
    unsigned looks; /* how much of the files has been looked at for it */
    unsigned pass;  /* of the directives of a section ... */
    enum inf_root pass_root;
    bool is_copied; /* CopyFiles names the binary */
};

/* A plan without a model: what [Version] says. */
int inf_plan_begin(struct inf_plan *ret_plan, struct inf_file *file,
                   const struct inf_system *system);
/* The plan for the model that suits the ids best. -ENODEV when none does, else as inf_models. The
 * set and the ids last as long as the plan. */
int inf_plan_make(struct inf_plan *ret_plan, struct inf_file *file, const struct inf_system *system,
                  const struct inf_ids *ids);
/* The plan for one model, whatever device there is. */
int inf_plan_of_model(struct inf_plan *ret_plan, struct inf_file *file,
                      const struct inf_system *system, const struct inf_model *model);
/* The driver of the plan's service, beside the INF file or where its source disk says: the binary
 * itself, else a module of its name, with .so. `ret_other` gets the module if both are there, else
 * NULL. -ENOENT with a reason. */
int inf_plan_driver(const struct inf_plan *plan, const char **ret_path, const char **ret_other);
/* The value that the plan sets in a device's key; false: it sets none that is a DWORD. */
bool inf_plan_device_dword(const struct inf_plan *plan, const char *key, const char *name,
                           uint32_t *ret_value);

/* ---- applying it (apply.c) ---- */

/* PASSIVE_LEVEL, the machine runs. What concerns the service, before its driver is loaded. 0,
 * -ENOMEM, -EINVAL with a reason. */
int inf_apply_service(const struct inf_plan *plan);
/* What concerns one device, below these keys (port_adapter_options.install). */
int inf_apply_device(const struct inf_plan *plan, const char *instance_key, const char *driver_key);

/* ---- printing it (report.c) ---- */

/* What an installation for the device would do; without ids (NULL): the models that there are, and
 * what each way of installing them does. As text or as JSON. What inf_plan_make returns. */
int inf_report(FILE *out, struct inf_file *file, const struct inf_system *system,
               const struct inf_ids *ids, bool json);

#ifdef __cplusplus
}
#endif

#endif

/*
 * plan.c - from a model to a plan: its install section, the device's keys, the service.
 */
#include "inf/plan.h"
#include "nt/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { NEEDS_DEPTH_MAX = 16, LOOKS_MAX = 100000 };

bool inf_plan_count(struct inf_plan *plan, const struct inf_file *file, unsigned number)
{
    if (plan->looks++ < LOOKS_MAX)
        return true;
    (void)inf_refuse(file, number, "more than %d lines belong to one model", LOOKS_MAX);
    return false;
}

/* ---- sections with Include and Needs ---- */

static int include(struct inf_plan *plan, const struct inf_file *file, const struct inf_line *line)
{
    for (unsigned i = 0; i < line->field_count; i++) {
        struct inf_file *included;
        if (!inf_plan_count(plan, file, line->number))
            return -EINVAL;
        int error = inf_file_include(&included, plan->set, line->fields[i]);
        if (error && error != -ENOENT)
            return error;
        if (!error)
            continue;
        plan->include_is_missing = true;
        inf_note(file, line->number, "%s is not beside this file: what it would add is left out",
                 line->fields[i]);
    }
    return 0;
}

static const struct inf_section *find_in_set(const struct inf_file **ret_file,
                                             const struct inf_file *first, const char *name)
{
    const struct inf_set *set = first->set;
    const struct inf_section *section = inf_section_find(first, name);

    *ret_file = first;
    for (unsigned i = 0; i < set->file_count && !section; i++) {
        section = inf_section_find(set->files[i], name);
        *ret_file = set->files[i];
    }
    return section;
}

static int walk(struct inf_plan *plan, const struct inf_file *file,
                const struct inf_section *section, inf_visit visit, unsigned depth);

static int need(struct inf_plan *plan, const struct inf_file *file, const struct inf_line *line,
                inf_visit visit, unsigned depth)
{
    int error = 0;

    for (unsigned i = 0; i < line->field_count && !error; i++) {
        const struct inf_file *where;
        if (!inf_plan_count(plan, file, line->number))
            return -EINVAL;
        const struct inf_section *section = find_in_set(&where, file, line->fields[i]);
        if (depth == NEEDS_DEPTH_MAX)
            return inf_refuse(file, line->number, "sections need each other without an end");
        if (section)
            error = walk(plan, where, section, visit, depth + 1);
        else if (plan->include_is_missing)
            inf_note(file, line->number, "[%s] is needed and not in a file that is here: left out",
                     line->fields[i]);
        else
            error = inf_refuse(file, line->number, "there is no section [%s]", line->fields[i]);
    }
    return error;
}

static int walk(struct inf_plan *plan, const struct inf_file *file,
                const struct inf_section *section, inf_visit visit, unsigned depth)
{
    int error = 0;

    for (const struct inf_line *line = section->lines; line && !error; line = line->next)
        if (line->key && inf_equal(line->key, "Include"))
            error = include(plan, file, line);
    for (const struct inf_line *line = section->lines; line && !error; line = line->next) {
        if (line->key && inf_equal(line->key, "Needs"))
            error = need(plan, file, line, visit, depth);
        else if (!line->key || !inf_equal(line->key, "Include"))
            error = visit(plan, file, line);
    }
    return error;
}

int inf_section_walk(struct inf_plan *plan, const struct inf_file *file,
                     const struct inf_section *section, inf_visit visit)
{
    return walk(plan, file, section, visit, 0);
}

const struct inf_section *inf_section_named(const struct inf_file *file,
                                            const struct inf_line *line, const char *name)
{
    const struct inf_section *section = inf_section_find(file, name);

    if (!section)
        (void)inf_refuse(file, line->number, "there is no section [%s]", name);
    return section;
}

/* ---- [Version] ---- */

static int version_read(struct inf_plan *plan)
{
    static const char *const signatures[] = {"$Windows NT$", "$Chicago$", "$Windows 95$"};
    const struct inf_section *version = inf_section_find(plan->file, "Version");
    const struct inf_line *line = version ? inf_line_find(version, "Signature") : NULL;
    bool known = false;

    if (!version)
        return inf_refuse(plan->file, 0, "there is no section [Version]: this is no INF file");
    if (!line)
        return inf_refuse(plan->file, version->number,
                          "[Version] has no Signature: write Signature = \"$Windows NT$\"");
    for (unsigned i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++)
        known |= inf_equal(inf_field(line, 0), signatures[i]);
    if (!known)
        return inf_refuse(plan->file, line->number, "the Signature '%s' is not \"$Windows NT$\"",
                          inf_field(line, 0));
    plan->class_name = inf_value(version, "Class");
    plan->class_guid = inf_value(version, "ClassGUID");
    plan->provider = inf_value(version, "Provider");
    line = inf_line_find(version, "DriverVer");
    if (line) {
        plan->version = inf_format(&plan->set->memory, *inf_field(line, 1) ? "%s, %s" : "%s",
                                   inf_field(line, 0), inf_field(line, 1));
        if (!plan->version)
            return inf_no_memory(plan->set);
    }
    if (plan->class_name && !inf_equal(plan->class_name, "SCSIAdapter") &&
        !inf_equal(plan->class_name, "HDC"))
        inf_note(plan->file, version->number, "its class is %s: storage adapters are SCSIAdapter",
                 plan->class_name);
    return 0;
}

/* ---- the install section ---- */

const struct inf_section *inf_install_part(const struct inf_plan *plan, const char *part)
{
    char name[INF_SECTION_NAME_MAX + 32];

    snprintf(name, sizeof(name), "%s.%s", plan->install->name, part);
    return inf_section_find(plan->file, name);
}

/* What else belongs to the model does nothing here, and the user is told. */
static void note_ignored(const struct inf_plan *plan)
{
    static const char *const known[] = {"Services", "HW"};
    size_t length = strlen(plan->install->name);

    for (const struct inf_section *section = plan->file->sections; section;
         section = section->next) {
        const char *part = section->name + length + 1;
        struct inf_target target;
        if (strlen(section->name) <= length || section->name[length] != '.' ||
            !text_equal_nocase(section->name, length, plan->install->name, length))
            continue;
        if (inf_equal(part, known[0]) || inf_equal(part, known[1]) ||
            inf_target_parse(&target, part, plan->system) != INF_MALFORMED ||
            strncasecmp(part, "NT", 2) == 0)
            continue;
        inf_note(plan->file, section->number, "[%s] is ignored", section->name);
    }
}

static int install_plan(struct inf_plan *plan)
{
    const struct inf_model *model = plan->model;

    plan->install = inf_install_section(plan->file, model->install, plan->system);
    if (!plan->install)
        return inf_refuse(plan->file, model->number, "there is no section [%s]", model->install);
    int error = inf_registry_plan(plan, plan->file, plan->install, INF_ROOT_DRIVER);
    const struct inf_section *hardware = inf_install_part(plan, "HW");
    if (!error && hardware)
        error = inf_registry_plan(plan, plan->file, hardware, INF_ROOT_DEVICE);
    if (!error)
        error = inf_service_plan(plan);
    if (!error)
        error = inf_source_plan(plan);
    if (!error)
        note_ignored(plan);
    return error;
}

/* ---- the plan ---- */

/* SCSI port would look for adapters by itself; Windows' Storport does not ask. */
static void note_interface(const struct inf_plan *plan)
{
    if (strncasecmp(plan->matched, "PCI\\", 4) != 0)
        return;
    for (unsigned i = 0; i < plan->operation_count; i++) {
        const struct inf_operation *operation = plan->operations[i];
        if (operation->root == INF_ROOT_SERVICE &&
            inf_equal(operation->key, "Parameters\\PnpInterface") &&
            inf_equal(operation->name, "5"))
            return;
    }
    inf_note(plan->file, plan->service_number,
             "Parameters\\PnpInterface\\5 is not set: SCSI port would take the driver for one that "
             "is not Plug and Play");
}

int inf_plan_begin(struct inf_plan *plan, struct inf_file *file, const struct inf_system *system)
{
    *plan = (struct inf_plan){
        .set = file->set, .file = file, .system = system, .matched = "", .display_name = ""};
    return version_read(plan);
}

int inf_plan_of_model(struct inf_plan *ret_plan, struct inf_file *file,
                      const struct inf_system *system, const struct inf_model *model)
{
    int error = inf_plan_begin(ret_plan, file, system);

    ret_plan->model = model;
    return error ? error : install_plan(ret_plan);
}

static int refuse_device(const struct inf_file *file, const struct inf_ids *ids)
{
    if (ids->no_device)
        (void)inf_refuse(file, 0, "all of its models are of a bus: give the device by --device");
    else
        (void)inf_refuse(file, 0, "none of its models is for %s: `storhost inf` lists them",
                         ids->hardware_count ? ids->hardware[0] : "a device without ids");
    return -ENODEV;
}

int inf_plan_make(struct inf_plan *ret_plan, struct inf_file *file, const struct inf_system *system,
                  const struct inf_ids *ids)
{
    const struct inf_model **models = NULL;
    unsigned count = 0, id = 0;
    uint32_t best = INF_NO_MATCH;
    int error = inf_plan_begin(ret_plan, file, system);

    if (!error)
        error = inf_models(&models, &count, file, system);
    for (unsigned i = 0; i < count && !error; i++) {
        uint32_t rank = inf_rank(models[i], ids, &id);
        if (rank >= best)
            continue;
        best = rank;
        ret_plan->model = models[i];
        ret_plan->matched = models[i]->ids[id];
        ret_plan->rank = rank;
    }
    ret_plan->ids = ids;
    if (error)
        return error;
    if (!ret_plan->model)
        return refuse_device(file, ids);
    error = install_plan(ret_plan);
    if (!error)
        note_interface(ret_plan);
    return error;
}

bool inf_plan_device_dword(const struct inf_plan *plan, const char *key, const char *name,
                           uint32_t *ret_value)
{
    bool found = false;

    for (unsigned i = 0; i < plan->operation_count; i++) {
        const struct inf_operation *operation = plan->operations[i];
        if (operation->root != INF_ROOT_DEVICE || operation->action != INF_SET ||
            operation->size != sizeof(*ret_value) || !inf_equal(operation->key, key) ||
            !inf_equal(operation->name, name))
            continue;
        memcpy(ret_value, operation->data, sizeof(*ret_value));
        found = true;
    }
    return found;
}

/*
 * service.c - the service of a plan ("INF AddService directive") and where its binary comes from.
 */
#include "inf/plan.h"
#include "nt/registry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    FUNCTION_DRIVER = 0x2, /* SPSVCINST_ASSOCSERVICE */
    KERNEL_DRIVER = 1,
    START_DISABLED = 4,
    ADD_SERVICE_FLAGS = 1,
    ADD_SERVICE_SECTION = 2,
    ADD_SERVICE_LOG_SECTION = 3,
    ADD_SERVICE_LOG_TYPE = 4,
    ADD_SERVICE_LOG_NAME = 5,
};

/* ---- AddService ---- */

static bool name_is_good(const char *name)
{
    return *name && strlen(name) < 100 && !strpbrk(name, "\\/");
}

static int service_name_take(struct inf_plan *plan, const struct inf_file *file,
                             const struct inf_line *line)
{
    const char *name = inf_field(line, 0), *log = inf_field(line, ADD_SERVICE_LOG_NAME);
    const char *type = inf_field(line, ADD_SERVICE_LOG_TYPE);

    if (!*name)
        return inf_refuse(file, line->number,
                          "AddService names no service: the device works without a driver");
    if (!name_is_good(name))
        return inf_refuse(file, line->number, "'%s' is no name of a service", name);
    if (!name_is_good(*log ? log : name) || !name_is_good(*type ? type : "System"))
        return inf_refuse(file, line->number, "'%s' in '%s' is no name of an event log", log, type);
    plan->service = name;
    plan->service_number = line->number;
    if (*inf_field(line, ADD_SERVICE_LOG_SECTION))
        snprintf(plan->event_log, sizeof(plan->event_log), "Services\\EventLog\\%s\\%s",
                 *type ? type : "System", *log ? log : name);
    return 0;
}

static int visit_services(struct inf_plan *plan, const struct inf_file *file,
                          const struct inf_line *line)
{
    unsigned long long flags = 0;
    const char *text = inf_field(line, ADD_SERVICE_FLAGS);

    if (!line->key || !inf_equal(line->key, "AddService"))
        return 0;
    if (*text && !inf_number(text, &flags))
        return inf_refuse(file, line->number, "the flags '%s' are no number", text);
    if (!(flags & FUNCTION_DRIVER)) {
        inf_note(file, line->number, "the service %s is not the device's driver: ignored",
                 inf_field(line, 0));
        return 0;
    }
    if (plan->service_line)
        return inf_refuse(file, line->number,
                          "a second service is the device's driver; the first "
                          "is %s",
                          plan->service);
    plan->service_file = file;
    plan->service_line = line;
    return service_name_take(plan, file, line);
}

/* ---- the service's own section ---- */

static int number_read(uint32_t *ret_number, const struct inf_plan *plan,
                       const struct inf_section *section, const char *key, uint32_t high)
{
    const struct inf_line *line = inf_line_find(section, key);
    unsigned long long number;

    if (!line)
        return inf_refuse(plan->service_file, section->number, "[%s] has no %s", section->name,
                          key);
    if (!inf_number(inf_field(line, 0), &number) || number > high)
        return inf_refuse(plan->service_file, line->number, "%s is '%s', not a number up to %u",
                          key, inf_field(line, 0), high);
    *ret_number = (uint32_t)number;
    return 0;
}

/* Where directories of the system are, for the service's key. */
static const char *directory_of(unsigned long long id)
{
    static const struct {
        unsigned id;
        const char *path;
    } directories[] = {
        {10, "\\SystemRoot\\"},
        {11, "\\SystemRoot\\System32\\"},
        {12, "\\SystemRoot\\System32\\drivers\\"},
    };

    for (unsigned i = 0; i < sizeof(directories) / sizeof(directories[0]); i++)
        if (directories[i].id == id)
            return directories[i].path;
    return NULL;
}

/* What is behind the number of a directory, or behind another token; *ret_directory: what the
 * number stands for, NULL for none that is known. */
static const char *path_in_directory(const char *path, const char **ret_directory)
{
    size_t length = *path == '%' ? strcspn(path + 1, "%") : 0;
    unsigned long long id;
    char digits[16];

    *ret_directory = NULL;
    if (!length || path[1 + length] != '%')
        return path;
    if (length < sizeof(digits)) {
        snprintf(digits, sizeof(digits), "%.*s", (int)length, path + 1);
        if (inf_number(digits, &id))
            *ret_directory = directory_of(id);
    }
    path += length + 2;
    return path + (*path == '\\');
}

/* "%12%\disk.sys" and the like. Directory 13 is the package's own, whose name only an
 * installation knows, and others are the file's own: they look like a package's. */
static int image_path_make(struct inf_plan *plan, const struct inf_line *line)
{
    const char *directory, *rest = path_in_directory(inf_field(line, 0), &directory);
    const char *name = plan->file->name;

    if (directory)
        plan->image_path = inf_format(&plan->set->memory, "%s%s", directory, rest);
    else
        plan->image_path =
            inf_format(&plan->set->memory,
                       "\\SystemRoot\\System32\\DriverStore\\FileRepository\\%.*s.inf_amd64\\%s",
                       (int)strcspn(name, "."), name, rest);
    return plan->image_path ? 0 : inf_no_memory(plan->set);
}

static int binary_read(struct inf_plan *plan, const struct inf_section *section)
{
    const struct inf_line *line = inf_line_find(section, "ServiceBinary");

    if (!line)
        return inf_refuse(plan->service_file, section->number, "[%s] has no ServiceBinary",
                          section->name);
    const char *path = inf_field(line, 0), *last = strrchr(path, '\\');
    plan->binary = last ? last + 1 : path;
    if (!*plan->binary || strpbrk(plan->binary, "/%"))
        return inf_refuse(plan->service_file, line->number, "ServiceBinary '%s' names no file",
                          path);
    return image_path_make(plan, line);
}

static int section_read(struct inf_plan *plan, const struct inf_section *section)
{
    const char *text;
    int error = number_read(&plan->service_type, plan, section, "ServiceType", UINT32_MAX);

    if (!error)
        error = number_read(&plan->start_type, plan, section, "StartType", START_DISABLED);
    if (!error)
        error = number_read(&plan->error_control, plan, section, "ErrorControl", 3);
    if (!error)
        error = binary_read(plan, section);
    if (error)
        return error;
    if (plan->service_type != KERNEL_DRIVER)
        return inf_refuse(plan->service_file, inf_line_find(section, "ServiceType")->number,
                          "ServiceType is %u: a kernel-mode driver is 1", plan->service_type);
    if (plan->start_type == START_DISABLED)
        return inf_refuse(plan->service_file, inf_line_find(section, "StartType")->number,
                          "StartType is 4: a disabled service starts no device");
    text = inf_value(section, "DisplayName");
    plan->display_name = text ? text : "";
    text = inf_value(section, "LoadOrderGroup");
    plan->load_order_group = text ? text : "";
    return 0;
}

int inf_service_plan(struct inf_plan *plan)
{
    const struct inf_section *services = inf_install_part(plan, "Services"), *section;
    int error;

    if (!services)
        return inf_refuse(plan->file, plan->install->number,
                          "[%s] has no section [%s.Services]: no service drives the device",
                          plan->install->name, plan->install->name);
    error = inf_section_walk(plan, plan->file, services, visit_services);
    if (error)
        return error;
    if (!plan->service_line)
        return inf_refuse(plan->file, services->number,
                          "[%s] adds no service that is the device's driver (flag 0x2 of "
                          "AddService)",
                          services->name);
    section = inf_section_named(plan->service_file, plan->service_line,
                                inf_field(plan->service_line, ADD_SERVICE_SECTION));
    if (!section)
        return -EINVAL;
    error = section_read(plan, section);
    if (!error)
        error = inf_registry_plan(plan, plan->service_file, section, INF_ROOT_SERVICE);
    if (error || !plan->event_log[0])
        return error;
    section = inf_section_named(plan->service_file, plan->service_line,
                                inf_field(plan->service_line, ADD_SERVICE_LOG_SECTION));
    return section ? inf_registry_plan(plan, plan->service_file, section, INF_ROOT_EVENT_LOG)
                   : -EINVAL;
}

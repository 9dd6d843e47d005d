/*
 * source.c - where the binary of a plan lies in the driver's package: CopyFiles, SourceDisksFiles
 * and SourceDisksNames, as far as that.
 */
#include "inf/plan.h"

#include <errno.h>
#include <string.h>

enum { FILE_DISK = 0, FILE_DIRECTORY = 1, DISK_DIRECTORY = 3, COPY_SOURCE = 1 };

static int copy_section(struct inf_plan *plan, const struct inf_file *file,
                        const struct inf_line *line, const char *name)
{
    const struct inf_section *section = inf_section_named(file, line, name);

    if (!section)
        return -EINVAL;
    for (const struct inf_line *entry = section->lines; entry; entry = entry->next) {
        if (!inf_plan_count(plan, file, entry->number))
            return -EINVAL;
        if (entry->key || !inf_equal(inf_field(entry, 0), plan->binary))
            continue;
        plan->is_copied = true;
        if (*inf_field(entry, COPY_SOURCE))
            plan->source_name = inf_field(entry, COPY_SOURCE);
    }
    return 0;
}

static int visit_copies(struct inf_plan *plan, const struct inf_file *file,
                        const struct inf_line *line)
{
    int error = 0;

    if (!line->key || !inf_equal(line->key, "CopyFiles"))
        return 0;
    for (unsigned i = 0; i < line->field_count && !error; i++) {
        const char *name = line->fields[i];
        if (!inf_plan_count(plan, file, line->number))
            return -EINVAL;
        if (*name == '@')
            plan->is_copied |= inf_equal(name + 1, plan->binary);
        else if (*name)
            error = copy_section(plan, file, line, name);
    }
    return error;
}

/* A line of the decorated section, or of the plain one. */
static const struct inf_line *line_of(const struct inf_file *file, const char *section,
                                      const char *key)
{
    static const char *const decorations[] = {".amd64", ""};
    const struct inf_line *line = NULL;
    char name[64];

    for (unsigned i = 0; i < sizeof(decorations) / sizeof(decorations[0]) && !line; i++) {
        snprintf(name, sizeof(name), "%s%s", section, decorations[i]);
        const struct inf_section *found = inf_section_find(file, name);
        line = found ? inf_line_find(found, key) : NULL;
    }
    return line;
}

/* With slashes, none in front and one behind. False: it leaves the package. */
static bool directory_append(char *directory, size_t size, const char *path)
{
    size_t length = strlen(directory);

    while (*path) {
        size_t part = strcspn(path, "\\/");
        if (part == 2 && memcmp(path, "..", 2) == 0)
            return false;
        if (part && !(part == 1 && *path == '.')) {
            if (part + 2 > size - length)
                return false;
            memcpy(directory + length, path, part);
            length += part;
            directory[length++] = '/';
            directory[length] = '\0';
        }
        path += part;
        path += *path != '\0';
    }
    return true;
}

int inf_source_plan(struct inf_plan *plan)
{
    char directory[1024] = "";
    int error;

    plan->source_name = plan->binary;
    plan->source_directory = "";
    error = inf_section_walk(plan, plan->file, plan->install, visit_copies);
    if (error)
        return error;
    if (!plan->is_copied)
        inf_note(plan->file, plan->install->number, "[%s] copies no %s", plan->install->name,
                 plan->binary);
    if (strpbrk(plan->source_name, "\\/"))
        return inf_refuse(plan->file, plan->install->number, "'%s' is no name of a file",
                          plan->source_name);
    const struct inf_line *file = line_of(plan->file, "SourceDisksFiles", plan->source_name);
    if (!file)
        return 0;
    const struct inf_line *disk =
        line_of(plan->file, "SourceDisksNames", inf_field(file, FILE_DISK));
    if ((disk &&
         !directory_append(directory, sizeof(directory), inf_field(disk, DISK_DIRECTORY))) ||
        !directory_append(directory, sizeof(directory), inf_field(file, FILE_DIRECTORY)))
        return inf_refuse(plan->file, file->number,
                          "the directory of %s leaves that of the INF file", plan->source_name);
    plan->source_directory = inf_copy(&plan->set->memory, directory, strlen(directory));
    return plan->source_directory ? 0 : inf_no_memory(plan->set);
}

/* ---- on the disk ---- */

/* DIRECTORY/NAME with another suffix, in any case; NULL: there is none. */
static const char *find_with_suffix(const struct inf_plan *plan, const char *directory,
                                    const char *suffix)
{
    const char *name = plan->source_name, *dot = strrchr(name, '.');
    size_t length = dot && dot != name ? (size_t)(dot - name) : strlen(name);
    const char *wanted = inf_format(&plan->set->memory, "%.*s%s", (int)length, name, suffix);

    return wanted ? inf_find_beside(plan->set, directory, wanted) : NULL;
}

/* Where its source disk says, or beside the INF file. */
static const char *find(const struct inf_plan *plan, const char *suffix)
{
    const char *beside = plan->set->directory;
    const char *source = inf_format(&plan->set->memory, "%s%s", beside, plan->source_directory);
    const char *path = source ? find_with_suffix(plan, source, suffix) : NULL;

    if (!path && source && strcmp(source, beside) != 0)
        path = find_with_suffix(plan, beside, suffix);
    return path;
}

/* An exact path: names of directories are looked for as they are written. */
int inf_plan_driver(const struct inf_plan *plan, const char **ret_path, const char **ret_other)
{
    const char *image = find(plan, ".sys"), *module = find(plan, ".so");

    *ret_path = image ? image : module;
    *ret_other = image ? module : NULL;
    if (*ret_path)
        return 0;
    size_t length = strcspn(plan->source_name, ".");
    (void)inf_refuse(plan->service_file, plan->service_number,
                     "the service %s is %s, and neither it nor a module %.*s.so is beside the "
                     "file: put one there, or name it by --module",
                     plan->service, plan->source_name, (int)length, plan->source_name);
    return -ENOENT;
}

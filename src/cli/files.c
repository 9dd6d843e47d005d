/*
 * files.c - finding modules, the NBD plugin and programs.
 *
 * Places are relative to the command itself, so that a build tree and an installation both work
 * without configuration.
 */
#include "cli.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* Directory of the running command. */
static bool own_directory(char directory[FILE_NAME_BYTES])
{
    char path[FILE_NAME_BYTES];
    ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);

    if (length <= 0)
        return false;
    path[length] = '\0';
    snprintf(directory, FILE_NAME_BYTES, "%s", dirname(path));
    return true;
}

/* Makes DIRECTORY/NAME+SUFFIX absolute in `path` if it exists. */
static bool file_at(char path[FILE_NAME_BYTES], const char *directory, const char *name,
                    const char *suffix)
{
    char joined[3 * FILE_NAME_BYTES], resolved[PATH_MAX];

    snprintf(joined, sizeof(joined), "%s/%s%s", directory, name, suffix);
    if (realpath(joined, resolved) == NULL)
        return false;
    snprintf(path, FILE_NAME_BYTES, "%s", resolved);
    return true;
}

static bool file_beside_us(char path[FILE_NAME_BYTES], const char *const *places, size_t count,
                           const char *name, const char *suffix)
{
    char own[FILE_NAME_BYTES], directory[2 * FILE_NAME_BYTES];

    if (!own_directory(own))
        return false;
    for (size_t i = 0; i < count; i++) {
        snprintf(directory, sizeof(directory), "%s/%s", own, places[i]);
        if (file_at(path, directory, name, suffix))
            return true;
    }
    return false;
}

static bool module_in_search_path(char path[FILE_NAME_BYTES], const char *name, const char *suffix)
{
    const char *list = getenv("STORHOST_MODULE_PATH");

    while (list != NULL && *list != '\0') {
        char directory[FILE_NAME_BYTES];
        size_t length = strcspn(list, ":");
        snprintf(directory, sizeof(directory), "%.*s", (int)length, list);
        if (length > 0 && file_at(path, directory, name, suffix))
            return true;
        list += length + (list[length] == ':');
    }
    return false;
}

static bool module_of_ours(char path[FILE_NAME_BYTES], const char *name, const char *suffix)
{
    static const char *const places[] = {"../../miniports", /* build/src/cli -> build/miniports */
                                         "../../tests/miniports", /* the test miniports */
                                         "../lib/storhost/miniports",
                                         "../lib/" STORHOST_MULTIARCH "/storhost/miniports"};
    return file_beside_us(path, places, sizeof(places) / sizeof(places[0]), name, suffix);
}

static bool is_inf(const char *name)
{
    const char *suffix = strrchr(name, '.');

    return suffix != NULL && (strcasecmp(suffix, ".inf") == 0 || strcasecmp(suffix, ".inx") == 0);
}

static bool is_image(const char *name)
{
    const char *suffix = strrchr(name, '.');

    return suffix != NULL && strcasecmp(suffix, ".sys") == 0;
}

/* Folders are named with dashes, modules with underscores: both are understood. */
static bool name_find(char path[FILE_NAME_BYTES], const char *driver)
{
    static const char *const modules[] = {".so", ".sys"};
    bool complete = is_inf(driver) || is_image(driver);
    char name[FILE_NAME_BYTES];

    if (strchr(driver, '/') != NULL)
        return false;
    snprintf(name, sizeof(name), "%s", driver);
    for (char *c = name; *c != '\0'; c++)
        *c = *c == '-' ? '_' : *c;
    for (unsigned i = 0; i < 2; i++)
        if (module_in_search_path(path, name, complete ? "" : modules[i]))
            return true;
    for (unsigned i = 0; i < 2; i++)
        if (module_of_ours(path, name, complete ? "" : modules[i]))
            return true;
    return false;
}

static bool file_find(char path[FILE_NAME_BYTES], const char *driver)
{
    char resolved[PATH_MAX];

    if (realpath(driver, resolved) == NULL)
        return false;
    snprintf(path, FILE_NAME_BYTES, "%s", resolved);
    return true;
}

/* A name with the suffix of a file is a file's before it is one of ours. */
bool driver_find(char path[FILE_NAME_BYTES], const char *driver)
{
    if (is_inf(driver) || is_image(driver) ? file_find(path, driver) || name_find(path, driver)
                                           : name_find(path, driver) || file_find(path, driver))
        return true;
    if (strchr(driver, '/') == NULL && errno == ENOENT)
        message(
            "driver %s: neither a module of that name nor a file was found: give the path of an "
            ".sys file, ELF module or INF file, or add its directory to STORHOST_MODULE_PATH",
            driver);
    else
        message("driver %s: %s: give the path of a .sys file, ELF module or INF file", driver,
                strerror(errno));
    return false;
}

bool module_find(char path[FILE_NAME_BYTES], const struct arguments *arguments)
{
    path[0] = '\0';
    if (arguments->module == NULL)
        return true;
    if (is_inf(arguments->driver))
        return driver_find(path, arguments->module);
    message("--module %s: %s is no INF file: give the module alone", arguments->module,
            arguments->driver);
    return false;
}

bool plugin_find(char path[FILE_NAME_BYTES])
{
    static const char *const places[] = {
        "../export/nbd", /* build/src/cli -> build/src/export/nbd */
        "../lib/storhost", "../lib/" STORHOST_MULTIARCH "/storhost"};

    if (file_beside_us(path, places, sizeof(places) / sizeof(places[0]), "nbdkit-storhost-plugin",
                       ".so"))
        return true;
    message("nbdkit-storhost-plugin.so is not beside this command: build or install all of "
            "storhost");
    return false;
}

bool build_script_find(char path[FILE_NAME_BYTES])
{
    static const char *const places[] = {"../share/storhost/build"};

    if (file_beside_us(path, places, 1, "storhost-build", "") ||
        file_at(path, STORHOST_BUILD_FOLDER, "storhost-build", ""))
        return true;
    message("build: ../share/storhost/build/storhost-build is not there: install all of storhost");
    return false;
}

bool program_is_installed(const char *name)
{
    const char *list = getenv("PATH");

    while (list != NULL && *list != '\0') {
        char file[2 * FILE_NAME_BYTES];
        size_t length = strcspn(list, ":");
        snprintf(file, sizeof(file), "%.*s/%s", (int)length, list, name);
        if (length > 0 && access(file, X_OK) == 0)
            return true;
        list += length + (list[length] == ':');
    }
    return false;
}

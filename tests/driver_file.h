/*
 * driver_file.h - where a test finds a driver of ours: in the folder that a variable of the
 * environment names, as the module NAME.so, or with DRIVER_SUFFIX=.sys as the image NAME.sys.
 */
#ifndef STORHOST_TESTS_DRIVER_FILE_H
#define STORHOST_TESTS_DRIVER_FILE_H

#include <stdio.h>
#include <stdlib.h>

static inline void driver_file(char *path, size_t size, const char *folder_variable,
                               const char *name)
{
    const char *folder = getenv(folder_variable), *suffix = getenv("DRIVER_SUFFIX");

    snprintf(path, size, "%s/%s%s", folder ? folder : ".", name, suffix ? suffix : ".so");
}

#endif

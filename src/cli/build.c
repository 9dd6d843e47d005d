/*
 * build.c - `storhost build`: hands over to the program that makes driver modules (src/build).
 *
 * That program reads its own options, because it needs nothing of a machine.
 */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int command_build(int argc, char **argv)
{
    char script[FILE_NAME_BYTES], command[FILE_NAME_BYTES];

    if (!build_script_find(script))
        return EXIT_RUNTIME;
    /* The path itself: in the Python program /proc/self/exe is Python. */
    ssize_t length = readlink("/proc/self/exe", command, sizeof(command) - 1);
    if (length <= 0) {
        message("build: cannot read /proc/self/exe: %s: is /proc mounted?", strerror(errno));
        return EXIT_RUNTIME;
    }
    command[length] = '\0';
    /* python SCRIPT --host COMMAND argument... NULL: `argv` without its first word, which is
     * "build". */
    char **words = calloc((size_t)argc + 4, sizeof(*words));
    if (words == NULL) {
        message("out of memory");
        return EXIT_RUNTIME;
    }
    words[0] = (char *)STORHOST_PYTHON;
    words[1] = script;
    words[2] = "--host";
    words[3] = command;
    memcpy(words + 4, argv + 1, (size_t)argc * sizeof(*words));
    execv(STORHOST_PYTHON, words);
    message("build: cannot run " STORHOST_PYTHON ": %s: install python3 and python3-lxml",
            strerror(errno));
    free(words);
    return EXIT_RUNTIME;
}

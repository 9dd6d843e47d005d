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
    char script[FILE_NAME_BYTES];

    if (!build_script_find(script))
        return EXIT_RUNTIME;
    /* python SCRIPT argument... NULL: `argv` without its first word, which is "build". */
    char **words = calloc((size_t)argc + 2, sizeof(*words));
    if (words == NULL) {
        message("out of memory");
        return EXIT_RUNTIME;
    }
    words[0] = (char *)STORHOST_PYTHON;
    words[1] = script;
    memcpy(words + 2, argv + 1, (size_t)argc * sizeof(*words));
    execv(STORHOST_PYTHON, words);
    message("build: cannot run " STORHOST_PYTHON ": %s: install python3 and python3-lxml",
            strerror(errno));
    free(words);
    return EXIT_RUNTIME;
}

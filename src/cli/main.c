/*
 * main.c - the storhost command: chooses what to do.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    enum command command;
    int (*run)(const struct arguments *arguments);
} commands[] = {
    {"serve", COMMAND_SERVE, command_serve}, {"info", COMMAND_INFO, command_info},
    {"bench", COMMAND_BENCH, command_bench}, {"ctl", COMMAND_CTL, command_ctl},
    {"ioctl", COMMAND_IOCTL, command_ioctl}, {"dump-test", COMMAND_DUMP_TEST, command_dump_test},
    {"inf", COMMAND_INF, command_inf},       {"routines", COMMAND_ROUTINES, command_routines},
};

int main(int argc, char **argv)
{
    static struct arguments arguments;

    /* A reader must see a line when it is printed, also through a pipe. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 2) {
        message(
            "no command: give serve, info, bench, dump-test, ctl, ioctl, inf, routines or build, "
            "or --help");
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        help_print_all();
        return EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("storhost %s\n", storhost_version());
        return EXIT_OK;
    }
    if (strcmp(argv[1], "build") == 0)
        return command_build(argc - 1, argv + 1);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[1], commands[i].name) != 0)
            continue;
        int parsed = arguments_parse(&arguments, commands[i].command, argc - 1, argv + 1);
        if (parsed != 0)
            return parsed > 0 ? EXIT_OK : EXIT_USAGE;
        int status = commands[i].run(&arguments);
        /* Output that could not be written is a failure too. */
        if (status == EXIT_OK && (fflush(stdout) != 0 || ferror(stdout))) {
            message("standard output cannot be written");
            return EXIT_RUNTIME;
        }
        return status;
    }
    message("unknown command '%s': give serve, info, bench, dump-test, ctl, ioctl, inf, routines "
            "or build, or --help",
            argv[1]);
    return EXIT_USAGE;
}

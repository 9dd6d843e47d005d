/*
 * make_hive FILE SERVICE: a SYSTEM hive for tests of the command; `make_hive --text FILE` prints
 * one.
 */
#include "hive_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    if (strcmp(argv[1], "--text") != 0) {
        hive_create_system(argv[1], argv[2]);
        return 0;
    }
    char *text = hive_text(argv[2]);
    fputs(text, stdout);
    free(text);
    return 0;
}

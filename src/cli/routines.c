/*
 * routines.c - `storhost routines`: what drivers can import, from the table that the definitions
 * themselves fill, and what of Storport is missing in it.
 */
#include "cli.h"
#include "routine_names.h"

#include <stdio.h>
#include <string.h>

/* ---- implemented ---- */

/* Paths as the compiler saw them begin somewhere above the sources. */
static const char *source_path(const char *file)
{
    const char *at = strstr(file, "src/");
    return at != NULL ? at : file;
}

static void print_implemented(bool json)
{
    struct storhost_routine routine;
    size_t count = 0;

    if (json)
        printf("[");
    for (; storhost_routine_at(count, &routine); count++) {
        if (json)
            printf(
                "%s\n{\"image\": \"%s\", \"name\": \"%s\", \"category\": \"%s\", \"file\": \"%s\", "
                "\"irql_max\": %u, \"variable\": %s}",
                count == 0 ? "" : ",", routine.image, routine.name, routine.category,
                source_path(routine.file), routine.irql_max,
                routine.is_variable ? "true" : "false");
        else
            printf("%-14s %-44s %-24s %s\n", routine.image, routine.name, routine.category,
                   source_path(routine.file));
    }
    if (json)
        printf("\n]\n");
    else
        printf("%zu routines are implemented\n", count);
}

/* ---- missing ---- */

static const char *code_of(const char *name)
{
    for (size_t i = 0; i < routine_name_count; i++) {
        if (strcmp(routine_names[i].name, name) == 0)
            return routine_names[i].code;
    }
    return NULL;
}

static bool is_implemented(const struct routine_name *wanted)
{
    struct storhost_routine routine;

    for (size_t i = 0; storhost_routine_at(i, &routine); i++) {
        const char *code = code_of(routine.name);
        if (strcmp(routine.name, wanted->name) == 0)
            return true;
        if (code != NULL && wanted->code != NULL && strcmp(code, wanted->code) == 0)
            return true;
    }
    return false;
}

static void print_missing(bool json)
{
    size_t missing = 0;

    if (json)
        printf("[");
    for (size_t i = 0; i < routine_name_count; i++) {
        const struct routine_name *name = &routine_names[i];
        if (is_implemented(name))
            continue;
        if (json)
            printf("%s\n{\"image\": \"storport.sys\", \"name\": \"%s\"}", missing == 0 ? "" : ",",
                   name->name);
        else
            printf("%-14s %s\n", "storport.sys", name->name);
        missing++;
    }
    if (json)
        printf("\n]\n");
    else
        printf("%zu of %zu routines of Storport are missing\n", missing, routine_name_count);
}

int command_routines(const struct arguments *arguments)
{
    if (arguments->missing)
        print_missing(arguments->json);
    else
        print_implemented(arguments->json);
    return EXIT_OK;
}

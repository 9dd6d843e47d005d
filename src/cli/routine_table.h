/*
 * routine_table.h - what `storhost routines` knows besides what is in the tables of this build.
 * tools/routine-table writes the contents when the command is built: from
 * src/storport/routines.tsv, from src/storport/no_effect.tsv, from the machine code and from the
 * sources of the tests.
 */
#ifndef STORHOST_CLI_ROUTINE_TABLE_H
#define STORHOST_CLI_ROUTINE_TABLE_H

#include <stddef.h>
#include <storhost/storhost.h>

/* One way in which a driver reaches storport.sys. */
struct routine_listing {
    const char *name;
    const char *how; /* "import", "extended", "notification"; "macro", "inline", "declared" */
    unsigned code;
    const char *category;
};
/* Sorted by name. */
extern const struct routine_listing routine_listings[];
extern const size_t routine_listing_count;

/* A routine of any image that has tests. */
struct routine_test {
    const char *routine;
    const char *test;  /* of Meson: "conformance checks" */
    const char *cases; /* a pattern of their names */
};
/* Sorted by routine, test, cases. */
extern const struct routine_test routine_tests[];
extern const size_t routine_test_count;

/* A routine whose code does nothing. */
struct routine_without_effect {
    const char *routine;
    const char *reason; /* why that is right; NULL: it is not implemented */
};
extern const struct routine_without_effect routines_without_effect[];
extern const size_t routine_without_effect_count;

#endif

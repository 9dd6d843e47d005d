/*
 * routines.c - `storhost routines`: what drivers can call, where it is implemented, and which tests
 * prove it. What there is to implement of storport.sys comes from a list that is made from the
 * kit's headers; what is implemented, from the tables that the definitions fill.
 */
#include "cli.h"
#include "routine_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {
    [STORHOST_ROUTINE_IMPORT] = "import",
    [STORHOST_ROUTINE_EXTENDED] = "extended",
    [STORHOST_ROUTINE_NOTIFICATION] = "notification",
};

/* A row of the report. */
struct row {
    const char *image, *name, *how, *category;
    unsigned code;
    bool listed;      /* in the list of what there is to implement */
    bool header_only; /* expanded by the kit's headers: there is nothing to implement */
    bool implemented, is_variable;
    const char *file;           /* NULL: nowhere */
    const char *ignored_reason; /* it does nothing, and rightly so */
};

struct report {
    struct row *rows;
    size_t count;
};

/* ---- gathering ---- */

/* Paths as the compiler saw them begin somewhere above the sources. */
static const char *source_path(const char *file)
{
    const char *at = strstr(file, "src/");
    return at != NULL ? at : file;
}

static const struct routine_listing *listing_of(const struct storhost_routine *routine)
{
    if (strcmp(routine->image, "storport.sys") != 0)
        return NULL;
    for (size_t i = 0; i < routine_listing_count; i++) {
        const struct routine_listing *listing = &routine_listings[i];
        if (strcmp(listing->how, kind_names[routine->kind]) != 0)
            continue;
        if (routine->kind != STORHOST_ROUTINE_IMPORT ? listing->code == routine->code
                                                     : strcmp(listing->name, routine->name) == 0)
            return listing;
    }
    return NULL;
}

static const struct routine_without_effect *without_effect(const char *name)
{
    for (size_t i = 0; i < routine_without_effect_count; i++) {
        if (strcmp(routines_without_effect[i].routine, name) == 0)
            return &routines_without_effect[i];
    }
    return NULL;
}

static void add_implemented(struct report *report)
{
    struct storhost_routine routine;

    for (size_t i = 0; storhost_routine_at(i, &routine); i++) {
        const struct routine_without_effect *empty = without_effect(routine.name);
        report->rows[report->count++] = (struct row){
            .image = routine.image,
            .name = routine.name,
            .how = kind_names[routine.kind],
            .category = routine.category,
            .code = routine.code,
            .listed = listing_of(&routine) != NULL,
            .implemented = empty == NULL || empty->reason != NULL,
            .is_variable = routine.is_variable,
            .file = source_path(routine.file),
            .ignored_reason = empty != NULL ? empty->reason : NULL,
        };
    }
}

static bool is_there(const struct report *report, const struct routine_listing *listing)
{
    for (size_t i = 0; i < report->count; i++) {
        const struct row *row = &report->rows[i];
        if (!row->listed || strcmp(row->how, listing->how) != 0)
            continue;
        if (strcmp(row->how, "import") == 0 ? strcmp(row->name, listing->name) == 0
                                            : row->code == listing->code)
            return true;
    }
    return false;
}

static void add_missing(struct report *report)
{
    struct report implemented = *report;

    for (size_t i = 0; i < routine_listing_count; i++) {
        const struct routine_listing *listing = &routine_listings[i];
        bool header_only = strcmp(listing->how, "macro") == 0 ||
                           strcmp(listing->how, "inline") == 0 ||
                           strcmp(listing->how, "declared") == 0;
        if (is_there(&implemented, listing))
            continue;
        report->rows[report->count++] = (struct row){
            .image = "storport.sys",
            .name = listing->name,
            .how = listing->how,
            .category = listing->category,
            .code = listing->code,
            .listed = !header_only,
            .header_only = header_only,
        };
    }
}

static int row_compare(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    int order = -strcmp(a->image, b->image); /* storport.sys before the kernel */

    if (order == 0)
        order = strcmp(a->category, b->category);
    if (order == 0)
        order = strcmp(a->name, b->name);
    return order != 0 ? order : (a->code > b->code) - (a->code < b->code);
}

static bool report_make(struct report *report)
{
    struct storhost_routine routine;
    size_t count = 0;

    while (storhost_routine_at(count, &routine))
        count++;
    report->count = 0;
    report->rows = calloc(count + routine_listing_count, sizeof(*report->rows));
    if (report->rows == NULL) {
        message("out of memory");
        return false;
    }
    add_implemented(report);
    add_missing(report);
    qsort(report->rows, report->count, sizeof(*report->rows), row_compare);
    return true;
}

/* ---- tests ---- */

/* The next test of a routine; *at is where to go on, 0 at first. */
static const struct routine_test *test_next(const struct row *row, size_t *at)
{
    while (*at < routine_test_count) {
        const struct routine_test *test = &routine_tests[(*at)++];
        if (strcmp(test->routine, row->name) == 0)
            return test;
    }
    return NULL;
}

static bool is_tested(const struct row *row)
{
    size_t at = 0;
    return test_next(row, &at) != NULL;
}

/* ---- printing ---- */

static void print_row(const struct row *row)
{
    size_t at = 0;
    const struct routine_test *test = test_next(row, &at);
    const char *where = row->header_only                        ? "the kit's headers"
                        : row->file != NULL && row->implemented ? row->file
                                                                : "-";

    printf("%-48s %-26s %-32s ", row->name, row->category, where);
    if (test == NULL)
        printf("-");
    for (bool more = false; test != NULL; test = test_next(row, &at), more = true)
        printf("%s%s: %s", more ? "; " : "", test->test, test->cases);
    printf("\n");
}

static void print_row_json(const struct row *row, bool first)
{
    size_t at = 0;
    const struct routine_test *test;

    printf("%s\n{\"image\": \"%s\", \"name\": \"%s\", \"how\": \"%s\", \"code\": %u, "
           "\"category\": \"%s\", \"listed\": %s, \"implemented\": %s, \"variable\": %s",
           first ? "" : ",", row->image, row->name, row->how, row->code, row->category,
           row->listed ? "true" : "false", row->implemented ? "true" : "false",
           row->is_variable ? "true" : "false");
    if (row->file != NULL)
        printf(", \"file\": \"%s\"", row->file);
    if (row->ignored_reason != NULL)
        printf(", \"ignored\": \"%s\"", row->ignored_reason);
    printf(", \"tests\": [");
    for (bool more = false; (test = test_next(row, &at)) != NULL; more = true)
        printf("%s{\"test\": \"%s\", \"cases\": \"%s\"}", more ? ", " : "", test->test,
               test->cases);
    printf("]}");
}

static void print_summary(const struct report *report)
{
    size_t listed = 0, implemented = 0, tested = 0, others = 0, others_tested = 0;

    for (size_t i = 0; i < report->count; i++) {
        const struct row *row = &report->rows[i];
        listed += row->listed;
        if (!row->implemented)
            continue;
        implemented += row->listed;
        tested += row->listed && is_tested(row);
        others += !row->listed;
        others_tested += !row->listed && is_tested(row);
    }
    printf("storport.sys: %zu of %zu routines are implemented, %zu have tests of their own\n"
           "other images: %zu are implemented, %zu have tests of their own\n",
           implemented, listed, tested, others, others_tested);
}

static void print_missing_summary(const struct report *report)
{
    size_t listed = 0, missing = 0;

    for (size_t i = 0; i < report->count; i++) {
        listed += report->rows[i].listed;
        missing += report->rows[i].listed && !report->rows[i].implemented;
    }
    printf("storport.sys: %zu of %zu routines are missing\n", missing, listed);
}

int command_routines(const struct arguments *arguments)
{
    struct report report;
    bool first = true;

    if (!report_make(&report))
        return EXIT_RUNTIME;
    if (arguments->json)
        printf("[");
    else
        printf("%-48s %-26s %-32s %s\n", "ROUTINE", "CATEGORY", "IMPLEMENTED IN", "TESTED BY");
    for (size_t i = 0; i < report.count; i++) {
        const struct row *row = &report.rows[i];
        if (arguments->missing && (row->implemented || row->header_only))
            continue;
        if (arguments->json)
            print_row_json(row, first);
        else
            print_row(row);
        first = false;
    }
    if (arguments->json)
        printf("\n]\n");
    else if (arguments->missing)
        print_missing_summary(&report);
    else
        print_summary(&report);
    free(report.rows);
    return EXIT_OK;
}

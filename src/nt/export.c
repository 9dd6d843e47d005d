/*
 * export.c - the table of everything a driver can import, gathered by the linker.
 *
 * The rows lie in the section nt_exports of whatever was linked; two views of them are sorted once,
 * before main, so that lookups need no lock at any IRQL.
 */
#include "nt/export.h"

#include "sys/sys.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

extern const struct nt_export __start_nt_exports[] __attribute__((weak));
extern const struct nt_export __stop_nt_exports[] __attribute__((weak));

static size_t row_count;
static const struct nt_export **by_place; /* image, category, name */
static const struct nt_export **by_name;  /* name, image */

static int name_compare(const void *left, const void *right)
{
    const struct nt_export *a = *(const struct nt_export *const *)left;
    const struct nt_export *b = *(const struct nt_export *const *)right;
    int order = strcmp(a->name, b->name);
    return order ? order : strcasecmp(a->image, b->image);
}

static int place_compare(const void *left, const void *right)
{
    const struct nt_export *a = *(const struct nt_export *const *)left;
    const struct nt_export *b = *(const struct nt_export *const *)right;
    int order = strcasecmp(a->image, b->image);
    if (!order)
        order = strcmp(a->category, b->category);
    return order ? order : strcmp(a->name, b->name);
}

__attribute__((constructor)) static void exports_sort(void)
{
    row_count = (size_t)(__stop_nt_exports - __start_nt_exports);
    by_place = calloc(row_count + 1, sizeof(*by_place));
    by_name = calloc(row_count + 1, sizeof(*by_name));
    sh_assert(by_place && by_name);
    for (size_t i = 0; i < row_count; i++)
        by_place[i] = by_name[i] = &__start_nt_exports[i];
    qsort(by_place, row_count, sizeof(*by_place), place_compare);
    qsort(by_name, row_count, sizeof(*by_name), name_compare);
    for (size_t i = 1; i < row_count; i++)
        sh_assert(name_compare(&by_name[i - 1], &by_name[i]) != 0); /* one routine, one row */
}

/* The kernel's own routines: the image that an import library names for them has changed between
 * versions of Windows, so the two are one. */
static bool image_is_kernel(const char *image)
{
    return strcasecmp(image, "ntoskrnl.exe") == 0 || strcasecmp(image, "hal.dll") == 0;
}

static bool image_matches(const char *wanted, const char *image)
{
    return !wanted || strcasecmp(wanted, image) == 0 ||
           (image_is_kernel(wanted) && image_is_kernel(image));
}

const struct nt_export *nt_export_find(const char *image, const char *name)
{
    size_t low = 0, high = row_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(by_name[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < row_count && strcmp(by_name[low]->name, name) == 0; low++) {
        if (image_matches(image, by_name[low]->image))
            return by_name[low];
    }
    return NULL;
}

const struct nt_export *nt_export_at(size_t index)
{
    return index < row_count ? by_place[index] : NULL;
}

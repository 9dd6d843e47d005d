/*
 * test_pe_symbols.c - function and line of a Windows image: from what describes this very build,
 * and in words why not otherwise.
 */
#include "image/image.h"
#include "sys/sys.h"
#include "test_support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { SAMPLE, OTHER, DWARF, BUILDS };
static const char *images[BUILDS]; /* the first two with their databases beside them */
static char folder[] = "/tmp/storhost-symbols-XXXXXX";

static void write_file(const char *name, const struct file_bytes *file)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *stream = fopen(path, "wb");
    assert_non_null(stream);
    assert_int_equal(fwrite(file->bytes, 1, file->size, stream), file->size);
    fclose(stream);
}

static void copy(const char *from, const char *name)
{
    struct file_bytes file = support_read(from);

    write_file(name, &file);
    free(file.bytes);
}

/* The database that lies beside the image of a build. */
static void copy_database(int build)
{
    char path[4096];

    snprintf(path, sizeof(path), "%.*s.pdb", (int)(strlen(images[build]) - 4), images[build]);
    copy(path, "symbols_sample.pdb");
}

static struct image *load(int build)
{
    struct image *image = NULL;
    char path[256], reason[512] = "";

    copy(images[build], "driver.sys");
    snprintf(path, sizeof(path), "%s/driver.sys", folder);
    if (image_load(&image, path, "driver", reason, sizeof(reason)) != 0)
        fail_msg("%s", reason);
    return image;
}

static const char *describe(const struct image *image)
{
    static char line[512];

    assert_true(image_describe((const void *)image_entry_point(image), line, sizeof(line), true));
    assert_int_equal(strncmp(line, "driver+0x", 9), 0);
    return strchr(line, ' ') ? strchr(line, ' ') : "";
}

static void expect(const struct image *image, const char *text)
{
    const char *line = describe(image);

    if (!strstr(line, text))
        fail_msg("'%s' is not in '%s'", text, line);
}

static int empty_folder(void **state)
{
    char path[256];

    (void)state;
    snprintf(path, sizeof(path), "%s/driver.sys", folder);
    unlink(path);
    snprintf(path, sizeof(path), "%s/symbols_sample.pdb", folder);
    unlink(path);
    return 0;
}

static void a_database_beside_the_image_tells_function_and_line(void **state)
{
    (void)state;
    copy_database(SAMPLE);
    struct image *image = load(SAMPLE);
    expect(image, "(GsDriverEntry at entry.c:");
    image_unload(image);
}

static void without_a_database_the_offset_is_told_alone(void **state)
{
    (void)state;
    struct image *image = load(SAMPLE);
    assert_string_equal(describe(image), "");
    image_unload(image);
}

static void a_database_of_another_build_is_not_believed(void **state)
{
    (void)state;
    copy_database(OTHER);
    struct image *image = load(SAMPLE);
    expect(image, "symbols_sample.pdb is of another build");
    image_unload(image);
}

static void what_is_no_database_is_not_asked(void **state)
{
    (void)state;
    copy(images[SAMPLE], "symbols_sample.pdb");
    struct image *image = load(SAMPLE);
    expect(image, "symbols_sample.pdb is no program database");
    image_unload(image);
}

static void a_database_that_is_cut_off_is_none(void **state)
{
    (void)state;
    copy_database(SAMPLE);
    struct image *image = load(SAMPLE);
    char path[256];
    snprintf(path, sizeof(path), "%s/symbols_sample.pdb", folder);
    assert_int_equal(truncate(path, 4096), 0);
    expect(image, "symbols_sample.pdb is no program database");
    image_unload(image);
}

static void a_file_that_has_changed_since_it_was_loaded_is_not_asked(void **state)
{
    (void)state;
    copy_database(SAMPLE);
    struct image *image = load(SAMPLE);
    struct file_bytes file = support_read(images[SAMPLE]);
    file.bytes[file.size - 1] ^= 1;
    write_file("driver.sys", &file);
    free(file.bytes);
    expect(image, "the file has changed since it was loaded");
    image_unload(image);
}

static void dwarf_in_the_image_tells_function_and_line(void **state)
{
    (void)state;
    struct image *image = load(DWARF);
    expect(image, "(DriverEntry at pe_sample.c:");
    image_unload(image);
}

static void without_the_program_that_reads_them_symbols_say_so(void **state)
{
    (void)state;
    char *before = strdup(getenv("PATH"));
    copy_database(SAMPLE);
    struct image *image = load(SAMPLE);
    setenv("PATH", folder, 1);
    expect(image, "no line without llvm-symbolizer");
    setenv("PATH", before, 1);
    free(before);
    image_unload(image);
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_database_beside_the_image_tells_function_and_line, empty_folder),
        cmocka_unit_test_setup(without_a_database_the_offset_is_told_alone, empty_folder),
        cmocka_unit_test_setup(a_database_of_another_build_is_not_believed, empty_folder),
        cmocka_unit_test_setup(what_is_no_database_is_not_asked, empty_folder),
        cmocka_unit_test_setup(a_database_that_is_cut_off_is_none, empty_folder),
        cmocka_unit_test_setup(a_file_that_has_changed_since_it_was_loaded_is_not_asked,
                               empty_folder),
        cmocka_unit_test_setup(dwarf_in_the_image_tells_function_and_line, empty_folder),
        cmocka_unit_test_setup(without_the_program_that_reads_them_symbols_say_so, empty_folder),
    };
    const struct sys_options options = {.seed = 1};

    if (count != 1 + BUILDS || !mkdtemp(folder) || sys_start(&options) != 0)
        return 1;
    for (int i = 0; i < BUILDS; i++)
        images[i] = arguments[1 + i];
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    empty_folder(NULL);
    rmdir(folder);
    return failed;
}

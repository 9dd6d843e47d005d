/*
 * inf_helper.h - INF files written as C strings, and plans made of them.
 */
#ifndef STORHOST_TESTS_INF_HELPER_H
#define STORHOST_TESTS_INF_HELPER_H

#include "inf/inf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct inf_set set;
static struct inf_file *file;
static struct inf_plan plan;
static char reason[512];

static inline int set_up(void **state)
{
    (void)state;
    reason[0] = '\0';
    inf_set_initialize(&set, reason, sizeof(reason));
    return 0;
}

static inline int set_down(void **state)
{
    (void)state;
    inf_set_free(&set);
    return 0;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, set_down)

static inline int parse(const char *text)
{
    return inf_file_parse(&file, &set, "test.inf", text, strlen(text));
}

static inline void parsed(const char *text)
{
    if (parse(text))
        fail_msg("%s", reason);
}

static inline void noted(const char *text)
{
    for (unsigned i = 0; i < set.note_count; i++)
        if (strstr(set.notes[i], text))
            return;
    fail_msg("nobody noted: %s", text);
}

/* Line `index` of a section, from 0. */
static inline const struct inf_line *line_at(const char *section, unsigned index)
{
    const struct inf_section *found = inf_section_find(file, section);

    assert_non_null(found);
    const struct inf_line *line = found->lines;
    while (line && index--)
        line = line->next;
    assert_non_null(line);
    return line;
}

/* A whole file of one model, PCI\VEN_1234&DEV_0001, with more lines for some of its sections and
 * `more` at its end. */
struct test_file {
    const char *install, *hardware, *services, *service, *more;
};

static inline const char *file_text(struct test_file parts)
{
    static char text[16384];

    snprintf(text, sizeof(text),
             "[Version]\nSignature=\"$Windows NT$\"\nClass=SCSIAdapter\n"
             "[Manufacturer]\nMaker=Models,NTamd64\n"
             "[Models.NTamd64]\nDevice=Install,PCI\\VEN_1234&DEV_0001\n"
             "[Install]\nCopyFiles=@disk.sys\n%s\n"
             "[Install.HW]\n%s\n"
             "[Install.Services]\nAddService=disk,2,Service\n%s\n"
             "[Service]\nServiceType=1\nStartType=3\nErrorControl=1\nServiceBinary=%%12%%\\disk."
             "sys\n%s\n"
             "%s\n",
             parts.install ? parts.install : "", parts.hardware ? parts.hardware : "",
             parts.services ? parts.services : "", parts.service ? parts.service : "",
             parts.more ? parts.more : "");
    return text;
}

static const char *const device_ids[] = {"PCI\\VEN_1234&DEV_0001"};
static const struct inf_ids device = {.hardware = device_ids, .hardware_count = 1};

static inline int plan_try(struct test_file parts)
{
    parsed(file_text(parts));
    return inf_plan_make(&plan, file, &inf_system_ours, &device);
}

static inline void planned(struct test_file parts)
{
    if (plan_try(parts))
        fail_msg("%s", reason);
}

/* The number of the line on which `text` begins in a file of these parts. */
static inline unsigned number_of(struct test_file parts, const char *text)
{
    const char *whole = file_text(parts), *at = strstr(whole, text);
    unsigned number = 1;

    assert_non_null(at);
    for (; whole < at; whole++)
        number += *whole == '\n';
    return number;
}

/* The plan fails with a reason that names the line of `text` and contains `why`. */
static inline void refused(struct test_file parts, const char *text, const char *why)
{
    char start[64];

    snprintf(start, sizeof(start), "test.inf:%u: ", number_of(parts, text));
    assert_int_equal(plan_try(parts), -EINVAL);
    if (strncmp(reason, start, strlen(start)) != 0 || !strstr(reason, why))
        fail_msg("'%s' is not '%s...%s'", reason, start, why);
    assert_null(strchr(reason, '\n'));
}

#endif

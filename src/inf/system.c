/*
 * system.c - TargetOSVersion decorations of an INF file, held against the system that we are
 * ("Combining platform extensions with operating system versions").
 */
#include "nt/system.h"
#include "inf/inf.h"
#include "nt/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { NUMBERS_MAX = 5 }; /* version, product type, suite mask, build */

const struct inf_system inf_system_ours = {
    .major = NT_SYSTEM_MAJOR,
    .minor = NT_SYSTEM_MINOR,
    .build = NT_SYSTEM_BUILD,
    .product_type = NT_SYSTEM_PRODUCT_TYPE,
    .suite_mask = NT_SYSTEM_SUITE_MASK,
};

/* "", or a number up to the next dot. False: neither. */
static bool number_take(const char **text, int64_t *ret_number)
{
    size_t length = strcspn(*text, ".");
    char digits[16];
    unsigned long long number;

    *ret_number = -1;
    if (length == 0)
        return true;
    if (length >= sizeof(digits))
        return false;
    memcpy(digits, *text, length);
    digits[length] = '\0';
    if (!isdigit((unsigned char)digits[0]) || !inf_number(digits, &number) || number > UINT32_MAX)
        return false;
    *text += length;
    *ret_number = (int64_t)number;
    return true;
}

static bool fits(const struct inf_target *target, const struct inf_system *system)
{
    if (target->product_type >= 0 && target->product_type != system->product_type)
        return false;
    if (target->suite_mask > 0 &&
        (system->suite_mask & target->suite_mask) != (uint64_t)target->suite_mask)
        return false;
    if (target->major != (int64_t)system->major)
        return target->major < (int64_t)system->major;
    if (target->minor >= 0 && target->minor != (int64_t)system->minor)
        return target->minor < (int64_t)system->minor;
    return target->build < 0 || target->build <= (int64_t)system->build;
}

enum inf_fit inf_target_parse(struct inf_target *ret_target, const char *decoration,
                              const struct inf_system *system)
{
    static const char *const others[] = {"x86", "ia64", "arm64", "arm"};
    int64_t numbers[NUMBERS_MAX] = {-1, -1, -1, -1, -1};
    const char *text = decoration + 2;
    bool is_ours = true, has_architecture = false;

    if (strncasecmp(decoration, "NT", 2) != 0)
        return INF_MALFORMED;
    if (strncasecmp(text, "amd64", 5) == 0) {
        has_architecture = true;
        text += 5;
    }
    for (unsigned i = 0; i < sizeof(others) / sizeof(others[0]) && !has_architecture; i++) {
        if (strncasecmp(text, others[i], strlen(others[i])) == 0) {
            has_architecture = true;
            is_ours = false;
            text += strlen(others[i]);
        }
    }
    for (unsigned i = 0; *text == '.' && i < NUMBERS_MAX; i++) {
        text++;
        if (!number_take(&text, &numbers[i]))
            return INF_MALFORMED;
    }
    if (*text)
        return INF_MALFORMED;
    *ret_target = (struct inf_target){has_architecture, numbers[0], numbers[1],
                                      numbers[2],       numbers[3], numbers[4]};
    return is_ours && fits(ret_target, system) ? INF_FITS : INF_UNFIT;
}

/* A version counts more than product type and suite, as documented; that of a section for any
 * architecture counts less than one for ours, because Windows for amd64 wants that named. */
bool inf_target_is_closer(const struct inf_target *left, const struct inf_target *right)
{
    if (left->has_architecture != right->has_architecture)
        return left->has_architecture;
    if (left->major != right->major)
        return left->major > right->major;
    if (left->minor != right->minor)
        return left->minor > right->minor;
    if (left->build != right->build)
        return left->build > right->build;
    if (left->product_type != right->product_type)
        return left->product_type > right->product_type;
    return left->suite_mask > right->suite_mask;
}

const struct inf_section *inf_install_section(const struct inf_file *file, const char *name,
                                              const struct inf_system *system)
{
    const struct inf_section *best = NULL;
    struct inf_target closest, target;
    size_t length = strlen(name);

    for (const struct inf_section *section = file->sections; section; section = section->next) {
        if (strlen(section->name) <= length || section->name[length] != '.' ||
            !text_equal_nocase(section->name, length, name, length))
            continue;
        if (inf_target_parse(&target, section->name + length + 1, system) != INF_FITS)
            continue;
        if (best && !inf_target_is_closer(&target, &closest))
            continue;
        best = section;
        closest = target;
    }
    return best ? best : inf_section_find(file, name);
}

/*
 * ctl_registry.c - the words of `storhost ctl registry`.
 */
#include "ctl.h"

#include <stdlib.h>
#include <string.h>

/* SOCKET registry OPERATION, then key, name and value. */
enum { OPERATION = 2, FIRST = 3 };

bool ctl_registry_check(const struct arguments *arguments)
{
    static const struct {
        const char *name, *words;
        unsigned minimum, maximum;
    } operations[] = {
        {"list", "[KEY]", 0, 1},
        {"get", "KEY NAME", 2, 2},
        {"set", "KEY NAME VALUE", 3, 3},
        {"delete", "KEY [NAME]", 1, 2},
    };
    unsigned count = arguments->word_count - FIRST;

    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (strcmp(operations[i].name, arguments->words[OPERATION]) != 0)
            continue;
        if (count >= operations[i].minimum && count <= operations[i].maximum)
            return true;
        message("ctl registry %s: give %s behind it", operations[i].name, operations[i].words);
    }
    return false;
}

bool ctl_registry_input(const struct arguments *arguments, char **ret_data, size_t *ret_length)
{
    size_t length = arguments->word_count == FIRST; /* no key is the driver's */

    for (unsigned i = FIRST; i < arguments->word_count; i++)
        length += strlen(arguments->words[i]) + 1;
    if (length > CONTROL_DATA_BYTES) {
        message("ctl registry: the words are too long");
        return false;
    }
    char *data = calloc(1, length + 1), *at = data;
    if (data == NULL) {
        message("out of memory");
        return false;
    }
    for (unsigned i = FIRST; i < arguments->word_count; i++)
        at = stpcpy(at, arguments->words[i]) + 1;
    *ret_data = data;
    *ret_length = length;
    return true;
}

/*
 * control_registry.c - what `storhost ctl registry` asks for.
 *
 * Key, name and value come behind the line, each ended by a zero, because they may hold anything.
 */
#include "control.h"

#include <storhost/storhost.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PARTS_MAX = 3 };

/* How many there are; 0: not what it should be. */
static unsigned parts_take(const struct control_request *request, const char *parts[PARTS_MAX])
{
    size_t at = 0;
    unsigned count = 0;

    if (request->data_length == 0 || request->data[request->data_length - 1] != '\0')
        return 0;
    for (; at < request->data_length; count++) {
        if (count == PARTS_MAX)
            return 0;
        parts[count] = (const char *)request->data + at;
        at += strlen(parts[count]) + 1;
    }
    return count;
}

int control_registry(struct storhost_adapter *adapter, const struct control_request *request,
                     char **ret_text, struct storhost_error *error)
{
    const char *operation = request->words[2], *parts[PARTS_MAX] = {NULL};
    unsigned count = parts_take(request, parts);

    if (strcmp(operation, "list") == 0 && count == 1)
        return storhost_registry_list(adapter, parts[0], ret_text, error);
    if (strcmp(operation, "get") == 0 && count == 2)
        return storhost_registry_get(adapter, parts[0], parts[1], ret_text, error);
    if (strcmp(operation, "set") == 0 && count == 3)
        return storhost_registry_set(adapter, parts[0], parts[1], parts[2], error);
    if (strcmp(operation, "delete") == 0 && (count == 1 || count == 2))
        return storhost_registry_delete(adapter, parts[0], parts[1], error);
    snprintf(error->text, sizeof(error->text),
             "give list, get, set or delete and what belongs to it");
    return -EINVAL;
}

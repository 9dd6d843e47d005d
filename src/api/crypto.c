/*
 * crypto.c - keys for adapters that encrypt by themselves.
 */
#include "api/api_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

_Static_assert(STORHOST_CRYPTO_ANY == PORT_CRYPTO_ANY, "one value for what is left open");

static int outcome(int result, const char *reason, struct storhost_error *error)
{
    if (result != 0)
        api_error(error, "%s", reason[0] != '\0' ? reason : strerror(-result));
    return result;
}

STORHOST_API int storhost_unit_crypto_insert(struct storhost_unit *unit,
                                             const struct storhost_crypto_key *key,
                                             struct storhost_error *error)
{
    struct storhost_unit_info info = {.size = sizeof(info)};
    char reason[sizeof(error->text)] = "";
    int result = api_options_check(key->size, sizeof(*key), "storhost_unit_crypto_insert", error);

    if (result == 0)
        result = storhost_unit_describe(unit, &info);
    if (result == 0 && !info.has_blocks)
        result = -EOPNOTSUPP;
    if (result != 0) {
        if (error != NULL && error->text[0] == '\0')
            api_error(error, "the unit's block size is not known: %s",
                      storhost_unit_problem(result));
        return result;
    }
    const struct port_crypto_options options = {
        .key = key->bytes,
        .key_length = key->length,
        .capability = key->capability,
        .index = key->index,
        .block_size = info.block_size,
        .data_unit_size = key->data_unit_size,
    };
    return outcome(port_unit_crypto_insert(unit->unit, &options, reason, sizeof(reason)), reason,
                   error);
}

STORHOST_API int storhost_unit_crypto_evict(struct storhost_unit *unit,
                                            struct storhost_error *error)
{
    char reason[sizeof(error->text)] = "";

    return outcome(port_unit_crypto_evict(unit->unit, reason, sizeof(reason)), reason, error);
}

/*
 * describe.h - members of descriptions that are there only when a driver has announced them.
 */
#ifndef STORHOST_API_DESCRIBE_H
#define STORHOST_API_DESCRIBE_H

#include "api/json_writer.h"
#include "port/port.h"

#include <storhost/storhost.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "rpmb"; NULL: nothing is written, here and below. */
void describe_rpmb(struct json_writer *writer, const struct port_rpmb *rpmb);
/* "crypto_engine" */
void describe_crypto_engine(struct json_writer *writer, const struct port_crypto_engine *engine);
/* "crypto_key", of a unit that has one: which, never what. PASSIVE_LEVEL. */
void describe_crypto_key(struct json_writer *writer, const struct port_unit *unit);
/* "runtime_power", if the driver has registered the adapter (unit NULL) or the unit for it. */
void describe_runtime_power(struct json_writer *writer, struct storhost_adapter *adapter,
                            struct storhost_unit *unit);

#ifdef __cplusplus
}
#endif

#endif

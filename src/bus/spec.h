/*
 * spec.h - options of a device's SPEC that are not its backend's: they say where the device is in
 * the machine, and are taken out before a backend reads the rest.
 */
#ifndef STORHOST_BUS_SPEC_H
#define STORHOST_BUS_SPEC_H

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Takes ",KEY=VALUE" out of a SPEC's first device ("backend:device,KEY=VALUE;second device"). NULL:
 * it is not there. Else the value, which ends at the next comma (two stand for one within it), to
 * be freed with free(); *ret_memory is false when there was no memory for it. */
char *bus_spec_take(char *spec, const char *key, bool *ret_memory);

#ifdef __cplusplus
}
#endif

#endif

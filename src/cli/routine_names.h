/*
 * routine_names.h - every routine of storport.sys that a driver's source can call and that needs
 * the port (kit 10.0.22621, x64), for `storhost routines --missing`.
 */
#ifndef STORHOST_CLI_ROUTINE_NAMES_H
#define STORHOST_CLI_ROUTINE_NAMES_H

#include <stddef.h>

struct routine_name {
    const char *name;
    /* How the call arrives: NULL: an import of its own. Else the code of StorPortExtendedFunction
     * that the header's wrapper passes; wrappers with one code are one routine to us. */
    const char *code;
};
extern const struct routine_name routine_names[];
extern const size_t routine_name_count;

#endif

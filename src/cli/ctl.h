/*
 * ctl.h - the words of `storhost ctl`, and the request that they make.
 */
#ifndef STORHOST_CLI_CTL_H
#define STORHOST_CLI_CTL_H

#include "cli.h"

#include "export/nbd/control_protocol.h"

void ctl_help_print(void);
/* False after a message about wrong usage. */
bool ctl_words_check(const struct arguments *arguments);
/* Words that were checked, as the line of a request that `input_length` bytes follow. False after a
 * message. */
bool ctl_line_make(char line[CONTROL_LINE_BYTES], const struct arguments *arguments,
                   size_t input_length);

/* ---- ctl_registry.c ---- */

/* How many words each operation of `registry` takes. False after a message. */
bool ctl_registry_check(const struct arguments *arguments);
/* What follows the line of `registry`: its words behind the operation, each ended by a zero; to be
 * freed. False after a message. */
bool ctl_registry_input(const struct arguments *arguments, char **ret_data, size_t *ret_length);

#endif

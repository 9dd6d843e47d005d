/*
 * handlers_host.h - a driver that handles exceptions (tests/miniports/handlers), loaded alone, and
 * what a test asks of it.
 */
#ifndef STORHOST_TESTS_HANDLERS_HOST_H
#define STORHOST_TESTS_HANDLERS_HOST_H

#include "../miniports/handlers/handlers.h"

#include <stdbool.h>

enum { PAGE = 4096, READ = 0, WRITTEN = 1, EXECUTED = 8 };

extern unsigned char *handlers_nothing; /* a page without access */

/* A call that asks for the command, with what most of them need. */
struct handlers_call handlers_prepared(unsigned command);
void handlers_enter(struct handlers_call *call);
struct handlers_call handlers_run(unsigned command);

/* Nobody holds a device that the driver has deleted. */
bool handlers_devices_are_gone(void);

/* The driver's handler has seen this. */
void handlers_expect_access_violation(const struct handlers_call *call, unsigned access,
                                      const void *address);
/* The command ends in a bug check, whose report has both texts. It runs in a process of its own. */
void handlers_expect_bug_check(struct handlers_call call, const char *first, const char *second);

int handlers_setup(void **state);
int handlers_teardown(void **state);

#endif

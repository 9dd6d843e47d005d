/*
 * driver.h - what the files of the driver share.
 */
#ifndef STORHOST_TESTS_HANDLERS_DRIVER_H
#define STORHOST_TESTS_HANDLERS_DRIVER_H

#include <excpt.h>
#include <intrin.h>
#include <ntddk.h>

#include "handlers.h"

extern struct handlers_call *call;

/* Adds to the log of what ran. */
void note(char what);
/* A filter's look at the exception. */
LONG see(const EXCEPTION_POINTERS *pointers, LONG answer);
#define SEE_AND_HANDLE see(GetExceptionInformation(), EXCEPTION_EXECUTE_HANDLER)

/* Each does the command if it is one of its own. */
void do_faults(void);
void do_jumps(void);
void do_unwinds(void);

#endif

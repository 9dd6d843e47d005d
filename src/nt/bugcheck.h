/*
 * bugcheck.h - a bug check as a report: code, parameters, callback, IRQL, request, backtrace and
 * the last events, then the process ends with status NT_BUGCHECK_EXIT_STATUS.
 */
#ifndef STORHOST_NT_BUGCHECK_H
#define STORHOST_NT_BUGCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Distinct from every other exit status of the command. */
enum { NT_BUGCHECK_EXIT_STATUS = 57 };

enum nt_bugcheck_code {
    NT_BUGCHECK_IRQL_NOT_GREATER_OR_EQUAL = 0x09,
    NT_BUGCHECK_IRQL_NOT_LESS_OR_EQUAL = 0x0A,
    NT_BUGCHECK_MAXIMUM_WAIT_OBJECTS_EXCEEDED = 0x0C,
    NT_BUGCHECK_SPIN_LOCK_ALREADY_OWNED = 0x0F,
    NT_BUGCHECK_SPIN_LOCK_NOT_OWNED = 0x10,
    NT_BUGCHECK_REFERENCE_BY_POINTER = 0x18,
    NT_BUGCHECK_BAD_POOL_HEADER = 0x19,
    NT_BUGCHECK_KMODE_EXCEPTION_NOT_HANDLED = 0x1E,
    NT_BUGCHECK_NO_MORE_IRP_STACK_LOCATIONS = 0x35,
    NT_BUGCHECK_MULTIPLE_IRP_COMPLETE_REQUESTS = 0x44,
    NT_BUGCHECK_PAGE_FAULT_IN_NONPAGED_AREA = 0x50,
    NT_BUGCHECK_TARGET_MDL_TOO_SMALL = 0x5C,
    NT_BUGCHECK_UNEXPECTED_KERNEL_MODE_TRAP = 0x7F,
    NT_BUGCHECK_BAD_POOL_CALLER = 0xC2,
    NT_BUGCHECK_TIMER_OR_DPC_INVALID = 0xC7,
    NT_BUGCHECK_RESOURCE_NOT_OWNED = 0xE3,
    NT_BUGCHECK_WORKER_INVALID = 0xE4,
    NT_BUGCHECK_IRQL_UNEXPECTED_VALUE = 0xC8,
    NT_BUGCHECK_DRIVER_IRQL_NOT_LESS_OR_EQUAL = 0xD1,
    NT_BUGCHECK_DRIVER_UNMAPPING_INVALID_VIEW = 0xD7,
    NT_BUGCHECK_DRIVER_ENTRYPOINT_NOT_FOUND = 0x10D, /* our use: a missing import was called */
    NT_BUGCHECK_KERNEL_SECURITY_CHECK_FAILURE = 0x139,
    NT_BUGCHECK_STORAGE_MINIPORT_ERROR = 0xF0,
    NT_BUGCHECK_STORPORT_VERIFIER = 0xF1,
};

/* Prints the report and ends the process. Any IRQL, any locks. `reason` is one plain sentence. */
__attribute__((noreturn)) void nt_bugcheck(uint32_t code, uint64_t parameter1, uint64_t parameter2,
                                           uint64_t parameter3, uint64_t parameter4,
                                           const char *reason);

/* Runs last before the process ends (to tell a supervisor the status). Must not return to drivers
 * and must not block. One function. */
void nt_bugcheck_set_last_words(void (*tell)(uint32_t code, const char *reason));

/* Is told of a bug check before its report is complete, so that it can keep evidence: any IRQL, any
 * lock held. May wait for threads that take no lock of drivers. One function; NULL: none. */
void nt_bugcheck_set_witness(void (*tell)(uint32_t code, const char *reason));

/* How an address of a driver is shown: set by the image room ("ramdisk+0x1234"), with function and
 * line if `symbols`. False leaves it to sys: it is no driver's. */
void nt_bugcheck_set_describe(bool (*describe)(const void *address, char *line, size_t size,
                                               bool symbols));

/* Who called the code that calls it, innermost first: set by the room that knows drivers' frames.
 */
void nt_bugcheck_set_backtrace(size_t (*walk)(void **ret_addresses, size_t count));

/* "ramdisk+0x1234 (routine at file.c:12)", or what sys knows. PASSIVE_LEVEL; no driver is unloaded
 * meanwhile. */
void nt_address_describe(const void *address, char *line, unsigned size);

/* A finding is the driver's fault that the host survives: rule id, text. Logged once per rule and
 * adapter, counted always. Where the driver was follows in a line of its own, from a worker,
 * because symbols take their time. Any IRQL. */
void nt_finding(const char *rule, const void *adapter, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Returns when these lines are written, for who takes the driver away. PASSIVE_LEVEL. */
void nt_findings_flush(void);
uint64_t nt_finding_count(void);
/* The finding that was printed as number `index`, from 0: its rule and what it said, cut off where
 * it becomes long. False: there were not so many. Any IRQL. */
bool nt_finding_at(unsigned index, const char **ret_rule, char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif

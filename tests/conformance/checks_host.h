/*
 * checks_host.h - a machine with the module of checks on one adapter, for the tests that run its
 * rows.
 */
#ifndef STORHOST_TESTS_CHECKS_HOST_H
#define STORHOST_TESTS_CHECKS_HOST_H

#include "nt/bugcheck.h"
#include "nt/machine.h"
#include "port/port.h"
#include "sys/sys.h"

#include "../miniports/checks/check_record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define CHECKS_PLACE(name) (1ull << Check##name)

enum { CHECKS_NOT_REACHED = 3 }; /* exit status of a process whose place was never reached */

struct checks_rig {
    struct port_driver *driver;
    struct port_adapter *adapter;
    struct port_unit *unit;
    struct port_queue *queue;
    char reason[512];
};

extern CHECK_SHARED *checks_shared;
extern const char *const checks_place_names[CheckPlaceCount];

/* The module tells which rows there are, and refuses to start. They are in `checks_shared` until
 * the next clear. At most CHECKS_MAX. */
void checks_list(void);
/* The index of a row by its name, after checks_list. */
uint32_t checks_find(const char *name);
/* Forgets results. Before each start. */
void checks_clear(void);
/* Of the machines of these tests: what TEST_PROCESSORS says, 2 without it. */
unsigned checks_processors(void);
void checks_machine_up(void);
/* What processors the next machines have, unless TEST_TOPOLOGY says it; NULL: those of one node. */
void checks_set_topology(const char *text);
/* Messages come where they are aimed, under the thread sanitizer, too. */
void checks_machine_up_aimed(void);
void checks_machine_down(void);
/* What the machine has printed since it came up. */
const char *checks_said(void);
/* What the machine had to free when it was taken down, a line each. */
const char *checks_leaked(void);

/* Loads the module with that row (or CHECK_LIST_ONLY) for a place (or CHECK_ALL_PLACES). */
void checks_load(struct checks_rig *rig, uint32_t check, uint32_t place, CHECK_MODEL model,
                 CHECK_INTERRUPTS interrupts);
void checks_start(struct checks_rig *rig, CHECK_MODEL model, CHECK_INTERRUPTS interrupts);
/* Stops and unloads. False: it did not go well, which was printed. */
bool checks_stop(struct checks_rig *rig);

/* Places that a model has, and of these the ones that a request leads to. */
uint64_t checks_places_of(CHECK_MODEL model, CHECK_INTERRUPTS interrupts);
extern const uint64_t checks_request_places;
/* Sends a request there on `queue` and waits for it. False: it did not come back well. */
bool checks_visit(struct checks_rig *rig, struct port_queue *queue, unsigned place);
void checks_reset_bus(struct checks_rig *rig, struct port_queue *queue);
/* One life of an adapter, by way of all those places. */
bool checks_pass(uint32_t check, uint32_t only, uint64_t places, CHECK_MODEL model,
                 CHECK_INTERRUPTS interrupts);
/* The same for one place in a process of its own, whose exit status comes back: 0,
 * CHECKS_NOT_REACHED, NT_BUGCHECK_EXIT_STATUS, or what `judge` (may be NULL) returns. */
int checks_status_of(uint32_t check, unsigned place, CHECK_MODEL model, CHECK_INTERRUPTS interrupts,
                     int (*judge)(unsigned place));

#endif

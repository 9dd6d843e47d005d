/*
 * control_call.h - what the commands of `storhost ctl` share: the adapter that one is carried out
 * on, its words, and its answer (control_command.c, control_power.c).
 */
#ifndef STORHOST_EXPORT_NBD_CONTROL_CALL_H
#define STORHOST_EXPORT_NBD_CONTROL_CALL_H

#include "control.h"
#include "host.h"

#include <stdint.h>

struct call {
    struct storhost_adapter *adapter;
    size_t number; /* of the adapter */
    const struct control_request *request;
    char *const *words; /* behind the command */
    struct control_answer *answer;
};

/* Appends to the data. Without memory the answer becomes an error. */
void answer_add(struct control_answer *answer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* An error of the C API becomes the answer; 0: nothing. */
void outcome(const struct call *call, int result, const struct storhost_error *error);
/* A number with no sign, decimal or with 0x. */
bool number_parse(const char *text, uint32_t maximum, uint32_t *ret_number);
/* A unit by its "P:T:L" (count 3), or the first of a target; NULL after an error. To be released.
 */
struct storhost_unit *unit_find(const struct call *call, const char *text, unsigned count);
/* The index of the word, or -1 after an error. */
int choose(const struct call *call, const char *word, const char *const *names, size_t count);
#define CHOOSE(call, word, names) choose(call, word, names, sizeof(names) / sizeof((names)[0]))

/* control_power.c */
void control_power(const struct call *call);
void control_power_control(const struct call *call);

#endif

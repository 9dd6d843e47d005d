/*
 * control.h - the server's side of `storhost ctl`: a request that was received, and its answer.
 */
#ifndef STORHOST_EXPORT_NBD_CONTROL_H
#define STORHOST_EXPORT_NBD_CONTROL_H

#include "control_protocol.h"

#include <stdbool.h>
#include <stddef.h>

struct control_request {
    char line[CONTROL_LINE_BYTES];
    char *words[CONTROL_WORDS_MAX]; /* into the line */
    unsigned word_count;
    unsigned char *data; /* what followed the line */
    size_t data_length;
};

struct control_answer {
    bool good;
    char error[CONTROL_LINE_BYTES]; /* one line, when not good */
    char *data;                     /* to be freed; may be NULL */
    size_t length;
};

/* Splits the line and finds the command. The number of bytes that follow the line, or -1 after the
 * answer was made an error. */
long control_parse(struct control_request *request, struct control_answer *answer);
/* Carries out what was parsed; blocks as long as that takes. */
void control_run(const struct control_request *request, struct control_answer *answer);
/* control_registry.c. *ret_text is to be freed. 0 or a negative errno with words. */
struct storhost_adapter;
struct storhost_error;
int control_registry(struct storhost_adapter *adapter, const struct control_request *request,
                     char **ret_text, struct storhost_error *error);
void control_fail(struct control_answer *answer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

/*
 * report.c - lines to the supervisor (`storhost serve`), one packet each.
 *
 * Rule: a supervisor that is slow or gone never stops the machine.
 */
#include "host.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

void host_report(const char *kind, const char *format, ...)
{
    char line[HOST_REPORT_BYTES];
    va_list arguments;

    int used = snprintf(line, sizeof(line), "%s ", kind);
    va_start(arguments, format);
    vsnprintf(line + used, sizeof(line) - (size_t)used, format, arguments);
    va_end(arguments);
    if (host_options.report_fd < 0) {
        fprintf(stderr, "storhost: %s\n", line);
        return;
    }
    bool droppable =
        strcmp(kind, "log") == 0 || strcmp(kind, "event") == 0 || strcmp(kind, "bugcheck") == 0;
    int flags = MSG_NOSIGNAL | (droppable ? MSG_DONTWAIT : 0);
    if (send(host_options.report_fd, line, strlen(line), flags) < 0)
        return; /* nobody listens any more; the parent's death ends us */
}

/*
 * trace.c - recordings of what happens in the machine.
 */
#include "api/api_internal.h"

#include "nt/print.h"
#include "port/trace.h"
#include "trace/recorder.h"
#include "trace/trace.h"

#include <errno.h>
#include <string.h>

int api_trace_start(const char *path, uint64_t limit_bytes, struct storhost_error *error)
{
    struct trace_recording_options options = {
        .path = path, .limit_bytes = limit_bytes, .gate_name = port_gate_name};
    int result = trace_recording_start(&options);

    if (result == 0) {
        port_trace_name_all();
        port_trace_tell_drivers(true);
    } else if (result == -EBUSY) {
        api_error(error, "trace %s: a trace is being written already: stop it first", path);
    } else {
        api_error(error, "trace %s: %s", path, strerror(-result));
    }
    return result;
}

int api_trace_stop(void)
{
    char line[256] = "";
    int result = trace_recording_stop(line, sizeof(line));

    if (result == 0 && !trace_is_listening())
        port_trace_tell_drivers(false);
    if (line[0] != '\0')
        nt_print("%s", line);
    return result;
}

STORHOST_API int storhost_trace_start(const char *path, uint64_t limit_bytes,
                                      struct storhost_error *error)
{
    if (!api_is_running()) {
        api_error(error, "trace %s: no machine runs in this process", path);
        return -EINVAL;
    }
    return api_trace_start(path, limit_bytes, error);
}

STORHOST_API int storhost_trace_stop(struct storhost_error *error)
{
    int result = api_trace_stop();

    if (result != 0)
        api_error(error, "no trace is being written");
    return result;
}

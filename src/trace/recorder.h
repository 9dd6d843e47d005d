/*
 * recorder.h - a recording: a thread that empties the event ring into a file as a timeline in the
 * Chrome trace format, while the machine runs.
 *
 * The file can be opened at any time, also when the process was killed: its last bracket may be
 * missing. A bug check writes what the rings hold first.
 */
#ifndef STORHOST_TRACE_RECORDER_H
#define STORHOST_TRACE_RECORDER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TRACE_FILE_BYTES_DEFAULT (256ull << 20)

struct trace_recording_options {
    const char *path;
    /* The file grows no further than this, but for a line that says so. 0: the default. */
    uint64_t limit_bytes;
    const char *(*gate_name)(uint32_t gate); /* the port's word for one gate */
};
/* PASSIVE_LEVEL, a machine runs. One at a time: -EBUSY. What opening the file returns; -ENOMEM. */
int trace_recording_start(const struct trace_recording_options *options);
/* PASSIVE_LEVEL. Writes what has happened until now and closes the file. *line, if not NULL, is
 * what to tell the user: what was lost, why the file ends early. -ENOENT: there is none. */
int trace_recording_stop(char *line, size_t size);

#ifdef __cplusplus
}
#endif

#endif

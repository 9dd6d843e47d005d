/*
 * recorder.c - see recorder.h.
 */
#include "trace/recorder.h"

#include "nt/bugcheck.h"
#include "nt/thread.h"
#include "trace/timeline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    FLUSH_BYTES = 1 << 16,
    END_ROOM = 4096, /* of the limit, for what ends the file */
};

/* How far what is written lags behind at most, and how long an event may be on its way into its
 * ring: what is younger than that waits for the next look. */
#define LOOK_NS     (20 * SYS_NS_PER_MS)
#define UNDERWAY_NS (50 * 1000ull)
/* How long a bug check waits for the file. */
#define LAST_LOOK_NS (5 * SYS_NS_PER_S)

static struct sys_mutex mutex; /* starting and stopping */
static struct recording {
    struct nt_event_reader *reader;
    struct timeline *timeline;
    struct timeline_words words;
    struct trace_json out;
    int fd;
    int error; /* of writing */
    uint64_t begin_ns, written, limit;
    bool full;
    struct sys_thread *thread;
    uint32_t stop; /* __atomic */
} * recording;     /* changed under the mutex; __atomic */

/* ---- the file ---- */

static void write_all(struct recording *recording, const char *bytes, size_t length)
{
    while (length && !recording->error) {
        ssize_t count = write(recording->fd, bytes, length);
        if (count < 0 && errno != EINTR)
            recording->error = errno;
        if (count < 0)
            continue;
        bytes += count;
        length -= (size_t)count;
        recording->written += (uint64_t)count;
    }
}

/* Whole lines only. */
static void flush(struct recording *recording)
{
    struct trace_json *out = &recording->out;
    char line[160];

    if (recording->full || recording->error)
        out->length = 0;
    if (out->length + recording->written + END_ROOM > recording->limit && !recording->full) {
        recording->full = true;
        snprintf(line, sizeof(line),
                 "{\"ph\":\"i\",\"s\":\"g\",\"ts\":%llu,\"cat\":\"lost\",\"name\":\"the file has "
                 "reached its limit: the trace ends here\"},\n",
                 (unsigned long long)(sys_now_ns() - recording->begin_ns) / 1000);
        write_all(recording, line, strlen(line));
        out->length = 0;
    }
    write_all(recording, out->text, out->length);
    out->length = 0;
}

static void look(struct recording *recording, uint64_t horizon_ns)
{
    struct nt_event event;
    uint32_t lost;

    while (nt_events_read(recording->reader, horizon_ns, &event, &lost)) {
        timeline_event(recording->timeline, &event, lost);
        if (recording->out.length >= FLUSH_BYTES)
            flush(recording);
    }
    flush(recording);
    nt_events_read_looked(horizon_ns);
}

static void recorder_main(void *argument)
{
    struct recording *recording = argument;

    while (!__atomic_load_n(&recording->stop, __ATOMIC_ACQUIRE)) {
        look(recording, sys_now_ns() - UNDERWAY_NS);
        nt_events_read_wait(recording->reader, sys_now_ns() + LOOK_NS);
    }
    look(recording, SYS_FOREVER);
}

/* ---- the end of the process ---- */

/* At any IRQL, with any lock held: the recorder takes none of these. */
static void bugcheck_tell(uint32_t code, const char *reason)
{
    nt_event_write_more(NT_EVENT_BUGCHECK, "bug check", code, 0,
                        &(struct nt_event_more){.data = reason, .size = strlen(reason)});
    (void)nt_events_settle(sys_now_ns() + LAST_LOOK_NS);
}

/* ---- start and stop ---- */

static void describe(uint64_t address, char *line, size_t size)
{
    nt_address_describe((const void *)(uintptr_t)address, line, (unsigned)size);
}

static void recording_destroy(struct recording *recording)
{
    timeline_destroy(recording->timeline);
    trace_json_destroy(&recording->out);
    if (recording->fd >= 0)
        close(recording->fd);
    free(recording);
}

/* NULL with a negative errno. */
static struct recording *recording_create(const struct trace_recording_options *options,
                                          int *ret_error)
{
    struct recording *recording = calloc(1, sizeof(*recording));

    if (!recording) {
        *ret_error = -ENOMEM;
        return NULL;
    }
    recording->limit = options->limit_bytes ? options->limit_bytes : TRACE_FILE_BYTES_DEFAULT;
    recording->words = (struct timeline_words){options->gate_name, describe};
    recording->fd = open(options->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    if (recording->fd < 0) {
        *ret_error = -errno;
        recording_destroy(recording);
        return NULL;
    }
    write_all(recording, "[\n", 2);
    return recording;
}

static int start_locked(const struct trace_recording_options *options)
{
    int error = 0;

    if (recording)
        return -EBUSY;
    struct recording *new = recording_create(options, &error);
    if (!new)
        return error;
    error = nt_events_record(&new->reader);
    if (error)
        goto destroy;
    new->begin_ns = sys_now_ns();
    new->timeline = timeline_create(&new->out, &new->words, new->begin_ns);
    error = !new->timeline ? -ENOMEM
                           : nt_thread_create(&new->thread, "nt-recorder", recorder_main, new);
    if (error)
        goto end_record;
    __atomic_store_n(&recording, new, __ATOMIC_RELEASE);
    nt_bugcheck_set_witness(bugcheck_tell);
    return 0;

end_record:
    nt_events_record_end(new->reader);
    nt_events_reader_destroy(new->reader);
destroy:
    recording_destroy(new);
    return error;
}

int trace_recording_start(const struct trace_recording_options *options)
{
    sys_mutex_lock(&mutex);
    int error = start_locked(options);
    sys_mutex_unlock(&mutex);
    return error;
}

/* The last lines, and what there is to tell. */
static void recording_end(struct recording *recording, char *line, size_t size)
{
    static const char end[] = "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_labels\",\"args\":{"
                              "\"labels\":\"\"}}\n]\n";
    uint64_t lost = timeline_lost(recording->timeline);
    bool full = recording->full;

    recording->limit += END_ROOM;
    timeline_finish(recording->timeline);
    recording->limit = full ? recording->limit : UINT64_MAX; /* what ends open slices has room */
    flush(recording);
    write_all(recording, end, sizeof(end) - 1);
    if (recording->error)
        snprintf(line, size, "writing the trace failed: %s", strerror(recording->error));
    else if (full)
        snprintf(line, size, "the trace ends early: its file has reached the limit of %llu MiB",
                 (unsigned long long)(recording->limit >> 20));
    else if (lost)
        snprintf(line, size,
                 "%llu events came too fast and are not in the trace: it has gaps, which it shows",
                 (unsigned long long)lost);
    else
        line[0] = '\0';
}

int trace_recording_stop(char *line, size_t size)
{
    sys_mutex_lock(&mutex);
    struct recording *old = recording;
    if (old) {
        nt_bugcheck_set_witness(NULL);
        __atomic_store_n(&recording, NULL, __ATOMIC_RELEASE);
        nt_events_record_end(old->reader);
        __atomic_store_n(&old->stop, 1, __ATOMIC_RELEASE);
        nt_events_read_wake();
        sys_thread_join(old->thread);
        recording_end(old, line, size);
        nt_events_reader_destroy(old->reader);
        recording_destroy(old);
    }
    sys_mutex_unlock(&mutex);
    return old ? 0 : -ENOENT;
}

/*
 * bench.c - `storhost bench`: keeps requests under way on one unit and measures.
 *
 * What it adds to a request: a block number, two stores and, for the requests whose latency is
 * taken, two looks at the clock. Fast devices (more than a million requests a second a thread) have
 * the latency of one request in 16 taken, so that measuring does not become what is measured.
 */
#include "cli.h"
#include "histogram.h"
#include "sys/sys.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { THREADS_MAX = 256, SAMPLE_FAST = 16, RATE_CHECK = 65536 };

struct bench;

struct bench_slot {
    struct bench_thread *thread;
    void *buffer;
    uint64_t start_ns; /* 0: its latency is not taken */
};

struct bench_thread {
    struct bench *bench;
    struct sys_thread *thread;
    struct storhost_queue *queue;
    struct bench_slot *slots;
    struct histogram latency;
    uint64_t random, next_block;
    uint64_t started, completed, failed;
    uint64_t start_ns;
    uint32_t sample_mask;
    int error; /* why it could not work */
    enum storhost_status first_failure;
    uint8_t first_srb_status;
};

struct bench {
    const struct arguments *arguments;
    struct storhost_unit *unit;
    uint64_t positions; /* places on the disk, size_bytes apart */
    uint32_t blocks;    /* of a request */
    uint32_t stop;      /* threads look, the main thread sets */
    struct bench_thread threads[THREADS_MAX];
};

struct bench_result {
    struct histogram latency;
    uint64_t completed, failed;
    double seconds, processor_seconds;
};

/* ---- a thread ---- */

static uint64_t random_next(struct bench_thread *thread)
{
    uint64_t x = thread->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return thread->random = x;
}

static void bench_done(void *context, const struct storhost_result *result);

static uint64_t choose_block(struct bench_thread *thread)
{
    struct bench *bench = thread->bench;
    uint64_t position;

    if (bench->arguments->sequential) {
        position = thread->next_block;
        if (++thread->next_block == bench->positions)
            thread->next_block = 0;
    } else {
        position = (uint64_t)(((unsigned __int128)random_next(thread) * bench->positions) >> 64);
    }
    return position * bench->blocks;
}

static void submit_next(struct bench_slot *slot)
{
    struct bench_thread *thread = slot->thread;
    struct bench *bench = thread->bench;
    unsigned writes = bench->arguments->write_percent;
    uint64_t block = choose_block(thread);
    bool write = writes != 0 && (random_next(thread) >> 32) % 100 < writes;
    int error;

    slot->start_ns = (thread->started++ & thread->sample_mask) == 0 ? sys_now_ns() : 0;
    if (write)
        error = storhost_submit_write(thread->queue, bench->unit, block, bench->blocks,
                                      slot->buffer, bench_done, slot);
    else
        error = storhost_submit_read(thread->queue, bench->unit, block, bench->blocks, slot->buffer,
                                     bench_done, slot);
    if (error != 0 && thread->error == 0)
        thread->error = error;
}

/* After a while the rate is known, and with it whether every latency can be afforded. */
static void adapt_sampling(struct bench_thread *thread, uint64_t now_ns)
{
    if (thread->sample_mask == 0 && now_ns - thread->start_ns < RATE_CHECK * 1000ull)
        thread->sample_mask = SAMPLE_FAST - 1;
}

static void bench_done(void *context, const struct storhost_result *result)
{
    struct bench_slot *slot = context;
    struct bench_thread *thread = slot->thread;

    if (slot->start_ns != 0) {
        uint64_t now_ns = sys_now_ns();
        histogram_add(&thread->latency, now_ns - slot->start_ns);
        if (thread->completed < RATE_CHECK && thread->completed >= RATE_CHECK - SAMPLE_FAST)
            adapt_sampling(thread, now_ns);
    }
    thread->completed++;
    if (__builtin_expect(result->status != STORHOST_OK, 0)) {
        if (thread->failed++ == 0) {
            thread->first_failure = result->status;
            thread->first_srb_status = result->srb_status;
        }
    }
    if (__atomic_load_n(&thread->bench->stop, __ATOMIC_RELAXED) == 0)
        submit_next(slot);
}

static int thread_prepare(struct bench_thread *thread)
{
    const struct arguments *arguments = thread->bench->arguments;
    int error = storhost_queue_create(&thread->queue, arguments->depth);

    if (error != 0)
        return error;
    thread->slots = calloc(arguments->depth, sizeof(*thread->slots));
    if (thread->slots == NULL)
        return -ENOMEM;
    for (unsigned i = 0; i < arguments->depth; i++) {
        thread->slots[i].thread = thread;
        thread->slots[i].buffer = storhost_buffer_allocate(arguments->size_bytes);
        if (thread->slots[i].buffer == NULL)
            return -ENOMEM;
        memset(thread->slots[i].buffer, (int)(i + 1), arguments->size_bytes);
    }
    return 0;
}

static void thread_release(struct bench_thread *thread)
{
    if (thread->slots != NULL) {
        for (unsigned i = 0; i < thread->bench->arguments->depth; i++)
            storhost_buffer_free(thread->slots[i].buffer);
    }
    free(thread->slots);
    storhost_queue_destroy(thread->queue);
}

static void thread_run(void *argument)
{
    struct bench_thread *thread = argument;

    thread->error = thread_prepare(thread);
    if (thread->error == 0) {
        thread->start_ns = sys_now_ns();
        for (unsigned i = 0; i < thread->bench->arguments->depth; i++)
            submit_next(&thread->slots[i]);
        while (thread->completed < thread->started) {
            if (storhost_wait(thread->queue, -1) == 0 && thread->error != 0)
                break;
        }
    }
    thread_release(thread);
}

/* ---- the measurement ---- */

static double processor_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static bool bench_prepare(struct bench *bench)
{
    const struct arguments *arguments = bench->arguments;
    struct storhost_unit_info info = {.size = sizeof(info)};
    char limit[32], size[32];
    int error = storhost_unit_describe(bench->unit, &info);

    if (error != 0 || !info.has_blocks) {
        message("the unit cannot be measured: %s",
                error != 0 ? storhost_unit_problem(error) : "it has no blocks to read");
        return false;
    }
    if (arguments->size_bytes % info.block_size != 0 ||
        arguments->size_bytes > info.transfer_limit ||
        arguments->size_bytes > info.block_count * info.block_size) {
        message("--size %" PRIu64 ": give a multiple of the block size %u, at most %s",
                arguments->size_bytes, info.block_size, size_text(limit, info.transfer_limit));
        return false;
    }
    if (arguments->write_percent != 0 && info.read_only) {
        message("--writes %u: the unit is read only", arguments->write_percent);
        return false;
    }
    bench->blocks = (uint32_t)(arguments->size_bytes / info.block_size);
    bench->positions = info.block_count / bench->blocks;
    if (!arguments->json)
        printf("%s %s, %s: %u%% writes of %s, %s, depth %u, %u thread%s, %u s\n", info.vendor,
               info.product, size_text(limit, info.block_count * info.block_size),
               arguments->write_percent, size_text(size, arguments->size_bytes),
               arguments->sequential ? "sequential" : "random", arguments->depth,
               arguments->threads, arguments->threads == 1 ? "" : "s", arguments->seconds);
    return true;
}

/* Starts as many threads as it can; returns how many. */
static unsigned threads_start(struct bench *bench)
{
    for (unsigned i = 0; i < bench->arguments->threads; i++) {
        struct bench_thread *thread = &bench->threads[i];
        thread->bench = bench;
        thread->random = 0x9E3779B97F4A7C15ull * (i + 1);
        thread->next_block = bench->positions / bench->arguments->threads * i;
        int error = sys_thread_create(&thread->thread, "bench", thread_run, thread);
        if (error != 0) {
            message("thread %u cannot be started: %s", i, strerror(-error));
            return i;
        }
    }
    return bench->arguments->threads;
}

static bool bench_measure(struct bench *bench, struct bench_result *result)
{
    const struct arguments *arguments = bench->arguments;
    double processor_start = processor_seconds();
    uint64_t start_ns = sys_now_ns();
    uint64_t end_ns = start_ns + arguments->seconds * SYS_NS_PER_S;
    unsigned count = threads_start(bench);
    bool good = count == arguments->threads;

    if (good)
        sys_wait(&bench->stop, 0, end_ns);
    __atomic_store_n(&bench->stop, 1, __ATOMIC_RELAXED);
    for (unsigned i = 0; i < count; i++) {
        struct bench_thread *thread = &bench->threads[i];
        sys_thread_join(thread->thread);
        histogram_merge(&result->latency, &thread->latency);
        result->completed += thread->completed;
        result->failed += thread->failed;
        if (thread->error != 0 && good) {
            message(
                "thread %u cannot go on: %s: give a smaller --depth or --size, or more --memory", i,
                strerror(-thread->error));
            good = false;
        }
        if (thread->failed != 0 && good) {
            message("%" PRIu64 " of %" PRIu64 " requests failed; the first with status %d, SRB "
                    "status 0x%02X",
                    thread->failed, thread->completed, (int)thread->first_failure,
                    thread->first_srb_status);
            good = false;
        }
    }
    result->seconds = (double)(sys_now_ns() - start_ns) / 1e9;
    result->processor_seconds = processor_seconds() - processor_start;
    return good;
}

/* ---- what is printed ---- */

static const struct {
    const char *name;
    double share;
} percentiles[] = {{"p50", 0.50}, {"p90", 0.90}, {"p99", 0.99}, {"p99.9", 0.999}};
enum { PERCENTILE_COUNT = sizeof(percentiles) / sizeof(percentiles[0]) };

static void print_text(const struct bench *bench, const struct bench_result *result)
{
    double rate = (double)result->completed / result->seconds;
    char text[32];

    printf("requests    %" PRIu64 " (%.0f a second, %.1f MiB/s)\n", result->completed, rate,
           rate * (double)bench->arguments->size_bytes / (1 << 20));
    printf("cost        %.0f ns of processor time a request (the whole process)\n",
           result->processor_seconds * 1e9 / (double)result->completed);
    printf("latency     min %s", duration_text(text, result->latency.minimum_ns));
    for (unsigned i = 0; i < PERCENTILE_COUNT; i++)
        printf(", %s %s", percentiles[i].name,
               duration_text(text, histogram_percentile(&result->latency, percentiles[i].share)));
    printf(", max %s\n", duration_text(text, result->latency.maximum_ns));
    histogram_print(&result->latency, stdout);
}

static void print_json(const struct bench_result *result)
{
    printf("{\n  \"requests\": %" PRIu64 ",\n  \"failed\": %" PRIu64 ",\n  \"seconds\": %.6f,\n"
           "  \"requests_per_second\": %.1f,\n  \"processor_ns_per_request\": %.1f,\n"
           "  \"latency_ns\": {\"min\": %" PRIu64,
           result->completed, result->failed, result->seconds,
           (double)result->completed / result->seconds,
           result->processor_seconds * 1e9 / (double)result->completed, result->latency.minimum_ns);
    for (unsigned i = 0; i < PERCENTILE_COUNT; i++)
        printf(", \"%s\": %" PRIu64, percentiles[i].name,
               histogram_percentile(&result->latency, percentiles[i].share));
    printf(", \"max\": %" PRIu64 "}\n}\n", result->latency.maximum_ns);
}

static bool bench_run(const struct arguments *arguments, struct storhost_unit *unit)
{
    static struct bench bench;
    static struct bench_result result;

    bench.arguments = arguments;
    bench.unit = unit;
    if (!bench_prepare(&bench) || !bench_measure(&bench, &result))
        return false;
    if (result.completed == 0) {
        message("no request finished in %u s", arguments->seconds);
        return false;
    }
    if (arguments->json)
        print_json(&result);
    else
        print_text(&bench, &result);
    return true;
}

int command_bench(const struct arguments *arguments)
{
    struct session session;
    bool good = false;

    if (!session_start(&session, arguments))
        return EXIT_RUNTIME;
    struct storhost_unit *unit = session_find_unit(&session, arguments->unit);
    if (unit != NULL) {
        good = bench_run(arguments, unit);
        storhost_unit_release(unit);
    }
    if (!session_stop(&session))
        good = false;
    return good ? EXIT_OK : EXIT_RUNTIME;
}

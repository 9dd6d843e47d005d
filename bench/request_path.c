/*
 * request_path - what one request costs from submission to completion, through the whole port,
 * against miniports that complete at once and move nothing.
 *
 * Beside it, measured in the same run and interleaved with it, two floors: indirect calls through a
 * ring, and the same with two uncontended spin locks and the atomics that a request needs. Each is
 * timed twice: by the clock on the wall and by the processor time of the whole process. On an idle
 * machine the two agree for one thread; on a busy one the second is the one to look at. Prints a
 * table for people and, with --json FILE, the same as JSON. Never fails by time.
 */
#include <storhost/storhost.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS_MAX = 64, DEPTH_MAX = 128, BLOCK = 512, BLOCKS = 8, MEASURES_MAX = 24 };

/* ---- time and statistics ---- */

static double clock_s(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

struct cost {
    double elapsed, processor;
};

/* Both clocks, in seconds. */
static struct cost cost_now(void)
{
    return (struct cost){clock_s(CLOCK_MONOTONIC), clock_s(CLOCK_PROCESS_CPUTIME_ID)};
}

/* Nanoseconds for each of `requests` that were done meanwhile. */
static struct cost cost_between(struct cost begin, struct cost end, unsigned long requests)
{
    double factor = 1e9 / (double)requests;

    return (struct cost){(end.elapsed - begin.elapsed) * factor,
                         (end.processor - begin.processor) * factor};
}

struct measure {
    const char *name;
    const char *driver;
    unsigned depth, threads;
    double elapsed_ns[ROUNDS_MAX], processor_ns[ROUNDS_MAX];
    unsigned rounds;
};

static struct measure measures[MEASURES_MAX];
static unsigned measure_count;

static int compare_doubles(const void *first, const void *second)
{
    double left = *(const double *)first, right = *(const double *)second;

    return left < right ? -1 : left > right;
}

/* ---- the floors ---- */

struct floor_slot {
    void (*call)(struct floor_slot *slot);
    struct floor_slot *next;
    uint64_t count;
};

static __attribute__((noinline)) void floor_call(struct floor_slot *slot)
{
    slot->count++;
    __asm__ volatile("" ::: "memory");
}

static struct cost floor_ring(unsigned long requests)
{
    struct floor_slot ring[32];

    for (unsigned i = 0; i < 32; i++)
        ring[i] = (struct floor_slot){floor_call, &ring[(i + 1) % 32], 0};
    struct floor_slot *slot = ring;
    struct cost begin = cost_now();
    for (unsigned long i = 0; i < requests; i++) {
        slot->call(slot);
        slot = slot->next;
    }
    return cost_between(begin, cost_now(), requests);
}

static uintptr_t floor_lock_words[2];
static uint32_t floor_state;

static inline void floor_lock(uintptr_t *word)
{
    uintptr_t expected = 0;

    while (
        !__atomic_compare_exchange_n(word, &expected, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        expected = 0;
}

static struct cost floor_locks(unsigned long requests)
{
    struct floor_slot ring[32];

    for (unsigned i = 0; i < 32; i++)
        ring[i] = (struct floor_slot){floor_call, &ring[(i + 1) % 32], 0};
    struct floor_slot *slot = ring;
    struct cost begin = cost_now();
    for (unsigned long i = 0; i < requests; i++) {
        floor_lock(&floor_lock_words[0]);
        floor_lock(&floor_lock_words[1]);
        slot->call(slot);
        __atomic_exchange_n(&floor_state, 1, __ATOMIC_ACQ_REL);
        __atomic_fetch_add(&floor_state, 1, __ATOMIC_RELAXED);
        __atomic_store_n(&floor_lock_words[1], 0, __ATOMIC_RELEASE);
        __atomic_store_n(&floor_lock_words[0], 0, __ATOMIC_RELEASE);
        slot = slot->next;
    }
    return cost_between(begin, cost_now(), requests);
}

/* ---- the request path ---- */

/* Two cache lines apart from another thread's. */
struct client {
    struct storhost_queue *queue;
    struct storhost_unit *unit;
    unsigned char *buffer;
    unsigned long left, done;
    uint64_t block;
    unsigned depth;
    struct cost cost; /* of a request */
} __attribute__((aligned(128)));

static void submit_one(struct client *client);

static void on_done(void *context, const struct storhost_result *result)
{
    struct client *client = context;

    if (result->status != STORHOST_OK) {
        fprintf(stderr, "request_path: a request ended with status %d\n", result->status);
        exit(1);
    }
    client->done++;
    if (client->left)
        submit_one(client);
}

static void submit_one(struct client *client)
{
    client->left--;
    client->block = (client->block + BLOCKS) & 0xFFFFF;
    int error = storhost_submit_read(client->queue, client->unit, client->block, BLOCKS,
                                     client->buffer, on_done, client);
    if (error) {
        fprintf(stderr, "request_path: submit: %s\n", strerror(-error));
        exit(1);
    }
}

static void run_client(struct client *client, unsigned long requests)
{
    client->left = requests;
    client->done = 0;
    struct cost begin = cost_now();
    for (unsigned i = 0; i < client->depth && client->left; i++)
        submit_one(client);
    while (client->done < requests)
        if (!storhost_poll(client->queue))
            storhost_wait(client->queue, -1);
    client->cost = cost_between(begin, cost_now(), requests);
}

static void client_open(struct client *client, struct storhost_unit *unit, unsigned depth)
{
    *client = (struct client){.unit = unit, .depth = depth};
    if (storhost_queue_create(&client->queue, DEPTH_MAX) ||
        !(client->buffer = storhost_buffer_allocate(BLOCK * BLOCKS))) {
        fprintf(stderr, "request_path: out of memory\n");
        exit(1);
    }
}

static void client_close(struct client *client)
{
    storhost_buffer_free(client->buffer);
    storhost_queue_destroy(client->queue);
}

static struct cost path_one(struct storhost_unit *unit, unsigned depth, unsigned long requests)
{
    struct client client;

    client_open(&client, unit, depth);
    run_client(&client, requests);
    client_close(&client);
    return client.cost;
}

/* Threads that start together; the first that is done ends the run of all, so that what is measured
 * is a time in which all had work. They look after every part of their requests. */
enum { THREADS_MAX = 8, PARTS = 64 };

struct thread_run {
    struct client client;
    pthread_barrier_t *barrier;
    unsigned *stop;
    unsigned number;
    unsigned long requests, done;
    struct cost begin, end;
};

/* The host would let two short runs share a CPU for most of their time. */
static void stay_on_own_processor(unsigned number)
{
    cpu_set_t allowed, own;

    CPU_ZERO(&own);
    if (pthread_getaffinity_np(pthread_self(), sizeof(allowed), &allowed))
        return;
    for (unsigned i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &allowed) && number-- == 0)
            CPU_SET(i, &own);
    if (CPU_COUNT(&own))
        pthread_setaffinity_np(pthread_self(), sizeof(own), &own);
}

static void *thread_entry(void *context)
{
    struct thread_run *run = context;

    stay_on_own_processor(run->number);
    client_open(&run->client, run->client.unit, run->client.depth);
    run_client(&run->client, run->requests / 8 + 1); /* warm */
    pthread_barrier_wait(run->barrier);
    run->begin = cost_now();
    for (unsigned i = 0; i < PARTS && !__atomic_load_n(run->stop, __ATOMIC_RELAXED); i++) {
        run_client(&run->client, run->requests / PARTS + 1);
        run->done += run->requests / PARTS + 1;
    }
    __atomic_store_n(run->stop, 1, __ATOMIC_RELAXED);
    run->end = cost_now();
    client_close(&run->client);
    return NULL;
}

/* Of a request, whichever thread it is of. */
static struct cost path_threads(struct storhost_unit *unit, unsigned depth, unsigned long requests,
                                unsigned threads)
{
    struct thread_run runs[THREADS_MAX];
    pthread_t ids[THREADS_MAX];
    pthread_barrier_t barrier;
    unsigned stop = 0;

    pthread_barrier_init(&barrier, NULL, threads);
    for (unsigned i = 0; i < threads; i++) {
        runs[i] = (struct thread_run){.client = {.unit = unit, .depth = depth},
                                      .barrier = &barrier,
                                      .stop = &stop,
                                      .number = i,
                                      .requests = requests};
        pthread_create(&ids[i], NULL, thread_entry, &runs[i]);
    }
    for (unsigned i = 0; i < threads; i++)
        pthread_join(ids[i], NULL);
    pthread_barrier_destroy(&barrier);
    struct cost begin = runs[0].begin, end = runs[0].end;
    unsigned long done = 0;
    for (unsigned i = 0; i < threads; i++) {
        if (runs[i].begin.elapsed < begin.elapsed)
            begin = runs[i].begin;
        if (runs[i].end.elapsed > end.elapsed)
            end = runs[i].end;
        done += runs[i].done;
    }
    return cost_between(begin, end, done);
}

/* ---- drivers ---- */

struct target {
    const char *file; /* the driver's: a module or an image */
    const char *device;
    const char *setting;
    struct storhost_driver *driver;
    struct storhost_adapter *adapter;
    struct storhost_unit *unit;
};

static void target_open(struct target *target, const char *directory)
{
    struct storhost_error error;
    char path[4096];
    const char *settings[] = {target->setting};

    snprintf(path, sizeof(path), "%s/%s", directory, target->file);
    struct storhost_driver_options driver = {.size = sizeof(driver),
                                             .path = path,
                                             .settings = settings,
                                             .setting_count = target->setting ? 1 : 0};
    struct storhost_adapter_options adapter = {.size = sizeof(adapter), .device = target->device};
    if (storhost_driver_load(&target->driver, &driver, &error) ||
        storhost_adapter_start(&target->adapter, target->driver, &adapter, &error)) {
        fprintf(stderr, "request_path: %s\n", error.text);
        exit(1);
    }
    target->unit = storhost_unit_get(target->adapter, 0);
    struct storhost_unit_info info = {.size = sizeof(info)};
    if (!target->unit || storhost_unit_describe(target->unit, &info)) {
        fprintf(stderr, "request_path: %s has no usable unit\n", target->file);
        exit(1);
    }
}

static void target_close(struct target *target)
{
    struct storhost_error error;

    storhost_unit_release(target->unit);
    storhost_adapter_stop(target->adapter, &error);
    storhost_driver_unload(target->driver);
}

/* ---- output ---- */

struct summary {
    double median, low, high;
};

static struct summary summarize(const double *values, unsigned count)
{
    double sorted[ROUNDS_MAX];

    memcpy(sorted, values, count * sizeof(*values));
    qsort(sorted, count, sizeof(*sorted), compare_doubles);
    return (struct summary){sorted[count / 2], sorted[0], sorted[count - 1]};
}

static void print_values(FILE *json, const char *name, const double *values, unsigned count)
{
    fprintf(json, ",\"%s\":[", name);
    for (unsigned i = 0; i < count; i++)
        fprintf(json, "%s%.2f", i ? "," : "", values[i]);
    fprintf(json, "]");
}

static void print_results(FILE *json)
{
    printf("%-34s %5s %7s %12s %8s %8s %20s\n", "path", "depth", "threads", "ns, median", "min",
           "max", "processor, median");
    if (json)
        fprintf(json, "{\"measures\":[");
    for (unsigned i = 0; i < measure_count; i++) {
        const struct measure *measure = &measures[i];
        struct summary elapsed = summarize(measure->elapsed_ns, measure->rounds);
        printf("%-34s %5u %7u %12.1f %8.1f %8.1f %20.1f\n", measure->name, measure->depth,
               measure->threads, elapsed.median, elapsed.low, elapsed.high,
               summarize(measure->processor_ns, measure->rounds).median);
        if (!json)
            continue;
        fprintf(json, "%s{\"name\":\"%s\",\"depth\":%u,\"threads\":%u", i ? "," : "", measure->name,
                measure->depth, measure->threads);
        print_values(json, "elapsed_ns", measure->elapsed_ns, measure->rounds);
        print_values(json, "processor_ns", measure->processor_ns, measure->rounds);
        fprintf(json, "}");
    }
    if (json)
        fprintf(json, "]}\n");
}

static struct measure *measure_at(unsigned index, const char *name, unsigned depth,
                                  unsigned threads)
{
    if (index >= measure_count) {
        measures[index] = (struct measure){.name = name, .depth = depth, .threads = threads};
        measure_count = index + 1;
    }
    return &measures[index];
}

static void add(unsigned *index, const char *name, unsigned depth, unsigned threads,
                struct cost cost)
{
    struct measure *measure = measure_at((*index)++, name, depth, threads);

    measure->elapsed_ns[measure->rounds] = cost.elapsed;
    measure->processor_ns[measure->rounds++] = cost.processor;
}

enum { VIRTUAL, PHYSICAL, VIRTUAL_IMAGE, PHYSICAL_IMAGE, CHANNELS, TARGETS };

static struct target targets[TARGETS] = {
    [VIRTUAL] = {.file = "null_virtual.so", .device = "none"},
    [PHYSICAL] = {.file = "null_physical.so", .device = "model:scratch"},
    [VIRTUAL_IMAGE] = {.file = "null_virtual.sys", .device = "none"},
    [PHYSICAL_IMAGE] = {.file = "null_physical.sys", .device = "model:scratch"},
    [CHANNELS] = {.file = "null_physical.so",
                  .device = "model:scratch",
                  .setting = "Parameters\\Device\\ConcurrentChannels=8"},
};
/* Of those that one thread works with; `--only` takes them by the last words. */
static const char *const figures[CHANNELS] = {"null, virtual", "null, physical",
                                              "null, virtual image", "null, physical image"};

static void run_round(unsigned long requests)
{
    static const unsigned depths[] = {1, 32, 128};
    unsigned index = 0;

    add(&index, "floor: calls through a ring", 32, 1, floor_ring(requests));
    add(&index, "floor: and two locks, two atomics", 32, 1, floor_locks(requests));
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned target = 0; target < CHANNELS; target++)
            add(&index, figures[target], depths[i], 1,
                path_one(targets[target].unit, depths[i], requests));
    }
    add(&index, "null, concurrent channels", 32, 1,
        path_threads(targets[CHANNELS].unit, 32, requests, 1));
    add(&index, "null, concurrent channels", 32, 2,
        path_threads(targets[CHANNELS].unit, 32, requests, 2));
}

static int usage(void)
{
    fprintf(stderr, "usage: request_path MODULE-DIRECTORY [--rounds N] [--requests N] "
                    "[--json FILE] [--only \"virtual|physical[ image]\" DEPTH]\n");
    return 2;
}

int main(int argc, char **argv)
{
    unsigned rounds = 9, only_depth = 0;
    unsigned long requests = 1000000;
    const char *json_path = NULL, *only = NULL;

    if (argc < 2)
        return usage();
    for (int i = 2; i < argc; i++) {
        if (!strcmp(argv[i], "--rounds") && i + 1 < argc)
            rounds = (unsigned)atoi(argv[++i]);
        else if (!strcmp(argv[i], "--requests") && i + 1 < argc)
            requests = strtoul(argv[++i], NULL, 10);
        else if (!strcmp(argv[i], "--json") && i + 1 < argc)
            json_path = argv[++i];
        else if (!strcmp(argv[i], "--only") && i + 2 < argc) {
            only = argv[++i];
            only_depth = (unsigned)atoi(argv[++i]);
        } else
            return usage();
    }
    if (!rounds || rounds > ROUNDS_MAX || only_depth > DEPTH_MAX || !requests)
        return usage();
    struct storhost_error error;
    struct storhost_options options = {.size = sizeof(options)};
    if (storhost_start(&options, &error)) {
        fprintf(stderr, "request_path: %s\n", error.text);
        return 1;
    }
    if (only) {
        struct target *target = NULL;
        for (unsigned i = 0; i < CHANNELS; i++)
            if (!strcmp(only, figures[i] + strlen("null, ")))
                target = &targets[i];
        if (!target)
            return usage();
        target_open(target, argv[1]);
        path_one(target->unit, only_depth, requests);
        target_close(target);
        storhost_stop();
        return 0;
    }
    for (unsigned i = 0; i < TARGETS; i++)
        target_open(&targets[i], argv[1]);
    run_round(requests / 20 + 1);
    measure_count = 0;
    for (unsigned round = 0; round < rounds; round++)
        run_round(requests);
    FILE *json = json_path ? fopen(json_path, "w") : NULL;
    print_results(json);
    if (json)
        fclose(json);
    for (unsigned i = TARGETS; i-- > 0;)
        target_close(&targets[i]);
    storhost_stop();
    return 0;
}

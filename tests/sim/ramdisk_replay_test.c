/*
 * ramdisk_replay_test.c - the whole port with the ramdisk in the simulator: two clients on two
 * processors, 1,000 requests. One seed gives one order of events, other seeds give others.
 */
#include "../driver_file.h"
#include "nt/events.h"
#include "nt/machine.h"
#include "nt/print.h"
#include "nt/thread.h"
#include "port/adapter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUESTS = 1000, CLIENTS = 2, DEPTH = 8, BLOCK = 512 };

struct client {
    struct port_unit *unit;
    struct port_queue *queue;
    struct port_request requests[DEPTH];
    unsigned char data[DEPTH][BLOCK];
    unsigned number, submitted, failed;
    uint32_t choice; /* of its own: the seed shall decide about the order alone */
};

static void quiet(void *context, const char *line)
{
    (void)context;
    (void)line;
}

static void submit(struct client *client, struct port_request *request)
{
    unsigned slot = (unsigned)(request - client->requests);
    client->choice = client->choice * 1664525 + 1013904223;
    uint32_t block = client->choice >> 8 & 4095;
    bool write = client->choice >> 24 & 1;

    client->submitted++;
    *request = (struct port_request){
        .unit = client->unit,
        .done = request->done,
        .single = {client->data[slot], BLOCK},
        .length = BLOCK,
        .function = PORT_EXECUTE_SCSI,
        .direction = write ? PORT_DATA_OUT : PORT_DATA_IN,
        .cdb_length = 10,
        .cdb = {write ? 0x2A : 0x28, 0, 0, 0, (uint8_t)(block >> 8), (uint8_t)block, 0, 0, 1},
    };
    port_submit(client->queue, request);
}

static struct client clients[CLIENTS];

static void done(struct port_request *request)
{
    struct client *client = (char *)request >= (char *)&clients[1] ? &clients[1] : &clients[0];

    if (request->status != PORT_OK || request->srb_status != 1)
        client->failed++;
    if (client->submitted < REQUESTS / CLIENTS)
        submit(client, request);
}

static void client_run(void *context)
{
    struct client *client = context;

    if (port_queue_create(&client->queue))
        abort();
    for (unsigned i = 0; i < DEPTH; i++) {
        client->requests[i].done = done;
        submit(client, &client->requests[i]);
    }
    while (port_queue_outstanding(client->queue))
        port_wait(client->queue, SYS_FOREVER);
    port_queue_destroy(client->queue);
}

/* Prints what went wrong and returns non-zero, or leaves the hash in *context. */
static int run_machine(void *context)
{
    char path[4096], reason[512] = "the machine did not start";
    struct port_driver *driver;
    struct port_adapter *adapter;
    struct sys_thread *thread;

    driver_file(path, sizeof(path), "MODULES", "ramdisk");
    if (nt_machine_start(&(struct nt_machine_options){.processor_count = CLIENTS}) ||
        port_driver_load(&driver, &(struct port_driver_options){.path = path}, reason,
                         sizeof(reason)) ||
        port_adapter_start(&adapter, driver,
                           &(struct port_adapter_options){.device = "none", .event = quiet}, reason,
                           sizeof(reason))) {
        fprintf(stderr, "%s\n", reason);
        return 1;
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        clients[i].unit = port_unit_get(adapter, 0);
        clients[i].number = i;
    }
    nt_events_enable(true);
    if (nt_thread_create(&thread, "client", client_run, &clients[1]))
        return 1;
    client_run(&clients[0]);
    sys_thread_join(thread);
    *(uint64_t *)context = nt_events_hash();
    nt_events_enable(false);
    unsigned failed = clients[0].failed + clients[1].failed;
    for (unsigned i = 0; i < CLIENTS; i++)
        port_unit_release(clients[i].unit);
    if (port_adapter_stop(adapter, reason, sizeof(reason)) || failed) {
        fprintf(stderr, "%u requests failed; %s\n", failed, reason);
        return 1;
    }
    port_driver_unload(driver);
    port_finalize();
    nt_machine_stop(NULL);
    return 0;
}

/* The hash of a run in a process of its own: a process is one machine. */
static uint64_t hash_of_seed(uint64_t seed)
{
    uint64_t hash = 0;
    int ends[2], status;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        nt_print_set_sink(quiet, NULL);
        if (sys_start(&(struct sys_options){.seed = seed}) || sys_run(run_machine, &hash) ||
            write(ends[1], &hash, sizeof(hash)) != sizeof(hash))
            _exit(1);
        _exit(0);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], &hash, sizeof(hash));
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(got, sizeof(hash));
    print_message("# seed %" PRIu64 ": event hash %016" PRIx64 "\n", seed, hash);
    return hash;
}

static void one_seed_gives_one_order_of_events(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++)
        assert_int_equal(hash_of_seed(seed), hash_of_seed(seed));
}

/* The folder with the images is in IMAGES. */
static void a_windows_image_gives_the_order_of_its_module(void **state)
{
    char *modules = strdup(getenv("MODULES"));
    uint64_t hashes[3];

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        hashes[i] = hash_of_seed(200 + i);
    setenv("MODULES", getenv("IMAGES"), 1);
    setenv("DRIVER_SUFFIX", ".sys", 1);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(hash_of_seed(200 + i), hashes[i]);
    unsetenv("DRIVER_SUFFIX");
    setenv("MODULES", modules, 1);
    free(modules);
}

static void different_seeds_give_different_orders(void **state)
{
    uint64_t hashes[6];

    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        hashes[i] = hash_of_seed(100 + i);
        for (unsigned j = 0; j < i; j++)
            assert_int_not_equal(hashes[i], hashes[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_seed_gives_one_order_of_events),
        cmocka_unit_test(a_windows_image_gives_the_order_of_its_module),
        cmocka_unit_test(different_seeds_give_different_orders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Fifty times in one process: the machine starts, a driver is loaded, its disk is written, flushed
 * and read, and everything stops. Nothing may stay: no descriptor, thread, child, mapping or byte.
 *
 * Bytes are counted by malloc in ordinary builds, which needs
 * GLIBC_TUNABLES=glibc.malloc.tcache_count=0, because what a thread keeps for its next allocation
 * counts as in use; in builds with the address sanitizer by its search for leaks when this process
 * ends. The word `leak` as argument loses a block on purpose, so that a test can see that such a
 * loss is noticed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <storhost/storhost.h>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
/* Instrumented modules stay mapped, and malloc is the sanitizer's. */
enum { IS_INSTRUMENTED = 1 };
#else
enum { IS_INSTRUMENTED = 0 };
#endif

enum {
    ROUNDS = 50,
    WARM_ROUNDS = 5, /* libraries fill their caches once */
    DATA_BYTES = 100000,
    /* malloc may give a block some bytes more than it asked for; the smallest block, lost in each
     * round, would be 45 times 32 bytes. */
    HEAP_SLACK_BYTES = 512,
    /* What the kernel counts is not exact to the page. */
    RESIDENT_SLACK_BYTES = 512 << 10,
};

/* What a process has, as counted between two rounds. */
struct holdings {
    unsigned descriptors, threads, mappings;
    size_t heap_bytes, resident_bytes;
};

static unsigned findings;
static char first_finding[512];

/* A driver's pool that is left behind is told in a line. Ordinary lines tell of starts and units.
 */
static void log_line(void *context, const char *line)
{
    (void)context;
    if (strstr(line, "leak") == NULL && strstr(line, "left") == NULL &&
        strstr(line, "finding") == NULL)
        return;
    if (findings++ == 0)
        snprintf(first_finding, sizeof(first_finding), "%s", line);
}

/* ---- counting ---- */

static unsigned entries_count(const char *path)
{
    DIR *directory = opendir(path);
    unsigned count = 0;

    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static unsigned lines_count(const char *path)
{
    FILE *file = fopen(path, "r");
    unsigned count = 0;
    int character;

    assert_non_null(file);
    while ((character = getc(file)) != EOF)
        count += character == '\n';
    fclose(file);
    return count;
}

static size_t resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long total, resident;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%lu %lu", &total, &resident), 2);
    fclose(file);
    return resident * (size_t)sysconf(_SC_PAGESIZE);
}

static struct holdings holdings_count(void)
{
    struct holdings holdings = {
        .descriptors = entries_count("/proc/self/fd"),
        .threads = entries_count("/proc/self/task"),
        .mappings = lines_count("/proc/self/maps"),
        .heap_bytes = mallinfo2().uordblks + mallinfo2().hblkhd,
    };
    holdings.resident_bytes = resident_bytes();
    return holdings;
}

static void assert_no_child(void)
{
    /* Neither a running child nor one that nobody waited for. */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* ---- a round ---- */

struct setup {
    const char *module, *device, *drive;
};

static void disk_use(struct storhost_adapter *adapter, unsigned round)
{
    static uint8_t data[DATA_BYTES], back[DATA_BYTES];
    struct storhost_unit *unit = storhost_unit_get(adapter, 0);

    assert_non_null(unit);
    memset(data, (int)(round + 1), sizeof(data));
    memset(back, 0, sizeof(back));
    assert_int_equal(storhost_write(unit, data, sizeof(data), 1000, 0), 0);
    assert_int_equal(storhost_flush(unit), 0);
    assert_int_equal(storhost_read(unit, back, sizeof(back), 1000, 0), 0);
    assert_memory_equal(data, back, sizeof(data));
    storhost_unit_release(unit);
}

static void start_and_stop(const struct setup *setup, unsigned round)
{
    struct storhost_error error = {""};
    struct storhost_options options = {.size = sizeof(options), .processors = 2, .log = log_line};
    struct storhost_driver_options driver_options = {.size = sizeof(driver_options),
                                                     .path = setup->module};
    struct storhost_adapter_options adapter_options = {.size = sizeof(adapter_options),
                                                       .device = setup->device,
                                                       .drives = &setup->drive,
                                                       .drive_count = setup->drive != NULL};
    struct storhost_driver *driver = NULL;
    struct storhost_adapter *adapter = NULL;

    if (storhost_start(&options, &error) != 0 ||
        storhost_driver_load(&driver, &driver_options, &error) != 0 ||
        storhost_adapter_start(&adapter, driver, &adapter_options, &error) != 0)
        fail_msg("round %u: %s", round, error.text);
    disk_use(adapter, round);
    if (storhost_adapter_stop(adapter, &error) != 0)
        fail_msg("round %u: %s", round, error.text);
    storhost_driver_unload(driver);
    storhost_stop();
}

static void fifty_rounds(const struct setup *setup)
{
    struct holdings before = {0};

    for (unsigned round = 0; round < ROUNDS; round++) {
        if (round == WARM_ROUNDS)
            before = holdings_count();
        start_and_stop(setup, round);
        assert_no_child();
    }
    struct holdings after = holdings_count();
    print_message("# descriptors %u, threads %u, mappings %u, heap %zu, resident %zu -> %zu\n",
                  after.descriptors, after.threads, after.mappings, after.heap_bytes,
                  before.resident_bytes, after.resident_bytes);
    assert_int_equal(after.descriptors, before.descriptors);
    assert_int_equal(after.threads, before.threads);
    if (findings != 0)
        fail_msg("%u findings, the first: %s", findings, first_finding);
    if (IS_INSTRUMENTED)
        return;
    assert_int_equal(after.mappings, before.mappings);
    assert_in_range(after.heap_bytes, 0, before.heap_bytes + HEAP_SLACK_BYTES);
    assert_in_range(after.resident_bytes, 0, before.resident_bytes + RESIDENT_SLACK_BYTES);
}

static void fifty_starts_of_ramdisk_leave_nothing(void **state)
{
    (void)state;
    struct setup setup = {.module = getenv("RAMDISK"), .device = "none"};
    fifty_rounds(&setup);
}

static void fifty_starts_of_nvme_on_qemu_leave_nothing(void **state)
{
    char path[64], drive[128];

    (void)state;
    /* The image has no name in a file system, so that it goes with this process. */
    int image = memfd_create("image", 0);
    assert_true(image >= 0);
    assert_int_equal(ftruncate(image, 16 << 20), 0);
    snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), image);
    snprintf(drive, sizeof(drive), "driver=raw,file.driver=file,file.locking=off,file.filename=%s",
             path);
    struct setup setup = {
        .module = getenv("NVME"), .device = "qemu:nvme,serial=integrity", .drive = drive};
    fifty_rounds(&setup);
    close(image);
}

/* Not inlined, so that no register keeps the address. */
static __attribute__((noinline)) void lose_a_block(void)
{
    char *volatile block = malloc(1234);

    block[0] = 1;
    block = NULL;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifty_starts_of_ramdisk_leave_nothing),
        cmocka_unit_test(fifty_starts_of_nvme_on_qemu_leave_nothing),
    };

    if (argc == 2 && strcmp(argv[1], "leak") == 0) {
        lose_a_block();
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}

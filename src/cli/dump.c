/*
 * dump.c - `storhost dump-test`: crashes or hibernates a running driver at some instant, writes by
 * a second instance of it, and reads everything back.
 *
 * What is written by whom: the first half of the region by the load that is under way at the
 * instant, the second half by the dump, whose last block is the region's.
 */
#include "dump.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ACKNOWLEDGED_MIN = 100, /* requests before the instant, and a part that the seed adds */
    ACKNOWLEDGED_MORE = 2000,
    AFTERWARDS = 200, /* and after a resume */
    DUMP_VERSION = 1,
    PAGE = 4096,
};

struct dump_test {
    const struct arguments *arguments;
    struct session session;
    struct storhost_unit *unit;
    char unit_name[64];
    struct storhost_unit_info disk;
    struct dump_area load_area, dump_area;
    struct dump_load *load;
    struct storhost_dump *dump;
    struct storhost_device *device; /* after the crash */
    uint64_t random;
    unsigned char *data, *expected;
    /* What it did. */
    uint64_t outstanding, acknowledged, written, resets;
    struct dump_image image; /* at the beginning of dump_area */
    struct storhost_dump_info writer, marker, reader;
    bool resumed, read_back;
    const char *failed; /* the step; NULL: none */
};

/* ---- the region ---- */

static bool region_choose(struct dump_test *test)
{
    const struct arguments *arguments = test->arguments;
    uint64_t bytes = test->disk.block_count * test->disk.block_size;
    uint64_t size = arguments->region_bytes < bytes ? arguments->region_bytes : bytes;
    uint64_t offset = arguments->has_offset ? arguments->offset_bytes : bytes - size;
    char text[32];

    if (offset % test->disk.block_size != 0 || size % test->disk.block_size != 0 ||
        offset > bytes || size > bytes - offset) {
        message("--offset %" PRIu64 " --size %" PRIu64
                ": give multiples of the block size %u within the disk of %s",
                offset, size, test->disk.block_size, size_text(text, bytes));
        return false;
    }
    uint64_t first = offset / test->disk.block_size, count = size / test->disk.block_size;
    test->load_area = (struct dump_area){first, count / 2};
    test->dump_area = (struct dump_area){first + count / 2, count - count / 2};
    return true;
}

/* A disk with something on it is overwritten only by those who say so. */
static bool region_is_free(struct dump_test *test)
{
    uint64_t offset = test->load_area.first * test->disk.block_size;
    uint64_t left = (test->load_area.count + test->dump_area.count) * test->disk.block_size;

    while (left > 0) {
        size_t piece = left < test->disk.transfer_limit ? (size_t)left : test->disk.transfer_limit;
        int error = storhost_read(test->unit, test->data, piece, offset, 0);
        if (error != 0) {
            message("unit %s: its region at byte %" PRIu64 " cannot be read: %s", test->unit_name,
                    offset, strerror(-error));
            return false;
        }
        for (size_t i = 0; i < piece; i++) {
            if (test->data[i] == 0)
                continue;
            message("unit %s holds data at byte %" PRIu64
                    ", which would be overwritten: choose another place by --offset and --size, or "
                    "say --overwrite",
                    test->unit_name, offset + i);
            return false;
        }
        offset += piece;
        left -= piece;
    }
    return true;
}

static bool prepare(struct dump_test *test)
{
    const struct arguments *arguments = test->arguments;
    struct storhost_error error = {""};
    unsigned modes = arguments->hibernate
                         ? 1u << STORHOST_DUMP_MARK_MEMORY | 1u << STORHOST_DUMP_HIBERNATE |
                               1u << STORHOST_DUMP_RESUME
                         : 1u << STORHOST_DUMP_CRASH;

    test->unit = session_find_unit(&test->session, arguments->unit);
    if (test->unit == NULL)
        return false;
    test->disk.size = sizeof(test->disk);
    int result = storhost_unit_describe(test->unit, &test->disk);
    if (result != 0 || !test->disk.has_blocks || test->disk.read_only) {
        message("the unit cannot take a dump: %s",
                result != 0 ? storhost_unit_problem(result) : "it cannot be written to");
        return false;
    }
    snprintf(test->unit_name, sizeof(test->unit_name), "%u:%u:%u", test->disk.path,
             test->disk.target, test->disk.lun);
    size_t room = test->disk.transfer_limit > 1 << 20 ? test->disk.transfer_limit : 1 << 20;
    test->data = malloc(room);
    test->expected = malloc(room);
    if (test->data == NULL || test->expected == NULL) {
        message("out of memory");
        return false;
    }
    if (!region_choose(test) || (!arguments->overwrite && !region_is_free(test)))
        return false;
    if (storhost_dump_prepare(&test->dump, test->unit, modes, &error) != 0) {
        message("%s", error.text);
        return false;
    }
    return true;
}

/* ---- the instance writes and reads ---- */

/* The image, and the pattern behind it, in its last block as well. */
static void content_fill(const struct dump_test *test, unsigned char *data, uint64_t block,
                         uint32_t length)
{
    for (uint32_t i = 0; i < length; i += test->disk.block_size)
        pattern_fill(data + i, test->disk.block_size, block + i / test->disk.block_size,
                     DUMP_VERSION, test->arguments->seed);
    (void)image_fill(&test->image, data, length,
                     (block - test->dump_area.first) * test->disk.block_size);
}

/* Of a buffer: any that the driver's alignment allows. */
static unsigned choose_misalignment(struct dump_test *test)
{
    unsigned alignment = test->writer.alignment;

    if (alignment == 0 || alignment > PAGE || random_step(&test->random) % 3 == 0)
        return 0;
    return (unsigned)(random_step(&test->random) % (PAGE / alignment)) * alignment;
}

static bool write_piece(struct dump_test *test, uint64_t block, uint32_t length)
{
    struct storhost_error error = {""};

    content_fill(test, test->data, block, length);
    if (storhost_dump_write(test->dump, block, test->data, length, choose_misalignment(test),
                            &error) == 0) {
        test->written += length;
        return true;
    }
    message("%s", error.text);
    return false;
}

/* The lengths that a driver may get wrong: one block, the limit, and what is beside them. */
static uint32_t choose_length(struct dump_test *test, unsigned turn, uint64_t left)
{
    uint32_t block = test->disk.block_size, limit = test->writer.transfer_limit / block * block;
    const uint32_t lengths[] = {block, limit, limit - block, 2 * block, limit / 2 / block * block};
    uint32_t length = turn < sizeof(lengths) / sizeof(lengths[0])
                          ? lengths[turn]
                          : (uint32_t)(random_step(&test->random) % (limit / block) + 1) * block;

    if (length == 0)
        length = block;
    return length < left ? length : (uint32_t)left;
}

static bool write_all(struct dump_test *test)
{
    uint64_t block = test->dump_area.first, end = block + test->dump_area.count;
    struct storhost_error error = {""};

    for (unsigned turn = 0; block < end; turn++) {
        uint32_t length = choose_length(test, turn, (end - block) * test->disk.block_size);
        if (!write_piece(test, block, length))
            return false;
        block += length / test->disk.block_size;
    }
    /* The last block once more, by itself. */
    if (!write_piece(test, end - 1, test->disk.block_size))
        return false;
    if (storhost_dump_flush(test->dump, &error) == 0)
        return true;
    message("%s", error.text);
    return false;
}

static bool compare(const struct dump_test *test, uint64_t block, uint32_t length, const char *who)
{
    content_fill(test, test->expected, block, length);
    for (uint32_t i = 0; i < length; i++) {
        if (test->data[i] == test->expected[i])
            continue;
        message("block %" PRIu64 ", which the dump has written, reads otherwise %s, from its byte "
                "%u on",
                block + i / test->disk.block_size, who, i % test->disk.block_size);
        return false;
    }
    return true;
}

static bool read_all(struct dump_test *test, const char *who)
{
    uint64_t block = test->dump_area.first, end = block + test->dump_area.count;
    struct storhost_error error = {""};

    for (unsigned turn = 1; block < end; turn++) {
        uint32_t length = choose_length(test, turn, (end - block) * test->disk.block_size);
        if (storhost_dump_read(test->dump, block, test->data, length, choose_misalignment(test),
                               &error) != 0) {
            message("%s", error.text);
            return false;
        }
        if (!compare(test, block, length, who))
            return false;
        block += length / test->disk.block_size;
    }
    return true;
}

static bool enter(struct dump_test *test, enum storhost_dump_mode mode)
{
    struct storhost_error error = {""};

    int result = storhost_dump_enter(test->dump, mode, &error);
    storhost_dump_describe(test->dump, &test->writer);
    if (result == 0)
        return true;
    message("%s", error.text);
    return false;
}

static void leave(struct dump_test *test, struct storhost_dump_info *info)
{
    storhost_dump_leave(test->dump);
    storhost_dump_describe(test->dump, info);
}

/* ---- the ordinary path afterwards ---- */

static bool verify(struct dump_test *test)
{
    uint64_t block = test->dump_area.first, end = block + test->dump_area.count;

    while (block < end) {
        uint64_t left = (end - block) * test->disk.block_size;
        uint32_t limit = test->disk.transfer_limit / test->disk.block_size * test->disk.block_size;
        uint32_t length = left < limit ? (uint32_t)left : limit;
        int error = storhost_read(test->unit, test->data, length, block * test->disk.block_size, 0);
        if (error != 0) {
            message("unit %s cannot be read afterwards, at block %" PRIu64 ": %s", test->unit_name,
                    block, strerror(-error));
            return false;
        }
        if (!compare(test, block, length, "by the ordinary path"))
            return false;
        block += length / test->disk.block_size;
    }
    test->read_back = true;
    return test->load == NULL || load_verify(test->load, test->unit);
}

/* ---- crash ---- */

static bool freeze(void)
{
    struct storhost_error error = {""};

    if (storhost_machine_freeze(&error) == 0)
        return true;
    message("%s", error.text);
    return false;
}

/* The driver starts anew, over the device as the dump has left it. */
static bool reboot(struct dump_test *test)
{
    const struct adapter_arguments *adapter = &test->arguments->adapters[0];
    struct storhost_error error = {""};

    storhost_unit_release(test->unit);
    test->unit = NULL;
    (void)storhost_adapter_stop(test->session.adapters[0], &error); /* it is gone already */
    test->session.adapter_count = 0;
    if (!session_reload(&test->session, test->arguments))
        return false;
    struct storhost_device *device = test->device;
    test->device = NULL;
    if (!session_add(&test->session, test->arguments, adapter, device))
        return false;
    test->unit = session_find_unit(&test->session, test->unit_name);
    return test->unit != NULL;
}

static bool crash(struct dump_test *test)
{
    if (!freeze())
        return false;
    test->outstanding = load_outstanding(test->load);
    test->acknowledged = load_acknowledged(test->load);
    bool good = enter(test, STORHOST_DUMP_CRASH) && write_all(test) &&
                read_all(test, "by the instance that wrote it");
    leave(test, &test->writer);
    (void)storhost_dump_power_cycle(test->dump);
    test->device = storhost_adapter_crash(test->session.adapters[0]);
    (void)load_stop(test->load, true);
    storhost_dump_free(test->dump);
    test->dump = NULL;
    if (!good)
        return false;
    if (test->device == NULL)
        return true; /* the disk was in the memory of the machine that has crashed */
    return reboot(test) && verify(test);
}

/* ---- hibernation ---- */

static bool power(struct dump_test *test, unsigned state)
{
    struct storhost_error error = {""};

    if (storhost_adapter_power(test->session.adapters[0], state, STORHOST_POWER_HIBERNATE,
                               &error) == 0)
        return true;
    message("%s", error.text);
    return false;
}

/* The machine stands still: mark, write, and read as a resume does. */
static bool hibernate_frozen(struct dump_test *test)
{
    bool good = enter(test, STORHOST_DUMP_MARK_MEMORY);

    leave(test, &test->marker);
    if (!good)
        return false;
    if (!image_take(&test->image, test->dump, test->marker.marked_bytes,
                    test->dump_area.count * test->disk.block_size))
        return false;
    good = enter(test, STORHOST_DUMP_HIBERNATE) && write_all(test) &&
           read_all(test, "by the instance that wrote it");
    leave(test, &test->writer);
    /* The machine is off now, unless the device has no reset: then its driver meets it as it was.
     */
    (void)storhost_dump_power_cycle(test->dump);
    if (!good || !test->writer.resume_capable)
        return good;
    struct storhost_dump_info writer = test->writer;
    good = enter(test, STORHOST_DUMP_RESUME) && read_all(test, "by the instance that resumes");
    leave(test, &test->reader);
    test->writer = writer;
    test->resumed = good;
    return good;
}

static bool hibernate(struct dump_test *test)
{
    if (!power(test, 3))
        return false;
    bool frozen = freeze(), good = frozen;
    test->outstanding = load_outstanding(test->load);
    test->acknowledged = load_acknowledged(test->load);
    if (frozen) {
        good = hibernate_frozen(test);
        storhost_machine_thaw();
    }
    load_resumed(test->load);
    good = power(test, 0) && good;
    if (good && !test->arguments->idle)
        good = load_await(test->load, AFTERWARDS);
    good = load_stop(test->load, !good) && good;
    test->resets = load_resets(test->load);
    return good && verify(test);
}

/* ---- all of it ---- */

static bool run(struct dump_test *test)
{
    const struct arguments *arguments = test->arguments;
    uint64_t before = ACKNOWLEDGED_MIN + random_step(&test->random) % ACKNOWLEDGED_MORE;

    test->load = load_start(test->unit, arguments, &test->load_area, test->disk.block_size);
    if (test->load == NULL)
        return false;
    if (!load_await(test->load, before)) {
        (void)load_stop(test->load, false);
        return false;
    }
    if (arguments->idle && !load_stop(test->load, false))
        return false;
    return arguments->hibernate ? hibernate(test) : crash(test);
}

static void print_instance(const char *what, const struct storhost_dump_info *info)
{
    printf("%s: ready after %.1f ms; %u of %u bytes of DMA memory, extension %u, SrbExtension %u\n",
           what, (double)info->entered_ns / 1e6, info->uncached, info->budget, info->extension,
           info->srb_extension);
    printf("  %" PRIu64 " requests up to %u bytes, %" PRIu64 " polls, %.1f us a request, longest "
           "%.1f us\n",
           info->requests, info->transfer_limit, info->polls,
           info->requests != 0 ? (double)info->total_ns / 1e3 / (double)info->requests : 0,
           (double)info->longest_ns / 1e3);
    printf("  dump pointers: %s; %u ranges marked, %" PRIu64 " bytes; findings: %" PRIu64 "\n",
           info->pointers ? "yes" : "none, from the configuration", info->marked,
           info->marked_bytes, info->findings);
    if (info->refused[0] != '\0')
        printf("  called and refused (rule DUMP-03): %s\n", info->refused);
}

static void print_text(const struct dump_test *test)
{
    printf("unit %s: blocks %" PRIu64 " to %" PRIu64 " were overwritten\n", test->unit_name,
           test->load_area.first, test->dump_area.first + test->dump_area.count - 1);
    printf("%s with %" PRIu64 " requests under way, %" PRIu64 " acknowledged before\n",
           test->arguments->hibernate ? "hibernated" : "crashed", test->outstanding,
           test->acknowledged);
    if (test->arguments->hibernate)
        print_instance("mark memory (DumpMode 3)", &test->marker);
    print_instance(test->arguments->hibernate ? "hibernate (DumpMode 2)" : "crash (DumpMode 1)",
                   &test->writer);
    if (test->resumed)
        print_instance("resume (DumpMode 4)", &test->reader);
    if (test->resets != 0)
        printf("%" PRIu64
               " requests were reset after it: the live instance did not find its way back "
               "over what the others have left in the device (rule DUMP-08)\n",
               test->resets);
    if (test->image.bytes != 0)
        printf("image: the %" PRIu64 " bytes of marked memory, then a pattern\n",
               test->image.bytes);
    else if (test->arguments->hibernate)
        printf("image: a pattern, because %s\n", test->marker.marked_bytes == 0
                                                     ? "no memory is marked"
                                                     : "the marked memory does not fit (--size)");
    printf("%" PRIu64 " bytes written by the dump; %s\n", test->written,
           test->read_back ? "they and every acknowledged write were read back by the ordinary path"
                           : "they were read back by the instance that wrote them: the disk lay in "
                             "the machine's memory and did not survive the crash");
}

static void print_json_instance(const char *name, const struct storhost_dump_info *info)
{
    printf(",\n  \"%s\": {\"ready_us\": %.1f, \"budget\": %u, \"uncached\": %u, \"extension\": %u, "
           "\"srb_extension\": %u, \"transfer_limit\": %u, \"requests\": %" PRIu64
           ", \"polls\": %" PRIu64 ", \"mean_us\": %.1f, \"longest_us\": %.1f, "
           "\"dump_pointers\": %s, \"marked_ranges\": %u, \"marked_bytes\": %" PRIu64
           ", \"findings\": %" PRIu64 ", \"refused\": \"%s\"}",
           name, (double)info->entered_ns / 1e3, info->budget, info->uncached, info->extension,
           info->srb_extension, info->transfer_limit, info->requests, info->polls,
           info->requests != 0 ? (double)info->total_ns / 1e3 / (double)info->requests : 0,
           (double)info->longest_ns / 1e3, info->pointers ? "true" : "false", info->marked,
           info->marked_bytes, info->findings, info->refused);
}

static void print_json(const struct dump_test *test, bool good)
{
    printf("{\n  \"unit\": \"%s\", \"mode\": \"%s\", \"seed\": %u, \"good\": %s,\n"
           "  \"first_block\": %" PRIu64 ", \"last_block\": %" PRIu64 ", \"under_way\": %" PRIu64
           ", \"acknowledged\": %" PRIu64 ", \"written\": %" PRIu64 ", \"image_bytes\": %" PRIu64
           ", \"resets\": %" PRIu64 ", \"read_back\": %s",
           test->unit_name, test->arguments->hibernate ? "hibernate" : "crash",
           test->arguments->seed, good ? "true" : "false", test->load_area.first,
           test->dump_area.first + test->dump_area.count - 1, test->outstanding, test->acknowledged,
           test->written, test->image.bytes, test->resets, test->read_back ? "true" : "false");
    if (test->arguments->hibernate)
        print_json_instance("mark_memory", &test->marker);
    print_json_instance(test->arguments->hibernate ? "hibernate" : "crash", &test->writer);
    if (test->resumed)
        print_json_instance("resume", &test->reader);
    printf("\n}\n");
}

int command_dump_test(const struct arguments *arguments)
{
    static struct dump_test test;

    if (arguments->adapter_count != 1) {
        message("--device %s: give one device", arguments->adapters[1].device);
        return EXIT_USAGE;
    }
    test = (struct dump_test){
        .arguments = arguments,
        .random = arguments->seed,
        .writer = {.size = sizeof(test.writer)},
        .marker = {.size = sizeof(test.marker)},
        .reader = {.size = sizeof(test.reader)},
    };
    if (!session_start(&test.session, arguments))
        return EXIT_RUNTIME;
    bool prepared = prepare(&test), good = prepared && run(&test);
    storhost_dump_free(test.dump);
    storhost_device_close(test.device);
    if (test.load != NULL)
        (void)load_stop(test.load, true);
    load_free(test.load);
    if (test.unit != NULL)
        storhost_unit_release(test.unit);
    free(test.data);
    free(test.expected);
    good = session_stop(&test.session) && good;
    if (prepared && arguments->json)
        print_json(&test, good);
    else if (good)
        print_text(&test);
    image_free(&test.image);
    return good ? EXIT_OK : EXIT_RUNTIME;
}

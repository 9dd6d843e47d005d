/*
 * dump_test.c - instances that write crash dumps and hibernation images (lifecycle section 15,
 * rules DUMP-01 to DUMP-08, startio-contract S53 and S54), with a driver that does it right and one
 * that does one thing wrong (tests/miniports/dumper).
 */
#include "../driver_file.h"
#include "probe_host.h"

#include "nt/freeze.h"
#include "port/dump.h"

#include "../miniports/dumper/dumper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LIVE_REQUESTS = 12,
    OP_INQUIRY = 0x12,
    OP_READ = 0x28,
    OP_WRITE = 0x2A,
    OP_READ_CAPACITY = 0x25,
    HIBERNATE = 3,
    NOT_IMPLEMENTED = (int)0xC1000002,
};

static DUMPER_RECORD *record;
static struct port_driver *driver;
static struct port_adapter *adapter;
static struct port_unit *unit;
static struct port_queue *queue;
static struct port_dump *dump;
static char reason[512];
static unsigned char *live_data;
static struct port_request live[LIVE_REQUESTS];
static unsigned live_done;

/* ---- the machine ---- */

static void load(void)
{
    char low[64], high[64], path[4096];
    const char *settings[] = {low, high};

    snprintf(low, sizeof(low), "Parameters\\Device\\RecordLow=%u", (uint32_t)(uintptr_t)record);
    snprintf(high, sizeof(high), "Parameters\\Device\\RecordHigh=%u",
             (uint32_t)((uintptr_t)record >> 32));
    driver_file(path, sizeof(path), "TEST_MODULES", "dumper");
    struct port_driver_options options = {.path = path, .settings = settings, .setting_count = 2};
    if (port_driver_load(&driver, &options, reason, sizeof(reason)))
        fail_msg("%s", reason);
}

static void add(const char *spec, struct port_device *device)
{
    struct port_adapter_options options = {.device = spec, .opened = device};

    if (port_adapter_start(&adapter, driver, &options, reason, sizeof(reason)))
        fail_msg("%s", reason);
    unit = port_unit_get(adapter, 0);
    assert_non_null(unit);
}

static void start_on(const char *device, DUMPER_BEHAVIOUR behaviour)
{
    record = calloc(1, sizeof(*record));
    assert_non_null(record);
    record->Behaviour = behaviour;
    load();
    add(device, NULL);
    assert_int_equal(port_queue_create(&queue), 0);
}

static void start(DUMPER_BEHAVIOUR behaviour)
{
    start_on("model:scratch", behaviour);
}

static void stop(void)
{
    port_unit_release(unit);
    assert_int_equal(port_adapter_stop(adapter, reason, sizeof(reason)), 0);
    port_driver_unload(driver);
    port_queue_destroy(queue);
    free(record);
}

static void freeze(void)
{
    unsigned processor;

    assert_int_equal(nt_machine_freeze(sys_now_ns() + 10 * SYS_NS_PER_S, &processor), 0);
}

static int prepare(unsigned modes)
{
    return port_dump_prepare(&dump, unit, modes, reason, sizeof(reason));
}

static int enter(enum port_dump_mode mode)
{
    return port_dump_enter(dump, mode, reason, sizeof(reason));
}

static int transfer(bool write, uint64_t block, void *data, uint32_t length, uint32_t misalignment)
{
    const struct port_dump_transfer wanted = {.write = write,
                                              .block = block,
                                              .block_size = DUMPER_BLOCK_SIZE,
                                              .length = length,
                                              .misalignment = misalignment,
                                              .data = data};

    return port_dump_transfer(dump, &wanted, reason, sizeof(reason));
}

/* From the live driver to an instance that can write. */
static void begin(DUMPER_BEHAVIOUR behaviour)
{
    start(behaviour);
    if (prepare(1u << PORT_DUMP_CRASH))
        fail_msg("%s", reason);
    dump->timeout_s = 1;
    freeze();
}

/* `finding` is what the end brings to light; NULL: it need not bring anything. */
static void end_with(const char *finding)
{
    port_dump_leave(dump);
    assert_true(!finding || probe_printed(finding));
    nt_machine_thaw();
    port_dump_free(dump);
    stop();
}

static void end(void)
{
    end_with(NULL);
}

static unsigned char pattern(uint64_t block, unsigned byte)
{
    return (unsigned char)(block * 7 + byte + 1);
}

static void write_blocks(uint64_t block, unsigned count)
{
    static unsigned char data[PORT_DUMP_TRANSFER_MAX];

    for (unsigned i = 0; i < count * DUMPER_BLOCK_SIZE; i++)
        data[i] = pattern(block + i / DUMPER_BLOCK_SIZE, i % DUMPER_BLOCK_SIZE);
    if (transfer(true, block, data, count * DUMPER_BLOCK_SIZE, 0))
        fail_msg("%s", reason);
}

static void assert_on_disk(uint64_t block, unsigned count)
{
    for (unsigned i = 0; i < count * DUMPER_BLOCK_SIZE; i++)
        assert_int_equal(record->Disk[block + i / DUMPER_BLOCK_SIZE][i % DUMPER_BLOCK_SIZE],
                         pattern(block + i / DUMPER_BLOCK_SIZE, i % DUMPER_BLOCK_SIZE));
}

static const DUMPER_ROW *row(const char *callback, unsigned nth)
{
    for (unsigned i = 0; i < record->Rows; i++)
        if (strcmp(record->Row[i].Callback, callback) == 0 && nth-- == 0)
            return &record->Row[i];
    return NULL;
}

/* ---- requests of the live instance ---- */

static void live_ended(struct port_request *request)
{
    (void)request;
    live_done++;
}

static void submit_live(void)
{
    live_done = 0;
    live_data = port_buffer_allocate((size_t)LIVE_REQUESTS * DUMPER_BLOCK_SIZE);
    assert_non_null(live_data);
    for (unsigned i = 0; i < LIVE_REQUESTS; i++) {
        memset(live_data + (size_t)i * DUMPER_BLOCK_SIZE, (int)i + 1, DUMPER_BLOCK_SIZE);
        live[i] = (struct port_request){
            .unit = unit,
            .done = live_ended,
            .single = {live_data + (size_t)i * DUMPER_BLOCK_SIZE, DUMPER_BLOCK_SIZE},
            .length = DUMPER_BLOCK_SIZE,
            .flags = PORT_FLAG_NO_FREEZE,
            .direction = PORT_DATA_OUT,
            .cdb_length = 10,
            .cdb = {OP_WRITE, 0, 0, 0, 0, (uint8_t)i, 0, 0, 1},
        };
        port_submit(queue, &live[i]);
    }
}

static void finish_live(void)
{
    while (live_done < LIVE_REQUESTS)
        (void)port_wait(queue, SYS_FOREVER);
    port_buffer_free(live_data);
}

/* A test that fails leaves the machine as it is; the others are to have theirs. */
static int machine_down(void **state)
{
    if (nt_machine_is_frozen_by(nt_self()))
        nt_machine_thaw();
    return probe_machine_down(state);
}
#define dump_test(test) cmocka_unit_test_setup_teardown(test, probe_machine_up, machine_down)

/* ---- the instance ---- */

static void it_is_a_private_copy_whose_driver_entry_gets_nothing(void **state)
{
    (void)state;
    begin(DumperGood);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    assert_null(record->EntryArguments[0]);
    assert_null(record->EntryArguments[1]);
    assert_int_equal(record->GlobalAtEntry, 1); /* the live one has counted in its own */
    assert_true(record->DataArrived);
    end();
}

static void every_callback_is_at_high_level_with_the_mode(void **state)
{
    static const enum port_dump_mode modes[] = {PORT_DUMP_MARK_MEMORY, PORT_DUMP_HIBERNATE,
                                                PORT_DUMP_RESUME, PORT_DUMP_CRASH};

    (void)state;
    start(DumperGood);
    assert_int_equal(prepare(0x1E), 0);
    freeze();
    for (unsigned i = 0; i < 4; i++) {
        record->Rows = 0;
        assert_int_equal(enter(modes[i]), 0);
        assert_int_equal(record->Mode, modes[i]);
        assert_string_equal(record->Argument, "dump=1");
        for (unsigned j = 0; j < record->Rows; j++)
            assert_int_equal(record->Row[j].Irql, NT_HIGH_LEVEL);
        /* To mark memory FindAdapter is enough. */
        assert_int_equal(row("HwInitialize", 0) != NULL, modes[i] != PORT_DUMP_MARK_MEMORY);
        port_dump_leave(dump);
    }
    nt_machine_thaw();
    port_dump_free(dump);
    stop();
}

static void the_first_requests_are_inquiry_and_the_capacity(void **state)
{
    (void)state;
    begin(DumperGood);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    assert_int_equal(row("HwStartIo", 0)->Operation, OP_INQUIRY);
    assert_int_equal(row("HwStartIo", 1)->Operation, OP_READ_CAPACITY);
    assert_null(row("HwStartIo", 2));
    end();
}

static void requests_come_one_at_a_time_and_the_interrupt_routine_is_polled(void **state)
{
    (void)state;
    begin(DumperGood);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    for (unsigned i = 0; i < 8; i++)
        write_blocks(100 + i, 1);
    assert_int_equal(record->AtOnceMost, 1);
    assert_non_null(row("HwInterrupt", 7));
    assert_true(dump->figures.polls >= 10);
    assert_int_equal(dump->figures.requests, 10);
    assert_int_equal(nt_finding_count(), 0);
    end();
}

static void any_length_place_and_alignment_that_the_driver_allows_works(void **state)
{
    static unsigned char data[PORT_DUMP_TRANSFER_MAX], back[PORT_DUMP_TRANSFER_MAX];
    static const uint32_t misalignments[] = {0, 4, 512, 4092};

    (void)state;
    begin(DumperGood);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    const uint32_t limit = dump->transfer_limit;
    assert_int_equal(limit, 128 * 1024);
    const uint32_t lengths[] = {DUMPER_BLOCK_SIZE, 3 * DUMPER_BLOCK_SIZE, limit - DUMPER_BLOCK_SIZE,
                                limit};
    for (unsigned i = 0; i < 16; i++) {
        uint32_t length = lengths[i % 4], misalignment = misalignments[i / 4];
        uint64_t block = DUMPER_BLOCKS - length / DUMPER_BLOCK_SIZE; /* to the last one */
        for (uint32_t j = 0; j < length; j++)
            data[j] = (unsigned char)(j / 3 + i);
        assert_int_equal(transfer(true, block, data, length, misalignment), 0);
        assert_memory_equal(record->Disk[block], data, length);
        assert_int_equal(transfer(false, block, back, length, misalignment), 0);
        assert_memory_equal(back, data, length);
    }
    assert_int_equal(transfer(true, 0, data, limit + DUMPER_BLOCK_SIZE, 0), -EINVAL);
    assert_int_equal(transfer(true, 0, data, 100, 0), -EINVAL);
    assert_int_equal(transfer(true, 0, data, DUMPER_BLOCK_SIZE, 2), -EINVAL); /* AlignmentMask 3 */
    assert_int_equal(transfer(true, DUMPER_BLOCKS, data, DUMPER_BLOCK_SIZE, 0), -EIO);
    end();
}

static void nothing_of_the_live_instance_runs_meanwhile(void **state)
{
    (void)state;
    start(DumperGood);
    assert_int_equal(prepare(1u << PORT_DUMP_CRASH), 0);
    submit_live();
    freeze();
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    for (unsigned i = 0; i < 20; i++)
        write_blocks(1000 + i, 1);
    assert_int_equal(record->LiveCallbacks, 0);
    port_dump_leave(dump);
    nt_machine_thaw();
    assert_on_disk(1000, 20);
    /* The live instance has lost its interrupts to the other one; a doorbell brings them back. */
    port_dump_free(dump);
    while (live_done < LIVE_REQUESTS) {
        struct port_request again = live[0];
        port_execute(queue, &again);
    }
    finish_live();
    for (unsigned i = 0; i < LIVE_REQUESTS; i++)
        assert_int_equal(record->Disk[i][0], i + 1);
    stop();
}

/* ---- services that are not there ---- */

static void check_refused(DUMPER_BEHAVIOUR behaviour, const char *routine, uint32_t status)
{
    begin(behaviour);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    assert_int_equal(record->Status, status);
    assert_true(nt_finding_count() >= 1);
    assert_true(probe_printed("finding DUMP-03"));
    bool named = false;
    for (unsigned i = 0; i < dump->refused_count; i++)
        named |= strcmp(dump->refused[i], routine) == 0;
    assert_true(named);
    write_blocks(5, 1); /* it goes on */
    end();
}

static void pool_is_not_there(void **state)
{
    (void)state;
    check_refused(DumperAllocatesPool, "StorPortAllocatePool", (uint32_t)NOT_IMPLEMENTED);
}

static void timers_are_not_there(void **state)
{
    (void)state;
    check_refused(DumperArmsTimer, "StorPortInitializeTimer", (uint32_t)NOT_IMPLEMENTED);
}

static void work_items_are_not_there(void **state)
{
    (void)state;
    check_refused(DumperQueuesWork, "StorPortInitializeWorker", (uint32_t)NOT_IMPLEMENTED);
}

static void dpcs_are_not_there(void **state)
{
    (void)state;
    check_refused(DumperUsesDpc, "StorPortInitializeDpc", FALSE);
}

static void the_registry_is_not_there(void **state)
{
    (void)state;
    check_refused(DumperReadsRegistry, "StorPortAllocateRegistryBuffer", FALSE);
}

static void the_time_of_day_is_not_there(void **state)
{
    (void)state;
    check_refused(DumperAsksForTime, "StorPortQuerySystemTime", 0);
}

/* ---- memory ---- */

static void memory_that_is_not_marked_is_not_for_the_device(void **state)
{
    (void)state;
    begin(DumperLeavesUnmarked);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    assert_true(probe_printed("finding DUMP-02"));
    end();
}

static void marks_are_collected_and_length_zero_is_a_section(void **state)
{
    (void)state;
    begin(DumperGood);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    assert_int_equal(dump->mark_count, 2);
    assert_int_equal(dump->marks[0].length, sizeof(void *));
    assert_true(dump->marks[1].length > sizeof(ULONG));
    end();
}

static void an_unknown_flag_marks_nothing(void **state)
{
    enum { INVALID_PARAMETER = (int)0xC1000006 };

    (void)state;
    begin(DumperMarksWrongly);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    assert_int_equal((int)record->Status, INVALID_PARAMETER);
    assert_int_equal(dump->mark_count, 2);
    end();
}

static void marking_after_find_adapter_is_a_fault(void **state)
{
    (void)state;
    begin(DumperMarksLate);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    assert_int_not_equal(record->Status, 0);
    assert_true(probe_printed("finding StorPortMarkDumpMemory"));
    end();
}

static void the_uncached_extension_comes_from_the_dump_region(void **state)
{
    (void)state;
    begin(DumperGood);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    assert_ptr_equal(record->Uncached, record->Region.VirtualBase);
    assert_int_equal(record->Region.Length, PORT_DUMP_BUDGET);
    assert_int_equal(record->Region.PhysicalBase.QuadPart,
                     nt_physical_address(record->Region.VirtualBase));
    end();
}

static void more_than_the_budget_is_told_of(void **state)
{
    (void)state;
    begin(DumperWantsMore);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    assert_true(probe_printed("finding DUMP-02"));
    end();
}

static void more_than_there_can_be_is_refused(void **state)
{
    (void)state;
    begin(DumperWantsTooMuch);
    assert_int_equal(enter(PORT_DUMP_CRASH), -ENODEV);
    assert_null(record->Uncached);
    assert_non_null(strstr(reason, "FindAdapter"));
    end();
}

static void a_driver_that_asks_before_gets_more(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        begin(i ? DumperWantsBuffer : DumperWantsDumpBuffer);
        assert_int_equal(enter(PORT_DUMP_CRASH), 0);
        assert_int_equal(record->Region.Length, 48 * 1024);
        assert_int_equal(nt_finding_count(), 0);
        end();
    }
}

static void variables_of_the_live_instance_are_not_shared(void **state)
{
    (void)state;
    begin(DumperWritesLiveVariable);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    end_with("finding DUMP-01");
}

static void memory_of_the_stopped_system_must_stay_as_it_is(void **state)
{
    (void)state;
    begin(DumperWritesLiveMemory);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    write_blocks(5, 1);
    end_with("finding DUMP-05");
}

/* ---- requests that do not simply succeed ---- */

static void a_request_that_is_never_completed_ends_by_counting_stalls(void **state)
{
    unsigned char data[DUMPER_BLOCK_SIZE] = {0};

    (void)state;
    begin(DumperNeverCompletes);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    assert_int_equal(transfer(true, 0, data, sizeof(data), 0), -ETIMEDOUT);
    assert_true(probe_printed("finding DUMP-06"));
    /* The driver still has it: no further one comes. */
    assert_int_equal(transfer(true, 1, data, sizeof(data), 0), -EIO);
    end();
}

static void check_tried_again(DUMPER_BEHAVIOUR behaviour)
{
    begin(behaviour);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    write_blocks(77, 2);
    assert_on_disk(77, 2);
    assert_int_equal(dump->figures.requests, 4); /* INQUIRY, READ CAPACITY, twice the write */
    end();
}

static void busy_requests_are_tried_again(void **state)
{
    (void)state;
    check_tried_again(DumperIsBusyOnce);
}

static void requests_that_were_not_started_are_tried_again(void **state)
{
    (void)state;
    check_tried_again(DumperStartsNothingOnce);
}

static void unit_attentions_are_not_the_dumps_business(void **state)
{
    (void)state;
    check_tried_again(DumperHasAttention);
}

static void a_callback_comes_back_at_high_level(void **state)
{
    (void)state;
    begin(DumperLowersIrql);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    write_blocks(3, 1);
    assert_true(probe_printed("finding callback-balance"));
    assert_int_equal(nt_irql(), NT_HIGH_LEVEL);
    end();
}

/* ---- drivers that cannot ---- */

static void check_not_entered(DUMPER_BEHAVIOUR behaviour, const char *why)
{
    begin(behaviour);
    assert_int_equal(enter(PORT_DUMP_CRASH), -ENODEV);
    assert_non_null(strstr(reason, why));
    end();
}

static void find_adapter_may_find_nothing(void **state)
{
    (void)state;
    check_not_entered(DumperFindsNothing, "FindAdapter returned 0");
}

static void initialization_may_fail(void **state)
{
    (void)state;
    check_not_entered(DumperInitializesNothing, "HwInitialize returned FALSE");
}

static void check_not_prepared(DUMPER_BEHAVIOUR behaviour, const char *why)
{
    start(behaviour);
    assert_int_equal(prepare(1u << PORT_DUMP_CRASH), -EIO);
    assert_non_null(strstr(reason, why));
    stop();
}

static void a_driver_may_refuse_the_use_of_its_unit(void **state)
{
    (void)state;
    check_not_prepared(DumperRefusesUsage, "ScsiUnitUsage");
}

static void a_driver_may_fail_dump_pointers(void **state)
{
    (void)state;
    check_not_prepared(DumperRefusesPointers, "SRB status 0x04");
}

static void dump_pointers_of_an_unknown_version_are_refused(void **state)
{
    (void)state;
    check_not_prepared(DumperHasWrongVersion, "version");
}

static void a_virtual_miniport_has_to_answer_dump_pointers(void **state)
{
    struct probe_host host;

    (void)state;
    probe_open(&host, "none", "");
    assert_int_equal(
        port_dump_prepare(&dump, host.unit, 1u << PORT_DUMP_CRASH, reason, sizeof(reason)),
        -EINVAL);
    assert_non_null(strstr(reason, "SRB_FUNCTION_DUMP_POINTERS"));
    probe_close(&host);
}

/* ---- virtual miniports ---- */

static void begin_virtual(DUMPER_BEHAVIOUR behaviour)
{
    start_on("none", behaviour);
    if (prepare(1u << PORT_DUMP_CRASH))
        fail_msg("%s", reason);
    dump->timeout_s = 1;
    freeze();
}

static void a_virtual_miniport_completes_in_start_io(void **state)
{
    (void)state;
    begin_virtual(DumperGood);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    assert_string_equal(record->Argument, "dump=1");
    assert_int_equal(record->Mode, PORT_DUMP_CRASH);
    assert_true(record->DataArrived);
    write_blocks(300, 8);
    assert_on_disk(300, 8);
    for (unsigned i = 0; i < record->Rows; i++)
        assert_int_equal(record->Row[i].Irql, NT_HIGH_LEVEL);
    assert_int_equal(dump->figures.polls, 0);
    assert_int_equal(nt_finding_count(), 0);
    end();
    assert_int_equal(nt_finding_count(), 0);
}

static void a_virtual_miniport_that_completes_later_writes_no_dump(void **state)
{
    unsigned char data[DUMPER_BLOCK_SIZE] = {0};

    (void)state;
    begin_virtual(DumperNeverCompletes);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    assert_int_equal(transfer(true, 0, data, sizeof(data), 0), -ETIMEDOUT);
    assert_true(probe_printed("finding DUMP-06"));
    end();
}

static void a_virtual_miniport_marks_what_it_writes_to(void **state)
{
    (void)state;
    begin_virtual(DumperWritesLiveMemory);
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    write_blocks(5, 1);
    end_with("finding DUMP-05");
}

static void start_ramdisk(const char *setting)
{
    const char *settings[] = {"Parameters\\Device\\SizeMegabytes=3", setting};
    char path[4096];

    driver_file(path, sizeof(path), "MODULES", "ramdisk");
    struct port_driver_options options = {.path = path, .settings = settings, .setting_count = 2};
    if (port_driver_load(&driver, &options, reason, sizeof(reason)))
        fail_msg("%s", reason);
    record = NULL;
    add("none", NULL);
    assert_int_equal(port_queue_create(&queue), 0);
}

static void read_live(uint64_t block, unsigned char *data, uint32_t length)
{
    struct port_request request = {
        .unit = unit,
        .single = {data, length},
        .length = length,
        .flags = PORT_FLAG_NO_FREEZE,
        .direction = PORT_DATA_IN,
        .cdb_length = 10,
        .cdb = {OP_READ, 0, 0, 0, (uint8_t)(block >> 8), (uint8_t)block, 0, 0,
                (uint8_t)(length / DUMPER_BLOCK_SIZE)},
    };

    port_execute(queue, &request);
    assert_int_equal(request.srb_status, PROBE_SRB_SUCCESS);
}

/* Of a unit that is not the first. */
static void the_ram_disk_writes_to_the_memory_of_the_live_one(void **state)
{
    enum { BLOCKS = 40, FIRST = 2030 }; /* over the end of a piece of its memory */

    (void)state;
    start_ramdisk("Parameters\\Device\\LogicalUnits=2");
    port_unit_release(unit);
    unit = port_unit_get(adapter, 1);
    assert_non_null(unit);
    assert_int_equal(prepare(1u << PORT_DUMP_MARK_MEMORY | 1u << PORT_DUMP_HIBERNATE), 0);
    assert_true(dump->pointers.answered);
    freeze();
    assert_int_equal(enter(PORT_DUMP_MARK_MEMORY), 0);
    size_t marked = 0;
    for (unsigned i = 0; i < dump->mark_count; i++)
        marked += dump->marks[i].length;
    assert_in_range(marked, 3 << 20, (3 << 20) + 4096);
    port_dump_leave(dump);
    assert_int_equal(enter(PORT_DUMP_HIBERNATE), 0);
    assert_int_equal(dump->transfer_limit, 1 << 20);
    write_blocks(FIRST, BLOCKS);
    assert_int_equal(port_dump_flush(dump, reason, sizeof(reason)), 0);
    port_dump_leave(dump);
    assert_int_equal(nt_finding_count(), 0);
    nt_machine_thaw();
    unsigned char *data = port_buffer_allocate((size_t)BLOCKS * DUMPER_BLOCK_SIZE);
    read_live(FIRST, data, BLOCKS * DUMPER_BLOCK_SIZE);
    for (unsigned i = 0; i < BLOCKS * DUMPER_BLOCK_SIZE; i++)
        assert_int_equal(data[i], pattern(FIRST + i / DUMPER_BLOCK_SIZE, i % DUMPER_BLOCK_SIZE));
    port_buffer_free(data);
    port_dump_free(dump);
    stop();
    assert_int_equal(nt_finding_count(), 0); /* what it gave was taken back */
}

static void a_ram_disk_in_a_file_writes_no_dumps(void **state)
{
    char setting[256], file[] = "dump-disk-XXXXXX";

    (void)state;
    int descriptor = mkstemp(file);
    assert_true(descriptor >= 0);
    (void)close(descriptor);
    char *whole = realpath(file, NULL);
    assert_non_null(whole);
    snprintf(setting, sizeof(setting), "Parameters\\Device\\BackingFile=%s", whole);
    start_ramdisk(setting);
    assert_int_equal(prepare(1u << PORT_DUMP_CRASH), -EINVAL);
    assert_non_null(strstr(reason, "SRB_FUNCTION_DUMP_POINTERS"));
    stop();
    (void)unlink(whole);
    free(whole);
}

/* ---- what surrounds it ---- */

static void the_unit_is_in_use_until_the_end_and_pointers_are_freed(void **state)
{
    (void)state;
    start(DumperGood);
    assert_int_equal(prepare(1u << PORT_DUMP_CRASH), 0);
    assert_int_equal(port_adapter_pnp_stop(adapter, reason, sizeof(reason)), -EIO);
    assert_int_equal(record->FreedPointers, 0);
    port_dump_free(dump);
    assert_int_equal(record->FreedPointers, 1);
    assert_int_equal(port_adapter_pnp_stop(adapter, reason, sizeof(reason)), 0);
    assert_int_equal(port_adapter_pnp_restart(adapter, reason, sizeof(reason)), 0);
    stop();
}

static void after_a_crash_another_adapter_drives_the_device(void **state)
{
    (void)state;
    start(DumperGood);
    assert_int_equal(prepare(1u << PORT_DUMP_CRASH), 0);
    submit_live();
    freeze();
    assert_int_equal(enter(PORT_DUMP_CRASH), 0);
    write_blocks(4000, 16);
    assert_int_equal(port_dump_flush(dump, reason, sizeof(reason)), 0);
    port_dump_leave(dump);
    struct port_device *device = port_adapter_crash(adapter);
    assert_non_null(device);
    finish_live();
    port_dump_free(dump);
    port_unit_release(unit);
    (void)port_adapter_stop(adapter, reason, sizeof(reason));
    port_driver_unload(driver);

    record->Entered = FALSE;
    load();
    add("model:scratch", device);
    unsigned char *data = port_buffer_allocate(DUMPER_BLOCK_SIZE);
    struct port_request request = {
        .unit = unit,
        .single = {data, DUMPER_BLOCK_SIZE},
        .length = DUMPER_BLOCK_SIZE,
        .flags = PORT_FLAG_NO_FREEZE,
        .direction = PORT_DATA_IN,
        .cdb_length = 10,
        .cdb = {OP_READ, 0, 0, 0, 4001 >> 8, 4001 & 0xFF, 0, 0, 1},
    };
    port_execute(queue, &request);
    assert_int_equal(request.srb_status, PROBE_SRB_SUCCESS);
    assert_int_equal(data[0], pattern(4001, 0));
    port_buffer_free(data);
    stop();
}

static void requests_wait_over_a_hibernation(void **state)
{
    (void)state;
    start(DumperGood);
    assert_int_equal(
        prepare(1u << PORT_DUMP_MARK_MEMORY | 1u << PORT_DUMP_HIBERNATE | 1u << PORT_DUMP_RESUME),
        0);
    assert_true(dump->pointers.resume_capable);
    assert_int_equal(port_adapter_power(adapter, 3, HIBERNATE, reason, sizeof(reason)), 0);
    submit_live();
    freeze();
    assert_int_equal(enter(PORT_DUMP_MARK_MEMORY), 0);
    port_dump_leave(dump);
    assert_int_equal(enter(PORT_DUMP_HIBERNATE), 0);
    write_blocks(5000, 64);
    port_dump_leave(dump);
    (void)port_dump_power_cycle(dump);
    assert_int_equal(enter(PORT_DUMP_RESUME), 0);
    unsigned char data[DUMPER_BLOCK_SIZE];
    assert_int_equal(transfer(false, 5063, data, sizeof(data), 0), 0);
    assert_int_equal(data[1], pattern(5063, 1));
    port_dump_leave(dump);
    nt_machine_thaw();
    assert_int_equal(live_done, 0);
    assert_int_equal(port_adapter_power(adapter, 0, HIBERNATE, reason, sizeof(reason)), 0);
    finish_live();
    for (unsigned i = 0; i < LIVE_REQUESTS; i++)
        assert_int_equal(live[i].srb_status, PROBE_SRB_SUCCESS);
    assert_on_disk(5000, 64);
    port_dump_free(dump);
    stop();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        dump_test(it_is_a_private_copy_whose_driver_entry_gets_nothing),
        dump_test(every_callback_is_at_high_level_with_the_mode),
        dump_test(the_first_requests_are_inquiry_and_the_capacity),
        dump_test(requests_come_one_at_a_time_and_the_interrupt_routine_is_polled),
        dump_test(any_length_place_and_alignment_that_the_driver_allows_works),
        dump_test(nothing_of_the_live_instance_runs_meanwhile),
        dump_test(pool_is_not_there),
        dump_test(timers_are_not_there),
        dump_test(work_items_are_not_there),
        dump_test(dpcs_are_not_there),
        dump_test(the_registry_is_not_there),
        dump_test(the_time_of_day_is_not_there),
        dump_test(memory_that_is_not_marked_is_not_for_the_device),
        probe_proves(marks_are_collected_and_length_zero_is_a_section, "StorPortMarkDumpMemory"),
        probe_proves(an_unknown_flag_marks_nothing, "StorPortMarkDumpMemory"),
        probe_proves(marking_after_find_adapter_is_a_fault, "StorPortMarkDumpMemory"),
        dump_test(the_uncached_extension_comes_from_the_dump_region),
        dump_test(more_than_the_budget_is_told_of),
        dump_test(more_than_there_can_be_is_refused),
        dump_test(a_driver_that_asks_before_gets_more),
        dump_test(variables_of_the_live_instance_are_not_shared),
        dump_test(memory_of_the_stopped_system_must_stay_as_it_is),
        dump_test(a_request_that_is_never_completed_ends_by_counting_stalls),
        dump_test(busy_requests_are_tried_again),
        dump_test(requests_that_were_not_started_are_tried_again),
        dump_test(unit_attentions_are_not_the_dumps_business),
        dump_test(a_callback_comes_back_at_high_level),
        dump_test(find_adapter_may_find_nothing),
        dump_test(initialization_may_fail),
        dump_test(a_driver_may_refuse_the_use_of_its_unit),
        dump_test(a_driver_may_fail_dump_pointers),
        dump_test(dump_pointers_of_an_unknown_version_are_refused),
        dump_test(a_virtual_miniport_has_to_answer_dump_pointers),
        dump_test(a_virtual_miniport_completes_in_start_io),
        dump_test(a_virtual_miniport_that_completes_later_writes_no_dump),
        dump_test(a_virtual_miniport_marks_what_it_writes_to),
        dump_test(the_ram_disk_writes_to_the_memory_of_the_live_one),
        dump_test(a_ram_disk_in_a_file_writes_no_dumps),
        dump_test(the_unit_is_in_use_until_the_end_and_pointers_are_freed),
        dump_test(after_a_crash_another_adapter_drives_the_device),
        dump_test(requests_wait_over_a_hibernation),
    };

    return probe_run(argc, argv, tests);
}

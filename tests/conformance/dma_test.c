/*
 * dma_test.c - data by way of a device: the probe's DMA engine works on the lists that the port
 * makes, in machines whose memory is scattered, above 4 GiB, or both.
 */
#include "probe_host.h"

#include "nt/memory.h"
#include "nt/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIB = 1 << 20, VALUE = 0x5B, TRANSFER_MAX = 256 * 1024 };

static const struct nt_machine_options shapes[] = {
    {.processor_count = 2, .memory_bytes = 64 * MIB},
    {.processor_count = 2, .memory_bytes = 64 * MIB, .low_memory_bytes = 32 * MIB},
    {.processor_count = 2, .memory_bytes = 64 * MIB, .scatter = true},
    {.processor_count = 2, .memory_bytes = 64 * MIB, .low_memory_bytes = 48 * MIB, .scatter = true},
    {.processor_count = 2, .memory_bytes = 64 * MIB, .low_memory_bytes = 24 * MIB, .scatter = true},
};
enum { PLAIN, HIGH, SCATTERED, MIXED, SHAPES = sizeof(shapes) / sizeof(shapes[0]) };

static struct probe_host host;

static void shape_up(unsigned shape)
{
    assert_int_equal(probe_machine_up_as(&shapes[shape]), 0);
}

static void shape_down(void)
{
    probe_machine_down(NULL);
}

static uint32_t result_of(unsigned tag)
{
    const PROBE_ROW *row = probe_find(&host, ProbeLeave + ProbeStartIo, tag, 0);

    assert_non_null(row);
    return row->Result;
}

static uint32_t sum_of(const unsigned char *bytes, size_t length)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < length; i++)
        sum += bytes[i];
    return sum;
}

static uint8_t next_tag(void)
{
    static uint8_t tag;

    if (++tag == 0)
        tag = 1;
    return tag;
}

/* The device fills the segments; all of it is there, and nothing behind. The number of elements. */
static uint32_t fill(const struct port_segment *segments, unsigned count)
{
    uint8_t tag = next_tag();
    struct port_request request;

    probe_script(&request, host.unit,
                 (PROBE_SCRIPT){.StartAction = ProbeDoFill, .Value = VALUE, .Tag = tag});
    request.segments = segments;
    request.segment_count = count;
    request.direction = PORT_DATA_IN;
    for (unsigned i = 0; i < count; i++)
        request.length += (uint32_t)segments[i].length;
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    assert_int_equal(request.transferred, request.length);
    for (unsigned i = 0; i < count; i++)
        for (size_t at = 0; at < segments[i].length; at++)
            assert_int_equal(((unsigned char *)segments[i].base)[at], VALUE);
    return result_of(tag);
}

static void add_up(unsigned char *base, size_t length)
{
    uint8_t tag = next_tag();
    struct port_request request;

    for (size_t i = 0; i < length; i++)
        base[i] = (unsigned char)(i * 7 + tag);
    probe_script(&request, host.unit, (PROBE_SCRIPT){.StartAction = ProbeDoSum, .Tag = tag});
    request.single = (struct port_segment){base, length};
    request.length = (uint32_t)length;
    request.direction = PORT_DATA_OUT;
    probe_execute(&host, &request);
    assert_true(probe_succeeded(&request));
    assert_int_equal(result_of(tag), sum_of(base, length));
}

/* Buffers of all kinds, with guard bytes around each. */
static void exercise(void)
{
    static unsigned char outside[TRANSFER_MAX + 64];
    unsigned char *inside = port_buffer_allocate(TRANSFER_MAX + 64);
    static const size_t offsets[] = {0, 1, 4, 512 % 64};
    static const size_t lengths[] = {1, 512, 4096, 5000, 65536, TRANSFER_MAX - 4096};

    for (unsigned o = 0; o < 4; o++) {
        for (unsigned l = 0; l < 6; l++) {
            unsigned char *places[] = {inside + offsets[o], outside + offsets[o]};
            for (unsigned p = 0; p < 2; p++) {
                places[p][lengths[l]] = 0xEE;
                fill(&(struct port_segment){places[p], lengths[l]}, 1);
                assert_int_equal(places[p][lengths[l]], 0xEE);
                add_up(places[p], lengths[l]);
            }
        }
    }
    struct port_segment apart[] = {{inside + 100, 3000}, {outside + 9, 77}, {inside + 50000, 4096}};
    fill(apart, 3);
    struct port_segment flat[] = {{inside, 4096}, {inside + 4096, 8192}};
    fill(flat, 2);
    port_buffer_free(inside);
}

static void data_go_through_the_device_unchanged_wherever_they_lie(void **state)
{
    static const char *const settings[] = {
        "",        "AlignmentMask=3 Dma64=1", "AlignmentMask=511 Dma64=3",    "Dma64=2 Breaks=17",
        "Dma64=4", "Dma64=3 DmaWidth=24",     "Dma64=131 NoList=1 Breaks=40", "Breaks=1 Dma64=1",
    };

    (void)state;
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        for (unsigned i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
            shape_up(shape);
            probe_open(&host, "model:scratch", settings[i]);
            exercise();
            probe_close(&host);
            shape_down();
        }
    }
}

static void a_list_has_an_element_for_each_piece(void **state)
{
    (void)state;
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        shape_up(shape);
        probe_open(&host, "model:scratch", "Dma64=3");
        unsigned char *buffer = port_buffer_allocate(32 * NT_PAGE_SIZE);
        uint32_t elements = fill(&(struct port_segment){buffer, 32 * NT_PAGE_SIZE}, 1);
        if (shapes[shape].scatter)
            assert_true(elements > 16);
        else
            assert_int_equal(elements, 1);
        /* The inner of three pages are one element when they lie together, and never cut else. */
        uint32_t fewer = fill(&(struct port_segment){buffer + 4000, 200}, 1);
        assert_true(fewer == 1 || (shapes[shape].scatter && fewer == 2));
        port_buffer_free(buffer);
        probe_close(&host);
        shape_down();
    }
}

static void what_is_copied_meets_a_scattering_machine_in_pieces(void **state)
{
    static unsigned char outside[16 * NT_PAGE_SIZE];

    (void)state;
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        shape_up(shape);
        probe_open(&host, "model:scratch", "Dma64=3");
        uint32_t elements = fill(&(struct port_segment){outside, sizeof(outside)}, 1);
        assert_true(shapes[shape].scatter ? elements > 8 : elements == 1);
        probe_close(&host);
        shape_down();
    }
}

static void what_a_list_cannot_hold_is_copied(void **state)
{
    (void)state;
    shape_up(SCATTERED);
    probe_open(&host, "model:scratch", "Dma64=3 Breaks=4");
    unsigned char *buffer = port_buffer_allocate(32 * NT_PAGE_SIZE);
    assert_int_equal(fill(&(struct port_segment){buffer, 32 * NT_PAGE_SIZE}, 1), 1);
    assert_true(fill(&(struct port_segment){buffer, 3 * NT_PAGE_SIZE}, 1) >= 2);
    port_buffer_free(buffer);
    probe_close(&host);
    shape_down();
}

/* ---- exhaustion ---- */

static void requests_wait_for_bounce_memory(void **state)
{
    enum { COUNT = 120, LENGTH = 128 * 1024 };
    static struct port_request requests[COUNT];
    static unsigned char *buffers[COUNT];
    struct port_request release;
    unsigned started = 0;

    (void)state;
    assert_int_equal(probe_machine_up_as(&(struct nt_machine_options){.processor_count = 2,
                                                                      .memory_bytes = 12 * MIB}),
                     0);
    probe_open(&host, "model:scratch", "MaximumIo=200 UnitIo=200 Depth=200");
    for (unsigned i = 0; i < COUNT; i++) {
        buffers[i] = calloc(1, LENGTH);
        probe_script(&requests[i], host.unit,
                     (PROBE_SCRIPT){.CompleteIn = ProbeInNever,
                                    .StartAction = ProbeDoFill,
                                    .Value = (UCHAR)(i + 1),
                                    .Tag = (UCHAR)(i + 1)});
        requests[i].single = (struct port_segment){buffers[i], LENGTH};
        requests[i].length = LENGTH;
        requests[i].direction = PORT_DATA_IN;
        probe_submit(&host, &requests[i]);
    }
    started = port_unit_started(host.unit);
    assert_true(started > 10 && started < COUNT);
    /* Each release gives back what the next ones need. */
    for (unsigned turn = 0; turn < COUNT && port_queue_outstanding(host.queue); turn++) {
        uint64_t deadline = sys_now_ns() + 20 * SYS_NS_PER_S;
        probe_script(&release, host.unit,
                     (PROBE_SCRIPT){.CompleteIn = ProbeInStartIo, .StartAction = ProbeDoRelease});
        release.flags |= PORT_FLAG_HEAD_OF_QUEUE;
        probe_submit(&host, &release);
        while (!probe_is_done(&release)) {
            port_wait(host.queue, deadline);
            assert_true(sys_now_ns() < deadline);
        }
        probe_poll(&host);
    }
    probe_finish(&host);
    for (unsigned i = 0; i < COUNT; i++) {
        assert_true(probe_succeeded(&requests[i]));
        assert_int_equal(buffers[i][0], i + 1);
        assert_int_equal(buffers[i][LENGTH - 1], i + 1);
        free(buffers[i]);
    }
    probe_close(&host);
    shape_down();
}

static void a_request_that_no_memory_can_come_for_fails_and_says_so(void **state)
{
    static unsigned char outside[200 * 1024]; /* more than discovery has left */
    struct port_request request;
    void *taken[4096], *memory;
    unsigned count = 0;

    (void)state;
    shape_up(PLAIN);
    probe_open(&host, "model:scratch", "");
    for (size_t size = 4 * MIB; size >= NT_PAGE_SIZE; size /= 2)
        while (count < 4096 && (memory = nt_buffer_allocate(size, "taken")) != NULL)
            taken[count++] = memory;
    probe_script(&request, host.unit, (PROBE_SCRIPT){0});
    request.single = (struct port_segment){outside, sizeof(outside)};
    request.length = sizeof(outside);
    request.direction = PORT_DATA_IN;
    probe_execute(&host, &request);
    assert_int_equal(request.status, PORT_NO_MEMORY);
    while (count)
        nt_contiguous_free(taken[--count]);
    fill(&(struct port_segment){outside, sizeof(outside)}, 1);
    probe_stop(&host);
    assert_non_null(strstr(host.events, "no memory to copy 204800 bytes"));
    probe_unload(&host);
    shape_down();
}

/* ---- both ways ---- */

static void bidirectional_requests_move_data_both_ways(void **state)
{
    enum { OUT = 20000, IN = 9000 };
    static unsigned char outside[IN + 16];
    struct port_request request;

    (void)state;
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        for (unsigned narrow = 0; narrow < 2; narrow++) {
            shape_up(shape);
            probe_open(&host, "model:scratch", narrow ? "Dma64=0 AlignmentMask=7" : "Dma64=3");
            unsigned char *out = port_buffer_allocate(OUT), *in = port_buffer_allocate(IN + 16);
            unsigned char *inputs[] = {in, in + 3, outside + 1};
            for (unsigned i = 0; i < 3; i++) {
                uint8_t tag = next_tag();
                struct port_data_in data_in = {.base = inputs[i], .length = IN};
                for (unsigned at = 0; at < OUT; at++)
                    out[at] = (unsigned char)(at * 3 + i);
                memset(inputs[i], 0, IN);
                probe_script(
                    &request, host.unit,
                    (PROBE_SCRIPT){.StartAction = ProbeDoBothWays, .Value = VALUE, .Tag = tag});
                request.single = (struct port_segment){out, OUT};
                request.length = OUT;
                request.direction = PORT_DATA_OUT;
                request.flags |= PORT_FLAG_BIDIRECTIONAL;
                request.data_in = &data_in;
                probe_execute(&host, &request);
                assert_true(probe_succeeded(&request));
                assert_int_equal(data_in.transferred, IN);
                assert_int_equal(result_of(tag), sum_of(out, OUT));
                for (unsigned at = 0; at < IN; at++)
                    assert_int_equal(inputs[i][at], VALUE);
            }
            port_buffer_free(in);
            port_buffer_free(out);
            probe_close(&host);
            shape_down();
        }
    }
}

/* ---- lists of the driver's own ---- */

static void a_drivers_own_lists_reach_the_device(void **state)
{
    struct port_request request;

    (void)state;
    for (unsigned shape = 0; shape < SHAPES; shape++) {
        for (unsigned delayed = 0; delayed < 2; delayed++) {
            shape_up(shape);
            probe_open(&host, "model:scratch",
                       delayed ? "Dma64=0 DelayScatterGather=1" : "Dma64=0 DelayScatterGather=0");
            for (uint8_t pages = 1; pages < 20; pages += 6) {
                uint8_t tag = next_tag();
                probe_script(
                    &request, host.unit,
                    (PROBE_SCRIPT){.StartAction = ProbeDoBuildList, .Value = pages, .Tag = tag});
                probe_execute(&host, &request);
                assert_true(probe_succeeded(&request));
                assert_int_equal(result_of(tag), delayed ? 2 : 1);
            }
            probe_stop(&host);
            assert_int_equal(host.shared->Lists, 4);
            probe_unload(&host);
            assert_false(probe_printed("not freed"));
            shape_down();
        }
    }
}

/* ---- the uncached extension ---- */

static void uncached(const char *settings)
{
    char more[192];

    shape_up(HIGH);
    snprintf(more, sizeof(more), "UncachedBytes=70000 %s", settings);
    probe_open(&host, "model:scratch", more);
    assert_non_null(host.shared->Uncached);
}

static void uncached_end(void)
{
    probe_close(&host);
    shape_down();
}

static void the_uncached_extension_is_whole_pages_unless_less_is_asked_for(void **state)
{
    (void)state;
    uncached("");
    assert_int_equal(host.shared->UncachedAddress % NT_PAGE_SIZE, 0);
    assert_true(host.shared->UncachedAddress < NT_HIGH_MEMORY_START);
    uncached_end();
    uncached("UncachedExtAlignment=16");
    assert_int_equal(host.shared->UncachedAddress % 65536, 0);
    uncached_end();
    uncached("UncachedExtAlignment=9");
    assert_int_equal(host.shared->UncachedAddress % 512, 0);
    assert_true(host.shared->UncachedAddress % NT_PAGE_SIZE != 0);
    uncached_end();
    uncached("UncachedExtAlignment=17"); /* out of range: as without */
    assert_int_equal(host.shared->UncachedAddress % NT_PAGE_SIZE, 0);
    uncached_end();
}

static void the_uncached_extension_keeps_to_its_window(void **state)
{
    (void)state;
    uncached("MinimumUCXAddress=hex:00,00,00,01,00,00,00,00 "
             "MaximumUCXAddress=hex:ff,ff,7f,01,00,00,00,00");
    assert_true(host.shared->UncachedAddress >= 16 * MIB &&
                host.shared->UncachedAddress + 70000 <= 24 * MIB);
    uncached_end();
    /* A minimum that leaves no page below the maximum is no minimum. */
    uncached("MinimumUCXAddress=hex:00,f0,7f,01,00,00,00,00 "
             "MaximumUCXAddress=hex:ff,ff,7f,01,00,00,00,00");
    assert_true(host.shared->UncachedAddress + 70000 <= 24 * MIB);
    uncached_end();
    /* With addresses of 64 bits it may lie high. */
    uncached("Dma64=2");
    assert_true(host.shared->UncachedAddress >= NT_HIGH_MEMORY_START);
    uncached_end();
}

static void the_uncached_extension_stays_over_a_restart(void **state)
{
    (void)state;
    uncached("");
    char *memory = host.shared->Uncached;
    memory[123] = 45;
    assert_int_equal(port_adapter_pnp_stop(host.adapter, host.reason, sizeof(host.reason)), 0);
    assert_int_equal(port_adapter_pnp_restart(host.adapter, host.reason, sizeof(host.reason)), 0);
    assert_ptr_equal(host.shared->Uncached, memory);
    assert_int_equal(memory[123], 45);
    unsigned char *buffer = port_buffer_allocate(8192);
    fill(&(struct port_segment){buffer + 1, 8000}, 1);
    port_buffer_free(buffer);
    uncached_end();
}

/* ---- restarts ---- */

static void set(const char *name, uint32_t value)
{
    assert_int_equal(nt_registry_set_dword("Services\\probe\\Parameters\\Device", name, value), 0);
}

static void restart(void)
{
    assert_int_equal(port_adapter_pnp_stop(host.adapter, host.reason, sizeof(host.reason)), 0);
    assert_int_equal(port_adapter_pnp_restart(host.adapter, host.reason, sizeof(host.reason)), 0);
}

/* Lists, slots and bounce buffers are made anew for what the driver says now. */
static void a_restart_with_other_limits_is_obeyed(void **state)
{
    static const struct {
        uint32_t breaks, mode, mask, io;
    } starts[] = {{65, 3, 0, 200}, {2, 3, 0, 1}, {65, 0, 511, 77}, {1, 2, 3, 1000}, {65, 3, 0, 5}};

    (void)state;
    shape_up(MIXED);
    probe_open(&host, "model:scratch", "Breaks=65 Dma64=3");
    unsigned char *buffer = port_buffer_allocate(8 * NT_PAGE_SIZE);
    for (unsigned i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        set("Breaks", starts[i].breaks);
        set("Dma64", starts[i].mode);
        set("AlignmentMask", starts[i].mask);
        set("MaximumIo", starts[i].io);
        restart();
        uint32_t elements = fill(&(struct port_segment){buffer, 8 * NT_PAGE_SIZE}, 1);
        assert_true(elements <= starts[i].breaks);
        assert_int_equal(elements > 2, starts[i].breaks == 65 && starts[i].mode == 3);
        fill(&(struct port_segment){buffer + 1, 3000}, 1);
        add_up(buffer + 2, 5000);
    }
    port_buffer_free(buffer);
    probe_close(&host);
    shape_down();
}

/* Each of these has machines of its own. */
#undef probe_proves
#define probe_proves(test, ...) cmocka_unit_test(test)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_proves(data_go_through_the_device_unchanged_wherever_they_lie,
                     "StorPortGetScatterGatherList", "StorPortGetOriginalMdl", "StorPortGetPfns"),
        cmocka_unit_test(a_list_has_an_element_for_each_piece),
        cmocka_unit_test(what_is_copied_meets_a_scattering_machine_in_pieces),
        cmocka_unit_test(what_a_list_cannot_hold_is_copied),
        cmocka_unit_test(requests_wait_for_bounce_memory),
        cmocka_unit_test(a_request_that_no_memory_can_come_for_fails_and_says_so),
        probe_proves(bidirectional_requests_move_data_both_ways,
                     "StorPortGetDataInBufferScatterGatherList", "StorPortGetDataInBufferMdl",
                     "StorPortGetDataInBufferSystemAddress"),
        probe_proves(a_drivers_own_lists_reach_the_device, "StorPortBuildScatterGatherList",
                     "StorPortPutScatterGatherList", "StorPortBuildMdlForNonPagedPool"),
        probe_proves(the_uncached_extension_is_whole_pages_unless_less_is_asked_for,
                     "StorPortGetUncachedExtension"),
        probe_proves(the_uncached_extension_keeps_to_its_window, "StorPortGetUncachedExtension"),
        probe_proves(the_uncached_extension_stays_over_a_restart, "StorPortGetUncachedExtension"),
        cmocka_unit_test(a_restart_with_other_limits_is_obeyed),
    };

    return probe_run(argc, argv, tests);
}

/*
 * format_test.c - what a miniport finds in a request block of either format (rules S45 to S52,
 * S55): function, address, CDB, flags, buffers by MapBuffers, and functions that are no SCSI
 * commands.
 */
#include "probe_host.h"

#include <stdio.h>
#include <string.h>

enum {
    HEADER_EXTENDED = 0x28,
    FUNCTION_IO_CONTROL = 0x02,
    FUNCTION_SHUTDOWN = 0x07,
    FUNCTION_FLUSH = 0x08,
    OP_READ_10 = 0x28,
    OP_MODE_SENSE = 0x1A,
    DEFAULT_TIMEOUT_S = 60,
};

static struct probe_host host;

static void open_blocks(unsigned blocks, const char *more)
{
    char settings[96];

    snprintf(settings, sizeof(settings), "SrbType=%u %s", blocks, more);
    probe_open(&host, "model:scratch", settings);
}

/* The nth StartIo row of that function. */
static const PROBE_ROW *started(unsigned function, unsigned nth)
{
    const PROBE_ROW *row;

    for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++)
        if (row->Callback == ProbeStartIo && row->Function == function && nth-- == 0)
            return row;
    return NULL;
}

/* Rules S45 to S48, S51. */
static void S45_S46_S47_S48_S51_every_request_has_the_format_that_the_driver_chose(void **state)
{
    const PROBE_ROW *row;

    (void)state;
    for (unsigned blocks = 0; blocks < 2; blocks++) {
        open_blocks(blocks, "CachesData=1");
        for (size_t i = 0; (row = probe_row(&host, i)) != NULL; i++) {
            if (row->Callback != ProbeBuildIo && row->Callback != ProbeStartIo)
                continue;
            assert_int_equal(row->HeaderFunction == HEADER_EXTENDED, blocks);
            assert_int_equal(row->SrbStatus, 0);
            assert_int_equal(row->ScsiStatus, 0);
            assert_int_equal(row->Guards, 0);
            assert_non_null(row->SrbExtension);
        }
        probe_close(&host);
    }
}

static void the_cdb_and_the_address_arrive_unchanged(void **state)
{
    static const uint8_t lengths[] = {6, 10, 12, 16};
    struct port_request request;

    (void)state;
    for (unsigned blocks = 0; blocks < 2; blocks++) {
        probe_prepare(&host);
        host.shared->PresentUnits = 1u << 5 | 1;
        assert_int_equal(
            probe_try(&host, "model:scratch", blocks ? "Units=8 SrbType=1" : "Units=8 SrbType=0"),
            0);
        struct port_unit *unit = port_unit_get(host.adapter, 1);
        for (unsigned i = 0; i < sizeof(lengths); i++) {
            probe_script(&request, unit, (PROBE_SCRIPT){0});
            for (unsigned b = 0; b < 16; b++)
                request.cdb[b] = b < lengths[i] ? (uint8_t)(0xD0 + b) : 0;
            request.cdb_length = lengths[i];
            request.timeout_s = 17;
            probe_execute(&host, &request);
            const PROBE_ROW *row = NULL, *next;
            for (size_t at = 0; (next = probe_row(&host, at)) != NULL; at++)
                if (next->Callback == ProbeStartIo)
                    row = next;
            assert_int_equal(row->CdbLength, lengths[i]);
            assert_memory_equal(row->Cdb, request.cdb, 16);
            assert_int_equal(row->Lun, 5);
            assert_int_equal(row->TargetId, 0);
            assert_int_equal(row->PathId, 0);
            assert_int_equal(row->TimeOutValue, 17);
        }
        port_unit_release(unit);
        probe_close(&host);
    }
}

static void flags_tell_the_direction_and_the_time_has_a_default(void **state)
{
    struct port_request request;

    (void)state;
    for (unsigned blocks = 0; blocks < 2; blocks++) {
        open_blocks(blocks, "");
        for (unsigned direction = PORT_NO_DATA; direction <= PORT_DATA_OUT; direction++) {
            probe_script(&request, host.unit, (PROBE_SCRIPT){.Tag = (UCHAR)(7 + direction)});
            if (direction != PORT_NO_DATA)
                probe_data(&request, 512);
            request.direction = (uint8_t)direction;
            probe_execute(&host, &request);
            const PROBE_ROW *row = probe_find(&host, ProbeStartIo, 7 + direction, 0);
            assert_int_equal(row->SrbFlags & (SRB_FLAGS_DATA_IN | SRB_FLAGS_DATA_OUT),
                             direction == PORT_DATA_IN    ? SRB_FLAGS_DATA_IN
                             : direction == PORT_DATA_OUT ? SRB_FLAGS_DATA_OUT
                                                          : 0);
            assert_int_equal(row->TimeOutValue, DEFAULT_TIMEOUT_S);
            assert_int_equal(row->DataTransferLength, direction == PORT_NO_DATA ? 0 : 512);
            probe_data_free(&request);
        }
        probe_close(&host);
    }
}

/* ---- DataBuffer by MapBuffers (rule S50) ---- */

/* True: the driver saw the address of the data; false: NULL. */
static bool is_mapped(unsigned function, uint8_t opcode)
{
    struct port_request request;

    probe_script(&request, host.unit, (PROBE_SCRIPT){0});
    request.function = (uint8_t)function;
    request.cdb[0] = opcode;
    probe_data(&request, 512);
    const void *base = request.single.base;
    probe_execute(&host, &request);
    const PROBE_ROW *row = NULL, *next;
    for (size_t at = 0; (next = probe_row(&host, at)) != NULL; at++)
        if (next->Callback == ProbeStartIo)
            row = next;
    probe_data_free(&request);
    assert_true(!row->DataBuffer || row->DataBuffer == base);
    return row->DataBuffer;
}

static void S50_data_buffers_are_mapped_as_the_driver_asked(void **state)
{
    char more[32];

    (void)state;
    for (unsigned blocks = 0; blocks < 2; blocks++) {
        for (unsigned map = 0; map <= 3; map++) {
            snprintf(more, sizeof(more), "MapBuffers=%u", map);
            open_blocks(blocks, more);
            assert_int_equal(is_mapped(PORT_EXECUTE_SCSI, OP_READ_10), map == 3);
            assert_int_equal(is_mapped(PORT_EXECUTE_SCSI, OP_MODE_SENSE), map != 0);
            assert_true(is_mapped(PORT_IO_CONTROL, 0));
            probe_close(&host);
        }
    }
}

/* ---- functions that are no SCSI commands (rule S52) ---- */

static void send(unsigned function)
{
    struct port_request request;

    memset(&request, 0, sizeof(request));
    request.unit = host.unit;
    request.function = (uint8_t)function;
    probe_execute(&host, &request);
    assert_int_equal(request.status, PORT_OK);
    assert_int_equal(request.srb_status, PROBE_SRB_SUCCESS);
}

static void flush_and_shutdown_reach_only_a_driver_that_caches(void **state)
{
    (void)state;
    for (unsigned blocks = 0; blocks < 2; blocks++) {
        open_blocks(blocks, "CachesData=0");
        send(PORT_FLUSH);
        send(PORT_SHUTDOWN);
        assert_null(started(FUNCTION_FLUSH, 0));
        assert_null(started(FUNCTION_SHUTDOWN, 0));
        probe_close(&host);
        open_blocks(blocks, "CachesData=1");
        send(PORT_FLUSH);
        send(PORT_SHUTDOWN);
        assert_non_null(started(FUNCTION_FLUSH, 0));
        assert_non_null(started(FUNCTION_SHUTDOWN, 0));
        probe_stop(&host);
        assert_non_null(started(FUNCTION_FLUSH, 1)); /* before the stop */
        probe_unload(&host);
    }
}

static void resets_come_as_requests_in_both_formats(void **state)
{
    static const uint8_t functions[][2] = {{PORT_RESET_LOGICAL_UNIT, 0x20},
                                           {PORT_RESET_TARGET, 0x13}};

    (void)state;
    for (unsigned blocks = 0; blocks < 2; blocks++) {
        open_blocks(blocks, "");
        for (unsigned i = 0; i < 2; i++) {
            send(functions[i][0]);
            const PROBE_ROW *row = started(functions[i][1], 0);
            assert_non_null(row);
            assert_int_equal(row->SrbStatus, 0);
            assert_int_equal(row->DataTransferLength, 0);
        }
        send(PORT_RESET_BUS); /* the port's own bus reset is the callback */
        assert_int_equal(probe_count(&host, ProbeResetBus, 0), 1);
        assert_null(started(0x12, 0));
        probe_close(&host);
    }
}

static void an_io_control_carries_its_buffer_back(void **state)
{
    struct port_request request;

    (void)state;
    for (unsigned blocks = 0; blocks < 2; blocks++) {
        open_blocks(blocks, "");
        memset(&request, 0, sizeof(request));
        request.unit = host.unit;
        request.function = PORT_IO_CONTROL;
        probe_data(&request, 64);
        probe_execute(&host, &request);
        assert_int_equal(request.srb_status, PROBE_SRB_SUCCESS);
        const PROBE_ROW *row = started(FUNCTION_IO_CONTROL, 0);
        assert_int_equal(row->DataTransferLength, 64);
        assert_ptr_equal(row->DataBuffer, request.single.base);
        probe_data_free(&request);
        probe_close(&host);
    }
}

/* ---- two of one name (rule S55) ---- */

static void S55_two_drivers_of_one_name_have_nothing_in_common(void **state)
{
    static struct probe_host other;
    struct port_request request;

    (void)state;
    probe_open(&host, "model:scratch", "Duplex=1");
    probe_open(&other, "none", "SrbType=0");
    probe_script(&request, other.unit, (PROBE_SCRIPT){.Tag = 7});
    probe_execute(&other, &request);
    assert_true(probe_succeeded(&request));
    assert_int_equal(probe_count(&other, ProbeStartIo, 7), 1);
    assert_int_equal(probe_count(&host, ProbeStartIo, 7), 0);
    assert_ptr_not_equal(probe_row(&host, 0)->DeviceExtension,
                         probe_row(&other, 0)->DeviceExtension);
    probe_close(&host);
    probe_script(&request, other.unit, (PROBE_SCRIPT){.Tag = 8});
    probe_execute(&other, &request);
    assert_true(probe_succeeded(&request));
    probe_close(&other);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(S45_S46_S47_S48_S51_every_request_has_the_format_that_the_driver_chose),
        probe_test(the_cdb_and_the_address_arrive_unchanged),
        probe_test(flags_tell_the_direction_and_the_time_has_a_default),
        probe_test(S50_data_buffers_are_mapped_as_the_driver_asked),
        probe_test(flush_and_shutdown_reach_only_a_driver_that_caches),
        probe_test(resets_come_as_requests_in_both_formats),
        probe_test(an_io_control_carries_its_buffer_back),
        probe_test(S55_two_drivers_of_one_name_have_nothing_in_common),
    };

    return probe_run(argc, argv, tests);
}

/*
 * blocks_test.c - request blocks with more in them than a command of 16 bytes (lifecycle section
 * 10): WMI, PnP and power blocks, long CDBs, bidirectional commands, I/O information, priorities.
 * The requests are looked at while the driver has them.
 */
#include "patience.h"
#include "probe_host.h"

#include <stdio.h>
#include <string.h>

enum {
    FUNCTION_PROTOCOL = 0x09,
    FUNCTION_IO_CONTROL = 0x02,
    FUNCTION_WMI = 0x17,
    FUNCTION_PNP = 0x25,
    WMI_QUERY_ALL_DATA = 0,
    WMI_REGINFO = 8,
    QUERY_CAPABILITIES = 9,
    OP_READ_10 = 0x28,
    OP_WRITE_10 = 0x2A,
    OP_MODE_SENSE = 0x1A,
    TAG = 7,
};

static struct probe_host host;
static struct port_request request;
static uint8_t cdb[64];

static void open_blocks(unsigned blocks, const char *device, const char *more)
{
    char settings[96];

    snprintf(settings, sizeof(settings), "SrbType=%u %s", blocks, more);
    probe_open(&host, device, settings);
}

/* The block of the first request that is started after this row, once StartIo has returned. */
static void *started_after(size_t row)
{
    uint64_t deadline = patience_deadline_ns(20);
    void *srb = NULL;

    for (;;) {
        const PROBE_ROW *seen = probe_row(&host, row);
        if (seen && seen->Callback == ProbeStartIo && !srb)
            srb = seen->Srb;
        if (seen && srb && seen->Callback == ProbeStartIo + ProbeLeave)
            return srb;
        if (seen)
            row++;
        patience_check(deadline);
        sys_thread_yield();
    }
}

/* Submits `request`, which the driver keeps. */
static void *next_started(void)
{
    size_t before = (size_t)host.shared->Rows;

    probe_submit(&host, &request);
    return started_after(before);
}

static void release_kept(void)
{
    struct port_request release;

    __atomic_store_n(&host.shared->HoldFunction, 0, __ATOMIC_RELEASE);
    __atomic_store_n(&host.shared->HoldOpcode, 0, __ATOMIC_RELEASE);
    probe_script(&release, host.unit, (PROBE_SCRIPT){.StartAction = ProbeDoRelease});
    probe_execute(&host, &release);
    probe_finish(&host);
}

static void *hold(struct port_unit *unit, enum port_function function, unsigned srb_function,
                  uint32_t length)
{
    request = (struct port_request){
        .unit = unit, .function = (uint8_t)function, .flags = PORT_FLAG_NO_FREEZE, .timeout_s = 5};
    probe_data(&request, length);
    memcpy(request.cdb, cdb, sizeof(request.cdb));
    host.shared->HoldFunction = srb_function;
    return next_started();
}

static const void *extended_data(const STORAGE_REQUEST_BLOCK *srb, SRBEXDATATYPE type)
{
    for (ULONG i = 0; i < srb->NumSrbExData; i++) {
        const SRBEX_DATA *data =
            (const SRBEX_DATA *)((const unsigned char *)srb + srb->SrbExDataOffset[i]);
        assert_int_equal(srb->SrbExDataOffset[i] % 8, 0);
        assert_true(srb->SrbExDataOffset[i] + data->Length + 8 <= srb->SrbLength);
        if (data->Type == type)
            return data;
    }
    return NULL;
}

/* ---- functions ---- */

static void a_wmi_request_carries_minor_code_guid_and_buffer(void **state)
{
    static const uint8_t guid[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        bool blocks = i & 1, to_adapter = i & 2;
        UCHAR minor, flags;
        void *path, *buffer;
        open_blocks(blocks, "model:scratch", "MapBuffers=0"); /* mapped all the same */
        memset(cdb, 0, sizeof(cdb));
        cdb[0] = WMI_QUERY_ALL_DATA;
        cdb[2] = to_adapter;
        memcpy(cdb + 16, guid, sizeof(guid));
        void *srb = hold(to_adapter ? port_adapter_unit(host.adapter) : host.unit, PORT_WMI,
                         FUNCTION_WMI, 512);
        if (blocks) {
            const SRBEX_DATA_WMI *wmi = extended_data(srb, SrbExDataTypeWmi);
            assert_non_null(wmi);
            assert_int_equal(wmi->Length, SRBEX_DATA_WMI_LENGTH);
            minor = wmi->WMISubFunction;
            flags = wmi->WMIFlags;
            path = wmi->DataPath;
            buffer = ((STORAGE_REQUEST_BLOCK *)srb)->DataBuffer;
        } else {
            const SCSI_WMI_REQUEST_BLOCK *wmi = srb;
            minor = wmi->WMISubFunction;
            flags = wmi->WMIFlags;
            path = wmi->DataPath;
            buffer = wmi->DataBuffer;
        }
        assert_int_equal(minor, WMI_QUERY_ALL_DATA);
        assert_int_equal(flags, to_adapter ? SRB_WMI_FLAGS_ADAPTER_REQUEST : 0);
        assert_memory_equal(path, guid, sizeof(guid));
        assert_int_equal((uintptr_t)path % 4, 0);
        assert_ptr_equal(buffer, request.single.base);
        release_kept();
        probe_data_free(&request);
        probe_close(&host);
    }
}

/* Of a registration there is no GUID: the reason for asking is in its place. */
/* The client's buffer is no memory of the device's, so the driver gets another one. */
static void a_record_that_the_device_cannot_reach_comes_to_the_driver_all_the_same(void **state)
{
    static uint8_t record[512];

    (void)state;
    for (unsigned wmi = 0; wmi < 2; wmi++) {
        open_blocks(0, "model:scratch", "");
        memset(record, 0xA5, sizeof(record));
        request = (struct port_request){.unit = host.unit,
                                        .function = wmi ? PORT_WMI : PORT_IO_CONTROL,
                                        .flags = PORT_FLAG_NO_FREEZE,
                                        .timeout_s = 5,
                                        .direction = PORT_DATA_IN,
                                        .single = {record, sizeof(record)},
                                        .length = sizeof(record)};
        host.shared->HoldFunction = wmi ? FUNCTION_WMI : FUNCTION_IO_CONTROL;
        const SCSI_REQUEST_BLOCK *srb = next_started();
        assert_ptr_not_equal(srb->DataBuffer, record);
        assert_memory_equal(srb->DataBuffer, record, sizeof(record));
        release_kept();
        probe_close(&host);
    }
}

static void wmi_reregister_asks_the_driver_for_its_registration(void **state)
{
    (void)state;
    open_blocks(1, "model:scratch", "");
    host.shared->HoldFunction = FUNCTION_WMI;
    size_t before = (size_t)host.shared->Rows;
    StorPortNotification(WMIReregister, host.adapter->extension, 0, 0, 0);
    const SRBEX_DATA_WMI *wmi = extended_data(started_after(before), SrbExDataTypeWmi);
    assert_non_null(wmi);
    assert_int_equal(wmi->WMISubFunction, WMI_REGINFO);
    assert_ptr_equal(wmi->DataPath, (void *)1);
    release_kept();
    port_unit_events_drain(host.unit);
    assert_non_null(strstr(host.events, "unit 0:0:0 has registered "));
    probe_close(&host);
}

static void a_pnp_request_carries_action_and_buffer(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        bool blocks = i & 1, to_adapter = i & 2;
        open_blocks(blocks, "model:scratch", "");
        memset(cdb, 0, sizeof(cdb));
        cdb[0] = QUERY_CAPABILITIES;
        cdb[2] = to_adapter;
        void *srb = hold(to_adapter ? port_adapter_unit(host.adapter) : host.unit, PORT_PNP,
                         FUNCTION_PNP, sizeof(STOR_DEVICE_CAPABILITIES_EX));
        if (blocks) {
            const SRBEX_DATA_PNP *pnp = extended_data(srb, SrbExDataTypePnP);
            assert_non_null(pnp);
            assert_int_equal(pnp->PnPAction, StorQueryCapabilities);
            assert_int_equal(pnp->SrbPnPFlags, to_adapter ? SRB_PNP_FLAGS_ADAPTER_REQUEST : 0);
            assert_ptr_equal(((STORAGE_REQUEST_BLOCK *)srb)->DataBuffer, request.single.base);
        } else {
            const SCSI_PNP_REQUEST_BLOCK *pnp = srb;
            assert_int_equal(pnp->PnPAction, StorQueryCapabilities);
            assert_int_equal(pnp->SrbPnPFlags, to_adapter ? SRB_PNP_FLAGS_ADAPTER_REQUEST : 0);
            assert_ptr_equal(pnp->DataBuffer, request.single.base);
            assert_int_equal(pnp->DataTransferLength, sizeof(STOR_DEVICE_CAPABILITIES_EX));
        }
        release_kept();
        assert_true(probe_succeeded(&request));
        probe_data_free(&request);
        probe_close(&host);
    }
}

static void a_protocol_command_has_its_buffer_mapped(void **state)
{
    (void)state;
    for (unsigned blocks = 0; blocks < 2; blocks++) {
        open_blocks(blocks, "model:scratch", "MapBuffers=0");
        memset(cdb, 0, sizeof(cdb));
        void *srb = hold(host.unit, PORT_PROTOCOL_COMMAND, FUNCTION_PROTOCOL, 512);
        assert_ptr_equal(blocks ? ((STORAGE_REQUEST_BLOCK *)srb)->DataBuffer
                                : ((SCSI_REQUEST_BLOCK *)srb)->DataBuffer,
                         request.single.base);
        release_kept();
        probe_data_free(&request);
        probe_close(&host);
    }
}

/* ---- commands ---- */

static void hold_script(uint16_t flags)
{
    probe_script(&request, host.unit, (PROBE_SCRIPT){.CompleteIn = ProbeInNever, .Tag = TAG});
    request.flags |= flags;
}

static void long_cdbs_have_blocks_of_their_own(void **state)
{
    static const uint8_t lengths[] = {17, 20, 32, 33, 64};

    (void)state;
    for (unsigned i = 0; i < sizeof(lengths); i++) {
        open_blocks(1, "model:scratch", "");
        hold_script(PORT_FLAG_LONG_CDB);
        memcpy(cdb, request.cdb, 16);
        for (unsigned b = 16; b < sizeof(cdb); b++)
            cdb[b] = (uint8_t)(0xA0 + b);
        request.cdb_length = lengths[i];
        if (lengths[i] > 32)
            request.long_cdb = cdb;
        else
            memcpy(request.cdb, cdb, 32);
        const STORAGE_REQUEST_BLOCK *srb = next_started();
        if (lengths[i] <= 32) {
            const SRBEX_DATA_SCSI_CDB32 *data = extended_data(srb, SrbExDataTypeScsiCdb32);
            assert_non_null(data);
            assert_int_equal(data->Length, SRBEX_DATA_SCSI_CDB32_LENGTH);
            assert_int_equal(data->CdbLength, lengths[i]);
            assert_memory_equal(data->Cdb, cdb, lengths[i]);
            assert_non_null(data->SenseInfoBuffer);
        } else {
            const SRBEX_DATA_SCSI_CDB_VAR *data = extended_data(srb, SrbExDataTypeScsiCdbVar);
            assert_non_null(data);
            assert_int_equal(data->CdbLength, lengths[i]);
            assert_memory_equal(data->Cdb, cdb, lengths[i]);
            assert_non_null(data->SenseInfoBuffer);
            assert_int_equal(data->SenseInfoBufferLength, 255);
        }
        assert_null(extended_data(srb, SrbExDataTypeScsiCdb16));
        release_kept();
        assert_true(probe_succeeded(&request));
        probe_script(&request, host.unit, (PROBE_SCRIPT){0}); /* the slot is ordinary again */
        for (unsigned again = 0; again < 3; again++) {
            probe_execute(&host, &request);
            assert_true(probe_succeeded(&request));
        }
        probe_close(&host);
    }
}

static void what_the_old_block_cannot_carry_is_not_sent(void **state)
{
    struct port_data_in data_in = {.base = NULL};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        open_blocks(0, "none", "");
        hold_script(i ? PORT_FLAG_LONG_CDB : PORT_FLAG_BIDIRECTIONAL);
        request.data_in = &data_in;
        request.cdb_length = i ? 20 : 16;
        probe_execute(&host, &request);
        assert_int_equal(request.status, PORT_UNSUPPORTED);
        assert_int_equal(probe_count(&host, ProbeStartIo, TAG), 0);
        probe_close(&host);
    }
}

static void a_bidirectional_command_has_two_buffers_and_two_lengths(void **state)
{
    struct port_data_in data_in;

    (void)state;
    open_blocks(1, "model:scratch", "");
    hold_script(PORT_FLAG_BIDIRECTIONAL);
    probe_data(&request, 1024);
    request.direction = PORT_DATA_OUT;
    data_in = (struct port_data_in){.base = port_buffer_allocate(2048), .length = 2048};
    request.data_in = &data_in;
    STORAGE_REQUEST_BLOCK *srb = next_started();
    SRBEX_DATA_BIDIRECTIONAL *data =
        (SRBEX_DATA_BIDIRECTIONAL *)(uintptr_t)extended_data(srb, SrbExDataTypeBidirectional);
    assert_non_null(data);
    assert_non_null(extended_data(srb, SrbExDataTypeScsiCdb16));
    assert_int_equal(srb->DataTransferLength, 1024);
    assert_ptr_equal(srb->DataBuffer, request.single.base);
    assert_int_equal(data->DataInTransferLength, 2048);
    assert_ptr_equal(data->DataInBuffer, data_in.base);
    assert_int_equal(srb->SrbFlags & (SRB_FLAGS_DATA_IN | SRB_FLAGS_DATA_OUT),
                     SRB_FLAGS_DATA_IN | SRB_FLAGS_DATA_OUT);
    data->DataInTransferLength = 100; /* as if the device had sent no more */
    release_kept();
    assert_true(probe_succeeded(&request));
    assert_int_equal(request.transferred, 1024);
    assert_int_equal(data_in.transferred, 100);
    probe_data_free(&request);
    port_buffer_free(data_in.base);
    probe_close(&host);
}

/* Only for drivers that ask for it, as the probe does for its virtual adapters, and only on reads
 * and writes. */
static void io_information_comes_with_reads_and_writes_where_the_driver_asks_for_it(void **state)
{
    static const struct {
        uint8_t opcode;
        bool has, writes;
    } rows[] = {
        {OP_READ_10, true, false}, {OP_WRITE_10, true, true}, {OP_MODE_SENSE, false, false}};

    (void)state;
    for (unsigned i = 0; i < 2 * sizeof(rows) / sizeof(rows[0]); i++) {
        bool asked = i % 2, has = asked && rows[i / 2].has;
        open_blocks(1, asked ? "none" : "model:scratch", "");
        probe_script(&request, host.unit, (PROBE_SCRIPT){0});
        probe_data(&request, 4096);
        request.cdb[0] = rows[i / 2].opcode;
        request.cdb_length = 10;
        if (rows[i / 2].writes)
            request.direction = PORT_DATA_OUT;
        host.shared->HoldOpcode = rows[i / 2].opcode;
        const STORAGE_REQUEST_BLOCK *srb = next_started();
        const SRBEX_DATA_IO_INFO *info = extended_data(srb, SrbExDataTypeIoInfo);
        assert_int_equal(info != NULL, has);
        if (info) {
            assert_int_equal(info->Length, SRBEX_DATA_IO_INFO_LENGTH);
            assert_int_equal(info->RWLength, 4096);
            assert_int_equal(info->IsWriteRequest, rows[i / 2].writes);
        }
        release_kept();
        probe_data_free(&request);
        probe_close(&host);
    }
}

static void priority_and_original_request_are_passed_on_and_forgotten_again(void **state)
{
    static int irp;

    (void)state;
    open_blocks(1, "model:scratch", "MaximumIo=1");
    hold_script(PORT_FLAG_PRIORITY | PORT_FLAG_ORIGINAL | PORT_FLAG_D3_PROCESSING |
                PORT_FLAG_ORDERED);
    request.priority = StorIoPriorityHigh;
    request.original = &irp;
    const STORAGE_REQUEST_BLOCK *srb = next_started();
    assert_int_equal(srb->RequestPriority, StorIoPriorityHigh);
    assert_ptr_equal(srb->OriginalRequest, &irp);
    assert_int_equal(srb->RequestAttribute, SRB_ORDERED_QUEUE_TAG_REQUEST);
    assert_true(srb->SrbFlags & SRB_FLAGS_D3_PROCESSING);
    uint32_t tag = srb->RequestTag;
    /* The only slot is taken: the driver gives it back from outside. */
    StorPortCompleteRequest(host.adapter->extension, SP_UNTAGGED, SP_UNTAGGED, SP_UNTAGGED,
                            SRB_STATUS_SUCCESS);
    probe_finish(&host);
    hold_script(0);
    srb = next_started();
    assert_int_equal(srb->RequestTag, tag);
    assert_int_equal(srb->RequestPriority, StorIoPriorityNormal);
    assert_null(srb->OriginalRequest);
    assert_int_equal(srb->RequestAttribute, SRB_SIMPLE_TAG_REQUEST);
    assert_false(srb->SrbFlags & SRB_FLAGS_D3_PROCESSING);
    StorPortCompleteRequest(host.adapter->extension, SP_UNTAGGED, SP_UNTAGGED, SP_UNTAGGED,
                            SRB_STATUS_SUCCESS);
    probe_finish(&host);
    probe_close(&host);
}

/* Counted for the unit of a request that the driver has, and for nothing else. */
static void the_targets_service_time_is_counted_for_the_unit(void **state)
{
    struct port_unit_info info;

    (void)state;
    open_blocks(1, "model:scratch", "");
    void *extension = host.adapter->extension;
    hold_script(0);
    void *srb = next_started();
    StorPortNotification(IoTargetRequestServiceTime, extension, 250ull, srb);
    StorPortNotification(IoTargetRequestServiceTime, extension, 1ull << 33, srb);
    StorPortNotification(IoTargetRequestServiceTime, extension, 7ull, &info);
    release_kept();
    StorPortNotification(IoTargetRequestServiceTime, extension, 7ull, srb);
    port_unit_describe(host.unit, &info);
    assert_int_equal(info.service_time_100ns, (1ull << 33) + 250);
    assert_int_equal(info.service_count, 2);
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(a_wmi_request_carries_minor_code_guid_and_buffer),
        probe_test(a_record_that_the_device_cannot_reach_comes_to_the_driver_all_the_same),
        probe_proves(wmi_reregister_asks_the_driver_for_its_registration, "WMIReregister"),
        probe_test(a_pnp_request_carries_action_and_buffer),
        probe_test(a_protocol_command_has_its_buffer_mapped),
        probe_test(long_cdbs_have_blocks_of_their_own),
        probe_test(what_the_old_block_cannot_carry_is_not_sent),
        probe_test(a_bidirectional_command_has_two_buffers_and_two_lengths),
        probe_test(io_information_comes_with_reads_and_writes_where_the_driver_asks_for_it),
        probe_proves(the_targets_service_time_is_counted_for_the_unit,
                     "IoTargetRequestServiceTime"),
        probe_test(priority_and_original_request_are_passed_on_and_forgotten_again),
    };

    return probe_run(argc, argv, tests);
}

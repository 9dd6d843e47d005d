/*
 * storage_ioctl_test.c - control codes whose answer comes from the driver's own words about units,
 * and those that move data in ways that a RAM disk does not know.
 */
#include "probe_host.h"

#include <ntddscsi.h>
#include <ntddstor.h>
#include <storport.h>

#include <stdio.h>
#include <string.h>

enum {
    OUT = 3000,
    IN = 1200,
    ADDRESS_AT = 96,
    DATA_AT = 256,
    ROOM = DATA_AT + OUT + IN,
    TAG = 9,
    VALUE = 0x6D,
    UNIT_RICH = 11,
    UNIT_BUS_TYPE = 12,
    NVME = 17,
    SATA = 11,
    COMMAND_BYTES = 8,
    PROTOCOL_DATA_AT = 96,
};

static struct probe_host host;
static _Alignas(64) unsigned char room[ROOM];
static size_t length;

static uint32_t control(struct port_unit *unit, uint32_t code, size_t input, size_t output)
{
    struct port_control_code code_of = {
        .code = code,
        .input = room,
        .input_length = (uint32_t)input,
        .output = room,
        .output_length = (uint32_t)output,
        .ret_length = &length,
    };

    return port_adapter_control(host.adapter, unit, &code_of);
}

static uint32_t ask(struct port_unit *unit, STORAGE_PROPERTY_ID property)
{
    STORAGE_PROPERTY_QUERY *query = (STORAGE_PROPERTY_QUERY *)room;

    memset(room, 0, sizeof(room));
    query->PropertyId = property;
    query->QueryType = PropertyStandardQuery;
    return control(unit, IOCTL_STORAGE_QUERY_PROPERTY, sizeof(*query), ROOM);
}

static void the_driver_names_the_bus_type_and_a_unit_may_have_its_own(void **state)
{
    const STORAGE_ADAPTER_DESCRIPTOR *adapter = (const STORAGE_ADAPTER_DESCRIPTOR *)room;
    const STORAGE_DEVICE_DESCRIPTOR *device = (const STORAGE_DEVICE_DESCRIPTOR *)room;

    (void)state;
    for (unsigned own = 0; own < 2; own++) {
        char settings[96];
        snprintf(settings, sizeof(settings), "AdapterBusType=%u UnitControls=%u FeatureList=1",
                 SATA, own ? 1u << UNIT_BUS_TYPE : 0);
        probe_open(&host, "none", settings);
        assert_int_equal(ask(NULL, StorageAdapterProperty), STATUS_SUCCESS);
        assert_int_equal(adapter->BusType, SATA);
        assert_int_equal(ask(host.unit, StorageDeviceProperty), STATUS_SUCCESS);
        assert_int_equal(device->BusType, own ? NVME : SATA);
        probe_close(&host);
    }
}

static void a_rich_description_stands_before_inquiry_data(void **state)
{
    const STORAGE_DEVICE_DESCRIPTOR *device = (const STORAGE_DEVICE_DESCRIPTOR *)room;

    (void)state;
    for (unsigned rich = 0; rich < 2; rich++) {
        char settings[48];
        snprintf(settings, sizeof(settings), "UnitControls=%u", rich ? 1u << UNIT_RICH : 0);
        probe_open(&host, "none", settings);
        assert_int_equal(ask(host.unit, StorageDeviceProperty), STATUS_SUCCESS);
        assert_string_equal((const char *)room + device->ProductIdOffset,
                            rich ? "PROBE WITH A LONGER MODEL NUMBER" : "PROBE UNIT");
        /* What the description leaves out is still the inquiry's. */
        assert_string_equal((const char *)room + device->VendorIdOffset, "PROBE");
        probe_close(&host);
    }
}

static void a_protocol_command_reaches_the_driver_and_brings_its_data(void **state)
{
    STORAGE_PROTOCOL_COMMAND *command = (STORAGE_PROTOCOL_COMMAND *)room;

    (void)state;
    probe_open(&host, "none", "");
    memset(room, 0, sizeof(room));
    command->Version = STORAGE_PROTOCOL_STRUCTURE_VERSION;
    command->Length = sizeof(*command);
    command->CommandLength = COMMAND_BYTES;
    command->Command[0] = VALUE;
    command->TimeOutValue = 10;
    command->DataFromDeviceBufferOffset = PROTOCOL_DATA_AT;
    command->DataFromDeviceTransferLength = 100;
    assert_int_equal(control(host.unit, IOCTL_STORAGE_PROTOCOL_COMMAND, PROTOCOL_DATA_AT,
                             PROTOCOL_DATA_AT + 100),
                     STATUS_SUCCESS);
    assert_int_equal(command->ReturnStatus, STORAGE_PROTOCOL_STATUS_SUCCESS);
    assert_int_equal(length, PROTOCOL_DATA_AT + 100);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(room[PROTOCOL_DATA_AT + i], VALUE);
    probe_close(&host);
}

/* ---- both ways ---- */

static SCSI_PASS_THROUGH_EX *both_ways(void)
{
    SCSI_PASS_THROUGH_EX *form = (SCSI_PASS_THROUGH_EX *)room;
    PROBE_SCRIPT script = {.OperationCode = PROBE_OP_SCRIPT,
                           .StartAction = ProbeDoBothWays,
                           .Value = VALUE,
                           .Tag = TAG};

    memset(room, 0, sizeof(room));
    form->Length = sizeof(*form);
    form->CdbLength = sizeof(script);
    form->DataDirection = SCSI_IOCTL_DATA_BIDIRECTIONAL;
    form->TimeOutValue = 10;
    form->DataOutTransferLength = OUT;
    form->DataInTransferLength = IN;
    form->DataOutBufferOffset = DATA_AT;
    form->DataInBufferOffset = DATA_AT + OUT;
    memcpy(room + offsetof(SCSI_PASS_THROUGH_EX, Cdb), &script, sizeof(script));
    return form;
}

static uint32_t fill(unsigned char *bytes)
{
    uint32_t sum = 0;

    for (unsigned i = 0; i < OUT; i++)
        sum += bytes[i] = (unsigned char)(i * 5);
    return sum;
}

static void assert_moved(const unsigned char *in, uint32_t sum)
{
    const SCSI_PASS_THROUGH_EX *form = (const SCSI_PASS_THROUGH_EX *)room;

    assert_int_equal(probe_find(&host, ProbeLeave + ProbeStartIo, TAG, 0)->Result, sum);
    assert_int_equal(form->DataOutTransferLength, OUT);
    assert_int_equal(form->DataInTransferLength, IN);
    for (unsigned i = 0; i < IN; i++)
        assert_int_equal(in[i], VALUE);
}

static void a_pass_through_moves_data_both_ways(void **state)
{
    static _Alignas(64) unsigned char out[OUT], in[IN];

    (void)state;
    probe_open(&host, "model:scratch", "SrbType=1");
    both_ways();
    uint32_t sum = fill(room + DATA_AT);
    assert_int_equal(control(host.unit, IOCTL_SCSI_PASS_THROUGH_EX, DATA_AT + OUT, ROOM),
                     STATUS_SUCCESS);
    assert_int_equal(length, ROOM);
    assert_moved(room + DATA_AT + OUT, sum);
    probe_close(&host);
    probe_open(&host, "model:scratch", "SrbType=1");
    SCSI_PASS_THROUGH_DIRECT_EX *direct = (SCSI_PASS_THROUGH_DIRECT_EX *)both_ways();
    direct->DataOutBuffer = out;
    direct->DataInBuffer = in;
    sum = fill(out);
    assert_int_equal(control(host.unit, IOCTL_SCSI_PASS_THROUGH_DIRECT_EX, DATA_AT, DATA_AT),
                     STATUS_SUCCESS);
    assert_moved(in, sum);
    probe_close(&host);
}

static void the_old_request_block_carries_no_data_both_ways(void **state)
{
    (void)state;
    probe_open(&host, "model:scratch", "SrbType=0");
    both_ways();
    assert_int_equal(control(host.unit, IOCTL_SCSI_PASS_THROUGH_EX, DATA_AT + OUT, ROOM),
                     (uint32_t)STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(length, 0);
    probe_close(&host);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(the_driver_names_the_bus_type_and_a_unit_may_have_its_own),
        probe_test(a_rich_description_stands_before_inquiry_data),
        probe_test(a_protocol_command_reaches_the_driver_and_brings_its_data),
        probe_test(a_pass_through_moves_data_both_ways),
        probe_test(the_old_request_block_carries_no_data_both_ways),
    };

    return probe_run(argc, argv, tests);
}

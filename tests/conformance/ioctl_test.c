/*
 * ioctl_test.c - control codes of adapters and units (lifecycle section 14): what each answers, and
 * that no length, offset or layout of a hostile application gets further than a status.
 */
#include "../driver_file.h"
#include "nt/bugcheck.h"
#include "probe_host.h"

#include "../../miniports/ramdisk/ramdisk_control.h"
#include <ntddscsi.h>
#include <ntddstor.h>
#include <storport.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 512, ROOM = 4096 };

static struct port_driver *driver;
static struct port_adapter *adapter;
static struct port_unit *unit;
static _Alignas(16) unsigned char room[ROOM];
static size_t length;
static char reason[512];

static int up(void **state)
{
    static const char *const settings[] = {"Parameters\\Device\\SizeMegabytes=1",
                                           "Parameters\\Device\\LogicalUnits=2",
                                           "Parameters\\BusType=14"};
    struct port_adapter_options options = {.device = "none"};
    char path[4096];

    if (probe_machine_up(state) || !getenv("MODULES"))
        return 1;
    driver_file(path, sizeof(path), "MODULES", "ramdisk");
    struct port_driver_options driver_options = {
        .path = path, .settings = settings, .setting_count = 3};
    int error = port_driver_load(&driver, &driver_options, reason, sizeof(reason));
    if (!error)
        error = port_adapter_start(&adapter, driver, &options, reason, sizeof(reason));
    if (error)
        fprintf(stderr, "%s\n", reason);
    unit = error ? NULL : port_unit_get(adapter, 0);
    memset(room, 0, sizeof(room));
    return error;
}

static int down(void **state)
{
    uint64_t findings = nt_finding_count();

    port_unit_release(unit);
    int error = port_adapter_stop(adapter, reason, sizeof(reason));
    port_driver_unload(driver);
    probe_machine_down(state);
    return error || findings;
}

#define ioctl_test(test) cmocka_unit_test_setup_teardown(test, up, down)

/* `room` is input and output. */
static uint32_t control(struct port_unit *target, uint32_t code, size_t input, size_t output)
{
    struct port_control_code code_of = {
        .code = code,
        .input = room,
        .input_length = (uint32_t)input,
        .output = room,
        .output_length = (uint32_t)output,
        .ret_length = &length,
    };

    length = 12345;
    return port_adapter_control(adapter, target, &code_of);
}

#define assert_status(call, status) assert_int_equal((uint32_t)(call), (uint32_t)(status))

/* ---- what there is ---- */

static void a_unit_has_an_address_and_an_adapter_has_none(void **state)
{
    SCSI_ADDRESS *address = (SCSI_ADDRESS *)room;
    struct port_unit *second = port_unit_get(adapter, 1);

    (void)state;
    assert_status(control(second, IOCTL_SCSI_GET_ADDRESS, 0, sizeof(*address)), STATUS_SUCCESS);
    assert_int_equal(length, sizeof(*address));
    assert_int_equal(address->Length, sizeof(*address));
    assert_int_equal(address->PathId, 0);
    assert_int_equal(address->TargetId, 0);
    assert_int_equal(address->Lun, 1);
    assert_status(control(second, IOCTL_SCSI_GET_ADDRESS, 0, sizeof(*address) - 1),
                  STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(length, 0);
    assert_status(control(NULL, IOCTL_SCSI_GET_ADDRESS, 0, ROOM), STATUS_INVALID_DEVICE_REQUEST);
    port_unit_release(second);
}

static void capabilities_are_those_of_the_configuration(void **state)
{
    IO_SCSI_CAPABILITIES *capabilities = (IO_SCSI_CAPABILITIES *)room;
    struct port_adapter_info info;

    (void)state;
    port_adapter_describe(adapter, &info);
    assert_status(control(NULL, IOCTL_SCSI_GET_CAPABILITIES, 0, sizeof(*capabilities)),
                  STATUS_SUCCESS);
    assert_int_equal(capabilities->Length, sizeof(*capabilities));
    assert_int_equal(capabilities->MaximumTransferLength, port_adapter_transfer_limit(adapter));
    assert_int_equal(capabilities->MaximumPhysicalPages, info.physical_breaks);
    assert_int_equal(capabilities->AlignmentMask, info.alignment_mask);
    assert_true(capabilities->TaggedQueuing);
    assert_status(control(NULL, IOCTL_SCSI_GET_CAPABILITIES, 0, 4), STATUS_BUFFER_TOO_SMALL);
}

static void inquiry_data_list_the_units_of_a_path(void **state)
{
    SCSI_ADAPTER_BUS_INFO *info = (SCSI_ADAPTER_BUS_INFO *)room;

    (void)state;
    assert_status(control(NULL, IOCTL_SCSI_GET_INQUIRY_DATA, 0, ROOM), STATUS_SUCCESS);
    size_t whole = length;
    assert_int_equal(info->NumberOfBuses, 1);
    assert_int_equal(info->BusData[0].NumberOfLogicalUnits, 2);
    SCSI_INQUIRY_DATA *data = (SCSI_INQUIRY_DATA *)(room + info->BusData[0].InquiryDataOffset);
    assert_int_equal(data->Lun, 0);
    assert_false(data->DeviceClaimed);
    assert_int_equal(data->InquiryDataLength, INQUIRYDATABUFFERSIZE);
    assert_int_equal(data->InquiryData[0], 0);
    data = (SCSI_INQUIRY_DATA *)(room + data->NextInquiryDataOffset);
    assert_int_equal(data->Lun, 1);
    assert_int_equal(data->NextInquiryDataOffset, 0);
    assert_status(control(NULL, IOCTL_SCSI_GET_INQUIRY_DATA, 0, whole), STATUS_SUCCESS);
    assert_status(control(NULL, IOCTL_SCSI_GET_INQUIRY_DATA, 0, whole - 1),
                  STATUS_BUFFER_TOO_SMALL);
}

static void a_claim_shows_in_the_inquiry_data(void **state)
{
    SCSI_ADAPTER_BUS_INFO *info = (SCSI_ADAPTER_BUS_INFO *)room;

    (void)state;
    assert_int_equal(port_unit_claim(unit, &room), 0);
    assert_status(control(NULL, IOCTL_SCSI_GET_INQUIRY_DATA, 0, ROOM), STATUS_SUCCESS);
    SCSI_INQUIRY_DATA *data = (SCSI_INQUIRY_DATA *)(room + info->BusData[0].InquiryDataOffset);
    assert_true(data->DeviceClaimed);
    assert_int_equal(port_unit_unclaim(unit, &room), 0);
}

static void rescan_is_for_adapters(void **state)
{
    (void)state;
    assert_status(control(NULL, IOCTL_SCSI_RESCAN_BUS, 0, 0), STATUS_SUCCESS);
    assert_status(control(unit, IOCTL_SCSI_RESCAN_BUS, 0, 0), STATUS_INVALID_DEVICE_REQUEST);
}

/* ---- properties ---- */

static STORAGE_PROPERTY_QUERY *query(STORAGE_PROPERTY_ID property, STORAGE_QUERY_TYPE type)
{
    STORAGE_PROPERTY_QUERY *asked = (STORAGE_PROPERTY_QUERY *)room;

    memset(room, 0, sizeof(room));
    asked->PropertyId = property;
    asked->QueryType = type;
    return asked;
}

static uint32_t ask(struct port_unit *target, STORAGE_PROPERTY_ID property, size_t output)
{
    query(property, PropertyStandardQuery);
    return control(target, IOCTL_STORAGE_QUERY_PROPERTY, sizeof(STORAGE_PROPERTY_QUERY), output);
}

static void the_adapter_descriptor_has_limits_and_bus_type(void **state)
{
    STORAGE_ADAPTER_DESCRIPTOR *descriptor = (STORAGE_ADAPTER_DESCRIPTOR *)room;

    (void)state;
    assert_status(ask(NULL, StorageAdapterProperty, ROOM), STATUS_SUCCESS);
    assert_int_equal(length, sizeof(*descriptor));
    assert_int_equal(descriptor->Size, sizeof(*descriptor));
    assert_int_equal(descriptor->BusType, 14);
    assert_int_equal(descriptor->SrbType, SRB_TYPE_STORAGE_REQUEST_BLOCK);
    assert_int_equal(descriptor->MaximumTransferLength, port_adapter_transfer_limit(adapter));
    assert_status(ask(unit, StorageAdapterProperty, ROOM), STATUS_SUCCESS);
}

static void the_device_descriptor_has_inquiry_data_and_texts(void **state)
{
    STORAGE_DEVICE_DESCRIPTOR *descriptor = (STORAGE_DEVICE_DESCRIPTOR *)room;
    struct port_unit_info info;

    (void)state;
    port_unit_describe(unit, &info);
    assert_status(ask(unit, StorageDeviceProperty, ROOM), STATUS_SUCCESS);
    assert_int_equal(length, descriptor->Size);
    assert_int_equal(descriptor->RawPropertiesLength, info.inquiry_length);
    assert_memory_equal(descriptor->RawDeviceProperties, info.inquiry, info.inquiry_length);
    assert_string_equal((char *)room + descriptor->VendorIdOffset, info.vendor);
    assert_string_equal((char *)room + descriptor->ProductIdOffset, info.product);
    assert_true(descriptor->SerialNumberOffset > 0);
    assert_true(descriptor->SerialNumberOffset < descriptor->Size);
    assert_status(ask(NULL, StorageDeviceProperty, ROOM), STATUS_NOT_SUPPORTED);
}

static void the_device_id_descriptor_lists_the_designators(void **state)
{
    STORAGE_DEVICE_ID_DESCRIPTOR *descriptor = (STORAGE_DEVICE_ID_DESCRIPTOR *)room;
    struct port_unit_info info;

    (void)state;
    port_unit_describe(unit, &info);
    assert_status(ask(unit, StorageDeviceIdProperty, ROOM), STATUS_SUCCESS);
    assert_true(descriptor->NumberOfIdentifiers >= 1);
    STORAGE_IDENTIFIER *identifier = (STORAGE_IDENTIFIER *)descriptor->Identifiers;
    assert_int_equal(identifier->IdentifierSize, info.vpd_identification[7]);
    assert_memory_equal(identifier->Identifier, info.vpd_identification + 8,
                        identifier->IdentifierSize);
}

static void a_short_buffer_gets_the_head_of_a_descriptor(void **state)
{
    STORAGE_DESCRIPTOR_HEADER *header = (STORAGE_DESCRIPTOR_HEADER *)room;

    (void)state;
    assert_status(ask(unit, StorageDeviceProperty, sizeof(*header)), STATUS_SUCCESS);
    assert_int_equal(length, sizeof(*header));
    assert_true(header->Size > sizeof(STORAGE_DEVICE_DESCRIPTOR));
    assert_status(ask(unit, StorageDeviceProperty, sizeof(*header) - 1), STATUS_BUFFER_TOO_SMALL);
}

static void what_exists_is_told_without_a_descriptor(void **state)
{
    (void)state;
    query(StorageDeviceProperty, PropertyExistsQuery);
    assert_status(control(unit, IOCTL_STORAGE_QUERY_PROPERTY, sizeof(STORAGE_PROPERTY_QUERY), 0),
                  STATUS_SUCCESS);
    query(StorageDeviceWriteCacheProperty, PropertyExistsQuery);
    assert_status(control(unit, IOCTL_STORAGE_QUERY_PROPERTY, sizeof(STORAGE_PROPERTY_QUERY), 0),
                  STATUS_NOT_SUPPORTED);
    assert_status(control(unit, IOCTL_STORAGE_QUERY_PROPERTY, 4, ROOM), STATUS_INVALID_PARAMETER);
}

/* ---- resets ---- */

static void resets_run_through_the_driver(void **state)
{
    STORAGE_BUS_RESET_REQUEST *request = (STORAGE_BUS_RESET_REQUEST *)room;

    (void)state;
    request->PathId = 0;
    assert_status(control(NULL, IOCTL_STORAGE_RESET_BUS, sizeof(*request), 0), STATUS_SUCCESS);
    request->PathId = 1;
    assert_status(control(NULL, IOCTL_STORAGE_RESET_BUS, sizeof(*request), 0),
                  STATUS_INVALID_PARAMETER);
    assert_status(control(NULL, IOCTL_STORAGE_RESET_BUS, 0, 0), STATUS_INVALID_PARAMETER);
    assert_status(control(unit, IOCTL_STORAGE_RESET_DEVICE, 0, 0), STATUS_SUCCESS);
}

/* ---- the miniport's own language ---- */

static SRB_IO_CONTROL *io_control(ULONG code, ULONG data)
{
    SRB_IO_CONTROL *header = (SRB_IO_CONTROL *)room;

    memset(room, 0, sizeof(room));
    header->HeaderLength = sizeof(*header);
    memcpy(header->Signature, RAMDISK_CONTROL_SIGNATURE, sizeof(header->Signature));
    header->Timeout = 5;
    header->ControlCode = code;
    header->Length = data;
    return header;
}

static void an_io_control_comes_back_with_the_drivers_answer(void **state)
{
    RAMDISK_DESCRIPTION description;
    size_t whole = sizeof(SRB_IO_CONTROL) + sizeof(description);

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        io_control(RAMDISK_CONTROL_DESCRIBE, sizeof(description));
        assert_status(control(i ? unit : NULL, IOCTL_SCSI_MINIPORT, whole, whole), STATUS_SUCCESS);
        assert_int_equal(length, whole);
        assert_int_equal(((SRB_IO_CONTROL *)room)->ReturnCode, RAMDISK_CONTROL_GOOD);
        memcpy(&description, room + sizeof(SRB_IO_CONTROL), sizeof(description));
        assert_int_equal(description.UnitCount, 2);
        assert_int_equal(description.BlockSize * description.BlockCount, 1 << 20);
    }
}

static void the_driver_decides_how_much_of_an_io_control_comes_back(void **state)
{
    (void)state;
    io_control(99, 16);
    assert_status(control(NULL, IOCTL_SCSI_MINIPORT, sizeof(SRB_IO_CONTROL) + 16, ROOM),
                  STATUS_SUCCESS);
    assert_int_equal(length, sizeof(SRB_IO_CONTROL));
    assert_int_equal(((SRB_IO_CONTROL *)room)->ReturnCode, RAMDISK_CONTROL_UNKNOWN);
}

static void an_io_control_of_another_driver_is_refused_by_this_one(void **state)
{
    (void)state;
    memcpy(io_control(RAMDISK_CONTROL_DESCRIBE, 0)->Signature, "ANOTHER ", 8);
    assert_status(control(NULL, IOCTL_SCSI_MINIPORT, sizeof(SRB_IO_CONTROL), ROOM),
                  STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(length, 0);
}

static void hostile_io_controls_do_not_reach_the_driver(void **state)
{
    (void)state;
    io_control(RAMDISK_CONTROL_DESCRIBE, 16);
    assert_status(control(NULL, IOCTL_SCSI_MINIPORT, sizeof(SRB_IO_CONTROL) - 1, ROOM),
                  STATUS_INVALID_PARAMETER);
    io_control(RAMDISK_CONTROL_DESCRIBE, 17);
    assert_status(control(NULL, IOCTL_SCSI_MINIPORT, sizeof(SRB_IO_CONTROL) + 16,
                          sizeof(SRB_IO_CONTROL) + 16),
                  STATUS_BUFFER_TOO_SMALL);
    io_control(RAMDISK_CONTROL_DESCRIBE, UINT32_MAX - 8);
    assert_status(control(NULL, IOCTL_SCSI_MINIPORT, ROOM, ROOM), STATUS_INVALID_PARAMETER);
    io_control(RAMDISK_CONTROL_DESCRIBE, 16)->HeaderLength = sizeof(SRB_IO_CONTROL) - 4;
    assert_status(control(NULL, IOCTL_SCSI_MINIPORT, ROOM, ROOM), STATUS_REVISION_MISMATCH);
}

/* ---- pass-through ---- */

enum {
    SENSE_AT = 64,
    DATA_AT = 128,
    OP_INQUIRY = 0x12,
    OP_READ_10 = 0x28,
    OP_WRITE_10 = 0x2A,
    OP_UNKNOWN = 0xFF,
};

static SCSI_PASS_THROUGH *pass(UCHAR direction, ULONG bytes, uint8_t operation)
{
    SCSI_PASS_THROUGH *form = (SCSI_PASS_THROUGH *)room;

    memset(room, 0, sizeof(room));
    form->Length = sizeof(*form);
    form->CdbLength = 10;
    form->SenseInfoLength = 32;
    form->SenseInfoOffset = SENSE_AT;
    form->DataIn = direction;
    form->DataTransferLength = bytes;
    form->DataBufferOffset = DATA_AT;
    form->TimeOutValue = 10;
    form->Cdb[0] = operation;
    if (operation == OP_INQUIRY) {
        form->CdbLength = 6;
        form->Cdb[4] = (UCHAR)bytes;
    } else {
        form->Cdb[8] = (UCHAR)(bytes / BLOCK_BYTES);
    }
    return form;
}

static void a_command_passes_with_its_data_behind_it(void **state)
{
    struct port_unit_info info;

    (void)state;
    port_unit_describe(unit, &info);
    pass(SCSI_IOCTL_DATA_IN, 36, OP_INQUIRY);
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH, DATA_AT, DATA_AT + 36), STATUS_SUCCESS);
    assert_int_equal(length, DATA_AT + 36);
    assert_int_equal(((SCSI_PASS_THROUGH *)room)->ScsiStatus, 0);
    assert_int_equal(((SCSI_PASS_THROUGH *)room)->DataTransferLength, 36);
    assert_memory_equal(room + DATA_AT, info.inquiry, 36);
}

static void what_is_written_by_one_form_is_read_by_another(void **state)
{
    static _Alignas(BLOCK_BYTES) unsigned char block[BLOCK_BYTES];
    SCSI_PASS_THROUGH_DIRECT *direct = (SCSI_PASS_THROUGH_DIRECT *)room;

    (void)state;
    pass(SCSI_IOCTL_DATA_OUT, BLOCK_BYTES, OP_WRITE_10);
    memset(room + DATA_AT, 0xA7, BLOCK_BYTES);
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH, DATA_AT + BLOCK_BYTES, DATA_AT),
                  STATUS_SUCCESS);
    memset(block, 0, sizeof(block));
    pass(SCSI_IOCTL_DATA_IN, BLOCK_BYTES, OP_READ_10);
    direct->DataBuffer = block;
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH_DIRECT, DATA_AT, DATA_AT), STATUS_SUCCESS);
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        assert_int_equal(block[i], 0xA7);
}

static void a_check_condition_succeeds_and_brings_sense_data(void **state)
{
    const SCSI_PASS_THROUGH *form = (const SCSI_PASS_THROUGH *)room;

    (void)state;
    pass(SCSI_IOCTL_DATA_IN, 0, OP_UNKNOWN);
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH, DATA_AT, DATA_AT), STATUS_SUCCESS);
    assert_int_equal(form->ScsiStatus, 2);
    assert_true(form->SenseInfoLength >= 14);
    assert_int_equal(room[SENSE_AT] & 0x7F, 0x70);
    assert_int_equal(room[SENSE_AT + 2] & 0x0F, 5); /* illegal request */
    assert_int_equal(length, SENSE_AT + form->SenseInfoLength);
}

static void the_layout_of_32_bit_applications_passes_too(void **state)
{
    SCSI_PASS_THROUGH32 form = {
        .Length = sizeof(form),
        .CdbLength = 6,
        .DataIn = SCSI_IOCTL_DATA_IN,
        .DataTransferLength = 36,
        .TimeOutValue = 10,
        .DataBufferOffset = sizeof(form),
        .Cdb = {OP_INQUIRY, 0, 0, 0, 36},
    };

    (void)state;
    memcpy(room, &form, sizeof(form));
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH, sizeof(form), sizeof(form) + 36),
                  STATUS_SUCCESS);
    assert_int_equal(length, sizeof(form) + 36);
    assert_memory_equal(room + sizeof(form) + 8, "STORHOST", 4);
}

static SCSI_PASS_THROUGH_EX *pass_extended(ULONG in_bytes, uint8_t lun)
{
    SCSI_PASS_THROUGH_EX *form = (SCSI_PASS_THROUGH_EX *)room;
    STOR_ADDR_BTL8 *address = (STOR_ADDR_BTL8 *)(room + 96);

    memset(room, 0, sizeof(room));
    form->Length = sizeof(*form);
    form->CdbLength = 6;
    form->DataDirection = SCSI_IOCTL_DATA_IN;
    form->TimeOutValue = 10;
    form->StorAddressOffset = 96;
    form->StorAddressLength = sizeof(*address);
    form->DataInTransferLength = in_bytes;
    form->DataInBufferOffset = DATA_AT;
    /* The CDB runs on behind the structure, whose last member has one byte. */
    UCHAR *cdb = room + offsetof(SCSI_PASS_THROUGH_EX, Cdb);
    cdb[0] = OP_INQUIRY;
    cdb[4] = (UCHAR)in_bytes;
    address->Type = STOR_ADDRESS_TYPE_BTL8;
    address->AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH;
    address->Lun = lun;
    return form;
}

static void the_extended_form_names_its_unit(void **state)
{
    (void)state;
    pass_extended(36, 1);
    assert_status(control(NULL, IOCTL_SCSI_PASS_THROUGH_EX, DATA_AT, DATA_AT + 36), STATUS_SUCCESS);
    assert_int_equal(((SCSI_PASS_THROUGH_EX *)room)->DataInTransferLength, 36);
    assert_int_equal(length, DATA_AT + 36);
    pass_extended(36, 7);
    assert_status(control(NULL, IOCTL_SCSI_PASS_THROUGH_EX, DATA_AT, DATA_AT + 36),
                  STATUS_DEVICE_DOES_NOT_EXIST);
    /* A unit's own device needs no address, and does not look at one. */
    pass_extended(36, 0)->StorAddressLength = 0;
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH_EX, DATA_AT, DATA_AT + 36), STATUS_SUCCESS);
}

static void a_claimed_unit_is_reached_by_its_own_device_only(void **state)
{
    (void)state;
    assert_int_equal(port_unit_claim(unit, &room), 0);
    pass(SCSI_IOCTL_DATA_IN, 36, OP_INQUIRY);
    assert_status(control(NULL, IOCTL_SCSI_PASS_THROUGH, DATA_AT, DATA_AT + 36),
                  STATUS_DEVICE_BUSY);
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH, DATA_AT, DATA_AT + 36), STATUS_SUCCESS);
    assert_int_equal(port_unit_unclaim(unit, &room), 0);
    pass(SCSI_IOCTL_DATA_IN, 36, OP_INQUIRY);
    assert_status(control(NULL, IOCTL_SCSI_PASS_THROUGH, DATA_AT, DATA_AT + 36), STATUS_SUCCESS);
}

/* Each spoils one member of a form that is good otherwise. */
static void hostile_pass_throughs_are_refused(void **state)
{
    enum { IN = DATA_AT, OUT = DATA_AT + BLOCK_BYTES };
    const struct {
        uint32_t status;
        size_t offset, size;
        uint64_t value;
    } spoilt[] = {
#define SPOIL(member_, value_, status_)                                                            \
    {(uint32_t)(status_), offsetof(SCSI_PASS_THROUGH, member_),                                    \
     sizeof(((SCSI_PASS_THROUGH *)0)->member_), (value_)}
        SPOIL(Length, sizeof(SCSI_PASS_THROUGH) - 1, STATUS_REVISION_MISMATCH),
        SPOIL(Length, 0xFFFF, STATUS_INVALID_PARAMETER),
        SPOIL(CdbLength, 17, STATUS_INVALID_PARAMETER),
        SPOIL(CdbLength, 0, STATUS_INVALID_PARAMETER),
        SPOIL(DataIn, 4, STATUS_INVALID_PARAMETER),
        SPOIL(TimeOutValue, 0, STATUS_INVALID_PARAMETER),
        SPOIL(TimeOutValue, 108001, STATUS_INVALID_PARAMETER),
        SPOIL(SenseInfoOffset, 8, STATUS_INVALID_PARAMETER),
        SPOIL(SenseInfoOffset, OUT - 31, STATUS_INVALID_PARAMETER),
        SPOIL(SenseInfoOffset, 0xFFFFFFF0, STATUS_INVALID_PARAMETER),
        SPOIL(DataBufferOffset, 8, STATUS_INVALID_PARAMETER),
        SPOIL(DataBufferOffset, SENSE_AT + 31, STATUS_INVALID_PARAMETER),
        SPOIL(DataBufferOffset, DATA_AT + 1, STATUS_INVALID_PARAMETER),
        SPOIL(DataBufferOffset, UINT64_MAX - 255, STATUS_INVALID_PARAMETER),
        SPOIL(DataTransferLength, BLOCK_BYTES + 1, STATUS_INVALID_PARAMETER),
        SPOIL(DataTransferLength, UINT32_MAX, STATUS_INVALID_PARAMETER),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(spoilt) / sizeof(spoilt[0]); i++) {
        pass(SCSI_IOCTL_DATA_IN, BLOCK_BYTES, OP_READ_10);
        assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH, IN, OUT), STATUS_SUCCESS);
        pass(SCSI_IOCTL_DATA_IN, BLOCK_BYTES, OP_READ_10);
        memcpy(room + spoilt[i].offset, &spoilt[i].value, spoilt[i].size);
        assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH, IN, OUT), spoilt[i].status);
        assert_int_equal(length, 0);
    }
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH, sizeof(SCSI_PASS_THROUGH32) - 1, OUT),
                  STATUS_INVALID_PARAMETER);
    /* Data out have to lie in the input. */
    pass(SCSI_IOCTL_DATA_OUT, BLOCK_BYTES, OP_WRITE_10);
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH, OUT - 1, OUT), STATUS_INVALID_PARAMETER);
    /* An address that is none. */
    pass(SCSI_IOCTL_DATA_IN, BLOCK_BYTES, OP_READ_10);
    ((SCSI_PASS_THROUGH_DIRECT *)room)->DataBuffer = NULL;
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH_DIRECT, IN, OUT), STATUS_INVALID_PARAMETER);
}

static void hostile_extended_pass_throughs_are_refused(void **state)
{
    (void)state;
    pass_extended(36, 0)->CdbLength = 33;
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH_EX, DATA_AT, ROOM),
                  STATUS_INVALID_PARAMETER);
    pass_extended(36, 0)->CdbLength = UINT32_MAX;
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH_EX, DATA_AT, ROOM),
                  STATUS_INVALID_PARAMETER);
    pass_extended(36, 0)->Version = 1;
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH_EX, DATA_AT, ROOM),
                  STATUS_REVISION_MISMATCH);
    pass_extended(36, 0)->Length++;
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH_EX, DATA_AT, ROOM),
                  STATUS_REVISION_MISMATCH);
    pass_extended(36, 0)->StorAddressOffset = DATA_AT - 4;
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH_EX, DATA_AT, ROOM),
                  STATUS_INVALID_PARAMETER);
    pass_extended(36, 0)->StorAddressLength = UINT32_MAX;
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH_EX, DATA_AT, ROOM),
                  STATUS_INVALID_PARAMETER);
    pass_extended(36, 0)->DataOutTransferLength = 8;
    assert_status(control(unit, IOCTL_SCSI_PASS_THROUGH_EX, DATA_AT, ROOM),
                  STATUS_INVALID_PARAMETER);
}

/* ---- the end ---- */

static void a_removed_adapter_has_no_device(void **state)
{
    (void)state;
    assert_int_equal(port_adapter_pnp_remove(adapter, reason, sizeof(reason)), 0);
    assert_status(control(NULL, IOCTL_SCSI_GET_CAPABILITIES, 0, ROOM), STATUS_NO_SUCH_DEVICE);
    assert_status(control(unit, IOCTL_SCSI_GET_ADDRESS, 0, ROOM), STATUS_NO_SUCH_DEVICE);
}

static void a_stopped_adapter_is_not_ready(void **state)
{
    (void)state;
    assert_int_equal(port_adapter_pnp_stop(adapter, reason, sizeof(reason)), 0);
    assert_status(control(NULL, IOCTL_SCSI_GET_CAPABILITIES, 0, ROOM), STATUS_DEVICE_NOT_READY);
    assert_int_equal(port_adapter_pnp_restart(adapter, reason, sizeof(reason)), 0);
    assert_status(control(NULL, IOCTL_SCSI_GET_CAPABILITIES, 0, ROOM), STATUS_SUCCESS);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        ioctl_test(a_unit_has_an_address_and_an_adapter_has_none),
        ioctl_test(capabilities_are_those_of_the_configuration),
        ioctl_test(inquiry_data_list_the_units_of_a_path),
        ioctl_test(a_claim_shows_in_the_inquiry_data),
        ioctl_test(rescan_is_for_adapters),
        ioctl_test(the_adapter_descriptor_has_limits_and_bus_type),
        ioctl_test(the_device_descriptor_has_inquiry_data_and_texts),
        ioctl_test(the_device_id_descriptor_lists_the_designators),
        ioctl_test(a_short_buffer_gets_the_head_of_a_descriptor),
        ioctl_test(what_exists_is_told_without_a_descriptor),
        ioctl_test(resets_run_through_the_driver),
        ioctl_test(an_io_control_comes_back_with_the_drivers_answer),
        ioctl_test(the_driver_decides_how_much_of_an_io_control_comes_back),
        ioctl_test(an_io_control_of_another_driver_is_refused_by_this_one),
        ioctl_test(hostile_io_controls_do_not_reach_the_driver),
        ioctl_test(a_command_passes_with_its_data_behind_it),
        ioctl_test(what_is_written_by_one_form_is_read_by_another),
        ioctl_test(a_check_condition_succeeds_and_brings_sense_data),
        ioctl_test(the_layout_of_32_bit_applications_passes_too),
        ioctl_test(the_extended_form_names_its_unit),
        ioctl_test(a_claimed_unit_is_reached_by_its_own_device_only),
        ioctl_test(hostile_pass_throughs_are_refused),
        ioctl_test(hostile_extended_pass_throughs_are_refused),
        ioctl_test(a_removed_adapter_has_no_device),
        ioctl_test(a_stopped_adapter_is_not_ready),
    };

    return probe_run(argc, argv, tests);
}

/*
 * wmi_test.c - the scsiwmi library (wdk/library/scsiwmi) in a driver, asked by
 * IRP_MJ_SYSTEM_CONTROL as Windows' own WMI asks: the records of each minor function, and records
 * that lie.
 */
#include "../driver_file.h"
#include "nt/dispatcher.h"
#include "probe_host.h"
#include "storport/device.h"

#include "../miniports/wmi/wmi_protocol.h"
#include <storport.h>
#include <wmistr.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    DATA_AT = 64,          /* of records with one instance */
    METHOD_DATA_AT = 72,   /* of methods: aligned */
    COUNTERS_DATA_AT = 80, /* of all instances of two */
    BUFFER_BYTES = 4096,
    TOO_SMALL_BYTES = 56, /* sizeof(WNODE_TOO_SMALL) */
};

static struct port_driver *driver;
static struct port_adapter *adapter;
static DEVICE_OBJECT *top;
static WMI_SHARED shared;
static char reason[512], events[4096];
static uint32_t event_count;

/* Why a registration is asked for. */
static unsigned registration_reason;

/* What comes back, and from where on the buffer must not have been written to. */
static union {
    unsigned char bytes[BUFFER_BYTES];
    WNODE_HEADER header;
    WNODE_ALL_DATA all;
    WNODE_SINGLE_INSTANCE instance;
    WNODE_SINGLE_ITEM item;
    WNODE_METHOD_ITEM method;
    WNODE_TOO_SMALL too_small;
    WMIREGINFOW registration;
} buffer;

static void keep_event(void *context, const char *line)
{
    size_t used = strlen(events);

    (void)context;
    snprintf(events + used, sizeof(events) - used, "%s\n", line);
    __atomic_add_fetch(&event_count, 1, __ATOMIC_RELEASE);
}

static int up(void **state)
{
    char texts[2][96], path[4096];
    const char *settings[] = {texts[0], texts[1]};
    struct port_adapter_options options = {.device = "none", .event = keep_event};

    if (probe_machine_up(state) || !getenv("TEST_MODULES"))
        return 1;
    memset(&shared, 0, sizeof(shared));
    registration_reason = WMIREGISTER;
    events[0] = 0;
    driver_file(path, sizeof(path), "TEST_MODULES", "wmi");
    snprintf(texts[0], sizeof(texts[0]), "Parameters\\Device\\SharedLow=%u",
             (uint32_t)(uintptr_t)&shared);
    snprintf(texts[1], sizeof(texts[1]), "Parameters\\Device\\SharedHigh=%u",
             (uint32_t)((uintptr_t)&shared >> 32));
    struct port_driver_options driver_options = {
        .path = path, .settings = settings, .setting_count = 2};
    if (port_driver_load(&driver, &driver_options, reason, sizeof(reason)) ||
        port_adapter_start(&adapter, driver, &options, reason, sizeof(reason))) {
        fprintf(stderr, "%s\n", reason);
        return 1;
    }
    top = ((struct storport_stack *)adapter->device_stack)->adapter;
    return 0;
}

static int down(void **state)
{
    uint64_t findings = nt_finding_count();
    int error = port_adapter_stop(adapter, reason, sizeof(reason));

    port_driver_unload(driver);
    probe_machine_down(state);
    return error || findings;
}

#define wmi_test(test) cmocka_unit_test_setup_teardown(test, up, down)

/* Asks with `size` bytes of the buffer; what lies behind them must stay as it was. */
static NTSTATUS ask(unsigned minor, unsigned block, uint32_t size, size_t *ret_length)
{
    enum { FILL = 0xCC, BEHIND = 64 };
    GUID guid = WMI_TEST_GUID((unsigned char)block);
    IRP *irp = nt_irp_allocate((unsigned)top->StackSize);
    IO_STACK_LOCATION *next = nt_irp_next(irp);

    memset(buffer.bytes + size, FILL, BEHIND);
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    next->MajorFunction = IRP_MJ_SYSTEM_CONTROL;
    next->MinorFunction = (UCHAR)minor;
    next->Parameters.WMI.ProviderId = (ULONG_PTR)top;
    next->Parameters.WMI.DataPath =
        minor == IRP_MN_REGINFO ? (PVOID)(uintptr_t)registration_reason : &guid;
    next->Parameters.WMI.Buffer = size ? buffer.bytes : NULL;
    next->Parameters.WMI.BufferSize = size;
    NTSTATUS status = nt_irp_call_and_wait(top, irp);
    *ret_length = irp->IoStatus.Information;
    nt_irp_free(irp);
    for (unsigned i = 0; i < BEHIND; i++)
        assert_int_equal(buffer.bytes[size + i], FILL);
    return status;
}

static void head(uint32_t flags)
{
    memset(&buffer, 0, sizeof(buffer));
    buffer.header.BufferSize = BUFFER_BYTES / 2;
    buffer.header.Flags = flags;
}

static void instance(uint32_t index)
{
    head(WNODE_FLAG_SINGLE_INSTANCE | WNODE_FLAG_STATIC_INSTANCE_NAMES);
    buffer.instance.InstanceIndex = index;
    buffer.instance.DataBlockOffset = DATA_AT;
}

static void method(uint32_t number, const char *input)
{
    head(WNODE_FLAG_METHOD_ITEM | WNODE_FLAG_STATIC_INSTANCE_NAMES);
    buffer.method.MethodId = number;
    buffer.method.DataBlockOffset = METHOD_DATA_AT;
    buffer.method.SizeDataBlock = (ULONG)strlen(input);
    memcpy(buffer.bytes + METHOD_DATA_AT, input, strlen(input));
}

/* Asks for an answer that must be a record, of `length` bytes. */
static void expect_record(unsigned minor, unsigned block, uint32_t size, size_t length)
{
    size_t returned;

    assert_int_equal(ask(minor, block, size, &returned), STATUS_SUCCESS);
    assert_int_equal(returned, length);
    assert_int_equal(buffer.header.BufferSize, length);
    assert_false(buffer.header.Flags & WNODE_FLAG_TOO_SMALL);
}

static uint32_t expect_too_small(unsigned minor, unsigned block, uint32_t size)
{
    size_t returned;

    assert_int_equal(ask(minor, block, size, &returned), STATUS_SUCCESS);
    assert_int_equal(returned, TOO_SMALL_BYTES);
    assert_int_equal(buffer.header.BufferSize, TOO_SMALL_BYTES);
    assert_true(buffer.header.Flags & WNODE_FLAG_TOO_SMALL);
    return buffer.too_small.SizeNeeded;
}

static void expect_refusal(unsigned minor, unsigned block, uint32_t size)
{
    unsigned calls = shared.Calls;
    size_t returned;

    assert_false(NT_SUCCESS(ask(minor, block, size, &returned)));
    assert_int_equal(returned, 0);
    assert_int_equal(shared.Calls, calls);
}

static void expect_bytes(uint32_t at, unsigned char byte, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(buffer.bytes[at + i], byte);
}

/* ---- registration ---- */

static void a_registration_lists_the_blocks_and_names_the_resource(void **state)
{
    static const char name[] = "WmiTestResource";
    size_t name_bytes = 2 * (sizeof(name) - 1), returned;
    size_t name_at = offsetof(WMIREGINFOW, WmiRegGuid) + WmiBlockCount * sizeof(WMIREGGUIDW);
    const WMIREGGUIDW *blocks = buffer.registration.WmiRegGuid;

    (void)state;
    memset(&buffer, 0, sizeof(buffer));
    assert_int_equal(ask(IRP_MN_REGINFO, 0, 2048, &returned), STATUS_SUCCESS);
    assert_int_equal(returned, name_at + 2 + name_bytes);
    assert_int_equal(buffer.registration.BufferSize, returned);
    assert_int_equal(buffer.registration.NextWmiRegInfo, 0);
    assert_int_equal(buffer.registration.GuidCount, WmiBlockCount);
    assert_int_equal(buffer.registration.MofResourceName, name_at);
    assert_int_equal(buffer.bytes[name_at] | buffer.bytes[name_at + 1] << 8, name_bytes);
    for (unsigned i = 0; name[i]; i++)
        assert_int_equal(buffer.bytes[name_at + 2 + 2 * i], name[i]);
    for (unsigned i = 0; i < WmiBlockCount; i++)
        assert_int_equal(blocks[i].Guid.Data4[7], i);
    assert_int_equal(blocks[WmiCounters].InstanceCount, 2);
    assert_int_equal(blocks[WmiCounters].Flags, WMIREG_FLAG_INSTANCE_PDO);
    assert_int_equal(blocks[WmiNamed].InstanceCount, 0);
    assert_int_equal(blocks[WmiNamed].Flags, 0);
    assert_int_equal(blocks[WmiEvents].Flags, WMIREG_FLAG_EVENT_ONLY_GUID | WMIREG_FLAG_EXPENSIVE |
                                                  WMIREG_FLAG_INSTANCE_PDO);
    assert_true(blocks[WmiRemoved].Flags & WMIREG_FLAG_REMOVE_GUID);
}

static void an_update_of_a_registration_names_no_resource(void **state)
{
    size_t returned;

    (void)state;
    registration_reason = WMIUPDATE;
    memset(&buffer, 0, sizeof(buffer));
    assert_int_equal(ask(IRP_MN_REGINFO, 0, 2048, &returned), STATUS_SUCCESS);
    assert_int_equal(returned,
                     offsetof(WMIREGINFOW, WmiRegGuid) + WmiBlockCount * sizeof(WMIREGGUIDW));
    assert_int_equal(buffer.registration.MofResourceName, 0);
    assert_int_equal(buffer.registration.GuidCount, WmiBlockCount);
}

static void a_registration_that_does_not_fit_is_measured(void **state)
{
    size_t returned, needed;

    (void)state;
    assert_int_equal(ask(IRP_MN_REGINFO, 0, 2048, &needed), STATUS_SUCCESS);
    assert_int_equal(ask(IRP_MN_REGINFO, 0, (uint32_t)needed - 1, &returned),
                     STATUS_BUFFER_OVERFLOW);
    assert_int_equal(returned, sizeof(ULONG));
    assert_int_equal(buffer.registration.BufferSize, needed);
    assert_int_equal(ask(IRP_MN_REGINFO, 0, (uint32_t)needed, &returned), STATUS_SUCCESS);
    expect_refusal(IRP_MN_REGINFO, 0, 3);
}

/* ---- queries ---- */

static void all_instances_lie_at_multiples_of_eight(void **state)
{
    const OFFSETINSTANCEDATAANDLENGTH *places = buffer.all.OffsetInstanceDataAndLength;

    (void)state;
    head(WNODE_FLAG_ALL_DATA | WNODE_FLAG_FIXED_INSTANCE_SIZE);
    expect_record(IRP_MN_QUERY_ALL_DATA, WmiCounters, 2048, COUNTERS_DATA_AT + 16 + WmiSecondBytes);
    assert_int_equal(buffer.header.Flags, WNODE_FLAG_ALL_DATA | WNODE_FLAG_STATIC_INSTANCE_NAMES);
    assert_int_equal(buffer.all.InstanceCount, 2);
    assert_int_equal(buffer.all.DataBlockOffset, COUNTERS_DATA_AT);
    assert_int_equal(places[0].OffsetInstanceData, COUNTERS_DATA_AT);
    assert_int_equal(places[0].LengthInstanceData, WmiFirstBytes);
    assert_int_equal(places[1].OffsetInstanceData, COUNTERS_DATA_AT + 16);
    assert_int_equal(places[1].LengthInstanceData, WmiSecondBytes);
    expect_bytes(COUNTERS_DATA_AT, 0x11, WmiFirstBytes);
    expect_bytes(COUNTERS_DATA_AT + 16, 0x22, WmiSecondBytes);
}

static void a_buffer_of_the_size_that_was_asked_for_suffices(void **state)
{
    static const unsigned blocks[] = {WmiCounters, WmiNamed};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        for (uint32_t size = TOO_SMALL_BYTES; size < 128; size++) {
            head(WNODE_FLAG_ALL_DATA);
            size_t returned;
            assert_int_equal(ask(IRP_MN_QUERY_ALL_DATA, blocks[i], size, &returned),
                             STATUS_SUCCESS);
            if (!(buffer.header.Flags & WNODE_FLAG_TOO_SMALL))
                continue;
            uint32_t needed = buffer.too_small.SizeNeeded;
            assert_true(needed > size);
            head(WNODE_FLAG_ALL_DATA);
            assert_int_equal(ask(IRP_MN_QUERY_ALL_DATA, blocks[i], needed, &returned),
                             STATUS_SUCCESS);
            assert_false(buffer.header.Flags & WNODE_FLAG_TOO_SMALL);
        }
        expect_refusal(IRP_MN_QUERY_ALL_DATA, blocks[i], TOO_SMALL_BYTES - 1);
        expect_refusal(IRP_MN_QUERY_ALL_DATA, blocks[i], 0);
    }
}

static void a_single_instance_is_asked_for_by_its_number(void **state)
{
    (void)state;
    instance(1);
    expect_record(IRP_MN_QUERY_SINGLE_INSTANCE, WmiCounters, 2048, DATA_AT + WmiSecondBytes);
    assert_int_equal(buffer.instance.SizeDataBlock, WmiSecondBytes);
    expect_bytes(DATA_AT, 0x22, WmiSecondBytes);
    instance(1);
    assert_int_equal(
        expect_too_small(IRP_MN_QUERY_SINGLE_INSTANCE, WmiCounters, DATA_AT + WmiSecondBytes - 1),
        DATA_AT + WmiSecondBytes);
    instance(1);
    expect_record(IRP_MN_QUERY_SINGLE_INSTANCE, WmiCounters, DATA_AT + WmiSecondBytes,
                  DATA_AT + WmiSecondBytes);
}

static void instances_that_the_driver_names_come_with_their_names(void **state)
{
    static const char *const names[] = {"alpha", "beta", "gamma"};
    size_t returned;

    (void)state;
    head(WNODE_FLAG_ALL_DATA | WNODE_FLAG_STATIC_INSTANCE_NAMES);
    assert_int_equal(ask(IRP_MN_QUERY_ALL_DATA, WmiNamed, 2048, &returned), STATUS_SUCCESS);
    assert_int_equal(buffer.header.BufferSize, returned);
    assert_int_equal(buffer.header.Flags, WNODE_FLAG_ALL_DATA);
    assert_int_equal(buffer.all.InstanceCount, WmiNamedCount);
    const ULONG *offsets = (const ULONG *)(buffer.bytes + buffer.all.OffsetInstanceNameOffsets);
    for (unsigned i = 0; i < WmiNamedCount; i++) {
        const OFFSETINSTANCEDATAANDLENGTH *place = &buffer.all.OffsetInstanceDataAndLength[i];
        assert_int_equal(place->OffsetInstanceData % 8, 0);
        assert_int_equal(place->LengthInstanceData, WmiNamedBytes);
        assert_true(place->OffsetInstanceData >= buffer.all.DataBlockOffset);
        expect_bytes(place->OffsetInstanceData, (unsigned char)i, WmiNamedBytes);
        assert_true(offsets[i] + 2 + 2 * strlen(names[i]) <= returned);
        const USHORT *name = (const USHORT *)(buffer.bytes + offsets[i]);
        assert_int_equal(name[0], 2 * strlen(names[i]));
        for (unsigned j = 0; names[i][j]; j++)
            assert_int_equal(name[1 + j], names[i][j]);
    }
}

/* A record that asks for an instance by a name at `at`. */
static void named(uint32_t at, uint32_t length, const char *name)
{
    head(WNODE_FLAG_SINGLE_INSTANCE);
    buffer.instance.OffsetInstanceName = at;
    buffer.instance.DataBlockOffset = 128;
    if (at < 1024 && !(at & 1)) {
        USHORT *text = (USHORT *)(buffer.bytes + at);
        text[0] = (USHORT)length;
        for (unsigned i = 0; name[i]; i++)
            text[1 + i] = (unsigned char)name[i];
    }
}

static void an_instance_is_found_by_the_name_that_the_driver_gave(void **state)
{
    (void)state;
    named(64, 8, "beta");
    expect_record(IRP_MN_QUERY_SINGLE_INSTANCE, WmiNamed, 2048, 128 + WmiNamedBytes);
    expect_bytes(128, 1, WmiNamedBytes);
    named(64, 10, "delta");
    expect_refusal(IRP_MN_QUERY_SINGLE_INSTANCE, WmiNamed, 2048);
}

static void names_that_lie_outside_the_record_are_no_names(void **state)
{
    static const struct {
        uint32_t at, length;
    } lies[] = {{0, 8}, {63, 8}, {65, 8}, {64, 1984 - 1}, {2046, 8}, {2047, 8}, {0xFFFFFFFE, 8}};

    (void)state;
    for (unsigned i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        named(lies[i].at, lies[i].length, "beta");
        expect_refusal(IRP_MN_QUERY_SINGLE_INSTANCE, WmiNamed, 2048);
    }
}

/* ---- changes ---- */

static void a_block_and_an_item_are_changed(void **state)
{
    size_t returned;

    (void)state;
    instance(0);
    buffer.instance.SizeDataBlock = WmiFirstBytes;
    memset(buffer.bytes + DATA_AT, 0x33, WmiFirstBytes);
    assert_int_equal(ask(IRP_MN_CHANGE_SINGLE_INSTANCE, WmiCounters, 2048, &returned),
                     STATUS_SUCCESS);
    assert_int_equal(returned, 0);
    assert_int_equal(shared.Call, WmiSetBlock);
    assert_int_equal(shared.Length, WmiFirstBytes);

    head(WNODE_FLAG_SINGLE_ITEM | WNODE_FLAG_STATIC_INSTANCE_NAMES);
    buffer.item.ItemId = 2;
    buffer.item.DataBlockOffset = 72;
    buffer.item.SizeDataItem = 4;
    memset(buffer.bytes + 72, 0x44, 4);
    assert_int_equal(ask(IRP_MN_CHANGE_SINGLE_ITEM, WmiCounters, 2048, &returned), STATUS_SUCCESS);
    assert_int_equal(shared.Call, WmiSetItem);
    assert_int_equal(shared.Item, 2);

    instance(0);
    expect_record(IRP_MN_QUERY_SINGLE_INSTANCE, WmiCounters, 2048, DATA_AT + WmiFirstBytes);
    expect_bytes(DATA_AT, 0x33, 8);
    expect_bytes(DATA_AT + 8, 0x44, 4);
}

static void what_a_driver_refuses_comes_back_as_its_status(void **state)
{
    size_t returned;

    (void)state;
    instance(0);
    buffer.instance.SizeDataBlock = WmiFirstBytes - 1;
    assert_int_equal(ask(IRP_MN_CHANGE_SINGLE_INSTANCE, WmiCounters, 2048, &returned),
                     STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(shared.Length, WmiFirstBytes - 1);
    assert_int_equal(returned, 0);
}

/* ---- methods ---- */

static void a_method_gets_its_input_and_returns_its_output(void **state)
{
    (void)state;
    for (unsigned number = WmiReverse; number <= WmiPend; number += WmiPend - WmiReverse) {
        method(number, "abcde");
        expect_record(IRP_MN_EXECUTE_METHOD, WmiMethods, 2048, METHOD_DATA_AT + 5);
        assert_int_equal(buffer.method.SizeDataBlock, 5);
        assert_memory_equal(buffer.bytes + METHOD_DATA_AT, "edcba", 5);
        assert_int_equal(shared.Item, number);
    }
}

static void a_method_whose_output_does_not_fit_says_how_much_it_needs(void **state)
{
    (void)state;
    method(WmiGrow, "abc");
    assert_int_equal(expect_too_small(IRP_MN_EXECUTE_METHOD, WmiMethods, METHOD_DATA_AT + 5),
                     METHOD_DATA_AT + 6);
    method(WmiGrow, "abc");
    expect_record(IRP_MN_EXECUTE_METHOD, WmiMethods, METHOD_DATA_AT + 6, METHOD_DATA_AT + 6);
    assert_memory_equal(buffer.bytes + METHOD_DATA_AT, "aabbcc", 6);
}

/* ---- events and collection ---- */

static void events_and_collection_are_switched_apart(void **state)
{
    static const struct {
        unsigned minor, function, enable;
    } rows[] = {
        {IRP_MN_ENABLE_EVENTS, 0, 1},
        {IRP_MN_DISABLE_EVENTS, 0, 0},
        {IRP_MN_ENABLE_COLLECTION, 1, 1},
        {IRP_MN_DISABLE_COLLECTION, 1, 0},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t returned;
        head(0);
        assert_int_equal(ask(rows[i].minor, WmiEvents, 48, &returned), STATUS_SUCCESS);
        assert_int_equal(returned, 0);
        assert_int_equal(shared.Call, WmiFunctionControl);
        assert_int_equal(shared.Guid, WmiEvents);
        assert_int_equal(shared.Item, rows[i].function);
        assert_int_equal(shared.Enable, rows[i].enable);
        assert_int_equal(shared.Calls, i + 1);
    }
}

static void an_event_has_the_record_of_its_block(void **state)
{
    uint32_t before = __atomic_load_n(&event_count, __ATOMIC_ACQUIRE);
    uint64_t deadline = sys_now_ns() + 20 * SYS_NS_PER_S;
    size_t returned;

    (void)state;
    head(0);
    assert_int_equal(ask(IRP_MN_ENABLE_EVENTS, WmiEvents, 48, &returned), STATUS_SUCCESS);
    while (__atomic_load_n(&event_count, __ATOMIC_ACQUIRE) == before) {
        assert_true(sys_now_ns() < deadline);
        sys_thread_yield();
    }
    assert_non_null(strstr(events, "WMI event {6b0c5a21-9d1e-4c77-8f10-2a55e1073c03} of the "
                                   "adapter, RaidPort"));
    assert_non_null(strstr(events, ", 68 bytes"));
}

/* ---- requests that cannot be ---- */

static void blocks_and_instances_that_are_not_there_are_refused(void **state)
{
    (void)state;
    for (unsigned minor = IRP_MN_QUERY_ALL_DATA; minor <= IRP_MN_EXECUTE_METHOD; minor++) {
        if (minor == IRP_MN_REGINFO)
            continue;
        instance(0);
        expect_refusal(minor, WmiRemoved, 2048);
        instance(0);
        expect_refusal(minor, WmiBlockCount, 2048);
    }
    instance(2);
    expect_refusal(IRP_MN_QUERY_SINGLE_INSTANCE, WmiCounters, 2048);
    instance(0xFFFFFFFF);
    expect_refusal(IRP_MN_QUERY_SINGLE_INSTANCE, WmiCounters, 2048);
    instance(0);
    expect_refusal(IRP_MN_QUERY_SINGLE_INSTANCE, WmiEvents, 2048);
    head(WNODE_FLAG_ALL_DATA);
    expect_refusal(IRP_MN_QUERY_ALL_DATA, WmiEvents, 2048);
    /* A number means nothing in a record that says that it has a name. */
    instance(0);
    buffer.header.Flags = WNODE_FLAG_SINGLE_INSTANCE;
    expect_refusal(IRP_MN_QUERY_SINGLE_INSTANCE, WmiCounters, 2048);
    instance(0);
    expect_refusal(0x0C, WmiCounters, 2048);
}

static void data_that_lie_outside_the_record_are_refused(void **state)
{
    static const struct {
        uint32_t at, length;
    } lies[] = {{0, 12}, {63, 12}, {2048 - 11, 12}, {2049, 0}, {64, 1985}, {0xFFFFFFF8, 16}};

    (void)state;
    for (unsigned i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        instance(0);
        buffer.instance.DataBlockOffset = lies[i].at;
        buffer.instance.SizeDataBlock = lies[i].length;
        expect_refusal(IRP_MN_CHANGE_SINGLE_INSTANCE, WmiCounters, 2048);
        head(WNODE_FLAG_SINGLE_ITEM | WNODE_FLAG_STATIC_INSTANCE_NAMES);
        buffer.item.DataBlockOffset = lies[i].at;
        buffer.item.SizeDataItem = lies[i].length;
        expect_refusal(IRP_MN_CHANGE_SINGLE_ITEM, WmiCounters, 2048);
        method(WmiReverse, "");
        buffer.method.DataBlockOffset = lies[i].at;
        buffer.method.SizeDataBlock = lies[i].length;
        expect_refusal(IRP_MN_EXECUTE_METHOD, WmiMethods, 2048);
    }
    for (uint32_t size = 0; size < DATA_AT; size++) {
        instance(0);
        expect_refusal(IRP_MN_QUERY_SINGLE_INSTANCE, WmiCounters, size);
        instance(0);
        expect_refusal(IRP_MN_CHANGE_SINGLE_INSTANCE, WmiCounters, size);
        method(WmiReverse, "");
        expect_refusal(IRP_MN_EXECUTE_METHOD, WmiMethods, size);
    }
    /* Where the data are to go is behind the buffer: that is only too small. */
    instance(0);
    buffer.instance.DataBlockOffset = 4096;
    assert_int_equal(expect_too_small(IRP_MN_QUERY_SINGLE_INSTANCE, WmiCounters, 2048),
                     4096 + WmiFirstBytes);
    instance(0);
    buffer.instance.DataBlockOffset = 0xFFFFFFF8;
    expect_refusal(IRP_MN_QUERY_SINGLE_INSTANCE, WmiCounters, 2048);
}

static void a_driver_that_overstates_its_lengths_returns_nothing(void **state)
{
    size_t returned;

    (void)state;
    method(WmiOverstate, "abc");
    assert_false(NT_SUCCESS(ask(IRP_MN_EXECUTE_METHOD, WmiMethods, 2048, &returned)));
    assert_int_equal(returned, 0);
    head(WNODE_FLAG_ALL_DATA);
    expect_refusal(IRP_MN_QUERY_ALL_DATA, WmiMethods, 2048);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        wmi_test(a_registration_lists_the_blocks_and_names_the_resource),
        wmi_test(an_update_of_a_registration_names_no_resource),
        wmi_test(a_registration_that_does_not_fit_is_measured),
        wmi_test(all_instances_lie_at_multiples_of_eight),
        wmi_test(a_buffer_of_the_size_that_was_asked_for_suffices),
        wmi_test(a_single_instance_is_asked_for_by_its_number),
        wmi_test(instances_that_the_driver_names_come_with_their_names),
        wmi_test(an_instance_is_found_by_the_name_that_the_driver_gave),
        wmi_test(names_that_lie_outside_the_record_are_no_names),
        wmi_test(a_block_and_an_item_are_changed),
        wmi_test(what_a_driver_refuses_comes_back_as_its_status),
        wmi_test(a_method_gets_its_input_and_returns_its_output),
        wmi_test(a_method_whose_output_does_not_fit_says_how_much_it_needs),
        wmi_test(events_and_collection_are_switched_apart),
        wmi_test(an_event_has_the_record_of_its_block),
        wmi_test(blocks_and_instances_that_are_not_there_are_refused),
        wmi_test(data_that_lie_outside_the_record_are_refused),
        wmi_test(a_driver_that_overstates_its_lengths_returns_nothing),
    };

    return probe_run(argc, argv, tests);
}

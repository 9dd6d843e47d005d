/*
 * irp_test.c - the I/O manager's rules (stack locations, completion routines, cancellation), and
 * SRBs that other drivers send to a unit: commands in both forms, and the functions that class
 * drivers have to themselves (lifecycle section 5).
 */
#include "../driver_file.h"
#include "nt/bugcheck.h"
#include "nt/dispatcher.h"
#include "probe_host.h"
#include "storport/device.h"

#include "../../miniports/ramdisk/ramdisk_control.h"
#include <ntddscsi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 512, OP_READ_10 = 0x28, OP_WRITE_10 = 0x2A, OP_UNKNOWN = 0xFF };

static struct port_driver *driver;
static struct port_adapter *adapter;
static struct port_unit *unit;
static DEVICE_OBJECT *device; /* the unit's */
static char reason[512];

static int up(void **state)
{
    static const char *const settings[] = {"Parameters\\Device\\SizeMegabytes=1"};
    struct port_adapter_options options = {.device = "none"};
    char path[4096];

    if (probe_machine_up(state) || !getenv("MODULES"))
        return 1;
    driver_file(path, sizeof(path), "MODULES", "ramdisk");
    struct port_driver_options driver_options = {
        .path = path, .settings = settings, .setting_count = 1};
    if (port_driver_load(&driver, &driver_options, reason, sizeof(reason)) ||
        port_adapter_start(&adapter, driver, &options, reason, sizeof(reason)))
        return 1;
    unit = port_unit_get(adapter, 0);
    device = storport_unit_device(unit);
    return !device;
}

static int down(void **state)
{
    uint64_t findings = nt_finding_count();

    nt_object_release(device);
    port_unit_release(unit);
    int error = port_adapter_stop(adapter, reason, sizeof(reason));
    port_driver_unload(driver);
    probe_machine_down(state);
    return error || findings;
}

#define irp_test(test) cmocka_unit_test_setup_teardown(test, up, down)

#define assert_status(call, status) assert_int_equal((uint32_t)(call), (uint32_t)(status))

/* ---- SRBs ---- */

static SCSI_REQUEST_BLOCK command(uint8_t operation, void *data, ULONG length, ULONG flags)
{
    SCSI_REQUEST_BLOCK srb = {
        .Length = sizeof(srb),
        .CdbLength = 10,
        .SrbFlags = flags | SRB_FLAGS_QUEUE_ACTION_ENABLE,
        .QueueAction = SRB_SIMPLE_TAG_REQUEST,
        .DataBuffer = data,
        .DataTransferLength = length,
        .TimeOutValue = 10,
        .Cdb = {operation, 0, 0, 0, 0, 0, 0, 0, (UCHAR)(length / BLOCK_BYTES)},
    };

    return srb;
}

static SCSI_REQUEST_BLOCK function_of(UCHAR function)
{
    SCSI_REQUEST_BLOCK srb = {
        .Length = sizeof(srb), .Function = function, .SrbFlags = SRB_FLAGS_BYPASS_LOCKED_QUEUE};

    return srb;
}

static NTSTATUS send_to(DEVICE_OBJECT *target, void *srb)
{
    IRP *irp = nt_irp_allocate((unsigned)target->StackSize);

    nt_irp_next(irp)->MajorFunction = IRP_MJ_SCSI;
    nt_irp_next(irp)->Parameters.Scsi.Srb = srb;
    NTSTATUS status = nt_irp_call_and_wait(target, irp);
    nt_irp_free(irp);
    return status;
}

static NTSTATUS send(void *srb)
{
    return send_to(device, srb);
}

static void commands_of_other_drivers_move_data(void **state)
{
    static unsigned char written[BLOCK_BYTES], read[BLOCK_BYTES];

    (void)state;
    memset(written, 0x3C, sizeof(written));
    SCSI_REQUEST_BLOCK srb = command(OP_WRITE_10, written, BLOCK_BYTES, SRB_FLAGS_DATA_OUT);
    assert_status(send(&srb), STATUS_SUCCESS);
    assert_int_equal(srb.SrbStatus, SRB_STATUS_SUCCESS);
    memset(read, 0, sizeof(read));
    srb = command(OP_READ_10, read, BLOCK_BYTES, SRB_FLAGS_DATA_IN);
    assert_status(send(&srb), STATUS_SUCCESS);
    assert_int_equal(srb.DataTransferLength, BLOCK_BYTES);
    assert_memory_equal(read, written, BLOCK_BYTES);
}

static void the_extended_form_is_translated(void **state)
{
    static unsigned char read[BLOCK_BYTES];
    struct {
        STORAGE_REQUEST_BLOCK srb;
        STOR_ADDR_BTL8 address;
        SRBEX_DATA_SCSI_CDB16 cdb;
    } block = {
        .srb = {.Function = SRB_FUNCTION_STORAGE_REQUEST_BLOCK,
                .Signature = SRB_SIGNATURE,
                .Version = STORAGE_REQUEST_BLOCK_VERSION_1,
                .SrbLength = sizeof(block),
                .SrbFunction = SRB_FUNCTION_EXECUTE_SCSI,
                .SrbFlags = SRB_FLAGS_DATA_IN,
                .DataBuffer = read,
                .DataTransferLength = BLOCK_BYTES,
                .NumSrbExData = 1,
                .AddressOffset = (ULONG)((char *)&block.address - (char *)&block),
                .SrbExDataOffset = {(ULONG)((char *)&block.cdb - (char *)&block)}},
        .address = {.Type = STOR_ADDRESS_TYPE_BTL8, .AddressLength = STOR_ADDR_BTL8_ADDRESS_LENGTH},
        .cdb = {.Type = SrbExDataTypeScsiCdb16,
                .Length = SRBEX_DATA_SCSI_CDB16_LENGTH,
                .CdbLength = 10,
                .Cdb = {OP_READ_10, 0, 0, 0, 0, 0, 0, 0, 1}},
    };

    (void)state;
    assert_status(send(&block), STATUS_SUCCESS);
    assert_int_equal(block.srb.SrbStatus, SRB_STATUS_SUCCESS);
    assert_int_equal(block.srb.DataTransferLength, BLOCK_BYTES);
    block.srb.Signature = 0;
    assert_status(send(&block), STATUS_INVALID_PARAMETER);
}

static void an_error_brings_status_and_sense_data(void **state)
{
    unsigned char sense[18] = {0};
    SCSI_REQUEST_BLOCK srb = command(OP_UNKNOWN, NULL, 0, SRB_FLAGS_NO_QUEUE_FREEZE);

    (void)state;
    srb.SenseInfoBuffer = sense;
    srb.SenseInfoBufferLength = sizeof(sense);
    assert_status(send(&srb), STATUS_IO_DEVICE_ERROR);
    assert_int_equal(srb.SrbStatus, SRB_STATUS_ERROR | SRB_STATUS_AUTOSENSE_VALID);
    assert_int_equal(srb.ScsiStatus, 2);
    assert_int_equal(sense[2] & 0x0F, 5);
}

static void an_error_freezes_the_queue_until_it_is_released(void **state)
{
    SCSI_REQUEST_BLOCK srb = command(OP_UNKNOWN, NULL, 0, 0);

    (void)state;
    send(&srb);
    assert_int_equal(srb.SrbStatus & SRB_STATUS_QUEUE_FROZEN, SRB_STATUS_QUEUE_FROZEN);
    srb = function_of(SRB_FUNCTION_RELEASE_QUEUE);
    assert_status(send(&srb), STATUS_SUCCESS);
    srb = command(0, NULL, 0, 0);
    assert_status(send(&srb), STATUS_SUCCESS);
}

/* ---- what class drivers have to themselves ---- */

static void a_claim_is_exclusive_and_names_the_device(void **state)
{
    SCSI_REQUEST_BLOCK srb = function_of(SRB_FUNCTION_CLAIM_DEVICE);

    (void)state;
    assert_status(send(&srb), STATUS_SUCCESS);
    assert_ptr_equal(srb.DataBuffer, device);
    srb = function_of(SRB_FUNCTION_CLAIM_DEVICE);
    assert_status(send(&srb), STATUS_DEVICE_BUSY);
    assert_int_equal(srb.SrbStatus, SRB_STATUS_BUSY);
    srb = function_of(SRB_FUNCTION_RELEASE_DEVICE);
    assert_status(send(&srb), STATUS_SUCCESS);
    srb = function_of(SRB_FUNCTION_CLAIM_DEVICE);
    assert_status(send(&srb), STATUS_SUCCESS);
    srb = function_of(SRB_FUNCTION_REMOVE_DEVICE);
    assert_status(send(&srb), STATUS_SUCCESS);
}

static bool finished;

static void note(struct port_request *request)
{
    (void)request;
    finished = true;
}

static void a_locked_queue_holds_others_until_it_is_unlocked(void **state)
{
    SCSI_REQUEST_BLOCK srb = function_of(SRB_FUNCTION_LOCK_QUEUE);
    struct port_request request = {.unit = unit, .cdb_length = 6, .done = note};
    struct port_queue *queue;

    (void)state;
    finished = false;
    assert_int_equal(port_queue_create(&queue), 0);
    assert_status(send(&srb), STATUS_SUCCESS);
    port_submit(queue, &request);
    assert_int_equal(port_poll(queue, 0), 0);
    srb = function_of(SRB_FUNCTION_UNLOCK_QUEUE);
    assert_status(send(&srb), STATUS_SUCCESS);
    assert_int_equal(port_wait(queue, sys_now_ns() + 10 * SYS_NS_PER_S), 1);
    assert_true(finished);
    port_queue_destroy(queue);
    srb = function_of(SRB_FUNCTION_UNLOCK_QUEUE);
    assert_status(send(&srb), STATUS_INVALID_DEVICE_REQUEST);
}

static void quiesce_flush_and_resets_come_back(void **state)
{
    static const UCHAR all[] = {
        SRB_FUNCTION_QUIESCE_DEVICE,     SRB_FUNCTION_FLUSH_QUEUE,  SRB_FUNCTION_FLUSH,
        SRB_FUNCTION_SHUTDOWN,           SRB_FUNCTION_RESET_DEVICE, SRB_FUNCTION_RESET_BUS,
        SRB_FUNCTION_RESET_LOGICAL_UNIT,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all); i++) {
        SCSI_REQUEST_BLOCK srb = function_of(all[i]);
        assert_status(send(&srb), STATUS_SUCCESS);
        assert_int_equal(srb.SrbStatus, SRB_STATUS_SUCCESS);
    }
}

static void an_io_control_goes_to_the_miniport(void **state)
{
    struct {
        SRB_IO_CONTROL header;
        unsigned char description[sizeof(RAMDISK_DESCRIPTION)]; /* right behind it, unaligned */
    } buffer = {.header = {.HeaderLength = sizeof(SRB_IO_CONTROL),
                           .Signature = RAMDISK_CONTROL_SIGNATURE,
                           .ControlCode = RAMDISK_CONTROL_DESCRIBE,
                           .Length = sizeof(RAMDISK_DESCRIPTION)}};
    SCSI_REQUEST_BLOCK srb = function_of(SRB_FUNCTION_IO_CONTROL);

    (void)state;
    srb.SrbFlags = SRB_FLAGS_DATA_IN | SRB_FLAGS_DATA_OUT;
    srb.DataBuffer = &buffer;
    srb.DataTransferLength = sizeof(buffer);
    assert_status(send(&srb), STATUS_SUCCESS);
    RAMDISK_DESCRIPTION description;
    memcpy(&description, buffer.description, sizeof(description));
    assert_int_equal(description.UnitCount, 1);
}

static void what_is_no_request_is_refused(void **state)
{
    SCSI_REQUEST_BLOCK srb = function_of(SRB_FUNCTION_ATTACH_DEVICE);

    (void)state;
    assert_status(send(&srb), STATUS_INVALID_DEVICE_REQUEST);
    assert_int_equal(srb.SrbStatus, SRB_STATUS_INVALID_REQUEST);
    assert_status(send(NULL), STATUS_INVALID_PARAMETER);
    srb = command(OP_READ_10, NULL, BLOCK_BYTES, SRB_FLAGS_DATA_IN);
    assert_status(send(&srb), STATUS_INVALID_PARAMETER);
    srb = command(OP_READ_10, NULL, 0, 0);
    srb.CdbLength = 0;
    assert_status(send(&srb), STATUS_INVALID_PARAMETER);
    DEVICE_OBJECT *other = ((struct storport_stack *)adapter->device_stack)->adapter;
    assert_status(send_to(other, &srb), STATUS_INVALID_DEVICE_REQUEST);
}

static void at_dispatch_level_a_request_pends(void **state)
{
    static unsigned char read[BLOCK_BYTES];
    SCSI_REQUEST_BLOCK srb = command(OP_READ_10, read, BLOCK_BYTES, SRB_FLAGS_DATA_IN);
    IO_STATUS_BLOCK result = {{0}, 0};
    KEVENT done;

    (void)state;
    nt_dispatcher_initialize(&done.Header, NT_NOTIFICATION_EVENT, sizeof(done), 0);
    IRP *irp = nt_irp_build(IRP_MJ_SCSI, device, NULL, 0, NULL, &done, &result);
    nt_irp_next(irp)->Parameters.Scsi.Srb = &srb;
    uint8_t old = nt_irql_raise(NT_DISPATCH_LEVEL);
    NTSTATUS status = nt_irp_call(device, irp);
    nt_irql_lower(old);
    assert_status(status, STATUS_PENDING);
    nt_dispatcher_wait(&done.Header, NULL);
    assert_status(result.Status, STATUS_SUCCESS);
    assert_int_equal(result.Information, BLOCK_BYTES);
}

/* A system thread carries the request to the queue: before it is there nothing can be aborted. */
static void an_abort_names_the_request_that_is_to_end(void **state)
{
    static unsigned char read[BLOCK_BYTES];
    SCSI_REQUEST_BLOCK victim = command(OP_READ_10, read, BLOCK_BYTES, SRB_FLAGS_DATA_IN);
    SCSI_REQUEST_BLOCK srb = function_of(SRB_FUNCTION_ABORT_COMMAND);
    uint64_t deadline = sys_now_ns() + 20 * SYS_NS_PER_S;
    IO_STATUS_BLOCK result = {{0}, 0};
    KEVENT done;
    NTSTATUS status;
    int owner;

    (void)state;
    srb.NextSrb = &victim;
    assert_status(send(&srb), STATUS_NOT_FOUND);
    assert_int_equal(srb.SrbStatus, SRB_STATUS_ABORT_FAILED);
    assert_int_equal(port_unit_queue(unit, PORT_QUEUE_LOCK, &owner), 0);
    nt_dispatcher_initialize(&done.Header, NT_NOTIFICATION_EVENT, sizeof(done), 0);
    IRP *irp = nt_irp_build(IRP_MJ_SCSI, device, NULL, 0, NULL, &done, &result);
    nt_irp_next(irp)->Parameters.Scsi.Srb = &victim;
    uint8_t old = nt_irql_raise(NT_DISPATCH_LEVEL);
    assert_status(nt_irp_call(device, irp), STATUS_PENDING);
    nt_irql_lower(old);
    do {
        assert_true(sys_now_ns() < deadline);
        srb = function_of(SRB_FUNCTION_ABORT_COMMAND);
        srb.NextSrb = &victim;
        status = send(&srb);
    } while (status < 0);
    assert_int_equal(srb.SrbStatus, SRB_STATUS_SUCCESS);
    nt_dispatcher_wait(&done.Header, NULL);
    assert_status(result.Status, STATUS_CANCELLED);
    assert_int_equal(victim.SrbStatus, SRB_STATUS_ABORTED);
    assert_int_equal(port_unit_queue(unit, PORT_QUEUE_UNLOCK, &owner), 0);
}

/* ---- relations ---- */

static void the_relations_of_the_bus_are_the_devices_of_its_units(void **state)
{
    DEVICE_OBJECT *top = ((struct storport_stack *)adapter->device_stack)->adapter;
    IRP *irp = nt_irp_allocate((unsigned)top->StackSize);

    (void)state;
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    nt_irp_next(irp)->MajorFunction = IRP_MJ_PNP;
    nt_irp_next(irp)->MinorFunction = IRP_MN_QUERY_DEVICE_RELATIONS;
    nt_irp_next(irp)->Parameters.QueryDeviceRelations.Type = BusRelations;
    assert_status(nt_irp_call_and_wait(top, irp), STATUS_SUCCESS);
    DEVICE_RELATIONS *relations = (DEVICE_RELATIONS *)irp->IoStatus.Information;
    assert_non_null(relations);
    assert_int_equal(relations->Count, 1);
    assert_ptr_equal(relations->Objects[0], device);
    /* A driver above has put in something of its own. */
    nt_irp_initialize(irp, irp->Size, (unsigned)top->StackSize);
    irp->IoStatus.Information = (ULONG_PTR)relations;
    nt_irp_next(irp)->MajorFunction = IRP_MJ_PNP;
    nt_irp_next(irp)->MinorFunction = IRP_MN_QUERY_DEVICE_RELATIONS;
    nt_irp_next(irp)->Parameters.QueryDeviceRelations.Type = BusRelations;
    assert_status(nt_irp_call_and_wait(top, irp), STATUS_SUCCESS);
    relations = (DEVICE_RELATIONS *)irp->IoStatus.Information;
    assert_int_equal(relations->Count, 2);
    assert_ptr_equal(relations->Objects[1], device);
    storport_relations_release(irp);
    /* Other relations are not the port's. */
    nt_irp_initialize(irp, irp->Size, (unsigned)top->StackSize);
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    nt_irp_next(irp)->MajorFunction = IRP_MJ_PNP;
    nt_irp_next(irp)->MinorFunction = IRP_MN_QUERY_DEVICE_RELATIONS;
    nt_irp_next(irp)->Parameters.QueryDeviceRelations.Type = RemovalRelations;
    assert_status(nt_irp_call_and_wait(top, irp), STATUS_NOT_SUPPORTED);
    nt_irp_free(irp);
}

/* ---- system control ---- */

static void wmi_goes_to_its_provider(void **state)
{
    DEVICE_OBJECT *top = ((struct storport_stack *)adapter->device_stack)->adapter;
    GUID guid = {1, 2, 3, {4}};
    unsigned char buffer[64];

    (void)state;
    for (unsigned own = 0; own < 2; own++) {
        IRP *irp = nt_irp_allocate((unsigned)top->StackSize);
        IO_STACK_LOCATION *next = nt_irp_next(irp);
        irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
        next->MajorFunction = IRP_MJ_SYSTEM_CONTROL;
        next->MinorFunction = IRP_MN_QUERY_ALL_DATA;
        next->Parameters.WMI.ProviderId = own ? (ULONG_PTR)top : 1;
        next->Parameters.WMI.DataPath = &guid;
        next->Parameters.WMI.Buffer = buffer;
        next->Parameters.WMI.BufferSize = sizeof(buffer);
        /* The RAM disk answers no WMI, and says so; nobody below it knows the other provider. */
        assert_status(nt_irp_call_and_wait(top, irp),
                      own ? STATUS_INVALID_DEVICE_REQUEST : STATUS_NOT_SUPPORTED);
        nt_irp_free(irp);
    }
}

/* ---- the I/O manager ---- */

static unsigned completions;
static NTSTATUS completion_answer;

static NTSTATUS NTAPI complete(DEVICE_OBJECT *above, IRP *irp, PVOID context)
{
    assert_null(above);
    assert_ptr_equal(context, &completions);
    assert_status(irp->IoStatus.Status, STATUS_SUCCESS);
    completions++;
    return completion_answer;
}

static void a_completion_routine_runs_for_what_it_asked_for(void **state)
{
    static const struct {
        UCHAR control;
        unsigned runs;
    } wishes[] = {{SL_INVOKE_ON_SUCCESS, 1}, {SL_INVOKE_ON_ERROR, 0}, {SL_INVOKE_ON_CANCEL, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        IO_STATUS_BLOCK result = {{0}, 0};
        KEVENT done;
        nt_dispatcher_initialize(&done.Header, NT_NOTIFICATION_EVENT, sizeof(done), 0);
        IRP *irp = nt_irp_build(IRP_MJ_CREATE, device, NULL, 0, NULL, &done, &result);
        nt_irp_next(irp)->CompletionRoutine = complete;
        nt_irp_next(irp)->Context = &completions;
        nt_irp_next(irp)->Control = wishes[i].control;
        completions = 0;
        completion_answer = STATUS_SUCCESS;
        assert_status(nt_irp_call(device, irp), STATUS_SUCCESS);
        assert_int_equal(completions, wishes[i].runs);
        nt_dispatcher_wait(&done.Header, NULL);
        assert_status(result.Status, STATUS_SUCCESS);
    }
}

static void a_completion_routine_may_keep_the_request(void **state)
{
    IO_STATUS_BLOCK result = {{.Status = STATUS_PENDING}, 0};
    KEVENT done;

    (void)state;
    nt_dispatcher_initialize(&done.Header, NT_NOTIFICATION_EVENT, sizeof(done), 0);
    IRP *irp = nt_irp_build(IRP_MJ_CREATE, device, NULL, 0, NULL, &done, &result);
    nt_irp_next(irp)->CompletionRoutine = complete;
    nt_irp_next(irp)->Context = &completions;
    nt_irp_next(irp)->Control = SL_INVOKE_ON_SUCCESS;
    completion_answer = STATUS_MORE_PROCESSING_REQUIRED;
    nt_irp_call(device, irp);
    assert_status(result.Status, STATUS_PENDING);
    nt_irp_complete(irp);
    assert_status(nt_dispatcher_wait(&done.Header, NULL), STATUS_SUCCESS);
    assert_status(result.Status, STATUS_SUCCESS);
}

static bool cancelled;

static VOID NTAPI cancel(DEVICE_OBJECT *at, IRP *irp)
{
    (void)at;
    assert_true(irp->Cancel);
    assert_int_equal(nt_irql(), NT_DISPATCH_LEVEL);
    nt_irp_cancel_lock_release(irp->CancelIrql);
    cancelled = true;
}

static void a_cancel_routine_runs_once_and_releases_the_lock(void **state)
{
    IRP *irp = nt_irp_allocate(1);

    (void)state;
    irp->CurrentLocation--;
    irp->Tail.Overlay.CurrentStackLocation--;
    assert_false(nt_irp_cancel(irp));
    assert_true(irp->Cancel);
    irp->CancelRoutine = cancel;
    cancelled = false;
    assert_true(nt_irp_cancel(irp));
    assert_true(cancelled);
    assert_null(irp->CancelRoutine);
    assert_int_equal(nt_irql(), NT_PASSIVE_LEVEL);
    assert_false(nt_irp_cancel(irp));
    nt_irp_free(irp);
}

/* Lies about how much there is. */
static NTSTATUS NTAPI answer_too_much(DEVICE_OBJECT *at, IRP *irp)
{
    (void)at;
    memset(irp->AssociatedIrp.SystemBuffer, 0x55, 8);
    irp->IoStatus.Status = STATUS_SUCCESS;
    irp->IoStatus.Information = 1000;
    nt_irp_complete(irp);
    return STATUS_SUCCESS;
}

static void output_is_cut_to_the_room_there_is(void **state)
{
    unsigned char output[16] = {0};
    IO_STATUS_BLOCK result = {{0}, 0};
    DRIVER_OBJECT *other = nt_driver_create();
    DEVICE_OBJECT *there = nt_device_create(other, 0, FILE_DEVICE_UNKNOWN);
    uint64_t findings = nt_finding_count();
    KEVENT done;

    (void)state;
    other->MajorFunction[IRP_MJ_DEVICE_CONTROL] = answer_too_much;
    nt_dispatcher_initialize(&done.Header, NT_NOTIFICATION_EVENT, sizeof(done), 0);
    IRP *irp = nt_irp_build_control(0x222000, there, output, 8, output, 8, false, &done, &result);
    nt_irp_call(there, irp);
    assert_int_equal(output[7], 0x55);
    assert_int_equal(output[8], 0);
    assert_int_equal(nt_finding_count(), findings + 1);
    nt_device_delete(there);
    nt_object_release(other);
}

static int down_with_one_finding(void **state)
{
    return nt_finding_count() != 1 || down(state) != 1;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        irp_test(commands_of_other_drivers_move_data),
        irp_test(the_extended_form_is_translated),
        irp_test(an_error_brings_status_and_sense_data),
        irp_test(an_error_freezes_the_queue_until_it_is_released),
        irp_test(a_claim_is_exclusive_and_names_the_device),
        irp_test(a_locked_queue_holds_others_until_it_is_unlocked),
        irp_test(quiesce_flush_and_resets_come_back),
        irp_test(an_io_control_goes_to_the_miniport),
        irp_test(what_is_no_request_is_refused),
        irp_test(at_dispatch_level_a_request_pends),
        irp_test(an_abort_names_the_request_that_is_to_end),
        irp_test(the_relations_of_the_bus_are_the_devices_of_its_units),
        irp_test(wmi_goes_to_its_provider),
        irp_test(a_completion_routine_runs_for_what_it_asked_for),
        irp_test(a_completion_routine_may_keep_the_request),
        irp_test(a_cancel_routine_runs_once_and_releases_the_lock),
        cmocka_unit_test_setup_teardown(output_is_cut_to_the_room_there_is, up,
                                        down_with_one_finding),
    };

    return probe_run(argc, argv, tests);
}

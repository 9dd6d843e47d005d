/*
 * acpi_test.c - ACPI methods as a driver calls them: the documented buffers, statuses and their
 * order, over tables that are compiled for the tests (tests/unit/acpi/machine.asl).
 */
#include "../driver_file.h"
#include "probe_host.h"

#include "../miniports/firmware/firmware_protocol.h"
#include "acpi/acpi.h"
#include <acpiioct.h>
#include <ntddscsi.h>
#include <storport.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *tables[2];
static struct port_driver *driver;
static struct port_adapter *adapter;
static FIRMWARE_COMMAND command;
static char reason[512];

/* ---- a machine with firmware ---- */

static void adapter_open(const char *node)
{
    char path[4096];
    struct port_driver_options driver_options = {.path = path};
    struct port_adapter_options options = {.device = "none", .acpi_node = node};

    driver_file(path, sizeof(path), "TEST_MODULES", "firmware");
    if (port_driver_load(&driver, &driver_options, reason, sizeof(reason)) ||
        port_adapter_start(&adapter, driver, &options, reason, sizeof(reason)))
        fail_msg("%s", reason);
}

static void adapter_close(void)
{
    assert_int_equal(port_adapter_stop(adapter, reason, sizeof(reason)), 0);
    port_driver_unload(driver);
}

static void firmware_open(void)
{
    if (acpi_start(tables, 2, reason, sizeof(reason)))
        fail_msg("%s", reason);
    adapter_open(acpi_node_path(acpi_node_find("\\_SB.PCI0.SATA")));
}

static void firmware_close(void)
{
    adapter_close();
    acpi_stop();
}

static void send(void)
{
    size_t length;
    struct port_control_code control = {
        .code = IOCTL_MINIPORT_PROCESS_SERVICE_IRP,
        .input = &command,
        .input_length = sizeof(command),
        .output = &command,
        .output_length = sizeof(command),
        .ret_length = &length,
    };

    assert_int_equal(port_adapter_control(adapter, NULL, &control), STATUS_SUCCESS);
    assert_int_equal(length, sizeof(command));
}

/* ---- calls ---- */

#define METHOD(a, b, c, d)                                                                         \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

/* The method of that name, without arguments, with room for a long answer. */
static void prepare(const char *name)
{
    ACPI_EVAL_INPUT_BUFFER input = {.Signature = ACPI_EVAL_INPUT_BUFFER_SIGNATURE};

    memset(&command, 0, sizeof(command));
    command.Command = FirmwareInvoke;
    command.Code = METHOD(name[0], name[1], name[2], name[3]);
    input.MethodNameAsUlong = command.Code;
    memcpy(command.Data, &input, sizeof(input));
    command.InputLength = sizeof(input);
    command.OutputLength = FIRMWARE_BYTES;
}

static ULONG invoke(void)
{
    send();
    return command.Status;
}

static const ACPI_EVAL_OUTPUT_BUFFER *output(void)
{
    return (const ACPI_EVAL_OUTPUT_BUFFER *)command.Data;
}

/* Argument `index` of the answer, which must have `count`. */
static const ACPI_METHOD_ARGUMENT *argument(unsigned index, unsigned count)
{
    const ACPI_METHOD_ARGUMENT *at = output()->Argument;

    assert_int_equal(output()->Signature, ACPI_EVAL_OUTPUT_BUFFER_SIGNATURE);
    assert_int_equal(output()->Count, count);
    assert_int_equal(output()->Length, command.Returned);
    while (index--)
        at = ACPI_METHOD_NEXT_ARGUMENT(at);
    return at;
}

static void returns_integer(uint32_t number)
{
    const ACPI_METHOD_ARGUMENT *result = argument(0, 1);

    assert_int_equal(command.Status, STOR_STATUS_SUCCESS);
    assert_int_equal(result->Type, ACPI_METHOD_ARGUMENT_INTEGER);
    assert_int_equal(result->DataLength, sizeof(ULONG));
    assert_int_equal(result->Argument, number);
}

static uint8_t *argument_put(uint8_t *at, USHORT type, const void *data, USHORT length)
{
    ACPI_METHOD_ARGUMENT *out = (ACPI_METHOD_ARGUMENT *)at;

    memset(at, 0, ACPI_METHOD_ARGUMENT_LENGTH(length));
    memcpy(&out->Type, &type, sizeof(type));
    memcpy(&out->DataLength, &length, sizeof(length));
    memcpy(out->Data, data, length);
    return at + ACPI_METHOD_ARGUMENT_LENGTH(length);
}

static uint8_t *integer_put(uint8_t *at, ULONG number)
{
    return argument_put(at, ACPI_METHOD_ARGUMENT_INTEGER, &number, sizeof(number));
}

static uint8_t *complex_begin(unsigned count)
{
    ACPI_EVAL_INPUT_BUFFER_COMPLEX *input = (ACPI_EVAL_INPUT_BUFFER_COMPLEX *)command.Data;

    input->Signature = ACPI_EVAL_INPUT_BUFFER_COMPLEX_SIGNATURE;
    input->ArgumentCount = count;
    return (uint8_t *)input->Argument;
}

static void complex_end(const uint8_t *end)
{
    ACPI_EVAL_INPUT_BUFFER_COMPLEX *input = (ACPI_EVAL_INPUT_BUFFER_COMPLEX *)command.Data;

    command.InputLength = (ULONG)(end - command.Data);
    input->Size = command.InputLength - FIELD_OFFSET(ACPI_EVAL_INPUT_BUFFER_COMPLEX, Argument);
}

/* ---- what goes in ---- */

static void each_form_of_input_reaches_the_method(void **state)
{
    (void)state;
    firmware_open();
    prepare("BUMP");
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    returns_integer(1);
    prepare("BUMP"); /* the method keeps what it counts; a buffer is not needed */
    command.NoInput = 1;
    command.InputLength = 0;
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    returns_integer(2);

    prepare("ECHO");
    ACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER integer = {
        .Signature = ACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER_SIGNATURE,
        .IntegerArgument = 0xFEDCBA98};
    memcpy(command.Data, &integer, sizeof(integer));
    command.InputLength = sizeof(integer);
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    returns_integer(0xFEDCBA98);

    prepare("ECHO");
    ACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING string = {
        .Signature = ACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING_SIGNATURE, .StringLength = 6};
    memcpy(command.Data, &string, sizeof(string));
    memcpy(command.Data + FIELD_OFFSET(ACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING, String), "hello", 6);
    command.InputLength = FIELD_OFFSET(ACPI_EVAL_INPUT_BUFFER_SIMPLE_STRING, String) + 6;
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    assert_int_equal(argument(0, 1)->Type, ACPI_METHOD_ARGUMENT_STRING);
    assert_int_equal(argument(0, 1)->DataLength, 6);
    assert_string_equal((const char *)argument(0, 1)->Data, "hello");

    prepare("ADDS");
    complex_end(integer_put(integer_put(complex_begin(2), 40), 2));
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    returns_integer(42);
    firmware_close();
}

/* As shipped drivers do it: a GUID, two numbers, and a package of numbers. */
static void a_device_specific_method_takes_a_package(void **state)
{
    (void)state;
    static const uint8_t guid[16] = {1, 2, 3};
    uint8_t package[32], *end;

    firmware_open();
    prepare("_DSM");
    end = integer_put(integer_put(package, 0x1FFFF), 1);
    uint8_t *at = argument_put(complex_begin(4), ACPI_METHOD_ARGUMENT_BUFFER, guid, sizeof(guid));
    at = integer_put(integer_put(at, 1), 2);
    at = argument_put(at, ACPI_METHOD_ARGUMENT_PACKAGE_EX, package, (USHORT)(end - package));
    complex_end(at);
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    returns_integer(0x1FFFF);
    firmware_close();
}

/* ---- what comes out ---- */

static void a_package_is_returned_as_its_elements(void **state)
{
    (void)state;
    firmware_open();
    prepare("NEST");
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    assert_int_equal(argument(0, 4)->Argument, 1);
    assert_string_equal((const char *)argument(1, 4)->Data, "two");
    assert_int_equal(argument(2, 4)->Type, ACPI_METHOD_ARGUMENT_BUFFER);
    assert_int_equal(argument(2, 4)->DataLength, 3);
    const ACPI_METHOD_ARGUMENT *package = argument(3, 4);
    assert_int_equal(package->Type, ACPI_METHOD_ARGUMENT_PACKAGE);
    const ACPI_METHOD_ARGUMENT *first = (const ACPI_METHOD_ARGUMENT *)package->Data;
    assert_int_equal(first->Argument, 6);
    const ACPI_METHOD_ARGUMENT *second = ACPI_METHOD_NEXT_ARGUMENT(first);
    assert_int_equal(second->Type, ACPI_METHOD_ARGUMENT_PACKAGE);
    const ACPI_METHOD_ARGUMENT *inner = (const ACPI_METHOD_ARGUMENT *)second->Data;
    assert_string_equal((const char *)inner->Data, "seven");
    const ACPI_METHOD_ARGUMENT *third = ACPI_METHOD_NEXT_ARGUMENT(second);
    assert_int_equal(third->Type, ACPI_METHOD_ARGUMENT_BUFFER); /* the name of a device */
    assert_int_equal(third->DataLength, 0);
    assert_int_equal((const uint8_t *)third - package->Data + ACPI_METHOD_ARGUMENT_LENGTH(0),
                     package->DataLength);
    firmware_close();
}

static void a_method_without_a_result_returns_no_argument(void **state)
{
    (void)state;
    firmware_open();
    prepare("VOID");
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    assert_int_equal(output()->Count, 0);
    assert_int_equal(command.Returned, FIELD_OFFSET(ACPI_EVAL_OUTPUT_BUFFER, Argument));
    prepare("BUMP");
    command.NoReturned = 1;
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    assert_int_equal(output()->Argument[0].Argument, 101);
    prepare("BUMP"); /* nobody wants the result: it is called all the same */
    command.NoOutput = 1;
    command.OutputLength = 0;
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    assert_int_equal(command.Returned, 0);
    prepare("BUMP");
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    returns_integer(103);
    firmware_close();
}

static void a_buffer_that_is_too_small_is_told_what_it_takes(void **state)
{
    (void)state;
    enum { NEEDED = FIELD_OFFSET(ACPI_EVAL_OUTPUT_BUFFER, Argument) + 4 + 4097 };

    firmware_open();
    for (ULONG room = NEEDED - 1; room != 0; room = room > 100 ? 12 : room == 12 ? 11 : 0) {
        prepare("LONG");
        command.OutputLength = room;
        assert_int_equal(invoke(), STOR_STATUS_INSUFFICIENT_RESOURCES);
        assert_int_equal(command.Returned, 0);
        assert_int_equal(command.Data[room], 0xEE);
        if (room >= 12)
            assert_int_equal(output()->Length, NEEDED);
        else
            assert_int_equal(command.Data[0], 0xEE);
    }
    prepare("LONG");
    command.OutputLength = NEEDED;
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    assert_int_equal(command.Returned, NEEDED);
    assert_int_equal(argument(0, 1)->DataLength, 4097);
    assert_int_equal(argument(0, 1)->Data[4095], 'F');
    firmware_close();
}

/* ---- whose method it is ---- */

static void units_have_the_methods_of_their_nodes(void **state)
{
    (void)state;
    firmware_open();
    prepare("_GTF");
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    assert_int_equal(argument(0, 1)->Data[0], 0x10);
    prepare("_GTF");
    command.HasAddress = 1;
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    assert_int_equal(argument(0, 1)->DataLength, 7);
    assert_int_equal(argument(0, 1)->Data[6], 7);
    prepare("_GTF"); /* its node has none */
    command.HasAddress = 1;
    command.Path = 1;
    assert_int_equal(invoke(), STOR_STATUS_NOT_IMPLEMENTED);
    prepare("_GTF"); /* there is no such unit */
    command.HasAddress = 1;
    command.Target = 1;
    assert_int_equal(invoke(), STOR_STATUS_INVALID_PARAMETER);
    prepare("_GTF");
    command.HasAddress = 1;
    command.BadAddress = 1;
    assert_int_equal(invoke(), STOR_STATUS_INVALID_PARAMETER);
    firmware_close();
}

/* ---- what is refused ---- */

static void statuses_are_the_documented_ones(void **state)
{
    (void)state;
    firmware_open();
    prepare("NONE");
    assert_int_equal(invoke(), STOR_STATUS_NOT_IMPLEMENTED);
    prepare("FAIL");
    assert_int_equal(invoke(), STOR_STATUS_UNSUCCESSFUL);
    prepare("ADDS"); /* two arguments are missing */
    assert_int_equal(invoke(), STOR_STATUS_UNSUCCESSFUL);
    prepare("BUMP");
    command.NoInput = 1;
    assert_int_equal(invoke(), STOR_STATUS_INVALID_PARAMETER);
    prepare("BUMP");
    command.NoOutput = 1;
    assert_int_equal(invoke(), STOR_STATUS_INVALID_PARAMETER);
    prepare("BUMP");
    command.Data[0]++; /* of the signature */
    assert_int_equal(invoke(), STOR_STATUS_INVALID_PARAMETER);
    prepare("BUMP");
    command.InputLength--;
    assert_int_equal(invoke(), STOR_STATUS_INVALID_PARAMETER);
    prepare("BUMP"); /* nothing of all this has called it */
    assert_int_equal(invoke(), STOR_STATUS_SUCCESS);
    returns_integer(1);
    firmware_close();
}

/* Each byte of a good buffer, changed or cut off: an answer, and nothing beyond the buffer is read
 * (the sanitizers see that). */
static void malformed_arguments_are_refused(void **state)
{
    (void)state;
    uint8_t good[256];
    struct {
        USHORT type, length;
    } bad[] = {{9, 4}, {ACPI_METHOD_ARGUMENT_INTEGER, 9}, {ACPI_METHOD_ARGUMENT_BUFFER, 0xFFFF}};

    firmware_open();
    prepare("ECHO");
    uint8_t *end = argument_put(good, ACPI_METHOD_ARGUMENT_STRING, "ab", 3);
    complex_end(
        argument_put(complex_begin(1), ACPI_METHOD_ARGUMENT_PACKAGE, good, (USHORT)(end - good)));
    ULONG length = command.InputLength;
    memcpy(good, command.Data, length);
    for (ULONG cut = 9; cut < length; cut++) {
        prepare("ECHO");
        memcpy(command.Data, good, cut);
        command.InputLength = cut;
        assert_int_equal(invoke(), STOR_STATUS_INVALID_PARAMETER);
    }
    for (unsigned i = 0; i < 3; i++) {
        prepare("ECHO");
        memcpy(command.Data, good, length);
        memcpy(command.Data + 16 + 4, &bad[i], sizeof(bad[i]));
        command.InputLength = length;
        assert_int_equal(invoke(), STOR_STATUS_INVALID_PARAMETER);
    }
    prepare("ECHO");
    memcpy(command.Data, good, length);
    command.Data[12] = 8; /* more arguments than there can be */
    command.InputLength = length;
    assert_int_equal(invoke(), STOR_STATUS_INVALID_PARAMETER);
    firmware_close();
}

static void without_tables_no_method_is_implemented(void **state)
{
    (void)state;
    adapter_open(NULL);
    prepare("BUMP");
    assert_int_equal(invoke(), STOR_STATUS_NOT_IMPLEMENTED);
    command.Command = FirmwareControl;
    command.Code = IOCTL_ACPI_EVAL_METHOD;
    command.InputLength = 8;
    send();
    assert_int_equal(command.Status, (ULONG)STATUS_NOT_SUPPORTED);
    adapter_close();
}

/* ---- requests of the I/O manager ---- */

static ULONG control(ULONG code, ULONG room)
{
    command.Command = FirmwareControl;
    command.Code = code;
    command.OutputLength = room;
    send();
    return command.Status;
}

static void control_codes_evaluate_methods_at_the_physical_device(void **state)
{
    (void)state;
    firmware_open();
    prepare("BUMP");
    assert_int_equal(control(IOCTL_ACPI_EVAL_METHOD, FIRMWARE_BYTES), STATUS_SUCCESS);
    returns_integer(1);
    prepare("BUMP");
    command.Code = IOCTL_ACPI_ASYNC_EVAL_METHOD;
    command.Command = FirmwareControlHigh;
    send();
    assert_int_equal(command.Status, STATUS_SUCCESS);
    returns_integer(2);
    prepare("NONE");
    assert_int_equal(control(IOCTL_ACPI_EVAL_METHOD, 64), (ULONG)STATUS_OBJECT_NAME_NOT_FOUND);
    prepare("ADDS");
    assert_int_equal(control(IOCTL_ACPI_EVAL_METHOD, 64),
                     (ULONG)STATUS_ACPI_INCORRECT_ARGUMENT_COUNT);
    prepare("BUMP");
    assert_int_equal(control(IOCTL_ACPI_EVAL_METHOD_EX, 64), (ULONG)STATUS_INVALID_PARAMETER);
    prepare("LONG");
    assert_int_equal(control(IOCTL_ACPI_EVAL_METHOD, 100), (ULONG)STATUS_BUFFER_OVERFLOW);
    assert_int_equal(output()->Length, 12 + 4 + 4097);
    prepare("LONG");
    assert_int_equal(control(IOCTL_ACPI_EVAL_METHOD, 11), (ULONG)STATUS_BUFFER_TOO_SMALL);
    assert_int_equal(command.Returned, 0);
    firmware_close();
}

static void extended_codes_take_paths_and_whole_integers(void **state)
{
    (void)state;
    static const char *const paths[] = {"ECHO", "\\_SB.PCI0.SATA.ECHO", "PRT0.^ECHO"};
    const ULONG64 number = 0x123456789ABCDEF0;
    ULONG64 answer;

    firmware_open();
    for (unsigned i = 0; i < 2; i++) {
        ACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER_EX input = {
            .Signature = ACPI_EVAL_INPUT_BUFFER_SIMPLE_INTEGER_SIGNATURE_EX,
            .IntegerArgument = number};
        prepare("xxxx");
        snprintf(input.MethodName, sizeof(input.MethodName), "%s", paths[i]);
        memcpy(command.Data, &input, sizeof(input));
        command.InputLength = sizeof(input);
        assert_int_equal(control(IOCTL_ACPI_EVAL_METHOD_EX, 64), STATUS_SUCCESS);
        assert_int_equal(argument(0, 1)->DataLength, sizeof(ULONG64));
        memcpy(&answer, argument(0, 1)->Data, sizeof(answer));
        assert_true(answer == number);
    }
    firmware_close();
}

static unsigned child_named(const char *name)
{
    const ACPI_ENUM_CHILDREN_OUTPUT_BUFFER *list = (const void *)command.Data;
    const ACPI_ENUM_CHILD *child = list->Children;

    assert_int_equal(list->Signature, ACPI_ENUM_CHILDREN_OUTPUT_BUFFER_SIGNATURE);
    for (unsigned i = 0; i < list->NumberOfChildren; i++) {
        assert_int_equal(child->NameLength, strlen(child->Name) + 1);
        if (strcmp(child->Name, name) == 0)
            return i;
        child = ACPI_ENUM_CHILD_NEXT(child);
    }
    return UINT32_MAX;
}

static void children_are_enumerated_with_the_device_itself(void **state)
{
    (void)state;
    ACPI_ENUM_CHILDREN_INPUT_BUFFER input = {.Signature = ACPI_ENUM_CHILDREN_INPUT_BUFFER_SIGNATURE,
                                             .Flags = ENUM_CHILDREN_IMMEDIATE_ONLY};
    const ACPI_ENUM_CHILDREN_OUTPUT_BUFFER *list = (const void *)command.Data;

    firmware_open();
    prepare("xxxx");
    memcpy(command.Data, &input, sizeof(input));
    command.InputLength = sizeof(input);
    assert_int_equal(control(IOCTL_ACPI_ENUM_CHILDREN, 20), (ULONG)STATUS_BUFFER_OVERFLOW);
    ULONG needed = list->NumberOfChildren;
    prepare("xxxx");
    memcpy(command.Data, &input, sizeof(input));
    command.InputLength = sizeof(input);
    assert_int_equal(control(IOCTL_ACPI_ENUM_CHILDREN, needed), STATUS_SUCCESS);
    assert_int_equal(command.Returned, needed);
    assert_int_equal(list->NumberOfChildren, 3);
    assert_int_equal(child_named("\\_SB_.PCI0.SATA"), 0);
    assert_int_equal(child_named("\\_SB_.PCI0.SATA.PRT1"), 2);
    assert_int_equal(list->Children[0].Flags, ACPI_OBJECT_HAS_CHILDREN);

    prepare("xxxx");
    input.Flags = ENUM_CHILDREN_MULTILEVEL | ENUM_CHILDREN_NAME_IS_FILTER;
    input.NameLength = 5;
    memcpy(command.Data, &input, FIELD_OFFSET(ACPI_ENUM_CHILDREN_INPUT_BUFFER, Name));
    memcpy(command.Data + FIELD_OFFSET(ACPI_ENUM_CHILDREN_INPUT_BUFFER, Name), "_GTF", 5);
    command.InputLength = FIELD_OFFSET(ACPI_ENUM_CHILDREN_INPUT_BUFFER, Name) + 5;
    assert_int_equal(control(IOCTL_ACPI_ENUM_CHILDREN, FIRMWARE_BYTES), STATUS_SUCCESS);
    assert_int_equal(list->NumberOfChildren, 2);
    assert_int_not_equal(child_named("\\_SB_.PCI0.SATA.PRT0._GTF"), UINT32_MAX);
    firmware_close();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_proves(each_form_of_input_reaches_the_method, "StorPortInvokeAcpiMethod"),
        probe_proves(a_device_specific_method_takes_a_package, "StorPortInvokeAcpiMethod"),
        probe_proves(a_package_is_returned_as_its_elements, "StorPortInvokeAcpiMethod"),
        probe_proves(a_method_without_a_result_returns_no_argument, "StorPortInvokeAcpiMethod"),
        probe_proves(a_buffer_that_is_too_small_is_told_what_it_takes, "StorPortInvokeAcpiMethod"),
        probe_proves(units_have_the_methods_of_their_nodes, "StorPortInvokeAcpiMethod"),
        probe_proves(statuses_are_the_documented_ones, "StorPortInvokeAcpiMethod"),
        probe_proves(malformed_arguments_are_refused, "StorPortInvokeAcpiMethod"),
        probe_test(without_tables_no_method_is_implemented),
        probe_test(control_codes_evaluate_methods_at_the_physical_device),
        probe_test(extended_codes_take_paths_and_whole_integers),
        probe_test(children_are_enumerated_with_the_device_itself),
    };

    if (argc < 3)
        return 2;
    tables[0] = argv[1];
    tables[1] = argv[2];
    return probe_run(argc - 2, argv + 2, tests);
}

/*
 * grants_test.c - the interrupts that a device is granted and how its driver hears of them, by
 * capability, registry and driver.
 */
#include "resources_host.h"

#include <errno.h>
#include <string.h>

#define MESSAGES "Interrupt Management\\MessageSignaledInterruptProperties\\"
#define AFFINITY "Interrupt Management\\Affinity Policy\\"

enum { LEVEL_SENSITIVE = 0, LATCHED = 1, LINE = 11, FIRST_VECTOR = 0x50 };

static void granted(const char *kind, unsigned count)
{
    struct port_adapter_info info;

    port_adapter_describe(adapter, &info);
    assert_string_equal(info.interrupt_kind, kind);
    assert_int_equal(info.messages, count);
    assert_int_equal(record->Config.InterruptMode,
                     strncmp(kind, "msi", 3) == 0 ? LATCHED : LEVEL_SENSITIVE);
}

static void is_granted(const struct resources_start *what, const char *kind, unsigned count)
{
    start(what);
    granted(kind, count);
    stop();
}

/* Bytes of the capability in the configuration space that FindAdapter has read. */
static const UCHAR *capability(UCHAR id)
{
    unsigned offset = record->ConfigSpace[0x34];

    while (offset && record->ConfigSpace[offset] != id)
        offset = record->ConfigSpace[offset + 1];
    assert_int_not_equal(offset, 0);
    return &record->ConfigSpace[offset];
}

/* ---- kind and number ---- */

#define BOTH "model:absent,msi=8,msix=40"

static void a_module_alone_gets_the_best_that_its_device_has(void **state)
{
    (void)state;
    is_granted(&(struct resources_start){.device = BOTH, .takes_messages = true}, "msi-x", 40);
    is_granted(&(struct resources_start){.device = "model:absent,msix=2", .takes_messages = true},
               "msi-x", 2);
    is_granted(&(struct resources_start){.device = "model:absent,msi=8", .takes_messages = true},
               "msi", 8);
    is_granted(
        &(struct resources_start){.device = BOTH, .takes_messages = true, .message_limit = 7},
        "msi-x", 7);
    is_granted(&(struct resources_start){.device = "model:absent", .takes_messages = true}, "line",
               1);
    is_granted(&(struct resources_start){.device = "model:absent,line=off"}, "none", 0);
}

static void an_installed_device_gets_messages_only_if_its_key_says_so(void **state)
{
    (void)state;
    is_granted(&(struct resources_start){.device = BOTH, .installed = true, .takes_messages = true},
               "line", 1);
    is_granted(&(struct resources_start){.device = BOTH,
                                         .installed = true,
                                         .takes_messages = true,
                                         .settings = {MESSAGES "MSISupported=0"}},
               "line", 1);
    is_granted(&(struct resources_start){.device = BOTH,
                                         .installed = true,
                                         .takes_messages = true,
                                         .settings = {MESSAGES "MSISupported=1"}},
               "msi-x", 40);
    is_granted(&(struct resources_start){.device = BOTH,
                                         .takes_messages = true,
                                         .settings = {MESSAGES "MSISupported=0"}},
               "line", 1);
    is_granted(&(struct resources_start){.device = "model:absent,msix=4,line=off",
                                         .installed = true,
                                         .takes_messages = true},
               "none", 0);
}

static void message_number_limit_counts_and_so_does_what_the_machine_has(void **state)
{
    static const struct {
        const char *device, *limit;
        unsigned count;
        const char *kind;
    } cases[] = {
        {BOTH, MESSAGES "MessageNumberLimit=5", 5, "msi-x"},
        {BOTH, MESSAGES "MessageNumberLimit=1", 1, "msi-x"},
        {BOTH, MESSAGES "MessageNumberLimit=2048", 40, "msi-x"},
        {BOTH, MESSAGES "MessageNumberLimit=0", 40, "msi-x"},
        {BOTH, MESSAGES "MessageNumberLimit=many", 40, "msi-x"},
        {"model:absent,msix=256", MESSAGES "MessageNumberLimit=2048", PORT_MESSAGES_MAX, "msi-x"},
        {"model:absent,msi=32", MESSAGES "MessageNumberLimit=32", 16, "msi"},
        {"model:absent,msi=8", MESSAGES "MessageNumberLimit=16", 8, "msi"},
        {"model:absent,msi=8", MESSAGES "MessageNumberLimit=7", 4, "msi"},
        {"model:absent,msi=8", MESSAGES "MessageNumberLimit=1", 1, "msi"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        is_granted(
            &(struct resources_start){.device = cases[i].device,
                                      .installed = true,
                                      .takes_messages = true,
                                      .settings = {MESSAGES "MSISupported=1", cases[i].limit}},
            cases[i].kind, cases[i].count);
}

static void what_the_user_asks_for_comes_before_the_registry(void **state)
{
    struct resources_start what = {
        .device = BOTH,
        .installed = true,
        .takes_messages = true,
        .settings = {MESSAGES "MSISupported=1", MESSAGES "MessageNumberLimit=6"}};

    (void)state;
    what.interrupts = PORT_INTERRUPT_LINE;
    is_granted(&what, "line", 1);
    what.interrupts = PORT_INTERRUPT_MSI;
    is_granted(&what, "msi", 4);
    what.message_limit = 3;
    is_granted(&what, "msi", 2);
    what.interrupts = PORT_INTERRUPT_MSIX;
    is_granted(&what, "msi-x", 3);
    what.settings[0] = MESSAGES "MSISupported=0";
    is_granted(&what, "msi-x", 3);
    what.interrupts = PORT_INTERRUPT_BEST;
    is_granted(&what, "line", 1);
}

/* ---- what the driver makes of it ---- */

static void await_interrupt(void)
{
    uint64_t deadline = sys_now_ns() + 20 * SYS_NS_PER_S;

    while (!__atomic_load_n(&record->Lines, __ATOMIC_ACQUIRE) &&
           !__atomic_load_n(&record->MessageCalls, __ATOMIC_ACQUIRE)) {
        assert_true(sys_now_ns() < deadline);
        sys_thread_yield();
    }
}

static void without_a_message_routine_a_module_alone_gets_the_line(void **state)
{
    (void)state;
    start(&(struct resources_start){.device = "model:scratch,vectors=4", .rings = true});
    assert_int_equal(record->Config.InterruptMode, LATCHED); /* as FindAdapter was told */
    await_interrupt();
    struct port_adapter_info info;
    port_adapter_describe(adapter, &info);
    assert_string_equal(info.interrupt_kind, "line");
    assert_true(record->Lines && !record->MessageCalls);
    stop();
    start(&(struct resources_start){.device = "model:scratch,vectors=4",
                                    .rings = true,
                                    .takes_messages = true,
                                    .unsynchronized = true});
    await_interrupt();
    assert_true(record->Lines && !record->MessageCalls);
    stop();
}

static void messages_that_the_registry_grants_go_to_the_interrupt_routine_without_one(void **state)
{
    (void)state;
    start(&(struct resources_start){.device = "model:scratch,vectors=4",
                                    .installed = true,
                                    .rings = true,
                                    .settings = {MESSAGES "MSISupported=1"}});
    granted("msi-x", 4);
    await_interrupt();
    assert_true(record->Lines && !record->MessageCalls);
    assert_int_equal(record->InterruptIrql, NT_DEVICE_LEVEL);
    stop();
}

static void configuration_space_shows_what_was_granted(void **state)
{
    (void)state;
    start(&(struct resources_start){.device = BOTH, .takes_messages = true});
    assert_int_equal(record->ConfigLength, 256);
    assert_int_equal(capability(0x11)[3] & 0x80, 0x80);
    assert_int_equal(capability(0x05)[2] & 1, 0);
    stop();
    start(&(struct resources_start){.device = BOTH,
                                    .takes_messages = true,
                                    .interrupts = PORT_INTERRUPT_MSI,
                                    .message_limit = 8});
    assert_int_equal(capability(0x11)[3] & 0x80, 0);
    assert_int_equal(capability(0x05)[2] & 0x71, 0x31); /* on, with eight messages */
    stop();
    start(&(struct resources_start){
        .device = BOTH, .takes_messages = true, .interrupts = PORT_INTERRUPT_LINE});
    assert_int_equal(capability(0x11)[3] & 0x80, 0);
    assert_int_equal(capability(0x05)[2] & 1, 0);
    stop();
}

static void the_configuration_names_the_first_interrupt(void **state)
{
    (void)state;
    start(&(struct resources_start){.device = BOTH, .takes_messages = true});
    assert_int_equal(record->Config.BusInterruptLevel, NT_DEVICE_LEVEL);
    assert_int_equal(record->Config.BusInterruptVector, FIRST_VECTOR);
    stop();
    start(&(struct resources_start){.device = BOTH, .interrupts = PORT_INTERRUPT_LINE});
    assert_int_equal(record->Config.BusInterruptLevel, LINE);
    assert_int_equal(record->Config.BusInterruptVector, LINE);
    stop();
    start(&(struct resources_start){.device = "model:absent,line=off"});
    assert_int_equal(record->Config.BusInterruptLevel, 0);
    assert_int_equal(record->Config.BusInterruptVector, 0);
    stop();
}

static void each_message_can_be_asked_about(void **state)
{
    (void)state;
    start(&(struct resources_start){
        .device = BOTH,
        .installed = true,
        .takes_messages = true,
        .settings = {MESSAGES "MSISupported=1", MESSAGES "MessageNumberLimit=9"}});
    assert_int_equal(record->MessageCount, 9);
    assert_int_equal(record->LastStatus, STOR_STATUS_INVALID_PARAMETER);
    for (unsigned i = 0; i < 9; i++) {
        const MESSAGE_INTERRUPT_INFORMATION *message = &record->Messages[i];
        assert_int_equal(message->MessageId, i);
        assert_int_equal(message->InterruptVector, FIRST_VECTOR + i);
        assert_int_equal(message->InterruptLevel, NT_DEVICE_LEVEL);
        assert_int_equal(message->InterruptMode, LATCHED);
        assert_true(message->MessageAddress.QuadPart != 0);
        assert_true(i == 0 || message->MessageData != record->Messages[i - 1].MessageData);
    }
    stop();
    start(&(struct resources_start){.device = BOTH, .interrupts = PORT_INTERRUPT_LINE});
    assert_int_equal(record->FirstStatus, STOR_STATUS_INVALID_DEVICE_REQUEST);
    stop();
}

/* ---- the lists of the PnP manager ---- */

static const CM_PARTIAL_RESOURCE_DESCRIPTOR *interrupt_of(const RESOURCES_LIST *list, unsigned nth)
{
    for (ULONG i = 0; i < list->Count; i++)
        if (list->Descriptors[i].Type == CmResourceTypeInterrupt && !nth--)
            return &list->Descriptors[i];
    return NULL;
}

static void the_start_request_lists_a_line_raw_and_translated(void **state)
{
    const CM_PARTIAL_RESOURCE_DESCRIPTOR *raw, *translated;

    (void)state;
    start(&(struct resources_start){.device = BOTH, .interrupts = PORT_INTERRUPT_LINE});
    raw = interrupt_of(&record->Raw, 0);
    translated = interrupt_of(&record->Translated, 0);
    assert_true(raw && translated && !interrupt_of(&record->Raw, 1));
    assert_int_equal(raw->Flags, CM_RESOURCE_INTERRUPT_LEVEL_SENSITIVE);
    assert_int_equal(raw->ShareDisposition, CmResourceShareShared);
    assert_int_equal(raw->u.Interrupt.Level, LINE);
    assert_int_equal(raw->u.Interrupt.Vector, LINE);
    assert_int_equal(translated->u.Interrupt.Level, NT_DEVICE_LEVEL);
    assert_int_equal(translated->u.Interrupt.Vector, FIRST_VECTOR);
    assert_int_equal(translated->u.Interrupt.Affinity, 1);
    stop();
}

static void the_start_request_lists_msi_in_one_descriptor_and_msix_in_one_each(void **state)
{
    (void)state;
    start(&(struct resources_start){.device = BOTH,
                                    .takes_messages = true,
                                    .interrupts = PORT_INTERRUPT_MSI,
                                    .settings = {MESSAGES "MSISupported=1"}});
    const CM_PARTIAL_RESOURCE_DESCRIPTOR *raw = interrupt_of(&record->Raw, 0);
    assert_true(raw && !interrupt_of(&record->Raw, 1));
    assert_int_equal(raw->Flags, CM_RESOURCE_INTERRUPT_LATCHED | CM_RESOURCE_INTERRUPT_MESSAGE);
    assert_int_equal(raw->u.MessageInterrupt.Raw.MessageCount, 8);
    stop();
    start(&(struct resources_start){
        .device = BOTH, .takes_messages = true, .settings = {MESSAGES "MessageNumberLimit=3"}});
    for (unsigned i = 0; i < 3; i++) {
        raw = interrupt_of(&record->Raw, i);
        const CM_PARTIAL_RESOURCE_DESCRIPTOR *translated = interrupt_of(&record->Translated, i);
        assert_true(raw && translated);
        assert_int_equal(raw->u.MessageInterrupt.Raw.MessageCount, 1);
        assert_int_equal(translated->u.MessageInterrupt.Translated.Level, NT_DEVICE_LEVEL);
        assert_int_equal(translated->u.MessageInterrupt.Translated.Vector, FIRST_VECTOR + i);
        assert_int_equal(translated->u.MessageInterrupt.Translated.Affinity, i == 2 ? 2 : 1);
    }
    assert_null(interrupt_of(&record->Raw, 3));
    stop();
}

/* ---- where they are aimed ---- */

static int machine_of_four(void **state)
{
    (void)state;
    return probe_machine_up_as(
        &(struct nt_machine_options){.processor_count = 4, .aimed_messages = true});
}

static void are_aimed(const char *const settings[RESOURCES_SETTINGS_MAX - 1],
                      const char *processors)
{
    struct resources_start what = {.device = "model:absent,msix=6", .takes_messages = true};

    what.settings[0] = MESSAGES "MSISupported=1";
    for (unsigned i = 0; i < RESOURCES_SETTINGS_MAX - 1; i++)
        what.settings[i + 1] = settings[i];
    start(&what);
    for (unsigned i = 0; i < 6; i++) {
        const CM_PARTIAL_RESOURCE_DESCRIPTOR *message = interrupt_of(&record->Translated, i);
        assert_non_null(message);
        assert_int_equal(message->u.MessageInterrupt.Translated.Affinity,
                         1u << (processors[i] - '0'));
        assert_int_equal(adapter->grant.processors[i], processors[i] - '0');
    }
    stop();
}

static void the_affinity_policy_says_where_messages_come(void **state)
{
    static const char *const
        none[RESOURCES_SETTINGS_MAX -
             1] = {NULL},
             *const one[RESOURCES_SETTINGS_MAX - 1] = {AFFINITY "DevicePolicy=2"},
             *const all[RESOURCES_SETTINGS_MAX - 1] = {AFFINITY "DevicePolicy=3"},
             *const spread[RESOURCES_SETTINGS_MAX - 1] = {AFFINITY "DevicePolicy=5"},
             *const unknown[RESOURCES_SETTINGS_MAX - 1] = {AFFINITY "DevicePolicy=77"},
             *const some[RESOURCES_SETTINGS_MAX - 1] = {AFFINITY "DevicePolicy=4",
                                                        AFFINITY "AssignmentSetOverride=0xA"},
             *const bytes[RESOURCES_SETTINGS_MAX - 1] =
                 {AFFINITY "DevicePolicy=4",
                  AFFINITY "AssignmentSetOverride=hex:04,00,00,00,00,00,00,00"},
             *const elsewhere[RESOURCES_SETTINGS_MAX - 1] = {AFFINITY "DevicePolicy=4",
                                                             AFFINITY "AssignmentSetOverride=0xF0"};

    (void)state;
    are_aimed(none, "001230");
    are_aimed(one, "000000");
    are_aimed(all, "001230");
    are_aimed(spread, "001230");
    are_aimed(unknown, "001230");
    are_aimed(some, "113131");
    are_aimed(bytes, "222222");
    are_aimed(elsewhere, "001230");
    assert_non_null(strstr(events, "AssignmentSetOverride names no processor"));
}

/* ---- in groups and nodes: processors 0 to 3 are group 0 and node 0, 4 to 7 group 1 and node 1
 * ----
 */

static int machine_of_two_groups(void **state)
{
    static struct nt_topology topology;
    char reason[256];

    (void)state;
    assert_int_equal(
        nt_topology_make(&topology, "groups=2,nodes=2,cpus=8", 0, reason, sizeof(reason)), 0);
    return probe_machine_up_as(
        &(struct nt_machine_options){.topology = &topology, .aimed_messages = true});
}

static void come_to(const struct resources_start *from, const char *policy, const char *set,
                    const char *group_policy, const char *processors)
{
    struct resources_start what = *from;
    const char *const settings[] = {MESSAGES "MSISupported=1", policy, set, group_policy};
    unsigned count = 0;

    what.takes_messages = true;
    for (unsigned i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
        if (settings[i])
            what.settings[count++] = settings[i];
    start(&what);
    for (unsigned i = 0; processors[i]; i++) {
        const CM_PARTIAL_RESOURCE_DESCRIPTOR *raw = interrupt_of(&record->Raw, i);
        const CM_PARTIAL_RESOURCE_DESCRIPTOR *message = interrupt_of(&record->Translated, i);
        unsigned processor = (unsigned)(processors[i] - '0');
        assert_int_equal(adapter->grant.processors[i], processor);
        assert_non_null(message);
        assert_int_equal(message->u.MessageInterrupt.Translated.Level,
                         NT_DEVICE_LEVEL | processor / 4 << 16);
        assert_int_equal(message->u.MessageInterrupt.Translated.Affinity, 1u << processor % 4);
        assert_int_equal(raw->u.MessageInterrupt.Raw.Reserved, processor / 4); /* its group */
    }
    stop();
}

static void messages_begin_near_to_their_device(void **state)
{
    struct resources_start near = {.device = "model:absent,msix=10,node=1"},
                           somewhere = {.device = "model:absent,msix=10"};

    (void)state;
    come_to(&somewhere, NULL, NULL, NULL, "0012345670");
    come_to(&near, NULL, NULL, NULL, "4456701234");
    come_to(&near, AFFINITY "DevicePolicy=1", NULL, NULL, "4456745674");
    come_to(&near, AFFINITY "DevicePolicy=2", NULL, NULL, "4444444444");
    come_to(&near, AFFINITY "DevicePolicy=5", NULL, NULL, "4456701234");
    come_to(&near, AFFINITY "DevicePolicy=4", AFFINITY "AssignmentSetOverride=0xC", NULL,
            "2232323232");
}

static void an_installed_device_interrupts_group_0_unless_its_key_knows_groups(void **state)
{
    struct resources_start near = {.device = "model:absent,msix=10,node=1", .installed = true};

    (void)state;
    come_to(&near, NULL, NULL, NULL, "0012301230");
    come_to(&near, AFFINITY "DevicePolicy=1", NULL, NULL, "0012301230");
    come_to(&near, NULL, NULL, AFFINITY "GroupPolicy=0", "0012301230");
    come_to(&near, NULL, NULL, AFFINITY "GroupPolicy=1", "4456701234");
    near.installed = false;
    come_to(&near, NULL, NULL, AFFINITY "GroupPolicy=0", "0012301230");
}

static void a_node_that_the_machine_does_not_have_is_refused(void **state)
{
    static const char *const specs[] = {"model:absent,msix=2,node=2",
                                        "model:absent,node=", "model:absent,node=x",
                                        "model:absent,node=-1"};
    struct port_device *device;
    char reason[256];

    (void)state;
    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
        assert_int_equal(port_device_open(&device, specs[i], NULL, 0, reason, sizeof(reason)),
                         -EINVAL);
        assert_non_null(strstr(reason, "the machine has the nodes 0 to 1"));
    }
}

/* What the options tell, and where messages come, agree. */
static void each_message_comes_where_its_target_says(void **state)
{
    enum { COUNT = 8 };

    (void)state;
    start(&(struct resources_start){.device = "model:scratch,vectors=8,node=1",
                                    .takes_messages = true,
                                    .rings = true,
                                    .rings_messages = COUNT,
                                    .perf_flags = STOR_PERF_DPC_REDIRECTION});
    assert_int_equal(record->LocalityStatus, STOR_STATUS_SUCCESS);
    assert_int_equal(record->DeviceNode, 1);
    for (unsigned i = 0; i < COUNT; i++) {
        unsigned processor = adapter->grant.processors[i];
        assert_int_equal(record->MessageProcessor[i], processor + 1);
        assert_int_equal(record->Targets[i].Group, processor / 4);
        assert_int_equal(record->Targets[i].Mask, 1u << processor % 4);
    }
    /* 4456 7012, and processor 3 has none of its own: one of its node's. */
    static const unsigned of[] = {5, 6, 7, 0, 0, 2, 3, 4};
    for (unsigned i = 0; i < 8; i++)
        if (i != 3)
            assert_int_equal(record->MessageOf[i], of[i]);
    assert_in_range(record->MessageOf[3], 5, 7);
    stop();
}

static int machine_of_unlike_cores(void **state)
{
    static struct nt_topology topology;
    char reason[256];

    (void)state;
    assert_int_equal(
        nt_topology_make(&topology, "nodes=4+2,dies=2,efficient=2", 0, reason, sizeof(reason)), 0);
    return probe_machine_up_as(
        &(struct nt_machine_options){.topology = &topology, .aimed_messages = true});
}

/* Messages come to processors 0 and 1 of the first die, and to 4, an efficient one of the other
 * node. */
static void a_processor_without_a_message_gets_the_nearest(void **state)
{
    static const struct {
        ULONG flags;
        unsigned of_3; /* a processor of node 0, die 1 */
        unsigned of_5; /* of node 1 */
    } rows[] = {
        {STOR_PERF_DPC_REDIRECTION, 1, 2},
        {STOR_PERF_SOFT_NUMA, 1, 2},
        {STOR_PERF_HETEROGENEOUS_CPU, 1, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        start(&(struct resources_start){
            .device = "model:absent,msix=3",
            .takes_messages = true,
            .perf_flags = rows[i].flags,
            .settings = {AFFINITY "DevicePolicy=4", AFFINITY "AssignmentSetOverride=0x11"}});
        assert_int_equal(record->LocalityStatus, STOR_STATUS_SUCCESS);
        assert_int_equal(adapter->grant.processors[2], 4);
        assert_in_range(record->MessageOf[3], 0, rows[i].of_3);
        assert_int_equal(record->MessageOf[5], rows[i].of_5);
        stop();
    }
}

static void a_line_and_messages_of_msi_have_one_processor(void **state)
{
    struct resources_start what = {.device = BOTH,
                                   .takes_messages = true,
                                   .interrupts = PORT_INTERRUPT_MSI,
                                   .settings = {MESSAGES "MSISupported=1",
                                                AFFINITY "DevicePolicy=4",
                                                AFFINITY "AssignmentSetOverride=0xC"}};

    (void)state;
    start(&what);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(adapter->grant.processors[i], 2);
    stop();
    what.interrupts = PORT_INTERRUPT_LINE;
    start(&what);
    assert_int_equal(interrupt_of(&record->Translated, 0)->u.Interrupt.Affinity, 4);
    stop();
}

static void the_device_priority_is_the_level_of_its_interrupts(void **state)
{
    static const struct {
        const char *setting;
        unsigned irql;
    } cases[] = {
        {AFFINITY "DevicePriority=0", NT_DEVICE_LEVEL},
        {AFFINITY "DevicePriority=1", NT_DEVICE_LEVEL - 1},
        {AFFINITY "DevicePriority=2", NT_DEVICE_LEVEL},
        {AFFINITY "DevicePriority=3", NT_DEVICE_LEVEL + 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start(&(struct resources_start){.device = "model:scratch,vectors=2",
                                        .takes_messages = true,
                                        .rings = true,
                                        .settings = {cases[i].setting}});
        await_interrupt();
        assert_int_equal(record->InterruptIrql, cases[i].irql);
        assert_int_equal(record->Messages[0].InterruptLevel, cases[i].irql);
        stop();
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        probe_test(a_module_alone_gets_the_best_that_its_device_has),
        probe_test(an_installed_device_gets_messages_only_if_its_key_says_so),
        probe_test(message_number_limit_counts_and_so_does_what_the_machine_has),
        probe_test(what_the_user_asks_for_comes_before_the_registry),
        probe_test(without_a_message_routine_a_module_alone_gets_the_line),
        probe_test(messages_that_the_registry_grants_go_to_the_interrupt_routine_without_one),
        probe_test(configuration_space_shows_what_was_granted),
        probe_test(the_configuration_names_the_first_interrupt),
        probe_proves(each_message_can_be_asked_about, "StorPortGetMSIInfo"),
        probe_test(the_start_request_lists_a_line_raw_and_translated),
        probe_test(the_start_request_lists_msi_in_one_descriptor_and_msix_in_one_each),
        cmocka_unit_test_setup_teardown(messages_begin_near_to_their_device, machine_of_two_groups,
                                        probe_machine_down),
        cmocka_unit_test_setup_teardown(
            an_installed_device_interrupts_group_0_unless_its_key_knows_groups,
            machine_of_two_groups, probe_machine_down),
        cmocka_unit_test_setup_teardown(a_node_that_the_machine_does_not_have_is_refused,
                                        machine_of_two_groups, probe_machine_down),
        cmocka_unit_test_setup_teardown(each_message_comes_where_its_target_says,
                                        machine_of_two_groups, probe_machine_down),
        cmocka_unit_test_setup_teardown(a_processor_without_a_message_gets_the_nearest,
                                        machine_of_unlike_cores, probe_machine_down),
        cmocka_unit_test_setup_teardown(the_affinity_policy_says_where_messages_come,
                                        machine_of_four, probe_machine_down),
        cmocka_unit_test_setup_teardown(a_line_and_messages_of_msi_have_one_processor,
                                        machine_of_four, probe_machine_down),
        probe_test(the_device_priority_is_the_level_of_its_interrupts),
    };

    return probe_run(argc, argv, tests);
}

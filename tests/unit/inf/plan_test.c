/*
 * plan_test.c - from a model to what an installation would do: sections, service, registry values,
 * files; and what is wrong with them.
 */
#include "inf_helper.h"

#include "nt/registry.h"

#include <sys/stat.h>
#include <unistd.h>

static const struct inf_operation *operation(unsigned index)
{
    assert_true(index < plan.operation_count);
    return plan.operations[index];
}

static uint32_t number(unsigned index)
{
    uint32_t value;

    assert_int_equal(operation(index)->size, sizeof(value));
    memcpy(&value, operation(index)->data, sizeof(value));
    return value;
}

/* ---- the service ---- */

static void the_service_is_read_from_its_section(void **state)
{
    (void)state;
    planned((struct test_file){.service = "DisplayName=\"A disk\"\nLoadOrderGroup=SCSI miniport"});
    assert_string_equal(plan.service, "disk");
    assert_string_equal(plan.binary, "disk.sys");
    assert_string_equal(plan.image_path, "\\SystemRoot\\System32\\drivers\\disk.sys");
    assert_string_equal(plan.display_name, "A disk");
    assert_string_equal(plan.load_order_group, "SCSI miniport");
    assert_int_equal(plan.service_type, 1);
    assert_int_equal(plan.start_type, 3);
    assert_int_equal(plan.error_control, 1);
    assert_string_equal(plan.matched, "PCI\\VEN_1234&DEV_0001");
    assert_int_equal(plan.rank, 0x00FF0000);
}

static void only_the_service_that_drives_the_device_counts(void **state)
{
    (void)state;
    planned((struct test_file){.services = "AddService=other,0,Nowhere"});
    assert_string_equal(plan.service, "disk");
    noted("the service other is not the device's driver");
}

static void services_that_cannot_be_are_refused_with_their_line(void **state)
{
    (void)state;
    refused((struct test_file){.services = "AddService=second,2,Service"}, "AddService=second",
            "a second service");
    refused((struct test_file){.services = "AddService=x,many,Service"}, "AddService=x",
            "the flags 'many' are no number");
    refused((struct test_file){.services = "AddService=,2"}, "AddService=,2", "second service");
}

/* A file whose install parts are written out. */
static void refused_file(const char *parts, const char *why)
{
    char text[2048];

    snprintf(text, sizeof(text),
             "[Version]\nSignature=\"$Windows NT$\"\n[Manufacturer]\nX=M\n[M]\n"
             "d=I,PCI\\VEN_1234&DEV_0001\n%s",
             parts);
    set.file_count = 0;
    parsed(text);
    assert_int_equal(inf_plan_make(&plan, file, &inf_system_ours, &device), -EINVAL);
    if (!strstr(reason, why))
        fail_msg("'%s' is not '%s'", reason, why);
}

static void parts_of_a_service_that_are_missing_are_named(void **state)
{
    static const char service[] = "[I]\n[I.Services]\nAddService=s,2,S\n";
    char text[512];

    (void)state;
    refused_file("", "test.inf:6: there is no section [I]");
    refused_file("[I]\n", "test.inf:7: [I] has no section [I.Services]");
    refused_file("[I]\n[I.Services]\n", "test.inf:8: [I.Services] adds no service");
    refused_file("[I]\n[I.Services]\nAddService=,2\n", "test.inf:9: AddService names no service");
    refused_file("[I]\n[I.Services]\nAddService=a\\b,2,S\n", "'a\\b' is no name of a service");
    refused_file(service, "test.inf:9: there is no section [S]");
    static const struct {
        const char *lines, *why;
    } rows[] = {
        {"", "test.inf:10: [S] has no ServiceType"},
        {"ServiceType=x\n", "test.inf:11: ServiceType is 'x', not a number"},
        {"ServiceType=1\nStartType=5\n", "test.inf:12: StartType is '5'"},
        {"ServiceType=1\nStartType=0\n", "[S] has no ErrorControl"},
        {"ServiceType=1\nStartType=0\nErrorControl=0\n", "[S] has no ServiceBinary"},
        {"ServiceType=1\nStartType=0\nErrorControl=0\nServiceBinary=%12%\\\n", "names no file"},
        {"ServiceType=0x10\nStartType=0\nErrorControl=0\nServiceBinary=x.exe\n",
         "test.inf:11: ServiceType is 16: a kernel-mode driver is 1"},
        {"ServiceType=1\nStartType=4\nErrorControl=0\nServiceBinary=x.sys\n",
         "test.inf:12: StartType is 4"},
    };
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(text, sizeof(text), "%s[S]\n%s", service, rows[i].lines);
        refused_file(text, rows[i].why);
    }
}

static void the_version_section_is_looked_at_first(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "there is no section [Version]: this is no INF file"},
        {"[Version]\n", "test.inf:1: [Version] has no Signature"},
        {"[Version]\nSignature=\"$Linux$\"\n", "test.inf:2: the Signature '$Linux$' is not"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        parsed(rows[i].text);
        assert_int_equal(inf_plan_make(&plan, file, &inf_system_ours, &device), -EINVAL);
        if (!strstr(reason, rows[i].why))
            fail_msg("'%s' is not '%s'", reason, rows[i].why);
    }
}

static void directories_of_the_system_have_numbers(void **state)
{
    static const struct {
        const char *path, *image;
    } rows[] = {
        {"%10%\\a\\x.sys", "\\SystemRoot\\a\\x.sys"},
        {"%11%\\x.sys", "\\SystemRoot\\System32\\x.sys"},
        {"%13%\\x.sys",
         "\\SystemRoot\\System32\\DriverStore\\FileRepository\\test.inf_amd64\\x.sys"},
        {"%TOKEN%\\x.sys",
         "\\SystemRoot\\System32\\DriverStore\\FileRepository\\test.inf_amd64\\x.sys"},
    };
    char text[256];

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        /* A later line of the same key does not count. */
        snprintf(text, sizeof(text), "ServiceBinary=%s", rows[i].path);
        const char *whole = file_text((struct test_file){.service = text});
        char *first = strstr(whole, "ServiceBinary=%12%\\disk.sys\n");
        assert_non_null(first);
        memset(first, ' ', strlen("ServiceBinary=%12%\\disk.sys"));
        set.file_count = 0;
        parsed(whole);
        assert_int_equal(inf_plan_make(&plan, file, &inf_system_ours, &device), 0);
        assert_string_equal(plan.image_path, rows[i].image);
        assert_string_equal(plan.binary, "x.sys");
    }
}

/* ---- sections of a model ---- */

static void the_decorated_install_section_brings_its_own_parts(void **state)
{
    (void)state;
    planned((struct test_file){
        .more =
            "[Install.NT]\n[Install.NT.Services]\nAddService=old,2,Service\n"
            "[Install.NTamd64.10.0]\n[Install.NTamd64.10.0.Services]\nAddService=new,2,Service\n"
            "[Install.NTamd64.10.0.HW]\nAddReg=A\n[A]\nHKR,,x,0x10001,1\n"
            "[Install.NTx86.10.0]\n"});
    assert_string_equal(plan.install->name, "Install.NTamd64.10.0");
    assert_string_equal(plan.service, "new");
    assert_int_equal(plan.operation_count, 1);
}

static void parts_that_do_nothing_here_are_noted(void **state)
{
    (void)state;
    planned((struct test_file){.more = "[Install.CoInstallers]\nAddReg=Nowhere\n[Install.Wdf]\n"
                                       "[Install.NTx86.Services]\n[Other.Wdf]\n"});
    noted("[Install.CoInstallers] is ignored");
    noted("[Install.Wdf] is ignored");
    for (unsigned i = 0; i < set.note_count; i++) {
        assert_null(strstr(set.notes[i], "NTx86"));
        assert_null(strstr(set.notes[i], "Other"));
        assert_null(strstr(set.notes[i], "Install.HW"));
    }
}

static void needs_brings_in_the_lines_of_other_sections(void **state)
{
    (void)state;
    planned((struct test_file){.hardware = "AddReg=A\nNeeds=Common, More",
                               .more = "[Common]\nAddReg=B\nNeeds=Deep\n[More]\nAddReg=D\n"
                                       "[Deep]\nAddReg=C\n"
                                       "[A]\nHKR,,a,0x10001,1\n[B]\nHKR,,b,0x10001,2\n"
                                       "[C]\nHKR,,c,0x10001,3\n[D]\nHKR,,d,0x10001,4\n"});
    assert_int_equal(plan.operation_count, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(number(i), i + 1);
}

static void sections_that_need_each_other_are_refused(void **state)
{
    struct test_file circle = {.hardware = "Needs=A", .more = "[A]\nNeeds=B\n[B]\nNeeds=A\n"};
    char text[4096] = "[A]\nNeeds=B,B,B,B,B,B,B,B,B,B,B,B\n[B]\nNeeds=C,C,C,C,C,C,C,C,C,C\n"
                      "[C]\nNeeds=D,D,D,D,D,D,D,D,D,D,D,D\n[D]\nNeeds=E,E,E,E,E,E,E,E,E,E\n"
                      "[E]\nNeeds=F,F,F,F,F,F,F,F,F,F,F,F\n[F]\nNeeds=G,G,G,G,G,G,G,G,G,G\n[G]\n";

    (void)state;
    assert_int_equal(plan_try(circle), -EINVAL);
    assert_non_null(strstr(reason, "need each other without an end"));
    assert_int_equal(plan_try((struct test_file){.hardware = "Needs=A", .more = text}), -EINVAL);
    assert_non_null(strstr(reason, "more than 100000 lines"));
}

static void an_include_that_is_missing_is_noted_and_a_section_that_is_not(void **state)
{
    (void)state;
    refused((struct test_file){.hardware = "Needs=Missing"}, "Needs=Missing",
            "there is no section [Missing]");
    refused((struct test_file){.hardware = "AddReg=Missing"}, "AddReg=Missing",
            "there is no section [Missing]");
    planned((struct test_file){.hardware = "Include=machine.inf\nNeeds=Missing"});
    noted("machine.inf is not beside this file");
    noted("[Missing] is needed and not in a file that is here");
    planned((struct test_file){.hardware = "Include=../../etc/passwd, /etc/passwd, ..\\x"});
    noted("/etc/passwd is not beside this file");
}

/* ---- registry values ---- */

static void values_have_the_type_that_their_flags_say(void **state)
{
    static const unsigned char bytes[] = {0x01, 0x0A, 0xFF};

    (void)state;
    planned((struct test_file){.service = "AddReg=A",
                               .more = "[A]\n"
                                       "HKR,P,sz,,text\n"
                                       "HKR,P,sz0,0,\"a b\",ignored\n"
                                       "HKR,P,expand,0x00020000,\"%%SystemRoot%%\\x\"\n"
                                       "HKR,P,multi,0x00010000,one,\"two, three\",four\n"
                                       "HKR,P,binary,0x00000001,1,0A,0xff\n"
                                       "HKR,P,dword,0x00010001,0x12345678\n"
                                       "HKR,P,bytes,0x00010001,78,56,34,12\n"
                                       "HKR,P,negative,0x00010001,-1\n"
                                       "HKR,P,qword,0x000B0001,0x1122334455667788\n"
                                       "HKR,P,none,0x00020001\n"
                                       "HKR,P,other,0x00380001,1,2\n"
                                       "HKR,P,empty,0x00010001\n"
                                       "HKR,P,nothing,\n"
                                       "HKR,P,,,unnamed\n"});
    static const uint32_t types[] = {NT_REGISTRY_SZ,
                                     NT_REGISTRY_SZ,
                                     NT_REGISTRY_EXPAND_SZ,
                                     NT_REGISTRY_MULTI_SZ,
                                     NT_REGISTRY_BINARY,
                                     NT_REGISTRY_DWORD,
                                     NT_REGISTRY_DWORD,
                                     NT_REGISTRY_DWORD,
                                     NT_REGISTRY_QWORD,
                                     NT_REGISTRY_NONE,
                                     0x38,
                                     NT_REGISTRY_DWORD,
                                     NT_REGISTRY_SZ,
                                     NT_REGISTRY_SZ};
    assert_int_equal(plan.operation_count, sizeof(types) / sizeof(types[0]));
    for (unsigned i = 0; i < plan.operation_count; i++) {
        assert_int_equal(operation(i)->type, types[i]);
        assert_int_equal(operation(i)->root, INF_ROOT_SERVICE);
        assert_int_equal(operation(i)->action, INF_SET);
        assert_string_equal(operation(i)->key, "P");
    }
    assert_string_equal(operation(0)->strings[0], "text");
    assert_string_equal(operation(1)->strings[0], "a b");
    assert_int_equal(operation(1)->string_count, 1);
    assert_string_equal(operation(2)->strings[0], "%SystemRoot%\\x");
    assert_int_equal(operation(3)->string_count, 3);
    assert_string_equal(operation(3)->strings[1], "two, three");
    assert_int_equal(operation(4)->size, 3);
    assert_memory_equal(operation(4)->data, bytes, 3);
    assert_int_equal(number(5), 0x12345678);
    assert_int_equal(number(6), 0x12345678);
    assert_int_equal(number(7), UINT32_MAX);
    uint64_t wide;
    memcpy(&wide, operation(8)->data, sizeof(wide));
    assert_true(wide == 0x1122334455667788);
    assert_int_equal(operation(9)->size, 0);
    assert_int_equal(operation(10)->size, 2);
    assert_int_equal(number(11), 0);
    assert_string_equal(operation(12)->strings[0], "");
    assert_string_equal(operation(13)->name, "");
}

static void flags_say_what_is_done(void **state)
{
    static const enum inf_action actions[] = {INF_SET,        INF_SET,          INF_APPEND,
                                              INF_CREATE_KEY, INF_CREATE_KEY,   INF_CREATE_KEY,
                                              INF_DELETE_KEY, INF_DELETE_VALUE, INF_SET};

    (void)state;
    planned((struct test_file){.service = "AddReg=A",
                               .more = "[A]\n"
                                       "HKR,P,keep,0x00010003,1\n"
                                       "HKR,P,only,0x00010021,1\n"
                                       "HKR,P,list,0x00010008,x\n"
                                       "HKR,P\\K,ignored,0x10,x\n"
                                       "HKR,P\\K,,0x2000\n"
                                       "HKR,\"\\P\\K\\\"\n"
                                       "HKR,P\\K,,0x4\n"
                                       "HKR,P,old,0x4\n"
                                       "HKR,P,wide,0x00015001,2\n"});
    assert_int_equal(plan.operation_count, sizeof(actions) / sizeof(actions[0]));
    for (unsigned i = 0; i < plan.operation_count; i++)
        assert_int_equal(operation(i)->action, actions[i]);
    assert_true(operation(0)->keep_existing && !operation(0)->only_existing);
    assert_true(operation(1)->only_existing && !operation(1)->keep_existing);
    assert_string_equal(operation(5)->key, "P\\K");
}

static void roots_depend_on_the_section(void **state)
{
    (void)state;
    planned((struct test_file){
        .install = "AddReg=A",
        .hardware = "AddReg=A,Special",
        .service = "AddReg=A,Machine",
        .more = "[A]\nHKR,,x,0x10001,1\n"
                "[Special]\nHKR,,UpperFilters,0x10000,f\nHKR,Sub,UpperFilters,0x10000,f\n"
                "[Machine]\nHKLM,\"SYSTEM\\currentcontrolset\\Services\\disk\\Parameters\",y,,z\n"
                "HKLM,Software\\X,y,,z\nHKCR,X,y,,z\nHKCU,X,y,,z\nHKU,X,y,,z\n"});
    static const enum inf_root roots[] = {INF_ROOT_DRIVER, INF_ROOT_DEVICE,  INF_ROOT_INSTANCE,
                                          INF_ROOT_DEVICE, INF_ROOT_SERVICE, INF_ROOT_MACHINE};
    assert_int_equal(plan.operation_count, sizeof(roots) / sizeof(roots[0]));
    for (unsigned i = 0; i < plan.operation_count; i++)
        assert_int_equal(operation(i)->root, roots[i]);
    assert_string_equal(operation(5)->key, "Services\\disk\\Parameters");
    noted("HKLM,Software\\X is ignored");
    noted("HKCR,X is ignored");
    noted("HKCU,X is ignored");
    noted("HKU,X is ignored");
}

static void deletions_come_before_additions_and_bits_after_them(void **state)
{
    (void)state;
    planned((struct test_file){.service = "BitReg=B\nAddReg=A\nDelReg=D",
                               .more = "[A]\nHKR,P,a,1,00,F0\n"
                                       "[B]\nHKR,P,a,1,0x06,1\nHKR,P,a,,0x80,1\n"
                                       "[D]\nHKR,P,a\nHKR,P\\K\nHKR,P,list,0x18002,x\n"});
    static const enum inf_action actions[] = {INF_DELETE_VALUE, INF_DELETE_KEY, INF_DELETE_STRING,
                                              INF_SET,          INF_SET_BITS,   INF_CLEAR_BITS};
    assert_int_equal(plan.operation_count, sizeof(actions) / sizeof(actions[0]));
    for (unsigned i = 0; i < plan.operation_count; i++)
        assert_int_equal(operation(i)->action, actions[i]);
    assert_int_equal(operation(4)->data[0], 6);
    assert_int_equal(operation(4)->byte, 1);
}

static void entries_that_make_no_sense_are_refused_with_their_line(void **state)
{
    static const struct {
        const char *entry, *why;
    } rows[] = {
        {"HKXX,P,x,,y", "'HKXX' is no root"},
        {"x = HKR,P", "'x =' is no registry entry"},
        {"HKR,P,x,0x00010001,many", "'many' is no number of 32 bits"},
        {"HKR,P,x,0x00010001,0x100000000", "no number of 32 bits"},
        {"HKR,P,x,0x00010001,-2147483649", "no number of 32 bits"},
        {"HKR,P,x,0x00010001,1,2", "one number is expected, or its 4 bytes"},
        {"HKR,P,x,0x00010001,1,2,3,100", "'100' is no byte"},
        {"HKR,P,x,0x000B0001,0x10000000000000000", "no number of 64 bits"},
        {"HKR,P,x,1,1,GG", "'GG' is no byte"},
        {"HKR,P,x,1,1,,2", "'' is no byte"},
        {"HKR,P,x,0x00030000,y", "name no type of text"},
        {"HKR,P,x,0x00000008,y", "append to what is no REG_MULTI_SZ"},
        {"HKR,P,x,0x00000100,y", "the flags 0x100 are not known"},
        {"HKR,P\\\\Q,x,,y", "has a key without a name"},
        {"HKR,,,4", "names neither a key nor a value to delete"},
    };
    char more[256];

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(more, sizeof(more), "[A]\n%s\n", rows[i].entry);
        set.file_count = 0;
        refused((struct test_file){.service = "AddReg=A", .more = more}, rows[i].entry,
                rows[i].why);
    }
    set.file_count = 0;
    refused((struct test_file){.service = "DelReg=A", .more = "[A]\nHKR,,,\n"}, "HKR,,,",
            "names neither a key nor a value");
    refused((struct test_file){.service = "BitReg=A", .more = "[A]\nHKR,P,,1,1,1\n"}, "HKR,P,,",
            "names no value");
    refused((struct test_file){.service = "BitReg=A", .more = "[A]\nHKR,P,x,1,,1\n"}, "HKR,P,x",
            "is no mask");
    refused((struct test_file){.service = "BitReg=A", .more = "[A]\nHKR,P,x,1,1,z\n"}, "HKR,P,x",
            "is no position");
}

static void flags_that_are_no_number_count_as_zero(void **state)
{
    (void)state;
    planned((struct test_file){.service = "AddReg=A", .more = "[A]\nHKR,P,x,%REG_SZ%,y\n"});
    assert_int_equal(operation(0)->type, NT_REGISTRY_SZ);
    noted("the flags '%REG_SZ%' are no number: taken as 0");
}

static void the_event_log_has_a_key_of_its_own(void **state)
{
    (void)state;
    planned((struct test_file){.more = "[L]\nAddReg=A\n[A]\nHKR,,TypesSupported,0x10001,7\n"});
    assert_string_equal(plan.event_log, "");
    const char *text = file_text(
        (struct test_file){.more = "[L]\nAddReg=A\n[A]\nHKR,,TypesSupported,0x10001,7\n"});
    char whole[4096];
    const char *service = strstr(text, "Service\n");
    snprintf(whole, sizeof(whole), "%.*sService,L,Application,Other%s", (int)(service - text), text,
             service + strlen("Service"));
    parsed(whole);
    assert_int_equal(inf_plan_make(&plan, file, &inf_system_ours, &device), 0);
    assert_string_equal(plan.event_log, "Services\\EventLog\\Application\\Other");
    assert_int_equal(operation(0)->root, INF_ROOT_EVENT_LOG);
}

static void the_last_value_of_the_device_is_what_the_plan_says(void **state)
{
    uint32_t value = 0;

    (void)state;
    planned((struct test_file){.hardware = "AddReg=A",
                               .more = "[A]\nHKR,Interrupt Management\\M,MSISupported,0x10001,0\n"
                                       "HKR,Interrupt Management\\M,MSISupported,0x10001,1\n"});
    assert_true(inf_plan_device_dword(&plan, "interrupt management\\m", "msisupported", &value));
    assert_int_equal(value, 1);
    assert_false(inf_plan_device_dword(&plan, "Interrupt Management", "MSISupported", &value));
}

static void a_pci_driver_without_its_interface_is_noted(void **state)
{
    (void)state;
    planned((struct test_file){0});
    noted("Parameters\\PnpInterface\\5 is not set");
    set_down(NULL);
    set_up(NULL);
    planned(
        (struct test_file){.service = "AddReg=A",
                           .more = "[A]\nHKR,\"Parameters\\PnpInterface\",\"5\",0x00010001,1\n"});
    assert_int_equal(set.note_count, 0);
}

/* ---- files ---- */

static char directory[200];

static const char *path_of(const char *name)
{
    static char path[2][256];
    static unsigned next;

    next ^= 1;
    snprintf(path[next], sizeof(path[next]), "%s/%s", directory, name);
    return path[next];
}

static void write_file(const char *name, const char *text)
{
    FILE *out = fopen(path_of(name), "w");

    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static int directory_make(void **state)
{
    const char *base = getenv("TMPDIR");

    snprintf(directory, sizeof(directory), "%s/inf-plan-XXXXXX", base ? base : P_tmpdir);
    return set_up(state) || !mkdtemp(directory);
}

static int directory_remove(void **state)
{
    static const char *const names[] = {"a.inf",    "COMMON.Inf",   "Disk.SO", "x64/disk.so",
                                        "DISK.sys", "x64/disk2.so", "loop.inf"};

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(path_of(names[i]));
    rmdir(path_of("x64"));
    rmdir(directory);
    return set_down(state);
}

static int plan_of_disk(void)
{
    int error = inf_file_read(&file, &set, path_of("a.inf"));

    return error ? error : inf_plan_make(&plan, file, &inf_system_ours, &device);
}

static void an_included_file_is_found_in_any_case_and_read_once(void **state)
{
    (void)state;
    write_file("a.inf", file_text((struct test_file){
                            .hardware = "Include=common.inf\nNeeds=Common.HW",
                            .service = "Include=Common.INF\nNeeds=Common.Service"}));
    write_file("COMMON.Inf", "[Common.HW]\nAddReg=A\n[Common.Service]\nAddReg=A\nInclude=a.inf\n"
                             "[A]\nHKR,,x,0x10001,1\n");
    assert_int_equal(plan_of_disk(), 0);
    assert_int_equal(set.file_count, 2);
    assert_int_equal(plan.operation_count, 2);
    assert_string_equal(operation(0)->file->name, "COMMON.Inf");
    assert_int_equal(operation(0)->number, 7);
}

static void a_mistake_in_an_included_file_names_that_file(void **state)
{
    (void)state;
    write_file("a.inf", file_text((struct test_file){.hardware = "Include=common.inf"}));
    write_file("COMMON.Inf", "[A\n");
    assert_int_equal(plan_of_disk(), -EINVAL);
    assert_string_equal(reason, "COMMON.Inf:1: the section's name has no closing bracket");
}

static void the_driver_is_beside_the_file_in_any_case(void **state)
{
    const char *path, *other;

    (void)state;
    write_file("a.inf", file_text((struct test_file){0}));
    assert_int_equal(plan_of_disk(), 0);
    assert_int_equal(inf_plan_driver(&plan, &path, &other), -ENOENT);
    assert_non_null(strstr(reason, "neither it nor a module disk.so is beside the file"));
    write_file("Disk.SO", "");
    assert_int_equal(inf_plan_driver(&plan, &path, &other), 0);
    assert_string_equal(path, path_of("Disk.SO"));
    assert_null(other);
}

static void the_binary_itself_comes_before_a_module_of_its_name(void **state)
{
    const char *path, *other;

    (void)state;
    write_file("a.inf", file_text((struct test_file){0}));
    assert_int_equal(plan_of_disk(), 0);
    write_file("DISK.sys", "");
    assert_int_equal(inf_plan_driver(&plan, &path, &other), 0);
    assert_string_equal(path, path_of("DISK.sys"));
    assert_null(other);
    write_file("Disk.SO", "");
    assert_int_equal(inf_plan_driver(&plan, &path, &other), 0);
    assert_string_equal(path, path_of("DISK.sys"));
    assert_string_equal(other, path_of("Disk.SO"));
}

static void the_driver_is_where_the_source_disk_says(void **state)
{
    const char *path, *other;

    (void)state;
    write_file("a.inf",
               file_text((struct test_file){.install = "CopyFiles=Files",
                                            .more = "[Files]\nother.sys\nDISK.sys,disk2.sys,,2\n"
                                                    "[SourceDisksFiles]\ndisk2.sys=9\n"
                                                    "[SourceDisksFiles.amd64]\ndisk2.sys=1,\\x64\n"
                                                    "[SourceDisksNames]\n1=\"Disk\",,,.\\\n"}));
    mkdir(path_of("x64"), 0700);
    write_file("x64/disk2.so", "");
    write_file("Disk.SO", "");
    assert_int_equal(plan_of_disk(), 0);
    assert_string_equal(plan.source_name, "disk2.sys");
    assert_string_equal(plan.source_directory, "x64/");
    assert_int_equal(inf_plan_driver(&plan, &path, &other), 0);
    assert_string_equal(path, path_of("x64/disk2.so"));
}

static void a_source_outside_of_the_package_is_refused(void **state)
{
    (void)state;
    refused((struct test_file){.more = "[SourceDisksFiles]\ndisk.sys=1,..\\..\\etc\n"},
            "disk.sys=1,..", "leaves that of the INF file");
    refused((struct test_file){.install = "CopyFiles=Nowhere"}, "CopyFiles=Nowhere",
            "there is no section [Nowhere]");
}

static void files_that_are_none_are_refused(void **state)
{
    (void)state;
    assert_int_equal(inf_file_read(&file, &set, path_of("a.inf")), -ENOENT);
    assert_non_null(strstr(reason, "No such file"));
    mkdir(path_of("x64"), 0700);
    assert_int_equal(inf_file_read(&file, &set, path_of("x64")), -EISDIR);
    assert_int_equal(inf_file_read(&file, &set, "/dev/zero"), -EISDIR);
    FILE *out = fopen(path_of("a.inf"), "w");
    assert_non_null(out);
    assert_int_equal(ftruncate(fileno(out), INF_FILE_BYTES_MAX + 1), 0);
    fclose(out);
    assert_int_equal(inf_file_read(&file, &set, path_of("a.inf")), -EFBIG);
}

#define FILE_TEST(test) cmocka_unit_test_setup_teardown(test, directory_make, directory_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_service_is_read_from_its_section),
        TEST(only_the_service_that_drives_the_device_counts),
        TEST(services_that_cannot_be_are_refused_with_their_line),
        TEST(parts_of_a_service_that_are_missing_are_named),
        TEST(the_version_section_is_looked_at_first),
        TEST(directories_of_the_system_have_numbers),
        TEST(the_decorated_install_section_brings_its_own_parts),
        TEST(parts_that_do_nothing_here_are_noted),
        TEST(needs_brings_in_the_lines_of_other_sections),
        TEST(sections_that_need_each_other_are_refused),
        TEST(an_include_that_is_missing_is_noted_and_a_section_that_is_not),
        TEST(values_have_the_type_that_their_flags_say),
        TEST(flags_say_what_is_done),
        TEST(roots_depend_on_the_section),
        TEST(deletions_come_before_additions_and_bits_after_them),
        TEST(entries_that_make_no_sense_are_refused_with_their_line),
        TEST(flags_that_are_no_number_count_as_zero),
        TEST(the_event_log_has_a_key_of_its_own),
        TEST(the_last_value_of_the_device_is_what_the_plan_says),
        TEST(a_pci_driver_without_its_interface_is_noted),
        FILE_TEST(an_included_file_is_found_in_any_case_and_read_once),
        FILE_TEST(a_mistake_in_an_included_file_names_that_file),
        FILE_TEST(the_driver_is_beside_the_file_in_any_case),
        FILE_TEST(the_binary_itself_comes_before_a_module_of_its_name),
        FILE_TEST(the_driver_is_where_the_source_disk_says),
        TEST(a_source_outside_of_the_package_is_refused),
        FILE_TEST(files_that_are_none_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

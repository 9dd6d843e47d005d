/*
 * export_test.c - rows written where a routine is defined are found by image and name.
 */
#include "nt/machine_helper.h"

#include "nt/export.h"

static int NT_ABI TestFirst(void)
{
    return 1;
}
static int NT_ABI TestSecond(void)
{
    return 2;
}
static int TestVariable = 3;
static int NT_ABI TestOfHal(void)
{
    return 4;
}

NT_EXPORT("test.sys", TestSecond, "General", NT_DISPATCH_LEVEL);
NT_EXPORT("test.sys", TestFirst, "Locking", NT_HIGH_LEVEL);
NT_EXPORT_VARIABLE("ntoskrnl.exe", TestVariable, "Test");
NT_EXPORT("hal.dll", TestOfHal, "Test", NT_PASSIVE_LEVEL);

static void a_routine_is_found_by_name_and_image(void **state)
{
    (void)state;
    const struct nt_export *row = nt_export_find("test.sys", "TestFirst");

    assert_non_null(row);
    assert_ptr_equal(row->address, (void *)TestFirst);
    assert_string_equal(row->category, "Locking");
    assert_int_equal(row->irql_max, NT_HIGH_LEVEL);
    assert_non_null(strstr(row->file, "export_test.c"));
    assert_int_equal(((int(NT_ABI *)(void))row->address)(), 1);
    assert_ptr_equal(nt_export_find(NULL, "TestFirst"), row);
    assert_ptr_equal(nt_export_find("TEST.SYS", "TestFirst"), row);
    assert_null(nt_export_find("test.sys", "testfirst"));
    assert_null(nt_export_find("storport.sys", "TestFirst"));
    assert_null(nt_export_find("test.sys", "TestThird"));
    assert_null(nt_export_find("test.sys", ""));
}

static void kernel_and_hal_are_searched_as_one(void **state)
{
    (void)state;
    assert_ptr_equal(nt_export_find("hal.dll", "TestVariable")->address, &TestVariable);
    assert_ptr_equal(nt_export_find("ntoskrnl.exe", "TestOfHal")->address, (void *)TestOfHal);
    assert_int_equal(nt_export_find("HAL.dll", "TestVariable")->flags, NT_EXPORT_DATA);
    assert_null(nt_export_find("test.sys", "TestVariable"));
}

static void rows_are_listed_by_image_category_and_name(void **state)
{
    (void)state;
    const struct nt_export *row, *previous = NULL;
    unsigned own = 0;

    for (size_t i = 0; (row = nt_export_at(i)); i++) {
        if (previous) {
            int order = strcmp(previous->image, row->image);
            if (!order)
                order = strcmp(previous->category, row->category);
            if (!order)
                order = strcmp(previous->name, row->name);
            assert_true(order < 0);
        }
        own += strcmp(row->category, "Test") == 0 || strcmp(row->image, "test.sys") == 0;
        previous = row;
    }
    assert_int_equal(own, 4);
    assert_null(nt_export_at(SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_routine_is_found_by_name_and_image),
        cmocka_unit_test(kernel_and_hal_are_searched_as_one),
        cmocka_unit_test(rows_are_listed_by_image_category_and_name),
    };
    assert_int_equal(TestSecond() + TestVariable, 5);
    return cmocka_run_group_tests(tests, NULL, NULL);
}

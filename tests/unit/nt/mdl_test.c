/*
 * mdl_test.c - memory descriptor lists describe exactly the pages of their buffer.
 */
#include "nt/machine_helper.h"

#include "nt/mdl.h"

static void check_pages(char *memory, size_t length, size_t pages)
{
    MDL *mdl = nt_mdl_allocate(memory, length);
    PFN_NUMBER *frames = (PFN_NUMBER *)(mdl + 1);

    assert_non_null(mdl);
    assert_int_equal(nt_mdl_size(memory, length), sizeof(MDL) + pages * sizeof(PFN_NUMBER));
    assert_int_equal(mdl->Size, sizeof(MDL) + pages * sizeof(PFN_NUMBER));
    assert_int_equal(mdl->ByteCount, length);
    assert_int_equal((uintptr_t)mdl->StartVa % NT_PAGE_SIZE, 0);
    assert_ptr_equal((char *)mdl->StartVa + mdl->ByteOffset, memory);
    assert_int_equal(mdl->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL, 0);
    nt_mdl_build(mdl);
    assert_ptr_equal(mdl->MappedSystemVa, memory);
    assert_int_equal(mdl->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL, MDL_SOURCE_IS_NONPAGED_POOL);
    for (size_t at = 0; at < length; at++) {
        size_t page = (mdl->ByteOffset + at) / NT_PAGE_SIZE;
        assert_true(page < pages);
        assert_int_equal(frames[page], nt_physical_address(memory + at) >> 12);
    }
    nt_mdl_free(mdl);
}

static void page_arrays_hold_the_physical_page_of_every_byte(void **state)
{
    (void)state;
    char *inside = nt_pool_allocate(5 * NT_PAGE_SIZE, 0, NULL);
    static char outside[4 * NT_PAGE_SIZE] __attribute__((aligned(NT_PAGE_SIZE)));

    check_pages(inside, 1, 1);
    check_pages(inside, NT_PAGE_SIZE, 1);
    check_pages(inside, NT_PAGE_SIZE + 1, 2);
    check_pages(inside + NT_PAGE_SIZE - 1, 2, 2);
    check_pages(inside + 100, 4 * NT_PAGE_SIZE, 5);
    check_pages(outside + 4095, NT_PAGE_SIZE + 1, 2);
    check_pages(outside, 0, 0);
    nt_pool_free(inside);
}

static void a_list_longer_than_its_size_field_still_has_all_pages(void **state)
{
    (void)state;
    size_t length = 0x20000000; /* 512 MiB: 131072 pages; only the numbers exist */
    char *nowhere = (char *)0x100000000000;
    MDL *mdl = nt_mdl_allocate(nowhere, length);

    assert_non_null(mdl);
    nt_mdl_build(mdl);
    assert_true(mdl->Size > 0);
    PFN_NUMBER *frames = (PFN_NUMBER *)(mdl + 1);
    assert_int_equal(frames[131071] - frames[0], 131071);
    nt_mdl_free(mdl);
}

static void a_buffer_beyond_four_gigabytes_is_refused(void **state)
{
    (void)state;
    assert_null(nt_mdl_allocate((void *)4096, 1ull << 32));
}

#define IN_MACHINE(name) cmocka_unit_test_setup_teardown(name, machine_setup, machine_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_MACHINE(page_arrays_hold_the_physical_page_of_every_byte),
        IN_MACHINE(a_list_longer_than_its_size_field_still_has_all_pages),
        IN_MACHINE(a_buffer_beyond_four_gigabytes_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * intrinsics_test.c - the intrinsics of wdk/intrin.h do what Microsoft's do. The checks themselves
 * are compiled as a driver (intrinsics.c) and linked into this program.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

int IntrinsicsCheck(void) __attribute__((ms_abi));

static void intrinsics_are_the_compilers_or_do_the_same(void **state)
{
    (void)state;
    /* Otherwise the line of intrinsics.c. */
    assert_int_equal(IntrinsicsCheck(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intrinsics_are_the_compilers_or_do_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

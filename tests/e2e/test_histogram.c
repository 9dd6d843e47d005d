/*
 * The latency classes of `storhost bench`.
 */
#include "cli/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
// cmocka.h wants the three above.
#include <cmocka.h>

static void percentiles_are_within_a_sixteenth(void **state)
{
    static struct histogram histogram;
    static const double shares[] = {0.01, 0.5, 0.9, 0.99, 0.999};

    (void)state;
    memset(&histogram, 0, sizeof(histogram));
    for (uint64_t ns = 1; ns <= 100000; ns++)
        histogram_add(&histogram, ns);
    for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
        double exact = 100000 * shares[i];
        double seen = (double)histogram_percentile(&histogram, shares[i]);
        assert_true(seen >= exact && seen <= exact * (1 + 1.0 / 16) + 1);
    }
    assert_int_equal(histogram.minimum_ns, 1);
    assert_int_equal(histogram.maximum_ns, 100000);
    assert_int_equal(histogram_percentile(&histogram, 1.0), 100000);
}

static void merging_is_adding_all(void **state)
{
    static struct histogram one, other, both;

    (void)state;
    for (uint64_t ns = 1; ns < 5000; ns += 3) {
        histogram_add(ns % 2 ? &one : &other, ns * ns);
        histogram_add(&both, ns * ns);
    }
    histogram_merge(&one, &other);
    assert_memory_equal(&one, &both, sizeof(one));
}

static void the_ends_of_the_range_have_classes(void **state)
{
    static struct histogram histogram;

    (void)state;
    assert_int_equal(histogram_percentile(&histogram, 0.5), 0);
    histogram_add(&histogram, 0);
    histogram_add(&histogram, UINT64_MAX);
    assert_int_equal(histogram_percentile(&histogram, 0.0), 0);
    assert_true(histogram_percentile(&histogram, 1.0) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_within_a_sixteenth),
        cmocka_unit_test(merging_is_adding_all),
        cmocka_unit_test(the_ends_of_the_range_have_classes),
    };
    return cmocka_run_group_tests_name("histogram", tests, NULL, NULL);
}

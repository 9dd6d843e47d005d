#!/usr/bin/env bats
# Host and miniports under the sanitizers of addresses and undefined behaviour: silent where nothing
# is wrong, and the planted defects are found.

load helpers

setup_file() {
    build_sanitized address
}

# expect_found WORDS FUNCTION FILE: a report of that kind whose first frame is the planted line.
expect_found() {
    place=$(defect_place "$3")
    expect '[ $status -ne 0 ]'
    expect "[[ \$output == *'$1'* ]]"
    frame=$(grep -E '^ +#0 ' <<<"$output" | head -n 1)
    expect "[[ \$frame == *' $2 '*'/$place'* ]]"
}

@test "the unit tests of nt and port run without a report" {
    use_sanitizers
    run run_unit_tests nt port
    expect '[ $status -eq 0 ]'
}

@test "message interrupts: data is whole and nothing is reported" {
    run "$VERIFY_DATA" --storhost "$TREE/src/cli/storhost" --cpus 4 --interrupts msix
    expect '[ $status -eq 0 ]'
}

@test "line interrupts: data is whole and nothing is reported" {
    run "$VERIFY_DATA" --storhost "$TREE/src/cli/storhost" --cpus 2 --interrupts line
    expect '[ $status -eq 0 ]'
}

@test "a driver without a defect brings no report" {
    use_sanitizers
    run_defect 0
    expect '[ $status -eq 0 ]'
    expect '[[ $output != *Sanitizer* && $output != *"runtime error"* ]]'
    serve_defect 0
    expect '[ $STATUS -eq 0 ] && ! grep -q -e Sanitizer -e "runtime error" messages'
}

@test "a write past a block of pool is found" {
    use_sanitizers
    run_defect 1
    expect_found 'AddressSanitizer: use-after-poison' PlantPoolOverflow pool_overflow.c
}

@test "a write to the SRB extension of a completed request is found" {
    use_sanitizers
    run_defect 2
    expect_found 'AddressSanitizer: use-after-poison' WriteLate extension_after_completion.c
}

@test "an undefined shift is found" {
    use_sanitizers
    run_defect 4
    expect '[ $status -ne 0 ]'
    place=$(defect_place undefined_shift.c)
    expect '[[ $output == *"/$place:"*"runtime error: shift exponent 40"* ]]'
}

@test "the write past a block of pool is found in the NBD server, too, which then fails" {
    use_sanitizers
    serve_defect 1
    expect '[ $STATUS -ne 0 ]'
    place=$(defect_place pool_overflow.c)
    expect 'grep -q "#0 .* PlantPoolOverflow .*/$place" messages'
}

@test "fifty starts and stops leak no byte" {
    use_sanitizers
    "$SANITIZED_TREE" address "$SANITIZED/address" tests/integrity/start_stop >build 2>&1 3>&-
    RAMDISK="$TREE/miniports/ramdisk.so" NVME="$TREE/miniports/nvme.so" \
        run timeout -k 5 250 "$TREE/tests/integrity/start_stop"
    expect '[ $status -eq 0 ]'
    expect '[[ $output != *LeakSanitizer* ]]'
}

@test "a lost block is found: the search for leaks is alive" {
    use_sanitizers
    RAMDISK="$TREE/miniports/ramdisk.so" NVME="$TREE/miniports/nvme.so" \
        run timeout -k 5 100 "$TREE/tests/integrity/start_stop" leak
    expect '[ $status -ne 0 ]'
    expect '[[ $output == *"LeakSanitizer: detected memory leaks"*start_stop_test.c* ]]'
}

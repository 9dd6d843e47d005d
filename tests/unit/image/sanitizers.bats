#!/usr/bin/env bats
# The sanitizers find defects in driver modules and name the driver's own function and line.
# PROBE_PLAIN, PROBE_ADDRESS and PROBE_THREAD are hosts with no runtime, with that of the address and
# undefined-behaviour sanitizers, and with that of the thread sanitizer; MODULE_* are builds of
# sample.c.

setup() {
    export ASAN_OPTIONS=halt_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 TSAN_OPTIONS=
}

# Runs the defect and expects the words in a report whose first frame of ours is the function.
expect_report() {
    local probe=$1 module=$2 defect=$3 words=$4 function=$5
    run "$probe" "$module" "$defect"
    echo "$output"
    [ "$status" -ne 0 ]
    [[ "$output" == *"$words"* ]]
    local frame
    frame=$(grep -E '^ +#[0-9]' <<<"$output" | grep -v driver___ubsan | head -n 1)
    [[ "$frame" == *"$function"* ]]
    [[ "$frame" == *sample.c:* ]]
}

@test "a module without defects runs silently under each sanitizer" {
    local pair
    for pair in "$PROBE_ADDRESS $MODULE_ADDRESS" "$PROBE_ADDRESS $MODULE_UNDEFINED" \
        "$PROBE_ADDRESS $MODULE_BOTH" "$PROBE_THREAD $MODULE_THREAD" "$PROBE_PLAIN $MODULE_PLAIN" \
        "$PROBE_ADDRESS $MODULE_PLAIN" "$PROBE_THREAD $MODULE_PLAIN"; do
        run $pair none
        echo "$pair: $output"
        [ "$status" -eq 0 ]
        [ "$output" = "no report" ]
    done
}

@test "stack-use-after-return detection can be switched on" {
    ASAN_OPTIONS=detect_stack_use_after_return=1 run "$PROBE_ADDRESS" "$MODULE_ADDRESS" none
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "the address sanitizer finds a stack overflow in a module" {
    expect_report "$PROBE_ADDRESS" "$MODULE_ADDRESS" stack stack-buffer-overflow SampleOverflowStack
}

@test "the address sanitizer finds an overflow of a global in a module" {
    expect_report "$PROBE_ADDRESS" "$MODULE_ADDRESS" global global-buffer-overflow SampleOverflowGlobal
}

@test "the address sanitizer finds a module's write past a heap block of the host" {
    expect_report "$PROBE_ADDRESS" "$MODULE_ADDRESS" heap heap-buffer-overflow RunDefect
}

@test "the address sanitizer finds a memcpy past the end in a module" {
    expect_report "$PROBE_ADDRESS" "$MODULE_ADDRESS" copy heap-buffer-overflow RunDefect
}

@test "the address sanitizer finds a module's use of memory that the host freed" {
    expect_report "$PROBE_ADDRESS" "$MODULE_ADDRESS" free heap-use-after-free DriverEntry
}

@test "the undefined-behaviour sanitizer finds a shift in a module" {
    expect_report "$PROBE_ADDRESS" "$MODULE_UNDEFINED" shift "shift exponent 40" SampleShift
}

@test "both sanitizers work in one module" {
    expect_report "$PROBE_ADDRESS" "$MODULE_BOTH" shift "shift exponent 40" SampleShift
    expect_report "$PROBE_ADDRESS" "$MODULE_BOTH" heap heap-buffer-overflow RunDefect
}

@test "the thread sanitizer finds a data race in a module" {
    expect_report "$PROBE_THREAD" "$MODULE_THREAD" race "data race" SampleRace
}

@test "the same race is silent without the sanitizer" {
    run "$PROBE_PLAIN" "$MODULE_PLAIN" race
    [ "$status" -eq 0 ]
}

@test "an instrumented module is refused where its runtime is missing" {
    local module
    for module in "$MODULE_ADDRESS" "$MODULE_UNDEFINED" "$MODULE_THREAD"; do
        run "$PROBE_PLAIN" "$module" none
        echo "$output"
        [ "$status" -eq 3 ]
        [[ "$output" == *"whose runtime is not in this process"* ]]
        [ "${#lines[@]}" -eq 1 ]
    done
}

@test "the thread and the address sanitizer cannot be combined" {
    run "$STORHOST" build --sanitize address,thread -o "$BATS_TEST_TMPDIR/x.so" "$SAMPLE_SOURCE"
    [ "$status" -eq 1 ]
    [[ "$output" == *"cannot be combined"* ]]
    [ ! -e "$BATS_TEST_TMPDIR/x.so" ]
}

@test "structured exceptions are refused with the way out" {
    cat >"$BATS_TEST_TMPDIR/try.c" <<'SOURCE'
int DriverEntry(void *object, void *path)
{
    __try { *(int *)object = 1; } __except (1) { return 2; }
    return path != 0;
}
SOURCE
    run "$STORHOST" build -o "$BATS_TEST_TMPDIR/x.so" "$BATS_TEST_TMPDIR/try.c"
    [ "$status" -eq 1 ]
    [[ "$output" == *"structured exceptions need a Windows image"* ]]
}

@test "sources without DriverEntry make no module" {
    echo 'int Other(void) { return 1; }' >"$BATS_TEST_TMPDIR/other.c"
    run "$STORHOST" build -o "$BATS_TEST_TMPDIR/x.so" "$BATS_TEST_TMPDIR/other.c"
    [ "$status" -eq 1 ]
    [[ "$output" == *"no source defines DriverEntry"* ]]
}

@test "coverage of a module names the driver's functions" {
    cd "$BATS_TEST_TMPDIR"
    LLVM_PROFILE_FILE=$PWD/raw "$PROBE_PLAIN" "$MODULE_COVERAGE" none
    "$LLVM_PROFDATA" merge -o merged raw
    run "$LLVM_COV" export --format=lcov --instr-profile merged "$MODULE_COVERAGE"
    echo "$output"
    [ "$status" -eq 0 ]
    grep -qE '^FNDA:[1-9][0-9]*,DriverEntry$' <<<"$output"
    grep -qE '^FNDA:0,.*SampleRace$' <<<"$output"
    grep -qE '^SF:.*sample.c$' <<<"$output"
}

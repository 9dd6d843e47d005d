#!/usr/bin/env bats
# Host and miniports under the thread sanitizer: no race where there is none, and the planted one is
# found.

load helpers

setup_file() {
    build_sanitized thread
}

@test "the unit tests of nt and port run without a race" {
    use_sanitizers
    run run_unit_tests nt port
    expect '[ $status -eq 0 ]'
}

@test "message interrupts on shuffled processors: data is whole and there is no race" {
    run "$VERIFY_DATA" --storhost "$TREE/src/cli/storhost" --cpus 4 --interrupts msix --size 2M
    expect '[ $status -eq 0 ]'
}

@test "line interrupts: data is whole and there is no race" {
    run "$VERIFY_DATA" --storhost "$TREE/src/cli/storhost" --cpus 2 --interrupts line --size 2M
    expect '[ $status -eq 0 ]'
}

@test "adapters that stop, power down and go under a load: data is whole and there is no race" {
    for cpus in 2 4; do
        run env STORHOST="$TREE/src/cli/storhost" SERVE_CPUS=$cpus TSAN_OPTIONS=halt_on_error=0 \
            bats -f 'nvme on QEMU|two at once' "$LIFE_TESTS"
        expect '[ $status -eq 0 ]'
    done
}

@test "a driver without a defect brings no report" {
    use_sanitizers
    run_defect 0
    expect '[ $status -eq 0 ]'
    expect '[[ $output != *Sanitizer* && $output != *"runtime error"* ]]'
    serve_defect 0
    expect '[ $STATUS -eq 0 ] && ! grep -q Sanitizer messages'
}

@test "a race between HwStartIo and the interrupt routine is found, with both lines" {
    use_sanitizers
    run_defect 3
    expect '[ $status -ne 0 ]'
    expect '[[ $output == *"ThreadSanitizer: data race"* ]]'
    expect '[[ $output == *"PlantDataRace"*"/$(defect_place data_race.c) "* ]]'
    other=$(grep -n 'the other half' "$DEFECTS_SOURCE/data_race.c" | cut -d : -f 1)
    expect '[[ $output == *"CountInterrupt"*"/data_race.c:$other "* ]]'
}

@test "the race is found in the NBD server, too, which then fails" {
    use_sanitizers
    serve_defect 3
    expect '[ $STATUS -ne 0 ]'
    place=$(defect_place data_race.c)
    expect 'grep -q "ThreadSanitizer: data race" messages'
    expect 'grep -q "PlantDataRace .*/$place " messages'
}

#!/usr/bin/env bats
# How the command takes its words, and what it says when they are wrong.

load helpers

@test "--help lists the commands" {
    run "$STORHOST" --help
    expect '[ $status -eq 0 ]'
    for command in serve info bench ctl inf routines; do
        expect "[[ \$output == *'storhost $command'* ]]"
    done
}

@test "every command has a --help of its own" {
    for command in serve info bench ctl inf routines; do
        run "$STORHOST" "$command" --help
        expect '[ $status -eq 0 ]'
        expect "[[ \$output == 'Usage: storhost $command'* ]]"
    done
}

@test "--version names the version" {
    run "$STORHOST" --version
    expect '[ $status -eq 0 ]'
    expect '[[ $output =~ ^storhost\ [0-9]+\.[0-9]+\.[0-9]+$ ]]'
}

@test "wrong usage is one line and status 2" {
    local words=(
        ""
        "frobnicate"
        "info"
        "info one two"
        "info ramdisk --frobnicate"
        "info ramdisk --set novalue"
        "info ramdisk --cpus 0"
        "info ramdisk --cpus 257"
        "info ramdisk --memory 3G"
        "info ramdisk --memory 12x"
        "info ramdisk --interrupts sometimes"
        "info ramdisk --drive file=x"
        "info ramdisk --set"
        "bench ramdisk --depth many"
        "bench ramdisk --writes 101"
        "serve ramdisk --nbd a --port 10809"
        "routines ramdisk"
    )
    for line in "${words[@]}"; do
        # Words are split on purpose.
        run "$STORHOST" $line
        expect '[ $status -eq 2 ]'
        expect_one_line
    done
}

@test "output that cannot be written is a failure" {
    run bash -c '"$STORHOST" routines >/dev/full'
    expect '[ $status -eq 1 ]'
    expect_one_line
}

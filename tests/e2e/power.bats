#!/usr/bin/env bats
# `storhost ctl SOCKET power` and `power-control`: each word, what the adapter is then, and what is
# said of words that cannot be.

load helpers

GUID=02731015-4510-4526-99e6-e5a17ebd1aea

ctl() {
    "$STORHOST" ctl "$URI" "$@"
}

# serve_nvme ARGUMENTS: an adapter that sleeps when it is told to, and not by itself within a test.
serve_nvme() {
    truncate -s 32M disk.img
    start_serve nvme --device qemu:nvme,serial=power --drive file=disk.img,format=raw "$@"
}

# state_is TEXT: what `ctl state` prints.
state_is() {
    run ctl state
    expect "[ \"\$output\" = '$1' ]"
}

# refuses TEXT WORDS...: the command fails with one line that has TEXT in it.
refuses() {
    local text=$1
    shift
    run ctl "$@"
    expect '[ $status -eq 1 ]'
    expect "[[ \$output == *'$text'* ]]"
    expect_one_line
}

@test "each way down is a way down, and wake or D0 is the way back" {
    serve_nvme
    make_data in 4
    local down up=wake
    for down in sleep hibernate shutdown "D3 sleep" D3; do
        # Words are split on purpose.
        ctl power $down
        state_is "powered down D3"
        ctl power "$up"
        state_is "running D0"
        [ "$up" = wake ] && up=D0 || up=wake
    done
    nbdcopy --flush in "$URI"
    cmp -n 4194304 in disk.img
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "what idles goes to sleep at once and a request wakes it, one that is powered down stays so" {
    serve_nvme
    run ctl power idle
    expect '[ $status -eq 0 ]'
    expect '[[ ${lines[0]} == "adapter 0: running, D3" ]]'
    expect '[[ ${lines[1]} == *"component: idle, F0, D3; active "* ]]'
    expect '[[ ${lines[2]} == *" slept 1 times, "* ]]'
    nbdcopy "$URI" out
    run ctl power
    expect '[[ $output == *"activated 2 times, slept 1 times"* ]]'
    ctl power D3
    run ctl power idle
    expect '[[ ${lines[0]} == "adapter 0: powered down, D3" ]]'
    ctl power D0
    # That it was told to idle while it was away is not remembered.
    state_is "running D0"
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "a setting, a hint, a limit and a private request are refused in words where the driver takes none" {
    serve_nvme
    refuses "does not take this power setting" power setting $GUID 50
    refuses "does not take this power setting" power setting "{$GUID}" x0a1b
    refuses "does not take hints" power hint 2
    refuses "does not take hints" power hint 4 100
    refuses "does not take a limit" power limit 5000
    refuses "does not take private requests" power-control $GUID
    refuses "does not take private requests" power-control $GUID --unit 0:0:0 --room 8
    state_is "running D0"
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

# heard TEXT: waits until the driver has said that it was told that.
heard() {
    timeout 20 tail -n +1 -f -s 0.05 messages | grep -qF -m 1 "hears: $1"
}

@test "a driver that takes them hears of settings, hints, limits and private requests" {
    local answer
    start_serve "$HEARS" --device none
    ctl power setting $GUID 50
    heard "setting 2731015 has 4 bytes, the first is 50"
    ctl power setting "{$GUID}" x0a1b2c
    heard "setting 2731015 has 3 bytes, the first is 10"
    ctl power hint 2
    heard "hint 2, back within 0 ms"
    ctl power hint 4 100
    heard "hint 4, back within 100 ms"
    run ctl power
    expect '[[ $output == *"performance set 0 (milliwatts): 9000 5000 2000, now state 0"* ]]'
    ctl power limit 5000
    heard "limit 5000, state 1"
    run ctl power
    expect '[[ $output == *"now state 1"* ]]'
    printf 'HAL' >input
    ctl power-control $GUID --in input --out output
    expect '[ "$(cat output)" = IBM ]'
    heard "private request 2731015 of 3 bytes for the adapter"
    ctl power-control $GUID --unit 0:0:0 --in input --out output --room 2
    expect '[ "$(cat output)" = IB ]'
    heard "private request 2731015 of 3 bytes for the unit"
    # The last value is told again after a start.
    ctl stop
    ctl restart
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    expect '[ $(grep -c "setting 2731015 has 3 bytes" messages) -eq 2 ]'
}

@test "F-states are shown with their times and how often they were entered" {
    start_serve "$HEARS" --device none
    run ctl power
    expect '[[ $output == *"F1: "*" s, entered "*" times, latency 2000.0 us, residency 10000.0 us"* ]]'
    stop_serve
    run "$STORHOST" info "$HEARS" --device none
    expect '[[ $output == *"2 F-states, D3 after 600000 ms, activated 1 times, slept 0 times"* ]]'
    expect '[[ $output == *"F1, back in 2000.0 us, worth it from 10000.0 us, entered "* ]]'
    expect '[[ $output == *"performance set 0 (milliwatts): 9000 5000 2000, now state 0"* ]]'
}

@test "values that are none are told in one line" {
    serve_nvme
    local guid value
    for guid in nope "{$GUID" "${GUID}0" "${GUID%a}g" "${GUID//-/}"; do
        refuses "give a GUID" power setting "$guid" 50
        refuses "give a GUID" power-control "$guid"
    done
    for value in x xzz x123 -1 4294967296 1m "x$(printf '00%.0s' {1..65})"; do
        refuses "give a number, or x and up to 64 bytes" power setting $GUID -- "$value"
    done
    refuses "give a level from 1 to 4" power hint 0
    refuses "give a level from 1 to 4" power hint 5
    refuses "give a number of milliseconds" power hint 1 soon
    refuses "give a number of milliwatts" power limit lots
    refuses "has no unit 0:9:0" power-control $GUID --unit 0:9:0
    refuses "give PATH:TARGET:LUN" power-control $GUID --unit 0
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "one unit is powered down and up while its adapter goes on" {
    serve_nvme
    ctl power D3 --unit 0:0:0
    state_is "running D0"
    run ctl power
    expect '[[ $output == *"unit 0:0:0: powered down, D3"* ]]'
    run ctl rescan
    expect '[[ $output == "0:0:0 NVMe "* ]]'
    # What is asked of it waits until it is up.
    nbdcopy "$URI" out &
    local copy=$!
    ctl power sleep
    ctl power wake
    run ctl power
    expect '[[ $output == *"unit 0:0:0: powered down, D3"* ]]'
    run kill -0 $copy
    expect '[ $status -eq 0 ]'
    ctl power D0 --unit 0:0:0
    wait $copy
    cmp -n 33554432 out disk.img
    ctl power D3 shutdown --unit 0:0:0
    refuses "has no unit 0:9:0" power D3 --unit 0:9:0
    run ctl power sleep --unit 0:0:0
    expect '[ $status -eq 2 ]'
    expect_one_line
    # One that is down is brought up to be flushed.
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    expect 'grep -q "unit 0:0:0 has power state D3" messages'
}

@test "D3cold is shown, and allowed or not" {
    serve_nvme
    run ctl power
    expect '[[ $output == *"D3cold: allowed, the driver uses it"* ]]'
    ctl power d3cold off
    run ctl power
    expect '[[ $output == *"D3cold: not allowed"* ]]'
    run ctl info
    expect '[[ $output == *"\"d3_cold_supported\":true"* || $output == *"\"d3_cold_supported\": true"* ]]'
    ctl power d3cold on
    run ctl power d3cold
    expect '[ $status -eq 2 ]'
    stop_serve
    start_serve ramdisk --device none
    refuses "does not know D3cold" power d3cold on
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "an idle disk is stopped where its key asks for idle power management" {
    local key="Device Parameters\\StorPort"
    start_serve ramdisk --device none --set "$key\\EnableIdlePowerManagement=1"
    run ctl power
    expect '[[ $output == *"unit 0:0:0: "* && $output == *"sleeps after 1200000 ms, unknown to the driver"* ]]'
    ctl power setting 6738e2c4-e8a5-4a42-b16a-e040e769756e 300
    run ctl power
    expect '[[ $output == *"sleeps after 300000 ms"* ]]'
    run ctl power idle
    expect '[[ $output == *"unit 0:0:0: idle, F0, D3"* ]]'
    nbdcopy "$URI" null:
    run ctl power
    expect '[[ $output == *"activated 2 times, slept 1 times"* ]]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "one adapter of several is powered down only when it is named" {
    start_serve ramdisk --device none --device none
    refuses "say which with --adapter" power D3
    ctl --adapter 1 power D3
    run ctl state
    expect '[ "${lines[0]}" = "0 running D0" ] && [ "${lines[1]}" = "1 powered down D3" ]'
    ctl power sleep
    run ctl state
    expect '[ "${lines[0]}" = "0 powered down D3" ] && [ "${lines[1]}" = "1 powered down D3" ]'
    ctl power wake
    run ctl state
    expect '[ "${lines[0]}" = "0 running D0" ] && [ "${lines[1]}" = "1 running D0" ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

#!/usr/bin/env bats
# Drivers on a device that answers nothing (--device model:absent).

load helpers

# begin_serve ARGUMENTS: as start_serve, but does not wait: the driver will not get ready.
begin_serve() {
    setsid "$STORHOST" serve "$@" >ready 2>messages 3>&- &
    SERVE=$!
    exec {READY}</dev/null
}

# Waits for a line of the messages.
await_message() {
    timeout 60 tail -n +1 -F messages 2>/dev/null | grep -q -m 1 "$1"
}

@test "a driver that finds nothing behind its registers says so" {
    run "$STORHOST" info nvme --device model:absent,vendor=0x1b36,device=0x10,class=0x010802,bars=mem64:16K,msix=8
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"model:absent: FindAdapter says"* ]]'
}

@test "register accesses are told, repeated ones ever more rarely" {
    run "$STORHOST" info "$WAITS_FOR_EVER" --device model:absent,bars=mem:1K,reads=zeros,trace=on
    expect '[ $status -eq 0 ]'
    expect '[ "$(grep -c "BAR 0, offset 0x0: read of 4 bytes, 0x00000000" <<<"$output")" -eq 1 ]'
}

@test "options that make no sense are refused in one line" {
    for options in vendor=0xFFFF vendor= bars=mem:17 bars=io:512 bars=mem64:4K+mem64:4K+mem64:4K+io:4 \
        bars=none+none+none+none+none+mem64:4K msi=3 msix=257 colour=red reads=both class=0x1000000 \
        bars=io:4+io:4+io:4+io:4+io:4+io:4,msix=1 rom=3K bars=mem:99999999999999999999 bars=; do
        run "$STORHOST" info nvme --device "model:absent,$options"
        expect '[ $status -eq 1 ]'
        expect '[[ $output == *"model:absent"* ]]'
        expect_one_line
    done
}

@test "control-C ends a driver that never comes back from FindAdapter" {
    begin_serve "$WAITS_FOR_EVER" --device model:absent,trace=on
    await_message "BAR 0, offset 0x0: read of 4 bytes, 0xFFFFFFFF, 1000 times so far"
    stop_serve INT
    expect '[ "$(grep -c "BAR 0" messages)" -le 8 ]'
    expect '[ $STATUS -eq 1 ]'
    expect 'grep -q "does not come back from its start" messages'
    tmpdir_is_empty
}

@test "a start that does not end is told with the callback that the driver is in" {
    begin_serve "$WAITS_FOR_EVER" --device model:absent --set 'Device Parameters\StorPort\CallbackTimeout=400'
    await_message "HwStorFindAdapter has not come back for 0.4 s, in the start (RaidPort0"
    stop_serve INT
    expect '[ $STATUS -eq 1 ]'
}

@test "control-C ends a driver that never comes back from HwInitialize" {
    begin_serve "$WAITS_FOR_EVER" --device model:absent --set 'Parameters\Device\DriverParameter=initialize'
    timeout 60 bash -c 'until [ "$(ps -o comm= --ppid '$SERVE')" = nbdkit ]; do :; done'
    stop_serve INT
    expect '[ $STATUS -eq 1 ]'
    expect 'grep -q "does not come back from its start" messages'
    tmpdir_is_empty
}

@test "a killed serve takes along a server whose driver never comes back from FindAdapter" {
    begin_serve "$WAITS_FOR_EVER" --device model:absent,trace=on
    await_message "BAR 0, offset 0x0: read of 4 bytes, 0xFFFFFFFF, 100 times so far"
    server=$(children_of "$SERVE")
    kill -KILL "$SERVE"
    wait "$SERVE" || true
    SERVE=
    wait_gone "$server"
    expect 'grep -q "serve is gone" messages'
    tmpdir_is_empty
}

#!/usr/bin/env bats
# A driver that does not come back from what is done to its adapter: a line says which callback it
# is in. Who waits goes on waiting; a second interrupt ends it.

load helpers

GUID=02731015-4510-4526-99e6-e5a17ebd1aea

# stays PLACE WORDS...: the driver stays in that place when the words are sent.
stays() {
    start_serve "$HEARS" --device none --set "Parameters\\Device\\DriverParameter=$1" \
        --set "Device Parameters\\StorPort\\CallbackTimeout=400"
    shift
    "$STORHOST" ctl "$URI" "$@" &
    CTL=$!
}

# says TEXT: waits for the line, and ends it all by force. Once is enough.
says() {
    timeout 20 tail -n +1 -f -s 0.05 messages | grep -q -m 1 "$1"
    expect "[ \$(grep -c 'has not come back' messages) -eq 1 ]"
    kill -INT -- "-$SERVE"
    timeout 20 tail -n +1 -f -s 0.05 messages | grep -q -m 1 "stopping"
    stop_serve
    expect '[ $STATUS -eq 1 ]'
    wait "$CTL" || true
}

@test "one that stays in its stop, at a power-down, is named" {
    stays stop power D3
    says "HwStorAdapterControl has not come back for 0.4 s, in the power-down (RaidPort0, thread [0-9]*)"
}

@test "one that stays in the power change of a unit is named with the unit" {
    stays unit power D3 --unit 0:0:0
    says "HwStorUnitControl has not come back for 0.4 s, in the power change of unit 0:0:0 (RaidPort0"
}

@test "one that stays in a reset is named, though another thread waits for it" {
    stays reset reset bus 0
    says "HwStorResetBus has not come back for 0.4 s, in a reset (RaidPort0"
}

@test "one that stays in the request of a removal is named" {
    stays remove remove
    says "HwStorStartIo has not come back for 0.4 s, in the removal (RaidPort0"
}

@test "one that stays in what the platform tells it is named" {
    stays setting power setting $GUID 50
    says "HwStorAdapterControl has not come back for 0.4 s, in what the platform tells it (RaidPort0"
}

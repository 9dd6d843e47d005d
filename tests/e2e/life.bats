#!/usr/bin/env bats
# What clients of the disks see while `storhost ctl` makes things happen to their adapters.

load helpers

# SERVE_CPUS: processors of the machines under test, for runs of these tests with sanitizers.
CPUS=${SERVE_CPUS:+--cpus $SERVE_CPUS}

ctl() {
    timeout -k 5 60 "$STORHOST" ctl "$URI" "$@"
}

serve_ramdisk() {
    # Words are split on purpose.
    start_serve ramdisk $CPUS --set 'Parameters\Device\SizeMegabytes=32' \
        --set "Parameters\\Device\\BackingFile=$PWD/disk.img"
}

serve_nvme() {
    truncate -s 32M disk.img
    start_serve nvme $CPUS --device qemu:nvme,serial=life --drive file=disk.img,format=raw
}

# load_begin: a client that writes and verifies, many requests at once, until load_end. LOAD is its
# process.
load_begin() {
    timeout -k 5 120 fio --name=load --ioengine=nbd --uri="$URI" --rw=randwrite --bsrange=4k-64k \
        --iodepth=16 --size=16m --verify=crc32c --verify_fatal=1 --verify_backlog=64 \
        --time_based --runtime="$1" --randseed=7 --output=fio.txt >fio.err 2>&1 3>&- &
    LOAD=$!
}

# Fails when the client saw an error or wrong data.
load_end() {
    STATUS=0
    wait "$LOAD" || STATUS=$?
    [ "$STATUS" -eq 0 ] || cat fio.txt fio.err
    expect '[ $STATUS -eq 0 ]'
}

load_is_running() {
    kill -0 "$LOAD" 2>/dev/null
}

# Runs the commands, one a line, over and over as long as the load runs; at least twice each.
repeat_under_load() {
    local turns=0 line
    while load_is_running; do
        for line in "$@"; do
            # Words are split on purpose.
            run ctl $line
            expect '[ $status -eq 0 ]'
        done
        turns=$((turns + 1))
    done
    expect "[ $turns -ge 2 ]"
}

survives() {
    local part=$1
    shift
    "serve_$part"
    load_begin 4
    repeat_under_load "$@"
    load_end
    run ctl state
    expect '[ "$output" = "running D0" ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    tmpdir_is_empty
}

@test "ramdisk: a load survives stops, restarts and rescans" {
    survives ramdisk stop restart rescan
}

@test "nvme on QEMU: a load survives stops, restarts and rescans" {
    survives nvme stop restart rescan
}

@test "ramdisk: a load survives power down and up" {
    survives ramdisk "power D3" "power D0" "power D1 sleep" "power D0 sleep"
}

@test "nvme on QEMU: a load survives power down and up" {
    survives nvme "power D3" "power D0" "power D3 hibernate" "power D0 hibernate"
}

@test "a load survives resets of every tier" {
    for part in ramdisk nvme; do
        "serve_$part"
        load_begin 3
        repeat_under_load "reset unit 0:0:0" "reset target 0:0" "reset bus 0"
        load_end
        stop_serve
        # A reset may cost what a volatile cache held, and the load has not flushed: serve tells.
        [ "$STATUS" -eq 0 ] || grep -q 'unit 0:0:0: its last flush failed' messages
        rm disk.img
    done
    tmpdir_is_empty
}

@test "ramdisk: a load survives locks of its queue" {
    survives ramdisk "queue lock 0:0:0" "queue quiesce 0:0:0" "queue unlock 0:0:0"
}

@test "two at once: each command waits its turn, and the state is one or the other" {
    serve_ramdisk
    load_begin 3
    local loops=
    for loop in 1 2; do
        while load_is_running; do
            ctl stop
            ctl restart
            ctl power D3
            ctl power D0
            ctl rescan
        done >/dev/null 2>"refused.$loop" 3>&- &
        loops="$loops $!"
    done
    while load_is_running; do
        run ctl state
        expect '[[ $output =~ ^(running|stopped|powered\ down)\ D[03]$ ]]'
    done
    # The last command of a loop may be one that is refused.
    wait $loops || true
    # Whatever order they came in, an adapter that is refused a command says which state it is in.
    run grep -v 'storhost: adapter 0: .* it is ' refused.1 refused.2
    expect '[ -z "$output" ]'
    ctl restart 2>/dev/null || true
    ctl power D0 2>/dev/null || true
    load_end
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    tmpdir_is_empty
}

@test "requests wait while the adapter is stopped, and go on" {
    make_data in 4
    serve_ramdisk
    ctl stop
    run ctl state
    expect '[ "$output" = "stopped D0" ]'
    nbdcopy --flush in "$URI" 3>&- &
    copy=$!
    ctl info >info.json
    run python3 -c 'import json
adapter, = json.load(open("info.json"))["adapters"]
print(adapter["state"], adapter["power"])'
    expect '[ "$output" = "stopped D0" ]'
    kill -0 "$copy"
    ctl restart
    wait "$copy"
    cmp -n 4194304 in disk.img
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "control-C while it is stopped, powered down or locked: what waits is written first" {
    make_data in 4
    for way in "stop" "power D3 sleep" "queue lock 0:0:0"; do
        rm -f disk.img
        serve_ramdisk
        # A client that is connected has its write under way when the adapter goes.
        mkfifo connected go
        timeout -k 5 60 python3 - "${URI#*socket=}" >connected 3>&- <<'PYTHON' &
import fcntl, socket, struct, sys
UNREAD_BY_PEER = 0x5411  # SIOCOUTQ
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.recv(18, socket.MSG_WAITALL)
s.sendall(struct.pack(">I8sII", 3, b"IHAVEOPT", 1, 0))
s.recv(10, socket.MSG_WAITALL)
print("connected", flush=True)
with open("go") as go:
    go.read()
s.sendall(struct.pack(">IHHQQI", 0x25609513, 0, 1, 1, 0, 4096) + b"x" * 4096)
while struct.unpack("i", fcntl.ioctl(s, UNREAD_BY_PEER, b"0000"))[0] > 0:
    pass
print("sent", flush=True)
magic, error, cookie = struct.unpack(">IIQ", s.recv(16, socket.MSG_WAITALL))
assert (magic, error, cookie) == (0x67446698, 0, 1), error
PYTHON
        client=$!
        exec {LINES}<connected
        read -r line <&"$LINES"
        # Words are split on purpose.
        run ctl $way
        expect '[ $status -eq 0 ]'
        echo >go
        read -r line <&"$LINES"
        expect '[ "$line" = sent ]'
        stop_serve
        expect '[ $STATUS -eq 0 ]'
        wait "$client"
        exec {LINES}<&-
        rm connected go
        expect '[ "$(head -c 4096 disk.img | tr -d x | wc -c)" -eq 0 ]'
    done
    tmpdir_is_empty
}

@test "commands that the adapter's state does not allow are refused with what it is" {
    serve_ramdisk
    run ctl restart
    expect '[[ $status -eq 1 && $output == *"adapter 0: restart: "*"it is running"* ]]'
    expect_one_line
    ctl stop
    for command in stop "power D3"; do
        # Words are split on purpose.
        run ctl $command
        expect '[[ $status -eq 1 && $output == *"it is stopped"* ]]'
        expect_one_line
    done
    ctl restart
    run ctl power D0
    expect '[ $status -eq 0 ]'
    run ctl queue unlock 0:0:0
    expect '[[ $status -eq 1 && $output == *"unit 0:0:0 is not locked"* ]]'
    run ctl reset bus 7
    expect '[ $status -eq 1 ]'
    expect_one_line
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "a driver that refuses to start again leaves a failed adapter, which may be tried again" {
    start_serve faulty --set 'Parameters\Device\Behaviour=18'
    ctl stop
    run ctl restart
    expect '[[ $status -eq 1 && $output == *"HwInitialize"* ]]'
    expect_one_line
    run ctl state
    expect '[ "$output" = "failed D0" ]'
    run qemu-io -f raw -c "read 0 512" "$URI"
    expect '[[ $output == *"failed: Cannot send after transport endpoint shutdown"* ]]'
    run ctl power D3
    expect '[[ $status -eq 1 && $output == *"it is failed"* ]]'
    run ctl restart
    expect '[ $status -eq 0 ]'
    run ctl state
    expect '[ "$output" = "running D0" ]'
    run qemu-io -f raw -c "read 0 512" "$URI"
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "a driver that stops the machine during a command ends serve with 57, and ctl has no answer" {
    start_serve faulty --set 'Parameters\Device\Behaviour=19'
    run ctl stop
    expect '[[ $status -eq 1 && $output == *"ended without an answer"* ]]'
    expect_one_line
    STATUS=0
    wait "$SERVE" || STATUS=$?
    SERVE=
    exec {READY}<&-
    expect '[ $STATUS -eq 57 ]'
    grep -q 'bug check 0xE2' messages
    tmpdir_is_empty
}

# removed_under_load COMMAND: the only adapter is removed by it while writes are under way; each is
# answered, and serve ends. Sets STATUS.
removed_under_load() {
    local client line
    rm -f writing
    mkfifo writing
    timeout -k 5 60 "$REMOVED_CLIENT" "${URI#*socket=}" >writing 3>&- &
    client=$!
    exec {LINES}<writing
    read -r line <&"$LINES"
    expect '[ "$line" = writing ]'
    run ctl "$1"
    expect '[ $status -eq 0 ]'
    STATUS=0
    wait "$client" || STATUS=$?
    read -r line <&"$LINES"
    exec {LINES}<&-
    echo "$line"
    expect '[ $STATUS -eq 0 ]'
    STATUS=0
    wait "$SERVE" || STATUS=$?
    SERVE=
    exec {READY}<&-
    tmpdir_is_empty
}

@test "ramdisk: removal under a load fails its requests, and serve ends well" {
    serve_ramdisk
    removed_under_load remove
    expect '[ $STATUS -eq 0 ]'
    grep -q 'the last adapter was removed' messages
}

@test "nvme on QEMU: removal under a load fails its requests, and serve ends well" {
    serve_nvme
    removed_under_load remove
    expect '[ $STATUS -eq 0 ]'
}

@test "surprise removal under a load ends with errors and no hang, and serve ends with status 1" {
    for part in ramdisk nvme; do
        rm -f disk.img
        "serve_$part"
        removed_under_load surprise-remove
        expect '[ $STATUS -eq 1 ]'
        grep -q 'the device of the last adapter is gone' messages
    done
}

@test "with several adapters one goes and the others serve on" {
    start_serve ramdisk --device none --device none
    run ctl stop
    expect '[[ $status -eq 1 && $output == *"--adapter"* ]]'
    expect_one_line
    ctl --adapter 0 remove
    read -r -t 30 -u "$READY" line
    expect '[ "$line" = "gone 0/0:0:0" ]'
    run ctl state
    expect '[ "${lines[0]}" = "0 removed D0" ]'
    expect '[ "${lines[1]}" = "1 running D0" ]'
    nbdinfo --json --list "$URI" >list.json
    run python3 -c 'import json
print([e["export-name"] for e in json.load(open("list.json"))["exports"]])'
    expect '[ "$output" = "['"'1/0:0:0'"']" ]'
    run nbdinfo --size "${URI/\/\/\/?//\/\/0%2F0%3A0%3A0?}"
    expect '[ $status -ne 0 ]'
    run ctl reset unit 1/0:0:0
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

# faulty_write: a write to the block that the faulty miniport's behaviour is about.
faulty_write() {
    run qemu-io -f raw -c "write 512000 512" "${1:-$URI}"
    expect '[ $status -eq 0 ]'
}

@test "a unit that a rescan finds is a new export, and one that has gone is none" {
    start_serve faulty --set 'Parameters\Device\Behaviour=16'
    second=${URI/\/\/\/?//\/\/0%3A0%3A1?}
    run nbdinfo --size "$second"
    expect '[ $status -ne 0 ]'
    for turn in 1 2; do
        faulty_write
        run ctl rescan
        expect '[[ ${#lines[@]} -eq 2 && ${lines[1]} == "0:0:1 "* ]]'
        read -r -t 30 -u "$READY" line
        expect '[[ $line == "unit 0:0:1 "*"16777216 bytes in blocks of 512" ]]'
        run nbdinfo --size "$second"
        expect '[ "$output" = 16777216 ]'
        faulty_write "$second"
        run ctl rescan
        expect '[ ${#lines[@]} -eq 1 ]'
        read -r -t 30 -u "$READY" line
        expect '[ "$line" = "gone 0:0:1" ]'
        run nbdinfo --size "$second"
        expect '[ $status -ne 0 ]'
    done
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "a unit that the driver tells of comes and goes by itself" {
    start_serve faulty --set 'Parameters\Device\Behaviour=20'
    faulty_write
    read -r -t 30 -u "$READY" line
    expect '[[ $line == "unit 0:0:1 "* ]]'
    faulty_write
    read -r -t 30 -u "$READY" line
    expect '[ "$line" = "gone 0:0:1" ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "a client of a unit that has gone gets errors, those of others do not" {
    start_serve faulty --set 'Parameters\Device\Behaviour=16'
    faulty_write
    ctl rescan
    # nbdsh is not everywhere; qemu-io asks one command at a time from a pipe.
    mkfifo commands
    qemu-io -f raw "${URI/\/\/\/?//\/\/0%3A0%3A1?}" <commands >answers 2>&1 3>&- &
    client=$!
    exec {COMMANDS}>commands
    echo "read 0 512" >&"$COMMANDS"
    until grep -q '512 bytes' answers; do :; done
    faulty_write
    ctl rescan
    echo "read 0 512" >&"$COMMANDS"
    exec {COMMANDS}>&-
    wait "$client" || true
    grep -q 'failed: Cannot send after transport endpoint shutdown' answers || {
        cat answers
        false
    }
    run qemu-io -f raw -c "read 0 512" "$URI"
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "who comes after the disk has grown sees its new size" {
    start_serve faulty --set 'Parameters\Device\Behaviour=17'
    expect '[[ ${UNITS[0]} == *" 8388608 bytes"* ]]'
    faulty_write
    run qemu-io -f raw -c "read 0 512" "$URI"
    expect '[ $status -eq 0 ]'
    ctl rescan
    read -r -t 30 -u "$READY" line
    expect '[ "$line" = "changed 0:0:0 16777216 bytes" ]'
    run nbdinfo --size "$URI"
    expect '[ "$output" = 16777216 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "locks of a queue are counted: it goes on after the last has been taken back" {
    serve_ramdisk
    ctl queue lock 0:0:0
    ctl queue lock 0:0:0
    ctl queue quiesce 0:0:0
    qemu-io -f raw -c "write -P 7 0 4k" "$URI" >answers 2>&1 3>&- &
    client=$!
    run ctl queue unlock 0:0:0
    expect '[ $status -eq 0 ]'
    kill -0 "$client"
    run ctl queue unlock 0:0:0
    expect '[ $status -eq 0 ]'
    wait "$client"
    grep -q 'wrote 4096/4096' answers
    run ctl queue release 0:0:0
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "a flush of a locked queue fails what waits there, and nothing else" {
    serve_ramdisk
    ctl queue lock 0:0:0
    qemu-io -f raw -c "write -P 7 0 4k" "$URI" >answers 2>&1 3>&- &
    client=$!
    # Until its write has come to wait there.
    while kill -0 "$client" 2>/dev/null; do
        ctl queue flush 0:0:0
    done
    wait "$client" || true
    grep -q 'write failed: Input/output error' answers
    ctl queue unlock 0:0:0
    run qemu-io -f raw -c "write -P 7 0 4k" -c "read -P 7 0 4k" "$URI"
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

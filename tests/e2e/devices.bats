#!/usr/bin/env bats
# Devices of a driver, opened by other processes: `storhost ioctl`, and a disk whose medium is a
# program (tests/miniports/partner, partner.c).

load helpers

start_partner() { # FILE MEBIBYTES
    rm -f plugged
    mkfifo plugged
    "$PARTNER" "$DEVICES" serve "$@" >plugged 2>partner.err 3>&- &
    PROGRAM=$!
    exec {PLUGGED}<plugged
    read -r -t 30 -u "$PLUGGED" line
    [ "$line" = plugged ]
}

start_machine() {
    start_serve "$PARTNER_MODULE" "$@"
    DEVICES=${CONTROL%.ctl}.dev
}

# Waits until `serve` prints a line that begins so.
wait_line() {
    local line
    while read -r -t 30 -u "$READY" line; do
        [[ $line == "$1"* ]] && return 0
    done
    return 1
}

# counted NAME: what the driver counts under that name.
counted() {
    "$PARTNER" "$DEVICES" counts | sed "s/.*\b$1 \([0-9]*\).*/\1/"
}

# wait_counted NAME VALUE
wait_counted() {
    local i
    for ((i = 0; i < 600; i++)); do
        [ "$(counted "$1")" = "$2" ] && return 0
    done
    echo "$1 is $(counted "$1"), not $2"
    return 1
}

# Waits until the driver has heard of the end of that process; those who ask end, too.
wait_ended() {
    local i
    for ((i = 0; i < 600; i++)); do
        [[ " $("$PARTNER" "$DEVICES" counts) " == *" ended_ids"*" $1 "* ]] && return 0
    done
    return 1
}

verify() {
    run timeout -k 5 120 fio --name=verify --ioengine=nbd --uri="$URI" --rw=randrw --bsrange=512-64k --iodepth=16 \
        --size=8M --verify=crc32c --verify_fatal=1 --randseed=7 --output=fio.txt
    [ "$status" -eq 0 ] || cat fio.txt
    expect '[ $status -eq 0 ]'
}

@test "the device socket is beside the NBD socket or where it is asked for, ours alone, and gone at the end" {
    start_serve ramdisk --nbd disk.sock
    expect '[ "$(stat -c %a disk.sock.dev)" = 600 ]'
    run "$STORHOST" ctl "$URI" devices
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"\\\\.\\Scsi0:"*"\\\\.\\PhysicalDrive0 -> 0/0:0:0"* ]]'
    stop_serve
    expect '[ $STATUS -eq 0 ] && [ ! -e disk.sock.dev ]'
    start_serve ramdisk --devices here
    expect '[ -S here ]'
    run "$STORHOST" ioctl here IOCTL_SCSI_GET_ADDRESS --device 0:0:0
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ] && [ ! -e here ]'
    tmpdir_is_empty
}

@test "a driver without a disk is served if the device socket is asked for" {
    start_serve faulty --set 'Parameters\Device\Behaviour=9' --devices here
    run "$STORHOST" ioctl here IOCTL_SCSI_GET_CAPABILITIES
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    tmpdir_is_empty
}

@test "ioctl sends a control code and shows status and output" {
    start_serve ramdisk
    run "$STORHOST" ioctl "$URI" IOCTL_SCSI_GET_CAPABILITIES
    expect '[ $status -eq 0 ] && [[ $output == "STATUS_SUCCESS 0x00000000, 24 bytes"*"00000000  18 00 00 00"* ]]'
    run "$STORHOST" ioctl "$CONTROL" 0x41010 --out caps
    expect '[ $status -eq 0 ] && [ "$(stat -c %s caps)" = 24 ]'
    run "$STORHOST" ioctl "$URI" IOCTL_STORAGE_QUERY_PROPERTY --in hex:0000000000000000 --device PhysicalDrive0
    expect '[ $status -eq 0 ] && [[ $output == *"RAM DISK"* ]]'
    run "$STORHOST" ioctl "$URI" 0x41018 --room 2 --device 0:0:0
    expect '[ $status -eq 1 ] && [[ $output == "STATUS_BUFFER_TOO_SMALL"* ]]'
    for words in "0x41010 --device nobody" "0x41010 --device 0:7:0" "0x41010 --device {4d36e97b-e325-11ce-bfc1-08002be10318}"; do
        # Words are split on purpose.
        run "$STORHOST" ioctl "$URI" $words
        expect '[ $status -eq 1 ]'
        expect_one_line
    done
    for words in "" "0x41010 more" "IOCTL_NOBODY_KNOWS" "0x41010x" "-1"; do
        run "$STORHOST" ioctl "$URI" $words
        expect '[ $status -eq 2 ]'
    done
    run "$STORHOST" ioctl nowhere 1
    expect '[ $status -eq 1 ]'
    expect_one_line
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "a program in user space is the medium of a disk" {
    start_machine
    expect '[ ${#UNITS[@]} -eq 0 ]'
    start_partner disk.img 16
    wait_line "unit 0:0:0"
    verify
    # What was written is in the file, and another program finds it there.
    kill -TERM "$PROGRAM"
    wait "$PROGRAM"
    wait_line "gone 0:0:0"
    start_partner disk.img 16
    wait_line "unit 0:0:0"
    run nbdcopy "$URI" copy.img
    expect '[ $status -eq 0 ] && cmp disk.img copy.img'
    # The machine ends first: the program is told.
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    expect '! grep -q finding messages'
    wait "$PROGRAM"
}

@test "a program that is killed under load takes its disk along, and the next one brings it back" {
    start_machine
    start_partner disk.img 16
    wait_line "unit 0:0:0"
    timeout -k 5 60 fio --name=load --ioengine=nbd --uri="$URI" --rw=randwrite --bs=4k --iodepth=16 --size=8m \
        --time_based --runtime=50 --output=fio.txt >fio.err 2>&1 3>&- &
    load=$!
    until [ "$(stat -c %b disk.img)" -gt 100 ]; do :; done
    kill -KILL "$PROGRAM"
    wait_line "gone 0:0:0"
    run wait "$load"
    expect '[ $status -ne 0 ]'
    wait_ended "$PROGRAM"
    expect '[ "$(counted pending)" = 0 ]'
    start_partner disk.img 16
    wait_line "unit 0:0:0"
    verify
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    expect '! grep -q finding messages'
}

@test "a client that is killed leaves nothing: its requests are cancelled, its handles closed" {
    start_machine
    mkfifo said
    for i in 1 2 3; do
        "$PARTNER" "$DEVICES" pend >said 2>&1 3>&- &
        program=$!
        read -r -t 30 line <said
        expect '[ "$line" = pending ]'
        kill -KILL "$program"
        wait "$program" || true
        wait_ended "$program"
        wait_counted pending 0
    done
    expect '[ "$(counted cancelled)" = 12 ]'
    # The one who asks has its handle open.
    run "$PARTNER" "$DEVICES" counts
    read -r _ created _ cleaned _ closed _ <<<"$output"
    expect '[ "$created" -eq $((cleaned + 1)) ] && [ "$cleaned" -eq "$closed" ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    expect '! grep -q finding messages'
}

@test "memory is shared at one address, and stays while a driver has it locked" {
    start_machine
    run "$PARTNER" "$DEVICES" memory
    expect '[ $status -eq 0 ]'
    mkfifo said
    "$PARTNER" "$DEVICES" hold 123 >said 3>&- &
    program=$!
    read -r -t 30 line <said
    expect '[ "$line" = held ]'
    kill -KILL "$program"
    wait "$program" || true
    wait_ended "$program"
    run "$PARTNER" "$DEVICES" touch
    expect '[ "$output" = 123 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    expect '! grep -q finding messages'
}

@test "a hostile peer of the device socket is refused with the place" {
    start_machine
    timeout -k 5 120 python3 "$DEVICE_PEER" "$DEVICES"
    run "$PARTNER" "$DEVICES" memory
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    expect 'grep -q "was refused: at byte " messages'
}

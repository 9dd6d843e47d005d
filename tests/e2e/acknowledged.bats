#!/usr/bin/env bats
# However an adapter goes under a load (a removal; a surprise removal; stops, power changes, resets
# and then an interrupt), what was acknowledged is there when it is served again.
# ACKNOWLEDGED_TURNS: how often, with one processor and with two in turn, for those who want to be sure.

load helpers

serve_disk() { # DRIVER
    case $1 in
    *ramdisk*)
        start_serve "$1" --cpus "$CPUS" --set 'Parameters\Device\SizeMegabytes=2' \
            --set "Parameters\\Device\\BackingFile=$PWD/disk.img"
        ;;
    *)
        [ -e disk.img ] || truncate -s 2M disk.img
        start_serve "$1" --cpus "$CPUS" --device qemu:nvme,serial=kept --drive file=disk.img,format=raw
        ;;
    esac
}

client() {
    timeout -k 5 100 "$ACKNOWLEDGED_WRITES" "${URI#*socket=}" written "$@"
}

load_begin() {
    rm -f said
    mkfifo said
    client load >said 3>&- &
    LOAD=$!
    read -r -t 60 line <said
    expect '[ "$line" = writing ]'
}

# The load has ended, and serve has with STATUS.
ended() {
    STATUS=0
    wait "$SERVE" || STATUS=$?
    SERVE=
    exec {READY}<&-
    wait "$LOAD"
    expect "[ $STATUS -eq $1 ]"
}

go_removal() {
    run "$STORHOST" ctl "$URI" remove
    expect '[ $status -eq 0 ]'
    ended 0
}

go_surprise() {
    run "$STORHOST" ctl "$URI" surprise-remove
    expect '[ $status -eq 0 ]'
    ended 1
}

go_round() {
    for words in stop restart "power D3" "power D0" "reset target 0:0" "reset unit 0:0:0" rescan; do
        # Words are split on purpose.
        run timeout -k 5 60 "$STORHOST" ctl "$URI" $words
        expect '[ $status -eq 0 ]'
    done
    # It ends at its first error.
    kill -0 "$LOAD"
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    wait "$LOAD"
}

check() {
    run client check
    expect '[ $status -eq 0 ]'
}

kept() { # DRIVER
    for turn in $(seq "${ACKNOWLEDGED_TURNS:-1}"); do
        CPUS=$((2 - turn % 2))
        rm -f disk.img written
        for way in removal surprise round; do
            serve_disk "$1"
            [ ! -e written ] || check
            load_begin
            "go_$way"
            expect '! grep -q -e finding -e "not freed" messages'
        done
        serve_disk "$1"
        check
        stop_serve
        expect '[ $STATUS -eq 0 ]'
    done
    tmpdir_is_empty
}

@test "ramdisk as an image: what was acknowledged is there" {
    kept "$IMAGES/ramdisk.sys"
}

@test "nvme as an image, on QEMU: what was acknowledged is there" {
    kept "$IMAGES/nvme.sys"
}

@test "nvme as a module, on QEMU: what was acknowledged is there" {
    kept "$MODULES/nvme.so"
}

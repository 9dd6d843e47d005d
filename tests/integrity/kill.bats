#!/usr/bin/env bats
# SIGKILL during writes: what a flush acknowledged is in the image afterwards.

load helpers

serve_ramdisk() {
    start_serve ramdisk --set 'Parameters\Device\SizeMegabytes=8' \
        --set "Parameters\\Device\\BackingFile=$PWD/disk.img"
}

serve_nvme() {
    start_serve nvme --device qemu:nvme,serial=kill --drive file=disk.img,format=raw
}

# kill_and_check SERVE VICTIM FLUSHES: starts it, kills the process when so many flushes were
# acknowledged, checks the image, and that a new start shows the same data.
kill_and_check() {
    local victim server
    truncate -s 0 disk.img
    truncate -s 8M disk.img
    "serve_$1"
    server=$(children_of "$SERVE")
    case "$2" in
    serve) victim=$SERVE ;;
    server) victim=$server ;;
    qemu) victim=$(children_of "$server") ;;
    esac
    run timeout -k 5 200 "$FLUSHING_CLIENT" write "${URI#*socket=}" record --kill "$victim" \
        --after "$3" --seed "$3"
    expect '[ $status -eq 0 ]'
    # The server, which is not ours, ends first.
    timeout 60 tail --pid="$server" -s 0.05 -f /dev/null
    wait "$SERVE" || true
    SERVE=
    exec {READY}<&-
    run "$FLUSHING_CLIENT" check disk.img record
    expect '[ $status -eq 0 ]'
    "serve_$1"
    timeout -k 5 60 nbdcopy "$URI" again
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    cmp again disk.img
    tmpdir_is_empty || { cat messages; return 1; }
}

@test "ramdisk: the server is killed at three moments" {
    for flushes in 1 20 90; do
        kill_and_check ramdisk server "$flushes"
    done
}

# bats test_tags=quick
@test "ramdisk: serve is killed" {
    kill_and_check ramdisk serve 15
}

@test "nvme on QEMU: the server is killed at three moments" {
    for flushes in 1 20 90; do
        kill_and_check nvme server "$flushes"
    done
}

# bats test_tags=quick
@test "nvme on QEMU: serve is killed" {
    kill_and_check nvme serve 15
}

@test "nvme on QEMU: QEMU is killed" {
    kill_and_check nvme qemu 15
}

@test "an image without the acknowledged writes is found" {
    truncate -s 8M disk.img
    serve_nvme
    server=$(children_of "$SERVE")
    "$FLUSHING_CLIENT" write "${URI#*socket=}" record --kill "$server" --after 10
    wait_gone "$server"
    wait "$SERVE" || true
    SERVE=
    exec {READY}<&-
    truncate -s 8M empty.img
    run "$FLUSHING_CLIENT" check empty.img record
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"was acknowledged"* ]]'
}

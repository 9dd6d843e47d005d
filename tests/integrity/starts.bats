#!/usr/bin/env bats
# Fifty starts and stops of the command in a row leave no process and no file.

load helpers

@test "fifty times info" {
    for round in {1..50}; do
        "$STORHOST" info ramdisk >/dev/null
    done
    tmpdir_is_empty
}

@test "fifty times serve, with data each time" {
    make_data in 1
    for round in {1..50}; do
        start_serve ramdisk --set 'Parameters\Device\SizeMegabytes=1'
        server=$(children_of "$SERVE")
        nbdcopy in "$URI"
        stop_serve
        expect '[ $STATUS -eq 0 ]'
        expect '! kill -0 "$server" 2>/dev/null'
        expect '[ ! -e "${URI#*socket=}" ]'
    done
    tmpdir_is_empty
}

@test "twenty times serve with QEMU" {
    truncate -s 8M disk.img
    for round in {1..20}; do
        start_serve nvme --device qemu:nvme,serial=starts --drive file=disk.img,format=raw
        server=$(children_of "$SERVE")
        qemu=$(children_of "$server")
        nbdinfo --size "$URI" >size
        stop_serve
        expect '[ $STATUS -eq 0 ]'
        expect '! kill -0 "$server" 2>/dev/null && ! kill -0 "$qemu" 2>/dev/null'
    done
    tmpdir_is_empty
}

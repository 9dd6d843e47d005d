#!/usr/bin/env bats
# fio writes through the NVMe miniport on QEMU's controller and verifies the checksum of each block.

load helpers

verified() {
    run "$VERIFY_DATA" --storhost "$STORHOST" "$@"
    expect '[ $status -eq 0 ]'
}

@test "data is whole with one processor and message interrupts" {
    verified --cpus 1 --interrupts msix
}

# bats test_tags=quick
@test "data is whole with one processor and line interrupts" {
    verified --cpus 1 --interrupts line
}

# bats test_tags=quick
@test "data is whole with two processors and message interrupts" {
    verified --cpus 2 --interrupts msix
}

@test "data is whole with two processors and line interrupts" {
    verified --cpus 2 --interrupts line
}

@test "data is whole with four processors and message interrupts" {
    verified --cpus 4 --interrupts msix
}

@test "data is whole with four processors and line interrupts" {
    verified --cpus 4 --interrupts line
}

@test "data is whole in scattered memory" {
    verified --cpus 2 --machine="--scatter"
}

@test "data is whole in scattered memory of which part is above 4 GiB" {
    verified --cpus 2 --machine="--scatter --memory 64M --low-memory 40M"
}

@test "data is whole in memory above 4 GiB" {
    verified --cpus 2 --machine="--memory 64M --low-memory 8M"
}

# bats test_tags=quick
@test "the interrupts are of the kind that was asked for" {
    truncate -s 4M disk.img
    for kind in line:line msix:msi-x; do
        run "$STORHOST" info nvme --device qemu:nvme,serial=kind \
            --drive file=disk.img,format=raw --interrupts "${kind%:*}"
        expect '[ $status -eq 0 ]'
        expect '[[ $output =~ interrupts\ +${kind#*:}, ]]'
    done
}

@test "one changed bit is found" {
    truncate -s 4M disk.img
    fio_once() {
        run timeout -k 5 120 fio --name=bit --ioengine=nbd --uri="$URI" --rw=randwrite \
            --bsrange=512-128k --iodepth=32 --size=4m --verify=crc32c --verify_fatal=1 \
            --verify_state_save=0 --randseed=11 --output=fio.txt "$@"
    }
    start_serve nvme --device qemu:nvme,serial=bit --drive file=disk.img,format=raw
    fio_once --do_verify=0
    expect '[ $status -eq 0 ]'
    fio_once --verify_only
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    python3 - <<'PYTHON'
with open("disk.img", "r+b") as image:
    image.seek(3000001)
    byte = image.read(1)[0]
    image.seek(3000001)
    image.write(bytes([byte ^ 4]))
PYTHON
    start_serve nvme --device qemu:nvme,serial=bit --drive file=disk.img,format=raw
    fio_once --verify_only
    expect '[ $status -ne 0 ]'
    expect '[[ $output$(<fio.txt) == *verify*offset* ]]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

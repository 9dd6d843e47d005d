#!/usr/bin/env bats
# The NVMe miniport on QEMU's controller, through NBD.

load helpers

@test "data comes back as it was written and lies in the image" {
    make_data in 32
    truncate -s 32M disk.img
    start_serve nvme --device qemu:nvme,serial=e2e --drive file=disk.img,format=raw
    nbdcopy --flush in "$URI"
    nbdcopy "$URI" out
    cmp in out
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    cmp in disk.img
    tmpdir_is_empty
}

@test "fio verifies what it wrote" {
    truncate -s 32M disk.img
    start_serve nvme --device qemu:nvme,serial=e2e --drive file=disk.img,format=raw
    run fio --name=verify --ioengine=nbd --uri="$URI" --rw=randrw --bsrange=512-64k --iodepth=16 \
        --size=8m --verify=crc32c --verify_fatal=1 --randseed=7 --output=fio.txt
    [ "$status" -eq 0 ] || cat fio.txt
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "a driver that loads from and stores to its registers works like one that calls the routines" {
    truncate -s 32M disk.img
    for interrupts in msix line; do
        start_serve "$NVME_DIRECT" --device qemu:nvme,serial=e2e \
            --drive file=disk.img,format=raw --interrupts $interrupts
        run fio --name=verify --ioengine=nbd --uri="$URI" --rw=randrw --bsrange=512-64k \
            --iodepth=16 --size=4m --verify=crc32c --verify_fatal=1 --randseed=7 --output=fio.txt
        [ "$status" -eq 0 ] || cat fio.txt
        expect '[ $status -eq 0 ]'
        stop_serve
        expect '[ $STATUS -eq 0 ]'
    done
}

@test "fio verifies through scattered memory, where transfers are many pieces" {
    truncate -s 32M disk.img
    start_serve nvme --scatter --device qemu:nvme,serial=e2e --drive file=disk.img,format=raw
    run fio --name=verify --ioengine=nbd --uri="$URI" --rw=randrw --bsrange=512-256k --iodepth=16 \
        --size=8m --verify=crc32c --verify_fatal=1 --randseed=7 --output=fio.txt
    [ "$status" -eq 0 ] || cat fio.txt
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    run "$STORHOST" bench nvme --scatter --device qemu:nvme,serial=e2e \
        --drive file=disk.img,format=raw --size 64K --writes 50 --seconds 1
    expect '[ $status -eq 0 ]'
}

@test "a killed QEMU ends requests with errors, and serve with a line that says so" {
    truncate -s 32M disk.img
    start_serve nvme --device qemu:nvme,serial=e2e --drive file=disk.img,format=raw
    qemu=$(children_of "$(children_of "$SERVE")")
    kill -KILL "$qemu"
    run nbdcopy "$URI" /dev/null
    expect '[ $status -ne 0 ]'
    STATUS=0
    wait "$SERVE" || STATUS=$?
    SERVE=
    expect '[ $STATUS -eq 1 ]'
    grep -q 'the device of the last adapter is gone' messages
    tmpdir_is_empty
}

@test "a killed serve or server takes QEMU along" {
    truncate -s 32M disk.img
    for victim in serve server; do
        start_serve nvme --device qemu:nvme,serial=e2e --drive file=disk.img,format=raw
        server=$(children_of "$SERVE")
        qemu=$(children_of "$server")
        [ "$victim" = serve ] && kill -KILL "$SERVE" || kill -KILL "$server"
        wait "$SERVE" || true
        SERVE=
        wait_gone "$server"
        wait_gone "$qemu"
    done
    tmpdir_is_empty
}

@test "an image that another process has locked is refused in QEMU's words" {
    truncate -s 32M disk.img
    start_serve nvme --device qemu:nvme,serial=e2e --drive file=disk.img,format=raw
    run "$STORHOST" info nvme --device qemu:nvme,serial=e2e --drive file=disk.img,format=raw
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *lock* ]]'
    expect_one_line
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "line interrupts work too" {
    truncate -s 32M disk.img
    make_data in 8
    start_serve nvme --device qemu:nvme,serial=e2e --drive file=disk.img,format=raw --interrupts line
    nbdcopy in "$URI"
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    cmp -n 8388608 in disk.img
}

# How often the adapter has slept, as `ctl power` tells.
slept() {
    "$STORHOST" ctl "$URI" power | sed -n 's/.*slept \([0-9]*\) times.*/\1/p' | head -n 1
}

@test "an adapter that nobody needs sleeps, and who reads and writes does not notice" {
    truncate -s 32M disk.img
    start_serve nvme --device qemu:nvme,serial=e2e --drive file=disk.img,format=raw \
        --set 'Device Parameters\StorPort\IdleTimeoutInMS=50'
    run fio --name=gaps --ioengine=nbd --uri="$URI" --rw=randrw --bsrange=4k-64k --iodepth=4 \
        --size=4m --io_size=1m --thinktime=600ms --thinktime_blocks=12 --verify=crc32c \
        --verify_fatal=1 --randseed=7 --output=fio.txt
    [ "$status" -eq 0 ] || cat fio.txt
    expect '[ $status -eq 0 ]'
    expect '[ "$(slept)" -ge 1 ]'
    "$STORHOST" ctl "$URI" power idle
    expect '[ "$("$STORHOST" ctl "$URI" state)" = "running D3" ]'
    nbdcopy "$URI" out
    expect '[ "$(slept)" -ge 2 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    cmp out disk.img
}

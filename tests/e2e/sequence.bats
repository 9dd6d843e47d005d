#!/usr/bin/env bats
# A driver as a module and as a Windows image: the same requests take the same way, to the device's registers, too.

load helpers

# sequence FILE DRIVER ARGUMENTS: serves the driver on one processor, sends fixed requests one after the other, and
# writes what happened to each to FILE.
sequence() {
    local file=$1
    shift
    start_serve "$@" --cpus 1 --trace t.json --set 'Device Parameters\StorPort\IdleTimeoutInMS=600000'
    qemu-io -f raw -c "write -P 1 0 4k" -c "write -P 2 60k 260k" -c "read -P 1 0 4k" -c "read -P 2 60k 260k" \
        -c "discard 64k 64k" -c "write -z 128k 32k" -c "flush" -c "read 1m 512k" "$URI" >/dev/null
    [[ "${UNITS[0]}" == *" bytes"* ]]
    stop_serve
    [ "$STATUS" -eq 0 ]
    # Where the queues of an NVMe controller lie.
    "$REQUEST_SEQUENCES" t.json "BAR 0 + 0x28" "BAR 0 + 0x30" >"$file"
}

# same MODULE IMAGE...: both lists of requests are one, and it is not empty.
same() {
    local image
    grep -q ' | WRITE.* | with the driver | .*"00h GOOD"' "$1"
    grep -q ' | READ.*transferred": [1-9]' "$1"
    for image in "${@:2}"; do
        diff "$1" "$image"
    done
}

@test "requests to a virtual driver take the same way in a module and in an image" {
    sequence module ramdisk
    sequence image "$IMAGES/ramdisk.sys"
    same module image
}

@test "requests to a device take the same way in a module, in an image and in a guarded image" {
    truncate -s 16M disk.img
    device=(--device qemu:nvme,serial=e2e --drive "file=disk.img,format=raw")
    sequence module nvme "${device[@]}"
    sequence image "$IMAGES/nvme.sys" "${device[@]}"
    sequence guarded "$IMAGES/nvme_guarded.sys" "${device[@]}"
    sed -i 's/nvme_guarded/nvme/' guarded
    same module image guarded
    # Its registers were read at the start, and each request has its doorbells.
    grep -q '^HwStorFindAdapter | reads BAR 0 + 0x0 = 0x' module
    grep -q ' | WRITE.* | -> HwStorStartIo | writes BAR 0 + 0x1008 = .* | writes BAR 0 + 0x100C = ' module
}

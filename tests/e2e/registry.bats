#!/usr/bin/env bats
# Registry hives, and `storhost ctl registry`. A hive of MAKE_HIVE has SizeMegabytes=32 for its driver.

load helpers

KEY='Parameters\Device'

@test "the values of a hive are there before the driver starts" {
    "$MAKE_HIVE" system ramdisk
    start_serve ramdisk --registry system
    expect '[ "$(nbdinfo --size "$URI")" = 33554432 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    tmpdir_is_empty
}

@test "the hive comes first, then the INF file, then --set; an INF file can keep what the hive has" {
    cp "$MODULES/ramdisk$DRIVER_SUFFIX" .
    "$MAKE_HIVE" system ramdisk
    make_inf disk.inf ramdisk 'Root\disk' 'HKR,"Parameters\Device",SizeMegabytes,0x00010001,16'
    run "$STORHOST" info disk.inf --registry system
    expect '[ $status -eq 0 ]'
    expect '[[ "$output" = *"16 MiB: "* ]]'
    run "$STORHOST" info disk.inf --registry system --set "$KEY\\SizeMegabytes=8"
    expect '[[ "$output" = *"8 MiB: "* ]]'
    make_inf disk.inf ramdisk 'Root\disk' 'HKR,"Parameters\Device",SizeMegabytes,0x00010003,16'
    run "$STORHOST" info disk.inf --registry system
    expect '[[ "$output" = *"32 MiB: "* ]]'
}

@test "ctl registry shows and changes values of a running machine" {
    start_serve ramdisk --set "$KEY\\SizeMegabytes=8"
    run "$STORHOST" ctl "$URI" registry get "$KEY" SizeMegabytes
    expect '[ $status -eq 0 ]'
    expect '[ "$output" = 8 ]'
    "$STORHOST" ctl "$URI" registry set "$KEY" 'A name' 'some text'
    "$STORHOST" ctl "$URI" registry set 'Device Parameters\Sub Key' bytes hex:01,ff
    run "$STORHOST" ctl "$URI" registry list "$KEY"
    expect '[ "$output" = "SizeMegabytes=8
A name=\"some text\"" ]'
    run "$STORHOST" ctl "$URI" registry list '\Enum\ROOT\SCSIADAPTER\0000\Device Parameters\Sub Key'
    expect '[ "$output" = "bytes=hex:01,ff" ]'
    "$STORHOST" ctl "$URI" registry delete "$KEY" 'a NAME'
    run "$STORHOST" ctl "$URI" registry get "$KEY" 'A name'
    expect '[ $status -eq 1 ]'
    expect '[[ "$output" = *"has no value"* ]]'
    "$STORHOST" ctl "$URI" registry delete 'Device Parameters'
    run "$STORHOST" ctl "$URI" registry list 'Device Parameters'
    expect '[ $status -eq 1 ]'
    run "$STORHOST" ctl "$URI" registry set "$KEY" bytes hex:0
    expect '[[ "$output" = *"two digits a byte"* ]]'
    run "$STORHOST" ctl "$URI" registry set "$KEY"
    expect '[ $status -eq 2 ]'
    stop_serve
}

@test "a device has the keys that a Windows gave it, and a second one gets its own" {
    "$MAKE_HIVE" system nvme
    truncate -s 1M a b
    start_serve nvme --registry system --device qemu:nvme,serial=a --drive file=a,format=raw --device qemu:nvme,serial=b \
        --drive file=b,format=raw
    run "$STORHOST" ctl "$URI" --adapter 0 registry get 'Device Parameters' Known
    expect '[ "$output" = 3 ]'
    run "$STORHOST" ctl "$URI" --adapter 1 registry get 'Device Parameters' Known
    expect '[ $status -eq 1 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "what is changed stays in the file with ,write, and nothing else is changed" {
    "$MAKE_HIVE" system ramdisk
    "$MAKE_HIVE" --text system >before
    start_serve ramdisk --registry system,write --set "$KEY\\Of=1"
    "$STORHOST" ctl "$URI" registry set "$KEY" SizeMegabytes 64
    run "$STORHOST" info ramdisk --registry system,write
    expect '[[ "$output" = *"another storhost writes to it"* ]]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    "$MAKE_HIVE" --text system >after
    expect '[ "$(diff before after | grep -c "^[<>]")" = 2 ]'
    expect 'diff before after | grep -q "^> .*SizeMegabytes=4:40000000"'
    run "$STORHOST" info ramdisk --registry system
    expect '[[ "$output" = *"64 MiB: "* ]]'
    expect '[ "$(ls)" = "after
before
messages
ready
system
tmp" ]'
}

@test "without ,write one line says what is dropped, and a server that is killed leaves the file" {
    "$MAKE_HIVE" system ramdisk
    cp system same
    start_serve ramdisk --registry system
    "$STORHOST" ctl "$URI" registry set "$KEY" SizeMegabytes 64
    stop_serve
    expect 'grep -q "1 changes are dropped" messages'
    start_serve ramdisk --registry system,write
    "$STORHOST" ctl "$URI" registry set "$KEY" SizeMegabytes 64
    kill -KILL "$SERVE"
    wait "$SERVE" || true
    SERVE=
    expect 'cmp system same || "$MAKE_HIVE" --text system | grep -q SizeMegabytes=4:40000000'
}

@test "a hive that is none is refused in one line" {
    echo text >file
    run "$STORHOST" info ramdisk --registry file
    expect '[ $status -eq 1 ]'
    expect '[ ${#lines[@]} -eq 1 ]'
    run "$STORHOST" info ramdisk --registry nothing
    expect '[ ${#lines[@]} -eq 1 ]'
}

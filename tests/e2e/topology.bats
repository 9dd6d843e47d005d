#!/usr/bin/env bats
# Machines with groups and nodes, whatever the host looks like.

load helpers

@test "info shows groups, nodes and where messages come" {
    truncate -s 8M disk.img
    run "$STORHOST" info nvme --topology groups=2,nodes=2,cpus=8 --messages 9 \
        --device qemu:nvme,serial=e2e,node=1 --drive file=disk.img,format=raw
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"machine: 8 processors, 2 groups, 2 nodes, "* ]]'
    expect '[[ $output == *"node 0 "*"128 MiB, processors 0:0-3"* ]]'
    expect '[[ $output == *"node 1 "*"128 MiB, processors 1:0-3"* ]]'
    expect '[[ $output == *"9 messages, to 1:0 1:0 1:1 1:2 1:3 0:0 0:1 0:2 0:3"* ]]'
    "$STORHOST" info nvme --json --topology groups=2,nodes=2,cpus=8 --messages 9 \
        --device qemu:nvme,serial=e2e,node=1 --drive file=disk.img,format=raw >info.json
    run python3 - <<'END'
import json
info = json.load(open("info.json"))
places = [(p["group"], p["number"], p["node"]) for p in info["machine"]["processors"]]
assert places == [(i // 4, i % 4, i // 4) for i in range(8)], places
assert [node["processors"] for node in info["machine"]["nodes"]] == [4, 4]
assert info["adapters"][0]["configuration"]["message_processors"] == [4, 4, 5, 6, 7, 0, 1, 2, 3]
END
    echo "$output"
    expect '[ $status -eq 0 ]'
}

@test "fio verifies what it wrote, on queues of processors in two groups" {
    truncate -s 32M disk.img
    start_serve nvme --topology groups=2,nodes=2,cpus=8 --device qemu:nvme,serial=e2e,node=1 \
        --drive file=disk.img,format=raw
    run fio --name=verify --ioengine=nbd --uri="$URI" --rw=randrw --bsrange=512-64k --iodepth=16 \
        --size=8m --verify=crc32c --verify_fatal=1 --randseed=7 --output=fio.txt
    [ "$status" -eq 0 ] || cat fio.txt
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "more processors than a group has" {
    run "$STORHOST" bench ramdisk --cpus 96 --threads 8 --seconds 1 --json
    expect '[ $status -eq 0 ]'
    run "$STORHOST" info ramdisk --cpus 96
    expect '[[ $output == *"machine: 96 processors, 2 groups, 1 node, "* ]]'
}

@test "without options it is the host's" {
    run "$STORHOST" info ramdisk
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"machine: $(nproc) processor"* ]]'
}

@test "a topology that cannot be is one line that says what can" {
    run "$STORHOST" info ramdisk --topology groups=3,cpus=8
    expect '[ $status -eq 1 ]'
    expect_one_line
    expect '[[ $output == *"8 processors cannot be divided evenly among 3 groups: name the processors of each"* ]]'
    run "$STORHOST" info ramdisk --topology cpus=8 --cpus 4
    expect '[ $status -eq 1 ]'
    expect_one_line
    run "$STORHOST" info nvme --topology nodes=2,cpus=2 --device qemu:nvme,serial=e2e,node=2
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"node=2: the machine has the nodes 0 to 1"* ]]'
}

#!/usr/bin/env bats
# `storhost dump-test`: crash dumps and hibernation of the NVMe miniport on QEMU's controller.

load helpers

dump_test() {
    "$STORHOST" dump-test nvme --device qemu:nvme,serial=e2e --drive file=disk.img,format=raw "$@"
}

@test "whatever was under way at the crash, the dump and every acknowledged write are there" {
    truncate -s 32M disk.img
    for seed in 1 2 3 4; do
        run dump_test --overwrite --seed $seed --threads 2 --cpus 2
        expect '[ $status -eq 0 ]'
        expect '[[ $output == *"findings: 0"* ]]'
        expect '[[ $output == *"were read back by the ordinary path"* ]]'
    done
    tmpdir_is_empty
}

@test "an idle machine, scattered memory and a line interrupt make no difference" {
    truncate -s 32M disk.img
    run dump_test --at idle --scatter --interrupts line
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"crashed with 0 requests under way"* ]]'
}

@test "after a hibernation the live instance goes on over what the others left" {
    truncate -s 32M disk.img
    for seed in 1 2; do
        run dump_test --overwrite --mode hibernate --seed $seed
        expect '[ $status -eq 0 ]'
        expect '[[ $output == *"mark memory (DumpMode 3)"*"hibernate (DumpMode 2)"*"resume (DumpMode 4)"* ]]'
        expect '[[ $output =~ "image: the "[1-9][0-9]*" bytes of marked memory" ]]'
    done
}

@test "prints valid JSON" {
    truncate -s 32M disk.img
    dump_test --json >dump.json
    run python3 -c '
import json
d = json.load(open("dump.json"))
print(d["good"], d["read_back"], d["crash"]["findings"], d["crash"]["requests"] > 2)'
    expect '[ "$output" = "True True 0 True" ]'
}

@test "data that are there are not overwritten unasked" {
    make_data disk.img 32
    cp disk.img before.img
    run dump_test
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"--overwrite"* ]]'
    expect_one_line
    cmp disk.img before.img
}

@test "a disk in memory keeps what was written over a hibernation, and is lost by a crash" {
    run "$STORHOST" dump-test ramdisk --mode hibernate
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"findings: 0"*"were read back by the ordinary path"* ]]'
    expect '[[ $output == *"image: a pattern, because the marked memory does not fit"* ]]'
    run "$STORHOST" dump-test ramdisk
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"findings: 0"*"did not survive the crash"* ]]'
    expect '[[ $output != *"not freed"* ]]'
}

@test "a disk in a file takes no dump" {
    run "$STORHOST" dump-test ramdisk --set 'Parameters\Device\BackingFile='"$PWD/disk.img" \
        --set 'Parameters\Device\SizeMegabytes=8'
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"SRB_FUNCTION_DUMP_POINTERS"* ]]'
    expect_one_line
}

@test "a virtual miniport without dump pointers is told why it cannot" {
    run "$STORHOST" dump-test null_virtual --overwrite # its blocks hold anything
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"SRB_FUNCTION_DUMP_POINTERS"* ]]'
    expect_one_line
}

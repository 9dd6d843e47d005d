#!/usr/bin/env bats
# What drivers announce, are given and are asked, through `serve` and `storhost ctl`; their dumps.
# The vault (tests/miniports/vault) encrypts what carries a key.

load helpers

ctl() {
    "$STORHOST" ctl "$URI" "$@"
}


@test "a unit is encrypted by the key in a file, until it is evicted" {
    start_serve "$VAULT"
    head -c 64 /dev/urandom >key
    run ctl crypto insert 0:0:0 --in key
    expect '[ $status -eq 0 ]'
    run ctl info
    expect '[ "$(python3 -c "
import json, sys
units = json.load(sys.stdin)[\"adapters\"][0][\"units\"]
print(units[0][\"crypto_key\"][\"index\"], \"crypto_key\" in units[1])" <<<"$output")" = "0 False" ]'
    run ctl crypto insert 0:0:1 9 --in key
    expect '[ $status -eq 1 ]'
    expect_one_line
    expect '[[ "$output" == *"capability 9"*"takes 16 bytes"* ]]'
    run ctl crypto evict 0:0:0
    expect '[ $status -eq 0 ]'
    run ctl crypto evict 0:0:0
    expect '[ $status -eq 1 ] && [[ "$output" == *"unit 0:0:0 has no key"* ]]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    ! grep -q "$(head -c 8 key | od -An -tx1 | tr -d " ")" messages
}

@test "a key is in a file, never among the words" {
    for words in "insert 0:0:0" "evict 0:0:0 --in key" "evict 0:0:0 1" "insert" "turn 0:0:0"; do
        run "$STORHOST" ctl nowhere crypto $words
        expect '[ $status -eq 2 ]'
        expect_one_line
    done
}

@test "the driver reports its internal data, and hears of channels of events" {
    start_serve "$VAULT"
    run ctl internal-data
    expect '[ $status -eq 0 ]'
    run ctl internal-data 0:0:1
    expect '[ $status -eq 0 ]'
    run ctl event-logging health on
    expect '[ $status -eq 0 ]'
    run ctl event-logging rumours on
    expect '[ $status -eq 2 ]'
    stop_serve
    grep -q "internal data: doors = d2040000" messages
    grep -q "internal data: locks = d2040000" messages
    grep -q "channel 2 is on" messages
    start_serve ramdisk
    run ctl internal-data
    expect '[ $status -eq 1 ] && [[ "$output" == *"the driver does not support that"* ]]'
    stop_serve
}

@test "a directory for dumps that cannot be written to is told before the driver starts" {
    run "$STORHOST" info "$VAULT" --dumps "$PWD/nowhere"
    expect '[ $status -eq 1 ]'
    expect_one_line
    expect '[[ "$output" == *"nowhere: No such file or directory: give a directory"* ]]'
}

@test "a live dump lies in the directory, for its owner alone" {
    mkdir dumps
    start_serve "$VAULT" --dumps dumps
    python3 - >request <<'PYTHON'
import struct, sys
data = struct.pack("<40I", 1, *[0] * 39)
sys.stdout.buffer.write(struct.pack("<I8sIIII", 28, b"VAULT   ", 10, 3, 0, len(data)) + data)
PYTHON
    run ctl ioctl 0x4D008 --in request --out answer
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ "$(stat -c %a dumps/*)" = 600 ]'
    python3 -c 'import json, sys; assert json.load(open(sys.argv[1]))["dump"] == "live, mini"' dumps/*.json
    rm -r dumps
}

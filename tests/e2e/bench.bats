#!/usr/bin/env bats
# `storhost bench`.

load helpers

@test "prints rate, cost, percentiles and a histogram" {
    run "$STORHOST" bench ramdisk --seconds 1 --depth 8 --writes 50
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"a second"*"cost"*"ns of processor time"* ]]'
    expect '[[ $output == *"p50 "*"p90 "*"p99 "*"p99.9 "*"max "* ]]'
    expect '[[ $output == *"###"* ]]'
}

@test "prints valid JSON" {
    "$STORHOST" bench ramdisk --seconds 1 --threads 2 --sequential --json >bench.json
    run python3 -c '
import json
b = json.load(open("bench.json"))
l = b["latency_ns"]
print(b["requests"] > 0, b["failed"], l["min"] <= l["p50"] <= l["p99"] <= l["p99.9"] <= l["max"])'
    expect '[ "$output" = "True 0 True" ]'
}

@test "a size that is no multiple of the block size is refused" {
    run "$STORHOST" bench ramdisk --seconds 1 --size 1000
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"--size 1000"* ]]'
    expect_one_line
}

@test "a unit that does not exist is refused" {
    run "$STORHOST" bench ramdisk --seconds 1 --unit 9:9:9
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"9:9:9"* ]]'
    expect_one_line
}

@test "writes to a read-only unit are refused" {
    run "$STORHOST" bench ramdisk --seconds 1 --writes 10 --set 'Parameters\Device\ReadOnly=1'
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"read only"* ]]'
}

#!/usr/bin/env bats
# Units that are no plain disks: how `storhost info` and `storhost serve` show them.

load helpers

ctl() {
    "$STORHOST" ctl "$URI" "$@"
}

behaviour() {
    echo "Parameters\\Device\\Behaviour=$1"
}

@test "a CD-ROM drive is described, with its medium and without" {
    run "$STORHOST" info faulty --set "$(behaviour 21)"
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"unit 0:0:0: CD/DVD, STORHOST FAULTY UNIT 1.00"* ]]'
    expect '[[ $output == *"16 MiB: 8192 blocks of 2048 bytes"*"removable, present"*"read only"* ]]'
    run "$STORHOST" info faulty --set "$(behaviour 21)" --set 'Parameters\Device\Times=0'
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"unit 0:0:0: CD/DVD"*"cannot be read: there is no medium in it"* ]]'
}

@test "the same as JSON" {
    for times in 1 0; do
        "$STORHOST" info faulty --set "$(behaviour 21)" --set "Parameters\\Device\\Times=$times" \
            --json >info.json
        run python3 -c '
import json
unit = json.load(open("info.json"))["adapters"][0]["units"][0]
print(unit["device_type"], unit["device_type_name"], unit["removable_media"],
      unit["medium_present"], unit.get("disk", {}).get("bytes"))'
        [ $times = 1 ] && expect '[ "$output" = "5 CD/DVD True True 16777216" ]'
        [ $times = 1 ] || expect '[ "$output" = "5 CD/DVD True False None" ]'
    done
}

@test "a CD-ROM is exported read-only" {
    start_serve faulty --set "$(behaviour 21)"
    expect '[[ ${UNITS[0]} == "unit 0:0:0 STORHOST FAULTY UNIT 1.00, CD/DVD, 16777216 bytes in blocks of 2048, read only" ]]'
    run nbdinfo "$URI"
    expect '[[ $output == *"is_read_only: true"* ]]'
    run nbdcopy "$URI" null:
    expect '[ $status -eq 0 ]'
    run qemu-io -f raw -r -c 'read -P 0 1000 5000' "$URI"
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "an export comes and goes with its medium" {
    start_serve faulty --set "$(behaviour 21)" --set 'Parameters\Device\Times=0'
    expect '[ ${#UNITS[@]} -eq 0 ]'
    grep -q 'unit 0:0:0 (STORHOST FAULTY UNIT) is not exported: there is no medium in it' messages
    for turn in 1 2; do
        run nbdinfo --size "$URI"
        expect '[ $status -ne 0 ]'
        run ctl rescan
        expect '[ "$output" = "0:0:0 STORHOST FAULTY UNIT, 16777216 bytes" ]'
        read -r -t 30 -u "$READY" line
        expect '[[ $line == "unit 0:0:0 "*"CD/DVD, 16777216 bytes"* ]]'
        run nbdinfo --size "$URI"
        expect '[ "$output" = 16777216 ]'
        run ctl rescan
        expect '[ "$output" = "0:0:0 STORHOST FAULTY UNIT, there is no medium in it" ]'
        read -r -t 30 -u "$READY" line
        expect '[ "$line" = "gone 0:0:0" ]'
    done
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "a unit that is no disk is listed and not exported" {
    run "$STORHOST" info faulty --set "$(behaviour 22)"
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"unit 0:0:0: tape, STORHOST FAULTY UNIT 1.00"* ]]'
    expect '[[ $output != *capacity* ]]'
    run "$STORHOST" serve faulty --set "$(behaviour 22)"
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"is not exported: it is no disk (tape, device type 1)"* ]]'
    run "$STORHOST" bench faulty --set "$(behaviour 22)" --unit 0:0:0
    expect '[ $status -ne 0 ]'
}

@test "a unit that says little of itself is served" {
    run "$STORHOST" info faulty --set "$(behaviour 23)"
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"unit 0:0:0: disk, STORHOST FAUL"*"16 MiB: 32768 blocks of 512 bytes"* ]]'
}

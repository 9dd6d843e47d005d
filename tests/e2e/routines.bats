#!/usr/bin/env bats
# `storhost routines`.

load helpers

# rows FILTER FILE: the names of the rows of a report for which the Python expression holds.
rows() {
    python3 -c '
import json, sys
for r in json.load(open(sys.argv[2])):
    if eval(sys.argv[1]):
        print(r["name"])' "$1" "$2"
}

@test "lists what is implemented and where" {
    run "$STORHOST" routines
    expect '[ $status -eq 0 ]'
    expect '[[ $output =~ StorPortInitialize\ +Initialization\ +src/storport/ ]]'
    expect '[[ $output =~ storport.sys:\ [0-9]+\ of\ [0-9]+\ routines\ are\ implemented ]]'
}

@test "what is missing is exactly what is listed and not implemented" {
    "$STORHOST" routines --json >all.json
    "$STORHOST" routines --missing --json >missing.json
    rows 'r["listed"] and not r["implemented"]' all.json | sort >expected
    rows 'True' missing.json | sort >found
    expect 'cmp expected found'
    rows 'r["listed"] and r["implemented"]' all.json >have
    expect '[ $(wc -l <have) -gt 100 ]'
    expect 'grep -qx StorPortInitialize have'
}

@test "what the kit's headers expand by themselves is neither implemented nor missing" {
    "$STORHOST" routines --json >all.json
    rows 'r["how"] in ("macro", "inline", "declared")' all.json >headers
    expect 'grep -qx StorPortCopyMemory headers'
    run "$STORHOST" routines --missing
    expect '[[ $output != *StorPortCopyMemory* ]]'
}

@test "a type of StorPortNotification is listed like a routine" {
    "$STORHOST" routines --json >all.json
    expect '[ "$(rows "r[\"how\"] == \"notification\" and r[\"code\"] == 0" all.json)" = RequestComplete ]'
}

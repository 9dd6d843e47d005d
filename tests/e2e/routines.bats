#!/usr/bin/env bats
# `storhost routines`.

load helpers

@test "lists what is implemented and where" {
    run "$STORHOST" routines
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"storport.sys"*"StorPortInitialize"*"src/storport/"* ]]'
    expect '[[ $output =~ [0-9]+\ routines\ are\ implemented ]]'
}

@test "what is missing is not what is implemented" {
    "$STORHOST" routines --json >have.json
    "$STORHOST" routines --missing --json >missing.json
    run python3 -c '
import json
have = {r["name"] for r in json.load(open("have.json"))}
missing = {r["name"] for r in json.load(open("missing.json"))}
print(len(have) > 50, sorted(have & missing), "StorPortInitialize" in have)'
    expect '[ "$output" = "True [] True" ]'
}

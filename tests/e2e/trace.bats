#!/usr/bin/env bats
# `--trace FILE`: what happened, as a timeline that Perfetto opens.

load helpers

# fact EXPRESSION: of what trace_check.py says about t.json, as `facts`.
fact() {
    python3 -c '
import json, sys, uuid
facts = json.load(open("facts.json"))

def activity(record):  # that the driver was told, and has put into its event
    halves = (int(record[2][name], 16).to_bytes(8, "little") for name in ("high", "low"))
    return "{%s}" % uuid.UUID(bytes_le=b"".join(halves))

print(eval("(" + sys.argv[1] + ")"))' "$1"
}

# check_trace [--cut]: the file is what it should be; its facts are in facts.json.
check_trace() {
    run python3 "$TRACE_CHECK" t.json "$@"
    expect '[ $status -eq 0 ]'
    printf '%s' "$output" >facts.json
}

# reads URI COMMAND...: of qemu-io, one after the other.
reads() {
    local words=() uri=$1
    shift
    for command; do
        words+=(-c "$command")
    done
    qemu-io -f raw "${words[@]}" "$uri"
}

@test "each request is a slice with its stages, on a track of its unit, and all that began has ended" {
    start_serve ramdisk --trace t.json
    run reads "$URI" "write -P 1 0 4k" "read -P 1 0 4k" "read 64k 8k" "flush"
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    check_trace
    expect '[ "$(fact "facts[\"statuses\"]")" = "{'"'01h SUCCESS'"': $(fact "facts[\"requests\"]")}" ]'
    expect '[ "$(fact "facts[\"names\"][\"WRITE(10)\"]")" = 1 ]'
    expect '[ "$(fact "facts[\"names\"][\"READ(10)\"]")" -ge 2 ]'
    expect '[ "$(fact "facts[\"callbacks\"][\"HwStorStartIo\"] == facts[\"requests\"]")" = True ]'
    expect '[ "$(fact "facts[\"counters left\"]")" = "{}" ]'
    expect '[ "$(fact "\"RaidPort0 unit 0:0:0 RAM DISK\" in facts[\"groups\"]")" = True ]'
}

@test "the interrupt and the DPC that completed a request are at the end of its arrow" {
    truncate -s 32M disk.img
    start_serve nvme --device qemu:nvme,serial=e2e --drive file=disk.img,format=raw --trace t.json
    run reads "$URI" "write -P 1 0 4k" "read -P 1 0 4k"
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    check_trace
    expect '[ "$(fact "[n for n in facts[\"arrows to completions\"] if n.startswith(\"DPC: nvme+\")] != []")" = True ]'
    expect '[ "$(fact "any(n.startswith(\"interrupt by message\") for n in facts[\"callbacks\"])")" = True ]'
    expect '[ "$(fact "facts[\"callbacks\"][\"HwMSInterruptRoutine\"] > 0")" = True ]'
    expect '[ "$(fact "facts[\"callbacks\"][\"HwStorBuildIo\"] >= facts[\"callbacks\"][\"HwStorStartIo\"]")" = True ]'
}

@test "a reset stands on a track of its unit, and closes a gate meanwhile" {
    start_serve ramdisk --trace t.json
    "$STORHOST" ctl "$CONTROL" reset unit 0:0:0
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    check_trace
    expect '[ "$(fact "facts[\"resets\"]")" = "[['"'unit reset', 'done'"']]" ]'
    expect '[ "$(fact "facts[\"gates\"][\"reset\"]")" -ge 1 ]'
    expect '[ "$(fact "facts[\"names\"][\"RESET LOGICAL UNIT\"]")" -ge 1 ]'
}

@test "a request that the driver is too busy for waits by that name, and counts its retries" {
    start_serve faulty --set 'Parameters\Device\Behaviour=2' --set 'Parameters\Device\Times=3' \
        --trace t.json
    run reads "$URI" "read 0 512"
    expect '[ $status -eq 0 ]'
    stop_serve
    check_trace
    expect '[ "$(fact "facts[\"retries\"]")" = 3 ]'
    expect '[ "$(fact "facts[\"stages\"][\"waits: pause after BUSY\"]")" = 3 ]'
}

@test "requests that wait while an adapter is stopped say so" {
    start_serve ramdisk --trace t.json
    "$STORHOST" ctl "$CONTROL" stop
    reads "$URI" "read 0 512" &
    local reader=$!
    # The request is in the file, and waits, before the adapter goes on.
    until grep -q '"waits: not started"' t.json; do read -rt 0.05 <> <(:) || :; done
    "$STORHOST" ctl "$CONTROL" restart
    wait "$reader"
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    check_trace
    expect '[ "$(fact "facts[\"stages\"][\"waits: not started\"]")" -ge 1 ]'
    expect '[ "$(fact "facts[\"gates\"][\"not started\"]")" -ge 1 ]'
}

@test "the power of an adapter and its units stands on a track, and why it has changed" {
    start_serve ramdisk --trace t.json
    "$STORHOST" ctl "$CONTROL" power D3 sleep
    "$STORHOST" ctl "$CONTROL" power D0
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    check_trace
    holds '[v for k, v in facts["phases"].items() if k.startswith("RaidPort0: ") and k.endswith(": power")][0]
        == [["D0", None], ["goes to D3", "the system sleeps"], ["D3", "the system sleeps"],
            ["goes to D0", "asked for"], ["D0", "asked for"]]'
    holds 'facts["phases"]["RaidPort0 unit 0:0:0 RAM DISK: power"]
        == [["D3", "with its adapter"], ["D0", "with its adapter"]]'
    holds '[name for name, why in [v for k, v in facts["phases"].items() if k.endswith("Plug and Play")][0]][:3]
        == ["running", "powered down", "running"]'
}

@test "what is idle sleeps, and a request that wakes it waits for that by name" {
    truncate -s 32M disk.img
    start_serve nvme --device qemu:nvme,serial=e2e --drive file=disk.img,format=raw --trace t.json
    run reads "$URI" "read 0 4k"
    "$STORHOST" ctl "$CONTROL" power idle
    run reads "$URI" "read 4k 4k"
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    check_trace
    holds '["D3cold", "idle: nobody needs it"] in [v for k, v in facts["phases"].items() if k.startswith("RaidPort0: ") and k.endswith(": power")][0]'
    holds '["goes to D0", "somebody needs it"] in [v for k, v in facts["phases"].items() if k.startswith("RaidPort0: ") and k.endswith(": power")][0]'
    holds '{"active", "idle, F0"} <= {name for name, why in [v for k, v in facts["phases"].items() if k.startswith("RaidPort0: ") and k.endswith("component")][0]}'
    holds 'any("idle" in name for name in facts["stages"] if name.startswith("waits: "))'
}

@test "a machine that is killed leaves a file that opens" {
    start_serve ramdisk --trace t.json
    reads "$URI" "read 0 512"
    until grep -q '"READ(10) 0 +1"' t.json; do read -rt 0.05 <> <(:) || :; done
    kill -KILL "$(children_of "$SERVE")"
    STATUS=0
    wait "$SERVE" || STATUS=$?
    SERVE=
    expect '[ $STATUS -ne 0 ]'
    check_trace --cut
    expect '[ "$(fact "facts[\"names\"][\"READ(10)\"]")" -ge 1 ]'
}

@test "a bug check stands in the file, behind all that led to it" {
    run "$STORHOST" info "$STOPS_MACHINE" --trace t.json
    expect '[ $status -eq 57 ]'
    check_trace --cut
    expect '[[ "$(fact "facts[\"instants\"][-1]")" == "bug check 0xE2: "* ]]'
    run python3 "$TRACE_CHECK" t.json
    expect '[ $status -eq 1 ]'
}

@test "a file that reaches its limit ends there, and says so" {
    run "$STORHOST" bench ramdisk --seconds 1 --trace t.json --trace-limit 1M
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"storhost: the trace ends early: its file has reached the limit of 1 MiB"* ]]'
    expect '[ "$(stat -c %s t.json)" -le 1048576 ]'
    check_trace --cut
    expect '[ "$(fact "facts[\"instants\"][-1]")" = "the file has reached its limit: the trace ends here" ]'
}

# holds EXPRESSION: it is true of the facts.
holds() {
    run fact "$1"
    expect '[ "$output" = True ]'
}

@test "a driver asks for the activity of its request, which stands in its events and beside the request" {
    local name
    start_serve "$TELLS" --trace t.json
    run reads "$URI" "read 0 4k" "read 4k 512"
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    check_trace
    holds 'not any("activity has changed" in i or "nobody records" in i for i in facts["instants"])'
    for name in "event of two" "event of four" "event of eight" "channel event of two" \
        "channel event of four" "channel event of eight"; do
        holds 'sorted(r[2]["activity"] for r in facts["records"] if r[1] == "'"$name"'")
            == sorted(sum((a for n, a in facts["activities"].items() if n.startswith("READ(10)")), []))'
        holds '[activity(r) for r in facts["records"] if r[1] == "'"$name"'"]
            == [r[2]["activity"] for r in facts["records"] if r[1] == "'"$name"'"]'
    done
    holds '[[r[2].get(key) for key in ("event", "level", "third", "fourth", "fifth", "sixth", "seventh", "eighth")]
        for r in facts["records"] if r[1] == "channel event of eight"][0]
        == ["28", "4", "0x3", "0x4", "0x5", "0x6", "0x7", "0x8"]'
    holds '["activity" in r[2] for r in facts["records"] if r[1] == "event of no request"][0] == False'
}

@test "telemetry, error log, system events and debug prints are in the file" {
    local said
    start_serve "$TELLS" --trace t.json
    run reads "$URI" "read 0 4k"
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    check_trace
    holds '[[r[1]] + [r[2].get(key) for key in ("event", "Percent", "driver version", "bytes")]
        for r in facts["records"] if r[0] == "telemetry"][0] == ["Wear \"level\"", "40", "0x61", "0x7", "be ef"]'
    for said in "protocol error (code 5) at 0:0:0, unique id 0xBEEF" "unique id 0xFEED" \
        "a line of 5 words" "tracing is wanted"; do
        holds 'any("'"$said"'" in i for i in facts["instants"])'
    done
}

@test "ctl starts and stops recordings of a machine that serves, and its driver is told" {
    start_serve "$TELLS"
    run reads "$URI" "read 0 512"
    expect '[ $status -eq 0 ]'
    "$STORHOST" ctl "$CONTROL" trace start --out "a b.json"
    run reads "$URI" "read 4k 512"
    expect '[ $status -eq 0 ]'
    run "$STORHOST" ctl "$CONTROL" trace start --out other.json
    expect '[ $status -eq 1 ]'
    expect_one_line
    expect '[[ $output == *"a trace is being written already: stop it first" ]]'
    "$STORHOST" ctl "$CONTROL" trace stop
    mv "a b.json" t.json
    check_trace
    holds '"READ(10) 8 +1" in facts["activities"] and "READ(10) 0 +1" not in facts["activities"]'
    holds 'any("tracing is wanted" in i for i in facts["instants"])'
    holds '[v for k, v in facts["phases"].items() if k.endswith("Plug and Play")] == [[["running", None]]]'
    run "$STORHOST" ctl "$CONTROL" trace stop
    expect '[ $status -eq 1 ]'
    expect_one_line
    expect '[[ $output == *"no trace is being written" ]]'
    run "$STORHOST" ctl "$CONTROL" trace start --out no/such/folder/t.json
    expect '[ $status -eq 1 ]'
    expect_one_line
    expect '[[ $output == *"No such file or directory" ]]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    expect '[ "$(grep -c "tells: tracing is wanted" messages)" = 1 ]'
    expect '[ "$(grep -c "tells: tracing is over" messages)" = 1 ]'
    run "$STORHOST" ctl "$CONTROL" trace start
    expect '[ $status -eq 2 ]'
}

@test "a trace that cannot be written is one line" {
    run "$STORHOST" info ramdisk --trace no/such/folder/t.json
    expect '[ $status -eq 1 ]'
    expect_one_line
    expect '[[ $output == *"trace no/such/folder/t.json: No such file or directory"* ]]'
}

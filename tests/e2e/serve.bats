#!/usr/bin/env bats
# `storhost serve`: data through NBD, and the life and death of its processes.

load helpers

@test "data comes back as it was written" {
    make_data in 32
    start_serve ramdisk --set 'Parameters\Device\SizeMegabytes=32'
    nbdcopy in "$URI"
    nbdcopy "$URI" out
    cmp in out
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    tmpdir_is_empty
}

@test "nbdinfo sees each unit under its name and what it can do" {
    start_serve ramdisk --set 'Parameters\Device\SizeMegabytes=8' \
        --set 'Parameters\Device\LogicalUnits=2'
    expect '[ ${#UNITS[@]} -eq 2 ]'
    nbdinfo --json --list "$URI" >list.json
    run python3 -c '
import json
for e in json.load(open("list.json"))["exports"]:
    print(e["export-name"], e["export-size"], e["can_flush"], e["can_fua"], e["can_trim"],
          e["can_zero"], e["can_multi_conn"])'
    expect '[ "${lines[0]}" = "0:0:0 8388608 True True True True True" ]'
    expect '[ "${lines[1]}" = "0:0:1 8388608 True True True True True" ]'
    stop_serve TERM
    expect '[ $STATUS -eq 0 ]'
}

@test "an export that does not exist is refused" {
    start_serve ramdisk
    run nbdinfo "${URI/\/\/\/?//\/\/9%3A9%3A9?}"
    expect '[ $status -ne 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "unaligned writes, trim and zeroes do what they say" {
    start_serve ramdisk --set 'Parameters\Device\SectorSize=4096'
    run python3 - "$URI" <<'PYTHON'
import subprocess, sys
commands = [
    "write -P 0xaa 0 64k", "write -P 0x55 1000 7000", "read -P 0xaa 0 1000", "read -P 0x55 1000 7000",
    "read -P 0xaa 8000 57536", "write -z 3000 20000", "read -P 0 3000 20000", "read -P 0x55 1000 2000",
    "read -P 0xaa 23000 1000", "discard 32k 16k", "read -P 0xaa 48k 16k", "write -f -P 1 100 1",
    "read -P 1 100 1", "flush",
]
words = ["qemu-io", "-f", "raw", sys.argv[1]]
for command in commands:
    words += ["-c", command]
result = subprocess.run(words, capture_output=True, text=True)
bad = [line for line in result.stdout.splitlines() if "failed" in line or "rror" in line]
print(result.returncode, bad, result.stderr.strip())
PYTHON
    expect '[ "$output" = "0 [] " ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "fio verifies what it wrote" {
    start_serve ramdisk --set 'Parameters\Device\SizeMegabytes=32'
    run fio --name=verify --ioengine=nbd --uri="$URI" --rw=randrw --bsrange=512-64k --iodepth=16 \
        --size=16m --verify=crc32c --verify_fatal=1 --randseed=7 --output=fio.txt
    [ "$status" -eq 0 ] || cat fio.txt
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "a backing file holds what was flushed" {
    make_data in 8
    start_serve ramdisk --set "Parameters\\Device\\BackingFile=$PWD/disk.img" \
        --set 'Parameters\Device\SizeMegabytes=8'
    nbdcopy --flush in "$URI"
    cmp in disk.img
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    cmp in disk.img
}

@test "--read-only and a read-only unit refuse writes" {
    start_serve ramdisk --read-only
    nbdinfo --is read-only "$URI"
    stop_serve
    start_serve ramdisk --set 'Parameters\Device\ReadOnly=1'
    nbdinfo --is read-only "$URI"
    expect '[[ ${UNITS[0]} == *"read only"* ]]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "--nbd names the socket, and it is gone at the end" {
    start_serve ramdisk --nbd disk.sock
    expect '[ "$URI" = "nbd+unix:///?socket=$(pwd -P)/disk.sock" ]'
    nbdinfo --size "$URI"
    stop_serve
    expect '[ $STATUS -eq 0 ] && [ ! -e disk.sock ]'
}

@test "control-C ends everything in order, also with a client connected" {
    start_serve ramdisk
    mkfifo connected
    # A client that has chosen its export and then waits for the end of the connection.
    python3 - "${URI#*socket=}" >connected 3>&- <<'PYTHON' &
import socket, struct, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.recv(18, socket.MSG_WAITALL)
s.sendall(struct.pack(">I8sII", 3, b"IHAVEOPT", 1, 0))
s.recv(10, socket.MSG_WAITALL)
print("connected", flush=True)
assert s.recv(1) == b""
PYTHON
    client=$!
    read -r line <connected
    expect '[ "$line" = connected ]'
    server=$(children_of "$SERVE")
    stop_serve INT
    expect '[ $STATUS -eq 0 ]'
    expect '! kill -0 $server 2>/dev/null'
    wait "$client"
    tmpdir_is_empty
}

@test "a killed serve takes its server along, and nothing stays" {
    start_serve ramdisk
    server=$(children_of "$SERVE")
    kill -KILL "$SERVE"
    wait "$SERVE" || true
    wait_gone "$server"
    tmpdir_is_empty
}

@test "a killed server ends serve with a line that says so" {
    start_serve ramdisk
    kill -KILL "$(children_of "$SERVE")"
    STATUS=0
    wait "$SERVE" || STATUS=$?
    SERVE=
    expect '[ $STATUS -eq 1 ]'
    grep -q 'ended by signal 9' messages
    tmpdir_is_empty
}

@test "a stale socket is replaced" {
    python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("disk.sock")'
    start_serve ramdisk --nbd disk.sock
    nbdinfo --size "$URI"
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "a socket that is served is refused, and its server goes on" {
    start_serve ramdisk --nbd disk.sock
    run "$STORHOST" serve ramdisk --nbd disk.sock
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"disk.sock"*"in use"* ]]'
    expect_one_line
    nbdinfo --size "$URI"
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "a file that is no socket is refused and stays" {
    echo precious >file
    run "$STORHOST" serve ramdisk --nbd file
    expect '[ $status -eq 1 ]'
    expect_one_line
    expect '[ "$(cat file)" = precious ]'
}

@test "a socket path that cannot be is refused" {
    run "$STORHOST" serve ramdisk --nbd missing/disk.sock
    expect '[ $status -eq 1 ]'
    expect_one_line
    run "$STORHOST" serve ramdisk --nbd "$(printf 'x%.0s' {1..200})"
    expect '[ $status -eq 1 ]'
    expect_one_line
}

@test "a driver that cannot start is told in one line, and nothing stays" {
    run "$STORHOST" serve ramdisk --set 'Parameters\Device\SectorSize=1000'
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *FindAdapter* ]]'
    tmpdir_is_empty
    run "$STORHOST" serve faulty --set 'Parameters\Device\Behaviour=9'
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"no logical unit"* ]]'
    expect_one_line
    tmpdir_is_empty
}

@test "a driver's bug check is told, and ends the command with status 57" {
    run "$STORHOST" serve "$STOPS_MACHINE"
    expect '[ $status -eq 57 ]'
    expect '[[ $output == *"bug check 0xE2"* ]]'
    expect '[[ $output == *"the driver stopped the machine"* ]]'
    run "$STORHOST" info "$STOPS_MACHINE"
    expect '[ $status -eq 57 ]'
    tmpdir_is_empty
}

@test "a write that the disk lost is an error of the flush, and of the stop" {
    start_serve faulty --set 'Parameters\Device\Behaviour=10'
    run qemu-io -f raw -c "write 0 4k" -c "flush" "$URI"
    expect '[ $status -ne 0 ] || [[ $output == *"rror"* ]]'
    stop_serve
    expect '[ $STATUS -eq 1 ]'
    expect 'grep -q "flush failed" messages'
}

@test "20 starts and stops leave nothing behind" {
    for _ in {1..20}; do
        start_serve ramdisk --set 'Parameters\Device\SizeMegabytes=4'
        server=$(children_of "$SERVE")
        stop_serve TERM
        expect '[ $STATUS -eq 0 ]'
        expect '! kill -0 $server 2>/dev/null'
    done
    tmpdir_is_empty
    expect '! grep -qi leak messages'
}

@test "--port serves on TCP" {
    # A free port, as the kernel gives it; somebody may take it before us, so try a few.
    for _ in {1..5}; do
        port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
        ! start_serve ramdisk --port "$port" || break
    done
    expect '[ "$URI" = "nbd://127.0.0.1:$port" ]'
    nbdinfo --size "$URI"
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

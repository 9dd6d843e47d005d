#!/usr/bin/env bats
# `storhost ctl`: its socket, its words and what a hostile peer can do with them.

load helpers

ctl() {
    "$STORHOST" ctl "$URI" "$@"
}

# peer TEXT...: sends each TEXT as it is to the control socket, and prints the answer.
peer() {
    timeout -k 5 60 python3 - "$CONTROL" "$@" 3>&- <<'PYTHON'
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
try:
    for text in sys.argv[2:]:
        s.sendall(os.fsencode(text))
    s.shutdown(socket.SHUT_WR)
except BrokenPipeError:
    pass
answer = b""
while piece := s.recv(65536):
    answer += piece
print(answer.decode("latin-1"), end="")
PYTHON
}

@test "the control socket is beside the NBD socket, ours alone, and gone at the end" {
    start_serve ramdisk --nbd disk.sock
    expect '[ "$CONTROL" = "$(pwd -P)/disk.sock.ctl" ]'
    expect '[ "$(stat -c %a disk.sock.ctl)" = 600 ]'
    for socket in disk.sock disk.sock.ctl "$URI"; do
        run "$STORHOST" ctl "$socket" rescan
        expect '[ $status -eq 0 ]'
        expect '[ "$output" = "0:0:0 STORHOST RAM DISK, 67108864 bytes" ]'
    done
    stop_serve
    expect '[ $STATUS -eq 0 ] && [ ! -e disk.sock ] && [ ! -e disk.sock.ctl ]'
}

@test "it goes with its directory when serve or the server is killed" {
    for victim in serve server; do
        start_serve ramdisk
        server=$(children_of "$SERVE")
        [ "$victim" = serve ] && kill -KILL "$SERVE" || kill -KILL "$server"
        wait "$SERVE" || true
        SERVE=
        wait_gone "$server"
        tmpdir_is_empty
    done
}

@test "it goes when nbdkit aborts after serve was killed" {
    start_serve ramdisk
    server=$(children_of "$SERVE")
    kill -STOP "$server"
    kill -KILL "$SERVE"
    wait "$SERVE" || true
    SERVE=
    kill -ABRT "$server"
    kill -CONT "$server"
    wait_gone "$server"
    tmpdir_is_empty
}

@test "a server over TCP has one too, in a private directory" {
    start_serve ramdisk --port "$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
    run "$STORHOST" ctl "$CONTROL" rescan
    expect '[ $status -eq 0 ]'
    run "$STORHOST" ctl "$URI" rescan
    expect '[ $status -eq 1 ]'
    expect_one_line
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    tmpdir_is_empty
}

@test "a stale control socket is replaced, a file of its name is not" {
    python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("disk.sock.ctl")'
    start_serve ramdisk --nbd disk.sock
    run ctl rescan
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    echo precious >disk.sock.ctl
    run "$STORHOST" serve ramdisk --nbd disk.sock
    expect '[ $status -eq 1 ]'
    expect_one_line
    expect '[ "$(cat disk.sock.ctl)" = precious ]'
}

@test "wrong words are wrong usage, and never reach a server" {
    local words=(
        ""
        "nowhere"
        "nowhere frobnicate"
        "nowhere stop now"
        "nowhere power nap"
        "nowhere power-control"
        "nowhere power D4"
        "nowhere power D3 nap"
        "nowhere power idle now"
        "nowhere power setting 02731015-4510-4526-99e6-e5a17ebd1aea"
        "nowhere power limit"
        "nowhere reset unit"
        "nowhere reset everything 0:0:0"
        "nowhere queue open 0:0:0"
        "nowhere ioctl"
        "nowhere state --in file"
        "nowhere state --adapter x"
        "nowhere ioctl 1 --room 2M"
    )
    for line in "${words[@]}"; do
        # Words are split on purpose.
        run "$STORHOST" ctl $line
        expect '[ $status -eq 2 ]'
        expect_one_line
    done
    run "$STORHOST" ctl nowhere queue lock "0:0:0 x"
    expect '[ $status -eq 2 ]'
}

@test "no socket, or one that nobody serves, is told in one line" {
    python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("old.sock.ctl")'
    for socket in missing.sock old.sock "$(printf 'x%.0s' {1..200})"; do
        run "$STORHOST" ctl "$socket" rescan
        expect '[ $status -eq 1 ]'
        expect_one_line
    done
}

@test "what is not there is told in one line" {
    start_serve ramdisk
    run ctl --adapter 1 rescan
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"adapter 1: there is 1"* ]]'
    expect_one_line
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "info prints what storhost info prints, of the live adapters" {
    start_serve ramdisk --device none --device none
    ctl info >info.json
    run python3 -c '
import json
for adapter in json.load(open("info.json"))["adapters"]:
    print(adapter["driver"], [unit["name"] for unit in adapter["units"]])'
    expect '[ "${lines[0]}" = "ramdisk ['"'0:0:0'"']" ]'
    expect '[ ${#lines[@]} -eq 2 ]'
    run ctl rescan
    expect '[[ ${lines[0]} == "0/0:0:0 "* && ${lines[1]} == "1/0:0:0 "* ]]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "nonsense is answered with an error, and the server goes on" {
    start_serve ramdisk
    local requests=(
        $'\n'
        $' \n'
        $'0\n'
        $'0 frobnicate\n'
        $'0  rescan\n'
        $'-1 rescan\n'
        $'99999999999999999999 rescan\n'
        $'- rescan now\n'
        $'- a b c d e f g h i\n'
        $'- ioctl 1 - 4096 4294967295\n'
        $'- \e[31m\xff\n'
        "no newline"
    )
    for request in "${requests[@]}"; do
        run peer "$request"
        expect '[[ $output == "error "* && ${#lines[@]} -eq 1 ]]'
        expect '[[ $output != *[[:cntrl:]]* ]]'
    done
    run peer "$(head -c 100000 /dev/zero | tr '\0' 'x')"
    expect '[[ $output == "error "* ]]'
    run ctl rescan
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "peers that hang hold up nobody, and too many are told so" {
    start_serve ramdisk
    run timeout -k 5 60 python3 - "$CONTROL" <<'PYTHON'
import socket, sys

def connect():
    s = socket.socket(socket.AF_UNIX)
    s.connect(sys.argv[1])
    return s

hanging = [connect() for _ in range(31)]
for s in hanging:
    s.sendall(b"- resc")
s = connect()
s.sendall(b"- rescan\n")
print(s.recv(100).split()[0].decode())
hanging.append(connect())
refused = [connect() for _ in range(4)]
print(sum(s.recv(100).startswith(b"error too many") for s in refused) >= 3)
# Not to be waited for by the end of the server: the deadline is its own.
PYTHON
    expect '[ "${lines[*]}" = "ok True" ]'
    run ctl rescan
    expect '[ $status -eq 0 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "the end of the server does not wait for a peer that hangs" {
    start_serve ramdisk
    mkfifo connected
    python3 - "$CONTROL" >connected 3>&- <<'PYTHON' &
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.sendall(b"- resc")
print("connected", flush=True)
answer = b""
while piece := s.recv(100):
    answer += piece
assert answer.startswith(b"error "), answer
PYTHON
    peer=$!
    read -r line <connected
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    wait "$peer"
    tmpdir_is_empty
}

@test "a control code that the driver does not know is refused with its NTSTATUS" {
    start_serve ramdisk
    for where in "" "--unit 0:0:0"; do
        # Words are split on purpose.
        run ctl ioctl 0x12345678 $where
        expect '[ $status -eq 1 ]'
        expect '[[ $output == *"ioctl 0x12345678: NTSTATUS 0xC0000010"* ]]'
        expect_one_line
    done
    run ctl ioctl 1 --unit 0:0:9
    expect '[[ $status -eq 1 && $output == *"no unit 0:0:9"* ]]'
    run ctl ioctl 1 --unit 0:0
    expect '[[ $status -eq 1 && $output == *"give PATH:TARGET:LUN"* ]]'
    run ctl ioctl 1 --in missing
    expect '[[ $status -eq 1 && $output == *"missing: No such file"* ]]'
    head -c 2000000 /dev/zero >large
    run ctl ioctl 1 --in large
    expect '[[ $status -eq 1 && $output == *"more than 1048576 bytes"* ]]'
    run bash -c 'head -c 1000000 /dev/zero | "$STORHOST" ctl "$0" ioctl 0x12345678 --in -' "$URI"
    expect '[[ $status -eq 1 && $output == *"NTSTATUS 0xC0000010"* ]]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

@test "control codes reach the unit, and what it answers comes back" {
    start_serve ramdisk --device none --device none
    # IOCTL_SCSI_GET_ADDRESS: a SCSI_ADDRESS.
    "$STORHOST" ctl "$URI" ioctl 0x41018 --unit 1/0:0:0 --room 8 --out address
    run od -An -tu1 address
    expect '[ "$(echo $output)" = "8 0 0 0 1 0 0 0" ]'
    # Room for less is refused.
    run ctl --adapter 1 ioctl 0x41018 --unit 0:0:0 --room 7
    expect '[[ $status -eq 1 && $output == *"NTSTATUS 0xC0000023"* ]]'
    run ctl ioctl 0x41018 --adapter 0 --unit 1/0:0:0
    expect '[[ $status -eq 1 && $output == *"--adapter"* ]]'
    # IOCTL_SCSI_PASS_THROUGH of a READ (10) of block 8: the SCSI_PASS_THROUGH, then its data.
    qemu-io -f raw -c "write -P 0x5a 4096 512" "$URI"
    python3 - >request <<'PYTHON'
import struct, sys
cdb = struct.pack(">BBIBHB", 0x28, 0, 8, 0, 1, 0).ljust(16, b"\0")
sys.stdout.buffer.write(struct.pack("<HBBBBBBB3xII4xQI16s4x512x", 56, 0, 0, 0, 0, 10, 0, 1, 512, 5, 56, 0, cdb))
PYTHON
    ctl --adapter 0 ioctl 0x4D004 --unit 0:0:0 --in request --room 568 --out answer
    run python3 -c 'print(open("answer", "rb").read()[56:] == b"\x5a" * 512)'
    expect '[ "$output" = True ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
}

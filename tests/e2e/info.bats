#!/usr/bin/env bats
# `storhost info`: what is described, and how a start that fails is told.

load helpers

@test "describes adapter and unit in words" {
    run "$STORHOST" info ramdisk --set 'Parameters\Device\SizeMegabytes=64'
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"adapter 0: ramdisk on none"*"state "*"running, D0"* ]]'
    expect '[[ $output == *"unit 0:0:0: disk"* ]]'
    expect '[[ $output == *"64 MiB: 131072 blocks of 512 bytes"* ]]'
}

@test "describes the same as valid JSON" {
    "$STORHOST" info ramdisk --set 'Parameters\Device\SizeMegabytes=64' --json >info.json
    python3 -m json.tool info.json >/dev/null
    run python3 -c '
import json
adapter, = json.load(open("info.json"))["adapters"]
unit, = adapter["units"]
print(adapter["driver"], unit["name"], unit["disk"]["bytes"], bytes.fromhex(unit["inquiry"])[0])'
    expect '[ "$output" = "ramdisk 0:0:0 67108864 0" ]'
}

@test "registry values reach the driver" {
    run "$STORHOST" info ramdisk --set 'Parameters\Device\SectorSize=4096' \
        --set 'Parameters\Device\SizeMegabytes=16' --set 'Parameters\Device\LogicalUnits=3'
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"16 MiB: 4096 blocks of 4096 bytes"* ]]'
    expect '[[ $output == *"unit 0:0:2: disk"* ]]'
}

@test "several devices are several adapters" {
    run "$STORHOST" info ramdisk --device none --device none
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"adapter 1: ramdisk"*"unit 1/0:0:0: disk"* ]]'
}

@test "a file that does not exist is named" {
    run "$STORHOST" info ./missing.so
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"./missing.so"*"No such file"* ]]'
    expect_one_line
}

@test "a name that is no driver is named" {
    run "$STORHOST" info nosuchdriver
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"nosuchdriver"* ]]'
    expect_one_line
}

@test "a file that is no module is refused" {
    echo "hello" >text
    head -c 100000 /dev/zero >zeroes
    for file in ./text ./zeroes /bin/sh /; do
        run "$STORHOST" info "$file"
        expect '[ $status -eq 1 ]'
        expect_one_line
    done
}

@test "a bad registry value stops the start and is named" {
    run "$STORHOST" info ramdisk --set 'Parameters\Device\SectorSize=1000'
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *SectorSize* ]]'
    expect '[[ $output == *FindAdapter* ]]'
}

@test "a device that QEMU refuses is told in QEMU's words" {
    run "$STORHOST" info nvme --device qemu:nosuchdevice
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *nosuchdevice* ]]'
    expect_one_line
    run "$STORHOST" info nvme --device qemu:nvme,nosuchproperty=1,serial=x
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *nosuchproperty* ]]'
}

@test "a drive whose image is missing is told" {
    run "$STORHOST" info nvme --device qemu:nvme,serial=x --drive file=missing.img,format=raw
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *missing.img* ]]'
    expect_one_line
}

@test "an unknown kind of device is refused" {
    run "$STORHOST" info null_physical --device nosuchbackend:x
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *nosuchbackend* ]]'
    expect_one_line
}

@test "a failing FindAdapter, HwInitialize or an empty adapter is told" {
    run "$STORHOST" info faulty --set 'Parameters\Device\Behaviour=6'
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *FindAdapter* ]]'
    run "$STORHOST" info faulty --set 'Parameters\Device\Behaviour=8'
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *HwInitialize* || $output == *HwStorInitialize* ]]'
    run "$STORHOST" info faulty --set 'Parameters\Device\Behaviour=9'
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"no logical units"* ]]'
}

@test "the example of the C API reads the first block" {
    run "$READ_FIRST_BLOCK" "$MODULES/ramdisk$DRIVER_SUFFIX" none
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"131072 blocks of 512 bytes"*"00 00 00"* ]]'
}

@test "what the command needs beside it is found when a shell found it by PATH" {
    echo "no hive" >hive
    PATH="$(dirname "$STORHOST"):$PATH" run "$(basename "$STORHOST")" info ramdisk --registry hive
    expect '[ $status -ne 0 ]'
    expect '[[ $output == *"shorter than the header"* ]]'
}

@test "a Windows image is described by what its file says" {
    run "$STORHOST" info ramdisk.sys
    expect '[ $status -eq 0 ]'
    expect '[[ ${lines[0]} == "driver ramdisk: Windows image /"*"/ramdisk.sys" ]]'
    expect '[[ $output == *"  linked          reproducibly (0x"*") by linker "*", for Windows 10.0"* ]]'
    expect '[[ $output == *"  symbols         "*"ramdisk.pdb {"*"}, age 1"* ]]'
    expect '[[ $output == *"  protection      security cookie"* ]]'
    expect '[[ $output == *"  signature       not signed"* ]]'
    "$STORHOST" info ramdisk.sys --json >image.json
    run python3 -c '
import json
driver = json.load(open("image.json"))["driver"]
print(driver["service"], driver["container"], driver["security_cookie"], driver["missing_imports"])'
    expect '[ "$output" = "ramdisk Windows image True []" ]'
    run "$STORHOST" info ramdisk
    local what=module
    [ "$DRIVER_SUFFIX" = .so ] || what="Windows image"
    expect '[[ ${lines[0]} == "driver ramdisk: $what /"*"/ramdisk$DRIVER_SUFFIX" ]]'
}

# change FILE OFFSET: a byte becomes another one.
change() {
    python3 -c '
import sys
name, offset = sys.argv[1], int(sys.argv[2])
data = bytearray(open(name, "rb").read())
data[offset] ^= 0xFF
open(name, "wb").write(data)' "$1" "$2"
}

@test "a signature is shown with its signer, and whether the file is what was signed" {
    openssl req -x509 -newkey rsa:2048 -nodes -subj '/CN=Some Vendor' -keyout key -out certificate 2>openssl.log
    osslsigncode sign -h sha256 -certs certificate -key key -in "$MODULES/ramdisk.sys" -out ramdisk.sys >sign.log
    run "$STORHOST" info ./ramdisk.sys
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"signed by Some Vendor, the digest matches (SHA256); the certificate is not checked"* ]]'
    start_serve ./ramdisk.sys
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    expect 'grep -q "/ramdisk.sys: signed by Some Vendor, the digest matches (SHA256)" messages'
    cp ramdisk.sys changed.sys
    change changed.sys 80
    run "$STORHOST" info ./changed.sys
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"signed by Some Vendor, but the file is not what was signed (SHA256)"* ]]'
    # The last number of the message, in front of its padding, is what the key has made.
    cp ramdisk.sys forged.sys
    change forged.sys $(($(stat -c %s forged.sys) - 64))
    run "$STORHOST" info ./forged.sys
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"signed in the name of Some Vendor, whose key did not do it (SHA256)"* ]]'
}

#!/usr/bin/env bats
# INF files: drivers that are loaded by them, and `storhost inf`.

load helpers

NVME="qemu:nvme,serial=inf"
MESSAGES='Interrupt Management\MessageSignaledInterruptProperties'

# beside MODULE: the module lies here, as a driver's package has it.
beside() {
    cp "$MODULES/$1$DRIVER_SUFFIX" .
}

@test "a virtual driver is served by its INF file, and its values are there before it starts" {
    beside ramdisk
    make_inf disk.inf ramdisk 'Root\disk' 'HKR,"Parameters\Device",SizeMegabytes,0x00010001,32'
    start_serve ./disk.inf
    expect '[ "$(nbdinfo --size "$URI")" = 33554432 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    tmpdir_is_empty
}

@test "--set wins over the INF file" {
    beside ramdisk
    make_inf disk.inf ramdisk 'Root\disk' 'HKR,"Parameters\Device",SizeMegabytes,0x00010001,32'
    run "$STORHOST" info disk.inf --set 'Parameters\Device\SizeMegabytes=16'
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"capacity      16 MiB"* ]]'
}

@test "our miniports come with their INF files" {
    for name in ramdisk null_virtual; do
        run "$STORHOST" info "$name.inf"
        expect '[ $status -eq 0 ]'
        expect "[[ \$output == *'adapter 0: $name on none'* ]]"
    done
    run "$STORHOST" info null-physical.inf --device model:scratch,vectors=2
    expect '[ $status -eq 0 ]'
}

@test "a controller is served by the INF file that names its class, and data comes back" {
    make_data in 16
    truncate -s 16M disk.img
    start_serve nvme.inf --device "$NVME" --drive file=disk.img,format=raw
    nbdcopy --flush in "$URI"
    nbdcopy "$URI" out
    cmp in out
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    cmp in disk.img
    tmpdir_is_empty
}

@test "the interrupts are those that the INF file asks for, unless --set asks for others" {
    truncate -s 16M disk.img
    beside nvme
    make_inf none.inf nvme 'PCI\CC_0108'
    make_inf two.inf nvme 'PCI\CC_0108' "[DeviceValues]
HKR,\"$MESSAGES\",MSISupported,0x00010001,1
HKR,\"$MESSAGES\",MessageNumberLimit,0x00010001,2"
    run "$STORHOST" info none.inf --device "$NVME" --drive file=disk.img,format=raw
    expect '[[ $output == *"interrupts      line"* ]]'
    run "$STORHOST" info two.inf --device "$NVME" --drive file=disk.img,format=raw
    expect '[[ $output == *"interrupts      msi-x, 2 messages"* ]]'
    run "$STORHOST" info two.inf --device "$NVME" --drive file=disk.img,format=raw \
        --set "Device Parameters\\$MESSAGES\\MSISupported=0"
    expect '[[ $output == *"interrupts      line"* ]]'
}

@test "several devices of one INF file are several adapters" {
    truncate -s 16M one.img two.img
    start_serve nvme.inf --device "$NVME" --drive file=one.img,format=raw \
        --device qemu:nvme,serial=second --drive file=two.img,format=raw
    expect '[ "${UNITS[0]%% STOR*}" != "" ]'
    expect '[ ${#UNITS[@]} -eq 2 ]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    beside null_physical
    make_inf two.inf null_physical 'PCI\VEN_5348&DEV_0001'
    run "$STORHOST" info two.inf --device model:scratch --device model:absent,vendor=0x1234,subvendor=0x1234
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"two.inf: none of its models is for PCI\\VEN_1234&DEV_0002"* ]]'
    expect_one_line
}

@test "the driver is found in any case, or named" {
    cp "$RAMDISK_MODULE" RamDisk.so
    make_inf disk.inf ramdisk 'Root\disk'
    run "$STORHOST" info disk.inf
    expect '[ $status -eq 0 ]'
    mv RamDisk.so other.so
    run "$STORHOST" info disk.inf
    expect '[ $status -eq 1 ]'
    expect '[[ $output == "storhost: disk.inf:15: "*"nor a module ramdisk.so is beside the file"* ]]'
    expect_one_line
    run "$STORHOST" info disk.inf --module ./other.so
    expect '[ $status -eq 0 ]'
    start_serve ./disk.inf --module other.so
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    cp "$RAMDISK_IMAGE" RAMDISK.SYS
    run "$STORHOST" info disk.inf
    expect '[ $status -eq 0 ]'
    expect '[[ $output != *"which is there too"* ]]'
    mv other.so ramdisk.so
    run "$STORHOST" info disk.inf
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"the driver is "*"/RAMDISK.SYS, not "*"/ramdisk.so, which is there too"* ]]'
    run "$STORHOST" info ramdisk --module ./ramdisk.so
    expect '[ $status -eq 1 ]'
    expect_one_line
}

@test "a device that the INF file does not know, and none at all, are one line" {
    for device in model:scratch model:absent none; do
        run "$STORHOST" info nvme.inf --device $device
        expect '[ $status -eq 1 ]'
        expect '[[ $output == "storhost: nvme.inf: "* ]]'
        expect_one_line
    done
    run "$STORHOST" serve ramdisk.inf --device model:scratch
    expect '[ $status -eq 1 ]'
    expect '[[ $output == *"none of its models is for PCI\\VEN_5348&DEV_0001"* ]]'
}

@test "a malformed INF file is refused with file, line and reason" {
    make_inf bad.inf ramdisk 'Root\disk' 'HKR,"Parameters\Device,SizeMegabytes,0x00010001,32'
    run "$STORHOST" serve ./bad.inf
    expect '[ $status -eq 1 ]'
    expect '[[ $output == "storhost: bad.inf:26: a quotation mark is not closed" ]]'
    make_inf bad.inf ramdisk 'Root\disk' 'HKR,Parameters,SizeMegabytes,0x00010001,many'
    run "$STORHOST" inf bad.inf
    expect '[ $status -eq 1 ]'
    expect "[[ \$output == \"storhost: bad.inf:26: 'many' is no number of 32 bits\" ]]"
    printf 'MZ\0\1\2' >bad.inf
    run "$STORHOST" info bad.inf
    expect '[ $status -eq 1 ]'
    expect_one_line
}

@test "inf lists the models, and for a device what would be done" {
    make_inf disk.inf ramdisk 'PCI\VEN_1234&DEV_0002,PCI\CC_0180' 'HKR,Parameters,X,0x00010001,7
[DeviceValues]
HKR,Sub,List,0x00010000,one,two
[Install.CoInstallers]'
    run "$STORHOST" inf disk.inf
    expect '[ $status -eq 0 ]'
    expect '[[ $output == "disk.inf: SCSIAdapter, Test, version 01/02/2003, 4.5.6.7"* ]]'
    expect '[[ $output == *"hardware id   PCI\\VEN_1234&DEV_0002"* ]]'
    expect '[[ $output == *"compatible id PCI\\CC_0180"* ]]'
    run "$STORHOST" inf disk.inf --id 'pci\ven_1234&dev_0002'
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"matches       PCI\\VEN_1234&DEV_0002, rank 0x00FF0000: "* ]]'
    expect '[[ $output == *"device\\Sub: List = MULTI_SZ \"one\", \"two\"  (disk.inf:28)"* ]]'
    expect '[[ $output == *"service\\Parameters: X = DWORD 0x7 (7)  (disk.inf:26)"* ]]'
    expect '[[ $output == *"disk.inf:29: [Install.CoInstallers] is ignored"* ]]'
    run "$STORHOST" inf disk.inf --device model:scratch
    expect '[ $status -eq 0 ]'
    expect '[[ $output == *"matches       PCI\\CC_0180, rank 0x00FF30"* ]]'
    run "$STORHOST" inf disk.inf --device model:absent,vendor=0x1234,subvendor=0x1234
    expect '[[ $output == *"matches       PCI\\VEN_1234&DEV_0002, rank 0x00FF20"* ]]'
    run "$STORHOST" inf disk.inf --device none
    expect '[ $status -eq 1 ]'
    expect_one_line
}

@test "inf prints valid JSON, also of a file in UTF-16" {
    make_inf disk.inf ramdisk 'Root\disk' 'HKR,Parameters,"Größe ""x""",,"Ü\"'
    { printf '\xFF\xFE' && iconv -t UTF-16LE disk.inf; } >wide.inf
    run bash -c '"$STORHOST" inf wide.inf --device none --json | python3 -c "
import json, sys
plan = json.load(sys.stdin)[\"plans\"][0]
value = plan[\"registry\"][0]
print(plan[\"service\"], plan[\"matched\"], value[\"root\"], value[\"name\"], value[\"data\"])"'
    expect '[ $status -eq 0 ]'
    expect "[ \"\$output\" = 'ramdisk Root\\disk service Größe \"x\" Ü\\' ]"
    run bash -c '"$STORHOST" inf nvme.inf --json | python3 -c "
import json, sys
print(json.load(sys.stdin)[\"models\"][0][\"ids\"])"'
    expect "[ \"\$output\" = \"['PCI\\\\\\\\CC_010802']\" ]"
}

@test "inf takes one file and one device" {
    for words in "" "a.inf b.inf" "nvme.inf --device none --device none" "nvme.inf --device none --id x"; do
        run "$STORHOST" inf $words
        expect '[ $status -eq 2 ]'
        expect_one_line
    done
    run "$STORHOST" inf nowhere.inf
    expect '[ $status -eq 1 ]'
    expect_one_line
}

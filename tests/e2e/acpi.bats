#!/usr/bin/env bats
# ACPI tables: which node an adapter has, and what is refused.

load helpers

@test "info shows the node of an adapter and its methods" {
    run "$STORHOST" info ramdisk --device none --acpi-node '\_SB.PCI0.SATA' --acpi "$ACPI_TABLE"
    expect '[ $status -eq 0 ]'
    expect '[[ "$output" = *"ACPI            \\_SB_.PCI0.SATA, methods _ADR BUMP ECHO"* ]]'
    run "$STORHOST" info ramdisk --acpi "$ACPI_TABLE" # a virtual adapter is in no slot
    expect '[[ "$output" != *ACPI* ]]'
}

@test "a PCI device has the node of its slot" {
    truncate -s 1M disk
    run "$STORHOST" info nvme --device qemu:nvme,serial=a --drive file=disk,format=raw --acpi "$ACPI_TABLE" --json
    expect '[ $status -eq 0 ]'
    expect '[[ "$output" = *"\\_SB_.PCI0.SATA\""* ]]'
}

@test "a machine with tables serves and ends, and no interpreter is left" {
    start_serve ramdisk --acpi "$ACPI_TABLE" --device none --acpi-node '\_SB.PCI0.SATA'
    run "$STORHOST" ctl "$URI" info
    expect '[[ "$output" = *"\"BUMP\""* ]]'
    stop_serve
    expect '[ $STATUS -eq 0 ]'
    tmpdir_is_empty
}

@test "tables that are none, or are damaged, are refused with the place" {
    head -c 100 "$ACPI_TABLE" >short
    run "$STORHOST" info ramdisk --acpi short
    expect '[ $status -eq 1 ]'
    expect '[[ "$output" = *"offset 4: it says that it has"* ]]'
    cp "$ACPI_TABLE" changed
    printf x | dd of=changed bs=1 seek=200 conv=notrunc status=none
    run "$STORHOST" info ramdisk --acpi changed
    expect '[[ "$output" = *"offset 9: the checksum is"* ]]'
    echo "neither a table nor anything else that has a header" >text
    run "$STORHOST" info ramdisk --acpi text
    expect '[[ "$output" = *"offset 0: neither DSDT nor SSDT"* ]]'
    run "$STORHOST" info ramdisk --acpi "$ACPI_TABLE" --acpi "$ACPI_TABLE"
    expect '[[ "$output" = *"a second DSDT"* ]]'
    run "$STORHOST" info ramdisk --acpi "$ACPI_TABLE" --device none --acpi-node '\_SB.NONE'
    expect '[[ "$output" = *"no such device"* ]]'
    expect '[ ${#lines[@]} -eq 1 ]'
}

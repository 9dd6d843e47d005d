#!/usr/bin/env bats
# `storhost build --image`: what is in the file, and that it does what the module does.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

# source_of FILE [TEXT]: a driver whose DriverEntry is the statements on standard input, behind the text.
source_of() {
    {
        echo '#include <ntddk.h>'
        [ $# -lt 2 ] || echo "$2"
        echo 'NTSTATUS DriverEntry(PDRIVER_OBJECT Driver, PUNICODE_STRING Path) { (void)Driver; (void)Path;'
        cat
        echo '}'
    } >"$1"
}

runs() {
    run "$STORHOST" build --image -o driver.sys "$@"
    echo "$output"
    [ "$status" -eq 0 ]
    BUILT=$output
    run "$RUNNER" driver.sys
    echo "DriverEntry: $status $output"
    [ "$status" -eq 0 ]
}

has() {
    grep -qF -- "$1" <<<"$output" || {
        echo "no such line: $1" >&2
        echo "$output" >&2
        return 1
    }
}

@test "an image does what the module of the same sources does" {
    for name in cast_lvalues.c definitions_differ.c definition_types_later.c labels.c function_names.cpp plain_delete.cpp \
        leniency.c classes.cpp own_constructors.cpp; do
        runs "$SOURCES/$name"
    done
    runs --debug "$SOURCES/sized_delete.cpp"
    runs "$SOURCES/tentative_first.c" "$SOURCES/tentative_second.c"
}

@test "it is a kernel's: native, with relocations, a cookie, a database beside it, and no imports but by name" {
    source_of a.c 'DECLSPEC_IMPORT VOID StorPortStallExecution(ULONG Time); NTSTATUS (*Pointer)(PDRIVER_OBJECT, PUNICODE_STRING) = DriverEntry;' \
        <<<'DbgPrint("%d", 1); StorPortStallExecution(1); return Path ? Pointer(0, 0) : 0;'
    sed -i '1a DRIVER_INITIALIZE DriverEntry;' a.c
    "$STORHOST" build --image -o driver.sys a.c
    [ -s driver.pdb ]
    output=$(llvm-readobj-14 --file-headers --coff-imports --coff-load-config --coff-debug-directory driver.sys)
    has "IMAGE_SUBSYSTEM_NATIVE"
    has "MajorSubsystemVersion: 10"
    has "IMAGE_DLL_CHARACTERISTICS_DYNAMIC_BASE"
    has "Name: storport.sys"
    has "Symbol: StorPortStallExecution (0)"
    has "Name: ntoskrnl.exe"
    has "Symbol: DbgPrint (0)"
    has "PDBFileName: driver.pdb"
    has "GuardFlags: 0x0"
    grep -q 'BaseRelocationTableSize: 0x[1-9A-F]' <<<"$output"
    grep -q 'SecurityCookie: 0x[1-9A-F]' <<<"$output"
    ! grep -q 'CheckSum: 0x0$' <<<"$output"
}

@test "the same sources make the same bytes" {
    source_of a.c <<<'return 0;'
    "$STORHOST" build --image -o driver.sys a.c
    mv driver.sys first.sys
    mv driver.pdb first.pdb
    "$STORHOST" build --image -o driver.sys a.c
    cmp driver.sys first.sys
    cmp driver.pdb first.pdb
}

@test "control flow guard has its table, and guarded code runs" {
    source_of a.c 'static NTSTATUS Called(int a) { return a; } NTSTATUS (*volatile Pointer)(int) = Called;' \
        <<<'return Pointer(0);'
    runs --guard a.c
    output=$(llvm-readobj-14 --coff-load-config driver.sys)
    has "GuardFlags: 0x500"
    grep -q 'GuardCFFunctionCount: [1-9]' <<<"$output"
}

@test "frames of many pages and frames with buffers are checked, and are whole" {
    source_of a.c 'static __declspec(noinline) int Fill(char *to, int size) { for (int i = 0; i < size; i++) to[i] = (char)i; return to[size - 1]; }
        static __declspec(noinline) int Large(int a, int b) { char buffer[50000]; return Fill(buffer, 50000) - (char)49999 + a - b; }
        static __declspec(noinline) int Small(int a) { char buffer[24]; return Fill(buffer, 24) - 23 + a; }' \
        <<<'return Large(7, 7) + Small(0);'
    runs a.c
}

@test "a buffer that runs over its frame ends the driver before it returns" {
    source_of a.c 'static __declspec(noinline) void Fill(volatile char *to, int size) { for (int i = 0; i < size; i++) to[i] = 1; }
        static __declspec(noinline) int Small(int size) { char buffer[24]; Fill(buffer, size); return buffer[3]; }
        volatile int Size = 48;' <<<'return Small(Size) - 1;'
    "$STORHOST" build --image -o driver.sys a.c
    run -139 "$RUNNER" driver.sys
    sed -i 's/Size = 48/Size = 24/' a.c
    runs a.c
}

@test "handlers cover plain loads" {
    source_of a.c <<<'NTSTATUS status = 0; __try { status = *(volatile NTSTATUS *)Path; } __except (EXCEPTION_EXECUTE_HANDLER) { status = GetExceptionCode(); } return status;'
    "$STORHOST" build --image -o driver.sys a.c
    output=$(llvm-readobj-14 --unwind --coff-imports driver.sys)
    has "__C_specific_handler"
    has "ExceptionHandler"
    run "$STORHOST" build -o driver.so a.c
    [ "$status" -eq 1 ]
    has "build one by --image"
}

@test "constructors that nobody runs are told" {
    printf 'struct A { A(); int a; }; int Count(); A::A() : a(Count()) {} A First;\n%s\n' \
        'int Count() { return 3; } extern "C" int DriverEntry(void *, void *) { return First.a; }' >a.cpp
    run "$STORHOST" build --image --debug -o driver.sys a.cpp
    [ "$status" -eq 0 ]
    has "a.cpp: constructors of First: Windows runs none before DriverEntry, nor does storhost"
}

@test "a routine that is called without a declaration, and C++ that nobody defines, are errors" {
    source_of a.c <<<'return Unknown();'
    run "$STORHOST" build --image -o driver.sys a.c
    [ "$status" -eq 1 ]
    has "routines are called without a declaration"
    echo 'int Missing(int); extern "C" int DriverEntry(void *, void *) { return Missing(1); }' >b.cpp
    run "$STORHOST" build --image -o driver.sys b.cpp
    [ "$status" -eq 1 ]
    has "no source defines"
    has "Missing(int)"
}

@test "what an image cannot have, and entry points that are none, are refused in a line" {
    source_of a.c <<<'return 0;'
    for words in "--sanitize address" "--coverage" "--entry /out:other" "--entry Absent"; do
        # shellcheck disable=SC2086
        run "$STORHOST" build --image -o driver.sys $words a.c
        [ "$status" -eq 1 ]
        [ "$(grep -c '^storhost build: ' <<<"$output")" -eq 1 ]
        [ ! -e driver.sys ]
    done
    "$STORHOST" build --image --entry DriverEntry -o driver.sys a.c
    "$RUNNER" driver.sys
}

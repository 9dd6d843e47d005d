#!/usr/bin/env bats
# What a build says when something is wrong: the compiler's own words about the driver's own lines.

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

fails() {
    run "$STORHOST" build -o driver.so "$@"
    echo "$output"
    [ "$status" -eq 1 ]
    [ ! -e driver.so ]
}

@test "errors come in the order of the sources, whichever compiler is the fastest" {
    local number
    for number in 1 2 3 4 5 6; do
        echo "int x$number = Unknown$number;" >"$number.c"
    done
    { printf 'int filler[] = {0'; printf ',%d' $(seq 20000); printf '};\n'; } >>1.c
    fails 1.c 2.c 3.c 4.c 5.c 6.c
    [ "$(grep -o 'Unknown[0-9].;*$' <<<"$output" | grep -o '[0-9]' | sort -u | tr -d '\n')" = 123456 ]
    [ "$(grep 'error: use of' <<<"$output" | cut -c1 | tr -d '\n')" = 123456 ]
    [[ "$output" == *"6 of 6 sources do not compile: 6 errors"* ]]
}

@test "beyond a number of errors only their count is told" {
    local number
    for number in $(seq 30); do
        echo "int x$number = Unknown$number;"
    done >a.c
    fails a.c
    [ "$(grep -c 'error: use of' <<<"$output")" -eq 20 ]
    [[ "$output" == *"30 errors, 10 of them not shown"* ]]
}

@test "an error beside what is rewritten is the only one that is shown, with its text" {
    printf 'void *p;\nint f(void)\n{\n    (char *)p += 1;\n    return Unknown;\n}\n' >a.c
    fails a.c
    [[ "$output" == *"a.c:5:12: error: use of undeclared identifier 'Unknown'"*"    return Unknown;"* ]]
    [[ "$output" != *"assignment to cast"* ]]
    [[ "$output" == *": 1 error" ]]
}

@test "a cast of what is no lvalue is an error as ever" {
    printf 'int f(void);\nint g(void)\n{\n    (char)f() = 1;\n    return 0;\n}\n' >a.c
    fails a.c
    [[ "$output" == *"a.c:4:15: error: expression is not assignable"*"    (char)f() = 1;"* ]]
}

@test "a header that nobody has: the hint names the folder that holds it, or what would make it" {
    mkdir -p other/place
    echo '#define X 1' >other/place/elsewhere.h
    printf 'MessageId=1\n' >words.mc
    printf '#include "ELSEWHERE.h"\n' >a.c
    printf '#include "words.h"\n' >b.c
    printf '#include <nowhere.h>\n' >c.c
    printf '#include <ndis.h>\n' >d.c
    fails a.c b.c c.c d.c
    [[ "$output" == *"ELSEWHERE.h is in other/place: add -I other/place"* ]]
    [[ "$output" == *"words.h is made by the message compiler of words.mc"* ]]
    [[ "$output" == *"no folder of the project holds nowhere.h"* ]]
    [[ "$output" == *"ndis.h is of network drivers"* ]]
}

@test "structured exceptions are refused by file and line, and nothing that follows from them is shown" {
    printf '#define GUARDED _try\nint f(int *p)\n{\n    GUARDED {\n        *p = 1;\n    }\n' >a.c
    printf '    _except (1) {\n        _leave;\n    }\n    return 0;\n}\n' >>a.c
    fails a.c
    [[ "$output" == *"a.c:4:"*"error: structured exceptions need a Windows image"* ]]
    [ "$(grep -c 'error:' <<<"$output")" -eq 1 ]
}

@test "a macro that would handle exceptions does no harm while nobody uses it" {
    printf '#define GUARDED(x) __try { x } __except (1) { }\nint DriverEntry(void *a, void *b) { return 0; }\n' >a.c
    run "$STORHOST" build -o driver.so a.c
    [ "$status" -eq 0 ]
}

@test "imports that storhost does not have are listed, and the module is built" {
    printf 'int IoUnheardOf(void);\nint DbgPrint(const char *format, ...);\n' >a.c
    echo 'int DriverEntry(void *a, void *b) { return a ? IoUnheardOf() : DbgPrint("x"); }' >>a.c
    run "$STORHOST" build -o driver.so a.c
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" == *"storhost does not have a routine of this driver: IoUnheardOf"* ]]
    [[ "$output" != *DbgPrint* ]]
}

@test "a routine of the kernel that is called without a declaration is an error, one of the driver is not" {
    echo 'int DriverEntry(void *a, void *b) { return Own(1); }' >a.c
    echo 'int Own(int x) { return x - 1; }' >b.c
    run "$STORHOST" build -o driver.so a.c b.c
    echo "$output"
    [ "$status" -eq 0 ]
    rm driver.so
    echo 'int DriverEntry(void *a, void *b) { return (int)MmMapSomething(a); }' >a.c
    fails a.c
    [[ "$output" == *"a.c:1:"*"MmMapSomething"*"called without a declaration"* ]]
}

@test "a name of C++ that nobody defines is told as the source writes it" {
    printf 'namespace n { int Lost(int); }\nextern "C" int DriverEntry(void *, void *) { return n::Lost(1); }\n' >a.cpp
    fails a.cpp
    [[ "$output" == *"no source defines n::Lost"* ]]
}

@test "a definition in two sources is an error that names both" {
    echo 'int Twice(void) { return 1; } int DriverEntry(void *a, void *b) { return 0; }' >a.c
    echo 'int Twice(void) { return 2; }' >b.c
    fails a.c b.c
    [[ "$output" == *"duplicate symbol: Twice"*"a.c"*"b.c"* ]]
}

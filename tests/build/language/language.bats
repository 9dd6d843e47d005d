#!/usr/bin/env bats
# Sources of other people compile as they are, and do what they do on Windows: each file in SOURCES is
# a driver whose DriverEntry returns zero, or the line of what went wrong.

# Builds a driver of sources and calls it; options of the build may stand among them.
runs() {
    run "$STORHOST" build -o driver.so "$@"
    echo "$output"
    [ "$status" -eq 0 ]
    BUILT=$output
    run "$RUNNER" driver.so
    echo "DriverEntry: $status $output"
    [ "$status" -eq 0 ]
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "casts are lvalues" {
    runs "$SOURCES/cast_lvalues.c"
}

@test "a definition may differ from its prototypes in what its parameters point to" {
    runs "$SOURCES/definitions_differ.c"
}

@test "a definition may name types that its prototype could not know" {
    runs "$SOURCES/definition_types_later.c"
}

@test "a label may end a block" {
    runs "$SOURCES/labels.c"
}

@test "the name of a function is joined with the strings beside it" {
    runs "$SOURCES/function_names.cpp"
}

@test "deletions call the operator that the driver has, and operators without a type return an int" {
    runs "$SOURCES/plain_delete.cpp"
    runs --debug "$SOURCES/sized_delete.cpp" # an optimizer may leave out a new with its delete
}

@test "what Microsoft's compiler takes with a warning is taken silently" {
    runs "$SOURCES/leniency.c"
    [[ "$BUILT" != *warning* ]]
}

@test "headers are found whatever the case of their names, and with backslashes" {
    runs -I "$SOURCES" "$SOURCES/header_names.c"
}

@test "a header in another case is found in a folder in another case, and errors in it name the file itself" {
    mkdir -p Include src
    echo 'int broken = Unknown;' >Include/Broken.h
    printf '#include "..\\INCLUDE\\BROKEN.h"\nint DriverEntry(void *a, void *b) { return 0; }\n' >src/a.c
    run "$STORHOST" build -o driver.so src/a.c
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" == *"Include/Broken.h:1:14: error: use of undeclared identifier 'Unknown'"* ]]
}

@test "a header whose name a macro makes is found in another case, too" {
    mkdir -p Include
    echo '#define FIRST 0' >Include/First.ver
    echo '#include SECOND' >Include/second.h
    printf '#include FIRST_NAME\n#include "Include/Second.h"\nint DriverEntry(void *a, void *b) { return FIRST; }\n' >a.c
    runs -I INCLUDE -D 'FIRST_NAME="first.VER"' -D 'SECOND="FIRST.VER"' a.c
}

@test "the folder that comes first wins, also when only a later one has the name as it is spelled" {
    mkdir first second
    echo '#define CHOSEN 0' >first/NAME.H
    echo '#define CHOSEN 1' >second/name.h
    printf '#include "name.h"\nint DriverEntry(void *a, void *b) { return CHOSEN; }\n' >a.c
    runs -I first -I second a.c
}

@test "links that lead nowhere or in circles do no harm" {
    ln -s loop loop
    mkdir include
    ln -s ../include include/Again
    echo '#define VALUE 0' >include/Real.h
    printf '#include "LOOP/x.h"\n' >never.h
    printf '#ifdef NEVER\n#include "NEVER.H"\n#endif\n#include "again/AGAIN/real.h"\n' >a.c
    echo 'int DriverEntry(void *a, void *b) { return VALUE; }' >>a.c
    runs -I include a.c
}

@test "headers that include each other from folder to folder are followed once" {
    mkdir one two
    echo '#include "../two/b.h"' >one/a.h
    echo '#include "../one/a.h"' >two/b.h
    sed -i '1i #pragma once' one/a.h two/b.h
    printf '#include "ONE/a.h"\nint DriverEntry(void *a, void *b) { return 0; }\n' >a.c
    run timeout 20 "$STORHOST" build -o driver.so a.c
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "sources in UTF-16, with a mark of UTF-8, and in an ANSI code page" {
    printf '#pragma once\r\n#define WIDE L"\xe4"\r\n' >ansi.h
    printf '#define NUMBER 3\r\n' | iconv -t UTF-16 >utf16.h
    printf '\xef\xbb\xbf#include "ansi.h"\n#include "utf16.h"\n' >a.c
    echo 'int DriverEntry(void *a, void *b) { return NUMBER != 3 || WIDE[0] != 0xe4 || WIDE[1]; }' >>a.c
    runs a.c
    iconv -t UTF-16 a.c >b.c
    runs b.c
}

@test "a tentative definition may stand in several sources" {
    runs "$SOURCES/tentative_first.c" "$SOURCES/tentative_second.c"
}

@test "the address sanitizer leaves alone what several sources define, and says so" {
    run "$STORHOST" build --sanitize address -o driver.so "$SOURCES/tentative_first.c" "$SOURCES/tentative_second.c"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ "$output" == *"not watched by the address sanitizer: Everywhere, Nowhere"* ]]
}

@test "C++: classes, templates, lambdas, and sections in the order of their names" {
    runs "$SOURCES/classes.cpp"
    [[ "$BUILT" == *"classes.cpp: constructors: Windows runs none"* ]]
}

@test "C++: a driver finds its table of constructors" {
    runs "$SOURCES/own_constructors.cpp"
    [[ "$BUILT" != *"Windows runs none"* ]]
}

@test "C++: names in a module are those of the source" {
    "$STORHOST" build -o driver.so "$SOURCES/classes.cpp"
    run nm driver.so
    echo "$output"
    [[ "$output" == *" names::Overloaded(int)"* ]]
    [[ "$output" == *" Square<int>::made"* ]]
    [[ "$output" != *@@* ]]
}

@test "C++ is built with every sanitizer and with coverage" {
    local options
    for options in "--sanitize address,undefined" "--sanitize thread" --coverage --debug; do
        run "$STORHOST" build $options -o driver.so "$SOURCES/classes.cpp"
        echo "$options: $output"
        [ "$status" -eq 0 ]
    done
}

@test "a file that the compiler takes is compiled as it is" {
    cat >clang <<SCRIPT
#!/bin/sh
echo "\$*" >>$PWD/calls
exec $(command -v clang-14 || command -v clang) "\$@"
SCRIPT
    chmod +x clang
    "$STORHOST" build --cc ./clang -o driver.so "$SOURCES/tentative_first.c" "$SOURCES/tentative_second.c"
    run cat calls
    [[ "$output" != *cpp-output* ]]
    "$STORHOST" build --cc ./clang -o driver.so "$SOURCES/labels.c"
    run cat calls
    [[ "$output" == *cpp-output* ]]
}

@test "debug information of a rewritten file names the file and its lines" {
    "$STORHOST" build --debug -o driver.so "$SOURCES/labels.c"
    run llvm-symbolizer-14 --obj=driver.so "0x$(nm driver.so | sed -n 's/ T DriverEntry//p')"
    echo "$output"
    [[ "$output" == *"DriverEntry"*"labels.c:$((1 + $(sed -n '/int DriverEntry/=' "$SOURCES/labels.c")))"* ]]
}

@test "a record that lies otherwise on Windows is an error that names the field and both places" {
    cat >clang <<SCRIPT
#!/bin/sh
case "\$*" in *windows-msvc-elf*) set -- -DIN_MODULE "\$@" ;; esac
exec $(command -v clang-14 || command -v clang) "\$@"
SCRIPT
    chmod +x clang
    cat >Records.h <<'SOURCE'
struct Base { virtual void Method(); char Byte; };
#ifdef IN_MODULE
#pragma pack(push, 1)
#endif
struct Odd : Base { int Flags : 3; long Number; };
SOURCE
    cat >a.cpp <<'SOURCE'
#define RECORDS "records.H"
#include RECORDS
void Base::Method() {}
extern "C" int DriverEntry(void *, void *) { return sizeof(Odd); }
SOURCE
    run "$STORHOST" build -o driver.so a.cpp
    [ "$status" -eq 0 ]
    run "$STORHOST" build --cc ./clang -o driver.so a.cpp
    echo "$output"
    [ "$status" -eq 1 ]
    [[ "$output" == *"struct Odd: "*" in the module and at "*" on Windows"* ]]
}

@test "the WMI library becomes part of a driver that refers to it" {
    printf '#include <storport.h>\n#include <scsiwmi.h>\nint DriverEntry(void *a, void *b)\n{ void *volatile routine = (void *)ScsiPortWmiPostProcess; return routine == NULL; }\n' >a.c
    runs a.c
    [[ "$BUILT" != *"does not have"* ]]
    llvm-nm-14 driver.so | grep -q ' [Tt] ScsiPortWmiPostProcess'
}

# traces.bats - the trace preprocessor's work: what a driver traces comes out as lines.
#
# The drivers fail to start after their last trace, so `storhost info` ends with their lines.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    sources=$BATS_TEST_DIRNAME/traces
}

# lines_of MODULE OPTION...: what it says, without the command's name.
lines_of() {
    run -1 --separate-stderr "$STORHOST" info "./$@"
    said=$(sed -n 's/^storhost: //p' <<<"$stderr")
}

has() {
    grep -qF -- "$1" <<<"$said" || {
        echo "no such line: $1" >&2
        echo "$said" >&2
        return 1
    }
}

@test "a trace is a line with the place in the source, function, level, flag and text" {
    "$STORHOST" build -o traced.so "$sources/traced.c"
    lines_of traced.so --driver-trace verbose
    line=$(grep -n 'error %u' "$sources/traced.c" | cut -d: -f1)
    has "traced: traced.c:$line: TracesInManyPlaces: [ERROR TRACED_START] error 4294967295"
}

@test "traces in macros, several in a line, in parentheses and without a message are found" {
    "$STORHOST" build -o traced.so "$sources/traced.c"
    lines_of traced.so --driver-trace verbose
    has "] several lines of 2"
    has "] first 7"
    has "] second 7"
    has "] one"
    has "] two"
    has "] doubled ff"
    has "] grouped a b"
    has "] by default"
    has "] --> TracesInManyPlaces"
    has "TracesInManyPlaces: nothing at "
    has "] <-- STATUS_DEVICE_BUSY (0x80000011) of STATUS_DEVICE_BUSY"
    ! grep -q 'not this' <<<"$said"
}

@test "each type of an argument is written as the driver means it" {
    "$STORHOST" build -o traced.so "$sources/traced.c"
    lines_of traced.so --driver-trace verbose
    has "] numbers -3 7 -5000000000 -5000000000 2345 c 000000AB"
    has "] widened -1 4294967295 0000000000000010"
    has "] text a b c wide wide d     |"
    has "] status STATUS_PENDING (0x00000103) 0xC0FFEE00 error 5 result S_OK"
    has "] types TRUE FALSE DISPATCH {01020304-0005-0006-0708-090a0b0c0d0e} 9 1234567890"
    has "] network 127.0.0.1 80 time 2020-12-30 00:00:00.000 letters 000000ab"
    has "] own PhaseBusy PhaseDone blue 99 [head,tail]"
    has "] bytes 01 02 ff."
    has "] unknown nosuchtype?0x1 percent % too few <missing>"
    has "traced.c TracesOfManyTypes TRACE_LEVEL_INFORMATION TRACED_IO"
}

@test "nothing is traced before WPP_INIT_TRACING and after WPP_CLEANUP" {
    "$STORHOST" build -o traced.so "$sources/traced.c"
    lines_of traced.so --driver-trace verbose
    ! grep -q 'before the start\|after the end' <<<"$said"
}

@test "a trace that is not wanted says nothing and evaluates no argument" {
    "$STORHOST" build -o traced.so "$sources/traced.c"
    lines_of traced.so
    has "traced: evaluated 0 times"
    ! grep -q 'traced\.c:' <<<"$said"
    lines_of traced.so --driver-trace error
    has "traced: evaluated 0 times"
    has "[ERROR TRACED_IO] one"
    lines_of traced.so --driver-trace information
    has "traced: evaluated 1 times"
    has "] evaluation 1"
}

@test "level and flags choose among the traces" {
    "$STORHOST" build -o traced.so "$sources/traced.c"
    lines_of traced.so --driver-trace 4,traced_start
    has "[ERROR TRACED_START]"
    has "[INFORMATION TRACED_START]"
    ! grep -q 'TRACED_IO' <<<"$said"
    lines_of traced.so --driver-trace verbose,NO_SUCH_FLAG
    ! grep -q 'traced\.c:' <<<"$said"
}

@test "a level that does not exist is refused in one line" {
    for level in none loud 0 256 ,TRACED_IO error, 4x; do
        run -1 --separate-stderr "$STORHOST" info ramdisk --driver-trace "$level"
        [[ $stderr == "storhost: driver traces '$level': give LEVEL"* ]]
        [ "$(wc -l <<<"$stderr")" -eq 1 ]
    done
}

@test "methods, lambdas and templates of a C++ driver trace" {
    "$STORHOST" build -o traced.so "$sources/traced_classes.cpp"
    lines_of traced.so --driver-trace error
    has "] constructor -1"
    has "] lambda 0"
    has "] method TRUE 4000000000"
    has "] constructor 5000000000"
    has "] lambda 5000000001"
    has "] method FALSE 4000000000"
}

@test "a project names the trace functions and where their configuration is" {
    mkdir -p inc src
    cat >inc/Wanted.h <<'END'
// begin_wpp config
// USEPREFIX(TraceIt, "%!STDPREFIX!prefix ");
// end_wpp
END
    cat >src/driver.c <<'END'
#include <ntddk.h>
#define WPP_FLAGS_LEVEL_ENABLED(flags, level) WPP_FLAG_ENABLED(flags)
#include "Driver.tmh"
ULONG DriverEntry(PVOID DriverObject, PVOID RegistryPath)
{
    WPP_INIT_TRACING(DriverObject, RegistryPath);
    TraceIt(1, "it %d\n", ANSWER);
    return 0xC0000001;
}
END
    cat >driver.vcxproj <<'END'
<?xml version="1.0" encoding="utf-8"?>
<Project DefaultTargets="Build" xmlns="http://schemas.microsoft.com/developer/msbuild/2003">
  <ItemGroup Label="ProjectConfigurations">
    <ProjectConfiguration Include="Release|x64">
      <Configuration>Release</Configuration>
      <Platform>x64</Platform>
    </ProjectConfiguration>
  </ItemGroup>
  <PropertyGroup Label="Configuration">
    <ConfigurationType>Driver</ConfigurationType>
    <PlatformToolset>WindowsKernelModeDriver10.0</PlatformToolset>
  </PropertyGroup>
  <ItemDefinitionGroup>
    <ClCompile>
      <WppEnabled>true</WppEnabled>
      <WppTraceFunction>TraceIt{FLAGS=Noise}(LEVEL,MSG,...)</WppTraceFunction>
      <WppScanConfigurationData>inc\wanted.h</WppScanConfigurationData>
      <WppPreprocessorDefinitions>ANSWER=42</WppPreprocessorDefinitions>
      <WppAddControlGuid>0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9</WppAddControlGuid>
    </ClCompile>
  </ItemDefinitionGroup>
  <ItemGroup>
    <ClCompile Include="src\driver.c" />
  </ItemGroup>
</Project>
END
    "$STORHOST" build driver.vcxproj -o driver.so
    lines_of driver.so --driver-trace verbose
    has "driver: driver.c:7: DriverEntry: [CRITICAL Noise] prefix it 42"
}

@test "a Storport driver's traces end with the driver, and its events are lines" {
    "$STORHOST" build -o miniport.so "$sources/miniport.c"
    run -0 --separate-stderr "$STORHOST" info ./miniport.so --driver-trace information
    said=$stderr
    has "miniport: context 1"
    has "FindAdapter: [ERROR] error"
    has "FindAdapter: [INFORMATION] information"
    has "miniport: event 2: [ERROR] stream: 01"
    has "miniport: event 3: [ERROR] broken: 01"
    has "miniport: event 0 stream 0 error 0 illegal c1000006"
    has "miniport: tracing enabled 1"
    has "EndOfTraces: [ERROR] the end, as it was"
    ! grep -q 'after the end\|event 1:\|event 4:' <<<"$said"
}

@test "a flag that is called like a level is wanted with the level" {
    "$STORHOST" build -o miniport.so "$sources/miniport.c"
    run -0 --separate-stderr "$STORHOST" info ./miniport.so --driver-trace error
    said=$stderr
    has "FindAdapter: [ERROR] error"
    ! grep -q '\] information' <<<"$said"
}

@test "a Storport driver is told nothing while nobody listens" {
    "$STORHOST" build -o miniport.so "$sources/miniport.c"
    run -0 --separate-stderr "$STORHOST" info ./miniport.so
    said=$stderr
    has "miniport: event c1000002 stream c1000001 error c1000001 illegal c1000006"
    ! grep -q 'tracing enabled\|\[ERROR\]' <<<"$said"
}

@test "all sources of a driver share what is wanted, also two of one name" {
    mkdir -p one two
    cat >trace.h <<'END'
#include <ntddk.h>
#define WPP_CONTROL_GUIDS WPP_DEFINE_CONTROL_GUID(G, (0A1B2C3D,4E5F,6071,8293,A4B5C6D7E8F9), WPP_DEFINE_BIT(SHARED))
// begin_wpp config
// FUNC Say(FLAGS, MSG, ...);
// end_wpp
#define WPP_FLAGS_ENABLED(flags) WPP_FLAG_ENABLED(flags)
VOID Other(VOID);
END
    cat >one/same.c <<'END'
#include "..\Trace.h"
#include "same.tmh"
ULONG DriverEntry(PVOID DriverObject, PVOID RegistryPath)
{
    WPP_INIT_TRACING(DriverObject, RegistryPath);
    Say(SHARED, "from one");
    Other();
    return 0xC0000001;
}
END
    cat >two/same.c <<'END'
#include "..\trace.h"
#include "same.tmh"
VOID Other(VOID)
{
    Say(SHARED, "from two");
}
END
    "$STORHOST" build -o driver.so one/same.c two/same.c
    lines_of driver.so --driver-trace verbose,shared
    has "driver: same.c:6: DriverEntry: [SHARED] from one"
    has "driver: same.c:5: Other: [SHARED] from two"
}

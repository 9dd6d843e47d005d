# generated.bats - headers that Windows' own tools make of a project's files: messages and events.

bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
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
  <ItemGroup>
    <ClCompile Include="driver.c" />
    <MessageCompile Include="log.mc" Condition="Exists('log.mc')" />
    <MessageCompile Include="events.man" Condition="Exists('events.man')">
      <GeneratedFilesBaseName>DriverEvents</GeneratedFilesBaseName>
    </MessageCompile>
  </ItemGroup>
</Project>
END
}

# A driver whose DriverEntry is the statements on standard input, behind the includes given.
driver() {
    {
        echo '#include <ntddk.h>'
        printf '#include "%s"\n' "$@"
        echo 'ULONG DriverEntry(PVOID DriverObject, PVOID RegistryPath) {'
        cat
        echo 'return (ULONG)STATUS_UNSUCCESSFUL; }'
    } >driver.c
}

has() {
    grep -qF -- "$1" <<<"$stderr" || {
        echo "no such line: $1" >&2
        echo "$stderr" >&2
        return 1
    }
}

# ---- messages ----

messages() {
    cat >log.mc <<'END'
;#ifndef LOG_H
;#define LOG_H
MessageIdTypedef=NTSTATUS
SeverityNames=(Success=0x0:STATUS_SEVERITY_SUCCESS
               Error=0x3:STATUS_SEVERITY_ERROR
              )
FacilityNames=(System=0x0
               Driver=0x7:FACILITY_DRIVER_ERROR
              )
LanguageNames=(German=0x407:MSG00407)

MessageId=0x0010 Facility=Driver Severity=Error SymbolicName=DRIVER_BROKEN
Language=English
%1 is broken. \
.
Language=German
%1 ist kaputt.
.

MessageId=
SymbolicName=DRIVER_STILL_BROKEN
Language=English
Still.
.
MessageId=+5 Severity=Success Facility=System SymbolicName=DRIVER_FINE OutputBase=10
Language=English
Fine.
.
;#endif
END
}

@test "messages get the numbers that severity, facility and place give them" {
    messages
    driver log.h log.h <<'END'
    C_ASSERT(DRIVER_BROKEN == (NTSTATUS)0xC0070010);
    C_ASSERT(DRIVER_STILL_BROKEN == (NTSTATUS)0xC0070011);
    C_ASSERT(DRIVER_FINE == 5);
    C_ASSERT(FACILITY_DRIVER_ERROR == 7);
    C_ASSERT(sizeof(DRIVER_FINE) == 4);
END
    "$STORHOST" build driver.vcxproj -o driver.so
}

@test "a message file in UTF-16 is read" {
    messages
    iconv -t UTF-16 log.mc >wide.mc
    mv wide.mc log.mc
    driver log.h <<'END'
    C_ASSERT(DRIVER_BROKEN == (NTSTATUS)0xC0070010);
END
    "$STORHOST" build driver.vcxproj -o driver.so
}

# refused TEXT REASON...: a message file of that text is refused with its place.
refused() {
    printf '%b' "$1" >log.mc
    run -1 --separate-stderr "$STORHOST" build driver.vcxproj -o driver.so
    [[ $stderr == *"log.mc:$2" ]]
    [ ! -e driver.so ]
}

@test "a broken message file is refused with its line and the reason" {
    driver log.h </dev/null
    refused 'MessageId=1 SymbolicName=A\nLanguage=English\nNo end\n' "2: a message's text does not end: a line with a period has to follow it"
    refused '\nMessageId=1x\nLanguage=English\n.\n' "2: MessageId=1x: give a number or +number"
    refused 'MessageId=1 Severity=Odd\nLanguage=English\n.\n' "1: a severity that is not defined: odd"
    refused 'SeverityNames=(A=1\n' "1: the list that begins here has no closing parenthesis"
    refused 'Language=English\nx\n.\n' "1: a text without a message: MessageId has to come first"
    refused 'nonsense\n' "1: 'nonsense' is neither a setting (NAME=VALUE) nor a comment (;)"
    refused 'MessageId=65536\nLanguage=English\n.\n' "1: MessageId=65536: a number has at most 16 bits"
}

# ---- events ----

# manifest TEMPLATE EVENTS
manifest() {
    cat >events.man <<END
<?xml version="1.0" encoding="utf-8"?>
<instrumentationManifest xmlns="http://schemas.microsoft.com/win/2004/08/events">
  <instrumentation><events>
    <provider guid="{0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9}" name="My Driver" symbol="MY_PROVIDER"
              messageFileName="x" resourceFileName="x">
      <channels><channel chid="op" name="My/Operational" symbol="MY_CHANNEL" type="Operational"/></channels>
      <keywords><keyword name="io" mask="0x4" symbol="MY_IO"/></keywords>
      <tasks><task name="start" value="3" symbol="MY_START"/></tasks>
      <opcodes><opcode name="go" value="12" symbol="MY_GO"/></opcodes>
      <templates><template tid="all">$1</template></templates>
      <events>$2</events>
    </provider>
  </events></instrumentation>
  <localization><resources culture="en-US"><stringTable>
    <string id="text" value="number %1, name %2!s! and %9: 100%%%nend"/>
    <string id="plain" value="plain &#252;"/>
  </stringTable></resources></localization>
</instrumentationManifest>
END
}

@test "events of a manifest become lines with their message and fields" {
    manifest '<data name="Number" inType="win:UInt32"/><data name="Name" inType="win:UnicodeString"/>' '
      <event value="1" symbol="First" template="all" level="win:Error" message="$(string.text)" channel="op"/>
      <event value="2" symbol="Second" template="all" level="win:Verbose"/>
      <event value="3" version="1" symbol="Third" message="$(string.plain)"/>
      <event value="4" symbol="Fourth" template="all" level="win:Error" message="$(string.plain)"/>'
    driver DriverEvents.h DriverEvents.h <<'END'
    LONG evaluated = 0;
    EventWriteFirst(NULL, 1, L"before");
    EventRegisterMy_Driver();
    EventWriteFirst(NULL, 5, L"five");
    EventWriteSecond(NULL, ++evaluated, NULL);
    EventWriteThird(NULL);
    EventWriteFourth(NULL, 6, L"six");
    EventWriteSecond_AssumeEnabled(NULL, 7, L"seven");
    DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "evaluated %d %d %d\n", evaluated, EventEnabledSecond(), EventEnabledFirst());
    EventUnregisterMy_Driver();
    EventUnregisterMy_Driver();
    EventWriteFirst(NULL, 1, L"after");
END
    "$STORHOST" build driver.vcxproj -o driver.so
    run -1 --separate-stderr "$STORHOST" info ./driver.so --driver-trace verbose
    has "driver: First: [ERROR] number 5, name five and <missing>: 100% end"
    has "driver: Second: [VERBOSE] Number=1, Name=NULL"
    has "driver: Third: plain ü"
    has "driver: Fourth: [ERROR] plain ü Number=6, Name=six"
    has "driver: evaluated 1 1 1"
    run -1 --separate-stderr "$STORHOST" info ./driver.so --driver-trace error,First
    has "driver: First: [ERROR] number 5"
    has "driver: evaluated 0 0 1"
    [[ $stderr != *before* && $stderr != *after* && $stderr != *Second* && $stderr != *Fourth* ]]
    run -1 --separate-stderr "$STORHOST" info ./driver.so
    has "driver: evaluated 0 0 0"
    [[ $stderr != *First* ]]
}

@test "fields of every type come out as their type says" {
    manifest '<data name="i8" inType="win:Int8"/><data name="u8" inType="win:UInt8"/>
      <data name="i16" inType="win:Int16"/><data name="i64" inType="win:Int64"/>
      <data name="h32" inType="win:HexInt32"/><data name="b" inType="win:Boolean"/>
      <data name="p" inType="win:Pointer"/><data name="d" inType="win:Double"/>
      <data name="g" inType="win:GUID"/><data name="t" inType="win:FILETIME"/>
      <data name="a" inType="win:AnsiString"/><data name="n" inType="win:UInt16"/>
      <data name="bin" inType="win:Binary" length="n"/><data name="list" inType="win:UInt32" count="2"/>
      <data name="s" inType="win:UInt32" outType="win:NTSTATUS"/><data name="sid" inType="win:SID"/>' '
      <event value="1" symbol="All" template="all" keywords="io" task="start" opcode="go" channel="op"/>'
    driver DriverEvents.h <<'END'
    static const UCHAR sid[] = {1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0};
    ULONG list[2] = {1, 2};
    LARGE_INTEGER time = {0};
    C_ASSERT(MY_IO == 4 && MY_START == 3 && MY_GO == 12 && MY_CHANNEL == 16 && All_value == 1);
    if (All.Keyword != 0x8000000000000004ull || All.Task != 3 || All.Opcode != 12 || All.Channel != 16)
        DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "wrong descriptor\n");
    EventRegisterMy_Driver();
    EventWriteAll(NULL, -1, 255, -2, -5000000000ll, 255, TRUE, (PVOID)16, 0.5, &MY_PROVIDER, &time, "text", 3,
                  "\1\2\3", list, STATUS_PENDING, sid);
END
    "$STORHOST" build driver.vcxproj -o driver.so
    run -1 --separate-stderr "$STORHOST" info ./driver.so --driver-trace verbose
    has "driver: All: i8=-1, u8=255, i16=-2, i64=-5000000000, h32=0xFF, b=TRUE, p=0000000000000010, d=0.5, "
    has "g={0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9}, t=1601-01-01 00:00:00.000, a=text, n=3, bin=01 02 03, "
    has "list=01 00 00 00 02 00 00 00, s=STATUS_PENDING (0x00000103), sid=S-1-5-18"
    [[ $stderr != *wrong* ]]
}

@test "events without a manifest are lines of bytes, and handles are looked at" {
    cat >driver.c <<'END'
#include <ntddk.h>
static UCHAR told;
static VOID NTAPI Enabled(LPCGUID Source, ULONG Control, UCHAR Level, ULONGLONG Any, ULONGLONG All,
                          PEVENT_FILTER_DESCRIPTOR Filter, PVOID Context)
{
    told = Control == 1 ? Level : 0;
}
ULONG DriverEntry(PVOID DriverObject, PVOID RegistryPath)
{
    static const GUID guid = {1, 2, 3, {4}};
    static const EVENT_DESCRIPTOR event = {7, 0, 0, 2, 0, 0, 0};
    EVENT_DATA_DESCRIPTOR data[2] = {{(ULONG_PTR)"\1\2", 2}, {(ULONG_PTR)"\3", 1}};
    REGHANDLE handle = 0, other = 0;
    GUID id = {0};
    NTSTATUS status[6];

    status[0] = EtwRegister(&guid, Enabled, NULL, &handle);
    status[1] = EtwWrite(handle, &event, NULL, 2, data);
    status[2] = EtwWriteString(handle, 4, 0, NULL, L"a string");
    status[3] = EtwUnregister(handle);
    EtwRegister(&guid, NULL, NULL, &other);
    status[4] = EtwWrite(handle, &event, NULL, 0, NULL);
    status[5] = EtwUnregister(handle);
    DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "%x %x %x %x %x %x told %d enabled %d id %d\n", status[0], status[1], status[2], status[3],
             status[4], status[5], told, EtwEventEnabled(other, &event), EtwActivityIdControl(3, &id) == 0 && id.Data1);
    EtwUnregister(other);
    return (ULONG)STATUS_UNSUCCESSFUL;
}
END
    "$STORHOST" build driver.c -o driver.so
    run -1 --separate-stderr "$STORHOST" info ./driver.so --driver-trace information
    has "driver: [ERROR] event 7 of {00000001-0002-0003-0400-000000000000}: 01 02, 03"
    has "driver: [INFORMATION] a string"
    has "driver: 0 0 0 0 c0000008 c0000008 told 4 enabled 1 id 1"
    run -1 --separate-stderr "$STORHOST" info ./driver.so
    has "driver: 0 0 0 0 c0000008 c0000008 told 0 enabled 0 id 1"
    [[ $stderr != *"a string"* ]]
}

@test "a broken manifest is refused with its line and the reason" {
    driver DriverEvents.h </dev/null
    manifest '<data name="x" inType="win:UInt32"/>' '<event value="1" symbol="A" level="loud"/>'
    run -1 --separate-stderr "$STORHOST" build driver.vcxproj -o driver.so
    has 'events.man:11: level="loud": the manifest does not define it'
    manifest '' '<event value="many" symbol="A"/>'
    run -1 --separate-stderr "$STORHOST" build driver.vcxproj -o driver.so
    has 'events.man:11: value="many": give a number'
    echo '<project/>' >events.man
    run -1 --separate-stderr "$STORHOST" build driver.vcxproj -o driver.so
    has "events.man:1: <project>: no instrumentation manifest begins like this"
    printf '<a>\n<b></a>' >events.man
    run -1 --separate-stderr "$STORHOST" build driver.vcxproj -o driver.so
    has "events.man:2: not well-formed XML"
    [ ! -e driver.so ]
}

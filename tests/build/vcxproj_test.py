"""Visual Studio projects: what is compiled and linked, in which configuration, and what is left out."""
import sys

from fixture import (
    DRIVER_ENTRY,
    added_defines,
    case,
    equal,
    holds,
    main,
    make,
    names,
    read,
    refused,
    vcxproj,
    write,
)

DEFINITIONS = "<ItemDefinitionGroup><{0}>{1}</{0}></ItemDefinitionGroup>"
WHICH = DEFINITIONS.format(
    "ClCompile", "<PreprocessorDefinitions>C=$(Configuration.Replace(' ',''))</PreprocessorDefinitions>"
)


def chosen(folder, configurations, **changes):
    return make(folder, WHICH, configurations=configurations, **changes).configuration


@case("the release configuration for x64 is built where none is asked for")
def _(folder):
    equal(chosen(folder, ("Debug|Win32", "Debug|x64", "Release|Win32", "Release|x64")), "Release|x64")


@case("of several releases, the one for the newest Windows is built")
def _(folder):
    pairs = (
        "Win7 Release|x64",
        "Win8.1 Release|x64",
        "Win11 Release|x64",
        "Win10 Release|x64",
        "Win12 Release|ARM64",
        "Win12 Debug|x64",
    )
    equal(chosen(folder, pairs), "Win11 Release|x64")


@case("a configuration is asked for by name, with or without its platform, in any case")
def _(folder):
    pairs = ("Win10 Release|x64", "Win11 Release|x64", "Win11 Debug|x64")
    for text in ("Win10 Release", "win10 release", "Win10 Release|x64", "Win10 Release|AMD64"):
        equal(chosen(folder, pairs, config=text), "Win10 Release|x64")
    equal(chosen(folder, pairs, debug=True), "Win11 Debug|x64")


@case("a configuration that does not exist is refused with those that do")
def _(folder):
    write(folder, {"driver.c": "", "driver.vcxproj": vcxproj(WHICH)})
    refused(folder / "driver.vcxproj", "no configuration 'Retail'", "'Debug', 'Release'", config="Retail")


@case("other platforms are refused, and so is a project without x64")
def _(folder):
    make(folder)
    refused(folder / "driver.vcxproj", "platform 'ARM64'", platform="ARM64")
    refused(folder / "driver.vcxproj", "platform 'Win32'", config="Release|Win32")
    write(folder, {"driver.vcxproj": vcxproj(WHICH, configurations=("Release|Win32", "Release|ARM64"))})
    refused(folder / "driver.vcxproj", "Win32, ARM64", "x64")


@case("debug configurations are checked builds, releases are not")
def _(folder):
    body = """<PropertyGroup Condition="'$(Configuration)'=='Debug'">
        <UseDebugLibraries>true</UseDebugLibraries></PropertyGroup>"""
    equal("DBG=1" in make(folder, body, debug=True).sources[0].defines, True)
    equal("DBG=1" in make(folder, body).sources[0].defines, False)


@case("the version of Windows comes from the project, and an own definition wins over it")
def _(folder):
    defines = make(folder).sources[0].defines
    equal(
        ("_WIN32_WINNT=0x0A00" in defines, any(define.startswith("NTDDI_VERSION") for define in defines)),
        (True, False),
    )
    before = "<PropertyGroup><TargetVersion>Win7</TargetVersion></PropertyGroup>"
    defines = make(folder, before=before).sources[0].defines
    equal(("_WIN32_WINNT=0x0601" in defines, "NTDDI_VERSION=0x06010000" in defines), (True, True))
    before = "<PropertyGroup><_NT_TARGET_VERSION>0xA000006</_NT_TARGET_VERSION></PropertyGroup>"
    defines = make(folder, before=before).sources[0].defines
    equal(("_WIN32_WINNT=0x0A00" in defines, "NTDDI_VERSION=0x0A000006" in defines), (True, True))
    body = DEFINITIONS.format(
        "ClCompile", "<PreprocessorDefinitions>_WIN32_WINNT=0x0602</PreprocessorDefinitions>"
    )
    defines = make(folder, body).sources[0].defines
    equal([define for define in defines if define.startswith("_WIN32_WINNT")], ["_WIN32_WINNT=0x0602"])
    defines = make(folder, body, defines=["_WIN32_WINNT=5"]).sources[0].defines
    equal([define for define in defines if define.startswith("_WIN32_WINNT")], ["_WIN32_WINNT=5"])


@case("a file that is excluded from the build is not compiled, in that configuration")
def _(folder):
    body = """<ItemGroup><ClCompile Include="a.c">
        <ExcludedFromBuild Condition="'$(Configuration)|$(Platform)'=='Release|x64'">true</ExcludedFromBuild>
        </ClCompile></ItemGroup>"""
    equal(names(make(folder, body, files={"a.c": ""}).sources), ["driver.c"])
    equal(names(make(folder, body, files={"a.c": ""}, debug=True).sources), ["driver.c", "a.c"])


@case("settings of single files are theirs alone")
def _(folder):
    project = make(
        folder,
        """<ItemGroup><ClCompile Include="a.c">
        <PreprocessorDefinitions>A;%(PreprocessorDefinitions)</PreprocessorDefinitions>
        <UndefinePreprocessorDefinitions>WINNT</UndefinePreprocessorDefinitions>
        <AdditionalIncludeDirectories>inc;%(AdditionalIncludeDirectories)</AdditionalIncludeDirectories>
        <ForcedIncludeFiles>force.h;%(ForcedIncludeFiles)</ForcedIncludeFiles>
        <StructMemberAlignment>4Bytes</StructMemberAlignment>
        <LanguageStandard_C>stdc11</LanguageStandard_C>
        <AdditionalOptions>/D B="x y" /DC=1 -U D /I more /FIother.h /kernel /Zc:inline %(AdditionalOptions)
        </AdditionalOptions>
        </ClCompile></ItemGroup>""",
        files={"a.c": "", "inc/x.h": "", "more/y.h": "", "force.h": ""},
    )
    first, second = project.sources
    equal((first.undefines, first.include_folders, first.forced_includes, first.flags), ([], [], [], []))
    equal(
        [define for define in second.defines if define[0] in "ABC" and define[1:2] in ("", "=")],
        ["A", "B=x y", "C=1"],
    )
    equal(second.undefines, ["WINNT", "D"])
    equal([path.name for path in second.include_folders], ["inc", "more"])
    equal(second.forced_includes, [str(folder / "force.h"), "other.h"])
    equal(second.flags, ["-std=gnu11", "-fpack-struct=4"])


@case("C++ is told by the suffix, and by the project")
def _(folder):
    project = make(
        folder,
        """<ItemGroup><ClCompile Include="a.cpp"><LanguageStandard>stdcpp20</LanguageStandard></ClCompile>
        <ClCompile Include="b.c"><CompileAs>CompileAsCpp</CompileAs></ClCompile>
        <ClCompile Include="c.cpp"><AdditionalOptions>/TC</AdditionalOptions></ClCompile></ItemGroup>""",
        files={"a.cpp": "", "b.c": "", "c.cpp": ""},
    )
    equal([source.is_cxx for source in project.sources], [False, True, True, False])
    equal(project.sources[1].flags, ["-std=gnu++20"])


@case("folders are found in any case, and those that do not exist are told in the plan")
def _(folder):
    inner = folder / "inner"
    write(folder, {"Include/a.h": ""})
    project = make(
        inner,
        DEFINITIONS.format(
            "ClCompile",
            """<AdditionalIncludeDirectories>..\\INCLUDE;gone;$(DDK_INC_PATH);
        C:\\wdk;;%(AdditionalIncludeDirectories)</AdditionalIncludeDirectories>""",
        )
        + '<ItemGroup><ClCompile Include="SUB\\Inner.C" /></ItemGroup>',
        files={"sub/inner.c": ""},
    )
    equal(project.sources[0].include_folders, [folder / "Include"])
    equal(project.absent_folders, ["gone"])
    equal(project.sources[1].path, inner / "sub" / "inner.c")


@case("sources of one name in different folders are both compiled")
def _(folder):
    project = make(
        folder,
        '<ItemGroup><ClCompile Include="a\\x.c;b\\x.c;A\\X.c" /></ItemGroup>',
        files={"a/x.c": "", "b/x.c": ""},
    )
    equal([source.path.parent.name for source in project.sources[1:]], ["a", "b"])


@case("a source that does not exist is refused with its place in the project")
def _(folder):
    write(folder, {"driver.vcxproj": vcxproj('<ItemGroup>\n<ClCompile Include="gone.c" /></ItemGroup>')})
    refused(folder / "driver.vcxproj", "driver.vcxproj:17: gone.c does not exist")


@case("messages, manifests, resources and INF files are sorted by what they are")
def _(folder):
    project = make(
        folder,
        """<ItemGroup><MessageCompile Include="errors.mc" /><ResourceCompile Include="driver.rc;log.mc" />
        <MessageCompile Include="events.xml" /><CustomBuild Include="etw.man">
        <Command>mc.exe etw.man</Command>
        <Outputs>etw.h</Outputs></CustomBuild></ItemGroup>
        <ItemGroup><Inf Exclude="@(Inf)" Include="*.inf;*.inx" /></ItemGroup>""",
        files={
            name: "" for name in ("errors.mc", "log.mc", "driver.rc", "events.xml", "etw.man", "Driver.inf")
        },
    )
    equal([path.name for path in project.message_files], ["errors.mc", "log.mc"])
    equal([path.name for path in project.event_manifests], ["events.xml", "etw.man"])
    equal([path.name for path in project.resource_files], ["driver.rc"])
    equal([path.name for path in project.inf_files], ["Driver.inf"])


@case("traces are described as on the preprocessor's command line, files of equal settings together")
def _(folder):
    project = make(
        folder,
        DEFINITIONS.format(
            "ClCompile",
            """<WppEnabled>true</WppEnabled><WppKernelMode>true</WppKernelMode>
        <WppScanConfigurationData>TRACE.h</WppScanConfigurationData><WppModuleName>mod</WppModuleName>
        <WppTraceFunction>Trace(LEVEL,FLAGS,MSG,...);Dump((LEVEL,MSG,...))</WppTraceFunction>
        <WppAdditionalOptions>-func:More{LEVEL=X}(MSG, ...) -x:1</WppAdditionalOptions>""",
        )
        + """<ItemGroup><ClCompile Include="a.c" /><ClCompile Include="b.c"><WppEnabled>false</WppEnabled>
            </ClCompile>
        <ClCompile Include="c.c"><WppRecorderEnabled>true</WppRecorderEnabled></ClCompile></ItemGroup>""",
        files={"a.c": "", "b.c": "", "c.c": "", "trace.h": ""},
    )
    first, second = project.trace_files
    equal((names(first.sources), names(second.sources)), (["driver.c", "a.c"], ["c.c"]))
    equal([path.name for path in first.scanned_headers], ["trace.h"])
    equal(first.functions, ["Trace(LEVEL,FLAGS,MSG,...)", "Dump((LEVEL,MSG,...))", "More{LEVEL=X}(MSG, ...)"])
    equal(first.options, ["-km", "-p:mod", "-x:1"])
    equal("-DENABLE_WPP_RECORDER=1" in second.options, True)


@case("steps that cannot be run are named, those of the kit's headers with what they make")
def _(folder):
    project = make(
        folder,
        """<ItemGroup><CustomBuild Include="gen.pl"><Command>perl gen.pl</Command>
        <Outputs>$(IntDir)made.h;%(Outputs)</Outputs></CustomBuild><Midl Include="i.idl" /></ItemGroup>
        <ItemGroup><CustomBuild Include="x.in"><Command>copy</Command><Outputs>x.inf</Outputs>
        </CustomBuild></ItemGroup>
        <Target Name="Before" BeforeTargets="ClCompile"><Exec Command="perl more.pl" /></Target>
        <Target Name="After" AfterTargets="Link"><Exec Command="sign" /></Target>
        <Target Name="Other" Condition="'1'=='2'" BeforeTargets="ClCompile"><Exec Command="no" /></Target>""",
    )
    equal(
        [(step.name, step.outputs) for step in project.build_steps],
        [("gen.pl", ["made.h"]), ("x.in", ["x.inf"]), ("midl i.idl", ["i.h"]), ("target Before", [])],
    )
    equal(len(project.notes), 1)
    holds(project.notes[0], "not run here", "gen.pl", "midl i.idl", "target Before")


@case("assembly for Microsoft's assembler is left out and noted")
def _(folder):
    project = make(folder, '<ItemGroup><MASM Include="fast.asm" /></ItemGroup>', files={"fast.asm": ""})
    holds(project.notes[0], "fast.asm", "left out")


@case("libraries of the kit are named in small letters without their folders")
def _(folder):
    project = make(
        folder,
        DEFINITIONS.format(
            "Link",
            """<AdditionalDependencies>%(AdditionalDependencies);
        $(DDK_LIB_PATH)\\StorPort.lib;$(DDK_LIB_PATH )ntoskrnl.lib;$(KernelBufferOverflowLib)
        </AdditionalDependencies>""",
        ),
    )
    equal(project.library_names, ["storport.lib", "ntoskrnl.lib", "bufferoverflowfastfailk.lib"])


LIBRARY = vcxproj(
    """<PropertyGroup><TargetName>helper</TargetName></PropertyGroup>
    <ItemGroup><ClCompile Include="helper.c" /></ItemGroup>""",
    kind="StaticLibrary",
)


@case("a static library that the project refers to is built with it, in the same configuration")
def _(folder):
    write(folder, {"lib/helper.vcxproj": LIBRARY, "lib/helper.c": ""})
    project = make(
        folder / "driver",
        '<ItemGroup><ProjectReference Include="..\\Lib\\helper.vcxproj" /></ItemGroup>'
        + DEFINITIONS.format("Link", "<AdditionalDependencies>helper.lib;hal.lib</AdditionalDependencies>"),
        debug=True,
    )
    equal([library.name for library in project.libraries], ["helper"])
    equal((project.libraries[0].kind, project.libraries[0].configuration), ("library", "Debug|x64"))
    equal((names(project.libraries[0].sources), project.library_names), (["helper.c"], ["hal.lib"]))


@case("a static library that is linked by its name only is found where the linker would look")
def _(folder):
    write(
        folder,
        {
            "lib/other.vcxproj": vcxproj(kind="StaticLibrary"),
            "lib/helper.vcxproj": LIBRARY,
            "lib/helper.c": "",
        },
    )
    project = make(
        folder / "driver",
        DEFINITIONS.format(
            "Link",
            """<AdditionalDependencies>Helper.lib</AdditionalDependencies>
        <AdditionalLibraryDirectories>..\\lib\\$(OutDir)</AdditionalLibraryDirectories>""",
        ),
    )
    equal([library.name for library in project.libraries], ["helper"])


@case("and so it is in the solution")
def _(folder):
    write(
        folder,
        {
            "far/away/helper.vcxproj": LIBRARY,
            "far/away/helper.c": "",
            "all.sln": [
                "",
                "Microsoft Visual Studio Solution File, Format Version 12.00",
                'Project("{X}") = "driver", "driver\\driver.vcxproj", "{1}"',
                "EndProject",
                'Project("{X}") = "helper", "far\\away\\helper.vcxproj", "{2}"',
                "EndProject",
            ],
        },
    )
    project = make(
        folder / "driver",
        DEFINITIONS.format("Link", "<AdditionalDependencies>helper.lib</AdditionalDependencies>"),
    )
    equal([library.name for library in project.libraries], ["helper"])


@case("programs and drivers that the project refers to are noted, not built")
def _(folder):
    write(folder, {"tool/tool.vcxproj": vcxproj(kind="Application")})
    project = make(folder, '<ItemGroup><ProjectReference Include="tool\\tool.vcxproj" /></ItemGroup>')
    equal(project.libraries, [])
    holds(project.notes[0], "tool.vcxproj", "a program")


@case("a circle of references is refused")
def _(folder):
    reference = '<ItemGroup><ClCompile Include="a.c" /><ProjectReference Include="{}.vcxproj" /></ItemGroup>'
    write(
        folder,
        {
            "a.c": "",
            "a.vcxproj": vcxproj(reference.format("b"), kind="StaticLibrary"),
            "b.vcxproj": vcxproj(reference.format("a"), kind="StaticLibrary"),
        },
    )
    refused(folder / "a.vcxproj", "b.vcxproj:", "refers to a.vcxproj", "circle")


@case("a library that many others refer to is read and linked once")
def _(folder):
    reference = '<ProjectReference Include="l{0}.vcxproj" /><ProjectReference Include=".\\M{0}.vcxproj" />'
    files = {"a.c": ""}
    for number in range(16):
        both = reference.format(number + 1) if number < 15 else ""
        text = vcxproj(f'<ItemGroup><ClCompile Include="a.c" />{both}</ItemGroup>', kind="StaticLibrary")
        files.update({f"l{number}.vcxproj": text, f"m{number}.vcxproj": text})
    write(folder, files)
    found = read(folder / "l0.vcxproj")
    equal((len(found.libraries), len(found.with_libraries())), (2, 31))


@case("what builds no driver is refused by name of what it builds")
def _(folder):
    for kind, before, words in (
        ("Application", "", "a program"),
        (
            "DynamicLibrary",
            "<PropertyGroup><PlatformToolset>v143</PlatformToolset></PropertyGroup>",
            "a dynamic library",
        ),
        ("Driver", "<PropertyGroup><DriverType>UMDF</DriverType></PropertyGroup>", "a user-mode driver"),
        ("Utility", "<PropertyGroup><DriverType>Package</DriverType></PropertyGroup>", "a driver package"),
    ):
        reference = '<ItemGroup><ProjectReference Include="..\\x\\real.vcxproj" /></ItemGroup>'
        write(folder, {"p.vcxproj": vcxproj(reference, kind=kind, before=before)})
        refused(folder / "p.vcxproj", words, "real.vcxproj")


@case("the module is called as the project's target")
def _(folder):
    equal(make(folder).name, "driver")
    equal(
        make(
            folder, "<PropertyGroup><TargetName>$(ProjectName)-$(PlatformTarget)</TargetName></PropertyGroup>"
        ).name,
        "driver-x64",
    )
    equal(make(folder, "<PropertyGroup><TargetName>..\\..\\x</TargetName></PropertyGroup>").name, "x")
    equal(make(folder, name="mine").name, "mine")


@case("a project that the kit has converted takes settings and sources from sources.props")
def _(folder):
    write(
        folder,
        {
            "driver.c": DRIVER_ENTRY,
            "second.c": "",
            "driver.rc": "",
            "inc/x.h": "",
            "sources.props": """<Project>
        <PropertyGroup><TARGETNAME>old</TARGETNAME><C_DEFINES>$(C_DEFINES) -DONE /DTWO</C_DEFINES>
        <INCLUDES>.\\inc;</INCLUDES>
        <SOURCES>driver.c second.c driver.rc</SOURCES>
        <TARGETLIBS>$(DDK_LIB_PATH)\\storport.lib hal.lib</TARGETLIBS>
        </PropertyGroup></Project>""",
            "driver.vcxproj": vcxproj(
                """
        <ItemGroup><ClCompile Include="@(ClSourceFiles)" Exclude="@(ClCompile)" /></ItemGroup>
        <ItemGroup><ResourceCompile Include="@(RcSourceFiles)" /></ItemGroup>""",
                before='<Import Project="$(VCTargetsPath)\\WDKConversion\\PreConfiguration.props" />',
            ),
        },
    )
    project = read(folder / "driver.vcxproj")
    equal(
        (project.name, names(project.sources), added_defines(project)),
        ("old", ["driver.c", "second.c"], ["ONE", "TWO"]),
    )
    equal(
        ([path.name for path in project.sources[0].include_folders], project.library_names),
        (["inc"], ["storport.lib", "hal.lib"]),
    )
    equal([path.name for path in project.resource_files], ["driver.rc"])


@case("a file in UTF-16, with a byte order mark, is read")
def _(folder):
    make(folder)
    text = (folder / "driver.vcxproj").read_text().replace('encoding="utf-8"', 'encoding="utf-16"')
    write(folder, {"driver.c": DRIVER_ENTRY, "driver.vcxproj": text.encode("utf-16")})
    equal(names(read(folder / "driver.vcxproj").sources), ["driver.c"])
    equal(added_defines(read(folder / "driver.vcxproj")), [])


if __name__ == "__main__":
    sys.exit(main())

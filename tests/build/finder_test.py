"""What the user may name instead of a project file: folders, solutions, `dirs` files, lists of C files."""
import sys

from fixture import DRIVER_ENTRY, case, equal, main, names, options, read, refused, vcxproj, write
from process import BuildError
from readers import read_project

COMPILED = '<ItemGroup><ClCompile Include="driver.c" /></ItemGroup>'


def project(kind="Driver", name="driver"):
    return vcxproj(f"{COMPILED}<PropertyGroup><TargetName>{name}</TargetName></PropertyGroup>", kind=kind)


def solution(*members):
    lines = ["\ufeff", "Microsoft Visual Studio Solution File, Format Version 12.00"]
    for member in members:
        lines += [f'Project("{{X}}") = "{member}", "{member}", "{{{member}}}"', "EndProject"]
    return lines


@case("a folder stands for the only driver in it, at any depth, whatever else is there")
def _(folder):
    write(
        folder,
        {
            "a/b/src/driver.vcxproj": project(),
            "a/b/src/driver.c": DRIVER_ENTRY,
            "a/b/src/sources": "x",
            "tool/tool.vcxproj": project("Application"),
            ".hidden/x.vcxproj": project(name="hidden"),
        },
    )
    equal(read(folder).name, "driver")


@case("a folder with several drivers is refused with a list of them")
def _(folder):
    write(
        folder,
        {
            "a/a.vcxproj": project(),
            "b/b.vcxproj": project(),
            "c/sources": ["TARGETTYPE=DRIVER", "SOURCES=x.c"],
        },
    )
    refused(folder, "holds 3 drivers", "a/a.vcxproj", "b/b.vcxproj", "c/sources")


@case("a folder without a driver says what it holds")
def _(folder):
    refused(folder, "holds no .vcxproj")
    write(folder, {"tool/tool.vcxproj": project("Application")})
    refused(folder, "holds no driver", "tool/tool.vcxproj")
    write(folder, {"broken/b.vcxproj": "<Project"})
    refused(folder, "broken/b.vcxproj:1: not well-formed")


@case("a solution stands for the only driver among its projects")
def _(folder):
    write(
        folder,
        {
            "s.sln": solution("x\\driver.vcxproj", "tool.vcxproj", "gone.vcxproj", "net.csproj"),
            "X/Driver.vcxproj": project(),
            "X/driver.c": "",
            "tool.vcxproj": project("Application"),
            "other/other.vcxproj": project(),
        },
    )
    equal(read(folder / "s.sln").folder, folder / "X")
    write(
        folder,
        {"s.slnx": '<Solution><Folder Name="/f/"><Project Path="X/Driver.vcxproj" /></Folder></Solution>'},
    )
    equal(read(folder / "s.slnx").folder, folder / "X")


@case("a solution with several drivers lists them; one that is none is refused")
def _(folder):
    write(
        folder, {"s.sln": solution("a.vcxproj", "b.vcxproj"), "a.vcxproj": project(), "b.vcxproj": project()}
    )
    refused(folder / "s.sln", "holds 2 drivers", "a.vcxproj", "b.vcxproj")
    write(folder, {"t.sln": "hello"})
    refused(folder / "t.sln", "t.sln:1:", "solution")


@case("projects see the folder of the solution that holds them")
def _(folder):
    write(
        folder,
        {
            "s.sln": solution("in\\driver.vcxproj"),
            "in/driver.c": "",
            "inc/x.h": "",
            "in/driver.vcxproj": vcxproj(
                COMPILED
                + """<ItemDefinitionGroup><ClCompile><AdditionalIncludeDirectories>$(SolutionDir)inc
        </AdditionalIncludeDirectories></ClCompile></ItemDefinitionGroup>"""
            ),
        },
    )
    equal(read(folder / "in" / "driver.vcxproj").sources[0].include_folders, [folder / "inc"])


@case("a `dirs` file leads to the only driver below it")
def _(folder):
    write(
        folder,
        {
            "dirs": ["DIRS= tool \\", "  Deeper"],
            "tool/sources": ["TARGETTYPE=PROGRAM", "SOURCES=t.c"],
            "deeper/dirs": "DIRS=drv{x}",
            "deeper/drv/sources": ["TARGETTYPE=DRIVER", "SOURCES=d.c", "TARGETNAME=d"],
            "deeper/drv/d.c": "",
        },
    )
    equal(read(folder / "dirs").name, "d")
    write(folder, {"deeper/dirs": "DIRS=..\\"})
    refused(folder / "dirs", "circle")


@case("a list of C files is a project of their names")
def _(folder):
    write(folder, {"a.c": "", "b.cpp": ""})
    found = read_project(
        [str(folder / "a.c"), str(folder / "b.cpp")], options(defines=["X"], include_folders=["inc"])
    )
    equal((found.name, [source.is_cxx for source in found.sources]), ("a", [False, True]))
    equal(
        (found.sources[0].defines, [str(path) for path in found.sources[0].include_folders]), (["X"], ["inc"])
    )
    refused(folder / "a.c", "no configurations", config="Release")


@case("what is no project is refused with what would be one")
def _(folder):
    write(folder, {"x.txt": "", "a.c": "", "d.vcxproj": vcxproj()})
    refused(folder / "x.txt", "no kind of project")
    refused(folder / "none.vcxproj", "no such file")
    refused(folder / "d.vcxproj", "names no C files", "Release|x64")
    try:
        read_project([str(folder / "a.c"), str(folder / "d.vcxproj")], options())
    except BuildError as error:
        equal("one project file, or C files only" in str(error), True)
    else:
        raise AssertionError("a mixture was taken")


@case("a project is read from any folder, and named as the user names it")
def _(folder):
    write(folder, {"x/driver.vcxproj": project(), "x/driver.c": ""})
    equal(names(read(folder / "x").sources), ["driver.c"])
    equal(read(folder / "x").sources[0].path, folder / "x" / "driver.c")


OLD = """<?xml version="1.0" encoding="Windows-1252"?>
    <VisualStudioProject ProjectType="Visual C++" Name="old">
    <Platforms><Platform Name="x64" /></Platforms><Configurations>
    <Configuration Name="Debug|x64" ConfigurationType="{0}" />
    <Configuration Name="Release|x64" ConfigurationType="{0}" InheritedPropertySheets=".\\Sheet.vsprops">
    <Tool Name="VCCLCompilerTool" PreprocessorDefinitions="ONE;TWO=2" AdditionalOptions="/D FOUR"
    AdditionalIncludeDirectories="inc;&quot;$(SDK)&quot;" /><Tool Name="VCLinkerTool" SubSystem="{1}"
    OutputFile="$(OutDir)\\mini.sys" AdditionalDependencies="storport.lib ntoskrnl.lib" /></Configuration>
    </Configurations><Files><Filter Name="Source Files"><File RelativePath=".\\Driver.c">
    <FileConfiguration Name="Release|x64"><Tool Name="VCCLCompilerTool" PreprocessorDefinitions="FIVE" />
    </FileConfiguration></File><File RelativePath="left.c">
    <FileConfiguration Name="Release|x64" ExcludedFromBuild="true" /></File></Filter>
    <File RelativePath="mini.inf" /></Files></VisualStudioProject>"""
SHEET = """<VisualStudioPropertySheet><Tool Name="VCCLCompilerTool" PreprocessorDefinitions="THREE" />
    </VisualStudioPropertySheet>"""


@case("projects of Visual Studio 2005 and 2008 are read, with their property sheets")
def _(folder):
    write(folder, {"old.vcproj": OLD.format("2", "3"), "driver.c": "", "left.c": "", "sheet.vsprops": SHEET})
    write(folder, {"inc/x.h": "", "mini.inf": ""})
    project = read(folder / "old.vcproj")
    equal((project.name, project.kind, project.configuration), ("mini", "driver", "Release|x64"))
    equal((names(project.sources), project.library_names), (["driver.c"], ["storport.lib", "ntoskrnl.lib"]))
    missing = {"ONE", "TWO=2", "THREE", "FOUR", "FIVE"} - set(project.sources[0].defines)
    equal((missing, [path.name for path in project.sources[0].include_folders]), (set(), ["inc"]))
    equal([path.name for path in project.inf_files], ["mini.inf"])
    write(folder, {"old.vcproj": OLD.format("1", "1")})
    refused(folder / "old.vcproj", "a program")


@case("one that only calls BUILD stands for the `sources` file beside it")
def _(folder):
    write(folder, {"old.vcproj": OLD.format("0", "0"), "driver.c": ""})
    refused(folder / "old.vcproj", "calls another program")
    write(folder, {"sources": ["TARGETNAME=built", "TARGETTYPE=MINIPORT", "SOURCES=driver.c"]})
    equal(read(folder / "old.vcproj").name, "built")


if __name__ == "__main__":
    sys.exit(main())

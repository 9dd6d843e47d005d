"""`storhost build` of whole projects: what is printed, what is made, and that it runs.

    built_test.py [part of a case's name]

STORHOST names the command.
"""
import json
import os
import subprocess
import sys

from fixture import DRIVER_ENTRY, ROOT, case, equal, holds, main, run_build, vcxproj, write

CALLS = DRIVER_ENTRY.replace(
    "ULONG DriverEntry(PVOID driver, PVOID path);",
    "ULONG Helper(void);\nULONG One(void);\nULONG Two(void);\n"
    "ULONG DriverEntry(PVOID driver, PVOID path);",
).replace("return STATUS_UNSUCCESSFUL;", "return Helper() + One() + Two() + FROM_SHEET;")


def link(text):
    dependencies = f"<AdditionalDependencies>{text}</AdditionalDependencies>"
    return f"<ItemDefinitionGroup><Link>{dependencies}</Link></ItemDefinitionGroup>"


@case("a project with a library, a property sheet and sources of one name becomes a module")
def _(folder):
    write(
        folder,
        {
            "lib/helper.vcxproj": vcxproj(
                '<ItemGroup><ClCompile Include="helper.c" /></ItemGroup>', kind="StaticLibrary"
            ),
            "lib/helper.c": "unsigned Helper(void);\nunsigned Helper(void) { return 1; }\n",
            "drv/sheet.props": """<Project><ItemDefinitionGroup><ClCompile>
                <PreprocessorDefinitions>FROM_SHEET=5
            </PreprocessorDefinitions></ClCompile></ItemDefinitionGroup></Project>""",
            "drv/driver.c": CALLS,
            "drv/driver.inf": "[Version]",
            "drv/a/x.c": '#include "..\\Inc\\One.h"\n',
            "drv/b/x.c": "unsigned Two(void);\nunsigned Two(void) { return 2; }\n",
            "drv/inc/one.h": "unsigned One(void);\nunsigned One(void) { return 3; }\n",
            "drv/mini.vcxproj": vcxproj(
                """<Import Project="Sheet.props" /><ItemGroup><ClCompile Include="driver.c;a\\x.c;b\\x.c" />
            <ProjectReference Include="..\\lib\\helper.vcxproj" /><Inf Include="driver.inf" /></ItemGroup>"""
                + link("storport.lib;helper.lib")
            ),
        },
    )
    result = run_build(folder, "drv", "--depfile", "mini.d")
    equal((result.stderr, result.returncode), ("", 0))
    holds(
        result.stdout,
        "mini.so: ",
        " of 4 sources, Release|x64",
        "storhost serve ./mini.so --device",
        "drv/driver.inf",
    )
    equal((folder / "mini.so").read_bytes()[:4], b"\x7fELF")
    holds(
        (folder / "mini.d").read_text(),
        "mini.so: ",
        "drv/mini.vcxproj",
        "drv/sheet.props",
        "lib/helper.vcxproj",
        "drv/inc/one.h",
    )
    equal(sorted(path.name for path in folder.iterdir()), ["drv", "lib", "mini.d", "mini.so"])


@case("--plan prints what would be built, as text and as JSON, and builds nothing")
def _(folder):
    write(
        folder,
        {
            "driver.c": "#error not compiled\n",
            "p.vcxproj": vcxproj(
                """<ItemGroup><ClCompile Include="driver.c">
        <PreprocessorDefinitions>SPECIAL=1;%(PreprocessorDefinitions)</PreprocessorDefinitions></ClCompile>
        </ItemGroup>
        <ItemGroup><CustomBuild Include="a.in"><Command>x</Command><Outputs>a.h</Outputs></CustomBuild>
        </ItemGroup>
        """
                + link("storport.lib")
            ),
        },
    )
    result = run_build(folder, "--plan", "p.vcxproj")
    equal(result.returncode, 0)
    holds(
        result.stdout,
        "driver p (Release|x64)",
        "driver.c",
        "SPECIAL=1",
        "linked with: storport.lib",
        "a.in (makes a.h)",
    )
    plan = json.loads(run_build(folder, "--plan", "--json", "p.vcxproj").stdout)
    equal((plan["kind"], plan["sources"][0]["path"]), ("driver", "driver.c"))
    equal(sorted(path.name for path in folder.iterdir()), ["driver.c", "p.vcxproj"])


@case("a header that a step of the build would make is explained by that step")
def _(folder):
    write(
        folder,
        {
            "driver.c": '#include "Made.h"\n' + DRIVER_ENTRY,
            "p.vcxproj": vcxproj(
                """<ItemGroup>
        <ClCompile Include="driver.c" /><CustomBuild Include="made.pl"><Command>perl made.pl</Command>
        <Outputs>$(IntDir)made.h</Outputs></CustomBuild></ItemGroup>"""
            ),
        },
    )
    result = run_build(folder, "p.vcxproj")
    equal(result.returncode, 1)
    holds(result.stderr, "driver.c:1:10: fatal error", "made.pl", "p.vcxproj:")
    equal((folder / "p.so").exists(), False)


@case("the compiler's errors name the source as the user would")
def _(folder):
    write(
        folder,
        {
            "x/driver.c": "\nint wrong = ;\n",
            "x/p.vcxproj": vcxproj('<ItemGroup><ClCompile Include="Driver.C" /></ItemGroup>'),
        },
    )
    result = run_build(folder, "x/p.vcxproj")
    equal(result.returncode, 1)
    holds(result.stderr, "x/driver.c:2:13: error:")


@case("words of the command line may stand in a file")
def _(folder):
    write(
        folder,
        {
            "driver.c": DRIVER_ENTRY.replace("STATUS_UNSUCCESSFUL", "VALUE"),
            "words.txt": '-D VALUE=1 # a comment\n-o "a module.so"\ndriver.c\n',
        },
    )
    result = run_build(folder, "-q", "@words.txt")
    equal((result.returncode, result.stdout, result.stderr), (0, "", ""))
    equal((folder / "a module.so").exists(), True)
    result = run_build(folder, "@gone.txt")
    equal(
        (result.returncode, result.stderr),
        (1, "storhost build: gone.txt: cannot be read: No such file or directory\n"),
    )


@case("what is wrong with a project is one line, without traces and control characters")
def _(folder):
    write(folder, {"p.vcxproj": vcxproj('<ItemGroup><ClCompile Include="a&#10;b%1b[31mc.c" /></ItemGroup>')})
    result = run_build(folder, "p.vcxproj")
    equal((result.returncode, result.stdout, result.stderr.count("\n")), (1, "", 1))
    holds(result.stderr, "storhost build: ", "p.vcxproj:16: ", "does not exist")
    equal("\x1b" in result.stderr, False)


@case("a miniport built from its project runs")
def _(folder):
    miniports = ROOT / "miniports"
    write(
        folder,
        {
            "sources": [
                "TARGETNAME=old",
                "TARGETTYPE=MINIPORT",
                "_NT_TARGET_VERSION=0xA00",
                f"INCLUDES={miniports}\\common",
                f"SOURCES={miniports}\\null-virtual\\null_virtual.c \\",
                *[
                    f"  {miniports}\\Common\\{name}.c \\"
                    for name in (
                        "reply",
                        "scsi_command",
                        "scsi_disk",
                        "scsi_inquiry",
                        "scsi_mode",
                        "settings",
                    )
                ],
            ],
            "new.vcxproj": vcxproj(
                f"""<ItemGroup><ClCompile Include="{miniports}\\null-virtual\\*.c;{miniports}\\common\\*.c"
            Exclude="{miniports}\\common\\memory_disk.c" /></ItemGroup>"""
            ),
        },
    )
    for project, name in (("sources", "old"), ("new.vcxproj", "new")):
        result = run_build(folder, project)
        equal((result.stderr, result.returncode), ("", 0))
        command = [os.environ["STORHOST"], "info", f"./{name}.so"]
        shown = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        )
        equal((shown.stderr, shown.returncode), ("", 0))
        holds(shown.stdout, f"adapter 0: {name} on none", "unit 0:0:0: disk")


if __name__ == "__main__":
    sys.exit(main())

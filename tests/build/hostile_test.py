"""Project files of ill will: each is refused soon, by one line with its place, and nothing is followed."""
import random
import sys
import time

from fixture import DRIVER_ENTRY, case, equal, main, make, options, read, refused, vcxproj, write
from process import BuildError
from readers import read_project

SECONDS_MAX = 10
MUTATIONS = 400


def refused_body(folder, body, *parts, files=None):
    started = time.monotonic()
    write(
        folder,
        {
            "driver.c": "",
            "driver.vcxproj": vcxproj(f'<ItemGroup><ClCompile Include="driver.c" /></ItemGroup>{body}'),
            **(files or {}),
        },
    )
    refused(folder / "driver.vcxproj", *parts)
    equal(time.monotonic() - started < SECONDS_MAX, True)


@case("entities are not expanded, neither many nor those of other files")
def _(folder):
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    for declared in (f'<!ENTITY l0 "laugh">{levels}', '<!ENTITY l9 SYSTEM "file:///etc/passwd">'):
        write(
            folder,
            {
                "driver.vcxproj": f"<!DOCTYPE Project [{declared}]>"
                "<Project><PropertyGroup><A>&l9;</A></PropertyGroup></Project>"
            },
        )
        refused(folder / "driver.vcxproj", "driver.vcxproj:1:")


@case("a document type, even an empty one, is refused")
def _(folder):
    write(folder, {"driver.vcxproj": '<!DOCTYPE Project SYSTEM "http://127.0.0.1:1/x.dtd"><Project />'})
    refused(folder / "driver.vcxproj", "document type")


@case("elements without end, conditions without end")
def _(folder):
    write(folder, {"driver.vcxproj": "<Project>" + "<Choose><When Condition='true'>" * 5000})
    refused(folder / "driver.vcxproj", "driver.vcxproj:1: not well-formed")
    body = "<Choose><When Condition='true'>" * 100 + "</When></Choose>" * 100
    make(folder, body)  # deep, but no deeper than XML is read
    refused_body(
        folder, f"<PropertyGroup Condition=\"{'!' * 5000}true\" />", "driver.vcxproj:", "nested too deeply"
    )
    refused_body(
        folder,
        f"<PropertyGroup><A>{'$(B.Replace(' * 100}</A></PropertyGroup>"
        + "<ItemGroup><ClCompile Include='x.c' />"
        "</ItemGroup>",
        "x.c",
    )
    nested = "$(A.Replace('a', '" * 50 + "'))" * 50
    refused_body(
        folder, f"<PropertyGroup><A>{nested}</A></PropertyGroup>", "driver.vcxproj:", "nested too deeply"
    )


@case("values that double themselves")
def _(folder):
    doubling = "<A>$(A)$(A)</A>" * 60
    refused_body(
        folder, f"<PropertyGroup><A>xxxxxxxx</A>{doubling}</PropertyGroup>", "driver.vcxproj:", "more than"
    )
    twice = "%(PreprocessorDefinitions)%(PreprocessorDefinitions)x"
    doubling = f"<ClCompile><PreprocessorDefinitions>{twice}</PreprocessorDefinitions></ClCompile>"
    refused_body(
        folder, f"<ItemDefinitionGroup>{doubling * 60}</ItemDefinitionGroup>", "driver.vcxproj:", "more than"
    )
    refused_body(
        folder,
        "<PropertyGroup><A>x</A>" + "<A>$(A.Replace('x', 'xxxxxxxxxxxxxxxx'))</A>" * 30 + "</PropertyGroup>"
        "<ItemGroup><ClCompile Include='$(A)gone.c' /></ItemGroup>",
        "gone.c",
    )
    doubling = '<I Include="@(I);@(I)" />' * 60
    refused_body(
        folder, f'<ItemGroup><I Include="a;b;c" />{doubling}</ItemGroup>', "driver.vcxproj:", "more than"
    )
    refused_body(
        folder,
        "<PropertyGroup><A>$([System.String]::Copy(x).PadLeft(999999999))</A></PropertyGroup>"
        '<ItemGroup><ClCompile Include="gone.c" /></ItemGroup>',
        "gone.c",
    )


@case("imports in a circle, to themselves, and without end")
def _(folder):
    imports = "<Project><Import Project='{}' /></Project>"
    refused_body(
        folder,
        "<Import Project='a.props' />",
        "b.props:1: imports",
        "circle",
        files={"a.props": imports.format("b.props"), "b.props": imports.format("a.props")},
    )
    refused_body(folder, "<Import Project='$(MSBuildThisFile)' />", "circle")
    files = {f"i{n}.props": imports.format(f"i{n + 1}.props") for n in range(100)}
    refused_body(folder, "<Import Project='i0.props' />", "more imports than a project has", files=files)
    refused_body(
        folder, "<Import Project='same.props' />" * 1100, "more imports", files={"same.props": "<Project />"}
    )


@case("wildcards that match slowly or look at everything")
def _(folder):
    name = "a" * 200 + ".c"
    refused_body(
        folder, f'<ItemGroup><ClCompile Include="{"*a" * 50}b" /></ItemGroup>', "wildcards", files={name: ""}
    )
    refused_body(folder, f'<ItemGroup><ClCompile Include="{"**/x/" * 50}b.c" /></ItemGroup>', "wildcards")
    make(folder, f'<ItemGroup><None Include="{"**/" * 50}*b" /></ItemGroup>')
    refused_body(folder, '<ItemGroup><None Include="\\**\\*.nothing" /></ItemGroup>' * 3, "visit more than")


@case("links that lead back to their own folder")
def _(folder):
    (folder / "loop").mkdir()
    (folder / "loop" / "again").symlink_to(folder / "loop")
    make(folder / "loop", '<ItemGroup><None Include="**\\*.h" /></ItemGroup>')
    equal(read(folder).name, "driver")


@case("files that are none: folders, pipes of zeros, what cannot be read")
def _(folder):
    (folder / "driver.vcxproj").mkdir()
    refused(folder / "driver.vcxproj", "holds no .vcxproj")
    write(
        folder,
        {
            "a.vcxproj": b"\0" * 1000,
            "b.vcxproj": b"",
            "c.vcxproj": b"\xff\xfe<\0P\0",
            "d.vcxproj": b" " * (17 << 20),
            "e.vcxproj": "<Other />",
            "f.vcxproj": "\x1b[31m<Project>",
        },
    )
    for name in "abcdef":
        refused(folder / f"{name}.vcxproj", f"{name}.vcxproj:1:")
    (folder / "g.props").mkdir()
    make(folder / "inner", "<Import Project='..\\g.props' />")


@case("names with zero bytes, of enormous length, and absolute ones lead nowhere")
def _(folder):
    refused_body(
        folder, f'<ItemGroup><ClCompile Include="{"x" * 100_000}.c" /></ItemGroup>', "does not exist"
    )
    refused_body(folder, '<ItemGroup><ClCompile Include="%00.c" /></ItemGroup>', "does not exist")
    refused_body(folder, '<ItemGroup><ClCompile Include="C:\\windows\\x.c" /></ItemGroup>', "does not exist")
    refused_body(
        folder, '<ItemGroup><ClCompile Include="\\\\host\\share\\x.c" /></ItemGroup>', "does not exist"
    )


@case("a name from the project never leads the module out of the user's folder")
def _(folder):
    for name in ("..\\..\\evil", "/tmp/evil", "C:\\evil", "a/../../evil"):
        equal(make(folder, f"<PropertyGroup><TargetName>{name}</TargetName></PropertyGroup>").name, "evil")
    for name in ("..", ".", "a/..", "/"):
        equal(make(folder, f"<PropertyGroup><TargetName>{name}</TargetName></PropertyGroup>").name, "driver")


@case("whatever happens to the bytes of a project, it is read or refused")
def _(folder):
    seed = random.randrange(1 << 32)
    print(f"# seed {seed}")
    dice = random.Random(seed)
    whole = vcxproj(
        """<ItemGroup><ClCompile Include="driver.c">
            <PreprocessorDefinitions Condition="'$(A.Replace('x','y'))'
        !='1' and (Exists('$(B)') or 1 &lt; 5)">%(PreprocessorDefinitions);A=$([MSBuild]::Add(1,2))
        </PreprocessorDefinitions>
        <AdditionalOptions>/D "A B" /I x</AdditionalOptions></ClCompile><None Include="**\\*.x" /></ItemGroup>
        <Choose><When Condition="'$(X)'==''"><PropertyGroup><X>$(Y.Substring(0, 1))</X></PropertyGroup>
        </When></Choose>"""
    ).encode()
    sources = "\n".join(
        [
            "TARGETNAME=x",
            "TARGETTYPE=DRIVER",
            '!IF "$(A)" == "" && defined(B) || (1 + 2) * 3 > 4',
            "C=$(D:a=b)",
            "!ELSE",
            "RUN_WPP=$(SOURCES) -func:A(B,C) \\",
            " -km",
            "!ENDIF",
            "SOURCES=driver.c",
        ]
    ).encode()
    write(folder, {"driver.c": DRIVER_ENTRY})
    old = (
        '<VisualStudioProject Name="old"><Configurations><Configuration Name="Release|x64" '
        'ConfigurationType="2" InheritedPropertySheets="a.vsprops;$(X)b">'
        '<Tool Name="VCLinkerTool" SubSystem="3" OutputFile="$(A)x.sys" />'
        '<Tool Name="VCCLCompilerTool" PreprocessorDefinitions="A;B=$(NOINHERIT)" />'
        "</Configuration></Configurations>"
        '<Files><File RelativePath="driver.c" /></Files></VisualStudioProject>'
    ).encode()
    members = "".join(
        f'Project("{{X}}") = "d", "{name}", "{{{name}}}"\nEndProject\n'
        for name in ("good.vcxproj", "other.vcxproj")
    )
    solution = f"\nMicrosoft Visual Studio Solution File, Format Version 12.00\n{members}".encode()
    write(folder, {"good.vcxproj": whole})
    texts = {
        "driver.vcxproj": whole,
        "sources": sources,
        "old.vcproj": old,
        "all.sln": solution,
        "dirs": b"DIRS= \\\n . ..\\x",
    }
    for number in range(MUTATIONS):
        name = dice.choice(list(texts))
        text = texts[name]
        data = bytearray(text)
        for _ in range(dice.randrange(1, 8)):
            at = dice.randrange(len(data) or 1)
            if data and dice.random() < 0.5:
                data[at] = dice.randrange(256)
            elif dice.random() < 0.5:
                del data[at:at + dice.randrange(20)]
            else:
                data[at:at] = dice.choice(
                    [b"$(", b")", b"'", b"%(", b"@(", b"(", b"!", b"\\", b"&#x25;", b"*", b"..", b"\n"]
                )
        write(folder, {name: bytes(data)})
        try:
            read_project([str(folder / name)], options())
        except BuildError as error:
            equal((str(error).count("\n"), len(str(error)) < 10_000), (0, True))
        except Exception:
            print(f"# mutation {number}: {bytes(data)!r}")
            raise


if __name__ == "__main__":
    sys.exit(main())

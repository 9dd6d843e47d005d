"""MSBuild's language: properties, conditions, property functions, imports, item definitions, items."""
import sys

from fixture import added_defines, case, equal, holds, main, make, names, refused, vcxproj, write
from msbuild_conditions import Condition
from msbuild_text import TextError, expand, expand_metadata, split_list, unescape

import msbuild_functions


class Scope:
    """Properties for expressions, and what is noted about them."""

    def __init__(self, **properties):
        self.properties = properties
        self.notes = []

    def property(self, name):
        return self.properties.get(name, "")

    def function(self, type_name, name, arguments):
        return msbuild_functions.static(type_name, name, arguments, "/")

    def expand(self, text):
        return expand(text, self)

    def exists(self, name):
        return name == "there"

    def note(self, text):
        self.notes.append(text)


def check_texts(scope, cases):
    for text, expected in cases.items():
        equal((text, expand(text, scope)), (text, expected))


@case("references are replaced by values, those to nothing by nothing")
def _(folder):
    check_texts(
        Scope(A="one", B="two"),
        {
            "$(A)": "one",
            "x$(A)y$(B)z": "xoneytwoz",
            "$(C)": "",
            "$( A )": "",
            "$A": "$A",
            "$(A": "$(A",
            "cost: 5$": "cost: 5$",
        },
    )


@case("methods of strings and what they return are chained")
def _(folder):
    check_texts(
        Scope(C="Win10 Release", V="17.0", E=""),
        {
            "$(C.Replace(' ',''))": "Win10Release",
            "$(C.EndsWith('Release'))": "True",
            "$(C.StartsWith(Win1))": "True",
            "$(V.Split('.')[0])": "17",
            "$(C.Substring(0, 5).ToLower())": "win10",
            "$(C.Substring($(V.IndexOf('.'))))": "n10 Release",
            "$(C.Length)": "13",
            "$(E.Trim())": "",
            "$(C.Contains('lease'))": "True",
        },
    )


@case("functions that driver projects use have their values")
def _(folder):
    check_texts(
        Scope(A="", F="/a/b/c.txt"),
        {
            "$([MSBuild]::ValueOrDefault('$(A)', 'none'))": "none",
            "$([MSBuild]::Add(2, 0x10))": "18",
            "$([System.IO.Path]::GetFileNameWithoutExtension('$(F)'))": "c",
            "$([System.IO.Path]::GetDirectoryName($(F)))": "/a/b",
            "$([System.IO.Path]::Combine('x', 'y'))": "x\\y",
            "$([MSBuild]::EnsureTrailingSlash('x'))": "x\\",
            "$([System.String]::Format('{0}-{1}', a, b))": "a-b",
            "$([MSBuild]::IsOSPlatform('Windows'))": "True",
            "$(Registry:HKEY_LOCAL_MACHINE\\Software@X)": "",
            "$([MSBuild]::VersionGreaterThan('10.0.2', '10.0.1'))": "True",
        },
    )


@case("a function that is not known is empty, and noted")
def _(folder):
    scope = Scope()
    equal(expand("$([System.Diagnostics.Process]::Start('rm'))", scope), "")
    holds(scope.notes[0], "System.Diagnostics.Process", "not known")


@case("escaped semicolons do not separate, and are semicolons in the end")
def _(folder):
    equal([unescape(part) for part in split_list("a%3Bb; c;;d ")], ["a;b", "c", "d"])


@case("metadata is replaced where it is known, and left where it is not yet")
def _(folder):
    equal(expand_metadata("%(A);%(T.B);%(Filename)", look_up), "1;2;%(Filename)")


def look_up(type_name, name):
    return {(None, "A"): "1", ("T", "B"): "2"}.get((type_name, name))


CONDITIONS = {
    "'$(A)'=='x'": True,
    "'$(A)'=='X'": True,
    "'$(A)' != 'x'": False,
    "'$(None)'==''": True,
    "'$(A)|$(B)'=='x|y' and '$(None)'==''": True,
    "'a'=='b' or 'a'=='a' and 'b'=='c'": False,
    "('a'=='b' or 'a'=='a') and 'b'=='b'": True,
    "!('a'=='b')": True,
    "!Exists('there')": False,
    "exists('there') and !Exists('$(A)')": True,
    "HasTrailingSlash('a\\')": True,
    "0x0A00 > 0x0603": True,
    "$(N)&lt;0x10".replace("&lt;", "<"): True,
    "'$(N)' >= '10'": True,
    "'10.0.3' > '10.0.2'": True,
    "'10' == '0xA'": True,
    "true": True,
    "'$(T)'": True,
    "'$(T)' == 'on'": True,
    "$(C.EndsWith('Release'))": True,
    "$(C.Replace(' ', '').StartsWith('Win10R'))": True,
    "'$(C.Replace(' ', ''))' == 'Win10Release'": True,
    "'$(A)'=='x'AND'b'=='b'": True,
}


@case("conditions compare text, numbers and versions, and combine")
def _(folder):
    scope = Scope(A="x", B="y", N="10", T="true", C="Win10 Release")
    for text, expected in CONDITIONS.items():
        equal((text, Condition(text, scope).value()), (text, expected))
    equal(scope.notes, [])


@case("what compares no numbers is false, and noted")
def _(folder):
    scope = Scope()
    equal(Condition("$(Nothing)0x < 5 or 'a' < 'b'", scope).value(), False)
    holds(scope.notes[-1], "'a' < 'b'")


@case("a condition that makes no sense is refused where it stands")
def _(folder):
    for text in (
        "'a'==",
        "'a' 'b'",
        "('a'=='a'",
        "'a'=='a' )",
        "'a",
        "Elvis('a')",
        "==",
        "(" * 200 + "'a'" + ")" * 200,
    ):
        try:
            Condition(text, Scope()).value()
        except TextError:
            continue
        raise AssertionError(f"{text!r} was taken")
    write(folder, {"driver.vcxproj": vcxproj("<PropertyGroup\nCondition=\"'a'==\"><A>1</A></PropertyGroup>")})
    refused(folder / "driver.vcxproj", "driver.vcxproj:", "Condition \"'a'==\"", "ends too early")


@case("properties are read in order, and a condition sees those before it only")
def _(folder):
    project = make(
        folder,
        """<PropertyGroup><A Condition="'$(B)'=='1'">early</A><B>1</B></PropertyGroup>
        <PropertyGroup Condition="'$(B)'=='1'"><A Condition="'$(A)'==''">late</A></PropertyGroup>
        <ItemDefinitionGroup><ClCompile><PreprocessorDefinitions>A=$(A)</PreprocessorDefinitions></ClCompile>
        </ItemDefinitionGroup>""",
    )
    equal(added_defines(project), ["A=late"])


@case("item definitions see properties that are set after them")
def _(folder):
    project = make(
        folder,
        """<ItemDefinitionGroup><ClCompile><PreprocessorDefinitions>A=$(A)</PreprocessorDefinitions>
        </ClCompile></ItemDefinitionGroup><PropertyGroup><A>5</A></PropertyGroup>""",
    )
    equal(added_defines(project), ["A=5"])


@case("definitions add to those before them, and an item's own to them")
def _(folder):
    project = make(
        folder,
        """<ItemDefinitionGroup><ClCompile>
        <PreprocessorDefinitions>ONE;%(PreprocessorDefinitions)</PreprocessorDefinitions></ClCompile>
        </ItemDefinitionGroup>
        <ItemDefinitionGroup Condition="'$(Configuration)|$(Platform)'=='Release|x64'"><ClCompile>
        <PreprocessorDefinitions>%(PreprocessorDefinitions);TWO=2</PreprocessorDefinitions></ClCompile>
        </ItemDefinitionGroup>
        <ItemDefinitionGroup Condition="'$(Configuration)'=='Debug'"><ClCompile>
        <PreprocessorDefinitions>%(PreprocessorDefinitions);NEVER</PreprocessorDefinitions></ClCompile>
        </ItemDefinitionGroup>
        <ItemGroup><ClCompile Include="second.c">
        <PreprocessorDefinitions>THREE="%(Filename).x";%(PreprocessorDefinitions)</PreprocessorDefinitions>
        </ClCompile></ItemGroup>""",
        files={"second.c": ""},
    )
    equal(added_defines(project), ["ONE", "TWO=2"])
    equal(project.sources[1].defines[-3:], ['THREE="second.x"', "ONE", "TWO=2"])


@case("a definition may name the file that uses it")
def _(folder):
    project = make(
        folder,
        """<ItemDefinitionGroup><ClCompile><PreprocessorDefinitions>F="%(Filename)%(Extension)"
        </PreprocessorDefinitions></ClCompile></ItemDefinitionGroup>""",
    )
    equal(added_defines(project), ['F="driver.c"'])


@case("Choose takes the first branch whose condition holds")
def _(folder):
    body = """<Choose><When Condition="'$(W)'=='1'"><PropertyGroup><A>when</A></PropertyGroup></When>
        <When Condition="true"><PropertyGroup><A>second</A></PropertyGroup><ItemGroup>
        <ClCompile Include="b.c" /></ItemGroup>
        </When><Otherwise><PropertyGroup><A>otherwise</A></PropertyGroup></Otherwise></Choose>
        <ItemDefinitionGroup><ClCompile><PreprocessorDefinitions>A=$(A)</PreprocessorDefinitions></ClCompile>
        </ItemDefinitionGroup>"""
    project = make(folder, body, files={"b.c": ""})
    equal((added_defines(project), names(project.sources)), (["A=second"], ["driver.c", "b.c"]))
    project = make(folder, body, files={"b.c": ""}, properties=[("W", "1")])
    equal((added_defines(project), names(project.sources)), (["A=when"], ["driver.c"]))


@case("wildcards include what they match, without what is excluded, and each file once")
def _(folder):
    project = make(
        folder,
        """<ItemGroup><ClCompile Include="sub\\**\\*.c;driver.c" Exclude="sub\\not*.c;**\\old\\*" />
        </ItemGroup>""",
        files={f"sub/{name}": "" for name in ("b.c", "a.c", "not.c", "deep/down/c.c", "old/d.c", "e.h")},
    )
    equal(sorted(names(project.sources)), ["a.c", "b.c", "c.c", "driver.c"])


@case("items are removed and updated")
def _(folder):
    project = make(
        folder,
        """<ItemGroup><ClCompile Include="a.c;b.c" /><ClCompile Remove="A.C" />
        <ClCompile Update="b.c"><PreprocessorDefinitions>UPDATED</PreprocessorDefinitions></ClCompile>
        </ItemGroup>""",
        files={"a.c": "", "b.c": ""},
    )
    equal(names(project.sources), ["driver.c", "b.c"])
    equal(project.sources[1].defines[-1], "UPDATED")


@case("one list of items is made of another")
def _(folder):
    project = make(
        folder,
        """<ItemGroup><Name Include="a;b" /><ClCompile Include="@(Name->'%(Identity).c')" />
        <ClCompile Include="never.c" Condition="'@(Nothing)'!=''" /></ItemGroup>""",
        files={"a.c": "", "b.c": ""},
    )
    equal(names(project.sources), ["driver.c", "a.c", "b.c"])


@case("property sheets are imported by their own folder, with backslashes and in any case of letters")
def _(folder):
    inner = folder / "inner"
    project = make(
        inner,
        '<Import Project="..\\SHARED\\common.props" />',
        files={
            "../shared/Common.props": """<Project>
                <Import Project="more.props" Condition="Exists('More.props')" />
            <Import Project="$(MSBuildThisFileDirectory)absent.props" Condition="Exists('absent.props')" />
            </Project>""",
            "../shared/more.props": """<Project><ItemDefinitionGroup><ClCompile>
            <PreprocessorDefinitions>F=$(MSBuildThisFileName)</PreprocessorDefinitions></ClCompile>
            </ItemDefinitionGroup>
            </Project>""",
        },
    )
    equal((added_defines(project), project.notes), (["F=more"], []))


@case("the nearest Directory.Build.props is imported by itself")
def _(folder):
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    write(folder, {"Directory.Build.props": "<Project><PropertyGroup><A>7</A></PropertyGroup></Project>"})
    project = make(
        inner,
        """<ItemDefinitionGroup><ClCompile><PreprocessorDefinitions>A=$(A)</PreprocessorDefinitions>
        </ClCompile></ItemDefinitionGroup>""",
    )
    equal(added_defines(project), ["A=7"])


@case("Microsoft's own imports are passed over silently, others that are missing are noted")
def _(folder):
    project = make(
        folder,
        """<Import Project="$(UserRootDir)\\Microsoft.Cpp.$(Platform).user.props" />
        <Import Project="packages\\Microsoft.Windows.WDK.x64.1\\build\\Microsoft.Windows.WDK.x64.props" />
        <Import Project="ours.props" />""",
    )
    equal(len(project.notes), 1)
    holds(project.notes[0], "driver.vcxproj:", "ours.props", "does not exist")


@case("the user's properties are not changed by the project")
def _(folder):
    body = """<PropertyGroup><A>project</A></PropertyGroup><ItemDefinitionGroup><ClCompile>
        <PreprocessorDefinitions>A=$(A)</PreprocessorDefinitions></ClCompile></ItemDefinitionGroup>"""
    equal(added_defines(make(folder, body, properties=[("a", "user")])), ["A=user"])


if __name__ == "__main__":
    sys.exit(main())

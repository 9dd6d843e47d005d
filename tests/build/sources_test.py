"""`sources` files of the older kits: NMAKE's language, and what BUILD makes of it."""
import sys

from fixture import DRIVER_ENTRY, added_defines, case, equal, holds, main, names, read, refused, write
from nmake import Makefile
from nmake_expression import ExpressionError, evaluate

BASIC = ["TARGETNAME=mini", "TARGETTYPE=DRIVER", "SOURCES=driver.c"]


def make(folder, lines, files=None, basic=BASIC, **changes):
    write(folder, {"driver.c": DRIVER_ENTRY, "sources": [*basic, *lines], **(files or {})})
    return read(folder / "sources", **changes)


def macros(folder, text, **before):
    write(folder, {"sources": text})
    makefile = Makefile(before)
    makefile.read_file(folder / "sources")
    return makefile


def refused_lines(folder, lines, *parts, **changes):
    write(folder, {"driver.c": DRIVER_ENTRY, "sources": [*BASIC, *lines]})
    refused(folder / "sources", *parts, **changes)


@case("macros are expanded when they are used, and a definition that names itself adds to itself")
def _(folder):
    makefile = macros(
        folder,
        [
            "A=$(B)\\x",
            "B=1",
            "C=one",
            "C=$(C) two",
            "c = $(c) three",
            "D=$(E:.c=.obj) $$ $(NONE)",
            "E=a.c b.c",
            "F=$O",
        ],
        O="obj",
    )
    equal([makefile.get(name) for name in "ABCDF"], ["1\\x", "1", "one two three", "a.obj b.obj $", "obj"])


@case("lines are joined by a backslash; comments end a line, also within joined ones")
def _(folder):
    makefile = macros(
        folder, ["# TARGETNAME=no \\", "A=1 \\", "#  2 \\", "   3 # four", "B=x", "C=a\\", "", "D=x^#y"]
    )
    equal([makefile.get(name) for name in "ABCD"], ["1 3", "x", "a", "x#y"])


EXPRESSIONS = {
    '"a"=="a"': 1,
    '"a"!="a"': 0,
    "0x0601 >= 0x0502": 1,
    "1 && 0 || 1": 1,
    "!DEFINED(NONE)": 1,
    "defined(ONE)": 1,
    "exist(sources)": 1,
    'EXIST("gone")': 0,
    "1 + 2 * 3 == 7": 1,
    "(1 + 2) * 3 == 9": 1,
    "-1 < 0": 1,
    "7 % 4": 3,
    '"x" == x': 1,
    "0x10 == 16": 1,
    '"" == ""': 1,
    "!1": 0,
    "~0": -1,
    "6 & 3 | 8": 10,
}


@case("expressions have C's operators and order")
def _(folder):
    write(folder, {"sources": ""})
    for text, expected in EXPRESSIONS.items():
        equal((text, evaluate(text, {"one": "1"}, folder, print)), (text, expected))


@case("an expression that makes no sense is refused")
def _(folder):
    for text in (
        "",
        "1 ==",
        "(1",
        '"a" < "b"',
        "1 / 0",
        "1 1",
        "&& 1",
        "(" * 200 + "1" + ")" * 200,
        "9" * 30,
    ):
        try:
            evaluate(text, {}, folder, print)
        except ExpressionError:
            continue
        raise AssertionError(f"{text!r} was taken")


@case("conditions choose lines, also nested, and only one branch of several")
def _(folder):
    makefile = macros(
        folder,
        [
            "!IFDEF ONE",
            "A=1",
            "! if 0",
            "A=2",
            "! else",
            "B=1",
            "! endif",
            "!ELSE",
            "A=3",
            "!ENDIF",
            "!if $(ONE) == 2",
            "C=2",
            "!elseif $(ONE) == 1",
            "C=1",
            "!else if 1",
            "C=4",
            "!else",
            "C=3",
            "!endif",
            "!IFNDEF TWO",
            "TWO=yes",
            "!ENDIF",
            "!IF 0",
            "!ERROR no",
            "!INCLUDE gone",
            "!ENDIF",
            "!UNDEF B",
        ],
        ONE="1",
    )
    equal([makefile.get(name) for name in ("A", "B", "C", "TWO")], ["1", "", "1", "yes"])


@case("included files are read from their own folder; the kit's own are passed over")
def _(folder):
    inner = folder / "inner"
    write(
        folder,
        {
            "Common/sources.inc": ["!include more.inc", "C_DEFINES=$(C_DEFINES) -DB"],
            "Common/more.inc": "C_DEFINES=-DA",
        },
    )
    project = make(inner, ["!INCLUDE ..\\common\\SOURCES.inc", "!include $(NTMAKEENV)\\makefile.def"])
    equal([define for define in project.sources[0].defines if define in ("A", "B")], ["A", "B"])


@case("definitions, folders and flags reach the compiler")
def _(folder):
    project = make(
        folder,
        [
            'C_DEFINES=-DONE /DTWO=2 -D THREE=\\"x\\" -UFOUR',
            "INCLUDES=inc;$(DDK_INC_PATH);gone; .\\inc",
            "USER_C_FLAGS=/FIforce.h /Zp1 /W4 -DFIVE",
        ],
        {"inc/a.h": "", "force.h": ""},
    )
    source = project.sources[0]
    equal(added_defines(project)[-4:], ["ONE", "TWO=2", 'THREE="x"', "FIVE"])
    equal((source.undefines, [path.name for path in source.include_folders]), (["FOUR"], ["inc"]))
    equal((source.forced_includes, source.flags), ([str(folder / "force.h")], ["-fpack-struct=1"]))
    equal(project.absent_folders, ["gone"])


@case("sources are found beside, above and in the folder of the processor")
def _(folder):
    project = make(
        folder / "sub",
        ["AMD64_SOURCES=fast.c", "I386_SOURCES=slow.c"],
        {"../above.c": "", "amd64/fast.c": "", "Log.MC": "", "x.rc": ""},
        basic=["TARGETNAME=mini", "TARGETTYPE=MINIPORT", "SOURCES=driver.c ..\\above.c log.mc \\", " x.rc"],
    )
    equal(names(project.sources), ["driver.c", "above.c", "fast.c"])
    equal([path.name for path in project.message_files + project.resource_files], ["Log.MC", "x.rc"])


@case("processors that the kit once built for are tested without being defined")
def _(folder):
    lines = ["!IF $(ALPHA) || $(AXP64)", "!ERROR another one", "!ELSE", "C_DEFINES=-DSEEN", "!ENDIF"]
    equal(added_defines(make(folder, lines))[-1:], ["SEEN"])


@case("directives choose among the pieces of a line that backslashes join")
def _(folder):
    chosen = ["!if 0", "-DTWO", "!else \\", "  if 1", "# a remark", "-DTHREE", "!endif"]
    equal(added_defines(make(folder, ["C_DEFINES=-DONE \\", *chosen, "UMTYPE=nt"]))[-2:], ["ONE", "THREE"])
    more = ["!if 0", "-DTWO", "!endif", "-DFOUR \\", "!if 1", "!endif"]
    equal(added_defines(make(folder, ["C_DEFINES=-DONE \\", *more]))[-2:], ["ONE", "FOUR"])


@case("free and checked builds differ as in the kit")
def _(folder):
    lines = ['!if "$(DDKBUILDENV)" == "chk"', "C_DEFINES=-DSEEN", "!endif"]
    free, checked = make(folder, lines), make(folder, lines, config="checked")
    equal((free.configuration, checked.configuration), ("free|x64", "checked|x64"))
    equal(("NDEBUG" in free.sources[0].defines, "DBG=1" in free.sources[0].defines), (True, False))
    equal(("DBG=1" in checked.sources[0].defines, "SEEN" in checked.sources[0].defines), (True, True))
    refused_lines(folder, lines, "no configuration 'retail'", "'free', 'checked'", config="retail")


@case("the version of Windows is the newest of that kit, or what the file or the user says")
def _(folder):
    equal("NTDDI_VERSION=0x06010000" in make(folder, []).sources[0].defines, True)
    equal(
        "_WIN32_WINNT=0x0502"
        in make(folder, ["_NT_TARGET_VERSION=$(_NT_TARGET_VERSION_WS03)"]).sources[0].defines,
        True,
    )
    project = make(folder, ["_NT_TARGET_VERSION=0x501"], properties=[("_NT_TARGET_VERSION", "0x602")])
    equal("_WIN32_WINNT=0x0602" in project.sources[0].defines, True)


@case("traces are described as on the preprocessor's command line")
def _(folder):
    project = make(
        folder,
        [
            "RUN_WPP=$(SOURCES) -km -func:Trace(LEVEL, FLAGS, MSG, ...) \\",
            "  -gen:{km-x.tpl}*.tmh \\",
            "  -scan:Trace.h -DX=1",
        ],
        {"trace.h": ""},
    )
    run = project.trace_files[0]
    equal((names(run.sources), run.functions), (["driver.c"], ["Trace(LEVEL, FLAGS, MSG, ...)"]))
    equal(
        (run.options, [path.name for path in run.scanned_headers]),
        (["-km", "-gen:{km-x.tpl}*.tmh", "-DX=1"], ["trace.h"]),
    )


@case("libraries of the kit are named, those of folders beside are built")
def _(folder):
    write(
        folder,
        {
            "lib/sources": ["TARGETNAME=helper", "TARGETTYPE=DRIVER_LIBRARY", "SOURCES=helper.c"],
            "lib/helper.c": "",
        },
    )
    project = make(
        folder / "driver",
        ["TARGETLIBS=$(DDK_LIB_PATH)\\StorPort.lib ..\\lib\\$(O)\\Helper.lib \\", "  ..\\gone\\*\\other.lib"],
    )
    equal(project.library_names, ["storport.lib", "other.lib"])
    equal(
        [(library.name, library.kind, names(library.sources)) for library in project.libraries],
        [("helper", "library", ["helper.c"])],
    )


@case("rules of makefile.inc are remembered by what they make")
def _(folder):
    project = make(
        folder,
        ["NTTARGETFILE0=$(O)\\wmi.h"],
        {
            "makefile.inc": [
                "wmi.h mof.h: $(O)\\mp.bmf",
                "\twmimofck -hwmi.h $(O)\\mp.bmf",
                "clean:",
                "  del x",
                "$(O)\\mp.bmf : mp.mof",
            ]
        },
    )
    equal([sorted(step.made()) for step in project.build_steps], [["wmi.h"], ["mof.h", "wmi.h"]])


@case("what is wrong is told with file and line")
def _(folder):
    refused_lines(folder, ["!IF 1"], "sources:", "!IF has no !ENDIF")
    refused_lines(folder, ["", "!ENDIF"], "sources:5: !ENDIF without")
    refused_lines(folder, ["!ELSE"], "sources:4: !ELSE without")
    refused_lines(folder, ["!IF $(NONE) >= 5", "!ENDIF"], "sources:4: !IF $(NONE) >= 5:", "not expected")
    refused_lines(folder, ["!ERROR not for $(_BUILDARCH)"], "sources:4: the project says: not for AMD64")
    refused_lines(folder, ["!INCLUDE gone.inc"], "sources:4: includes gone.inc, which does not exist")
    refused_lines(folder, ["!FOO"], "sources:4: !FOO is no directive")
    refused_lines(folder, ["SOURCES=a.c"], "sources:4: a.c does not exist")
    refused_lines(folder, ["TARGETTYPE=PROGRAM"], "sources:4: builds", "'program'")
    refused_lines(folder, [], "platform 'x86'", platform="x86")


@case("includes and libraries that lead back are refused")
def _(folder):
    refused_lines(folder, ["!INCLUDE sources"], "sources:4: includes", "circle")
    other = ["TARGETTYPE=LIBRARY", "SOURCES=x.c"]
    write(
        folder,
        {
            "a/x.c": "",
            "b/x.c": "",
            "a/sources": [*other, "TARGETNAME=a", "TARGETLIBS=..\\b\\b.lib"],
            "b/sources": [*other, "TARGETNAME=b", "TARGETLIBS=..\\a\\a.lib"],
        },
    )
    refused(folder / "a" / "sources", "circle")


@case("values that grow without end are refused or empty")
def _(folder):
    doubling = ["A=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"] + ["A=$(A)$(A)"] * 40
    refused_lines(folder, doubling, "sources:", "longer than")
    lazy = ["A0=xxxxxxxxxxxxxxxx"] + [f"A{n}=$(A{n - 1})$(A{n - 1})" for n in range(1, 30)]
    refused_lines(folder, [*lazy, "C_DEFINES=$(A29)"], "more than")
    equal(macros(folder, ["A=$(B)", "B=$(A)"]).get("A"), "")


@case("a file that is no `sources` file of BUILD is refused")
def _(folder):
    write(folder, {"sources": b"\0\1\2"})
    refused(folder / "sources", "zero bytes")
    write(folder, {"sources": "0123 file.tar\n"})
    refused(folder / "sources", "neither TARGETTYPE nor SOURCES")
    text = "\r\n".join([*BASIC, "C_DEFINES=-DUTF16"])
    write(folder, {"driver.c": DRIVER_ENTRY, "sources": text.encode("utf-16")})
    holds(str(read(folder / "sources").sources[0].defines), "UTF16")


if __name__ == "__main__":
    sys.exit(main())

"""What the tests of src/build share: named cases that speak TAP, files in a folder of their own, projects.

A test file is a list of functions marked with @case("a sentence"); each gets an empty folder.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "src" / "build"
sys.dont_write_bytecode = True
sys.path.insert(0, str(BUILD))

from process import BuildError  # noqa: E402
from readers import read_project  # noqa: E402

CASES = []
DRIVER_ENTRY = """#include <ntddk.h>
ULONG DriverEntry(PVOID driver, PVOID path);
ULONG DriverEntry(PVOID driver, PVOID path)
{
    UNREFERENCED_PARAMETER(driver);
    UNREFERENCED_PARAMETER(path);
    return STATUS_UNSUCCESSFUL;
}
"""


def case(name):
    def register(function):
        CASES.append((name, function))
        return function

    return register


def main():
    """Runs the file's cases. An argument is part of the names of those that are wanted."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    cases = [(name, function) for name, function in CASES if wanted in name]
    print(f"1..{len(cases)}")
    failed = 0
    for number, (name, function) in enumerate(cases, 1):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="storhost-test-build."))
        try:
            function(folder)
            print(f"ok {number} - {name}")
        except Exception:  # noqa: BLE001 - whatever it is, the case has failed
            failed += 1
            print(f"not ok {number} - {name}")
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), end="")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return 1 if failed else 0


def equal(found, expected):
    if found != expected:
        raise AssertionError(f"found {found!r}, expected {expected!r}")


def holds(text, *parts):
    for part in parts:
        if part not in text:
            raise AssertionError(f"{part!r} is not in {text!r}")


def write(folder, files):
    """Writes files by their names. Text in a list is lines."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = (
            text
            if isinstance(text, bytes)
            else ("\n".join(text) if isinstance(text, list) else text).encode()
        )
        path.write_bytes(data)


def options(**changes):
    values = {
        "config": None,
        "platform": "x64",
        "debug": False,
        "properties": [],
        "defines": [],
        "include_folders": [],
        "name": None,
        "output": None,
    }
    return argparse.Namespace(**{**values, **changes})


def read(path, **changes):
    return read_project([str(path)], options(**changes))


def refused(path, *parts, **changes):
    """The project is refused by one line that holds the parts."""
    try:
        read(path, **changes)
    except BuildError as error:
        holds(str(error), *parts)
        equal(str(error).count("\n"), 0)
        return str(error)
    raise AssertionError(f"{path} was not refused")


def vcxproj(body="", configurations=("Debug|x64", "Release|x64"), kind="Driver", before=""):
    """A project as Visual Studio writes it. `before` stands ahead of the kit's property sheets."""
    entries = "".join(
        f'<ProjectConfiguration Include="{pair}"><Configuration>{pair.split("|")[0]}</Configuration>'
        f"<Platform>{pair.split('|')[1]}</Platform></ProjectConfiguration>\n"
        for pair in configurations
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Project DefaultTargets="Build" xmlns="http://schemas.microsoft.com/developer/msbuild/2003">
<ItemGroup Label="ProjectConfigurations">
{entries}</ItemGroup>
<PropertyGroup Label="Globals"><Configuration>Debug</Configuration></PropertyGroup>
<Import Project="$(VCTargetsPath)\\Microsoft.Cpp.Default.props" />
<PropertyGroup Label="Configuration">
<ConfigurationType>{kind}</ConfigurationType>
<TargetVersion>Windows10</TargetVersion>
<PlatformToolset>WindowsKernelModeDriver10.0</PlatformToolset>
</PropertyGroup>
{before}
<Import Project="$(VCTargetsPath)\\Microsoft.Cpp.props" />
{body}
<Import Project="$(VCTargetsPath)\\Microsoft.Cpp.targets" />
</Project>
"""


def make(folder, body="", files=None, **changes):
    """Writes driver.vcxproj with driver.c, and whatever else, and reads it."""
    read_changes = {name: changes.pop(name) for name in list(changes) if name in vars(options())}
    body = '<ItemGroup><ClCompile Include="driver.c" /></ItemGroup>' + body
    write(folder, {"driver.c": DRIVER_ENTRY, "driver.vcxproj": vcxproj(body, **changes), **(files or {})})
    return read(folder / "driver.vcxproj", **read_changes)


def added_defines(project):
    """Those of the first source that no driver's project sets by itself."""
    usual = ("_WIN64", "_AMD64_", "AMD64", "_WIN32_WINNT", "WINVER", "WINNT", "_KERNEL_MODE", "NTDDI_VERSION")
    return [define for define in project.sources[0].defines if define.split("=")[0] not in usual]


def names(sources):
    return [source.path.name for source in sources]


def run_build(folder, *words):
    """Runs `storhost build` in the folder."""
    command = [sys.executable, str(BUILD / "storhost-build"), *map(str, words)]
    return subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)

"""storhost build: options, and the order of things."""
import argparse
import pathlib
import shlex
import sys

import generate
import image
import module
from compiler import WINDOWS_FLAGS, compile_sources
from plan_text import as_json, summary, text_of
from process import BuildError, one_line
from readers import read_project
from sanitizer_thunks import ThunkError
from toolchain import Toolchain
from work_folder import work_folder

DESCRIPTION = """Builds a driver module or image, which `storhost serve` runs, of the project of a Windows storage miniport.

PROJECT is a Visual Studio project (.vcxproj, .vcproj), a `sources` file of the older kits, a folder,
solution or `dirs` file with one driver in it, or the driver's C files. The driver is compiled by Clang for
x86_64-pc-windows-msvc-elf: Microsoft's language, types and calling convention in ELF objects with DWARF.
What the objects leave undefined is an import of the driver, which storhost fills from its own table of
routines when it loads the module. With --image the same sources become a driver image of Windows (.sys)
with its program database; drivers that handle structured exceptions (__try) need that.
@FILE stands for the words in FILE.

  storhost build mydriver.vcxproj
  storhost build --config "Debug|x64" --sanitize address,undefined src/mydriver
  storhost build --image mydriver.vcxproj
  storhost build -o mydriver.so mydriver.c queue.c
  storhost build -o mydriver.so --sanitize address,undefined *.c -- -DDBG=1
"""


def parse_arguments(arguments):
    flags = []
    if "--" in arguments:
        cut = arguments.index("--")
        arguments, flags = arguments[:cut], arguments[cut + 1:]
    parser = argparse.ArgumentParser(
        description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter, prog="storhost build",
        usage="storhost build PROJECT... [-o FILE] [option...] [-- COMPILER-FLAG...]")  # fmt: skip
    add = parser.add_argument
    add("project", nargs="+", metavar="PROJECT")
    add("-o", "--output", metavar="FILE", help="by default the driver's name with .so or .sys, here")
    add("--config", metavar="NAME", help="of the project; by default its release for the newest Windows")
    add("--platform", default="x64", help="platform of the project: x64, the only one there is")
    add("-p", "--property", dest="properties", action="append", default=[], type=property_of,
        metavar="NAME=VALUE", help="set a property of the project, as on MSBuild's command line")  # fmt: skip
    add("--plan", action="store_true", help="build nothing: print what would be built, and how")
    add("--json", action="store_true", help="print the plan as JSON")
    add("--sanitize", default="none", metavar="KIND", help="address, undefined, address,undefined or thread")
    add("--coverage", action="store_true", help="source coverage for llvm-cov")
    add("--debug", action="store_true", help="no optimisation, and DBG=1")
    add("-D", dest="defines", action="append", default=[], metavar="NAME[=VALUE]", help="define a macro")
    add("-I", dest="include_folders", action="append", default=[], metavar="FOLDER",
        help="look for headers there, too")  # fmt: skip
    add("--cc", metavar="CLANG", help="the Clang to use")
    add("--linker", metavar="LLD", help="the ld.lld to use")
    add("--wdk", metavar="FOLDER", help="folder of the WDK headers; by default storhost's own")
    add("--name", help="the driver's name in messages; by default the project's")
    add("--warnings", action="store_true", help="show the compiler's warnings, also those in the WDK headers")
    add("--image", action="store_true", help="make a Windows driver image (.sys) instead of a module")
    add("--guard", action=argparse.BooleanOptionalAction, help="control flow guard in an image; by default as the "
        "project says")  # fmt: skip
    add("--entry", metavar="NAME", help="entry point of an image; by default the project's, or GsDriverEntry, "
        "which calls DriverEntry")  # fmt: skip
    add("--direct-registers", action="store_true",
        help="register routines become loads and stores, as in a driver for Windows")  # fmt: skip
    add("--no-check-layouts", dest="check_layouts", action="store_false",
        help="do not hold the driver's records against those of Windows' own target")  # fmt: skip
    add("--data-import", action="append", default=[], metavar="NAME",
        help="an import that is a variable, in addition to the kernel's own")  # fmt: skip
    add("--windows-objects", metavar="FOLDER", help="only compile, for x86_64-pc-windows-msvc")
    add("--host", metavar="COMMAND", help=argparse.SUPPRESS)  # the storhost that asks, for what it has
    add("--depfile", metavar="FILE", help="write what the module depends on, for make and ninja")
    add("-q", "--quiet", action="store_true", help="print nothing but errors")
    options = parser.parse_args(with_response_files(arguments))
    options.flags = flags
    if options.debug:
        options.defines.append("DBG=1")
    choose_by_properties(options)
    return options


def choose_by_properties(options):
    """-p Configuration=NAME is another way to say --config, as on MSBuild's command line."""
    for name, value in options.properties:
        if name.lower() == "configuration":
            options.config = options.config or value
        elif name.lower() == "platform":
            options.platform = value
    options.properties = [pair for pair in options.properties
                          if pair[0].lower() not in ("configuration", "platform")]  # fmt: skip


def with_response_files(arguments):
    """@FILE stands for the words in FILE: blanks separate, quotes group, # begins a comment."""
    words = []
    for argument in arguments:
        if not argument.startswith("@"):
            words.append(argument)
            continue
        try:
            text = pathlib.Path(argument[1:]).read_text(errors="replace")
            words += shlex.split(text, comments=True)
        except OSError as error:
            raise BuildError(f"{argument[1:]}: cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise BuildError(f"{argument[1:]}: a quote is not closed") from error
    return words


def property_of(text):
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    return name.strip(), value


def write_depfile(options, names):
    target = options.windows_objects or options.output
    pathlib.Path(options.depfile).write_text(f"{target}: {' '.join(sorted(names))}\n")


def build(options):
    if options.plan:
        project = read_project(options.project, options)
        print(as_json(project) if options.json else text_of(project))
        return
    toolchain = Toolchain(options)
    project = read_project(options.project, options)
    notes = dict.fromkeys(note for one in project.with_libraries() for note in one.notes)
    for note in [] if options.quiet else notes:
        print(f"storhost build: {one_line(note)}", file=sys.stderr)
    options.output = options.output or f"{project.name}.{'sys' if options.image else 'so'}"
    with work_folder(options.windows_objects or options.output) as work:
        generate.generate_headers(project, work / "generated")
        if options.windows_objects:
            folder = pathlib.Path(options.windows_objects)
            sources = module.all_sources(project)
            _, files, _ = compile_sources(toolchain, options, project, sources, WINDOWS_FLAGS, folder)
        else:
            make = image.build_image if options.image else module.build_module
            files = make(toolchain, options, project, work)
    files = {name for name in files if not name.startswith(str(work))}
    if options.depfile:
        more = {str(path) for one in project.with_libraries() for path in one.project_files}
        write_depfile(options, files | more)
    if not options.quiet and not options.windows_objects:
        print("\n".join(summary(project, pathlib.Path(options.output))))


def main(arguments):
    try:
        build(parse_arguments(arguments))
        return 0
    except (BuildError, ThunkError) as error:
        print(f"storhost build: {error}", file=sys.stderr)
    except OSError as error:
        print(f"storhost build: {error.filename}: {error.strerror}", file=sys.stderr)
    return 1

"""Compiles the sources of a project, in parallel.

A file is compiled as it is. Only when Clang refuses it, it is preprocessed, rewritten (dialect.py) and
compiled from that; messages are always those about the driver's own text.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
from typing import NamedTuple

import dialect
import messages
from header_names import HeaderNames
from hints import MISSING, Hints
from process import BuildError
from progress import Progress
from trace_headers import read_text

NO_EXCEPTIONS = (
    f'_Pragma("GCC error \\"{messages.EXCEPTIONS}: an ELF module has no tables of handlers: '
    'build one by --image\\"")'
)
MODULE_FLAGS = [
    "--target=x86_64-pc-windows-msvc-elf",
    "-fwritable-strings",  # else names of string symbols hold an @, which ELF reads as a version
    "-fcommon",  # Microsoft's linker merges tentative definitions
    "-mno-stack-arg-probe",  # else big frames import __chkstk
    "-gdwarf-4",
    "-Xclang", "-fms-volatile",  # the driver passes it on only for Windows' own object format
    "-fno-omit-frame-pointer",  # backtraces from the host's side
    "-D__try=" + NO_EXCEPTIONS,
    "-D_try=__try", "-D_except=__except", "-D_finally=__finally", "-D_leave=__leave",
]  # fmt: skip
# Else handlers around plain loads and stores are dropped.
HANDLER_FLAG = "-fasync-exceptions"
HANDLED = re.compile(r"\b__?try\b")
IMAGE_FLAGS = [
    "--target=x86_64-pc-windows-msvc",
    "-fcommon",
    "-ffunction-sections",  # so that the linker leaves out what is not used
    "-fstack-protector",
    "-Xclang", HANDLER_FLAG,
    "-gcodeview", "-g",
    "-Xclang", "-fms-volatile",
    "-D_try=__try", "-D_except=__except", "-D_finally=__finally", "-D_leave=__leave",
]  # fmt: skip
WINDOWS_FLAGS = ["--target=x86_64-pc-windows-msvc", "-Xclang", "-fms-volatile"]
COMMON_FLAGS = [
    "-fms-extensions",
    "-fms-compatibility",
    "-D_AMD64_",
    "-D_WIN64",
    "-nostdlibinc",  # a header of Linux in a driver is a mistake
    "-ferror-limit=0",  # what is shown is chosen afterwards
    "-fno-crash-diagnostics",
]
# The kernel has neither exceptions of C++ nor what local statics would need to start once.
CXX_FLAGS = ["-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-fsized-deallocation"]
# Nothing else is of interest: other people's sources are not ours to correct. A routine without a
# declaration would return 32 bits, so a build fails if it turns out to be an import.
SILENT_FLAGS = ["-Wno-everything", "-Wimplicit-function-declaration"]
UNDECLARED = re.compile(
    r"(?:implicit declaration of function|call to undeclared function|call to undeclared library function) '(\w+)'.*"
)
LISTED_REGISTER_FLAGS = ["-DDISABLE_INLINE_REGISTER_ACCESS"]  # register access by imports


class CompilerFailure(Exception):
    """The compiler has come to an end without an answer."""


class Compiled(NamedTuple):
    """What came of one source."""

    source: object
    object: str
    dependencies: str
    messages: list
    failed: bool

    partial_handlers: bool = False  # __try covers the calls in it only

    def undeclared(self):
        """The messages about routines that are called without a declaration, by the routine."""
        matches = ((message, UNDECLARED.fullmatch(message.text.split(" [-W")[0])) for message in self.messages)
        return {match[1]: message for message, match in matches if match}


def language_flags(source):
    return ["-std=gnu++17", *CXX_FLAGS] if source.is_cxx else ["-std=gnu17"]


def preprocessor_flags(source):
    flags = [f"-D{define}" for define in source.defines]
    flags += [f"-U{name}" for name in source.undefines]
    flags += [f"-I{folder}" for folder in source.include_folders]
    for name in source.forced_includes:
        flags += ["-include", str(name)]
    return flags


def folders_of_flags(flags):
    """The folders that -I and its kin name among a user's flags."""
    folders, words = [], iter(flags)
    for word in words:
        for option in ("-I", "-isystem", "-iquote", "-idirafter"):
            if word.startswith(option):
                folders.append(word[len(option):] or next(words, "."))
                break
    return folders


class Compiler:
    """One way of compiling: target, options, and the overlay of header names."""

    def __init__(self, toolchain, options, target_flags, folder):
        self.toolchain = toolchain
        self.options = options
        self.folder = folder
        wdk = toolchain.wdk
        self.system_folders = [wdk, wdk / "crt"]
        colour = "-fcolor-diagnostics" if sys.stderr.isatty() else "-fno-color-diagnostics"
        self.flags = [*target_flags, *COMMON_FLAGS, colour, "-O0" if options.debug else "-O2"]
        self.flags += [] if options.warnings else SILENT_FLAGS
        self.names = None
        self.folders = {}  # of each source, in the order of search
        self.overlay_flags = []
        self.search_flags = ["-I" if options.warnings else "-isystem", str(wdk), "-isystem", str(wdk / "crt")]

    def find_headers(self, sources):
        """To be called before `compile`, when all headers are there that the build makes."""
        self.names = HeaderNames(self.folder)
        more = folders_of_flags(self.options.flags + [flag for source in sources for flag in source.flags])
        for source in sources:
            folders = [*source.include_folders, *more, *self.system_folders]
            self.folders[source.path] = folders
            self.names.add_source(pathlib.Path(source.path), folders, [str(name) for name in source.forced_includes])
        self.overlay_flags = self.names.flags()

    def finds_more(self, failed):
        """Whether a header is found now that a source of `failed` lacks: a name that a macro makes is known only
        to the compiler."""
        known = len(self.names.entries)
        for item in failed:
            for message in item.messages:
                missing = MISSING.match(message.text)
                if missing:
                    self.names.add_computed(message.file, missing[1], self.folders[item.source.path])
        self.overlay_flags = self.names.flags()
        return len(self.names.entries) > known

    def program_of(self, source):
        handles = HANDLER_FLAG in self.flags and HANDLED.search(read_text(source.path))
        return self.toolchain.handler_clang if handles else self.toolchain.clang

    def run(self, program, *words, may_fail=False):
        command = [program, *map(str, words)]
        try:
            result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
        except OSError as error:
            raise BuildError(f"cannot run {command[0]}: {error.strerror}") from error
        if result.returncode not in (0, 1) and not may_fail:
            raise CompilerFailure(f"{command[0]} failed")
        return result

    def compile(self, source, stem):
        """Clang 14 fails over local objects with destructors where handlers are to cover plain loads: such a
        source goes without."""
        try:
            return self.compile_by(self.flags, source, stem)
        except CompilerFailure as failure:
            if HANDLER_FLAG not in self.flags:
                raise BuildError(f"{source.path}: {failure}: try another Clang by --cc") from failure
        at = self.flags.index(HANDLER_FLAG)
        try:
            compiled = self.compile_by(self.flags[:at - 1] + self.flags[at + 1:], source, stem)
        except CompilerFailure as failure:
            raise BuildError(f"{source.path}: {failure}: try another Clang by --cc") from failure
        return compiled._replace(partial_handlers=True)

    def compile_by(self, flags, source, stem):
        target, dependencies = f"{stem}.o", f"{stem}.d"
        language = ["-x", "c++" if source.is_cxx else "c"]
        words = [*flags, *language_flags(source), *source.flags, *self.options.flags]
        own = [*language, *words, *preprocessor_flags(source), *self.overlay_flags, *self.search_flags]
        result = self.run(self.program_of(source), *own, "-MD", "-MF", dependencies, "-c", source.path, "-o", target)
        found = messages.parse(result.stderr)
        if result.returncode == 0:
            return Compiled(source, target, dependencies, found, False)
        if not found:
            raise BuildError(f"{source.path}: {self.toolchain.clang} failed: {result.stderr.strip()}")
        if any(message.kind == "fatal error" or messages.EXCEPTIONS in message.text for message in found):
            return Compiled(source, target, dependencies, found, True)
        left = self.compile_rewritten(source, own, words, stem)
        if left is None:
            return Compiled(source, target, dependencies, found, True)
        failed = any(message.is_error for message in left)
        return Compiled(source, target, dependencies, messages.remaining(found, left), failed)

    def front_end(self, source, flags):
        """What the compiler prints about a source without compiling it, errors aside."""
        language = ["-x", "c++" if source.is_cxx else "c", *self.flags, *language_flags(source), *source.flags]
        search = [*preprocessor_flags(source), *self.overlay_flags, *self.search_flags]
        words = [*language, *self.options.flags, *search, *flags, source.path]
        return self.run(self.toolchain.clang, *words, may_fail=True).stdout

    def compile_rewritten(self, source, own, words, stem):
        """Returns the messages about the rewritten file, or None if nothing could be done."""
        path = pathlib.Path(f"{stem}.ii" if source.is_cxx else f"{stem}.i")
        program = self.program_of(source)
        dependencies = ["-MD", "-MF", f"{stem}.d", "-MT", f"{stem}.o"]
        result = self.run(program, *own, *dependencies, "-E", source.path, "-o", path)
        if result.returncode != 0:
            return None
        language = ["-x", "c++-cpp-output" if source.is_cxx else "cpp-output"]

        def ask(flags):
            answer = self.run(program, *language, *words, *flags, path)
            return answer.stderr if answer.returncode else None

        content = path.read_bytes()
        rewritten, _ = dialect.rewrite(content, path, ask, source.is_cxx)
        if rewritten == content:
            return None
        path.write_bytes(rewritten)
        return messages.parse(self.run(program, *language, *words, "-c", path, "-o", f"{stem}.o").stderr)


def compile_sources(toolchain, options, project, sources, target_flags, folder):
    """Returns what came of each source, in their order, the names of all files that were read, and the flags by
    which another compiler finds the same headers."""
    folder.mkdir(parents=True, exist_ok=True)
    compiler = Compiler(toolchain, options, target_flags, folder)
    compiler.find_headers(sources)

    def compile_one(number):
        source = sources[number]
        return compiler.compile(source, folder / f"{number:02}-{pathlib.Path(source.path).stem}")

    def compile_and_count(number):
        result = compile_one(number)
        progress.step(pathlib.Path(sources[number].path).name)
        return result

    with Progress(len(sources), options.quiet) as progress, \
            concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:  # fmt: skip
        compiled = list(pool.map(compile_and_count, range(len(sources))))
        again = [number for number, item in enumerate(compiled) if item.failed]
        while again and compiler.finds_more([compiled[number] for number in again]):
            for number in again:
                compiled[number] = compile_one(number)
            again = [number for number in again if compiled[number].failed]
    report(compiled, options, Hints(project))
    return compiled, files_read(item.dependencies for item in compiled), compiler.overlay_flags


def report(compiled, options, hints):
    """Shows what the compiler says, source by source. Raises if a source does not compile."""
    failed = [item for item in compiled if item.failed]
    shown = []
    for item in compiled:
        if item.failed or options.warnings:
            found = messages.chosen(item.messages)
            shown += [message for message in found if message.is_error or options.warnings]
    hidden = messages.show(shown, hints.of)
    if failed:
        errors = sum(message.is_error for message in shown)
        text = f"{len(failed)} of {len(compiled)} sources do not compile" if len(compiled) > 1 else "no driver is made"
        more = f", {hidden} of them not shown" if hidden else ""
        raise BuildError(f"{text}: {errors} error{'s' if errors != 1 else ''}{more}")


def files_read(dependency_files):
    names = set()
    for part in dependency_files:
        text = pathlib.Path(part).read_text().replace("\\\n", " ")
        names.update(text.split(": ", 1)[1].split() if ": " in text else [])
    return names

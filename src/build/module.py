"""Makes the module: compiles, adds libraries, imports and sanitizer thunks, links."""
import dataclasses
import os
import pathlib
import shutil
import sys
from typing import NamedTuple

import cxx_names
import host_routines
import layouts
import libraries
import messages
import sanitizer_thunks
import sections
from compiler import IMAGE_FLAGS, LISTED_REGISTER_FLAGS, MODULE_FLAGS, Compiler, compile_sources
from imports import COVERAGE, SANITIZERS, import_assembly
from objects import defined_twice, needed_members, symbols_of, united
from process import BuildError, one_line, run

LINK_FLAGS = ["-shared", "-Bsymbolic", "--no-dependent-libraries", "--eh-frame-hdr", "--hash-style=gnu",
              "-z", "relro", "-z", "now", "-z", "noexecstack", "--build-id=sha1"]  # fmt: skip
ENTRY = "DriverEntry"
NAMES_SHOWN = 3


class Taken(NamedTuple):
    """What a module is made of: objects, and the symbols that they define and need together."""

    objects: list
    compiled: list  # of the objects that have sources
    defined: set
    undefined: set


def sanitizers_of(options):
    wanted = [word for word in options.sanitize.split(",") if word and word != "none"]
    for word in wanted:
        if word not in SANITIZERS:
            raise BuildError(f"unknown sanitizer '{word}': choose from {', '.join(SANITIZERS)}")
    if "thread" in wanted and "address" in wanted:
        raise BuildError("the thread and address sanitizers cannot be combined: choose one")
    return wanted


def all_sources(project):
    return [source for one in project.with_libraries() for source in one.sources]


def all_libraries(project):
    """The static libraries of a project, each once, as they follow each other for a linker."""
    return project.with_libraries()[1:]


class Builder:
    what = "module"

    def __init__(self, toolchain, options, project, folder):
        self.toolchain = toolchain
        self.options = options
        self.project = project
        self.folder = folder
        self.wanted = sanitizers_of(options)
        self.kind = sum(SANITIZERS[word] for word in set(self.wanted)) + (COVERAGE if options.coverage else 0)
        self.flags = self.target_flags()
        self.flags += sanitizer_thunks.compiler_flags(self.wanted, options.coverage)
        self.files = set()  # that were read
        self.rounds = 0
        self.overlay_flags = []

    def target_flags(self):
        return MODULE_FLAGS + ([] if self.options.direct_registers else LISTED_REGISTER_FLAGS)

    def support_groups(self):
        """Sources of what every driver of this kind links beside its own, library by library."""
        return []

    def roots(self):
        """What is needed in any case."""
        return [ENTRY]

    def note(self, text):
        if not self.options.quiet:
            print(f"storhost build: {one_line(text)}", file=sys.stderr)

    def compile(self, sources):
        self.rounds += 1
        folder = self.folder / f"objects-{self.rounds}"
        compiled, files, overlay_flags = compile_sources(
            self.toolchain, self.options, self.project, sources, self.flags, folder)  # fmt: skip
        self.files |= files
        # Later rounds compile some of the sources again.
        self.overlay_flags = self.overlay_flags or overlay_flags
        return compiled

    def gather(self):
        """Compiles what belongs to the driver and chooses what of it the module needs."""
        groups = [self.project.sources, *[library.sources for library in all_libraries(self.project)]]
        groups += self.support_groups()
        compiled = self.compile([source for group in groups for source in group])
        names = [item.object for item in compiled]
        _, undefined = united(symbols_of(self.toolchain, names), names)
        for sources in libraries.sources_for(self.toolchain, undefined):
            groups.append(sources)
            compiled += self.compile(sources)
        taken = self.choose(groups, compiled)
        twice = defined_twice(symbols_of(self.toolchain, taken.objects), taken.objects)
        if twice and "address" in self.wanted:
            taken = self.choose(groups, self.share_definitions(taken, compiled, twice))
        return taken

    def choose(self, groups, compiled):
        cxx_names.share_deallocation(self.toolchain, [item.object for item in compiled])
        parts, at = [], 0
        for group in groups:
            parts.append([item.object for item in compiled[at:at + len(group)]])
            at += len(group)
        table = symbols_of(self.toolchain, [item.object for item in compiled])
        members = needed_members(table, parts[0], parts[1:], self.roots())
        chosen = [*parts[0], *members]
        defined, undefined = united(table, chosen)
        absent = next((name for name in self.roots() if name not in defined), None)
        absent = absent or (ENTRY if ENTRY in undefined else None)
        if absent:
            raise BuildError(f"{self.project.name}: no source defines {absent}: is a file of the driver missing?")
        return Taken(chosen, [item for item in compiled if item.object in set(chosen)], defined, undefined)

    def share_definitions(self, taken, compiled, twice):
        """Microsoft's linker merges tentative definitions; they then have no red zones, so only here."""
        table = symbols_of(self.toolchain, taken.objects)
        sharing = [item for item in taken.compiled if table[item.object].defined & twice]
        shown = ", ".join(sorted(twice)[:NAMES_SHOWN]) + (", ..." if len(twice) > NAMES_SHOWN else "")
        self.note(f"variables of several sources are not watched by the address sanitizer: {shown}")
        sources = [dataclasses.replace(item.source, flags=[*item.source.flags, "-fcommon"]) for item in sharing]
        again = dict(zip([item.object for item in sharing], self.compile(sources)))
        return [again.get(item.object, item) for item in compiled]

    def build(self):
        taken = self.gather()
        if self.options.check_layouts:
            self.check_layouts([item.source for item in taken.compiled])
        mangled = cxx_names.rename(self.toolchain, taken.objects, self.folder)
        table = symbols_of(self.toolchain, taken.objects)
        defined, imports = united(table, taken.objects)
        check_cxx(mangled, imports)
        check_declared(taken.compiled, imports)
        words, constructed = sections.arrange(self.toolchain, taken.objects, self.folder)
        self.tell_constructors(taken.compiled, constructed, mangled)
        imports = self.link(taken.objects, imports, words)
        missing = host_routines.missing(self.options, imports)
        line = host_routines.note_of(missing, self.project.library_names)
        if line:
            self.note(line)

    def check_layouts(self, sources):
        compilers = []
        for flags in (MODULE_FLAGS, IMAGE_FLAGS):
            compilers.append(Compiler(self.toolchain, self.options, flags, self.folder))
            compilers[-1].overlay_flags = self.overlay_flags
        layouts.check(*compilers, sources)

    def tell_constructors(self, compiled, constructed, mangled):
        for item in compiled:
            if item.object in constructed:
                names = sections.constructed_variables(self.toolchain, item.object, mangled)
                what = f"constructors of {', '.join(names)}" if names else "constructors"
                self.note(f"{item.source.path}: {what}: Windows runs none before DriverEntry, nor does storhost")

    def link(self, objects, imports, words):
        """Returns the imports that are the driver's own."""
        renamed, more = {}, []
        undefined = ["-z", "defs"]
        if self.kind:
            result = sanitizer_thunks.add(self.toolchain, run, objects, imports, self.options.coverage, self.folder)
            objects, imports, renamed, more = result
            undefined = ["-z", "undefs"]
        assembly = self.folder / "imports.s"
        text = import_assembly(imports, renamed, self.options, self.project.name, self.toolchain, self.kind)
        assembly.write_text(text)
        clang = self.toolchain.clang
        run([clang, "--target=x86_64-linux-gnu", "-c", str(assembly), "-o", f"{assembly}.o"], "imports")
        if self.options.coverage:
            more = [*more, run([clang, "--print-file-name=libclang_rt.profile-x86_64.a"], "clang").strip()]
        output = self.folder / "module.so"
        run([self.toolchain.linker, *LINK_FLAGS, *undefined, "-o", str(output), *objects, f"{assembly}.o", *more, *words],
            "link")  # fmt: skip
        replace(pathlib.Path(self.options.output), output)
        return imports


def check_cxx(mangled, imports):
    """Names of C++ cannot be imports: what nobody defines is missing."""
    lost = sorted(name for name in imports if name in mangled)
    if lost:
        raise BuildError(
            f"no source defines {', '.join(lost)}: add the file that does "
            "(operators new and delete are the driver's own)"
        )


def check_declared(compiled, imports):
    """A routine of the kernel that is called without a declaration would return an int."""
    shown = []
    for item in compiled:
        shown += [message for name, message in item.undeclared().items() if name in imports]
    if shown:
        messages.show(shown, lambda message: None)
        raise BuildError("routines are called without a declaration: include the header that has it, or declare it")


def build_module(toolchain, options, project, folder):
    """Writes options.output. Returns the names of all files that were read."""
    builder = Builder(toolchain, options, project, folder)
    builder.build()
    return builder.files


def replace(target, output):
    """A module that is running is never written to: it is replaced."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copyfile(output, beside)
    beside.chmod(0o755)
    beside.rename(target)

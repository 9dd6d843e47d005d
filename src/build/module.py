"""Makes the module: compiles, adds imports and sanitizer thunks, links."""
import pathlib
import shutil
import os

import sanitizer_thunks
from compiler import LISTED_REGISTER_FLAGS, MODULE_FLAGS, compile_sources
from imports import COVERAGE, SANITIZERS, import_assembly, symbols_of
from process import BuildError, run

LINK_FLAGS = ["-shared", "-Bsymbolic", "--no-dependent-libraries", "--eh-frame-hdr", "--hash-style=gnu",
              "-z", "relro", "-z", "now", "-z", "noexecstack", "--build-id=sha1"]  # fmt: skip


def sanitizers_of(options):
    wanted = [word for word in options.sanitize.split(",") if word and word != "none"]
    for word in wanted:
        if word not in SANITIZERS:
            raise BuildError(f"unknown sanitizer '{word}': choose from {', '.join(SANITIZERS)}")
    if "thread" in wanted and "address" in wanted:
        raise BuildError("the thread and address sanitizers cannot be combined: choose one")
    return wanted


def all_sources(project):
    sources = list(project.sources)
    for library in project.libraries:
        sources += all_sources(library)
    return sources


def build_module(toolchain, options, project, folder):
    """Writes options.output. Returns the names of all files that were read."""
    wanted = sanitizers_of(options)
    kind = sum(SANITIZERS[word] for word in set(wanted)) + (COVERAGE if options.coverage else 0)
    flags = MODULE_FLAGS + ([] if options.direct_registers else LISTED_REGISTER_FLAGS)
    flags += sanitizer_thunks.compiler_flags(wanted, options.coverage)
    compiled, files = compile_sources(toolchain, options, project, all_sources(project), flags, folder / "objects")
    objects = [item.object for item in compiled]

    defined, imports = symbols_of(toolchain, objects)
    if "DriverEntry" not in defined:
        raise BuildError(f"{project.name}: no source defines DriverEntry: is a file of the driver missing?")
    renamed = {}
    link_flags = ["-z", "defs"]
    more_objects = []
    if kind:
        instrumented = sanitizer_thunks.add(toolchain, run, objects, imports, options.coverage, folder)
        objects, imports, renamed = instrumented.objects, instrumented.imports, instrumented.renamed
        more_objects = instrumented.runtime_objects
        link_flags = ["-z", "undefs"]

    assembly = folder / "imports.s"
    assembly.write_text(import_assembly(imports, renamed, options, project.name, toolchain, kind))
    run([toolchain.clang, "--target=x86_64-linux-gnu", "-c", str(assembly), "-o", f"{assembly}.o"], "imports")
    output = folder / "module.so"
    if options.coverage:
        more_objects += [run([toolchain.clang, "--print-file-name=libclang_rt.profile-x86_64.a"], "clang").strip()]
    run([toolchain.linker, *LINK_FLAGS, *link_flags, "-o", str(output), *objects, f"{assembly}.o", *more_objects], "link")
    replace(pathlib.Path(options.output), output)
    return files


def replace(target, output):
    """A module that is running is never written to: it is replaced."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copyfile(output, beside)
    beside.chmod(0o755)
    beside.rename(target)

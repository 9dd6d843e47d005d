"""Compiles the sources of a project, in parallel."""
import concurrent.futures
import os
import pathlib

from process import run

NO_EXCEPTIONS = (
    '_Pragma("GCC error \\"structured exceptions do not work in an ELF module: '
    'build this driver as a Windows image\\"")'
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
]  # fmt: skip
WINDOWS_FLAGS = ["--target=x86_64-pc-windows-msvc", "-Xclang", "-fms-volatile"]
COMMON_FLAGS = [
    "-fms-extensions",
    "-fms-compatibility",
    "-D_AMD64_",
    "-D_WIN64",
    "-nostdlibinc",  # a header of Linux in a driver is a mistake
]
LISTED_REGISTER_FLAGS = ["-DDISABLE_INLINE_REGISTER_ACCESS"]  # register access by imports


def source_flags(source):
    language = "c++" if source.is_cxx else "c"
    flags = ["-x", language, "-std=gnu++17" if source.is_cxx else "-std=gnu17"]
    flags += [f"-D{define}" for define in source.defines]
    flags += [f"-U{name}" for name in source.undefines]
    flags += [f"-I{folder}" for folder in source.include_folders]
    for name in source.forced_includes:
        flags += ["-include", str(name)]
    return flags + source.flags


def compile_sources(toolchain, options, sources, target_flags, folder):
    """Returns the objects and the names of all files that were read."""
    folder.mkdir(parents=True, exist_ok=True)
    wdk = toolchain.wdk

    def compile_one(numbered):
        number, source = numbered
        stem = folder / f"{number:02}-{pathlib.Path(source.path).stem}"
        command = [toolchain.clang, *target_flags, *COMMON_FLAGS, "-O0" if options.debug else "-O2"]
        command += [] if options.warnings else ["-w"]
        command += [*source_flags(source), *options.flags]
        command += ["-I" if options.warnings else "-isystem", str(wdk), "-isystem", str(wdk / "crt")]
        command += ["-MD", "-MF", f"{stem}.d", "-c", str(source.path), "-o", f"{stem}.o"]
        run(command, source.path)
        return f"{stem}.o", f"{stem}.d"

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        pairs = list(pool.map(compile_one, enumerate(sources)))
    return [built for built, _ in pairs], files_read(dependency for _, dependency in pairs)


def files_read(dependency_files):
    names = set()
    for part in dependency_files:
        text = pathlib.Path(part).read_text().replace("\\\n", " ")
        names.update(text.split(": ", 1)[1].split() if ": " in text else [])
    return names

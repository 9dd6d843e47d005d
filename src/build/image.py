"""Makes a Windows driver image: compiles as for a module, but for Windows' own object format, and links by lld.

The image is one that Windows would load, too: native subsystem, relocations, imports by name, unwind data
and handlers of structured exceptions, a load configuration with security cookie and, if wanted, control flow
guard. Its program database (PDB) lies beside it.
"""
import pathlib
import struct

import host_routines
import import_libraries
import libraries
import sections
from compiler import HANDLED, IMAGE_FLAGS
from module import Builder, check_declared, replace
from objects import symbols_of, united
from process import BuildError, run
from trace_headers import read_text

DEFAULT_ENTRY = "GsDriverEntry"  # of the library in wdk/library/image; calls DriverEntry
GUARD_FLAGS = ["-Xclang", "-cfguard"]
LINK_FLAGS = [
    "/nologo", "/driver", "/machine:x64", "/subsystem:native,10.00", "/osversion:10.0", "/version:10.0",
    "/nodefaultlib", "/dynamicbase", "/fixed:no", "/nxcompat", "/opt:ref,noicf", "/incremental:no", "/Brepro",
    "/debug:full", "/manifest:no", "/section:INIT,erd", "/section:PAGE,erp",
    # A deletion that is told the size calls the one that is not, where the driver defines only that.
    "/alternatename:??3@YAXPEAX_K@Z=??3@YAXPEAX@Z", "/alternatename:??_V@YAXPEAX_K@Z=??_V@YAXPEAX@Z",
]  # fmt: skip
OF_LINKER = {"__ImageBase"}
OF_LINKER_PREFIX = "__guard_"
PE_OFFSET, PE_CHECKSUM = 0x3C, 0x58  # places: of the header's place, and of the sum in the header


class ImageBuilder(Builder):
    what = "image"

    def __init__(self, toolchain, options, project, folder):
        super().__init__(toolchain, options, project, folder)
        self.guarded = project.control_flow_guard if options.guard is None else options.guard
        self.entry = entry_point(options, project)

    def target_flags(self):
        return IMAGE_FLAGS

    def support_groups(self):
        """The library that every image has, compiled without checks, which it implements."""
        return [libraries.folder_sources(self.toolchain, "image", ["-fno-stack-protector", "-O2"])]

    def roots(self):
        return [self.entry, "_load_config_used"]

    def build(self):
        if self.guarded:
            self.flags = [*self.flags, *GUARD_FLAGS]
        taken = self.gather()
        if self.options.check_layouts:
            self.check_layouts([item.source for item in taken.compiled])
        table = symbols_of(self.toolchain, taken.objects)
        _, undefined = united(table, taken.objects)
        imports = {name for name in undefined if name not in OF_LINKER and not name.startswith(OF_LINKER_PREFIX)}
        check_cxx(self.toolchain, imports)
        self.tell_constructors(taken.compiled, sections.constructing(taken.objects), {})
        check_declared(taken.compiled, imports)
        self.link_image(taken.objects, imports)
        self.tell_handlers(taken.compiled)
        if self.project.resource_files:
            names = ", ".join(str(path) for path in self.project.resource_files)
            self.note(f"{names}: resources are left out: the image has no version information")
        line = host_routines.note_of(host_routines.missing(self.options, imports), self.project.library_names)
        if line:
            self.note(line)

    def tell_handlers(self, compiled):
        for item in compiled:
            if item.partial_handlers and HANDLED.search(read_text(item.source.path)):
                self.note(f"{item.source.path}: handlers (__try) cover calls only, not plain loads and stores: the "
                          "compiler cannot do more beside objects with destructors; a newer one may, by --cc")

    def link_image(self, objects, imports):
        """Everything that is named to the linker is relative, as the database keeps it."""
        names = import_libraries.make(self.toolchain, self.options, imports, self.folder)
        inputs = [str(pathlib.Path(name).relative_to(self.folder)) for name in [*objects, *names]]
        target = pathlib.Path(self.options.output)
        database = target.with_suffix(".pdb")
        flags = [*LINK_FLAGS, f"/entry:{self.entry}", "/out:image.sys", "/pdb:image.pdb", f"/pdbaltpath:{database.name}",
                 "/pdbsourcepath:."]  # fmt: skip
        flags += ["/guard:cf"] if self.guarded else []
        run([self.toolchain.lld_link(), *flags, *inputs], "link", cwd=self.folder)
        set_checksum(self.folder / "image.sys")
        replace(database, self.folder / "image.pdb")
        replace(target, self.folder / "image.sys")


def entry_point(options, project):
    """The name without what 32-bit Windows decorates it with."""
    name = (options.entry or project.entry_point or DEFAULT_ENTRY).strip().partition("@")[0]
    if not name.isidentifier() or not name.isascii():
        raise BuildError(f"{project.name}: its entry point '{name}' is no name of a routine: give one by --entry")
    return name


def check_cxx(toolchain, imports):
    lost = sorted(name for name in imports if name.removeprefix("__imp_").startswith("?"))
    if lost:
        text = run([toolchain.undname, *lost], "names of C++", check=False).split("\n")
        names = [line for line in text if line and line not in lost]
        raise BuildError(
            f"no source defines {', '.join(names)}: add the file that does "
            "(operators new and delete are the driver's own)"
        )


def set_checksum(path):
    """What Windows demands of drivers that it boots from: the sum of all 16-bit words, and the size."""
    content = bytearray(path.read_bytes())
    (header,) = struct.unpack_from("<I", content, PE_OFFSET)
    struct.pack_into("<I", content, header + PE_CHECKSUM, 0)
    padded = bytes(content) + b"\0" * (len(content) % 2)
    total = sum(struct.unpack(f"<{len(padded) // 2}H", padded))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    struct.pack_into("<I", content, header + PE_CHECKSUM, total + len(content))
    path.write_bytes(content)


def build_image(toolchain, options, project, folder):
    """Writes options.output and the database beside it. Returns the names of all files that were read."""
    for name, given in (("--sanitize", options.sanitize != "none"), ("--coverage", options.coverage)):
        if given:
            raise BuildError(f"{name}: not for an image: build a module, without --image")
    builder = ImageBuilder(toolchain, options, project, folder)
    builder.build()
    return builder.files

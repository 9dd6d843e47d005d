"""Sections as Microsoft's linker treats them: what stands behind a $ in a name is an order.

And the table of C++ constructors: Windows runs none for a driver, which does it itself or goes without.
A module must not have its loader run them either, by another calling convention.
"""
import pathlib
import re
import struct

from process import run

COMPILERS_OWN = (".text.", ".data.", ".bss.", ".rodata.")  # a section for one symbol, whose name may hold a $
SHT_PROGBITS, SHT_INIT_ARRAY = 1, 14
ELF_SECTION_TABLE, ELF_SECTION_SIZE = 0x28, 0x3A  # places in the header of a 64-bit file
CONSTRUCTORS_OF_WINDOWS = ".CRT$XCU"
CONSTRUCTORS_BOUNDS = (".CRT$XCA", ".CRT$XCZ")
COFF_HEADER_BYTES, COFF_SECTION_BYTES = 20, 40
# What sanitizers add has a priority of one digit; that of init_seg has more.
OF_DRIVER = re.compile(r"\.init_array(\.\d\d+)?")
SECTION = re.compile(r" *\[ *\d+\] (\S+) +[A-Z]\S* +[0-9a-f]{16} [0-9a-f]+ [0-9a-f]+ [0-9a-f]+ +([A-Za-z]*) ")
GROUPED = re.compile(r"[\w.]+\$.*")
INITIALIZER = re.compile(r".*`dynamic initializer for '(.+)''.*")


def sections_of(toolchain, objects):
    """Returns {object: [(name, flags)]} of what is loaded."""
    table, current = {name: [] for name in objects}, objects[0]
    for line in run([toolchain.readelf, "--sections", "--wide", *objects], "sections").splitlines():
        if line.startswith("File: "):
            current = line.removeprefix("File: ").strip()
        match = SECTION.match(line)
        if match and "A" in match[2]:
            table[current].append((match[1], match[2]))
    return table


def arrange(toolchain, objects, folder):
    """Prepares objects for the linker: its further words, and the objects whose constructors nobody runs."""
    table = sections_of(toolchain, objects)
    constructed = {}  # object -> names of its tables
    grouped = {}  # what stands before the $ -> flags of the sections
    for item, sections in table.items():
        for name, flags in sections:
            if OF_DRIVER.fullmatch(name):
                constructed.setdefault(item, []).append(name)
            elif GROUPED.fullmatch(name) and not name.startswith(COMPILERS_OWN):
                grouped.setdefault(name.split("$")[0], []).append(flags)
    walked = ".CRT" in grouped
    for item, names in constructed.items():
        for name in names:
            if walked:
                make_ordinary(toolchain, item, name)
            else:
                run([toolchain.objcopy, f"--remove-section={name}", item], "sections")
    if not grouped:
        return [], list(constructed)
    script = folder / "sections.ld"
    script.write_text("".join(section_lines(base, flags) for base, flags in sorted(grouped.items())))
    return [str(script)], [] if walked else list(constructed)


def constructing(objects):
    """The objects for Windows with constructors that nobody runs: none, if the driver marks the table's ends."""
    names = {item: coff_sections(item) for item in objects}
    if any(name in CONSTRUCTORS_BOUNDS for listed in names.values() for name in listed):
        return []
    return [item for item, listed in names.items() if CONSTRUCTORS_OF_WINDOWS in listed]


def coff_sections(item):
    """Names of the sections in an object for Windows, as far as they need no more than eight letters."""
    content = pathlib.Path(item).read_bytes()
    (count,) = struct.unpack_from("<H", content, 2)
    places = range(COFF_HEADER_BYTES, COFF_HEADER_BYTES + count * COFF_SECTION_BYTES, COFF_SECTION_BYTES)
    return [content[at:at + 8].rstrip(b"\0").decode(errors="replace") for at in places]


def make_ordinary(toolchain, item, name):
    """Turns a table of constructors into data that only the driver knows, in its place of Windows' order."""
    run([toolchain.objcopy, f"--rename-section={name}={CONSTRUCTORS_OF_WINDOWS}", item], "sections")
    content = bytearray(pathlib.Path(item).read_bytes())
    (table,) = struct.unpack_from("<Q", content, ELF_SECTION_TABLE)
    size, count = struct.unpack_from("<HH", content, ELF_SECTION_SIZE)
    for at in range(table, table + size * count, size):
        if struct.unpack_from("<I", content, at + 4) == (SHT_INIT_ARRAY,):
            struct.pack_into("<I", content, at + 4, SHT_PROGBITS)
    pathlib.Path(item).write_bytes(content)


def section_lines(base, flags):
    place = "BEFORE .bss" if any("W" in word for word in flags) else "AFTER .text"
    return f'SECTIONS {{ {base} : {{ *(SORT_BY_NAME({base}$*)) }} }} INSERT {place};\n'


def constructed_variables(toolchain, item, mangled):
    """The variables of an object whose constructors are in the table."""
    names = run([toolchain.nm, "--format=just-symbols", item], "symbols").split("\n")
    makers = [name for name in (mangled.get(name, name) for name in names) if name.startswith("??__E")]
    text = run([toolchain.undname, *makers], "names of C++", check=False) if makers else ""
    found = (INITIALIZER.fullmatch(line) for line in text.splitlines())
    return sorted({match[1] for match in found if match})

"""Holds the record layouts of a module against those of the same sources for Windows' own target.

Both targets mean one layout; a difference is a defect of a compiler, or of a header that knows one of them
only. It would corrupt data silently, so it is an error. Each source is read twice more for it.
"""
import concurrent.futures
import os
import re
from typing import NamedTuple

from process import BuildError

DUMP = ["-fsyntax-only", "-Xclang", "-fdump-record-layouts-complete"]
HEADING = "*** Dumping AST Record Layout"
LINE = re.compile(r" *([\d:-]*) \| (.*)")
SIZE = re.compile(r"\[sizeof=\d+, .*?align=\d+")


class Difference(NamedTuple):
    record: str
    field: str
    module: str  # offset, or size and alignment
    windows: str


def read_layouts(dump):
    """Returns {record: [(place, field)]}; the last entry is its size and alignment."""
    layouts = {}
    for part in dump.split(HEADING)[1:]:
        matches = [LINE.match(line) for line in part.splitlines()]
        lines = [(match[1], match[2]) for match in matches if match]
        sizes = SIZE.findall(part)
        if lines and sizes:
            fields = [line for line in lines[1:] if not line[1].startswith("  [") and "nvsize" not in line[1]]
            layouts[lines[0][1]] = [(place, text.strip()) for place, text in fields if place] + [(sizes[0] + "]", "size")]
    return layouts


def differences(module, windows):
    for record, fields in module.items():
        for own, other in zip(fields, windows.get(record, fields)):
            if own != other:
                yield Difference(record, own[1], own[0], other[0])
                break


def check(module_compiler, windows_compiler, sources):
    """Raises if a record differs. Both compilers know the headers of the sources."""

    def check_one(source):
        dumps = [compiler.front_end(source, DUMP) for compiler in (module_compiler, windows_compiler)]
        return list(differences(*map(read_layouts, dumps)))

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, found in zip(sources, pool.map(check_one, sources)):
            for first in found:
                raise BuildError(
                    f"{source.path}: {first.record}: {first.field} is at {first.module} in the module and at "
                    f"{first.windows} on Windows: the driver cannot run as a module"
                )

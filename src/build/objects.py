"""What the objects of a module define and need, and which of a library's objects a driver takes."""
from typing import NamedTuple

from process import run

OF_LINKER = ("__start_", "__stop_")  # the bounds of sections
MERGED = "CWV"  # kinds of definitions that may be there more than once


class Symbols(NamedTuple):
    """The external symbols of one object."""

    defined: set
    merged: set  # of these, what may be defined elsewhere, too
    undefined: set


def symbols_of(toolchain, objects):
    """Returns {object: Symbols}."""
    table = {name: Symbols(set(), set(), set()) for name in objects}
    if not objects:
        return table
    listing = run([toolchain.nm, "--format=posix", "--extern-only", "--print-file-name", *objects], "symbols")
    for line in listing.splitlines():
        place, _, rest = line.partition(": ")
        fields = rest.split()
        if len(fields) < 2 or place not in table:
            continue
        name, kind = fields[:2]
        if kind == "U" and not name.startswith(OF_LINKER):
            table[place].undefined.add(name)
        elif kind not in "Uwv":
            table[place].defined.add(name)
            if kind in MERGED:
                table[place].merged.add(name)
    return table


def united(table, objects):
    """What the objects define together, and what they need and do not define."""
    defined = set().union(*(table[name].defined for name in objects))
    undefined = set().union(*(table[name].undefined for name in objects))
    return defined, undefined - defined


def defined_twice(table, objects):
    """The names that more than one of the objects defines for good."""
    once, twice = set(), set()
    for name in objects:
        own = table[name].defined - table[name].merged
        twice |= own & once
        once |= own
    return twice


def needed_members(table, objects, libraries, roots):
    """The objects of libraries that a linker would take, library by library, for what is missing.

    `roots` are names that are needed in any case. What the driver defines itself is never taken."""
    taken = []
    defined, missing = united(table, objects)
    missing |= set(roots) - defined
    progress = True
    while progress:
        progress = False
        for members in libraries:
            for member in members:
                if member not in taken and table[member].defined & missing:
                    taken.append(member)
                    defined |= table[member].defined
                    missing = (missing | table[member].undefined) - defined
                    progress = True
    return taken

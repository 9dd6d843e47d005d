"""Static libraries of the kit that become part of a driver: storhost has their source beside its headers."""
import pathlib

from plan import Source

# Library -> what the names that it defines begin with.
PREFIXES = {"scsiwmi": "ScsiPortWmi"}


def sources_for(toolchain, undefined):
    """The sources, library by library, of those that define something which is undefined."""
    found = []
    for library, prefix in PREFIXES.items():
        if any(name.startswith(prefix) for name in undefined):
            found.append(folder_sources(toolchain, library))
    return found


def folder_sources(toolchain, library, flags=()):
    folder = pathlib.Path(toolchain.wdk) / "library" / library
    return [Source(path=path, flags=list(flags)) for path in sorted(folder.glob("*.c"))]

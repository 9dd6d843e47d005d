"""Finds the project that makes a static library which a driver links by name only.

On Windows such a library exists because the solution builds it first. The places looked at are the
folders that the linker would search, as far as they exist, and the solution around the project.
"""
import pathlib

import solution
import windows_paths
from process import BuildError

PROJECTS_MAX = 200
KNOWN = {}  # what library_of has found: a driver names many libraries, and each would read every project


def project_that_makes(reader, base, folders):
    """The .vcxproj of a static library whose output is called `base`, or None."""
    for path in candidates(reader, folders):
        if path not in reader.chain and library_of(reader, path) == base:
            return reader.shown(path)
    return None


def library_of(reader, path):
    """The name of the library that the project makes, in small letters; None if it makes none."""
    key = (path, reader.configuration)
    if key not in KNOWN:
        try:
            other = type(reader)(reader.shown(path), reader.inner_options(), reader)
            KNOWN[key] = f"{other.output_name().lower()}.lib" if other.kind == "library" else None
        except BuildError:
            KNOWN[key] = None  # a neighbour that is broken, or not for x64
    return KNOWN[key]


def candidates(reader, folders):
    found = {}
    for folder in folders:
        for path in projects_near(reader.evaluation.folder, folder):
            found.setdefault(windows_paths.absolute(path))
    _, members = solution.around(reader.chain[-1])
    mine = next((one for one in members if windows_paths.absolute(one.path) == reader.chain[-1]), None)
    needed = set(mine.needs) if mine else set()
    for one in sorted(members, key=lambda one: one.identity not in needed):
        if one.path.suffix.lower() == ".vcxproj":
            found.setdefault(windows_paths.absolute(one.path))
    return list(found)[:PROJECTS_MAX]


def projects_near(project_folder, name):
    """Projects in the folder `name` or, where that is yet to be made, in the last on the way that exists."""
    name = windows_paths.clean(name).replace("\\", "/").rstrip("/")
    if not name or windows_paths.is_foreign(name):
        return []
    while name:
        folder = windows_paths.find(project_folder, name)
        if folder is not None and folder.is_dir():
            break
        name = name.rpartition("/")[0]
    if not name or name.strip("./") == "":
        return []
    return sorted(path for path in pathlib.Path(folder).iterdir() if path.suffix.lower() == ".vcxproj")

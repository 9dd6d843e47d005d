"""Finds the driver's project in what the user names instead: a folder, a solution, a `dirs` file."""
import os
import pathlib

import solution
import windows_paths
from ddk_sources import SourcesReader
from nmake import Makefile
from process import BuildError
from vcxproj import Reader

LEVELS_MAX = 5  # below the folder that the user names
FOLDERS_MAX = 20_000
DIRS_LEVELS_MAX = 16
SHOWN_MAX = 12
SOLUTION_SUFFIXES = {".sln", ".slnx"}
NOT_LOOKED_INTO = {"packages", "node_modules", "x64", "obj", "bin"}


def is_container(path):
    return path.is_dir() or path.suffix.lower() in SOLUTION_SUFFIXES or path.name.lower() == "dirs"


def project_in(path, options):
    """The one project of a driver in what `path` is."""
    found = projects_of(path)
    drivers, errors = [], []
    for project in found:
        try:
            if kind_of(project, options) == "driver":
                drivers.append(project)
        except BuildError as error:
            errors.append(error)
    if len(drivers) == 1:
        return drivers[0]
    if drivers:
        raise BuildError(f"{path}: holds {len(drivers)} drivers: give one of {listed(drivers)}")
    if len(errors) == 1:
        raise errors[0]
    if found:
        raise BuildError(f"{path}: holds no driver for x64: its projects are {listed(found)}")
    raise BuildError(f"{path}: holds no .vcxproj and no `sources`: give the driver's project, or its C files")


def kind_of(project, options):
    reader = SourcesReader if project.name.lower() == "sources" else Reader
    return reader(project, options).kind


def listed(paths):
    more = f" and {len(paths) - SHOWN_MAX} more" if len(paths) > SHOWN_MAX else ""
    return ", ".join(str(path) for path in paths[:SHOWN_MAX]) + more


def projects_of(path):
    if path.suffix.lower() in SOLUTION_SUFFIXES:
        members = [relative_to(path, one.path) for one in solution.read(path)]
        return [member for member in members if member.suffix.lower() == ".vcxproj"]
    if path.name.lower() == "dirs" and path.is_file():
        return list(dict.fromkeys(projects_of_dirs(path, [])))
    return projects_below(path)


def relative_to(given, path):
    return path if given.is_absolute() else pathlib.Path(os.path.relpath(path))


def projects_of_dirs(path, outer):
    """The `sources` files that a `dirs` file leads to."""
    if path.absolute() in outer:
        raise BuildError(f"{path}: leads back to itself: break the circle")
    if len(outer) > DIRS_LEVELS_MAX:
        raise BuildError(f"{path}: is nested more than {DIRS_LEVELS_MAX} deep")
    makefile = Makefile({"AMD64": "1", "_BUILDARCH": "AMD64", "386": "0"})
    makefile.read_file(path)
    found = []
    for name in f"{makefile.get('DIRS')} {makefile.get('OPTIONAL_DIRS')}".split():
        folder = windows_paths.find(path.parent, name.split("{")[0])
        inner = folder and windows_paths.find(folder, "dirs")
        sources = folder and windows_paths.find(folder, "sources")
        if inner and inner.is_file():
            found += projects_of_dirs(inner, [*outer, path.absolute()])
        elif sources and sources.is_file():
            found.append(sources)
    return found


def projects_below(folder):
    """.vcxproj files in the folder and below it, and `sources` files where there is no other project."""
    found, visited = [], 0
    for here, folders, files in os.walk(folder):
        level = len(pathlib.Path(here).relative_to(folder).parts)
        folders[:] = sorted(name for name in folders if wanted_folder(name)) if level < LEVELS_MAX else []
        visited += 1
        if visited > FOLDERS_MAX:
            raise BuildError(f"{folder}: more than {FOLDERS_MAX} folders: give the driver's own")
        projects = sorted(name for name in files if name.lower().endswith(".vcxproj"))
        projects = projects or [name for name in files if name.lower() == "sources"]
        found += [pathlib.Path(here) / name for name in projects]
    return found


def wanted_folder(name):
    return not name.startswith(".") and name.lower() not in NOT_LOOKED_INTO

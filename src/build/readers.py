"""Reads what the user calls a project: chooses the reader by the file's name.

Each reader is a function (path, options) -> Project. `options` has config, platform, debug, defines,
include_folders and properties.
"""
import pathlib

from plan import Project, Source
from process import BuildError
from vcxproj import read_vcxproj

C_SUFFIXES = {".c"}
CXX_SUFFIXES = {".cpp", ".cxx", ".cc"}
PROJECT_READERS = {".vcxproj": read_vcxproj}


def source_of(path, options):
    return Source(
        path=path,
        is_cxx=path.suffix.lower() in CXX_SUFFIXES,
        defines=list(options.defines),
        include_folders=[pathlib.Path(folder) for folder in options.include_folders],
    )


def read_file_list(paths, options):
    name = options.name or pathlib.Path(options.output or paths[0]).stem
    return Project(name=name, folder=pathlib.Path.cwd(), sources=[source_of(path, options) for path in paths])


def read_project(names, options):
    paths = [pathlib.Path(name) for name in names]
    for path in paths:
        if not path.exists():
            raise BuildError(f"{path}: no such file: give a project file or C files")
    if all(path.suffix.lower() in C_SUFFIXES | CXX_SUFFIXES for path in paths):
        return read_file_list(paths, options)
    if len(paths) > 1:
        raise BuildError(f"{paths[0]} and {len(paths) - 1} more: give one project file, or C files only")
    reader = PROJECT_READERS.get(paths[0].suffix.lower())
    if reader is None:
        raise BuildError(f"{paths[0]}: no kind of project that is known: give a .vcxproj or C files")
    project = reader(paths[0], options)
    project.name = options.name or project.name
    return project

"""Reads what the user calls a project: chooses the reader by the file's name.

Each reader is a function (path, options) -> Project. `options` has config, platform, debug, defines,
include_folders and properties.
"""
import pathlib

from configurations import check_platform
from ddk_sources import read_sources
from plan import Project, Source
from process import BuildError
from project_finder import is_container, project_in
from vcproj import read_vcproj
from vcxproj import read_vcxproj

C_SUFFIXES = {".c"}
CXX_SUFFIXES = {".cpp", ".cxx", ".cc"}


def source_of(path, options):
    return Source(
        path=path,
        is_cxx=path.suffix.lower() in CXX_SUFFIXES,
        defines=list(options.defines),
        include_folders=[pathlib.Path(folder) for folder in options.include_folders],
    )


def read_file_list(paths, options):
    check_platform(options.platform)
    if options.config:
        raise BuildError(f"--config {options.config}: a list of C files has no configurations: leave it away")
    name = options.name or pathlib.Path(options.output or paths[0]).stem
    return Project(name=name, folder=pathlib.Path.cwd(), sources=[source_of(path, options) for path in paths])


def read_project(names, options):
    paths = [pathlib.Path(name) for name in names]
    for path in paths:
        if not path.exists():
            raise BuildError(f"{path}: no such file: give a project file or C files")
    if all(path.suffix.lower() in C_SUFFIXES | CXX_SUFFIXES and path.is_file() for path in paths):
        return read_file_list(paths, options)
    if len(paths) > 1:
        raise BuildError(f"{paths[0]} and {len(paths) - 1} more: give one project file, or C files only")
    project = read_project_file(paths[0], options)
    project.name = options.name or project.name
    if not project.sources:
        raise BuildError(f"{paths[0]}: names no C files for configuration {project.configuration}")
    return project


def read_project_file(path, options):
    if is_container(path):
        path = project_in(path, options)
    if path.suffix.lower() == ".vcxproj":
        return read_vcxproj(path, options)
    if path.suffix.lower() == ".vcproj":
        return read_vcproj(path, options)
    if path.name.lower() == "sources":
        return read_sources(path, options)
    raise BuildError(
        f"{path}: no kind of project that is known: give a .vcxproj, a solution, `sources` or C files"
    )

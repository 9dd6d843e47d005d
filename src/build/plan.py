"""What is to be built: the form into which every kind of project file is read.

A reader (readers.py) makes a Project of a file; nothing behind it knows which kind of file that was.
"""
import dataclasses
import pathlib


@dataclasses.dataclass
class Source:
    """One file that is compiled."""

    path: pathlib.Path
    is_cxx: bool = False
    defines: list = dataclasses.field(default_factory=list)  # "NAME" or "NAME=VALUE"
    undefines: list = dataclasses.field(default_factory=list)
    include_folders: list = dataclasses.field(default_factory=list)  # paths, in order of search
    forced_includes: list = dataclasses.field(default_factory=list)  # names, as #include finds them
    flags: list = dataclasses.field(default_factory=list)  # for Clang, beyond these


@dataclasses.dataclass
class TraceFiles:
    """How one run of the trace preprocessor (WPP) is asked for."""

    sources: list = dataclasses.field(default_factory=list)  # of the Project, scanned for traces
    scanned_headers: list = dataclasses.field(default_factory=list)  # hold configuration blocks
    functions: list = dataclasses.field(default_factory=list)  # -func: "DoTrace(FLAGS,MSG,...)"
    options: list = dataclasses.field(default_factory=list)  # words of its command line, others


@dataclasses.dataclass
class BuildStep:
    """A program that the project would run before compiling, which is not run here."""

    place: str  # FILE:LINE
    name: str
    outputs: list = dataclasses.field(default_factory=list)  # names of files that it makes, without folders

    def made(self):
        return {name.lower() for name in self.outputs}


@dataclasses.dataclass
class Project:
    """A driver, or a static library that one references."""

    name: str
    folder: pathlib.Path  # that relative names in it mean
    kind: str = "driver"  # or "library"
    configuration: str = ""  # "Release|x64"; empty where the kind of project has none
    sources: list = dataclasses.field(default_factory=list)
    libraries: list = dataclasses.field(default_factory=list)  # Projects, linked after the sources
    library_names: list = dataclasses.field(default_factory=list)  # "storport.lib": lower case, no folder
    trace_files: list = dataclasses.field(default_factory=list)
    message_files: list = dataclasses.field(default_factory=list)  # .mc: make NAME.h
    event_manifests: list = dataclasses.field(default_factory=list)  # .man: make NAME.h
    header_names: dict = dataclasses.field(
        default_factory=dict
    )  # path of such a file -> name of its header, without .h
    resource_files: list = dataclasses.field(default_factory=list)  # .rc
    inf_files: list = dataclasses.field(default_factory=list)  # .inf and .inx
    build_steps: list = dataclasses.field(default_factory=list)
    absent_folders: list = dataclasses.field(default_factory=list)  # include folders that do not exist
    entry_point: str = ""  # of an image, where it is not the usual one
    control_flow_guard: bool = False  # in an image
    notes: list = dataclasses.field(default_factory=list)  # lines for the user: what was left out, and why
    project_files: list = dataclasses.field(default_factory=list)  # that were read to know all this

    def with_libraries(self):
        """The project and, after it, every library that it links, and what those link, each once."""
        found, waiting = {}, [self]
        while waiting:
            project = waiting.pop()
            if id(project) not in found:
                found[id(project)] = project
                waiting += reversed(project.libraries)
        return list(found.values())

    def all_build_steps(self):
        return [step for project in self.with_libraries() for step in project.build_steps]


def assembly_note(place, names):
    return f"{place}: {', '.join(names)}: assembly is left out: what it defines will be missing"

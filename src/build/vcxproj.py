"""Reads a Visual Studio project (.vcxproj): what MSBuild would compile and link for one configuration."""
import os
import pathlib

import configurations
import library_search
import windows_paths
import windows_toolset
from build_steps import build_steps_of, names_of_interest
from compiler_options import defines_of, last_of_each, read_options
from msbuild import Evaluation
from msbuild_text import split_list, unescape
from plan import Project, Source, assembly_note
from process import BuildError
from trace_options import trace_files_of

REFERENCES_MAX = 16
PACKED_SHOWN_MAX = 12
CXX_SUFFIXES = {".cpp", ".cxx", ".cc", ".c++"}
LANGUAGES = {
    "stdc11": "gnu11",
    "stdc17": "gnu17",
    "stdclatest": "gnu2x",
    "stdcpp14": "gnu++14",
    "stdcpp17": "gnu++17",
    "stdcpp20": "gnu++20",
    "stdcpplatest": "gnu++20",
    "stdcpp23": "gnu++2b",
}
ALIGNMENTS = {"1byte": 1, "2bytes": 2, "4bytes": 4, "8bytes": 8, "16bytes": 16}


def read_vcxproj(path, options):
    reader = Reader(path, options)
    if reader.kind not in ("driver", "library"):
        packed = [item.name for item in reader.items.of("ProjectReference")]
        which = f": {', '.join(packed[:PACKED_SHOWN_MAX])}" if packed else ""
        raise BuildError(f"{path}: builds {reader.kind}, not a driver: give the driver's own project{which}")
    return reader.project()


class Reader:
    """One project file in one configuration. `outer` is the reader of the project that refers to it."""

    def __init__(self, path, options, outer=None):
        self.path = pathlib.Path(path)
        self.options = options
        self.chain = [*(outer.chain if outer else []), windows_paths.absolute(path)]
        self.libraries = outer.libraries if outer else {}  # absolute path -> Project, or in words what it is
        self.configuration, self.platform = choose_configuration(self.path, options)
        fixed = {"Configuration": self.configuration, "Platform": self.platform, **dict(options.properties)}
        self.evaluation = Evaluation(self.path, fixed)
        self.items = self.evaluation.items
        self.kind = kind_of(self.evaluation)
        self.absent = {}
        self.notes = {}

    def project(self):
        evaluation = self.evaluation
        project = Project(name=self.output_name(), folder=self.shown(evaluation.folder), kind=self.kind,
                          configuration=f"{self.configuration}|{self.platform}")  # fmt: skip
        compiled = [(item, path) for item, path in self.files("ClCompile") if self.is_code(path)]
        sources = [(self.source(item, path), item) for item, path in compiled]
        project.sources = [source for source, _ in sources]
        project.trace_files = trace_files_of(sources, self.find_file)
        self.sort_files(project)
        self.read_libraries(project)
        self.read_image_settings(project)
        project.build_steps = build_steps_of(evaluation)
        told = names_of_interest(project.build_steps)
        if told:
            self.note(f"{self.path}: steps of the project's build are not run here: {', '.join(told)}")
        project.absent_folders = list(self.absent)
        project.project_files = [self.shown(path) for path in evaluation.files]
        project.notes = [*evaluation.notes, *self.notes]
        return project

    def output_name(self):
        return windows_paths.name_of_output(self.evaluation.value("TargetName"), self.path.stem)

    def note(self, text):
        self.notes[text] = True

    # Files.

    def shown(self, path):
        """The path as the user would write it: relative, where the project was given so."""
        return pathlib.Path(path) if self.path.is_absolute() else pathlib.Path(os.path.relpath(path))

    def find_file(self, name):
        found = windows_paths.find(self.evaluation.folder, name)
        return self.shown(found) if found else None

    def files(self, type_name):
        """Items of the type that are not excluded, with their files, each once."""
        found = {}
        for item in self.items.of(type_name):
            if item.is_true("ExcludedFromBuild"):
                continue
            path = item.path()
            if path is not None and path.is_file():
                found.setdefault(path, item)
            elif type_name in ("ClCompile", "MessageCompile"):
                self.missing_file(item)
        return [(item, self.shown(path)) for path, item in found.items()]

    def missing_file(self, item):
        if not self.is_generated(item.name):
            raise BuildError(f"{item.place()}: {item.name} does not exist: is the project complete?")
        self.note(f"{item.place()}: {item.name} is made by a step that is not run here: left out")

    def is_generated(self, name):
        """Whether the project's own folders for what it makes lead to the name."""
        lowered = name.replace("/", "\\").lower()
        made = [self.evaluation.value(folder).replace("/", "\\").lower() for folder in ("IntDir", "OutDir")]
        return any(folder.strip(".\\") and folder.strip(".\\") in lowered for folder in made)

    def folders(self, names):
        found = []
        for name in names:
            if not name or windows_paths.is_foreign(windows_paths.clean(name)):
                continue
            path = self.find_file(name)
            if path is None or not path.is_dir():
                self.absent[name] = True
            elif path not in found:
                found.append(path)
        return found

    # Sources.

    def is_code(self, path):
        return path.suffix.lower() in CXX_SUFFIXES | {".c"}

    def source(self, item, path):
        value = self.evaluation.value
        options = read_options(f"{value('C_DEFINES')} {item.get('AdditionalOptions')}")
        version, ntddi_version = windows_toolset.target_version(self.evaluation)
        debug = value("UseDebugLibraries").lower() == "true"
        defines = windows_toolset.compiler_defines(version, ntddi_version, debug)
        if value("CharacterSet").lower() == "unicode":
            defines += ["UNICODE", "_UNICODE"]
        defines += defines_of(item.list("PreprocessorDefinitions")) + options.defines
        named = item.list("AdditionalIncludeDirectories") + options.include_folders
        everywhere = [unescape(part) for name in ("INCLUDES", "IncludePath")
                      for part in split_list(self.evaluation.property(name))]  # fmt: skip
        compile_as = item.get("CompileAs").lower()
        is_cxx = options.is_cxx if options.is_cxx is not None else path.suffix.lower() in CXX_SUFFIXES
        is_cxx = {"compileasc": False, "compileascpp": True}.get(compile_as, is_cxx)
        user_folders = [pathlib.Path(folder) for folder in self.options.include_folders]
        return Source(
            path=path,
            is_cxx=is_cxx,
            defines=last_of_each(defines + list(self.options.defines)),
            undefines=item.list("UndefinePreprocessorDefinitions") + options.undefines,
            include_folders=user_folders + self.folders(named + everywhere),
            forced_includes=[str(self.find_file(name) or name.replace("\\", "/"))
                             for name in item.list("ForcedIncludeFiles") + options.forced_includes],
            flags=self.flags(item, is_cxx, options),
        )  # fmt: skip

    def flags(self, item, is_cxx, options):
        standard = item.get("LanguageStandard" if is_cxx else "LanguageStandard_C").lower()
        language = LANGUAGES.get(standard) or options.standard
        flags = [f"-std={language}"] if language and ("++" in language) == is_cxx else []
        alignment = ALIGNMENTS.get(item.get("StructMemberAlignment").lower(), options.alignment)
        return flags + ([f"-fpack-struct={alignment}"] if alignment not in (None, 8, 16) else [])

    # What is not C.

    def sort_files(self, project):
        """Files that headers are made of, whichever type of item names them; resources; INF files."""
        lists = {".mc": project.message_files, ".man": project.event_manifests, ".rc": project.resource_files}
        for type_name in ("MessageCompile", "CustomBuild", "ResourceCompile", "ClCompile"):
            for item, path in self.files(type_name):
                if item.get("GeneratedFilesBaseName"):
                    project.header_names[str(path)] = item.get("GeneratedFilesBaseName")
                wanted = lists.get(path.suffix.lower())
                if wanted is None and type_name == "MessageCompile":
                    wanted = project.event_manifests
                if wanted is not None and path not in wanted:
                    wanted.append(path)
        for type_name in ("Inf", "Inx"):
            project.inf_files += [path for _, path in self.files(type_name) if path not in project.inf_files]
        named = self.evaluation.value("SourceInfFile")
        path = self.find_file(named) if named else None
        if path is not None and path not in project.inf_files:
            project.inf_files.append(path)
        assembly = [item.name for item in self.items.of("MASM") if not item.is_true("ExcludedFromBuild")]
        if assembly:
            self.note(assembly_note(self.path, assembly))

    def read_image_settings(self, project):
        link = self.items.definition("Link")
        project.entry_point = link.get("EntryPointSymbol")
        guards = [item.get("ControlFlowGuard") for item, path in self.files("ClCompile") if self.is_code(path)]
        project.control_flow_guard = any(guard.lower() == "guard" for guard in guards)

    # Libraries.

    def read_libraries(self, project):
        for item in self.items.of("ProjectReference"):
            self.read_reference(item, project)
        link = self.items.definition("Link" if self.kind == "driver" else "Lib")
        words = self.evaluation.value("TARGETLIBS").replace(";", " ").split()
        listed = library_words(link.list("AdditionalDependencies") + words)
        names = {windows_paths.base_name(name).lower(): name for name in listed}
        folders = link.list("AdditionalLibraryDirectories")
        known = {library.name.lower() + ".lib" for library in project.libraries}
        for base, name in names.items():
            if base in known:
                continue
            own_folder = os.path.dirname(name.replace("\\", "/"))
            of_kit = windows_paths.is_foreign(name)
            path = None if of_kit else library_search.project_that_makes(self, base, [own_folder, *folders])
            if path is None:
                project.library_names.append(base)
            else:
                self.add_library(path, str(self.path), project)

    def read_reference(self, item, project):
        path = item.path()
        if path is None or not path.is_file():
            self.note(f"{item.place()}: refers to {item.name}, which does not exist: left out")
        elif path.suffix.lower() == ".vcxproj" and item.get("LinkLibraryDependencies").lower() != "false":
            self.add_library(path, item.place(), project)

    def add_library(self, path, place, project):
        key = windows_paths.absolute(path)
        if key in self.chain:
            raise BuildError(f"{place}: refers to {path.name}, which refers back to it: break the circle")
        if len(self.chain) > REFERENCES_MAX:
            raise BuildError(f"{place}: references are nested more than {REFERENCES_MAX} deep")
        if key not in self.libraries:
            reader = Reader(self.shown(path), self.inner_options(), self)
            self.libraries[key] = reader.project() if reader.kind == "library" else reader.kind
        library = self.libraries[key]
        if isinstance(library, Project):
            project.libraries += [library] if all(known is not library for known in project.libraries) else []
        else:
            kind = "a driver" if library == "driver" else library
            self.note(f"{self.path}: refers to {self.shown(path)}, which builds {kind}: not built here")

    def inner_options(self):
        """The same configuration, where the other project has it."""
        return options_with(self.options, config=None, fallback=self.configuration)


def options_with(options, **changes):
    changed = type(options)(**vars(options))
    for name, value in changes.items():
        setattr(changed, name, value)
    return changed


def library_words(names):
    """Names of libraries; a list may also be separated by spaces, as the linker's command line is."""
    for name in names:
        lowered = name.lower()
        words = name.split() if lowered.count(".lib") > 1 else [name]
        yield from (word.strip('"') for word in words if word.lower().strip('"').endswith(".lib"))


def choose_configuration(path, options):
    """(configuration, platform): see configurations.choose. Evaluates the project once without a choice."""
    items = Evaluation(path, {"Platform": "x64", **dict(options.properties)}).items
    pairs = []
    for item in items.of("ProjectConfiguration"):
        name, _, platform = item.name.partition("|")
        pairs.append((item.get("Configuration") or name, item.get("Platform") or platform))
    fallback = getattr(options, "fallback", None)
    if fallback and any(name == fallback for name, _ in pairs):
        options = options_with(options, config=fallback)
    return configurations.choose(path, pairs, options)


def kind_of(evaluation):
    """'driver', 'library', or what else the project builds, in words."""
    kind = evaluation.value("ConfigurationType").lower()
    driver_type = evaluation.value("DriverType").lower()
    toolset = evaluation.value("PlatformToolset").lower()
    if driver_type == "package":
        return "a driver package"
    if driver_type.startswith("umdf") or toolset.startswith("windowsusermode"):
        return "a user-mode driver"
    if kind == "staticlibrary":
        return "library"
    if kind == "driver" or (kind == "dynamiclibrary" and toolset.startswith("windowskernelmode")):
        return "driver"
    link = evaluation.items.definition("Link")
    if link.get("SubSystem").lower() == "native" or link.get("Driver").lower() in ("driver", "uponly", "wdm"):
        return "driver"
    return "a dynamic library" if kind == "dynamiclibrary" else "a program"

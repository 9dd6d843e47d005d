"""Reads a project of Visual Studio 2005 or 2008 (.vcproj).

Most of those that belong to drivers only call BUILD; then the `sources` file beside them is the project.
"""
import pathlib
import re

import configurations
import project_xml
import solution
import windows_paths
import windows_toolset
from build_steps import makes_code
from compiler_options import defines_of, last_of_each, read_options
from ddk_sources import read_sources
from plan import BuildStep, Project, Source
from process import BuildError

MACRO = re.compile(r"\$\(([A-Za-z_]\w*)\)")
LIBRARY_TYPE = "4"
MAKEFILE_TYPES = ("0", "10")
NATIVE_SUBSYSTEM = "3"
C_SUFFIXES = {".c"}
CXX_SUFFIXES = {".cpp", ".cxx", ".cc"}
ALIGNMENTS = {"1": 1, "2": 2, "3": 4}
COMPILE_AS = {"1": False, "2": True}
SHEETS_MAX = 64
NEWEST = 0x0601  # these versions of Visual Studio knew no later system


def read_vcproj(path, options):
    root = project_xml.parse(path)
    if project_xml.name_of(root) != "VisualStudioProject":
        raise BuildError(f"{project_xml.place_of(path, root)}: is no project of Visual Studio 2005 or 2008")
    kinds = [element.get("ConfigurationType") for element in root.iterfind("Configurations/Configuration")]
    if kinds and all(kind in MAKEFILE_TYPES for kind in kinds):
        sources = windows_paths.find(path.parent, "sources")
        if sources is None or not sources.is_file():
            raise BuildError(f"{path}: calls another program to build: give the driver's C files")
        return read_sources(sources, options)
    reader = VcprojReader(path, root, options)
    if reader.kind not in ("driver", "library"):
        raise BuildError(f"{path}: builds a program, not a driver: give the driver's own project")
    return reader.project()


class VcprojReader:
    def __init__(self, path, root, options):
        self.path = path
        self.folder = path.parent
        self.root = root
        self.options = options
        elements = list(root.iterfind("Configurations/Configuration"))
        found = {element.get("Name", ""): element for element in elements}
        pairs = [tuple(name.partition("|")[::2]) for name in found]
        name, platform = configurations.choose(path, pairs, options)
        self.configuration = f"{name}|{platform}"
        self.element = found.get(self.configuration)
        if self.element is None:
            raise BuildError(f"{path}:1: has no configurations: this is no project that can be built")
        self.layers = [self.element, *self.sheets()]
        self.kind = self.kind_of()
        self.absent = {}

    def sheets(self):
        """The property sheets of the configuration, the nearest first."""
        found, waiting = [], self.element.get("InheritedPropertySheets", "").split(";")
        while waiting:
            path = windows_paths.find(self.folder, self.expand(waiting.pop(0)))
            if path is None or not path.is_file() or path in [known for known, _ in found]:
                continue
            if len(found) >= SHEETS_MAX:
                raise BuildError(f"{self.path}: more property sheets than a project has")
            root = project_xml.parse(path)
            found.append((path, root))
            waiting += root.get("InheritedPropertySheets", "").split(";")
        self.sheet_paths = [path for path, _ in found]
        return [root for _, root in found]

    # Settings.

    def expand(self, text):
        """Replaces $(...); what is not known is empty."""
        name, _, platform = self.element.get("Name", "").partition("|")
        values = {
            "configurationname": name,
            "platformname": platform,
            "projectname": self.root.get("Name", self.path.stem),
            "projectdir": f"{self.folder.absolute()}/",
            "inputdir": f"{self.folder.absolute()}/",
            "noinherit": "",
            **{key.lower(): value for key, value in solution.properties(self.path.absolute()).items()},
            **{key.lower(): value for key, value in self.options.properties},
        }
        return MACRO.sub(lambda match: values.get(match.group(1).lower(), ""), text)

    def tool(self, tool_name, setting, *first):
        """The setting's values in the file's own elements, then in the configuration and its sheets."""
        found = []
        for layer in [*first, *self.layers]:
            for tool in layer.iterfind("Tool"):
                value = tool.get(setting)
                if tool.get("Name") == tool_name and value is not None:
                    found.append(self.expand(value))
                    if "$(NOINHERIT)" in value:
                        return found
        return found

    def first(self, tool_name, setting, *first):
        return next(iter(self.tool(tool_name, setting, *first)), "")

    def list(self, tool_name, setting, *first):
        return [
            part
            for value in self.tool(tool_name, setting, *first)
            for part in re.split("[;,]", value)
            if part.strip()
        ]

    def kind_of(self):
        if self.element.get("ConfigurationType") == LIBRARY_TYPE:
            return "library"
        linker = "VCLinkerTool"
        native = self.first(linker, "SubSystem") == NATIVE_SUBSYSTEM
        return "driver" if native or self.first(linker, "Driver") in ("1", "2", "3") else "program"

    # Files.

    def project(self):
        output = self.expand(self.first("VCLinkerTool", "OutputFile")) or self.root.get(
            "Name", self.path.stem
        )
        project = Project(
            name=windows_paths.name_of_output(windows_paths.stem(output), self.path.stem),
            folder=self.folder,
            kind=self.kind,
            configuration=self.configuration,
            library_names=[
                windows_paths.base_name(name).lower()
                for value in self.tool("VCLinkerTool", "AdditionalDependencies")
                for name in value.split()
            ],
            entry_point=self.first("VCLinkerTool", "EntryPointSymbol"),
            project_files=[self.path, *self.sheet_paths],
        )
        lists = {
            ".mc": project.message_files,
            ".man": project.event_manifests,
            ".rc": project.resource_files,
            ".inf": project.inf_files,
            ".inx": project.inf_files,
        }
        for element in self.root.iterfind("Files//File"):
            self.read_file(element, project, lists)
        project.absent_folders = list(self.absent)
        return project

    def read_file(self, element, project, lists):
        name = self.expand(element.get("RelativePath", ""))
        own = [one for one in element.iterfind("FileConfiguration") if one.get("Name") == self.configuration]
        if any(one.get("ExcludedFromBuild", "").lower() == "true" for one in own):
            return
        place = project_xml.place_of(self.path, element)
        if self.first("VCCustomBuildTool", "CommandLine", *own):
            outputs = [
                windows_paths.base_name(part) for part in self.list("VCCustomBuildTool", "Outputs", *own)
            ]
            project.build_steps.append(BuildStep(place, name, outputs))
            if any(map(makes_code, outputs)):
                project.notes.append(f"{place}: a step of the project's build is not run here: {name}")
        path = windows_paths.find(self.folder, name)
        suffix = windows_paths.suffix(name)
        if suffix in C_SUFFIXES | CXX_SUFFIXES:
            if path is None:
                raise BuildError(f"{place}: {name} does not exist: is the project complete?")
            project.sources.append(self.source(path, own))
        elif path is not None and suffix in lists:
            lists[suffix].append(path)

    def source(self, path, own):
        compiler = "VCCLCompilerTool"
        words = read_options(" ".join(reversed(self.tool(compiler, "AdditionalOptions", *own))))
        is_cxx = path.suffix.lower() in CXX_SUFFIXES if words.is_cxx is None else words.is_cxx
        version = (
            windows_toolset.number_of(dict(self.options.properties).get("_NT_TARGET_VERSION", "")) or NEWEST
        )
        defines = windows_toolset.compiler_defines(version, version << 16, False)
        own_defines = reversed(self.list(compiler, "PreprocessorDefinitions", *own))
        named = self.list(compiler, "AdditionalIncludeDirectories", *own) + words.include_folders
        alignment = ALIGNMENTS.get(self.first(compiler, "StructMemberAlignment", *own), words.alignment)
        return Source(
            path=path,
            is_cxx=COMPILE_AS.get(self.first(compiler, "CompileAs", *own), is_cxx),
            defines=last_of_each(defines + defines_of(own_defines) + words.defines + self.options.defines),
            undefines=self.list(compiler, "UndefinePreprocessorDefinitions", *own) + words.undefines,
            include_folders=[pathlib.Path(name) for name in self.options.include_folders]
            + self.folders(named),
            forced_includes=[
                str(windows_paths.find(self.folder, name) or name.replace("\\", "/"))
                for name in self.list(compiler, "ForcedIncludeFiles", *own) + words.forced_includes
            ],
            flags=[f"-fpack-struct={alignment}"] if alignment in (1, 2, 4) else [],
        )

    def folders(self, names):
        found = []
        for name in (windows_paths.clean(name) for name in names):
            path = windows_paths.find(self.folder, name)
            if path is not None and path.is_dir():
                found += [path] if path not in found else []
            elif name and not windows_paths.is_foreign(name):
                self.absent[name] = True
        return found

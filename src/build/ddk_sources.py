"""Reads a `sources` file, from which BUILD of the older driver kits made drivers."""
import os
import pathlib

import windows_paths
import windows_toolset
from compiler_options import last_of_each, read_options
from configurations import check_platform
from nmake import Makefile
from plan import BuildStep, Project, Source, TraceFiles, assembly_note
from process import BuildError
from trace_options import sort_words, split_command

DRIVER_TYPES = {"driver", "miniport", "export_driver", "gdi_driver"}
LIBRARY_TYPES = {"driver_library", "library"}
FREE = {"fre", "free", "release"}
CHECKED = {"chk", "checked", "debug"}
CXX_SUFFIXES = {".cpp", ".cxx", ".cc"}
NEIGHBOURS_MAX = 200
NEWEST = 0x0601  # for which the last kit with BUILD made drivers


def read_sources(path, options):
    reader = SourcesReader(path, options)
    if reader.kind not in ("driver", "library"):
        raise BuildError(f"{reader.makefile.place_of('TARGETTYPE')}: builds {reader.kind}, not a driver: "
                         "give the driver's own `sources` file")  # fmt: skip
    return reader.project()


def is_checked(path, options):
    wanted = (options.config or "").partition("|")[0].lower()
    if wanted and wanted not in FREE | CHECKED:
        raise BuildError(
            f"{path}: has no configuration '{options.config}': choose --config from 'free', 'checked'"
        )
    return wanted in CHECKED if wanted else bool(options.debug)


def environment(path, checked, options):
    """What the kit's build window sets. Its folders are on a Windows machine."""
    alternative = f"{'chk' if checked else 'fre'}_win7_amd64"
    folders = {name: f"C:\\WINDDK\\{name.lower()}" for name in (
        "BASEDIR", "NTMAKEENV", "PUBLIC_ROOT", "SDK_INC_PATH", "SDK_LIB_PATH", "DDK_INC_PATH", "DDK_LIB_PATH",
        "CRT_INC_PATH", "CRT_LIB_PATH", "WDM_INC_PATH", "IFSKIT_INC_PATH", "IFSKIT_LIB_PATH", "KMDF_INC_PATH",
        "KMDF_LIB_PATH", "DRIVER_INC_PATH", "HALKIT_LIB_PATH", "MFC_INC_PATH", "ATL_INC_PATH", "OAK_INC_PATH",
    )}  # fmt: skip
    return {
        **folders,
        **windows_toolset.TARGET_CONSTANTS,
        "_BUILDARCH": "AMD64",
        "PROCESSOR_ARCHITECTURE": "AMD64",
        "TARGET_CPU": "amd64",
        "TARGET_DIRECTORY": "amd64",
        "AMD64": "1",
        **dict.fromkeys(("386", "IA64", "ALPHA", "AXP64", "MIPS", "PPC", "ARM"), "0"),
        "_NT_TARGET_VERSION": f"0x{NEWEST:X}",
        "DDK_TARGET_OS": "Win7",
        "DDKBUILDENV": "chk" if checked else "fre",
        "BUILD_ALT_DIR": alternative,
        "O": f"obj{alternative}\\amd64",
        "OBJ_PATH": str(path.parent),
        "MAKEDIR": str(path.parent),
        "NTDEBUG": "ntsd" if checked else "ntsdnodbg",
        "FREEBUILD": "0" if checked else "1",
        "LANGUAGE": "usa",
        "LNG": "usa",
        **dict(options.properties),
    }


class SourcesReader:
    """One `sources` file. `outer` is the reader of the one that links it."""

    def __init__(self, path, options, outer=None):
        check_platform(options.platform)
        self.path = pathlib.Path(path)
        self.folder = self.path.parent
        self.options = options
        self.chain = [*(outer.chain if outer else []), windows_paths.absolute(path)]
        self.libraries = outer.libraries if outer else {}  # absolute path -> Project
        self.checked = is_checked(self.path, options)
        self.makefile = Makefile(
            environment(self.path.absolute(), self.checked, options), dict(options.properties)
        )
        self.makefile.read_file(self.path)
        rules = windows_paths.find(self.folder or ".", "makefile.inc")
        if rules is not None:
            self.makefile.read_file(rules)
        self.kind = self.kind_of()
        self.absent = {}

    def get(self, name):
        return self.makefile.get(name)

    def kind_of(self):
        name = self.get("TARGETTYPE").lower()
        if not name and not self.get("SOURCES"):
            raise BuildError(
                f"{self.path}:1: sets neither TARGETTYPE nor SOURCES: this is no `sources` file of BUILD"
            )
        if name in DRIVER_TYPES:
            return "driver"
        return "library" if name in LIBRARY_TYPES else f"what TARGETTYPE '{name}' means"

    def project(self):
        name = windows_paths.name_of_output(self.get("TARGETNAME"), self.folder.absolute().name)
        project = Project(name=name, folder=self.folder, kind=self.kind,
                          configuration="checked|x64" if self.checked else "free|x64")  # fmt: skip
        files = self.files("SOURCES") + self.files("AMD64_SOURCES", "amd64")
        project.sources = [
            self.source(path) for path in files if path.suffix.lower() in CXX_SUFFIXES | {".c"}
        ]
        project.message_files = [path for path in files if path.suffix.lower() == ".mc"]
        project.event_manifests = [path for path in files if path.suffix.lower() == ".man"]
        project.resource_files = [path for path in files if path.suffix.lower() == ".rc"]
        project.notes = list(self.makefile.notes)
        assembly = [str(path) for path in files if path.suffix.lower() in (".asm", ".s")]
        if assembly:
            project.notes.append(assembly_note(self.path, assembly))
        self.read_traces(project)
        self.read_libraries(project)
        self.read_steps(project)
        self.read_inf_files(project)
        project.absent_folders = list(self.absent)
        project.project_files = list(self.makefile.files)
        return project

    # Sources.

    def files(self, macro, subfolder=""):
        found = []
        for name in self.get(macro).split():
            path = windows_paths.find(self.folder, name) or windows_paths.find(self.folder / subfolder, name)
            if path is None:
                place = self.makefile.place_of(macro)
                raise BuildError(f"{place}: {name} does not exist: is the project complete?")
            if path not in found:
                found.append(path)
        return found

    def source(self, path):
        words = read_options(f"{self.get('C_DEFINES')} {self.get('USER_C_FLAGS')} {self.get('AMD64_FLAGS')}")
        options = self.options
        return Source(
            path=path,
            is_cxx=path.suffix.lower() in CXX_SUFFIXES if words.is_cxx is None else words.is_cxx,
            defines=last_of_each(self.kit_defines() + words.defines + list(options.defines)),
            undefines=words.undefines,
            include_folders=[pathlib.Path(folder) for folder in options.include_folders]
            + self.folders(self.get("INCLUDES").split(";") + words.include_folders),
            forced_includes=[str(windows_paths.find(self.folder, name) or name.replace("\\", "/"))
                             for name in words.forced_includes],
            flags=[f"-fpack-struct={words.alignment}"] if words.alignment not in (None, 8, 16) else [],
        )  # fmt: skip

    def kit_defines(self):
        version = windows_toolset.number_of(self.get("_NT_TARGET_VERSION")) or NEWEST
        version = version >> 16 if version > 0xFFFF else version
        ntddi_version = windows_toolset.number_of(self.get("NTDDI_VERSION")) or version << 16
        defines = windows_toolset.compiler_defines(version, ntddi_version, self.checked)
        return defines + ["DEVL=1", "FPO=0"] + ([] if self.checked else ["NDEBUG"])

    def folders(self, names):
        found = []
        for name in (windows_paths.clean(name) for name in names):
            if not name or windows_paths.is_foreign(name):
                continue
            path = windows_paths.find(self.folder, name)
            if path is None or not path.is_dir():
                self.absent[name] = True
            elif path not in found:
                found.append(path)
        return found

    # Traces, libraries, steps.

    def read_traces(self, project):
        words = split_command(self.get("RUN_WPP"))
        if not words:
            return
        run = TraceFiles()
        names = sort_words(run, words, lambda name: windows_paths.find(self.folder, name))
        wanted = {windows_paths.find(self.folder, name) for name in names}
        run.sources = [source for source in project.sources if source.path in wanted]
        project.trace_files = [run]

    def read_libraries(self, project):
        for name in self.get("TARGETLIBS").split() + self.get("LINKLIBS").split():
            base = windows_paths.base_name(name).lower()
            path = self.neighbour_that_makes(name)
            if path is None:
                project.library_names += [base] if base not in project.library_names else []
                continue
            key = windows_paths.absolute(path)
            if key in self.chain:
                place = self.makefile.place_of("TARGETLIBS")
                raise BuildError(f"{place}: needs {name}, whose project needs this one: break the circle")
            if key not in self.libraries:
                self.libraries[key] = SourcesReader(path, self.options, self).project()
            if all(known is not self.libraries[key] for known in project.libraries):
                project.libraries.append(self.libraries[key])

    def neighbour_that_makes(self, name):
        """The `sources` of the library, if one near makes it; `name` is its path as the linker gets it."""
        name = windows_paths.clean(name).replace("\\", "/")
        folder, base = os.path.split(name)
        if not folder or windows_paths.is_foreign(windows_paths.clean(name)):
            return None
        while folder and windows_paths.find(self.folder, folder) is None:
            folder = os.path.dirname(folder)
        start = windows_paths.find(self.folder, folder or ".") or self.folder
        near = [start, start.parent, *subfolders(start), *subfolders(self.folder.absolute().parent)]
        for place in list(dict.fromkeys(near))[:NEIGHBOURS_MAX]:
            path = windows_paths.find(place, "sources")
            if path is None or not path.is_file() or os.path.samefile(path, self.path):
                continue
            try:
                other = SourcesReader(path, self.options, self)
            except BuildError:
                continue  # a neighbour that is broken
            if other.kind == "library" and f"{other.get('TARGETNAME').lower()}.lib" == base.lower():
                return pathlib.Path(os.path.relpath(path)) if not self.path.is_absolute() else path
        return None

    def read_steps(self, project):
        for macro in ("NTTARGETFILE0", "NTTARGETFILES"):
            made = [windows_paths.base_name(name) for name in self.get(macro).split()]
            if made:
                project.build_steps.append(
                    BuildStep(self.makefile.place_of(macro), f"rules of {macro}", made)
                )
        for place, names in self.makefile.rules:
            made = [windows_paths.base_name(name) for name in names]
            headers = [name for name in made if windows_paths.suffix(name) in (".h", ".c", ".cpp", ".inc")]
            if headers:
                project.build_steps.append(BuildStep(place, f"the rule for {' '.join(headers)}", made))

    def read_inf_files(self, project):
        for name in (self.get("INF_NAME"), self.get("TARGETNAME")):
            for suffix in (".inx", ".inf"):
                path = windows_paths.find(self.folder, name + suffix) if name else None
                if path is not None and path not in project.inf_files:
                    project.inf_files.append(path)


def subfolders(folder):
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        return []

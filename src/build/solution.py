"""Visual Studio solutions: which projects they hold, and which of them a driver's own build needs first."""
import dataclasses
import functools
import os
import pathlib
import re

import project_xml
import windows_paths
from process import BuildError

BYTES_MAX = 4 << 20
LEVELS_MAX = 8  # from a project up to the solution that holds it
PROJECT = re.compile(r'^\s*Project\("[^"]*"\)\s*=\s*"([^"]*)",\s*"([^"]*)",\s*"\{([^}]*)\}"')
DEPENDENCY = re.compile(r"^\s*\{([0-9A-Fa-f-]+)\}\s*=\s*\{[0-9A-Fa-f-]+\}\s*$")
PROJECT_SUFFIXES = {".vcxproj", ".vcproj"}


@dataclasses.dataclass
class Member:
    """A C++ project of a solution, and the identities of those that are built before it."""

    name: str
    path: pathlib.Path
    identity: str
    needs: list = dataclasses.field(default_factory=list)


def read(path):
    """The members whose files exist, in the solution's order."""
    if path.suffix.lower() == ".slnx":
        return read_xml(path)
    try:
        if path.stat().st_size > BYTES_MAX:
            raise BuildError(f"{path}:1: larger than {BYTES_MAX >> 20} MiB: this is no solution")
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        raise BuildError(f"{path}: cannot be read: {error.strerror}") from error
    if "Microsoft Visual Studio Solution File" not in text[:400]:
        raise BuildError(f"{path}:1: does not begin as a Visual Studio solution does")
    members, current, in_dependencies = [], None, False
    for line in text.splitlines():
        match = PROJECT.match(line)
        if match:
            current = member(path, match.group(1), match.group(2), match.group(3).lower())
            members += [current] if current else []
        elif line.strip().startswith("ProjectSection(ProjectDependencies)"):
            in_dependencies = True
        elif line.strip() in ("EndProjectSection", "EndProject"):
            in_dependencies = False
        elif in_dependencies and current and (match := DEPENDENCY.match(line)):
            current.needs.append(match.group(1).lower())
    return members


def member(solution, name, file_name, identity):
    if windows_paths.suffix(file_name) not in PROJECT_SUFFIXES:
        return None
    path = windows_paths.find(solution.parent, file_name)
    return Member(name, path, identity) if path else None


def read_xml(path):
    root = project_xml.parse(path)
    if project_xml.name_of(root) != "Solution":
        raise BuildError(f"{project_xml.place_of(path, root)}: <{project_xml.name_of(root)}> is no solution")
    found = []
    for element in root.iter("{*}Project"):
        file_name = element.get("Path", "")
        one = member(path, windows_paths.stem(file_name), file_name, file_name.lower())
        if one:
            one.needs = [child.get("Project", "").lower() for child in element.iter("{*}BuildDependency")]
            found.append(one)
    return found


@functools.lru_cache(maxsize=None)
def around(project):
    """The nearest solution in the project's folder or above that names it. Returns its path and members."""
    folder = project.parent
    for _ in range(LEVELS_MAX):
        for name in sorted(os.listdir(folder)) if os.access(folder, os.R_OK) else []:
            if not name.lower().endswith((".sln", ".slnx")):
                continue
            try:
                members = read(folder / name)
            except BuildError:
                continue  # somebody else's broken file: nobody asked for it
            if any(os.path.samefile(one.path, project) for one in members):
                return folder / name, members
        if folder.parent == folder:
            break
        folder = folder.parent
    return None, []


def properties(project):
    """What a build of the solution tells its projects. Without one, the project's folder stands for it."""
    path, _ = around(project)
    folder = path.parent if path else project.parent
    name = path.stem if path else project.stem
    return {
        "SolutionDir": f"{folder}/",
        "SolutionName": name,
        "SolutionFileName": path.name if path else f"{name}.sln",
        "SolutionPath": str(path or folder / f"{name}.sln"),
    }

"""Evaluates an MSBuild project: properties and imports, then item definitions, then items.

That is MSBuild's own order: properties and imports as they stand in the document, everything about items
afterwards, with the properties' final values. Targets are not run; they are kept to be looked at.
"""
import pathlib

import msbuild_functions
import project_xml
import windows_paths
import windows_toolset
from msbuild_conditions import Condition
from msbuild_items import Items
from msbuild_text import TextError, expand, split_list, unescape
from process import BuildError

IMPORT_DEPTH_MAX = 64
IMPORTS_MAX = 1000
NOTES_MAX = 100
# Names as MSBuild derives them of the file that is being read.
THIS_FILE = {
    "msbuildthisfile": lambda path: path.name,
    "msbuildthisfiledirectory": lambda path: f"{path.parent}/",
    "msbuildthisfileextension": lambda path: path.suffix,
    "msbuildthisfilefullpath": str,
    "msbuildthisfilename": lambda path: path.stem,
}


class Evaluation:
    """`fixed` are global properties, as on MSBuild's command line: the project does not change them."""

    def __init__(self, path, fixed):
        self.path = pathlib.Path(path).absolute()
        self.folder = self.path.parent
        self.properties = {}
        self.fixed = {name.lower() for name in fixed}
        self.notes = {}
        self.files = []  # the project and what it imports
        self.targets = []  # (path, element)
        self.later = []  # (path, element) of what is evaluated after the properties
        self.importing = []
        self.known_types = set()
        for name, value in {**windows_toolset.properties(self.path), **fixed}.items():
            self.properties[name.lower()] = value
        self.here = self.path
        self.element = None
        self.items = Items(self)
        self.read_file(self.path)
        windows_toolset.finish(self)
        for type_name, names in windows_toolset.converted_items(self).items():
            self.items.add(type_name, names)
        self.items.evaluate(self.later)

    # What expressions ask for.

    def property(self, name):
        name = name.lower()
        if name in THIS_FILE:
            return THIS_FILE[name](self.here)
        return self.properties.get(name, "")

    def function(self, type_name, name, arguments):
        return msbuild_functions.static(type_name, name, arguments, self.folder)

    def expand(self, text):
        return self.items.expand_items(expand(text, self))

    def exists(self, name):
        return windows_paths.find(self.here.parent, name) is not None

    def note(self, text):
        if len(self.notes) < NOTES_MAX:
            self.notes[f"{self.place()}: {text}"] = True

    # Where an error is.

    def place(self):
        return project_xml.place_of(self.here, self.element) if self.element is not None else str(self.here)

    def fail(self, text):
        raise BuildError(f"{self.place()}: {text}")

    def is_true(self, element, scope=None):
        """Whether the element's condition holds; one without has none to fail."""
        condition = element.get("Condition")
        if condition is None or not condition.strip():
            return True
        self.element = element
        try:
            return Condition(condition, scope or self).value()
        except TextError as error:
            self.fail(f'Condition "{condition[:120]}": {error}')

    def text(self, element, text):
        """`text` of `element` with its references replaced."""
        self.element = element
        try:
            return self.expand(text)
        except TextError as error:
            self.fail(str(error))

    def value(self, name):
        """A property, final and unescaped."""
        return unescape(self.property(name)).strip()

    def set_default(self, name, value):
        if not self.properties.get(name.lower()):
            self.properties[name.lower()] = value

    # The first pass.

    def read_file(self, path):
        if path in self.importing:
            self.fail(f"imports {path}, which imports it: break the circle")
        if len(self.importing) >= IMPORT_DEPTH_MAX or len(self.files) >= IMPORTS_MAX:
            self.fail("more imports than a project has")
        root = project_xml.parse(path)
        if project_xml.name_of(root) != "Project":
            raise BuildError(
                f"{project_xml.place_of(path, root)}: <{project_xml.name_of(root)}> is no MSBuild project"
            )
        self.files.append(path)
        self.importing.append(path)
        before, self.here = self.here, path
        for name in split_list(root.get("TreatAsLocalProperty", "")):
            self.fixed.discard(name.lower())
        if root.get("Sdk"):
            self.element = root
            self.note(f"the SDK '{root.get('Sdk')}' is not known: what it sets is missing")
        self.read_elements(root)
        self.here = before
        self.importing.pop()

    def read_elements(self, parent):
        for element in project_xml.elements(parent):
            name = project_xml.name_of(element)
            reader = READERS.get(name)
            if reader:
                reader(self, element)

    def read_property_group(self, group):
        if not self.is_true(group):
            return
        for element in project_xml.elements(group):
            if not self.is_true(element):
                continue
            name = project_xml.name_of(element).lower()
            value = self.text(element, project_xml.text_of(element))
            if name not in self.fixed:
                self.properties[name] = value.strip() if "\n" in value else value

    def read_import_group(self, group):
        if self.is_true(group):
            self.read_elements(group)

    def read_import(self, element):
        if not self.is_true(element):
            return
        name = unescape(self.text(element, element.get("Project", ""))).strip()
        if element.get("Sdk") or not name:
            return
        for part in split_list(name):
            self.read_import_of(element, part)

    def read_import_of(self, element, name):
        windows_toolset.enter(self, name, self.read_nearest)
        paths = (
            self.items.files_of(name, self.here.parent)
            if "*" in name
            else [windows_paths.find(self.here.parent, name)]
        )
        for path in paths:
            self.element = element
            if path is not None and path.is_file():
                self.read_file(path.absolute())
            elif not windows_toolset.is_part(name):
                self.note(f"imports {windows_paths.clean(name)}, which does not exist: left out")

    def read_nearest(self, name):
        """A file that MSBuild imports by itself when it lies in the project's folder or above."""
        found = msbuild_functions.path_above(str(self.folder), name)
        if found:
            self.read_file(pathlib.Path(found))

    def read_choose(self, element):
        for branch in project_xml.elements(element):
            if project_xml.name_of(branch) == "Otherwise" or self.is_true(branch):
                self.read_elements(branch)
                return

    def read_target(self, element):
        self.targets.append((self.here, element))

    def read_later(self, element):
        self.later.append((self.here, element))


READERS = {
    "Choose": Evaluation.read_choose,
    "Import": Evaluation.read_import,
    "ImportGroup": Evaluation.read_import_group,
    "ItemDefinitionGroup": Evaluation.read_later,
    "ItemGroup": Evaluation.read_later,
    "PropertyGroup": Evaluation.read_property_group,
    "Target": Evaluation.read_target,
}

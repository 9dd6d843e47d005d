"""Items of an MSBuild project, and the item definitions that give them their defaults."""
import os
import pathlib
import re

import project_xml
import windows_paths
from msbuild_text import TextError, expand_metadata, split_list, unescape

ITEMS_MAX = 100_000
WILDCARDS_MAX = 4  # in one name; matching takes time that grows with this power of its length
ANY_FOLDERS = "(?:[^/]+/)*"
FILES_VISITED_MAX = 100_000  # by one project's wildcards
TRANSFORM = re.compile(r"""@\(\s*([A-Za-z_][\w-]*)\s*
                           (?:->\s*('[^']*'|\w+\([^()]*\)))?\s*
                           (?:,\s*'([^']*)')?\s*\)""", re.VERBOSE)  # fmt: skip
OPERATIONS = {
    "Include",
    "Exclude",
    "Remove",
    "Update",
    "Condition",
    "Label",
    "KeepMetadata",
    "RemoveMetadata",
    "KeepDuplicates",
    "MatchOnMetadata",
    "MatchOnMetadataOptions",
}
# Metadata that every item has, from its name alone.
WELL_KNOWN = {
    "identity": lambda item: item.name,
    "filename": lambda item: windows_paths.stem(item.name),
    "extension": lambda item: windows_paths.suffix(item.name),
    "fullpath": lambda item: windows_paths.lexical(item.folder, item.name),
    "rootdir": lambda item: "/",
    "relativedir": lambda item: relative_folder(item.name),
    "directory": lambda item: os.path.dirname(windows_paths.lexical(item.folder, item.name)).lstrip("/")
    + "/",
    "recursivedir": lambda item: item.recursive_folder,
    "definingprojectfullpath": lambda item: str(item.defined_in),
    "definingprojectdirectory": lambda item: f"{item.defined_in.parent}/",
    "definingprojectname": lambda item: item.defined_in.stem,
}


def relative_folder(name):
    cut = max(name.rfind("\\"), name.rfind("/"))
    return name[: cut + 1]


class Item:
    """`name` as the project writes it, unescaped; metadata escaped, by lower-case name."""

    def __init__(self, name, folder, defined_in, line, recursive_folder=""):
        self.name = name
        self.folder = folder
        self.defined_in = defined_in
        self.line = line
        self.recursive_folder = recursive_folder
        self.metadata = {}
        self.defaults = {}

    def raw(self, name):
        name = name.lower()
        if name in WELL_KNOWN:
            return WELL_KNOWN[name](self)
        return self.metadata.get(name, self.defaults.get(name, ""))

    def get(self, name):
        """The metadata, final: definitions may refer to the name of the item that uses them."""
        text = expand_metadata(
            self.raw(name), lambda _, other: self.raw(other) if other.lower() in WELL_KNOWN else ""
        )
        return unescape(text).strip()

    def list(self, name):
        text = expand_metadata(
            self.raw(name), lambda _, other: self.raw(other) if other.lower() in WELL_KNOWN else ""
        )
        return [unescape(part).strip() for part in split_list(text)]

    def is_true(self, name):
        return self.get(name).lower() == "true"

    def path(self):
        """The file that the item names, or None where there is none."""
        return windows_paths.find(self.folder, self.name)

    def place(self):
        return f"{self.defined_in}:{self.line}"


class MetadataScope:
    """What a condition or value within an item sees: properties, items, and the item's own metadata."""

    def __init__(self, evaluation, look_up):
        self.evaluation = evaluation
        self.look_up = look_up
        self.exists = evaluation.exists
        self.note = evaluation.note

    def expand(self, text):
        return expand_metadata(self.evaluation.expand(text), self.look_up)


class Items:
    def __init__(self, evaluation):
        self.evaluation = evaluation
        self.by_type = {}  # lower-case name of the type -> items
        self.definitions = {}  # the same -> metadata
        self.visited = 0
        self.count = 0

    def of(self, type_name):
        return self.by_type.get(type_name.lower(), [])

    def definition(self, type_name):
        """An item without a name, for settings that belong to the project: those of Link, say."""
        item = Item("", self.evaluation.folder, self.evaluation.path, 1)
        item.defaults = self.definitions.get(type_name.lower(), {})
        return item

    def add(self, type_name, names):
        """Items that no project file names."""
        items = self.by_type.setdefault(type_name.lower(), [])
        items += [Item(name, self.evaluation.folder, self.evaluation.path, 1) for name in names]

    def evaluate(self, groups):
        for wanted, read in (("ItemDefinitionGroup", self.read_definition), ("ItemGroup", self.read_item)):
            for path, group in groups:
                self.evaluation.here = path
                if project_xml.name_of(group) != wanted or not self.evaluation.is_true(group):
                    continue
                for element in project_xml.elements(group):
                    read(element)

    # Definitions.

    def read_definition(self, element):
        type_name = project_xml.name_of(element).lower()
        values = self.definitions.setdefault(type_name, {})

        def look_up(other_type, name):
            if name.lower() in WELL_KNOWN:
                return None  # known when an item uses it
            return self.definitions.get((other_type or type_name).lower(), {}).get(name.lower(), "")

        scope = MetadataScope(self.evaluation, look_up)
        if self.evaluation.is_true(element, scope):
            self.read_metadata(element, values, scope)

    def read_metadata(self, element, values, scope):
        for child in project_xml.elements(element):
            if self.evaluation.is_true(child, scope):
                values[project_xml.name_of(child).lower()] = self.scoped_text(
                    child, project_xml.text_of(child), scope
                )

    def scoped_text(self, element, text, scope):
        self.evaluation.element = element
        try:
            return scope.expand(text)
        except TextError as error:
            return self.evaluation.fail(str(error))

    # Items.

    def read_item(self, element):
        type_name = project_xml.name_of(element).lower()
        if not self.evaluation.is_true(element, self.scope_of(type_name, None)):
            return
        items = self.by_type.setdefault(type_name, [])
        if element.get("Remove") is not None:
            gone = self.names_matched(element, "Remove")
            items[:] = [item for item in items if not gone(item.name)]
        if element.get("Update") is not None:
            wanted = self.names_matched(element, "Update")
            for item in items:
                if wanted(item.name):
                    self.fill(element, type_name, item)
        for item in self.included(element) if element.get("Include") is not None else []:
            item.defaults = self.definitions.get(type_name, {})
            self.fill(element, type_name, item)
            items.append(item)

    def scope_of(self, type_name, item):
        def look_up(_, name):
            if item is not None:
                return item.raw(name)
            return self.definitions.get(type_name, {}).get(name.lower(), "")

        return MetadataScope(self.evaluation, look_up)

    def fill(self, element, type_name, item):
        scope = self.scope_of(type_name, item)
        for name, value in element.attrib.items():
            if name not in OPERATIONS:
                item.metadata[name.lower()] = self.scoped_text(element, value, scope)
        self.read_metadata(element, item.metadata, scope)

    def names_matched(self, element, attribute):
        """A predicate: whether a name is one that the attribute names."""
        parts = split_list(self.evaluation.text(element, element.get(attribute)))
        patterns = [lower_slashes(unescape(part)) for part in parts]
        exact = {pattern for pattern in patterns if "*" not in pattern and "?" not in pattern}
        loose = [self.compiled(pattern) for pattern in patterns if pattern not in exact]

        def matched(name):
            name = lower_slashes(name)
            return name in exact or any(pattern.fullmatch(name) for pattern in loose)

        return matched

    def compiled(self, pattern):
        try:
            return pattern_of(pattern)
        except TextError as error:
            return self.evaluation.fail(str(error))

    def included(self, element):
        excluded = self.names_matched(element, "Exclude") if element.get("Exclude") else lambda name: False
        line, here = element.sourceline or 1, self.evaluation.here
        found = []
        for part in split_list(self.evaluation.text(element, element.get("Include"))):
            name = unescape(part).strip()
            if "*" not in part and "?" not in part:
                found.append(Item(name, self.evaluation.folder, here, line))
                continue
            for path in self.files_of(name, self.evaluation.folder):
                relative = os.path.relpath(path, self.evaluation.folder)
                found.append(
                    Item(relative, self.evaluation.folder, here, line, recursive_folder_of(name, relative))
                )
        self.count += len(found)
        if self.count > ITEMS_MAX:
            self.evaluation.fail(f"more than {ITEMS_MAX} items")
        return [item for item in found if not excluded(item.name)]

    def files_of(self, pattern, folder):
        """The files that a name with wildcards means, sorted. Links to folders are not followed."""
        parts = windows_paths.clean(pattern).replace("\\", "/").split("/")
        fixed = 0
        while fixed < len(parts) - 1 and not re.search(r"[*?]", parts[fixed]):
            fixed += 1
        start = windows_paths.find(folder, "/".join(parts[:fixed]) or ("." if parts[0] else "/"))
        if start is None or not start.is_dir():
            return []
        wanted = self.compiled("/".join(parts[fixed:]).lower())
        deep = "**" in parts[fixed:] or len(parts) - fixed > 1
        found = []
        for here, folders, files in os.walk(start):
            folders[:] = sorted(folders) if deep else []
            self.visited += len(files) + 1
            if self.visited > FILES_VISITED_MAX:
                self.evaluation.fail(
                    f"the wildcards of the project visit more than {FILES_VISITED_MAX} files"
                )
            for name in sorted(files):
                path = os.path.join(here, name)
                if wanted.fullmatch(os.path.relpath(path, start).lower()):
                    found.append(pathlib.Path(path))
        return found

    # References to items.

    def expand_items(self, text):
        if "@(" not in text:
            return text
        return TRANSFORM.sub(self.replacement, text)

    def replacement(self, match):
        type_name, transform, separator = match.groups()
        items = self.of(type_name)
        if transform is None:
            names = [item.name for item in items]
        elif transform[:1] == "'":
            layout = transform[1:-1]
            names = [expand_metadata(layout, lambda _, name, item=item: item.raw(name)) for item in items]
        elif transform.lower().startswith("count("):
            return str(len(items))
        elif transform.lower().startswith(("distinct(", "distinctwithcase(")):
            names = list(dict.fromkeys(item.name for item in items))
        else:
            self.evaluation.note(
                f"{match.group()[:60]}: a function of items that is not known here: taken as empty"
            )
            return ""
        return (separator if separator is not None else ";").join(names)


def lower_slashes(name):
    name = windows_paths.clean(name).replace("\\", "/").lower()
    return name[2:] if name.startswith("./") else name


def pattern_of(pattern):
    """A regular expression for a lower-case name with wildcards: ** is any number of folders."""
    parts = []
    for part in pattern.split("/"):
        if part == "**" and parts[-1:] == [ANY_FOLDERS]:
            continue
        parts.append(ANY_FOLDERS if part == "**" else one_name(part) + "/")
    if sum(part == ANY_FOLDERS for part in parts) > WILDCARDS_MAX:
        raise TextError(f"'{pattern[:60]}' has more than {WILDCARDS_MAX} wildcards")
    return re.compile("".join(parts).removesuffix("/"))


def one_name(part):
    """Wildcards within one name: *.* is any, also one without a suffix."""
    part = re.sub(r"\*+", "*", "*" if part == "*.*" else part)
    if part.count("*") > WILDCARDS_MAX:
        raise TextError(f"'{part[:60]}' has more than {WILDCARDS_MAX} wildcards")
    return "".join({"*": "[^/]*", "?": "[^/]"}.get(letter) or re.escape(letter) for letter in part)


def recursive_folder_of(pattern, relative):
    return relative_folder(relative) if "**" in pattern else ""

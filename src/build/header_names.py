"""Lets Clang find headers as Windows' file systems do: whatever the case of their names.

For each name that an #include of the driver spells otherwise than the file is called, the compiler gets
an entry in a virtual overlay: the name as spelled, and the file that it means. Messages and
debug information keep the file's own name. Folders are listed only when a name is not found as it is
spelled, so a tree's size does not matter, and no link is followed but those on the way to a file.

What Clang cannot read at all - UTF-16, and wide strings in an ANSI code page - it gets as UTF-8 in the
same way.
"""
import codecs
import json
import os
import pathlib
import re

# Also matches in comments and in branches that are not taken: a superfluous entry does no harm.
INCLUDE = re.compile(
    rb'^(?:\xef\xbb\xbf)?[ \t]*#[ \t]*(?:include|import|include_next)[ \t]*(["<])([^">\r\n]+)[">]', re.MULTILINE
)
WIDE_LITERAL = re.compile(rb"""\bL("(?:\\.|[^"\\\r\n])*"|'(?:\\.|[^'\\\r\n])*')""")
BYTE_ORDER_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
BYTES_MAX = 64 << 20  # a bigger file is data, not source
ANSI = "cp1252"


def encoding_of(content):
    for mark, name in BYTE_ORDER_MARKS.items():
        if content.startswith(mark):
            return name
    if len(content) > 3 and content[1] == 0 and content[3] == 0 and content[0] != 0:
        return "utf-16-le"  # without a mark: no source holds zero bytes otherwise
    return None


def readable_content(content):
    """What Clang can read of a file's bytes: these themselves, unless it is necessary otherwise."""
    encoding = encoding_of(content)
    if encoding:
        return content.decode(encoding, errors="replace").lstrip("\ufeff").encode()
    if content.isascii():
        return content
    try:
        content.decode()
        return content
    except UnicodeDecodeError:
        return WIDE_LITERAL.sub(lambda match: match.group().decode(ANSI, errors="replace").encode(), content)


class HeaderNames:
    """Gathers the overlay of one build. `folder` takes the files that have to be converted."""

    def __init__(self, folder):
        self.folder = folder
        self.listings = {}  # folder -> {name in lower case: name}
        self.includes = {}  # file -> [(quoted, name)]
        self.entries = {}  # absolute path as spelled -> (file, whether messages name that file)
        self.found = {}  # (folder, name) -> file or None
        self.seen = set()

    def add_source(self, path, folders, forced=()):
        """Follows the includes of a source through the folders in their order of search."""
        folders = tuple(str(folder) for folder in folders)
        work = [(str(path.parent), path.name, ())]
        work += [(folder, name, ()) for name in forced for folder in self.places(name, [os.curdir, *folders])]
        while work:
            folder, name, parents = work.pop()
            file = self.find(folder, name)
            # Headers that include each other by way of .. would spell ever longer paths.
            spelled = os.path.normpath(os.path.dirname(os.path.join(folder, name)) or os.curdir)
            called = os.path.normpath(file) if file else None
            if not file or (called, spelled, folders) in self.seen:
                continue
            self.seen.add((called, spelled, folders))
            # A quoted name is looked for beside the file, then beside those that include it. Clang takes
            # the file's folder as it was spelled, or as it is called, depending on its version.
            beside = tuple(dict.fromkeys([spelled, os.path.dirname(called) or os.curdir, *parents]))
            for quoted, name in self.includes_of(called):
                places = self.places(name, (*beside, *folders) if quoted else folders)
                work += [(place, name, beside) for place in places]

    def add_computed(self, including, name, folders):
        """A name that the compiler has met in a file and does not find: an #include of a macro."""
        name = name.replace("\\", "/")
        for folder in self.places(name, [os.path.dirname(including) or os.curdir, *map(str, folders)]):
            self.add_source(pathlib.Path(folder, name), folders)

    def places(self, name, folders):
        """The first of the folders that has a file by this name, and others in which it is the same."""
        if os.path.isabs(name):
            return ["/"] if self.find("/", name) else []
        first, places = None, []
        for folder in folders:
            found = self.find(folder, name)
            if found and (first is None or os.path.abspath(found) == first):
                first = os.path.abspath(found)
                places.append(folder)
        return places

    def find(self, folder, name):
        """The file that Windows opens by a name in a folder, or None."""
        key = (folder, name)
        if key not in self.found:
            self.found[key] = self.look_for(folder, name)
        return self.found[key]

    def look_for(self, folder, name):
        spelled = os.path.join(folder, name)
        if os.path.isfile(spelled):
            return spelled
        absolute = os.path.abspath(spelled)
        if absolute in self.entries:
            return self.entries[absolute][0]
        found = self.walk(absolute)
        if not found or not os.path.isfile(found):
            return None
        if not os.path.isabs(folder):
            found = os.path.relpath(found)
        self.entries[absolute] = (found, True)
        return found

    def walk(self, absolute):
        path = "/"
        for part in pathlib.PurePath(absolute).parts[1:]:
            exact = os.path.join(path, part)
            if not os.path.lexists(exact):
                name = self.listing(path).get(part.lower())
                if name is None:
                    return None
                exact = os.path.join(path, name)
            path = exact
        return path

    def listing(self, folder):
        if folder not in self.listings:
            try:
                names = sorted(os.listdir(folder), reverse=True)
            except OSError:
                names = []
            self.listings[folder] = {name.lower(): name for name in names}
        return self.listings[folder]

    def includes_of(self, file):
        if file not in self.includes:
            self.includes[file] = []
            try:
                content = pathlib.Path(file).read_bytes() if os.path.getsize(file) <= BYTES_MAX else b""
            except OSError:
                return []
            readable = readable_content(content)
            if readable is not content:
                self.replace(file, readable)
            names = ((mark == b'"', name.decode(errors="replace")) for mark, name in INCLUDE.findall(readable))
            self.includes[file] = [(quoted, name.replace("\\", "/").strip()) for quoted, name in names]
        return self.includes[file]

    def replace(self, file, content):
        copy = self.folder / f"converted-{len(self.entries)}{pathlib.Path(file).suffix}"
        copy.write_bytes(content)
        absolute = os.path.abspath(file)
        self.entries[absolute] = (str(copy), False)
        for spelled, (found, _) in list(self.entries.items()):
            if os.path.abspath(found) == absolute and spelled != absolute:
                self.entries[spelled] = (str(copy), False)

    def flags(self):
        """What the compiler has to be told: nothing if all names are as they are spelled."""
        if not self.entries:
            return []
        roots = {}
        for spelled, (file, named) in sorted(self.entries.items()):
            folder, name = os.path.split(spelled)
            entry = {"type": "file", "name": name, "external-contents": os.path.abspath(file)}
            entry["use-external-name"] = "true" if named else "false"  # a plain word ends at a comma only
            roots.setdefault(folder, []).append(entry)
        overlay = {
            "version": 0,
            "case-sensitive": "true",
            "roots": [{"type": "directory", "name": name, "contents": files} for name, files in roots.items()],
        }
        path = self.folder / "overlay.json"
        path.write_text(json.dumps(overlay, indent=1))
        return ["-ivfsoverlay", str(path)]

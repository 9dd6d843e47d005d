"""Reads the language of NMAKE as far as `sources` files use it: macros, directives, includes.

Rules and their commands are passed over; what they make is remembered. A macro is expanded when it is
used, except where its definition names itself. Names are taken in any case, as BUILD does.
"""
import re

import windows_paths
from nmake_expression import ExpressionError, evaluate
from process import BuildError

BYTES_MAX = 4 << 20
VALUE_MAX = 1 << 20
DEPTH_MAX = 32  # of includes, and of macros within macros
INCLUDES_MAX = 200
REFERENCES_MAX = 200_000  # to macros, while one project is read
DEFINITION = re.compile(r"([A-Za-z_][\w.]*)\s*=(.*)", re.DOTALL)
RULE = re.compile(r"([^\s=:#][^=:#]*?)\s*::?(?!\\)(\s|$)")
DIRECTIVE = re.compile(r"!\s*([A-Za-z]+)\s*(.*)", re.DOTALL)
SUBSTITUTION = re.compile(r"([A-Za-z_][\w.]*):([^=]*)=(.*)", re.DOTALL)
NOTES_MAX = 100


class Makefile:
    """`macros` maps names to values that are there before the first line; `fixed` ones stay as they are."""

    def __init__(self, macros, fixed=()):
        self.macros = {name.lower(): value for name, value in macros.items()}
        self.fixed = {name.lower() for name in fixed}
        self.places = {}  # lower-case name -> FILE:LINE of its definition
        self.rules = []  # (place, names of what it makes)
        self.notes = {}
        self.files = []
        self.reading = []
        self.place = ""
        self.references = 0

    def fail(self, text):
        raise BuildError(f"{self.place}: {text}")

    def note(self, text):
        if len(self.notes) < NOTES_MAX:
            self.notes[f"{self.place}: {text}"] = True

    def get(self, name):
        """The macro's value, expanded, in one line."""
        self.place = self.places.get(name.lower(), self.place)
        return " ".join(self.expand(self.macros.get(name.lower(), ""), (name.lower(),)).split())

    def place_of(self, name):
        return self.places.get(name.lower(), str(self.files[0]))

    # Files.

    def read_file(self, path):
        if path in self.reading:
            self.fail(f"includes {path}, which includes it: break the circle")
        if len(self.reading) >= DEPTH_MAX or len(self.files) >= INCLUDES_MAX:
            self.fail("more includes than a project has")
        self.files.append(path)
        self.reading.append(path)
        before, self.place = self.place, f"{path}:1"
        Conditions(self, path).read(pieces_of(text_of(path)))
        self.place = before
        self.reading.pop()

    def include(self, path, name):
        name = self.expand(name).strip().strip("<>")
        found = windows_paths.find(path.parent, name)
        if found is not None and found.is_file():
            self.read_file(found)
        elif not windows_paths.is_foreign(windows_paths.clean(name)):
            self.fail(f"includes {name or 'nothing'}, which does not exist")

    def read_line(self, text, place):
        """One that is no directive."""
        match = DEFINITION.fullmatch(text.strip())
        if match:
            self.define(match.group(1).lower(), match.group(2).strip(), place)
            return
        match = RULE.match(text.lstrip())
        if match and not text[:1].isspace():
            self.place = place
            self.rules.append((place, self.expand(match.group(1)).split()))

    def define(self, name, value, place):
        if name in self.fixed:
            return
        own = re.compile(rf"\$\({re.escape(name)}\)", re.IGNORECASE)
        before = self.macros.get(name, "")
        if len(value) + len(before) * len(own.findall(value)) > VALUE_MAX:
            self.place = place
            self.fail(f"{name} is longer than {VALUE_MAX} characters")
        self.macros[name] = own.sub(lambda _: before, value)
        self.places[name] = place

    # Expansion.

    def expand(self, text, active=()):
        """Replaces every macro. One that leads back to itself, like one that is not defined, is empty."""
        parts, at = [], 0
        while True:
            start = text.find("$", at)
            if start < 0 or start + 1 >= len(text):
                parts.append(text[at:])
                break
            parts.append(text[at:start])
            end = text.find(")", start) if text[start + 1] == "(" else -1
            if text[start + 1] == "(" and end > 0:
                parts.append(self.reference(text[start + 2:end], active))
                at = end + 1
            else:
                parts.append("$" if text[start + 1] == "$" else self.reference(text[start + 1], active))
                at = start + 2
        result = "".join(parts)
        if len(result) > VALUE_MAX:
            self.fail(f"a value of more than {VALUE_MAX} characters")
        return result

    def reference(self, body, active):
        self.references += 1
        if self.references > REFERENCES_MAX:
            self.fail(f"more than {REFERENCES_MAX} references to macros")
        match = SUBSTITUTION.fullmatch(body)
        name = (match.group(1) if match else body).strip().lower()
        if name in active or len(active) > DEPTH_MAX:
            return ""
        value = self.expand(self.macros.get(name, ""), (*active, name))
        return value.replace(match.group(2), match.group(3)) if match and match.group(2) else value


class Conditions:
    """The directives of one file. `stack` has pairs: whether lines count, whether a branch was taken."""

    def __init__(self, makefile, path):
        self.makefile = makefile
        self.path = path
        self.stack = []

    def active(self):
        return all(counts for counts, _ in self.stack)

    def read(self, pieces):
        first, line = 0, ""
        for number, text, goes_on in pieces:
            match = DIRECTIVE.match(text)
            if match:
                self.makefile.place = f"{self.path}:{number}"
                self.directive(match.group(1).lower(), match.group(2).strip())
            elif self.active():
                first = first if line else number
                line += text
                if not goes_on:
                    self.makefile.read_line(line, f"{self.path}:{first}")
                    line = ""
        self.makefile.read_line(line, f"{self.path}:{first}")
        if self.stack:
            self.makefile.fail("an !IF has no !ENDIF")

    def directive(self, name, rest):
        if name in ("else", "elseif", "elseifdef", "elseifndef"):
            self.other_branch(name.removeprefix("else") + " " + rest)
        elif name == "endif":
            if not self.stack:
                self.makefile.fail("!ENDIF without an !IF")
            self.stack.pop()
        elif name in ("if", "ifdef", "ifndef"):
            holds = self.active() and self.holds(name, rest)
            self.stack.append((holds, holds))
        elif self.active():
            self.statement(name, rest)

    def other_branch(self, condition):
        if not self.stack:
            self.makefile.fail("!ELSE without an !IF")
        _, taken = self.stack.pop()
        name, _, rest = condition.strip().partition(" ")
        name = name.lower()
        outer = self.active()
        holds = outer and not taken and (not name or self.holds(name, rest.strip()))
        self.stack.append((holds, taken or holds))

    def holds(self, name, rest):
        makefile = self.makefile
        if name in ("ifdef", "ifndef"):
            return (makefile.expand(rest).strip().lower() in makefile.macros) == (name == "ifdef")
        if name != "if":
            makefile.fail(f"!ELSE {name.upper()} is no directive")
        try:
            return evaluate(makefile.expand(rest), makefile.macros, self.path.parent, makefile.note) not in (
                0,
                "",
            )
        except ExpressionError as error:
            return makefile.fail(f"!IF {rest}: {error}")

    def statement(self, name, rest):
        makefile = self.makefile
        if name == "include":
            makefile.include(self.path, rest)
        elif name == "error":
            makefile.fail(f"the project says: {makefile.expand(rest)}")
        elif name == "undef":
            makefile.macros.pop(makefile.expand(rest).strip().lower(), None)
        elif name == "message":
            makefile.note(makefile.expand(rest))
        elif name != "cmdswitches":
            makefile.fail(f"!{name.upper()} is no directive")


def text_of(path):
    try:
        if path.stat().st_size > BYTES_MAX:
            raise BuildError(f"{path}:1: larger than {BYTES_MAX >> 20} MiB: this is no project file")
        data = path.read_bytes()
    except OSError as error:
        raise BuildError(f"{path}: cannot be read: {error.strerror}") from error
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    if b"\0" in data:
        raise BuildError(f"{path}:1: holds zero bytes: this is no `sources` file")
    return data.decode("utf-8-sig", errors="replace")


def pieces_of(text):
    """The lines without comments: number, text, and whether a backslash joins the next one to it.

    A directive is one piece however many lines it has, also where it stands within a joined line: what
    it switches then are pieces of that line. A line that is a comment is none: it does not end a joined one.
    """
    directive, first = "", 0
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if line.lstrip().startswith("#"):
            continue
        line = without_comment(line).rstrip()
        joined = line.endswith("\\") and not line.endswith("^\\")
        body = line[:-1] + " " if joined else line
        if directive or DIRECTIVE.match(line):
            first = first if directive else number
            directive += body
            if not joined:
                yield first, directive, False
                directive = ""
        else:
            yield number, body, joined
    if directive:
        yield first, directive, False


def without_comment(line):
    at = line.find("#")
    while at > 0 and line[at - 1] == "^":
        at = line.find("#", at + 1)
    return (line if at < 0 else line[:at]).replace("^#", "#")

"""The language in which a driver tells the trace preprocessor (WPP) about its trace functions.

It stands in comments between `begin_wpp config` and `end_wpp`, in configuration files (-ini:) and in
the preprocessor's options (-func:). Statements end with a semicolon. Those that are read:

  FUNC Name{LEVEL=TRACE_LEVEL_ERROR}(FLAGS, MSG, ...);     also ((FLAGS, MSG, ...)) and (FLAGS, (MSG, ...))
  USEPREFIX(Name, "text", argument...);                    USESUFFIX alike; NOPREFIX(Name);
  CUSTOM_TYPE(name, ItemListLong(a, b=5));                 ItemSet..., ItemEnum(an_enumeration)
  DEFINE_SIMPLE_TYPE(name, C type, Item, "format", ...);
  DEFINE_CPLX_TYPE(name, MACRO, C type, Item, "format", ...);
  WPP_FLAGS(options);

What is not known is passed over: there are statements that matter to Microsoft's decoder only.
"""
import dataclasses
import re

BLOCK_START = re.compile(r"begin_wpp\s+config\b")
BLOCK_END = "end_wpp"
COMMENT_START = re.compile(r"^[ \t]*(?://+|/\*+|\*+/?|#)[ \t]?", re.MULTILINE)
WORD = re.compile(r"\s*([A-Za-z_]\w*)\s*")


@dataclasses.dataclass
class TraceFunction:
    name: str
    fixed: list  # (parameter, text) of those between braces
    parameters: list  # the names in order; MSG and ... among them, in a nested list when in parentheses
    in_parentheses: bool = False  # called with two pairs of them


@dataclasses.dataclass
class TraceType:
    name: str
    item: str  # "ItemListLong"
    values: list = dataclasses.field(default_factory=list)  # (name, value text or None)
    enumeration: str = None
    format: str = None
    c_type: str = None
    macro: str = None  # of a complex type


@dataclasses.dataclass
class TraceConfig:
    functions: dict = dataclasses.field(default_factory=dict)
    prefixes: dict = dataclasses.field(default_factory=dict)  # function -> (text, arguments)
    suffixes: dict = dataclasses.field(default_factory=dict)
    types: dict = dataclasses.field(default_factory=dict)
    defines: dict = dataclasses.field(default_factory=dict)  # "NAME(a, b)" -> text
    control_guid: str = None
    is_storage: bool = False  # of the template for Storport, which brings no names of levels along

    def read_source(self, text):
        for start in BLOCK_START.finditer(text):
            end = text.find(BLOCK_END, start.end())
            if end < 0:
                break
            self.read_statements(COMMENT_START.sub("", text[start.end():end]))

    def read_file(self, text):
        """A configuration file: statements from one end to the other."""
        self.read_statements(COMMENT_START.sub("", re.sub(r"^[ \t]*(//|#|;).*$", "", text, flags=re.MULTILINE)))

    def read_statements(self, text):
        for statement in split(text, ";"):
            self.read_statement(statement.strip())

    def read_statement(self, statement):
        start = re.search(r"\b(FUNC|USEPREFIX|USESUFFIX|NOPREFIX|CUSTOM_TYPE|DEFINE_\w*TYPE|WPP_FLAGS)\b", statement)
        if not start:
            return
        word, rest = start.group(1), statement[start.end():]
        if word == "FUNC":
            self.read_function(rest)
            return
        arguments = group_of(rest)
        if arguments is None:
            return
        if word == "WPP_FLAGS":
            self.read_options(split_options(arguments))
        elif word == "NOPREFIX":
            self.prefixes[arguments.strip()] = (None, [])
        elif word in ("USEPREFIX", "USESUFFIX"):
            self.read_affix(self.prefixes if word == "USEPREFIX" else self.suffixes, split(arguments, ","))
        else:
            self.read_type(word, split(arguments, ","))

    def read_affix(self, affixes, parts):
        """The name may be followed by parameters in parentheses, which only say what the names mean."""
        name = WORD.match(parts[0])
        if name and len(parts) > 1:
            affixes[name.group(1)] = (parts[1].strip(), [part.strip() for part in parts[2:]])

    def read_function(self, text):
        name = WORD.match(text)
        if not name:
            return
        rest = text[name.end():].strip()
        fixed = []
        if rest.startswith("{"):
            inside, rest = rest[1:].split("}", 1) if "}" in rest else ("", rest)
            for pair in split(inside, ","):
                parameter, _, value = pair.partition("=")
                if parameter.strip():
                    fixed.append((parameter.strip(), value.strip()))
        arguments = group_of(rest)
        if arguments is None:
            return
        parameters = [parameter_of(part) for part in split(arguments, ",") if part.strip()]
        doubled = len(parameters) == 1 and isinstance(parameters[0], list)
        function = TraceFunction(name.group(1), fixed, parameters[0] if doubled else parameters, doubled)
        self.functions[function.name] = function

    def read_type(self, word, parts):
        parts = [part.strip() for part in parts]
        if len(parts) < 2:
            return
        if word == "CUSTOM_TYPE":
            new = TraceType(parts[0], *item_of(parts[1]))
            if new.item == "ItemEnum" and new.values:
                new.enumeration, new.values = new.values[0][0].split()[-1], []
        elif word == "DEFINE_CPLX_TYPE" and len(parts) >= 4:
            new = TraceType(parts[0], *item_of(parts[3]), c_type=parts[2], macro=parts[1])
        elif word == "DEFINE_SIMPLE_TYPE" and len(parts) >= 4:
            new = TraceType(parts[0], *item_of(parts[2]), c_type=parts[1], format=parts[3].strip('"'))
        else:
            return
        self.types[new.name] = new

    def read_options(self, words):
        """The preprocessor's command line: what of it is configuration. Returns the files it names, as
        (kind, name) with the kinds "scan" and "ini"."""
        files = []
        for word in words:
            key, value = option_of(word)
            if key == "func":
                for text in split(value, ";"):
                    self.read_function(text)
            elif key in ("scan", "ini"):
                files.append((key, value))
            elif key == "gen":
                self.is_storage |= "stordefault" in value.lower()
            elif key == "ctl":
                self.control_guid = value.strip("{}")
            elif key == "D":
                self.read_define(value)
        return files

    def read_define(self, text):
        match = re.match(r"([A-Za-z_]\w*(?:\([^)]*\))?)[= ]?(.*)", text, re.DOTALL)
        if match:
            self.defines[match.group(1)] = match.group(2).strip()


def parameter_of(text):
    text = text.strip()
    inside = group_of(text) if text.startswith("(") else None
    return text if inside is None else [parameter_of(part) for part in split(inside, ",") if part.strip()]


def item_of(text):
    """Item, and what its parentheses list."""
    name = WORD.match(text)
    values = []
    for part in split(group_of(text) or "", ","):
        left, _, right = (side.strip() for side in part.partition("="))
        if left:
            values.append((right, left) if left[0].isdigit() and right else (left, right or None))
    return (name.group(1) if name else text), values


def group_of(text):
    """What the first parentheses hold; None if they do not close."""
    start = text.find("(")
    depth = 0
    for at, letter in significant(text):
        if at < start or start < 0:
            continue
        depth += letter in "({["
        depth -= letter in ")}]"
        if depth == 0:
            return text[start + 1:at]
    return None


def split(text, separator):
    """Splits where neither parentheses nor quotes are open."""
    parts, depth, start = [], 0, 0
    for at, letter in significant(text):
        depth += letter in "({["
        depth -= letter in ")}]" and depth > 0
        if letter == separator and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    parts.append(text[start:])
    return parts


def significant(text):
    """The letters outside of string literals, with their places."""
    quoted = False
    skipped = -1
    for at, letter in enumerate(text):
        if at == skipped:
            continue
        if letter == "\\" and quoted:
            skipped = at + 1
        elif letter == '"':
            quoted = not quoted
        elif not quoted:
            yield at, letter


def split_options(text):
    """Words between blanks that lie neither in quotes nor in parentheses."""
    words, depth, quoted, word = [], 0, False, ""
    for letter in text:
        if letter == '"':
            quoted = not quoted
            if depth:
                word += letter
            continue
        depth += letter in "({" and not quoted
        depth -= letter in ")}" and not quoted and depth > 0
        if letter.isspace() and not quoted and depth == 0:
            words.append(word)
            word = ""
        else:
            word += letter
    return [word for word in [*words, word] if word]


def option_of(word):
    """("func", "Name(...)") of -func:Name(...); ("D", "NAME=1") of -DNAME=1."""
    if not word.startswith(("-", "/")):
        return "", word
    if word[1:2] == "D":
        return "D", word[2:]
    key, _, value = word[1:].partition(":")
    return key.lower(), value

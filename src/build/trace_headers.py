"""Makes the .tmh files that traced sources include.

Microsoft's preprocessor finds each call of a trace function in the text of a source and makes a macro
for its line. Here a trace function becomes one macro with that function's own parameters, which
describes each call where it is expanded (wdk/storhost/wpp.h). So traces in macros, in headers, several
in a line and with any expression for an argument need no care.
"""
import pathlib
import re
import zlib

import windows_paths
from trace_config import TraceConfig, TraceFunction

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.MULTILINE)
TYPE_USE = re.compile(r"%[-+# 0-9.]*!([^!\s\"]+)!")
LEVEL_FLAG = re.compile(r"\bWPP_DEFINE_(?:WPP_)?BIT\s*\(\s*TRACE_LEVEL_")
# What drivers call the parameters of their trace functions.
LEVEL_NAME = re.compile(r"LEVEL|LVL", re.IGNORECASE)
FLAGS_NAME = re.compile(r"FLAG|FLG", re.IGNORECASE)
DEFAULT_FUNCTION = TraceFunction("DoTraceMessage", [], ["FLAGS", "MSG", "..."])
SOURCE_BYTES_MAX = 16 << 20


def read_text(path):
    """The text of a source in whatever encoding; empty if there is none."""
    try:
        data = pathlib.Path(path).read_bytes()[:SOURCE_BYTES_MAX]
    except OSError:
        return ""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def find_file(name, folders):
    """A file by a name as Windows would find it: backslashes, any case. None if there is none."""
    for folder in folders:
        found = windows_paths.find(folder, name)
        if found is not None and found.is_file():
            return found
    return None


class Reading:
    """What a source and the headers that it includes by name say, as far as they are the driver's."""

    def __init__(self, texts):
        self.texts = texts  # path -> text, shared between sources
        self.seen = {}  # in order

    def follow(self, path, include_folders):
        paths = [pathlib.Path(path).resolve()]
        while paths:
            path = paths.pop()
            if path in self.seen:
                continue
            if path not in self.texts:
                self.texts[path] = read_text(path)
            text = self.seen[path] = self.texts[path]
            for name in INCLUDE.findall(text):
                found = None if name.lower().endswith(".tmh") else find_file(name, [path.parent, *include_folders])
                if found:
                    paths.append(found.resolve())

    def tmh_names(self):
        return [name for text in self.seen.values() for name in INCLUDE.findall(text) if name.lower().endswith(".tmh")]


def make_trace_headers(project, folder):
    """Writes the .tmh files of a project's sources below `folder`. Returns the sources that use them."""
    texts = {}
    asked = {id(source): trace for trace in project.trace_files for source in trace.sources}
    written = {}
    traced = []
    for source in project.sources:
        trace = asked.get(id(source))
        reading = Reading(texts)
        reading.follow(source.path, source.include_folders)
        names = reading.tmh_names() + ([pathlib.Path(source.path).stem + ".tmh"] if trace else [])
        if not names:
            continue
        config = config_of(project, trace, reading, source)
        for name in names:
            written.setdefault(name.replace("\\", "/"), []).append((config, reading))
        traced.append(source)
    for name, users in written.items():
        target = folder / name
        if ".." not in target.parts:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(tmh_text(users))
    return traced


def config_of(project, trace, reading, source):
    config = TraceConfig()
    config.functions[DEFAULT_FUNCTION.name] = DEFAULT_FUNCTION
    folders = [project.folder, pathlib.Path(source.path).parent, *source.include_folders]
    if trace:
        for kind, name in config.read_options(trace.options):
            found = find_file(name, folders)
            if found and kind == "scan":
                config.read_source(read_text(found))
            elif found:
                config.read_file(read_text(found))
        for function in trace.functions:
            for text in function.removeprefix("-func:").split(";"):
                config.read_function(text)
        for name in trace.scanned_headers:
            found = name if pathlib.Path(name).is_file() else find_file(str(name), folders)
            if found:
                config.read_source(read_text(found))
    for text in reading.seen.values():
        config.read_source(text)
    return config


# ---- what stands in a .tmh file ----


def tmh_text(users):
    """Several sources may include a file of the same name: it serves them all."""
    config = TraceConfig()
    texts = {}
    for one, reading in users:
        for part in ("functions", "prefixes", "suffixes", "types", "defines"):
            getattr(config, part).update(getattr(one, part))
        config.control_guid = config.control_guid or one.control_guid
        texts.update(reading.seen)
    used = {name for text in texts.values() for name in TYPE_USE.findall(text)}
    lines = []
    for name, value in config.defines.items():
        lines += [f"#ifndef {name.split('(')[0]}", f"#define {name} {value}", "#endif"]
    if config.control_guid:
        digits = ", ".join(config.control_guid.split("-"))
        lines += ["#ifndef WPP_DEFAULT_CONTROL_GUID", f"#define WPP_DEFAULT_CONTROL_GUID {digits}", "#endif"]
    # A driver that has a flag a level needs the levels' names for them.
    if not any(one.is_storage for one, _ in users) and not any(LEVEL_FLAG.search(text) for text in texts.values()):
        lines.append("#include <evntrace.h>")
    lines.append("#include <storhost/wpp.h>")
    lines += type_lines([each for each in config.types.values() if each.name in used], texts)
    for function in config.functions.values():
        lines += function_lines(function, config)
    return "\n".join(lines) + "\n"


def function_lines(function, config):
    flat = flatten(function.parameters)
    conditions = [*function.fixed, *((name, name) for name in flat if name not in ("MSG", "..."))]
    stem = "WPP" + ("".join(f"_{name}" for name, _ in conditions) or "_")
    formal = ", ".join(name for name, _ in conditions)
    actual = ", ".join(value for _, value in conditions)
    lines = [f"#ifndef {stem}_{part}\n#define {stem}_{part}(...)\n#endif" for part in ("PRE", "POST")]
    lines += [f"#ifndef {stem}_ENABLED", f"#define {stem}_ENABLED({formal}) {usual_condition(conditions)}", "#endif"]
    has_message = "MSG" in flat
    rest = has_message and "..." in flat
    arguments = "__VA_ARGS__" if rest else ""
    more = ", ##__VA_ARGS__" if rest else ""
    prefix, prefix_arguments = config.prefixes.get(function.name, (None, []))
    suffix, suffix_arguments = config.suffixes.get(function.name, (None, []))
    before, after = ("".join(f", {one}" for one in many) for many in (prefix_arguments, suffix_arguments))
    message = "MSG" if has_message else "0"
    body = [
        f"WPP_LOG_ALWAYS(WPP_EX{stem[3:]}({actual}), {message}{more})" if has_message else "",
        f"{stem}_PRE({actual})",
        f"(WPP_STORHOST_TRACE(WPP_CHECK_INIT {stem}_ENABLED({actual}), {spelled(conditions, LEVEL_NAME, flat)}, "
        f"{spelled(conditions, FLAGS_NAME, flat)}, ({prefix or 0}, {message}, {suffix or 0}), "
        f"({', '.join(prefix_arguments)}), ({arguments}), ({', '.join(suffix_arguments)}), "
        f"({before}{more}{after}), ({message if has_message else '(const char *)0'}{more})))",
        f"{stem}_POST({actual})",
    ]
    name = function.name
    lines.append(f"#undef {name}")
    head = ", ".join(flat)
    if function.in_parentheses:
        lines += [f"#define {name}(ARGUMENTS) WPP_STORHOST_{name} ARGUMENTS"]
    elif flat != function.parameters:
        outer = ", ".join("ARGUMENTS" if isinstance(each, list) else each for each in function.parameters)
        inner = outer.replace("ARGUMENTS", "WPP_FLATTEN ARGUMENTS")
        lines += [f"#define {name}({outer}) WPP_STORHOST_APPLY(WPP_STORHOST_{name}, ({inner}))"]
    else:
        lines.append(f"#define {name}({head}) " + " \\\n    ".join(part for part in body if part))
        return lines
    lines.append(f"#define WPP_STORHOST_{name}({head}) " + " \\\n    ".join(part for part in body if part))
    return lines


def flatten(parameters):
    flat = []
    for parameter in parameters:
        flat += flatten(parameter) if isinstance(parameter, list) else [parameter]
    return flat


def spelled(conditions, kind, parameters):
    """The argument that is a level or a flag, as a string literal that the source's spelling makes."""
    for name, value in conditions:
        if kind.search(name):
            return f"#{value}" if value in parameters else '"' + value.replace('"', '\\"') + '"'
    return "0"


def usual_condition(conditions):
    """For drivers that leave the test to the preprocessor (those with a recorder do)."""
    names = [name for name, _ in conditions]
    level = next((name for name in names if LEVEL_NAME.search(name)), None)
    flags = next((name for name in names if FLAGS_NAME.search(name)), None)
    if level and flags:
        return f"(WPP_FLAG_ENABLED({flags}) && WPP_CONTROL(WPP_BIT_##{flags}).Level >= {level})"
    if flags:
        return f"WPP_FLAG_ENABLED({flags})"
    return f"WPP_LEVEL_ENABLED({level})" if level else "WPP_ENABLED()"


# ---- types ----


def type_lines(types, texts):
    rows = []
    lines = []
    for number, each in enumerate(types):
        values = "0"
        if each.enumeration:
            each.values = enumeration_values(each.enumeration, texts)
        if each.values:
            pairs = numbered(each.values)
            values = f"WPP_STORHOST_VALUES_{number}"
            listed = ", ".join(f'{{"{name}", {value}}}' for name, value in pairs)
            lines.append(f"static const STORHOST_TRACE_VALUE {values}[] = {{{listed}, {{0, 0}}}};")
        marshal = "0"
        if each.macro:
            marshal = f"WPP_STORHOST_MARSHAL_{number}"
            lines += marshal_lines(each, marshal)
        format_text = f'"{each.format}"' if each.format else "0"
        rows.append(f'{{"{each.name}", "{each.item}", {format_text}, {values}, {marshal}}},')
    # A file may include several .tmh files: each has a table of its own.
    table = f"WPP_STORHOST_TYPES_{zlib.crc32(' '.join(rows).encode())}" if rows else "0"
    if rows:
        lines = [line.replace("WPP_STORHOST_VALUES_", f"{table}_V").replace("WPP_STORHOST_MARSHAL_", f"{table}_M")
                 for line in lines]  # fmt: skip
        rows = [row.replace("WPP_STORHOST_VALUES_", f"{table}_V").replace("WPP_STORHOST_MARSHAL_", f"{table}_M")
                for row in rows]  # fmt: skip
        lines += [f"static const STORHOST_TRACE_TYPE {table}[] = {{", *rows, "{0, 0, 0, 0, 0}};"]
    return [*lines, "#undef WPP_STORHOST_TYPES", f"#define WPP_STORHOST_TYPES {table}"]


def marshal_lines(each, name):
    """A complex argument is a record: of up to eight bytes in its slot, else by its address."""
    c_type = re.sub(r"\bconst\b(?!.*\*)|&", "", each.c_type).strip()
    return [
        f"static void {name}(PVOID argument_, PVOID sink_)",
        "{",
        f"    typedef {c_type} wpp_type_;",
        "    wpp_type_ *wpp_ = (wpp_type_ *)(sizeof(wpp_type_) <= 8 ? argument_ : *(PVOID *)argument_);",
        f"    StorhostTraceAppend(sink_, {each.macro}(*wpp_) (PVOID)0);",
        "}",
    ]


def numbered(values):
    """Values that are not given count on from the one before."""
    pairs, following = [], 0
    for name, text in values:
        try:
            following = int(text, 0) if text is not None else following
        except ValueError:
            continue
        pairs.append((name, following))
        following += 1
    return pairs


def enumeration_values(name, texts):
    body = re.compile(r"\benum\s+(?:class\s+)?%s\b[^{;]*\{([^}]*)\}" % re.escape(name))
    named_behind = re.compile(r"\benum\b[^{;]*\{([^}]*)\}[^;{}]*\b%s\b[^;{}]*;" % re.escape(name))
    for pattern in (body, named_behind):
        for text in texts.values():
            match = pattern.search(text)
            if match:
                return enumerators(match.group(1))
    return []


def enumerators(text):
    text = re.sub(r"/\*.*?\*/|//[^\n]*|^[ \t]*#[^\n]*", " ", text, flags=re.DOTALL | re.MULTILINE)
    known, values, following = {}, [], 0
    for part in text.split(","):
        name, _, value = (side.strip() for side in part.partition("="))
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            continue
        if value:
            try:
                following = known[value] if value in known else int(value.rstrip("uUlL"), 0)
            except ValueError:
                break  # an expression: what follows cannot be known here
        known[name] = following
        values.append((name, str(following)))
        following += 1
    return values

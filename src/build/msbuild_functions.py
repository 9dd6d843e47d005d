"""MSBuild's property functions: methods of strings, and the static ones that driver projects use.

Values are str, int, bool, list of str and DateTime. What is not known raises FunctionError.
"""
import datetime
import ntpath
import os
import re

import windows_paths

READ_BYTES_MAX = 64 << 10
REPEAT_MAX = 1 << 16


class FunctionError(Exception):
    """A function that is not known, or arguments that it cannot have."""


def to_text(value):
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, list):
        return ";".join(value)
    if isinstance(value, datetime.datetime):
        return value.strftime("%m/%d/%Y %H:%M:%S")
    return str(value)


def number(value):
    text = to_text(value).strip()
    try:
        return int(text, 16) if text.lower().startswith("0x") else int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError as error:
            raise FunctionError(f"'{text[:40]}' is not a number") from error


def whole(value):
    return int(number(value))


def substring(text, start, length=None):
    start = max(0, whole(start))
    return text[start:] if length is None else text[start:start + max(0, whole(length))]


def split(text, *separators):
    letters = "".join(to_text(separator) for separator in separators)
    return re.split(f"[{re.escape(letters)}]", text) if letters else text.split()


def trim(text, *letters):
    return text.strip("".join(letters) or None)


def pad(text, width, letter=" ", left=True):
    width = min(whole(width), REPEAT_MAX)
    return text.rjust(width, letter[:1] or " ") if left else text.ljust(width, letter[:1] or " ")


def replace(text, old, new):
    if not old:
        return text
    if len(new) > len(old) and text.count(old) * len(new) > 1 << 20:
        raise FunctionError("the result is too long")
    return text.replace(old, new)


STRING_METHODS = {
    "contains": lambda text, part, *_: part in text,
    "endswith": lambda text, part, *_: text.endswith(part),
    "equals": lambda text, other, *_: text == other,
    "indexof": lambda text, part, *_: text.find(part),
    "insert": lambda text, at, part: text[: whole(at)] + part + text[whole(at):],
    "lastindexof": lambda text, part, *_: text.rfind(part),
    "length": len,
    "padleft": pad,
    "padright": lambda text, width, letter=" ": pad(text, width, letter, left=False),
    "remove": lambda text, at, count=None: text[: whole(at)]
    + ("" if count is None else text[whole(at) + whole(count):]),
    "replace": replace,
    "split": split,
    "startswith": lambda text, part, *_: text.startswith(part),
    "substring": substring,
    "tolower": lambda text: text.lower(),
    "tolowerinvariant": lambda text: text.lower(),
    "tostring": lambda text, *_: text,
    "toupper": lambda text: text.upper(),
    "toupperinvariant": lambda text: text.upper(),
    "trim": trim,
    "trimend": lambda text, *letters: text.rstrip("".join(letters) or None),
    "trimstart": lambda text, *letters: text.lstrip("".join(letters) or None),
}
DATE_PARTS = {
    "yyyy": "%Y",
    "yy": "%y",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "hh": "%I",
    "mm": "%M",
    "ss": "%S",
}


def date_text(moment, layout=""):
    if not layout:
        return to_text(moment)
    return re.sub("|".join(DATE_PARTS), lambda match: moment.strftime(DATE_PARTS[match.group()]), layout)


def days_later(moment, days):
    return moment + datetime.timedelta(days=max(-100_000, min(100_000, number(days))))


DATE_METHODS = {
    "adddays": days_later,
    "day": lambda moment: moment.day,
    "dayofyear": lambda moment: moment.timetuple().tm_yday,
    "hour": lambda moment: moment.hour,
    "minute": lambda moment: moment.minute,
    "month": lambda moment: moment.month,
    "tostring": date_text,
    "touniversaltime": lambda moment: moment,
    "year": lambda moment: moment.year,
}


def method(value, name, arguments):
    """value.name(arguments), also value[index]."""
    if name == "[]":
        at = whole(arguments[0])
        if not isinstance(value, list):
            value = list(to_text(value))
        if not 0 <= at < len(value):
            raise FunctionError(f"there is no element {at}")
        return value[at]
    if isinstance(value, list) and name.lower() in ("length", "count"):
        return len(value)
    if isinstance(value, int) and name.lower() == "tostring" and arguments:
        return str(value).rjust(min(len(arguments[0]), 64), "0")
    table = DATE_METHODS if isinstance(value, datetime.datetime) else STRING_METHODS
    subject = value if isinstance(value, datetime.datetime) else to_text(value)
    return call(table, name, [subject, *[to_text(argument) for argument in arguments]])


def call(table, name, arguments):
    function = table.get(name.lower())
    if function is None:
        raise FunctionError(f"{name} is a function that is not known here")
    try:
        return function(*arguments)
    except (TypeError, ValueError, OverflowError) as error:
        raise FunctionError(f"{name} does not take these arguments") from error


def windows_join(*parts):
    return ntpath.join(*[to_text(part) for part in parts]) if parts else ""


def full_path(folder, *parts):
    name = windows_join(*parts)
    return name if windows_paths.is_foreign(name) else windows_paths.lexical(folder, name)


def folder_above(folder, start, name):
    """The nearest folder at or above `start` that holds the file, or ''."""
    here = windows_paths.lexical(folder, start)
    while True:
        if windows_paths.find(here, name):
            return here
        above = os.path.dirname(here)
        if above == here:
            return ""
        here = above


def path_above(folder, name, start=None):
    above = folder_above(folder, start or folder, name)
    return str(windows_paths.find(above, name)) if above else ""


def read_text(folder, name):
    path = windows_paths.find(folder, name)
    try:
        if path is None or not path.is_file():
            return ""
        with open(path, "rb") as file:
            return file.read(READ_BYTES_MAX).decode(errors="replace")
    except OSError:
        return ""


def with_slash(text):
    return text if not text or text[-1] in "\\/" else text + "\\"


def version_compare(left, right):
    def parts(text):
        numbers = [int(part) for part in re.findall(r"\d+", text)[:4]]
        return numbers + [0] * (4 - len(numbers))

    return (parts(left) > parts(right)) - (parts(left) < parts(right))


def format_text(layout, *values):
    return re.sub(r"\{(\d)[^}]*\}", lambda match: to_text(values[int(match.group(1))]), layout)


def integer_math(operation):
    return lambda left, right: operation(number(left), number(right))


def division(left, right):
    right = number(right)
    if right == 0:
        raise FunctionError("division by zero")
    return number(left) // right if isinstance(right, int) else number(left) / right


def shift_left(left, right):
    return whole(left) << min(max(whole(right), 0), 63)


# What depends on nothing but its arguments, by "type::name" in lower case.
STATIC = {
    "msbuild::add": integer_math(lambda left, right: left + right),
    "msbuild::bitwiseand": lambda left, right: whole(left) & whole(right),
    "msbuild::bitwisenot": lambda value: ~whole(value),
    "msbuild::bitwiseor": lambda left, right: whole(left) | whole(right),
    "msbuild::bitwisexor": lambda left, right: whole(left) ^ whole(right),
    "msbuild::divide": division,
    "msbuild::ensuretrailingslash": with_slash,
    "msbuild::escape": lambda text: re.sub(r"[%*?@$();']", lambda match: f"%{ord(match.group()):02x}", text),
    "msbuild::getregistryvalue": lambda *_: "",
    "msbuild::getregistryvaluefromview": lambda *_: "",
    "msbuild::isosplatform": lambda name: name.lower() == "windows",
    "msbuild::isosunixlike": lambda: False,
    "msbuild::leftshift": shift_left,
    "msbuild::modulo": integer_math(lambda left, right: left % right if right else 0),
    "msbuild::multiply": integer_math(lambda left, right: left * right),
    "msbuild::rightshift": lambda left, right: whole(left) >> min(max(whole(right), 0), 63),
    "msbuild::subtract": integer_math(lambda left, right: left - right),
    "msbuild::unescape": lambda text: re.sub(
        "%([0-9A-Fa-f]{2})", lambda match: chr(int(match.group(1), 16)), text
    ),
    "msbuild::valueordefault": lambda value, default: value or default,
    "msbuild::versionequals": lambda left, right: version_compare(left, right) == 0,
    "msbuild::versiongreaterthan": lambda left, right: version_compare(left, right) > 0,
    "msbuild::versiongreaterthanorequals": lambda left, right: version_compare(left, right) >= 0,
    "msbuild::versionlessthan": lambda left, right: version_compare(left, right) < 0,
    "msbuild::versionlessthanorequals": lambda left, right: version_compare(left, right) <= 0,
    "msbuild::versionnotequals": lambda left, right: version_compare(left, right) != 0,
    "system.convert::toint32": lambda value, base="10": int(value, whole(base)),
    "system.convert::tostring": lambda value, *_: value,
    "system.datetime::now": lambda: datetime.datetime.now(),
    "system.datetime::today": lambda: datetime.datetime.now(),
    "system.datetime::utcnow": lambda: datetime.datetime.utcnow(),
    "system.environment::expandenvironmentvariables": lambda text: text,
    "system.environment::getenvironmentvariable": lambda *_: "",
    "system.environment::getfolderpath": lambda *_: "",
    "system.guid::newguid": lambda: "00000000-0000-0000-0000-000000000000",
    "system.int32::parse": lambda value: whole(value),
    "system.io.path::altdirectoryseparatorchar": lambda: "/",
    "system.io.path::changeextension": lambda path, suffix: ntpath.splitext(path)[0] + suffix,
    "system.io.path::combine": windows_join,
    "system.io.path::directoryseparatorchar": lambda: "\\",
    "system.io.path::getdirectoryname": lambda path: ntpath.dirname(path),
    "system.io.path::getextension": lambda path: ntpath.splitext(path)[1],
    "system.io.path::getfilename": lambda path: ntpath.basename(path),
    "system.io.path::getfilenamewithoutextension": lambda path: ntpath.splitext(ntpath.basename(path))[0],
    "system.io.path::getpathroot": lambda path: "/" if path.startswith("/") else ntpath.splitdrive(path)[0],
    "system.io.path::hasextension": lambda path: bool(ntpath.splitext(path)[1]),
    "system.io.path::ispathrooted": lambda path: path[:1] in ("/", "\\") or windows_paths.is_foreign(path),
    "system.string::compare": lambda left, right, *_: (left > right) - (left < right),
    "system.string::concat": lambda *parts: "".join(parts),
    "system.string::copy": lambda text: text,
    "system.string::equals": lambda left, right, *_: left == right,
    "system.string::format": format_text,
    "system.string::isnullorempty": lambda text: not text,
    "system.string::isnullorwhitespace": lambda text: not text.strip(),
    "system.string::join": lambda separator, *parts: separator.join(parts),
    "system.string::new": lambda text="": text,
    "system.version::parse": lambda text: text,
}
# What looks at files: `folder` is that of the project.
OF_FOLDER = {
    "msbuild::getdirectorynameoffileabove": folder_above,
    "msbuild::getpathoffileabove": path_above,
    "msbuild::makerelative": lambda folder, base, path: os.path.relpath(
        full_path(folder, path), full_path(folder, base)
    ),
    "msbuild::normalizedirectory": lambda folder, *parts: with_slash(full_path(folder, *parts)),
    "msbuild::normalizepath": full_path,
    "system.io.directory::exists": lambda folder, name: bool(
        (found := windows_paths.find(folder, name)) and found.is_dir()
    ),
    "system.io.file::exists": lambda folder, name: bool(
        (found := windows_paths.find(folder, name)) and found.is_file()
    ),
    "system.io.file::readalltext": read_text,
    "system.io.path::getfullpath": full_path,
}


def static(type_name, name, arguments, folder):
    """[type_name]::name(arguments); without arguments also a property of the type."""
    texts = [to_text(argument) for argument in arguments or []]
    key = f"{type_name}::{name}".lower()
    if key in OF_FOLDER:
        return call(OF_FOLDER, key, [str(folder), *texts])
    return call(STATIC, key, texts)

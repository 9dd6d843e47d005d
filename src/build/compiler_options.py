"""Options of Microsoft's compiler, as far as they mean something to Clang: /D /U /I /FI /std /Zp /TC /TP.

All others - warnings, optimisation, code generation for the kernel - are left out on purpose.
"""
import dataclasses
import re

STANDARDS = {"c11": "gnu11", "c17": "gnu17", "clatest": "gnu2x", "c++14": "gnu++14", "c++17": "gnu++17",
             "c++20": "gnu++20", "c++latest": "gnu++20"}  # fmt: skip
WORD = re.compile(r'(?:\\"|"(?:\\"|[^"])*"|[^\s"])+')
NAME = re.compile(r"[A-Za-z_]\w*")


@dataclasses.dataclass
class CompilerOptions:
    defines: list = dataclasses.field(default_factory=list)
    undefines: list = dataclasses.field(default_factory=list)
    include_folders: list = dataclasses.field(default_factory=list)
    forced_includes: list = dataclasses.field(default_factory=list)
    standard: str = ""
    alignment: int = None
    is_cxx: bool = None


def split_words(text):
    """The words of a command line: quotes group and vanish, \\" is a quote itself."""
    return [unquote(match.group()) for match in WORD.finditer(text)]


def unquote(word):
    return word.replace('\\"', "\0").replace('"', "").replace("\0", '"')


def define_of(text):
    """`NAME#VALUE` is another form of `NAME=VALUE`. A quote may be written with a backslash."""
    text = text.strip().replace('\\"', '"')
    match = NAME.match(text)
    if match and text[match.end():match.end() + 1] == "#":
        text = f"{match.group()}={text[match.end() + 1:]}"
    return text if match and text[match.end():match.end() + 1] in ("", "=", "(") else ""


def defines_of(texts):
    return [define for define in (define_of(text) for text in texts) if define]


def last_of_each(defines):
    """Each macro once, with its last value: the project's wins over the kit's, the user's over both."""
    values = {}
    for define in defines:
        values[NAME.match(define).group() if NAME.match(define) else define] = define
    return list(values.values())


def read_options(text):
    """What the command line says."""
    options = CompilerOptions()
    words = split_words(text)
    at = 0

    def value_of(word, length):
        """What follows an option: in the same word, or the next one."""
        nonlocal at
        if len(word) > length:
            return word[length:]
        at += 1
        return words[at] if at < len(words) else ""

    while at < len(words):
        word = words[at]
        option = word[1:] if word[:1] in "/-" else ""
        if option.startswith("FI"):
            options.forced_includes.append(value_of(word, 3))
        elif option.startswith("D"):
            options.defines += defines_of([value_of(word, 2)])
        elif option.startswith("U") and not option.startswith("Umd"):
            options.undefines.append(value_of(word, 2))
        elif option.startswith("I"):
            options.include_folders.append(value_of(word, 2))
        elif option.startswith("std:"):
            options.standard = STANDARDS.get(option[4:].lower(), "")
        elif option.startswith("Zp"):
            options.alignment = int(option[2:]) if option[2:] in ("1", "2", "4", "8", "16") else None
        elif option in ("TC", "TP"):
            options.is_cxx = option == "TP"
        at += 1
    return options

"""How a project asks for its traces to be preprocessed (WPP): settings of .vcxproj items, and RUN_WPP lines.

Both become the words of the trace preprocessor's command line, sorted into plan.TraceFiles.
"""
import pathlib
import re

import windows_paths
from plan import TraceFiles

SOURCE_SUFFIXES = {".c", ".cpp", ".cxx", ".cc", ".h", ".hpp", ".hxx", ".inl", ".rc"}
# Settings that are one word each, by the option that they mean.
FLAGS = [("WppKernelMode", "-km"), ("WppDllMacro", "-dll"), ("WppIgnoreExclamationmarks", "-noexclm"),
         ("WppNoshriek", "-noshriek")]  # fmt: skip
VALUES = [("WppModuleName", "-p:"), ("WppSearchString", "-lookfor:"), ("WppAddControlGuid", "-ctl:"),
          ("WppGenerateUsingTemplateFile", "-gen:"), ("WppAdditionalConfigurationFile", "-ini:"),
          ("WppAlternateConfigurationFile", "-defwpp:"), ("WppFileExtensions", "-ext:"),
          ("WppPreserveExtensions", "-preserveext:")]  # fmt: skip


def trace_files_of(sources, find_file):
    """`sources` are pairs of Source and project item. Those with equal settings share a run."""
    runs = {}
    for source, item in sources:
        if not item.is_true("WppEnabled"):
            continue
        words = words_of(item)
        run = runs.get(words)
        if run is None:
            run = runs[words] = TraceFiles()
            sort_words(run, words, find_file)
        run.sources.append(source)
    return list(runs.values())


def words_of(item):
    words = [option for name, option in FLAGS if item.is_true(name)]
    words += [option + item.get(name) for name, option in VALUES if item.get(name)]
    words += [f"-D{define}" for define in item.list("WppPreprocessorDefinitions")]
    if item.is_true("WppRecorderEnabled") and "-DENABLE_WPP_RECORDER=1" not in words:
        words.append("-DENABLE_WPP_RECORDER=1")
    words += [f"-I{folder}" for folder in item.list("WppAdditionalIncludeDirectories")]
    words += [f"-scan:{name}" for name in item.list("WppScanConfigurationData")]
    words += [f"-func:{function}" for function in split_functions(item.get("WppTraceFunction"))]
    return tuple(words + split_command(item.get("WppAdditionalOptions")))


def split_functions(text):
    """Separated by semicolons that stand outside of parentheses and braces."""
    parts, depth, current = [], 0, ""
    for letter in text:
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(letter, 0)
        if letter == ";" and depth <= 0:
            parts.append(current)
            current = ""
        else:
            current += letter
    return [" ".join(part.split()) for part in [*parts, current] if part.strip()]


def split_command(text):
    """Words of the preprocessor's command line. Blanks in parentheses, braces and quotes do not separate."""
    words, depth, quoted, current = [], 0, False, ""
    for letter in re.sub(r"\\\s*\n", " ", text):
        if letter == '"':
            quoted = not quoted
            continue
        depth += 0 if quoted else {"(": 1, "{": 1, ")": -1, "}": -1}.get(letter, 0)
        if letter.isspace() and depth <= 0 and not quoted:
            words += [current] if current else []
            current = ""
        else:
            current += " " if letter.isspace() else letter
    return words + ([current] if current else [])


def sort_words(run, words, find_file):
    """Puts the words into the lists of `run`. Returns those that name files."""
    names = []
    for word in words:
        option = word[1:] if word[:1] in "-/" else None
        if option is None:
            names.append(word)
        elif option.lower().startswith("scan:"):
            name = option[5:].strip('"')
            if not windows_paths.is_foreign(name):  # one of the kit: its types are known without it
                run.scanned_headers.append(find_file(name) or pathlib.Path(name.replace("\\", "/")))
        elif option.lower().startswith("func:"):
            run.functions += split_functions(option[5:])
        else:
            run.options.append(f"-{option}")
    return names


def is_scanned(name):
    return windows_paths.suffix(name) in SOURCE_SUFFIXES

"""Paths as Windows projects write them: backslashes, letters in any case, quotes, drives.

What a project names is read wherever it lies; nothing here writes.
"""
import functools
import os
import pathlib
import re

DRIVE = re.compile(r"[A-Za-z]:")


def is_foreign(name):
    """A path of a Windows machine, which no folder here can be."""
    return bool(DRIVE.match(name)) or name.startswith("\\\\")


def clean(name):
    return name.strip().strip('"').strip()


@functools.lru_cache(maxsize=4096)
def entries_of(folder):
    """Names in the folder by their lower case. Where two differ in case only, the first is meant."""
    try:
        names = sorted(os.listdir(folder), reverse=True)
    except OSError:
        return {}
    return {name.lower(): name for name in names}


def lexical(folder, name):
    """The path that `name` means relative to `folder`, in the letters given."""
    return os.path.normpath(os.path.join(folder, clean(name).replace("\\", "/")))


def absolute(path):
    """One path for one file, however the way to it is written."""
    return pathlib.Path(os.path.abspath(path))


def find(folder, name):
    """The existing path that `name` means relative to `folder`, or None."""
    name = clean(name)
    if not name or is_foreign(name) or "\0" in name:
        return None
    wanted = lexical(folder, name)
    found = wanted if os.path.exists(wanted) else in_any_case(wanted)
    return pathlib.Path(found) if found else None


def in_any_case(wanted):
    known, missing = wanted, []
    while known not in ("", "/") and not os.path.exists(known):
        known, last = os.path.split(known)
        missing.append(last)
    known = known or "."
    for part in reversed(missing):
        entry = part if part == ".." else entries_of(known).get(part.lower())
        if entry is None:
            return None
        known = os.path.normpath(os.path.join(known, entry))
    return known


def base_name(name):
    return clean(name).replace("\\", "/").rsplit("/", 1)[-1]


def name_of_output(name, default):
    """What a project calls its output, without folders: outputs go where the user says."""
    base = base_name(name)
    return default if base in ("", ".", "..") else base


def stem(name):
    base = base_name(name)
    return base.rsplit(".", 1)[0] if "." in base else base


def suffix(name):
    base = base_name(name)
    return "." + base.rsplit(".", 1)[1].lower() if "." in base else ""

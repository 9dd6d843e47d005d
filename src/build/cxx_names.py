"""Names of C++ in an ELF module.

Microsoft's mangled names hold an @, by which ELF linkers mark a version. They are replaced by what they
stand for, so backtraces read as the source does: `Queue::Submit`, with its parameters where the name alone
would not be unique.
"""
import re

from objects import symbols_of
from process import run

UNDNAME_FLAGS = ["--no-access-specifier", "--no-calling-convention", "--no-return-type", "--no-member-type",
                 "--no-variable-type"]  # fmt: skip
ENTRIES_AT_ONCE = 500
# operator delete and delete[], of a pointer, and of a pointer and its size.
DEALLOCATIONS = [("??3@YAXPEAX@Z", "??3@YAXPEAX_K@Z"), ("??_V@YAXPEAX@Z", "??_V@YAXPEAX_K@Z")]


def all_names(toolchain, objects):
    listing = run([toolchain.nm, "--format=posix", "--print-file-name", *objects], "symbols")
    return {line.partition(": ")[2].split(" ")[0] for line in listing.splitlines() if ": " in line}


def undecorated(toolchain, names):
    """Returns {mangled name: readable name}."""
    readable = {}
    for at in range(0, len(names), ENTRIES_AT_ONCE):
        part = names[at:at + ENTRIES_AT_ONCE]
        lines = run([toolchain.undname, *UNDNAME_FLAGS, *part], "names of C++", check=False).splitlines()
        # A name that cannot be read has a second line all the same, or none: pairs are found by the name.
        wanted = set(part)
        for line, after in zip(lines, lines[1:]):
            if line in wanted and after and after not in wanted:
                readable[line] = after
    return readable


def short_form(text):
    """The name without its parameters and without blanks, which tables of names are separated by."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == ")") - (text[at] == "(")
        if depth == 0 and text[at] == "(":
            return long_form(text[:at])
    return long_form(text)  # of a variable


def long_form(text):
    text = re.sub(r"\s*([,*&<>])\s*", r"\1", text.strip().removeprefix("const "))
    return re.sub(r"[\s@#]+", "_", text)


def chosen_names(names, readable):
    """Returns {mangled: new name}; no two are the same, and none is the name of something else."""
    taken = {name for name in names if "@" not in name}
    mangled = sorted(name for name in names if "@" in name)
    shorts = {}
    for name in mangled:
        shorts.setdefault(short_form(readable.get(name, name)), []).append(name)
    renames = {}
    for name in mangled:
        text = readable.get(name, name)
        new = short_form(text)
        if "::" not in new or len(shorts[new]) > 1:
            new = long_form(text)  # a name without a scope might be the kernel's
        base, number = new, 2
        while new in taken:
            new, number = f"{base}.{number}", number + 1
        taken.add(new)
        renames[name] = new
    return renames


def share_deallocation(toolchain, objects):
    """A deletion that is told the size calls the one that is not, where the driver defines only that:
    sources older than C++14 do. The argument too much is in a register that nobody reads."""
    table = symbols_of(toolchain, objects)
    defined = set().union(*(table[item].defined for item in objects))
    for plain, sized in DEALLOCATIONS:
        if plain in defined and sized not in defined:
            for item in objects:
                if sized in table[item].undefined:
                    run([toolchain.objcopy, f"--redefine-sym={sized}={plain}", item], "names of C++")


def rename(toolchain, objects, folder):
    """Gives the symbols of C++ their readable names in all objects. Returns {new name: mangled name}."""
    names = all_names(toolchain, objects) if objects else set()
    mangled = sorted(name for name in names if "@" in name)
    if not mangled:
        return {}
    renames = chosen_names(names, undecorated(toolchain, mangled))
    table = folder / "names-of-cxx"
    table.write_text("".join(f"{old} {new}\n" for old, new in sorted(renames.items())))
    for item in objects:
        run([toolchain.objcopy, f"--redefine-syms={table}", item], "names of C++")
    return {new: old for old, new in renames.items()}

"""The imports of a module: what its objects leave undefined, as slots that storhost fills.

Each import gets a hidden slot in the module and a hidden jump through it, and a note lists the slots
by name. The note's layout is described in src/image/module_note.h.
"""
import pathlib

NOTE_VERSION = 1
SANITIZERS = {"address": 1, "undefined": 2, "thread": 4}
COVERAGE = 8
IMPORT_SLOT_ONLY = 1  # the driver refers to __imp_NAME only: routine or variable, by its address
IMPORT_DATA = 2  # the driver refers to a variable by a pointer of its name: the slot is that pointer
DATA_IMPORTS = pathlib.Path(__file__).resolve().parent / "data-imports.txt"


def assembly_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def data_imports(options):
    lines = (line.split("#")[0].strip() for line in DATA_IMPORTS.read_text().splitlines())
    return {line for line in lines if line} | set(options.data_import)


def import_assembly(imports, renamed, options, module_name, toolchain, kind):
    """The module's own part: slots, jumps through them, and the note that describes them.

    `renamed` tells under which name the objects refer to an import, where that is not its own."""
    routines, slots = set(), set()
    for name in imports:
        (slots if name.startswith("__imp_") else routines).add(name.removeprefix("__imp_"))
    names = sorted(routines | slots)
    copies = data_imports(options) & routines
    text = slot_lines(names, copies, renamed) + jump_lines(names, routines - copies, renamed)
    strings = bytearray()

    def string_offset(string):
        offset = len(strings)
        strings.extend(string.encode() + b"\0")
        return offset

    entries = []
    for number, name in enumerate(names):
        flags = IMPORT_DATA if name in copies else 0 if name in routines else IMPORT_SLOT_ONLY
        entries.append(f".long storhost_slot_{number} - 1b, {string_offset(name)}, {flags}")
    name_offset = string_offset(module_name)
    build_offset = string_offset(f"storhost build {NOTE_VERSION}, {toolchain.version()}")
    text += [
        '.section .note.storhost,"a",@note', ".balign 4",
        '.long 9, 2f - 1f, 1', '.asciz "storhost"', ".balign 4",
        f"1: .long {NOTE_VERSION}, {kind}, DriverEntry - 1b, {len(names)}",
        f".long {len(strings)}, {name_offset}, {build_offset}",
        *entries,
        *[f".byte {','.join(str(byte) for byte in strings[at:at + 24])}" for at in range(0, len(strings), 24)],
        "2: .balign 4", '.section .note.GNU-stack,"",@progbits', "",
    ]  # fmt: skip
    return "\n".join(text)


def slot_lines(names, copies, renamed):
    text = ['.section .bss.storhost_slots,"aw",@nobits', ".balign 16"]
    for number, name in enumerate(names):
        symbol = assembly_string(renamed.get(name, name) if name in copies else f"__imp_{name}")
        text += [f".globl {symbol}", f".hidden {symbol}", f"{symbol}:", f"storhost_slot_{number}:", ".skip 8"]
    if not names:
        text.append(".skip 8")  # a linker counts a segment for an empty section that it then leaves out
    return text


def jump_lines(names, routines, renamed):
    text = [".text"]
    for number, name in enumerate(names):
        if name not in routines:
            continue
        symbol = assembly_string(renamed.get(name, name))
        text += [".balign 8", f".globl {symbol}", f".hidden {symbol}", f".type {symbol},@function"]
        text += [f"{symbol}: jmp *storhost_slot_{number}(%rip)", f".size {symbol}, .-{symbol}"]
    return text

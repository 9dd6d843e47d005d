"""Lets Clang's sanitizers work on driver modules.

Instrumented driver code calls the sanitizer's runtime with Windows' calling convention, while the
runtime in the process has System V's. So every callback X that an object uses is renamed to
driver_X, and a thunk of that name - plain C, not instrumented, hidden in the module - calls X and
hands on the place in the driver that reports are to name. The callbacks and their prototypes are
listed in sanitizer-callbacks.txt.

Imports of the driver are renamed, too: a module that held a hidden memcpy of Windows' convention
would lend it to thunks and to the profile runtime, which mean libc's.
"""
import itertools
import pathlib
import re
from typing import NamedTuple

LIST = pathlib.Path(__file__).resolve().parent / "sanitizer-callbacks.txt"
RUNTIME_SYMBOL = re.compile(r"^__(asan|tsan|ubsan|sanitizer|sancov)_")
TYPES = {
    "void": "void",
    "u8": "unsigned char",
    "u16": "unsigned short",
    "u32": "unsigned int",
    "u64": "unsigned long",
    "i32": "int",
    "p": "void *",
}
SHADOW_OFFSET = 0x7FFF8000  # of every Linux x86-64 process with the address sanitizer
PREFIX = "driver_"
IMPORT_PREFIX = "import_"


class ThunkError(Exception):
    """An instrumentation that cannot be built, as one line."""


class Instrumented(NamedTuple):
    objects: list  # with renamed symbols
    imports: set  # of the driver, by their own names
    renamed: dict  # import -> the name that the objects use now
    runtime_objects: list  # thunks


class Callback(NamedTuple):
    form: str
    name: str
    result: str
    arguments: list


def compiler_flags(wanted, coverage):
    flags = []
    if "address" in wanted:
        flags += [
            "-fsanitize=address",
            "-mllvm", f"-asan-mapping-offset={SHADOW_OFFSET:#x}",
            "-fno-common",  # common variables have no red zones
        ]  # fmt: skip
    if "undefined" in wanted:
        # Drivers overlay byte buffers on purpose; that is legal in Microsoft's language.
        flags += ["-fsanitize=undefined", "-fno-sanitize=alignment,object-size,shift-base"]
    if "thread" in wanted:
        flags += ["-Xclang", "-fsanitize=thread"]  # the driver program refuses it for this target
    if coverage:
        flags += ["-fprofile-instr-generate", "-fcoverage-mapping", "-fprofile-update=atomic"]
    return flags


def expand(pattern):
    parts = re.split(r"\{([^}]*)\}", pattern)
    choices = [part.split(",") if number % 2 else [part] for number, part in enumerate(parts)]
    return ["".join(words) for words in itertools.product(*choices)]


def read_list():
    callbacks = {}
    for number, line in enumerate(LIST.read_text().splitlines(), 1):
        fields = line.split("#")[0].split()
        if not fields:
            continue
        form, pattern, result, *arguments = fields
        if form not in BODIES or any(word not in TYPES for word in [result, *arguments]):
            raise ThunkError(f"{LIST}:{number}: unknown form or type")
        for name in expand(pattern):
            callbacks[name] = Callback(form, name, result, arguments)
    return callbacks


def call_of(callback):
    names = ", ".join(f"a{number}" for number in range(len(callback.arguments)))
    returns = "" if callback.result == "void" else "return "
    return f"    {returns}{callback.name}({names});\n"


def access_of(callback):
    """The size expression and whether it is a write, from a callback's name."""
    write = 1 if "store" in callback.name else 0
    digits = re.search(r"(?:load|store)(\d+)", callback.name)
    return write, digits.group(1) if digits else "a1"


def report(write, address, size):
    return (
        f"__asan_report_error(PLACE, __builtin_frame_address(0), __builtin_frame_address(0), "
        f"(void *){address}, {write}, {size}, 0);\n"
    )


def body_call(callback):
    return call_of(callback)


def body_report(callback):
    write, size = access_of(callback)
    return "    " + report(write, "a0", size)


def body_check(callback):
    write, size = access_of(callback)
    return check_range(write, "(void *)a0", size)


def check_range(write, address, size):
    return (
        f"    bad = __asan_region_is_poisoned({address}, {size});\n"
        f"    if (bad)\n        " + report(write, "bad", size)
    )


def body_copy(callback):
    """Registers have to be accessed here, in code of the module, where it can be trapped."""
    device = "    if (IS_DEVICE(a0) || IS_DEVICE(a1)) {\n        copy_device(a0, a1, a2);\n        return a0;\n    }\n"
    return device + check_range(0, "a1", "a2") + check_range(1, "a0", "a2") + call_of(callback)


def body_fill(callback):
    device = "    if (IS_DEVICE(a0)) {\n        fill_device(a0, a1, a2);\n        return a0;\n    }\n"
    return device + check_range(1, "a0", "a2") + call_of(callback)


def body_pc(callback):
    return f"    {callback.name}_pc(a0, PLACE);\n"


def body_within(callback):
    names = ", ".join(f"a{number}" for number in range(len(callback.arguments)))
    text = "    __tsan_func_entry(PLACE);\n"
    if callback.result == "void":
        return text + f"    {callback.name}({names});\n    __tsan_func_exit();\n"
    result = TYPES[callback.result]
    text += f"    {result} result = {callback.name}({names});\n    __tsan_func_exit();\n"
    return text + "    return result;\n"


ATOMIC_ACCESSES = {
    "load": "__atomic_load_n(device, 5)",
    "store": "__atomic_store_n(device, a1, 5)",
    "exchange": "__atomic_exchange_n(device, a1, 5)",
    "compare_exchange_val": "__sync_val_compare_and_swap(device, a1, a2)",
}


def body_device(callback):
    """A volatile access is an atomic one for the thread sanitizer, whose runtime makes it itself. One
    to a device's registers has to be made here, in code of the module, where it can be trapped."""
    width, operation = re.match(r"__tsan_atomic(\d+)_(\w+)", callback.name).groups()
    access = ATOMIC_ACCESSES.get(operation, f"__atomic_{operation}(device, a1, 5)")
    returns = "" if callback.result == "void" else "return "
    return (
        f"    volatile {TYPES[f'u{width}']} *device = a0;\n"
        f"    if (IS_DEVICE(a0)) {{\n        {returns}{access};\n"
        + ("        return;\n" if callback.result == "void" else "")
        + "    }\n"
        + body_within(callback)
    )


def body_shadow(callback):
    # No memset: the runtime replaces it by one that looks into the shadow of the shadow.
    value = callback.name.rsplit("_", 1)[1]
    return f'    __asm__ volatile("rep stosb" : "+D"(a0), "+c"(a1) : "a"(0x{value}) : "memory");\n'


BODIES = {
    "call": body_call,
    "report": body_report,
    "check": body_check,
    "copy": body_copy,
    "fill": body_fill,
    "pc": body_pc,
    "within": body_within,
    "device": body_device,
    "shadow": body_shadow,
    "variable": None,
}

COMMON = """\
#define PLACE __builtin_return_address(0)
#define THUNK __attribute__((ms_abi, visibility("hidden")))
void __asan_report_error(void *, void *, void *, void *, int, unsigned long, unsigned);
void *__asan_region_is_poisoned(void *, unsigned long);
void __tsan_func_entry(void *);
void __tsan_func_exit(void);
"""

# Where the host has put the registers of devices: an import like those of the driver, by its slot.
DEVICE_WINDOW = "__imp_StorhostDeviceWindow"
DEVICE_SUPPORT = """\
extern __attribute__((visibility("hidden"))) const unsigned long *__imp_StorhostDeviceWindow;
#define IS_DEVICE(address) \\
    ((unsigned long)(address) - __imp_StorhostDeviceWindow[0] < __imp_StorhostDeviceWindow[1])
typedef unsigned long __attribute__((may_alias, aligned(1))) any_u64;
__attribute__((unused)) static void copy_device(void *to, void *from, unsigned long size)
{
    for (unsigned char *target = to, *source = from; size;) {
        unsigned long place = (unsigned long)(IS_DEVICE(source) ? source : target);
        unsigned piece = size >= 8 && !(place & 7) ? 8 : 1;
        if (piece == 8)
            *(volatile any_u64 *)target = *(volatile any_u64 *)source;
        else
            *(volatile unsigned char *)target = *(volatile unsigned char *)source;
        target += piece;
        source += piece;
        size -= piece;
    }
}
__attribute__((unused)) static void fill_device(void *to, int byte, unsigned long size)
{
    for (unsigned char *target = to; size; size--)
        *(volatile unsigned char *)target++ = byte;
}
"""
# Forms of callbacks that look for it.
DEVICE_FORMS = ("device", "copy", "fill")

# libc keeps atexit in a part that only its own linker script adds. A null handle means: at exit of
# the process, which is right, because instrumented modules are never unmapped.
PROFILE_SUPPORT = """\
int __cxa_atexit(void (*)(void *), void *, void *);
__attribute__((visibility("hidden"))) int atexit(void (*function)(void))
{
    return __cxa_atexit((void (*)(void *))function, 0, 0);
}
"""


def thunk_source(callbacks, coverage):
    text = COMMON + (PROFILE_SUPPORT if coverage else "")
    if any(callback.form in DEVICE_FORMS for callback in callbacks):
        text += DEVICE_SUPPORT
    for callback in callbacks:
        if callback.form == "variable":
            # The driver's code reads it directly; the copy is made before other constructors run.
            text += (
                f"extern {TYPES[callback.result]} {callback.name};\n"
                f"__attribute__((visibility(\"hidden\"))) {TYPES[callback.result]} {PREFIX}{callback.name};\n"
                f"__attribute__((constructor(101))) static void copy_{callback.name}(void)\n"
                f"{{\n    {PREFIX}{callback.name} = {callback.name};\n}}\n"
            )
            continue
        result = TYPES[callback.result]
        types = [TYPES[word] for word in callback.arguments]
        prototype = ", ".join(types) or "void"
        parameters = ", ".join(f"{word} a{number}" for number, word in enumerate(types)) or "void"
        suffix = "_pc" if callback.form == "pc" else ""
        declared = prototype + ", void *" if suffix else prototype
        if callback.name not in ("__tsan_func_entry", "__tsan_func_exit"):
            text += f"{result} {callback.name}{suffix}({declared});\n"
        text += f"THUNK {result} {PREFIX}{callback.name}({parameters});\n"
        body = BODIES[callback.form](callback)
        if "bad" in body:
            body = "    void *bad;\n" + body
        text += f"THUNK {result} {PREFIX}{callback.name}({parameters})\n{{\n{body}}}\n"
    return text


def add(toolchain, run, objects, imports, coverage, folder):
    """Renames what the objects leave undefined and builds the thunks: an Instrumented."""
    known = read_list()
    runtime = {name for name in imports if RUNTIME_SYMBOL.match(name)}
    unknown = sorted(runtime - known.keys())
    if unknown:
        raise ThunkError(
            f"the compiler calls {unknown[0]}, which {LIST.name} does not list: add its prototype"
        )
    profile = {name for name in imports if name.startswith("__llvm_profile")}
    own = imports - runtime - profile
    renames = {name: PREFIX + name for name in runtime}
    renamed = {name: IMPORT_PREFIX + name for name in own if not name.startswith("__imp_")}
    table = folder / "renames"
    table.write_text("".join(f"{old} {new}\n" for old, new in sorted({**renames, **renamed}.items())))
    for item in objects:
        run([toolchain.objcopy, f"--redefine-syms={table}", item], "rename")

    source = folder / "thunks.c"
    callbacks = [known[name] for name in sorted(runtime)]
    source.write_text(thunk_source(callbacks, coverage))
    if any(callback.form in DEVICE_FORMS for callback in callbacks):
        own = own | {DEVICE_WINDOW}
    target = folder / "thunks.o"
    run([toolchain.clang, "--target=x86_64-linux-gnu", "-O2", "-fPIC", "-fno-omit-frame-pointer", "-mno-red-zone",
         "-fno-optimize-sibling-calls", "-fno-builtin", "-Wall", "-Werror", "-Wno-unused-function", "-c",
         str(source), "-o", str(target)], "thunks")  # fmt: skip
    return Instrumented(objects, own, renamed, [str(target)])

"""Finds routines without an effect, in the code that the compiler made of them.

A routine that only answers is not implemented, however well it answers. Source text cannot show that,
because macros and helpers hide it, so the rows of the tables are followed into a linked library, where
every address is known, and each routine is walked on all its paths. It has an effect when it writes
memory other than its stack, calls out of the library or through a pointer, or does not end within the
limits here. The walk knows constants, addresses of the stack and the cursor of a routine's arguments;
all else is unknown to it. Calls of the sanitizers are skipped; the frames that the address sanitizer
makes for variables whose address is taken count as an effect.

Two tests come of it. A routine that is imported by its name may compute its answer from its arguments
and have no effect otherwise (a conversion, a check of a range): it is missing when every path returns
the same constant. One that is called by a code can answer through memory only, apart from its status:
it is missing when it has no effect.
"""
import re
import struct
import subprocess

ADDRESS_BYTES = 8
RELATIVE, ABSOLUTE = 8, 1  # types of relocations
# section: (bytes of a row, offset of the name, of the routine, register with the arguments' cursor)
TABLES = {
    "nt_exports": (48, 8, 16, None),
    "storport_extended": (40, 8, 32, "rdx"),
    "storport_notifications": (40, 8, 32, "rsi"),
}
STEPS_MAX, DEPTH_MAX = 4000, 6
UNKNOWN = None
STACK, CURSOR, CONSTANT = "stack", "cursor", "constant"

SANITIZER = re.compile(r"<_{2,}(asan|tsan|ubsan|sanitizer|msan|gcov)_\w+(@plt)?>")
SANITIZED_WRITE = re.compile(r"<__tsan_atomic\w*_(store|exchange|fetch|compare|fence)\w*(@plt)?>")
NEVER_RETURNS = re.compile(r"<__(asan_report|ubsan_handle)_\w+(@plt)?>")
MEMORY = re.compile(r"(?:(%\w+):)?(-?(?:0x)?[0-9a-f]*)\(([^)]*)\)")
INSTRUCTION = re.compile(r"^ *([0-9a-f]+):\t(?:(?:bnd|notrack|data16|cs|ds|rep|repz) )*(.*)$")
LOW = {"al": "rax", "bl": "rbx", "cl": "rcx", "dl": "rdx", "sil": "rsi", "dil": "rdi"}
READS_ONLY = re.compile(r"(cmp|test|bt[bwlq]?$|u?comis|nop|endbr|prefetch|vzero|pause)")
MOVES = re.compile(r"mov(abs)?[bwlq]?$|movap[sd]$|movup[sd]$|movdq[au]$")


class Effect(Exception):
    """The routine does something."""


def register(name):
    """The whole register of a name of a part: rax of %eax."""
    name = name.lstrip("%*")
    if name in LOW:
        return LOW[name]
    if re.fullmatch(r"r\d+[bwd]", name):
        return name[:-1]
    if name[0] == "e" and len(name) == 3:
        return "r" + name[1:]
    if re.fullmatch(r"[abcd]x|[sd]i|[sb]p", name):
        return "r" + name
    return name


class Library:
    """A linked ELF library: rows of tables, and instructions by address."""

    def __init__(self, path):
        self.bytes = path.read_bytes()
        self.sections = {}  # name: (address, offset, size)
        self.relocated = {}  # place: value
        self.code = {}  # address: (mnemonic, operands, address of the next)
        self.read_sections()
        self.read_code(path)

    def read_sections(self):
        (start,) = struct.unpack_from("<Q", self.bytes, 0x28)
        entry_bytes, count, names = struct.unpack_from("<HHH", self.bytes, 0x3A)
        headers = [struct.unpack_from("<IIQQQQIIQQ", self.bytes, start + i * entry_bytes)
                   for i in range(count)]  # fmt: skip
        for name, kind, _, address, offset, size, link, *_ in headers:
            self.sections[self.text_at(headers[names][4] + name)] = (address, offset, size)
            if kind == 4:  # SHT_RELA
                self.read_relocations(offset, size, headers[link][4])

    def read_relocations(self, offset, size, symbols):
        for at in range(offset, offset + size, 24):
            place, info, addend = struct.unpack_from("<QQq", self.bytes, at)
            if info & 0xFFFFFFFF == RELATIVE:
                self.relocated[place] = addend
            elif info & 0xFFFFFFFF == ABSOLUTE:
                (value,) = struct.unpack_from("<Q", self.bytes, symbols + (info >> 32) * 24 + 8)
                if value:
                    self.relocated[place] = value + addend

    def text_at(self, offset):
        return self.bytes[offset : self.bytes.index(0, offset)].decode()

    def text_of(self, address):
        for start, offset, size in self.sections.values():
            if start and start <= address < start + size:
                return self.text_at(offset + address - start)
        raise ValueError(f"no section holds 0x{address:x}")

    def read_code(self, path):
        command = ["objdump", "-d", "-w", "--no-show-raw-insn", str(path)]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        before = None
        for line in text.splitlines():
            found = INSTRUCTION.match(line)
            if not found:
                continue
            address = int(found[1], 16)
            words = found[2].split("#")[0].split(None, 1)
            operands = words[1].strip() if len(words) > 1 else ""
            if before is not None:
                self.code[before][2] = address
            self.code[address] = [words[0] if words else "nop", operands, None]
            before = address

    def rows(self):
        """Yields (table, name of the routine, address of its code)."""
        for table, (row_bytes, name_at, routine_at, _) in TABLES.items():
            start, _, size = self.sections.get(table, (0, 0, 0))
            for row in range(start, start + size, row_bytes):
                routine = self.relocated.get(row + routine_at)
                if routine in self.code:
                    yield table, self.text_of(self.relocated[row + name_at]), routine


class State:
    """What the walk knows at one point."""

    def __init__(self, address, registers, slots, returns):
        self.address = address
        self.registers = registers
        self.slots = slots  # offset on the stack: value
        self.returns = returns  # addresses that calls come back to

    def at(self, address):
        return State(address, dict(self.registers), dict(self.slots), self.returns)

    def key(self):
        return (self.address, self.returns, frozenset(self.registers.items()),
                frozenset(self.slots.items()))  # fmt: skip

    def place_of(self, operand):
        """The value of the address of a memory operand."""
        segment, offset, inside = MEMORY.fullmatch(operand).groups()
        parts = inside.split(",")
        base = self.registers.get(register(parts[0])) if parts[0] else UNKNOWN
        if segment or len(parts) > 1 or base is UNKNOWN or base[0] == CONSTANT:
            return UNKNOWN
        return base[0], base[1] + (int(offset, 16) if offset else 0)

    def read(self, operand):
        if operand.startswith("$"):
            return CONSTANT, int(operand[1:], 16) & 0xFFFFFFFF
        if operand.startswith("%"):
            return self.registers.get(register(operand), UNKNOWN)
        if MEMORY.fullmatch(operand):
            place = self.place_of(operand)
            if place is not UNKNOWN and place[0] == STACK:
                return self.slots.get(place[1], UNKNOWN)
        return UNKNOWN

    def write(self, operand, value):
        if operand.startswith("%"):
            self.registers[register(operand)] = value
            return
        place = self.place_of(operand) if MEMORY.fullmatch(operand) else UNKNOWN
        if place is UNKNOWN:
            raise Effect
        if place[0] == STACK:
            self.slots[place[1]] = value

    def move_stack(self, count):
        kind, offset = self.registers["rsp"] or (UNKNOWN, 0)
        if kind != STACK:
            raise Effect
        self.registers["rsp"] = (STACK, offset + count)
        return offset

    def push(self, value):
        self.slots[self.move_stack(-ADDRESS_BYTES) - ADDRESS_BYTES] = value

    def pop(self):
        return self.slots.get(self.move_stack(ADDRESS_BYTES), UNKNOWN)


def split_operands(text):
    parts, depth, start = [], 0, 0
    for i, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    return parts + [text[start:]] if text else []


def compute(state, mnemonic, operands):
    """An instruction that goes on to the next."""
    last = operands[-1] if operands else ""
    if READS_ONLY.match(mnemonic) or (mnemonic == "xchg" and operands[0] == last):
        return
    if re.match(r"lock|xchg|cmpxchg|xadd|[lms]fence", mnemonic):
        raise Effect  # other processors see it
    if mnemonic.startswith("push"):
        state.push(state.read(last))
    elif mnemonic.startswith("pop"):
        state.write(last, state.pop())
    elif mnemonic.startswith("leave"):
        state.registers["rsp"] = state.registers.get("rbp")
        state.registers["rbp"] = state.pop()
    elif MOVES.match(mnemonic) or re.match(r"mov[zs]", mnemonic):
        state.write(last, state.read(operands[0]))
    elif mnemonic.startswith("cmov"):
        state.write(last, state.read(last) if state.read(last) == state.read(operands[0]) else UNKNOWN)
    elif mnemonic.startswith("lea"):
        state.write(last, state.place_of(operands[0]) if "(" in operands[0] else UNKNOWN)
    elif mnemonic.startswith("xor") and len(operands) == 2 and operands[0] == last:
        state.write(last, (CONSTANT, 0))
    elif re.match(r"(add|sub|and)", mnemonic) and register(last) == "rsp":
        amount = int(operands[0][1:], 16) if operands[0].startswith("$") else 0
        kind, offset = state.registers["rsp"]
        amount -= (amount >> 63) << 64
        offset = {"add": offset + amount, "sub": offset - amount, "and": offset & amount}[mnemonic[:3]]
        state.registers["rsp"] = (kind, offset)
    elif re.match(r"(i?mul|i?div)[bwlq]?$", mnemonic) and len(operands) == 1 or not operands:
        if re.match(r"(stos|movs|ud2|hlt|int3|syscall|in|out)", mnemonic):
            raise Effect
        state.registers["rax"] = state.registers["rdx"] = UNKNOWN
    else:
        state.write(last, UNKNOWN)


def target_of(operands):
    found = re.match(r"([0-9a-f]+) <", operands)
    return int(found[1], 16) if found else None


def follow_call(library, state, operands, after):
    """The state at the callee, or behind a call that only a sanitizer makes."""
    if SANITIZER.search(operands):
        if SANITIZED_WRITE.search(operands):
            raise Effect
        if NEVER_RETURNS.search(operands):
            return []
        state.registers["rax"] = UNKNOWN
        return [state.at(after)]
    target = target_of(operands)
    if target not in library.code or "@plt" in operands or len(state.returns) >= DEPTH_MAX:
        raise Effect
    state.push(UNKNOWN)
    next_state = state.at(target)
    next_state.returns += (after,)
    return [next_state]


def follow_return(state, answers):
    state.move_stack(ADDRESS_BYTES)
    if not state.returns:
        answers.add(state.registers.get("rax"))
        return []
    next_state = state.at(state.returns[-1])
    next_state.returns = state.returns[:-1]
    return [next_state]


def follow(library, state, answers):
    """The states after the instruction of a state."""
    mnemonic, operands, after = library.code[state.address]
    if mnemonic.startswith("ret") or (mnemonic == "jmp" and SANITIZER.search(operands)):
        return follow_return(state, answers)
    if mnemonic.startswith("call"):
        return follow_call(library, state, operands, after)
    if mnemonic.startswith("ud2"):
        return []
    if mnemonic.startswith("j"):
        target = target_of(operands)
        if target not in library.code or "@plt" in operands:
            raise Effect
        return [state.at(target)] + ([] if mnemonic.startswith("jmp") else [state.at(after)])
    compute(state, mnemonic, split_operands(operands))
    return [state.at(after)]


def answers_without_effect(library, address, cursor):
    """What a routine can answer, None when it has an effect. An answer that was never set is a constant
    as good as any."""
    registers = {"rsp": (STACK, 0), "rax": (CONSTANT, 0)}
    if cursor:
        registers[cursor] = (CURSOR, 0)
    todo = [State(address, registers, {}, ())]
    seen, answers = set(), set()
    try:
        for _ in range(STEPS_MAX):
            if not todo:
                return answers
            state = todo.pop()
            if state.key() in seen:
                continue
            seen.add(state.key())
            if state.address is None:
                return None
            todo += follow(library, state, answers)
    except Effect:
        pass
    return None


def is_empty(library, table, address):
    answers = answers_without_effect(library, address, TABLES[table][3])
    if answers is None:
        return False
    return table != "nt_exports" or (len(answers) == 1 and answers != {UNKNOWN})


def empty_routines(path):
    """The names of rows whose routine does nothing, sorted."""
    library = Library(path)
    return sorted(name for table, name, routine in library.rows()
                  if is_empty(library, table, routine))  # fmt: skip

"""What Microsoft's C takes and Clang refuses, and no flag helps: a rewriting of tokens.

It is used for a file that Clang has refused, after preprocessing. The compiler itself says where
something is to be done: its errors name the place and the extent of an expression, so what it does
not complain of is never touched. It is asked again until it is content or nothing is known against
what is left. Lines stay where they are, and the markers of the preprocessor are kept, so messages
and debug information name the driver's own files.
"""
import re
from typing import NamedTuple

import function_names
from tokens import Edits, Tokens

ROUNDS_MAX = 12
PLACE = r":(\d+):(\d+):(?:((?:\{\d+:\d+-\d+:\d+\})+):)? (fatal error|error|note): (.*)"
SPAN = re.compile(r"\{(\d+):(\d+)-(\d+):(\d+)\}")
STORAGE = {b"static", b"extern", b"inline", b"_inline", b"__inline", b"__inline__", b"__forceinline", b"_forceinline"}
STORAGE_WITH_ARGUMENT = {b"__declspec", b"_declspec", b"__attribute__"}
# Around a declaration that was put in, by which a later round knows it again.
MARK = b"/*declared:%s*/ "
MARK_END = b" /*end*/"
MARKED = re.compile(rb"/\*declared:(.*?)\*/.*?/\*end\*/", re.DOTALL)
ASK = ["-fsyntax-only", "-ferror-limit=0", "-fno-caret-diagnostics", "-fdiagnostics-print-source-range-info",
       "-fno-color-diagnostics", "-Xclang", "-fno-diagnostics-use-presumed-location"]  # fmt: skip


class Refusal(NamedTuple):
    """An error of the compiler, with the notes that belong to it."""

    line: int
    column: int
    spans: list  # of (line, column, line, column)
    text: str
    notes: list  # of Refusal


def read_refusals(text, path):
    place = re.compile(re.escape(str(path)) + PLACE)
    refusals = []
    for line in text.splitlines():
        match = place.fullmatch(line)
        if not match:
            continue
        row, column, spans, kind, message = match.groups()
        spans = [tuple(map(int, span.groups())) for span in SPAN.finditer(spans or "")]
        refusal = Refusal(int(row), int(column), spans, message, [])
        if kind != "note":
            refusals.append(refusal)
        elif refusals:
            refusals[-1].notes.append(refusal)
    return refusals


def rewrite(content, path, ask, is_cxx):
    """Rewrites a preprocessed file until the compiler takes it: the new content and the refusals that
    are left. `ask(flags)` compiles `path` and returns the messages, or None if there are no errors."""
    moved = set()
    for _ in range(ROUNDS_MAX):
        path.write_bytes(content)
        messages = ask(ASK)
        if messages is None:
            return content, []
        refusals = read_refusals(messages, path)
        tokens = Tokens(content)
        edits = Edits(tokens)
        for refusal in refusals:
            for pattern, cure, for_cxx in CURES:
                match = re.fullmatch(pattern, refusal.text)
                if match and (for_cxx or not is_cxx):
                    cure(tokens, edits, refusal, match)
                    break
        if not is_cxx:
            move_unknown(tokens, edits, refusals, moved)
        if not edits:
            break
        content = edits.apply()
    return content, refusals


def cure_cast(tokens, edits, refusal, _match):
    """(T)x as an lvalue is *(T *)&x. What is cast need not be a pointer, and T may be any type."""
    if not refusal.spans:
        return
    line, column, end_line, end_column = refusal.spans[0]
    first = tokens.at(tokens.offset(line, column))
    last = tokens.at(tokens.offset(end_line, end_column))
    while first < last and tokens[first].text == b"(":
        closing = tokens.closing(first, last)
        if closing is None or closing == first + 1:
            return
        if closing < last - 1:
            break
        first, last = first + 1, closing
    if first >= last or tokens[first].text != b"(" or tokens[first + 1].text == b"{":
        return
    edits.insert(tokens[first].start, b"(*(__typeof__")
    edits.insert(tokens[closing].end, b" *)&(")
    edits.insert(tokens[last - 1].end, b"))")


def cure_missing_statement(tokens, edits, refusal, _match):
    """A label needs a statement; Microsoft's compiler supplies an empty one."""
    edits.insert(tokens.offset(refusal.line, refusal.column), b";")


class Declaration(NamedTuple):
    first: int
    last: int  # the ; or {
    storage: bytes
    rest: bytes  # without storage classes


def declaration_at(tokens, refusal):
    index = tokens.at(tokens.offset(refusal.line, refusal.column))
    if index >= len(tokens):
        return None
    first = tokens.statement_start(index)
    last = tokens.declaration_end(index)
    if last is None:
        return None
    storage, rest, depth = [], [], 0
    at = first
    while at < last:
        text = tokens[at].text
        depth += (text in b"([") - (text in b")]")
        if depth == 0 and text == b",":
            return None  # one of several declarators
        if text in STORAGE_WITH_ARGUMENT:
            closing = tokens.closing(at + 1, last)
            if closing is None:
                return None
            storage.append(tokens.text(at, closing + 1))
            at = closing
        else:
            (storage if text in STORAGE else rest).append(text)
        at += 1
    return Declaration(first, last, b" ".join(storage), b" ".join(rest))


def cure_conflict(tokens, edits, refusal, match):
    """A definition has the last word over prototypes: they may differ in what parameters point to."""
    name = match.group(1).encode()
    later = declaration_at(tokens, refusal)
    note = next((note for note in refusal.notes if note.text.startswith("previous ")), None)
    if not later or not note:
        return
    if note.text.startswith("previous definition"):
        edits.remove(later.first, later.last + 1)
        return
    if note.text.startswith("previous implicit"):
        use = tokens.at(tokens.offset(note.line, note.column))
        declare_before_use(tokens, edits, name, later.storage + b" " + later.rest, use)
        return
    earlier = declaration_at(tokens, note)
    if not earlier or tokens[earlier.last].text != b";":
        return
    edits.insert(tokens[earlier.first].start, MARK % name + earlier.storage + b" " + later.rest + b";" + MARK_END)
    edits.remove(earlier.first, earlier.last + 1)


def declare_before_use(tokens, edits, name, declaration, use):
    """Puts a declaration before the function that holds the token `use`."""
    first = tokens.outermost_start(use)
    edits.insert(tokens[first].start, MARK % name + declaration + b";" + MARK_END)


def move_unknown(tokens, edits, refusals, moved):
    """A declaration that was put in may name types that are not known yet: it moves to the first use.

    If they are not known there either it loses its parameters: what is passed is a pointer as before."""
    for span in MARKED.finditer(tokens.content):
        name = span.group(1)
        first, last = tokens.at(span.start()), tokens.at(span.end())
        places = [tokens.offset(refusal.line, refusal.column) for refusal in refusals]
        if first == last or not any(span.start() <= place < span.end() for place in places):
            continue
        use = next((at for at in range(last, len(tokens)) if tokens[at].text == name), None)
        own = next((at for at in range(first, last) if tokens[at].text == name), None)
        if name not in moved and use is not None:
            moved.add(name)
            edits.remove(first, last)
            declare_before_use(tokens, edits, name, tokens.text(first, last - 1), use)
        elif own is not None and last - own > 4:
            edits.remove(own + 2, last - 2)


def cure_function_name(tokens, edits, refusal, _match):
    """The name of a function is a literal for Microsoft's compiler, and is joined with its neighbours."""
    index = tokens.at(tokens.offset(refusal.line, refusal.column))
    near = [at for at in (index - 1, index) if 0 <= at < len(tokens) and beside_string(tokens, at)]
    if not near or edits.removed.intersection(near):
        return  # the first refusal of its kind cures all of them
    for at, name in function_names.all_of(tokens):
        if beside_string(tokens, at):
            edits.remove(at, at + 1)
            edits.insert(tokens[at].start, b'"%s"' % name)


def beside_string(tokens, at):
    return tokens[at].text in function_names.WORDS and any(
        tokens[other].text.endswith(b'"') for other in (at - 1, at + 1) if 0 <= other < len(tokens)
    )


def cure_untyped_operator(tokens, edits, refusal, _match):
    """An operator of a class that names no type returns an int, as everything did in C."""
    index = tokens.at(tokens.offset(refusal.line, refusal.column))
    if index + 1 < len(tokens) and tokens[index].text == b"operator" and not tokens[index + 1].text[:1].isalnum():
        edits.insert(tokens[index].start, b"int ")


CURES = [
    (r"assignment to cast is illegal, lvalue casts are not supported", cure_cast, False),
    (r"expression is not assignable", cure_cast, False),
    (r"cannot take the address of an rvalue of type .*", cure_cast, False),
    (r"(?:label at end of compound statement: )?expected statement", cure_missing_statement, True),
    (r"conflicting types for '(.*)'", cure_conflict, False),
    (r"(?:C\+\+ requires a type specifier|a type specifier is required) for all declarations", cure_untyped_operator, True),
    (r"expected .*", cure_function_name, True),
]

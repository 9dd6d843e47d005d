"""Tokens of preprocessed C, with their places, and edits that leave every line where it is."""
import bisect
import re

TOKEN = re.compile(
    rb"""(?P<directive>^[ \t]*\#[^\n]*)
    |(?P<space>\s+|/\*.*?\*/)
    |(?P<string>(?:L|u8|u|U)?(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    |(?P<name>[A-Za-z_$\x80-\xff][\w$\x80-\xff]*)
    |(?P<number>\.?\d(?:[eEpP][+-]|[\w.])*)
    |(?P<mark>.)""",
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
CLOSING = {b"(": b")", b"[": b"]", b"{": b"}"}


class Token:
    __slots__ = ("kind", "text", "start", "end")

    def __init__(self, match):
        self.kind = match.lastgroup
        self.text = match.group()
        self.start, self.end = match.span()


class Tokens:
    """A preprocessed file. Directives are not tokens: line markers stand anywhere between them."""

    def __init__(self, content):
        self.content = content
        self.line_starts = [0]
        self.line_starts += [match.end() for match in re.finditer(rb"\n", content)]
        self.list = [
            Token(match) for match in TOKEN.finditer(content) if match.lastgroup not in ("directive", "space")
        ]
        self.starts = [token.start for token in self.list]
        self.depths = []  # of the braces around each token
        depth = 0
        for token in self.list:
            depth -= token.text == b"}"
            self.depths.append(depth)
            depth += token.text == b"{"

    def __getitem__(self, index):
        return self.list[index]

    def __len__(self):
        return len(self.list)

    def offset(self, line, column):
        """The byte at a place as the compiler prints it; both numbers begin with one."""
        return self.line_starts[min(line, len(self.line_starts)) - 1] + column - 1

    def at(self, offset):
        """The index of the first token at or behind an offset."""
        return bisect.bisect_left(self.starts, offset)

    def text(self, first, last):
        """The tokens from `first` to before `last` on one line."""
        return b" ".join(token.text for token in self.list[first:last])

    def closing(self, index, limit):
        """The bracket that closes the one at `index`, or None if it is not before `limit`."""
        stack = []
        for at in range(index, limit):
            text = self.list[at].text
            if text in CLOSING:
                stack.append(CLOSING[text])
            elif stack and text == stack[-1]:
                stack.pop()
                if not stack:
                    return at
        return None

    def statement_start(self, index):
        """The first token of the declaration or statement around `index`."""
        while index > 0 and self.list[index - 1].text not in (b";", b"{", b"}"):
            index -= 1
        return index

    def outermost_start(self, index):
        """The first token of the declaration outside of all functions that holds the one at `index`."""
        while index > 0 and (self.depths[index] or self.list[index - 1].text not in (b";", b"}")):
            index -= 1
        return index

    def declaration_end(self, index):
        """The ; or { that ends the head of a declaration."""
        depth = 0
        while index < len(self.list):
            text = self.list[index].text
            depth += (text in b"([") - (text in b")]")
            if depth == 0 and text in (b";", b"{"):
                return index
            index += 1
        return None


class Edits:
    """Changes of a file: texts that are put in, tokens that are taken out. No line moves."""

    def __init__(self, tokens):
        self.tokens = tokens
        self.insertions = []  # (offset, order, text)
        self.removed = set()  # indices of tokens

    def __bool__(self):
        return bool(self.insertions or self.removed)

    def insert(self, offset, text):
        self.insertions.append((offset, len(self.insertions), text))

    def remove(self, first, last):
        self.removed.update(range(first, last))

    def apply(self):
        content = bytearray(self.tokens.content)
        for index in self.removed:
            token = self.tokens[index]
            content[token.start:token.end] = b" " * (token.end - token.start)
        pieces, at = [], 0
        for offset, _, text in sorted(self.insertions):
            pieces += [content[at:offset], text]
            at = offset
        return b"".join([*pieces, content[at:]])

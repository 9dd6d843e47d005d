"""The compiler's messages: taken apart, chosen, and shown in the order of the sources."""
import re
import sys
from typing import NamedTuple

COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
HEADING = re.compile(r"(?:(.+?):(\d+):(\d+): |clang[^ :]*: |)(fatal error|error|warning|note|remark): (.*)")
PREAMBLE = ("In file included from ", "In included file")
SUMMARY = re.compile(r"\d+ (error|warning)s?( and \d+ errors?)? generated\.")
NO_FILE = ("<command line>", "<scratch space>")
SHOWN_MAX = 20  # errors of one build
EXCEPTIONS = "structured exceptions need a Windows image"


class Message(NamedTuple):
    """One error or warning, with the lines around it: includes before, source text and notes behind."""

    file: str
    line: int
    kind: str
    text: str
    lines: list

    @property
    def is_error(self):
        return self.kind in ("error", "fatal error")

    @property
    def key(self):
        return self.file, self.line, self.text


def parse(output):
    messages, preamble, skipped = [], [], False
    for line in output.splitlines():
        plain = COLOUR.sub("", line)
        heading = HEADING.fullmatch(plain)
        if plain.startswith(PREAMBLE):
            preamble.append(line)
        elif heading and heading[4] != "note":
            messages.append(Message(heading[1], int(heading[2] or 0), heading[4], heading[5], [*preamble, line]))
            preamble, skipped = [], False
        elif not SUMMARY.fullmatch(plain) and messages:
            # A note about a macro that has no place in a file shows what the build itself has put in.
            skipped = heading[1] in NO_FILE if heading else skipped
            if not skipped:
                messages[-1].lines.extend([*preamble, line])
            preamble = []
    return messages


def remaining(original, rewritten):
    """Of a file's messages those that rewriting has not cured.

    They are the compiler's about the driver's own text, where it had one for the line."""
    left = [message for message in rewritten if message.is_error]
    keys, known = {message.key for message in left}, {message.key for message in original}
    new = [message for message in left if message.key not in known]
    lines = {(message.file, message.line) for message in new}
    kept = [
        message
        for message in original
        if message.key in keys or (message.file, message.line) in lines or not message.is_error
    ]
    covered = {(message.file, message.line) for message in kept if message.is_error}
    return kept + [message for message in new if (message.file, message.line) not in covered]


def chosen(messages):
    """What a reader needs of a file's messages: what others may follow from comes alone."""
    exceptions = [message for message in messages if EXCEPTIONS in message.text]
    fatal = [message for message in messages if message.kind == "fatal error"]
    return fatal or exceptions or messages


def show(messages, hint_of):
    """Prints messages, errors only up to a limit. Returns how many errors were not shown."""
    errors = 0
    for message in messages:
        errors += message.is_error
        if errors > SHOWN_MAX:
            continue
        for line in message.lines:
            print(line, file=sys.stderr)
        hint = hint_of(message)
        if hint:
            print(f"storhost build: {hint}", file=sys.stderr)
    return max(0, errors - SHOWN_MAX)

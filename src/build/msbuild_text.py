"""Text in MSBuild projects: $(property) and property functions, %XX escapes, %(metadata).

A value is kept escaped until it is used: `%3B` is a semicolon that does not separate.
"""
import re

import msbuild_functions
from msbuild_functions import FunctionError

VALUE_MAX = 1 << 20  # characters; a property that doubles itself passes it soon
DEPTH_MAX = 32  # of references within arguments of functions
ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
METADATA = re.compile(r"%\(\s*(?:([A-Za-z_][\w-]*)\s*\.\s*)?([A-Za-z_][\w-]*)\s*\)")
NAME = re.compile(r"[A-Za-z_][\w-]*")
QUOTES = "'\"`"


class TextError(Exception):
    """What is wrong with a text; whoever knows its file and line says them."""


def unescape(text):
    return ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text) if "%" in text else text


def split_list(text):
    """The parts of a list: separated by semicolons, without what is empty. Still escaped."""
    return [part for part in (part.strip() for part in text.split(";")) if part]


def closing(text, at):
    """The position of the parenthesis that closes the one at `at`, or -1. Quoted ones do not count."""
    depth, quote = 0, None
    for position in range(at, len(text)):
        letter = text[position]
        if quote:
            quote = None if letter == quote else quote
        elif letter in QUOTES and depth:
            # An apostrophe in free text opens nothing: only one that is closed does.
            quote = letter if text.find(letter, position + 1) >= 0 else None
        elif letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth == 0:
                return position
    return -1


def expand(text, scope, depth=0):
    """Replaces every $(...). `scope` has property(name), function(type, name, arguments) and note(text)."""
    if "$(" not in text:
        return text
    if depth > DEPTH_MAX:
        raise TextError("references are nested too deeply")
    parts, at = [], 0
    while True:
        start = text.find("$(", at)
        end = closing(text, start + 1) if start >= 0 else -1
        if end < 0:
            parts.append(text[at:])
            break
        parts.append(text[at:start])
        parts.append(msbuild_functions.to_text(reference(text[start + 2:end], scope, depth)))
        at = end + 1
    result = "".join(parts)
    if len(result) > VALUE_MAX:
        raise TextError(f"a value of more than {VALUE_MAX} characters")
    return result


def reference(body, scope, depth):
    """The value of what stands between $( and )."""
    if not body or body[0].isspace() or body[-1].isspace():
        return ""  # what MSBuild makes of $( X )
    if body.lower().startswith("registry:"):
        return ""
    if body.startswith("["):
        return static_call(body, scope, depth)
    match = NAME.match(body)
    if not match:
        raise TextError(f"$({body[:60]}) is not a property")
    return chain(scope.property(match.group()), body, match.end(), scope, depth)


def static_call(body, scope, depth):
    end = body.find("]::")
    match = NAME.match(body, end + 3) if end > 0 else None
    if not match:
        raise TextError(f"$({body[:60]}) is not a property function")
    arguments, at = call_arguments(body, match.end(), scope, depth)
    try:
        value = scope.function(body[1:end].strip(), match.group(), arguments)
    except FunctionError as error:
        scope.note(f"$({body[:60]}): {error}: taken as empty")
        value = ""
    return chain(value, body, at, scope, depth)


def call_arguments(body, at, scope, depth):
    """Returns the arguments that stand at `at` - None without parentheses - and where they end."""
    if at >= len(body) or body[at] != "(":
        return None, at
    end = closing(body, at)
    if end < 0:
        raise TextError(f"$({body[:60]}): a parenthesis is not closed")
    inner = body[at + 1:end]
    return (
        [argument(part, scope, depth) for part in split_arguments(inner)] if inner.strip() else []
    ), end + 1


def split_arguments(text):
    parts, start, level, quote = [], 0, 0, None
    for position, letter in enumerate(text):
        if quote:
            quote = None if letter == quote else quote
        elif letter in QUOTES:
            quote = letter
        elif letter in "()":
            level += 1 if letter == "(" else -1
        elif letter == "," and level == 0:
            parts.append(text[start:position])
            start = position + 1
    return parts + [text[start:]]


def argument(text, scope, depth):
    stripped = text.strip()
    if len(stripped) >= 2 and stripped[0] in QUOTES and stripped[-1] == stripped[0]:
        return expand(stripped[1:-1], scope, depth + 1)
    if stripped.startswith("$(") and closing(stripped, 1) == len(stripped) - 1:
        if depth > DEPTH_MAX:
            raise TextError("references are nested too deeply")
        return reference(stripped[2:-1], scope, depth + 1)
    return expand(stripped, scope, depth + 1)


def chain(value, body, at, scope, depth):
    """What follows a value: .Method(...), .Property and [index]."""
    while at < len(body):
        if body[at] == "[":
            end = body.find("]", at)
            if end < 0:
                raise TextError(f"$({body[:60]}): a bracket is not closed")
            name, arguments, at = "[]", [argument(body[at + 1:end], scope, depth)], end + 1
        else:
            match = NAME.match(body, at + 1) if body[at] == "." else None
            if not match:
                raise TextError(f"$({body[:60]}) is not a property")
            name = match.group()
            arguments, at = call_arguments(body, match.end(), scope, depth)
        try:
            value = msbuild_functions.method(value, name, arguments or [])
        except FunctionError as error:
            scope.note(f"$({body[:60]}): {error}: taken as empty")
            value = ""
    return value


def expand_metadata(text, look_up):
    """Replaces %(Name) and %(Type.Name) by what look_up(type or None, name) says; None leaves it."""
    if "%(" not in text:
        return text

    def replacement(match):
        value = look_up(match.group(1), match.group(2))
        return match.group() if value is None else value

    result = METADATA.sub(replacement, text)
    if len(result) > VALUE_MAX:
        raise TextError(f"a value of more than {VALUE_MAX} characters")
    return result

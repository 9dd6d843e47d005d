"""MSBuild's conditions: comparisons, and, or, !, Exists() and HasTrailingSlash().

As in MSBuild, text is compared without regard to case, numbers (also hexadecimal ones) by value.
"""
import re

from msbuild_text import TextError, closing, unescape

NESTING_MAX = 64
COMPARISONS = ("==", "!=", "<=", ">=", "<", ">")
WORD = re.compile(r"[^\s()!=<>'\",]+")
TRUE_WORDS = {"true", "on", "yes", "!false", "!off", "!no"}
FALSE_WORDS = {"false", "off", "no", "!true", "!on", "!yes"}


def tokens_of(text):
    """Pairs of kind and text: "operator", "quoted", "word", "name" (which a parenthesis follows)."""
    found, at = [], 0
    while at < len(text):
        letter = text[at]
        if letter.isspace():
            at += 1
            continue
        if letter in "'\"":
            end = end_of_quoted(text, at)
            found.append(("quoted", text[at + 1:end]))
            at = end + 1
            continue
        if text[at:at + 2] in COMPARISONS:
            found.append(("operator", text[at:at + 2]))
            at += 2
            continue
        if letter in "()!<>,":
            found.append(("operator", letter))
            at += 1
            continue
        end = end_of_word(text, at)
        word = text[at:end]
        following = text[end:].lstrip()
        kind = "name" if following.startswith("(") and word.lower() not in ("and", "or") else "word"
        found.append((kind, word))
        at = end
    return found


def end_of_quoted(text, at):
    """Where the quoted text at `at` ends: quotes within $(...) are not its own."""
    position = at + 1
    while position < len(text):
        if text[position] == text[at]:
            return position
        if text.startswith(("$(", "@(", "%("), position):
            end = closing(text, position + 1)
            position = end if end > 0 else position
        position += 1
    raise TextError("a quote is not closed")


def end_of_word(text, at):
    if text.startswith(("$(", "@(", "%("), at):
        end = closing(text, at + 1)
        if end < 0:
            raise TextError("a parenthesis is not closed")
        # $(A)$(B) and $(A).5 are one word.
        following = WORD.match(text, end + 1)
        if text.startswith(("$(", "@(", "%("), end + 1) or following:
            return end_of_word(text, end + 1)
        return end + 1
    match = WORD.match(text, at)
    if not match:
        raise TextError(f"'{text[at]}' does not belong in a condition")
    cut = match.group().find("$(", 1)
    return end_of_word(text, at + cut) if cut > 0 else match.end()


class Condition:
    """One condition while it is evaluated. `scope` has expand(text), exists(path) and note(text)."""

    def __init__(self, text, scope):
        self.scope = scope
        self.tokens = tokens_of(text)
        self.at = 0
        self.depth = 0

    def value(self):
        result = self.alternative()
        if self.at < len(self.tokens):
            raise TextError(f"'{self.tokens[self.at][1]}' is not expected here")
        return result

    def peek(self, text):
        return self.at < len(self.tokens) and self.tokens[self.at][0] in ("operator", "word") \
            and self.tokens[self.at][1].lower() == text  # fmt: skip

    def take(self):
        if self.at >= len(self.tokens):
            raise TextError("it ends too early")
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, text):
        kind, found = self.take()
        if kind != "operator" or found != text:
            raise TextError(f"'{found}' stands where '{text}' is expected")

    # Both sides are evaluated: nothing has an effect, and the tokens must be consumed.
    def alternative(self):
        result = self.conjunction()
        while self.peek("or"):
            self.take()
            result = self.conjunction() or result
        return result

    def conjunction(self):
        result = self.comparison()
        while self.peek("and"):
            self.take()
            result = self.comparison() and result
        return result

    def comparison(self):
        left = self.term()
        for operator in COMPARISONS:
            if self.peek(operator):
                self.take()
                return self.compare(left, operator, self.term())
        return self.truth(left)

    def term(self):
        """A text or, for what has a truth of its own, a bool."""
        self.depth += 1
        if self.depth > NESTING_MAX:
            raise TextError("it is nested too deeply")
        result = self.term_inside()
        self.depth -= 1
        return result

    def term_inside(self):
        kind, text = self.take()
        if kind == "operator" and text == "!":
            return not self.truth(self.term())
        if kind == "operator" and text == "(":
            result = self.alternative()
            self.expect(")")
            return result
        if kind == "operator":
            raise TextError(f"'{text}' is not expected here")
        if kind == "name":
            self.expect("(")
            argument = unescape(self.scope.expand(self.take()[1]))
            self.expect(")")
            return self.function(text.lower(), argument)
        return unescape(self.scope.expand(text))

    def function(self, name, argument):
        if name == "exists":
            return self.scope.exists(argument)
        if name == "hastrailingslash":
            return argument.strip()[-1:] in ("\\", "/")
        raise TextError(f"{name} is not a function of conditions")

    def truth(self, value):
        if isinstance(value, bool):
            return value
        word = value.strip().lower()
        if word not in TRUE_WORDS | FALSE_WORDS:
            self.scope.note(f"'{value[:40]}' is neither true nor false: taken as false")
        return word in TRUE_WORDS

    def compare(self, left, operator, right):
        if operator in ("==", "!="):
            return same(left, right) == (operator == "==")
        first, second = ordered(left), ordered(right)
        if first is None or second is None or isinstance(first, list) != isinstance(second, list):
            self.scope.note(f"'{left}' {operator} '{right}' compares no numbers: taken as false")
            return False
        return {"<": first < second, ">": first > second, "<=": first <= second, ">=": first >= second}[
            operator
        ]


def as_text(value):
    return value if isinstance(value, str) else "true" if value else "false"


def same(left, right):
    left, right = as_text(left).strip().lower(), as_text(right).strip().lower()
    if left == right:
        return True
    first, second = as_number(left), as_number(right)
    if first is not None and second is not None:
        return first == second
    return (left in TRUE_WORDS and right in TRUE_WORDS) or (left in FALSE_WORDS and right in FALSE_WORDS)


def as_number(text):
    if re.fullmatch(r"0[xX][0-9A-Fa-f]{1,16}", text):
        return int(text, 16)
    return float(text) if re.fullmatch(r"[+-]?\d{1,30}(\.\d{0,30})?", text) else None


def ordered(value):
    """A number; a list of numbers for a version of three parts or four; None for anything else."""
    text = as_text(value).strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9}){2,3}", text):
        return [int(part) for part in text.split(".")]
    return as_number(text)

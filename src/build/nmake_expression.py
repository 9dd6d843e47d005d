"""Expressions of NMAKE's !IF: integers and strings, with C's operators, DEFINED() and EXIST()."""
import operator
import re

import windows_paths

TOKEN = re.compile(
    r"""\s*(?: "([^"]*)"
          | (0[xX][0-9A-Fa-f]+|\d+)
          | (\|\||&&|==|!=|<=|>=|<<|>>|[-+*/%&|^~!<>()])
          | ([^\s"()|&=!<>+*%^~]+) )""",
    re.VERBOSE,
)
NESTING_MAX = 64
DIGITS_MAX = 18
# From what binds weakest to what binds strongest.
LEVELS = [
    {"||": lambda left, right: int(bool(left) or bool(right))},
    {"&&": lambda left, right: int(bool(left) and bool(right))},
    {"|": operator.or_},
    {"^": operator.xor},
    {"&": operator.and_},
    {"==": lambda left, right: int(left == right), "!=": lambda left, right: int(left != right)},
    {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge},
    {"<<": lambda left, right: left << min(right, 63), ">>": lambda left, right: left >> min(right, 63)},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": lambda left, right: left // right, "%": operator.mod},
]


class ExpressionError(Exception):
    """What is wrong with an expression; whoever knows its file and line says them."""


def evaluate(text, macros, folder, note):
    """The value: an int or a str. `text` holds no macros any more."""
    return Expression(text, macros, folder, note).value()


class Expression:
    def __init__(self, text, macros, folder, note):
        self.macros = macros
        self.folder = folder
        self.note = note
        self.tokens = self.tokens_of(text)
        self.at = 0
        self.depth = 0

    def tokens_of(self, text):
        found, at = [], 0
        text = text.rstrip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if not match:
                raise ExpressionError(f"'{text[at:at + 20]}' is not expected")
            string, digits, sign, word = match.groups()
            if string is not None:
                found.append(("value", string))
            elif digits and len(digits) > DIGITS_MAX:
                raise ExpressionError(f"'{digits[:20]}' is too large")
            elif digits:
                found.append(("value", int(digits, 0) if digits[:2].lower() == "0x" else int(digits)))
            else:
                found.append(("sign", sign) if sign else ("word", word))
            at = match.end()
        return found

    def value(self):
        if not self.tokens:
            raise ExpressionError("there is nothing to test: is a macro not defined?")
        result = self.level(0)
        if self.at < len(self.tokens):
            raise ExpressionError(f"'{self.tokens[self.at][1]}' is not expected")
        return result

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else (None, None)

    def take(self):
        if self.at >= len(self.tokens):
            raise ExpressionError("it ends too early: is a macro not defined?")
        self.at += 1
        return self.tokens[self.at - 1]

    def level(self, number):
        if number == len(LEVELS):
            return self.unary()
        left = self.level(number + 1)
        while self.peek()[0] == "sign" and self.peek()[1] in LEVELS[number]:
            sign = self.take()[1]
            left = self.combine(LEVELS[number][sign], left, sign, self.level(number + 1))
        return left

    def combine(self, function, left, sign, right):
        if sign in ("==", "!="):
            # A macro without quotes may be a number on one side and text on the other: compared as text.
            return function(left, right) if type(left) is type(right) else function(str(left), str(right))
        if sign not in ("||", "&&") and not (isinstance(left, int) and isinstance(right, int)):
            raise ExpressionError(f"{sign} needs numbers, not '{left}' and '{right}'")
        try:
            return int(function(left, right))
        except (ZeroDivisionError, ValueError, OverflowError) as error:
            raise ExpressionError(str(error)) from error

    def unary(self):
        self.depth += 1
        if self.depth > NESTING_MAX:
            raise ExpressionError("it is nested too deeply")
        result = self.operand()
        self.depth -= 1
        return result

    def operand(self):
        kind, token = self.take()
        if kind == "value":
            return token
        if kind == "word":
            return self.named(token)
        if token == "(":
            result = self.level(0)
            if self.take()[1] != ")":
                raise ExpressionError("a parenthesis is not closed")
            return result
        if token in ("!", "-", "~"):
            value = self.unary()
            if token == "!":
                return int(not value)
            if not isinstance(value, int):
                raise ExpressionError(f"{token} needs a number, not '{value}'")
            return -value if token == "-" else ~value
        raise ExpressionError(f"'{token}' is not expected")

    def named(self, word):
        """DEFINED(name), EXIST(path), or a word without quotes, which is text."""
        if word.lower() not in ("defined", "exist") or self.peek()[1] != "(":
            if word.startswith("["):
                self.note("the result of a program cannot be had here: taken as 0")
                self.at = len(self.tokens)
                return 0
            return word
        self.take()
        argument = ""
        while self.peek()[1] != ")":
            argument += str(self.take()[1])
        self.take()
        if word.lower() == "defined":
            return int(argument.strip().lower() in self.macros)
        return int(windows_paths.find(self.folder, argument) is not None)

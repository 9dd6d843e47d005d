"""Makes headers of message files (.mc), as Microsoft's message compiler does.

A file begins with definitions of severities, facilities and languages; messages follow, each with its
texts, which end with a line of one period. Lines that begin with a semicolon go to the header as they
are. Of the rest a header holds the numbers; the texts stand beside them in comments.
"""
import re

import windows_paths
from process import BuildError
from trace_headers import read_text

SETTING = re.compile(r"\s*(\w+)\s*=\s*(\([^)]*\)|[^\s(]+)?", re.DOTALL)
NAMES = {"severitynames", "facilitynames", "languagenames"}
NAME = re.compile(r"([A-Za-z_]\w*)\s*=\s*(0[xX][0-9A-Fa-f]+|\d+)\s*(?::\s*([\w.-]+))?")
SEVERITIES = {"success": (0, None), "informational": (1, None), "warning": (2, None), "error": (3, None)}
FACILITIES = {"": (0, None), "system": (0xFF, None), "application": (0xFFF, None)}


class MessageFile:
    def __init__(self, path):
        self.path = path
        self.lines = read_text(path).replace("\x1a", "").splitlines()
        self.at = 0
        self.severities, self.facilities = dict(SEVERITIES), dict(FACILITIES)
        self.given_names = []  # (symbol, value) of severities and facilities
        self.last_ids = {}  # facility -> number
        self.severity, self.facility = "success", ""
        self.typedef = self.macro = ""
        self.base = 16
        self.output = []
        self.names_are_written = False

    def error(self, text, line=None):
        raise BuildError(f"{self.path}:{line or self.at}: {text}")

    def header(self):
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            if line.startswith(";"):
                self.output.append(line[1:])
            elif line.strip():
                self.read_settings(line)
        return "\n".join(self.output) + "\n"

    def whole(self, text):
        """With the lines that follow, until a list's parentheses are closed."""
        start = self.at
        while text.count("(") > text.count(")"):
            if self.at >= len(self.lines):
                self.error("the list that begins here has no closing parenthesis", start)
            line = self.lines[self.at]
            self.at += 1
            text += "\n" + ("" if line.startswith(";") else line)
        return text

    def read_settings(self, line):
        text = self.whole(line).strip()
        message = {}
        while text:
            match = SETTING.match(text)
            if not match:
                self.error(f"'{text.split()[0]}' is neither a setting (NAME=VALUE) nor a comment (;)")
            key, value = match.group(1).lower(), match.group(2) or ""
            if key == "language":
                self.error("a text without a message: MessageId has to come first")
            if key in ("messageid", "severity", "facility", "symbolicname", "outputbase") and (message or key == "messageid"):
                message[key] = value
            else:
                self.set(key, value)
            text = text[match.end():].strip()
        if "messageid" in message:
            self.read_message(message)

    def set(self, key, value):
        if key in NAMES:
            self.read_names(key, value)
        elif key == "messageidtypedef":
            self.typedef = value
        elif key == "messageidtypedefmacro":
            self.macro = value
        elif key == "outputbase":
            self.base = int(value) if value in ("10", "16") else self.error(f"OutputBase={value}: it is 10 or 16")
        else:
            self.error(f"a setting that is not known: {key}={value}")

    def read_names(self, key, value):
        for name, number, symbol in NAME.findall(value):
            if key == "languagenames":
                continue
            (self.severities if key == "severitynames" else self.facilities)[name.lower()] = (int(number, 0), symbol)
            if symbol:
                self.given_names.append((symbol, int(number, 0)))

    def read_message(self, message):
        line = self.at
        while self.at < len(self.lines) and not re.match(r"\s*Language\s*=", self.lines[self.at], re.IGNORECASE):
            more = self.lines[self.at]
            self.at += 1
            if more.startswith(";"):
                self.output.append(more[1:])
            elif more.strip() == ".":
                break
            elif more.strip():
                for match in SETTING.finditer(more):
                    message[match.group(1).lower()] = match.group(2) or ""
        texts = self.read_texts()
        self.write_message(message, texts, line)

    def read_texts(self):
        texts = []
        while self.at < len(self.lines) and re.match(r"\s*Language\s*=", self.lines[self.at], re.IGNORECASE):
            start = self.at + 1
            end = next((at for at in range(start, len(self.lines)) if self.lines[at].rstrip() == "."), None)
            if end is None:
                self.error("a message's text does not end: a line with a period has to follow it", start)
            texts.append(self.lines[start:end])
            self.at = end + 1
            while self.at < len(self.lines) and not self.lines[self.at].strip():
                self.at += 1
        return texts

    def write_message(self, message, texts, line):
        self.severity = message.get("severity", self.severity).lower()
        self.facility = message.get("facility", self.facility).lower()
        for name, kind, known in ((self.severity, "severity", self.severities), (self.facility, "facility", self.facilities)):
            if name not in known:
                self.error(f"a {kind} that is not defined: {name}", line)
        facility, severity = self.facilities[self.facility][0], self.severities[self.severity][0]
        number = self.number_of(message["messageid"], facility, line)
        self.last_ids[facility] = number
        self.write_names()
        symbol = message.get("symbolicname")
        for text in texts[:1]:
            # A backslash at the end of a line would make a comment of the next one.
            self.output += ["//", *([f"// MessageId: {symbol}", "//"] if symbol else [])]
            self.output += [f"//  {each}".rstrip().rstrip("\\") for each in text] + ["//"]
        if symbol:
            value = severity << 30 | facility << 16 | number
            self.output += [f"#define {symbol} {self.literal(value, message)}", ""]

    def number_of(self, text, facility, line):
        last = self.last_ids.get(facility, 0)
        try:
            number = last + 1 if not text else last + int(text[1:], 0) if text.startswith("+") else number_from(text)
        except ValueError:
            self.error(f"MessageId={text}: give a number or +number", line)
        if number > 0xFFFF:
            self.error(f"MessageId={text}: a number has at most 16 bits", line)
        return number

    def literal(self, value, message):
        digits = f"0x{value:08X}L" if message.get("outputbase", str(self.base)) == "16" else f"{value}L"
        typed = f"(({self.typedef}){digits})" if self.typedef else digits
        return f"{self.macro}({typed})" if self.macro else typed

    def write_names(self):
        """Before the first message, where the definitions are complete."""
        if not self.names_are_written:
            self.names_are_written = True
            for symbol, value in self.given_names:
                self.output += [f"#undef {symbol}", f"#define {symbol} 0x{value:X}"]
            self.output.append("")


def number_from(text):
    """Decimal even with zeros in front."""
    return int(text, 16) if text.lower().startswith("0x") else int(text, 10)


def make_message_headers(project, folder):
    for path in project.message_files:
        write_header(project, path, folder, MessageFile(path).header())


def write_header(project, path, folder, text):
    """Under the name that the project has for it, or the file's own."""
    stem = windows_paths.base_name(project.header_names.get(str(path), path.stem))
    (folder / f"{stem}.h").write_text(text)

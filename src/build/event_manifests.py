"""Makes headers of event manifests (.man), as Microsoft's message compiler does for kernel mode.

Of a provider the header has its GUID, the values of its channels, keywords, tasks and opcodes, one
descriptor an event, and macros to register, to ask and to write. Beside these stands a description of
the events, which tells the host how they read (wdk/storhost/trace.h).
"""
import re

import project_xml
from message_compiler import write_header
from process import BuildError

LEVELS = {"win:LogAlways": 0, "win:Critical": 1, "win:Error": 2, "win:Warning": 3, "win:Informational": 4,
          "win:Verbose": 5}  # fmt: skip
OPCODES = {"win:Info": 0, "win:Start": 1, "win:Stop": 2, "win:DC_Start": 3, "win:DC_Stop": 4, "win:Extension": 5,
           "win:Reply": 6, "win:Resume": 7, "win:Suspend": 8, "win:Send": 9, "win:Receive": 240}  # fmt: skip
CHANNELS = {"System": 8, "Application": 9, "Security": 10, "TraceClassic": 0}
KEYWORDS = {"win:ResponseTime": 1 << 48, "win:WDIContext": 1 << 49, "win:WDIDiag": 1 << 50, "win:SQM": 1 << 51,
            "win:AuditFailure": 1 << 52, "win:AuditSuccess": 1 << 53, "win:CorrelationHint": 1 << 54,
            "win:EventlogClassic": 1 << 55}  # fmt: skip
FIRST_OWN_CHANNEL = 16
# inType -> C type of one, and what puts it into a data descriptor: by value, or by a routine.
VALUES = {"win:Int8": "signed char", "win:UInt8": "unsigned char", "win:Int16": "short", "win:UInt16": "unsigned short",
          "win:Int32": "int", "win:UInt32": "unsigned int", "win:Int64": "long long", "win:UInt64": "unsigned long long",
          "win:HexInt32": "int", "win:HexInt64": "long long", "win:Float": "float", "win:Double": "double",
          "win:Boolean": "int", "win:Pointer": "const void *"}  # fmt: skip
RECORDS = {"win:GUID": 16, "win:FILETIME": 8, "win:SYSTEMTIME": 16}
TEXTS = {"win:UnicodeString": ("PCWSTR", "McGenWideText", 2), "win:AnsiString": ("const char *", "McGenText", 1)}
GUID = re.compile(r"\{?([0-9A-Fa-f]{8})-([0-9A-Fa-f]{4})-([0-9A-Fa-f]{4})-([0-9A-Fa-f]{4})-([0-9A-Fa-f]{12})\}?")


def make_event_headers(project, folder):
    for path in project.event_manifests:
        write_header(project, path, folder, Manifest(path).header())


def number(text):
    return int(text, 0)


def literal(text):
    """A C string literal of ASCII, whatever the text."""
    return '"' + "".join(letter if 32 <= ord(letter) < 127 and letter not in '"\\?' else
                         "".join(f"\\{byte:03o}" for byte in letter.encode()) for letter in text) + '"'  # fmt: skip


class Manifest:
    def __init__(self, path):
        self.path = path
        self.root = project_xml.parse(path)
        self.strings = {one.get("id"): one.get("value", "") for one in self.all(self.root, "string")}
        self.lines = ["#pragma once", "#include <storhost/events.h>"]

    def all(self, element, name):
        return [one for one in element.iter() if isinstance(one.tag, str) and project_xml.name_of(one) == name]

    def error(self, element, text):
        raise BuildError(f"{project_xml.place_of(self.path, element)}: {text}")

    def value(self, element, name, default=None):
        """An attribute that is a number."""
        text = element.get(name)
        if text is None:
            return default if default is not None else self.error(element, f"the attribute {name} is missing")
        try:
            return number(text)
        except ValueError:
            return self.error(element, f"{name}=\"{text}\": give a number")

    def message(self, element):
        match = re.fullmatch(r"\$\(string\.(.*)\)", element.get("message", ""))
        return self.strings.get(match.group(1)) if match else element.get("message")

    def header(self):
        if project_xml.name_of(self.root) not in ("instrumentationManifest", "assembly", "instrumentation"):
            self.error(self.root, f"<{project_xml.name_of(self.root)}>: no instrumentation manifest begins like this")
        # Providers of performance counters have nothing to say here.
        providers = [one for one in self.all(self.root, "provider") if project_xml.name_of(one.getparent()) == "events"]
        for provider in providers:
            Provider(self, provider).write()
        return "\n".join(self.lines) + "\n"


class Provider:
    def __init__(self, manifest, element):
        self.manifest, self.element = manifest, element
        self.put = manifest.lines.append
        self.name = re.sub(r"\W", "_", element.get("name", ""))
        self.symbol = element.get("symbol") or self.name
        if not self.name:
            manifest.error(element, "a provider without a name")
        self.levels, self.opcodes, self.keywords = dict(LEVELS), dict(OPCODES), dict(KEYWORDS)
        self.channels, self.channel_keywords, self.tasks = dict(CHANNELS), {}, {}
        self.templates = {one.get("tid"): one for one in manifest.all(element, "template")}

    def write(self):
        guid = GUID.fullmatch(self.element.get("guid", ""))
        if not guid:
            self.manifest.error(self.element, f"guid=\"{self.element.get('guid', '')}\": give a GUID")
        first, second, third, fourth, fifth = guid.groups()
        rest = ", ".join(f"0x{(fourth + fifth)[at:at + 2]}" for at in range(0, 16, 2))
        self.put("#ifdef __cplusplus\nextern \"C\" {\n#endif")
        self.put(f"__declspec(selectany) extern const GUID {self.symbol} = {{0x{first}, 0x{second}, 0x{third}, {{{rest}}}}};")
        self.put(f"__declspec(selectany) REGHANDLE {self.name}Handle = 0;")
        self.put(f"__declspec(selectany) MCGEN_TRACE_CONTEXT {self.symbol}_Context = {{0}};")
        self.write_values()
        events = [Event(self, one) for one in self.manifest.all(self.element, "event")]
        for event in events:
            event.write()
        self.write_description(events)
        self.put("#ifdef __cplusplus\n}\n#endif")

    def write_values(self):
        all_of, value = self.manifest.all, self.manifest.value
        own = FIRST_OWN_CHANNEL
        for place, one in enumerate(all_of(self.element, "channels")[0] if all_of(self.element, "channels") else []):
            if not isinstance(one.tag, str):
                continue
            imported = project_xml.name_of(one) == "importChannel"
            channel = CHANNELS.get(one.get("name"), own) if imported else value(one, "value", own)
            own += not imported
            for name in (one.get("chid"), one.get("name")):
                self.channels[name] = channel
                self.channel_keywords[name] = 1 << (63 - place)
            self.define(one, channel)
        for kind, known in (("level", self.levels), ("opcode", self.opcodes), ("task", self.tasks)):
            for one in all_of(self.element, kind):
                known[one.get("name")] = value(one, "value", 0)
                self.define(one, known[one.get("name")])
        for one in all_of(self.element, "keyword"):
            self.keywords[one.get("name")] = value(one, "mask")
            self.define(one, self.keywords[one.get("name")])
        for kind in ("map", "valueMap", "bitMap"):
            for one in all_of(self.element, kind):
                for each in all_of(one, "map") if kind != "map" else []:
                    self.define(each, value(each, "value", 0))

    def define(self, element, value):
        if element.get("symbol"):
            self.put(f"#define {element.get('symbol')} 0x{value:x}")

    def look_up(self, element, attribute, known, default=0):
        name = element.get(attribute)
        if name is not None and name not in known:
            self.manifest.error(element, f"{attribute}=\"{name}\": the manifest does not define it")
        return known[name] if name is not None else default

    def write_description(self, events):
        rows = []
        for event in events:
            if not event.symbol:
                continue
            fields = "0"
            if event.fields:
                fields = f"{event.symbol}_Fields"
                listed = "".join(f'{{{literal(one.name)}, {literal(one.type)}}}, ' for one in event.fields)
                self.put(f"static const STORHOST_EVENT_FIELD {fields}[] = {{{listed}{{0, 0}}}};")
            message = literal(event.message) if event.message else "0"
            rows.append(f"    {{{literal(event.symbol)}, {event.id}, {event.version}, {message}, {fields}}},")
        self.put(f"static const STORHOST_EVENT {self.symbol}_Events[] = {{")
        self.manifest.lines += [*rows, "    {0, 0, 0, 0, 0}};"]
        self.put(f"#define EventRegister{self.name}() McGenEventRegisterDescribed(&{self.symbol}, "
                 f"&{self.symbol}_Context, &{self.name}Handle, {self.symbol}_Events)")  # fmt: skip
        self.put(f"#define EventUnregister{self.name}() McGenEventUnregister(&{self.name}Handle)")


class Field:
    """One <data> or <struct> of a template: its parameters and how it gets into its descriptor."""

    def __init__(self, element, names):
        self.name = element.get("name", "")
        in_type = element.get("inType", "win:Binary")
        # Several of one kind are told as bytes.
        self.type = "win:Binary" if element.get("count") else " ".join(filter(None, (in_type, element.get("outType"))))
        self.argument = f"a{len(names)}"
        names[self.name] = self.argument
        count, length = (self.size_of(element.get(name), names) for name in ("count", "length"))
        self.parameter, self.store = self.form(in_type, count, length)

    @staticmethod
    def size_of(text, names):
        """The C expression of a count: a number, or the field of that name."""
        return names.get(text, text) if text else None

    def form(self, in_type, count, length):
        argument = self.argument
        if in_type in TEXTS:
            c_type, routine, unit = TEXTS[in_type]
            store = f"McGenData(%s, {argument}, {unit} * (SIZE_T)({length}))" if length else f"{routine}(%s, {argument})"
            return f"{c_type} {argument}", store
        if in_type in VALUES and count:
            c_type = VALUES[in_type]
            return f"const {c_type} *{argument}", f"McGenData(%s, {argument}, sizeof(*{argument}) * (SIZE_T)({count}))"
        if in_type in VALUES:
            return f"const {VALUES[in_type]} {argument}".replace("const const", "const"), (
                f"McGenData(%s, &{argument}, sizeof({argument}))")  # fmt: skip
        if in_type in RECORDS:
            size = f"{RECORDS[in_type]} * (SIZE_T)({count or 1})"
            return f"const void *{argument}", f"McGenData(%s, {argument}, {size})"
        if in_type == "win:SID":
            return f"const void *{argument}", f"McGenSid(%s, {argument})"
        if length:
            return f"const void *{argument}", f"McGenData(%s, {argument}, (SIZE_T)({length}))"
        return f"const unsigned int {argument}_length, const void *{argument}", (
            f"McGenData(%s, {argument}, {argument}_length)")  # fmt: skip


class Event:
    def __init__(self, provider, element):
        manifest = provider.manifest
        self.provider = provider
        self.symbol = element.get("symbol")
        self.id = manifest.value(element, "value")
        self.version = manifest.value(element, "version", 0)
        self.message = manifest.message(element)
        self.channel = provider.look_up(element, "channel", provider.channels)
        self.level = provider.look_up(element, "level", provider.levels)
        self.opcode = provider.look_up(element, "opcode", provider.opcodes)
        self.task = provider.look_up(element, "task", provider.tasks)
        self.keyword = provider.channel_keywords.get(element.get("channel"), 0)
        for name in element.get("keywords", "").split():
            if name not in provider.keywords:
                manifest.error(element, f"keywords=\"{name}\": the manifest does not define it")
            self.keyword |= provider.keywords[name]
        template = provider.look_up(element, "template", provider.templates, None)
        names = {}
        self.fields = [] if template is None else [
            Field(one, names) for one in project_xml.elements(template) if project_xml.name_of(one) in ("data", "struct")]

    def write(self):
        if not self.symbol:
            return
        put, symbol = self.provider.put, self.symbol
        handle, context = f"{self.provider.name}Handle", f"{self.provider.symbol}_Context"
        put(f"__declspec(selectany) extern const EVENT_DESCRIPTOR {symbol} = {{0x{self.id:x}, 0x{self.version:x}, "
            f"0x{self.channel:x}, 0x{self.level:x}, 0x{self.opcode:x}, 0x{self.task:x}, 0x{self.keyword:x}}};")  # fmt: skip
        put(f"#define {symbol}_value 0x{self.id:x}")
        put(f"#define EventEnabled{symbol}() McGenEventIsEnabled(&{context}, &{symbol})")
        parameters = ["LPCGUID activity", *(field.parameter for field in self.fields)]
        put(f"static __inline NTSTATUS McGenWrite_{symbol}({', '.join(parameters)})")
        count = len(self.fields)
        put(f"{{\n    EVENT_DATA_DESCRIPTOR data[{count or 1}];")
        for at, field in enumerate(self.fields):
            put("    " + field.store.replace("%s", f"&data[{at}]") + ";")
        put(f"    return EtwWrite({handle}, &{symbol}, activity, {count}, data);\n}}")
        put(f"#define EventWrite{symbol}(...) (EventEnabled{symbol}() ? McGenWrite_{symbol}(__VA_ARGS__) : 0)")
        put(f"#define EventWrite{symbol}_AssumeEnabled(...) McGenWrite_{symbol}(__VA_ARGS__)")

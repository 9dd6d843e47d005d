"""Turns the tables and what the headers define into C that checks one against the other.

Everything except bit-fields becomes a static assertion. A bit-field has no offset that C can name, so
each one becomes a constant object with that field set to all ones; `bit_fields_found` reads the bytes
back from the object file that the compiler wrote.
"""

import collections
import re
import struct

# Names that a macro of the kit's own headers replaces, so that the tables show the replacement.
RENAMED_FIELDS = {
    ('NVME_CDW11_FEATURE_INTERRUPT_COALESCING', 'LARGE_INTEGER'): 'TIME',
}

# Records that begin with an unnamed member of a named type. The tables list only what follows it.
BASES = {
    'PCI_COMMON_CONFIG': 'PCI_COMMON_HEADER',
}

# Names of C's own types in the tables' prototypes; any other word must be a type of the headers.
C_WORDS = {'void', 'char', 'short', 'int', 'long', 'unsigned', 'signed', 'const', 'volatile', 'struct',
           'union', 'enum', 'float', 'double', 'size_t', 'wchar_t'}

MAGIC = b'abi bit-fields:\0'

PROLOGUE = '''\
/* Generated: static assertions on the headers of wdk/. */
%s
#include <stddef.h>

/* A constant's bits, in the width of its own type. */
#define ABI_VALUE(x) ((unsigned long long)(x) & (~0ULL >> (64 - 8 * sizeof(x))))
#define ABI_SAME(a, b) __builtin_types_compatible_p(a, b)
#define ABI_SIGNED(type) ((type)-1 < (type)1)
'''


class Checks:
    """The checks of one view under one compiler."""

    def __init__(self):
        self.assertions = []                     # (kind, C condition, message)
        self.bit_fields = []                     # (struct, path, first bit, width, message)
        self.failures = []                       # messages of what needs no compiler
        self.done = collections.Counter()        # kind: checks
        self.lacking = collections.defaultdict(set)  # kind: names that the headers do not define

    def add(self, kind, condition, message):
        self.assertions.append((kind, condition, message))
        self.done[kind] += 1


def bits_of(field):
    byte, bit = field.offset.split(':')
    return int(byte) * 8 + int(bit), int(field.size[1:])


def add_fields(checks, name, fields, found, lacks):
    for field in fields:
        path = RENAMED_FIELDS.get((name, field.path), field.path)
        if not found.has_member(name, path):
            lacks('%s.%s' % (name, path))
            continue
        where = '%s.%s' % (name, path)
        if field.size.startswith('b'):
            first, width = bits_of(field)
            checks.bit_fields.append((name, path, first, width, where + ' bits'))
            checks.done['bit-field'] += 1
            continue
        checks.add('field', 'offsetof(%s, %s) == %s' % (name, path, field.offset), where + ' offset')
        if field.size != '0':
            checks.add('field', 'sizeof(((%s *)0)->%s) == %s' % (name, path, field.size),
                       where + ' size')


def add_structs(checks, tables, view, found, described):
    for key, row in tables.structs.items():
        name = key.split('@')[0]
        if tables.form(name, view) != key:
            continue
        if name not in found.records:
            checks.lacking['struct'].add(name)
            continue
        described.add(name)
        checks.add('struct', 'sizeof(%s) == %d' % (name, row.size), name + ' size')
        checks.add('struct', '_Alignof(%s) == %d' % (name, row.align), name + ' alignment')
        for alias in row.aliases:
            if alias not in found.typedefs:
                checks.lacking['alias'].add(alias)
                continue
            checks.add('struct', 'sizeof(%s) == %d' % (alias, row.size), alias + ' size')
        fields = tables.fields[key]
        if name in BASES:
            fields = tables.fields[tables.form(BASES[name], view)] + fields
        add_fields(checks, name, fields, found, checks.lacking['field'].add)
        if not fields:
            continue
        known = {RENAMED_FIELDS.get((name, field.path), field.path) for field in fields}
        opened = {''} | {path.rsplit('.', 1)[0] for path in known if '.' in path}
        for path in found.declared_paths(name):
            above = path.rsplit('.', 1)[0] if '.' in path else ''
            if path not in known and above in opened:
                checks.failures.append('%s.%s is not in the tables' % (name, path))


def add_enums(checks, tables, view, found):
    for key, members in tables.enums.items():
        if tables.form(key.split('@')[0], view) != key:
            continue
        for name, value in members.items():
            if name in found.enumerators or found.macros.get(name):
                checks.add('enumerator', '(long long)(%s) == %dLL' % (name, value), name + ' value')
            else:
                checks.lacking['enumerator'].add(name)


def add_constants(checks, tables, view, found):
    for name in tables.constants:
        value = tables.constant(name, view)
        if value is None:
            continue
        if found.has_value(name):
            checks.add('constant', 'ABI_VALUE(%s) == %sULL' % (name, value), name + ' value')
        else:
            checks.lacking['constant'].add(name)


def add_scalars(checks, tables, found):
    for name, (size, align, kind) in tables.scalars.items():
        if name not in found.typedefs and name not in ('size_t', 'wchar_t'):
            checks.lacking['scalar'].add(name)
            continue
        checks.add('scalar', 'sizeof(%s) == %d' % (name, size), name + ' size')
        checks.add('scalar', '_Alignof(%s) == %d' % (name, align), name + ' alignment')
        if kind in ('signed', 'unsigned'):
            sign = '' if kind == 'signed' else '!'
            checks.add('scalar', '%sABI_SIGNED(%s)' % (sign, name), name + ' ' + kind)


def add_signatures(checks, tables, view, found):
    for name, (header, content) in tables.signatures.items():
        if header in view.skip:
            continue
        if not found.macros.get(name):
            checks.lacking['signature'].add(name)
            continue
        text = ''.join('\\%03o' % byte for byte in content)
        checks.add('signature', 'sizeof(%s) == %d' % (name, len(content) + 1), name + ' length')
        checks.add('signature', '__builtin_memcmp(%s, "%s", %d) == 0' % (name, text, len(content)),
                   name + ' bytes')


def types_known(text, found):
    for tag in re.findall(r'\b(?:struct|union|enum)\s+(\w+)', text):
        text = re.sub(r'\b(struct|union|enum)\s+%s\b' % tag, '', text)
    return all(word in C_WORDS or word in found.typedefs for word in re.findall(r'[A-Za-z_]\w*', text))


def add_prototypes(checks, tables, view, found):
    for name, (result, parameters) in tables.prototypes.items():
        is_type = name in found.typedefs
        if not is_type and name not in found.functions:
            checks.lacking['prototype'].add(name)
            continue
        if not types_known(result + ' ' + parameters, found):
            checks.lacking['prototype'].add(name + ' (a type of its own is not defined)')
            continue
        expected = '%s (WDK_ABI *)(%s)' % (result, parameters if parameters != '-' else 'void')
        if not is_type:
            actual = '__typeof__(&%s)' % name
        else:
            # A typedef of a function compares as a pointer to it.
            actual = name + ' *' if found.is_function_type(name) else name
        checks.add('prototype', 'ABI_SAME(%s, %s)' % (actual, expected), name + ' prototype')


def add_imports(checks, tables, found):
    """A real import must be declared without a body, a wrapper must have one."""
    for name, (how, _, note) in tables.imports.items():
        if name not in found.functions and name not in found.macros:
            checks.lacking['routine'].add(name)
            continue
        kind = how.split(':')[0]
        if name not in found.functions or 'x64-macro' in note:
            continue
        if kind == 'export':
            checks.done['import'] += 1
            if found.functions[name] != 'declared':
                checks.failures.append('%s is imported, but has a body here' % name)
        elif kind in ('ext', 'notify'):
            checks.done['import'] += 1
            if found.functions[name] != 'body':
                checks.failures.append('%s is a wrapper, but has no body here' % name)


def parse_arguments(text):
    result = []
    for part in text.split(', ') if text != '-' else []:
        spelling, name = part.rsplit(' ', 1)
        result.append((spelling, name))
    return result


def add_calls(checks, tables, found, version):
    """Inline wrappers must pass what the port driver reads, in that order."""
    made = collections.defaultdict(list)
    for wrapper, callee, code, arguments in found.calls:
        made[wrapper].append((code, arguments))
    for (wrapper, code), (_, first, last, text) in tables.calls.items():
        if not first <= version <= last:
            continue
        if wrapper not in made:
            checks.lacking['wrapper'].add(wrapper)
            continue
        expected = parse_arguments(text)
        calls = [arguments for used, arguments in made[wrapper] if used == code]
        if not calls:
            checks.failures.append('%s does not call %s' % (wrapper, code))
            continue
        for actual in calls:
            names = [name for _, name in actual]
            wanted = [name for _, name in expected]
            if len(names) != len(wanted) or (sorted(names) == sorted(wanted) and names != wanted):
                checks.failures.append('%s passes (%s), not (%s)' %
                                       (wrapper, ', '.join(names), ', '.join(wanted)))
                continue
            for (used, name), (wished, _) in zip(actual, expected):
                checks.add('call', 'ABI_SAME(%s, %s)' % (used, wished),
                           '%s passes %s as %s' % (wrapper, name, wished))


def make_checks(tables, view, found, version):
    """All checks of a view for the newest version of Windows."""
    checks = Checks()
    described = set()
    add_structs(checks, tables, view, found, described)
    add_enums(checks, tables, view, found)
    add_constants(checks, tables, view, found)
    add_scalars(checks, tables, found)
    add_signatures(checks, tables, view, found)
    add_prototypes(checks, tables, view, found)
    add_imports(checks, tables, found)
    add_calls(checks, tables, found, version)
    return checks


def make_older_checks(tables, view, found, version):
    """The records whose layout depends on the version of Windows, as they were at `version`."""
    checks = Checks()
    for (key, first, last), (size, there, gone) in tables.older_layouts.items():
        name = key.split('@')[0]
        if tables.form(name, view) != key or not first <= version <= last:
            continue
        if name not in found.records:
            checks.lacking['struct'].add(name)
            continue
        where = '%s at NTDDI 0x%08X' % (name, version)
        checks.add('older struct', 'sizeof(%s) == %d' % (name, size), where + ' size')
        before, bits_before = len(checks.assertions), len(checks.bit_fields)
        add_fields(checks, name, there, found, lambda path: checks.failures.append(
            '%s is missing at NTDDI 0x%08X' % (path, version)))
        for index in range(before, len(checks.assertions)):
            kind, condition, message = checks.assertions[index]
            checks.assertions[index] = (kind, condition, '%s at NTDDI 0x%08X' % (message, version))
        for index in range(bits_before, len(checks.bit_fields)):
            *place, message = checks.bit_fields[index]
            checks.bit_fields[index] = (*place, '%s at NTDDI 0x%08X' % (message, version))
        kept = {field.path for field in there}
        for path in gone:
            if path not in kept and found.has_member(name, path):
                checks.failures.append('%s.%s exists at NTDDI 0x%08X' % (name, path, version))
    return checks


def assertions_source(includes, checks):
    lines = [PROLOGUE % includes]
    for _, condition, message in checks.assertions:
        lines.append('_Static_assert(%s, "%s");' % (condition, message))
    return '\n'.join(lines) + '\n'


def bit_fields_source(includes, checks):
    """One constant object: a magic number, the offset of every member, and a zeroed record for each
    bit-field with only that field set."""
    lines = ['/* Generated: bit-fields of wdk/, one object for each. */', includes,
             '#include <stddef.h>',
             'struct __attribute__((packed)) abi_bit_fields {',
             '    unsigned char magic[%d];' % len(MAGIC),
             '    unsigned int offsets[%d];' % len(checks.bit_fields)]
    for index, (name, _, _, _, _) in enumerate(checks.bit_fields):
        lines.append('    %s object%d;' % (name, index))
    lines += ['};', 'extern const struct abi_bit_fields abi_bit_fields;',
              'const struct abi_bit_fields abi_bit_fields = {',
              '    .magic = {%s},' % ', '.join(str(byte) for byte in MAGIC)]
    for index, (name, path, _, _, _) in enumerate(checks.bit_fields):
        lines.append('    .offsets[%d] = offsetof(struct abi_bit_fields, object%d),' % (index, index))
        # Cut to the field's own width, so that a field which is too wide shows as well.
        lines.append('    .object%d.%s = (__typeof__(((%s *)0)->%s + 0))-1,' % (index, path, name, path))
    lines.append('};')
    return '\n'.join(lines) + '\n'


def bit_fields_found(content, checks, sizes):
    """Messages of the bit-fields that are elsewhere than the tables say. `content` is an object file."""
    start = content.find(MAGIC)
    if start < 0 or content.find(MAGIC, start + 1) >= 0:
        return ['the object file does not show its bit-fields']
    wrong = []
    for index, (name, _, first, width, message) in enumerate(checks.bit_fields):
        offset, = struct.unpack_from('<I', content, start + len(MAGIC) + 4 * index)
        size = sizes[name]
        value = int.from_bytes(content[start + offset:start + offset + size], 'little')
        if value != ((1 << width) - 1) << first:
            wrong.append(message)
    return wrong

"""What the headers of wdk/ define, as Clang sees it.

A translation unit that includes the headers of a view is dumped twice: as a syntax tree (records,
enumerators, routines, the calls that inline wrappers make) and as a list of macros. Only what is
found here is checked against the tables, so that a name which the headers do not define yet is
counted, not failed.
"""

import json
import re
import subprocess


class Record:
    """A struct or union. `members` maps a direct member to the Record declared in place for it, to the
    spelling of its type, or to None when that is of no interest."""

    def __init__(self, name):
        self.name = name
        self.members = {}


class Definitions:
    def __init__(self):
        self.records = {}      # tag or typedef name: Record
        self.typedefs = {}     # name: spelling of the type that it stands for
        self.kinds = {}        # name: 'function' for a typedef of a function type
        self.enumerators = set()
        self.functions = {}    # name: 'body', or 'declared' when it has none
        self.macros = {}       # name: replacement text, None for function-like ones
        self.calls = []        # (wrapper, callee, code, [(type, argument)])

    def is_function_type(self, name):
        """True for `typedef int f(void)`, false for `typedef int (*f)(void)`."""
        return self.kinds.get(name) == 'function'

    def has_value(self, name):
        return name in self.enumerators or self.macros.get(name) not in (None, '')

    def find_record(self, spelling):
        """The record that a type's spelling names, or None."""
        text = re.sub(r'\[[^\]]*\]', '', spelling)
        text = re.sub(r'\b(struct|union|const|volatile|__unaligned)\b', '', text).strip()
        return None if '*' in text else self.records.get(text)

    def has_member(self, record, path):
        """True when `path` (dotted, `Name[0].Member` for an element) names a member."""
        current = self.records.get(record)
        parts = path.split('.')
        for index, part in enumerate(parts):
            if current is None:
                return False
            name = part.replace('[0]', '')
            if name not in current.members:
                return False
            if index + 1 < len(parts):
                below = current.members[name]
                current = below if isinstance(below, Record) else self.find_record(below)
        return True

    def declared_paths(self, record):
        """Every member path of a record, going down into records declared in place only."""
        def walk(current, prefix):
            for name, below in current.members.items():
                if isinstance(below, Record):
                    yield prefix + name
                    element = '[0]' if getattr(below, 'is_array', False) else ''
                    yield from walk(below, prefix + name + element + '.')
                else:
                    yield prefix + name
        yield from walk(self.records[record], '')


def _record_members(node, record):
    """Fills `record` from a RecordDecl node; anonymous records contribute their members directly."""
    pending = None
    for child in node.get('inner', []):
        kind = child['kind']
        if kind == 'RecordDecl':
            pending = Record(child.get('name', ''))
            _record_members(child, pending)
            pending.complete = child.get('completeDefinition', False)
        elif kind == 'FieldDecl':
            spelling = child['type']['qualType']
            in_place = pending is not None and pending.complete and '*' not in spelling and (
                '(unnamed' in spelling or '(anonymous' in spelling or
                re.search(r'\b(struct|union) ' + re.escape(pending.name) + r'\b', spelling))
            if 'name' not in child or not child['name']:
                if in_place:
                    record.members.update(pending.members)
            elif in_place:
                pending.is_array = '[' in re.sub(r'\(.*?\)', '', spelling)
                record.members[child['name']] = pending
            else:
                record.members[child['name']] = spelling


def _is_function(node):
    """True when a type node, below its sugar, is a function."""
    while node.get('kind') in ('ParenType', 'AttributedType', 'MacroQualifiedType', 'TypedefType',
                               'ElaboratedType'):
        node = node.get('inner', [{}])[0]
    return node.get('kind') in ('FunctionProtoType', 'FunctionNoProtoType')


def _strip_casts(node):
    while node['kind'] in ('ImplicitCastExpr', 'ParenExpr', 'ConstantExpr'):
        node = node['inner'][0]
    return node


def _argument_name(node):
    node = _strip_casts(node)
    if node['kind'] == 'DeclRefExpr':
        return node['referencedDecl']['name']
    if node['kind'] == 'UnaryOperator' and node.get('opcode') == '&':
        return '&' + _argument_name(node['inner'][0])
    if node['kind'] == 'CStyleCastExpr':
        return _argument_name(node['inner'][0])
    return '?'


def _find_calls(node, wrapper, result):
    if node.get('kind') == 'CallExpr':
        callee = _strip_casts(node['inner'][0])
        name = callee.get('referencedDecl', {}).get('name')
        if name in ('StorPortExtendedFunction', 'StorPortNotification', 'ScsiPortNotification'):
            arguments = []
            for argument in node['inner'][1:]:
                spelling = _strip_casts(argument)['type']['qualType']
                arguments.append((spelling, _argument_name(argument)))
            code = arguments[0][1] if arguments else '?'
            result.append((wrapper, name, code, arguments[1:]))
    for child in node.get('inner', []):
        _find_calls(child, wrapper, result)


def parse_tree(tree):
    """Definitions from a syntax tree as `clang -ast-dump=json` prints it."""
    found = Definitions()
    by_id = {}
    for node in tree.get('inner', []):
        kind = node['kind']
        if kind == 'LinkageSpecDecl':
            continue
        if kind == 'RecordDecl' and node.get('completeDefinition'):
            record = Record(node.get('name', ''))
            _record_members(node, record)
            by_id[node['id']] = record
            if record.name:
                found.records[record.name] = record
        elif kind == 'TypedefDecl':
            spelling = node['type']['qualType']
            found.typedefs[node['name']] = spelling
            if _is_function(node.get('inner', [{}])[0]):
                found.kinds[node['name']] = 'function'
            owner = node.get('inner', [{}])[0]
            while owner.get('kind') in ('ElaboratedType', 'TypedefType'):
                owned = owner.get('ownedTagDecl') or owner.get('decl', {})
                if owned.get('id') in by_id:
                    break
                owner = owner.get('inner', [{}])[0]
            declared = owner.get('ownedTagDecl') or owner.get('decl') or {}
            record = by_id.get(declared.get('id')) or found.find_record(spelling)
            if record is not None and '*' not in spelling:
                found.records[node['name']] = record
        elif kind == 'EnumDecl':
            for child in node.get('inner', []):
                if child['kind'] == 'EnumConstantDecl':
                    found.enumerators.add(child['name'])
        elif kind == 'FunctionDecl':
            body = any(c['kind'] == 'CompoundStmt' for c in node.get('inner', []))
            if body or node['name'] not in found.functions:
                found.functions[node['name']] = 'body' if body else 'declared'
            if body:
                _find_calls(node, node['name'], found.calls)
    return found


def parse_macros(text, found):
    for line in text.splitlines():
        match = re.match(r'#define (\w+)(\([^)]*\))?(?: (.*))?$', line)
        if match:
            found.macros[match.group(1)] = None if match.group(2) else (match.group(3) or '')


def discover(command, source):
    """Runs Clang (`command` is a list of words) over `source` and returns its Definitions. Raises
    subprocess.CalledProcessError, with the compiler's words in `stderr`, when it does not compile."""
    tree = subprocess.run(command + ['-fsyntax-only', '-Xclang', '-ast-dump=json', source],
                          check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    found = parse_tree(json.loads(tree.stdout))
    macros = subprocess.run(command + ['-E', '-dM', source], check=True, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    parse_macros(macros.stdout, found)
    return found

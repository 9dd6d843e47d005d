"""The tables of the driver interface (tables/README.md), and the views in which they hold.

A view is a set of headers that one translation unit may include together. storport.h and srb.h or
scsi.h cannot be combined, so each has its own.
"""

import collections
import os


def rows(folder, name):
    with open(os.path.join(folder, name + '.tsv'), encoding='utf-8') as table:
        for line in table:
            if not line.startswith('#'):
                yield line.rstrip('\n').split('\t')


class View:
    """`headers` are included in this order when they exist; `forms` are the @header forms of a name
    that this view prefers; `skip` are headers whose constants other views answer for."""

    def __init__(self, name, headers, forms, skip):
        self.name = name
        self.headers = headers
        self.forms = forms
        self.skip = skip


VIEWS = [
    View('storport',
         ['ntifs.h', 'storport.h', 'srbhelper.h', 'ntddscsi.h', 'ntddstor.h', 'ntdddisk.h', 'ata.h',
          'nvme.h', 'scsiwmi.h', 'ntstrsafe.h', 'devpkey.h', 'ntddcdrm.h', 'ntddchgr.h', 'ntddtape.h',
          'ntiologc.h'],
         [], {'srb.h', 'scsi.h', 'minitape.h', 'miniport.h'}),
    View('scsiport', ['ntddk.h', 'srb.h', 'scsi.h', 'scsiwmi.h', 'ntddscsi.h'],
         ['srb.h'], {'storport.h', 'minitape.h', 'miniport.h'}),
    View('miniport', ['miniport.h', 'srb.h', 'scsi.h', 'scsiwmi.h', 'ntddscsi.h'],
         ['srb.h'], {'storport.h', 'minitape.h'}),
    View('minitape', ['minitape.h'], ['srb.h'], {'storport.h', 'miniport.h'}),
]

Struct = collections.namedtuple('Struct', 'name tag size align since headers aliases')
Field = collections.namedtuple('Field', 'path offset size')


class Tables:
    """Everything, keyed by name. Forms of a name keep their @header suffix."""

    def __init__(self, folder):
        self.structs = {}
        for row in rows(folder, 'structs'):
            # Free text ("same record as ...") may stand among the aliases.
            aliases = [alias for alias in row[6].split(',') if alias.isidentifier()]
            self.structs[row[0]] = Struct(row[0], row[1], int(row[2]), int(row[3]), row[4],
                                          row[5].split(','), aliases)
        self.fields = collections.defaultdict(list)
        for struct, _, path, offset, size in rows(folder, 'layouts'):
            if path != '-':
                self.fields[struct].append(Field(path, offset, size))
        self.enums = collections.defaultdict(dict)
        for enum, name, value in rows(folder, 'enums'):
            self.enums[enum][name] = int(value)
        self.constants = collections.defaultdict(dict)
        for header, name, value in rows(folder, 'constants'):
            self.constants[name][header] = value
        self.scalars = {row[0]: (int(row[1]), int(row[2]), row[3]) for row in rows(folder, 'scalars')}
        self.prototypes = {row[0]: (row[1], row[2]) for row in rows(folder, 'prototypes')}
        self.imports = {row[0]: row[1:] for row in rows(folder, 'imports')}
        self.calls = {}
        for kind, code, _, wrapper, first, last, arguments in rows(folder, 'extcalls'):
            if wrapper != '-':
                self.calls[wrapper, code] = (kind, int(first, 16), int(last, 16), arguments)
        self.signatures = {row[1]: (row[0], bytes.fromhex(row[3])) for row in rows(folder, 'signatures')}
        self.older_layouts = self._older_layouts(folder)

    def _older_layouts(self, folder):
        """(struct, first, last): (size, fields that exist, fields that do not), for the versions of
        Windows before the newest."""
        older = {}
        for struct, first, last, size, path, offset, width in rows(folder, 'layouts_ntddi'):
            key = (struct, int(first, 16), int(last, 16))
            size_, there, gone = older.setdefault(key, (int(size), [], []))
            if path == '=':
                continue
            if path.startswith('-'):
                gone.append(path[1:])
            else:
                there.append(Field(path.lstrip('+'), offset, width))
        return older

    def form(self, name, view):
        """The key under which `name` is described for a view."""
        for header in view.forms:
            if name + '@' + header in self.structs or name + '@' + header in self.enums:
                return name + '@' + header
        return name

    def constant(self, name, view):
        """The value that a view gives a constant, or None when the view does not have it."""
        values = [value for header, value in self.constants[name].items() if header not in view.skip]
        return values[0] if values else None

"""What storhost offers to drivers, asked of the command that the build is for.

A build without one - of the project's own modules, which are made before the command is - goes without
the question; a missing import is then found when the module is loaded.
"""
import json

from process import BuildError, run


def exported(options):
    """The names that storhost exports, or None if there is no command to ask."""
    if not options.host:
        return None
    try:
        rows = json.loads(run([options.host, "routines", "--json"], "routines"))
        return {row["name"] for row in rows if row["how"] == "import" and row["implemented"]}
    except (ValueError, KeyError, TypeError) as error:
        raise BuildError(f"{options.host}: not a storhost command: its table of routines cannot be read") from error


def missing(options, imports):
    """The imports that storhost does not have, sorted."""
    known = exported(options)
    names = {name.removeprefix("__imp_") for name in imports}
    return sorted(names - known) if known is not None else []


def note_of(missing_names, library_names):
    """What a driver's author should know about them before the driver runs, or None."""
    if not missing_names:
        return None
    count = len(missing_names)
    what = "a routine" if count == 1 else f"{count} routines"
    foreign = sorted(set(library_names) - LIBRARIES_OF_KIT)
    place = f" (maybe of {', '.join(foreign)}: libraries are linked from their source only)" if foreign else ""
    return f"storhost does not have {what} of this driver: {', '.join(missing_names)}{place}; a call stops the driver"


# What the kit offers to link: import libraries, and code that the host or the headers stand for.
LIBRARIES_OF_KIT = {
    f"{name}.lib"
    for name in (
        "aux_klib bufferoverflowfastfailk bufferoverflowk cng etwkernel fwpkclnt hal hotpatch ksecdd libcntpr "
        "libcmt libcpmt msnetioid ndis netio ntdll ntoskrnl ntstrsafe rtlver runtimeobject scsiport scsiwmi storport "
        "tdi uuid wdm wdmguid wdmsec wmilib wpprecorder"
    ).split()
}

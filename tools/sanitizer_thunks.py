"""Instrumentation of driver modules."""


class ThunkError(Exception):
    """An instrumentation that cannot be built, as one line."""


def compiler_flags(wanted, coverage):
    if wanted or coverage:
        raise ThunkError("sanitizers are not built in")
    return []
